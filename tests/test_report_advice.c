#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <declic/town.h>

#include "report_home.h"

/* Advice on simulated homes with one known waste, and on the same homes without: a short form of `bench/quality savings`. */

/* 2025-01-01, midnight in Paris. */
#define YEAR_US (INT64_C(1735686000) * DCL_SECOND_US)

enum { HOMES = 3, DAYS = 365 };

typedef struct planted {
    const char *name;
    dcl_town_plant plant;
    double waste_w; /* all year round, beyond what the home has without it; NaN = not by power */
    dcl_advice_kind want;
} planted;

/* The report of a simulated year, as `declic report --tariff base` would make it. */
static void report_on(const dcl_town_options *options, dcl_arena *arena, dcl_report *out) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    dcl_home home;
    dcl_uses uses;
    dcl_report_options with = options_of();
    dcl_use_options use = dcl_use_defaults();
    assert_int_equal(dcl_town_home(&context, options, arena, &home, NULL, &error), DCL_OK);
    assert_int_equal(dcl_uses_find(&context, &home, NULL, &use, arena, &uses, &error), DCL_OK);
    with.uses = &uses;
    with.tariff = DCL_TARIFF_BASE;
    with.subscribed_kva = 9;
    assert_int_equal(dcl_report_make(&context, &home, &with, arena, out, &error), DCL_OK);
}

/* Base has one price: what a constant waste costs is exact. The home's own freezer is some 40 W of the old one's. */
static void assert_waste(const planted *p, uint32_t home, bool with_it, int64_t period_us) {
    dcl_arena arena = {0};
    dcl_report report;
    dcl_town_options options = dcl_town_defaults();
    options.start_us = YEAR_US;
    options.days = DAYS;
    options.period_us = period_us;
    options.home = home;
    if (with_it) options.plant = p->plant;
    report_on(&options, &arena, &report);
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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_waste_is_found_and_nothing_else_is)};
    return cmocka_run_group_tests(tests, open_world, close_world);
}
