/*
 * Boosted trees as we run them: compact nodes, margins bit-identical to XGBoost's own prediction.
 *
 * A margin is the float32 sum base + t0 + t1 … in order of trees; a value below a node's cut goes left, the others and
 * equal ones right, and a missing one where the node says.
 */
#ifndef DCL_LEARN_FOREST_H
#define DCL_LEARN_FOREST_H

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

typedef struct dcl_forest {
    size_t n_features, n_trees, n_nodes;
    float base;
    const dcl_forest_tree *tree; /* [n_trees], in the arena */
    const dcl_forest_node *node; /* [n_nodes], in the arena */
} dcl_forest;

/**
 * Reads a model that XGBoost saved as JSON: trees of one output, no categories, no dropped trees. For an objective with a
 * link (binary:logistic) base_score must be 0.5, whose margin is 0.
 *
 * Errors:  DCL_E_FORMAT  no such model, or one whose numbers contradict each other: which tree and what;
 *          DCL_E_UNSUPPORTED  a kind of model we do not run, or beyond the sizes above; DCL_E_MEMORY.
 * Memory:  the arena gets 8 bytes a node.   Threads: reentrant.
 */
dcl_status dcl_forest_from_json(const char *json, size_t n, dcl_arena *arena, dcl_forest *out,
                                dcl_error *error) DCL_MUST_USE;

/** Puts a forest into a part of a model, and takes it out: checked, so that any bytes give a forest that ends its walks.
 *  Errors of get: DCL_E_FORMAT, DCL_E_MEMORY. */
void dcl_forest_put(dcl_pack_writer *to, const dcl_forest *forest);
dcl_status dcl_forest_get(dcl_pack_reader *from, dcl_arena *arena, dcl_forest *out,
                          dcl_error *error) DCL_MUST_USE;

/**
 * Margins of rows.
 *
 * row    [n][stride]  float32, the first n_features of each row are used; NaN = missing
 * margin [n]
 * Memory: none.   Threads: reentrant.   Cost: some ns a row and tree.
 */
void dcl_forest_margins(const dcl_forest *forest, const float *row, size_t n, size_t stride, float *margin);

#endif
