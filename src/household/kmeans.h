/* What the files of k-means share: the rows, the centroids as the kernel reads them, and the shards of the rows. */
#ifndef DCL_HOUSEHOLD_KMEANS_H
#define DCL_HOUSEHOLD_KMEANS_H

#include <declic/household.h>

/** Most shards of the rows. They do not depend on the threads. */
enum { KMEANS_SHARDS = 64 };

/**
 * A fit while it runs.
 * at [dim × room], half [room]  the centroids, for the kernel
 * norm, upper, lower [n]        |x|; bounds on the distances to the own centroid and to every other one
 * moved [k]                     how far each centroid went last, rounded up
 * most, second_most, fastest    the largest of moved, the next largest, and whose the largest is
 * apart [k]                     distance to the nearest other centroid, rounded down
 * longest                       the largest |centroid|, rounded up
 * sum [k × dim], count [k]      of the rows of each cluster, in units of 1 / scale
 * all_sum, all_count            the same of all ranks; sum and count themselves where there is one
 */
typedef struct dcl_kmeans_run {
    const dcl_context *context;
    const float *x;
    size_t n, dim, k, room, shards, shard_n;
    float *centroid, *at, *half;
    float *norm, *upper, *lower, *moved, *apart;
    uint32_t *label;
    int64_t *sum, *count, *all_sum, *all_count;
    const dcl_reduce *reduce;
    float scale, most, second_most, longest;
    uint32_t fastest;
    bool plain;
    struct dcl_kmeans_shard *shard;
} dcl_kmeans_run;

/**
 * What one shard of the rows found in an iteration.
 * sum, count  changes of the clusters' sums
 * row, index  [KMEANS_BLOCK] rows that must be weighed, gathered
 */
typedef struct dcl_kmeans_shard {
    int64_t *sum, *count;
    float *row;
    dcl_nearest *nearest;
    uint32_t *index;
    uint64_t weighed, changed;
    double inertia;
} dcl_kmeans_shard;

enum { KMEANS_BLOCK = 256 };

/** A cluster that a row without one is in. */
#define KMEANS_NONE UINT32_MAX

/** The rows of a shard. */
static inline size_t dcl_kmeans_from(const dcl_kmeans_run *run, size_t shard) {
    return shard * run->shard_n < run->n ? shard * run->shard_n : run->n;
}

/** Puts rows to their nearest centroids; fills the shards' changes. For dcl_parallel_for(); arg is the run. */
dcl_status dcl_kmeans_assign(void *arg, size_t shard);
/** Writes the centroids as the kernel reads them, and what the bounds need to know of them. */
void dcl_kmeans_lay_out(dcl_kmeans_run *run);
/** Chooses the first centroids among the rows. Errors: DCL_E_MEMORY, DCL_E_CANCELLED. */
dcl_status dcl_kmeans_seed(dcl_kmeans_run *run) DCL_MUST_USE;

#endif
