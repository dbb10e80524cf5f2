/* Plain forecasts: what models are held against, and what is served where there can be none. */
#ifndef DCL_FORECAST_BASELINE_H
#define DCL_FORECAST_BASELINE_H

#include "forecast/model.h"

/** What a baseline says of a target, W; NaN where what it looks at was not measured. MODEL says NaN. */
float dcl_fc_baseline(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target,
                      dcl_forecaster forecaster);

/** The baseline that is served: the best that the history allows, its quantiles those of the same hours or of the last days.
 *  Errors: DCL_E_NO_DATA nothing at all is known before the issue. */
dcl_status dcl_fc_serve_baseline(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target,
                                 float out[DCL_FC_ANSWERS], dcl_error *error);

/** Of `today`: the mean over the whole civil day where the rest of it draws `rest_w`; other horizons: rest_w itself. */
float dcl_fc_whole(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target, float rest_w);
/** Where what is told of a target begins: of `today` the civil day. */
size_t dcl_fc_whole_from(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target);

#endif
