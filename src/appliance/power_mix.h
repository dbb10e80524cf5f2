/* Homes to learn from: a measured one on one grid, and mixed copies of it. */
#ifndef DCL_APPLIANCE_POWER_MIX_H
#define DCL_APPLIANCE_POWER_MIX_H

#include "appliance/power.h"

/**
 * A home with its truth.
 * part [n_parts][n]   0.1 W, DCL_MISSING_I32 = missing, on the grid of the mains; NULL = this home does not know it
 * var_share [n_parts] reactive power that goes with a part's active power, var / W, by least squares; 0 without
 */
typedef struct dcl_power_lesson {
    dcl_power_scene scene;
    size_t n_parts;
    int32_t **part;
    double *var_share;
} dcl_power_lesson;

/**
 * A home's mains and parts, by the names of the model.
 * Errors: DCL_E_ARG a part on another grid; DCL_E_NO_DATA; DCL_E_MEMORY.
 */
dcl_status dcl_power_lesson_of(const dcl_context *context, const dcl_home *home, const dcl_power_known *known,
                               size_t n, dcl_arena *arena, dcl_power_lesson *out,
                               dcl_error *error) DCL_MUST_USE;

/**
 * A copy in which each part ran on another day, some minutes earlier or later: the mains are what nobody explains plus the
 * parts as they are now. It teaches what an appliance looks like beside others than those that happened to run with it.
 * number  which copy, from 1: the draw is (seed, number, part)
 * Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 */
dcl_status dcl_power_lesson_mix(const dcl_context *context, const dcl_power_lesson *from, uint64_t number,
                                dcl_arena *arena, dcl_power_lesson *out, dcl_error *error) DCL_MUST_USE;

#endif
