#include "series/index_power.h"

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
