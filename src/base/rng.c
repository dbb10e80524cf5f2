#include "base/rng.h"

#include <math.h>

#include "base/math.h"

void dcl_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < DCL_PHILOX_ROUNDS; round++) {
        uint64_t a = (uint64_t)c0 * DCL_PHILOX_M0, b = (uint64_t)c2 * DCL_PHILOX_M1;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += DCL_PHILOX_K0;
        k1 += DCL_PHILOX_K1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static void draw(uint64_t seed, uint64_t stream, uint64_t index, uint32_t out[4]) {
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream,
                                 (uint32_t)(stream >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    dcl_philox(counter, key, out);
}

static uint64_t join(uint32_t low, uint32_t high) {
    return (uint64_t)high << 32 | low;
}

static double unit(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

uint64_t dcl_random_bits(uint64_t seed, uint64_t stream, uint64_t index) {
    uint32_t word[4];
    draw(seed, stream, index, word);
    return join(word[0], word[1]);
}

double dcl_random_uniform(uint64_t seed, uint64_t stream, uint64_t index) {
    return unit(dcl_random_bits(seed, stream, index));
}

double dcl_random_normal(uint64_t seed, uint64_t stream, uint64_t index) {
    uint32_t word[4];
    draw(seed, stream, index, word);
    double radius_from = 1.0 - unit(join(word[0], word[1])); /* (0, 1]: the logarithm exists */
    double angle = 0x1.921fb54442d18p+2 * unit(join(word[2], word[3]));
    return sqrt(-2.0 * dcl_log(radius_from)) * dcl_cos(angle);
}

uint32_t dcl_random_below(uint64_t seed, uint64_t stream, uint64_t index, uint32_t n) {
    uint64_t bits = dcl_random_bits(seed, stream, index);
    uint64_t low = (bits & 0xffffffffu) * n, high = (bits >> 32) * n;
    return (uint32_t)((high + (low >> 32)) >> 32);
}
