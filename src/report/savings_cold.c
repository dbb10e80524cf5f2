#include "base/order.h"
#include "report/savings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A compressor that takes more than its kind. It is followed through the nights, minute by minute: there its steps stand alone, and
 * means of a minute still show them. */

/* kWh a year: fridge-freezers of the stock of 2009 took 460 and freezers 556, today's 346 and 308 (ElecDom, ADEME/RTE 2021); good new ones 200 (ours). None takes more than the last.
 */
static const double USUAL_LOW_KWH = 200, USUAL_HIGH_KWH = 460, TOLD_KWH = 780, MOST_KWH = 1700;
/* Compressors of kitchens and cellars, W; minutes that a run and a whole cycle take. */
static const double LEAST_W = 70, MOST_W = 260;
enum {
    RUN_LEAST = 5,
    CYCLE_MOST = 360,
    NIGHT_MIN = 360,
    NIGHTS_LEAST = 10,
    STEPS_MOST = 200,
    CYCLES_LEAST = 20,
    A_NIGHT = 96,
    SHORT_DAYS = 90,
    SEEN = 5,
    MILD_LEAST = 20
};
/* Its start draws more for some minutes; so far apart are sizes of one compressor. */
static const double OFF_LEAST = 0.75, OFF_MOST = 1.08, ALIKE = 0.12;
/* What a cycle's mean is above its size at the end, from the start's surge. */
static const double SURGE = 1.02, UNSURE = 0.06, THERE = 0.85;

typedef struct step {
    int minute;
    double watt;
} step;

typedef struct cycle {
    double watt;
    int on, all, night;
} cycle;

/* mild, seen [nights + 1]  nights of May to September, and those that a group has been seen in;  above [nights]  W that each has
 * above its lowest minute on average, large loads cut */
typedef struct tracker {
    cycle *cycle;
    unsigned char *mild, *seen;
    float *above;
    size_t n, room;
    int nights, mild_nights;
} tracker;

/* Steps between two minutes that hold: the minute of the switch itself may lie anywhere between. */
static int find_steps(const float *w, step *out) {
    int n = 0;
    for (int i = 2; i + 2 < NIGHT_MIN && n < STEPS_MOST; i++) {
        double before = ((double)w[i - 2] + (double)w[i - 1]) / 2,
               after = ((double)w[i + 1] + (double)w[i + 2]) / 2;
        double by = after - before, hold = 8 + 0.16 * fabs(by);
        if (!(fabs(by) >= LEAST_W * 0.8) || !(fabs((double)(w[i - 2] - w[i - 1])) <= hold) ||
            !(fabs((double)(w[i + 2] - w[i + 1])) <= hold))
            continue;
        out[n++] = (step){i, by};
        i += 2;
    }
    return n;
}

/* A start, the first stop of its size, and the next start of its size. */
static void take_cycles(tracker *t, const step *steps, int n) {
    for (int i = 0; i < n && t->n < t->room; i++) {
        double size = steps[i].watt;
        int stop = i + 1, next;
        if (size < LEAST_W || size > MOST_W * 1.15) continue;
        while (stop < n && !(-steps[stop].watt >= OFF_LEAST * size && -steps[stop].watt <= OFF_MOST * size))
            stop++;
        for (next = stop + 1; next < n && fabs(steps[next].watt - size) > ALIKE * size;) next++;
        if (next >= n) continue;
        int on = steps[stop].minute - steps[i].minute, all = steps[next].minute - steps[i].minute;
        if (on < RUN_LEAST || all > CYCLE_MOST) continue;
        t->cycle[t->n++] = (cycle){-steps[stop].watt, on, all, t->nights};
    }
}

/* The mean above the lowest minute; no minute counts for more than a compressor or two. */
static float mean_above(const float *w) {
    double least = INFINITY, sum = 0, n = 0;
    for (int i = 0; i < NIGHT_MIN; i++) least = fmin(least, (double)w[i]);
    for (int i = 0; i < NIGHT_MIN; i++) {
        if (isnan(w[i])) continue;
        sum += fmin((double)w[i] - least, 2 * MOST_W);
        n++;
    }
    return n > 0 ? (float)(sum / n) : 0;
}

/* A window of six hours from a day's beginning on, as means of a minute. */
static void take_window(const dcl_saver *s, tracker *t, int64_t start_us, bool night) {
    float w[NIGHT_MIN];
    step steps[STEPS_MOST];
    for (int i = 0; i < NIGHT_MIN; i++) {
        int64_t at = start_us + i * DCL_MINUTE_US;
        dcl_cover cover = dcl_cover_of(s->power, at, at + DCL_MINUTE_US);
        w[i] = (float)dcl_cover_mean(&cover, at, at + DCL_MINUTE_US, 0.5);
    }
    if (night) t->above[t->nights - 1] = mean_above(w);
    take_cycles(t, steps, find_steps(w, steps));
}

/* Nights; in short spans the rest of the day as well, though other loads stand in it. */
static void track(const dcl_saver *s, tracker *t) {
    const dcl_report *r = s->report;
    int windows = r->n_days < SHORT_DAYS ? 4 : 1;
    for (size_t d = 0; d < r->n_days; d++) {
        const dcl_report_day *day = &r->days[d];
        if (day->start_us < s->load.start_us || !dcl_report_full(day)) continue;
        int month = dcl_date_from_days(day->day).month;
        t->nights++;
        t->mild[t->nights] = month >= 5 && month <= 9;
        t->mild_nights += t->mild[t->nights];
        for (int k = 0; k < windows; k++)
            take_window(s, t, day->start_us + k * NIGHT_MIN * DCL_MINUTE_US, k == 0);
    }
}

static int by_watt(const void *a, const void *b) {
    const cycle *x = a, *y = b;
    if (x->watt != y->watt) return x->watt > y->watt ? 1 : -1;
    return (x->night > y->night) - (x->night < y->night);
}

/* Cycles [from, to) of nearly one size, as kWh a year; 0 where they are too few to be a compressor that runs
 * every night: heating hides it for most of the winter, and what is not there in summer heats. */
static double kwh_of(const tracker *t, size_t from, size_t to) {
    double on = 0, all = 0, watt = t->cycle[from + (to - from) / 2].watt;
    int nights = 0, mild = 0;
    memset(t->seen, 0, (size_t)t->nights + 1);
    for (size_t i = from; i < to; i++) {
        on += t->cycle[i].on;
        all += t->cycle[i].all;
        int night = t->cycle[i].night;
        nights += !t->seen[night];
        mild += !t->seen[night] && t->mild[night];
        t->seen[night] = 1;
    }
    if (t->mild_nights >= MILD_LEAST && 4 * mild < t->mild_nights) return 0;
    if (to - from < CYCLES_LEAST || nights < NIGHTS_LEAST || SEEN * nights < t->nights) return 0;
    return dcl_saver_flat_kwh(SURGE * watt * on / all);
}

/* The compressor that takes most, of what even calm nights have above their lowest minute: two alike that start and stop by turns look like
 * one that takes more. */
static double hungriest(tracker *t, uint32_t *cycles) {
    double most = 0, there;
    dcl_sort_f32(t->above, (size_t)t->nights);
    there = dcl_saver_flat_kwh(dcl_quantile_f32(t->above, (size_t)t->nights, 0.25)) / THERE;
    if (!(there < MOST_KWH)) there = MOST_KWH;
    if (t->n) qsort(t->cycle, t->n, sizeof *t->cycle, by_watt);
    for (size_t from = 0, to = 0; from < t->n; from += 1 + t->n / 400) {
        while (to < t->n && t->cycle[to].watt <= (1 + ALIKE) * t->cycle[from].watt) to++;
        double kwh = to > from ? kwh_of(t, from, to) : 0;
        if (kwh <= most || kwh > there) continue;
        most = kwh;
        *cycles = (uint32_t)(to - from);
    }
    return most;
}

dcl_status dcl_save_cold(dcl_saver *s) {
    tracker t = {.room = s->report->n_days * A_NIGHT};
    uint32_t cycles = 0;
    if (s->step_us > 2 * DCL_MINUTE_US) {
        dcl_saver_without(s, DCL_ADVICE_COLD, DCL_ADVICE_WHY_TOO_COARSE);
        return DCL_OK;
    }
    t.cycle = dcl_arena_alloc(s->arena, t.room, sizeof *t.cycle);
    t.seen = dcl_arena_alloc(s->arena, s->report->n_days + 1, 1);
    t.mild = dcl_arena_alloc(s->arena, s->report->n_days + 1, 1);
    t.above = dcl_arena_alloc(s->arena, s->report->n_days, sizeof *t.above);
    if (!t.cycle || !t.seen || !t.mild || !t.above) return DCL_E_MEMORY;
    track(s, &t);
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_COLD);
    double price = dcl_saver_flat_price(s);
    a->now = hungriest(&t, &cycles);
    if (!(a->now > 0) || a->now < TOLD_KWH) {
        dcl_saver_without(s, DCL_ADVICE_COLD, a->now > 0 ? DCL_ADVICE_WHY_NOTHING : DCL_ADVICE_WHY_NOT_SEEN);
        return DCL_OK;
    }
    a->usual_low = USUAL_LOW_KWH;
    a->usual_high = USUAL_HIGH_KWH;
    a->days = t.nights;
    a->cycles = cycles;
    a->confidence = 0.8;
    a->kwh_low = (1 - UNSURE) * a->now - USUAL_HIGH_KWH;
    a->kwh_high = (1 + UNSURE) * a->now - USUAL_LOW_KWH;
    a->eur_low = a->kwh_low * price;
    a->eur_high = a->kwh_high * price;
    dcl_saver_give(s, a);
    return DCL_OK;
}
