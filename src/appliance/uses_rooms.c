#include "appliance/uses.h"

#include <math.h>

/* Rooms heated by electricity where no pulses were seen one by one and no year tells: a level that lasts through the quietest
 * hours of cold nights, and is another one from night to night as the weather is. What runs round the clock does not change,
 * and what people do is short. */

/* So many nights of a stretch of which so much lies in cold months, with fewer mild days than tell seasons. */
enum { NIGHTS_LEAST = 7, MILD_DAYS = 45 };
static const double COLD_SHARE = 0.5;
/* The middle half of the nights spreads over so much, W, or that share of the middle night, if more; and the middle night
 * stands so far above the floor, W: a compressor alone stays below. */
static const double SPREAD_W = 16, SPREAD_SHARE = 0.1, ABOVE_W = 60;
/* Heat lasts: of each four hours the lower half of the half hours. */
enum { WINDOW_H = 4, SLOTS_MOST = 2 * WINDOW_H };

static bool is_cold(int month) {
    return month >= 11 || month <= 3;
}

static bool is_mild(int month) {
    return month >= 5 && month <= 9;
}

/* The mean of the lower half of the half hours in slots [first, last) of the fine grid, W; NaN where half of them lack. */
static double lower_half(const dcl_use_grid *grid, size_t first, size_t last) {
    size_t each = (size_t)(DCL_HOUR_US / 2 / grid->step_us), n = 0;
    float mean[SLOTS_MOST];
    if (each < 1) each = 1;
    for (size_t i = first; i + each <= last && n < SLOTS_MOST; i += each) {
        double sum = 0, there = 0;
        for (size_t k = i; k < i + each; k++)
            if (!isnan(grid->power_w[k])) sum += (double)grid->power_w[k], there++;
        if (2 * there >= (double)each) mean[n++] = (float)(sum / there);
    }
    if (2 * n * each < last - first || n < 2) return NAN;
    dcl_use_quantile(mean, n, 0.5); /* in order now */
    double sum = 0;
    for (size_t i = 0; i < n / 2; i++) sum += (double)mean[i];
    return sum / (double)(n / 2);
}

/* Cold nights without a year around them. */
static bool is_winter(const dcl_use_work *work) {
    int full = 0, cold = 0, mild = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        full += work->day[i].full;
        cold += work->day[i].full && is_cold(work->day[i].month);
        mild += work->day[i].full && is_mild(work->day[i].month);
    }
    return full >= NIGHTS_LEAST && cold >= COLD_SHARE * full && mild < MILD_DAYS;
}

dcl_status dcl_use_look_for_rooms(dcl_use_work *work) {
    float *scratch = dcl_arena_alloc(work->arena, work->n_days, sizeof *scratch);
    if (!scratch) return DCL_E_MEMORY;
    if (!is_winter(work)) return DCL_OK;
    size_t n = 0;
    for (size_t i = 0; i < work->n_days; i++)
        if (!isnan(work->day[i].floor_w)) scratch[n++] = work->day[i].floor_w;
    double steady = dcl_use_quantile(scratch, n, 0.1);
    n = 0;
    for (size_t i = 0; i < work->n_days; i++) {
        double level = lower_half(&work->fine, work->day[i].quiet_first, work->day[i].quiet_last);
        if (!isnan(level)) scratch[n++] = (float)level;
    }
    if (n < NIGHTS_LEAST) return DCL_OK;
    double low = dcl_use_quantile(scratch, n, 0.25), high = dcl_use_quantile(scratch, n, 0.75),
           middle = dcl_use_quantile(scratch, n, 0.5);
    work->rooms = high - low >= fmax(SPREAD_W, SPREAD_SHARE * middle) && middle - steady >= ABOVE_W;
    work->steady_w = steady;
    return DCL_OK;
}

/* The lower half of what is left of each four hours is taken for heat. It is less than heat was where that comes in pulses, and more
 * where somebody stays up; all that is left, and the floor where means hide pauses, may be heat. */
static const double LASTING = 1.15, LASTING_LEAST = 0.35, SURE = 0.5;

/* What lasts through slots [first, last), kWh; taken out where that is asked for. */
static double window_kwh(dcl_use_work *work, const dcl_use_grid *rest, size_t first, size_t last, bool take) {
    double level = lower_half(rest, first, last), kwh = 0;
    for (size_t i = first; i < last && level > 0; i++) {
        if (isnan(work->rest_w[i]) || work->rest_w[i] <= 0) continue;
        double taken = fmin((double)work->rest_w[i], level);
        if (take) work->rest_w[i] -= (float)taken;
        kwh += taken * (double)rest->hours[i] / 1000;
    }
    return kwh;
}

static double lasting_kwh(dcl_use_work *work, bool take) {
    dcl_use_grid rest = work->coarse;
    rest.power_w = work->rest_w;
    size_t each = (size_t)(WINDOW_H * DCL_HOUR_US / rest.step_us);
    double kwh = 0;
    for (size_t first = 0; first < rest.n; first += each)
        kwh += window_kwh(work, &rest, first, first + each < rest.n ? first + each : rest.n, take);
    return kwh;
}

double dcl_use_rooms_beside_kwh(dcl_use_work *work) {
    return work->rooms ? LASTING * lasting_kwh(work, false) + work->hidden_kwh : 0;
}

/* What may be heat though it was taken for cold. */
static double cold_slack_kwh(const dcl_use_work *work) {
    const dcl_use *cold = &work->out->use[DCL_USE_COLD];
    return cold->why ? 0 : cold->kwh - cold->kwh_low;
}

void dcl_use_find_rooms(dcl_use_work *work) {
    const dcl_use before = work->out->use[DCL_USE_HEATING];
    bool by_pulses = !before.why && before.from == DCL_USE_FROM_CYCLES;
    if (!work->rooms || (before.why != DCL_USE_WHY_NO_SEASONS && !by_pulses)) return;
    const dcl_use_grid *grid = &work->coarse;
    double left = 0;
    for (size_t i = 0; i < grid->n; i++)
        if (work->rest_w[i] > 0) left += (double)work->rest_w[i] * (double)grid->hours[i] / 1000;
    double kwh = LASTING * lasting_kwh(work, true) + work->hidden_kwh / 2;
    double low = LASTING_LEAST * kwh, high = left + work->hidden_kwh + cold_slack_kwh(work);
    dcl_use_set(work, DCL_USE_HEATING, by_pulses ? DCL_USE_FROM_CYCLES : DCL_USE_FROM_LEVELS,
                kwh + (by_pulses ? before.kwh : 0), low + (by_pulses ? before.kwh_low : 0),
                high + (by_pulses ? before.kwh_high : 0), SURE);
    if (by_pulses) work->out->use[DCL_USE_HEATING].cycles = before.cycles;
}
