/*
 * The compressor of a home that no model has seen: a load of some tens of watts that comes at a regular distance, round
 * the clock. Its level, length and distance are the home's own.
 */
#ifndef DCL_APPLIANCE_COLD_H
#define DCL_APPLIANCE_COLD_H

#include "appliance/power.h"

/**
 * The compressors that a home's cycles suggest, the likeliest first: groups of cycles of 30 to 250 W that last 3 min to 3 h,
 * come at a regular distance and in every quarter of the day.
 * out [room]; returns how many. Groups within 12 % of power and 15 % of length of each other are one.
 */
size_t dcl_cold_candidates(const dcl_power_scene *scene, dcl_cold_like *out, size_t room);

/**
 * Follows one compressor through the steps of a home: of all ways to take steps up and down as its switching, the one that
 * fits its power, its lengths and its distances best; a step that another load hides may be left out at a price. What it is
 * like is measured again on what was found, twice.
 *
 * like   where to begin; then what was found
 * taken [scene->steps.n]  steps that belong to another compressor already; those of this one are marked as well. NULL = none
 * level [scene->n]  0.1 W; 0 where it is off
 * Returns how many cycles were found.   Errors: DCL_E_MEMORY.
 */
dcl_status dcl_cold_follow(const dcl_power_scene *scene, dcl_cold_like *like, bool *taken, int32_t *level,
                           size_t *cycles, dcl_error *error) DCL_MUST_USE;

/**
 * Sizes of the first and the last step of a candidate, by the home's cycles that are like it: a compressor starts with more than
 * it stops with. Stays as it is where there are fewer than six.
 */
void dcl_cold_begin(const dcl_power_scene *scene, dcl_cold_like *like);

/**
 * Follows one compressor from the first cycle to the last: the likeliest chain of on and off, by the sizes of its steps beside
 * those of all others in the home, by how the mains fall after its start, by the lengths of the cycles and rests around, and
 * with switches that go unseen where the mains are restless. What it is like is learned again from what was found, four times.
 * Surer than dcl_cold_follow(), and some ten times slower.
 *
 * like   where to begin; then what was found
 * level [scene->n]  0.1 W; 0 where it is off
 * cycles how many were found
 * Errors: DCL_E_MEMORY.   Cost: O(signs × those within 12 h).
 */
dcl_status dcl_cold_track(const dcl_power_scene *scene, dcl_cold_like *like, int32_t *level, size_t *cycles,
                          dcl_error *error) DCL_MUST_USE;

/** What the home never falls below around each hour, 0.1 W: *out [hours], the caller's to free(). Errors: DCL_E_MEMORY. */
dcl_status dcl_cold_floor(const dcl_power_scene *scene, int32_t **out, dcl_error *error) DCL_MUST_USE;

/** One cycle on the samples [from, to): from the power it starts with to the one it stops with, within its usual length. */
void dcl_cold_draw(const dcl_power_scene *scene, const dcl_cold_like *like, int64_t from, int64_t to,
                   int32_t *level);

/**
 * What a compressor is like by its truth. False where the truth is none: fewer than two cycles a day, or levels and
 * lengths out of the range of dcl_cold_candidates().
 * truth [n]  0.1 W, DCL_MISSING_I32 = missing; on_w as dcl_score_on_w()
 */
bool dcl_cold_of_truth(const int32_t *truth, size_t n, int64_t period_us, double on_w, dcl_cold_like *out);

#endif
