#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/status.h"
#include "town/town.h"

/* Many homes: power alone, on as many threads as there are, a shard at a time. */

/* ---------------------------------------------------------------- power of one home */

static void add_days(const dcl_town *town, const dcl_dwelling *home, dcl_town_plan *plan, int64_t *sum) {
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds = dcl_town_appliances(home, kind);
    for (int64_t day = town->first_day - 1; day < town->first_day + town->options.days; day++) {
        dcl_town_day people;
        dcl_town_day_of(home, dcl_town_date_of(town, day), &people);
        for (size_t k = 0; k < n_kinds; k++) {
            dcl_town_plan_day(home, &people, kind[k], plan);
            dcl_grid_add(plan, false, town->start_us, town->options.period_us, town->n_slots, sum);
        }
    }
}

/* Panels feed in what the home does not draw at that second: the differences of a day's seconds, then slots. */
static dcl_status add_net_days(const dcl_town *town, const dcl_dwelling *home, dcl_town_plan plan[2],
                               int64_t *drawn) {
    int64_t *second = malloc((DCL_TOWN_DAY_SECONDS + 1) * sizeof *second),
            period_us = town->options.period_us;
    int64_t *after = calloc(DCL_TOWN_DAY_SECONDS + 1, sizeof *after);
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds = dcl_town_appliances(home, kind), at = 0;
    dcl_status status = second && after ? DCL_OK : DCL_E_MEMORY;
    for (int64_t day = town->first_day - 1; !status && day < town->first_day + town->options.days; day++) {
        const dcl_town_date *date = dcl_town_date_of(town, day);
        size_t seconds = (size_t)((date->end_us - date->start_us) / DCL_SECOND_US);
        dcl_town_day people;
        dcl_town_day_of(home, date, &people);
        memcpy(second, after, (seconds + 1) * sizeof *second);
        memset(after, 0, (DCL_TOWN_DAY_SECONDS + 1) * sizeof *after);
        for (size_t k = 0; k < n_kinds; k++) {
            dcl_town_plan_day(home, &people, kind[k], &plan[0]);
            dcl_grid_add(&plan[0], false, date->start_us, DCL_SECOND_US, seconds, second);
            dcl_grid_add(&plan[0], false, date->end_us, DCL_SECOND_US, DCL_TOWN_DAY_SECONDS, after);
        }
        if (day < town->first_day) continue;
        const dcl_meter meter = {.period_us = period_us, .power_mwus = second};
        (void)dcl_meter_read(&meter, date->start_us, (int64_t)seconds,
                             &(dcl_meter_slots){.drawn = drawn + at});
        at += (size_t)((int64_t)seconds * DCL_SECOND_US / period_us);
    }
    free(second);
    free(after);
    return status;
}

/* mW µs of every slot. room [n_slots + 1] */
static dcl_status slots_of(const dcl_town *town, const dcl_dwelling *home, dcl_town_plan plan[2],
                           int64_t *room) {
    memset(room, 0, (town->n_slots + 1) * sizeof *room);
    if (home->solar_w > 0) return add_net_days(town, home, plan, room);
    add_days(town, home, plan, room);
    for (size_t i = 1; i < town->n_slots; i++) room[i] += room[i - 1];
    return DCL_OK;
}

dcl_status dcl_town_power(const dcl_town *town, uint32_t home, float *power_w, dcl_household *kind) {
    int64_t *room = malloc((town->n_slots + 1) * sizeof *room);
    dcl_town_plan *plan = malloc(2 * sizeof *plan);
    dcl_dwelling dwelling = dcl_town_dwelling(town, home);
    dcl_status status = room && plan ? slots_of(town, &dwelling, plan, room) : DCL_E_MEMORY;
    double scale = 1 / (1000.0 * (double)town->options.period_us);
    for (size_t i = 0; !status && i < town->n_slots; i++) power_w[i] = (float)((double)room[i] * scale);
    if (kind) *kind = dwelling.kind;
    free(room);
    free(plan);
    return status;
}

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

/* Whole watts, as an import has them. No home's mean of a second reaches 32,767 W. */
static int64_t to_watts(const dcl_town *town, const int64_t *slot, int16_t *raw) {
    double scale = 1 / (1000.0 * (double)town->options.period_us);
    int64_t sum = 0;
    for (size_t i = 0; i < town->n_slots; i++) {
        double watt = (double)slot[i] * scale + 0.5;
        raw[i] = (int16_t)(watt < 32767 ? watt : 32767);
        sum += slot[i] / 1000000;
    }
    return sum / 3600000; /* mW s to Wh */
}

static dcl_status make_batch(void *arg, size_t batch) {
    shard *s = arg;
    size_t first = batch * BATCH, last = first + BATCH < s->n ? first + BATCH : s->n;
    int64_t *room = malloc((s->town->n_slots + 1) * sizeof *room);
    dcl_town_plan *plan = malloc(2 * sizeof *plan);
    dcl_status status = room && plan ? DCL_OK : DCL_E_MEMORY;
    for (size_t i = first; !status && i < last; i++) {
        dcl_dwelling home = dcl_town_dwelling(s->town, (uint32_t)(s->first + i));
        status = slots_of(s->town, &home, plan, room);
        if (status) break;
        s->wh[i] = to_watts(s->town, room, s->raw + i * s->town->n_slots);
        s->kind[i] = (uint8_t)home.kind;
        snprintf(s->id[i], sizeof s->id[i], "home%06zu", s->first + i + 1);
    }
    free(room);
    free(plan);
    return status;
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

static void tell(const shard *s, dcl_town_told *told, double *kwh) {
    for (size_t i = 0; i < s->n; i++) {
        told->of_kind[s->kind[i]]++;
        *kwh += (double)s->wh[i] / 1000;
    }
}

/* Shards in order; a step of the bar is a part of a shard, so that something moves. */
static dcl_status make_shards(const dcl_context *context, shard *s, size_t n_homes, size_t most,
                              const char *path, dcl_panel_shard *shards, dcl_town_told *told,
                              dcl_error *error) {
    enum { STEP = 32 }; /* batches between two steps of the bar */
    dcl_status status = DCL_OK;
    double kwh = 0;
    for (size_t k = 0; !status && s->first < n_homes; k++, s->first += most) {
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
        if (!status) tell(s, told, &kwh);
        told->shards = k + 1;
    }
    told->mean_kwh = kwh / (double)n_homes;
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
    status = s.raw && s.id && s.kind && s.wh && shards ? DCL_OK : dcl_fail_memory(error, "a shard of a town");
    if (!status) status = make_shards(context, &s, n_homes, most, path, shards, told, error);
    if (!status) status = dcl_panel_index_write(context, path, options->period_us, shards, n_shards, error);
    free(s.raw), free(s.id), free(s.kind), free(s.wh), free(shards);
    dcl_town_close(&town);
    return status;
}
