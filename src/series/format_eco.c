/*
 * ECO (Electricity Consumption and Occupancy, ETH Zurich): a folder a plug, a file a day named
 * yyyy-mm-dd.csv, a line a second of the local day with its watts, -1 = missing. Line i is the clock's second
 * i: on the day when clocks skip an hour those lines are no time; on the day when an hour comes twice they
 * are its first pass.
 */
#include <stdio.h>
#include <string.h>

#include "series/format.h"

/* The day that a file is named by: "04/01/2012-10-01.csv". */
static bool name_day(const char *name, dcl_civil *day) {
    const char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
    int used = 0;
    *day = (dcl_civil){0};
    return sscanf(file, "%4d-%2d-%2d%n", &day->year, &day->month, &day->day, &used) == 3 && used == 10 &&
           strncmp(file + 10, ".csv", 4) == 0 && dcl_civil_valid(day);
}

static int detect(const char *name, const char *head, size_t n) {
    dcl_civil day;
    if (!name_day(name, &day)) return 0;
    size_t line = strspn(head, "-0123456789.eE");
    return line && line < n && (head[line] == '\n' || head[line] == '\r') ? 90 : 0;
}

/* The plug is the folder's name ("04/01/2012-10-01.csv" → "01"), none for a file by itself. */
static void plug_name(const char *name, char out[32]) {
    const char *end = strrchr(name, '/'), *start = end;
    while (start && start > name && start[-1] != '/') start--;
    snprintf(out, 32, "%.*s", start ? (int)(end - start < 31 ? end - start : 31) : 0, start ? start : "");
}

/* The moment of a second of the clock; false in an hour that the clock skips. */
static bool second_of_day(const dcl_zone *zone, const dcl_civil *day, int second, int64_t *time_us) {
    dcl_civil civil = *day;
    civil.hour = second / 3600;
    civil.minute = second / 60 % 60;
    civil.second = second % 60;
    int64_t moments[2];
    bool exists = dcl_zone_moment(zone, &civil, moments) != DCL_FOLD_NONE;
    *time_us = moments[0];
    return exists;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    const dcl_read_options *options = collect->options;
    dcl_civil day;
    char plug[32];
    if (!name_day(input->name, &day))
        return collect->is_many
                   ? DCL_OK
                   : dcl_fail(error, DCL_E_FORMAT, "expected a file named by its day, as 2012-10-01.csv");
    plug_name(input->name, plug);
    int64_t days = dcl_days_from_date(day.year, day.month, day.day);
    int64_t start = dcl_zone_day_start(collect->zone, days),
            end = dcl_zone_day_start(collect->zone, days + 1);
    if (!dcl_collect_wants(collect, plug)) return DCL_OK;
    if (start >= options->to_us || end <= options->from_us) return DCL_OK;
    size_t track;
    char device[32] = "";
    if (plug[0]) snprintf(device, sizeof device, "plug_%.26s", plug);
    dcl_status status = dcl_collect_track(collect, device, DCL_POWER_W, &track, error);
    collect->used_zone = true;
    bool plain_day = end - start == DCL_DAY_US;
    for (int second = 0; !status; second++) {
        char *line;
        size_t length;
        status = dcl_input_line(input, &line, &length, error);
        if (status || !line) break;
        int64_t time_us = start + second * DCL_SECOND_US;
        double watts;
        if (second >= 86400 || !dcl_field_number((dcl_field){line, length}, &watts))
            status =
                dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected 86,400 lines of watts", error);
        else if (!plain_day && !second_of_day(collect->zone, &day, second, &time_us))
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
        else if (watts == -1)
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "", error);
        else
            status = dcl_collect_add(collect, track, time_us, 1000, watts, error);
    }
    return status;
}

const dcl_format dcl_format_eco = {"eco", "ECO data set: a folder a plug, a file a day (1 s, W)", detect,
                                   read_file};
