/*
 * AMPds and AMPds2 (Makonin et al., a home in British Columbia): a file a circuit,
 * `unix_ts,V,I,f,DPF,APF,P,Pt,Q,Qt,S,St` (`TS` in the first edition), a row a minute; and excerpts that put
 * the mains and some circuits side by side, `local_time_America_Vancouver,main_P_W,main_Q_var,DWE_…_W`,
 * whose header names the zone. The circuit's code is in the file's name: WHE is the whole house, any other a
 * part of it (alone, it is the home). Counters of energy (Pt, Qt, St), frequency and power factors are not read.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "series/format.h"

enum { COLUMNS_MAX = 64, MINUTE_MS = 60000 };

typedef struct column {
    size_t at, track;
} column;

typedef struct reader {
    dcl_collect *collect;
    dcl_clock clock;
    bool is_circuit;
    char circuit[32];
    column value[COLUMNS_MAX];
    size_t n_values;
} reader;

static const char local_time[] = "local_time_";

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    if (strncmp(head, "unix_ts,V,I,f,DPF,APF,P,", 24) == 0 || strncmp(head, "TS,V,I,f,DPF,APF,P,", 19) == 0)
        return 100;
    size_t line = strcspn(head, "\r\n"), zone = sizeof local_time - 1;
    if (strncmp(head, local_time, zone) != 0) return 0;
    const char *mains = strstr(head, ",main_P_W");
    return mains && (size_t)(mains - head) < line ? 100 : 0;
}

/* "…/Electricity_B1E-11.csv" → "B1E"; the whole house, and a name of another form, is no part: "". */
static void circuit_name(const char *name, char out[32]) {
    const char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
    const char *start = strncmp(file, "Electricity_", 12) == 0 ? file + 12 : file;
    size_t n = strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    bool is_code = n == 3 && strncmp(start, "WHE", 3) != 0 && (start[3] == '.' || start[3] == '-');
    snprintf(out, 32, "%.*s", is_code ? 3 : 0, start);
}

static dcl_status add_column(reader *r, size_t at, const char *device, dcl_channel channel,
                             dcl_error *error) {
    if (r->n_values == COLUMNS_MAX)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "more than %d circuits", COLUMNS_MAX);
    column *added = &r->value[r->n_values++];
    added->at = at;
    return dcl_collect_track(r->collect, device, channel, &added->track, error);
}

static dcl_status read_circuit_header(reader *r, const dcl_field *fields, size_t n, dcl_error *error) {
    static const struct {
        const char *name;
        dcl_channel channel;
    } known[] = {{"V", DCL_VOLTAGE_V},
                 {"I", DCL_CURRENT_A},
                 {"P", DCL_POWER_W},
                 {"Q", DCL_REACTIVE_VAR},
                 {"S", DCL_APPARENT_VA}};
    dcl_status status = DCL_OK;
    for (size_t at = 1; !status && at < n; at++)
        for (size_t k = 0; !status && k < sizeof known / sizeof *known; k++)
            if (strcmp(fields[at].at, known[k].name) == 0)
                status = add_column(r, at, r->circuit, known[k].channel, error);
    return status;
}

/* `local_time_America_Vancouver`: the first underscore of the zone stands for its slash. */
static dcl_status read_zone(reader *r, const char *text, dcl_error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s", text);
    char *slash = strchr(name, '_');
    if (slash) *slash = '/';
    dcl_error why;
    dcl_status status = dcl_collect_zone(r->collect, name, &why);
    if (status == DCL_E_NOT_FOUND || status == DCL_E_FORMAT)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0,
                           "the header's zone \"%.40s\" is not known here: name it with --zone", name);
    if (status) return dcl_fail(error, status, "%s", why.msg);
    r->clock.zone = r->collect->zone;
    return DCL_OK;
}

static dcl_status read_mains_header(reader *r, const dcl_field *fields, size_t n, dcl_error *error) {
    dcl_status status = read_zone(r, fields[0].at + sizeof local_time - 1, error);
    for (size_t at = 1; !status && at < n; at++) {
        char device[32];
        size_t length = fields[at].n;
        if (strcmp(fields[at].at, "main_P_W") == 0) {
            status = add_column(r, at, "", DCL_POWER_W, error);
        } else if (strcmp(fields[at].at, "main_Q_var") == 0) {
            status = add_column(r, at, "", DCL_REACTIVE_VAR, error);
        } else if (length > 2 && strcmp(fields[at].at + length - 2, "_W") == 0) {
            snprintf(device, sizeof device, "%.*s", (int)(length - 2 < 31 ? length - 2 : 31), fields[at].at);
            for (char *c = device; *c; c++)
                if (*c == '/') *c = '_';
            if (dcl_collect_wants(r->collect, device)) status = add_column(r, at, device, DCL_POWER_W, error);
        }
    }
    return status;
}

static dcl_status read_moment(reader *r, dcl_field field, int64_t *time_us) {
    double seconds;
    if (!r->is_circuit) return dcl_clock_stamp(&r->clock, r->collect, field.at, field.n, time_us);
    if (!dcl_field_number(field, &seconds) || !(fabs(seconds) < 1e11)) return DCL_E_FORMAT;
    *time_us = (int64_t)llround(seconds * 1e6);
    return DCL_OK;
}

static dcl_status add_row(reader *r, const dcl_field *fields, dcl_error *error) {
    int64_t time_us;
    dcl_status status = read_moment(r, fields[0], &time_us);
    if (status == DCL_E_NOT_FOUND) return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (status)
        return dcl_collect_exclude(
            r->collect, DCL_EXCLUDED_BAD_ROW,
            r->is_circuit ? "expected Unix seconds" : "expected a time like 2013-11-21 00:00:00", error);
    for (size_t i = 0; !status && i < r->n_values; i++) {
        dcl_field field = fields[r->value[i].at];
        double number = NAN;
        if (field.n && !dcl_field_is(field, "nan") && !dcl_field_number(field, &number))
            status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected a number", error);
        else
            status = dcl_collect_add(r->collect, r->value[i].track, time_us, MINUTE_MS, number, error);
    }
    return status;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect};
    dcl_field fields[COLUMNS_MAX];
    char *line;
    size_t length;
    dcl_status status = dcl_input_line(input, &line, &length, error);
    if (status || !line) return status;
    r.is_circuit = strncmp(line, local_time, sizeof local_time - 1) != 0;
    circuit_name(input->name, r.circuit);
    if (r.is_circuit && r.circuit[0] && !dcl_collect_wants(collect, r.circuit)) return DCL_OK;
    size_t header = dcl_fields(line, ',', fields, COLUMNS_MAX);
    if (header < 2 || header > COLUMNS_MAX)
        return dcl_fail_at(error, DCL_E_FORMAT, 1, 0, "expected a header with 2 to %d fields separated by ,",
                           COLUMNS_MAX);
    status = r.is_circuit ? read_circuit_header(&r, fields, header, error)
                          : read_mains_header(&r, fields, header, error);
    if (!status && !r.n_values)
        status = dcl_fail_at(error, DCL_E_FORMAT, 1, 0,
                             "expected columns V, I, P, Q, S of a circuit, or main_P_W");
    while (dcl_input_row(input, &line, &status, error)) {
        if (dcl_fields(line, ',', fields, COLUMNS_MAX) == header)
            status = add_row(&r, fields, error);
        else
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW,
                                         "expected as many fields as in the header", error);
    }
    return status;
}

const dcl_format dcl_format_ampds = {"ampds", "AMPds and AMPds2: circuits of a home (1 min, W, var, V, A)",
                                     detect, read_file};
