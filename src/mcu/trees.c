/*
 * Forests of integers, walked in place. A tree of depth d is stored as a perfect one: 2^d - 1 nodes in order (the root in the
 * middle, as in a sorted array, the largest first), 2^d leaves. Two trees share a block, so that all its rows have the same
 * stride of 2 bytes and one offset leads through thresholds, features and leaves: at level l going left adds 2^(d-l), going
 * right nothing.
 *
 *     thresholds of A, of B    i16 [2^d - 1] each
 *     features                 u8  [2^d - 1][2]: twice the number of the feature that A and B look at
 *     leaves of A, of B        i16 [2^d] each
 */
#include <declic/mcu_trees.h>

typedef const unsigned char *bytes;

static inline int32_t half_at(bytes at) {
    return *(const int16_t *)(const void *)at;
}

enum {
    DEPTH = 4, /* the depth with code of its own: what forests for a gateway are made of */
    NODES = 2 * ((1 << DEPTH) - 1),
    LEAVES = 2 << DEPTH,
    BLOCK = 3 * NODES + 2 * LEAVES
};

/* A level of the tree at `at`, in seven instructions of RV32IMAC: load feature and threshold, add, load the value, compare,
 * shift, add. A macro, for a compiler that saves space makes calls of it. */
#define LEVEL(at, level, thresholds, features)                                                               \
    at += (uint32_t)(half_at(x + (at)[(features) + FIRST(level)]) <                                          \
                     half_at((at) + (thresholds) + FIRST(level)))                                            \
          << (DEPTH - (level))
#define FIRST(level) (2 * ((1 << (DEPTH - (level)-1)) - 1))

static int32_t walk_fours(bytes block, uint32_t pairs, bytes x) {
    int32_t sum = 0;
    bytes end = block + pairs * BLOCK;
    do {
        bytes a = block, b = block;
        LEVEL(a, 0, 0, 2 * NODES);
        LEVEL(a, 1, 0, 2 * NODES);
        LEVEL(a, 2, 0, 2 * NODES);
        LEVEL(a, 3, 0, 2 * NODES);
        LEVEL(b, 0, NODES, 2 * NODES + 1);
        LEVEL(b, 1, NODES, 2 * NODES + 1);
        LEVEL(b, 2, NODES, 2 * NODES + 1);
        LEVEL(b, 3, NODES, 2 * NODES + 1);
        sum += half_at(a + 3 * NODES);
        sum += half_at(b + 3 * NODES + LEAVES);
        block += BLOCK;
    } while (block != end);
    return sum;
}

static uint32_t block_bytes(unsigned depth) {
    return (10u << depth) - 6;
}

static int32_t walk_any(bytes block, uint32_t pairs, unsigned depth, bytes x) {
    uint32_t nodes = 2 * ((1u << depth) - 1), leaves = 2u << depth;
    int32_t sum = 0;
    for (; pairs--; block += block_bytes(depth)) {
        for (unsigned which = 0; which < 2; which++) {
            uint32_t at = 0;
            for (unsigned left = depth; left; left--) {
                uint32_t node = at + (2u << (left - 1)) - 2;
                int32_t value = half_at(x + block[2 * nodes + which + node]);
                at += (uint32_t)(value < half_at(block + which * nodes + node)) << left;
            }
            sum += half_at(block + 3 * nodes + which * leaves + at);
        }
    }
    return sum;
}

static uint32_t word_at(const uint16_t *at) {
    return at[0] | (uint32_t)at[1] << 16;
}

void dcl_mcu_forest_sums(const dcl_mcu_forest *forest, const int16_t *x, int32_t *sum) {
    bytes block = (bytes)forest->body, row = (bytes)x;
    for (uint32_t k = 0; k < forest->outputs; k++) sum[k] = (int32_t)word_at(forest->base + 2 * k);
    for (uint32_t g = 0; g < forest->groups; g++) {
        unsigned depth = forest->group[2 * g] & 0xFF, output = forest->group[2 * g] >> 8;
        uint32_t pairs = forest->group[2 * g + 1];
        if (!depth) {
            block += 2 * pairs;
            continue;
        }
        sum[output] += depth == DEPTH ? walk_fours(block, pairs, row) : walk_any(block, pairs, depth, row);
        block += pairs * block_bytes(depth);
    }
}

int32_t dcl_mcu_forest_value(const dcl_mcu_forest *forest, int32_t sum) {
    return forest->shift ? (sum + (1 << (forest->shift - 1))) >> forest->shift : sum;
}

/* Nodes stand before what is below them, so each turn leads on, and no turn leads out. */
uint32_t dcl_mcu_forest_leaf(const dcl_mcu_forest *forest, const int16_t *x) {
    const uint16_t *node = forest->deep;
    uint32_t at = 0, n = forest->deep_n;
    while (at < n && !(node[at] & DCL_BLOB_LEAF)) {
        if (n - at < 3 || node[at] >= forest->features) return 0;
        at += x[node[at]] < (int16_t)node[at + 1] ? 3u : 3u + node[at + 2];
    }
    return at < n ? node[at] & (DCL_BLOB_LEAF - 1u) : 0;
}

const char *dcl_mcu_forest_label(const dcl_mcu_forest *forest, uint32_t output) {
    uint32_t at = 0;
    for (; at < forest->text_bytes && output; at++) output -= !forest->text[at];
    return at < forest->text_bytes ? forest->text + at : "";
}
