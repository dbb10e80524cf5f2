#include "town/town.h"

/* A stream of numbers of its own for each home (32 bits), purpose (8) and day (24). */
static void begin(dcl_dice *dice, const dcl_kernels *kernels, uint64_t seed, uint32_t home, int purpose,
                  int64_t day) {
    dice->kernels = kernels;
    dice->seed = seed;
    dice->stream = (uint64_t)home << 32 | (uint64_t)(purpose & 0xff) << 24 | ((uint64_t)day & 0xffffff);
    dice->block = dice->next = dice->made = 0;
}

dcl_dice dcl_town_dice(uint64_t seed, uint32_t home, int purpose, int64_t day) {
    dcl_dice dice;
    begin(&dice, NULL, seed, home, purpose, day);
    return dice;
}

void dcl_town_throw(const dcl_dwelling *home, int64_t day, const dcl_appliance *kind, size_t n,
                    dcl_dice *dice) {
    for (size_t i = 0; i < n; i++) {
        begin(&dice[i], home->kernels, home->seed, home->home, (int)kind[i], day);
        dcl_dice_refill(&dice[i]);
    }
}

void dcl_dice_refill(dcl_dice *dice) {
    uint32_t blocks = 1;
    if (dice->kernels) {
        dice->kernels->philox_u32(dice->seed, dice->stream, dice->block, dice->word);
        blocks = DCL_PHILOX_BLOCKS;
    } else {
        const uint32_t counter[4] = {dice->block, 0, (uint32_t)dice->stream, (uint32_t)(dice->stream >> 32)};
        const uint32_t key[2] = {(uint32_t)dice->seed, (uint32_t)(dice->seed >> 32)};
        dcl_philox(counter, key, dice->word);
    }
    dice->block += blocks;
    dice->next = 0;
    dice->made = 4 * blocks;
}

/* Four uniform draws have a deviation of 1/sqrt(3) about 2. */
double dcl_dice_normal(dcl_dice *dice, double mean, double deviation) {
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += dcl_dice_unit(dice);
    return mean + deviation * 0x1.bb67ae8584caap+0 * (sum - 2);
}
