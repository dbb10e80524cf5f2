#include "household/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "household/describe.h"

size_t dcl_columns_count(uint32_t cells) {
    size_t n = cells & DCL_CELL_HABITS ? DCL_HABIT_LENGTH : 0;
    for (uint32_t c = 0; c < DCL_PROFILE_CELLS; c++) n += (cells >> c & 1) * DCL_PROFILE_SLOTS;
    return n;
}

/* A cell is known whole or not at all; of habits every half hour counts. */
bool dcl_columns_known(const dcl_homes *homes, size_t home, uint32_t cells) {
    bool known = true;
    for (size_t c = 0; c < DCL_PROFILE_CELLS; c++)
        known = known &&
                !(cells >> c & 1 && isnan(homes->profile[home * DCL_PROFILE_LENGTH + c * DCL_PROFILE_SLOTS]));
    for (size_t i = 0; cells & DCL_CELL_HABITS && i < DCL_HABIT_LENGTH; i++)
        known = known && !isnan(homes->habit[home * DCL_HABIT_LENGTH + i]);
    return known;
}

/*
 * People do on working days other things than at weekends, and some do not: of each half of the year the difference of the two counts, and
 * their mean over a week.
 */
static void contrast_habits(const float *habit, float *out) {
    for (size_t half = 0; half < DCL_HABIT_CELLS / DCL_PROFILE_KINDS; half++) {
        const float *working = habit + half * DCL_PROFILE_KINDS * DCL_HABIT_SLOTS,
                    *rest = working + DCL_HABIT_SLOTS;
        for (size_t b = 0; b < DCL_HABIT_SLOTS; b++) {
            out[b] = working[b] - rest[b];
            out[DCL_HABIT_SLOTS + b] = (float)((5 * (double)working[b] + 2 * (double)rest[b]) / 7);
        }
        out += (size_t)DCL_PROFILE_KINDS * DCL_HABIT_SLOTS;
    }
}

bool dcl_columns_of(const dcl_homes *homes, size_t home, uint32_t cells, float *out) {
    const float *profile = homes->profile + home * DCL_PROFILE_LENGTH;
    if (!dcl_columns_known(homes, home, cells)) return false;
    if (cells & DCL_CELL_HABITS) {
        contrast_habits(homes->habit + home * DCL_HABIT_LENGTH, out);
        out += DCL_HABIT_LENGTH;
    }
    for (size_t c = 0; c < DCL_PROFILE_CELLS; c++) {
        if (!(cells >> c & 1)) continue;
        memcpy(out, profile + c * DCL_PROFILE_SLOTS, DCL_PROFILE_SLOTS * sizeof *out);
        out += DCL_PROFILE_SLOTS;
    }
    return true;
}

dcl_status dcl_columns_median(const float *x, size_t n, size_t columns, float *out) {
    float *sorted = malloc((n ? n : 1) * sizeof *sorted);
    if (!sorted) return DCL_E_MEMORY;
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < n; i++) sorted[i] = x[i * columns + j];
        dcl_sort_f32(sorted, n);
        out[j] = dcl_household_quantile(sorted, n, 0.5);
    }
    free(sorted);
    return DCL_OK;
}

void dcl_columns_distance(const float *x, size_t n, size_t columns, const float *from, float *distance) {
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t j = 0; j < columns; j++) {
            double off = (double)x[i * columns + j] - (double)from[j];
            square += off * off;
        }
        distance[i] = (float)sqrt(square);
    }
}

dcl_status dcl_columns_fence(const float *distance, size_t n, double factor, double *out) {
    enum { LEAST = 8 }; /* quartiles of fewer say nothing */
    *out = (double)INFINITY;
    if (n < LEAST) return DCL_OK;
    float *sorted = malloc(n * sizeof *sorted);
    if (!sorted) return DCL_E_MEMORY;
    memcpy(sorted, distance, n * sizeof *sorted);
    dcl_sort_f32(sorted, n);
    double low = (double)dcl_household_quantile(sorted, n, 0.25),
           high = (double)dcl_household_quantile(sorted, n, 0.75);
    *out = high + factor * (high - low);
    free(sorted);
    return DCL_OK;
}

void dcl_columns_draw_in(float *row, size_t columns, const float *median, double distance, double limit) {
    if (!(distance > limit)) return;
    double share = limit / distance;
    for (size_t j = 0; j < columns; j++)
        row[j] = (float)((double)median[j] + share * ((double)row[j] - (double)median[j]));
}
