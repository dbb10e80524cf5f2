#include "household/pca.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/status.h"

/* Rows of a product; shards of blocks, each with sums of its own. */
enum { BLOCK = 1024, SHARDS = 8 };

typedef struct fit {
    const float *x;
    const uint32_t *pick;
    size_t n, columns, shards;
    const double *mean;
    int64_t *sum; /* [shards × columns²] */
    double scale;
} fit;

static const float *row_of(const fit *f, size_t i) {
    return f->x + (f->pick ? f->pick[i] : i) * f->columns;
}

/* Adds one block's product of centred rows to the shard's sums. */
static void add_block(const fit *f, size_t from, size_t n, double *rows, double *product, int64_t *sum) {
    size_t k = f->columns;
    for (size_t i = 0; i < n; i++) {
        const float *row = row_of(f, from + i);
        for (size_t j = 0; j < k; j++) rows[i * k + j] = (double)row[j] - f->mean[j];
    }
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (blasint)k, (blasint)n, 1, rows, (blasint)k, 0,
                product, (blasint)k);
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++) sum[i * k + j] += llrint(product[i * k + j] * f->scale);
}

static dcl_status add_shard(void *arg, size_t shard) {
    const fit *f = arg;
    size_t k = f->columns, blocks = (f->n + BLOCK - 1) / BLOCK;
    size_t rows = f->n < BLOCK ? f->n : BLOCK;
    double *memory = malloc((rows * k + k * k) * sizeof *memory);
    if (!memory) return DCL_E_MEMORY;
    for (size_t b = shard; b < blocks; b += f->shards) {
        size_t n = f->n - b * BLOCK < BLOCK ? f->n - b * BLOCK : BLOCK;
        add_block(f, b * BLOCK, n, memory, memory + rows * k, f->sum + shard * k * k);
    }
    free(memory);
    return DCL_OK;
}

/* Means, in steps of 2^-24, and the largest squared distance of a row from them. */
static dcl_status centre(const dcl_context *context, const fit *f, const dcl_reduce *reduce, double *mean,
                         int64_t *count, int64_t *furthest, dcl_error *error) {
    int64_t *sum = calloc(f->columns + 1, sizeof *sum);
    if (!sum) return dcl_fail_memory(error, "the means of the columns");
    for (size_t i = 0; i < f->n; i++) context->kernels->add_i64_f32(row_of(f, i), f->columns, 0x1p24f, sum);
    sum[f->columns] = (int64_t)f->n;
    dcl_status status = dcl_reduce_do(reduce, DCL_REDUCE_SUM, sum, f->columns + 1, error);
    *count = sum[f->columns];
    for (size_t j = 0; j < f->columns; j++) mean[j] = (double)sum[j] * 0x1p-24 / (double)*count;
    double most = 0;
    for (size_t i = 0; i < f->n; i++) {
        const float *row = row_of(f, i);
        double square = 0;
        for (size_t j = 0; j < f->columns; j++)
            square += ((double)row[j] - mean[j]) * ((double)row[j] - mean[j]);
        most = square > most ? square : most;
    }
    *furthest = (int64_t)ceil(most < 0x1p60 ? most : 0x1p60);
    free(sum);
    return status ? status : dcl_reduce_do(reduce, DCL_REDUCE_MAX, furthest, 1, error);
}

/* The upper half of the covariance, times the count of rows. */
static dcl_status covariance(const dcl_context *context, fit *f, const dcl_reduce *reduce, int64_t count,
                             int64_t furthest, double *out, dcl_error *error) {
    size_t k = f->columns, blocks = (f->n + BLOCK - 1) / BLOCK;
    f->shards = blocks < SHARDS ? blocks : SHARDS;
    f->sum = calloc(f->shards * k * k, sizeof *f->sum);
    if (!f->sum) return dcl_fail_memory(error, "the covariance of the columns");
    int bits;
    frexp((double)count * (double)(furthest + 1), &bits);
    f->scale = ldexp(1, 61 - bits);
    openblas_set_num_threads(1); /* blocks share the threads; one of OpenBLAS's own in each would only wait */
    dcl_status status = dcl_parallel_for(context, f->shards, add_shard, f);
    for (size_t s = 1; s < f->shards; s++)
        for (size_t i = 0; i < k * k; i++) f->sum[i] += f->sum[s * k * k + i];
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the covariance of the columns");
    if (!status) status = dcl_reduce_do(reduce, DCL_REDUCE_SUM, f->sum, k * k, error);
    for (size_t i = 0; i < k * k; i++) out[i] = (double)f->sum[i] / f->scale;
    free(f->sum);
    return status;
}

/* Eigenvectors come smallest first, with any sign. */
static dcl_status keep(double *matrix, size_t k, double variance, size_t most, dcl_arena *arena, dcl_pca *out,
                       dcl_error *error) {
    size_t found_most = most < k ? most : k;
    double *value = malloc((k + found_most * k) * sizeof *value), *vector = value + k, trace = 0, so_far = 0;
    lapack_int found = 0, *support = malloc(2 * k * sizeof *support), info = LAPACK_WORK_MEMORY_ERROR;
    for (size_t i = 0; i < k; i++) trace += matrix[i * k + i];
    if (value && support)
        info = LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'V', 'I', 'U', (lapack_int)k, matrix, (lapack_int)k, 0, 0,
                              (lapack_int)(k - found_most + 1), (lapack_int)k, 0, &found, value, vector,
                              (lapack_int)found_most, support);
    out->component = info ? NULL : dcl_arena_alloc(arena, found_most * k, sizeof *out->component);
    out->kept = info ? NULL : dcl_arena_alloc(arena, found_most, sizeof *out->kept);
    out->total = trace;
    for (size_t c = 0; out->component && out->kept && c < (size_t)found; c++) {
        size_t from = (size_t)found - 1 - c, largest = 0;
        for (size_t j = 0; j < k; j++)
            if (fabs(vector[j * found_most + from]) > fabs(vector[largest * found_most + from])) largest = j;
        double sign = vector[largest * found_most + from] < 0 ? -1 : 1;
        for (size_t j = 0; j < k; j++)
            out->component[c * k + j] = (float)(sign * vector[j * found_most + from]);
        out->kept[c] = trace > 0 ? value[from] / trace : 0;
        so_far += out->kept[c];
        out->components = c + 1;
        if (so_far >= variance) break;
    }
    free(value);
    free(support);
    if (info == LAPACK_WORK_MEMORY_ERROR || (!info && (!out->component || !out->kept)))
        return dcl_fail_memory(error, "the components");
    return info ? dcl_fail(error, DCL_E_UNSUPPORTED, "LAPACKE found no eigenvectors (dsyevr: %d)", (int)info)
                : DCL_OK;
}

dcl_status dcl_pca_fit(const dcl_context *context, const float *x, const uint32_t *pick, size_t n,
                       size_t columns, double variance, size_t most, const dcl_reduce *reduce,
                       dcl_arena *arena, dcl_pca *out, dcl_error *error) {
    *out = (dcl_pca){.columns = columns};
    int64_t count = 0, furthest = 0;
    double *memory = malloc((columns + columns * columns) * sizeof *memory);
    out->mean = dcl_arena_alloc(arena, columns, sizeof *out->mean);
    if (!memory || !out->mean) {
        free(memory);
        return dcl_fail_memory(error, "the components");
    }
    fit f = {.x = x, .pick = pick, .n = n, .columns = columns, .mean = memory};
    dcl_status status = centre(context, &f, reduce, memory, &count, &furthest, error);
    for (size_t j = 0; j < columns; j++) out->mean[j] = (float)memory[j];
    if (!status) status = covariance(context, &f, reduce, count, furthest, memory + columns, error);
    if (!status) status = keep(memory + columns, columns, variance, most, arena, out, error);
    out->total /= (double)(count ? count : 1);
    free(memory);
    return status;
}

void dcl_pca_even(dcl_pca *pca) {
    for (size_t c = 0; c < pca->components; c++) {
        double spread = sqrt(sqrt(pca->kept[c] * pca->total)); /* the root of the scores' deviation */
        for (size_t j = 0; spread > 0 && j < pca->columns; j++)
            pca->component[c * pca->columns + j] =
                (float)((double)pca->component[c * pca->columns + j] / spread);
    }
}

void dcl_pca_project(const float *mean, const float *component, size_t components, size_t columns,
                     const float *row, float *score) {
    for (size_t c = 0; c < components; c++) {
        double sum = 0;
        for (size_t j = 0; j < columns; j++)
            sum += ((double)row[j] - (double)mean[j]) * (double)component[c * columns + j];
        score[c] = (float)sum;
    }
}
