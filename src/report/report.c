#include "report/report.h"
#include "base/names.h"

#include <math.h>

/* Puts a report together: each part is measured in a file of its own, in the order in which they need each other. */

dcl_report_options dcl_report_defaults(void) {
    return (dcl_report_options){.tariff = DCL_TARIFF_KIND_COUNT};
}

DCL_DEFINE_TEXT(dcl_limit_name(dcl_limit id), DCL_LIMIT_COUNT, DCL_LIMIT_TABLE, DCL_SECOND_OF_2)

/* The span runs from the first sample to the last that are not missing. */
static bool find_span(const dcl_series *power, dcl_report *report) {
    size_t first = 0, last = power->n;
    while (first < power->n && isnan(power->value[first])) first++;
    while (last > first && isnan(power->value[last - 1])) last--;
    report->from_us = power->start_us + (int64_t)first * power->period_us;
    report->to_us = power->start_us + (int64_t)last * power->period_us;
    return first < last;
}

static void measure_night_load(const dcl_cycles *cycles, dcl_report_night_load *out) {
    int64_t total_us = 0, n = 0;
    out->minute = -1;
    out->kwh = out->mean_w = NAN;
    if (!cycles || cycles->recurring_minute < 0) return;
    double wh = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *cycle = &cycles->cycle[i];
        if (!(cycle->flags & DCL_CYCLE_NIGHT) || isnan(cycle->energy_wh)) continue;
        wh += cycle->energy_wh;
        total_us += cycle->end_us - cycle->start_us;
        n++;
    }
    if (!n || total_us <= 0) return;
    *out = (dcl_report_night_load){.found = true,
                                   .minute = cycles->recurring_minute,
                                   .days_seen = cycles->recurring_days,
                                   .days = cycles->days,
                                   .kwh = wh / 1000,
                                   .mean_w = wh * 3.6e9 / (double)total_us,
                                   .mean_us = total_us / n};
}

static void measure_export(const dcl_home *home, dcl_report *report) {
    const dcl_series *out = dcl_home_series(home, DCL_EXPORT_W);
    report->export_kwh = NAN;
    if (!out || !out->n) return;
    dcl_cover all = dcl_cover_of(out, out->start_us, dcl_series_end_us(out));
    if (all.covered_us) report->export_kwh = all.energy_wh / 1000;
}

static void copy_from_home(const dcl_home *home, dcl_report *report) {
    report->notes = home->notes;
    report->readings = home->readings;
    report->reading_us = home->reading_us;
    report->input_kva = home->subscribed_kva;
    for (int i = 0; i < DCL_EXCLUSION_COUNT; i++) report->excluded[i] = home->excluded[i];
}

static void set_limit(dcl_report *report, dcl_limit limit, bool holds) {
    if (holds) report->limits |= 1u << limit;
}

static void find_limits(dcl_report *report) {
    int64_t step = report->reading_us > report->period_us ? report->reading_us : report->period_us;
    set_limit(report, DCL_LIMIT_SIMULATED, report->notes >> DCL_NOTE_SIMULATED & 1);
    set_limit(report, DCL_LIMIT_SUM_OF_PLUGS, report->notes >> DCL_NOTE_SUM_OF_PLUGS & 1);
    /* With apparent power beside it, short changes are not smoothed. */
    set_limit(report, DCL_LIMIT_POWER_FROM_INDEX,
              (report->notes >> DCL_NOTE_POWER_FROM_INDEX & 1) &&
                  !(report->notes >> DCL_NOTE_POWER_BOUNDED & 1));
    set_limit(report, DCL_LIMIT_GAPS, report->coverage < 0.98);
    set_limit(report, DCL_LIMIT_COARSE, step >= 5 * DCL_MINUTE_US);
    bool cold = report->has_uses && !report->uses.use[DCL_USE_COLD].why;
    set_limit(report, DCL_LIMIT_NO_APPLIANCES, !report->has_uses);
    set_limit(report, DCL_LIMIT_USES_ESTIMATED, report->has_uses);
    set_limit(report, DCL_LIMIT_FLOOR_HAS_COLD, report->always_on.days > 0 && !cold);
    set_limit(report, DCL_LIMIT_FEW_DAYS, report->covered_us < 14 * DCL_DAY_US);
    set_limit(report, DCL_LIMIT_NO_PEAKS, report->peaks.source < DCL_PEAKS_METER);
    set_limit(report, DCL_LIMIT_OWN_SOLAR_UNSEEN, report->export_kwh > 0);
}

/* The subscribed power is a limit to compare with only where somebody said it. */
static void count_days_over(dcl_report *report) {
    if (report->limits >> DCL_LIMIT_POWER_ASSUMED & 1) return;
    for (size_t i = 0; i < report->peaks.n_daily; i++)
        report->peaks.days_over +=
            (double)report->peaks.daily[i].apparent_va > report->subscribed_kva * 1000.0;
}

static dcl_status measure(const dcl_draft *d) {
    dcl_status status = dcl_report_measure_days(d);
    if (!status) status = dcl_report_measure_typical(d);
    if (!status) status = dcl_report_measure_floor(d);
    if (!status) status = dcl_report_measure_loads(d);
    if (!status) status = dcl_report_measure_peaks(d);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(d->error, "a report");
    return status ? dcl_fail(d->error, status, "%s", dcl_status_text(status)) : DCL_OK;
}

dcl_status dcl_report_make(const dcl_context *context, const dcl_home *home,
                           const dcl_report_options *options, dcl_arena *arena, dcl_report *out,
                           dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    *out = (dcl_report){.label = options->label, .cycles_looked_for = options->cycles != NULL};
    if (!options->tables) return dcl_fail(error, DCL_E_ARG, "a report needs the price tables");
    if (!power) return dcl_fail(error, DCL_E_NO_DATA, "a report needs active power, and there is none");
    if (!find_span(power, out)) return dcl_fail(error, DCL_E_NO_DATA, "every value of the power is missing");
    out->period_us = power->period_us;
    copy_from_home(home, out);
    measure_export(home, out);
    measure_night_load(options->cycles, &out->night_load);
    if (options->uses) {
        out->has_uses = true;
        out->uses = *options->uses;
    }
    dcl_series part = dcl_series_slice(power, out->from_us, out->to_us);
    const dcl_draft draft = {context, home, options, &part, arena, out, error}, *d = &draft;
    dcl_status status = measure(d);
    if (!status) status = dcl_report_price(d);
    if (!status) status = dcl_report_measure_curves(d);
    if (status) return status;
    find_limits(out);
    count_days_over(out);
    status = dcl_report_look_back(d);
    if (!status) status = dcl_report_look_ahead(d);
    if (!status) status = dcl_report_look_beside(d);
    return status ? status : dcl_report_save(d);
}
