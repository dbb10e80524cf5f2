#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/ranks.h"
#include "base/status.h"
#include "town/town.h"

/* Many homes: power alone, on as many threads as there are, a shard at a time. */

/* ---------------------------------------------------------------- shards */

/* Values of a shard: 32 MB as int16. Homes that one thread takes at a time. */
enum { SHARD_VALUES = 1 << 24, BATCH = 8 };

typedef struct shard {
    const dcl_town *town;
    size_t first, n;
    int16_t *raw;
    char (*id)[64];
    uint8_t *kind;
    int64_t *wh; /* energy of each home */
} shard;

typedef struct row {
    int16_t *at;
    double scale;
    int64_t energy; /* mW s */
} row;

/* Whole watts, as an import has them. No home's mean of a minute reaches 32,767 W. */
static int64_t take_row(void *arg, int64_t *change, size_t n, int64_t level) {
    row *r = arg;
    for (size_t i = 0; i < n; i++) {
        level += change[i];
        change[i] = 0;
        double watt = (double)level * r->scale + 0.5;
        r->at[i] = (int16_t)(watt < 32767 ? watt : 32767);
        r->energy += level / 1000000;
    }
    r->at += n;
    return level;
}

static dcl_status make_batch(void *arg, size_t batch) {
    shard *s = arg;
    size_t first = batch * BATCH, last = first + BATCH < s->n ? first + BATCH : s->n;
    for (size_t i = first; i < last; i++) {
        dcl_dwelling home = dcl_town_dwelling(s->town, (uint32_t)(s->first + i));
        row r = {.at = s->raw + i * s->town->n_slots,
                 .scale = 1 / (1000.0 * (double)s->town->options.period_us)};
        dcl_status status = dcl_town_slots_of(s->town, &home, take_row, &r);
        if (status) return status;
        s->wh[i] = r.energy / 3600000;
        s->kind[i] = (uint8_t)home.kind;
        snprintf(s->id[i], sizeof s->id[i], "home%06zu", s->first + i + 1);
    }
    return DCL_OK;
}

static dcl_status write_shard(const dcl_context *context, const char *path, const shard *s,
                              dcl_panel_shard *out, dcl_error *error) {
    const dcl_panel_rows rows = {.n_homes = s->n,
                                 .n_slots = s->town->n_slots,
                                 .start_us = s->town->start_us,
                                 .period_us = s->town->options.period_us,
                                 .id = (const char(*)[64])s->id,
                                 .kind = s->kind,
                                 .raw = s->raw,
                                 .scale_w = 1};
    dcl_status status = dcl_panel_shard_write(context, path, &rows, out, error);
    if (!status) out->first_home = (int64_t)s->first;
    return status;
}

/** What the homes of a rank came to, as integers: sums of ranks are those of one. */
typedef struct sums {
    int64_t wh, of_kind[DCL_HOUSEHOLD_COUNT];
} sums;

static void tell(const shard *s, sums *sum) {
    for (size_t i = 0; i < s->n; i++) {
        sum->of_kind[s->kind[i]]++;
        sum->wh += s->wh[i];
    }
}

/*
 * The shards of this rank, every n-th one, in order; their records close up in `shards`. A step of the bar is a part of a shard, so
 * that something moves.
 */
static dcl_status make_shards(const dcl_context *context, shard *s, size_t n_homes, size_t most,
                              const char *path, dcl_panel_shard *shards, sums *sum, dcl_error *error) {
    enum { STEP = 32 }; /* batches between two steps of the bar */
    dcl_status status = DCL_OK;
    size_t stride = dcl_rank_count(context) * most;
    s->first = dcl_rank_of(context) * most;
    for (size_t k = 0; !status && s->first < n_homes; k++, s->first += stride) {
        size_t all = n_homes - s->first < most ? n_homes - s->first : most;
        shard part = *s;
        for (size_t done = 0; !status && done < all; done += part.n) {
            part.first = s->first + done;
            part.n = all - done < STEP * BATCH ? all - done : STEP * BATCH;
            part.raw = s->raw + done * s->town->n_slots;
            part.id = s->id + done;
            part.kind = s->kind + done;
            part.wh = s->wh + done;
            status = dcl_parallel_for(context, (part.n + BATCH - 1) / BATCH, make_batch, &part);
            if (status) dcl_fail(error, status, "%s", dcl_status_text(status));
            if (context->progress)
                context->progress(context->progress_arg, "town", "homes", part.first + part.n, n_homes);
        }
        s->n = all;
        if (!status) status = write_shard(context, path, s, &shards[k], error);
        if (!status) tell(s, sum);
    }
    return status;
}

/* The records of all shards in order of homes, at rank 0, and what all ranks told. */
static dcl_status join_ranks(const dcl_context *context, dcl_status status, dcl_panel_shard *shards,
                             size_t n_shards, sums *sum, dcl_town_told *told, dcl_error *error) {
    size_t ranks = dcl_rank_count(context), rank = dcl_rank_of(context);
    size_t mine = n_shards / ranks + (rank < n_shards % ranks);
    dcl_panel_shard *all = calloc(n_shards, sizeof *all);
    sums *others = calloc(ranks, sizeof *others);
    if (!status && !(all && others)) status = dcl_fail_memory(error, "the shards of a town");
    if (!status) memcpy(all, shards, mine * sizeof *all);
    status = dcl_ranks_gather(context, status, all, mine * sizeof *all, all + (status ? 0 : mine),
                              (n_shards - mine) * sizeof *all, error);
    status = dcl_ranks_gather(context, status, sum, sizeof *sum, others, (ranks - 1) * sizeof *others, error);
    for (size_t r = 0, at = 0; !status && r < ranks; r++)
        for (size_t k = r; rank == 0 && k < n_shards; k += ranks) shards[k] = all[at++];
    for (size_t r = 0; !status && r + 1 < ranks; r++) {
        sum->wh += others[r].wh;
        for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) sum->of_kind[k] += others[r].of_kind[k];
    }
    for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) told->of_kind[k] = (size_t)sum->of_kind[k];
    told->mean_kwh = (double)sum->wh / 1000 / (double)told->homes;
    told->shards = n_shards;
    free(all);
    free(others);
    return status;
}

static dcl_status check_size(const dcl_town *town, size_t n_homes, dcl_error *error) {
    if (!n_homes || n_homes > 100000000)
        return dcl_fail(error, DCL_E_ARG, "a town has 1 to 100,000,000 homes");
    if (town->options.period_us < DCL_MINUTE_US)
        return dcl_fail(error, DCL_E_ARG, "a panel of simulated homes has a period of a minute or more");
    if (town->n_slots > SHARD_VALUES)
        return dcl_fail(error, DCL_E_ARG, "a home of %zu slots is too long for a panel: %d at most",
                        town->n_slots, SHARD_VALUES);
    return DCL_OK;
}

dcl_status dcl_town_panel(const dcl_context *context, const dcl_town_options *options, size_t n_homes,
                          const char *path, dcl_town_told *told, dcl_error *error) {
    dcl_town *town;
    *told = (dcl_town_told){.homes = n_homes};
    dcl_status status = dcl_town_open(context, options, &town, error);
    if (!status) status = check_size(town, n_homes, error);
    status = dcl_ranks_agree(context, status, error);
    if (status) {
        dcl_town_close(&town);
        return status;
    }
    size_t most = SHARD_VALUES / town->n_slots;
    if (most > n_homes) most = n_homes;
    size_t n_shards = (n_homes + most - 1) / most;
    shard s = {.town = town,
               .raw = malloc(most * town->n_slots * sizeof *s.raw),
               .id = malloc(most * sizeof *s.id),
               .kind = malloc(most),
               .wh = malloc(most * sizeof *s.wh)};
    dcl_panel_shard *shards = calloc(n_shards, sizeof *shards);
    sums sum = {0};
    status = s.raw && s.id && s.kind && s.wh && shards ? DCL_OK : dcl_fail_memory(error, "a shard of a town");
    if (!status) status = make_shards(context, &s, n_homes, most, path, shards, &sum, error);
    status = join_ranks(context, status, shards, n_shards, &sum, told, error);
    if (!status && dcl_rank_of(context) == 0)
        status = dcl_panel_index_write(context, path, options->period_us, shards, n_shards, error);
    free(s.raw), free(s.id), free(s.kind), free(s.wh), free(shards);
    dcl_town_close(&town);
    return status;
}
