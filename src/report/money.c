#include "report/report.h"

#include <math.h>

/* What the consumption costs: by month under the home's tariff, and the same consumption under each tariff. Price lists
 * have dates; where the data is from another time, everything is priced with the latest lists and the report says so. */

/* Energy without a price below this share is left out of a sum; above it the sum is unknown. */
#define UNPRICED_SHARE 0.02

static dcl_contract contract_of(const dcl_draft *d, dcl_tariff_kind kind) {
    return (dcl_contract){
        .kind = kind, .subscribed_kva = d->report->subscribed_kva, .hours = d->report->hours};
}

static dcl_status make_bill(const dcl_draft *d, dcl_tariff_kind kind, int64_t from_us, int64_t to_us,
                            dcl_bill *bill) {
    dcl_contract contract = contract_of(d, kind);
    dcl_series part = dcl_series_slice(d->power, from_us, to_us);
    const dcl_price_list *latest = dcl_tariff_latest(d->options->tables, kind, contract.subscribed_kva);
    dcl_bill_options how = {0};
    if (d->report->one_list && latest) how = (dcl_bill_options){true, latest->from_day};
    return dcl_bill_make(d->context, d->options->tables, &contract, &part, &how, d->arena, bill, d->error);
}

static bool priced(const dcl_bill_part *part) {
    return part->unpriced_kwh <= UNPRICED_SHARE * part->energy_kwh;
}

/* ---------------------------------------------------------------- assumptions */

/* Not said by anybody: 6 kVA, the commonest contract, or the next that carries the highest mean seen. */
static int assume_kva(const dcl_series *power) {
    dcl_cover all = dcl_cover_of(power, power->start_us, dcl_series_end_us(power));
    for (size_t i = 1; i < DCL_POWER_COUNT; i++)
        if (dcl_subscribed_kva(i) * 1000.0 >= (double)all.high) return dcl_subscribed_kva(i);
    return dcl_subscribed_kva(DCL_POWER_COUNT - 1);
}

static bool sold(double kva) {
    for (size_t i = 0; i < DCL_POWER_COUNT; i++)
        if (dcl_subscribed_kva(i) == kva) return true;
    return false;
}

static dcl_status settle_contract(const dcl_draft *d) {
    dcl_report *report = d->report;
    const dcl_report_options *o = d->options;
    if (o->subscribed_kva && !sold(o->subscribed_kva))
        return dcl_fail(d->error, DCL_E_ARG, "%d kVA is not a subscribed power that is sold",
                        o->subscribed_kva);
    report->cost_tariff = o->tariff < DCL_TARIFF_KIND_COUNT ? o->tariff : DCL_TARIFF_BASE;
    if (o->tariff >= DCL_TARIFF_KIND_COUNT) report->limits |= 1u << DCL_LIMIT_TARIFF_ASSUMED;
    if (o->subscribed_kva) {
        report->subscribed_kva = o->subscribed_kva;
    } else if (sold(report->input_kva)) {
        report->subscribed_kva = (int)report->input_kva;
    } else {
        report->subscribed_kva = assume_kva(d->power);
        report->limits |= 1u << DCL_LIMIT_POWER_ASSUMED;
    }
    report->hours = o->hours.n ? o->hours : dcl_hours_default();
    if (!o->hours.n) report->limits |= 1u << DCL_LIMIT_HOURS_ASSUMED;
    return DCL_OK;
}

/* ---------------------------------------------------------------- which lists */

/* The days for which every tariff has a price list, as one stretch from the first such day on. */
static void common_days(const dcl_draft *d, int64_t *from_day, int64_t *to_day) {
    const dcl_report *report = d->report;
    *from_day = *to_day = report->days[0].day;
    bool open = false;
    for (size_t i = 0; i < report->n_days; i++) {
        int64_t day = report->days[i].day;
        bool all = true;
        for (int kind = 0; kind < DCL_TARIFF_KIND_COUNT; kind++)
            all = all &&
                  dcl_tariff_find(d->options->tables, (dcl_tariff_kind)kind, report->subscribed_kva, day);
        if (!all && open) return;
        if (all && !open) *from_day = day;
        if (all) *to_day = day + 1;
        open = all;
    }
}

/* Dated lists where they reach over at least half of the span; otherwise all is priced with the latest ones. */
static void choose_lists(const dcl_draft *d) {
    dcl_report *report = d->report;
    int64_t from_day, to_day;
    common_days(d, &from_day, &to_day);
    report->one_list = 2 * (to_day - from_day) < (int64_t)report->n_days;
    report->compare_from_us = report->from_us;
    report->compare_to_us = report->to_us;
    if (report->one_list) {
        report->limits |= 1u << DCL_LIMIT_OTHER_PRICES;
        return;
    }
    int64_t from_us = dcl_zone_day_start(d->context->zone, from_day);
    int64_t to_us = dcl_zone_day_start(d->context->zone, to_day);
    if (from_us > report->from_us) report->compare_from_us = from_us;
    if (to_us < report->to_us) report->compare_to_us = to_us;
    if (report->compare_from_us != report->from_us || report->compare_to_us != report->to_us)
        report->limits |= 1u << DCL_LIMIT_PART_COMPARED;
}

/* The days of the span that can be priced under the home's own option: they have a list, and a colour where it needs one. */
static void find_priced(const dcl_draft *d) {
    dcl_report *r = d->report;
    const dcl_tariff *tables = d->options->tables;
    const dcl_price_list *latest = dcl_tariff_latest(tables, r->cost_tariff, r->subscribed_kva);
    r->priced_from_day = r->priced_to_day = r->days[0].day;
    for (size_t i = 0; i < r->n_days; i++) {
        int64_t day = r->days[i].day;
        bool list = r->one_list ? latest != NULL
                                : dcl_tariff_find(tables, r->cost_tariff, r->subscribed_kva, day) != NULL;
        bool colour =
            r->cost_tariff != DCL_TARIFF_TEMPO || dcl_tariff_colour(tables, day) != DCL_COLOUR_UNKNOWN;
        if (!list || !colour) continue;
        if (r->priced_to_day == r->days[0].day) r->priced_from_day = day;
        r->priced_to_day = day + 1;
    }
}

/* ---------------------------------------------------------------- months */

static double month_coverage(const dcl_zone *zone, const dcl_bill_part *part) {
    int64_t start = dcl_days_from_date(part->year, part->month, 1);
    int64_t next = part->month == 12 ? dcl_days_from_date(part->year + 1, 1, 1)
                                     : dcl_days_from_date(part->year, part->month + 1, 1);
    int64_t length = dcl_zone_day_start(zone, next) - dcl_zone_day_start(zone, start);
    return (double)part->covered_us / (double)length;
}

static dcl_status price_months(const dcl_draft *d) {
    dcl_bill bill;
    dcl_report *report = d->report;
    dcl_status status = make_bill(d, report->cost_tariff, report->from_us, report->to_us, &bill);
    if (status) return status;
    report->months = dcl_arena_alloc(d->arena, bill.n_months, sizeof *report->months);
    if (!report->months) return dcl_fail_memory(d->error, "the months");
    report->n_months = bill.n_months;
    double span_days = (double)(report->to_us - report->from_us) / (double)DCL_DAY_US;
    bool standing = bill.total.standing_unknown_days <= UNPRICED_SHARE * span_days;
    report->energy_cost_eur = priced(&bill.total) ? bill.total.energy_cost_eur : NAN;
    report->standing_cost_eur = standing ? bill.total.standing_cost_eur : NAN;
    for (size_t i = 0; i < bill.n_months; i++) {
        const dcl_bill_part *part = &bill.months[i];
        report->months[i] = (dcl_report_month){
            .year = part->year,
            .month = part->month,
            .coverage = month_coverage(d->context->zone, part),
            .energy_kwh = part->energy_kwh,
            .energy_cost_eur = priced(part) ? part->energy_cost_eur : NAN,
            .standing_cost_eur = part->standing_unknown_days > 0 ? NAN : part->standing_cost_eur};
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- tariffs side by side */

/* The last 365 days, or all: where a year is read. */
static int64_t year_from(const dcl_report *report) {
    int64_t from = report->compare_to_us - 365 * DCL_DAY_US;
    return from > report->compare_from_us ? from : report->compare_from_us;
}

/* 330 covered days, and four fifths of the 90 days of a winter among them. */
static bool year_is_covered(const dcl_report *report) {
    int64_t from = year_from(report), covered = 0, winter = 0;
    for (size_t i = 0; i < report->n_days; i++) {
        const dcl_report_day *day = &report->days[i];
        if (day->start_us < from || day->end_us > report->compare_to_us) continue;
        int month = dcl_date_from_days(day->day).month;
        covered += day->covered_us;
        if (month == 12 || month <= 2) winter += day->covered_us;
    }
    return covered >= 330 * DCL_DAY_US && winter >= 72 * DCL_DAY_US;
}

static dcl_unpriced main_reason(const dcl_bill_part *part) {
    int best = 0;
    for (int i = 1; i < DCL_UNPRICED_COUNT; i++)
        if (part->unpriced_by_kwh[i] > part->unpriced_by_kwh[best]) best = i;
    return (dcl_unpriced)best;
}

/* A covered year's energy cost, brought from its covered time to 365 days, and a year of standing charges. */
static dcl_status price_year(const dcl_draft *d, dcl_report_tariff *out) {
    const dcl_report *report = d->report;
    int64_t from = year_from(report);
    dcl_bill bill;
    dcl_status status = make_bill(d, out->kind, from, report->compare_to_us, &bill);
    if (status || !priced(&bill.total) || bill.total.standing_unknown_days > 0) return status;
    double year_us = 365.0 * (double)DCL_DAY_US;
    out->eur_per_year = bill.total.energy_cost_eur * year_us / (double)bill.total.covered_us +
                        bill.total.standing_cost_eur * year_us / (double)(report->compare_to_us - from);
    return DCL_OK;
}

static dcl_status price_tariff(const dcl_draft *d, dcl_tariff_kind kind, bool year) {
    dcl_report *report = d->report;
    dcl_report_tariff *out = &report->tariffs[kind];
    *out = (dcl_report_tariff){.kind = kind,
                               .eur_span = NAN,
                               .energy_eur = NAN,
                               .standing_eur = NAN,
                               .eur_per_year = NAN,
                               .reason = DCL_UNPRICED_COUNT,
                               .standing_confirmed = true};
    dcl_bill bill;
    dcl_status status = make_bill(d, kind, report->compare_from_us, report->compare_to_us, &bill);
    if (status) return status;
    for (size_t i = 0; i < bill.n_lists; i++) {
        if (i == 0) out->first_list_day = bill.lists[i].from_day;
        out->has_lists = true;
        out->last_list_day = bill.lists[i].from_day;
        out->standing_confirmed = out->standing_confirmed && bill.lists[i].standing_confirmed;
    }
    if (!priced(&bill.total) || !bill.n_lists) {
        out->reason = main_reason(&bill.total);
        if (out->reason == DCL_UNPRICED_NO_COLOUR) report->limits |= 1u << DCL_LIMIT_NO_COLOURS;
        return DCL_OK;
    }
    if (!out->standing_confirmed) report->limits |= 1u << DCL_LIMIT_STANDING_UNCONFIRMED;
    out->energy_eur = bill.total.energy_cost_eur;
    out->standing_eur = bill.total.standing_unknown_days > 0 ? NAN : bill.total.standing_cost_eur;
    out->eur_span = out->energy_eur + out->standing_eur;
    return year ? price_year(d, out) : DCL_OK;
}

/* ---------------------------------------------------------------- what is always on */

static double off_peak_share(const dcl_hours *hours) {
    const dcl_hours_period *last = &hours->period[hours->n - 1];
    int minutes = 0;
    for (int i = 0; i < last->n; i++) {
        int length = last->window[i].to_min - last->window[i].from_min;
        minutes += length > 0 ? length : length + 1440;
    }
    return minutes / 1440.0;
}

/* A load that never stops meets each price for a known share of the year: HC for the windows' share; Tempo for 300 blue,
 * 43 white and 22 red days of 8 HC and 16 HP hours. */
static double flat_price(const dcl_draft *d, const dcl_price_list *list) {
    double eur[DCL_PRICE_CLASS_COUNT];
    for (int i = 0; i < DCL_PRICE_CLASS_COUNT; i++) eur[i] = list->price_ueur_kwh[i] / 1e6;
    double off = off_peak_share(&d->report->hours);
    switch (list->kind) {
    case DCL_TARIFF_HC: return off * eur[DCL_PRICE_HC] + (1 - off) * eur[DCL_PRICE_HP];
    case DCL_TARIFF_TEMPO:
        return (300 * (eur[DCL_PRICE_BLUE_HC] + 2 * eur[DCL_PRICE_BLUE_HP]) +
                43 * (eur[DCL_PRICE_WHITE_HC] + 2 * eur[DCL_PRICE_WHITE_HP]) +
                22 * (eur[DCL_PRICE_RED_HC] + 2 * eur[DCL_PRICE_RED_HP])) /
               (3 * 365.0);
    default: return eur[DCL_PRICE_BASE];
    }
}

static void price_floor(const dcl_draft *d) {
    dcl_report *report = d->report;
    dcl_report_always_on *floor_range = &report->always_on;
    const dcl_tariff *tables = d->options->tables;
    int64_t last_day = report->days[report->n_days - 1].day;
    const dcl_price_list *list =
        report->one_list ? NULL
                         : dcl_tariff_find(tables, report->cost_tariff, report->subscribed_kva, last_day);
    if (!list) list = dcl_tariff_latest(tables, report->cost_tariff, report->subscribed_kva);
    floor_range->price_eur_kwh = list ? flat_price(d, list) : NAN;
    floor_range->list_day = list ? list->from_day : 0;
    floor_range->eur_year_low = floor_range->kwh_year_low * floor_range->price_eur_kwh;
    floor_range->eur_year_high = floor_range->kwh_year_high * floor_range->price_eur_kwh;
}

dcl_status dcl_report_price(const dcl_draft *d) {
    dcl_report *report = d->report;
    dcl_status status = settle_contract(d);
    if (status) return status;
    choose_lists(d);
    find_priced(d);
    status = price_months(d);
    bool year = year_is_covered(report);
    if (!year) report->limits |= 1u << DCL_LIMIT_NO_YEAR;
    for (int kind = 0; !status && kind < DCL_TARIFF_KIND_COUNT; kind++)
        status = price_tariff(d, (dcl_tariff_kind)kind, year);
    if (!status) price_floor(d);
    return status;
}

dcl_status dcl_report_price_part(const dcl_draft *d, int64_t from_us, int64_t to_us, double *energy_eur,
                                 double *standing_eur) {
    dcl_bill bill;
    dcl_status status = make_bill(d, d->report->cost_tariff, from_us, to_us, &bill);
    *energy_eur = *standing_eur = NAN;
    if (status) return status;
    if (priced(&bill.total) && bill.total.energy_kwh > 0) *energy_eur = bill.total.energy_cost_eur;
    if (bill.total.standing_unknown_days <= 0) *standing_eur = bill.total.standing_cost_eur;
    return DCL_OK;
}
