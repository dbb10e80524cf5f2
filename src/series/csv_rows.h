/*
 * Rows of a CSV as programs write them, many at a time: a date and a clock to the second, plain decimal
 * numbers, no quotes and no blanks. Whatever else a row may hold is left to the plain path.
 */
#ifndef DCL_SERIES_CSV_ROWS_H
#define DCL_SERIES_CSV_ROWS_H

#include "series/collect.h"

enum { DCL_CSV_COLUMNS_MAX = 256, DCL_CSV_DATE = 11, DCL_CSV_STAMP = 19 };

/** What a column of such rows is: of no use, the time, or DCL_CSV_VALUE + the index of a value. */
enum { DCL_CSV_PASSED, DCL_CSV_TIME, DCL_CSV_VALUE };

/** How a short number was written: masks over eight bytes, the first one lowest. */
typedef struct dcl_csv_layout {
    uint64_t digits;             /* its digits */
    uint64_t fixed, fixed_mask;  /* its mark, and what parts it from the next field */
    uint64_t below;              /* all before the mark */
    double divisor;              /* a power of ten, negative behind a sign */
    uint8_t sign, shift, length; /* length up to the next field; 0 = nothing learned */
} dcl_csv_layout;

typedef struct dcl_csv_value {
    size_t track;
    double scale;
    dcl_plain plain;
    dcl_csv_layout layout; /* of the last one, where all like it are plain */
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
    uint64_t behind;         /* the bytes from its end to the next field, Z included; 0 = not known */
    dcl_clock *clock;        /* its stamp is of this clock; NULL = UTC */
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
