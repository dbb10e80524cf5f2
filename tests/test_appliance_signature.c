#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>

/* cmocka's own compares float32. */
static void assert_near(double got, double want, double within) {
    if (!(fabs(got - want) <= within)) fail_msg("%.9g, expected %.9g", got, want);
}

enum { DAY_S = 86400 };

/* A load of a day at 1 s: standby, and pulses on top. */
typedef struct trace {
    float w[DAY_S], var[DAY_S];
    dcl_series power, reactive;
} trace;

static void trace_begin(trace *t, float standby) {
    for (int i = 0; i < DAY_S; i++) t->w[i] = standby, t->var[i] = 0;
    t->power = (dcl_series){.channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = DAY_S, .value = t->w};
    t->reactive = t->power;
    t->reactive.channel = DCL_REACTIVE_VAR;
    t->reactive.value = t->var;
}

static void add_pulse(trace *t, int from, int to, float w) {
    for (int i = from; i < to; i++) t->w[i] += w;
}

static dcl_runs runs_of(const trace *t, dcl_arena *arena) {
    dcl_run_options options = dcl_run_defaults();
    dcl_runs runs;
    dcl_error error;
    assert_int_equal(dcl_runs_find(&t->power, &options, arena, &runs, &error), DCL_OK);
    return runs;
}

static trace t;

static void runs_begin_and_end_above_standby_and_short_pauses_join_them(void **state) {
    (void)state;
    static const struct {
        int from, to;
        float w;
    } pulses[] = {{100, 400, 2000}, {450, 500, 2000}, {1000, 1005, 50}, {2000, 2010, 50}, {3000, 3100, 5}};
    trace_begin(&t, 15);
    for (size_t i = 0; i < 5; i++) add_pulse(&t, pulses[i].from, pulses[i].to, pulses[i].w);
    t.w[300] = NAN; /* a missing second is a pause */
    dcl_arena arena = {0};
    dcl_runs runs = runs_of(&t, &arena);
    assert_int_equal(runs.n, 2); /* joined over 50 s; 5 s are too short and 5 W too little */
    assert_true(runs.standby_w == 15);
    assert_int_equal(runs.run[0].first, 100);
    assert_int_equal(runs.run[0].last, 500);
    assert_int_equal(runs.run[1].first, 2000);
    assert_int_equal(runs.run[1].last, 2010);
    dcl_arena_free(&arena);
}

static void a_load_that_never_changes_is_one_run_from_zero(void **state) {
    (void)state;
    trace_begin(&t, 9);
    t.w[0] = NAN;
    dcl_arena arena = {0};
    dcl_runs runs = runs_of(&t, &arena);
    assert_int_equal(runs.n, 1);
    assert_true(runs.run[0].whole && runs.run[0].standby_w == 0);
    assert_int_equal(runs.run[0].first, 1);
    float out[DCL_RUN_COUNT];
    dcl_load load = {.power_w = &t.power};
    dcl_signature_run(&load, &runs, 0, out);
    assert_near((double)out[DCL_RUN_MEAN_W], 9, 1e-4);
    assert_true(out[DCL_RUN_WHOLE] == 1);
    dcl_arena_free(&arena);
}

static void a_load_without_readings_is_refused(void **state) {
    (void)state;
    trace_begin(&t, 0);
    for (int i = 0; i < DAY_S; i++) t.w[i] = NAN;
    dcl_arena arena = {0};
    dcl_runs runs;
    dcl_run_options options = dcl_run_defaults();
    dcl_error error;
    assert_int_equal(dcl_runs_find(&t.power, &options, &arena, &runs, &error), DCL_E_NO_DATA);
    options.above_w = -1;
    assert_int_equal(dcl_runs_find(&t.power, &options, &arena, &runs, &error), DCL_E_ARG);
    dcl_arena_free(&arena);
}

/* Heat of 2 kW for 600 s, then a motor of 200 W for 1,200 s: every number by hand. */
static void the_numbers_of_a_run_are_those_of_its_power(void **state) {
    (void)state;
    trace_begin(&t, 4);
    add_pulse(&t, 3600, 4200, 2000);
    add_pulse(&t, 4200, 5400, 200);
    add_pulse(&t, 9000, 9600, 1000);
    for (int i = 4200; i < 5400; i++) t.var[i] = 150;
    dcl_arena arena = {0};
    dcl_runs runs = runs_of(&t, &arena);
    float out[DCL_RUN_COUNT];
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("UTC", &zone, NULL), DCL_OK);
    dcl_load load = {.power_w = &t.power, .reactive_var = &t.reactive, .zone = zone};
    dcl_signature_run(&load, &runs, 0, out);
    double mean = (2000.0 * 600 + 200.0 * 1200) / 1800;
    static const struct {
        int number;
        double want;
    } cases[] = {
        {DCL_RUN_DURATION_S, 1800}, {DCL_RUN_ENERGY_WH, 400},
        {DCL_RUN_MAX_W, 2000},      {DCL_RUN_P50_W, 200},
        {DCL_RUN_ON_W, 200},        {DCL_RUN_TOP, 1.0 / 3},
        {DCL_RUN_HALF, 1.0 / 3},    {DCL_RUN_DUTY, 1.0 / 3},
        {DCL_RUN_HEAT, 1.0 / 3},    {DCL_RUN_HEAT_S, 600},
        {DCL_RUN_MOTOR, 2.0 / 3},   {DCL_RUN_LOW, 0},
        {DCL_RUN_STEPS, 1},         {DCL_RUN_PLATEAUS, 2},
        {DCL_RUN_LONGEST, 2.0 / 3}, {DCL_RUN_STEADY, 1},
        {DCL_RUN_STANDBY_W, 4},     {DCL_RUN_SINCE_S, 86400},
        {DCL_RUN_UNTIL_S, 3600},    {DCL_RUN_SIZE_VAR, 100},
        {DCL_RUN_HOUR, 1},          {DCL_RUN_SLOPE, 205.0 / 2005.0},
        {DCL_RUN_FLICKER, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        dcl_signature_name(DCL_SIGNATURE_RUN, (size_t)cases[i].number, name);
        double got = (double)out[cases[i].number];
        if (fabs(got - cases[i].want) > 1e-3 * (1 + fabs(cases[i].want)))
            fail_msg("%s is %g, expected %g", name, got, cases[i].want);
    }
    assert_near((double)out[DCL_RUN_MEAN_W], mean, 0.01);
    assert_near((double)out[DCL_RUN_POWER_FACTOR], mean / sqrt(mean * mean + 1e4), 1e-4);
    assert_true(isnan(out[DCL_RUN_SIZE_VA])); /* no apparent power */
    dcl_zone_close(&zone);
    dcl_arena_free(&arena);
}

/* At minutes nothing can be said of flicker and plateaus of seconds. */
static void slow_series_leave_fast_numbers_open(void **state) {
    (void)state;
    trace_begin(&t, 0);
    t.power.period_us = DCL_MINUTE_US;
    t.power.n = 1440;
    add_pulse(&t, 600, 660, 1500);
    dcl_arena arena = {0};
    dcl_runs runs = runs_of(&t, &arena);
    float run[DCL_RUN_COUNT], day[DCL_DAY_COUNT];
    dcl_load load = {.power_w = &t.power};
    dcl_error error;
    dcl_signature_run(&load, &runs, 0, run);
    assert_int_equal(dcl_signature_day(&load, &runs, run, day, &error), DCL_OK);
    for (size_t i = 0; i < DCL_RUN_COUNT; i++) {
        uint32_t needs = dcl_signature_needs(DCL_SIGNATURE_RUN, i) & ~(uint32_t)DCL_NEEDS_OWN;
        if (isnan(run[i]) != (needs != 0)) fail_msg("number %zu of a run", i);
    }
    for (size_t i = 0; i < DCL_DAY_COUNT; i++) {
        uint32_t needs = dcl_signature_needs(DCL_SIGNATURE_DAY, i);
        if (isnan(day[i]) != (needs != 0)) fail_msg("number %zu of a day", i);
    }
    assert_near((double)run[DCL_RUN_DURATION_S], 3600, 0);
    dcl_arena_free(&arena);
}

static void a_day_tells_levels_bands_and_repetition(void **state) {
    (void)state;
    trace_begin(&t, 2);
    for (int i = 0; i < 24; i++)
        add_pulse(&t, 3600 * i + 600, 3600 * i + 1800, 80); /* twenty minutes of each hour */
    dcl_arena arena = {0};
    dcl_load load = {.power_w = &t.power};
    dcl_run_options options = dcl_run_defaults();
    dcl_load_day found;
    dcl_error error;
    assert_int_equal(dcl_load_describe(&load, &options, &arena, &found, &error), DCL_OK);
    assert_int_equal(found.runs.n, 24);
    const float *day = found.day;
    const float *shape = day + DCL_DAY_SHAPE;
    assert_near((double)day[DCL_DAY_LEVELS + 3], 2, 0);        /* median */
    assert_near((double)day[DCL_DAY_LEVELS + 9], 82, 0);       /* largest */
    assert_near((double)day[DCL_DAY_TIME + 1], 2.0 / 3, 1e-6); /* 1-3 W */
    assert_near((double)day[DCL_DAY_TIME + 6], 1.0 / 3, 1e-6); /* 50-100 W */
    assert_near((double)day[DCL_DAY_CHANGE + 3], 2, 1e-6);     /* two steps of 60-150 W an hour */
    assert_near((double)shape[2], 24, 1e-6);                   /* runs a day */
    assert_near((double)shape[3], 1.0 / 3, 1e-6);              /* share in runs */
    assert_near((double)shape[7], 3600, 1e-3);                 /* from start to start */
    assert_near((double)shape[8], 0, 1e-6);                    /* always the same */
    assert_near((double)shape[10], 1200, 1e-3);                /* length */
    assert_near((double)shape[11], 82, 0);                     /* commonest level */
    assert_near((double)day[DCL_DAY_RUNS + DCL_RUN_MEAN_W], 80, 1e-3);
    dcl_arena_free(&arena);
}

static void a_step_keeps_the_sign_of_its_reactive_power(void **state) {
    (void)state;
    dcl_edge on = {.delta_w = 300, .delta_va = 360, .delta_var = 200, .power_factor = 0.83f, .peak = 150},
             off = on;
    off.delta_w = -300, off.delta_va = -360, off.delta_var = -200;
    float a[DCL_STEP_COUNT], b[DCL_STEP_COUNT];
    dcl_signature_step(&on, a);
    dcl_signature_step(&off, b);
    assert_memory_equal(a, b, sizeof a);
    assert_true(a[DCL_STEP_SIZE_VAR] == 200 && a[DCL_STEP_OVERSHOOT] == 0.5f);
    on.delta_va = NAN;
    dcl_signature_step(&on, a);
    assert_true(isnan(a[DCL_STEP_VA_PER_W]) && isnan(a[DCL_STEP_SIZE_VA]));
}

static void every_number_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        char a[32], b[32];
        size_t n = dcl_signature_count((dcl_signature_kind)kind);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            assert_true(dcl_signature_name((dcl_signature_kind)kind, i, a));
            for (size_t j = 0; j < i; j++) {
                dcl_signature_name((dcl_signature_kind)kind, j, b);
                if (strcmp(a, b) == 0) fail_msg("two are called %s", a);
            }
        }
        assert_false(dcl_signature_name((dcl_signature_kind)kind, n, a));
    }
    assert_int_equal(dcl_signature_count((dcl_signature_kind)3), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_begin_and_end_above_standby_and_short_pauses_join_them),
        cmocka_unit_test(a_load_that_never_changes_is_one_run_from_zero),
        cmocka_unit_test(a_load_without_readings_is_refused),
        cmocka_unit_test(the_numbers_of_a_run_are_those_of_its_power),
        cmocka_unit_test(slow_series_leave_fast_numbers_open),
        cmocka_unit_test(a_day_tells_levels_bands_and_repetition),
        cmocka_unit_test(a_step_keeps_the_sign_of_its_reactive_power),
        cmocka_unit_test(every_number_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
