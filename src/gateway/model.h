/* A model for the gateway, as it is in memory. */
#ifndef DCL_GATEWAY_MODEL_H
#define DCL_GATEWAY_MODEL_H

#include "gateway/namer.h"
#include "gateway/quantise.h"

struct dcl_gateway_model {
    dcl_arena arena;
    dcl_forest minute, today; /* n_trees 0 = there is none */
    dcl_gateway_namer namer;  /* tree NULL = there is none */
    dcl_gateway_blob blob[DCL_BLOB_KINDS];
    dcl_gateway_error minute_error, today_error;
    uint32_t homes, serial;
};

/** Makes the blobs of what is there. */
dcl_status dcl_gateway_make_blobs(dcl_gateway_model *model, dcl_error *error) DCL_MUST_USE;

#endif
