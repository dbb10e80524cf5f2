/* The room's own side of support vector machines: mapping, folds, calibration, bytes. */
#ifndef DCL_LEARN_SVM_H
#define DCL_LEARN_SVM_H

#include <declic/learn_svm.h>

#include "learn/pack.h"

/**
 * Deals groups into folds: within each class its groups are shuffled and dealt in turn, each class from where the one
 * before stopped, so that folds are alike. A group with rows of several classes is dealt with the first of its rows.
 * fold [n].   Errors: DCL_E_MEMORY.
 */
dcl_status dcl_folds_deal(uint64_t seed, const dcl_rows *rows, uint32_t folds, uint32_t *fold,
                          dcl_error *error) DCL_MUST_USE;

/** Quantiles of every feature over the rows in which it is known. knot [features × DCL_SVM_KNOTS].
 *  Errors: DCL_E_MEMORY. */
dcl_status dcl_svm_knots(const dcl_rows *rows, float *knot, dcl_error *error) DCL_MUST_USE;
/** A mapped feature is a multiple of 1 / so many. */
enum { DCL_SVM_STEPS = 8192 };

/** Maps a vector: each feature to about the normal deviate of its quantile, at most ±2.7, in steps of 1 / DCL_SVM_STEPS; NaN to
 *  0, the middle.
 *  out [features]. */
void dcl_svm_map(const float *knot, size_t features, const float *x, float *out);

/** The pair (i, j), i < j, of classes. */
static inline size_t dcl_svm_pair(uint32_t classes, uint32_t i, uint32_t j) {
    return (size_t)i * classes - (size_t)i * (i + 1) / 2 + (j - i - 1);
}

/** Fits 1 / (1 + exp(slope d + offset)) to decisions: first[i] says whether d[i] is of the pair's first class. */
void dcl_svm_platt(const float *d, const bool *first, size_t n, double *slope, double *offset);
/** Class probabilities from pair probabilities p [classes × classes], p[i][j] + p[j][i] = 1. out [classes]. */
void dcl_svm_couple(uint32_t classes, const double *p, double *out);

/**
 * Probabilities of classes from decisions of pairs: what the machine says of the n classes `present`
 * (ascending). out [svm->classes], 0 for the others.
 */
void dcl_svm_coupled(const dcl_svm *svm, const float *decision, const uint32_t *present, uint32_t n,
                     double *out);
/**
 * Fits svm->steep and svm->shift to rows that machines did not see; 1 and 0 where none tells.
 * decision [n × pairs]  of such machines; 0 = of a class which the machine never saw
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_svm_fit_sure(const dcl_rows *rows, const float *decision, dcl_svm *svm,
                            dcl_error *error) DCL_MUST_USE;

/** dcl_svm_label() and dcl_svm_decide() of a vector that is mapped already. */
uint32_t dcl_svm_label_mapped(const dcl_kernels *kernels, const dcl_svm *svm, const float *mapped,
                              float *scratch);
void dcl_svm_decide_mapped(const dcl_kernels *kernels, const dcl_svm *svm, const float *mapped,
                           float *scratch, float *decision);

/** Fills coef32 and doubt, [(classes - 1) × n] and [pairs], from the rest. */
void dcl_svm_finish(dcl_svm *svm, float *coef32, float *doubt);

/** The layout of a machine's bytes. */
enum { DCL_SVM_LAYOUT = 2 };

/**
 * Appends a machine to a part; dcl_svm_get() reads what dcl_svm_put() wrote, every number as it was.
 *
 * Layout: u32 DCL_SVM_LAYOUT, features, classes, n; f32 gamma; f64 c, steep, shift; u32 first [classes + 1], seen [classes];
 * f32 knot [features × DCL_SVM_KNOTS]; 16-bit steps at [features × n]; f64 bound [classes]; a code of 2 bits for each of
 * coef [(classes - 1) × n], the lowest bits first: 0, the bound of its vector's class, minus that, or 3 for a number of its
 * own, f64, which follow in order; f64 rho, slope, offset of each pair. Most coefficients are 0 or at their bound.
 *
 * Errors of get: DCL_E_UNSUPPORTED a newer layout; DCL_E_FORMAT a size or number out of its range; DCL_E_MEMORY.
 */
void dcl_svm_put(const dcl_svm *svm, dcl_pack_writer *to);
dcl_status dcl_svm_get(dcl_pack_reader *from, dcl_arena *arena, dcl_svm *out, dcl_error *error) DCL_MUST_USE;

#endif
