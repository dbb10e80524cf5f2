/**
 * Report: how good forecasts of the past were, as a page for the analyst.
 */
#ifndef DECLIC_REPORT_BACKTEST_H
#define DECLIC_REPORT_BACKTEST_H

#include <declic/forecast.h>
#include <declic/report.h>

enum { DCL_BACKTEST_SLOTS = 48, DCL_BACKTEST_RECENT = 336 };

/**
 * What the page needs beyond the measures, taken row by row. Start from dcl_backtest_tally_begin(). Sums are integers, so the
 * order in which homes come plays no part.
 * error_mw, seasonal_mw  sums of |truth - p50| and |truth - the day before|, mW (of totals mWh), by civil half hour of the interval,
 *                        of totals by that of the issue; over the rows that know both
 * below                  truths at or below each quantile, of `known`
 * recent                 the last rows of the home `example`, a ring; `taken` of them came
 */
typedef struct dcl_backtest_tally {
    const dcl_zone *zone;
    const char *example;
    bool is_total; /* the horizon is `today`: kWh of a day */
    uint64_t n[DCL_BACKTEST_SLOTS], known, below[DCL_FORECAST_QUANTILES];
    int64_t error_mw[DCL_BACKTEST_SLOTS], seasonal_mw[DCL_BACKTEST_SLOTS];
    dcl_backtest_row recent[DCL_BACKTEST_RECENT];
    size_t taken;
} dcl_backtest_tally;

/** zone: of half hours; example: the home whose last forecasts are drawn. Both must outlive the tally. */
dcl_backtest_tally dcl_backtest_tally_begin(const dcl_zone *zone, const char *example, dcl_horizon horizon);
/** Takes the rows of a home: to be called by what dcl_backtest_run() calls. */
void dcl_backtest_tally_add(dcl_backtest_tally *tally, const char *home, const dcl_backtest_row *row,
                            size_t n);

/**
 * What the page is made of, all of one backtest.
 * home [n_homes]  as given to dcl_backtest_run(); names only are looked at
 * each [n_homes]  their measures
 */
typedef struct dcl_backtest_report {
    dcl_horizon horizon;
    const dcl_backtest *all, *each;
    const dcl_forecast_home *home;
    size_t n_homes;
    const dcl_backtest_tally *tally;
} dcl_backtest_report;

/**
 * The page: one HTML document, UTF-8, of the family of dcl_clusters_html(). Homes are on it by their ids, up to 500 of them.
 *
 * *html [*n] lives in the arena, NUL-terminated.
 * Errors:  DCL_E_ARG an unknown language; DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_backtest_html(const dcl_context *context, const dcl_backtest_report *report, dcl_lang lang,
                             dcl_arena *arena, const char **html, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
