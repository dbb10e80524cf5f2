/*
 * The home store: an HDF5 file that h5py and other programs read.
 *
 *   /                        attribute  declic_store = 1
 *   /home/<id>               attributes format, zone, reading_us, readings, notes, subscribed_kva, excluded_<reason>
 *   /home/<id>/<channel>     float32 [n], NaN = missing; attributes start_us, period_us, unit, channel
 *   /home/<id>/truth/<name>  the same for a part of the home
 *   /home/<id>/va_maxima     {int64 time_us, float32 apparent_va} [n]
 *
 * A file is made in memory and written whole: HDF5 itself cannot be trusted to notice a full disk in time.
 */
#include "series/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "series/filter.h"

enum { CHUNK = 1 << 16 };

bool dcl_store_put_real(hid_t object, const char *name, double value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return done;
}

bool dcl_store_put_text(hid_t object, const char *name, const char *value) {
    hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(value) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
    return done;
}

/* Chunks of items of `size` bytes, compressed by blosc (lz4, bytes shuffled) or deflate, then checksummed. */
static hid_t packed_layout(hsize_t n, size_t size, bool deflate) {
    hsize_t chunk = n < CHUNK ? n : CHUNK;
    /* Versions of the filter and of blosc, item, chunk, level, shuffle, lz4. */
    const unsigned blosc[] = {2, 2, (unsigned)size, (unsigned)(chunk * size), 5, 1, 1};
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    H5Pset_chunk(list, 1, &chunk);
    if (!deflate && H5Zfilter_avail(DCL_BLOSC_ID) > 0) {
        H5Pset_filter(list, DCL_BLOSC_ID, H5Z_FLAG_OPTIONAL, sizeof blosc / sizeof *blosc, blosc);
    } else {
        H5Pset_shuffle(list);
        H5Pset_deflate(list, 4);
    }
    H5Pset_fletcher32(list);
    return list;
}

static bool write_series(hid_t group, const char *name, const dcl_series *series, bool deflate) {
    hsize_t n = series->n;
    hid_t space = H5Screate_simple(1, &n, NULL), list = packed_layout(n, sizeof(float), deflate);
    hid_t set = H5Dcreate2(group, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool done = set >= 0 &&
                H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, series->value) >= 0 &&
                dcl_store_put_integer(set, "start_us", series->start_us) &&
                dcl_store_put_integer(set, "period_us", series->period_us) &&
                dcl_store_put_integer(set, "reading_us", series->reading_us) &&
                dcl_store_put_text(set, "unit", dcl_channel_unit(series->channel)) &&
                dcl_store_put_text(set, "channel", dcl_channel_name(series->channel));
    if (set >= 0 && H5Dclose(set) < 0) done = false; /* chunks are compressed only now */
    H5Pclose(list);
    H5Sclose(space);
    return done;
}

static bool write_maxima(hid_t group, const dcl_home *home, bool deflate) {
    if (!home->n_va_maxima) return true;
    hsize_t n = home->n_va_maxima;
    hid_t space = H5Screate_simple(1, &n, NULL), type = dcl_store_maximum_type(), packed = H5Tcopy(type);
    hid_t list = packed_layout(n, sizeof(int64_t) + sizeof(float), deflate);
    H5Tpack(packed);
    hid_t set = H5Dcreate2(group, "va_maxima", packed, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool done = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, home->va_maxima) >= 0;
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Tclose(packed);
    H5Tclose(type);
    H5Sclose(space);
    return done;
}

static bool write_facts(hid_t group, const dcl_home *home) {
    char notes[512] = "";
    for (unsigned i = 0; i < DCL_NOTE_COUNT; i++)
        if (home->notes >> i & 1)
            snprintf(notes + strlen(notes), sizeof notes - strlen(notes), "%s%s", *notes ? "," : "",
                     dcl_note_name((dcl_note)i));
    bool done = dcl_store_put_text(group, "format", home->format) &&
                dcl_store_put_text(group, "zone", home->zone) && dcl_store_put_text(group, "notes", notes) &&
                dcl_store_put_integer(group, "reading_us", home->reading_us) &&
                dcl_store_put_integer(group, "readings", (int64_t)home->readings);
    if (done && !isnan(home->subscribed_kva))
        done = dcl_store_put_real(group, "subscribed_kva", home->subscribed_kva);
    for (unsigned i = 0; done && i < DCL_EXCLUSION_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "excluded_%s", dcl_exclusion_name((dcl_exclusion)i));
        if (home->excluded[i].count)
            done = dcl_store_put_integer(group, name, (int64_t)home->excluded[i].count);
    }
    return done;
}

/* What kind of household it is: its number, and its name as an attribute. */
static bool write_kind(hid_t truth, dcl_household kind) {
    if (kind == DCL_HOUSEHOLD_UNKNOWN) return true;
    uint8_t number = (uint8_t)kind;
    hid_t space = H5Screate(H5S_SCALAR), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    hid_t set = H5Dcreate2(truth, "kind", H5T_STD_U8LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool done = set >= 0 && H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, &number) >= 0 &&
                dcl_store_put_text(set, "name", dcl_household_name(kind));
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Sclose(space);
    return done;
}

/* One use of an appliance as it lies in the file. */
typedef struct cycle_row {
    int64_t start_us, end_us;
    double energy_wh;
    char appliance[24];
} cycle_row;

static hid_t cycle_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(cycle_row)), name = H5Tcopy(H5T_C_S1);
    H5Tset_size(name, sizeof((cycle_row *)NULL)->appliance);
    H5Tinsert(type, "start_us", HOFFSET(cycle_row, start_us), H5T_NATIVE_INT64);
    H5Tinsert(type, "end_us", HOFFSET(cycle_row, end_us), H5T_NATIVE_INT64);
    H5Tinsert(type, "energy_wh", HOFFSET(cycle_row, energy_wh), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "appliance", HOFFSET(cycle_row, appliance), name);
    H5Tclose(name);
    return type;
}

static bool write_cycles(hid_t truth, const dcl_home *home, bool deflate) {
    if (!home->n_cycles) return true;
    cycle_row *row = calloc(home->n_cycles, sizeof *row);
    if (!row) return false;
    for (size_t i = 0; i < home->n_cycles; i++) {
        const dcl_true_cycle *cycle = &home->cycle[i];
        row[i] =
            (cycle_row){.start_us = cycle->start_us, .end_us = cycle->end_us, .energy_wh = cycle->energy_wh};
        snprintf(row[i].appliance, sizeof row[i].appliance, "%s", dcl_appliance_name(cycle->kind));
    }
    hsize_t n = home->n_cycles;
    hid_t space = H5Screate_simple(1, &n, NULL), type = cycle_type(),
          list = packed_layout(n, sizeof *row, deflate);
    hid_t set = H5Dcreate2(truth, "cycles", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool done = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, row) >= 0;
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Tclose(type);
    H5Sclose(space);
    free(row);
    return done;
}

static bool write_home(hid_t homes, const dcl_home *home, bool deflate) {
    hid_t group = dcl_store_make_group(homes, home->id);
    bool done = group >= 0 && write_facts(group, home) && write_maxima(group, home, deflate);
    for (size_t i = 0; done && i < home->n_series; i++)
        done = write_series(group, dcl_channel_name(home->series[i].channel), &home->series[i], deflate);
    if (done && home->n_truth) {
        hid_t truth = dcl_store_make_group(group, "truth");
        for (size_t i = 0; done && i < home->n_truth; i++)
            done = write_series(truth, home->truth_name[i], &home->truth[i], deflate);
        if (done) done = write_kind(truth, home->household) && write_cycles(truth, home, deflate);
        if (truth >= 0) H5Gclose(truth);
    }
    if (group >= 0) H5Gclose(group);
    return done;
}

bool dcl_store_begin(dcl_store_builder *store) {
    store->file = dcl_store_create(&store->image);
    store->group = store->file >= 0 ? dcl_store_make_group(store->file, "home") : -1;
    return store->group >= 0 && dcl_store_put_integer(store->file, "declic_store", DCL_STORE_VERSION);
}

bool dcl_store_add(dcl_store_builder *store, const dcl_home *home, bool deflate) {
    return write_home(store->group, home, deflate);
}

unsigned char *dcl_store_end(dcl_store_builder *store, bool done, size_t *n) {
    if (store->group >= 0) H5Gclose(store->group);
    if (store->file >= 0 && H5Fclose(store->file) < 0) done = false;
    *n = done ? dcl_store_length(&store->image) : 0;
    if (*n) return store->image.bytes;
    free(store->image.bytes);
    return NULL;
}

/* The whole file as bytes, malloc'd; NULL when something failed. */
static char *make_image(const dcl_home *homes, size_t n_homes, bool deflate, size_t *n) {
    dcl_store_builder store = {0};
    bool done = dcl_store_begin(&store);
    for (size_t i = 0; done && i < n_homes; i++) done = dcl_store_add(&store, &homes[i], deflate);
    return (char *)dcl_store_end(&store, done, n);
}

static int by_id(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static dcl_status check_names(const dcl_home *homes, size_t n_homes, dcl_error *error) {
    const char **ids = malloc((n_homes ? n_homes : 1) * sizeof *ids);
    if (!ids) return dcl_fail_memory(error, "the names of homes");
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n_homes; i++) {
        ids[i] = homes[i].id;
        if (!dcl_home_is_name(homes[i].id))
            status =
                dcl_fail(error, DCL_E_ARG, "a home's id must be a name without / and no meter's address");
        for (size_t k = 0; !status && k < homes[i].n_truth; k++)
            if (!dcl_home_is_name(homes[i].truth_name[k]))
                status = dcl_fail(error, DCL_E_ARG,
                                  "a part's name must be a name without / and no meter's address");
    }
    if (!status) qsort(ids, n_homes, sizeof *ids, by_id);
    for (size_t i = 1; !status && i < n_homes; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0)
            status = dcl_fail(error, DCL_E_ARG, "two homes have the id \"%s\"", ids[i]);
    free(ids);
    return status;
}

dcl_status dcl_store_write(const dcl_context *context, const char *path, const dcl_home *homes,
                           size_t n_homes, const dcl_store_options *options, dcl_error *error) {
    (void)context;
    dcl_status checked = check_names(homes, n_homes, error);
    if (checked) return checked;
    size_t n = 0;
    dcl_silence old = dcl_silence_begin();
    char *bytes = make_image(homes, n_homes, options && options->deflate, &n);
    dcl_silence_end(old);
    if (!bytes) return dcl_fail_file(error, DCL_E_MEMORY, path, "the store could not be built in memory");
    dcl_status status = dcl_file_write(path, bytes, n, error);
    free(bytes);
    return status;
}
