/* Rolling through a home's time. */
#include "forecast/roll.h"

#include <string.h>

/* How many forecasts are remembered: a day each, else as many as a correction looks at. */
static size_t records_of(dcl_horizon horizon, int days) {
    if (days <= 0) return 0;
    if (dcl_fc_is_daily(horizon)) return (size_t)days + 2;
    size_t hours = (size_t)days * 24 + 2;
    return dcl_fc_is_fine(horizon) || hours > DCL_FC_RECORDS ? DCL_FC_RECORDS : hours;
}

dcl_status dcl_fc_roll_begin(const dcl_context *context, const dcl_forecast_model *model,
                             const dcl_fc_grid *grid, const char *id, const dcl_forecast_options *options,
                             int32_t refit_days, const dcl_forecast_learn_options *learn, dcl_arena *arena,
                             dcl_fc_roll *out, dcl_error *error) {
    dcl_horizon horizon = model ? model->horizon : options->horizon;
    *out = (dcl_fc_roll){.context = context,
                         .model = model,
                         .grid = grid,
                         .id = id,
                         .horizon = horizon,
                         .correct_days = options->correct_days,
                         .members = (model ? model->n : 0) + (refit_days > 0)};
    if (model && grid->period_us != model->period_us)
        return dcl_fail(error, DCL_E_ARG,
                        "the model looks at a value every %lld s, the home is on another grid",
                        (long long)(model->period_us / DCL_SECOND_US));
    if (out->members > DCL_FORECAST_MEMBERS)
        return dcl_fail(error, DCL_E_ARG, "the model holds %zu trainings: no room for one more", model->n);
    if (refit_days > 0) {
        out->refit_slots = (size_t)refit_days * grid->per_day;
        out->learn = *learn;
        out->learn.horizon = horizon;
    }
    size_t k;
    dcl_fc_features(horizon, &k);
    dcl_fc_open_begin(&out->open);
    size_t targets = horizon == DCL_HORIZON_DAY ? DCL_FORECAST_STEPS : 1;
    out->row = dcl_arena_alloc(arena, targets * k, sizeof *out->row);
    out->answer = dcl_arena_alloc(arena, targets * (out->members + 1), sizeof *out->answer);
    if (!out->row || !out->answer) return dcl_fail_memory(error, "a forecast");
    return dcl_fc_memory_make(out->members ? records_of(horizon, options->correct_days) : 0, targets,
                              out->members, arena, &out->memory, error);
}

void dcl_fc_roll_end(dcl_fc_roll *roll) {
    dcl_forecast_close(&roll->own);
}

/* Learns from what is known at a slot; with too little, what was learned before stays. */
static dcl_status refit(dcl_fc_roll *roll, size_t slot, dcl_error *error) {
    if (!roll->refit_slots || slot < roll->next_fit) return DCL_OK;
    dcl_fc_rows rows;
    roll->next_fit = slot + roll->refit_slots;
    dcl_status status =
        dcl_fc_gather_grid(roll->context, roll->grid, slot, roll->id, &roll->learn, &rows, error);
    if (status == DCL_E_NO_DATA) return DCL_OK;
    if (status) return status;
    dcl_forecast_model *own = dcl_fc_model_new(roll->horizon, roll->grid->period_us);
    if (!own) status = dcl_fail_memory(error, "the model");
    if (!status) status = dcl_fc_learn_member(roll->context, &rows, &roll->learn, false, 1, own, 0, error);
    dcl_fc_rows_free(&rows);
    if (!status) {
        own->n = 1;
        dcl_forecast_close(&roll->own);
        roll->own = own;
    } else {
        dcl_forecast_close(&own);
    }
    return status;
}

static const dcl_fc_open *follow(dcl_fc_roll *roll, size_t slot) {
    if (!dcl_fc_is_fine(roll->horizon)) return NULL;
    for (; roll->open_at < slot && roll->open_at < roll->grid->n; roll->open_at++)
        dcl_fc_open_next(&roll->open, roll->open_at, roll->grid->value[roll->open_at]);
    return &roll->open;
}

/* Rows of an issue as a member wants them: measured by the level that it was taught with. */
static void fill_rows(dcl_fc_roll *roll, const dcl_fc_issue *issue, const dcl_fc_target *target, size_t n,
                      float *anchor) {
    size_t k;
    dcl_fc_features(roll->horizon, &k);
    for (size_t i = 0; i < n; i++)
        dcl_fc_fill(issue, roll->horizon, &target[i], roll->row + i * k, &anchor[i]);
}

/* What each member says: [members][n]. One that was not learned yet says what the first one does. */
static void ask(dcl_fc_roll *roll, size_t slot, const dcl_fc_target *target, size_t n) {
    size_t of_model = roll->model ? roll->model->n : 0;
    float anchor[DCL_FORECAST_STEPS];
    int filled = 0;
    dcl_fc_issue issue;
    for (size_t m = 0; m < of_model + (roll->own != NULL); m++) {
        const dcl_forecast_model *model = m < of_model ? roll->model : roll->own;
        size_t member = m < of_model ? m : 0;
        int days = dcl_fc_level_days(roll->horizon, model->about[member].homes);
        if (days != filled) {
            dcl_fc_issue_at(roll->grid, roll->horizon, days, slot, follow(roll, slot), &issue);
            fill_rows(roll, &issue, target, n, anchor);
        }
        filled = days;
        dcl_fc_answer(model, member, roll->row, anchor, n, (float)issue.level, true, roll->answer + m * n);
    }
    if (!roll->own && roll->refit_slots && of_model)
        memcpy(roll->answer + of_model * n, roll->answer, n * sizeof *roll->answer);
}

static dcl_status serve_baseline(const dcl_fc_roll *roll, dcl_fc_served *out, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < out->n; i++)
        status = dcl_fc_serve_baseline(roll->grid, roll->horizon, &out->target[i], out->answer[i], error);
    return status;
}

/* Records that are half believed: a week of days; fewer of hours than of seconds, which are alike (bench/forecasts.md). */
static double enough_of(dcl_horizon horizon) {
    return dcl_fc_is_daily(horizon) ? 7 : horizon == DCL_HORIZON_HOUR ? 42 : 168;
}

/* Seconds ahead the last value is hard to beat: there the medians are measured by it. */
static float plain_of(const dcl_fc_roll *roll, const dcl_fc_target *target) {
    if (!dcl_fc_is_fine(roll->horizon)) return NAN;
    return dcl_fc_baseline(roll->grid, roll->horizon, target, DCL_FORECASTER_PERSISTENCE);
}

dcl_status dcl_fc_roll_issue(dcl_fc_roll *roll, size_t slot, dcl_fc_served *out, dcl_error *error) {
    dcl_status status = refit(roll, slot, error);
    if (status) return status;
    out->n = dcl_fc_targets(roll->grid, roll->horizon, slot, out->target);
    out->fallback = dcl_fc_ready(roll->grid, roll->horizon, slot);
    if (!roll->model && !roll->own) out->fallback = DCL_FALLBACK_NO_MODEL;
    memset(out->lead, 0, sizeof out->lead);
    if (!out->n) return dcl_fail(error, DCL_E_ARG, "the moment is beyond the calendar of the home");
    if (out->fallback != DCL_FALLBACK_NONE) return serve_baseline(roll, out, error);
    dcl_fc_view view = {roll->grid, slot < roll->grid->n ? slot : roll->grid->n};
    float level = (float)dcl_fc_level(&view, roll->horizon, dcl_fc_level_days(roll->horizon, 2));
    ask(roll, slot, out->target, out->n);
    for (size_t m = 0; m < roll->members; m++) out->lead[m] = 1.0F / (float)roll->members;
    const float(*answer)[DCL_FC_ANSWERS] = (const float(*)[DCL_FC_ANSWERS])roll->answer;
    int64_t since = dcl_fc_slot_us(roll->grid, slot) - (int64_t)(roll->correct_days + 1) * DCL_DAY_US;
    float plain = plain_of(roll, out->target);
    dcl_fc_correct(&roll->memory, slot, since, enough_of(roll->horizon), answer, out->n, level, plain,
                   out->lead, out->answer);
    dcl_fc_remember(&roll->memory, roll->grid, out->target, out->n, level, plain, answer);
    return DCL_OK;
}
