/* The specification of the kernels of 16-bit words. */
#include "kernel/words.h"

static void dcl_sums_u16_scalar(const void *words, size_t n, uint64_t *sum, uint64_t *prefix) {
    *sum = *prefix = 0;
    dcl_sums_tail(words, n, sum, prefix);
}

static void dcl_tally_i16_scalar(const int16_t *x, size_t n, int16_t missing, dcl_tally *tally) {
    dcl_tally_tail(x, n, missing, tally);
}

void dcl_kernels_fill_words_scalar(dcl_kernels *table) {
    table->sums_u16 = dcl_sums_u16_scalar;
    table->tally_i16 = dcl_tally_i16_scalar;
}
