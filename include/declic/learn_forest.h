/**
 * Learn: boosted trees that XGBoost trained, served by our own code.
 *
 * Margins are those of XGBoosterPredictFromDense(), bit for bit: the float32 sum base + t0 + t1 … in order of trees; a value
 * below a fork's cut goes left, the others and equal ones right, a missing one where the fork says.
 */
#ifndef DECLIC_LEARN_FOREST_H
#define DECLIC_LEARN_FOREST_H

#include <declic/kernel.h>

/** Trees, ready to be asked; opaque. Constant once made: threads may share it. */
typedef struct dcl_forest dcl_forest;

/**
 * Reads a model that XGBoost saved as JSON: trees of one output, no categories, no dropped trees, for reg:squarederror,
 * reg:pseudohubererror or binary:logistic (base_score 0.5; margins are log odds).
 *
 * json [n]  untrusted
 * out       in the arena
 *
 * Errors:  DCL_E_FORMAT       no such model, or one whose numbers contradict each other: which tree and what
 *          DCL_E_UNSUPPORTED  a kind of model that is not run here, more than 65,536 trees, 16,384 features or 64 levels
 *          DCL_E_MEMORY
 * Memory:  the arena gets 8 bytes a node, and some 20 a node of trees filled up to their depth.   Threads: reentrant.
 */
dcl_status dcl_forest_load(const char *json, size_t n, dcl_arena *arena, const dcl_forest **out,
                           dcl_error *error) DCL_MUST_USE;

/** Features of a row, and trees. */
size_t dcl_forest_features(const dcl_forest *forest);
size_t dcl_forest_trees(const dcl_forest *forest);

/**
 * Margins of rows. Many rows and single ones take different ways with the same bytes.
 *
 * row    [n][stride]  float32; the first dcl_forest_features() of a row are used; NaN = missing, ±inf is a value
 * margin [n]
 *
 * Memory: up to 132 KiB of stack.   Threads: reentrant, one thread a call.
 * Cost: 500 trees of 6 levels take some 0.3 µs a row of many, 50 of 4 levels 0.1 µs alone (bench/README.md); trees of more
 * than 8 levels are walked node by node, which takes some 10 times as long.
 */
void dcl_forest_predict(const dcl_kernels *kernels, const dcl_forest *forest, const float *row, size_t n,
                        size_t stride, float *margin);

#endif
