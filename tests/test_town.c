#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scratch.h"
#include "town/town.h"

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
    if (hash != UINT64_C(0x711d9d6479e3f620)) fail_msg("the hash is 0x%016llx", (unsigned long long)hash);
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
    assert_true(home.n_truth >= 8);
    for (size_t t = 0; t < home.series[0].n; t++) {
        double sum = 0, p = (double)home.series[0].value[t], s = (double)home.series[1].value[t],
               q = (double)home.series[2].value[t];
        for (size_t i = 0; i < home.n_truth; i++) sum += (double)home.truth[i].value[t];
        assert_true(fabs(sum - p) <= 2e-6 * p);
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
            /* the noise of seconds adds up to nothing in watts, and to next to nothing in VA */
            double off = fabs(sum / 60 - (double)minutes.series[c].value[m]);
            if (off > (c == 1 ? 0.15 : 0.01)) fail_msg("channel %zu, minute %zu: %g off", c, m, off);
        }
    }
    dcl_arena_free(&arena);
}

static double energy_kwh(const dcl_series *series) {
    double sum = 0;
    for (size_t i = 0; i < series->n; i++) sum += (double)series->value[i];
    return sum * (double)series->period_us / 3.6e12;
}

/* Bounds by year for one household that has it, from the ElecDom panel and the appliances' labels, widened by half. */
static void yearly_energies_are_those_of_real_homes(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double low, high;
    } bounds[] = {{"fridge", 100, 750},
                  {"freezer", 120, 620},
                  {"kettle", 5, 200},
                  {"washing_machine", 10, 500},
                  {"water_heater", 200, 5200},
                  {"lights", 10, 900},
                  {"standby", 90, 2600},
                  {"dryer", 20, 1400},
                  {"dishwasher", 5, 420},
                  {"television", 10, 1900},
                  {"oven", 2, 300},
                  {"hob", 5, 700}};
    size_t seen = 0;
    for (uint32_t h = 0; h < 8; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = 365, .period_us = DCL_HOUR_US, .home = h};
        options.share[DCL_HOUSEHOLD_FAMILY_GAS] = options.share[DCL_HOUSEHOLD_RETIRED_ELECTRIC] = 1;
        assert_int_equal(make(1, options, &arena, &home, NULL), DCL_OK);
        for (size_t i = 0; i < home.n_truth; i++) {
            double year = energy_kwh(&home.truth[i]);
            for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
                if (strcmp(home.truth_name[i], bounds[b].name) != 0) continue;
                seen++;
                if (year < bounds[b].low || year > bounds[b].high)
                    fail_msg("home %u: %s of %.0f kWh a year, want %.0f-%.0f", h, bounds[b].name, year,
                             bounds[b].low, bounds[b].high);
            }
        }
        dcl_arena_free(&arena);
    }
    assert_true(seen > 60);
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
    assert_true(truth.cycle == home.cycle && truth.n == home.n_cycles && truth.kind == home.household);
    static const dcl_appliance kinds[] = {DCL_APPLIANCE_FRIDGE, DCL_APPLIANCE_KETTLE, DCL_APPLIANCE_LIGHTS};
    for (size_t i = 0; i < 3; i++) {
        double series_kwh = energy_kwh(&home.truth[kind_index(&home, kinds[i])]);
        assert_true(fabs(series_kwh - cycles_kwh[kinds[i]]) < 0.02 * series_kwh);
    }
    dcl_arena_free(&arena);
}

static void water_heaters_start_in_the_off_peak_hours_on_any_clock(void **state) {
    (void)state;
    int found = 0;
    for (uint32_t h = 0; h < 12; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_truth truth;
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = 5, .period_us = DCL_MINUTE_US, .home = h};
        assert_int_equal(make(1, options, &arena, &home, &truth), DCL_OK);
        int first = -1; /* minutes after the off-peak hours begin: the same every night */
        for (size_t i = 0; i < truth.n && truth.off_peak_minute >= 0; i++) {
            if (truth.cycle[i].kind != DCL_APPLIANCE_WATER_HEATER) continue;
            dcl_civil civil = dcl_zone_civil(paris, truth.cycle[i].start_us);
            int minute = civil.hour * 60 + civil.minute;
            int since = (minute - truth.off_peak_minute + 1440) % 1440;
            found++;
            if (minute == truth.noon_minute) continue;
            if (first < 0) first = since;
            /* a clock of the tank that runs over the change of the clocks is an hour late that night */
            assert_true(first <= 300 && (since == first || since == first + 60));
        }
        dcl_arena_free(&arena);
    }
    assert_true(found >= 10);
}

static void every_period_has_the_same_energy(void **state) {
    (void)state;
    static const int64_t periods_s[] = {10, 60, 600, 1800, 3600};
    for (uint32_t h = 0; h < 4; h++) {
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = 4, .period_us = DCL_SECOND_US, .home = h};
        dcl_arena arena = {0};
        dcl_home seconds;
        assert_int_equal(make(1, options, &arena, &seconds, NULL), DCL_OK);
        for (size_t i = 0; i < sizeof periods_s / sizeof *periods_s; i++) {
            dcl_home home;
            options.period_us = periods_s[i] * DCL_SECOND_US;
            assert_int_equal(make(1, options, &arena, &home, NULL), DCL_OK);
            for (size_t k = 0; k < home.n_truth; k++) {
                double want = energy_kwh(&seconds.truth[k]), got = energy_kwh(&home.truth[k]);
                if (fabs(got - want) > 1e-5 * fabs(want) + 1e-9)
                    fail_msg("home %u, %s: %.9g kWh by seconds, %.9g by %lld s", h, home.truth_name[k], want,
                             got, (long long)periods_s[i]);
            }
        }
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- many homes */

static dcl_town_options half_hours(int days) {
    return (dcl_town_options){.start_us = BEFORE_SUMMER_US, .days = days, .period_us = 30 * DCL_MINUTE_US};
}

static scratch files;

static void begin(void) {
    scratch_begin(&files);
}

/* Shards have names that their content gives: they go with the folder. */
static void end(void) {
    DIR *folder = opendir(files.folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strstr(entry->d_name, ".shard.h5")) scratch_path(&files, entry->d_name);
    if (folder) closedir(folder);
    scratch_end(&files);
}

static bool has_panels(const dcl_home *home) {
    return home->n_series == 4;
}

static void power_alone_is_that_of_the_whole_home(void **state) {
    (void)state;
    dcl_town_options options = half_hours(6);
    options.share[DCL_HOUSEHOLD_RETIRED_GAS] = options.share[DCL_HOUSEHOLD_FAMILY_ELECTRIC] = 1;
    dcl_context context = context_of(3);
    dcl_town *town;
    dcl_error error;
    size_t with_panels = 0;
    assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_OK);
    float *power = malloc(dcl_town_slots(town, NULL) * sizeof *power);
    for (uint32_t h = 0; h < 60; h++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_household kind;
        options.home = h;
        assert_int_equal(make(3, options, &arena, &home, NULL), DCL_OK);
        assert_int_equal(dcl_town_power(town, h, power, &kind), DCL_OK);
        assert_int_equal(kind, home.household);
        assert_int_equal(dcl_town_slots(town, NULL), home.series[0].n);
        assert_memory_equal(power, home.series[0].value, home.series[0].n * sizeof *power);
        with_panels += has_panels(&home);
        dcl_arena_free(&arena);
    }
    assert_true(with_panels > 0);
    free(power);
    dcl_town_close(&town);
}

static dcl_panel *panel_of(const char *path, int threads, size_t homes, const dcl_town_options *options) {
    dcl_context context = context_of(5);
    dcl_town_told told;
    dcl_error error = {0};
    dcl_panel *panel = NULL;
    context.threads = threads;
    if (dcl_town_panel(&context, options, homes, path, &told, &error) || dcl_panel_open(path, &panel, &error))
        fail_msg("%s", error.msg);
    assert_int_equal(told.homes, homes);
    return panel;
}

/* Some of the homes have panels on the roof. */
static void every_instruction_set_makes_the_same_power(void **state) {
    (void)state;
    enum { HOMES = 40 };
    dcl_town_options options = half_hours(4);
    static const int64_t periods_min[] = {1, 30};
    for (size_t p = 0; p < 2; p++) {
        options.period_us = periods_min[p] * DCL_MINUTE_US;
        float *want = NULL, *got = NULL;
        for (size_t isa = 0; dcl_kernels_isa_at(isa); isa++) {
            dcl_kernels kernels;
            dcl_error error;
            dcl_town *town;
            dcl_context context = context_of(2);
            if (dcl_kernels_select(dcl_kernels_isa_at(isa), &kernels, &error)) continue;
            context.kernels = &kernels;
            assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_OK);
            size_t n = dcl_town_slots(town, NULL);
            if (!got) got = malloc(HOMES * n * sizeof *got);
            assert_non_null(got);
            for (uint32_t h = 0; h < HOMES; h++)
                assert_int_equal(dcl_town_power(town, h, got + h * n, NULL), DCL_OK);
            if (want)
                assert_memory_equal(got, want, HOMES * n * sizeof *got);
            else
                want = got, got = NULL;
            dcl_town_close(&town);
        }
        free(want);
        free(got);
    }
}

static void a_home_is_the_same_in_any_town_on_any_threads(void **state) {
    (void)state;
    enum { FEW = 11, MANY = 40, DAYS = 9 };
    begin();
    const char *few_path = scratch_path(&files, "few.h5"), *many_path = scratch_path(&files, "many.h5");
    dcl_town_options options = half_hours(DAYS);
    dcl_panel *few = panel_of(few_path, 2, FEW, &options), *many = panel_of(many_path, 1, MANY, &options);
    const dcl_panel_about *a = dcl_panel_tell(few), *b = dcl_panel_tell(many);
    dcl_context context = context_of(5);
    dcl_error error;
    int16_t *x = malloc(FEW * a->n_slots * sizeof *x), *y = malloc(FEW * a->n_slots * sizeof *y);
    assert_int_equal(a->n_slots, b->n_slots);
    assert_int_equal(dcl_panel_read_raw(&context, few, 0, FEW, 0, a->n_slots, x, &error), DCL_OK);
    assert_int_equal(dcl_panel_read_raw(&context, many, 0, FEW, 0, a->n_slots, y, &error), DCL_OK);
    assert_memory_equal(x, y, FEW * a->n_slots * sizeof *x);
    assert_memory_equal(a->kind, b->kind, FEW);
    assert_string_equal(a->id[FEW - 1], b->id[FEW - 1]);
    dcl_panel *again = panel_of(few_path, 1, FEW, &options);
    assert_true(dcl_panel_tell(again)->shard[0].content == a->shard[0].content);
    free(x);
    free(y);
    dcl_panel_close(&again);
    dcl_panel_close(&few);
    dcl_panel_close(&many);
    end();
}

static void a_home_of_seconds_is_no_panel(void **state) {
    (void)state;
    begin();
    const char *path = scratch_path(&files, "seconds.h5");
    static const struct {
        size_t homes;
        int64_t period_us;
    } cases[] = {{0, DCL_HOUR_US}, {2, DCL_SECOND_US}, {2, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_context context = context_of(1);
        dcl_town_options options = half_hours(1);
        dcl_town_told told;
        dcl_error error;
        options.period_us = cases[i].period_us;
        assert_int_equal(dcl_town_panel(&context, &options, cases[i].homes, path, &told, &error), DCL_E_ARG);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    end();
}

static void shares_say_which_kinds_there_are(void **state) {
    (void)state;
    dcl_context context = context_of(1);
    dcl_town_options options = half_hours(1);
    dcl_town *town;
    dcl_error error;
    options.share[DCL_HOUSEHOLD_NIGHT_GAS] = 3;
    options.share[DCL_HOUSEHOLD_SECOND_ELECTRIC] = 1;
    assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_OK);
    int nights = 0, all = 4000;
    for (int h = 0; h < all; h++) {
        dcl_dwelling home = dcl_town_dwelling(town, (uint32_t)h);
        assert_true(home.kind == DCL_HOUSEHOLD_NIGHT_GAS || home.kind == DCL_HOUSEHOLD_SECOND_ELECTRIC);
        nights += home.kind == DCL_HOUSEHOLD_NIGHT_GAS;
    }
    assert_in_range(nights, 2890, 3110);
    dcl_town_close(&town);
    static const double bad[] = {-1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.share[DCL_HOUSEHOLD_NIGHT_GAS] = bad[i];
        assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_E_ARG);
        assert_null(town);
    }
    options.share[DCL_HOUSEHOLD_NIGHT_GAS] = 0;
    options.share[DCL_HOUSEHOLD_UNKNOWN] = 1;
    assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_E_ARG);
}

/* ---------------------------------------------------------------- as a meter says it */

typedef struct heard {
    size_t frames;
    int64_t last_us, first_wh, last_wh, va_sum, of_frame;
} heard;

static dcl_status hear(void *arg, int64_t time_us, const char *group, size_t n, dcl_error *error) {
    heard *h = arg;
    unsigned sum = 0;
    (void)error;
    for (size_t i = 0; i + 2 < n; i++) sum += (unsigned char)group[i];
    assert_int_equal(group[n - 2], ' ');
    assert_int_equal((sum & 0x3f) + 0x20, (unsigned char)group[n - 1]);
    assert_true(time_us > h->last_us);
    h->last_us = time_us;
    if (!strncmp(group, "ADCO ", 5)) {
        h->frames++;
        h->of_frame = 0;
    }
    if (!strncmp(group, "BASE ", 5) || !strncmp(group, "HC", 2)) h->of_frame += atoll(strchr(group, ' ') + 1);
    if (!strncmp(group, "PAPP ", 5)) {
        h->va_sum += atoll(group + 5);
        if (h->frames == 1) h->first_wh = h->of_frame;
        h->last_wh = h->of_frame;
    }
    return DCL_OK;
}

/* Moments on, before and behind every edge of a slot, where a product may err. */
static void a_change_falls_into_its_slot_at_every_edge(void **state) {
    (void)state;
    static const int64_t periods_s[] = {1, 7, 60, 600, 1800, 3600};
    for (size_t p = 0; p < sizeof periods_s / sizeof *periods_s; p++) {
        int64_t period_us = periods_s[p] * DCL_SECOND_US, n = 54 * DCL_HOUR_US / period_us;
        int64_t *sum = calloc((size_t)n + 1, sizeof *sum);
        dcl_town_plan *plan = malloc(sizeof *plan);
        assert_true(sum && plan);
        for (int64_t slot = 2; slot + 1 < n; slot += 1 + n / 2000)
            for (int64_t off = -1; off <= 1; off++) {
                int64_t at = slot * period_us + off, in = off < 0 ? slot - 1 : slot, level = 0;
                plan->n_segments = 1;
                plan->segment[0] = (dcl_town_segment){at, 54 * DCL_HOUR_US, 54 * DCL_HOUR_US, 1, 1, 0};
                dcl_grid_add(plan, false, 0, period_us, (size_t)n, sum);
                for (int64_t k = in - 1; k <= in + 1; k++) {
                    level += sum[k];
                    int64_t want = k < in   ? 0
                                   : k > in ? 1000 * period_us
                                            : 1000 * ((in + 1) * period_us - at);
                    if (level != want)
                        fail_msg("%lld s, slot %lld, off %lld", (long long)periods_s[p], (long long)k,
                                 (long long)off);
                }
                memset(sum + in - 1, 0, 4 * sizeof *sum);
                sum[n] = 0;
            }
        free(sum);
        free(plan);
    }
}

static void frames_tell_the_energy_and_the_apparent_power_of_the_home(void **state) {
    (void)state;
    for (uint32_t h = 0; h < 3; h++) {
        dcl_context context = context_of(1);
        dcl_town_options options = {
            .start_us = BEFORE_SUMMER_US, .days = 2, .period_us = DCL_SECOND_US, .home = h};
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error;
        heard told = {0};
        assert_int_equal(make(1, options, &arena, &home, NULL), DCL_OK);
        assert_int_equal(dcl_town_tic(&context, &options, hear, &told, &error), DCL_OK);
        double kwh = energy_kwh(&home.series[0]), va = 0;
        for (size_t i = 0; i < home.series[1].n; i++) va += (double)home.series[1].value[i];
        assert_true(fabs((double)(told.last_wh - told.first_wh) / 1000 - kwh) < 0.005);
        double mean_va = va / (double)home.series[1].n, heard_va = (double)told.va_sum / (double)told.frames;
        if (fabs(heard_va - mean_va) > 0.02 * mean_va + 5) fail_msg("%g VA heard of %g", heard_va, mean_va);
        assert_true(told.frames > 100000 && told.frames < 172800);
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- weather, Tempo, tables */

static void a_season_has_22_red_days_and_43_white_ones(void **state) {
    (void)state;
    dcl_context context = context_of(9);
    dcl_town_options options = half_hours(365);
    dcl_town *town;
    dcl_error error;
    options.start_us = dcl_zone_day_start(paris, dcl_days_from_date(2024, 9, 1));
    assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_OK);
    int count[3] = {0};
    double mean[3] = {0}, winter = 0, summer = 0;
    for (int i = 0; i < 365; i++) {
        const dcl_town_date *date = dcl_town_date_of(town, town->first_day + i);
        double c = 0;
        for (int h = 0; h < 24; h++) c += (double)date->outside_c[h] / 24;
        count[date->colour]++;
        mean[date->colour] += c;
        if (date->month <= 2 || date->month == 12) winter += c / 90;
        if (date->month >= 6 && date->month <= 8) summer += c / 92;
        if (date->colour == 2) assert_true(date->weekday < 5 && (date->month >= 11 || date->month <= 3));
        if (date->colour == 1) assert_true(date->weekday < 6);
    }
    assert_int_equal(count[2], 22);
    assert_int_equal(count[1], 43);
    assert_true(mean[2] / 22 < mean[1] / 43 && mean[1] / 43 < mean[0] / 300);
    assert_true(winter > 1 && winter < 8 && summer > 16 && summer < 24);
    dcl_town_close(&town);
}

static void cold_weather_heats_and_missing_weather_is_refused(void **state) {
    (void)state;
    float cold[24 * 12], mild[24 * 12];
    for (size_t i = 0; i < 24 * 12; i++) cold[i] = -5, mild[i] = 19;
    dcl_town_options options = half_hours(4);
    options.share[DCL_HOUSEHOLD_FAMILY_ELECTRIC] = 1;
    double kwh[2] = {0};
    for (int k = 0; k < 2; k++) {
        dcl_weather weather = {BEFORE_SUMMER_US - 3 * DCL_DAY_US, 24 * 12, k ? mild : cold};
        options.weather = &weather;
        for (uint32_t h = 0; h < 6; h++) {
            dcl_arena arena = {0};
            dcl_home home;
            options.home = h;
            assert_int_equal(make(1, options, &arena, &home, NULL), DCL_OK);
            for (size_t i = 0; i < home.n_truth; i++)
                if (!strcmp(home.truth_name[i], "space_heater") || !strcmp(home.truth_name[i], "heat_pump"))
                    kwh[k] += energy_kwh(&home.truth[i]);
            dcl_arena_free(&arena);
        }
    }
    assert_true(kwh[0] > 50 && kwh[1] == 0);
    dcl_weather weather = {BEFORE_SUMMER_US - 3 * DCL_DAY_US, 24 * 5, cold};
    dcl_arena arena = {0};
    dcl_home home;
    options.weather = &weather;
    assert_int_equal(make(1, options, &arena, &home, NULL), DCL_E_NO_DATA);
    dcl_arena_free(&arena);
}

static void tables_are_read_or_refused_with_their_line(void **state) {
    (void)state;
    const dcl_context context = context_of(3);
    static const struct {
        const char *text;
        dcl_status want;
        int64_t line;
        size_t n;
    } cases[] = {
        {"time_utc,temperature_c\n2025-01-01T00:00:00Z,3.5\n# cold\n\n2025-01-01T01:00:00Z,-2\r\n", DCL_OK, 0,
         2},
        {"2025-01-01T00:00:00Z,3.5", DCL_OK, 0, 1},
        {"", DCL_E_NO_DATA, 0, 0},
        {"time_utc,temperature_c\n", DCL_E_NO_DATA, 0, 0},
        {"2025-01-01T02:00:00Z,3.5\n2025-01-01T00:00:00Z,3.5\n", DCL_OK, 0, 3},
        {"2025-01-01T00:30:00Z,3.5\n2025-01-01T00:00:00Z,\n", DCL_OK, 0, 1},
        {"site;temperature_c;time\nx;3;2025-07-01 12:00\nx;4;2025-07-01 13:59\n", DCL_OK, 0, 2},
        {"2025-01-01T00:00:00Z,3.5\n2226-01-02T00:00:00Z,3.5\n", DCL_E_FORMAT, 0, 0},
        {"2025-01-01T00:00:00Z\n", DCL_E_FORMAT, 1, 0},
        {"time_utc,temperature_c\n2025-01-01T00:00:00Z,3.5,1\n", DCL_E_FORMAT, 2, 0},
        {"2025-01-01T00:00:00Z,warm\n", DCL_E_FORMAT, 1, 0},
        {"2025-01-01T00:00:00Z,3.5,1\n", DCL_OK, 0, 1},
        {"2025-01-01T00:00:00Z,nan\n", DCL_E_FORMAT, 1, 0},
        {"2025-01-01T00:00:00Z,99\n", DCL_E_FORMAT, 1, 0},
        {"yesterday,3\n", DCL_E_NO_DATA, 0, 0},
        {"2025-01-01T00:00:00Z,3\nyesterday,3\n", DCL_E_FORMAT, 2, 0},
        {"time_utc,temperature_c\n,3\n", DCL_E_FORMAT, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        dcl_weather weather;
        dcl_error error = {0};
        dcl_status status =
            dcl_weather_parse(&context, cases[i].text, strlen(cases[i].text), &arena, &weather, &error);
        if (status != cases[i].want || error.pos.line != cases[i].line)
            fail_msg("case %zu: status %d line %lld: %s", i, (int)status, (long long)error.pos.line,
                     error.msg);
        if (!status) assert_int_equal(weather.n, cases[i].n);
        dcl_arena_free(&arena);
    }
    static const struct {
        const char *text;
        dcl_status want;
    } mixes[] = {{"kind,share\nfamily_gas,0.3\nnight_electric,1\n", DCL_OK},
                 {"family_gas,-1\n", DCL_E_FORMAT},
                 {"unknown,1\n", DCL_E_FORMAT},
                 {"castle,1\n", DCL_E_FORMAT},
                 {"family_gas\n", DCL_E_FORMAT},
                 {"family_gas,0\n", DCL_E_NO_DATA},
                 {"", DCL_E_NO_DATA}};
    for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++) {
        double share[DCL_HOUSEHOLD_COUNT];
        dcl_error error;
        assert_int_equal(dcl_mix_parse(mixes[i].text, strlen(mixes[i].text), share, &error), mixes[i].want);
        if (!mixes[i].want) assert_true(share[DCL_HOUSEHOLD_FAMILY_GAS] == 0.3);
    }
}

static void hours_are_means_of_their_rows_in_civil_time(void **state) {
    (void)state;
    /* 12:00 of July in Paris is 10:00 UTC; of two half hours a mean; a missing hour is not known. */
    static const char text[] =
        "time;temperature_c\n2025-07-01 14:00;20\n2025-07-01 12:30;30\n2025-07-01 12:00;31\n";
    const dcl_context context = context_of(3);
    dcl_arena arena = {0};
    dcl_weather weather;
    assert_int_equal(dcl_weather_parse(&context, text, sizeof text - 1, &arena, &weather, NULL), DCL_OK);
    assert_int_equal(weather.start_us, INT64_C(1751364000) * DCL_SECOND_US);
    assert_int_equal(weather.n, 3);
    assert_true(weather.temperature_c[0] == 30.5f && isnan(weather.temperature_c[1]) &&
                weather.temperature_c[2] == 20);
    dcl_arena_free(&arena);
}

static void the_weather_told_is_the_weather_simulated(void **state) {
    (void)state;
    enum { HOURS = 24 * 40 };
    static float told[HOURS];
    dcl_context context = context_of(4);
    dcl_error error;
    dcl_town_options options = half_hours(20);
    dcl_town *town;
    assert_int_equal(dcl_weather_of_seed(&context, BEFORE_SUMMER_US - 10 * DCL_DAY_US, HOURS, told, &error),
                     DCL_OK);
    assert_int_equal(dcl_town_open(&context, &options, &town, &error), DCL_OK);
    for (int hour = 0; hour < 24; hour++) /* the day before the clocks change */
        assert_true(fabsf(told[240 + hour] - dcl_town_date_of(town, town->first_day)->outside_c[hour]) <
                    1e-4f);
    dcl_town_close(&town);
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
        cmocka_unit_test(water_heaters_start_in_the_off_peak_hours_on_any_clock),
        cmocka_unit_test(every_period_has_the_same_energy),
        cmocka_unit_test(a_change_falls_into_its_slot_at_every_edge),
        cmocka_unit_test(power_alone_is_that_of_the_whole_home),
        cmocka_unit_test(every_instruction_set_makes_the_same_power),
        cmocka_unit_test(a_home_is_the_same_in_any_town_on_any_threads),
        cmocka_unit_test(a_home_of_seconds_is_no_panel),
        cmocka_unit_test(shares_say_which_kinds_there_are),
        cmocka_unit_test(frames_tell_the_energy_and_the_apparent_power_of_the_home),
        cmocka_unit_test(a_season_has_22_red_days_and_43_white_ones),
        cmocka_unit_test(cold_weather_heats_and_missing_weather_is_refused),
        cmocka_unit_test(tables_are_read_or_refused_with_their_line),
        cmocka_unit_test(hours_are_means_of_their_rows_in_civil_time),
        cmocka_unit_test(the_weather_told_is_the_weather_simulated),
        cmocka_unit_test(a_maximum_a_day_is_at_least_every_sample),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(days_are_whole_or_refused_in_any_zone),
        cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
