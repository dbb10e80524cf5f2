/* The homes of a panel described: one pass for what is told of each, a second one for the daily shapes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/names.h"
#include "base/parallel.h"
#include "base/ranks.h"
#include "base/rng.h"
#include "base/status.h"
#include "household/describe.h"
#include "household/rows.h"

enum { SLOTS = DCL_PROFILE_SLOTS, SHARD_HOMES = 16, DAYS_LEARNED = 1 << 18, STREAM = 0x6461 };

/* A fridge alone takes more. */
static const float IDLE_BELOW_W = 20;

DCL_DEFINE_TEXT(dcl_trait_name(dcl_trait id), DCL_TRAIT_COUNT, DCL_TRAIT_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_trait_unit(dcl_trait id), DCL_TRAIT_COUNT, DCL_TRAIT_TABLE, DCL_THIRD_OF_3)
DCL_DEFINE_TEXT(dcl_apart_name(dcl_apart id), DCL_APART_COUNT, DCL_APART_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_apart_text(dcl_apart id), DCL_APART_COUNT, DCL_APART_TABLE, DCL_THIRD_OF_3)

dcl_homes_options dcl_homes_defaults(void) {
    return (dcl_homes_options){.memory = (size_t)128 << 20};
}

/**
 * A pass while it runs, over homes [from, to) of the panel's `all`: those of this rank. Places in arrays count from `from`.
 * days_each      most days of a home that the dictionary is learned from
 * drawn          [(to - from) × days_each × 48], drawn_n [to - from]
 * centroids      the dictionary, in the second pass
 */
typedef struct pass {
    const dcl_context *context;
    const dcl_calendar_map *map;
    const dcl_homes_options *options;
    dcl_homes *homes;
    const float *power_w;
    size_t all, from, to, first, n, days_each;
    float *drawn;
    uint32_t *drawn_n;
    const dcl_centroids *centroids;
} pass;

/* ---------------------------------------------------------------- one home */

/* Days at equal distances from a start that is drawn: of every season alike. */
static void draw_days(pass *p, const dcl_home_scratch *s, size_t home, uint32_t n) {
    size_t take = n < p->days_each ? n : p->days_each, place = p->from + home;
    /* Of more homes than there may be days, one in so many gives one. */
    if (p->all > DAYS_LEARNED && place * DAYS_LEARNED / p->all == (place + 1) * DAYS_LEARNED / p->all)
        take = 0;
    double start = dcl_random_uniform(p->context->seed, STREAM, place);
    for (size_t j = 0; j < take; j++) {
        size_t i = take == n ? j : (size_t)(((double)j + start) * (double)n / (double)take);
        dcl_home_day_row(s, s->at[i < n ? i : n - 1], p->drawn + (home * p->days_each + j) * SLOTS);
    }
    p->drawn_n[home] = (uint32_t)take;
}

static void describe_home(pass *p, dcl_home_scratch *s, size_t i) {
    size_t home = p->first + i;
    dcl_homes *homes = p->homes;
    float *trait = homes->trait + home * DCL_TRAIT_COUNT;
    dcl_calendar_curves(p->map, p->power_w + i * p->map->n_slots, s->seen, s->curve);
    uint32_t n = homes->days[home] =
        dcl_home_describe(p->map, p->options->weather, s, homes->profile + home * DCL_PROFILE_LENGTH, trait);
    dcl_home_habits(p->map, s, n, homes->habit + home * DCL_HABIT_LENGTH);
    float low = INFINITY, high = -INFINITY;
    for (uint32_t d = 0; d < n; d++) {
        low = s->low[d] < low ? s->low[d] : low;
        high = s->high[d] > high ? s->high[d] : high;
    }
    if (n && !(high > low))
        homes->apart[home] = DCL_APART_CONSTANT;
    else if (trait[DCL_TRAIT_MEAN_W] < IDLE_BELOW_W)
        homes->apart[home] = DCL_APART_IDLE;
    if (p->days_each && trait[DCL_TRAIT_MEAN_W] > 0) draw_days(p, s, home, n);
}

/* Shares of the shapes, and their entropy. */
static void word_home(pass *p, dcl_home_scratch *s, dcl_nearest *nearest, size_t i) {
    size_t home = p->first + i, words = p->homes->day_shapes;
    float *share = p->homes->shape_share + home * words, *trait = p->homes->trait + home * DCL_TRAIT_COUNT;
    float profile[DCL_PROFILE_LENGTH], again[DCL_TRAIT_COUNT];
    double entropy = 0;
    if (!(trait[DCL_TRAIT_MEAN_W] > 0)) return;
    dcl_calendar_curves(p->map, p->power_w + i * p->map->n_slots, s->seen, s->curve);
    uint32_t n = dcl_home_describe(p->map, NULL, s, profile, again);
    for (uint32_t d = 0; d < n; d++) dcl_home_day_row(s, s->at[d], s->row + d * (size_t)SLOTS);
    p->context->kernels->nearest_f32(s->row, n, p->centroids, nearest);
    for (uint32_t d = 0; d < n; d++) share[nearest[d].index] += 1.0f;
    for (size_t w = 0; w < words && n; w++) {
        double q = (double)share[w] / n;
        share[w] = (float)q;
        entropy -= q > 0 ? q * dcl_log(q) : 0;
    }
    if (n && words > 1) trait[DCL_TRAIT_SHAPE_ENTROPY] = (float)(entropy / dcl_log((double)words));
}

static dcl_status pass_shard(void *arg, size_t shard) {
    pass *p = arg;
    dcl_home_scratch scratch;
    if (!dcl_home_scratch_take(&scratch, p->map->n_days)) return DCL_E_MEMORY;
    dcl_nearest *nearest = p->centroids ? malloc(p->map->n_days * sizeof *nearest) : NULL;
    bool short_of = p->centroids && !nearest;
    for (size_t i = shard * SHARD_HOMES; !short_of && i < (shard + 1) * SHARD_HOMES && i < p->n; i++) {
        if (p->centroids)
            word_home(p, &scratch, nearest, i);
        else
            describe_home(p, &scratch, i);
    }
    free(nearest);
    free(scratch.curve);
    return short_of ? DCL_E_MEMORY : DCL_OK;
}

static dcl_status take_block(void *arg, size_t first, size_t n, const float *power_w, dcl_error *error) {
    pass *p = arg;
    p->first = first - p->from;
    p->n = n;
    p->power_w = power_w;
    dcl_status status = dcl_parallel_for(p->context, (n + SHARD_HOMES - 1) / SHARD_HOMES, pass_shard, p);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "the homes of a panel") : status;
}

/* ---------------------------------------------------------------- the dictionary */

/* Those drawn by all ranks, closed up in order of homes, at rank 0; elsewhere this rank's own. */
static dcl_status gather_days(pass *p, size_t *n_days, dcl_error *error) {
    uint64_t n = 0, *others = calloc(dcl_rank_count(p->context), sizeof *others), all;
    for (size_t h = 0; h < p->to - p->from; h++) {
        memmove(p->drawn + n * SLOTS, p->drawn + h * p->days_each * SLOTS,
                p->drawn_n[h] * sizeof(float) * SLOTS);
        n += p->drawn_n[h];
    }
    dcl_status status = others ? DCL_OK : dcl_fail_memory(error, "the days of a dictionary");
    size_t rest = (dcl_rank_count(p->context) - 1) * sizeof *others;
    status = dcl_ranks_gather(p->context, status, &n, sizeof n, others, rest, error);
    all = n;
    for (size_t r = 0; !status && r + 1 < dcl_rank_count(p->context); r++) all += others[r];
    free(others);
    if (!status && all > n) {
        float *more = realloc(p->drawn, all * SLOTS * sizeof *more);
        if (more) p->drawn = more;
        if (!more) status = dcl_fail_memory(error, "the days of a dictionary");
    }
    *n_days = (size_t)all;
    return dcl_ranks_gather(p->context, status, p->drawn, n * SLOTS * sizeof *p->drawn, p->drawn + n * SLOTS,
                            (all - n) * SLOTS * sizeof *p->drawn, error);
}

/* Centroids of the days drawn, found by rank 0 for all. */
static dcl_status learn_shapes(pass *p, dcl_arena *arena, dcl_error *error) {
    dcl_homes *homes = p->homes;
    dcl_kmeans_options options = dcl_kmeans_defaults();
    dcl_arena own = {0};
    dcl_kmeans fit = {0};
    size_t n;
    dcl_status status = gather_days(p, &n, error);
    if (status) return status;
    options.k = n < DCL_DAY_SHAPES ? (uint32_t)n : DCL_DAY_SHAPES;
    homes->days_learned = n;
    homes->day_shape = dcl_arena_alloc(arena, (size_t)DCL_DAY_SHAPES * SLOTS, sizeof(float));
    if (!homes->day_shape) status = dcl_fail_memory(error, "the daily shapes");
    if (!status && n && dcl_rank_of(p->context) == 0)
        status = dcl_kmeans_fit(p->context, p->drawn, n, SLOTS, &options, &own, &fit, error);
    if (fit.centroid && !status)
        memcpy(homes->day_shape, fit.centroid, (size_t)options.k * SLOTS * sizeof(float));
    homes->day_shapes = fit.k;
    dcl_arena_free(&own);
    status = dcl_ranks_share(p->context, status, &homes->day_shapes, sizeof homes->day_shapes, error);
    return dcl_ranks_share(p->context, status, homes->day_shape,
                           (size_t)DCL_DAY_SHAPES * SLOTS * sizeof(float), error);
}

/* The dictionary as the kernel reads it; free(*at) at the end. */
static bool lay_out_shapes(const dcl_homes *homes, dcl_centroids *out, float **at) {
    size_t room = (homes->day_shapes + 15u) / 16 * 16;
    float *place = *at = aligned_alloc(64, (SLOTS + 1) * room * sizeof(float)), *half = place + SLOTS * room;
    if (!place) return false;
    memset(place, 0, SLOTS * room * sizeof(float));
    for (size_t c = 0; c < room; c++) half[c] = -INFINITY;
    for (size_t c = 0; c < homes->day_shapes; c++) {
        double square = 0;
        for (size_t j = 0; j < SLOTS; j++) {
            float value = place[j * room + c] = homes->day_shape[c * SLOTS + j];
            square += (double)value * (double)value;
        }
        half[c] = (float)(-square / 2);
    }
    *out = (dcl_centroids){place, half, SLOTS, room};
    return true;
}

static dcl_status tell_shapes(pass *p, const dcl_panel *panel, dcl_arena *arena, dcl_error *error) {
    dcl_homes *homes = p->homes;
    dcl_centroids centroids;
    float *at = NULL;
    size_t room = dcl_rank_of(p->context) ? p->to - p->from : p->all;
    homes->shape_share =
        dcl_arena_alloc(arena, room * (homes->day_shapes ? homes->day_shapes : 1), sizeof(float));
    if (!homes->shape_share) return dcl_fail_memory(error, "the shares of daily shapes");
    if (!homes->day_shapes) return DCL_OK;
    if (!lay_out_shapes(homes, &centroids, &at)) return dcl_fail_memory(error, "the daily shapes");
    p->centroids = &centroids;
    dcl_status status =
        dcl_panel_each_of(p->context, panel, p->from, p->to, p->options->memory, take_block, p, error);
    free(at);
    return status;
}

/* ---------------------------------------------------------------- all homes */

/* Rank 0 has room for all homes, since it will get them; its own are the first. */
static dcl_status take_homes(const pass *p, const dcl_panel_about *about, dcl_arena *arena, dcl_homes *out) {
    size_t n = out->n = dcl_rank_of(p->context) ? p->to - p->from : p->all;
    out->start_us = about->start_us;
    out->end_us = about->start_us + (int64_t)about->n_slots * about->period_us;
    out->id = dcl_arena_alloc(arena, n, sizeof *out->id);
    out->kind = about->kind ? dcl_arena_alloc(arena, n, 1) : NULL;
    out->profile = dcl_arena_alloc(arena, n * DCL_PROFILE_LENGTH, sizeof(float));
    out->habit = dcl_arena_alloc(arena, n * DCL_HABIT_LENGTH, sizeof(float));
    out->trait = dcl_arena_alloc(arena, n * DCL_TRAIT_COUNT, sizeof(float));
    out->days = dcl_arena_alloc(arena, n, sizeof *out->days);
    out->apart = dcl_arena_alloc(arena, n, 1);
    if (!out->id || (about->kind && !out->kind) || !out->profile || !out->habit || !out->trait ||
        !out->days || !out->apart)
        return DCL_E_MEMORY;
    memcpy(out->id, about->id + p->from, n * sizeof *out->id);
    if (out->kind) memcpy(out->kind, about->kind + p->from, n);
    return DCL_OK;
}

/* What was told of the homes of other ranks, behind those of rank 0; names and kinds all have from the index. */
static dcl_status gather_homes(const pass *p, dcl_error *error) {
    size_t mine = p->to - p->from, rest = p->homes->n - mine;
    dcl_homes_row row[DCL_HOMES_ROWS];
    dcl_status status = DCL_OK;
    dcl_homes_rows(p->homes, row);
    for (size_t i = 0; !status && i < DCL_HOMES_ROWS; i++) {
        char *at = dcl_homes_row_at(p->homes, row[i]);
        status = dcl_ranks_gather(p->context, DCL_OK, at, mine * row[i].each, at + mine * row[i].each,
                                  rest * row[i].each, error);
    }
    return status;
}

/* The cells that at least half of the homes know that know any, and who lacks one of them. */
static void set_apart_short(dcl_homes *homes) {
    size_t known[DCL_PROFILE_CELLS] = {0}, any = 0;
    for (size_t h = 0; h < homes->n; h++) {
        bool some = false;
        for (size_t c = 0; c < DCL_PROFILE_CELLS; c++) {
            bool here = !isnan(homes->profile[h * DCL_PROFILE_LENGTH + c * SLOTS]);
            known[c] += here;
            some = some || here;
        }
        any += some;
    }
    for (size_t c = 0; c < DCL_PROFILE_CELLS; c++)
        if (any && 2 * known[c] >= any) homes->cells |= 1u << c;
    for (size_t h = 0; h < homes->n; h++) {
        bool whole = homes->cells != 0;
        for (size_t c = 0; c < DCL_PROFILE_CELLS; c++)
            if (homes->cells >> c & 1)
                whole = whole && !isnan(homes->profile[h * DCL_PROFILE_LENGTH + c * SLOTS]);
        if (!whole && homes->apart[h] != DCL_APART_CONSTANT) homes->apart[h] = DCL_APART_LITTLE_DATA;
    }
}

/* The dictionary given, or room to draw days of a new one. */
static dcl_status prepare_shapes(pass *p, dcl_arena *arena, dcl_error *error) {
    dcl_homes *out = p->homes;
    size_t cells = (size_t)p->options->day_shapes * SLOTS, here = p->to - p->from;
    if (p->options->day_shape) {
        out->day_shapes = p->options->day_shapes;
        out->day_shape = dcl_arena_alloc(arena, cells, sizeof(float));
        if (!out->day_shape) return dcl_fail_memory(error, "the daily shapes");
        memcpy(out->day_shape, p->options->day_shape, cells * sizeof(float));
        return DCL_OK;
    }
    size_t each = DAYS_LEARNED / p->all;
    p->days_each = each < 1 ? 1 : each > p->map->n_days ? p->map->n_days : each;
    p->drawn = malloc((here ? here : 1) * p->days_each * SLOTS * sizeof *p->drawn);
    p->drawn_n = calloc(here ? here : 1, sizeof *p->drawn_n);
    return p->drawn && p->drawn_n ? DCL_OK : dcl_fail_memory(error, "the days of a dictionary");
}

dcl_status dcl_homes_measure(const dcl_context *context, const dcl_panel *panel,
                             const dcl_homes_options *options, dcl_arena *arena, dcl_homes *out,
                             dcl_error *error) {
    const dcl_panel_about *about = dcl_panel_tell(panel);
    dcl_arena own = {0};
    dcl_calendar_map map;
    *out = (dcl_homes){0};
    size_t n = about->n_homes, rank = dcl_rank_of(context);
    pass p = {.context = context,
              .map = &map,
              .options = options,
              .homes = out,
              .all = n,
              .from = dcl_rank_from(context, rank, n),
              .to = dcl_rank_from(context, rank + 1, n)};
    dcl_status status = dcl_calendar_map_make(context, about, &own, &map, error);
    if (!status && take_homes(&p, about, arena, out)) status = dcl_fail_memory(error, "the homes of a panel");
    if (!status) status = prepare_shapes(&p, arena, error);
    if (!status)
        status = dcl_panel_each_of(context, panel, p.from, p.to, options->memory, take_block, &p, error);
    status = dcl_ranks_agree(context, status, error);
    if (!status && !options->day_shape) status = learn_shapes(&p, arena, error);
    if (!status) status = tell_shapes(&p, panel, arena, error);
    status = dcl_ranks_agree(context, status, error);
    if (!status) status = gather_homes(&p, error);
    if (!status && rank == 0) set_apart_short(out);
    for (size_t h = 0; !status && h < out->n; h++) out->days_told += out->days[h];
    free(p.drawn);
    free(p.drawn_n);
    dcl_arena_free(&own);
    return status;
}
