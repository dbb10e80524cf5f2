#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <declic/kernel.h>

#include "event_signal.h"

enum { WANT_MAX = 4 };

static dcl_kernels kernels;
static const dcl_context CONTEXT = {.kernels = &kernels, .threads = 1};

/* A home with one series at `period_us`, from runs. */
static dcl_home home_of(dcl_series *series, dcl_channel channel, const run *runs, int64_t period_us) {
    *series = (dcl_series){.channel = channel, .period_us = period_us};
    series->value = signal_of(runs, 0, &series->n);
    return (dcl_home){.series = series, .n_series = 1};
}

/* Starts and ends in s, energy in Wh; the lists end at an end of 0 and a leftover of 0. */
static const struct cycles_case {
    const char *name;
    run runs[MAX_RUNS];
    struct {
        int start_s, end_s;
        double energy_wh;
        uint32_t flags;
    } want[WANT_MAX];
    struct {
        int time_s;
        double size_w;
    } left[WANT_MAX];
} CASES[] = {
    {"on and off are a cycle", {FLAT(60, 50), FLAT(360, 1050), FLAT(60, 50)}, {{60, 420, 100, 0}}, {{0, 0}}},
    {"a kettle within a fridge's cycle",
     {FLAT(60, 50), FLAT(600, 150), FLAT(180, 2150), FLAT(1200, 150), FLAT(60, 50)},
     {{60, 2040, 55, 0}, {660, 840, 100, 0}},
     {{0, 0}}},
    {"cycles that overlap crosswise",
     {FLAT(60, 50), FLAT(360, 150), FLAT(360, 1350), FLAT(360, 1250), FLAT(60, 50)},
     {{60, 780, 20, 0}, {420, 1140, 240, 0}},
     {{0, 0}}},
    {"a motor that draws less once it runs",
     {FLAT(60, 50), FLAT(1, 900), {1200, 170, 136}, FLAT(60, 50)},
     {{60, 1261, 34.57, 0}}, /* 850 W for a second, then 120 … 86 W for 1,200 s */
     {{0, 0}}},
    {"one load on two levels, off at once",
     {FLAT(60, 50), FLAT(360, 1050), FLAT(360, 1850), FLAT(60, 50)},
     {{60, 780, 280, DCL_CYCLE_LEVELS}},
     {{0, 0}}},
    {"one load on at once, off in two",
     {FLAT(60, 50), FLAT(360, 1850), FLAT(360, 1050), FLAT(60, 50)},
     {{60, 780, 280, DCL_CYCLE_LEVELS}},
     {{0, 0}}},
    {"an off step without an on step stays visible",
     {FLAT(60, 850), FLAT(360, 50)},
     {{0, 0, 0, 0}},
     {{60, -800}}},
    {"an on step whose load must be over stays visible",
     {FLAT(60, 50), FLAT(60, 450), {20, 450, 50}, FLAT(100, 50), FLAT(60, 250), FLAT(60, 50)},
     {{240, 300, 3.33, 0}},
     {{60, 400}}},
    {"what is on at the end of the data is cut there",
     {FLAT(60, 50), FLAT(360, 1050)},
     {{60, 420, 100, DCL_CYCLE_CUT}},
     {{0, 0}}},
    {"a long gap cuts",
     {FLAT(60, 50), FLAT(360, 1050), GAP(600), FLAT(60, 1050), FLAT(60, 50)},
     {{60, 420, 100, DCL_CYCLE_CUT}},
     {{1080, -1000}}},
    {"a short gap does not",
     {FLAT(60, 50), FLAT(170, 1050), GAP(20), FLAT(170, 1050), FLAT(60, 50)},
     {{60, 420, 100, 0}},
     {{0, 0}}},
    {"a short gap may hide the end",
     {FLAT(60, 50), FLAT(360, 1050), GAP(20), FLAT(60, 50)},
     {{60, 420, 100, 0}},
     {{0, 0}}},
};

static bool as_wanted(const struct cycles_case *t, const dcl_cycles *got, size_t want, size_t left) {
    if (got->n != want || got->n_leftover != left) return false;
    for (size_t i = 0; i < want; i++) {
        const dcl_cycle *c = &got->cycle[i];
        if (c->start_us != t->want[i].start_s * DCL_SECOND_US ||
            c->end_us != t->want[i].end_s * DCL_SECOND_US || c->flags != t->want[i].flags ||
            fabs(c->energy_wh - t->want[i].energy_wh) > 0.4 || !(c->confidence > 0 && c->confidence <= 1))
            return false;
    }
    for (size_t i = 0; i < left; i++)
        if (got->leftover[i].time_us != t->left[i].time_s * DCL_SECOND_US ||
            fabs((double)got->leftover[i].delta_w - t->left[i].size_w) > 0.1)
            return false;
    return true;
}

static void print_cycles(const char *name, const dcl_cycles *got) {
    fprintf(stderr, "%s: got %zu cycles, %zu left\n", name, got->n, got->n_leftover);
    for (size_t i = 0; i < got->n; i++)
        fprintf(stderr, "  %d … %d s, %.2f Wh, flags %x\n", (int)(got->cycle[i].start_us / DCL_SECOND_US),
                (int)(got->cycle[i].end_us / DCL_SECOND_US), got->cycle[i].energy_wh, got->cycle[i].flags);
    for (size_t i = 0; i < got->n_leftover; i++)
        fprintf(stderr, "  left %+.1f W at %d s\n", (double)got->leftover[i].delta_w,
                (int)(got->leftover[i].time_us / DCL_SECOND_US));
}

static void cycles_are_those_of_the_table(void **unused) {
    (void)unused;
    int failures = 0;
    dcl_cycle_options options = dcl_cycle_defaults();
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        const struct cycles_case *t = &CASES[c];
        dcl_series series;
        dcl_home home = home_of(&series, DCL_POWER_W, t->runs, DCL_SECOND_US);
        dcl_arena arena = {0};
        dcl_cycles got;
        size_t want = 0, left = 0;
        while (want < WANT_MAX && t->want[want].end_s) want++;
        while (left < WANT_MAX && t->left[left].size_w != 0) left++;
        assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
        if (!as_wanted(t, &got, want, left)) {
            failures++;
            print_cycles(t->name, &got);
        }
        dcl_arena_free(&arena);
        free(series.value);
    }
    assert_int_equal(failures, 0);
}

static void apparent_power_alone_gives_no_energy(void **unused) {
    (void)unused;
    const run runs[MAX_RUNS] = {FLAT(60, 50), FLAT(360, 1050), FLAT(60, 50)};
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_series series;
    dcl_home home = home_of(&series, DCL_APPARENT_VA, runs, DCL_SECOND_US);
    dcl_arena arena = {0};
    dcl_cycles got;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.cycle[0].flags, DCL_CYCLE_APPARENT);
    assert_true(isnan(got.cycle[0].energy_wh));
    assert_float_equal(got.cycle[0].mean_w, 1000, 0.01f);
    dcl_arena_free(&arena);
    free(series.value);
}

/* The power factor joins what the size alone would part: two loads of one size, one of them inductive. */
static void the_power_factor_tells_equal_loads_apart(void **unused) {
    (void)unused;
    const run p[MAX_RUNS] = {FLAT(60, 0), FLAT(60, 500), FLAT(60, 1000), FLAT(60, 500), FLAT(60, 0)};
    const run q[MAX_RUNS] = {FLAT(60, 0), FLAT(60, 400), FLAT(60, 400), FLAT(60, 0), FLAT(60, 0)};
    dcl_series series[2];
    dcl_home home = home_of(&series[0], DCL_POWER_W, p, DCL_SECOND_US);
    home_of(&series[1], DCL_REACTIVE_VAR, q, DCL_SECOND_US);
    home.n_series = 2;
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_arena arena = {0};
    dcl_cycles got;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
    assert_int_equal(got.n, 2);
    assert_true(got.cycle[0].end_us == 180 * DCL_SECOND_US && got.cycle[1].end_us == 240 * DCL_SECOND_US);
    assert_float_equal(got.cycle[0].power_factor, 0.78087f, 1e-4f);
    assert_float_equal(got.cycle[1].power_factor, 1, 1e-4f);
    dcl_arena_free(&arena);
    free(series[0].value);
    free(series[1].value);
}

/* Thirty civil days across the change to summer time 2025-03-30, 30 min, a heater from `minute` on for two
 * hours. */
static size_t night_series(const dcl_zone *zone, int minute, bool every_day, dcl_series *series) {
    int64_t first = dcl_days_from_date(2025, 3, 15), half_hour = 30 * DCL_MINUTE_US;
    *series = (dcl_series){
        .channel = DCL_POWER_W, .start_us = dcl_zone_day_start(zone, first), .period_us = half_hour};
    series->n = (size_t)((dcl_zone_day_start(zone, first + 30) - series->start_us) / half_hour);
    series->value = malloc(series->n * sizeof *series->value);
    assert_non_null(series->value);
    for (size_t i = 0; i < series->n; i++) {
        dcl_civil civil = dcl_zone_civil(zone, series->start_us + (int64_t)i * half_hour);
        int since = (civil.hour * 60 + civil.minute - minute + 1440) % 1440;
        bool heats = since < 120 && (every_day || civil.day % 7 == 0);
        series->value[i] = 180 + 40 * (float)(i % 3) + (heats ? 2000 : 0);
    }
    return series->n;
}

static void a_night_load_is_found_at_its_civil_time(void **unused) {
    (void)unused;
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Paris", &zone, NULL), DCL_OK);
    static const struct {
        int minute, want;
        bool every_day, night;
    } cases[] = {{22 * 60 + 30, 22 * 60 + 30, true, true},
                 {60, 60, true, true},
                 {14 * 60, 14 * 60, true, false},
                 {21 * 60, -1, false, false}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_context context = {.kernels = &kernels, .threads = 1, .zone = zone};
        dcl_series series;
        night_series(zone, cases[c].minute, cases[c].every_day, &series);
        dcl_home home = {.series = &series, .n_series = 1};
        dcl_cycle_options options = dcl_cycle_defaults();
        dcl_arena arena = {0};
        dcl_cycles got;
        assert_int_equal(dcl_cycles_find(&context, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
        assert_true(got.coarse);
        assert_int_equal(got.days, 30);
        assert_int_equal(got.recurring_minute, cases[c].want);
        assert_true(got.n >= (cases[c].every_day ? 29 : 3));
        size_t as_long = 0;
        for (size_t i = 0; i < got.n; i++) {
            as_long += fabs(got.cycle[i].energy_wh - 4000) < 200;
            assert_true(got.cycle[i].flags & DCL_CYCLE_COARSE);
            assert_int_equal((got.cycle[i].flags & DCL_CYCLE_RECURRING) != 0, cases[c].want >= 0);
            assert_int_equal((got.cycle[i].flags & DCL_CYCLE_NIGHT) != 0, cases[c].night);
        }
        /* At the end of the data one is cut; in the night of the skipped hour one has an hour less. */
        assert_true(as_long + 2 >= got.n);
        dcl_arena_free(&arena);
        free(series.value);
    }
    dcl_zone_close(&zone);
}

/* Half hours in W; starts and ends in half hours, flags beside COARSE; the list ends at an end of 0. */
static void rises_of_a_load_curve_are_those_of_the_table(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        run runs[MAX_RUNS];
        int start, end;
        uint32_t flags;
    } cases[] = {
        {"a sustained rise", {FLAT(6, 200), FLAT(3, 1700), FLAT(6, 200)}, 6, 9, 0},
        {"one interval is not sustained", {FLAT(6, 200), FLAT(1, 1700), FLAT(6, 200)}, 0, 0, 0},
        {"a rise below the least", {FLAT(6, 200), FLAT(3, 440), FLAT(6, 200)}, 0, 0, 0},
        {"a rise that stays is a new habit", {FLAT(6, 200), FLAT(40, 1700), FLAT(6, 200)}, 0, 0, 0},
        {"a gap ends a rise", {FLAT(6, 200), FLAT(3, 1700), GAP(2), FLAT(6, 200)}, 6, 9, DCL_CYCLE_CUT},
        {"after a gap there is no floor to rise over",
         {FLAT(6, 200), GAP(6), FLAT(3, 1700), FLAT(6, 200)},
         0,
         0,
         0},
        {"a slow rise is no start", {FLAT(6, 200), {40, 200, 1700}, {40, 1700, 200}}, 0, 0, 0},
    };
    int failures = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_cycle_options options = dcl_cycle_defaults();
        dcl_series series;
        dcl_home home = home_of(&series, DCL_POWER_W, cases[c].runs, 30 * DCL_MINUTE_US);
        dcl_arena arena = {0};
        dcl_cycles got;
        assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
        bool fine = got.n == (cases[c].end ? 1u : 0u) && got.n_leftover == 0;
        if (fine && got.n)
            fine = got.cycle[0].start_us == cases[c].start * 30 * DCL_MINUTE_US &&
                   got.cycle[0].end_us == cases[c].end * 30 * DCL_MINUTE_US &&
                   got.cycle[0].flags == (DCL_CYCLE_COARSE | cases[c].flags) &&
                   fabs(got.cycle[0].energy_wh - 2250) < 1;
        if (!fine) failures++, print_cycles(cases[c].name, &got);
        dcl_arena_free(&arena);
        free(series.value);
    }
    assert_int_equal(failures, 0);
}

static void what_cannot_be_done_says_so(void **unused) {
    (void)unused;
    const run runs[MAX_RUNS] = {FLAT(60, 50), FLAT(360, 1050), FLAT(60, 50)};
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_series series;
    dcl_home home = home_of(&series, DCL_VOLTAGE_V, runs, DCL_SECOND_US);
    dcl_arena arena = {0}, small = {.limit = 16};
    dcl_cycles got;
    dcl_error error = {0};
    int stop = 1;
    dcl_context stopped = {.kernels = &kernels, .threads = 1, .cancel = &stop};
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, &error), DCL_E_NO_DATA);
    assert_true(strstr(error.msg, "power_w") != NULL);
    series.channel = DCL_POWER_W;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &small, &got, &error), DCL_E_MEMORY);
    assert_int_equal(dcl_cycles_find(&stopped, &home, &options, NULL, &arena, &got, &error), DCL_E_CANCELLED);
    options.mismatch_share = -1;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, &error), DCL_E_ARG);
    options = dcl_cycle_defaults();
    options.edge.band_w = 0;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, &error), DCL_E_ARG);
    dcl_arena_free(&arena);
    dcl_arena_free(&small);
    free(series.value);
}

static void a_home_without_samples_has_no_cycles(void **unused) {
    (void)unused;
    float nothing[3] = {NAN, NAN, NAN};
    dcl_cycle_options options = dcl_cycle_defaults();
    for (size_t n = 0; n <= 3; n++)
        for (int64_t period = DCL_SECOND_US; period <= DCL_HOUR_US; period *= 60) {
            dcl_series series = {.channel = DCL_POWER_W, .period_us = period, .n = n, .value = nothing};
            dcl_home home = {.series = &series, .n_series = 1};
            dcl_arena arena = {0};
            dcl_cycles got;
            assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
            assert_true(got.n == 0 && got.n_leftover == 0 && got.recurring_minute == -1);
            dcl_arena_free(&arena);
        }
}

static void what_the_detector_calls_missing_is_a_gap_for_cycles_too(void **unused) {
    (void)unused;
    static const float beyond[] = {INFINITY, -INFINITY, 1e30f, -6e7f};
    for (size_t b = 0; b < sizeof beyond / sizeof *beyond; b++)
        for (int64_t period = DCL_SECOND_US; period <= 1800 * DCL_SECOND_US; period *= 1800) {
            const run runs[MAX_RUNS] = {FLAT(60, 50), FLAT(20, 1050), GAP(3), FLAT(20, 1050), FLAT(60, 50)};
            dcl_cycle_options options = dcl_cycle_defaults();
            dcl_series series;
            dcl_home home = home_of(&series, DCL_POWER_W, runs, period);
            dcl_arena arena = {0};
            dcl_cycles want, got;
            assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &want, NULL), DCL_OK);
            for (size_t i = 0; i < series.n; i++)
                if (isnan(series.value[i])) series.value[i] = beyond[b];
            assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
            assert_int_equal(want.n, 1);
            assert_int_equal(got.n, want.n);
            assert_memory_equal(got.cycle, want.cycle, got.n * sizeof *got.cycle);
            assert_int_equal(got.n_leftover, want.n_leftover);
            dcl_arena_free(&arena);
            free(series.value);
        }
}

static void without_tolerance_equal_steps_still_pair(void **unused) {
    (void)unused;
    const run runs[MAX_RUNS] = {FLAT(60, 50), FLAT(360, 1050), FLAT(60, 50)};
    dcl_cycle_options options = dcl_cycle_defaults();
    options.mismatch_share = options.mismatch_w = 0;
    dcl_series series;
    dcl_home home = home_of(&series, DCL_POWER_W, runs, DCL_SECOND_US);
    dcl_arena arena = {0};
    dcl_cycles got;
    assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.n_leftover, 0);
    dcl_arena_free(&arena);
    free(series.value);
}

/* Grids that no 64-bit moment can follow are refused; those that it can are not. */
static void spans_beyond_64_bits_are_refused(void **unused) {
    (void)unused;
    static const struct {
        int64_t start_us, period_us;
        dcl_status want;
    } cases[] = {{0, 0, DCL_E_ARG},
                 {0, -1, DCL_E_ARG},
                 {INT64_MAX, 1, DCL_E_ARG},
                 {INT64_MIN, 1, DCL_E_ARG},
                 {0, INT64_MAX, DCL_E_ARG},
                 {0, INT64_MAX / 100, DCL_E_ARG},
                 {0, 1, DCL_OK},
                 {INT64_C(253370764800) * DCL_SECOND_US, 365 * DCL_DAY_US, DCL_OK},
                 {INT64_C(-1) * (1 << 30) * (1 << 30), (INT64_C(1) << 61) / 480, DCL_OK}};
    const run runs[MAX_RUNS] = {FLAT(60, 50), FLAT(360, 1050), FLAT(60, 50)};
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Paris", &zone, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1, .zone = zone};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_cycle_options options = dcl_cycle_defaults();
        dcl_series series;
        dcl_home home = home_of(&series, DCL_POWER_W, runs, cases[c].period_us);
        series.start_us = cases[c].start_us;
        dcl_arena arena = {0};
        dcl_cycles cycles;
        dcl_edges edges;
        dcl_error error;
        assert_int_equal(dcl_edges_find(&context, &home, &options.edge, &arena, &edges, &error),
                         cases[c].want);
        assert_int_equal(dcl_cycles_find(&context, &home, &options, NULL, &arena, &cycles, &error),
                         cases[c].want);
        dcl_arena_free(&arena);
        free(series.value);
    }
    dcl_zone_close(&zone);
}

/* The fridge of ECO house 4 runs 16 times on 2012-10-02, about 22 minutes each (seen in the curve).
 */
static void a_real_fridge_shows_its_cycles(void **unused) {
    (void)unused;
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Zurich", &zone, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1, .zone = zone};
    dcl_read_options read = dcl_read_defaults();
    read.period_us = DCL_SECOND_US;
    read.only = "01";
    read.from_us = dcl_zone_day_start(zone, dcl_days_from_date(2012, 10, 2));
    read.to_us = dcl_zone_day_start(zone, dcl_days_from_date(2012, 10, 3));
    dcl_arena arena = {0};
    dcl_home home;
    dcl_status status =
        dcl_home_read(&context, DCL_TEST_DATA "/eco/house4.tar.xz", &read, &arena, &home, NULL);
    if (status == DCL_E_NOT_FOUND) {
        dcl_zone_close(&zone);
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    assert_int_equal(status, DCL_OK);
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_cycles got;
    assert_int_equal(dcl_cycles_find(&context, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
    assert_int_equal(got.n, 16);
    assert_int_equal(got.n_leftover, 0);
    for (size_t i = 0; i < got.n; i++) {
        int64_t length = got.cycle[i].end_us - got.cycle[i].start_us;
        assert_true(length > 21 * DCL_MINUTE_US && length < 24 * DCL_MINUTE_US);
        /* Nothing else is on this plug, so the cycle's energy is that of the plug while it runs. */
        dcl_series part = dcl_series_slice(&home.series[0], got.cycle[i].start_us, got.cycle[i].end_us);
        double energy_wh = 0;
        for (size_t k = 0; k < part.n; k++)
            if (!isnan(part.value[k])) energy_wh += (double)part.value[k] / 3600;
        energy_wh *= (double)part.n / (double)dcl_series_present(&part);
        assert_true(fabs(got.cycle[i].energy_wh - energy_wh) < 0.01 * energy_wh);
    }
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

static int choose_kernels(void **unused) {
    (void)unused;
    return dcl_kernels_select(NULL, &kernels, NULL) != DCL_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycles_are_those_of_the_table),
        cmocka_unit_test(apparent_power_alone_gives_no_energy),
        cmocka_unit_test(the_power_factor_tells_equal_loads_apart),
        cmocka_unit_test(a_night_load_is_found_at_its_civil_time),
        cmocka_unit_test(rises_of_a_load_curve_are_those_of_the_table),
        cmocka_unit_test(what_cannot_be_done_says_so),
        cmocka_unit_test(a_home_without_samples_has_no_cycles),
        cmocka_unit_test(what_the_detector_calls_missing_is_a_gap_for_cycles_too),
        cmocka_unit_test(without_tolerance_equal_steps_still_pair),
        cmocka_unit_test(spans_beyond_64_bits_are_refused),
        cmocka_unit_test(a_real_fridge_shows_its_cycles),
    };
    return cmocka_run_group_tests(tests, choose_kernels, NULL);
}
