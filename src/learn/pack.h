/*
 * The file of a model: named parts behind a checked table. Every byte of it is covered by a checksum or must be 0,
 * so that a damaged file is refused before any of its numbers is believed.
 *
 * Layout, little-endian:
 *
 *     0   "DCLMODEL"
 *     8   u32 version of this layout, 1
 *     12  u32 number of parts, 1 … DCL_PACK_PARTS
 *     16  kind of model, 16 bytes, filled with 0
 *     32  a part each: name, 16 bytes, filled with 0; u64 bytes; u32 CRC-32 of them; u32 0
 *     …   u32 CRC-32 of all before; then 0 up to a multiple of 64
 *     …   the parts in order, each filled with 0 up to a multiple of 64; the file ends with the last one's filling
 */
#ifndef DCL_LEARN_PACK_H
#define DCL_LEARN_PACK_H

#include "base/status.h"

enum {
    DCL_PACK_VERSION = 1,
    DCL_PACK_PARTS = 64, /* the most parts */
    DCL_PACK_NAME = 16   /* the longest name of a part or kind: 1 … 16 of a-z 0-9 _ . and - */
};

/** The largest file that is read, 1 GiB: models are some MB. */
#define DCL_PACK_LARGEST ((size_t)1 << 30)

/** A part: bytes under a name. */
typedef struct dcl_pack_part {
    const char *name;
    const void *bytes;
    size_t n;
} dcl_pack_part;

/**
 * A file that was read and found whole. What it points to lives in the arena; the bytes of parts are those of
 * dcl_pack_open()'s caller or, after dcl_pack_read(), in the arena too, aligned to 64.
 */
typedef struct dcl_pack {
    const char *kind;
    const dcl_pack_part *part; /* [n] */
    size_t n;
} dcl_pack;

/**
 * Writes a model. The same parts give the same bytes; the file is whole or not there.
 *
 * Errors:  DCL_E_ARG a kind or name out of its form, a name twice, no part or too many, more than DCL_PACK_LARGEST;
 *          DCL_E_IO, DCL_E_NOT_FOUND as dcl_file_write(); DCL_E_MEMORY.
 * Memory:  the file's size while it runs.
 */
dcl_status dcl_pack_write(const char *path, const char *kind, const dcl_pack_part *parts, size_t n,
                          dcl_error *error) DCL_MUST_USE;
/** The same to memory: *bytes is malloc'd and the caller's. */
dcl_status dcl_pack_make(const char *kind, const dcl_pack_part *parts, size_t n, unsigned char **bytes,
                         size_t *length, dcl_error *error) DCL_MUST_USE;

/**
 * Reads a model whole and checks all of it.
 *
 * kind  the kind it must be; NULL = any
 *
 * Errors:  DCL_E_FORMAT       no model, a damaged or cut one, or one of another kind: the message says at which byte,
 *                             what is there and what was expected;
 *          DCL_E_UNSUPPORTED  written by a newer version;
 *          DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY.
 */
dcl_status dcl_pack_read(const char *path, const char *kind, dcl_arena *arena, dcl_pack *out,
                         dcl_error *error) DCL_MUST_USE;
/** The same for bytes in memory, which must outlive `out`. */
dcl_status dcl_pack_open(const void *bytes, size_t n, const char *kind, dcl_arena *arena, dcl_pack *out,
                         dcl_error *error) DCL_MUST_USE;

/** The part of a name; NULL where there is none. */
const dcl_pack_part *dcl_pack_find(const dcl_pack *pack, const char *name);
/** The same where the part must be there. Errors: DCL_E_FORMAT, naming the part that lacks. */
dcl_status dcl_pack_need(const dcl_pack *pack, const char *name, dcl_pack_part *out,
                         dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- numbers within a part */

/**
 * Bytes of a part while they are written: starts from {0}, free(bytes) at the end. Where memory is short, `failed`
 * says so and nothing more is added.
 */
typedef struct dcl_pack_writer {
    unsigned char *bytes;
    size_t n, room;
    bool failed;
} dcl_pack_writer;

void dcl_pack_put(dcl_pack_writer *to, const void *bytes, size_t n);
void dcl_pack_put_u32(dcl_pack_writer *to, uint32_t value);
void dcl_pack_put_u64(dcl_pack_writer *to, uint64_t value);
void dcl_pack_put_f32(dcl_pack_writer *to, float value);
void dcl_pack_put_f64(dcl_pack_writer *to, double value);
/** u32 length, then the bytes. */
void dcl_pack_put_text(dcl_pack_writer *to, const char *text);

/**
 * A part while it is read. What would be beyond its end reads as 0 or "" and sets `failed`, so that a reader checks
 * once, at the end; counts read from a part are checked against dcl_pack_left() before memory is taken for them.
 */
typedef struct dcl_pack_reader {
    const unsigned char *bytes;
    size_t n, at;
    bool failed;
} dcl_pack_reader;

static inline dcl_pack_reader dcl_pack_begin(const dcl_pack_part *part) {
    dcl_pack_reader from = {.bytes = part->bytes, .n = part->n};
    return from;
}
static inline size_t dcl_pack_left(const dcl_pack_reader *from) {
    return from->failed ? 0 : from->n - from->at;
}
/** The next n bytes where they lie; NULL, and `failed`, where fewer are left. */
const unsigned char *dcl_pack_get(dcl_pack_reader *from, size_t n);
uint16_t dcl_pack_get_u16(dcl_pack_reader *from);
uint32_t dcl_pack_get_u32(dcl_pack_reader *from);
uint64_t dcl_pack_get_u64(dcl_pack_reader *from);
float dcl_pack_get_f32(dcl_pack_reader *from);
double dcl_pack_get_f64(dcl_pack_reader *from);
/** Copies at most room - 1 bytes and ends them with NUL; a longer text sets `failed`. */
void dcl_pack_get_text(dcl_pack_reader *from, char *text, size_t room);
/** True where all was read, no more and no less. */
static inline bool dcl_pack_done(const dcl_pack_reader *from) {
    return !from->failed && from->at == from->n;
}

#endif
