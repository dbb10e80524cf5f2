/* What the store's writing and reading share. HDF5 is seen in the store's files alone. */
#ifndef DCL_SERIES_STORE_H
#define DCL_SERIES_STORE_H

#include <hdf5.h>

#include <declic/series.h>

/** Version of the layout, the attribute declic_store of the file. */
enum { DCL_STORE_VERSION = 1 };

/** HDF5 prints its error stack unless told not to; the host program's own setting comes back at the end. */
typedef struct dcl_silence {
    H5E_auto2_t print;
    void *data;
} dcl_silence;

dcl_silence dcl_silence_begin(void);
void dcl_silence_end(dcl_silence old);

/** Writes a whole number as an attribute (int64, little-endian). False where HDF5 cannot. */
bool dcl_store_put_integer(hid_t object, const char *name, int64_t value);
/** The same of a float64, and of a text (UTF-8, fixed length). */
bool dcl_store_put_real(hid_t object, const char *name, double value);
bool dcl_store_put_text(hid_t object, const char *name, const char *value);
/** Reads a single number as an attribute; false where there is none, or none of that kind. */
bool dcl_store_get_integer(hid_t object, const char *name, int64_t *value);
bool dcl_store_get_real(hid_t object, const char *name, double *value);
/** A fixed-length text attribute, cut to fit; "" where there is none. */
void dcl_store_get_text(hid_t object, const char *name, char *out, size_t room);
/** A new group without times, so that the same input gives the same bytes; negative where HDF5 cannot. */
hid_t dcl_store_make_group(hid_t parent, const char *name);
/** The type of a dcl_va_maximum in memory; the caller closes it. */
hid_t dcl_store_maximum_type(void);
/** True for a name of one step: not empty, no /, not . or .. */
bool dcl_store_is_name(const char *name);
/** The same for what a home or a part of it is called: besides, no meter's address is in it. */
bool dcl_home_is_name(const char *name);

/**
 * The bytes of a file that lives in memory: valid, malloc'd and the caller's once the file is closed.
 * H5Fget_file_image() would copy them, but in 1.10 it clears a flag of the superblock and leaves its checksum
 * wrong; so the buffer is kept back when HDF5 lets go of it.
 */
typedef struct dcl_store_image {
    unsigned char *bytes;
    size_t room;
} dcl_store_image;

/** Makes an empty file in memory; negative where HDF5 cannot. `into` must outlive the file. */
hid_t dcl_store_create(dcl_store_image *into);
/** How many of the bytes are the file, as its superblock says; 0 where that cannot be. */
size_t dcl_store_length(const dcl_store_image *of);

/** A store being made in memory, home by home; starts from {0}. All inside dcl_silence_begin(). */
typedef struct dcl_store_builder {
    dcl_store_image image;
    hid_t file, group;
} dcl_store_builder;

/** False where HDF5 cannot; dcl_store_end() follows either way. */
bool dcl_store_begin(dcl_store_builder *store);
/** Adds a home whose id and parts have names that are distinct. False where HDF5 cannot. */
bool dcl_store_add(dcl_store_builder *store, const dcl_home *home, bool deflate);
/** The file, malloc'd and the caller's; NULL where it failed or was not `done`. */
unsigned char *dcl_store_end(dcl_store_builder *store, bool done, size_t *n);

#endif
