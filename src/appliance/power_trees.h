/* What a model knows of one appliance: how likely it is that it is on, what it draws when it is, and when it is not. */
#ifndef DCL_APPLIANCE_POWER_TREES_H
#define DCL_APPLIANCE_POWER_TREES_H

#include "learn/booster.h"
#include "learn/forest.h"

/**
 * Its power is taken for p * high + (1 - p) * low. One forest for the mean of all three spreads a little power over every
 * moment at which the appliance might be on; the odds of being on are told apart from 0 more sharply than a mean is, where
 * there are enough moments to learn odds from.
 */
typedef struct dcl_power_trees {
    dcl_forest on;        /* log odds of more than its threshold */
    dcl_forest high, low; /* W above it and up to it */
} dcl_power_trees;

/**
 * Trains on the rows that are not held: one forest for the mean (`on` is sure then), or odds and two levels. data->y in W;
 * above on_w it is on; training->rounds is of the mean or of `on`, `high` takes half of it and `low` a quarter.
 *
 * Errors: as dcl_booster_train().   Memory: 5 bytes a row beside it; the trees are in the arena.
 */
dcl_status dcl_power_trees_mean(const dcl_context *context, const dcl_booster_data *data,
                                const dcl_booster_options *training, dcl_arena *arena, dcl_power_trees *out,
                                dcl_error *error) DCL_MUST_USE;
dcl_status dcl_power_trees_parts(const dcl_context *context, const dcl_booster_data *data,
                                 const dcl_booster_options *training, double on_w, dcl_arena *arena,
                                 dcl_power_trees *out, dcl_error *error) DCL_MUST_USE;

/** Levels of rows, W. row [n][stride]; level [n]; scratch [2 n] is the caller's. The same bytes everywhere. */
void dcl_power_trees_levels(const dcl_kernels *kernels, const dcl_power_trees *trees, const float *row,
                            size_t n, size_t stride, float *scratch, float *level);

/** As dcl_forest_put() and dcl_forest_get(). */
void dcl_power_trees_put(dcl_pack_writer *to, const dcl_power_trees *trees);
dcl_status dcl_power_trees_get(dcl_pack_reader *from, dcl_arena *arena, dcl_power_trees *out,
                               dcl_error *error) DCL_MUST_USE;

/** How many features its rows have at least, and how many trees it has. */
size_t dcl_power_trees_features(const dcl_power_trees *trees);
size_t dcl_power_trees_count(const dcl_power_trees *trees);

#endif
