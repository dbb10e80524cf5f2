/* The store's common ground: HDF5's silence, types, and files that live in memory. */
#include "series/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "series/filter.h"

enum { IMAGE_STEP = 1 << 24 };

dcl_silence dcl_silence_begin(void) {
    dcl_silence old = {0};
    /* A damaged file leaves things open inside HDF5, which then prints of an "infinite loop" at exit. */
    (void)H5dont_atexit();
    (void)dcl_filter_register(); /* without it, deflate */
    H5Eget_auto2(H5E_DEFAULT, &old.print, &old.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return old;
}

void dcl_silence_end(dcl_silence old) {
    H5Eset_auto2(H5E_DEFAULT, old.print, old.data);
}

hid_t dcl_store_maximum_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(dcl_va_maximum));
    H5Tinsert(type, "time_us", HOFFSET(dcl_va_maximum, time_us), H5T_NATIVE_INT64);
    H5Tinsert(type, "apparent_va", HOFFSET(dcl_va_maximum, apparent_va), H5T_NATIVE_FLOAT);
    return type;
}

/* A name of one step inside a file. */
bool dcl_store_is_name(const char *name) {
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool dcl_home_is_name(const char *name) {
    size_t n;
    return dcl_store_is_name(name) && !dcl_address_in(name, &n);
}

static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *arg) {
    (void)op;
    (void)arg;
    return malloc(size);
}

static void *image_realloc(void *bytes, size_t size, H5FD_file_image_op_t op, void *arg) {
    (void)op;
    void *grown = realloc(bytes, size);
    if (grown) *(dcl_store_image *)arg = (dcl_store_image){grown, size};
    return grown;
}

static herr_t image_free(void *bytes, H5FD_file_image_op_t op, void *arg) {
    if (op != H5FD_FILE_IMAGE_OP_FILE_CLOSE || bytes != ((dcl_store_image *)arg)->bytes) free(bytes);
    return 0;
}

static void *image_same(void *arg) {
    return arg;
}

static herr_t image_keep(void *arg) {
    (void)arg;
    return 0;
}

/* Superblocks of version 2 and 3 say where the file ends at byte 28. */
size_t dcl_store_length(const dcl_store_image *of) {
    enum { END_AT = 28 };
    uint64_t end = 0;
    if (of->room < 48 || memcmp(of->bytes, "\x89HDF\r\n\x1a\n", 8) != 0 || of->bytes[8] < 2) return 0;
    for (int i = 7; i >= 0; i--) end = end << 8 | of->bytes[END_AT + i];
    return end <= of->room ? (size_t)end : 0;
}

hid_t dcl_store_create(dcl_store_image *into) {
    H5FD_file_image_callbacks_t calls = {.image_malloc = image_malloc,
                                         .image_realloc = image_realloc,
                                         .image_free = image_free,
                                         .udata_copy = image_same,
                                         .udata_free = image_keep,
                                         .udata = into};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_fapl_core(access, IMAGE_STEP, false);
    H5Pset_file_image_callbacks(access, &calls);
    /* Its metadata carry checksums: a flipped bit in an attribute is an error, not another start_us. */
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_obj_track_times(create, 0);
    hid_t file = H5Fcreate("declic-store", H5F_ACC_TRUNC, create, access);
    H5Pclose(create);
    H5Pclose(access);
    return file;
}

bool dcl_store_put_integer(hid_t object, const char *name, int64_t value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return done;
}

hid_t dcl_store_make_group(hid_t parent, const char *name) {
    hid_t list = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(list, 0);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    return group;
}
