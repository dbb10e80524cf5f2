/* The file of a forest: found whole and free of contradictions before any walk. docs/blob.md says what stands where. */
#include <declic/mcu_trees.h>

uint32_t dcl_mcu_crc32(uint32_t before, const void *from, size_t n) {
    static const uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                       0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                       0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    const unsigned char *at = from;
    uint32_t rest = ~before;
    while (n--) {
        rest ^= *at++;
        rest = table[rest & 15] ^ rest >> 4;
        rest = table[rest & 15] ^ rest >> 4;
    }
    return ~rest;
}

static uint32_t number_at(const uint16_t *at) {
    return at[0] | (uint32_t)at[1] << 16;
}

static uint32_t block_bytes(uint32_t depth) {
    return (10u << depth) - 6;
}

/* The features of a group's nodes are there: twice their number, a byte each. */
static int check_nodes(const unsigned char *block, uint32_t pairs, uint32_t depth, uint32_t features) {
    uint32_t nodes = 2 * ((1u << depth) - 1);
    for (; pairs--; block += block_bytes(depth)) {
        for (uint32_t i = 0; i < nodes; i++) {
            uint32_t feature = block[2 * nodes + i];
            if (feature & 1 || feature >= 2u * features) return 0;
        }
    }
    return 1;
}

/* A deep tree: nodes before what is below them, one leaf more than nodes, and nothing behind the last one. */
static int check_deep(const uint16_t *node, uint32_t n, uint32_t features) {
    uint32_t at = 0, open = 1;
    while (at < n && open) {
        int leaf = node[at] & DCL_BLOB_LEAF ? 1 : 0;
        if (!leaf && (n - at < 3 || node[at] >= features || node[at + 2] >= n - at - 3)) return 0;
        open += leaf ? UINT32_MAX : 1;
        at += leaf ? 1 : 3;
    }
    return at == n && !open;
}

/* The groups fill the body exactly. 2^16 pairs of the deepest trees are below 2^28 bytes: nothing wraps. */
static int check_groups(dcl_mcu_forest *f, uint32_t left) {
    const unsigned char *block = (const unsigned char *)f->body;
    uint32_t trees = 0;
    for (uint32_t g = 0; g < f->groups; g++) {
        uint32_t depth = f->group[2 * g] & 0xFF, output = f->group[2 * g] >> 8, pairs = f->group[2 * g + 1];
        if (depth > DCL_BLOB_DEPTH || output >= f->outputs || !pairs) return 0;
        if (!depth) {
            const uint16_t *deep = (const uint16_t *)(const void *)block;
            if (2 * pairs > left || f->deep || !check_deep(deep, pairs, f->features)) return 0;
            f->deep = deep;
            f->deep_n = (uint16_t)pairs;
            block += 2 * pairs;
            left -= 2 * pairs;
            continue;
        }
        uint32_t size = pairs * block_bytes(depth);
        trees += 2 * pairs;
        if (size > left || trees > DCL_BLOB_TREES || !check_nodes(block, pairs, depth, f->features)) return 0;
        block += size;
        left -= size;
    }
    return !left;
}

static int check_bases(const dcl_mcu_forest *f) {
    for (uint32_t k = 0; k < f->outputs; k++)
        if (number_at(f->base + 2 * k) + (uint32_t)DCL_BLOB_BASE > 2u * DCL_BLOB_BASE) return 0;
    return 1;
}

static int check_text(const dcl_mcu_forest *f) {
    return !(f->text_bytes & 1) && (!f->text_bytes || !f->text[f->text_bytes - 1]);
}

/* The tables of a blob whose checksum is right. */
static dcl_blob_fault open_tables(const uint16_t *blob, dcl_mcu_forest *f) {
    f->kind = (uint8_t)(blob[3] & 0xFF);
    f->features = (uint8_t)(blob[3] >> 8);
    f->schema = number_at(blob + 8);
    f->serial = number_at(blob + 10);
    f->outputs = (uint8_t)(blob[12] & 0xFF);
    f->shift = (uint8_t)(blob[12] >> 8);
    f->groups = blob[13];
    f->text_bytes = blob[14];
    if (f->kind >= DCL_BLOB_KINDS || !f->features || f->features > DCL_BLOB_FEATURES || !f->outputs ||
        f->outputs > DCL_BLOB_OUTPUTS || f->shift > 15 || f->groups > DCL_BLOB_GROUPS || blob[15])
        return DCL_BLOB_MALFORMED;
    uint32_t tables = DCL_BLOB_HEADER + 4u * f->outputs + 4u * f->groups;
    if (tables + f->text_bytes > f->bytes) return DCL_BLOB_MALFORMED;
    f->base = blob + DCL_BLOB_HEADER / 2;
    f->group = f->base + 2 * f->outputs;
    f->body = f->group + 2 * f->groups;
    f->text = (const char *)blob + (f->bytes - f->text_bytes);
    int fine = check_bases(f) && check_text(f) && check_groups(f, f->bytes - tables - f->text_bytes);
    return fine ? DCL_BLOB_FINE : DCL_BLOB_MALFORMED;
}

dcl_blob_fault dcl_mcu_forest_open(const uint16_t *blob, size_t n, dcl_blob_kind kind, uint32_t schema,
                                   dcl_mcu_forest *out) {
    dcl_mcu_forest f = {0};
    if (n < DCL_BLOB_HEADER) return DCL_BLOB_SHORT;
    if (number_at(blob) != DCL_BLOB_MAGIC) return DCL_BLOB_FOREIGN;
    if (blob[2] > DCL_BLOB_VERSION) return DCL_BLOB_NEWER;
    f.bytes = number_at(blob + 4);
    if (f.bytes > n) return DCL_BLOB_SHORT;
    if (f.bytes < DCL_BLOB_HEADER || f.bytes > DCL_BLOB_BYTES || f.bytes & 1) return DCL_BLOB_DAMAGED;
    uint32_t crc = dcl_mcu_crc32(dcl_mcu_crc32(0, blob, 12), blob + 8, f.bytes - 16);
    if (crc != number_at(blob + 6)) return DCL_BLOB_DAMAGED;
    if (blob[2] != DCL_BLOB_VERSION) return DCL_BLOB_MALFORMED;
    dcl_blob_fault fault = open_tables(blob, &f);
    if (fault) return fault;
    if ((kind && f.kind != kind) || (schema && f.schema != schema)) return DCL_BLOB_OTHER;
    *out = f;
    return DCL_BLOB_FINE;
}

int dcl_mcu_forest_choose(const uint16_t *const blob[2], const size_t room[2], dcl_blob_kind kind,
                          uint32_t schema, dcl_mcu_forest *out, dcl_blob_fault fault[2]) {
    int used = -1;
    for (int slot = 0; slot < 2; slot++) {
        dcl_mcu_forest found;
        dcl_blob_fault wrong =
            blob[slot] ? dcl_mcu_forest_open(blob[slot], room[slot], kind, schema, &found) : DCL_BLOB_SHORT;
        if (fault) fault[slot] = wrong;
        if (wrong || (used >= 0 && found.serial <= out->serial)) continue;
        used = slot;
        *out = found;
    }
    return used;
}

/* ---------------------------------------------------------------- features */

static uint32_t add_text(uint32_t crc, const char *text, size_t room, char end) {
    size_t n = 0;
    while (n < room && text[n]) n++;
    return dcl_mcu_crc32(dcl_mcu_crc32(crc, text, n), &end, 1);
}

static uint32_t add_number(uint32_t crc, uint32_t number, char end) {
    char digits[6];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return dcl_mcu_crc32(dcl_mcu_crc32(crc, digits + at, sizeof digits - at), &end, 1);
}

uint32_t dcl_mcu_schema(const dcl_mcu_feature *feature, uint32_t n) {
    uint32_t crc = 0;
    for (uint32_t i = 0; i < n; i++) {
        crc = add_text(crc, feature[i].name, sizeof feature[i].name, ' ');
        crc = add_text(crc, feature[i].unit, sizeof feature[i].unit, ' ');
        crc = add_number(crc, feature[i].num, '/');
        crc = add_number(crc, feature[i].den, '\n');
    }
    return crc ? crc : 1; /* 0 stands for any */
}
