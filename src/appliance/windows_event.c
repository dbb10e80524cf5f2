/* Features of the steps and cycles near a moment. What is further away than a day is not near. */
#include "appliance/windows_event.h"

#include <math.h>
#include <stdlib.h>

#define NEAR_US DCL_DAY_US
/* What a compressor of a home draws lies between. */
static const float COLD_LEAST_W = 30, COLD_MOST_W = 250;

static float seconds(int64_t us) {
    return (float)((double)us / (double)DCL_SECOND_US);
}

/* ---------------------------------------------------------------- steps */

static size_t first_step_from(const dcl_window_source *source, int64_t time_us) {
    size_t low = 0, high = source->n_steps;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (source->step[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Steps of a size range within a day of the block, as indexes: [n_kept]. */
static size_t keep_steps(const dcl_window_source *source, const dcl_feature *f, size_t first, size_t last,
                         size_t *kept) {
    size_t n = 0;
    for (size_t i = first; i < last; i++) {
        float size = dcl_edge_size(&source->step[i]);
        if (size >= f->low && size < f->high) kept[n++] = i;
    }
    return n;
}

static void step_column(const dcl_window_source *source, const dcl_feature *f, const size_t *kept,
                        size_t n_kept, size_t from, size_t n, size_t stride, float *out) {
    size_t next = 0; /* the first kept step after the moment's start */
    for (size_t i = 0; i < n; i++) {
        int64_t time_us = source->start_us + (int64_t)(from + i) * source->period_us;
        while (next < n_kept && source->step[kept[next]].time_us <= time_us) next++;
        bool found = f->span < 0 ? next > f->index : next + f->index < n_kept;
        const dcl_edge *step = NULL;
        if (found) step = &source->step[kept[f->span < 0 ? next - 1 - f->index : next + f->index]];
        int64_t age_us = found ? llabs(time_us - step->time_us) : NEAR_US;
        found = found && age_us < NEAR_US;
        if (f->kind == DCL_FEATURE_STEP_AGE)
            out[i * stride] = found ? seconds(age_us) : seconds(NEAR_US);
        else
            out[i * stride] = found ? dcl_edge_size(step) : NAN;
    }
}

/* ---------------------------------------------------------------- cycles */

/* The largest cycles that are on at a moment, and all of them together. */
typedef struct open_cycles {
    ptrdiff_t rank[DCL_WINDOW_RANKS]; /* -1 = none */
    uint32_t count;
    float sum, cold;
} open_cycles;

static void open_cycle(const dcl_window_source *source, size_t c, open_cycles *at) {
    float power = source->cycle[c].mean_w;
    at->count++;
    at->sum += power;
    if (source->period_s[c] > 0 && power > COLD_LEAST_W && power < COLD_MOST_W) at->cold = power;
    ptrdiff_t moved = (ptrdiff_t)c;
    for (size_t r = 0; r < DCL_WINDOW_RANKS && moved >= 0; r++) {
        ptrdiff_t there = at->rank[r];
        if (there >= 0 && source->cycle[there].mean_w >= source->cycle[moved].mean_w) continue;
        at->rank[r] = moved;
        moved = there;
    }
}

static void fill_open(const dcl_window_source *source, size_t from, size_t n, open_cycles *at) {
    int64_t first_us = source->start_us + (int64_t)from * source->period_us;
    for (size_t i = 0; i < n; i++) {
        at[i] = (open_cycles){0};
        for (size_t r = 0; r < DCL_WINDOW_RANKS; r++) at[i].rank[r] = -1;
    }
    for (size_t c = 0; c < source->n_cycles; c++) {
        const dcl_cycle *cycle = &source->cycle[c];
        if (cycle->start_us >= first_us + (int64_t)n * source->period_us) break;
        int64_t start_us = cycle->start_us - first_us, end_us = cycle->end_us - first_us;
        if (end_us <= 0) continue;
        size_t i = start_us > 0 ? (size_t)((start_us + source->period_us - 1) / source->period_us) : 0;
        for (; i < n && (int64_t)i * source->period_us < end_us; i++) open_cycle(source, c, &at[i]);
    }
}

static float cycle_value(const dcl_window_source *source, const dcl_feature *f, const open_cycles *at,
                         int64_t time_us) {
    if (f->kind == DCL_FEATURE_CYCLE_COUNT) return (float)at->count;
    if (f->kind == DCL_FEATURE_CYCLE_SUM) return at->sum;
    if (f->kind == DCL_FEATURE_CYCLE_COLD) return at->cold;
    ptrdiff_t c = at->rank[f->index];
    if (c < 0) return NAN;
    const dcl_cycle *cycle = &source->cycle[c];
    switch ((dcl_feature_kind)f->kind) {
    case DCL_FEATURE_CYCLE_W: return cycle->mean_w;
    case DCL_FEATURE_CYCLE_AGE: return seconds(time_us - cycle->start_us);
    case DCL_FEATURE_CYCLE_LENGTH: return seconds(cycle->end_us - cycle->start_us);
    case DCL_FEATURE_CYCLE_GROUP_W: return source->group_w[c];
    default: return source->period_s[c];
    }
}

static bool is_of_cycle(const dcl_feature *f) {
    return f->kind >= DCL_FEATURE_CYCLE_W && f->kind <= DCL_FEATURE_CYCLE_SUM;
}

dcl_status dcl_windows_events(const dcl_window_source *source, const dcl_feature *feature, size_t k,
                              size_t from, size_t n, float *out, dcl_error *error) {
    bool steps = false, cycles = false;
    for (size_t f = 0; f < k; f++) {
        steps = steps || feature[f].kind == DCL_FEATURE_STEP_AGE || feature[f].kind == DCL_FEATURE_STEP_SIZE;
        cycles = cycles || is_of_cycle(&feature[f]);
    }
    int64_t from_us = source->start_us + (int64_t)from * source->period_us,
            span_us = (int64_t)n * source->period_us;
    size_t first = first_step_from(source, from_us - NEAR_US),
           last = first_step_from(source, from_us + span_us + NEAR_US);
    size_t *kept = malloc((last - first + 1) * sizeof *kept);
    open_cycles *open = cycles ? malloc((n + 1) * sizeof *open) : NULL;
    dcl_status status = kept && (open || !cycles) ? DCL_OK : dcl_fail_memory(error, "the events of a model");
    if (!status && cycles) fill_open(source, from, n, open);
    for (size_t f = 0; !status && f < k; f++) {
        const dcl_feature *one = &feature[f];
        if (one->kind == DCL_FEATURE_STEP_AGE || one->kind == DCL_FEATURE_STEP_SIZE) {
            size_t n_kept = keep_steps(source, one, first, last, kept);
            step_column(source, one, kept, n_kept, from, n, k, out + f);
        } else if (one->kind == DCL_FEATURE_COMPRESSOR_W) {
            const int32_t *level = source->compressor[one->index];
            for (size_t i = 0; i < n; i++) out[i * k + f] = level ? (float)level[from + i] / 10 : NAN;
        } else if (is_of_cycle(one)) {
            for (size_t i = 0; i < n; i++)
                out[i * k + f] = cycle_value(source, one, &open[i], from_us + (int64_t)i * source->period_us);
        }
    }
    free(kept), free(open);
    return status;
}
