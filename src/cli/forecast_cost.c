/* What a forecast costs: its mean under --tariff, at the latest prices known. */
#include <math.h>

#include "cli/forecast.h"

/* A civil day of 25 hours in half hours; days by which the rest of a day is shaped. */
enum { SLOT_MIN = 30, SLOTS_MOST = 50, SHAPE_DAYS = 28 };
#define SLOT_US (SLOT_MIN * DCL_MINUTE_US)

/* Mean of [from, from + a slot), W; NaN where nothing of it was measured before `to`. */
static double mean_at(const dcl_series *power, int64_t from_us, int64_t to_us) {
    double sum = 0;
    size_t n = 0;
    if (from_us + SLOT_US > to_us || from_us < power->start_us) return (double)NAN;
    for (size_t i = (size_t)((from_us - power->start_us) / power->period_us);
         i < power->n && (!n || power->start_us + (int64_t)i * power->period_us < from_us + SLOT_US); i++) {
        if (isnan(power->value[i])) break;
        sum += (double)power->value[i];
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}

static double usual_at(const dcl_series *power, int64_t from_us, int64_t to_us) {
    double sum = 0;
    int n = 0;
    for (int d = 1; d <= SHAPE_DAYS; d++) {
        double mean = mean_at(power, from_us - d * DCL_DAY_US, to_us);
        if (!isnan(mean)) sum += mean, n++;
    }
    return n ? sum / n : 0;
}

/* A day's total in half hours: what was measured of it, and the rest as the last weeks spread it. */
static size_t spread_day(const dcl_series *power, const dcl_forecast *forecast, float *out) {
    const dcl_forecast_point *day = &forecast->point[0];
    size_t n = (size_t)((day->end_us - day->start_us) / SLOT_US);
    double rest = (double)day->mean * (double)n, usual = 0, unknown = 0;
    double measured[SLOTS_MOST], shape[SLOTS_MOST];
    if (n > SLOTS_MOST) return 0;
    for (size_t i = 0; i < n; i++) {
        int64_t at = day->start_us + (int64_t)i * SLOT_US;
        measured[i] = mean_at(power, at, forecast->issued_us);
        shape[i] = usual_at(power, at, forecast->issued_us);
        if (isnan(measured[i]))
            usual += shape[i], unknown++;
        else
            rest -= measured[i];
    }
    for (size_t i = 0; i < n; i++) {
        double share = usual > 0 ? shape[i] / usual : 1 / unknown;
        out[i] = (float)(isnan(measured[i]) ? fmax(0, rest) * share : measured[i]);
    }
    return n;
}

double forecast_cost(session *cli, const forecast_words *words, const dcl_forecast_home *home,
                     const dcl_forecast *forecast) {
    float value[SLOTS_MOST];
    if (!cli->tariff || !cli->subscribed_kva || !forecast->n || isnan(forecast->point[0].mean))
        return (double)NAN;
    dcl_contract contract = {dcl_tariff_kind_find(tariff_word(cli->tariff)), (int)cli->subscribed_kva,
                             words->has_hours ? words->hours : dcl_hours_default()};
    const dcl_price_list *list = dcl_tariff_latest(words->tariff, contract.kind, contract.subscribed_kva);
    dcl_series power = {.channel = DCL_POWER_W,
                        .start_us = forecast->point[0].start_us,
                        .period_us = forecast->point[0].end_us - forecast->point[0].start_us,
                        .n = forecast->n,
                        .value = value};
    for (size_t i = 0; i < forecast->n; i++) value[i] = forecast->point[i].mean;
    if (words->horizon == DCL_HORIZON_TODAY) {
        power.period_us = SLOT_US;
        power.n = spread_day(home->power, forecast, value);
    }
    dcl_bill_options options = {.one_list = list != NULL, .list_day = list ? list->from_day : 0};
    dcl_bill bill;
    if (dcl_bill_make(&cli->context, words->tariff, &contract, &power, &options, &cli->arena, &bill,
                      &cli->error))
        return (double)NAN;
    return bill.total.unpriced_kwh > 1e-6 ? (double)NAN : bill.total.energy_cost_eur;
}
