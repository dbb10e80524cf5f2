/*
 * A file of named arrays: HDF5, readable by h5py. What another room keeps between two runs goes through here, so that HDF5 stays
 * in this room.
 *
 *   /             attribute <kind> = version ("declic_clusters" = 2), and texts and numbers of the writer's
 *   /<group>/<name>  an array of one or two dimensions, chunked, packed (blosc) and checksummed; attribute unit
 *
 * A file is made in memory and written whole.
 */
#ifndef DCL_SERIES_ARRAYS_H
#define DCL_SERIES_ARRAYS_H

#include "base/status.h"

typedef enum dcl_array_type {
    DCL_ARRAY_F32,
    DCL_ARRAY_F64,
    DCL_ARRAY_I32,
    DCL_ARRAY_U8,
    DCL_ARRAY_TEXT
} dcl_array_type;

/**
 * An array: rows × columns of a type, in order of rows; columns 0 = one dimension. Texts are 64 bytes each, NUL-terminated.
 * name  "group/name"
 * unit  may be NULL where it has none
 */
typedef struct dcl_array {
    const char *name;
    dcl_array_type type;
    size_t rows, columns;
    const void *values;
    const char *unit;
} dcl_array;

/** A text or a number beside the arrays; text NULL = the number. */
typedef struct dcl_array_fact {
    const char *name, *text;
    double number;
} dcl_array_fact;

/**
 * Writes a file, whole or not at all. Same arrays, same bytes.
 * Errors:  DCL_E_ARG a name that is none; DCL_E_MEMORY; those of dcl_file_write().   Memory: the file's size.
 */
dcl_status dcl_arrays_write(const char *path, const char *kind, int version, const dcl_array *arrays,
                            size_t n, const dcl_array_fact *facts, size_t n_facts,
                            dcl_error *error) DCL_MUST_USE;

/** A file that was opened. One call at a time in a process, as of everything on HDF5. */
typedef struct dcl_arrays dcl_arrays;

/**
 * Opens a file of a kind.
 * Errors:  DCL_E_NOT_FOUND; DCL_E_FORMAT no HDF5 file, a damaged one, or of another kind; DCL_E_UNSUPPORTED a newer version;
 *          DCL_E_MEMORY.
 */
dcl_status dcl_arrays_open(const char *path, const char *kind, int version, dcl_arrays **out,
                           dcl_error *error) DCL_MUST_USE;
void dcl_arrays_close(dcl_arrays **file);
/** True for an HDF5 file that says so of itself. */
bool dcl_arrays_is(const char *path, const char *kind);

/**
 * Reads an array of a type into the arena. *rows and *columns: SIZE_MAX = as in the file, else what they must be; told on
 * return. Errors: DCL_E_FORMAT not there, of another form or damaged: the message names it; DCL_E_MEMORY.
 */
dcl_status dcl_arrays_get(const dcl_arrays *file, const char *name, dcl_array_type type, size_t *rows,
                          size_t *columns, dcl_arena *arena, void *values, dcl_error *error) DCL_MUST_USE;
/** The number of a fact; NaN where there is none. */
double dcl_arrays_number(const dcl_arrays *file, const char *name);
/** The text of a fact, cut to fit; "" where there is none. */
void dcl_arrays_text(const dcl_arrays *file, const char *name, char *out, size_t room);

#endif
