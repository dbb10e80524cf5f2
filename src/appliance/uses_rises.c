#include "appliance/uses.h"

#include <math.h>

/* What is short: cooking and machines that wash, told apart by the hour and by how much one rise takes, so hardly; and the
 * evening's low plateau, light and screens. The ranges say how weak that is. */

/* A short rise, W above what lasts. */
static const double SHORT_W = 150, COARSE_SHORT_W = 80;
/* A heater in a rise, W; from so many minutes on it heats water, or an oven. */
static const double HEATER_W = 900, LONG_MIN = 7;
/* A wash takes from so much to so much, kWh. */
static const double WASH_LEAST_KWH = 0.35, WASH_MOST_KWH = 3;
/* What light and screens together draw at most, W. */
static const double SCREENS_MOST_W = 400;
/* Of cycles with a name, so much at least and at most is true: pairing loses and joins some. */
static const double NAMED_LEAST = 0.7, NAMED_MOST = 1.25;
enum { DAYS_LEAST = 2 };

typedef struct shares {
    double cooking, wash, low_cooking, low_wash, high_cooking, high_wash;
} shares;

static bool is_meal(int minute) {
    return (minute >= 6 * 60 + 30 && minute < 9 * 60) || (minute >= 11 * 60 && minute < 14 * 60) ||
           (minute >= 18 * 60 && minute < 21 * 60 + 30);
}

/* What minutes show of a rise: nothing, a heater for some minutes, or for longer. */
typedef enum shape { SHAPE_UNKNOWN, SHAPE_NO_HEATER, SHAPE_BRIEF, SHAPE_LONG } shape;

/* How a rise of so much energy at that minute is shared: chosen on the data that bench/quality.md names. */
static shares shares_of(int minute, double kwh, shape s) {
    bool meal = is_meal(minute), big = kwh >= WASH_LEAST_KWH;
    if (kwh > WASH_MOST_KWH) return (shares){0.25, 0.25, 0, 0, 0.8, 0.8};
    if (s == SHAPE_BRIEF) return (shares){0.85, 0.05, 0.4, 0, 1.1, 0.3};
    if (s == SHAPE_NO_HEATER) return (shares){0.3, 0.3, 0, 0, 0.9, 1};
    if (s == SHAPE_LONG && !meal) return (shares){0.2, 0.75, 0, 0.2, 0.8, 1.4};
    if (meal && big) return (shares){0.45, 0.45, 0.1, 0.05, 1.1, 1.3};
    if (meal) return (shares){0.75, 0.05, 0.25, 0, 1.2, 0.4};
    if (big) return (shares){0.2, 0.7, 0, 0.15, 0.8, 1.4};
    return (shares){0.45, 0.1, 0.1, 0, 1, 0.4};
}

typedef struct rise_sums {
    double cooking, cooking_low, cooking_high, wash, wash_low, wash_high, screens, screens_high, small;
    uint32_t rises, big;
} rise_sums;

static double short_w(const dcl_use_work *work, size_t i) {
    double value = (double)work->rest_w[i] - (double)work->long_w[i];
    return value > 0 ? value : 0; /* missing is none */
}

/* The longest run of a heater in a rise: minutes that stand by HEATER_W above the lowest of it. */
static shape shape_of(const dcl_use_work *work, size_t first, size_t last) {
    const dcl_use_grid *grid = &work->fine;
    if (grid->step_us > 2 * DCL_MINUTE_US || work->out->step_us > 2 * DCL_MINUTE_US) return SHAPE_UNKNOWN;
    size_t each = (size_t)(work->coarse.step_us / grid->step_us), run = 0, longest = 0;
    double low = INFINITY;
    for (size_t i = first * each; i < last * each && i < grid->n; i++)
        if ((double)grid->power_w[i] < low) low = (double)grid->power_w[i];
    for (size_t i = first * each; i < last * each && i < grid->n; i++) {
        run = (double)grid->power_w[i] - low >= HEATER_W ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    double minutes = (double)longest * (double)grid->step_us / (double)DCL_MINUTE_US;
    return minutes <= 0 ? SHAPE_NO_HEATER : minutes < LONG_MIN ? SHAPE_BRIEF : SHAPE_LONG;
}

static void share_rise(const dcl_use_work *work, size_t first, size_t last, double kwh, rise_sums *sums) {
    int64_t middle = work->coarse.start_us + (int64_t)(first + last) * work->coarse.step_us / 2;
    shares s = shares_of(dcl_use_minute(work->context, middle), kwh, shape_of(work, first, last));
    sums->cooking += s.cooking * kwh;
    sums->cooking_low += s.low_cooking * kwh;
    sums->cooking_high += s.high_cooking * kwh;
    sums->wash += s.wash * kwh;
    sums->wash_low += s.low_wash * kwh;
    sums->wash_high += s.high_wash * kwh;
    sums->rises++;
    sums->big += kwh >= WASH_LEAST_KWH && kwh <= WASH_MOST_KWH;
}

static void find_short(const dcl_use_work *work, rise_sums *sums) {
    const dcl_use_grid *grid = &work->coarse;
    double least = grid->step_us > 15 * DCL_MINUTE_US ? COARSE_SHORT_W : SHORT_W;
    for (size_t i = 0; i < grid->n;) {
        if (!(short_w(work, i) >= least)) {
            sums->small += short_w(work, i) * (double)grid->hours[i] / 1000;
            i++;
            continue;
        }
        size_t first = i;
        double kwh = 0;
        for (; i < grid->n && short_w(work, i) >= least; i++)
            kwh += short_w(work, i) * (double)grid->hours[i] / 1000;
        share_rise(work, first, i, kwh, sums);
    }
}

/* From 17:00 to 01:00 what lasts and stays small is light and screens for the greater part, at other hours for a lesser. What
 * is small and does not last may be as well: that is in the range alone. */
static void find_screens(const dcl_use_work *work, rise_sums *sums) {
    const dcl_use_grid *grid = &work->coarse;
    for (size_t i = 0; i < grid->n; i++) {
        if (isnan(work->long_w[i])) continue;
        int minute = dcl_use_minute(work->context, grid->start_us + (int64_t)i * grid->step_us);
        double kwh = fmin(fmax((double)work->long_w[i], 0), SCREENS_MOST_W) * (double)grid->hours[i] / 1000;
        double all = fmin(fmax((double)work->rest_w[i], 0), SCREENS_MOST_W) * (double)grid->hours[i] / 1000;
        bool evening = minute >= 17 * 60 || minute < 60;
        sums->screens += evening ? 0.8 * kwh + 0.2 * (all - kwh) : 0.5 * kwh;
        sums->screens_high += evening ? 1.4 * all : 0.9 * all;
    }
}

/* What rises gave, and what cycles with a name gave before. Where names gave most of it, they are what it rests on. */
static void set_use(dcl_use_work *work, dcl_use_kind kind, double kwh, double low, double high,
                    double confidence, uint32_t rises) {
    const dcl_use_names *names = &work->names[kind];
    bool named = names->kwh > kwh;
    dcl_use_set(work, kind, named ? DCL_USE_FROM_CYCLES : DCL_USE_FROM_HOURS, kwh + names->kwh,
                low + NAMED_LEAST * names->sure_kwh, high + NAMED_MOST * names->kwh,
                named ? fmax(names->sure_kwh / names->kwh, confidence) : confidence);
    work->out->use[kind].cycles = named ? names->cycles : rises;
}

dcl_status dcl_use_find_rises(dcl_use_work *work) {
    rise_sums sums = {0};
    if (work->out->days < DAYS_LEAST) return DCL_OK; /* few_days, as it stands */
    if (work->out->step_us > DCL_HOUR_US / 2) {
        const dcl_use_kind hidden[] = {DCL_USE_COOKING, DCL_USE_WASH, DCL_USE_LIGHT_SCREENS};
        for (size_t i = 0; i < 3; i++) dcl_use_unknown(work, hidden[i], DCL_USE_WHY_TOO_COARSE);
        return DCL_OK;
    }
    find_short(work, &sums);
    find_screens(work, &sums);
    sums.wash += 0.7 * work->machine_kwh;
    sums.wash_low += 0.15 * work->machine_kwh;
    sums.wash_high += 1.3 * work->machine_kwh;
    sums.cooking_high += 0.3 * work->machine_kwh;
    sums.big += work->machines;
    const dcl_use_names *names = work->names;
    bool cooks = sums.rises || names[DCL_USE_COOKING].cycles, washes = sums.big || names[DCL_USE_WASH].cycles;
    if (cooks)
        set_use(work, DCL_USE_COOKING, sums.cooking + 0.2 * sums.small, sums.cooking_low,
                1.2 * sums.cooking_high + 0.5 * sums.small, 0.4, sums.rises);
    else
        dcl_use_unknown(work, DCL_USE_COOKING, DCL_USE_WHY_NOT_SEEN);
    if (washes)
        set_use(work, DCL_USE_WASH, sums.wash, sums.wash_low, sums.wash_high, 0.3, sums.big);
    else
        dcl_use_unknown(work, DCL_USE_WASH, DCL_USE_WHY_NOT_SEEN);
    set_use(work, DCL_USE_LIGHT_SCREENS, sums.screens, 0.1 * sums.screens, sums.screens_high, 0.3, 0);
    return DCL_OK;
}
