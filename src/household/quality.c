#include "household/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

double dcl_square_between(const float *a, const float *b, size_t dim) {
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += ((double)a[j] - (double)b[j]) * ((double)a[j] - (double)b[j]);
    return square;
}

/* ---------------------------------------------------------------- silhouette */

enum { SHARD_ROWS = 64 };

/* The sampled rows, and what each is worth. */
typedef struct silhouette {
    const float *x;
    const uint32_t *label;
    size_t n, dim, sample;
    uint32_t k;
    const size_t *size; /* [k] of the sample */
    double *value;      /* [sample] */
} silhouette;

static size_t row_at(const silhouette *s, size_t i) {
    return (size_t)((double)i * (double)s->n / (double)s->sample);
}

static double value_of(const silhouette *s, size_t i, double *sum) {
    const float *row = s->x + row_at(s, i) * s->dim;
    uint32_t own = s->label[row_at(s, i)];
    if (s->size[own] < 2) return 0;
    memset(sum, 0, s->k * sizeof *sum);
    for (size_t j = 0; j < s->sample; j++) {
        size_t other = row_at(s, j);
        if (j != i) sum[s->label[other]] += sqrt(dcl_square_between(row, s->x + other * s->dim, s->dim));
    }
    double near = (double)INFINITY, a = sum[own] / (double)(s->size[own] - 1);
    for (uint32_t c = 0; c < s->k; c++)
        if (c != own && s->size[c]) near = fmin(near, sum[c] / (double)s->size[c]);
    double most = fmax(a, near);
    return isinf(near) || !(most > 0) ? 0 : (near - a) / most;
}

static dcl_status silhouette_shard(void *arg, size_t shard) {
    const silhouette *s = arg;
    double *sum = malloc(s->k * sizeof *sum);
    if (!sum) return DCL_E_MEMORY;
    for (size_t i = shard * SHARD_ROWS; i < (shard + 1) * SHARD_ROWS && i < s->sample; i++)
        s->value[i] = value_of(s, i, sum);
    free(sum);
    return DCL_OK;
}

static dcl_status measure_silhouette(const dcl_context *context, silhouette *s, double *out) {
    size_t *size = calloc(s->k, sizeof *size);
    s->value = malloc(s->sample * sizeof *s->value);
    s->size = size;
    dcl_status status = size && s->value ? DCL_OK : DCL_E_MEMORY;
    for (size_t i = 0; !status && i < s->sample; i++) size[s->label[row_at(s, i)]]++;
    if (!status)
        status = dcl_parallel_for(context, (s->sample + SHARD_ROWS - 1) / SHARD_ROWS, silhouette_shard, s);
    double sum = 0;
    for (size_t i = 0; !status && i < s->sample; i++) sum += s->value[i];
    if (!status) *out = sum / (double)s->sample;
    free(size);
    free(s->value);
    return status;
}

/* ---------------------------------------------------------------- compactness */

/* The mean over the clusters of the worst ratio of spreads to distance. spread [k] */
static double davies_bouldin(const float *centroid, const double *spread, uint32_t k, size_t dim) {
    double sum = 0;
    for (uint32_t a = 0; a < k; a++) {
        double worst = 0;
        for (uint32_t b = 0; b < k; b++) {
            double between = sqrt(dcl_square_between(centroid + a * dim, centroid + b * dim, dim));
            if (a != b && between > 0) worst = fmax(worst, (spread[a] + spread[b]) / between);
        }
        sum += worst;
    }
    return sum / k;
}

static dcl_status measure_spread(const float *x, size_t n, size_t dim, const uint32_t *label,
                                 const float *centroid, uint32_t k, dcl_cluster_quality *out) {
    double *mean = calloc(dim + 2 * k, sizeof *mean), *spread = mean + dim, *count = spread + k, within = 0,
           between = 0;
    if (!mean) return DCL_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        double square = dcl_square_between(x + i * dim, centroid + label[i] * dim, dim);
        within += square;
        spread[label[i]] += sqrt(square);
        count[label[i]]++;
        for (size_t j = 0; j < dim; j++) mean[j] += (double)x[i * dim + j] / (double)n;
    }
    for (uint32_t c = 0; c < k; c++) {
        for (size_t j = 0; j < dim; j++) {
            double off = (double)centroid[c * dim + j] - mean[j];
            between += count[c] * off * off;
        }
        if (count[c] > 0) spread[c] /= count[c];
    }
    out->davies_bouldin = davies_bouldin(centroid, spread, k, dim);
    out->calinski_harabasz =
        within > 0 && n > k ? between / (k - 1) / (within / (double)(n - k)) : (double)NAN;
    free(mean);
    return DCL_OK;
}

dcl_status dcl_cluster_indices(const dcl_context *context, const float *x, size_t n, size_t dim,
                               const uint32_t *label, const float *centroid, uint32_t k, size_t sample,
                               dcl_cluster_quality *out) {
    out->silhouette = out->davies_bouldin = out->calinski_harabasz = (double)NAN;
    if (k < 2 || n < 2) return DCL_OK;
    silhouette s = {.x = x, .label = label, .n = n, .dim = dim, .sample = sample < n ? sample : n, .k = k};
    dcl_status status = measure_silhouette(context, &s, &out->silhouette);
    return status ? status : measure_spread(x, n, dim, label, centroid, k, out);
}

dcl_status dcl_variance_explained(const float *x, const uint32_t *pick, size_t n, size_t dim,
                                  const uint32_t *label, uint32_t k, double *out) {
    double *sum = calloc(k * dim + k + dim, sizeof *sum), *count = sum + k * dim, *all = count + k, total = 0,
           within = 0;
    if (!sum) return DCL_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const float *row = x + (pick ? pick[i] : i) * dim;
        count[label[i]]++;
        for (size_t j = 0; j < dim; j++) {
            sum[label[i] * dim + j] += (double)row[j];
            all[j] += (double)row[j] / (double)n;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const float *row = x + (pick ? pick[i] : i) * dim;
        for (size_t j = 0; j < dim; j++) {
            double off = (double)row[j] - sum[label[i] * dim + j] / count[label[i]],
                   whole = (double)row[j] - all[j];
            within += off * off;
            total += whole * whole;
        }
    }
    *out = total > 0 ? 1 - within / total : (double)NAN;
    free(sum);
    return DCL_OK;
}

/* ---------------------------------------------------------------- two groupings */

static double pairs_of(double count) {
    return count * (count - 1) / 2;
}

double dcl_adjusted_rand(const uint32_t *a, const uint32_t *b, size_t n) {
    uint32_t na = 0, nb = 0;
    for (size_t i = 0; i < n; i++) {
        na = a[i] >= na ? a[i] + 1 : na;
        nb = b[i] >= nb ? b[i] + 1 : nb;
    }
    double *both = n > 1 ? calloc((size_t)na * nb + na + nb, sizeof *both) : NULL;
    if (!both) return (double)NAN;
    double *of_a = both + (size_t)na * nb, *of_b = of_a + na, same = 0, in_a = 0, in_b = 0;
    for (size_t i = 0; i < n; i++) {
        both[(size_t)a[i] * nb + b[i]]++;
        of_a[a[i]]++;
        of_b[b[i]]++;
    }
    for (size_t i = 0; i < (size_t)na * nb; i++) same += pairs_of(both[i]);
    for (uint32_t i = 0; i < na; i++) in_a += pairs_of(of_a[i]);
    for (uint32_t i = 0; i < nb; i++) in_b += pairs_of(of_b[i]);
    free(both);
    double chance = in_a * in_b / pairs_of((double)n), most = (in_a + in_b) / 2;
    return most - chance > 1e-12 * most ? (same - chance) / (most - chance) : 1;
}
