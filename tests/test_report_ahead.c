#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_home.h"

/* What was expected and what comes next. Homes of half hours from Monday, 2025-01-13, in Paris. */

enum { DAY = 48 };

static uint32_t mixed(size_t i) {
    uint32_t x = (uint32_t)i * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    return x ^ x >> 13;
}

/* A day with a morning and an evening, and noise of some 200 W. */
static float daily(size_t i) {
    size_t slot = i % DAY;
    float base = slot >= 14 && slot < 18 ? 700 : slot >= 38 && slot < 44 ? 1200 : 250;
    return base + (float)(mixed(i) % 400);
}

static float last_week_lost(size_t i) {
    return i >= 43 * DAY && i < 59 * DAY ? NAN : daily(i);
}

static size_t more_from;

/* The same, but for 900 W more from a moment on. */
static float changed(size_t i) {
    return daily(i) + (i >= more_from ? 900 : 0);
}

typedef struct ahead_case {
    const char *name;
    float (*rule)(size_t);
    int64_t step_s;
    size_t n;
    dcl_ahead_from from;
    dcl_ahead_why why;
    bool over;
} ahead_case;

static const ahead_case cases[] = {
    {"two months", daily, 1800, 60 * DAY, DCL_AHEAD_FROM_RULE, DCL_AHEAD_WHY_NONE, true},
    {"two months and a half day", daily, 1800, 60 * DAY + 28, DCL_AHEAD_FROM_RULE, DCL_AHEAD_WHY_NONE, false},
    {"three hours of a day are too few: the day before is told", daily, 1800, 60 * DAY + 6,
     DCL_AHEAD_FROM_RULE, DCL_AHEAD_WHY_NONE, true},
    {"21 days and the one that is compared", daily, 1800, 22 * DAY, DCL_AHEAD_FROM_RULE, DCL_AHEAD_WHY_NONE,
     true},
    {"20 days and the one that is compared", daily, 1800, 21 * DAY, DCL_AHEAD_FROM_NOBODY,
     DCL_AHEAD_WHY_TOO_SHORT, true},
    {"a day", daily, 1800, DAY, DCL_AHEAD_FROM_NOBODY, DCL_AHEAD_WHY_TOO_SHORT, true},
    {"hours", daily, 3600, 40 * 24, DCL_AHEAD_FROM_RULE, DCL_AHEAD_WHY_NONE, true},
    {"days", daily, 86400, 90, DCL_AHEAD_FROM_NOBODY, DCL_AHEAD_WHY_TOO_COARSE, true},
    {"nothing known of the last weeks", last_week_lost, 1800, 60 * DAY, DCL_AHEAD_FROM_NOBODY,
     DCL_AHEAD_WHY_GAPS, true},
};

static void a_forecast_is_there_where_history_carries_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ahead_case *c = &cases[i];
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home = home_of(&arena, MONDAY_US, c->step_s * DCL_SECOND_US, c->n, c->rule);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        const dcl_report_ahead *a = &report.ahead;
        if (a->from != c->from || a->why != c->why || (a->from && a->day_over != c->over))
            fail_msg("%s: by %s, %s, over %d", c->name, dcl_ahead_from_name(a->from),
                     dcl_ahead_why_name(a->why), a->day_over);
        assert_true(c->from ? a->n == a->n_first + 48 : a->n == 0);
        for (size_t k = 0; k < a->n; k++) {
            assert_true(a->low_w[k] <= a->mean_w[k] && a->mean_w[k] <= a->high_w[k]);
            assert_true(isnan(a->came_w[k]) == (k >= a->n_first));
        }
        if (c->from) assert_true(a->next.low_kwh < a->next.kwh && a->next.kwh < a->next.high_kwh);
        dcl_arena_free(&arena);
    }
}

static void eight_values_of_ten_lie_within_the_band(void **state) {
    (void)state;
    int compared = 0, inside = 0, days = 0, days_inside = 0;
    for (size_t day = 40; day < 76; day++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, day * DAY, daily);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        const dcl_report_ahead *a = &report.ahead;
        compared += a->compared;
        inside += a->inside;
        days++;
        days_inside += a->came_kwh >= a->day.low_kwh && a->came_kwh <= a->day.high_kwh;
        dcl_arena_free(&arena);
    }
    double share = (double)inside / compared;
    if (share < 0.76 || share > 0.86) fail_msg("%.3f of %d half hours", share, compared);
    if (days_inside < 0.65 * days) fail_msg("%d of %d days", days_inside, days);
}

static void what_comes_after_a_forecast_does_not_change_it(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report before, after;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 50 * DAY, daily);
    assert_int_equal(make(&home, &options, &arena, &before), DCL_OK);
    more_from = 49 * DAY;
    home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 50 * DAY, changed);
    assert_int_equal(make(&home, &options, &arena, &after), DCL_OK);
    assert_int_equal(before.ahead.n, after.ahead.n);
    assert_memory_equal(before.ahead.mean_w, after.ahead.mean_w, 48 * sizeof(float));
    assert_memory_equal(before.ahead.low_w, after.ahead.low_w, 48 * sizeof(float));
    assert_memory_equal(before.ahead.high_w, after.ahead.high_w, 48 * sizeof(float));
    assert_true(after.ahead.day.kwh == before.ahead.day.kwh);
    assert_true(after.ahead.next.kwh > before.ahead.next.kwh + 2);
    assert_true(after.ahead.inside < before.ahead.inside / 2);
    dcl_arena_free(&arena);
}

static void a_model_forecasts_where_its_history_is_there(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    dcl_error error = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_forecast_learn_options learn = dcl_forecast_learn_defaults();
    dcl_forecast_model *model = NULL;
    learn.rows = 2000;
    learn.rounds = 10;
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 120 * DAY, daily);
    dcl_forecast_home of = {.id = "", .power = &home.series[0]};
    assert_int_equal(dcl_forecast_learn(&context, &of, 1, NULL, &learn, &model, &error), DCL_OK);
    options.forecast = model;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.ahead.from, DCL_AHEAD_FROM_MODEL);
    assert_int_equal(report.ahead.compared, 48);
    assert_true(report.ahead.learned_later); /* its targets end with the home */
    assert_true(isfinite(report.ahead.next.kwh));
    home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 5 * DAY, daily);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.ahead.from, DCL_AHEAD_FROM_NOBODY);
    dcl_forecast_close(&model);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forecast_is_there_where_history_carries_it),
        cmocka_unit_test(eight_values_of_ten_lie_within_the_band),
        cmocka_unit_test(what_comes_after_a_forecast_does_not_change_it),
        cmocka_unit_test(a_model_forecasts_where_its_history_is_there),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
