/* The specification of the kernels that simulated homes are made with. */
#include "kernel/home.h"

static void dcl_philox_u32_scalar(uint64_t seed, uint64_t stream, uint32_t first, uint32_t *out) {
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (uint32_t b = 0; b < DCL_PHILOX_BLOCKS; b++, out += 4) {
        const uint32_t counter[4] = {first + b, 0, (uint32_t)stream, (uint32_t)(stream >> 32)};
        dcl_philox(counter, key, out);
    }
}

static int64_t dcl_levels_f32_i64_scalar(int64_t *x, size_t n, int64_t level, double scale, float *out) {
    return dcl_levels_tail(x, n, level, scale, out);
}

void dcl_kernels_fill_home_scalar(dcl_kernels *table) {
    table->philox_u32 = dcl_philox_u32_scalar;
    table->levels_f32_i64 = dcl_levels_f32_i64_scalar;
}
