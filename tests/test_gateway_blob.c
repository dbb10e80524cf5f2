/* Forests of integers: the way each value goes, the bytes of a blob, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "gateway/quantise.h"
#include "learn/booster.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { ROWS = 3000, FEATURES = 5 };

static const dcl_mcu_feature table[FEATURES] = {{"power", "W", 1, 1},
                                                {"energy", "Wh", 1, 10},
                                                {"share", "1", 1000, 1},
                                                {"hour", "h", 4, 1},
                                                {"third", "s", 1, 3}};

/* Rows of whole steps of each feature, and something to learn of them. */
static void make_rows(int16_t *x, float *value, float *y) {
    dcl_rng rng = {7, 1, 0};
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t f = 0; f < FEATURES; f++) {
            x[i * FEATURES + f] = (int16_t)((int)dcl_rng_below(&rng, 4000) - 2000);
            value[i * FEATURES + f] = dcl_gateway_value(&table[f], x[i * FEATURES + f]);
        }
        y[i] = (float)(x[i * FEATURES] / 4 + (x[i * FEATURES + 1] > 300 ? 500 : 0) +
                       x[i * FEATURES + 2] * x[i * FEATURES + 3] / 20000);
    }
}

typedef struct learned {
    int16_t x[ROWS * FEATURES];
    float value[ROWS * FEATURES], y[ROWS], margin[ROWS];
    dcl_arena arena;
    dcl_forest forest;
    dcl_gateway_blob blob;
} learned;

static dcl_gateway_source source_of(const dcl_forest *forest) {
    return (dcl_gateway_source){.kind = DCL_BLOB_MINUTE,
                                .feature = table,
                                .features = FEATURES,
                                .forest = forest,
                                .outputs = 1,
                                .serial = 7};
}

static learned *learn(int rounds, int depth) {
    learned *l = calloc(1, sizeof *l);
    assert_non_null(l);
    make_rows(l->x, l->value, l->y);
    dcl_booster_options options = dcl_booster_defaults();
    options.rounds = rounds;
    options.depth = depth;
    dcl_context context = {.threads = 1, .seed = 1};
    dcl_booster_data data = {.x = l->value, .y = l->y, .n = ROWS, .k = FEATURES};
    dcl_booster_model model;
    assert_int_equal(dcl_booster_train(&context, &data, &options, &model, NULL), DCL_OK);
    assert_int_equal(dcl_forest_from_json(model.json, model.length, &l->arena, &l->forest, NULL), DCL_OK);
    free(model.json);
    dcl_forest_margins(&l->forest, l->value, ROWS, FEATURES, l->margin);
    dcl_gateway_source source = source_of(&l->forest);
    dcl_error error = {0};
    if (dcl_gateway_quantise(&source, &l->blob, &error)) fail_msg("%s", error.msg);
    return l;
}

static void release(learned *l) {
    dcl_gateway_blob_free(&l->blob);
    dcl_arena_free(&l->arena);
    free(l);
}

/* A leaf is at most half a step from its float, and so is the base; float32 itself rounds each sum. */
static void each_row_goes_the_way_of_its_floats(void **state) {
    (void)state;
    static const struct { int rounds, depth; } cases[] = {{50, 4}, {1, 1}, {7, 2}, {33, 3}, {20, 5}, {9, 8}};
    for (size_t c = 0; c < COUNT(cases); c++) {
        learned *l = learn(cases[c].rounds, cases[c].depth);
        double step = ldexp(1, -l->blob.forest.shift), most = step * (cases[c].rounds + 1) / 2 + 0.01;
        for (size_t i = 0; i < ROWS; i++) {
            int32_t sum;
            dcl_mcu_forest_sums(&l->blob.forest, l->x + i * FEATURES, &sum);
            double got = sum * step;
            if (fabs(got - (double)l->margin[i]) > most)
                fail_msg("case %zu row %zu: want %g got %g within %g", c, i, (double)l->margin[i], got, most);
        }
        release(l);
    }
}

static void a_threshold_parts_integers_as_its_float_parts_values(void **state) {
    (void)state;
    static const dcl_mcu_feature features[] = {
        {"a", "W", 1, 1}, {"b", "W", 1, 10},    {"c", "W", 1000, 1},   {"d", "W", 7, 3},
        {"e", "W", 1, 3}, {"f", "W", 10000, 1}, {"g", "W", 65535, 11}, {"h", "W", 1, 65535}};
    static const float cuts[] = {0,     -0.0f,  1,       -1,    0.1f,     0.30000001f, 100.5f, 1e-6f,
                                 1e30f, -1e30f, 327.66f, 32766, 32766.5f, -32767,      -32768};
    for (size_t f = 0; f < COUNT(features); f++) {
        for (size_t c = 0; c < COUNT(cuts) * 3; c++) {
            float cut = cuts[c / 3];
            if (c % 3) cut = nextafterf(cut, c % 3 == 1 ? INFINITY : -INFINITY);
            int16_t threshold = dcl_gateway_threshold(&features[f], cut);
            for (int32_t i = DCL_FEATURE_LEAST; i <= DCL_FEATURE_MOST; i++)
                if ((i < threshold) != (dcl_gateway_value(&features[f], i) < cut))
                    fail_msg("feature %zu cut %.9g threshold %d at %d", f, (double)cut, (int)threshold,
                             (int)i);
        }
    }
}

static void fifty_trees_of_depth_four_take_two_and_a_half_bytes_a_node(void **state) {
    (void)state;
    learned *l = learn(50, 4);
    assert_int_equal(l->blob.bytes, 32 + 4 + 4 + 25 * 154);
    assert_int_equal(l->blob.trees, 50);
    assert_true((double)l->blob.bytes <= 2.6 * 31 * 50);
    release(l);
}

/* Every bit of a small blob, one at a time. */
static void a_blob_with_any_bit_turned_is_refused(void **state) {
    (void)state;
    learned *l = learn(3, 2);
    size_t n = l->blob.bytes;
    uint16_t *copy = malloc(n);
    assert_non_null(copy);
    dcl_mcu_forest forest;
    for (size_t bit = 0; bit < 8 * n; bit++) {
        memcpy(copy, l->blob.word, n);
        copy[bit / 16] = (uint16_t)(copy[bit / 16] ^ 1u << bit % 16);
        if (!dcl_mcu_forest_open(copy, n, DCL_BLOB_ANY, 0, &forest)) fail_msg("bit %zu of %zu", bit, 8 * n);
    }
    free(copy);
    release(l);
}

static void put_crc(uint16_t *word, size_t n) {
    uint32_t crc = dcl_mcu_crc32(dcl_mcu_crc32(0, word, 12), word + 8, n - 16);
    word[6] = (uint16_t)(crc & 0xFFFF);
    word[7] = (uint16_t)(crc >> 16);
}

/* The checksum made right again: whatever the tables say then, no walk leaves the blob (the sanitizers watch the exact copy). */
static void a_blob_with_any_bit_turned_and_a_right_checksum_is_walked_within_its_bytes(void **state) {
    (void)state;
    learned *l = learn(3, 2);
    size_t n = l->blob.bytes, opened = 0;
    for (size_t bit = 0; bit < 8 * n; bit++) {
        if (bit / 8 >= 12 && bit / 8 < 16) continue;
        uint16_t *copy = malloc(n);
        assert_non_null(copy);
        memcpy(copy, l->blob.word, n);
        copy[bit / 16] = (uint16_t)(copy[bit / 16] ^ 1u << bit % 16);
        put_crc(copy, n);
        dcl_mcu_forest forest;
        int32_t sum[DCL_BLOB_OUTPUTS];
        int16_t x[DCL_BLOB_FEATURES] = {100, -100, 3};
        if (!dcl_mcu_forest_open(copy, n, DCL_BLOB_ANY, 0, &forest)) {
            opened++;
            int16_t *row = malloc(forest.features * sizeof *row);
            assert_non_null(row);
            memcpy(row, x, forest.features * sizeof *row);
            dcl_mcu_forest_sums(&forest, row, sum);
            free(row);
        }
        free(copy);
    }
    assert_true(opened > 100); /* thresholds and leaves may be anything */
    release(l);
}

static void a_cut_foreign_newer_or_other_blob_is_refused(void **state) {
    (void)state;
    learned *l = learn(3, 2);
    size_t n = l->blob.bytes;
    dcl_mcu_forest forest;
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(dcl_mcu_forest_open(l->blob.word, cut, DCL_BLOB_ANY, 0, &forest), DCL_BLOB_SHORT);
    uint32_t schema = dcl_mcu_schema(table, FEATURES), fewer = dcl_mcu_schema(table, FEATURES - 1);
    assert_int_equal(dcl_mcu_forest_open(l->blob.word, n, DCL_BLOB_MINUTE, schema, &forest), DCL_BLOB_FINE);
    assert_int_equal(forest.serial, 7);
    assert_int_equal(dcl_mcu_forest_open(l->blob.word, n, DCL_BLOB_TODAY, schema, &forest), DCL_BLOB_OTHER);
    assert_int_equal(dcl_mcu_forest_open(l->blob.word, n, DCL_BLOB_MINUTE, fewer, &forest), DCL_BLOB_OTHER);
    l->blob.word[2]++;
    put_crc(l->blob.word, n);
    assert_int_equal(dcl_mcu_forest_open(l->blob.word, n, DCL_BLOB_ANY, 0, &forest), DCL_BLOB_NEWER);
    l->blob.word[2]--;
    l->blob.word[0]++;
    assert_int_equal(dcl_mcu_forest_open(l->blob.word, n, DCL_BLOB_ANY, 0, &forest), DCL_BLOB_FOREIGN);
    release(l);
}

static void the_old_blob_stays_until_the_new_one_is_whole(void **state) {
    (void)state;
    learned *l = learn(3, 2);
    size_t n = l->blob.bytes;
    dcl_gateway_source source = source_of(&l->forest);
    dcl_gateway_blob newer;
    source.serial = 8;
    assert_int_equal(dcl_gateway_quantise(&source, &newer, NULL), DCL_OK);
    uint16_t *slot = malloc(n);
    assert_non_null(slot);
    const uint16_t *const at[2] = {l->blob.word, slot};
    const size_t room[2] = {n, n};
    dcl_blob_fault fault[2];
    dcl_mcu_forest forest;
    /* The new one arrives byte by byte over erased flash; the old one is used until the last byte that counts. */
    memset(slot, 0xFF, n);
    for (size_t came = 0; came < n; came++) {
        assert_int_equal(dcl_mcu_forest_choose(at, room, DCL_BLOB_MINUTE, 0, &forest, fault), 0);
        assert_int_equal(forest.serial, 7);
        memcpy((char *)slot + came, (char *)newer.word + came, 1);
    }
    assert_int_equal(dcl_mcu_forest_choose(at, room, DCL_BLOB_MINUTE, 0, &forest, fault), 1);
    assert_int_equal(forest.serial, 8);
    l->blob.word[3] ^= 1;
    assert_int_equal(dcl_mcu_forest_choose(at, room, DCL_BLOB_MINUTE, 0, &forest, fault), 1);
    assert_int_equal(fault[0], DCL_BLOB_DAMAGED);
    slot[9] ^= 1;
    assert_int_equal(dcl_mcu_forest_choose(at, room, DCL_BLOB_MINUTE, 0, &forest, NULL), -1);
    free(slot);
    dcl_gateway_blob_free(&newer);
    release(l);
}

static void outputs_and_their_labels_come_back(void **state) {
    (void)state;
    learned *l = learn(5, 3), *m = learn(8, 4);
    dcl_forest forests[] = {l->forest, m->forest, l->forest};
    static const char *const labels[] = {"kettle", "", "fridge"};
    dcl_gateway_source source = source_of(forests);
    source.outputs = 3;
    source.label = labels;
    dcl_gateway_blob blob;
    assert_int_equal(dcl_gateway_quantise(&source, &blob, NULL), DCL_OK);
    for (uint32_t k = 0; k < 3; k++) assert_string_equal(dcl_mcu_forest_label(&blob.forest, k), labels[k]);
    assert_string_equal(dcl_mcu_forest_label(&blob.forest, 3), "");
    for (size_t i = 0; i < ROWS; i += 100) {
        int32_t sum[3];
        dcl_mcu_forest_sums(&blob.forest, l->x + i * FEATURES, sum);
        double step = ldexp(1, -blob.forest.shift);
        assert_true(fabs(sum[0] * step - (double)l->margin[i]) < 5 * step);
        assert_true(fabs(sum[1] * step - (double)m->margin[i]) < 7 * step);
        assert_int_equal(sum[0], sum[2]);
    }
    dcl_gateway_blob_free(&blob);
    release(l);
    release(m);
}

static void what_a_gateway_cannot_hold_is_said(void **state) {
    (void)state;
    learned *l = learn(3, 2);
    dcl_forest_node chain[19] = {{0}};
    for (uint16_t i = 0; i < 9; i++)
        chain[i ? 2 * i : 0] = (dcl_forest_node){.left = (uint16_t)(2 * i + 1), .what = DCL_FOREST_INNER};
    dcl_forest_tree nine = {.n = 19, .depth = 9};
    dcl_forest deep = {.n_features = FEATURES, .n_trees = 1, .n_nodes = 19, .tree = &nine, .node = chain};
    dcl_forest_node huge = {.cut = 40000};
    dcl_forest_tree tree = {.n = 1};
    dcl_forest far = {.n_features = FEATURES, .n_trees = 1, .n_nodes = 1, .tree = &tree, .node = &huge};
    dcl_gateway_source good = source_of(&l->forest), fewer = good, none = good, big = source_of(&far),
                       levels = source_of(&deep);
    fewer.features--;
    none.outputs = 0;
    const struct {
        const dcl_gateway_source *source;
        dcl_status want;
    } cases[] = {{&good, DCL_OK},
                 {&fewer, DCL_E_ARG},
                 {&none, DCL_E_UNSUPPORTED},
                 {&big, DCL_E_UNSUPPORTED},
                 {&levels, DCL_E_UNSUPPORTED}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_gateway_blob blob;
        dcl_error error = {0};
        dcl_status status = dcl_gateway_quantise(cases[i].source, &blob, &error);
        if (status != cases[i].want) fail_msg("case %zu: %d %s", i, (int)status, error.msg);
        dcl_gateway_blob_free(&blob);
    }
    release(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_goes_the_way_of_its_floats),
        cmocka_unit_test(a_threshold_parts_integers_as_its_float_parts_values),
        cmocka_unit_test(fifty_trees_of_depth_four_take_two_and_a_half_bytes_a_node),
        cmocka_unit_test(a_blob_with_any_bit_turned_is_refused),
        cmocka_unit_test(a_blob_with_any_bit_turned_and_a_right_checksum_is_walked_within_its_bytes),
        cmocka_unit_test(a_cut_foreign_newer_or_other_blob_is_refused),
        cmocka_unit_test(the_old_blob_stays_until_the_new_one_is_whole),
        cmocka_unit_test(outputs_and_their_labels_come_back),
        cmocka_unit_test(what_a_gateway_cannot_hold_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
