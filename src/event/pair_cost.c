/* What it costs to call an on and an off step one cycle. */
#include "base/math.h"
#include "event/pairing.h"

/* A load's own drift: at most this share of it; it costs this share of an unexplained difference. */
static const double DRIFT_SHARE = 0.4, DRIFT_COST = 0.3;
/* The signal coming back to where it was before the on step is worth this much. */
static const double RETURN_GAIN = 0.3;
/* A difference in reactive power costs this share of one in active power. */
static const double REACTIVE_COST = 0.5;
/* Each e-fold of length costs this much: of two ways to nest, one short and one long cycle before two of middle length. */
static const double LENGTH_COST = 0.03;
/* Being surely of a known kind outdoes any difference of size that is allowed. */
static const double KNOWN_GAIN = 3;

double dcl_pair_tolerance(const dcl_cycle_options *options, double larger) {
    return fmax(fmax(options->mismatch_w, 0.1), options->mismatch_share * larger);
}

/* The difference of the sizes as a share of the tolerance. A motor draws less once it runs: what the level drifted in
   between may be the load's own, within bounds, and counts less than a difference that nothing explains. */
static double size_misfit(const dcl_step *on, const dcl_step *off, double tolerance) {
    double a = dcl_step_size(&on->edge), b = dcl_step_size(&off->edge);
    double difference = b - a, drift = off->drift - on->drift;
    double most = difference > 0 ? fmin(drift, difference) : fmax(drift, difference);
    bool explains = (drift > 0) == (difference > 0);
    double explained = explains ? fmin(fabs(most), DRIFT_SHARE * a) : 0;
    return (fabs(difference) - explained + DRIFT_COST * explained) / tolerance;
}

double dcl_pair_cost(const dcl_cycle_options *options, const dcl_known *known, const dcl_step *on,
                     const dcl_step *off) {
    double hours = dcl_hours_between(on->edge.time_us, off->edge.time_us);
    double larger = fmax(dcl_step_size(&on->edge), dcl_step_size(&off->edge));
    double tolerance = dcl_pair_tolerance(options, larger);
    if (!(hours > 0) || hours > options->max_hours) return INFINITY;
    double misfit = size_misfit(on, off, tolerance);
    bool returns = fabs((double)off->edge.after - (double)on->edge.before) <= options->mismatch_w;
    double reactive = fabs((double)on->edge.delta_var + (double)off->edge.delta_var);
    if (reactive > 0) misfit += REACTIVE_COST * reactive / tolerance; /* NaN compares false: not known */
    if (returns) misfit -= RETURN_GAIN;
    if (misfit > 1) return INFINITY;
    double cost = misfit + LENGTH_COST * dcl_log(1 + 60 * hours);
    if (known) cost -= KNOWN_GAIN * dcl_known_likeness(known, &on->edge, &off->edge);
    return cost;
}
