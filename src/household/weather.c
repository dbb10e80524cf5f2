/* Daily mean temperatures, as homes are told by. */
#include <math.h>
#include <stdlib.h>

#include <declic/household_cluster.h>

#include "base/status.h"

/* A day is known by a quarter of the hours that the fullest one has. */
dcl_status dcl_weather_days(const dcl_context *context, const dcl_weather *weather, dcl_arena *arena,
                            dcl_day_weather *out, dcl_error *error) {
    int64_t end_us = weather->start_us + (int64_t)weather->n * DCL_HOUR_US;
    *out = (dcl_day_weather){0};
    if (!weather->n || !context->zone) return dcl_fail(error, DCL_E_ARG, "no weather, or no zone");
    out->first_day = dcl_zone_day(context->zone, weather->start_us);
    out->n = (size_t)(dcl_zone_day(context->zone, end_us - 1) - out->first_day + 1);
    float *mean = dcl_arena_alloc(arena, out->n, sizeof *mean);
    double *sum = calloc(2 * out->n, sizeof *sum), *count = sum + out->n, most = 0;
    if (!mean || !sum) {
        free(sum);
        return dcl_fail_memory(error, "the weather");
    }
    for (size_t h = 0; h < weather->n; h++) {
        int64_t at_us = weather->start_us + (int64_t)h * DCL_HOUR_US;
        size_t day = (size_t)(dcl_zone_day(context->zone, at_us) - out->first_day);
        if (isnan(weather->temperature_c[h])) continue;
        sum[day] += (double)weather->temperature_c[h];
        most = fmax(most, ++count[day]);
    }
    for (size_t d = 0; d < out->n; d++)
        mean[d] = count[d] > 0 && 4 * count[d] >= most ? (float)(sum[d] / count[d]) : NAN;
    out->mean_c = mean;
    free(sum);
    return DCL_OK;
}
