/**
 * Learn: the shelf of models. Support vector machines that name things and say how sure they are.
 */
#ifndef DECLIC_LEARN_SVM_H
#define DECLIC_LEARN_SVM_H

#include <declic/kernel.h>

/* ---------------------------------------------------------------- support vector machines */

/** The most classes, features and rows of a machine. */
#define DCL_SVM_CLASSES  64
#define DCL_SVM_FEATURES 512
#define DCL_SVM_ROWS     200000

/**
 * Rows to learn from.
 * x     [n × features]  row after row; NaN = this row does not know the feature
 * label [n]             0 … classes - 1; a class may have no row: it is never predicted
 * group [n]             rows of one device, home or plug share a number, and never stand on both sides of a fold
 */
typedef struct dcl_rows {
    const float *x;
    const uint32_t *label, *group;
    size_t n, features;
    uint32_t classes;
} dcl_rows;

/** How a machine is chosen. Start from dcl_svm_defaults(). */
typedef struct dcl_svm_options {
    double c[8];     /* costs tried, > 0 */
    double gamma[8]; /* widths tried, > 0, in units of 1 / features: exp(-gamma / features |x - y|²) */
    size_t n_c, n_gamma;
    uint32_t folds; /* of groups, 2 … 16, for the choice and for the calibration. Default 5 */
    bool
        together; /* one sigmoid for all pairs, equally sure both ways: where classes have few groups. Default false */
} dcl_svm_options;

dcl_svm_options dcl_svm_defaults(void);

/** Knots of a feature's map. */
enum { DCL_SVM_KNOTS = 33 };

/**
 * A trained machine: one against one, C-SVC with a radial kernel, its features mapped by their quantiles first. Plain
 * data in an arena; constant, and shared by threads.
 *
 * knot   [features × DCL_SVM_KNOTS]  quantiles of each feature, ascending; the map is linear between them
 * at     [features × n]              support vectors, a row a mapped feature
 * coef   [(classes - 1) × n]         as libsvm's sv_coef
 * first  [classes + 1]               where the support vectors of each class begin
 * rho    [pairs]                     pairs (0, 1), (0, 2) … (classes - 2, classes - 1)
 * slope, offset [pairs]              probability of a pair's first class: 1 / (1 + exp(slope d + offset))
 * steep, shift      how sure to be of the likeliest class, by its probability: dcl_svm_sure()
 * doubt  [pairs]                     decisions of float32 closer to 0 than this are made again in float64
 * seen   [classes]                   groups of the training rows; 0 = the class is never predicted
 */
typedef struct dcl_svm {
    uint32_t features, classes;
    size_t n;
    float gamma;
    double c, steep, shift;
    const float *knot, *at, *coef32;
    const double *coef, *rho, *slope, *offset;
    const float *doubt;
    const uint32_t *first, *seen;
} dcl_svm;

/** Pairs of classes. */
static inline size_t dcl_svm_pairs(uint32_t classes) {
    return (size_t)classes * (classes - 1) / 2;
}
/** Floats of scratch that a prediction needs. */
static inline size_t dcl_svm_scratch(const dcl_svm *svm) {
    return svm->n + svm->features + dcl_svm_pairs(svm->classes);
}

/**
 * Chooses C and gamma by cross-validation over groups (the mean of the classes' recalls), calibrates the pairs'
 * probabilities (Platt 1999, in the form of Lin, Lin and Weng 2007) on the decisions for rows whose group was left out, fits
 * on the same rows how sure to be of the likeliest class, and trains on all rows. A pair's own sigmoid knows nothing where a
 * class has one group: left out, it was never seen. Classes weigh the same whatever their rows. Progress is told in
 * "machines".
 *
 * context  seed (of the folds), threads, progress, cancel
 * score    the chosen machine's mean recall over left-out groups; NULL = not wanted
 *
 * Errors:  DCL_E_ARG an option or size out of range, a label that is none;
 *          DCL_E_NO_DATA fewer than two classes have rows, or fewer than two groups;
 *          DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  the arena gets the machine, at most 4 (2 features + 3 classes) bytes a row; while running, some 100 MB a
 *          thread at most (libsvm's cache).
 * Threads: the same machine for any number of them. libsvm's print hook, which is global, is silenced.
 * Source:  Chang and Lin, "LIBSVM: a library for support vector machines", 2011 (libsvm 3.24 trains).
 */
dcl_status dcl_svm_learn(const dcl_context *context, const dcl_rows *rows, const dcl_svm_options *options,
                         dcl_arena *arena, dcl_svm *out, double *score, dcl_error *error) DCL_MUST_USE;

/** Trains once, for a C and gamma (in units of 1 / features), without calibration: probabilities are those of slope -1.
 *  Errors and memory as dcl_svm_learn(). */
dcl_status dcl_svm_train(const dcl_context *context, const dcl_rows *rows, double c, double gamma,
                         dcl_arena *arena, dcl_svm *out, dcl_error *error) DCL_MUST_USE;

/**
 * The class of a vector by vote of the pairs: the label that libsvm's svm_predict() gives for the mapped vector, where
 * no decision is closer to 0 than 1e-12 (there the last bits of exp decide, in libsvm by the C library's). Equal votes go
 * to the lower class.
 *
 * x [features], scratch [dcl_svm_scratch(svm)]
 * Memory: none.   Threads: a scratch a thread.
 */
uint32_t dcl_svm_label(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch);

/**
 * The probability of each class, from the pairs' by coupling (Wu, Lin and Weng 2004, second approach). The same bytes for
 * every instruction set. A class without training rows gets 0.
 *
 * x [features], scratch [dcl_svm_scratch(svm)], out [classes] sums to 1
 */
void dcl_svm_probability(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch,
                         double *out);

/** How often an answer of probability p was right on rows that the machine did not see, by a curve that rises with p; at least p. */
double dcl_svm_sure(const dcl_svm *svm, double p);

/** The pairs' decisions in float32, which the two above start from. x [features], decision [pairs]. */
void dcl_svm_decide(const dcl_kernels *kernels, const dcl_svm *svm, const float *x, float *scratch,
                    float *decision);

#endif
