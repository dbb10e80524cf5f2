/* Named arrays in an HDF5 file, written whole and read with every length checked before memory is taken for it. */
#include "series/arrays.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "series/filter.h"
#include "series/panel_file.h"
#include "series/store.h"

enum { TEXT_BYTES = 64, CHUNK_BYTES = 1 << 18 };

static hid_t type_of(dcl_array_type type) {
    if (type == DCL_ARRAY_TEXT) {
        hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, TEXT_BYTES);
        H5Tset_cset(text, H5T_CSET_UTF8);
        return text;
    }
    return H5Tcopy(type == DCL_ARRAY_F32   ? H5T_IEEE_F32LE
                   : type == DCL_ARRAY_F64 ? H5T_IEEE_F64LE
                   : type == DCL_ARRAY_I32 ? H5T_STD_I32LE
                                           : H5T_STD_U8LE);
}

static size_t size_of(dcl_array_type type) {
    static const size_t sizes[] = {[DCL_ARRAY_F32] = 4,
                                   [DCL_ARRAY_F64] = 8,
                                   [DCL_ARRAY_I32] = 4,
                                   [DCL_ARRAY_U8] = 1,
                                   [DCL_ARRAY_TEXT] = TEXT_BYTES};
    return sizes[type];
}

/* ---------------------------------------------------------------- writing */

/* Chunks of whole rows, some 256 KiB; an empty array has no chunks to pack. */
static hid_t layout_of(const dcl_array *array, int n_dims, const hsize_t *dims) {
    size_t size = size_of(array->type), row = size * (n_dims == 2 ? (size_t)dims[1] : 1);
    hsize_t rows = row < CHUNK_BYTES ? CHUNK_BYTES / row : 1,
            chunk[2] = {rows < dims[0] ? rows : dims[0], n_dims == 2 ? dims[1] : 1};
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    if (!dims[0] || (n_dims == 2 && !dims[1])) return list;
    const unsigned blosc[] = {2, 2, (unsigned)size, (unsigned)(chunk[0] * row), 5, 1, 1};
    H5Pset_chunk(list, n_dims, chunk);
    H5Pset_filter(list, DCL_BLOSC_ID, H5Z_FLAG_OPTIONAL, sizeof blosc / sizeof *blosc, blosc);
    H5Pset_fletcher32(list);
    return list;
}

static bool put_array(hid_t file, const dcl_array *array) {
    const char *slash = strchr(array->name, '/');
    char group_name[64] = "";
    if (!slash || (size_t)(slash - array->name) >= sizeof group_name || !dcl_store_is_name(slash + 1))
        return false;
    memcpy(group_name, array->name, (size_t)(slash - array->name));
    hid_t group = H5Lexists(file, group_name, H5P_DEFAULT) > 0 ? H5Gopen2(file, group_name, H5P_DEFAULT)
                                                               : dcl_store_make_group(file, group_name);
    int n_dims = array->columns ? 2 : 1;
    hsize_t dims[2] = {array->rows, array->columns};
    hid_t type = type_of(array->type), space = H5Screate_simple(n_dims, dims, NULL),
          list = layout_of(array, n_dims, dims);
    hid_t set = group >= 0 ? H5Dcreate2(group, slash + 1, type, space, H5P_DEFAULT, list, H5P_DEFAULT) : -1;
    bool done = set >= 0 &&
                (!array->rows || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values) >= 0) &&
                (!array->unit || dcl_store_put_text(set, "unit", array->unit));
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Sclose(space);
    H5Tclose(type);
    if (group >= 0) H5Gclose(group);
    return done;
}

static bool put_fact(hid_t file, const dcl_array_fact *fact) {
    return fact->text ? dcl_store_put_text(file, fact->name, fact->text)
                      : dcl_store_put_real(file, fact->name, fact->number);
}

dcl_status dcl_arrays_write(const char *path, const char *kind, int version, const dcl_array *arrays,
                            size_t n, const dcl_array_fact *facts, size_t n_facts, dcl_error *error) {
    dcl_store_image image = {0};
    dcl_silence old = dcl_silence_begin();
    hid_t file = dcl_store_create(&image);
    bool done = file >= 0 && dcl_store_put_integer(file, kind, version);
    for (size_t i = 0; done && i < n_facts; i++) done = put_fact(file, &facts[i]);
    for (size_t i = 0; done && i < n; i++) done = put_array(file, &arrays[i]);
    if (file >= 0 && H5Fclose(file) < 0) done = false;
    dcl_silence_end(old);
    size_t length = done ? dcl_store_length(&image) : 0;
    dcl_status status =
        length ? dcl_file_write(path, (const char *)image.bytes, length, error)
               : dcl_fail_file(error, DCL_E_MEMORY, path, "the file could not be built in memory");
    free(image.bytes);
    return status;
}

/* ---------------------------------------------------------------- reading */

struct dcl_arrays {
    hid_t file;
    hsize_t length;
    char *path;
};

static hid_t open_kind(const char *path, const char *kind, int version, dcl_error *error) {
    hid_t file = dcl_panel_open_file(path, "the file", error);
    if (file < 0) return -1;
    int64_t found = 0;
    if (!dcl_store_get_integer(file, kind, &found))
        dcl_fail_file(error, DCL_E_FORMAT, path,
                      "an HDF5 file, but without the attribute %s that tells what it is", kind);
    else if (found != version)
        dcl_fail_file(error, DCL_E_UNSUPPORTED, path,
                      "%s of version %lld, of a newer program: this one reads version %d", kind,
                      (long long)found, version);
    else
        return file;
    H5Fclose(file);
    return -1;
}

dcl_status dcl_arrays_open(const char *path, const char *kind, int version, dcl_arrays **out,
                           dcl_error *error) {
    dcl_error own;
    if (!error) error = &own;
    *out = NULL;
    *error = (dcl_error){.pos = {0, -1}};
    dcl_arrays *made = calloc(1, sizeof *made);
    if (!made || !(made->path = strdup(path))) {
        free(made);
        return dcl_fail_memory(error, path);
    }
    dcl_silence old = dcl_silence_begin();
    made->file = open_kind(path, kind, version, error);
    if (made->file >= 0 && H5Fget_filesize(made->file, &made->length) < 0) made->length = 0;
    dcl_silence_end(old);
    *out = made;
    if (made->file >= 0) return DCL_OK;
    dcl_arrays_close(out);
    return error->code;
}

void dcl_arrays_close(dcl_arrays **file) {
    if (!*file) return;
    dcl_silence old = dcl_silence_begin();
    if ((*file)->file >= 0) H5Fclose((*file)->file);
    dcl_silence_end(old);
    free((*file)->path);
    free(*file);
    *file = NULL;
}

bool dcl_arrays_is(const char *path, const char *kind) {
    dcl_silence old = dcl_silence_begin();
    int64_t version = 0;
    bool is = H5Fis_hdf5(path) > 0;
    hid_t file = is ? H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT) : -1;
    is = file >= 0 && dcl_store_get_integer(file, kind, &version);
    if (file >= 0) H5Fclose(file);
    dcl_silence_end(old);
    return is;
}

/* Whether what is stored can be read as the type: HDF5 would turn numbers of any kind into each other. */
static bool is_of(hid_t set, dcl_array_type type) {
    hid_t stored = H5Dget_type(set), want = type_of(type);
    bool same = stored >= 0 && (type == DCL_ARRAY_TEXT
                                    ? H5Tget_class(stored) == H5T_STRING && H5Tis_variable_str(stored) == 0 &&
                                          H5Tget_size(stored) == TEXT_BYTES
                                    : H5Tequal(stored, want) > 0);
    if (stored >= 0) H5Tclose(stored);
    H5Tclose(want);
    return same;
}

/* The extents, where they are those wanted and not beyond what a file of that length can hold (blosc packs some 250 to 1). */
static const char *read_extents(const dcl_arrays *file, hid_t set, size_t size, size_t *rows,
                                size_t *columns) {
    hsize_t dims[2] = {0, 0};
    int n_dims = dcl_panel_extents(set, dims);
    if (n_dims < 1) return "is no list or table";
    if (n_dims == 1) dims[1] = 0;
    hsize_t wide = dims[1] ? dims[1] : 1;
    if (dims[0] > file->length * 1024 / size / wide) return "is longer than the file can hold";
    if ((*rows != SIZE_MAX && *rows != dims[0]) || (*columns != SIZE_MAX && *columns != dims[1]))
        return "has another length than the rest of the file says";
    *rows = (size_t)dims[0];
    *columns = (size_t)dims[1];
    return NULL;
}

dcl_status dcl_arrays_get(const dcl_arrays *file, const char *name, dcl_array_type type, size_t *rows,
                          size_t *columns, dcl_arena *arena, void *values, dcl_error *error) {
    dcl_silence old = dcl_silence_begin();
    hid_t set = H5Dopen2(file->file, name, H5P_DEFAULT);
    const char *wrong = set < 0 ? "is not there" : is_of(set, type) ? NULL : "is of another type";
    if (!wrong) wrong = read_extents(file, set, size_of(type), rows, columns);
    dcl_status status = DCL_OK;
    char *bytes = wrong ? NULL : dcl_arena_alloc(arena, *rows * (*columns ? *columns : 1) + 1, size_of(type));
    if (!wrong && !bytes) status = dcl_fail_memory(error, file->path);
    hid_t memory = type_of(type);
    if (bytes && *rows && H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
        wrong = "is damaged";
    for (size_t i = 0; bytes && !wrong && type == DCL_ARRAY_TEXT && i < *rows; i++)
        if (!memchr(bytes + i * TEXT_BYTES, '\0', TEXT_BYTES)) wrong = "holds a text without an end";
    H5Tclose(memory);
    if (set >= 0) H5Dclose(set);
    dcl_silence_end(old);
    if (wrong)
        return dcl_fail_file(error, DCL_E_FORMAT, file->path, "damaged, or not whole: %s %s", name, wrong);
    memcpy(values, &bytes, sizeof bytes);
    return status;
}

double dcl_arrays_number(const dcl_arrays *file, const char *name) {
    double value = (double)NAN;
    dcl_silence old = dcl_silence_begin();
    if (!dcl_store_get_real(file->file, name, &value)) value = (double)NAN;
    dcl_silence_end(old);
    return value;
}

void dcl_arrays_text(const dcl_arrays *file, const char *name, char *out, size_t room) {
    dcl_silence old = dcl_silence_begin();
    dcl_store_get_text(file->file, name, out, room);
    dcl_silence_end(old);
}
