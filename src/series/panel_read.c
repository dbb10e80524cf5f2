/*
 * Reading a panel: chunks are read past HDF5, which is not reentrant, at the places that HDF5 told, and checked and unpacked on
 * all threads.
 */
#define _XOPEN_SOURCE 700 /* pread() */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "series/filter.h"
#include "series/panel_file.h"
#include "series/panel_index.h"

struct dcl_panel {
    char *path;
    dcl_index index;
    dcl_shard_file *file; /* [n_shards] */
    const char **sorted;  /* [n_homes] ids in order */
};

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static dcl_status sort_names(dcl_panel *panel, dcl_error *error) {
    size_t n = panel->index.about.n_homes;
    panel->sorted = malloc(n * sizeof *panel->sorted);
    if (!panel->sorted) return dcl_fail_memory(error, panel->path);
    for (size_t i = 0; i < n; i++) panel->sorted[i] = panel->index.id[i];
    qsort(panel->sorted, n, sizeof *panel->sorted, by_text);
    for (size_t i = 1; i < n; i++)
        if (strcmp(panel->sorted[i - 1], panel->sorted[i]) == 0)
            return dcl_fail_file(error, DCL_E_FORMAT, panel->path,
                                 "the index of a panel: two homes have the id \"%s\"", panel->sorted[i]);
    return DCL_OK;
}

dcl_status dcl_panel_open(const char *path, dcl_panel **out, dcl_error *error) {
    dcl_error own;
    if (!error) error = &own;
    *out = NULL;
    *error = (dcl_error){.pos = {0, -1}};
    dcl_panel *panel = calloc(1, sizeof *panel);
    if (!panel || !(panel->path = strdup(path))) {
        free(panel);
        return dcl_fail_memory(error, path);
    }
    dcl_silence old = dcl_silence_begin();
    dcl_status status = dcl_index_read(path, &panel->index, error);
    const dcl_panel_about *about = &panel->index.about;
    if (!status && !(panel->file = calloc(about->n_shards, sizeof *panel->file)))
        status = dcl_fail_memory(error, path);
    for (size_t i = 0; !status && i < about->n_shards; i++)
        status = dcl_shard_open(path, &about->shard[i], about->period_us, &panel->file[i], NULL, NULL, NULL,
                                error);
    dcl_silence_end(old);
    if (!status) status = sort_names(panel, error);
    if (status) dcl_panel_close(&panel);
    *out = panel;
    return status;
}

void dcl_panel_close(dcl_panel **panel) {
    if (!*panel) return;
    for (size_t i = 0; (*panel)->file && i < (*panel)->index.about.n_shards; i++)
        dcl_shard_close(&(*panel)->file[i]);
    free((*panel)->file);
    free((*panel)->sorted);
    free((*panel)->path);
    dcl_index_free(&(*panel)->index);
    free(*panel);
    *panel = NULL;
}

bool dcl_panel_is(const char *path) {
    int64_t version;
    dcl_silence old = dcl_silence_begin();
    hid_t file = dcl_panel_open_file(path, "", NULL);
    bool is = file >= 0 && dcl_store_get_integer(file, "declic_panel", &version);
    if (file >= 0) H5Fclose(file);
    dcl_silence_end(old);
    return is;
}

const dcl_panel_about *dcl_panel_tell(const dcl_panel *panel) {
    return &panel->index.about;
}

bool dcl_panel_find(const dcl_panel *panel, const char *id, size_t *home) {
    const char **at = bsearch(&id, panel->sorted, panel->index.about.n_homes, sizeof *panel->sorted, by_text);
    if (at) *home = (size_t)(*at - panel->index.id[0]) / sizeof *panel->index.id;
    return at != NULL;
}

/* ---------------------------------------------------------------- a block */

/* Homes [first, last) × slots [from, to), of the panel or of a shard. */
typedef struct block {
    size_t first, last, from, to;
} block;

/* Chunks of one shard that a block touches, told to threads strip by strip. */
typedef struct strip_reader {
    const dcl_shard_file *file;
    const dcl_kernels *kernels;
    const char *path; /* of the shard */
    int descriptor;
    double scale_w;
    block of;                                                 /* in the shard's own numbers */
    size_t chunk_down, chunk_across, n_down, n_across, strip; /* chunks touched; how many a strip has */
    float *power_w; /* one of the two, where of.first, of.from goes */
    int16_t *raw;
    size_t stride;
} strip_reader;

static bool read_bytes(int descriptor, uint64_t address, unsigned char *out, size_t n) {
    while (n) {
        ssize_t got = pread(descriptor, out, n, (off_t)address);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        out += got;
        address += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

/* The checked and unpacked values of a chunk. */
static bool unpack(const strip_reader *r, size_t chunk, unsigned char *bytes, int16_t *values) {
    const dcl_chunks *c = &r->file->chunks;
    size_t n = r->file->length[chunk] - 4;
    if (!read_bytes(r->descriptor, r->file->address[chunk], bytes, n + 4)) return false;
    uint32_t sum = 0;
    for (int i = 3; i >= 0; i--) sum = sum << 8 | bytes[n + (size_t)i];
    return sum == dcl_fletcher32(r->kernels, bytes, n) &&
           dcl_filter_unpack(bytes, n, values, c->homes * c->slots * sizeof *values);
}

/* The part of a chunk that the block wants, in the shard's numbers. */
static block part_of(const strip_reader *r, size_t down, size_t across) {
    const dcl_chunks *c = &r->file->chunks;
    block part = {down * c->homes, (down + 1) * c->homes, across * c->slots, (across + 1) * c->slots};
    if (part.first < r->of.first) part.first = r->of.first;
    if (part.last > r->of.last) part.last = r->of.last;
    if (part.from < r->of.from) part.from = r->of.from;
    if (part.to > r->of.to) part.to = r->of.to;
    return part;
}

static bool read_chunk(const strip_reader *r, size_t down, size_t across, unsigned char *bytes,
                       int16_t *room) {
    const dcl_chunks *c = &r->file->chunks;
    block part = part_of(r, down, across);
    size_t n = part.to - part.from, to = (part.first - r->of.first) * r->stride + part.from - r->of.from;
    /* Whole rows of a whole chunk, one after the other in `out`: unpacked where they belong. */
    bool whole = r->raw && n == c->slots && r->stride == n && part.last - part.first == c->homes;
    int16_t *values = whole ? r->raw + to : room;
    if (!unpack(r, down * c->across + across, bytes, values)) return false;
    for (size_t home = part.first; !whole && home < part.last; home++, to += r->stride) {
        const int16_t *row = values + (home - down * c->homes) * c->slots + (part.from - across * c->slots);
        if (r->raw)
            memcpy(r->raw + to, row, n * sizeof *row);
        else
            dcl_panel_to_power(row, n, r->scale_w, r->power_w + to);
    }
    return true;
}

static dcl_status read_strip(void *arg, size_t strip) {
    strip_reader *r = arg;
    size_t all = r->n_down * r->n_across, last = (strip + 1) * r->strip < all ? (strip + 1) * r->strip : all;
    size_t n = r->file->chunks.homes * r->file->chunks.slots * sizeof(int16_t);
    unsigned char *bytes = malloc(dcl_filter_bound(n) + 4);
    int16_t *room = malloc(n);
    dcl_status status = bytes && room ? DCL_OK : DCL_E_MEMORY;
    for (size_t k = strip * r->strip; !status && k < last; k++)
        if (!read_chunk(r, r->chunk_down + k / r->n_across, r->chunk_across + k % r->n_across, bytes, room))
            status = DCL_E_FORMAT;
    free(bytes);
    free(room);
    return status;
}

/* Which chunk it was, for the error: the first that cannot be unpacked. */
static dcl_status fail_chunk(const strip_reader *r, dcl_error *error) {
    size_t n = r->file->chunks.homes * r->file->chunks.slots * sizeof(int16_t);
    unsigned char *bytes = malloc(dcl_filter_bound(n) + 4);
    int16_t *room = malloc(n);
    dcl_status status = dcl_fail_file(error, DCL_E_FORMAT, r->path, "a shard of the panel is damaged or cut");
    for (size_t k = 0; bytes && room && k < r->n_down * r->n_across; k++) {
        size_t chunk =
            (r->chunk_down + k / r->n_across) * r->file->chunks.across + r->chunk_across + k % r->n_across;
        if (unpack(r, chunk, bytes, room)) continue;
        if (error) error->pos.byte = (int64_t)r->file->address[chunk];
        break;
    }
    free(bytes);
    free(room);
    return status;
}

static dcl_status read_part(const dcl_context *context, strip_reader *r, dcl_error *error) {
    const dcl_chunks *c = &r->file->chunks;
    r->chunk_down = r->of.first / c->homes;
    r->chunk_across = r->of.from / c->slots;
    r->n_down = (r->of.last + c->homes - 1) / c->homes - r->chunk_down;
    r->n_across = (r->of.to + c->slots - 1) / c->slots - r->chunk_across;
    /* Strips of up to eight chunks share their buffers; fewer where there would be too few strips. */
    size_t all = r->n_down * r->n_across, threads = context->threads > 0 ? (size_t)context->threads : 1;
    r->strip = all / (4 * threads);
    r->strip = r->strip < 1 ? 1 : r->strip > 8 ? 8 : r->strip;
    r->descriptor = open(r->path, O_RDONLY | O_CLOEXEC);
    if (r->descriptor < 0)
        return dcl_fail_file(error, DCL_E_NOT_FOUND, r->path, "a shard of the panel cannot be opened: %s",
                             strerror(errno));
    dcl_status status = dcl_parallel_for(context, (all + r->strip - 1) / r->strip, read_strip, r);
    if (status == DCL_E_FORMAT) fail_chunk(r, error);
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "a panel's chunks");
    if (status == DCL_E_CANCELLED) dcl_fail(error, status, "interrupted");
    close(r->descriptor);
    return status;
}

/* What of the block is in a shard, in the panel's numbers; empty where nothing is. */
static block shared(const dcl_panel_about *about, const dcl_panel_shard *shard, block of) {
    size_t first = (size_t)shard->first_home, last = first + (size_t)shard->n_homes;
    size_t from = dcl_panel_first_slot(shard, about->start_us, about->period_us);
    size_t to = from + (size_t)shard->n_slots;
    block part = {of.first > first ? of.first : first, of.last < last ? of.last : last,
                  of.from > from ? of.from : from, of.to < to ? of.to : to};
    if (part.first >= part.last || part.from >= part.to) return (block){0};
    return part;
}

static void fill_missing(block of, float *power_w, int16_t *raw) {
    size_t n = (of.last - of.first) * (of.to - of.from);
    for (size_t i = 0; raw && i < n; i++) raw[i] = DCL_PANEL_MISSING;
    for (size_t i = 0; power_w && i < n; i++) power_w[i] = NAN;
}

static dcl_status read_block(const dcl_context *context, const dcl_panel *panel, block of, float *power_w,
                             int16_t *raw, dcl_error *error) {
    const dcl_panel_about *about = &panel->index.about;
    size_t stride = of.to - of.from, covered = 0;
    if (of.first > of.last || of.from > of.to || of.last > about->n_homes || of.to > about->n_slots)
        return dcl_fail_file(error, DCL_E_ARG, panel->path, "homes or slots beyond those of the panel");
    for (size_t i = 0; i < about->n_shards; i++) {
        block part = shared(about, &about->shard[i], of);
        covered += (part.last - part.first) * (part.to - part.from);
    }
    if (covered < stride * (of.last - of.first)) fill_missing(of, power_w, raw);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < about->n_shards; i++) {
        const dcl_panel_shard *shard = &about->shard[i];
        block part = shared(about, shard, of);
        if (part.first == part.last) continue;
        char *path = dcl_panel_beside(panel->path, shard->file);
        if (!path) return dcl_fail_memory(error, panel->path);
        size_t at = (part.first - of.first) * stride + part.from - of.from;
        size_t home = (size_t)shard->first_home,
               slot = dcl_panel_first_slot(shard, about->start_us, about->period_us);
        dcl_kernels plain;
        strip_reader r = {.file = &panel->file[i],
                          .kernels = dcl_panel_kernels(context, &plain),
                          .path = path,
                          .scale_w = shard->scale_w,
                          .of = {part.first - home, part.last - home, part.from - slot, part.to - slot},
                          .power_w = power_w ? power_w + at : NULL,
                          .raw = raw ? raw + at : NULL,
                          .stride = stride};
        status = read_part(context, &r, error);
        free(path);
    }
    return status;
}

dcl_status dcl_panel_read(const dcl_context *context, const dcl_panel *panel, size_t first, size_t n,
                          size_t from, size_t to, float *out, dcl_error *error) {
    block of = {first, n > SIZE_MAX - first ? SIZE_MAX : first + n, from, to};
    return read_block(context, panel, of, out, NULL, error);
}

dcl_status dcl_panel_read_raw(const dcl_context *context, const dcl_panel *panel, size_t first, size_t n,
                              size_t from, size_t to, int16_t *out, dcl_error *error) {
    block of = {first, n > SIZE_MAX - first ? SIZE_MAX : first + n, from, to};
    if (!(panel->index.about.scale_w > 0))
        return dcl_fail_file(error, DCL_E_ARG, panel->path, "its shards have different scales");
    return read_block(context, panel, of, NULL, out, error);
}

/* A whole number of the first shard's chunks where they fit, so that none is unpacked twice. */
static size_t homes_at_once(const dcl_panel *panel, size_t memory) {
    size_t n = memory / sizeof(float) / panel->index.about.n_slots, chunk = panel->file[0].chunks.homes;
    if (n > panel->index.about.n_homes) n = panel->index.about.n_homes;
    if (n > chunk) n -= n % chunk;
    return n ? n : 1;
}

dcl_status dcl_panel_each_of(const dcl_context *context, const dcl_panel *panel, size_t from, size_t to,
                             size_t memory, dcl_panel_fn take, void *arg, dcl_error *error) {
    const dcl_panel_about *about = &panel->index.about;
    if (from > to || to > about->n_homes)
        return dcl_fail_file(error, DCL_E_ARG, panel->path, "homes beyond the panel");
    if (from == to) return DCL_OK;
    size_t most = homes_at_once(panel, memory);
    if (most > to - from) most = to - from;
    float *power_w = malloc(most * about->n_slots * sizeof *power_w);
    if (!power_w) return dcl_fail_memory(error, "a block of a panel");
    dcl_status status = DCL_OK;
    for (size_t first = from; !status && first < to; first += most) {
        size_t n = to - first < most ? to - first : most;
        status = dcl_panel_read(context, panel, first, n, 0, about->n_slots, power_w, error);
        if (!status) status = take(arg, first, n, power_w, error);
        if (context->progress)
            context->progress(context->progress_arg, "reading", "homes", first + n - from, to - from);
    }
    free(power_w);
    return status;
}

dcl_status dcl_panel_each(const dcl_context *context, const dcl_panel *panel, size_t memory,
                          dcl_panel_fn take, void *arg, dcl_error *error) {
    return dcl_panel_each_of(context, panel, 0, panel->index.about.n_homes, memory, take, arg, error);
}
