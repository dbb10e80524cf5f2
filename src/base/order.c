#include "base/order.h"

#include <math.h>
#include <stdlib.h>

static int by_f32(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int by_f64(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_i64(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* qsort() asks for an array even where there is nothing to sort. */
void dcl_sort_f32(float *values, size_t n) {
    if (n) qsort(values, n, sizeof *values, by_f32);
}

void dcl_sort_f64(double *values, size_t n) {
    if (n) qsort(values, n, sizeof *values, by_f64);
}

void dcl_sort_i64(int64_t *values, size_t n) {
    if (n) qsort(values, n, sizeof *values, by_i64);
}

double dcl_median_f64(double *values, size_t n) {
    if (!n) return NAN;
    dcl_sort_f64(values, n);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double dcl_quantile_f32(const float *sorted, size_t n, double q) {
    if (!n) return NAN;
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;
    if (below + 1 >= n) return (double)sorted[n - 1];
    return (double)sorted[below] + (at - (double)below) * ((double)sorted[below + 1] - (double)sorted[below]);
}
