/* A home on one grid, as integers, with its steps and cycles. */
#include <math.h>

#include "appliance/power.h"

static const dcl_channel channel_of[DCL_WINDOW_CHANNELS] = {DCL_POWER_W, DCL_REACTIVE_VAR, DCL_APPARENT_VA};

static bool same_grid(const dcl_series *a, const dcl_series *b) {
    return a->period_us == b->period_us && (a->start_us - b->start_us) % a->period_us == 0;
}

/* The samples of a series on the scene's grid. */
static dcl_status take_levels(const dcl_power_scene *scene, const dcl_series *series, dcl_arena *arena,
                              int32_t **out, dcl_error *error) {
    *out = dcl_arena_alloc(arena, scene->n, sizeof **out);
    if (!*out) return dcl_fail_memory(error, "the levels of a home");
    int64_t shift = (scene->start_us - series->start_us) / series->period_us;
    for (size_t i = 0; i < scene->n; i++) {
        int64_t at = (int64_t)i + shift;
        bool inside = at >= 0 && at < (int64_t)series->n;
        (*out)[i] = inside ? dcl_edge_quantise(series->value[at]) : DCL_MISSING_I32;
    }
    return DCL_OK;
}

/* What is fed into the network is drawn power below 0. */
static dcl_status take_export(dcl_power_scene *scene, const dcl_home *home, dcl_arena *arena,
                              dcl_error *error) {
    const dcl_series *fed = dcl_home_series(home, DCL_EXPORT_W), *lead = dcl_home_series(home, DCL_POWER_W);
    int32_t *level;
    if (!fed || !lead || !same_grid(fed, lead)) return DCL_OK;
    dcl_status status = take_levels(scene, fed, arena, &level, error);
    for (size_t i = 0; !status && i < scene->n; i++)
        if (level[i] != DCL_MISSING_I32 && scene->level[0][i] != DCL_MISSING_I32)
            scene->level[0][i] -= level[i];
    return status;
}

/*
 * Readings too far apart for the grid they were spread on show no step of it: a half hour on a grid of a minute is thirty
 * equal values, and what was learned of minutes would be guessed. A meter's telegrams take some seconds.
 */
static dcl_status check_readings(const dcl_series *lead, dcl_error *error) {
    const int64_t telegrams_us = 5 * DCL_SECOND_US, step_us = dcl_series_step_us(lead);
    if (step_us <= 2 * lead->period_us || step_us <= telegrams_us) return DCL_OK;
    return dcl_fail(
        error, DCL_E_ARG,
        "the home's readings come every %lld s, too far apart for values every %lld s: it takes a "
        "model for every %lld s",
        (long long)(step_us / DCL_SECOND_US), (long long)(lead->period_us / DCL_SECOND_US),
        (long long)(step_us / DCL_SECOND_US));
}

dcl_status dcl_power_scene_of(const dcl_context *context, const dcl_home *home, dcl_arena *arena,
                              dcl_power_scene *out, dcl_error *error) {
    const dcl_series *lead = dcl_home_series(home, DCL_POWER_W);
    *out = (dcl_power_scene){.apparent_leads = !lead, .zone = context->zone};
    if (!lead) lead = dcl_home_series(home, DCL_APPARENT_VA);
    if (!lead || !lead->n)
        return dcl_fail(error, DCL_E_NO_DATA,
                        "the home has neither active nor apparent power: nothing to share out");
    dcl_status status = check_readings(lead, error);
    if (status) return status;
    out->start_us = lead->start_us;
    out->period_us = lead->period_us;
    out->n = lead->n;
    status = take_levels(out, lead, arena, &out->level[DCL_WINDOW_LEAD], error);
    if (!status) status = take_export(out, home, arena, error);
    for (size_t c = 1; !status && c < DCL_WINDOW_CHANNELS; c++) {
        const dcl_series *series = dcl_home_series(home, channel_of[c]);
        if (series && series != lead && same_grid(series, lead))
            status = take_levels(out, series, arena, &out->level[c], error);
    }
    return status;
}

static float *floats_of(const int32_t *level, size_t n, dcl_arena *arena) {
    float *value = level ? dcl_arena_alloc(arena, n, sizeof *value) : NULL;
    for (size_t i = 0; value && i < n; i++)
        value[i] = level[i] == DCL_MISSING_I32 ? NAN : (float)level[i] / 10;
    return value;
}

dcl_status dcl_power_scene_events(const dcl_context *context, dcl_power_scene *scene, dcl_arena *arena,
                                  dcl_error *error) {
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_series series[2] = {{.channel = scene->apparent_leads ? DCL_APPARENT_VA : DCL_POWER_W},
                            {.channel = DCL_REACTIVE_VAR}};
    size_t n = 0;
    for (size_t c = 0; c < 2; c++) {
        if (!scene->level[c]) continue;
        series[n].start_us = scene->start_us;
        series[n].period_us = scene->period_us;
        series[n].n = scene->n;
        series[n].value = floats_of(scene->level[c], scene->n, arena);
        if (!series[n++].value) return dcl_fail_memory(error, "the levels of a home");
    }
    dcl_home home = {.series = series, .n_series = n};
    dcl_status status = dcl_edges_find(context, &home, &options.edge, arena, &scene->steps, error);
    if (!status)
        status = dcl_cycles_find(context, &home, &options, &scene->steps, arena, &scene->cycles, error);
    if (status) return status;
    scene->period_s = dcl_arena_alloc(arena, scene->cycles.n, sizeof *scene->period_s);
    scene->group_w = dcl_arena_alloc(arena, scene->cycles.n, sizeof *scene->group_w);
    if (!scene->period_s || !scene->group_w) return dcl_fail_memory(error, "the cycles of a home");
    for (size_t c = 0; c < scene->cycles.n; c++) {
        uint32_t group = scene->cycles.cycle[c].group;
        scene->period_s[c] = group ? scene->cycles.recurrence[group - 1].period_s : NAN;
        scene->group_w[c] = group ? scene->cycles.recurrence[group - 1].mean_w : NAN;
    }
    return DCL_OK;
}

dcl_window_source dcl_power_scene_source(const dcl_power_scene *scene) {
    return (dcl_window_source){.start_us = scene->start_us,
                               .period_us = scene->period_us,
                               .n = scene->n,
                               .level = {scene->level[0], scene->level[1], scene->level[2]},
                               .step = scene->steps.edge,
                               .n_steps = scene->steps.n,
                               .cycle = scene->cycles.cycle,
                               .period_s = scene->period_s,
                               .group_w = scene->group_w,
                               .n_cycles = scene->cycles.n,
                               .compressor = {scene->compressor[0], scene->compressor[1],
                                              scene->compressor[2], scene->compressor[3]},
                               .zone = scene->zone};
}
