/* Days of simple loads on a meter of their own, for tests of models that name types. */
#ifndef TESTS_LOAD_DAY_H
#define TESTS_LOAD_DAY_H

#include <declic/appliance_types.h>

#include "base/rng.h"

enum { LOAD_KINDS = 3, LOAD_DAY = 8640 }; /* samples 10 s apart */

static const char *const load_label[LOAD_KINDS] = {"kettle", "fridge", "lamp"};

/* How a kind runs: watts, seconds on, seconds from start to start, start of the first. */
static const struct load_habit {
    double watts, on_s, every_s;
} load_habit[LOAD_KINDS] = {{2000, 150, 14000}, {90, 900, 3000}, {35, 9000, 43000}};

/* A day of the d-th device of a kind: power and lengths are its own, starts the day's. value [LOAD_DAY]. */
static inline dcl_series load_day(uint32_t kind, uint32_t device, uint32_t day, float *value) {
    const struct load_habit *habit = &load_habit[kind];
    uint64_t who = kind * 100 + device;
    double watts = habit->watts * (0.85 + 0.3 * dcl_random_uniform(5, who, 0));
    double on_s = habit->on_s * (0.8 + 0.4 * dcl_random_uniform(5, who, 1)), start = 0;
    for (size_t i = 0; i < LOAD_DAY; i++) value[i] = 0.5f;
    for (uint32_t n = 0; start < 86400; n++) {
        start += habit->every_s * (0.5 + 0.5 * dcl_random_uniform(6 + day, who, 2 * n));
        for (double at = start; at < start + on_s && at < 86400; at += 10)
            value[(size_t)(at / 10)] =
                (float)(watts * (1 + 0.01 * dcl_random_normal(7 + day, who, (uint64_t)at)));
    }
    return (dcl_series){.channel = DCL_POWER_W,
                        .start_us = INT64_C(1700000000) * DCL_SECOND_US,
                        .period_us = 10 * DCL_SECOND_US,
                        .n = LOAD_DAY,
                        .value = value};
}

#endif
