#include "series/input.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a block that are copied at once for lines: many lines, and few where rows are read in place. */
enum { PIECE = 4096 };

void dcl_input_begin(dcl_input *input, const char *name, dcl_more_fn more, void *arg) {
    *input = (dcl_input){.more = more, .more_arg = arg, .name = name, .next_line = 1, .pos = {0, -1}};
}

static dcl_status more_bytes(void *arg, const char **block, size_t *n, dcl_error *error) {
    (void)error;
    dcl_bytes *bytes = arg;
    *block = bytes->at;
    *n = bytes->n;
    bytes->n = 0;
    return DCL_OK;
}

void dcl_input_begin_bytes(dcl_input *input, const char *name, dcl_bytes *bytes) {
    dcl_input_begin(input, name, more_bytes, bytes);
}

void dcl_input_end(dcl_input *input) {
    free(input->buffer);
    input->buffer = NULL;
}

/* The next block, where the last one is used up. */
static dcl_status next_block(dcl_input *input, dcl_error *error) {
    dcl_status status = input->more(input->more_arg, &input->block, &input->block_n, error);
    if (status) input->block_n = 0;
    input->ended = !status && input->block_n == 0;
    return status;
}

/* Copies so many bytes of the block behind those of the buffer. */
static dcl_status copy_block(dcl_input *input, size_t n, dcl_error *error) {
    if (input->from) {
        memmove(input->buffer, input->buffer + input->from, input->to - input->from);
        input->to -= input->from;
        input->from = 0;
    }
    /* One byte more, for the NUL behind a last line without an end. */
    if (dcl_grow(&input->buffer, &input->room, input->to + n + 1, 1))
        return dcl_fail_memory(error, "a block of input");
    memcpy(input->buffer + input->to, input->block, n);
    input->to += n;
    input->block += n;
    input->block_n -= n;
    return DCL_OK;
}

/* More bytes in the buffer, at most so many; none at the end. */
static dcl_status fill(dcl_input *input, size_t most, dcl_error *error) {
    dcl_status status = input->block_n ? DCL_OK : next_block(input, error);
    if (status || !input->block_n) return status;
    return copy_block(input, input->block_n < most ? input->block_n : most, error);
}

dcl_status dcl_input_peek(dcl_input *input, size_t want, const char **bytes, size_t *n, dcl_error *error) {
    while (!input->ended && input->to - input->from < want) {
        dcl_status status = fill(input, want - (input->to - input->from), error);
        if (status) return status;
    }
    *bytes = input->buffer ? input->buffer + input->from : "";
    *n = input->to - input->from < want ? input->to - input->from : want;
    return DCL_OK;
}

/* Gives out `used` bytes that begin at input->from. */
static void give(dcl_input *input, size_t used) {
    input->pos = (dcl_pos){input->next_line, input->next_byte};
    input->from += used;
    input->next_byte += (int64_t)used;
    input->next_line++;
}

static dcl_status fail_long(const dcl_input *input, dcl_error *error) {
    return dcl_fail_at(error, DCL_E_FORMAT, input->next_line, input->next_byte,
                       "a line longer than %d bytes: not a text file of a meter", DCL_LINE_MAX);
}

/* More bytes for a line: what is cut at the end of the buffer to its end and no further. */
static dcl_status fill_line(dcl_input *input, dcl_error *error) {
    size_t most = PIECE;
    dcl_status status = input->block_n ? DCL_OK : next_block(input, error);
    if (status || !input->block_n) return status;
    if (input->from < input->to) {
        const char *end = memchr(input->block, '\n', input->block_n);
        if (end) most = (size_t)(end + 1 - input->block);
    }
    return fill(input, most, error);
}

dcl_status dcl_input_line(dcl_input *input, char **line, size_t *n, dcl_error *error) {
    *line = NULL;
    *n = 0;
    size_t searched = 0;
    char *end = NULL;
    for (;;) {
        size_t held = input->to - input->from;
        if (held > searched) end = memchr(input->buffer + input->from + searched, '\n', held - searched);
        if (end || input->ended) break;
        searched = held;
        if (held > DCL_LINE_MAX) return fail_long(input, error);
        dcl_status status = fill_line(input, error);
        if (status) return status;
    }
    size_t held = input->to - input->from;
    if (!held) return DCL_OK;
    char *start = input->buffer + input->from;
    size_t length = end ? (size_t)(end - start) : held;
    if (length > DCL_LINE_MAX) return fail_long(input, error);
    give(input, end ? length + 1 : length);
    start[length] = '\0';
    if (memchr(start, '\0', length))
        return dcl_fail_at(error, DCL_E_FORMAT, input->pos.line, input->pos.byte + (int64_t)strlen(start),
                           "a zero byte in a text file: binary data or a damaged file");
    if (length && start[length - 1] == '\r') start[--length] = '\0';
    *line = start;
    *n = length;
    return DCL_OK;
}

bool dcl_input_row(dcl_input *input, char **line, dcl_status *status, dcl_error *error) {
    for (size_t n = 0; !*status;) {
        *status = dcl_input_line(input, line, &n, error);
        if (!*status && n) return true;
        if (!*status && !*line) return false;
    }
    return false;
}

const char *dcl_input_held(const dcl_input *input, size_t *n) {
    bool buffered = input->from < input->to;
    *n = buffered ? input->to - input->from : input->block_n;
    return buffered ? input->buffer + input->from : *n ? input->block : "";
}

void dcl_input_take(dcl_input *input, size_t n, size_t lines) {
    if (input->from < input->to) {
        input->from += n;
    } else if (n) {
        input->block += n;
        input->block_n -= n;
    }
    input->next_byte += (int64_t)n;
    input->next_line += (int64_t)lines;
}

dcl_status dcl_input_block(dcl_input *input, const char **bytes, size_t *n, dcl_error *error) {
    if (input->from == input->to && !input->block_n && !input->ended) {
        dcl_status status = next_block(input, error);
        if (status) return status;
    }
    *bytes = dcl_input_held(input, n);
    input->pos = (dcl_pos){input->next_line, input->next_byte};
    dcl_input_take(input, *n, 1);
    return DCL_OK;
}

dcl_status dcl_input_all(dcl_input *input, size_t limit, const char **bytes, size_t *n, dcl_error *error) {
    while (!input->ended) {
        if (input->to - input->from > limit)
            return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)limit, "longer than %zu MB", limit >> 20);
        dcl_status status = fill(input, SIZE_MAX, error);
        if (status) return status;
    }
    return dcl_input_block(input, bytes, n, error);
}
