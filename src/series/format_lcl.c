/*
 * Low Carbon London (UK Power Networks): `LCLid,tstp,energy(kWh/hh)` or, as first published,
 * `LCLid,stdorToU,DateTime,KWH/hh (per half hour)`: kWh of a half hour, known by its start, on a clock that
 * keeps UTC all year; ` Null ` is missing. A file or an archive may hold many homes, the rows of each together: one is
 * read, chosen where there are several, or all are, one after the other, for a panel.
 */
#include <math.h>
#include <string.h>

#include "series/format.h"

enum { FIELDS_MAX = 4, HALF_HOUR_MS = 1800000 };

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    return strncmp(head, "LCLid,tstp,energy(kWh/hh)", 25) == 0 ||
                   strncmp(head, "LCLid,stdorToU,DateTime,KWH/hh", 30) == 0
               ? 100
               : 0;
}

typedef struct reader {
    dcl_collect *collect;
    size_t n_fields;
    char home[32]; /* of the row before */
    bool is_read;  /* it is the one home that is */
    size_t track;
} reader;

/* A home is a device of which there may be one alone: the count of them is told when all is read. */
static dcl_status change_home(reader *r, dcl_field id, dcl_error *error) {
    memcpy(r->home, id.at, id.n + 1);
    r->is_read = false;
    const char *chosen = r->collect->options->home;
    if (!dcl_collect_wants(r->collect, r->home) || (chosen && strcmp(chosen, r->home) != 0)) return DCL_OK;
    dcl_status status = r->collect->each ? dcl_collect_turn(r->collect, r->home, error) : DCL_OK;
    if (!status) status = dcl_collect_track(r->collect, r->home, DCL_POWER_W, &r->track, error);
    r->is_read = r->track == 0;
    return status;
}

/* 2013-01-01 00:30:00, with or without a fraction of zeros longer than the microseconds that we keep. */
static bool read_stamp(dcl_field field, int64_t *time_us) {
    bool has_offset;
    size_t n = field.n;
    if (n > 20 && field.at[19] == '.' && strspn(field.at + 20, "0") == n - 20) n = 19;
    return !dcl_time_parse(field.at, n, time_us, &has_offset) && !has_offset;
}

static dcl_status add_row(reader *r, char *line, dcl_error *error) {
    dcl_collect *collect = r->collect;
    dcl_field fields[FIELDS_MAX];
    dcl_status status = DCL_OK;
    if (dcl_fields(line, ',', fields, FIELDS_MAX) != r->n_fields || !fields[0].n ||
        fields[0].n >= sizeof r->home)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected as many fields as in the header",
                                   error);
    if (strcmp(fields[0].at, r->home) != 0) status = change_home(r, fields[0], error);
    if (status || !r->is_read) return status;
    dcl_field stamp = fields[r->n_fields - 2], energy = fields[r->n_fields - 1];
    int64_t time_us;
    double kwh = NAN;
    if (!read_stamp(stamp, &time_us))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a time like 2013-01-01 00:30:00",
                                   error);
    bool missing = !energy.n || strcmp(energy.at, "Null") == 0;
    if (!missing && !dcl_field_number(energy, &kwh))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected kWh or Null", error);
    return dcl_collect_add_energy(collect, r->track, time_us, HALF_HOUR_MS, kwh * 1000, error);
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect};
    dcl_field fields[FIELDS_MAX];
    char *line;
    size_t length;
    dcl_status status = dcl_input_line(input, &line, &length, error);
    if (status || !line) return status;
    r.n_fields = dcl_fields(line, ',', fields, FIELDS_MAX);
    if (r.n_fields != 3 && r.n_fields != 4)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "expected LCLid,tstp,energy(kWh/hh)");
    collect->alone = "homes: choose one with --home, or import them all as a panel";
    collect->chose_home = true;
    while (dcl_input_row(input, &line, &status, error)) status = add_row(&r, line, error);
    return status;
}

const dcl_format dcl_format_lcl = {"lcl", "Low Carbon London: half hours of homes (kWh, UTC)", detect,
                                   read_file};
