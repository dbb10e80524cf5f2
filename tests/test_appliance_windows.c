#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/power.h"
#include "base/rng.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { N = 700 };
static const int64_t START = INT64_C(1704067200) * DCL_SECOND_US; /* 2024-01-01, a Monday, 00:00 UTC */

/* The plain meaning of a window's feature. */
static float plain(const int32_t *level, const dcl_feature *f, int64_t i) {
    bool both = f->kind == DCL_FEATURE_BASE || f->kind == DCL_FEATURE_OVER_BASE;
    int64_t k = abs(f->span), first = f->span > 0 && !both ? i + 1 : i - k,
            last = f->span > 0 || both ? i + k : i - 1;
    double sum = 0, low = INFINITY, high = -INFINITY;
    int64_t count = 0;
    for (int64_t j = first; j <= last; j++) {
        if (j < 0 || j >= N || level[j] == DCL_MISSING_I32) continue;
        sum += level[j] / 10.0;
        count++;
        low = fmin(low, level[j] / 10.0);
        high = fmax(high, level[j] / 10.0);
    }
    int64_t at = i + f->span;
    double now = level[i] == DCL_MISSING_I32 ? NAN : level[i] / 10.0;
    double there = at < 0 || at >= N || level[at] == DCL_MISSING_I32 ? NAN : level[at] / 10.0;
    if (count == 0) sum = low = high = NAN;
    switch ((dcl_feature_kind)f->kind) {
    case DCL_FEATURE_VALUE: return (float)there;
    case DCL_FEATURE_DIFF: return (float)(now - there);
    case DCL_FEATURE_MEAN: return (float)(sum / (double)count);
    case DCL_FEATURE_MIN:
    case DCL_FEATURE_BASE: return (float)low;
    case DCL_FEATURE_MAX: return (float)high;
    case DCL_FEATURE_OVER_MEAN: return (float)(now - sum / (double)count);
    case DCL_FEATURE_OVER_MIN:
    case DCL_FEATURE_OVER_BASE: return (float)(now - low);
    default: return (float)(high - now);
    }
}

static void windows_are_what_they_say_at_every_moment_and_block(void **state) {
    (void)state;
    int32_t level[N];
    dcl_rng rng = {1, 1, 0};
    for (size_t i = 0; i < N; i++)
        level[i] = dcl_rng_below(&rng, 6) == 0 || (i > 300 && i < 360)
                       ? DCL_MISSING_I32
                       : (int32_t)dcl_rng_below(&rng, 30000) - 500;
    static const int32_t spans[] = {1, -1, 2, -2, 3, -3, 7, -8, 40, -50, 300, -699};
    dcl_feature list[COUNT(spans) * 10];
    size_t k = 0;
    for (uint8_t kind = 0; kind <= DCL_FEATURE_OVER_BASE; kind++)
        for (size_t s = 0; s < COUNT(spans); s++) list[k++] = (dcl_feature){.kind = kind, .span = spans[s]};
    dcl_window_source source = {.start_us = START, .period_us = DCL_MINUTE_US, .n = N, .level = {level}};
    float *out = malloc(N * k * sizeof *out);
    assert_non_null(out);
    static const size_t blocks[][2] = {{0, N}, {0, 1}, {299, 70}, {N - 3, 3}};
    for (size_t b = 0; b < COUNT(blocks); b++) {
        assert_int_equal(dcl_windows_make(&source, list, k, blocks[b][0], blocks[b][1], out, NULL), DCL_OK);
        for (size_t i = 0; i < blocks[b][1]; i++)
            for (size_t f = 0; f < k; f++) {
                float want = plain(level, &list[f], (int64_t)(blocks[b][0] + i)), got = out[i * k + f];
                if (isnan(want) != isnan(got) || fabsf(want - got) > 2e-3f)
                    fail_msg("kind %d span %d at %zu: want %g got %g", list[f].kind, (int)list[f].span,
                             blocks[b][0] + i, (double)want, (double)got);
            }
    }
    free(out);
}

static void steps_and_cycles_near_a_moment_are_told(void **state) {
    (void)state;
    int32_t level[100] = {0};
    const dcl_edge step[] = {{.time_us = START + 10 * DCL_MINUTE_US, .delta_w = 100},
                             {.time_us = START + 20 * DCL_MINUTE_US, .delta_w = -100},
                             {.time_us = START + 30 * DCL_MINUTE_US, .delta_w = 40}};
    const dcl_cycle cycle[] = {{.start_us = step[0].time_us, .end_us = step[1].time_us, .mean_w = 100},
                               {.start_us = step[0].time_us, .end_us = step[2].time_us, .mean_w = 300}};
    const float period_s[] = {3600, NAN}, group_w[] = {95, NAN};
    dcl_window_source source = {.start_us = START,
                                .period_us = DCL_MINUTE_US,
                                .n = 100,
                                .level = {level},
                                .step = step,
                                .n_steps = 3,
                                .cycle = cycle,
                                .period_s = period_s,
                                .group_w = group_w,
                                .n_cycles = 2};
    const dcl_feature age = {.kind = DCL_FEATURE_STEP_AGE, .span = -1, .low = -1e9f, .high = 1e9f};
    dcl_feature next = age, up = age, size = age, second = age;
    next.span = 1;
    up.low = 50;
    size.kind = DCL_FEATURE_STEP_SIZE;
    second.index = 1;
    const dcl_feature list[] = {age,
                                next,
                                up,
                                size,
                                second,
                                {.kind = DCL_FEATURE_CYCLE_W},
                                {.kind = DCL_FEATURE_CYCLE_W, .index = 1},
                                {.kind = DCL_FEATURE_CYCLE_AGE},
                                {.kind = DCL_FEATURE_CYCLE_COUNT},
                                {.kind = DCL_FEATURE_CYCLE_SUM},
                                {.kind = DCL_FEATURE_CYCLE_COLD},
                                {.kind = DCL_FEATURE_CYCLE_GROUP_W, .index = 1}};
    static const struct {
        size_t at;
        float want[COUNT(list)];
    } cases[] = {
        {0, {86400, 600, 86400, NAN, 86400, NAN, NAN, NAN, 0, 0, 0, NAN}},
        {10, {0, 600, 0, 100, 86400, 300, 100, 0, 2, 400, 100, 95}},
        {15, {300, 300, 300, 100, 86400, 300, 100, 300, 2, 400, 100, 95}},
        {25, {300, 300, 900, -100, 900, 300, NAN, 900, 1, 300, 0, NAN}},
        {40, {600, 86400, 1800, 40, 1200, NAN, NAN, NAN, 0, 0, 0, NAN}},
    };
    for (size_t c = 0; c < COUNT(cases); c++) {
        float got[COUNT(list)];
        assert_int_equal(dcl_windows_make(&source, list, COUNT(list), cases[c].at, 1, got, NULL), DCL_OK);
        for (size_t f = 0; f < COUNT(list); f++) {
            float want = cases[c].want[f];
            if (isnan(want) != isnan(got[f]) || (!isnan(want) && want != got[f]))
                fail_msg("minute %zu feature %zu: want %g got %g", cases[c].at, f, (double)want,
                         (double)got[f]);
        }
    }
}

static void the_calendar_is_civil(void **state) {
    (void)state;
    int32_t level[8 * 24] = {0};
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Paris", &zone, NULL), DCL_OK);
    dcl_window_source source = {
        .start_us = START, .period_us = DCL_HOUR_US, .n = COUNT(level), .level = {level}, .zone = zone};
    const dcl_feature list[] = {{.kind = DCL_FEATURE_HOUR}, {.kind = DCL_FEATURE_WEEKEND}};
    float got[2 * COUNT(level)];
    assert_int_equal(dcl_windows_make(&source, list, 2, 0, COUNT(level), got, NULL), DCL_OK);
    for (size_t i = 0; i < COUNT(level); i++) {
        size_t hour = i + 1; /* winter */
        assert_true(got[2 * i] == (float)(hour % 24));
        assert_true(got[2 * i + 1] == (float)(hour / 24 % 7 >= 5));
    }
    dcl_zone_close(&zone);
}

static void what_settles_adds_up_and_is_never_negative(void **state) {
    (void)state;
    dcl_rng rng = {9, 4, 0};
    for (size_t round = 0; round < 20000; round++) {
        float wanted[5];
        int32_t out[5], other, mains = (int32_t)dcl_rng_below(&rng, 60000) - 3000;
        for (size_t a = 0; a < 5; a++) wanted[a] = (float)(dcl_rng_normal(&rng) * 20000);
        if (round % 7 == 0) wanted[2] = NAN;
        if (round % 11 == 0) wanted[1] = INFINITY;
        dcl_power_settle(wanted, 5, mains, out, &other);
        int64_t sum = other;
        for (size_t a = 0; a < 5; a++) {
            assert_true(out[a] >= 0);
            sum += out[a];
        }
        assert_int_equal(sum, mains);
        assert_true(other >= 0 || mains < 0);
    }
}

static void every_usual_list_is_valid_and_has_nothing_twice(void **state) {
    (void)state;
    static const int64_t seconds[] = {1, 10, 60, 300, 1800, 3600};
    for (size_t p = 0; p < COUNT(seconds); p++) {
        const bool has[DCL_WINDOW_CHANNELS] = {true, true, true};
        dcl_feature list[DCL_FEATURES_MAX];
        bool events;
        size_t k = dcl_features_usual(seconds[p] * DCL_SECOND_US, has, list, &events);
        assert_in_range(k, 5, DCL_FEATURES_MAX - 1);
        for (size_t f = 0; f < k; f++) {
            assert_true(dcl_feature_valid(&list[f]));
            for (size_t g = 0; g < f; g++) assert_memory_not_equal(&list[f], &list[g], sizeof *list);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_what_they_say_at_every_moment_and_block),
        cmocka_unit_test(steps_and_cycles_near_a_moment_are_told),
        cmocka_unit_test(the_calendar_is_civil),
        cmocka_unit_test(what_settles_adds_up_and_is_never_negative),
        cmocka_unit_test(every_usual_list_is_valid_and_has_nothing_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
