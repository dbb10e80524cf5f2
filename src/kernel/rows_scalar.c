/* Rows of a text that are written alike: what dcl_kernels.rows_i32 takes and what it makes of a row. */
#include "kernel/kernel.h"

/* Every byte is as the form has it, or a digit where it has one. */
static bool is_alike(const dcl_row_form *form, const unsigned char *row) {
    unsigned char strange = 0;
    for (size_t b = 0; b < form->length; b++)
        strange |= (unsigned char)(row[b] ^ form->text[b]) > form->most[b];
    return !strange;
}

static int32_t digit(const dcl_row_form *form, const unsigned char *row, size_t field, size_t i) {
    unsigned place = form->place[field][i];
    return place == DCL_ROW_NO_PLACE ? 0 : row[place] - '0';
}

static int32_t value(const dcl_row_form *form, const unsigned char *row, size_t field) {
    int32_t out = 0;
    for (size_t i = 0; i < DCL_ROW_DIGITS; i += 2) {
        int32_t pair = digit(form, row, field, i) * 10 + digit(form, row, field, i + 1);
        out += pair * form->pair[field][i / 2] * form->four[field][i / 4];
    }
    return out;
}

size_t dcl_rows_i32_scalar(const dcl_row_form *form, const char *text, size_t n, size_t stride,
                           int32_t *out) {
    const unsigned char *row = (const unsigned char *)text;
    for (size_t i = 0; i < n; i++, row += form->length) {
        if (!is_alike(form, row)) return i;
        for (size_t f = 0; f < form->n_fields; f++) out[f * stride + i] = value(form, row, f);
    }
    return n;
}
