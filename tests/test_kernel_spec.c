/* What the kernels promise, as facts with known answers, for every form that this machine has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kernel/kernel.h"
#include "kernel_registry.h"

static void assert_same_float(float got, float want) {
    assert_memory_equal(&got, &want, sizeof got);
}

static void assert_same_double(double got, double want) {
    assert_memory_equal(&got, &want, sizeof got);
}

/* ---------------------------------------------------------------- quantising */

static void floats_become_tenths_of_a_watt(void **state) {
    (void)state;
    static const struct {
        float x, scale;
        int32_t want;
    } cases[] = {
        {230.7f, 10, 2307},
        {-0.0f, 10, 0},
        {0.25f, 10, 2}, /* halves go to the even one */
        {0.75f, 10, 8},
        {-0.25f, 10, -2},
        {NAN, 10, DCL_MISSING_I32},
        {-NAN, 10, DCL_MISSING_I32},
        {INFINITY, 0, DCL_MISSING_I32}, /* the product is NaN */
        {INFINITY, 10, INT32_MAX},
        {-INFINITY, 10, -INT32_MAX},
        {0x1p31f, 1, INT32_MAX},
        {-0x1p31f, 1, -INT32_MAX}, /* never the missing code */
        {0x1.fffffep30f, 1, 2147483520},
        {-0x1.fffffep30f, 1, -2147483520},
        {FLT_TRUE_MIN, 10, 0},
    };
    EACH_FORM(kernels) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            float x[40]; /* every place of a vector, and the rest behind it */
            int32_t out[40];
            for (size_t j = 0; j < 40; j++) x[j] = cases[i].x;
            kernels.quantize_i32_f32(x, 40, cases[i].scale, out);
            for (size_t j = 0; j < 40; j++) assert_int_equal(out[j], cases[i].want);
        }
    }
}

/* ---------------------------------------------------------------- windows */

static void a_window_skips_missing_samples(void **state) {
    (void)state;
    static const float x[] = {1, NAN, 5, 2, NAN, NAN, NAN, NAN, -0.0f, -0.0f};
    dcl_window_stats out[3];
    EACH_FORM(kernels) {
        kernels.window_f32(x, 10, 4, out);
        assert_int_equal(dcl_window_bound(10, 4), 3);
        assert_same_double(out[0].sum, 8);
        assert_same_float(out[0].min, 1);
        assert_same_float(out[0].max, 5);
        assert_int_equal(out[0].present, 3);
        assert_int_equal(out[0].samples, 4);
        assert_same_double(dcl_window_mean(&out[0]), 8.0 / 3);
        assert_same_double(out[1].sum, 0);
        assert_same_float(out[1].min, NAN);
        assert_same_float(out[1].max, NAN);
        assert_int_equal(out[1].present, 0);
        assert_true(isnan(dcl_window_mean(&out[1])));
        assert_same_double(out[2].sum, 0.0); /* -0 is +0 everywhere */
        assert_same_float(out[2].min, 0.0f);
        assert_same_float(out[2].max, 0.0f);
        assert_int_equal(out[2].present, 2);
        assert_int_equal(out[2].samples, 2);
    }
}

static void infinities_are_values_and_their_difference_is_the_one_nan(void **state) {
    (void)state;
    static const float x[] = {INFINITY, -INFINITY, 1};
    dcl_window_stats out;
    float mean;
    EACH_FORM(kernels) {
        kernels.window_f32(x, 3, 3, &out);
        assert_same_double(out.sum, (double)NAN);
        assert_same_float(out.min, -INFINITY);
        assert_same_float(out.max, INFINITY);
        assert_int_equal(out.present, 3);
        kernels.resample_mean_f32(x, 3, 3, 1, &mean);
        assert_same_float(mean, NAN);
    }
}

/* The rule of DESIGN: lanes keyed to the absolute index, joined by the tree. */
static double absolute_lane_sum(const float *x, size_t n, size_t first) {
    double lane[16] = {0};
    for (size_t i = 0; i < n; i++) lane[(first + i) % 16] += (double)x[i];
    for (size_t half = 8; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++) lane[l] += lane[l + half];
    }
    return lane[0];
}

static void a_sum_does_not_depend_on_where_counting_begins(void **state) {
    (void)state;
    enum { N = 1237 };
    static float x[N];
    uint64_t random = 5;
    /* Magnitudes from 2^-60 to 2^60: any other order of adding changes the last bits. */
    for (size_t i = 0; i < N; i++) {
        uint64_t draw = kernel_random(&random);
        x[i] = ldexpf((float)(draw >> 40) - 0x1p23f, (int)(draw % 120) - 60);
    }
    EACH_FORM(kernels) {
        dcl_window_stats out;
        kernels.window_f32(x, N, N, &out);
        for (size_t first = 0; first < 40; first++) {
            assert_same_double(out.sum, absolute_lane_sum(x, N, first));
        }
    }
}

static void a_mean_needs_enough_present_samples(void **state) {
    (void)state;
    static const float x[] = {1, 2, NAN, NAN, NAN, 6, NAN, NAN, -FLT_TRUE_MIN, 0, 7};
    static const struct {
        size_t min_present;
        float want[3];
    } cases[] = {{0, {1.5f, 6, 3.5f}}, {1, {1.5f, 6, 3.5f}}, {2, {1.5f, NAN, 3.5f}}, {4, {NAN, NAN, NAN}}};
    float out[3], zero;
    EACH_FORM(kernels) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            kernels.resample_mean_f32(x, 8, 4, cases[i].min_present, out);
            for (size_t j = 0; j < 2; j++) assert_same_float(out[j], cases[i].want[j]);
            kernels.resample_mean_f32(x + 9, 2, 4, cases[i].min_present, out); /* a partial one */
            assert_same_float(out[0], cases[i].want[2]);
        }
        kernels.resample_mean_f32(x + 8, 2, 2, 1, &zero); /* half the least denormal rounds to zero: to +0 */
        assert_same_float(zero, 0.0f);
    }
}

/* ---------------------------------------------------------------- histograms */

static void a_sample_on_an_edge_belongs_to_the_bin_above(void **state) {
    (void)state;
    static const dcl_bins bins = {.lo = -10, .width = 10, .count = 3};
    static const float x[] = {-10, -0.0f,    0,        9.999f,    10,  19.999f,
                              20,  -10.001f, INFINITY, -INFINITY, NAN, -NAN};
    static const uint32_t want[] = {1, 3, 2, 2, 2, 2}; /* three bins, below, above, missing */
    uint32_t counts[6] = {0};
    EACH_FORM(kernels) {
        memset(counts, 0, sizeof counts);
        kernels.histogram_f32(x, 12, &bins, counts);
        assert_memory_equal(counts, want, sizeof want);
        kernels.histogram_f32(x, 1, &bins, counts);
        assert_int_equal(counts[0], 2); /* added to what is there */
    }
}

static void bins_out_of_range_are_not_valid(void **state) {
    (void)state;
    static const struct {
        dcl_bins bins;
        bool want;
    } cases[] = {{{0, 1, 1}, true},
                 {{-5, FLT_MIN, 1u << 24}, true},
                 {{NAN, 1, 1}, false},
                 {{INFINITY, 1, 1}, false},
                 {{0, 0, 1}, false},
                 {{0, -1, 1}, false},
                 {{0, NAN, 1}, false},
                 {{0, INFINITY, 1}, false},
                 {{0, FLT_TRUE_MIN, 1}, false},
                 {{0, 1, 0}, false},
                 {{0, 1, (1u << 24) + 1}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(dcl_bins_valid(&cases[i].bins), cases[i].want);
    }
}

static void quantiles_of_known_counts(void **state) {
    (void)state;
    static const dcl_bins bins = {.lo = 100, .width = 10, .count = 4};
    static const struct {
        uint32_t counts[7]; /* four bins, below, above, missing */
        double q, want;
    } cases[] = {
        {{0, 4, 0, 4, 0, 0, 9}, 0, 110},     {{0, 4, 0, 4, 0, 0, 9}, 0.25, 115},
        {{0, 4, 0, 4, 0, 0, 9}, 0.5, 120},   {{0, 4, 0, 4, 0, 0, 9}, 0.75, 135},
        {{0, 4, 0, 4, 0, 0, 9}, 1, 140},     {{0, 4, 0, 4, 8, 0, 0}, 0.5, 100}, /* below the bins */
        {{0, 4, 0, 4, 8, 0, 0}, 0.75, 120},  {{2, 0, 0, 0, 0, 2, 0}, 0.9, 140}, /* above them */
        {{0, 0, 0, 0, 0, 0, 3}, 0.5, NAN},   {{1, 0, 0, 0, 0, 0, 0}, -0.1, NAN},
        {{1, 0, 0, 0, 0, 0, 0}, 1.001, NAN}, {{1, 0, 0, 0, 0, 0, 0}, NAN, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_same_double(dcl_histogram_quantile(cases[i].counts, &bins, cases[i].q), cases[i].want);
    }
}

static int by_value(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static void a_quantile_is_within_a_bin_of_the_ranked_sample(void **state) {
    (void)state;
    enum { N = 4001 };
    static float x[N];
    static uint32_t counts[700 + DCL_HISTOGRAM_EXTRA];
    static const dcl_bins bins = {.lo = 0, .width = 7.3f, .count = 700};
    uint64_t random = 11;
    for (size_t i = 0; i < N; i++) x[i] = (float)(kernel_random(&random) % 50000) * 0.1f;
    EACH_FORM(kernels) {
        memset(counts, 0, sizeof counts);
        kernels.histogram_f32(x, N, &bins, counts);
        qsort(x, N, sizeof *x, by_value);
        double last = 0;
        for (int step = 0; step <= 1000; step++) {
            double q = step / 1000.0, got = dcl_histogram_quantile(counts, &bins, q);
            size_t rank = (size_t)ceil(q * N);
            double ranked = (double)x[rank ? rank - 1 : 0];
            assert_true(fabs(got - ranked) <= (double)bins.width * 1.001);
            assert_true(got >= last);
            last = got;
        }
    }
}

/* ---------------------------------------------------------------- support vectors */

static void distances_through_exp_are_as_close_as_promised(void **state) {
    (void)state;
    enum { N = 1000, F = 8 };
    static float at[F * N], out[N];
    float x[F];
    uint64_t random = 12;
    for (size_t i = 0; i < F * N; i++)
        at[i] = (float)((double)(kernel_random(&random) >> 40) / 0x1p24 * 6 - 3);
    for (size_t f = 0; f < F; f++) x[f] = at[f * N + 500];
    EACH_FORM(kernels) {
        kernels.rbf_f32(at, N, N, F, x, 0.7f, out);
        for (size_t i = 0; i < N; i++) {
            double distance = 0;
            for (size_t f = 0; f < F; f++) {
                double difference = (double)x[f] - (double)at[f * N + i];
                distance += difference * difference;
            }
            assert_true(fabs((double)out[i] - exp(-(double)0.7f * distance)) < 5e-7 * (1 + F / 8.0));
        }
        assert_same_float(out[500], 1); /* itself */
    }
}

static void far_is_nothing_and_missing_stays_missing(void **state) {
    (void)state;
    static const float at[4] = {0, 10, NAN, INFINITY}, x[1] = {0};
    float out[4];
    EACH_FORM(kernels) {
        kernels.rbf_f32(at, 4, 4, 1, x, 1, out);
        assert_same_float(out[0], 1);
        assert_same_float(out[1], 0); /* e^-100 */
        assert_same_float(out[2], NAN);
        assert_same_float(out[3], 0);
        kernels.rbf_f32(at, 1, 1, 1, x, 0, out);
        assert_same_float(out[0], 1);
    }
}

static void a_product_of_whole_numbers_is_exact(void **state) {
    (void)state;
    float a[35], b[35];
    for (int i = 0; i < 35; i++) a[i] = (float)(i - 17), b[i] = (float)(i * i % 11);
    float want = 0;
    for (int i = 0; i < 35; i++) want += a[i] * b[i];
    EACH_FORM(kernels) {
        float out[2];
        kernels.dots_f32(a, 1, 35, b, 35, out);
        assert_same_float(out[0], want);
        kernels.dots_f32(a, 2, 17, b, 0, out);
        assert_same_float(out[1], 0);
        a[3] = INFINITY;
        b[3] = 0;
        kernels.dots_f32(a, 1, 35, b, 35, out);
        assert_same_float(out[0], NAN);
        a[3] = -14;
        b[3] = 9;
    }
}

/* ---------------------------------------------------------------- simulated homes */

/* base/rng.h gives the published answers (test_rng). */
static void blocks_are_those_of_the_generator_one_by_one(void **state) {
    (void)state;
    const uint64_t seed = UINT64_C(0x299f31d0a4093822), stream = UINT64_C(0x0370734413198a2e);
    static const uint32_t firsts[] = {0, 8, 0x243f6a88, UINT32_MAX - 3}; /* the last one wraps */
    EACH_FORM(kernels) {
        for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
            uint32_t out[4 * DCL_PHILOX_BLOCKS], want[4];
            kernels.philox_u32(seed, stream, firsts[i], out);
            for (uint32_t b = 0; b < DCL_PHILOX_BLOCKS; b++) {
                const uint32_t counter[4] = {firsts[i] + b, 0, (uint32_t)stream, (uint32_t)(stream >> 32)};
                const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
                dcl_philox(counter, key, want);
                assert_memory_equal(out + 4 * b, want, sizeof want);
            }
        }
    }
}

static void a_level_is_rounded_as_the_language_rounds_it(void **state) {
    (void)state;
    static const int64_t levels[] = {0,
                                     1,
                                     -1,
                                     INT64_MAX,
                                     INT64_MIN,
                                     (INT64_C(1) << 53) + 1,
                                     -(INT64_C(1) << 53) - 1,
                                     INT64_C(1) << 32,
                                     -(INT64_C(1) << 32),
                                     (INT64_C(1) << 24) + 1,
                                     0};
    enum { N = sizeof levels / sizeof *levels };
    static const double scales[] = {1, 1e-9, 0x1p-24};
    EACH_FORM(kernels) {
        for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
            int64_t change[N];
            uint64_t before = 5;
            float out[N];
            for (size_t i = 0; i < N; i++) { /* differences that run over wrap */
                change[i] = (int64_t)((uint64_t)levels[i] - before);
                before = (uint64_t)levels[i];
            }
            assert_int_equal(kernels.levels_f32_i64(change, N, 5, scales[k], out), levels[N - 1]);
            for (size_t i = 0; i < N; i++) {
                assert_same_float(out[i], (float)((double)levels[i] * scales[k]));
                assert_int_equal(change[i], 0);
            }
        }
    }
}

/* ---------------------------------------------------------------- the table */

static void a_machine_gets_the_widest_form_it_has(void **state) {
    (void)state;
    static const struct {
        unsigned cpu;
        const char *isa, *want;
    } cases[] = {
        {0, NULL, "scalar"},
        {0, "auto", "scalar"},
        {DCL_CPU_AVX2, "auto", "avx2"},
        {DCL_CPU_AVX2 | DCL_CPU_AVX512, "auto", "avx512"},
        {DCL_CPU_AVX2 | DCL_CPU_AVX512, "scalar", "scalar"},
        {DCL_CPU_AVX2 | DCL_CPU_AVX512, "avx2", "avx2"},
        {DCL_CPU_AVX512, "auto", "scalar"}, /* a processor that no one made */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_kernels kernels = {0};
        assert_int_equal(dcl_kernels_choose(cases[i].isa, cases[i].cpu, &kernels, NULL), DCL_OK);
        assert_string_equal(dcl_kernels_isa_name(&kernels), cases[i].want);
        assert_true(kernels.edge_i32 && kernels.quantize_i32_f32 && kernels.window_f32 &&
                    kernels.histogram_f32 && kernels.resample_mean_f32);
    }
}

static void a_form_that_is_not_there_is_refused(void **state) {
    (void)state;
    static const struct {
        unsigned cpu;
        const char *isa;
        dcl_status want;
        const char *message;
    } cases[] = {
        {DCL_CPU_AVX2, "avx512", DCL_E_UNSUPPORTED, "no avx512 here: this machine has scalar, avx2"},
        {0, "avx2", DCL_E_UNSUPPORTED, "no avx2 here: this machine has scalar"},
        {0, "sse9", DCL_E_ARG, "no instruction set is called 'sse9': say auto, scalar, avx2, avx512"},
        {0, "", DCL_E_ARG, "no instruction set is called '': say auto, scalar, avx2, avx512"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_error error = {0};
        dcl_kernels kernels = {.isa = "before"};
        assert_int_equal(dcl_kernels_choose(cases[i].isa, cases[i].cpu, &kernels, &error), cases[i].want);
        assert_string_equal(error.msg, cases[i].message);
        assert_int_equal(error.code, cases[i].want);
        assert_string_equal(kernels.isa, "before");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_become_tenths_of_a_watt),
        cmocka_unit_test(a_window_skips_missing_samples),
        cmocka_unit_test(infinities_are_values_and_their_difference_is_the_one_nan),
        cmocka_unit_test(a_sum_does_not_depend_on_where_counting_begins),
        cmocka_unit_test(a_mean_needs_enough_present_samples),
        cmocka_unit_test(a_sample_on_an_edge_belongs_to_the_bin_above),
        cmocka_unit_test(bins_out_of_range_are_not_valid),
        cmocka_unit_test(quantiles_of_known_counts),
        cmocka_unit_test(a_quantile_is_within_a_bin_of_the_ranked_sample),
        cmocka_unit_test(distances_through_exp_are_as_close_as_promised),
        cmocka_unit_test(far_is_nothing_and_missing_stays_missing),
        cmocka_unit_test(a_product_of_whole_numbers_is_exact),
        cmocka_unit_test(blocks_are_those_of_the_generator_one_by_one),
        cmocka_unit_test(a_level_is_rounded_as_the_language_rounds_it),
        cmocka_unit_test(a_machine_gets_the_widest_form_it_has),
        cmocka_unit_test(a_form_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
