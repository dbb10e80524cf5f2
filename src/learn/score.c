/* How good an estimate is: the metrics of the literature, over the moments at which both sides are known. */
#include <declic/learn.h>

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

/* Below this an appliance is idle whatever the rest of its truth says, W. */
static const double IDLE_W = 15;

dcl_score_options dcl_score_defaults(void) {
    return (dcl_score_options){.on_w = NAN, .tolerance_s = NAN};
}

double dcl_score_on_w(const float *truth, size_t n) {
    double sum = 0;
    size_t above = 0;
    for (size_t i = 0; i < n; i++) {
        if (!((double)truth[i] > IDLE_W)) continue;
        sum += (double)truth[i];
        above++;
    }
    double half = above ? sum / (double)above / 2 : 0;
    return half > IDLE_W ? half : IDLE_W;
}

/* ---------------------------------------------------------------- moments */

typedef struct sums {
    double error, error2, truth, truth2, estimate;
    double tp, fp, fn, tn;
} sums;

static sums add_up(const float *truth, const float *estimate, size_t n, double on_w, dcl_score *out) {
    sums s = {0};
    for (size_t i = 0; i < n; i++) {
        double y = (double)truth[i], x = (double)estimate[i], d = x - y;
        if (isnan(y)) {
            out->truth_missing++;
        } else if (isnan(x)) {
            out->estimate_missing++;
        } else {
            out->n++;
            s.error += fabs(d);
            s.error2 += d * d;
            s.truth += y;
            s.truth2 += y * y;
            s.estimate += x;
            bool is_on = y > on_w, said_on = x > on_w;
            s.tp += is_on && said_on;
            s.fp += !is_on && said_on;
            s.fn += is_on && !said_on;
            s.tn += !is_on && !said_on;
        }
    }
    return s;
}

static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : NAN;
}

static void fill_power(const sums *s, int64_t period_us, dcl_score *out) {
    double hours = (double)period_us / (double)DCL_HOUR_US, n = (double)out->n;
    out->mae_w = s->error / n;
    out->rmse_w = sqrt(s->error2 / n);
    out->nde = ratio(s->error2, s->truth2);
    out->nde_root = sqrt(out->nde);
    out->sae = ratio(fabs(s->estimate - s->truth), s->truth);
    out->eae_wh = fabs(s->estimate - s->truth) * hours;
    out->energy_truth_wh = s->truth * hours;
    out->energy_estimate_wh = s->estimate * hours;
}

static void fill_states(const sums *s, dcl_score *out) {
    out->precision = ratio(s->tp, s->tp + s->fp);
    out->recall = ratio(s->tp, s->tp + s->fn);
    out->f1 = ratio(2 * s->tp, 2 * s->tp + s->fp + s->fn);
    /* Two roots of two factors each: no overflow, and exactly 1 for a perfect estimate. */
    double root = sqrt((s->tp + s->fp) * (s->tp + s->fn)) * sqrt((s->tn + s->fp) * (s->tn + s->fn));
    out->mcc = ratio(s->tp * s->tn - s->fp * s->fn, root);
}

/* ---------------------------------------------------------------- events */

/* Changes between on and off: +(i + 1) where it goes on at sample i, -(i + 1) where off; moments without both are gaps. */
static size_t find_events(const float *value, const float *other, size_t n, double on_w, int64_t *out) {
    size_t found = 0;
    int before = -1;
    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i]) || isnan(other[i])) {
            before = -1;
            continue;
        }
        int now = (double)value[i] > on_w;
        if (before >= 0 && now != before) {
            if (out) out[found] = now ? (int64_t)i + 1 : -(int64_t)i - 1;
            found++;
        }
        before = now;
    }
    return found;
}

/* One to one and in order, a direction at a time: taking the earliest that still fits is the most that can match. */
static uint64_t match_events(const int64_t *truth, size_t n, const int64_t *found, size_t m, int sign,
                             double tolerance) {
    uint64_t hits = 0;
    size_t f = 0;
    for (size_t t = 0; t < n; t++) {
        if ((truth[t] > 0) != (sign > 0)) continue;
        int64_t at = llabs(truth[t]);
        while (f < m && ((found[f] > 0) != (sign > 0) || (double)(at - llabs(found[f])) > tolerance)) f++;
        if (f < m && (double)(llabs(found[f]) - at) <= tolerance) hits++, f++;
    }
    return hits;
}

static dcl_status score_events(const float *truth, const float *estimate, size_t n, int64_t period_us,
                               dcl_score *out, dcl_error *error) {
    size_t n_truth = find_events(truth, estimate, n, out->on_w, NULL);
    size_t n_found = find_events(estimate, truth, n, out->on_w, NULL);
    int64_t *events = malloc((n_truth + n_found + 1) * sizeof *events), *found = events + n_truth;
    if (!events) return dcl_fail_memory(error, "events");
    find_events(truth, estimate, n, out->on_w, events);
    find_events(estimate, truth, n, out->on_w, found);
    double tolerance = out->tolerance_s * (double)DCL_SECOND_US / (double)period_us;
    uint64_t hits = match_events(events, n_truth, found, n_found, 1, tolerance) +
                    match_events(events, n_truth, found, n_found, -1, tolerance);
    out->events_truth = n_truth;
    out->events_estimate = n_found;
    out->event_precision = ratio((double)hits, (double)n_found);
    out->event_recall = ratio((double)hits, (double)n_truth);
    free(events);
    return DCL_OK;
}

/* ---------------------------------------------------------------- the two calls */

dcl_status dcl_score_power(const float *truth, const float *estimate, size_t n, int64_t period_us,
                           const dcl_score_options *options, dcl_score *out, dcl_error *error) {
    *out = (dcl_score){.on_w = options->on_w, .tolerance_s = options->tolerance_s};
    if (period_us < 1) return dcl_fail(error, DCL_E_ARG, "a period below 1 µs");
    if (options->on_w < 0 || isinf(options->on_w) || options->tolerance_s < 0)
        return dcl_fail(error, DCL_E_ARG, "the threshold and the tolerance are 0 or more");
    if (isnan(out->on_w)) out->on_w = dcl_score_on_w(truth, n);
    if (isnan(out->tolerance_s)) {
        double two = 2 * (double)period_us / (double)DCL_SECOND_US;
        out->tolerance_s = two > 60 ? two : 60;
    }
    sums s = add_up(truth, estimate, n, out->on_w, out);
    if (!out->n) return dcl_fail(error, DCL_E_NO_DATA, "no moment has both the truth and the estimate");
    fill_power(&s, period_us, out);
    fill_states(&s, out);
    return score_events(truth, estimate, n, period_us, out, error);
}

double dcl_score_teca(const float *const *truth, const float *const *estimate, size_t k, const float *mains,
                      size_t n, uint64_t *moments) {
    double wrong = 0, total = 0;
    uint64_t compared = 0;
    for (size_t i = 0; i < n; i++) {
        double off = 0, sum = 0;
        for (size_t a = 0; a < k; a++) {
            off += fabs((double)estimate[a][i] - (double)truth[a][i]);
            sum += (double)truth[a][i];
        }
        if (mains) sum = (double)mains[i];
        if (isnan(off) || isnan(sum)) continue;
        wrong += off;
        total += sum;
        compared++;
    }
    if (moments) *moments = compared;
    return total > 0 ? 1 - wrong / (2 * total) : NAN;
}
