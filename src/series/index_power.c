#include "series/index_power.h"

#include <math.h>

#define SHORTEST_US DCL_MINUTE_US
#define HOLE_US     (5 * DCL_MINUTE_US)
enum { PRECISION = 20 };

dcl_status dcl_index_power_add(dcl_index_power *index, dcl_collect *collect, size_t track, int64_t time_us,
                               uint64_t energy_wh, dcl_error *error) {
    int64_t distance = time_us - index->last_us;
    bool follows = index->read && distance > 0 && distance <= HOLE_US && energy_wh >= index->last_wh;
    if (index->read && distance == 0) return DCL_OK;
    bool ticked = follows && energy_wh > index->last_wh;
    /* A month without a tick is a dead meter, and more than a reading can span. */
    if (!follows || time_us - index->anchor_us > 30 * DCL_DAY_US) index->anchored = false;
    if (follows && distance > index->widest_us) index->widest_us = distance;
    index->read = true;
    index->last_us = time_us;
    index->last_wh = energy_wh;
    if (!ticked) return DCL_OK;
    int64_t span = time_us - index->anchor_us;
    dcl_status status = DCL_OK;
    if (index->anchored) {
        if (span < SHORTEST_US || span < PRECISION * index->widest_us) return DCL_OK;
        double power_w = (double)(energy_wh - index->anchor_wh) * 3.6e9 / (double)span;
        collect->notes |= 1U << DCL_NOTE_POWER_FROM_INDEX;
        status = dcl_collect_add(collect, track, index->anchor_us, (uint32_t)(span / 1000), power_w, error);
    }
    index->anchored = true;
    index->anchor_us = time_us;
    index->anchor_wh = energy_wh;
    index->widest_us = distance;
    return status;
}

const dcl_mcu_tic_label dcl_drawn_label[DCL_DRAWN_COUNT] = {
    DCL_TIC_EAST,    DCL_TIC_BASE,    DCL_TIC_HCHC,    DCL_TIC_HCHP,    DCL_TIC_EJPHN,   DCL_TIC_EJPHPM,
    DCL_TIC_BBRHCJB, DCL_TIC_BBRHPJB, DCL_TIC_BBRHCJW, DCL_TIC_BBRHPJW, DCL_TIC_BBRHCJR, DCL_TIC_BBRHPJR,
};

static dcl_status add_to_channel(dcl_index_power *index, dcl_collect *collect, dcl_channel channel,
                                 int64_t time_us, uint64_t energy_wh, dcl_error *error) {
    size_t track;
    dcl_status status = dcl_collect_track(collect, "", channel, &track, error);
    return status ? status : dcl_index_power_add(index, collect, track, time_us, energy_wh, error);
}

dcl_status dcl_meter_power_drawn(dcl_meter_power *meter, dcl_collect *collect, const dcl_meter_frame *frame,
                                 uint64_t labels, dcl_error *error) {
    bool has_va = !isnan(frame->va);
    if (labels > meter->labels) { /* the sums of another set of registers: a new count */
        dcl_status status = dcl_fused_power_end(&meter->fused, collect, error);
        if (status) return status;
        meter->labels = labels;
        meter->drawn = (dcl_index_power){0};
        meter->fused = (dcl_fused_power){0};
    }
    dcl_meter_frame whole = *frame;
    whole.has_energy = labels && labels == meter->labels;
    meter->has_va = meter->has_va || has_va;
    if (has_va && meter->labels) return dcl_fused_power_frame(&meter->fused, collect, &whole, error);
    if (!whole.has_energy || meter->has_va) return DCL_OK;
    return add_to_channel(&meter->drawn, collect, DCL_POWER_W, frame->time_us, frame->energy_wh, error);
}

dcl_status dcl_meter_power_end(dcl_meter_power *meter, dcl_collect *collect, dcl_error *error) {
    return dcl_fused_power_end(&meter->fused, collect, error);
}

dcl_status dcl_meter_power_injected(dcl_meter_power *meter, dcl_collect *collect, int64_t time_us,
                                    uint64_t energy_wh, dcl_error *error) {
    return add_to_channel(&meter->injected, collect, DCL_EXPORT_W, time_us, energy_wh, error);
}
