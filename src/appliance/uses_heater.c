#include "appliance/uses.h"

#include <math.h>

/* The water heater of a night tariff: the same rise at the same minute of most days, and the block that follows it. */

/* A rise from one slot to the next two, W; the block after it lasts so long and takes so much. */
static const double RISE_W = 700, LEAST_H = 0.5, LEAST_KWH = 0.7, LONGEST_H = 9;
/* On so many days, and so many times more often than rises are spread over the day. */
static const double DAYS_SHARE = 0.4, OVER_CHANCE = 3;
enum { DAYS_LEAST = 5, BINS_MOST = 144 };
/* Contactors of off-peak hours close at night. Midday windows exist, but so do lunches: not looked for. */
enum { NIGHT_FROM_MIN = 21 * 60, NIGHT_TO_MIN = 6 * 60 };

typedef struct heater_block {
    size_t first, last; /* slots [first, last) */
    double base_w, level_w, kwh;
} heater_block;

static bool is_night(int minute) {
    return minute >= NIGHT_FROM_MIN || minute < NIGHT_TO_MIN;
}

static int64_t slot_us(const dcl_use_work *work, size_t i) {
    return work->coarse.start_us + (int64_t)i * work->coarse.step_us;
}

static int slot_min(const dcl_use_work *work) {
    int64_t minutes = work->coarse.step_us / DCL_MINUTE_US;
    return minutes < 10 ? 10 : (int)minutes;
}

/* The size of a rise that begins in slot i; 0 where none does. */
static double rise_at(const dcl_use_work *work, size_t i) {
    const float *w = work->rest_w;
    if (i < 1 || i + 1 >= work->coarse.n || isnan(w[i - 1]) || isnan(w[i]) || isnan(w[i + 1])) return 0;
    double before = (double)w[i - 1], top = fmax((double)w[i], (double)w[i + 1]);
    if (top - before < RISE_W || (double)w[i] - before < 0.15 * (top - before)) return 0;
    return top - before;
}

/* The block that begins in slot i: while half of its level is there. */
static heater_block block_at(const dcl_use_work *work, size_t i) {
    const float *w = work->rest_w;
    const dcl_use_grid *grid = &work->coarse;
    size_t longest = (size_t)(LONGEST_H * (double)DCL_HOUR_US / (double)grid->step_us);
    heater_block block = {.first = i, .base_w = (double)w[i - 1]};
    double top = fmax((double)w[i], (double)w[i + 1]);
    block.level_w = top - block.base_w;
    size_t k = i + 1;
    while (k < grid->n && k - i <= longest && !isnan(w[k]) &&
           (double)w[k] - block.base_w > 0.5 * block.level_w)
        k++;
    if (k < grid->n && !isnan(w[k])) k++; /* the slot in which it ends holds a part of it */
    block.last = k;
    for (size_t s = i; s < block.last; s++) {
        double above = fmin(fmax((double)w[s] - block.base_w, 0), block.level_w);
        block.kwh += above * (double)grid->hours[s] / 1000;
    }
    return block;
}

static bool is_block(const dcl_use_work *work, const heater_block *block) {
    double hours = (double)(block->last - block->first) * (double)work->coarse.step_us / (double)DCL_HOUR_US;
    return block->kwh >= LEAST_KWH && hours >= LEAST_H && hours <= LONGEST_H &&
           block->kwh >= LEAST_H * block->level_w / 1000;
}

/* How many days have a block that begins within one slot of the bin. */
static int days_near(const dcl_use_work *work, const unsigned char *starts, int bins, int bin) {
    int days = 0;
    for (size_t d = 0; d < work->n_days; d++) {
        const unsigned char *day = starts + d * BINS_MOST;
        days += day[bin] || day[(bin + 1) % bins] || day[(bin + bins - 1) % bins];
    }
    return days;
}

/* Marks where blocks begin. Returns how many by night. */
static size_t mark_starts(const dcl_use_work *work, unsigned char *starts) {
    size_t n = 0;
    for (size_t i = 1; i + 1 < work->coarse.n; i++) {
        int minute = dcl_use_minute(work->context, slot_us(work, i));
        if (rise_at(work, i) <= 0) continue;
        heater_block block = block_at(work, i);
        if (!is_block(work, &block)) continue;
        starts[dcl_use_day_of(work, slot_us(work, i)) * BINS_MOST + (size_t)(minute / slot_min(work))] = 1;
        n++;
    }
    return n;
}

/* The bin of the day at which most days have a block, -1 = none stands out. */
static int best_bin(const dcl_use_work *work, const unsigned char *starts, size_t n_starts, int *days) {
    int bins = 1440 / slot_min(work), best = -1;
    *days = 0;
    for (int bin = 0; bin < bins; bin++) {
        if (!is_night(bin * slot_min(work))) continue;
        int near = days_near(work, starts, bins, bin);
        bool middle = near == *days && best >= 0 && bin == best + 1;
        if (near > *days || (middle && days_near(work, starts, bins, bin + 1) == near))
            best = bin, *days = near;
    }
    double full = work->out->days, chance = 3.0 * (double)n_starts / bins;
    if (*days < DAYS_LEAST || *days < DAYS_SHARE * full || *days < OVER_CHANCE * chance) return -1;
    return best;
}

/* Takes each day's block near the bin out of the rest. */
static void take_blocks(dcl_use_work *work, int bin, float *levels, double *kwh, size_t *count) {
    int bins = 1440 / slot_min(work);
    *kwh = 0;
    *count = 0;
    for (size_t i = 1; i + 1 < work->coarse.n; i++) {
        int at = dcl_use_minute(work->context, slot_us(work, i)) / slot_min(work);
        int apart = (at - bin + bins) % bins;
        if ((apart > 1 && apart < bins - 1) || rise_at(work, i) <= 0) continue;
        heater_block block = block_at(work, i);
        if (!is_block(work, &block)) continue;
        for (size_t s = block.first; s < block.last; s++) {
            double above = fmin(fmax((double)work->rest_w[s] - block.base_w, 0), block.level_w);
            work->rest_w[s] -= (float)above;
        }
        levels[(*count)++] = (float)block.level_w;
        *kwh += block.kwh;
        i = block.last;
        if (*count == work->n_days) return;
    }
}

dcl_status dcl_use_find_heater(dcl_use_work *work) {
    unsigned char *starts = dcl_arena_alloc(work->arena, work->n_days, BINS_MOST);
    float *levels = dcl_arena_alloc(work->arena, work->n_days, sizeof *levels);
    if (!starts || !levels) return DCL_E_MEMORY;
    if (work->out->days < DAYS_LEAST) {
        dcl_use_unknown(work, DCL_USE_WATER_HEATER, DCL_USE_WHY_FEW_DAYS);
        return DCL_OK;
    }
    size_t n = mark_starts(work, starts), blocks;
    int days, bin = best_bin(work, starts, n, &days);
    double kwh;
    dcl_use_unknown(work, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_SEEN);
    if (bin < 0) return DCL_OK;
    take_blocks(work, bin, levels, &kwh, &blocks);
    if (!blocks) return DCL_OK;
    bool coarse = work->out->step_us > 15 * DCL_MINUTE_US;
    dcl_use_set(work, DCL_USE_WATER_HEATER, DCL_USE_FROM_BLOCKS, kwh, (coarse ? 0.8 : 0.87) * kwh,
                (coarse ? 1.2 : 1.15) * kwh, fmin(0.5 + 0.5 * days / (double)work->out->days, 0.95));
    work->out->use[DCL_USE_WATER_HEATER].days = days;
    work->out->use[DCL_USE_WATER_HEATER].cycles = (uint32_t)blocks;
    work->out->heater_minute = bin * slot_min(work);
    work->out->heater_w = dcl_use_quantile(levels, blocks, 0.5);
    return DCL_OK;
}
