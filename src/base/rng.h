/*
 * Counter-based random numbers: each number is a pure function of (seed, stream, index), so it does not
 * depend on threads, shards or on what was drawn before. Generator: Philox4x32-10 (Salmon, Moraes, Dror and
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */
#ifndef DCL_BASE_RNG_H
#define DCL_BASE_RNG_H

#include <stdint.h>

/** Rounds, multipliers and key increments (the golden ratio and sqrt(3) - 1, times 2^32) of the paper. */
#define DCL_PHILOX_M0 0xD2511F53u
#define DCL_PHILOX_M1 0xCD9E8D57u
#define DCL_PHILOX_K0 0x9E3779B9u
#define DCL_PHILOX_K1 0xBB67AE85u
enum { DCL_PHILOX_ROUNDS = 10 };

/** The generator itself: ten rounds over a 128-bit counter under a 64-bit key; words in the paper's order. */
void dcl_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/** 64 random bits. The other functions use the same bits: one (seed, stream, index) is one draw of one kind.
 */
uint64_t dcl_random_bits(uint64_t seed, uint64_t stream, uint64_t index);
/** Uniform in [0, 1): a multiple of 2^-53. */
double dcl_random_uniform(uint64_t seed, uint64_t stream, uint64_t index);
/** Normal, mean 0, deviation 1; |value| < 8.6. Box and Muller's transform with our own log and cos. */
double dcl_random_normal(uint64_t seed, uint64_t stream, uint64_t index);
/** Uniform in 0 … n - 1, each chance within 2^-64 of 1/n (64 bits times n, the top 32); 0 for n = 0. */
uint32_t dcl_random_below(uint64_t seed, uint64_t stream, uint64_t index, uint32_t n);

/** A sequence over the same numbers: start from {seed, stream, 0}; each call takes the next index. */
typedef struct dcl_rng {
    uint64_t seed, stream, index;
} dcl_rng;

static inline double dcl_rng_uniform(dcl_rng *rng) {
    return dcl_random_uniform(rng->seed, rng->stream, rng->index++);
}
static inline double dcl_rng_normal(dcl_rng *rng) {
    return dcl_random_normal(rng->seed, rng->stream, rng->index++);
}
static inline uint32_t dcl_rng_below(dcl_rng *rng, uint32_t n) {
    return dcl_random_below(rng->seed, rng->stream, rng->index++, n);
}

#endif
