#include "appliance/uses.h"

#include <math.h>

/* A load of one power that a clock lets start: its rises near one minute of the day tell its power, and that and how long it lasts
 * tell what it takes, whatever else goes on and off meanwhile. */

/* A rise that shows a power, W; blocks that last for so many slots fill one whole, which shows it. */
static const double RISE_W = 700, FILLED_SLOTS = 2.1;
/* Rises within so much of one another agree. Where so few blocks fill a slot, the highest rises show the power best. */
static const double AGREE = 1.1, FILLED_SHARE = 0.25, HIGHEST = 0.95;
/* It has begun where so much of its power has come, less where it may not fill a slot; it is on while so much is above what is usual
 * before it, or so much of it is there and no such part of it went off. */
static const double SEEN = 0.6, SEEN_COARSE = 0.35, ABOVE = 0.6, THERE = 0.9, WENT_OFF = 0.8, LONGEST_H = 9;
/* Where so long so much is on all the same, it may be on unseen. */
static const double HIDE_H = 0.5;
/* A tank of 300 l heated from 15 to 65 °C takes 17 kWh. A block beyond that heats rooms as well: what nearly all blocks of mild months
 * take, and more for colder water, is the water's part. */
static const double WATER_MOST_KWH = 17, OVER_MILD = 1.4, NEARLY_ALL = 0.95;
enum { MILD_BLOCKS = 10 };

int dcl_use_slot_min(const dcl_use_work *work) {
    int64_t minutes = work->coarse.step_us / DCL_MINUTE_US;
    return minutes < 10 ? 10 : (int)minutes;
}

bool dcl_use_is_coarse(const dcl_use_work *work) {
    return work->coarse.step_us > 15 * DCL_MINUTE_US;
}

/* Slots of half an hour hold any minute's start or the slot after it; finer ones are allowed one before as well. */
int dcl_use_slots_near(const dcl_use_work *work) {
    return dcl_use_is_coarse(work) ? 2 : 3;
}

int dcl_use_bin(const dcl_use_work *work, size_t i) {
    int64_t at = work->coarse.start_us + (int64_t)i * work->coarse.step_us;
    return dcl_use_minute(work->context, at) / dcl_use_slot_min(work);
}

static bool is_near(const dcl_use_work *work, size_t i, int bin) {
    int bins = 1440 / dcl_use_slot_min(work), apart = (dcl_use_bin(work, i) - bin + bins) % bins;
    return apart <= 1 || (apart == bins - 1 && !dcl_use_is_coarse(work));
}

/* The last slot of those near the bin of which i is one. */
static size_t last_near(const dcl_use_work *work, size_t i, int bin) {
    while (i + 2 < work->coarse.n && is_near(work, i + 1, bin)) i++;
    return i;
}

/* Of the slots first to last that in which most comes on until the next, and how much, W. It is read from the power, not from what
 * is left of it: a cold appliance's mean may be more than a slot held. */
static size_t clearest_rise(const dcl_use_work *work, size_t first, size_t last, double *rise_w) {
    const float *w = work->coarse.power_w;
    size_t best = first;
    *rise_w = 0;
    for (size_t i = first; i <= last; i++) {
        double rise = (double)w[i + 1] - (double)w[i - 1];
        if (rise > 0 && rise >= *rise_w) best = i, *rise_w = rise; /* of two, that in which it begins */
    }
    return best;
}

/* The power that most of n rises agree on: other loads add to a rise and take from it. */
static double densest(float *rise_w, size_t n) {
    if (!n) return NAN;
    dcl_use_quantile(rise_w, n, 0.5); /* in order now */
    size_t most = 0, first = 0;
    for (size_t from = 0, to = 0; from < n; from++) {
        while (to < n && (double)rise_w[to] <= AGREE * (double)rise_w[from]) to++;
        if (to - from > most) most = to - from, first = from;
    }
    return (double)rise_w[first + most / 2];
}

double dcl_use_load_level(const dcl_use_work *work, int bin, dcl_use_load *load) {
    size_t n = 0, filled = 0;
    double fill_h = FILLED_SLOTS * (double)work->coarse.step_us / (double)DCL_HOUR_US, rise_w;
    for (size_t i = 1; i + 1 < work->coarse.n && n < load->room; i++) {
        if (!is_near(work, i, bin)) continue;
        size_t last = last_near(work, i, bin);
        i = clearest_rise(work, i, last, &rise_w);
        dcl_use_block block = {.last = last};
        if (rise_w >= RISE_W) {
            block = dcl_use_block_at(work, i);
            load->any_w[n++] = (float)rise_w;
            if (block.kwh >= fill_h * rise_w / 1000) load->filled_w[filled++] = (float)rise_w;
        }
        i = block.last > last ? block.last : last;
    }
    if ((double)filled >= FILLED_SHARE * (double)n) return densest(load->filled_w, filled);
    return dcl_use_quantile(load->any_w, n, HIGHEST);
}

/* ---------------------------------------------------------------- what it takes */

/* What is on before the load on most days, W. */
static double usual_before(const dcl_use_work *work, int bin, dcl_use_load *load) {
    size_t n = 0;
    for (size_t i = 1; i + 1 < work->coarse.n && n < load->room; i++) {
        if (!is_near(work, i, bin)) continue;
        if (!isnan(work->coarse.power_w[i - 1])) load->any_w[n++] = work->coarse.power_w[i - 1];
        i = last_near(work, i, bin);
    }
    return dcl_use_quantile(load->any_w, n, 0.5);
}

/* Whether it is still on in slot k, of which `base_w` is others'. */
static bool is_on(const dcl_use_work *work, size_t k, double level_w, double base_w) {
    const float *w = work->coarse.power_w;
    bool above = (double)w[k] - base_w > ABOVE * level_w;
    return above || ((double)work->rest_w[k] > THERE * level_w &&
                     (double)w[k - 1] - (double)w[k] < WENT_OFF * level_w);
}

/* The load that begins in slot i. In the slots where it begins and ends it takes a part, between them its power. */
static dcl_use_block load_at(const dcl_use_work *work, size_t i, double level_w, double usual_w) {
    const dcl_use_grid *grid = &work->coarse;
    const float *w = grid->power_w;
    size_t longest = (size_t)(LONGEST_H * (double)DCL_HOUR_US / (double)grid->step_us), k = i + 1;
    double before = (double)w[i - 1], base = fmin(before, usual_w);
    dcl_use_block block = {.first = i, .base_w = base, .level_w = level_w};
    block.kwh = fmin(fmax((double)w[i] - before, 0), level_w) * (double)grid->hours[i] / 1000;
    for (; k < grid->n && k - i <= longest && !isnan(w[k]) && is_on(work, k, level_w, base); k++) {
        bool ends = k + 1 < grid->n && !is_on(work, k + 1, level_w, base);
        double part = ends ? fmin((double)w[k] - fmin(base, (double)w[k + 1]), level_w) : level_w;
        block.kwh += part * (double)grid->hours[k] / 1000;
    }
    if (k < grid->n && !isnan(w[k])) {
        double after = k + 1 < grid->n && w[k + 1] < w[k] ? (double)w[k + 1] : before;
        block.kwh += fmin(fmax((double)w[k] - after, 0), level_w) * (double)grid->hours[k] / 1000;
        k++;
    }
    block.last = k;
    return block;
}

/* Whether it may be on from slot i on though it was not seen to come. */
static bool may_hide(const dcl_use_work *work, size_t i, double level_w) {
    size_t slots = (size_t)(HIDE_H * (double)DCL_HOUR_US / (double)work->coarse.step_us) + 1;
    for (size_t k = i + 1; k <= i + slots && k < work->coarse.n; k++)
        if ((double)work->rest_w[k] < THERE * level_w) return false;
    return true;
}

/* The most that one night's water takes, kWh. */
static double water_most(const dcl_use_work *work, dcl_use_load *load) {
    size_t n = 0;
    for (size_t b = 0; b < load->n; b++) {
        int64_t at = work->coarse.start_us + (int64_t)load->block[b].first * work->coarse.step_us;
        int month = work->day[dcl_use_day_of(work, at)].month;
        if (month >= 5 && month <= 9) load->any_w[n++] = (float)load->block[b].kwh;
    }
    if (n < MILD_BLOCKS) return WATER_MOST_KWH;
    return fmin(OVER_MILD * dcl_use_quantile(load->any_w, n, NEARLY_ALL), WATER_MOST_KWH);
}

/* Takes the water's part of a block out of the rest, from its beginning on. Returns it, kWh. */
static double take_block(dcl_use_work *work, const dcl_use_block *block, double most_kwh) {
    double kwh = 0, wanted = fmin(most_kwh, block->kwh);
    for (size_t s = block->first; s < block->last && kwh < wanted; s++) {
        double hours = (double)work->coarse.hours[s];
        double taken = fmin(fmax((double)work->rest_w[s], 0), block->level_w);
        if (taken * hours / 1000 > wanted - kwh) taken = (wanted - kwh) * 1000 / hours;
        work->rest_w[s] -= (float)taken;
        kwh += taken * hours / 1000;
    }
    return kwh;
}

void dcl_use_take_loads(dcl_use_work *work, int bin, double level_w, dcl_use_load *load) {
    double usual_w = usual_before(work, bin, load), rise_w, hidden = 0;
    double seen_w = (dcl_use_is_coarse(work) ? SEEN_COARSE : SEEN) * level_w;
    load->n = 0;
    for (size_t i = 1; i + 1 < work->coarse.n && load->n < load->room; i++) {
        if (!is_near(work, i, bin)) continue;
        size_t last = last_near(work, i, bin), at = clearest_rise(work, i, last, &rise_w);
        if (rise_w >= seen_w) {
            dcl_use_block block = load_at(work, at, level_w, usual_w);
            load->block[load->n++] = block;
            last = block.last > last ? block.last : last;
        } else
            hidden += may_hide(work, i + 1, level_w);
        i = last;
    }
    double most = water_most(work, load);
    for (size_t b = 0; b < load->n; b++) {
        load->any_w[b] = (float)load->block[b].kwh;
        load->whole_kwh += load->block[b].kwh;
        load->kwh += take_block(work, &load->block[b], most);
    }
    load->blocks += load->n;
    if (load->n) load->hidden_kwh += hidden * fmin(dcl_use_quantile(load->any_w, load->n, 0.5), most);
}
