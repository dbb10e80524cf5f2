/* The specification of every kernel, as plain as it can be written. The other forms are compared with these.
 */
#include "kernel/home.h"
#include "kernel/nearest.h"
#include "kernel/rbf.h"
#include "kernel/trees.h"
#include "kernel/words.h"

#include <assert.h>

static size_t dcl_edge_i32_scalar(const int32_t *x, size_t n, int32_t previous, uint32_t threshold,
                                  uint32_t *index) {
    assert(n <= UINT32_MAX);
    if (threshold == 0) threshold = 1;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] != DCL_MISSING_I32 && previous != DCL_MISSING_I32) {
            /* The smaller from the larger, unsigned: exact for every pair. */
            uint32_t size =
                x[i] > previous ? (uint32_t)x[i] - (uint32_t)previous : (uint32_t)previous - (uint32_t)x[i];
            if (size >= threshold) index[count++] = (uint32_t)i;
        }
        previous = x[i];
    }
    return count;
}

static void dcl_quantize_i32_f32_scalar(const float *x, size_t n, float scale, int32_t *out) {
    for (size_t i = 0; i < n; i++) {
        float value = x[i] * scale;
        if (isnan(value)) {
            out[i] = DCL_MISSING_I32;
        } else if (value >= 0x1p31f) {
            out[i] = INT32_MAX;
        } else if (value <= -0x1p31f) {
            out[i] = -INT32_MAX;
        } else {
            out[i] = (int32_t)rintf(value);
        }
    }
}

static int64_t dcl_sum_i32_scalar(const int32_t *x, size_t n, size_t *present) {
    assert(n <= UINT32_MAX); /* no sum of so many leaves int64 */
    int64_t sum = 0;
    *present = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] == DCL_MISSING_I32) continue;
        sum += x[i];
        ++*present;
    }
    return sum;
}

/* The sum by the lane rule of window_f32, and the count of present samples. */
static double lane_sum(const float *x, size_t n, size_t *present) {
    double lane[DCL_LANES] = {0};
    *present = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        lane[i % DCL_LANES] += (double)x[i];
        ++*present;
    }
    for (size_t half = DCL_LANES / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++) lane[l] += lane[l + half];
    }
    return lane[0];
}

static void dcl_window_f32_scalar(const float *x, size_t n, size_t width, dcl_window_stats *out) {
    assert(width >= 1 && width <= UINT32_MAX);
    for (size_t from = 0; from < n; from += width) {
        size_t samples = n - from < width ? n - from : width, present;
        double sum = lane_sum(x + from, samples, &present);
        float min = INFINITY, max = -INFINITY;
        for (size_t i = from; i < from + samples; i++) {
            if (x[i] < min) min = x[i];
            if (x[i] > max) max = x[i];
        }
        *out++ = dcl_window_of(sum, min, max, present, samples);
    }
}

static void dcl_histogram_f32_scalar(const float *x, size_t n, const dcl_bins *bins, uint32_t *counts) {
    assert(dcl_bins_valid(bins));
    float per_unit = 1.0f / bins->width, count = (float)bins->count;
    for (size_t i = 0; i < n; i++) {
        float t = (x[i] - bins->lo) * per_unit;
        if (isnan(t)) {
            counts[bins->count + DCL_HISTOGRAM_MISSING]++;
        } else if (t < 0) {
            counts[bins->count + DCL_HISTOGRAM_BELOW]++;
        } else if (t >= count) {
            counts[bins->count + DCL_HISTOGRAM_ABOVE]++;
        } else {
            counts[(uint32_t)t]++;
        }
    }
}

static void dcl_resample_mean_f32_scalar(const float *x, size_t n, size_t factor, size_t min_present,
                                         float *out) {
    assert(factor >= 1 && factor <= UINT32_MAX);
    for (size_t from = 0; from < n; from += factor) {
        size_t samples = n - from < factor ? n - from : factor, present;
        double sum = lane_sum(x + from, samples, &present);
        *out++ = dcl_mean_of(sum, present, min_present);
    }
}

void dcl_kernels_fill_scalar(dcl_kernels *table) {
    table->edge_i32 = dcl_edge_i32_scalar;
    table->quantize_i32_f32 = dcl_quantize_i32_f32_scalar;
    table->sum_i32 = dcl_sum_i32_scalar;
    table->window_f32 = dcl_window_f32_scalar;
    table->histogram_f32 = dcl_histogram_f32_scalar;
    table->resample_mean_f32 = dcl_resample_mean_f32_scalar;
    table->rows_i32 = dcl_rows_i32_scalar;
    table->nearest_f32 = dcl_nearest_f32_scalar;
    table->add_i64_f32 = dcl_add_i64_f32_scalar;
    table->trees_f32 = dcl_trees_f32_scalar;
    table->trees_row_f32 = dcl_trees_row_f32_scalar;
    dcl_kernels_fill_rbf_scalar(table);
    dcl_kernels_fill_home_scalar(table);
    dcl_kernels_fill_words_scalar(table);
}
