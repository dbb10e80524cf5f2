/* What was served and what came true, and what each night decided: CSV files that are replaced whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/table.h"
#include "nightly/nightly.h"

enum { FILE_LARGEST = 1 << 28, COLUMNS = 10 };

static const char log_head[] =
    "issued_utc,home,start_utc,end_utc,version,p50_w,p10_w,p90_w,seasonal_w,actual_w\n";
static const char nights_head[] =
    "night_utc,did,was,is,champion_pinball_w,challenger_pinball_w,parent_pinball_w,"
    "champion_coverage,challenger_coverage,drift_own_ph,drift_naive_ph,why\n";

void nightly_path(const dcl_nightly *run, const char *name, const char *what, char path[NIGHTLY_PATH]) {
    if (snprintf(path, NIGHTLY_PATH, "%s/%s.%s", run->folder, name, what) >= NIGHTLY_PATH)
        path[0] = 0; /* dcl_nightly_open() sees to it that it fits */
}

/* ---------------------------------------------------------------- cells */

static void put_stamp(dcl_text *text, int64_t time_us) {
    char stamp[32];
    dcl_text_bytes(text, stamp, dcl_time_format(time_us, stamp));
}

static bool read_stamp(const char *cell, int64_t *out) {
    bool has_offset;
    return dcl_time_parse(cell, strlen(cell), out, &has_offset) == DCL_OK;
}

/* What dcl_text_fixed() writes, whatever the locale; "" is NaN. */
static bool read_watts(const char *cell, float *out) {
    double value = 0, unit = 1;
    const char *at = cell + (*cell == '-');
    size_t digits = strspn(at, "0123456789");
    *out = NAN;
    if (!*cell) return true;
    for (size_t i = 0; i < digits; i++) value = 10 * value + (at[i] - '0');
    const char *rest = at + digits;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) value += (*rest - '0') * (unit /= 10);
    *out = (float)(*cell == '-' ? -value : value);
    return digits > 0 && digits < 12 && !*rest;
}

/* ---------------------------------------------------------------- what was served */

dcl_status nightly_log_add(night_log *log, const night_row *row, dcl_error *error) {
    if (dcl_grow(&log->row, &log->room, log->n + 1, sizeof *log->row))
        return dcl_fail_memory(error, "forecasts that were served");
    log->row[log->n++] = *row;
    return DCL_OK;
}

static bool read_row(const dcl_table *table, size_t i, night_row *row) {
    float *const watts[] = {&row->p50, &row->p10, &row->p90, &row->seasonal, &row->actual};
    row->home = dcl_table_cell(table, i, 1);
    row->version = (uint32_t)strtoul(dcl_table_cell(table, i, 4), NULL, 10);
    bool good = read_stamp(dcl_table_cell(table, i, 0), &row->issued_us) &&
                read_stamp(dcl_table_cell(table, i, 2), &row->start_us) &&
                read_stamp(dcl_table_cell(table, i, 3), &row->end_us);
    for (size_t c = 0; c < 5; c++) good = good && read_watts(dcl_table_cell(table, i, 5 + c), watts[c]);
    return good && !isnan(row->actual) && !isnan(row->p50);
}

dcl_status nightly_log_read(const dcl_nightly *run, const char *name, dcl_arena *arena, night_log *out,
                            dcl_error *error) {
    char path[NIGHTLY_PATH];
    dcl_table table;
    *out = (night_log){0};
    nightly_path(run, name, "served.csv", path);
    dcl_status status = dcl_table_read(path, arena, &table, error);
    if (status == DCL_E_NOT_FOUND || status == DCL_E_NO_DATA) return DCL_OK;
    if (!status && table.columns != COLUMNS)
        status = dcl_fail_file(error, DCL_E_FORMAT, path, "expected %d columns", COLUMNS);
    for (size_t i = 0; !status && i < table.rows; i++) {
        night_row row;
        if (!read_row(&table, i, &row)) {
            dcl_fail_file(error, DCL_E_FORMAT, path, "no forecast that was served");
            status = dcl_fail_at(error, DCL_E_FORMAT, table.line[i + 1], -1, "no forecast that was served");
        }
        if (!status) status = nightly_log_add(out, &row, error);
    }
    return status;
}

dcl_status nightly_log_write(const dcl_nightly *run, const char *name, const night_log *log,
                             dcl_error *error) {
    char path[NIGHTLY_PATH];
    dcl_text text = {0};
    nightly_path(run, name, "served.csv", path);
    dcl_text_put(&text, log_head);
    for (size_t i = log->n > NIGHTLY_ROWS ? log->n - NIGHTLY_ROWS : 0; i < log->n; i++) {
        const night_row *row = &log->row[i];
        const float watts[] = {row->p50, row->p10, row->p90, row->seasonal, row->actual};
        put_stamp(&text, row->issued_us);
        dcl_text_format(&text, ",\"%s\",", row->home);
        put_stamp(&text, row->start_us);
        dcl_text_put(&text, ",");
        put_stamp(&text, row->end_us);
        dcl_text_format(&text, ",%u", row->version);
        for (size_t c = 0; c < 5; c++) {
            dcl_text_put(&text, ",");
            dcl_text_fixed(&text, (double)watts[c], 1);
        }
        dcl_text_put(&text, "\n");
    }
    dcl_status status = text.failed ? dcl_fail_memory(error, "forecasts that were served")
                                    : dcl_file_write(path, text.at, text.n, error);
    dcl_text_free(&text);
    return status;
}

/* ---------------------------------------------------------------- nights */

bool nightly_was_done(const dcl_nightly *run, const char *name, int64_t night_us) {
    char path[NIGHTLY_PATH], stamp[32], *bytes = NULL;
    size_t n;
    nightly_path(run, name, "nights.csv", path);
    if (dcl_file_read(path, FILE_LARGEST, &bytes, &n, NULL)) return false;
    while (n && bytes[n - 1] == '\n') bytes[--n] = 0;
    const char *last = strrchr(bytes, '\n');
    size_t length = dcl_time_format(night_us, stamp);
    bool done = last && strncmp(last + 1, stamp, length) == 0 && last[1 + length] == ',';
    free(bytes);
    return done;
}

static void put_night(dcl_text *text, const dcl_night *night) {
    const double value[] = {night->champion.pinball_w, night->challenger.pinball_w, night->parent.pinball_w,
                            night->champion.coverage,  night->challenger.coverage,  night->drift.own_ph,
                            night->drift.naive_ph};
    const size_t n[] = {night->champion.n,   night->challenger.n, night->parent.n,  night->champion.n,
                        night->challenger.n, night->drift.days,   night->drift.days};
    put_stamp(text, night->night_us);
    dcl_text_format(text, ",%s,%u,%u", dcl_night_did_name(night->did), night->was, night->is);
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        dcl_text_put(text, ",");
        if (n[i]) dcl_text_fixed(text, value[i], 3);
    }
    dcl_text_format(text, ",\"%s\"\n", night->why);
}

dcl_status nightly_note(const dcl_nightly *run, const char *name, const dcl_night *night, dcl_error *error) {
    char path[NIGHTLY_PATH], *bytes = NULL;
    size_t n = 0;
    dcl_text text = {0};
    nightly_path(run, name, "nights.csv", path);
    dcl_status status = dcl_file_read(path, FILE_LARGEST, &bytes, &n, error);
    if (status == DCL_E_NOT_FOUND) status = DCL_OK;
    if (n)
        dcl_text_bytes(&text, bytes, n);
    else
        dcl_text_put(&text, nights_head);
    put_night(&text, night);
    if (!status && text.failed) status = dcl_fail_memory(error, "the nights of a model");
    if (!status) status = dcl_file_write(path, text.at, text.n, error);
    dcl_text_free(&text);
    free(bytes);
    return status;
}

/* ---------------------------------------------------------------- misses */

dcl_status nightly_stress_read(const dcl_nightly *run, const char *name, dcl_arena *arena,
                               dcl_forecast_stress **out, size_t *n, dcl_error *error) {
    char path[NIGHTLY_PATH];
    dcl_table table;
    *out = NULL, *n = 0;
    nightly_path(run, name, "misses.csv", path);
    dcl_status status = dcl_table_read(path, arena, &table, error);
    if (status == DCL_E_NOT_FOUND || status == DCL_E_NO_DATA) return DCL_OK;
    if (status || table.columns < 4) return status;
    *out = dcl_arena_alloc(arena, table.rows, sizeof **out);
    if (!*out) return dcl_fail_memory(error, "misses");
    for (size_t i = 0; i < table.rows; i++) {
        dcl_forecast_stress stress = {.id = dcl_table_cell(&table, i, 1), .weight = run->options.miss_weight};
        if (read_stamp(dcl_table_cell(&table, i, 2), &stress.from_us) &&
            read_stamp(dcl_table_cell(&table, i, 3), &stress.to_us))
            (*out)[(*n)++] = stress;
    }
    return DCL_OK;
}
