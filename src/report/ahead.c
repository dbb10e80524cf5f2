#include "base/names.h"
#include "base/order.h"
#include "report/report.h"

#include <math.h>

/* Two forecasts in a row: of the last day, beside what came, and of the 24 hours after the readings. */

DCL_DEFINE_TEXT(dcl_ahead_from_name(dcl_ahead_from id), DCL_AHEAD_FROM_COUNT, DCL_AHEAD_FROM_TABLE,
                DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_ahead_why_name(dcl_ahead_why id), DCL_AHEAD_WHY_COUNT, DCL_AHEAD_WHY_TABLE,
                DCL_SECOND_OF_2)

enum {
    SLOTS = DCL_REPORT_SLOTS,
    MEAN_DAYS = 7,   /* that the rule takes the mean of */
    LOOK_BACK = 14,  /* days in which they are looked for */
    LEAST_DAYS = 4,  /* of them, at least */
    ERROR_DAYS = 28, /* days before, whose errors make the band */
    LEAST_ERRORS = 14,
    HISTORY_DAYS = MEAN_DAYS + LEAST_ERRORS,
    SEEN_HOURS = 6, /* of the day that is compared, at least */
    BINS = 2 * 50   /* half hours of two days, of 25 hours each */
};

/* A tenth is below the band and a tenth above it. */
static const double TAIL = 0.1;
static const int64_t HALF_HOUR = DCL_HOUR_US / 2;

/* ---------------------------------------------------------------- the plain rule */

/* The mean of a half hour over the last MEAN_DAYS days before `day` that know it; NaN below LEAST_DAYS. day counts from the first. */
static double rule_w(const dcl_report *r, int64_t day, int slot) {
    double sum = 0;
    int n = 0;
    for (int64_t at = day - 1; at >= 0 && at >= day - LOOK_BACK && n < MEAN_DAYS; at--) {
        if (at >= (int64_t)r->n_days || isnan(r->days[at].half_hour_w[slot])) continue;
        sum += (double)r->days[at].half_hour_w[slot];
        n++;
    }
    return n >= LEAST_DAYS ? sum / n : NAN;
}

/* Places of the two ends of a band in n sorted errors, from 0; the ends hold whatever the errors are distributed like. */
static bool band_places(size_t n, size_t *low, size_t *high) {
    double below = floor(TAIL * (double)(n + 1)), above = ceil((1 - TAIL) * (double)(n + 1));
    if (below < 1 || above > (double)n) return false;
    *low = (size_t)below - 1;
    *high = (size_t)above - 1;
    return true;
}

/* The rule's errors at a half hour and its neighbours, on the days before `day`; [3 × ERROR_DAYS] */
static size_t errors_of(const dcl_report *r, int64_t day, int slot, float *out) {
    size_t n = 0;
    for (int64_t at = day - ERROR_DAYS; at < day; at++) {
        if (at < 0 || at >= (int64_t)r->n_days) continue;
        for (int near = slot - 1; near <= slot + 1; near++) {
            int s = (near + SLOTS) % SLOTS;
            double error = (double)r->days[at].half_hour_w[s] - rule_w(r, at, s);
            if (!isnan(error)) out[n++] = (float)error;
        }
    }
    dcl_sort_f32(out, n);
    return n;
}

/* Errors of whole days, kWh; [ERROR_DAYS] */
static size_t day_errors(const dcl_report *r, int64_t day, float *out) {
    size_t n = 0;
    for (int64_t at = day - ERROR_DAYS; at < day; at++) {
        if (at < 0 || at >= (int64_t)r->n_days || !dcl_report_full(&r->days[at])) continue;
        double error = 0;
        for (int s = 0; s < SLOTS; s++) {
            double off = (double)r->days[at].half_hour_w[s] - rule_w(r, at, s);
            error += isnan(off) ? 0 : off / 2000;
        }
        if (!isnan(rule_w(r, at, 0))) out[n++] = (float)error;
    }
    dcl_sort_f32(out, n);
    return n;
}

/* `known` is the first day of which nothing is known at the moment of the forecast. */
static void fill_by_rule(const dcl_draft *d, size_t from, size_t to, int64_t known) {
    const dcl_report *r = d->report;
    dcl_report_ahead *out = &d->report->ahead;
    for (size_t i = from; i < to; i++) {
        int64_t at = out->start_us + (int64_t)i * HALF_HOUR;
        dcl_civil civil = dcl_zone_civil(d->context->zone, at);
        int64_t day = dcl_zone_day(d->context->zone, at) - r->days[0].day;
        int slot = civil.hour * 2 + civil.minute / 30;
        float error[3 * ERROR_DAYS];
        size_t n = errors_of(r, known < day ? known : day, slot, error), low, high;
        double mean = rule_w(r, day, slot);
        out->mean_w[i] = out->low_w[i] = out->high_w[i] = NAN;
        if (isnan(mean) || n < 3 * LEAST_ERRORS / 2 || !band_places(n, &low, &high)) continue;
        out->mean_w[i] = (float)mean;
        out->low_w[i] = (float)fmax(mean + (double)error[low], 0);
        out->high_w[i] = (float)fmax(mean + (double)error[high], 0);
    }
}

static void band_energy(const dcl_report *r, int64_t day, dcl_ahead_energy *energy, int *days) {
    float error[ERROR_DAYS];
    size_t n = day_errors(r, day, error), low, high;
    *days = (int)n;
    if (isnan(energy->kwh) || !band_places(n, &low, &high)) return;
    energy->low_kwh = fmax(energy->kwh + (double)error[low], 0);
    energy->high_kwh = fmax(energy->kwh + (double)error[high], 0);
}

/* ---------------------------------------------------------------- a model */

/* One forecast of the model into bins from … to - 1. False where it has none to give. */
static bool fill_by_model(const dcl_draft *d, size_t from, size_t to) {
    dcl_report_ahead *out = &d->report->ahead;
    dcl_forecast_options how = dcl_forecast_options_defaults();
    dcl_forecast_home home = {.id = "", .power = d->power};
    dcl_forecast forecast;
    how.off_peak = d->options->hours.n ? &d->options->hours : NULL;
    how.colours = d->options->tables;
    int64_t at_us = out->start_us + (int64_t)from * HALF_HOUR;
    for (size_t i = from; i < to; i++) out->mean_w[i] = out->low_w[i] = out->high_w[i] = NAN;
    if (dcl_forecast_make(d->context, d->options->forecast, &home, at_us, &how, &forecast, NULL) ||
        forecast.fallback != DCL_FALLBACK_NONE)
        return false;
    for (size_t k = 0; k < forecast.n; k++) {
        const dcl_forecast_point *point = &forecast.point[k];
        for (size_t i = from; i < to; i++) {
            int64_t bin = out->start_us + (int64_t)i * HALF_HOUR;
            if (bin < point->start_us || bin >= point->end_us) continue;
            out->mean_w[i] = point->mean;
            out->low_w[i] = point->quantile[0];
            out->high_w[i] = point->quantile[DCL_FORECAST_QUANTILES - 1];
        }
    }
    return true;
}

/* ---------------------------------------------------------------- both forecasts */

static double energy_of(const float *watt, size_t from, size_t to) {
    double sum = 0;
    for (size_t i = from; i < to; i++) sum += (double)watt[i] / 2000;
    return sum;
}

static void compare(const dcl_draft *d) {
    dcl_report_ahead *out = &d->report->ahead;
    for (size_t i = 0; i < out->n; i++) {
        int64_t at = out->start_us + (int64_t)i * HALF_HOUR;
        dcl_cover cover = dcl_cover_of(d->power, at, at + HALF_HOUR);
        out->came_w[i] = (float)dcl_cover_mean(&cover, at, at + HALF_HOUR, 0.5);
        if (at >= out->issued_us) out->came_w[i] = NAN;
        if (i >= out->n_first || isnan(out->came_w[i])) continue;
        out->came_kwh += cover.energy_wh / 1000;
        if (isnan(out->low_w[i])) continue;
        out->compared++;
        out->inside += out->came_w[i] >= out->low_w[i] && out->came_w[i] <= out->high_w[i];
    }
}

/* The day with six hours of readings at least, and where the second forecast begins. */
static int64_t place_in_time(const dcl_draft *d) {
    const dcl_zone *zone = d->context->zone;
    dcl_report_ahead *out = &d->report->ahead;
    int64_t day = dcl_zone_day(zone, d->report->to_us - SEEN_HOURS * DCL_HOUR_US);
    int64_t day_end = dcl_zone_day_start(zone, day + 1);
    out->start_us = dcl_zone_day_start(zone, day);
    out->day_over = d->report->to_us >= day_end;
    out->issued_us = out->day_over ? day_end : d->report->to_us;
    out->issued_us = out->start_us + (out->issued_us - out->start_us) / HALF_HOUR * HALF_HOUR;
    out->n_first = (size_t)((out->issued_us - out->start_us) / HALF_HOUR);
    out->n = out->n_first + 48;
    out->end_us = out->start_us + (int64_t)out->n * HALF_HOUR;
    return day - d->report->days[0].day;
}

/* Of the whole first day; the bins of the second forecast stand in for the rest of it until they are made. */
static void forecast_by_rule(const dcl_draft *d, int64_t day) {
    dcl_report_ahead *out = &d->report->ahead;
    size_t whole =
        (size_t)((dcl_zone_day_start(d->context->zone, d->report->days[0].day + day + 1) - out->start_us) /
                 HALF_HOUR);
    if (whole > out->n) whole = out->n;
    out->from = DCL_AHEAD_FROM_RULE;
    fill_by_rule(d, 0, whole, day);
    out->day.kwh = energy_of(out->mean_w, 0, whole);
    band_energy(d->report, day, &out->day, &out->days);
    fill_by_rule(d, out->n_first, out->n, day + 1);
    out->next.kwh = energy_of(out->mean_w, out->n_first, out->n);
    band_energy(d->report, day + out->day_over, &out->next, &out->days);
}

static bool forecast_by_model(const dcl_draft *d) {
    dcl_report_ahead *out = &d->report->ahead;
    if (!fill_by_model(d, 0, out->n) || !isfinite(energy_of(out->mean_w, 0, out->n_first))) return false;
    out->day.kwh = energy_of(out->mean_w, 0, 48);
    if (!fill_by_model(d, out->n_first, out->n)) return false;
    out->next.kwh = energy_of(out->mean_w, out->n_first, out->n);
    out->from = DCL_AHEAD_FROM_MODEL;
    out->learned_later = dcl_forecast_describe(d->options->forecast).learned_to_us > out->start_us;
    return true;
}

static dcl_ahead_why why_not(const dcl_report *r, int64_t day) {
    int64_t full = 0;
    for (int64_t i = 0; i < day; i++) full += dcl_report_full(&r->days[i]);
    if (r->period_us > DCL_HOUR_US) return DCL_AHEAD_WHY_TOO_COARSE;
    return full < HISTORY_DAYS ? DCL_AHEAD_WHY_TOO_SHORT : DCL_AHEAD_WHY_NONE;
}

dcl_status dcl_report_look_ahead(const dcl_draft *d) {
    const dcl_report *report = d->report;
    const dcl_report_options *options = d->options;
    dcl_report_ahead *out = &d->report->ahead;
    *out = (dcl_report_ahead){.day = {NAN, NAN, NAN}, .next = {NAN, NAN, NAN}};
    int64_t day = place_in_time(d);
    out->why = why_not(report, day);
    out->mean_w = dcl_arena_alloc(d->arena, (size_t)4 * BINS, sizeof(float));
    if (!out->mean_w) return dcl_fail_memory(d->error, "a report");
    out->low_w = out->mean_w + BINS;
    out->high_w = out->low_w + BINS;
    out->came_w = out->high_w + BINS;
    if (!out->why && !(options->forecast && forecast_by_model(d))) {
        forecast_by_rule(d, day);
        if (options->forecast) out->why = DCL_AHEAD_WHY_MODEL_SHORT;
    }
    if (out->from == DCL_AHEAD_FROM_RULE && (isnan(out->day.low_kwh) || isnan(out->next.low_kwh))) {
        out->from = DCL_AHEAD_FROM_NOBODY;
        out->why = DCL_AHEAD_WHY_GAPS;
    }
    if (out->from)
        compare(d);
    else
        out->n = out->n_first = 0;
    return DCL_OK;
}
