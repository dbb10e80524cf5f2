#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report_home.h"

/* Savings on homes made of a rule, whose waste is known exactly: 2025, one slot after another from midnight in Paris. */

enum { HALF_HOURS = 48, YEAR = 365 };
#define HALF_HOUR_US (DCL_HOUR_US / 2)
/* 2025-01-01 and 2025-05-01, midnight in Paris. */
#define YEAR_US (INT64_C(1735686000) * DCL_SECOND_US)
#define MAY_US  (INT64_C(1746050400) * DCL_SECOND_US)
/* 2024-01-01 and 2024-11-01, midnight in Paris. */
#define LEAP_YEAR_US (INT64_C(1704063600) * DCL_SECOND_US)
#define NOVEMBER_US  (INT64_C(1730415600) * DCL_SECOND_US)

typedef struct told {
    dcl_arena arena;
    dcl_report report;
} told;

static void tell(told *t, int64_t start_us, int64_t period_us, size_t n, float (*rule)(size_t),
                 const dcl_report_options *options) {
    memset(t, 0, sizeof *t);
    dcl_home home = home_of(&t->arena, start_us, period_us, n, rule);
    assert_int_equal(make(&home, options, &t->arena, &t->report), DCL_OK);
}

static const dcl_advice *advice_of(const told *t, dcl_advice_kind kind) {
    return &t->report.savings.advice[kind];
}

static void assert_why(const told *t, dcl_advice_kind kind, dcl_advice_why want) {
    dcl_advice_why got = advice_of(t, kind)->why;
    if (got != want)
        fail_msg("%s: want %s, got %s", dcl_advice_name(kind), dcl_advice_why_name(want),
                 dcl_advice_why_name(got));
}

/* Given, with the truth inside, rounded to fives or tens, and no wider than twice its low end. */
static void assert_given(const told *t, dcl_advice_kind kind, double truth_eur) {
    const dcl_advice *a = advice_of(t, kind);
    assert_why(t, kind, DCL_ADVICE_WHY_GIVEN);
    if (!(a->eur_low <= truth_eur && truth_eur <= a->eur_high))
        fail_msg("%s: %.2f is not in %.0f-%.0f", dcl_advice_name(kind), truth_eur, a->eur_low, a->eur_high);
    assert_true(a->eur_high <= 2 * a->eur_low);
    assert_true(fmod(a->eur_low, a->eur_low >= 100 ? 10 : 5) == 0);
    assert_true(fmod(a->eur_high, a->eur_high > 100 ? 10 : 5) == 0);
    assert_true(a->confidence > 0 && a->confidence <= 1);
}

static dcl_report_options contract(dcl_tariff_kind kind, const char *hours) {
    dcl_report_options options = options_of();
    dcl_error error = {0};
    options.tariff = kind;
    options.subscribed_kva = 6;
    if (hours) assert_int_equal(dcl_hours_parse(hours, &options.hours, &error), DCL_OK);
    return options;
}

/* ---------------------------------------------------------------- the floor */

/* Seconds of half an hour a day stand for a household's life above its floor. */
static float life(size_t i) {
    return i % HALF_HOURS == 38 ? 900 : 0;
}

static float low_floor(size_t i) {
    return 90 + life(i);
}

static float high_floor(size_t i) {
    return 430 + life(i);
}

static float left_on_in_july(size_t i) {
    return (i < 190 * HALF_HOURS ? 90 : 210) + life(i);
}

static void a_high_floor_is_told_against_most_homes(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, high_floor, &options);
    assert_given(&t, DCL_ADVICE_ALWAYS_ON,
                 340 * 8.76 * 0.1952); /* where 90 W would be usual, list of 2025-08 */
    assert_int_equal(t.report.savings.order[0], DCL_ADVICE_ALWAYS_ON);
    assert_int_equal(t.report.savings.list_day, dcl_days_from_date(2025, 8, 1));
    dcl_arena_free(&t.arena);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, low_floor, &options);
    assert_why(&t, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_WHY_NOTHING);
    assert_why(&t, DCL_ADVICE_LEFT_ON, DCL_ADVICE_WHY_NOTHING);
    dcl_arena_free(&t.arena);
}

static float some_floor(size_t i) {
    return 210 + life(i);
}

/* One home in ten has as much: that it is waste is not said, and neither that it is none. */
static void a_floor_at_the_edge_is_left_open(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, YEAR_US, HALF_HOUR_US, 60 * HALF_HOURS, some_floor, &options);
    assert_why(&t, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_WHY_TOO_WIDE);
    dcl_arena_free(&t.arena);
}

static void what_was_left_on_has_its_day_and_its_power(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, left_on_in_july, &options);
    const dcl_advice *a = advice_of(&t, DCL_ADVICE_LEFT_ON);
    assert_given(&t, DCL_ADVICE_LEFT_ON, 120 * 8.76 * 0.1952);
    assert_true(fabs(a->now - 120) <= 1);
    assert_in_range(a->since_day, dcl_days_from_date(2025, 7, 6), dcl_days_from_date(2025, 7, 14));
    dcl_arena_free(&t.arena);
}

/* Louder nights all winter, twice in the span: that is a season. */
static float loud_winters(size_t i) {
    size_t day = i / HALF_HOURS;
    return (day < 90 || day >= 290 ? 250 : 90) + life(i);
}

static void a_season_is_not_left_on(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, loud_winters, &options);
    assert_why(&t, DCL_ADVICE_LEFT_ON, DCL_ADVICE_WHY_NOTHING);
    dcl_arena_free(&t.arena);
}

/* ---------------------------------------------------------------- a compressor and its year before */

enum {
    DAY_MINUTES = 1440,
    CYCLE_MINUTES = 50,
    TWO_YEARS = 731,
    WINTER = 92,
    WINTER_TO_WINTER = 365 + WINTER
};

/* A compressor above 60 W, on for the first minutes of each cycle. */
static float cooling(size_t i, float watt, size_t on) {
    return 60 + (i % CYCLE_MINUTES < on ? watt : 0);
}

static bool second_year(size_t i) {
    return i >= 366 * DAY_MINUTES;
}

static float works_harder(size_t i) {
    return cooling(i, 100, second_year(i) ? 28 : 20);
}

static float works_as_before(size_t i) {
    return cooling(i, 100, 24);
}

static float is_replaced(size_t i) {
    return second_year(i) ? cooling(i, 130, 28) : cooling(i, 100, 20);
}

/* From November on: harder but in the cold, which is all that the first year has. */
static float follows_the_season(size_t i) {
    return cooling(i, 100, i / DAY_MINUTES % 365 >= WINTER - 4 ? 30 : 20);
}

/* And in the second winter as well. */
static float works_harder_in_winter(size_t i) {
    return cooling(i, 100, i / DAY_MINUTES >= WINTER ? 30 : 20);
}

/* The page has the shares of both years, in the words of this comparison. */
static void assert_said(told *t, dcl_lang lang, const char *before, const char *now) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    const char *html;
    size_t n;
    assert_int_equal(dcl_report_html(&context, &t->report, lang, &t->arena, &html, &n, &error), DCL_OK);
    assert_non_null(strstr(html, before));
    assert_non_null(strstr(html, now));
}

static void a_compressor_is_compared_with_the_same_months_of_its_year_before(void **state) {
    (void)state;
    static const struct {
        int64_t start_us;
        size_t days;
        float (*rule)(size_t);
        double worked_before, worked_now; /* 0 = nothing to be told */
    } cases[] = {
        {LEAP_YEAR_US, TWO_YEARS, works_harder, 0.40, 0.56},
        {LEAP_YEAR_US, TWO_YEARS, works_as_before, 0, 0},
        {LEAP_YEAR_US, TWO_YEARS, is_replaced, 0, 0},
        {NOVEMBER_US, WINTER_TO_WINTER, follows_the_season, 0, 0},
        {NOVEMBER_US, WINTER_TO_WINTER, works_harder_in_winter, 0.40, 0.60},
        {LEAP_YEAR_US, 366 + 40, works_harder, 0, 0}, /* 40 nights of it are few */
    };
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        told t;
        tell(&t, cases[k].start_us, DCL_MINUTE_US, cases[k].days * DAY_MINUTES, cases[k].rule, &options);
        const dcl_advice *a = advice_of(&t, DCL_ADVICE_COLD);
        double more = cases[k].worked_now - cases[k].worked_before;
        if (more > 0) {
            assert_given(&t, DCL_ADVICE_COLD, more * 876 * t.report.always_on.price_eur_kwh);
            assert_true(a->kwh_low <= more * 876 && more * 876 <= a->kwh_high);
            assert_true(fabs(a->worked_before - cases[k].worked_before) < 0.01);
            assert_true(fabs(a->worked_now - cases[k].worked_now) < 0.01);
            assert_true(a->cycles > 0 && a->usual_low < a->now);
            assert_said(&t, DCL_LANG_EN, "ran 40% of the time in the same months", "% now</b>");
            assert_said(&t, DCL_LANG_FR, "aux mêmes mois un an plus tôt", "% maintenant</b>");
        } else
            assert_why(&t, DCL_ADVICE_COLD, DCL_ADVICE_WHY_NOTHING);
        dcl_arena_free(&t.arena);
    }
}

/* Nearly always on: more than its kind by more than it is above its year before. */
static float old_and_harder(size_t i) {
    return cooling(i, 200, second_year(i) ? 42 : 24);
}

static void of_kind_and_year_the_larger_is_told(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, LEAP_YEAR_US, DCL_MINUTE_US, TWO_YEARS * DAY_MINUTES, old_and_harder, &options);
    const dcl_advice *a = advice_of(&t, DCL_ADVICE_COLD);
    assert_why(&t, DCL_ADVICE_COLD, DCL_ADVICE_WHY_GIVEN);
    assert_true(isnan(a->worked_before) && a->usual_low < a->usual_high);
    dcl_arena_free(&t.arena);
}

/* ---------------------------------------------------------------- hours and contract */

/* 2 kW from 10:00 to 12:00 of winter time. */
static float heats_by_day(size_t i) {
    size_t slot = i % HALF_HOURS;
    return 90 + life(i) + (slot >= 20 && slot < 24 ? 2000 : 0);
}

static float heats_by_night(size_t i) {
    size_t slot = i % HALF_HOURS;
    return 90 + life(i) + (slot >= 4 && slot < 8 ? 2000 : 0);
}

static void a_heater_by_day_is_moved_and_billed(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_HC, "22:00-06:00");
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, heats_by_day, &options);
    const dcl_advice *a = advice_of(&t, DCL_ADVICE_WATER_HEATER);
    assert_given(&t, DCL_ADVICE_WATER_HEATER, 4 * 365 * (0.2081 - 0.1635));
    assert_int_equal(a->to_minute, 22 * 60);
    assert_true(fabs(a->now - 1460) <= 15);
    dcl_arena_free(&t.arena);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, heats_by_night, &options);
    assert_why(&t, DCL_ADVICE_WATER_HEATER, DCL_ADVICE_WHY_NOTHING);
    dcl_arena_free(&t.arena);
}

static void hours_are_not_judged_without_a_contract(void **state) {
    (void)state;
    const struct {
        dcl_tariff_kind kind;
        const char *hours;
        dcl_advice_why why;
    } cases[] = {{DCL_TARIFF_KIND_COUNT, "22:00-06:00", DCL_ADVICE_WHY_NO_TARIFF},
                 {DCL_TARIFF_HC, NULL, DCL_ADVICE_WHY_NO_HOURS},
                 {DCL_TARIFF_BASE, NULL, DCL_ADVICE_WHY_OTHER_TARIFF}};
    for (size_t i = 0; i < 3; i++) {
        told t;
        dcl_report_options options = contract(cases[i].kind, cases[i].hours);
        tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, heats_by_day, &options);
        assert_why(&t, DCL_ADVICE_WATER_HEATER, cases[i].why);
        if (cases[i].kind == DCL_TARIFF_KIND_COUNT)
            assert_why(&t, DCL_ADVICE_TARIFF, DCL_ADVICE_WHY_NO_TARIFF);
        dcl_arena_free(&t.arena);
    }
}

/* All of it by night: off-peak hours cost less than Base by far, and what is told is what the bills say. */
static void the_cheaper_option_is_the_difference_of_two_bills(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, "22:00-06:00");
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, heats_by_night, &options);
    const dcl_advice *a = advice_of(&t, DCL_ADVICE_TARIFF);
    assert_given(&t, DCL_ADVICE_TARIFF, a->now - a->usual_low);
    assert_int_not_equal(a->tariff, DCL_TARIFF_BASE);
    assert_true(fabs(a->now - t.report.savings.bill_eur) < 1e-9);
    dcl_arena_free(&t.arena);
    options.tariff = a->tariff;
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, heats_by_night, &options);
    assert_why(&t, DCL_ADVICE_TARIFF, DCL_ADVICE_WHY_NOTHING);
    dcl_arena_free(&t.arena);
}

static float high_floor_by_day_heater(size_t i) {
    return heats_by_day(i) + 340;
}

static void all_at_once_is_no_more_than_the_sum(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_HC, "22:00-06:00");
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, high_floor_by_day_heater, &options);
    const dcl_savings *all = &t.report.savings;
    double low = 0, high = 0;
    assert_true(all->n >= 2);
    for (size_t i = 0; i < all->n; i++) {
        low += all->advice[all->order[i]].eur_low;
        high += all->advice[all->order[i]].eur_high;
    }
    assert_true(all->joint_eur_low <= low && all->joint_eur_high <= high);
    assert_true(all->joint_eur_low > 0.5 * low && all->joint_eur_high < all->bill_eur);
    dcl_arena_free(&t.arena);
}

static void a_power_that_is_never_reached_is_too_much(void **state) {
    (void)state;
    enum { MINUTES = 1440 };
    static const float most[] = {2600, 5800};
    static const dcl_advice_why why[] = {DCL_ADVICE_WHY_GIVEN, DCL_ADVICE_WHY_NOTHING};
    for (int k = 0; k < 2; k++) {
        dcl_arena arena = {0};
        dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
        dcl_home home = home_of(&arena, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, low_floor);
        dcl_va_maximum maxima[YEAR];
        for (int i = 0; i < YEAR; i++)
            maxima[i] =
                (dcl_va_maximum){YEAR_US + i * DCL_DAY_US + 19 * DCL_HOUR_US, most[k] - (float)(i % 7) * 100};
        home.va_maxima = maxima;
        home.n_va_maxima = YEAR;
        told t = {.arena = arena};
        assert_int_equal(make(&home, &options, &t.arena, &t.report), DCL_OK);
        assert_why(&t, DCL_ADVICE_POWER, why[k]);
        if (!k) assert_given(&t, DCL_ADVICE_POWER, 185.64 - 140.76);
        if (!k) assert_int_equal(advice_of(&t, DCL_ADVICE_POWER)->kva, 3);
        dcl_arena_free(&t.arena);
    }
}

/* ---------------------------------------------------------------- the compressor */

/* 220 W for 30 minutes of each 50, its start a little above. */
static float old_freezer(size_t i) {
    size_t at = i % 50;
    return at >= 30 ? 60 : at == 0 ? 325 : at < 3 ? 300 : 280;
}

/* 90 W for 18 of each 50. */
static float good_freezer(size_t i) {
    return i % 50 < 18 ? 150 : 60;
}

static void an_old_freezer_shows_in_minutes_and_not_in_half_hours(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, MAY_US, DCL_MINUTE_US, 60 * 1440, old_freezer, &options);
    assert_given(&t, DCL_ADVICE_COLD, (220 * 0.6 * 8.76 - 312) * 0.2016);
    assert_true(fabs(advice_of(&t, DCL_ADVICE_COLD)->now - 220 * 0.6 * 8.76) < 60);
    dcl_arena_free(&t.arena);
    tell(&t, MAY_US, DCL_MINUTE_US, 60 * 1440, good_freezer, &options);
    assert_why(&t, DCL_ADVICE_COLD, DCL_ADVICE_WHY_NOTHING);
    dcl_arena_free(&t.arena);
    tell(&t, MAY_US, HALF_HOUR_US, 60 * HALF_HOURS, high_floor, &options);
    assert_why(&t, DCL_ADVICE_COLD, DCL_ADVICE_WHY_TOO_COARSE);
    dcl_arena_free(&t.arena);
}

/* ---------------------------------------------------------------- data that cannot carry it */

static float with_a_hole(size_t i) {
    size_t day = i / HALF_HOURS;
    return day >= 90 && day < 210 ? NAN : heats_by_night(i);
}

static float feeding_in(size_t i) {
    size_t slot = i % HALF_HOURS;
    return slot > 18 && slot < 32 ? -1500 : high_floor(i);
}

static void little_data_is_not_judged(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, "22:00-06:00");
    static const size_t days[] = {1, 7, 13};
    for (size_t i = 0; i < 3; i++) {
        tell(&t, YEAR_US, HALF_HOUR_US, days[i] * HALF_HOURS, high_floor, &options);
        for (int k = 0; k < DCL_ADVICE_COUNT; k++)
            assert_why(&t, (dcl_advice_kind)k, DCL_ADVICE_WHY_FEW_DAYS);
        assert_int_equal(t.report.savings.n, 0);
        dcl_arena_free(&t.arena);
    }
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, with_a_hole, &options);
    assert_why(&t, DCL_ADVICE_TARIFF, DCL_ADVICE_WHY_NO_YEAR);
    assert_true(isnan(t.report.savings.bill_eur));
    dcl_arena_free(&t.arena);
    tell(&t, YEAR_US, 2 * DCL_HOUR_US, YEAR * 12, constant, &options);
    assert_why(&t, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_WHY_TOO_COARSE);
    dcl_arena_free(&t.arena);
}

/* Panels take the floor out of the day's quietest moments: the nights tell that it is high, and no more. */
static void panels_do_not_hide_the_floor(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, YEAR_US, HALF_HOUR_US, YEAR * HALF_HOURS, feeding_in, &options);
    assert_why(&t, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_WHY_TOO_WIDE);
    assert_true(t.report.savings.bill_eur > 0);
    dcl_arena_free(&t.arena);
}

/* Old data is priced with the latest lists, and says which. */
static void old_data_has_the_latest_prices(void **state) {
    (void)state;
    told t;
    dcl_report_options options = contract(DCL_TARIFF_BASE, NULL);
    tell(&t, DEC_2006_US, HALF_HOUR_US, 30 * HALF_HOURS, high_floor, &options);
    assert_why(&t, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_WHY_GIVEN);
    assert_true(t.report.savings.has_list);
    assert_int_equal(t.report.savings.list_day, dcl_days_from_date(2026, 2, 1));
    dcl_arena_free(&t.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_high_floor_is_told_against_most_homes),
        cmocka_unit_test(a_floor_at_the_edge_is_left_open),
        cmocka_unit_test(what_was_left_on_has_its_day_and_its_power),
        cmocka_unit_test(a_season_is_not_left_on),
        cmocka_unit_test(a_compressor_is_compared_with_the_same_months_of_its_year_before),
        cmocka_unit_test(of_kind_and_year_the_larger_is_told),
        cmocka_unit_test(a_heater_by_day_is_moved_and_billed),
        cmocka_unit_test(hours_are_not_judged_without_a_contract),
        cmocka_unit_test(the_cheaper_option_is_the_difference_of_two_bills),
        cmocka_unit_test(all_at_once_is_no_more_than_the_sum),
        cmocka_unit_test(a_power_that_is_never_reached_is_too_much),
        cmocka_unit_test(an_old_freezer_shows_in_minutes_and_not_in_half_hours),
        cmocka_unit_test(little_data_is_not_judged),
        cmocka_unit_test(panels_do_not_hide_the_floor),
        cmocka_unit_test(old_data_has_the_latest_prices),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
