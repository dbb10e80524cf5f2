#include "town/town.h"

/* What the people of a home do on one civil day: when they are awake at home, and where they eat. */

/* ---------------------------------------------------------------- holidays and second homes */

/* Up to three stretches of holidays a year, most of them in summer; which, the year's dice say. */
static bool on_holiday(const dcl_dwelling *home, const dcl_town_date *date) {
    static const struct {
        double share, from, to; /* of the year's days away; first day of the year it may begin on */
    } parts[3] = {{0.6, 178, 232}, {0.25, 40, 125}, {0.15, 290, 352}};
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_YEARS, date->year);
    for (int i = 0; i < 3; i++) {
        double length = home->away_days * parts[i].share * dcl_dice_between(&dice, 0.5, 1.5);
        double begin = dcl_dice_between(&dice, parts[i].from, parts[i].to);
        if (length >= 2 && date->of_year >= (int)begin && date->of_year < (int)(begin + length)) return true;
    }
    return false;
}

/* Saturdays and Sundays of one weekend agree: they share the dice of their week. */
static bool weekend_elsewhere(const dcl_dwelling *home, const dcl_town_date *date) {
    if (date->weekday < 5) return false;
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_WEEKS, date->day - date->weekday);
    return dcl_dice_chance(&dice, home->weekends);
}

/* A second home: some weekends, more in summer; weeks of the school breaks; July and August most of all. */
static bool second_home_empty(const dcl_dwelling *home, const dcl_town_date *date) {
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_WEEKS, date->day - date->weekday);
    double weekend = dcl_dice_unit(&dice), week = dcl_dice_unit(&dice);
    bool summer = date->month == 7 || date->month == 8, long_break = date->school_break & home->school;
    double lived = home->lived;
    if (week < lived * (summer ? 1.7 : long_break ? 1.1 : lived * 0.6)) return false;
    bool short_stay = date->weekday >= 5 || date->kind == DCL_DAY_HOLIDAY;
    return !(short_stay && weekend < lived * (date->month >= 4 && date->month <= 10 ? 0.9 : 0.5));
}

static bool is_away(const dcl_dwelling *home, const dcl_town_date *date) {
    if (home->lives == DCL_LIFE_SECOND) return second_home_empty(home, date);
    return weekend_elsewhere(home, date) || on_holiday(home, date);
}

/* ---------------------------------------------------------------- the day */

static void stretch(dcl_town_day *day, double from, double to) {
    if (to < from + 10 || day->n_awake == 3) return;
    day->awake[day->n_awake].from = from;
    day->awake[day->n_awake++].to = to;
}

/* Back from the night's work: some hours of the morning, sleep until after noon, errands, leaving again in the evening. */
static void night_worker_day(const dcl_dwelling *home, dcl_dice *dice, bool worked, bool goes,
                             dcl_town_day *day) {
    double back = dcl_dice_normal(dice, home->back, 15), bed = back + dcl_dice_between(dice, 50, 150);
    double up = dcl_dice_normal(dice, 830, 45), out = dcl_dice_normal(dice, home->leave, 15);
    double wake = dcl_dice_normal(dice, home->wake, 25), sleep = dcl_dice_normal(dice, home->bed, 30);
    double errand = dcl_dice_between(dice, 870, 1080), errand_for = dcl_dice_between(dice, 45, 240);
    double begin = worked ? up : wake, end = goes ? out : sleep;
    if (worked) stretch(day, back, bed);
    if (!dcl_dice_chance(dice, home->errand) || errand < begin + 20) errand = end;
    stretch(day, begin, errand < end ? errand : end);
    stretch(day, errand + errand_for, end);
}

/* Whether the night that begins on this day is worked: the first draw of the day's own dice. */
static bool works_at_night(const dcl_dwelling *home, const dcl_town_date *date) {
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_DAYS, date->day);
    return dcl_dice_chance(&dice, home->nights * (date->kind == DCL_DAY_WORKING ? 1 : 0.35));
}

static void usual_day(const dcl_dwelling *home, dcl_dice *dice, dcl_town_day *day) {
    double stray = home->wander * (day->free ? 1.6 : 1);
    double wake = dcl_dice_normal(dice, home->wake, 18 * stray),
           bed = dcl_dice_normal(dice, home->bed, 27 * stray);
    double late = dcl_dice_between(dice, 0.4, 1.4), leave = dcl_dice_normal(dice, home->leave, 16 * stray);
    double back = dcl_dice_normal(dice, home->back, 40 * stray), errand = dcl_dice_between(dice, 555, 960);
    double errand_for = dcl_dice_between(dice, 45, 240), evening = dcl_dice_unit(dice),
           night = dcl_dice_between(dice, 120, 270);
    double chance = home->out * (day->date->weekday < 5 ? home->at_work[day->date->weekday] : 1);
    bool at_work = !day->free && dcl_dice_chance(dice, chance),
         goes_out = dcl_dice_chance(dice, home->errand);
    if (day->free) wake += home->later * late;
    if (bed < wake + 300) bed = wake + 300;
    double out = at_work ? leave : errand, in = at_work ? back : errand + errand_for, again = bed;
    if (!at_work && !(goes_out && errand > wake + 20)) out = in = wake;
    if (evening < home->evenings) { /* out again, or not back before */
        double at = 1125 + 200 * (evening / home->evenings);
        if (at < in)
            in += night;
        else if (at < bed)
            again = at;
    }
    stretch(day, wake, out);
    stretch(day, in, again);
    if (again < bed) stretch(day, again + night, bed);
}

/* Meals at home: breakfast on waking, the others where somebody is in, dinner also some time after coming back. */
static void set_meals(const dcl_dwelling *home, dcl_dice *dice, dcl_town_day *day) {
    double first = dcl_dice_between(dice, 4, 25),
           lunch = dcl_dice_normal(dice, home->lunch, 22 * home->wander);
    double dinner = dcl_dice_normal(dice, home->dinner, 31 * home->wander),
           soon = dcl_dice_between(dice, 15, 55);
    bool noon = dcl_dice_chance(dice, home->noon * (1.8 - 0.8 * home->noon)),
         cooks = dcl_dice_chance(dice, 0.55 + 0.45 * home->cooks);
    day->breakfast = day->lunch = day->dinner = -1;
    if (!day->n_awake) return;
    day->breakfast = day->awake[0].from + first;
    if (noon && dcl_town_is_awake(day, lunch)) day->lunch = lunch;
    if (!cooks) return;
    if (dcl_town_is_awake(day, dinner))
        day->dinner = dinner;
    else if (day->awake[day->n_awake - 1].from > dinner && day->awake[day->n_awake - 1].from < 1330)
        day->dinner = day->awake[day->n_awake - 1].from + soon;
}

void dcl_town_day_of(const dcl_dwelling *home, const dcl_town_date *date, dcl_town_day *out) {
    dcl_dice dice = dcl_town_dice(home->seed, home->home, DCL_TOWN_DAYS, date->day);
    dice.kernels = home->kernels;
    bool tonight = dcl_dice_chance(&dice, home->nights * (date->kind == DCL_DAY_WORKING ? 1 : 0.35));
    *out = (dcl_town_day){.date = date, .free = date->kind != DCL_DAY_WORKING};
    bool children = home->lives == DCL_LIFE_FAMILY;
    if (children && (date->school_break & home->school)) out->free = out->free || dcl_dice_chance(&dice, 0.4);
    out->away = is_away(home, date);
    if (!out->away) {
        bool worked = home->nights > 0 && works_at_night(home, date - 1); /* dates are in a row */
        if (home->nights > 0 && (worked || tonight))
            night_worker_day(home, &dice, worked, tonight, out);
        else
            usual_day(home, &dice, out);
    }
    if (out->n_awake) {
        out->wake = out->awake[0].from;
        out->bed = out->awake[out->n_awake - 1].to;
    }
    set_meals(home, &dice, out);
}
