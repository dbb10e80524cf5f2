/*
 * AVX-512 form of trees_row_f32: a group of 16 trees to a vector. The forks of a level, up to eight, are chosen among by the
 * answers of the levels above, those of lower levels are gathered; then their values are taken from the row, of up to 32
 * features by permuting registers, and compared at once.
 */
#include "kernel/trees.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* Of n vectors of a level, the one to which each lane's way leads. */
static inline __m512 pick1(const float *at, const __mmask16 *way) {
    (void)way;
    return _mm512_loadu_ps(at);
}

#define PICK(n, half)                                                                                        \
    static inline __m512 pick##n(const float *at, const __mmask16 *way) {                                    \
        return _mm512_mask_mov_ps(pick##half(at, way + 1), *way, pick##half(at + 16 * (half), way + 1));     \
    }
PICK(2, 1)
PICK(4, 2)
PICK(8, 4)

/* Of the vectors of a level: at is the way as a number. */
static inline __attribute__((always_inline)) __m512 pick(const float *from, unsigned level,
                                                         const __mmask16 *way, __m512i at) {
    switch (level) {
    case 0: return pick1(from, way);
    case 1: return pick2(from, way);
    case 2: return pick4(from, way);
    case 3: return pick8(from, way);
    default: {
        const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return _mm512_i32gather_ps(_mm512_or_si512(_mm512_slli_epi32(at, 4), lane), from, 4);
    }
    }
}

/* A row twice, as the header says: in registers where `far` is NULL. */
typedef struct row {
    __m512 left[2], right[2];
    const float *far;
} row;

static inline __m512 load(const float *x, size_t n, size_t from, __m512 missing) {
    __mmask16 in = (__mmask16)(from + 16 <= n ? 0xffff : from < n ? (1u << (n - from)) - 1 : 0);
    __m512 value = _mm512_maskz_loadu_ps(in, x + from);
    return _mm512_mask_mov_ps(value, _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q), missing);
}

static inline __m512 values(const row *r, __m512i index) {
    if (r->far) return _mm512_i32gather_ps(index, r->far, 4);
    __m512 left = _mm512_permutex2var_ps(r->left[0], index, r->left[1]);
    __m512 right = _mm512_permutex2var_ps(r->right[0], index, r->right[1]);
    return _mm512_mask_mov_ps(left, _mm512_test_epi32_mask(index, _mm512_set1_epi32(32)), right);
}

/* The leaves of a group whose depth is known when this is compiled. */
static inline __attribute__((always_inline)) __m512
leaves_of(const dcl_trees_side *trees, const dcl_trees_group *group, unsigned depth, const row *x) {
    const float *cut = trees->cut + group->fork, *value = (const float *)(trees->value + group->fork);
    __mmask16 way[DCL_TREES_SIDE_DEPTH];
    __m512i at = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
    for (unsigned d = 0; d < depth; d++) {
        size_t level = 16 * (((size_t)1 << d) - 1);
        __m512i index = _mm512_castps_si512(pick(value + level, d, way, at));
        way[d] = _mm512_cmp_ps_mask(values(x, index), pick(cut + level, d, way, at), _CMP_GE_OQ);
        at = _mm512_add_epi32(at, at);
        at = _mm512_mask_add_epi32(at, way[d], at, one);
    }
    return pick(trees->leaf + group->leaf, depth, way, at);
}

static inline __attribute__((always_inline)) float margin_of(const dcl_trees_side *trees, const row *x) {
    float sum = trees->base;
    for (size_t g = 0; g < trees->n_groups; g++) {
        const dcl_trees_group *group = &trees->group[g];
        float leaf[16];
        __m512 of;
        switch (group->depth) {
        case 1: of = leaves_of(trees, group, 1, x); break;
        case 2: of = leaves_of(trees, group, 2, x); break;
        case 3: of = leaves_of(trees, group, 3, x); break;
        case 4: of = leaves_of(trees, group, 4, x); break;
        case 5: of = leaves_of(trees, group, 5, x); break;
        default: of = leaves_of(trees, group, 6, x);
        }
        _mm512_storeu_ps(leaf, of);
        for (size_t l = 0; l < group->n; l++) sum += leaf[l];
    }
    return sum;
}

static __attribute__((noinline)) float margin_of_many(const dcl_trees_side *trees, const float *x) {
    float twice[2 * DCL_TREES_SIDE_FEATURES];
    dcl_trees_row_twice(trees, x, twice);
    const row r = {.far = twice};
    return margin_of(trees, &r);
}

float dcl_trees_row_f32_avx512(const dcl_trees_side *trees, const float *x) {
    if (trees->features > 32) return margin_of_many(trees, x);
    __m512 least = _mm512_set1_ps(-INFINITY), most = _mm512_set1_ps(INFINITY);
    size_t n = trees->features;
    const row r = {
        {load(x, n, 0, least), load(x, n, 16, least)}, {load(x, n, 0, most), load(x, n, 16, most)}, NULL};
    return margin_of(trees, &r);
}
#endif
