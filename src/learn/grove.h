/*
 * A random forest that names classes: trees grown on lots of the rows, each split the best of a few features drawn by lot; what
 * it says is the mean of its trees' leaves. A second opinion beside a support vector machine, which is smooth where this is
 * sharp. Our own from growing to bytes.
 * Source: Breiman, "Random Forests", Machine Learning 45, 2001.
 */
#ifndef DCL_LEARN_GROVE_H
#define DCL_LEARN_GROVE_H

#include <declic/learn_svm.h>

#include "learn/pack.h"

/** The most trees, and forks on the way to a leaf. */
enum { DCL_GROVE_TREES = 1000, DCL_GROVE_DEPTH = 40 };

/** How to grow. Start from dcl_grove_defaults(). */
typedef struct dcl_grove_options {
    uint32_t trees; /* 1 … DCL_GROVE_TREES. Default 100 */
    uint32_t leaf;  /* fewest different rows in a leaf, >= 1. Default 3 */
    double share;   /* of the features, tried at each fork, above 0, at most 1. Default 1/3 */
} dcl_grove_options;

dcl_grove_options dcl_grove_defaults(void);

/** A part of a leaf: so much of it is of the class, in 255ths. */
typedef struct dcl_grove_part {
    uint8_t label, part;
} dcl_grove_part;

/**
 * A node, in the order in which a tree is walked left first. A fork: x[feature] < cut goes to the next node, else (a missing
 * value as well) to node `other`. A leaf has n_parts of them, from part[other] on.
 */
typedef struct dcl_grove_node {
    float cut;
    uint32_t other;
    uint16_t feature, n_parts; /* n_parts 0 = a fork */
} dcl_grove_node;

/** Trees, plain data in an arena; constant, and shared by threads. root [trees] their first nodes. */
typedef struct dcl_grove {
    uint32_t features, classes, trees;
    size_t nodes, parts;
    const uint32_t *root;
    const dcl_grove_node *node; /* [nodes] */
    const dcl_grove_part *part; /* [parts] */
} dcl_grove;

/**
 * Grows trees. Groups weigh the same within their class, and classes the same, whatever their rows.
 *
 * context  seed, threads (the same trees for any number of them), cancel
 * Errors:  DCL_E_ARG an option or size out of its range, a label that is none; DCL_E_NO_DATA no rows; DCL_E_MEMORY;
 *          DCL_E_CANCELLED.
 * Memory:  the arena gets the trees; while it runs, 1 byte a feature and 20 a thread for each row.
 */
dcl_status dcl_grove_learn(const dcl_context *context, const dcl_rows *rows, const dcl_grove_options *options,
                           dcl_arena *arena, dcl_grove *out, dcl_error *error) DCL_MUST_USE;

/** The probability of each class; a class without training rows gets 0. x [features], NaN = missing; out [classes] sums to 1.
 *  The same bytes on any machine. */
void dcl_grove_probability(const dcl_grove *grove, const float *x, double *out);

/** A grove as bytes of a model's part, and back, checked. Errors: DCL_E_FORMAT, DCL_E_MEMORY. */
void dcl_grove_put(const dcl_grove *grove, dcl_pack_writer *to);
dcl_status dcl_grove_get(dcl_pack_reader *from, dcl_arena *arena, dcl_grove *out,
                         dcl_error *error) DCL_MUST_USE;

#endif
