/**
 * Appliance: from steps, cycles and levels to what the energy went to.
 */
#ifndef DECLIC_APPLIANCE_H
#define DECLIC_APPLIANCE_H

#include <declic/event.h>

/* ---------------------------------------------------------------- uses */

/**
 * What energy goes to: id, name in files. Uses are kinds of need rather than appliances, since that is what a load curve
 * can carry. The last is what is left, always shown.
 */
#define DCL_USE_TABLE(X)                                                                                     \
    X(ALWAYS_ON, "always_on")         /* what never stops in a day, cold appliances apart */                 \
    X(COLD, "cold")                   /* compressors that come and go round the clock */                     \
    X(WATER_HEATER, "water_heater")   /* a block at a set time of most days */                               \
    X(HEATING, "heating")             /* what cold months take beyond mild ones; pulses of thermostats */    \
    X(COOLING, "cooling")             /* what hot months take beyond mild ones */                            \
    X(HEAT, "water_or_space_heating") /* long heavy plateaus that could be either */                         \
    X(VEHICLE, "vehicle")             /* plateaus of 2.5 kW and more for hours */                            \
    X(COOKING, "cooking")             /* short heavy rises, most at the hours of meals */                    \
    X(WASH, "wash")                   /* machines for clothes and dishes, dryers */                          \
    X(LIGHT_SCREENS, "lighting_and_screens")                                                                 \
    X(NOT_IDENTIFIED, "not_identified")

typedef enum dcl_use_kind {
#define DCL_X(id, name) DCL_USE_##id,
    DCL_USE_TABLE(DCL_X)
#undef DCL_X
        DCL_USE_COUNT
} dcl_use_kind;

/** Why a use has no number: id, name in files. */
#define DCL_USE_WHY_TABLE(X)                                                                                 \
    X(KNOWN, "known")                   /* it has one */                                                     \
    X(NOT_SEEN, "not_seen")             /* it would show, and nothing like it does */                        \
    X(FEW_DAYS, "few_days")             /* too few whole days for its rule */                                \
    X(NO_SEASONS, "no_seasons")         /* mild and cold (or hot) months are not both covered */             \
    X(TOO_COARSE, "too_coarse")         /* means as long as these do not show it */                          \
    X(NOT_TOLD_APART, "not_told_apart") /* it would be counted under another use */

typedef enum dcl_use_why {
#define DCL_X(id, name) DCL_USE_WHY_##id,
    DCL_USE_WHY_TABLE(DCL_X)
#undef DCL_X
        DCL_USE_WHY_COUNT
} dcl_use_why;

/** What a use was read from: id, name in files. */
#define DCL_USE_FROM_TABLE(X)                                                                                \
    X(NOTHING, "nothing")                                                                                    \
    X(LEVELS, "levels")   /* the quietest hours of each day; of heating, what lasts on cold days */          \
    X(RHYTHM, "rhythm")   /* cycles at a regular distance */                                                 \
    X(CYCLES, "cycles")   /* cycles that came with a name */                                                 \
    X(RIPPLE, "ripple")   /* what comes and goes in the quietest hours */                                    \
    X(BLOCKS, "blocks")   /* plateaus of an hour and more */                                                 \
    X(SEASONS, "seasons") /* one part of the year against another */                                         \
    X(HOURS, "hours")     /* shape and hour of short rises: the weakest */                                   \
    X(PRIOR, "prior")     /* what homes take on average: nothing of this home in it */                       \
    X(REST, "rest")

typedef enum dcl_use_from {
#define DCL_X(id, name) DCL_USE_FROM_##id,
    DCL_USE_FROM_TABLE(DCL_X)
#undef DCL_X
        DCL_USE_FROM_COUNT
} dcl_use_from;

/** The name of a use ("cold"), of a reason ("not_seen"), of a source ("ripple"); NULL for a number that is none. */
const char *dcl_use_name(dcl_use_kind kind);
const char *dcl_use_why_name(dcl_use_why why);
const char *dcl_use_from_name(dcl_use_from from);

/** The use that an appliance belongs to; DCL_USE_NOT_IDENTIFIED where its kind is unknown or says nothing. */
dcl_use_kind dcl_use_of_appliance(dcl_appliance appliance);

/**
 * One use over the covered time.
 * kwh, kwh_low, kwh_high  best guess and a range that holds the truth in about nine cases of ten on homes with truth
 *                         (bench/quality.md), kWh, 0 <= low <= kwh <= high <= all energy; all NaN unless why is KNOWN
 * share                   kwh over all energy, 0 … 1; NaN with kwh
 * confidence              0 … 1: that there is such a use here at all, not that kwh is exact
 * days                    days it rests on
 * cycles                  cycles or blocks it rests on; 0 = it rests on levels
 */
typedef struct dcl_use {
    dcl_use_kind kind;
    dcl_use_why why;
    dcl_use_from from;
    double kwh, kwh_low, kwh_high, share, confidence;
    int days;
    uint32_t cycles;
} dcl_use;

/**
 * What a home's energy went to. use [DCL_USE_COUNT] is indexed by kind. The kwh of those that are known, with
 * NOT_IDENTIFIED, sum to energy_kwh, that of all power above 0.
 * heater_minute   civil minute of the day at which the water heater starts; -1 = none found
 * heater_by_day_minute  at which it starts once more, in the part of off-peak hours that lies by day; -1 = it does not
 * heater_w        its power, W
 */
typedef struct dcl_uses {
    dcl_use use[DCL_USE_COUNT];
    double energy_kwh;
    int64_t covered_us, step_us; /* step_us: how far apart what the series knows is */
    int days;                    /* civil days with at least 80 % of data */
    int heater_minute, heater_by_day_minute;
    double heater_w;
} dcl_uses;

/** What a caller may ask. Start from dcl_use_defaults(). */
typedef struct dcl_use_options {
    bool name_cycles; /* give cycles without a name the name of a sure rule. Default true */
    bool priors; /* cold appliances by what homes take on average where nothing shows them. Default true */
} dcl_use_options;

dcl_use_options dcl_use_defaults(void);

/**
 * Finds what a home's energy went to, from power_w at any period up to an hour.
 *
 * From levels alone: the floor of each day's quietest hours, the ripple on it, plateaus, what short rises are left and at
 * which hour, and where a year is there the seasons. Where cycles are given and were paired from steps, the rhythm of
 * compressors is read from their recurrences. Nothing is counted twice: each part is taken out of the power before
 * the next is looked for. Without a year, pulses of a thermostat (10 s and finer) and cold nights that differ from one another
 * tell heated rooms.
 *
 * cycles  of this home, or NULL. Cycles that have a name already give their energy to its use, those of cooking, wash, light
 *         and screens, where their confidence is 0.5 and more: a classifier that names more makes ranges narrower. With options->name_cycles, cycles whose appliance is unknown are named where a rule is
 *         sure (a regular compressor, the load that starts at the same minute of most nights, a plateau of hours above
 *         2.5 kW): `appliance` is set and `confidence` becomes that of the name where that is less. Names that are there
 *         already stay.
 *
 * Errors:  DCL_E_NO_DATA no power_w or nothing but missing values; DCL_E_ARG a period above 1 h; DCL_E_MEMORY;
 *          DCL_E_CANCELLED.
 * Memory:  the arena gets some 8 bytes a minute of the span, 60 more every ten minutes, and 300 bytes a day.
 * Threads: reentrant.   Cost: O(n), some ns a sample. Same input, same bytes.
 * Source:  the range of cold appliances: ElecDom panel (ADEME/RTE 2021): fridge-freezer 346 kWh a year, freezer 308; old
 *          stock of 2009: 460 and 556.
 */
dcl_status dcl_uses_find(const dcl_context *context, const dcl_home *home, dcl_cycles *cycles,
                         const dcl_use_options *options, dcl_arena *arena, dcl_uses *out,
                         dcl_error *error) DCL_MUST_USE;

#endif
