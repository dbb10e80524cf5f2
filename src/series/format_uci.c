/*
 * "Individual household electric power consumption" (Hebrail and Berard, UCI): a mean a minute,
 * dd/mm/yyyy;hh:mm:ss, kW and kvar, `?` = missing. The clock of the data set keeps winter time all year:
 * 2007-03-25 02:00 … 02:59, which clocks in France skipped, has readings, and the autumn hour does not come
 * twice. Apparent power of a minute is not in it: the product of mean voltage and mean current is no mean of
 * their product.
 */
#include <string.h>

#include "series/format.h"

enum { DATE, TIME, ACTIVE, REACTIVE, VOLTAGE, CURRENT, SUB_METERS, FIELDS = SUB_METERS + 3 };

static const struct {
    int field;
    dcl_channel channel;
    double scale;
    const char *device;
} columns[] = {
    {ACTIVE, DCL_POWER_W, 1000, ""},
    {REACTIVE, DCL_REACTIVE_VAR, 1000, ""},
    {VOLTAGE, DCL_VOLTAGE_V, 1, ""},
    {CURRENT, DCL_CURRENT_A, 1, ""},
    /* Sub-meters give Wh of the minute: 60 W each. */
    {SUB_METERS + 0, DCL_POWER_W, 60, "kitchen"},
    {SUB_METERS + 1, DCL_POWER_W, 60, "laundry"},
    {SUB_METERS + 2, DCL_POWER_W, 60, "heater_and_cooling"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    return strncmp(head, "Date;Time;Global_active_power", 29) == 0 ? 100 : 0;
}

static bool read_moment(dcl_field date, dcl_field clock, int64_t winter_us, int64_t *time_us) {
    const char *d = date.at, *c = clock.at;
    dcl_civil civil = {0};
    /* hh:mm alone is not this file's form. */
    if (!dcl_read_day(&d, &civil) || *d || !dcl_read_clock(&c, &civil) || *c || clock.n < 7) return false;
    *time_us = dcl_days_from_date(civil.year, civil.month, civil.day) * DCL_DAY_US +
               civil.hour * DCL_HOUR_US + civil.minute * DCL_MINUTE_US + civil.second * DCL_SECOND_US -
               winter_us;
    return true;
}

static dcl_status add_row(dcl_collect *collect, const size_t *tracks, const dcl_field *fields,
                          int64_t winter_us, dcl_error *error) {
    int64_t time_us;
    if (!read_moment(fields[DATE], fields[TIME], winter_us, &time_us))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected dd/mm/yyyy;hh:mm:ss", error);
    for (size_t i = 0; i < COLUMNS; i++) {
        dcl_field field = fields[columns[i].field];
        double number;
        dcl_status status = DCL_OK;
        if (!field.n || strcmp(field.at, "?") == 0) {
            if (i == 0) status = dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "", error);
        } else if (!dcl_field_number(field, &number)) {
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a number or ?", error);
        } else {
            status = dcl_collect_add(collect, tracks[i], time_us, 60000, number * columns[i].scale, error);
        }
        if (status) return status;
    }
    return DCL_OK;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    size_t tracks[COLUMNS];
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < COLUMNS; i++)
        status = dcl_collect_track(collect, columns[i].device, columns[i].channel, &tracks[i], error);
    int64_t january = dcl_days_from_date(2007, 1, 1) * DCL_DAY_US;
    int64_t winter_us = dcl_zone_offset_s(collect->zone, january) * DCL_SECOND_US;
    collect->notes |= 1U << DCL_NOTE_WINTER_CLOCK;
    char *line;
    size_t length;
    if (!status) status = dcl_input_line(input, &line, &length, error); /* the header */
    while (dcl_input_row(input, &line, &status, error)) {
        dcl_field fields[FIELDS];
        if (dcl_fields(line, ';', fields, FIELDS) != FIELDS)
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected nine fields separated by ;",
                                         error);
        else
            status = add_row(collect, tracks, fields, winter_us, error);
    }
    return status;
}

const dcl_format dcl_format_uci = {"uci", "UCI household power (minutes, kW, winter clock)", detect,
                                   read_file};
