/* The nightly job's own sums: what is drift, and what a run takes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nightly/nightly.h"

enum { DAYS = 30 };

/* What is flat up to `from`, then `after`; a small wave upon it. */
static double statistic(size_t from, double after) {
    double x[DAYS];
    for (size_t i = 0; i < DAYS; i++) x[i] = (i < from ? 1 : after) + (i % 2 ? 0.1 : -0.1);
    return dcl_page_hinkley(x, DAYS, 1, 7, 0.1);
}

static void a_rise_is_drift_and_steady_or_better_is_none(void **state) {
    static const struct {
        const char *name;
        size_t from;
        double after;
        bool drift;
    } cases[] = {{"steady", DAYS, 1, false},
                 {"better", 10, 0.5, false},
                 {"a little worse", 10, 1.1, false},
                 {"twice as bad", 20, 2, true},
                 {"twice as bad from the first day", 0, 2, true},
                 {"half as bad again", 10, 1.5, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = statistic(cases[i].from, cases[i].after);
        if ((value > DCL_DRIFT_ALARM) != cases[i].drift) fail_msg("%s: %.3f", cases[i].name, value);
    }
}

static void the_statistic_is_that_of_its_definition(void **state) {
    const double x[] = {1, 3, (double)NAN, 2};
    (void)state;
    /* means 1, 2, 2; sums −0.5, 0, −0.5; lowest −0.5 */
    assert_true(fabs(dcl_page_hinkley(x, 2, 0, 0, 0.5) - 0.5) < 1e-12);
    assert_true(fabs(dcl_page_hinkley(x, 4, 0, 0, 0.5)) < 1e-12);
    assert_true(dcl_page_hinkley(x, 0, 1, 7, 0.1) == 0);
}

/* A version that served `days` days with errors of error_w, then some of another version. */
static void drift_of(size_t days, float error_w, dcl_night_drift *out) {
    night_log log = {0};
    dcl_zone *zone = NULL;
    dcl_error error;
    assert_int_equal(dcl_zone_open("UTC", &zone, &error), DCL_OK);
    const dcl_context context = {.zone = zone, .threads = 1};
    for (size_t d = 0; d < days + 5; d++)
        for (size_t h = 0; h < 24; h++) {
            night_row row = {.home = "a", .version = d < days ? 2 : 3, .p50 = 100, .seasonal = 150};
            row.start_us = (int64_t)(20000 * 24 + d * 24 + h) * DCL_HOUR_US;
            row.actual = 100 + (row.version == 2 ? error_w : 5000);
            assert_int_equal(nightly_log_add(&log, &row, &error), DCL_OK);
        }
    assert_int_equal(nightly_drift(&context, &log, 2, 50, 1, out, &error), DCL_OK);
    free(log.row);
    dcl_zone_close(&zone);
}

static void drift_is_of_a_version_and_against_its_card(void **state) {
    dcl_night_drift drift;
    (void)state;
    drift_of(14, 50, &drift);
    assert_int_equal(drift.days, 14);
    assert_true(fabs(drift.own - 1) < 1e-9 && !drift.seen);
    drift_of(14, 125, &drift);
    assert_true(fabs(drift.own - 2.5) < 1e-9 && drift.seen);
    assert_true(fabs(drift.naive - 125.0 / 75) < 1e-9);
    drift_of(0, 50, &drift);
    assert_int_equal(drift.days, 0);
    assert_true(isnan(drift.own) && !drift.seen);
}

static void options_out_of_range_are_refused(void **state) {
    static const struct {
        int test_days, least_days;
        double margin;
    } wrong[] = {{0, 0, 0.02}, {7, 8, 0.02}, {7, 5, 1}, {7, 5, -0.1}, {7, 5, (double)NAN}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        dcl_nightly_options options = dcl_nightly_defaults();
        dcl_nightly *run = NULL;
        dcl_error error;
        options.test_days = wrong[i].test_days, options.least_days = wrong[i].least_days;
        options.margin = wrong[i].margin;
        assert_int_equal(dcl_nightly_open(NULL, "nowhere", &options, &run, &error), DCL_E_ARG);
        assert_null(run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rise_is_drift_and_steady_or_better_is_none),
        cmocka_unit_test(the_statistic_is_that_of_its_definition),
        cmocka_unit_test(drift_is_of_a_version_and_against_its_card),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
