/* Clusters with sizes and spreads of their own: what they tell that k-means does not, what they cost, and bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "base/rng.h"
#include "household/group.h"

enum { ROWS = 5000, DIM = 3 }; /* of three shards */

static float rows[ROWS * DIM];
static uint32_t truth[ROWS];

/* Of ten rows eight around one place, far apart, and one each around two places beside it. */
static void fill(void) {
    dcl_rng rng = {3, 1, 0};
    for (size_t i = 0; i < ROWS; i++) {
        truth[i] = i % 10 == 8 ? 1 : i % 10 == 9 ? 2 : 0;
        for (size_t j = 0; j < DIM; j++) {
            double place = truth[i] == 0 ? 0
                           : j == 0      ? 7
                           : j == 1      ? (truth[i] == 1 ? 2 : -2)
                                         : 0,
                   width = truth[i] == 0 ? 2 : 0.5;
            rows[i * DIM + j] = (float)(place + width * dcl_rng_normal(&rng));
        }
    }
}

static dcl_group fit(const char *isa, int threads, uint32_t k, bool spread, dcl_arena *arena) {
    dcl_kernels kernels;
    dcl_group out;
    const dcl_group_how how = {.k = k, .starts = 4, .spread = spread, .smallest = 0.03};
    assert_int_equal(dcl_kernels_select(isa, &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = threads, .seed = 5};
    assert_int_equal(dcl_group_fit(&context, rows, ROWS, DIM, &how, arena, &out, NULL), DCL_OK);
    return out;
}

static void small_clusters_beside_a_wide_one_are_told(void **state) {
    (void)state;
    dcl_arena arena = {0};
    fill();
    dcl_group plain = fit("auto", 1, 3, false, &arena), spread = fit("auto", 1, 3, true, &arena);
    assert_true(dcl_adjusted_rand(plain.label, truth, ROWS) < 0.5); /* the wide one is cut */
    assert_true(dcl_adjusted_rand(spread.label, truth, ROWS) > 0.98);
    assert_true(spread.smallest > ROWS / 12 && spread.smallest < ROWS / 9);
    assert_true(spread.inertia > plain.inertia);
    dcl_arena_free(&arena);
}

static void the_true_number_needs_least(void **state) {
    (void)state;
    dcl_arena arena = {0};
    double icl[6];
    fill();
    for (uint32_t k = 1; k < 6; k++) {
        dcl_group group = fit("auto", 1, k, true, &arena);
        icl[k] = dcl_centres_icl(group.deviance, ROWS, k, DIM);
    }
    for (uint32_t k = 1; k < 6; k++) assert_true(k == 3 || icl[k] > icl[3]);
    dcl_arena_free(&arena);
}

/* Of one normal distribution -2 log of the likelihood of n rows is n (log det + d + d log 2 pi), with d (d + 3) / 2 numbers. */
static void one_cluster_needs_what_the_formula_says(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_rng rng = {8, 1, 0};
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < DIM; j++)
            rows[i * DIM + j] = 5 + (float)((double)(j + 1) * dcl_rng_normal(&rng));
    dcl_group group = fit("auto", 1, 1, true, &arena);
    double want = log(36) + 3 + 3 * log(2 * acos(-1)) + 9 * log(ROWS) / ROWS;
    assert_true(fabs(dcl_centres_icl(group.deviance, ROWS, 1, DIM) - want) < 0.05);
    dcl_arena_free(&arena);
}

static void rows_go_back_to_their_clusters(void **state) {
    (void)state;
    static uint32_t label[ROWS];
    dcl_arena arena = {0};
    fill();
    dcl_group group = fit("auto", 1, 4, true, &arena);
    assert_true(fabs(dcl_centres_nearest(&group.centres, rows, ROWS, label) - group.deviance) <
                1e-9 * fabs(group.deviance));
    assert_memory_equal(label, group.label, sizeof label);
    for (size_t i = 0; i < 100; i++) { /* one row as many */
        dcl_centres_nearest(&group.centres, rows + i * DIM, 1, label);
        assert_int_equal(label[0], group.label[i]);
    }
    dcl_arena_free(&arena);
}

static void bytes_are_the_same_for_any_threads_and_instruction_set(void **state) {
    (void)state;
    dcl_arena arena = {0};
    fill();
    dcl_group one = fit("scalar", 1, 5, true, &arena);
    for (size_t i = 0; dcl_kernels_isa_at(i); i++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &kernels, NULL)) continue;
        dcl_group other = fit(dcl_kernels_isa_at(i), 2 + (int)i, 5, true, &arena);
        assert_memory_equal(one.label, other.label, ROWS * sizeof *one.label);
        assert_memory_equal(one.centres.metric, other.centres.metric, 5 * DIM * DIM * sizeof(float));
        assert_memory_equal(one.centres.centroid, other.centres.centroid, 5 * DIM * sizeof(float));
        assert_memory_equal(one.centres.offset, other.centres.offset, 5 * sizeof(float));
        assert_memory_equal(&one.deviance, &other.deviance, sizeof one.deviance);
    }
    dcl_arena_free(&arena);
}

/* Rows that are all the same, in a plane, or fewer than a covariance has numbers. */
static void what_has_no_spread_stays_finite(void **state) {
    (void)state;
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    const dcl_context context = {.kernels = &kernels, .threads = 1, .seed = 5};
    for (size_t form = 0; form < 3; form++)
        for (size_t n = 2; n < 40; n += n < 8 ? 1 : 16) {
            dcl_arena arena = {0};
            dcl_group group;
            const dcl_group_how how = {.k = 2, .starts = 3, .spread = true, .smallest = 0.05};
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < DIM; j++)
                    rows[i * DIM + j] = form == 0 ? 4 : form == 1 ? (j == 0 ? (float)i : 1) : (float)(i * i);
            assert_int_equal(dcl_group_fit(&context, rows, n, DIM, &how, &arena, &group, NULL), DCL_OK);
            assert_true(isfinite(group.deviance) && isfinite(group.inertia));
            for (size_t i = 0; i < n; i++) assert_true(group.label[i] < 2);
            for (size_t i = 0; i < 2 * DIM * DIM; i++) assert_true(isfinite(group.centres.metric[i]));
            dcl_arena_free(&arena);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_clusters_beside_a_wide_one_are_told),
        cmocka_unit_test(the_true_number_needs_least),
        cmocka_unit_test(one_cluster_needs_what_the_formula_says),
        cmocka_unit_test(rows_go_back_to_their_clusters),
        cmocka_unit_test(bytes_are_the_same_for_any_threads_and_instruction_set),
        cmocka_unit_test(what_has_no_spread_stays_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
