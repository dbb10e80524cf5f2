#include "town/town.h"

/* A stream of numbers of its own for each home (32 bits), purpose (8) and day (24). */
dcl_dice dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day) {
    uint64_t stream = (uint64_t)home << 32 | (uint64_t)(purpose & 0xff) << 24 | ((uint64_t)day & 0xffffff);
    return (dcl_dice){.seed = seed, .stream = stream};
}

double dcl_dice_unit(dcl_dice *dice) {
    if (!dice->left) {
        const uint32_t counter[4] = {dice->block++, 0, (uint32_t)dice->stream,
                                     (uint32_t)(dice->stream >> 32)};
        const uint32_t key[2] = {(uint32_t)dice->seed, (uint32_t)(dice->seed >> 32)};
        dcl_philox(counter, key, dice->word);
        dice->left = 4;
    }
    return dice->word[4 - dice->left--] * 0x1p-32;
}

double dcl_dice_between(dcl_dice *dice, double low, double high) {
    return low + (high - low) * dcl_dice_unit(dice);
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
