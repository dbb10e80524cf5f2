#include "report/savings.h"

#include <math.h>

/* The contract: the option, by the bill of the year under each; and the power, by the meter's own maxima. */

/* Another year is not this one: so much of a difference may come or go; and below so much of the bill it is none. */
static const double OTHER_YEAR = 0.15, LEAST_SHARE = 0.02;
/* A maximum may come so near to the power subscribed; a standing charge is known to about 1 %, of two of them. */
static const double NEAR_POWER = 0.95, CHARGE_UNSURE = 0.1;
/* Days on which loads would have to take turns, of a hundred. */
static const int OVERLAP_DAYS = 10;

/* Off-peak hours as meters get them from November 2025 to October 2027: at least five in a row within 23-7 h, at most three within
 * 11-17 h. Where a meter's own are not known, such hours and 22:00-06:00 are both priced. */
static const dcl_hours new_hours = {
    .n = 1, .period = {{.from_day = INT64_MIN, .n = 2, .window = {{60, 360}, {13 * 60, 16 * 60}}}}};

/* ---------------------------------------------------------------- the option */

/* What a year costs under an option: from … to where its hours are not known. */
static dcl_status price_option(const dcl_saver *s, dcl_tariff_kind kind, double *least, double *most) {
    dcl_status status = dcl_saver_bill(s, s->load.value, kind, s->draft->report->subscribed_kva, NULL, least);
    *most = *least;
    if (status || kind != DCL_TARIFF_HC || s->hours_known) return status;
    double other;
    status = dcl_saver_bill(s, s->load.value, kind, s->draft->report->subscribed_kva, &new_hours, &other);
    *least = fmin(*least, other);
    *most = fmax(*most, other);
    return status;
}

dcl_status dcl_save_tariff(dcl_saver *s) {
    double now = s->draft->report->savings.bill_eur, best_low = 0, best_high = 0, best_eur = NAN;
    dcl_tariff_kind mine = s->draft->report->cost_tariff, best = DCL_TARIFF_KIND_COUNT;
    dcl_advice_why why = !s->tariff_known                           ? DCL_ADVICE_WHY_NO_TARIFF
                         : !s->year                                 ? DCL_ADVICE_WHY_NO_YEAR
                         : mine == DCL_TARIFF_HC && !s->hours_known ? DCL_ADVICE_WHY_NO_HOURS
                         : isnan(now)                               ? DCL_ADVICE_WHY_NO_PRICES
                                                                    : DCL_ADVICE_WHY_GIVEN;
    if (why) {
        dcl_saver_without(s, DCL_ADVICE_TARIFF, why);
        return DCL_OK;
    }
    for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++) {
        double least, most;
        if (k == (int)mine) continue;
        dcl_status status = price_option(s, (dcl_tariff_kind)k, &least, &most);
        if (status) return status;
        if (!(now - most > best_low)) continue;
        best = (dcl_tariff_kind)k;
        best_low = now - most;
        best_high = now - least;
        best_eur = (least + most) / 2;
    }
    if (best == DCL_TARIFF_KIND_COUNT || best_low < LEAST_SHARE * now) {
        dcl_saver_without(s, DCL_ADVICE_TARIFF, DCL_ADVICE_WHY_NOTHING);
        return DCL_OK;
    }
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_TARIFF);
    a->now = now;
    a->usual_low = a->usual_high = best_eur;
    a->tariff = best;
    if (best == DCL_TARIFF_TEMPO) a->dearest_eur = s->list[best]->price_ueur_kwh[DCL_PRICE_RED_HP] / 1e6;
    a->confidence = 0.9;
    a->kwh_low = a->kwh_high = 0;
    a->eur_low = (1 - OTHER_YEAR) * best_low;
    a->eur_high = (1 + OTHER_YEAR) * best_high;
    dcl_saver_give(s, a);
    return DCL_OK;
}

/* ---------------------------------------------------------------- the power */

static int next_below(int kva) {
    int below = -1;
    for (size_t i = 0; i < DCL_POWER_COUNT; i++)
        if (dcl_subscribed_kva(i) < kva) below = dcl_subscribed_kva(i);
    return below;
}

/* € a year between two powers under the home's tariff, by the price list; NaN where one of them is not sold. */
static double charge_gap(const dcl_saver *s, int from, int to) {
    const dcl_price_list *list = s->list[s->draft->report->cost_tariff];
    int64_t charge[2] = {-1, -1};
    for (size_t i = 0; list && i < DCL_POWER_COUNT; i++) {
        if (dcl_subscribed_kva(i) == from) charge[0] = list->standing_ueur_year[i];
        if (dcl_subscribed_kva(i) == to) charge[1] = list->standing_ueur_year[i];
    }
    return charge[0] < 0 || charge[1] < 0 ? NAN : (double)(charge[0] - charge[1]) / 1e6;
}

static void give_power(dcl_saver *s, dcl_advice_kind kind, int kva, double now_va, int days) {
    dcl_advice *a = dcl_saver_advice(s, kind);
    double gap = charge_gap(s, s->draft->report->subscribed_kva, kva);
    a->now = now_va / 1000;
    a->kva = kva;
    a->days = days;
    a->confidence = kind == DCL_ADVICE_POWER ? 0.9 : 0.6;
    a->kwh_low = a->kwh_high = 0;
    a->eur_low = (1 - CHARGE_UNSURE) * gap;
    a->eur_high = (1 + CHARGE_UNSURE) * gap;
    dcl_saver_give(s, a);
}

/* Whether a load that could wait was on at a moment, and takes enough to come below the limit without it. */
static bool could_wait(const dcl_saver *s, int64_t time_us, double excess_va) {
    const struct {
        const dcl_lump *lump;
        size_t n;
    } sets[2] = {{s->lump, s->n_lumps}, {s->moved, s->n_moved}};
    int64_t slot = (time_us - s->load.start_us) / s->load.period_us;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sets[k].n; i++)
            if ((int64_t)sets[k].lump[i].first <= slot && slot < (int64_t)sets[k].lump[i].last &&
                sets[k].lump[i].level_w >= excess_va)
                return true;
    return false;
}

static void judge_overlap(dcl_saver *s, int kva) {
    const dcl_report_peaks *peaks = &s->draft->report->peaks;
    double limit = NEAR_POWER * kva * 1000;
    int above = 0, waits = 0;
    for (size_t i = 0; i < peaks->n_daily; i++) {
        double excess = (double)peaks->daily[i].apparent_va - limit;
        if (excess <= 0) continue;
        above++;
        waits += could_wait(s, peaks->daily[i].time_us, excess);
    }
    if (above && above == waits && 100 * above <= OVERLAP_DAYS * (int)peaks->n_daily)
        give_power(s, DCL_ADVICE_OVERLAP, kva, (double)peaks->top[0].apparent_va, above);
    else
        dcl_saver_without(s, DCL_ADVICE_OVERLAP, DCL_ADVICE_WHY_NOTHING);
}

static dcl_advice_why power_why(const dcl_saver *s) {
    if (s->draft->report->peaks.source < DCL_PEAKS_METER) return DCL_ADVICE_WHY_NO_VA;
    if (!s->power_known) return DCL_ADVICE_WHY_NO_POWER;
    if (!s->tariff_known) return DCL_ADVICE_WHY_NO_TARIFF;
    if (!s->year || s->draft->report->peaks.n_daily < 330) return DCL_ADVICE_WHY_NO_YEAR;
    return DCL_ADVICE_WHY_GIVEN;
}

dcl_status dcl_save_power(dcl_saver *s) {
    dcl_advice_why why = power_why(s);
    const dcl_report_peaks *peaks = &s->draft->report->peaks;
    int mine = s->draft->report->subscribed_kva, fits = mine;
    dcl_saver_without(s, DCL_ADVICE_POWER, why ? why : DCL_ADVICE_WHY_NOTHING);
    dcl_saver_without(s, DCL_ADVICE_OVERLAP, why ? why : DCL_ADVICE_WHY_NOTHING);
    if (why) return DCL_OK;
    for (int below = next_below(mine); below > 0; below = next_below(below)) {
        if ((double)peaks->top[0].apparent_va > NEAR_POWER * below * 1000 ||
            isnan(charge_gap(s, mine, below)))
            break;
        fits = below;
    }
    int below = next_below(mine);
    if (fits < mine)
        give_power(s, DCL_ADVICE_POWER, fits, (double)peaks->top[0].apparent_va, (int)peaks->n_daily);
    else if (below > 0 && !isnan(charge_gap(s, mine, below)))
        judge_overlap(s, below);
    return DCL_OK;
}
