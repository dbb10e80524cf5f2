/*
 * tracebase (Reinhardt et al., TU Darmstadt): a folder a kind of appliance, a file a day of a device,
 * `Refrigerator/dev_98A08C_2011.12.05.csv`, a line `dd/mm/yyyy HH:MM:SS;W over 1 s;W over 8 s` about every
 * second. The mean over one second is read, as a sample, rows that share a second as their mean; times are
 * civil times of Germany. The device is called by its kind and number, `Refrigerator_98A08C`. Devices were
 * heard in different homes on different days: one alone is read as if it were the home, several are not added
 * up, but can be taken one after the other into a store.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "series/format.h"

static const char home_zone[] = "Europe/Berlin";

/* The stamp at *at; steps over it and its semicolon. */
static bool read_stamp(const char **at, dcl_civil *civil) {
    if (!dcl_read_day(at, civil) || **at != ' ') return false;
    ++*at;
    const char *clock = *at;
    if (!dcl_read_clock(at, civil) || *at - clock != 8 || **at != ';') return false;
    ++*at;
    return true;
}

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    dcl_civil civil = {0};
    if (!read_stamp(&head, &civil)) return 0;
    size_t one = strspn(head, "-0123456789.");
    if (!one || head[one] != ';') return 0;
    size_t eight = strspn(head + one + 1, "-0123456789.");
    char after = head[one + 1 + eight];
    return eight && (after == '\0' || after == '\r' || after == '\n') ? 95 : 0;
}

/* "complete/Refrigerator/dev_98A08C_2011.12.05.csv" → "Refrigerator_98A08C". */
static void device_name(const char *name, char device[32]) {
    const char *end = strrchr(name, '/'), *file = end ? end + 1 : name, *start = end;
    while (start && start > name && start[-1] != '/') start--;
    int kind = start ? (int)(end - start < 22 ? end - start : 22) : 0;
    const char *number = strncmp(file, "dev_", 4) == 0 ? file + 4 : "device";
    size_t n = strcspn(number, "_./");
    snprintf(device, 32, "%.*s%s%.*s", kind, kind ? start : "", kind ? "_" : "", (int)(n < 8 ? n : 8),
             number);
}

/* The second being read: rows come once a second by their own clock, so that two often share a stamp. */
typedef struct reader {
    dcl_collect *collect;
    dcl_clock clock;
    size_t track, n;
    char stamp[20];
    int64_t time_us;
    double sum_w;
} reader;

/* A second is worth the mean of the rows stamped with it. */
static dcl_status end_second(reader *r, dcl_error *error) {
    if (!r->n) return DCL_OK;
    double watts = r->sum_w / (double)r->n;
    r->n = 0;
    r->sum_w = 0;
    return dcl_collect_add(r->collect, r->track, r->time_us, DCL_SPAN_SAMPLE, watts, error);
}

/* A new stamp begins a second; the same one again must not reach the clock, which would take it for the second pass
 * of an hour that comes twice. */
static dcl_status begin_second(reader *r, const char *line, const dcl_civil *civil, bool *exists,
                               dcl_error *error) {
    *exists = true;
    if (strncmp(line, r->stamp, sizeof r->stamp - 1) == 0) return DCL_OK;
    dcl_status status = end_second(r, error);
    *exists = dcl_clock_moment(&r->clock, civil, &r->time_us);
    memcpy(r->stamp, line, sizeof r->stamp - 1);
    if (!*exists) r->stamp[0] = '\0';
    return status;
}

static dcl_status read_row(reader *r, char *line, dcl_error *error) {
    dcl_collect *collect = r->collect;
    dcl_civil civil = {0};
    const char *at = line;
    double watts = NAN;
    bool exists;
    if (!read_stamp(&at, &civil) || at - line != sizeof r->stamp)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected dd/mm/yyyy hh:mm:ss;W;W", error);
    dcl_field fields[2];
    size_t n = dcl_fields(line + (at - line), ';', fields, 2);
    if (n != 2 || (fields[0].n && !dcl_field_number(fields[0], &watts)))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected two powers in W after the time",
                                   error);
    dcl_status status = begin_second(r, line, &civil, &exists, error);
    if (status) return status;
    if (!exists) return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
    /* What will be left out is, by itself: it must not spoil the others of its second. */
    if (!(watts >= 0 && watts <= collect->options->max_power))
        return dcl_collect_add(collect, r->track, r->time_us, DCL_SPAN_SAMPLE, watts, error);
    r->sum_w += watts;
    r->n++;
    return DCL_OK;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect};
    char device[32];
    device_name(input->name, device);
    const char *chosen = collect->options->home;
    collect->chose_home = true;
    if (!dcl_collect_wants(collect, device) || (chosen && strcmp(chosen, device) != 0)) return DCL_OK;
    collect->alone =
        "devices, which make no home together: choose one with --home (like Refrigerator_98A08C), or import "
        "them all";
    dcl_status status = dcl_collect_zone(collect, home_zone, error);
    if (!status && collect->each) status = dcl_collect_turn(collect, device, error);
    if (!status) status = dcl_collect_track(collect, device, DCL_POWER_W, &r.track, error);
    if (status || r.track) return status; /* of a second device nothing will be used */
    r.clock.zone = collect->zone;
    collect->used_zone = true;
    char *line;
    while (dcl_input_row(input, &line, &status, error)) status = read_row(&r, line, error);
    return status ? status : end_second(&r, error);
}

const dcl_format dcl_format_tracebase = {
    "tracebase", "tracebase: a file a day of one appliance (about 1 s, W)", detect, read_file};
