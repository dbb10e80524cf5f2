#include "household/tell_clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "household/describe.h"

dcl_status dcl_clusters_take(const dcl_homes *homes, uint32_t k, uint32_t components, dcl_arena *arena,
                             dcl_clusters *out) {
    size_t n = out->n = homes->n, words = homes->day_shapes ? homes->day_shapes : 1;
    out->k = k;
    out->label = dcl_arena_alloc(arena, n, sizeof *out->label);
    out->nearest = dcl_arena_alloc(arena, n, sizeof *out->nearest);
    out->distance = dcl_arena_alloc(arena, n, sizeof *out->distance);
    out->score = dcl_arena_alloc(arena, n * components, sizeof *out->score);
    out->apart = dcl_arena_alloc(arena, n, 1);
    out->size = dcl_arena_alloc(arena, k, sizeof *out->size);
    out->energy_share = dcl_arena_alloc(arena, k, sizeof *out->energy_share);
    float **profiles[] = {&out->profile, &out->profile_low, &out->profile_high},
          **traits[] = {&out->trait, &out->trait_low, &out->trait_high};
    bool whole = out->label && out->nearest && out->distance && out->score && out->apart && out->size &&
                 out->energy_share;
    for (int i = 0; i < 3; i++) {
        *profiles[i] = dcl_arena_alloc(arena, (size_t)k * DCL_PROFILE_LENGTH, sizeof(float));
        *traits[i] = dcl_arena_alloc(arena, (size_t)k * DCL_TRAIT_COUNT, sizeof(float));
        whole = whole && *profiles[i] && *traits[i];
    }
    out->shape_share = dcl_arena_alloc(arena, k * words, sizeof(float));
    return whole && out->shape_share ? DCL_OK : DCL_E_MEMORY;
}

/* Homes of cluster c that know the value: their values sorted; returns how many. */
static size_t gather(const dcl_clusters *of, uint32_t c, const float *values, size_t stride, float *sorted) {
    size_t n = 0;
    for (size_t h = 0; h < of->n; h++)
        if (of->label[h] == c + 1 && !isnan(values[h * stride])) sorted[n++] = values[h * stride];
    dcl_sort_f32(sorted, n);
    return n;
}

/** Columns of one cluster that one thread tells at a time, of profiles and then of traits. */
enum { COLUMNS = DCL_PROFILE_LENGTH + DCL_TRAIT_COUNT, STEP = 36, STEPS = (COLUMNS + STEP - 1) / STEP };

typedef struct teller {
    const dcl_homes *homes;
    dcl_clusters *out;
} teller;

static void tell_profile(const teller *t, uint32_t c, size_t i, float *sorted) {
    size_t n = gather(t->out, c, t->homes->profile + i, DCL_PROFILE_LENGTH, sorted),
           at = c * (size_t)DCL_PROFILE_LENGTH + i;
    double sum = 0;
    for (size_t j = 0; j < n; j++) sum += (double)sorted[j];
    t->out->profile[at] = n ? (float)(sum / (double)n) : NAN;
    t->out->profile_low[at] = dcl_household_quantile(sorted, n, 0.25);
    t->out->profile_high[at] = dcl_household_quantile(sorted, n, 0.75);
}

static void tell_trait(const teller *t, uint32_t c, size_t i, float *sorted) {
    size_t n = gather(t->out, c, t->homes->trait + i, DCL_TRAIT_COUNT, sorted),
           at = c * (size_t)DCL_TRAIT_COUNT + i;
    t->out->trait[at] = dcl_household_quantile(sorted, n, 0.5);
    t->out->trait_low[at] = dcl_household_quantile(sorted, n, 0.25);
    t->out->trait_high[at] = dcl_household_quantile(sorted, n, 0.75);
}

static dcl_status tell_columns(void *arg, size_t shard) {
    const teller *t = arg;
    uint32_t c = (uint32_t)(shard / STEPS);
    size_t from = shard % STEPS * STEP, to = from + STEP < COLUMNS ? from + STEP : COLUMNS;
    float *sorted = malloc((t->out->size[c] ? t->out->size[c] : 1) * sizeof *sorted);
    if (!sorted) return DCL_E_MEMORY;
    for (size_t i = from; i < to; i++) {
        if (i < DCL_PROFILE_LENGTH)
            tell_profile(t, c, i, sorted);
        else
            tell_trait(t, c, i - DCL_PROFILE_LENGTH, sorted);
    }
    free(sorted);
    return DCL_OK;
}

dcl_status dcl_clusters_tell(const dcl_context *context, const dcl_homes *homes, dcl_clusters *out) {
    double energy = 0;
    memset(out->apart_count, 0, sizeof out->apart_count);
    out->in_clusters = 0;
    for (size_t h = 0; h < homes->n; h++) {
        out->apart_count[out->apart[h]]++;
        uint32_t c = out->label[h];
        if (!c) continue;
        out->in_clusters++;
        out->size[c - 1]++;
        out->energy_share[c - 1] += (double)homes->trait[h * DCL_TRAIT_COUNT + DCL_TRAIT_MEAN_W];
        energy += (double)homes->trait[h * DCL_TRAIT_COUNT + DCL_TRAIT_MEAN_W];
        for (size_t w = 0; w < homes->day_shapes; w++)
            out->shape_share[(c - 1) * homes->day_shapes + w] +=
                homes->shape_share[h * homes->day_shapes + w];
    }
    for (uint32_t c = 0; c < out->k; c++) {
        out->energy_share[c] = energy > 0 ? out->energy_share[c] / energy : (double)NAN;
        for (size_t w = 0; w < homes->day_shapes && out->size[c]; w++)
            out->shape_share[c * homes->day_shapes + w] /= (float)out->size[c];
    }
    teller t = {homes, out};
    return dcl_parallel_for(context, (size_t)out->k * STEPS, tell_columns, &t);
}
