/* CRC-32 as in gzip, zip and PNG: reflected 0xedb88320, all ones at both ends (RFC 1952, 8). */
#ifndef DCL_BASE_CRC_H
#define DCL_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/** A checksum while it grows; starts from dcl_crc32_begin(). */
typedef struct dcl_crc32 {
    uint32_t table[256], rest;
} dcl_crc32;

void dcl_crc32_begin(dcl_crc32 *crc);
void dcl_crc32_add(dcl_crc32 *crc, const void *bytes, size_t n);
/** Of all that was added so far; more may follow. */
uint32_t dcl_crc32_value(const dcl_crc32 *crc);
/** Of n bytes at once. */
uint32_t dcl_crc32_of(const void *bytes, size_t n);

#endif
