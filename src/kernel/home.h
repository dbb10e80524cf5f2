/* The forms of the kernels that simulated homes are made with: dice and levels. */
#ifndef DCL_KERNEL_HOME_H
#define DCL_KERNEL_HOME_H

#include "base/rng.h"
#include "kernel/kernel.h"

void dcl_kernels_fill_home_scalar(dcl_kernels *table);
void dcl_kernels_overlay_home_avx2(dcl_kernels *table);
void dcl_kernels_overlay_home_avx512(dcl_kernels *table);

/** The changes one by one. */
static inline int64_t dcl_levels_tail(int64_t *x, size_t n, int64_t level, double scale, float *out) {
    for (size_t i = 0; i < n; i++) {
        level = (int64_t)((uint64_t)level + (uint64_t)x[i]);
        out[i] = (float)((double)level * scale);
        x[i] = 0;
    }
    return level;
}

#endif
