#include "gateway/cart.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS = 256, DEPTH = 64, VALUES = 512 /* of a feature, from -1 on */ };

typedef struct grower {
    dcl_gateway_cell *cell;
    uint16_t *tree;
    size_t n, room;
    double least;
    bool failed;
} grower;

static void put(grower *g, uint32_t half) {
    if (g->failed || dcl_grow(&g->tree, &g->room, g->n + 1, sizeof *g->tree)) {
        g->failed = true;
        return;
    }
    g->tree[g->n++] = (uint16_t)half;
}

static unsigned label_of(const dcl_gateway_cell *cell) {
    return cell->answer & 0xFF;
}

/* Weights by label, the heaviest label, and all. */
static double weigh(const dcl_gateway_cell *cell, size_t n, double *of, unsigned *heaviest) {
    double sum = 0;
    memset(of, 0, LABELS * sizeof *of);
    for (size_t i = 0; i < n; i++)
        of[label_of(&cell[i])] += (double)cell[i].weight, sum += (double)cell[i].weight;
    *heaviest = 0;
    for (unsigned k = 1; k < LABELS; k++) *heaviest = of[k] > of[*heaviest] ? k : *heaviest;
    return sum;
}

static void put_leaf(grower *g, const dcl_gateway_cell *cell, size_t n, unsigned label) {
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        if (label_of(&cell[i]) != label) continue;
        sum += (double)cell[i].weight * (cell[i].answer >> 8);
        weight += (double)cell[i].weight;
    }
    put(g, DCL_BLOB_LEAF | (uint32_t)(sum / weight + 0.5) << 8 | label);
}

typedef struct cut {
    unsigned feature;
    int threshold;
    double gain; /* of the sum of squares over the weight, on both sides together */
} cut;

/* The best cut of one feature: sums of the labels' weights value by value. */
static void try_feature(const dcl_gateway_cell *cell, size_t n, unsigned feature, const double *all,
                        double sum, double (*by)[LABELS], cut *best) {
    int low = VALUES, high = -1;
    for (size_t i = 0; i < n; i++) {
        int v = cell[i].x[feature] + 1;
        v = v < 0 ? 0 : v >= VALUES ? VALUES - 1 : v;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    for (int v = low; v <= high; v++) memset(by[v], 0, sizeof by[v]);
    for (size_t i = 0; i < n; i++) {
        int v = cell[i].x[feature] + 1;
        v = v < 0 ? 0 : v >= VALUES ? VALUES - 1 : v;
        by[v][label_of(&cell[i])] += (double)cell[i].weight;
    }
    double left[LABELS] = {0}, weight = 0;
    for (int v = low; v < high; v++) {
        double squares = 0, others = 0;
        for (unsigned k = 0; k < LABELS; k++) {
            left[k] += by[v][k];
            weight += by[v][k];
            squares += left[k] * left[k];
            others += (all[k] - left[k]) * (all[k] - left[k]);
        }
        if (!(weight > 0) || !(sum - weight > 0)) continue;
        double gain = squares / weight + others / (sum - weight);
        if (gain > best->gain * (1 + 1e-12)) *best = (cut){feature, v, gain};
    }
}

/* Puts what lies left of the cut before the rest; returns how many. */
static size_t part(dcl_gateway_cell *cell, size_t n, const cut *at) {
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (cell[i].x[at->feature] >= at->threshold) continue;
        dcl_gateway_cell swap = cell[left];
        cell[left++] = cell[i];
        cell[i] = swap;
    }
    return left;
}

static void grow(grower *g, size_t first, size_t n, int depth, double (*by)[LABELS]) {
    dcl_gateway_cell *cell = g->cell + first;
    double all[LABELS], sum;
    unsigned heaviest;
    sum = weigh(cell, n, all, &heaviest);
    cut best = {0, 0, -1};
    bool pure = sum - all[heaviest] <= g->least;
    for (unsigned f = 0; !pure && depth < DEPTH && f < DCL_GATEWAY_STEP_COUNT; f++)
        try_feature(cell, n, f, all, sum, by, &best);
    if (best.gain < 0 || g->failed) {
        put_leaf(g, cell, n, heaviest);
        return;
    }
    /* The threshold is the value + 1 in the feature's own numbers: x < threshold is what was summed up so far. */
    size_t left = part(cell, n, &best);
    if (!left || left == n) {
        put_leaf(g, cell, n, heaviest);
        return;
    }
    put(g, best.feature);
    put(g, (uint32_t)best.threshold & 0xFFFF);
    put(g, 0);
    size_t node = g->n;
    grow(g, first, left, depth + 1, by);
    if (!g->failed && g->n - node > UINT16_MAX) g->failed = true;
    if (!g->failed) g->tree[node - 1] = (uint16_t)(g->n - node);
    grow(g, first + left, n - left, depth + 1, by);
}

dcl_status dcl_gateway_cart(dcl_gateway_cell *cell, size_t n, double least, uint16_t **tree, size_t *tree_n,
                            dcl_error *error) {
    grower g = {.cell = cell, .least = least};
    *tree = NULL;
    *tree_n = 0;
    if (!n) return dcl_fail(error, DCL_E_NO_DATA, "no step to name");
    double(*by)[LABELS] = malloc(VALUES * sizeof *by);
    if (!by) return dcl_fail_memory(error, "a tree of steps");
    grow(&g, 0, n, 0, by);
    free(by);
    if (g.failed || g.n > UINT16_MAX) {
        free(g.tree);
        return g.n > UINT16_MAX
                   ? dcl_fail(error, DCL_E_UNSUPPORTED, "the names of steps need a tree too large")
                   : dcl_fail_memory(error, "a tree of steps");
    }
    *tree = g.tree;
    *tree_n = g.n;
    return DCL_OK;
}
