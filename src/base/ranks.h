/* One stage by many processes: what stages ask of the context's ranks. Alone, all of these do nothing. */
#ifndef DCL_BASE_RANKS_H
#define DCL_BASE_RANKS_H

#include <declic/base.h>

/** This process, and how many there are. */
static inline size_t dcl_rank_of(const dcl_context *context) {
    return context->ranks ? context->ranks->rank : 0;
}
static inline size_t dcl_rank_count(const dcl_context *context) {
    return context->ranks ? context->ranks->n : 1;
}

/** Where the part of a rank begins when n things are dealt out in order; that of rank + 1 is where it ends. */
static inline size_t dcl_rank_from(const dcl_context *context, size_t rank, size_t n) {
    size_t ranks = dcl_rank_count(context);
    return n / ranks * rank + (rank < n % ranks ? rank : n % ranks);
}

/** Brings all processes to one status: DCL_OK when all are well. */
static inline dcl_status dcl_ranks_agree(const dcl_context *context, dcl_status status, dcl_error *error) {
    const dcl_ranks *ranks = context->ranks;
    return ranks ? ranks->agree(ranks->arg, status, error) : status;
}

/**
 * Where all agree: rank 0 gets the bytes of the others, in order, into `rest` [n_rest]; another rank gives own [n_own].
 * Errors: that of the lowest rank that came with one.
 */
static inline dcl_status dcl_ranks_gather(const dcl_context *context, dcl_status status, void *own,
                                          size_t n_own, void *rest, size_t n_rest, dcl_error *error) {
    const dcl_ranks *ranks = context->ranks;
    status = dcl_ranks_agree(context, status, error);
    if (status || !ranks) return status;
    return ranks->rank ? ranks->gather(ranks->arg, own, n_own, error)
                       : ranks->gather(ranks->arg, rest, n_rest, error);
}

/** Where all agree: the bytes of rank 0 for all. */
static inline dcl_status dcl_ranks_share(const dcl_context *context, dcl_status status, void *bytes, size_t n,
                                         dcl_error *error) {
    const dcl_ranks *ranks = context->ranks;
    status = dcl_ranks_agree(context, status, error);
    return status || !ranks ? status : ranks->share(ranks->arg, bytes, n, error);
}

#endif
