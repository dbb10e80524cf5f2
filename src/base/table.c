#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { LARGEST = 1 << 30 };

static char separator_of(const char *text) {
    size_t count[3] = {0};
    static const char marks[] = ",;\t";
    for (; *text && *text != '\n'; text++)
        for (size_t i = 0; i < 3; i++) count[i] += *text == marks[i];
    return count[1] > count[0] && count[1] >= count[2] ? ';' : count[2] > count[0] ? '\t' : ',';
}

/*
 * The next cell of a line, ended in place; *at moves behind its separator. *last: the line ends with it. NULL where a quote has no
 * end on its line: ids and attributes are of one line.
 */
static char *next_cell(char **at, char separator, bool *last) {
    char *from = *at, *to;
    while (*from == ' ') from++;
    bool quoted = *from == '"';
    char *write = quoted ? ++from : from, *read = from;
    if (quoted) {
        for (; *read && *read != '\n' && (*read != '"' || read[1] == '"'); read++) {
            read += *read == '"';
            *write++ = *read;
        }
        if (*read != '"') return NULL;
        to = write;
        read++;
    }
    read += strcspn(read, (char[]){separator, '\n', '\0'});
    if (!quoted) {
        to = read;
        while (to > from && (to[-1] == ' ' || to[-1] == '\r')) to--;
    }
    *last = *read != separator;
    *at = *read ? read + 1 : read;
    *to = '\0';
    return from;
}

static bool is_blank(const char *line) {
    const char *at = line + strspn(line, " \r");
    return *at == '\n' || *at == '\0' || *line == '#';
}

static dcl_status fill(char *text, char separator, dcl_table *out, size_t room, dcl_error *error) {
    int64_t line = 1;
    size_t row = 0;
    for (char *at = text; *at; line++) {
        if (is_blank(at)) {
            at += strcspn(at, "\n");
            at += *at == '\n';
            continue;
        }
        if (row == room) break;
        out->line[row] = line;
        bool last = false;
        for (size_t column = 0; !last; column++) {
            char *cell = next_cell(&at, separator, &last);
            if (!cell) return dcl_fail_at(error, DCL_E_FORMAT, line, -1, "a quote without an end");
            if (column < out->columns)
                out->cell[row * out->columns + column] = cell;
            else if (*cell)
                return dcl_fail_at(error, DCL_E_FORMAT, line, -1, "more cells than the %zu of the header",
                                   out->columns);
        }
        row++;
    }
    out->rows = row - 1;
    return DCL_OK;
}

dcl_status dcl_table_parse(const char *bytes, size_t n, dcl_arena *arena, dcl_table *out, dcl_error *error) {
    static const char mark[] = "\xef\xbb\xbf"; /* that some programs begin a text with */
    size_t rows = 0, skip = n >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    *out = (dcl_table){.columns = 1};
    if (memchr(bytes, '\0', n)) return dcl_fail(error, DCL_E_FORMAT, "no CSV: it holds a zero byte");
    char *text = dcl_arena_alloc(arena, n - skip + 1, 1);
    if (!text) return dcl_fail_memory(error, "a table");
    memcpy(text, bytes + skip, n - skip);
    const char *head = NULL;
    for (const char *line = text; *line;) {
        if (!is_blank(line) && rows++ == 0) head = line;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (!head) return dcl_fail(error, DCL_E_NO_DATA, "a header, or less, and no rows");
    char separator = separator_of(head);
    for (const char *c = head; *c && *c != '\n'; c++) out->columns += *c == separator;
    out->cell = dcl_arena_alloc(arena, rows * out->columns, sizeof *out->cell);
    out->line = dcl_arena_alloc(arena, rows, sizeof *out->line);
    if (!out->cell || !out->line) return dcl_fail_memory(error, "a table");
    static char none[] = "";
    for (size_t i = 0; i < rows * out->columns; i++) out->cell[i] = none;
    dcl_status status = fill(text, separator, out, rows, error);
    return status || out->rows ? status : dcl_fail(error, DCL_E_NO_DATA, "a header, or less, and no rows");
}

dcl_status dcl_table_read(const char *path, dcl_arena *arena, dcl_table *out, dcl_error *error) {
    char *bytes;
    size_t n;
    dcl_status status = dcl_file_read(path, LARGEST, &bytes, &n, error);
    if (status) return status;
    status = dcl_table_parse(bytes, n, arena, out, error);
    if (status && error) strncpy(error->file, path, sizeof error->file - 1);
    free(bytes);
    return status;
}
