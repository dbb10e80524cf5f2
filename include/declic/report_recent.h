/**
 * Recent: the last month of a home, and what changed against the month before and the same month a year earlier, with the reason
 * where the curve shows one.
 *
 * Whole days are compared, as means of a day, so that gaps do not count as savings. What the days of one stretch differ by among
 * themselves says whether the difference between two stretches is one.
 */
#ifndef DECLIC_REPORT_RECENT_H
#define DECLIC_REPORT_RECENT_H

#include <declic/base.h>

/** Why a month took more or less than another: id, name in JSON. */
#define DCL_REASON_TABLE(X)                                                                                  \
    X(NONE, "none")               /* the curve shows none */                                                 \
    X(EMPTY_DAYS, "empty_days")   /* more or fewer days on which hardly anything was used */                 \
    X(ALWAYS_ON, "always_on")     /* what never stops changed */                                             \
    X(SEASON, "season")           /* heating or cooling is seen here and the season turned that way */       \
    X(PART_OF_DAY, "part_of_day") /* most of it lies in one quarter of the day */

typedef enum dcl_reason {
#define DCL_X(id, name) DCL_REASON_##id,
    DCL_REASON_TABLE(DCL_X)
#undef DCL_X
        DCL_REASON_COUNT
} dcl_reason;

/** The name of a reason ("empty_days"); NULL for a number that is none. */
const char *dcl_reason_name(dcl_reason reason);

/**
 * Civil days [from_day, to_day), days since 1970-01-01.
 * days         of them covered to at least 80 %
 * kwh          drawn over what is covered
 * day_kwh      mean of the `days`, gaps as the rest of their day; day_sd_kwh their standard deviation
 * energy_eur, standing_eur  under the report's cost_tariff; NaN where over 2 % has no price
 */
typedef struct dcl_report_stretch {
    int64_t from_day, to_day;
    int days;
    double kwh, day_kwh, day_sd_kwh, energy_eur, standing_eur;
} dcl_report_stretch;

/**
 * What the recent days are held against. Amounts are for as many days as the recent ones are; positive = more now.
 * known       at least 7 days and four fifths of the stretch are whole; nothing else is filled otherwise
 * clear       the difference is more than chance among days makes (two standard errors and 5 %)
 * kwh_more, eur_more        eur_more = eur_by_kwh + eur_by_price: at the earlier mean price, and by the change of that
 * reason      NONE unless clear.   part   of PART_OF_DAY: 0 night (0-6 h), 1 morning, 2 afternoon, 3 evening
 * was, is     of EMPTY_DAYS days, of ALWAYS_ON W, of PART_OF_DAY mean W; else NaN.   share  of kwh_more; NaN of SEASON
 */
typedef struct dcl_report_then {
    bool known, clear;
    dcl_report_stretch then;
    double kwh_more, eur_more, eur_by_kwh, eur_by_price;
    dcl_reason reason;
    int part;
    double was, is, share;
} dcl_report_then;

/**
 * The last civil month with at least 7 whole days, as far as readings go.
 * known       there is such a month
 * whole       readings go to its end
 * before      the same days of the month before (all of it where `whole`);  year_ago  of the same month a year earlier
 */
typedef struct dcl_report_recent {
    bool known, whole;
    dcl_report_stretch now;
    dcl_report_then before, year_ago;
} dcl_report_recent;

#endif
