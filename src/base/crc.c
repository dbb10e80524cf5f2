#include "base/crc.h"

void dcl_crc32_begin(dcl_crc32 *crc) {
    crc->rest = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rest = i;
        for (int bit = 0; bit < 8; bit++) rest = rest & 1 ? UINT32_C(0xedb88320) ^ rest >> 1 : rest >> 1;
        crc->table[i] = rest;
    }
}

void dcl_crc32_add(dcl_crc32 *crc, const void *bytes, size_t n) {
    const unsigned char *c = bytes;
    uint32_t rest = crc->rest;
    for (size_t i = 0; i < n; i++) rest = crc->table[(rest ^ c[i]) & 0xff] ^ rest >> 8;
    crc->rest = rest;
}

uint32_t dcl_crc32_value(const dcl_crc32 *crc) {
    return ~crc->rest;
}

uint32_t dcl_crc32_of(const void *bytes, size_t n) {
    dcl_crc32 crc;
    dcl_crc32_begin(&crc);
    dcl_crc32_add(&crc, bytes, n);
    return dcl_crc32_value(&crc);
}
