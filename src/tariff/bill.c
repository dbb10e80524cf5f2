/*
 * The bill of a curve. Time is cut into pieces over which nothing changes (month, day, price class, offset
 * from UTC); the samples of a piece are then only added up. Energies are integers of 1 µJ, money of 1e-6 €:
 * no sum rounds.
 */
#include "base/civil.h"
#include "base/status.h"
#include "base/zone.h"
#include "tariff/energy.h"
#include "tariff/hours.h"
#include "tariff/tables.h"

static const int64_t uj_per_kwh = INT64_C(3600000000000);
static const int64_t most_energy_uj = INT64_MAX / 2; /* 1.3 GWh, beyond any home */
static const int64_t whole_day = 1000000;            /* days are counted in millionths */

/* Integer sums of a month, of one price list within a month, or of all. */
typedef struct sums {
    int64_t covered_us, energy_uj, export_uj;
    int64_t class_uj[DCL_PRICE_CLASS_COUNT], class_ueur[DCL_PRICE_CLASS_COUNT],
        unpriced_uj[DCL_UNPRICED_COUNT];
    int64_t standing_ueur, standing_unknown;
} sums;

/* Where the walk through time stands, and what does not change until its next stop. */
typedef struct walk {
    const dcl_context *context;
    const dcl_tariff *tariff;
    const dcl_contract *contract;
    const dcl_series *power;
    const dcl_price_list *fixed; /* prices everything; NULL = by date */
    size_t power_index;
    dcl_error *error;
    /* of the present offset, day and list */
    int64_t offset_us, offset_end_us, day, day_us, day_length_us;
    const dcl_price_list *list; /* NULL = none known */
    sums in_list, in_month, total;
    int64_t days_in_list; /* days of the span under the list in this month, in millionths */
    dcl_bill *out;
} walk;

/* ---------------------------------------------------------------- what a moment is billed as */

/* A stretch of time with one price class, or one reason for having none (then price_class is the count). */
typedef struct piece {
    int64_t from_us, to_us;
    dcl_price_class price_class;
    dcl_unpriced reason;
} piece;

static const dcl_hours_period tempo_hours = {.from_day = INT64_MIN, .n = 1, .window = {{22 * 60, 6 * 60}}};

/* Tempo's class of a civil day and minute. The colour is that of the day before until 06:00. */
static dcl_price_class tempo_class(const dcl_tariff *tariff, int64_t day, int minute) {
    bool off_peak = dcl_hours_off_peak(&tempo_hours, minute);
    switch (dcl_tariff_colour(tariff, minute < 6 * 60 ? day - 1 : day)) {
    case DCL_COLOUR_BLUE: return off_peak ? DCL_PRICE_BLUE_HC : DCL_PRICE_BLUE_HP;
    case DCL_COLOUR_WHITE: return off_peak ? DCL_PRICE_WHITE_HC : DCL_PRICE_WHITE_HP;
    case DCL_COLOUR_RED: return off_peak ? DCL_PRICE_RED_HC : DCL_PRICE_RED_HP;
    case DCL_COLOUR_UNKNOWN: break;
    }
    return DCL_PRICE_CLASS_COUNT;
}

/* The class of a minute of a day under a contract, whose hours of that day are given; the count = not known. */
static dcl_price_class class_of(const dcl_tariff *tariff, dcl_tariff_kind kind, const dcl_hours_period *hours,
                                int64_t day, int minute) {
    switch (kind) {
    case DCL_TARIFF_BASE: return DCL_PRICE_BASE;
    case DCL_TARIFF_HC:
        if (!hours) break;
        return dcl_hours_off_peak(hours, minute) ? DCL_PRICE_HC : DCL_PRICE_HP;
    case DCL_TARIFF_TEMPO: return tempo_class(tariff, day, minute);
    case DCL_TARIFF_KIND_COUNT: break;
    }
    return DCL_PRICE_CLASS_COUNT;
}

/* Class of a civil minute, and the minute at which it may change (at most the end of the day). */
static piece classify(const walk *w, int minute, int *edge) {
    piece out = {.price_class = DCL_PRICE_CLASS_COUNT, .reason = DCL_UNPRICED_NO_PRICES};
    const dcl_hours_period *hours = NULL;
    *edge = DCL_MINUTES_A_DAY;
    if (w->contract->kind == DCL_TARIFF_HC) hours = dcl_hours_on(&w->contract->hours, w->day);
    if (w->contract->kind == DCL_TARIFF_TEMPO) hours = &tempo_hours;
    if (hours) *edge = dcl_hours_next_edge(hours, minute);
    if (!w->list) return out;
    if (w->contract->kind == DCL_TARIFF_HC) out.reason = DCL_UNPRICED_NO_HOURS;
    if (w->contract->kind == DCL_TARIFF_TEMPO) out.reason = DCL_UNPRICED_NO_COLOUR;
    out.price_class = class_of(w->tariff, w->contract->kind, hours, w->day, minute);
    return out;
}

dcl_price_class dcl_price_class_at(const dcl_zone *zone, const dcl_tariff *tariff,
                                   const dcl_contract *contract, int64_t time_us) {
    dcl_civil civil = dcl_zone_civil(zone, time_us);
    int64_t day = dcl_zone_day(zone, time_us);
    return class_of(tariff, contract->kind, dcl_hours_on(&contract->hours, day), day,
                    civil.hour * 60 + civil.minute);
}

/* ---------------------------------------------------------------- closing lists and months */

/* a / b rounded to the nearest; a >= 0, b > 0. */
static int64_t rounded(int64_t a, int64_t b) {
    return a / b + (a % b >= b - a % b);
}

/* Energy times price. The rest below a kWh is priced to the mJ, so that no product overflows (price <= 10
 * €/kWh). */
static int64_t cost_ueur(int64_t energy_uj, int64_t price_ueur_kwh) {
    int64_t rest_mj = energy_uj % uj_per_kwh / 1000;
    return energy_uj / uj_per_kwh * price_ueur_kwh + rounded(rest_mj * price_ueur_kwh, uj_per_kwh / 1000);
}

static void add(sums *to, const sums *from) {
    to->covered_us += from->covered_us;
    to->energy_uj += from->energy_uj;
    to->export_uj += from->export_uj;
    to->standing_ueur += from->standing_ueur;
    to->standing_unknown += from->standing_unknown;
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) {
        to->class_uj[c] += from->class_uj[c];
        to->class_ueur[c] += from->class_ueur[c];
    }
    for (int r = 0; r < DCL_UNPRICED_COUNT; r++) to->unpriced_uj[r] += from->unpriced_uj[r];
}

/* Remembers a list for the assumptions; there is room for all of the tables. One contract has one list a day.
 */
static void note_list(dcl_bill *bill, const dcl_price_list *list) {
    for (size_t i = 0; i < bill->n_lists; i++)
        if (bill->lists[i].from_day == list->from_day) return;
    bill->lists[bill->n_lists++] = *list;
}

/* The part of a civil day that the span covers, in millionths of the day. */
static void close_day(walk *w) {
    if (w->day_length_us > 0) w->days_in_list += rounded(w->day_us * whole_day, w->day_length_us);
    w->day_us = 0;
}

/* Prices what was added up under a list and hands it to the month. */
static void close_list(walk *w, dcl_bill_part *month) {
    sums *in = &w->in_list;
    if (w->list) {
        note_list(w->out, w->list);
        for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++)
            if (in->class_uj[c]) in->class_ueur[c] = cost_ueur(in->class_uj[c], w->list->price_ueur_kwh[c]);
        int64_t parts = 12 * dcl_days_in_month(month->year, month->month) * whole_day;
        in->standing_ueur = rounded(w->list->standing_ueur_year[w->power_index] * w->days_in_list, parts);
    } else {
        in->standing_unknown = w->days_in_list;
    }
    add(&w->in_month, in);
    *in = (sums){0};
    w->days_in_list = 0;
}

static double kwh(int64_t energy_uj) {
    return (double)energy_uj / (double)uj_per_kwh;
}

static void write_part(dcl_bill_part *part, const sums *in) {
    int64_t cost = 0, unpriced = 0;
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) {
        part->class_kwh[c] = kwh(in->class_uj[c]);
        part->class_eur[c] = (double)in->class_ueur[c] / 1e6;
        cost += in->class_ueur[c];
    }
    for (int r = 0; r < DCL_UNPRICED_COUNT; r++) {
        part->unpriced_by_kwh[r] = kwh(in->unpriced_uj[r]);
        unpriced += in->unpriced_uj[r];
    }
    part->covered_us = in->covered_us;
    part->energy_kwh = kwh(in->energy_uj);
    part->export_kwh = kwh(in->export_uj);
    part->unpriced_kwh = kwh(unpriced);
    part->energy_cost_eur = (double)cost / 1e6;
    part->standing_cost_eur = (double)in->standing_ueur / 1e6;
    part->standing_unknown_days = (double)in->standing_unknown / (double)whole_day;
}

static void close_month(walk *w, dcl_bill_part *month) {
    close_day(w);
    close_list(w, month);
    write_part(month, &w->in_month);
    add(&w->total, &w->in_month);
    w->in_month = (sums){0};
}

/* ---------------------------------------------------------------- the walk */

/* Takes up the offset and the list of the moment. A list is looked up when the day leaves those it holds for.
 */
static void enter(walk *w, int64_t time_us, dcl_bill_part *month) {
    if (time_us >= w->offset_end_us) {
        w->offset_us = dcl_zone_offset_s(w->context->zone, time_us) * DCL_SECOND_US;
        w->offset_end_us = dcl_zone_next_change(w->context->zone, time_us);
    }
    int64_t day = dcl_floor_div(time_us + w->offset_us, DCL_DAY_US);
    if (day == w->day) return;
    close_day(w);
    w->day = day;
    int64_t start_us = dcl_zone_day_start(w->context->zone, day);
    w->day_length_us = dcl_zone_day_start(w->context->zone, day + 1) - start_us;
    const dcl_price_list *list = w->fixed;
    if (!list) list = dcl_tariff_find(w->tariff, w->contract->kind, w->contract->subscribed_kva, day);
    if (list != w->list) close_list(w, month);
    w->list = list;
}

/* The next piece from a moment on, at most to `end_us`. */
static piece next_piece(const walk *w, int64_t time_us, int64_t end_us) {
    int64_t clock_us = time_us + w->offset_us - w->day * DCL_DAY_US;
    int edge;
    piece out = classify(w, (int)(clock_us / DCL_MINUTE_US), &edge);
    out.from_us = time_us;
    out.to_us = time_us + edge * DCL_MINUTE_US - clock_us;
    if (out.to_us > w->offset_end_us) out.to_us = w->offset_end_us;
    if (out.to_us > end_us) out.to_us = end_us;
    return out;
}

static dcl_status add_piece(walk *w, const piece *at) {
    dcl_energy energy = dcl_energy_of(w->power, at->from_us, at->to_us);
    sums in = {.covered_us = energy.covered_us, .energy_uj = energy.drawn_uj, .export_uj = energy.export_uj};
    if (at->price_class < DCL_PRICE_CLASS_COUNT)
        in.class_uj[at->price_class] = in.energy_uj;
    else
        in.unpriced_uj[at->reason] = in.energy_uj;
    add(&w->in_list, &in);
    w->day_us += at->to_us - at->from_us;
    if (w->total.energy_uj + w->in_month.energy_uj + w->in_list.energy_uj > most_energy_uj ||
        w->total.export_uj + w->in_month.export_uj + w->in_list.export_uj > most_energy_uj)
        return dcl_fail(w->error, DCL_E_ARG, "more energy than a home can use in a lifetime");
    return DCL_OK;
}

/* Later, not other: where clocks go back over midnight a day can come again, and stays in the later month. */
static bool begins_month(const dcl_bill_part *month, int64_t day) {
    dcl_civil date = dcl_date_from_days(day);
    return !month || date.year * 12 + date.month > month->year * 12 + month->month;
}

static dcl_status walk_span(walk *w) {
    int64_t end_us = dcl_series_end_us(w->power);
    dcl_bill_part *month = NULL;
    for (int64_t t = w->power->start_us; t < end_us;) {
        if (dcl_cancelled(w->context)) return dcl_fail(w->error, DCL_E_CANCELLED, "interrupted");
        int64_t day = dcl_zone_day(w->context->zone, t);
        if (begins_month(month, day)) {
            if (month) close_month(w, month);
            dcl_civil date = dcl_date_from_days(day);
            month = &w->out->months[w->out->n_months++];
            *month = (dcl_bill_part){.year = date.year, .month = date.month, .from_us = t};
        }
        enter(w, t, month);
        piece at = next_piece(w, t, end_us);
        dcl_status status = add_piece(w, &at);
        if (status) return status;
        t = month->to_us = at.to_us;
    }
    if (month) close_month(w, month);
    return DCL_OK;
}

/* ---------------------------------------------------------------- arguments and result */

static bool hours_valid(const dcl_hours *hours) {
    if (hours->n < 0 || hours->n > DCL_HOURS_PERIODS) return false;
    for (int p = 0; p < hours->n; p++) {
        const dcl_hours_period *period = &hours->period[p];
        if (period->n < 0 || period->n > DCL_HOURS_WINDOWS) return false;
        if (p && period->from_day <= hours->period[p - 1].from_day) return false;
        for (int i = 0; i < period->n; i++) {
            dcl_window window = period->window[i];
            if (window.from_min < 0 || window.from_min >= DCL_MINUTES_A_DAY || window.to_min < 0 ||
                window.to_min > DCL_MINUTES_A_DAY || window.from_min == window.to_min)
                return false;
        }
    }
    return true;
}

static dcl_status check(const dcl_context *context, const dcl_contract *contract, const dcl_series *power,
                        dcl_error *error) {
    if (!context->zone) return dcl_fail(error, DCL_E_ARG, "a bill needs the zone of civil time");
    if ((unsigned)contract->kind >= DCL_TARIFF_KIND_COUNT)
        return dcl_fail(error, DCL_E_ARG, "no such tariff");
    if (dcl_power_index(contract->subscribed_kva) == DCL_POWER_COUNT)
        return dcl_fail(error, DCL_E_ARG, "a subscribed power of %d kVA is not sold (3, 6, 9 … 36)",
                        contract->subscribed_kva);
    if (contract->kind == DCL_TARIFF_HC && !hours_valid(&contract->hours))
        return dcl_fail(error, DCL_E_ARG, "off-peak hours out of range");
    const int64_t least_us = dcl_days_from_date(1900, 1, 1) * DCL_DAY_US;
    const int64_t most_us = dcl_days_from_date(2200, 1, 1) * DCL_DAY_US;
    if (power->period_us <= 0 || power->period_us > 31 * DCL_DAY_US || power->start_us < least_us ||
        power->start_us > most_us || power->n > (uint64_t)((most_us - power->start_us) / power->period_us))
        return dcl_fail(error, DCL_E_ARG,
                        "a bill takes series of 1900 to 2199 with slots of at most 31 days");
    size_t bad = dcl_energy_check(power);
    if (bad < power->n) return dcl_fail(error, DCL_E_ARG, "sample %zu is beyond 1 MW", bad);
    return DCL_OK;
}

/* Months that a span touches, and one for a day that comes again. */
static size_t months_bound(const dcl_zone *zone, const dcl_series *power) {
    dcl_civil first = dcl_zone_civil(zone, power->start_us),
              last = dcl_zone_civil(zone, dcl_series_end_us(power));
    return (size_t)((last.year - first.year) * 12 + last.month - first.month + 2);
}

dcl_status dcl_bill_make(const dcl_context *context, const dcl_tariff *tariff, const dcl_contract *contract,
                         const dcl_series *power, const dcl_bill_options *options, dcl_arena *arena,
                         dcl_bill *out, dcl_error *error) {
    *out = (dcl_bill){.contract = *contract};
    dcl_status status = check(context, contract, power, error);
    if (status) return status;
    walk w = {.context = context,
              .tariff = tariff,
              .contract = contract,
              .power = power,
              .error = error,
              .out = out};
    w.power_index = dcl_power_index(contract->subscribed_kva);
    w.offset_end_us = w.day = INT64_MIN;
    if (options && options->one_list) {
        w.fixed = dcl_tariff_find(tariff, contract->kind, contract->subscribed_kva, options->list_day);
        if (!w.fixed)
            return dcl_fail(error, DCL_E_ARG, "no price list of tariff %s at %d kVA on the day asked for",
                            dcl_tariff_kind_name(contract->kind), contract->subscribed_kva);
    }
    out->months = dcl_arena_alloc(arena, months_bound(context->zone, power), sizeof *out->months);
    out->lists = dcl_arena_alloc(arena, tariff->n_lists, sizeof *out->lists);
    if (!out->months || !out->lists) return dcl_fail_memory(error, "a bill");
    status = walk_span(&w);
    if (status) return status;
    write_part(&out->total, &w.total);
    out->total.from_us = power->start_us;
    out->total.to_us = dcl_series_end_us(power);
    return DCL_OK;
}
