/* What bench/peers calls of ours: plain functions for ctypes, in the widest form that this machine has. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/event.h>
#include <declic/household.h>
#include <declic/kernel.h>
#include <declic/learn_svm.h>
#include <declic/series.h>
#include <declic/town.h>
#include <libsvm/svm.h>
#include <xgboost/c_api.h>

#include "learn/booster.h"
#include "learn/forest.h"
#include "learn/svm.h"

static dcl_kernels widest(void) {
    dcl_kernels kernels = {0};
    dcl_error error;
    /* Never refused: there is always the scalar form. */
    return dcl_kernels_select("auto", &kernels, &error) == DCL_OK ? kernels : (dcl_kernels){0};
}

/** The name of that form. */
const char *bench_isa(void);
const char *bench_isa(void) {
    return widest().isa;
}

/** dcl_kernels.edge_i32 with no sample before. */
size_t bench_edge_i32(const int32_t *x, size_t n, uint32_t threshold, uint32_t *index);
size_t bench_edge_i32(const int32_t *x, size_t n, uint32_t threshold, uint32_t *index) {
    return widest().edge_i32(x, n, DCL_MISSING_I32, threshold, index);
}

/** dcl_hart_i32(). */
size_t bench_hart_i32(const int32_t *x, size_t n, uint32_t state, uint32_t noise, dcl_hart_step *out);
size_t bench_hart_i32(const int32_t *x, size_t n, uint32_t state, uint32_t noise, dcl_hart_step *out) {
    dcl_kernels kernels = widest();
    return dcl_hart_i32(&kernels, x, n, state, noise, out);
}

/** dcl_edges_find() of n seconds of active power, W, on one thread; how many steps, or SIZE_MAX where it fails. */
size_t bench_edges_find(float *power_w, size_t n);
size_t bench_edges_find(float *power_w, size_t n) {
    dcl_kernels kernels = widest();
    dcl_context context = {.kernels = &kernels, .threads = 1};
    dcl_series series = {.channel = DCL_POWER_W,
                         .period_us = DCL_SECOND_US,
                         .reading_us = DCL_SECOND_US,
                         .n = n,
                         .value = power_w};
    dcl_home home = {.series = &series, .n_series = 1};
    dcl_edge_options options = dcl_edge_defaults();
    dcl_arena arena = {0};
    dcl_edges edges;
    dcl_status status = dcl_edges_find(&context, &home, &options, &arena, &edges, NULL);
    dcl_arena_free(&arena);
    return status == DCL_OK ? edges.n : SIZE_MAX;
}

/* A home read from a file, with the arena it lives in. */
typedef struct bench_home {
    dcl_arena arena;
    dcl_home home;
} bench_home;

/** dcl_home_read() of a file in UTC with the options that a program has where none is given; NULL where it fails. */
bench_home *bench_home_open(const char *path);
bench_home *bench_home_open(const char *path) {
    dcl_kernels kernels = widest();
    dcl_context context = {.kernels = &kernels, .threads = 1};
    dcl_read_options options = dcl_read_defaults();
    bench_home *out = calloc(1, sizeof *out);
    if (out && dcl_home_read(&context, path, &options, &out->arena, &out->home, NULL)) {
        dcl_arena_free(&out->arena);
        free(out);
        out = NULL;
    }
    return out;
}

void bench_home_close(bench_home *home);
void bench_home_close(bench_home *home) {
    dcl_arena_free(&home->arena);
    free(home);
}

/** The i-th series; NULL past the last. */
const dcl_series *bench_home_series(const bench_home *home, size_t i);
const dcl_series *bench_home_series(const bench_home *home, size_t i) {
    return i < home->home.n_series ? &home->home.series[i] : NULL;
}

/* ---------------------------------------------------------------- panels */

/** Writes homes × slots as a panel of one shard, in steps of 1 W from 2013 on at 30 min; false where it fails. */
bool bench_panel_write(const char *path, const int16_t *raw, size_t homes, size_t slots, int threads);
bool bench_panel_write(const char *path, const int16_t *raw, size_t homes, size_t slots, int threads) {
    const dcl_kernels kernels = widest();
    const dcl_context context = {.kernels = &kernels, .threads = threads};
    char(*id)[64] = calloc(homes, sizeof *id);
    for (size_t i = 0; id && i < homes; i++) snprintf(id[i], sizeof *id, "home%zu", i);
    const dcl_panel_rows rows = {.n_homes = homes,
                                 .n_slots = slots,
                                 .start_us = 1356998400 * DCL_SECOND_US,
                                 .period_us = 30 * DCL_MINUTE_US,
                                 .id = (const char(*)[64])id,
                                 .raw = raw,
                                 .scale_w = 1};
    dcl_panel_shard shard;
    bool done = id && dcl_panel_shard_write(&context, path, &rows, &shard, NULL) == DCL_OK &&
                dcl_panel_index_write(&context, path, rows.period_us, &shard, 1, NULL) == DCL_OK;
    free(id);
    return done;
}

/** dcl_panel_summarise() in steps of 1 W, mean days of half hours; false where it fails. */
bool bench_summarise(const int16_t *raw, size_t homes, size_t slots, int threads, uint64_t *present,
                     float *mean_w, float *max_w, float *quantile_w, float *profile_w);
bool bench_summarise(const int16_t *raw, size_t homes, size_t slots, int threads, uint64_t *present,
                     float *mean_w, float *max_w, float *quantile_w, float *profile_w) {
    const dcl_kernels kernels = widest();
    const dcl_context context = {.kernels = &kernels, .threads = threads};
    const dcl_panel_summary out = {present, mean_w, max_w, quantile_w, profile_w};
    return dcl_panel_summarise(&context, raw, homes, slots, 48, 1, &out, NULL) == DCL_OK;
}

/** Opens a panel and reads all of it; false where it fails. */
bool bench_panel_read(const char *path, int16_t *raw, size_t homes, size_t slots, int threads);
bool bench_panel_read(const char *path, int16_t *raw, size_t homes, size_t slots, int threads) {
    const dcl_kernels kernels = widest();
    const dcl_context context = {.kernels = &kernels, .threads = threads};
    dcl_panel *panel;
    if (dcl_panel_open(path, &panel, NULL)) return false;
    bool done = dcl_panel_read_raw(&context, panel, 0, homes, 0, slots, raw, NULL) == DCL_OK;
    dcl_panel_close(&panel);
    return done;
}

/* ---------------------------------------------------------------- clusters */

/** dcl_kmeans_fit() from given centroids; iterations, or 0 where it fails. inertia and label [n] are the result. */
uint32_t bench_kmeans(const float *x, size_t n, size_t dim, uint32_t k, const float *init,
                      uint32_t iterations, int threads, int plain, double *inertia, uint32_t *label,
                      uint64_t *weighed);
uint32_t bench_kmeans(const float *x, size_t n, size_t dim, uint32_t k, const float *init,
                      uint32_t iterations, int threads, int plain, double *inertia, uint32_t *label,
                      uint64_t *weighed) {
    dcl_kernels kernels = widest();
    dcl_context context = {.kernels = &kernels, .threads = threads};
    dcl_kmeans_options options = {.k = k, .max_iterations = iterations, .init = init, .plain = plain != 0};
    dcl_arena arena = {0};
    dcl_kmeans out;
    uint32_t done = 0;
    if (!dcl_kmeans_fit(&context, x, n, dim, &options, &arena, &out, NULL)) {
        done = out.iterations;
        *inertia = out.inertia;
        *weighed = out.weighed;
        memcpy(label, out.label, n * sizeof *label);
    }
    dcl_arena_free(&arena);
    return done;
}

/* ---------------------------------------------------------------- boosted trees */

/* A forest and XGBoost's own booster of the same model. */
typedef struct bench_forest {
    dcl_arena arena;
    dcl_forest ours;
    dcl_kernels kernels;
    BoosterHandle peer;
} bench_forest;

void bench_forest_close(bench_forest *forest);
void bench_forest_close(bench_forest *forest) {
    if (forest->peer) XGBoosterFree(forest->peer);
    dcl_arena_free(&forest->arena);
    free(forest);
}

/** Trains `rounds` trees on n rows of k features and loads them on both sides, the peer's for one thread; NULL where that fails. */
bench_forest *bench_forest_open(const float *x, const float *y, size_t n, size_t k, int rounds, int depth);
bench_forest *bench_forest_open(const float *x, const float *y, size_t n, size_t k, int rounds, int depth) {
    bench_forest *forest = calloc(1, sizeof *forest);
    if (!forest) return NULL;
    forest->kernels = widest();
    dcl_context context = {.kernels = &forest->kernels, .threads = 2, .seed = 1};
    dcl_booster_data data = {.x = x, .y = y, .n = n, .k = k};
    dcl_booster_options options = dcl_booster_defaults();
    options.rounds = rounds;
    options.depth = depth;
    options.leaf_weight = 1;
    dcl_booster_model model;
    bool done = dcl_booster_train(&context, &data, &options, &model, NULL) == DCL_OK;
    done = done &&
           dcl_forest_from_json(model.json, model.length, &forest->arena, &forest->ours, NULL) == DCL_OK &&
           XGBoosterCreate(NULL, 0, &forest->peer) == 0 &&
           XGBoosterLoadModelFromBuffer(forest->peer, model.json, model.length) == 0 &&
           XGBoosterSetParam(forest->peer, "nthread", "1") == 0;
    free(model.json);
    if (done) return forest;
    bench_forest_close(forest);
    return NULL;
}

/** How many trees and nodes. */
size_t bench_forest_size(const bench_forest *forest, size_t *nodes);
size_t bench_forest_size(const bench_forest *forest, size_t *nodes) {
    *nodes = forest->ours.n_nodes;
    return forest->ours.n_trees;
}

/** Margins of n rows, `at_once` a call. */
void bench_forest_ours(const bench_forest *forest, const float *x, size_t n, size_t at_once, float *margin);
void bench_forest_ours(const bench_forest *forest, const float *x, size_t n, size_t at_once, float *margin) {
    size_t k = forest->ours.n_features;
    for (size_t i = 0; i < n; i += at_once)
        dcl_forest_predict(&forest->kernels, &forest->ours, x + i * k, at_once, k, margin + i);
}

/** The same by XGBoosterPredictFromDense(), XGBoost's prediction in place; false where it fails. */
bool bench_forest_peer(const bench_forest *forest, const float *x, size_t n, size_t at_once, float *margin);
bool bench_forest_peer(const bench_forest *forest, const float *x, size_t n, size_t at_once, float *margin) {
    const char *config =
        "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false,"
        "\"cache_id\":0,\"missing\":NaN}";
    size_t k = forest->ours.n_features;
    for (size_t i = 0; i < n; i += at_once) {
        char array[256];
        snprintf(array, sizeof array,
                 "{\"data\":[%zu,true],\"shape\":[%zu,%zu],\"typestr\":\"<f4\",\"version\":3}",
                 (size_t)(x + i * k), at_once, k);
        const bst_ulong *shape;
        bst_ulong dim;
        const float *p;
        if (XGBoosterPredictFromDense(forest->peer, array, config, NULL, &shape, &dim, &p)) return false;
        memcpy(margin + i, p, at_once * sizeof *p);
    }
    return true;
}

/* ---------------------------------------------------------------- support vector machines */

/* A machine of two or more classes with libsvm's own beside it, both trained on the same mapped rows. */
typedef struct bench_svm {
    dcl_arena arena;
    dcl_svm ours;
    dcl_kernels kernels;
    struct svm_problem problem;
    struct svm_node *node;
    struct svm_model *peer;
    float *scratch;
    double *decisions;
} bench_svm;

static void print_nothing(const char *text) {
    (void)text;
}

void bench_svm_close(bench_svm *svm);
void bench_svm_close(bench_svm *svm) {
    if (svm->peer) svm_free_and_destroy_model(&svm->peer);
    free(svm->problem.x);
    free(svm->problem.y);
    free(svm->node);
    free(svm->scratch);
    free(svm->decisions);
    dcl_arena_free(&svm->arena);
    free(svm);
}

static struct svm_node *bench_nodes(const float *x, size_t n, size_t features) {
    struct svm_node *node = malloc(n * (features + 1) * sizeof *node);
    for (size_t i = 0; node && i < n; i++) {
        struct svm_node *row = node + i * (features + 1);
        for (size_t f = 0; f < features; f++)
            row[f] = (struct svm_node){(int)f + 1, (double)x[i * features + f]};
        row[features].index = -1;
    }
    return node;
}

/* libsvm's training on what our machine's map makes of the rows. */
static bool train_peer(bench_svm *svm, const dcl_rows *rows, double c) {
    float *mapped = malloc(rows->n * rows->features * sizeof *mapped);
    svm->problem = (struct svm_problem){(int)rows->n, malloc(rows->n * sizeof(double)),
                                        malloc(rows->n * sizeof(struct svm_node *))};
    if (!mapped || !svm->problem.x || !svm->problem.y) return false;
    for (size_t i = 0; i < rows->n; i++)
        dcl_svm_map(svm->ours.knot, rows->features, rows->x + i * rows->features,
                    mapped + i * rows->features);
    svm->node = bench_nodes(mapped, rows->n, rows->features);
    free(mapped);
    if (!svm->node) return false;
    for (size_t i = 0; i < rows->n; i++) {
        svm->problem.x[i] = svm->node + i * (rows->features + 1);
        svm->problem.y[i] = rows->label[i];
    }
    struct svm_parameter with = {.svm_type = C_SVC,
                                 .kernel_type = RBF,
                                 .gamma = (double)svm->ours.gamma,
                                 .C = c,
                                 .eps = 1e-3,
                                 .cache_size = 64,
                                 .shrinking = 1};
    svm_set_print_string_function(print_nothing);
    svm->peer = svm_train(&svm->problem, &with);
    return svm->peer != NULL;
}

/** Trains both on n rows whose classes have as many rows each; NULL where that fails. */
bench_svm *bench_svm_open(const float *x, const uint32_t *label, size_t n, size_t features, uint32_t classes,
                          double c, double gamma);
bench_svm *bench_svm_open(const float *x, const uint32_t *label, size_t n, size_t features, uint32_t classes,
                          double c, double gamma) {
    bench_svm *svm = calloc(1, sizeof *svm);
    if (!svm) return NULL;
    svm->kernels = widest();
    dcl_context context = {.kernels = &svm->kernels, .threads = 1};
    dcl_rows rows = {x, label, label, n, features, classes};
    if (dcl_svm_train(&context, &rows, c, gamma, &svm->arena, &svm->ours, NULL) == DCL_OK &&
        train_peer(svm, &rows, c)) {
        svm->scratch = malloc(dcl_svm_scratch(&svm->ours) * sizeof *svm->scratch);
        svm->decisions = malloc((dcl_svm_pairs(classes) + 1) * sizeof *svm->decisions);
        if (svm->scratch && svm->decisions) return svm;
    }
    bench_svm_close(svm);
    return NULL;
}

/** Support vectors of ours and of the peer. */
size_t bench_svm_vectors(const bench_svm *svm, size_t *peer);
size_t bench_svm_vectors(const bench_svm *svm, size_t *peer) {
    *peer = (size_t)svm->peer->l;
    return svm->ours.n;
}

/** Labels of n mapped vectors by ours. */
void bench_svm_ours(const bench_svm *svm, const float *mapped, size_t n, uint32_t *label);
void bench_svm_ours(const bench_svm *svm, const float *mapped, size_t n, uint32_t *label) {
    for (size_t i = 0; i < n; i++)
        label[i] =
            dcl_svm_label_mapped(&svm->kernels, &svm->ours, mapped + i * svm->ours.features, svm->scratch);
}

/** The same vectors as libsvm takes them; the caller's, to be freed with free(). */
struct svm_node *bench_svm_nodes(const float *mapped, size_t n, size_t features);
struct svm_node *bench_svm_nodes(const float *mapped, size_t n, size_t features) {
    return bench_nodes(mapped, n, features);
}

/** Labels of n vectors by libsvm: svm_predict_values(), which svm_predict() calls after taking memory. */
void bench_svm_peer(const bench_svm *svm, const struct svm_node *node, size_t n, uint32_t *label);
void bench_svm_peer(const bench_svm *svm, const struct svm_node *node, size_t n, uint32_t *label) {
    for (size_t i = 0; i < n; i++)
        label[i] =
            (uint32_t)svm_predict_values(svm->peer, node + i * (svm->ours.features + 1), svm->decisions);
}

/**
 * dcl_town_power() of `homes` homes of a town over 2025 in slots of period_s; the last home's is in power_w. How many slots, 0 where it
 * fails. The town is opened once, as it is for a panel.
 */
size_t bench_town_year(uint32_t seed, uint32_t homes, int64_t period_s, float *power_w);
size_t bench_town_year(uint32_t seed, uint32_t homes, int64_t period_s, float *power_w) {
    dcl_error error;
    dcl_zone *zone = NULL;
    dcl_town *town = NULL;
    dcl_town_options options = dcl_town_defaults();
    if (dcl_zone_open("Europe/Paris", &zone, &error)) return 0;
    const dcl_kernels kernels = widest();
    dcl_context context = {.kernels = &kernels, .threads = 1, .seed = seed, .zone = zone};
    options.start_us = dcl_zone_day_start(zone, dcl_days_from_date(2025, 1, 1));
    options.days = 365;
    options.period_us = period_s * DCL_SECOND_US;
    dcl_status status = dcl_town_open(&context, &options, &town, &error);
    size_t n = status ? 0 : dcl_town_slots(town, NULL);
    for (uint32_t i = 0; !status && i < homes; i++) status = dcl_town_power(town, i, power_w, NULL);
    dcl_town_close(&town);
    dcl_zone_close(&zone);
    return status ? 0 : n;
}
