/* A lesson becomes a model: forests of the forecasts, judged as floats and as integers on homes that did not teach. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/model.h"
#include "learn/booster.h"

enum {
    ROWS_MOST = 400000, /* that teach a forecast; of more, every second, third … */
    PATIENCE = 10,      /* trees without gain */
    NOTHING = -1,       /* rounds of what does not beat the plain rule */
    OUT_MOST = 3000     /* W, or thousandths: what lies farther out teaches as if it lay there */
};

dcl_gateway_options dcl_gateway_defaults(void) {
    return (dcl_gateway_options){.trees = 50, .depth = 4, .step_rows = 300, .serial = 1, .least_steps = 20};
}

#define GAIN_LEAST 0.01 /* what less is gained by is not worth its bytes */

/* Rows as floats in the features' units. */
typedef struct taught {
    float *x, *y, *weight;
    uint8_t *aside; /* rows of homes (of few homes: of days) by which the number of trees is chosen */
    size_t n, k, n_aside;
} taught;

/* Rows of a day, of a home that is known all day: fewer would be too alike to choose by. */
static size_t day_of(dcl_blob_kind kind) {
    return kind == DCL_BLOB_MINUTE ? 1440 : 144;
}

/* held NULL: all of them teach. */
static dcl_status take_rows(const dcl_gateway_lesson *lesson, dcl_blob_kind kind,
                            const dcl_gateway_rows *rows, const uint8_t *held, taught *out,
                            dcl_error *error) {
    uint32_t k;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &k);
    size_t n = 0, step = 1, seen = 0;
    for (size_t i = 0; i < rows->n; i++) n += !(held && held[i]);
    step = n / ROWS_MOST + 1;
    *out = (taught){.k = rows->k};
    out->x = malloc((n / step + 1) * rows->k * sizeof *out->x);
    out->y = malloc((n / step + 1) * sizeof *out->y);
    out->weight = malloc((n / step + 1) * sizeof *out->weight);
    out->aside = malloc(n / step + 1);
    if (!out->x || !out->y || !out->weight || !out->aside)
        return dcl_fail_memory(error, "rows to learn from");
    for (size_t i = 0; i < rows->n; i++) {
        if ((held && held[i]) || seen++ % step) continue;
        for (uint32_t f = 0; f < rows->k; f++)
            out->x[out->n * rows->k + f] = dcl_gateway_value(&feature[f], rows->x[i * rows->k + f]);
        out->y[out->n] = fmaxf(fminf(rows->y[i], OUT_MOST), -OUT_MOST);
        out->aside[out->n] =
            lesson->homes >= 4 ? rows->group[i] % 4 == 1 : out->n * step / day_of(kind) % 4 == 1;
        out->n_aside += out->aside[out->n];
        out->weight[out->n++] = rows->scale[i];
    }
    return DCL_OK;
}

/* Without a model 0 would be said: power stays as it is, today goes on as it did on average of the days before. */
static void judge(dcl_blob_kind kind, const dcl_gateway_rows *rows, const uint8_t *held,
                  const dcl_forest *real, const dcl_mcu_forest *integer, dcl_gateway_error *out) {
    uint32_t k;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &k);
    double step = ldexp(1, -integer->shift), sums[3] = {0};
    for (size_t i = 0; i < rows->n; i++) {
        if (!held[i]) continue;
        const int16_t *x = rows->x + i * k;
        float row[DCL_BLOB_FEATURES], margin;
        int32_t sum;
        for (uint32_t f = 0; f < k; f++) row[f] = dcl_gateway_value(&feature[f], x[f]);
        dcl_forest_margins(real, row, 1, k, &margin);
        dcl_mcu_forest_sums(integer, x, &sum);
        double y = (double)rows->y[i], scale = (double)rows->scale[i];
        sums[0] += fabs(y) * scale;
        sums[1] += fabs((double)margin - y) * scale;
        sums[2] += fabs(sum * step - y) * scale;
        out->rows++;
    }
    out->plain = sums[0] / (double)out->rows;
    out->real = sums[1] / (double)out->rows;
    out->integer = sums[2] / (double)out->rows;
}

static void free_rows(taught *rows) {
    free(rows->x);
    free(rows->y);
    free(rows->weight);
    free(rows->aside);
    *rows = (taught){0};
}

/* Changes within a minute are small or a load that switches: a median would be 0 in most leaves. Of today the median is what counts. */
static dcl_booster_options how_to(dcl_blob_kind kind, const dcl_gateway_options *options) {
    dcl_booster_options how = dcl_booster_defaults();
    bool is_minute = kind == DCL_BLOB_MINUTE;
    how.loss = is_minute ? DCL_BOOSTER_HUBER : DCL_BOOSTER_PINBALL;
    how.huber_slope = 20;
    how.rounds = options->trees;
    how.depth = options->depth;
    how.rate = is_minute ? 0.25 : 0.1;
    how.row_share = 0.8;
    how.feature_share = 0.8;
    return how;
}

static dcl_status fit(const dcl_context *context, const taught *rows, const dcl_booster_options *how,
                      dcl_arena *arena, dcl_forest *out, int *trees, dcl_error *error) {
    dcl_booster_data data = {.x = rows->x, .y = rows->y, .weight = rows->weight, .n = rows->n, .k = rows->k};
    dcl_booster_model model;
    data.held = how->patience ? rows->aside : NULL;
    dcl_status status = dcl_booster_train(context, &data, how, &model, error);
    if (status) return status;
    *trees = model.trees;
    status = dcl_forest_from_json(model.json, model.length, arena, out, error);
    free(model.json);
    return status;
}

/* Whether a forest is better than the plain rule, whose y is 0, on the rows aside. */
static bool gains(const dcl_forest *forest, const taught *rows) {
    double plain = 0, off = 0;
    for (size_t i = 0; i < rows->n; i++) {
        float margin;
        if (!rows->aside[i]) continue;
        dcl_forest_margins(forest, rows->x + i * rows->k, 1, rows->k, &margin);
        plain += fabs((double)rows->y[i]) * (double)rows->weight[i];
        off += fabs((double)rows->y[i] - (double)margin) * (double)rows->weight[i];
    }
    return off < (1 - GAIN_LEAST) * plain;
}

/* One leaf of 0: the plain rule itself. */
static dcl_status say_nothing(size_t k, dcl_arena *arena, dcl_forest *out, dcl_error *error) {
    dcl_forest_tree *tree = dcl_arena_alloc(arena, 1, sizeof *tree);
    dcl_forest_node *node = dcl_arena_alloc(arena, 1, sizeof *node);
    if (!tree || !node) return dcl_fail_memory(error, "a forest");
    *tree = (dcl_forest_tree){.n = 1};
    *node = (dcl_forest_node){0};
    *out = (dcl_forest){.n_features = k, .n_trees = 1, .n_nodes = 1, .tree = tree, .node = node};
    return DCL_OK;
}

/* As many trees as the rows aside gain by (other homes, or other days); then all rows teach that many. rounds 0: it is found. */
static dcl_status train(const dcl_context *context, dcl_blob_kind kind, const taught *rows,
                        const dcl_gateway_options *options, int *rounds, dcl_arena *arena, dcl_forest *out,
                        dcl_error *error) {
    dcl_booster_options how = how_to(kind, options);
    int trees = 0;
    if (!*rounds && rows->n_aside && rows->n - rows->n_aside > 100) {
        how.patience = PATIENCE;
        dcl_status status = fit(context, rows, &how, arena, out, &trees, error);
        if (status) return status;
        how.rounds = trees > 0 ? trees : 1;
        *rounds = gains(out, rows) ? how.rounds : NOTHING;
        how.patience = 0;
    }
    if (*rounds == NOTHING) return say_nothing(rows->k, arena, out, error);
    if (*rounds) how.rounds = *rounds;
    *rounds = how.rounds;
    return fit(context, rows, &how, arena, out, &trees, error);
}

static dcl_status blob_of(dcl_blob_kind kind, const dcl_forest *forest, uint32_t serial,
                          dcl_gateway_blob *out, dcl_error *error) {
    dcl_gateway_source source = {.kind = kind, .forest = forest, .outputs = 1, .serial = serial};
    source.feature = dcl_mcu_features(kind, &source.features);
    return dcl_gateway_quantise(&source, out, error);
}

static dcl_status blob_of_names(const dcl_gateway_namer *namer, uint32_t serial, dcl_gateway_blob *out,
                                dcl_error *error) {
    const char *label[DCL_GATEWAY_LABELS];
    dcl_gateway_source source = {.kind = DCL_BLOB_STEP,
                                 .outputs = namer->labels,
                                 .label = label,
                                 .deep = namer->tree,
                                 .deep_n = namer->n,
                                 .serial = serial};
    for (uint32_t k = 0; k < namer->labels; k++) label[k] = namer->label[k];
    source.feature = dcl_mcu_features(DCL_BLOB_STEP, &source.features);
    return dcl_gateway_quantise(&source, out, error);
}

dcl_status dcl_gateway_make_blobs(dcl_gateway_model *m, dcl_error *error) {
    dcl_status status = DCL_OK;
    if (m->minute.n_trees)
        status = blob_of(DCL_BLOB_MINUTE, &m->minute, m->serial, &m->blob[DCL_BLOB_MINUTE], error);
    if (!status && m->today.n_trees)
        status = blob_of(DCL_BLOB_TODAY, &m->today, m->serial, &m->blob[DCL_BLOB_TODAY], error);
    if (!status && m->namer.tree)
        status = blob_of_names(&m->namer, m->serial, &m->blob[DCL_BLOB_STEP], error);
    return status;
}

/* How good what is learned from the rest is on what is held back; *rounds is what was found to be enough. */
static dcl_status try_held(const dcl_context *context, dcl_blob_kind kind, const dcl_gateway_lesson *lesson,
                           const dcl_gateway_rows *rows, const uint8_t *held,
                           const dcl_gateway_options *options, int *rounds, dcl_gateway_error *figures,
                           dcl_error *error) {
    taught from = {0};
    dcl_arena arena = {0};
    dcl_forest forest;
    dcl_gateway_blob blob = {0};
    dcl_status status = take_rows(lesson, kind, rows, held, &from, error);
    if (!status) status = train(context, kind, &from, options, rounds, &arena, &forest, error);
    if (!status) status = blob_of(kind, &forest, options->serial, &blob, error);
    if (!status) judge(kind, rows, held, &forest, &blob.forest, figures);
    figures->taught = from.n;
    dcl_gateway_blob_free(&blob);
    dcl_arena_free(&arena);
    free_rows(&from);
    return status;
}

/* A forecast; none where there is nothing to learn it from or to judge it by. What was held back is learned from as well, at last. */
static dcl_status learn_forecast(const dcl_context *context, dcl_blob_kind kind,
                                 const dcl_gateway_lesson *lesson, const dcl_gateway_options *options,
                                 dcl_arena *arena, dcl_forest *out, dcl_gateway_error *figures,
                                 dcl_error *error) {
    const dcl_gateway_rows *rows = kind == DCL_BLOB_MINUTE ? &lesson->minute : &lesson->today;
    uint8_t *held = calloc(rows->n + 1, 1);
    taught all = {0};
    int rounds = 0;
    size_t n_held = 0;
    dcl_status status = held ? DCL_OK : dcl_fail_memory(error, "rows");
    if (!status) dcl_gateway_hold(lesson, rows, held);
    for (size_t i = 0; !status && i < rows->n; i++) n_held += held[i];
    if (status || !n_held || rows->n - n_held < 100) goto done;
    status = try_held(context, kind, lesson, rows, held, options, &rounds, figures, error);
    if (!status) status = take_rows(lesson, kind, rows, NULL, &all, error);
    if (!status) status = train(context, kind, &all, options, &rounds, arena, out, error);
done:
    free_rows(&all);
    free(held);
    return status;
}

dcl_status dcl_gateway_learn(const dcl_context *context, const dcl_gateway_lesson *lesson,
                             const dcl_gateway_options *options, dcl_gateway_model **out, dcl_error *error) {
    *out = NULL;
    if (options->trees < 1 || options->depth < 1 || options->depth > DCL_BLOB_DEPTH)
        return dcl_fail(error, DCL_E_ARG, "a gateway's trees have 1 to %d levels", DCL_BLOB_DEPTH);
    dcl_gateway_model *m = calloc(1, sizeof *m);
    if (!m) return dcl_fail_memory(error, "a model for the gateway");
    m->homes = lesson->homes;
    m->serial = options->serial;
    dcl_status status = learn_forecast(context, DCL_BLOB_MINUTE, lesson, options, &m->arena, &m->minute,
                                       &m->minute_error, error);
    if (!status)
        status = learn_forecast(context, DCL_BLOB_TODAY, lesson, options, &m->arena, &m->today,
                                &m->today_error, error);
    if (!status) status = dcl_gateway_name_steps(context, lesson, options, &m->namer, error);
    if (!status && !m->minute.n_trees && !m->today.n_trees && !m->namer.tree)
        status = dcl_fail(error, DCL_E_NO_DATA,
                          "too few minutes, days and steps to learn from and to be judged by");
    if (!status) status = dcl_gateway_make_blobs(m, error);
    if (status)
        dcl_gateway_model_close(&m);
    else
        *out = m;
    return status;
}
