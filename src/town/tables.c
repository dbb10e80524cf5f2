#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "town/town.h"

/* The small table that a town may be given: shares of kinds. Rows `word,number`. */

typedef struct table {
    const char *at, *end;
    int64_t line;
    char word[64];
    double number;
} table;

/* The next row; false at the end. Status tells of a row that is none. */
static bool next_row(table *t, const char *head, dcl_status *status, dcl_error *error) {
    while (!*status && t->at < t->end) {
        const char *stop = memchr(t->at, '\n', (size_t)(t->end - t->at)), *row = t->at;
        size_t n = (size_t)((stop ? stop : t->end) - row);
        t->at = stop ? stop + 1 : t->end;
        t->line++;
        if (n && row[n - 1] == '\r') n--;
        if (!n || *row == '#') continue;
        char text[128], *rest;
        if (n >= sizeof text || memchr(row, 0, n)) {
            *status = dcl_fail_at(error, DCL_E_FORMAT, t->line, -1, "a row `%s` was expected", head);
            return false;
        }
        memcpy(text, row, n);
        text[n] = 0;
        if (t->line == 1 && !strcmp(text, head)) continue;
        char *comma = strchr(text, ',');
        t->number = comma ? strtod(comma + 1, &rest) : NAN;
        if (!comma || comma == text || (size_t)(comma - text) >= sizeof t->word || rest == comma + 1 ||
            *rest || !isfinite(t->number)) {
            *status = dcl_fail_at(error, DCL_E_FORMAT, t->line, -1, "a row `%s` was expected", head);
            return false;
        }
        memcpy(t->word, text, (size_t)(comma - text));
        t->word[comma - text] = 0;
        return true;
    }
    return false;
}

dcl_status dcl_mix_parse(const char *bytes, size_t n, double share[DCL_HOUSEHOLD_COUNT], dcl_error *error) {
    table t = {.at = bytes, .end = bytes + n};
    dcl_status status = DCL_OK;
    double sum = 0;
    memset(share, 0, DCL_HOUSEHOLD_COUNT * sizeof *share);
    while (next_row(&t, "kind,share", &status, error)) {
        dcl_household kind = dcl_household_find(t.word);
        if (kind == DCL_HOUSEHOLD_COUNT || kind == DCL_HOUSEHOLD_UNKNOWN)
            return dcl_fail_at(error, DCL_E_FORMAT, t.line, -1, "no kind of household is called %.40s",
                               t.word);
        if (t.number < 0 || t.number > 1e9)
            return dcl_fail_at(error, DCL_E_FORMAT, t.line, -1, "a share is 0 or more, not %g", t.number);
        share[kind] = t.number;
        sum += t.number;
    }
    if (!status && sum <= 0) status = dcl_fail(error, DCL_E_NO_DATA, "no share above 0 in rows `kind,share`");
    return status;
}

static void name_file(dcl_error *error, const char *path) {
    snprintf(error->file, sizeof error->file, "%.250s", path);
}

dcl_status dcl_mix_read(const char *path, double share[DCL_HOUSEHOLD_COUNT], dcl_error *error) {
    char *bytes;
    size_t n;
    dcl_status status = dcl_file_read(path, 1 << 20, &bytes, &n, error);
    if (status) return status;
    status = dcl_mix_parse(bytes, n, share, error);
    if (status && error) name_file(error, path);
    free(bytes);
    return status;
}
