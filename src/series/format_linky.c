/*
 * `"value","created_at"`: mean W and a UTC stamp at the END of the interval (read as a start, a month's bill
 * comes out wrong). Steps of 60 and of 30 minutes in one file; the length of a row is worked out from the
 * rows around it.
 */
#include <string.h>

#include "series/format.h"

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    return strncmp(head, "\"value\",\"created_at\"", 20) == 0 || strncmp(head, "value,created_at", 16) == 0
               ? 95
               : 0;
}

static dcl_status add_row(dcl_collect *collect, size_t track, dcl_field value, dcl_field stamp,
                          dcl_error *error) {
    int64_t end_us;
    double number;
    bool has_offset;
    if (dcl_time_parse(stamp.at, stamp.n, &end_us, &has_offset))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected a stamp like 2024-01-31 12:30:00+00", error);
    if (!value.n) return dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "", error);
    if (!dcl_field_number(value, &number))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a power in W", error);
    return dcl_collect_add(collect, track, end_us, DCL_SPAN_ENDS, number, error);
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    size_t track;
    char *line;
    size_t length;
    dcl_status status = dcl_collect_track(collect, "", DCL_POWER_W, &track, error);
    collect->notes |= 1U << DCL_NOTE_STAMPS_ARE_ENDS;
    if (!status) status = dcl_input_line(input, &line, &length, error); /* the header */
    while (!status && line) {
        status = dcl_input_line(input, &line, &length, error);
        if (status || !line || !length) continue;
        dcl_field fields[2];
        if (dcl_fields(line, ',', fields, 2) != 2)
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected two fields separated by ,",
                                         error);
        else
            status = add_row(collect, track, fields[0], fields[1], error);
    }
    return status;
}

const dcl_format dcl_format_linky = {"linky", "CSV of value and created_at (UTC, mean W)", detect, read_file};
