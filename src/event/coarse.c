/* Load curves: what intervals of minutes to half hours still show. A rise that lasts, over the floor before
 * it. */
#include <math.h>

#include "base/status.h"
#include "event/event.h"

/* The floor is the mean of the lower half of what was seen in so long before a rise. */
enum { FLOOR_S = 7200, FLOOR_MAX = 64 };
/* A rise lasts at least so many intervals, and no longer than this. */
enum { RISE_N = 2, LONGEST_S = 12 * 3600 };

/* The mean of the lower half of the present samples before i; NaN where fewer than two are there. */
static double floor_before(const dcl_series *series, size_t i, size_t window) {
    double sorted[FLOOR_MAX];
    size_t n = 0;
    for (size_t k = i > window ? i - window : 0; k < i; k++) {
        if (dcl_is_missing(series->value[k])) continue;
        size_t at = n++;
        for (; at && sorted[at - 1] > series->value[k]; at--) sorted[at] = sorted[at - 1];
        sorted[at] = series->value[k];
    }
    if (n < 2) return NAN;
    double sum = 0;
    for (size_t k = 0; k < (n + 1) / 2; k++) sum += sorted[k];
    return sum / (double)((n + 1) / 2);
}

/* The power factor of the energy above the floor, from the mean rise of active and reactive power. */
static double factor_of(const dcl_signal *signal, size_t start, size_t end, size_t window, double rise) {
    if (!signal->reactive || end > signal->reactive->n) return NAN;
    double base = floor_before(signal->reactive, start, window), sum = 0;
    for (size_t i = start; i < end; i++) {
        if (dcl_is_missing(signal->reactive->value[i])) return NAN;
        sum += signal->reactive->value[i];
    }
    double q = sum / (double)(end - start) - base;
    return rise / sqrt(rise * rise + q * q);
}

static dcl_status add_rise(const dcl_signal *signal, const dcl_cycle_options *options, size_t start,
                           size_t end, double base, bool was_cut, size_t window, dcl_cycle_list *out) {
    const dcl_series *lead = signal->lead;
    dcl_status status = dcl_grow(&out->cycle, &out->cycle_room, out->n + 1, sizeof *out->cycle);
    if (status != DCL_OK) return status;
    double sum = 0, first = fmin(lead->value[start], lead->value[start + 1]) - base;
    for (size_t i = start; i < end; i++) sum += lead->value[i] - base;
    double mean = sum / (double)(end - start), off = lead->value[end - 1] - base;
    dcl_cycle *cycle = &out->cycle[out->n++];
    *cycle = (dcl_cycle){.start_us = lead->start_us + (int64_t)start * lead->period_us,
                         .end_us = lead->start_us + (int64_t)end * lead->period_us,
                         .mean_w = (float)mean,
                         .on_w = (float)first,
                         .off_w = was_cut ? NAN : (float)off,
                         .flags = DCL_CYCLE_COARSE | (was_cut ? DCL_CYCLE_CUT : 0u)};
    cycle->energy_wh = mean * (double)(cycle->end_us - cycle->start_us) / (double)DCL_HOUR_US;
    cycle->power_factor = (float)factor_of(signal, start, end, window, mean);
    /* A rise far above the least one, and as high at its start as on the whole, is a machine rather than a
     * mood. */
    double size = fmin(mean / (4 * options->coarse_rise_w), 1), shape = fmin(first / mean, mean / first);
    cycle->confidence = (float)(0.1 + 0.3 * size + 0.3 * fmin(fmax(shape, 0), 1));
    if (signal->apparent_leads) {
        cycle->flags |= DCL_CYCLE_APPARENT;
        cycle->energy_wh = NAN;
    }
    return DCL_OK;
}

/* The end of a rise that starts at `start`: the first sample with less than half of the mean rise so far
 * left. */
static size_t rise_end(const dcl_series *series, size_t start, double base) {
    double sum = 0;
    size_t i = start;
    for (; i < series->n && !dcl_is_missing(series->value[i]); i++) {
        double rise = series->value[i] - base;
        if (i > start && rise < sum / (double)(i - start) / 2) break;
        sum += rise;
    }
    return i;
}

dcl_status dcl_cycles_rises(const dcl_signal *signal, const dcl_cycle_options *options, dcl_cycle_list *out) {
    const dcl_series *lead = signal->lead;
    double period_s = (double)lead->period_us / 1e6;
    size_t window = (size_t)fmin(fmax(ceil(FLOOR_S / period_s), 3), FLOOR_MAX);
    size_t longest = (size_t)(LONGEST_S / period_s);
    for (size_t i = 1; i + 1 < lead->n; i++) {
        if (dcl_is_missing(lead->value[i]) || dcl_is_missing(lead->value[i - 1])) continue;
        double rise_w = options->coarse_rise_w, before = lead->value[i - 1];
        if (lead->value[i] - before < rise_w / 2) continue;
        double base = floor_before(lead, i, window);
        if (!(lead->value[i] - base >= rise_w)) continue; /* no floor to rise over is NaN */
        size_t end = rise_end(lead, i, base);
        bool was_cut = end < lead->n ? dcl_is_missing(lead->value[end]) : true;
        if (end - i < RISE_N) continue;
        if (end - i <= longest) {
            dcl_status status = add_rise(signal, options, i, end, base, was_cut, window, out);
            if (status != DCL_OK) return status;
        }
        i = end - 1;
    }
    return DCL_OK;
}
