/* AVX2 forms of rbf_f32 and dots_f32: 8 vectors to compare with at a time, the last ones under a mask. */
#include "kernel/rbf.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>

static inline __m256 exp8(__m256 z) {
    __m256 shift = _mm256_set1_ps(DCL_EXP_SHIFT), one = _mm256_set1_ps(1.0f);
    __m256 shifted = _mm256_fmadd_ps(z, _mm256_set1_ps(DCL_EXP_LOG2E), shift);
    __m256 k = _mm256_sub_ps(shifted, shift);
    __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(DCL_EXP_LN2_HIGH), z);
    r = _mm256_fnmadd_ps(k, _mm256_set1_ps(DCL_EXP_LN2_LOW), r);
    __m256 p = _mm256_set1_ps(DCL_EXP_C7);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(DCL_EXP_C6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(DCL_EXP_C5));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(DCL_EXP_C4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(DCL_EXP_C3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, one);
    p = _mm256_fmadd_ps(p, r, one);
    __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    p = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
    __m256 enough = _mm256_cmp_ps(z, _mm256_set1_ps(DCL_EXP_LEAST), _CMP_GE_OQ);
    __m256 missing = _mm256_cmp_ps(z, z, _CMP_UNORD_Q);
    return _mm256_blendv_ps(_mm256_and_ps(p, enough), _mm256_set1_ps(NAN), missing);
}

/* All ones in the first n of 8 places (n beyond 8 is 8). */
static inline __m256i first8(size_t n) {
    static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(ones + (n < 8 ? 8 - n : 0)));
}

static inline __m256 step(__m256 distance, __m256 x, __m256 at) {
    __m256 difference = _mm256_sub_ps(x, at);
    return _mm256_fmadd_ps(difference, difference, distance);
}

static void dcl_rbf_f32_avx2(const float *at, size_t n, size_t stride, size_t features, const float *x,
                             float gamma, float *out) {
    assert(gamma >= 0 && stride >= n);
    __m256 minus = _mm256_set1_ps(-gamma);
    size_t i = 0;
    for (; n - i >= 32; i += 32) { /* four vectors at once hide the additions' latency */
        __m256 d[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
        for (size_t f = 0; f < features; f++) {
            const float *from = at + f * stride + i;
            __m256 of = _mm256_broadcast_ss(x + f);
            for (size_t v = 0; v < 4; v++) d[v] = step(d[v], of, _mm256_loadu_ps(from + 8 * v));
        }
        for (size_t v = 0; v < 4; v++) _mm256_storeu_ps(out + i + 8 * v, exp8(_mm256_mul_ps(d[v], minus)));
    }
    for (; i < n; i += 8) {
        __m256i in = first8(n - i);
        __m256 d = _mm256_setzero_ps();
        for (size_t f = 0; f < features; f++)
            d = step(d, _mm256_broadcast_ss(x + f), _mm256_maskload_ps(at + f * stride + i, in));
        _mm256_maskstore_ps(out + i, in, exp8(_mm256_mul_ps(d, minus)));
    }
}

static inline float join(__m256 low, __m256 high) {
    __m256 eight = _mm256_add_ps(low, high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return dcl_rbf_canonical(_mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two))));
}

/* Adds the products of up to 8 places. A place left out adds +0, which changes no lane: none is ever -0, as all start
 * from +0. */
static inline __m256 add_some(__m256 lane, const float *a, const float *b, __m256i in) {
    return _mm256_fmadd_ps(_mm256_maskload_ps(a, in), _mm256_maskload_ps(b, in), lane);
}

/* So many rows at once, 1 or 3: the lanes of one row wait for each other, those of several do not. */
static inline void dots(const float *a, size_t rows, size_t stride, const float *b, size_t n, float *out) {
    __m256 low[3], high[3];
    size_t i = 0;
    for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm256_setzero_ps();
    for (; n - i >= 16; i += 16) {
        __m256 first = _mm256_loadu_ps(b + i), second = _mm256_loadu_ps(b + i + 8);
        for (size_t r = 0; r < rows; r++) {
            low[r] = _mm256_fmadd_ps(_mm256_loadu_ps(a + r * stride + i), first, low[r]);
            high[r] = _mm256_fmadd_ps(_mm256_loadu_ps(a + r * stride + i + 8), second, high[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        const float *of = a + r * stride + i;
        if (n - i > 0) low[r] = add_some(low[r], of, b + i, first8(n - i));
        if (n - i > 8) high[r] = add_some(high[r], of + 8, b + i + 8, first8(n - i - 8));
        out[r] = join(low[r], high[r]);
    }
}

static void dcl_dots_f32_avx2(const float *a, size_t rows, size_t stride, const float *b, size_t n,
                              float *out) {
    size_t r = 0;
    for (; rows - r >= 3; r += 3) dots(a + r * stride, 3, stride, b, n, out + r);
    for (; r < rows; r++) dots(a + r * stride, 1, stride, b, n, out + r);
}

void dcl_kernels_overlay_rbf_avx2(dcl_kernels *table) {
    table->rbf_f32 = dcl_rbf_f32_avx2;
    table->dots_f32 = dcl_dots_f32_avx2;
}
#else
void dcl_kernels_overlay_rbf_avx2(dcl_kernels *table) {
    (void)table;
}
#endif
