/* The same hours on the days before: what a target's span drew then. */
#ifndef DCL_FORECAST_PAST_H
#define DCL_FORECAST_PAST_H

#include "forecast/features.h"

/**
 * W; NaN where less than half of the span was measured or nothing is known.
 * same [28]    the target's span 1 … 28 days before, in civil time
 * wide [28]    with an hour more on both sides
 * sorted [n]   what is there of `same`
 * alike [28]   whether that day is of the target's kind: a day at work or not
 */
typedef struct dcl_fc_past {
    double same[DCL_FC_PAST_DAYS], wide[DCL_FC_PAST_DAYS];
    bool alike[DCL_FC_PAST_DAYS];
    float sorted[DCL_FC_PAST_DAYS];
    size_t n;
} dcl_fc_past;

void dcl_fc_past_take(const dcl_fc_view *view, const dcl_fc_target *target, dcl_fc_past *out);
/** Of the last `days` of `same` or `wide`. */
double dcl_fc_past_mean(const double *days_w, int days);
/** Weights that fade by a factor a day. */
double dcl_fc_past_fading(const double *days_w, double factor);
double dcl_fc_past_spread(const dcl_fc_past *past, int days);
double dcl_fc_past_quantile(const dcl_fc_past *past, double q);
double dcl_fc_past_weeks(const dcl_fc_past *past, int weeks);
double dcl_fc_past_kind(const dcl_fc_past *past);
/** Mean over `days` days of the span moved by some slots, back or on. */
double dcl_fc_past_around(const dcl_fc_view *view, const dcl_fc_target *target, int64_t slots, bool back,
                          int days);

#endif
