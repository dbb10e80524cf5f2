/* A forest laid out for dcl_kernels.trees_row_f32: 16 trees to a group, each a full tree of the deepest one's depth. */
#include <math.h>

#include "learn/forest.h"

typedef struct side {
    const dcl_forest *forest;
    float *cut, *leaf;
    uint32_t *value, span;
} side;

static bool fits(const dcl_forest *forest) {
    bool any = false;
    if (forest->n_features > DCL_TREES_SIDE_FEATURES || forest->n_trees > DCL_FOREST_SIDE) return false;
    for (size_t t = 0; t < forest->n_trees; t++)
        if (forest->tree[t].depth > DCL_TREES_SIDE_DEPTH) return false;
    for (size_t i = 0; i < forest->n_nodes; i++) {
        if (!(forest->node[i].what & DCL_FOREST_INNER)) continue;
        if (forest->node[i].cut == -INFINITY) return false;
        any = true;
    }
    return any;
}

/* Groups with their places; how many forks and leaves that makes. */
static void place_groups(const dcl_forest *forest, dcl_trees_group *group, size_t n, uint32_t *forks,
                         uint32_t *leaves) {
    *forks = *leaves = 0;
    for (size_t g = 0; g < n; g++) {
        size_t first = g * DCL_TREES_SIDE, left = forest->n_trees - first;
        group[g] =
            (dcl_trees_group){1, left < DCL_TREES_SIDE ? (uint32_t)left : DCL_TREES_SIDE, *forks, *leaves};
        for (size_t t = first; t < first + group[g].n; t++)
            if (forest->tree[t].depth > group[g].depth) group[g].depth = forest->tree[t].depth;
        *forks += DCL_TREES_SIDE * ((1u << group[g].depth) - 1);
        *leaves += (uint32_t)DCL_TREES_SIDE << group[g].depth;
    }
}

/* Fork i of the lane-th tree and all below it. Where the tree ends before its depth, both sides are its leaf. */
static void fill(const side *s, const dcl_trees_group *group, size_t lane, const dcl_forest_node *tree,
                 size_t at, uint32_t i) {
    const dcl_forest_node *node = &tree[at];
    bool inner = node->what & DCL_FOREST_INNER;
    uint32_t leaves = (1u << group->depth) - 1; /* the first leaf's number, were it a fork */
    if (i >= leaves) {
        s->leaf[group->leaf + DCL_TREES_SIDE * (i - leaves) + lane] = node->cut;
        return;
    }
    if (inner) {
        size_t to = group->fork + DCL_TREES_SIDE * i + lane;
        bool right = !(node->what & DCL_FOREST_MISSING_LEFT);
        s->cut[to] = node->cut;
        s->value[to] = (node->what & (DCL_FOREST_FEATURES - 1u)) + (right ? s->span : 0);
    }
    fill(s, group, lane, tree, inner ? node->left : at, 2 * i + 1);
    fill(s, group, lane, tree, inner ? node->left + 1u : at, 2 * i + 2);
}

dcl_status dcl_forest_plan_side(dcl_forest *forest, dcl_arena *arena, dcl_error *error) {
    forest->side = NULL;
    if (!fits(forest)) return DCL_OK;
    size_t n = (forest->n_trees + DCL_TREES_SIDE - 1) / DCL_TREES_SIDE;
    uint32_t forks, leaves;
    dcl_trees_side *out = dcl_arena_alloc(arena, 1, sizeof *out);
    dcl_trees_group *group = dcl_arena_alloc(arena, n, sizeof *group);
    if (!out || !group) return dcl_fail_memory(error, "trees");
    place_groups(forest, group, n, &forks, &leaves);
    side s = {.forest = forest,
              .span = forest->n_features <= 32 ? 32 : (uint32_t)forest->n_features,
              .cut = dcl_arena_alloc(arena, forks, sizeof *s.cut),
              .leaf = dcl_arena_alloc(arena, leaves, sizeof *s.leaf),
              .value = dcl_arena_alloc(arena, forks, sizeof *s.value)};
    if (!s.cut || !s.leaf || !s.value) return dcl_fail_memory(error, "trees");
    for (size_t t = 0; t < forest->n_trees; t++)
        fill(&s, &group[t / DCL_TREES_SIDE], t % DCL_TREES_SIDE, forest->node + forest->tree[t].first, 0, 0);
    *out = (dcl_trees_side){.n_groups = n,
                            .features = (uint32_t)forest->n_features,
                            .span = s.span,
                            .group = group,
                            .cut = s.cut,
                            .leaf = s.leaf,
                            .value = s.value,
                            .base = forest->base};
    forest->side = out;
    return DCL_OK;
}
