#include <declic/mcu.h>

void dcl_mcu_edge_init(dcl_mcu_edge *state, uint32_t threshold) {
    state->previous = DCL_MISSING_I32;
    state->threshold = threshold ? threshold : 1;
}

int dcl_mcu_edge_push(dcl_mcu_edge *state, int32_t sample, uint32_t *size) {
    int32_t previous = state->previous;
    state->previous = sample;
    *size = 0;
    if (sample == DCL_MISSING_I32 || previous == DCL_MISSING_I32) return 0;
    /* Unsigned subtraction of the smaller from the larger cannot overflow. */
    *size = sample > previous ? (uint32_t)sample - (uint32_t)previous : (uint32_t)previous - (uint32_t)sample;
    if (*size < state->threshold) return 0;
    return sample > previous ? 1 : -1;
}
