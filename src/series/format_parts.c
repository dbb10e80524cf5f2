/*
 * A home and its appliances in one CSV: `time_utc,mains_w,<appliance>_w,…`, as `disaggregate` writes it and `learn
 * appliances` and `evaluate` read it. Watts, UTC, stamps are the start of the row. mains_w is the meter: below 0 the home
 * feeds into the network, which becomes export_w beside a power_w of 0. Columns called like a channel are that
 * channel. other_w is the rest of the mains and no appliance; any other column is counted and left out.
 */
#include <math.h>
#include <string.h>

#include "series/format.h"

enum { COLUMNS_MOST = 256, NO_TRACK = -1 };

typedef struct column {
    ptrdiff_t track, export_track; /* NO_TRACK where it has none */
} column;

typedef struct reader {
    dcl_collect *collect;
    size_t n;
    column column[COLUMNS_MOST];
} reader;

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    size_t line = strcspn(head, "\r\n");
    const char *mains = strstr(head, ",mains_w");
    bool is_mains = mains && (size_t)(mains - head) < line && strchr(",\r\n", mains[8]);
    return strncmp(head, "time_utc,", 9) == 0 && is_mains ? 90 : 0;
}

static dcl_status add_track(reader *r, const char *name, dcl_channel channel, ptrdiff_t *out,
                            dcl_error *error) {
    size_t track;
    dcl_status status = dcl_collect_track(r->collect, name, channel, &track, error);
    *out = (ptrdiff_t)track;
    return status;
}

/* What a column of the header is. */
static dcl_status begin_column(reader *r, size_t at, char *name, dcl_error *error) {
    column *c = &r->column[at];
    *c = (column){NO_TRACK, NO_TRACK};
    size_t n = strlen(name);
    dcl_channel channel = dcl_channel_find(name);
    if (strcmp(name, "mains_w") == 0) {
        dcl_status status = add_track(r, "", DCL_POWER_W, &c->track, error);
        return status ? status : add_track(r, "", DCL_EXPORT_W, &c->export_track, error);
    }
    if (channel != DCL_CHANNEL_COUNT && channel != DCL_POWER_W && channel != DCL_EXPORT_W)
        return add_track(r, "", channel, &c->track, error);
    bool is_part = n > 2 && n < 34 && strcmp(name + n - 2, "_w") == 0 && !strchr(name, '/');
    if (!is_part || channel != DCL_CHANNEL_COUNT)
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_NOT_READ, "a column of no appliance", error);
    if (strcmp(name, "other_w") == 0) return DCL_OK;
    name[n - 2] = '\0';
    return dcl_collect_wants(r->collect, name) ? add_track(r, name, DCL_POWER_W, &c->track, error) : DCL_OK;
}

static dcl_status begin(reader *r, char *header, dcl_error *error) {
    dcl_field fields[COLUMNS_MOST];
    r->n = dcl_fields(header, ',', fields, COLUMNS_MOST);
    if (r->n < 2 || r->n > COLUMNS_MOST || strcmp(fields[0].at, "time_utc") != 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "expected time_utc,mains_w,<appliance>_w,…");
    dcl_status status = DCL_OK;
    for (size_t i = 1; !status && i < r->n; i++) {
        for (size_t k = 1; k < i; k++)
            if (strcmp(fields[k].at, fields[i].at) == 0)
                return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "two columns are called %s", fields[i].at);
    }
    for (size_t i = 1; !status && i < r->n; i++) status = begin_column(r, i, fields[i].at, error);
    return status;
}

static dcl_status add_value(reader *r, const column *c, dcl_field field, int64_t time_us, dcl_error *error) {
    double watts = NAN;
    bool is_empty = !field.n || dcl_field_is(field, "nan");
    if (!is_empty && !dcl_field_number(field, &watts))
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected watts", error);
    double export_w = NAN;
    if (c->export_track != NO_TRACK && !isnan(watts)) {
        export_w = watts < 0 ? -watts : 0;
        watts = watts < 0 ? 0 : watts;
    }
    dcl_status status = dcl_collect_add(r->collect, (size_t)c->track, time_us, DCL_SPAN_STARTS, watts, error);
    if (!status && c->export_track != NO_TRACK && !isnan(export_w))
        status =
            dcl_collect_add(r->collect, (size_t)c->export_track, time_us, DCL_SPAN_STARTS, export_w, error);
    return status;
}

static dcl_status add_row(reader *r, char *line, dcl_error *error) {
    dcl_field fields[COLUMNS_MOST];
    int64_t time_us;
    bool has_offset;
    if (dcl_fields(line, ',', fields, COLUMNS_MOST) != r->n)
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected as many fields as in the header", error);
    if (dcl_time_parse(fields[0].at, fields[0].n, &time_us, &has_offset))
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected a time like 2024-01-31T12:30:00Z", error);
    dcl_status status = DCL_OK;
    for (size_t i = 1; !status && i < r->n; i++)
        if (r->column[i].track != NO_TRACK) status = add_value(r, &r->column[i], fields[i], time_us, error);
    return status;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect};
    char *line;
    size_t length;
    dcl_status status = dcl_input_line(input, &line, &length, error);
    if (status || !line) return status;
    status = begin(&r, line, error);
    while (dcl_input_row(input, &line, &status, error)) status = add_row(&r, line, error);
    return status;
}

const dcl_format dcl_format_parts = {
    "parts", "CSV of a home and its appliances (time_utc, mains_w, <appliance>_w …)", detect, read_file};
