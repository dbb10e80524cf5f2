/* Choosing and calibrating a machine: folds of whole groups, a grid of C and gamma, and Platt's sigmoids. */
#include "base/math.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "learn/svm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

dcl_svm_options dcl_svm_defaults(void) {
    dcl_svm_options options = {
        .c = {0.5, 2, 8}, .gamma = {0.05, 0.15, 0.45}, .n_c = 3, .n_gamma = 3, .folds = 5};
    return options;
}

/* ---------------------------------------------------------------- folds */

/* The groups in order of first row, with the class of that row. */
typedef struct group_list {
    uint32_t *group, *label, *fold;
    size_t n;
} group_list;

static size_t group_place(const group_list *list, uint32_t group) {
    size_t at = 0;
    while (at < list->n && list->group[at] != group) at++;
    return at;
}

/* Shuffles what belongs to one class (Fisher and Yates) and deals it from `next` on. */
static uint32_t deal_class(uint64_t seed, group_list *list, uint32_t label, uint32_t folds, uint32_t next,
                           size_t *order) {
    size_t n = 0;
    for (size_t g = 0; g < list->n; g++) {
        if (list->label[g] == label) order[n++] = g;
    }
    for (size_t i = n; i > 1; i--) {
        size_t other = dcl_random_below(seed, label, i, (uint32_t)i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    for (size_t i = 0; i < n; i++) list->fold[order[i]] = next++ % folds;
    return next;
}

dcl_status dcl_folds_deal(uint64_t seed, const dcl_rows *rows, uint32_t folds, uint32_t *fold,
                          dcl_error *error) {
    group_list list = {0};
    uint32_t *all = malloc((rows->n + 1) * 3 * sizeof *all);
    size_t *order = malloc((rows->n + 1) * sizeof *order);
    if (!all || !order) {
        free(all);
        free(order);
        return dcl_fail_memory(error, "folds");
    }
    list.group = all;
    list.label = all + rows->n;
    list.fold = all + 2 * rows->n;
    for (size_t i = 0; i < rows->n; i++) {
        if (group_place(&list, rows->group[i]) < list.n) continue;
        list.group[list.n] = rows->group[i];
        list.label[list.n++] = rows->label[i];
    }
    uint32_t next = 0;
    for (uint32_t k = 0; k < rows->classes; k++) next = deal_class(seed, &list, k, folds, next, order);
    for (size_t i = 0; i < rows->n; i++) fold[i] = list.fold[group_place(&list, rows->group[i])];
    free(all);
    free(order);
    return DCL_OK;
}

/* ---------------------------------------------------------------- calibration */

/* Σ of the cross-entropy of 1 / (1 + exp(a d + b)) with targets t. */
static double platt_loss(const float *d, const double *t, size_t n, double a, double b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double z = a * (double)d[i] + b;
        sum += z >= 0 ? t[i] * z + dcl_log(1 + dcl_exp(-z)) : (t[i] - 1) * z + dcl_log(1 + dcl_exp(z));
    }
    return sum;
}

/* One step of Newton's method with a line search; false where it is done. */
static bool platt_step(const float *d, const double *t, size_t n, double *a, double *b, double *loss) {
    double h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)d[i], z = *a * x + *b;
        double p = z >= 0 ? dcl_exp(-z) / (1 + dcl_exp(-z)) : 1 / (1 + dcl_exp(z)), w = p * (1 - p),
               e = t[i] - p;
        h11 += x * x * w;
        h22 += w;
        h21 += x * w;
        g1 += x * e;
        g2 += e;
    }
    if (fabs(g1) < 1e-5 && fabs(g2) < 1e-5) return false;
    double det = h11 * h22 - h21 * h21;
    double da = -(h22 * g1 - h21 * g2) / det, db = -(-h21 * g1 + h11 * g2) / det, slope = g1 * da + g2 * db;
    for (double step = 1; step >= 1e-10; step /= 2) {
        double now = platt_loss(d, t, n, *a + step * da, *b + step * db);
        if (now < *loss + 1e-4 * step * slope) {
            *a += step * da;
            *b += step * db;
            *loss = now;
            return true;
        }
    }
    return false;
}

/* Platt's targets, in the numerically sound form of Lin, Lin and Weng ("A note on Platt's probabilistic outputs for
 * support vector machines", Machine Learning 68, 2007). */
void dcl_svm_platt(const float *d, const bool *first, size_t n, double *slope, double *offset) {
    *slope = -1;
    *offset = 0;
    size_t mine = 0;
    for (size_t i = 0; i < n; i++) mine += first[i];
    double *t = mine > 0 && mine < n ? malloc(n * sizeof *t) : NULL;
    if (!t) return; /* nothing to learn from: the plain sigmoid of the decision */
    double high = ((double)mine + 1) / ((double)mine + 2), low = 1 / ((double)(n - mine) + 2);
    for (size_t i = 0; i < n; i++) t[i] = first[i] ? high : low;
    double a = 0, b = dcl_log(((double)(n - mine) + 1) / ((double)mine + 1));
    double loss = platt_loss(d, t, n, a, b);
    for (int round = 0; round < 100 && platt_step(d, t, n, &a, &b, &loss); round++) {
    }
    /* A slope of the wrong sign would say that the machine is wrong on purpose: then the decision says nothing. */
    *slope = a < 0 ? a : 0;
    *offset = a < 0 ? b : dcl_log(((double)(n - mine) + 1) / ((double)mine + 1));
    free(t);
}

/* ---------------------------------------------------------------- search */

/* What the search holds: rows by fold, and the decisions of the best machines for the rows they did not see. */
typedef struct search {
    const dcl_context *context;
    const dcl_rows *rows;
    const dcl_svm_options *options;
    uint32_t *fold;
    float *decision;   /* [points][n × pairs], a point at a time */
    uint32_t *label;   /* [points × n] */
    double *score;     /* [points] */
    dcl_error *errors; /* [points × folds] */
    size_t pairs, first;
} search;

static size_t points(const dcl_svm_options *options) {
    return options->n_c * options->n_gamma;
}

/* The rows outside (or inside) a fold, gathered. */
static dcl_status gather(const search *s, uint32_t fold, dcl_arena *arena, dcl_rows *out, dcl_error *error) {
    const dcl_rows *rows = s->rows;
    float *x = dcl_arena_alloc(arena, rows->n * rows->features, sizeof *x);
    uint32_t *of = dcl_arena_alloc(arena, 2 * rows->n, sizeof *of);
    if (!x || !of) return dcl_fail_memory(error, "the rows of a fold");
    *out = (dcl_rows){x, of, of + rows->n, 0, rows->features, rows->classes};
    for (size_t i = 0; i < rows->n; i++) {
        if (s->fold[i] == fold) continue;
        memcpy(x + out->n * rows->features, rows->x + i * rows->features, rows->features * sizeof *x);
        of[out->n] = rows->label[i];
        of[rows->n + out->n++] = rows->group[i];
    }
    return DCL_OK;
}

/* Trains without one fold and decides on its rows. */
static dcl_status leave_out(search *s, size_t point, uint32_t fold, dcl_error *error) {
    const dcl_svm_options *with = s->options;
    double c = with->c[point / with->n_gamma], gamma = with->gamma[point % with->n_gamma];
    dcl_arena arena = {0};
    dcl_rows others;
    dcl_svm svm;
    float *scratch = NULL;
    dcl_status status = gather(s, fold, &arena, &others, error);
    if (!status) status = dcl_svm_train(s->context, &others, c, gamma, &arena, &svm, error);
    if (!status && !(scratch = malloc(dcl_svm_scratch(&svm) * sizeof *scratch)))
        status = dcl_fail_memory(error, "a prediction");
    for (size_t i = 0; i < s->rows->n && !status; i++) {
        if (s->fold[i] != fold) continue;
        const float *x = s->rows->x + i * s->rows->features;
        size_t at = point * s->rows->n + i;
        s->label[at] = dcl_svm_label(s->context->kernels, &svm, x, scratch);
        dcl_svm_decide(s->context->kernels, &svm, x, scratch, s->decision + at * s->pairs);
    }
    free(scratch);
    dcl_arena_free(&arena);
    return status;
}

/* The mean over classes of the share of rows that got their label. */
static double mean_recall(const search *s, size_t point) {
    double sum = 0;
    size_t present = 0;
    for (uint32_t k = 0; k < s->rows->classes; k++) {
        size_t n = 0, right = 0;
        for (size_t i = 0; i < s->rows->n; i++) {
            if (s->rows->label[i] != k) continue;
            n++;
            right += s->label[point * s->rows->n + i] == k;
        }
        if (!n) continue;
        present++;
        sum += (double)right / (double)n;
    }
    return sum / (double)present;
}

static dcl_status search_one(void *arg, size_t shard) {
    search *s = arg;
    size_t at = s->first + shard;
    return leave_out(s, at / s->options->folds, (uint32_t)(at % s->options->folds), &s->errors[at]);
}

/* The decisions of a pair at a point for the rows of its two classes, from `n` on. A left-out row can be of a class that its
 * machine never saw: then its pairs say nothing, and are left out. Returns the new n. */
static size_t decisions_of(const search *s, size_t point, uint32_t i, uint32_t j, float *d, bool *first,
                           size_t n) {
    size_t pair = dcl_svm_pair(s->rows->classes, i, j);
    for (size_t r = 0; r < s->rows->n; r++) {
        uint32_t label = s->rows->label[r];
        float value = s->decision[(point * s->rows->n + r) * s->pairs + pair];
        if ((label != i && label != j) || value == 0) continue;
        d[n] = value;
        first[n++] = label == i;
    }
    return n;
}

/* One sigmoid from n decisions of all pairs: each counts for both classes, which leaves no offset. */
static void fit_together(float *d, bool *first, size_t n, size_t pairs, double *slope, double *offset) {
    for (size_t i = 0; i < n; i++) {
        d[n + i] = -d[i];
        first[n + i] = !first[i];
    }
    dcl_svm_platt(d, first, 2 * n, slope, offset);
    for (size_t p = 0; p < pairs; p++) {
        slope[p] = slope[0];
        offset[p] = 0;
    }
}

/* Sigmoids of all pairs from the decisions of the chosen point. */
static dcl_status calibrate(const search *s, size_t point, dcl_arena *arena, dcl_svm *svm, dcl_error *error) {
    uint32_t classes = s->rows->classes;
    /* A row has decisions that count in the pairs of its own class alone. */
    size_t room = s->options->together ? 2 * (classes - 1) * s->rows->n : s->rows->n, n = 0;
    double *of = dcl_arena_alloc(arena, 2 * s->pairs, sizeof *of);
    float *d = malloc((room + 1) * sizeof *d);
    bool *first = malloc((room + 1) * sizeof *first);
    if (!of || !d || !first) {
        free(d);
        free(first);
        return dcl_fail_memory(error, "a calibration");
    }
    for (uint32_t i = 0; i < classes; i++) {
        for (uint32_t j = i + 1; j < classes; j++) {
            size_t pair = dcl_svm_pair(classes, i, j);
            n = decisions_of(s, point, i, j, d, first, s->options->together ? n : 0);
            if (!s->options->together) dcl_svm_platt(d, first, n, &of[pair], &of[s->pairs + pair]);
        }
    }
    if (s->options->together) fit_together(d, first, n, s->pairs, of, of + s->pairs);
    svm->slope = of;
    svm->offset = of + s->pairs;
    free(d);
    free(first);
    return DCL_OK;
}

static dcl_status check_options(const dcl_rows *rows, const dcl_svm_options *options, dcl_error *error) {
    if (options->n_c < 1 || options->n_c > 8 || options->n_gamma < 1 || options->n_gamma > 8 ||
        options->folds < 2 || options->folds > 16)
        return dcl_fail(error, DCL_E_ARG, "a search has 1 to 8 costs and widths, and 2 to 16 folds");
    for (size_t i = 1; i < rows->n; i++) {
        if (rows->group[i] != rows->group[0]) return DCL_OK;
    }
    return dcl_fail(error, DCL_E_NO_DATA,
                    "rows of one group alone: what was learned could not be tried on another");
}

/* All points and folds, as many at a time as there are threads, so that progress can be told. */
static dcl_status search_all(search *s, size_t *best, dcl_error *error) {
    const dcl_context *context = s->context;
    size_t n = points(s->options), all = n * s->options->folds;
    for (size_t done = 0; done < all;) {
        size_t together = all - done < (size_t)context->threads ? all - done : (size_t)context->threads;
        s->first = done;
        dcl_status status = dcl_parallel_for(context, together, search_one, s);
        for (size_t i = done; status && i < done + together; i++) {
            if (s->errors[i].code && error) *error = s->errors[i];
        }
        if (status) return status;
        done += together;
        if (context->progress) context->progress(context->progress_arg, "choosing", "machines", done, all);
    }
    /* The first of equals: the smaller cost, then the wider kernel. */
    *best = 0;
    for (size_t p = 0; p < n; p++) {
        s->score[p] = mean_recall(s, p);
        if (s->score[p] > s->score[*best] + 1e-9) *best = p;
    }
    return DCL_OK;
}

dcl_status dcl_svm_learn(const dcl_context *context, const dcl_rows *rows, const dcl_svm_options *options,
                         dcl_arena *arena, dcl_svm *out, double *score, dcl_error *error) {
    dcl_status status = check_options(rows, options, error);
    if (status) return status;
    size_t n = points(options), best = 0;
    search s = {context, rows, options, NULL, NULL, NULL, NULL, NULL, dcl_svm_pairs(rows->classes), 0};
    s.fold = malloc((rows->n + 1) * sizeof *s.fold);
    s.decision = calloc(n * rows->n * s.pairs + 1, sizeof *s.decision);
    s.label = calloc(n * rows->n + 1, sizeof *s.label);
    s.score = calloc(n, sizeof *s.score);
    s.errors = calloc(n * options->folds, sizeof *s.errors);
    if (!s.fold || !s.decision || !s.label || !s.score || !s.errors) {
        status = dcl_fail_memory(error, "a search");
        goto done;
    }
    status = dcl_folds_deal(context->seed, rows, options->folds, s.fold, error);
    if (!status) status = search_all(&s, &best, error);
    dcl_svm svm;
    double c = options->c[best / options->n_gamma], gamma = options->gamma[best % options->n_gamma];
    if (!status) status = dcl_svm_train(context, rows, c, gamma, arena, &svm, error);
    if (!status) status = calibrate(&s, best, arena, &svm, error);
    if (!status) status = dcl_svm_fit_sure(rows, s.decision + best * rows->n * s.pairs, &svm, error);
    if (status) goto done;
    *out = svm;
    if (score) *score = s.score[best];
done:
    free(s.fold);
    free(s.decision);
    free(s.label);
    free(s.score);
    free(s.errors);
    return status;
}
