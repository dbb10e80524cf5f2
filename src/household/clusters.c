/* Homes into clusters: who can be compared, components, numbers of clusters, and the clusters of other homes' making. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/status.h"
#include "household/columns.h"
#include "household/group.h"
#include "household/tell_clusters.h"

DCL_DEFINE_TEXT(dcl_by_name(dcl_by id), DCL_BY_COUNT, DCL_BY_TABLE, DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_choice_name(dcl_choice id), DCL_CHOICE_COUNT, DCL_CHOICE_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_choice_text(dcl_choice id), DCL_CHOICE_COUNT, DCL_CHOICE_TABLE, DCL_THIRD_OF_3)

enum { COMPONENTS_LARGEST = 64 };

dcl_clusters_options dcl_clusters_defaults(void) {
    return (dcl_clusters_options){.habits_from = 1000,
                                  .habit_components = 4,
                                  .k_most = 10,
                                  .variance = 0.8,
                                  .components_most = 2,
                                  .bootstraps = 20,
                                  .restarts = 16,
                                  .fence = 3,
                                  .inner = 1,
                                  .stable = 0.6,
                                  .smallest = 0.05,
                                  .explained = 0.95,
                                  .habits_explained = 0.9,
                                  .homes_most = (size_t)1 << 17};
}

/**
 * The homes that are compared: home [n] their places, x [n × columns], raw the same before any was drawn in, distance [n] from the
 * median home before any was dropped.
 */
typedef struct compared {
    const dcl_homes *homes;
    uint32_t cells;
    size_t n, columns;
    uint32_t *home;
    float *x, *raw, *distance;
} compared;

/* Habits where the caller wants them, or where he leaves it to us and homes enough know theirs. */
static dcl_by by_what(const dcl_homes *homes, const dcl_clusters_options *options) {
    size_t known = 0;
    if (options->by != DCL_BY_AUTO) return options->by;
    for (size_t h = 0; h < homes->n; h++)
        known += homes->apart[h] == DCL_APART_NONE && dcl_columns_known(homes, h, DCL_CELL_HABITS);
    return known >= options->habits_from ? DCL_BY_HABITS : DCL_BY_SHAPES;
}

/* Homes with all cells that were not set apart. */
static dcl_status gather(const dcl_homes *homes, uint32_t cells, dcl_arena *arena, compared *out,
                         dcl_error *error) {
    *out = (compared){.homes = homes, .cells = cells, .columns = dcl_columns_count(cells)};
    out->home = dcl_arena_alloc(arena, homes->n, sizeof *out->home);
    out->distance = dcl_arena_alloc(arena, homes->n, sizeof *out->distance);
    out->x = dcl_arena_alloc(arena, homes->n * out->columns, sizeof *out->x);
    out->raw = dcl_arena_alloc(arena, homes->n * out->columns, sizeof *out->raw);
    if (!out->home || !out->x || !out->raw || !out->distance)
        return dcl_fail_memory(error, "the homes to compare");
    for (size_t h = 0; h < homes->n; h++) {
        if (homes->apart[h] != DCL_APART_NONE ||
            !dcl_columns_of(homes, h, cells, out->x + out->n * out->columns))
            continue;
        out->home[out->n++] = (uint32_t)h;
    }
    if (out->n && out->columns) return DCL_OK;
    return dcl_fail(error, DCL_E_NO_DATA,
                    "none of %zu home%s can be compared: all lack data, draw next to nothing or never change",
                    homes->n, homes->n == 1 ? "" : "s");
}

/* Marks those beyond the fence, closes up the others, and draws in those between the fences: raw keeps what they were. */
static void drop_outliers(compared *c, const dcl_cluster_model *model, uint8_t *apart) {
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        if ((double)c->distance[i] > model->fence) {
            apart[c->home[i]] = DCL_APART_OUTLIER;
            continue;
        }
        float *row = c->x + n * c->columns;
        if (n < i) memcpy(row, c->x + i * c->columns, c->columns * sizeof *row);
        memcpy(c->raw + n * c->columns, row, c->columns * sizeof *row);
        dcl_columns_draw_in(row, c->columns, model->median, (double)c->distance[i], model->inner);
        c->home[n++] = c->home[i];
    }
    c->n = n;
}

static const char *check_options(const dcl_clusters_options *o) {
    if (!(o->variance > 0 && o->variance <= 1)) return "variance";
    if (o->components_most < 1 || o->components_most > COMPONENTS_LARGEST) return "components_most";
    if (o->by >= DCL_BY_COUNT) return "by";
    if (o->habit_components < 1 || o->habit_components > COMPONENTS_LARGEST) return "habit_components";
    if (o->k_most < 1 || !o->restarts || o->bootstraps > 1000) return "k_most, restarts or bootstraps";
    return o->fence >= o->inner && o->inner >= 0 ? NULL : "fence or inner";
}

/* ---------------------------------------------------------------- fit */

/* The median home, the fence around it, and the homes inside. */
static dcl_status set_apart(const dcl_clusters_options *options, compared *c, dcl_arena *arena,
                            dcl_cluster_model *model, uint8_t *apart, dcl_error *error) {
    model->median = dcl_arena_alloc(arena, c->columns, sizeof *model->median);
    dcl_status status =
        model->median ? dcl_columns_median(c->x, c->n, c->columns, model->median) : DCL_E_MEMORY;
    if (!status) {
        dcl_columns_distance(c->x, c->n, c->columns, model->median, c->distance);
        status = dcl_columns_fence(c->distance, c->n, options->fence, &model->fence);
        if (!status) status = dcl_columns_fence(c->distance, c->n, options->inner, &model->inner);
    }
    if (status) return dcl_fail_memory(error, "the outliers");
    drop_outliers(c, model, apart);
    return DCL_OK;
}

static dcl_status make_scores(const dcl_context *context, const dcl_clusters_options *options,
                              const compared *c, dcl_arena *arena, dcl_cluster_model *model, float **score,
                              dcl_clusters *out, dcl_error *error) {
    dcl_pca pca;
    bool habits = out->by == DCL_BY_HABITS;
    dcl_status status =
        dcl_pca_fit(context, c->x, NULL, c->n, c->columns, habits ? 1 : options->variance,
                    habits ? options->habit_components : options->components_most, NULL, arena, &pca, error);
    if (status) return status;
    if (habits) dcl_pca_even(&pca);
    model->cells = c->cells;
    model->columns = (uint32_t)c->columns;
    model->components = (uint32_t)pca.components;
    model->mean = pca.mean;
    model->component = pca.component;
    out->variance_kept = 0;
    for (size_t i = 0; i < pca.components; i++) {
        out->variance_kept += pca.kept[i];
        if (i < 3) out->kept[i] = pca.kept[i];
    }
    *score = dcl_arena_alloc(arena, c->n * pca.components, sizeof **score);
    if (!*score) return dcl_fail_memory(error, "the scores of homes");
    for (size_t i = 0; i < c->n; i++)
        dcl_pca_project(pca.mean, pca.component, pca.components, c->columns, c->x + i * c->columns,
                        *score + i * pca.components);
    return DCL_OK;
}

/* Clusters in order of size, the largest first: order [k] the old number of each new one. */
static void order_by_size(const dcl_group *group, size_t n, uint32_t *order, size_t *size) {
    for (uint32_t c = 0; c < group->k; c++) {
        order[c] = c;
        size[c] = 0;
    }
    for (size_t i = 0; i < n; i++) size[group->label[i]]++;
    for (uint32_t i = 1; i < group->k; i++)
        for (uint32_t j = i; j > 0 && size[order[j]] > size[order[j - 1]]; j--) {
            uint32_t swap = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swap;
        }
}

static dcl_status keep_centres(const dcl_group *group, size_t n, dcl_arena *arena, dcl_cluster_model *model) {
    uint32_t *order = malloc(group->k * sizeof *order);
    size_t *size = malloc(group->k * sizeof *size), dim = model->components;
    const dcl_centres *from = &group->centres;
    dcl_centres kept;
    bool whole = order && size && dcl_centres_take(group->k, dim, from->metric != NULL, arena, &kept);
    if (whole) order_by_size(group, n, order, size);
    for (uint32_t c = 0; whole && c < group->k; c++) {
        memcpy(kept.centroid + c * dim, from->centroid + order[c] * dim, dim * sizeof *kept.centroid);
        if (!kept.metric) continue;
        memcpy(kept.metric + c * dim * dim, from->metric + order[c] * dim * dim,
               dim * dim * sizeof *kept.metric);
        kept.offset[c] = from->offset[order[c]];
    }
    if (whole) {
        model->k = group->k;
        model->centroid = kept.centroid;
        model->metric = kept.metric;
        model->offset = kept.offset;
    }
    free(order);
    free(size);
    return whole ? DCL_OK : DCL_E_MEMORY;
}

static dcl_centres centres_of(const dcl_cluster_model *model) {
    return (dcl_centres){model->k, model->components, model->centroid, model->metric, model->offset};
}

/* Puts every home that has the cells to its centre. */
static dcl_status place_homes(const dcl_homes *homes, const dcl_cluster_model *model, dcl_clusters *out) {
    const dcl_centres centres = centres_of(model);
    float *row = malloc(model->columns * sizeof *row);
    if (!row) return DCL_E_MEMORY;
    for (size_t h = 0; h < homes->n; h++) {
        float *score = out->score + h * model->components;
        bool known = out->apart[h] == DCL_APART_NONE || out->apart[h] == DCL_APART_OUTLIER;
        out->distance[h] = NAN;
        for (size_t i = 0; i < model->components; i++) score[i] = NAN;
        if (!known || !dcl_columns_of(homes, h, model->cells, row)) continue;
        float distance;
        dcl_columns_distance(row, 1, model->columns, model->median, &distance);
        dcl_columns_draw_in(row, model->columns, model->median, (double)distance, model->inner);
        dcl_pca_project(model->mean, model->component, model->components, model->columns, row, score);
        out->distance[h] =
            isinf(model->fence) || !(model->fence > 0) ? 0 : (float)((double)distance / model->fence);
        (void)dcl_centres_nearest(&centres, score, 1, &out->nearest[h]);
        out->nearest[h]++;
        if (out->apart[h] == DCL_APART_NONE) out->label[h] = out->nearest[h];
    }
    free(row);
    return DCL_OK;
}

/* The numbers of clusters that are tried, and the one that is kept: its place among them. */
static dcl_status try_numbers(const dcl_context *context, const dcl_clusters_options *options,
                              const dcl_group_rows *rows, dcl_arena *arena, dcl_clusters *out,
                              dcl_group **kept, dcl_error *error) {
    dcl_clusters_options rule = *options;
    if (rows->habits) rule.explained = options->habits_explained;
    uint32_t from = options->k ? options->k : 2, to = options->k ? options->k : options->k_most;
    if (!options->k && to > rows->n / 4) to = (uint32_t)(rows->n / 4);
    if (to < from) from = to = 1;
    if (options->k > rows->n)
        return dcl_fail(error, DCL_E_ARG, "k is %u, but only %zu home%s can be compared", options->k, rows->n,
                        rows->n == 1 ? "" : "s");
    out->n_tried = to - from + 1;
    out->tried = dcl_arena_alloc(arena, out->n_tried, sizeof *out->tried);
    dcl_group *group = dcl_arena_alloc(arena, out->n_tried, sizeof *group);
    if (!out->tried || !group) return dcl_fail_memory(error, "the clusters");
    dcl_status status = dcl_group_try(context, rows, from, to, arena, out->tried, group, error);
    size_t best = options->k || to == 1 ? 0 : dcl_group_choose(out->tried, out->n_tried, &rule, &out->choice);
    if (options->k)
        out->choice = DCL_CHOICE_GIVEN;
    else if (to == 1)
        out->choice = DCL_CHOICE_ONE_HOME;
    out->quality = out->tried[best];
    *kept = &group[best];
    return status;
}

dcl_status dcl_clusters_fit(const dcl_context *context, const dcl_homes *homes,
                            const dcl_clusters_options *options, dcl_arena *arena, dcl_clusters *out,
                            dcl_error *error) {
    const char *wrong = check_options(options);
    if (wrong) return dcl_fail(error, DCL_E_ARG, "%s is out of its range", wrong);
    *out = (dcl_clusters){0};
    dcl_arena own = {0};
    compared c;
    float *score;
    dcl_group *group = NULL;
    uint8_t *apart = NULL;
    out->by = by_what(homes, options);
    dcl_status status =
        gather(homes, out->by == DCL_BY_HABITS ? DCL_CELL_HABITS : homes->cells, &own, &c, error);
    if (!status && !(apart = dcl_arena_alloc(&own, homes->n, 1)))
        status = dcl_fail_memory(error, "the homes set apart");
    for (size_t h = 0; !status && h < homes->n; h++)
        apart[h] = homes->apart[h] == DCL_APART_NONE && !dcl_columns_known(homes, h, c.cells)
                       ? DCL_APART_LITTLE_DATA
                       : homes->apart[h];
    if (!status) status = set_apart(options, &c, arena, &out->model, apart, error);
    if (!status) status = make_scores(context, options, &c, arena, &out->model, &score, out, error);
    uint32_t *init = !status && options->init ? dcl_arena_alloc(&own, c.n, sizeof *init) : NULL;
    if (!status && options->init && !init) status = dcl_fail_memory(error, "the clusters to start from");
    for (size_t i = 0; init && i < c.n; i++) init[i] = options->init[c.home[i]];
    if (!status) {
        dcl_group_rows rows = {
            c.x,  c.raw,  score, c.n, c.columns, out->model.components, out->by == DCL_BY_HABITS,
            init, options};
        out->silhouette_homes = c.n < SILHOUETTE_MOST ? c.n : SILHOUETTE_MOST;
        out->bootstrap_homes = c.n < BOOTSTRAP_MOST ? c.n : BOOTSTRAP_MOST;
        status = try_numbers(context, options, &rows, arena, out, &group, error);
    }
    if (!status) {
        out->model.day_shape = homes->day_shape;
        out->model.day_shapes = homes->day_shapes;
        status = dcl_clusters_take(homes, group->k, out->model.components, arena, out);
        if (!status) memcpy(out->apart, apart, homes->n);
        if (!status) status = keep_centres(group, c.n, arena, &out->model);
        if (!status) status = place_homes(homes, &out->model, out);
        if (!status) status = dcl_clusters_tell(context, homes, out);
        if (status) dcl_fail_memory(error, "the clusters");
    }
    dcl_arena_free(&own);
    return status;
}

/* ---------------------------------------------------------------- other homes */

/* The quality of clusters that were found elsewhere, among these homes. */
static dcl_status judge(const dcl_context *context, const dcl_homes *homes, const dcl_clusters *out,
                        dcl_cluster_quality *quality) {
    size_t dim = out->model.components, n = 0;
    float *score = malloc((out->in_clusters * dim + 1) * sizeof *score),
          *centroid = calloc(out->k * dim, sizeof *centroid);
    uint32_t *label = malloc((out->in_clusters + 1) * sizeof *label);
    dcl_status status = score && centroid && label ? DCL_OK : DCL_E_MEMORY;
    for (size_t h = 0; !status && h < homes->n; h++) {
        if (!out->label[h]) continue;
        memcpy(score + n * dim, out->score + h * dim, dim * sizeof *score);
        label[n++] = out->label[h] - 1;
    }
    for (size_t i = 0; i < n; i++) {
        quality->inertia += dcl_square_between(score + i * dim, out->model.centroid + label[i] * dim, dim);
        for (size_t j = 0; j < dim; j++)
            centroid[label[i] * dim + j] += score[i * dim + j] / (float)out->size[label[i]];
    }
    if (!status)
        status =
            dcl_cluster_indices(context, score, n, dim, label, centroid, out->k, SILHOUETTE_MOST, quality);
    free(score);
    free(centroid);
    free(label);
    return status;
}

dcl_status dcl_clusters_assign(const dcl_context *context, const dcl_homes *homes,
                               const dcl_cluster_model *model, dcl_arena *arena, dcl_clusters *out,
                               dcl_error *error) {
    *out = (dcl_clusters){.model = *model,
                          .by = model->cells & DCL_CELL_HABITS ? DCL_BY_HABITS : DCL_BY_SHAPES,
                          .choice = DCL_CHOICE_GIVEN,
                          .variance_kept = (double)NAN,
                          .kept = {(double)NAN, (double)NAN, (double)NAN}};
    dcl_status status = dcl_clusters_take(homes, model->k, model->components, arena, out);
    if (status) return dcl_fail_memory(error, "the clusters");
    size_t usable = 0;
    for (size_t h = 0; h < homes->n; h++) {
        bool whole = dcl_columns_known(homes, h, model->cells);
        out->apart[h] = homes->apart[h] == DCL_APART_LITTLE_DATA && whole ? DCL_APART_NONE : homes->apart[h];
        if (!whole && out->apart[h] == DCL_APART_NONE) out->apart[h] = DCL_APART_LITTLE_DATA;
        usable += out->apart[h] == DCL_APART_NONE;
    }
    if (!usable)
        return dcl_fail(
            error, DCL_E_NO_DATA,
            "no home can be compared with the clusters: they need the same seasons and kinds of days");
    status = place_homes(homes, &out->model, out);
    for (size_t h = 0; !status && h < homes->n; h++)
        if (out->label[h] && out->distance[h] > 1) {
            out->apart[h] = DCL_APART_OUTLIER;
            out->label[h] = 0;
        }
    if (!status) status = dcl_clusters_tell(context, homes, out);
    out->quality = (dcl_cluster_quality){.k = model->k,
                                         .icl = (double)NAN,
                                         .stability = (double)NAN,
                                         .stability_low = (double)NAN,
                                         .stability_whole = (double)NAN,
                                         .smallest = (double)NAN,
                                         .shape_variance = (double)NAN,
                                         .shape_best = (double)NAN};
    if (!status) status = judge(context, homes, out, &out->quality);
    out->silhouette_homes = out->in_clusters < SILHOUETTE_MOST ? out->in_clusters : SILHOUETTE_MOST;
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "the clusters") : status;
}
