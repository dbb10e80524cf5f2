/* Output files that are whole or not there: written beside their place, synced, then renamed. */
#ifndef DCL_BASE_FILE_H
#define DCL_BASE_FILE_H

#include "base/status.h"

typedef struct dcl_output {
    char *path, *temporary;
} dcl_output;

/**
 * Takes a temporary name in the folder of `path` and creates the empty file. The writer opens out->temporary.
 * Errors: DCL_E_IO when the folder cannot be written, or `path` is there and no regular file (a folder, a device, a link:
 * the caller resolves links); DCL_E_NOT_FOUND no such folder; DCL_E_MEMORY.
 */
dcl_status dcl_output_begin(dcl_output *out, const char *path, dcl_error *error) DCL_MUST_USE;
/** Syncs the file and renames it to its place. On failure the temporary is removed. Releases `out` either
 * way. */
dcl_status dcl_output_commit(dcl_output *out, dcl_error *error) DCL_MUST_USE;
/** Removes the temporary and releases. Fine after commit and on {0}. */
void dcl_output_abort(dcl_output *out);
/** All of the above for bytes in memory. */
dcl_status dcl_file_write(const char *path, const char *bytes, size_t n, dcl_error *error) DCL_MUST_USE;
/** Reads a whole file of at most `limit` bytes; *bytes is malloc'd and NUL-terminated. */
dcl_status dcl_file_read(const char *path, size_t limit, char **bytes, size_t *n,
                         dcl_error *error) DCL_MUST_USE;

#endif
