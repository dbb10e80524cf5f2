#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "load_day.h"

static dcl_kernels kernels;
static dcl_arena arena;
static dcl_identifier model;

static int begin(void **state) {
    (void)state;
    if (dcl_kernels_select(NULL, &kernels, NULL)) return -1;
    return dcl_identifier_shipped(&arena, &model, NULL) == DCL_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    dcl_arena_free(&arena);
    return 0;
}

static uint32_t label_of(const char *name) {
    for (uint32_t k = 0; k < model.classes; k++) {
        if (strcmp(model.label[k], name) == 0) return k;
    }
    fail_msg("no label %s", name);
    return 0;
}

static void it_knows_what_homes_have_and_tells_single_devices(void **state) {
    (void)state;
    static const char *const wanted[] = {"fridge",  "kettle",    "washing_machine", "dishwasher",
                                         "dryer",   "microwave", "coffee_machine",  "television",
                                         "freezer", "computer",  "lights"};
    size_t single = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_true(model.devices[label_of(wanted[i])] > 0);
        assert_true(dcl_type_kind(wanted[i]) != DCL_APPLIANCE_UNKNOWN);
    }
    for (uint32_t k = 0; k < model.classes; k++) single += model.devices[k] == 1;
    assert_true(single > 0 && model.devices[label_of("iron")] == 1);
}

/* A clear load is called what it is, or nothing; never anything else. */
static void clear_loads_get_their_name_or_none(void **state) {
    (void)state;
    static const char *const name[2] = {"kettle", "fridge"};
    static float value[LOAD_DAY];
    for (uint32_t kind = 0; kind < 2; kind++) {
        size_t named = 0;
        for (uint32_t device = 0; device < 8; device++) {
            dcl_arena own = {0};
            dcl_load_day day;
            dcl_answer answer;
            dcl_run_options options = dcl_run_defaults();
            dcl_series power = load_day(kind, device, 0, value);
            dcl_load load = {.power_w = &power};
            assert_int_equal(dcl_load_describe(&load, &options, &own, &day, NULL), DCL_OK);
            assert_int_equal(
                dcl_identify_day(&kernels, &model, day.day, day.run, day.runs.n, NULL, &answer, NULL),
                DCL_OK);
            assert_true(answer.label == UINT32_MAX || answer.label == label_of(name[kind]));
            named += answer.label != UINT32_MAX;
            dcl_arena_free(&own);
        }
        if (kind == 0 && named < 4) fail_msg("%zu of 8 kettles named", named);
    }
}

static void a_cycle_of_the_mains_has_a_view(void **state) {
    (void)state;
    static float value[LOAD_DAY];
    static const size_t own_numbers[] = {DCL_RUN_STANDBY_W, DCL_RUN_SINCE_S, DCL_RUN_UNTIL_S, DCL_RUN_WHOLE};
    dcl_arena own = {0};
    dcl_load_day day;
    dcl_answer answer;
    dcl_run_options options = dcl_run_defaults();
    dcl_series power = load_day(0, 1, 0, value);
    dcl_load load = {.power_w = &power};
    assert_int_equal(dcl_load_describe(&load, &options, &own, &day, NULL), DCL_OK);
    for (size_t f = 0; f < 4; f++) day.run[own_numbers[f]] = NAN;
    assert_int_equal(dcl_identify(&kernels, &model, DCL_SIGNATURE_RUN, day.run, NULL, &answer, NULL), DCL_OK);
    assert_non_null(answer.view);
    assert_int_equal(answer.view->needs & DCL_NEEDS_OWN, 0);
    assert_int_equal(answer.likeliest, label_of("kettle"));
    dcl_arena_free(&own);
}

static void bytes_that_are_cut_or_foreign_are_refused(void **state) {
    (void)state;
    dcl_error error;
    dcl_identifier none;
    assert_int_equal(dcl_identifier_open("DCLMODEL", 8, &arena, &none, &error), DCL_E_FORMAT);
    assert_int_equal(dcl_identifier_open("", 0, &arena, &none, &error), DCL_E_FORMAT);
    static const char foreign[100] = "GIF89a";
    assert_int_equal(dcl_identifier_open(foreign, sizeof foreign, &arena, &none, &error), DCL_E_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_knows_what_homes_have_and_tells_single_devices),
        cmocka_unit_test(clear_loads_get_their_name_or_none),
        cmocka_unit_test(a_cycle_of_the_mains_has_a_view),
        cmocka_unit_test(bytes_that_are_cut_or_foreign_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
