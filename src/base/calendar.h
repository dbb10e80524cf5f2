/* The French calendar as dated data: holidays, school breaks, kinds of days. Days are since 1970-01-01. */
#ifndef DCL_BASE_CALENDAR_H
#define DCL_BASE_CALENDAR_H

#include <declic/base.h>

/** Easter Sunday of a Gregorian year from 1583 on. Source: the anonymous computus of Nature, 20 April 1876. */
int64_t dcl_easter(int year);

/** True on the eleven public holidays of metropolitan France: Code du travail, L3133-1, as it is since 1982. */
bool dcl_is_holiday(int64_t day);

/** What a day is for the people of a home; a holiday is one on whatever day it falls. */
typedef enum dcl_day_kind { DCL_DAY_WORKING, DCL_DAY_SATURDAY, DCL_DAY_SUNDAY, DCL_DAY_HOLIDAY } dcl_day_kind;

dcl_day_kind dcl_day_kind_of(int64_t day);

/** Whether schools are on a break; unknown outside the dates of the table. */
typedef enum dcl_school { DCL_SCHOOL_UNKNOWN, DCL_SCHOOL_TERM, DCL_SCHOOL_BREAK } dcl_school;

/** The schools of zone 'A', 'B' or 'C' on a day; any other zone is unknown. */
dcl_school dcl_school_on(char zone, int64_t day);
/** The first and the last day that the table of school breaks covers. */
void dcl_school_span(int64_t *first_day, int64_t *last_day);

/* ---- the table of school.c */

enum { DCL_ZONE_A = 1, DCL_ZONE_B = 2, DCL_ZONE_C = 4 };

/** A break of some zones: first and last day without school, as the numbers YYYYMMDD. */
typedef struct dcl_school_row {
    uint8_t zones;
    int32_t first, last;
} dcl_school_row;

/** Ordered by first day; no break is longer than 70 days. */
extern const dcl_school_row dcl_school_table[];
extern const size_t dcl_school_rows;

#endif
