#include "gateway/minutes.h"

#include <math.h>
#include <stdlib.h>

bool dcl_gateway_sees(const dcl_series *power) {
    return power && power->period_us <= DCL_MINUTE_US && DCL_MINUTE_US % power->period_us == 0 &&
           power->start_us >= DCL_GATEWAY_EPOCH_US;
}

dcl_status dcl_gateway_minutes_read(const dcl_series *power, dcl_gateway_minutes *m, dcl_error *error) {
    int64_t first = (power->start_us - DCL_GATEWAY_EPOCH_US + DCL_MINUTE_US - 1) / DCL_MINUTE_US;
    int64_t start = DCL_GATEWAY_EPOCH_US + first * DCL_MINUTE_US, per = DCL_MINUTE_US / power->period_us;
    int64_t skip = (start - power->start_us) / power->period_us;
    m->first = (uint32_t)first;
    m->n = (int64_t)power->n > skip ? (size_t)(((int64_t)power->n - skip) / per) : 0;
    m->mean = malloc((m->n + 1) * sizeof *m->mean);
    m->end = malloc((m->n + 1) * sizeof *m->end);
    if (!m->mean || !m->end) return dcl_fail_memory(error, "minutes of a home");
    for (size_t i = 0; i < m->n; i++) {
        const float *at = power->value + skip + (int64_t)i * per;
        double sum = 0;
        int64_t n = 0;
        m->end[i] = NAN;
        for (int64_t s = 0; s < per; s++) {
            if (isnan(at[s])) continue;
            m->end[i] = fmaxf(at[s], 0);
            sum += (double)m->end[i];
            n++;
        }
        m->mean[i] = 2 * n >= per ? (float)(sum / (double)n) : NAN;
    }
    return DCL_OK;
}

void dcl_gateway_minutes_free(dcl_gateway_minutes *m) {
    free(m->mean);
    free(m->end);
    *m = (dcl_gateway_minutes){0};
}

int64_t dcl_gateway_minute_us(uint32_t minute) {
    return DCL_GATEWAY_EPOCH_US + (int64_t)minute * DCL_MINUTE_US;
}

int32_t dcl_gateway_offset(const dcl_zone *zone, uint32_t minute) {
    return (int32_t)(dcl_zone_offset_s(zone, dcl_gateway_minute_us(minute)) / 60);
}

int32_t dcl_gateway_watts(float power_w) {
    return (int32_t)(power_w + 0.5f);
}
