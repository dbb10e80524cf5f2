/* The specification of the kernels under support vector machines: distances, their exponentials, products. */
#include "kernel/rbf.h"

#include <assert.h>
#include <string.h>

/* e^z, z <= 0, as the header says. */
static float exp_scalar(float z) {
    if (isnan(z)) return NAN;
    if (!(z >= DCL_EXP_LEAST)) return 0;
    float shifted = fmaf(z, DCL_EXP_LOG2E, DCL_EXP_SHIFT), k = shifted - DCL_EXP_SHIFT;
    float r = fmaf(k, -DCL_EXP_LN2_LOW, fmaf(k, -DCL_EXP_LN2_HIGH, z));
    float p = DCL_EXP_C7;
    p = fmaf(p, r, DCL_EXP_C6);
    p = fmaf(p, r, DCL_EXP_C5);
    p = fmaf(p, r, DCL_EXP_C4);
    p = fmaf(p, r, DCL_EXP_C3);
    p = fmaf(p, r, 0.5f);
    p = fmaf(p, r, 1.0f);
    p = fmaf(p, r, 1.0f);
    /* The low bits of `shifted` are k: times 2^k is adding k to the exponent; no result is subnormal. */
    uint32_t bits, power;
    memcpy(&bits, &p, sizeof bits);
    memcpy(&power, &shifted, sizeof power);
    bits += power << 23;
    memcpy(&p, &bits, sizeof p);
    return p;
}

static void dcl_rbf_f32_scalar(const float *at, size_t n, size_t stride, size_t features, const float *x,
                               float gamma, float *out) {
    assert(gamma >= 0 && stride >= n);
    for (size_t i = 0; i < n; i++) {
        float distance = 0;
        for (size_t f = 0; f < features; f++) {
            float difference = x[f] - at[f * stride + i];
            distance = fmaf(difference, difference, distance);
        }
        out[i] = exp_scalar(distance * -gamma);
    }
}

static float dot(const float *a, const float *b, size_t n) {
    float lane[DCL_LANES] = {0};
    for (size_t i = 0; i < n; i++) lane[i % DCL_LANES] = fmaf(a[i], b[i], lane[i % DCL_LANES]);
    for (size_t half = DCL_LANES / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++) lane[l] += lane[l + half];
    }
    return dcl_rbf_canonical(lane[0]);
}

static void dcl_dots_f32_scalar(const float *a, size_t rows, size_t stride, const float *b, size_t n,
                                float *out) {
    for (size_t r = 0; r < rows; r++) out[r] = dot(a + r * stride, b, n);
}

void dcl_kernels_fill_rbf_scalar(dcl_kernels *table) {
    table->rbf_f32 = dcl_rbf_f32_scalar;
    table->dots_f32 = dcl_dots_f32_scalar;
}
