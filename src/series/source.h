/* Where bytes come from: a file, a folder, an archive, any of them compressed, or standard input. */
#ifndef DCL_SERIES_SOURCE_H
#define DCL_SERIES_SOURCE_H

#include "base/status.h"

typedef struct dcl_source dcl_source;

/** Opens a path; `-` is standard input. Errors: DCL_E_NOT_FOUND, DCL_E_IO. */
dcl_status dcl_source_open(const char *path, dcl_source **out, dcl_error *error) DCL_MUST_USE;
void dcl_source_close(dcl_source **source);

/**
 * Steps to the next file, in order of name for a folder and in its own order for an archive. *name NULL at
 * the end. The name is relative to the path opened; for a single file it is the file's own name.
 */
dcl_status dcl_source_next(dcl_source *source, const char **name, dcl_error *error) DCL_MUST_USE;
/** A dcl_more_fn over the current file; arg is the source. */
dcl_status dcl_source_more(void *source, const char **block, size_t *n, dcl_error *error) DCL_MUST_USE;
/** True when there can be several files: a folder or an archive. */
bool dcl_source_is_many(const dcl_source *source);
/** True for a regular file that begins as HDF5 files do: a store or a panel, which is no source of bytes. */
bool dcl_is_hdf5(const char *path);
/** Bytes taken from disk so far and in all (0 = not known), for progress. */
void dcl_source_progress(const dcl_source *source, uint64_t *done, uint64_t *total);

#endif
