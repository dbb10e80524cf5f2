/* The checksum of a gzip file, which libarchive (3.6) reads past without a look. */
#ifndef DCL_SERIES_GZIP_CHECK_H
#define DCL_SERIES_GZIP_CHECK_H

#include "base/crc.h"
#include "base/status.h"

/** Over the uncompressed bytes. Start with dcl_gzip_check_begin(). */
typedef struct dcl_gzip_check {
    dcl_crc32 crc;
    uint64_t n;
} dcl_gzip_check;

void dcl_gzip_check_begin(dcl_gzip_check *check);
void dcl_gzip_check_add(dcl_gzip_check *check, const void *bytes, size_t n);
/**
 * Compares with what the file at `path` ends in. A file of several members, of which only the last one's
 * length and checksum can be known from its end, passes.
 * Errors: DCL_E_FORMAT where the bytes are not those that were compressed; DCL_E_IO.
 * Source: RFC 1952, 2.3.1.
 */
dcl_status dcl_gzip_check_end(dcl_gzip_check *check, const char *path, dcl_error *error) DCL_MUST_USE;

#endif
