/* Rows of a CSV that are written alike, a step apart: most files are made of such rows, and a kernel takes them. */
#ifndef DCL_SERIES_CSV_ALIKE_H
#define DCL_SERIES_CSV_ALIKE_H

#include "series/csv_rows.h"

/** Tracks that all expect their next reading at one moment, and room for so many more. */
typedef struct dcl_csv_batch {
    float *to[DCL_CHANNEL_COUNT];
    size_t n, room;
    int64_t next_us, step_us;
} dcl_csv_batch;

/** Whether rows like the next of the batch can be taken by a form: only a clock that goes forward tells no news. */
bool dcl_csv_may_be_alike(const dcl_csv_rows *rows, const dcl_csv_batch *next);
/**
 * Learns from a row of `length` bytes that was taken by itself, field [n_columns] where its fields begin, where
 * dcl_csv_may_be_alike(). A form costs more than a row does, and there are columns whose numbers change their length with
 * every row: a form that was of little use makes the next one wait for more rows like it.
 */
void dcl_csv_learn_row(dcl_csv_rows *rows, const char *row, const char *const *field, size_t length);
/**
 * Takes rows from `at` on, as long as each is the next of the batch, of the day and of the form that was learned
 * (rows->alike), some hundreds at most; how many. What such a row holds is plain by its form.
 */
size_t dcl_csv_take_alike(dcl_csv_rows *rows, dcl_csv_batch *into, const char *at, const char *end);

#endif
