#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/zone.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static dcl_zone *open_zone(const char *name) {
    dcl_zone *zone = NULL;
    dcl_error error = {0};
    if (dcl_zone_open(name, &zone, &error)) fail_msg("%s: %s", name, error.msg);
    return zone;
}

static int64_t moment(const char *text) {
    int64_t time_us = 0;
    bool has_offset;
    if (dcl_time_parse(text, strlen(text), &time_us, &has_offset)) fail_msg("not a time: %s", text);
    return time_us;
}

static void assert_time(int64_t time_us, const char *want) {
    char text[32];
    dcl_time_format(time_us, text);
    assert_string_equal(text, want);
}

/* ---------------------------------------------------------------- dates */

static void days_and_dates_are_inverse_over_800_years(void **state) {
    (void)state;
    int64_t days = dcl_days_from_date(1599, 12, 31);
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= dcl_days_in_month(year, month); day++) {
                days++;
                dcl_civil date = dcl_date_from_days(days);
                assert_int_equal(dcl_days_from_date(year, month, day), days);
                assert_true(date.year == year && date.month == month && date.day == day);
                assert_true(dcl_civil_valid(&date));
            }
    assert_int_equal(dcl_days_from_date(1970, 1, 1), 0);
    assert_int_equal(dcl_days_from_date(0, 3, 1), -719468);
    assert_int_equal(dcl_date_from_days(dcl_days_from_date(-1000000, 1, 1)).year, -1000000);
    assert_int_equal(dcl_date_from_days(dcl_days_from_date(1000000, 12, 31)).year, 1000000);
}

static void weekdays_start_on_monday(void **state) {
    (void)state;
    assert_int_equal(dcl_weekday(dcl_days_from_date(2026, 11, 20)), 4);
    assert_int_equal(dcl_weekday(dcl_days_from_date(1969, 12, 29)), 0);
    assert_int_equal(dcl_weekday(dcl_days_from_date(1600, 2, 29)), 1);
}

static void impossible_civil_times_are_not_valid(void **state) {
    (void)state;
    static const dcl_civil cases[] = {
        {.year = 2025, .month = 2, .day = 29},
        {.year = 1900, .month = 2, .day = 29},
        {.year = 2024, .month = 13, .day = 1},
        {.year = 2024, .month = 0, .day = 1},
        {.year = 2024, .month = 4, .day = 31},
        {.year = 2024, .month = 4, .day = 0},
        {.year = 2024, .month = 4, .day = 1, .hour = 24},
        {.year = 2024, .month = 4, .day = 1, .second = 60},
        {.year = 2024, .month = 4, .day = 1, .microsecond = 1000000},
    };
    for (size_t i = 0; i < COUNT(cases); i++) assert_false(dcl_civil_valid(&cases[i]));
}

/* ---------------------------------------------------------------- times as text */

static void iso_times_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
        bool has_offset;
    } cases[] = {
        {"2026-01-31", "2026-01-31T00:00:00Z", false},
        {"2026-01-31T12:34", "2026-01-31T12:34:00Z", false},
        {"2026-01-31 12:34:56", "2026-01-31T12:34:56Z", false},
        {"2026-01-31T12:34:56Z", "2026-01-31T12:34:56Z", true},
        {"2024-01-25 00:00:00+00", "2024-01-25T00:00:00Z", true},
        {"2024-01-25T00:30:00+02:00", "2024-01-24T22:30:00Z", true},
        {"2024-01-25T00:30-0330", "2024-01-25T04:00:00Z", true},
        {"2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.5Z", true},
        {"2024-02-29T23:59:59.000001", "2024-02-29T23:59:59.000001Z", false},
        {"2024-02-29T23:59:59.1234567899+01", "2024-02-29T22:59:59.123456Z", true},
        {"0000-01-01", "0000-01-01T00:00:00Z", false},
        {"9999-12-31T23:59:59", "9999-12-31T23:59:59Z", false},
        {"1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_us = 0;
        bool has_offset = false;
        assert_int_equal(dcl_time_parse(cases[i].text, strlen(cases[i].text), &time_us, &has_offset), DCL_OK);
        assert_time(time_us, cases[i].want);
        assert_int_equal(has_offset, cases[i].has_offset);
    }
}

static void other_times_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "2026",
        "2026-1-31",
        "2026-13-01",
        "2026-02-29",
        "2026-00-01",
        "2026-01-00",
        "2026/01/31",
        "20260131",
        "2026-01-31T",
        "2026-01-31Z",
        "2026-01-31t12:00",
        "2026-01-31T24:00",
        "2026-01-31T12",
        "2026-01-31T12:60",
        "2026-01-31T12:00:60",
        "2026-01-31T12:00:0",
        "2026-01-31T12:00:00.",
        "2026-01-31T1:00",
        "2026-01-31T12:00:00z",
        "2026-01-31T12:00:00+",
        "2026-01-31T12:00:00+1",
        "2026-01-31T12:00:00+24",
        "2026-01-31T12:00:00+01:60",
        "2026-01-31T12:00:00+01:0",
        "2026-01-31T12:00:00+01-00",
        "2026-01-31T12:00:00 +01",
        "2026-01-31T12:00:00Z ",
        " 2026-01-31",
        "-026-01-31",
        "2026-01-3\xb2",
        "2026-01-31  12:00",
        "2026-01-31T12:00:00,5",
        "2026-01-31T+1:00",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_us;
        bool has_offset;
        if (dcl_time_parse(cases[i], strlen(cases[i]), &time_us, &has_offset) != DCL_E_FORMAT)
            fail_msg("taken for a time: '%s'", cases[i]);
    }
}

static void extreme_moments_are_written_within_32_bytes(void **state) {
    (void)state;
    char text[32];
    size_t n = dcl_time_format(INT64_MIN, text);
    assert_int_equal(n, strlen(text));
    assert_string_equal(text, "-290308-12-21T19:59:05.224192Z");
    n = dcl_time_format(INT64_MAX, text);
    assert_int_equal(n, strlen(text));
    assert_string_equal(text, "+294247-01-10T04:00:54.775807Z");
}

/* ---------------------------------------------------------------- zones */

static void zones_agree_with_the_c_library_to_2600(void **state) {
    (void)state;
    static const char *const names[] = {"Europe/Paris",      "Europe/London",     "Europe/Dublin",
                                        "America/New_York",  "America/Sao_Paulo", "Australia/Lord_Howe",
                                        "Africa/Casablanca", "Pacific/Apia",      "Asia/Kolkata",
                                        "America/Nuuk",      "Asia/Gaza",         "Etc/UTC"};
    for (size_t i = 0; i < COUNT(names); i++) {
        dcl_zone *zone = open_zone(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        /* From 1911 (before it the C library may round offsets of solar time) in steps that meet all hours.
         */
        for (int64_t s = INT64_C(-1861920000); s < INT64_C(19880899200); s += 86400 / 4 * 9 + 1741) {
            time_t clock = (time_t)s;
            struct tm tm;
            assert_non_null(localtime_r(&clock, &tm));
            dcl_civil civil = dcl_zone_civil(zone, s * DCL_SECOND_US + 999999);
            if (civil.year != tm.tm_year + 1900 || civil.month != tm.tm_mon + 1 || civil.day != tm.tm_mday ||
                civil.hour != tm.tm_hour || civil.minute != tm.tm_min || civil.second != tm.tm_sec)
                fail_msg("%s at %lld: want hour %d got %d", names[i], (long long)s, tm.tm_hour, civil.hour);
        }
        dcl_zone_close(&zone);
    }
    unsetenv("TZ");
}

static void rules_repeat_after_400_years(void **state) {
    (void)state;
    dcl_zone *zone = open_zone("Europe/Paris");
    int64_t cycle_us = INT64_C(146097) * DCL_DAY_US;
    for (int64_t t = moment("2040-01-01"); t < moment("2060-01-01"); t += 7 * DCL_HOUR_US)
        for (int k = 1; k <= 20; k += 7) {
            assert_int_equal(dcl_zone_offset_s(zone, t), dcl_zone_offset_s(zone, t + k * cycle_us));
            int64_t a = dcl_zone_next_change(zone, t), b = dcl_zone_next_change(zone, t + k * cycle_us);
            assert_true(a == b - k * cycle_us ||
                        b - k * cycle_us < a); /* the table's seam is a change of nothing */
        }
    dcl_zone_close(&zone);
}

static void changes_of_paris_are_where_the_law_says(void **state) {
    (void)state;
    dcl_zone *zone = open_zone("Europe/Paris");
    int64_t spring = dcl_zone_next_change(zone, moment("2026-01-01"));
    assert_time(spring, "2026-03-29T01:00:00Z");
    assert_time(dcl_zone_next_change(zone, spring - 1), "2026-03-29T01:00:00Z");
    assert_time(dcl_zone_next_change(zone, spring), "2026-10-25T01:00:00Z");
    assert_int_equal(dcl_zone_offset_s(zone, spring - 1), 3600);
    assert_int_equal(dcl_zone_offset_s(zone, spring), 7200);
    assert_time(dcl_zone_next_change(zone, moment("2400-05-01")), "2400-10-29T01:00:00Z");
    dcl_zone_close(&zone);
}

static void civil_times_map_to_one_two_or_no_moments(void **state) {
    (void)state;
    static const struct {
        const char *zone, *civil;
        dcl_fold fold;
        const char *first, *second;
    } cases[] = {
        {"Europe/Paris", "2026-07-14T12:00:00.5", DCL_FOLD_ONE, "2026-07-14T10:00:00.5Z",
         "2026-07-14T10:00:00.5Z"},
        {"Europe/Paris", "2026-03-29T02:30", DCL_FOLD_NONE, "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"},
        {"Europe/Paris", "2026-03-29T01:59:59", DCL_FOLD_ONE, "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z"},
        {"Europe/Paris", "2026-03-29T02:00", DCL_FOLD_NONE, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Paris", "2026-03-29T03:00", DCL_FOLD_ONE, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Paris", "2026-10-25T02:30", DCL_FOLD_TWO, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
        {"Europe/Paris", "2026-10-25T02:00", DCL_FOLD_TWO, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
        {"Europe/Paris", "2026-10-25T03:00", DCL_FOLD_ONE, "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
        {"Europe/Paris", "2726-10-31T02:30", DCL_FOLD_TWO, "2726-10-31T00:30:00Z", "2726-10-31T01:30:00Z"},
        {"UTC", "2026-03-29T02:30", DCL_FOLD_ONE, "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"},
        {"-03:30", "2026-03-29T02:30", DCL_FOLD_ONE, "2026-03-29T06:00:00Z", "2026-03-29T06:00:00Z"},
        {"Pacific/Apia", "2011-12-30T12:00", DCL_FOLD_NONE, "2011-12-30T22:00:00Z", "2011-12-30T22:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_zone *zone = open_zone(cases[i].zone), *utc = open_zone("UTC");
        dcl_civil civil = dcl_zone_civil(utc, moment(cases[i].civil));
        int64_t out[2];
        assert_int_equal(dcl_zone_moment(zone, &civil, out), cases[i].fold);
        assert_time(out[0], cases[i].first);
        assert_time(out[1], cases[i].second);
        dcl_zone_close(&zone);
        dcl_zone_close(&utc);
    }
}

static void days_have_23_24_or_25_hours(void **state) {
    (void)state;
    dcl_zone *zone = open_zone("Europe/Paris");
    int64_t first = dcl_days_from_date(2024, 1, 1), counts[3] = {0};
    for (int64_t day = first; day < first + 366; day++) {
        int64_t start = dcl_zone_day_start(zone, day), end = dcl_zone_day_start(zone, day + 1);
        assert_int_equal(dcl_zone_day(zone, start), day);
        assert_int_equal(dcl_zone_day(zone, start - 1), day - 1);
        counts[(end - start) / DCL_HOUR_US - 23]++;
    }
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 364);
    assert_int_equal(counts[2], 1);
    dcl_zone_close(&zone);
}

static void a_day_without_midnight_starts_at_the_change(void **state) {
    (void)state;
    dcl_zone *zone = open_zone("America/Sao_Paulo");
    assert_time(dcl_zone_day_start(zone, dcl_days_from_date(2018, 11, 4)), "2018-11-04T03:00:00Z");
    dcl_zone_close(&zone);
    zone = open_zone("Pacific/Apia"); /* it had no 30 December 2011 */
    assert_int_equal(dcl_zone_day_start(zone, dcl_days_from_date(2011, 12, 30)),
                     dcl_zone_day_start(zone, dcl_days_from_date(2011, 12, 31)));
    dcl_zone_close(&zone);
}

static void names_that_are_no_zone_are_not_found(void **state) {
    (void)state;
    static const char *const names[] = {
        "",   "Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "Europe",         "Europe/",
        "+1", "+25:00",         "+01:60",           "a b",         "Europe/Paris\n", "zone.tab"};
    for (size_t i = 0; i < COUNT(names); i++) {
        dcl_zone *zone = NULL;
        dcl_error error = {0};
        dcl_status status = dcl_zone_open(names[i], &zone, &error);
        assert_null(zone);
        assert_true(strlen(error.msg) > 10);
        assert_int_equal(status, strcmp(names[i], "zone.tab") ? DCL_E_NOT_FOUND : DCL_E_FORMAT);
    }
}

/* A TZif file of version 2 with no table, of one type with offset 0, and this rule. */
static size_t rule_file(const char *rule, uint8_t *out) {
    static const uint8_t header[] = {'T', 'Z', 'i', 'f', '2', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0,   0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0,   0,   0,   0,   0,   0, 0, 0, 0, 1, 0, 0, 0, 4};
    static const uint8_t types[] = {0, 0, 0, 0, 0, 0, 'U', 'T', 'C', 0};
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        memcpy(out + n, header, sizeof header);
        memcpy(out + n + sizeof header, types, sizeof types);
        n += sizeof header + sizeof types;
    }
    return n + (size_t)sprintf((char *)out + n, "\n%s\n", rule);
}

static void rules_are_read_strictly(void **state) {
    (void)state;
    static const struct {
        const char *rule;
        bool good;
    } cases[] = {{"UTC0", true},
                 {"", true},
                 {"UTC0UST,M3.5.0,M10.5.0/3", true},
                 {"<+00>0<+01>,J60/-2,J300/167", true},
                 {"UTC0UST,0/0,J365/25", true},
                 {"CET-1", false},
                 {"UT0", false},
                 {"UTC", false},
                 {"UTC0UST", false},
                 {"UTC0UST,M3.5.0", false},
                 {"UTC0UST,M13.5.0,M10.5.0", false},
                 {"UTC0UST,M3.6.0,M10.5.0", false},
                 {"UTC0UST,M3.5.7,M10.5.0", false},
                 {"UTC0UST,J0,J300", false},
                 {"UTC0UST,J60,J366", false},
                 {"UTC0UST,60/168,300", false},
                 {"UTC0UST,60,300x", false},
                 {"UTC25", false},
                 {"<+0>0", false},
                 {"UTC0UST,M3.5.0/2:60,M10.5.0", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[256];
        size_t n = rule_file(cases[i].rule, bytes);
        dcl_zone *zone = NULL;
        dcl_error error = {0};
        dcl_status status = dcl_zone_parse(bytes, n, "test", &zone, &error);
        if (status != (cases[i].good ? DCL_OK : DCL_E_FORMAT))
            fail_msg("rule '%s': %s", cases[i].rule, error.msg);
        if (status) assert_int_equal(error.pos.byte, 2 * 54 + 1);
        dcl_zone_close(&zone);
    }
}

/* A TZif file of one change, at `at_s` (UTC seconds) by an hour, and a rule of European summer time. */
static size_t one_change_file(int64_t at_s, uint8_t *out) {
    static const uint8_t kind_and_types[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 'U', 'T', 'C', 0};
    static const char rule[] = "\nUTC0UST,M3.5.0,M10.5.0/3\n";
    size_t n = rule_file("UTC0", out) - 6 - 54; /* up to the second header */
    memcpy(out + n, out, 44);
    out[n + 35] = 1; /* changes */
    out[n + 39] = 2; /* types */
    n += 44;
    for (int i = 7; i >= 0; i--) out[n++] = (uint8_t)((uint64_t)at_s >> 8 * i);
    memcpy(out + n, kind_and_types, sizeof kind_and_types);
    n += sizeof kind_and_types;
    memcpy(out + n, rule, sizeof rule);
    return n + sizeof rule - 1;
}

/* zic once wrote a first change at -2^59 s, the big bang: the rule's years must not be counted from there. */
static void a_change_before_all_calendars_does_no_harm(void **state) {
    (void)state;
    static const int64_t changes_s[] = {-(INT64_C(1) << 59), INT64_MIN + 1, -INT64_C(9300000000000),
                                        -INT64_C(67768105233139200), -(INT64_C(1) << 55)};
    for (size_t i = 0; i < COUNT(changes_s); i++) {
        uint8_t bytes[256];
        dcl_zone *zone = NULL;
        dcl_error error = {0};
        size_t n = one_change_file(changes_s[i], bytes);
        if (dcl_zone_parse(bytes, n, "test", &zone, &error)) fail_msg("%s", error.msg);
        assert_int_equal(dcl_zone_offset_s(zone, moment("2026-07-01")), 3600);
        assert_int_equal(dcl_zone_offset_s(zone, moment("2026-12-01")), 0);
        assert_true(dcl_zone_next_change(zone, moment("2026-07-01")) == moment("2026-10-25T02:00"));
        dcl_zone_close(&zone);
    }
}

static void permanent_summer_time_is_permanent(void **state) {
    (void)state;
    uint8_t bytes[256];
    size_t n = rule_file("UTC0UST,0/0,J365/25", bytes);
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_parse(bytes, n, "test", &zone, NULL), DCL_OK);
    for (int64_t t = moment("1980-01-01"); t < moment("2990-01-01"); t += 5 * DCL_DAY_US + DCL_HOUR_US)
        assert_int_equal(dcl_zone_offset_s(zone, t), 3600);
    dcl_zone_close(&zone);
}

static void every_cut_of_a_zone_file_is_an_error(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(dcl_file_read("/usr/share/zoneinfo/Europe/Paris", 1 << 20, &bytes, &n, NULL), DCL_OK);
    for (size_t cut = 0; cut < n; cut++) {
        /* A copy of its own size, so that a read past the end is seen by the address sanitizer. */
        char *part = malloc(cut + 1);
        memcpy(part, bytes, cut);
        dcl_zone *zone = NULL;
        dcl_error error = {0};
        assert_int_equal(dcl_zone_parse(part, cut, "cut", &zone, &error), DCL_E_FORMAT);
        assert_null(zone);
        assert_true(error.pos.byte >= 0 && strlen(error.msg) > 10);
        free(part);
    }
    bytes[4] = 0;
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_parse(bytes, n, "old", &zone, NULL), DCL_E_UNSUPPORTED);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_dates_are_inverse_over_800_years),
        cmocka_unit_test(weekdays_start_on_monday),
        cmocka_unit_test(impossible_civil_times_are_not_valid),
        cmocka_unit_test(iso_times_are_read),
        cmocka_unit_test(other_times_are_refused),
        cmocka_unit_test(extreme_moments_are_written_within_32_bytes),
        cmocka_unit_test(zones_agree_with_the_c_library_to_2600),
        cmocka_unit_test(rules_repeat_after_400_years),
        cmocka_unit_test(changes_of_paris_are_where_the_law_says),
        cmocka_unit_test(civil_times_map_to_one_two_or_no_moments),
        cmocka_unit_test(days_have_23_24_or_25_hours),
        cmocka_unit_test(a_day_without_midnight_starts_at_the_change),
        cmocka_unit_test(names_that_are_no_zone_are_not_found),
        cmocka_unit_test(rules_are_read_strictly),
        cmocka_unit_test(a_change_before_all_calendars_does_no_harm),
        cmocka_unit_test(permanent_summer_time_is_permanent),
        cmocka_unit_test(every_cut_of_a_zone_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
