#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xgboost/c_api.h>

#include "base/rng.h"
#include "learn/booster.h"
#include "learn/forest.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { ROWS = 3001, FEATURES = 9 };

static dcl_context context(void) {
    return (dcl_context){.threads = 1, .seed = 7};
}

/* Rows with holes, and a target that some features make; no value twice in feature 0, few values in feature 1. */
static void make_rows(float *x, float *y) {
    dcl_rng rng = {3, 1, 0};
    for (size_t i = 0; i < ROWS; i++) {
        float *row = x + i * FEATURES;
        for (size_t f = 0; f < FEATURES; f++) row[f] = (float)(dcl_rng_normal(&rng) * 100);
        row[1] = (float)dcl_rng_below(&rng, 4);
        if (dcl_rng_below(&rng, 5) == 0) row[2] = NAN;
        y[i] = (row[0] > 20 ? 60.f : 0.f) + 10 * row[1] + (isnan(row[2]) ? 30.f : row[2] * .1f) +
               row[3] * row[4] * .01f;
    }
}

static dcl_booster_model train(const float *x, const float *y, const dcl_booster_options *options) {
    dcl_context c = context();
    dcl_error error = {0};
    dcl_booster_model model;
    dcl_booster_data data = {.x = x, .y = y, .n = ROWS, .k = FEATURES};
    if (dcl_booster_train(&c, &data, options, &model, &error)) fail_msg("%s", error.msg);
    return model;
}

static void library_margins(const dcl_booster_model *model, const float *x, size_t n, float *out) {
    BoosterHandle booster;
    assert_int_equal(XGBoosterCreate(NULL, 0, &booster), 0);
    assert_int_equal(XGBoosterLoadModelFromBuffer(booster, model->json, model->length), 0);
    char array[256];
    snprintf(array, sizeof array,
             "{\"data\":[%zu,true],\"shape\":[%zu,%d],\"typestr\":\"<f4\",\"version\":3}", (size_t)x, n,
             FEATURES);
    const char *config =
        "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false,"
        "\"cache_id\":0,\"missing\":NaN}";
    const bst_ulong *shape;
    bst_ulong dim;
    const float *p;
    assert_int_equal(XGBoosterPredictFromDense(booster, array, config, NULL, &shape, &dim, &p), 0);
    memcpy(out, p, n * sizeof *out);
    XGBoosterFree(booster);
}

/* Values where a wrong comparison shows: on cuts, a step to each side of them, and at the ends of float32. */
static void put_traps(float *x, const dcl_forest *forest) {
    static const float odd[] = {INFINITY, -INFINITY, -0.0f,   0.0f,     1e-45f,
                                -1e-45f,  1e-39f,    3.4e38f, -3.4e38f, NAN};
    for (size_t i = 0; i < forest->n_nodes && i < ROWS; i++)
        if (forest->node[i].what & DCL_FOREST_INNER)
            x[i * FEATURES + (forest->node[i].what & 15u)] =
                i % 3 == 0 ? forest->node[i].cut
                           : nextafterf(forest->node[i].cut, i % 3 == 1 ? INFINITY : -INFINITY);
    for (size_t i = 0; i < ROWS; i += 7) x[i * FEATURES + i / 7 % FEATURES] = odd[i / 7 % COUNT(odd)];
}

/* The walk, and every form that this machine has: all rows at once, some, and one by one. */
static void check_all_ways(const char *json, size_t n, const float *x, const float *want, size_t number) {
    static const size_t at_once[] = {ROWS, 1, 15, 16, 48, 64, 65, 128, 129};
    static float got[ROWS + 200];
    dcl_arena arena = {0};
    const dcl_forest *forest;
    dcl_kernels kernels;
    assert_int_equal(dcl_forest_load(json, n, &arena, &forest, NULL), DCL_OK);
    assert_int_equal(dcl_forest_features(forest), FEATURES);
    dcl_forest_margins(forest, x, ROWS, FEATURES, got);
    assert_memory_equal(want, got, sizeof *want * ROWS);
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &kernels, NULL)) continue;
        for (size_t c = 0; c < COUNT(at_once); c++) {
            memset(got, 0, sizeof got);
            for (size_t i = 0; i + at_once[c] <= ROWS; i += at_once[c]) {
                dcl_forest_predict(&kernels, forest, x + i * FEATURES, at_once[c], FEATURES, got + i);
                if (memcmp(want + i, got + i, at_once[c] * sizeof *want) != 0)
                    fail_msg("case %zu, %s, %zu rows at once: row %zu or behind it differs", number,
                             kernels.isa, at_once[c], i);
            }
        }
    }
    dcl_arena_free(&arena);
}

static void margins_are_the_librarys_bit_for_bit(void **state) {
    (void)state;
    float *x = malloc(sizeof *x * ROWS * FEATURES), *y = malloc(sizeof *y * ROWS);
    float *want = malloc(sizeof *want * ROWS);
    assert_true(x && y && want);
    static const struct {
        dcl_booster_loss loss;
        int rounds, depth;
    } cases[] = {{DCL_BOOSTER_SQUARED, 60, 6}, {DCL_BOOSTER_SQUARED, 3, 1},  {DCL_BOOSTER_SQUARED, 30, 12},
                 {DCL_BOOSTER_SQUARED, 20, 8}, {DCL_BOOSTER_SQUARED, 20, 7}, {DCL_BOOSTER_SQUARED, 50, 4},
                 {DCL_BOOSTER_SQUARED, 33, 2}, {DCL_BOOSTER_HUBER, 40, 5},   {DCL_BOOSTER_LOGISTIC, 40, 5}};
    for (size_t c = 0; c < COUNT(cases); c++) {
        make_rows(x, y);
        dcl_booster_options options = dcl_booster_defaults();
        options.loss = cases[c].loss;
        options.rounds = cases[c].rounds;
        options.depth = cases[c].depth;
        for (size_t i = 0; i < ROWS && options.loss == DCL_BOOSTER_LOGISTIC; i++) y[i] = y[i] > 30;
        dcl_booster_model model = train(x, y, &options);
        assert_int_equal(model.trees, cases[c].rounds);
        dcl_arena arena = {0};
        dcl_error error = {0};
        dcl_forest forest;
        if (dcl_forest_from_json(model.json, model.length, &arena, &forest, &error))
            fail_msg("case %zu: %s", c, error.msg);
        assert_true((forest.plan != NULL) == (cases[c].depth <= DCL_TREES_DEPTH));
        assert_true((forest.side != NULL) == (cases[c].depth <= DCL_TREES_SIDE_DEPTH));
        put_traps(x, &forest);
        library_margins(&model, x, ROWS, want);
        check_all_ways(model.json, model.length, x, want, c);
        free(model.json);
        dcl_arena_free(&arena);
    }
    free(x), free(y), free(want);
}

/* XGBoost's own training, which is not held to 254 bins: training that goes on with other data leaves such models too. */
static void more_cuts_than_a_byte_has_codes_are_served_as_well(void **state) {
    (void)state;
    float *x = malloc(sizeof *x * ROWS * FEATURES), *y = malloc(sizeof *y * ROWS),
          *want = malloc(sizeof *want * ROWS);
    assert_true(x && y && want);
    make_rows(x, y);
    dcl_rng rng = {11, 1, 0};
    for (size_t i = 0; i < ROWS; i++) y[i] += (float)(100 * dcl_rng_normal(&rng));
    DMatrixHandle matrix;
    BoosterHandle booster;
    assert_int_equal(XGDMatrixCreateFromMat(x, ROWS, FEATURES, NAN, &matrix), 0);
    assert_int_equal(XGDMatrixSetFloatInfo(matrix, "label", y, ROWS), 0);
    assert_int_equal(XGBoosterCreate(&matrix, 1, &booster), 0);
    XGBoosterSetParam(booster, "tree_method", "exact");
    XGBoosterSetParam(booster, "nthread", "1");
    XGBoosterSetParam(booster, "min_child_weight", "0");
    for (int round = 0; round < 60; round++)
        assert_int_equal(XGBoosterUpdateOneIter(booster, round, matrix), 0);
    bst_ulong n;
    const char *bytes;
    assert_int_equal(XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &n, &bytes), 0);
    dcl_booster_model model = {.json = malloc(n), .length = n};
    assert_non_null(model.json);
    memcpy(model.json, bytes, n);
    dcl_arena arena = {0};
    dcl_forest forest;
    assert_int_equal(dcl_forest_from_json(model.json, model.length, &arena, &forest, NULL), DCL_OK);
    assert_non_null(forest.plan);
    assert_true(forest.plan->n_scales >
                FEATURES + 2); /* some features need two scales of 255 cuts and more */
    put_traps(x, &forest);
    library_margins(&model, x, ROWS, want);
    check_all_ways(model.json, model.length, x, want, 0);
    dcl_arena_free(&arena);
    XGBoosterFree(booster), XGDMatrixFree(matrix);
    free(model.json), free(x), free(y), free(want);
}

static void a_forest_comes_back_from_its_bytes_and_damage_is_refused(void **state) {
    (void)state;
    float *x = malloc(sizeof *x * ROWS * FEATURES), *y = malloc(sizeof *y * ROWS);
    assert_true(x && y);
    make_rows(x, y);
    dcl_booster_options options = dcl_booster_defaults();
    options.rounds = 5;
    dcl_booster_model model = train(x, y, &options);
    dcl_arena arena = {0};
    dcl_forest forest, again;
    assert_int_equal(dcl_forest_from_json(model.json, model.length, &arena, &forest, NULL), DCL_OK);
    dcl_pack_writer to = {0};
    dcl_forest_put(&to, &forest);
    assert_false(to.failed);
    dcl_pack_reader from = {.bytes = to.bytes, .n = to.n};
    assert_int_equal(dcl_forest_get(&from, &arena, &again, NULL), DCL_OK);
    assert_true(dcl_pack_done(&from));
    float want[100], got[100];
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, NULL), DCL_OK);
    dcl_forest_margins(&forest, x, 100, FEATURES, want);
    dcl_forest_margins(&again, x, 100, FEATURES, got);
    assert_memory_equal(want, got, sizeof want);
    for (size_t cut = 0; cut < to.n; cut += 7) {
        from = (dcl_pack_reader){.bytes = to.bytes, .n = cut};
        assert_int_equal(dcl_forest_get(&from, &arena, &again, NULL), DCL_E_FORMAT);
    }
    for (size_t i = 0; i < to.n; i++) { /* whatever a byte becomes: refused, or a forest whose walks end */
        to.bytes[i] ^= 0x5a;
        from = (dcl_pack_reader){.bytes = to.bytes, .n = to.n};
        if (dcl_forest_get(&from, &arena, &again, NULL) == DCL_OK && again.n_features <= FEATURES)
            dcl_forest_margins(&again, x, 9, FEATURES, got),
                dcl_forest_predict(&kernels, &again, x, 20, FEATURES, got + 20),
                dcl_forest_predict(&kernels, &again, x, 1, FEATURES, got + 50);
        to.bytes[i] ^= 0x5a;
    }
    free(to.bytes), free(model.json), free(x), free(y);
    dcl_arena_free(&arena);
}

static void training_stops_when_held_rows_gain_nothing(void **state) {
    (void)state;
    float *x = malloc(sizeof *x * ROWS * FEATURES), *y = malloc(sizeof *y * ROWS);
    uint8_t *held = calloc(ROWS, 1);
    assert_true(x && y && held);
    make_rows(x, y);
    dcl_rng rng = {5, 2, 0};
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = (float)dcl_rng_normal(&rng); /* nothing to be learned */
        held[i] = i % 3 == 0;
    }
    dcl_context c = context();
    dcl_booster_model model;
    dcl_booster_options options = dcl_booster_defaults();
    options.patience = 5;
    dcl_booster_data data = {.x = x, .y = y, .held = held, .n = ROWS, .k = FEATURES};
    assert_int_equal(dcl_booster_train(&c, &data, &options, &model, NULL), DCL_OK);
    assert_in_range(model.trees, 1, 30);
    assert_true(model.held_loss > .5 && model.held_loss < 2);
    free(model.json), free(x), free(y), free(held);
}

static void the_same_training_gives_the_same_bytes(void **state) {
    (void)state;
    float *x = malloc(sizeof *x * ROWS * FEATURES), *y = malloc(sizeof *y * ROWS);
    assert_true(x && y);
    make_rows(x, y);
    dcl_booster_options options = dcl_booster_defaults();
    options.rounds = 10;
    dcl_booster_model a = train(x, y, &options), b = train(x, y, &options);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.json, b.json, a.length);
    free(a.json), free(b.json), free(x), free(y);
}

static void what_cannot_be_learned_is_refused(void **state) {
    (void)state;
    float x[] = {1, 2, INFINITY, 3}, finite[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 4}, bad[] = {1, NAN, 3, 4};
    const uint8_t all[] = {1, 1, 1, 1};
    dcl_context c = context();
    dcl_booster_model model;
    dcl_booster_options good = dcl_booster_defaults(), bins = good, depth = good, logistic = good,
                        patience = good;
    bins.bins = 255;
    depth.depth = 0;
    logistic.loss = DCL_BOOSTER_LOGISTIC;
    patience.patience = 3;
    const struct {
        dcl_booster_data data;
        const dcl_booster_options *options;
        dcl_status want;
    } cases[] = {{{x, y, NULL, NULL, 4, 1, NULL}, &good, DCL_E_ARG},
                 {{finite, bad, NULL, NULL, 4, 1, NULL}, &good, DCL_E_ARG},
                 {{finite, y, NULL, NULL, 4, 1, NULL}, &bins, DCL_E_ARG},
                 {{finite, y, NULL, NULL, 4, 1, NULL}, &depth, DCL_E_ARG},
                 {{finite, y, NULL, NULL, 4, 1, NULL}, &logistic, DCL_E_ARG},
                 {{finite, y, NULL, NULL, 1, 1, NULL}, &good, DCL_E_NO_DATA},
                 {{finite, y, NULL, all, 4, 1, NULL}, &good, DCL_E_NO_DATA},
                 {{finite, y, NULL, NULL, 4, 1, bad}, &good, DCL_E_ARG},
                 {{finite, y, NULL, NULL, 4, 1, NULL}, &patience, DCL_E_NO_DATA}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_error error = {0};
        dcl_status status = dcl_booster_train(&c, &cases[i].data, cases[i].options, &model, &error);
        if (status != cases[i].want || !error.msg[0]) fail_msg("case %zu: %d %s", i, (int)status, error.msg);
    }
}

/* A model of one tree; what stands for each part is replaced by the cases. */
static void json_that_is_no_forest_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *left, *right, *feature, *name, *objective, *base;
        dcl_status want;
    } cases[] = {
        {"1,-1,-1", "2,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1", DCL_OK},
        {"1,-1,-1", "0,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1", DCL_E_FORMAT}, /* a ring */
        {"1,0,-1", "2,0,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1", DCL_E_FORMAT},
        {"1,-1,-1", "3,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1",
         DCL_E_FORMAT}, /* out of the tree */
        {"1,-1,-1", "2,-1,-1", "2,0,0", "gbtree", "reg:squarederror", "5E-1",
         DCL_E_FORMAT}, /* no such feature */
        {"1,-1,-1", "-1,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1", DCL_E_FORMAT},
        {"1,-1", "2,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "5E-1", DCL_E_FORMAT},
        {"", "", "", "gbtree", "reg:squarederror", "5E-1", DCL_E_FORMAT},
        {"1,-1,-1", "2,-1,-1", "0,0,0", "gblinear", "reg:squarederror", "5E-1", DCL_E_UNSUPPORTED},
        {"1,-1,-1", "2,-1,-1", "0,0,0", "gbtree", "multi:softmax", "5E-1", DCL_E_UNSUPPORTED},
        {"1,-1,-1", "2,-1,-1", "0,0,0", "gbtree", "binary:logistic", "4E-1", DCL_E_UNSUPPORTED},
        {"1,-1,-1", "2,-1,-1", "0,0,0", "gbtree", "reg:squarederror", "x", DCL_E_FORMAT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":[{\"left_children\":[%s],\"right_"
                 "children\":[%s],"
                 "\"split_indices\":[%s],\"split_conditions\":[%s],\"default_left\":[%s]}]},\"name\":\"%s\"},"
                 "\"learner_model_param\":{\"base_score\":\"%s\",\"num_feature\":\"2\"},\"objective\":{"
                 "\"name\":\"%s\"}}}",
                 cases[i].left, cases[i].right, cases[i].feature, *cases[i].feature ? "1.5,2,3" : "",
                 *cases[i].feature ? "0,0,0" : "", cases[i].name, cases[i].base, cases[i].objective);
        dcl_arena arena = {0};
        dcl_error error = {0};
        dcl_forest forest;
        dcl_status status = dcl_forest_from_json(json, strlen(json), &arena, &forest, &error);
        if (status != cases[i].want) fail_msg("case %zu: %d %s", i, (int)status, error.msg);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_are_the_librarys_bit_for_bit),
        cmocka_unit_test(more_cuts_than_a_byte_has_codes_are_served_as_well),
        cmocka_unit_test(a_forest_comes_back_from_its_bytes_and_damage_is_refused),
        cmocka_unit_test(training_stops_when_held_rows_gain_nothing),
        cmocka_unit_test(the_same_training_gives_the_same_bytes),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
        cmocka_unit_test(json_that_is_no_forest_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
