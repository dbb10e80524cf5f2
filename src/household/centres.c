#include "household/centres.h"

#include <math.h>
#include <string.h>

#include "household/quality.h"

/* Rows that are weighed side by side: so many that compilers make vectors of rows, and not of the few components. */
enum { BLOCK = 64 };

bool dcl_centres_take(uint32_t k, size_t dim, bool spread, dcl_arena *arena, dcl_centres *out) {
    *out = (dcl_centres){.k = k, .dim = dim};
    out->centroid = dcl_arena_alloc(arena, k * dim, sizeof *out->centroid);
    if (spread) {
        out->metric = dcl_arena_alloc(arena, k * dim * dim, sizeof *out->metric);
        out->offset = dcl_arena_alloc(arena, k, sizeof *out->offset);
    }
    return out->centroid && (!spread || (out->metric && out->offset));
}

void dcl_centres_copy(dcl_centres *to, const dcl_centres *from) {
    size_t k = from->k, dim = from->dim;
    memcpy(to->centroid, from->centroid, k * dim * sizeof *to->centroid);
    if (from->metric) memcpy(to->metric, from->metric, k * dim * dim * sizeof *to->metric);
    if (from->offset) memcpy(to->offset, from->offset, k * sizeof *to->offset);
}

/* ---------------------------------------------------------------- rows to centres */

static double nearest_by_distance(const dcl_centres *of, const float *row, uint32_t *best) {
    double least = (double)INFINITY;
    for (uint32_t c = 0; c < of->k; c++) {
        double square = dcl_square_between(row, of->centroid + c * of->dim, of->dim);
        if (square >= least) continue;
        least = square;
        *best = c;
    }
    return least;
}

/* at [dim × BLOCK]: the rows, a value of all of them after another. value [BLOCK]: offset + |metric (x - centroid)|² of cluster c. */
static void weigh(const dcl_centres *of, uint32_t c, float (*at)[BLOCK], float *restrict value) {
    const size_t dim = of->dim;
    const float *centroid = of->centroid + c * dim, *metric = of->metric + c * dim * dim;
    float off[DCL_CENTRES_DIM][BLOCK];
    for (size_t b = 0; b < BLOCK; b++) value[b] = of->offset[c];
    for (size_t i = 0; i < dim; i++) {
        float sum[BLOCK] = {0};
        for (size_t b = 0; b < BLOCK; b++) off[i][b] = at[i][b] - centroid[i];
        for (size_t j = 0; j <= i; j++)
            for (size_t b = 0; b < BLOCK; b++) sum[b] += metric[i * dim + j] * off[j][b];
        for (size_t b = 0; b < BLOCK; b++) value[b] += sum[b] * sum[b];
    }
}

/* At most BLOCK rows. */
static double nearest_by_spread(const dcl_centres *of, const float *x, size_t n, uint32_t *label) {
    float at[DCL_CENTRES_DIM][BLOCK], value[BLOCK], least[BLOCK];
    uint32_t best[BLOCK] = {0};
    double sum = 0;
    for (size_t i = 0; i < of->dim; i++)
        for (size_t b = 0; b < BLOCK; b++) at[i][b] = b < n ? x[b * of->dim + i] : 0;
    weigh(of, 0, at, least);
    for (uint32_t c = 1; c < of->k; c++) {
        weigh(of, c, at, value);
        for (size_t b = 0; b < BLOCK; b++) { /* without a branch: which is nearer cannot be foreseen */
            bool less = value[b] < least[b];
            least[b] = less ? value[b] : least[b];
            best[b] = less ? c : best[b];
        }
    }
    for (size_t b = 0; b < n; b++) {
        label[b] = best[b];
        sum += (double)least[b];
    }
    return sum;
}

double dcl_centres_nearest(const dcl_centres *centres, const float *x, size_t n, uint32_t *label) {
    double sum = 0;
    if (!centres->metric) {
        for (size_t i = 0; i < n; i++) sum += nearest_by_distance(centres, x + i * centres->dim, &label[i]);
        return sum;
    }
    for (size_t i = 0; i < n; i += BLOCK)
        sum += nearest_by_spread(centres, x + i * centres->dim, n - i < BLOCK ? n - i : BLOCK, label + i);
    return sum;
}
