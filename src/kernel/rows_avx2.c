/* Rows written alike, AVX2: eight at a time, 32 bytes a comparison, four fields of eight digits a vector. */
#include "kernel/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { VECTOR = 32, ROWS = 8, QUAD = 4, QUADS = DCL_ROW_FIELDS / QUAD };

/* Four fields: where their digits stand, and what the digits are worth. */
typedef struct quad {
    __m256i pick02,
        pick13;   /* bytes of the windows from their first places on; fields 0, 1 are the low half */
    __m256i pair; /* of one row */
    __m256i four; /* of two rows, as packing them leaves it */
    size_t from[QUAD];
} quad;

typedef struct plan {
    size_t n_vectors, n_quads;
    quad quads[QUADS];
} plan;

/* A field that is not there has no digits and reads the row's first bytes. */
static void plan_field(const dcl_row_form *form, size_t field, size_t *from, unsigned char *pick,
                       int16_t *pair) {
    *from = 0;
    for (size_t i = 0; i < DCL_ROW_DIGITS; i++) pick[i] = 0x80;
    if (field >= form->n_fields) return;
    const uint8_t *place = form->place[field];
    size_t first = 0;
    while (first < DCL_ROW_DIGITS && place[first] == DCL_ROW_NO_PLACE) first++;
    if (first < DCL_ROW_DIGITS) *from = place[first];
    for (size_t i = first; i < DCL_ROW_DIGITS; i++)
        if (place[i] != DCL_ROW_NO_PLACE) pick[i] = (unsigned char)(place[i] - *from);
    for (size_t i = 0; i < DCL_ROW_DIGITS / 2; i++) pair[i] = form->pair[field][i];
}

static void plan_quad(const dcl_row_form *form, size_t first, quad *out) {
    unsigned char pick[2][2 * QUAD]
                      [DCL_ROW_DIGITS]; /* of 02 and 13: low half's two places, then high half's */
    int16_t pair[QUAD][DCL_ROW_DIGITS / 2] = {{0}}, four[2][QUAD][2] = {{{0}}};
    for (size_t i = 0; i < sizeof pick; i++) ((unsigned char *)pick)[i] = 0x80;
    for (size_t f = 0; f < QUAD; f++) {
        plan_field(form, first + f, &out->from[f], pick[f % 2][f / 2 * 2 + f % 2], pair[f]);
        for (size_t row = 0; row < 2 && first + f < form->n_fields; row++)
            for (size_t k = 0; k < 2; k++) four[f / 2][row * 2 + f % 2][k] = form->four[first + f][k];
    }
    out->pick02 = _mm256_loadu_si256((const __m256i *)(const void *)pick[0]);
    out->pick13 = _mm256_loadu_si256((const __m256i *)(const void *)pick[1]);
    out->pair = _mm256_loadu_si256((const __m256i *)(const void *)pair);
    out->four = _mm256_loadu_si256((const __m256i *)(const void *)four);
}

/* Not zero where a byte is not as the form has it. */
static inline __m256i strange(const dcl_row_form *form, const char *row, size_t n_vectors) {
    __m256i out = _mm256_setzero_si256();
    for (size_t v = 0; v < n_vectors; v++) {
        __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(form->text + v * VECTOR));
        __m256i most = _mm256_loadu_si256((const __m256i *)(const void *)(form->most + v * VECTOR));
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(row + v * VECTOR));
        out = _mm256_or_si256(out, _mm256_subs_epu8(_mm256_xor_si256(x, text), most));
    }
    return out;
}

static inline __m256i windows(const char *low, const char *high) {
    __m128i first = _mm_loadu_si128((const __m128i *)(const void *)low);
    __m128i second = _mm_loadu_si128((const __m128i *)(const void *)high);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

/* Two numbers below 10,000 of each of four fields of a row. */
static inline __m256i fours(const quad *of, const char *row) {
    __m256i a = _mm256_shuffle_epi8(windows(row + of->from[0], row + of->from[2]), of->pick02);
    __m256i b = _mm256_shuffle_epi8(windows(row + of->from[1], row + of->from[3]), of->pick13);
    __m256i digits = _mm256_subs_epu8(_mm256_or_si256(a, b), _mm256_set1_epi8('0')); /* no digit stays 0 */
    __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010a)); /* ten of the first one */
    return _mm256_madd_epi16(pairs, of->pair);
}

/* Four fields of rows a and b: a0 a1 b0 b1, a2 a3 b2 b3. */
static inline __m256 values(const quad *of, const char *row, size_t length) {
    __m256i both = _mm256_packus_epi32(fours(of, row), fours(of, row + length));
    return _mm256_castsi256_ps(_mm256_madd_epi16(both, of->four));
}

static inline void store8(int32_t *out, __m256i x) {
    _mm256_storeu_si256((__m256i *)(void *)out, x);
}

/* n_fields <= QUAD columns of eight rows. */
static inline void put_quad(const quad *of, const char *row, size_t length, size_t n_fields, size_t stride,
                            int32_t *out) {
    __m256 ab = values(of, row, length), cd = values(of, row + 2 * length, length);
    __m256 ef = values(of, row + 4 * length, length), gh = values(of, row + 6 * length, length);
    __m256i abcd02 = _mm256_castps_si256(_mm256_shuffle_ps(ab, cd, 0x88));
    __m256i efgh02 = _mm256_castps_si256(_mm256_shuffle_ps(ef, gh, 0x88));
    __m256i abcd13 = _mm256_castps_si256(_mm256_shuffle_ps(ab, cd, 0xdd));
    __m256i efgh13 = _mm256_castps_si256(_mm256_shuffle_ps(ef, gh, 0xdd));
    store8(out, _mm256_permute2x128_si256(abcd02, efgh02, 0x20));
    if (n_fields > 1) store8(out + stride, _mm256_permute2x128_si256(abcd13, efgh13, 0x20));
    if (n_fields > 2) store8(out + 2 * stride, _mm256_permute2x128_si256(abcd02, efgh02, 0x31));
    if (n_fields > 3) store8(out + 3 * stride, _mm256_permute2x128_si256(abcd13, efgh13, 0x31));
}

/* Eights of rows, until one in an eight is not alike; how many rows that makes. */
static inline size_t take_eights(const dcl_row_form *form, const plan *by, size_t n_vectors, size_t n_quads,
                                 const char *text, size_t n, size_t stride, int32_t *out) {
    const size_t length = form->length;
    size_t i = 0;
    for (; i + ROWS <= n; i += ROWS, text += ROWS * length) {
        __m256i any = strange(form, text, n_vectors);
        for (size_t r = 1; r < ROWS; r++)
            any = _mm256_or_si256(any, strange(form, text + r * length, n_vectors));
        if (!_mm256_testz_si256(any, any)) break;
        for (size_t q = 0; q < n_quads; q++)
            put_quad(&by->quads[q], text, length, form->n_fields - q * QUAD, stride,
                     out + q * QUAD * stride + i);
    }
    return i;
}

size_t dcl_rows_i32_avx2(const dcl_row_form *form, const char *text, size_t n, size_t stride, int32_t *out) {
    plan by;
    size_t i = 0;
    by.n_vectors = (form->length + VECTOR - 1) / VECTOR;
    by.n_quads = (form->n_fields + QUAD - 1) / QUAD;
    if (n >= ROWS) {
        for (size_t q = 0; q < by.n_quads; q++) plan_quad(form, q * QUAD, &by.quads[q]);
        /* A time and up to three values are most files: their loops are unrolled. */
        i = by.n_vectors <= 2 && by.n_quads == 1
                ? take_eights(form, &by, 2, 1, text, n, stride, out)
                : take_eights(form, &by, by.n_vectors, by.n_quads, text, n, stride, out);
    }
    return i + dcl_rows_i32_scalar(form, text + i * form->length, n - i, stride, out + i);
}
#endif
