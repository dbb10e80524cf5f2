#include "base/calendar.h"

#include "base/civil.h"

enum { LONGEST_BREAK_DAYS = 70 };

int64_t dcl_easter(int year) {
    int golden = year % 19, century = year / 100, rest = year % 100;
    int correction = (century - (century + 8) / 25 + 1) / 3;
    int epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    int weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    int late = (golden + 11 * epact + 22 * weekday) / 451;
    int days_after_21_march = epact + weekday - 7 * late + 1;
    return dcl_days_from_date(year, 3, 21) + days_after_21_march;
}

bool dcl_is_holiday(int64_t day) {
    static const int fixed[] = {101, 501, 508, 714, 815, 1101, 1111, 1225}; /* month and day, MMDD */
    dcl_civil date = dcl_date_from_days(day);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (date.month * 100 + date.day == fixed[i]) return true;
    if (date.month < 3 || date.month > 6) return false;
    int64_t after_easter = day - dcl_easter(date.year);
    return after_easter == 1 || after_easter == 39 || after_easter == 50; /* Monday, Ascension, Whit Monday */
}

dcl_day_kind dcl_day_kind_of(int64_t day) {
    if (dcl_is_holiday(day)) return DCL_DAY_HOLIDAY;
    int weekday = dcl_weekday(day);
    return weekday == 5 ? DCL_DAY_SATURDAY : weekday == 6 ? DCL_DAY_SUNDAY : DCL_DAY_WORKING;
}

static int32_t as_number(int64_t day) {
    dcl_civil date = dcl_date_from_days(day);
    return date.year * 10000 + date.month * 100 + date.day;
}

void dcl_school_span(int64_t *first_day, int64_t *last_day) {
    *first_day = dcl_day_of_number(dcl_school_table[0].first);
    *last_day = dcl_day_of_number(dcl_school_table[dcl_school_rows - 1].last);
}

dcl_school dcl_school_on(char zone, int64_t day) {
    int64_t first_day, last_day;
    dcl_school_span(&first_day, &last_day);
    if (zone < 'A' || zone > 'C' || day < first_day || day > last_day) return DCL_SCHOOL_UNKNOWN;
    int32_t number = as_number(day), oldest = as_number(day - LONGEST_BREAK_DAYS);
    size_t after = 0; /* rows that begin on or before the day */
    for (size_t n = dcl_school_rows; n > 0;) {
        size_t half = n / 2;
        bool begun = dcl_school_table[after + half].first <= number;
        after += begun ? half + 1 : 0;
        n = begun ? n - half - 1 : half;
    }
    for (size_t i = after; i-- > 0 && dcl_school_table[i].first >= oldest;)
        if (dcl_school_table[i].zones >> (zone - 'A') & 1 && number <= dcl_school_table[i].last)
            return DCL_SCHOOL_BREAK;
    return DCL_SCHOOL_TERM;
}
