/*
 * The supplier's "mes puissances atteintes": a title, a header, then a line per day (30/01/2026;;) and below
 * it a line per half hour (23:30:00;4522;Réelle), newest first, local times at the END of the interval: the
 * 00:00:00 that leads a day is the midnight that ends it. The values are means of the interval although the
 * title speaks of powers reached.
 */
#include <string.h>

#include "series/format.h"

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    return dcl_contains(head, "puissances atteintes") || dcl_contains(head, "Puissance atteinte (W)") ? 95
                                                                                                      : 0;
}

/* dd/mm/yyyy, all of the field. */
static bool read_date(dcl_field field, dcl_civil *day) {
    const char *c = field.at;
    dcl_civil civil = {0};
    if (!dcl_read_day(&c, &civil) || *c) return false;
    *day = civil;
    return true;
}

/* hh:mm:ss, all of the field. */
static bool read_clock(dcl_field field, dcl_civil *civil) {
    const char *c = field.at;
    return dcl_read_clock(&c, civil) && !*c;
}

static dcl_status add_row(dcl_collect *collect, dcl_clock *clock, size_t track, dcl_civil civil,
                          dcl_field value, dcl_error *error) {
    if (civil.hour == 0 && civil.minute == 0 && civil.second == 0)
        civil = dcl_date_from_days(dcl_days_from_date(civil.year, civil.month, civil.day) + 1);
    int64_t end_us;
    double number;
    if (!dcl_clock_moment(clock, &civil, &end_us))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (!value.n) return dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "", error);
    if (!dcl_field_number(value, &number))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a power in W", error);
    return dcl_collect_add(collect, track, end_us, DCL_SPAN_ENDS, number, error);
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    /* Newest first until the file shows otherwise: it tells the two passes of the autumn hour apart. */
    dcl_clock clock = {.zone = collect->zone, .direction = -1};
    dcl_civil day = {0};
    size_t track, rows = 0;
    dcl_status status = dcl_collect_track(collect, "", DCL_POWER_W, &track, error);
    collect->notes |= 1U << DCL_NOTE_STAMPS_ARE_ENDS;
    collect->used_zone = true;
    char *line;
    while (dcl_input_row(input, &line, &status, error)) {
        dcl_field fields[3];
        size_t n = dcl_fields(line, ';', fields, 3);
        if (n < 2) continue; /* the title */
        dcl_civil moment = day;
        if (read_date(fields[0], &day)) continue;
        if (day.year && read_clock(fields[0], &moment)) {
            rows++;
            status = add_row(collect, &clock, track, moment, fields[1], error);
        } else if (rows || day.year) {
            status =
                dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected dd/mm/yyyy or hh:mm:ss", error);
        }
    }
    return status;
}

const dcl_format dcl_format_edf = {"edf", "CSV of the supplier (EDF, powers by half hour)", detect,
                                   read_file};
