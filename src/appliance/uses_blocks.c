#include "appliance/uses.h"

#include <math.h>

/* Plateaus: what lasts an hour and more. The power that is there all along any hour is an opening of the signal (the lowest of
 * each window, then the highest of those); what stands above it is short. */

static const double WINDOW_H = 1, COARSE_WINDOW_H = 1.5;
/* A plateau begins at so much, W; a heater's has so much, for so long. */
static const double PLATEAU_W = 500, HEAT_W = 700, HEAT_H = 1;
/* A machine that washes or dries runs at most so long and takes from so much to so much. */
static const double MACHINE_H = 4, MACHINE_LEAST_KWH = 0.4, MACHINE_MOST_KWH = 4;
/* A plateau is flat where so much of it lies within so much of its median. */
static const double FLAT_WITHIN = 0.2, FLAT_SHARE = 0.7;
/* Heaters come again: on so many blocks, and on so many of the days. */
enum { HEAT_BLOCKS = 4 };
static const double HEAT_DAYS_SHARE = 0.4;
/* A heater runs for hours: so many a day, surely so from six on. Full kitchens and evenings make plateaus as well, of two or three. */
static const double HEAT_DAY_H = 3.5, HEAT_SURE_H = 6;
/* An uneven plateau holds other loads for so much of the time, or a heater for the rest of it. */
static const double UNEVEN_PART = 0.5;

typedef struct plateau {
    size_t first, last; /* slots [first, last) */
    double level_w, hours, kwh;
    bool flat;
} plateau;

/* The lowest (sign 1) or the highest (sign -1) of the `width` slots from i - back on; missing slots are the floor. */
static double extreme(const float *w, size_t n, size_t i, size_t back, size_t width, int sign) {
    double best = sign * (double)INFINITY;
    for (size_t k = 0; k < width; k++) {
        size_t at = i + k;
        double value = at < back || at - back >= n || isnan(w[at - back]) ? 0 : (double)w[at - back];
        best = sign > 0 ? fmin(best, value) : fmax(best, value);
    }
    return best;
}

/* long_w = the opening of rest_w. */
static dcl_status open_rest(dcl_use_work *work, double window_h) {
    const dcl_use_grid *grid = &work->coarse;
    size_t width = (size_t)ceil(window_h * (double)DCL_HOUR_US / (double)grid->step_us);
    if (width < 2) width = 2;
    float *low = dcl_arena_alloc(work->arena, grid->n, sizeof *low);
    if (!low) return DCL_E_MEMORY;
    for (size_t i = 0; i < grid->n; i++) low[i] = (float)extreme(work->rest_w, grid->n, i, 0, width, 1);
    for (size_t i = 0; i < grid->n; i++) {
        double value = extreme(low, grid->n, i, width - 1, width, -1);
        work->long_w[i] = isnan(work->rest_w[i]) ? NAN : (float)fmin(value, (double)work->rest_w[i]);
    }
    return DCL_OK;
}

/* The next plateau from slot *at on; false = there is none. scratch has room for all slots. */
static bool next_plateau(const dcl_use_work *work, size_t *at, float *scratch, plateau *out) {
    const dcl_use_grid *grid = &work->coarse;
    const float *w = work->long_w;
    size_t i = *at;
    while (i < grid->n && !((double)w[i] >= PLATEAU_W)) i++;
    if (i >= grid->n) return false;
    *out = (plateau){.first = i};
    size_t n = 0, near = 0;
    for (; i < grid->n && (double)w[i] >= PLATEAU_W; i++) {
        scratch[n++] = w[i];
        out->hours += (double)grid->hours[i];
        out->kwh += (double)w[i] * (double)grid->hours[i] / 1000;
    }
    out->last = *at = i;
    out->level_w = dcl_use_quantile(scratch, n, 0.5);
    for (size_t k = 0; k < n; k++)
        near += fabs((double)scratch[k] - out->level_w) <= FLAT_WITHIN * out->level_w;
    out->flat = (double)near >= FLAT_SHARE * (double)n;
    return true;
}

/* Takes up to cap_w out of each slot of the plateau, and out of the two slots at its ends, which it fills in part. kWh. */
static double take(dcl_use_work *work, const plateau *p, double cap_w) {
    const dcl_use_grid *grid = &work->coarse;
    size_t from = p->first ? p->first - 1 : 0, to = p->last < grid->n ? p->last + 1 : grid->n;
    double kwh = 0;
    for (size_t i = from; i < to; i++) {
        bool edge = i < p->first || i >= p->last;
        double there = edge ? (double)work->rest_w[i] : (double)work->long_w[i];
        if (isnan(there)) continue;
        double taken = fmin(there, cap_w);
        if (edge && there < 0.2 * cap_w) continue;
        work->rest_w[i] -= (float)taken;
        if (!edge) work->long_w[i] -= (float)taken;
        kwh += taken * (double)grid->hours[i] / 1000;
    }
    return kwh;
}

static bool is_heat(const plateau *p) {
    return p->level_w >= HEAT_W && p->hours >= HEAT_H;
}

/* The plateaus that could be a heater's: how many, on how many days, their hours, and its power, W: the lower third of the flat
 * ones, since others add to it. */
typedef struct heater {
    size_t n, days;
    double hours, level_w;
} heater;

static heater measure_heater(const dcl_use_work *work, float *scratch, float *levels) {
    heater out = {0};
    plateau p;
    size_t flat = 0;
    int64_t last_day = INT64_MIN;
    for (size_t at = 0; next_plateau(work, &at, scratch, &p);) {
        if (!is_heat(&p)) continue;
        int64_t start_us = work->coarse.start_us + (int64_t)p.first * work->coarse.step_us;
        int64_t day = dcl_use_civil_day(work->context, start_us);
        out.days += day != last_day;
        last_day = day;
        if (p.flat) levels[flat++] = (float)p.level_w;
        out.hours += p.hours;
        out.n++;
    }
    out.level_w = dcl_use_quantile(levels, flat, 0.33);
    return out;
}

static bool is_heater(const dcl_use_work *work, const heater *h) {
    return h->n >= HEAT_BLOCKS && !isnan(h->level_w) &&
           (double)h->days >= HEAT_DAYS_SHARE * work->out->days && h->hours >= HEAT_DAY_H * work->out->days;
}

/* Where no heater comes again and again, a lone plateau of an hour or few is mostly a machine that dries or washes. */
static void take_machines(dcl_use_work *work, float *scratch) {
    plateau p;
    for (size_t at = 0; next_plateau(work, &at, scratch, &p);) {
        if (p.hours > MACHINE_H || p.kwh < MACHINE_LEAST_KWH || p.kwh > MACHINE_MOST_KWH) continue;
        work->machine_kwh += take(work, &p, 1.2 * p.level_w);
        work->machines++;
    }
}

/* The parts that this use may be are not told apart from it. */
static void set_heat(dcl_use_work *work, const heater *h, double flat, double uneven) {
    bool no_winter = work->out->use[DCL_USE_HEATING].why == DCL_USE_WHY_NOT_SEEN;
    bool all_day = h->hours >= HEAT_SURE_H * work->out->days;
    dcl_use_set(work, DCL_USE_HEAT, DCL_USE_FROM_BLOCKS, flat + UNEVEN_PART * uneven,
                (all_day ? 0.6 : 0.3) * flat, 1.1 * (flat + uneven) + dcl_use_rooms_beside_kwh(work),
                no_winter ? 0.35
                : all_day ? 0.5
                          : 0.4);
    work->out->use[DCL_USE_HEAT].days = (int)h->days;
    work->out->use[DCL_USE_HEAT].cycles = (uint32_t)h->n;
    if (work->out->use[DCL_USE_WATER_HEATER].why)
        dcl_use_unknown(work, DCL_USE_WATER_HEATER, DCL_USE_WHY_NOT_TOLD_APART);
    if (work->out->use[DCL_USE_HEATING].why)
        dcl_use_unknown(work, DCL_USE_HEATING, DCL_USE_WHY_NOT_TOLD_APART);
}

dcl_status dcl_use_find_heat(dcl_use_work *work) {
    float *scratch = dcl_arena_alloc(work->arena, 2 * work->coarse.n, sizeof *scratch);
    if (!scratch) return DCL_E_MEMORY;
    float *levels = scratch + work->coarse.n;
    bool coarse = work->coarse.step_us > 15 * DCL_MINUTE_US;
    dcl_status status = open_rest(work, coarse ? COARSE_WINDOW_H : WINDOW_H);
    if (status) return status;
    if (work->out->days < HEAT_BLOCKS) return DCL_OK; /* few_days, as it stands */
    heater h = measure_heater(work, scratch, levels);
    if (!is_heater(work, &h)) {
        dcl_use_unknown(work, DCL_USE_HEAT, DCL_USE_WHY_NOT_SEEN);
        dcl_use_find_rooms(work);
        status = open_rest(work, coarse ? COARSE_WINDOW_H : WINDOW_H);
        if (status) return status;
        take_machines(work, scratch);
        return DCL_OK;
    }
    plateau p;
    double flat = 0, uneven = 0;
    for (size_t at = 0; next_plateau(work, &at, scratch, &p);) {
        if (!is_heat(&p)) continue;
        *(p.flat ? &flat : &uneven) += take(work, &p, 1.1 * h.level_w);
    }
    set_heat(work, &h, flat, uneven);
    return DCL_OK;
}
