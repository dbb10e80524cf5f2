/* What homes teach the gateway: rows of integer features, made by the gateway's own code. */
#ifndef DCL_GATEWAY_LESSON_H
#define DCL_GATEWAY_LESSON_H

#include <declic/gateway.h>

#include "base/status.h"

/**
 * Rows of one purpose. From {0}; dcl_gateway_rows_free().
 * x     [n × k]  as dcl_mcu_features()
 * y     [n]      what was to be forecast, in the model's unit; of steps the label
 * scale [n]      what a unit of y is worth: W, or 10 Wh
 * group [n]      which home
 */
typedef struct dcl_gateway_rows {
    int16_t *x;
    float *y, *scale;
    uint32_t *group;
    size_t n, room_x, room_y, room_scale, room_group;
    uint32_t k;
} dcl_gateway_rows;

enum { DCL_GATEWAY_LABELS = DCL_BLOB_OUTPUTS - 1, DCL_GATEWAY_LABEL_ROOM = 32 };

/** All that was seen. */
struct dcl_gateway_lesson {
    dcl_gateway_rows minute, today, step;
    char label[DCL_GATEWAY_LABELS][DCL_GATEWAY_LABEL_ROOM];
    uint32_t labels, homes;
    size_t unlabelled; /* steps of which no part of the home was the cause */
};

dcl_status dcl_gateway_rows_add(dcl_gateway_rows *rows, const int16_t *x, uint32_t k, float y, float scale,
                                uint32_t group, dcl_error *error) DCL_MUST_USE;
/** Steps of a home as a meter would show them, each with the part that made it. */
dcl_status dcl_gateway_lesson_steps(dcl_gateway_lesson *lesson, const dcl_home *home,
                                    dcl_error *error) DCL_MUST_USE;

/** held [rows->n]: 1 where a row judges and does not teach: every fourth home; of fewer than four homes the last quarter of each. */
void dcl_gateway_hold(const dcl_gateway_lesson *lesson, const dcl_gateway_rows *rows, uint8_t *held);

#endif
