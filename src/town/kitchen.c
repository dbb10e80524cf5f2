#include "town/town.h"

/* What is switched on at meals and between them. Ratings are typical nameplates, times ours. */

static void boil(dcl_planner *p, double minute) {
    if (minute < 0) return;
    size_t first = p->plan->n_segments;
    double seconds = dcl_plan_draw(p, 80, 260), watt = p->home->kettle_w * dcl_plan_draw(p, 0.985, 1.015);
    dcl_plan_add(p, dcl_plan_moment(p, minute), seconds, watt, 0);
    dcl_plan_cycle(p, first);
}

/* One at breakfast, the rest when somebody is at home. */
void dcl_plan_kettle(dcl_planner *p) {
    if (p->day->breakfast < 0) return;
    if (dcl_plan_chance(p, p->home->has_coffee ? 0.6 : 0.9)) boil(p, p->day->breakfast);
    if (dcl_plan_chance(p, 0.35)) boil(p, dcl_plan_near(p, 650, 25, 20));
    if (dcl_plan_chance(p, 0.5)) boil(p, dcl_plan_near(p, 970, 35, 20));
    if (dcl_plan_chance(p, 0.4)) boil(p, dcl_plan_near(p, 1255, 30, 30));
}

/* A cup: half a minute of heating, a minute of brewing; the hot plate of some goes on by pulses. */
static void brew(dcl_planner *p, double minute) {
    if (minute < 0) return;
    size_t first = p->plan->n_segments;
    double watt = p->home->coffee_w * dcl_plan_draw(p, 0.97, 1.03), cups = dcl_plan_draw(p, 1, 2.9);
    int64_t at = dcl_plan_moment(p, minute);
    dcl_plan_add(p, at, 35 + 45 * cups, watt, 0);
    dcl_plan_pulses(p, at + 200 * DCL_SECOND_US, dcl_plan_draw(p, 300, 1500), 9, 75, watt * 0.8, 0);
    dcl_plan_cycle(p, first);
}

void dcl_plan_coffee(dcl_planner *p) {
    if (p->day->breakfast < 0) return;
    if (dcl_plan_chance(p, 0.9)) brew(p, p->day->breakfast + dcl_plan_draw(p, 0, 6));
    if (p->day->lunch >= 0 && dcl_plan_chance(p, 0.75)) brew(p, p->day->lunch + dcl_plan_draw(p, 35, 55));
    if (dcl_plan_chance(p, 0.3)) brew(p, dcl_plan_near(p, 960, 40, 10));
}

static void warm(dcl_planner *p, double minute, double longest_s) {
    size_t first = p->plan->n_segments;
    double seconds = dcl_plan_draw(p, 50, longest_s),
           watt = p->home->microwave_w * dcl_plan_draw(p, 0.98, 1.02);
    dcl_plan_add(p, dcl_plan_moment(p, minute), seconds, watt, watt * 0.25);
    dcl_plan_cycle(p, first);
}

void dcl_plan_microwave(dcl_planner *p) {
    const dcl_town_day *day = p->day;
    if (day->breakfast >= 0 && dcl_plan_chance(p, 0.35))
        warm(p, day->breakfast + dcl_plan_draw(p, 0, 10), 110);
    if (day->lunch >= 0 && dcl_plan_chance(p, 0.45)) warm(p, day->lunch + dcl_plan_draw(p, -5, 5), 320);
    if (day->dinner >= 0 && dcl_plan_chance(p, 0.4)) warm(p, day->dinner + dcl_plan_draw(p, -10, 10), 360);
}

/* Full power until it is hot, then the thermostat's pulses. */
static void bake(dcl_planner *p, double minute) {
    size_t first = p->plan->n_segments;
    double watt = p->home->oven_w * dcl_plan_draw(p, 0.98, 1.02), hot_s = dcl_plan_draw(p, 380, 720);
    double length_s = dcl_plan_draw(p, 900, 3600), on_s = dcl_plan_draw(p, 50, 80);
    int64_t at = dcl_plan_moment(p, minute);
    dcl_plan_add(p, at, hot_s, watt, 0);
    dcl_plan_pulses(p, at + (int64_t)((hot_s + 120) * 1e6), length_s, on_s, 235, watt, 0);
    dcl_plan_add(p, at, hot_s + length_s, 28, 12);
    dcl_plan_cycle(p, first);
}

void dcl_plan_oven(dcl_planner *p) {
    double chance = (p->day->free ? 0.52 : 0.3) * (0.6 + 0.1 * p->home->persons);
    if (p->day->dinner >= 0 && dcl_plan_chance(p, chance)) bake(p, p->day->dinner - dcl_plan_draw(p, 25, 60));
    if (p->day->lunch >= 0 && dcl_plan_chance(p, chance * 1.2))
        bake(p, p->day->lunch - dcl_plan_draw(p, 30, 65));
}

/* A ring: full for some minutes, then by pulses, long ones under glass and short ones by induction. */
static void ring(dcl_planner *p, double minute, double length_s) {
    double watt = p->home->hob_w * dcl_plan_draw(p, 0.75, 1.1), full_s = dcl_plan_draw(p, 180, 420);
    double part = dcl_plan_draw(p, 0.35, 0.75);
    bool induction = p->home->hob == DCL_HOB_INDUCTION;
    double every_s = induction ? 6 : dcl_plan_draw(p, 30, 50), var = induction ? watt * 0.15 : 0;
    int64_t at = dcl_plan_moment(p, minute);
    if (full_s > length_s) full_s = length_s;
    dcl_plan_add(p, at, full_s, watt, var);
    dcl_plan_pulses(p, at + (int64_t)(full_s * 1e6), length_s - full_s, every_s * part, every_s, watt, var);
}

static void cook(dcl_planner *p, double minute, double least_s, double most_s) {
    size_t first = p->plan->n_segments;
    ring(p, minute, dcl_plan_draw(p, least_s, most_s));
    if (p->home->persons > 1 && dcl_plan_chance(p, 0.55))
        ring(p, minute + dcl_plan_draw(p, 2, 15), dcl_plan_draw(p, least_s, most_s));
    dcl_plan_cycle(p, first);
}

void dcl_plan_hob(dcl_planner *p) {
    const dcl_town_day *day = p->day;
    if (p->home->hob == DCL_HOB_GAS) return;
    if (day->lunch >= 0 && dcl_plan_chance(p, 0.95))
        cook(p, day->lunch - dcl_plan_draw(p, 15, 35), 480, 2100);
    if (day->dinner >= 0 && dcl_plan_chance(p, 0.78))
        cook(p, day->dinner - dcl_plan_draw(p, 15, 40), 480, 2100);
}

/* Two heatings, a pump throughout. Where nights are cheaper, many set it to begin then. */
void dcl_plan_dishwasher(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    double chance = 0.2 + 0.15 * h->persons, night = dcl_plan_draw(p, 1, 40),
           late = dcl_plan_draw(p, 40, 100);
    if (p->day->away || p->day->breakfast < 0 || !dcl_plan_chance(p, chance < 0.92 ? chance : 0.92)) return;
    bool after_noon = dcl_plan_chance(p, 0.3);
    double minute =
        p->day->dinner >= 0 && !after_noon ? p->day->dinner + late : dcl_plan_near(p, 840, 90, 600);
    if (h->tariff && h->vehicle_at_night) minute = h->night_start + night;
    if (minute < 0) return;
    size_t first = p->plan->n_segments;
    double watt = h->dish_w * dcl_plan_draw(p, 0.98, 1.02), warm_s = dcl_plan_draw(p, 720, 1200);
    double rinse_s = dcl_plan_draw(p, 540, 1080), length_s = dcl_plan_draw(p, 5400, 8400);
    int64_t at = dcl_plan_moment(p, minute);
    dcl_plan_add(p, at, length_s, 55, 35);
    dcl_plan_add(p, at + 420 * DCL_SECOND_US, warm_s, watt, 0);
    dcl_plan_add(p, at + (int64_t)(length_s * 0.58e6), rinse_s, watt, 0);
    dcl_plan_cycle(p, first);
}
