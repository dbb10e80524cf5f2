/* The bytes of one file, line by line, from wherever they come; memory stays at one block and one line. */
#ifndef DCL_SERIES_INPUT_H
#define DCL_SERIES_INPUT_H

#include "base/status.h"

/** Gives the next block of bytes, valid until the next call; n = 0 at the end. */
typedef dcl_status (*dcl_more_fn)(void *arg, const char **block, size_t *n, dcl_error *error);

/** A line longer than this is no line of a meter's file. */
enum { DCL_LINE_MAX = 1 << 16 };

typedef struct dcl_input {
    dcl_more_fn more;
    void *more_arg;
    const char *name; /* of the file or the member of an archive */
    dcl_pos pos;      /* of the line or block last given out */
    char *buffer;
    size_t from, to, room; /* the bytes not yet given out: first these, */
    const char
        *block; /* then these of the last block, which stay where they are until they are needed here */
    size_t block_n;
    bool ended;
    int64_t next_byte, next_line;
    uint64_t expected; /* bytes it may hold in all, as far as a file's size tells; 0 = not known */
} dcl_input;

void dcl_input_begin(dcl_input *input, const char *name, dcl_more_fn more, void *arg);
/** The same over bytes in memory, which must outlive the input. */
typedef struct dcl_bytes {
    const char *at;
    size_t n;
} dcl_bytes;
void dcl_input_begin_bytes(dcl_input *input, const char *name, dcl_bytes *bytes);
void dcl_input_end(dcl_input *input);

/** Looks at the first bytes not yet given out: up to `want`, fewer only at the end. */
dcl_status dcl_input_peek(dcl_input *input, size_t want, const char **bytes, size_t *n,
                          dcl_error *error) DCL_MUST_USE;
/**
 * The next line without its end (LF or CR LF), NUL-terminated, valid until the next call; *line NULL at the
 * end. Errors: DCL_E_FORMAT for a zero byte or a line beyond DCL_LINE_MAX, with its position.
 */
dcl_status dcl_input_line(dcl_input *input, char **line, size_t *n, dcl_error *error) DCL_MUST_USE;
/**
 * The next line that is not empty, for a loop over rows: false at the end, and from the first error on, which is in *status. Nothing
 * is read where *status is one already.
 */
bool dcl_input_row(dcl_input *input, char **line, dcl_status *status, dcl_error *error);
/**
 * Bytes at hand, which the next call of any other function may move, as many as stand in one piece; nothing is read or
 * copied for it.
 */
const char *dcl_input_held(const dcl_input *input, size_t *n);
/** Steps over so many of them that are so many whole lines; `pos` stays. */
void dcl_input_take(dcl_input *input, size_t n, size_t lines);
/** Whatever bytes are at hand in one piece; n = 0 at the end. */
dcl_status dcl_input_block(dcl_input *input, const char **bytes, size_t *n, dcl_error *error) DCL_MUST_USE;
/** All the rest, at most `limit` bytes (more is DCL_E_FORMAT). */
dcl_status dcl_input_all(dcl_input *input, size_t limit, const char **bytes, size_t *n,
                         dcl_error *error) DCL_MUST_USE;

#endif
