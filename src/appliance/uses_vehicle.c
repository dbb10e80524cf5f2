#include "appliance/uses.h"

#include <math.h>

/* A vehicle that charges: blocks of hours at one high power, whatever the season. */

/* A block of a vehicle: W, kWh, and how much of its length it must be at its level. A charge point gives 3.7 or 7.4 kW, a
 * socket 2.3: below 2.5 kW it is like any heater. */
static const double LEAST_W = 2500, LEAST_KWH = 3, FILLED = 0.6, LEAST_H = 0.6;
/* Blocks of one home are alike: so many of at least so many within so much of the usual level. */
enum { BLOCKS = 3, DAYS_LEAST = 10 };
static const double ALIKE = 0.2, MOST = 0.6;
/* Where no year tells a vehicle from full evenings, more is asked: the power of a reinforced socket (14 A) or a charge point too. */
static const double STRICTLY_ALIKE = 0.1, STRICTLY_MOST = 0.75, STRICT_DAY_KWH = 3, STRICT_LEAST_W = 3100;
/* 8 km a day at least: what takes less is now and then a party or a painter's heater, kWh. */
static const double DAY_KWH = 1.5;
/* A car comes home once a day at most, and seldom empty every day: what takes more blocks than so many a day heats water, or rooms. */
static const double MOST_A_DAY = 0.95;
/* A half of the year speaks from so many days on; a use is seasonal where one takes so many times the other, a day. */
enum { SEASON_DAYS = 30 };
static const double SEASON_RATIO = 2;

/* What blocks take in the cold half of the year (1) and in the other (0), and how many whole days each has. */
typedef struct halves {
    double kwh[2];
    int days[2];
} halves;

typedef struct vehicle_blocks {
    dcl_use_block *block;
    float *level;
    size_t n, room;
} vehicle_blocks;

static double hours_of(const dcl_use_work *work, const dcl_use_block *block) {
    return (double)(block->last - block->first) * (double)work->coarse.step_us / (double)DCL_HOUR_US;
}

static bool is_charge(const dcl_use_work *work, const dcl_use_block *block) {
    double full_h = block->kwh * 1000 / block->level_w; /* at its level all along it would take so long */
    double ends_h = 1.5 * (double)work->coarse.step_us / (double)DCL_HOUR_US;
    return block->level_w >= LEAST_W && block->kwh >= LEAST_KWH && full_h >= LEAST_H &&
           full_h >= FILLED * (hours_of(work, block) - ends_h);
}

static void list_charges(const dcl_use_work *work, vehicle_blocks *found) {
    for (size_t i = 1; i + 1 < work->coarse.n && found->n < found->room; i++) {
        if (dcl_use_rise_at(work, i) < LEAST_W) continue;
        dcl_use_block block = dcl_use_block_at(work, i);
        if (!is_charge(work, &block)) continue;
        found->level[found->n] = (float)block.level_w;
        found->block[found->n++] = block;
        i = block.last - 1;
    }
}

/* The power at which the home's vehicle charges; NaN where blocks are few or unlike. Others add to it, nothing takes away. */
static double usual_level(const vehicle_blocks *found, bool seasons) {
    double usual = dcl_use_quantile(found->level, found->n, 0.4), within = seasons ? ALIKE : STRICTLY_ALIKE;
    size_t alike = 0;
    for (size_t i = 0; i < found->n; i++) alike += fabs((double)found->level[i] - usual) <= within * usual;
    if (!seasons && usual < STRICT_LEAST_W) return (double)NAN;
    return found->n >= BLOCKS && (double)alike >= (seasons ? MOST : STRICTLY_MOST) * (double)found->n
               ? usual
               : (double)NAN;
}

static int is_cold_half(int month) {
    return month >= 11 || month <= 3;
}

static halves halves_of(const dcl_use_work *work, const vehicle_blocks *found) {
    halves out = {{0}, {0}};
    for (size_t i = 0; i < work->n_days; i++) out.days[is_cold_half(work->day[i].month)] += work->day[i].full;
    for (size_t i = 0; i < found->n; i++) {
        int64_t at = work->coarse.start_us + (int64_t)found->block[i].first * work->coarse.step_us;
        out.kwh[is_cold_half(work->day[dcl_use_day_of(work, at)].month)] += found->block[i].kwh;
    }
    return out;
}

static bool both_there(const halves *h) {
    return h->days[0] >= SEASON_DAYS && h->days[1] >= SEASON_DAYS;
}

/* Heaters are seasonal, vehicles are not. Where only one half of the year is there nobody can tell. */
static bool is_seasonal(const halves *h) {
    if (!both_there(h)) return false;
    double mild = h->kwh[0] / h->days[0], cold = h->kwh[1] / h->days[1];
    return cold > SEASON_RATIO * mild || mild > SEASON_RATIO * cold;
}

static double take_charge(dcl_use_work *work, const dcl_use_block *block, double most_w) {
    double kwh = 0;
    for (size_t s = block->first; s < block->last; s++) {
        double above = fmin(fmax((double)work->rest_w[s] - block->base_w, 0), fmin(block->level_w, most_w));
        work->rest_w[s] -= (float)above;
        kwh += above * (double)work->coarse.hours[s] / 1000;
    }
    return kwh;
}

dcl_status dcl_use_find_vehicle(dcl_use_work *work) {
    size_t room = work->coarse.n / 2 + 1; /* a block has two slots and more */
    vehicle_blocks found = {.block = dcl_arena_alloc(work->arena, room, sizeof *found.block),
                            .level = dcl_arena_alloc(work->arena, room, sizeof *found.level),
                            .room = room};
    if (!found.block || !found.level) return DCL_E_MEMORY;
    if (work->out->days < DAYS_LEAST) return DCL_OK; /* few_days, as it stands */
    dcl_use_unknown(work, DCL_USE_VEHICLE, DCL_USE_WHY_NOT_SEEN);
    list_charges(work, &found);
    halves drawn = halves_of(work, &found);
    double level = usual_level(&found, both_there(&drawn)), kwh = 0;
    double all = drawn.kwh[0] + drawn.kwh[1];
    if (isnan(level) || all < (both_there(&drawn) ? DAY_KWH : STRICT_DAY_KWH) * work->out->days ||
        (double)found.n > MOST_A_DAY * work->out->days || is_seasonal(&drawn))
        return DCL_OK;
    for (size_t i = 0; i < found.n; i++) kwh += take_charge(work, &found.block[i], (1 + ALIKE) * level);
    dcl_use_set(work, DCL_USE_VEHICLE, DCL_USE_FROM_BLOCKS, kwh, 0.75 * kwh, 1.4 * kwh,
                both_there(&drawn) ? 0.7 : 0.45);
    work->out->use[DCL_USE_VEHICLE].cycles = (uint32_t)found.n;
    return DCL_OK;
}
