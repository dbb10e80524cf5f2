/*
 * AVX2 form of trees_f32: 32 rows to a vector of codes, two vectors side by side. As the AVX-512 form, but that a choice is a
 * blend and leaves are gathered.
 */
#include "kernel/trees.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>
#include <string.h>

/* ---------------------------------------------------------------- codes */

/* Row 32 u + 8 g + i of a block stands in byte 32 u + 4 i + g of its plane. */
static inline __m256i search(const float *heap, uint32_t levels, __m256 x) {
    __m256i k = _mm256_set1_epi32(1);
    __m256 first = _mm256_loadu_ps(heap); /* k is below 8 three times */
    for (uint32_t l = 0; l < levels; l++) {
        __m256 cut = l < 3 ? _mm256_permutevar8x32_ps(first, k) : _mm256_i32gather_ps(heap, k, 4);
        __m256i right = _mm256_castps_si256(_mm256_cmp_ps(x, cut, _CMP_GE_OQ)); /* -1 */
        k = _mm256_sub_epi32(_mm256_add_epi32(k, k), right);
    }
    return _mm256_sub_epi32(k, _mm256_set1_epi32(1 << levels));
}

/* The codes of 32 rows under a scale; at: where the rows begin, in floats. */
static inline void encode_scale(const dcl_trees_scale *scale, const float *heap, const uint32_t *at,
                                const float *x, uint8_t *code) {
    __m256i all = _mm256_setzero_si256(), missing = all;
    for (int g = 0; g < 4; g++) {
        __m256i row = _mm256_loadu_si256((const __m256i *)(at + 8 * g));
        __m256 value = _mm256_i32gather_ps(x + scale->feature, row, 4);
        __m256i none = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
        __m256i byte = _mm256_set1_epi32((int)(255u << 8 * g)), shift = _mm256_set1_epi32(8 * g);
        all = _mm256_or_si256(all, _mm256_sllv_epi32(search(heap, scale->levels, value), shift));
        missing = _mm256_or_si256(missing, _mm256_and_si256(none, byte));
    }
    if (scale->plane[0] != DCL_TREES_NO_PLANE) _mm256_storeu_si256((__m256i *)(code + scale->plane[0]), all);
    if (scale->plane[1] != DCL_TREES_NO_PLANE)
        _mm256_storeu_si256((__m256i *)(code + scale->plane[1]), _mm256_or_si256(all, missing));
}

static void encode(const dcl_trees *trees, const float *x, size_t n, size_t stride, uint8_t *code) {
    uint32_t at[DCL_TREES_ROWS];
    size_t units = (n + 63) / 64 * 2; /* rows that are not there are the last one once more */
    for (size_t r = 0; r < 32 * units; r++) at[r] = (uint32_t)((r < n ? r : n - 1) * stride);
    for (size_t s = 0; s < trees->n_scales; s++)
        for (size_t u = 0; u < units; u++)
            encode_scale(&trees->scale[s], trees->heap + s * DCL_TREES_HEAP, at + 32 * u, x, code + 32 * u);
}

/* ---------------------------------------------------------------- forks */

/* Answers of two times 32 rows; only the highest bit of a byte is one. */
typedef struct answer {
    __m256i low, high;
} answer;

static inline answer fork1(const dcl_trees_fork *fork, const uint8_t *code, const answer *way) {
    (void)way;
    __m256i mirror = _mm256_set1_epi32((int)fork->mirror);
    const __m256i *at = (const __m256i *)(code + fork->plane);
    return (answer){_mm256_avg_epu8(_mm256_loadu_si256(at), mirror),
                    _mm256_avg_epu8(_mm256_loadu_si256(at + 1), mirror)};
}

static inline answer choose(answer way, answer left, answer right) {
    return (answer){_mm256_blendv_epi8(left.low, right.low, way.low),
                    _mm256_blendv_epi8(left.high, right.high, way.high)};
}

DCL_TREES_FORKS(answer)

/* ---------------------------------------------------------------- leaves */

static inline __m256i path_of(const __m256i *way, unsigned depth) {
    const __m256i top = _mm256_set1_epi8(-128);
    __m256i path = _mm256_and_si256(way[depth - 1], top);
    for (unsigned d = depth - 1; d-- > 0;)
        path = _mm256_or_si256(_mm256_srli_epi16(path, 1), _mm256_and_si256(way[d], top));
    return path;
}

static inline void add_leaves(const float *leaf, unsigned depth, __m256i path, float *sum) {
    const __m256i bits = _mm256_set1_epi32((1 << depth) - 1);
    for (unsigned g = 0; g < 4; g++) {
        __m256i at = _mm256_srlv_epi32(path, _mm256_set1_epi32((int)(8 * g + 8 - depth)));
        __m256 of = _mm256_i32gather_ps(leaf, _mm256_and_si256(at, bits), 4);
        _mm256_storeu_ps(sum + 8 * g, _mm256_add_ps(_mm256_loadu_ps(sum + 8 * g), of));
    }
}

/* A tree of a depth that is known when this is compiled, on 64 rows. */
static inline __attribute__((always_inline)) void grow(const dcl_trees_fork *fork, const float *leaf,
                                                       unsigned depth, const uint8_t *code, float *sum) {
    answer way[8];
    __m256i low[8], high[8];
    way[0] = fork1(fork, code, way);
    if (depth > 1) way[1] = fork2(fork + 1, code, way);
    if (depth > 2) way[2] = fork4(fork + 3, code, way);
    if (depth > 3) way[3] = fork8(fork + 7, code, way);
    if (depth > 4) way[4] = fork16(fork + 15, code, way);
    if (depth > 5) way[5] = fork32(fork + 31, code, way);
    if (depth > 6) way[6] = fork64(fork + 63, code, way);
    if (depth > 7) way[7] = fork128(fork + 127, code, way);
    for (unsigned d = 0; d < depth; d++) low[d] = way[d].low, high[d] = way[d].high;
    add_leaves(leaf, depth, path_of(low, depth), sum);
    add_leaves(leaf, depth, path_of(high, depth), sum + 32);
}

static void add_tree(const dcl_trees *trees, const dcl_trees_shape *tree, const uint8_t *code, float *sum) {
    const dcl_trees_fork *fork = trees->fork + tree->fork;
    const float *leaf = trees->leaf + tree->leaf;
    switch (tree->depth) {
    case 1: grow(fork, leaf, 1, code, sum); break;
    case 2: grow(fork, leaf, 2, code, sum); break;
    case 3: grow(fork, leaf, 3, code, sum); break;
    case 4: grow(fork, leaf, 4, code, sum); break;
    case 5: grow(fork, leaf, 5, code, sum); break;
    case 6: grow(fork, leaf, 6, code, sum); break;
    case 7: grow(fork, leaf, 7, code, sum); break;
    default: grow(fork, leaf, 8, code, sum);
    }
}

void dcl_trees_f32_avx2(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out) {
    assert(stride < (1u << 24));
    uint8_t code[DCL_TREES_PLANES * DCL_TREES_ROWS];
    float sum[DCL_TREES_ROWS];
    for (size_t from = 0; from < n; from += DCL_TREES_ROWS) {
        size_t rows = n - from < DCL_TREES_ROWS ? n - from : DCL_TREES_ROWS;
        encode(trees, x + from * stride, rows, stride, code);
        for (size_t r = 0; r < DCL_TREES_ROWS; r++) sum[r] = trees->base;
        for (size_t t = 0; t < trees->n_trees; t++)
            for (size_t u = 0; u < rows; u += 64) add_tree(trees, &trees->tree[t], code + u, sum + u);
        memcpy(out + from, sum, rows * sizeof *sum);
    }
}
#endif
