#include "report/report.h"

#include <math.h>
#include <stdlib.h>

/* Which stretches of the load curve tell most, and how they are reduced for drawing. */

enum { WHOLE_DAYS = 2, WEEK_DAYS = 7, LABELS = 8, MOST_BINS = 600, WEEK_BINS = 1100 };

/* Bins of 5 minutes show a kettle, of 10 in a week; where the data is coarser its own step, and 300 or so bins for a short span. */
static int64_t choose_bin(int64_t period_us, int64_t span_us, int64_t most) {
    static const int64_t steps_s[] = {1, 2, 5, 10, 15, 30, 60, 120, 300};
    int64_t bin = 300 * DCL_SECOND_US;
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++) {
        bin = steps_s[i] * DCL_SECOND_US;
        if (span_us / bin <= 300) break;
    }
    while (span_us / bin > most) bin *= 2; /* no day was whole: all of a long span is one picture */
    return period_us > bin ? period_us : bin;
}

/* Cycles by energy, most first; apparent-only ones have none and come last. Ties go to the earlier. */
static int compare_energy(const void *a, const void *b) {
    const dcl_cycle *x = *(const dcl_cycle *const *)a, *y = *(const dcl_cycle *const *)b;
    double ex = isnan(x->energy_wh) ? -1 : x->energy_wh, ey = isnan(y->energy_wh) ? -1 : y->energy_wh;
    if (ex != ey) return ex < ey ? 1 : -1;
    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

/* In a week, numbers of cycles that begin within half a day would not stand under their marks. */
static bool crowded(const dcl_report_curve *curve, const dcl_cycle *cycle) {
    for (size_t i = 0; curve->why == DCL_WHY_WEEK && i < curve->n_cycles; i++) {
        int64_t apart = cycle->start_us - curve->cycles[i].start_us;
        if (curve->label[i] && (apart < 0 ? -apart : apart) < DCL_DAY_US / 2) return true;
    }
    return false;
}

/* Labels the cycles of most energy among those that begin here with 1, 2, … in order of start. */
static dcl_status label_cycles(dcl_arena *arena, dcl_report_curve *curve) {
    dcl_cycle **order = dcl_arena_alloc(arena, curve->n_cycles, sizeof *order);
    if (!order) return DCL_E_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < curve->n_cycles; i++)
        if (curve->cycles[i].start_us >= curve->start_us) order[n++] = &curve->cycles[i];
    qsort(order, n, sizeof *order, compare_energy);
    size_t labelled = 0;
    for (size_t i = 0; i < n && labelled < LABELS; i++) {
        if (crowded(curve, order[i])) continue;
        curve->label[order[i] - curve->cycles] = 1;
        labelled++;
    }
    int next = 0;
    for (size_t i = 0; i < curve->n_cycles; i++)
        if (curve->label[i]) curve->label[i] = ++next;
    return DCL_OK;
}

/* Takes the cycles that touch the stretch. One that began before it is marked, but not labelled: its table is that of
 * the day it began. */
static dcl_status take_cycles(const dcl_report_options *options, dcl_arena *arena, dcl_report_curve *curve) {
    const dcl_cycles *cycles = options->cycles;
    size_t n = 0;
    for (int pass = 0; cycles && pass < 2; pass++) {
        n = 0;
        for (size_t i = 0; i < cycles->n && cycles->cycle[i].start_us < curve->end_us; i++) {
            if (cycles->cycle[i].end_us <= curve->start_us) continue;
            if (pass) curve->cycles[n] = cycles->cycle[i];
            if (pass && options->own) curve->own[n] = options->own[i];
            n++;
        }
        if (!n || pass) break;
        curve->cycles = dcl_arena_alloc(arena, n, sizeof *curve->cycles);
        curve->label = dcl_arena_alloc(arena, n, sizeof *curve->label);
        curve->own = dcl_arena_alloc(arena, n, sizeof *curve->own);
        if (!curve->cycles || !curve->label || !curve->own) return DCL_E_MEMORY;
    }
    curve->n_cycles = n;
    return n ? label_cycles(arena, curve) : DCL_OK;
}

static dcl_status fill_curve(const dcl_draft *d, dcl_report_curve *curve) {
    const dcl_series *power = d->power;
    const dcl_report *r = d->report;
    const dcl_contract contract = {r->cost_tariff, r->subscribed_kva, r->hours};
    int64_t span = curve->end_us - curve->start_us;
    curve->bin_us = choose_bin(power->period_us, span, curve->why == DCL_WHY_WEEK ? WEEK_BINS : MOST_BINS);
    curve->n = (size_t)((span + curve->bin_us - 1) / curve->bin_us);
    curve->mean_w = dcl_arena_alloc(d->arena, 3 * curve->n, sizeof(float));
    curve->price_class = dcl_arena_alloc(d->arena, curve->n, 1);
    if (!curve->mean_w || !curve->price_class) return DCL_E_MEMORY;
    curve->low_w = curve->mean_w + curve->n;
    curve->high_w = curve->low_w + curve->n;
    for (size_t i = 0; i < curve->n; i++) {
        int64_t from = curve->start_us + (int64_t)i * curve->bin_us, to = from + curve->bin_us;
        if (to > curve->end_us) to = curve->end_us;
        dcl_cover cover = dcl_cover_of(power, from, to);
        curve->mean_w[i] = (float)dcl_cover_mean(&cover, from, to, 0.25);
        curve->low_w[i] = cover.low;
        curve->high_w[i] = cover.high;
        curve->price_class[i] =
            (uint8_t)dcl_price_class_at(d->context->zone, d->options->tables, &contract, from);
        curve->energy_kwh += cover.energy_wh / 1000;
    }
    return DCL_OK;
}

static int compare_days(const void *a, const void *b) {
    const dcl_report_day *x = *(const dcl_report_day *const *)a, *y = *(const dcl_report_day *const *)b;
    if (x->energy_kwh != y->energy_kwh) return x->energy_kwh > y->energy_kwh ? 1 : -1;
    return (x->day > y->day) - (x->day < y->day);
}

static void add_day(dcl_report *report, dcl_report_why why, const dcl_report_day *day) {
    report->curves[report->n_curves++] =
        (dcl_report_curve){.why = why, .day = day->day, .start_us = day->start_us, .end_us = day->end_us};
}

/* Days covered to 95 % compete, so that a gap does not make the day of least energy. */
static dcl_status choose_days(dcl_arena *arena, dcl_report *report) {
    const dcl_report_day **order = dcl_arena_alloc(arena, report->n_days, sizeof *order);
    if (!order) return DCL_E_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < report->n_days; i++) {
        const dcl_report_day *day = &report->days[i];
        if ((double)day->covered_us >= 0.95 * (double)(day->end_us - day->start_us)) order[n++] = day;
    }
    if (!n) return DCL_OK;
    qsort(order, n, sizeof *order, compare_days);
    add_day(report, DCL_WHY_HIGHEST, order[n - 1]);
    if (n >= 3) add_day(report, DCL_WHY_MIDDLE, order[n / 2]);
    if (n >= 2) add_day(report, DCL_WHY_LOWEST, order[0]);
    return DCL_OK;
}

static dcl_status measure_curve(const dcl_draft *d, dcl_report_curve *curve) {
    dcl_status status = fill_curve(d, curve);
    return status ? status : take_cycles(d->options, d->arena, curve);
}

/* The days up to the last full one, as far as they are in the span; one day alone is among the days that tell. */
static dcl_status measure_week(const dcl_draft *d) {
    dcl_report *r = d->report;
    size_t last = r->n_days;
    while (last > 0 && !dcl_report_full(&r->days[last - 1])) last--;
    if (last < 2) return DCL_OK;
    const dcl_report_day *from = &r->days[last > WEEK_DAYS ? last - WEEK_DAYS : 0], *to = &r->days[last - 1];
    dcl_report_curve *week = dcl_arena_alloc(d->arena, 1, sizeof *week);
    if (!week) return DCL_E_MEMORY;
    *week = (dcl_report_curve){.why = DCL_WHY_WEEK,
                               .day = from->day,
                               .start_us = from->start_us > r->from_us ? from->start_us : r->from_us,
                               .end_us = to->end_us < r->to_us ? to->end_us : r->to_us};
    r->week = week;
    return measure_curve(d, week);
}

static dcl_status measure_all(const dcl_draft *d) {
    dcl_report *r = d->report;
    r->curves = dcl_arena_alloc(d->arena, 3, sizeof *r->curves);
    if (!r->curves) return DCL_E_MEMORY;
    dcl_status status = DCL_OK;
    if (r->to_us - r->from_us >= WHOLE_DAYS * DCL_DAY_US) status = choose_days(d->arena, r);
    if (!status && r->n_curves) status = measure_week(d);
    if (!r->n_curves)
        r->curves[r->n_curves++] = (dcl_report_curve){
            .why = DCL_WHY_WHOLE, .day = r->days[0].day, .start_us = r->from_us, .end_us = r->to_us};
    for (size_t i = 0; !status && i < r->n_curves; i++) status = measure_curve(d, &r->curves[i]);
    return status;
}

dcl_status dcl_report_measure_curves(const dcl_draft *d) {
    return measure_all(d) ? dcl_fail_memory(d->error, "the load curves") : DCL_OK;
}
