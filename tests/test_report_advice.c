#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <declic/town.h>

#include "report_home.h"

/* Advice on simulated homes with one known waste, and on the same homes without: a short form of `bench/quality savings`. */

/* 2025-01-01 and 2024-01-01, midnight in Paris. */
#define YEAR_US   (INT64_C(1735686000) * DCL_SECOND_US)
#define BEFORE_US (INT64_C(1704063600) * DCL_SECOND_US)

enum { HOMES = 3, DAYS = 365, DAYS_BEFORE = 366 };

typedef struct planted {
    const char *name;
    dcl_town_plant plant;
    double waste_w; /* all year round, beyond what the home has without it; NaN = not by power */
    dcl_advice_kind want;
} planted;

/* The report of a home, as `declic report --tariff base` would make it. */
static void report_on(const dcl_home *home, dcl_arena *arena, dcl_report *out) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    dcl_uses uses;
    dcl_report_options with = options_of();
    dcl_use_options use = dcl_use_defaults();
    assert_int_equal(dcl_uses_find(&context, home, NULL, &use, arena, &uses, &error), DCL_OK);
    with.uses = &uses;
    with.tariff = DCL_TARIFF_BASE;
    with.subscribed_kva = 9;
    assert_int_equal(dcl_report_make(&context, home, &with, arena, out, &error), DCL_OK);
}

static void simulate(const dcl_town_options *options, dcl_arena *arena, dcl_home *home) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    assert_int_equal(dcl_town_home(&context, options, arena, home, NULL, &error), DCL_OK);
}

/* Base has one price: what a constant waste costs is exact. The home's own freezer is some 40 W of the old one's. */
static void assert_waste(const planted *p, uint32_t home, bool with_it, int64_t period_us) {
    dcl_arena arena = {0};
    dcl_home simulated;
    dcl_report report;
    dcl_town_options options = dcl_town_defaults();
    options.start_us = YEAR_US;
    options.days = DAYS;
    options.period_us = period_us;
    options.home = home;
    if (with_it) options.plant = p->plant;
    simulate(&options, &arena, &simulated);
    report_on(&simulated, &arena, &report);
    const dcl_advice *a = &report.savings.advice[p->want];
    double truth_eur = p->waste_w * 8.76 * report.always_on.price_eur_kwh;
    bool inside = a->eur_low <= truth_eur && truth_eur <= a->eur_high;
    if (with_it && (a->why || !inside))
        fail_msg("%s in home %u: %.0f € is not in %.0f-%.0f (%s)", p->name, home, truth_eur, a->eur_low,
                 a->eur_high, dcl_advice_why_name(a->why));
    if (!with_it && !a->why)
        fail_msg("%s in home %u, which has none: %.0f-%.0f €", p->name, home, a->eur_low, a->eur_high);
    dcl_arena_free(&arena);
}

static void planted_waste_is_found_and_nothing_else_is(void **state) {
    (void)state;
    const planted cases[] = {
        {"always on", {.always_w = 350}, 350, DCL_ADVICE_ALWAYS_ON},
        {"left on", {.left_on_w = 150, .left_on_day = YEAR_US / DCL_DAY_US + 170}, 150, DCL_ADVICE_LEFT_ON},
        {"old freezer", {.freezer_w = 200, .freezer_duty = 0.65}, 94, DCL_ADVICE_COLD},
    };
    static const uint32_t homes[HOMES] = {2, 5, 8};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < HOMES; k++)
            for (int with_it = 0; with_it < 2; with_it++)
                assert_waste(&cases[i], homes[k], with_it, DCL_MINUTE_US);
}

/* ---------------------------------------------------------------- the year before */

/* A freezer in each of two years. */
typedef struct two_years {
    const char *name;
    double watt[2], duty[2];
    bool want;
} two_years;

/* A year of minutes, behind what the series has. */
static void add_year(const two_years *c, int k, uint32_t number, dcl_arena *arena, dcl_series *out) {
    dcl_home year;
    dcl_town_options options = dcl_town_defaults();
    options.start_us = k ? YEAR_US : BEFORE_US;
    options.days = k ? DAYS : DAYS_BEFORE;
    options.period_us = DCL_MINUTE_US;
    options.home = number;
    options.plant.freezer_w = c->watt[k];
    options.plant.freezer_duty = c->duty[k];
    simulate(&options, arena, &year);
    const dcl_series *power = dcl_home_series(&year, DCL_POWER_W);
    memcpy(out->value + out->n, power->value, power->n * sizeof *power->value);
    out->n += power->n;
}

static void assert_year(const two_years *c, uint32_t number) {
    dcl_arena arena = {0};
    dcl_report report;
    dcl_home home = home_of(&arena, BEFORE_US, DCL_MINUTE_US, (DAYS_BEFORE + DAYS) * 1440, constant);
    home.series[0].n = 0;
    for (int k = 0; k < 2; k++) add_year(c, k, number, &arena, &home.series[0]);
    report_on(&home, &arena, &report);
    const dcl_advice *a = &report.savings.advice[DCL_ADVICE_COLD];
    double truth_kwh = 8.76 * c->watt[1] * (c->duty[1] - c->duty[0]);
    bool inside = a->kwh_low <= truth_kwh && truth_kwh <= a->kwh_high && a->worked_now > a->worked_before;
    if (c->want && (a->why || !inside))
        fail_msg("%s in home %u: %.0f kWh is not in %.0f-%.0f (%s)", c->name, number, truth_kwh, a->kwh_low,
                 a->kwh_high, dcl_advice_why_name(a->why));
    if (!c->want && !a->why)
        fail_msg("%s in home %u: %.0f-%.0f kWh, worked %.2f, now %.2f", c->name, number, a->kwh_low,
                 a->kwh_high, a->worked_before, a->worked_now);
    dcl_arena_free(&arena);
}

/* Homes whose fridge has another size than the freezer, so that the two do not mix. */
static void a_freezer_is_compared_with_its_own_year_before(void **state) {
    (void)state;
    static const two_years cases[] = {
        {"works harder", {87, 87}, {0.40, 0.56}, true},
        {"works as before", {87, 87}, {0.45, 0.45}, false},
        {"replaced by a larger one", {80, 120}, {0.40, 0.56}, false},
    };
    static const uint32_t homes[HOMES] = {1, 4, 10};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < HOMES; k++) assert_year(&cases[i], homes[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_waste_is_found_and_nothing_else_is),
                                       cmocka_unit_test(a_freezer_is_compared_with_its_own_year_before)};
    return cmocka_run_group_tests(tests, open_world, close_world);
}
