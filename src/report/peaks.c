#include "report/report.h"

#include <math.h>

/* Peaks of apparent power, only from maxima that are real: a half-hour mean of 3 kVA may hide 9 kVA for a minute. */

#define FAST_US (10 * DCL_SECOND_US)

/* The day of a maximum continues the last one, or begins the next. */
static void take(const dcl_context *context, dcl_report_peaks *peaks, dcl_va_maximum maximum) {
    dcl_va_maximum *last = peaks->n_daily ? &peaks->daily[peaks->n_daily - 1] : NULL;
    if (!last || dcl_zone_day(context->zone, last->time_us) != dcl_zone_day(context->zone, maximum.time_us))
        peaks->daily[peaks->n_daily++] = maximum;
    else if (maximum.apparent_va > last->apparent_va)
        *last = maximum;
}

static dcl_status from_meter(const dcl_context *context, const dcl_home *home, dcl_arena *arena,
                             dcl_report_peaks *peaks) {
    peaks->source = DCL_PEAKS_METER;
    peaks->daily = dcl_arena_alloc(arena, home->n_va_maxima, sizeof *peaks->daily);
    if (!peaks->daily) return DCL_E_MEMORY;
    for (size_t i = 0; i < home->n_va_maxima; i++) take(context, peaks, home->va_maxima[i]);
    return DCL_OK;
}

static dcl_status from_series(const dcl_context *context, const dcl_series *va, dcl_arena *arena,
                              dcl_report_peaks *peaks) {
    int64_t end = dcl_series_end_us(va), day = dcl_zone_day(context->zone, va->start_us);
    int64_t last_day = dcl_zone_day(context->zone, end - 1);
    peaks->source = DCL_PEAKS_READ;
    peaks->daily = dcl_arena_alloc(arena, (size_t)(last_day - day + 1), sizeof *peaks->daily);
    if (!peaks->daily) return DCL_E_MEMORY;
    for (size_t i = 0; day <= last_day; day++) {
        int64_t stop = dcl_zone_day_start(context->zone, day + 1);
        dcl_va_maximum best = {.apparent_va = -1};
        for (; i < va->n && va->start_us + (int64_t)i * va->period_us < stop; i++)
            if (va->value[i] > best.apparent_va)
                best = (dcl_va_maximum){va->start_us + (int64_t)i * va->period_us, va->value[i]};
        if (best.apparent_va >= 0) peaks->daily[peaks->n_daily++] = best;
    }
    return DCL_OK;
}

static void find_top(dcl_report *report) {
    dcl_report_peaks *peaks = &report->peaks;
    for (size_t i = 0; i < peaks->n_daily; i++) {
        dcl_va_maximum maximum = peaks->daily[i];
        size_t at = peaks->n_top;
        while (at > 0 && peaks->top[at - 1].apparent_va < maximum.apparent_va) at--;
        if (at >= DCL_REPORT_PEAKS) continue;
        if (peaks->n_top < DCL_REPORT_PEAKS) peaks->n_top++;
        for (size_t j = peaks->n_top - 1; j > at; j--) peaks->top[j] = peaks->top[j - 1];
        peaks->top[at] = maximum;
    }
}

dcl_status dcl_report_measure_peaks(const dcl_draft *d) {
    const dcl_home *home = d->home;
    dcl_report *report = d->report;
    const dcl_series *va = dcl_home_series(home, DCL_APPARENT_VA);
    bool fast = va && va->n && dcl_series_step_us(va) <= FAST_US;
    dcl_status status = DCL_OK;
    if (home->n_va_maxima)
        status = from_meter(d->context, home, d->arena, &report->peaks);
    else if (fast)
        status = from_series(d->context, va, d->arena, &report->peaks);
    else
        report->peaks.source = va ? DCL_PEAKS_TOO_SLOW : DCL_PEAKS_NONE;
    report->peaks.step_us = va ? dcl_series_step_us(va) : 0;
    if (status) return status;
    if (!report->peaks.n_daily && report->peaks.source >= DCL_PEAKS_METER)
        report->peaks.source = DCL_PEAKS_NONE;
    find_top(report);
    return DCL_OK;
}
