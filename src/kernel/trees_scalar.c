/* The specification of trees_f32 and trees_row_f32. */
#include <assert.h>
#include <string.h>

#include "kernel/trees.h"

/* How many cuts of the heap are not above x; none is for a missing value. */
static uint8_t code_of(const float *heap, uint32_t levels, float x) {
    uint32_t k = 1;
    for (uint32_t l = 0; l < levels; l++) k = 2 * k + (x >= heap[k]);
    return (uint8_t)(k - (1u << levels));
}

static void encode(const dcl_trees *trees, const float *x, size_t n, size_t stride, uint8_t *code) {
    for (size_t s = 0; s < trees->n_scales; s++) {
        const dcl_trees_scale *scale = &trees->scale[s];
        const float *heap = trees->heap + s * DCL_TREES_HEAP;
        for (size_t r = 0; r < n; r++) {
            float value = x[r * stride + scale->feature];
            uint8_t found = code_of(heap, scale->levels, value);
            if (scale->plane[0] != DCL_TREES_NO_PLANE) code[scale->plane[0] + r] = found;
            if (scale->plane[1] != DCL_TREES_NO_PLANE) code[scale->plane[1] + r] = isnan(value) ? 255 : found;
        }
    }
}

static float leaf_of(const dcl_trees *trees, const dcl_trees_shape *tree, const uint8_t *code) {
    const dcl_trees_fork *fork = trees->fork + tree->fork;
    uint32_t at = 0; /* level by level, the children of [i] are [2i + 1] and [2i + 2] */
    for (uint32_t d = 0; d < tree->depth; d++)
        at = 2 * at + 1 + ((uint32_t)code[fork[at].plane] + (fork[at].mirror & 255) >= 255);
    return trees->leaf[tree->leaf + at + 1 - (1u << tree->depth)];
}

void dcl_trees_f32_scalar(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out) {
    uint8_t code[DCL_TREES_PLANES * DCL_TREES_ROWS];
    for (size_t from = 0; from < n; from += DCL_TREES_ROWS) {
        size_t rows = n - from < DCL_TREES_ROWS ? n - from : DCL_TREES_ROWS;
        encode(trees, x + from * stride, rows, stride, code);
        for (size_t r = 0; r < rows; r++) out[from + r] = trees->base;
        for (size_t t = 0; t < trees->n_trees; t++)
            for (size_t r = 0; r < rows; r++) out[from + r] += leaf_of(trees, &trees->tree[t], code + r);
    }
}

float dcl_trees_row_f32_scalar(const dcl_trees_side *trees, const float *x) {
    float twice[2 * DCL_TREES_SIDE_FEATURES], sum = trees->base;
    dcl_trees_row_twice(trees, x, twice);
    for (size_t g = 0; g < trees->n_groups; g++) {
        const dcl_trees_group *group = &trees->group[g];
        const float *cut = trees->cut + group->fork, *leaf = trees->leaf + group->leaf;
        const uint32_t *value = trees->value + group->fork;
        for (size_t l = 0; l < group->n; l++) {
            size_t at = 1; /* the children of [at] are [2 at] and [2 at + 1] */
            for (uint32_t d = 0; d < group->depth; d++) {
                size_t fork = (at - 1) * DCL_TREES_SIDE + l;
                at = 2 * at + (twice[value[fork]] >= cut[fork]);
            }
            sum += leaf[(at - ((size_t)1 << group->depth)) * DCL_TREES_SIDE + l];
        }
    }
    return sum;
}
