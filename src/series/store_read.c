/* Reading the home store; its layout stands in store_write.c. */
#include "series/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define SAMPLES_MAX ((hsize_t)1 << 33)

bool dcl_store_get_integer(hid_t object, const char *name, int64_t *value) {
    if (H5Aexists(object, name) <= 0) return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
    bool done = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                H5Tget_class(type) == H5T_INTEGER && H5Aread(attribute, H5T_NATIVE_INT64, value) >= 0;
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (attribute >= 0) H5Aclose(attribute);
    return done;
}

bool dcl_store_get_real(hid_t object, const char *name, double *value) {
    if (H5Aexists(object, name) <= 0) return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
    bool done = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                H5Tget_class(type) == H5T_FLOAT && H5Aread(attribute, H5T_NATIVE_DOUBLE, value) >= 0;
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (attribute >= 0) H5Aclose(attribute);
    return done;
}

void dcl_store_get_text(hid_t object, const char *name, char *out, size_t room) {
    out[0] = '\0';
    if (H5Aexists(object, name) <= 0) return;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    size_t size =
        type >= 0 && H5Tget_class(type) == H5T_STRING && !H5Tis_variable_str(type) ? H5Tget_size(type) : 0;
    char *bytes =
        size && size < 65536 && H5Sget_simple_extent_npoints(space) == 1 ? calloc(1, size + 1) : NULL;
    if (bytes && H5Aread(attribute, type, bytes) >= 0) snprintf(out, room, "%s", bytes);
    free(bytes);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
}

/* Where in the file reading is, for errors. */
typedef struct reader {
    const char *path;
    dcl_arena *arena;
    dcl_home *home;
    dcl_error *error;
    dcl_status status;
    bool into_truth;
} reader;

static dcl_status fail_object(reader *r, const char *name, const char *what) {
    r->status = dcl_fail_file(r->error, DCL_E_FORMAT, r->path, "in the store, %s%s: %s",
                              r->into_truth ? "truth/" : "", name, what);
    return r->status;
}

/* The length of a one-dimensional set, 0 when it is none. */
static hsize_t length_of(hid_t set) {
    hid_t space = H5Dget_space(set);
    hsize_t n = 0;
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == 1) H5Sget_simple_extent_dims(space, &n, NULL);
    if (space >= 0) H5Sclose(space);
    return n;
}

static dcl_status read_series(reader *r, hid_t set, const char *name, dcl_channel channel, dcl_series *out) {
    hsize_t n = length_of(set);
    hid_t type = H5Dget_type(set);
    bool is_float = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
    if (type >= 0) H5Tclose(type);
    *out = (dcl_series){.channel = channel, .n = (size_t)n};
    if (!n || n > SAMPLES_MAX || !is_float)
        return fail_object(r, name, "expected a list of floating-point numbers");
    if (!dcl_store_get_integer(set, "start_us", &out->start_us) ||
        !dcl_store_get_integer(set, "period_us", &out->period_us))
        return fail_object(r, name, "the attributes start_us and period_us are missing");
    if (out->period_us <= 0 || out->period_us > 366 * DCL_DAY_US || out->start_us > INT64_MAX / 4 ||
        out->start_us < INT64_MIN / 4 || (int64_t)n > INT64_MAX / 4 / out->period_us)
        return fail_object(r, name, "start_us or period_us is out of range");
    if (!dcl_store_get_integer(set, "reading_us", &out->reading_us) || out->reading_us < 0)
        out->reading_us = 0;
    out->value = dcl_arena_alloc(r->arena, out->n, sizeof *out->value);
    if (!out->value) return r->status = dcl_fail_memory(r->error, name);
    if (H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out->value) < 0)
        return fail_object(
            r, name, "its values cannot be read: damaged, or compressed by a filter that is not installed");
    return DCL_OK;
}

static dcl_status read_maxima(reader *r, hid_t set) {
    hsize_t n = length_of(set);
    if (!n || n > SAMPLES_MAX) return fail_object(r, "va_maxima", "expected a list");
    r->home->va_maxima = dcl_arena_alloc(r->arena, (size_t)n, sizeof *r->home->va_maxima);
    if (!r->home->va_maxima) return r->status = dcl_fail_memory(r->error, "maxima");
    hid_t type = dcl_store_maximum_type();
    bool done = H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, r->home->va_maxima) >= 0;
    H5Tclose(type);
    if (!done) return fail_object(r, "va_maxima", "cannot be read");
    r->home->n_va_maxima = (size_t)n;
    return DCL_OK;
}

static dcl_channel channel_of(hid_t set, const char *name) {
    char text[32];
    dcl_store_get_text(set, "channel", text, sizeof text);
    return dcl_channel_find(*text ? text : name);
}

/* One entry of a home's group (or of its truth); what is not ours is passed over. */
static herr_t read_entry(hid_t group, const char *name, const H5L_info_t *info, void *arg) {
    (void)info;
    reader *r = arg;
    H5O_info_t about;
    if (H5Oget_info_by_name(group, name, &about, H5P_DEFAULT) < 0) return fail_object(r, name, "damaged"), -1;
    if (about.type != H5O_TYPE_DATASET) return 0;
    hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
    if (set < 0) return fail_object(r, name, "cannot be opened"), -1;
    dcl_channel channel = channel_of(set, name);
    if (!r->into_truth && strcmp(name, "va_maxima") == 0) {
        read_maxima(r, set);
    } else if (r->into_truth && channel != DCL_CHANNEL_COUNT) {
        dcl_home *home = r->home;
        snprintf(home->truth_name[home->n_truth], sizeof *home->truth_name, "%s", name);
        if (!read_series(r, set, name, channel, &home->truth[home->n_truth])) home->n_truth++;
    } else if (!r->into_truth && channel != DCL_CHANNEL_COUNT && r->home->n_series < DCL_CHANNEL_COUNT) {
        if (!read_series(r, set, name, channel, &r->home->series[r->home->n_series])) r->home->n_series++;
    }
    H5Dclose(set);
    return r->status ? -1 : 0;
}

static int by_channel(const void *a, const void *b) {
    return (int)((const dcl_series *)a)->channel - (int)((const dcl_series *)b)->channel;
}

static void read_facts(hid_t group, dcl_home *home) {
    char notes[512];
    int64_t value = 0;
    dcl_store_get_text(group, "format", home->format, sizeof home->format);
    dcl_store_get_text(group, "zone", home->zone, sizeof home->zone);
    dcl_store_get_text(group, "notes", notes, sizeof notes);
    if (dcl_store_get_integer(group, "reading_us", &value) && value > 0) home->reading_us = value;
    if (dcl_store_get_integer(group, "readings", &value) && value > 0) home->readings = (uint64_t)value;
    if (!dcl_store_get_real(group, "subscribed_kva", &home->subscribed_kva)) home->subscribed_kva = NAN;
    for (char *word = notes; *word;) {
        size_t n = strcspn(word, ",");
        for (unsigned i = 0; i < DCL_NOTE_COUNT; i++)
            if (strlen(dcl_note_name((dcl_note)i)) == n && memcmp(word, dcl_note_name((dcl_note)i), n) == 0)
                home->notes |= 1U << i;
        word += n + (word[n] == ',');
    }
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "excluded_%s", dcl_exclusion_name((dcl_exclusion)i));
        if (dcl_store_get_integer(group, name, &value) && value > 0)
            home->excluded[i] = (dcl_excluded){.count = (uint64_t)value, .first = {0, -1}};
    }
}

static dcl_status read_truth(reader *r, hid_t group) {
    htri_t there = H5Lexists(group, "truth", H5P_DEFAULT);
    if (there == 0) return DCL_OK;
    if (there < 0) return fail_object(r, "truth", "damaged");
    hid_t truth = H5Gopen2(group, "truth", H5P_DEFAULT);
    H5G_info_t info;
    if (truth < 0 || H5Gget_info(truth, &info) < 0 || info.nlinks > 1 << 20) {
        if (truth >= 0) H5Gclose(truth);
        return fail_object(r, "truth", "cannot be opened");
    }
    r->home->truth = dcl_arena_alloc(r->arena, (size_t)info.nlinks, sizeof *r->home->truth);
    r->home->truth_name = dcl_arena_alloc(r->arena, (size_t)info.nlinks, sizeof *r->home->truth_name);
    r->into_truth = true;
    if (!r->home->truth || !r->home->truth_name)
        r->status = dcl_fail_memory(r->error, "the truth");
    else if (H5Literate(truth, H5_INDEX_NAME, H5_ITER_INC, NULL, read_entry, r) < 0 && !r->status)
        fail_object(r, "", "damaged");
    H5Gclose(truth);
    return r->status;
}

static dcl_status read_home(const char *path, hid_t homes, const char *id, bool with_truth, dcl_arena *arena,
                            dcl_home *out, dcl_error *error) {
    *out = (dcl_home){.subscribed_kva = NAN};
    if (!dcl_home_is_name(id) || H5Lexists(homes, id, H5P_DEFAULT) <= 0)
        return dcl_fail_file(error, DCL_E_NOT_FOUND, path, "no home \"%s\" in this store", id);
    hid_t group = H5Gopen2(homes, id, H5P_DEFAULT);
    if (group < 0) return dcl_fail_file(error, DCL_E_FORMAT, path, "home \"%s\" is damaged", id);
    reader r = {.path = path, .arena = arena, .home = out, .error = error};
    snprintf(out->id, sizeof out->id, "%s", id);
    out->series = dcl_arena_alloc(arena, DCL_CHANNEL_COUNT, sizeof *out->series);
    if (!out->series) {
        H5Gclose(group);
        return dcl_fail_memory(error, "a home");
    }
    read_facts(group, out);
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, read_entry, &r) < 0 && !r.status)
        fail_object(&r, id, "damaged");
    if (!r.status && with_truth) read_truth(&r, group);
    H5Gclose(group);
    if (r.status) return r.status;
    if (!out->n_series && !out->n_va_maxima)
        return dcl_fail_file(error, DCL_E_NO_DATA, path, "home \"%s\" is empty", id);
    qsort(out->series, out->n_series, sizeof *out->series, by_channel);
    return DCL_OK;
}

static dcl_status open_store(const char *path, hid_t *file, hid_t *homes, dcl_error *error) {
    *homes = -1;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG); /* what a damaged file leaves open goes with it */
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (*file < 0) {
        FILE *plain = fopen(path, "rb");
        if (!plain) return dcl_fail_file(error, DCL_E_NOT_FOUND, path, "cannot be opened");
        fclose(plain);
        return dcl_fail_file(error, DCL_E_FORMAT, path,
                             "HDF5 cannot open it: no HDF5 file, or damaged or cut");
    }
    if (H5Lexists(*file, "home", H5P_DEFAULT) > 0) *homes = H5Gopen2(*file, "home", H5P_DEFAULT);
    if (*homes >= 0) return DCL_OK;
    H5Fclose(*file);
    return dcl_fail_file(error, DCL_E_FORMAT, path, "an HDF5 file, but not a store: it has no group /home");
}

static herr_t first_name(hid_t group, const char *name, const H5L_info_t *info, void *arg) {
    (void)group;
    (void)info;
    snprintf(arg, 64, "%s", name);
    return 1;
}

static dcl_status read_store(const char *path, const char *id, bool with_truth, dcl_arena *arena,
                             dcl_home *out, dcl_error *error) {
    dcl_silence old = dcl_silence_begin();
    hid_t file, homes;
    dcl_status status = open_store(path, &file, &homes, error);
    if (!status) {
        char first[64] = "";
        if (!id) H5Literate(homes, H5_INDEX_NAME, H5_ITER_INC, NULL, first_name, first);
        if (!id && !*first)
            status = dcl_fail_file(error, DCL_E_NO_DATA, path, "the store holds no home");
        else
            status = read_home(path, homes, id ? id : first, with_truth, arena, out, error);
        H5Gclose(homes);
        H5Fclose(file);
    }
    dcl_silence_end(old);
    return status;
}

dcl_status dcl_store_read(const char *path, const char *id, dcl_arena *arena, dcl_home *out,
                          dcl_error *error) {
    return read_store(path, id, true, arena, out, error);
}

dcl_status dcl_store_read_channels(const char *path, const char *id, dcl_arena *arena, dcl_home *out,
                                   dcl_error *error) {
    return read_store(path, id, false, arena, out, error);
}

typedef struct names {
    dcl_arena *arena;
    char **id;
    size_t n, room;
    bool failed;  /* no memory */
    bool address; /* a home is called by its meter's address */
} names;

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *arg) {
    (void)group;
    (void)info;
    names *list = arg;
    if (list->n == list->room) return -1;
    if (!dcl_home_is_name(name)) {
        list->address = true;
        return -1;
    }
    list->id[list->n] = dcl_arena_strdup(list->arena, name);
    list->failed = !list->id[list->n];
    return list->failed ? -1 : (list->n++, 0);
}

dcl_status dcl_store_list(const char *path, dcl_arena *arena, char ***ids, size_t *n, dcl_error *error) {
    *ids = NULL;
    *n = 0;
    dcl_silence old = dcl_silence_begin();
    hid_t file, homes;
    dcl_status status = open_store(path, &file, &homes, error);
    if (!status) {
        H5G_info_t info = {0};
        names list = {.arena = arena};
        if (H5Gget_info(homes, &info) >= 0 && info.nlinks <= (hsize_t)1 << 30)
            list.room = (size_t)info.nlinks;
        list.id = dcl_arena_alloc(arena, list.room, sizeof *list.id);
        herr_t done = list.id ? H5Literate(homes, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &list) : -1;
        if (!list.id || list.failed)
            status = dcl_fail_memory(error, "the list of homes");
        else if (list.address)
            status =
                dcl_fail_file(error, DCL_E_FORMAT, path,
                              "a home is called by what may be a meter's address: such a store is not read");
        else if (done < 0)
            status = dcl_fail_file(error, DCL_E_FORMAT, path, "the list of homes cannot be read");
        *ids = list.id;
        *n = list.n;
        H5Gclose(homes);
        H5Fclose(file);
    }
    dcl_silence_end(old);
    return status;
}
