/* The POSIX TZ rule of a zone, as TZif footers use it: POSIX.1-2017 8.3 with the hours of RFC 8536 3.3.1. */
#include "base/civil.h"
#include "base/zone.h"

enum { YEARS_PER_CYCLE = 400, SECONDS_PER_DAY = 86400 };

static const int64_t cycle_s = INT64_C(146097) * SECONDS_PER_DAY;
static const int64_t earliest_s = INT64_MIN / DCL_SECOND_US; /* no moment of ours is before that */
static const int64_t latest_s = INT64_C(100000000000); /* year 5138: a table that goes further is damaged */

/* A day of the year: 'J' 1-365 without 29 February, 'N' 0-365 with it, 'M' month.week.weekday (0 = Sunday).
 */
typedef struct rule_day {
    char form;
    int day, month, week;
    int32_t time_s; /* civil seconds after the start of that day, by the offset then in force */
} rule_day;

typedef struct reader {
    const char *at, *end;
} reader;

static bool take(reader *r, char c) {
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool number(reader *r, int low, int high, int *out) {
    const char *first = r->at;
    int value = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && value <= high; r->at++)
        value = value * 10 + (*r->at - '0');
    *out = value;
    return r->at > first && value >= low && value <= high;
}

/* `hh[:mm[:ss]]` with an optional sign. */
static bool clock_s(reader *r, int most_hours, int32_t *out) {
    bool minus = take(r, '-');
    if (!minus) take(r, '+');
    int hours, minutes = 0, seconds = 0;
    if (!number(r, 0, most_hours, &hours)) return false;
    if (take(r, ':')) {
        if (!number(r, 0, 59, &minutes)) return false;
        if (take(r, ':') && !number(r, 0, 59, &seconds)) return false;
    }
    *out = (hours * 60 + minutes) * 60 + seconds;
    if (minus) *out = -*out;
    return true;
}

/* The zone's abbreviation: at least three letters, or anything printable in < >. */
static bool skip_name(reader *r) {
    if (take(r, '<')) {
        const char *first = r->at;
        while (r->at < r->end && *r->at != '>') r->at++;
        return r->at - first >= 3 && take(r, '>');
    }
    const char *first = r->at;
    while (r->at < r->end && ((*r->at >= 'a' && *r->at <= 'z') || (*r->at >= 'A' && *r->at <= 'Z'))) r->at++;
    return r->at - first >= 3;
}

static bool read_day(reader *r, rule_day *out) {
    *out = (rule_day){.form = 'N', .time_s = 2 * 3600};
    if (take(r, 'M')) {
        out->form = 'M';
        if (!number(r, 1, 12, &out->month) || !take(r, '.') || !number(r, 1, 5, &out->week) ||
            !take(r, '.') || !number(r, 0, 6, &out->day))
            return false;
    } else if (take(r, 'J')) {
        out->form = 'J';
        if (!number(r, 1, 365, &out->day)) return false;
    } else if (!number(r, 0, 365, &out->day)) {
        return false;
    }
    return !take(r, '/') || clock_s(r, 167, &out->time_s);
}

/* The civil second, since 1970-01-01, at which the rule's day and time fall in a year. */
static int64_t civil_second(const rule_day *rule, int year) {
    int64_t days;
    if (rule->form == 'M') {
        days = dcl_days_from_date(year, rule->month, 1);
        days += (rule->day + 6 - dcl_weekday(days)) % 7 + 7 * (rule->week - 1);
        int64_t last = dcl_days_from_date(year, rule->month, dcl_days_in_month(year, rule->month));
        if (days > last) days -= 7;
    } else {
        bool leap = dcl_days_in_month(year, 2) == 29;
        days = dcl_days_from_date(year, 1, 1) + rule->day;
        if (rule->form == 'J' && !(leap && rule->day >= 60)) days--;
    }
    return days * SECONDS_PER_DAY + rule->time_s;
}

/* Changes of the years from the last change on, in order, those already in the table left out. */
static dcl_status add_years(dcl_zone *zone, int32_t standard_s, int32_t summer_s, const rule_day day[2]) {
    int64_t from_s = zone->n > 1 ? zone->change[zone->n - 1].at_s : 0;
    if (from_s < earliest_s) from_s = earliest_s;
    int first = dcl_date_from_days(dcl_floor_div(from_s, SECONDS_PER_DAY)).year;
    int last = first + YEARS_PER_CYCLE + 2;
    for (int year = first; year <= last; year++) {
        dcl_zone_change pair[2] = {{civil_second(&day[0], year) - standard_s, summer_s},
                                   {civil_second(&day[1], year) - summer_s, standard_s}};
        int early = pair[1].at_s < pair[0].at_s;
        for (int i = 0; i < 2; i++) {
            const dcl_zone_change *change = &pair[i ^ early];
            if (change->at_s < zone->change[zone->n - 1].at_s || change->at_s < from_s) continue;
            dcl_status status = dcl_zone_add(zone, change->at_s, change->offset_s);
            if (status) return status;
        }
    }
    zone->cycle_s = cycle_s;
    zone->end_s = dcl_days_from_date(last, 1, 1) * SECONDS_PER_DAY;
    while (zone->n > 1 && zone->change[zone->n - 1].at_s >= zone->end_s) zone->n--;
    return DCL_OK;
}

dcl_status dcl_zone_add_rule(dcl_zone *zone, const char *rule, size_t n, dcl_error *error) {
    reader r = {rule, rule + n};
    int32_t standard_s, summer_s;
    rule_day day[2];
    if (!skip_name(&r) || !clock_s(&r, 24, &standard_s)) goto bad;
    standard_s = -standard_s; /* POSIX counts what to add to civil time */
    if (r.at == r.end) {
        /* No summer time: the table's last offset holds, which this one only repeats. */
        if (zone->change[zone->n - 1].offset_s == standard_s) return DCL_OK;
        goto bad;
    }
    if (!skip_name(&r)) goto bad;
    summer_s = standard_s + 3600;
    if (r.at < r.end && *r.at != ',') {
        if (!clock_s(&r, 24, &summer_s)) goto bad;
        summer_s = -summer_s;
    }
    if (!take(&r, ',') || !read_day(&r, &day[0]) || !take(&r, ',') || !read_day(&r, &day[1]) || r.at != r.end)
        goto bad;
    if (zone->change[zone->n - 1].at_s > latest_s) goto bad;
    if (summer_s > DCL_LARGEST_OFFSET_S || summer_s < -DCL_LARGEST_OFFSET_S) goto bad;
    return add_years(zone, standard_s, summer_s, day) ? dcl_fail_memory(error, "a zone") : DCL_OK;
bad:
    return dcl_fail(error, DCL_E_FORMAT, "the rule '%.*s' cannot be read", (int)(n > 80 ? 80 : n), rule);
}
