/*
 * What a machine says of a vector. Decisions are made in float32 by the kernels; where one comes closer to 0 than its
 * error could be, the label is decided again in float64 in libsvm's own order, so that labels are libsvm's.
 */
#include "base/math.h"
#include "learn/svm.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- decisions */

/* How far a pair's float32 decision may be off, in units of the rounding of 1 (half FLT_EPSILON): each kernel value by its
 * distance (t e^-t <= 0.37 for any distance t) and its exponential, each product, and the sum of its lanes; and rho. */
static float doubt_of(const dcl_svm *svm, uint32_t i, uint32_t j, double rho) {
    const double *mine = svm->coef + (size_t)(j - 1) * svm->n, *theirs = svm->coef + (size_t)i * svm->n;
    double sum = 0;
    for (size_t s = svm->first[i]; s < svm->first[i + 1]; s++) sum += fabs(mine[s]);
    for (size_t s = svm->first[j]; s < svm->first[j + 1]; s++) sum += fabs(theirs[s]);
    double vectors =
        (double)(svm->first[i + 1] - svm->first[i]) + (double)(svm->first[j + 1] - svm->first[j]);
    double units = 0.4 * (svm->features + 4) + 8 + vectors / 16 + 6;
    return (float)((units * sum + 4 * fabs(rho)) * (double)FLT_EPSILON / 2);
}

void dcl_svm_finish(dcl_svm *svm, float *coef32, float *doubt) {
    for (size_t i = 0; i < (svm->classes - 1) * svm->n; i++) coef32[i] = (float)svm->coef[i];
    for (uint32_t i = 0; i < svm->classes; i++) {
        for (uint32_t j = i + 1; j < svm->classes; j++) {
            size_t pair = dcl_svm_pair(svm->classes, i, j);
            doubt[pair] = doubt_of(svm, i, j, svm->rho[pair]);
        }
    }
    svm->coef32 = coef32;
    svm->doubt = doubt;
}

void dcl_svm_decide_mapped(const dcl_kernels *kernels, const dcl_svm *svm, const float *mapped,
                           float *scratch, float *decision) {
    float sum[DCL_SVM_CLASSES]
             [DCL_SVM_CLASSES]; /* of each class, its vectors under each row of coefficients */
    kernels->rbf_f32(svm->at, svm->n, svm->n, svm->features, mapped, svm->gamma, scratch);
    for (uint32_t k = 0; k < svm->classes; k++) {
        uint32_t from = svm->first[k], vectors = svm->first[k + 1] - from;
        kernels->dots_f32(svm->coef32 + from, svm->classes - 1, svm->n, scratch + from, vectors, sum[k]);
    }
    const double *rho = svm->rho;
    for (uint32_t i = 0; i < svm->classes; i++) {
        for (uint32_t j = i + 1; j < svm->classes; j++)
            *decision++ = sum[i][j - 1] + sum[j][i] - (float)*rho++;
    }
}

void dcl_svm_decide(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch,
                    float *decision) {
    float *mapped = scratch + svm->n;
    dcl_svm_map(svm->knot, svm->features, x, mapped);
    dcl_svm_decide_mapped(kernels, svm, mapped, scratch, decision);
}

/* ---------------------------------------------------------------- labels */

static double exact_value(const dcl_svm *svm, const float *mapped, size_t s) {
    double sum = 0;
    for (size_t f = 0; f < svm->features; f++) {
        double difference = (double)mapped[f] - (double)svm->at[f * svm->n + s];
        sum += difference * difference;
    }
    return dcl_exp(-(double)svm->gamma * sum);
}

/* A pair's decision as svm_predict_values() of libsvm computes it. */
static double exact_decision(const dcl_svm *svm, const float *mapped, uint32_t i, uint32_t j) {
    const double *mine = svm->coef + (size_t)(j - 1) * svm->n, *theirs = svm->coef + (size_t)i * svm->n;
    double sum = 0;
    for (size_t s = svm->first[i]; s < svm->first[i + 1]; s++) sum += mine[s] * exact_value(svm, mapped, s);
    for (size_t s = svm->first[j]; s < svm->first[j + 1]; s++) sum += theirs[s] * exact_value(svm, mapped, s);
    return sum - svm->rho[dcl_svm_pair(svm->classes, i, j)];
}

/* Votes of the pairs; `open` counts the pairs of a class that are too close to 0 to be sure of. */
typedef struct votes {
    uint32_t n[DCL_SVM_CLASSES], open[DCL_SVM_CLASSES];
} votes;

static void count_votes(const dcl_svm *svm, const float *decision, const float *mapped, bool exactly,
                        votes *out) {
    *out = (votes){{0}, {0}};
    for (uint32_t i = 0; i < svm->classes; i++) {
        for (uint32_t j = i + 1; j < svm->classes; j++, decision++) {
            if (!svm->seen[i] || !svm->seen[j]) continue;
            bool first = *decision > 0,
                 sure = fabsf(*decision) > svm->doubt[dcl_svm_pair(svm->classes, i, j)];
            if (!sure && exactly) first = exact_decision(svm, mapped, i, j) > 0;
            out->n[first ? i : j]++;
            out->open[i] += !sure;
            out->open[j] += !sure;
        }
    }
}

/* The class of most votes, the lowest of equals; *sure where no open pair could change that. */
static uint32_t most_votes(const dcl_svm *svm, const votes *of, bool *sure) {
    uint32_t best = 0;
    while (!svm->seen[best]) best++;
    for (uint32_t k = best + 1; k < svm->classes; k++) {
        if (svm->seen[k] && of->n[k] > of->n[best]) best = k;
    }
    *sure = true;
    for (uint32_t k = 0; k < svm->classes; k++) {
        uint32_t low = of->n[best], high = of->n[k] + of->open[best] + of->open[k];
        if (k != best && svm->seen[k] && of->open[best] + of->open[k] > 0 && low < high + (k < best))
            *sure = false;
    }
    return best;
}

uint32_t dcl_svm_label_mapped(const dcl_kernels *kernels, const dcl_svm *svm, const float *mapped,
                              float *scratch) {
    float *decision = scratch + svm->n + svm->features;
    votes of;
    bool sure;
    dcl_svm_decide_mapped(kernels, svm, mapped, scratch, decision);
    count_votes(svm, decision, mapped, false, &of);
    uint32_t label = most_votes(svm, &of, &sure);
    if (sure) return label;
    count_votes(svm, decision, mapped, true, &of);
    return most_votes(svm, &of, &sure);
}

uint32_t dcl_svm_label(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch) {
    float *mapped = scratch + svm->n;
    dcl_svm_map(svm->knot, svm->features, x, mapped);
    return dcl_svm_label_mapped(kernels, svm, mapped, scratch);
}

/* ---------------------------------------------------------------- probabilities */

/* 1 / (1 + exp(z)) without overflow. */
static double sigmoid(double z) {
    if (z >= 0) return dcl_exp(-z) / (1 + dcl_exp(-z));
    return 1 / (1 + dcl_exp(z));
}

/*
 * Minimises Σ_i Σ_j≠i (p_ji p_i - p_ij p_j)² under Σ p = 1 by Gauss and Seidel's iteration with renormalisation (algorithm
 * 2 of Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling", JMLR 5, 2004).
 */
void dcl_svm_couple(uint32_t classes, const double *p, double *out) {
    double q[DCL_SVM_CLASSES][DCL_SVM_CLASSES], product[DCL_SVM_CLASSES];
    for (uint32_t i = 0; i < classes; i++) {
        out[i] = 1.0 / classes;
        q[i][i] = 0;
        for (uint32_t j = 0; j < classes; j++) {
            if (j == i) continue;
            q[i][i] += p[j * classes + i] * p[j * classes + i];
            q[i][j] = -p[j * classes + i] * p[i * classes + j];
        }
    }
    for (int round = 0; round < 100; round++) {
        double whole = 0, worst = 0;
        for (uint32_t i = 0; i < classes; i++) {
            product[i] = 0;
            for (uint32_t j = 0; j < classes; j++) product[i] += q[i][j] * out[j];
            whole += out[i] * product[i];
        }
        for (uint32_t i = 0; i < classes; i++) worst = fmax(worst, fabs(product[i] - whole));
        if (worst < 0.005 / classes) break;
        for (uint32_t i = 0; i < classes; i++) {
            double by = (whole - product[i]) / q[i][i];
            out[i] += by;
            double scale = 1 / (1 + by);
            whole = (whole + by * (by * q[i][i] + 2 * product[i])) * scale * scale;
            for (uint32_t j = 0; j < classes; j++) {
                product[j] = (product[j] + by * q[i][j]) * scale;
                out[j] *= scale;
            }
        }
    }
}

/* Probability that class a rather than b, kept off 0 and 1 as libsvm keeps it. */
static double pair_probability(const dcl_svm *svm, const float *decision, uint32_t a, uint32_t b) {
    size_t pair = a < b ? dcl_svm_pair(svm->classes, a, b) : dcl_svm_pair(svm->classes, b, a);
    double p = sigmoid(svm->slope[pair] * (double)decision[pair] + svm->offset[pair]);
    p = fmin(fmax(p, 1e-7), 1 - 1e-7);
    return a < b ? p : 1 - p;
}

void dcl_svm_coupled(const dcl_svm *svm, const float *decision, const uint32_t *present, uint32_t n,
                     double *out) {
    double p[DCL_SVM_CLASSES * DCL_SVM_CLASSES], coupled[DCL_SVM_CLASSES];
    for (uint32_t k = 0; k < svm->classes; k++) out[k] = 0;
    p[0] = 0;
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = 0; b < n; b++)
            p[a * n + b] = a == b ? 0 : pair_probability(svm, decision, present[a], present[b]);
    }
    dcl_svm_couple(n, p, coupled);
    for (uint32_t a = 0; a < n; a++) out[present[a]] = coupled[a];
}

void dcl_svm_probability(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch,
                         double *out) {
    float *decision = scratch + svm->n + svm->features;
    uint32_t present[DCL_SVM_CLASSES], n = 0;
    dcl_svm_decide(kernels, svm, x, scratch, decision);
    for (uint32_t k = 0; k < svm->classes; k++) {
        if (svm->seen[k]) present[n++] = k;
    }
    dcl_svm_coupled(svm, decision, present, n, out);
}
