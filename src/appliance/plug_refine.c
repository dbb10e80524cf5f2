/* From the shift that brings most steps together to the shift and drift that bring them together best. */
#include <math.h>
#include <stdlib.h>

#include "appliance/plug.h"
#include "base/order.h"
#include "base/status.h"

/* The nearest step of the meter to one of the plug's: both, and how late the meter's is. */
typedef struct match {
    const dcl_plug_step *meter;
    double time_s, lag_s, ratio;
} match;

static double wanted_lag(const dcl_plug_fit *fit, const dcl_plug_steps *steps, double time_s) {
    double middle_s = (double)(fit->middle_us - steps->zero_us) / 1e6;
    return fit->offset_s + fit->drift_ppm * 1e-6 * (time_s - middle_s);
}

/* match [steps->n]; returns how many steps have one within reach_s of the fit. */
static size_t find_matches(const dcl_plug_steps *steps, const dcl_plug_fit *fit, double reach_s, match *out) {
    size_t n = 0, first = 0;
    for (size_t i = 0; i < steps->n; i++) {
        double time_s = steps->plug[i].time_s, lag_s = wanted_lag(fit, steps, time_s), least = reach_s;
        const dcl_plug_step *nearest = NULL;
        while (first < steps->n_meter && steps->meter[first].time_s < time_s + lag_s - reach_s) first++;
        for (size_t k = first; k < steps->n_meter && steps->meter[k].time_s <= time_s + lag_s + reach_s;
             k++) {
            double apart = fabs(steps->meter[k].time_s - time_s - lag_s);
            if (apart > least || !dcl_plug_like(steps->meter[k].size, steps->plug[i].size, steps->apparent))
                continue;
            least = apart;
            nearest = &steps->meter[k];
        }
        if (nearest)
            out[n++] =
                (match){nearest, time_s, nearest->time_s - time_s, nearest->size / steps->plug[i].size};
    }
    return n;
}

/* Mean of what lies in the middle three fifths: other loads switch beside some steps. */
static double middle_mean(double *value, size_t n) {
    double sum = 0;
    dcl_sort_f64(value, n);
    size_t first = n / 5, last = n - first;
    for (size_t i = first; i < last; i++) sum += value[i];
    return sum / (double)(last - first);
}

/* ---------------------------------------------------------------- drift */

typedef struct line {
    double middle_s, at_middle, slope, slope_error;
    size_t n;
} line;

/* Least squares through the lags that lie within reach_s of `from`. */
static line fit_line(const match *m, size_t n, const line *from, double reach_s) {
    double x1 = 0, x2 = 0, xy = 0, y1 = 0, y2 = 0;
    line out = *from;
    out.n = 0;
    out.slope_error = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double x = m[i].time_s - from->middle_s, y = m[i].lag_s - from->at_middle - from->slope * x;
        if (fabs(y) > reach_s) continue;
        out.n++;
        x1 += x, x2 += x * x, xy += x * y, y1 += y, y2 += y * y;
    }
    if (!out.n) return out;
    double count = (double)out.n, spread = x2 - x1 * x1 / count, along = xy - x1 * y1 / count;
    double slope = spread > 0 ? along / spread : 0;
    double rest = y2 - y1 * y1 / count - slope * along;
    out.slope += slope;
    out.at_middle += (y1 - slope * x1) / count;
    if (spread > 0 && out.n > 2) out.slope_error = sqrt(fmax(0, rest) / (count - 2) / spread);
    return out;
}

/* The offset, and a drift where it shows: on six steps and a day, four times its error (more where few steps tell that error), and
 * a quarter of a reading between first and last. work [n] */
static void fit_clock(const match *m, size_t n, const dcl_plug_steps *steps, double *work,
                      dcl_plug_fit *fit) {
    double middle_s = (double)(fit->middle_us - steps->zero_us) / 1e6, span = m[n - 1].time_s - m[0].time_s;
    line found = {.middle_s = middle_s, .at_middle = fit->offset_s, .slope = fit->drift_ppm * 1e-6};
    for (int k = 0; k < 3; k++) found = fit_line(m, n, &found, k ? steps->within_s : 2 * steps->within_s);
    double sure = 4 + 12 / fmax(1, (double)found.n);
    bool shows = found.n >= 6 && span >= 86400 && fabs(found.slope) > sure * found.slope_error &&
                 fabs(found.slope) * span > steps->step_s / 4;
    if (!shows) {
        for (size_t i = 0; i < n; i++) work[i] = m[i].lag_s;
        found.slope = 0;
        found.at_middle = middle_mean(work, n);
    }
    fit->offset_s = found.at_middle;
    fit->drift_ppm = found.slope * 1e6;
}

/* ---------------------------------------------------------------- parts of a reading */

/* A look at a step: spans of a reading on either side, of which the outermost tell the levels before and after. */
enum { AROUND = 4, OUTER = 2, SPANS = 2 * AROUND };

/* Both sides of a plug and its meter as running sums. */
typedef struct sides {
    dcl_plug_track meter, plug;
} sides;

/*
 * How long after at_us a step happens, in spans: the area between its response and its last level, over its size. Readings that
 * are held or averaged spread a step out and leave that area what it was. NaN where the look shows no such step.
 */
static double delay_of(const dcl_plug_track *track, const dcl_plug_fit *fit, int64_t at_us, int64_t each_us,
                       double size) {
    double level[SPANS], before = 0, after = 0, area = 0;
    for (int k = 0; k < SPANS; k++) level[k] = dcl_plug_mean_at(track, fit, at_us + k * each_us, each_us);
    for (int k = 0; k < OUTER; k++) before += level[k] / OUTER, after += level[SPANS - 1 - k] / OUTER;
    for (int k = 0; k < SPANS; k++) area += after - level[k];
    return dcl_plug_like(after - before, size, false) ? area / (after - before) : NAN;
}

/* Puts lags right by what the plug's steps are late after the fit; keeps those that show it. Returns how many. */
static size_t refine_lags(const sides *s, const dcl_plug_steps *steps, const dcl_plug_fit *fit, match *m,
                          size_t n) {
    static const dcl_plug_fit still = {0};
    int64_t each_us = (int64_t)(steps->step_s * 1e6);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t at = steps->zero_us + (int64_t)(m[i].meter->time_s * 1e6) - AROUND * each_us;
        double late_s = steps->step_s * (delay_of(&s->plug, fit, at, each_us, m[i].meter->size / fit->scale) -
                                         delay_of(&s->meter, &still, at, each_us, m[i].meter->size));
        if (!(fabs(late_s) <= steps->within_s)) continue;
        m[kept] = m[i];
        m[kept++].lag_s = wanted_lag(fit, steps, m[i].time_s) - late_s;
    }
    return kept;
}

/* ---------------------------------------------------------------- all of it */

/* Steps of the plug at which the meter was heard. */
static size_t count_heard(const dcl_series *lead, const dcl_plug_steps *steps, const dcl_plug_fit *fit) {
    size_t n = 0;
    for (size_t i = 0; i < steps->n; i++) {
        double at_s = steps->plug[i].time_s + wanted_lag(fit, steps, steps->plug[i].time_s);
        double slot = at_s * 1e6 / (double)lead->period_us;
        n += slot >= 0 && slot < (double)lead->n && !isnan(lead->value[(size_t)slot]);
    }
    return n;
}

dcl_status dcl_plug_refine(const dcl_series *lead, const dcl_series *plug, const dcl_plug_steps *steps,
                           dcl_plug_fit *fit, dcl_error *error) {
    sides s = {0};
    match *m = malloc(steps->n * sizeof *m);
    double *ratio = malloc(steps->n * sizeof *ratio);
    dcl_status status = m && ratio ? DCL_OK : dcl_fail_memory(error, "the steps of a plug");
    if (!status) status = dcl_plug_track_of(plug, &s.plug, error);
    if (!status) status = dcl_plug_track_of(lead, &s.meter, error);
    size_t n = status ? 0 : find_matches(steps, fit, 2 * steps->within_s, m);
    if (n) {
        for (size_t i = 0; i < n; i++) ratio[i] = m[i].ratio;
        fit->scale = dcl_median_f64(ratio, n);
        fit_clock(m, n, steps, ratio, fit);
        for (int k = 0; k < 2; k++) {
            n = find_matches(steps, fit, steps->within_s, m);
            n = refine_lags(&s, steps, fit, m, n);
            if (n) fit_clock(m, n, steps, ratio, fit);
        }
        n = find_matches(steps, fit, steps->within_s, m);
        size_t heard = count_heard(lead, steps, fit);
        fit->found = n;
        fit->steps = heard > n ? heard : n;
    }
    dcl_plug_track_free(&s.plug), dcl_plug_track_free(&s.meter);
    free(m), free(ratio);
    return status;
}
