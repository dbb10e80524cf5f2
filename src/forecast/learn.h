/* Parts of learning that a backtest needs as well. */
#ifndef DCL_FORECAST_LEARN_H
#define DCL_FORECAST_LEARN_H

#include "forecast/model.h"
#include "forecast/samples.h"

/** Trains a member of a model from rows. hold: a first training holds rows back, to calibrate by. */
dcl_status dcl_fc_learn_member(const dcl_context *context, const dcl_fc_rows *rows,
                               const dcl_forecast_learn_options *options, bool hold, size_t homes,
                               dcl_forecast_model *model, size_t member, dcl_error *error);
/** An empty model; NULL without memory. */
dcl_forecast_model *dcl_fc_model_new(dcl_horizon horizon, int64_t period_us);
/** Adds copies of another model's members. */
dcl_status dcl_fc_copy_members(const dcl_forecast_model *from, dcl_forecast_model *to, dcl_error *error);

#endif
