/*
 * The room's own. A town is built up as people think of it: the setting that all homes share (civil days, weather, Tempo colours),
 * a dwelling and the habits of those who live in it (drawn once a home), what they do on a day, and what each appliance does
 * then, as stretches of constant draw. Only at the end are stretches laid on a grid: nothing before that knows of samples.
 */
#ifndef DCL_TOWN_TOWN_H
#define DCL_TOWN_TOWN_H

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "base/calendar.h"
#include "base/rng.h"
#include <declic/kernel.h>
#include <declic/town.h>

/* ---------------------------------------------------------------- dice */

/**
 * Purposes of dice beside the appliances' ids, which are below. A new kind of appliance changes no other one.
 * Of a home: who lives there, its fittings, one for days, weeks and years. Of the town: weather.
 */
enum {
    DCL_TOWN_WATER = 245,
    DCL_TOWN_WEATHER,
    DCL_TOWN_CLOUDS,
    DCL_TOWN_KIND,
    DCL_TOWN_FITTINGS,
    DCL_TOWN_DAYS,
    DCL_TOWN_WEEKS,
    DCL_TOWN_YEARS,
    DCL_TOWN_RATINGS,
    DCL_TOWN_HABITS,
    DCL_TOWN_NOISE
};

/** Uniform draws of 32 bits, four to a block of the generator. Start: dcl_town_dice(). */
typedef struct dcl_dice {
    const dcl_kernels *kernels; /* what makes many blocks at a time; NULL = one at a time, for few draws */
    uint64_t seed, stream;
    uint32_t block, next, made; /* words from the next one to `made` are to come */
    alignas(64) uint32_t word[4 * DCL_PHILOX_BLOCKS];
} dcl_dice;

/** The dice of a home's purpose on one day (or week, or year). */
dcl_dice dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day);
/** The next words. */
void dcl_dice_refill(dcl_dice *dice);
/** 0 <= x < 1, a multiple of 2^-32. */
static inline double dcl_dice_unit(dcl_dice *dice) {
    if (dice->next == dice->made) dcl_dice_refill(dice);
    return dice->word[dice->next++] * 0x1p-32;
}
/** low <= x < high. */
static inline double dcl_dice_between(dcl_dice *dice, double low, double high) {
    return low + (high - low) * dcl_dice_unit(dice);
}
static inline bool dcl_dice_chance(dcl_dice *dice, double chance) {
    return dcl_dice_unit(dice) < chance;
}
/** About normal: the sum of four uniform draws, within 3.5 deviations. */
double dcl_dice_normal(dcl_dice *dice, double mean, double deviation);

/* ---------------------------------------------------------------- setting */

/** A civil day. Hours count on the wall clock. */
typedef struct dcl_town_date {
    int64_t day, start_us, end_us;
    double gap_minute,
        gap_minutes; /* the clock goes forward by gap_minutes at this minute; back where negative */
    int year, month, weekday, of_year;
    dcl_day_kind kind;
    uint8_t school_break; /* bits of DCL_ZONE_A … C */
    uint8_t colour;       /* of the Tempo day that begins at 06:00: 0 blue, 1 white, 2 red */
    float cloud;          /* 0 clear … 1 overcast */
    float outside_c[24];
    float felt_c[24]; /* what walls that hold the heat of a day let the rooms feel */
} dcl_town_date;

/** What all homes share; not written to after dcl_town_open(). date [n_dates]: two days before the span to one after. */
struct dcl_town {
    dcl_town_options options;
    dcl_kernels kernels; /* the context's */
    uint64_t seed;
    double share[DCL_HOUSEHOLD_COUNT]; /* they add up to 1 */
    int64_t first_day, start_us, end_us;
    size_t n_slots, n_dates;
    dcl_town_date *date;
};

enum { DCL_TOWN_BEFORE = 2 };
/** The date of a day of the span, from two days before it on. */
const dcl_town_date *dcl_town_date_of(const dcl_town *town, int64_t day);
/** Fills outside_c, felt_c, cloud and colour of the dates. Errors: DCL_E_NO_DATA weather given that does not cover them; DCL_E_MEMORY. */
dcl_status dcl_town_weather(dcl_town *town, const dcl_context *context, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- who lives there */

/** Ways of living; a kind of household is one of them with or without electric heating. */
typedef enum dcl_life {
    DCL_LIFE_RETIRED,
    DCL_LIFE_FAMILY,
    DCL_LIFE_WORKER,
    DCL_LIFE_NIGHT,
    DCL_LIFE_SECOND,
    DCL_LIVES
} dcl_life;

/** Rows of kinds.c: from what a home's habits and fittings are drawn. Minutes are of the civil day. */
typedef struct dcl_range {
    double low, high;
} dcl_range;
typedef struct dcl_life_row {
    dcl_range persons, area_m2;
    dcl_range out;           /* chance that a working day leaves the home empty */
    dcl_range wake, later;   /* people get up; so much later when they need not */
    dcl_range bed;           /* lights out; may be after midnight */
    dcl_range leave, back;   /* of a day out */
    dcl_range errand;        /* chance of some hours out on any other day */
    dcl_range noon;          /* chance of cooking at noon when somebody is in */
    dcl_range away;          /* days of holiday a year */
    dcl_range weekends;      /* chance that a weekend is spent elsewhere */
    dcl_range nights;        /* share of working days on which the night is worked */
    dcl_range lived;         /* of a second home: chance that a weekend, a day of holidays is spent in it */
    dcl_range lunch, dinner; /* when people eat */
    dcl_range cooks;         /* of the dinners at home that may be cooked or not, those that are */
    double wash;             /* loads a person and day, about */
    double house, freezer, dishwasher, dryer, vehicle, computer, television; /* chances; hours a day */
} dcl_life_row;
extern const dcl_life_row dcl_life_rows[DCL_LIVES];
/** The shares of the kinds where none are given: of 100 homes. */
extern const double dcl_town_usual_share[DCL_HOUSEHOLD_COUNT];

typedef enum dcl_heating { DCL_HEATING_FUEL, DCL_HEATING_CONVECTOR, DCL_HEATING_PUMP } dcl_heating;
typedef enum dcl_hob { DCL_HOB_GAS, DCL_HOB_CERAMIC, DCL_HOB_INDUCTION } dcl_hob;

/** What stays the same for a home over the years. */
typedef struct dcl_dwelling {
    const dcl_kernels *kernels; /* the town's */
    uint64_t seed;
    uint32_t home;
    dcl_household kind;
    dcl_life life,
        lives; /* what it is, and the row its days were drawn from: one home in three is unlike its kind */
    int persons;
    bool house;
    double area_m2;
    /* habits */
    double out, wake, later, bed, leave, back, errand, noon, away_days, weekends, nights, lived;
    double wash_loads;           /* a person and day */
    double dinner, lunch, cooks; /* minutes; chance that a dinner is cooked */
    double wander;               /* how far a day's hours stray from the usual ones; 1 = as most */
    double evenings;             /* chance that an evening is spent out */
    double by_day;               /* share of screen hours that begin at any time of the day */
    double thrift;               /* how much they use of what one may use or not; 1 = as most */
    uint8_t school;              /* DCL_ZONE_A, B or C */
    double at_work[7];           /* a part-time week: chance by weekday, times `out` */
    /* heating */
    dcl_heating heating;
    double loss_w_k, base_c, night_k, out_k,
        wood; /* W a kelvin; heating begins below base_c, by so much later at night and when all are out; share that other fuel gives */
    double bath; /* of the rooms' need, for the bathroom in the morning */
    double off;  /* chance that a day is not heated where it is not cold: a stove, a warm sun, windows open */
    double warmer_c;  /* of the place, against the town's weather */
    double zone_w[3]; /* convectors of day rooms, bedrooms, bathroom */
    double pump_w, circulator_w;
    bool away_frost; /* heated, by away_k less, when nobody is there; else cold */
    double away_k;
    /* hot water */
    double tank_w, litre_kwh, tank_loss_kwh;
    double tank_late; /* minutes after the off-peak hours begin; 0 = with them */
    double
        tank_patient; /* chance that a day's water waits for the next night: the tank is still warm enough */
    bool has_tank, tank_off_away;
    dcl_town_plant plant;
    /* tariff: 0 base, 1 off-peak hours, 2 Tempo; their first minute, 8 h or 6 h and 2 h at noon */
    int tariff;
    double night_start, noon_start;
    int subscribed_kva;
    /* fittings, W unless said */
    double standby_w, standby_pf, fridge_w, fridge_cycle_s, fridge_duty, freezer_w, freezer_cycle_s,
        freezer_duty;
    double kettle_w, coffee_w, microwave_w, oven_w, hob_w, washer_heater_w, dish_w, dryer_w, vacuum_w, lights,
        television_w, computer_w, cooler_w, cooler_from_c, vehicle_w, vehicle_kwh, solar_w;
    double television_h, computer_h, vehicle_days;
    bool has_freezer, has_kettle, has_coffee, has_microwave, has_oven, has_dish, has_dryer, pump_dryer,
        has_cooler, has_vehicle, vehicle_at_night;
    dcl_hob hob;
} dcl_dwelling;

/** Draws home `home` of a town. Pure. */
dcl_dwelling dcl_town_dwelling(const dcl_town *town, uint32_t home);
/** The household kind alone, of a home whose dice of DCL_TOWN_KIND these are. */
dcl_household dcl_town_kind_of(const dcl_town *town, dcl_dice *dice);

/* ---------------------------------------------------------------- a day */

/** When people are awake at home on one civil day, minutes; meals -1 = none at home. */
typedef struct dcl_town_day {
    const dcl_town_date *date;
    bool away; /* nobody comes home all day */
    bool free; /* nobody has to go to work */
    struct {
        double from, to;
    } awake[3];
    int n_awake;
    double wake, bed; /* of the first and the last stretch */
    double breakfast, lunch, dinner;
    double away_share; /* of the days so far: a fridge emptied for the holidays still runs */
} dcl_town_day;

void dcl_town_day_of(const dcl_dwelling *dwelling, const dcl_town_date *date, dcl_town_day *out);
static inline bool dcl_town_is_awake(const dcl_town_day *day, double minute) {
    for (int i = 0; i < day->n_awake; i++)
        if (minute >= day->awake[i].from && minute < day->awake[i].to) return true;
    return false;
}

/* ---------------------------------------------------------------- what appliances do */

/** `count` stretches of constant draw, `on_us` long, one every `every_us`. One alone has every_us = on_us. */
typedef struct dcl_town_segment {
    int64_t start_us, on_us, every_us, count;
    double power_w, reactive_var;
} dcl_town_segment;

/** Draws are laid on grids and counted in whole thousandths. */
static inline int64_t dcl_town_milli(double value) {
    return (int64_t)(value * 1000 + copysign(0.5, value));
}

static inline int64_t dcl_segment_end_us(const dcl_town_segment *s) {
    return s->start_us + (s->count - 1) * s->every_us + s->on_us;
}

/* A home with every appliance has 875 segments a day at most. */
enum { TOWN_SEGMENTS = 1024, TOWN_CYCLES = 320, TOWN_APPLIANCES = 22 };

/** All that an appliance (or a home) does that begins on one civil day. What does not fit is not planned (never happens). */
typedef struct dcl_town_plan {
    dcl_town_segment segment[TOWN_SEGMENTS];
    size_t n_segments;
    dcl_town_cycle cycle[TOWN_CYCLES];
    size_t n_cycles;
    bool without_cycles; /* they are not wanted */
} dcl_town_plan;

/** The day being planned. */
typedef struct dcl_planner {
    const dcl_dwelling *home;
    const dcl_town_day *day;
    dcl_dice *dice;
    dcl_appliance kind;
    dcl_town_plan *plan;
} dcl_planner;

/* planner.c: draws, moments, stretches. At most one draw in an expression: C leaves open which argument comes first. */
static inline double dcl_plan_draw(dcl_planner *p, double low, double high) {
    return dcl_dice_between(p->dice, low, high);
}
static inline bool dcl_plan_chance(dcl_planner *p, double chance) {
    return dcl_dice_chance(p->dice, chance);
}
/**
 * The moment of a wall-clock minute of the day, from any before it to any after it. 07:00 is minute 420 on days of 23 and 25 hours
 * too. A minute that no clock shows is the moment of the change.
 */
static inline int64_t dcl_plan_moment(const dcl_planner *p, double minute) {
    const dcl_town_date *date = p->day->date;
    double since = minute;
    if (minute >= date->gap_minute) {
        since -= date->gap_minutes;
        if (since < date->gap_minute && date->gap_minutes > 0) since = date->gap_minute;
    }
    return date->start_us + (int64_t)(since * 60e6);
}
/** One more; none where the plan is full. */
static inline void dcl_plan_put(dcl_planner *p, dcl_town_segment segment) {
    dcl_town_plan *plan = p->plan;
    if (plan->n_segments < TOWN_SEGMENTS) plan->segment[plan->n_segments++] = segment;
}
static inline void dcl_plan_add(dcl_planner *p, int64_t start_us, double seconds, double power_w,
                                double reactive_var) {
    int64_t on_us = (int64_t)(seconds * 1e6);
    if (on_us > 0) dcl_plan_put(p, (dcl_town_segment){start_us, on_us, on_us, 1, power_w, reactive_var});
}
/** Pulses of on_s every every_s, from start_us over length_s. */
void dcl_plan_pulses(dcl_planner *p, int64_t start_us, double length_s, double on_s, double every_s,
                     double power_w, double reactive_var);
/** A cycle made of the segments added since `first`, where cycles are wanted. */
void dcl_plan_keep_cycle(dcl_planner *p, size_t first);
static inline void dcl_plan_cycle(dcl_planner *p, size_t first) {
    if (!p->plan->without_cycles) dcl_plan_keep_cycle(p, first);
}
/** A minute near `minute` at which somebody is awake at home, at most `reach` from it; -1 where there is none. */
double dcl_plan_near(dcl_planner *p, double minute, double deviation, double reach);
/** Any minute at which somebody is awake at home; -1 where nobody is. */
double dcl_plan_any(dcl_planner *p);

/* One function an appliance: cold.c, kitchen.c, wash.c, living.c, heating.c, water.c, outdoor.c. */
void dcl_plan_fridge(dcl_planner *p);
void dcl_plan_freezer(dcl_planner *p);
void dcl_plan_kettle(dcl_planner *p);
void dcl_plan_coffee(dcl_planner *p);
void dcl_plan_microwave(dcl_planner *p);
void dcl_plan_oven(dcl_planner *p);
void dcl_plan_hob(dcl_planner *p);
void dcl_plan_dishwasher(dcl_planner *p);
void dcl_plan_washing_machine(dcl_planner *p);
void dcl_plan_dryer(dcl_planner *p);
void dcl_plan_vacuum(dcl_planner *p);
void dcl_plan_lights(dcl_planner *p);
void dcl_plan_television(dcl_planner *p);
void dcl_plan_computer(dcl_planner *p);
void dcl_plan_water_heater(dcl_planner *p);
void dcl_plan_space_heater(dcl_planner *p);
void dcl_plan_heat_pump(dcl_planner *p);
void dcl_plan_circulator(dcl_planner *p);
void dcl_plan_air_conditioner(dcl_planner *p);
void dcl_plan_vehicle(dcl_planner *p);
void dcl_plan_solar(dcl_planner *p);
void dcl_plan_standby(dcl_planner *p);

/** How many wash loads begin on the day: the dryer follows the washing machine. */
int dcl_town_loads(const dcl_dwelling *home, const dcl_town_day *day, double minute[2]);

/** The appliances that a home has, in the order of its truth. Returns how many. */
size_t dcl_town_appliances(const dcl_dwelling *home, dcl_appliance kind[TOWN_APPLIANCES]);
/** The dice of n appliances on one civil day, thrown one after the other: none waits for what another's plan makes of them. */
void dcl_town_throw(const dcl_dwelling *home, int64_t day, const dcl_appliance *kind, size_t n,
                    dcl_dice *dice);
/** Adds what one appliance does on a civil day to a plan, by its dice of that day. */
void dcl_town_plan_day(const dcl_dwelling *home, const dcl_town_day *day, dcl_appliance kind, dcl_dice *dice,
                       dcl_town_plan *out);

/* ---------------------------------------------------------------- on a grid */

/**
 * Adds what a plan draws (or its reactive power) from start_us on to n slots, as mW µs. sum [n + 1] holds differences: its first
 * i + 1 items add up to slot i. Exact, and the same in any order of plans.
 */
void dcl_grid_add(const dcl_town_plan *plan, bool reactive, int64_t start_us, int64_t period_us, size_t n,
                  int64_t *sum);

/** The same of its power, and sets the bit of each item of sum that it changes: touched [n / 64 + 1]. For sums that are mostly zero. */
void dcl_grid_add_and_mark(const dcl_town_plan *plan, int64_t start_us, int64_t period_us, size_t n,
                           int64_t *sum, uint64_t *touched);

/**
 * Takes the slots of the next day: slot i is `level` and the first i + 1 changes, mW µs. The changes are to be 0 afterwards. Returns
 * the last slot.
 */
typedef int64_t (*dcl_slots_fn)(void *arg, int64_t *change, size_t n, int64_t level);
/** Gives what a home draws, day by day. Errors: DCL_E_MEMORY. */
dcl_status dcl_town_slots_of(const dcl_town *town, const dcl_dwelling *home, dcl_slots_fn take,
                             void *arg) DCL_MUST_USE;

/** What a home's meter sees, second by second over one civil day, of what its appliances do. */
typedef struct dcl_meter {
    int64_t period_us;
    int64_t *power_mwus,
        *reactive_mwus; /* differences over seconds, [DCL_TOWN_DAY_SECONDS + 1]; reactive NULL = not wanted */
} dcl_meter;

/** The longest civil day that is simulated: clocks have gone back by three hours (Antarctica/Casey, 2010). */
enum { DCL_TOWN_DAY_HOURS = 27, DCL_TOWN_DAY_SECONDS = DCL_TOWN_DAY_HOURS * 3600 };

/**
 * Goes through the seconds of a day: drawn and fed power of the slots, mW µs; apparent and reactive power, VA s and mvar µs (where
 * the meter has it). Returns the day's maximum of apparent power over a second.
 */
typedef struct dcl_meter_slots {
    int64_t *drawn, *fed, *reactive;
    double *apparent;
} dcl_meter_slots;
dcl_va_maximum dcl_meter_read(const dcl_meter *meter, int64_t start_us, int64_t seconds,
                              const dcl_meter_slots *out);

#endif
