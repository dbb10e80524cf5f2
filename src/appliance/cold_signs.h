/*
 * What speaks for a compressor's having switched, moment by moment. Each moment that may be a switch has a weight: the log of
 * how much likelier what the home shows there is with the switch than without it.
 */
#ifndef DCL_APPLIANCE_COLD_SIGNS_H
#define DCL_APPLIANCE_COLD_SIGNS_H

#include "appliance/power.h"

/**
 * What a compressor's switching looks like in the mains: the usual size of its steps and how far they scatter, W. A compressor
 * draws less and less after its start: settle_w is by how much in two minutes, NaN = not known yet.
 */
typedef struct dcl_cold_look {
    double up_w, up_scatter_w, down_w, down_scatter_w, settle_w, settle_scatter_w;
} dcl_cold_look;

/**
 * A moment at which it may have switched.
 * at      sample that is the first of the new state
 * step    the step that shows it; -1 = none does: the mains were restless or missing
 * plain   the step is of its usual size
 * weight  log of the likelihood ratio; that of time is per second
 */
typedef struct dcl_cold_sign {
    int64_t at;
    ptrdiff_t step;
    bool is_up, plain;
    double weight;
} dcl_cold_sign;

/** Signs in order of time, down before up; and what they are made of. Zero at the beginning. */
typedef struct dcl_cold_signs {
    const dcl_power_scene *scene;
    dcl_cold_sign *at; /* [n] */
    size_t n, room;
    bool *own;       /* [steps] the caller's: steps that are this compressor's by what was found so far */
    double *settle;  /* [steps] how far the mains fell after it, W; NaN where they were not quiet */
    double *busy;    /* [steps] steps around it, beside the home's mean */
    int32_t *floor;  /* of every hour, 0.1 W: what the home never falls below around it */
    uint32_t *low;   /* [n of the scene + 1] samples so far that are too low for it to be on */
    double *density; /* steps by size */
} dcl_cold_signs;

/** Errors: DCL_E_MEMORY; the signs are to be freed all the same. */
dcl_status dcl_cold_signs_open(dcl_cold_signs *signs, const dcl_power_scene *scene,
                               dcl_error *error) DCL_MUST_USE;
void dcl_cold_signs_free(dcl_cold_signs *signs);

/**
 * The signs of a compressor that looks so.
 * first  `own` says nothing yet: its own steps are still among those of other loads
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_cold_signs_find(dcl_cold_signs *signs, const dcl_cold_look *look, bool first,
                               dcl_error *error) DCL_MUST_USE;

#endif
