/* Small exact helpers of civil time that the zone, the calendar and the tariffs share. */
#ifndef DCL_BASE_CIVIL_H
#define DCL_BASE_CIVIL_H

#include <declic/base.h>

/** a / b rounded towards minus infinity; b > 0. */
static inline int64_t dcl_floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/** Days of a month; month 1-12. */
int dcl_days_in_month(int year, int month);

/** The day, since 1970-01-01, of a date written as the number YYYYMMDD, as our tables are. */
static inline int64_t dcl_day_of_number(int32_t number) {
    return dcl_days_from_date(number / 10000, number / 100 % 100, number % 100);
}

/** The date of `YYYY-MM-DD`, exactly those n = 10 bytes, as days since 1970-01-01. False where it is none. */
bool dcl_date_parse(const char *text, size_t n, int64_t *days);

#endif
