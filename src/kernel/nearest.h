/* Rows and centroids: the forms of dcl_kernels.nearest_f32 and add_i64_f32, a file each. */
#ifndef DCL_KERNEL_NEAREST_H
#define DCL_KERNEL_NEAREST_H

#include <string.h>

#include "kernel/kernel.h"

/** add_i64_f32 as plain C that each file's instruction set vectorises: adding 1.5 · 2^52 leaves the integer in the low bits. */
static inline void dcl_add_rounded(const float *x, size_t n, float scale, int64_t *sum) {
    const double shift = 0x1.8p52;
    int64_t zero;
    memcpy(&zero, &shift, sizeof zero);
    for (size_t j = 0; j < n; j++) {
        double value = (double)x[j] * (double)scale + shift;
        int64_t bits;
        memcpy(&bits, &value, sizeof bits);
        sum[j] += bits - zero;
    }
}

void dcl_nearest_f32_scalar(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out);
void dcl_nearest_f32_avx2(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out);
void dcl_nearest_f32_avx512(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out);
void dcl_add_i64_f32_scalar(const float *x, size_t n, float scale, int64_t *sum);
void dcl_add_i64_f32_avx2(const float *x, size_t n, float scale, int64_t *sum);
void dcl_add_i64_f32_avx512(const float *x, size_t n, float scale, int64_t *sum);

#endif
