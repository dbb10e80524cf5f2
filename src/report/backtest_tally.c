#include <declic/report_backtest.h>

#include <math.h>
#include <string.h>

/* Errors by time of day and by quantile, and the last forecasts of one home. */

dcl_backtest_tally dcl_backtest_tally_begin(const dcl_zone *zone, const char *example, dcl_horizon horizon) {
    return (dcl_backtest_tally){.zone = zone, .example = example, .is_total = horizon == DCL_HORIZON_TODAY};
}

/* mW of a mean; of a total of hours mWh. */
static int64_t thousandths(const dcl_backtest_tally *tally, const dcl_forecast_point *point, double power_w) {
    double hours = tally->is_total ? (double)(point->end_us - point->start_us) / (double)DCL_HOUR_US : 1;
    return (int64_t)llround(power_w * hours * 1000);
}

static void add_row(dcl_backtest_tally *tally, const dcl_backtest_row *row) {
    const dcl_forecast_point *point = &row->point;
    double actual = (double)row->actual, seasonal = (double)row->baseline[DCL_FORECASTER_SEASONAL];
    dcl_civil civil = dcl_zone_civil(tally->zone, tally->is_total ? row->issued_us : point->start_us);
    size_t slot = (size_t)(civil.hour * 2 + civil.minute / 30);
    if (!isfinite(actual)) return;
    tally->known++;
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) tally->below[q] += row->actual <= point->quantile[q];
    if (!isfinite(seasonal) || slot >= DCL_BACKTEST_SLOTS) return;
    tally->n[slot]++;
    tally->error_mw[slot] += thousandths(tally, point, fabs(actual - (double)point->quantile[4]));
    tally->seasonal_mw[slot] += thousandths(tally, point, fabs(actual - seasonal));
}

void dcl_backtest_tally_add(dcl_backtest_tally *tally, const char *home, const dcl_backtest_row *row,
                            size_t n) {
    bool drawn = tally->example && strcmp(home, tally->example) == 0;
    for (size_t i = 0; i < n; i++) {
        add_row(tally, &row[i]);
        if (drawn) tally->recent[tally->taken++ % DCL_BACKTEST_RECENT] = row[i];
    }
}
