#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_plugs.h>
#include <declic/kernel.h>

#include "base/rng.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Three days of seconds: a fridge that is not quite regular, two lamps of one size, a kettle, and what nobody wears. */
enum { N = 3 * 86400, PARTS = 4, FRIDGE = 0, LAMP = 1, TWIN = 2, KETTLE = 3 };
static const int64_t START = INT64_C(1704067200) * DCL_SECOND_US;

typedef struct town {
    dcl_kernels kernels;
    dcl_context context;
    dcl_arena arena;
    float part[PARTS][N], mains[N];
    dcl_series series;
    dcl_home meter;
} town;

static void draw(float *power, dcl_rng *rng, size_t on_s, size_t off_s, size_t vary_s, float watts) {
    for (size_t i = dcl_rng_below(rng, (uint32_t)off_s); i < N;) {
        size_t end = i + on_s + dcl_rng_below(rng, (uint32_t)(vary_s + 1));
        for (; i < end && i < N; i++) power[i] = watts;
        i += off_s + dcl_rng_below(rng, (uint32_t)(vary_s + 1));
    }
}

static int set_up(void **state) {
    town *t = calloc(1, sizeof *t);
    assert_non_null(t);
    assert_int_equal(dcl_kernels_select(NULL, &t->kernels, NULL), DCL_OK);
    t->context = (dcl_context){.kernels = &t->kernels, .threads = 1, .seed = 1};
    dcl_rng rng = {5, 1, 0};
    draw(t->part[FRIDGE], &rng, 1000, 2000, 500, 90);
    draw(t->part[LAMP], &rng, 900, 4000, 3000, 60);
    draw(t->part[TWIN], &rng, 1200, 4000, 3000, 60);
    draw(t->part[KETTLE], &rng, 150, 12000, 4000, 2000);
    float stranger[2][N] = {{0}};
    draw(stranger[0], &rng, 700, 1500, 900, 85);
    draw(stranger[1], &rng, 40, 5000, 4000, 1900);
    for (size_t i = 0; i < N; i++) {
        t->mains[i] = 150 + 3 * (float)dcl_rng_uniform(&rng) + stranger[0][i] + stranger[1][i];
        for (size_t k = 0; k < PARTS; k++) t->mains[i] += t->part[k][i];
    }
    t->series = (dcl_series){DCL_POWER_W, START, DCL_SECOND_US, 0, N, t->mains};
    t->meter = (dcl_home){.id = "meter", .series = &t->series, .n_series = 1, .subscribed_kva = NAN};
    *state = t;
    return 0;
}

static int tear_down(void **state) {
    town *t = *state;
    dcl_arena_free(&t->arena);
    free(t);
    return 0;
}

/* A plug on its own grid: at its time s it shows what the home drew at s + offset + drift. */
static dcl_home wear(town *t, const float *power, double offset_s, double ppm, int64_t each_s) {
    dcl_home home = {.id = "plug", .n_series = 1, .subscribed_kva = NAN};
    dcl_series *series = home.series = dcl_arena_alloc(&t->arena, 1, sizeof *series);
    size_t n = N / (size_t)each_s;
    *series = (dcl_series){DCL_POWER_W, START, each_s * DCL_SECOND_US,
                           0,           n,     dcl_arena_alloc(&t->arena, n, sizeof(float))};
    for (size_t i = 0; i < n; i++) {
        double at = (double)i * (double)each_s, s = floor(at + offset_s + ppm * 1e-6 * (at - N / 2.0) + 0.5);
        series->value[i] = s >= 0 && s < N ? power[(size_t)s] : NAN;
    }
    return home;
}

static dcl_plug_fit align(town *t, const dcl_home *plug) {
    dcl_plug_options options = dcl_plug_defaults();
    dcl_plug_fit fit;
    dcl_error error = {0};
    if (dcl_plug_align(&t->context, &t->meter, plug, &options, &fit, &error)) fail_msg("%s", error.msg);
    return fit;
}

/* ---------------------------------------------------------------- what is found */

static void shifting_a_plug_shifts_the_offset_found_by_as_much(void **state) {
    static const double shift[] = {-599, -40, -7, 0, 1, 37, 300, 599};
    town *t = *state;
    for (size_t part = 0; part < PARTS; part++)
        for (size_t k = 0; k < COUNT(shift); k++) {
            dcl_home plug = wear(t, t->part[part], shift[k], 0, 1);
            dcl_plug_fit fit = align(t, &plug);
            assert_int_equal(fit.verdict, DCL_PLUG_FITS);
            if (fabs(fit.offset_s - shift[k]) > 0.3)
                fail_msg("part %zu: want %.1f got %.3f", part, shift[k], fit.offset_s);
            assert_true(fit.found <= fit.steps && 10 * fit.found >= 8 * fit.steps);
            assert_true(fit.p < 1e-3);
        }
}

static void two_plugs_of_one_size_keep_their_own_clocks(void **state) {
    town *t = *state;
    dcl_home lamp = wear(t, t->part[LAMP], 10, 0, 1), twin = wear(t, t->part[TWIN], -25, 0, 1);
    assert_float_equal(align(t, &lamp).offset_s, 10, 0.3);
    assert_float_equal(align(t, &twin).offset_s, -25, 0.3);
}

static void a_drift_is_found_with_its_sign(void **state) {
    static const double ppm[] = {-60, 25, 80};
    town *t = *state;
    for (size_t k = 0; k < COUNT(ppm); k++) {
        dcl_home plug = wear(t, t->part[FRIDGE], 20, ppm[k], 1);
        dcl_plug_fit fit = align(t, &plug);
        assert_int_equal(fit.verdict, DCL_PLUG_FITS);
        assert_float_equal(fit.drift_ppm, ppm[k], 3);
        double at_middle = 20 + ppm[k] * 1e-6 * ((double)(fit.middle_us - START) / 1e6 - N / 2.0);
        assert_float_equal(fit.offset_s, at_middle, 0.5);
    }
}

static void a_plug_read_seldom_is_aligned_within_parts_of_a_reading(void **state) {
    town *t = *state;
    dcl_home plug = wear(t, t->part[FRIDGE], 37, 0, 10);
    /* A reading stands for the ten seconds after it: half of them late, less half a second of the grid. */
    assert_float_equal(align(t, &plug).offset_s, 37 - 4.5, 1.5);
}

static void gaps_of_the_meter_are_no_missing_steps(void **state) {
    town *t = *state;
    for (size_t i = 30000; i < 120000; i++) t->mains[i] = NAN;
    dcl_home plug = wear(t, t->part[FRIDGE], 12, 0, 1);
    dcl_plug_fit fit = align(t, &plug);
    assert_int_equal(fit.verdict, DCL_PLUG_FITS);
    assert_true(10 * fit.found >= 9 * fit.steps);
    assert_float_equal(fit.offset_s, 12, 0.3);
    assert_float_equal(fit.overlap_s, N - 90000 - 12, 1);
}

static void apparent_power_alone_serves_as_well(void **state) {
    town *t = *state;
    t->series.channel = DCL_APPARENT_VA;
    for (size_t i = 0; i < N; i++) { /* the fridge with a power factor of 0.7, in steps of 10 VA */
        double p = (double)t->mains[i], q = (double)t->part[FRIDGE][i];
        t->mains[i] = (float)(10 * floor(sqrt(p * p + q * q) / 10 + 0.5));
    }
    for (size_t part = 0; part < PARTS; part++) {
        dcl_home plug = wear(t, t->part[part], -40, 0, 1);
        dcl_plug_fit fit = align(t, &plug);
        assert_int_equal(fit.verdict, DCL_PLUG_FITS);
        assert_float_equal(fit.offset_s, -40, 0.5);
    }
}

/* ---------------------------------------------------------------- what is not */

static void a_clock_off_by_hours_is_told_by_how_much(void **state) {
    static const double shift[] = {3600 + 37, -7200, 20 * 3600, 1500};
    town *t = *state;
    for (size_t k = 0; k < COUNT(shift); k++) {
        dcl_home plug = wear(t, t->part[FRIDGE], shift[k], 0, 1);
        dcl_plug_fit fit = align(t, &plug);
        assert_int_equal(fit.verdict, DCL_PLUG_CLOCK_OFF);
        assert_float_equal(fit.offset_s, shift[k], 0.5);
    }
}

static void a_plug_of_another_home_is_not_believed(void **state) {
    town *t = *state;
    float *power = calloc(N, sizeof *power);
    assert_non_null(power);
    for (uint64_t seed = 1; seed <= 8; seed++) {
        dcl_rng rng = {seed, 9, 0};
        memset(power, 0, N * sizeof *power);
        draw(power, &rng, 1000, 2000, 500, 90); /* of the size and habit of the home's own */
        dcl_home plug = wear(t, power, 0, 0, 1);
        dcl_plug_fit fit = align(t, &plug);
        if (fit.verdict != DCL_PLUG_OTHER_HOME)
            fail_msg("seed %d: %s, %zu of %zu, at most %.0f by chance", (int)seed,
                     dcl_plug_verdict_name(fit.verdict), fit.found, fit.steps, fit.chance_most);
        assert_true(fit.p > 1e-3);
    }
    free(power);
}

/* A clockwork: what it does is the same at every shift by its period. */
static void a_regular_plug_is_placed_near_and_its_rival_named(void **state) {
    town *t = *state;
    float *power = calloc(N, sizeof *power);
    assert_non_null(power);
    enum { PERIOD = 4800 };
    for (size_t i = 0; i < N; i++) {
        power[i] = i % PERIOD < 1500 ? 130 : 0;
        t->mains[i] += power[i];
    }
    dcl_home plug = wear(t, power, 25, 0, 1);
    dcl_plug_fit fit = align(t, &plug);
    assert_int_equal(fit.verdict, DCL_PLUG_FITS);
    assert_float_equal(fit.offset_s, 25, 0.3);
    assert_float_equal(remainder(fit.rival_s - 25, PERIOD), 0, 3);
    free(power);
}

static void a_plug_too_regular_for_any_clock_is_said_to_be(void **state) {
    town *t = *state;
    float *power = calloc(N, sizeof *power);
    assert_non_null(power);
    for (size_t i = 0; i < N; i++) {
        power[i] = i % 600 < 250 ? 130 : 0;
        t->mains[i] += power[i];
    }
    dcl_home plug = wear(t, power, 25, 0, 1);
    assert_int_equal(align(t, &plug).verdict, DCL_PLUG_TOO_REGULAR);
    free(power);
}

static void what_cannot_be_compared_has_its_own_verdict(void **state) {
    town *t = *state;
    float *power = calloc(N, sizeof *power);
    assert_non_null(power);
    for (size_t i = 0; i < N; i++) power[i] = 40;
    dcl_home still = wear(t, power, 0, 0, 1);
    assert_int_equal(align(t, &still).verdict, DCL_PLUG_NO_STEPS);
    for (size_t i = 100000; i < 100300; i++) power[i] = 130; /* as the fridge, once, and not in the mains */
    dcl_home once = wear(t, power, 0, 0, 1);
    assert_int_equal(align(t, &once).verdict, DCL_PLUG_FEW_STEPS);
    once.series->start_us += 30 * DCL_DAY_US;
    assert_int_equal(align(t, &once).verdict, DCL_PLUG_NO_OVERLAP);
    once.series->start_us = START;
    once.series->n = 1;
    assert_int_equal(align(t, &once).verdict, DCL_PLUG_NO_POWER);
    once.n_series = 0;
    assert_int_equal(align(t, &once).verdict, DCL_PLUG_NO_POWER);
    dcl_home seldom = wear(t, t->part[FRIDGE], 0, 0, 1800);
    assert_int_equal(align(t, &seldom).verdict, DCL_PLUG_TOO_COARSE);
    free(power);
}

static void options_out_of_range_and_interrupts_end_it(void **state) {
    town *t = *state;
    dcl_home plug = wear(t, t->part[FRIDGE], 0, 0, 1);
    dcl_plug_fit fit;
    dcl_error error;
    dcl_plug_options good = dcl_plug_defaults(), bad[] = {good, good, good, good};
    bad[0].reach_s = 10;
    bad[1].far_s = 1e9;
    bad[2].most_ppm = NAN;
    bad[3].least_p = 0;
    for (size_t k = 0; k < COUNT(bad); k++)
        assert_int_equal(dcl_plug_align(&t->context, &t->meter, &plug, &bad[k], &fit, &error), DCL_E_ARG);
    t->meter.n_series = 0;
    assert_int_equal(dcl_plug_align(&t->context, &t->meter, &plug, &good, &fit, &error), DCL_E_NO_DATA);
    t->meter.n_series = 1;
    int cancel = 1;
    t->context.cancel = &cancel;
    assert_int_equal(dcl_plug_align(&t->context, &t->meter, &plug, &good, &fit, &error), DCL_E_CANCELLED);
    assert_null(dcl_plug_verdict_name(DCL_PLUG_COUNT));
    assert_string_equal(dcl_plug_verdict_name(DCL_PLUG_CLOCK_OFF), "clock_off");
}

/* ---------------------------------------------------------------- joining and judging */

static void a_plug_put_right_keeps_its_energy_and_its_gaps(void **state) {
    town *t = *state;
    dcl_home plug = wear(t, t->part[FRIDGE], 0, 0, 10);
    for (size_t i = 1000; i < 1060; i++) plug.series->value[i] = NAN;
    dcl_plug_fit fit = {.offset_s = 23.5, .middle_us = START};
    dcl_series out;
    dcl_error error = {0};
    assert_int_equal(dcl_plug_resample(&t->meter, &plug, &fit, &t->arena, &out, &error), DCL_OK);
    assert_true(out.start_us == START && out.period_us == DCL_SECOND_US && out.n == N);
    for (size_t i = 0; i < N; i++) { /* slot i is the plug's second i - 23.5 */
        double at = ((double)i - 23.5) / 10, end = at + 0.1;
        bool inside = at >= -0.051 && end <= N / 10 + 0.051, hole = end > 1000.051 && at < 1059.949;
        if (isnan(out.value[i]) != (!inside || hole)) fail_msg("slot %zu: %f", i, (double)out.value[i]);
        if (inside && !hole && floor(at) == floor(end - 1e-9) && at >= 0)
            assert_float_equal(out.value[i], plug.series->value[(size_t)at], 1e-3);
    }
}

/* A week of minutes for the gain. */
static dcl_home minutes(dcl_arena *arena, int days, bool *any) {
    size_t n = (size_t)days * 1440;
    dcl_home home = {.id = "week", .n_series = 1, .n_truth = 1, .subscribed_kva = NAN};
    home.series = dcl_arena_alloc(arena, 1, sizeof *home.series);
    home.truth = dcl_arena_alloc(arena, 1, sizeof *home.truth);
    home.truth_name = dcl_arena_alloc(arena, 1, sizeof *home.truth_name);
    float *mains = dcl_arena_alloc(arena, n, sizeof *mains), *part = dcl_arena_alloc(arena, n, sizeof *part);
    dcl_rng rng = {7, 2, 0};
    for (size_t i = 0; i < n; i++) {
        part[i] = i % 1440 / 60 == 7 && i % 60 < 4 ? 1800 : 0;
        mains[i] = 80 + 4 * (float)dcl_rng_uniform(&rng) + part[i];
        *any = *any || part[i] > 0;
    }
    home.series[0] = (dcl_series){DCL_POWER_W, START, DCL_MINUTE_US, 0, n, mains};
    home.truth[0] = (dcl_series){DCL_POWER_W, START, DCL_MINUTE_US, 0, n, part};
    strcpy(home.truth_name[0], "kettle");
    return home;
}

static void days_too_few_to_judge_are_said_and_not_judged(void **state) {
    town *t = *state;
    dcl_power_options options = dcl_power_defaults();
    options.rows = 3000, options.rounds = 60, options.copies = 1;
    dcl_zone *zone;
    assert_int_equal(dcl_zone_open("UTC", &zone, NULL), DCL_OK);
    t->context.zone = zone;
    static const struct {
        int days, learned, held;
    } cases[] = {{1, 1, 0}, {5, 5, 0}, {6, 3, 3}, {7, 4, 3}, {12, 8, 4}};
    for (size_t k = 0; k < COUNT(cases); k++) {
        bool any = false;
        dcl_home home = minutes(&t->arena, cases[k].days, &any);
        dcl_plug_gains gains;
        dcl_error error = {0};
        assert_int_equal(dcl_plug_judge(&t->context, &home, &options, &t->arena, &gains, &error), DCL_OK);
        assert_int_equal(gains.learned_days, cases[k].learned);
        assert_int_equal(gains.held_days, cases[k].held);
        assert_int_equal(gains.told, cases[k].held > 0);
        assert_int_equal(gains.n, 1);
        assert_string_equal(gains.gain[0].name, "kettle");
        if (!gains.told) {
            assert_true(isnan(gains.gain[0].own.f1) && isnan(gains.gain[0].mean.nde_root));
            continue;
        }
        assert_int_equal((gains.split_us - START) / DCL_DAY_US, cases[k].learned);
        assert_true(gains.gain[0].own.f1 > 0.95 && gains.gain[0].own.nde_root < 0.2);
        assert_true(gains.gain[0].mean.f1 == 0 && gains.gain[0].mean.nde_root > 0.9);
        assert_float_equal(gains.gain[0].mean.energy_error, 0, 1e-3);
    }
    dcl_zone_close(&zone);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(shifting_a_plug_shifts_the_offset_found_by_as_much),
        TEST(two_plugs_of_one_size_keep_their_own_clocks),
        TEST(a_drift_is_found_with_its_sign),
        TEST(a_plug_read_seldom_is_aligned_within_parts_of_a_reading),
        TEST(gaps_of_the_meter_are_no_missing_steps),
        TEST(apparent_power_alone_serves_as_well),
        TEST(a_clock_off_by_hours_is_told_by_how_much),
        TEST(a_plug_of_another_home_is_not_believed),
        TEST(a_regular_plug_is_placed_near_and_its_rival_named),
        TEST(a_plug_too_regular_for_any_clock_is_said_to_be),
        TEST(what_cannot_be_compared_has_its_own_verdict),
        TEST(options_out_of_range_and_interrupts_end_it),
        TEST(a_plug_put_right_keeps_its_energy_and_its_gaps),
        TEST(days_too_few_to_judge_are_said_and_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
