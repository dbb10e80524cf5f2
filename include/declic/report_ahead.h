/**
 * Ahead: what was expected of the last day with readings, beside what came, and what is expected of the 24 hours after them.
 *
 * A model forecasts where one is given and its history is there. Else a plain rule does: the mean of the same half hour of the last
 * seven days, with a band from the rule's own errors on the four weeks before (split conformal prediction), so that a home that
 * can hardly be foretold has a wide one. What was known at the moment of a forecast is all that it looks at.
 *
 * Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, "Distribution-free predictive inference for regression", JASA 113(523), 2018.
 */
#ifndef DECLIC_REPORT_AHEAD_H
#define DECLIC_REPORT_AHEAD_H

#include <declic/base.h>

/** Who forecasts: id, name in JSON. */
#define DCL_AHEAD_FROM_TABLE(X)                                                                              \
    X(NOBODY, "nobody")                                                                                      \
    X(RULE, "rule")                                                                                          \
    X(MODEL, "model")

/** Why nobody does, or why the rule does in place of a model: id, name in JSON. */
#define DCL_AHEAD_WHY_TABLE(X)                                                                               \
    X(NONE, "none")                                                                                          \
    X(TOO_SHORT, "too_short")     /* fewer than 21 whole days before the last one */                         \
    X(TOO_COARSE, "too_coarse")   /* steps above an hour */                                                  \
    X(GAPS, "gaps")               /* too little is known of the last days */                                 \
    X(MODEL_SHORT, "model_short") /* the rule: the model needs more history, or readings of the last day */

typedef enum dcl_ahead_from {
#define DCL_X(id, name) DCL_AHEAD_FROM_##id,
    DCL_AHEAD_FROM_TABLE(DCL_X)
#undef DCL_X
        DCL_AHEAD_FROM_COUNT
} dcl_ahead_from;

typedef enum dcl_ahead_why {
#define DCL_X(id, name) DCL_AHEAD_WHY_##id,
    DCL_AHEAD_WHY_TABLE(DCL_X)
#undef DCL_X
        DCL_AHEAD_WHY_COUNT
} dcl_ahead_why;

/** Names in JSON; NULL for a number that is none. */
const char *dcl_ahead_from_name(dcl_ahead_from from);
const char *dcl_ahead_why_name(dcl_ahead_why why);

/** What a forecast says of a day or of 24 hours, kWh; low and high contain 8 cases of 10; NaN = not told. */
typedef struct dcl_ahead_energy {
    double kwh, low_kwh, high_kwh;
} dcl_ahead_energy;

/**
 * Two forecasts in a row, in half hours from start_us on: one made at start_us, the civil midnight before the last day with six hours
 * of readings at least, and one made at issued_us, the end of the readings or of that day, over the 24 hours after it.
 *
 * n                       half hours, of which n_first are of the first forecast; 0 where from is NOBODY
 * mean_w, low_w, high_w   expected, and what 8 values of 10 lie between, W; NaN = not told
 * came_w                  read; NaN = missing, or not yet
 * compared, inside        half hours of the first forecast that came, and those of them within the band
 * day, next               of the whole first day, and of the 24 hours after issued_us;  came_kwh  of that day as far as it was read
 * day_over                the day was read to its end
 * learned_later           the model learned from readings after start_us, perhaps these: what came is then no test of it
 * days                    days of errors that the rule's band rests on; 0 of a model
 */
typedef struct dcl_report_ahead {
    dcl_ahead_from from;
    dcl_ahead_why why;
    int64_t start_us, issued_us, end_us;
    size_t n, n_first;
    float *mean_w, *low_w, *high_w, *came_w;
    int compared, inside, days;
    dcl_ahead_energy day, next;
    double came_kwh;
    bool day_over, learned_later;
} dcl_report_ahead;

#endif
