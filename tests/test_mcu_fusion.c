/* Active power from whole Wh and apparent power, on made-up homes of which the truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcu/fusion.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A meter over loads that are on or off: exact but for its rounding. */
typedef struct meter {
    double time_s, energy_wh, w, var;
    int32_t va_step;
    uint32_t seed, frames, outside;
    dcl_mcu_fusion fusion;
    dcl_mcu_fusion_power told;
} meter;

static double draw(meter *m) {
    m->seed = m->seed * 1664525u + 1013904223u;
    return (double)(m->seed >> 8) / 16777216.0;
}

static meter meter_start(int32_t va_step, uint32_t seed) {
    meter m = {.time_s = 4294960, .energy_wh = 4294967290.3, .va_step = va_step, .seed = seed};
    dcl_mcu_fusion_init(&m.fusion, va_step, 0);
    return m;
}

static dcl_mcu_fusion_frame frame_of(const meter *m) {
    double va = hypot(m->w, m->var), step = m->va_step / 10.0;
    return (dcl_mcu_fusion_frame){.time_ms = (uint32_t)(uint64_t)(m->time_s * 1000),
                                  .index_wh = (uint32_t)(uint64_t)m->energy_wh,
                                  .apparent = (int32_t)(floor(va / step + 0.5) * step * 10 + 0.5)};
}

static void push(meter *m, dcl_mcu_fusion_frame frame) {
    dcl_mcu_fusion_push(&m->fusion, &frame, &m->told);
}

static void pass(meter *m, double seconds) {
    m->time_s += seconds;
    m->energy_wh += m->w * seconds / 3600;
}

/* Frames 1.5 to 2 s apart; false where one of them says that the truth is impossible, by more than 1 W. */
static bool run(meter *m, double seconds) {
    uint32_t outside = m->outside;
    for (double end = m->time_s + seconds; m->time_s < end;) {
        pass(m, 1.5 + 0.5 * draw(m));
        push(m, frame_of(m));
        m->frames++;
        m->outside += m->told.low > m->w * 10 + 10 || m->told.high < m->w * 10 - 10;
    }
    return m->outside == outside;
}

static void set_load(meter *m, double w, double var) {
    m->w += w;
    m->var += var;
}

static void assert_power(const meter *m, double within_w) {
    if (fabs(m->told.power / 10.0 - m->w) > within_w)
        fail_msg("told %.1f W [%.1f, %.1f] for %.1f", m->told.power / 10.0, m->told.low / 10.0,
                 m->told.high / 10.0, m->w);
}

/* ---------------------------------------------------------------- facts */

static void ticks_tell_the_power_of_a_steady_load(void **state) {
    (void)state;
    static const struct {
        int32_t va_step;
        double w, var, within_w;
    } loads[] = {
        {100, 70, -45, 4}, {10, 70, -45, 4}, {100, 1000, 700, 20}, {10, 300, 0, 6}, {100, 6000, 500, 60}};
    for (size_t i = 0; i < COUNT(loads); i++) {
        meter m = meter_start(loads[i].va_step, 7);
        set_load(&m, loads[i].w, loads[i].var);
        assert_true(run(&m, 600));
        assert_power(&m, loads[i].within_w);
        assert_true(m.told.settled);
        assert_true(m.told.high - m.told.low < 10 * (0.12 * loads[i].w + 8));
        assert_true(abs(m.told.factor - (int)(1e4 * loads[i].w / hypot(loads[i].w, loads[i].var))) < 600);
    }
}

static void a_load_that_comes_back_is_known_at_once(void **state) {
    (void)state;
    meter m = meter_start(10, 3);
    set_load(&m, 200, 80);
    assert_true(run(&m, 900));
    for (int i = 0; i < 4; i++) {
        set_load(&m, 180, 240);
        assert_true(run(&m, 8));
        if (i == 3) {
            dcl_mcu_fusion_step step;
            assert_power(&m, 12);
            assert_true(m.told.known);
            assert_true(dcl_mcu_fusion_last_step(&m.fusion, &step));
            assert_true(abs(step.factor - 6000) < 500); /* 180 / 300 */
            assert_true(step.factor_low <= 6000 && step.factor_high >= 6000);
            assert_true(step.delta_w_low <= 1800 && step.delta_w_high >= 1800);
        }
        assert_true(run(&m, 400));
        set_load(&m, -180, -240);
        assert_true(run(&m, 8));
        if (i == 3) assert_power(&m, 12);
        assert_true(run(&m, 500));
    }
}

/* And on another base, where the same load makes another step of apparent power. */
static void a_known_load_is_known_on_another_base(void **state) {
    (void)state;
    meter m = meter_start(10, 11);
    set_load(&m, 150, 100);
    assert_true(run(&m, 900));
    for (int i = 0; i < 3; i++) {
        set_load(&m, 120, 160);
        assert_true(run(&m, 600));
        set_load(&m, -120, -160);
        assert_true(run(&m, 600));
    }
    set_load(&m, 2000, 0);
    assert_true(run(&m, 300));
    set_load(&m, 120, 160);
    assert_true(run(&m, 10));
    assert_power(&m, 25);
}

/* Any of some loads switches every half minute or so; one at a time. */
static void bounds_hold_the_truth_of_any_home(void **state) {
    (void)state;
    static const double load[][2] = {{100, 70}, {60, -100}, {2000, 30}, {150, 0}, {800, 300}, {35, 20}};
    for (uint32_t seed = 1; seed <= 20; seed++) {
        bool on[COUNT(load)] = {false};
        meter m = meter_start(seed % 2 ? 100 : 10, seed);
        set_load(&m, 60, -40);
        for (int i = 0; i < 300; i++) {
            size_t k = (size_t)(draw(&m) * (double)COUNT(load));
            set_load(&m, on[k] ? -load[k][0] : load[k][0], on[k] ? -load[k][1] : load[k][1]);
            on[k] = !on[k];
            run(&m, 10 + 50 * draw(&m));
        }
        if (m.outside * 100 > m.frames) fail_msg("seed %u: %u of %u frames", seed, m.outside, m.frames);
    }
}

static void lost_frames_and_long_distances_change_nothing_but_the_time_it_takes(void **state) {
    (void)state;
    meter m = meter_start(10, 5);
    set_load(&m, 400, 250);
    for (int i = 0; i < 60; i++) {
        pass(&m, 10 + 110 * draw(&m));
        push(&m, frame_of(&m));
        assert_true(m.told.low <= 4000 && m.told.high >= 4000);
    }
    assert_power(&m, 12);
}

static void what_is_not_said_is_not_used(void **state) {
    (void)state;
    meter m = meter_start(10, 9);
    push(&m, (dcl_mcu_fusion_frame){.flags = DCL_FUSION_NO_APPARENT});
    assert_true(m.told.low == 0 && m.told.high == DCL_FUSION_MOST && m.told.factor_high == 10000);
    set_load(&m, 500, 200);
    for (int i = 0; i < 600; i++) {
        pass(&m, 1.5);
        dcl_mcu_fusion_frame frame = frame_of(&m);
        if (i % 3 == 1) frame.flags = DCL_FUSION_NO_INDEX, frame.index_wh = 77;
        if (i % 5 == 2) frame.flags |= DCL_FUSION_NO_APPARENT, frame.apparent = 9;
        push(&m, frame);
    }
    assert_power(&m, 8);
}

static void a_frame_of_the_same_moment_changes_nothing(void **state) {
    (void)state;
    meter m = meter_start(10, 9);
    set_load(&m, 500, 200);
    run(&m, 300);
    dcl_mcu_fusion_power before = m.told;
    dcl_mcu_fusion_frame frame = frame_of(&m);
    frame.apparent += 5000;
    push(&m, frame);
    assert_memory_equal(&m.told, &before, sizeof before);
}

/* An index that jumps or falls, a silence, a clock set back: all is possible again, then known again. */
static void what_does_not_follow_begins_anew(void **state) {
    (void)state;
    static const struct {
        const char *what;
        double wh, seconds;
    } breaks[] = {{"jump", 5000, 0},
                  {"fall", -5000, 0},
                  {"reset", -4294967295.0, 0},
                  {"silence", 0, 3600},
                  {"back", 0, -7200}};
    for (size_t i = 0; i < COUNT(breaks); i++) {
        meter m = meter_start(10, 13);
        set_load(&m, 500, 200);
        run(&m, 300);
        assert_true(m.told.low > 4500);
        m.energy_wh += breaks[i].wh;
        m.time_s += breaks[i].seconds;
        pass(&m, 1.5);
        push(&m, frame_of(&m));
        if (m.told.low > 1000) fail_msg("%s: still %d", breaks[i].what, (int)m.told.low);
        assert_power(&m, 30); /* the same ratio is still the best guess */
        assert_true(run(&m, 300));
        assert_power(&m, 10);
    }
}

static void a_home_that_exports_draws_nothing(void **state) {
    (void)state;
    meter m = meter_start(10, 17);
    set_load(&m, 500, 200);
    run(&m, 300);
    dcl_mcu_fusion_frame frame = frame_of(&m);
    frame.time_ms += 1500;
    frame.flags = DCL_FUSION_EXPORTS;
    push(&m, frame);
    assert_int_equal(m.told.power, 0);
    assert_int_equal(m.told.high, 0);
    assert_true(run(&m, 300));
    assert_power(&m, 10);
}

static void nothing_drawn_is_nothing(void **state) {
    (void)state;
    meter m = meter_start(100, 19);
    run(&m, 600);
    assert_power(&m, 8);
    assert_int_equal(m.told.low, 0);
}

/* No frame, however wild, breaks what a caller relies on. */
static void any_frames_keep_the_order_of_the_bounds(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        meter m = meter_start(seed % 3 ? 100 : 10, seed);
        dcl_mcu_fusion_frame frame = {0};
        dcl_mcu_fusion_init(&m.fusion, (int32_t)(draw(&m) * 3000) - 500, (int32_t)(draw(&m) * 5000) - 1000);
        for (int i = 0; i < 3000; i++) {
            double kind = draw(&m);
            frame.time_ms += (uint32_t)(draw(&m) * (kind < 0.8 ? 3000 : kind < 0.99 ? 140000 : 4e9));
            frame.index_wh += (uint32_t)(draw(&m) * (kind < 0.7 ? 3 : kind < 0.98 ? 2000 : 4e9));
            if (draw(&m) < 0.3) frame.apparent = (int32_t)(draw(&m) * (kind < 0.9 ? 9000 : 420000)) - 20;
            frame.flags = draw(&m) < 0.9 ? 0 : (uint32_t)(draw(&m) * 8);
            push(&m, frame);
            dcl_mcu_fusion_step step;
            const dcl_mcu_fusion_power *p = &m.told;
            assert_true(p->low >= 0 && p->low <= p->power && p->power <= p->high && p->high < 500000);
            assert_true(p->factor_low <= p->factor && p->factor <= p->factor_high && p->factor_high <= 10000);
            dcl_mcu_fusion_last_step(&m.fusion, &step);
            assert_true(step.factor <= 10000 && step.factor_low <= step.factor_high);
        }
    }
}

static void geometry_is_that_of_real_numbers(void **state) {
    (void)state;
    meter m = meter_start(10, 23);
    for (int i = 0; i < 20000; i++) {
        int32_t a = (int32_t)(draw(&m) * 400000) >> (int)(draw(&m) * 18), b = (int32_t)(draw(&m) * 400000);
        int32_t c = a > b ? a : b, d = a > b ? b : a;
        double leg = sqrt((double)c * c - (double)d * d), hypotenuse = hypot(a, b);
        assert_true(fabs(dcl_mcu_fusion_hypotenuse(a, -b) - hypotenuse) <= 1 + hypotenuse / 8192);
        assert_true(fabs(dcl_mcu_fusion_leg(c, d) - leg) <= 1 + (double)c / 200);
        if (c) assert_true(fabs(dcl_mcu_fusion_ratio(d, c) - 65536.0 * d / c) <= 4);
        uint32_t ms = (uint32_t)(draw(&m) * DCL_FUSION_HOLE_MS);
        assert_true(fabs(dcl_mcu_fusion_energy(a, ms) - (double)a * ms / 36e6 * DCL_WH) <=
                    1.5 + (double)a * ms * 1e-9);
    }
    assert_int_equal(dcl_mcu_fusion_ratio(5, 0), 2 * DCL_ONE_Q16);
    assert_int_equal(dcl_mcu_fusion_leg(5, 9), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_tell_the_power_of_a_steady_load),
        cmocka_unit_test(a_load_that_comes_back_is_known_at_once),
        cmocka_unit_test(a_known_load_is_known_on_another_base),
        cmocka_unit_test(bounds_hold_the_truth_of_any_home),
        cmocka_unit_test(lost_frames_and_long_distances_change_nothing_but_the_time_it_takes),
        cmocka_unit_test(what_is_not_said_is_not_used),
        cmocka_unit_test(a_frame_of_the_same_moment_changes_nothing),
        cmocka_unit_test(what_does_not_follow_begins_anew),
        cmocka_unit_test(a_home_that_exports_draws_nothing),
        cmocka_unit_test(nothing_drawn_is_nothing),
        cmocka_unit_test(any_frames_keep_the_order_of_the_bounds),
        cmocka_unit_test(geometry_is_that_of_real_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
