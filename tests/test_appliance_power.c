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
#include "appliance/power_mix.h"
#include "base/rng.h"
#include "scratch.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { N = 5 * 1440 };
static const int64_t START = INT64_C(1704067200) * DCL_SECOND_US;

typedef struct fixture {
    dcl_kernels kernels;
    dcl_context context;
    float mains[N], fridge[N], kettle[N];
    dcl_series series[1], truth[2];
    char name[2][64];
    dcl_home home;
} fixture;

/* A minute home: a fridge of 90 W, 20 min of every 60 with some minutes more or less, a kettle thrice a day, and a lamp. */
static fixture *make(uint64_t seed) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(dcl_kernels_select(NULL, &f->kernels, NULL), DCL_OK);
    f->context = (dcl_context){.kernels = &f->kernels, .threads = 1, .seed = 1};
    dcl_rng rng = {seed, 3, 0};
    for (size_t i = dcl_rng_below(&rng, 40); i < N; i += 37 + dcl_rng_below(&rng, 6)) {
        size_t end = i + 18 + dcl_rng_below(&rng, 5);
        for (; i < end && i < N; i++) f->fridge[i] = 90;
    }
    for (size_t day = 0; day < 5; day++)
        for (size_t k = 0; k < 3; k++) {
            size_t at = day * 1440 + 300 + 400 * k + dcl_rng_below(&rng, 200);
            for (size_t i = at; i < at + 3; i++) f->kettle[i] = 2000;
        }
    for (size_t i = 0; i < N; i++) {
        float lamp = i % 1440 > 1080 && i % 1440 < 1300 ? 150.f : 0.f;
        f->mains[i] = 60 + (float)dcl_rng_uniform(&rng) + lamp + f->fridge[i] + f->kettle[i];
    }
    for (size_t i = 2000; i < 2030; i++) f->mains[i] = NAN;
    f->series[0] = (dcl_series){DCL_POWER_W, START, DCL_MINUTE_US, 0, N, f->mains};
    f->truth[0] = (dcl_series){DCL_POWER_W, START, DCL_MINUTE_US, 0, N, f->fridge};
    f->truth[1] = (dcl_series){DCL_POWER_W, START, DCL_MINUTE_US, 0, N, f->kettle};
    strcpy(f->name[0], "fridge");
    strcpy(f->name[1], "kettle");
    f->home = (dcl_home){.id = "made",
                         .series = f->series,
                         .n_series = 1,
                         .truth = f->truth,
                         .truth_name = f->name,
                         .n_truth = 2};
    return f;
}

static dcl_power_model *learn(fixture *f) {
    dcl_power_options options = dcl_power_defaults();
    options.rows = 4000;
    options.rounds = 30;
    options.copies = 1;
    dcl_power_model *model = NULL;
    dcl_error error = {0};
    if (dcl_power_learn(&f->context, &f->home, 1, &options, &model, &error)) fail_msg("%s", error.msg);
    return model;
}

static dcl_status estimate(fixture *f, const dcl_power_model *model, bool other_home, dcl_arena *arena,
                           dcl_power_estimate *out) {
    return dcl_power_estimate_home(&f->context, model, &f->home, other_home, arena, out, NULL);
}

static void a_model_comes_back_from_its_file_and_estimates_the_same(void **state) {
    (void)state;
    fixture *f = make(1);
    scratch folder;
    scratch_begin(&folder);
    const char *path = scratch_path(&folder, "a.model");
    dcl_power_model *model = learn(f), *again = NULL;
    assert_int_equal(dcl_power_write(model, path, NULL), DCL_OK);
    assert_int_equal(dcl_power_read(path, &again, NULL), DCL_OK);
    dcl_arena arena = {0};
    dcl_power_estimate a, b;
    assert_int_equal(estimate(f, model, false, &arena, &a), DCL_OK);
    f->context.threads = 3;
    assert_int_equal(estimate(f, again, false, &arena, &b), DCL_OK);
    assert_int_equal(a.n_channels, 2);
    for (size_t c = 0; c < 2; c++) {
        assert_string_equal(a.channel[c].name, b.channel[c].name);
        assert_memory_equal(a.channel[c].level, b.channel[c].level, N * sizeof(int32_t));
    }
    assert_int_equal(a.mains[2010], DCL_MISSING_I32);
    assert_int_equal(a.channel[0].level[2010], DCL_MISSING_I32);
    assert_true(a.channel[0].coverage > .99 && a.channel[0].coverage < 1);
    dcl_arena_free(&arena);
    dcl_power_close(&model);
    dcl_power_close(&again);
    scratch_end(&folder);
    free(f);
}

/* Every byte of every part is changed in turn and the checksums put right: refused, or a model that can be run. */
static void numbers_of_a_model_are_believed_only_where_they_make_sense(void **state) {
    (void)state;
    fixture *f = make(1);
    scratch folder;
    scratch_begin(&folder);
    const char *path = scratch_path(&folder, "a.model"), *bad = scratch_path(&folder, "bad.model");
    dcl_power_model *model = learn(f);
    assert_int_equal(dcl_power_write(model, path, NULL), DCL_OK);
    dcl_arena arena = {0};
    dcl_pack pack;
    assert_int_equal(dcl_pack_read(path, NULL, &arena, &pack, NULL), DCL_OK);
    f->series[0].n = 60; /* running it stays short */
    size_t refused = 0;
    for (size_t p = 0; p < pack.n; p++) {
        dcl_pack_part parts[DCL_PACK_PARTS];
        memcpy(parts, pack.part, pack.n * sizeof *parts);
        unsigned char *bytes = malloc(parts[p].n);
        assert_non_null(bytes);
        parts[p].bytes = bytes;
        size_t stride = parts[p].n / 150 + 1;
        for (size_t i = 0; i < parts[p].n; i += stride) {
            memcpy(bytes, pack.part[p].bytes, parts[p].n);
            bytes[i] ^= (unsigned char)(i % 2 ? 0xff : 0x81);
            assert_int_equal(dcl_pack_write(bad, DCL_POWER_KIND, parts, pack.n, NULL), DCL_OK);
            dcl_power_model *other = NULL;
            dcl_status status = dcl_power_read(bad, &other, NULL);
            dcl_arena results = {0};
            dcl_power_estimate out;
            if (status == DCL_OK)
                (void)!estimate(f, other, false, &results, &out);
            else
                refused++;
            dcl_arena_free(&results);
            dcl_power_close(&other);
        }
        free(bytes);
    }
    assert_true(refused > 50);
    dcl_arena_free(&arena);
    dcl_power_close(&model);
    scratch_end(&folder);
    free(f);
}

static void a_home_that_does_not_fit_the_model_is_refused(void **state) {
    (void)state;
    fixture *f = make(1);
    dcl_power_model *model = learn(f);
    dcl_arena arena = {0};
    dcl_power_estimate out;
    f->series[0].period_us = DCL_HOUR_US;
    assert_int_equal(estimate(f, model, false, &arena, &out), DCL_E_ARG);
    f->series[0].period_us = DCL_MINUTE_US;
    f->series[0].channel = DCL_APPARENT_VA;
    assert_int_equal(estimate(f, model, false, &arena, &out), DCL_E_ARG);
    f->series[0].channel = DCL_VOLTAGE_V;
    assert_int_equal(estimate(f, model, false, &arena, &out), DCL_E_NO_DATA);
    dcl_arena_free(&arena);
    dcl_power_close(&model);
    free(f);
}

static void a_compressor_is_followed_by_its_own_steps(void **state) {
    (void)state;
    fixture *f = make(7);
    dcl_arena arena = {0};
    dcl_power_scene scene;
    assert_int_equal(dcl_power_scene_of(&f->context, &f->home, &arena, &scene, NULL), DCL_OK);
    assert_int_equal(dcl_power_scene_events(&f->context, &scene, &arena, NULL), DCL_OK);
    dcl_cold_like like[4];
    assert_true(dcl_cold_candidates(&scene, like, 4) >= 1);
    int32_t *level = calloc(N, sizeof *level);
    bool *taken = calloc(scene.steps.n + 1, sizeof *taken);
    size_t cycles, right = 0;
    assert_true(level && taken);
    assert_int_equal(dcl_cold_follow(&scene, &like[0], taken, level, &cycles, NULL), DCL_OK);
    for (size_t i = 0; i < N; i++) right += (level[i] > 450) == (f->fridge[i] > 45);
    if (right < N * 97 / 100) fail_msg("%zu of %d minutes", right, N);
    assert_true(fabs(like[0].up_w - 90) < 3 && fabs(like[0].on_s - 1200) < 90);
    assert_in_range(cycles, 110, 130);
    /* Its steps are taken: nothing of it is left for another. */
    size_t n_taken = 0;
    for (size_t s = 0; s < scene.steps.n; s++) n_taken += taken[s];
    assert_true(n_taken > 200);
    free(level), free(taken), free(f);
    dcl_arena_free(&arena);
}

static void the_truth_tells_a_compressor_from_a_kettle(void **state) {
    (void)state;
    fixture *f = make(3);
    int32_t *level = calloc(N, sizeof *level);
    assert_non_null(level);
    dcl_cold_like like;
    for (size_t i = 0; i < N; i++) level[i] = dcl_edge_quantise(f->fridge[i]);
    assert_true(dcl_cold_of_truth(level, N, DCL_MINUTE_US, 45, &like));
    assert_true(fabs(like.up_w - 90) < .1 && fabs(like.on_s - 1200) < 61 && fabs(like.off_s - 2370) < 91);
    for (size_t i = 0; i < N; i++) level[i] = dcl_edge_quantise(f->kettle[i]);
    assert_false(dcl_cold_of_truth(level, N, DCL_MINUTE_US, 1000, &like));
    free(level), free(f);
}

static void in_another_home_the_fridge_has_the_level_of_that_home(void **state) {
    (void)state;
    fixture *f = make(1), *g = make(2);
    dcl_power_model *model = learn(f);
    for (size_t i = 0; i < N; i++) g->mains[i] += g->fridge[i] > 0 ? -35.f : 0.f; /* one of 55 W */
    dcl_arena arena = {0};
    dcl_power_estimate out;
    assert_int_equal(estimate(g, model, true, &arena, &out), DCL_OK);
    double sum = 0, on = 0, error = 0;
    for (size_t i = 0; i < N; i++) {
        if (out.mains[i] == DCL_MISSING_I32) continue;
        double want = g->fridge[i] > 0 ? 55 : 0, got = out.channel[0].level[i] / 10.0;
        error += fabs(got - want);
        sum += want > 0 ? got : 0;
        on += want > 0;
    }
    assert_true(isnan(out.channel[0].confidence));
    if (fabs(sum / on - 55) > 5 || error / N > 4) fail_msg("%g W, error %g W", sum / on, error / N);
    dcl_arena_free(&arena);
    dcl_power_close(&model);
    free(f), free(g);
}

static void a_mixed_copy_moves_parts_and_keeps_the_rest(void **state) {
    (void)state;
    fixture *f = make(1);
    dcl_arena arena = {0};
    dcl_power_known known[2] = {{.name = "fridge"}, {.name = "kettle"}};
    dcl_power_lesson from, mixed, same;
    assert_int_equal(dcl_power_lesson_of(&f->context, &f->home, known, 2, &arena, &from, NULL), DCL_OK);
    assert_int_equal(dcl_power_lesson_mix(&f->context, &from, 1, &arena, &mixed, NULL), DCL_OK);
    assert_int_equal(dcl_power_lesson_mix(&f->context, &from, 1, &arena, &same, NULL), DCL_OK);
    assert_memory_equal(mixed.scene.level[0], same.scene.level[0], N * sizeof(int32_t));
    size_t moved = 0;
    for (size_t i = 0; i < N; i++) {
        if (mixed.scene.level[0][i] == DCL_MISSING_I32) continue;
        int32_t rest = from.scene.level[0][i] - from.part[0][i] - from.part[1][i];
        assert_int_equal(mixed.scene.level[0][i] - mixed.part[0][i] - mixed.part[1][i], rest);
        moved += mixed.part[0][i] != from.part[0][i];
    }
    assert_true(moved > N / 10);
    dcl_arena_free(&arena);
    free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_comes_back_from_its_file_and_estimates_the_same),
        cmocka_unit_test(numbers_of_a_model_are_believed_only_where_they_make_sense),
        cmocka_unit_test(a_home_that_does_not_fit_the_model_is_refused),
        cmocka_unit_test(a_compressor_is_followed_by_its_own_steps),
        cmocka_unit_test(the_truth_tells_a_compressor_from_a_kettle),
        cmocka_unit_test(in_another_home_the_fridge_has_the_level_of_that_home),
        cmocka_unit_test(a_mixed_copy_moves_parts_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
