/* What the files of grouping share: the rows that are grouped, one fit, and the trial of every number of clusters. */
#ifndef DCL_HOUSEHOLD_GROUP_H
#define DCL_HOUSEHOLD_GROUP_H

#include "household/pca.h"
#include "household/quality.h"

/**
 * Rows to be grouped.
 * x [n × columns]     the columns of the homes; raw before any was drawn in
 * score [n × dim]     on the components of all of them
 * even                the components are weighed by dcl_pca_even()
 * init [n]            clusters 1 … k to start from, 0 = none; NULL = k-means++
 */
typedef struct dcl_group_rows {
    const float *x, *raw, *score;
    size_t n, columns, dim;
    bool even;
    const uint32_t *init;
    const dcl_clusters_options *options;
} dcl_group_rows;

/** A fit of k clusters to scores: the best of the starts. label 0 … k - 1. */
typedef struct dcl_group {
    uint32_t k, iterations;
    float *centroid;
    uint32_t *label;
    double inertia;
} dcl_group;

/** Errors: those of dcl_kmeans_fit(). */
dcl_status dcl_group_fit(const dcl_context *context, const float *score, size_t n, size_t dim, uint32_t k,
                         uint32_t starts, const float *init, dcl_arena *arena, dcl_group *out,
                         dcl_error *error) DCL_MUST_USE;

/**
 * Tries numbers of clusters `from` … `to`: fills quality [to - from + 1] and group [to - from + 1].
 * Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 */
dcl_status dcl_group_try(const dcl_context *context, const dcl_group_rows *rows, uint32_t from, uint32_t to,
                         dcl_arena *arena, dcl_cluster_quality *quality, dcl_group *group,
                         dcl_error *error) DCL_MUST_USE;

/** Which of the numbers tried is recommended, and why. */
size_t dcl_group_choose(const dcl_cluster_quality *tried, size_t n, const dcl_clusters_options *options,
                        dcl_choice *why);

/** Most homes that a bootstrap draws. */
enum { BOOTSTRAP_MOST = 20000 };

#endif
