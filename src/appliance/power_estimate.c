/* The power of appliances from the mains, a day of features at a time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/cold.h"
#include "base/parallel.h"

/* ---------------------------------------------------------------- does the home fit the model */

static dcl_status check_home(const dcl_power_model *model, const dcl_power_scene *scene, dcl_error *error) {
    static const char *const names[DCL_WINDOW_CHANNELS] = {"active power", "reactive power",
                                                           "apparent power"};
    const long long has_s = scene->period_us / DCL_SECOND_US, wants_s = model->period_us / DCL_SECOND_US;
    if (has_s > wants_s)
        return dcl_fail(
            error, DCL_E_ARG,
            "the home has a value every %lld s and the model was learned at %lld s, which is finer: "
            "learn one at %lld s",
            has_s, wants_s, has_s);
    if (scene->period_us != model->period_us)
        return dcl_fail(error, DCL_E_ARG,
                        "the home has a value every %lld s and the model was learned at %lld s: read it, or "
                        "import it again, with a period of %lld s",
                        has_s, wants_s, wants_s);
    if (scene->apparent_leads != model->apparent_leads)
        return dcl_fail(
            error, DCL_E_ARG, "the model was learned from %s power and the home has only %s power",
            model->apparent_leads ? "apparent" : "active", scene->apparent_leads ? "apparent" : "active");
    for (size_t c = 1; c < DCL_WINDOW_CHANNELS; c++)
        if (model->has[c] && !scene->level[c])
            return dcl_fail(error, DCL_E_ARG, "the model needs %s, which the home lacks", names[c]);
    for (size_t i = 0; i < scene->n; i++)
        if (scene->level[0][i] != DCL_MISSING_I32) return DCL_OK;
    return dcl_fail(error, DCL_E_NO_DATA, "every value of the mains is missing: nothing to share out");
}

/* ---------------------------------------------------------------- settling */

void dcl_power_settle(const float *wanted, size_t n, int32_t mains, int32_t *out, int32_t *other) {
    int64_t sum = 0, room = mains > 0 ? mains : 0;
    for (size_t a = 0; a < n; a++) {
        float level = wanted[a] > 0 ? wanted[a] : 0; /* NaN is 0 as well */
        out[a] = level >= (float)room ? (int32_t)room : (int32_t)(level + 0.5f);
        sum += out[a];
    }
    if (sum > room) {
        /* Too much: each gives up the same share, rounded down, so that the sum fits. */
        int64_t whole = sum;
        sum = 0;
        for (size_t a = 0; a < n; a++) {
            out[a] = (int32_t)(out[a] * room / whole);
            sum += out[a];
        }
    }
    *other = (int32_t)(mains - sum);
}

/* ---------------------------------------------------------------- days */

typedef struct days {
    const dcl_context *context;
    const dcl_power_model *model;
    const dcl_power_scene *scene;
    dcl_window_source source;
    size_t block;
    int32_t **level; /* [model->n][scene->n] */
    const int32_t
        *own[DCL_POWER_APPLIANCES]; /* [scene->n] what the home's own steps say; NULL = as the model says */
    int32_t *other;
} days;

/* 0.1 W; what is quieter than the model trusts is nothing. */
static float heard(const dcl_power_known *known, float margin) {
    return (double)margin < known->quiet_w ? 0 : 10 * margin;
}

/* One day: its features, the margins of every appliance, the settling of every moment. Shards share nothing. */
static dcl_status estimate_day(void *arg, size_t day) {
    const days *d = arg;
    const dcl_power_model *model = d->model;
    size_t from = day * d->block, n = d->scene->n - from < d->block ? d->scene->n - from : d->block;
    float *row = malloc(n * model->k * sizeof *row), *margin = malloc((model->n + 2) * n * sizeof *margin);
    dcl_status status = row && margin ? DCL_OK : DCL_E_MEMORY;
    if (!status) status = dcl_windows_make(&d->source, model->feature, model->k, from, n, row, NULL);
    for (size_t a = 0; !status && a < model->n; a++)
        dcl_power_trees_levels(d->context->kernels, &model->trees[a], row, n, model->k, margin + model->n * n,
                               margin + a * n);
    for (size_t i = 0; !status && i < n; i++) {
        float wanted[DCL_POWER_APPLIANCES];
        int32_t out[DCL_POWER_APPLIANCES], mains = d->scene->level[0][from + i];
        for (size_t a = 0; a < model->n; a++)
            wanted[a] = d->own[a] ? (float)d->own[a][from + i] : heard(&model->known[a], margin[a * n + i]);
        if (mains != DCL_MISSING_I32) dcl_power_settle(wanted, model->n, mains, out, &d->other[from + i]);
        for (size_t a = 0; a < model->n; a++)
            d->level[a][from + i] = mains == DCL_MISSING_I32 ? DCL_MISSING_I32 : out[a];
        if (mains == DCL_MISSING_I32) d->other[from + i] = DCL_MISSING_I32;
    }
    free(row), free(margin);
    return status;
}

/* ---------------------------------------------------------------- a home that the model has not seen */

static double duty(const dcl_cold_like *like) {
    return like->on_s / (like->on_s + like->off_s);
}

/* Two tracks are of one compressor where they are on together for most of the time that either is. */
static bool is_same(const int32_t *a, const int32_t *b, size_t n) {
    size_t both = 0, one = 0, two = 0;
    for (size_t i = 0; i < n; i++) {
        one += a[i] > 0;
        two += b[i] > 0;
        both += a[i] > 0 && b[i] > 0;
    }
    return 2 * both > (one < two ? one : two);
}

/* Follows the compressors that the home's cycles suggest. level [*n], NULL = the same one as before, or none. */
static dcl_status track_own(const dcl_power_scene *scene, dcl_arena *arena, dcl_cold_like *like,
                            int32_t **level, size_t *n, dcl_error *error) {
    size_t cycles;
    *n = dcl_cold_candidates(scene, like, DCL_WINDOW_RANKS);
    for (size_t c = 0; c < *n; c++) {
        level[c] = dcl_arena_alloc(arena, scene->n, sizeof **level);
        if (!level[c]) return dcl_fail_memory(error, "the compressors of a home");
        dcl_cold_begin(scene, &like[c]);
        dcl_status status = dcl_cold_track(scene, &like[c], level[c], &cycles, error);
        if (status) return status;
        bool known = !cycles;
        for (size_t k = 0; k < c && !known; k++) known = level[k] && is_same(level[k], level[c], scene->n);
        if (known) level[c] = NULL;
    }
    return DCL_OK;
}

/* Gives each compressor of the model the nearest of the home's that is left. */
static dcl_status follow_own(const dcl_power_model *model, const dcl_power_scene *scene, dcl_arena *arena,
                             days *d, dcl_error *error) {
    dcl_cold_like like[DCL_WINDOW_RANKS];
    int32_t *level[DCL_WINDOW_RANKS];
    size_t n;
    dcl_status status = track_own(scene, arena, like, level, &n, error);
    for (size_t m = 0; !status && m < model->n_cold; m++) {
        size_t best = n;
        for (size_t c = 0; c < n && model->cold_of[m] < model->n; c++)
            if (level[c] && (best == n || fabs(duty(&like[c]) - duty(&model->cold[m])) <
                                              fabs(duty(&like[best]) - duty(&model->cold[m]))))
                best = c;
        if (best == n) continue;
        d->own[model->cold_of[m]] = level[best];
        level[best] = NULL;
    }
    return status;
}

/* Windows look half a day back and ahead: of less than that the F1 of whole days says nothing. */
static bool is_short(const dcl_power_scene *scene) {
    int64_t known = 0;
    for (size_t i = 0; i < scene->n; i++) known += scene->level[0][i] != DCL_MISSING_I32;
    return known * scene->period_us < 12 * DCL_HOUR_US;
}

static void sum_up(const dcl_power_scene *scene, const dcl_power_known *known, const int32_t *level,
                   dcl_power_channel *out) {
    int64_t sum = 0;
    size_t present = 0;
    for (size_t i = 0; i < scene->n; i++) {
        if (level[i] == DCL_MISSING_I32) continue;
        present += scene->level[0][i] >= 0; /* a home that exports does not show what it draws */
        sum += level[i];
    }
    *out = (dcl_power_channel){.name = known->name,
                               .level = level,
                               .energy_wh = (double)sum / 10 * (double)scene->period_us / (double)DCL_HOUR_US,
                               .confidence = known->held_f1,
                               .coverage = (double)present / (double)scene->n};
}

dcl_status dcl_power_estimate_home(const dcl_context *context, const dcl_power_model *model,
                                   const dcl_home *home, bool other_home, dcl_arena *arena,
                                   dcl_power_estimate *out, dcl_error *error) {
    dcl_power_scene scene;
    dcl_status status = dcl_power_scene_of(context, home, arena, &scene, error);
    if (!status) status = check_home(model, &scene, error);
    if (!status && model->wants_events) status = dcl_power_scene_events(context, &scene, arena, error);
    if (!status && model->wants_events)
        status = dcl_power_scene_cold(&scene, model->cold, model->n_cold, arena, error);
    if (status) return status;
    days d = {.context = context, .model = model, .scene = &scene, .block = dcl_power_block(scene.period_us)};
    d.source = dcl_power_scene_source(&scene);
    d.level = dcl_arena_alloc(arena, model->n, sizeof *d.level);
    d.other = dcl_arena_alloc(arena, scene.n, sizeof *d.other);
    dcl_power_channel *channel = dcl_arena_alloc(arena, model->n, sizeof *channel);
    bool made = d.level && d.other && channel;
    for (size_t a = 0; made && a < model->n; a++) {
        d.level[a] = dcl_arena_alloc(arena, scene.n, sizeof **d.level);
        made = d.level[a] != NULL;
    }
    if (!made) return dcl_fail_memory(error, "the appliances of a home");
    if (other_home && model->wants_events) status = follow_own(model, &scene, arena, &d, error);
    if (status) return status;
    status = dcl_parallel_for(context, (scene.n + d.block - 1) / d.block, estimate_day, &d);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "the features of a day");
    if (status) return status;
    const bool untold = other_home || is_short(&scene);
    for (size_t a = 0; a < model->n; a++) {
        sum_up(&scene, &model->known[a], d.level[a], &channel[a]);
        if (untold) channel[a].confidence = NAN;
    }
    *out = (dcl_power_estimate){.start_us = scene.start_us,
                                .period_us = scene.period_us,
                                .n = scene.n,
                                .n_channels = model->n,
                                .mains = scene.level[0],
                                .other = d.other,
                                .channel = channel};
    for (size_t i = 0; i < scene.n; i++)
        out->exporting += scene.level[0][i] != DCL_MISSING_I32 && scene.level[0][i] < 0;
    return DCL_OK;
}
