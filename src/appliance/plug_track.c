/* A plug's power on the meter's grid, by its own clock put right. */
#include <math.h>
#include <stdlib.h>

#include "appliance/plug.h"
#include "base/status.h"

dcl_status dcl_plug_track_of(const dcl_series *series, dcl_plug_track *out, dcl_error *error) {
    *out = (dcl_plug_track){.start_us = series->start_us, .period_us = series->period_us, .n = series->n};
    out->sum = calloc(series->n + 1, sizeof *out->sum);
    out->there = calloc(series->n + 1, sizeof *out->there);
    if (!out->sum || !out->there) {
        dcl_plug_track_free(out);
        return dcl_fail_memory(error, "the power of a plug");
    }
    for (size_t i = 0; i < series->n; i++) {
        bool known = !isnan(series->value[i]);
        out->sum[i + 1] = out->sum[i] + (known ? (double)series->value[i] : 0);
        out->there[i + 1] = out->there[i] + known;
    }
    return DCL_OK;
}

void dcl_plug_track_free(dcl_plug_track *track) {
    free(track->sum), free(track->there);
    *track = (dcl_plug_track){0};
}

/* A running sum between its slots' ends. */
static double sum_to(const double *sum, size_t n, double slot) {
    if (!(slot > 0)) return 0;
    if (slot >= (double)n) return sum[n];
    size_t i = (size_t)slot;
    return sum[i] + (slot - (double)i) * (sum[i + 1] - sum[i]);
}

double dcl_plug_track_mean(const dcl_plug_track *track, double from_us, double to_us) {
    double from = from_us / (double)track->period_us, to = to_us / (double)track->period_us;
    double there = sum_to(track->there, track->n, to) - sum_to(track->there, track->n, from);
    if (!(there >= (to - from) / 2)) return NAN;
    return (sum_to(track->sum, track->n, to) - sum_to(track->sum, track->n, from)) / there;
}

/* The plug's clock at a moment of the meter's; of a drift's square (1e-8) nothing is left to see. */
static double plug_clock(const dcl_plug_track *track, const dcl_plug_fit *fit, int64_t time_us) {
    double since_middle = (double)(time_us - fit->middle_us) - fit->offset_s * 1e6;
    return (double)(time_us - track->start_us) - fit->offset_s * 1e6 - fit->drift_ppm * 1e-6 * since_middle;
}

double dcl_plug_mean_at(const dcl_plug_track *track, const dcl_plug_fit *fit, int64_t time_us,
                        int64_t length_us) {
    double from_us = plug_clock(track, fit, time_us);
    return dcl_plug_track_mean(track, from_us, from_us + (double)length_us);
}

const dcl_series *dcl_plug_lead(const dcl_home *meter) {
    const dcl_series *lead = dcl_home_series(meter, DCL_POWER_W);
    return lead ? lead : dcl_home_series(meter, DCL_APPARENT_VA);
}

dcl_status dcl_plug_resample(const dcl_home *meter, const dcl_home *plug, const dcl_plug_fit *fit,
                             dcl_arena *arena, dcl_series *out, dcl_error *error) {
    const dcl_series *lead = dcl_plug_lead(meter), *power = dcl_home_series(plug, DCL_POWER_W);
    dcl_plug_track track;
    if (!lead || !power) return dcl_fail(error, DCL_E_NO_DATA, "no power to put on a common grid");
    dcl_status status = dcl_plug_track_of(power, &track, error);
    if (status) return status;
    *out = (dcl_series){.channel = DCL_POWER_W,
                        .start_us = lead->start_us,
                        .period_us = lead->period_us,
                        .reading_us = power->reading_us,
                        .n = lead->n,
                        .value = dcl_arena_alloc(arena, lead->n, sizeof *out->value)};
    if (!out->value) status = dcl_fail_memory(error, "the power of a plug");
    for (size_t i = 0; !status && i < lead->n; i++)
        out->value[i] = (float)dcl_plug_mean_at(&track, fit, lead->start_us + (int64_t)i * lead->period_us,
                                                lead->period_us);
    dcl_plug_track_free(&track);
    return status;
}
