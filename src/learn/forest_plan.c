/* A forest laid out for dcl_kernels.trees_f32: cuts become codes of a byte, trees become full ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn/forest.h"

enum { CUTS = 255 };                   /* of a scale */
#define FORKS_MOST (UINT32_C(1) << 22) /* 32 MiB of them: a thin tree grows when it is filled up */

/* A cut of a feature, each once; the code of a value that is not below it is above `local`. */
typedef struct cut {
    float at;
    uint32_t feature, scale, local;
} cut;

typedef struct plan {
    const dcl_forest *forest;
    cut *cut;
    dcl_trees_scale *scale;
    dcl_trees_fork *fork;
    float *leaf;
    size_t n_cuts, n_scales, n_planes;
} plan;

static int by_feature_and_value(const void *a, const void *b) {
    const cut *x = a, *y = b;
    if (x->feature != y->feature) return x->feature < y->feature ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static uint32_t feature_of(const dcl_forest_node *node) {
    return node->what & (DCL_FOREST_FEATURES - 1u);
}

static uint32_t full_depth(const dcl_forest_tree *tree) {
    return tree->depth ? tree->depth : 1;
}

/* True where the kernel can run it and the full trees are not too large. */
static bool fits(const dcl_forest *forest) {
    uint64_t forks = 0;
    for (size_t t = 0; t < forest->n_trees; t++) {
        if (forest->tree[t].depth > DCL_TREES_DEPTH) return false;
        forks += UINT64_C(1) << full_depth(&forest->tree[t]);
    }
    return forks <= FORKS_MOST;
}

/* All cuts in order, equal ones once (-0 is 0), in scales of up to 255. */
static void collect_cuts(plan *p) {
    const dcl_forest *forest = p->forest;
    size_t n = 0;
    for (size_t i = 0; i < forest->n_nodes; i++)
        if (forest->node[i].what & DCL_FOREST_INNER)
            p->cut[n++] = (cut){.at = forest->node[i].cut, .feature = feature_of(&forest->node[i])};
    qsort(p->cut, n, sizeof *p->cut, by_feature_and_value);
    for (size_t i = 0; i < n; i++) {
        cut *last = p->n_cuts ? &p->cut[p->n_cuts - 1] : NULL;
        bool same = last && last->feature == p->cut[i].feature;
        if (same && last->at == p->cut[i].at) continue;
        bool fresh = !same || last->local + 1 == CUTS;
        uint32_t local = fresh ? 0 : last->local + 1;
        p->n_scales += fresh;
        p->cut[p->n_cuts] = p->cut[i];
        p->cut[p->n_cuts].scale = (uint32_t)p->n_scales - 1;
        p->cut[p->n_cuts++].local = local;
    }
}

static const cut *find_cut(const plan *p, const dcl_forest_node *node) {
    cut key = {.at = node->cut, .feature = feature_of(node)};
    return bsearch(&key, p->cut, p->n_cuts, sizeof key, by_feature_and_value);
}

static uint32_t *plane_of(const plan *p, const dcl_forest_node *node) {
    return &p->scale[find_cut(p, node)->scale].plane[node->what & DCL_FOREST_MISSING_LEFT ? 0 : 1];
}

/* A heap's levels hold the cuts in order from left to right; behind the last cut there is none. */
static void fill_scale(const plan *p, size_t first, size_t n, float *heap) {
    dcl_trees_scale *scale = &p->scale[p->cut[first].scale];
    *scale = (dcl_trees_scale){
        .feature = p->cut[first].feature, .levels = 1, .plane = {DCL_TREES_NO_PLANE, DCL_TREES_NO_PLANE}};
    while ((1u << scale->levels) - 1 < n) scale->levels++;
    heap += p->cut[first].scale * (size_t)DCL_TREES_HEAP;
    for (size_t k = 0; k < DCL_TREES_HEAP; k++) heap[k] = NAN;
    for (size_t i = 1; i <= n; i++) {
        uint32_t up = 0;
        while (!(i >> up & 1)) up++;
        heap[(1u << (scale->levels - 1 - up)) + (i >> (up + 1))] = p->cut[first + i - 1].at;
    }
}

static void fill_scales(const plan *p, float *heap) {
    for (size_t first = 0, n; first < p->n_cuts; first += n) {
        for (n = 1; first + n < p->n_cuts && p->cut[first + n].scale == p->cut[first].scale;) n++;
        fill_scale(p, first, n, heap);
    }
}

/* A plane for each way in which a scale's missing values go; false where they are too many. */
static bool name_planes(plan *p) {
    for (size_t i = 0; i < p->forest->n_nodes; i++) {
        const dcl_forest_node *node = &p->forest->node[i];
        if (!(node->what & DCL_FOREST_INNER)) continue;
        uint32_t *plane = plane_of(p, node);
        if (*plane == DCL_TREES_NO_PLANE) *plane = (uint32_t)(128 * p->n_planes++);
        if (p->n_planes > DCL_TREES_PLANES) return false;
    }
    return true;
}

/* Fork i of a tree, counted level by level, and all below it. Where the tree ends before its depth, both sides are its leaf. */
static void fill_fork(const plan *p, const dcl_forest_node *tree, size_t at, uint32_t i,
                      const dcl_trees_shape *shape) {
    const dcl_forest_node *node = &tree[at];
    bool inner = node->what & DCL_FOREST_INNER;
    uint32_t leaves = (1u << shape->depth) - 1; /* the first leaf's number, were it a fork */
    if (i >= leaves) {
        p->leaf[shape->leaf + i - leaves] = node->cut;
        return;
    }
    if (inner) {
        uint32_t above = CUTS - 1 - find_cut(p, node)->local; /* 255 - code */
        p->fork[shape->fork + i] = (dcl_trees_fork){0x01010101u * above, *plane_of(p, node)};
    }
    fill_fork(p, tree, inner ? node->left : at, 2 * i + 1, shape);
    fill_fork(p, tree, inner ? node->left + 1u : at, 2 * i + 2, shape);
}

static uint32_t leaf_room(uint32_t depth) {
    return 1u << depth > DCL_TREES_LEAVES ? 1u << depth : DCL_TREES_LEAVES;
}

static void fill_trees(const plan *p, dcl_trees_shape *shape) {
    const dcl_forest *forest = p->forest;
    uint32_t forks = 0, leaves = 0;
    for (size_t t = 0; t < forest->n_trees; t++) {
        uint32_t depth = full_depth(&forest->tree[t]), n = 1u << depth;
        shape[t] = (dcl_trees_shape){depth, forks, leaves};
        fill_fork(p, forest->node + forest->tree[t].first, 0, 0, &shape[t]);
        for (uint32_t i = n; i < leaf_room(depth); i++) p->leaf[leaves + i] = p->leaf[leaves + i - n];
        forks += n - 1;
        leaves += leaf_room(depth);
    }
}

/* What the plan needs of the arena, zeroed. */
static dcl_status take_memory(plan *p, dcl_arena *arena, dcl_trees_shape **shape, float **heap,
                              dcl_error *error) {
    const dcl_forest *forest = p->forest;
    size_t forks = 0, leaves = 0;
    for (size_t t = 0; t < forest->n_trees; t++) {
        forks += ((size_t)1 << full_depth(&forest->tree[t])) - 1;
        leaves += leaf_room(full_depth(&forest->tree[t]));
    }
    *shape = dcl_arena_alloc(arena, forest->n_trees, sizeof **shape);
    *heap = dcl_arena_alloc(arena, p->n_scales * DCL_TREES_HEAP, sizeof **heap);
    p->scale = dcl_arena_alloc(arena, p->n_scales, sizeof *p->scale);
    p->fork = dcl_arena_alloc(arena, forks, sizeof *p->fork);
    p->leaf = dcl_arena_alloc(arena, leaves, sizeof *p->leaf);
    if (*shape && *heap && p->scale && p->fork && p->leaf) return DCL_OK;
    return dcl_fail_memory(error, "trees");
}

static dcl_status lay_out(plan *p, dcl_arena *arena, dcl_forest *forest, dcl_error *error) {
    dcl_trees_shape *shape = NULL;
    float *heap = NULL;
    dcl_trees *trees = dcl_arena_alloc(arena, 1, sizeof *trees);
    dcl_status status = trees ? take_memory(p, arena, &shape, &heap, error) : dcl_fail_memory(error, "trees");
    if (status) return status;
    fill_scales(p, heap);
    if (!name_planes(p)) return DCL_OK;
    fill_trees(p, shape);
    *trees = (dcl_trees){.n_trees = forest->n_trees,
                         .n_scales = p->n_scales,
                         .tree = shape,
                         .scale = p->scale,
                         .fork = p->fork,
                         .heap = heap,
                         .leaf = p->leaf,
                         .base = forest->base};
    forest->plan = trees;
    return DCL_OK;
}

dcl_status dcl_forest_plan(dcl_forest *forest, dcl_arena *arena, dcl_error *error) {
    plan p = {.forest = forest};
    forest->plan = NULL;
    forest->side = NULL;
    if (!fits(forest)) return dcl_forest_plan_side(forest, arena, error);
    p.cut = malloc((forest->n_nodes + 1) * sizeof *p.cut);
    if (!p.cut) return dcl_fail_memory(error, "trees");
    collect_cuts(&p);
    dcl_status status = DCL_OK;
    if (p.n_cuts && p.n_scales <= DCL_TREES_PLANES) status = lay_out(&p, arena, forest, error);
    free(p.cut);
    return status ? status : dcl_forest_plan_side(forest, arena, error);
}
