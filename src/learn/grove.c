/* A random forest's answer, and its bytes: a tree is written left first, so that only forks' cuts and leaves' parts are needed. */
#include "learn/grove.h"

#include "base/status.h"

#include <math.h>
#include <string.h>

enum { LAYOUT = 1, LEAF_MARK = 0xffff };

void dcl_grove_probability(const dcl_grove *grove, const float *x, double *out) {
    memset(out, 0, grove->classes * sizeof *out);
    for (uint32_t t = 0; t < grove->trees; t++) {
        const dcl_grove_node *node = grove->node + grove->root[t];
        while (!node->n_parts) node = x[node->feature] < node->cut ? node + 1 : grove->node + node->other;
        const dcl_grove_part *part = grove->part + node->other;
        uint32_t sum = 0;
        for (uint32_t k = 0; k < node->n_parts; k++) sum += part[k].part;
        for (uint32_t k = 0; k < node->n_parts; k++) out[part[k].label] += (double)part[k].part / sum;
    }
    for (uint32_t k = 0; k < grove->classes; k++) out[k] /= grove->trees;
}

/* ---------------------------------------------------------------- bytes */

static void put_u16(dcl_pack_writer *to, uint32_t value) {
    unsigned char bytes[2] = {(unsigned char)value, (unsigned char)(value >> 8)};
    dcl_pack_put(to, bytes, 2);
}

static void put_byte(dcl_pack_writer *to, uint32_t value) {
    unsigned char byte = (unsigned char)value;
    dcl_pack_put(to, &byte, 1);
}

void dcl_grove_put(const dcl_grove *grove, dcl_pack_writer *to) {
    dcl_pack_put_u32(to, LAYOUT);
    dcl_pack_put_u32(to, grove->features);
    dcl_pack_put_u32(to, grove->classes);
    dcl_pack_put_u32(to, grove->trees);
    dcl_pack_put_u32(to, (uint32_t)grove->nodes);
    dcl_pack_put_u32(to, (uint32_t)grove->parts);
    for (size_t i = 0; i < grove->nodes; i++) {
        const dcl_grove_node *node = &grove->node[i];
        put_u16(to, node->n_parts ? LEAF_MARK : node->feature);
        if (!node->n_parts) {
            dcl_pack_put_f32(to, node->cut);
            continue;
        }
        put_byte(to, node->n_parts);
        for (uint32_t k = 0; k < node->n_parts; k++) {
            put_byte(to, grove->part[node->other + k].label);
            put_byte(to, grove->part[node->other + k].part);
        }
    }
}

/* A grove while it is read: how many nodes and parts are filled, and the forks whose other side is still to come. */
typedef struct reading {
    dcl_pack_reader *from;
    const dcl_grove *grove;
    dcl_grove_node *node;
    dcl_grove_part *part;
    uint32_t nodes, parts, open[DCL_GROVE_DEPTH];
    int n_open;
} reading;

static bool get_leaf(reading *r, dcl_grove_node *node) {
    const unsigned char *n = dcl_pack_get(r->from, 1);
    const unsigned char *of = n && *n ? dcl_pack_get(r->from, 2 * (size_t)*n) : NULL;
    if (!of || *n > r->grove->parts - r->parts) return false;
    *node = (dcl_grove_node){.other = r->parts, .n_parts = *n};
    for (uint32_t k = 0; k < *n; k++) {
        r->part[r->parts++] = (dcl_grove_part){of[2 * k], of[2 * k + 1]};
        if (of[2 * k] >= r->grove->classes || !of[2 * k + 1]) return false;
    }
    return true;
}

/* One node. False where it is none, or none that a tree can have there. */
static bool get_node(reading *r) {
    dcl_grove_node *node = &r->node[r->nodes++];
    uint32_t feature = dcl_pack_get_u16(r->from);
    if (feature == LEAF_MARK) {
        if (!get_leaf(r, node)) return false;
        if (r->n_open)
            r->node[r->open[--r->n_open]].other = r->nodes;
        else
            r->n_open = -1; /* the tree is whole */
        return true;
    }
    *node = (dcl_grove_node){.cut = dcl_pack_get_f32(r->from), .feature = (uint16_t)feature};
    if (feature >= r->grove->features || isnan(node->cut) || r->n_open == DCL_GROVE_DEPTH) return false;
    r->open[r->n_open++] = r->nodes - 1;
    return true;
}

static bool get_tree(reading *r) {
    r->n_open = 0;
    while (r->n_open >= 0)
        if (r->nodes == r->grove->nodes || r->from->failed || !get_node(r)) return false;
    return true;
}

static dcl_status bad(dcl_error *error, const char *what) {
    return dcl_fail(error, DCL_E_FORMAT, "a forest with %s", what);
}

dcl_status dcl_grove_get(dcl_pack_reader *from, dcl_arena *arena, dcl_grove *out, dcl_error *error) {
    dcl_grove grove = {0};
    uint32_t layout = dcl_pack_get_u32(from);
    if (layout > LAYOUT && layout < 16)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "a forest of a newer layout, %u", (unsigned)layout);
    grove.features = dcl_pack_get_u32(from);
    grove.classes = dcl_pack_get_u32(from);
    grove.trees = dcl_pack_get_u32(from);
    grove.nodes = dcl_pack_get_u32(from);
    grove.parts = dcl_pack_get_u32(from);
    if (layout != LAYOUT || grove.features < 1 || grove.features > DCL_SVM_FEATURES || grove.classes < 2 ||
        grove.classes > DCL_SVM_CLASSES || grove.trees < 1 || grove.trees > DCL_GROVE_TREES)
        return bad(error, "a size out of its range");
    /* The least that so many take: 3 bytes a node, 2 a part. */
    if (3 * (uint64_t)grove.nodes + 2 * (uint64_t)grove.parts > dcl_pack_left(from))
        return bad(error, "fewer bytes than it says");
    uint32_t *root = dcl_arena_alloc(arena, grove.trees, sizeof *root);
    reading r = {from,
                 &grove,
                 dcl_arena_alloc(arena, grove.nodes, sizeof *r.node),
                 dcl_arena_alloc(arena, grove.parts, sizeof *r.part),
                 0,
                 0,
                 {0},
                 0};
    if (!root || !r.node || !r.part) return dcl_fail_memory(error, "a forest");
    for (uint32_t t = 0; t < grove.trees; t++) {
        root[t] = r.nodes;
        if (!get_tree(&r)) return bad(error, "a tree that is none");
    }
    if (r.nodes != grove.nodes || r.parts != grove.parts) return bad(error, "nodes of no tree");
    grove.root = root;
    grove.node = r.node;
    grove.part = r.part;
    *out = grove;
    return DCL_OK;
}
