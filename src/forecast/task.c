/* Horizons: names, grids, spans, and what a model needs to know before it can be asked. */
#include "forecast/task.h"

#include <string.h>

#include "base/names.h"

DCL_DEFINE_TEXT(dcl_horizon_name(dcl_horizon id), DCL_HORIZON_COUNT, DCL_HORIZON_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_horizon_title(dcl_horizon id), DCL_HORIZON_COUNT, DCL_HORIZON_TABLE, DCL_THIRD_OF_3)
DCL_DEFINE_TEXT(dcl_fallback_name(dcl_fallback id), DCL_FALLBACK_COUNT, DCL_FALLBACK_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_fallback_text(dcl_fallback id), DCL_FALLBACK_COUNT, DCL_FALLBACK_TABLE, DCL_THIRD_OF_3)

dcl_horizon dcl_horizon_find(const char *name) {
    for (int i = 0; i < DCL_HORIZON_COUNT; i++)
        if (strcmp(name, dcl_horizon_name((dcl_horizon)i)) == 0) return (dcl_horizon)i;
    return DCL_HORIZON_COUNT;
}

dcl_status dcl_fc_period(dcl_horizon horizon, const dcl_series *power, int64_t *period_us, dcl_error *error) {
    static const int64_t seconds[DCL_HORIZON_COUNT][4] = {[DCL_HORIZON_10S] = {10},
                                                          [DCL_HORIZON_MINUTE] = {60},
                                                          [DCL_HORIZON_HOUR] = {600, 1800, 3600},
                                                          [DCL_HORIZON_DAY] = {1800, 3600},
                                                          [DCL_HORIZON_TODAY] = {1800, 3600}};
    int64_t step_us = dcl_series_step_us(power);
    for (const int64_t *s = seconds[horizon]; *s; s++) {
        *period_us = *s * DCL_SECOND_US;
        if (*period_us >= step_us && *period_us % power->period_us == 0) return DCL_OK;
    }
    return dcl_fail(error, DCL_E_ARG,
                    "values every %lld s are too far apart for %s: one every %lld s or less is needed",
                    (long long)(step_us / DCL_SECOND_US), dcl_horizon_title(horizon),
                    (long long)(*period_us / DCL_SECOND_US));
}

size_t dcl_fc_targets(const dcl_fc_grid *grid, dcl_horizon horizon, size_t issue,
                      dcl_fc_target target[DCL_FORECAST_STEPS]) {
    size_t steps = horizon == DCL_HORIZON_DAY ? grid->per_day : 1, length = 1;
    if (horizon == DCL_HORIZON_HOUR) length = grid->per_hour;
    if (horizon == DCL_HORIZON_TODAY) length = dcl_fc_next_midnight(grid, issue) - issue;
    if (issue + steps * length >= grid->n_all || steps > DCL_FORECAST_STEPS) return 0;
    for (size_t i = 0; i < steps; i++)
        target[i] = (dcl_fc_target){issue, issue + i * length, issue + (i + 1) * length};
    return steps;
}

float dcl_fc_actual(const dcl_fc_grid *grid, const dcl_fc_target *target) {
    if (target->to > grid->n) return NAN;
    uint32_t count = grid->count[target->to] - grid->count[target->from];
    if (10 * (size_t)count < 9 * (target->to - target->from)) return NAN;
    return (float)((grid->sum[target->to] - grid->sum[target->from]) / count);
}

int dcl_fc_level_days(dcl_horizon horizon, size_t homes) {
    return dcl_fc_is_fine(horizon) ? DCL_FC_LEVEL_FINE : homes == 1 ? DCL_FC_LEVEL_ONE : DCL_FC_LEVEL_MANY;
}

void dcl_fc_needs(dcl_horizon horizon, double *history_days, double *target_days) {
    *history_days = dcl_fc_is_fine(horizon) ? 0.25 : 7;
    *target_days = dcl_fc_is_fine(horizon) ? 1 : horizon == DCL_HORIZON_HOUR ? 14 : 21;
}

/* The first slot that has a value; n where none has. */
static size_t first_value(const dcl_fc_grid *grid) {
    size_t low = 0, high = grid->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (grid->count[middle + 1])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

dcl_fallback dcl_fc_ready(const dcl_fc_grid *grid, dcl_horizon horizon, size_t issue) {
    double history, targets;
    dcl_fc_needs(horizon, &history, &targets);
    dcl_fc_view view = {grid, issue < grid->n ? issue : grid->n};
    if ((double)issue < (double)first_value(grid) + history * (double)grid->per_day ||
        isnan(dcl_fc_level(&view, horizon, DCL_FC_LEVEL_MANY)))
        return DCL_FALLBACK_SHORT_HISTORY;
    int64_t now = (int64_t)issue, day = (int64_t)grid->per_day;
    return isnan(dcl_fc_mean_of_some(&view, now - day, now, 1)) ? DCL_FALLBACK_NO_RECENT : DCL_FALLBACK_NONE;
}

size_t dcl_fc_slot_of_minute(const dcl_fc_grid *grid, size_t midnight, int minute) {
    int64_t day = dcl_fc_day_of(grid, midnight);
    size_t about = midnight + (size_t)(minute * DCL_MINUTE_US / grid->period_us);
    size_t from = about > midnight + 2 * grid->per_hour + 2 ? about - 2 * grid->per_hour - 2 : midnight;
    for (size_t i = from; i < grid->n_all && i <= about + 2 * grid->per_hour + 2; i++)
        if (dcl_fc_day_of(grid, i) == day && dcl_fc_minute_of(grid, i) >= minute)
            return dcl_fc_minute_of(grid, i) == minute ? i : SIZE_MAX;
    return SIZE_MAX;
}
