/* Homes made of a rule, for the tests of the report. */
#ifndef REPORT_HOME_H
#define REPORT_HOME_H

#include <math.h>
#include <string.h>

#include <declic/kernel.h>
#include <declic/report.h>

/* 2025-01-13 00:00 in Paris, a Monday. */
#define MONDAY_US (INT64_C(1736722800) * DCL_SECOND_US)
/* 2024-03-01 and 2006-12-16, midnight in Paris. */
#define MARCH_2024_US (INT64_C(1709247600) * DCL_SECOND_US)
#define DEC_2006_US   (INT64_C(1166223600) * DCL_SECOND_US)
/* The days in Paris on which the clocks go forward and back, midnight. */
#define DAY_OF_23_HOURS_US (INT64_C(1743289200) * DCL_SECOND_US)
#define DAY_OF_25_HOURS_US (INT64_C(1761429600) * DCL_SECOND_US)

static dcl_zone *paris;
static dcl_tariff *tables;
static dcl_kernels kernels;

static int open_world(void **state) {
    (void)state;
    dcl_error error;
    return dcl_zone_open("Europe/Paris", &paris, &error) || dcl_tariff_open(NULL, &tables, &error) ||
           dcl_kernels_select(NULL, &kernels, &error);
}

static int close_world(void **state) {
    (void)state;
    dcl_zone_close(&paris);
    dcl_tariff_close(&tables);
    return 0;
}

static dcl_context context_of(int threads) {
    return (dcl_context){.kernels = &kernels, .threads = threads, .seed = 1, .zone = paris};
}

static inline dcl_report_options options_of(void) {
    dcl_report_options options = dcl_report_defaults();
    options.tables = tables;
    return options;
}

/* A home with one channel of power; value[i] = rule(i). */
static inline dcl_home home_of(dcl_arena *arena, int64_t start_us, int64_t period_us, size_t n,
                               float (*rule)(size_t)) {
    dcl_home home = {.id = "prm09876543210987",
                     .n_series = 1,
                     .subscribed_kva = NAN,
                     .reading_us = period_us,
                     .readings = n};
    home.series = dcl_arena_alloc(arena, 3, sizeof *home.series);
    home.series[0] =
        (dcl_series){.channel = DCL_POWER_W, .start_us = start_us, .period_us = period_us, .n = n};
    home.series[0].value = dcl_arena_alloc(arena, n, sizeof(float));
    for (size_t i = 0; i < n; i++) home.series[0].value[i] = rule(i);
    return home;
}

/* The same values once more, as another channel. */
static inline void add_channel(dcl_home *home, dcl_channel channel) {
    home->series[home->n_series] = home->series[0];
    home->series[home->n_series++].channel = channel;
}

static inline dcl_status make(const dcl_home *home, const dcl_report_options *options, dcl_arena *arena,
                              dcl_report *out) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    return dcl_report_make(&context, home, options, arena, out, &error);
}

static inline float constant(size_t i) {
    (void)i;
    return 1000;
}

#endif
