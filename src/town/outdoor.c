#include "base/math.h"
#include "town/town.h"

/* Hot water, the car and the roof: what follows the tariff's hours or the sun. */

/* Hot water that people take on a day, as a part of the usual one, and whether the tank leaves it for the next night. */
static double water_of(const dcl_dwelling *home, int64_t day, bool *waits) {
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_WATER, day);
    *waits = dcl_dice_chance(&dice, home->tank_patient);
    return dcl_exp(dcl_dice_normal(&dice, -0.09, 0.42)); /* its mean is 1 */
}

/* What the tank makes good tonight: the day's, and that of the `days` - 1 before it which waited. */
static double water_due(const dcl_dwelling *home, int64_t day, int *days) {
    bool waits;
    double due = water_of(home, day, &waits);
    *days = waits ? 0 : 1;
    for (int k = 1; *days && k < 4; k++, ++*days) {
        double before = water_of(home, day - k, &waits);
        if (!waits) break;
        due += before;
    }
    return due;
}

/*
 * The tank makes good the day's hot water once the meter's contact lets it: with off-peak hours at their first minute or, by a clock
 * of its own, some time later; the part that noon has room for at noon. Without such hours the thermostat answers after the morning
 * and after the evening.
 */
void dcl_plan_water_heater(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    bool summer = p->day->date->month >= 6 && p->day->date->month <= 9;
    double usual = p->day->away ? 0 : (1.4 + 0.38 * h->persons) * h->litre_kwh * (summer ? 0.76 : 1);
    int days;
    double due = water_due(h, p->day->date->day, &days),
           kwh = days ? h->tank_loss_kwh * days + usual * due : 0;
    double watt = h->tank_w * dcl_plan_draw(p, 0.985, 1.015), late_s = dcl_plan_draw(p, 0, 4);
    if (p->day->away && h->tank_off_away) return;
    double minute[2] = {h->night_start + h->tank_late, h->noon_start},
           part[2] = {h->noon_start < 0 ? 1 : 0.62, 0.38};
    if (!h->tariff) {
        double evening = dcl_plan_draw(p, 0, 300), morning = dcl_plan_draw(p, 15, 240);
        minute[0] = p->day->dinner >= 0 ? p->day->dinner + evening : 1290;
        minute[1] = p->day->n_awake ? p->day->wake + morning : 500;
        part[0] = 0.55, part[1] = 0.45;
    }
    if (h->plant.tank_minute) {
        minute[0] = h->plant.tank_minute, minute[1] = -1;
        part[0] = 1;
    }
    for (int k = 0; k < 2; k++) {
        double seconds = kwh * part[k] * 3.6e6 / watt;
        if (minute[k] < 0 || seconds > 6.5 * 3600) seconds = minute[k] < 0 ? 0 : 6.5 * 3600;
        size_t first = p->plan->n_segments;
        dcl_plan_add(p, dcl_plan_moment(p, minute[k]) + (int64_t)(late_s * 1e6), seconds, watt, 0);
        dcl_plan_cycle(p, first);
    }
}

/* Every few days, when the car is home again or when the night's hours begin. */
void dcl_plan_vehicle(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    double kwh = h->vehicle_kwh * dcl_plan_draw(p, 0.5, 1.6), soon = dcl_plan_draw(p, 5, 40);
    if (!p->day->n_awake || !dcl_plan_chance(p, 1 / h->vehicle_days)) return;
    if (h->tariff == 2 && p->day->date->colour == 2 && dcl_plan_chance(p, DCL_TOWN_RED_HEATING)) return;
    double back = p->day->awake[p->day->n_awake - 1].from;
    double minute = h->vehicle_at_night ? h->night_start + soon / 8 : back > 900 ? back + soon : 1080 + soon;
    double full_s = kwh * 3.4e6 / h->vehicle_w;
    int64_t at = dcl_plan_moment(p, minute);
    size_t first = p->plan->n_segments;
    dcl_plan_add(p, at, full_s, h->vehicle_w, h->vehicle_w * 0.08);
    dcl_plan_add(p, at + (int64_t)(full_s * 1e6), 600, h->vehicle_w * 0.55, h->vehicle_w * 0.05);
    dcl_plan_add(p, at + (int64_t)(full_s * 1e6) + 600 * DCL_SECOND_US, 600, h->vehicle_w * 0.25,
                 h->vehicle_w * 0.04);
    dcl_plan_cycle(p, first);
}

/*
 * Panels facing south at 30 degrees near 47° N: the sun's height by the day and the hour, less what clouds hold back, in steps
 * of ten minutes. Source: declination -23.44° cos(360°(d + 10)/365); solar noon at 12:50 UTC+1 (France's middle).
 */
void dcl_plan_solar(dcl_planner *p) {
    const dcl_town_date *date = p->day->date;
    const double turn = 6.283185307179586, tilt = 0.5236, north = 0.8203;
    double declination = -0.40910 * dcl_cos(turn * (date->of_year + 10) / 365.25);
    double sin_d = dcl_sin(declination), cos_d = dcl_cos(declination);
    double high = dcl_sin(north - tilt) * sin_d, wide = dcl_cos(north - tilt) * cos_d;
    double flat = dcl_sin(north) * sin_d, flat_wide = dcl_cos(north) * cos_d, cloud = (double)date->cloud;
    size_t first = p->plan->n_segments;
    for (int minute = 240; minute < 1320; minute += 10) {
        double angle = turn * (minute + 5 - 740 - (date->month > 3 && date->month < 11 ? 60 : 0)) / 1440;
        double cosine = dcl_cos(angle), through = 1 - 0.78 * cloud * dcl_plan_draw(p, 0.75, 1.25);
        double watt = p->home->solar_w * 0.86 * (high + wide * cosine) * (through > 0.08 ? through : 0.08);
        if (flat + flat_wide * cosine > 0.02 && watt > 1)
            dcl_plan_add(p, dcl_plan_moment(p, minute), 600, -watt, 0);
    }
    dcl_plan_cycle(p, first);
}
