/**
 * Town: simulated homes with their truth.
 *
 * Every random choice is a pure function of seed, home, appliance and civil day (holidays: year; weekends: week), so any part of
 * a home can be made alone, in any order and on any thread, with the same bytes; home i of a seed is the same whatever the number
 * of homes. Homes are simulated by event: what appliances do is planned as stretches of constant draw in whole milliwatts and
 * microseconds, and only then laid on a grid, so 1 s, 1 min and 30 min of one home have the same energy, exactly.
 */
#ifndef DECLIC_TOWN_H
#define DECLIC_TOWN_H

#include <declic/base_weather.h>
#include <declic/series.h>

/** On red days of Tempo, 6:00-22:00, homes on that tariff heat so much less, and begin so many of their washes. */
#define DCL_TOWN_RED_HEATING 0.5
#define DCL_TOWN_RED_LAUNDRY 0.4

/** The temperature that a seed's town has, hour by hour; 24 values a civil day would repeat or skip one where clocks change, this
 *  does not. out [hours] from start_us on. The same numbers as weather NULL in the options gives. Errors: DCL_E_ARG; DCL_E_MEMORY. */
dcl_status dcl_weather_of_seed(const dcl_context *context, int64_t start_us, size_t hours, float *out,
                               dcl_error *error) DCL_MUST_USE;

/**
 * Reads shares of household kinds: rows `kind,share`, as `family_gas,0.3`. Kinds not named have none. Lines that begin with # and
 * empty ones are passed over. Errors: DCL_E_FORMAT with the line: no such row, an unknown kind, a share below 0;
 * DCL_E_NO_DATA no row; DCL_E_NOT_FOUND, DCL_E_IO the file.
 */
dcl_status dcl_mix_read(const char *path, double share[DCL_HOUSEHOLD_COUNT], dcl_error *error) DCL_MUST_USE;
/** The same of the n bytes of a file. */
dcl_status dcl_mix_parse(const char *bytes, size_t n, double share[DCL_HOUSEHOLD_COUNT],
                         dcl_error *error) DCL_MUST_USE;

/**
 * Waste planted in a home, to judge advice by: two simulations that differ by it alone have the same people on the same days. All 0
 * = none. bench/savings.md says why these.
 * always_w       something more never stops, W
 * left_on_w      something never stops from left_on_day (days since 1970) on, W
 * freezer_w, freezer_duty  an old freezer in place of the home's own: W, and share of the time on
 * tank_minute    civil minute from which a tank that the home has heats, whatever its tariff says; 0 = as it says
 */
typedef struct dcl_town_plant {
    double always_w, left_on_w;
    int64_t left_on_day;
    double freezer_w, freezer_duty;
    int tank_minute;
} dcl_town_plant;

/** What to simulate. Start from dcl_town_defaults(). */
typedef struct dcl_town_options {
    int64_t start_us; /* any moment of the first civil day, years 1 to 9999; the span begins when it begins */
    int days;         /* civil days, 1-36,600; days of 23 and 25 hours are whole days */
    int64_t period_us; /* whole seconds that divide an hour: 1 s … 1 h */
    uint32_t home;     /* which home of the town: its kind, its habits and its appliances follow from it */
    double share
        [DCL_HOUSEHOLD_COUNT]; /* of the kinds, in any unit, >= 0; all 0 = the usual mix, a third electrically heated */
    const dcl_weather *weather; /* NULL = a French year drawn from the seed */
    dcl_town_plant plant;
} dcl_town_options;

/** One day of 1 s samples of home 0, from 2025-01-13 (a Monday), of the usual mix. */
dcl_town_options dcl_town_defaults(void);

/**
 * One use of an appliance, as it really was. Cycles that begin inside the span are listed whole, even where
 * they end after it. The floor of standby has none. What heats or cools rooms has one an hour.
 */
typedef dcl_true_cycle dcl_town_cycle;

/**
 * cycle [n]   in order of appliance, then of start
 * tariff      "base", "hc" or "tempo"; off_peak_minute: when its night begins on the wall clock, -1 without one
 */
typedef struct dcl_town_truth {
    dcl_town_cycle *cycle;
    size_t n;
    dcl_household kind;
    int persons;
    const char *tariff;
    int off_peak_minute,
        noon_minute; /* the second two hours of the day's eight; -1 = all eight from the first on */
    double area_m2;
} dcl_town_truth;

/**
 * Simulates one home with the context's seed, in the context's zone.
 *
 * out    power_w, apparent_va and reactive_var, and export_w where there are solar panels; a truth series an appliance, W, named
 *        by its kind ("fridge"); its household kind and its cycles; one maximum of apparent power (over 1 s) a civil day; notes
 *        has DCL_NOTE_SIMULATED. power_w - export_w is the sum of the truth: panels count negative there. Below a minute the
 *        floor carries a noise of ±0.6 W a second that adds up to nothing over each minute. Apparent power is √(P² + Q²) of
 *        each second, averaged over the slot. Nothing is missing.
 * truth  what the home is; its cycles are those of `out`; NULL = not wanted
 *
 * Errors:  DCL_E_ARG an option out of range, no zone, a period that does not divide the zone's civil days, or
 *          a civil day that the zone skips or makes longer than 27 h; DCL_E_NO_DATA weather that does not cover the span;
 *          DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  in the arena, 4 bytes a slot for each of 4 + 22 series at most; while working, 6 MB.
 * Threads: reentrant.   Cost: follows the cycles, then the slots.
 * Source:  ratings and habits are ours, chosen so that yearly energies fall in the ranges of the ElecDom
 *          panel (ADEME/RTE 2021) and of the appliances' labels (bench/town.md).
 */
dcl_status dcl_town_home(const dcl_context *context, const dcl_town_options *options, dcl_arena *arena,
                         dcl_home *out, dcl_town_truth *truth, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- as a meter says it */

/** Takes the bytes of a group, from its label to its checksum (n of them, no line ends), and the moment at which its last one came. Not DCL_OK
 *  ends it with that. */
typedef dcl_status (*dcl_town_tic_fn)(void *arg, int64_t time_us, const char *group, size_t n,
                                      dcl_error *error);

/**
 * Gives a home as the télé-information of its meter in historique mode: frames one behind the other at 1200 baud, with apparent
 * power in steps of 10 VA and indexes in whole Wh (BASE; HCHC and HCHP where it has off-peak hours; a home on Tempo is told as one
 * with the hours of Tempo). The meter's address is zeros. options->period_us is not used: the meter sees seconds.
 *
 * Errors:  as dcl_town_home(), and those of `take`.   Memory: a day of the home, some 15 MB, whatever the span.
 */
dcl_status dcl_town_tic(const dcl_context *context, const dcl_town_options *options, dcl_town_tic_fn take,
                        void *arg, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- many homes */

/** A town: weather, days and shares, shared by its homes. Not written to once open: any number of threads. */
typedef struct dcl_town dcl_town;

/**
 * Prepares homes of one town; options->home is not used. Errors: as dcl_town_home().
 * Memory: 300 bytes a civil day.   Release: dcl_town_close().
 */
dcl_status dcl_town_open(const dcl_context *context, const dcl_town_options *options, dcl_town **out,
                         dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_town_close(dcl_town **town);
/** How many slots the span has, and when it begins. */
size_t dcl_town_slots(const dcl_town *town, int64_t *start_us);

/**
 * The power that home `home` draws: the bytes of power_w of dcl_town_home() for periods of a minute and more, without the rest.
 *
 * power_w [dcl_town_slots()]  W
 * kind    what household it is; may be NULL
 *
 * Errors:  DCL_E_MEMORY.   Memory: while working, 14 days of slots of 8 bytes.   Threads: reentrant.
 * Cost:    some 0.8 ms a year of minutes by the widest kernels, less for longer slots; homes with panels on the roof ten times that.
 */
dcl_status dcl_town_power(const dcl_town *town, uint32_t home, float *power_w,
                          dcl_household *kind) DCL_MUST_USE;

/** What a panel of simulated homes came to. */
typedef struct dcl_town_told {
    size_t homes, shards;
    size_t of_kind[DCL_HOUSEHOLD_COUNT];
    double mean_kwh; /* a home, over the span */
} dcl_town_told;

/**
 * Writes homes [0, n_homes) of a town as a panel at `path`, in shards of at most 2^24 values, with /panel/kind. Homes are called
 * home000001 … The same bytes for any number of threads. In place of a panel that may be there; whole or not at all.
 *
 * With context->ranks each process makes and writes every n-th shard, and rank 0 the index once all are there; `told` is whole at
 * rank 0. `path` is the same folder for all.
 *
 * Errors:  as dcl_town_home() and dcl_panel_index_write().
 * Memory:  128 MB of values whatever the number of homes, 12 bytes a slot and thread, 100 bytes a home, and what a shard's writing takes.
 */
dcl_status dcl_town_panel(const dcl_context *context, const dcl_town_options *options, size_t n_homes,
                          const char *path, dcl_town_told *told, dcl_error *error) DCL_MUST_USE;

#endif
