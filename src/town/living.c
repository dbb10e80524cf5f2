#include <math.h>

#include "town/town.h"

/* Lamps, screens, and what waits. */

static inline double sooner(double a, double b) {
    return a < b ? a : b;
}
static inline double later(double a, double b) {
    return a > b ? a : b;
}

/* Minutes of the civil day at which lamps are no longer, and again, wanted: sunrise and sunset in Paris on
 * the 15th of each month. Source: the sunrise equation at 48.86° N, 2.35° E, rounded to 5 min. */
static const struct {
    short dawn, dusk;
} daylight[12] = {{520, 1040}, {480, 1090}, {425, 1135}, {420, 1240}, {370, 1285}, {345, 1315},
                  {365, 1310}, {405, 1265}, {445, 1205}, {490, 1140}, {480, 1030}, {520, 1015}};

/* LED lamps with capacitive drivers: leading, so their reactive power is negative. */
static void light(dcl_planner *p, double from, double to, double power_w, double reactive_share) {
    if (to <= from + 1) return;
    size_t first = p->plan->n_segments;
    power_w *= p->home->lights;
    dcl_plan_add(p, dcl_plan_moment(p, from), (to - from) * 60, power_w, -power_w * reactive_share);
    dcl_plan_cycle(p, first);
}

/* A room lit while it is dark and somebody is in, from `from` to `to` at most. */
static void room(dcl_planner *p, double from, double to, double power_w, double reactive_share) {
    double dawn = daylight[p->day->date->month - 1].dawn, dusk = daylight[p->day->date->month - 1].dusk;
    double blur = dcl_plan_draw(p, -15, 15);
    for (int i = 0; i < p->day->n_awake; i++) {
        double begin = later(from, p->day->awake[i].from), end = sooner(to, p->day->awake[i].to);
        light(p, begin, sooner(end, dawn + blur), power_w, reactive_share);
        light(p, later(begin, dusk + blur), end, power_w, reactive_share);
    }
}

void dcl_plan_lights(dcl_planner *p) {
    const dcl_town_day *day = p->day;
    for (int i = 0; i < day->n_awake; i++) {
        double up = day->awake[i].from, bed = day->awake[i].to, bath = dcl_plan_draw(p, 0, 5);
        double bath_end = dcl_plan_draw(p, 12, 30), teeth = dcl_plan_draw(p, 20, 35),
               teeth_end = dcl_plan_draw(p, 5, 15);
        light(p, up + bath, up + bath_end, 24, 0.55);
        light(p, bed - teeth, bed - teeth_end, 24, 0.55);
        room(p, bed - dcl_plan_draw(p, 25, 50), bed, 14, 0.7);
    }
    if (day->breakfast >= 0) room(p, day->breakfast, day->breakfast + dcl_plan_draw(p, 20, 60), 36, 0.6);
    if (day->dinner >= 0)
        room(p, day->dinner - dcl_plan_draw(p, 20, 50), day->dinner + dcl_plan_draw(p, 30, 80), 36, 0.6);
    room(p, dcl_plan_chance(p, 0.4) ? 0 : 720, 1500, 32, 0.45);
    if (p->home->persons > 2)
        room(p, dcl_plan_draw(p, 960, 1080), day->bed - dcl_plan_draw(p, 20, 90), 26, 0.6);
}

/* Sessions of an hour and more that add up, over many days, to the hours a day that the home watches. */
static void sessions(dcl_planner *p, double hours, double power_w, double reactive_share) {
    double left = hours * dcl_plan_draw(p, 0.4, 1.6) * 60;
    for (int k = 0; k < 4 && left > 12 && p->day->n_awake; k++) {
        double length = dcl_plan_draw(p, 35, 180);
        bool late = !dcl_plan_chance(p, p->home->by_day);
        double at = late ? dcl_plan_near(p, 1170, 80, 300) : dcl_plan_any(p);
        double watt = power_w * dcl_plan_draw(p, 0.92, 1.08);
        if (length > left) length = left;
        left -= length;
        for (int i = 0; i < p->day->n_awake; i++) {
            double from = p->day->awake[i].from, to = p->day->awake[i].to;
            if (at >= from && at < to && at + length > to) length = to - at;
        }
        if (at < 0 || length < 5) continue;
        size_t first = p->plan->n_segments;
        dcl_plan_add(p, dcl_plan_moment(p, at), length * 60, watt, -watt * reactive_share);
        dcl_plan_cycle(p, first);
    }
}

void dcl_plan_television(dcl_planner *p) {
    sessions(p, p->home->television_h * (p->day->free ? 1.2 : 1), p->home->television_w, 0.3);
}

void dcl_plan_computer(dcl_planner *p) {
    sessions(p, p->home->computer_h, p->home->computer_w, 0.45);
}

/* The floor: box, ventilation, televisions and chargers waiting. It wanders a little by the hour. */
void dcl_plan_standby(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    const dcl_town_date *date = p->day->date;
    bool off = p->day->away && h->life == DCL_LIFE_SECOND;
    double watt = h->standby_w * (off ? 0.6 : 1), pf = h->standby_pf;
    double var = -watt * sqrt(1 - pf * pf) / pf;
    double planted = h->plant.always_w + (date->day >= h->plant.left_on_day ? h->plant.left_on_w : 0);
    for (int64_t at = date->start_us; at < date->end_us; at += DCL_HOUR_US) {
        double here = watt * dcl_plan_draw(p, 0.96, 1.04) + planted;
        dcl_plan_add(p, at, sooner(3600, (double)(date->end_us - at) / 1e6), here, var);
    }
}
