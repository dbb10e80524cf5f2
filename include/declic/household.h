/**
 * Household: kinds of household in a population.
 */
#ifndef DECLIC_HOUSEHOLD_H
#define DECLIC_HOUSEHOLD_H

#include <declic/kernel.h>

/* ---------------------------------------------------------------- sums over many machines */

/** What becomes of a number that each rank has one of. */
typedef enum dcl_reduce_op { DCL_REDUCE_SUM, DCL_REDUCE_MAX } dcl_reduce_op;

/**
 * Where the rows are spread over processes, each of which has a part: puts in place of values [n] those of all parts together.
 * Only integers cross, so that any number of processes gives the bytes of one. fn NULL = this process has all rows.
 */
typedef struct dcl_reduce {
    dcl_status (*fn)(void *arg, dcl_reduce_op op, int64_t *values, size_t n, dcl_error *error);
    void *arg;
} dcl_reduce;

/** Calls it where there is one; `reduce` may be NULL. */
static inline dcl_status dcl_reduce_do(const dcl_reduce *reduce, dcl_reduce_op op, int64_t *values, size_t n,
                                       dcl_error *error) {
    return reduce && reduce->fn ? reduce->fn(reduce->arg, op, values, n, error) : DCL_OK;
}

/* ---------------------------------------------------------------- k-means */

/** How to look for centroids. Start from dcl_kmeans_defaults(). */
typedef struct dcl_kmeans_options {
    uint32_t k;              /* 1 … n */
    uint32_t max_iterations; /* >= 1. Default 300 */
    const float *init; /* [k × dim] centroids to start from; NULL = k-means++ from the context's seed */
    bool plain;        /* weigh every row with every centroid in every iteration; the result is the same */
    dcl_reduce
        reduce; /* where other processes have rows too: `init` is needed and the same for all. Default none */
} dcl_kmeans_options;

dcl_kmeans_options dcl_kmeans_defaults(void);

/**
 * What was found; in the arena.
 * centroid [k × dim]  means of their rows
 * label    [n]        the nearest centroid of each row, the lowest of equals
 * size     [k]        rows of each; > 0 while n distinct rows allow it
 * inertia             sum of the squared distances of all rows to their centroids
 * weighed             rows weighed with all centroids, over all iterations: n × iterations where nothing could be spared
 * converged           no label changed in the last iteration
 */
typedef struct dcl_kmeans {
    uint32_t k;
    size_t dim, n;
    float *centroid;
    uint32_t *label;
    uint64_t *size;
    double inertia;
    uint32_t iterations;
    uint64_t weighed;
    bool converged;
} dcl_kmeans;

/**
 * Lloyd's iteration to convergence: centroids are means, rows belong to the nearest centroid. Rows whose nearest centroid cannot
 * have changed are not weighed again; bounds on their distances, with the rounding of the scores added, say which (Hamerly).
 * Sums are of integers: same bytes for any number of threads and any instruction set. A centroid that loses all its rows
 * goes to the row furthest from its own.
 *
 * x  [n × dim]  rows, finite, |x| < 2^40
 *
 * With `reduce` centroids are those of all rows, label and size and inertia those of the rows here; a centroid without rows stays where it is.
 *
 * Errors:  DCL_E_ARG k is 0 or above n, dim or n is 0, a value that is not finite or beyond 2^40; DCL_E_MEMORY;
 *          DCL_E_CANCELLED.
 * Memory:  the arena gets 4 n + 4 k dim + 8 k bytes; while running 12 n + 64 (8 k dim + 1 KiB dim) besides.
 * Threads: context->threads; reentrant.   Cost: O(n k dim) an iteration at most.
 * Source:  Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982; Arthur and Vassilvitskii,
 *          "k-means++", SODA 2007; Hamerly, "Making k-means even faster", SDM 2010.
 */
dcl_status dcl_kmeans_fit(const dcl_context *context, const float *x, size_t n, size_t dim,
                          const dcl_kmeans_options *options, dcl_arena *arena, dcl_kmeans *out,
                          dcl_error *error) DCL_MUST_USE;

#endif
