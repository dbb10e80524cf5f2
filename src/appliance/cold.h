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
 * What a compressor is like by its truth. False where the truth is none: fewer than two cycles a day, or levels and
 * lengths out of the range of dcl_cold_candidates().
 * truth [n]  0.1 W, DCL_MISSING_I32 = missing; on_w as dcl_score_on_w()
 */
bool dcl_cold_of_truth(const int32_t *truth, size_t n, int64_t period_us, double on_w, dcl_cold_like *out);

#endif
