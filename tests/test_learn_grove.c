#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/grove.h"

enum { N = 400, FEATURES = 3 };

typedef struct table {
    float x[N * FEATURES];
    uint32_t label[N], group[N];
} table;

static dcl_rows rows_of(const table *t, uint32_t classes) {
    return (dcl_rows){t->x, t->label, t->group, N, FEATURES, classes};
}

/* Three features by lot; class 1 where the first two are on different sides of 0.5, else 0; groups of 20 rows. */
static void fill_crossed(table *t, uint64_t seed) {
    for (uint32_t i = 0; i < N; i++) {
        float *x = t->x + (size_t)i * FEATURES;
        for (uint32_t f = 0; f < FEATURES; f++) x[f] = (float)dcl_random_uniform(seed, f, i);
        t->label[i] = (x[0] < 0.5f) != (x[1] < 0.5f);
        t->group[i] = i / 20;
    }
}

static dcl_grove learn(const dcl_rows *rows, uint64_t seed, int threads, dcl_arena *arena) {
    dcl_context context = {.threads = threads, .seed = seed};
    dcl_grove_options options = dcl_grove_defaults();
    dcl_grove grove;
    options.share = 1;
    assert_int_equal(dcl_grove_learn(&context, rows, &options, arena, &grove, NULL), DCL_OK);
    return grove;
}

static void what_two_features_tell_together_is_learned(void **state) {
    (void)state;
    static table taught, other;
    dcl_arena arena = {0};
    fill_crossed(&taught, 1);
    fill_crossed(&other, 2);
    dcl_rows rows = rows_of(&taught, 3);
    dcl_grove grove = learn(&rows, 5, 1, &arena);
    size_t right = 0;
    for (size_t i = 0; i < N; i++) {
        double p[3];
        dcl_grove_probability(&grove, other.x + i * FEATURES, p);
        assert_true(fabs(p[0] + p[1] + p[2] - 1) < 1e-12);
        assert_true(p[2] == 0); /* a class without rows */
        right += (p[1] > p[0]) == (other.label[i] == 1);
    }
    assert_true(right >= N * 19 / 20);
    dcl_arena_free(&arena);
}

static void a_missing_value_tells_as_well(void **state) {
    (void)state;
    static table t;
    dcl_arena arena = {0};
    fill_crossed(&t, 3);
    for (size_t i = 0; i < N; i++) {
        t.label[i] = i % 4 == 0;
        if (i % 4 == 0) t.x[i * FEATURES + 1] = NAN;
    }
    dcl_rows rows = rows_of(&t, 2);
    dcl_grove grove = learn(&rows, 1, 1, &arena);
    double known[2], missing[2];
    dcl_grove_probability(&grove, (const float[]){0.5f, 0.5f, 0.5f}, known);
    dcl_grove_probability(&grove, (const float[]){0.5f, NAN, 0.5f}, missing);
    assert_true(known[0] > 0.99 && missing[1] > 0.99);
    dcl_arena_free(&arena);
}

/* Rows that nothing tells apart: 360 of class 0 in one group, 40 of class 1 in another. */
static void classes_weigh_the_same_whatever_their_rows(void **state) {
    (void)state;
    static table t;
    dcl_arena arena = {0};
    double p[2];
    for (size_t i = 0; i < N; i++) t.label[i] = t.group[i] = i >= 360;
    dcl_rows rows = rows_of(&t, 2);
    dcl_grove grove = learn(&rows, 1, 1, &arena);
    dcl_grove_probability(&grove, t.x, p);
    assert_true(fabs(p[0] - 0.5) < 0.05);
    /* Two groups of class 0 with opposite values of a feature that class 1 has in the middle: the small group counts as much. */
    for (size_t i = 0; i < N; i++) {
        t.group[i] = i < 300 ? 0 : i < 320 ? 1 : 2;
        t.label[i] = i >= 320;
        t.x[i * FEATURES] = i >= 300 && i % 2 ? 1 : 0;
    }
    grove = learn(&rows, 1, 1, &arena);
    dcl_grove_probability(&grove, (const float[]){1, 0, 0}, p);
    assert_true(p[0] > 0.25 && p[0] < 0.42); /* a quarter of class 0, a half of class 1: a third */
    dcl_arena_free(&arena);
}

static void threads_and_a_file_change_no_byte(void **state) {
    (void)state;
    static table t;
    dcl_arena arena = {0};
    fill_crossed(&t, 4);
    dcl_rows rows = rows_of(&t, 2);
    dcl_grove one = learn(&rows, 7, 1, &arena), two = learn(&rows, 7, 3, &arena), back;
    dcl_pack_writer a = {0}, b = {0};
    dcl_grove_put(&one, &a);
    dcl_grove_put(&two, &b);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.bytes, b.bytes, a.n);
    dcl_pack_reader from = {.bytes = a.bytes, .n = a.n};
    assert_int_equal(dcl_grove_get(&from, &arena, &back, NULL), DCL_OK);
    assert_true(dcl_pack_done(&from));
    for (size_t i = 0; i < N; i++) {
        double p[2], q[2];
        dcl_grove_probability(&one, t.x + i * FEATURES, p);
        dcl_grove_probability(&back, t.x + i * FEATURES, q);
        assert_memory_equal(p, q, sizeof p);
    }
    free(a.bytes);
    free(b.bytes);
    dcl_arena_free(&arena);
}

/* Cut anywhere it is refused; with any byte changed it is refused, or a forest that can be asked. */
static void damaged_bytes_are_refused_or_a_forest(void **state) {
    (void)state;
    static table t;
    dcl_arena arena = {0};
    fill_crossed(&t, 6);
    dcl_rows rows = rows_of(&t, 2);
    dcl_context context = {.threads = 1, .seed = 1};
    dcl_grove_options options = {.trees = 3, .leaf = 10, .share = 0.5};
    dcl_grove grove, back;
    dcl_pack_writer to = {0};
    assert_int_equal(dcl_grove_learn(&context, &rows, &options, &arena, &grove, NULL), DCL_OK);
    dcl_grove_put(&grove, &to);
    size_t refused = 0;
    for (size_t n = 0; n < to.n; n++) {
        dcl_pack_reader from = {.bytes = to.bytes, .n = n};
        dcl_arena scratch = {0};
        assert_int_equal(dcl_grove_get(&from, &scratch, &back, NULL), DCL_E_FORMAT);
        dcl_arena_free(&scratch);
        from = (dcl_pack_reader){.bytes = to.bytes, .n = to.n};
        unsigned char kept = to.bytes[n];
        to.bytes[n] = (unsigned char)(kept ^ (1u << n % 8));
        if (dcl_grove_get(&from, &scratch, &back, NULL) == DCL_OK) {
            double p[DCL_SVM_CLASSES];
            float x[DCL_SVM_FEATURES] = {0};
            dcl_grove_probability(&back, x, p);
            assert_true(isfinite(p[0]));
        } else {
            refused++;
        }
        to.bytes[n] = kept;
        dcl_arena_free(&scratch);
    }
    assert_true(refused > 24);
    free(to.bytes);
    dcl_arena_free(&arena);
}

static void what_cannot_grow_is_refused(void **state) {
    (void)state;
    static table t;
    dcl_arena arena = {0};
    dcl_context context = {.threads = 1};
    dcl_error error;
    dcl_grove grove;
    fill_crossed(&t, 8);
    static const dcl_grove_options wrong[] = {{0, 3, 0.5},  {DCL_GROVE_TREES + 1, 3, 0.5},
                                              {10, 0, 0.5}, {10, 3, 0},
                                              {10, 3, 1.5}, {10, 3, (double)NAN}};
    dcl_rows rows = rows_of(&t, 2);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (dcl_grove_learn(&context, &rows, &wrong[i], &arena, &grove, &error) != DCL_E_ARG)
            fail_msg("case %zu", i);
    dcl_grove_options options = dcl_grove_defaults();
    t.label[3] = 2;
    assert_int_equal(dcl_grove_learn(&context, &rows, &options, &arena, &grove, &error), DCL_E_ARG);
    rows.n = 0;
    assert_int_equal(dcl_grove_learn(&context, &rows, &options, &arena, &grove, &error), DCL_E_NO_DATA);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_two_features_tell_together_is_learned),
        cmocka_unit_test(a_missing_value_tells_as_well),
        cmocka_unit_test(classes_weigh_the_same_whatever_their_rows),
        cmocka_unit_test(threads_and_a_file_change_no_byte),
        cmocka_unit_test(damaged_bytes_are_refused_or_a_forest),
        cmocka_unit_test(what_cannot_grow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
