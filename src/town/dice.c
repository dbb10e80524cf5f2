#include "town/town.h"

/* A stream of numbers of its own for each home (32 bits), purpose (8) and day (24). */
dcl_dice dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day) {
    uint64_t stream = (uint64_t)home << 32 | (uint64_t)(purpose & 0xff) << 24 | ((uint64_t)day & 0xffffff);
    dcl_dice dice;
    dice.seed = seed;
    dice.stream = stream;
    dice.block = dice.left = 0;
    return dice;
}

void dcl_dice_refill(dcl_dice *dice) {
    const uint32_t counter[4] = {dice->block, 0, (uint32_t)dice->stream, (uint32_t)(dice->stream >> 32)};
    const uint32_t key[2] = {(uint32_t)dice->seed, (uint32_t)(dice->seed >> 32)};
    dcl_philox(counter, key, dice->word);
    dice->block++;
    dice->left = 4;
}

/* Four uniform draws have a deviation of 1/sqrt(3) about 2. */
double dcl_dice_normal(dcl_dice *dice, double mean, double deviation) {
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += dcl_dice_unit(dice);
    return mean + deviation * 0x1.bb67ae8584caap+0 * (sum - 2);
}
