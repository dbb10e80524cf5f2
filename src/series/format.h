/*
 * A format is one file, format_<name>.c, that defines `const dcl_format dcl_format_<name>`; the build finds
 * it. It says how sure it is of a file's first bytes, and puts readings into a collect.
 */
#ifndef DCL_SERIES_FORMAT_H
#define DCL_SERIES_FORMAT_H

#include "series/collect.h"

enum { DCL_HEAD_BYTES = 4096 };

typedef struct dcl_format {
    const char *name, *title;
    /** 0 = not this format … 100 = no other can be meant. head is NUL-terminated, without a byte order mark.
     */
    int (*detect)(const char *file_name, const char *head, size_t n);
    dcl_status (*read)(dcl_collect *collect, dcl_input *input, dcl_error *error);
} dcl_format;

/** The i-th format, NULL past the last; the format of a name, NULL where there is none. */
const dcl_format *dcl_format_at(size_t i);
const dcl_format *dcl_format_find(const char *name);

/** Reads one file with the format that knows it; the whole path of bytes but for the archive around them. */
dcl_status dcl_collect_read(dcl_collect *collect, dcl_input *input, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- inputs */

/** Reads all files of an input. The error names the file. */
dcl_status dcl_collect_read_path(dcl_collect *collect, const char *path, dcl_error *error) DCL_MUST_USE;
/** Refuses options on how bytes are read, which a store is past. */
dcl_status dcl_check_store_options(const char *path, const dcl_read_options *options,
                                   dcl_error *error) DCL_MUST_USE;
/** What inputs like this one's first file that we read can hold: many homes, many devices, or one home alone. */
dcl_inputs dcl_format_holds(const char *path, const dcl_read_options *options);
/** Options that are in range. */
dcl_status dcl_check_options(const dcl_read_options *options, dcl_error *error) DCL_MUST_USE;
/** A home of a panel, from its first reading to its last. */
dcl_status dcl_panel_home(const dcl_context *context, const dcl_panel *panel, size_t index, dcl_arena *arena,
                          dcl_home *out, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- fields of a row */

/** A field of a row: bytes inside the line, without surrounding quotes and blanks. */
typedef struct dcl_field {
    char *at;
    size_t n;
} dcl_field;

/**
 * Cuts a line (in place) at `delimiter`; quotes around a field are taken off. Returns the number of fields in
 * the line, which may exceed `room`; only the first `room` are given. Each field is NUL-terminated.
 */
size_t dcl_fields(char *line, char delimiter, dcl_field *fields, size_t room);
/** A decimal number, all of the field, with `.` or `,` as its mark; no locale. False when it is none. */
bool dcl_field_number(dcl_field field, double *out);
/** True when the field starts with the ASCII letters of `word`, in any case, bytes beyond ASCII in it
 * skipped. */
bool dcl_field_is(dcl_field field, const char *word);
/** Reads dd/mm/yyyy / hh:mm:ss (seconds may be left out) at *at into the fields of *civil and steps over it. */
bool dcl_read_day(const char **at, dcl_civil *civil);
bool dcl_read_clock(const char **at, dcl_civil *civil);
/** Reads up to `n` digits as a number at *at and steps over them; -1 when there is none. */
int dcl_digits(const char **at, int n);
/** True when `text` contains `word`, ASCII letters in any case, bytes beyond ASCII in `text` skipped. */
bool dcl_contains(const char *text, const char *word);

#endif
