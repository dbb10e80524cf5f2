#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_home.h"

/* The last month, and what changed. Homes of half hours from 2024-03-01 on, in Paris; UTC+1 until 31 March, which has 23 hours. */

enum { DAY = 48 };

/* A little noise, so that days differ: 0 … 99 W. */
static float noise(size_t i) {
    return (float)((i * 2654435761u >> 9) % 100);
}

/* The day's index from 2024-03-01, near enough for rules that change in the middle of a night. */
static size_t day_of(size_t i) {
    return i / DAY;
}

static float steady(size_t i) {
    return 400 + noise(i);
}

/* From May on 150 W more, always. */
static float floor_rises(size_t i) {
    return steady(i) + (day_of(i) >= 61 ? 150 : 0);
}

/* From May on 600 W more from 18 to 24 h. */
static float evenings_rise(size_t i) {
    size_t slot = (i + 2) % DAY; /* summer time */
    return steady(i) + (day_of(i) >= 61 && slot >= 36 ? 600 : 0);
}

/* Nobody in from 5 to 16 May. */
static float holidays(size_t i) {
    size_t day = day_of(i);
    return day >= 65 && day < 77 ? 60 + noise(i) / 10 : 500 + noise(i);
}

static float gap_in_april(size_t i) {
    size_t day = day_of(i);
    return day >= 31 && day < 51 ? NAN : steady(i);
}

typedef struct recent_case {
    const char *name;
    float (*rule)(size_t);
    size_t days; /* from 2024-03-01 on */
    bool known, whole, before, clear;
    int month;
    dcl_reason reason;
} recent_case;

/* 92 days end with May. */
static const recent_case cases[] = {
    {"nothing changes", steady, 92, true, true, true, false, 5, DCL_REASON_NONE},
    {"what never stops rises", floor_rises, 92, true, true, true, true, 5, DCL_REASON_ALWAYS_ON},
    {"evenings rise", evenings_rise, 92, true, true, true, true, 5, DCL_REASON_PART_OF_DAY},
    {"holidays", holidays, 92, true, true, true, true, 5, DCL_REASON_EMPTY_DAYS},
    {"a month that has begun", floor_rises, 75, true, false, true, true, 5, DCL_REASON_ALWAYS_ON},
    {"five days of a month are too few: the month before is told", steady, 66, true, true, true, false, 4,
     DCL_REASON_NONE},
    {"a gap leaves nothing to compare with", gap_in_april, 92, true, true, false, false, 5, DCL_REASON_NONE},
    {"six days are too few", steady, 6, false, false, false, false, 0, DCL_REASON_NONE},
    {"one month alone", steady, 31, true, true, false, false, 3, DCL_REASON_NONE},
};

static void what_changed_is_found_with_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const recent_case *c = &cases[i];
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home =
            home_of(&arena, MARCH_2024_US, DCL_HOUR_US / 2, c->days * DAY - (c->days >= 31 ? 2 : 0), c->rule);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        const dcl_report_recent *recent = &report.recent;
        if (recent->known != c->known) fail_msg("%s: known %d", c->name, recent->known);
        if (!c->known) {
            dcl_arena_free(&arena);
            continue;
        }
        if (recent->whole != c->whole || recent->before.known != c->before ||
            recent->before.clear != c->clear)
            fail_msg("%s: whole %d, before %d, clear %d", c->name, recent->whole, recent->before.known,
                     recent->before.clear);
        assert_int_equal(dcl_date_from_days(recent->now.from_day).month, c->month);
        if (recent->before.reason != c->reason)
            fail_msg("%s: %s", c->name, dcl_reason_name(recent->before.reason));
        dcl_arena_free(&arena);
    }
}

static void euros_by_energy_and_by_price_add_up(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    options.tariff = DCL_TARIFF_BASE;
    /* 2025-01-13 + 46 days: January and February; prices changed on 1 February 2025. */
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 47 * DAY, evenings_rise);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    const dcl_report_then *before = &report.recent.before;
    assert_true(report.recent.known);
    assert_false(before->known); /* 19 of January's 31 days: too few */
    home = home_of(&arena, MARCH_2024_US, DCL_HOUR_US / 2, 365 * DAY, floor_rises);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(dcl_date_from_days(report.recent.now.from_day).month, 2);
    assert_true(before->known);
    double length = (double)(report.recent.now.to_day - report.recent.now.from_day);
    double now = report.recent.now.energy_eur / report.recent.now.kwh * report.recent.now.day_kwh * length;
    double then = before->then.energy_eur / before->then.kwh * before->then.day_kwh * length;
    assert_true(fabs(before->eur_more - (now - then)) < 1e-9);
    assert_true(fabs(before->eur_more - before->eur_by_kwh - before->eur_by_price) < 1e-9);
    assert_true(before->eur_by_price < -1); /* a kWh of Base fell from 25.16 to 20.16 c€ */
    dcl_arena_free(&arena);
}

static void a_month_without_prices_has_energy_and_no_cost(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    options.tariff = DCL_TARIFF_TEMPO;
    /* From 2026-03-12 on: colours are known to 2026-04-02. */
    int64_t start_us = MONDAY_US + 423 * DCL_DAY_US;
    dcl_home home = home_of(&arena, start_us, DCL_HOUR_US / 2, 45 * DAY, steady);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(report.recent.known);
    assert_true(isnan(report.recent.now.energy_eur));
    assert_true(report.recent.now.kwh > 0);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_is_found_with_its_reason),
        cmocka_unit_test(euros_by_energy_and_by_price_add_up),
        cmocka_unit_test(a_month_without_prices_has_energy_and_no_cost),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
