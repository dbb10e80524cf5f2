/**
 * Town: simulated homes with their truth.
 *
 * Every random choice is a pure function of seed, home, appliance and civil day, so any part of a home can be
 * made alone, in any order and on any thread, with the same bytes.
 */
#ifndef DECLIC_TOWN_H
#define DECLIC_TOWN_H

#include <declic/series.h>

/** What to simulate. Start from dcl_town_defaults(). */
typedef struct dcl_town_options {
    int64_t start_us; /* any moment of the first civil day, years 1 to 9999; the span begins when it begins */
    int days;         /* civil days, 1-36,600; days of 23 and 25 hours are whole days */
    int64_t period_us; /* whole seconds that divide an hour: 1 s … 1 h */
    uint32_t home;     /* which home of the town: its habits and its appliances' ratings follow from it */
} dcl_town_options;

/** One day of 1 s samples of home 0, from 2025-01-13 (a Monday). */
dcl_town_options dcl_town_defaults(void);

/**
 * One use of an appliance, as it really was. Cycles that begin inside the span are listed whole, even where
 * they end after it. The floor of standby has none.
 */
typedef struct dcl_town_cycle {
    dcl_appliance kind;
    int64_t start_us, end_us;
    double energy_wh;
} dcl_town_cycle;

/** cycle [n]  in order of appliance, then of start */
typedef struct dcl_town_truth {
    dcl_town_cycle *cycle;
    size_t n;
} dcl_town_truth;

/**
 * Simulates one home with the context's seed, in the context's zone.
 *
 * out    power_w, apparent_va and reactive_var; a truth series an appliance, W, named by its kind ("fridge");
 *        one maximum of apparent power (over 1 s) a civil day; notes has DCL_NOTE_SIMULATED. power_w is the
 *        sum of the truth. Apparent power is √(P² + Q²) of each second, averaged over the slot. Nothing is
 *        missing.
 * truth  the cycles; NULL = not wanted
 *
 * Errors:  DCL_E_ARG an option out of range, no zone, a period that does not divide the zone's civil days, or
 *          a civil day that the zone skips or makes longer than 27 h; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  in the arena, 4 bytes a slot for each of 3 + 6 series; while working, 3 MB.
 * Threads: reentrant.   Cost: some 2 ms a simulated day at any period.
 * Source:  ratings and habits are ours, chosen so that yearly energies fall in the ranges of the ElecDom
 *          panel (ADEME/RTE 2021) and of the appliances' labels.
 */
dcl_status dcl_town_home(const dcl_context *context, const dcl_town_options *options, dcl_arena *arena,
                         dcl_home *out, dcl_town_truth *truth, dcl_error *error) DCL_MUST_USE;

#endif
