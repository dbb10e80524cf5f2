#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <declic/appliance.h>
#include <declic/town.h>

#include "report_home.h"

/* What a home's energy went to, on homes made of a rule. Half hours begin at midnight in Paris. */

#define HALF_HOUR_US (DCL_HOUR_US / 2)

static dcl_uses find(const dcl_home *home, dcl_cycles *cycles, dcl_arena *arena) {
    dcl_context context = context_of(1);
    dcl_use_options options = dcl_use_defaults();
    dcl_uses uses;
    dcl_error error = {0};
    assert_int_equal(dcl_uses_find(&context, home, cycles, &options, arena, &uses, &error), DCL_OK);
    return uses;
}

static dcl_cycles cycles_of(const dcl_home *home, dcl_arena *arena) {
    dcl_context context = context_of(1);
    dcl_cycle_options how = dcl_cycle_defaults();
    dcl_cycles cycles;
    dcl_error error = {0};
    assert_int_equal(dcl_cycles_find(&context, home, &how, NULL, arena, &cycles, &error), DCL_OK);
    return cycles;
}

/* Guess inside range, range inside the energy, shares of one whole, unknown uses without any number. */
static void check_whole(const char *name, const dcl_uses *uses) {
    double sum = 0, share = 0;
    for (int k = 0; k < DCL_USE_COUNT; k++) {
        const dcl_use *use = &uses->use[k];
        if (use->kind != (dcl_use_kind)k) fail_msg("%s: use %d says it is %d", name, k, use->kind);
        if (use->why) {
            if (!isnan(use->kwh) || !isnan(use->kwh_low) || !isnan(use->kwh_high))
                fail_msg("%s: %s is unknown and has a number", name, dcl_use_name(use->kind));
            continue;
        }
        if (!(use->kwh_low >= 0 && use->kwh_low <= use->kwh && use->kwh <= use->kwh_high &&
              use->kwh_high <= uses->energy_kwh * (1 + 1e-9)))
            fail_msg("%s: %s %.4f [%.4f %.4f] of %.4f", name, dcl_use_name(use->kind), use->kwh, use->kwh_low,
                     use->kwh_high, uses->energy_kwh);
        assert_true(use->confidence > 0 && use->confidence <= 1);
        sum += use->kwh;
        share += use->share;
    }
    if (fabs(sum - uses->energy_kwh) > 1e-6 * (1 + uses->energy_kwh))
        fail_msg("%s: uses sum to %.6f of %.6f", name, sum, uses->energy_kwh);
    if (uses->energy_kwh > 0 && fabs(share - 1) > 1e-6) fail_msg("%s: shares sum to %.6f", name, share);
    assert_int_equal(uses->use[DCL_USE_NOT_IDENTIFIED].why, DCL_USE_WHY_KNOWN);
}

static void expect(const dcl_uses *uses, dcl_use_kind kind, double kwh, double within) {
    const dcl_use *use = &uses->use[kind];
    if (use->why || fabs(use->kwh - kwh) > within * kwh || use->kwh_low > kwh || use->kwh_high < kwh)
        fail_msg("%s: want %.2f, got %.2f [%.2f %.2f], %s", dcl_use_name(kind), kwh, use->kwh, use->kwh_low,
                 use->kwh_high, dcl_use_why_name(use->why));
}

static void expect_unknown(const dcl_uses *uses, dcl_use_kind kind, dcl_use_why why) {
    if (uses->use[kind].why != why)
        fail_msg("%s: want %s, got %s", dcl_use_name(kind), dcl_use_why_name(why),
                 dcl_use_why_name(uses->use[kind].why));
}

/* ---------------------------------------------------------------- sums and ranges */

static float busy(size_t i) {
    return (float)(60 + (i * 2654435761u >> 7) % 3000);
}

static float sparse(size_t i) {
    return i % 97 < 40 ? NAN : busy(i);
}

static float exporting(size_t i) {
    return i % 48 > 20 && i % 48 < 30 ? -900 : 200;
}

static float nothing(size_t i) {
    (void)i;
    return 0;
}

static void uses_sum_to_the_energy_of_any_home(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t start_us, period_s;
        size_t n;
        float (*rule)(size_t);
    } cases[] = {
        {"ten minutes of seconds", MONDAY_US, 1, 600, busy},
        {"one second", MONDAY_US, 1, 1, busy},
        {"a day of 25 hours", DAY_OF_25_HOURS_US, 60, 1500, busy},
        {"a day of 23 hours", DAY_OF_23_HOURS_US, 1800, 46, busy},
        {"a month of minutes with gaps", MONDAY_US + 7, 60, 43200, sparse},
        {"half hours of export", MONDAY_US, 1800, 480, exporting},
        {"nothing at all", MONDAY_US, 1800, 480, nothing},
        {"hours of four years", DEC_2006_US, 3600, 35040, busy},
        {"a period of 7 s", MONDAY_US, 7, 40000, busy},
        {"a period of 700 s", MONDAY_US, 700, 2000, constant},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_home home =
            home_of(&arena, cases[i].start_us, cases[i].period_s * DCL_SECOND_US, cases[i].n, cases[i].rule);
        dcl_cycles cycles = cycles_of(&home, &arena);
        dcl_uses with = find(&home, &cycles, &arena), without = find(&home, NULL, &arena);
        check_whole(cases[i].name, &with);
        check_whole(cases[i].name, &without);
        dcl_arena_free(&arena);
    }
}

static bool is_one_of(const char *name, const char *const names[5]) {
    for (int i = 0; i < 5 && names[i]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static void uses_of_simulated_homes_hold_their_truth(void **state) {
    (void)state;
    static const struct {
        const char *truth[5];
        dcl_use_kind kind;
    } parts[] = {{{"fridge", "freezer"}, DCL_USE_COLD},
                 {{"water_heater"}, DCL_USE_WATER_HEATER},
                 {{"kettle", "coffee_machine", "microwave", "oven", "hob"}, DCL_USE_COOKING},
                 {{"lights", "television", "computer"}, DCL_USE_LIGHT_SCREENS},
                 {{"space_heater"}, DCL_USE_HEATING}};
    static const int64_t periods_s[] = {10, 60, 600, 1800};
    for (size_t p = 0; p < sizeof periods_s / sizeof *periods_s; p++) {
        dcl_arena arena = {0};
        dcl_context context = context_of(1);
        dcl_town_options how = dcl_town_defaults();
        dcl_home home;
        how.days = 14;
        how.home = 133;
        how.share[DCL_HOUSEHOLD_FAMILY_GAS] = 1;
        how.period_us = periods_s[p] * DCL_SECOND_US;
        assert_int_equal(dcl_town_home(&context, &how, &arena, &home, NULL, NULL), DCL_OK);
        dcl_cycles cycles = cycles_of(&home, &arena);
        dcl_uses uses = find(&home, &cycles, &arena);
        check_whole("town", &uses);
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            double kwh = 0;
            for (size_t t = 0; t < home.n_truth; t++)
                for (size_t i = 0; i < home.truth[t].n && is_one_of(home.truth_name[t], parts[k].truth); i++)
                    kwh += (double)home.truth[t].value[i] * (double)periods_s[p] / 3.6e6;
            if (kwh > 0)
                expect(&uses, parts[k].kind, kwh, 1);
            else
                assert_true(uses.use[parts[k].kind].why);
        }
        expect_unknown(&uses, DCL_USE_VEHICLE, DCL_USE_WHY_NOT_SEEN);
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- rooms */

/* A heater of 1.2 kW at a thermostat, 300 s of every 1,200, longer on colder days; a fridge; three weeks. */
static float heated_by_thermostat(size_t i, size_t day_n, double period_s, double colder) {
    double at = (double)i * period_s, day = floor((double)i / (double)day_n);
    double on = 240 + colder * fmod(day * 7, 11);
    return (float)((fmod(at, 1200) < on ? 1200 : 0) + (fmod(at, 4000) < 1400 ? 90 : 0) + 50);
}

static void rooms_held_by_thermostat_are_heating(void **state) {
    (void)state;
    for (int p = 0; p < 3; p++) {
        static const int64_t periods_s[] = {1, 60, 1800};
        size_t each = (size_t)periods_s[p], n = 21 * 86400 / each;
        dcl_arena arena = {0};
        dcl_home home = home_of(&arena, DEC_2006_US, periods_s[p] * DCL_SECOND_US, n, constant);
        double kwh = 0;
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t k = 0; k<each; k += each> 60 ? 10 : 1)
                sum += (double)heated_by_thermostat(i * each + k, 86400, 1, 20) * (each > 60 ? 10 : 1);
            home.series[0].value[i] = (float)(sum / (double)each);
            kwh += ((double)home.series[0].value[i] - 50 - 90 * 0.35) * (double)each / 3.6e6;
        }
        dcl_cycles cycles = cycles_of(&home, &arena);
        dcl_uses uses = find(&home, &cycles, &arena);
        check_whole("rooms", &uses);
        expect(&uses, DCL_USE_HEATING, kwh, periods_s[p] == 1 ? 0.1 : 0.7);
        if (periods_s[p] == 1) assert_true(!(uses.use[DCL_USE_COOKING].kwh >= 0.1 * kwh));
        dcl_arena_free(&arena);
    }
}

static void steady_winter_nights_are_no_heating(void **state) {
    (void)state;
    size_t n = 21 * 1440;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, DEC_2006_US, DCL_MINUTE_US, n, constant);
    for (size_t i = 0; i < n; i++)
        home.series[0].value[i] = (i % 70 < 25 ? 140.0f : 50.0f) + (i % 1440 >= 1140 && i % 7 == 0 ? 900 : 0);
    dcl_cycles cycles = cycles_of(&home, &arena);
    dcl_uses uses = find(&home, &cycles, &arena);
    expect_unknown(&uses, DCL_USE_HEATING, DCL_USE_WHY_NO_SEASONS);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- always on and cold */

static void a_load_that_never_changes_is_always_on(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home minutes = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 10 * 1440, constant);
    dcl_uses uses = find(&minutes, NULL, &arena);
    expect(&uses, DCL_USE_ALWAYS_ON, 240, 0.001);
    expect_unknown(&uses, DCL_USE_COLD, DCL_USE_WHY_NOT_SEEN);
    assert_true(uses.use[DCL_USE_NOT_IDENTIFIED].kwh < 0.01);
    dcl_arena_free(&arena);
}

static void half_hours_without_ripple_leave_cold_to_a_prior_inside_the_floor(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, 10 * 48, constant);
    dcl_uses uses = find(&home, NULL, &arena);
    assert_int_equal(uses.use[DCL_USE_COLD].from, DCL_USE_FROM_PRIOR);
    assert_true(fabs(uses.use[DCL_USE_COLD].kwh + uses.use[DCL_USE_ALWAYS_ON].kwh - 240) < 0.01);
    /* A home that draws less than any fridge: the prior is cut to a part of it, and its range with it. */
    for (size_t i = 0; i < home.series[0].n; i++) home.series[0].value[i] = 10;
    uses = find(&home, NULL, &arena);
    assert_true(uses.use[DCL_USE_COLD].kwh_low < 0.6 * uses.use[DCL_USE_COLD].kwh);
    assert_true(uses.use[DCL_USE_COLD].kwh_high <= uses.energy_kwh);
    for (size_t i = 0; i < home.series[0].n; i++) home.series[0].value[i] = 1000;
    dcl_context context = context_of(1);
    dcl_use_options options = dcl_use_defaults();
    options.priors = false;
    assert_int_equal(dcl_uses_find(&context, &home, NULL, &options, &arena, &uses, NULL), DCL_OK);
    expect_unknown(&uses, DCL_USE_COLD, DCL_USE_WHY_NOT_SEEN);
    expect(&uses, DCL_USE_ALWAYS_ON, 240, 0.001);
    dcl_arena_free(&arena);
}

/* 40 W, and a fridge of 90 W for 15 minutes of every 45. */
static float floor_with_fridge(size_t i) {
    return 40 + (i % 45 < 15 ? 90 : 0);
}

static void a_compressor_is_cold_and_its_cycles_get_a_name(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 7 * 1440, floor_with_fridge);
    dcl_cycles cycles = cycles_of(&home, &arena);
    cycles.cycle[3].appliance = DCL_APPLIANCE_FREEZER; /* as a classifier might say */
    dcl_uses uses = find(&home, &cycles, &arena);
    assert_int_equal(uses.use[DCL_USE_COLD].from, DCL_USE_FROM_RHYTHM);
    expect(&uses, DCL_USE_COLD, 30 * 0.168, 0.08);
    expect(&uses, DCL_USE_ALWAYS_ON, 40 * 0.168, 0.02);
    size_t named = 0;
    for (size_t i = 0; i < cycles.n; i++) named += cycles.cycle[i].appliance == DCL_APPLIANCE_COLD;
    assert_true(10 * named > 9 * cycles.n);
    assert_int_equal(cycles.cycle[3].appliance, DCL_APPLIANCE_FREEZER);
    assert_true(cycles.cycle[4].confidence <= 0.8f);
    dcl_arena_free(&arena);
}

static void ripple_shows_cold_where_no_cycle_does(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 7 * 1440, floor_with_fridge);
    dcl_uses uses = find(&home, NULL, &arena);
    assert_int_equal(uses.use[DCL_USE_COLD].from, DCL_USE_FROM_RIPPLE);
    expect(&uses, DCL_USE_COLD, 30 * 0.168, 0.1);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- blocks */

/* Half hours: 2 kW from 22:30 to 00:30 over 100 W. */
static float nightly(size_t i) {
    size_t slot = i % 48;
    return slot >= 45 || slot == 0 ? 2100 : 100;
}

/* The same on every fourth day. */
static float seldom(size_t i) {
    return i / 48 % 4 ? 100 : nightly(i);
}

static void the_block_of_most_nights_is_the_water_heater(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, 20 * 48, nightly);
    dcl_cycles cycles = cycles_of(&home, &arena);
    dcl_uses uses = find(&home, &cycles, &arena);
    check_whole("nightly", &uses);
    expect(&uses, DCL_USE_WATER_HEATER, 2 * 2 * 20 - 1,
           0.05); /* the first half hour has no evening before it */
    assert_int_equal(uses.heater_minute, 22 * 60 + 30);
    assert_true(fabs(uses.heater_w - 2000) < 1);
    size_t named = 0;
    for (size_t i = 0; i < cycles.n; i++) named += cycles.cycle[i].appliance == DCL_APPLIANCE_WATER_HEATER;
    assert_true(named >= 18);
    dcl_arena_free(&arena);
}

static void the_block_of_few_nights_is_no_water_heater(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, 20 * 48, seldom);
    dcl_cycles cycles = cycles_of(&home, &arena);
    dcl_uses uses = find(&home, &cycles, &arena);
    expect_unknown(&uses, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_SEEN);
    assert_int_equal(uses.heater_minute, -1);
    for (size_t i = 0; i < cycles.n; i++) assert_int_equal(cycles.cycle[i].appliance, DCL_APPLIANCE_UNKNOWN);
    dcl_arena_free(&arena);
}

/* Ten minutes over 100 W: 2 kW from 02:10 for two hours and from 13:00 for one, but every third day nothing of it. */
static float in_two_parts(size_t i) {
    size_t day = i / 144, slot = i % 144;
    bool on = (slot >= 13 && slot < 25) || (slot >= 78 && slot < 84);
    return on && day % 3 ? 2100 : 100;
}

/* The night's part, each night, and lunches of as much that begin at another minute each day. */
static float with_lunches(size_t i) {
    size_t day = i / 144, slot = i % 144, lunch = 66 + 5 * (day % 7);
    return (slot >= 13 && slot < 25) || (slot >= lunch && slot < lunch + 6) ? 2100 : 100;
}

/* 2 kW from 22:40 for two hours; 1.2 kW of an evening go off meanwhile. */
static float through_bedtime(size_t i) {
    size_t slot = i % 144, from = 136;
    return 100.0f + (slot >= from || slot < 4 ? 2000.0f : 0) + (slot >= 120 && slot < from + 3 ? 1200.0f : 0);
}

static void a_tank_takes_what_its_power_takes(void **state) {
    (void)state;
    static const struct {
        const char *name;
        float (*rule)(size_t);
        double
            kwh; /* of 30 days; lunches are not known to be the tank's, nor is the first night's beginning */
        int minute, by_day; /* -1 = by night alone */
    } cases[] = {{"off-peak hours in two parts", in_two_parts, 20 * 2 * 3, 130, 780},
                 {"with lunches", with_lunches, 30 * 2 * 2, 130, -1},
                 {"through bedtime", through_bedtime, 29.3 * 2 * 2, 1360, -1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_arena arena = {0};
        dcl_home home = home_of(&arena, MONDAY_US, 10 * DCL_MINUTE_US, 30 * 144, cases[c].rule);
        dcl_uses uses = find(&home, NULL, &arena);
        check_whole(cases[c].name, &uses);
        expect(&uses, DCL_USE_WATER_HEATER, cases[c].kwh, 0.02);
        assert_int_equal(uses.heater_minute, cases[c].minute);
        assert_int_equal(uses.heater_by_day_minute, cases[c].by_day);
        assert_true(fabs(uses.heater_w - 2000) < 1);
        dcl_arena_free(&arena);
    }
}

static void both_parts_of_off_peak_hours_have_the_name(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, 10 * DCL_MINUTE_US, 30 * 144, in_two_parts);
    dcl_cycles cycles = cycles_of(&home, &arena);
    find(&home, &cycles, &arena);
    size_t named = 0;
    for (size_t i = 0; i < cycles.n; i++) named += cycles.cycle[i].appliance == DCL_APPLIANCE_WATER_HEATER;
    assert_int_equal(cycles.n, 40);
    assert_int_equal(named, 40);
    dcl_arena_free(&arena);
}

/* 3 kW for an hour and a half at 7:00 and at 20:00, an hour later day by day: a tank without a clock. */
static float twice_a_day(size_t i) {
    size_t day = i / 144, slot = i % 144, from = 42 + 6 * (day % 3);
    return (slot >= from && slot < from + 9) || (slot >= from + 78 && slot < from + 87) ? 3100 : 100;
}

static void what_charges_twice_a_day_is_no_vehicle(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MARCH_2024_US, 10 * DCL_MINUTE_US, 400 * 144, twice_a_day);
    dcl_uses uses = find(&home, NULL, &arena);
    check_whole("twice a day", &uses);
    expect_unknown(&uses, DCL_USE_VEHICLE, DCL_USE_WHY_NOT_SEEN);
    dcl_arena_free(&arena);
}

/* Ten minutes: 7.2 kW for three hours from a time that moves, every third day. */
static float charging(size_t i) {
    size_t day = i / 144, slot = i % 144, start = 6 * (7 + day % 11);
    return day % 3 == 0 && slot >= start && slot < start + 18 ? 7400 : 200;
}

static void long_plateaus_of_one_high_power_are_a_vehicle(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, 10 * DCL_MINUTE_US, 21 * 144, charging);
    dcl_uses uses = find(&home, NULL, &arena);
    check_whole("charging", &uses);
    expect(&uses, DCL_USE_VEHICLE, 7.2 * 3 * 7, 0.05);
    expect_unknown(&uses, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_SEEN);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- names */

/* Minutes: a kettle of 2 kW for 3 minutes at 07:30 and 16:00 over 60 W. */
static float kettles(size_t i) {
    size_t minute = i % 1440;
    return (minute >= 450 && minute < 453) || (minute >= 960 && minute < 963) ? 2060 : 60;
}

static void cycles_with_a_name_give_their_energy_to_its_use(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 14 * 1440, kettles);
    dcl_cycles cycles = cycles_of(&home, &arena);
    dcl_uses before = find(&home, &cycles, &arena);
    assert_int_equal(cycles.n, 28);
    for (size_t i = 0; i < cycles.n; i++) {
        cycles.cycle[i].appliance = DCL_APPLIANCE_KETTLE;
        cycles.cycle[i].confidence = 0.9f;
    }
    dcl_uses after = find(&home, &cycles, &arena);
    check_whole("kettles", &after);
    const dcl_use *unnamed = &before.use[DCL_USE_COOKING], *named = &after.use[DCL_USE_COOKING];
    assert_int_equal(unnamed->from, DCL_USE_FROM_HOURS);
    assert_int_equal(named->from, DCL_USE_FROM_CYCLES);
    assert_int_equal(named->cycles, 28);
    expect(&after, DCL_USE_COOKING, 28 * 0.1, 0.05);
    assert_true(named->kwh_high - named->kwh_low < unnamed->kwh_high - unnamed->kwh_low);
    for (size_t i = 0; i < cycles.n; i++) cycles.cycle[i].confidence = 0.3f; /* no better than a guess */
    dcl_uses doubted = find(&home, &cycles, &arena);
    assert_int_equal(doubted.use[DCL_USE_COOKING].from, DCL_USE_FROM_HOURS);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- seasons */

/* Hours from 1 March: 300 W, and in December to February the given power besides, on and off every hour. */
static float winter_of(size_t i, float extra_w) {
    size_t day = i / 24;
    return 300 + (day >= 275 && day < 365 && i % 2 ? extra_w : 0);
}

static float heated(size_t i) {
    return winter_of(i, 2000);
}

static float unheated(size_t i) {
    return winter_of(i, 50);
}

static void winter_beyond_summer_is_heating(void **state) {
    (void)state;
    static const struct {
        size_t days;
        float (*rule)(size_t);
        dcl_use_why why;
    } cases[] = {{400, heated, DCL_USE_WHY_KNOWN},
                 {400, unheated, DCL_USE_WHY_NOT_SEEN},
                 {200, heated, DCL_USE_WHY_NO_SEASONS}};
    for (size_t i = 0; i < 3; i++) {
        dcl_arena arena = {0};
        dcl_home home = home_of(&arena, MARCH_2024_US, DCL_HOUR_US, cases[i].days * 24, cases[i].rule);
        dcl_uses uses = find(&home, NULL, &arena);
        check_whole("winter", &uses);
        expect_unknown(&uses, DCL_USE_HEATING, cases[i].why);
        if (!cases[i].why) expect(&uses, DCL_USE_HEATING, 90 * 24, 0.2);
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- errors and names */

static float gone(size_t i) {
    (void)i;
    return NAN;
}

static void what_cannot_be_used_is_an_error(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    dcl_use_options options = dcl_use_defaults();
    dcl_uses uses;
    dcl_error error = {0};
    dcl_home none = {0}, missing = home_of(&arena, MONDAY_US, DCL_HOUR_US, 48, gone),
             slow = home_of(&arena, MONDAY_US, 2 * DCL_HOUR_US, 48, busy),
             fine = home_of(&arena, MONDAY_US, DCL_MINUTE_US, 7 * 1440, busy);
    const struct {
        const dcl_home *home;
        dcl_status want;
    } cases[] = {{&none, DCL_E_NO_DATA}, {&missing, DCL_E_NO_DATA}, {&slow, DCL_E_ARG}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(dcl_uses_find(&context, cases[i].home, NULL, &options, &arena, &uses, &error),
                         cases[i].want);
    for (size_t limit = 64; limit < 200000; limit *= 2) { /* every way to run out of memory */
        dcl_arena small = {.limit = limit};
        dcl_status status = dcl_uses_find(&context, &fine, NULL, &options, &small, &uses, &error);
        if (limit < 60000) assert_int_equal(status, DCL_E_MEMORY);
        dcl_arena_free(&small);
    }
    const volatile int stop = 1;
    context.cancel = &stop;
    assert_int_equal(dcl_uses_find(&context, &fine, NULL, &options, &arena, &uses, &error), DCL_E_CANCELLED);
    dcl_arena_free(&arena);
}

static void a_home_without_a_zone_is_read_in_utc(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    context.zone = NULL;
    dcl_use_options options = dcl_use_defaults();
    dcl_home home = home_of(&arena, MONDAY_US, HALF_HOUR_US, 20 * 48, nightly);
    dcl_uses uses;
    assert_int_equal(dcl_uses_find(&context, &home, NULL, &options, &arena, &uses, NULL), DCL_OK);
    assert_int_equal(uses.heater_minute, 21 * 60 + 30);
    dcl_arena_free(&arena);
}

static void a_day_that_a_zone_skipped_is_no_day(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    dcl_zone *apia = NULL; /* went from 29 to 31 December 2011 */
    dcl_error error;
    assert_int_equal(dcl_zone_open("Pacific/Apia", &apia, &error), DCL_OK);
    context.zone = apia;
    int64_t start = dcl_zone_day_start(apia, dcl_days_from_date(2011, 12, 25));
    dcl_use_options options = dcl_use_defaults();
    dcl_home home = home_of(&arena, start, HALF_HOUR_US, 8 * 48, busy);
    dcl_uses uses;
    assert_int_equal(dcl_uses_find(&context, &home, NULL, &options, &arena, &uses, &error), DCL_OK);
    assert_int_equal(uses.days, 8);
    check_whole("Apia", &uses);
    dcl_zone_close(&apia);
    dcl_arena_free(&arena);
}

static void every_use_reason_and_source_has_a_name(void **state) {
    (void)state;
    for (int i = 0; i < DCL_USE_COUNT; i++) assert_non_null(dcl_use_name((dcl_use_kind)i));
    for (int i = 0; i < DCL_USE_WHY_COUNT; i++) assert_non_null(dcl_use_why_name((dcl_use_why)i));
    for (int i = 0; i < DCL_USE_FROM_COUNT; i++) assert_non_null(dcl_use_from_name((dcl_use_from)i));
    assert_null(dcl_use_name(DCL_USE_COUNT));
    assert_null(dcl_use_why_name(DCL_USE_WHY_COUNT));
    assert_null(dcl_use_from_name((dcl_use_from)-1));
    assert_int_equal(dcl_use_of_appliance(DCL_APPLIANCE_UNKNOWN), DCL_USE_NOT_IDENTIFIED);
    assert_int_equal(dcl_use_of_appliance(DCL_APPLIANCE_FREEZER), DCL_USE_COLD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_sum_to_the_energy_of_any_home),
        cmocka_unit_test(uses_of_simulated_homes_hold_their_truth),
        cmocka_unit_test(rooms_held_by_thermostat_are_heating),
        cmocka_unit_test(steady_winter_nights_are_no_heating),
        cmocka_unit_test(a_load_that_never_changes_is_always_on),
        cmocka_unit_test(half_hours_without_ripple_leave_cold_to_a_prior_inside_the_floor),
        cmocka_unit_test(a_compressor_is_cold_and_its_cycles_get_a_name),
        cmocka_unit_test(ripple_shows_cold_where_no_cycle_does),
        cmocka_unit_test(the_block_of_most_nights_is_the_water_heater),
        cmocka_unit_test(the_block_of_few_nights_is_no_water_heater),
        cmocka_unit_test(a_tank_takes_what_its_power_takes),
        cmocka_unit_test(both_parts_of_off_peak_hours_have_the_name),
        cmocka_unit_test(what_charges_twice_a_day_is_no_vehicle),
        cmocka_unit_test(long_plateaus_of_one_high_power_are_a_vehicle),
        cmocka_unit_test(cycles_with_a_name_give_their_energy_to_its_use),
        cmocka_unit_test(winter_beyond_summer_is_heating),
        cmocka_unit_test(what_cannot_be_used_is_an_error),
        cmocka_unit_test(a_home_without_a_zone_is_read_in_utc),
        cmocka_unit_test(a_day_that_a_zone_skipped_is_no_day),
        cmocka_unit_test(every_use_reason_and_source_has_a_name),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
