/* When people of a home do something, whatever it is that they switch on: what stands out of each day, bounded. */
#include <math.h>

#include "household/describe.h"

enum {
    SLOTS = DCL_PROFILE_SLOTS,
    FROM = DCL_HABIT_FROM,
    TO = DCL_HABIT_FROM + DCL_HABIT_SLOTS,
    REACH = 2 /* half hours to each side that a half hour is averaged with */
};

/* One watt beside the scale: a home that never changes has no habits, and no division by nothing. */
static const double LEAST_W = 1;
/* Quantile over the days of what a half hour draws: what is below it is there on most days, whatever people do. */
static const double REGULAR = 0.4;

/* What a day draws above the level that it stays under for a quarter of the time: fridge, standby and steady heating are below it. */
static void stand_out(const float *day, float *sorted, float *out) {
    size_t n = 0;
    for (size_t b = 0; b < SLOTS; b++)
        if (!isnan(day[b])) sorted[n++] = day[b];
    if (n) dcl_select_f32(sorted, n, n / 4);
    float floor_w = n ? sorted[n / 4] : 0;
    for (size_t b = 0; b < SLOTS; b++)
        out[b] = day[b] > floor_w ? day[b] - floor_w : 0 * day[b]; /* NaN stays */
}

/*
 * Takes from each half hour what it draws on six days of ten at least: a tank at noon, heating by the clock, a pump. What people do moves
 * from day to day, and what is left of it still tells when.
 */
static void leave_the_regular(const dcl_calendar_map *map, dcl_home_scratch *s, uint32_t n, unsigned half) {
    for (size_t b = FROM - REACH; b < TO + REACH; b++) {
        size_t days = 0;
        for (uint32_t i = 0; i < n; i++) {
            float above = s->row[i * (size_t)SLOTS + b];
            if (map->habit[s->at[i]] / DCL_PROFILE_KINDS == half && !isnan(above)) s->sorted[days++] = above;
        }
        float regular = days ? (float)dcl_quantile_of_f32(s->sorted, days, REGULAR) : 0;
        for (uint32_t i = 0; i < n; i++) {
            float *above = &s->row[i * (size_t)SLOTS + b];
            if (map->habit[s->at[i]] / DCL_PROFILE_KINDS != half) continue;
            *above = *above > regular ? *above - regular : 0 * *above; /* NaN stays */
        }
    }
}

/* The usual day's mean of it between FROM and TO, of one half of the year: what counts as much for this home, W. */
static double usual_of(const dcl_calendar_map *map, dcl_home_scratch *s, uint32_t n, unsigned half) {
    size_t days = 0;
    for (uint32_t i = 0; i < n; i++) {
        double sum = 0, there = 0; /* a day that is there lacks two half hours at most */
        if (map->habit[s->at[i]] / DCL_PROFILE_KINDS != half) continue;
        for (size_t b = FROM; b < TO; b++) {
            float above = s->row[i * (size_t)SLOTS + b];
            sum += isnan(above) ? 0 : (double)above;
            there += !isnan(above);
        }
        s->sorted[days++] = (float)(sum / there);
    }
    return days ? (double)(float)dcl_quantile_of_f32(s->sorted, days, 0.5) : 0;
}

/* Means of a cell over the half hours around b; NaN where one of them was seen too seldom. */
static float mean_around(const double *sum, const uint32_t *count, size_t b) {
    double around = 0;
    for (size_t j = b - REACH; j <= b + REACH; j++) {
        if (count[j] < CELL_LEAST_DAYS) return NAN;
        around += sum[j] / count[j];
    }
    return (float)(around / (2 * REACH + 1));
}

void dcl_home_habits(const dcl_calendar_map *map, dcl_home_scratch *s, uint32_t n, float *habit) {
    double sum[DCL_HABIT_CELLS][SLOTS] = {{0}}, usual[DCL_HABIT_CELLS / DCL_PROFILE_KINDS];
    uint32_t count[DCL_HABIT_CELLS][SLOTS] = {{0}};
    float sorted[SLOTS];
    for (uint32_t i = 0; i < n; i++)
        stand_out(s->curve + s->at[i] * (size_t)SLOTS, sorted, s->row + i * (size_t)SLOTS);
    for (unsigned half = 0; half < DCL_HABIT_CELLS / DCL_PROFILE_KINDS; half++) {
        leave_the_regular(map, s, n, half);
        usual[half] = usual_of(map, s, n, half) + LEAST_W;
    }
    for (uint32_t i = 0; i < n; i++) {
        unsigned cell = map->habit[s->at[i]];
        for (size_t b = 0; b < SLOTS; b++) {
            double above = (double)s->row[i * (size_t)SLOTS + b];
            if (isnan(above)) continue;
            sum[cell][b] += above / (above + usual[cell / DCL_PROFILE_KINDS]);
            count[cell][b]++;
        }
    }
    for (unsigned cell = 0; cell < DCL_HABIT_CELLS; cell++)
        for (size_t b = FROM; b < TO; b++) *habit++ = mean_around(sum[cell], count[cell], b);
}
