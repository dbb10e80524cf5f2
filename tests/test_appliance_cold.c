/* Compressors that are followed through a home of 10 s that is made here, with the truth known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/kernel.h>

#include "appliance/cold.h"
#include "base/math.h"
#include "base/rng.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { DAY = 8640, DAYS = 8, N = DAYS * DAY };
static const int64_t START = INT64_C(1704067200) * DCL_SECOND_US, PERIOD = 10 * DCL_SECOND_US;

typedef struct fixture {
    dcl_kernels kernels;
    dcl_context context;
    float mains[N], fridge[N];
    dcl_series series;
    dcl_home home;
    dcl_arena arena;
    dcl_power_scene scene;
} fixture;

/* A compressor: it starts at `up` and settles within minutes to `down`. */
typedef struct machine {
    double up_w, down_w, settle_s, on_s, off_s, scatter;
    uint64_t stream;
    size_t long_every; /* of so many cycles one lasts for hours; 0 = none */
} machine;

/* Their steps are the same: only the lengths and the way to settle tell one from the other. */
static const machine FRIDGE = {112, 86, 150, 1500, 2900, 0.12, 1, 0},
                     FREEZER = {112, 86, 1500, 1700, 2500, 0.12, 2, 0};

static void add_machine(float *power, machine m) {
    dcl_rng rng = {5, m.stream, 0};
    double at = 300;
    for (size_t c = 1; at < N; c++) {
        double on = m.on_s / 10 * dcl_exp(m.scatter * dcl_rng_normal(&rng));
        if (m.long_every && c % m.long_every == 0) on *= 5;
        for (double age = 0; age < on && at + age < N; age++)
            power[(size_t)(at + age)] +=
                (float)(m.down_w + (m.up_w - m.down_w) * dcl_exp(-10 * age / m.settle_s) +
                        (age < 1 ? 60 : 0));
        at += on + m.off_s / 10 * dcl_exp(m.scatter * dcl_rng_normal(&rng));
    }
}

/* Plates and kettles: at noon and in the evening something large switches every half minute or so for an hour. */
static void add_cooking(float *power) {
    dcl_rng rng = {5, 9, 0};
    float level = 0;
    for (size_t i = 0; i < N; i++) {
        size_t hour = i % DAY / 360;
        bool cooks = hour == 12 || hour == 19;
        if (!cooks)
            level = 0;
        else if (dcl_rng_below(&rng, 3) == 0)
            level = (float)dcl_rng_below(&rng, 15) * 100.f;
        power[i] += level;
    }
}

static fixture *make(const machine *fridge, const machine *other, bool cooking) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(dcl_kernels_select(NULL, &f->kernels, NULL), DCL_OK);
    f->context = (dcl_context){.kernels = &f->kernels, .threads = 1, .seed = 1};
    if (fridge) add_machine(f->fridge, *fridge);
    memcpy(f->mains, f->fridge, sizeof f->mains);
    if (other) add_machine(f->mains, *other);
    if (cooking) add_cooking(f->mains);
    dcl_rng rng = {5, 11, 0};
    for (size_t i = 0; i < N; i++) f->mains[i] += 80 + (float)dcl_rng_uniform(&rng);
    return f;
}

static void find_steps(fixture *f) {
    f->series = (dcl_series){DCL_POWER_W, START, PERIOD, 0, N, f->mains};
    f->home = (dcl_home){.id = "made", .series = &f->series, .n_series = 1};
    assert_int_equal(dcl_power_scene_of(&f->context, &f->home, &f->arena, &f->scene, NULL), DCL_OK);
    assert_int_equal(dcl_power_scene_events(&f->context, &f->scene, &f->arena, NULL), DCL_OK);
}

static void release(fixture *f) {
    dcl_arena_free(&f->arena);
    free(f);
}

/* F1 of on and off, where the mains are there. */
static double f1_of(const fixture *f, const int32_t *level) {
    double both = 0, either = 0;
    for (size_t i = 0; i < N; i++) {
        if (isnan(f->mains[i])) continue;
        bool is = f->fridge[i] > 40, said = level[i] > 0;
        both += is && said;
        either += is + said;
    }
    return 2 * both / either;
}

static double track(fixture *f, dcl_cold_like *like, size_t *cycles) {
    int32_t *level = malloc(N * sizeof *level);
    assert_non_null(level);
    assert_int_equal(dcl_cold_track(&f->scene, like, level, cycles, NULL), DCL_OK);
    double f1 = f1_of(f, level);
    free(level);
    return f1;
}

static void a_compressor_is_told_among_other_loads(void **state) {
    (void)state;
    static const machine warm = {112, 86, 150, 1500, 2900, 0.12, 1, 9};
    static const struct {
        const char *what;
        const machine *fridge, *other;
        bool cooking;
        double least;
    } cases[] = {
        {"alone", &FRIDGE, NULL, false, 0.995},
        {"while somebody cooks over its steps", &FRIDGE, NULL, true, 0.99},
        {"beside a compressor of the same power", &FRIDGE, &FREEZER, false, 0.993},
        {"beside both", &FRIDGE, &FREEZER, true, 0.985},
        {"with cycles of hours", &warm, NULL, false, 0.993},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        fixture *f = make(cases[i].fridge, cases[i].other, cases[i].cooking);
        find_steps(f);
        dcl_cold_like like = {108, 90, 1450, 3000};
        size_t cycles;
        double f1 = track(f, &like, &cycles);
        if (f1 < cases[i].least) fail_msg("%s: F1 %.3f, %zu cycles", cases[i].what, f1, cycles);
        if (fabs(like.down_w - 86) > 3 || fabs(like.on_s - 1500) > 120 || fabs(like.off_s - 2900) > 200)
            fail_msg("%s: stops at %g W, on %g s, off %g s", cases[i].what, like.down_w, like.on_s,
                     like.off_s);
        release(f);
    }
}

static void days_without_mains_are_bridged(void **state) {
    (void)state;
    fixture *f = make(&FRIDGE, NULL, false);
    for (size_t i = 3 * DAY; i < 4 * DAY + DAY / 2; i++) f->mains[i] = NAN;
    find_steps(f);
    dcl_cold_like like = {108, 90, 1450, 3000};
    int32_t *level = malloc(N * sizeof *level);
    size_t cycles;
    assert_non_null(level);
    assert_int_equal(dcl_cold_track(&f->scene, &like, level, &cycles, NULL), DCL_OK);
    double f1 = f1_of(f, level);
    if (f1 < 0.98) fail_msg("F1 %.3f", f1);
    for (size_t i = 3 * DAY; i < 4 * DAY + DAY / 2; i++) assert_int_equal(level[i], 0);
    free(level);
    release(f);
}

static void a_home_without_steps_has_no_cycles(void **state) {
    (void)state;
    fixture *f = make(NULL, NULL, false);
    find_steps(f);
    dcl_cold_like like = {108, 90, 1450, 3000};
    int32_t *level = malloc(N * sizeof *level);
    size_t cycles = 7;
    assert_non_null(level);
    assert_int_equal(dcl_cold_track(&f->scene, &like, level, &cycles, NULL), DCL_OK);
    assert_int_equal(cycles, 0);
    for (size_t i = 0; i < N; i++) assert_int_equal(level[i], 0);
    assert_true(fabs(like.up_w - 108) < 1e-9); /* what nothing was found of stays as it was */
    free(level);
    release(f);
}

static void the_level_of_a_candidate_is_told_by_the_first_and_last_step(void **state) {
    (void)state;
    fixture *f = make(&FRIDGE, NULL, false);
    find_steps(f);
    dcl_cold_like like[4];
    assert_true(dcl_cold_candidates(&f->scene, like, 4) >= 1);
    assert_true(fabs(like[0].up_w - like[0].down_w) < 1e-9);
    dcl_cold_begin(&f->scene, &like[0]);
    if (fabs(like[0].up_w - 112) > 6 || fabs(like[0].down_w - 86) > 3)
        fail_msg("starts at %g W, stops at %g W", like[0].up_w, like[0].down_w);
    dcl_cold_like none = {200, 200, 1500, 2900}; /* of which the home has no cycle */
    dcl_cold_begin(&f->scene, &none);
    assert_true(fabs(none.up_w - 200) < 1e-9 && fabs(none.down_w - 200) < 1e-9);
    release(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compressor_is_told_among_other_loads),
        cmocka_unit_test(days_without_mains_are_bridged),
        cmocka_unit_test(a_home_without_steps_has_no_cycles),
        cmocka_unit_test(the_level_of_a_candidate_is_told_by_the_first_and_last_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
