/* The room's own: the pieces that dcl_uses_find() puts together. */
#ifndef DCL_APPLIANCE_USES_H
#define DCL_APPLIANCE_USES_H

#include "base/status.h"
#include <declic/appliance.h>

/** Means over whole samples: slot i covers [start_us + i step_us, …). NaN where less than half is there. */
typedef struct dcl_use_grid {
    int64_t start_us, step_us;
    size_t n;
    float *power_w;
    float *hours; /* covered time of each slot, h */
} dcl_use_grid;

/**
 * A civil day, and the stretch of it in which the home is quietest on most days.
 * floor_w  the day's lowest level, W; NaN where the day is not full
 * quiet_first … quiet_last  the stretch, slots of the fine grid; empty where it is not there
 * full     80 % of the day is there
 */
typedef struct dcl_use_day {
    int64_t day, start_us, end_us;
    size_t quiet_first, quiet_last;
    float floor_w;
    int month;
    bool full;
} dcl_use_day;

/** What cycles with a name gave a use: all, and times their confidence, kWh. */
typedef struct dcl_use_names {
    double kwh, sure_kwh;
    uint32_t cycles;
} dcl_use_names;

/** What cycles of thermostats took: energy, how many, and on how many days. */
typedef struct dcl_use_thermostat {
    double kwh;
    uint32_t cycles;
    int days;
} dcl_use_thermostat;

/**
 * The work: what is known of the home, and what of its power is not given to a use yet.
 * floor_w [n_days]   what is taken as always on, that day
 * rest_w  [coarse.n] power left after what was taken
 */
typedef struct dcl_use_work {
    const dcl_context *context;
    const dcl_series *power;
    dcl_arena *arena;
    dcl_cycles *cycles;
    dcl_use_grid fine, coarse; /* about a minute, about ten; never finer than the data */
    dcl_use_day *day;
    size_t n_days;
    float *floor_w;
    float *rest_w, *long_w; /* long_w: what of rest_w lasts */
    double machine_kwh;     /* lone plateaus, most of them machines that wash or dry, and how many */
    uint32_t machines;
    dcl_use_names names[DCL_USE_COUNT];
    const unsigned char *thermostat; /* [cycles->n] as dcl_thermostats_find() says; NULL = not looked for */
    dcl_use_thermostat heated, cooled;
    bool rooms;      /* cold nights say that rooms are heated, and nothing surer does */
    double steady_w, hidden_kwh; /* then a low one of the days' floors, and what of it may be heat that never pauses */
    double hours; /* covered time of the series, h */
    dcl_uses *out;
} dcl_use_work;

/** Civil minute of the day, 0 … 1439, and civil day of a moment; UTC where the context has no zone. */
int dcl_use_minute(const dcl_context *context, int64_t time_us);
int64_t dcl_use_civil_day(const dcl_context *context, int64_t time_us);
/** The index of the day a moment lies in. */
size_t dcl_use_day_of(const dcl_use_work *work, int64_t time_us);
/** The q-quantile of values [n], which are sorted; NaN for n = 0. */
double dcl_use_quantile(float *values, size_t n, double q);

/** What follows a rise: slots [first, last) of the coarse grid, the level before it and its own above that, its energy. */
typedef struct dcl_use_block {
    size_t first, last;
    double base_w, level_w, kwh;
} dcl_use_block;

/** The size of a rise that begins in slot i of what is left, W; 0 where none does. */
double dcl_use_rise_at(const dcl_use_work *work, size_t i);
/** The block that begins in slot i >= 1: while half of its level is there, nine hours at most. */
dcl_use_block dcl_use_block_at(const dcl_use_work *work, size_t i);

/** How long a slot of the coarse grid is where a day is cut into such, min; whether it is beyond a quarter of an hour. */
int dcl_use_slot_min(const dcl_use_work *work);
bool dcl_use_is_coarse(const dcl_use_work *work);
/** The slot of the day that slot i of the coarse grid is; how many of them a start at one minute of the day may show in. */
int dcl_use_bin(const dcl_use_work *work, size_t i);
int dcl_use_slots_near(const dcl_use_work *work);

/**
 * What loads of one power that start near a slot of the day take, added up: as seen, before the most that water takes was held
 * against it, and of days on which it may have been on unseen. block, any_w and filled_w are room for `room` of them.
 */
typedef struct dcl_use_load {
    double kwh, whole_kwh, hidden_kwh;
    size_t blocks;
    dcl_use_block *block;
    float *any_w, *filled_w;
    size_t n, room;
} dcl_use_load;

/** The power of the load that starts near slot `bin` of the day, W; NaN where none does. */
double dcl_use_load_level(const dcl_use_work *work, int bin, dcl_use_load *load);
/** Takes the loads of level_w near `bin` out of the rest and adds them to `load`. */
void dcl_use_take_loads(dcl_use_work *work, int bin, double level_w, dcl_use_load *load);

/** A use found: range and confidence; low <= kwh <= high is the caller's. */
void dcl_use_set(dcl_use_work *work, dcl_use_kind kind, dcl_use_from from, double kwh, double low,
                 double high, double confidence);
void dcl_use_unknown(dcl_use_work *work, dcl_use_kind kind, dcl_use_why why);

/* In this order; each takes its part out of rest_w. DCL_E_MEMORY or DCL_OK. */
dcl_status dcl_use_make_grids(dcl_use_work *work) DCL_MUST_USE;
dcl_status dcl_use_make_days(dcl_use_work *work) DCL_MUST_USE;
/** Takes the pulses of thermostats out of both grids. Floors are measured before: pulses pause, and pairing errs. */
dcl_status dcl_use_take_thermostats(dcl_use_work *work) DCL_MUST_USE;
/** Whether cold nights say that rooms are heated: sets rooms and steady_w. */
dcl_status dcl_use_look_for_rooms(dcl_use_work *work) DCL_MUST_USE;
dcl_status dcl_use_find_floor(dcl_use_work *work, bool priors) DCL_MUST_USE;
void dcl_use_take_named(dcl_use_work *work);
dcl_status dcl_use_find_heater(dcl_use_work *work) DCL_MUST_USE;
dcl_status dcl_use_find_vehicle(dcl_use_work *work) DCL_MUST_USE;
dcl_status dcl_use_find_seasons(dcl_use_work *work) DCL_MUST_USE;
/** Joins what thermostats took to what seasons found. */
void dcl_use_set_thermostats(dcl_use_work *work);
/** Plateaus that may be water or space heating; after the seasons, which take what they explain. */
dcl_status dcl_use_find_heat(dcl_use_work *work) DCL_MUST_USE;
/** What lasts through cold nights and days where rooms is set; where neither seasons nor plateaus told. */
void dcl_use_find_rooms(dcl_use_work *work);
/** Where plateaus told: what else may be heat of rooms, kWh; 0 where rooms is not set. */
double dcl_use_rooms_beside_kwh(dcl_use_work *work);
dcl_status dcl_use_find_rises(dcl_use_work *work) DCL_MUST_USE;
/** The one place where rules give cycles a name. */
void dcl_use_name_cycles(const dcl_use_work *work);

/** True for the rhythm of a compressor: 30-300 W, minutes to hours, round the clock. days > 0: of the span. */
bool dcl_use_is_compressor(const dcl_recurrence *group, double days);

#endif
