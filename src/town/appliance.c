#include "town/town.h"

#include <math.h>

/* What one appliance does on one civil day, as stretches of constant draw. Ratings are typical nameplates. */

const dcl_appliance dcl_town_kinds[TOWN_APPLIANCES] = {
    DCL_APPLIANCE_FRIDGE,       DCL_APPLIANCE_KETTLE, DCL_APPLIANCE_WASHING_MACHINE,
    DCL_APPLIANCE_WATER_HEATER, DCL_APPLIANCE_LIGHTS, DCL_APPLIANCE_STANDBY,
};

/* The day being planned. Minutes count on the wall clock: 07:00 is 420 on days of 23 and 25 hours too. */
typedef struct planner {
    const dcl_zone *zone;
    int64_t day;
    bool weekend;
    int month;
    const dcl_town_habits *habits;
    dcl_rng dice;
    dcl_town_plan *plan;
} planner;

/* At most one draw in an expression: C leaves open which of two arguments is evaluated first. */
static double draw(planner *p, double low, double high) {
    return dcl_town_draw(&p->dice, low, high);
}

/* The moment of a wall-clock minute (with fraction) of the day. */
static int64_t moment(const planner *p, double minute) {
    dcl_civil civil = dcl_date_from_days(p->day);
    int whole = (int)minute;
    civil.hour = whole / 60;
    civil.minute = whole % 60;
    int64_t at[2];
    dcl_zone_moment(p->zone, &civil, at);
    return at[0] + (int64_t)((minute - whole) * 60e6);
}

static void add_segment(planner *p, int64_t start_us, double seconds, double power_w, double reactive_var) {
    dcl_town_plan *plan = p->plan;
    if (plan->n_segments == TOWN_SEGMENTS || seconds <= 0) return;
    plan->segment[plan->n_segments++] = (dcl_town_segment){start_us, start_us + (int64_t)(seconds * 1e6),
                                                           (float)power_w, (float)reactive_var};
}

/* A cycle made of the segments added since `first`. */
static void add_cycle(planner *p, dcl_appliance kind, size_t first) {
    dcl_town_plan *plan = p->plan;
    if (plan->n_cycles == TOWN_CYCLES || first == plan->n_segments) return;
    dcl_town_cycle cycle = {.kind = kind, .start_us = INT64_MAX, .end_us = INT64_MIN};
    for (size_t i = first; i < plan->n_segments; i++) {
        const dcl_town_segment *s = &plan->segment[i];
        if (s->start_us < cycle.start_us) cycle.start_us = s->start_us;
        if (s->end_us > cycle.end_us) cycle.end_us = s->end_us;
        cycle.energy_wh += (double)s->power_w * (double)(s->end_us - s->start_us) / 3.6e9;
    }
    plan->cycle[plan->n_cycles++] = cycle;
}

/* A compressor: an inrush of a few hundred ms at locked-rotor current, then some minutes above its running
 * power until the pressures settle. The shape is that of common compressors, the figures are ours. */
static void plan_fridge(planner *p) {
    const dcl_town_habits *h = p->habits;
    int64_t start = dcl_zone_day_start(p->zone, p->day), end = dcl_zone_day_start(p->zone, p->day + 1);
    double day_s = (double)(end - start) / 1e6;
    int n = (int)(day_s / h->fridge_cycle_s);
    double cell_s = day_s / n;
    for (int i = 0; i < n; i++) {
        double on_s = cell_s * h->fridge_duty * draw(p, 0.88, 1.12), late_s = cell_s * draw(p, 0.05, 0.3);
        double watt = h->fridge_w * draw(p, 0.98, 1.02), var = watt * 0.8;
        int64_t at = start + (int64_t)((i * cell_s + late_s) * 1e6);
        size_t first = p->plan->n_segments;
        add_segment(p, at, 0.35, watt * 9, watt * 7);
        add_segment(p, at + 350000, 40, watt * 1.22, var);
        add_segment(p, at + 40350000, 110, watt * 1.09, var);
        add_segment(p, at + 150350000, on_s - 150.35, watt, var);
        add_cycle(p, DCL_APPLIANCE_FRIDGE, first);
    }
}

static void boil(planner *p, double minute) {
    size_t first = p->plan->n_segments;
    double seconds = draw(p, 80, 260), watt = p->habits->kettle_w * draw(p, 0.985, 1.015);
    add_segment(p, moment(p, minute), seconds, watt, 0);
    add_cycle(p, DCL_APPLIANCE_KETTLE, first);
}

/* One at breakfast, the rest when somebody is at home. */
static void plan_kettle(planner *p) {
    const dcl_town_habits *h = p->habits;
    double wake = p->weekend ? h->weekend_wake : h->wake;
    boil(p, wake + draw(p, 6, 25));
    if (p->weekend || h->home_at_noon) {
        if (draw(p, 0, 1) < 0.6) boil(p, draw(p, 615, 690));
        boil(p, draw(p, 900, 1020));
    }
    if (draw(p, 0, 1) < 0.7) boil(p, draw(p, 1215, 1290));
}

/* A part of a washing programme: the heater and the drum's motor each run `on` of every `every` seconds. */
typedef struct wash_part {
    double minutes, heater_on_s, heater_every_s, motor_on_s, motor_every_s, motor_w, motor_var;
} wash_part;

/* Cotton at 40-60 °C: heating up, holding the temperature by short pulses, three rinses, the final spin. */
static const wash_part wash_parts[] = {
    {3, 0, 0, 2, 20, 170, 150},    {12, 720, 720, 9, 15, 180, 160}, {34, 70, 420, 9, 15, 180, 160},
    {9, 0, 0, 8, 20, 185, 165},    {2, 0, 0, 110, 120, 260, 180},   {9, 0, 0, 8, 20, 185, 165},
    {9, 0, 0, 8, 20, 185, 165},    {2, 0, 0, 110, 120, 260, 180},   {3, 0, 0, 170, 180, 330, 220},
    {5, 0, 0, 295, 300, 470, 260},
};

static double wash_one(planner *p, const wash_part *part, int64_t at, double stretch) {
    double length_s = part->minutes * 60 * stretch;
    if (part->heater_every_s > 0)
        for (double t = 5; t < length_s - 60; t += part->heater_every_s)
            add_segment(p, at + (int64_t)(t * 1e6), fmin(part->heater_on_s * stretch, length_s - t),
                        p->habits->washer_heater_w, 0);
    for (double t = 2; t + part->motor_on_s <= length_s; t += part->motor_every_s)
        add_segment(p, at + (int64_t)(t * 1e6), part->motor_on_s, part->motor_w * draw(p, 0.9, 1.1),
                    part->motor_var);
    return length_s;
}

/* About two loads a person and week, more often on weekends. Its pump and valves draw a few W throughout. */
static void plan_washing_machine(planner *p) {
    double chance = 0.13 * p->habits->persons * (p->weekend ? 1.9 : 1);
    if (draw(p, 0, 1) >= fmin(chance, 0.9)) return;
    bool by_day = p->weekend || p->habits->home_at_noon;
    int64_t at = moment(p, by_day ? draw(p, 570, 960) : draw(p, 1090, 1200));
    double stretch = draw(p, 0.8, 1.1), begun_s = 0;
    size_t first = p->plan->n_segments;
    for (size_t i = 0; i < sizeof wash_parts / sizeof *wash_parts; i++)
        begun_s += wash_one(p, &wash_parts[i], at + (int64_t)(begun_s * 1e6), stretch);
    add_segment(p, at, begun_s, 7, 4);
    add_cycle(p, DCL_APPLIANCE_WASHING_MACHINE, first);
}

/* Switched by the meter's off-peak contact; the thermostat ends it once the day's hot water is made good:
 * 1.2 kWh of losses and 1.6 kWh a person, our figures for a 200 l tank. */
static void plan_water_heater(planner *p) {
    const dcl_town_habits *h = p->habits;
    double kwh = (1.2 + 1.6 * h->persons * draw(p, 0.7, 1.3)) * (p->month >= 6 && p->month <= 9 ? 0.8 : 1);
    size_t first = p->plan->n_segments;
    double watt = h->water_heater_w * draw(p, 0.985, 1.015);
    add_segment(p, moment(p, h->night_start) + (int64_t)(draw(p, 0, 4) * 1e6), kwh * 3.6e6 / watt, watt, 0);
    add_cycle(p, DCL_APPLIANCE_WATER_HEATER, first);
}

/* Minutes of the civil day at which lamps are no longer, and again, wanted: sunrise and sunset in Paris on
 * the 15th of each month. Source: the sunrise equation at 48.86° N, 2.35° E, rounded to 5 min. */
static const struct {
    short dawn, dusk;
} daylight[12] = {{520, 1040}, {480, 1090}, {425, 1135}, {420, 1240}, {370, 1285}, {345, 1315},
                  {365, 1310}, {405, 1265}, {445, 1205}, {490, 1140}, {480, 1030}, {520, 1015}};

/* LED lamps with capacitive drivers: leading, so their reactive power is negative. */
static void light(planner *p, double from, double to, double power_w, double reactive_share) {
    if (to <= from + 1) return;
    size_t first = p->plan->n_segments;
    add_segment(p, moment(p, from), (to - from) * 60, power_w, -power_w * reactive_share);
    add_cycle(p, DCL_APPLIANCE_LIGHTS, first);
}

static void plan_lights(planner *p) {
    const dcl_town_habits *h = p->habits;
    double wake = p->weekend ? h->weekend_wake : h->wake, bed = fmin(h->bed + draw(p, -25, 25), 1425);
    double dawn = daylight[p->month - 1].dawn, dusk = daylight[p->month - 1].dusk + draw(p, -15, 15);
    double bath = wake + draw(p, 0, 5), bath_end = wake + draw(p, 12, 30);
    light(p, bath, fmin(bath_end, dawn + 30), 24, 0.55);
    double breakfast = wake + draw(p, 5, 10), breakfast_end = wake + draw(p, 25, 60);
    light(p, breakfast, fmin(breakfast_end, dawn), 36, 0.6);
    double kitchen = fmax(dusk, 1080 + draw(p, 0, 60));
    light(p, kitchen, kitchen + draw(p, 60, 120), 36, 0.6);
    double living = fmax(dusk, 1050 + draw(p, 0, 50)), living_end = bed - draw(p, 0, 20);
    light(p, living, living_end, 58, 0.45);
    double teeth = bed - draw(p, 20, 35), teeth_end = bed - draw(p, 5, 15);
    light(p, teeth, teeth_end, 24, 0.55);
    light(p, fmax(dusk, bed - draw(p, 25, 50)), bed, 14, 0.7);
}

/* The floor: box, television and chargers waiting. It wanders a little by ten minutes. */
static void plan_standby(planner *p) {
    const dcl_town_habits *h = p->habits;
    int64_t start = dcl_zone_day_start(p->zone, p->day), end = dcl_zone_day_start(p->zone, p->day + 1);
    double var = -h->standby_w * sqrt(1 - h->standby_pf * h->standby_pf) / h->standby_pf;
    for (int64_t at = start; at < end; at += 10 * DCL_MINUTE_US)
        add_segment(p, at, fmin(600, (double)(end - at) / 1e6), h->standby_w * draw(p, 0.97, 1.03), var);
}

void dcl_town_plan_day(const dcl_context *context, uint32_t home, size_t index, int64_t day,
                       dcl_town_plan *out) {
    static void (*const plans[TOWN_APPLIANCES])(planner *) = {
        plan_fridge, plan_kettle, plan_washing_machine, plan_water_heater, plan_lights, plan_standby,
    };
    dcl_town_habits habits = dcl_town_habits_of(context->seed, home);
    planner p = {.zone = context->zone,
                 .day = day,
                 .weekend = dcl_weekday(day) >= 5,
                 .month = dcl_date_from_days(day).month,
                 .habits = &habits,
                 .dice = dcl_town_dice(context->seed, home, (int)dcl_town_kinds[index], day),
                 .plan = out};
    out->n_segments = 0;
    out->n_cycles = 0;
    plans[index](&p);
}
