/* A home with all that a store can hold, for tests of the store. */
#ifndef STORE_HOME_H
#define STORE_HOME_H

#include "scratch.h"
#include "series_case.h"

/* Every kind of float: NaN with a payload, minus zero, denormals, the largest. */
static inline uint32_t bits_of(size_t i) {
    static const uint32_t special[] = {0x7fc00000, 0x7fc12345, 0xffc00001, 0x80000000,
                                       1,          0x7f7fffff, 0x3dcccccd};
    return i % 3 ? (uint32_t)(0x42c80000 + i * 2654435761U % 0x00400000) : special[i / 3 % COUNT(special)];
}

static inline float *values_of(dcl_arena *arena, size_t n) {
    float *value = dcl_arena_alloc(arena, n, sizeof *value);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(i);
        memcpy(&value[i], &bits, sizeof bits);
    }
    return value;
}

static inline dcl_home make_home(dcl_arena *arena, const char *id, size_t n) {
    dcl_home home = {.subscribed_kva = 6, .reading_us = 2 * DCL_SECOND_US, .readings = 12345};
    snprintf(home.id, sizeof home.id, "%s", id);
    strcpy(home.format, "tic");
    strcpy(home.zone, "Europe/Paris");
    home.notes = 1U << DCL_NOTE_POWER_FROM_INDEX | 1U << DCL_NOTE_LOCAL_TIME;
    home.excluded[DCL_EXCLUDED_BAD_CHECKSUM].count = 3;
    home.n_series = home.n_truth = home.n_va_maxima = 2;
    home.series = dcl_arena_alloc(arena, 2, sizeof *home.series);
    home.truth = dcl_arena_alloc(arena, 2, sizeof *home.truth);
    home.truth_name = dcl_arena_alloc(arena, 2, sizeof *home.truth_name);
    home.va_maxima = dcl_arena_alloc(arena, 2, sizeof *home.va_maxima);
    home.series[0] = (dcl_series){DCL_POWER_W,        CASE_NOW_US, 60 * DCL_SECOND_US,
                                  60 * DCL_SECOND_US, n,           values_of(arena, n)};
    home.series[1] = (dcl_series){DCL_APPARENT_VA, CASE_NOW_US, DCL_SECOND_US,
                                  DCL_SECOND_US,   2 * n,       values_of(arena, 2 * n)};
    home.truth[0] = (dcl_series){DCL_POWER_W,        CASE_NOW_US, 60 * DCL_SECOND_US,
                                 60 * DCL_SECOND_US, n,           values_of(arena, n)};
    home.truth[1] = (dcl_series){DCL_REACTIVE_VAR, -CASE_NOW_US, 7, 7, 1, values_of(arena, 1)};
    strcpy(home.truth_name[0], "fridge");
    strcpy(home.truth_name[1], "kettle é");
    home.va_maxima[0] = (dcl_va_maximum){CASE_NOW_US, 5210.5f};
    home.va_maxima[1] = (dcl_va_maximum){CASE_NOW_US + 1, 4800};
    return home;
}

static inline void assert_same_series(const dcl_series *a, const dcl_series *b) {
    assert_int_equal(a->channel, b->channel);
    assert_true(a->start_us == b->start_us && a->period_us == b->period_us && a->n == b->n);
    assert_memory_equal(a->value, b->value, a->n * sizeof *a->value);
}

static inline void assert_same_home(const dcl_home *a, const dcl_home *b) {
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->format, b->format);
    assert_string_equal(a->zone, b->zone);
    assert_true(a->notes == b->notes && a->reading_us == b->reading_us && a->readings == b->readings);
    assert_true(a->subscribed_kva == b->subscribed_kva ||
                (isnan(a->subscribed_kva) && isnan(b->subscribed_kva)));
    for (int i = 0; i < DCL_EXCLUSION_COUNT; i++)
        assert_int_equal(a->excluded[i].count, b->excluded[i].count);
    assert_int_equal(a->n_series, b->n_series);
    for (size_t i = 0; i < a->n_series; i++) assert_same_series(&a->series[i], &b->series[i]);
    assert_int_equal(a->n_truth, b->n_truth);
    for (size_t i = 0; i < a->n_truth; i++) {
        assert_string_equal(a->truth_name[i], b->truth_name[i]);
        assert_same_series(&a->truth[i], &b->truth[i]);
    }
    assert_int_equal(a->n_va_maxima, b->n_va_maxima);
    for (size_t i = 0; i < a->n_va_maxima; i++) {
        assert_true(a->va_maxima[i].time_us == b->va_maxima[i].time_us);
        assert_true(a->va_maxima[i].apparent_va == b->va_maxima[i].apparent_va);
    }
}

static inline char *read_whole(const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *bytes = malloc(1 << 22);
    assert_non_null(bytes);
    *n = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    return bytes;
}

#endif
