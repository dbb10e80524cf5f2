/* The power of appliances as a kind of model: parts of a home, plugs say, are what it learns from and is judged by. */
#include <math.h>
#include <string.h>

#include <declic/appliance_power.h>

#include "nightly/night.h"

static dcl_status open_model(const void *bytes, size_t n, void **out, int64_t *learned_us, dcl_error *error) {
    dcl_power_model *model = NULL;
    (void)learned_us;
    dcl_status status = dcl_power_open(bytes, n, &model, error);
    *out = model;
    return status;
}

static void close_model(void **model) {
    dcl_power_model *own = *model;
    dcl_power_close(&own);
    *model = NULL;
}

static dcl_status learn(night_job *j, void **out) {
    dcl_power_options options = dcl_power_defaults();
    dcl_power_model *model = NULL;
    dcl_home *part = dcl_arena_alloc(&j->arena, j->n_houses, sizeof *part);
    dcl_status status = part ? DCL_OK : dcl_fail_memory(j->error, "the homes");
    if (j->run->options.learn.rows < (size_t)options.rows) options.rows = (int)j->run->options.learn.rows;
    if (options.rows < 1000) options.rows = 1000;
    for (size_t h = 0; !status && h < j->n_houses; h++)
        status = night_part(j, &j->house[h], INT64_MIN, j->out->test_from_us, &part[h]);
    if (!status) status = dcl_power_learn(j->context, part, j->n_houses, &options, &model, j->error);
    *out = model;
    return status;
}

/* ---------------------------------------------------------------- how good */

typedef struct sums {
    size_t n;
    double off, energy; /* 0.1 W */
} sums;

static const int32_t *find_channel(const dcl_power_estimate *estimate, const char *name) {
    for (size_t c = 0; c < estimate->n_channels; c++)
        if (strcmp(estimate->channel[c].name, name) == 0) return estimate->channel[c].level;
    return NULL;
}

/* An appliance that a model does not know is told as never on. */
static void add_part(const dcl_power_estimate *estimate, const dcl_series *truth, const char *name, sums *s) {
    const int32_t *level = find_channel(estimate, name);
    if (truth->period_us != estimate->period_us) return;
    int64_t shift = (estimate->start_us - truth->start_us) / truth->period_us;
    for (size_t i = 0; i < estimate->n; i++) {
        int64_t at = (int64_t)i + shift;
        if (at < 0 || at >= (int64_t)truth->n || isnan(truth->value[at])) continue;
        if (estimate->mains[i] == DCL_MISSING_I32) continue;
        double known = 10 * fmax((double)truth->value[at], 0), told = level ? level[i] : 0;
        s->n++;
        s->off += fabs(told - known);
        s->energy += known;
    }
}

static dcl_status score(night_job *j, const void *model, int64_t from_us, dcl_night_score *out) {
    sums s = {0};
    dcl_status status = DCL_OK;
    for (size_t h = 0; !status && h < j->n_houses; h++) {
        dcl_arena arena = {0};
        dcl_power_estimate estimate;
        dcl_home part;
        status = night_part(j, &j->house[h], from_us, j->out->night_us, &part);
        if (!status)
            status = dcl_power_estimate_home(j->context, model, &part, false, &arena, &estimate, j->error);
        for (size_t i = 0; !status && i < part.n_truth; i++)
            add_part(&estimate, &part.truth[i], part.truth_name[i], &s);
        dcl_arena_free(&arena);
    }
    if (status) return status;
    if (!(s.energy > 0))
        return dcl_fail(j->error, DCL_E_NO_DATA,
                        "no part of the home is known to have run on the days of the test");
    *out = (dcl_night_score){.n = s.n,
                             .loss = s.off / s.energy,
                             .mae_w = s.off / (double)s.n / 10,
                             .pinball_w = (double)NAN,
                             .coverage = (double)NAN,
                             .seasonal_w = (double)NAN};
    return DCL_OK;
}

static void put_score(dcl_text *text, const dcl_night_score *score) {
    dcl_text_fixed(text, score->loss, 3);
    dcl_text_put(text, " of the appliances' energy told wrong");
}

/* ---------------------------------------------------------------- on the shelf */

static dcl_status write_model(const void *model, const char *path, dcl_error *error) {
    return dcl_power_write(model, path, error);
}

static dcl_status describe(night_job *j, const void *model, const dcl_night_score *s, dcl_card *card) {
    enum { METRICS = 4 };
    dcl_card_metric *metric = dcl_arena_alloc(&j->arena, METRICS, sizeof *metric);
    if (!metric) return dcl_fail_memory(j->error, "a card");
    metric[0] = (dcl_card_metric){"loss", s->loss};
    metric[1] = (dcl_card_metric){"mae_w", s->mae_w};
    metric[2] = (dcl_card_metric){"tested_values", (double)s->n};
    metric[3] = (dcl_card_metric){"appliances", (double)dcl_power_describe(model).n};
    card->metric = metric, card->n_metrics = METRICS;
    return DCL_OK;
}

static int64_t period(const void *model) {
    return dcl_power_describe(model).period_us;
}

const night_kind night_powers = {"appliance-power", open_model,  close_model, learn, score,
                                 put_score,         write_model, describe,    NULL,  period};
