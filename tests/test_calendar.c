#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/civil.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int64_t day_of(const char *text) {
    int64_t day = 0;
    if (!dcl_date_parse(text, 10, &day)) fail_msg("not a date: %.10s", text);
    return day;
}

static FILE *open_data(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/calendar/%s", DCL_TEST_DATA, name);
    FILE *file = fopen(path, "r");
    if (!file) print_message("skipped: no ../shared/data\n");
    return file;
}

static void easter_is_where_the_church_puts_it(void **state) {
    (void)state;
    static const char *const days[] = {"1818-03-22", "1943-04-25", "1961-04-02", "2000-04-23", "2008-03-23",
                                       "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25", "2285-03-22"};
    for (size_t i = 0; i < COUNT(days); i++) {
        int64_t day = day_of(days[i]);
        assert_int_equal(dcl_easter(dcl_date_from_days(day).year), day);
    }
    for (int year = 1583; year < 4000; year++) assert_int_equal(dcl_weekday(dcl_easter(year)), 6);
}

static void holidays_are_those_of_the_official_list(void **state) {
    (void)state;
    FILE *file = open_data("public_holidays_metropole.csv");
    if (!file) skip();
    char line[256], listed[10000] = {0};
    int64_t first = day_of("2006-01-01"), last = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        last = day_of(line);
        listed[last - first] = 1;
    }
    fclose(file);
    assert_int_equal(last, day_of("2031-12-25"));
    for (int64_t day = first; day <= last; day++)
        if (dcl_is_holiday(day) != (listed[day - first] == 1)) fail_msg("day %d", (int)(day - first));
}

static void school_breaks_are_those_of_the_decrees(void **state) {
    (void)state;
    FILE *file = open_data("school_breaks.csv");
    if (!file) skip();
    static char breaks[3][9000];
    char line[256];
    int64_t first, last;
    dcl_school_span(&first, &last);
    assert_int_equal(first, day_of("2005-01-01"));
    assert_int_equal(last, day_of("2026-08-30"));
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file))
        for (int64_t day = day_of(line + 2); day <= day_of(line + 13); day++)
            breaks[*line - 'A'][day - first] = 1;
    fclose(file);
    for (int zone = 0; zone < 3; zone++)
        for (int64_t day = first; day <= last; day++)
            if (dcl_school_on((char)('A' + zone), day) !=
                (breaks[zone][day - first] ? DCL_SCHOOL_BREAK : DCL_SCHOOL_TERM))
                fail_msg("zone %c, day %d of the table", 'A' + zone, (int)(day - first));
}

static void schools_outside_the_table_are_unknown(void **state) {
    (void)state;
    int64_t first, last;
    dcl_school_span(&first, &last);
    assert_int_equal(dcl_school_on('A', first - 1), DCL_SCHOOL_UNKNOWN);
    assert_int_equal(dcl_school_on('A', last), DCL_SCHOOL_BREAK);
    assert_int_equal(dcl_school_on('A', last + 1), DCL_SCHOOL_UNKNOWN);
    assert_int_equal(dcl_school_on('D', last), DCL_SCHOOL_UNKNOWN);
    assert_int_equal(dcl_school_on('a', last), DCL_SCHOOL_UNKNOWN);
}

static void school_rows_are_in_order_and_short(void **state) {
    (void)state;
    for (size_t i = 0; i < dcl_school_rows; i++) {
        const dcl_school_row *row = &dcl_school_table[i];
        int64_t days = dcl_days_from_date(row->last / 10000, row->last / 100 % 100, row->last % 100) -
                       dcl_days_from_date(row->first / 10000, row->first / 100 % 100, row->first % 100);
        assert_true(days >= 1 && days < 70);
        assert_true(i == 0 || dcl_school_table[i - 1].first <= row->first);
        assert_true(row->last <= dcl_school_table[dcl_school_rows - 1].last);
    }
}

static void a_holiday_is_one_on_any_weekday(void **state) {
    (void)state;
    static const struct {
        const char *day;
        dcl_day_kind kind;
    } cases[] = {
        {"2026-11-20", DCL_DAY_WORKING}, {"2026-11-21", DCL_DAY_SATURDAY}, {"2026-11-22", DCL_DAY_SUNDAY},
        {"2026-11-11", DCL_DAY_HOLIDAY}, {"2026-08-15", DCL_DAY_HOLIDAY},  {"2026-11-01", DCL_DAY_HOLIDAY},
        {"2026-05-14", DCL_DAY_HOLIDAY}, {"2026-05-25", DCL_DAY_HOLIDAY},  {"2026-04-05", DCL_DAY_SUNDAY},
        {"2026-04-06", DCL_DAY_HOLIDAY}, {"2026-12-26", DCL_DAY_SATURDAY}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dcl_day_kind_of(day_of(cases[i].day)), cases[i].kind);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easter_is_where_the_church_puts_it),
        cmocka_unit_test(holidays_are_those_of_the_official_list),
        cmocka_unit_test(school_breaks_are_those_of_the_decrees),
        cmocka_unit_test(schools_outside_the_table_are_unknown),
        cmocka_unit_test(school_rows_are_in_order_and_short),
        cmocka_unit_test(a_holiday_is_one_on_any_weekday),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
