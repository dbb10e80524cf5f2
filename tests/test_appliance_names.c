#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_names.h>
#include <declic/town.h>

static dcl_kernels kernels;
static dcl_zone *zone;
static dcl_context context = {.kernels = &kernels, .threads = 1, .seed = 5};

/* ---------------------------------------------------------------- an identifier, taught by simulated appliances */

enum { TAUGHT = 5, HOMES = 4, ROWS = 4000 };
static const char *const taught[TAUGHT] = {"fridge", "kettle", "washing_machine", "water_heater", "lights"};
static dcl_arena kept;
static dcl_identifier identifier;

static size_t describe(const dcl_home *home, uint32_t h, float *x, uint32_t *label, uint32_t *group,
                       size_t n) {
    for (size_t t = 0; t < home->n_truth; t++) {
        uint32_t k = 0;
        while (k < TAUGHT && strcmp(home->truth_name[t], taught[k]) != 0) k++;
        if (k == TAUGHT) continue;
        dcl_arena arena = {0};
        dcl_load load = {.power_w = &home->truth[t]};
        dcl_load_day day;
        dcl_run_options options = dcl_run_defaults();
        assert_int_equal(dcl_load_describe(&load, &options, &arena, &day, NULL), DCL_OK);
        for (size_t r = 0; r < day.runs.n && r < 40 && n < ROWS; r++, n++) {
            for (size_t f = 0; f < DCL_RUN_COUNT; f++)
                x[n * DCL_RUN_COUNT + f] = dcl_signature_needs(DCL_SIGNATURE_RUN, f) & DCL_NEEDS_OWN
                                               ? NAN
                                               : day.run[r * DCL_RUN_COUNT + f];
            label[n] = k;
            group[n] = h * TAUGHT + k;
        }
        dcl_arena_free(&arena);
    }
    return n;
}

static void simulate(uint32_t home, int days, dcl_arena *arena, dcl_home *out, dcl_town_truth *truth) {
    dcl_town_options options = dcl_town_defaults();
    options.home = home;
    options.days = days;
    assert_int_equal(dcl_town_home(&context, &options, arena, out, truth, NULL), DCL_OK);
}

static int open_all(void **state) {
    (void)state;
    float *x = malloc(ROWS * DCL_RUN_COUNT * sizeof *x);
    uint32_t *label = malloc(ROWS * sizeof *label), *group = malloc(ROWS * sizeof *group);
    size_t n = 0;
    if (!x || !label || !group || dcl_kernels_select(NULL, &kernels, NULL) ||
        dcl_zone_open("Europe/Paris", &zone, NULL))
        return 1;
    context.zone = zone;
    for (uint32_t h = 0; h < HOMES; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        simulate(10 + h, 7, &arena, &home, NULL);
        n = describe(&home, h, x, label, group, n);
        dcl_arena_free(&arena);
    }
    dcl_examples examples = {DCL_SIGNATURE_RUN, x, label, group, n, 0};
    dcl_identifier_options options = dcl_identifier_defaults();
    options.svm = (dcl_svm_options){.c = {1}, .gamma = {0.6}, .n_c = 1, .n_gamma = 1, .folds = 3};
    options.except |= DCL_NEEDS_OWN;
    dcl_status status =
        dcl_identifier_learn(&context, taught, TAUGHT, &examples, 1, &options, &kept, &identifier, NULL);
    free(x), free(label), free(group);
    return status != DCL_OK;
}

static int close_all(void **state) {
    (void)state;
    dcl_arena_free(&kept);
    dcl_zone_close(&zone);
    return 0;
}

static void find(const dcl_home *home, dcl_arena *arena, dcl_cycles *cycles, dcl_names *names) {
    dcl_cycle_options how = dcl_cycle_defaults();
    dcl_name_options options = dcl_name_defaults();
    assert_int_equal(dcl_cycles_find(&context, home, &how, NULL, arena, cycles, NULL), DCL_OK);
    assert_int_equal(dcl_cycles_name(&context, home, cycles, &identifier, &options, arena, names, NULL),
                     DCL_OK);
}

/* Whether an appliance of that kind ran at some time between the two moments. */
static bool ran(const dcl_town_truth *truth, dcl_appliance kind, int64_t from_us, int64_t to_us) {
    for (size_t i = 0; i < truth->n; i++)
        if (truth->cycle[i].kind == kind && truth->cycle[i].start_us < to_us &&
            truth->cycle[i].end_us > from_us)
            return true;
    return false;
}

/* ---------------------------------------------------------------- homes */

static void machines_get_a_name_and_hardly_one_is_wrong(void **state) {
    (void)state;
    size_t machines = 0, wrong_machines = 0, wrong = 0, all = 0;
    for (uint32_t h = 0; h < 3; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_truth truth;
        dcl_cycles cycles;
        dcl_names names;
        simulate(h, 14, &arena, &home, &truth);
        find(&home, &arena, &cycles, &names);
        assert_int_equal(names.looked, cycles.n);
        assert_true(names.alone > 0 && names.alone < cycles.n);
        size_t named = 0;
        for (size_t i = 0; i < cycles.n; i++) {
            const dcl_cycle *c = &cycles.cycle[i];
            named += c->appliance != DCL_APPLIANCE_UNKNOWN;
            wrong += c->appliance && !ran(&truth, c->appliance, c->start_us, c->end_us);
            all += c->appliance != DCL_APPLIANCE_UNKNOWN;
            if (c->appliance) assert_true(c->confidence <= 0.9f);
        }
        assert_int_equal(named, names.named);
        for (size_t p = 0; p < names.n_programmes; p++) {
            const dcl_programme *of = &names.programme[p].programme;
            wrong_machines += !ran(&truth, names.programme[p].appliance, of->start_us, of->end_us);
            assert_true(names.programme[p].appliance == DCL_APPLIANCE_WASHING_MACHINE ||
                        names.programme[p].appliance == DCL_APPLIANCE_DISHWASHER);
            if (p)
                assert_true(names.programme[p].programme.start_us >
                            names.programme[p - 1].programme.start_us);
        }
        machines += names.n_programmes;
        dcl_arena_free(&arena);
    }
    print_message("named %zu, wrong %zu, programmes %zu, wrong %zu\n", all, wrong, machines, wrong_machines);
    assert_true(all >= 2500 && wrong * 300 <= all);
    assert_true(machines >= 8 && wrong_machines <= 1);
}

static void kettles_get_their_name_and_hardly_another_load_does(void **state) {
    (void)state;
    static const uint64_t seeds[] = {2, 8};
    size_t boiled = 0, named = 0, wrong = 0;
    for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_truth truth;
        dcl_cycles cycles;
        dcl_names names;
        dcl_town_options options = dcl_town_defaults();
        options.days = 7;
        options.share[DCL_HOUSEHOLD_FAMILY_GAS] = 1;
        context.seed = seeds[s];
        assert_int_equal(dcl_town_home(&context, &options, &arena, &home, &truth, NULL), DCL_OK);
        context.seed = 5;
        find(&home, &arena, &cycles, &names);
        for (size_t i = 0; i < truth.n; i++) boiled += truth.cycle[i].kind == DCL_APPLIANCE_KETTLE;
        for (size_t i = 0; i < cycles.n; i++) {
            const dcl_cycle *c = &cycles.cycle[i];
            if (c->appliance != DCL_APPLIANCE_KETTLE) continue;
            named++;
            wrong += !ran(&truth, DCL_APPLIANCE_KETTLE, c->start_us, c->end_us);
        }
        dcl_arena_free(&arena);
    }
    print_message("kettles: boiled %zu, named %zu, wrong %zu\n", boiled, named, wrong);
    assert_true(named >= 12 && wrong <= 1);
}

static void names_do_not_depend_on_threads(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_cycles one, four;
    dcl_names names;
    simulate(0, 7, &arena, &home, NULL);
    find(&home, &arena, &one, &names);
    context.threads = 4;
    find(&home, &arena, &four, &names);
    context.threads = 1;
    assert_int_equal(one.n, four.n);
    assert_memory_equal(one.cycle, four.cycle, one.n * sizeof *one.cycle);
    dcl_arena_free(&arena);
}

/* Heat without a name: from minute, every so many minutes, for so many seconds (and up to `more`), W. */
typedef struct oddity {
    const char *what;
    double from, every, seconds, more, w;
    dcl_appliance kind; /* what its cycles may be called */
} oddity;

static void only_the_thermostat_among_oddities_gets_a_name(void **state) {
    (void)state;
    static const oddity list[] = {
        {"a heater on a thermostat", 5, 20, 240, 60, 2000, DCL_APPLIANCE_SPACE_HEATER},
        {"a coffee machine that keeps warm all day", 5, 11, 6, 2, 670, DCL_APPLIANCE_UNKNOWN},
        {"a pump on a timer, always as long", 100, 340, 120, 0, 1800, DCL_APPLIANCE_UNKNOWN},
        {"an iron", 600, 1.1, 14, 4, 2000, DCL_APPLIANCE_UNKNOWN},
        {"a fan heater of an hour", 60, 400, 3600, 600, 2000, DCL_APPLIANCE_UNKNOWN},
        {"a motor of 400 W", 30, 97, 150, 100, 400, DCL_APPLIANCE_UNKNOWN},
        {"two kettles' time in a whole week", 600, 5000, 150, 100, 2000, DCL_APPLIANCE_UNKNOWN},
    };
    enum { DAYS = 7, N = DAYS * 86400 };
    float *value = malloc(N * sizeof *value);
    assert_non_null(value);
    for (size_t o = 0; o < sizeof list / sizeof *list; o++) {
        dcl_arena arena = {0};
        uint32_t dice = 7;
        for (size_t i = 0; i < N; i++) value[i] = 100 + (float)(i % 7) / 4;
        for (double at = list[o].from * 60; at < N; at += list[o].every * 60) {
            dice = dice * 1664525u + 1013904223u;
            double length = list[o].seconds + list[o].more * (dice >> 8) / (1 << 24);
            for (size_t i = (size_t)at; i < N && (double)i < at + length; i++) value[i] += (float)list[o].w;
            if (strcmp(list[o].what, "an iron") == 0 && fmod(at / 60, 1440) > 640) at += 1380 * 60;
        }
        dcl_series power = {.channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = N, .value = value};
        dcl_home home = {.series = &power, .n_series = 1};
        dcl_cycles cycles;
        dcl_names names;
        find(&home, &arena, &cycles, &names);
        assert_true(cycles.n > 0);
        for (size_t i = 0; i < cycles.n; i++)
            if (cycles.cycle[i].appliance && cycles.cycle[i].appliance != list[o].kind)
                fail_msg("%s is called %s", list[o].what, dcl_appliance_name(cycles.cycle[i].appliance));
        if (list[o].kind) assert_true(10 * names.named >= 9 * cycles.n);
        dcl_arena_free(&arena);
    }
    free(value);
}

static void little_data_gets_no_name_and_no_error(void **state) {
    (void)state;
    static float day[3] = {100, 200, NAN}, one[1] = {2000};
    static const struct {
        int64_t period_us;
        float *value;
        size_t n;
    } cases[] = {
        {DCL_DAY_US, day, 3}, {DCL_DAY_US, one, 1}, {DCL_SECOND_US, one, 1}, {DCL_SECOND_US, day, 3}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dcl_arena arena = {0};
        dcl_series power = {.channel = DCL_POWER_W,
                            .period_us = cases[k].period_us,
                            .n = cases[k].n,
                            .value = cases[k].value};
        dcl_home home = {.series = &power, .n_series = 1};
        dcl_cycles cycles;
        dcl_names names;
        find(&home, &arena, &cycles, &names);
        assert_int_equal(names.named + names.n_programmes, 0);
        dcl_arena_free(&arena);
    }
    dcl_home nothing = {0};
    dcl_cycles none = {0};
    dcl_names names;
    dcl_arena arena = {0};
    dcl_name_options options = dcl_name_defaults();
    assert_int_equal(dcl_cycles_name(&context, &nothing, &none, NULL, &options, &arena, &names, NULL),
                     DCL_OK);
    options.least = 1.5;
    assert_int_equal(dcl_cycles_name(&context, &nothing, &none, NULL, &options, &arena, &names, NULL),
                     DCL_E_ARG);
    dcl_arena_free(&arena);
    arena.limit = 1;
    options.least = 0.6;
    assert_int_equal(dcl_cycles_name(&context, &nothing, &none, NULL, &options, &arena, &names, NULL),
                     DCL_E_MEMORY);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- programmes */

/* Phases of a case: seconds from its start, W; `drum` adds so many pulses of 100 to 180 W from that second on. */
typedef struct block {
    double from, to, w;
} block;
typedef struct machine {
    const char *what;
    block block[9];
    int blocks, drum;
    double drum_from;
    dcl_appliance want;
} machine;

static const machine machines[] = {
    {"a dishwasher",
     {{0, 24, 59}, {103, 1187, 75}, {175, 964, 2628}, {1216, 1236, 89}, {1561, 2541, 99}, {1621, 2481, 2633}},
     6,
     0,
     0,
     DCL_APPLIANCE_DISHWASHER},
    {"a washing machine", {{300, 900, 2000}}, 1, 60, 0, DCL_APPLIANCE_WASHING_MACHINE},
    {"a washing machine while an oven heats",
     {{300, 900, 2000}, {1200, 1500, 2600}},
     2,
     60,
     0,
     DCL_APPLIANCE_WASHING_MACHINE},
    {"a drum, and two machines of one power that heat at once",
     {{300, 900, 2000}, {400, 900, 2050}},
     2,
     60,
     0,
     DCL_APPLIANCE_UNKNOWN},
    {"a drum without heat", {{0, 5, 120}}, 1, 60, 0, DCL_APPLIANCE_UNKNOWN},
    {"dough is kneaded, then baked", {{3000, 5000, 1900}}, 1, 60, 0, DCL_APPLIANCE_UNKNOWN},
    {"an oven",
     {{0, 600, 2500}, {700, 780, 2500}, {900, 980, 2500}, {1100, 1180, 2500}},
     4,
     0,
     0,
     DCL_APPLIANCE_UNKNOWN},
    {"three kettles", {{0, 230, 2100}, {363, 585, 2100}, {1243, 1421, 2100}}, 3, 0, 0, DCL_APPLIANCE_UNKNOWN},
    {"two blocks of heat and no pump", {{0, 800, 2000}, {1600, 2400, 2000}}, 2, 0, 0, DCL_APPLIANCE_UNKNOWN},
    {"a dryer of 2.6 kW",
     {{0, 238, 2600}, {520, 758, 2600}, {1040, 1278, 2600}, {1560, 1798, 2600}, {2080, 2318, 2600}},
     5,
     60,
     0,
     DCL_APPLIANCE_UNKNOWN},
    {"a heater that goes on all day",
     {{0, 60, 75},
      {100, 1187, 75},
      {175, 964, 2000},
      {1621, 2481, 2000},
      {8000, 8700, 2000},
      {14400, 15200, 2000}},
     6,
     0,
     0,
     DCL_APPLIANCE_UNKNOWN},
};

static int by_start(const void *a, const void *b) {
    const dcl_cycle *x = a, *y = b;
    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

static dcl_cycle cycle_of(double from, double to, double w) {
    return (dcl_cycle){.start_us = (int64_t)((from + 600) * 1e6),
                       .end_us = (int64_t)((to + 600) * 1e6),
                       .energy_wh = w * (to - from) / 3600,
                       .mean_w = (float)w,
                       .on_w = (float)w,
                       .off_w = (float)w,
                       .confidence = 1,
                       .steps = 2};
}

static void machines_are_told_by_their_phases(void **state) {
    (void)state;
    enum { N = 20000 };
    static float value[N];
    for (size_t k = 0; k < sizeof machines / sizeof *machines; k++) {
        const machine *m = &machines[k];
        dcl_cycle cycle[80];
        size_t n = 0;
        for (int b = 0; b < m->blocks; b++)
            cycle[n++] = cycle_of(m->block[b].from, m->block[b].to, m->block[b].w);
        for (int p = 0; p < m->drum; p++) {
            double at = m->drum_from + 50.0 * p;
            cycle[n++] = cycle_of(at, at + (p % 3 ? 10 : 35), 100 + 20 * (p % 5));
        }
        qsort(cycle, n, sizeof *cycle, by_start);
        dcl_series power = {.channel = DCL_POWER_W, .period_us = DCL_SECOND_US, .n = N, .value = value};
        dcl_home home = {.series = &power, .n_series = 1};
        dcl_cycles cycles = {.cycle = cycle, .n = n, .recurring_minute = -1};
        dcl_names names;
        dcl_arena arena = {0};
        dcl_name_options options = dcl_name_defaults();
        assert_int_equal(dcl_cycles_name(&context, &home, &cycles, NULL, &options, &arena, &names, NULL),
                         DCL_OK);
        dcl_appliance got = names.n_programmes ? names.programme[0].appliance : DCL_APPLIANCE_UNKNOWN;
        if (got != m->want) print_message("%s: %s\n", m->what, dcl_appliance_name(got));
        assert_int_equal(got, m->want);
        for (size_t i = 0; i < n; i++) assert_int_equal(cycle[i].appliance, names.member[i] ? m->want : 0);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_get_a_name_and_hardly_one_is_wrong),
        cmocka_unit_test(kettles_get_their_name_and_hardly_another_load_does),
        cmocka_unit_test(names_do_not_depend_on_threads),
        cmocka_unit_test(only_the_thermostat_among_oddities_gets_a_name),
        cmocka_unit_test(little_data_gets_no_name_and_no_error),
        cmocka_unit_test(machines_are_told_by_their_phases),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
