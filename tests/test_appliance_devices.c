#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "load_day.h"

enum { EACH = 5, DEVICES = LOAD_KINDS * EACH, DAYS = 4, N = DEVICES * DAYS };

/* Five devices a kind, four days each. */
typedef struct taught {
    dcl_device device[DEVICES];
    dcl_device_day day[N];
    dcl_devices of;
    dcl_arena arena;
} taught;

static dcl_kernels kernels;
static dcl_context context;
static taught t;

static int begin(void **state) {
    (void)state;
    static float value[LOAD_DAY];
    context = (dcl_context){.kernels = &kernels, .threads = 2, .seed = 3};
    for (uint32_t i = 0; i < N; i++) {
        uint32_t device = i / DAYS, kind = device / EACH;
        snprintf(t.device[device].id, sizeof t.device->id, "%s_%u", load_label[kind], device % EACH);
        t.device[device].label = kind;
        dcl_series power = load_day(kind, device % EACH, i % DAYS, value);
        dcl_load load = {.power_w = &power};
        if (dcl_device_day_describe(&load, &t.arena, &t.day[i], NULL)) return -1;
        t.day[i].device = device;
    }
    t.of = (dcl_devices){load_label, LOAD_KINDS, t.device, DEVICES, t.day, N};
    return dcl_kernels_select(NULL, &kernels, NULL) == DCL_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    dcl_arena_free(&t.arena);
    return 0;
}

static void a_day_is_described_at_each_scale(void **state) {
    (void)state;
    static const double scale[DCL_DEVICE_SCALES] = {1, 0.8, 1.25};
    const dcl_device_day *day = &t.day[0];
    for (size_t k = 0; k < DCL_DEVICE_SCALES; k++) {
        assert_int_equal(day->at[k].runs.n, day->at[0].runs.n);
        double ratio = (double)(day->at[k].run[DCL_RUN_MEAN_W] / day->at[0].run[DCL_RUN_MEAN_W]);
        assert_true(fabs(ratio - scale[k]) < 0.01);
    }
}

static void a_day_below_a_watt_hour_names_nothing(void **state) {
    (void)state;
    static float value[LOAD_DAY];
    dcl_arena arena = {0};
    dcl_device_day day;
    dcl_error error;
    dcl_series power = load_day(2, 0, 0, value);
    dcl_load load = {.power_w = &power};
    power.n = 100; /* 0.5 W of standby over 1000 s */
    assert_int_equal(dcl_device_day_describe(&load, &arena, &day, &error), DCL_E_NO_DATA);
    for (size_t i = 0; i < LOAD_DAY; i++) value[i] = NAN;
    assert_int_equal(dcl_device_day_describe(&load, &arena, &day, &error), DCL_E_NO_DATA);
    dcl_arena_free(&arena);
}

/* The share of days of the devices left out that get their own name. */
static void devices_left_out_are_named_by_the_others(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_identifier model;
    dcl_devices_options options = dcl_devices_defaults();
    dcl_error error;
    size_t right = 0, asked = 0;
    for (size_t d = 0; d < DEVICES; d++) t.device[d].left_out = d % EACH == 0;
    if (dcl_devices_learn(&context, &t.of, &options, &arena, &model, &error)) fail_msg("%s", error.msg);
    for (uint32_t k = 0; k < LOAD_KINDS; k++) assert_int_equal(model.devices[k], EACH - 1);
    for (size_t i = 0; i < N; i++) {
        const dcl_load_day *of = &t.day[i].at[0];
        dcl_answer answer;
        if (!t.device[t.day[i].device].left_out) continue;
        assert_int_equal(
            dcl_identify_day(&kernels, &model, of->day, of->run, of->runs.n, NULL, &answer, NULL), DCL_OK);
        asked++;
        right += answer.likeliest == t.device[t.day[i].device].label;
    }
    assert_int_equal(asked, LOAD_KINDS * DAYS);
    assert_int_equal(right, asked);
    for (size_t d = 0; d < DEVICES; d++) t.device[d].left_out = false;
    dcl_arena_free(&arena);
}

static const uint32_t own_numbers[] = {DCL_RUN_STANDBY_W, DCL_RUN_SINCE_S, DCL_RUN_UNTIL_S, DCL_RUN_WHOLE};

static void a_cycle_of_the_mains_is_named_without_what_a_plug_alone_knows(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_identifier model;
    dcl_devices_options options = dcl_devices_defaults();
    size_t right = 0, asked = 0;
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &model, NULL), DCL_OK);
    for (size_t i = 0; i < N; i++) {
        float cycle[DCL_RUN_COUNT];
        dcl_answer answer;
        memcpy(cycle, t.day[i].at[0].run, sizeof cycle);
        for (size_t f = 0; f < 4; f++) cycle[own_numbers[f]] = NAN;
        assert_int_equal(dcl_identify(&kernels, &model, DCL_SIGNATURE_RUN, cycle, NULL, &answer, NULL),
                         DCL_OK);
        assert_non_null(answer.view);
        assert_int_equal(answer.view->needs & DCL_NEEDS_OWN, 0);
        asked++;
        right += answer.likeliest == t.device[t.day[i].device].label;
    }
    assert_true(10 * right >= 9 * asked);
    dcl_arena_free(&arena);
}

static void plugs_are_answered_as_if_there_were_no_view_for_the_mains(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_identifier model, plugs;
    dcl_view view[DCL_IDENTIFIER_VIEWS];
    dcl_devices_options options = dcl_devices_defaults();
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &model, NULL), DCL_OK);
    plugs = model;
    plugs.view = view;
    plugs.n_views = 0;
    for (size_t v = 0; v < model.n_views; v++) {
        if (model.view[v].kind == DCL_SIGNATURE_DAY || model.view[v].needs & DCL_NEEDS_OWN)
            view[plugs.n_views++] = model.view[v];
    }
    assert_true(plugs.n_views == 3 && model.n_views == 5);
    for (size_t i = 0; i < N; i++) {
        const dcl_load_day *of = &t.day[i].at[0];
        double a[LOAD_KINDS], b[LOAD_KINDS];
        dcl_answer answer;
        assert_int_equal(dcl_identify_day(&kernels, &model, of->day, of->run, of->runs.n, a, &answer, NULL),
                         DCL_OK);
        assert_int_equal(dcl_identify_day(&kernels, &plugs, of->day, of->run, of->runs.n, b, &answer, NULL),
                         DCL_OK);
        assert_memory_equal(a, b, sizeof a);
    }
    dcl_arena_free(&arena);
}

static void runs_of_a_device_are_drawn_where_there_are_many(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_identifier few, many;
    dcl_devices_options options = dcl_devices_defaults();
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &many, NULL), DCL_OK);
    options.runs = 5;
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &few, NULL), DCL_OK);
    size_t vectors[2] = {0};
    for (size_t v = 0; v < few.n_views; v++)
        vectors[0] += few.view[v].svm.n, vectors[1] += many.view[v].svm.n;
    assert_true(vectors[0] < vectors[1]);
    dcl_arena_free(&arena);
}

static void devices_without_label_and_days_without_device_are_refused(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_identifier model;
    dcl_devices_options options = dcl_devices_defaults();
    dcl_error error;
    t.device[3].label = LOAD_KINDS;
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &model, &error), DCL_E_ARG);
    t.device[3].label = 0;
    t.day[7].device = DEVICES;
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &model, &error), DCL_E_ARG);
    t.day[7].device = 7 / DAYS;
    for (size_t d = EACH; d < DEVICES; d++) t.device[d].left_out = true; /* kettles alone */
    assert_int_equal(dcl_devices_learn(&context, &t.of, &options, &arena, &model, &error), DCL_E_NO_DATA);
    for (size_t d = 0; d < DEVICES; d++) t.device[d].left_out = false;
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_described_at_each_scale),
        cmocka_unit_test(a_day_below_a_watt_hour_names_nothing),
        cmocka_unit_test(devices_left_out_are_named_by_the_others),
        cmocka_unit_test(a_cycle_of_the_mains_is_named_without_what_a_plug_alone_knows),
        cmocka_unit_test(plugs_are_answered_as_if_there_were_no_view_for_the_mains),
        cmocka_unit_test(runs_of_a_device_are_drawn_where_there_are_many),
        cmocka_unit_test(devices_without_label_and_days_without_device_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
