/* One home described from the curves of its days, and its days as rows for the dictionary. */
#ifndef DCL_HOUSEHOLD_DESCRIBE_H
#define DCL_HOUSEHOLD_DESCRIBE_H

#include "base/order.h"
#include "household/calendar_map.h"

/** A day is there when so many of its half hours are: the day of 23 hours lacks two. */
enum { DAY_LEAST_SLOTS = 46, CELL_LEAST_DAYS = 3 };

/** What one thread needs to look at a home: seen, curve [n_days × 48]; mean, low, high, sorted [n_days]; row [n_days × 48]. */
typedef struct dcl_home_scratch {
    uint16_t *seen;
    float *curve, *mean, *low, *high, *sorted, *row;
    uint32_t *at;
} dcl_home_scratch;

/** Takes the scratch as one block, to be freed with free(scratch->curve); false without memory. */
bool dcl_home_scratch_take(dcl_home_scratch *scratch, size_t n_days);

/**
 * Fills profile [DCL_PROFILE_LENGTH] and trait [DCL_TRAIT_COUNT] from scratch->curve, but SHAPE_ENTROPY. Returns the days that are there,
 * whose numbers are in scratch->at in order and whose mean, lowest and highest half hour in scratch->mean, low and high.
 */
uint32_t dcl_home_describe(const dcl_calendar_map *map, const dcl_day_weather *weather,
                           dcl_home_scratch *scratch, float *profile, float *trait);

/**
 * Fills habit [DCL_HABIT_LENGTH] from scratch->curve and the n days that dcl_home_describe() listed; NaN where a kind of day of a half of the
 * year was seen on fewer than CELL_LEAST_DAYS days. Uses scratch->row and scratch->sorted.
 */
void dcl_home_habits(const dcl_calendar_map *map, dcl_home_scratch *scratch, uint32_t n, float *habit);

/** A day of the curve as the dictionary sees it: square roots of half hours over the day's mean, holes filled from before. out [48] */
void dcl_home_day_row(const dcl_home_scratch *scratch, uint32_t day, float *out);

/** The quantile q of sorted values [n], as all numbers of a home are kept. */
static inline float dcl_household_quantile(const float *sorted, size_t n, double q) {
    return (float)dcl_quantile_f32(sorted, n, q);
}

#endif
