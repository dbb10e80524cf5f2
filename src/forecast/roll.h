/* Forecasts of a home one after the other, as they would have been served: by a model, by what is learned anew on the way, put right
 * by the ones before. Serving one forecast is rolling through the days before it. */
#ifndef DCL_FORECAST_ROLL_H
#define DCL_FORECAST_ROLL_H

#include "forecast/baseline.h"
#include "forecast/correct.h"
#include "forecast/learn.h"

/** What was served at an issue. answer [n] W, of `today` of the rest of the day. */
typedef struct dcl_fc_served {
    size_t n;
    dcl_fc_target target[DCL_FORECAST_STEPS];
    float answer[DCL_FORECAST_STEPS][DCL_FC_ANSWERS];
    dcl_fallback fallback;
    float lead[DCL_FORECAST_MEMBERS];
} dcl_fc_served;

typedef struct dcl_fc_roll {
    const dcl_context *context;
    const dcl_forecast_model *model; /* NULL = none */
    const dcl_fc_grid *grid;
    const char *id;
    dcl_horizon horizon;
    int correct_days;
    size_t refit_slots, next_fit; /* 0 = never learned anew */
    dcl_forecast_learn_options learn;
    dcl_forecast_model *own; /* what was learned anew last; NULL = not yet */
    size_t members;
    dcl_fc_memory memory;
    dcl_fc_open open;
    size_t open_at;
    float *row; /* scratch */
    float (*answer)[DCL_FC_ANSWERS];
} dcl_fc_roll;

/**
 * refit_days  0 = never; `learn` is then not looked at
 * Errors: DCL_E_ARG a grid other than the model's, or more members than there is room for; DCL_E_MEMORY.
 */
dcl_status dcl_fc_roll_begin(const dcl_context *context, const dcl_forecast_model *model,
                             const dcl_fc_grid *grid, const char *id, const dcl_forecast_options *options,
                             int32_t refit_days, const dcl_forecast_learn_options *learn, dcl_arena *arena,
                             dcl_fc_roll *out, dcl_error *error);
/** The forecast at a slot; slots rise from call to call. Errors: DCL_E_NO_DATA nothing known before; of the learning. */
dcl_status dcl_fc_roll_issue(dcl_fc_roll *roll, size_t slot, dcl_fc_served *out, dcl_error *error);
void dcl_fc_roll_end(dcl_fc_roll *roll);

#endif
