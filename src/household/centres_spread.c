/* Spreads of clusters: from the rows of each, and the clusters that lie best together made one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/parallel.h"
#include "household/centres.h"

/* Rows of a shard, with sums of its own. */
enum { SHARD = 2048, ITERATIONS_MOST = 100, STILL = 500 };

/* ---------------------------------------------------------------- moments */

/** Of one group of rows: how many, their sums, and the sums of their products, lower triangle. */
typedef struct moments {
    double n, sum[DCL_CENTRES_DIM], product[];
} moments;

/**
 * A fit while it runs.
 * each     bytes of one group's moments
 * memory   of each shard's k groups;   deviance, changed  of each shard
 */
typedef struct run {
    const float *x;
    size_t n, dim, shards, each;
    uint32_t k;
    uint32_t *label;
    const dcl_centres *centres;
    char *memory;
    double *deviance;
    size_t *changed;
} run;

static moments *moments_of(const run *r, size_t shard, uint32_t c) {
    return (moments *)(void *)(r->memory + (shard * r->k + c) * r->each);
}

static size_t products_of(size_t dim) {
    return dim * (dim + 1) / 2;
}

static dcl_status add_rows(void *arg, size_t shard) {
    const run *r = arg;
    size_t dim = r->dim, to = (shard + 1) * SHARD < r->n ? (shard + 1) * SHARD : r->n;
    memset(moments_of(r, shard, 0), 0, r->k * r->each);
    for (size_t i = shard * SHARD; i < to; i++) {
        moments *m = moments_of(r, shard, r->label[i]);
        const float *row = r->x + i * dim;
        double *product = m->product;
        m->n++;
        for (size_t a = 0; a < dim; a++) {
            m->sum[a] += (double)row[a];
            for (size_t b = 0; b <= a; b++) *product++ += (double)row[a] * (double)row[b];
        }
    }
    return DCL_OK;
}

static dcl_status put_rows(void *arg, size_t shard) {
    const run *r = arg;
    uint32_t before[SHARD];
    size_t from = shard * SHARD, n = r->n - from < SHARD ? r->n - from : SHARD;
    memcpy(before, r->label + from, n * sizeof *before);
    r->deviance[shard] = dcl_centres_nearest(r->centres, r->x + from * r->dim, n, r->label + from);
    r->changed[shard] = 0;
    for (size_t i = 0; i < n; i++) r->changed[shard] += r->label[from + i] != before[i];
    return DCL_OK;
}

static void add_moments(moments *to, const moments *m, size_t dim) {
    to->n += m->n;
    for (size_t a = 0; a < dim; a++) to->sum[a] += m->sum[a];
    for (size_t p = 0; p < products_of(dim); p++) to->product[p] += m->product[p];
}

/* The inverse of the Cholesky factor of a covariance, in place, lower triangle; returns the log of the covariance's determinant. */
static double invert_root(double (*c)[DCL_CENTRES_DIM], size_t dim) {
    double log_root = 0;
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = c[i][j];
            for (size_t k = 0; k < j; k++) sum -= c[i][k] * c[j][k];
            c[i][j] = i == j ? sqrt(sum) : sum / c[j][j];
        }
    for (size_t i = 0; i < dim; i++) log_root += dcl_log(c[i][i]);
    for (size_t j = 0; j < dim; j++) /* column by column: what is below the diagonal is still the factor's */
        for (size_t i = j; i < dim; i++) {
            double sum = i == j;
            for (size_t k = j; k < i; k++) sum -= c[i][k] * c[k][j];
            c[i][j] = sum / c[i][i];
        }
    return 2 * log_root;
}

/* A thousandth of all rows' variance is added to every group's: no direction is without spread. */
static const double LEAST_SHARE = 1e-3;
static const double LEAST_VARIANCE = 1e-12;

static double variance_of(const moments *m, size_t i) {
    double mean = m->sum[i] / m->n;
    return fmax(m->product[i * (i + 1) / 2 + i] / m->n - mean * mean, 0);
}

/* The inverse of the Cholesky factor of a group's covariance; returns its offset. */
static double metric_of(const moments *m, const moments *all, size_t dim, double (*out)[DCL_CENTRES_DIM]) {
    bool enough = m->n >= (double)(2 * dim + 2);
    const double *product = m->product;
    for (size_t i = 0; i < dim; i++) {
        for (size_t j = 0; j <= i; j++, product++)
            out[i][j] = enough ? *product / m->n - m->sum[i] / m->n * (m->sum[j] / m->n) : 0;
        if (!enough) out[i][i] = variance_of(all, i);
        out[i][i] = fmax(out[i][i], 0) + LEAST_SHARE * variance_of(all, i) + LEAST_VARIANCE;
    }
    return invert_root(out, dim) - 2 * dcl_log(fmax(m->n, 1) / all->n);
}

static void centre_of(const moments *m, const moments *all, dcl_centres *out, uint32_t c) {
    size_t dim = out->dim;
    double metric[DCL_CENTRES_DIM][DCL_CENTRES_DIM];
    out->offset[c] = (float)metric_of(m, all, dim, metric);
    for (size_t i = 0; i < dim; i++) {
        out->centroid[c * dim + i] = (float)(m->n > 0 ? m->sum[i] / m->n : all->sum[i] / all->n);
        for (size_t j = 0; j < dim; j++)
            out->metric[(c * dim + i) * dim + j] = j <= i ? (float)metric[i][j] : 0;
    }
}

static dcl_status begin(run *r) {
    r->shards = (r->n + SHARD - 1) / SHARD;
    r->each = sizeof(moments) + products_of(r->dim) * sizeof(double);
    r->memory = malloc((r->shards * r->k + 1) * r->each);
    r->deviance = malloc((r->shards + 1) * sizeof *r->deviance);
    r->changed = malloc((r->shards + 1) * sizeof *r->changed);
    return r->memory && r->deviance && r->changed ? DCL_OK : DCL_E_MEMORY;
}

static void end(run *r) {
    free(r->memory);
    free(r->deviance);
    free(r->changed);
}

/* The first shard's groups become those of all rows, *all what they make together. Shards are joined in their order. */
static dcl_status sum_up(const dcl_context *context, run *r, moments **all) {
    dcl_status status = dcl_parallel_for(context, r->shards, add_rows, r);
    if (status) return status;
    *all = moments_of(r, r->shards, 0);
    memset(*all, 0, r->each);
    for (uint32_t c = 0; c < r->k; c++) {
        for (size_t s = 1; s < r->shards; s++) add_moments(moments_of(r, 0, c), moments_of(r, s, c), r->dim);
        add_moments(*all, moments_of(r, 0, c), r->dim);
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- rows to groups, groups from rows */

dcl_status dcl_centres_spread(const dcl_context *context, const float *x, size_t n, uint32_t *label,
                              dcl_centres *centres, double *deviance, uint32_t *iterations) {
    run r = {.x = x, .n = n, .dim = centres->dim, .k = centres->k, .label = label, .centres = centres};
    dcl_status status = begin(&r);
    size_t changed = n;
    for (*iterations = 0; !status && changed > n / STILL && *iterations < ITERATIONS_MOST; ++*iterations) {
        moments *all;
        status = sum_up(context, &r, &all);
        for (uint32_t c = 0; !status && c < r.k; c++) centre_of(moments_of(&r, 0, c), all, centres, c);
        if (!status) status = dcl_parallel_for(context, r.shards, put_rows, &r);
        changed = 0;
        *deviance = 0;
        for (size_t s = 0; !status && s < r.shards; s++) {
            changed += r.changed[s];
            *deviance += r.deviance[s];
        }
    }
    end(&r);
    return status;
}

/* ---------------------------------------------------------------- groups made one */

/** Groups while they are made fewer. cost [k]: the deviance of each; loss [k × k]: what it rises by where two (a < b) are one. */
typedef struct merger {
    run *r;
    const moments *all;
    moments *both;
    double *cost, *loss;
} merger;

/* Of n rows in one normal distribution of their own moments, but for n d. */
static double deviance_of(const merger *m, const moments *of) {
    double metric[DCL_CENTRES_DIM][DCL_CENTRES_DIM];
    return of->n * metric_of(of, m->all, m->r->dim, metric);
}

static void weigh_pair(merger *m, uint32_t a, uint32_t b) {
    memcpy(m->both, moments_of(m->r, 0, a), m->r->each);
    add_moments(m->both, moments_of(m->r, 0, b), m->r->dim);
    m->loss[(a < b ? a : b) * m->r->k + (a < b ? b : a)] = deviance_of(m, m->both) - m->cost[a] - m->cost[b];
}

/* The pair of least loss becomes one, at the place of the first; the last of the k takes the place of the second. to [cells] follows. */
static void join_best(merger *m, uint32_t k, uint32_t cells, uint32_t *to) {
    uint32_t first = 0, second = 1, last = k - 1, room = m->r->k;
    for (uint32_t a = 0; a < k; a++)
        for (uint32_t b = a + 1; b < k; b++)
            if (m->loss[a * room + b] < m->loss[first * room + second]) {
                first = a;
                second = b;
            }
    add_moments(moments_of(m->r, 0, first), moments_of(m->r, 0, second), m->r->dim);
    memmove(moments_of(m->r, 0, second), moments_of(m->r, 0, last), m->r->each);
    m->cost[first] = deviance_of(m, moments_of(m->r, 0, first));
    m->cost[second] = m->cost[last];
    for (uint32_t c = 0; c < cells; c++) to[c] = to[c] == second ? first : to[c] == last ? second : to[c];
    for (uint32_t c = 0; c < last; c++) {
        if (c != second && second != last) weigh_pair(m, c, second);
        if (c != first) weigh_pair(m, c, first);
    }
}

dcl_status dcl_centres_merge(const dcl_context *context, const float *x, size_t n, size_t dim, uint32_t cells,
                             uint32_t k, uint32_t *label) {
    run r = {.x = x, .n = n, .dim = dim, .k = cells, .label = label};
    moments *all;
    dcl_status status = begin(&r);
    merger m = {.r = &r,
                .both = malloc(r.each),
                .cost = malloc(cells * sizeof *m.cost),
                .loss = malloc((size_t)cells * cells * sizeof *m.loss)};
    uint32_t *to = malloc(cells * sizeof *to);
    if (!m.both || !m.cost || !m.loss || !to) status = DCL_E_MEMORY;
    if (!status) status = sum_up(context, &r, &all);
    if (!status) {
        m.all = all;
        for (uint32_t c = 0; c < cells; c++) {
            to[c] = c;
            m.cost[c] = deviance_of(&m, moments_of(&r, 0, c));
        }
        for (uint32_t a = 0; a < cells; a++)
            for (uint32_t b = a + 1; b < cells; b++) weigh_pair(&m, a, b);
        for (uint32_t left = cells; left > k; left--) join_best(&m, left, cells, to);
        for (size_t i = 0; i < n; i++) label[i] = to[label[i]];
    }
    free(m.both);
    free(m.cost);
    free(m.loss);
    free(to);
    end(&r);
    return status;
}

/* ---------------------------------------------------------------- what it costs */

double dcl_centres_icl(double deviance, size_t n, uint32_t k, size_t dim) {
    const double two_pi = 6.283185307179586, count = (double)n,
                 numbers = (double)k * (double)(1 + dim + products_of(dim)) - 1;
    return (deviance + numbers * dcl_log(count)) / count + (double)dim * dcl_log(two_pi);
}
