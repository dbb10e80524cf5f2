/* k-means++: each next centroid is a row, drawn by its squared distance from the nearest one so far. */
#include "household/kmeans.h"

#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"

enum { STREAM = 0x6b6d }; /* of random numbers */

/* Squared distances of rows to their nearest centroid so far, kept in run->upper, and their sums by shard. */
static dcl_status weigh_new(void *arg, size_t shard) {
    dcl_kmeans_run *run = arg;
    const float *centroid = run->centroid + run->fastest * run->dim; /* the one just chosen */
    double sum = 0;
    for (size_t i = dcl_kmeans_from(run, shard); i < dcl_kmeans_from(run, shard + 1); i++) {
        const float *row = run->x + i * run->dim;
        float square = 0;
        for (size_t j = 0; j < run->dim; j++) square += (row[j] - centroid[j]) * (row[j] - centroid[j]);
        if (run->fastest == 0 || square < run->upper[i]) run->upper[i] = square;
        sum += (double)run->upper[i];
    }
    run->shard[shard].inertia = sum;
    return DCL_OK;
}

/* The row at which the running sum of weights passes `at`; the last one with a weight where rounding passes the end. */
static size_t row_at(const dcl_kmeans_run *run, double at) {
    size_t last = 0;
    for (size_t s = 0; s < run->shards; s++) {
        if (at >= run->shard[s].inertia && s + 1 < run->shards) {
            at -= run->shard[s].inertia;
            continue;
        }
        for (size_t i = dcl_kmeans_from(run, s); i < dcl_kmeans_from(run, s + 1); i++) {
            if (run->upper[i] > 0) last = i;
            at -= (double)run->upper[i];
            if (at < 0) return i;
        }
    }
    return last;
}

dcl_status dcl_kmeans_seed(dcl_kmeans_run *run) {
    dcl_rng rng = {run->context->seed, STREAM, 0};
    size_t row = dcl_rng_below(&rng, (uint32_t)run->n);
    for (size_t c = 0;; c++) {
        memcpy(run->centroid + c * run->dim, run->x + row * run->dim, run->dim * sizeof *run->x);
        if (c + 1 == run->k) return DCL_OK;
        run->fastest = (uint32_t)c;
        dcl_status status = dcl_parallel_for(run->context, run->shards, weigh_new, run);
        if (status) return status;
        double total = 0;
        for (size_t s = 0; s < run->shards; s++) total += run->shard[s].inertia;
        row = row_at(run, dcl_rng_uniform(&rng) * total);
    }
}
