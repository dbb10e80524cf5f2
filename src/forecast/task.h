/* What a horizon asks for: its grid, when forecasts are made, and of what spans. */
#ifndef DCL_FORECAST_TASK_H
#define DCL_FORECAST_TASK_H

#include "forecast/features.h"

static inline bool dcl_fc_is_fine(dcl_horizon horizon) {
    return horizon == DCL_HORIZON_10S || horizon == DCL_HORIZON_MINUTE;
}
/** Horizons that are issued once a civil day, at one time of it, as far as what is put right goes. */
static inline bool dcl_fc_is_daily(dcl_horizon horizon) {
    return horizon == DCL_HORIZON_DAY || horizon == DCL_HORIZON_TODAY;
}

/** The grid of a horizon for a home: the finest that its values fill. Errors: DCL_E_ARG they are too far apart. */
dcl_status dcl_fc_period(dcl_horizon horizon, const dcl_series *power, int64_t *period_us, dcl_error *error);

/** The spans to forecast at an issue, in order; at most DCL_FORECAST_STEPS. Returns how many: 0 where they pass the grid's end. */
size_t dcl_fc_targets(const dcl_fc_grid *grid, dcl_horizon horizon, size_t issue,
                      dcl_fc_target target[DCL_FORECAST_STEPS]);

/** How many days the level of a model of so many homes is the mean of. */
int dcl_fc_level_days(dcl_horizon horizon, size_t homes);

/** What came true, W; NaN where less than nine tenths of the span was measured. */
float dcl_fc_actual(const dcl_fc_grid *grid, const dcl_fc_target *target);

/** NONE where a model can be served at an issue, else why not. */
dcl_fallback dcl_fc_ready(const dcl_fc_grid *grid, dcl_horizon horizon, size_t issue);

/** How many days of history there must be before the first target, and how many days of targets to learn from. */
void dcl_fc_needs(dcl_horizon horizon, double *history_days, double *target_days);

/** The slot of a civil minute of the day of `slot`; SIZE_MAX where the clock never shows it or the grid ends. */
size_t dcl_fc_slot_of_minute(const dcl_fc_grid *grid, size_t midnight, int minute);

#endif
