/* What the files of grouping share: the rows that are grouped, one fit, and the trial of every number of clusters. */
#ifndef DCL_HOUSEHOLD_GROUP_H
#define DCL_HOUSEHOLD_GROUP_H

#include "household/centres.h"
#include "household/pca.h"
#include "household/quality.h"

/**
 * Rows to be grouped.
 * x [n × columns]     the columns of the homes; raw before any was drawn in
 * score [n × dim]     on the components of all of them
 * habits              the components are weighed by dcl_pca_even(), and clusters have spreads of their own
 * init [n]            clusters 1 … k to start from, 0 = none; NULL = k-means++
 */
typedef struct dcl_group_rows {
    const float *x, *raw, *score;
    size_t n, columns, dim;
    bool habits;
    const uint32_t *init;
    const dcl_clusters_options *options;
} dcl_group_rows;

/**
 * How to fit k clusters.
 * starts    of k-means, each from other centroids; 1 where init is given
 * init      [k × dim] centroids; NULL = k-means++
 * spread    k-means, of every other start of more cells that are made fewer, then clusters with spreads of their own: the start of least deviance counts, of those none of whose clusters is
 *           smaller than the share `smallest` of the rows; else the one of least inertia
 */
typedef struct dcl_group_how {
    uint32_t k, starts;
    const float *init;
    bool spread;
    double smallest;
} dcl_group_how;

/**
 * The best of the starts. label [n] 0 … k - 1.
 * smallest   rows of the smallest cluster;   inertia  sum of the squared distances to the centroids
 * deviance   of dcl_centres_spread(); NaN of k-means alone
 */
typedef struct dcl_group {
    uint32_t k, iterations;
    dcl_centres centres;
    uint32_t *label;
    size_t n, smallest;
    double inertia, deviance;
} dcl_group;

/** Errors: those of dcl_kmeans_fit(). */
dcl_status dcl_group_fit(const dcl_context *context, const float *score, size_t n, size_t dim,
                         const dcl_group_how *how, dcl_arena *arena, dcl_group *out,
                         dcl_error *error) DCL_MUST_USE;

/**
 * Tries numbers of clusters `from` … `to`: fills quality [to - from + 1] and group [to - from + 1].
 * Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 */
dcl_status dcl_group_try(const dcl_context *context, const dcl_group_rows *rows, uint32_t from, uint32_t to,
                         dcl_arena *arena, dcl_cluster_quality *quality, dcl_group *group,
                         dcl_error *error) DCL_MUST_USE;

/** Which of the numbers tried is recommended, and why: by icl where that is known. */
size_t dcl_group_choose(const dcl_cluster_quality *tried, size_t n, const dcl_clusters_options *options,
                        dcl_choice *why);

/** Most homes that a bootstrap draws. */
enum { BOOTSTRAP_MOST = 1 << 14 };

#endif
