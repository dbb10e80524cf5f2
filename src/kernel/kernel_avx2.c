/* AVX2 forms: 8 samples a vector. Sixteen float64 lanes are four vectors of four. */
#include "kernel/home.h"
#include "kernel/nearest.h"
#include "kernel/rbf.h"
#include "kernel/trees.h"
#include "kernel/words.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>

/* |sample - the one before|, exact as unsigned, and the lower of the two. */
static inline __m256i size8(const int32_t *x, __m256i *low) {
    __m256i now = _mm256_loadu_si256((const __m256i *)(const void *)x);
    __m256i before = _mm256_loadu_si256((const __m256i *)(const void *)(x - 1));
    *low = _mm256_min_epi32(now, before);
    return _mm256_sub_epi32(_mm256_max_epi32(now, before), *low);
}

/* A bit for each of 8 samples: 1 where it is an edge. The missing code is the least integer: low shows
 * either. */
static inline uint32_t edges8(const int32_t *x, __m256i threshold) {
    __m256i low, size = size8(x, &low);
    __m256i wide = _mm256_cmpeq_epi32(_mm256_max_epu32(size, threshold), size);
    __m256i missing = _mm256_cmpeq_epi32(low, _mm256_set1_epi32(DCL_MISSING_I32));
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_andnot_si256(missing, wide)));
}

/* Least and most of 32 samples, a place each. */
typedef struct range32 {
    __m256i min, max;
} range32;

static inline range32 range_of(const int32_t *x) {
    __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)x);
    range32 of = {first, first};
    dcl_fetch_ahead(x);
    dcl_fetch_ahead(x + 16);
    for (size_t v = 8; v < 32; v += 8) {
        __m256i now = _mm256_loadu_si256((const __m256i *)(const void *)(x + v));
        of.min = _mm256_min_epi32(of.min, now);
        of.max = _mm256_max_epi32(of.max, now);
    }
    return of;
}

static inline bool within(range32 of, dcl_band band) {
    __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(band.low), of.min);
    __m256i above = _mm256_cmpgt_epi32(of.max, _mm256_set1_epi32(band.high));
    __m256i outside = _mm256_or_si256(below, above);
    return _mm256_testz_si256(outside, outside);
}

/* The band of the block; empty where its samples are too far apart. */
static inline dcl_band band_around(range32 of, uint32_t threshold) {
    int32_t min[8], max[8];
    _mm256_storeu_si256((__m256i *)(void *)min, of.min);
    _mm256_storeu_si256((__m256i *)(void *)max, of.max);
    for (size_t place = 1; place < 8; place++) {
        if (min[place] < min[0]) min[0] = min[place];
        if (max[place] > max[0]) max[0] = max[place];
    }
    return dcl_band_of(min[0], max[0], threshold);
}

/* False where no size among 32 samples reaches the threshold. */
static inline bool may_have_edges32(const int32_t *x, __m256i threshold) {
    __m256i low, most = _mm256_setzero_si256();
    dcl_fetch_ahead(x);
    dcl_fetch_ahead(x + 16);
    for (size_t v = 0; v < 32; v += 8) most = _mm256_max_epu32(most, size8(x + v, &low));
    __m256i wide = _mm256_cmpeq_epi32(_mm256_max_epu32(most, threshold), most);
    return !_mm256_testz_si256(wide, wide);
}

static bool is_edge(int32_t sample, int32_t previous, uint32_t threshold) {
    if (sample == DCL_MISSING_I32 || previous == DCL_MISSING_I32) return false;
    uint32_t size =
        sample > previous ? (uint32_t)sample - (uint32_t)previous : (uint32_t)previous - (uint32_t)sample;
    return size >= threshold;
}

/* Edges of whole blocks of 32 samples from *at on, each with the one before it in memory; *at goes behind them. */
static inline size_t blocks32(const int32_t *x, size_t n, uint32_t threshold, size_t *at, uint32_t *index,
                              size_t count) {
    __m256i least = _mm256_set1_epi32((int32_t)threshold);
    dcl_band band = dcl_band_of(x[*at - 1], x[*at - 1], threshold); /* holds the sample before, or is empty */
    size_t left = 0, noisy = 0, i = *at; /* left: blocks in a row that left their band */
    for (; n - i >= 32; i += 32) {
        range32 range = {least, least};
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
        band = dcl_band_of(x[i + 31], x[i + 31], threshold);
        if (may_have_edges32(x + i, least)) {
            uint32_t edges = edges8(x + i, least) | edges8(x + i + 8, least) << 8 |
                             edges8(x + i + 16, least) << 16 | edges8(x + i + 24, least) << 24;
            for (; edges; edges &= edges - 1) index[count++] = (uint32_t)i + (uint32_t)__builtin_ctz(edges);
        } else if (asked) {
            dcl_band whole = band_around(range, threshold);
            if (whole.low <= whole.high) band = whole;
        }
    }
    *at = i;
    return count;
}

static size_t dcl_edge_i32_avx2(const int32_t *x, size_t n, int32_t previous, uint32_t threshold,
                                uint32_t *index) {
    assert(n <= UINT32_MAX);
    if (threshold == 0) threshold = 1;
    if (n == 0) return 0;
    size_t count = 0, i = 1;
    if (is_edge(x[0], previous, threshold)) index[count++] = 0;
    count = blocks32(x, n, threshold, &i, index, count);
    for (; i < n; i++) {
        if (is_edge(x[i], x[i - 1], threshold)) index[count++] = (uint32_t)i;
    }
    return count;
}

/* All ones in the first n of 8 places (n beyond 8 is 8). */
static inline __m256i first8(size_t n) {
    __m256i place = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n < 8 ? (int)n : 8), place);
}

/* Conversion gives the missing code for NaN and for all that does not fit; the latter is put right. */
static inline __m256i quantize8(__m256 x, __m256 scale) {
    __m256 value = _mm256_mul_ps(x, scale);
    __m256i out = _mm256_cvtps_epi32(value);
    __m256 high = _mm256_cmp_ps(value, _mm256_set1_ps(0x1p31f), _CMP_GE_OQ);
    __m256 low = _mm256_cmp_ps(value, _mm256_set1_ps(-0x1p31f), _CMP_LE_OQ);
    out = _mm256_xor_si256(out, _mm256_castps_si256(high)); /* INT32_MIN -> INT32_MAX */
    return _mm256_sub_epi32(out, _mm256_castps_si256(low)); /* INT32_MIN -> -INT32_MAX */
}

static void dcl_quantize_i32_f32_avx2(const float *x, size_t n, float scale, int32_t *out) {
    __m256 factor = _mm256_set1_ps(scale);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm256_storeu_si256((__m256i *)(void *)(out + i), quantize8(_mm256_loadu_ps(x + i), factor));
    }
    if (i == n) return;
    __m256i rest = first8(n - i);
    _mm256_maskstore_epi32(out + i, rest, quantize8(_mm256_maskload_ps(x + i, rest), factor));
}

/* Adds 8 samples, the missing as 0, to four sums; returns how many are missing. */
static inline int add_i32(__m256i *sum, __m256i x) {
    __m256i missing = _mm256_cmpeq_epi32(x, _mm256_set1_epi32(DCL_MISSING_I32));
    __m256i value = _mm256_andnot_si256(missing, x);
    __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(value));
    __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(value, 1));
    *sum = _mm256_add_epi64(*sum, _mm256_add_epi64(low, high));
    return __builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(missing)));
}

static int64_t dcl_sum_i32_avx2(const int32_t *x, size_t n, size_t *present) {
    assert(n <= UINT32_MAX);
    __m256i sum = _mm256_setzero_si256();
    size_t i = 0, missing = 0;
    for (; i + 8 <= n; i += 8) {
        dcl_fetch_ahead(x + i);
        missing += (size_t)add_i32(&sum, _mm256_loadu_si256((const __m256i *)(const void *)(x + i)));
    }
    if (i < n) missing += (size_t)add_i32(&sum, _mm256_maskload_epi32(x + i, first8(n - i)));
    *present = n - missing;
    int64_t lane[4];
    _mm256_storeu_si256((__m256i *)(void *)lane, sum);
    return lane[0] + lane[1] + lane[2] + lane[3];
}

/* A window while it grows: lanes 0-3, 4-7, 8-11, 12-15. */
typedef struct sums {
    __m256d lane[4];
    size_t present;
} sums;

/* Adds 8 samples to lanes 0-7 (half 0) or 8-15 (half 1). A missing one adds +0, which leaves a sum as it is.
 */
static inline void add8(sums *to, int half, __m256 x) {
    __m256 present = _mm256_cmp_ps(x, x, _CMP_ORD_Q);
    __m256 value = _mm256_and_ps(x, present);
    __m256d *lane = to->lane + 2 * half;
    lane[0] = _mm256_add_pd(lane[0], _mm256_cvtps_pd(_mm256_castps256_ps128(value)));
    lane[1] = _mm256_add_pd(lane[1], _mm256_cvtps_pd(_mm256_extractf128_ps(value, 1)));
    to->present += (size_t)__builtin_popcount((unsigned)_mm256_movemask_ps(present));
}

static inline double join(const sums *of) {
    __m256d four =
        _mm256_add_pd(_mm256_add_pd(of->lane[0], of->lane[2]), _mm256_add_pd(of->lane[1], of->lane[3]));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* The first n of 8 samples, the others missing. Memory behind them is not touched. */
static inline __m256 load8(const float *x, size_t n) {
    if (n >= 8) return _mm256_loadu_ps(x);
    __m256i have = first8(n);
    __m256i none = _mm256_xor_si256(have, _mm256_set1_epi32(-1)); /* all ones is a NaN */
    return _mm256_or_ps(_mm256_maskload_ps(x, have), _mm256_castsi256_ps(none));
}

static inline float least8(__m256 x) {
    __m128 m = _mm_min_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    m = _mm_min_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_min_ss(m, _mm_movehdup_ps(m)));
}

static inline float most8(__m256 x) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

/* The window of n >= 1 samples. min(x, m) is m where x is NaN: the order of the two matters. */
static inline dcl_window_stats window(const float *x, size_t n) {
    sums all = {{_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()}, 0};
    __m256 min = _mm256_set1_ps(INFINITY), max = _mm256_set1_ps(-INFINITY);
    for (size_t i = 0; i < n; i += 16) {
        dcl_fetch_ahead(x + i);
        __m256 a = load8(x + i, n - i);
        add8(&all, 0, a);
        min = _mm256_min_ps(a, min);
        max = _mm256_max_ps(a, max);
        if (n - i <= 8) break;
        __m256 b = load8(x + i + 8, n - i - 8);
        add8(&all, 1, b);
        min = _mm256_min_ps(b, min);
        max = _mm256_max_ps(b, max);
    }
    return dcl_window_of(join(&all), least8(min), most8(max), all.present, n);
}

static void dcl_window_f32_avx2(const float *x, size_t n, size_t width, dcl_window_stats *out) {
    assert(width >= 1 && width <= UINT32_MAX);
    for (size_t from = 0; from < n; from += width)
        *out++ = window(x + from, n - from < width ? n - from : width);
}

static void slots_avx2(const float *x, size_t n, const dcl_bins *bins, uint32_t *slot) {
    __m256 lo = _mm256_set1_ps(bins->lo), per_unit = _mm256_set1_ps(1.0f / bins->width);
    __m256 count = _mm256_set1_ps((float)bins->count);
    __m256i first = _mm256_set1_epi32((int)bins->count);
    __m256i below = _mm256_add_epi32(first, _mm256_set1_epi32(DCL_HISTOGRAM_BELOW));
    __m256i above = _mm256_add_epi32(first, _mm256_set1_epi32(DCL_HISTOGRAM_ABOVE));
    __m256i missing = _mm256_add_epi32(first, _mm256_set1_epi32(DCL_HISTOGRAM_MISSING));
    for (size_t i = 0; i < n; i += 8) {
        dcl_fetch_ahead(x + i);
        __m256 t = _mm256_mul_ps(_mm256_sub_ps(load8(x + i, n - i), lo), per_unit);
        __m256i at = _mm256_cvttps_epi32(t);
        __m256 is_below = _mm256_cmp_ps(t, _mm256_setzero_ps(), _CMP_LT_OQ);
        __m256 is_above = _mm256_cmp_ps(t, count, _CMP_GE_OQ);
        at = _mm256_blendv_epi8(at, below, _mm256_castps_si256(is_below));
        at = _mm256_blendv_epi8(at, above, _mm256_castps_si256(is_above));
        at = _mm256_blendv_epi8(at, missing, _mm256_castps_si256(_mm256_cmp_ps(t, t, _CMP_UNORD_Q)));
        _mm256_storeu_si256((__m256i *)(void *)(slot + i), at); /* slot has room for a multiple of 8 */
    }
}

static void dcl_histogram_f32_avx2(const float *x, size_t n, const dcl_bins *bins, uint32_t *counts) {
    dcl_histogram_by_slots(slots_avx2, x, n, bins, counts);
}

static inline float mean(const float *x, size_t n, size_t min_present) {
    sums all = {{_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()}, 0};
    for (size_t i = 0; i < n; i += 16) {
        dcl_fetch_ahead(x + i);
        add8(&all, 0, load8(x + i, n - i));
        if (n - i > 8) add8(&all, 1, load8(x + i + 8, n - i - 8));
    }
    return dcl_mean_of(join(&all), all.present, min_present);
}

static void dcl_resample_mean_f32_avx2(const float *x, size_t n, size_t factor, size_t min_present,
                                       float *out) {
    assert(factor >= 1 && factor <= UINT32_MAX);
    for (size_t from = 0; from < n; from += factor) {
        *out++ = mean(x + from, n - from < factor ? n - from : factor, min_present);
    }
}

void dcl_kernels_overlay_avx2(dcl_kernels *table) {
    table->edge_i32 = dcl_edge_i32_avx2;
    table->quantize_i32_f32 = dcl_quantize_i32_f32_avx2;
    table->sum_i32 = dcl_sum_i32_avx2;
    table->window_f32 = dcl_window_f32_avx2;
    table->histogram_f32 = dcl_histogram_f32_avx2;
    table->resample_mean_f32 = dcl_resample_mean_f32_avx2;
    table->rows_i32 = dcl_rows_i32_avx2;
    table->nearest_f32 = dcl_nearest_f32_avx2;
    table->add_i64_f32 = dcl_add_i64_f32_avx2;
    table->trees_f32 = dcl_trees_f32_avx2;
    dcl_kernels_overlay_rbf_avx2(table);
    dcl_kernels_overlay_home_avx2(table);
    dcl_kernels_overlay_words_avx2(table);
}
#else
void dcl_kernels_overlay_avx2(dcl_kernels *table) {
    (void)table;
}
#endif
