/*
 * A CSV with a header, described by options or by its own names: `time_utc` and columns called like a
 * channel. Fields are separated by comma, semicolon or tab. Times are ISO 8601, dd/mm/yyyy hh:mm or Unix seconds; rows at a
 * steady step are means of the interval that begins (or, by option, ends) at the stamp, irregular rows are
 * samples. `export` writes this form.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "series/csv_rows.h"
#include "series/format.h"

enum { COLUMNS_MAX = DCL_CSV_COLUMNS_MAX };

typedef struct reader {
    dcl_collect *collect;
    dcl_clock clock;
    char delimiter;
    size_t time_at, n_values;
    bool time_is_utc, is_plain;
    struct {
        size_t at, track;
        dcl_channel channel;
        double scale;
        bool is_energy;
    } value[DCL_CHANNEL_COUNT];
    dcl_csv_rows rows;
} reader;

static char delimiter_of(const char *line) {
    static const char candidates[] = {';', '\t', ','};
    char best = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t n = 0;
        for (const char *c = line; *c && *c != '\n'; c++) n += *c == candidates[i];
        if (n > most) {
            most = n;
            best = candidates[i];
        }
    }
    return best;
}

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    char line[1024];
    size_t length = strcspn(head, "\r\n");
    if (length == n || length >= sizeof line) return 0;
    memcpy(line, head, length);
    line[length] = '\0';
    dcl_field fields[COLUMNS_MAX];
    size_t count = dcl_fields(line, delimiter_of(line), fields, COLUMNS_MAX);
    bool has_time = false, has_channel = false;
    for (size_t i = 0; i < count && i < COLUMNS_MAX; i++) {
        has_time = has_time || strcmp(fields[i].at, "time_utc") == 0;
        has_channel = has_channel || dcl_channel_find(fields[i].at) != DCL_CHANNEL_COUNT;
    }
    return has_time && has_channel ? 60 : 0;
}

static dcl_status fail_column(const dcl_field *fields, size_t n, const char *name, dcl_error *error) {
    char list[200] = "";
    for (size_t i = 0; i < n && strlen(list) + fields[i].n + 3 < sizeof list; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", fields[i].at);
    return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "no column is called \"%s\"; the file has: %s", name, list);
}

static size_t find_field(const dcl_field *fields, size_t n, const char *name) {
    size_t i = 0;
    while (i < n && strcmp(fields[i].at, name) != 0) i++;
    return i;
}

static dcl_status add_column(reader *r, size_t at, const dcl_column *column, dcl_error *error) {
    for (size_t i = 0; i < r->n_values; i++)
        if (r->value[i].channel == column->channel)
            return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "two columns are given the channel %s",
                               dcl_channel_name(column->channel));
    r->value[r->n_values].channel = column->channel;
    r->value[r->n_values].at = at;
    r->value[r->n_values].scale = column->scale;
    r->value[r->n_values].is_energy = column->is_energy;
    dcl_status status =
        dcl_collect_track(r->collect, "", column->channel, &r->value[r->n_values].track, error);
    r->n_values++;
    return status;
}

/* Which fields are the time and the channels: what the options say, else the names that speak for themselves.
 */
static dcl_status read_header(reader *r, const dcl_field *fields, size_t n, dcl_error *error) {
    const dcl_read_options *options = r->collect->options;
    const char *time_name = options->time_column ? options->time_column : "time_utc";
    dcl_status status = DCL_OK;
    r->time_at = find_field(fields, n, time_name);
    if (r->time_at == n) return fail_column(fields, n, time_name, error);
    r->time_is_utc = strcmp(time_name, "time_utc") == 0;
    for (size_t c = 0; !status && c < options->n_columns; c++) {
        size_t at = find_field(fields, n, options->columns[c].name);
        status = at < n ? add_column(r, at, &options->columns[c], error)
                        : fail_column(fields, n, options->columns[c].name, error);
    }
    for (size_t at = 0; !status && !options->n_columns && at < n; at++) {
        dcl_channel channel = dcl_channel_find(fields[at].at);
        if (channel != DCL_CHANNEL_COUNT)
            status = add_column(r, at, &(dcl_column){.channel = channel, .scale = 1}, error);
    }
    if (!status && !r->n_values)
        status = dcl_fail_at(error, DCL_E_FORMAT, 1, 0,
                             "no column is called like a channel (power_w, apparent_va …): name one with "
                             "--column NAME=CHANNEL:UNIT");
    return status;
}

/* ISO 8601, dd/mm/yyyy, or Unix time in seconds (with a fraction), milliseconds or microseconds, told by its size. */
static dcl_status read_time(reader *r, dcl_field field, int64_t *time_us) {
    double number;
    const dcl_read_options *options = r->collect->options;
    if (options->has_start && field.n < 20 && dcl_field_number(field, &number) && number >= 0 &&
        number <= 1e8) {
        *time_us = options->start_us + llround(number * 1e6); /* seconds since the start given */
        return DCL_OK;
    }
    if (field.n < 20 && dcl_field_number(field, &number) && number > 1e8) {
        double scale = number > 1e14 ? 1 : number > 1e11 ? 1e3 : 1e6;
        if (number > 1e17) return DCL_E_FORMAT;
        *time_us = (int64_t)llround(number * scale);
        return DCL_OK;
    }
    const char *c = field.at;
    dcl_civil civil = {0};
    if (dcl_read_day(&c, &civil)) { /* 31/01/2024 12:30: the order of days and months that France writes */
        if (*c == ' ' || *c == 'T') c++;
        if (*c && (!dcl_read_clock(&c, &civil) || *c)) return DCL_E_FORMAT;
        r->collect->used_zone = true;
        return dcl_clock_moment(&r->clock, &civil, time_us) ? DCL_OK : DCL_E_NOT_FOUND;
    }
    if (!r->time_is_utc) return dcl_clock_stamp(&r->clock, r->collect, field.at, field.n, time_us);
    bool has_offset;
    return dcl_time_parse(field.at, field.n, time_us, &has_offset);
}

static uint32_t span_of(const dcl_collect *collect) {
    return collect->options->stamps_are_ends ? DCL_SPAN_ENDS : DCL_SPAN_STARTS;
}

/* What the rows are for the fast path, which knows no energies and no column that is two things. */
static void describe_rows(reader *r, size_t n_columns) {
    dcl_csv_rows *rows = &r->rows;
    rows->delimiter = r->delimiter;
    rows->n_columns = n_columns;
    rows->kernels = r->collect->context->kernels;
    rows->span_ms = span_of(r->collect);
    rows->role[r->time_at] = DCL_CSV_TIME;
    r->is_plain = true;
    for (size_t i = 0; i < r->n_values; i++) {
        rows->value[i].track = r->value[i].track;
        rows->value[i].scale = r->value[i].scale;
        rows->value[i].plain = dcl_collect_plain(r->collect, r->value[i].track);
        uint8_t *role = &rows->role[r->value[i].at];
        r->is_plain = r->is_plain && !r->value[i].is_energy && *role == DCL_CSV_PASSED;
        *role = (uint8_t)(DCL_CSV_VALUE + i);
    }
    rows->n_values = r->n_values;
}

static dcl_status add_row(reader *r, const dcl_field *fields, size_t n, dcl_error *error) {
    dcl_collect *collect = r->collect;
    int64_t time_us;
    if (r->time_at >= n)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "the row ends before its time", error);
    dcl_status status = read_time(r, fields[r->time_at], &time_us);
    if (status == DCL_E_NOT_FOUND) return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (status)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected a time like 2024-01-31T12:30:00Z, 31/01/2024 12:30, Unix "
                                   "seconds, or seconds since --start",
                                   error);
    dcl_field stamp = fields[r->time_at];
    bool is_local = !r->time_is_utc || memchr(stamp.at, '/', stamp.n);
    bool is_counted = collect->options->has_start;
    if (r->is_plain && !is_counted)
        dcl_csv_learn(&r->rows, stamp.at, stamp.n, time_us, is_local ? &r->clock : NULL);
    uint32_t span = span_of(collect);
    for (size_t i = 0; !status && i < r->n_values; i++) {
        dcl_field field = r->value[i].at < n ? fields[r->value[i].at] : (dcl_field){"", 0};
        double number = NAN;
        bool empty = !field.n || dcl_field_is(field, "nan") || strcmp(field.at, "?") == 0;
        if (!empty && !dcl_field_number(field, &number))
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a number", error);
        else if (r->value[i].is_energy)
            status = dcl_collect_add_energy(collect, r->value[i].track, time_us, span,
                                            number * r->value[i].scale, error);
        else
            status =
                dcl_collect_add(collect, r->value[i].track, time_us, span, number * r->value[i].scale, error);
    }
    return status;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect, .clock = {.zone = collect->zone}};
    dcl_field fields[COLUMNS_MAX];
    char *line;
    size_t length;
    dcl_status status = dcl_input_line(input, &line, &length, error);
    if (status || !line) return status;
    r.delimiter = delimiter_of(line);
    size_t header = dcl_fields(line, r.delimiter, fields, COLUMNS_MAX);
    if (header < 2 || header > COLUMNS_MAX)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0,
                           "expected a header with 2 to %d fields separated by , ; or tab", COLUMNS_MAX);
    status = read_header(&r, fields, header, error);
    if (!status) describe_rows(&r, header);
    if (collect->options->stamps_are_ends) collect->notes |= 1U << DCL_NOTE_STAMPS_ARE_ENDS;
    while (!status) {
        if (!collect->sink) status = dcl_csv_take(&r.rows, collect, input, error);
        if (!status) status = dcl_input_line(input, &line, &length, error);
        if (status || !line) break;
        if (!length) continue;
        size_t n = dcl_fields(line, r.delimiter, fields, COLUMNS_MAX);
        if (n == header)
            status = add_row(&r, fields, n, error);
        else
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW,
                                         "expected as many fields as in the header", error);
    }
    return status;
}

const dcl_format dcl_format_csv = {"csv", "CSV with a header (time_utc, power_w …, or --time and --column)",
                                   detect, read_file};
