/* The public blosc filter of HDF5 (id 32001), inside the program: a store is written and read without a plugin. */
#ifndef DCL_SERIES_FILTER_H
#define DCL_SERIES_FILTER_H

#include <stdbool.h>
#include <stddef.h>

enum { DCL_BLOSC_ID = 32001 };

/** Makes the filter known to HDF5; may be called again. False when HDF5 refuses. */
bool dcl_filter_register(void);

/** The most bytes that dcl_filter_pack() makes of n. */
size_t dcl_filter_bound(size_t n);
/**
 * Packs n bytes, items of `size` bytes, as the filter does with bits shuffled, lz4 and level 3. Returns the length, 0 where
 * `room` does not do or n is above 1 GiB. Threads: reentrant.
 */
size_t dcl_filter_pack(const void *bytes, size_t n, size_t size, void *out, size_t room);
/** Unpacks what makes exactly n bytes; false where it does not, as of damaged bytes. Threads: reentrant. */
bool dcl_filter_unpack(const void *packed, size_t n_packed, void *out, size_t n);

#endif
