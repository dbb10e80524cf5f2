/* The steps of a plug and of a meter, and how often they meet at which shift. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/plug.h"
#include "base/status.h"

/* The largest steps tell enough, and pairs grow with them. */
enum { STEPS_MOST = 2000 };

/* ---------------------------------------------------------------- the steps of both */

static double magnitude(const dcl_plug_step *step) {
    return fabs(step->size);
}

static int by_magnitude(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Keeps the largest steps, in order of time. */
static dcl_status keep_largest(dcl_plug_step *step, size_t *n, dcl_error *error) {
    if (*n <= STEPS_MOST) return DCL_OK;
    double *size = malloc(*n * sizeof *size);
    if (!size) return dcl_fail_memory(error, "steps");
    for (size_t i = 0; i < *n; i++) size[i] = magnitude(&step[i]);
    qsort(size, *n, sizeof *size, by_magnitude);
    double least = size[STEPS_MOST - 1];
    free(size);
    size_t kept = 0;
    for (size_t i = 0; i < *n && kept < STEPS_MOST; i++)
        if (magnitude(&step[i]) >= least) step[kept++] = step[i];
    *n = kept;
    return DCL_OK;
}

static dcl_status find_steps(const dcl_context *context, const dcl_home *home, int64_t zero_us,
                             dcl_plug_step **out, size_t *n, bool *apparent, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_edges edges;
    dcl_edge_options options = dcl_edge_defaults();
    *out = NULL;
    *n = 0;
    dcl_status status = dcl_edges_find(context, home, &options, &arena, &edges, error);
    if (!status && !(*out = malloc((edges.n + 1) * sizeof **out))) status = dcl_fail_memory(error, "steps");
    for (size_t i = 0; !status && i < edges.n; i++) {
        double size = (double)dcl_edge_size(&edges.edge[i]);
        if (isnan(size)) continue;
        (*out)[(*n)++] = (dcl_plug_step){(double)(edges.edge[i].time_us - zero_us) / 1e6, size};
    }
    if (!status && apparent) *apparent = edges.apparent;
    dcl_arena_free(&arena);
    return status;
}

/* A plug that is read more often than the meter: its means over the meter's period, which show the steps that the meter's do. */
static dcl_status coarsen(const dcl_series *plug, int64_t period_us, dcl_arena *arena, dcl_series *out,
                          dcl_error *error) {
    *out = *plug;
    if (plug->period_us >= period_us) return DCL_OK;
    dcl_plug_track track;
    dcl_status status = dcl_plug_track_of(plug, &track, error);
    if (status) return status;
    out->period_us = period_us;
    out->n = (size_t)((int64_t)plug->n * plug->period_us / period_us);
    out->value = dcl_arena_alloc(arena, out->n, sizeof *out->value);
    if (!out->value) status = dcl_fail_memory(error, "the power of a plug");
    for (size_t i = 0; !status && i < out->n; i++)
        out->value[i] = (float)dcl_plug_track_mean(&track, (double)i * (double)period_us,
                                                   (double)(i + 1) * (double)period_us);
    dcl_plug_track_free(&track);
    return status;
}

dcl_status dcl_plug_steps_find(const dcl_context *context, const dcl_home *meter, const dcl_series *plug,
                               dcl_plug_steps *out, dcl_error *error) {
    const dcl_series *lead = dcl_plug_lead(meter);
    dcl_arena arena = {0};
    dcl_series even;
    *out = (dcl_plug_steps){.zero_us = lead->start_us};
    int64_t step_us = dcl_series_step_us(lead), own_us = dcl_series_step_us(plug);
    out->step_s = (double)(step_us > own_us ? step_us : own_us) / 1e6;
    out->within_s = fmax(3, 1.5 * out->step_s);
    out->span_s = (double)lead->n * (double)lead->period_us / 1e6;
    dcl_status status = coarsen(plug, lead->period_us, &arena, &even, error);
    dcl_home one = {.series = &even, .n_series = 1};
    if (!status) status = find_steps(context, &one, out->zero_us, &out->plug, &out->n, NULL, error);
    if (!status)
        status = find_steps(context, meter, out->zero_us, &out->meter, &out->n_meter, &out->apparent, error);
    size_t kept = 0;
    for (size_t i = 0; !status && i < out->n; i++)
        if (out->plug[i].time_s >= 0 && out->plug[i].time_s < out->span_s) out->plug[kept++] = out->plug[i];
    out->n = kept;
    if (!status) status = keep_largest(out->plug, &out->n, error);
    dcl_arena_free(&arena);
    if (status) dcl_plug_steps_free(out);
    return status;
}

void dcl_plug_steps_free(dcl_plug_steps *steps) {
    free(steps->plug), free(steps->meter);
    *steps = (dcl_plug_steps){0};
}

/* ---------------------------------------------------------------- pairs */

bool dcl_plug_like(double size, double of, bool apparent) {
    if (size * of <= 0) return false;
    double a = fabs(size), b = fabs(of);
    /* VA of a step lies between its share of the home's vector and W over the load's power factor. */
    if (apparent) return a >= 0.6 * b - 10 && a <= 2.5 * b + 10;
    return fabs(a - b) <= fmax(15, 0.2 * b);
}

typedef struct pair_list {
    dcl_plug_pair *pair;
    size_t n, room;
} pair_list;

/* The partners of one step whose lag lies within +-most_s, on a ring of span_s. */
static dcl_status add_pairs(const dcl_plug_steps *steps, size_t i, const dcl_plug_step *partner, size_t n,
                            double moved_s, bool apparent, double most_s, pair_list *list) {
    for (int turn = -1; turn <= 1; turn++) {
        double base = moved_s + turn * steps->span_s - steps->plug[i].time_s;
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (partner[middle].time_s + base < -most_s)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < n && partner[low].time_s + base <= most_s; low++) {
            if (!dcl_plug_like(partner[low].size, steps->plug[i].size, apparent)) continue;
            dcl_status status = dcl_grow(&list->pair, &list->room, list->n + 1, sizeof *list->pair);
            if (status) return status;
            list->pair[list->n++] = (dcl_plug_pair){(uint32_t)i, partner[low].time_s + base};
        }
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- counting */

typedef struct counter {
    size_t n; /* bins, one every within_s, each of twice that width */
    uint32_t *count, *last;
    double first_s; /* middle of bin 0 */
} counter;

static void count_in(counter *c, const dcl_plug_search *search, double lag_s, uint32_t step) {
    double at = (lag_s - c->first_s) / search->within_s;
    if (!(at > -1) || at >= (double)c->n) return;
    double floor_at = floor(at);
    for (int side = 0; side <= 1; side++) {
        double bin = floor_at + side;
        if (bin < 0 || bin >= (double)c->n) continue;
        size_t b = (size_t)bin;
        if (c->last[b] == step + 1) continue; /* a step is found or not, however many partners it has */
        c->last[b] = step + 1;
        c->count[b]++;
    }
}

static void take_best(const counter *c, const dcl_plug_search *search, double drift, dcl_plug_best *best) {
    for (size_t b = 0; b < c->n; b++) {
        double lag = c->first_s + (double)b * search->within_s;
        int window = (int)floor(lag / (2 * search->reach_s) + 0.5);
        if (window < -search->side || window > search->side) continue;
        dcl_plug_best *to = &best[window + search->side];
        double centre = 2 * search->reach_s * window;
        bool nearer = c->count[b] == to->found && drift == to->drift && window == 0 &&
                      fabs(lag - centre) < fabs(to->lag_s - centre);
        if (c->count[b] > to->found || nearer) *to = (dcl_plug_best){c->count[b], lag, drift};
    }
}

/* Drifts from the least to the most: 0, then either side, so that of equal ones the smallest stays. */
static double drift_number(const dcl_plug_search *search, int k) {
    return (k % 2 ? 1 : -1) * ((k + 1) / 2) * search->drift_step;
}

dcl_status dcl_plug_search_run(const dcl_context *context, const dcl_plug_search *search,
                               const dcl_plug_steps *steps, const dcl_plug_step *partner, size_t n_partner,
                               double moved_s, dcl_plug_best *best, dcl_error *error) {
    double most_s = (2 * search->side + 1) * search->reach_s;
    bool apparent = steps->apparent && partner == steps->meter;
    pair_list list = {0};
    counter c = {.n = (size_t)(2 * most_s / search->within_s) + 1, .first_s = -most_s};
    c.count = calloc(2 * c.n, sizeof *c.count);
    c.last = c.count ? c.count + c.n : NULL;
    dcl_status status = c.count ? DCL_OK : DCL_E_MEMORY;
    for (size_t i = 0; !status && i < steps->n; i++)
        status = add_pairs(steps, i, partner, n_partner, moved_s, apparent, most_s, &list);
    int drifts = search->most_drift > 0 ? 1 + 2 * (int)(search->most_drift / search->drift_step + 0.5) : 1;
    for (int k = 0; k < 2 * search->side + 1; k++) best[k] = (dcl_plug_best){0};
    for (int k = 0; !status && k < drifts; k++) {
        double drift = k ? drift_number(search, k) : 0;
        memset(c.count, 0, 2 * c.n * sizeof *c.count);
        for (size_t p = 0; p < list.n; p++) {
            uint32_t step = list.pair[p].step;
            count_in(&c, search, list.pair[p].lag_s - drift * (steps->plug[step].time_s - search->middle_s),
                     step);
        }
        take_best(&c, search, drift, best);
        if (dcl_cancelled(context)) status = DCL_E_CANCELLED;
    }
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the steps of a plug");
    free(list.pair), free(c.count);
    return status;
}
