/* Hourly temperatures from a CSV: one reader for all who are told of the weather. */
#include <declic/base_weather.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/table.h"

enum { FILE_MOST = 256 << 20, HOURS_MOST = 366 * 200 * 24, WARMEST_C = 70 };

typedef struct reading {
    int64_t hour; /* since 1970 */
    double mean_c;
} reading;

/** Where the columns are, and the first row that is none of names: -1 where the table has no header. */
typedef struct layout {
    size_t time, value;
    bool is_utc;
    int64_t first;
} layout;

static size_t column_of(const dcl_table *table, const char *name, size_t otherwise) {
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(dcl_table_head(table, i), name) == 0) return i;
    return otherwise;
}

static bool read_hour(const dcl_context *context, const char *cell, bool is_utc, int64_t *hour) {
    int64_t time_us, moments[2];
    bool has_offset;
    if (dcl_time_parse(cell, strlen(cell), &time_us, &has_offset)) return false;
    if (!has_offset && !is_utc && context->zone) {
        int64_t day = dcl_floor_div(time_us, DCL_DAY_US), rest = time_us - day * DCL_DAY_US;
        dcl_civil civil = dcl_date_from_days(day);
        civil.hour = (int)(rest / DCL_HOUR_US);
        civil.minute = (int)(rest / DCL_MINUTE_US % 60);
        dcl_zone_moment(context->zone, &civil, moments);
        time_us = moments[0];
    }
    *hour = dcl_floor_div(time_us, DCL_HOUR_US);
    return true;
}

static bool read_celsius(const char *cell, double *out) {
    char *end;
    *out = (double)NAN;
    if (!*cell) return true;
    *out = strtod(cell, &end);
    return end != cell && !*end && fabs(*out) <= WARMEST_C;
}

static layout lay_out(const dcl_context *context, const dcl_table *table) {
    int64_t hour;
    size_t utc = column_of(table, "time_utc", SIZE_MAX);
    layout of = {.time = utc != SIZE_MAX ? utc : column_of(table, "time", 0),
                 .value = column_of(table, "temperature_c", 1),
                 .is_utc = utc != SIZE_MAX};
    if (read_hour(context, dcl_table_head(table, 0), false, &hour)) of.first = -1;
    return of;
}

/* out [rows + 1] */
static dcl_status read_rows(const dcl_context *context, const dcl_table *table, layout of, reading *out,
                            size_t *n, dcl_error *error) {
    *n = 0;
    if (of.value >= table->columns || of.value == of.time)
        return dcl_fail_at(error, DCL_E_FORMAT, table->line[0], -1,
                           "no temperatures: expected the columns time_utc,temperature_c");
    for (int64_t i = of.first; i < (int64_t)table->rows; i++) {
        const char *const *row = (const char *const *)table->cell + (size_t)(i + 1) * table->columns;
        reading *to = &out[(*n)++];
        if (read_hour(context, row[of.time], of.is_utc, &to->hour) &&
            read_celsius(row[of.value], &to->mean_c))
            continue;
        return dcl_fail_at(error, DCL_E_FORMAT, table->line[i + 1], -1,
                           "expected a time and a temperature in °C, found \"%.40s\" and \"%.40s\"",
                           row[of.time], row[of.value]);
    }
    return DCL_OK;
}

/* Means of the readings of each hour. */
static dcl_status fill_hours(const reading *rows, size_t n, dcl_arena *arena, dcl_weather *out,
                             dcl_error *error) {
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        first = rows[i].hour < first ? rows[i].hour : first;
        last = rows[i].hour > last ? rows[i].hour : last;
    }
    if (last - first >= HOURS_MOST)
        return dcl_fail(error, DCL_E_FORMAT, "temperatures of more than 200 years");
    *out = (dcl_weather){.start_us = first * DCL_HOUR_US, .n = (size_t)(last - first + 1)};
    out->temperature_c = dcl_arena_alloc(arena, out->n, sizeof *out->temperature_c);
    double *sum = calloc(2 * out->n, sizeof *sum), *count = sum + out->n;
    if (!out->temperature_c || !sum) {
        free(sum);
        return dcl_fail_memory(error, "the weather");
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(rows[i].mean_c)) continue;
        sum[rows[i].hour - first] += rows[i].mean_c;
        count[rows[i].hour - first]++;
    }
    for (size_t h = 0; h < out->n; h++)
        out->temperature_c[h] = count[h] > 0 ? (float)(sum[h] / count[h]) : NAN;
    free(sum);
    return DCL_OK;
}

dcl_status dcl_weather_parse(const dcl_context *context, const char *bytes, size_t n, dcl_arena *arena,
                             dcl_weather *out, dcl_error *error) {
    dcl_arena own = {0};
    dcl_table table;
    size_t rows = 0;
    *out = (dcl_weather){0};
    dcl_status status = dcl_table_parse(bytes, n, &own, &table, error);
    if (status == DCL_E_NO_DATA && table.cell) { /* one row that is no header, or one that is */
        table.rows = 0;
        status = DCL_OK;
    }
    reading *list = status ? NULL : dcl_arena_alloc(&own, table.rows + 1, sizeof *list);
    if (!status && !list) status = dcl_fail_memory(error, "the weather");
    if (!status) status = read_rows(context, &table, lay_out(context, &table), list, &rows, error);
    if (!status && !rows) status = dcl_fail(error, DCL_E_NO_DATA, "no row `time_utc,temperature_c`");
    if (!status) status = fill_hours(list, rows, arena, out, error);
    dcl_arena_free(&own);
    return status;
}

dcl_status dcl_weather_read(const dcl_context *context, const char *path, dcl_arena *arena, dcl_weather *out,
                            dcl_error *error) {
    char *bytes;
    size_t n;
    dcl_status status = dcl_file_read(path, FILE_MOST, &bytes, &n, error);
    if (status) return status;
    status = dcl_weather_parse(context, bytes, n, arena, out, error);
    if (status && error) strncpy(error->file, path, sizeof error->file - 1);
    free(bytes);
    return status;
}
