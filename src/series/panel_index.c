/* The index of a panel: made from shards that are there, opened again, and what it says held together. */
#include "series/panel_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "series/filter.h"
#include "series/panel_file.h"
#include "series/source.h"

/* ---------------------------------------------------------------- rectangles */

size_t dcl_panel_first_slot(const dcl_panel_shard *shard, int64_t start_us, int64_t period_us) {
    return (size_t)((shard->start_us - start_us) / period_us);
}

/* Numbers that a file may say without anything running over. */
static const char *check_record(const dcl_panel_shard *shard, int64_t period_us) {
    if (!dcl_store_is_name(shard->file)) return "a shard's name is none";
    if (shard->n_homes < 1 || shard->n_slots < 1 || shard->first_home < 0 ||
        shard->n_homes > (int64_t)DCL_PANEL_HOMES_MAX || shard->n_slots > (int64_t)DCL_PANEL_SLOTS_MAX ||
        shard->first_home > (int64_t)DCL_PANEL_HOMES_MAX || shard->present < 0 || !(shard->scale_w > 0) ||
        !(shard->scale_w < 1e30))
        return "a shard's numbers are out of range";
    if (shard->start_us > INT64_MAX / 4 || shard->start_us < INT64_MIN / 4 ||
        shard->n_slots > INT64_MAX / 4 / period_us || shard->start_us % period_us)
        return "a shard's span is out of range";
    return NULL;
}

static bool overlap(const dcl_panel_shard *a, const dcl_panel_shard *b, int64_t period_us) {
    return a->first_home < b->first_home + b->n_homes && b->first_home < a->first_home + a->n_homes &&
           a->start_us < b->start_us + b->n_slots * period_us &&
           b->start_us < a->start_us + a->n_slots * period_us;
}

const char *dcl_panel_lay_out(const dcl_panel_shard *shards, size_t n, int64_t period_us,
                              dcl_panel_about *about) {
    int64_t start_us = INT64_MAX, end_us = INT64_MIN, homes = 0;
    if (!n || period_us <= 0 || period_us > 366 * DCL_DAY_US) return "it has no shards, or no step";
    about->scale_w = shards[0].scale_w;
    about->present = 0;
    for (size_t i = 0; i < n; i++) {
        const dcl_panel_shard *s = &shards[i];
        const char *wrong = check_record(s, period_us);
        if (wrong) return wrong;
        int64_t end = s->start_us + s->n_slots * period_us;
        if (s->start_us < start_us) start_us = s->start_us;
        if (end > end_us) end_us = end;
        if (s->first_home + s->n_homes > homes) homes = s->first_home + s->n_homes;
        if (s->scale_w < about->scale_w || s->scale_w > about->scale_w) about->scale_w = 0;
        about->present += (uint64_t)s->present;
        for (size_t k = 0; k < i; k++)
            if (overlap(s, &shards[k], period_us)) return "two of its shards overlap";
    }
    about->n_homes = (size_t)homes;
    about->n_slots = (size_t)((end_us - start_us) / period_us);
    about->start_us = start_us;
    about->period_us = period_us;
    about->n_shards = n;
    about->shard = shards;
    if (about->n_slots > DCL_PANEL_SLOTS_MAX || about->n_homes > DCL_PANEL_HOMES_MAX)
        return "its span is out of range";
    return NULL;
}

/* ---------------------------------------------------------------- making */

typedef struct names {
    char (*id)[64], (*one)[64]; /* of the panel, of a shard */
    uint8_t *kind, *one_kind;
    bool any_kind;
} names;

static void names_free(names *of) {
    free(of->id);
    free(of->one);
    free(of->kind);
    free(of->one_kind);
}

/* The names of a shard's homes into those of the panel, which other shards of the same homes share. */
static dcl_status add_names(names *into, const char *path, const dcl_panel_shard *shard, int64_t period_us,
                            dcl_error *error) {
    dcl_shard_file file;
    bool has_kind = false;
    dcl_status status =
        dcl_shard_open(path, shard, period_us, &file, into->one, into->one_kind, &has_kind, error);
    if (status) return status;
    dcl_shard_close(&file);
    for (int64_t i = 0; i < shard->n_homes; i++) {
        char *id = into->id[shard->first_home + i];
        if (*id && strcmp(id, into->one[i]) != 0)
            return dcl_fail_file(error, DCL_E_ARG, shard->file,
                                 "the shard calls a home \"%s\" that another one calls \"%s\"", into->one[i],
                                 id);
        memcpy(id, into->one[i], sizeof *into->one);
        if (has_kind) into->kind[shard->first_home + i] = into->one_kind[i];
    }
    into->any_kind = into->any_kind || has_kind;
    return DCL_OK;
}

static dcl_status gather_names(names *of, const char *path, const dcl_panel_about *about, dcl_error *error) {
    int64_t most = 0;
    for (size_t i = 0; i < about->n_shards; i++)
        if (about->shard[i].n_homes > most) most = about->shard[i].n_homes;
    of->id = calloc(about->n_homes, sizeof *of->id);
    of->one = calloc((size_t)most, sizeof *of->one);
    of->kind = malloc(about->n_homes);
    of->one_kind = malloc((size_t)most);
    if (!of->id || !of->one || !of->kind || !of->one_kind)
        return dcl_fail_memory(error, "the names of homes");
    memset(of->kind, DCL_PANEL_KIND_UNKNOWN, about->n_homes);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < about->n_shards; i++)
        status = add_names(of, path, &about->shard[i], about->period_us, error);
    for (size_t i = 0; !status && i < about->n_homes; i++)
        if (!of->id[i][0])
            status = dcl_fail_file(error, DCL_E_ARG, path, "home %zu of the panel is in no shard", i);
    return status ? status : dcl_panel_check_ids((const char(*)[64])of->id, about->n_homes, error);
}

/* /panel/power_w over the shards. */
static bool put_virtual(hid_t group, const dcl_panel_about *about) {
    const hsize_t extent[] = {about->n_homes, about->n_slots};
    const int16_t missing = DCL_PANEL_MISSING;
    hid_t space = H5Screate_simple(2, extent, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    H5Pset_fill_value(list, H5T_NATIVE_INT16, &missing);
    bool done = true;
    for (size_t i = 0; done && i < about->n_shards; i++) {
        const dcl_panel_shard *s = &about->shard[i];
        const hsize_t n[] = {(hsize_t)s->n_homes, (hsize_t)s->n_slots};
        const hsize_t at[] = {(hsize_t)s->first_home,
                              dcl_panel_first_slot(s, about->start_us, about->period_us)};
        hid_t from = H5Screate_simple(2, n, NULL);
        done = H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, n, NULL) >= 0 &&
               H5Pset_virtual(list, space, s->file, "/panel/power_w", from) >= 0;
        H5Sclose(from);
    }
    H5Sselect_all(space);
    hid_t set =
        done ? H5Dcreate2(group, "power_w", H5T_STD_I16LE, space, H5P_DEFAULT, list, H5P_DEFAULT) : -1;
    done = set >= 0 && dcl_panel_put_facts(set, about->start_us, about->period_us) &&
           (!(about->scale_w > 0) || dcl_store_put_real(set, "scale_w", about->scale_w));
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Sclose(space);
    return done;
}

static char *make_image(const dcl_panel_about *about, const names *of, size_t *n) {
    dcl_store_image out = {0};
    hid_t file = dcl_store_create(&out);
    hid_t group = file >= 0 ? dcl_store_make_group(file, "panel") : -1;
    bool done = group >= 0 && dcl_store_put_integer(file, "declic_panel", DCL_PANEL_VERSION) &&
                dcl_store_put_integer(file, "period_us", about->period_us) && put_virtual(group, about) &&
                dcl_panel_put_ids(group, (const char(*)[64])of->id, about->n_homes) &&
                (!of->any_kind || dcl_panel_put_kinds(group, of->kind, about->n_homes)) &&
                dcl_panel_put_shards(group, about->shard, about->n_shards);
    if (group >= 0) H5Gclose(group);
    if (file >= 0 && H5Fclose(file) < 0) done = false;
    *n = done ? dcl_store_length(&out) : 0;
    if (*n) return (char *)out.bytes;
    free(out.bytes);
    return NULL;
}

/* Shards of the panel that was there and is no more. */
static void remove_old(const char *path, const dcl_panel_shard *old, size_t n_old,
                       const dcl_panel_shard *kept, size_t n_kept) {
    for (size_t i = 0; i < n_old; i++) {
        bool stays = !strstr(old[i].file, ".shard.h5"); /* never a file of another name */
        for (size_t k = 0; !stays && k < n_kept; k++) stays = strcmp(old[i].file, kept[k].file) == 0;
        char *file = stays ? NULL : dcl_panel_beside(path, old[i].file);
        if (file) (void)unlink(file);
        free(file);
    }
}

dcl_status dcl_panel_index_write(const dcl_context *context, const char *path, int64_t period_us,
                                 const dcl_panel_shard *shards, size_t n_shards, dcl_error *error) {
    (void)context;
    dcl_panel_about about = {0};
    const char *wrong = dcl_panel_lay_out(shards, n_shards, period_us, &about);
    if (wrong) return dcl_fail_file(error, DCL_E_ARG, path, "a panel cannot be: %s", wrong);
    names of = {0};
    dcl_index old_index = {0};
    size_t n = 0;
    dcl_silence old = dcl_silence_begin();
    dcl_status status = gather_names(&of, path, &about, error);
    if (!status && dcl_index_read(path, &old_index, NULL)) old_index = (dcl_index){0};
    char *bytes = status ? NULL : make_image(&about, &of, &n);
    dcl_silence_end(old);
    if (!status && !bytes)
        status = dcl_fail_file(error, DCL_E_MEMORY, path, "the panel's index could not be built in memory");
    if (!status) status = dcl_file_write(path, bytes, n, error);
    if (!status) remove_old(path, old_index.shard, old_index.about.n_shards, shards, n_shards);
    dcl_index_free(&old_index);
    free(bytes);
    names_free(&of);
    return status;
}

/* ---------------------------------------------------------------- opening */

static dcl_status fail_index(const char *path, const char *what, dcl_error *error) {
    return dcl_fail_file(error, DCL_E_FORMAT, path, "the index of a panel: %s", what);
}

/* How many items a list has; 0 where it is none or too long to be. */
static size_t count_of(hid_t file, const char *name) {
    hsize_t dims[2];
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    int n = dcl_panel_extents(set, dims);
    if (set >= 0) H5Dclose(set);
    return n == 1 && dims[0] <= DCL_PANEL_HOMES_MAX ? (size_t)dims[0] : 0;
}

static dcl_status read_lists(hid_t file, const char *path, dcl_index *out, dcl_error *error) {
    size_t n_shards = count_of(file, "/panel/shards"), n_homes = count_of(file, "/panel/home");
    int64_t period_us = 0;
    hsize_t length = 0;
    /* The virtual set is not opened: HDF5 1.10 ends the program over a damaged one. The shards tell its extents. */
    bool told = dcl_store_get_integer(file, "period_us", &period_us);
    /* Blosc packs at most some 250 to 1: longer lists are not in the file. */
    if (!told || !n_shards || !n_homes || H5Fget_filesize(file, &length) < 0 || n_homes > length * 16 ||
        n_shards > length * 16)
        return fail_index(path, "damaged", error);
    out->shard = calloc(n_shards, sizeof *out->shard);
    out->id = calloc(n_homes, sizeof *out->id);
    out->kind = calloc(n_homes, 1);
    if (!out->shard || !out->id || !out->kind) return dcl_fail_memory(error, path);
    if (!dcl_panel_get_shards(file, out->shard, n_shards) || !dcl_panel_get_ids(file, out->id, n_homes))
        return fail_index(path, "damaged", error);
    const char *wrong = dcl_panel_lay_out(out->shard, n_shards, period_us, &out->about);
    if (wrong) return fail_index(path, wrong, error);
    if (out->about.n_homes != n_homes) return fail_index(path, "its lists do not fit each other", error);
    out->about.id = (const char(*)[64])out->id;
    if (H5Lexists(file, "/panel/kind", H5P_DEFAULT) <= 0) return DCL_OK;
    out->about.kind = out->kind;
    return dcl_panel_get_kinds(file, out->kind, n_homes) ? DCL_OK : fail_index(path, "damaged", error);
}

static dcl_status fail_no_panel(const char *path, dcl_error *error) {
    return dcl_fail_file(
        error, DCL_E_FORMAT, path,
        "no panel of homes: declic import DATA -o PANEL.h5 makes one of an input of many homes");
}

dcl_status dcl_index_read(const char *path, dcl_index *out, dcl_error *error) {
    *out = (dcl_index){0};
    if (access(path, R_OK) == 0 && !dcl_is_hdf5(path)) return fail_no_panel(path, error);
    hid_t file = dcl_panel_open_file(path, "the index of a panel", error);
    if (file < 0) return error ? error->code : DCL_E_FORMAT;
    int64_t version = 0;
    dcl_status status = DCL_OK;
    if (!dcl_store_get_integer(file, "declic_panel", &version))
        status = fail_no_panel(path, error);
    else if (version != DCL_PANEL_VERSION)
        status = dcl_fail_file(error, DCL_E_UNSUPPORTED, path,
                               "a panel of version %lld, of a newer program: this one reads version %d",
                               (long long)version, DCL_PANEL_VERSION);
    else
        status = read_lists(file, path, out, error);
    H5Fclose(file);
    if (status) dcl_index_free(out);
    return status;
}

void dcl_index_free(dcl_index *index) {
    free(index->shard);
    free(index->id);
    free(index->kind);
    *index = (dcl_index){0};
}
