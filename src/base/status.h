/* Filling a dcl_error: the library's one way to say what went wrong. */
#ifndef DCL_BASE_STATUS_H
#define DCL_BASE_STATUS_H

#include <declic/base.h>

#if defined(__GNUC__)
#define DCL_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define DCL_PRINTF(f, a)
#endif

/** Fills code and message; keeps the file already named and clears the position. error may be NULL. Returns
 * code. */
dcl_status dcl_fail(dcl_error *error, dcl_status code, const char *format, ...) DCL_PRINTF(3, 4);
/** The same with a position. */
dcl_status dcl_fail_at(dcl_error *error, dcl_status code, int64_t line, int64_t byte, const char *format, ...)
    DCL_PRINTF(5, 6);
/** The same with the name of a file. */
dcl_status dcl_fail_file(dcl_error *error, dcl_status code, const char *file, const char *format, ...)
    DCL_PRINTF(4, 5);
/** Out of memory, said with what was wanted. */
dcl_status dcl_fail_memory(dcl_error *error, const char *what);

/**
 * Makes room for `need` items in *items, doubling. On failure nothing changes.
 * items is the address of a pointer from malloc (or NULL), *room its size in items.
 */
dcl_status dcl_grow(void *items, size_t *room, size_t need, size_t item_size) DCL_MUST_USE;

#endif
