/* The kernels of 16-bit words, AVX2. */
#include "kernel/words.h"

#if defined(__x86_64__)
#include <immintrin.h>

static inline __m256i load(const void *at) {
    return _mm256_loadu_si256(at);
}

/*
 * Lane j takes the words 16 k + j: its sum, and the sum of its prefix sums. The sum of all prefix sums of R rounds is
 * 16 Σ sums of prefix sums − Σ j × sum, as word 16 k + j is in 16 R − 16 k − j of them.
 */
static void add_rounds(const unsigned char *bytes, size_t rounds, uint64_t *sum, uint64_t *prefix) {
    __m256i one[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()}, two[2] = {one[0], one[0]};
    for (size_t k = 0; k < rounds; k++, bytes += 2 * DCL_LANES) {
        __m256i words = load(bytes);
        one[0] = _mm256_add_epi32(one[0], _mm256_cvtepu16_epi32(_mm256_castsi256_si128(words)));
        one[1] = _mm256_add_epi32(one[1], _mm256_cvtepu16_epi32(_mm256_extracti128_si256(words, 1)));
        two[0] = _mm256_add_epi32(two[0], one[0]);
        two[1] = _mm256_add_epi32(two[1], one[1]);
    }
    uint32_t sums[DCL_LANES], sums_of_sums[DCL_LANES];
    for (size_t half = 0; half < 2; half++) {
        _mm256_storeu_si256((__m256i *)(void *)(sums + 8 * half), one[half]);
        _mm256_storeu_si256((__m256i *)(void *)(sums_of_sums + 8 * half), two[half]);
    }
    uint64_t all = 0, of_sums = 0, weighted = 0;
    for (size_t j = 0; j < DCL_LANES; j++) {
        all += sums[j];
        of_sums += sums_of_sums[j];
        weighted += j * (uint64_t)sums[j];
    }
    *prefix += rounds * DCL_LANES * *sum + DCL_LANES * of_sums - weighted;
    *sum += all;
}

static void dcl_sums_u16_avx2(const void *words, size_t n, uint64_t *sum, uint64_t *prefix) {
    const unsigned char *bytes = words;
    *sum = *prefix = 0;
    for (size_t rounds; (rounds = n / DCL_LANES) > 0; n -= rounds * DCL_LANES) {
        if (rounds > DCL_WORD_ROUNDS) rounds = DCL_WORD_ROUNDS;
        add_rounds(bytes, rounds, sum, prefix);
        bytes += rounds * 2 * DCL_LANES;
    }
    dcl_sums_tail(bytes, n, sum, prefix);
}

/* So many rounds keep a lane's count in 16 bits. */
enum { TALLY_ROUNDS = 1 << 14 };

static void tally_rounds(const int16_t *x, size_t rounds, int16_t missing, dcl_tally *tally) {
    const __m256i none = _mm256_set1_epi16(missing), top = _mm256_set1_epi16(INT16_MAX),
                  bottom = _mm256_set1_epi16(INT16_MIN);
    __m256i least = top, most = bottom, absent = _mm256_setzero_si256();
    for (size_t k = 0; k < rounds; k++, x += DCL_LANES) {
        __m256i value = load(x), is_none = _mm256_cmpeq_epi16(value, none);
        absent = _mm256_sub_epi16(absent, is_none);
        least = _mm256_min_epi16(least, _mm256_blendv_epi8(value, top, is_none));
        most = _mm256_max_epi16(most, _mm256_blendv_epi8(value, bottom, is_none));
    }
    int16_t low[DCL_LANES], high[DCL_LANES];
    uint16_t out[DCL_LANES];
    _mm256_storeu_si256((__m256i *)(void *)low, least);
    _mm256_storeu_si256((__m256i *)(void *)high, most);
    _mm256_storeu_si256((__m256i *)(void *)out, absent);
    tally->present += rounds * DCL_LANES;
    for (size_t j = 0; j < DCL_LANES; j++) {
        tally->least = low[j] < tally->least ? low[j] : tally->least;
        tally->most = high[j] > tally->most ? high[j] : tally->most;
        tally->present -= out[j];
    }
}

static void dcl_tally_i16_avx2(const int16_t *x, size_t n, int16_t missing, dcl_tally *tally) {
    for (size_t rounds; (rounds = n / DCL_LANES) > 0; n -= rounds * DCL_LANES) {
        if (rounds > TALLY_ROUNDS) rounds = TALLY_ROUNDS;
        tally_rounds(x, rounds, missing, tally);
        x += rounds * DCL_LANES;
    }
    dcl_tally_tail(x, n, missing, tally);
}

/* Sixteen columns of all rows at a time: sums and counts stay in registers. */
static void fold_columns(const int16_t *x, size_t rows, size_t width, __m256i none, int32_t *sum,
                         uint32_t *count) {
    __m256i low = _mm256_setzero_si256(), high = low, absent = low;
    for (size_t r = 0; r < rows; r++, x += width) {
        __m256i value = load(x), is_none = _mm256_cmpeq_epi16(value, none);
        value = _mm256_andnot_si256(is_none, value);
        absent = _mm256_sub_epi16(absent, is_none);
        low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(value)));
        high = _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(value, 1)));
    }
    int32_t sums[DCL_LANES];
    uint16_t out[DCL_LANES];
    _mm256_storeu_si256((__m256i *)(void *)sums, low);
    _mm256_storeu_si256((__m256i *)(void *)(sums + 8), high);
    _mm256_storeu_si256((__m256i *)(void *)out, absent);
    for (size_t j = 0; j < DCL_LANES; j++) {
        sum[j] += sums[j];
        count[j] += (uint32_t)rows - out[j];
    }
}

static void dcl_fold_i16_avx2(const int16_t *x, size_t n, size_t width, int16_t missing, int32_t *sum,
                              uint32_t *count) {
    const __m256i none = _mm256_set1_epi16(missing);
    size_t rows = n / width, wide = width / DCL_LANES * DCL_LANES;
    for (size_t from = 0, some; from < rows; from += some) {
        some = rows - from < UINT16_MAX ? rows - from : UINT16_MAX;
        const int16_t *at = x + from * width;
        for (size_t c = 0; c < wide; c += DCL_LANES)
            fold_columns(at + c, some, width, none, sum + c, count + c);
        for (size_t r = 0; wide < width && r < some; r++)
            dcl_fold_tail(at + r * width + wide, width - wide, width, wide, missing, sum, count);
    }
    dcl_fold_tail(x + rows * width, n - rows * width, width, 0, missing, sum, count);
}

static void below_rounds(const int16_t *x, size_t rounds, const int16_t *threshold, uint64_t *below) {
    __m256i at[DCL_BELOW], count[DCL_BELOW];
    for (size_t t = 0; t < DCL_BELOW; t++) {
        at[t] = _mm256_set1_epi16(threshold[t]);
        count[t] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < rounds; k++, x += DCL_LANES) {
        __m256i value = load(x);
        for (size_t t = 0; t < DCL_BELOW; t++)
            count[t] = _mm256_sub_epi16(count[t], _mm256_cmpgt_epi16(at[t], value));
    }
    for (size_t t = 0; t < DCL_BELOW; t++) {
        uint16_t lane[DCL_LANES];
        _mm256_storeu_si256((__m256i *)(void *)lane, count[t]);
        for (size_t j = 0; j < DCL_LANES; j++) below[t] += lane[j];
    }
}

static void dcl_below_i16_avx2(const int16_t *x, size_t n, const int16_t *threshold, uint64_t *below) {
    for (size_t t = 0; t < DCL_BELOW; t++) below[t] = 0;
    for (size_t rounds; (rounds = n / DCL_LANES) > 0; n -= rounds * DCL_LANES) {
        if (rounds > TALLY_ROUNDS) rounds = TALLY_ROUNDS;
        below_rounds(x, rounds, threshold, below);
        x += rounds * DCL_LANES;
    }
    dcl_below_tail(x, n, threshold, below);
}

void dcl_kernels_overlay_words_avx2(dcl_kernels *table) {
    table->fold_i16 = dcl_fold_i16_avx2;
    table->below_i16 = dcl_below_i16_avx2;
    table->sums_u16 = dcl_sums_u16_avx2;
    table->tally_i16 = dcl_tally_i16_avx2;
}
#else
void dcl_kernels_overlay_words_avx2(dcl_kernels *table) {
    (void)table;
}
#endif
