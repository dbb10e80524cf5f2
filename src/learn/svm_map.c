/* What happens to features before the kernel: each is known by its quantile among the rows that taught the machine. */
#include "learn/svm.h"

#include <math.h>
#include <stdlib.h>

#include "base/order.h"

dcl_status dcl_svm_knots(const dcl_rows *rows, float *knot, dcl_error *error) {
    float *column = malloc((rows->n ? rows->n : 1) * sizeof *column);
    if (!column) return dcl_fail_memory(error, "the features of a support vector machine");
    for (size_t f = 0; f < rows->features; f++, knot += DCL_SVM_KNOTS) {
        size_t n = 0;
        for (size_t i = 0; i < rows->n; i++) {
            float value = rows->x[i * rows->features + f];
            if (isfinite(value)) column[n++] = value;
        }
        dcl_sort_f32(column, n);
        for (size_t k = 0; k < DCL_SVM_KNOTS; k++) {
            double at = n ? (double)(n - 1) * (double)k / (DCL_SVM_KNOTS - 1) : 0;
            size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
            double part = at - (double)low;
            knot[k] = n ? (float)((1 - part) * (double)column[low] + part * (double)column[high]) : 0;
        }
    }
    free(column);
    return DCL_OK;
}

/* The deviate of each knot's quantile q, kept off both ends: ln(q / (1 - q)) / 1.702 with q in 0.01 … 0.99, the normal's
 * within 0.1 in between. */
static const float deviate[DCL_SVM_KNOTS] = {
    -2.699835f, -2.017619f, -1.591099f, -1.332952f, -1.143308f, -0.990834f, -0.861538f,
    -0.747923f, -0.645483f, -0.551275f, -0.463253f, -0.379922f, -0.300133f, -0.222967f,
    -0.147658f, -0.073539f, 0.000000f,  0.073539f,  0.147658f,  0.222967f,  0.300133f,
    0.379922f,  0.463253f,  0.551275f,  0.645483f,  0.747923f,  0.861538f,  0.990834f,
    1.143308f,  1.332952f,  1.591099f,  2.017619f,  2.699835f};

/* Linear between knots; of a value that several knots share (a feature that is often 0), the middle of them. */
static float map_one(const float *knot, float value) {
    size_t below = 0, above = DCL_SVM_KNOTS;
    while (below < DCL_SVM_KNOTS && knot[below] < value) below++;
    while (above > below && knot[above - 1] > value) above--;
    if (above > below) return 0.5f * (deviate[below] + deviate[above - 1]);
    if (below == 0) return deviate[0];
    if (below == DCL_SVM_KNOTS) return deviate[DCL_SVM_KNOTS - 1];
    float part = (value - knot[below - 1]) / (knot[below] - knot[below - 1]);
    return deviate[below - 1] + part * (deviate[below] - deviate[below - 1]);
}

/* The nearest step of DCL_SVM_STEPS, so that vectors take 16 bits in a file and come back as they were. */
static float on_grid(float value) {
    return (float)(int)(value * DCL_SVM_STEPS + (value < 0 ? -0.5f : 0.5f)) / DCL_SVM_STEPS;
}

void dcl_svm_map(const float *knot, size_t features, const float *x, float *out) {
    for (size_t f = 0; f < features; f++, knot += DCL_SVM_KNOTS)
        out[f] = isnan(x[f]) ? 0 : on_grid(map_one(knot, x[f]));
}
