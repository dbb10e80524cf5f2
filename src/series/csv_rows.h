/*
 * Rows of a CSV as programs write them, many at a time: a date and a clock to the second, plain decimal
 * numbers, no quotes and no blanks. Whatever else a row may hold is left to the plain path.
 */
#ifndef DCL_SERIES_CSV_ROWS_H
#define DCL_SERIES_CSV_ROWS_H

#include <declic/kernel.h>

#include "series/collect.h"

enum { DCL_CSV_COLUMNS_MAX = 256, DCL_CSV_DATE = 11, DCL_CSV_STAMP = 19 };

/** 1, 10, 100 … */
extern const double dcl_csv_powers[18];

/** What a column of such rows is: of no use, the time, or DCL_CSV_VALUE + the index of a value. */
enum { DCL_CSV_PASSED, DCL_CSV_TIME, DCL_CSV_VALUE };

typedef struct dcl_csv_value {
    size_t track;
    double scale;
    dcl_plain plain;
    double divisor; /* of its digits in rows written alike: a power of ten, negative behind a sign */
    bool is_short;  /* its digits, and so all that is done with them, are exact in float32 */
} dcl_csv_value;

typedef struct dcl_csv_rows {
    char delimiter;
    size_t n_columns, n_values;
    uint8_t role[DCL_CSV_COLUMNS_MAX];
    dcl_csv_value value[DCL_CHANNEL_COUNT];
    uint32_t span_ms;
    bool known;              /* a date was learned */
    char date[DCL_CSV_DATE]; /* the last one read, with what parts it from its clock */
    bool has_z;              /* its stamp ends in Z */
    int64_t midnight_us;     /* time of its clock's 00:00:00 */
    dcl_clock *clock;        /* its stamp is of this clock; NULL = UTC */
    /* Rows that are written alike go through a kernel; NULL = none do. */
    const dcl_kernels *kernels;
    bool expected; /* the tracks were told how many rows may come */
    bool alike;    /* the next row may be as `form` says: the clock's seconds of the day, then the values */
    dcl_row_form form;
    size_t form_rows; /* taken by it */
    size_t length;    /* of the last row that was taken by itself, and where its fields began */
    uint8_t field_at[DCL_CHANNEL_COUNT + 1];
    unsigned same, patience; /* rows before it whose fields were as long, and how many of them make a form */
} dcl_csv_rows;

/**
 * Learns a date from a stamp that the plain path has read as time_us, by `clock` (NULL = it is UTC). A date
 * whose clock is changed, and a stamp of another form, teach nothing.
 */
void dcl_csv_learn(dcl_csv_rows *rows, const char *stamp, size_t n, int64_t time_us, dcl_clock *clock);

/**
 * Takes rows off the bytes at hand and adds their readings, as long as they are plain rows of the date
 * learned. What it leaves is for the plain path, a row at least where any byte is left.
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_csv_take(dcl_csv_rows *rows, dcl_collect *collect, dcl_input *input,
                        dcl_error *error) DCL_MUST_USE;

#endif
