/*
 * Boosted trees as we run them: compact nodes, and two more layouts of them for the kernels. What margins are stands in
 * <declic/learn_forest.h>.
 */
#ifndef DCL_LEARN_FOREST_H
#define DCL_LEARN_FOREST_H

#include <declic/learn_forest.h>

#include "learn/pack.h"

enum { DCL_FOREST_FEATURES = 1 << 14, DCL_FOREST_TREES = 1 << 16, DCL_FOREST_DEPTH = 64 };

/**
 * A node in 8 bytes. Its children are neighbours: left, then right.
 * cut   of a leaf: its value
 * left  index of the left child, from the tree's first node; of a leaf: its own, so that a walk may go on in it
 * what  feature, and the two flags
 */
typedef struct dcl_forest_node {
    float cut;
    uint16_t left, what;
} dcl_forest_node;

#define DCL_FOREST_INNER        0x8000u /* not a leaf */
#define DCL_FOREST_MISSING_LEFT 0x4000u

/** A tree: its nodes in the common array, and how many steps lead from the root to the farthest leaf. */
typedef struct dcl_forest_tree {
    uint32_t first, n, depth;
} dcl_forest_tree;

enum { DCL_FOREST_SIDE = 4096 }; /* the most trees that are laid out for single rows */

struct dcl_forest {
    size_t n_features, n_trees, n_nodes;
    float base;
    const dcl_forest_tree *tree; /* [n_trees], in the arena */
    const dcl_forest_node *node; /* [n_nodes], in the arena */
    const dcl_trees
        *plan; /* the same for dcl_kernels.trees_f32, in the arena; NULL where it cannot run them */
    const dcl_trees_side
        *side; /* for dcl_kernels.trees_row_f32, in the arena; NULL where it cannot run them */
};

/** dcl_forest_load() into a struct of the caller's. */
dcl_status dcl_forest_from_json(const char *json, size_t n, dcl_arena *arena, dcl_forest *out,
                                dcl_error *error) DCL_MUST_USE;

/**
 * Lays a forest out for the kernels, in the arena; the two readers do. Without an error,
 * plan stays NULL where a tree is deeper than DCL_TREES_DEPTH, nothing is split, the features make more than
 *      DCL_TREES_PLANES planes, or full trees were too large;
 * side stays NULL where a tree is deeper than DCL_TREES_SIDE_DEPTH, there are more than DCL_TREES_SIDE_FEATURES features or
 *      DCL_FOREST_SIDE trees, nothing is split, or a cut is -inf, which is not above a missing value that goes left.
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_forest_plan(dcl_forest *forest, dcl_arena *arena, dcl_error *error) DCL_MUST_USE;
/** The second half of it. */
dcl_status dcl_forest_plan_side(dcl_forest *forest, dcl_arena *arena, dcl_error *error) DCL_MUST_USE;

/** Puts a forest into a part of a model, and takes it out: checked, so that any bytes give a forest that ends its walks.
 *  Errors of get: DCL_E_FORMAT, DCL_E_MEMORY. */
void dcl_forest_put(dcl_pack_writer *to, const dcl_forest *forest);
dcl_status dcl_forest_get(dcl_pack_reader *from, dcl_arena *arena, dcl_forest *out,
                          dcl_error *error) DCL_MUST_USE;

/**
 * Margins of rows by a walk through the nodes, for any forest.
 *
 * row    [n][stride]  float32, the first n_features of each row are used; NaN = missing
 * margin [n]
 * Memory: none.   Threads: reentrant.   Cost: some ns a row and tree.
 */
void dcl_forest_margins(const dcl_forest *forest, const float *row, size_t n, size_t stride, float *margin);

#endif
