/*
 * Many homes into a panel, in bounded memory. Homes come one at a time and go into a spill, a file without a name beside the
 * panel; when all have come, their span, scale and order are known, and shards are written from it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "series/panel_file.h"
#include "series/panel_homes.h"
#include "series/panel_index.h"
#include "series/spill.h"

/* Values of a shard while it is made: 128 MB as float32. */
enum { SHARD_VALUES = 1 << 25 };

typedef struct importer {
    const dcl_context *context;
    const char *path, *name;
    dcl_spill spill;
    int64_t period_us; /* 0 until it is known */
    double most_w;
    dcl_panel *panel; /* the one to append to */
    dcl_panel_shard *shard;
    size_t n_shards, room_shards, n_old;
    dcl_panel_told *told;
} importer;

/* ---------------------------------------------------------------- homes come */

static dcl_status leave(importer *im, dcl_panel_left reason, const dcl_home *home) {
    if (!im->told->left[reason]++)
        snprintf(im->told->first_left[reason], sizeof *im->told->first_left, "%s",
                 dcl_home_is_name(home->id) ? home->id : "");
    return DCL_OK;
}

/* What of the series is worth keeping: from its first value to its last, behind the panel's end where the panel has the home. */
static dcl_series worth(const importer *im, const dcl_series *series, bool known) {
    dcl_series part = *series;
    if (known) {
        const dcl_panel_about *about = dcl_panel_tell(im->panel);
        int64_t end_us = about->start_us + (int64_t)about->n_slots * about->period_us;
        part = dcl_series_slice(series, end_us, INT64_MAX);
    }
    while (part.n && isnan(part.value[part.n - 1])) part.n--;
    while (part.n && isnan(part.value[0])) {
        part.value++;
        part.start_us += part.period_us;
        part.n--;
    }
    return part;
}

static dcl_status keep(importer *im, const char *id, const dcl_series *series, dcl_error *error) {
    for (size_t i = 0; i < series->n; i++) {
        double size = fabs((double)series->value[i]);
        if (size > im->most_w) im->most_w = size;
    }
    im->told->readings += dcl_series_present(series);
    return dcl_spill_add(&im->spill, id, series, error);
}

static dcl_status take_home(void *arg, const dcl_home *home, dcl_error *error) {
    importer *im = arg;
    dcl_home named = *home;
    if (im->name) snprintf(named.id, sizeof named.id, "%s", im->name);
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    size_t at;
    dcl_panel_count(im->told, home);
    if (!power) return leave(im, home->n_series ? DCL_PANEL_LEFT_NO_POWER : DCL_PANEL_LEFT_EMPTY, &named);
    if (!dcl_home_is_name(named.id)) return leave(im, DCL_PANEL_LEFT_BAD_NAME, &named);
    bool known = im->panel && dcl_panel_find(im->panel, named.id, &at);
    if (im->period_us && (power->period_us != im->period_us || power->start_us % im->period_us))
        return leave(im, DCL_PANEL_LEFT_OTHER_PERIOD, &named);
    if (!dcl_series_present(power)) return leave(im, DCL_PANEL_LEFT_EMPTY, &named);
    dcl_series part = worth(im, power, known);
    if (!part.n) return leave(im, DCL_PANEL_LEFT_ALREADY_THERE, &named);
    if (!im->period_us && power->start_us % power->period_us)
        return leave(im, DCL_PANEL_LEFT_OTHER_PERIOD, &named);
    im->period_us = power->period_us;
    return keep(im, named.id, &part, error);
}

/* ---------------------------------------------------------------- homes in order */

static int by_row(const void *a, const void *b) {
    const dcl_stretch *x = a, *y = b;
    if (x->row != y->row) return x->row > y->row ? 1 : -1;
    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

/* Gives each home its row: its own in the panel, or one behind, in order of first coming. */
static dcl_status give_rows(importer *im, dcl_error *error) {
    size_t n_known = im->panel ? dcl_panel_tell(im->panel)->n_homes : 0;
    dcl_status status = dcl_spill_sort(&im->spill, error);
    if (status) return status;
    for (size_t i = 0; i < im->spill.n; i++) {
        dcl_stretch *part = &im->spill.part[i];
        bool again = i && part->order == part[-1].order;
        im->told->homes += !again;
        if (again) {
            part->row = part[-1].row;
        } else if (!im->panel || !dcl_panel_find(im->panel, part->id, &part->row)) {
            part->row = n_known + im->told->new_homes++;
        }
    }
    qsort(im->spill.part, im->spill.n, sizeof *im->spill.part, by_row);
    return DCL_OK;
}

/* ---------------------------------------------------------------- shards */

/* Rows [first, first + n) of the panel over a span, from the stretches [n_parts], which lie in them. */
typedef struct slab {
    const dcl_stretch *part;
    size_t n_parts, first, n;
    int64_t start_us;
    size_t n_slots;
} slab;

static dcl_status write_slab(importer *im, const slab *of, float *values, float *room, char (*id)[64],
                             dcl_error *error) {
    const dcl_panel_about *about = im->panel ? dcl_panel_tell(im->panel) : NULL;
    for (size_t i = 0; i < of->n * of->n_slots; i++) values[i] = NAN;
    for (size_t i = 0; about && i < of->n && of->first + i < about->n_homes; i++)
        memcpy(id[i], about->id[of->first + i], sizeof *id);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < of->n_parts; i++) {
        const dcl_stretch *part = &of->part[i];
        size_t slot = (size_t)((part->start_us - of->start_us) / im->period_us), row = part->row - of->first;
        memcpy(id[row], part->id, sizeof *id);
        status = dcl_spill_merge(&im->spill, part, values + row * of->n_slots + slot, room,
                                 &im->told->excluded[DCL_EXCLUDED_DUPLICATE].count,
                                 &im->told->excluded[DCL_EXCLUDED_CONTRADICTION].count, error);
    }
    double scale_w = dcl_panel_scale(im->most_w);
    if (about && about->scale_w > scale_w) scale_w = about->scale_w;
    const dcl_panel_rows rows = {.n_homes = of->n,
                                 .n_slots = of->n_slots,
                                 .start_us = of->start_us,
                                 .period_us = im->period_us,
                                 .id = (const char(*)[64])id,
                                 .power_w = values,
                                 .scale_w = scale_w};
    if (!status && dcl_grow(&im->shard, &im->room_shards, im->n_shards + 1, sizeof *im->shard))
        status = dcl_fail_memory(error, "the list of shards");
    if (!status)
        status = dcl_panel_shard_write(im->context, im->path, &rows, &im->shard[im->n_shards], error);
    if (!status) im->shard[im->n_shards++].first_home = (int64_t)of->first;
    return status;
}

/* Stretches [n] in order of row, over their common span, as many rows a shard as fit. */
static dcl_status write_shards(importer *im, const dcl_stretch *part, size_t n, dcl_error *error) {
    int64_t start_us = INT64_MAX, end_us = INT64_MIN;
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t end = part[i].start_us + (int64_t)part[i].n * im->period_us;
        if (part[i].start_us < start_us) start_us = part[i].start_us;
        if (end > end_us) end_us = end;
        if (part[i].n > longest) longest = part[i].n;
    }
    if (!n) return DCL_OK;
    size_t n_slots = (size_t)((end_us - start_us) / im->period_us), last_row = part[n - 1].row + 1;
    if (n_slots > SHARD_VALUES)
        return dcl_fail_file(error, DCL_E_NO_DATA, im->path,
                             "the homes span %zu slots: a stray time? --from and --to choose a part",
                             n_slots);
    dcl_chunks chunks = dcl_chunks_of(last_row - part[0].row, n_slots);
    size_t most = SHARD_VALUES / n_slots, all = last_row - part[0].row;
    if (most > chunks.homes) most -= most % chunks.homes;
    if (most > all) most = all;
    float *values = malloc(most * n_slots * sizeof *values), *room = malloc(longest * sizeof *room);
    char(*id)[64] = malloc(most * sizeof *id);
    dcl_status status = values && room && id ? DCL_OK : dcl_fail_memory(error, "a shard");
    for (size_t row = part[0].row; !status && row < last_row; row += most) {
        slab of = {.part = part, .first = row, .start_us = start_us, .n_slots = n_slots};
        of.n = last_row - row < most ? last_row - row : most;
        while (of.n_parts < n && part[of.n_parts].row < row + of.n) of.n_parts++;
        part += of.n_parts;
        n -= of.n_parts;
        if (of.n_parts) status = write_slab(im, &of, values, room, id, error);
    }
    free(values);
    free(room);
    free(id);
    return status;
}

static dcl_status write_panel(importer *im, dcl_error *error) {
    size_t n_homes = im->panel ? dcl_panel_tell(im->panel)->n_homes : 0, known = 0;
    dcl_status status = give_rows(im, error);
    if (status) return status;
    const dcl_stretch *part = im->spill.part;
    while (known < im->spill.n && part[known].row < n_homes) known++;
    status = write_shards(im, part, known, error);
    if (!status) status = write_shards(im, part + known, im->spill.n - known, error);
    if (!status)
        status = dcl_panel_index_write(im->context, im->path, im->period_us, im->shard, im->n_shards, error);
    return status;
}

/* New shards that no index names are of no use. A panel that is there may have had one of them before. */
static void remove_new(const importer *im) {
    dcl_index there = {0};
    dcl_silence old = dcl_silence_begin();
    if (dcl_index_read(im->path, &there, NULL)) there = (dcl_index){0};
    dcl_silence_end(old);
    for (size_t i = im->n_old; i < im->n_shards; i++) {
        bool stays = false;
        for (size_t k = 0; !stays && k < there.about.n_shards; k++)
            stays = strcmp(there.shard[k].file, im->shard[i].file) == 0;
        char *file = stays ? NULL : dcl_panel_beside(im->path, im->shard[i].file);
        if (file) (void)unlink(file);
        free(file);
    }
    dcl_index_free(&there);
}

/* ---------------------------------------------------------------- the whole */

static dcl_status open_old(importer *im, dcl_error *error) {
    dcl_status status = dcl_panel_open(im->path, &im->panel, error);
    if (status) return status;
    const dcl_panel_about *about = dcl_panel_tell(im->panel);
    im->period_us = about->period_us;
    if (dcl_grow(&im->shard, &im->room_shards, about->n_shards, sizeof *im->shard))
        return dcl_fail_memory(error, "the list of shards");
    memcpy(im->shard, about->shard, about->n_shards * sizeof *im->shard);
    im->n_shards = im->n_old = about->n_shards;
    return DCL_OK;
}

static dcl_status fail_none(const importer *im, dcl_error *error) {
    size_t most = 0;
    for (size_t i = 1; i < DCL_PANEL_LEFT_COUNT; i++)
        if (im->told->left[i] > im->told->left[most]) most = i;
    if (!im->told->left[most])
        return dcl_fail(error, DCL_E_NO_DATA, "no home in it, or none that was chosen");
    return dcl_fail(error, DCL_E_NO_DATA, "nothing for a panel: %zu home%s %s", im->told->left[most],
                    im->told->left[most] == 1 ? "" : "s", dcl_panel_left_text((dcl_panel_left)most));
}

dcl_status dcl_panel_import(const dcl_context *context, const char *path, const char *const *inputs,
                            size_t n_inputs, const dcl_read_options *options, bool append, const char *name,
                            dcl_panel_told *told, dcl_error *error) {
    dcl_error own;
    if (!error) error = &own;
    *error = (dcl_error){.pos = {0, -1}};
    *told = (dcl_panel_told){0};
    importer im = {.context = context, .path = path, .name = name, .told = told};
    dcl_read_options reading = *options;
    dcl_status status = append ? open_old(&im, error) : DCL_OK;
    if (!status && append && reading.period_us && reading.period_us != im.period_us)
        status = dcl_fail_file(error, DCL_E_ARG, path, "the panel has another step than --period says");
    if (!status && reading.period_us) im.period_us = reading.period_us;
    if (!status) status = dcl_spill_open(&im.spill, path, error);
    if (!status) status = dcl_homes_each(context, inputs, n_inputs, &reading, take_home, &im, error);
    if (!status && !im.spill.n) status = fail_none(&im, error);
    if (!status) status = write_panel(&im, error);
    if (status) remove_new(&im);
    if (status && n_inputs && !error->file[0]) snprintf(error->file, sizeof error->file, "%.250s", inputs[0]);
    dcl_spill_close(&im.spill);
    dcl_panel_close(&im.panel);
    free(im.shard);
    return status;
}
