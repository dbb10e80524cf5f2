/* The signature of a load's day: levels, bands, repetition, and what its runs are like. */
#include "appliance/signature.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float bands[DCL_DAY_BANDS - 1] = {1,   3,   6,   12,   25,   50,   100,
                                               200, 400, 800, 1200, 1600, 2000, 2500};
static const float changes[DCL_DAY_CHANGES] = {4, 10, 25, 60, 150, 400, 1000};
static const float ON_W = 6, SOFT_W = 5;
enum { FAST_US = 10000000 };

/* The places of DCL_DAY_SHAPE, in the order of the header. */
enum {
    STANDBY,
    MEAN,
    RUNS,
    IN_RUNS,
    ON_MEDIAN,
    ON_SPREAD,
    PEAK,
    DISTANCE,
    DISTANCE_SPREAD,
    LENGTH_SPREAD,
    LENGTH,
    COMMONEST,
    COMMONEST_SHARE,
    WHOLE,
};

static size_t place(const float *edges, size_t n, float value) {
    size_t at = 0;
    while (at < n && value >= edges[at]) at++;
    return at;
}

/* What one pass over the day gathers. */
typedef struct day {
    dcl_spread all, on;
    double time[DCL_DAY_BANDS], energy[DCL_DAY_BANDS], sum, on_sum, on_square;
    double change[DCL_DAY_CHANGES + 1];
    size_t n;
    float max;
} day;

static void gather(const dcl_series *power, float standby, day *d) {
    float before = NAN;
    for (size_t i = 0; i < power->n; i++) {
        float w = power->value[i];
        if (!isnan(w)) {
            size_t band = place(bands, DCL_DAY_BANDS - 1, w);
            d->time[band]++;
            d->energy[band] += (double)w;
            d->sum += (double)w;
            d->n++;
            if (w > d->max) d->max = w;
            dcl_spread_add(&d->all, w);
            if (w > standby + ON_W) {
                dcl_spread_add(&d->on, w);
                d->on_sum += (double)w;
                d->on_square += (double)w * (double)w;
            }
            if (!isnan(before)) d->change[place(changes, DCL_DAY_CHANGES, fabsf(w - before))]++;
        }
        before = w;
    }
}

static void put_levels(const day *d, const dcl_series *power, float *out) {
    static const double quantiles[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999};
    double hours = (double)d->n * (double)power->period_us / (double)DCL_HOUR_US;
    for (size_t q = 0; q < 9; q++) out[DCL_DAY_LEVELS + q] = dcl_spread_quantile(&d->all, quantiles[q]);
    out[DCL_DAY_LEVELS + 9] = d->max;
    for (size_t b = 0; b < DCL_DAY_BANDS; b++) {
        out[DCL_DAY_TIME + b] = (float)(d->time[b] / (double)d->n);
        out[DCL_DAY_ENERGY + b] = (float)(d->energy[b] / (d->sum + 1));
    }
    for (size_t c = 0; c < DCL_DAY_CHANGES; c++)
        out[DCL_DAY_CHANGE + c] = power->period_us > FAST_US ? NAN : (float)(d->change[c + 1] / hours);
}

/* Mean and deviation / mean of v [n]. */
static float relative_spread(const float *v, size_t n) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += (double)v[i];
    double mean = n ? sum / (double)n : 0;
    for (size_t i = 0; i < n; i++) square += ((double)v[i] - mean) * ((double)v[i] - mean);
    return n && mean > 0 ? (float)(sqrt(square / (double)n) / mean) : 0;
}

/* How runs repeat: their lengths and the distances of their starts. scratch [2 × runs]. */
static void put_repetition(const dcl_runs *runs, float period, float *scratch, float *shape) {
    float *length = scratch, *distance = scratch + runs->n;
    for (size_t i = 0; i < runs->n; i++) {
        length[i] = period * (float)(runs->run[i].last - runs->run[i].first);
        if (i) distance[i - 1] = period * (float)(runs->run[i].first - runs->run[i - 1].first);
    }
    size_t n = runs->n - 1;
    shape[DISTANCE_SPREAD] = relative_spread(distance, n);
    shape[LENGTH_SPREAD] = relative_spread(length, runs->n);
    shape[DISTANCE] = n ? dcl_median(distance, n) : 86400;
    shape[LENGTH] = dcl_median(length, runs->n);
}

static void put_shape(const day *d, const dcl_load *load, const dcl_runs *runs, float *shape) {
    double on = d->on.n, mean = on > 0 ? d->on_sum / on : 0;
    size_t in_runs = 0, best = 0;
    for (size_t i = 0; i < runs->n; i++) in_runs += runs->run[i].last - runs->run[i].first;
    for (size_t bin = 0; bin < DCL_SPREAD_BINS; bin++) {
        if (d->on.count[bin] > d->on.count[best]) best = bin;
    }
    double days = (double)d->n * (double)load->power_w->period_us / (double)DCL_DAY_US;
    shape[STANDBY] = runs->standby_w;
    shape[MEAN] = (float)(d->sum / (double)d->n);
    shape[RUNS] = (float)((double)runs->n / days);
    shape[IN_RUNS] = (float)((double)in_runs / (double)d->n);
    shape[ON_MEDIAN] = dcl_spread_quantile(&d->on, 0.5);
    shape[ON_SPREAD] = (float)(sqrt(fmax(on > 0 ? d->on_square / on - mean * mean : 0, 0)) / (mean + 1));
    shape[PEAK] = d->max / (shape[ON_MEDIAN] + SOFT_W);
    shape[COMMONEST] = on > 0 ? dcl_spread_power(best) : runs->standby_w;
    shape[COMMONEST_SHARE] = on > 0 ? (float)((double)d->on.count[best] / on) : 1;
    shape[WHOLE] = runs->n == 1 && runs->run[0].whole;
}

/* A run's number and the run's weight. */
typedef struct weighted {
    float value, weight;
} weighted;

static int by_number(const void *a, const void *b) {
    float x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
    return (x > y) - (x < y);
}

/* The median over runs weighted by their energy. */
static void put_runs(const float *run, size_t n, weighted *scratch, float *out) {
    for (size_t f = 0; f < DCL_RUN_STANDBY_W; f++) {
        double all = 0, seen = 0;
        for (size_t i = 0; i < n; i++) {
            const float *of = run + i * DCL_RUN_COUNT;
            scratch[i] = (weighted){of[f], of[DCL_RUN_ENERGY_WH] + 1e-6f};
            all += (double)scratch[i].weight;
        }
        out[f] = scratch[0].value;
        if (isnan(out[f])) continue; /* of a slow series: of none is it known */
        qsort(scratch, n, sizeof *scratch, by_number);
        size_t at = 0;
        for (; at + 1 < n && seen + (double)scratch[at].weight < all / 2; at++)
            seen += (double)scratch[at].weight;
        out[f] = scratch[at].value;
    }
}

static void put_hours(const dcl_load *load, const dcl_runs *runs, float *out) {
    double quarter[4] = {0}, all = 0;
    const dcl_series *power = load->power_w;
    size_t step = (size_t)(DCL_MINUTE_US / power->period_us);
    if (!step) step = 1;
    for (size_t i = 0; i < runs->n && load->zone; i++) {
        for (size_t s = runs->run[i].first; s < runs->run[i].last; s += step) {
            int64_t at = power->start_us + (int64_t)s * power->period_us;
            quarter[dcl_zone_civil(load->zone, at).hour / 6]++;
            all++;
        }
    }
    /* Ten minutes more than there are keep a day of seconds near 0. */
    double ten = 600e6 / ((double)power->period_us * (double)step);
    for (size_t q = 0; q < 4; q++) out[q] = load->zone ? (float)(quarter[q] / (all + ten)) : NAN;
}

dcl_status dcl_signature_day(const dcl_load *load, const dcl_runs *runs, const float *run, float *out,
                             dcl_error *error) {
    day *d = calloc(1, sizeof *d);
    weighted *scratch = malloc((runs->n + 1) * sizeof *scratch);
    dcl_status status = DCL_OK;
    if (!d || !scratch) {
        status = dcl_fail_memory(error, "the signature of a day");
    } else {
        gather(load->power_w, runs->standby_w, d);
        put_levels(d, load->power_w, out);
        put_shape(d, load, runs, out + DCL_DAY_SHAPE);
        put_repetition(runs, (float)((double)load->power_w->period_us * 1e-6), (float *)scratch,
                       out + DCL_DAY_SHAPE);
        put_runs(run, runs->n, scratch, out + DCL_DAY_RUNS);
        put_hours(load, runs, out + DCL_DAY_HOURS);
    }
    free(d);
    free(scratch);
    return status;
}

dcl_status dcl_load_describe(const dcl_load *load, const dcl_run_options *options, dcl_arena *arena,
                             dcl_load_day *out, dcl_error *error) {
    dcl_status status = dcl_runs_find(load->power_w, options, arena, &out->runs, error);
    if (status) return status;
    out->run = dcl_arena_alloc(arena, out->runs.n * DCL_RUN_COUNT, sizeof *out->run);
    out->day = dcl_arena_alloc(arena, DCL_DAY_COUNT, sizeof *out->day);
    if (!out->run || !out->day) return dcl_fail_memory(error, "the signatures of a load");
    for (size_t i = 0; i < out->runs.n; i++)
        dcl_signature_run(load, &out->runs, i, out->run + i * DCL_RUN_COUNT);
    return dcl_signature_day(load, &out->runs, out->run, out->day, error);
}
