/* One forecast: a roll through the days before it, whose end is told. */
#include <string.h>

#include "forecast/roll.h"

dcl_forecast_options dcl_forecast_options_defaults(void) {
    return (dcl_forecast_options){.horizon = DCL_HORIZON_DAY, .correct_days = 28};
}

/* A model that was learned from one home has seen that home's past: what it says of it is no forecast. */
static int64_t first_honest(const dcl_forecast_model *model) {
    int64_t from = INT64_MIN;
    for (size_t m = 0; model && m < model->n; m++)
        if (model->about[m].homes == 1 && model->about[m].to_us > from) from = model->about[m].to_us;
    return from;
}

/* The issues before a slot at which the same would have been asked: at the same time of earlier days, or every hour, or slot. */
static size_t step_back(const dcl_fc_grid *grid, dcl_horizon horizon, size_t slot, size_t steps) {
    size_t back = dcl_fc_is_fine(horizon) ? steps : steps * grid->per_hour;
    if (dcl_fc_is_daily(horizon)) back = (size_t)dcl_fc_days_back(grid, slot, (int)steps);
    return back <= slot ? slot - back : SIZE_MAX;
}

static dcl_status warm_up(dcl_fc_roll *roll, size_t slot, int64_t honest_us, int days, dcl_error *error) {
    size_t steps = dcl_fc_is_daily(roll->horizon) ? (size_t)days : (size_t)days * 24;
    if (steps > DCL_FC_RECORDS) steps = DCL_FC_RECORDS;
    dcl_status status = DCL_OK;
    for (; !status && steps > 0; steps--) {
        size_t at = step_back(roll->grid, roll->horizon, slot, steps);
        dcl_fc_served served;
        if (at == SIZE_MAX || dcl_fc_slot_us(roll->grid, at) < honest_us ||
            dcl_fc_ready(roll->grid, roll->horizon, at) != DCL_FALLBACK_NONE)
            continue;
        status = dcl_fc_roll_issue(roll, at, &served, error);
    }
    return status;
}

/* The last three days against the three weeks before: another level when it is beyond both 1.5 times and what days differ by. */
static bool level_changed(const dcl_fc_grid *grid, size_t slot) {
    dcl_fc_view view = {grid, slot < grid->n ? slot : grid->n};
    int64_t now = (int64_t)view.known, day = (int64_t)grid->per_day;
    double late = dcl_fc_mean(&view, now - 3 * day, now),
           before = dcl_fc_mean(&view, now - 24 * day, now - 3 * day);
    double square = 0;
    int n = 0;
    for (int d = 3; d < 24; d++) {
        double mean = dcl_fc_mean(&view, now - (d + 1) * day, now - d * day);
        if (!isnan(mean)) square += (mean - before) * (mean - before), n++;
    }
    if (n < 7 || isnan(late) || isnan(before)) return false;
    double apart = fabs(late - before), usual = sqrt(square / n);
    return (late > 1.5 * before || 1.5 * late < before) && apart > 2 * usual;
}

static void tell(const dcl_fc_roll *roll, const dcl_fc_served *served, size_t slot, dcl_forecast *out) {
    const dcl_fc_grid *grid = roll->grid;
    *out = (dcl_forecast){.issued_us = dcl_fc_slot_us(grid, slot),
                          .n = served->n,
                          .fallback = served->fallback,
                          .level_changed = !dcl_fc_is_fine(roll->horizon) && level_changed(grid, slot)};
    memcpy(out->lead, served->lead, sizeof out->lead);
    for (size_t i = 0; i < served->n; i++) {
        const dcl_fc_target *target = &served->target[i];
        dcl_forecast_point *point = &out->point[i];
        point->start_us = dcl_fc_slot_us(grid, dcl_fc_whole_from(grid, roll->horizon, target));
        point->end_us = dcl_fc_slot_us(grid, target->to);
        point->mean = dcl_fc_whole(grid, roll->horizon, target, served->answer[i][DCL_FC_MEAN]);
        for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
            point->quantile[q] = dcl_fc_whole(grid, roll->horizon, target, served->answer[i][q]);
    }
}

dcl_status dcl_forecast_make(const dcl_context *context, const dcl_forecast_model *model,
                             const dcl_forecast_home *home, int64_t at_us,
                             const dcl_forecast_options *options, dcl_forecast *out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_fc_grid grid;
    dcl_fc_roll roll = {0};
    dcl_fc_served served;
    int64_t period_us = model ? model->period_us : options->period_us;
    dcl_status status = DCL_OK;
    if (!model && !period_us) status = dcl_fc_period(options->horizon, home->power, &period_us, error);
    if (!status)
        status = dcl_fc_grid_make(context, home, period_us, options->off_peak, options->colours, &arena,
                                  &grid, error);
    size_t slot = 0;
    if (!status) {
        slot = at_us == INT64_MAX ? grid.n : dcl_fc_slot_at(&grid, at_us);
        if (slot < grid.n_all && slot > 0 && dcl_fc_slot_us(&grid, slot) > at_us) slot--;
        if (slot > grid.n + grid.per_day)
            status = dcl_fail(error, DCL_E_NO_DATA, "nothing was measured in the day before this moment");
        if (!slot) status = dcl_fail(error, DCL_E_NO_DATA, "nothing was measured before this moment");
    }
    if (!status)
        status = dcl_fc_roll_begin(context, model, &grid, home->id, options, 0, NULL, &arena, &roll, error);
    if (!status && model && options->correct_days > 0)
        status = warm_up(&roll, slot, first_honest(model), options->correct_days, error);
    if (!status) status = dcl_fc_roll_issue(&roll, slot, &served, error);
    if (!status) tell(&roll, &served, slot, out);
    dcl_fc_roll_end(&roll);
    dcl_arena_free(&arena);
    return status;
}
