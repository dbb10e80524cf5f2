#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <declic/town.h>

/* 2025-03-28 (a Friday) 00:00 in Paris: the clocks go forward on the third day. */
#define BEFORE_SUMMER_US (INT64_C(1743116400) * DCL_SECOND_US)

static dcl_zone *paris;

static int open_zone(void **state) {
    (void)state;
    dcl_error error;
    return dcl_zone_open("Europe/Paris", &paris, &error) != DCL_OK;
}

static int close_zone(void **state) {
    (void)state;
    dcl_zone_close(&paris);
    return 0;
}

static dcl_context context_of(uint64_t seed) {
    return (dcl_context){.threads = 1, .seed = seed, .zone = paris};
}

static dcl_status make(uint64_t seed, dcl_town_options options, dcl_arena *arena, dcl_home *home,
                       dcl_town_truth *truth) {
    dcl_context context = context_of(seed);
    dcl_error error = {0};
    return dcl_town_home(&context, &options, arena, home, truth, &error);
}

static void assert_same_values(const dcl_series *a, const dcl_series *b, size_t skip) {
    assert_true(a->n >= b->n + skip);
    assert_memory_equal(a->value + skip, b->value, b->n * sizeof *b->value);
}

static void a_part_made_alone_has_the_bytes_of_the_whole(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home whole, part;
    dcl_town_options options = {
        .start_us = BEFORE_SUMMER_US, .days = 4, .period_us = DCL_SECOND_US, .home = 3};
    assert_int_equal(make(7, options, &arena, &whole, NULL), DCL_OK);
    options.start_us += 2 * DCL_DAY_US + DCL_HOUR_US; /* any moment of the third day */
    options.days = 1;
    assert_int_equal(make(7, options, &arena, &part, NULL), DCL_OK);
    size_t skip = 2 * 86400;
    assert_int_equal(part.series[0].n, 23 * 3600);
    for (size_t i = 0; i < 3; i++) assert_same_values(&whole.series[i], &part.series[i], skip);
    for (size_t i = 0; i < whole.n_truth; i++) assert_same_values(&whole.truth[i], &part.truth[i], skip);
    dcl_arena_free(&arena);
}

/* FNV-1a of the samples of a week across the change to summer time. The number is that of this simulation: it
 * changes with the appliances, never with the compiler, its options or the processor. */
static void every_build_makes_the_same_bytes(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_town_options options = {
        .start_us = BEFORE_SUMMER_US, .days = 7, .period_us = DCL_SECOND_US, .home = 3};
    assert_int_equal(make(7, options, &arena, &home, NULL), DCL_OK);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t c = 0; c < 3 + home.n_truth; c++) {
        const dcl_series *series = c < 3 ? &home.series[c] : &home.truth[c - 3];
        for (size_t i = 0; i < series->n; i++) {
            uint32_t bits;
            memcpy(&bits, &series->value[i], sizeof bits);
            for (int b = 0; b < 32; b += 8) hash = (hash ^ (bits >> b & 0xff)) * UINT64_C(0x100000001b3);
        }
    }
    if (hash != UINT64_C(0x86cd04add3ac212d)) fail_msg("the hash is 0x%016llx", (unsigned long long)hash);
    dcl_arena_free(&arena);
}

static void seed_and_home_change_what_happens(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home homes[3];
    dcl_town_options options = dcl_town_defaults();
    options.period_us = DCL_MINUTE_US;
    assert_int_equal(make(1, options, &arena, &homes[0], NULL), DCL_OK);
    assert_int_equal(make(2, options, &arena, &homes[1], NULL), DCL_OK);
    options.home = 1;
    assert_int_equal(make(1, options, &arena, &homes[2], NULL), DCL_OK);
    size_t bytes = homes[0].series[0].n * sizeof(float);
    for (int i = 1; i < 3; i++)
        assert_int_not_equal(memcmp(homes[0].series[0].value, homes[i].series[0].value, bytes), 0);
    dcl_arena_free(&arena);
}

static void power_is_the_sum_of_its_parts(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    assert_int_equal(make(1, dcl_town_defaults(), &arena, &home, NULL), DCL_OK);
    assert_int_equal(home.n_truth, 6);
    for (size_t t = 0; t < home.series[0].n; t++) {
        double sum = 0, p = (double)home.series[0].value[t], s = (double)home.series[1].value[t],
               q = (double)home.series[2].value[t];
        for (size_t i = 0; i < home.n_truth; i++) sum += (double)home.truth[i].value[t];
        assert_true(fabs(sum - p) <= 1e-6 * p);
        assert_true(fabs(sqrt(p * p + q * q) - s) <= 1e-6 * s);
    }
    dcl_arena_free(&arena);
}

static void a_minute_is_the_mean_of_its_seconds(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home seconds, minutes;
    dcl_town_options options = dcl_town_defaults();
    assert_int_equal(make(1, options, &arena, &seconds, NULL), DCL_OK);
    options.period_us = DCL_MINUTE_US;
    assert_int_equal(make(1, options, &arena, &minutes, NULL), DCL_OK);
    assert_int_equal(minutes.series[0].n, 1440);
    for (size_t c = 0; c < 3; c++) {
        for (size_t m = 0; m < 1440; m++) {
            double sum = 0;
            for (size_t s = 0; s < 60; s++) sum += (double)seconds.series[c].value[60 * m + s];
            assert_true(fabs(sum / 60 - (double)minutes.series[c].value[m]) < 0.01);
        }
    }
    dcl_arena_free(&arena);
}

static double energy_kwh(const dcl_series *series) {
    double sum = 0;
    for (size_t i = 0; i < series->n; i++) sum += (double)series->value[i];
    return sum * (double)series->period_us / 3.6e12;
}

/* Bounds by year for one household, from the ElecDom panel and the appliances' labels, widened by half. */
static void yearly_energies_are_those_of_real_homes(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double low, high;
    } bounds[] = {{"fridge", 130, 520},        {"kettle", 50, 300}, {"washing_machine", 30, 500},
                  {"water_heater", 700, 3600}, {"lights", 60, 350}, {"standby", 300, 660}};
    for (uint32_t h = 0; h < 3; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = 365, .period_us = DCL_HOUR_US, .home = h};
        assert_int_equal(make(1, options, &arena, &home, NULL), DCL_OK);
        for (size_t i = 0; i < home.n_truth; i++) {
            double year = energy_kwh(&home.truth[i]);
            assert_string_equal(home.truth_name[i], bounds[i].name);
            if (year < bounds[i].low || year > bounds[i].high)
                fail_msg("home %u: %s of %.0f kWh a year, want %.0f-%.0f", h, bounds[i].name, year,
                         bounds[i].low, bounds[i].high);
        }
        dcl_arena_free(&arena);
    }
}

static size_t kind_index(const dcl_home *home, dcl_appliance kind) {
    for (size_t i = 0; i < home->n_truth; i++)
        if (!strcmp(home->truth_name[i], dcl_appliance_name(kind))) return i;
    fail_msg("no truth for %s", dcl_appliance_name(kind));
    return 0;
}

static void cycles_hold_the_energy_of_their_appliance(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_town_truth truth;
    /* Kinds that do not run over midnight, so that the span cuts none of their cycles. */
    dcl_town_options options = {
        .start_us = BEFORE_SUMMER_US, .days = 8, .period_us = DCL_MINUTE_US, .home = 0};
    assert_int_equal(make(1, options, &arena, &home, &truth), DCL_OK);
    double cycles_kwh[DCL_APPLIANCE_COUNT] = {0};
    for (size_t i = 0; i < truth.n; i++) {
        assert_true(truth.cycle[i].end_us > truth.cycle[i].start_us);
        cycles_kwh[truth.cycle[i].kind] += truth.cycle[i].energy_wh / 1000;
    }
    static const dcl_appliance kinds[] = {DCL_APPLIANCE_FRIDGE, DCL_APPLIANCE_KETTLE, DCL_APPLIANCE_LIGHTS};
    for (size_t i = 0; i < 3; i++) {
        double series_kwh = energy_kwh(&home.truth[kind_index(&home, kinds[i])]);
        assert_true(fabs(series_kwh - cycles_kwh[kinds[i]]) < 0.02 * series_kwh);
    }
    dcl_arena_free(&arena);
}

static void the_water_heater_starts_at_half_past_ten_on_any_clock(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_town_truth truth;
    dcl_town_options options = {
        .start_us = BEFORE_SUMMER_US, .days = 5, .period_us = DCL_MINUTE_US, .home = 0};
    assert_int_equal(make(1, options, &arena, &home, &truth), DCL_OK);
    int found = 0;
    for (size_t i = 0; i < truth.n; i++) {
        if (truth.cycle[i].kind != DCL_APPLIANCE_WATER_HEATER) continue;
        dcl_civil civil = dcl_zone_civil(paris, truth.cycle[i].start_us);
        assert_int_equal(civil.hour * 60 + civil.minute, 22 * 60 + 30);
        found++;
    }
    assert_int_equal(found, 5);
    dcl_arena_free(&arena);
}

static void a_maximum_a_day_is_at_least_every_sample(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_home home;
    assert_int_equal(make(1, dcl_town_defaults(), &arena, &home, NULL), DCL_OK);
    assert_int_equal(home.n_va_maxima, 1);
    float highest = 0;
    for (size_t i = 0; i < home.series[1].n; i++) highest = fmaxf(highest, home.series[1].value[i]);
    assert_true(home.va_maxima[0].apparent_va == highest);
    assert_true(home.notes >> DCL_NOTE_SIMULATED & 1);
    dcl_arena_free(&arena);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    static const struct {
        int days;
        int64_t period_us;
    } cases[] = {{0, DCL_SECOND_US},     {36601, DCL_HOUR_US},   {1, 0},
                 {1, DCL_SECOND_US / 2}, {1, 7 * DCL_SECOND_US}, {1, 2 * DCL_HOUR_US},
                 {1, -DCL_SECOND_US}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = cases[i].days, .period_us = cases[i].period_us};
        assert_int_equal(make(1, options, &arena, &home, NULL), DCL_E_ARG);
        assert_null(arena.head);
    }
}

/* Clocks that go back by two and three hours; a day that a zone left out; a start that no clock shows. */
static void days_are_whole_or_refused_in_any_zone(void **state) {
    (void)state;
    static const struct {
        const char *zone;
        int64_t start_s;
        int days;
        int64_t period_us;
        dcl_status want;
        double hours;
    } cases[] = {{"Antarctica/Troll", 1729987200, 1, DCL_SECOND_US, DCL_OK, 26}, /* 2024-10-27 */
                 {"Antarctica/Casey", 1267747200, 1, DCL_SECOND_US, DCL_OK, 27}, /* 2010-03-05 */
                 {"Pacific/Apia", 1325152800, 3, DCL_HOUR_US, DCL_E_ARG, 0},     /* no 2011-12-30 */
                 {"Australia/Lord_Howe", 1728129600, 3, DCL_MINUTE_US * 30, DCL_OK, 71.5},
                 {"Australia/Lord_Howe", 1728129600, 3, DCL_HOUR_US, DCL_E_ARG, 0},
                 {"UTC", INT64_MAX / DCL_SECOND_US, 1, DCL_SECOND_US, DCL_E_ARG, 0},
                 {"UTC", INT64_MIN / DCL_SECOND_US, 1, DCL_SECOND_US, DCL_E_ARG, 0},
                 {"UTC", 0, INT32_MAX, DCL_SECOND_US, DCL_E_ARG, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error = {0};
        dcl_zone *zone = NULL;
        assert_int_equal(dcl_zone_open(cases[i].zone, &zone, &error), DCL_OK);
        dcl_context context = {.threads = 1, .zone = zone};
        dcl_town_options options = {.start_us = cases[i].start_s * DCL_SECOND_US,
                                    .days = cases[i].days,
                                    .period_us = cases[i].period_us};
        dcl_status status = dcl_town_home(&context, &options, &arena, &home, NULL, &error);
        if (status != cases[i].want) fail_msg("case %zu: status %d (%s)", i, (int)status, error.msg);
        if (!status) {
            double hours = (double)home.series[0].n * (double)options.period_us / (double)DCL_HOUR_US;
            if (hours != cases[i].hours) fail_msg("case %zu: %.1f h", i, hours);
            for (size_t k = 0; k < home.series[0].n; k++) assert_true(home.series[0].value[k] > 0);
        }
        dcl_arena_free(&arena);
        dcl_zone_close(&zone);
    }
}

static void a_full_arena_is_an_error(void **state) {
    (void)state;
    dcl_home home;
    for (size_t limit = 64; limit < 1 << 20; limit *= 4) {
        dcl_arena arena = {.limit = limit};
        assert_int_equal(make(1, dcl_town_defaults(), &arena, &home, NULL), DCL_E_MEMORY);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_made_alone_has_the_bytes_of_the_whole),
        cmocka_unit_test(every_build_makes_the_same_bytes),
        cmocka_unit_test(seed_and_home_change_what_happens),
        cmocka_unit_test(power_is_the_sum_of_its_parts),
        cmocka_unit_test(a_minute_is_the_mean_of_its_seconds),
        cmocka_unit_test(yearly_energies_are_those_of_real_homes),
        cmocka_unit_test(cycles_hold_the_energy_of_their_appliance),
        cmocka_unit_test(the_water_heater_starts_at_half_past_ten_on_any_clock),
        cmocka_unit_test(a_maximum_a_day_is_at_least_every_sample),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(days_are_whole_or_refused_in_any_zone),
        cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
