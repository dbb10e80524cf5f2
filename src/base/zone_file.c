/* The TZif file of a zone: RFC 8536. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };

/* A header's six counts, and the sizes that follow from them. */
typedef struct block {
    size_t is_ut, is_std, leaps, times, types, chars;
    size_t data; /* offset of the first byte after the header */
} block;

static uint32_t big_32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Two's complement by value, so that no conversion is left to the compiler. */
static int32_t signed_32(const uint8_t *at) {
    uint32_t u = big_32(at);
    return u <= INT32_MAX ? (int32_t)u : -(int32_t)(~u) - 1;
}

static int64_t signed_64(const uint8_t *at) {
    uint64_t u = (uint64_t)big_32(at) << 32 | big_32(at + 4);
    return u <= INT64_MAX ? (int64_t)u : -(int64_t)(~u) - 1;
}

static dcl_status read_header(const uint8_t *bytes, size_t n, size_t at, block *out, dcl_error *error) {
    if (n < HEADER_BYTES || at > n - HEADER_BYTES || memcmp(bytes + at, "TZif", 4) != 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)at, "a TZif header was expected here");
    if (bytes[at + 4] < '2')
        return dcl_fail_at(error, DCL_E_UNSUPPORTED, 0, (int64_t)at + 4,
                           "a TZif file of version 1; version 2 or later is needed");
    size_t counts[6];
    for (size_t i = 0; i < 6; i++) counts[i] = big_32(bytes + at + 20 + 4 * i);
    *out = (block){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], at + HEADER_BYTES};
    return DCL_OK;
}

/* The end of a block's data; n + 1 where it does not fit. Each count is below 2^32: no sum overflows 64 bits.
 */
static size_t block_end(const block *b, size_t time_bytes, size_t n) {
    uint64_t size = (uint64_t)b->times * (time_bytes + 1) + (uint64_t)b->types * TYPE_BYTES + b->chars +
                    (uint64_t)b->leaps * (time_bytes + 4) + b->is_std + b->is_ut;
    return size <= n - b->data ? b->data + (size_t)size : n + 1;
}

/* The changes of the 64-bit block. The type of moments before the first is type 0 (RFC 8536, 3.2). */
static dcl_status add_changes(dcl_zone *zone, const uint8_t *bytes, const block *b, dcl_error *error) {
    const uint8_t *times = bytes + b->data, *kinds = times + b->times * 8, *types = kinds + b->times;
    int64_t previous = INT64_MIN;
    for (size_t i = 0; i <= b->times; i++) {
        size_t kind = i ? kinds[i - 1] : 0;
        int64_t at = i ? signed_64(times + 8 * (i - 1)) : INT64_MIN;
        if (kind >= b->types || b->types > 256)
            return dcl_fail_at(error, DCL_E_FORMAT, 0, kinds + i - 1 - bytes, "local time type %zu of %zu",
                               kind, b->types);
        int32_t offset = signed_32(types + TYPE_BYTES * kind);
        if (offset < -DCL_LARGEST_OFFSET_S || offset > DCL_LARGEST_OFFSET_S)
            return dcl_fail_at(error, DCL_E_FORMAT, 0, types + TYPE_BYTES * kind - bytes,
                               "an offset of %ld s", (long)offset);
        if (i && (at <= previous || at > INT64_MAX / DCL_SECOND_US))
            return dcl_fail_at(error, DCL_E_FORMAT, 0, times + 8 * (i - 1) - bytes, "changes out of order");
        previous = at;
        if (dcl_zone_add(zone, at, offset)) return dcl_fail_memory(error, "a zone");
    }
    return DCL_OK;
}

/* The last line, between two newlines: the rule for moments past the table; empty = none known. */
static dcl_status add_footer(dcl_zone *zone, const uint8_t *bytes, size_t n, size_t at, dcl_error *error) {
    const uint8_t *end = at < n && bytes[at] == '\n' ? memchr(bytes + at + 1, '\n', n - at - 1) : NULL;
    if (!end)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)at,
                           "a line with the zone's rule was expected here");
    const char *rule = (const char *)bytes + at + 1;
    size_t length = (size_t)(end - bytes) - at - 1;
    if (length == 0) return DCL_OK;
    dcl_status status = dcl_zone_add_rule(zone, rule, length, error);
    if (status == DCL_E_FORMAT && error) error->pos.byte = (int64_t)at + 1;
    return status;
}

dcl_status dcl_zone_parse(const void *data, size_t n, const char *name, dcl_zone **out, dcl_error *error) {
    const uint8_t *bytes = data;
    *out = NULL;
    block b;
    dcl_status status = read_header(bytes, n, 0, &b, error);
    if (status) return status;
    /* The first block repeats the second in 32 bits and is skipped. */
    status = read_header(bytes, n, block_end(&b, 4, n), &b, error);
    if (status) return status;
    size_t end = block_end(&b, 8, n);
    if (end > n || b.types == 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)n, "the TZif data ends too early");
    if (b.leaps)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "a zone that counts leap seconds; UTC here does not");
    dcl_zone *zone = calloc(1, sizeof *zone);
    if (!zone) return dcl_fail_memory(error, "a zone");
    snprintf(zone->name, sizeof zone->name, "%s", name);
    status = add_changes(zone, bytes, &b, error);
    if (!status) status = add_footer(zone, bytes, n, end, error);
    if (status) dcl_zone_close(&zone);
    *out = zone;
    return status;
}
