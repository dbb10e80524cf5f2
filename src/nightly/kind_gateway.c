/* Models for the meter's microcontroller as a kind: judged by the integers that a gateway runs, their blobs beside them. */
#include <math.h>

#include <declic/gateway.h>

#include "nightly/night.h"

static dcl_status open_model(const void *bytes, size_t n, void **out, int64_t *learned_us, dcl_error *error) {
    dcl_gateway_model *model = NULL;
    (void)learned_us; /* the card alone knows */
    dcl_status status = dcl_gateway_model_open(bytes, n, &model, error);
    *out = model;
    return status;
}

static void close_model(void **model) {
    dcl_gateway_model *own = *model;
    if (own) dcl_gateway_model_close(&own);
    *model = NULL;
}

/* ---------------------------------------------------------------- learning */

static bool within_budget(const dcl_gateway_error *e) {
    return !(e->real > 0) || fabs(e->integer / e->real - 1) < DCL_GATEWAY_BUDGET;
}

/* The blobs are newer than those of the version that serves: a gateway takes the larger serial. */
static uint32_t next_serial(const dcl_gateway_model *now) {
    uint32_t serial = 0;
    dcl_gateway_about about = dcl_gateway_describe(now);
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++)
        if (about.part[kind].blob && about.part[kind].forest.serial > serial)
            serial = about.part[kind].forest.serial;
    return serial + 1;
}

static dcl_status learn(night_job *j, void **out) {
    dcl_gateway_options options = dcl_gateway_defaults();
    dcl_gateway_lesson *lesson = NULL;
    dcl_gateway_model *model = NULL;
    if (j->champion.model) options.serial = next_serial(j->champion.model);
    dcl_status status = dcl_gateway_lesson_open(&lesson, j->error);
    for (size_t h = 0; !status && h < j->n_houses; h++) {
        dcl_home part;
        status = night_part(j, &j->house[h], INT64_MIN, j->out->test_from_us, &part);
        if (!status) status = dcl_gateway_lesson_add(lesson, &part, j->context->zone, j->error);
    }
    if (!status) status = dcl_gateway_learn(j->context, lesson, &options, &model, j->error);
    if (!status && j->champion.model) status = dcl_gateway_keep_names(model, j->champion.model, j->error);
    dcl_gateway_lesson_close(&lesson);
    dcl_gateway_about about = {0};
    if (!status) about = dcl_gateway_describe(model);
    if (!status && !(within_budget(&about.minute) && within_budget(&about.today)))
        status = dcl_fail(j->error, DCL_E_NO_DATA,
                          "the challenger's integers are beyond their budget of its floats");
    if (status && model) dcl_gateway_model_close(&model);
    *out = model;
    return status;
}

/* ---------------------------------------------------------------- how good */

typedef struct sums {
    size_t n;
    double off, all;
} sums;

static dcl_status add(void *arg, const dcl_gateway_said *said, dcl_error *error) {
    sums *s = arg;
    (void)error;
    if (isnan(said->actual)) return DCL_OK;
    s->n++;
    s->off += fabs(said->value - said->actual);
    s->all += said->actual;
    return DCL_OK;
}

static dcl_status measure(night_job *j, const dcl_gateway_model *model, dcl_blob_kind kind, int64_t from_us,
                          sums *s) {
    dcl_gateway_roll_options options = dcl_gateway_roll_defaults();
    dcl_status status = DCL_OK;
    *s = (sums){0};
    options.kind = kind;
    options.from_us = from_us, options.to_us = j->out->night_us;
    options.every_us = kind == DCL_BLOB_TODAY ? 10 * DCL_MINUTE_US : 0;
    if (!dcl_gateway_describe(model).part[kind].blob) return DCL_OK;
    for (size_t h = 0; !status && h < j->n_houses; h++)
        status = dcl_gateway_roll(j->context, model, dcl_home_series(&j->house[h], DCL_POWER_W), &options,
                                  add, s, j->error);
    return status;
}

/* All of it is wrong where there is no such forecast. */
static double share(const sums *s) {
    return s->all > 0 ? s->off / s->all : 1;
}

static dcl_status score(night_job *j, const void *model, int64_t from_us, dcl_night_score *out) {
    sums minute, today;
    dcl_status status = measure(j, model, DCL_BLOB_MINUTE, from_us, &minute);
    if (!status) status = measure(j, model, DCL_BLOB_TODAY, from_us, &today);
    if (status) return status;
    if (!minute.n && !today.n)
        return dcl_fail(j->error, DCL_E_NO_DATA, "nothing was measured on the days of the test");
    *out = (dcl_night_score){.n = minute.n + today.n,
                             .loss = (share(&minute) + share(&today)) / 2,
                             .mae_w = minute.n ? minute.off / (double)minute.n : (double)NAN,
                             .pinball_w = (double)NAN,
                             .coverage = (double)NAN,
                             .seasonal_w = (double)NAN};
    return DCL_OK;
}

static void put_score(dcl_text *text, const dcl_night_score *score) {
    dcl_text_fixed(text, score->loss, 4);
    dcl_text_put(text, " of the energy told wrong");
}

/* ---------------------------------------------------------------- on the shelf */

static dcl_status write_model(const void *model, const char *path, dcl_error *error) {
    return dcl_gateway_model_write(model, path, error);
}

/* What the integers cost, each beside its budget, and the blobs: whole before anything of this version serves. */
static dcl_status describe(night_job *j, const void *model, const dcl_night_score *s, dcl_card *card) {
    enum { METRICS = 12 };
    dcl_card_metric *metric = dcl_arena_alloc(&j->arena, METRICS, sizeof *metric);
    dcl_card_file *file = dcl_arena_alloc(&j->arena, DCL_BLOB_KINDS, sizeof *file);
    if (!metric || !file) return dcl_fail_memory(j->error, "a card");
    const dcl_gateway_about about = dcl_gateway_describe(model);
    const dcl_card_metric all[METRICS] = {{"loss", s->loss},
                                          {"minute_mae_w", s->mae_w},
                                          {"tested_values", (double)s->n},
                                          {"held_minute_mae_float_w", about.minute.real},
                                          {"held_minute_mae_integer_w", about.minute.integer},
                                          {"held_minute_mae_plain_w", about.minute.plain},
                                          {"held_today_mae_float_wh", 10 * about.today.real},
                                          {"held_today_mae_integer_wh", 10 * about.today.integer},
                                          {"held_today_mae_plain_wh", 10 * about.today.plain},
                                          {"integers_budget", DCL_GATEWAY_BUDGET},
                                          {"names_agree", about.names.rows ? about.names.agree : (double)NAN},
                                          {"names_budget", DCL_GATEWAY_AGREE}};
    for (size_t i = 0; i < METRICS; i++) metric[i] = all[i];
    card->metric = metric, card->n_metrics = METRICS;
    card->file = file, card->n_files = dcl_gateway_files(model, file);
    return DCL_OK;
}

const night_kind night_gateways = {"gateway", open_model,  close_model, learn, score,
                                   put_score, write_model, describe,    NULL,  NULL};
