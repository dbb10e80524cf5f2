#include "base/parallel.h"

#include <omp.h>

dcl_status dcl_parallel_for(const dcl_context *context, size_t n, dcl_shard_fn fn, void *arg) {
    dcl_status status = DCL_OK;
    size_t failed = SIZE_MAX;
#pragma omp parallel for schedule(dynamic, 1) num_threads(context->threads > 0 ? context->threads : 1)
    for (size_t shard = 0; shard < n; shard++) {
        /* Shards below the failed one still run, so that the one reported is the lowest whatever the threads do. */
        size_t lowest;
#pragma omp atomic read
        lowest = failed;
        if (shard > lowest) continue;
        dcl_status one = dcl_cancelled(context) ? DCL_E_CANCELLED : fn(arg, shard);
        if (one == DCL_OK) continue;
#pragma omp critical(dcl_parallel_failed)
        {
            if (shard < failed) {
                status = one;
#pragma omp atomic write
                failed = shard;
            }
        }
    }
    return status;
}
