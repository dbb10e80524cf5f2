/**
 * Savings: what a home could spend less on, computed from its own data, and what was not judged and why.
 *
 * An advice carries a range that is meant to hold the truth in nine cases of ten (bench/savings.md), what it rests on and what
 * it would take. Nothing is said from data that cannot carry it: the advice then has a reason in place of numbers. All is
 * priced with the lists in force at the end of the data, over its last 365 days.
 */
#ifndef DECLIC_REPORT_SAVINGS_H
#define DECLIC_REPORT_SAVINGS_H

#include <declic/tariff.h>

/** Kinds of advice: id, name in JSON. */
#define DCL_ADVICE_TABLE(X)                                                                                  \
    X(LEFT_ON, "left_on")                 /* the quiet nights are louder since a day, and have stayed so */  \
    X(ALWAYS_ON, "always_on")             /* more never stops than in most homes */                          \
    X(COLD, "cold_appliance")             /* a compressor takes more than its kind or than a year before */  \
    X(WATER_HEATER, "water_heater_hours") /* it heats at dear hours */                                       \
    X(CYCLES, "cycles_hours")             /* machines and vehicles do */                                     \
    X(TARIFF, "tariff")                   /* another option costs less */                                    \
    X(POWER, "subscribed_power")          /* less power would do */                                          \
    X(OVERLAP, "overlapping_loads")       /* it would do if large loads took turns */                        \
    X(HEATING, "heating_setback")         /* one degree less */                                              \
    X(RED_DAYS, "tempo_red_days")         /* less on red days */

typedef enum dcl_advice_kind {
#define DCL_X(id, name) DCL_ADVICE_##id,
    DCL_ADVICE_TABLE(DCL_X)
#undef DCL_X
        DCL_ADVICE_COUNT
} dcl_advice_kind;

/** Why an advice has no numbers: id, name in JSON. The first two were judged. */
#define DCL_ADVICE_WHY_TABLE(X)                                                                              \
    X(GIVEN, "given")                   /* it has them */                                                    \
    X(NOTHING, "nothing_to_gain")       /* judged: nothing, or a few euros */                                \
    X(FEW_DAYS, "few_days")             /* fewer than 14 whole days */                                       \
    X(NO_YEAR, "no_year")               /* fewer than 330 days, or no winter */                              \
    X(TOO_COARSE, "too_coarse")         /* means as long as these do not show it */                          \
    X(NOT_SEEN, "not_seen")             /* looked for in the curve and not found */                          \
    X(NO_TARIFF, "no_tariff")           /* the home's tariff was not given */                                \
    X(NO_HOURS, "no_hours")             /* its off-peak hours were not given */                              \
    X(NO_PRICES, "no_prices")           /* no price list, or no colours of these days */                     \
    X(NO_VA, "no_va")                   /* no maxima of apparent power */                                    \
    X(NO_POWER, "no_power")             /* the subscribed power was not given */                             \
    X(OTHER_TARIFF, "other_tariff")     /* the home's tariff has no such days or hours */                    \
    X(TOO_WIDE, "too_wide")             /* it may be there, but how much is too uncertain */                 \
    X(NOT_LOOKED_FOR, "not_looked_for") /* the caller gave no cycles or uses */

typedef enum dcl_advice_why {
#define DCL_X(id, name) DCL_ADVICE_WHY_##id,
    DCL_ADVICE_WHY_TABLE(DCL_X)
#undef DCL_X
        DCL_ADVICE_WHY_COUNT
} dcl_advice_why;

/** Names in JSON; NULL for a number that is none. */
const char *dcl_advice_name(dcl_advice_kind kind);
const char *dcl_advice_why_name(dcl_advice_why why);

/**
 * One advice. Numbers that a kind does not have are NaN, or -1.
 * comfort              it asks the people to live otherwise; others cost nothing but a call, a setting or a new appliance
 * kwh_low, kwh_high    kWh a year less; both 0 where only the price changes
 * eur_low, eur_high    € a year less, taxes included, in whole fives below 100 and tens above, rounded outward
 * confidence           0 … 1: that the waste is there at all
 * days, cycles         what it rests on; cycles 0 = on levels
 * now                  what is there: W, kWh a year of the compressor or of the heating, kWh a year moved, kVA, € a year
 * usual_low, usual_high  what there could be instead, in the same unit: a range of what other homes have, or one number
 * worked_before, worked_now  of a compressor that takes more than a year before, whose kWh at that time stand in usual_*: the share
 *                      of the time that it ran then and runs now, 0 … 1, over nights of the same months
 * from_minute, to_minute  civil minutes at which loads start and could start
 * tariff, kva          the option or power to change to
 * dearest_eur          of the option to change to, its dearest kWh; NaN where it has one price
 * since_day            the first day of what was left on, days since 1970
 */
typedef struct dcl_advice {
    dcl_advice_kind kind;
    dcl_advice_why why;
    bool comfort;
    double kwh_low, kwh_high, eur_low, eur_high, confidence;
    int days;
    uint32_t cycles;
    double now, usual_low, usual_high, worked_before, worked_now, dearest_eur;
    int from_minute, to_minute, kva;
    dcl_tariff_kind tariff; /* DCL_TARIFF_KIND_COUNT = it stays */
    int64_t since_day;
} dcl_advice;

/**
 * All of them.
 * advice [DCL_ADVICE_COUNT]  by kind
 * order [n]                  those given: what costs no comfort first, then by euros
 * joint_*                    all of them at once: their sum, times what all together save of the sum of their middles, simulated on
 *                            the curve with the option and power that are then the cheapest; at most the sum. NaN below two advices
 * bill_eur                   the year as it is, standing charge included; NaN where it cannot be priced
 * list_day                   first day of the price list of the home's tariff; prices are those
 */
typedef struct dcl_savings {
    dcl_advice advice[DCL_ADVICE_COUNT];
    dcl_advice_kind order[DCL_ADVICE_COUNT];
    size_t n;
    double joint_kwh_low, joint_kwh_high, joint_eur_low, joint_eur_high;
    double bill_eur;
    bool has_list;
    int64_t list_day;
} dcl_savings;

#endif
