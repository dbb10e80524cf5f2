/* Minutes of a home as a gateway closes them: what it learns from and what it is asked on. */
#ifndef DCL_GATEWAY_MINUTES_H
#define DCL_GATEWAY_MINUTES_H

#include <declic/series.h>

#include "base/civil.h"
#include "base/status.h"

/** 2000-01-01T00:00Z, where minutes of the gateway count from. */
#define DCL_GATEWAY_EPOCH_US (INT64_C(946684800) * DCL_SECOND_US)

/** Minutes in order: mean, and power at their end, W, 0 and above; NaN = not known. first: since 2000, UTC. */
typedef struct dcl_gateway_minutes {
    float *mean, *end;
    size_t n;
    uint32_t first;
} dcl_gateway_minutes;

/** Whether a gateway could have seen a series: every minute or faster, from 2000 on. */
bool dcl_gateway_sees(const dcl_series *power);
/** The minutes of a series that it sees; from malloc. A minute of which half is known has a mean. Errors: DCL_E_MEMORY. */
dcl_status dcl_gateway_minutes_read(const dcl_series *power, dcl_gateway_minutes *out,
                                    dcl_error *error) DCL_MUST_USE;
void dcl_gateway_minutes_free(dcl_gateway_minutes *minutes);

/** When a minute begins, and the home's clock before UTC then, minutes. */
int64_t dcl_gateway_minute_us(uint32_t minute);
int32_t dcl_gateway_offset(const dcl_zone *zone, uint32_t minute);
/** W of a gateway: whole ones. */
int32_t dcl_gateway_watts(float power_w);

#endif
