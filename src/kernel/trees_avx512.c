/*
 * AVX-512 form of trees_f32: 64 rows to a vector of codes, two vectors side by side.
 *
 * A fork is one average: its highest bit says right. The forks of a level are chosen among by the answers of the levels above,
 * one three-way logic each; so no load depends on an answer until the leaf.
 */
#include "kernel/trees.h"

#if defined(__x86_64__)
#include <assert.h>
#include <immintrin.h>
#include <string.h>

/* ---------------------------------------------------------------- codes */

/* Row 64 u + 16 g + i stands in byte 64 u + 4 i + g of its plane: the codes of 16 rows are 16 words of 32 bits. */
typedef struct columns {
    __m512i row[4]; /* where 64 rows begin, in floats; of those that are not there, the last one's */
} columns;

static columns columns_of(size_t rows, size_t stride) {
    uint32_t at[64];
    columns c;
    for (size_t r = 0; r < 64; r++) at[r] = (uint32_t)((r < rows ? r : rows - 1) * stride);
    for (size_t g = 0; g < 4; g++) c.row[g] = _mm512_loadu_si512(at + 16 * g);
    return c;
}

/* The heap's first 63 values in registers: k is below 16, then 16 … 31, then 32 … 63, and a permutation takes its low bits. */
typedef struct heap {
    __m512 first, fifth, sixth[2];
    const float *all;
} heap;

static inline __m512i search(const heap *h, uint32_t levels, __m512 x) {
    __m512i one = _mm512_set1_epi32(1), k = one;
    for (uint32_t l = 0; l < levels; l++) {
        __m512 cut = l < 4    ? _mm512_permutexvar_ps(k, h->first)
                     : l == 4 ? _mm512_permutexvar_ps(k, h->fifth)
                     : l == 5 ? _mm512_permutex2var_ps(h->sixth[0], k, h->sixth[1])
                              : _mm512_i32gather_ps(k, h->all, 4);
        __mmask16 right = _mm512_cmp_ps_mask(x, cut, _CMP_GE_OQ);
        k = _mm512_add_epi32(k, k);
        k = _mm512_mask_add_epi32(k, right, k, one);
    }
    return _mm512_sub_epi32(k, _mm512_set1_epi32(1 << levels));
}

/* The codes of 64 rows under a scale. */
static inline void encode_scale(const dcl_trees_scale *scale, const heap *h, const columns *c, const float *x,
                                uint8_t *code) {
    __m512i all = _mm512_setzero_si512(), missing = all;
    for (unsigned g = 0; g < 4; g++) {
        __m512 value = _mm512_i32gather_ps(c->row[g], x + scale->feature, 4);
        __m512i shift = _mm512_set1_epi32(8 * (int)g);
        __mmask16 none = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
        all = _mm512_or_si512(all, _mm512_sllv_epi32(search(h, scale->levels, value), shift));
        missing =
            _mm512_mask_or_epi32(missing, none, missing, _mm512_sllv_epi32(_mm512_set1_epi32(255), shift));
    }
    if (scale->plane[0] != DCL_TREES_NO_PLANE) _mm512_storeu_si512(code + scale->plane[0], all);
    if (scale->plane[1] != DCL_TREES_NO_PLANE)
        _mm512_storeu_si512(code + scale->plane[1], _mm512_or_si512(all, missing));
}

static void encode(const dcl_trees *trees, const float *x, size_t n, size_t stride, uint8_t *code) {
    columns low = columns_of(n, stride), high = n > 64 ? columns_of(n - 64, stride) : low;
    for (size_t s = 0; s < trees->n_scales; s++) {
        const float *from = trees->heap + s * DCL_TREES_HEAP;
        heap h = {_mm512_loadu_ps(from),
                  _mm512_loadu_ps(from + 16),
                  {_mm512_loadu_ps(from + 32), _mm512_loadu_ps(from + 48)},
                  from};
        encode_scale(&trees->scale[s], &h, &low, x, code);
        if (n > 64) encode_scale(&trees->scale[s], &h, &high, x + 64 * stride, code + 64);
    }
}

/* ---------------------------------------------------------------- forks */

/* Answers of two times 64 rows; only the highest bit of a byte is one. */
typedef struct answer {
    __m512i low, high;
} answer;

static inline answer fork1(const dcl_trees_fork *fork, const uint8_t *code, const answer *way) {
    (void)way;
    __m512i mirror = _mm512_set1_epi32((int)fork->mirror);
    const uint8_t *at = code + fork->plane;
    return (answer){_mm512_avg_epu8(_mm512_loadu_si512(at), mirror),
                    _mm512_avg_epu8(_mm512_loadu_si512(at + 64), mirror)};
}

static inline answer choose(answer way, answer left, answer right) {
    return (answer){_mm512_ternarylogic_epi64(way.low, left.low, right.low, 0xac),
                    _mm512_ternarylogic_epi64(way.high, left.high, right.high, 0xac)};
}

DCL_TREES_FORKS(answer)

/* ---------------------------------------------------------------- leaves */

/* The ways of 64 rows as bytes, the first answer in the highest bit. */
static inline __m512i path_of(const __m512i *way, unsigned depth) {
    const __m512i top = _mm512_set1_epi8(-128);
    __m512i path = _mm512_and_si512(way[depth - 1], top);
    for (unsigned d = depth - 1; d-- > 0;)
        path = _mm512_ternarylogic_epi64(_mm512_srli_epi16(path, 1), way[d], top, 0xf8);
    return path;
}

/* Leaves that fill fewer places than an index has bits for are repeated, so that the bits above do not matter. */
static inline void add_leaves(const float *leaf, unsigned depth, __m512i path, float *sum) {
    for (unsigned g = 0; g < 4; g++) {
        __m512i at = _mm512_srlv_epi32(path, _mm512_set1_epi32((int)(8 * g + 8 - depth)));
        __m512 of;
        if (depth <= 4) {
            of = _mm512_permutexvar_ps(at, _mm512_loadu_ps(leaf));
        } else if (depth == 5) {
            of = _mm512_permutex2var_ps(_mm512_loadu_ps(leaf), at, _mm512_loadu_ps(leaf + 16));
        } else if (depth == 6) {
            of = _mm512_permutex2var_ps(_mm512_loadu_ps(leaf), at, _mm512_loadu_ps(leaf + 16));
            __m512 right = _mm512_permutex2var_ps(_mm512_loadu_ps(leaf + 32), at, _mm512_loadu_ps(leaf + 48));
            of = _mm512_mask_mov_ps(of, _mm512_test_epi32_mask(at, _mm512_set1_epi32(32)), right);
        } else {
            of = _mm512_i32gather_ps(_mm512_and_si512(at, _mm512_set1_epi32((1 << depth) - 1)), leaf, 4);
        }
        _mm512_storeu_ps(sum + 16 * g, _mm512_add_ps(_mm512_loadu_ps(sum + 16 * g), of));
    }
}

/* A tree of a depth that is known when this is compiled, on up to 64 rows or on up to 128. */
static inline __attribute__((always_inline)) void grow(const dcl_trees_fork *fork, const float *leaf,
                                                       unsigned depth, bool both, const uint8_t *code,
                                                       float *sum) {
    answer way[8];
    __m512i low[8], high[8];
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
    if (both) add_leaves(leaf, depth, path_of(high, depth), sum + 64);
}

static inline __attribute__((always_inline)) void
add_tree(const dcl_trees *trees, const dcl_trees_shape *tree, bool both, const uint8_t *code, float *sum) {
    const dcl_trees_fork *fork = trees->fork + tree->fork;
    const float *leaf = trees->leaf + tree->leaf;
    switch (tree->depth) {
    case 1: grow(fork, leaf, 1, both, code, sum); break;
    case 2: grow(fork, leaf, 2, both, code, sum); break;
    case 3: grow(fork, leaf, 3, both, code, sum); break;
    case 4: grow(fork, leaf, 4, both, code, sum); break;
    case 5: grow(fork, leaf, 5, both, code, sum); break;
    case 6: grow(fork, leaf, 6, both, code, sum); break;
    case 7: grow(fork, leaf, 7, both, code, sum); break;
    default: grow(fork, leaf, 8, both, code, sum);
    }
}

void dcl_trees_f32_avx512(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out) {
    assert(stride < (1u << 24));
    uint8_t code[DCL_TREES_PLANES * DCL_TREES_ROWS];
    float sum[DCL_TREES_ROWS];
    for (size_t from = 0; from < n; from += DCL_TREES_ROWS) {
        size_t rows = n - from < DCL_TREES_ROWS ? n - from : DCL_TREES_ROWS;
        encode(trees, x + from * stride, rows, stride, code);
        for (size_t r = 0; r < DCL_TREES_ROWS; r++) sum[r] = trees->base;
        for (size_t t = 0; t < trees->n_trees; t++) {
            if (rows > 64)
                add_tree(trees, &trees->tree[t], true, code, sum);
            else
                add_tree(trees, &trees->tree[t], false, code, sum);
        }
        memcpy(out + from, sum, rows * sizeof *sum);
    }
}
#endif
