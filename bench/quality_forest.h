/*
 * A plain random forest, the baseline of bench/quality types: bootstrap of the rows with classes of equal weight, the root of
 * the features tried at a node, Gini impurity, grown to the end; probabilities are the trees' mean.
 * Source: Breiman, "Random Forests", Machine Learning 45, 2001.
 */
#ifndef BENCH_QUALITY_FOREST_H
#define BENCH_QUALITY_FOREST_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { FOREST_TREES = 200, FOREST_CLASSES = 32, FOREST_DEPTH = 40 };

/** Rows: x [n × features], label [n] below `classes`. */
typedef struct forest_rows {
    const float *x;
    const uint32_t *label;
    size_t n, features;
    uint32_t classes;
} forest_rows;

/* A node: x[feature] < split goes to child, else to child + 1; feature -1 = a leaf of that label. */
typedef struct forest_node {
    int feature;
    float split;
    uint32_t child, label;
} forest_node;

typedef struct forest {
    forest_node *node[FOREST_TREES];
} forest;

/* One tree while it grows. */
typedef struct forest_grower {
    const forest_rows *rows;
    double weight[FOREST_CLASSES];
    size_t *order, n_nodes;
    forest_node *node;
    dcl_rng dice;
} forest_grower;

typedef struct forest_pair {
    float value;
    uint32_t label;
} forest_pair;

static int forest_by_value(const void *a, const void *b) {
    float x = ((const forest_pair *)a)->value, y = ((const forest_pair *)b)->value;
    return (x > y) - (x < y);
}

static double forest_gini(const double *of, uint32_t classes) {
    double all = 0, square = 0;
    for (uint32_t k = 0; k < classes; k++) all += of[k], square += of[k] * of[k];
    return all > 0 ? all - square / all : 0;
}

/* The best split of the rows [from, to) by one feature; returns its impurity, infinite where there is none. */
static double forest_try(const forest_grower *g, size_t from, size_t to, size_t feature, forest_pair *pair,
                         float *split) {
    double left[FOREST_CLASSES] = {0}, right[FOREST_CLASSES] = {0}, best = (double)INFINITY;
    size_t n = to - from;
    for (size_t i = 0; i < n; i++) {
        size_t row = g->order[from + i];
        pair[i] = (forest_pair){g->rows->x[row * g->rows->features + feature], g->rows->label[row]};
        right[pair[i].label] += g->weight[pair[i].label];
    }
    qsort(pair, n, sizeof *pair, forest_by_value);
    for (size_t i = 0; i + 1 < n; i++) {
        left[pair[i].label] += g->weight[pair[i].label];
        right[pair[i].label] -= g->weight[pair[i].label];
        if (pair[i].value == pair[i + 1].value) continue;
        double impurity = forest_gini(left, g->rows->classes) + forest_gini(right, g->rows->classes);
        if (impurity < best) {
            best = impurity;
            *split = 0.5f * (pair[i].value + pair[i + 1].value);
        }
    }
    return best;
}

static uint32_t forest_majority(const forest_grower *g, size_t from, size_t to, bool *pure) {
    double count[FOREST_CLASSES] = {0};
    uint32_t best = 0, kinds = 0;
    for (size_t i = from; i < to; i++)
        count[g->rows->label[g->order[i]]] += g->weight[g->rows->label[g->order[i]]];
    for (uint32_t k = 0; k < g->rows->classes; k++) {
        best = count[k] > count[best] ? k : best;
        kinds += count[k] > 0;
    }
    *pure = kinds < 2;
    return best;
}

static void forest_grow(forest_grower *g, uint32_t at, size_t from, size_t to, int depth, forest_pair *pair) {
    bool pure;
    size_t features = g->rows->features, tries = (size_t)(sqrt((double)features) + 0.5), middle = from;
    double best = (double)INFINITY;
    g->node[at] = (forest_node){.feature = -1, .label = forest_majority(g, from, to, &pure)};
    if (pure || depth == FOREST_DEPTH) return;
    for (size_t t = 0; t < tries; t++) {
        size_t feature = dcl_rng_below(&g->dice, (uint32_t)features);
        float split = 0;
        double impurity = forest_try(g, from, to, feature, pair, &split);
        if (impurity >= best) continue;
        best = impurity;
        g->node[at].feature = (int)feature;
        g->node[at].split = split;
    }
    if (g->node[at].feature < 0) return;
    for (size_t i = from; i < to; i++) {
        size_t row = g->order[i];
        if (!(g->rows->x[row * features + (size_t)g->node[at].feature] < g->node[at].split)) continue;
        g->order[i] = g->order[middle];
        g->order[middle++] = row;
    }
    uint32_t child = g->node[at].child = (uint32_t)g->n_nodes;
    g->n_nodes += 2;
    forest_grow(g, child, from, middle, depth + 1, pair);
    forest_grow(g, child + 1, middle, to, depth + 1, pair);
}

/** Grows a forest; false where memory is short. forest_free() releases it either way. */
static bool forest_learn(const forest_rows *rows, uint64_t seed, forest *out) {
    forest_grower g = {.rows = rows};
    double count[FOREST_CLASSES] = {0};
    *out = (forest){{NULL}};
    g.order = malloc(rows->n * sizeof *g.order);
    forest_pair *pair = malloc(rows->n * sizeof *pair);
    bool whole = g.order && pair;
    for (size_t i = 0; i < rows->n; i++) count[rows->label[i]]++;
    for (uint32_t k = 0; k < rows->classes; k++) g.weight[k] = count[k] > 0 ? 1 / count[k] : 0;
    for (size_t t = 0; t < FOREST_TREES && whole; t++) {
        g.dice = (dcl_rng){seed, t, 0};
        g.n_nodes = 1;
        g.node = out->node[t] = malloc((2 * rows->n + 2) * sizeof *g.node);
        whole = g.node != NULL;
        for (size_t i = 0; i < rows->n; i++) g.order[i] = dcl_rng_below(&g.dice, (uint32_t)rows->n);
        if (whole) forest_grow(&g, 0, 0, rows->n, 0, pair);
    }
    free(g.order);
    free(pair);
    return whole;
}

static void forest_free(forest *of) {
    for (size_t t = 0; t < FOREST_TREES; t++) free(of->node[t]);
    *of = (forest){{NULL}};
}

/** The share of the trees for each class. x [features], out [classes]. */
static void forest_probability(const forest *of, const float *x, uint32_t classes, double *out) {
    memset(out, 0, classes * sizeof *out);
    for (size_t t = 0; t < FOREST_TREES; t++) {
        const forest_node *node = of->node[t], *at = node;
        while (at->feature >= 0) at = node + at->child + !(x[at->feature] < at->split);
        out[at->label] += 1.0 / FOREST_TREES;
    }
}

#endif
