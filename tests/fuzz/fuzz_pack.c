/*
 * Any bytes are a model file or an error. A fuzzer cannot guess checksums, so the same bytes with the sums put right
 * are tried as well; what is read is written again to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "learn/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void put_u32(uint8_t *c, uint32_t value) {
    for (int i = 0; i < 4; i++) c[i] = (uint8_t)(value >> 8 * i);
}

/* Checksums of a table of at most 64 parts and of the parts, where they lie within the file. */
static void mend(uint8_t *file, size_t n) {
    if (n < 32) return;
    memcpy(file, "DCLMODEL\1\0\0\0", 12);
    size_t parts = file[12] % 4 + 1u, table = 32 + parts * 32, at = (table + 4 + 63) / 64 * 64;
    put_u32(file + 12, (uint32_t)parts);
    if (n < at) return;
    for (size_t i = 0; i < parts; i++) {
        uint8_t *entry = file + 32 + i * 32;
        size_t bytes = (size_t)entry[16] | (size_t)entry[17] << 8;
        if (at <= n && bytes <= n - at) put_u32(entry + 24, dcl_crc32_of(file + at, bytes));
        at += (bytes + 63) / 64 * 64;
    }
    put_u32(file + table, dcl_crc32_of(file, table));
}

static void try_open(const uint8_t *bytes, size_t n) {
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error;
    if (dcl_pack_open(bytes, n, NULL, &arena, &pack, &error) == DCL_OK) {
        unsigned char *again;
        size_t length;
        if (dcl_pack_make(pack.kind, pack.part, pack.n, &again, &length, &error)) abort();
        if (length != n || memcmp(again, bytes, n) != 0) abort();
        free(again);
    }
    dcl_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    try_open(bytes, n);
    uint8_t *copy = malloc(n + 1);
    if (!copy) return 0;
    memcpy(copy, bytes, n);
    mend(copy, n);
    try_open(copy, n);
    free(copy);
    return 0;
}
