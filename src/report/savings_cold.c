#include "base/order.h"
#include "report/savings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A compressor that takes more than its kind, or than the year before. It is followed through the nights, minute by minute: there its
 * steps stand alone, and means of a minute still show them. */

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
    MILD_LEAST = 20,
    YEAR_DAYS = 366,
    MONTHS = 13
};
/* Its start draws more for some minutes; so far apart are sizes of one compressor. */
static const double OFF_LEAST = 0.75, OFF_MOST = 1.08, ALIKE = 0.12;
/* What a cycle's mean is above its size at the end, from the start's surge. */
static const double SURGE = 1.02, UNSURE = 0.06, THERE = 0.85;
/* More than a year before: clearly beyond what is unsure of either, on so many nights of the same months that a hot fortnight does not
 * speak. One that starts more or less often by more than this is mixed with another of its size in one of the years. Sizes about one are a
 * compressor's where their median is nearly that. */
static const double HARDER = 1.25, OFTENER = 1.3, CENTRED = 0.02;
enum { PAIRED_LEAST = 60 };

typedef struct step {
    int minute;
    double watt;
} step;

typedef struct cycle {
    double watt;
    int on, all, night;
} cycle;

/* month, seen [nights + 1]  of each night, counted from 1: its month, and whether a group has been seen in it;  above [nights]  W that
 * each has above its lowest minute on average, large loads cut */
typedef struct tracker {
    cycle *cycle;
    unsigned char *month, *seen;
    float *above;
    size_t n, room;
    int nights, mild_nights;
    double there; /* kWh a year: no compressor takes more */
} tracker;

/* Cycles of nearly one size, by month from 1: minutes on and in all, how many, and nights that they were seen in. */
typedef struct group {
    double watt, on[MONTHS], all[MONTHS];
    int starts[MONTHS], nights[MONTHS];
    uint32_t cycles;
} group;

/* What one takes, kWh a year; the share of the time that it ran, in the same months of both years, where they were compared. */
typedef struct taker {
    double kwh, kwh_before, worked_before, worked;
    uint32_t cycles;
} taker;

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
        dcl_cover cover = dcl_cover_of(s->draft->power, at, at + DCL_MINUTE_US);
        w[i] = (float)dcl_cover_mean(&cover, at, at + DCL_MINUTE_US, 0.5);
    }
    if (night) t->above[t->nights - 1] = mean_above(w);
    take_cycles(t, steps, find_steps(w, steps));
}

static bool is_mild(int month) {
    return month >= 5 && month <= 9;
}

/* Nights of [from_us, to_us); in short spans the rest of the day as well, though other loads stand in it. */
static void track(const dcl_saver *s, tracker *t, int64_t from_us, int64_t to_us) {
    const dcl_report *r = s->draft->report;
    int windows = r->n_days < SHORT_DAYS ? 4 : 1;
    for (size_t d = 0; d < r->n_days && t->nights < YEAR_DAYS; d++) {
        const dcl_report_day *day = &r->days[d];
        if (day->start_us < from_us || day->start_us >= to_us || !dcl_report_full(day)) continue;
        int month = dcl_date_from_days(day->day).month;
        t->nights++;
        t->month[t->nights] = (unsigned char)month;
        t->mild_nights += is_mild(month);
        for (int k = 0; k < windows; k++)
            take_window(s, t, day->start_us + k * NIGHT_MIN * DCL_MINUTE_US, k == 0);
    }
}

static int by_watt(const void *a, const void *b) {
    const cycle *x = a, *y = b;
    if (x->watt != y->watt) return x->watt > y->watt ? 1 : -1;
    return (x->night > y->night) - (x->night < y->night);
}

/* What even calm nights have above their lowest minute: two alike that start and stop by turns look like one that takes more. */
static double kwh_there(tracker *t) {
    dcl_sort_f32(t->above, (size_t)t->nights);
    double there = dcl_saver_flat_kwh(dcl_quantile_f32(t->above, (size_t)t->nights, 0.25)) / THERE;
    return there < MOST_KWH ? there : MOST_KWH;
}

/* The cycles of those nights by size. */
static dcl_status follow(const dcl_saver *s, tracker *t, int64_t from_us, int64_t to_us) {
    size_t days = s->draft->report->n_days < YEAR_DAYS ? s->draft->report->n_days : YEAR_DAYS;
    *t = (tracker){.room = days * A_NIGHT};
    t->cycle = dcl_arena_alloc(s->draft->arena, t->room, sizeof *t->cycle);
    t->seen = dcl_arena_alloc(s->draft->arena, days + 1, 1);
    t->month = dcl_arena_alloc(s->draft->arena, days + 1, 1);
    t->above = dcl_arena_alloc(s->draft->arena, days, sizeof *t->above);
    if (!t->cycle || !t->seen || !t->month || !t->above) return DCL_E_MEMORY;
    track(s, t, from_us, to_us);
    t->there = t->nights ? kwh_there(t) : 0;
    if (t->n) qsort(t->cycle, t->n, sizeof *t->cycle, by_watt);
    return DCL_OK;
}

/* Cycles [from, to), at least one. */
static group gather(tracker *t, size_t from, size_t to) {
    group g = {.watt = t->cycle[from + (to - from) / 2].watt, .cycles = (uint32_t)(to - from)};
    memset(t->seen, 0, (size_t)t->nights + 1);
    for (size_t i = from; i < to; i++) {
        int night = t->cycle[i].night, month = t->month[night];
        g.on[month] += t->cycle[i].on;
        g.all[month] += t->cycle[i].all;
        g.starts[month]++;
        g.nights[month] += !t->seen[night];
        t->seen[night] = 1;
    }
    return g;
}

/* As kWh a year; 0 where they are too few to be a compressor that runs every night: heating hides it for most of
 * the winter, and what is not there in summer heats. */
static double kwh_of(const tracker *t, const group *g) {
    double on = 0, all = 0;
    int nights = 0, mild = 0;
    for (int month = 1; month < MONTHS; month++) {
        on += g->on[month];
        all += g->all[month];
        nights += g->nights[month];
        if (is_mild(month)) mild += g->nights[month];
    }
    if (t->mild_nights >= MILD_LEAST && 4 * mild < t->mild_nights) return 0;
    if (g->cycles < CYCLES_LEAST || nights < NIGHTS_LEAST || SEEN * nights < t->nights) return 0;
    double kwh = dcl_saver_flat_kwh(SURGE * g->watt * on / all);
    return kwh <= t->there ? kwh : 0;
}

/* The share of the time that each ran, over the months in which both were seen: the season does not speak. False where these are few, or
 * where it does not start about as often. */
static bool pair_months(const group *before, const group *now, taker *out) {
    double nights = 0, starts_before = 0, starts = 0, ran_before = 0, ran = 0;
    for (int month = 1; month < MONTHS; month++) {
        if (!before->nights[month] || !now->nights[month]) continue;
        double both = fmin(before->nights[month], now->nights[month]);
        ran_before += both * before->on[month] / before->all[month];
        ran += both * now->on[month] / now->all[month];
        starts_before += both * before->starts[month] / before->nights[month];
        starts += both * now->starts[month] / now->nights[month];
        nights += both;
    }
    if (nights < PAIRED_LEAST || starts > OFTENER * starts_before || starts_before > OFTENER * starts)
        return false;
    out->worked_before = ran_before / nights;
    out->worked = ran / nights;
    return true;
}

/* The cycles about a size; false where there are none. */
static bool gather_about(tracker *t, double watt, group *out) {
    size_t from = 0, to;
    while (from < t->n && t->cycle[from].watt < (1 - ALIKE / 2) * watt) from++;
    for (to = from; to < t->n && t->cycle[to].watt <= (1 + ALIKE / 2) * watt;) to++;
    if (from < to) *out = gather(t, from, to);
    return from < to;
}

/* The compressor that takes most, kwh 0 = none. */
static taker hungriest(tracker *t) {
    taker most = {0};
    for (size_t from = 0, to = 0; from < t->n; from += 1 + t->n / 400) {
        while (to < t->n && t->cycle[to].watt <= (1 + ALIKE) * t->cycle[from].watt) to++;
        if (to <= from) continue;
        group g = gather(t, from, to);
        double kwh = kwh_of(t, &g);
        if (kwh > most.kwh) most = (taker){.kwh = kwh, .cycles = g.cycles};
    }
    return most;
}

/* The one that takes most more than one of its size did a year before. */
static taker most_harder(tracker *now, tracker *before) {
    taker most = {0};
    group g, then;
    for (size_t i = 0; i < now->n && before->n; i += 1 + now->n / 400) {
        double watt = now->cycle[i].watt;
        if (!gather_about(now, watt, &g) || fabs(g.watt - watt) > CENTRED * watt) continue;
        taker one = {.kwh = kwh_of(now, &g), .cycles = g.cycles};
        if (!(one.kwh > 0) || !gather_about(before, g.watt, &then) || !(kwh_of(before, &then) > 0)) continue;
        if (!pair_months(&then, &g, &one) || one.worked < HARDER * one.worked_before) continue;
        one.kwh_before = one.kwh * one.worked_before / one.worked;
        if (one.kwh - one.kwh_before > most.kwh - most.kwh_before) most = one;
    }
    return most;
}

/* Against its kind. */
static void compare_kind(dcl_advice *a) {
    a->usual_low = USUAL_LOW_KWH;
    a->usual_high = USUAL_HIGH_KWH;
    a->confidence = 0.8;
    a->kwh_low = (1 - UNSURE) * a->now - USUAL_HIGH_KWH;
    a->kwh_high = (1 + UNSURE) * a->now - USUAL_LOW_KWH;
}

/* Against its own year before: what is unsure of either year is so by itself, what both have in common cancels. */
static void compare_year(dcl_advice *a, const taker *harder) {
    double more = harder->kwh - harder->kwh_before, unsure = UNSURE * hypot(harder->kwh, harder->kwh_before);
    a->usual_low = a->usual_high = harder->kwh_before;
    a->worked_before = harder->worked_before;
    a->worked_now = harder->worked;
    a->confidence = 0.7;
    a->kwh_low = more - unsure;
    a->kwh_high = more + unsure;
}

dcl_status dcl_save_cold(dcl_saver *s) {
    tracker now, before;
    int64_t start_us = s->load.start_us;
    if (s->step_us > 2 * DCL_MINUTE_US) {
        dcl_saver_without(s, DCL_ADVICE_COLD, DCL_ADVICE_WHY_TOO_COARSE);
        return DCL_OK;
    }
    dcl_status status = follow(s, &now, start_us, INT64_MAX);
    if (!status) status = follow(s, &before, start_us - 365 * DCL_DAY_US, start_us);
    if (status) return status;
    taker most = hungriest(&now), harder = most_harder(&now, &before);
    /* One advice: the larger. */
    double beyond = most.kwh >= TOLD_KWH ? most.kwh - (USUAL_LOW_KWH + USUAL_HIGH_KWH) / 2 : 0;
    bool year = harder.kwh - harder.kwh_before > beyond;
    if (!year && !(beyond > 0)) {
        dcl_saver_without(s, DCL_ADVICE_COLD,
                          most.kwh > 0 ? DCL_ADVICE_WHY_NOTHING : DCL_ADVICE_WHY_NOT_SEEN);
        return DCL_OK;
    }
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_COLD);
    double price = dcl_saver_flat_price(s);
    a->now = year ? harder.kwh : most.kwh;
    a->cycles = year ? harder.cycles : most.cycles;
    a->days = now.nights;
    if (year)
        compare_year(a, &harder);
    else
        compare_kind(a);
    a->eur_low = a->kwh_low * price;
    a->eur_high = a->kwh_high * price;
    dcl_saver_give(s, a);
    return DCL_OK;
}
