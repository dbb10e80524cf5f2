/* One number of clusters, and all that are tried: fits, indices, and how alike the clusters of other samples are. */
#include "household/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "base/status.h"

enum { STREAM_STARTS = 0x7374, STREAM_BOOTSTRAP = 0x626f };

/* Fewer starts where there are many rows: clusters of thousands of homes depend little on where they began. */
static uint32_t starts_of(const dcl_group_rows *rows, size_t n) {
    enum { LEAST = 2, ROWS = 1 << 15 };
    size_t few = ROWS / n < LEAST ? LEAST : ROWS / n;
    return few < rows->options->restarts ? (uint32_t)few : rows->options->restarts;
}

static dcl_group_how how_to(const dcl_group_rows *rows, size_t n, uint32_t k) {
    return (dcl_group_how){
        .k = k, .starts = starts_of(rows, n), .spread = rows->habits, .smallest = rows->options->smallest};
}

/* From the groups of k-means, or the first of its rounds where it started from the caller's. */
static dcl_status spread(const dcl_context *context, const float *score, dcl_group *group) {
    const dcl_centres *at = &group->centres;
    dcl_status status = dcl_centres_spread(context, score, group->n, group->label, &group->centres,
                                           &group->deviance, &group->iterations);
    group->inertia = 0;
    for (size_t i = 0; !status && i < group->n; i++)
        group->inertia +=
            dcl_square_between(score + i * at->dim, at->centroid + group->label[i] * at->dim, at->dim);
    return status;
}

static dcl_status count_smallest(dcl_group *group) {
    size_t *size = calloc(group->k, sizeof *size);
    if (!size) return DCL_E_MEMORY;
    for (size_t i = 0; i < group->n; i++) size[group->label[i]]++;
    group->smallest = group->n;
    for (uint32_t c = 0; c < group->k; c++)
        group->smallest = size[c] < group->smallest ? size[c] : group->smallest;
    free(size);
    return DCL_OK;
}

static bool is_better(const dcl_group *one, const dcl_group *other, const dcl_group_how *how) {
    if (!how->spread) return one->inertia < other->inertia;
    double least = how->smallest * (double)one->n;
    bool small = (double)one->smallest < least, other_small = (double)other->smallest < least;
    return small != other_small ? other_small : one->deviance < other->deviance;
}

/* Cells that every other start makes k clusters of: many beside k, and each of rows enough. 0 where k itself is many, or the rows are few. */
static uint32_t cells_of(uint32_t k, size_t n) {
    enum { CELLS = 20, MOST = 64, ROWS = 32 };
    uint32_t cells = 2 * k > CELLS ? 2 * k : CELLS;
    return cells <= MOST && cells <= n / ROWS ? cells : 0;
}

/* k-means, of more cells than clusters where they are to be made fewer. */
static dcl_status fit_start(const dcl_context *context, const float *score, size_t n, size_t dim,
                            const dcl_group_how *how, uint32_t cells, dcl_arena *arena, dcl_group *out,
                            dcl_error *error) {
    const uint32_t cell_iterations = 10; /* cells need not be the best ones */
    dcl_kmeans_options options = dcl_kmeans_defaults();
    dcl_kmeans fit;
    options.k = cells ? cells : how->k;
    options.init = how->init;
    if (cells) options.max_iterations = cell_iterations;
    if (how->init && how->spread) options.max_iterations = 1;
    dcl_status status = dcl_kmeans_fit(context, score, n, dim, &options, arena, &fit, error);
    if (status) return status;
    *out = (dcl_group){.k = how->k,
                       .iterations = fit.iterations,
                       .n = n,
                       .label = fit.label,
                       .inertia = fit.inertia,
                       .deviance = (double)NAN};
    if (!dcl_centres_take(how->k, dim, how->spread, arena, &out->centres)) status = DCL_E_MEMORY;
    if (!status && cells)
        status = dcl_centres_merge(context, score, n, dim, cells, how->k, fit.label);
    else if (!status)
        memcpy(out->centres.centroid, fit.centroid, how->k * dim * sizeof *fit.centroid);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "the clusters") : status;
}

/* Where k-means came to the same end before, so would what follows it. */
static bool was_seen(double inertia, double *seen, uint32_t n) {
    const double same = 1e-4;
    bool found = false;
    for (uint32_t i = 0; i < n; i++) found = found || fabs(seen[i] - inertia) <= same * inertia;
    seen[n] = inertia;
    return found;
}

dcl_status dcl_group_fit(const dcl_context *context, const float *score, size_t n, size_t dim,
                         const dcl_group_how *how, dcl_arena *arena, dcl_group *out, dcl_error *error) {
    dcl_centres centres;
    uint32_t *label = dcl_arena_alloc(arena, n, sizeof *label), starts = how->init ? 1 : how->starts;
    double *seen = malloc(starts * sizeof *seen);
    dcl_status status = seen && label && dcl_centres_take(how->k, dim, how->spread, arena, &centres)
                            ? DCL_OK
                            : dcl_fail_memory(error, "the clusters");
    for (uint32_t start = 0; !status && start < starts; start++) {
        dcl_context own = *context;
        dcl_arena scratch = {0};
        dcl_group fit;
        own.seed = dcl_random_bits(context->seed, STREAM_STARTS, start);
        uint32_t cells = how->spread && !how->init && start % 2 ? cells_of(how->k, n) : 0;
        status = fit_start(&own, score, n, dim, how, cells, &scratch, &fit, error);
        if (!status && !(how->spread && was_seen(fit.inertia, seen, start))) {
            if (how->spread) status = spread(context, score, &fit);
            if (!status) status = count_smallest(&fit);
            if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the clusters");
            if (!status && (start == 0 || is_better(&fit, out, how))) {
                memcpy(label, fit.label, n * sizeof *label);
                dcl_centres_copy(&centres, &fit.centres);
                *out = fit;
                out->label = label;
                out->centres = centres;
            }
        }
        dcl_arena_free(&scratch);
    }
    free(seen);
    return status;
}

/* ---------------------------------------------------------------- bootstraps */

/**
 * Fits of samples with replacement, on the components of all rows and on components of the sample's own.
 * ari, whole [bootstraps × numbers]  each against the full fit, over all rows
 * first                              of those that run now
 */
typedef struct bootstraps {
    const dcl_context *context;
    const dcl_group_rows *rows;
    const dcl_group *group;
    uint32_t from, to;
    double *ari, *whole;
    size_t first;
} bootstraps;

/** What one bootstrap works with: the rows drawn, their scores and those of all rows on the same components, labels of all rows. */
typedef struct sample {
    size_t n, dim;
    uint32_t *pick, *label;
    float *drawn, *all;
} sample;

static bool take_sample(const dcl_group_rows *rows, dcl_arena *arena, sample *s) {
    s->n = rows->n < BOOTSTRAP_MOST ? rows->n : BOOTSTRAP_MOST;
    s->pick = dcl_arena_alloc(arena, s->n, sizeof *s->pick);
    s->label = dcl_arena_alloc(arena, rows->n, sizeof *s->label);
    s->drawn = dcl_arena_alloc(arena, s->n * rows->dim, sizeof *s->drawn);
    s->all = dcl_arena_alloc(arena, rows->n * rows->dim, sizeof *s->all);
    return s->pick && s->label && s->drawn && s->all;
}

/* Clusters of the sample for each number, and how much their labels of all rows agree with the full fit's. */
static dcl_status compare_sample(const dcl_context *context, const bootstraps *of, sample *s, double *ari) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < s->n; i++)
        memcpy(s->drawn + i * s->dim, s->all + s->pick[i] * s->dim, s->dim * sizeof *s->drawn);
    for (uint32_t k = of->from; !status && k <= of->to; k++) {
        dcl_arena arena = {0};
        dcl_group fit;
        const dcl_group_how how = how_to(of->rows, s->n, k);
        status = dcl_group_fit(context, s->drawn, s->n, s->dim, &how, &arena, &fit, NULL);
        if (!status) (void)dcl_centres_nearest(&fit.centres, s->all, of->rows->n, s->label);
        if (!status)
            ari[k - of->from] = dcl_adjusted_rand(s->label, of->group[k - of->from].label, of->rows->n);
        dcl_arena_free(&arena);
    }
    return status;
}

static dcl_status one_bootstrap(void *arg, size_t place) {
    const bootstraps *of = arg;
    size_t b = of->first + place;
    const dcl_group_rows *rows = of->rows;
    size_t numbers = of->to - of->from + 1;
    dcl_context own = *of->context;
    own.threads = 1;
    own.progress = NULL;
    own.seed = dcl_random_bits(of->context->seed, STREAM_BOOTSTRAP, b);
    dcl_arena arena = {0};
    dcl_pca pca;
    sample s;
    dcl_status status = take_sample(rows, &arena, &s) ? DCL_OK : DCL_E_MEMORY;
    for (size_t i = 0; !status && i < s.n; i++)
        s.pick[i] = dcl_random_below(own.seed, STREAM_BOOTSTRAP, i, (uint32_t)rows->n);
    if (!status) {
        s.dim = rows->dim;
        memcpy(s.all, rows->score, rows->n * rows->dim * sizeof *s.all);
        status = compare_sample(&own, of, &s, of->ari + b * numbers);
    }
    if (!status)
        status =
            dcl_pca_fit(&own, rows->x, s.pick, s.n, rows->columns, 1, rows->dim, NULL, &arena, &pca, NULL);
    if (!status && rows->habits) dcl_pca_even(&pca);
    if (!status) {
        s.dim = pca.components;
        for (size_t i = 0; i < rows->n; i++)
            dcl_pca_project(pca.mean, pca.component, s.dim, pca.columns, rows->x + i * rows->columns,
                            s.all + i * s.dim);
        status = compare_sample(&own, of, &s, of->whole + b * numbers);
    }
    dcl_arena_free(&arena);
    return status;
}

/* Mean and least of every numbers-th value. */
static double mean_of(const double *values, size_t n, size_t numbers, double *low) {
    double sum = 0;
    *low = n ? values[0] : (double)NAN;
    for (size_t b = 0; b < n; b++) {
        sum += values[b * numbers];
        *low = fmin(*low, values[b * numbers]);
    }
    return n ? sum / (double)n : (double)NAN;
}

static dcl_status measure_stability(const dcl_context *context, const dcl_group_rows *rows, uint32_t from,
                                    uint32_t to, const dcl_group *group, dcl_cluster_quality *quality) {
    size_t numbers = to - from + 1, n = rows->options->bootstraps;
    double *ari = calloc(2 * n * numbers + 1, sizeof *ari), low;
    bootstraps all = {context, rows, group, from, to, ari, ari + n * numbers, 0};
    if (!ari) return DCL_E_MEMORY;
    dcl_status status = DCL_OK;
    size_t turn = context->threads > 1 ? (size_t)context->threads : 1; /* between turns progress is told */
    for (; !status && all.first < n; all.first += turn) {
        size_t left = n - all.first < turn ? n - all.first : turn;
        status = dcl_parallel_for(context, left, one_bootstrap, &all);
        if (context->progress)
            context->progress(context->progress_arg, "comparing", "samples", all.first + left, n);
    }
    for (size_t k = 0; !status && k < numbers; k++) {
        quality[k].stability = mean_of(all.ari + k, n, numbers, &quality[k].stability_low);
        quality[k].stability_whole = mean_of(all.whole + k, n, numbers, &low);
    }
    free(ari);
    return status;
}

/* ---------------------------------------------------------------- numbers of clusters */

/* Means of the rows that the caller put into clusters; a cluster without rows is the first row that has none. */
static float *centroids_of(const dcl_group_rows *rows, uint32_t k, dcl_arena *arena) {
    float *centroid = dcl_arena_alloc(arena, k * rows->dim, sizeof *centroid);
    double *sum = calloc(k * (rows->dim + 1), sizeof *sum), *count = sum + k * rows->dim;
    for (size_t i = 0; centroid && sum && i < rows->n; i++) {
        uint32_t c = rows->init[i];
        if (c < 1 || c > k) continue;
        count[c - 1]++;
        for (size_t j = 0; j < rows->dim; j++)
            sum[(c - 1) * rows->dim + j] += (double)rows->score[i * rows->dim + j];
    }
    size_t spare = 0;
    for (uint32_t c = 0; centroid && sum && c < k; c++) {
        for (size_t j = 0; j < rows->dim; j++)
            centroid[c * rows->dim + j] = count[c] > 0 ? (float)(sum[c * rows->dim + j] / count[c])
                                                       : rows->score[spare * rows->dim + j];
        if (!(count[c] > 0)) spare++;
    }
    bool taken = sum != NULL;
    free(sum);
    return taken ? centroid : NULL;
}

static dcl_status try_one(const dcl_context *context, const dcl_group_rows *rows, uint32_t k,
                          dcl_arena *arena, dcl_cluster_quality *quality, dcl_group *group,
                          dcl_error *error) {
    const float *init = rows->init ? centroids_of(rows, k, arena) : NULL;
    if (rows->init && !init) return dcl_fail_memory(error, "the clusters to start from");
    dcl_group_how how = how_to(rows, rows->n, k);
    how.init = init;
    dcl_status status = dcl_group_fit(context, rows->score, rows->n, rows->dim, &how, arena, group, error);
    if (status) return status;
    *quality = (dcl_cluster_quality){.k = k,
                                     .iterations = group->iterations,
                                     .inertia = group->inertia,
                                     .icl = dcl_centres_icl(group->deviance, rows->n, k, rows->dim),
                                     .smallest = (double)group->smallest / (double)rows->n};
    status = dcl_cluster_indices(context, rows->score, rows->n, rows->dim, group->label,
                                 group->centres.centroid, k, SILHOUETTE_MOST, quality);
    if (!status)
        status = dcl_variance_explained(rows->raw, NULL, rows->n, rows->columns, group->label, k,
                                        &quality->shape_variance);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "the quality of clusters") : status;
}

/* What k-means on the columns themselves explains: the most that any grouping near it does. */
static dcl_status best_of_columns(const dcl_context *context, const dcl_group_rows *rows, uint32_t k,
                                  double *out, dcl_error *error) {
    size_t n = rows->n < BOOTSTRAP_MOST
                   ? rows->n
                   : BOOTSTRAP_MOST; /* of a city, the homes that a bootstrap would have too */
    dcl_arena arena = {0};
    dcl_group fit;
    *out = (double)NAN;
    const dcl_group_how how = {.k = k, .starts = starts_of(rows, n)};
    dcl_status status = dcl_group_fit(context, rows->raw, n, rows->columns, &how, &arena, &fit, error);
    if (!status) status = dcl_variance_explained(rows->raw, NULL, n, rows->columns, fit.label, k, out);
    dcl_arena_free(&arena);
    return status;
}

dcl_status dcl_group_try(const dcl_context *context, const dcl_group_rows *rows, uint32_t from, uint32_t to,
                         dcl_arena *arena, dcl_cluster_quality *quality, dcl_group *group, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (uint32_t k = from; !status && k <= to; k++) {
        status = try_one(context, rows, k, arena, &quality[k - from], &group[k - from], error);
        if (!status) status = best_of_columns(context, rows, k, &quality[k - from].shape_best, error);
        if (context->progress)
            context->progress(context->progress_arg, "grouping", "numbers", k - from + 1, to - from + 1);
    }
    if (!status) status = measure_stability(context, rows, from, to, group, quality);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "the clusters of samples") : status;
}

/* ---------------------------------------------------------------- the recommendation */

/* No small cluster, and shapes told apart as well as k-means on them does. */
static bool is_sound(const dcl_cluster_quality *q, const dcl_clusters_options *options) {
    return q->smallest >= options->smallest && q->shape_variance >= options->explained * q->shape_best;
}

/* Of the best silhouette: a split of what lies together may come again all the same. */
static const double SILHOUETTE_KEPT = 0.98;

size_t dcl_group_choose(const dcl_cluster_quality *tried, size_t n, const dcl_clusters_options *options,
                        dcl_choice *why) {
    size_t finest = n, likeliest = n, most_stable = n, any = 0;
    double best = -1;
    for (size_t i = 0; i < n; i++) {
        bool sound = is_sound(&tried[i], options);
        if (tried[i].stability > tried[any].stability) any = i;
        if (sound && (most_stable == n || tried[i].stability > tried[most_stable].stability)) most_stable = i;
        if (sound && tried[i].stability >= options->stable) best = fmax(best, tried[i].silhouette);
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_sound(&tried[i], options) || !(tried[i].stability >= options->stable)) continue;
        if (tried[i].silhouette >= SILHOUETTE_KEPT * best) finest = i;
        if (!isnan(tried[i].icl) && (likeliest == n || tried[i].icl < tried[likeliest].icl)) likeliest = i;
    }
    size_t place = likeliest < n ? likeliest : finest < n ? finest : most_stable < n ? most_stable : any;
    *why = likeliest < n     ? DCL_CHOICE_LIKELIEST
           : finest < n      ? DCL_CHOICE_FINEST_STABLE
           : most_stable < n ? DCL_CHOICE_MOST_STABLE
                             : DCL_CHOICE_ONLY_SMALL;
    return place;
}
