/* Steps and cycles of a home whose active power is an estimate: found in apparent power, told in watts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <declic/kernel.h>

#include "event_signal.h"

static dcl_kernels kernels;
static const dcl_context CONTEXT = {.kernels = &kernels, .threads = 1};

/* Apparent power steps by 100 VA; active power by `after_w` - 100 W, known to ±open_w, from `late` s on. */
static dcl_home home_of(dcl_series series[4], double after_w, double open_w, int late) {
    const run va[MAX_RUNS] = {FLAT(120, 200), FLAT(360, 300), FLAT(120, 200)};
    const run w[MAX_RUNS] = {FLAT(120, 100), FLAT(360, after_w), FLAT(120, 100)};
    static const dcl_channel channel[] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_POWER_LOW_W, DCL_POWER_HIGH_W};
    static const double side[] = {0, 0, -1, 1};
    for (size_t i = 0; i < 4; i++) {
        series[i] = (dcl_series){.channel = channel[i], .period_us = DCL_SECOND_US};
        series[i].value = signal_of(i == 1 ? va : w, 0, &series[i].n);
        for (size_t k = 0; k < series[i].n; k++) series[i].value[k] += (float)(side[i] * open_w);
        if (i == 1 || !late) continue;
        series[i].n -= (size_t)late;
        memmove(series[i].value, series[i].value + late, series[i].n * sizeof(float));
        series[i].start_us = late * DCL_SECOND_US;
    }
    return (dcl_home){.series = series, .n_series = 4};
}

static void close_home(dcl_series series[4]) {
    for (size_t i = 0; i < 4; i++) free(series[i].value);
}

static const struct {
    const char *fact;
    double after_w, open_w;
    int late;
    double delta_w, factor; /* of the first step; NaN = not told */
    double energy_wh;       /* of the cycle; NaN = apparent power's */
} CASES[] = {
    {"a step is told in watts, with its power factor", 160, 5, 0, 60, 0.597, 6},
    {"an estimate less sure than the step is large tells nothing", 160, 70, 0, NAN, NAN, NAN},
    {"an estimate that goes the other way tells nothing", 60, 5, 0, NAN, NAN, NAN},
    {"where the estimate begins later the other step tells the cycle", 160, 5, 125, NAN, NAN, 6},
};

static void steps_of_apparent_power_are_told_in_watts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        dcl_series series[4];
        dcl_home home = home_of(series, CASES[i].after_w, CASES[i].open_w, CASES[i].late);
        dcl_arena arena = {0};
        dcl_edges edges;
        dcl_cycles cycles;
        dcl_error error;
        const dcl_edge_options how = dcl_edge_defaults();
        const dcl_cycle_options cycle_how = dcl_cycle_defaults();
        assert_int_equal(dcl_edges_find(&CONTEXT, &home, &how, &arena, &edges, &error), DCL_OK);
        assert_true(edges.apparent && edges.n == 2);
        const dcl_edge *edge = &edges.edge[0];
        assert_true(edge->delta_va == 100 && edge->flags & DCL_EDGE_APPARENT && isnan(edge->delta_var));
        if (isnan(CASES[i].delta_w) != isnan(edge->delta_w))
            fail_msg("%s: %g W", CASES[i].fact, (double)edge->delta_w);
        if (!isnan(edge->delta_w)) {
            assert_true(fabs((double)edge->delta_w - CASES[i].delta_w) < 0.01);
            if (fabs((double)edge->power_factor - CASES[i].factor) > 0.002)
                fail_msg("%s: factor %g", CASES[i].fact, (double)edge->power_factor);
        }
        assert_int_equal(dcl_cycles_find(&CONTEXT, &home, &cycle_how, &edges, &arena, &cycles, &error),
                         DCL_OK);
        assert_int_equal(cycles.n, 1);
        const dcl_cycle *cycle = &cycles.cycle[0];
        if (!(cycle->flags & DCL_CYCLE_APPARENT) != !isnan(CASES[i].energy_wh)) fail_msg("%s", CASES[i].fact);
        if (!isnan(CASES[i].energy_wh) && fabs(cycle->energy_wh - CASES[i].energy_wh) > 0.2)
            fail_msg("%s: %g Wh", CASES[i].fact, cycle->energy_wh);
        dcl_arena_free(&arena);
        close_home(series);
    }
}

int main(void) {
    dcl_error error;
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_of_apparent_power_are_told_in_watts)};
    if (dcl_kernels_select(NULL, &kernels, &error) != DCL_OK) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
