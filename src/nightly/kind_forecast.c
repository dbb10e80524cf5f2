/* Forecasts as a kind of model: learned from one home or many, compared by pinball loss and coverage. */
#include <math.h>

#include "nightly/night.h"

static dcl_status open_model(const void *bytes, size_t n, void **out, int64_t *learned_us, dcl_error *error) {
    dcl_forecast_model *model = NULL;
    dcl_status status = dcl_forecast_open(bytes, n, &model, error);
    *out = model;
    if (status) return status;
    int64_t learned_to_us = dcl_forecast_describe(model).learned_to_us;
    if (learned_to_us > *learned_us) *learned_us = learned_to_us;
    return DCL_OK;
}

static void close_model(void **model) {
    dcl_forecast_model *own = *model;
    dcl_forecast_close(&own);
    *model = NULL;
}

/* ---------------------------------------------------------------- learning */

/* The model of many homes that a challenger contains as well: none where it is of another horizon or step, full, or saw the test. */
static const dcl_forecast_model *company(const night_job *j, const dcl_forecast_learn_options *options) {
    const dcl_forecast_model *with = j->run->options.with;
    if (!with) return NULL;
    dcl_forecast_about about = dcl_forecast_describe(with);
    if (about.horizon != options->horizon || about.members >= DCL_FORECAST_MEMBERS ||
        (options->period_us && about.period_us != options->period_us) ||
        about.learned_to_us > j->out->test_from_us)
        return NULL;
    return with;
}

static dcl_status learn(night_job *j, void **out) {
    dcl_forecast_learn_options options = j->run->options.learn;
    dcl_forecast_stress *stress = NULL;
    options.to_us = j->out->test_from_us;
    if (j->champion.model) {
        dcl_forecast_about about = dcl_forecast_describe(j->champion.model);
        options.horizon = about.horizon, options.period_us = about.period_us;
    }
    dcl_status status = nightly_stress_read(j->run, j->name, &j->arena, &stress, &options.n_stress, j->error);
    options.stress = stress;
    if (j->out->drift.seen) options.half_life_days = j->run->options.drift_half_life;
    dcl_forecast_model *model = NULL;
    if (!status)
        status =
            dcl_forecast_learn(j->context, j->home, j->n, company(j, &options), &options, &model, j->error);
    *out = model;
    return status;
}

/* ---------------------------------------------------------------- how good */

typedef struct sums {
    double n, error, pinball, inside, paired, seasonal;
} sums;

static dcl_status add_scores(void *arg, const char *id, const dcl_backtest_row *row, size_t n,
                             dcl_error *error) {
    sums *s = arg;
    (void)id, (void)error;
    for (size_t i = 0; i < n; i++) {
        const float *q = row[i].point.quantile, seasonal = row[i].baseline[DCL_FORECASTER_SEASONAL];
        double actual = (double)row[i].actual;
        if (isnan(actual)) continue;
        s->n += 1;
        s->error += fabs(actual - (double)q[DCL_FORECAST_QUANTILES / 2]);
        s->inside += actual >= (double)q[0] && actual <= (double)q[DCL_FORECAST_QUANTILES - 1];
        for (int k = 0; k < DCL_FORECAST_QUANTILES; k++) {
            double over = actual - (double)q[k], level = (k + 1) / 10.0;
            s->pinball += (over > 0 ? level * over : (level - 1) * over) / DCL_FORECAST_QUANTILES;
        }
        if (!isnan(seasonal)) s->paired += 1, s->seasonal += fabs(actual - (double)seasonal);
    }
    return DCL_OK;
}

dcl_backtest_options night_roll_options(const night_job *j, int64_t from_us) {
    dcl_backtest_options options = dcl_backtest_defaults();
    options.forecast.off_peak = j->run->options.learn.off_peak;
    options.forecast.colours = j->run->options.learn.colours;
    options.from_us = from_us, options.to_us = j->out->night_us;
    return options;
}

static dcl_status score(night_job *j, const void *model, int64_t from_us, dcl_night_score *out) {
    sums s = {0};
    dcl_backtest all;
    dcl_backtest_options options = night_roll_options(j, from_us);
    dcl_status status =
        dcl_backtest_run(j->context, model, j->home, j->n, &options, add_scores, &s, &all, NULL, j->error);
    if (status) return status;
    if (!(s.n > 0)) return dcl_fail(j->error, DCL_E_NO_DATA, "nothing was measured on the days of the test");
    *out = (dcl_night_score){.n = (size_t)s.n,
                             .loss = s.pinball / s.n,
                             .mae_w = s.error / s.n,
                             .pinball_w = s.pinball / s.n,
                             .coverage = s.inside / s.n,
                             .seasonal_w = s.paired > 0 ? s.seasonal / s.paired : (double)NAN};
    return DCL_OK;
}

static void put_score(dcl_text *text, const dcl_night_score *score) {
    dcl_text_put(text, "pinball ");
    dcl_text_fixed(text, score->pinball_w, 1);
    dcl_text_put(text, " W, covers ");
    dcl_text_fixed(text, 100 * score->coverage, 0);
    dcl_text_put(text, " %");
}

/* ---------------------------------------------------------------- on the shelf */

static dcl_status write_model(const void *model, const char *path, dcl_error *error) {
    return dcl_forecast_write(model, path, error);
}

static dcl_status describe(night_job *j, const void *model, const dcl_night_score *s, dcl_card *card) {
    enum { FEATURES = 128, METRICS = 5 };
    dcl_card_feature *feature = dcl_arena_alloc(&j->arena, FEATURES, sizeof *feature);
    dcl_card_metric *metric = dcl_arena_alloc(&j->arena, METRICS, sizeof *metric);
    if (!feature || !metric) return dcl_fail_memory(j->error, "a card");
    metric[0] = (dcl_card_metric){"mae_w", s->mae_w};
    metric[1] = (dcl_card_metric){"pinball_w", s->pinball_w};
    metric[2] = (dcl_card_metric){"coverage", s->coverage};
    metric[3] = (dcl_card_metric){"seasonal_naive_mae_w", s->seasonal_w};
    metric[4] = (dcl_card_metric){"tested_values", (double)s->n};
    card->from_us = dcl_forecast_describe(model).member[0].from_us;
    card->metric = metric, card->n_metrics = METRICS;
    card->feature = feature;
    while (card->n_features < FEATURES &&
           (feature[card->n_features].name =
                dcl_forecast_feature(model, card->n_features, &feature[card->n_features].unit)) != NULL)
        card->n_features++;
    return DCL_OK;
}

const night_kind night_forecasts = {"forecast",  open_model, close_model,      learn, score, put_score,
                                    write_model, describe,   night_log_served, NULL};
