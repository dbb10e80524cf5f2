/* The room's own: the pieces that dcl_report_make() puts together, and what all of them use. */
#ifndef DCL_REPORT_REPORT_H
#define DCL_REPORT_REPORT_H

#include "base/text.h"
#include <declic/report.h>

/** What covers a stretch of a series: time with samples, the integral over it, the extremes. */
typedef struct dcl_cover {
    int64_t covered_us;
    double energy_wh;
    float low, high; /* NaN when nothing is covered */
} dcl_cover;

/** Samples that reach over an end of [from_us, to_us) count with the part inside. */
dcl_cover dcl_cover_of(const dcl_series *series, int64_t from_us, int64_t to_us);
/** The mean over the covered time, W; NaN below `least` (0-1) of the stretch. */
double dcl_cover_mean(const dcl_cover *cover, int64_t from_us, int64_t to_us, double least);

/**
 * A report in the making: what it is made from, and where it goes.
 * power  the home's power_w, from the first reading to the last
 */
typedef struct dcl_draft {
    const dcl_context *context;
    const dcl_home *home;
    const dcl_report_options *options;
    const dcl_series *power;
    dcl_arena *arena;
    dcl_report *report;
    dcl_error *error;
} dcl_draft;

/* Each fills its part of the report, in the order in which they need each other. */

/* DCL_E_MEMORY, DCL_E_CANCELLED or DCL_OK, without a message. */
dcl_status dcl_report_measure_days(const dcl_draft *d) DCL_MUST_USE;
dcl_status dcl_report_measure_typical(const dcl_draft *d) DCL_MUST_USE;
dcl_status dcl_report_measure_floor(const dcl_draft *d) DCL_MUST_USE;
dcl_status dcl_report_measure_loads(const dcl_draft *d) DCL_MUST_USE;
dcl_status dcl_report_measure_peaks(const dcl_draft *d) DCL_MUST_USE;

/* Errors have a message. */

/** Months, tariffs, the price of what is always on, and the assumptions behind them. */
dcl_status dcl_report_price(const dcl_draft *d) DCL_MUST_USE;
/** Stretches of the load curve. After dcl_report_price(): each moment has its price class. */
dcl_status dcl_report_measure_curves(const dcl_draft *d) DCL_MUST_USE;
/** What a part of the span costs under the report's tariff; NaN where over 2 % of it has no price. After dcl_report_price(). */
dcl_status dcl_report_price_part(const dcl_draft *d, int64_t from_us, int64_t to_us, double *energy_eur,
                                 double *standing_eur) DCL_MUST_USE;
/** The last month and what changed. After dcl_report_price(). */
dcl_status dcl_report_look_back(const dcl_draft *d) DCL_MUST_USE;
/** What was expected and what comes next. */
dcl_status dcl_report_look_ahead(const dcl_draft *d) DCL_MUST_USE;
/** The home beside real homes of its cluster, where there are any. */
dcl_status dcl_report_look_beside(const dcl_draft *d) DCL_MUST_USE;
/** What could be saved: after all the others. */
dcl_status dcl_report_save(const dcl_draft *d) DCL_MUST_USE;

/** What stands under "similar". */
void dcl_similar_json(dcl_json_writer *json, const dcl_report *report);
/** What stands under "ahead". */
void dcl_ahead_json(dcl_json_writer *json, const dcl_report_ahead *ahead);
/** What stands under "recent". */
void dcl_recent_json(dcl_json_writer *json, const dcl_report_recent *recent);

/** True for Saturday and Sunday. */
static inline bool dcl_report_weekend(int64_t day) {
    return dcl_weekday(day) >= 5;
}

/** True for a day covered well enough to stand for a day: 80 %. */
static inline bool dcl_report_full(const dcl_report_day *day) {
    return (double)day->covered_us >= 0.8 * (double)(day->end_us - day->start_us);
}

#endif
