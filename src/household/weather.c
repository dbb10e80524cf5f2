/* Daily mean temperatures from a CSV. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "base/civil.h"
#include "household/table.h"

/* A moment of a cell; without an offset it is civil time of the zone, or UTC where the column says so. Its civil day in *day. */
static bool read_day(const dcl_context *context, const char *cell, bool is_utc, int64_t *day) {
    int64_t time_us;
    bool has_offset;
    if (dcl_time_parse(cell, strlen(cell), &time_us, &has_offset)) return false;
    *day = has_offset || is_utc ? dcl_zone_day(context->zone, time_us) : dcl_floor_div(time_us, DCL_DAY_US);
    return true;
}

static bool read_number(const char *cell, double *out) {
    char *end;
    *out = strtod(cell, &end);
    return end != cell && !*end && isfinite(*out);
}

static size_t column_of(const dcl_table *table, const char *name, size_t otherwise) {
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(dcl_table_head(table, i), name) == 0) return i;
    return otherwise;
}

typedef struct reading {
    int64_t day;
    double mean_c;
} reading;

static dcl_status read_rows(const dcl_context *context, const char *path, const dcl_table *table,
                            reading *out, dcl_error *error) {
    size_t utc = column_of(table, "time_utc", SIZE_MAX),
           time = utc != SIZE_MAX ? utc : column_of(table, "time", 0);
    size_t value = column_of(table, "temperature_c", 1);
    if (value >= table->columns || value == time)
        return dcl_fail_file(error, DCL_E_FORMAT, path,
                             "no temperatures: expected the columns time_utc,temperature_c");
    for (size_t i = 0; i < table->rows; i++) {
        const char *cell = dcl_table_cell(table, i, value);
        out[i].mean_c = (double)NAN;
        bool fine = read_day(context, dcl_table_cell(table, i, time), utc != SIZE_MAX, &out[i].day);
        if (fine && *cell) fine = read_number(cell, &out[i].mean_c) && fabs(out[i].mean_c) < 100;
        if (fine) continue;
        dcl_fail_at(error, DCL_E_FORMAT, table->line[i + 1], -1,
                    "expected a time and a temperature in °C, found \"%s\" and \"%s\"",
                    dcl_table_cell(table, i, time), cell);
        if (error) strncpy(error->file, path, sizeof error->file - 1);
        return DCL_E_FORMAT;
    }
    return DCL_OK;
}

/* Means of the days that have at least a quarter of the rows that the fullest one has. */
static void mean_days(const reading *rows, size_t n, const dcl_day_weather *weather, float *mean,
                      uint32_t *count, double *sum) {
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t day = (size_t)(rows[i].day - weather->first_day);
        if (isnan(rows[i].mean_c)) continue;
        sum[day] += rows[i].mean_c;
        most = ++count[day] > most ? count[day] : most;
    }
    for (size_t d = 0; d < weather->n; d++)
        mean[d] = count[d] && 4 * count[d] >= most ? (float)(sum[d] / count[d]) : NAN;
}

dcl_status dcl_day_weather_read(const dcl_context *context, const char *path, dcl_arena *arena,
                                dcl_day_weather *out, dcl_error *error) {
    enum { LONGEST_DAYS = 366 * 200 };
    dcl_arena own = {0};
    dcl_table table;
    *out = (dcl_day_weather){0};
    dcl_status status = dcl_table_read(path, &own, &table, error);
    reading *rows = status ? NULL : dcl_arena_alloc(&own, table.rows, sizeof *rows);
    if (!status) status = rows ? read_rows(context, path, &table, rows, error) : dcl_fail_memory(error, path);
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; !status && i < table.rows; i++) {
        first = rows[i].day < first ? rows[i].day : first;
        last = rows[i].day > last ? rows[i].day : last;
    }
    if (!status && last - first >= LONGEST_DAYS)
        status = dcl_fail_file(error, DCL_E_FORMAT, path, "temperatures of more than 200 years");
    if (!status) {
        *out = (dcl_day_weather){.first_day = first, .n = (size_t)(last - first + 1)};
        float *mean = dcl_arena_alloc(arena, out->n, sizeof *mean);
        uint32_t *count = dcl_arena_alloc(&own, out->n, sizeof *count);
        double *sum = dcl_arena_alloc(&own, out->n, sizeof *sum);
        if (mean && count && sum)
            mean_days(rows, table.rows, out, mean, count, sum);
        else
            status = dcl_fail_memory(error, path);
        out->mean_c = mean;
    }
    dcl_arena_free(&own);
    return status;
}
