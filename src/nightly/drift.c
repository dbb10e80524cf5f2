/* Drift: errors that rise above what they were. */
#include <math.h>
#include <stdlib.h>

#include "nightly/nightly.h"

double dcl_page_hinkley(const double *x, size_t n, double mean, double weight, double allowed) {
    double sum = 0, lowest = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        weight += 1;
        mean += (x[i] - mean) / weight;
        sum += x[i] - mean - allowed;
        if (sum < lowest) lowest = sum;
    }
    return sum - lowest;
}

/* A card tells of about so many days; a ratio above LARGEST counts as it, so that one strange day is no drift. */
#define CARD_DAYS 7.0
#define LARGEST   4.0
#define ALLOWED   0.1

/* The errors of the forecasts of a civil day, summed. */
typedef struct day_sum {
    double n, own, paired, seasonal;
} day_sum;

static void add_row(day_sum *day, const night_row *row) {
    double own = fabs((double)row->actual - (double)row->p50);
    day->n += 1;
    day->own += own;
    if (isnan(row->seasonal)) return;
    day->paired += own;
    day->seasonal += fabs((double)row->actual - (double)row->seasonal);
}

static double ratio(double error, double of) {
    double value = of > 0 ? error / of : (double)NAN;
    return value > LARGEST ? LARGEST : value;
}

static double mean_of_last(const double *x, size_t n) {
    double sum = 0, count = 0;
    for (size_t i = n > 7 ? n - 7 : 0; i < n; i++)
        if (!isnan(x[i])) sum += x[i], count += 1;
    return count > 0 ? sum / count : (double)NAN;
}

static double statistic(const double *x, size_t n, double known) {
    double value = isnan(known) ? dcl_page_hinkley(x, n, 0, 0, ALLOWED)
                                : dcl_page_hinkley(x, n, known, CARD_DAYS, ALLOWED);
    return value > 0 ? value : 0;
}

dcl_status nightly_drift(const dcl_context *context, const night_log *log, uint32_t version, double own_w,
                         double naive, dcl_night_drift *out, dcl_error *error) {
    enum { MOST = 800 }; /* days */
    int64_t last = INT64_MIN;
    *out = (dcl_night_drift){.own = (double)NAN, .naive = (double)NAN};
    for (size_t i = 0; i < log->n; i++)
        if (log->row[i].version == version && log->row[i].start_us > last) last = log->row[i].start_us;
    if (last == INT64_MIN) return DCL_OK;
    int64_t first_day = dcl_zone_day(context->zone, last) - MOST + 1;
    day_sum *day = calloc(MOST, sizeof *day);
    double *x = malloc(2 * MOST * sizeof *x);
    if (!day || !x) {
        free(day), free(x);
        return dcl_fail_memory(error, "the days of a model");
    }
    for (size_t i = 0; i < log->n; i++) {
        int64_t at = dcl_zone_day(context->zone, log->row[i].start_us) - first_day;
        if (log->row[i].version == version && at >= 0 && at < MOST) add_row(&day[at], &log->row[i]);
    }
    for (size_t d = 0; d < MOST; d++) {
        if (!(day[d].n > 0)) continue;
        x[out->days] = ratio(day[d].own / day[d].n, own_w);
        x[MOST + out->days++] = ratio(day[d].paired, day[d].seasonal);
    }
    out->own = mean_of_last(x, out->days), out->naive = mean_of_last(x + MOST, out->days);
    out->own_ph = statistic(x, out->days, 1), out->naive_ph = statistic(x + MOST, out->days, naive);
    out->seen = out->own_ph > DCL_DRIFT_ALARM || out->naive_ph > DCL_DRIFT_ALARM;
    free(day), free(x);
    return DCL_OK;
}
