#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The known answers published with the generator (Random123, kat_vectors). */
static void philox_gives_the_published_answers(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], want[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t out[4];
        dcl_philox(cases[i].counter, cases[i].key, out);
        assert_memory_equal(out, cases[i].want, sizeof out);
    }
}

static void uniforms_fill_the_unit_interval_evenly(void **state) {
    (void)state;
    enum { N = 200000, BINS = 64 };
    uint32_t count[BINS] = {0};
    double sum = 0;
    for (uint64_t i = 0; i < N; i++) {
        double u = dcl_random_uniform(1, 2, i);
        assert_true(u >= 0 && u < 1);
        count[(int)(u * BINS)]++;
        sum += u;
    }
    double chi2 = 0, mean = (double)N / BINS;
    for (int b = 0; b < BINS; b++) chi2 += (count[b] - mean) * (count[b] - mean) / mean;
    assert_true(chi2 < 103); /* 63 degrees of freedom: 1 in 1000 */
    assert_true(fabs(sum / N - 0.5) < 0.002);
}

static void normals_have_the_moments_of_a_normal(void **state) {
    (void)state;
    enum { N = 400000 };
    double sum = 0, squares = 0, cubes = 0, fourths = 0, beyond = 0;
    for (uint64_t i = 0; i < N; i++) {
        double x = dcl_random_normal(5, 0, i);
        sum += x;
        squares += x * x;
        cubes += x * x * x;
        fourths += x * x * x * x;
        beyond += fabs(x) > 1.959964;
    }
    assert_true(fabs(sum / N) < 0.006);
    assert_true(fabs(squares / N - 1) < 0.01);
    assert_true(fabs(cubes / N) < 0.02);
    assert_true(fabs(fourths / N - 3) < 0.08);
    assert_true(fabs(beyond / N - 0.05) < 0.0015);
}

static void integers_below_n_are_even_and_below_n(void **state) {
    (void)state;
    static const uint32_t limits[] = {1, 2, 7, 1000, 0x80000001u, UINT32_MAX};
    for (size_t l = 0; l < COUNT(limits); l++)
        for (uint64_t i = 0; i < 2000; i++) assert_true(dcl_random_below(9, l, i, limits[l]) < limits[l]);
    uint32_t count[7] = {0};
    for (uint64_t i = 0; i < 70000; i++) count[dcl_random_below(9, 9, i, 7)]++;
    for (int k = 0; k < 7; k++) assert_true(count[k] > 9600 && count[k] < 10400);
    assert_int_equal(dcl_random_below(1, 1, 1, 0), 0);
}

static void seeds_streams_and_indices_are_independent(void **state) {
    (void)state;
    uint64_t base = dcl_random_bits(1, 1, 1);
    for (int b = 0; b < 64; b++) {
        assert_true(dcl_random_bits(1 ^ UINT64_C(1) << b, 1, 1) != base);
        assert_true(dcl_random_bits(1, 1 ^ UINT64_C(1) << b, 1) != base);
        assert_true(dcl_random_bits(1, 1, 1 ^ UINT64_C(1) << b) != base);
    }
    dcl_rng rng = {1, 1, 0};
    (void)dcl_rng_below(&rng, 10);
    assert_true(dcl_rng_uniform(&rng) == dcl_random_uniform(1, 1, 1));
    assert_true(dcl_rng_normal(&rng) == dcl_random_normal(1, 1, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_answers),
        cmocka_unit_test(uniforms_fill_the_unit_interval_evenly),
        cmocka_unit_test(normals_have_the_moments_of_a_normal),
        cmocka_unit_test(integers_below_n_are_even_and_below_n),
        cmocka_unit_test(seeds_streams_and_indices_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
