/* Lloyd's iteration: rows to centroids, centroids to the means of their rows, until nothing moves. */
#include "household/kmeans.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"

/* Beyond this, squares and their sums would leave float32. */
static const float LARGEST = 0x1p40f;

dcl_kmeans_options dcl_kmeans_defaults(void) {
    return (dcl_kmeans_options){.k = 8, .max_iterations = 300};
}

/* ---------------------------------------------------------------- what the bounds need */

static double distance(const float *a, const float *b, size_t dim) {
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += ((double)a[j] - (double)b[j]) * ((double)a[j] - (double)b[j]);
    return sqrt(square);
}

static float length_of(const float *a, size_t dim) {
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += (double)a[j] * (double)a[j];
    return (float)sqrt(square) * (1 + 0x1p-22f);
}

void dcl_kmeans_lay_out(dcl_kmeans_run *run) {
    run->longest = 0;
    for (size_t c = 0; c < run->k; c++) {
        const float *centroid = run->centroid + c * run->dim;
        double square = 0;
        for (size_t j = 0; j < run->dim; j++) {
            run->at[j * run->room + c] = centroid[j];
            square += (double)centroid[j] * (double)centroid[j];
        }
        run->half[c] = (float)(-square / 2);
        run->longest = fmaxf(run->longest, length_of(centroid, run->dim));
        run->apart[c] = INFINITY;
    }
    for (size_t c = 0; c < run->k && !run->plain; c++)
        for (size_t other = 0; other < c; other++) {
            double between =
                distance(run->centroid + c * run->dim, run->centroid + other * run->dim, run->dim);
            float low = (float)between * (1 - 0x1p-22f);
            run->apart[c] = fminf(run->apart[c], low);
            run->apart[other] = fminf(run->apart[other], low);
        }
}

/* ---------------------------------------------------------------- centroids */

/* Joins what the shards found, and what other ranks did; *changed is how many rows changed their cluster. */
static dcl_status join(dcl_kmeans_run *run, uint64_t *weighed, uint64_t *changed, dcl_error *error) {
    int64_t here = 0;
    for (size_t s = 0; s < run->shards; s++) {
        dcl_kmeans_shard *part = &run->shard[s];
        for (size_t i = 0; part->changed && i < run->k * run->dim; i++) run->sum[i] += part->sum[i];
        for (size_t c = 0; part->changed && c < run->k; c++) run->count[c] += part->count[c];
        here += (int64_t)part->changed;
        *weighed += part->weighed;
        if (part->changed) {
            memset(part->sum, 0, run->k * run->dim * sizeof *part->sum);
            memset(part->count, 0, run->k * sizeof *part->count);
        }
        part->changed = part->weighed = 0;
    }
    dcl_status status = dcl_reduce_do(run->reduce, DCL_REDUCE_SUM, &here, 1, error);
    *changed = (uint64_t)here;
    if (status || !run->reduce || !run->reduce->fn || !here) return status;
    memcpy(run->all_sum, run->sum, run->k * run->dim * sizeof *run->sum);
    memcpy(run->all_count, run->count, run->k * sizeof *run->count);
    status = dcl_reduce_do(run->reduce, DCL_REDUCE_SUM, run->all_sum, run->k * run->dim, error);
    return status ? status : dcl_reduce_do(run->reduce, DCL_REDUCE_SUM, run->all_count, run->k, error);
}

/* The row furthest from its own centroid, the first of equals; n where every row stands on its centroid. */
static size_t furthest(const dcl_kmeans_run *run) {
    size_t row = run->n;
    double most = 0;
    for (size_t i = 0; i < run->n; i++) {
        uint32_t own = run->label[i];
        double d = distance(run->x + i * run->dim, run->centroid + own * run->dim, run->dim);
        if (d > most) {
            most = d;
            row = i;
        }
    }
    return row;
}

/* A cluster without rows takes the row that is furthest from its own centroid. */
static void fill_empty(dcl_kmeans_run *run) {
    for (uint32_t c = 0; c < run->k; c++) {
        if (run->all_count[c] > 0 || (run->reduce && run->reduce->fn)) continue;
        size_t i = furthest(run);
        if (i == run->n) return;
        const float *row = run->x + i * run->dim;
        uint32_t before = run->label[i];
        run->context->kernels->add_i64_f32(row, run->dim, -run->scale, run->sum + before * run->dim);
        run->context->kernels->add_i64_f32(row, run->dim, run->scale, run->sum + c * run->dim);
        run->count[before]--;
        run->count[c]++;
        run->label[i] = c;
        run->upper[i] = INFINITY;
        run->lower[i] = 0;
    }
}

/* Takes the centroids to the means of their rows and says how far they went. */
static void move(dcl_kmeans_run *run) {
    run->most = run->second_most = 0;
    run->fastest = 0;
    for (size_t c = 0; c < run->k; c++) {
        float *centroid = run->centroid + c * run->dim;
        double square = 0, units = (double)run->all_count[c] * (double)run->scale;
        for (size_t j = 0; j < run->dim; j++) {
            float before = centroid[j];
            if (run->all_count[c] > 0)
                centroid[j] = (float)((double)run->all_sum[c * run->dim + j] / units) + 0.0f;
            square += ((double)centroid[j] - (double)before) * ((double)centroid[j] - (double)before);
        }
        float moved = run->moved[c] = (float)sqrt(square) * (1 + 0x1p-22f);
        if (moved > run->most) {
            run->second_most = run->most;
            run->most = moved;
            run->fastest = (uint32_t)c;
        } else if (moved > run->second_most) {
            run->second_most = moved;
        }
    }
}

/* ---------------------------------------------------------------- a run */

/* Norms of a shard's rows, and whether its values are usable: shard->changed holds the row after a bad one. */
static dcl_status measure_rows(void *arg, size_t shard) {
    dcl_kmeans_run *run = arg;
    for (size_t i = dcl_kmeans_from(run, shard); i < dcl_kmeans_from(run, shard + 1); i++) {
        const float *row = run->x + i * run->dim;
        float largest = 0;
        for (size_t j = 0; j < run->dim; j++) {
            float size = fabsf(row[j]);
            if (!(size < LARGEST)) return DCL_E_ARG;
            largest = size > largest ? size : largest;
        }
        run->shard[shard].inertia = fmax(run->shard[shard].inertia, (double)largest);
        run->norm[i] = length_of(row, run->dim);
        run->label[i] = KMEANS_NONE;
    }
    return DCL_OK;
}

static dcl_status inertia_of(void *arg, size_t shard) {
    dcl_kmeans_run *run = arg;
    double sum = 0;
    for (size_t i = dcl_kmeans_from(run, shard); i < dcl_kmeans_from(run, shard + 1); i++) {
        const float *row = run->x + i * run->dim, *centroid = run->centroid + run->label[i] * run->dim;
        for (size_t j = 0; j < run->dim; j++)
            sum += ((double)row[j] - (double)centroid[j]) * ((double)row[j] - (double)centroid[j]);
    }
    run->shard[shard].inertia = sum;
    return DCL_OK;
}

/* The power of two under which the rows of all ranks of the largest value fit an int64, and a product the kernel's range. */
static dcl_status choose_scale(dcl_kmeans_run *run, dcl_error *error) {
    double largest = 0;
    for (size_t s = 0; s < run->shards; s++) largest = fmax(largest, run->shard[s].inertia);
    int value, rows_bits;
    frexp(largest, &value);
    int64_t rows = (int64_t)run->n, exponent = value;
    dcl_status status = dcl_reduce_do(run->reduce, DCL_REDUCE_SUM, &rows, 1, error);
    if (!status) status = dcl_reduce_do(run->reduce, DCL_REDUCE_MAX, &exponent, 1, error);
    value = (int)exponent;
    frexp((double)rows, &rows_bits);
    int bits = 62 - rows_bits - value, most = 50 - value;
    bits = bits < most ? bits : most;
    run->scale = ldexpf(1, bits > 100 ? 100 : bits);
    return status;
}

static dcl_status take_memory(dcl_kmeans_run *run, dcl_arena *arena) {
    size_t cells = run->k * run->dim;
    run->shard = dcl_arena_alloc(arena, run->shards, sizeof *run->shard);
    run->at = dcl_arena_alloc(arena, run->room * run->dim, sizeof *run->at);
    run->half = dcl_arena_alloc(arena, run->room, sizeof *run->half);
    run->moved = dcl_arena_alloc(arena, run->k, sizeof *run->moved);
    run->apart = dcl_arena_alloc(arena, run->k, sizeof *run->apart);
    run->norm = dcl_arena_alloc(arena, run->n, sizeof *run->norm);
    run->upper = dcl_arena_alloc(arena, run->n, sizeof *run->upper);
    run->lower = dcl_arena_alloc(arena, run->n, sizeof *run->lower);
    run->sum = dcl_arena_alloc(arena, cells, sizeof *run->sum);
    run->count = dcl_arena_alloc(arena, run->k, sizeof *run->count);
    bool shared = run->reduce && run->reduce->fn;
    run->all_sum = shared ? dcl_arena_alloc(arena, cells, sizeof *run->all_sum) : run->sum;
    run->all_count = shared ? dcl_arena_alloc(arena, run->k, sizeof *run->all_count) : run->count;
    if (!run->all_sum || !run->all_count || !run->shard || !run->at || !run->half || !run->moved ||
        !run->apart || !run->norm || !run->upper || !run->lower || !run->sum || !run->count)
        return DCL_E_MEMORY;
    for (size_t i = run->k; i < run->room; i++) run->half[i] = -INFINITY;
    for (size_t s = 0; s < run->shards; s++) {
        dcl_kmeans_shard *part = &run->shard[s];
        part->sum = dcl_arena_alloc(arena, cells, sizeof *part->sum);
        part->count = dcl_arena_alloc(arena, run->k, sizeof *part->count);
        part->row = dcl_arena_alloc(arena, KMEANS_BLOCK * run->dim, sizeof *part->row);
        part->nearest = dcl_arena_alloc(arena, KMEANS_BLOCK, sizeof *part->nearest);
        part->index = dcl_arena_alloc(arena, KMEANS_BLOCK, sizeof *part->index);
        if (!part->sum || !part->count || !part->row || !part->nearest || !part->index) return DCL_E_MEMORY;
    }
    return DCL_OK;
}

static dcl_status iterate(dcl_kmeans_run *run, const dcl_kmeans_options *options, dcl_kmeans *out,
                          dcl_error *error) {
    while (out->iterations < options->max_iterations) {
        dcl_kmeans_lay_out(run);
        dcl_status status = dcl_parallel_for(run->context, run->shards, dcl_kmeans_assign, run);
        if (status) return status;
        out->iterations++;
        uint64_t changed;
        status = join(run, &out->weighed, &changed, error);
        if (status) return status;
        if (changed == 0) {
            out->converged = true;
            return DCL_OK;
        }
        fill_empty(run);
        move(run);
    }
    return DCL_OK;
}

static dcl_status finish(dcl_kmeans_run *run, dcl_kmeans *out) {
    dcl_status status = dcl_parallel_for(run->context, run->shards, inertia_of, run);
    for (size_t s = 0; s < run->shards; s++) out->inertia += run->shard[s].inertia;
    for (size_t c = 0; c < run->k; c++) out->size[c] = (uint64_t)run->count[c];
    return status;
}

dcl_status dcl_kmeans_fit(const dcl_context *context, const float *x, size_t n, size_t dim,
                          const dcl_kmeans_options *options, dcl_arena *arena, dcl_kmeans *out,
                          dcl_error *error) {
    if (n == 0 || dim == 0 || n >= KMEANS_NONE)
        return dcl_fail(error, DCL_E_ARG, "%zu rows of %zu values: nothing to cluster", n, dim);
    if (options->k == 0 || options->k > n || options->max_iterations == 0)
        return dcl_fail(error, DCL_E_ARG, "k is %u: expected 1 to %zu, the number of rows", options->k, n);
    if (options->reduce.fn && !options->init)
        return dcl_fail(error, DCL_E_ARG,
                        "rows of several ranks need centroids to start from, the same for all");
    dcl_arena own = {0};
    size_t shards = (n + 2047) / 2048;
    dcl_kmeans_run run = {.context = context,
                          .x = x,
                          .n = n,
                          .dim = dim,
                          .k = options->k,
                          .plain = options->plain,
                          .reduce = &options->reduce};
    run.room = (run.k + 15) / 16 * 16;
    run.shard_n = (n + (shards < KMEANS_SHARDS ? shards : KMEANS_SHARDS) - 1) /
                  (shards < KMEANS_SHARDS ? shards : KMEANS_SHARDS);
    run.shards = (n + run.shard_n - 1) / run.shard_n;
    *out = (dcl_kmeans){.k = options->k, .dim = dim, .n = n};
    out->centroid = run.centroid = dcl_arena_alloc(arena, run.k * dim, sizeof *out->centroid);
    out->label = run.label = dcl_arena_alloc(arena, n, sizeof *out->label);
    out->size = dcl_arena_alloc(arena, run.k, sizeof *out->size);
    dcl_status status = out->centroid && out->label && out->size ? take_memory(&run, &own) : DCL_E_MEMORY;
    if (!status) status = dcl_parallel_for(context, run.shards, measure_rows, &run);
    if (!status) status = choose_scale(&run, error);
    if (!status) {
        if (options->init)
            memcpy(run.centroid, options->init, run.k * dim * sizeof *run.centroid);
        else
            status = dcl_kmeans_seed(&run);
    }
    if (!status) status = iterate(&run, options, out, error);
    if (!status) status = finish(&run, out);
    dcl_arena_free(&own);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "the clusters");
    if (status == DCL_E_ARG) return dcl_fail(error, status, "a value is not finite, or beyond 2^40");
    return status;
}
