/* How benchmarks take times. */
#ifndef BENCH_BENCH_TIME_H
#define BENCH_BENCH_TIME_H

#include <stdlib.h>
#include <time.h>

static inline double bench_now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/** The median of n values, which it puts in order. */
static inline double bench_median(double *values, size_t n) {
    qsort(values, n, sizeof *values, bench_by_value);
    return values[n / 2];
}

#endif
