#include "household/table.h"

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
    return line[strspn(line, " \r")] == '\n' || line[strspn(line, " \r")] == '\0';
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

dcl_status dcl_table_read(const char *path, dcl_arena *arena, dcl_table *out, dcl_error *error) {
    char *bytes;
    size_t n, lines = 1;
    *out = (dcl_table){0};
    dcl_status status = dcl_file_read(path, LARGEST, &bytes, &n, error);
    if (status) return status;
    char *text = dcl_arena_strdup(arena, bytes + (strncmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0));
    bool binary = strlen(bytes) != n;
    free(bytes);
    if (binary) return dcl_fail_file(error, DCL_E_FORMAT, path, "no CSV: it holds a zero byte");
    if (!text) return dcl_fail_memory(error, path);
    char separator = separator_of(text);
    for (const char *c = text; *c; c++) lines += *c == '\n';
    out->columns = 1;
    for (const char *c = text; *c && *c != '\n'; c++) out->columns += *c == separator;
    out->cell = dcl_arena_alloc(arena, lines * out->columns, sizeof *out->cell);
    out->line = dcl_arena_alloc(arena, lines, sizeof *out->line);
    if (!out->cell || !out->line) return dcl_fail_memory(error, path);
    static char none[] = "";
    for (size_t i = 0; i < lines * out->columns; i++) out->cell[i] = none;
    if (is_blank(text) && lines == 1) return dcl_fail_file(error, DCL_E_NO_DATA, path, "an empty file");
    status = fill(text, separator, out, lines, error);
    if (!status && out->rows == 0) status = dcl_fail(error, DCL_E_NO_DATA, "a header, or less, and no rows");
    if (status && error) strncpy(error->file, path, sizeof error->file - 1);
    return status;
}
