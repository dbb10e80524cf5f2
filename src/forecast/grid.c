/* A home put on a grid: means, sums, civil time, what calendars and temperatures say. */
#include "forecast/grid.h"

#include <string.h>

#include "base/calendar.h"
#include "base/civil.h"
#include "base/zone.h"

/* ---------------------------------------------------------------- values */

/* Means of the samples whose middle is in a slot: sums first, then where enough are there. */
static void put_values(const dcl_series *from, dcl_fc_grid *grid, double *sum, uint32_t *count) {
    int64_t middle = from->start_us + from->period_us / 2 - grid->start_us;
    for (size_t i = 0; i < from->n; i++) {
        if (isnan(from->value[i])) continue;
        size_t slot = (size_t)((middle + (int64_t)i * from->period_us) / grid->period_us);
        sum[slot] += (double)from->value[i];
        count[slot]++;
    }
    uint32_t least = (uint32_t)((grid->period_us / from->period_us + 1) / 2);
    for (size_t i = 0; i < grid->n; i++)
        grid->value[i] = count[i] >= least && count[i] ? (float)(sum[i] / count[i]) : NAN;
}

static void put_sums(dcl_fc_grid *grid) {
    grid->sum[0] = grid->square[0] = 0;
    grid->count[0] = 0;
    for (size_t i = 0; i < grid->n; i++) {
        bool there = !isnan(grid->value[i]);
        double value = there ? (double)grid->value[i] : 0;
        grid->sum[i + 1] = grid->sum[i] + value;
        grid->square[i + 1] = grid->square[i] + value * value;
        grid->count[i + 1] = grid->count[i] + (there ? 1 : 0);
    }
}

/* ---------------------------------------------------------------- civil time */

static void put_civil(const dcl_context *context, dcl_fc_grid *grid) {
    int64_t change = INT64_MIN, offset_us = 0;
    for (size_t i = 0; i < grid->n_all; i++) {
        int64_t time_us = dcl_fc_slot_us(grid, i);
        if (time_us >= change) {
            offset_us = dcl_zone_offset_s(context->zone, time_us) * DCL_SECOND_US;
            change = dcl_zone_next_change(context->zone, time_us);
        }
        grid->local_min[i] = (int32_t)dcl_floor_div(time_us + offset_us, DCL_MINUTE_US);
    }
}

/* The French calendar is that of homes whose clock is French. */
static dcl_status put_days(const dcl_context *context, const dcl_tariff *colours, dcl_arena *arena,
                           dcl_fc_grid *grid, dcl_error *error) {
    bool is_french = strcmp(dcl_zone_name(context->zone), "Europe/Paris") == 0;
    grid->first_day = dcl_fc_day_of(grid, 0) - 1;
    grid->n_days = (size_t)(dcl_fc_day_of(grid, grid->n_all - 1) - grid->first_day) + 3;
    grid->day = dcl_arena_alloc(arena, grid->n_days, sizeof *grid->day);
    if (!grid->day) return dcl_fail_memory(error, "the days of a home");
    grid->has_colours = colours && is_french;
    for (size_t i = 0; i < grid->n_days; i++) {
        int64_t day = grid->first_day + (int64_t)i;
        int weekday = dcl_weekday(day);
        dcl_day_kind plain = weekday < 5 ? DCL_DAY_WORKING : weekday == 5 ? DCL_DAY_SATURDAY : DCL_DAY_SUNDAY;
        grid->day[i].kind = (uint8_t)(is_french ? dcl_day_kind_of(day) : plain);
        int breaks = 0; /* zones on a break: which one a home is in is not known */
        for (const char *zone = "ABC"; is_french && *zone; zone++) {
            dcl_school school = dcl_school_on(*zone, day);
            if (school == DCL_SCHOOL_UNKNOWN) breaks = 255;
            if (school == DCL_SCHOOL_BREAK && breaks < 3) breaks++;
        }
        grid->day[i].school = (uint8_t)(is_french ? breaks : 255);
        dcl_colour colour = grid->has_colours ? dcl_tariff_colour(colours, day) : DCL_COLOUR_UNKNOWN;
        grid->day[i].colour = colour == DCL_COLOUR_UNKNOWN ? 255 : (uint8_t)colour;
    }
    return DCL_OK;
}

const dcl_fc_day *dcl_fc_day_at(const dcl_fc_grid *grid, int64_t day) {
    static const dcl_fc_day unknown = {255, 255, 255};
    int64_t i = day - grid->first_day;
    return i >= 0 && i < (int64_t)grid->n_days ? &grid->day[i] : &unknown;
}

size_t dcl_fc_next_midnight(const dcl_fc_grid *grid, size_t slot) {
    int64_t day = dcl_fc_day_of(grid, slot);
    size_t left = (size_t)((1440 - dcl_fc_minute_of(grid, slot)) * DCL_MINUTE_US / grid->period_us);
    size_t at = slot + (left > 4 * 3600 * (size_t)DCL_SECOND_US / (size_t)grid->period_us
                            ? left - 4 * 3600 * (size_t)DCL_SECOND_US / (size_t)grid->period_us
                            : 0); /* the clock may change in between: the last hours one by one */
    while (at < grid->n_all && dcl_fc_day_of(grid, at) == day) at++;
    return at;
}

size_t dcl_fc_midnight(const dcl_fc_grid *grid, size_t slot) {
    int64_t day = dcl_fc_day_of(grid, slot);
    size_t back = (size_t)(dcl_fc_minute_of(grid, slot) * DCL_MINUTE_US / grid->period_us);
    size_t hour = (size_t)(DCL_HOUR_US / grid->period_us) + 1;
    size_t at = slot > back + hour ? slot - back - hour : 0;
    while (dcl_fc_day_of(grid, at) != day) at++;
    return at;
}

size_t dcl_fc_slot_at(const dcl_fc_grid *grid, int64_t time_us) {
    if (time_us <= grid->start_us) return 0;
    if (time_us >= dcl_fc_slot_us(grid, grid->n_all)) return grid->n_all;
    int64_t slot = -dcl_floor_div(grid->start_us - time_us, grid->period_us);
    return slot < (int64_t)grid->n_all ? (size_t)slot : grid->n_all;
}

/* ---------------------------------------------------------------- temperature */

static dcl_status put_temperature(const dcl_series *from, dcl_arena *arena, dcl_fc_grid *grid,
                                  dcl_error *error) {
    grid->temperature = dcl_arena_alloc(arena, grid->n_all, sizeof *grid->temperature);
    grid->temperature_sum = dcl_arena_alloc(arena, grid->n_all + 1, sizeof *grid->temperature_sum);
    grid->temperature_count = dcl_arena_alloc(arena, grid->n_all + 1, sizeof *grid->temperature_count);
    if (!grid->temperature || !grid->temperature_sum || !grid->temperature_count)
        return dcl_fail_memory(error, "temperatures");
    for (size_t i = 0; i < grid->n_all; i++) {
        int64_t at = dcl_floor_div(dcl_fc_slot_us(grid, i) - from->start_us, from->period_us);
        float value = at >= 0 && at < (int64_t)from->n ? from->value[at] : NAN;
        grid->temperature[i] = value;
        grid->temperature_sum[i + 1] = grid->temperature_sum[i] + (isnan(value) ? 0 : (double)value);
        grid->temperature_count[i + 1] = grid->temperature_count[i] + (isnan(value) ? 0 : 1);
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- the grid */

static dcl_status check(const dcl_context *context, const dcl_series *power, int64_t period_us,
                        dcl_error *error) {
    if (!context->zone) return dcl_fail(error, DCL_E_ARG, "no zone of civil time was given");
    if (!power || !power->n) return dcl_fail(error, DCL_E_NO_DATA, "no power was measured");
    if (period_us <= 0 || DCL_DAY_US % period_us != 0)
        return dcl_fail(error, DCL_E_ARG, "a step of %lld s does not divide a day",
                        (long long)(period_us / DCL_SECOND_US));
    if (power->period_us > period_us || period_us % power->period_us != 0)
        return dcl_fail(error, DCL_E_ARG,
                        "the home has a value every %lld s, the forecast wants one every %lld s, a whole "
                        "number of them",
                        (long long)(power->period_us / DCL_SECOND_US),
                        (long long)(period_us / DCL_SECOND_US));
    if (dcl_series_end_us(power) - power->start_us > 200 * 366 * DCL_DAY_US)
        return dcl_fail(error, DCL_E_ARG, "the home's span is beyond 200 years");
    return DCL_OK;
}

dcl_status dcl_fc_grid_make(const dcl_context *context, const dcl_forecast_home *home, int64_t period_us,
                            const dcl_hours *off_peak, const dcl_tariff *colours, dcl_arena *arena,
                            dcl_fc_grid *out, dcl_error *error) {
    const dcl_series *power = home->power;
    dcl_status status = check(context, power, period_us, error);
    if (status) return status;
    *out = (dcl_fc_grid){.period_us = period_us, .off_peak = off_peak};
    out->start_us = dcl_floor_div(power->start_us, period_us) * period_us;
    out->n = (size_t)(-dcl_floor_div(out->start_us - dcl_series_end_us(power), period_us));
    out->per_day = (size_t)(DCL_DAY_US / period_us);
    out->per_hour = (size_t)(DCL_HOUR_US / period_us);
    out->n_all = out->n + DCL_FC_AHEAD_DAYS * out->per_day;
    double *sum = dcl_arena_alloc(arena, out->n + 1, sizeof *sum);
    uint32_t *count = dcl_arena_alloc(arena, out->n + 1, sizeof *count);
    out->value = dcl_arena_alloc(arena, out->n, sizeof *out->value);
    out->square = dcl_arena_alloc(arena, out->n + 1, sizeof *out->square);
    out->local_min = dcl_arena_alloc(arena, out->n_all, sizeof *out->local_min);
    if (!sum || !count || !out->value || !out->square || !out->local_min)
        return dcl_fail_memory(error, "the grid of a home");
    put_values(power, out, sum, count);
    out->sum = sum, out->count = count; /* their first use is over */
    put_sums(out);
    put_civil(context, out);
    if (!status && !out->count[out->n])
        status = dcl_fail(error, DCL_E_NO_DATA, "every value of the home is missing");
    if (!status) status = put_days(context, colours, arena, out, error);
    if (!status && home->temperature && home->temperature->n)
        status = put_temperature(home->temperature, arena, out, error);
    return status;
}

double dcl_fc_mean_of_some(const dcl_fc_view *view, int64_t from, int64_t to, uint32_t least) {
    if (from < 0) from = 0;
    if (to > (int64_t)view->known) to = (int64_t)view->known;
    if (to <= from) return (double)NAN;
    uint32_t count = view->grid->count[to] - view->grid->count[from];
    return count && count >= least ? (view->grid->sum[to] - view->grid->sum[from]) / count : (double)NAN;
}

double dcl_fc_deviation(const dcl_fc_view *view, int64_t from, int64_t to) {
    if (from < 0) from = 0;
    if (to > (int64_t)view->known) to = (int64_t)view->known;
    if (to <= from) return (double)NAN;
    const dcl_fc_grid *grid = view->grid;
    uint32_t count = grid->count[to] - grid->count[from];
    if (count < 2) return (double)NAN;
    double mean = (grid->sum[to] - grid->sum[from]) / count;
    double square = (grid->square[to] - grid->square[from]) / count - mean * mean;
    return square > 0 ? sqrt(square) : 0;
}
