#include "household/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "household/describe.h"

size_t dcl_columns_count(uint32_t cells) {
    size_t n = 0;
    for (uint32_t c = 0; c < DCL_PROFILE_CELLS; c++) n += (cells >> c & 1) * DCL_PROFILE_SLOTS;
    return n;
}

bool dcl_columns_of(const float *profile, uint32_t cells, float *out) {
    for (size_t c = 0; c < DCL_PROFILE_CELLS; c++) {
        if (!(cells >> c & 1)) continue;
        for (size_t b = 0; b < DCL_PROFILE_SLOTS; b++) {
            float value = profile[c * DCL_PROFILE_SLOTS + b];
            if (isnan(value)) return false;
            *out++ = value;
        }
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
