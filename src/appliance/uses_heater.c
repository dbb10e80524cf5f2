#include "appliance/uses.h"

#include <math.h>
#include <string.h>

/* The water heater of off-peak hours: the same rise at the same minute of most nights, and the block that follows it; where these
 * hours are in two parts, a block of the same power at one minute of the day as well. */

/* A rise from one slot to the next two, W; the block after it lasts so long and takes so much. */
static const double RISE_W = 700, LEAST_H = 0.5, LEAST_KWH = 0.7, LONGEST_H = 9;
/* On so many days, and so many times more often than rises are spread over the day. */
static const double DAYS_SHARE = 0.4, OVER_CHANCE = 3;
enum { DAYS_LEAST = 5, BINS_MOST = 144 };
/* Contactors of off-peak hours close at night, and for some of the eight hours by day. So do lunches: by day only the power that the
 * night has shown is looked for, on so many of the night's days; blocks may be shorter there. */
enum { NIGHT_FROM_MIN = 21 * 60, NIGHT_TO_MIN = 6 * 60, NOON_FROM_MIN = 11 * 60, NOON_TO_MIN = 17 * 60 };
static const double ALIKE = 0.2, ALIKE_BRIEF = 0.6, NOON_KWH = 0.3, NOON_SHARE = 0.3;
enum { BRIEF_SLOTS = 3 }; /* what lasts no longer may fill no slot of half an hour */
/* What like blocks take at other times beyond so much of the whole may be the tank's too, which then follows no clock alone; a day's
 * water at most, kWh. */
static const double CLOCK_SHARE = 0.25, DAY_KWH = 8.5;

static bool is_within(int minute, int from, int to) {
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
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

/* A block of the power that the night has shown. */
static bool is_alike(const dcl_use_work *work, const dcl_use_block *block, double level_w) {
    bool brief = dcl_use_is_coarse(work) && block->last - block->first <= BRIEF_SLOTS;
    return block->kwh >= NOON_KWH && block->level_w >= (1 - (brief ? ALIKE_BRIEF : ALIKE)) * level_w &&
           block->level_w <= (1 + ALIKE) * level_w;
}

/* When a heater starts: the slot of the day, -1 = none stands out, and on how many days. */
typedef struct heater_start {
    int bin, days;
} heater_start;

/* How many days have a block that begins near the bin. */
static int days_near(const dcl_use_work *work, const unsigned char *starts, int bin) {
    int bins = 1440 / dcl_use_slot_min(work), days = 0;
    bool before = dcl_use_slots_near(work) > 2;
    for (size_t d = 0; d < work->n_days; d++) {
        const unsigned char *day = starts + d * BINS_MOST;
        days += day[bin] || day[(bin + 1) % bins] || (before && day[(bin + bins - 1) % bins]);
    }
    return days;
}

/* Marks where blocks begin: any by day and night where level_w is 0, else those alike. Returns how many there are. */
static size_t mark_starts(const dcl_use_work *work, double level_w, unsigned char *starts) {
    size_t n = 0;
    memset(starts, 0, work->n_days * BINS_MOST);
    for (size_t i = 1; i + 1 < work->coarse.n; i++) {
        int bin = dcl_use_bin(work, i);
        bool noon = is_within(bin * dcl_use_slot_min(work), NOON_FROM_MIN, NOON_TO_MIN);
        if ((level_w > 0 && !noon) || dcl_use_rise_at(work, i) <= 0) continue;
        dcl_use_block block = dcl_use_block_at(work, i);
        if (level_w > 0 ? !is_alike(work, &block, level_w) : !is_block(work, &block)) continue;
        int64_t at = work->coarse.start_us + (int64_t)i * work->coarse.step_us;
        starts[dcl_use_day_of(work, at) * BINS_MOST + (size_t)bin] = 1;
        n++;
    }
    return n;
}

/* The slot from `from` to `to` at which most days have a block; the middle one of three that have as many. */
static heater_start best_start(const dcl_use_work *work, const unsigned char *starts, int from, int to) {
    int bins = 1440 / dcl_use_slot_min(work);
    bool three = dcl_use_slots_near(work) > 2;
    heater_start best = {-1, 0};
    for (int bin = 0; bin < bins; bin++) {
        if (!is_within(bin * dcl_use_slot_min(work), from, to)) continue;
        int near = days_near(work, starts, bin);
        bool middle = three && near == best.days && best.bin >= 0 && bin == best.bin + 1;
        if (near > best.days || (middle && days_near(work, starts, (bin + 1) % bins) == near))
            best = (heater_start){bin, near};
    }
    return best;
}

static heater_start night_start(const dcl_use_work *work, unsigned char *starts) {
    size_t n = mark_starts(work, 0, starts);
    heater_start best = best_start(work, starts, NIGHT_FROM_MIN, NIGHT_TO_MIN);
    double chance = (double)dcl_use_slots_near(work) * (double)n * dcl_use_slot_min(work) / 1440;
    if (best.days < DAYS_LEAST || best.days < DAYS_SHARE * work->out->days ||
        best.days < OVER_CHANCE * chance)
        best.bin = -1;
    return best;
}

/* The others of these hours are what chance has: lunches are at no one minute. */
static heater_start noon_start(const dcl_use_work *work, unsigned char *starts, double level_w, int nights) {
    double n = (double)mark_starts(work, level_w, starts);
    heater_start best = best_start(work, starts, NOON_FROM_MIN, NOON_TO_MIN);
    double chance =
        dcl_use_slots_near(work) * (n - best.days) * dcl_use_slot_min(work) / (NOON_TO_MIN - NOON_FROM_MIN);
    if (best.days < DAYS_LEAST || best.days < NOON_SHARE * nights || best.days < OVER_CHANCE * chance)
        best.bin = -1;
    return best;
}

/* The slot of the day in which most of the loads begin, as minute of the day. */
static int usual_minute(const dcl_use_work *work, const dcl_use_load *load) {
    int begun[BINS_MOST] = {0}, most = 0;
    for (size_t b = 0; b < load->n; b++) begun[dcl_use_bin(work, load->block[b].first)]++;
    for (int bin = 1; bin < BINS_MOST; bin++)
        if (begun[bin] > begun[most]) most = bin;
    return most * dcl_use_slot_min(work);
}

/* What blocks of its power take at other times, kWh. */
static double elsewhere_kwh(const dcl_use_work *work, double level_w) {
    double kwh = 0;
    for (size_t i = 1; i + 1 < work->coarse.n; i++) {
        if (dcl_use_rise_at(work, i) <= 0) continue;
        dcl_use_block block = dcl_use_block_at(work, i);
        if (!is_block(work, &block) || !is_alike(work, &block, level_w)) continue;
        kwh += fmin(block.kwh, DAY_KWH);
        i = block.last;
    }
    return kwh;
}

static void set_heater(dcl_use_work *work, const dcl_use_load *load, int nights) {
    bool coarse = dcl_use_is_coarse(work), heats_rooms = load->whole_kwh > 1.1 * load->kwh;
    double low = heats_rooms ? 0.6 : coarse ? 0.8 : 0.87;
    double high_kwh = (coarse ? 1.2 : 1.15) * load->kwh;
    if (heats_rooms) high_kwh = fmax(high_kwh, 0.7 * load->whole_kwh);
    double elsewhere = elsewhere_kwh(work, work->out->heater_w) - CLOCK_SHARE * load->kwh;
    dcl_use_set(work, DCL_USE_WATER_HEATER, DCL_USE_FROM_BLOCKS, load->kwh, low * load->kwh,
                high_kwh + load->hidden_kwh + fmax(elsewhere, 0),
                fmin(0.5 + 0.5 * nights / (double)work->out->days, 0.95));
    work->out->use[DCL_USE_WATER_HEATER].days = nights;
    work->out->use[DCL_USE_WATER_HEATER].cycles = (uint32_t)load->blocks;
}

static bool room_for(dcl_use_work *work, dcl_use_load *load) {
    load->room = 2 * work->n_days;
    load->block = dcl_arena_alloc(work->arena, load->room, sizeof *load->block);
    load->any_w = dcl_arena_alloc(work->arena, load->room, sizeof *load->any_w);
    load->filled_w = dcl_arena_alloc(work->arena, load->room, sizeof *load->filled_w);
    return load->block && load->any_w && load->filled_w;
}

dcl_status dcl_use_find_heater(dcl_use_work *work) {
    dcl_use_load load = {0};
    unsigned char *starts = dcl_arena_alloc(work->arena, work->n_days, BINS_MOST);
    if (!starts || !room_for(work, &load)) return DCL_E_MEMORY;
    if (work->out->days < DAYS_LEAST) return DCL_OK; /* few_days, as it stands */
    dcl_use_unknown(work, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_SEEN);
    heater_start night = night_start(work, starts);
    double level_w = night.bin >= 0 ? dcl_use_load_level(work, night.bin, &load) : NAN;
    if (!(level_w > 0)) return DCL_OK;
    dcl_use_take_loads(work, night.bin, level_w, &load);
    if (!load.n) return DCL_OK;
    work->out->heater_minute = usual_minute(work, &load);
    heater_start noon = noon_start(work, starts, level_w, night.days);
    if (noon.bin >= 0) {
        dcl_use_take_loads(work, noon.bin, level_w, &load);
        work->out->heater_by_day_minute = usual_minute(work, &load);
    }
    work->out->heater_w = level_w;
    set_heater(work, &load, night.days);
    return DCL_OK;
}
