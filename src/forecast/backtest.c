/* Backtests of many homes: some at a time in parallel, rows given in the order of homes. */
#include "forecast/backtest.h"

#include <stdlib.h>

#include "base/parallel.h"

dcl_backtest_options dcl_backtest_defaults(void) {
    return (dcl_backtest_options){.forecast = dcl_forecast_options_defaults(),
                                  .from_us = INT64_MIN,
                                  .to_us = INT64_MAX,
                                  .learn = dcl_forecast_learn_defaults()};
}

enum { BLOCK = 64 };

typedef struct block {
    const dcl_context *context;
    const dcl_forecast_model *model;
    const dcl_forecast_home *homes; /* of this block */
    const dcl_backtest_options *options;
    bool keep_rows;
    dcl_fc_tested tested[BLOCK];
    dcl_error error[BLOCK];
} block;

static dcl_status test_one(void *arg, size_t i) {
    block *b = arg;
    return dcl_fc_test_home(b->context, b->model, &b->homes[i], b->options, b->keep_rows, &b->tested[i],
                            &b->error[i]);
}

/* Sums over homes; MASE is the mean of what each home has. */
typedef struct total {
    dcl_fc_sums by[DCL_FORECASTER_COUNT];
    double mase[DCL_FORECASTER_COUNT], scale;
    size_t n_mase[DCL_FORECASTER_COUNT], n_scale;
} total;

static void tell(const dcl_fc_tested *tested, dcl_backtest *out) {
    *out = (dcl_backtest){.homes = 1,
                          .issues = tested->issues,
                          .fallbacks = tested->fallbacks,
                          .from_us = tested->from_us,
                          .to_us = tested->to_us,
                          .scale = tested->scale};
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++)
        out->by[f] = dcl_fc_measure(&tested->by[f], tested->scale, f != DCL_FORECASTER_MODEL);
}

static void add_home(total *all, const dcl_backtest *home, const dcl_fc_tested *tested, dcl_backtest *out) {
    if (!home->issues) return;
    if (!out->homes || home->from_us < out->from_us) out->from_us = home->from_us;
    if (!out->homes || home->to_us > out->to_us) out->to_us = home->to_us;
    out->homes++;
    out->issues += home->issues;
    out->fallbacks += home->fallbacks;
    if (home->scale > 0) all->scale += home->scale, all->n_scale++;
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
        dcl_fc_add_all(&all->by[f], &tested->by[f]);
        if (isnan(home->by[f].mase)) continue;
        all->mase[f] += home->by[f].mase;
        all->n_mase[f]++;
    }
}

static dcl_status run_block(block *b, size_t n, dcl_backtest_fn take, void *arg, total *all,
                            dcl_backtest *out, dcl_backtest *each, dcl_error *error) {
    for (size_t i = 0; i < n; i++) {
        b->tested[i] = (dcl_fc_tested){0};
        b->error[i] = (dcl_error){0};
    }
    /* What is learned anew uses all threads itself, and must not depend on how many homes are done at a time. */
    dcl_context alone = *b->context;
    if (b->options->refit_days > 0) alone.threads = 1;
    dcl_status status = dcl_parallel_for(&alone, n, test_one, b);
    for (size_t i = 0; status && i < n; i++)
        if (b->error[i].code == status && error) {
            *error = b->error[i];
            break;
        }
    for (size_t i = 0; i < n; i++) {
        dcl_backtest home;
        tell(&b->tested[i], &home);
        add_home(all, &home, &b->tested[i], out);
        if (each) each[i] = home;
        if (!status && take && b->tested[i].n)
            status = take(arg, b->homes[i].id, b->tested[i].row, b->tested[i].n, error);
        free(b->tested[i].row);
    }
    return status;
}

dcl_status dcl_backtest_run(const dcl_context *context, const dcl_forecast_model *model,
                            const dcl_forecast_home *homes, size_t n, const dcl_backtest_options *options,
                            dcl_backtest_fn take, void *arg, dcl_backtest *out, dcl_backtest *each,
                            dcl_error *error) {
    total all = {0};
    *out = (dcl_backtest){.scale = (double)NAN};
    if (options->issue_min < 0 || options->issue_min >= 1440)
        return dcl_fail(error, DCL_E_ARG, "a backtest issues at minute 0 to 1439 of the day");
    if (options->every_us < 0 || options->refit_days < 0)
        return dcl_fail(error, DCL_E_ARG,
                        "a backtest goes forward: no time below 0 between two issues or trainings");
    block *b = malloc(sizeof *b);
    if (!b) return dcl_fail_memory(error, "a backtest");
    *b = (block){.context = context, .model = model, .options = options, .keep_rows = take != NULL};
    dcl_status status = DCL_OK;
    for (size_t first = 0; !status && first < n; first += BLOCK) {
        size_t some = n - first < BLOCK ? n - first : BLOCK;
        b->homes = homes + first;
        status = run_block(b, some, take, arg, &all, out, each ? each + first : NULL, error);
        if (context->progress) context->progress(context->progress_arg, "backtest", "homes", first + some, n);
    }
    free(b);
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
        out->by[f] = dcl_fc_measure(&all.by[f], 0, f != DCL_FORECASTER_MODEL);
        if (all.n_mase[f]) out->by[f].mase = all.mase[f] / (double)all.n_mase[f];
    }
    if (all.n_scale) out->scale = all.scale / (double)all.n_scale;
    if (!status && !out->issues)
        status = dcl_fail(error, DCL_E_NO_DATA,
                          "no forecast could be made in that span: the history is too short");
    return status;
}
