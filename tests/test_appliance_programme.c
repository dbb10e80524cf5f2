#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>
#include <declic/town.h>

/* A cycle as minutes and W; group 1 is a fridge of a regular period. */
typedef struct plain {
    double from, to, w;
    uint32_t group;
} plain;

enum { MOST = 48, TURNS = 30 };

static size_t find(const plain *list, size_t n, dcl_arena *arena, dcl_programme **out, uint32_t *member) {
    static dcl_cycle cycle[MOST];
    static dcl_recurrence fridge = {.period_s = 3600};
    for (size_t i = 0; i < n; i++) {
        cycle[i] =
            (dcl_cycle){.start_us = (int64_t)(list[i].from * 60e6), .end_us = (int64_t)(list[i].to * 60e6)};
        cycle[i].mean_w = (float)list[i].w;
        cycle[i].energy_wh = list[i].w * (list[i].to - list[i].from) / 60;
        cycle[i].group = list[i].group;
    }
    dcl_cycles cycles = {.cycle = cycle, .n = n, .recurrence = &fridge, .n_recurrence = 1};
    dcl_programme_options options = dcl_programme_defaults();
    dcl_error error;
    size_t found;
    assert_int_equal(dcl_programmes_find(&cycles, &options, arena, out, &found, member, &error), DCL_OK);
    return found;
}

static void a_wash_is_put_together_and_the_fridge_left_out(void **state) {
    (void)state;
    static const plain wash[] = {{0, 3, 150, 0},    {5, 20, 2000, 0}, {10, 30, 90, 1},  {22, 30, 180, 0},
                                 {40, 42, 1980, 0}, {50, 70, 200, 0}, {72, 80, 450, 0}, {300, 303, 2000, 0}};
    dcl_arena arena = {0};
    dcl_programme *p;
    uint32_t member[8];
    assert_int_equal(find(wash, 8, &arena, &p, member), 1);
    static const uint32_t want[8] = {1, 1, 0, 1, 1, 1, 1, 0};
    assert_memory_equal(member, want, sizeof want);
    assert_int_equal(p->blocks, 2);
    assert_int_equal(p->n, 6);
    assert_true(p->start_us == 0 && p->end_us == 80 * DCL_MINUTE_US);
    assert_true(p->heat_s == 17 * 60 && fabsf(p->heat_w - 1997.6f) < 1);
    static const int kinds[] = {DCL_PHASE_MOTOR, DCL_PHASE_HEAT,  DCL_PHASE_MOTOR,
                                DCL_PHASE_HEAT,  DCL_PHASE_MOTOR, DCL_PHASE_MOTOR};
    for (size_t i = 0; i < 6; i++) assert_int_equal(p->phase[i].kind, kinds[i]);
    assert_true(fabs(p->energy_wh - (150 * 3 + 2000 * 15 + 180 * 8 + 1980 * 2 + 200 * 20 + 450 * 8) / 60.0) <
                0.01);
    dcl_arena_free(&arena);
}

static void what_only_heats_is_no_programme(void **state) {
    (void)state;
    static const struct {
        plain list[4];
        size_t n;
    } cases[] = {
        {{{0, 3, 2000, 0}, {30, 33, 2000, 0}}, 2},    /* a kettle, twice */
        {{{0, 240, 2400, 0}}, 1},                     /* a water heater at night */
        {{{0, 10, 2000, 0}, {20, 30, 1500, 0}}, 2},   /* two elements */
        {{{0, 10, 2000, 0}, {100, 110, 2000, 0}}, 2}, /* an hour and a half apart */
        {{{0, 10, 2000, 0}, {20, 40, 90, 1}}, 2},     /* the fridge follows */
        {{{0, 20, 300, 0}, {30, 50, 300, 0}}, 2},     /* no heating at all */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_programme *p;
        if (find(cases[i].list, cases[i].n, &arena, &p, NULL) != 0) fail_msg("case %zu", i);
        dcl_arena_free(&arena);
    }
}

static int by_start(const void *a, const void *b) {
    const plain *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* A drum that turns for half an hour while its water is heated once, and what else heats meanwhile. */
static void what_another_machine_heats_meanwhile_is_left_to_it(void **state) {
    (void)state;
    static const struct {
        plain heats[4]; /* the wash's own first */
        size_t n, own;
        float w;
    } cases[] = {
        {{{2, 10, 2000, 0}}, 1, 1, 2000},
        {{{2, 10, 2000, 0}, {12, 17, 2600, 0}}, 2, 1, 2000},                    /* an oven after it */
        {{{2, 10, 2000, 0}, {3, 6, 1500, 0}, {20, 23, 1450, 0}}, 3, 1, 2000},   /* a room's heater */
        {{{2, 10, 2000, 0}, {14, 16, 2150, 0}, {22, 24, 1900, 0}}, 3, 3, 2010}, /* its own, held warm */
        {{{2, 10, 2000, 0}, {4, 9, 2050, 0}}, 2, 1, 2000},                      /* two at once: the longer */
        {{{2, 10, 2000, 0}, {18, 29, 2700, 0}}, 2, 1, 2000}, /* more, but in the second half */
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        plain list[TURNS + 4];
        uint32_t member[TURNS + 4];
        dcl_arena arena = {0};
        dcl_programme *p;
        size_t n = TURNS + cases[c].n, own = 0;
        for (size_t i = 0; i < TURNS; i++) list[i] = (plain){(double)i + 0.01, (double)i + 0.3, 180, 0};
        memcpy(list + TURNS, cases[c].heats, cases[c].n * sizeof *list);
        qsort(list, n, sizeof *list, by_start);
        if (find(list, n, &arena, &p, member) < 1) fail_msg("case %zu: no programme", c);
        for (size_t i = 0; i < n; i++) own += list[i].w > 1000 && member[i] == 1;
        if (own != cases[c].own || p->blocks != own || fabsf(p->heat_w - cases[c].w) > 25)
            fail_msg("case %zu: %zu blocks of %g W", c, own, (double)p->heat_w);
        dcl_arena_free(&arena);
    }
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    dcl_cycles none = {0};
    dcl_programme_options options = dcl_programme_defaults();
    dcl_arena arena = {0};
    dcl_programme *p;
    size_t n = 7;
    dcl_error error;
    assert_int_equal(dcl_programmes_find(&none, &options, &arena, &p, &n, NULL, &error), DCL_OK);
    assert_int_equal(n, 0);
    options.motor_w = 1200;
    assert_int_equal(dcl_programmes_find(&none, &options, &arena, &p, &n, NULL, &error), DCL_E_ARG);
    dcl_arena_free(&arena);
}

/* Truth of a simulated home's washes, and programmes found in its mains: each wash once, by its heating. */
/* True where a machine with phases ran meanwhile: one that heats and turns, or that a thermostat switches. */
static bool is_of_a_machine(const dcl_programme *p, const dcl_town_truth *truth) {
    static const dcl_appliance machines[] = {DCL_APPLIANCE_WASHING_MACHINE,
                                             DCL_APPLIANCE_DISHWASHER,
                                             DCL_APPLIANCE_DRYER,
                                             DCL_APPLIANCE_OVEN,
                                             DCL_APPLIANCE_HOB,
                                             DCL_APPLIANCE_COFFEE_MACHINE,
                                             DCL_APPLIANCE_SPACE_HEATER};
    for (size_t i = 0; i < truth->n; i++)
        for (size_t m = 0; m < sizeof machines / sizeof *machines; m++)
            if (truth->cycle[i].kind == machines[m] && truth->cycle[i].start_us < p->end_us &&
                truth->cycle[i].end_us > p->start_us)
                return true;
    return false;
}

static void washes_of_a_simulated_home_are_found_in_the_mains(void **state) {
    (void)state;
    dcl_kernels kernels;
    dcl_zone *zone = NULL;
    dcl_arena arena = {0};
    dcl_error error;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    assert_int_equal(dcl_zone_open("Europe/Paris", &zone, &error), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1, .seed = 5, .zone = zone};
    size_t washes = 0, hits = 0, others = 0;
    for (uint32_t home = 0; home < 4; home++) {
        dcl_town_options options = dcl_town_defaults();
        options.days = 7;
        options.home = home;
        options.share[DCL_HOUSEHOLD_FAMILY_GAS] = 1;
        dcl_home of;
        dcl_town_truth truth;
        dcl_cycles cycles;
        dcl_cycle_options cycle_options = dcl_cycle_defaults();
        dcl_programme_options programme_options = dcl_programme_defaults();
        dcl_programme *p;
        size_t n;
        assert_int_equal(dcl_town_home(&context, &options, &arena, &of, &truth, &error), DCL_OK);
        assert_int_equal(dcl_cycles_find(&context, &of, &cycle_options, NULL, &arena, &cycles, &error),
                         DCL_OK);
        assert_int_equal(dcl_programmes_find(&cycles, &programme_options, &arena, &p, &n, NULL, &error),
                         DCL_OK);
        for (size_t k = 0; k < n; k++) others += !is_of_a_machine(&p[k], &truth);
        for (size_t i = 0; i < truth.n; i++) {
            const dcl_town_cycle *c = &truth.cycle[i];
            if (c->kind != DCL_APPLIANCE_WASHING_MACHINE) continue;
            washes++;
            size_t k = 0;
            while (k < n && (p[k].end_us < c->start_us || p[k].start_us > c->end_us)) k++;
            hits += k < n;
        }
    }
    print_message("washes %zu, found %zu, programmes of nothing that has phases %zu\n", washes, hits, others);
    assert_true(washes >= 5);
    assert_true(hits * 10 >= washes * 8);
    assert_true(others <= washes / 4);
    dcl_zone_close(&zone);
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wash_is_put_together_and_the_fridge_left_out),
        cmocka_unit_test(what_only_heats_is_no_programme),
        cmocka_unit_test(what_another_machine_heats_meanwhile_is_left_to_it),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(washes_of_a_simulated_home_are_found_in_the_mains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
