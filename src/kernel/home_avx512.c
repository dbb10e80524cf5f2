/* The kernels that simulated homes are made with, AVX-512. */
#include "kernel/home.h"

#if defined(__x86_64__)
#include <immintrin.h>

static inline __m512i xor3(__m512i a, __m512i b, __m512i c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}

/* A block a lane of 64 bits, its word in the lower half; what stands in the upper one, products do not read. */
static void dcl_philox_u32_avx512(uint64_t seed, uint64_t stream, uint32_t first, uint32_t *out) {
    const __m512i m0 = _mm512_set1_epi64(DCL_PHILOX_M0), m1 = _mm512_set1_epi64(DCL_PHILOX_M1);
    __m512i k0 = _mm512_set1_epi64((int64_t)(uint32_t)seed), k1 = _mm512_set1_epi64((int64_t)(seed >> 32));
    __m512i c0 = _mm512_add_epi32(_mm512_set1_epi64(first), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    __m512i c1 = _mm512_setzero_si512(), c2 = _mm512_set1_epi64((uint32_t)stream);
    __m512i c3 = _mm512_set1_epi64((int64_t)(stream >> 32));
    for (int round = 0; round < DCL_PHILOX_ROUNDS; round++) {
        __m512i a = _mm512_mul_epu32(c0, m0), b = _mm512_mul_epu32(c2, m1);
        c0 = xor3(_mm512_srli_epi64(b, 32), c1, k0);
        c2 = xor3(_mm512_srli_epi64(a, 32), c3, k1);
        c1 = b;
        c3 = a;
        k0 = _mm512_add_epi32(k0, _mm512_set1_epi64(DCL_PHILOX_K0));
        k1 = _mm512_add_epi32(k1, _mm512_set1_epi64(DCL_PHILOX_K1));
    }
    __m512i low = _mm512_mask_mov_epi32(_mm512_slli_epi64(c1, 32), 0x5555, c0),
            high = _mm512_mask_mov_epi32(_mm512_slli_epi64(c3, 32), 0x5555, c2);
    const __m512i pairs = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
    _mm512_storeu_si512(out, _mm512_permutex2var_epi64(low, pairs, high));
    _mm512_storeu_si512(out + 16,
                        _mm512_permutex2var_epi64(low, _mm512_add_epi64(pairs, _mm512_set1_epi64(4)), high));
}

/* Sums within eight values by moving them up by one, two and four places. */
static int64_t dcl_levels_f32_i64_avx512(int64_t *x, size_t n, int64_t level, double scale, float *out) {
    const __m512i none = _mm512_setzero_si512(), last = _mm512_set1_epi64(7);
    const __m512d by = _mm512_set1_pd(scale);
    __m512i before = _mm512_set1_epi64(level);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m512i sum = _mm512_loadu_si512(x + i);
        _mm512_storeu_si512(x + i, none);
        sum = _mm512_add_epi64(sum, _mm512_alignr_epi64(sum, none, 7));
        sum = _mm512_add_epi64(sum, _mm512_alignr_epi64(sum, none, 6));
        sum = _mm512_add_epi64(sum, _mm512_alignr_epi64(sum, none, 4));
        __m512d value = _mm512_cvtepi64_pd(_mm512_add_epi64(sum, before));
        _mm256_storeu_ps(out + i, _mm512_cvtpd_ps(_mm512_mul_pd(value, by)));
        before = _mm512_add_epi64(before, _mm512_permutexvar_epi64(last, sum));
    }
    level = _mm_cvtsi128_si64(_mm512_castsi512_si128(before));
    return dcl_levels_tail(x + i, n - i, level, scale, out + i);
}

void dcl_kernels_overlay_home_avx512(dcl_kernels *table) {
    table->philox_u32 = dcl_philox_u32_avx512;
    table->levels_f32_i64 = dcl_levels_f32_i64_avx512;
}
#else
void dcl_kernels_overlay_home_avx512(dcl_kernels *table) {
    (void)table;
}
#endif
