/* One home beside the real homes of its cluster: read, described as they were, put into a cluster, and told by quartiles. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_similar.h>

#include "base/names.h"
#include "base/status.h"
#include "household/describe.h"
#include "household/tell_clusters.h"
#include "series/arrays.h"

DCL_DEFINE_TEXT(dcl_similar_why_name(dcl_similar_why id), DCL_SIMILAR_WHY_COUNT, DCL_SIMILAR_WHY_TABLE,
                DCL_SECOND_OF_2)

/* ---------------------------------------------------------------- reading */

/* What clusters.c does not read of its file: whose homes they are, and what was told of them. */
static dcl_status read_homes(const char *path, dcl_arena *arena, dcl_similar *out, dcl_error *error) {
    dcl_arrays *file;
    size_t columns = DCL_TRAIT_COUNT, n = out->n;
    dcl_status status = dcl_arrays_open(path, "declic_clusters", DCL_CLUSTERS_VERSION, &file, error);
    if (status) return status;
    double simulated = dcl_arrays_number(file, "simulated"), start = dcl_arrays_number(file, "start_us"),
           end = dcl_arrays_number(file, "end_us");
    if (!(simulated >= 0) || !(start < end))
        status = dcl_fail_file(
            error, DCL_E_UNSUPPORTED, path,
            "these clusters do not say whether their homes are real: make them again with declic cluster");
    else if (simulated > 0)
        status =
            dcl_fail_file(error, DCL_E_ARG, path, "simulated homes: a home is compared with real ones alone");
    else
        status = dcl_arrays_get(file, "homes/trait", DCL_ARRAY_F32, &n, &columns, arena, &out->trait, error);
    out->start_us = status ? 0 : (int64_t)start;
    out->end_us = status ? 0 : (int64_t)end;
    dcl_arrays_close(&file);
    return status;
}

dcl_status dcl_similar_read(const char *path, dcl_arena *arena, dcl_similar *out, dcl_error *error) {
    char(*id)[64];
    *out = (dcl_similar){0};
    dcl_status status = dcl_clusters_read(path, arena, &out->model, &id, &out->label, &out->n, error);
    return status ? status : read_homes(path, arena, out, error);
}

/* ---------------------------------------------------------------- the home */

/* One home described, as those of a panel are. False without memory; `known` is false where its span or step cannot be. */
static bool describe(const dcl_context *context, const dcl_series *power, dcl_arena *arena, dcl_homes *out,
                     bool *known) {
    dcl_panel_about about = {
        .n_homes = 1, .n_slots = power->n, .start_us = power->start_us, .period_us = power->period_us};
    dcl_calendar_map map;
    dcl_home_scratch scratch;
    dcl_error error;
    *out = (dcl_homes){.n = 1};
    out->id = dcl_arena_alloc(arena, 1, sizeof *out->id);
    out->profile = dcl_arena_alloc(arena, DCL_PROFILE_LENGTH, sizeof(float));
    out->habit = dcl_arena_alloc(arena, DCL_HABIT_LENGTH, sizeof(float));
    out->trait = dcl_arena_alloc(arena, DCL_TRAIT_COUNT, sizeof(float));
    out->shape_share = dcl_arena_alloc(arena, 1, sizeof(float));
    out->days = dcl_arena_alloc(arena, 1, sizeof *out->days);
    out->apart = dcl_arena_alloc(arena, 1, 1);
    if (!out->id || !out->profile || !out->habit || !out->trait || !out->shape_share || !out->days ||
        !out->apart)
        return false;
    dcl_status status = dcl_calendar_map_make(context, &about, arena, &map, &error);
    *known = !status;
    if (status) return status != DCL_E_MEMORY;
    if (!dcl_home_scratch_take(&scratch, map.n_days)) return false;
    dcl_calendar_curves(&map, power->value, scratch.seen, scratch.curve);
    out->days[0] = dcl_home_describe(&map, NULL, &scratch, out->profile, out->trait);
    dcl_home_habits(&map, &scratch, out->days[0], out->habit);
    free(scratch.curve);
    return true;
}

/* Quartiles of a trait over the homes of a cluster. value [n] is scratch. */
static void tell_trait(const dcl_similar *s, size_t trait, float *value, dcl_similar_home *out) {
    size_t n = 0;
    for (size_t h = 0; h < s->n; h++) {
        float x = s->trait[h * DCL_TRAIT_COUNT + trait];
        if (s->label[h] == out->cluster && !isnan(x)) value[n++] = x;
    }
    out->low[trait] = out->median[trait] = out->high[trait] = NAN;
    if (n < DCL_SIMILAR_LEAST) return;
    dcl_sort_f32(value, n);
    out->low[trait] = dcl_household_quantile(value, n, 0.25);
    out->median[trait] = dcl_household_quantile(value, n, 0.5);
    out->high[trait] = dcl_household_quantile(value, n, 0.75);
}

dcl_status dcl_similar_place(const dcl_context *context, const dcl_similar *similar, const dcl_series *power,
                             dcl_similar_home *out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_homes homes;
    dcl_clusters clusters;
    bool known = false;
    *out = (dcl_similar_home){.why = DCL_SIMILAR_WHY_NOT_COMPARABLE};
    float *value = dcl_arena_alloc(&arena, similar->n, sizeof *value);
    dcl_status status = value && describe(context, power, &arena, &homes, &known) ? DCL_OK : DCL_E_MEMORY;
    if (status || !known) goto done;
    status = dcl_clusters_assign(context, &homes, &similar->model, &arena, &clusters, error);
    if (status == DCL_E_NO_DATA)
        status = DCL_OK; /* seasons or kinds of days are missing */
    else if (!status && clusters.apart[0] == DCL_APART_OUTLIER)
        out->why = DCL_SIMILAR_WHY_UNLIKE;
    else if (!status && clusters.label[0]) {
        out->cluster = clusters.label[0];
        for (size_t h = 0; h < similar->n; h++) out->homes += similar->label[h] == out->cluster;
        out->why = out->homes < DCL_SIMILAR_LEAST ? DCL_SIMILAR_WHY_TOO_FEW : DCL_SIMILAR_WHY_NONE;
        memcpy(out->home, homes.trait, sizeof out->home);
        for (size_t t = 0; !out->why && t < DCL_TRAIT_COUNT; t++) tell_trait(similar, t, value, out);
    }
done:
    dcl_arena_free(&arena);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "similar homes") : status;
}
