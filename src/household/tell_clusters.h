/* What is told of clusters once each home has its own. */
#ifndef DCL_HOUSEHOLD_TELL_CLUSTERS_H
#define DCL_HOUSEHOLD_TELL_CLUSTERS_H

#include <declic/household_cluster.h>

/** Of the file of clusters. */
enum { DCL_CLUSTERS_VERSION = 2 };

/** Takes the arrays of `out` for n homes and k clusters. */
dcl_status dcl_clusters_take(const dcl_homes *homes, uint32_t k, uint32_t components, dcl_arena *arena,
                             dcl_clusters *out) DCL_MUST_USE;
/**
 * Fills sizes, profiles, traits and shares from out->label and out->apart. Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 * Memory: 4 bytes a home of a cluster and thread.
 */
dcl_status dcl_clusters_tell(const dcl_context *context, const dcl_homes *homes,
                             dcl_clusters *out) DCL_MUST_USE;

#endif
