#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/status.h"
#include "town/town.h"

/*
 * The weather of a town, drawn from its seed or given, and the colours of Tempo that follow from it.
 *
 * A French year: the mean of a day follows the season and wanders around it for some days (a moving average of daily draws, so that
 * any day is a pure function of seed and date); hours swing around it, more in summer and under a clear sky. Figures are ours, near
 * the normals of the middle of France (1991-2020: January 4 °C, July 20 °C).
 */
enum { MEMORY_DAYS = 24 };
static const double keeps = 0.78; /* of a day's departure on the day after */
static const double turn = 6.283185307179586;

typedef struct days_weather {
    int64_t first;
    size_t n;
    double *mean_c;
    float *cloud;
} days_weather;

static double winter(int64_t day) {
    int64_t new_year = dcl_days_from_date(dcl_date_from_days(day).year, 1, 1);
    return dcl_cos(turn * ((double)(day - new_year) - 19) / 365.25);
}

static dcl_status draw_days(uint64_t seed, int64_t first, size_t n, days_weather *out) {
    *out = (days_weather){first, n, malloc(n * sizeof *out->mean_c), malloc(n * sizeof *out->cloud)};
    double *drawn = malloc((n + MEMORY_DAYS) * sizeof *drawn), weight[MEMORY_DAYS];
    if (!out->mean_c || !out->cloud || !drawn) {
        free(out->mean_c), free(out->cloud), free(drawn);
        *out = (days_weather){0};
        return DCL_E_MEMORY;
    }
    weight[0] = sqrt(1 - keeps * keeps);
    for (int j = 1; j < MEMORY_DAYS; j++) weight[j] = weight[j - 1] * keeps;
    for (size_t i = 0; i < n + MEMORY_DAYS; i++) {
        dcl_dice dice = dcl_town_dice(seed, 0, DCL_TOWN_WEATHER, first - MEMORY_DAYS + (int64_t)i);
        drawn[i] = dcl_dice_normal(&dice, 0, 1);
    }
    for (size_t i = 0; i < n; i++) {
        int64_t day = first + (int64_t)i;
        dcl_dice dice = dcl_town_dice(seed, 0, DCL_TOWN_CLOUDS, day);
        double departure = 0, cold = winter(day);
        for (int j = 0; j < MEMORY_DAYS; j++) departure += weight[j] * drawn[i + MEMORY_DAYS - (size_t)j];
        out->mean_c[i] = 12.2 - 7.9 * cold + (3.0 + 0.4 * cold) * departure;
        out->cloud[i] = (float)fmin(1, fmax(0, dcl_dice_between(&dice, 0, 1.15) + 0.12 * cold));
    }
    free(drawn);
    return DCL_OK;
}

static void free_days(days_weather *days) {
    free(days->mean_c), free(days->cloud);
}

/* Half of what a day's temperature moves between night and afternoon. */
static double swing_of(const days_weather *days, size_t i) {
    return (2.2 + 1.7 * (1 - winter(days->first + (int64_t)i))) * (1.25 - 0.7 * (double)days->cloud[i]);
}

/* Means are those of noon: in between they go over into the next day's. `hour` may have a fraction. */
static double temperature(const days_weather *days, size_t i, double hour, double swing) {
    double towards = (hour - 12) / 24, here = days->mean_c[i], other = here;
    if (towards < 0 && i > 0) other = days->mean_c[i - 1];
    if (towards > 0 && i + 1 < days->n) other = days->mean_c[i + 1];
    return here + fabs(towards) * (other - here) + swing * dcl_cos(turn * (hour - 15.5) / 24);
}

/* ---------------------------------------------------------------- of the dates of a town */

/* The given hour that holds a moment; NaN where there is none. */
static double given(const dcl_weather *weather, int64_t time_us) {
    if (!weather || time_us < weather->start_us) return NAN;
    int64_t hour = (time_us - weather->start_us) / DCL_HOUR_US;
    return hour < (int64_t)weather->n ? (double)weather->temperature_c[hour] : NAN;
}

/* Hours of a date, given ones first; false where one of the span's days is not among those given. */
static bool fill_date(const dcl_town *town, const days_weather *days, dcl_town_date *date) {
    size_t at = (size_t)(date->day - days->first);
    date->cloud = days->cloud[at];
    double swing = swing_of(days, at);
    bool inside = date->start_us < town->end_us && date->end_us > town->start_us, whole = true;
    for (int hour = 0; hour < 24; hour++) {
        double c = given(town->options.weather, date->start_us + hour * DCL_HOUR_US);
        if (isnan(c) && town->options.weather && inside && date->start_us + hour * DCL_HOUR_US < date->end_us)
            whole = false;
        date->outside_c[hour] = (float)(isnan(c) ? temperature(days, at, hour + 0.5, swing) : c);
    }
    return whole;
}

/* Walls keep the heat of a day: two thirds are the mean of the 24 hours before. */
static void fill_felt(dcl_town *town) {
    for (size_t i = 0; i < town->n_dates; i++) {
        dcl_town_date *date = &town->date[i];
        const float *before = i ? date[-1].outside_c : date->outside_c;
        double sum = 0;
        for (int hour = 0; hour < 24; hour++) sum += (double)before[hour];
        for (int hour = 0; hour < 24; hour++) {
            date->felt_c[hour] = (float)(0.65 * sum / 24 + 0.35 * (double)date->outside_c[hour]);
            sum += (double)date->outside_c[hour] - (double)before[hour];
        }
    }
}

/* ---------------------------------------------------------------- colours of Tempo */

typedef struct cold_day {
    double mean_c;
    size_t at;
} cold_day;

static int by_cold(const void *a, const void *b) {
    const cold_day *x = a, *y = b;
    if (x->mean_c != y->mean_c) return x->mean_c > y->mean_c ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The coldest `most` days of a season [n] that may have the colour: red working weekdays from November to March, white no Sunday. */
static void paint(const days_weather *days, size_t from, size_t n, int most, uint8_t colour, uint8_t *out) {
    cold_day list[366];
    size_t found = 0;
    for (size_t i = from; i < from + n && found < 366; i++) {
        int64_t day = days->first + (int64_t)i;
        int month = dcl_date_from_days(day).month, weekday = dcl_weekday(day);
        bool may =
            colour == 2 ? weekday < 5 && !dcl_is_holiday(day) && (month >= 11 || month <= 3) : weekday < 6;
        if (may && !out[i]) list[found++] = (cold_day){days->mean_c[i], i};
    }
    qsort(list, found, sizeof *list, by_cold);
    for (size_t k = 0; k < found && k < (size_t)most; k++) out[list[k].at] = colour;
}

/*
 * Seasons run from 1 September; 22 red and 43 white days each. Which ones RTE takes follows the network's load less wind and sun; here
 * they are the coldest that the rules allow, as the load mostly is. At most five red ones in a row is not asked.
 */
static dcl_status colour_days(dcl_town *town, const days_weather *days) {
    uint8_t *colour = calloc(days->n, 1);
    if (!colour) return DCL_E_MEMORY;
    for (int year = dcl_date_from_days(days->first).year;
         dcl_days_from_date(year + 1, 9, 1) <= days->first + (int64_t)days->n; year++) {
        int64_t from = dcl_days_from_date(year, 9, 1) - days->first;
        size_t n = (size_t)(dcl_days_from_date(year + 1, 9, 1) - dcl_days_from_date(year, 9, 1));
        paint(days, (size_t)from, n, 22, 2, colour);
        paint(days, (size_t)from, n, 43, 1, colour);
    }
    for (size_t i = 0; i < town->n_dates; i++) town->date[i].colour = colour[town->date[i].day - days->first];
    free(colour);
    return DCL_OK;
}

/* Days with a given temperature have it as their mean too. */
static void take_given(const dcl_town *town, const dcl_zone *zone, days_weather *days) {
    for (size_t i = 0; town->options.weather && i < days->n; i++) {
        int64_t start_us = dcl_zone_day_start(zone, days->first + (int64_t)i);
        double sum = 0;
        for (int hour = 0; hour < 24; hour++)
            sum += given(town->options.weather, start_us + hour * DCL_HOUR_US);
        if (!isnan(sum)) days->mean_c[i] = sum / 24;
    }
}

/* The first of September on or before a day. */
static int64_t season_of(int64_t day) {
    int year = dcl_date_from_days(day).year;
    int64_t begin = dcl_days_from_date(year, 9, 1);
    return begin <= day ? begin : dcl_days_from_date(year - 1, 9, 1);
}

dcl_status dcl_town_weather(dcl_town *town, const dcl_context *context, dcl_error *error) {
    int64_t first = season_of(town->date[0].day), last = season_of(town->date[town->n_dates - 1].day);
    int64_t end = dcl_days_from_date(dcl_date_from_days(last).year + 1, 9, 1);
    days_weather days;
    dcl_status status = draw_days(town->seed, first, (size_t)(end - first), &days);
    if (status) return dcl_fail_memory(error, "the weather");
    const dcl_town_date *missing = NULL;
    for (size_t i = 0; i < town->n_dates; i++)
        if (!fill_date(town, &days, &town->date[i]) && !missing) missing = &town->date[i];
    fill_felt(town);
    take_given(town, context->zone, &days);
    status = colour_days(town, &days);
    free_days(&days);
    if (status) return dcl_fail_memory(error, "the weather");
    if (!missing) return DCL_OK;
    dcl_civil date = dcl_date_from_days(missing->day);
    return dcl_fail(error, DCL_E_NO_DATA, "the weather given has no %04d-%02d-%02d, a day to simulate",
                    date.year, date.month, date.day);
}

dcl_status dcl_weather_of_seed(const dcl_context *context, int64_t start_us, size_t hours, float *out,
                               dcl_error *error) {
    if (!context->zone || start_us % DCL_HOUR_US || !hours || hours > 24u * 40000)
        return dcl_fail(error, DCL_E_ARG, "weather needs a zone, a whole hour, and 1 to 960,000 hours");
    int64_t end_us = start_us + (int64_t)hours * DCL_HOUR_US;
    int64_t first = dcl_zone_day(context->zone, start_us), last = dcl_zone_day(context->zone, end_us);
    days_weather days;
    if (draw_days(context->seed, first - 1, (size_t)(last - first) + 3, &days))
        return dcl_fail_memory(error, "the weather");
    for (size_t i = 0; i < hours; i++) {
        int64_t at = start_us + (int64_t)i * DCL_HOUR_US, day = dcl_zone_day(context->zone, at);
        double hour = (double)((at - dcl_zone_day_start(context->zone, day)) / DCL_HOUR_US);
        size_t on = (size_t)(day - days.first);
        out[i] = (float)temperature(&days, on, hour < 24 ? hour + 0.5 : 23.5, swing_of(&days, on));
    }
    free_days(&days);
    return DCL_OK;
}
