#include "appliance/uses.h"

#include <math.h>

#include "base/order.h"

/* Means of about a minute and about ten, and the quietest hours of each civil day. */

/* The quietest stretch of a day: long enough to hold a compressor's cycle, short enough to lie between two uses. */
enum { QUIET_H = 4 };
static const double QUIET_COVERED = 0.9, DAY_COVERED = 0.8;

int dcl_use_minute(const dcl_context *context, int64_t time_us) {
    int64_t local = time_us;
    if (context->zone) local += (int64_t)dcl_zone_offset_s(context->zone, time_us) * DCL_SECOND_US;
    int64_t in_day = local % DCL_DAY_US;
    return (int)((in_day < 0 ? in_day + DCL_DAY_US : in_day) / DCL_MINUTE_US);
}

int64_t dcl_use_civil_day(const dcl_context *context, int64_t time_us) {
    if (context->zone) return dcl_zone_day(context->zone, time_us);
    return time_us / DCL_DAY_US - (time_us % DCL_DAY_US < 0);
}

static int64_t day_start(const dcl_context *context, int64_t day) {
    return context->zone ? dcl_zone_day_start(context->zone, day) : day * DCL_DAY_US;
}

size_t dcl_use_day_of(const dcl_use_work *work, int64_t time_us) {
    int64_t at = dcl_use_civil_day(work->context, time_us) - work->day[0].day;
    return at < 0 ? 0 : at >= (int64_t)work->n_days ? work->n_days - 1 : (size_t)at;
}

double dcl_use_quantile(float *values, size_t n, double q) {
    dcl_sort_f32(values, n);
    return dcl_quantile_f32(values, n, q);
}

/* Slots of whole samples, at least least_us long. */
static dcl_status make_grid(const dcl_use_work *work, int64_t least_us, dcl_use_grid *out) {
    const dcl_series *power = work->power;
    size_t each = (size_t)((least_us + power->period_us - 1) / power->period_us);
    if (each < 1) each = 1;
    *out = (dcl_use_grid){.start_us = power->start_us,
                          .step_us = (int64_t)each * power->period_us,
                          .n = (power->n + each - 1) / each};
    out->power_w = dcl_arena_alloc(work->arena, out->n, sizeof(float));
    out->hours = dcl_arena_alloc(work->arena, out->n, sizeof(float));
    if (!out->power_w || !out->hours) return DCL_E_MEMORY;
    double period_h = (double)power->period_us / (double)DCL_HOUR_US;
    for (size_t i = 0; i < out->n; i++) {
        double sum = 0;
        size_t there = 0;
        for (size_t k = i * each; k < (i + 1) * each && k < power->n; k++) {
            if (isnan(power->value[k])) continue;
            sum += (double)power->value[k];
            there++;
        }
        bool enough = 2 * there >= each;
        out->power_w[i] = enough ? (float)(sum / (double)there) : NAN;
        out->hours[i] = enough ? (float)((double)there * period_h) : 0;
    }
    return DCL_OK;
}

dcl_status dcl_use_make_grids(dcl_use_work *work) {
    dcl_status status = make_grid(work, DCL_MINUTE_US, &work->fine);
    if (!status) status = make_grid(work, 10 * DCL_MINUTE_US, &work->coarse);
    if (status) return status;
    work->rest_w = dcl_arena_alloc(work->arena, work->coarse.n, sizeof(float));
    work->long_w = dcl_arena_alloc(work->arena, work->coarse.n, sizeof(float));
    return work->rest_w && work->long_w ? DCL_OK : DCL_E_MEMORY;
}

/* ---------------------------------------------------------------- quiet hours */

/* The first slot that starts at or after a moment. */
static size_t slot_from(const dcl_use_grid *grid, int64_t time_us) {
    if (time_us <= grid->start_us) return 0;
    size_t i = (size_t)((time_us - grid->start_us + grid->step_us - 1) / grid->step_us);
    return i < grid->n ? i : grid->n;
}

/* The mean of the slots first … last - 1; NaN where too few of them are there. */
static double mean_of(const dcl_use_grid *grid, size_t first, size_t last, size_t want) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = first; i < last; i++) {
        if (isnan(grid->power_w[i])) continue;
        sum += (double)grid->power_w[i];
        n++;
    }
    return (double)n >= QUIET_COVERED * (double)want && n ? sum / (double)n : NAN;
}

/* The lowest level of a day: a low quantile where it has many slots, so that one odd minute is no floor; the lowest of a day
 * of half hours. scratch has room for a day's slots. */
static double day_floor(const dcl_use_grid *grid, size_t first, size_t last, float *scratch) {
    size_t n = 0;
    for (size_t i = first; i < last; i++)
        if (!isnan(grid->power_w[i])) scratch[n++] = grid->power_w[i];
    return fmax(dcl_use_quantile(scratch, n, n > 400 ? 0.01 : 0), 0);
}

static void measure_day(const dcl_use_work *work, float *scratch, dcl_use_day *day) {
    const dcl_use_grid *grid = &work->fine;
    size_t first = slot_from(grid, day->start_us), last = slot_from(grid, day->end_us), there = 0;
    for (size_t i = first; i < last; i++) there += isnan(grid->power_w[i]) ? 0 : 1;
    double covered = (double)there * (double)grid->step_us;
    day->full = there && covered >= DAY_COVERED * (double)(day->end_us - day->start_us);
    day->quiet_first = day->quiet_last = 0;
    day->floor_w = day->full ? (float)day_floor(grid, first, last, scratch) : NAN;
}

/* The slots of a day's stretch that begins `hour` hours after midnight; false where the day ends before it does. */
static bool stretch_of(const dcl_use_work *work, const dcl_use_day *day, int hour, size_t *first,
                       size_t *last) {
    const dcl_use_grid *grid = &work->fine;
    size_t width = (size_t)(QUIET_H * DCL_HOUR_US / grid->step_us);
    *first = slot_from(grid, day->start_us + hour * DCL_HOUR_US);
    *last = *first + width;
    return day->full && *last <= slot_from(grid, day->end_us);
}

/* The hour from which the home is quietest on most days: one for all days, or every day's choice would be its luckiest. */
static int quiet_hour(const dcl_use_work *work, float *means) {
    int best = 0;
    double lowest = INFINITY;
    for (int hour = 0; hour + QUIET_H <= 24; hour++) {
        size_t n = 0, first, last;
        for (size_t i = 0; i < work->n_days; i++) {
            if (!stretch_of(work, &work->day[i], hour, &first, &last)) continue;
            double mean = mean_of(&work->fine, first, last, last - first);
            if (!isnan(mean)) means[n++] = (float)mean;
        }
        double middle = dcl_use_quantile(means, n, 0.5);
        if (middle < lowest) lowest = middle, best = hour;
    }
    return best;
}

/* The civil days of the series. Returns the slots of the longest: days of 23 and 25 hours are normal, others have been. */
static size_t list_days(dcl_use_work *work, int64_t first) {
    size_t most = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        dcl_use_day *day = &work->day[i];
        day->day = first + (int64_t)i;
        day->start_us = day_start(work->context, day->day);
        day->end_us = day_start(work->context, day->day + 1);
        day->month = dcl_date_from_days(day->day).month;
        size_t slots = (size_t)((day->end_us - day->start_us) / work->fine.step_us) + 2;
        if (slots > most) most = slots;
    }
    return most > work->n_days ? most : work->n_days;
}

/* Marks each whole day's stretch of the home's quietest hours. */
static void mark_quiet(dcl_use_work *work, float *scratch) {
    int hour = quiet_hour(work, scratch);
    for (size_t i = 0; i < work->n_days; i++) {
        size_t from, to;
        if (!stretch_of(work, &work->day[i], hour, &from, &to)) continue;
        if (isnan(mean_of(&work->fine, from, to, to - from))) continue;
        work->day[i].quiet_first = from;
        work->day[i].quiet_last = to;
    }
}

dcl_status dcl_use_make_days(dcl_use_work *work) {
    const dcl_series *power = work->power;
    int64_t first = dcl_use_civil_day(work->context, power->start_us);
    int64_t last = dcl_use_civil_day(work->context, dcl_series_end_us(power) - 1);
    work->n_days = (size_t)(last - first + 1);
    work->day = dcl_arena_alloc(work->arena, work->n_days, sizeof *work->day);
    work->floor_w = dcl_arena_alloc(work->arena, work->n_days, sizeof(float));
    if (!work->day || !work->floor_w) return DCL_E_MEMORY;
    float *scratch = dcl_arena_alloc(work->arena, list_days(work, first), sizeof *scratch);
    if (!scratch) return DCL_E_MEMORY;
    for (size_t i = 0; i < work->n_days; i++) {
        if (dcl_cancelled(work->context)) return DCL_E_CANCELLED;
        measure_day(work, scratch, &work->day[i]);
        work->out->days += work->day[i].full;
    }
    mark_quiet(work, scratch);
    return DCL_OK;
}
