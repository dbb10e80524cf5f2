/* nearest_f32, AVX-512: tiles of six rows by up to 64 centroids stay in registers, so that the product is never written. */
#include "kernel/nearest.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { ROWS = 6, VECTORS = 4, WIDE = 16 };

/* The best and second best score of each lane so far, and the tile-vector the best came from. */
typedef struct lanes {
    __m512 score, second;
    __m512i from;
} lanes;

/* NaN compares false: it is never taken. */
static inline void take(lanes *row, __m512 score, int32_t from) {
    __mmask16 best = _mm512_cmp_ps_mask(score, row->score, _CMP_GT_OQ);
    __mmask16 second = _mm512_cmp_ps_mask(score, row->second, _CMP_GT_OQ);
    row->second = _mm512_mask_mov_ps(row->second, second, score);
    row->second = _mm512_mask_mov_ps(row->second, best, row->score);
    row->score = _mm512_mask_mov_ps(row->score, best, score);
    row->from = _mm512_mask_mov_epi32(row->from, best, _mm512_set1_epi32(from));
}

/* The scores of `rows` rows and `vectors` × 16 centroids; both are constants where this is inlined. */
static inline __attribute__((always_inline)) void tile(const float *x, const dcl_centroids *c, size_t first,
                                                       int rows, int vectors, lanes *best) {
    __m512 score[ROWS][VECTORS];
    const float *at = c->at + first;
    for (int v = 0; v < vectors; v++)
        for (int r = 0; r < rows; r++) score[r][v] = _mm512_loadu_ps(c->half + first + WIDE * v);
    for (size_t j = 0; j < c->dim; j++, at += c->room) {
        __m512 centroid[VECTORS];
        for (int v = 0; v < vectors; v++) centroid[v] = _mm512_loadu_ps(at + WIDE * v);
        for (int r = 0; r < rows; r++) {
            __m512 value = _mm512_set1_ps(x[(size_t)r * c->dim + j]);
            for (int v = 0; v < vectors; v++) score[r][v] = _mm512_fmadd_ps(value, centroid[v], score[r][v]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) take(&best[r], score[r][v], (int32_t)(first / WIDE) + v);
}

/* Of equal scores the lowest index: vectors are taken in order within a lane, lanes are compared by index. */
static inline dcl_nearest join(const lanes *row) {
    float score = _mm512_reduce_max_ps(row->score);
    if (score == -INFINITY) return (dcl_nearest){0, -INFINITY, -INFINITY};
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i index = _mm512_add_epi32(_mm512_slli_epi32(row->from, 4), lane);
    __mmask16 winners = _mm512_cmp_ps_mask(row->score, _mm512_set1_ps(score), _CMP_EQ_OQ);
    uint32_t best = _mm512_mask_reduce_min_epu32(winners, index);
    __m512 others = _mm512_mask_mov_ps(row->score, (__mmask16)(1u << best % WIDE), row->second);
    return (dcl_nearest){best, score + 0.0f, _mm512_reduce_max_ps(others) + 0.0f};
}

static inline __attribute__((always_inline)) void some_rows(const float *x, const dcl_centroids *c, int rows,
                                                            dcl_nearest *out) {
    lanes best[ROWS];
    for (int r = 0; r < rows; r++)
        best[r] = (lanes){_mm512_set1_ps(-INFINITY), _mm512_set1_ps(-INFINITY), _mm512_setzero_si512()};
    size_t first = 0;
    for (; c->room - first >= WIDE * VECTORS; first += WIDE * VECTORS) tile(x, c, first, rows, VECTORS, best);
    for (; first < c->room; first += WIDE) tile(x, c, first, rows, 1, best);
    for (int r = 0; r < rows; r++) out[r] = join(&best[r]);
}

void dcl_nearest_f32_avx512(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out) {
    size_t row = 0;
    for (; n - row >= ROWS; row += ROWS) some_rows(x + row * centroids->dim, centroids, ROWS, out + row);
    for (; row < n; row++) some_rows(x + row * centroids->dim, centroids, 1, out + row);
}

void dcl_add_i64_f32_avx512(const float *x, size_t n, float scale, int64_t *sum) {
    dcl_add_rounded(x, n, scale, sum);
}
#endif
