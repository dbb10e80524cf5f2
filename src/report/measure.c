#include "base/order.h"
#include "report/report.h"

#include <math.h>

/* From samples to civil days, and from days to what is typical. */

dcl_cover dcl_cover_of(const dcl_series *series, int64_t from_us, int64_t to_us) {
    dcl_cover cover = {.low = NAN, .high = NAN};
    int64_t period = series->period_us, end = dcl_series_end_us(series);
    if (from_us < series->start_us) from_us = series->start_us;
    if (to_us > end) to_us = end;
    if (from_us >= to_us) return cover;
    size_t first = (size_t)((from_us - series->start_us) / period);
    size_t last = (size_t)((to_us - series->start_us + period - 1) / period);
    double watt_us = 0;
    for (size_t i = first; i < last; i++) {
        float value = series->value[i];
        if (isnan(value)) continue;
        int64_t begin = series->start_us + (int64_t)i * period, stop = begin + period;
        int64_t part = (stop < to_us ? stop : to_us) - (begin > from_us ? begin : from_us);
        cover.covered_us += part;
        watt_us += (double)value * (double)part;
        if (!(value >= cover.low)) cover.low = value;
        if (!(value <= cover.high)) cover.high = value;
    }
    cover.energy_wh = watt_us / 3.6e9;
    return cover;
}

double dcl_cover_mean(const dcl_cover *cover, int64_t from_us, int64_t to_us, double least) {
    if (cover->covered_us <= 0 || (double)cover->covered_us < least * (double)(to_us - from_us)) return NAN;
    return cover->energy_wh * 3.6e9 / (double)cover->covered_us;
}

/* The lowest mean over windows of `width` that lie whole inside the day; windows not fully covered do not count. */
static float quietest(const dcl_series *power, const dcl_report_day *day, int64_t width_us) {
    double lowest = INFINITY;
    for (int64_t at = day->start_us; at + width_us <= day->end_us; at += width_us) {
        dcl_cover cover = dcl_cover_of(power, at, at + width_us);
        double mean = dcl_cover_mean(&cover, at, at + width_us, 0.999);
        if (mean < lowest) lowest = mean;
    }
    return isinf(lowest) ? NAN : (float)lowest;
}

/* Half hours are cut from the day's first moment on and filed under the clock that the wall shows at their start. */
static void measure_half_hours(const dcl_context *context, const dcl_series *power, dcl_report_day *day) {
    double sum[DCL_REPORT_SLOTS] = {0};
    int count[DCL_REPORT_SLOTS] = {0};
    for (int64_t at = day->start_us; at < day->end_us; at += DCL_HOUR_US / 2) {
        int64_t stop = at + DCL_HOUR_US / 2 < day->end_us ? at + DCL_HOUR_US / 2 : day->end_us;
        dcl_cover cover = dcl_cover_of(power, at, stop);
        day->covered_us += cover.covered_us;
        day->energy_kwh += cover.energy_wh / 1000;
        double mean = dcl_cover_mean(&cover, at, stop, 0.5);
        if (isnan(mean)) continue;
        dcl_civil civil = dcl_zone_civil(context->zone, at);
        int slot = civil.hour * 2 + civil.minute / 30;
        sum[slot] += mean;
        count[slot]++;
    }
    for (int slot = 0; slot < DCL_REPORT_SLOTS; slot++)
        day->half_hour_w[slot] = count[slot] ? (float)(sum[slot] / count[slot]) : NAN;
}

dcl_status dcl_report_measure_days(const dcl_draft *d) {
    const dcl_context *context = d->context;
    const dcl_series *power = d->power;
    dcl_report *report = d->report;
    int64_t first = dcl_zone_day(context->zone, report->from_us);
    int64_t last = dcl_zone_day(context->zone, report->to_us - 1);
    report->n_days = (size_t)(last - first + 1);
    report->days = dcl_arena_alloc(d->arena, report->n_days, sizeof *report->days);
    if (!report->days) return DCL_E_MEMORY;
    int64_t minute = power->period_us > DCL_MINUTE_US ? power->period_us : DCL_MINUTE_US;
    int64_t hour = power->period_us > DCL_HOUR_US ? power->period_us : DCL_HOUR_US;
    for (size_t i = 0; i < report->n_days; i++) {
        if (dcl_cancelled(context)) return DCL_E_CANCELLED;
        dcl_report_day *day = &report->days[i];
        day->day = first + (int64_t)i;
        day->start_us = dcl_zone_day_start(context->zone, day->day);
        day->end_us = dcl_zone_day_start(context->zone, day->day + 1);
        measure_half_hours(context, power, day);
        bool full = dcl_report_full(day);
        day->quiet_w = full ? quietest(power, day, minute) : NAN;
        day->quiet_hour_w = full ? quietest(power, day, hour) : NAN;
        report->full_days += full;
        report->covered_us += day->covered_us;
        report->energy_kwh += day->energy_kwh;
    }
    report->coverage = (double)report->covered_us / (double)(report->to_us - report->from_us);
    return DCL_OK;
}

/* Values of one half hour over all full days of a kind, without the missing ones. Returns how many. */
static size_t gather(const dcl_report *report, bool weekend, int slot, float *out) {
    size_t n = 0;
    for (size_t i = 0; i < report->n_days; i++) {
        const dcl_report_day *day = &report->days[i];
        if (!dcl_report_full(day) || dcl_report_weekend(day->day) != weekend) continue;
        if (!isnan(day->half_hour_w[slot])) out[n++] = day->half_hour_w[slot];
    }
    return n;
}

static void measure_typical(const dcl_report *report, bool weekend, float *scratch, dcl_report_typical *out) {
    for (size_t i = 0; i < report->n_days; i++) {
        const dcl_report_day *day = &report->days[i];
        if (!dcl_report_full(day) || dcl_report_weekend(day->day) != weekend) continue;
        out->days++;
        /* A day with a gap counts as if the gap had been like the rest of it. */
        out->day_kwh += day->energy_kwh * (double)(day->end_us - day->start_us) / (double)day->covered_us;
    }
    out->day_kwh = out->days ? out->day_kwh / out->days : NAN;
    for (int slot = 0; slot < DCL_REPORT_SLOTS; slot++) {
        size_t n = gather(report, weekend, slot, scratch);
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += (double)scratch[i];
        dcl_sort_f32(scratch, n);
        out->mean_w[slot] = n ? (float)(sum / (double)n) : NAN;
        out->low_w[slot] = n >= 4 ? (float)dcl_quantile_f32(scratch, n, 0.25) : NAN;
        out->high_w[slot] = n >= 4 ? (float)dcl_quantile_f32(scratch, n, 0.75) : NAN;
    }
}

dcl_status dcl_report_measure_typical(const dcl_draft *d) {
    dcl_report *report = d->report;
    float *scratch = dcl_arena_alloc(d->arena, report->n_days, sizeof *scratch);
    if (!scratch) return DCL_E_MEMORY;
    for (int i = 0; i < 2; i++) measure_typical(report, i == 1, scratch, &report->typical[i]);
    return DCL_OK;
}

dcl_status dcl_report_measure_floor(const dcl_draft *d) {
    dcl_report *report = d->report;
    float *quiet = dcl_arena_alloc(d->arena, 2 * report->n_days, sizeof *quiet),
          *hour = quiet + report->n_days;
    if (!quiet) return DCL_E_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < report->n_days; i++) {
        const dcl_report_day *day = &report->days[i];
        if (isnan(day->quiet_w) || isnan(day->quiet_hour_w)) continue;
        quiet[n] = day->quiet_w;
        hour[n++] = day->quiet_hour_w;
    }
    dcl_sort_f32(quiet, n);
    dcl_sort_f32(hour, n);
    dcl_report_always_on *floor_range = &report->always_on;
    floor_range->calm_w = dcl_quantile_f32(hour, n, 0.75);
    if (report->export_kwh > 0) n = 0;
    floor_range->days = (int)n;
    floor_range->low_w = dcl_quantile_f32(quiet, n, 0.25);
    floor_range->high_w = dcl_quantile_f32(hour, n, 0.25);
    floor_range->kwh_year_low = floor_range->low_w * 8.76;
    floor_range->kwh_year_high = floor_range->high_w * 8.76;
    return DCL_OK;
}
