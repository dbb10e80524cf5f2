#include "town/town.h"

/* Who lives there: drawn once a home from its own dice, so that every day of it agrees. */

/* A stream of numbers of its own for each home (32 bits), purpose (8) and day (24). */
dcl_rng dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day) {
    uint64_t stream = (uint64_t)home << 32 | (uint64_t)(purpose & 0xff) << 24 | ((uint64_t)day & 0xffffff);
    return (dcl_rng){.seed = seed, .stream = stream};
}

double dcl_town_draw(dcl_rng *dice, double low, double high) {
    return low + (high - low) * dcl_rng_uniform(dice);
}

dcl_town_habits dcl_town_habits_of(uint64_t seed, uint32_t home) {
    dcl_rng dice = dcl_town_dice(seed, home, DCL_TOWN_HABITS, 0);
    dcl_town_habits h = {0};
    h.persons = 1 + (int)dcl_town_draw(&dice, 0, 4);
    h.wake = dcl_town_draw(&dice, 370, 440);
    h.weekend_wake = h.wake + dcl_town_draw(&dice, 60, 130);
    h.bed = dcl_town_draw(&dice, 1330, 1400);
    h.home_at_noon = dcl_town_draw(&dice, 0, 1) < 0.35;
    h.night_start = 1350; /* 22:30 */
    h.standby_w = dcl_town_draw(&dice, 35, 75);
    h.standby_pf = dcl_town_draw(&dice, 0.5, 0.7);
    h.fridge_w = dcl_town_draw(&dice, 70, 115);
    h.fridge_cycle_s = dcl_town_draw(&dice, 2300, 3400);
    h.fridge_duty = dcl_town_draw(&dice, 0.3, 0.45);
    h.kettle_w = dcl_town_draw(&dice, 1850, 2250);
    h.water_heater_w = 2200 * dcl_town_draw(&dice, 0.97, 1.03);
    h.washer_heater_w = dcl_town_draw(&dice, 1800, 2050);
    return h;
}
