#include "report/savings.h"

#include <math.h>

/* What costs comfort: a degree less, and red days of Tempo. Told after what costs none. */

/* One degree less takes about 7 % of the heating (ADEME); houses differ. */
static const double DEGREE_LOW = 0.05, DEGREE_HIGH = 0.09;
/* Heating that is told, and the part of it that must be sure, kWh a year. */
static const double HEATING_LEAST_KWH = 800, HEATING_SURE_KWH = 500;
/* Of what lies above the floor in the dear hours of red days, so much can be put off or left. */
static const double RED_LOW = 0.25, RED_HIGH = 0.45;

static int month_of(const dcl_saver *s, size_t i) {
    return dcl_zone_civil(s->draft->context->zone, s->load.start_us + (int64_t)i * s->load.period_us).month;
}

/* In October to April, of what lies above what never stops, the same share of every slot. */
void dcl_saver_cool(const dcl_saver *s, double kwh_a_year, float *watt) {
    double floor_w = s->draft->report->always_on.calm_w, above_kwh = 0;
    double slot_kh = (double)s->load.period_us / (double)DCL_HOUR_US / 1000;
    for (int pass = 0; pass < 2; pass++) {
        double share = pass ? fmin(kwh_a_year / s->to_year / fmax(above_kwh, 1e-9), 1) : 0;
        int64_t known_to = INT64_MIN;
        bool mild = false;
        for (size_t i = 0; i < s->load.n; i++) {
            double above = (double)s->load.value[i] - floor_w;
            int64_t at = s->load.start_us + (int64_t)i * s->load.period_us;
            if (at >=
                known_to) { /* once a day: asking the calendar for every slot took longer than all else here */
                int month = month_of(s, i);
                mild = month > 4 && month < 10;
                known_to = dcl_zone_day_start(s->draft->context->zone,
                                              dcl_zone_day(s->draft->context->zone, at) + 1);
            }
            if (!(above > 0) || mild) continue;
            above_kwh += pass ? 0 : above * slot_kh;
            watt[i] -= (float)(share * fmin(above, fmax((double)watt[i], 0)));
        }
    }
}

/* The end of a range of kWh, as euros: billed on the curve. */
static dcl_status cooled_eur(dcl_saver *s, double kwh, double *eur) {
    float *watt = dcl_saver_copy(s);
    if (!watt) return DCL_E_MEMORY;
    dcl_saver_cool(s, kwh, watt);
    dcl_status status =
        dcl_saver_bill(s, watt, s->draft->report->cost_tariff, s->draft->report->subscribed_kva, NULL, eur);
    *eur = s->draft->report->savings.bill_eur - *eur;
    return status;
}

static dcl_status judge_heating(dcl_saver *s) {
    const dcl_use *heating = &s->draft->report->uses.use[DCL_USE_HEATING];
    dcl_advice_why why = !s->draft->report->has_uses ? DCL_ADVICE_WHY_NOT_LOOKED_FOR
                         : !s->year                  ? DCL_ADVICE_WHY_NO_YEAR
                         : heating->why              ? DCL_ADVICE_WHY_NOT_SEEN
                                                     : DCL_ADVICE_WHY_GIVEN;
    double to_year = s->draft->report->uses.covered_us > 0
                         ? 365.0 * (double)DCL_DAY_US / (double)s->draft->report->uses.covered_us
                         : NAN;
    double kwh = heating->kwh * to_year;
    if (!why && (kwh < HEATING_LEAST_KWH || heating->kwh_low * to_year < HEATING_SURE_KWH))
        why = DCL_ADVICE_WHY_NOT_SEEN;
    dcl_saver_without(s, DCL_ADVICE_HEATING, why);
    if (why) return DCL_OK;
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_HEATING);
    a->comfort = true;
    a->now = kwh;
    a->confidence = heating->confidence;
    a->kwh_low = DEGREE_LOW * kwh;
    a->kwh_high = DEGREE_HIGH * kwh;
    dcl_status status = cooled_eur(s, a->kwh_low, &a->eur_low);
    if (!status) status = cooled_eur(s, a->kwh_high, &a->eur_high);
    if (!status) dcl_saver_give(s, a);
    return status;
}

static dcl_status judge_red_days(dcl_saver *s) {
    const dcl_price_list *list = s->list[DCL_TARIFF_TEMPO];
    dcl_advice_why why = !s->tariff_known                                    ? DCL_ADVICE_WHY_NO_TARIFF
                         : s->draft->report->cost_tariff != DCL_TARIFF_TEMPO ? DCL_ADVICE_WHY_OTHER_TARIFF
                         : !s->year                                          ? DCL_ADVICE_WHY_NO_YEAR
                         : !list                                             ? DCL_ADVICE_WHY_NO_PRICES
                                                                             : DCL_ADVICE_WHY_GIVEN;
    dcl_saver_without(s, DCL_ADVICE_RED_DAYS, why);
    if (why) return DCL_OK;
    double kwh = 0, floor_w = s->draft->report->always_on.calm_w;
    int days = 0;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < s->load.n; i++) {
        int64_t at = s->load.start_us + (int64_t)i * s->load.period_us,
                day = dcl_zone_day(s->draft->context->zone, at);
        int hour = dcl_zone_civil(s->draft->context->zone, at).hour;
        double above = (double)s->load.value[i] - floor_w;
        if (hour < 6 || hour >= 22 || dcl_tariff_colour(s->draft->options->tables, day) != DCL_COLOUR_RED)
            continue;
        days += day != last;
        last = day;
        if (above > 0) kwh += above * (double)s->load.period_us / (double)DCL_HOUR_US / 1000;
    }
    double gap = (list->price_ueur_kwh[DCL_PRICE_RED_HP] - list->price_ueur_kwh[DCL_PRICE_BLUE_HP]) / 1e6;
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_RED_DAYS);
    a->comfort = true;
    a->now = kwh;
    a->days = days;
    a->confidence = 0.7;
    a->kwh_low = a->kwh_high = 0;
    a->eur_low = RED_LOW * kwh * gap;
    a->eur_high = RED_HIGH * kwh * gap;
    dcl_saver_give(s, a);
    return DCL_OK;
}

dcl_status dcl_save_comfort(dcl_saver *s) {
    dcl_status status = judge_heating(s);
    return status ? status : judge_red_days(s);
}
