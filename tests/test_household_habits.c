/* Habits of a home: what they tell, what they leave out, and homes grouped by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "base/civil.h"
#include "base/rng.h"
#include "household/describe.h"
#include "scratch.h"

enum { DAYS = 366, PER_DAY = 24, SLOTS = DAYS * PER_DAY, HALF_HOURS = DCL_PROFILE_SLOTS };

/* 2023-12-01, a Friday. */
static const int64_t START_US = INT64_C(1701388800) * DCL_SECOND_US;

/* ---------------------------------------------------------------- one home */

/* Habits of the curve that `power` gives: of half hour b on day d, a working day or not. */
static void habits_of(float (*power)(size_t d, size_t b, bool working), size_t days, float *habit) {
    static uint8_t cell[DAYS], half[DAYS];
    const dcl_calendar_map map = {
        .first_day = START_US / DCL_DAY_US, .n_days = days, .cell = cell, .habit = half};
    dcl_home_scratch room;
    assert_true(dcl_home_scratch_take(&room, days));
    for (size_t d = 0; d < days; d++) {
        int64_t day = map.first_day + (int64_t)d;
        int month = dcl_date_from_days(day).month;
        bool working = dcl_weekday(day) < 5;
        half[d] = (uint8_t)((month >= 5 && month <= 9) * 2 + !working);
        for (size_t b = 0; b < HALF_HOURS; b++) room.curve[d * HALF_HOURS + b] = power(d, b, working);
        room.at[d] = (uint32_t)d;
    }
    dcl_home_habits(&map, &room, (uint32_t)days, habit);
    free(room.curve);
}

/* Somebody is in between 18:00 and 22:00, at weekends from 10:00 on, and does something else each day. */
static float evening(size_t d, size_t b, bool working) {
    float busy = 100 + 400 * (float)dcl_random_uniform(5, b, d);
    return b >= (working ? 36u : 20u) && b < 44 ? busy : 60;
}
static float evening_of_a_palace(size_t d, size_t b, bool working) {
    return 20 * evening(d, b, working);
}
static float evening_beside_a_server(size_t d, size_t b, bool working) {
    return 900 + evening(d, b, working);
}
static float evening_with_an_oven(size_t d, size_t b, bool working) {
    return evening(d, b, working) + (b == 38 ? 1500 : 0);
}
static float night_tank(size_t d, size_t b, bool working) {
    return evening(d, b, working) + (b < 6 ? 2400 : 0);
}
static float noon_tank(size_t d, size_t b, bool working) {
    return evening(d, b, working) + (b == 26 || b == 27 ? 2400 : 0);
}
static float nothing(size_t d, size_t b, bool working) {
    (void)d, (void)b, (void)working;
    return 80;
}
static float holes(size_t d, size_t b, bool working) {
    return b == 30 && d % 2 ? NAN : evening(d, b, working);
}

static void habits_tell_when_and_not_how_much(void **state) {
    (void)state;
    static const struct {
        float (*power)(size_t, size_t, bool);
        float most; /* any difference from the plain home's */
    } like[] = {{evening_of_a_palace, 0.01f},  {evening_beside_a_server, 1e-6f},
                {evening_with_an_oven, 0.21f}, {holes, 0.01f},
                {night_tank, 1e-6f},           {noon_tank, 0.01f}};
    float plain[DCL_HABIT_LENGTH], other[DCL_HABIT_LENGTH];
    habits_of(evening, DAYS, plain);
    assert_true(plain[28] > 0.2f);                   /* 20:00, cool, working day */
    assert_true(fabsf(plain[10]) < 1e-6f);           /* 11:00 */
    assert_true(plain[DCL_HABIT_SLOTS + 10] > 0.2f); /* the same at weekends */
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        habits_of(like[i].power, DAYS, other);
        for (size_t j = 0; j < DCL_HABIT_LENGTH; j++) {
            if (fabsf(other[j] - plain[j]) > like[i].most)
                fail_msg("case %zu, place %zu: %g, plain %g", i, j, (double)other[j], (double)plain[j]);
            assert_true(other[j] >= 0 && other[j] < 1);
        }
    }
}

static void a_home_that_never_changes_has_no_habits(void **state) {
    (void)state;
    float habit[DCL_HABIT_LENGTH];
    habits_of(nothing, DAYS, habit);
    for (size_t j = 0; j < DCL_HABIT_LENGTH; j++) assert_true(!isnan(habit[j]) && !(fabsf(habit[j]) > 0));
}

static void a_half_of_the_year_without_days_is_not_known(void **state) {
    (void)state;
    float habit[DCL_HABIT_LENGTH];
    habits_of(evening, 90, habit); /* December to February */
    for (size_t j = 0; j < DCL_HABIT_LENGTH; j++) assert_true(isnan(habit[j]) == (j >= DCL_HABIT_LENGTH / 2));
}

/* ---------------------------------------------------------------- many homes */

enum { HOMES = 90, LIVES = 3 };

/* Three ways to live; every other home has a tank that heats at 13:00 each day, far stronger than anything people do. */
static float power_of(size_t h, size_t slot) {
    int hour = (int)(slot % PER_DAY);
    bool working = dcl_weekday(START_US / DCL_DAY_US + (int64_t)(slot / PER_DAY)) < 5;
    bool in = h % LIVES == 0   ? hour >= 8 && hour < 22
              : h % LIVES == 1 ? hour >= (working ? 18 : 9) && hour < 22
                               : (working ? hour >= 6 && hour < 17 : hour >= 12 && hour < 22);
    double noise = 0.8 + 0.4 * dcl_random_uniform(11, h, slot);
    return (float)((60 + (in ? 250 : 0)) * noise * (1 + 0.05 * (double)(h % 7)) +
                   (h % 2 && hour == 13 ? 2500 : 0));
}

static scratch files;

static const char *make_panel(dcl_kernels *kernels) {
    float *power_w = malloc((size_t)HOMES * SLOTS * sizeof *power_w);
    char(*id)[64] = calloc(HOMES, sizeof *id);
    uint8_t kind[HOMES];
    dcl_panel_shard shard;
    assert_true(power_w && id);
    const dcl_context context = {.kernels = kernels, .threads = 2, .seed = 1};
    for (size_t h = 0; h < HOMES; h++) {
        snprintf(id[h], sizeof *id, "home%03zu", h);
        kind[h] = (uint8_t)(h % LIVES + 1);
        for (size_t i = 0; i < SLOTS; i++) power_w[h * SLOTS + i] = power_of(h, i);
    }
    const dcl_panel_rows rows = {.n_homes = HOMES,
                                 .n_slots = SLOTS,
                                 .start_us = START_US,
                                 .period_us = DCL_HOUR_US,
                                 .id = (const char(*)[64])id,
                                 .kind = kind,
                                 .power_w = power_w};
    const char *path = scratch_path(&files, "habits.h5");
    assert_int_equal(dcl_panel_shard_write(&context, path, &rows, &shard, NULL), DCL_OK);
    scratch_path(&files, shard.file);
    assert_int_equal(dcl_panel_index_write(&context, path, rows.period_us, &shard, 1, NULL), DCL_OK);
    free(power_w);
    free(id);
    return path;
}

static void homes_are_grouped_by_how_people_live_and_not_by_tanks(void **state) {
    (void)state;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_panel *panel;
    dcl_arena arena = {0};
    dcl_homes homes;
    dcl_clusters shapes, habits, put;
    dcl_cluster_model model;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    assert_int_equal(dcl_zone_open("UTC", &zone, NULL), DCL_OK);
    const dcl_context context = {.kernels = &kernels, .threads = 2, .seed = 1, .zone = zone};
    const dcl_homes_options measure = dcl_homes_defaults();
    assert_int_equal(dcl_panel_open(make_panel(&kernels), &panel, NULL), DCL_OK);
    assert_int_equal(dcl_homes_measure(&context, panel, &measure, &arena, &homes, NULL), DCL_OK);
    dcl_panel_close(&panel);
    uint32_t life[HOMES], tank[HOMES];
    for (uint32_t h = 0; h < HOMES; h++) {
        life[h] = h % LIVES;
        tank[h] = h % 2;
    }
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = 2;
    options.bootstraps = 2;
    assert_int_equal(dcl_clusters_fit(&context, &homes, &options, &arena, &shapes, NULL), DCL_OK);
    assert_int_equal(shapes.by, DCL_BY_SHAPES); /* too few homes for habits, unless they are asked for */
    assert_true(dcl_adjusted_rand(shapes.label, tank, HOMES) > 0.9);
    options.by = DCL_BY_HABITS;
    options.k = LIVES;
    options.habit_components = 2;
    assert_int_equal(dcl_clusters_fit(&context, &homes, &options, &arena, &habits, NULL), DCL_OK);
    assert_int_equal(habits.by, DCL_BY_HABITS);
    assert_true(dcl_adjusted_rand(habits.label, life, HOMES) > 0.999);
    const char *path = scratch_path(&files, "clusters.h5");
    assert_int_equal(dcl_clusters_write(path, &homes, &habits, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_read(path, &arena, &model, NULL, NULL, NULL, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_assign(&context, &homes, &model, &arena, &put, NULL), DCL_OK);
    assert_int_equal(put.by, DCL_BY_HABITS);
    assert_memory_equal(put.label, habits.label, HOMES * sizeof *put.label);
    assert_memory_equal(model.metric, habits.model.metric, LIVES * 4 * sizeof(float));
    assert_memory_equal(model.offset, habits.model.offset, LIVES * sizeof(float));
    options.k = 0;
    options.k_most = LIVES + 2;
    assert_int_equal(dcl_clusters_fit(&context, &homes, &options, &arena, &habits, NULL), DCL_OK);
    assert_int_equal(habits.choice, DCL_CHOICE_LIKELIEST);
    assert_int_equal(habits.k, LIVES);
    assert_true(isnan(shapes.quality.icl) && !shapes.model.metric);
    dcl_zone_close(&zone);
    dcl_arena_free(&arena);
}

int main(void) {
    scratch_begin(&files);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(habits_tell_when_and_not_how_much),
        cmocka_unit_test(a_home_that_never_changes_has_no_habits),
        cmocka_unit_test(a_half_of_the_year_without_days_is_not_known),
        cmocka_unit_test(homes_are_grouped_by_how_people_live_and_not_by_tanks),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_end(&files);
    return failed;
}
