/*
 * REFIT (Murray, Stankovic and Stankovic): a file a home, `Time,Unix,Aggregate,Appliance1 … Appliance9` and,
 * in the cleaned edition, `Issues`. Watts, some eight seconds apart and irregular; the time is taken from
 * Unix, which is UTC. What an appliance is stands in the data set's own notes, not in the file.
 */
#include <math.h>
#include <string.h>

#include "series/format.h"

enum { TIME, UNIX, AGGREGATE, APPLIANCES, N_APPLIANCES = 9, FIELDS_MAX = APPLIANCES + N_APPLIANCES + 1 };

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    return strncmp(head, "Time,Unix,Aggregate,Appliance1", 30) == 0 ? 100 : 0;
}

typedef struct reader {
    dcl_collect *collect;
    size_t n_fields, n_values; /* of the header; the aggregate and the appliances among them */
    size_t track[N_APPLIANCES + 1];
    bool wanted[N_APPLIANCES + 1];
} reader;

static dcl_status begin(reader *r, char *header, dcl_error *error) {
    dcl_field fields[FIELDS_MAX];
    r->n_fields = dcl_fields(header, ',', fields, FIELDS_MAX);
    if (r->n_fields > FIELDS_MAX || r->n_fields <= APPLIANCES || strcmp(fields[UNIX].at, "Unix") != 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "expected Time,Unix,Aggregate,Appliance1,…");
    dcl_status status = dcl_collect_track(r->collect, "", DCL_POWER_W, &r->track[0], error);
    r->wanted[0] = true;
    r->n_values = 1;
    for (size_t at = APPLIANCES; !status && at < r->n_fields; at++) {
        if (!dcl_field_is(fields[at], "Appliance") || fields[at].n > 31 || r->n_values > N_APPLIANCES) break;
        for (char *c = fields[at].at; *c; c++)
            if (*c == '/') *c = '_';
        r->wanted[r->n_values] = dcl_collect_wants(r->collect, fields[at].at);
        status = dcl_collect_track(r->collect, fields[at].at, DCL_POWER_W, &r->track[r->n_values++], error);
    }
    return status;
}

static dcl_status add_row(reader *r, char *line, dcl_error *error) {
    dcl_field fields[FIELDS_MAX];
    double seconds, watts;
    if (dcl_fields(line, ',', fields, FIELDS_MAX) != r->n_fields)
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected as many fields as in the header", error);
    if (!dcl_field_number(fields[UNIX], &seconds) || !(fabs(seconds) < 1e11))
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected Unix seconds", error);
    int64_t time_us = (int64_t)llround(seconds * 1e6);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < r->n_values; i++) {
        dcl_field field = fields[AGGREGATE + i];
        watts = NAN;
        if (!r->wanted[i]) continue;
        if (field.n && !dcl_field_is(field, "nan") && !dcl_field_number(field, &watts))
            status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected watts", error);
        else
            status = dcl_collect_add(r->collect, r->track[i], time_us, DCL_SPAN_SAMPLE, watts, error);
    }
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

const dcl_format dcl_format_refit = {"refit", "REFIT: a home and nine appliances (about 8 s, W)", detect,
                                     read_file};
