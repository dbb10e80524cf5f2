/*
 * A home on the grid that forecasts look at, with the sums that make the mean of any span one subtraction. Whoever asks says how
 * much is known: nothing at or after that slot is ever given, whatever span is asked for.
 */
#ifndef DCL_FORECAST_GRID_H
#define DCL_FORECAST_GRID_H

#include <math.h>

#include <declic/forecast.h>

#include "base/status.h"

/** Slots behind the end that calendars and temperatures reach to: a day of 25 hours and a margin. */
enum { DCL_FC_AHEAD_DAYS = 3 };

/** What is known of a civil day: kinds of base/calendar.h, 255 = not known. */
typedef struct dcl_fc_day {
    uint8_t kind, school, colour;
} dcl_fc_day;

/**
 * value [n]                   W, NaN = missing
 * sum, square, count [n + 1]  of what is before a slot
 * local_min [n_all]           civil minutes since 1970 of a slot's start
 * temperature [n_all]         °C, NaN = missing; NULL = none
 * day [n_days]                civil days from first_day on
 * off_peak                    hours of the meter; NULL = not known
 */
typedef struct dcl_fc_grid {
    int64_t start_us, period_us;
    size_t n, n_all, per_day, per_hour; /* per_hour 0 where a slot is longer */
    float *value;
    double *sum, *square;
    uint32_t *count;
    int32_t *local_min;
    float *temperature;
    double *temperature_sum;
    uint32_t *temperature_count;
    dcl_fc_day *day;
    int64_t first_day;
    size_t n_days;
    const dcl_hours *off_peak;
    bool has_colours;
} dcl_fc_grid;

/** What is asked of a grid: its first `known` slots. */
typedef struct dcl_fc_view {
    const dcl_fc_grid *grid;
    size_t known;
} dcl_fc_view;

/**
 * Puts a home on a grid of period_us that starts at whole periods of UTC; a slot is the mean of the samples in it where at least
 * half of them are there. to_us = the end of what is taken; INT64_MAX = all.
 * Errors: DCL_E_ARG the home's step is longer, or no whole number of times in the period; DCL_E_NO_DATA no value at all;
 *         DCL_E_MEMORY.
 */
dcl_status dcl_fc_grid_make(const dcl_context *context, const dcl_forecast_home *home, int64_t period_us,
                            const dcl_hours *off_peak, const dcl_tariff *colours, dcl_arena *arena,
                            dcl_fc_grid *out, dcl_error *error) DCL_MUST_USE;

static inline int64_t dcl_fc_slot_us(const dcl_fc_grid *grid, size_t slot) {
    return grid->start_us + (int64_t)slot * grid->period_us;
}
/** The first slot that starts at or after a moment; at most n_all. */
size_t dcl_fc_slot_at(const dcl_fc_grid *grid, int64_t time_us);
/** The civil day and minute of a slot's start. */
static inline int64_t dcl_fc_day_of(const dcl_fc_grid *grid, size_t slot) {
    int32_t at = grid->local_min[slot];
    return at >= 0 ? at / 1440 : -((1439 - at) / 1440);
}
static inline int dcl_fc_minute_of(const dcl_fc_grid *grid, size_t slot) {
    return (int)(grid->local_min[slot] - dcl_fc_day_of(grid, slot) * 1440);
}
/** The first slot of the civil day after that of `slot`; at most n_all. */
size_t dcl_fc_next_midnight(const dcl_fc_grid *grid, size_t slot);
/** The first slot of the civil day of `slot`. */
size_t dcl_fc_midnight(const dcl_fc_grid *grid, size_t slot);
const dcl_fc_day *dcl_fc_day_at(const dcl_fc_grid *grid, int64_t day);

/**
 * The mean over [from, to) of what is known, W; NaN where less than half of the span is.
 * from may be negative: nothing is there.
 */
static inline double dcl_fc_mean(const dcl_fc_view *view, int64_t from, int64_t to) {
    int64_t whole = to - from, end = (int64_t)view->known;
    if (from < 0) from = 0;
    if (to > end) to = end;
    if (to <= from) return (double)NAN;
    uint32_t count = view->grid->count[to] - view->grid->count[from];
    return 2 * (int64_t)count >= whole ? (view->grid->sum[to] - view->grid->sum[from]) / count : (double)NAN;
}
/** The same of whatever is there, at least `least` slots. */
double dcl_fc_mean_of_some(const dcl_fc_view *view, int64_t from, int64_t to, uint32_t least);
/** The standard deviation over the span; NaN below two values. */
double dcl_fc_deviation(const dcl_fc_view *view, int64_t from, int64_t to);

/** How many slots back the same civil time `days` days before a slot is. */
static inline int64_t dcl_fc_days_back(const dcl_fc_grid *grid, size_t slot, int days) {
    int64_t back = (int64_t)days * (int64_t)grid->per_day, there = (int64_t)slot - back;
    if (there < 0) return back;
    /* Civil time moved by so many minutes more or fewer than UTC did: the clock changed in between. */
    int64_t moved = (int64_t)grid->local_min[slot] - grid->local_min[there] - (int64_t)days * 1440;
    return moved ? back - moved * DCL_MINUTE_US / grid->period_us : back;
}

#endif
