/* Sums of errors, and a home's part of a backtest. */
#ifndef DCL_FORECAST_BACKTEST_H
#define DCL_FORECAST_BACKTEST_H

#include "forecast/roll.h"

/** Errors of one forecaster, summed. */
typedef struct dcl_fc_sums {
    uint64_t n;
    double off, off_mean, square, pinball, truth, inside, width;
} dcl_fc_sums;

void dcl_fc_add(dcl_fc_sums *sums, float truth, const float quantile[DCL_FORECAST_QUANTILES], float mean);
void dcl_fc_add_all(dcl_fc_sums *to, const dcl_fc_sums *from);
/** scale = the denominator of MASE; points = forecasts without quantiles. */
dcl_forecast_measure dcl_fc_measure(const dcl_fc_sums *sums, double scale, bool is_point);
/** The mean absolute difference between targets of the horizon before a slot and the same a day earlier, W; NaN = none known. */
double dcl_fc_naive_scale(const dcl_fc_grid *grid, dcl_horizon horizon, size_t before);

/** Rows and sums of a home; rows malloc'd. */
typedef struct dcl_fc_tested {
    dcl_backtest_row *row;
    size_t n, room, issues, fallbacks;
    int64_t from_us, to_us;
    double scale;
    dcl_fc_sums by[DCL_FORECASTER_COUNT];
} dcl_fc_tested;

/** Backtests a home. Errors: those of the learning; a home without an issue is none. */
dcl_status dcl_fc_test_home(const dcl_context *context, const dcl_forecast_model *model,
                            const dcl_forecast_home *home, const dcl_backtest_options *options,
                            bool keep_rows, dcl_fc_tested *out, dcl_error *error);

#endif
