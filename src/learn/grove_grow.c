/* Growing a random forest: features in bins of about as many rows, trees one by one on lots of the rows. */
#include "base/order.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/status.h"
#include "learn/grove.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a feature at most so many cuts; what is missing stands above them all. */
enum { CUTS = 250, BINS = CUTS + 2, STREAM = 0x67726f76 };

dcl_grove_options dcl_grove_defaults(void) {
    return (dcl_grove_options){.trees = 100, .leaf = 3, .share = 1.0 / 3};
}

/* ---------------------------------------------------------------- bins */

/* What all trees share. cut [features × BINS]: ascending, the last of a feature +inf; bin [features × n] = cuts at or below. */
typedef struct ground {
    const dcl_context *context;
    const dcl_rows *rows;
    const dcl_grove_options *options;
    float *cut;
    uint8_t *bin;
    double *weight; /* [n] */
    struct tree *tree;
    uint32_t tries;
} ground;

/* Cuts half-way between two values that follow each other, with enough rows between two cuts. */
static size_t find_cuts(const float *sorted, size_t n, float *cut) {
    size_t cuts = 0, last = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (sorted[i] == sorted[i + 1] || (i + 1 - last) * CUTS < n) continue;
        float middle = 0.5f * sorted[i] + 0.5f * sorted[i + 1];
        cut[cuts++] = middle > sorted[i] ? middle : sorted[i + 1];
        last = i + 1;
    }
    cut[cuts++] = INFINITY;
    return cuts;
}

static dcl_status fill_bins(ground *g, dcl_error *error) {
    const dcl_rows *rows = g->rows;
    float *column = malloc((rows->n + 1) * sizeof *column);
    if (!column) return dcl_fail_memory(error, "the features of a forest");
    for (size_t f = 0; f < rows->features; f++) {
        size_t n = 0;
        float *cut = g->cut + f * BINS;
        for (size_t i = 0; i < rows->n; i++)
            if (isfinite(rows->x[i * rows->features + f])) column[n++] = rows->x[i * rows->features + f];
        dcl_sort_f32(column, n);
        size_t cuts = find_cuts(column, n, cut);
        for (size_t i = 0; i < rows->n; i++) {
            float x = rows->x[i * rows->features + f];
            size_t low = 0, high = cuts; /* the cuts at or below x: all of them where it is missing */
            while (low < high) {
                size_t middle = (low + high) / 2;
                if (x < cut[middle])
                    high = middle;
                else
                    low = middle + 1;
            }
            g->bin[f * rows->n + i] = (uint8_t)low;
        }
    }
    free(column);
    return DCL_OK;
}

/* Groups weigh the same within their class, classes the same. Quadratic in groups, which are tens. */
static dcl_status weigh(ground *g, dcl_error *error) {
    typedef struct group {
        uint32_t label, number;
        size_t rows;
    } group;
    const dcl_rows *rows = g->rows;
    size_t n = 0, of[DCL_SVM_CLASSES] = {0};
    group *groups = malloc((rows->n + 1) * sizeof *groups);
    size_t *at = malloc((rows->n + 1) * sizeof *at);
    for (size_t i = 0; groups && at && i < rows->n; i++) {
        size_t k = n;
        while (k > 0 && (groups[k - 1].label != rows->label[i] || groups[k - 1].number != rows->group[i]))
            k--;
        if (!k) {
            groups[n++] = (group){rows->label[i], rows->group[i], 0};
            of[rows->label[i]]++;
            k = n;
        }
        at[i] = k - 1;
        groups[k - 1].rows++;
    }
    for (size_t i = 0; groups && at && i < rows->n; i++)
        g->weight[i] = 1 / ((double)groups[at[i]].rows * (double)of[rows->label[i]]);
    dcl_status status = groups && at ? DCL_OK : dcl_fail_memory(error, "the groups of a forest");
    free(groups);
    free(at);
    return status;
}

/* ---------------------------------------------------------------- a tree */

typedef struct tree {
    dcl_grove_node *node;
    dcl_grove_part *part;
    size_t nodes, parts, room, part_room;
} tree;

/* A tree while it grows. row: those drawn, each once, by node; lot: how often each was drawn, times its weight. */
typedef struct grower {
    const ground *ground;
    tree *tree;
    uint32_t *row, *sorted;
    uint16_t *feature; /* all, in an order that changes */
    double *lot;
    dcl_rng dice;
} grower;

/* A split of a node: rows whose bin is at most `bin` go left. */
typedef struct split {
    double purity;
    uint32_t feature, bin;
} split;

/* The sums of a side, kept so that Σ w² need not be summed again. */
typedef struct side {
    double of[DCL_SVM_CLASSES], all, squares;
} side;

static void move(side *s, uint32_t label, double w) {
    s->squares += w * (2 * s->of[label] + w);
    s->of[label] += w;
    s->all += w;
}

/* Rows of a node in order of a feature's bins. False where all are in one. */
static bool sort_by_bin(const grower *g, const uint32_t *row, size_t n, const uint8_t *bin) {
    uint32_t start[BINS + 1] = {0};
    for (size_t i = 0; i < n; i++) start[bin[row[i]] + 1]++;
    if (start[bin[row[0]] + 1] == n) return false;
    for (size_t b = 0; b < BINS; b++) start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++) g->sorted[start[bin[row[i]]]++] = row[i];
    return true;
}

/* Tries a feature: the split of most purity Σ (Σ w²) / w, which is that of least Gini impurity. False where it has one value. */
static bool try_feature(const grower *g, const uint32_t *row, size_t n, const side *whole, uint32_t feature,
                        split *best) {
    const dcl_rows *rows = g->ground->rows;
    const uint8_t *bin = g->ground->bin + feature * rows->n;
    size_t least = g->ground->options->leaf;
    if (!sort_by_bin(g, row, n, bin)) return false;
    side left = {{0}, 0, 0}, right = *whole;
    for (size_t i = 0; i + 1 < n; i++) {
        uint32_t at = g->sorted[i], next = g->sorted[i + 1];
        move(&left, rows->label[at], g->lot[at]);
        move(&right, rows->label[at], -g->lot[at]);
        if (bin[at] == bin[next] || i + 1 < least || n - i - 1 < least) continue;
        double purity = left.squares / left.all + right.squares / right.all;
        /* Half-way between the two bins; what is missing is cut off by the last cut alone. */
        if (purity > best->purity)
            *best = (split){purity, feature, (uint32_t)(bin[at] + (bin[next] - 1 - bin[at]) / 2)};
    }
    return true;
}

static split find_split(grower *g, const uint32_t *row, size_t n, const side *whole) {
    split best = {whole->squares / whole->all * (1 + 1e-9), 0, BINS};
    uint32_t features = (uint32_t)g->ground->rows->features, told = 0;
    for (uint32_t k = 0; k < features && (told < g->ground->tries || best.bin == BINS); k++) {
        uint32_t other = k + dcl_rng_below(&g->dice, features - k);
        uint16_t feature = g->feature[other];
        g->feature[other] = g->feature[k];
        g->feature[k] = feature;
        told += try_feature(g, row, n, whole, feature, &best);
    }
    return best;
}

static dcl_grove_node *add_node(tree *t) {
    if (dcl_grow(&t->node, &t->room, t->nodes + 1, sizeof *t->node)) return NULL;
    return &t->node[t->nodes++];
}

static bool add_leaf(tree *t, const side *whole, uint32_t classes) {
    dcl_grove_node *node = add_node(t);
    if (!node || dcl_grow(&t->part, &t->part_room, t->parts + classes, sizeof *t->part)) return false;
    *node = (dcl_grove_node){.other = (uint32_t)t->parts};
    for (uint32_t k = 0; k < classes; k++) {
        uint32_t part = (uint32_t)(255 * whole->of[k] / whole->all + 0.5);
        if (!part) continue;
        t->part[t->parts++] = (dcl_grove_part){(uint8_t)k, (uint8_t)(part < 255 ? part : 255)};
        node->n_parts++;
    }
    return true;
}

/* The rows of a node, and below. False where memory is short. */
static bool grow(grower *g, uint32_t *row, size_t n, int depth) {
    const dcl_rows *rows = g->ground->rows;
    side whole = {{0}, 0, 0};
    uint32_t kinds = 0;
    for (size_t i = 0; i < n; i++) move(&whole, rows->label[row[i]], g->lot[row[i]]);
    for (uint32_t k = 0; k < rows->classes; k++) kinds += whole.of[k] > 0;
    split best = {0, 0, BINS};
    if (kinds > 1 && n >= 2 * (size_t)g->ground->options->leaf && depth < DCL_GROVE_DEPTH)
        best = find_split(g, row, n, &whole);
    if (best.bin == BINS) return add_leaf(g->tree, &whole, rows->classes);
    dcl_grove_node *fork = add_node(g->tree);
    if (!fork) return false;
    size_t at = g->tree->nodes - 1, left = 0, right = 0;
    *fork = (dcl_grove_node){g->ground->cut[best.feature * BINS + best.bin], 0, (uint16_t)best.feature, 0};
    const uint8_t *bin = g->ground->bin + best.feature * rows->n;
    for (size_t i = 0; i < n; i++) {
        if (bin[row[i]] <= best.bin)
            row[left++] = row[i];
        else
            g->sorted[right++] = row[i];
    }
    memcpy(row + left, g->sorted, right * sizeof *row);
    if (!grow(g, row, left, depth + 1)) return false;
    g->tree->node[at].other = (uint32_t)g->tree->nodes;
    return grow(g, row + left, right, depth + 1);
}

static dcl_status grow_tree(void *arg, size_t number) {
    ground *of = arg;
    size_t n = of->rows->n, features = of->rows->features, drawn = 0;
    grower g = {of,
                &of->tree[number],
                malloc(2 * n * sizeof *g.row),
                NULL,
                malloc(features * sizeof *g.feature),
                calloc(n, sizeof *g.lot),
                {of->context->seed, STREAM + number, 0}};
    bool grown = g.row && g.feature && g.lot;
    g.sorted = g.row + n;
    for (size_t f = 0; grown && f < features; f++) g.feature[f] = (uint16_t)f;
    for (size_t i = 0; grown && i < n; i++) {
        size_t at = dcl_rng_below(&g.dice, (uint32_t)n);
        g.lot[at] += of->weight[at];
    }
    for (size_t i = 0; grown && i < n; i++)
        if (g.lot[i] > 0) g.row[drawn++] = (uint32_t)i;
    grown = grown && grow(&g, g.row, drawn, 0);
    free(g.row);
    free(g.feature);
    free(g.lot);
    return grown ? DCL_OK : DCL_E_MEMORY;
}

/* ---------------------------------------------------------------- all trees */

static dcl_status join(const ground *g, dcl_arena *arena, dcl_grove *out, dcl_error *error) {
    const uint32_t trees = g->options->trees;
    dcl_grove grove = {.features = (uint32_t)g->rows->features, .classes = g->rows->classes, .trees = trees};
    for (uint32_t t = 0; t < trees; t++) grove.nodes += g->tree[t].nodes, grove.parts += g->tree[t].parts;
    uint32_t *root = dcl_arena_alloc(arena, trees, sizeof *root), nodes = 0, parts = 0;
    dcl_grove_node *node = dcl_arena_alloc(arena, grove.nodes, sizeof *node);
    dcl_grove_part *part = dcl_arena_alloc(arena, grove.parts, sizeof *part);
    if (!root || !node || !part) return dcl_fail_memory(error, "a forest");
    for (uint32_t t = 0; t < trees; t++) {
        const tree *of = &g->tree[t];
        root[t] = nodes;
        for (size_t i = 0; i < of->nodes; i++) {
            node[nodes + i] = of->node[i];
            node[nodes + i].other += of->node[i].n_parts ? parts : nodes;
        }
        memcpy(part + parts, of->part, of->parts * sizeof *part);
        nodes += (uint32_t)of->nodes;
        parts += (uint32_t)of->parts;
    }
    grove.root = root;
    grove.node = node;
    grove.part = part;
    *out = grove;
    return DCL_OK;
}

static dcl_status check(const dcl_rows *rows, const dcl_grove_options *options, dcl_error *error) {
    if (options->trees < 1 || options->trees > DCL_GROVE_TREES || options->leaf < 1 ||
        !(options->share > 0 && options->share <= 1))
        return dcl_fail(error, DCL_E_ARG,
                        "a forest has 1 to %d trees, leaves of a row at least, and a share of the features",
                        DCL_GROVE_TREES);
    if (rows->classes < 2 || rows->classes > DCL_SVM_CLASSES || rows->features < 1 ||
        rows->features > DCL_SVM_FEATURES || rows->n > DCL_SVM_ROWS)
        return dcl_fail(error, DCL_E_ARG, "%zu rows of %zu features in %u classes: at most %d, %d and %d",
                        rows->n, rows->features, (unsigned)rows->classes, DCL_SVM_ROWS, DCL_SVM_FEATURES,
                        DCL_SVM_CLASSES);
    for (size_t i = 0; i < rows->n; i++)
        if (rows->label[i] >= rows->classes)
            return dcl_fail(error, DCL_E_ARG, "row %zu has label %u of %u classes", i,
                            (unsigned)rows->label[i], (unsigned)rows->classes);
    return rows->n ? DCL_OK : dcl_fail(error, DCL_E_NO_DATA, "no rows to learn from");
}

dcl_status dcl_grove_learn(const dcl_context *context, const dcl_rows *rows, const dcl_grove_options *options,
                           dcl_arena *arena, dcl_grove *out, dcl_error *error) {
    dcl_status status = check(rows, options, error);
    if (status) return status;
    ground g = {.context = context, .rows = rows, .options = options};
    g.tries = (uint32_t)ceil(options->share * (double)rows->features);
    g.cut = malloc(rows->features * BINS * sizeof *g.cut);
    g.bin = malloc(rows->features * rows->n);
    g.weight = malloc(rows->n * sizeof *g.weight);
    g.tree = calloc(options->trees, sizeof *g.tree);
    if (!g.cut || !g.bin || !g.weight || !g.tree) {
        status = dcl_fail_memory(error, "a forest");
        goto done;
    }
    status = fill_bins(&g, error);
    if (!status) status = weigh(&g, error);
    if (!status) {
        status = dcl_parallel_for(context, options->trees, grow_tree, &g);
        if (status == DCL_E_MEMORY) status = dcl_fail_memory(error, "a forest's trees");
    }
    if (!status) status = join(&g, arena, out, error);
done:
    for (uint32_t t = 0; g.tree && t < options->trees; t++) {
        free(g.tree[t].node);
        free(g.tree[t].part);
    }
    free(g.cut);
    free(g.bin);
    free(g.weight);
    free(g.tree);
    return status;
}
