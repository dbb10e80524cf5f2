/* AVX-512 forms of rbf_f32 and dots_f32: 16 vectors to compare with at a time, the last ones by masks. */
#include "kernel/rbf.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>

static inline __m512 exp16(__m512 z) {
    __m512 shift = _mm512_set1_ps(DCL_EXP_SHIFT), one = _mm512_set1_ps(1.0f);
    __m512 shifted = _mm512_fmadd_ps(z, _mm512_set1_ps(DCL_EXP_LOG2E), shift);
    __m512 k = _mm512_sub_ps(shifted, shift);
    __m512 r = _mm512_fnmadd_ps(k, _mm512_set1_ps(DCL_EXP_LN2_HIGH), z);
    r = _mm512_fnmadd_ps(k, _mm512_set1_ps(DCL_EXP_LN2_LOW), r);
    __m512 p = _mm512_set1_ps(DCL_EXP_C7);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(DCL_EXP_C6));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(DCL_EXP_C5));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(DCL_EXP_C4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(DCL_EXP_C3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, r, one);
    p = _mm512_fmadd_ps(p, r, one);
    __m512i power = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
    __m512i bits = _mm512_add_epi32(_mm512_castps_si512(p), power);
    __mmask16 enough = _mm512_cmp_ps_mask(z, _mm512_set1_ps(DCL_EXP_LEAST), _CMP_GE_OQ);
    __mmask16 missing = _mm512_cmp_ps_mask(z, z, _CMP_UNORD_Q);
    __m512 value = _mm512_castsi512_ps(_mm512_maskz_mov_epi32(enough, bits));
    return _mm512_mask_mov_ps(value, missing, _mm512_set1_ps(NAN));
}

static inline __m512 step(__m512 distance, __m512 x, __m512 at) {
    __m512 difference = _mm512_sub_ps(x, at);
    return _mm512_fmadd_ps(difference, difference, distance);
}

/* The first n of 16 places (n beyond 16 is 16). */
static inline __mmask16 first16(size_t n) {
    return (__mmask16)(n < 16 ? (1u << n) - 1 : 0xffff);
}

static void dcl_rbf_f32_avx512(const float *at, size_t n, size_t stride, size_t features, const float *x,
                               float gamma, float *out) {
    assert(gamma >= 0 && stride >= n);
    __m512 minus = _mm512_set1_ps(-gamma);
    size_t i = 0;
    for (; n - i >= 64; i += 64) { /* four vectors at once hide the additions' latency */
        __m512 d[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        for (size_t f = 0; f < features; f++) {
            const float *from = at + f * stride + i;
            __m512 of = _mm512_set1_ps(x[f]);
            for (size_t v = 0; v < 4; v++) d[v] = step(d[v], of, _mm512_loadu_ps(from + 16 * v));
        }
        for (size_t v = 0; v < 4; v++) _mm512_storeu_ps(out + i + 16 * v, exp16(_mm512_mul_ps(d[v], minus)));
    }
    for (; i < n; i += 16) {
        __mmask16 in = first16(n - i);
        __m512 d = _mm512_setzero_ps();
        for (size_t f = 0; f < features; f++)
            d = step(d, _mm512_set1_ps(x[f]), _mm512_maskz_loadu_ps(in, at + f * stride + i));
        _mm512_mask_storeu_ps(out + i, in, exp16(_mm512_mul_ps(d, minus)));
    }
}

static inline float join(__m512 lane) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(lane), _mm512_extractf32x8_ps(lane, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return dcl_rbf_canonical(_mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two))));
}

/* So many rows at once, 1 to 6: the lanes of one row wait for each other, those of several do not. */
static inline void dots(const float *a, size_t rows, size_t stride, const float *b, size_t n, float *out) {
    __m512 lane[6];
    size_t i = 0;
    for (size_t r = 0; r < rows; r++) lane[r] = _mm512_setzero_ps();
    for (; n - i >= 16; i += 16) {
        __m512 of = _mm512_loadu_ps(b + i);
        for (size_t r = 0; r < rows; r++)
            lane[r] = _mm512_fmadd_ps(_mm512_loadu_ps(a + r * stride + i), of, lane[r]);
    }
    __mmask16 in = first16(n - i);
    __m512 of = _mm512_maskz_loadu_ps(in, b + i);
    for (size_t r = 0; r < rows; r++) {
        __m512 last = _mm512_maskz_loadu_ps(in, a + r * stride + i);
        out[r] = join(_mm512_mask3_fmadd_ps(last, of, lane[r], in));
    }
}

static void dcl_dots_f32_avx512(const float *a, size_t rows, size_t stride, const float *b, size_t n,
                                float *out) {
    size_t r = 0;
    for (; rows - r >= 6; r += 6) dots(a + r * stride, 6, stride, b, n, out + r);
    for (; rows - r >= 3; r += 3) dots(a + r * stride, 3, stride, b, n, out + r);
    for (; r < rows; r++) dots(a + r * stride, 1, stride, b, n, out + r);
}

void dcl_kernels_overlay_rbf_avx512(dcl_kernels *table) {
    table->rbf_f32 = dcl_rbf_f32_avx512;
    table->dots_f32 = dcl_dots_f32_avx512;
}
#else
void dcl_kernels_overlay_rbf_avx512(dcl_kernels *table) {
    (void)table;
}
#endif
