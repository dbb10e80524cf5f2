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

static void swap(float *a, float *b) {
    float kept = *a;
    *a = *b;
    *b = kept;
}

/* Of the first, the middle and the last: series that are in order already are the commonest bad case. */
static float middle_of(float a, float b, float c) {
    float low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Hoare's selection, in three parts, so that equal values end it at once. */
void dcl_select_f32(float *values, size_t n, size_t k) {
    for (size_t low = 0, high = n; high - low > 1;) {
        float pivot = middle_of(values[low], values[low + (high - low) / 2], values[high - 1]);
        size_t less = low, more = high;
        for (size_t i = low; i < more;) {
            if (values[i] < pivot)
                swap(&values[i++], &values[less++]);
            else if (values[i] > pivot)
                swap(&values[i], &values[--more]);
            else
                i++;
        }
        if (k >= less && k < more) return;
        if (k < less)
            high = less;
        else
            low = more;
    }
}

double dcl_quantile_of_f32(float *values, size_t n, double q) {
    size_t below = n ? (size_t)(q * (double)(n - 1)) : 0, next = below + 1;
    if (!n) return NAN;
    dcl_select_f32(values, n, below);
    for (size_t i = next + 1; i < n; i++)
        if (values[i] < values[next]) swap(&values[i], &values[next]);
    return dcl_quantile_f32(values, n, q);
}
