/* Small tables that people give: a CSV of a few columns, its cells in place. */
#ifndef DCL_BASE_TABLE_H
#define DCL_BASE_TABLE_H

#include "base/status.h"

/**
 * A CSV with a header: cell [(rows + 1) × columns], the header first; quotes and blanks around cells are taken off, a row with too few cells ends
 * in "". line [rows + 1] where each row begins in the file, from 1.
 */
typedef struct dcl_table {
    size_t rows, columns;
    char **cell;
    int64_t *line;
} dcl_table;

/**
 * Reads a CSV separated by comma, semicolon or tab, whichever the header has most of. Empty lines, and those that begin with #,
 * are passed over.
 * Errors: DCL_E_NOT_FOUND, DCL_E_IO; DCL_E_FORMAT more cells than the header, or a quote without an end, with the line; DCL_E_NO_DATA
 * no rows; DCL_E_MEMORY.
 */
dcl_status dcl_table_read(const char *path, dcl_arena *arena, dcl_table *out, dcl_error *error) DCL_MUST_USE;

/** The same of the n bytes of a file; the error has no file. */
dcl_status dcl_table_parse(const char *bytes, size_t n, dcl_arena *arena, dcl_table *out,
                           dcl_error *error) DCL_MUST_USE;

static inline const char *dcl_table_cell(const dcl_table *table, size_t row, size_t column) {
    return table->cell[(row + 1) * table->columns + column];
}
static inline const char *dcl_table_head(const dcl_table *table, size_t column) {
    return table->cell[column];
}

#endif
