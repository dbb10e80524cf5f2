/* Loads that people named as a kind of model: names given to cycles are what it learns from and is judged by. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_names.h>

#include "nightly/night.h"

enum { NEAR_S = 60 };

static dcl_status open_model(const void *bytes, size_t n, void **out, int64_t *learned_us, dcl_error *error) {
    dcl_loads *loads = malloc(sizeof *loads);
    (void)learned_us;
    if (!loads) return dcl_fail_memory(error, "a model");
    dcl_status status = dcl_loads_open(bytes, n, loads, error);
    if (status) free(loads);
    *out = status ? NULL : loads;
    return status;
}

static void close_model(void **model) {
    free(*model);
    *model = NULL;
}

/* ---------------------------------------------------------------- cycles and names */

/* The cycles of a home and the names that a model gives them; name [cycles->n], NULL = none. In the job's arena. */
static dcl_status name_home(night_job *j, const dcl_loads *loads, const dcl_home *home, dcl_cycles *cycles,
                            const char ***name) {
    const dcl_cycle_options options = dcl_cycle_defaults();
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W),
                     *lead = power ? power : dcl_home_series(home, DCL_APPARENT_VA);
    dcl_status status = dcl_cycles_find(j->context, home, &options, NULL, &j->arena, cycles, j->error);
    if (status) return status;
    *name = dcl_arena_alloc(&j->arena, cycles->n, sizeof **name);
    if (!*name) return dcl_fail_memory(j->error, "names");
    for (size_t i = 0; i < cycles->n; i++) (*name)[i] = NULL;
    if (!loads || !cycles->n) return DCL_OK;
    status = dcl_loads_name(j->context, loads, lead->period_us, cycles, *name, j->error);
    for (size_t i = 0; !status && i < cycles->n; i++)
        if (!(*name)[i] && cycles->cycle[i].appliance != DCL_APPLIANCE_UNKNOWN)
            (*name)[i] = dcl_appliance_name(cycles->cycle[i].appliance);
    return status;
}

/* The cycle that a label is of; cycles->n = none starts within a minute of it. */
static size_t cycle_at(const dcl_cycles *cycles, int64_t start_us) {
    size_t best = cycles->n;
    int64_t near = NEAR_S * DCL_SECOND_US + 1;
    for (size_t i = 0; i < cycles->n; i++) {
        int64_t off = llabs(cycles->cycle[i].start_us - start_us);
        if (off < near) near = off, best = i;
    }
    return best;
}

/* ---------------------------------------------------------------- learning */

/* One load out of the cycles that have a name. */
static dcl_status learn_one(night_job *j, dcl_cycles *cycles, const char *const *name, const char *which,
                            dcl_loads *loads) {
    const dcl_unknown as_group = {.number = 1, .recurrence = 0};
    for (size_t i = 0; i < cycles->n; i++) {
        cycles->cycle[i].group = name[i] && strcmp(name[i], which) == 0;
    }
    dcl_error why = {0};
    dcl_status status = dcl_loads_learn(j->context, cycles, &as_group, which, loads, &why);
    return status == DCL_E_ARG ? DCL_OK /* none of them was seen whole */
           : status            ? dcl_fail(j->error, status, "%s", why.msg)
                               : DCL_OK;
}

static bool is_known(const dcl_loads *loads, const char *name) {
    for (size_t k = 0; k < loads->n; k++)
        if (strcmp(loads->load[k].name, name) == 0) return true;
    return false;
}

/* What the current version names, put right and added to by what people said. */
static dcl_status learn(night_job *j, void **out) {
    const dcl_loads *now = j->champion.model;
    dcl_home part;
    dcl_cycles cycles;
    const char **name;
    *out = NULL;
    if (j->n_houses != 1) return dcl_fail(j->error, DCL_E_NO_DATA, "named loads are of one home");
    dcl_status status = night_part(j, &j->house[0], INT64_MIN, j->out->test_from_us, &part);
    if (!status) status = name_home(j, now, &part, &cycles, &name);
    if (status) return status;
    for (size_t k = 0; k < j->n_labels; k++) {
        size_t at =
            j->label[k].start_us < j->out->test_from_us ? cycle_at(&cycles, j->label[k].start_us) : cycles.n;
        if (at < cycles.n) name[at] = j->label[k].name;
    }
    dcl_loads *loads = calloc(1, sizeof *loads);
    if (!loads) return dcl_fail_memory(j->error, "a model");
    loads->period_us = now->period_us, loads->apparent = now->apparent;
    for (size_t i = 0; !status && i < cycles.n; i++)
        if (name[i] && !is_known(loads, name[i])) status = learn_one(j, &cycles, name, name[i], loads);
    for (size_t k = 0; k < now->n; k++) /* what did not run keeps its looks */
        if (loads->n < DCL_LOADS_MOST && !is_known(loads, now->load[k].name))
            loads->load[loads->n++] = now->load[k];
    if (status)
        free(loads);
    else
        *out = loads;
    return status;
}

/* ---------------------------------------------------------------- how good */

static dcl_status score(night_job *j, const void *model, int64_t from_us, dcl_night_score *out) {
    dcl_home part;
    dcl_cycles cycles;
    const char **name;
    size_t n = 0, wrong = 0;
    if (j->n_houses != 1) return dcl_fail(j->error, DCL_E_NO_DATA, "named loads are of one home");
    dcl_status status = night_part(j, &j->house[0], from_us, j->out->night_us, &part);
    if (!status) status = name_home(j, model, &part, &cycles, &name);
    for (size_t k = 0; !status && k < j->n_labels; k++) {
        const dcl_night_label *label = &j->label[k];
        if (label->start_us < from_us || label->start_us >= j->out->night_us) continue;
        size_t at = cycle_at(&cycles, label->start_us);
        if (at == cycles.n) continue; /* no cycle there, whatever a model says */
        n++;
        wrong += !name[at] || strcmp(name[at], label->name) != 0;
    }
    if (status) return status;
    if (!n) return dcl_fail(j->error, DCL_E_NO_DATA, "nobody named a cycle of the days of the test");
    *out = (dcl_night_score){.n = n,
                             .loss = (double)wrong / (double)n,
                             .mae_w = (double)NAN,
                             .pinball_w = (double)NAN,
                             .coverage = (double)NAN,
                             .seasonal_w = (double)NAN};
    return DCL_OK;
}

static void put_score(dcl_text *text, const dcl_night_score *score) {
    dcl_text_fixed(text, 100 * score->loss, 1);
    dcl_text_put(text, " % of the named cycles told otherwise");
}

/* ---------------------------------------------------------------- on the shelf */

static dcl_status write_model(const void *model, const char *path, dcl_error *error) {
    return dcl_loads_write(path, model, error);
}

static dcl_status describe(night_job *j, const void *model, const dcl_night_score *s, dcl_card *card) {
    enum { METRICS = 3 };
    const dcl_loads *loads = model;
    dcl_card_metric *metric = dcl_arena_alloc(&j->arena, METRICS, sizeof *metric);
    if (!metric) return dcl_fail_memory(j->error, "a card");
    metric[0] = (dcl_card_metric){"loss", s->loss};
    metric[1] = (dcl_card_metric){"tested_values", (double)s->n};
    metric[2] = (dcl_card_metric){"loads", (double)loads->n};
    card->metric = metric, card->n_metrics = METRICS;
    return DCL_OK;
}

static int64_t period(const void *model) {
    return ((const dcl_loads *)model)->period_us;
}

const night_kind night_loads = {"loads",   open_model,  close_model, learn, score,
                                put_score, write_model, describe,    NULL,  period};
