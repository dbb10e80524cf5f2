/* AVX-512 forms (F, BW, DQ, VL): 16 samples a vector, the ends by masks. Sixteen float64 lanes are two
 * vectors. */
#include "kernel/home.h"
#include "kernel/nearest.h"
#include "kernel/rbf.h"
#include "kernel/trees.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>

/* The first n of 16 places (n beyond 16 is 16). */
static inline __mmask16 first16(size_t n) {
    unsigned ones = n < 16 ? (1u << n) - 1 : 0xffff;
    return (__mmask16)ones;
}

/* |now - before|, exact as unsigned. Missing is the least integer, so a step to or from it is a size as well.
 */
static inline __m512i size16(__m512i now, __m512i before) {
    return _mm512_sub_epi32(_mm512_max_epi32(now, before), _mm512_min_epi32(now, before));
}

/* Which of 16 samples are edges after the ones before them. The lower of two shows whether either is missing.
 */
static inline __mmask16 edges16(__m512i now, __m512i before, __m512i threshold) {
    __m512i low = _mm512_min_epi32(now, before);
    __mmask16 present = _mm512_cmpneq_epi32_mask(low, _mm512_set1_epi32(DCL_MISSING_I32));
    return _mm512_mask_cmpge_epu32_mask(present, size16(now, before), threshold);
}

/* Least and most of 64 samples, a place each. */
typedef struct range64 {
    __m512i min, max;
} range64;

static inline range64 range_of(const int32_t *x) {
    range64 of = {_mm512_loadu_si512(x), _mm512_loadu_si512(x)};
    dcl_fetch_ahead(x);
    for (size_t v = 16; v < 64; v += 16) {
        dcl_fetch_ahead(x + v);
        of.min = _mm512_min_epi32(of.min, _mm512_loadu_si512(x + v));
        of.max = _mm512_max_epi32(of.max, _mm512_loadu_si512(x + v));
    }
    return of;
}

static inline bool within(range64 of, dcl_band band) {
    __mmask16 below = _mm512_cmplt_epi32_mask(of.min, _mm512_set1_epi32(band.low));
    return (below | _mm512_cmpgt_epi32_mask(of.max, _mm512_set1_epi32(band.high))) == 0;
}

/* The band of the block; empty where its samples are too far apart. */
static inline dcl_band band_around(range64 of, uint32_t threshold) {
    return dcl_band_of(_mm512_reduce_min_epi32(of.min), _mm512_reduce_max_epi32(of.max), threshold);
}

/* False where no size among 64 samples reaches the threshold. */
static inline bool may_have_edges64(const int32_t *x, __m512i threshold) {
    __m512i most = _mm512_setzero_si512();
    for (size_t v = 0; v < 64; v += 16) {
        dcl_fetch_ahead(x + v);
        most = _mm512_max_epu32(most, size16(_mm512_loadu_si512(x + v), _mm512_loadu_si512(x + v - 1)));
    }
    return _mm512_cmpge_epu32_mask(most, threshold) != 0;
}

/* Packs the indices of 16 samples' edges. Packing in a register and storing all of it beats the packing
 * store. */
static inline size_t put16(uint32_t *index, size_t count, size_t i, __mmask16 edges) {
    __m512i place = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i at = _mm512_add_epi32(place, _mm512_set1_epi32((int32_t)(uint32_t)i));
    _mm512_storeu_si512(index + count, _mm512_maskz_compress_epi32(edges, at));
    return count + (size_t)__builtin_popcount(edges);
}

/* Edges of whole blocks of 64 samples from *at on, each with the one before it in memory; *at goes behind them.
 * There are at most as many edges as samples so far: whole vectors fit behind the count. */
static inline size_t blocks64(const int32_t *x, size_t n, uint32_t threshold, size_t *at, uint32_t *index,
                              size_t count) {
    __m512i least = _mm512_set1_epi32((int32_t)threshold);
    dcl_band band = dcl_band_of(x[*at - 1], x[*at - 1], threshold); /* holds the sample before, or is empty */
    size_t left = 0, noisy = 0, i = *at; /* left: blocks in a row that left their band */
    for (; n - i >= 64; i += 64) {
        range64 range = {least, least};
        bool asked = noisy == 0;
        if (asked) {
            range = range_of(x + i);
            if (within(range, band)) { /* the common case */
                left = 0;
                continue;
            }
            if (++left > DCL_BLOCKS_LEFT) noisy = DCL_BLOCKS_NOISY;
        } else {
            noisy--;
        }
        band = dcl_band_of(x[i + 63], x[i + 63], threshold);
        if (may_have_edges64(x + i, least)) {
            for (size_t v = i; v < i + 64; v += 16) {
                __mmask16 edges = edges16(_mm512_loadu_si512(x + v), _mm512_loadu_si512(x + v - 1), least);
                count = put16(index, count, v, edges);
            }
        } else if (asked) {
            dcl_band whole = band_around(range, threshold);
            if (whole.low <= whole.high) band = whole;
        }
    }
    *at = i;
    return count;
}

static size_t dcl_edge_i32_avx512(const int32_t *x, size_t n, int32_t previous, uint32_t threshold,
                                  uint32_t *index) {
    assert(n <= UINT32_MAX);
    if (threshold == 0) threshold = 1;
    __m512i least = _mm512_set1_epi32((int32_t)threshold);
    size_t count = 0, i = 0;
    if (n == 0) return 0;
    if (n > 16) {
        /* The first few have no memory before them: shift `previous` in. They end where a cache line begins.
         */
        i = 16 - (uintptr_t)x % 64 / 4;
        __m512i now = _mm512_loadu_si512(x);
        __m512i before = _mm512_alignr_epi32(now, _mm512_set1_epi32(previous), 15);
        count = put16(index, 0, 0, (__mmask16)(edges16(now, before, least) & first16(i)));
        count = blocks64(x, n, threshold, &i, index, count);
    }
    for (; i < n; i += 16) {
        __mmask16 in = first16(n - i);
        __m512i now = _mm512_maskz_loadu_epi32(in, x + i);
        __m512i before = i ? _mm512_maskz_loadu_epi32(in, x + i - 1)
                           : _mm512_alignr_epi32(now, _mm512_set1_epi32(previous), 15);
        uint32_t edges = (uint32_t)(edges16(now, before, least) & in);
        for (; edges; edges &= edges - 1) index[count++] = (uint32_t)i + (uint32_t)__builtin_ctz(edges);
    }
    return count;
}

/* Conversion gives the missing code for NaN and for all that does not fit; the latter is put right. */
static inline __m512i quantize16(__m512 x, __m512 scale) {
    __m512 value = _mm512_mul_ps(x, scale);
    __m512i out = _mm512_cvtps_epi32(value);
    __mmask16 high = _mm512_cmp_ps_mask(value, _mm512_set1_ps(0x1p31f), _CMP_GE_OQ);
    __mmask16 low = _mm512_cmp_ps_mask(value, _mm512_set1_ps(-0x1p31f), _CMP_LE_OQ);
    out = _mm512_mask_mov_epi32(out, high, _mm512_set1_epi32(INT32_MAX));
    return _mm512_mask_mov_epi32(out, low, _mm512_set1_epi32(-INT32_MAX));
}

static void dcl_quantize_i32_f32_avx512(const float *x, size_t n, float scale, int32_t *out) {
    __m512 factor = _mm512_set1_ps(scale);
    size_t i = 0;
    for (; n - i >= 16; i += 16) _mm512_storeu_si512(out + i, quantize16(_mm512_loadu_ps(x + i), factor));
    if (i == n) return;
    __mmask16 in = first16(n - i);
    _mm512_mask_storeu_epi32(out + i, in, quantize16(_mm512_maskz_loadu_ps(in, x + i), factor));
}

/* Adds 16 samples, the missing as 0, to eight sums; returns how many are missing. */
static inline size_t add_i32(__m512i *sum, __m512i x) {
    __mmask16 missing = _mm512_cmpeq_epi32_mask(x, _mm512_set1_epi32(DCL_MISSING_I32));
    __m512i value = _mm512_maskz_mov_epi32((__mmask16)~missing, x);
    /* The odd ones as the high halves of 64 bits, the even ones by shifting them there: no lane is crossed. */
    __m512i odd = _mm512_srai_epi64(value, 32);
    __m512i even = _mm512_srai_epi64(_mm512_slli_epi64(value, 32), 32);
    *sum = _mm512_add_epi64(*sum, _mm512_add_epi64(even, odd));
    return (size_t)__builtin_popcount(missing);
}

static int64_t dcl_sum_i32_avx512(const int32_t *x, size_t n, size_t *present) {
    assert(n <= UINT32_MAX);
    __m512i sum[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    size_t i = 0, missing = 0;
    for (; n - i >= 32; i += 32) {
        dcl_fetch_ahead(x + i);
        dcl_fetch_ahead(x + i + 16);
        missing += add_i32(&sum[0], _mm512_loadu_si512(x + i));
        missing += add_i32(&sum[1], _mm512_loadu_si512(x + i + 16));
    }
    for (; i < n; i += 16) missing += add_i32(&sum[0], _mm512_maskz_loadu_epi32(first16(n - i), x + i));
    *present = n - missing;
    return _mm512_reduce_add_epi64(_mm512_add_epi64(sum[0], sum[1]));
}

/* A window while it grows: lanes 0-7, 8-15. */
typedef struct sums {
    __m512d low, high;
    size_t present;
} sums;

/* Adds the present among the samples in `in`; returns which they are. */
static inline __mmask16 add16(sums *to, __m512 x, __mmask16 in) {
    __mmask16 present = _mm512_mask_cmp_ps_mask(in, x, x, _CMP_ORD_Q);
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
    __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
    to->low = _mm512_mask_add_pd(to->low, (__mmask8)present, to->low, low);
    to->high = _mm512_mask_add_pd(to->high, (__mmask8)(present >> 8), to->high, high);
    to->present += (size_t)__builtin_popcount(present);
    return present;
}

static inline double join(const sums *of) {
    __m512d eight = _mm512_add_pd(of->low, of->high);
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* The window of n >= 1 samples. */
static inline dcl_window_stats window(const float *x, size_t n) {
    sums all = {_mm512_setzero_pd(), _mm512_setzero_pd(), 0};
    __m512 min = _mm512_set1_ps(INFINITY), max = _mm512_set1_ps(-INFINITY);
    for (size_t i = 0; i < n; i += 16) {
        dcl_fetch_ahead(x + i);
        __mmask16 in = first16(n - i);
        __m512 v = _mm512_maskz_loadu_ps(in, x + i);
        __mmask16 present = add16(&all, v, in);
        min = _mm512_mask_min_ps(min, present, v, min);
        max = _mm512_mask_max_ps(max, present, v, max);
    }
    return dcl_window_of(join(&all), _mm512_reduce_min_ps(min), _mm512_reduce_max_ps(max), all.present, n);
}

static void dcl_window_f32_avx512(const float *x, size_t n, size_t width, dcl_window_stats *out) {
    assert(width >= 1 && width <= UINT32_MAX);
    for (size_t from = 0; from < n; from += width)
        *out++ = window(x + from, n - from < width ? n - from : width);
}

static void slots_avx512(const float *x, size_t n, const dcl_bins *bins, uint32_t *slot) {
    __m512 lo = _mm512_set1_ps(bins->lo), per_unit = _mm512_set1_ps(1.0f / bins->width);
    __m512 count = _mm512_set1_ps((float)bins->count);
    int32_t first = (int32_t)bins->count;
    for (size_t i = 0; i < n; i += 16) {
        dcl_fetch_ahead(x + i);
        __m512 v = _mm512_maskz_loadu_ps(first16(n - i), x + i);
        __m512 t = _mm512_mul_ps(_mm512_sub_ps(v, lo), per_unit);
        __m512i at = _mm512_cvttps_epi32(t);
        __mmask16 below = _mm512_cmp_ps_mask(t, _mm512_setzero_ps(), _CMP_LT_OQ);
        __mmask16 above = _mm512_cmp_ps_mask(t, count, _CMP_GE_OQ);
        __mmask16 missing = _mm512_cmp_ps_mask(t, t, _CMP_UNORD_Q);
        at = _mm512_mask_mov_epi32(at, below, _mm512_set1_epi32(first + DCL_HISTOGRAM_BELOW));
        at = _mm512_mask_mov_epi32(at, above, _mm512_set1_epi32(first + DCL_HISTOGRAM_ABOVE));
        at = _mm512_mask_mov_epi32(at, missing, _mm512_set1_epi32(first + DCL_HISTOGRAM_MISSING));
        _mm512_storeu_si512(slot + i, at); /* slot has room for a multiple of 16 */
    }
}

static void dcl_histogram_f32_avx512(const float *x, size_t n, const dcl_bins *bins, uint32_t *counts) {
    dcl_histogram_by_slots(slots_avx512, x, n, bins, counts);
}

static inline float mean(const float *x, size_t n, size_t min_present) {
    sums all = {_mm512_setzero_pd(), _mm512_setzero_pd(), 0};
    for (size_t i = 0; i < n; i += 16) {
        dcl_fetch_ahead(x + i);
        __mmask16 in = first16(n - i);
        add16(&all, _mm512_maskz_loadu_ps(in, x + i), in);
    }
    return dcl_mean_of(join(&all), all.present, min_present);
}

static void dcl_resample_mean_f32_avx512(const float *x, size_t n, size_t factor, size_t min_present,
                                         float *out) {
    assert(factor >= 1 && factor <= UINT32_MAX);
    for (size_t from = 0; from < n; from += factor) {
        *out++ = mean(x + from, n - from < factor ? n - from : factor, min_present);
    }
}

void dcl_kernels_overlay_avx512(dcl_kernels *table) {
    table->edge_i32 = dcl_edge_i32_avx512;
    table->quantize_i32_f32 = dcl_quantize_i32_f32_avx512;
    table->sum_i32 = dcl_sum_i32_avx512;
    table->window_f32 = dcl_window_f32_avx512;
    table->histogram_f32 = dcl_histogram_f32_avx512;
    table->resample_mean_f32 = dcl_resample_mean_f32_avx512;
    table->nearest_f32 = dcl_nearest_f32_avx512;
    table->add_i64_f32 = dcl_add_i64_f32_avx512;
    table->trees_f32 = dcl_trees_f32_avx512;
    table->trees_row_f32 = dcl_trees_row_f32_avx512;
    dcl_kernels_overlay_rbf_avx512(table);
    dcl_kernels_overlay_home_avx512(table);
}
#else
void dcl_kernels_overlay_avx512(dcl_kernels *table) {
    (void)table;
}
#endif
