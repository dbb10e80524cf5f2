/*
 * Training by libsvm, which is seen here alone. A model of libsvm points into the problem's vectors, prints through a
 * global hook and draws calibration folds from rand(): so what it learned is copied, the hook is silenced, and folds and
 * calibration are ours (svm_fit.c).
 */
#include "learn/svm.h"

#include <libsvm/svm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_MB = 64 };

static void print_nothing(const char *text) {
    (void)text;
}

/* libsvm's own form of the rows: nodes of all features, one block. */
typedef struct problem {
    struct svm_problem of;
    struct svm_node *node;
    int *weight_label;
    double *weight;
} problem;

static void problem_free(problem *p) {
    free(p->of.y);
    free(p->of.x);
    free(p->node);
    free(p->weight_label);
    free(p->weight);
}

/* Every class weighs the same: its rows weigh rows / (classes with rows × its rows). */
static int weigh(problem *p, const dcl_rows *rows) {
    size_t count[DCL_SVM_CLASSES] = {0};
    int present = 0;
    for (size_t i = 0; i < rows->n; i++) count[rows->label[i]]++;
    for (uint32_t k = 0; k < rows->classes; k++) present += count[k] > 0;
    int n = 0;
    for (uint32_t k = 0; k < rows->classes; k++) {
        if (!count[k]) continue;
        p->weight_label[n] = (int)k;
        p->weight[n++] = (double)rows->n / ((double)present * (double)count[k]);
    }
    return n;
}

static dcl_status problem_make(const dcl_rows *rows, const float *knot, problem *p, dcl_error *error) {
    size_t width = rows->features + 1;
    float mapped[DCL_SVM_FEATURES];
    *p = (problem){.of = {.l = (int)rows->n}};
    p->of.y = malloc(rows->n * sizeof *p->of.y);
    p->of.x = malloc(rows->n * sizeof *p->of.x);
    p->node = malloc(rows->n * width * sizeof *p->node);
    p->weight_label = malloc(rows->classes * sizeof *p->weight_label);
    p->weight = malloc(rows->classes * sizeof *p->weight);
    if (!p->of.y || !p->of.x || !p->node || !p->weight_label || !p->weight)
        return dcl_fail_memory(error, "the rows of a support vector machine");
    for (size_t i = 0; i < rows->n; i++) {
        struct svm_node *row = p->of.x[i] = p->node + i * width;
        dcl_svm_map(knot, rows->features, rows->x + i * rows->features, mapped);
        for (size_t f = 0; f < rows->features; f++) row[f] = (struct svm_node){(int)f + 1, (double)mapped[f]};
        row[rows->features].index = -1;
        p->of.y[i] = rows->label[i];
    }
    return DCL_OK;
}

/* Where libsvm put each of our classes: it lists labels in order of their first row. */
static void place_classes(const struct svm_model *model, uint32_t classes, int *place, int *start) {
    for (uint32_t k = 0; k < classes; k++) place[k] = -1;
    for (int m = 0, at = 0; m < model->nr_class; m++) {
        place[model->label[m]] = m;
        start[m] = at;
        at += model->nSV[m];
    }
}

/* libsvm's pair of classes at places m < l of its own list. */
static int foreign_pair(int classes, int m, int l) {
    return m * classes - m * (m + 1) / 2 + (l - m - 1);
}

/* Coefficients of our class k against class j: row j (or j - 1) of our table, in libsvm's row of its own order. */
static void copy_coefficients(const struct svm_model *model, const int *place, const int *start, uint32_t k,
                              const dcl_svm *svm, double *coef) {
    int m = place[k];
    for (uint32_t j = 0; j < svm->classes; j++) {
        if (j == k || place[j] < 0) continue;
        int l = place[j];
        const double *from = model->sv_coef[l > m ? l - 1 : l] + start[m];
        /* A pair's decision changes sign with the order of its two classes. */
        double sign = (l > m) == (j > k) ? 1 : -1;
        double *row = coef + (size_t)(j > k ? j - 1 : j) * svm->n + svm->first[k];
        for (int s = 0; s < model->nSV[m]; s++) row[s] = sign * from[s];
    }
}

static void copy_rho(const struct svm_model *model, const int *place, uint32_t classes, double *rho) {
    for (uint32_t i = 0; i < classes; i++) {
        for (uint32_t j = i + 1; j < classes; j++) {
            if (place[i] < 0 || place[j] < 0) continue;
            bool same = place[i] < place[j];
            int pair = same ? foreign_pair(model->nr_class, place[i], place[j])
                            : foreign_pair(model->nr_class, place[j], place[i]);
            rho[dcl_svm_pair(classes, i, j)] = same ? model->rho[pair] : -model->rho[pair];
        }
    }
}

static dcl_status copy_model(const struct svm_model *model, dcl_arena *arena, dcl_svm *svm,
                             dcl_error *error) {
    size_t pairs = dcl_svm_pairs(svm->classes), n = svm->n = (size_t)model->l;
    int place[DCL_SVM_CLASSES], start[DCL_SVM_CLASSES];
    float *at = dcl_arena_alloc(arena, svm->features * n, sizeof *at);
    float *coef32 = dcl_arena_alloc(arena, (svm->classes - 1) * n, sizeof *coef32);
    double *coef = dcl_arena_alloc(arena, (svm->classes - 1) * n, sizeof *coef);
    double *of_pairs = dcl_arena_alloc(arena, 3 * pairs, sizeof *of_pairs);
    float *doubt = dcl_arena_alloc(arena, pairs, sizeof *doubt);
    uint32_t *first = dcl_arena_alloc(arena, svm->classes + 1, sizeof *first);
    if (!at || !coef32 || !coef || !of_pairs || !doubt || !first)
        return dcl_fail_memory(error, "a support vector machine");
    place_classes(model, svm->classes, place, start);
    svm->first = first;
    for (uint32_t k = 0; k < svm->classes; k++) {
        int vectors = place[k] < 0 ? 0 : model->nSV[place[k]];
        first[k + 1] = first[k] + (uint32_t)vectors;
        for (int s = 0; s < vectors; s++) {
            const struct svm_node *node = model->SV[start[place[k]] + s];
            for (; node->index > 0; node++)
                at[(size_t)(node->index - 1) * n + first[k] + (size_t)s] = (float)node->value;
        }
    }
    for (uint32_t k = 0; k < svm->classes; k++) {
        if (place[k] >= 0) copy_coefficients(model, place, start, k, svm, coef);
    }
    copy_rho(model, place, svm->classes, of_pairs);
    for (size_t p = 0; p < pairs; p++) of_pairs[pairs + p] = -1;
    svm->at = at;
    svm->coef = coef;
    svm->rho = of_pairs;
    svm->slope = of_pairs + pairs;
    svm->offset = of_pairs + 2 * pairs;
    dcl_svm_finish(svm, coef32, doubt);
    return DCL_OK;
}

/* How many different groups each class has. Quadratic in groups at worst, and groups are tens. */
static dcl_status count_groups(const dcl_rows *rows, uint32_t *seen, dcl_error *error) {
    uint64_t *known = malloc(rows->n * sizeof *known);
    size_t n = 0;
    if (!known) return dcl_fail_memory(error, "the groups of a support vector machine");
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t key = (uint64_t)rows->label[i] << 32 | rows->group[i];
        size_t at = n;
        while (at > 0 && known[at - 1] != key) at--;
        if (at > 0) continue;
        known[n++] = key;
        seen[rows->label[i]]++;
    }
    free(known);
    return DCL_OK;
}

static dcl_status check_rows(const dcl_rows *rows, dcl_error *error) {
    if (rows->classes < 2 || rows->classes > DCL_SVM_CLASSES || rows->features < 1 ||
        rows->features > DCL_SVM_FEATURES || rows->n > DCL_SVM_ROWS)
        return dcl_fail(error, DCL_E_ARG, "%zu rows of %zu features in %u classes: at most %d, %d and %d",
                        rows->n, rows->features, (unsigned)rows->classes, DCL_SVM_ROWS, DCL_SVM_FEATURES,
                        DCL_SVM_CLASSES);
    uint32_t first = rows->n ? rows->label[0] : 0;
    bool several = false;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->label[i] >= rows->classes)
            return dcl_fail(error, DCL_E_ARG, "row %zu has label %u of %u classes", i,
                            (unsigned)rows->label[i], (unsigned)rows->classes);
        several = several || rows->label[i] != first;
    }
    if (!several)
        return dcl_fail(error, DCL_E_NO_DATA, "%s to learn from: it takes rows of two classes at least",
                        rows->n ? "one class alone" : "no rows");
    return DCL_OK;
}

dcl_status dcl_svm_train(const dcl_context *context, const dcl_rows *rows, double c, double gamma,
                         dcl_arena *arena, dcl_svm *out, dcl_error *error) {
    dcl_status status = check_rows(rows, error);
    if (status) return status;
    if (!(c > 0 && gamma > 0 && isfinite(c) && isfinite(gamma)))
        return dcl_fail(error, DCL_E_ARG, "C and gamma are above 0, not %g and %g", c, gamma);
    if (dcl_cancelled(context)) return DCL_E_CANCELLED;
    dcl_svm svm = {.features = (uint32_t)rows->features, .classes = rows->classes, .c = c, .steep = 1};
    svm.gamma = (float)(gamma / (double)rows->features);
    float *knot = dcl_arena_alloc(arena, rows->features * DCL_SVM_KNOTS, sizeof *knot);
    uint32_t *seen = dcl_arena_alloc(arena, rows->classes, sizeof *seen);
    if (!knot || !seen) return dcl_fail_memory(error, "a support vector machine");
    status = dcl_svm_knots(rows, knot, error);
    if (!status) status = count_groups(rows, seen, error);
    if (status) return status;
    svm.knot = knot;
    svm.seen = seen;
    problem p;
    struct svm_model *model = NULL;
    status = problem_make(rows, knot, &p, error);
    if (status) goto done;
    struct svm_parameter with = {.svm_type = C_SVC,
                                 .kernel_type = RBF,
                                 .gamma = (double)svm.gamma,
                                 .C = c,
                                 .eps = 1e-3,
                                 .cache_size = CACHE_MB,
                                 .shrinking = 1,
                                 .weight_label = p.weight_label,
                                 .weight = p.weight};
    with.nr_weight = weigh(&p, rows);
    svm_set_print_string_function(print_nothing);
    model = svm_train(&p.of, &with);
    status = copy_model(model, arena, &svm, error);
    if (!status) *out = svm;
done:
    if (model) svm_free_and_destroy_model(&model);
    problem_free(&p);
    return status;
}
