/* Homes to learn from, and mixed copies of them. */
#include "appliance/power_mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* ---------------------------------------------------------------- a measured home */

static dcl_status take_part(const dcl_power_scene *scene, const dcl_series *series, const char *name,
                            dcl_arena *arena, int32_t **out, dcl_error *error) {
    if (series->period_us != scene->period_us || (series->start_us - scene->start_us) % scene->period_us != 0)
        return dcl_fail(error, DCL_E_ARG, "%s is not on the grid of the mains: give --period", name);
    *out = dcl_arena_alloc(arena, scene->n, sizeof **out);
    if (!*out) return dcl_fail_memory(error, "the truth of a home");
    int64_t shift = (scene->start_us - series->start_us) / scene->period_us;
    for (size_t i = 0; i < scene->n; i++) {
        int64_t at = (int64_t)i + shift;
        (*out)[i] =
            at >= 0 && at < (int64_t)series->n ? dcl_edge_quantise(series->value[at]) : DCL_MISSING_I32;
    }
    return DCL_OK;
}

static bool all_present(const dcl_power_lesson *lesson, size_t i) {
    for (size_t a = 0; a < lesson->n_parts; a++)
        if (lesson->part[a] && lesson->part[a][i] == DCL_MISSING_I32) return false;
    return lesson->scene.level[0][i] != DCL_MISSING_I32;
}

/* Solves m x = b for n unknowns by elimination with pivots; m [n][n + 1]. What cannot be told is 0. */
static void solve(double *m, size_t n, double *x) {
    size_t width = n + 1;
    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < n; r++)
            if (fabs(m[r * width + c]) > fabs(m[pivot * width + c])) pivot = r;
        if (!(fabs(m[pivot * width + c]) > 1e-9)) {
            m[c * width + c] = 0;
            continue;
        }
        for (size_t k = 0; k < width && pivot != c; k++) {
            double swap = m[c * width + k];
            m[c * width + k] = m[pivot * width + k];
            m[pivot * width + k] = swap;
        }
        for (size_t r = 0; r < n; r++) {
            double factor = r == c ? 0 : m[r * width + c] / m[c * width + c];
            for (size_t k = c; k < width && factor != 0; k++) m[r * width + k] -= factor * m[c * width + k];
        }
    }
    for (size_t c = 0; c < n; c++) x[c] = m[c * width + c] != 0 ? m[c * width + n] / m[c * width + c] : 0;
}

/* Reactive power as a constant, a share of every part's active power and one of the rest's. */
static dcl_status fit_var(dcl_power_lesson *lesson, dcl_error *error) {
    const int32_t *var = lesson->scene.level[DCL_WINDOW_REACTIVE];
    size_t n = lesson->n_parts + 2;
    double *m = calloc(n * (n + 1) + 2 * n, sizeof *m), *x = m ? m + n * (n + 1) : NULL,
           *row = m ? x + n : NULL;
    if (!m) return dcl_fail_memory(error, "the reactive power of parts");
    for (size_t i = 0; var && i < lesson->scene.n; i++) {
        if (var[i] == DCL_MISSING_I32 || !all_present(lesson, i)) continue;
        double rest = lesson->scene.level[0][i] / 10.0;
        for (size_t a = 0; a < lesson->n_parts; a++) {
            row[a] = lesson->part[a] ? lesson->part[a][i] / 10.0 : 0;
            rest -= row[a];
        }
        row[n - 2] = rest;
        row[n - 1] = 1;
        for (size_t r = 0; r < n; r++) {
            for (size_t c = 0; c < n; c++) m[r * (n + 1) + c] += row[r] * row[c];
            m[r * (n + 1) + n] += row[r] * (var[i] / 10.0);
        }
    }
    solve(m, n, x);
    for (size_t a = 0; a < lesson->n_parts; a++) lesson->var_share[a] = x[a];
    free(m);
    return DCL_OK;
}

dcl_status dcl_power_lesson_of(const dcl_context *context, const dcl_home *home, const dcl_power_known *known,
                               size_t n, dcl_arena *arena, dcl_power_lesson *out, dcl_error *error) {
    *out = (dcl_power_lesson){.n_parts = n};
    dcl_status status = dcl_power_scene_of(context, home, arena, &out->scene, error);
    out->part = dcl_arena_alloc(arena, n, sizeof *out->part);
    out->var_share = dcl_arena_alloc(arena, n, sizeof *out->var_share);
    if (!status && (!out->part || !out->var_share)) status = dcl_fail_memory(error, "the truth of a home");
    for (size_t t = 0; !status && t < home->n_truth; t++)
        for (size_t a = 0; !status && a < n; a++)
            if (strcmp(known[a].name, home->truth_name[t]) == 0)
                status = take_part(&out->scene, &home->truth[t], known[a].name, arena, &out->part[a], error);
    return status ? status : fit_var(out, error);
}

/* ---------------------------------------------------------------- mixing */

enum { JITTER_MINUTES = 60 };

/* How far a part is moved, in samples: whole days and up to an hour more or less. */
static size_t draw_shift(const dcl_context *context, const dcl_power_scene *scene, uint64_t number,
                         size_t part) {
    size_t day = (size_t)(DCL_DAY_US / scene->period_us), days = scene->n / (day ? day : 1);
    if (days < 2) return dcl_random_below(context->seed, number, 2 * part, (uint32_t)scene->n);
    size_t jitter = (size_t)(JITTER_MINUTES * DCL_MINUTE_US / scene->period_us);
    size_t shift = day * dcl_random_below(context->seed, number, 2 * part, (uint32_t)days);
    return shift + scene->n - jitter +
           dcl_random_below(context->seed, number, 2 * part + 1, (uint32_t)(2 * jitter + 1));
}

/* Takes a part out of the mains where it was and puts it where it is now. */
static void move_part(const dcl_power_lesson *from, size_t a, size_t shift, dcl_power_lesson *out) {
    size_t n = from->scene.n;
    int32_t *lead = out->scene.level[0], *var = out->scene.level[DCL_WINDOW_REACTIVE];
    for (size_t i = 0; i < n; i++) {
        int32_t was = from->part[a][i], now = from->part[a][(i + shift) % n];
        bool known = was != DCL_MISSING_I32 && now != DCL_MISSING_I32;
        out->part[a][i] = known ? now : DCL_MISSING_I32;
        if (!known) lead[i] = DCL_MISSING_I32;
        if (lead[i] == DCL_MISSING_I32) continue;
        lead[i] += now - was;
        if (var && var[i] != DCL_MISSING_I32) var[i] += (int32_t)lround(from->var_share[a] * (now - was));
    }
}

/* VA of W and var; what the mains held besides (harmonics) is not moved. */
static void mend_apparent(const dcl_power_lesson *from, dcl_power_lesson *out) {
    int32_t *va = out->scene.level[DCL_WINDOW_APPARENT];
    const int32_t *w = out->scene.level[0], *var = out->scene.level[DCL_WINDOW_REACTIVE];
    for (size_t i = 0; va && i < from->scene.n; i++) {
        bool known = w[i] != DCL_MISSING_I32 && va[i] != DCL_MISSING_I32;
        double q = var && var[i] != DCL_MISSING_I32 ? var[i] : 0, p = known ? w[i] : 0;
        va[i] = known ? (int32_t)lround(sqrt(p * p + q * q)) : DCL_MISSING_I32;
    }
}

static int32_t *copy_of(const int32_t *level, size_t n, dcl_arena *arena) {
    int32_t *copy = dcl_arena_alloc(arena, n, sizeof *copy);
    if (copy) memcpy(copy, level, n * sizeof *copy);
    return copy;
}

dcl_status dcl_power_lesson_mix(const dcl_context *context, const dcl_power_lesson *from, uint64_t number,
                                dcl_arena *arena, dcl_power_lesson *out, dcl_error *error) {
    *out = *from;
    out->part = dcl_arena_alloc(arena, from->n_parts, sizeof *out->part);
    bool made = out->part != NULL;
    for (size_t c = 0; made && c < DCL_WINDOW_CHANNELS; c++)
        if (from->scene.level[c])
            made = (out->scene.level[c] = copy_of(from->scene.level[c], from->scene.n, arena)) != NULL;
    for (size_t a = 0; made && a < from->n_parts; a++)
        if (from->part[a]) made = (out->part[a] = copy_of(from->part[a], from->scene.n, arena)) != NULL;
    if (!made) return dcl_fail_memory(error, "a mixed copy of a home");
    for (size_t a = 0; a < from->n_parts; a++)
        if (from->part[a]) move_part(from, a, draw_shift(context, &from->scene, number, a), out);
    mend_apparent(from, out);
    return dcl_cancelled(context) ? DCL_E_CANCELLED : DCL_OK;
}
