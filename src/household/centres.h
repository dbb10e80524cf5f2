/* Centres of clusters, and rows put to them: by distance alone, or each cluster by a share of the rows and a spread of its own. */
#ifndef DCL_HOUSEHOLD_CENTRES_H
#define DCL_HOUSEHOLD_CENTRES_H

#include <declic/household.h>

/**
 * Of k clusters.
 * centroid [k × dim]
 * metric [k × dim × dim]  lower triangles: the inverse of the Cholesky factor of the cluster's covariance; NULL = by distance alone
 * offset [k]              log of the covariance's determinant less twice that of the share of the rows; NULL as above
 */
typedef struct dcl_centres {
    uint32_t k;
    size_t dim;
    float *centroid, *metric, *offset;
} dcl_centres;

/** Most values of a row. */
enum { DCL_CENTRES_DIM = 64 };

/** The memory of one of them. False without memory. */
bool dcl_centres_take(uint32_t k, size_t dim, bool spread, dcl_arena *arena, dcl_centres *out);

/** Into one of the same k, dim and spread. */
void dcl_centres_copy(dcl_centres *to, const dcl_centres *from);

/**
 * The centre of each row of x [n × dim], 0 … k - 1, the lowest of equals: the one of least |x - centroid|², or of least
 * offset + |metric (x - centroid)|², which is -2 log of the density times the share, but for a constant. Returns the sum of these least values.
 */
double dcl_centres_nearest(const dcl_centres *centres, const float *x, size_t n, uint32_t *label);

/**
 * Clusters as normal distributions, from a first grouping of rows x [n × dim]: shares, means and covariances of the groups, then each
 * row to the group that gives it the highest density times share, until fewer than one row in 500 moves. Where k-means halves a large
 * wide cluster before it tells two small narrow ones apart, this does not.
 *
 * label [n]   0 … k - 1: the first grouping, then the groups
 * centres     the caller's, of dcl_centres_take() with spread
 * deviance    sum of the least values of dcl_centres_nearest()
 *
 * A group with fewer rows than a covariance needs has that of all rows, without its correlations.
 * Same bytes for any number of threads and any instruction set.
 *
 * Errors:  DCL_E_MEMORY; DCL_E_CANCELLED.   Memory: some KB for each 2,048 rows while it runs.
 * Source:  Celeux and Govaert, "A classification EM algorithm for clustering and two stochastic versions", Comput. Stat. Data Anal. 14,
 *          1992.
 */
dcl_status dcl_centres_spread(const dcl_context *context, const float *x, size_t n, uint32_t *label,
                              dcl_centres *centres, double *deviance, uint32_t *iterations) DCL_MUST_USE;

/**
 * Makes groups fewer: of `cells` groups of rows x [n × dim] the two that lie best in one normal distribution become one, until k are
 * left. A start for dcl_centres_spread() that knows nothing of how wide a group should be.
 *
 * label [n]   0 … cells - 1, then 0 … k - 1
 *
 * Errors:  DCL_E_MEMORY; DCL_E_CANCELLED.   Memory: as above, and 8 cells² bytes.   Cost: O(n + cells³).
 * Source:  Fraley, "Algorithms for model-based Gaussian hierarchical clustering", SIAM J. Sci. Comput. 20(1), 1998.
 */
dcl_status dcl_centres_merge(const dcl_context *context, const float *x, size_t n, size_t dim, uint32_t cells,
                             uint32_t k, uint32_t *label) DCL_MUST_USE;

/**
 * What n rows need under k such clusters, a row: -2 log of the likelihood of rows and labels, and log n for every number that
 * describes a cluster; less is better. Biernacki, Celeux and Govaert, "Assessing a mixture model for clustering with the integrated
 * completed likelihood", IEEE PAMI 22(7), 2000, with hard labels.
 */
double dcl_centres_icl(double deviance, size_t n, uint32_t k, size_t dim);

#endif
