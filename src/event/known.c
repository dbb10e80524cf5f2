/*
 * What is known of a home's loads: kinds of cycles that come again, by the size of their steps and their length.
 * A load that was seen to switch alone is so found among others of its size.
 */
#include "base/math.h"
#include "event/pairing.h"

/* A cycle belongs to a kind when both steps lie within so many W, or this share, and its length within this of a logarithm. */
static const double NEAR_W = 8, NEAR_SHARE = 0.06, NEAR_LOG_S = 0.4;
/* Means and deviations forget: a kind is about its last so many cycles. */
static const double MEMORY = 128;
/* No kind is narrower than this: what steps of one load scatter by in a mains with others in it. */
static const double SCATTER_W = 6, SCATTER_SHARE = 0.02, SCATTER_LOG_S = 0.08;
/* A deviation from the mean is this much less than a standard deviation: √(π/2). */
static const double NORMAL = 1.25;
/* Further away than this, in squared standard deviations, a pair is not of the kind. */
static const double FAR = 30;
/* e to this many cycles of the narrowest kind are as sure as it gets. */
static const double SURE = 5;

static double log_length(const dcl_edge *on, const dcl_edge *off) {
    return dcl_log((double)(off->time_us - on->time_us) / 1e6 + 1);
}

static bool is_near(double a, double b) {
    return fabs(a - b) <= fmax(NEAR_W, NEAR_SHARE * b);
}

static void follow(double *mean, double *deviation, double value, double weight) {
    double distance = value - *mean;
    *mean += weight * distance;
    *deviation += weight * (fabs(distance) - *deviation);
}

static dcl_known_kind *find(dcl_known *known, double on, double off, double log_s) {
    dcl_known_kind *best = NULL;
    double closest = INFINITY;
    for (size_t i = 0; i < known->n; i++) {
        dcl_known_kind *kind = &known->kind[i];
        double length = fabs(log_s - kind->log_s);
        if (!is_near(on, kind->on) || !is_near(off, kind->off) || length > NEAR_LOG_S) continue;
        double distance = fabs(on - kind->on) / kind->on + fabs(off - kind->off) / kind->off + length;
        if (distance < closest) closest = distance, best = kind;
    }
    return best;
}

/* Where a new kind goes: a free place, or that of a kind that nobody has seen for long. NULL: none yet. */
static dcl_known_kind *place(dcl_known *known) {
    if (known->n < DCL_KNOWN_MAX) return &known->kind[known->n++];
    dcl_known_kind *least = &known->kind[0];
    for (size_t i = 1; i < known->n; i++)
        if (known->kind[i].n < least->n) least = &known->kind[i];
    least->n -= 1;
    return least->n <= 0 ? least : NULL;
}

void dcl_known_learn(dcl_known *known, const dcl_edge *on, const dcl_edge *off) {
    double on_w = dcl_step_size(on), off_w = dcl_step_size(off), log_s = log_length(on, off);
    dcl_known_kind *kind = find(known, on_w, off_w, log_s);
    if (!kind) {
        kind = place(known);
        if (!kind) return;
        *kind = (dcl_known_kind){.on = on_w, .off = off_w, .log_s = log_s, .n = 1};
        return;
    }
    kind->n += 1;
    double weight = 1 / fmin(kind->n, MEMORY);
    follow(&kind->on, &kind->on_off, on_w, weight);
    follow(&kind->off, &kind->off_off, off_w, weight);
    follow(&kind->log_s, &kind->log_s_off, log_s, weight);
}

static double squared(double distance, double scale) {
    return distance * distance / (scale * scale);
}

/* The logarithm of how many cycles of the kind lie about there, a cell of the narrowest kind being the unit. A narrow kind
 * so outdoes a wide one seen as often: chance fills wide ones too. */
static double log_density(const dcl_known_kind *kind, double on_w, double off_w, double log_s) {
    double scatter = fmax(SCATTER_W, SCATTER_SHARE * kind->on);
    double on_dev = fmax(scatter, NORMAL * kind->on_off), off_dev = fmax(scatter, NORMAL * kind->off_off);
    double log_dev = fmax(SCATTER_LOG_S, NORMAL * kind->log_s_off);
    double far = squared(on_w - kind->on, on_dev) + squared(off_w - kind->off, off_dev) +
                 squared(log_s - kind->log_s, log_dev);
    if (far > FAR) return 0;
    double wide = on_dev / scatter * (off_dev / scatter) * (log_dev / SCATTER_LOG_S);
    return dcl_log(kind->n) - dcl_log(wide) - far / 2;
}

double dcl_known_likeness(const dcl_known *known, const dcl_edge *on, const dcl_edge *off) {
    double on_w = dcl_step_size(on), off_w = dcl_step_size(off), log_s = log_length(on, off), best = 0;
    for (size_t i = 0; i < known->n; i++) best = fmax(best, log_density(&known->kind[i], on_w, off_w, log_s));
    return fmin(best / SURE, 1);
}

size_t dcl_known_kind_of(const dcl_known *known, const dcl_edge *on, const dcl_edge *off) {
    double on_w = dcl_step_size(on), off_w = dcl_step_size(off), log_s = log_length(on, off), most = 0;
    size_t best = DCL_KNOWN_MAX;
    for (size_t i = 0; i < known->n; i++) {
        double density = log_density(&known->kind[i], on_w, off_w, log_s);
        if (density > most) most = density, best = i;
    }
    return best;
}
