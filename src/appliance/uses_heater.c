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

double dcl_use_rise_at(const dcl_use_work *work, size_t i) {
    const float *w = work->rest_w;
    if (i < 1 || i + 1 >= work->coarse.n || isnan(w[i - 1]) || isnan(w[i]) || isnan(w[i + 1])) return 0;
    double before = (double)w[i - 1], top = fmax((double)w[i], (double)w[i + 1]);
    if (top - before < RISE_W || (double)w[i] - before < 0.15 * (top - before)) return 0;
    return top - before;
}

dcl_use_block dcl_use_block_at(const dcl_use_work *work, size_t i) {
    const float *w = work->rest_w;
    const dcl_use_grid *grid = &work->coarse;
    size_t longest = (size_t)(LONGEST_H * (double)DCL_HOUR_US / (double)grid->step_us);
    dcl_use_block block = {.first = i, .base_w = (double)w[i - 1]};
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

static bool is_block(const dcl_use_work *work, const dcl_use_block *block) {
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
        if (dcl_use_rise_at(work, i) <= 0) continue;
        dcl_use_block block = dcl_use_block_at(work, i);
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

/* A tank of 300 l heated from 15 to 65 °C takes 17 kWh; a day's hot water for a family about 10. A block beyond that heats rooms
 * as well: what it takes in mild months, with some room, is the water's part; where there are none, so much, kWh. */
static const double WATER_MOST_KWH = 12, OVER_MILD = 1.6;
enum { MILD_BLOCKS = 10 };
/* A block so many times the usual power is two loads that began together. */
static const double JOINED = 1.4;

/* The day's blocks near the bin, in order; room for one a day. */
typedef struct heater_days {
    dcl_use_block *block;
    size_t n;
    float *scratch;
} heater_days;

static void list_blocks(const dcl_use_work *work, int bin, heater_days *found) {
    int bins = 1440 / slot_min(work);
    for (size_t i = 1; i + 1 < work->coarse.n && found->n < work->n_days; i++) {
        int at = dcl_use_minute(work->context, slot_us(work, i)) / slot_min(work);
        int apart = (at - bin + bins) % bins;
        if ((apart > 1 && apart < bins - 1) || dcl_use_rise_at(work, i) <= 0) continue;
        dcl_use_block block = dcl_use_block_at(work, i);
        if (!is_block(work, &block)) continue;
        found->block[found->n++] = block;
        i = block.last;
    }
}

/* The most that one night's water takes, kWh. */
static double water_most(const dcl_use_work *work, const heater_days *found) {
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        int month = work->day[dcl_use_day_of(work, slot_us(work, found->block[i].first))].month;
        if (month >= 5 && month <= 9) found->scratch[n++] = (float)found->block[i].kwh;
    }
    if (n < MILD_BLOCKS) return WATER_MOST_KWH;
    return fmin(OVER_MILD * dcl_use_quantile(found->scratch, n, 0.5), WATER_MOST_KWH);
}

/* Takes the water's part of a block out of the rest, from its beginning on. Returns it, kWh. */
static double take_block(dcl_use_work *work, const dcl_use_block *block, double most_w, double most_kwh) {
    double kwh = 0, cap_w = fmin(block->level_w, most_w);
    for (size_t s = block->first; s < block->last && kwh < most_kwh; s++) {
        double hours = (double)work->coarse.hours[s];
        double above = fmin(fmax((double)work->rest_w[s] - block->base_w, 0), cap_w);
        if (above * hours / 1000 > most_kwh - kwh) above = (most_kwh - kwh) * 1000 / hours;
        work->rest_w[s] -= (float)above;
        kwh += above * hours / 1000;
    }
    return kwh;
}

/* The middle of the blocks' power or energy. */
static double middle_of(const heater_days *found, bool energy) {
    for (size_t i = 0; i < found->n; i++)
        found->scratch[i] = (float)(energy ? found->block[i].kwh : found->block[i].level_w);
    return dcl_use_quantile(found->scratch, found->n, 0.5);
}

static void set_heater(dcl_use_work *work, const heater_days *found, int bin, int days) {
    double kwh = 0, whole = 0, most = water_most(work, found);
    double level_w = middle_of(found, false), usual_kwh = fmin(middle_of(found, true), most);
    size_t joined_n = 0;
    for (size_t i = 0; i < found->n; i++) {
        const dcl_use_block *block = &found->block[i];
        joined_n += block->level_w > JOINED * level_w;
        bool joined = block->level_w >
                      JOINED * level_w; /* something else began with it: a night like others is assumed */
        kwh += take_block(work, block, 1.15 * level_w, joined ? usual_kwh : most);
        whole += joined ? usual_kwh : block->kwh;
    }
    bool coarse = work->out->step_us > 15 * DCL_MINUTE_US, heats_rooms = whole > 1.1 * kwh;
    bool shared = 10 * joined_n > found->n;
    double low = heats_rooms ? 0.6
                 : shared    ? 0.75
                 : coarse    ? 0.8
                             : 0.87,
           high = shared   ? 1.35
                  : coarse ? 1.2
                           : 1.15;
    dcl_use_set(work, DCL_USE_WATER_HEATER, DCL_USE_FROM_BLOCKS, kwh, low * kwh,
                heats_rooms ? fmax(high * kwh, 0.7 * whole) : high * kwh,
                fmin(0.5 + 0.5 * days / (double)work->out->days, 0.95));
    work->out->use[DCL_USE_WATER_HEATER].days = days;
    work->out->use[DCL_USE_WATER_HEATER].cycles = (uint32_t)found->n;
    work->out->heater_minute = bin * slot_min(work);
    work->out->heater_w = level_w;
}

dcl_status dcl_use_find_heater(dcl_use_work *work) {
    unsigned char *starts = dcl_arena_alloc(work->arena, work->n_days, BINS_MOST);
    heater_days found = {.block = dcl_arena_alloc(work->arena, work->n_days, sizeof *found.block),
                         .scratch = dcl_arena_alloc(work->arena, work->n_days, sizeof *found.scratch)};
    if (!starts || !found.block || !found.scratch) return DCL_E_MEMORY;
    if (work->out->days < DAYS_LEAST) return DCL_OK; /* few_days, as it stands */
    size_t n = mark_starts(work, starts);
    int days, bin = best_bin(work, starts, n, &days);
    if (bin >= 0) list_blocks(work, bin, &found);
    if (found.n)
        set_heater(work, &found, bin, days);
    else
        dcl_use_unknown(work, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_SEEN);
    return DCL_OK;
}
