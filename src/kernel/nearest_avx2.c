/* nearest_f32, AVX2 with FMA: tiles of six rows by 16 centroids. */
#include "kernel/nearest.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { ROWS = 6, WIDE = 8 };

/* As in the AVX-512 form, eight lanes. */
typedef struct lanes {
    __m256 score, second;
    __m256i from;
} lanes;

static inline void take(lanes *row, __m256 score, int32_t from) {
    __m256 best = _mm256_cmp_ps(score, row->score, _CMP_GT_OQ);
    __m256 second = _mm256_cmp_ps(score, row->second, _CMP_GT_OQ);
    row->second = _mm256_blendv_ps(row->second, score, second);
    row->second = _mm256_blendv_ps(row->second, row->score, best);
    row->score = _mm256_blendv_ps(row->score, score, best);
    row->from = _mm256_blendv_epi8(row->from, _mm256_set1_epi32(from), _mm256_castps_si256(best));
}

static inline __attribute__((always_inline)) void tile(const float *x, const dcl_centroids *c, size_t first,
                                                       int rows, lanes *best) {
    __m256 low[ROWS], high[ROWS];
    const float *at = c->at + first;
    for (int r = 0; r < rows; r++) {
        low[r] = _mm256_loadu_ps(c->half + first);
        high[r] = _mm256_loadu_ps(c->half + first + WIDE);
    }
    for (size_t j = 0; j < c->dim; j++, at += c->room) {
        __m256 a = _mm256_loadu_ps(at), b = _mm256_loadu_ps(at + WIDE);
        for (int r = 0; r < rows; r++) {
            __m256 value = _mm256_set1_ps(x[(size_t)r * c->dim + j]);
            low[r] = _mm256_fmadd_ps(value, a, low[r]);
            high[r] = _mm256_fmadd_ps(value, b, high[r]);
        }
    }
    for (int r = 0; r < rows; r++) {
        take(&best[r], low[r], (int32_t)(first / WIDE));
        take(&best[r], high[r], (int32_t)(first / WIDE) + 1);
    }
}

static inline dcl_nearest join(const lanes *row) {
    float score[WIDE], second[WIDE];
    uint32_t from[WIDE];
    _mm256_storeu_ps(score, row->score);
    _mm256_storeu_ps(second, row->second);
    _mm256_storeu_si256((__m256i *)from, row->from);
    dcl_nearest out = {0, -INFINITY, -INFINITY};
    for (uint32_t lane = 0; lane < WIDE; lane++) {
        uint32_t index = from[lane] * WIDE + lane;
        bool best = score[lane] > out.score || (score[lane] == out.score && index < out.index);
        if (best && score[lane] > -INFINITY) {
            out.second = fmaxf(out.score, second[lane]);
            out.score = score[lane];
            out.index = index;
        } else if (score[lane] > out.second) {
            out.second = score[lane];
        }
    }
    out.score += 0.0f;
    out.second += 0.0f;
    return out;
}

static inline __attribute__((always_inline)) void some_rows(const float *x, const dcl_centroids *c, int rows,
                                                            dcl_nearest *out) {
    lanes best[ROWS];
    for (int r = 0; r < rows; r++)
        best[r] = (lanes){_mm256_set1_ps(-INFINITY), _mm256_set1_ps(-INFINITY), _mm256_setzero_si256()};
    for (size_t first = 0; first < c->room; first += (size_t)2 * WIDE) tile(x, c, first, rows, best);
    for (int r = 0; r < rows; r++) out[r] = join(&best[r]);
}

void dcl_nearest_f32_avx2(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out) {
    size_t row = 0;
    for (; n - row >= ROWS; row += ROWS) some_rows(x + row * centroids->dim, centroids, ROWS, out + row);
    for (; row < n; row++) some_rows(x + row * centroids->dim, centroids, 1, out + row);
}

void dcl_add_i64_f32_avx2(const float *x, size_t n, float scale, int64_t *sum) {
    dcl_add_rounded(x, n, scale, sum);
}
#endif
