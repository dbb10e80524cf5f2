/* Work over fixed shards: the shards do not depend on the number of threads, so neither do the bytes. */
#ifndef DCL_BASE_PARALLEL_H
#define DCL_BASE_PARALLEL_H

#include "base/status.h"

/** One shard's work. After a status other than DCL_OK no later shard begins. Runs on any thread. */
typedef dcl_status (*dcl_shard_fn)(void *arg, size_t shard);

/**
 * Runs fn for shards 0 … n-1 on at most context->threads threads.
 * Returns the status of the lowest failing shard, DCL_E_CANCELLED when the context asks to stop.
 */
dcl_status dcl_parallel_for(const dcl_context *context, size_t n, dcl_shard_fn fn, void *arg) DCL_MUST_USE;

#endif
