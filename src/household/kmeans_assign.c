/* One iteration's rows: which can have a new nearest centroid, and which have. */
#include "household/kmeans.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"

/* Bounds are kept in float32; each operation on them may be off by 2^-24 of its result, in the wrong direction. */
static const float UP = 1 + 0x1p-21f, DOWN = 1 - 0x1p-21f;

/* A score of `dim` products is off by at most (dim + 2) 2^-24 (|x| |c| + |c|²); distances squared by twice that, and two of
   them are compared. */
static float margin(const dcl_kmeans_run *run, float norm) {
    return 4 * ((float)run->dim + 8) * 0x1p-24f * (norm + run->longest) * run->longest * 1.01f;
}

/* Whether the row's own centroid is still the nearest, for sure; the bounds are moved along with the centroids. */
static bool stays(dcl_kmeans_run *run, size_t i) {
    uint32_t own = run->label[i];
    float upper = (run->upper[i] + run->moved[own]) * UP;
    float lower = run->lower[i] - (own == run->fastest ? run->second_most : run->most);
    lower *= lower > 0 ? DOWN : UP;
    run->upper[i] = upper;
    run->lower[i] = lower;
    float other = (run->apart[own] - upper) * DOWN;
    float nearest = lower > other ? lower : other;
    return nearest > upper && (nearest - upper) * (nearest + upper) * DOWN > margin(run, run->norm[i]);
}

/* The result of weighing row i: its cluster, its bounds, and the change of the sums. */
static void settle(dcl_kmeans_run *run, dcl_kmeans_shard *mine, size_t i, const dcl_nearest *nearest) {
    float square = run->norm[i] * run->norm[i], slack = margin(run, run->norm[i]) + square * 0x1p-20f;
    float own = square - 2 * nearest->score + slack, other = square - 2 * nearest->second - slack;
    run->upper[i] = sqrtf(own > 0 ? own : 0) * UP;
    run->lower[i] = other > 0 ? sqrtf(other) * DOWN : 0;
    uint32_t before = run->label[i];
    if (before == nearest->index) return;
    const float *row = run->x + i * run->dim;
    if (before != KMEANS_NONE) {
        run->context->kernels->add_i64_f32(row, run->dim, -run->scale, mine->sum + before * run->dim);
        mine->count[before]--;
    }
    run->context->kernels->add_i64_f32(row, run->dim, run->scale, mine->sum + nearest->index * run->dim);
    mine->count[nearest->index]++;
    mine->changed++;
    run->label[i] = nearest->index;
}

/* Weighs n rows whose numbers are in mine->index; where they are all of a block they are read where they stand. */
static void weigh(dcl_kmeans_run *run, dcl_kmeans_shard *mine, size_t n, size_t block, size_t block_n) {
    dcl_centroids centroids = {run->at, run->half, run->dim, run->room};
    const float *rows = run->x + block * run->dim;
    if (n == 0) return;
    if (n < block_n) {
        for (size_t i = 0; i < n; i++)
            memcpy(mine->row + i * run->dim, run->x + mine->index[i] * run->dim, run->dim * sizeof *rows);
        rows = mine->row;
    }
    run->context->kernels->nearest_f32(rows, n, &centroids, mine->nearest);
    for (size_t i = 0; i < n; i++) settle(run, mine, mine->index[i], &mine->nearest[i]);
    mine->weighed += n;
}

dcl_status dcl_kmeans_assign(void *arg, size_t shard) {
    dcl_kmeans_run *run = arg;
    dcl_kmeans_shard *mine = &run->shard[shard];
    size_t to = dcl_kmeans_from(run, shard + 1);
    for (size_t block = dcl_kmeans_from(run, shard); block < to; block += KMEANS_BLOCK) {
        size_t block_n = to - block < KMEANS_BLOCK ? to - block : KMEANS_BLOCK, n = 0;
        for (size_t i = block; i < block + block_n; i++) {
            bool sure = !run->plain && run->label[i] != KMEANS_NONE && stays(run, i);
            mine->index[n] = (uint32_t)i;
            n += !sure;
        }
        weigh(run, mine, n, block, block_n);
    }
    return DCL_OK;
}
