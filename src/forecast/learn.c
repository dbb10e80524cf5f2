/* Learning: rows, a training to calibrate by, and the training that is kept. */
#include "forecast/learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/order.h"
#include "learn/booster.h"

dcl_forecast_learn_options dcl_forecast_learn_defaults(void) {
    return (dcl_forecast_learn_options){
        .horizon = DCL_HORIZON_DAY, .from_us = INT64_MIN, .to_us = INT64_MAX, .rows = 300000};
}

static dcl_status check(const dcl_forecast_learn_options *o, dcl_error *error) {
    const char *wrong = (unsigned)o->horizon >= DCL_HORIZON_COUNT ? "no such horizon"
                        : o->rows < 200 || o->rows > 20000000     ? "200 to 20,000,000 rows can be asked for"
                        : o->rounds < 0 || o->rounds > 10000      ? "at most 10,000 rounds"
                        : o->depth < 0 || o->depth > 15           ? "trees of at most 15 levels"
                        : !(o->half_life_days >= 0)               ? "a half-life below 0"
                        : o->from_us >= o->to_us                  ? "the span ends before it begins"
                                                                  : NULL;
    return wrong ? dcl_fail(error, DCL_E_ARG, "learning a forecast: %s", wrong) : DCL_OK;
}

/* ---------------------------------------------------------------- one training */

/*
 * How large trees and leaves may be. The rows of one home are fewer than they look: those of a day's total share its end, those of a
 * day ahead are of hours that other issues aim at as well, so that a leaf needs more of them to hold several days. It needs no more than
 * the rows of four, or what has changed for some days would find no leaf of its own.
 */
static void set_size(dcl_horizon horizon, const dcl_fc_rows *rows, size_t homes,
                     dcl_booster_options *training) {
    size_t n = rows->n;
    bool is_small = n < 60000;
    training->depth = is_small ? 6 : 7;
    training->rate = is_small ? 0.04 : 0.08;
    training->leaf_weight = n < 15000 ? 40 : 100;
    training->rounds = dcl_fc_is_fine(horizon) ? 100 : 250;
    if (homes > 1) return;
    double days = (double)(rows->to_us - rows->from_us) / (double)DCL_DAY_US, four = 4 * (double)n / days;
    if (dcl_fc_is_daily(horizon)) {
        training->depth = n < 20000 || horizon == DCL_HORIZON_TODAY ? 4 : 5;
        training->leaf_weight = 400;
    }
    if (horizon == DCL_HORIZON_TODAY) training->rounds = 150;
    if (horizon == DCL_HORIZON_DAY && training->leaf_weight > four) training->leaf_weight = four;
    if (training->leaf_weight > (double)n / 8) training->leaf_weight = (double)n / 8;
}

/* Chosen on the first parts of Sceaux and of London (bench/forecasts.md). */
static void set_training(const dcl_forecast_learn_options *o, const dcl_fc_rows *rows, size_t homes,
                         size_t answer, dcl_booster_options *training) {
    bool is_mean = answer == DCL_FC_MEAN;
    *training = dcl_booster_defaults();
    set_size(o->horizon, rows, homes, training);
    if (o->rounds) training->rounds = o->rounds;
    if (o->depth) training->depth = o->depth;
    training->loss = is_mean ? DCL_BOOSTER_HUBER : DCL_BOOSTER_PINBALL;
    training->quantile = is_mean ? 0.5 : dcl_fc_level_of(answer);
    training->huber_slope =
        0.5; /* squares would follow the targets' tails; the calibration adds what is lost */
    if (is_mean) training->leaf_weight /= 5; /* rows beyond the slope weigh less than one */
    training->row_share = 0.7;
    training->feature_share = 0.4;
    training->bins = 64;
}

/* Targets of the quantiles: logarithms, less that of the anchor. */
static float *logarithms(const dcl_fc_rows *rows, float offset) {
    float *y = malloc(rows->n * sizeof *y);
    for (size_t i = 0; y && i < rows->n; i++) {
        double truth = (double)rows->y[i] + (double)rows->anchor[i];
        y[i] = (float)(dcl_log((truth > 0 ? truth : 0) + (double)offset) -
                       dcl_log((double)rows->anchor[i] + (double)offset));
    }
    return y;
}

static dcl_status train(const dcl_context *context, const dcl_fc_rows *rows,
                        const dcl_forecast_learn_options *options, bool hold, size_t homes, dcl_arena *arena,
                        dcl_forest forest[DCL_FC_ANSWERS], size_t *trees, dcl_error *error) {
    dcl_booster_data data = {.x = rows->x,
                             .y = rows->y,
                             .weight = rows->weight,
                             .held = hold ? rows->held : NULL,
                             .n = rows->n,
                             .k = rows->k};
    dcl_booster_options training[DCL_FC_ANSWERS];
    dcl_booster_model trained[DCL_FC_ANSWERS];
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) set_training(options, rows, homes, a, &training[a]);
    float *log_y = logarithms(rows, DCL_FC_OFFSET);
    data.y_pinball = log_y;
    dcl_status status = log_y
                            ? dcl_booster_train_all(context, &data, training, DCL_FC_ANSWERS, trained, error)
                            : dcl_fail_memory(error, "the rows to learn from");
    free(log_y);
    if (status) return status;
    *trees = 0;
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
        if (!status)
            status = dcl_forest_from_json(trained[a].json, trained[a].length, arena, &forest[a], error);
        *trees += (size_t)trained[a].trees;
        free(trained[a].json);
    }
    return status;
}

/* ---------------------------------------------------------------- calibration */

/* Split conformal prediction (Papadopoulos et al. 2002; for quantiles Romano, Patterson and Candès 2019): what must be added
 * to each quantile, in widths of the forecast, so that the share of the targets held back that lie below it is its level. */
static dcl_status calibrate(dcl_forecast_model *model, size_t member, const dcl_fc_rows *rows,
                            dcl_error *error) {
    size_t held = 0, at = 0;
    for (size_t i = 0; i < rows->n; i++) held += rows->held[i];
    dcl_forecast_member *about = &model->about[member];
    about->pinball = about->coverage = (double)NAN;
    if (held < 100) return DCL_OK;
    float *off = malloc(held * DCL_FC_ANSWERS * sizeof *off);
    if (!off) return dcl_fail_memory(error, "what was held back");
    double pinball = 0, inside = 0, sum = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (!rows->held[i]) continue;
        float answer[1][DCL_FC_ANSWERS];
        dcl_fc_answer(model, member, rows->x + i * rows->k, &rows->anchor[i], 1, rows->level[i], false,
                      answer);
        float truth = (rows->y[i] + rows->anchor[i]) * rows->level[i];
        float width = dcl_fc_width(answer[0], rows->level[i]);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
            off[a * held + at] = (truth - answer[0][a]) / width;
            double d = (double)(truth - answer[0][a]) / (double)rows->level[i];
            if (a == DCL_FC_MEAN)
                sum += (double)off[a * held + at];
            else
                pinball += d * (dcl_fc_level_of(a) - (d < 0));
        }
        inside += truth >= answer[0][0] && truth <= answer[0][DCL_FORECAST_QUANTILES - 1];
        at++;
    }
    about->pinball = pinball / (double)held / DCL_FORECAST_QUANTILES;
    about->coverage = inside / (double)held;
    for (size_t a = 0; a < DCL_FORECAST_QUANTILES; a++) {
        dcl_sort_f32(off + a * held, held);
        model->member[member].shift[a] = (float)dcl_quantile_f32(off + a * held, held, dcl_fc_level_of(a));
    }
    model->member[member].shift[DCL_FC_MEAN] = (float)(sum / (double)held);
    free(off);
    return DCL_OK;
}

/* ---------------------------------------------------------------- the model */

dcl_status dcl_fc_learn_member(const dcl_context *context, const dcl_fc_rows *rows,
                               const dcl_forecast_learn_options *options, bool hold, size_t homes,
                               dcl_forecast_model *model, size_t member, dcl_error *error) {
    dcl_fc_member *m = &model->member[member];
    dcl_forecast_member *about = &model->about[member];
    *about = (dcl_forecast_member){.homes = homes,
                                   .rows = rows->n,
                                   .from_us = rows->from_us,
                                   .to_us = rows->to_us,
                                   .pinball = (double)NAN,
                                   .coverage = (double)NAN,
                                   .seed = context->seed};
    memset(m->shift, 0, sizeof m->shift);
    m->lead = 1;
    m->offset = DCL_FC_OFFSET;
    dcl_status status = DCL_OK;
    if (hold) {
        dcl_arena arena = {0};
        status = train(context, rows, options, true, homes, &arena, m->forest, &about->trees, error);
        if (!status) status = calibrate(model, member, rows, error);
        dcl_arena_free(&arena);
    }
    if (!status)
        status = train(context, rows, options, false, homes, &model->arena, m->forest, &about->trees, error);
    return status;
}

dcl_forecast_model *dcl_fc_model_new(dcl_horizon horizon, int64_t period_us) {
    dcl_forecast_model *model = calloc(1, sizeof *model);
    if (!model) return NULL;
    model->horizon = horizon;
    model->period_us = period_us;
    model->feature = dcl_fc_features(horizon, &model->k);
    return model;
}

/* Another model's trainings, in memory of this one. */
dcl_status dcl_fc_copy_members(const dcl_forecast_model *from, dcl_forecast_model *to, dcl_error *error) {
    for (size_t i = 0; i < from->n; i++) {
        to->member[to->n] = from->member[i];
        to->about[to->n] = from->about[i];
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
            const dcl_forest *source = &from->member[i].forest[a];
            dcl_pack_writer bytes = {0};
            dcl_forest_put(&bytes, source);
            dcl_pack_part part = {"trees", bytes.bytes, bytes.n};
            dcl_pack_reader reader = dcl_pack_begin(&part);
            dcl_status status =
                bytes.failed ? dcl_fail_memory(error, "the model")
                             : dcl_forest_get(&reader, &to->arena, &to->member[to->n].forest[a], error);
            free(bytes.bytes);
            if (status) return status;
        }
        to->n++;
    }
    return DCL_OK;
}

static dcl_status check_with(const dcl_forecast_model *with, dcl_horizon horizon, int64_t period_us,
                             dcl_error *error) {
    if (!with) return DCL_OK;
    if (with->horizon != horizon || with->period_us != period_us)
        return dcl_fail(error, DCL_E_ARG,
                        "the model to go with is for %s every %lld s, the new one for %s every %lld s",
                        dcl_horizon_title(with->horizon), (long long)(with->period_us / DCL_SECOND_US),
                        dcl_horizon_title(horizon), (long long)(period_us / DCL_SECOND_US));
    return with->n < DCL_FORECAST_MEMBERS
               ? DCL_OK
               : dcl_fail(error, DCL_E_ARG, "the model to go with holds %d already", DCL_FORECAST_MEMBERS);
}

dcl_status dcl_forecast_learn(const dcl_context *context, const dcl_forecast_home *homes, size_t n,
                              const dcl_forecast_model *with, const dcl_forecast_learn_options *options,
                              dcl_forecast_model **out, dcl_error *error) {
    int64_t period_us = options->period_us;
    dcl_fc_rows rows = {0};
    dcl_forecast_model *model = NULL;
    *out = NULL;
    dcl_status status = check(options, error);
    if (!status && !n) status = dcl_fail(error, DCL_E_NO_DATA, "no home to learn from");
    if (!status && !period_us && with) period_us = with->period_us;
    if (!status && !period_us) status = dcl_fc_period(options->horizon, homes->power, &period_us, error);
    if (!status) status = check_with(with, options->horizon, period_us, error);
    if (!status) status = dcl_fc_gather(context, homes, n, period_us, options, &rows, error);
    if (!status && !(model = dcl_fc_model_new(options->horizon, period_us)))
        status = dcl_fail_memory(error, "the model");
    if (!status && with) status = dcl_fc_copy_members(with, model, error);
    if (!status) status = dcl_fc_learn_member(context, &rows, options, true, n, model, model->n, error);
    dcl_fc_rows_free(&rows);
    if (!status) {
        model->n++;
        for (size_t i = 0; i < model->n; i++) model->member[i].lead = 1.0F / (float)model->n;
        model->has_off_peak = options->off_peak != NULL;
        model->has_colours = options->colours != NULL;
        for (size_t h = 0; h < n; h++) model->has_temperature |= homes[h].temperature != NULL;
        *out = model;
    } else {
        dcl_forecast_close(&model);
    }
    return status;
}

void dcl_forecast_close(dcl_forecast_model **model) {
    if (!model || !*model) return;
    dcl_arena_free(&(*model)->arena);
    free(*model);
    *model = NULL;
}
