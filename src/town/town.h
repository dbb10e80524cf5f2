/* The room's own: how a day of an appliance is planned before it is rendered. */
#ifndef DCL_TOWN_TOWN_H
#define DCL_TOWN_TOWN_H

#include "base/rng.h"
#include <declic/town.h>

/** The appliances of a home, in the order of its truth series. */
enum { TOWN_APPLIANCES = 6 };
extern const dcl_appliance dcl_town_kinds[TOWN_APPLIANCES];

/** Purposes of dice beside the appliances: the home's habits, the noise of its floor. Below 256. A new kind of
 *  appliance changes no town. */
enum { DCL_TOWN_HABITS = 254, DCL_TOWN_NOISE };

/** The dice of a purpose, an appliance or one of the above, of one day. */
dcl_rng dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day);
/** The next draw, low <= x < high. */
double dcl_town_draw(dcl_rng *dice, double low, double high);

/** What stays the same for a home over the years. Times are minutes of the civil day. */
typedef struct dcl_town_habits {
    int persons;               /* 1-4 */
    double wake, weekend_wake; /* people get up */
    double bed;                /* lights out, before midnight */
    bool home_at_noon;         /* somebody is at home on weekdays */
    double night_start;        /* the water heater's contact closes */
    double standby_w, standby_pf;
    double fridge_w, fridge_cycle_s, fridge_duty;
    double kettle_w, water_heater_w, washer_heater_w;
} dcl_town_habits;

dcl_town_habits dcl_town_habits_of(uint64_t seed, uint32_t home);

/** A stretch of constant draw. */
typedef struct dcl_town_segment {
    int64_t start_us, end_us;
    float power_w, reactive_var;
} dcl_town_segment;

enum { TOWN_SEGMENTS = 1024, TOWN_CYCLES = 64 };

/** All that an appliance does that begins on one civil day. What does not fit is not planned (never happens).
 */
typedef struct dcl_town_plan {
    dcl_town_segment segment[TOWN_SEGMENTS];
    size_t n_segments;
    dcl_town_cycle cycle[TOWN_CYCLES];
    size_t n_cycles;
} dcl_town_plan;

/** Plans appliance `index` (of dcl_town_kinds) for one civil day (days since 1970-01-01). */
void dcl_town_plan_day(const dcl_context *context, uint32_t home, size_t index, int64_t day,
                       dcl_town_plan *out);

#endif
