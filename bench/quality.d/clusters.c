/*
 * Clusters of homes, as bench/clusters.md says: quality clusters [DATA [TOWN.h5…]].
 * LCL: every number of clusters, its stability and what it explains. Towns: panels with kinds of household, against those kinds and
 * beside a booster that is taught them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <declic/household_cluster.h>

#include "base/rng.h"
#include "learn/booster.h"
#include "learn/forest.h"
#include "quality_tool.h"

enum { KINDS = 256, SHARES = DCL_DAY_SHAPES, FEATURES = DCL_PROFILE_LENGTH + DCL_TRAIT_COUNT + SHARES };

typedef struct bench {
    dcl_context context;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_arena arena;
} bench;

static dcl_homes measure(bench *b, const char *path) {
    dcl_error error = {0};
    dcl_homes homes;
    dcl_panel *panel;
    dcl_homes_options options = dcl_homes_defaults();
    quality_check(dcl_panel_open(path, &panel, &error), &error);
    quality_check(dcl_homes_measure(&b->context, panel, &options, &b->arena, &homes, &error), &error);
    dcl_panel_close(&panel);
    return homes;
}

static dcl_clusters fit(bench *b, const dcl_homes *homes, uint32_t k) {
    dcl_error error = {0};
    dcl_clusters clusters;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = k;
    if (k) options.bootstraps = 0; /* of a number that was asked for, the clusters alone */
    quality_check(dcl_clusters_fit(&b->context, homes, &options, &b->arena, &clusters, &error), &error);
    return clusters;
}

static void print_tried(const dcl_clusters *c) {
    bool spread = c->model.metric != NULL;
    printf(
        "  k  silhouette  D-B     C-H  stability  least  whole  smallest  shape variance (of k-means')%s\n",
        spread ? "    ICL" : "");
    for (size_t i = 0; i < c->n_tried; i++) {
        const dcl_cluster_quality *q = &c->tried[i];
        printf("%c%2u  %10.3f %4.2f %7.1f  %9.3f  %5.2f  %5.2f  %6.1f %%  %14.3f %7.1f %%",
               q->k == c->k ? '*' : ' ', q->k, q->silhouette, q->davies_bouldin, q->calinski_harabasz,
               q->stability, q->stability_low, q->stability_whole, 100 * q->smallest, q->shape_variance,
               100 * q->shape_variance / q->shape_best);
        if (spread) printf("  %9.3f", q->icl);
        printf("\n");
    }
    printf("chosen: %u (%s), by %s\n", c->k, dcl_choice_name(c->choice), dcl_by_name(c->by));
}

/* ---------------------------------------------------------------- Low Carbon London */

static void print_attributes(bench *b, const dcl_homes *homes, const dcl_clusters *c, const char *data) {
    char path[1024];
    dcl_error error = {0};
    dcl_attributes table;
    snprintf(path, sizeof path, "%s/lcl/household_information.csv", data);
    quality_check(dcl_attributes_read(path, homes, &b->arena, &table, &error), &error);
    for (size_t i = 0; i < table.n_columns; i++) {
        dcl_association got;
        if (strcmp(table.name[i], "file") == 0) continue; /* which file of the data set a home stood in */
        quality_check(
            dcl_associate(c->label, c->k, table.value + i * homes->n, table.words[i], homes->n, &got),
            &error);
        printf("  %-14s V %.2f, mutual information %.3f bit, %zu homes\n", table.name[i], got.cramers_v,
               got.mutual_bits, got.n);
    }
}

static void lcl(bench *b, const char *data) {
    char folder[] = "/tmp/declic-clusters-XXXXXX", archive[1024], path[64];
    dcl_error error = {0};
    dcl_panel_told told;
    snprintf(archive, sizeof archive, "%s/lcl/lcl.tar.xz", data);
    if (access(archive, R_OK) != 0) {
        printf("Low Carbon London: skipped, no %s\n", "../shared/data");
        return;
    }
    if (!mkdtemp(folder)) exit(1);
    snprintf(path, sizeof path, "%s/lcl.h5", folder);
    quality_open_zone("Europe/London", &b->zone, &b->context);
    const char *inputs[] = {archive};
    dcl_read_options read = dcl_read_defaults();
    quality_check(dcl_panel_import(&b->context, path, inputs, 1, &read, false, NULL, &told, &error), &error);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        b->context.seed = seed;
        dcl_homes homes = measure(b, path);
        dcl_clusters c = fit(b, &homes, 0);
        printf("Low Carbon London, seed %llu: %zu of %zu homes, %u components (%.0f %% of the variance)\n",
               (unsigned long long)seed, c.in_clusters, c.n, c.model.components, 100 * c.variance_kept);
        for (unsigned i = 1; i < DCL_APART_COUNT; i++)
            if (c.apart_count[i])
                printf("  set apart: %zu %s\n", c.apart_count[i], dcl_apart_name((dcl_apart)i));
        print_tried(&c);
        print_attributes(b, &homes, &c, data);
        printf("\n");
    }
    dcl_panel *panel;
    quality_check(dcl_panel_open(path, &panel, &error), &error);
    for (size_t i = 0; i < dcl_panel_tell(panel)->n_shards; i++) {
        char shard[256];
        snprintf(shard, sizeof shard, "%s/%s", folder, dcl_panel_tell(panel)->shard[i].file);
        remove(shard);
    }
    dcl_panel_close(&panel);
    remove(path);
    rmdir(folder);
}

/* ---------------------------------------------------------------- towns */

/* All features of a home in one row. */
static float *rows_of(const dcl_homes *homes) {
    float *x = malloc(homes->n * FEATURES * sizeof *x);
    if (!x) exit(1);
    for (size_t h = 0; h < homes->n; h++) {
        float *row = x + h * FEATURES;
        for (size_t i = 0; i < FEATURES; i++) row[i] = NAN;
        memcpy(row, homes->profile + h * DCL_PROFILE_LENGTH, DCL_PROFILE_LENGTH * sizeof *row);
        memcpy(row + DCL_PROFILE_LENGTH, homes->trait + h * DCL_TRAIT_COUNT, DCL_TRAIT_COUNT * sizeof *row);
        memcpy(row + DCL_PROFILE_LENGTH + DCL_TRAIT_COUNT, homes->shape_share + h * homes->day_shapes,
               homes->day_shapes * sizeof *row);
    }
    return x;
}

/* Margins of one kind against all others for the homes that were not learned from; `half` [n] is 1 for those. */
static void teach_kind(bench *b, const float *x, const uint8_t *kind, const uint8_t *half, size_t n,
                       uint8_t which, float *margin) {
    dcl_error error = {0};
    dcl_booster_model model;
    dcl_forest forest;
    size_t learn = 0;
    float *rows = malloc(n * FEATURES * sizeof *rows), *y = malloc(n * sizeof *y);
    if (!rows || !y) exit(1);
    for (size_t h = 0; h < n; h++) {
        if (half[h]) continue;
        memcpy(rows + learn * FEATURES, x + h * FEATURES, FEATURES * sizeof *rows);
        y[learn++] = kind[h] == which;
    }
    dcl_booster_options options = dcl_booster_defaults();
    options.loss = DCL_BOOSTER_LOGISTIC;
    options.rounds = 120;
    options.depth = 4;
    options.feature_share = 0.2;
    const dcl_booster_data data = {.x = rows, .y = y, .n = learn, .k = FEATURES};
    quality_check(dcl_booster_train(&b->context, &data, &options, &model, &error), &error);
    quality_check(dcl_forest_from_json(model.json, model.length, &b->arena, &forest, &error), &error);
    dcl_forest_margins(&forest, x, n, FEATURES, margin);
    free(model.json);
    free(rows);
    free(y);
}

/* Adjusted Rand index of the booster's kinds against the true ones, on the half of the homes that it has not seen. */
static double ceiling_of(bench *b, const dcl_homes *homes, const float *x) {
    size_t n = homes->n, unseen = 0;
    uint8_t *half = malloc(n);
    uint32_t *told = malloc(n * sizeof *told), *truth = malloc(n * sizeof *truth);
    float *margin = malloc(n * sizeof *margin), *best = malloc(n * sizeof *best);
    if (!half || !told || !truth || !margin || !best) exit(1);
    for (size_t h = 0; h < n; h++) {
        half[h] = (uint8_t)(dcl_random_below(1, 5, h, 2));
        best[h] = -INFINITY;
    }
    for (unsigned kind = 0; kind < KINDS - 1; kind++) {
        size_t homes_of = 0;
        for (size_t h = 0; h < n; h++) homes_of += homes->kind[h] == kind;
        if (!homes_of) continue;
        teach_kind(b, x, homes->kind, half, n, (uint8_t)kind, margin);
        for (size_t h = 0; h < n; h++)
            if (margin[h] > best[h]) {
                best[h] = margin[h];
                told[h] = kind;
            }
    }
    size_t right = 0;
    for (size_t h = 0; h < n; h++) {
        if (!half[h]) continue;
        right += told[h] == homes->kind[h];
        told[unseen] = told[h];
        truth[unseen++] = homes->kind[h];
    }
    double ari = dcl_adjusted_rand(told, truth, unseen);
    printf("  taught: %.3f (%.1f %% of the kinds right, %zu unseen homes)\n", ari,
           100 * (double)right / (double)unseen, unseen);
    free(half);
    free(told);
    free(truth);
    free(margin);
    free(best);
    return ari;
}

typedef struct value {
    float at;
    bool first;
} value;

static int by_value(const void *a, const void *b) {
    float x = ((const value *)a)->at, y = ((const value *)b)->at;
    return (x > y) - (x < y);
}

/* Area under the curve of feature f between two kinds, 0.5 … 1; ties count half. */
static double area_of(const dcl_homes *homes, const float *x, size_t f, uint8_t one, uint8_t other,
                      value *sorted) {
    size_t n = 0, ones = 0;
    double sum = 0;
    for (size_t h = 0; h < homes->n; h++) {
        if ((homes->kind[h] != one && homes->kind[h] != other) || isnan(x[h * FEATURES + f])) continue;
        sorted[n++] = (value){x[h * FEATURES + f], homes->kind[h] == one};
        ones += homes->kind[h] == one;
    }
    if (!ones || ones == n) return 0.5;
    qsort(sorted, n, sizeof *sorted, by_value);
    for (size_t i = 0; i < n;) {
        size_t to = i, of_one = 0;
        while (to < n && !(sorted[to].at > sorted[i].at)) of_one += sorted[to++].first;
        sum += (double)of_one * ((double)(i + to) + 1) / 2;
        i = to;
    }
    double area = (sum - (double)ones * ((double)ones + 1) / 2) / ((double)ones * (double)(n - ones));
    return area < 0.5 ? 1 - area : area;
}

static void print_separation(const dcl_homes *homes, const float *x) {
    value *sorted = malloc(homes->n * sizeof *sorted);
    double most = 0.5;
    size_t feature = 0;
    unsigned pair[2] = {0, 0};
    bool there[KINDS] = {false};
    if (!sorted) exit(1);
    for (size_t h = 0; h < homes->n; h++) there[homes->kind[h]] = true;
    for (unsigned a = 0; a < KINDS - 1; a++)
        for (unsigned c = a + 1; there[a] && c < KINDS - 1; c++)
            for (size_t f = 0; there[c] && f < FEATURES; f++) {
                double area = area_of(homes, x, f, (uint8_t)a, (uint8_t)c, sorted);
                if (area <= most) continue;
                most = area;
                feature = f;
                pair[0] = a;
                pair[1] = c;
            }
    const char *name = feature < DCL_PROFILE_LENGTH ? "a half hour of the profile"
                       : feature < DCL_PROFILE_LENGTH + DCL_TRAIT_COUNT
                           ? dcl_trait_name((dcl_trait)(feature - DCL_PROFILE_LENGTH))
                           : "a share of daily shapes";
    printf("  best single feature between two kinds: area %.3f (%s, kinds %u and %u)\n", most, name, pair[0],
           pair[1]);
    free(sorted);
}

static double against_kinds(const dcl_homes *homes, const dcl_clusters *c) {
    uint32_t *a = malloc(homes->n * sizeof *a), *kind = malloc(homes->n * sizeof *kind);
    size_t n = 0;
    if (!a || !kind) exit(1);
    for (size_t h = 0; h < homes->n; h++) {
        if (!c->label[h] || homes->kind[h] == KINDS - 1) continue;
        a[n] = c->label[h];
        kind[n++] = homes->kind[h];
    }
    double ari = dcl_adjusted_rand(a, kind, n);
    free(a);
    free(kind);
    return ari;
}

static void town(bench *b, const char *path) {
    b->context.seed = 1;
    quality_open_zone("Europe/Paris", &b->zone, &b->context);
    dcl_homes homes = measure(b, path);
    const char *slash = strrchr(path, '/');
    printf("%s: %zu homes\n", slash ? slash + 1 : path, homes.n);
    if (!homes.kind) {
        printf("  no kinds of household in it\n");
        return;
    }
    float *x = rows_of(&homes);
    print_separation(&homes, x);
    double ceiling = ceiling_of(b, &homes, x);
    dcl_clusters chosen = fit(b, &homes, 0);
    print_tried(&chosen);
    printf("  clusters against kinds: %.3f at the %u chosen, %.0f %% of what was taught\n",
           against_kinds(&homes, &chosen), chosen.k, 100 * against_kinds(&homes, &chosen) / ceiling);
    for (uint32_t k = 4; k <= 10; k += 2) {
        dcl_clusters c = fit(b, &homes, k);
        printf("  %u clusters against kinds: %.3f\n", k, against_kinds(&homes, &c));
    }
    free(x);
}

int main(int argc, char **argv) {
    bench b = {0};
    dcl_error error = {0};
    setvbuf(stdout, NULL, _IOLBF, 0); /* minutes pass between lines */
    quality_check(dcl_kernels_select("auto", &b.kernels, &error), &error);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    b.context =
        (dcl_context){.kernels = &b.kernels, .threads = processors > 0 ? (int)processors : 1, .seed = 1};
    lcl(&b, argc > 2 ? argv[2] : DECLIC_DATA);
    for (int i = 3; i < argc; i++) town(&b, argv[i]);
    dcl_zone_close(&b.zone);
    dcl_arena_free(&b.arena);
    return 0;
}
