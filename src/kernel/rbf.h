/* What the forms of rbf_f32 share: the constants of its exponential. */
#ifndef DCL_KERNEL_RBF_H
#define DCL_KERNEL_RBF_H

#include "kernel/kernel.h"

/*
 * e^z for z <= 0 in float32: z = k ln 2 + r, |r| <= 0.35, k by adding and taking away 1.5 × 2^23; Taylor's polynomial of
 * degree 7 (what it leaves out is below 6e-9); ln 2 in two parts (Cody and Waite 1980), the first short enough that k
 * times it is exact. Below the least z the result is 0, before it would be subnormal.
 */
#define DCL_EXP_LEAST    (-87.0f)
#define DCL_EXP_LOG2E    0x1.715476p+0f
#define DCL_EXP_SHIFT    0x1.8p23f
#define DCL_EXP_LN2_HIGH 0x1.62ep-1f
#define DCL_EXP_LN2_LOW  0x1.0bfbe8p-15f
#define DCL_EXP_C3       (1.0f / 6)
#define DCL_EXP_C4       (1.0f / 24)
#define DCL_EXP_C5       (1.0f / 120)
#define DCL_EXP_C6       (1.0f / 720)
#define DCL_EXP_C7       (1.0f / 5040)

void dcl_kernels_fill_rbf_scalar(dcl_kernels *table);
void dcl_kernels_overlay_rbf_avx2(dcl_kernels *table);
void dcl_kernels_overlay_rbf_avx512(dcl_kernels *table);

/** NaN as the one that we write, -0 as +0. */
static inline float dcl_rbf_canonical(float value) {
    return isnan(value) ? NAN : value + 0.0f;
}

#endif
