#include "series/gzip_check.h"

#include <stdio.h>
#include <string.h>

void dcl_gzip_check_begin(dcl_gzip_check *check) {
    dcl_crc32_begin(&check->crc);
    check->n = 0;
}

void dcl_gzip_check_add(dcl_gzip_check *check, const void *bytes, size_t n) {
    dcl_crc32_add(&check->crc, bytes, n);
    check->n += n;
}

static uint32_t number_at(const unsigned char *c) {
    return (uint32_t)c[0] | (uint32_t)c[1] << 8 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 24;
}

/* Whether what every member begins with comes a second time; by chance once in 16 MB of a single one. */
static bool may_have_members(FILE *file) {
    static const unsigned char begin[3] = {0x1f, 0x8b, 8};
    unsigned char block[4096 + 2];
    size_t held = 0, found = 0, got;
    rewind(file);
    while ((got = fread(block + held, 1, 4096, file)) > 0) {
        held += got;
        for (size_t i = 0; i + 3 <= held; i++) found += memcmp(block + i, begin, 3) == 0;
        size_t keep = held < 2 ? held : 2;
        memmove(block, block + held - keep, keep);
        held = keep;
    }
    return found > 1;
}

dcl_status dcl_gzip_check_end(dcl_gzip_check *check, const char *path, dcl_error *error) {
    unsigned char end[8];
    FILE *file = fopen(path, "rb");
    if (!file) return dcl_fail(error, DCL_E_IO, "cannot be opened again");
    bool whole = fseek(file, -8, SEEK_END) == 0 && fread(end, 1, 8, file) == 8;
    bool same = whole && number_at(end) == dcl_crc32_value(&check->crc) && number_at(end + 4) == (uint32_t)check->n;
    bool passes = same || (whole && may_have_members(file));
    fclose(file);
    return passes ? DCL_OK
                  : dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)check->n,
                                "the checksum at its end is wrong: a damaged gzip file");
}
