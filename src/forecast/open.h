/* Loads that seem to be on: rises of power that no fall has closed yet, followed slot by slot on fine grids. */
#ifndef DCL_FORECAST_OPEN_H
#define DCL_FORECAST_OPEN_H

#include <stddef.h>

enum { DCL_FC_OPEN_MAX = 8 };

/**
 * rise_w [n], since [n]   rises not closed yet, oldest first, and the slots they came in
 * step_w, step_at         the last step and the one before it, and their slots; 0 = none
 */
typedef struct dcl_fc_open {
    size_t n;
    float rise_w[DCL_FC_OPEN_MAX];
    size_t since[DCL_FC_OPEN_MAX];
    float step_w[2];
    size_t step_at[2];
    float before_w; /* the value before; NaN = missing */
} dcl_fc_open;

void dcl_fc_open_begin(dcl_fc_open *open);
/** Takes the value of the next slot. */
void dcl_fc_open_next(dcl_fc_open *open, size_t slot, float power_w);

#endif
