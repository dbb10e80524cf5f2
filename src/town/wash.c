#include "town/town.h"

/* Laundry: the washing machine, and the dryer that follows it. */

/* A part of a washing programme: the heater and the drum's motor each run `on` of every `every` seconds. */
typedef struct wash_part {
    double minutes, heater_on_s, heater_every_s, motor_on_s, motor_every_s, motor_w, motor_var;
} wash_part;

/* Cotton at 40-60 °C: heating up, holding the temperature by short pulses, three rinses, the final spin. */
static const wash_part parts[] = {
    {3, 0, 0, 2, 20, 170, 150},    {12, 720, 720, 9, 15, 180, 160}, {34, 70, 420, 9, 15, 180, 160},
    {9, 0, 0, 8, 20, 185, 165},    {2, 0, 0, 110, 120, 260, 180},   {9, 0, 0, 8, 20, 185, 165},
    {9, 0, 0, 8, 20, 185, 165},    {2, 0, 0, 110, 120, 260, 180},   {3, 0, 0, 170, 180, 330, 220},
    {5, 0, 0, 295, 300, 470, 260},
};
enum { PARTS = sizeof parts / sizeof *parts, WASH_MINUTES = 88 };

static double wash_part_of(dcl_planner *p, const wash_part *part, int64_t at, double stretch, double heat) {
    double length_s = part->minutes * 60 * stretch, motor = part->motor_w * dcl_plan_draw(p, 0.92, 1.08);
    if (part->heater_every_s > 0)
        dcl_plan_pulses(p, at + 5 * DCL_SECOND_US, length_s - 60, part->heater_on_s * stretch * heat,
                        part->heater_every_s * stretch, p->home->washer_heater_w, 0);
    dcl_plan_pulses(p, at + 2 * DCL_SECOND_US, length_s - 2, part->motor_on_s, part->motor_every_s, motor,
                    part->motor_var);
    return length_s;
}

/* About a load a person every five days, more on free days; the second of a day follows the first. On a red day of Tempo most
 * of it waits. */
int dcl_town_loads(const dcl_dwelling *home, const dcl_town_day *day, double minute[2]) {
    if (!day->n_awake) return 0;
    dcl_dice dice = dcl_town_dice(home->seed, home->home, (int)DCL_APPLIANCE_WASHING_MACHINE, day->date->day);
    double chance = home->wash_loads * (0.8 + 0.6 * home->persons) * (day->free ? 1.7 : 0.85);
    if (home->tariff == 2 && day->date->colour == 2) chance *= DCL_TOWN_RED_LAUNDRY;
    double first = dcl_dice_unit(&dice), second = dcl_dice_unit(&dice), where = dcl_dice_unit(&dice);
    double night = dcl_dice_between(&dice, 1, 30), spread = dcl_dice_unit(&dice);
    if (first >= (chance < 0.85 ? chance : 0.85)) return 0;
    int at = day->n_awake > 1 && where > 0.4 ? day->n_awake - 1 : 0;
    double from = day->awake[at].from + 10, to = day->awake[at].to - 100;
    minute[0] = to > from ? from + (to - from) * spread : from;
    if (home->tariff && home->vehicle_at_night && where > 0.5) minute[0] = home->night_start + night;
    minute[1] = minute[0] + WASH_MINUTES + 25 * spread;
    return second < chance * 0.35 ? 2 : 1;
}

/* Its pump and valves draw a few W throughout. */
void dcl_plan_washing_machine(dcl_planner *p) {
    double minute[2];
    int n = dcl_town_loads(p->home, p->day, minute);
    for (int k = 0; k < 6; k++) (void)dcl_dice_unit(p->dice); /* those that dcl_town_loads() has taken */
    for (int k = 0; k < n; k++) {
        int64_t at = dcl_plan_moment(p, minute[k]);
        double stretch = dcl_plan_draw(p, 0.8, 1.1), heat = dcl_plan_draw(p, 0.55, 1), begun_s = 0;
        size_t first = p->plan->n_segments;
        for (size_t i = 0; i < PARTS; i++)
            begun_s += wash_part_of(p, &parts[i], at + (int64_t)(begun_s * 1e6), stretch, heat);
        dcl_plan_add(p, at, begun_s, 7, 4);
        dcl_plan_cycle(p, first);
    }
}

/* Half an hour after the wash: a drum of 200 W, and a heater by its thermostat or a compressor throughout. */
void dcl_plan_dryer(dcl_planner *p) {
    double minute[2];
    int n = dcl_town_loads(p->home, p->day, minute);
    bool summer = p->day->date->month >= 5 && p->day->date->month <= 9;
    for (int k = 0; k < n; k++) {
        double length_s = dcl_plan_draw(p, 3000, 6000),
               watt = p->home->dryer_w * dcl_plan_draw(p, 0.98, 1.02);
        if (!dcl_plan_chance(p, summer ? 0.6 : 0.95)) continue;
        int64_t at = dcl_plan_moment(p, minute[k] + WASH_MINUTES * 1.1 + dcl_plan_draw(p, 5, 40));
        size_t first = p->plan->n_segments;
        dcl_plan_add(p, at, length_s, 200, 140);
        if (p->home->pump_dryer)
            dcl_plan_add(p, at + 20 * DCL_SECOND_US, length_s * 1.2, watt, watt * 0.45);
        else {
            dcl_plan_add(p, at + 20 * DCL_SECOND_US, length_s * 0.6, watt, 0);
            dcl_plan_pulses(p, at + (int64_t)(length_s * 0.6e6) + 60 * DCL_SECOND_US, length_s * 0.4 - 300,
                            100, 160, watt, 0);
        }
        dcl_plan_cycle(p, first);
    }
}

/* Once or twice a week, by day. */
void dcl_plan_vacuum(dcl_planner *p) {
    double chance = p->day->free ? 0.42 : 0.24, watt = p->home->vacuum_w * dcl_plan_draw(p, 0.95, 1.02);
    if (!p->day->n_awake || !dcl_plan_chance(p, chance)) return;
    double minute = dcl_plan_near(p, 660, 120, 400);
    if (minute < 0) return;
    size_t first = p->plan->n_segments;
    dcl_plan_add(p, dcl_plan_moment(p, minute), dcl_plan_draw(p, 500, 2000), watt, watt * 0.2);
    dcl_plan_cycle(p, first);
}
