/* Loads that come again: those a person could name, and those whose share of the time on changes. */
#include "report/report.h"

#include <math.h>
#include <string.h>

/* A load is told by its power from here on, W, or by the part of the day; below so much energy it is not worth a line, kWh. */
static const double TOLD_W = 300, LEAST_KWH = 0.1;
/* A change is told where it is so many standard errors, so much of the time, and so much of what it was. */
static const double SURE = 3, LEAST_CHANGE = 0.03, LEAST_SHARE = 0.1, NINETEEN_OF_TWENTY = 2;
enum { CHANGE_DAYS = 14, A_DAY = 3, DAYS_MOST = 4096 };

static void take_unknowns(const dcl_report_options *options, dcl_report *report) {
    for (size_t k = 0; k < options->n_unknown && report->n_unknown < DCL_REPORT_UNKNOWNS; k++) {
        const dcl_unknown *from = &options->unknown[k];
        const dcl_recurrence *r = &options->cycles->recurrence[from->recurrence];
        bool told = (double)r->mean_w >= TOLD_W || (from->part >= 0 && isnan(r->period_s));
        if (!told || from->energy_wh < 1000 * LEAST_KWH) continue;
        report->unknown[report->n_unknown++] = (dcl_report_unknown){.number = from->number,
                                                                    .count = r->count,
                                                                    .part = from->part,
                                                                    .mean_w = (double)r->mean_w,
                                                                    .on_s = (double)r->on_s,
                                                                    .energy_kwh = from->energy_wh / 1000};
    }
}

/* Sums of a group's days while a line is put through them. */
typedef struct line {
    double day[DAYS_MOST], share[DAYS_MOST];
    int n;
} line;

/* The mean share of the time on of each day with A_DAY regular distances and more. */
static void share_by_day(const dcl_context *context, const dcl_cycles *cycles, size_t group, line *out) {
    const dcl_recurrence *r = &cycles->recurrence[group - 1];
    const dcl_cycle *before = NULL;
    double sum = 0;
    int n = 0;
    int64_t today = INT64_MIN;
    out->n = 0;
    for (size_t i = 0; i <= cycles->n; i++) {
        const dcl_cycle *c = i < cycles->n ? &cycles->cycle[i] : NULL;
        if (c && c->group != group) continue;
        int64_t day = before ? dcl_zone_day(context->zone, before->start_us) : today;
        if ((!c || day != today) && n >= A_DAY && out->n < DAYS_MOST) {
            out->day[out->n] = (double)today;
            out->share[out->n++] = sum / n;
        }
        if (day != today) sum = 0, n = 0, today = day;
        if (c && before) {
            double apart = 1e-6 * (double)(c->start_us - before->start_us);
            if (fabs(apart - (double)r->period_s) <= 0.3 * (double)r->period_s)
                sum += 1e-6 * (double)(before->end_us - before->start_us) / apart, n++;
        }
        before = c;
    }
}

/* A line by least squares; the error of its slope is widened where neighbouring days err alike. */
static bool fit(const line *of, dcl_report_change *out) {
    double n = of->n, day = 0, share = 0, sxx = 0, sxy = 0, square = 0, lagged = 0, last = 0;
    for (int i = 0; i < of->n; i++) day += of->day[i] / n, share += of->share[i] / n;
    for (int i = 0; i < of->n; i++) {
        sxx += (of->day[i] - day) * (of->day[i] - day);
        sxy += (of->day[i] - day) * (of->share[i] - share);
    }
    if (of->n < CHANGE_DAYS || !(sxx > 0)) return false;
    double slope = sxy / sxx;
    for (int i = 0; i < of->n; i++) {
        double off = of->share[i] - share - slope * (of->day[i] - day);
        square += off * off;
        if (i) lagged += off * last;
        last = off;
    }
    double alike = square > 0 ? fmin(fmax(lagged / square, 0), 0.9) : 0;
    double error = sqrt(square / (n - 2) / sxx * (1 + alike) / (1 - alike));
    double from = of->day[0] - day, to = of->day[of->n - 1] - day, change = slope * (to - from);
    double reach = NINETEEN_OF_TWENTY * error * (to - from);
    out->first = fmin(fmax(share + slope * from, 0), 1);
    out->last = fmin(fmax(share + slope * to, 0), 1);
    out->low = change - reach;
    out->high = change + reach;
    out->days = of->n;
    return fabs(slope) >= SURE * error && fabs(change) >= LEAST_CHANGE && fabs(change) >= LEAST_SHARE * share;
}

static dcl_appliance name_of_group(const dcl_cycles *cycles, size_t group) {
    for (size_t i = 0; i < cycles->n; i++)
        if (cycles->cycle[i].group == group && cycles->cycle[i].appliance) return cycles->cycle[i].appliance;
    return DCL_APPLIANCE_UNKNOWN;
}

dcl_status dcl_report_measure_loads(const dcl_draft *d) {
    const dcl_cycles *cycles = d->options->cycles;
    dcl_report *report = d->report;
    if (!cycles) return DCL_OK;
    take_unknowns(d->options, report);
    line *days = dcl_arena_alloc(d->arena, 1, sizeof *days);
    if (!days) return DCL_E_MEMORY;
    for (size_t r = 0; r < cycles->n_recurrence && report->n_changes < DCL_REPORT_CHANGES; r++) {
        const dcl_recurrence *of = &cycles->recurrence[r];
        dcl_report_change change = {.mean_w = (double)of->mean_w};
        if (isnan(of->period_s) || isnan(of->duty_per_day)) continue;
        share_by_day(d->context, cycles, r + 1, days);
        if (!fit(days, &change)) continue;
        change.appliance = name_of_group(cycles, r + 1);
        report->change[report->n_changes++] = change;
    }
    return DCL_OK;
}
