#include "base/civil.h"

enum { DAYS_PER_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

/* Years are counted from March, so that the leap day ends one: Hinnant's days_from_civil and its inverse. */
int64_t dcl_days_from_date(int year, int month, int day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = dcl_floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_400_YEARS + day_of_era - DAYS_TO_1970;
}

dcl_civil dcl_date_from_days(int64_t days) {
    int64_t since_0000 = days + DAYS_TO_1970;
    int64_t era = dcl_floor_div(since_0000, DAYS_PER_400_YEARS);
    int32_t day = (int32_t)(since_0000 - era * DAYS_PER_400_YEARS);
    int32_t year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int32_t day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153;
    dcl_civil out = {.day = day_of_year - (153 * month + 2) / 5 + 1, .month = month + (month < 10 ? 3 : -9)};
    out.year = (int)(year_of_era + era * 400 + (out.month <= 2));
    return out;
}

int dcl_weekday(int64_t days) {
    int64_t since_monday = days + 3; /* 1970-01-01 was a Thursday */
    return (int)(since_monday - dcl_floor_div(since_monday, 7) * 7);
}

int dcl_days_in_month(int year, int month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool dcl_civil_valid(const dcl_civil *civil) {
    if (civil->year < -1000000 || civil->year > 1000000 || civil->month < 1 || civil->month > 12)
        return false;
    if (civil->day < 1 || civil->day > dcl_days_in_month(civil->year, civil->month)) return false;
    return civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 &&
           civil->second >= 0 && civil->second <= 59 && civil->microsecond >= 0 &&
           civil->microsecond <= 999999;
}

/* Two digits, or a number above 99 where one of them is none: every later range check then refuses it. */
static unsigned two(const char *at) {
    unsigned a = (unsigned char)at[0] - (unsigned)'0', b = (unsigned char)at[1] - (unsigned)'0';
    return a > 9 || b > 9 ? 1000 : a * 10 + b;
}

bool dcl_date_parse(const char *text, size_t n, int64_t *days) {
    if (n != 10 || text[4] != '-' || text[7] != '-') return false;
    unsigned century = two(text), rest = two(text + 2), month = two(text + 5), day = two(text + 8);
    if (century > 99 || rest > 99 || month < 1 || month > 12 || day < 1) return false;
    int year = (int)(century * 100 + rest);
    if (day > 28 && (int)day > dcl_days_in_month(year, (int)month)) return false;
    *days = dcl_days_from_date(year, (int)month, (int)day);
    return true;
}

/* `HH:MM`, then `:SS`, then a fraction; *at moves past what was read. Digits past the microsecond are
 * dropped. */
static bool parse_clock(const char **at, const char *end, int64_t *us) {
    const char *p = *at;
    if (end - p < 5 || p[2] != ':') return false;
    unsigned hour = two(p), minute = two(p + 3), second = 0, fraction = 0;
    p += 5;
    if (p < end && *p == ':') {
        if (end - p < 3) return false;
        second = two(p + 1);
        p += 3;
        if (p < end && *p == '.') {
            const char *first = ++p;
            for (unsigned unit = 100000; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
                fraction += unit * (unsigned)(*p - '0');
            if (p == first) return false;
        }
    }
    *at = p;
    *us = ((int64_t)(hour * 3600 + minute * 60 + second)) * DCL_SECOND_US + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

/* What stands after the clock: `Z`, `+HH`, `+HHMM` or `+HH:MM`, to the end. */
static bool parse_offset(const char *p, size_t n, int64_t *us) {
    *us = 0;
    if (n == 1) return *p == 'Z';
    if ((n != 3 && n != 5 && n != 6) || (*p != '+' && *p != '-') || (n == 6 && p[3] != ':')) return false;
    unsigned hours = two(p + 1), minutes = n == 3 ? 0 : two(p + n - 2);
    if (hours > 23 || minutes > 59) return false;
    *us = (int64_t)(hours * 60 + minutes) * DCL_MINUTE_US;
    if (*p == '-') *us = -*us;
    return true;
}

dcl_status dcl_time_parse(const char *text, size_t n, int64_t *time_us, bool *has_offset) {
    int64_t days, clock_us = 0, offset_us = 0;
    *has_offset = false;
    if (n < 10 || !dcl_date_parse(text, 10, &days)) return DCL_E_FORMAT;
    if (n > 10) {
        const char *at = text + 11, *end = text + n;
        if ((text[10] != 'T' && text[10] != ' ') || !parse_clock(&at, end, &clock_us)) return DCL_E_FORMAT;
        if (at < end) {
            if (!parse_offset(at, (size_t)(end - at), &offset_us)) return DCL_E_FORMAT;
            *has_offset = true;
        }
    }
    *time_us = days * DCL_DAY_US + clock_us - offset_us;
    return DCL_OK;
}

static char *put_digits(char *at, unsigned value, int digits) {
    for (int i = digits; i-- > 0; value /= 10) at[i] = (char)('0' + value % 10);
    return at + digits;
}

size_t dcl_time_format(int64_t time_us, char out[32]) {
    int64_t days = dcl_floor_div(time_us, DCL_DAY_US);
    int64_t us = (time_us % DCL_DAY_US + DCL_DAY_US) % DCL_DAY_US;
    dcl_civil date = dcl_date_from_days(days);
    char *at = out;
    bool plain = date.year >= 0 && date.year <= 9999;
    if (!plain) *at++ = date.year < 0 ? '-' : '+';
    at = put_digits(at, (unsigned)(date.year < 0 ? -date.year : date.year), plain ? 4 : 6);
    *at++ = '-';
    at = put_digits(at, (unsigned)date.month, 2);
    *at++ = '-';
    at = put_digits(at, (unsigned)date.day, 2);
    *at++ = 'T';
    unsigned second = (unsigned)(us / DCL_SECOND_US), fraction = (unsigned)(us % DCL_SECOND_US);
    at = put_digits(at, second / 3600, 2);
    *at++ = ':';
    at = put_digits(at, second / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, second % 60, 2);
    if (fraction) {
        *at++ = '.';
        at = put_digits(at, fraction, 6);
        while (at[-1] == '0') at--;
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}
