/* Edges, sums and Hart's rule on integer samples, as facts with known answers, for every form that this machine has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "kernel_registry.h"

/* ---------------------------------------------------------------- edges */

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
    assert_true(dcl_hart_before(&step) == 1000.5);
    assert_true(dcl_hart_after(&step) == -500);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
