#include "report/savings.h"
#include "base/names.h"

#include <math.h>
#include <string.h>

/* Savings: the year is laid out once, judges look at it one by one, and what they give is then simulated together. */

DCL_DEFINE_TEXT(dcl_advice_name(dcl_advice_kind id), DCL_ADVICE_COUNT, DCL_ADVICE_TABLE, DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_advice_why_name(dcl_advice_why id), DCL_ADVICE_WHY_COUNT, DCL_ADVICE_WHY_TABLE,
                DCL_SECOND_OF_2)

/* Below so many euros a year at its low end an advice would be cents; beyond this width it says nothing. */
static const double LEAST_EUR = 15, WIDEST = 2.6;
/* Energy without a price above this share leaves a bill unknown. */
static const double UNPRICED = 0.02;

/* ---------------------------------------------------------------- the year */

static dcl_status lay_out(dcl_saver *s, const dcl_series *power) {
    const dcl_report *r = s->draft->report;
    int64_t from_us = r->to_us - 365 * DCL_DAY_US, step_us = power->period_us, covered_us = 0;
    if (from_us < r->from_us) from_us = r->from_us;
    if (step_us < 10 * DCL_MINUTE_US) step_us = 10 * DCL_MINUTE_US;
    int64_t start_us = power->period_us == step_us ? power->start_us : 0;
    int64_t skip = (from_us - start_us) / step_us;
    start_us += skip * step_us;
    s->load = (dcl_series){.channel = DCL_POWER_W,
                           .start_us = start_us,
                           .period_us = step_us,
                           .n = (size_t)((r->to_us - start_us + step_us - 1) / step_us)};
    s->load.value = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *s->load.value);
    if (!s->load.value) return DCL_E_MEMORY;
    for (size_t i = 0; i < s->load.n; i++) {
        int64_t at = start_us + (int64_t)i * step_us;
        dcl_cover cover = dcl_cover_of(power, at, at + step_us);
        s->load.value[i] = (float)dcl_cover_mean(&cover, at, at + step_us, 0.5);
        covered_us += isnan(s->load.value[i]) ? 0 : step_us;
    }
    s->hours = (double)covered_us / (double)DCL_HOUR_US;
    s->to_year = covered_us ? 365.0 * (double)DCL_DAY_US / (double)covered_us : NAN;
    return DCL_OK;
}

/* 330 covered days of the last 365, and four fifths of a winter's 90 among them. */
static bool covers_year(const dcl_saver *s) {
    int64_t covered = 0, winter = 0;
    for (size_t i = 0; i < s->draft->report->n_days; i++) {
        const dcl_report_day *day = &s->draft->report->days[i];
        if (day->start_us < s->load.start_us) continue;
        int month = dcl_date_from_days(day->day).month;
        covered += day->covered_us;
        if (month == 12 || month <= 2) winter += day->covered_us;
    }
    return covered >= 330 * DCL_DAY_US && winter >= 72 * DCL_DAY_US;
}

static void find_lists(dcl_saver *s) {
    const dcl_report *r = s->draft->report;
    const dcl_tariff *tables = s->draft->options->tables;
    int64_t last_day = r->days[r->n_days - 1].day;
    for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++) {
        dcl_tariff_kind kind = (dcl_tariff_kind)k;
        const dcl_price_list *list =
            r->one_list ? NULL : dcl_tariff_find(tables, kind, r->subscribed_kva, last_day);
        s->list[k] = list ? list : dcl_tariff_latest(tables, kind, r->subscribed_kva);
    }
}

dcl_status dcl_saver_bill(const dcl_saver *s, float *watt, dcl_tariff_kind kind, int kva,
                          const dcl_hours *hours, double *eur) {
    const dcl_price_list *list = s->list[kind];
    *eur = NAN;
    if (!list || !dcl_tariff_find(s->draft->options->tables, kind, kva, list->from_day)) return DCL_OK;
    dcl_contract contract = {
        .kind = kind, .subscribed_kva = kva, .hours = hours ? *hours : s->draft->report->hours};
    dcl_series curve = s->load;
    dcl_bill_options how = {.one_list = true, .list_day = list->from_day};
    dcl_bill bill;
    curve.value = watt;
    dcl_status status = dcl_bill_make(s->draft->context, s->draft->options->tables, &contract, &curve, &how,
                                      s->draft->arena, &bill, s->draft->error);
    if (status) return status;
    if (bill.total.unpriced_kwh > UNPRICED * bill.total.energy_kwh || bill.total.standing_unknown_days > 0)
        return DCL_OK;
    double span_us = (double)(dcl_series_end_us(&curve) - curve.start_us);
    *eur = bill.total.energy_cost_eur * s->to_year +
           bill.total.standing_cost_eur * 365.0 * (double)DCL_DAY_US / span_us;
    return DCL_OK;
}

float *dcl_saver_copy(const dcl_saver *s) {
    float *copy = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *copy);
    if (copy) memcpy(copy, s->load.value, s->load.n * sizeof *copy);
    return copy;
}

double dcl_saver_flat_price(const dcl_saver *s) {
    return s->draft->report->always_on.price_eur_kwh;
}

/* ---------------------------------------------------------------- an advice */

dcl_advice *dcl_saver_advice(dcl_saver *s, dcl_advice_kind kind) {
    dcl_advice *advice = &s->draft->report->savings.advice[kind];
    *advice = (dcl_advice){.kind = kind,
                           .why = DCL_ADVICE_WHY_NOTHING,
                           .now = NAN,
                           .usual_low = NAN,
                           .usual_high = NAN,
                           .worked_before = NAN,
                           .worked_now = NAN,
                           .dearest_eur = NAN,
                           .from_minute = -1,
                           .to_minute = -1,
                           .kva = -1,
                           .tariff = DCL_TARIFF_KIND_COUNT,
                           .days = (int)s->draft->report->full_days};
    return advice;
}

void dcl_saver_without(dcl_saver *s, dcl_advice_kind kind, dcl_advice_why why) {
    dcl_advice *advice = dcl_saver_advice(s, kind);
    advice->why = why;
    advice->kwh_low = advice->kwh_high = advice->eur_low = advice->eur_high = advice->confidence = NAN;
}

/* Whole fives, tens above a hundred: more digits would claim more than is known. */
static double rounded(double eur, double (*way)(double)) {
    double step = eur > 100 ? 10 : 5;
    return way(eur / step) * step;
}

void dcl_saver_give(dcl_saver *s, dcl_advice *advice) {
    double middle = (advice->eur_low + advice->eur_high) / 2;
    bool unknown = !isfinite(advice->eur_low) || !isfinite(advice->eur_high);
    if (unknown)
        dcl_saver_without(s, advice->kind, DCL_ADVICE_WHY_NO_PRICES);
    else if (middle < LEAST_EUR)
        dcl_saver_without(s, advice->kind, DCL_ADVICE_WHY_NOTHING);
    else if (advice->eur_high > WIDEST * advice->eur_low)
        dcl_saver_without(s, advice->kind, DCL_ADVICE_WHY_TOO_WIDE);
    else {
        double low = rounded(advice->eur_low, floor), high = rounded(advice->eur_high, ceil);
        bool widened = high > 2 * low && advice->eur_high <= 2 * advice->eur_low;
        advice->why = DCL_ADVICE_WHY_GIVEN;
        advice->eur_low = widened ? rounded(advice->eur_low, ceil) : low;
        advice->eur_high = high;
    }
}

/* ---------------------------------------------------------------- together */

static double middle_of(const dcl_advice *a, bool kwh) {
    return kwh ? (a->kwh_low + a->kwh_high) / 2 : (a->eur_low + a->eur_high) / 2;
}

/* The curve after all advices but those of the contract, each at the middle of its range. */
static float *changed(const dcl_saver *s, dcl_tariff_kind kind) {
    static const dcl_advice_kind flat[] = {DCL_ADVICE_LEFT_ON, DCL_ADVICE_ALWAYS_ON, DCL_ADVICE_COLD};
    const dcl_advice *a = s->draft->report->savings.advice;
    float *watt = dcl_saver_copy(s), less_w = 0;
    if (!watt) return NULL;
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        if (!a[flat[i]].why) less_w += (float)(middle_of(&a[flat[i]], true) / dcl_saver_flat_kwh(1));
    if (!a[DCL_ADVICE_WATER_HEATER].why) dcl_saver_move(s, s->lump, s->n_lumps, kind, watt);
    if (!a[DCL_ADVICE_CYCLES].why)
        dcl_saver_move(s, s->moved, s->n_moved * 3 / 4, kind, watt); /* half to all */
    if (!a[DCL_ADVICE_HEATING].why) dcl_saver_cool(s, middle_of(&a[DCL_ADVICE_HEATING], true), watt);
    for (size_t i = 0; i < s->load.n; i++)
        if (!isnan(watt[i])) watt[i] = watt[i] > less_w ? watt[i] - less_w : 0;
    return watt;
}

/* The least that the changed curve costs among the contracts that the advices allow, and whether that is the present option. */
static dcl_status least_bill(const dcl_saver *s, double *least, bool *stays) {
    const dcl_advice *a = s->draft->report->savings.advice;
    int kva = !a[DCL_ADVICE_POWER].why     ? a[DCL_ADVICE_POWER].kva
              : !a[DCL_ADVICE_OVERLAP].why ? a[DCL_ADVICE_OVERLAP].kva
                                           : s->draft->report->subscribed_kva;
    *least = NAN;
    for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++) {
        dcl_tariff_kind kind = (dcl_tariff_kind)k;
        double eur;
        if (kind != s->draft->report->cost_tariff && a[DCL_ADVICE_TARIFF].why) continue;
        float *watt = changed(s, kind);
        if (!watt) return DCL_E_MEMORY;
        dcl_status status = dcl_saver_bill(s, watt, kind, kva, NULL, &eur);
        if (status) return status;
        if (isnan(eur) || eur >= *least) continue;
        *least = eur;
        *stays = kind == s->draft->report->cost_tariff;
    }
    return DCL_OK;
}

/* The sum of the ranges, times what all at once saves of the sum of their middles: savings make each other smaller, never larger. */
static dcl_status join(dcl_saver *s) {
    dcl_savings *all = &s->draft->report->savings;
    const dcl_advice *red = &all->advice[DCL_ADVICE_RED_DAYS];
    double low = 0, high = 0, middles = 0, least;
    bool stays = true;
    all->joint_eur_low = all->joint_eur_high = all->joint_kwh_low = all->joint_kwh_high = NAN;
    if (all->n < 2 || isnan(all->bill_eur)) return DCL_OK;
    all->joint_kwh_low = all->joint_kwh_high = 0;
    for (size_t i = 0; i < all->n; i++) {
        const dcl_advice *a = &all->advice[all->order[i]];
        low += a->eur_low;
        high += a->eur_high;
        middles += middle_of(a, false);
        all->joint_kwh_low += a->kwh_low;
        all->joint_kwh_high += a->kwh_high;
    }
    dcl_status status = least_bill(s, &least, &stays);
    if (status || isnan(least)) return status;
    double share = (all->bill_eur - least + (!red->why && stays ? middle_of(red, false) : 0)) / middles;
    if (!(share > 0)) return DCL_OK;
    all->joint_eur_low = rounded(fmin(share, 1) * low, floor);
    all->joint_eur_high = rounded(fmin(share, 1) * high, ceil);
    return DCL_OK;
}

static double worth(const dcl_advice *advice) {
    return (advice->eur_low + advice->eur_high) / 2 * (0.5 + advice->confidence / 2);
}

static void rank(dcl_savings *all) {
    all->n = 0;
    for (int k = 0; k < DCL_ADVICE_COUNT; k++) {
        const dcl_advice *a = &all->advice[k];
        if (a->why) continue;
        size_t at = all->n++;
        for (; at > 0; at--) {
            const dcl_advice *b = &all->advice[all->order[at - 1]];
            if (a->comfort > b->comfort || (a->comfort == b->comfort && worth(a) <= worth(b))) break;
            all->order[at] = all->order[at - 1];
        }
        all->order[at] = (dcl_advice_kind)k;
    }
}

dcl_status dcl_report_save(const dcl_draft *d) {
    const dcl_series *power = d->power;
    dcl_report *report = d->report;
    dcl_error *error = d->error;
    dcl_saver s = {.draft = d,
                   .step_us = dcl_series_step_us(power),
                   .lump_minute = -1,
                   .tariff_known = !(report->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1),
                   .hours_known = !(report->limits >> DCL_LIMIT_HOURS_ASSUMED & 1),
                   .power_known = !(report->limits >> DCL_LIMIT_POWER_ASSUMED & 1)};
    dcl_savings *all = &report->savings;
    dcl_advice_why why = power->period_us > DCL_HOUR_US       ? DCL_ADVICE_WHY_TOO_COARSE
                         : report->full_days < DCL_SAVER_DAYS ? DCL_ADVICE_WHY_FEW_DAYS
                                                              : DCL_ADVICE_WHY_NOTHING;
    for (int k = 0; k < DCL_ADVICE_COUNT; k++) dcl_saver_without(&s, (dcl_advice_kind)k, why);
    all->bill_eur = all->joint_eur_low = all->joint_eur_high = NAN;
    find_lists(&s);
    all->has_list = s.list[report->cost_tariff] != NULL;
    all->list_day = all->has_list ? s.list[report->cost_tariff]->from_day : 0;
    if (why != DCL_ADVICE_WHY_NOTHING) return DCL_OK;
    dcl_status status = lay_out(&s, power);
    if (status) return dcl_fail_memory(error, "the savings");
    s.year = covers_year(&s);
    if (s.year)
        status = dcl_saver_bill(&s, s.load.value, report->cost_tariff, report->subscribed_kva, NULL,
                                &all->bill_eur);
    if (!status) status = dcl_save_floor(&s);
    if (!status) status = dcl_save_cold(&s);
    if (!status) status = dcl_save_hours(&s);
    if (!status) status = dcl_save_tariff(&s);
    if (!status) status = dcl_save_power(&s);
    if (!status) status = dcl_save_comfort(&s);
    rank(all);
    if (!status) status = join(&s);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "the savings");
    return status;
}
