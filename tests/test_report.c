#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_home.h"

enum { HALF_HOURS = 48 };
#define HALF_HOUR_US (DCL_HOUR_US / 2)

static bool near(double got, double want, double within) {
    return fabs(got - want) <= within;
}

static bool has_limit(const dcl_report *report, dcl_limit limit) {
    return report->limits >> limit & 1;
}

/* ---------------------------------------------------------------- energy and days */

static void days_of_23_and_25_hours_hold_their_hours(void **state) {
    (void)state;
    static const struct {
        int64_t start_us;
        int hours;
    } cases[] = {{MONDAY_US, 24}, {DAY_OF_23_HOURS_US, 23}, {DAY_OF_25_HOURS_US, 25}};
    for (size_t i = 0; i < 3; i++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home =
            home_of(&arena, cases[i].start_us, HALF_HOUR_US, 2 * (size_t)cases[i].hours, constant);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        assert_int_equal(report.n_days, 1);
        assert_int_equal(report.full_days, 1);
        assert_true(near(report.days[0].energy_kwh, cases[i].hours, 1e-9));
        /* The hour from two to three is the one that is skipped or shown twice. */
        assert_int_equal(isnan(report.days[0].half_hour_w[4]) != 0, cases[i].hours == 23);
        assert_true(report.days[0].half_hour_w[6] == 1000.0f);
        dcl_arena_free(&arena);
    }
}

static float every_second_day(size_t i) {
    return i / HALF_HOURS % 2 ? NAN : 1000;
}

static void missing_time_is_neither_counted_nor_made_up(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, 7 * HALF_HOURS, every_second_day);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(near(report.energy_kwh, 4 * 24, 1e-9));
    assert_true(near(report.coverage, 4.0 / 7, 1e-12));
    assert_int_equal(report.n_days, 7);
    assert_int_equal(report.full_days, 4);
    assert_true(has_limit(&report, DCL_LIMIT_GAPS));
    assert_int_equal(report.typical[0].days, 3);
    assert_int_equal(report.typical[1].days, 1);
    assert_true(isnan(report.typical[0].low_w[0]));
    dcl_arena_free(&arena);
}

static void coarse_and_odd_grids_keep_their_energy(void **state) {
    (void)state;
    static const int64_t periods_s[] = {1, 7, 60, 900, 1800, 3600, 5400, 86400};
    for (size_t i = 0; i < sizeof periods_s / sizeof *periods_s; i++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        size_t n = (size_t)(3 * 86400 / periods_s[i]);
        dcl_home home =
            home_of(&arena, MONDAY_US + DCL_HOUR_US / 3, periods_s[i] * DCL_SECOND_US, n, constant);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        double hours = (double)n * (double)periods_s[i] / 3600, days = 0;
        for (size_t d = 0; d < report.n_days; d++) days += report.days[d].energy_kwh;
        assert_true(near(report.energy_kwh, hours, 1e-6));
        assert_true(near(days, hours, 1e-6));
        assert_true(near(report.coverage, 1, 1e-12));
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- what is always on */

/* 40 W, and a fridge of 90 W for 15 minutes of every 45; a minute a sample. */
static float floor_with_fridge(size_t i) {
    return 40 + (i % 45 < 15 ? 90 : 0);
}

static void the_floor_is_a_range_that_holds_the_fridge(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 7 * 1440, floor_with_fridge);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(near(report.always_on.low_w, 40, 1e-4));
    /* In the quietest hour the fridge runs for 15 minutes of 60. */
    assert_true(near(report.always_on.high_w, 40 + 90 * 0.25, 1));
    assert_true(near(report.always_on.kwh_year_low, 40 * 8.76, 1e-3));
    /* Base on 2025-01-19: the list of 2024-02 or 2024-11, both 0.2516 €/kWh. */
    assert_true(near(report.always_on.price_eur_kwh, 0.2516, 1e-9));
    assert_true(near(report.always_on.eur_year_low, 40 * 8.76 * 0.2516, 1e-2));
    dcl_arena_free(&arena);
}

static void a_flat_load_is_priced_by_the_hours_of_each_class(void **state) {
    (void)state;
    /* 2024-02: HC 0.2068, HP 0.27; Tempo blue .1296/.1609, white .1486/.1894, red .1568/.7562 (FACTS of the tariff). */
    double tempo =
        (300 * (.1296 + 2 * .1609) + 43 * (.1486 + 2 * .1894) + 22 * (.1568 + 2 * .7562)) / (3 * 365);
    const struct {
        dcl_tariff_kind kind;
        double want;
    } cases[] = {
        {DCL_TARIFF_BASE, 0.2516}, {DCL_TARIFF_HC, (8 * .2068 + 16 * .27) / 24}, {DCL_TARIFF_TEMPO, tempo}};
    for (size_t i = 0; i < 3; i++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        options.tariff = cases[i].kind;
        dcl_home home = home_of(&arena, MARCH_2024_US, HALF_HOUR_US, HALF_HOURS, constant);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        assert_true(near(report.always_on.price_eur_kwh, cases[i].want, 1e-9));
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- peaks */

static void peaks_come_from_maxima_and_never_from_slow_means(void **state) {
    (void)state;
    static const struct {
        int64_t reading_s, period_s;
        bool apparent, maxima;
        dcl_peaks_source want;
    } cases[] = {
        {1, 1, true, false, DCL_PEAKS_READ},        {10, 10, true, false, DCL_PEAKS_READ},
        {60, 60, true, false, DCL_PEAKS_TOO_SLOW},  {1, 60, true, false, DCL_PEAKS_TOO_SLOW},
        {1800, 1, true, false, DCL_PEAKS_TOO_SLOW}, {1800, 1800, false, false, DCL_PEAKS_NONE},
        {1800, 1800, false, true, DCL_PEAKS_METER},
    };
    static dcl_va_maximum maxima[] = {{MONDAY_US + DCL_HOUR_US, 5000}, {MONDAY_US + 2 * DCL_HOUR_US, 7000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home = home_of(&arena, MONDAY_US, cases[i].period_s * DCL_SECOND_US,
                                (size_t)(86400 / cases[i].period_s), constant);
        home.reading_us = home.series[0].reading_us = cases[i].reading_s * DCL_SECOND_US;
        home.subscribed_kva = 6;
        if (cases[i].apparent) add_channel(&home, DCL_APPARENT_VA);
        if (cases[i].maxima) home.va_maxima = maxima, home.n_va_maxima = 2;
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        assert_int_equal(report.peaks.source, cases[i].want);
        assert_int_equal(report.peaks.n_daily, cases[i].want >= DCL_PEAKS_METER);
        assert_int_equal(has_limit(&report, DCL_LIMIT_NO_PEAKS), cases[i].want < DCL_PEAKS_METER);
        assert_int_equal(report.peaks.days_over, cases[i].maxima);
        dcl_arena_free(&arena);
    }
}

static void days_are_not_over_a_power_that_nobody_gave(void **state) {
    (void)state;
    static dcl_va_maximum maxima[] = {{MONDAY_US + DCL_HOUR_US, 9000}};
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    home.va_maxima = maxima;
    home.n_va_maxima = 1;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(has_limit(&report, DCL_LIMIT_POWER_ASSUMED));
    assert_int_equal(report.peaks.days_over, 0);
    assert_true(report.peaks.top[0].apparent_va == 9000.0f);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- money */

static float without_january(size_t i) {
    size_t day = i / 24; /* from 1 March 2024, hours: 1 December is day 275, 1 February day 337 */
    return day >= 275 && day < 337 ? NAN : 500;
}

static float all(size_t i) {
    (void)i;
    return 500;
}

static void a_year_is_claimed_only_where_a_year_is_covered(void **state) {
    (void)state;
    static const struct {
        size_t days;
        float (*rule)(size_t);
        bool year;
    } cases[] = {{7, all, false},  {300, all, false}, {329, all, false}, {336, all, false},
                 {355, all, true}, {365, all, true},  {400, all, true},  {395, without_january, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_home home = home_of(&arena, MARCH_2024_US, DCL_HOUR_US, cases[i].days * 24, cases[i].rule);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++)
            if (isfinite(report.tariffs[k].eur_per_year) != cases[i].year)
                fail_msg("%zu days: %s has %.2f a year", cases[i].days,
                         dcl_tariff_kind_name((dcl_tariff_kind)k), report.tariffs[k].eur_per_year);
        assert_int_equal(has_limit(&report, DCL_LIMIT_NO_YEAR), !cases[i].year);
        dcl_arena_free(&arena);
    }
}

static void a_year_costs_what_its_energy_costs(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MARCH_2024_US, DCL_HOUR_US, 365 * 24, all);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    /* 500 W at Base: 0.2516 until 31 January 2025, 0.2016 from then on; 28 days of the year lie after. */
    const dcl_report_tariff *base = &report.tariffs[DCL_TARIFF_BASE];
    double energy = 0.5 * 24 * (337 * 0.2516 + 28 * 0.2016);
    assert_true(near(base->energy_eur, energy, 0.05));
    assert_true(near(base->eur_per_year, base->eur_span, 0.01));
    dcl_arena_free(&arena);
}

static void unknown_tariff_is_priced_at_base_and_said(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.cost_tariff, DCL_TARIFF_BASE);
    assert_true(has_limit(&report, DCL_LIMIT_TARIFF_ASSUMED));
    assert_true(has_limit(&report, DCL_LIMIT_HOURS_ASSUMED));
    assert_true(near(report.months[0].energy_cost_eur, 24 * 0.2516, 0.005));
    options.tariff = DCL_TARIFF_HC;
    options.subscribed_kva = 9;
    assert_int_equal(dcl_hours_parse("23:00-07:00", &options.hours, NULL), DCL_OK);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.cost_tariff, DCL_TARIFF_HC);
    assert_int_equal(report.subscribed_kva, 9);
    assert_false(has_limit(&report, DCL_LIMIT_TARIFF_ASSUMED));
    assert_false(has_limit(&report, DCL_LIMIT_POWER_ASSUMED));
    assert_false(has_limit(&report, DCL_LIMIT_HOURS_ASSUMED));
    assert_true(near(report.months[0].energy_cost_eur, 8 * 0.2068 + 16 * 0.27, 0.005));
    dcl_arena_free(&arena);
}

static void old_data_is_priced_with_the_latest_lists_and_said(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, DEC_2006_US, DCL_MINUTE_US, 3 * 1440, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    const dcl_price_list *latest = dcl_tariff_latest(tables, DCL_TARIFF_BASE, report.subscribed_kva);
    assert_true(report.one_list);
    assert_true(has_limit(&report, DCL_LIMIT_OTHER_PRICES));
    assert_true(near(report.energy_cost_eur, 72 * latest->price_ueur_kwh[DCL_PRICE_BASE] / 1e6, 0.005));
    assert_int_equal(report.tariffs[DCL_TARIFF_BASE].last_list_day, latest->from_day);
    /* Nobody had a colour in 2006. */
    assert_true(isnan(report.tariffs[DCL_TARIFF_TEMPO].eur_span));
    assert_int_equal(report.tariffs[DCL_TARIFF_TEMPO].reason, DCL_UNPRICED_NO_COLOUR);
    assert_true(has_limit(&report, DCL_LIMIT_NO_COLOURS));
    dcl_arena_free(&arena);
}

static float nine_kilowatts(size_t i) {
    return i == 10 ? 8500 : 300;
}

static void the_assumed_power_carries_the_highest_mean(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, nine_kilowatts);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.subscribed_kva, 9);
    dcl_arena_free(&arena);
}

static void exported_energy_stands_apart(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(isnan(report.export_kwh));
    add_channel(&home, DCL_EXPORT_W);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(near(report.export_kwh, 24, 1e-9));
    assert_true(near(report.energy_kwh, 24, 1e-9));
    assert_true(has_limit(&report, DCL_LIMIT_OWN_SOLAR_UNSEEN));
    dcl_arena_free(&arena);
}

/* The utility's bills of a real home: energy of January to April 2025. Source: data/linky, Gladys Assistant. */
static void the_bills_of_a_real_home_come_out(void **state) {
    (void)state;
    static const struct {
        int year, month;
        double eur;
    } bills[] = {{2025, 1, 43.60}, {2025, 2, 22.63}, {2025, 3, 17.52}, {2025, 4, 19.69}};
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    dcl_read_options how = dcl_read_defaults();
    dcl_home home;
    dcl_error error;
    const char *path = DCL_TEST_DATA "/linky/linky_halfhour_W_2024-01-25_2025-04-30.csv";
    dcl_status status = dcl_home_read(&context, path, &how, &arena, &home, &error);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    assert_int_equal(status, DCL_OK);
    dcl_report report;
    dcl_report_options options = options_of();
    options.tariff = DCL_TARIFF_TEMPO;
    options.subscribed_kva = 6;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    size_t found = 0;
    for (size_t i = 0; i < report.n_months; i++)
        for (size_t k = 0; k < 4; k++)
            if (report.months[i].year == bills[k].year && report.months[i].month == bills[k].month)
                found += near(report.months[i].energy_cost_eur, bills[k].eur, 0.01);
    assert_int_equal(found, 4);
    assert_true(isfinite(report.tariffs[DCL_TARIFF_TEMPO].eur_per_year));
    assert_int_equal(report.peaks.source, DCL_PEAKS_NONE);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- telling days */

static float rising_days(size_t i) {
    return 100 * (float)(1 + i / 24);
}

static void the_days_of_most_middle_and_least_energy_are_shown(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US, 9 * 24, rising_days);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    int64_t monday = dcl_zone_day(paris, MONDAY_US);
    static const int offsets[] = {8, 4, 0};
    assert_int_equal(report.n_curves, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(report.curves[i].day - monday, offsets[i]);
        assert_int_equal(report.curves[i].n, 24);
        assert_true(near(report.curves[i].energy_kwh, 2.4 * (1 + offsets[i]), 1e-6));
    }
    dcl_arena_free(&arena);
}

static float nothing_on_the_last_day(size_t i) {
    return i >= 9 * 24 ? NAN : rising_days(i);
}

static void the_week_ends_with_the_last_whole_day(void **state) {
    (void)state;
    static const struct {
        size_t n;
        float (*rule)(size_t);
        int first, days; /* after the Monday; 0 = no week */
    } cases[] = {{9 * 24, rising_days, 2, 7},      {10 * 24, nothing_on_the_last_day, 2, 7},
                 {8 * 24 + 12, rising_days, 1, 7}, {3 * 24, rising_days, 0, 3},
                 {2 * 24 - 1, rising_days, 0, 0},  {12, rising_days, 0, 0}};
    int64_t monday = dcl_zone_day(paris, MONDAY_US);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        options.tariff = DCL_TARIFF_HC;
        dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US, cases[k].n, cases[k].rule);
        assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
        const dcl_report_curve *week = report.week;
        assert_int_equal(week != NULL, cases[k].days > 0);
        double kwh = 0;
        for (int day = cases[k].first; week && day < cases[k].first + cases[k].days; day++)
            kwh += 2.4 * (1 + day);
        if (week) {
            assert_int_equal(week->day - monday, cases[k].first);
            assert_int_equal(week->n, 24 * cases[k].days);
            assert_true(near(week->energy_kwh, kwh, 1e-6));
            for (size_t i = 0; i < week->n; i++) /* 22:00-06:00 */
                assert_int_equal(week->price_class[i],
                                 i % 24 < 6 || i % 24 >= 22 ? DCL_PRICE_HC : DCL_PRICE_HP);
        }
        dcl_arena_free(&arena);
    }
}

static void a_short_span_is_shown_whole(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_SECOND_US, 600, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(report.n_curves, 1);
    assert_int_equal(report.curves[0].why, DCL_WHY_WHOLE);
    assert_int_equal(report.curves[0].n, 300);
    assert_int_equal(report.always_on.days, 0);
    assert_true(isnan(report.always_on.low_w));
    dcl_arena_free(&arena);
}

static void the_largest_cycles_are_labelled_in_order_of_start(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_cycle cycle[12] = {{0}};
    for (int i = 0; i < 12; i++) {
        cycle[i].start_us = MONDAY_US + (i - 1) * DCL_HOUR_US; /* the first starts the day before */
        cycle[i].end_us =
            cycle[i].start_us + (i ? DCL_MINUTE_US : 2 * DCL_HOUR_US); /* … and reaches into it */
        cycle[i].energy_wh = i == 3 || i == 4 ? 1 : 100 + i;           /* two small ones */
        cycle[i].power_factor = NAN;
    }
    dcl_cycles cycles = {.cycle = cycle, .n = 12, .recurring_minute = -1};
    options.cycles = &cycles;
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    static const int want[] = {0, 0, 1, 0, 0, 2, 3, 4, 5, 6, 7, 8};
    assert_int_equal(report.curves[0].n_cycles, 12);
    for (int i = 0; i < 12; i++) assert_int_equal(report.curves[0].label[i], want[i]);
    assert_false(report.night_load.found);
    dcl_arena_free(&arena);
}

static void numbers_in_a_week_stand_half_a_day_apart(void **state) {
    (void)state;
    static const struct {
        int hour, wh, want;
    } at[] = {{10, 300, 1}, {12, 200, 0}, {21, 250, 0}, {22, 240, 2},
              {40, 100, 0}, {41, 900, 3}, {52, 800, 0}, {53, 1, 4}};
    enum { N = sizeof at / sizeof *at };
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_cycle cycle[N] = {{0}};
    for (int i = 0; i < N; i++)
        cycle[i] = (dcl_cycle){.start_us = MONDAY_US + at[i].hour * DCL_HOUR_US,
                               .end_us = MONDAY_US + at[i].hour * DCL_HOUR_US + DCL_MINUTE_US,
                               .energy_wh = at[i].wh,
                               .power_factor = NAN};
    dcl_cycles cycles = {.cycle = cycle, .n = N, .recurring_minute = -1};
    options.cycles = &cycles;
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US, 7 * 24, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_non_null(report.week);
    assert_int_equal(report.week->n_cycles, N);
    for (int i = 0; i < N; i++) assert_int_equal(report.week->label[i], at[i].want);
    dcl_arena_free(&arena);
}

static void a_night_load_is_the_sum_of_its_cycles(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_cycle cycle[3] = {{.end_us = DCL_HOUR_US, .energy_wh = 2000, .flags = DCL_CYCLE_NIGHT},
                          {.end_us = 3 * DCL_HOUR_US, .energy_wh = 6000, .flags = DCL_CYCLE_NIGHT},
                          {.end_us = DCL_HOUR_US, .energy_wh = 9999}};
    dcl_cycles cycles = {.cycle = cycle, .n = 3, .recurring_minute = 1350, .recurring_days = 2, .days = 3};
    options.cycles = &cycles;
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(report.night_load.found);
    assert_true(near(report.night_load.kwh, 8, 1e-9));
    assert_true(near(report.night_load.mean_w, 2000, 1e-9));
    assert_int_equal(report.night_load.mean_us, 2 * DCL_HOUR_US);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- bad input */

static float nothing(size_t i) {
    (void)i;
    return NAN;
}

static void what_cannot_be_reported_is_an_error(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, nothing);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_E_NO_DATA);
    home.n_series = 0;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_E_NO_DATA);
    home = home_of(&arena, MONDAY_US, HALF_HOUR_US, HALF_HOURS, constant);
    options.subscribed_kva = 7;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_E_ARG);
    options = dcl_report_defaults();
    assert_int_equal(make(&home, &options, &arena, &report), DCL_E_ARG);
    dcl_arena_free(&arena);
}

static void one_sample_is_enough(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_SECOND_US, 1, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_true(near(report.energy_kwh * 3600, 1, 1e-9));
    dcl_arena_free(&arena);
}

static void a_full_arena_is_an_error(void **state) {
    (void)state;
    dcl_arena input = {0};
    dcl_report_options options = options_of();
    dcl_home home = home_of(&input, MONDAY_US, HALF_HOUR_US, 30 * HALF_HOURS, constant);
    int refused = 0, made = 0;
    for (size_t limit = 64; limit < 1 << 20; limit += limit / 8) {
        dcl_arena arena = {.limit = limit};
        dcl_report report;
        dcl_status status = make(&home, &options, &arena, &report);
        assert_true(status == DCL_E_MEMORY || status == DCL_OK);
        refused += status == DCL_E_MEMORY;
        made += status == DCL_OK;
        dcl_arena_free(&arena);
    }
    assert_true(refused > 5 && made > 5);
    dcl_arena_free(&input);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_of_23_and_25_hours_hold_their_hours),
        cmocka_unit_test(missing_time_is_neither_counted_nor_made_up),
        cmocka_unit_test(coarse_and_odd_grids_keep_their_energy),
        cmocka_unit_test(the_floor_is_a_range_that_holds_the_fridge),
        cmocka_unit_test(a_flat_load_is_priced_by_the_hours_of_each_class),
        cmocka_unit_test(peaks_come_from_maxima_and_never_from_slow_means),
        cmocka_unit_test(days_are_not_over_a_power_that_nobody_gave),
        cmocka_unit_test(a_year_is_claimed_only_where_a_year_is_covered),
        cmocka_unit_test(a_year_costs_what_its_energy_costs),
        cmocka_unit_test(unknown_tariff_is_priced_at_base_and_said),
        cmocka_unit_test(old_data_is_priced_with_the_latest_lists_and_said),
        cmocka_unit_test(the_assumed_power_carries_the_highest_mean),
        cmocka_unit_test(exported_energy_stands_apart),
        cmocka_unit_test(the_bills_of_a_real_home_come_out),
        cmocka_unit_test(the_days_of_most_middle_and_least_energy_are_shown),
        cmocka_unit_test(the_week_ends_with_the_last_whole_day),
        cmocka_unit_test(a_short_span_is_shown_whole),
        cmocka_unit_test(the_largest_cycles_are_labelled_in_order_of_start),
        cmocka_unit_test(numbers_in_a_week_stand_half_a_day_apart),
        cmocka_unit_test(a_night_load_is_the_sum_of_its_cycles),
        cmocka_unit_test(what_cannot_be_reported_is_an_error),
        cmocka_unit_test(one_sample_is_enough),
        cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
