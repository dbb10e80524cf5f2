#include "appliance/uses.h"

#include <math.h>

/* What cold months take beyond mild ones, and hot months beyond the shoulder: no temperature is needed, months are. */

/* Whole days of each season that a comparison needs. */
enum { COLD_DAYS = 30, MILD_DAYS = 45, HOT_DAYS = 20, SHOULDER_DAYS = 20 };
/* Without any electric heating a winter's day takes more light, hot food, dryers, pumps and hours at home: so much of a mild
 * day besides so many kWh. Ours, so that in London, where most homes burn gas, few of the homes at hand are said to heat. */
static const double WINTER_SHARE = 0.6, WINTER_KWH = 1.5;
/* So much of that is taken off where heating is there; and nearly all above mild days may be heat, with what mild days heat. */
static const double TAKEN_OFF = 0.4, HEAT_MOST = 1.25;
/* Heating is said to be there from so many times that on. */
static const double CLEARLY = 1.25;

typedef enum season { SEASON_COLD, SEASON_MILD, SEASON_HOT, SEASON_SHOULDER, SEASON_COUNT } season;

static bool is_in(season s, int month) {
    switch (s) {
    case SEASON_COLD: return month == 12 || month <= 2;
    case SEASON_MILD: return month >= 5 && month <= 9;
    case SEASON_HOT: return month == 7 || month == 8;
    default: return month == 5 || month == 9 || month == 10;
    }
}

/* What is left of each whole day, kWh, gaps filled with its mean; NaN for other days. */
static void sum_days(const dcl_use_work *work, float *kwh, float *hours) {
    for (size_t i = 0; i < work->n_days; i++) kwh[i] = hours[i] = 0;
    for (size_t i = 0; i < work->coarse.n; i++) {
        if (isnan(work->rest_w[i])) continue;
        size_t day = dcl_use_day_of(work, work->coarse.start_us + (int64_t)i * work->coarse.step_us);
        kwh[day] += work->rest_w[i] * work->coarse.hours[i] / 1000;
        hours[day] += work->coarse.hours[i];
    }
    for (size_t i = 0; i < work->n_days; i++)
        kwh[i] = work->day[i].full && hours[i] > 0 ? kwh[i] * 24 / hours[i] : NAN;
}

static double typical(const dcl_use_work *work, const float *kwh, season s, float *scratch, int *days) {
    size_t n = 0;
    for (size_t i = 0; i < work->n_days; i++)
        if (is_in(s, work->day[i].month) && !isnan(kwh[i])) scratch[n++] = kwh[i];
    *days = (int)n;
    return dcl_use_quantile(scratch, n, 0.5);
}

/* Takes the same share out of every slot of a day. */
static void take_day(dcl_use_work *work, size_t day, double share) {
    const dcl_use_grid *grid = &work->coarse;
    int64_t from = (work->day[day].start_us - grid->start_us) / grid->step_us - 1;
    for (size_t i = from < 0 ? 0 : (size_t)from; i < grid->n; i++) {
        int64_t at = grid->start_us + (int64_t)i * grid->step_us;
        if (at >= work->day[day].end_us) return;
        if (at >= work->day[day].start_us && !isnan(work->rest_w[i])) work->rest_w[i] *= (float)(1 - share);
    }
}

/* Days above the base of the other season: the excess is the use. */
static void take_season(dcl_use_work *work, dcl_use_kind kind, const float *kwh, const float *hours,
                        double base, bool (*belongs)(int month)) {
    double sum = 0, low = 0, high = 0;
    int days = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        if (!belongs(work->day[i].month) || isnan(kwh[i]) || kwh[i] <= 0) continue;
        double e = (double)kwh[i], day = (double)hours[i] / 24;
        double most_other = (1 + WINTER_SHARE) * base + WINTER_KWH;
        double excess = fmax(e - (1 + WINTER_SHARE * TAKEN_OFF) * base - WINTER_KWH * TAKEN_OFF, 0);
        sum += excess * day;
        low += fmax(e - 1.2 * most_other, 0) * day;
        high += HEAT_MOST * fmax(e - 0.8 * base, 0) * day;
        days += excess > 0;
        take_day(work, i, excess / e);
    }
    dcl_use_set(work, kind, DCL_USE_FROM_SEASONS, sum, 0.9 * low, high, 0.6);
    work->out->use[kind].days = days;
}

static bool heats(int month) {
    return month >= 10 || month <= 4;
}

static bool cools(int month) {
    return month >= 6 && month <= 8;
}

dcl_status dcl_use_find_seasons(dcl_use_work *work) {
    float *kwh = dcl_arena_alloc(work->arena, 3 * work->n_days, sizeof *kwh);
    if (!kwh) return DCL_E_MEMORY;
    float *hours = kwh + work->n_days, *scratch = hours + work->n_days;
    sum_days(work, kwh, hours);
    double typical_kwh[SEASON_COUNT];
    int days[SEASON_COUNT];
    for (int s = 0; s < SEASON_COUNT; s++) typical_kwh[s] = typical(work, kwh, (season)s, scratch, &days[s]);
    double mild = typical_kwh[SEASON_MILD], shoulder = typical_kwh[SEASON_SHOULDER];
    dcl_use_unknown(work, DCL_USE_HEATING, DCL_USE_WHY_NO_SEASONS);
    dcl_use_unknown(work, DCL_USE_COOLING, DCL_USE_WHY_NO_SEASONS);
    if (days[SEASON_HOT] >= HOT_DAYS && days[SEASON_SHOULDER] >= SHOULDER_DAYS) {
        dcl_use_unknown(work, DCL_USE_COOLING, DCL_USE_WHY_NOT_SEEN);
        if (typical_kwh[SEASON_HOT] > CLEARLY * ((1 + WINTER_SHARE) * shoulder + WINTER_KWH))
            take_season(work, DCL_USE_COOLING, kwh, hours, shoulder, cools);
    }
    if (days[SEASON_COLD] >= COLD_DAYS && days[SEASON_MILD] >= MILD_DAYS) {
        dcl_use_unknown(work, DCL_USE_HEATING, DCL_USE_WHY_NOT_SEEN);
        if (typical_kwh[SEASON_COLD] > CLEARLY * ((1 + WINTER_SHARE) * mild + WINTER_KWH))
            take_season(work, DCL_USE_HEATING, kwh, hours, mild, heats);
    }
    return DCL_OK;
}
