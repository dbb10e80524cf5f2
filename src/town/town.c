#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/zone.h"
#include "town/town.h"

/* What all homes of a town share: its civil days, its weather, the shares of its kinds. */

dcl_town_options dcl_town_defaults(void) {
    return (dcl_town_options){
        .start_us = INT64_C(1736766000) * DCL_SECOND_US, .days = 1, .period_us = DCL_SECOND_US, .home = 0};
}

static dcl_status check_options(const dcl_context *context, const dcl_town_options *o, dcl_error *error) {
    const int64_t least_us = dcl_days_from_date(1, 1, 1) * DCL_DAY_US;
    const int64_t most_us = dcl_days_from_date(10000, 1, 1) * DCL_DAY_US;
    if (!context->zone) return dcl_fail(error, DCL_E_ARG, "a simulated home needs the zone of civil time");
    if (o->days < 1 || o->days > 36600)
        return dcl_fail(error, DCL_E_ARG, "a simulated home has 1 to 36,600 days, not %d", o->days);
    if (o->period_us < DCL_SECOND_US || o->period_us % DCL_SECOND_US || DCL_HOUR_US % o->period_us)
        return dcl_fail(error, DCL_E_ARG, "the period must be whole seconds that divide an hour");
    if (o->start_us < least_us || o->start_us >= most_us)
        return dcl_fail(error, DCL_E_ARG, "a simulated home starts in the years 1 to 9999");
    return DCL_OK;
}

static dcl_status take_shares(dcl_town *town, dcl_error *error) {
    const double *given = town->options.share;
    double sum = 0;
    for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) {
        if (!(given[k] >= 0 && given[k] <= 1e9) || (k == DCL_HOUSEHOLD_UNKNOWN && given[k] > 0))
            return dcl_fail(error, DCL_E_ARG, "the share of %s is not 0 or more of a kind",
                            dcl_household_name((dcl_household)k));
        sum += given[k];
    }
    if (sum <= 0) given = dcl_town_usual_share, sum = 100;
    for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) town->share[k] = given[k] / sum;
    return DCL_OK;
}

/* School breaks of the three zones; beyond the table, about the days that they have every year. */
static uint8_t breaks_of(int64_t day) {
    uint8_t bits = 0;
    for (int z = 0; z < 3; z++) {
        dcl_school school = dcl_school_on((char)('A' + z), day);
        if (school == DCL_SCHOOL_UNKNOWN) {
            dcl_civil d = dcl_date_from_days(day);
            int at = d.month * 100 + d.day;
            bool off = (at >= 705 && at <= 831) || at >= 1220 || at <= 103 || (at >= 1020 && at <= 1102) ||
                       (at >= 210 && at <= 225) || (at >= 410 && at <= 425);
            school = off ? DCL_SCHOOL_BREAK : DCL_SCHOOL_TERM;
        }
        if (school == DCL_SCHOOL_BREAK) bits |= (uint8_t)(1 << z);
    }
    return bits;
}

static void fill_day(const dcl_zone *zone, int64_t day, dcl_town_date *out) {
    dcl_civil date = dcl_date_from_days(day);
    *out = (dcl_town_date){.day = day,
                           .start_us = dcl_zone_day_start(zone, day),
                           .end_us = dcl_zone_day_start(zone, day + 1),
                           .gap_minute = 1e9,
                           .year = date.year,
                           .month = date.month,
                           .weekday = dcl_weekday(day),
                           .of_year = (int)(day - dcl_days_from_date(date.year, 1, 1)),
                           .kind = dcl_day_kind_of(day),
                           .school_break = breaks_of(day)};
    int64_t change_us = dcl_zone_next_change(zone, out->start_us);
    if (change_us >= out->end_us) return;
    int64_t shift_s = (int64_t)dcl_zone_offset_s(zone, change_us) - dcl_zone_offset_s(zone, out->start_us);
    out->gap_minute = (double)(change_us - out->start_us) / 60e6;
    out->gap_minutes = (double)shift_s / 60;
}

/* The span's civil days: each whole slots, none skipped and none too long. */
static dcl_status check_days(const dcl_town *town, const dcl_zone *zone, dcl_error *error) {
    for (size_t i = DCL_TOWN_BEFORE; i + 1 < town->n_dates; i++) {
        const dcl_town_date *date = &town->date[i];
        int64_t length_us = date->end_us - date->start_us;
        if (date->start_us % town->options.period_us || date->end_us % town->options.period_us)
            return dcl_fail(error, DCL_E_ARG, "the period must divide the hours of zone %s",
                            dcl_zone_name(zone));
        if (length_us < DCL_HOUR_US || length_us > DCL_TOWN_DAY_HOURS * DCL_HOUR_US) {
            dcl_civil d = dcl_date_from_days(date->day);
            return dcl_fail(error, DCL_E_ARG,
                            "%04d-%02d-%02d in zone %s has %.1f h: days of 1 to %d h can be simulated",
                            d.year, d.month, d.day, dcl_zone_name(zone),
                            (double)length_us / (double)DCL_HOUR_US, DCL_TOWN_DAY_HOURS);
        }
    }
    return DCL_OK;
}

dcl_status dcl_town_open(const dcl_context *context, const dcl_town_options *options, dcl_town **out,
                         dcl_error *error) {
    *out = NULL;
    dcl_status status = check_options(context, options, error);
    if (status) return status;
    dcl_town *town = calloc(1, sizeof *town);
    if (!town) return dcl_fail_memory(error, "a town");
    town->options = *options;
    town->seed = context->seed;
    if (context->kernels)
        town->kernels = *context->kernels;
    else
        status = dcl_kernels_select("scalar", &town->kernels, error);
    town->first_day = dcl_zone_day(context->zone, options->start_us);
    town->n_dates = (size_t)options->days + DCL_TOWN_BEFORE + 1;
    town->date = malloc(town->n_dates * sizeof *town->date);
    if (!status)
        status = town->date ? take_shares(town, error) : dcl_fail_memory(error, "the days of a town");
    for (size_t i = 0; !status && i < town->n_dates; i++)
        fill_day(context->zone, town->first_day - DCL_TOWN_BEFORE + (int64_t)i, &town->date[i]);
    if (!status) {
        town->start_us = town->date[DCL_TOWN_BEFORE].start_us;
        town->end_us = town->date[town->n_dates - 1].start_us;
        town->n_slots = (size_t)((town->end_us - town->start_us) / options->period_us);
        status = check_days(town, context->zone, error);
    }
    if (!status) status = dcl_town_weather(town, context, error);
    if (status) dcl_town_close(&town);
    *out = town;
    return status;
}

void dcl_town_close(dcl_town **town) {
    if (*town) free((*town)->date);
    free(*town);
    *town = NULL;
}

size_t dcl_town_slots(const dcl_town *town, int64_t *start_us) {
    if (start_us) *start_us = town->start_us;
    return town->n_slots;
}

const dcl_town_date *dcl_town_date_of(const dcl_town *town, int64_t day) {
    return &town->date[day - town->first_day + DCL_TOWN_BEFORE];
}
