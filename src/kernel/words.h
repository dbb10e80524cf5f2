/* The forms of the kernels of 16-bit words: what they share. */
#ifndef DCL_KERNEL_WORDS_H
#define DCL_KERNEL_WORDS_H

#include "kernel/kernel.h"

/* So many rounds of DCL_LANES words keep a lane's sum of sums in 32 bits: 65,535 × 256 × 257 / 2. */
#define DCL_WORD_ROUNDS 256

void dcl_kernels_fill_words_scalar(dcl_kernels *table);
void dcl_kernels_overlay_words_avx2(dcl_kernels *table);

/** Adds the words one by one. */
static inline void dcl_sums_tail(const unsigned char *bytes, size_t n, uint64_t *sum, uint64_t *prefix) {
    for (size_t i = 0; i < n; i++) {
        *sum += (uint64_t)bytes[2 * i] | (uint64_t)bytes[2 * i + 1] << 8;
        *prefix += *sum;
    }
}

/** Adds the values one by one. */
static inline void dcl_tally_tail(const int16_t *x, size_t n, int16_t missing, dcl_tally *tally) {
    for (size_t i = 0; i < n; i++) {
        if (x[i] == missing) continue;
        tally->least = x[i] < tally->least ? x[i] : tally->least;
        tally->most = x[i] > tally->most ? x[i] : tally->most;
        tally->present++;
    }
}

/** Adds the values one by one, the first of them to column `at`. */
static inline void dcl_fold_tail(const int16_t *x, size_t n, size_t width, size_t at, int16_t missing,
                                 int32_t *sum, uint32_t *count) {
    for (size_t i = 0; i < n; i++, at = at + 1 < width ? at + 1 : 0) {
        if (x[i] == missing) continue;
        sum[at] += x[i];
        count[at]++;
    }
}

/** Counts the values one by one on top of `below`. */
static inline void dcl_below_tail(const int16_t *x, size_t n, const int16_t *threshold, uint64_t *below) {
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < DCL_BELOW; t++) below[t] += x[i] < threshold[t];
}

#endif
