/* Pairing as a whole: the least total cost, loads told apart by what is known of them, windows that fill up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <declic/kernel.h>

#include "event/pairing.h"

static dcl_kernels kernels;
static const dcl_context CONTEXT = {.kernels = &kernels, .threads = 1};

/* ---------------------------------------------------------------- the matching */

enum { SIDE = 6 };

/* The least total of any matching, by trying all. */
static int64_t least_total(const int32_t *cost, size_t rows, size_t columns, size_t row, unsigned taken) {
    if (row == rows) return 0;
    int64_t best = least_total(cost, rows, columns, row + 1, taken);
    for (size_t c = 0; c < columns; c++) {
        int32_t here = cost[row * columns + c];
        if (taken >> c & 1u || here == DCL_ASSIGN_NEVER) continue;
        int64_t total = here + least_total(cost, rows, columns, row + 1, taken | 1u << c);
        if (total < best) best = total;
    }
    return best;
}

static void the_matching_has_the_least_total_cost(void **unused) {
    (void)unused;
    uint32_t random = 1;
    for (int round = 0; round < 2000; round++) {
        size_t rows = (size_t)round % (SIDE + 1), columns = (size_t)(round / 7) % (SIDE + 1);
        int32_t cost[SIDE * SIDE], column[SIDE];
        int64_t scratch[SIDE + 10 * SIDE];
        assert_true(dcl_assign_scratch(rows, columns) <= sizeof scratch / sizeof *scratch);
        for (size_t i = 0; i < rows * columns; i++) {
            random = random * 1664525u + 1013904223u;
            int32_t range = round % 3 ? 2000 : 4; /* few values: ties */
            cost[i] = random >> 30 ? (int32_t)(random >> 8) % range - range * 2 / 3 : DCL_ASSIGN_NEVER;
        }
        dcl_assign(cost, rows, columns, column, scratch);
        int64_t total = 0;
        unsigned taken = 0;
        for (size_t r = 0; r < rows; r++) {
            if (column[r] < 0) continue;
            assert_true((size_t)column[r] < columns && !(taken >> column[r] & 1u));
            taken |= 1u << column[r];
            assert_int_not_equal(cost[r * columns + (size_t)column[r]], DCL_ASSIGN_NEVER);
            total += cost[r * columns + (size_t)column[r]];
        }
        assert_int_equal(total, least_total(cost, rows, columns, 0, 0));
    }
}

/* ---------------------------------------------------------------- loads of like size */

/* Adds a load that comes on every `period` s for `on` s, from from_w falling to to_w. */
static size_t add_load(dcl_series *series, size_t first, size_t period, size_t on, double from_w,
                       double to_w) {
    size_t count = 0;
    for (size_t start = first; start + on < series->n; start += period, count++)
        for (size_t i = 0; i < on; i++)
            series->value[start + i] += (float)(from_w + (to_w - from_w) * (double)i / (double)on);
    return count;
}

static dcl_series flat(size_t n, float power_w) {
    dcl_series series = {
        .channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = n, .value = malloc(n * sizeof(float))};
    assert_non_null(series.value);
    for (size_t i = 0; i < n; i++) series.value[i] = power_w;
    return series;
}

static void find_cycles(dcl_series *series, dcl_arena *arena, dcl_cycles *out) {
    dcl_home home = {.series = series, .n_series = 1};
    dcl_cycle_options options = dcl_cycle_defaults();
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, arena, out, NULL), DCL_OK);
}

static size_t found_of_length(const dcl_cycles *cycles, int64_t seconds) {
    size_t count = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        int64_t length_us = cycles->cycle[i].end_us - cycles->cycle[i].start_us;
        count += llabs(length_us - seconds * DCL_SECOND_US) <= 2 * DCL_SECOND_US;
    }
    return count;
}

/* The group of that length says how it comes again, and its cycles say that they are of it. */
static void assert_recurs(const dcl_cycles *cycles, double on_s, double period_s, size_t count) {
    for (size_t g = 0; g < cycles->n_recurrence; g++) {
        const dcl_recurrence *r = &cycles->recurrence[g];
        if (fabs((double)r->on_s - on_s) > 2) continue;
        size_t starts = 0, members = 0;
        for (int hour = 0; hour < 24; hour++) starts += r->start_hour[hour];
        for (size_t i = 0; i < cycles->n; i++) members += cycles->cycle[i].group == g + 1;
        assert_true(r->count + 6 >= count && r->count <= count && starts == r->count && members == r->count);
        assert_true(fabs((double)r->period_s - period_s) <= 2);
        assert_true(fabs((double)r->duty - on_s / period_s) < 0.01);
        assert_true(fabs((double)r->duty_per_day) < 0.005);
        assert_true(r->mean_w > 90 && r->mean_w < 115 && r->first_us < r->last_us);
        return;
    }
    fail_msg("nothing recurs with cycles of %.0f s", on_s);
}

/* Two compressors and a lamp that one size could not tell apart, on over one another for most of four days. Where
 * two switch within seconds of one another a cycle may be lost. */
static void loads_of_like_size_are_told_apart_by_their_habits(void **unused) {
    (void)unused;
    dcl_series series = flat(4 * 86400, 60);
    size_t fridge = add_load(&series, 500, 5203, 1363, 118, 87);
    size_t freezer = add_load(&series, 1700, 7919, 3701, 114, 90);
    size_t lamp = add_load(&series, 64000, 86400, 9001, 105, 105);
    dcl_arena arena = {0};
    dcl_cycles got;
    find_cycles(&series, &arena, &got);
    double energy = 0, above = 0;
    for (size_t i = 0; i < got.n; i++) energy += got.cycle[i].energy_wh;
    for (size_t i = 0; i < series.n; i++) above += ((double)series.value[i] - 60) / 3600;
    assert_true(found_of_length(&got, 1363) + 3 >= fridge);
    assert_true(found_of_length(&got, 3701) + 3 >= freezer);
    assert_int_equal(found_of_length(&got, 9001), lamp);
    assert_recurs(&got, 1363, 5203, fridge);
    assert_recurs(&got, 3701, 7919, freezer);
    assert_true(energy > 0.95 * above && energy < 1.05 * above);
    dcl_arena_free(&arena);
    free(series.value);
}

/* More steps than are paired at a time, and one load on across all of them. */
static void a_long_cycle_outlasts_many_short_ones(void **unused) {
    (void)unused;
    dcl_series series = flat(80000, 50);
    size_t shorts = add_load(&series, 1000, 60, 20, 2000, 2000);
    add_load(&series, 500, 80000, 78990, 300, 300);
    dcl_arena arena = {0};
    dcl_cycles got;
    assert_true(shorts > 1000);
    find_cycles(&series, &arena, &got);
    assert_int_equal(found_of_length(&got, 20), shorts);
    assert_int_equal(got.cycle[0].start_us, 500 * DCL_SECOND_US);
    assert_int_equal(got.cycle[0].end_us, 79490 * DCL_SECOND_US);
    assert_int_equal(got.n_leftover, 0);
    dcl_arena_free(&arena);
    free(series.value);
}

/* A compressor whose cycles grow longer by a minute a day; a kettle at odd times, which has no period. */
static void a_compressor_that_works_harder_drifts(void **unused) {
    (void)unused;
    enum { DAYS = 6, EVERY = 3600, ON = 1200 };
    dcl_series series = flat(DAYS * 86400, 60);
    for (size_t start = 600, i = 0; start + EVERY < series.n; start += EVERY, i++)
        add_load(&series, start, series.n, ON + 60 * start / 86400, 110, 85);
    for (size_t i = 0, start = 5000; start + 300 < series.n; i++, start += 9000 + 7000 * (i * i % 7))
        add_load(&series, start, series.n, 180, 2000, 2000);
    dcl_arena arena = {0};
    dcl_cycles got;
    find_cycles(&series, &arena, &got);
    assert_true(got.n_recurrence == 2 && got.recurrence[0].count > got.recurrence[1].count);
    assert_true(fabs((double)got.recurrence[0].period_s - EVERY) < 2);
    assert_true(fabs((double)got.recurrence[0].duty_per_day - 60.0 / EVERY) < 0.003);
    assert_true(fabsf(got.recurrence[1].mean_w - 2000) < 20 && isnan(got.recurrence[1].period_s));
    assert_true(isnan(got.recurrence[1].duty) && isnan(got.recurrence[1].duty_per_day));
    dcl_arena_free(&arena);
    free(series.value);
}

/* Half hours of 2 kW, seven days and nine days apart, in values of a minute. */
static void what_comes_every_nine_days_has_no_period(void **unused) {
    (void)unused;
    for (size_t days = 7; days <= 9; days += 2) {
        dcl_series series = flat(days * 8 * 1440, 60);
        series.period_us = DCL_MINUTE_US;
        add_load(&series, 600, days * 1440, 30, 2000, 2000);
        dcl_arena arena = {0};
        dcl_cycles got;
        find_cycles(&series, &arena, &got);
        assert_int_equal(got.n_recurrence, 1);
        assert_int_equal(got.recurrence[0].count, 8);
        if (days == 7)
            assert_true(fabs((double)got.recurrence[0].period_s - 7 * 86400) < 2);
        else
            assert_true(isnan(got.recurrence[0].period_s) && isnan(got.recurrence[0].duty));
        dcl_arena_free(&arena);
        free(series.value);
    }
}

/* Pulses of 1,100 W above 60 W. */
static void like_pulses_are_one_cycle_with_a_duty(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        size_t pulses, every, on, want;
        double duty;
    } cases[] = {{"a train of short pulses", 7, 20, 8, 1, 56.0 / 128},
                 {"two pulses are no train", 2, 20, 8, 2, 1},
                 {"pauses too long for a train", 7, 60, 8, 7, 1},
                 {"pulses too long for a train", 7, 60, 45, 7, 1}};
    int failures = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_series series = flat(3000, 60);
        for (size_t i = 0; i < cases[c].pulses; i++)
            add_load(&series, 600 + i * cases[c].every, series.n, cases[c].on, 1100, 1100);
        dcl_arena arena = {0};
        dcl_cycles got;
        find_cycles(&series, &arena, &got);
        const dcl_cycle *first = got.cycle;
        assert_true(got.n > 0);
        double energy = 1100 * (double)(cases[c].on * cases[c].pulses) / 3600, sum = 0;
        for (size_t i = 0; i < got.n; i++) sum += got.cycle[i].energy_wh;
        bool fine = got.n == cases[c].want && got.n_leftover == 0 && fabs(sum - energy) < 0.01 * energy &&
                    fabs((double)first->duty - cases[c].duty) < 0.01 &&
                    (first->flags == DCL_CYCLE_PULSING) == (got.n == 1) &&
                    first->steps == 2 * cases[c].pulses / got.n && first->on_w > 1090;
        if (!fine) {
            failures++;
            print_message("%s: %zu cycles, %zu left, %.2f Wh, duty %.3f\n", cases[c].name, got.n,
                          got.n_leftover, sum, got.n ? (double)first->duty : NAN);
        }
        dcl_arena_free(&arena);
        free(series.value);
    }
    assert_int_equal(failures, 0);
}

int main(void) {
    if (dcl_kernels_select(NULL, &kernels, NULL) != DCL_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matching_has_the_least_total_cost),
        cmocka_unit_test(loads_of_like_size_are_told_apart_by_their_habits),
        cmocka_unit_test(a_compressor_that_works_harder_drifts),
        cmocka_unit_test(what_comes_every_nine_days_has_no_period),
        cmocka_unit_test(like_pulses_are_one_cycle_with_a_duty),
        cmocka_unit_test(a_long_cycle_outlasts_many_short_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
