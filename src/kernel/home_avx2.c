/* The kernels that simulated homes are made with, AVX2. */
#include "kernel/home.h"

#if defined(__x86_64__)
#include <immintrin.h>

static inline __m256i load(const int64_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline void store(void *at, __m256i value) {
    _mm256_storeu_si256((__m256i *)at, value);
}

/* Four blocks: one a lane of 64 bits, its word in the lower half; what stands in the upper one, products do not read. */
static inline void four_blocks(uint64_t seed, uint64_t stream, __m256i c0, uint32_t *out) {
    const __m256i m0 = _mm256_set1_epi64x(DCL_PHILOX_M0), m1 = _mm256_set1_epi64x(DCL_PHILOX_M1);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    __m256i c1 = _mm256_setzero_si256(), c2 = _mm256_set1_epi64x((uint32_t)stream);
    __m256i c3 = _mm256_set1_epi64x((int64_t)(stream >> 32));
    for (int round = 0; round < DCL_PHILOX_ROUNDS; round++) {
        __m256i a = _mm256_mul_epu32(c0, m0), b = _mm256_mul_epu32(c2, m1);
        c0 = _mm256_xor_si256(_mm256_srli_epi64(b, 32), _mm256_xor_si256(c1, _mm256_set1_epi64x(k0)));
        c2 = _mm256_xor_si256(_mm256_srli_epi64(a, 32), _mm256_xor_si256(c3, _mm256_set1_epi64x(k1)));
        c1 = b;
        c3 = a;
        k0 += DCL_PHILOX_K0;
        k1 += DCL_PHILOX_K1;
    }
    __m256i low = _mm256_blend_epi32(c0, _mm256_slli_epi64(c1, 32), 0xaa),
            high = _mm256_blend_epi32(c2, _mm256_slli_epi64(c3, 32), 0xaa);
    __m256i even = _mm256_unpacklo_epi64(low, high), odd = _mm256_unpackhi_epi64(low, high);
    store(out, _mm256_permute2x128_si256(even, odd, 0x20));
    store(out + 8, _mm256_permute2x128_si256(even, odd, 0x31));
}

static void dcl_philox_u32_avx2(uint64_t seed, uint64_t stream, uint32_t first, uint32_t *out) {
    const __m256i block = _mm256_add_epi32(_mm256_set1_epi64x(first), _mm256_set_epi64x(3, 2, 1, 0));
    four_blocks(seed, stream, block, out);
    four_blocks(seed, stream, _mm256_add_epi32(block, _mm256_set1_epi64x(4)), out + 16);
}

/*
 * (double)x, rounded once as the language rounds it: its halves are set into doubles of 2^84 and 2^52, whose sum less both is exact
 * but for that one rounding.
 */
static inline __m256d numbers(__m256i x) {
    __m256i high = _mm256_xor_si256(_mm256_srli_epi64(x, 32), _mm256_set1_epi64x(0x4530000080000000)),
            low = _mm256_blend_epi32(x, _mm256_set1_epi64x(0x4330000000000000), 0xaa);
    __m256d upper = _mm256_sub_pd(_mm256_castsi256_pd(high), _mm256_set1_pd(0x1.00000801p+84));
    return _mm256_add_pd(upper, _mm256_castsi256_pd(low));
}

/* Sums within four values by moving them up by one and two places. */
static int64_t dcl_levels_f32_i64_avx2(int64_t *x, size_t n, int64_t level, double scale, float *out) {
    const __m256i none = _mm256_setzero_si256();
    const __m256d by = _mm256_set1_pd(scale);
    __m256i before = _mm256_set1_epi64x(level);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256i sum = load(x + i);
        store(x + i, none);
        sum = _mm256_add_epi64(sum, _mm256_slli_si256(sum, 8));
        sum = _mm256_add_epi64(sum, _mm256_blend_epi32(none, _mm256_permute4x64_epi64(sum, 0x50), 0xf0));
        __m256d value = numbers(_mm256_add_epi64(sum, before));
        _mm_storeu_ps(out + i, _mm256_cvtpd_ps(_mm256_mul_pd(value, by)));
        before = _mm256_add_epi64(before, _mm256_permute4x64_epi64(sum, 0xff));
    }
    level = _mm_cvtsi128_si64(_mm256_castsi256_si128(before));
    return dcl_levels_tail(x + i, n - i, level, scale, out + i);
}

void dcl_kernels_overlay_home_avx2(dcl_kernels *table) {
    table->philox_u32 = dcl_philox_u32_avx2;
    table->levels_f32_i64 = dcl_levels_f32_i64_avx2;
}
#else
void dcl_kernels_overlay_home_avx2(dcl_kernels *table) {
    (void)table;
}
#endif
