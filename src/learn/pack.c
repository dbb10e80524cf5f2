#include "learn/pack.h"

#include "base/crc.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 32, ENTRY = 32, ALIGNMENT = 64 };
static const char magic[] = "DCLMODEL";

static size_t round_up(size_t n) {
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Bytes of head, table and checksum with their filling. */
static size_t table_bytes(size_t parts) {
    return round_up(HEAD + parts * ENTRY + 4);
}

static uint32_t u32_at(const unsigned char *c) {
    return (uint32_t)c[0] | (uint32_t)c[1] << 8 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 24;
}

static uint64_t u64_at(const unsigned char *c) {
    return (uint64_t)u32_at(c) | (uint64_t)u32_at(c + 4) << 32;
}

static void put_u32(unsigned char *c, uint32_t value) {
    for (int i = 0; i < 4; i++) c[i] = (unsigned char)(value >> 8 * i);
}

static void put_u64(unsigned char *c, uint64_t value) {
    put_u32(c, (uint32_t)value);
    put_u32(c + 4, (uint32_t)(value >> 32));
}

/* Length of a name of 1 … 16 characters that ends with NUL or fills its room; 0 where it is none. */
static size_t name_length(const char *name) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t n = 0;
    while (n < DCL_PACK_NAME && name[n] && strchr(allowed, name[n])) n++;
    return n;
}

static bool name_valid(const char *name) {
    size_t n = name_length(name);
    return n > 0 && name[n] == '\0';
}

/* ---------------------------------------------------------------- writing */

static dcl_status check_parts(const char *kind, const dcl_pack_part *parts, size_t n, size_t *length,
                              dcl_error *error) {
    if (!name_valid(kind)) return dcl_fail(error, DCL_E_ARG, "'%.32s' is no kind of model", kind);
    if (n < 1 || n > DCL_PACK_PARTS)
        return dcl_fail(error, DCL_E_ARG, "a model has 1 to %d parts, not %zu", DCL_PACK_PARTS, n);
    *length = table_bytes(n);
    for (size_t i = 0; i < n; i++) {
        if (!name_valid(parts[i].name))
            return dcl_fail(error, DCL_E_ARG, "'%.32s' is no name of a part", parts[i].name);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(parts[i].name, parts[j].name) == 0)
                return dcl_fail(error, DCL_E_ARG, "two parts are called %s", parts[i].name);
        }
        if (parts[i].n > DCL_PACK_LARGEST - *length - ALIGNMENT)
            return dcl_fail(error, DCL_E_ARG, "part %s is too large: a model has at most %zu bytes",
                            parts[i].name, DCL_PACK_LARGEST);
        *length += round_up(parts[i].n);
    }
    return DCL_OK;
}

dcl_status dcl_pack_make(const char *kind, const dcl_pack_part *parts, size_t n, unsigned char **bytes,
                         size_t *length, dcl_error *error) {
    *bytes = NULL;
    dcl_status status = check_parts(kind, parts, n, length, error);
    if (status) return status;
    unsigned char *file = calloc(1, *length);
    if (!file) return dcl_fail_memory(error, "a model's bytes");
    memcpy(file, magic, 8);
    put_u32(file + 8, DCL_PACK_VERSION);
    put_u32(file + 12, (uint32_t)n);
    memcpy(file + 16, kind, strlen(kind));
    size_t at = table_bytes(n);
    for (size_t i = 0; i < n; i++) {
        unsigned char *entry = file + HEAD + i * ENTRY;
        memcpy(entry, parts[i].name, strlen(parts[i].name));
        put_u64(entry + 16, parts[i].n);
        put_u32(entry + 24, dcl_crc32_of(parts[i].bytes, parts[i].n));
        if (parts[i].n > 0) memcpy(file + at, parts[i].bytes, parts[i].n);
        at += round_up(parts[i].n);
    }
    size_t table = HEAD + n * ENTRY;
    put_u32(file + table, dcl_crc32_of(file, table));
    *bytes = file;
    return DCL_OK;
}

dcl_status dcl_pack_write(const char *path, const char *kind, const dcl_pack_part *parts, size_t n,
                          dcl_error *error) {
    unsigned char *bytes;
    size_t length;
    dcl_status status = dcl_pack_make(kind, parts, n, &bytes, &length, error);
    if (status) return status;
    status = dcl_file_write(path, (const char *)bytes, length, error);
    free(bytes);
    return status;
}

/* ---------------------------------------------------------------- reading */

/* A file while it is checked. */
typedef struct checking {
    const unsigned char *file;
    size_t n, parts;
    dcl_error *error;
} checking;

static dcl_status bad_zero(const checking *of, size_t at) {
    return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)at,
                       "damaged: the filling at byte %zu is 0x%02x, not 0", at, of->file[at]);
}

static dcl_status check_zero(const checking *of, size_t from, size_t to) {
    for (size_t at = from; at < to; at++) {
        if (of->file[at]) return bad_zero(of, at);
    }
    return DCL_OK;
}

/* Magic, version and the number of parts, before anything else is believed. */
static dcl_status check_head(checking *of) {
    size_t same = 0;
    if (!of->n) return dcl_fail_at(of->error, DCL_E_FORMAT, 0, 0, "no model of declic: the file is empty");
    while (same < 8 && same < of->n && of->file[same] == (unsigned char)magic[same]) same++;
    if (same < 8)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)same,
                           "no model of declic: it does not begin with '%s' (byte %zu differs)", magic, same);
    if (of->n < HEAD)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)of->n,
                           "cut: it ends at byte %zu, within its head of %d", of->n, HEAD);
    uint32_t version = u32_at(of->file + 8), parts = u32_at(of->file + 12);
    if (version > DCL_PACK_VERSION)
        return dcl_fail_at(of->error, DCL_E_UNSUPPORTED, 0, 8,
                           "a model of version %u, made by a newer program: this one reads version %d",
                           (unsigned)version, DCL_PACK_VERSION);
    if (version < 1)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, 8, "damaged: version 0 at byte 8, expected %d",
                           DCL_PACK_VERSION);
    if (parts < 1 || parts > DCL_PACK_PARTS)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, 12, "damaged: %u parts at byte 12, expected 1 to %d",
                           (unsigned)parts, DCL_PACK_PARTS);
    of->parts = parts;
    return DCL_OK;
}

/* The table's own checksum: from here on its names and sizes are what was written. */
static dcl_status check_table(const checking *of) {
    size_t table = HEAD + of->parts * ENTRY, end = table_bytes(of->parts);
    if (of->n < end)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)of->n,
                           "cut: it ends at byte %zu, within its table of %zu bytes", of->n, end);
    uint32_t stated = u32_at(of->file + table), found = dcl_crc32_of(of->file, table);
    if (stated != found)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)table,
                           "damaged: the checksum of the table at byte %zu is %08x, expected %08x", table,
                           (unsigned)found, (unsigned)stated);
    return check_zero(of, table + 4, end);
}

/* A name of the table as text in the arena; it may be wrong in a file that another program made. */
static dcl_status read_name(const checking *of, size_t at, dcl_arena *arena, const char **out) {
    const char *field = (const char *)of->file + at;
    size_t length = name_length(field);
    for (size_t i = length; i < DCL_PACK_NAME; i++) length = field[i] ? 0 : length;
    if (length == 0)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)at, "the name at byte %zu is none", at);
    char *name = dcl_arena_alloc(arena, length + 1, 1);
    if (!name) return dcl_fail_memory(of->error, "a model's names");
    memcpy(name, field, length);
    *out = name;
    return DCL_OK;
}

static dcl_status read_part(const checking *of, size_t i, size_t *at, dcl_arena *arena, dcl_pack_part *part) {
    size_t entry = HEAD + i * ENTRY;
    dcl_status status = read_name(of, entry, arena, &part->name);
    if (status) return status;
    if (u32_at(of->file + entry + 28)) return bad_zero(of, entry + 28);
    uint64_t bytes = u64_at(of->file + entry + 16);
    if (bytes > of->n - *at || round_up((size_t)bytes) > of->n - *at)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)of->n,
                           "cut: it ends at byte %zu, within part %s of %llu bytes from byte %zu on", of->n,
                           part->name, (unsigned long long)bytes, *at);
    part->bytes = of->file + *at;
    part->n = (size_t)bytes;
    uint32_t stated = u32_at(of->file + entry + 24), found = dcl_crc32_of(part->bytes, part->n);
    if (stated != found)
        return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)*at,
                           "damaged: the checksum of part %s at byte %zu is %08x, expected %08x", part->name,
                           *at, (unsigned)found, (unsigned)stated);
    size_t end = *at + part->n;
    *at += round_up(part->n);
    return check_zero(of, end, *at);
}

static dcl_status check_twice(const checking *of, const dcl_pack_part *part, size_t i) {
    for (size_t j = 0; j < i; j++) {
        if (strcmp(part[i].name, part[j].name) == 0)
            return dcl_fail_at(of->error, DCL_E_FORMAT, 0, (int64_t)(HEAD + i * ENTRY),
                               "two parts are called %s", part[i].name);
    }
    return DCL_OK;
}

dcl_status dcl_pack_open(const void *bytes, size_t n, const char *kind, dcl_arena *arena, dcl_pack *out,
                         dcl_error *error) {
    checking of = {.file = bytes, .n = n, .error = error};
    dcl_pack pack = {0};
    dcl_status status = check_head(&of);
    if (!status) status = check_table(&of);
    if (!status) status = read_name(&of, 16, arena, &pack.kind);
    if (status) return status;
    if (kind && strcmp(kind, pack.kind) != 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, 16, "a model of kind '%s', expected '%s'", pack.kind,
                           kind);
    dcl_pack_part *part = dcl_arena_alloc(arena, of.parts, sizeof *part);
    if (!part) return dcl_fail_memory(error, "a model's parts");
    size_t at = table_bytes(of.parts);
    for (size_t i = 0; i < of.parts && !status; i++) {
        status = read_part(&of, i, &at, arena, &part[i]);
        if (!status) status = check_twice(&of, part, i);
    }
    if (status) return status;
    if (at != n)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)at,
                           "%zu bytes follow the model's end at byte %zu", n - at, at);
    pack.part = part;
    pack.n = of.parts;
    *out = pack;
    return DCL_OK;
}

dcl_status dcl_pack_read(const char *path, const char *kind, dcl_arena *arena, dcl_pack *out,
                         dcl_error *error) {
    char *bytes;
    size_t n;
    dcl_status status = dcl_file_read(path, DCL_PACK_LARGEST, &bytes, &n, error);
    if (status) return status;
    void *kept = dcl_arena_alloc(arena, n, 1);
    if (kept) {
        memcpy(kept, bytes, n);
        dcl_error why = {0};
        status = dcl_pack_open(kept, n, kind, arena, out, &why);
        if (status) {
            dcl_fail_file(error, status, path, "%s", why.msg);
            if (error) error->pos = why.pos;
        }
    } else {
        status = dcl_fail_memory(error, path);
    }
    free(bytes);
    return status;
}

const dcl_pack_part *dcl_pack_find(const dcl_pack *pack, const char *name) {
    for (size_t i = 0; i < pack->n; i++) {
        if (strcmp(pack->part[i].name, name) == 0) return &pack->part[i];
    }
    return NULL;
}

dcl_status dcl_pack_need(const dcl_pack *pack, const char *name, dcl_pack_part *out, dcl_error *error) {
    const dcl_pack_part *part = dcl_pack_find(pack, name);
    if (!part)
        return dcl_fail(error, DCL_E_FORMAT, "this model of kind '%s' has no part '%s'", pack->kind, name);
    *out = *part;
    return DCL_OK;
}

/* ---------------------------------------------------------------- numbers within a part */

void dcl_pack_put(dcl_pack_writer *to, const void *bytes, size_t n) {
    if (to->failed || n == 0) return;
    if (n > DCL_PACK_LARGEST - to->n || dcl_grow(&to->bytes, &to->room, to->n + n, 1)) {
        to->failed = true;
        return;
    }
    memcpy(to->bytes + to->n, bytes, n);
    to->n += n;
}

void dcl_pack_put_u32(dcl_pack_writer *to, uint32_t value) {
    unsigned char bytes[4];
    put_u32(bytes, value);
    dcl_pack_put(to, bytes, sizeof bytes);
}

void dcl_pack_put_u64(dcl_pack_writer *to, uint64_t value) {
    unsigned char bytes[8];
    put_u64(bytes, value);
    dcl_pack_put(to, bytes, sizeof bytes);
}

void dcl_pack_put_f32(dcl_pack_writer *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    dcl_pack_put_u32(to, bits);
}

void dcl_pack_put_f64(dcl_pack_writer *to, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    dcl_pack_put_u64(to, bits);
}

void dcl_pack_put_text(dcl_pack_writer *to, const char *text) {
    size_t n = strlen(text);
    dcl_pack_put_u32(to, (uint32_t)n);
    dcl_pack_put(to, text, n);
}

/* The next n bytes, or NULL past the end. */
const unsigned char *dcl_pack_get(dcl_pack_reader *from, size_t n) {
    if (n > dcl_pack_left(from)) {
        from->failed = true;
        return NULL;
    }
    const unsigned char *at = from->bytes + from->at;
    from->at += n;
    return at;
}

uint16_t dcl_pack_get_u16(dcl_pack_reader *from) {
    const unsigned char *at = dcl_pack_get(from, 2);
    unsigned value = at ? at[0] | (unsigned)at[1] << 8 : 0;
    return (uint16_t)value;
}

uint32_t dcl_pack_get_u32(dcl_pack_reader *from) {
    const unsigned char *at = dcl_pack_get(from, 4);
    return at ? u32_at(at) : 0;
}

uint64_t dcl_pack_get_u64(dcl_pack_reader *from) {
    const unsigned char *at = dcl_pack_get(from, 8);
    return at ? u64_at(at) : 0;
}

float dcl_pack_get_f32(dcl_pack_reader *from) {
    uint32_t bits = dcl_pack_get_u32(from);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double dcl_pack_get_f64(dcl_pack_reader *from) {
    uint64_t bits = dcl_pack_get_u64(from);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void dcl_pack_get_text(dcl_pack_reader *from, char *text, size_t room) {
    size_t n = dcl_pack_get_u32(from);
    const unsigned char *at = n < room ? dcl_pack_get(from, n) : NULL;
    if (!at) from->failed = true;
    if (at) memcpy(text, at, n);
    if (room > 0) text[at ? n : 0] = '\0';
}
