/* Pulses too fast to be steps: what is told of them, and that they bring no steps with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/kernel.h>

#include "event_signal.h"

enum { N = 1200, FROM = 200, PULSES_MAX = 16, EDGES_MAX = N };
#define MISSING DCL_MISSING_I32

/* A train of pulses of on_s … on_s + jitter_s and pauses likewise, from FROM for 240 s, over a floor of 100 W. */
typedef struct shape {
    const char *name;
    int on_s, off_s, jitter_s;
    double noise, rest, away;
    size_t steps; /* levels that held on their own are steps as well */
} shape;

static uint32_t random_of(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* The samples of a train, the share of its time that it was away, and its end. */
static void make(const shape *s, float *value, double *duty, int *end_s) {
    uint32_t random = 11;
    int away = 0, at = FROM;
    for (int i = 0; i < N; i++) value[i] = (float)s->rest;
    for (int end = 0; at < FROM + 240;) {
        int on = s->on_s + (s->jitter_s ? (int)(random_of(&random) % (unsigned)(s->jitter_s + 1)) : 0);
        int off = s->off_s + (s->jitter_s ? (int)(random_of(&random) % (unsigned)(s->jitter_s + 1)) : 0);
        for (int k = 0; k < on; k++) value[at + k] = (float)s->away;
        away += on;
        end = at + on;
        at += on + off;
        *end_s = end;
    }
    *duty = (double)away / (*end_s - FROM);
    for (int i = 0; i < N; i++) value[i] += (float)(s->noise * ((double)random_of(&random) / 8388608.0 - 1));
}

/* Pushes all samples; returns the steps found and the pulsing states. */
static size_t find(const float *value, size_t n, dcl_edge *edge, dcl_pulsing *pulsing, size_t *n_pulsing) {
    dcl_edge_options options = dcl_edge_defaults();
    dcl_edge_state state;
    size_t found = 0;
    *n_pulsing = 0;
    assert_int_equal(dcl_edge_begin(&state, &options, 0, DCL_SECOND_US, false), DCL_OK);
    for (size_t i = 0; i <= n; i++) {
        if (i < n)
            found += dcl_edge_push(&state, (dcl_edge_sample){dcl_edge_quantise(value[i]), MISSING, MISSING},
                                   edge + found);
        else
            found += dcl_edge_end(&state, edge + found);
        if (dcl_edge_pulsed(&state, &pulsing[*n_pulsing])) ++*n_pulsing;
        assert_true(*n_pulsing < PULSES_MAX);
    }
    return found;
}

static const shape SHAPES[] = {
    {"1 s on, 1 s off", 1, 1, 0, 0, 100, 1200, 0},
    {"1 s on, 3 s off", 1, 3, 0, 0, 100, 1200, 0},
    {"1 s on, 9 s off", 1, 9, 0, 0, 100, 1200, 0},
    {"1 s on, 18 s off", 1, 18, 0, 0, 100, 1200, 0},
    {"2 s on, 2 s off", 2, 2, 0, 0, 100, 1200, 0},
    {"2 s on, 6 s off", 2, 6, 0, 0, 100, 1200, 0},
    {"3 s on, 3 s off", 3, 3, 0, 0, 100, 1200, 0},
    {"3 s on, 1 s off", 3, 1, 0, 0, 100, 1200, 0},
    {"3 s on, 12 s off", 3, 12, 0, 0, 100, 1200, 0},
    {"12 s on, 2 s off", 12, 2, 0, 0, 100, 1200, 2},
    {"dips of 2 s every 10 s", 2, 8, 0, 0, 2100, 900, 0},
    {"1 to 3 s on, 1 to 3 s off", 1, 1, 2, 0, 100, 1200, 0},
    {"2 to 4 s on, 2 to 4 s off", 2, 2, 2, 0, 100, 1200, 0},
    {"2 to 4 s on, 6 to 8 s off, on a noisy base", 2, 6, 2, 8, 100, 1200, 0},
    {"1 to 3 s on, 1 to 3 s off, on a noisy base", 1, 1, 2, 10, 100, 1200, 0},
    {"3 s on, 3 s off, on a noisy base", 3, 3, 0, 12, 100, 600, 0},
    {"pulses of 200 W", 2, 3, 1, 2, 100, 300, 0},
};

static void a_train_of_pulses_is_one_state_without_steps(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing pulsing[PULSES_MAX];
    int failures = 0;
    for (size_t c = 0; c < sizeof SHAPES / sizeof *SHAPES; c++) {
        const shape *s = &SHAPES[c];
        double duty;
        int end_s;
        size_t n_pulsing;
        make(s, value, &duty, &end_s);
        if (s->away < s->rest) duty = 1 - duty;
        size_t steps = find(value, N, edge, pulsing, &n_pulsing);
        double low = fmin(s->rest, s->away), high = fmax(s->rest, s->away);
        bool same = n_pulsing == 1 && steps == s->steps && pulsing[0].start_us == FROM * DCL_SECOND_US &&
                    pulsing[0].end_us == end_s * DCL_SECOND_US &&
                    fabs((double)pulsing[0].low - low) <= 0.5 + s->noise / 4 &&
                    fabs((double)pulsing[0].high - high) <= 0.5 + s->noise / 4 &&
                    fabs((double)pulsing[0].duty - duty) <= 0.01;
        if (same) continue;
        failures++;
        fprintf(stderr, "%s: %zu steps, %zu states (want %d … %d s, duty %.3f)\n", s->name, steps, n_pulsing,
                FROM, end_s, duty);
        for (size_t i = 0; i < n_pulsing; i++)
            fprintf(stderr, "    %lld … %lld s, %.1f … %.1f W, duty %.3f, %u pulses\n",
                    (long long)(pulsing[i].start_us / DCL_SECOND_US),
                    (long long)(pulsing[i].end_us / DCL_SECOND_US), (double)pulsing[i].low,
                    (double)pulsing[i].high, (double)pulsing[i].duty, pulsing[i].pulses);
        for (size_t i = 0; i < steps; i++)
            fprintf(stderr, "    step %+.1f W at %lld s\n", (double)edge[i].delta_w,
                    (long long)(edge[i].time_us / DCL_SECOND_US));
    }
    assert_int_equal(failures, 0);
}

/* Adds w to the samples [from, to). */
static void add(float *value, int from, int to, double w) {
    for (int i = from; i < to; i++) value[i] += (float)w;
}

static void steps_around_a_train_stay_steps(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing pulsing[PULSES_MAX];
    double duty;
    int end_s;
    size_t n_pulsing;
    make(&(shape){"", 2, 3, 1, 2, 100, 1200, 0}, value, &duty, &end_s);
    add(value, 100, 600, 300);
    add(value, 700, 900, 2000);
    size_t steps = find(value, N, edge, pulsing, &n_pulsing);
    static const struct {
        int at_s;
        double size_w;
    } want[] = {{100, 300}, {600, -300}, {700, 2000}, {900, -2000}};
    assert_int_equal(steps, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(edge[i].time_us, want[i].at_s * DCL_SECOND_US);
        assert_true(fabs((double)edge[i].delta_w - want[i].size_w) < 3);
    }
    assert_int_equal(n_pulsing, 1);
    assert_true(fabs((double)pulsing[0].low - 400) < 1 && fabs((double)pulsing[0].high - 1500) < 1);
}

/* A load that comes on while another pulses: two states, at the two levels, and none over both. */
static void a_level_that_moves_under_the_pulses_begins_another_state(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing pulsing[PULSES_MAX];
    double duty;
    int end_s;
    size_t n_pulsing;
    make(&(shape){"", 2, 2, 0, 0, 100, 1200, 0}, value, &duty, &end_s);
    add(value, 320, 700, 600);
    find(value, N, edge, pulsing, &n_pulsing);
    assert_int_equal(n_pulsing, 2);
    assert_true(pulsing[0].end_us <= 322 * DCL_SECOND_US && pulsing[1].start_us >= 318 * DCL_SECOND_US);
    assert_float_equal(pulsing[0].low, 100, 1);
    assert_float_equal(pulsing[1].low, 700, 1);
}

static void a_gap_cuts_a_state(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing pulsing[PULSES_MAX];
    double duty;
    int end_s;
    size_t n_pulsing;
    make(&(shape){"", 1, 2, 1, 3, 100, 1200, 0}, value, &duty, &end_s);
    for (int i = 300; i < 310; i++) value[i] = NAN;
    size_t steps = find(value, N, edge, pulsing, &n_pulsing);
    assert_int_equal(steps, 0);
    assert_int_equal(n_pulsing, 2);
    assert_true(pulsing[0].end_us <= 300 * DCL_SECOND_US && pulsing[1].start_us >= 310 * DCL_SECOND_US);
}

static void what_is_no_train_is_no_state(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        double noise;
        run runs[MAX_RUNS];
    } cases[] = {
        {"two pulses", 0, {FLAT(60, 100), FLAT(2, 1100), FLAT(5, 100), FLAT(2, 1100), FLAT(60, 100)}},
        {"pulses far apart",
         0,
         {FLAT(60, 100), FLAT(2, 1100), FLAT(30, 100), FLAT(2, 1100), FLAT(30, 100), FLAT(2, 1100),
          FLAT(30, 100), FLAT(2, 1100), FLAT(60, 100)}},
        {"pulses that are levels",
         0,
         {FLAT(60, 100), FLAT(8, 1100), FLAT(8, 100), FLAT(8, 1100), FLAT(8, 100), FLAT(8, 1100),
          FLAT(8, 100), FLAT(8, 1100), FLAT(60, 100)}},
        {"small pulses",
         0,
         {FLAT(60, 100), FLAT(2, 150), FLAT(3, 100), FLAT(2, 150), FLAT(3, 100), FLAT(2, 150), FLAT(3, 100),
          FLAT(2, 150), FLAT(60, 100)}},
        {"strong noise", 60, {FLAT(1000, 500)}},
        {"a home's noise", 12, {FLAT(1000, 500)}},
    };
    static dcl_edge edge[EDGES_MAX];
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_pulsing pulsing[PULSES_MAX];
        size_t n, n_pulsing;
        float *value = signal_of(cases[c].runs, cases[c].noise, &n);
        find(value, n, edge, pulsing, &n_pulsing);
        if (n_pulsing) fail_msg("%s: %zu states", cases[c].name, n_pulsing);
        free(value);
    }
}

/* However the samples come, and wherever the state is saved, the same bytes. */
static void a_saved_state_goes_on_with_its_train(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing want[PULSES_MAX], got;
    double duty;
    int end_s;
    size_t n_want;
    make(&(shape){"", 1, 1, 3, 6, 100, 1200, 0}, value, &duty, &end_s);
    find(value, N, edge, want, &n_want);
    assert_int_equal(n_want, 1);
    for (int at = FROM - 5; at < end_s + 30; at++) {
        dcl_edge_options options = dcl_edge_defaults();
        dcl_edge_state state, saved;
        size_t n = 0;
        assert_int_equal(dcl_edge_begin(&state, &options, 0, DCL_SECOND_US, false), DCL_OK);
        for (int i = 0; i < N; i++) {
            if (i == at) {
                memcpy(&saved, &state, sizeof state);
                memset(&state, 0x5a, sizeof state);
                memcpy(&state, &saved, sizeof state);
            }
            (void)dcl_edge_push(&state, (dcl_edge_sample){dcl_edge_quantise(value[i]), MISSING, MISSING},
                                edge);
            if (!dcl_edge_pulsed(&state, &got)) continue;
            assert_memory_equal(&got, &want[0], sizeof got);
            n++;
        }
        assert_int_equal(n, 1);
    }
}

static void a_home_has_the_states_of_its_samples_pushed(void **unused) {
    (void)unused;
    static float value[N];
    static dcl_edge edge[EDGES_MAX];
    dcl_pulsing want[PULSES_MAX];
    double duty;
    int end_s;
    size_t n_want;
    make(&(shape){"", 1, 9, 2, 6, 100, 1200, 0}, value, &duty, &end_s);
    value[700] = NAN;
    size_t steps = find(value, N, edge, want, &n_want);
    assert_true(n_want > 0);
    dcl_series series = {.channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = N, .value = value};
    dcl_home home = {.series = &series, .n_series = 1};
    dcl_edge_options options = dcl_edge_defaults();
    for (size_t i = 0; dcl_kernels_isa_at(i); i++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &kernels, NULL) != DCL_OK) continue;
        dcl_context context = {.kernels = &kernels, .threads = 1};
        dcl_arena arena = {0};
        dcl_edges got;
        assert_int_equal(dcl_edges_find(&context, &home, &options, &arena, &got, NULL), DCL_OK);
        assert_int_equal(got.n, steps);
        assert_int_equal(got.n_pulsing, n_want);
        assert_memory_equal(got.pulsing, want, n_want * sizeof *want);
        dcl_arena_free(&arena);
    }
}

/* One cycle, of the energy above the low level, beside that of another load. */
static void a_pulsing_state_is_one_cycle(void **unused) {
    (void)unused;
    static float value[N];
    double duty;
    int end_s;
    make(&(shape){"", 3, 5, 0, 0, 100, 1200, 0}, value, &duty, &end_s);
    add(value, 700, 1000, 300);
    dcl_series series = {.channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = N, .value = value};
    dcl_home home = {.series = &series, .n_series = 1};
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1};
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_arena arena = {0};
    dcl_cycles got;
    assert_int_equal(dcl_cycles_find(&context, &home, &options, NULL, &arena, &got, NULL), DCL_OK);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.n_leftover, 0);
    const dcl_cycle *cycle = &got.cycle[0];
    assert_int_equal(cycle->flags, DCL_CYCLE_PULSING);
    assert_int_equal(cycle->start_us, FROM * DCL_SECOND_US);
    assert_int_equal(cycle->end_us, end_s * DCL_SECOND_US);
    assert_true(fabs((double)cycle->duty - duty) < 0.01);
    assert_float_equal(cycle->on_w, 1100, 1);
    assert_true(fabs(cycle->energy_wh - 1100 * duty * (end_s - FROM) / 3600) < 0.5);
    assert_true(!(got.cycle[1].flags & DCL_CYCLE_PULSING) && got.cycle[1].duty == 1);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_train_of_pulses_is_one_state_without_steps),
        cmocka_unit_test(steps_around_a_train_stay_steps),
        cmocka_unit_test(a_level_that_moves_under_the_pulses_begins_another_state),
        cmocka_unit_test(a_gap_cuts_a_state),
        cmocka_unit_test(what_is_no_train_is_no_state),
        cmocka_unit_test(a_saved_state_goes_on_with_its_train),
        cmocka_unit_test(a_pulsing_state_is_one_cycle),
        cmocka_unit_test(a_home_has_the_states_of_its_samples_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
