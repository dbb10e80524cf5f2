/*
 * Writing a shard: chunks are packed on all threads, a batch at a time, while one thread writes the batch before. The bytes do
 * not depend on which thread packed what: chunks are written in order.
 */
#include "series/panel_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "series/filter.h"

enum { BATCH = 16 };

typedef struct packed {
    int16_t *raw;
    unsigned char *bytes;
    size_t n;
    uint64_t sum; /* checksum and length: what the hash is made of */
    dcl_tally tally;
} packed;

typedef struct writer {
    const dcl_panel_rows *rows;
    const dcl_kernels *kernels;
    dcl_chunks chunks;
    double scale_w;
    hid_t set;
    packed half[2][BATCH]; /* one is packed while the other is written */
    size_t batch;          /* the one being packed */
    uint64_t hash;
    dcl_tally tally;
} writer;

static size_t chunk_values(const writer *w) {
    return w->chunks.homes * w->chunks.slots;
}

/* The values of chunk number k, filled up with missing ones where it hangs over the edge. */
static const int16_t *chunk_raw(const writer *w, size_t k, int16_t *room) {
    const dcl_panel_rows *rows = w->rows;
    size_t home = k / w->chunks.across * w->chunks.homes, slot = k % w->chunks.across * w->chunks.slots;
    size_t n_homes = rows->n_homes - home < w->chunks.homes ? rows->n_homes - home : w->chunks.homes;
    size_t n_slots = rows->n_slots - slot < w->chunks.slots ? rows->n_slots - slot : w->chunks.slots;
    if (rows->raw && n_homes == w->chunks.homes && n_slots == rows->n_slots)
        return rows->raw + home * rows->n_slots;
    for (size_t i = 0; i < w->chunks.homes; i++) {
        int16_t *row = room + i * w->chunks.slots;
        size_t at = (home + i) * rows->n_slots + slot, filled = i < n_homes ? n_slots : 0;
        if (filled && rows->raw)
            memcpy(row, rows->raw + at, filled * sizeof *row);
        else if (filled)
            dcl_panel_to_raw(rows->power_w + at, filled, w->scale_w, row);
        for (size_t s = filled; s < w->chunks.slots; s++) row[s] = DCL_PANEL_MISSING;
    }
    return room;
}

static dcl_status pack_chunk(writer *w, size_t k, packed *out) {
    size_t n = chunk_values(w) * sizeof(int16_t), room = dcl_filter_bound(n);
    const int16_t *raw = chunk_raw(w, k, out->raw);
    out->tally = (dcl_tally){INT16_MAX, INT16_MIN, 0};
    w->kernels->tally_i16(raw, chunk_values(w), DCL_PANEL_MISSING, &out->tally);
    out->n = dcl_filter_pack(raw, n, sizeof *raw, out->bytes, room);
    if (!out->n) return DCL_E_MEMORY;
    uint32_t sum = dcl_fletcher32(w->kernels, out->bytes, out->n);
    for (int i = 0; i < 4; i++) out->bytes[out->n++] = (unsigned char)(sum >> (8 * i));
    out->sum = (uint64_t)sum << 32 | (uint64_t)out->n;
    return DCL_OK;
}

static size_t batch_size(const writer *w, size_t batch) {
    size_t all = w->chunks.down * w->chunks.across, first = batch * BATCH;
    return first >= all ? 0 : all - first < BATCH ? all - first : BATCH;
}

static dcl_status write_batch(writer *w, size_t batch) {
    for (size_t i = 0; i < batch_size(w, batch); i++) {
        const packed *chunk = &w->half[batch % 2][i];
        size_t k = batch * BATCH + i;
        const hsize_t at[] = {k / w->chunks.across * w->chunks.homes, k % w->chunks.across * w->chunks.slots};
        if (H5Dwrite_chunk(w->set, H5P_DEFAULT, 0, at, chunk->n, chunk->bytes) < 0) return DCL_E_IO;
        w->hash = dcl_panel_hash(w->hash, &chunk->sum, sizeof chunk->sum);
        w->tally.present += chunk->tally.present;
        if (chunk->tally.least < w->tally.least) w->tally.least = chunk->tally.least;
        if (chunk->tally.most > w->tally.most) w->tally.most = chunk->tally.most;
    }
    return DCL_OK;
}

/* Number 0 writes the batch before; the others pack a chunk each. */
static dcl_status work(void *arg, size_t i) {
    writer *w = arg;
    if (i == 0) return w->batch ? write_batch(w, w->batch - 1) : DCL_OK;
    return pack_chunk(w, w->batch * BATCH + i - 1, &w->half[w->batch % 2][i - 1]);
}

static dcl_status write_chunks(const dcl_context *context, writer *w, dcl_error *error) {
    size_t n = chunk_values(w) * sizeof(int16_t), all = w->chunks.down * w->chunks.across;
    size_t used = all < BATCH ? all : BATCH;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < 2 * used; i++) {
        packed *chunk = &w->half[i % 2][i / 2];
        chunk->raw = malloc(n);
        chunk->bytes = malloc(dcl_filter_bound(n) + 4);
        if (!chunk->raw || !chunk->bytes) status = DCL_E_MEMORY;
    }
    /* One round more than there are batches: it writes the last. */
    for (w->batch = 0; !status && w->batch * BATCH < all + BATCH; w->batch++) {
        status = dcl_parallel_for(context, 1 + batch_size(w, w->batch), work, w);
        if (context->progress)
            context->progress(context->progress_arg, "writing", "chunks", w->batch * BATCH, all);
    }
    for (size_t i = 0; i < 2 * used; i++) {
        free(w->half[i % 2][i / 2].raw);
        free(w->half[i % 2][i / 2].bytes);
    }
    if (status == DCL_E_IO) return dcl_fail(error, status, "HDF5 cannot write it: a full disk?");
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "chunks of a panel");
    return status ? dcl_fail(error, status, "interrupted") : DCL_OK;
}

/* ---------------------------------------------------------------- scale */

typedef struct peaks {
    const dcl_panel_rows *rows;
    float *most; /* [n_homes]; infinite where a value is */
} peaks;

static dcl_status find_peak(void *arg, size_t home) {
    const peaks *p = arg;
    const float *row = p->rows->power_w + home * p->rows->n_slots;
    float most = 0;
    for (size_t i = 0; i < p->rows->n_slots; i++) {
        float size = fabsf(row[i]);
        most = size > most ? size : most;
    }
    p->most[home] = most;
    return DCL_OK;
}

/* The scale given, or the first of 1, 2, 5, 10 … W a step at which all powers fit. */
static dcl_status choose_scale(const dcl_context *context, const dcl_panel_rows *rows, double *scale_w,
                               dcl_error *error) {
    *scale_w = rows->scale_w;
    if (rows->raw) return DCL_OK;
    peaks p = {rows, malloc(rows->n_homes * sizeof *p.most)};
    if (!p.most) return dcl_fail_memory(error, "a panel's peaks");
    dcl_status status = dcl_parallel_for(context, rows->n_homes, find_peak, &p);
    if (status) dcl_fail(error, status, "interrupted");
    size_t top = 0;
    for (size_t i = 1; i < rows->n_homes; i++)
        if (p.most[i] > p.most[top]) top = i;
    double most = (double)p.most[top];
    free(p.most);
    if (status) return status;
    if (!(*scale_w > 0)) *scale_w = dcl_panel_scale(most);
    if (isfinite(most) && most / *scale_w < 32767.5) return DCL_OK;
    return dcl_fail(error, DCL_E_ARG, "home \"%s\" has a power that does not fit 32,767 steps of the scale",
                    rows->id[top]);
}

double dcl_panel_scale(double most_w) {
    static const double steps[] = {2, 2.5, 2};
    double scale_w = 1;
    for (size_t i = 0; isfinite(most_w) && most_w / scale_w >= 32767.5; i++) scale_w *= steps[i % 3];
    return scale_w;
}

/* ---------------------------------------------------------------- the file */

static hid_t make_set(hid_t group, const dcl_panel_rows *rows, dcl_chunks chunks) {
    const hsize_t extent[] = {rows->n_homes, rows->n_slots}, chunk[] = {chunks.homes, chunks.slots};
    const int16_t missing = DCL_PANEL_MISSING;
    /* Versions of the filter and of blosc, item, chunk, level, bits shuffled, lz4. */
    const unsigned blosc[] = {
        2, 2, sizeof missing, (unsigned)(chunks.homes * chunks.slots * sizeof missing), 3, 2, 1};
    hid_t space = H5Screate_simple(2, extent, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    H5Pset_chunk(list, 2, chunk);
    H5Pset_fill_value(list, H5T_NATIVE_INT16, &missing);
    H5Pset_filter(list, DCL_BLOSC_ID, H5Z_FLAG_OPTIONAL, sizeof blosc / sizeof *blosc, blosc);
    H5Pset_fletcher32(list);
    hid_t set = H5Dcreate2(group, "power_w", H5T_STD_I16LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    H5Sclose(space);
    return set;
}

static uint64_t hash_facts(const writer *w, uint64_t hash) {
    const dcl_panel_rows *rows = w->rows;
    const int64_t numbers[] = {rows->start_us, rows->period_us, (int64_t)rows->n_homes,
                               (int64_t)rows->n_slots};
    hash = dcl_panel_hash(hash, numbers, sizeof numbers);
    hash = dcl_panel_hash(hash, &w->scale_w, sizeof w->scale_w);
    for (size_t i = 0; i < rows->n_homes; i++) hash = dcl_panel_hash(hash, rows->id[i], strlen(rows->id[i]));
    return rows->kind ? dcl_panel_hash(hash, rows->kind, rows->n_homes) : hash;
}

static bool put_facts(const writer *w, hid_t file, hid_t set, uint64_t hash) {
    bool any = w->tally.present > 0;
    return dcl_store_put_integer(file, "declic_shard", DCL_PANEL_VERSION) &&
           dcl_store_put_integer(file, "content", (int64_t)hash) &&
           dcl_store_put_real(set, "scale_w", w->scale_w) &&
           dcl_store_put_real(set, "range_low_w", any ? w->tally.least * w->scale_w : 0) &&
           dcl_store_put_real(set, "range_high_w", any ? w->tally.most * w->scale_w : 0) &&
           dcl_store_put_integer(set, "present", (int64_t)w->tally.present) &&
           dcl_panel_put_facts(set, w->rows->start_us, w->rows->period_us);
}

/* Writes the shard into a file that is there and empty. */
static dcl_status fill_file(const dcl_context *context, writer *w, const char *temporary, dcl_error *error) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_obj_track_times(create, 0);
    hid_t file = H5Fcreate(temporary, H5F_ACC_TRUNC, create, access);
    H5Pclose(create);
    H5Pclose(access);
    hid_t group = file >= 0 ? dcl_store_make_group(file, "panel") : -1;
    bool made = group >= 0 && dcl_panel_put_ids(group, w->rows->id, w->rows->n_homes) &&
                (!w->rows->kind || dcl_panel_put_kinds(group, w->rows->kind, w->rows->n_homes));
    w->set = made ? make_set(group, w->rows, w->chunks) : -1;
    dcl_status status = w->set >= 0 ? write_chunks(context, w, error)
                                    : dcl_fail(error, DCL_E_IO, "HDF5 cannot write it: a full disk?");
    w->hash = hash_facts(w, w->hash);
    made = !status && put_facts(w, file, w->set, w->hash);
    if (w->set >= 0 && H5Dclose(w->set) < 0) made = false;
    if (group >= 0 && H5Gclose(group) < 0) made = false;
    if (file >= 0 && H5Fclose(file) < 0) made = false;
    if (!status && !made) status = dcl_fail(error, DCL_E_IO, "HDF5 cannot write it: a full disk?");
    return status;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

dcl_status dcl_panel_check_ids(const char (*id)[64], size_t n, dcl_error *error) {
    const char **sorted = malloc((n ? n : 1) * sizeof *sorted);
    if (!sorted) return dcl_fail_memory(error, "the names of homes");
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < n; i++) sorted[i] = id[i];
    for (size_t i = 0; !status && i < n; i++)
        if (!memchr(id[i], '\0', sizeof id[i]) || !dcl_home_is_name(id[i]))
            status =
                dcl_fail(error, DCL_E_ARG, "a home's id must be a name without / and no meter's address");
    if (!status) qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 1; !status && i < n; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status = dcl_fail(error, DCL_E_ARG, "two homes have the id \"%s\"", sorted[i]);
    free(sorted);
    return status;
}

static dcl_status check_rows(const dcl_panel_rows *rows, dcl_error *error) {
    if (!rows->n_homes || !rows->n_slots || rows->n_homes > DCL_PANEL_HOMES_MAX ||
        rows->n_slots > DCL_PANEL_SLOTS_MAX)
        return dcl_fail(error, DCL_E_ARG, "a panel needs homes and slots");
    if (rows->period_us <= 0 || rows->period_us > 366 * DCL_DAY_US || llabs(rows->start_us) > INT64_MAX / 4 ||
        rows->start_us % rows->period_us)
        return dcl_fail(error, DCL_E_ARG, "a panel's slots begin at multiples of its step");
    if (!rows->raw == !rows->power_w || (rows->raw && !(rows->scale_w > 0)) || rows->scale_w < 0)
        return dcl_fail(error, DCL_E_ARG, "a panel is made of powers, or of steps and their scale");
    return dcl_panel_check_ids(rows->id, rows->n_homes, error);
}

/* "dir/city.h5" → "dir/city." and room for the rest. */
static char *shard_path(const char *path, const char *content) {
    size_t n = strlen(path), room = n + 64;
    char *out = malloc(room);
    if (n > 3 && strcmp(path + n - 3, ".h5") == 0) n -= 3;
    if (out) snprintf(out, room, "%.*s.%s.shard.h5", (int)n, path, content);
    return out;
}

static dcl_status write_shard(const dcl_context *context, const char *path, writer *w, dcl_panel_shard *out,
                              dcl_error *error) {
    static const char unknown[] = "0000000000000000"; /* until all is packed */
    char content[sizeof unknown];
    char *named = shard_path(path, unknown);
    if (!named) return dcl_fail_memory(error, path);
    const char *slash = strrchr(named, '/'), *name = slash ? slash + 1 : named;
    dcl_output file = {0};
    dcl_status status = DCL_OK;
    if (strlen(name) >= sizeof out->file)
        status = dcl_fail_file(error, DCL_E_ARG, path, "a panel's name has at most 96 bytes");
    if (!status) status = dcl_output_begin(&file, named, error);
    if (!status) status = fill_file(context, w, file.temporary, error);
    if (!status) {
        snprintf(content, sizeof content, "%016llx", (unsigned long long)w->hash);
        memcpy(file.path + strlen(file.path) - strlen(unknown) - strlen(".shard.h5"), content,
               strlen(unknown));
        snprintf(out->file, sizeof out->file, "%s", file.path + (name - named));
        status = dcl_output_commit(&file, error);
    }
    if (status && error && !error->file[0]) snprintf(error->file, sizeof error->file, "%.250s", path);
    dcl_output_abort(&file);
    free(named);
    return status;
}

dcl_status dcl_panel_shard_write(const dcl_context *context, const char *path, const dcl_panel_rows *rows,
                                 dcl_panel_shard *out, dcl_error *error) {
    *out = (dcl_panel_shard){0};
    dcl_status status = check_rows(rows, error);
    if (status) return status;
    dcl_kernels plain;
    writer w = {.rows = rows,
                .kernels = dcl_panel_kernels(context, &plain),
                .set = -1,
                .tally = {INT16_MAX, INT16_MIN, 0}};
    w.chunks = dcl_chunks_of(rows->n_homes, rows->n_slots);
    status = choose_scale(context, rows, &w.scale_w, error);
    if (status) return status;
    dcl_silence old = dcl_silence_begin();
    status = write_shard(context, path, &w, out, error);
    dcl_silence_end(old);
    if (status) return status;
    out->content = (int64_t)w.hash;
    out->n_homes = (int64_t)rows->n_homes;
    out->start_us = rows->start_us;
    out->n_slots = (int64_t)rows->n_slots;
    out->scale_w = w.scale_w;
    out->present = (int64_t)w.tally.present;
    return DCL_OK;
}
