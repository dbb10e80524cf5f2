/* Boosted trees for the registry of kernels: any shape, cuts among the samples themselves, so that many values lie on one. */
#ifndef DCL_TESTS_KERNEL_TREES_H
#define DCL_TESTS_KERNEL_TREES_H

#include <declic/kernel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_registry.h"

enum { TREES_FEATURES = 37, TREES_N = 24, TREES_GROUPS = 7, TREES_SEEN = 1021 };

/* What is made of samples, and of which. */
typedef struct kernel_trees {
    float seen[TREES_SEEN];
    size_t n_seen, features;
    dcl_trees trees;
    dcl_trees_shape tree[TREES_N];
    dcl_trees_scale scale[TREES_FEATURES];
    dcl_trees_fork fork[TREES_N * 255];
    float heap[TREES_FEATURES * DCL_TREES_HEAP], leaf[TREES_N * 256];
    dcl_trees_side side;
    dcl_trees_group group[TREES_GROUPS];
    float side_cut[TREES_GROUPS * 63 * 16], side_leaf[TREES_GROUPS * 64 * 16];
    uint32_t side_value[TREES_GROUPS * 63 * 16];
} kernel_trees;

static size_t trees_features(size_t n, const kernel_options *options) {
    size_t features = options->width % TREES_FEATURES + 1;
    return features <= n ? features : n;
}

static int compare_cuts(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* A sample that is a number; infinite ones at most where they are asked for. */
static float draw_cut(const kernel_trees *t, bool any, uint64_t *random) {
    float value = t->seen[kernel_random(random) % t->n_seen];
    return isnan(value) || (!any && value == -INFINITY) ? 1.5f : value;
}

/* In order of the cuts: the heap's lowest level holds every second one, and so on. */
static void make_scale(kernel_trees *t, size_t s, uint64_t *random) {
    float cut[255], *heap = t->heap + s * DCL_TREES_HEAP;
    uint32_t levels = 1 + (uint32_t)(kernel_random(random) % 8);
    size_t n = 1 + kernel_random(random) % ((1u << levels) - 1);
    for (size_t i = 0; i < n; i++) cut[i] = draw_cut(t, true, random);
    qsort(cut, n, sizeof *cut, compare_cuts);
    for (size_t k = 0; k < DCL_TREES_HEAP; k++) heap[k] = NAN;
    for (size_t i = 1; i <= n; i++) {
        uint32_t up = 0;
        while (!(i >> up & 1)) up++;
        heap[(1u << (levels - 1 - up)) + (i >> (up + 1))] = cut[i - 1];
    }
    uint32_t plane = (uint32_t)s * 256;
    t->scale[s] = (dcl_trees_scale){(uint32_t)s, levels, {plane, plane + 128}};
    if (s % 3) t->scale[s].plane[s % 3 - 1] = DCL_TREES_NO_PLANE;
}

static float draw_leaf(uint64_t *random) {
    return (float)((int64_t)(kernel_random(random) % 2001) - 1000) * 0.1f;
}

static void make_tree(kernel_trees *t, size_t number, dcl_trees_shape *shape, uint64_t *random) {
    uint32_t leaves = 1u << shape->depth;
    for (uint32_t i = 0; i + 1 < leaves; i++) {
        const dcl_trees_scale *scale = &t->scale[kernel_random(random) % t->features];
        uint32_t plane = scale->plane[kernel_random(random) & 1];
        if (plane == DCL_TREES_NO_PLANE) plane = scale->plane[scale->plane[0] == plane];
        t->fork[shape->fork + i] =
            (dcl_trees_fork){0x01010101u * (uint32_t)(kernel_random(random) % 255), plane};
    }
    for (uint32_t i = 0; i < 256; i++)
        t->leaf[shape->leaf + i] = i < leaves ? draw_leaf(random) : t->leaf[shape->leaf + i - leaves];
    t->tree[number] = *shape;
}

static void make_group(kernel_trees *t, size_t g, uint64_t *random) {
    uint32_t depth = 1 + (uint32_t)g % DCL_TREES_SIDE_DEPTH, fork = (uint32_t)g * 63 * 16,
             leaf = (uint32_t)g * 64 * 16;
    t->group[g] = (dcl_trees_group){depth, 1 + (uint32_t)(kernel_random(random) % 16), fork, leaf};
    for (size_t i = 0; i < 63 * 16; i++) {
        t->side_cut[fork + i] = draw_cut(t, false, random);
        t->side_value[fork + i] = (uint32_t)(kernel_random(random) % t->features);
        if (kernel_random(random) & 1) t->side_value[fork + i] += t->side.span;
    }
    for (size_t i = 0; i < 64 * 16; i++) t->side_leaf[leaf + i] = draw_leaf(random);
}

/* The trees that these samples make; the same samples again make nothing new. */
static const kernel_trees *trees_of(const float *x, size_t n, const kernel_options *options) {
    static kernel_trees t;
    size_t n_seen = n < TREES_SEEN ? n : TREES_SEEN, features = trees_features(n, options);
    if (t.n_seen == n_seen && t.features == features && memcmp(t.seen, x, n_seen * sizeof *x) == 0) return &t;
    uint64_t random = n_seen * 64 + features;
    memcpy(t.seen, x, n_seen * sizeof *x);
    t.n_seen = n_seen, t.features = features;
    for (size_t s = 0; s < features; s++) make_scale(&t, s, &random);
    for (uint32_t i = 0; i < TREES_N; i++) {
        dcl_trees_shape shape = {1 + i % DCL_TREES_DEPTH, i * 255, i * 256};
        make_tree(&t, i, &shape, &random);
    }
    t.trees = (dcl_trees){TREES_N, features, t.tree, t.scale, t.fork, t.heap, t.leaf, 0.5f};
    t.side = (dcl_trees_side){TREES_GROUPS,
                              (uint32_t)features,
                              features <= 32 ? 32 : (uint32_t)features,
                              t.group,
                              t.side_cut,
                              t.side_leaf,
                              t.side_value,
                              -0.25f};
    for (size_t g = 0; g < TREES_GROUPS; g++) make_group(&t, g, &random);
    return &t;
}

/* Of a large input some rows are enough. */
static size_t bound_trees(size_t n, const kernel_options *options) {
    size_t features = trees_features(n, options);
    return features ? (n <= 1 << 16 ? n : 6007) / features : 0;
}

static size_t run_trees(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                        void *out) {
    size_t rows = bound_trees(n, options);
    if (rows) kernels->trees_f32(&trees_of(x, n, options)->trees, x, rows, trees_features(n, options), out);
    return rows;
}

static size_t run_trees_row(const dcl_kernels *kernels, const void *x, size_t n,
                            const kernel_options *options, void *out) {
    size_t rows = bound_trees(n, options), features = trees_features(n, options);
    float *margin = out;
    if (!rows) return 0;
    const dcl_trees_side *side = &trees_of(x, n, options)->side;
    for (size_t r = 0; r < rows; r++)
        margin[r] = kernels->trees_row_f32(side, (const float *)x + r * features);
    return rows;
}

#endif
