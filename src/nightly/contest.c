/* Who is better on the same days: a challenger against the version that serves, and its parent against both. */
#include <math.h>
#include <string.h>

#include "nightly/night.h"

/* ---------------------------------------------------------------- words */

static void put_score(dcl_text *text, const char *who, const dcl_night_score *score) {
    dcl_text_format(text, "%s: pinball ", who);
    dcl_text_fixed(text, score->pinball_w, 1);
    dcl_text_put(text, " W, covers ");
    dcl_text_fixed(text, 100 * score->coverage, 0);
    dcl_text_put(text, " %");
}

/* "<verdict>; challenger: pinball …, current: pinball … on the days from …" */
static void say_compared(night_job *j, const char *verdict, const char *who, const dcl_night_score *other,
                         const dcl_night_score *current, int64_t from_us) {
    dcl_text text = {0};
    char stamp[32];
    dcl_text_format(&text, "%s; ", verdict);
    put_score(&text, who, other);
    dcl_text_put(&text, "; ");
    if (current->n) put_score(&text, "current", current);
    if (current->n) dcl_text_put(&text, "; ");
    dcl_time_format(from_us, stamp);
    dcl_text_format(&text, "%zu values from %s on that none of them learned from", other->n, stamp);
    night_put_why(j, text.failed ? verdict : text.at);
    dcl_text_free(&text);
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

static dcl_status score(night_job *j, const dcl_forecast_model *model, int64_t from_us,
                        dcl_night_score *out) {
    sums s = {0};
    dcl_backtest all;
    dcl_backtest_options options = night_roll_options(j, from_us);
    dcl_status status =
        dcl_backtest_run(j->context, model, j->home, j->n, &options, add_scores, &s, &all, NULL, j->error);
    if (status) return status;
    if (!(s.n > 0)) return dcl_fail(j->error, DCL_E_NO_DATA, "nothing was measured on the days of the test");
    *out = (dcl_night_score){.n = (size_t)s.n,
                             .mae_w = s.error / s.n,
                             .pinball_w = s.pinball / s.n,
                             .coverage = s.inside / s.n,
                             .seasonal_w = s.paired > 0 ? s.seasonal / s.paired : (double)NAN};
    return DCL_OK;
}

static bool calibrated(const night_job *j, const dcl_night_score *s) {
    return fabs(s->coverage - 0.8) <= j->run->options.calibration;
}

static bool clearly_better(const night_job *j, const dcl_night_score *a, const dcl_night_score *than) {
    return a->pinball_w < (1 - j->run->options.margin) * than->pinball_w;
}

/* ---------------------------------------------------------------- back to the parent */

/* True in *back where the parent did clearly better since the current version serves. */
dcl_status night_try_parent(night_job *j, bool *back) {
    const dcl_card *card = &j->champion.found.version.card;
    night_version parent;
    dcl_night_score now;
    *back = false;
    int64_t since = night_midnight_after(j, card->made_us), night = j->out->night_us;
    if (since < night_days_before(j, night, NIGHT_CATCH_UP_DAYS))
        since = night_days_before(j, night, NIGHT_CATCH_UP_DAYS);
    if (since < j->champion.learned_us) since = night_midnight_after(j, j->champion.learned_us);
    if (!card->parent || night_days_between(j, since, night) < j->run->options.least_days) return DCL_OK;
    if (night_read_version(j, card->parent,
                           &parent)) { /* gone, damaged, or of another kind: nothing to go back to */
        dcl_forecast_close(&parent.model);
        return DCL_OK;
    }
    if (since < parent.learned_us) since = night_midnight_after(j, parent.learned_us);
    dcl_status status = DCL_OK;
    if (night_days_between(j, since, night) >= j->run->options.least_days) {
        status = score(j, j->champion.model, since, &now);
        if (!status) status = score(j, parent.model, since, &j->out->parent);
        *back = !status && clearly_better(j, &j->out->parent, &now);
    }
    dcl_forecast_close(&parent.model);
    if (!*back) return status == DCL_E_NO_DATA ? DCL_OK : status;
    j->out->did = DCL_NIGHT_ROLLED_BACK;
    j->out->champion = now;
    j->out->test_from_us = since;
    say_compared(j, "the parent did better since the current version serves", "parent", &j->out->parent, &now,
                 since);
    if (!j->run->options.dry_run) status = dcl_shelf_choose(j->run->shelf, j->name, card->parent, j->error);
    if (!status && !j->run->options.dry_run) j->out->is = card->parent;
    return status;
}

/* ---------------------------------------------------------------- the challenger */

static dcl_status learn(night_job *j, dcl_forecast_model **out) {
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
    if (!status) status = dcl_forecast_learn(j->context, j->home, j->n, NULL, &options, out, j->error);
    return status;
}

static void judge(night_job *j) {
    const dcl_night_score *new = &j->out->challenger, *old = &j->out->champion;
    bool better = clearly_better(j, new, old), fits = calibrated(j, new);
    j->out->did = better && fits ? DCL_NIGHT_PROMOTED : DCL_NIGHT_REFUSED;
    dcl_text text = {0};
    dcl_text_put(&text, better ? "better by " : "not better by ");
    dcl_text_fixed(&text, 100 * j->run->options.margin, 1);
    dcl_text_put(&text, fits ? " %, calibrated" : " %, not calibrated");
    if (j->out->drift.seen) dcl_text_put(&text, ", drift seen");
    say_compared(j, text.failed ? "" : text.at, "challenger", new, old, j->out->test_from_us);
    dcl_text_free(&text);
}

dcl_status night_try_challenger(night_job *j) {
    dcl_forecast_model *model = NULL;
    dcl_status status = learn(j, &model);
    if (!status) status = score(j, model, j->out->test_from_us, &j->out->challenger);
    if (!status && j->champion.model)
        status = score(j, j->champion.model, j->out->test_from_us, &j->out->champion);
    if (!status && j->champion.model) judge(j);
    if (!status && !j->champion.model) {
        j->out->did = DCL_NIGHT_FIRST;
        say_compared(j, "the first version", "it", &j->out->challenger, &j->out->champion,
                     j->out->test_from_us);
    }
    if (!status && j->out->did != DCL_NIGHT_REFUSED) status = night_promote(j, model, &j->out->challenger);
    dcl_forecast_close(&model);
    return status;
}
