/* Homes described, set apart and grouped: what is found, what is refused, and the same bytes whatever computes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "base/rng.h"
#include "household/pca.h"
#include "household/quality.h"
#include "scratch.h"

/* HDF5 1.10 itself loses memory on damaged files. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

enum { HOMES = 48, DAYS = 366, PER_DAY = 24, SLOTS = DAYS * PER_DAY, KINDS = 3 };

/* 2023-12-01 00:00 UTC: a year that begins with a winter. */
static const int64_t START_US = INT64_C(1701388800) * DCL_SECOND_US;

/* Power of home h in an hour: evening, morning or night homes of different levels, days unlike each other by a tenth. */
static float power_of(size_t h, size_t slot, double level) {
    static const double peaks[KINDS] = {20, 8, 2};
    double hour = (double)(slot % PER_DAY), off = fabs(hour - peaks[h % KINDS]);
    off = off > 12 ? 24 - off : off;
    double bump = off < 3 ? 3 - off : 0, noise = 0.9 + 0.2 * dcl_random_uniform(7, h, slot);
    return (float)(level * (0.5 + bump) * noise);
}

static scratch files;

/* A panel of homes h = 0 … n - 1; `change` may spoil it. */
static void make_panel(const char *path, size_t n, void (*change)(float *power_w, size_t n)) {
    float *power_w = malloc(n * SLOTS * sizeof *power_w);
    char(*id)[64] = calloc(n, sizeof *id);
    uint8_t *kind = calloc(n, 1);
    dcl_kernels kernels;
    dcl_panel_shard shard;
    assert_true(power_w && id && kind);
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 2, .seed = 1};
    for (size_t h = 0; h < n; h++) {
        snprintf(id[h], sizeof *id, "home%03zu", h);
        kind[h] = (uint8_t)(h % KINDS + 1);
        for (size_t i = 0; i < SLOTS; i++)
            power_w[h * SLOTS + i] = power_of(h, i, 100 + 20 * (double)(h % 17));
    }
    if (change) change(power_w, n);
    const dcl_panel_rows rows = {.n_homes = n,
                                 .n_slots = SLOTS,
                                 .start_us = START_US,
                                 .period_us = DCL_HOUR_US,
                                 .id = (const char(*)[64])id,
                                 .kind = kind,
                                 .power_w = power_w};
    assert_int_equal(dcl_panel_shard_write(&context, path, &rows, &shard, NULL), DCL_OK);
    scratch_path(&files, shard.file);
    assert_int_equal(dcl_panel_index_write(&context, path, rows.period_us, &shard, 1, NULL), DCL_OK);
    free(power_w);
    free(id);
    free(kind);
}

/* The first home knows nothing, the second never changes, the third draws 3 W, the fourth has ten days, the fifth a spike a day. */
static void spoil(float *power_w, size_t n) {
    (void)n;
    for (size_t i = 0; i < SLOTS; i++) {
        power_w[i] = NAN;
        power_w[SLOTS + i] = 100;
        power_w[2 * SLOTS + i] = (float)(2 + i % 3);
        if (i >= 10 * PER_DAY) power_w[3 * SLOTS + i] = NAN;
        power_w[4 * SLOTS + i] = i % PER_DAY == 12 ? 9000 : 10;
    }
}

typedef struct world {
    dcl_kernels kernels;
    dcl_context context;
    dcl_arena arena;
    dcl_error error;
    dcl_homes homes;
} world;

static dcl_status measure(world *w, const char *path, const char *isa, int threads,
                          const dcl_homes_options *options) {
    dcl_panel *panel;
    dcl_zone *zone;
    *w = (world){.error = {.pos = {0, -1}}};
    assert_int_equal(dcl_kernels_select(isa, &w->kernels, NULL), DCL_OK);
    assert_int_equal(dcl_zone_open("UTC", &zone, NULL), DCL_OK);
    w->context = (dcl_context){.kernels = &w->kernels, .threads = threads, .seed = 3, .zone = zone};
    assert_int_equal(dcl_panel_open(path, &panel, &w->error), DCL_OK);
    dcl_homes_options defaults = dcl_homes_defaults();
    dcl_status status =
        dcl_homes_measure(&w->context, panel, options ? options : &defaults, &w->arena, &w->homes, &w->error);
    dcl_panel_close(&panel);
    return status;
}

static void end(world *w) {
    dcl_zone *zone = (dcl_zone *)(uintptr_t)w->context.zone;
    dcl_zone_close(&zone);
    dcl_arena_free(&w->arena);
}

static const char *panel_path, *spoilt_path;

/* ---------------------------------------------------------------- homes */

static void a_home_is_told_by_its_traits(void **state) {
    (void)state;
    world w;
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(w.homes.cells, 0xff);
    assert_int_equal(w.homes.days_told, HOMES * DAYS);
    for (size_t h = 0; h < HOMES; h++) {
        static const double peaks[KINDS] = {20.5, 8.5, 2.5};
        const float *trait = w.homes.trait + h * DCL_TRAIT_COUNT;
        double level = (100 + 20 * (double)(h % 17)) * (0.5 + 9.0 / 24);
        assert_true(fabs((double)trait[DCL_TRAIT_MEAN_W] / level - 1) < 0.02);
        assert_true(fabs((double)trait[DCL_TRAIT_PEAK_HOUR] - peaks[h % KINDS]) < 0.6);
        assert_true(fabs((double)trait[DCL_TRAIT_WEEKEND_RATIO] - 1) < 0.02);
        assert_true(fabs((double)trait[DCL_TRAIT_WINTER_RATIO] - 1) < 0.02);
        assert_true(trait[DCL_TRAIT_QUIET_DAYS] < 0.01f);
        assert_true(isnan(trait[DCL_TRAIT_COLD_SLOPE]));
        assert_true((trait[DCL_TRAIT_NIGHT_SHARE] > 0.4f) == (h % KINDS == 2));
        double sum = 0;
        for (size_t i = 0; i < DCL_PROFILE_LENGTH; i++)
            sum += (double)w.homes.profile[h * DCL_PROFILE_LENGTH + i];
        assert_true(fabs(sum / DCL_PROFILE_LENGTH - 1) < 0.01);
    }
    end(&w);
}

static void homes_that_cannot_be_compared_are_set_apart_with_a_reason(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = KINDS;
    assert_int_equal(measure(&w, spoilt_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error), DCL_OK);
    static const uint8_t want[] = {DCL_APART_LITTLE_DATA, DCL_APART_CONSTANT, DCL_APART_IDLE,
                                   DCL_APART_LITTLE_DATA, DCL_APART_OUTLIER,  DCL_APART_NONE};
    for (size_t h = 0; h < sizeof want; h++) {
        assert_int_equal(clusters.apart[h], want[h]);
        assert_true((clusters.label[h] == 0) == (want[h] != DCL_APART_NONE));
    }
    assert_int_equal(clusters.in_clusters, HOMES - 5);
    assert_int_equal(clusters.apart_count[DCL_APART_LITTLE_DATA], 2);
    assert_true(clusters.nearest[4] >= 1 && clusters.nearest[4] <= KINDS);
    end(&w);
}

static void cold_slope_is_the_rise_for_a_kelvin(void **state) {
    (void)state;
    world w;
    float mean_c[DAYS];
    for (size_t d = 0; d < DAYS; d++) mean_c[d] = d % 2 ? 5 : 25;
    const dcl_day_weather weather = {.first_day = START_US / DCL_DAY_US, .n = DAYS, .mean_c = mean_c};
    dcl_homes_options options = dcl_homes_defaults();
    options.weather = &weather;
    assert_int_equal(measure(&w, panel_path, "auto", 2, &options), DCL_OK);
    for (size_t h = 0; h < HOMES; h++)
        assert_true(fabs((double)w.homes.trait[h * DCL_TRAIT_COUNT + DCL_TRAIT_COLD_SLOPE]) < 0.01);
    end(&w);
}

static void days_of_the_weather_are_civil_days(void **state) {
    (void)state;
    enum { HOURS = 24 * 3 - 10 };
    float hour[HOURS];
    dcl_zone *zone;
    dcl_arena arena = {0};
    dcl_day_weather days;
    assert_int_equal(dcl_zone_open("+02:00", &zone, NULL), DCL_OK);
    const dcl_context context = {.threads = 1, .zone = zone};
    const dcl_weather weather = {START_US - 2 * DCL_HOUR_US, HOURS, hour}; /* from midnight there */
    for (size_t i = 0; i < HOURS; i++) hour[i] = i >= 24 && i < 43 ? NAN : (float)(i / 24);
    assert_int_equal(dcl_weather_days(&context, &weather, &arena, &days, NULL), DCL_OK);
    assert_int_equal(days.first_day, START_US / DCL_DAY_US);
    assert_int_equal(days.n, 3);
    assert_true(days.mean_c[0] == 0 && days.mean_c[2] == 2);
    assert_true(isnan(days.mean_c[1])); /* five hours of 24 */
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

/* ---------------------------------------------------------------- clusters */

static void clusters_are_the_shapes_and_not_the_levels(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k_most = 6;
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error), DCL_OK);
    uint32_t kind[HOMES];
    for (size_t h = 0; h < HOMES; h++) kind[h] = (uint32_t)(h % KINDS);
    assert_int_equal(clusters.choice, DCL_CHOICE_FINEST_STABLE);
    assert_int_equal(clusters.k, KINDS);
    assert_true(dcl_adjusted_rand(kind, clusters.label, HOMES) > 0.999);
    assert_true(clusters.quality.stability > 0.99 && clusters.quality.stability_whole > 0.99);
    assert_true(clusters.quality.shape_variance > 0.9);
    end(&w);
}

static void bytes_are_the_same_for_any_threads_and_instruction_set(void **state) {
    (void)state;
    world one, other;
    dcl_clusters a, b;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = 4;
    options.bootstraps = 2;
    options.restarts = 3;
    assert_int_equal(measure(&one, spoilt_path, "scalar", 1, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&one.context, &one.homes, &options, &one.arena, &a, NULL), DCL_OK);
    for (size_t i = 0; dcl_kernels_isa_at(i); i++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &kernels, NULL)) continue;
        assert_int_equal(measure(&other, spoilt_path, dcl_kernels_isa_at(i), 2 + (int)i, NULL), DCL_OK);
        assert_int_equal(dcl_clusters_fit(&other.context, &other.homes, &options, &other.arena, &b, NULL),
                         DCL_OK);
        assert_memory_equal(one.homes.trait, other.homes.trait, HOMES * DCL_TRAIT_COUNT * sizeof(float));
        assert_memory_equal(one.homes.profile, other.homes.profile,
                            HOMES * DCL_PROFILE_LENGTH * sizeof(float));
        assert_memory_equal(one.homes.day_shape, other.homes.day_shape,
                            one.homes.day_shapes * 48 * sizeof(float));
        assert_memory_equal(one.homes.shape_share, other.homes.shape_share,
                            HOMES * one.homes.day_shapes * sizeof(float));
        assert_memory_equal(a.label, b.label, HOMES * sizeof *a.label);
        assert_memory_equal(&a.quality, &b.quality, sizeof a.quality);
        end(&other);
    }
    end(&one);
}

static void labels_of_a_file_start_the_same_clusters(void **state) {
    (void)state;
    world w;
    dcl_clusters first, again;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = KINDS;
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &first, NULL), DCL_OK);
    options.init = first.label;
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &again, NULL), DCL_OK);
    assert_memory_equal(first.label, again.label, HOMES * sizeof *first.label);
    assert_true(again.quality.iterations <= 2);
    end(&w);
}

static void clusters_of_some_homes_take_in_all(void **state) {
    (void)state;
    world w;
    dcl_clusters whole, some;
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = KINDS;
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_find(&w.context, &w.homes, &options, &w.arena, &whole, &w.error), DCL_OK);
    assert_int_equal(whole.fitted_homes, HOMES);
    options.homes_most = HOMES / 2;
    assert_int_equal(dcl_clusters_find(&w.context, &w.homes, &options, &w.arena, &some, &w.error), DCL_OK);
    assert_int_equal(some.fitted_homes, HOMES / 2);
    assert_int_equal(some.n, HOMES);
    assert_true(some.in_clusters > HOMES / 2);
    uint32_t found[2][HOMES];
    size_t both = 0;
    for (size_t h = 0; h < HOMES; h++) {
        if (!whole.label[h] || !some.label[h]) continue;
        found[0][both] = whole.label[h];
        found[1][both++] = some.label[h];
    }
    assert_true(both > HOMES * 3 / 4);
    assert_true(dcl_adjusted_rand(found[0], found[1], both) > 0.99);
    end(&w);
}

static void numbers_that_cannot_be_are_refused(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters;
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = HOMES + 1;
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error),
                     DCL_E_ARG);
    assert_non_null(strstr(w.error.msg, "only 48 homes"));
    options = dcl_clusters_defaults();
    memset(w.homes.apart, DCL_APART_IDLE, HOMES);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error),
                     DCL_E_NO_DATA);
    end(&w);
}

static void one_home_is_one_cluster(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters;
    dcl_clusters_options options = dcl_clusters_defaults();
    const char *path = scratch_path(&files, "one.h5");
    make_panel(path, 1, NULL);
    assert_int_equal(measure(&w, path, "auto", 1, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error), DCL_OK);
    assert_int_equal(clusters.k, 1);
    assert_int_equal(clusters.choice, DCL_CHOICE_ONE_HOME);
    assert_true(isnan(clusters.quality.silhouette));
    end(&w);
}

/* ---------------------------------------------------------------- file */

static void homes_of_a_file_are_put_where_they_were(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters, put;
    dcl_cluster_model model;
    dcl_clusters_options options = dcl_clusters_defaults();
    char(*id)[64];
    uint32_t *label;
    size_t n;
    options.k = KINDS;
    const char *path = scratch_path(&files, "clusters.h5");
    assert_int_equal(measure(&w, spoilt_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error), DCL_OK);
    assert_int_equal(dcl_clusters_write(path, &w.homes, &clusters, &w.error), DCL_OK);
    assert_true(dcl_clusters_is(path) && !dcl_clusters_is(spoilt_path));
    assert_int_equal(dcl_clusters_read(path, &w.arena, &model, &id, &label, &n, &w.error), DCL_OK);
    assert_int_equal(n, HOMES);
    assert_string_equal(id[7], "home007");
    assert_memory_equal(label, clusters.label, n * sizeof *label);
    assert_int_equal(dcl_clusters_assign(&w.context, &w.homes, &model, &w.arena, &put, &w.error), DCL_OK);
    assert_memory_equal(put.label, clusters.label, n * sizeof *label);
    assert_true(isnan(put.quality.stability));
    end(&w);
}

static void a_damaged_file_is_an_error_that_names_it(void **state) {
    (void)state;
    world w;
    dcl_clusters clusters;
    dcl_clusters_options options = dcl_clusters_defaults();
    char(*id)[64];
    unsigned char *bytes = malloc(1 << 22);
    uint32_t *label;
    options.k = KINDS;
    options.bootstraps = 1;
    const char *path = scratch_path(&files, "damaged.h5");
    assert_int_equal(measure(&w, panel_path, "auto", 2, NULL), DCL_OK);
    assert_int_equal(dcl_clusters_fit(&w.context, &w.homes, &options, &w.arena, &clusters, &w.error), DCL_OK);
    assert_int_equal(dcl_clusters_write(path, &w.homes, &clusters, &w.error), DCL_OK);
    FILE *file = fopen(path, "rb");
    size_t length = fread(bytes, 1, 1 << 22, file), n;
    fclose(file);
    size_t refused = 0;
    enum { TRIALS = 40 };
    for (size_t t = 0; t < TRIALS; t++) {
        dcl_arena arena = {0};
        dcl_cluster_model model;
        size_t at = (size_t)dcl_random_below(9, 1, t, (uint32_t)length), keep = t % 2 ? length : at;
        bytes[at] ^= 0x40;
        file = fopen(path, "wb");
        assert_int_equal(fwrite(bytes, 1, keep, file), keep);
        fclose(file);
        bytes[at] ^= 0x40;
        dcl_error error = {.pos = {0, -1}};
        dcl_status status = dcl_clusters_read(path, &arena, &model, &id, &label, &n, &error);
        refused += status != DCL_OK;
        if (status) assert_true(error.msg[0] && strstr(error.file, "damaged.h5"));
        if (!status && t % 2 == 0) assert_true(keep == length); /* a cut file is always refused */
        dcl_arena_free(&arena);
    }
    assert_true(refused >= TRIALS / 2);
    free(bytes);
    end(&w);
}

/* ---------------------------------------------------------------- figures by hand */

static void adjusted_rand_is_that_of_the_literature(void **state) {
    (void)state;
    static const uint32_t a[] = {0, 0, 1, 1}, same[] = {5, 5, 2, 2}, crossed[] = {0, 1, 0, 1},
                          one[] = {0, 0, 0, 0}, b[] = {0, 0, 1, 2};
    assert_true(fabs(dcl_adjusted_rand(a, same, 4) - 1) < 1e-12);
    assert_true(fabs(dcl_adjusted_rand(a, crossed, 4) + 0.5) < 1e-12);
    assert_true(fabs(dcl_adjusted_rand(a, one, 4)) < 1e-12);
    assert_true(fabs(dcl_adjusted_rand(a, b, 4) - 4.0 / 7) < 1e-12); /* as scikit-learn 1.2.1 has it */
    assert_true(isnan(dcl_adjusted_rand(a, b, 1)));
}

static void indices_of_four_points_are_those_by_hand(void **state) {
    (void)state;
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1};
    static const float x[] = {0, 1, 10, 11}, centroid[] = {0.5f, 10.5f};
    static const uint32_t label[] = {0, 0, 1, 1};
    dcl_cluster_quality q = {0};
    assert_int_equal(dcl_cluster_indices(&context, x, 4, 1, label, centroid, 2, 2000, &q), DCL_OK);
    assert_true(fabs(q.silhouette - (2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4) < 1e-9);
    assert_true(fabs(q.davies_bouldin - 0.1) < 1e-9);
    assert_true(fabs(q.calinski_harabasz - 200) < 1e-9);
}

static void components_are_the_directions_of_most_variance(void **state) {
    (void)state;
    enum { N = 3000, K = 5 };
    static float x[N * K];
    dcl_kernels kernels;
    dcl_arena arena = {0};
    dcl_pca one, two;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1};
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < K; j++)
            x[i * K + j] =
                (float)(dcl_random_normal(1, j, i) * 0.1 + 5 + (j == 2 ? 3 * dcl_random_normal(1, 9, i) : 0));
    assert_int_equal(dcl_pca_fit(&context, x, NULL, N, K, 1, 2, NULL, &arena, &one, NULL), DCL_OK);
    context.threads = 3;
    assert_int_equal(dcl_pca_fit(&context, x, NULL, N, K, 1, 2, NULL, &arena, &two, NULL), DCL_OK);
    assert_int_equal(one.components, 2);
    assert_true(one.component[2] > 0.999f && one.kept[0] > 0.99);
    assert_memory_equal(one.component, two.component, 2 * K * sizeof(float));
    assert_int_equal(dcl_pca_fit(&context, x, NULL, N, K, 0.9, K, NULL, &arena, &two, NULL), DCL_OK);
    assert_int_equal(two.components, 1);
    dcl_arena_free(&arena);
}

/* Another rank that has no rows. */
static dcl_status count_calls(void *arg, dcl_reduce_op op, int64_t *values, size_t n, dcl_error *error) {
    (void)op, (void)values, (void)n, (void)error;
    ++*(int *)arg;
    return DCL_OK;
}

/* Two ranks of the same rows: every sum is twice, every maximum the same. */
static dcl_status double_sums(void *arg, dcl_reduce_op op, int64_t *values, size_t n, dcl_error *error) {
    (void)arg, (void)error;
    for (size_t i = 0; op == DCL_REDUCE_SUM && i < n; i++) values[i] *= 2;
    return DCL_OK;
}

static void sums_of_all_ranks_make_the_centroids(void **state) {
    (void)state;
    enum { N = 500 };
    static float x[N * 2];
    dcl_kernels kernels;
    dcl_arena arena = {0};
    dcl_kmeans one, many;
    int calls = 0;
    assert_int_equal(dcl_kernels_select("auto", &kernels, NULL), DCL_OK);
    dcl_context context = {.kernels = &kernels, .threads = 1};
    for (size_t i = 0; i < N * 2; i++) x[i] = (float)dcl_random_normal(2, 1, i) + (i / 2 % 3 ? 0 : 6);
    dcl_kmeans_options options = dcl_kmeans_defaults();
    options.k = 3;
    options.init = x;
    assert_int_equal(dcl_kmeans_fit(&context, x, N, 2, &options, &arena, &one, NULL), DCL_OK);
    options.reduce = (dcl_reduce){count_calls, &calls};
    assert_int_equal(dcl_kmeans_fit(&context, x, N, 2, &options, &arena, &many, NULL), DCL_OK);
    assert_true(calls > 4);
    assert_memory_equal(one.centroid, many.centroid, 6 * sizeof(float));
    options.reduce = (dcl_reduce){double_sums, NULL};
    assert_int_equal(dcl_kmeans_fit(&context, x, N, 2, &options, &arena, &many, NULL), DCL_OK);
    for (size_t i = 0; i < 6; i++) assert_true(fabsf(one.centroid[i] - many.centroid[i]) < 1e-5f);
    options.init = NULL;
    assert_int_equal(dcl_kmeans_fit(&context, x, N, 2, &options, &arena, &many, NULL), DCL_E_ARG);
    dcl_arena_free(&arena);
}

static void association_is_1_where_one_tells_the_other(void **state) {
    (void)state;
    uint32_t a[300], b[300], free_of[300];
    dcl_association got;
    for (size_t i = 0; i < 300; i++) {
        a[i] = (uint32_t)(i % 3) + 1;
        b[i] = 3 - (uint32_t)(i % 3);
        free_of[i] = (uint32_t)(i / 3 % 2) + 1;
    }
    assert_int_equal(dcl_associate(a, 3, b, 3, 300, &got), DCL_OK);
    assert_true(got.cramers_v > 0.999 && fabs(got.of_entropy - 1) < 1e-9 &&
                fabs(got.mutual_bits - 1.584962500721156) < 1e-9);
    assert_int_equal(dcl_associate(a, 3, free_of, 2, 300, &got), DCL_OK);
    assert_true(got.cramers_v < 0.01 && got.mutual_bits < 1e-9 && got.n == 300);
}

static int make_panels(void **state) {
    (void)state;
    scratch_begin(&files);
    panel_path = scratch_path(&files, "panel.h5");
    spoilt_path = scratch_path(&files, "spoilt.h5");
    make_panel(panel_path, HOMES, NULL);
    make_panel(spoilt_path, HOMES, spoil);
    return 0;
}

static int end_files(void **state) {
    (void)state;
    scratch_end(&files);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_is_told_by_its_traits),
        cmocka_unit_test(homes_that_cannot_be_compared_are_set_apart_with_a_reason),
        cmocka_unit_test(days_of_the_weather_are_civil_days),
        cmocka_unit_test(cold_slope_is_the_rise_for_a_kelvin),
        cmocka_unit_test(clusters_are_the_shapes_and_not_the_levels),
        cmocka_unit_test(bytes_are_the_same_for_any_threads_and_instruction_set),
        cmocka_unit_test(labels_of_a_file_start_the_same_clusters),
        cmocka_unit_test(clusters_of_some_homes_take_in_all),
        cmocka_unit_test(numbers_that_cannot_be_are_refused),
        cmocka_unit_test(one_home_is_one_cluster),
        cmocka_unit_test(homes_of_a_file_are_put_where_they_were),
        cmocka_unit_test(a_damaged_file_is_an_error_that_names_it),
        cmocka_unit_test(adjusted_rand_is_that_of_the_literature),
        cmocka_unit_test(indices_of_four_points_are_those_by_hand),
        cmocka_unit_test(components_are_the_directions_of_most_variance),
        cmocka_unit_test(sums_of_all_ranks_make_the_centroids),
        cmocka_unit_test(association_is_1_where_one_tells_the_other),
    };
    return cmocka_run_group_tests(tests, make_panels, end_files);
}
