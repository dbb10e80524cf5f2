#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/file.h"

enum { LARGEST_FILE = 1 << 20 };

static const char *const database = "/usr/share/zoneinfo/";

/* ---------------------------------------------------------------- opening */

/* A name of the database, never a path that leaves it. */
static bool is_zone_name(const char *name) {
    size_t n = strlen(name);
    if (n == 0 || n > 48 || name[0] == '/' || name[n - 1] == '/' || strstr(name, "..")) return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr("+-_/.", c)) return false;
    }
    return true;
}

/* "UTC", "+HH", "+HHMM" or "+HH:MM": the form of an ISO 8601 moment at 1970-01-01 has the same offset rules.
 */
static bool fixed_offset(const char *name, int32_t *offset_s) {
    *offset_s = 0;
    if (strcmp(name, "UTC") == 0) return true;
    size_t n = strlen(name);
    if ((*name != '+' && *name != '-') || n > 6) return false;
    char moment[32];
    int length = snprintf(moment, sizeof moment, "1970-01-01T00:00%s", name);
    int64_t time_us;
    bool has_offset;
    if (dcl_time_parse(moment, (size_t)length, &time_us, &has_offset)) return false;
    *offset_s = (int32_t)(-time_us / DCL_SECOND_US);
    return true;
}

static dcl_status open_file(const char *name, dcl_zone **out, dcl_error *error) {
    char path[96];
    snprintf(path, sizeof path, "%s%s", database, name);
    char *bytes;
    size_t n;
    dcl_status status = dcl_file_read(path, LARGEST_FILE, &bytes, &n, error);
    if (status == DCL_E_NOT_FOUND || status == DCL_E_IO)
        return dcl_fail_file(error, DCL_E_NOT_FOUND, path,
                             "no zone '%s' here (the package tzdata has the zones)", name);
    if (status) return status;
    status = dcl_zone_parse(bytes, n, name, out, error);
    if (status && error) snprintf(error->file, sizeof error->file, "%s", path);
    free(bytes);
    return status;
}

dcl_status dcl_zone_open(const char *name, dcl_zone **out, dcl_error *error) {
    int32_t offset_s;
    *out = NULL;
    if (!fixed_offset(name, &offset_s)) {
        if (!is_zone_name(name))
            return dcl_fail(error, DCL_E_NOT_FOUND,
                            "'%.64s' is not the name of a zone (like Europe/Paris, UTC or +01:00)", name);
        return open_file(name, out, error);
    }
    dcl_zone *zone = calloc(1, sizeof *zone);
    if (!zone) return dcl_fail_memory(error, "a zone");
    snprintf(zone->name, sizeof zone->name, "%s", name);
    dcl_status status = dcl_zone_add(zone, INT64_MIN, offset_s);
    if (status) {
        dcl_zone_close(&zone);
        return dcl_fail_memory(error, "a zone");
    }
    *out = zone;
    return DCL_OK;
}

void dcl_zone_close(dcl_zone **zone) {
    if (*zone) free((*zone)->change);
    free(*zone);
    *zone = NULL;
}

const char *dcl_zone_name(const dcl_zone *zone) {
    return zone->name;
}

dcl_status dcl_zone_add(dcl_zone *zone, int64_t at_s, int32_t offset_s) {
    /* Two changes at one moment: the later counts (rules of permanent summer time end and begin together). */
    if (zone->n > 1 && zone->change[zone->n - 1].at_s == at_s) zone->n--;
    if (zone->n && zone->change[zone->n - 1].offset_s == offset_s) return DCL_OK;
    dcl_status status = dcl_grow(&zone->change, &zone->room, zone->n + 1, sizeof *zone->change);
    if (!status) zone->change[zone->n++] = (dcl_zone_change){at_s, offset_s};
    return status;
}

/* ---------------------------------------------------------------- lookups */

/* Seconds to take off so that a moment lies in the table: a whole number of 400-year cycles, mostly 0. */
static int64_t cycles_s(const dcl_zone *zone, int64_t s) {
    if (!zone->cycle_s || s < zone->end_s) return 0;
    return ((s - zone->end_s) / zone->cycle_s + 1) * zone->cycle_s;
}

/* The last change at or before a moment. */
static size_t find(const dcl_zone *zone, int64_t s) {
    const dcl_zone_change *base = zone->change;
    for (size_t n = zone->n; n > 1;) {
        size_t half = n / 2;
        base += base[half].at_s <= s ? half : 0;
        n -= half;
    }
    return (size_t)(base - zone->change);
}

int32_t dcl_zone_offset_s(const dcl_zone *zone, int64_t time_us) {
    int64_t s = dcl_floor_div(time_us, DCL_SECOND_US);
    return zone->change[find(zone, s - cycles_s(zone, s))].offset_s;
}

int64_t dcl_zone_next_change(const dcl_zone *zone, int64_t time_us) {
    int64_t s = dcl_floor_div(time_us, DCL_SECOND_US), shift = cycles_s(zone, s);
    size_t i = find(zone, s - shift) + 1;
    int64_t next;
    if (i < zone->n)
        next = zone->change[i].at_s + shift;
    else if (zone->cycle_s)
        next = zone->end_s + shift; /* nothing need change here, but the table starts over */
    else
        return INT64_MAX;
    return next > INT64_MAX / DCL_SECOND_US ? INT64_MAX : next * DCL_SECOND_US;
}

dcl_civil dcl_zone_civil(const dcl_zone *zone, int64_t time_us) {
    int64_t local_us = time_us + dcl_zone_offset_s(zone, time_us) * DCL_SECOND_US;
    int64_t days = dcl_floor_div(local_us, DCL_DAY_US);
    int64_t us = local_us - days * DCL_DAY_US;
    int32_t second = (int32_t)(us / DCL_SECOND_US);
    dcl_civil out = dcl_date_from_days(days);
    out.hour = second / 3600;
    out.minute = second / 60 % 60;
    out.second = second % 60;
    out.microsecond = (int)(us % DCL_SECOND_US);
    return out;
}

int64_t dcl_zone_day(const dcl_zone *zone, int64_t time_us) {
    return dcl_floor_div(time_us + dcl_zone_offset_s(zone, time_us) * DCL_SECOND_US, DCL_DAY_US);
}

/*
 * The moments at which clocks show `local_s`: at most two are kept, the first and the last. Where there is
 * none, the change that skipped it is out[1] and what the offset before that change gives is out[0].
 */
static dcl_fold resolve(const dcl_zone *zone, int64_t local_s, int64_t out[2]) {
    int64_t shift = cycles_s(zone, local_s + DCL_LARGEST_OFFSET_S);
    local_s -= shift;
    int found = 0;
    int64_t skipped = local_s, skipper = local_s;
    size_t i = find(zone, local_s - DCL_LARGEST_OFFSET_S);
    for (; i < zone->n && zone->change[i].at_s <= local_s + DCL_LARGEST_OFFSET_S; i++) {
        int64_t s = local_s - zone->change[i].offset_s;
        bool before = s < zone->change[i].at_s;
        bool after = i + 1 < zone->n && s >= zone->change[i + 1].at_s;
        if (!before && !after) out[found++ ? 1 : 0] = s + shift;
        if (after && local_s - zone->change[i + 1].offset_s < zone->change[i + 1].at_s) {
            skipped = s;
            skipper = zone->change[i + 1].at_s;
        }
    }
    if (found == 0) {
        out[0] = skipped + shift;
        out[1] = skipper + shift;
        return DCL_FOLD_NONE;
    }
    if (found == 1) out[1] = out[0];
    return found == 1 ? DCL_FOLD_ONE : DCL_FOLD_TWO;
}

dcl_fold dcl_zone_moment(const dcl_zone *zone, const dcl_civil *civil, int64_t out[2]) {
    int64_t local_s = dcl_days_from_date(civil->year, civil->month, civil->day) * 86400 +
                      ((int64_t)civil->hour * 60 + civil->minute) * 60 + civil->second;
    dcl_fold fold = resolve(zone, local_s, out);
    if (fold == DCL_FOLD_NONE) out[1] = out[0];
    for (int i = 0; i < 2; i++) out[i] = out[i] * DCL_SECOND_US + civil->microsecond;
    return fold;
}

int64_t dcl_zone_day_start(const dcl_zone *zone, int64_t days) {
    int64_t at_s[2];
    dcl_fold fold = resolve(zone, days * 86400, at_s);
    return at_s[fold == DCL_FOLD_NONE ? 1 : 0] * DCL_SECOND_US;
}
