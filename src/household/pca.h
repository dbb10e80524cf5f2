/* Principal components: the covariance by OpenBLAS, its eigenvectors by LAPACKE. */
#ifndef DCL_HOUSEHOLD_PCA_H
#define DCL_HOUSEHOLD_PCA_H

#include <declic/household.h>

/**
 * mean [columns], component [components × columns]  unit vectors, largest variance first, their largest value positive
 * kept [components]  share of the variance of each;  total  variance of all columns
 */
typedef struct dcl_pca {
    size_t columns, components;
    float *mean, *component;
    double *kept, total;
} dcl_pca;

/**
 * Fits to rows x[pick[i]], i < n; pick NULL = rows 0 … n - 1.
 *
 * variance  share of the variance that is kept, 0 … 1, by at most `most` components and at least one
 *
 * Sums over rows are integers of blocks of 1,024 rows, so threads and ranks do not matter; eigenvectors are those of the library.
 * Errors: DCL_E_MEMORY; DCL_E_UNSUPPORTED where LAPACKE does not come to an end; those of `reduce`.
 * Memory: 8 columns² bytes times up to 9, and 8 KB a column.
 */
dcl_status dcl_pca_fit(const dcl_context *context, const float *x, const uint32_t *pick, size_t n,
                       size_t columns, double variance, size_t most, const dcl_reduce *reduce,
                       dcl_arena *arena, dcl_pca *out, dcl_error *error) DCL_MUST_USE;

/**
 * Divides the components by the root of their scores' deviation: half way between scores as they are, of which the first ones decide, and scores
 * of one variance, of which the last ones, mostly noise, count as much. One without variance is left as it is.
 */
void dcl_pca_even(dcl_pca *pca);

/** Scores [components] of a row. */
void dcl_pca_project(const float *mean, const float *component, size_t components, size_t columns,
                     const float *row, float *score);

#endif
