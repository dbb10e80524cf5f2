/* Features of windows of the signal: sums and extremes of integers, so the same on every machine. */
#include "appliance/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/windows_event.h"

/* ---------------------------------------------------------------- sliding sums and extremes */

/* A channel around a block: sample i of the block is at pad + i. */
typedef struct strip {
    size_t n, pad;
    const int32_t *level; /* NULL where all of it lies inside the home */
    int32_t *own;
    int64_t *sum;        /* [n + 1] of what is there */
    int32_t *count;      /* [n + 1] */
    int32_t *low, *high; /* extremes of the last `width` samples */
    int32_t width;
} strip;

static void strip_free(strip *s) {
    free(s->own), free(s->sum), free(s->count), free(s->low), free(s->high);
    *s = (strip){0};
}

static bool strip_make(strip *s, const int32_t *level, size_t home_n, size_t from, size_t n, size_t pad) {
    *s = (strip){.n = n + 2 * pad, .pad = pad};
    s->own = malloc(s->n * sizeof *s->own);
    s->sum = malloc((s->n + 1) * sizeof *s->sum);
    s->count = malloc((s->n + 1) * sizeof *s->count);
    s->low = malloc(s->n * sizeof *s->low);
    s->high = malloc(s->n * sizeof *s->high);
    if (!s->own || !s->sum || !s->count || !s->low || !s->high) return false;
    s->sum[0] = s->count[0] = 0;
    for (size_t i = 0; i < s->n; i++) {
        bool inside = from + i >= pad && from + i - pad < home_n;
        s->own[i] = inside && level ? level[from + i - pad] : DCL_MISSING_I32;
        bool there = s->own[i] != DCL_MISSING_I32;
        s->sum[i + 1] = s->sum[i] + (there ? s->own[i] : 0);
        s->count[i + 1] = s->count[i] + there;
    }
    s->level = s->own;
    return true;
}

/* Extremes of every `width` samples that end at a sample, by doubling: two halves that overlap. What is missing is beyond
 * every level. */
static void strip_extremes(strip *s, int32_t width) {
    if (s->width == width) return;
    s->width = width;
    for (size_t i = 0; i < s->n; i++) {
        s->low[i] = s->level[i] == DCL_MISSING_I32 ? INT32_MAX : s->level[i];
        s->high[i] = s->level[i]; /* the code of missing is the least integer */
    }
    for (int32_t have = 1; have < width;) {
        size_t shift = (size_t)(have <= width - have ? have : width - have);
        for (size_t i = s->n; i-- > shift;) {
            int32_t a = s->low[i], b = s->low[i - shift], c = s->high[i], d = s->high[i - shift];
            s->low[i] = a < b ? a : b;
            s->high[i] = c > d ? c : d;
        }
        have += (int32_t)shift;
    }
}

/* ---------------------------------------------------------------- columns */

static float watts(int32_t level) {
    return level == DCL_MISSING_I32 || level == INT32_MAX ? NAN : (float)level / 10;
}

/* The window of a feature around sample i of the block, as first and last + 1 of the strip. */
static void window_of(const strip *s, const dcl_feature *f, size_t i, size_t *first, size_t *end) {
    size_t at = s->pad + i, k = (size_t)abs(f->span);
    bool both = f->kind == DCL_FEATURE_BASE || f->kind == DCL_FEATURE_OVER_BASE;
    *first = f->span > 0 && !both ? at + 1 : at - k;
    *end = f->span > 0 || both ? at + k + 1 : at;
}

static float mean_of(const strip *s, const dcl_feature *f, size_t i) {
    size_t first, end;
    window_of(s, f, i, &first, &end);
    int32_t count = s->count[end] - s->count[first];
    return count ? (float)((double)(s->sum[end] - s->sum[first]) / (10.0 * count)) : NAN;
}

static float extreme_of(const strip *s, const dcl_feature *f, size_t i, bool high) {
    size_t first, end;
    window_of(s, f, i, &first, &end);
    return watts(high ? s->high[end - 1] : s->low[end - 1]);
}

static void window_column(strip *s, const dcl_feature *f, size_t n, size_t stride, float *out) {
    bool both = f->kind == DCL_FEATURE_BASE || f->kind == DCL_FEATURE_OVER_BASE;
    if (f->kind != DCL_FEATURE_VALUE && f->kind != DCL_FEATURE_DIFF && f->kind != DCL_FEATURE_MEAN &&
        f->kind != DCL_FEATURE_OVER_MEAN)
        strip_extremes(s, both ? 2 * abs(f->span) + 1 : abs(f->span));
    for (size_t i = 0; i < n; i++) {
        float now = watts(s->level[s->pad + i]), *to = &out[i * stride];
        switch ((dcl_feature_kind)f->kind) {
        case DCL_FEATURE_VALUE: *to = watts(s->level[s->pad + i + (size_t)f->span]); break;
        case DCL_FEATURE_DIFF: *to = now - watts(s->level[s->pad + i + (size_t)f->span]); break;
        case DCL_FEATURE_MEAN: *to = mean_of(s, f, i); break;
        case DCL_FEATURE_OVER_MEAN: *to = now - mean_of(s, f, i); break;
        case DCL_FEATURE_MIN:
        case DCL_FEATURE_BASE: *to = extreme_of(s, f, i, false); break;
        case DCL_FEATURE_OVER_MIN:
        case DCL_FEATURE_OVER_BASE: *to = now - extreme_of(s, f, i, false); break;
        case DCL_FEATURE_MAX: *to = extreme_of(s, f, i, true); break;
        default: *to = extreme_of(s, f, i, true) - now; break;
        }
    }
}

static void calendar_column(const dcl_window_source *source, const dcl_feature *f, size_t from, size_t n,
                            size_t stride, float *out) {
    int64_t known_us = INT64_MIN, offset_us = 0; /* an offset from UTC changes at a quarter of an hour */
    for (size_t i = 0; i < n; i++) {
        int64_t time_us = source->start_us + (int64_t)(from + i) * source->period_us,
                quarter = 15 * DCL_MINUTE_US;
        int64_t start_us = time_us - (time_us % quarter + quarter) % quarter;
        if (source->zone && start_us != known_us)
            offset_us = dcl_zone_offset_s(source->zone, start_us) * DCL_SECOND_US;
        known_us = start_us;
        int64_t local_us = time_us + offset_us, day = local_us / DCL_DAY_US - (local_us % DCL_DAY_US < 0);
        out[i * stride] = f->kind == DCL_FEATURE_HOUR
                              ? (float)((double)(local_us - day * DCL_DAY_US) / (double)DCL_HOUR_US)
                              : (float)(dcl_weekday(day) >= 5);
    }
}

bool dcl_feature_valid(const dcl_feature *f) {
    if (f->kind >= DCL_FEATURE_KINDS || f->channel >= DCL_WINDOW_CHANNELS || f->index >= DCL_WINDOW_RANKS)
        return false;
    if (f->span < -DCL_SPAN_MAX || f->span > DCL_SPAN_MAX) return false;
    if (f->kind > DCL_FEATURE_DIFF && f->kind <= DCL_FEATURE_OVER_BASE) return f->span != 0;
    if (f->kind == DCL_FEATURE_STEP_AGE || f->kind == DCL_FEATURE_STEP_SIZE)
        return (f->span == -1 || f->span == 1) && f->low < f->high;
    return true;
}

static size_t longest_span(const dcl_feature *feature, size_t k) {
    size_t longest = 0;
    for (size_t f = 0; f < k; f++)
        if (feature[f].kind <= DCL_FEATURE_OVER_BASE && (size_t)abs(feature[f].span) > longest)
            longest = (size_t)abs(feature[f].span);
    return longest;
}

dcl_status dcl_windows_make(const dcl_window_source *source, const dcl_feature *feature, size_t k,
                            size_t from, size_t n, float *out, dcl_error *error) {
    strip strips[DCL_WINDOW_CHANNELS] = {0};
    dcl_status status = DCL_OK;
    size_t pad = longest_span(feature, k);
    for (size_t c = 0; !status && c < DCL_WINDOW_CHANNELS; c++)
        if (source->level[c] && !strip_make(&strips[c], source->level[c], source->n, from, n, pad))
            status = dcl_fail_memory(error, "the windows of a model");
    for (size_t f = 0; !status && f < k; f++) {
        const dcl_feature *one = &feature[f];
        if (one->kind == DCL_FEATURE_HOUR || one->kind == DCL_FEATURE_WEEKEND)
            calendar_column(source, one, from, n, k, out + f);
        else if (one->kind > DCL_FEATURE_WEEKEND)
            continue;
        else if (source->level[one->channel])
            window_column(&strips[one->channel], one, n, k, out + f);
        else
            for (size_t i = 0; i < n; i++) out[i * k + f] = NAN;
    }
    if (!status) status = dcl_windows_events(source, feature, k, from, n, out, error);
    for (size_t c = 0; c < DCL_WINDOW_CHANNELS; c++) strip_free(&strips[c]);
    return status;
}
