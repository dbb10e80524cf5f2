#include "household/calendar_map.h"

#include <math.h>
#include <string.h>

#include "base/civil.h"
#include "base/status.h"
#include "base/zone.h"

enum { HALF_HOUR_S = 1800, LEAST_DAYS = 14 };

/* December to February is winter, and so on: the seasons of meteorology. */
static uint8_t cell_of(int64_t day) {
    int month = dcl_date_from_days(day).month;
    int season = month == 12 ? 0 : month / 3;
    return (uint8_t)(season * DCL_PROFILE_KINDS + (dcl_weekday(day) >= 5));
}

/* Rooms are not heated from May to September. */
static uint8_t habit_of(int64_t day) {
    int month = dcl_date_from_days(day).month;
    return (uint8_t)((month >= 5 && month <= 9) * DCL_PROFILE_KINDS + (dcl_weekday(day) >= 5));
}

dcl_status dcl_calendar_map_make(const dcl_context *context, const dcl_panel_about *about, dcl_arena *arena,
                                 dcl_calendar_map *out, dcl_error *error) {
    const int64_t half_hour_us = HALF_HOUR_S * DCL_SECOND_US, period_us = about->period_us;
    *out =
        (dcl_calendar_map){.n_slots = about->n_slots, .wide = period_us == DCL_HOUR_US ? 2 : 1, .per_bin = 1};
    if (period_us != DCL_HOUR_US && half_hour_us % period_us != 0)
        return dcl_fail(error, DCL_E_UNSUPPORTED,
                        "the panel's step is %lld s: clusters need one that divides half an hour, or an hour",
                        (long long)(period_us / DCL_SECOND_US));
    if (out->wide == 1) out->per_bin = (uint32_t)(half_hour_us / period_us);
    int64_t end_us = about->start_us + (int64_t)about->n_slots * period_us;
    if (end_us - about->start_us < LEAST_DAYS * DCL_DAY_US)
        return dcl_fail(error, DCL_E_NO_DATA, "the panel spans %.1f days: clusters need %d at least",
                        (double)(end_us - about->start_us) / (double)DCL_DAY_US, LEAST_DAYS);
    out->first_day = dcl_zone_day(context->zone, about->start_us);
    out->n_days = (size_t)(dcl_zone_day(context->zone, end_us - 1) - out->first_day + 1);
    out->day = dcl_arena_alloc(arena, out->n_slots, sizeof *out->day);
    out->bin = dcl_arena_alloc(arena, out->n_slots, 1);
    out->cell = dcl_arena_alloc(arena, out->n_days, 1);
    out->habit = dcl_arena_alloc(arena, out->n_days, 1);
    if (!out->day || !out->bin || !out->cell || !out->habit)
        return dcl_fail_memory(error, "the days of a panel");
    int64_t change_us = INT64_MIN, offset_s = 0;
    for (size_t i = 0; i < out->n_slots; i++) {
        int64_t at_us = about->start_us + (int64_t)i * period_us;
        if (at_us >= change_us) {
            offset_s = dcl_zone_offset_s(context->zone, at_us);
            change_us = dcl_zone_next_change(context->zone, at_us);
        }
        int64_t civil_s = dcl_floor_div(at_us, DCL_SECOND_US) + offset_s, day = dcl_floor_div(civil_s, 86400);
        out->day[i] = (uint32_t)(day - out->first_day);
        out->bin[i] = (uint8_t)((civil_s - day * 86400) / HALF_HOUR_S);
    }
    for (size_t d = 0; d < out->n_days; d++) {
        out->cell[d] = cell_of(out->first_day + (int64_t)d);
        out->habit[d] = habit_of(out->first_day + (int64_t)d);
    }
    return DCL_OK;
}

void dcl_calendar_curves(const dcl_calendar_map *map, const float *power_w, uint16_t *seen, float *curve) {
    size_t cells = map->n_days * DCL_PROFILE_SLOTS;
    memset(seen, 0, cells * sizeof *seen);
    memset(curve, 0, cells * sizeof *curve);
    for (size_t i = 0; i < map->n_slots; i++) {
        if (isnan(power_w[i])) continue;
        for (uint32_t w = 0; w < map->wide && map->bin[i] + w < DCL_PROFILE_SLOTS; w++) {
            size_t at = map->day[i] * (size_t)DCL_PROFILE_SLOTS + map->bin[i] + w;
            curve[at] += power_w[i];
            seen[at]++;
        }
    }
    for (size_t at = 0; at < cells; at++)
        curve[at] = seen[at] >= (map->per_bin + 1) / 2 ? curve[at] / (float)seen[at] : NAN;
}
