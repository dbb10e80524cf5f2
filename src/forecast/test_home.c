/* A home's part of a backtest: issues in order of time, what would have been served at each, and what came true. */
#include <stdlib.h>
#include <string.h>

#include "forecast/backtest.h"

typedef struct test {
    const dcl_backtest_options *options;
    dcl_horizon horizon;
    const dcl_fc_grid *grid;
    size_t first, last; /* forecasts that count are issued in [first, last) */
    bool keep_rows;
    dcl_fc_tested *out;
} test;

/* ---------------------------------------------------------------- what came true */

static dcl_backtest_row *next_row(dcl_fc_tested *out) {
    if (dcl_grow(&out->row, &out->room, out->n + 1, sizeof *out->row)) return NULL;
    return &out->row[out->n++];
}

/* In kWh where the total of a day is told. */
static float in_unit(const test *t, const dcl_backtest_row *row, float power_w) {
    if (t->horizon != DCL_HORIZON_TODAY) return power_w;
    return (float)((double)power_w * (double)(row->point.end_us - row->point.start_us) / 3.6e12);
}

static void add_row(const test *t, const dcl_backtest_row *row) {
    float quantile[DCL_FORECAST_QUANTILES], truth = in_unit(t, row, row->actual);
    if (isnan(truth)) return;
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
        bool is_model = f == DCL_FORECASTER_MODEL;
        for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
            quantile[q] = in_unit(t, row, is_model ? row->point.quantile[q] : row->baseline[f]);
        float mean = is_model ? in_unit(t, row, row->point.mean) : quantile[0];
        if (!isnan(mean)) dcl_fc_add(&t->out->by[f], truth, quantile, mean);
    }
}

static void fill_row(const test *t, const dcl_fc_served *served, size_t i, dcl_backtest_row *row) {
    const dcl_fc_grid *grid = t->grid;
    const dcl_fc_target *target = &served->target[i];
    float actual = dcl_fc_actual(grid, target);
    row->issued_us = dcl_fc_slot_us(grid, target->issue);
    row->served_baseline = served->fallback != DCL_FALLBACK_NONE;
    row->point.start_us = dcl_fc_slot_us(grid, dcl_fc_whole_from(grid, t->horizon, target));
    row->point.end_us = dcl_fc_slot_us(grid, target->to);
    row->actual = isnan(actual) ? NAN : dcl_fc_whole(grid, t->horizon, target, actual);
    row->point.mean = dcl_fc_whole(grid, t->horizon, target, served->answer[i][DCL_FC_MEAN]);
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
        row->point.quantile[q] = dcl_fc_whole(grid, t->horizon, target, served->answer[i][q]);
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
        float w = dcl_fc_baseline(grid, t->horizon, target, (dcl_forecaster)f);
        row->baseline[f] = isnan(w) ? NAN : dcl_fc_whole(grid, t->horizon, target, w);
    }
    row->baseline[DCL_FORECASTER_MODEL] = row->point.quantile[DCL_FORECAST_QUANTILES / 2];
}

static dcl_status keep(const test *t, const dcl_fc_served *served, dcl_error *error) {
    dcl_fc_tested *out = t->out;
    out->issues++;
    out->fallbacks += served->fallback != DCL_FALLBACK_NONE;
    for (size_t i = 0; i < served->n; i++) {
        dcl_backtest_row here, *row = t->keep_rows ? next_row(out) : &here;
        if (!row) return dcl_fail_memory(error, "the rows of a backtest");
        fill_row(t, served, i, row);
        add_row(t, row);
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- issues */

/* Rolls over the issues at one civil minute of each day, or at every so many slots; those before `first` are a warm-up. */
static dcl_status roll_over(const test *t, dcl_fc_roll *roll, const size_t *issue, size_t n,
                            dcl_error *error) {
    dcl_status status = DCL_OK;
    dcl_fc_served served;
    for (size_t i = 0; !status && i < n; i++) {
        if (dcl_cancelled(roll->context)) return DCL_E_CANCELLED;
        bool counts = issue[i] >= t->first;
        if (!counts && dcl_fc_ready(t->grid, t->horizon, issue[i]) != DCL_FALLBACK_NONE) continue;
        status = dcl_fc_roll_issue(roll, issue[i], &served, error);
        if (status == DCL_E_NO_DATA)
            status = DCL_OK; /* nothing known yet: no forecast */
        else if (!status && counts)
            status = keep(t, &served, error);
    }
    return status;
}

/* The issues of a civil minute, a day each. */
static size_t daily_issues(const test *t, int minute, size_t from, size_t *out) {
    size_t n = 0;
    for (size_t midnight = dcl_fc_midnight(t->grid, from); midnight < t->last;
         midnight = dcl_fc_next_midnight(t->grid, midnight)) {
        size_t at = dcl_fc_slot_of_minute(t->grid, midnight, minute);
        if (at != SIZE_MAX && at >= from && at < t->last) out[n++] = at;
    }
    return n;
}

static dcl_status roll_times(const dcl_context *context, const dcl_forecast_model *model, const char *id,
                             const test *t, size_t warm, dcl_error *error) {
    const dcl_backtest_options *o = t->options;
    size_t from = t->first > warm ? t->first - warm : 0, n = 0;
    size_t *issue = malloc((t->last - from + 1) * sizeof *issue);
    if (!issue) return dcl_fail_memory(error, "the issues of a backtest");
    dcl_status status = DCL_OK;
    bool daily = dcl_fc_is_daily(t->horizon);
    int64_t every = o->every_us                      ? o->every_us
                    : daily                          ? DCL_DAY_US
                    : t->horizon == DCL_HORIZON_HOUR ? DCL_HOUR_US
                                                     : t->grid->period_us;
    size_t step = (size_t)(every / t->grid->period_us);
    if (step < 1) step = 1;
    int minutes = (int)(every / DCL_MINUTE_US);
    for (int minute = o->issue_min; !status && minute<1440; minute += minutes> 0 ? minutes : 1440) {
        dcl_arena arena = {0};
        dcl_fc_roll roll = {0};
        if (daily) n = daily_issues(t, minute, from, issue);
        for (size_t at = from + (step - from % step) % step; !daily && at < t->last; at += step)
            issue[n++] = at;
        status = dcl_fc_roll_begin(context, model, t->grid, id, &o->forecast, o->refit_days, &o->learn,
                                   &arena, &roll, error);
        if (!status) status = roll_over(t, &roll, issue, n, error);
        dcl_fc_roll_end(&roll);
        dcl_arena_free(&arena);
        if (!daily) break;
    }
    free(issue);
    return status;
}

static int by_issue(const void *a, const void *b) {
    const dcl_backtest_row *x = a, *y = b;
    if (x->issued_us != y->issued_us) return x->issued_us < y->issued_us ? -1 : 1;
    return x->point.start_us < y->point.start_us ? -1 : x->point.start_us > y->point.start_us;
}

/* The first issue at which a model can be served, or later where the options say so. */
static size_t first_issue(const test *t, const dcl_forecast_model *model) {
    size_t at = dcl_fc_slot_at(t->grid, t->options->from_us);
    if (t->options->from_us != INT64_MIN) return at;
    for (size_t m = 0; model && m < model->n; m++) { /* what one home taught is no test of it */
        size_t learned = model->about[m].homes == 1 ? dcl_fc_slot_at(t->grid, model->about[m].to_us) : 0;
        if (learned > at) at = learned;
    }
    while (at < t->last && dcl_fc_ready(t->grid, t->horizon, at) == DCL_FALLBACK_SHORT_HISTORY) at++;
    return at;
}

dcl_status dcl_fc_test_home(const dcl_context *context, const dcl_forecast_model *model,
                            const dcl_forecast_home *home, const dcl_backtest_options *options,
                            bool keep_rows, dcl_fc_tested *out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_fc_grid grid;
    const dcl_forecast_options *o = &options->forecast;
    int64_t period_us = model ? model->period_us : o->period_us;
    *out = (dcl_fc_tested){.scale = (double)NAN};
    dcl_status status = DCL_OK;
    if (!period_us)
        status = dcl_fc_period(model ? model->horizon : o->horizon, home->power, &period_us, error);
    if (!status)
        status = dcl_fc_grid_make(context, home, period_us, o->off_peak, o->colours, &arena, &grid, error);
    if (!status) {
        test t = {options, model ? model->horizon : o->horizon, &grid, 0, 0, keep_rows, out};
        t.last = dcl_fc_slot_at(&grid, options->to_us);
        if (t.last > grid.n) t.last = grid.n;
        t.first = first_issue(&t, model);
        out->scale = dcl_fc_naive_scale(&grid, t.horizon, t.first);
        if (t.horizon == DCL_HORIZON_TODAY) out->scale *= 24e-3;
        out->from_us = dcl_fc_slot_us(&grid, t.first);
        out->to_us = dcl_fc_slot_us(&grid, t.last);
        size_t warm = (size_t)(o->correct_days > 0 ? o->correct_days + 1 : 0) * grid.per_day;
        if (dcl_fc_is_fine(t.horizon) && warm > DCL_FC_RECORDS) warm = DCL_FC_RECORDS;
        if (t.first < t.last) status = roll_times(context, model, home->id, &t, warm, error);
        if (out->n) qsort(out->row, out->n, sizeof *out->row, by_issue);
    }
    dcl_arena_free(&arena);
    return status == DCL_E_NO_DATA ? DCL_OK : status;
}
