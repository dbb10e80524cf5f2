#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <declic/appliance_types.h>

static void unknowns_are_described_and_numbered_by_energy(void **state) {
    (void)state;
    dcl_recurrence of[5] = {{.mean_w = 124.6f, .on_s = 76, .period_s = NAN},
                            {.mean_w = 1240, .on_s = 2400, .period_s = NAN},
                            {.mean_w = 94.5f, .on_s = 1420, .period_s = 4200},
                            {.mean_w = 60, .on_s = 9000, .period_s = NAN},
                            {.mean_w = 999.6f, .on_s = 89, .period_s = NAN}};
    for (int h = 0; h < 24; h++) of[0].start_hour[h] = 3; /* at any time */
    of[1].start_hour[5] = 4, of[1].start_hour[10] = 3, of[1].start_hour[16] = 2;
    of[3].start_hour[23] = 5, of[3].start_hour[4] = 5, of[3].start_hour[17] = 1;
    dcl_cycle cycle[5] = {{.group = 1, .energy_wh = 10},
                          {.group = 2, .energy_wh = 900},
                          {.group = 3, .energy_wh = 300},
                          {.group = 4, .energy_wh = NAN},
                          {.group = 5, .energy_wh = 5000}};
    cycle[4].appliance = DCL_APPLIANCE_KETTLE; /* has a name already */
    dcl_cycles cycles = {.cycle = cycle, .n = 5, .recurrence = of, .n_recurrence = 5};
    dcl_arena arena = {0};
    dcl_unknown *unknown;
    size_t n;
    assert_int_equal(dcl_unknowns_find(&cycles, NULL, &arena, &unknown, &n, NULL), DCL_OK);
    static const char *const want[] = {"unknown 1: 1.2 kW, 40 min, mornings",
                                       "unknown 2: 94 W, 24 min, every 70 min", "unknown 3: 125 W, 76 s",
                                       "unknown 4: 60 W, 2.5 h, nights"};
    assert_int_equal(n, 4);
    for (size_t i = 0; i < 4; i++) assert_string_equal(unknown[i].text, want[i]);
    assert_int_equal(unknown[0].recurrence, 1);
    dcl_arena_free(&arena);
}

static void a_home_without_recurrences_has_none(void **state) {
    (void)state;
    dcl_cycles cycles = {0};
    dcl_arena arena = {0};
    dcl_unknown *unknown;
    size_t n = 1;
    assert_int_equal(dcl_unknowns_find(&cycles, NULL, &arena, &unknown, &n, NULL), DCL_OK);
    assert_int_equal(n, 0);
    dcl_arena_free(&arena);
    arena.limit = 1;
    dcl_error error;
    assert_int_equal(dcl_unknowns_find(&cycles, NULL, &arena, &unknown, &n, &error), DCL_E_MEMORY);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknowns_are_described_and_numbered_by_energy),
        cmocka_unit_test(a_home_without_recurrences_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
