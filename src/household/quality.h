/* How good a grouping is: indices from the literature over rows in the space that they were grouped in. */
#ifndef DCL_HOUSEHOLD_QUALITY_H
#define DCL_HOUSEHOLD_QUALITY_H

#include <declic/household_cluster.h>

enum { SILHOUETTE_MOST = 2000 };

/**
 * Rows x [n × dim], labels [n] 0 … k - 1, centroids [k × dim] that are the means of their rows.
 *
 * silhouette         mean over `sample` rows at equal distances, weighed against each other; NaN for k < 2 or one row alone.
 *                    Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987; a row alone in its cluster counts 0
 * davies_bouldin     Davies and Bouldin, "A cluster separation measure", IEEE PAMI 1(2), 1979
 * calinski_harabasz  Caliński and Harabasz, "A dendrite method for cluster analysis", Commun. Stat. 3, 1974
 * NaN where they are not defined. Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 */
dcl_status dcl_cluster_indices(const dcl_context *context, const float *x, size_t n, size_t dim,
                               const uint32_t *label, const float *centroid, uint32_t k, size_t sample,
                               dcl_cluster_quality *out) DCL_MUST_USE;

/** Share of the variance of rows x [n × dim] that labels 0 … k - 1 explain; NaN where they do not vary. Errors: DCL_E_MEMORY. */
dcl_status dcl_variance_explained(const float *x, const uint32_t *pick, size_t n, size_t dim,
                                  const uint32_t *label, uint32_t k, double *out) DCL_MUST_USE;

/** The squared distance of two rows [dim]. */
double dcl_square_between(const float *a, const float *b, size_t dim);

#endif
