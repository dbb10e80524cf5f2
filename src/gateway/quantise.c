/* Forests of floats become a blob of integers. docs/blob.md is its form. */
#include "gateway/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- features */

float dcl_gateway_value(const dcl_mcu_feature *feature, int32_t integer) {
    return (float)((double)integer * feature->den / feature->num);
}

static double within(double value, double least, double most) {
    return value < least ? least : value > most ? most : value;
}

int16_t dcl_gateway_integer(const dcl_mcu_feature *feature, double value) {
    double scaled = floor(value * feature->num / feature->den + 0.5);
    return (int16_t)within(scaled, DCL_FEATURE_LEAST, DCL_FEATURE_MOST);
}

/* The division rounds, and so does float32: the neighbours of ceil(cut × scale) are asked. */
int16_t dcl_gateway_threshold(const dcl_mcu_feature *feature, float cut) {
    double near = ceil((double)cut * feature->num / feature->den);
    int32_t at = (int32_t)within(near, DCL_FEATURE_LEAST - 1, DCL_FEATURE_MOST + 1);
    while (at > DCL_FEATURE_LEAST - 1 && !(dcl_gateway_value(feature, at - 1) < cut)) at--;
    while (at <= DCL_FEATURE_MOST && dcl_gateway_value(feature, at) < cut) at++;
    return (int16_t)at;
}

/* ---------------------------------------------------------------- the writer */

typedef struct writer {
    const dcl_gateway_source *source;
    dcl_gateway_blob *out;
    size_t at; /* of the next word */
    int shift;
} writer;

static void put(writer *w, uint32_t half) {
    w->out->word[w->at++] = (uint16_t)half;
}

static void put_number(writer *w, uint32_t number) {
    put(w, number & 0xFFFF);
    put(w, number >> 16);
}

static void put_byte(writer *w, size_t first, size_t byte, unsigned value) {
    uint16_t *half = &w->out->word[first + byte / 2];
    *half = (uint16_t)(*half | value << (byte & 1 ? 8 : 0));
}

/* Where a block's rows begin, in words, and what is put into it. */
typedef struct block {
    size_t thresholds, features, leaves;
    uint32_t depth, which;
} block;

static int16_t leaf_of(const writer *w, float leaf) {
    return (int16_t)floor(ldexp((double)leaf, w->shift) + 0.5);
}

/* What hangs below `node` at a level, from its leftmost leaf on; a leaf above the lowest level is repeated. */
static void put_below(writer *w, const block *b, const dcl_forest_node *nodes, size_t node, uint32_t level,
                      uint32_t first) {
    const dcl_forest_node *n = &nodes[node];
    if (level == b->depth) {
        w->out->word[b->leaves + first] = (uint16_t)leaf_of(w, n->cut);
        return;
    }
    uint32_t half = 1u << (b->depth - level - 1), slot = first + half - 1;
    bool inner = n->what & DCL_FOREST_INNER;
    unsigned feature = inner ? n->what & (DCL_FOREST_FEATURES - 1u) : 0;
    int16_t cut = inner ? dcl_gateway_threshold(&w->source->feature[feature], n->cut) : INT16_MIN;
    w->out->word[b->thresholds + slot] = (uint16_t)cut;
    put_byte(w, b->features, 2 * (size_t)slot + b->which, 2 * feature);
    put_below(w, b, nodes, inner ? n->left : node, level + 1, first + half);
    put_below(w, b, nodes, inner ? (size_t)n->left + 1 : node, level + 1, first);
}

/* Two trees, the second one perhaps nothing but zeros. */
static void put_pair(writer *w, const dcl_forest *forest, const dcl_forest_tree *a, const dcl_forest_tree *b,
                     uint32_t depth) {
    static const dcl_forest_node nothing = {0};
    size_t nodes = ((size_t)1 << depth) - 1;
    block at = {w->at, w->at + 2 * nodes, w->at + 3 * nodes, depth, 0};
    put_below(w, &at, forest->node + a->first, 0, 0, 0);
    at.which = 1;
    at.thresholds += nodes;
    at.leaves += nodes + 1;
    put_below(w, &at, b ? forest->node + b->first : &nothing, 0, 0, 0);
    w->at += 5 * nodes + 2;
}

/* The depth that a tree is stored with. One of three levels takes the code for four, which is faster than that for any. */
static uint32_t depth_of(const dcl_forest_tree *tree) {
    return tree->depth == 3 ? 4 : tree->depth ? tree->depth : 1;
}

static void put_trees(writer *w, const dcl_forest *forest, uint32_t depth) {
    const dcl_forest_tree *first = NULL;
    for (size_t t = 0; t < forest->n_trees; t++) {
        const dcl_forest_tree *tree = &forest->tree[t];
        if (depth_of(tree) != depth) continue;
        if (first) put_pair(w, forest, first, tree, depth);
        first = first ? NULL : tree;
    }
    if (first) put_pair(w, forest, first, NULL, depth);
}

static uint32_t pairs_of(const dcl_gateway_source *s, uint32_t output, uint32_t depth) {
    if (!s->forest) return 0;
    const dcl_forest *forest = &s->forest[output];
    uint32_t n = 0;
    for (size_t t = 0; t < forest->n_trees; t++) n += depth_of(&forest->tree[t]) == depth;
    return (n + 1) / 2;
}

/* ---------------------------------------------------------------- sizes */

static dcl_status check_forests(const dcl_gateway_source *s, dcl_error *error) {
    if (!s->outputs || s->outputs > DCL_BLOB_OUTPUTS || !s->features || s->features > DCL_BLOB_FEATURES)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "%u outputs of %u features: a gateway takes %d of %d",
                        (unsigned)s->outputs, (unsigned)s->features, DCL_BLOB_OUTPUTS, DCL_BLOB_FEATURES);
    for (uint32_t f = 0; f < s->features; f++)
        if (!s->feature[f].num || !s->feature[f].den)
            return dcl_fail(error, DCL_E_ARG, "feature %u has no scale", (unsigned)f);
    size_t trees = 0;
    for (uint32_t k = 0; s->forest && k < s->outputs; k++) {
        const dcl_forest *forest = &s->forest[k];
        if (forest->n_features != s->features)
            return dcl_fail(error, DCL_E_ARG, "output %u has %zu features, the table %u", (unsigned)k,
                            forest->n_features, (unsigned)s->features);
        for (size_t t = 0; t < forest->n_trees; t++)
            if (forest->tree[t].depth > DCL_BLOB_DEPTH)
                return dcl_fail(error, DCL_E_UNSUPPORTED, "tree %zu has %u levels: a gateway takes %d", t,
                                (unsigned)forest->tree[t].depth, DCL_BLOB_DEPTH);
        trees += forest->n_trees;
    }
    for (uint32_t k = 0; s->label && k < s->outputs; k++)
        if (strlen(s->label[k]) > 31)
            return dcl_fail(error, DCL_E_ARG, "label %u is longer than 31 bytes", (unsigned)k);
    if (s->deep_n > UINT16_MAX)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "a deep tree of %zu halves", s->deep_n);
    if (trees > DCL_BLOB_TREES - 2 * DCL_BLOB_OUTPUTS * DCL_BLOB_DEPTH)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "%zu trees are too many for a gateway", trees);
    return DCL_OK;
}

/* The largest shift for which leaves fit 16 bits and bases 30; -1 = none does. */
static int shift_of(const dcl_gateway_source *s) {
    double leaf = 0, base = 0;
    for (uint32_t k = 0; s->forest && k < s->outputs; k++) {
        const dcl_forest *forest = &s->forest[k];
        base = fmax(base, fabs((double)forest->base));
        for (size_t i = 0; i < forest->n_nodes; i++)
            if (!(forest->node[i].what & DCL_FOREST_INNER))
                leaf = fmax(leaf, fabs((double)forest->node[i].cut));
    }
    int shift = s->forest ? 15 : 0;
    while (shift >= 0 && (ldexp(leaf, shift) > 32767 || ldexp(base, shift) > DCL_BLOB_BASE - 1)) shift--;
    return shift;
}

static size_t text_bytes(const dcl_gateway_source *s) {
    size_t n = 0;
    for (uint32_t k = 0; s->label && k < s->outputs; k++) n += strlen(s->label[k]) + 1;
    return (n + 1) & ~(size_t)1;
}

static void measure(const dcl_gateway_source *s, size_t *bytes, size_t *groups) {
    *groups = s->deep ? 1 : 0;
    *bytes = DCL_BLOB_HEADER + 4 * (size_t)s->outputs + text_bytes(s) + (s->deep ? 4 + 2 * s->deep_n : 0);
    for (uint32_t k = 0; k < s->outputs; k++)
        for (uint32_t depth = 1; depth <= DCL_BLOB_DEPTH; depth++) {
            size_t pairs = pairs_of(s, k, depth);
            *groups += pairs > 0;
            *bytes += (pairs ? 4 : 0) + pairs * (((size_t)10 << depth) - 6);
        }
}

/* ---------------------------------------------------------------- the blob */

static void put_header(writer *w, size_t groups) {
    const dcl_gateway_source *s = w->source;
    put_number(w, DCL_BLOB_MAGIC);
    put(w, DCL_BLOB_VERSION);
    put(w, (uint32_t)s->kind | s->features << 8);
    put_number(w, (uint32_t)w->out->bytes);
    put_number(w, 0); /* the checksum, at the end */
    put_number(w, dcl_mcu_schema(s->feature, s->features));
    put_number(w, s->serial);
    put(w, s->outputs | (uint32_t)w->shift << 8);
    put(w, (uint32_t)groups);
    put(w, (uint32_t)text_bytes(s));
    put(w, 0);
    for (uint32_t k = 0; k < s->outputs; k++)
        put_number(w, s->forest ? (uint32_t)(int32_t)floor(ldexp((double)s->forest[k].base, w->shift) + 0.5)
                                : 0);
}

static void put_groups(writer *w) {
    const dcl_gateway_source *s = w->source;
    for (uint32_t k = 0; k < s->outputs; k++)
        for (uint32_t depth = 1; depth <= DCL_BLOB_DEPTH; depth++) {
            uint32_t pairs = pairs_of(s, k, depth);
            if (!pairs) continue;
            put(w, depth | k << 8);
            put(w, pairs);
        }
    if (s->deep) put(w, 0), put(w, (uint32_t)s->deep_n);
    for (uint32_t k = 0; s->forest && k < s->outputs; k++)
        for (uint32_t depth = 1; depth <= DCL_BLOB_DEPTH; depth++) put_trees(w, &s->forest[k], depth);
    for (size_t i = 0; s->deep && i < s->deep_n; i++) put(w, s->deep[i]);
}

static void put_labels(writer *w) {
    size_t byte = 0;
    for (uint32_t k = 0; w->source->label && k < w->source->outputs; k++, byte++)
        for (const char *c = w->source->label[k]; *c; c++) put_byte(w, w->at, byte++, (unsigned char)*c);
}

static void count(const dcl_gateway_source *s, dcl_gateway_blob *out) {
    out->trees = s->deep ? 1 : 0;
    for (size_t at = 0; s->deep && at < s->deep_n; at += s->deep[at] & DCL_BLOB_LEAF ? 1 : 3) {
        out->nodes++;
        out->leaves += s->deep[at] & DCL_BLOB_LEAF ? 1 : 0;
    }
    for (uint32_t k = 0; s->forest && k < s->outputs; k++) {
        out->trees += (uint32_t)s->forest[k].n_trees;
        for (size_t i = 0; i < s->forest[k].n_nodes; i++) {
            out->nodes++;
            out->leaves += !(s->forest[k].node[i].what & DCL_FOREST_INNER);
        }
    }
}

dcl_status dcl_gateway_quantise(const dcl_gateway_source *source, dcl_gateway_blob *out, dcl_error *error) {
    size_t groups;
    *out = (dcl_gateway_blob){0};
    dcl_status status = check_forests(source, error);
    if (status) return status;
    writer w = {.source = source, .out = out, .shift = shift_of(source)};
    if (w.shift < 0) return dcl_fail(error, DCL_E_UNSUPPORTED, "a leaf beyond ±32,767 does not fit 16 bits");
    measure(source, &out->bytes, &groups);
    if (out->bytes > DCL_BLOB_BYTES || groups > DCL_BLOB_GROUPS)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "%zu bytes are more than a gateway's model has: %u",
                        out->bytes, (unsigned)DCL_BLOB_BYTES);
    out->word = calloc(out->bytes / 2, sizeof *out->word);
    if (!out->word) return dcl_fail_memory(error, "a blob");
    put_header(&w, groups);
    put_groups(&w);
    put_labels(&w);
    uint32_t crc = dcl_mcu_crc32(dcl_mcu_crc32(0, out->word, 12), out->word + 8, out->bytes - 16);
    w.at = 6;
    put_number(&w, crc);
    count(source, out);
    dcl_blob_fault fault = dcl_mcu_forest_open(out->word, out->bytes, source->kind, 0, &out->forest);
    if (fault) {
        dcl_gateway_blob_free(out);
        return dcl_fail(error, DCL_E_UNSUPPORTED, "these forests make no blob: fault %d", (int)fault);
    }
    return DCL_OK;
}

void dcl_gateway_blob_free(dcl_gateway_blob *blob) {
    free(blob->word);
    *blob = (dcl_gateway_blob){0};
}
