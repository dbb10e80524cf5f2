/* Where each slot of a panel falls in civil time: its day and its half hour. */
#ifndef DCL_HOUSEHOLD_CALENDAR_MAP_H
#define DCL_HOUSEHOLD_CALENDAR_MAP_H

#include <declic/household_cluster.h>

/**
 * day [n_slots], bin [n_slots]  day from first_day on, half hour 0 … 47
 * wide                          half hours that a slot fills: 1, or 2 for a step of an hour
 * per_bin                       slots that fill a half hour
 * cell [n_days]                 season × 2 + kind
 * habit [n_days]                cell of the habits: cool or warm half of the year × 2 + kind
 */
typedef struct dcl_calendar_map {
    int64_t first_day;
    size_t n_slots, n_days;
    uint32_t *day;
    uint8_t *bin, *cell, *habit;
    uint32_t wide, per_bin;
} dcl_calendar_map;

/** Errors: DCL_E_UNSUPPORTED a step that does not divide half an hour, nor is an hour; DCL_E_NO_DATA below 14 days; DCL_E_MEMORY. */
dcl_status dcl_calendar_map_make(const dcl_context *context, const dcl_panel_about *about, dcl_arena *arena,
                                 dcl_calendar_map *out, dcl_error *error) DCL_MUST_USE;

/** The curves of a home's days, W: curve [n_days × 48], NaN where fewer than half of the slots are there. seen [n_days × 48] is scratch. */
void dcl_calendar_curves(const dcl_calendar_map *map, const float *power_w, uint16_t *seen, float *curve);

#endif
