/* Active power of a meter that gives whole Wh and apparent power: mcu/'s fusion, told once more is known. */
#ifndef DCL_SERIES_FUSED_POWER_H
#define DCL_SERIES_FUSED_POWER_H

#include <declic/mcu.h>

#include "series/collect.h"

/** A frame. va is NaN and labels of energy are none where it does not say them. */
typedef struct dcl_meter_frame {
    int64_t time_us;
    bool has_energy, exports; /* exports: nothing is drawn now */
    bool whole_va;            /* apparent power is rounded to 1 VA, not 10 */
    uint64_t energy_wh;       /* drawn */
    double va;
} dcl_meter_frame;

/** A time in which one level held. */
typedef struct dcl_fused_part {
    int64_t from_us, until_us;
    double w, low_w, high_w, va;
} dcl_fused_part;

/** Parts that wait until a minute is full; after so many they are told as they are. */
enum { DCL_FUSED_PARTS = 256 };

/** A meter being followed. Start from {0}. */
typedef struct dcl_fused_power {
    dcl_mcu_fusion fusion;
    bool started, ticked;
    int64_t last_us;
    uint64_t last_wh, first_wh; /* of the frame before; of the first tick of this run */
    double first_open_wh;       /* what that tick may have come late by */
    double told_wh;             /* since that tick */
    size_t n;
    dcl_fused_part part[DCL_FUSED_PARTS];
} dcl_fused_power;

/**
 * Takes a frame that says apparent power, in order of time. Every minute or so, when the index ticks, the parts since then
 * go to power_w, power_low_w, power_high_w and power_factor of the meter itself, from the first tick on. Their energy stays
 * within what the ticks leave open of the index.
 */
dcl_status dcl_fused_power_frame(dcl_fused_power *fused, dcl_collect *collect, const dcl_meter_frame *frame,
                                 dcl_error *error) DCL_MUST_USE;
/** The stream ends: tells what waits. */
dcl_status dcl_fused_power_end(dcl_fused_power *fused, dcl_collect *collect, dcl_error *error) DCL_MUST_USE;

#endif
