/* k-means: what it finds, that nothing is lost by sparing work, and the same bytes whatever computes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <declic/household.h>

#include "base/rng.h"

enum { ROWS = 6000, DIM = 13, K = 9 };

static float rows[ROWS * DIM];

/* Blobs of different widths around nine places that lie far from 0, and a tenth of the rows anywhere. */
static void fill(uint64_t seed, float away) {
    dcl_rng rng = {seed, 1, 0};
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < DIM; j++) {
            double place = (double)((i % K * 7 + j * 5) % 11), width = 0.3 + 0.2 * (double)(i % K);
            rows[i * DIM + j] = away + (float)(i % 10 == 9 ? 11 * dcl_rng_uniform(&rng)
                                                           : place + width * dcl_rng_normal(&rng));
        }
}

static dcl_kmeans fit(const char *isa, int threads, const dcl_kmeans_options *options, size_t n,
                      dcl_arena *arena) {
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select(isa, &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = threads, .seed = 5};
    dcl_kmeans out;
    assert_int_equal(dcl_kmeans_fit(&context, rows, n, DIM, options, arena, &out, NULL), DCL_OK);
    return out;
}

static void check_same(const dcl_kmeans *a, const dcl_kmeans *b) {
    assert_int_equal(a->iterations, b->iterations);
    assert_memory_equal(a->label, b->label, a->n * sizeof *a->label);
    assert_memory_equal(a->centroid, b->centroid, a->k * a->dim * sizeof *a->centroid);
    assert_memory_equal(&a->inertia, &b->inertia, sizeof a->inertia);
}

static void sparing_work_changes_no_byte(void **state) {
    (void)state;
    static const float aways[] = {0, 1000, -3e5f};
    for (uint64_t seed = 0; seed < 6; seed++) {
        dcl_arena arena = {0};
        fill(seed, aways[seed % 3]);
        dcl_kmeans_options options = dcl_kmeans_defaults();
        options.k = seed < 3 ? K : 40;
        dcl_kmeans spared = fit("auto", 1, &options, ROWS, &arena);
        options.plain = true;
        dcl_kmeans plain = fit("auto", 1, &options, ROWS, &arena);
        check_same(&spared, &plain);
        assert_true(plain.weighed == (uint64_t)ROWS * plain.iterations);
        if (seed % 3 == 0) assert_true(spared.weighed < plain.weighed / 2);
        dcl_arena_free(&arena);
    }
}

static void bytes_are_the_same_for_any_threads_and_instruction_set(void **state) {
    (void)state;
    dcl_arena arena = {0};
    fill(7, 3);
    dcl_kmeans_options options = dcl_kmeans_defaults();
    options.k = K;
    dcl_kmeans one = fit("scalar", 1, &options, ROWS, &arena);
    assert_true(one.converged);
    for (size_t i = 0; dcl_kernels_isa_at(i); i++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &kernels, NULL)) continue;
        dcl_kmeans other = fit(dcl_kernels_isa_at(i), 1 + (int)i, &options, ROWS, &arena);
        check_same(&one, &other);
    }
    dcl_arena_free(&arena);
}

static void centroids_are_the_means_of_their_rows_and_labels_the_nearest(void **state) {
    (void)state;
    dcl_arena arena = {0};
    fill(3, 0);
    dcl_kmeans_options options = dcl_kmeans_defaults();
    options.k = K;
    dcl_kmeans found = fit("auto", 2, &options, ROWS, &arena);
    double inertia = 0;
    uint64_t size[K] = {0};
    double mean[K][DIM] = {{0}};
    for (size_t i = 0; i < ROWS; i++) {
        double own = 0, least = INFINITY;
        for (uint32_t c = 0; c < K; c++) {
            double square = 0;
            for (size_t j = 0; j < DIM; j++)
                square += pow((double)rows[i * DIM + j] - (double)found.centroid[c * DIM + j], 2);
            if (c == found.label[i]) own = square;
            least = fmin(least, square);
        }
        assert_true(own <= least * (1 + 1e-5));
        inertia += own;
        size[found.label[i]]++;
        for (size_t j = 0; j < DIM; j++) mean[found.label[i]][j] += (double)rows[i * DIM + j];
    }
    assert_true(fabs(inertia / found.inertia - 1) < 1e-9);
    for (size_t c = 0; c < K; c++) {
        assert_int_equal(size[c], found.size[c]);
        for (size_t j = 0; j < DIM; j++)
            assert_true(fabs(mean[c][j] / (double)size[c] - (double)found.centroid[c * DIM + j]) < 1e-6);
    }
    dcl_arena_free(&arena);
}

static void a_centroid_that_loses_its_rows_gets_the_furthest_one(void **state) {
    (void)state;
    dcl_arena arena = {0};
    fill(4, 0);
    float init[4 * DIM];
    for (size_t i = 0; i < 3 * DIM; i++) init[i] = rows[i];
    for (size_t j = 0; j < DIM; j++) init[3 * DIM + j] = 1e6f;
    dcl_kmeans_options options = {.k = 4, .max_iterations = 100, .init = init};
    dcl_kmeans found = fit("auto", 1, &options, ROWS, &arena);
    for (size_t c = 0; c < 4; c++) assert_true(found.size[c] > 0);
    dcl_arena_free(&arena);
}

static void rows_that_are_all_alike_are_one_cluster_whatever_k(void **state) {
    (void)state;
    dcl_arena arena = {0};
    for (size_t i = 0; i < ROWS * DIM; i++) rows[i] = 0.1f;
    dcl_kmeans_options options = {.k = 3, .max_iterations = 100};
    dcl_kmeans found = fit("auto", 1, &options, ROWS, &arena);
    assert_true(found.converged && found.iterations < 5);
    assert_true(found.inertia < 1e-9 && found.size[0] == ROWS);
    dcl_arena_free(&arena);
}

static void what_cannot_be_clustered_is_refused(void **state) {
    (void)state;
    fill(1, 0);
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1};
    static const struct {
        uint32_t k;
        size_t n;
        float bad;
        const char *said;
    } cases[] = {{0, 10, 1, "k is 0: expected 1 to 10"}, {11, 10, 1, "k is 11: expected 1 to 10"},
                 {2, 0, 1, "nothing to cluster"},        {2, 10, NAN, "not finite"},
                 {2, 10, INFINITY, "not finite"},        {2, 10, 0x1p40f, "beyond 2^40"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_error error = {0};
        dcl_kmeans out;
        rows[17] = cases[i].bad;
        dcl_kmeans_options options = {.k = cases[i].k, .max_iterations = 10};
        assert_int_equal(dcl_kmeans_fit(&context, rows, cases[i].n, DIM, &options, &arena, &out, &error),
                         DCL_E_ARG);
        assert_non_null(strstr(error.msg, cases[i].said));
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparing_work_changes_no_byte),
        cmocka_unit_test(bytes_are_the_same_for_any_threads_and_instruction_set),
        cmocka_unit_test(centroids_are_the_means_of_their_rows_and_labels_the_nearest),
        cmocka_unit_test(a_centroid_that_loses_its_rows_gets_the_furthest_one),
        cmocka_unit_test(rows_that_are_all_alike_are_one_cluster_whatever_k),
        cmocka_unit_test(what_cannot_be_clustered_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
