/* The specification of the kernels of 16-bit words. */
#include "kernel/words.h"

static void dcl_sums_u16_scalar(const void *words, size_t n, uint64_t *sum, uint64_t *prefix) {
    *sum = *prefix = 0;
    dcl_sums_tail(words, n, sum, prefix);
}

static void dcl_tally_i16_scalar(const int16_t *x, size_t n, int16_t missing, dcl_tally *tally) {
    dcl_tally_tail(x, n, missing, tally);
}

static void dcl_fold_i16_scalar(const int16_t *x, size_t n, size_t width, int16_t missing, int32_t *sum,
                                uint32_t *count) {
    dcl_fold_tail(x, n, width, 0, missing, sum, count);
}

static void dcl_below_i16_scalar(const int16_t *x, size_t n, const int16_t *threshold, uint64_t *below) {
    for (size_t t = 0; t < DCL_BELOW; t++) below[t] = 0;
    dcl_below_tail(x, n, threshold, below);
}

void dcl_kernels_fill_words_scalar(dcl_kernels *table) {
    table->sums_u16 = dcl_sums_u16_scalar;
    table->tally_i16 = dcl_tally_i16_scalar;
    table->fold_i16 = dcl_fold_i16_scalar;
    table->below_i16 = dcl_below_i16_scalar;
}
