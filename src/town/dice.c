#include "town/town.h"

/* A stream of numbers of its own for each home (32 bits), purpose (8) and day (24). */
dcl_dice dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day) {
    uint64_t stream = (uint64_t)home << 32 | (uint64_t)(purpose & 0xff) << 24 | ((uint64_t)day & 0xffffff);
    return (dcl_dice){.seed = seed, .stream = stream};
}

bool dcl_dice_chance(dcl_dice *dice, double chance) {
    return dcl_dice_unit(dice) < chance;
}

/* Four uniform draws have a deviation of 1/sqrt(3) about 2. */
double dcl_dice_normal(dcl_dice *dice, double mean, double deviation) {
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += dcl_dice_unit(dice);
    return mean + deviation * 0x1.bb67ae8584caap+0 * (sum - 2);
}
