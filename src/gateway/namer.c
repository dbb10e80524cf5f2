/*
 * Names of steps. Support vectors are taught by some steps of each label; then they are asked in every place of the features
 * that a step of the teaching homes came to, and in places beside those, and a deep tree learns the answers. The features
 * have few levels, so that most steps of other homes come to a place that was asked.
 */
#include "gateway/namer.h"

#include <stdlib.h>
#include <string.h>

#include <declic/learn_svm.h>

#include "base/rng.h"
#include "gateway/cart.h"

enum {
    K = DCL_GATEWAY_STEP_COUNT,
    SURE = 127,
    ASKED = 100000 /* places, about */,
    BESIDE_LEAST = 6,
    BESIDE_MOST = 40
};

typedef struct namer {
    const dcl_context *context;
    const dcl_gateway_lesson *lesson;
    const dcl_gateway_options *options;
    dcl_gateway_namer *out;
    uint8_t *held;
    uint32_t new_label[DCL_GATEWAY_LABELS]; /* UINT32_MAX = left out */
    dcl_arena arena;
    dcl_svm svm;
    float *scratch;
    dcl_gateway_cell *cell;
    size_t cells, room;
} namer;

/* ---------------------------------------------------------------- teaching */

/* Labels that some steps of the teaching homes have; how many each. */
static void choose_labels(namer *m, size_t *count) {
    const dcl_gateway_rows *steps = &m->lesson->step;
    memset(count, 0, DCL_GATEWAY_LABELS * sizeof *count);
    for (size_t i = 0; i < steps->n; i++)
        if (!m->held[i]) count[(uint32_t)steps->y[i]]++;
    for (uint32_t k = 0; k < m->lesson->labels; k++) {
        m->new_label[k] = UINT32_MAX;
        if (count[k] < m->options->least_steps) continue;
        m->new_label[k] = m->out->labels;
        memcpy(m->out->label[m->out->labels++], m->lesson->label[k], DCL_GATEWAY_LABEL_ROOM);
    }
}

static void to_floats(const int16_t *x, float *out) {
    for (int f = 0; f < K; f++) out[f] = x[f];
}

/* As many steps of each label as the options say, by lot. */
static dcl_status teach(namer *m, const size_t *count, dcl_error *error) {
    const dcl_gateway_rows *steps = &m->lesson->step;
    dcl_rng lot = {m->context->seed, 7, 0};
    float *x = malloc((steps->n + 1) * K * sizeof *x);
    uint32_t *label = malloc((steps->n + 1) * sizeof *label), *group = malloc((steps->n + 1) * sizeof *group);
    dcl_rows rows = {x, label, group, 0, K, m->out->labels};
    dcl_svm_options options = dcl_svm_defaults();
    options.c[0] = 4;
    options.gamma[0] = 0.4;
    options.n_c = options.n_gamma = 1;
    dcl_status status = x && label && group ? DCL_OK : dcl_fail_memory(error, "steps to learn from");
    for (size_t i = 0; !status && i < steps->n; i++) {
        uint32_t k = (uint32_t)steps->y[i];
        if (m->held[i] || m->new_label[k] == UINT32_MAX ||
            dcl_rng_below(&lot, (uint32_t)count[k]) >= m->options->step_rows)
            continue;
        to_floats(steps->x + i * K, x + rows.n * K);
        group[rows.n] = steps->group[i];
        label[rows.n++] = m->new_label[k];
    }
    if (!status) status = dcl_svm_learn(m->context, &rows, &options, &m->arena, &m->svm, NULL, error);
    m->out->names.taught = rows.n;
    free(x), free(label), free(group);
    return status;
}

/* ---------------------------------------------------------------- answers */

/* label + 256 × how sure. */
static uint16_t ask(const namer *m, const int16_t *x) {
    float row[K];
    double p[DCL_SVM_CLASSES];
    to_floats(x, row);
    dcl_svm_probability(m->context->kernels, &m->svm, row, m->scratch, p);
    uint32_t best = 0;
    for (uint32_t k = 1; k < m->svm.classes; k++) best = p[k] > p[best] ? k : best;
    return (uint16_t)(best | (uint32_t)(dcl_svm_sure(&m->svm, p[best]) * SURE + 0.5) << 8);
}

static int by_place(const void *a, const void *b) {
    return memcmp(((const dcl_gateway_cell *)a)->x, ((const dcl_gateway_cell *)b)->x, K * sizeof(int16_t));
}

static dcl_status add_cell(namer *m, const int16_t *x, float weight, dcl_error *error) {
    if (dcl_grow(&m->cell, &m->room, m->cells + 1, sizeof *m->cell))
        return dcl_fail_memory(error, "places of steps");
    dcl_gateway_cell *cell = &m->cell[m->cells++];
    *cell = (dcl_gateway_cell){.weight = weight};
    memcpy(cell->x, x, K * sizeof *x);
    return DCL_OK;
}

/* Equal places become one, their weights added. */
static void join_cells(namer *m) {
    size_t n = 0;
    qsort(m->cell, m->cells, sizeof *m->cell, by_place);
    for (size_t i = 0; i < m->cells; i++) {
        if (n && by_place(&m->cell[n - 1], &m->cell[i]) == 0)
            m->cell[n - 1].weight += m->cell[i].weight;
        else
            m->cell[n++] = m->cell[i];
    }
    m->cells = n;
}

/* A place some levels off in some of the features, mostly one; false where there is no such place. */
static bool move(dcl_rng *lot, int16_t *x) {
    int far = dcl_rng_below(lot, 3) ? 1 : 3;
    for (int f = 1; f < K; f++)
        x[f] = (int16_t)(x[f] + (int)dcl_rng_below(lot, (uint32_t)(2 * far + 1)) - far);
    return x[DCL_GATEWAY_STEP_SIZE] > 0 && x[DCL_GATEWAY_STEP_FACTOR] >= 0 &&
           x[DCL_GATEWAY_STEP_FACTOR] <= 20 && x[DCL_GATEWAY_STEP_SINCE] >= -1;
}

/* Where the teaching homes' steps came to, and places beside; what the vectors say there. */
static dcl_status fill_cells(namer *m, dcl_error *error) {
    const dcl_gateway_rows *steps = &m->lesson->step;
    dcl_rng lot = {m->context->seed, 8, 0};
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < steps->n; i++)
        if (!m->held[i]) status = add_cell(m, steps->x + i * K, 1, error);
    join_cells(m);
    size_t seen = m->cells, beside = seen ? ASKED / seen : 0;
    beside = beside < BESIDE_LEAST ? BESIDE_LEAST : beside > BESIDE_MOST ? BESIDE_MOST : beside;
    for (size_t i = 0; !status && i < seen; i++)
        for (size_t t = 0; !status && t < beside; t++) {
            int16_t x[K];
            memcpy(x, m->cell[i].x, sizeof x);
            if (move(&lot, x)) status = add_cell(m, x, 0.25f, error);
        }
    join_cells(m);
    for (size_t i = 0; !status && i < m->cells; i++) {
        if (dcl_cancelled(m->context)) return dcl_fail(error, DCL_E_CANCELLED, "interrupted");
        m->cell[i].answer = ask(m, m->cell[i].x);
    }
    return status;
}

/* ---------------------------------------------------------------- judging */

static void judge(namer *m) {
    const dcl_gateway_rows *steps = &m->lesson->step;
    dcl_gateway_names *names = &m->out->names;
    dcl_mcu_forest tree = {.deep = m->out->tree, .deep_n = (uint16_t)m->out->n, .features = K};
    size_t right = 0, agree = 0, sure = 0, agree_sure = 0;
    for (size_t i = 0; i < steps->n; i++) {
        if (!m->held[i]) continue;
        const int16_t *x = steps->x + i * K;
        uint16_t said = ask(m, x);
        bool same = (dcl_mcu_forest_leaf(&tree, x) & 0xFF) == (said & 0xFFu),
             is_sure = said >> 8 > 0.6 * SURE;
        names->rows++;
        right += (said & 0xFFu) == m->new_label[(uint32_t)steps->y[i]];
        agree += same;
        sure += is_sure;
        agree_sure += same && is_sure;
    }
    double n = (double)(names->rows ? names->rows : 1);
    names->right = (double)right / n;
    names->agree = (double)agree / n;
    names->sure = (double)sure / n;
    names->agree_sure = sure ? (double)agree_sure / (double)sure : 0;
    names->vectors = m->svm.n;
    for (size_t at = 0; at < m->out->n; at += m->out->tree[at] & DCL_BLOB_LEAF ? 1 : 3)
        names->leaves += m->out->tree[at] & DCL_BLOB_LEAF ? 1 : 0;
}

dcl_status dcl_gateway_name_steps(const dcl_context *context, const dcl_gateway_lesson *lesson,
                                  const dcl_gateway_options *options, dcl_gateway_namer *out,
                                  dcl_error *error) {
    size_t count[DCL_GATEWAY_LABELS];
    namer m = {.context = context, .lesson = lesson, .options = options, .out = out};
    *out = (dcl_gateway_namer){0};
    m.held = calloc(lesson->step.n + 1, 1);
    dcl_status status = m.held ? DCL_OK : dcl_fail_memory(error, "steps");
    if (status) return status;
    dcl_gateway_hold(lesson, &lesson->step, m.held);
    choose_labels(&m, count);
    if (out->labels < 2) goto done;
    status = teach(&m, count, error);
    if (!status) m.scratch = malloc(dcl_svm_scratch(&m.svm) * sizeof *m.scratch);
    if (!status && !m.scratch) status = dcl_fail_memory(error, "names of steps");
    if (!status) status = fill_cells(&m, error);
    if (!status) status = dcl_gateway_cart(m.cell, m.cells, 0.2, &out->tree, &out->n, error);
    if (!status) judge(&m);
done:
    free(m.held);
    free(m.scratch);
    free(m.cell);
    dcl_arena_free(&m.arena);
    return status;
}
