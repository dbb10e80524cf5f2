/*
 * Plain references for the power of appliances: what the literature compares with, each as short as it can be said.
 * Levels of an appliance are three means of its truth (k-means in one dimension from 0, the median and the 95th percentile
 * of what is above 15 W).
 */
#ifndef HOMES_REFERENCE_H
#define HOMES_REFERENCE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/event.h>

#include "appliance/windows.h"
#include "learn/booster.h"
#include "learn/forest.h"

enum { REF_PARTS = 16, REF_LEVELS = 3 };

typedef struct ref_data {
    size_t n, parts;
    int64_t period_us, start_us;
    const float *mains;            /* [n] */
    const float *truth[REF_PARTS]; /* [n]; of training only */
} ref_data;

static void *ref_alloc(size_t n, size_t size) {
    void *at = calloc(n + 1, size);
    if (!at) abort();
    return at;
}

static int ref_by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* ---------------------------------------------------------------- always the mean */

static void ref_mean(const ref_data *train, size_t n, float *const *out) {
    for (size_t a = 0; a < train->parts; a++) {
        double sum = 0, count = 0;
        for (size_t i = 0; i < train->n; i++)
            if (!isnan(train->truth[a][i])) sum += (double)train->truth[a][i], count++;
        for (size_t i = 0; i < n; i++) out[a][i] = count > 0 ? (float)(sum / count) : 0;
    }
}

/* ---------------------------------------------------------------- levels */

static void ref_levels(const float *truth, size_t n, float level[REF_LEVELS]) {
    float *above = ref_alloc(n, sizeof *above);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (truth[i] > 15) above[k++] = truth[i];
    qsort(above, k, sizeof *above, ref_by_value);
    level[0] = 0;
    level[1] = k ? above[k / 2] : 0;
    level[2] = k ? above[k * 95 / 100] : 0;
    for (int round = 0; round < 20; round++) {
        double sum[REF_LEVELS] = {0}, count[REF_LEVELS] = {0};
        for (size_t i = 0; i < n; i++) {
            if (isnan(truth[i])) continue;
            int best = 0;
            for (int l = 1; l < REF_LEVELS; l++)
                if (fabsf(truth[i] - level[l]) < fabsf(truth[i] - level[best])) best = l;
            sum[best] += (double)truth[i];
            count[best]++;
        }
        for (int l = 0; l < REF_LEVELS; l++)
            if (count[l] > 0) level[l] = (float)(sum[l] / count[l]);
    }
    free(above);
}

typedef struct ref_combos {
    size_t n, parts;
    float level[REF_PARTS][REF_LEVELS];
    float *sum; /* [n] */
} ref_combos;

static int ref_digit(size_t combo, size_t part) {
    for (size_t a = 0; a < part; a++) combo /= REF_LEVELS;
    return (int)(combo % REF_LEVELS);
}

static ref_combos ref_make_combos(const ref_data *train) {
    ref_combos c = {.n = 1, .parts = train->parts};
    for (size_t a = 0; a < c.parts; a++) {
        ref_levels(train->truth[a], train->n, c.level[a]);
        c.n *= REF_LEVELS;
    }
    c.sum = ref_alloc(c.n, sizeof *c.sum);
    for (size_t s = 0; s < c.n; s++)
        for (size_t a = 0; a < c.parts; a++) c.sum[s] += c.level[a][ref_digit(s, a)];
    return c;
}

/* ---------------------------------------------------------------- combinatorial optimisation (Hart 1992) */

static void ref_co(const ref_data *train, const float *mains, size_t n, float *const *out) {
    ref_combos c = ref_make_combos(train);
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        for (size_t s = 1; s < c.n; s++)
            if (fabsf(mains[i] - c.sum[s]) < fabsf(mains[i] - c.sum[best])) best = s;
        for (size_t a = 0; a < c.parts; a++) out[a][i] = c.level[a][ref_digit(best, a)];
    }
    free(c.sum);
}

/* ---------------------------------------------------------------- factorial HMM, exact, a day at a time */

/* Transitions of each chain as costs, counted on the training truth with one added. */
static void ref_transitions(const ref_data *train, const ref_combos *c,
                            float cost[REF_PARTS][REF_LEVELS][REF_LEVELS]) {
    for (size_t a = 0; a < c->parts; a++) {
        double count[REF_LEVELS][REF_LEVELS];
        int before = -1;
        for (int l = 0; l < REF_LEVELS * REF_LEVELS; l++) count[l / REF_LEVELS][l % REF_LEVELS] = 1;
        for (size_t i = 0; i < train->n; i++) {
            int best = 0;
            for (int l = 1; l < REF_LEVELS; l++)
                if (fabsf(train->truth[a][i] - c->level[a][l]) <
                    fabsf(train->truth[a][i] - c->level[a][best]))
                    best = l;
            if (isnan(train->truth[a][i])) best = -1;
            if (best >= 0 && before >= 0) count[before][best]++;
            before = best;
        }
        for (int l = 0; l < REF_LEVELS; l++) {
            double sum = 0;
            for (int m = 0; m < REF_LEVELS; m++) sum += count[l][m];
            for (int m = 0; m < REF_LEVELS; m++) cost[a][l][m] = (float)-log(count[l][m] / sum);
        }
    }
}

/* One step of all chains: the least cost of reaching each state, and from where. */
static void ref_step(const ref_combos *c, float cost[REF_PARTS][REF_LEVELS][REF_LEVELS], float *now,
                     float *next, uint16_t *from, uint16_t *from_next) {
    for (size_t s = 0; s < c->n; s++) from[s] = (uint16_t)s;
    for (size_t a = 0, stride = 1; a < c->parts; a++, stride *= REF_LEVELS) {
        for (size_t s = 0; s < c->n; s++) {
            size_t digit = s / stride % REF_LEVELS, base = s - digit * stride;
            float best = INFINITY;
            for (size_t l = 0; l < REF_LEVELS; l++) {
                float reached = now[base + l * stride] + cost[a][l][digit];
                if (reached < best) best = reached, from_next[s] = from[base + l * stride];
            }
            next[s] = best;
        }
        memcpy(now, next, c->n * sizeof *now);
        memcpy(from, from_next, c->n * sizeof *from);
    }
}

static void ref_fhmm(const ref_data *train, const float *mains, size_t n, size_t day, float *const *out) {
    ref_combos c = ref_make_combos(train);
    float cost[REF_PARTS][REF_LEVELS][REF_LEVELS];
    ref_transitions(train, &c, cost);
    double error2 = 0, count = 0; /* of the levels on the training mains */
    for (size_t i = 0; i < train->n; i++) {
        double off = (double)train->mains[i];
        for (size_t a = 0; a < c.parts; a++) {
            int best = 0;
            for (int l = 1; l < REF_LEVELS; l++)
                if (fabsf(train->truth[a][i] - c.level[a][l]) < fabsf(train->truth[a][i] - c.level[a][best]))
                    best = l;
            off -= (double)c.level[a][best];
        }
        if (!isnan(off)) error2 += off * off, count++;
    }
    float scale = (float)(1 / (2 * fmax(1, error2 / fmax(1, count))));
    float *now = ref_alloc(c.n, sizeof *now), *next = ref_alloc(c.n, sizeof *next);
    uint16_t *way = ref_alloc(day * c.n, sizeof *way), *spare = ref_alloc(c.n, sizeof *spare);
    for (size_t first = 0; first < n; first += day) {
        size_t m = n - first < day ? n - first : day;
        for (size_t i = 0; i < m; i++) {
            ref_step(&c, cost, now, next, way + i * c.n, spare);
            float least = INFINITY;
            for (size_t s = 0; s < c.n; s++) {
                float off = mains[first + i] - c.sum[s];
                if (!isnan(off)) now[s] += off * off * scale;
                if (now[s] < least) least = now[s];
            }
            for (size_t s = 0; s < c.n; s++) now[s] -= least;
        }
        size_t state = 0;
        for (size_t s = 1; s < c.n; s++)
            if (now[s] < now[state]) state = s;
        for (size_t i = m; i-- > 0;) {
            for (size_t a = 0; a < c.parts; a++) out[a][first + i] = c.level[a][ref_digit(state, a)];
            state = way[i * c.n + state];
        }
    }
    free(now), free(next), free(way), free(spare), free(c.sum);
}

/* ---------------------------------------------------------------- Hart: steps paired, named by their size */

static void ref_hart(const ref_data *train, const float *mains, size_t n, float *const *out) {
    ref_combos c = ref_make_combos(train);
    size_t *open = ref_alloc(n, sizeof *open), n_open = 0;
    float *size = ref_alloc(n, sizeof *size);
    for (size_t a = 0; a < c.parts; a++) memset(out[a], 0, n * sizeof **out);
    for (size_t i = 1; i + 1 < n; i++) {
        float step = mains[i] - mains[i - 1];
        if (isnan(step)) n_open = 0;
        if (!(fabsf(step) > 30)) continue;
        if (i + 1 < n && fabsf(mains[i + 1] - mains[i]) > 15 && (mains[i + 1] - mains[i]) * step > 0)
            step = mains[i + 1] - mains[i - 1], i++; /* a switch that falls between two samples */
        size_t stale = 0; /* an on that found no off within six hours is given up */
        while (stale < n_open && (int64_t)(i - open[stale]) * train->period_us > 6 * DCL_HOUR_US) stale++;
        memmove(open, open + stale, (n_open - stale) * sizeof *open);
        memmove(size, size + stale, (n_open - stale) * sizeof *size);
        n_open -= stale;
        if (step > 0) {
            open[n_open] = i, size[n_open++] = step;
            continue;
        }
        size_t match = n_open;
        for (size_t k = n_open; k-- > 0;)
            if (fabsf(size[k] + step) < fmaxf(15, 0.2f * size[k]) && match == n_open) match = k;
        if (match == n_open) continue;
        size_t best = c.parts;
        float nearest = 0.3f; /* of its size: beyond, it belongs to nobody */
        for (size_t a = 0; a < c.parts; a++)
            for (int l = 1; l < REF_LEVELS; l++) {
                float far = fabsf(c.level[a][l] - size[match]) / size[match];
                if (far < nearest) nearest = far, best = a;
            }
        for (size_t t = open[match]; best < c.parts && t < i; t++) out[best][t] += size[match];
        memmove(open + match, open + match + 1, (n_open - match - 1) * sizeof *open);
        memmove(size + match, size + match + 1, (n_open - match - 1) * sizeof *size);
        n_open--;
    }
    free(open), free(size), free(c.sum);
}

/* ---------------------------------------------------------------- a plain boosted regressor on windows */

static size_t ref_features(int64_t period_us, dcl_feature *out) {
    static const int32_t seconds[] = {10, 30, 60, 180, 600, 1800, 5400, 14400, 43200};
    size_t k = 0;
    int64_t before = 0;
    out[k++] = (dcl_feature){.kind = DCL_FEATURE_VALUE};
    out[k++] = (dcl_feature){.kind = DCL_FEATURE_HOUR};
    for (size_t s = 0; s < sizeof seconds / sizeof *seconds; s++) {
        int64_t span = seconds[s] * DCL_SECOND_US / period_us;
        if (span <= before) continue;
        before = span;
        for (int side = -1; side <= 1; side += 2)
            for (uint8_t kind = DCL_FEATURE_MEAN; kind <= DCL_FEATURE_MAX; kind++)
                out[k++] = (dcl_feature){.kind = kind, .span = side * (int32_t)span};
    }
    return k;
}

static float *ref_rows(const dcl_context *context, const ref_data *data, const dcl_feature *feature,
                       size_t k) {
    int32_t *level = ref_alloc(data->n, sizeof *level);
    for (size_t i = 0; i < data->n; i++) level[i] = dcl_edge_quantise(data->mains[i]);
    dcl_window_source source = {.start_us = data->start_us,
                                .period_us = data->period_us,
                                .n = data->n,
                                .level = {level},
                                .zone = context->zone};
    float *row = ref_alloc(data->n * k, sizeof *row);
    if (dcl_windows_make(&source, feature, k, 0, data->n, row, NULL)) abort();
    free(level);
    return row;
}

static void ref_booster(const dcl_context *context, const ref_data *train, const ref_data *test,
                        float *const *out) {
    dcl_feature feature[DCL_FEATURES_MAX];
    size_t k = ref_features(train->period_us, feature), most = 60000, skip = train->n / most + 1;
    float *row = ref_rows(context, train, feature, k), *x = ref_alloc((train->n / skip + 1) * k, sizeof *x);
    float *ask = ref_rows(context, test, feature, k), *y = ref_alloc(train->n / skip + 1, sizeof *y);
    dcl_booster_options options = dcl_booster_defaults();
    options.rounds = 150;
    for (size_t a = 0; a < train->parts; a++) {
        size_t n = 0;
        for (size_t i = 0; i < train->n; i += skip) {
            if (isnan(train->truth[a][i]) || isnan(train->mains[i])) continue;
            memcpy(x + n * k, row + i * k, k * sizeof *x);
            y[n++] = train->truth[a][i];
        }
        dcl_booster_data data = {.x = x, .y = y, .n = n, .k = k};
        dcl_booster_model model;
        dcl_arena arena = {0};
        dcl_forest forest;
        if (dcl_booster_train(context, &data, &options, &model, NULL)) abort();
        if (dcl_forest_from_json(model.json, model.length, &arena, &forest, NULL)) abort();
        dcl_forest_margins(&forest, ask, test->n, k, out[a]);
        for (size_t i = 0; i < test->n; i++) out[a][i] = out[a][i] > 0 ? out[a][i] : 0;
        dcl_arena_free(&arena);
        free(model.json);
    }
    free(row), free(x), free(ask), free(y);
}

#endif
