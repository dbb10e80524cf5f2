/* Boosted trees as we run them. */
#include "learn/forest.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

/* ---------------------------------------------------------------- checks, of any source */

/* Children come after their parent, in pairs, so a walk ends; depths follow in one pass from the last node to the first. */
static dcl_status check_tree(const dcl_forest *forest, dcl_forest_tree *tree, size_t number,
                             dcl_error *error) {
    const dcl_forest_node *node = forest->node + tree->first;
    uint8_t depth[1 << 16]; /* of a node's subtree; a tree has at most 65,536 nodes */
    for (size_t i = tree->n; i-- > 0;) {
        bool inner = node[i].what & DCL_FOREST_INNER;
        size_t feature = node[i].what & (DCL_FOREST_FEATURES - 1u);
        depth[i] = 0;
        if (isnan(node[i].cut) || (!inner && (node[i].left != i || node[i].what || isinf(node[i].cut))))
            return dcl_fail(error, DCL_E_FORMAT, "tree %zu: node %zu is no leaf and no split", number, i);
        if (!inner) continue;
        if (node[i].left <= i || (size_t)node[i].left + 1 >= tree->n || feature >= forest->n_features)
            return dcl_fail(error, DCL_E_FORMAT, "tree %zu: node %zu leads out of the tree or its features",
                            number, i);
        uint8_t left = depth[node[i].left], right = depth[node[i].left + 1];
        depth[i] = (uint8_t)((left > right ? left : right) + 1);
        if (depth[i] > DCL_FOREST_DEPTH)
            return dcl_fail(error, DCL_E_UNSUPPORTED, "tree %zu is deeper than %d", number, DCL_FOREST_DEPTH);
    }
    tree->depth = depth[0];
    return DCL_OK;
}

/* ---------------------------------------------------------------- XGBoost's JSON */

/* A tree as the file lists it: five columns of equal length. */
typedef struct columns {
    const dcl_json *left, *right, *feature, *cut, *missing_left;
    size_t n;
} columns;

static bool get_integer(const dcl_json *list, size_t i, int64_t least, int64_t most, int64_t *out) {
    double value;
    if (!dcl_json_real(dcl_json_at(list, i), &value) || !(value >= (double)least && value <= (double)most))
        return false;
    *out = (int64_t)value;
    return (double)*out == value;
}

/* One node of the file becomes one of ours; its children are put behind all that is there, left then right. */
static bool take_node(const columns *c, size_t id, dcl_forest_node *nodes, size_t at, uint32_t *source,
                      size_t *used) {
    int64_t left, right, feature, missing_left = 0;
    double cut;
    int64_t last = (int64_t)c->n - 1;
    if (!get_integer(c->left, id, -1, last, &left) || !get_integer(c->right, id, -1, last, &right) ||
        !dcl_json_real(dcl_json_at(c->cut, id), &cut) || (left < 0) != (right < 0))
        return false;
    nodes[at] = (dcl_forest_node){.cut = (float)cut, .left = (uint16_t)at};
    if (left < 0) return true;
    if (!get_integer(c->feature, id, 0, DCL_FOREST_FEATURES - 1, &feature) || *used + 2 > c->n) return false;
    if (!get_integer(c->missing_left, id, 0, 1, &missing_left)) return false;
    nodes[at].left = (uint16_t)*used;
    nodes[at].what =
        (uint16_t)(DCL_FOREST_INNER | (missing_left ? DCL_FOREST_MISSING_LEFT : 0) | (unsigned)feature);
    source[(*used)++] = (uint32_t)left;
    source[(*used)++] = (uint32_t)right;
    return true;
}

/* Level by level from the root: what the file lists but the root does not reach (pruned nodes) is left out. */
static bool take_tree(const columns *c, dcl_forest_node *nodes, uint32_t *source, size_t *n) {
    size_t used = 1;
    source[0] = 0;
    for (size_t at = 0; at < used; at++)
        if (!take_node(c, source[at], nodes, at, source, &used)) return false;
    *n = used;
    return true;
}

static dcl_status columns_of(const dcl_json *tree, size_t number, columns *out, dcl_error *error) {
    out->left = dcl_json_get(tree, "left_children");
    out->right = dcl_json_get(tree, "right_children");
    out->feature = dcl_json_get(tree, "split_indices");
    out->cut = dcl_json_get(tree, "split_conditions");
    out->missing_left = dcl_json_get(tree, "default_left");
    out->n = dcl_json_length(out->left);
    if (dcl_json_length(dcl_json_get(tree, "categories_nodes")))
        return dcl_fail(error, DCL_E_UNSUPPORTED, "tree %zu splits by categories", number);
    if (out->n > UINT16_MAX)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "tree %zu has %zu nodes", number, out->n);
    if (!out->n || dcl_json_length(out->right) != out->n || dcl_json_length(out->feature) != out->n ||
        dcl_json_length(out->cut) != out->n || dcl_json_length(out->missing_left) != out->n)
        return dcl_fail(error, DCL_E_FORMAT, "tree %zu: lists of nodes of one length were expected", number);
    return DCL_OK;
}

static dcl_status take_trees(const dcl_json *trees, dcl_arena *arena, dcl_forest *out, dcl_error *error) {
    size_t room = 0;
    columns c;
    for (size_t t = 0; t < out->n_trees; t++) {
        dcl_status status = columns_of(dcl_json_at(trees, t), t, &c, error);
        if (status) return status;
        room += c.n;
    }
    dcl_forest_tree *tree = dcl_arena_alloc(arena, out->n_trees, sizeof *tree);
    dcl_forest_node *node = dcl_arena_alloc(arena, room, sizeof *node);
    if (!tree || !node) return dcl_fail_memory(error, "trees");
    out->tree = tree;
    out->node = node;
    for (size_t t = 0; t < out->n_trees; t++) {
        uint32_t source[UINT16_MAX];
        size_t n;
        dcl_status status = columns_of(dcl_json_at(trees, t), t, &c, error);
        if (status) return status;
        if (!take_tree(&c, node + out->n_nodes, source, &n))
            return dcl_fail(error, DCL_E_FORMAT, "tree %zu: its nodes are no tree", t);
        tree[t] = (dcl_forest_tree){.first = (uint32_t)out->n_nodes, .n = (uint32_t)n};
        out->n_nodes += n;
        status = check_tree(out, &tree[t], t, error);
        if (status) return status;
    }
    return dcl_forest_plan(out, arena, error);
}

static dcl_status read_learner(const dcl_json *learner, dcl_arena *arena, dcl_forest *out, dcl_error *error) {
    const dcl_json *booster = dcl_json_get(learner, "gradient_booster");
    const dcl_json *param = dcl_json_get(learner, "learner_model_param");
    const char *name = dcl_json_text(dcl_json_get(booster, "name"));
    const char *objective = dcl_json_text(dcl_json_get(dcl_json_get(learner, "objective"), "name"));
    const dcl_json *trees = dcl_json_get(dcl_json_get(booster, "model"), "trees");
    double base, features, classes = 0;
    if (!name || !objective || !dcl_json_real(dcl_json_get(param, "base_score"), &base) ||
        !dcl_json_real(dcl_json_get(param, "num_feature"), &features) || !dcl_json_is_list(trees))
        return dcl_fail(error, DCL_E_FORMAT, "not a model of boosted trees as XGBoost writes it");
    dcl_json_real(dcl_json_get(param, "num_class"), &classes);
    bool is_plain =
        strcmp(objective, "reg:squarederror") == 0 || strcmp(objective, "reg:pseudohubererror") == 0;
    bool is_logistic = strcmp(objective, "binary:logistic") == 0;
    if (strcmp(name, "gbtree") != 0 || classes > 1 || (!is_plain && !(is_logistic && base == 0.5)))
        return dcl_fail(error, DCL_E_UNSUPPORTED, "trees of the kind %s for %s are not run here", name,
                        objective);
    out->n_trees = dcl_json_length(trees);
    if (!(features >= 1 && features <= DCL_FOREST_FEATURES) || out->n_trees > DCL_FOREST_TREES ||
        !isfinite(base))
        return dcl_fail(error, DCL_E_UNSUPPORTED,
                        "%.0f features and %zu trees: 1 to %d and up to %d are read", features, out->n_trees,
                        DCL_FOREST_FEATURES, DCL_FOREST_TREES);
    out->n_features = (size_t)features;
    out->base = is_plain ? (float)base : 0;
    return take_trees(trees, arena, out, error);
}

dcl_status dcl_forest_from_json(const char *json, size_t n, dcl_arena *arena, dcl_forest *out,
                                dcl_error *error) {
    dcl_json *document = NULL;
    *out = (dcl_forest){0};
    dcl_status status = dcl_json_parse(json, n, &document, error);
    if (!status) status = read_learner(dcl_json_get(document, "learner"), arena, out, error);
    dcl_json_close(&document);
    return status;
}

/* ---------------------------------------------------------------- our own bytes */

void dcl_forest_put(dcl_pack_writer *to, const dcl_forest *forest) {
    dcl_pack_put_u32(to, (uint32_t)forest->n_features);
    dcl_pack_put_u32(to, (uint32_t)forest->n_trees);
    dcl_pack_put_u32(to, (uint32_t)forest->n_nodes);
    dcl_pack_put_f32(to, forest->base);
    for (size_t t = 0; t < forest->n_trees; t++) dcl_pack_put_u32(to, forest->tree[t].n);
    for (size_t i = 0; i < forest->n_nodes; i++) {
        dcl_pack_put_f32(to, forest->node[i].cut);
        dcl_pack_put_u32(to, (uint32_t)forest->node[i].what << 16 | forest->node[i].left);
    }
}

dcl_status dcl_forest_get(dcl_pack_reader *from, dcl_arena *arena, dcl_forest *out, dcl_error *error) {
    *out = (dcl_forest){.n_features = dcl_pack_get_u32(from)};
    out->n_trees = dcl_pack_get_u32(from);
    out->n_nodes = dcl_pack_get_u32(from);
    out->base = dcl_pack_get_f32(from);
    size_t need = 4 * out->n_trees + 8 * out->n_nodes;
    if (from->failed || need > dcl_pack_left(from) || out->n_trees > DCL_FOREST_TREES || !out->n_features ||
        out->n_features > DCL_FOREST_FEATURES || !isfinite(out->base))
        return dcl_fail(error, DCL_E_FORMAT, "the trees of the model are not whole");
    dcl_forest_tree *tree = dcl_arena_alloc(arena, out->n_trees, sizeof *tree);
    dcl_forest_node *node = dcl_arena_alloc(arena, out->n_nodes, sizeof *node);
    if (!tree || !node) return dcl_fail_memory(error, "trees");
    out->tree = tree;
    out->node = node;
    size_t first = 0;
    for (size_t t = 0; t < out->n_trees; t++) {
        tree[t] = (dcl_forest_tree){.first = (uint32_t)first, .n = dcl_pack_get_u32(from)};
        if (!tree[t].n || tree[t].n > UINT16_MAX || tree[t].n > out->n_nodes - first)
            return dcl_fail(error, DCL_E_FORMAT, "tree %zu of the model has a wrong number of nodes", t);
        first += tree[t].n;
    }
    if (first != out->n_nodes) return dcl_fail(error, DCL_E_FORMAT, "the model has nodes of no tree");
    for (size_t i = 0; i < out->n_nodes; i++) {
        node[i].cut = dcl_pack_get_f32(from);
        uint32_t packed = dcl_pack_get_u32(from);
        node[i].left = (uint16_t)packed;
        node[i].what = (uint16_t)(packed >> 16);
    }
    dcl_status status = DCL_OK;
    for (size_t t = 0; !status && t < out->n_trees; t++) status = check_tree(out, &tree[t], t, error);
    return status ? status : dcl_forest_plan(out, arena, error);
}

/* ---------------------------------------------------------------- margins */

enum { ROWS = 8 }; /* walked side by side: the loads of one hide the waiting of the others */

static inline size_t step(const dcl_forest_node *nodes, size_t at, const float *row) {
    const dcl_forest_node *node = &nodes[at];
    unsigned what = node->what;
    float x = row[what & (DCL_FOREST_FEATURES - 1u)];
    unsigned right = isnan(x) ? !(what & DCL_FOREST_MISSING_LEFT) : !(x < node->cut);
    return node->left + (right & what >> 15);
}

static void walk_rows(const dcl_forest *forest, const float *row, size_t stride, float *margin) {
    float sum[ROWS];
    for (size_t r = 0; r < ROWS; r++) sum[r] = forest->base;
    for (size_t t = 0; t < forest->n_trees; t++) {
        const dcl_forest_tree *tree = &forest->tree[t];
        const dcl_forest_node *nodes = forest->node + tree->first;
        size_t at[ROWS] = {0};
        for (uint32_t d = 0; d < tree->depth; d++)
            for (size_t r = 0; r < ROWS; r++) at[r] = step(nodes, at[r], row + r * stride);
        for (size_t r = 0; r < ROWS; r++) sum[r] += nodes[at[r]].cut;
    }
    memcpy(margin, sum, sizeof sum);
}

static float walk_row(const dcl_forest *forest, const float *row) {
    float sum = forest->base;
    for (size_t t = 0; t < forest->n_trees; t++) {
        const dcl_forest_tree *tree = &forest->tree[t];
        const dcl_forest_node *nodes = forest->node + tree->first;
        size_t at = 0;
        while (nodes[at].what & DCL_FOREST_INNER) at = step(nodes, at, row);
        sum += nodes[at].cut;
    }
    return sum;
}

void dcl_forest_margins(const dcl_forest *forest, const float *row, size_t n, size_t stride, float *margin) {
    size_t i = 0;
    for (; i + ROWS <= n; i += ROWS) walk_rows(forest, row + i * stride, stride, margin + i);
    for (; i < n; i++) margin[i] = walk_row(forest, row + i * stride);
}

/* ---------------------------------------------------------------- to the outside */

dcl_status dcl_forest_load(const char *json, size_t n, dcl_arena *arena, const dcl_forest **out,
                           dcl_error *error) {
    dcl_forest *forest = dcl_arena_alloc(arena, 1, sizeof *forest);
    *out = forest;
    return forest ? dcl_forest_from_json(json, n, arena, forest, error) : dcl_fail_memory(error, "trees");
}

size_t dcl_forest_features(const dcl_forest *forest) {
    return forest->n_features;
}

size_t dcl_forest_trees(const dcl_forest *forest) {
    return forest->n_trees;
}

enum { ROWS_BY_KERNEL = 16 }; /* a kernel takes 64 rows at a time, present or not */

void dcl_forest_predict(const dcl_kernels *kernels, const dcl_forest *forest, const float *row, size_t n,
                        size_t stride, float *margin) {
    if (forest->plan && n >= ROWS_BY_KERNEL && stride < (1u << 24))
        kernels->trees_f32(forest->plan, row, n, stride, margin);
    else if (forest->side)
        for (size_t i = 0; i < n; i++) margin[i] = kernels->trees_row_f32(forest->side, row + i * stride);
    else
        dcl_forest_margins(forest, row, n, stride, margin);
}
