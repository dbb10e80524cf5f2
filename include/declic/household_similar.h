/**
 * Similar: one home beside the real homes of its cluster.
 *
 * The homes come from a file of clusters that `declic cluster` wrote of a panel of real homes: it holds their traits and what another
 * home needs to be put into a cluster. Simulated homes are refused: people are not compared with what was made up. Only quartiles of
 * eleven homes and more leave this room.
 */
#ifndef DECLIC_HOUSEHOLD_SIMILAR_H
#define DECLIC_HOUSEHOLD_SIMILAR_H

#include <declic/household_cluster.h>

enum { DCL_SIMILAR_LEAST = 11 };

/** Why there is no comparison: id, name in JSON. */
#define DCL_SIMILAR_WHY_TABLE(X)                                                                             \
    X(NONE, "none")                                                                                          \
    X(NOT_GIVEN, "not_given")           /* no homes to compare with */                                       \
    X(NOT_COMPARABLE, "not_comparable") /* seasons or kinds of days that the clusters need are not there */  \
    X(UNLIKE, "unlike")                 /* unlike all of them */                                             \
    X(TOO_FEW, "too_few")               /* fewer than 11 homes in its cluster */

typedef enum dcl_similar_why {
#define DCL_X(id, name) DCL_SIMILAR_WHY_##id,
    DCL_SIMILAR_WHY_TABLE(DCL_X)
#undef DCL_X
        DCL_SIMILAR_WHY_COUNT
} dcl_similar_why;

/** NULL for a number that is none. */
const char *dcl_similar_why_name(dcl_similar_why why);

/** Real homes in clusters; in an arena, read only, shared by threads. label [n] 0 = in none; trait [n × DCL_TRAIT_COUNT] */
typedef struct dcl_similar {
    dcl_cluster_model model;
    size_t n;
    uint32_t *label;
    float *trait;
    int64_t start_us, end_us; /* what was read of them */
} dcl_similar;

/**
 * Reads a file of clusters.
 * Errors: DCL_E_ARG simulated homes; DCL_E_UNSUPPORTED a file that does not say whether its homes are real; those of dcl_clusters_read().
 */
dcl_status dcl_similar_read(const char *path, dcl_arena *arena, dcl_similar *out,
                            dcl_error *error) DCL_MUST_USE;

/**
 * A home beside its cluster. Where why is not NONE nothing else but `homes` of a cluster that is too small is filled.
 * cluster      1 … k;  homes  in it
 * home, low, median, high [DCL_TRAIT_COUNT]  the home's traits and the quartiles of the cluster's; NaN where not known
 */
typedef struct dcl_similar_home {
    dcl_similar_why why;
    uint32_t cluster;
    size_t homes;
    float home[DCL_TRAIT_COUNT], low[DCL_TRAIT_COUNT], median[DCL_TRAIT_COUNT], high[DCL_TRAIT_COUNT];
} dcl_similar_home;

/**
 * Puts a home into its cluster, in civil time of the context's zone.
 * power  W, NaN = missing; steps of an hour, or that divide half an hour
 * Errors: DCL_E_MEMORY.   Memory: some 20 bytes a slot while it runs.   Threads: reentrant.
 */
dcl_status dcl_similar_place(const dcl_context *context, const dcl_similar *similar, const dcl_series *power,
                             dcl_similar_home *out, dcl_error *error) DCL_MUST_USE;

#endif
