/* How good forecasts were. */
#include "forecast/backtest.h"

void dcl_fc_add(dcl_fc_sums *sums, float truth, const float quantile[DCL_FORECAST_QUANTILES], float mean) {
    double y = (double)truth, m = (double)mean;
    sums->n++;
    sums->off += fabs(y - (double)quantile[DCL_FORECAST_QUANTILES / 2]);
    sums->off_mean += fabs(y - m);
    sums->square += (y - m) * (y - m);
    sums->truth += fabs(y);
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) {
        double d = y - (double)quantile[q];
        sums->pinball += d * (dcl_fc_level_of(q) - (d < 0));
    }
    sums->inside += truth >= quantile[0] && truth <= quantile[DCL_FORECAST_QUANTILES - 1];
    sums->width += (double)(quantile[DCL_FORECAST_QUANTILES - 1] - quantile[0]);
}

void dcl_fc_add_all(dcl_fc_sums *to, const dcl_fc_sums *from) {
    to->n += from->n;
    double *const sum[] = {&to->off,   &to->off_mean, &to->square, &to->pinball,
                           &to->truth, &to->inside,   &to->width};
    const double more[] = {from->off,   from->off_mean, from->square, from->pinball,
                           from->truth, from->inside,   from->width};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) *sum[i] += more[i];
}

dcl_forecast_measure dcl_fc_measure(const dcl_fc_sums *sums, double scale, bool is_point) {
    double n = (double)sums->n, none = (double)NAN;
    if (!sums->n) return (dcl_forecast_measure){0, none, none, none, none, none, none, none, none};
    return (dcl_forecast_measure){
        .n = sums->n,
        .mae = sums->off / n,
        .mae_mean = sums->off_mean / n,
        .rmse = sqrt(sums->square / n),
        .mase = scale > 0 ? sums->off / n / scale : none,
        .pinball = sums->pinball / n / DCL_FORECAST_QUANTILES,
        .wql = sums->truth > 0 ? 2 * sums->pinball / sums->truth / DCL_FORECAST_QUANTILES : none,
        .coverage = is_point ? none : sums->inside / n,
        .width = is_point ? none : sums->width / n};
}

double dcl_fc_naive_scale(const dcl_fc_grid *grid, dcl_horizon horizon, size_t before) {
    size_t length = horizon == DCL_HORIZON_HOUR    ? grid->per_hour
                    : horizon == DCL_HORIZON_TODAY ? grid->per_day
                                                   : 1;
    double sum = 0;
    uint64_t n = 0;
    if (before > grid->n) before = grid->n;
    size_t first = horizon == DCL_HORIZON_TODAY ? dcl_fc_next_midnight(grid, 0) : 0;
    for (size_t at = first; at + length <= before; at += length) {
        dcl_fc_target now = {at, at, at + length};
        int64_t back = dcl_fc_days_back(grid, at, 1);
        if ((int64_t)at < back) continue;
        size_t then = at - (size_t)back;
        dcl_fc_target earlier = {then, then, then + length};
        double d = (double)dcl_fc_actual(grid, &now) - (double)dcl_fc_actual(grid, &earlier);
        if (isnan(d)) continue;
        sum += fabs(d);
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}
