/* What the kernels promise, as facts with known answers, for every form that this machine has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel_registry.h"

/* Every form that this machine has, in turn. */
static bool next_form(size_t *i, dcl_kernels *out) {
    while (dcl_kernels_isa_at(*i)) {
        if (dcl_kernels_select(dcl_kernels_isa_at((*i)++), out, NULL) == DCL_OK) return true;
    }
    return false;
}

#define EACH_FORM(kernels)                                                                                   \
    dcl_kernels kernels;                                                                                     \
    for (size_t form_ = 0; next_form(&form_, &kernels);)

static void assert_same_float(float got, float want) {
    assert_memory_equal(&got, &want, sizeof got);
}

static void assert_same_double(double got, double want) {
    assert_memory_equal(&got, &want, sizeof got);
}

/* ---------------------------------------------------------------- steps */

static void edges_are_those_of_the_gateway(void **state) {
    (void)state;
    enum { N = 5000 };
    static int32_t x[N];
    static uint32_t index[N];
    const kernel_entry *entry = kernel_find("edge_i32");
    EACH_FORM(kernels) {
        for (uint64_t seed = 0; seed < 200; seed++) {
            uint64_t random = seed;
            kernel_options options = kernel_draw_options(&random);
            entry->fill(x, N, (kernel_fill)(seed % FILL_COUNT), &options, &random);
            size_t count = kernels.edge_i32(x, N, options.previous, options.threshold, index), at = 0;
            dcl_mcu_edge gateway;
            uint32_t size;
            dcl_mcu_edge_init(&gateway, options.threshold);
            assert_int_equal(dcl_mcu_edge_push(&gateway, options.previous, &size), 0);
            for (uint32_t i = 0; i < N; i++) {
                bool edge = dcl_mcu_edge_push(&gateway, x[i], &size) != 0;
                bool found = at < count && index[at] == i;
                assert_int_equal(found, edge);
                at += found;
            }
            assert_int_equal(at, count);
        }
    }
}

static void a_series_in_parts_has_the_edges_of_the_whole(void **state) {
    (void)state;
    static const int32_t x[] = {0, 300, 300, DCL_MISSING_I32, 900, 599, 300, 0};
    uint32_t whole[8], part[8];
    EACH_FORM(kernels) {
        size_t n = kernels.edge_i32(x, 8, DCL_MISSING_I32, 300, whole);
        assert_int_equal(n, 3); /* 0 -> 300, 900 -> 599, 300 -> 0; 599 -> 300 is 0.1 W short */
        assert_int_equal(whole[0], 1);
        assert_int_equal(whole[1], 5);
        assert_int_equal(whole[2], 7);
        size_t first = kernels.edge_i32(x, 5, DCL_MISSING_I32, 300, part);
        assert_int_equal(first, 1);
        assert_int_equal(kernels.edge_i32(x + 5, 3, x[4], 300, part), 2);
        assert_int_equal(part[0] + 5, 5);
        assert_int_equal(part[1] + 5, 7);
    }
}

static void edges_are_found_in_a_noise_as_wide_as_the_threshold(void **state) {
    (void)state;
    enum { N = 20000 };
    static int32_t x[N];
    static uint32_t want[N], got[N];
    static const int32_t widths[] = {0, 1, 149, 150, 151, 299, 300, 301, 320, 1000};
    dcl_kernels scalar;
    assert_int_equal(dcl_kernels_select("scalar", &scalar, NULL), DCL_OK);
    EACH_FORM(kernels) {
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            uint64_t random = w;
            int32_t level = INT32_MAX - 1000;
            for (size_t i = 0; i < N; i++) {
                if (kernel_random(&random) % 700 == 0) level = -level; /* near either end of the range */
                x[i] = level + (int32_t)(kernel_random(&random) % ((uint32_t)widths[w] + 1));
            }
            size_t n_want = scalar.edge_i32(x, N, x[0], 300, want);
            assert_true(n_want > 10);
            assert_int_equal(kernels.edge_i32(x, N, x[0], 300, got), n_want);
            assert_memory_equal(got, want, n_want * sizeof *want);
        }
    }
}

static void a_step_of_just_the_threshold_is_an_edge_between_samples_that_fill_a_band(void **state) {
    (void)state;
    enum { N = 6400, EVERY = 640 };
    static int32_t x[N];
    static uint32_t index[N];
    EACH_FORM(kernels) {
        for (int32_t spare = 0; spare < 4; spare++) {
            for (int32_t low = -4; low <= 4; low++) {
                /* Up and down between 0 and 299 - spare, never by 300; now and then low, low + 300, low. */
                for (int32_t i = 0; i < N; i++)
                    x[i] = (i % 60 < 30 ? i % 60 : 60 - i % 60) * (299 - spare) / 30;
                for (size_t i = 300; i < N; i += EVERY) {
                    x[i] = x[i + 2] = low;
                    x[i + 1] = low + 300;
                }
                assert_int_equal(kernels.edge_i32(x, N, 0, 300, index), 2 * N / EVERY);
                for (size_t i = 300, k = 0; i < N; i += EVERY) {
                    assert_int_equal(index[k++], i + 1);
                    assert_int_equal(index[k++], i + 2);
                }
            }
        }
    }
}

static void a_spike_of_one_sample_is_two_edges_wherever_it_falls(void **state) {
    (void)state;
    enum { N = 400 };
    int32_t x[N];
    uint32_t index[N];
    EACH_FORM(kernels) {
        for (uint32_t at = 1; at < N - 1; at++) {
            for (size_t i = 0; i < N; i++) x[i] = i == at ? -300 : (int32_t)i % 2;
            assert_int_equal(kernels.edge_i32(x, N, 0, 300, index), 2);
            assert_int_equal(index[0], at);
            assert_int_equal(index[1], at + 1);
        }
    }
}

/* ---------------------------------------------------------------- Hart's rule */

#define NONE DCL_MISSING_I32

static void transitions_lie_between_steady_stretches(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int32_t x[12];
        size_t n, found;
        dcl_hart_step first;
    } cases[] = {
        {"a switch", {1000, 1000, 3000, 3000}, 4, 1, {2000, 6000, 2, 2, 2, 2}},
        {"a change of two samples is one", {1000, 1001, 2000, 3000, 3001}, 5, 1, {2001, 6001, 2, 2, 2, 3}},
        {"14.9 and 15 W do not move, 15.1 W does", {1000, 1149, 1299, 2150}, 4, 1, {3448, 2150, 3, 1, 3, 3}},
        {"levels 70 W apart are no transition", {1000, 1000, 1700, 1700}, 4, 0, {0}},
        {"nor are 1/3 of a tenth less", {1000, 1000, 1699, 1700, 1700}, 5, 0, {0}},
        {"1/3 of a tenth more is one", {1000, 1000, 1700, 1700, 1701}, 5, 1, {2000, 5101, 2, 3, 2, 2}},
        {"downwards as well", {1701, 1700, 1700, 1000, 1000}, 5, 1, {5101, 2000, 3, 2, 3, 3}},
        {"below zero as well", {-1701, -1700, -1700, -1000}, 4, 1, {-5101, -1000, 3, 1, 3, 3}},
        {"below zero, 70 W", {-1700, -1700, -1000}, 3, 0, {0}},
        {"none leads from nothing", {3000, 3000, 3000}, 3, 0, {0}},
        {"a start of two samples", {500, 3000, 3000, 500, 500}, 5, 1, {6000, 1000, 2, 2, 3, 3}},
        {"a start from nearly nothing", {100, 3000, 3000}, 3, 1, {100, 6000, 1, 2, 1, 1}},
        {"missing samples are not there",
         {1000, NONE, 1000, NONE, NONE, 3000, NONE, 3000},
         8,
         1,
         {2000, 6000, 2, 2, 5, 5}},
        {"a change that a hole parts is one",
         {1000, 1000, 2000, NONE, 3000, 3000},
         6,
         1,
         {2000, 6000, 2, 2, 2, 4}},
        {"a hole at the start", {NONE, NONE, 1000, 1000, 3000}, 5, 1, {2000, 3000, 2, 1, 4, 4}},
        {"the ends of the range",
         {-INT32_MAX, -INT32_MAX, INT32_MAX},
         3,
         1,
         {-2 * (int64_t)INT32_MAX, INT32_MAX, 2, 1, 2, 2}},
        {"nothing", {NONE, NONE}, 2, 0, {0}},
    };
    EACH_FORM(kernels) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            dcl_hart_step got[6];
            size_t found = dcl_hart_i32(&kernels, cases[i].x, cases[i].n, 150, 700, got);
            if (found != cases[i].found ||
                (found > 0 && memcmp(&got[0], &cases[i].first, sizeof got[0]) != 0))
                fail_msg("%s[%s]: %zu transitions, or the first is another", cases[i].what, kernels.isa,
                         found);
        }
    }
    dcl_hart_step step = {.before_sum = 2001, .after_sum = -500, .before_n = 2, .after_n = 1};
    assert_same_double(dcl_hart_before(&step), 1000.5);
    assert_same_double(dcl_hart_after(&step), -500);
}

/* The rule as it is published, a sample at a time; means compared as products, which these inputs keep in range. */
static size_t hart_by_hand(const int32_t *x, size_t n, int64_t state, int64_t noise, dcl_hart_step *out) {
    int64_t last = 0, sum = 0, count = 0, before_sum = 0, before_n = 0, began = 0, settled = 0;
    bool moving = false;
    size_t found = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && x[i] == DCL_MISSING_I32) continue;
        bool moves = i < n && (x[i] - last > state || last - x[i] > state);
        if (i == n || (moves && !moving)) {
            int64_t apart = sum * before_n - before_sum * count;
            if (before_n > 0 && (apart > noise * count * before_n || -apart > noise * count * before_n))
                out[found++] = (dcl_hart_step){
                    before_sum, sum, (uint32_t)before_n, (uint32_t)count, (uint32_t)began, (uint32_t)settled};
            before_sum = sum;
            before_n = count;
            began = (int64_t)i;
        }
        if (i == n) break;
        if (moves) sum = count = 0;
        if (moves) settled = (int64_t)i;
        sum += x[i];
        count++;
        last = x[i];
        moving = moves;
    }
    return found;
}

static void transitions_are_those_of_the_rule_walked_by_hand(void **state) {
    (void)state;
    enum { N = 30000 }; /* several chunks */
    static int32_t x[N];
    static dcl_hart_step want[N / 2], got[N / 2];
    static const uint32_t holes[] = {0, 3, 50, 9000}; /* one sample in so many begins a hole */
    EACH_FORM(kernels) {
        for (uint64_t seed = 0; seed < 48; seed++) {
            uint64_t random = seed;
            uint32_t noise = 1 + 40 * (uint32_t)(seed % 6), hole = holes[seed % 4];
            uint64_t lasts = 20 + 300 * (seed % 7);
            int32_t level = 0;
            size_t missing = 0;
            for (size_t i = 0; i < N; i++) {
                if (kernel_random(&random) % lasts == 0)
                    level = (int32_t)(kernel_random(&random) % 20000) - 2000;
                if (hole && kernel_random(&random) % hole == 0) missing = kernel_random(&random) % 90;
                x[i] = missing ? DCL_MISSING_I32 : level + (int32_t)(kernel_random(&random) % noise);
                if (missing) missing--;
            }
            size_t n = N - (size_t)seed * 100, n_want = hart_by_hand(x, n, 150, 700, want);
            assert_true(hole == 3 || n_want > 3);
            assert_int_equal(dcl_hart_i32(&kernels, x, n, 150, 700, got), n_want);
            assert_memory_equal(got, want, n_want * sizeof *want);
        }
    }
}

static void a_sum_of_integers_is_exact_and_skips_missing_samples(void **state) {
    (void)state;
    enum { N = 1000 };
    static int32_t x[N];
    EACH_FORM(kernels) {
        for (size_t n = 0; n < N; n += 1 + n / 4) {
            size_t present;
            for (size_t i = 0; i < n; i++) x[i] = i % 5 == 3 ? DCL_MISSING_I32 : -INT32_MAX;
            int64_t sum = kernels.sum_i32(x, n, &present);
            assert_int_equal(present, n - (n + 1) / 5);
            assert_true(sum == (int64_t)present * -INT32_MAX);
        }
    }
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
        cmocka_unit_test(edges_are_those_of_the_gateway),
        cmocka_unit_test(a_series_in_parts_has_the_edges_of_the_whole),
        cmocka_unit_test(edges_are_found_in_a_noise_as_wide_as_the_threshold),
        cmocka_unit_test(a_step_of_just_the_threshold_is_an_edge_between_samples_that_fill_a_band),
        cmocka_unit_test(a_spike_of_one_sample_is_two_edges_wherever_it_falls),
        cmocka_unit_test(transitions_lie_between_steady_stretches),
        cmocka_unit_test(transitions_are_those_of_the_rule_walked_by_hand),
        cmocka_unit_test(a_sum_of_integers_is_exact_and_skips_missing_samples),
        cmocka_unit_test(floats_become_tenths_of_a_watt),
        cmocka_unit_test(a_window_skips_missing_samples),
        cmocka_unit_test(infinities_are_values_and_their_difference_is_the_one_nan),
        cmocka_unit_test(a_sum_does_not_depend_on_where_counting_begins),
        cmocka_unit_test(a_mean_needs_enough_present_samples),
        cmocka_unit_test(a_sample_on_an_edge_belongs_to_the_bin_above),
        cmocka_unit_test(bins_out_of_range_are_not_valid),
        cmocka_unit_test(quantiles_of_known_counts),
        cmocka_unit_test(a_quantile_is_within_a_bin_of_the_ranked_sample),
        cmocka_unit_test(a_machine_gets_the_widest_form_it_has),
        cmocka_unit_test(a_form_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
