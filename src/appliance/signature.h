/* The room's own: quantiles of powers by counting. */
#ifndef DCL_APPLIANCE_SIGNATURE_H
#define DCL_APPLIANCE_SIGNATURE_H

#include <declic/appliance_types.h>

/** Powers counted in bins: of 0.5 W below 512 W, of 8 W from there to 33 kW. Zero it to begin. */
enum { DCL_SPREAD_FINE = 1024, DCL_SPREAD_BINS = DCL_SPREAD_FINE + 4096 };

typedef struct dcl_spread {
    uint32_t count[DCL_SPREAD_BINS];
    uint32_t n;
} dcl_spread;

/** The bin of a power >= 0, W. */
static inline size_t dcl_spread_bin(float power_w) {
    if (power_w < 512) return power_w > 0 ? (size_t)(power_w * 2) : 0;
    size_t coarse = (size_t)((power_w < 32768 ? power_w - 512 : 32256) / 8);
    return DCL_SPREAD_FINE + coarse;
}

/** The lower end of a bin, W. */
static inline float dcl_spread_power(size_t bin) {
    return bin < DCL_SPREAD_FINE ? (float)bin / 2 : 512 + 8 * (float)(bin - DCL_SPREAD_FINE);
}

static inline void dcl_spread_add(dcl_spread *spread, float power_w) {
    spread->count[dcl_spread_bin(power_w)]++;
    spread->n++;
}

/** The lower end of the bin of the quantile q, W; 0 where there is nothing. */
float dcl_spread_quantile(const dcl_spread *spread, double q);

/** Median of v [n] (reordered); 0 for n = 0. */
float dcl_median(float *v, size_t n);

#endif
