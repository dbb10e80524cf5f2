#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <declic/kernel.h>

#include "event_signal.h"

enum { FOUND_MAX = 4096, WANT_MAX = 6 };
#define MISSING DCL_MISSING_I32

static dcl_edge_state begin(const dcl_edge_options *options, bool apparent) {
    dcl_edge_state state;
    assert_int_equal(dcl_edge_begin(&state, options, 0, DCL_SECOND_US, apparent), DCL_OK);
    return state;
}

static size_t find(const float *value, size_t n, const dcl_edge_options *options, bool apparent,
                   dcl_edge *out) {
    dcl_edge_state state = begin(options, apparent);
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += dcl_edge_push(&state, (dcl_edge_sample){dcl_edge_quantise(value[i]), MISSING, MISSING},
                               out + found);
    return found + dcl_edge_end(&state, out + found);
}

/* Times in s and sizes in W; the list ends at a size of 0. */
static const struct steps_case {
    const char *name;
    double noise;
    run runs[MAX_RUNS];
    struct {
        int time_s;
        double size_w;
    } want[WANT_MAX];
} CASES[] = {
    {"a flat signal has no step", 0, {FLAT(600, 90)}, {{0, 0}}},
    {"a step below the threshold is no edge", 0, {FLAT(60, 100), FLAT(60, 124)}, {{0, 0}}},
    {"a step at the threshold is an edge", 0, {FLAT(60, 100), FLAT(60, 125)}, {{60, 25}}},
    {"a step starts at its first sample", 0, {FLAT(17, 0), FLAT(60, 30), FLAT(60, 0)}, {{17, 30}, {77, -30}}},
    {"equal steps are told apart", 0, {FLAT(30, 0), FLAT(20, 500), FLAT(30, 1000)}, {{30, 500}, {50, 500}}},
    {"a small step beside a large load", 2, {FLAT(60, 2000), FLAT(60, 2040)}, {{60, 40}}},
    {"a slow ramp is followed", 0, {FLAT(60, 100), {100, 100, 500}, FLAT(60, 500)}, {{0, 0}}},
    {"a step out of a slow ramp, whose level lags by half of the 16 samples kept",
     0,
     {{200, 100, 300}, FLAT(60, 800)},
     {{200, 508.5}}},
    {"a long run-up is a ramp", 0, {FLAT(60, 100), {10, 200, 1200}, FLAT(60, 1200)}, {{0, 0}}},
    {"a short run-up is a step", 0, {FLAT(60, 100), {4, 300, 1100}, FLAT(60, 1100)}, {{60, 1000}}},
    {"an inrush is not a step of its own", 0, {FLAT(30, 0), FLAT(1, 800), FLAT(60, 120)}, {{30, 120}}},
    {"a long inrush is not either", 0, {FLAT(30, 0), FLAT(4, 800), FLAT(60, 120)}, {{30, 120}}},
    {"a pulse is no edge", 0, {FLAT(30, 60), FLAT(3, 900), FLAT(60, 60)}, {{0, 0}}},
    {"a pulse of 4 s is no edge", 0, {FLAT(30, 60), FLAT(4, 900), FLAT(60, 60)}, {{0, 0}}},
    {"5 s are a level", 0, {FLAT(30, 60), FLAT(5, 900), FLAT(60, 60)}, {{30, 840}, {35, -840}}},
    {"pulses around a step",
     0,
     {FLAT(30, 60), FLAT(2, 900), FLAT(9, 60), FLAT(2, 900), FLAT(60, 160)},
     {{41, 100}}},
    {"a stair of short treads is one step", 0, {FLAT(30, 0), FLAT(3, 300), FLAT(60, 900)}, {{30, 900}}},
    {"missing data closes a state", 0, {FLAT(60, 100), GAP(1), FLAT(60, 600)}, {{0, 0}}},
    {"after a gap steps are found again", 0, {FLAT(60, 9), GAP(9), FLAT(60, 6), FLAT(60, 96)}, {{129, 90}}},
    {"a step that does not hold to the end", 0, {FLAT(60, 100), FLAT(4, 600)}, {{0, 0}}},
    {"a step that holds to the end", 0, {FLAT(60, 100), FLAT(5, 600)}, {{60, 500}}},
    {"noise is no step", 12, {FLAT(900, 500)}, {{0, 0}}},
    {"strong noise is no step", 60, {FLAT(3600, 500)}, {{0, 0}}},
    {"a step in noise", 12, {FLAT(300, 500), FLAT(300, 620)}, {{300, 120}}},
    {"what is drawn may be exported", 0, {FLAT(60, -900), FLAT(60, -400)}, {{60, 500}}},
};

static void steps_are_those_of_the_table(void **unused) {
    (void)unused;
    dcl_edge_options options = dcl_edge_defaults();
    int failures = 0;
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        const struct steps_case *t = &CASES[c];
        size_t n, want = 0;
        float *value = signal_of(t->runs, t->noise, &n);
        dcl_edge *found = calloc(dcl_edges_bound(n) + 2, sizeof *found);
        assert_non_null(found);
        size_t got = find(value, n, &options, false, found);
        while (want < WANT_MAX && t->want[want].size_w != 0) want++;
        bool same = got == want;
        for (size_t i = 0; i < want && same; i++)
            same = found[i].time_us == t->want[i].time_s * DCL_SECOND_US &&
                   fabs((double)found[i].delta_w - t->want[i].size_w) <= 0.05 + t->noise;
        if (!same) {
            failures++;
            fprintf(stderr, "%s: want %zu steps, got %zu:", t->name, want, got);
            for (size_t i = 0; i < got; i++)
                fprintf(stderr, " %+.1f W at %d s", (double)found[i].delta_w,
                        (int)(found[i].time_us / DCL_SECOND_US));
            fprintf(stderr, "\n");
        }
        free(found);
        free(value);
    }
    assert_int_equal(failures, 0);
}

static void an_inrush_shows_as_overshoot_and_settling(void **unused) {
    (void)unused;
    const run runs[MAX_RUNS] = {FLAT(30, 10), FLAT(2, 800), FLAT(60, 120), FLAT(60, 10)};
    dcl_edge_options options = dcl_edge_defaults();
    dcl_edge found[8];
    size_t n;
    float *value = signal_of(runs, 0, &n);
    assert_int_equal(find(value, n, &options, false, found), 2);
    assert_int_equal(found[0].flags, DCL_EDGE_OVERSHOOT | DCL_EDGE_SLOW);
    assert_float_equal(found[0].peak, 680, 0.01f);
    assert_float_equal(found[0].settle_s, 2, 0);
    assert_float_equal(found[0].before, 10, 0);
    assert_float_equal(found[0].after, 120, 0);
    assert_int_equal(found[1].flags, 0);
    assert_float_equal(found[1].settle_s, 0, 0);
    free(value);
}

static void the_power_factor_is_of_the_steps_p_and_q(void **unused) {
    (void)unused;
    static const struct {
        float p0, p1, q0, q1, want;
    } cases[] = {{100, 1100, 50, 800, 0.8f},
                 {1100, 100, 800, 50, 0.8f},
                 {0, 500, 20, 20, 1},
                 {0, 300, 0, -400, 0.6f},
                 {100, 400, NAN, NAN, NAN}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_edge_options options = dcl_edge_defaults();
        dcl_edge_state state = begin(&options, false);
        dcl_edge found[4];
        size_t n = 0;
        for (int i = 0; i < 60; i++) {
            float p = i < 30 ? cases[c].p0 : cases[c].p1, q = i < 30 ? cases[c].q0 : cases[c].q1;
            dcl_edge_sample sample = {dcl_edge_quantise(p), dcl_edge_quantise(2 * p), dcl_edge_quantise(q)};
            n += dcl_edge_push(&state, sample, found + n);
        }
        assert_int_equal(n, 1);
        assert_float_equal(found[0].delta_w, cases[c].p1 - cases[c].p0, 0.01f);
        assert_float_equal(found[0].delta_va, 2 * (cases[c].p1 - cases[c].p0), 0.01f);
        if (isnan(cases[c].want)) {
            assert_true(isnan(found[0].power_factor) && isnan(found[0].delta_var));
        } else {
            assert_float_equal(found[0].delta_var, cases[c].q1 - cases[c].q0, 0.01f);
            assert_float_equal(found[0].power_factor, cases[c].want, 1e-5f);
        }
    }
}

static void apparent_power_alone_gives_no_watts(void **unused) {
    (void)unused;
    const run runs[MAX_RUNS] = {FLAT(30, 100), FLAT(30, 900)};
    dcl_edge_options options = dcl_edge_defaults();
    dcl_edge found[4];
    size_t n;
    float *value = signal_of(runs, 0, &n);
    assert_int_equal(find(value, n, &options, true, found), 1);
    assert_true(isnan(found[0].delta_w) && isnan(found[0].power_factor));
    assert_float_equal(found[0].delta_va, 800, 0);
    assert_float_equal(dcl_edge_size(&found[0]), 800, 0);
    assert_true(found[0].flags & DCL_EDGE_APPARENT);
    free(value);
}

/* A home's hour of everything: noise, steps, pulses, a gap. */
static const run BUSY[MAX_RUNS] = {FLAT(90, 200),  FLAT(2, 1500), FLAT(80, 320),  FLAT(60, 2300),
                                   FLAT(3, 2900),  FLAT(50, 300), GAP(4),         FLAT(40, 310),
                                   {30, 310, 400}, FLAT(4, 900),  FLAT(60, 1400), FLAT(60, 60)};

/* The bytes of a step without the padding behind it. */
static bool same_edges(const dcl_edge *a, const dcl_edge *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], offsetof(dcl_edge, flags) + sizeof a->flags) != 0) return false;
    return true;
}

static void a_saved_state_continues_where_it_stood(void **unused) {
    (void)unused;
    dcl_edge_options options = dcl_edge_defaults();
    size_t n;
    float *value = signal_of(BUSY, 4, &n);
    static dcl_edge whole[FOUND_MAX], cut[FOUND_MAX];
    size_t want = find(value, n, &options, false, whole);
    assert_true(want >= 4);
    for (size_t at = 0; at <= n; at++) {
        dcl_edge_state state = begin(&options, false);
        unsigned char saved[sizeof state];
        size_t got = 0;
        for (size_t i = 0; i < n; i++) {
            if (i == at) {
                memcpy(saved, &state, sizeof state);
                memset(&state, 0x5a, sizeof state);
                memcpy(&state, saved, sizeof state);
            }
            got += dcl_edge_push(&state, (dcl_edge_sample){dcl_edge_quantise(value[i]), MISSING, MISSING},
                                 cut + got);
        }
        got += dcl_edge_end(&state, cut + got);
        assert_int_equal(got, want);
        assert_true(same_edges(whole, cut, want));
    }
    free(value);
}

static void any_signal_stays_within_the_bound(void **unused) {
    (void)unused;
    dcl_edge_options options = dcl_edge_defaults();
    options.steady_s = options.hold_s = 0;
    enum { N = 4000 };
    float *value = malloc(N * sizeof *value);
    dcl_edge *found = calloc(N + 8, sizeof *found);
    assert_non_null(value);
    assert_non_null(found);
    uint32_t random = 1;
    for (size_t hold = 1; hold < 9; hold++)
        for (int trial = 0; trial < 20; trial++) {
            float level = 0;
            for (size_t i = 0; i < N; i++) {
                random = random * 1664525u + 1013904223u;
                if (i % hold == 0) level = (float)(random >> 20);
                value[i] = random % 97 == 0 ? NAN : level;
            }
            size_t got = find(value, N, &options, false, found);
            assert_true(got <= dcl_edges_bound(N));
            for (size_t i = 1; i < got; i++) assert_true(found[i - 1].time_us < found[i].time_us);
        }
    free(found);
    free(value);
}

static void extreme_samples_do_no_harm(void **unused) {
    (void)unused;
    static const float extremes[] = {5e7f, -5e7f, 0, NAN, INFINITY, -INFINITY, 1e30f, 5e7f, 5e7f, -5e7f};
    dcl_edge_options options = dcl_edge_defaults();
    options.noise_factor = 100;
    dcl_edge_state state = begin(&options, false);
    dcl_edge found[DCL_EDGE_BURST];
    uint32_t random = 5;
    for (int i = 0; i < 200000; i++) {
        random = random * 1664525u + 1013904223u;
        int32_t lead = dcl_edge_quantise(extremes[(random >> 16) % 10]);
        assert_true(dcl_edge_push(&state, (dcl_edge_sample){lead, lead, lead}, found) <= DCL_EDGE_BURST);
    }
    assert_true(dcl_edge_quantise(NAN) == MISSING && dcl_edge_quantise(1e30f) == MISSING);
    assert_int_equal(dcl_edge_quantise(-0.05f), 0);
    assert_int_equal(dcl_edge_quantise(230.04f), 2300);
}

/* Three channels of a restless home: levels with noise of any size, inrushes, drifts, gaps, absurd values. The
   other two channels end early. */
enum { LONG_N = 60000 };

static dcl_home restless_home(uint32_t seed, dcl_series series[3]) {
    static const dcl_channel channels[] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR};
    uint32_t random = seed;
    double level = 100, noise = 1, drift = 0;
    for (size_t c = 0; c < 3; c++) {
        series[c] = (dcl_series){
            .channel = channels[c], .period_us = DCL_SECOND_US, .n = LONG_N - (size_t)(c * 1000)};
        series[c].value = malloc(LONG_N * sizeof(float));
        assert_non_null(series[c].value);
    }
    for (size_t i = 0; i < LONG_N; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t what = random >> 20, much = random >> 8 & 0xfff;
        if (what < 8) level = much / 2.0;
        if (what == 8) noise = much / 128.0;
        if (what == 9) drift = (much - 2048.0) / 10000;
        if (what == 10) drift = 0;
        level += drift;
        double shake = ((double)(random & 0xff) - 127.5) / 127.5;
        double w = level + noise * shake + (what == 11 ? 3000 : 0);
        series[0].value[i] = what == 12 ? NAN : what == 13 ? INFINITY : what == 14 ? -7e7f : (float)w;
        series[1].value[i] = what == 15 ? NAN : (float)(1.1 * w);
        series[2].value[i] = what == 16 ? 1e30f : (float)(w * shake);
    }
    return (dcl_home){.series = series, .n_series = 3};
}

/* What dcl_edges_find() must give: every sample pushed in turn. */
static size_t push_all(const dcl_home *home, const dcl_edge_options *options, dcl_edge *out) {
    const dcl_series *s = home->series;
    dcl_edge_state state;
    assert_int_equal(dcl_edge_begin(&state, options, s[0].start_us, s[0].period_us, false), DCL_OK);
    size_t found = 0;
    for (size_t i = 0; i < s[0].n; i++) {
        dcl_edge_sample sample = {dcl_edge_quantise(s[0].value[i]), MISSING, MISSING};
        if (home->n_series > 1 && i < s[1].n) sample.apparent = dcl_edge_quantise(s[1].value[i]);
        if (home->n_series > 2 && i < s[2].n) sample.reactive = dcl_edge_quantise(s[2].value[i]);
        found += dcl_edge_push(&state, sample, out + found);
    }
    return found + dcl_edge_end(&state, out + found);
}

static void assert_found_as_pushed(const dcl_home *home, const dcl_edge_options *options) {
    dcl_edge *want = calloc(dcl_edges_bound(home->series[0].n) + 2, sizeof *want);
    assert_non_null(want);
    size_t n = push_all(home, options, want);
    for (size_t i = 0; dcl_kernels_isa_at(i); i++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &kernels, NULL) != DCL_OK) continue;
        dcl_context context = {.kernels = &kernels, .threads = 1};
        dcl_arena arena = {0};
        dcl_edges got;
        assert_int_equal(dcl_edges_find(&context, home, options, &arena, &got, NULL), DCL_OK);
        if (got.n != n || !same_edges(got.edge, want, n))
            fail_msg("%s: %zu steps, want %zu or other bytes", kernels.isa, got.n, n);
        dcl_arena_free(&arena);
    }
    free(want);
}

static void steps_found_are_those_of_every_sample_pushed(void **unused) {
    (void)unused;
    for (uint32_t seed = 1; seed <= 24; seed++) {
        dcl_series series[3];
        dcl_home home = restless_home(seed, series);
        home.n_series = 1 + seed % 3;
        dcl_edge_options options = dcl_edge_defaults();
        if (seed % 4 == 1) options.move_w = 40, options.noise_factor = 2;
        if (seed % 4 == 2) options.min_step_w = options.band_w = 1, options.move_w = 0.1;
        if (seed % 4 == 3) options.steady_s = options.hold_s = options.settle_max_s = 20;
        series[0].n -= seed * 37; /* the last block ends anywhere */
        assert_found_as_pushed(&home, &options);
        for (size_t c = 0; c < 3; c++) free(series[c].value);
    }
}

static void real_steps_are_those_of_every_sample_pushed(void **unused) {
    (void)unused;
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Zurich", &zone, NULL), DCL_OK);
    dcl_context context = {.threads = 1, .zone = zone};
    dcl_read_options read = dcl_read_defaults();
    read.period_us = DCL_SECOND_US;
    read.from_us = dcl_zone_day_start(zone, dcl_days_from_date(2012, 10, 2));
    read.to_us = dcl_zone_day_start(zone, dcl_days_from_date(2012, 10, 5));
    dcl_arena arena = {0};
    dcl_home home;
    dcl_status status =
        dcl_home_read(&context, DCL_TEST_DATA "/eco/house4.tar.xz", &read, &arena, &home, NULL);
    dcl_zone_close(&zone);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    assert_int_equal(status, DCL_OK);
    dcl_edge_options options = dcl_edge_defaults();
    assert_found_as_pushed(&home, &options);
    dcl_arena_free(&arena);
}

static void one_rule_quantises_here_and_in_the_kernels(void **unused) {
    (void)unused;
    enum { N = 4096 };
    static float value[N];
    static int32_t got[N];
    static const float ties[] = {0.05f, 0.25f, -0.15f, 1234.55f, 5e7f,      -5e7f,  50000004.f,
                                 6e7f,  3e8f,  NAN,    INFINITY, -INFINITY, 1e-40f, -0.0f};
    uint32_t random = 9;
    for (size_t i = 0; i < N; i++) {
        random = random * 1664525u + 1013904223u;
        value[i] = i < 14 ? ties[i] : (float)((double)random - 2147483648.0) / (float)(1u << random % 31);
    }
    for (size_t k = 0; dcl_kernels_isa_at(k); k++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(k), &kernels, NULL) != DCL_OK) continue;
        kernels.quantize_i32_f32(value, N, 10, got);
        for (size_t i = 0; i < N; i++) {
            bool beyond = got[i] > DCL_EDGE_LARGEST || got[i] < -DCL_EDGE_LARGEST;
            assert_int_equal(dcl_edge_quantise(value[i]), beyond ? MISSING : got[i]);
        }
    }
}

/* Samples that dcl_edge_quantise() never makes, but a stream may hold. */
static void integers_beyond_50_mw_are_missing(void **unused) {
    (void)unused;
    static const int32_t extremes[] = {
        INT32_MAX, INT32_MIN + 1, -DCL_EDGE_LARGEST, DCL_EDGE_LARGEST,      INT32_MIN, DCL_EDGE_LARGEST + 1,
        0,         1000000000,    -1000000000,       -DCL_EDGE_LARGEST - 1, 5000};
    dcl_edge_options options = dcl_edge_defaults();
    dcl_edge_state state = begin(&options, false);
    dcl_edge found[DCL_EDGE_BURST];
    uint32_t random = 3;
    int32_t v[3] = {0};
    for (int i = 0; i < 200000; i++) {
        random = random * 1664525u + 1013904223u;
        if (random >> 29 == 0) v[(random >> 8) % 3] = extremes[(random >> 16) % 11];
        size_t n = dcl_edge_push(&state, (dcl_edge_sample){v[0], v[1], v[2]}, found);
        for (size_t k = 0; k < n; k++)
            assert_true(fabsf(found[k].before) <= 5e7f && fabsf(found[k].after) <= 5e7f);
    }
}

static void options_outside_their_range_are_refused(void **unused) {
    (void)unused;
    dcl_edge_state state;
    for (int i = 0; i < 10; i++) {
        dcl_edge_options o = dcl_edge_defaults();
        double *fields[] = {&o.min_step_w, &o.move_w, &o.band_w,       &o.band_share,  &o.noise_factor,
                            &o.steady_s,   &o.hold_s, &o.settle_max_s, &o.pulse_min_w, &o.pulse_max_s};
        *fields[i] = -1;
        assert_int_equal(dcl_edge_begin(&state, &o, 0, DCL_SECOND_US, false), DCL_E_ARG);
        *fields[i] = NAN;
        assert_int_equal(dcl_edge_begin(&state, &o, 0, DCL_SECOND_US, false), DCL_E_ARG);
    }
    dcl_edge_options o = dcl_edge_defaults();
    assert_int_equal(dcl_edge_begin(&state, &o, 0, 0, false), DCL_E_ARG);
    assert_int_equal(dcl_edge_begin(&state, &o, INT64_MAX, 1, false), DCL_E_ARG);
    assert_int_equal(dcl_edge_begin(&state, &o, INT64_MIN, 1, false), DCL_E_ARG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_the_table),
        cmocka_unit_test(an_inrush_shows_as_overshoot_and_settling),
        cmocka_unit_test(the_power_factor_is_of_the_steps_p_and_q),
        cmocka_unit_test(apparent_power_alone_gives_no_watts),
        cmocka_unit_test(a_saved_state_continues_where_it_stood),
        cmocka_unit_test(any_signal_stays_within_the_bound),
        cmocka_unit_test(extreme_samples_do_no_harm),
        cmocka_unit_test(integers_beyond_50_mw_are_missing),
        cmocka_unit_test(steps_found_are_those_of_every_sample_pushed),
        cmocka_unit_test(real_steps_are_those_of_every_sample_pushed),
        cmocka_unit_test(one_rule_quantises_here_and_in_the_kernels),
        cmocka_unit_test(options_outside_their_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
