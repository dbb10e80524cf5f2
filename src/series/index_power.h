/* Active power from an energy index in whole Wh, as a meter that gives no active power lets one know it. */
#ifndef DCL_SERIES_INDEX_POWER_H
#define DCL_SERIES_INDEX_POWER_H

#include <declic/mcu.h>

#include "series/collect.h"
#include "series/fused_power.h"

/**
 * An index being followed. Start from {0}.
 *
 * A tick (the index rises) happens between the reading that shows it and the one before. Between two ticks
 * the energy is exact; the time is known to one distance between readings at each end. A mean is given when
 * that is at most a twentieth of its interval, and never over less than a minute; a hole in the readings
 * starts anew.
 */
typedef struct dcl_index_power {
    bool read, anchored;
    int64_t anchor_us, last_us, widest_us;
    uint64_t anchor_wh, last_wh;
} dcl_index_power;

/** Takes a reading; adds the mean power of an interval to the track when one is complete. */
dcl_status dcl_index_power_add(dcl_index_power *index, dcl_collect *collect, size_t track, int64_t time_us,
                               uint64_t energy_wh, dcl_error *error) DCL_MUST_USE;

/** Labels of télé-information whose indexes add up to the energy drawn. */
enum { DCL_DRAWN_COUNT = 12 };
extern const dcl_mcu_tic_label dcl_drawn_label[DCL_DRAWN_COUNT];

/** A meter being followed. Start from {0}. */
typedef struct dcl_meter_power {
    dcl_index_power drawn, injected;
    dcl_fused_power fused;
    uint64_t labels; /* a bit for each label of the energy drawn, as many as were ever seen at once */
    bool has_va;     /* apparent power was seen: drawn power is fused with it */
} dcl_meter_power;

/**
 * Takes what a frame says of the power drawn. labels: a bit for each of dcl_drawn_label[] that came together and whose sum
 * is frame->energy_wh (has_energy is set here): one that lacks a label seen before is no total and passed over. Goes
 * to power_w of the meter itself, and to its bounds where the frame says apparent power.
 */
dcl_status dcl_meter_power_drawn(dcl_meter_power *meter, dcl_collect *collect, const dcl_meter_frame *frame,
                                 uint64_t labels, dcl_error *error) DCL_MUST_USE;
/** Takes the index of energy injected; goes to export_w. */
dcl_status dcl_meter_power_injected(dcl_meter_power *meter, dcl_collect *collect, int64_t time_us,
                                    uint64_t energy_wh, dcl_error *error) DCL_MUST_USE;
/** The input ends: tells what waits. */
dcl_status dcl_meter_power_end(dcl_meter_power *meter, dcl_collect *collect, dcl_error *error) DCL_MUST_USE;

#endif
