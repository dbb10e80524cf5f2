/* Names of steps: support vectors learn them, a deep tree says what the vectors say. */
#ifndef DCL_GATEWAY_NAMER_H
#define DCL_GATEWAY_NAMER_H

#include "gateway/lesson.h"

/** A namer. tree [n] is malloc'd, the caller's; label [labels], those that are left, in the lesson's order. */
typedef struct dcl_gateway_namer {
    uint16_t *tree;
    size_t n;
    char label[DCL_GATEWAY_LABELS][DCL_GATEWAY_LABEL_ROOM];
    uint32_t labels;
    dcl_gateway_names names;
} dcl_gateway_namer;

/** Learns it from a lesson's steps. Without two labels of enough steps: DCL_OK and no tree. Errors: as dcl_gateway_learn(). */
dcl_status dcl_gateway_name_steps(const dcl_context *context, const dcl_gateway_lesson *lesson,
                                  const dcl_gateway_options *options, dcl_gateway_namer *out,
                                  dcl_error *error) DCL_MUST_USE;

#endif
