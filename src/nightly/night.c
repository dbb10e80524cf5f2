/* A night of a model: write down what was served, look for drift, roll back or let a challenger try. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nightly/nightly.h"

/* A version in memory. learned_us: the end of what it saw. */
typedef struct version {
    dcl_shelf_model found;
    dcl_forecast_model *model;
    int64_t learned_us;
} version;

typedef struct job {
    const dcl_context *context;
    dcl_nightly *run;
    const char *name;
    dcl_forecast_home *home; /* cut at the night */
    size_t n;
    dcl_arena arena;
    version champion;
    night_log log;
    dcl_night *out;
    dcl_error *error;
} job;

enum { CATCH_UP_DAYS = 28 }; /* the most that is written down, and looked at since a version serves */

/* ---------------------------------------------------------------- words */

static void put_why(job *j, const char *text) {
    size_t n = strlen(text);
    if (n >= sizeof j->out->why) n = sizeof j->out->why - 1;
    for (size_t i = 0; i < n; i++) j->out->why[i] = text[i] == '"' || text[i] == '\n' ? '\'' : text[i];
    j->out->why[n] = 0;
}

static void put_score(dcl_text *text, const char *who, const dcl_night_score *score) {
    dcl_text_format(text, "%s: pinball ", who);
    dcl_text_fixed(text, score->pinball_w, 1);
    dcl_text_put(text, " W, covers ");
    dcl_text_fixed(text, 100 * score->coverage, 0);
    dcl_text_put(text, " %");
}

/* "<verdict>; challenger: pinball …, current: pinball … on the days from …" */
static void say_compared(job *j, const char *verdict, const char *who, const dcl_night_score *other,
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
    put_why(j, text.failed ? verdict : text.at);
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

static dcl_backtest_options roll_options(const job *j, int64_t from_us) {
    dcl_backtest_options options = dcl_backtest_defaults();
    options.forecast.off_peak = j->run->options.learn.off_peak;
    options.forecast.colours = j->run->options.learn.colours;
    options.from_us = from_us, options.to_us = j->out->night_us;
    return options;
}

static dcl_status score(job *j, const dcl_forecast_model *model, int64_t from_us, dcl_night_score *out) {
    sums s = {0};
    dcl_backtest all;
    dcl_backtest_options options = roll_options(j, from_us);
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

static bool calibrated(const job *j, const dcl_night_score *s) {
    return fabs(s->coverage - 0.8) <= j->run->options.calibration;
}

static bool clearly_better(const job *j, const dcl_night_score *a, const dcl_night_score *than) {
    return a->pinball_w < (1 - j->run->options.margin) * than->pinball_w;
}

static double metric_of(const dcl_card *card, const char *name) {
    for (size_t i = 0; i < card->n_metrics; i++)
        if (strcmp(card->metric[i].name, name) == 0) return card->metric[i].value;
    return (double)NAN;
}

/* ---------------------------------------------------------------- time */

static int64_t midnight(const job *j, int64_t time_us) {
    return dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, time_us));
}
static int64_t midnight_after(const job *j, int64_t time_us) { /* or at it */
    int64_t day = midnight(j, time_us);
    return day == time_us ? day
                          : dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, time_us) + 1);
}
static int64_t days_before(const job *j, int64_t midnight_us, int days) {
    return dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, midnight_us) - days);
}
static int64_t days_between(const job *j, int64_t from_us, int64_t to_us) {
    return dcl_zone_day(j->context->zone, to_us) - dcl_zone_day(j->context->zone, from_us);
}

/* The night is the last midnight that any home was measured up to, and none that is yet to come. */
static dcl_status cut_homes(job *j, const dcl_forecast_home *homes) {
    int64_t end = INT64_MIN;
    for (size_t h = 0; h < j->n; h++) {
        const dcl_series *power = homes[h].power;
        size_t n = power->n;
        while (n && isnan(power->value[n - 1])) n--;
        int64_t here = power->start_us + (int64_t)n * power->period_us;
        if (n && here > end) end = here;
    }
    if (end == INT64_MIN) return dcl_fail(j->error, DCL_E_NO_DATA, "the home has no value at all");
    j->out->night_us = midnight(j, end < j->context->now_us ? end : j->context->now_us);
    j->home = dcl_arena_alloc(&j->arena, j->n, sizeof *j->home);
    dcl_series *power = dcl_arena_alloc(&j->arena, j->n, sizeof *power);
    if (!j->home || !power) return dcl_fail_memory(j->error, "the homes");
    for (size_t h = 0; h < j->n; h++) {
        j->home[h] = homes[h];
        power[h] = *homes[h].power;
        int64_t known = j->out->night_us - power[h].start_us;
        if (known <= 0) return dcl_fail(j->error, DCL_E_NO_DATA, "nothing was measured before this night");
        if (dcl_series_end_us(&power[h]) > j->out->night_us)
            power[h].n = (size_t)(known / power[h].period_us);
        j->home[h].power = &power[h];
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- the shelf */

static dcl_status read_version(job *j, uint32_t number, version *out) {
    *out = (version){0};
    dcl_status status = dcl_shelf_read(j->run->shelf, j->name, number, &j->arena, &out->found, j->error);
    if (!status) status = dcl_forecast_open(out->found.bytes, out->found.n, &out->model, j->error);
    if (status) return status;
    dcl_forecast_about about = dcl_forecast_describe(out->model);
    for (size_t m = 0; m < about.members; m++)
        if (about.member[m].to_us > out->learned_us) out->learned_us = about.member[m].to_us;
    if (out->found.version.card.to_us > out->learned_us) out->learned_us = out->found.version.card.to_us;
    return DCL_OK;
}

/* The bytes of a model: it writes itself to files alone. */
static dcl_status bytes_of(job *j, const dcl_forecast_model *model, char **bytes, size_t *n) {
    char path[NIGHTLY_PATH];
    nightly_path(j->run, j->name, "challenger", path);
    dcl_status status = dcl_forecast_write(model, path, j->error);
    if (!status) status = dcl_file_read(path, DCL_SHELF_LARGEST, bytes, n, j->error);
    (void)unlink(path);
    return status;
}

static dcl_status promote(job *j, const dcl_forecast_model *model, const dcl_night_score *s) {
    if (j->run->options.dry_run) return DCL_OK;
    dcl_card_feature feature[128];
    const dcl_card_metric metric[] = {{"mae_w", s->mae_w},
                                      {"pinball_w", s->pinball_w},
                                      {"coverage", s->coverage},
                                      {"seasonal_naive_mae_w", s->seasonal_w},
                                      {"tested_values", (double)s->n}};
    const dcl_card_version by = {"declic", j->run->options.version ? j->run->options.version : ""};
    dcl_card card = {.kind = "forecast",
                     .why = j->out->why,
                     .made_us = j->context->now_us,
                     .from_us = dcl_forecast_describe(model).member[0].from_us,
                     .to_us = j->out->test_from_us,
                     .seed = j->context->seed,
                     .parent = j->out->was,
                     .feature = feature,
                     .metric = metric,
                     .n_metrics = sizeof metric / sizeof *metric,
                     .version = &by,
                     .n_versions = 1};
    while (card.n_features < 128 && (feature[card.n_features].name = dcl_forecast_feature(
                                         model, card.n_features, &feature[card.n_features].unit)) != NULL)
        card.n_features++;
    char *bytes = NULL;
    size_t n = 0;
    dcl_status status = bytes_of(j, model, &bytes, &n);
    if (!status) status = dcl_shelf_add(j->run->shelf, j->name, bytes, n, &card, true, &j->out->is, j->error);
    free(bytes);
    return status;
}

/* ---------------------------------------------------------------- what was served */

typedef struct taker {
    job *j;
    int64_t after_us;
} taker;

static dcl_status take_served(void *arg, const char *id, const dcl_backtest_row *row, size_t n,
                              dcl_error *error) {
    taker *t = arg;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        const float *q = row[i].point.quantile;
        const night_row served = {.home = id,
                                  .issued_us = row[i].issued_us,
                                  .start_us = row[i].point.start_us,
                                  .end_us = row[i].point.end_us,
                                  .version = t->j->out->was,
                                  .p50 = q[DCL_FORECAST_QUANTILES / 2],
                                  .p10 = q[0],
                                  .p90 = q[DCL_FORECAST_QUANTILES - 1],
                                  .seasonal = row[i].baseline[DCL_FORECASTER_SEASONAL],
                                  .actual = row[i].actual};
        if (isnan(served.actual) || served.issued_us <= t->after_us) continue;
        status = nightly_log_add(&t->j->log, &served, error);
    }
    return status;
}

static double mean_error(const night_log *log) {
    double sum = 0;
    for (size_t i = 0; i < log->n; i++) sum += fabs((double)log->row[i].actual - (double)log->row[i].p50);
    return log->n ? sum / (double)log->n : 0;
}

/* Writes down what the current version served since the last night, its large misses, and how that compares to its card. */
static dcl_status log_served(job *j) {
    const dcl_card *card = &j->champion.found.version.card;
    dcl_status status = nightly_log_read(j->run, j->name, &j->arena, &j->log, j->error);
    if (status) return status;
    taker t = {j, INT64_MIN};
    for (size_t i = 0; i < j->log.n; i++)
        if (j->log.row[i].issued_us > t.after_us) t.after_us = j->log.row[i].issued_us;
    size_t before = j->log.n;
    int64_t from = days_before(j, j->out->night_us, CATCH_UP_DAYS);
    if (from < j->champion.learned_us) from = midnight_after(j, j->champion.learned_us);
    if (from <= t.after_us) from = t.after_us + 1;
    dcl_backtest all;
    dcl_backtest_options options = roll_options(j, from);
    if (from < j->out->night_us)
        status = dcl_backtest_run(j->context, j->champion.model, j->home, j->n, &options, take_served, &t,
                                  &all, NULL, j->error);
    if (status == DCL_E_NO_DATA) status = DCL_OK; /* nothing new to write down */
    j->out->served = j->log.n - before;
    double own = metric_of(card, "mae_w"), seasonal = metric_of(card, "seasonal_naive_mae_w");
    double large = j->run->options.large_miss * (own > 0 ? own : mean_error(&j->log));
    if (!status)
        status = nightly_misses_add(j->context, j->run, j->name, j->champion.model, j->home, j->n, &j->log,
                                    before, large, &j->out->misses, j->error);
    if (!status && j->out->served && !j->run->options.dry_run)
        status = nightly_log_write(j->run, j->name, &j->log, j->error);
    if (!status)
        status = nightly_drift(j->context, &j->log, j->out->was, own,
                               seasonal > 0 ? own / seasonal : (double)NAN, &j->out->drift, j->error);
    return status;
}

/* ---------------------------------------------------------------- back to the parent */

/* True in *back where the parent did clearly better since the current version serves. */
static dcl_status try_parent(job *j, bool *back) {
    const dcl_card *card = &j->champion.found.version.card;
    version parent;
    dcl_night_score now;
    *back = false;
    int64_t since = midnight_after(j, card->made_us), night = j->out->night_us;
    if (since < days_before(j, night, CATCH_UP_DAYS)) since = days_before(j, night, CATCH_UP_DAYS);
    if (since < j->champion.learned_us) since = midnight_after(j, j->champion.learned_us);
    if (!card->parent || days_between(j, since, night) < j->run->options.least_days) return DCL_OK;
    if (read_version(j, card->parent,
                     &parent)) { /* gone, damaged, or of another kind: nothing to go back to */
        dcl_forecast_close(&parent.model);
        return DCL_OK;
    }
    if (since < parent.learned_us) since = midnight_after(j, parent.learned_us);
    dcl_status status = DCL_OK;
    if (days_between(j, since, night) >= j->run->options.least_days) {
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

static dcl_status learn(job *j, dcl_forecast_model **out) {
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

static void judge(job *j) {
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

static dcl_status try_challenger(job *j) {
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
    if (!status && j->out->did != DCL_NIGHT_REFUSED) status = promote(j, model, &j->out->challenger);
    dcl_forecast_close(&model);
    return status;
}

/* ---------------------------------------------------------------- the night */

/* The current version learned up to this very night's test: a run promoted it and was killed before it could say so. */
static bool was_promoted(job *j) {
    const dcl_card *card = &j->champion.found.version.card;
    if (card->to_us != j->out->test_from_us || !card->kind || strcmp(card->kind, "forecast") != 0)
        return false;
    j->out->did = card->parent ? DCL_NIGHT_PROMOTED : DCL_NIGHT_FIRST;
    j->out->was = card->parent;
    put_why(j, card->why ? card->why : "");
    return true;
}

static dcl_status keep_current(job *j) {
    bool back = false;
    const dcl_nightly_options *options = &j->run->options;
    j->out->was = j->out->is = j->champion.found.version.number;
    if (was_promoted(j)) return DCL_OK;
    dcl_status status = log_served(j);
    if (!status) status = try_parent(j, &back);
    if (status || back) return status;
    if (j->champion.learned_us > j->out->test_from_us)
        j->out->test_from_us = midnight_after(j, j->champion.learned_us);
    int64_t days = days_between(j, j->out->test_from_us, j->out->night_us);
    if (days >= options->least_days) return try_challenger(j);
    dcl_text text = {0};
    j->out->did = DCL_NIGHT_WAITED;
    dcl_text_format(&text, "%lld days since the current version learned; %d are needed to compare",
                    (long long)(days > 0 ? days : 0), options->least_days);
    put_why(j, text.failed ? "" : text.at);
    dcl_text_free(&text);
    return DCL_OK;
}

static dcl_status run_night(job *j, const dcl_forecast_home *homes) {
    const dcl_nightly_options *options = &j->run->options;
    dcl_status status = cut_homes(j, homes);
    if (status) return status;
    if (nightly_was_done(j->run, j->name, j->out->night_us)) {
        j->out->did = DCL_NIGHT_ALREADY;
        put_why(j, "this night was done before");
        return DCL_OK;
    }
    j->out->test_from_us = days_before(j, j->out->night_us, options->test_days);
    status = read_version(j, 0, &j->champion);
    if (status == DCL_E_NOT_FOUND && options->first)
        status = try_challenger(j);
    else if (!status)
        status = keep_current(j);
    if (!status && !options->dry_run) status = nightly_note(j->run, j->name, j->out, j->error);
    return status;
}

dcl_status dcl_nightly_model(const dcl_context *context, dcl_nightly *run, const char *name,
                             const dcl_forecast_home *homes, size_t n, dcl_night *out, dcl_error *error) {
    dcl_error own = {0};
    *out = (dcl_night){.did = DCL_NIGHT_FAILED, .drift = {.own = (double)NAN, .naive = (double)NAN}};
    job j = {.context = context, .run = run, .name = name, .n = n, .out = out, .error = &own};
    dcl_status status = n ? run_night(&j, homes) : dcl_fail(&own, DCL_E_NO_DATA, "there is no home");
    if (status) {
        out->did = DCL_NIGHT_FAILED;
        out->status = status;
        put_why(&j, own.msg);
    }
    dcl_forecast_close(&j.champion.model);
    free(j.log.row);
    dcl_arena_free(&j.arena);
    if (status != DCL_E_CANCELLED && status != DCL_E_MEMORY) return DCL_OK;
    if (error) *error = own;
    return status;
}

bool dcl_nightly_is_forecast(dcl_nightly *run, const char *name, dcl_night *out) {
    dcl_night night = {.did = DCL_NIGHT_SKIPPED};
    dcl_error error = {0};
    job j = {.run = run, .name = name, .out = &night, .error = &error};
    dcl_status status = read_version(&j, 0, &j.champion);
    const char *kind = j.champion.found.version.card.kind;
    bool other = status == DCL_E_FORMAT && kind && strcmp(kind, "forecast") != 0;
    if (other) {
        put_why(&j, "no model of forecasts; those of appliances are learned by declic learn appliances");
    } else if (status) {
        night.did = DCL_NIGHT_FAILED, night.status = status;
        put_why(&j, error.msg);
    }
    if (out && status) *out = night;
    dcl_forecast_close(&j.champion.model);
    dcl_arena_free(&j.arena);
    return status == DCL_OK;
}
