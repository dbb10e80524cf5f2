/* Rows to learn from: issues of the past and what came true. */
#ifndef DCL_FORECAST_SAMPLES_H
#define DCL_FORECAST_SAMPLES_H

#include "forecast/task.h"

/**
 * x [n × k], anchor, level, y, weight, held [n]; malloc'd
 * y       what came true over the level, less the anchor
 * held    1 = kept back to calibrate by: every sixth week of a home
 * from_us, to_us  of the targets
 */
typedef struct dcl_fc_rows {
    float *x, *anchor, *level, *y, *weight;
    uint8_t *held;
    size_t n, room, k;
    int64_t from_us, to_us;
} dcl_fc_rows;

void dcl_fc_rows_free(dcl_fc_rows *rows);

/**
 * Gathers rows of homes, at most options->rows, drawn by the context's seed; in the order of homes, then time.
 * Errors: DCL_E_NO_DATA with what lacks; those of dcl_fc_grid_make(); DCL_E_MEMORY.
 */
dcl_status dcl_fc_gather(const dcl_context *context, const dcl_forecast_home *homes, size_t n,
                         int64_t period_us, const dcl_forecast_learn_options *options, dcl_fc_rows *out,
                         dcl_error *error);
/** The same of one grid, of which the slots before `known` are taken. */
dcl_status dcl_fc_gather_grid(const dcl_context *context, const dcl_fc_grid *grid, size_t known,
                              const char *id, const dcl_forecast_learn_options *options, dcl_fc_rows *out,
                              dcl_error *error);

#endif
