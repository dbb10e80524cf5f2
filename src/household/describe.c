#include "household/describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = DCL_PROFILE_SLOTS, CELLS = DCL_PROFILE_CELLS };

/* Below it rooms are heated: the base of heating degree days in France is 17 or 18 °C outside, of which the sun and people bring some. */
static const double HEATING_BELOW_C = 15;

bool dcl_home_scratch_take(dcl_home_scratch *scratch, size_t n_days) {
    size_t cells = n_days * SLOTS;
    char *block = malloc(cells * (2 * sizeof(float) + sizeof(uint16_t)) + n_days * 5 * sizeof(float));
    if (!block) return false;
    scratch->curve = (float *)(void *)block;
    scratch->row = scratch->curve + cells;
    scratch->mean = scratch->row + cells;
    scratch->low = scratch->mean + n_days;
    scratch->high = scratch->low + n_days;
    scratch->sorted = scratch->high + n_days;
    scratch->at = (uint32_t *)(void *)(scratch->sorted + n_days);
    scratch->seen = (uint16_t *)(void *)(scratch->at + n_days);
    return true;
}

/* ---------------------------------------------------------------- the profile */

/* Mean days of the cells, W. */
static void mean_days(const dcl_calendar_map *map, const float *curve, float *profile) {
    double sum[DCL_PROFILE_LENGTH] = {0};
    uint32_t count[DCL_PROFILE_LENGTH] = {0};
    for (size_t d = 0; d < map->n_days; d++)
        for (size_t b = 0; b < SLOTS; b++) {
            float value = curve[d * SLOTS + b];
            if (isnan(value)) continue;
            sum[map->cell[d] * SLOTS + b] += (double)value;
            count[map->cell[d] * SLOTS + b]++;
        }
    for (size_t c = 0; c < CELLS; c++) {
        bool known = true;
        for (size_t i = c * SLOTS; i < (c + 1) * SLOTS; i++) known = known && count[i] >= CELL_LEAST_DAYS;
        for (size_t i = c * SLOTS; i < (c + 1) * SLOTS; i++)
            profile[i] = known ? (float)(sum[i] / count[i]) : NAN;
    }
}

/* The mean of a cell, W; NaN where it is not known. */
static double mean_of_cell(const float *profile, size_t cell) {
    double sum = 0;
    for (size_t b = 0; b < SLOTS; b++) sum += (double)profile[cell * SLOTS + b];
    return sum / SLOTS;
}

/* Five working days to two of weekend, of the cells that are known: a season that is missing does not tilt it. */
static double mean_level(const float *profile) {
    double sum = 0, weight = 0;
    for (size_t c = 0; c < CELLS; c++) {
        double mean = mean_of_cell(profile, c), days = c % DCL_PROFILE_KINDS ? 2 : 5;
        if (isnan(mean)) continue;
        sum += days * mean;
        weight += days;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

/* The mean of one group of cells over that of another, of the pairs of which both are known. */
static float ratio_of(const float *profile, const size_t (*pair)[2], size_t n) {
    double above = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        double a = mean_of_cell(profile, pair[i][0]), b = mean_of_cell(profile, pair[i][1]);
        double days =
            pair[i][0] % DCL_PROFILE_KINDS == pair[i][1] % DCL_PROFILE_KINDS && pair[i][0] % DCL_PROFILE_KINDS
                ? 2
                : 5;
        if (isnan(a) || isnan(b)) continue;
        above += days * a;
        below += days * b;
    }
    return below > 0 ? (float)(above / below) : NAN;
}

/* Traits of the mean day, whose half hours are multiples of the home's mean. */
static void tell_mean_day(const float *profile, float *trait) {
    double day[SLOTS] = {0}, weight = 0, night = 0, best = -(double)INFINITY, around = 0;
    size_t peak = 0;
    for (size_t c = 0; c < CELLS; c++) {
        double days = c % DCL_PROFILE_KINDS ? 2 : 5;
        if (isnan(profile[c * SLOTS])) continue;
        weight += days;
        for (size_t b = 0; b < SLOTS; b++) day[b] += days * (double)profile[c * SLOTS + b];
    }
    for (size_t b = 0; b < SLOTS; b++) {
        double three = day[(b + SLOTS - 1) % SLOTS] + day[b] + day[(b + 1) % SLOTS];
        night += b < SLOTS / 4 ? day[b] : 0;
        if (three <= best) continue;
        best = three;
        peak = b;
    }
    for (size_t b = peak + SLOTS - 2; b < peak + SLOTS + 2; b++) around += day[b % SLOTS];
    trait[DCL_TRAIT_PEAK_HOUR] = (float)(((double)peak + 0.5) / 2);
    trait[DCL_TRAIT_PEAK_SHARE] = (float)(around / (SLOTS * weight));
    trait[DCL_TRAIT_NIGHT_SHARE] = (float)(night / (SLOTS * weight));
}

/* ---------------------------------------------------------------- the days */

static uint32_t list_days(const dcl_calendar_map *map, dcl_home_scratch *s) {
    uint32_t n = 0;
    for (uint32_t d = 0; d < map->n_days; d++) {
        const float *day = s->curve + d * (size_t)SLOTS;
        double sum = 0;
        uint32_t there = 0;
        float low = INFINITY, high = -INFINITY;
        for (size_t b = 0; b < SLOTS; b++) {
            if (isnan(day[b])) continue;
            there++;
            sum += (double)day[b];
            low = day[b] < low ? day[b] : low;
            high = day[b] > high ? day[b] : high;
        }
        if (there < DAY_LEAST_SLOTS) continue;
        s->mean[n] = (float)(sum / there);
        s->low[n] = low;
        s->high[n] = high;
        s->at[n++] = d;
    }
    return n;
}

static float quantile_of(dcl_home_scratch *s, const float *values, uint32_t n, double q) {
    if (n) memcpy(s->sorted, values, n * sizeof *values);
    dcl_sort_f32(s->sorted, n);
    return dcl_household_quantile(s->sorted, n, q);
}

/* Root mean square of days against the mean day of their cell, in units of the level. */
static float variability_of(const dcl_calendar_map *map, const dcl_home_scratch *s, uint32_t n,
                            const float *profile, double level) {
    double square = 0;
    uint64_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const float *day = s->curve + s->at[i] * (size_t)SLOTS, *mean = profile + map->cell[s->at[i]] * SLOTS;
        for (size_t b = 0; b < SLOTS; b++) {
            double off = (double)day[b] / level - (double)mean[b];
            if (isnan(off)) continue;
            square += off * off;
            count++;
        }
    }
    return count ? (float)sqrt(square / (double)count) : NAN;
}

/* Least squares of a day's mean on the kelvins below the base, over the level. */
static float cold_slope_of(const dcl_calendar_map *map, const dcl_day_weather *weather,
                           const dcl_home_scratch *s, uint32_t n, double level) {
    double sx = 0, sy = 0, sxx = 0, sxy = 0, count = 0;
    for (uint32_t i = 0; weather && i < n; i++) {
        int64_t at = map->first_day + s->at[i] - weather->first_day;
        if (at < 0 || at >= (int64_t)weather->n || isnan(weather->mean_c[at])) continue;
        double x = HEATING_BELOW_C - (double)weather->mean_c[at], y = (double)s->mean[i] / level;
        if (x < 0) x = 0;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        count++;
    }
    double spread = count * sxx - sx * sx;
    return count >= DAY_LEAST_SLOTS && spread > 1e-6 * count * count
               ? (float)((count * sxy - sx * sy) / spread)
               : NAN;
}

uint32_t dcl_home_describe(const dcl_calendar_map *map, const dcl_day_weather *weather, dcl_home_scratch *s,
                           float *profile, float *trait) {
    static const size_t weekends[][2] = {{1, 0}, {3, 2}, {5, 4}, {7, 6}}, winters[][2] = {{0, 4}, {1, 5}};
    uint32_t n = list_days(map, s);
    for (size_t t = 0; t < DCL_TRAIT_COUNT; t++) trait[t] = NAN;
    mean_days(map, s->curve, profile);
    double level = mean_level(profile);
    if (isnan(level)) return n;
    trait[DCL_TRAIT_MEAN_W] = (float)level;
    trait[DCL_TRAIT_FLOOR_W] = quantile_of(s, s->low, n, 0.25);
    if (!(level > 0)) return n;
    trait[DCL_TRAIT_FLOOR_SHARE] = (float)((double)trait[DCL_TRAIT_FLOOR_W] / level);
    trait[DCL_TRAIT_WEEKEND_RATIO] = ratio_of(profile, weekends, 4);
    trait[DCL_TRAIT_WINTER_RATIO] = ratio_of(profile, winters, 2);
    for (size_t i = 0; i < DCL_PROFILE_LENGTH; i++) profile[i] = (float)((double)profile[i] / level);
    tell_mean_day(profile, trait);
    trait[DCL_TRAIT_VARIABILITY] = variability_of(map, s, n, profile, level);
    double quiet_below = 0.3 * (double)quantile_of(s, s->high, n, 0.9);
    uint32_t quiet = 0;
    for (uint32_t i = 0; i < n; i++) quiet += (double)s->high[i] < quiet_below;
    if (n) trait[DCL_TRAIT_QUIET_DAYS] = (float)quiet / (float)n;
    trait[DCL_TRAIT_COLD_SLOPE] = cold_slope_of(map, weather, s, n, level);
    return n;
}

void dcl_home_day_row(const dcl_home_scratch *s, uint32_t day, float *out) {
    const float *curve = s->curve + day * (size_t)SLOTS;
    double sum = 0;
    float before = NAN;
    for (size_t b = 0; b < SLOTS && isnan(before); b++) before = curve[b];
    for (size_t b = 0; b < SLOTS; b++) {
        if (!isnan(curve[b])) before = curve[b];
        out[b] = before > 0 ? before : 0;
        sum += (double)out[b];
    }
    for (size_t b = 0; b < SLOTS; b++) out[b] = sum > 0 ? (float)sqrt((double)out[b] * SLOTS / sum) : 1;
}
