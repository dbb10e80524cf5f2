/*
 * The file of clusters, CLUSTERS.h5:
 *
 *   /                 attributes declic_clusters = 2, fence, choice; simulated (1 where any home is), start_us, end_us of what was read
 *   /homes/           id; cluster (1 … k, 0 = set apart), nearest, apart (of dcl_apart), days; trait, profile, habit,
 *                     shape_share, score
 *   /clusters/        size, energy_share, centroid, profile, profile_low, profile_high, trait, shape_share
 *   /model/           mean, component, median, cells; metric and offset where clusters have spreads of their own (not in version 1)
 *   /days/shape       square roots of half hours over the day's mean
 *   /tried/           k, silhouette, davies_bouldin, calinski_harabasz, stability_ari, stability_whole_ari, smallest, inertia, icl
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "household/tell_clusters.h"
#include "series/arrays.h"

enum { LISTS = 40, LARGEST_K = 1 << 20, LARGEST_COMPONENTS = 64 };
static const char KIND[] = "declic_clusters";

/* ---------------------------------------------------------------- writing */

/* One column of the numbers of clusters that were tried, as float64. */
static const double *tried_column(const dcl_clusters *of, size_t offset, dcl_arena *arena) {
    double *column = dcl_arena_alloc(arena, of->n_tried ? of->n_tried : 1, sizeof *column);
    for (size_t i = 0; column && i < of->n_tried; i++)
        memcpy(&column[i], (const char *)&of->tried[i] + offset, sizeof *column);
    return column;
}

static const int32_t *as_i32(const uint32_t *values, size_t n, dcl_arena *arena) {
    int32_t *out = dcl_arena_alloc(arena, n, sizeof *out);
    for (size_t i = 0; out && i < n; i++) out[i] = (int32_t)values[i];
    return out;
}

static const double *sizes_of(const dcl_clusters *of, dcl_arena *arena) {
    double *out = dcl_arena_alloc(arena, of->k, sizeof *out);
    for (uint32_t c = 0; out && c < of->k; c++) out[c] = (double)of->size[c];
    return out;
}

static const uint32_t *numbers_of(const dcl_clusters *of, dcl_arena *arena) {
    uint32_t *out = dcl_arena_alloc(arena, of->n_tried ? of->n_tried : 1, sizeof *out);
    for (size_t i = 0; out && i < of->n_tried; i++) out[i] = of->tried[i].k;
    return out;
}

/* The arrays of the homes and the clusters; returns how many. */
static size_t list_homes(const dcl_homes *homes, const dcl_clusters *of, dcl_arena *arena, dcl_array *out) {
    const size_t n = homes->n, k = of->k, words = homes->day_shapes;
    const dcl_array list[] = {
        {"homes/id", DCL_ARRAY_TEXT, n, 0, homes->id, NULL},
        {"homes/cluster", DCL_ARRAY_I32, n, 0, as_i32(of->label, n, arena), NULL},
        {"homes/nearest", DCL_ARRAY_I32, n, 0, as_i32(of->nearest, n, arena), NULL},
        {"homes/apart", DCL_ARRAY_U8, n, 0, of->apart, NULL},
        {"homes/days", DCL_ARRAY_I32, n, 0, as_i32(homes->days, n, arena), "d"},
        {"homes/distance", DCL_ARRAY_F32, n, 0, of->distance, "fence"},
        {"homes/trait", DCL_ARRAY_F32, n, DCL_TRAIT_COUNT, homes->trait, NULL},
        {"homes/profile", DCL_ARRAY_F32, n, DCL_PROFILE_LENGTH, homes->profile, "mean power of the home"},
        {"homes/habit", DCL_ARRAY_F32, n, DCL_HABIT_LENGTH, homes->habit, "1"},
        {"homes/shape_share", DCL_ARRAY_F32, n, words, homes->shape_share, "1"},
        {"homes/score", DCL_ARRAY_F32, n, of->model.components, of->score, NULL},
        {"clusters/size", DCL_ARRAY_F64, k, 0, sizes_of(of, arena), "homes"},
        {"clusters/energy_share", DCL_ARRAY_F64, k, 0, of->energy_share, "1"},
        {"clusters/centroid", DCL_ARRAY_F32, k, of->model.components, of->model.centroid, NULL},
        {"clusters/profile", DCL_ARRAY_F32, k, DCL_PROFILE_LENGTH, of->profile, "mean power of the home"},
        {"clusters/profile_low", DCL_ARRAY_F32, k, DCL_PROFILE_LENGTH, of->profile_low,
         "mean power of the home"},
        {"clusters/profile_high", DCL_ARRAY_F32, k, DCL_PROFILE_LENGTH, of->profile_high,
         "mean power of the home"},
        {"clusters/trait", DCL_ARRAY_F32, k, DCL_TRAIT_COUNT, of->trait, NULL},
        {"clusters/shape_share", DCL_ARRAY_F32, k, words, of->shape_share, "1"},
    };
    memcpy(out, list, sizeof list);
    return sizeof list / sizeof *list;
}

static size_t list_model(const dcl_clusters *of, dcl_arena *arena, char (*traits)[64], dcl_array *out) {
    const dcl_cluster_model *m = &of->model;
    const size_t tried = of->n_tried;
    const dcl_array list[] = {
        {"model/mean", DCL_ARRAY_F32, m->columns, 0, m->mean, NULL},
        {"model/component", DCL_ARRAY_F32, m->components, m->columns, m->component, NULL},
        {"model/median", DCL_ARRAY_F32, m->columns, 0, m->median, NULL},
        {"model/metric", DCL_ARRAY_F32, m->metric ? m->k : 0, (size_t)m->components * m->components,
         m->metric, NULL},
        {"model/offset", DCL_ARRAY_F32, m->offset ? m->k : 0, 0, m->offset, NULL},
        {"days/shape", DCL_ARRAY_F32, m->day_shapes, DCL_PROFILE_SLOTS, m->day_shape, NULL},
        {"homes/trait_name", DCL_ARRAY_TEXT, DCL_TRAIT_COUNT, 0, traits, NULL},
        {"tried/k", DCL_ARRAY_I32, tried, 0, as_i32(numbers_of(of, arena), tried, arena), NULL},
        {"tried/silhouette", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, silhouette), arena), NULL},
        {"tried/davies_bouldin", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, davies_bouldin), arena), NULL},
        {"tried/calinski_harabasz", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, calinski_harabasz), arena), NULL},
        {"tried/stability_ari", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, stability), arena), NULL},
        {"tried/stability_whole_ari", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, stability_whole), arena), NULL},
        {"tried/smallest", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, smallest), arena), "1"},
        {"tried/inertia", DCL_ARRAY_F64, tried, 0,
         tried_column(of, offsetof(dcl_cluster_quality, inertia), arena), NULL},
        {"tried/icl", DCL_ARRAY_F64, tried, 0, tried_column(of, offsetof(dcl_cluster_quality, icl), arena),
         NULL},
    };
    memcpy(out, list, sizeof list);
    return sizeof list / sizeof *list;
}

dcl_status dcl_clusters_write(const char *path, const dcl_homes *homes, const dcl_clusters *clusters,
                              dcl_error *error) {
    dcl_arena arena = {0};
    dcl_array list[LISTS];
    char traits[DCL_TRAIT_COUNT][64] = {{0}};
    for (size_t t = 0; t < DCL_TRAIT_COUNT; t++)
        strncpy(traits[t], dcl_trait_name((dcl_trait)t), sizeof traits[t] - 1);
    size_t n = list_homes(homes, clusters, &arena, list);
    n += list_model(clusters, &arena, traits, list + n);
    bool whole = true, simulated = false;
    /* Kinds of household are known of simulated homes alone. */
    for (size_t h = 0; homes->kind && h < homes->n; h++) simulated = simulated || homes->kind[h] != UINT8_MAX;
    for (size_t i = 0; i < n; i++) whole = whole && (list[i].values || !list[i].rows);
    const dcl_array_fact facts[] = {
        {"cells", NULL, clusters->model.cells},
        {"spread", NULL, clusters->model.metric != NULL},
        {"fence", NULL, clusters->model.fence < 1e30 ? clusters->model.fence : 1e30},
        {"inner", NULL, clusters->model.inner < 1e30 ? clusters->model.inner : 1e30},
        {"choice", dcl_choice_name(clusters->choice), 0},
        {"simulated", NULL, simulated},
        {"start_us", NULL, (double)homes->start_us},
        {"end_us", NULL, (double)homes->end_us},
    };
    dcl_status status = whole ? dcl_arrays_write(path, KIND, DCL_CLUSTERS_VERSION, list, n, facts,
                                                 sizeof facts / sizeof *facts, error)
                              : dcl_fail_memory(error, "the file of clusters");
    dcl_arena_free(&arena);
    return status;
}

bool dcl_clusters_is(const char *path) {
    return dcl_arrays_is(path, KIND);
}

/* ---------------------------------------------------------------- reading */

static bool all_finite(const float *values, size_t n) {
    bool finite = true;
    for (size_t i = 0; i < n; i++) finite = finite && isfinite(values[i]);
    return finite;
}

/* The lengths are those that the first arrays have; each further one is held against them. */
static dcl_status read_model(const dcl_arrays *file, dcl_arena *arena, dcl_cluster_model *m,
                             dcl_error *error) {
    size_t k = SIZE_MAX, components = SIZE_MAX, columns = SIZE_MAX, words = SIZE_MAX, flat = 0,
           slots = DCL_PROFILE_SLOTS;
    dcl_status status =
        dcl_arrays_get(file, "clusters/centroid", DCL_ARRAY_F32, &k, &components, arena, &m->centroid, error);
    if (!status)
        status = dcl_arrays_get(file, "model/component", DCL_ARRAY_F32, &components, &columns, arena,
                                &m->component, error);
    if (!status)
        status = dcl_arrays_get(file, "model/mean", DCL_ARRAY_F32, &columns, &flat, arena, &m->mean, error);
    if (!status)
        status =
            dcl_arrays_get(file, "model/median", DCL_ARRAY_F32, &columns, &flat, arena, &m->median, error);
    if (!status)
        status =
            dcl_arrays_get(file, "days/shape", DCL_ARRAY_F32, &words, &slots, arena, &m->day_shape, error);
    size_t squares = components * components;
    if (!status && dcl_arrays_number(file, "spread") > 0) {
        status = dcl_arrays_get(file, "model/metric", DCL_ARRAY_F32, &k, &squares, arena, &m->metric, error);
        if (!status)
            status = dcl_arrays_get(file, "model/offset", DCL_ARRAY_F32, &k, &flat, arena, &m->offset, error);
    }
    if (status) return status;
    double cells = dcl_arrays_number(file, "cells"), fence = dcl_arrays_number(file, "fence"),
           inner = dcl_arrays_number(file, "inner");
    if (!(cells >= 1 && cells <= DCL_CELL_HABITS) || !(fence > 0) || !(inner > 0) || !k || k > LARGEST_K ||
        !components || components > LARGEST_COMPONENTS || words > DCL_DAY_SHAPES)
        return dcl_fail(error, DCL_E_FORMAT, "damaged: the numbers of the clusters are out of range");
    m->cells = (uint32_t)cells;
    m->fence = fence;
    m->inner = inner;
    m->k = (uint32_t)k;
    m->components = (uint32_t)components;
    m->columns = (uint32_t)columns;
    m->day_shapes = (uint32_t)words;
    size_t have = m->cells & DCL_CELL_HABITS ? DCL_HABIT_LENGTH : 0;
    for (uint32_t c = 0; c < DCL_PROFILE_CELLS; c++) have += (m->cells >> c & 1) * DCL_PROFILE_SLOTS;
    if (have != columns || !all_finite(m->centroid, k * components) ||
        (m->metric && (!all_finite(m->metric, k * squares) || !all_finite(m->offset, k))) ||
        !all_finite(m->component, components * columns) || !all_finite(m->mean, columns) ||
        !all_finite(m->median, columns) || !all_finite(m->day_shape, words * slots))
        return dcl_fail(
            error, DCL_E_FORMAT,
            "damaged: the clusters do not fit the seasons they are said to be of, or are no numbers");
    return DCL_OK;
}

static dcl_status read_labels(const dcl_arrays *file, dcl_arena *arena, uint32_t k, char (**id)[64],
                              uint32_t **label, size_t *n, dcl_error *error) {
    size_t flat = 0;
    int32_t *read = NULL;
    *n = SIZE_MAX;
    dcl_status status = dcl_arrays_get(file, "homes/id", DCL_ARRAY_TEXT, n, &flat, arena, id, error);
    if (!status) status = dcl_arrays_get(file, "homes/cluster", DCL_ARRAY_I32, n, &flat, arena, &read, error);
    if (status) return status;
    *label = dcl_arena_alloc(arena, *n, sizeof **label);
    if (!*label) return dcl_fail_memory(error, "the clusters of homes");
    for (size_t i = 0; i < *n; i++) {
        if (read[i] < 0 || read[i] > (int32_t)k)
            return dcl_fail(error, DCL_E_FORMAT, "damaged: a home is in cluster %d of %u", read[i], k);
        (*label)[i] = (uint32_t)read[i];
    }
    return DCL_OK;
}

dcl_status dcl_clusters_read(const char *path, dcl_arena *arena, dcl_cluster_model *model, char (**id)[64],
                             uint32_t **label, size_t *n, dcl_error *error) {
    dcl_arrays *file;
    *model = (dcl_cluster_model){0};
    dcl_status status = dcl_arrays_open(path, KIND, DCL_CLUSTERS_VERSION, &file, error);
    if (status) return status;
    status = read_model(file, arena, model, error);
    if (!status && id) status = read_labels(file, arena, model->k, id, label, n, error);
    if (status && error && !error->file[0]) strncpy(error->file, path, sizeof error->file - 1);
    dcl_arrays_close(&file);
    return status;
}
