#include "appliance/uses.h"

#include <math.h>

/* What never stops, and the cold appliances on top of it: by their rhythm where steps show it, by the ripple of the quietest
 * hours where means still do, else by what homes take. */

/* Days on each side whose floors are looked at with a day's own: homes change slowly, single nights are noisy. */
enum { NEAR_DAYS = 7 };
/* kWh a year: ElecDom (ADEME/RTE 2021): fridge-freezer 346, freezer 308; stock of 2009: 460 and 556. A home has the
 * first for sure and often the second, so the range runs from a small fridge (130, ours) to both old ones. */
static const double PRIOR_LOW_KWH = 130, PRIOR_KWH = 500, PRIOR_HIGH_KWH = 1016, YEAR_H = 8760;
/* What a prior knows of is at most so much of the floor it hides in. */
static const double PRIOR_PART_OF_FLOOR = 0.6;
/* Least days for a floor, and for a ripple. */
enum { FLOOR_DAYS = 1, RIPPLE_DAYS = 2 };
/* A ripple below this is no compressor, W. */
static const double RIPPLE_LEAST_W = 6;

/* Compressors together draw at most so much, W, and one of a fridge or freezer: what draws more with a rhythm heats or cools rooms. */
static const double COMPRESSOR_MOST_W = 400, ONE_COMPRESSOR_MOST_W = 250;

/* Meters and plugs round, and a compressor's own electronics never stop, W. */
static const double SLACK_W = 2;

/* So many mild days tell what never stops of the others, which may have so many times that. */
enum { MILD_DAYS = 45 };
static const double OVER_MILD = 1.15;
/* Where rooms are heated and means hide the pauses, so much of the floor may be what is always on, at least and in the middle. */
static const double HEATED_LEAST = 0.03, HEATED_MIDDLE = 0.5;

/* How far means blur: to about two minutes, to about a quarter of an hour, beyond. */
typedef enum blur { BLUR_NONE, BLUR_SOME, BLUR_MUCH } blur;

static blur blur_of(const dcl_use_work *work) {
    int64_t step = work->out->step_us;
    return step <= 2 * DCL_MINUTE_US ? BLUR_NONE : step <= 15 * DCL_MINUTE_US ? BLUR_SOME : BLUR_MUCH;
}

/* The floor of each day: a quantile of the floors around it. The longer the means, the lower a quantile: a mean of half an
 * hour mostly holds part of a compressor's run. */
static void smooth_floor(dcl_use_work *work, float *scratch) {
    static const double quantile[] = {[BLUR_NONE] = 0.5, [BLUR_SOME] = 0.4, [BLUR_MUCH] = 0.1};
    double q = quantile[blur_of(work)];
    for (size_t i = 0; i < work->n_days; i++) {
        size_t from = i > NEAR_DAYS ? i - NEAR_DAYS : 0, n = 0;
        for (size_t k = from; k < work->n_days && k <= i + NEAR_DAYS; k++)
            if (!isnan(work->day[k].floor_w)) scratch[n++] = work->day[k].floor_w;
        work->floor_w[i] = (float)dcl_use_quantile(scratch, n, q);
    }
}

/* The most that never stops, W: where a year is there, what mild months show with some room; where rooms are heated, a low
 * floor. Above it is heat that does not pause on cold days. scratch has room for all days. */
static double floor_most(const dcl_use_work *work, float *scratch) {
    size_t n = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        bool mild = work->day[i].month >= 5 && work->day[i].month <= 9;
        if (mild && !isnan(work->day[i].floor_w)) scratch[n++] = work->day[i].floor_w;
    }
    if (n >= MILD_DAYS) return OVER_MILD * dcl_use_quantile(scratch, n, 0.5) + SLACK_W;
    return work->rooms ? OVER_MILD * work->steady_w + SLACK_W : INFINITY;
}

/* Days far from any whole day have the median of all. */
static size_t fill_floor(dcl_use_work *work, float *scratch) {
    double most = floor_most(work, scratch);
    size_t n = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        if (isnan(work->floor_w[i])) continue;
        work->floor_w[i] = (float)fmin((double)work->floor_w[i], most);
        scratch[n++] = work->floor_w[i];
    }
    double middle = dcl_use_quantile(scratch, n, 0.5);
    for (size_t i = 0; i < work->n_days; i++)
        if (isnan(work->floor_w[i])) work->floor_w[i] = (float)middle;
    return n;
}

/* Takes the day's floor and the cold mean out of each slot, and no more than it holds. A compressor pauses: its mean is more than
 * some slots hold, and what these lack stays in others. That surplus is taken out of the small slots, where it stands. */
static void take(dcl_use_work *work, double cold_w, double *floor_kwh, double *above_kwh) {
    const dcl_use_grid *grid = &work->coarse;
    double lacking = 0, small = 0;
    *floor_kwh = *above_kwh = 0;
    for (size_t i = 0; i < grid->n; i++) {
        double left = (double)grid->power_w[i], kh = (double)grid->hours[i] / 1000;
        work->rest_w[i] = isnan(left) ? NAN : 0;
        if (isnan(left) || left <= 0) continue;
        int64_t at = grid->start_us + (int64_t)i * grid->step_us;
        double floor_w = fmin((double)work->floor_w[dcl_use_day_of(work, at)], left);
        double above = left - floor_w, rest = fmax(above - cold_w, 0);
        *floor_kwh += floor_w * kh;
        *above_kwh += above * kh;
        lacking += (cold_w - (above - rest)) * kh;
        if (rest < COMPRESSOR_MOST_W) small += rest * kh;
        work->rest_w[i] = (float)rest;
    }
    double keep = small > 0 ? fmax(1 - lacking / small, 0) : 1;
    for (size_t i = 0; i < grid->n; i++)
        if ((double)work->rest_w[i] < COMPRESSOR_MOST_W) work->rest_w[i] *= (float)keep;
}

/* ---------------------------------------------------------------- compressors */

bool dcl_use_is_compressor(const dcl_recurrence *group, double days) {
    double period = (double)group->period_s, on = (double)group->on_s, watt = (double)group->mean_w;
    if (!(period >= 900 && period <= 6 * 3600) || on < 180 || watt < 30 || watt > ONE_COMPRESSOR_MOST_W)
        return false;
    /* A compressor runs for less than an hour or so, and more often than every two; a boiler's pump does neither. */
    if (on > 3900 || (period > 6600 && on > 1800)) return false;
    if (!(group->duty > 0.08f && group->duty < 0.92f) || group->count < 8) return false;
    double span = (double)(group->last_us - group->first_us) / (double)DCL_DAY_US;
    if (span < 0.3 * days || group->count < 4 * span) return false;
    uint32_t night = 0, hours = 0;
    for (int hour = 0; hour < 24; hour++) {
        hours += group->start_hour[hour] > 0;
        if (hour < 6) night += group->start_hour[hour];
    }
    return hours >= 12 && night >= group->count / 8 && night <= group->count / 2;
}

/* The mean power of all rhythms of compressors, W, and how many cycles show them. */
static double rhythm_w(const dcl_use_work *work, uint32_t *cycles) {
    double watt = 0;
    *cycles = 0;
    if (!work->cycles || work->cycles->coarse) return 0;
    for (size_t g = 0; g < work->cycles->n_recurrence; g++) {
        const dcl_recurrence *group = &work->cycles->recurrence[g];
        if (!dcl_use_is_compressor(group, (double)work->out->days)) continue;
        watt += (double)group->mean_w * (double)group->duty;
        *cycles += group->count;
    }
    return watt;
}

/* The mean of a day's quiet stretch above the floor that was taken, W. */
static double ripple_of(const dcl_use_work *work, size_t day) {
    const dcl_use_grid *grid = &work->fine;
    double sum = 0, n = 0;
    for (size_t i = work->day[day].quiet_first; i < work->day[day].quiet_last; i++) {
        if (isnan(grid->power_w[i])) continue;
        sum += fmin(fmax((double)(grid->power_w[i] - work->floor_w[day]), 0), COMPRESSOR_MOST_W);
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

/* A low middle of all days' ripple: on some nights something else is on. days_n how many. */
static double ripple_w(const dcl_use_work *work, float *scratch, int *days_n) {
    size_t n = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        double ripple = ripple_of(work, i);
        if (!isnan(ripple)) scratch[n++] = (float)ripple;
    }
    *days_n = (int)n;
    return dcl_use_quantile(scratch, n, 0.4);
}

/* A mean power with its range, W. */
typedef struct cold_guess {
    dcl_use_from from;
    double watt, low_w, high_w, confidence;
    uint32_t cycles;
    int days;
} cold_guess;

/* Where minutes show no ripple there is no compressor that pauses; half hours may have blurred it into the floor, so there the
 * prior speaks. What is always on hides part of it where means blur, and other loads ripple too: factors chosen as bench/quality.md says. */
static cold_guess guess_cold(const dcl_use_work *work, float *scratch, bool priors) {
    const double least_w = PRIOR_LOW_KWH * 1000 / YEAR_H, old_w = PRIOR_HIGH_KWH * 1000 / YEAR_H;
    static const double above[] = {[BLUR_NONE] = 1.45, [BLUR_SOME] = 1.5, [BLUR_MUCH] = 2.2};
    cold_guess guess = {.from = DCL_USE_FROM_NOTHING};
    blur b = blur_of(work);
    double rhythm = rhythm_w(work, &guess.cycles), ripple = ripple_w(work, scratch, &guess.days);
    if (guess.days < RIPPLE_DAYS || !(ripple >= RIPPLE_LEAST_W)) ripple = 0;
    if (work->rooms && rhythm <= 0)
        ripple = fmin(ripple, PRIOR_KWH * 1000 / YEAR_H); /* the rest of it is heat */
    if (rhythm > 0) {
        guess.from = DCL_USE_FROM_RHYTHM;
        guess.watt = ripple > rhythm ? (rhythm + ripple) / 2 : rhythm;
        guess.low_w = 0.8 * rhythm;
        guess.high_w = fmax(1.4 * rhythm, above[b] * ripple);
        guess.confidence = 0.9;
    } else if (ripple > 0) {
        guess.from = DCL_USE_FROM_RIPPLE;
        guess.watt = ripple > old_w ? old_w + 0.4 * (ripple - old_w) : ripple;
        guess.low_w = fmin(0.5 * ripple, least_w);
        guess.high_w = above[b] * ripple;
        guess.confidence = 0.6;
    } else if (priors && guess.days >= RIPPLE_DAYS && b == BLUR_MUCH) {
        guess.from = DCL_USE_FROM_PRIOR;
        guess.watt = PRIOR_KWH * 1000 / YEAR_H;
        guess.low_w = least_w;
        guess.high_w = old_w;
        guess.confidence = 0.3;
    }
    return guess;
}

/* Sets both. A cold part that only a prior knows lies inside the floor and is taken out of it. */
static void set_both(dcl_use_work *work, const cold_guess *cold, double floor_kwh, double above_kwh,
                     size_t days) {
    static const double below[] = {0.85, 0.75, 0.6}, above[] = {1.15, 1.15, 1.15};
    double scale = work->hours / 1000, slack = SLACK_W * scale;
    bool inside = cold->from == DCL_USE_FROM_PRIOR;
    bool heated = work->rooms && blur_of(work) > BLUR_NONE;
    if (heated) work->hidden_kwh = floor_kwh;
    double most = inside ? PRIOR_PART_OF_FLOOR * floor_kwh : above_kwh;
    double cold_kwh = fmin(cold->watt * scale, most), alone_kwh = floor_kwh - (inside ? cold_kwh : 0);
    double low = inside ? fmax(floor_kwh - cold->high_w * scale, 0.2 * floor_kwh)
                        : below[blur_of(work)] * floor_kwh - slack;
    if (heated) alone_kwh *= HEATED_MIDDLE, low = HEATED_LEAST * floor_kwh;
    dcl_use_set(work, DCL_USE_ALWAYS_ON, DCL_USE_FROM_LEVELS, alone_kwh, low,
                above[blur_of(work)] * floor_kwh + slack, 0.9);
    work->out->use[DCL_USE_ALWAYS_ON].days = (int)days;
    if (cold->from == DCL_USE_FROM_NOTHING) {
        dcl_use_unknown(work, DCL_USE_COLD,
                        cold->days < RIPPLE_DAYS ? DCL_USE_WHY_FEW_DAYS : DCL_USE_WHY_NOT_SEEN);
        return;
    }
    double cold_low = cold->low_w * scale, cold_high = cold->high_w * scale;
    if (inside) cold_low = fmin(cold_low, cold_kwh / 2), cold_high = fmin(cold_high, floor_kwh);
    dcl_use_set(work, DCL_USE_COLD, cold->from, cold_kwh, cold_low, cold_high, cold->confidence);
    work->out->use[DCL_USE_COLD].days = cold->days;
    work->out->use[DCL_USE_COLD].cycles = cold->from == DCL_USE_FROM_RHYTHM ? cold->cycles : 0;
}

dcl_status dcl_use_find_floor(dcl_use_work *work, bool priors) {
    float *scratch = dcl_arena_alloc(work->arena, work->n_days, sizeof *scratch);
    if (!scratch) return DCL_E_MEMORY;
    smooth_floor(work, scratch);
    size_t days = fill_floor(work, scratch);
    double floor_kwh, above_kwh;
    if (days < FLOOR_DAYS) {
        for (size_t i = 0; i < work->n_days; i++) work->floor_w[i] = 0;
        take(work, 0, &floor_kwh, &above_kwh);
        return DCL_OK; /* few_days, as it stands */
    }
    cold_guess cold = guess_cold(work, scratch, priors);
    take(work, cold.from == DCL_USE_FROM_PRIOR ? 0 : cold.watt, &floor_kwh, &above_kwh);
    set_both(work, &cold, floor_kwh, above_kwh, days);
    return DCL_OK;
}
