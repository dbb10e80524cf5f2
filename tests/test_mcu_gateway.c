/* The gateway's pipeline: features, steps, minutes, records, and what it does with models that are not for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/mcu_gateway.h>

#include "gateway/quantise.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---------------------------------------------------------------- features */

static void levels_grow_with_the_number_and_are_its_own_where_it_is_small(void **state) {
    (void)state;
    static const struct {
        uint32_t value, bits;
        int16_t want;
    } cases[] = {{0, 3, 0},   {7, 3, 7},   {8, 3, 8},   {9, 3, 9},        {15, 3, 15},         {16, 3, 16},
                 {17, 3, 16}, {18, 3, 17}, {31, 3, 23}, {32, 3, 24},      {2000, 3, 71},       {1, 1, 1},
                 {2, 1, 2},   {3, 1, 3},   {4, 1, 4},   {5, 1, 4},        {6, 1, 5},           {8, 1, 6},
                 {0, 0, 0},   {1, 0, 1},   {2, 0, 2},   {1 << 20, 0, 21}, {UINT32_MAX, 3, 239}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int16_t got = dcl_mcu_level(cases[i].value, cases[i].bits);
        if (got != cases[i].want) fail_msg("case %zu: want %d got %d", i, (int)cases[i].want, (int)got);
    }
    for (uint32_t v = 1; v < 40000; v++) assert_true(dcl_mcu_level(v, 3) >= dcl_mcu_level(v - 1, 3));
}

enum { MONDAY = 13162 * 1440 }; /* 2036-01-14 is a Monday: minutes since 2000, UTC */

static void means_of_minutes_are_those_of_the_last_ones(void **state) {
    (void)state;
    dcl_mcu_running r = {0};
    int16_t x[DCL_MINUTE_COUNT];
    for (uint32_t i = 0; i < 70; i++)
        dcl_mcu_running_minute(&r, MONDAY + 360 + i, 60, i == 69 ? 1000 : (int32_t)i);
    dcl_mcu_running_next(&r, 1234, x);
    assert_int_equal(x[DCL_MINUTE_NOW], 1234);
    assert_int_equal(x[DCL_MINUTE_MEAN_1], 1000);
    assert_int_equal(x[DCL_MINUTE_MEAN_2], 68);
    assert_int_equal(x[DCL_MINUTE_MEAN_3], 67);
    assert_int_equal(x[DCL_MINUTE_MEAN_5], (1000 + 68 + 67 + 66 + 65) / 5);
    assert_int_equal(x[DCL_MINUTE_LEAST_60], 10);
    assert_int_equal(x[DCL_MINUTE_MOST_60], 1000);
    assert_int_equal(x[DCL_MINUTE_HELD], 0);
    assert_int_equal(x[DCL_MINUTE_MINUTE], 360 + 60 + 70);
    assert_int_equal(x[DCL_MINUTE_WEEKDAY], 0);
    assert_int_equal(x[DCL_MINUTE_BEFORE], -1);
    assert_int_equal(x[DCL_MINUTE_WEEK], -1);
}

static void today_is_held_against_the_days_before(void **state) {
    (void)state;
    dcl_mcu_running r = {0};
    int16_t x[DCL_TODAY_COUNT];
    /* Three days of 600 W, with an hour ahead of UTC; then 300 W until noon. */
    for (uint32_t i = 0; i < 3 * 1440 + 720; i++)
        dcl_mcu_running_minute(&r, MONDAY - 60 + i, 60, i < 3 * 1440 ? 600 : 300);
    dcl_mcu_today today = dcl_mcu_running_today(&r, x);
    assert_int_equal(today.so_far, 360); /* 3.6 kWh */
    assert_int_equal(today.plain, 720);  /* 12 h of 600 W */
    assert_int_equal(x[DCL_TODAY_AHEAD], -500);
    assert_int_equal(x[DCL_TODAY_BEFORE], 1000);
    assert_int_equal(x[DCL_TODAY_WEEKDAY], -1000);
    assert_int_equal(x[DCL_TODAY_LOAD_60], 500);
    /* A day with a hole of two hours is not known. */
    for (uint32_t i = 3 * 1440 + 840; i < 4 * 1440 + 1; i++)
        dcl_mcu_running_minute(&r, MONDAY - 60 + i, 60, 300);
    today = dcl_mcu_running_today(&r, x);
    assert_int_equal(x[DCL_TODAY_BEFORE], -1000);
    assert_int_equal(today.so_far, 1);
}

static void a_clock_that_goes_back_begins_the_minutes_anew(void **state) {
    (void)state;
    dcl_mcu_running r = {0};
    for (uint32_t i = 0; i < 100; i++) dcl_mcu_running_minute(&r, MONDAY + i, 0, 500);
    assert_int_equal(r.n, 60);
    dcl_mcu_running_minute(&r, MONDAY + 50, 0, 500);
    assert_int_equal(r.n, 1);
    dcl_mcu_running_minute(&r, MONDAY + 50 + 1442, 0, 500);
    assert_int_equal(r.n, 1);
}

static void a_day_of_25_hours_counts_its_hour_twice(void **state) {
    (void)state;
    dcl_mcu_running r = {0};
    int16_t x[DCL_TODAY_COUNT];
    /* 600 W from local midnight; at 3 o'clock summer time it is 2 o'clock again. */
    for (uint32_t i = 0; i < 300; i++) dcl_mcu_running_minute(&r, MONDAY - 120 + i, i < 180 ? 120 : 60, 600);
    assert_int_equal(dcl_mcu_running_today(&r, x).so_far, 300);
    assert_int_equal(r.half_w[(MONDAY / 1440) % 8][4], 1200);
    assert_int_equal(r.half_w[(MONDAY / 1440) % 8][3], 600);
}

/* ---------------------------------------------------------------- the line */

typedef struct meter {
    dcl_mcu_gateway gateway;
    uint32_t ms;
    double wh;
    uint8_t event[64][DCL_RECORD_EVENT_BYTES], minute[4096][DCL_RECORD_MINUTE_BYTES];
    size_t events, minutes, states;
} meter;

static meter *meter_open(void) {
    meter *m = calloc(1, sizeof *m);
    assert_non_null(m);
    dcl_mcu_gateway_init(&m->gateway);
    m->ms = 5000;
    m->wh = 1000;
    return m;
}

static void take(meter *m) {
    uint8_t record[DCL_RECORD_STATE_BYTES];
    size_t n;
    while ((n = dcl_mcu_gateway_take(&m->gateway, record, sizeof record)) > 0) {
        if (record[0] == DCL_RECORD_EVENT) memcpy(m->event[m->events++ % 64], record, n);
        if (record[0] == DCL_RECORD_MINUTE) memcpy(m->minute[m->minutes++ % 4096], record, n);
        m->states += record[0] == DCL_RECORD_STATE;
    }
}

static void say(meter *m, const char *text) {
    size_t n = strlen(text);
    char line[160];
    snprintf(line, sizeof line, "\n%s %c\r", text, dcl_mcu_tic_checksum(text, n));
    for (const char *c = line; *c; c++) dcl_mcu_gateway_push(&m->gateway, (uint8_t)*c, m->ms);
}

/* A frame in historique mode, all of it active power; then `ms` pass. */
static void frame(meter *m, int va, uint32_t ms) {
    char text[64];
    dcl_mcu_gateway_push(&m->gateway, 2, m->ms);
    snprintf(text, sizeof text, "BASE %09d", (int)m->wh);
    say(m, text);
    snprintf(text, sizeof text, "PAPP %05d", va);
    say(m, text);
    dcl_mcu_gateway_push(&m->gateway, 3, m->ms);
    take(m);
    m->ms += ms;
    m->wh += va * (double)ms / 3.6e6;
}

static int32_t half(const uint8_t *at) {
    return (int16_t)(at[0] | at[1] << 8);
}

static void a_load_that_comes_and_goes_is_two_events(void **state) {
    (void)state;
    meter *m = meter_open();
    dcl_mcu_gateway_clock(&m->gateway, 5000, 750000000, 60);
    for (int i = 0; i < 200; i++) frame(m, i >= 50 && i < 120 ? 2300 : 300, 1500);
    assert_int_equal(m->events, 2);
    assert_int_equal(half(m->event[0] + 6), 2000);
    assert_int_equal(half(m->event[1] + 6), -2000);
    assert_in_range(half(m->event[0] + 8), 1900, 2000);
    assert_int_equal(m->event[0][11], 255);                    /* without a model, no label */
    assert_int_equal((uint16_t)half(m->event[0] + 14), 65535); /* never seen before */
    assert_in_range(half(m->event[1] + 14), 70 * 15 / 40 - 1, 70 * 15 / 40 + 1);
    uint32_t second = (uint32_t)(uint16_t)half(m->event[0] + 2) | (uint32_t)(uint16_t)half(m->event[0] + 4)
                                                                      << 16;
    assert_int_equal(second, 750000000 + 75);
    free(m);
}

static void a_minute_has_the_mean_of_its_frames(void **state) {
    (void)state;
    meter *m = meter_open();
    dcl_mcu_gateway_clock(&m->gateway, 5000, 750000000 / 60 * 60, 0);
    for (int i = 0; i < 600; i++) frame(m, i % 40 < 20 ? 1000 : 500, 1500);
    assert_in_range(m->minutes, 13, 15);
    for (size_t i = 2; i < m->minutes; i++) assert_in_range(half(m->minute[i] + 6), 725, 775);
    assert_int_equal(half(m->minute[3] + 8), 1000);
    assert_int_equal((uint16_t)half(m->minute[3] + 10), 65535); /* without a model, no forecast */
    free(m);
}

static void a_gateway_that_sleeps_tells_minutes_by_the_index(void **state) {
    (void)state;
    meter *m = meter_open();
    for (int i = 0; i < 40; i++) {
        for (int k = 0; k < 3; k++) frame(m, 1200, 1500);
        m->ms += 115500;
        m->wh += 1200 * 115.5 / 3600;
    }
    assert_true(m->minutes > 70);
    for (size_t i = 4; i < m->minutes; i++) {
        assert_in_range(half(m->minute[i] + 6), 1100, 1300);
        assert_true(m->minute[i][1] & (DCL_GATEWAY_SPARSE | DCL_GATEWAY_FILLED));
    }
    assert_int_equal(m->gateway.counts.silences, 39);
    free(m);
}

static void a_silence_of_hours_leaves_three_minutes(void **state) {
    (void)state;
    meter *m = meter_open();
    for (int i = 0; i < 100; i++) frame(m, 600, 1500);
    size_t before = m->minutes;
    m->ms += 5 * 3600000u;
    m->wh += 5 * 600;
    frame(m, 600, 1500);
    assert_int_equal(m->minutes - before, 3);
    assert_in_range(half(m->minute[m->minutes - 1] + 6), 595, 605);
    assert_true(m->minute[m->minutes - 1][1] & DCL_GATEWAY_FILLED);
    m->ms += 2 * 86400000u; /* longer than a day: minutes begin anew */
    before = m->minutes;
    frame(m, 600, 1500);
    assert_int_equal(m->minutes, before);
    free(m);
}

/* ---------------------------------------------------------------- models */

static void a_model_for_other_features_is_refused_and_the_old_one_stays(void **state) {
    (void)state;
    dcl_forest_node leaf = {.cut = 100}, other = {.cut = 50};
    dcl_forest_tree tree = {.n = 1};
    uint32_t k;
    const dcl_mcu_feature *feature = dcl_mcu_features(DCL_BLOB_MINUTE, &k);
    dcl_forest forest = {.n_features = k, .n_trees = 1, .n_nodes = 1, .tree = &tree, .node = &leaf};
    dcl_gateway_source source = {
        .kind = DCL_BLOB_MINUTE, .feature = feature, .features = k, .forest = &forest, .outputs = 1};
    dcl_gateway_blob good, foreign;
    assert_int_equal(dcl_gateway_quantise(&source, &good, NULL), DCL_OK);
    dcl_mcu_feature changed[DCL_MINUTE_COUNT];
    memcpy(changed, feature, sizeof changed);
    changed[3].den++;
    forest.node = &other;
    source.feature = changed;
    assert_int_equal(dcl_gateway_quantise(&source, &foreign, NULL), DCL_OK);
    meter *m = meter_open();
    assert_int_equal(dcl_mcu_gateway_model(&m->gateway, good.word, good.bytes), DCL_BLOB_FINE);
    assert_int_equal(dcl_mcu_gateway_model(&m->gateway, foreign.word, foreign.bytes), DCL_BLOB_OTHER);
    assert_int_equal(dcl_mcu_gateway_model(&m->gateway, good.word, good.bytes - 2), DCL_BLOB_SHORT);
    assert_int_equal(m->gateway.counts.refused, 2);
    for (int i = 0; i < 200; i++) frame(m, 600, 1500);
    assert_in_range(half(m->minute[2] + 10), 695, 705); /* as now, and a hundred more */
    free(m);
    dcl_gateway_blob_free(&good);
    dcl_gateway_blob_free(&foreign);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_grow_with_the_number_and_are_its_own_where_it_is_small),
        cmocka_unit_test(means_of_minutes_are_those_of_the_last_ones),
        cmocka_unit_test(today_is_held_against_the_days_before),
        cmocka_unit_test(a_clock_that_goes_back_begins_the_minutes_anew),
        cmocka_unit_test(a_day_of_25_hours_counts_its_hour_twice),
        cmocka_unit_test(a_load_that_comes_and_goes_is_two_events),
        cmocka_unit_test(a_minute_has_the_mean_of_its_frames),
        cmocka_unit_test(a_gateway_that_sleeps_tells_minutes_by_the_index),
        cmocka_unit_test(a_silence_of_hours_leaves_three_minutes),
        cmocka_unit_test(a_model_for_other_features_is_refused_and_the_old_one_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
