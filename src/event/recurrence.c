/* Cycles found: in order, with what recurs at the same time of day. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/status.h"
#include "event/event.h"

/* The day in bins of a quarter of an hour; a start may lie one bin (or one interval, if longer) off the usual
 * one. */
enum { BIN_MIN = 15, BINS = 24 * 60 / BIN_MIN };
/* Only cycles of some weight recur in a sense that matters, Wh. */
static const double LARGE_WH = 300;
/* It recurs when it starts there on at least so many days, on this share of them, and so many times more
   often than if starts fell anywhere. */
enum { DAYS_MIN = 5 };
static const double DAYS_SHARE = 0.25, OVER_CHANCE = 3;
/* A day counts with so much data, h. */
static const double FULL_DAY_H = 20;

static int64_t local_us(const dcl_zone *zone, int64_t time_us) {
    return time_us + (zone ? dcl_zone_offset_s(zone, time_us) * DCL_SECOND_US : 0);
}

static bool is_large(const dcl_cycle *cycle) {
    double hours = (double)(cycle->end_us - cycle->start_us) / (double)DCL_HOUR_US;
    return (double)cycle->mean_w * hours >= LARGE_WH; /* VA·h stand in where there is no active power */
}

/* The first sample that starts on a later civil day than sample i; at most n. */
static size_t next_day(const dcl_zone *zone, const dcl_series *lead, size_t i) {
    int64_t time_us = lead->start_us + (int64_t)i * lead->period_us;
    int64_t day = dcl_floor_div(local_us(zone, time_us), DCL_DAY_US) + 1;
    int64_t end_us = zone ? dcl_zone_day_start(zone, day) : day * DCL_DAY_US;
    /* Where clocks go back over midnight the day's second part begins after its end. */
    int64_t samples = end_us > time_us ? (end_us - time_us + lead->period_us - 1) / lead->period_us : 1;
    return (uint64_t)samples < lead->n - i ? i + (size_t)samples : lead->n;
}

static int count_full_days(const dcl_zone *zone, const dcl_series *lead) {
    int days = 0;
    for (size_t i = 0, end; i < lead->n; i = end) {
        end = next_day(zone, lead, i);
        size_t present = 0;
        for (size_t k = i; k < end; k++) present += !dcl_is_missing(lead->value[k]);
        days += (double)present * (double)lead->period_us >= FULL_DAY_H * (double)DCL_HOUR_US;
    }
    return days;
}

/* A large cycle's bin and day. */
typedef struct start {
    int64_t day;
    int bin;
} start;

static int distance(int a, int b) {
    int d = a > b ? a - b : b - a;
    return d < BINS - d ? d : BINS - d;
}

/* Days with a start at most `reach` bins from `bin`. Starts are in order of time, so of days. */
static int days_near(const start *starts, size_t n, int bin, int reach) {
    int days = 0;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        if (distance(starts[i].bin, bin) > reach || starts[i].day == last) continue;
        last = starts[i].day;
        days++;
    }
    return days;
}

static void mark(const dcl_zone *zone, dcl_cycles *cycles, int bin, int reach, double share) {
    int minute = bin * BIN_MIN;
    bool night = minute >= 20 * 60 || minute < 8 * 60;
    for (size_t i = 0; i < cycles->n; i++) {
        dcl_cycle *cycle = &cycles->cycle[i];
        int64_t in_day = local_us(zone, cycle->start_us);
        in_day -= dcl_floor_div(in_day, DCL_DAY_US) * DCL_DAY_US;
        if (!is_large(cycle) || distance((int)(in_day / (BIN_MIN * DCL_MINUTE_US)), bin) > reach) continue;
        cycle->flags |= DCL_CYCLE_RECURRING | (night ? DCL_CYCLE_NIGHT : 0u);
        cycle->confidence = (float)fmin(cycle->confidence + 0.3 * share, 1);
    }
}

dcl_status dcl_cycles_recurrence(const dcl_zone *zone, const dcl_series *lead, dcl_cycles *cycles) {
    cycles->recurring_minute = -1;
    cycles->days = count_full_days(zone, lead);
    start *starts = malloc((cycles->n + 1) * sizeof *starts);
    if (!starts) return DCL_E_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        if (!is_large(&cycles->cycle[i])) continue;
        int64_t local = local_us(zone, cycles->cycle[i].start_us), day = dcl_floor_div(local, DCL_DAY_US);
        starts[n++] = (start){day, (int)((local - day * DCL_DAY_US) / (BIN_MIN * DCL_MINUTE_US))};
    }
    int64_t bins = lead->period_us / (BIN_MIN * DCL_MINUTE_US);
    int reach = bins < 1 ? 1 : bins > BINS ? BINS : (int)bins;
    int best = 0, best_days = 0;
    for (int bin = 0; bin < BINS; bin++) {
        int days = days_near(starts, n, bin, reach);
        /* The middle of equals: the exact bin has more than its neighbours. */
        if (days > best_days ||
            (days == best_days && days_near(starts, n, bin, 0) > days_near(starts, n, best, 0)))
            best = bin, best_days = days;
    }
    free(starts);
    if (!cycles->days) return DCL_OK;
    double share = (double)best_days / cycles->days;
    double chance = (double)n / cycles->days * (2 * reach + 1) / BINS;
    if (best_days < DAYS_MIN || share < DAYS_SHARE || share < OVER_CHANCE * chance) return DCL_OK;
    cycles->recurring_minute = best * BIN_MIN;
    cycles->recurring_days = best_days;
    mark(zone, cycles, best, reach, fmin(share, 1));
    return DCL_OK;
}

/* ---------------------------------------------------------------- the public entry */

static int by_start(const void *a, const void *b) {
    const dcl_cycle *x = a, *y = b;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    if (x->end_us != y->end_us) return x->end_us < y->end_us ? -1 : 1;
    return (x->on_w > y->on_w) - (x->on_w < y->on_w);
}

static int by_time(const void *a, const void *b) {
    const dcl_edge *x = a, *y = b;
    if (x->time_us != y->time_us) return x->time_us < y->time_us ? -1 : 1;
    return (x->before > y->before) - (x->before < y->before);
}

static dcl_status hand_over(dcl_cycle_list *list, dcl_arena *arena, dcl_cycles *out) {
    out->cycle = dcl_arena_alloc(arena, list->n, sizeof *list->cycle);
    out->leftover = dcl_arena_alloc(arena, list->n_leftover, sizeof *list->leftover);
    if (!out->cycle || !out->leftover) return DCL_E_MEMORY;
    if (list->n) {
        qsort(list->cycle, list->n, sizeof *list->cycle, by_start);
        memcpy(out->cycle, list->cycle, list->n * sizeof *list->cycle);
    }
    if (list->n_leftover) {
        qsort(list->leftover, list->n_leftover, sizeof *list->leftover, by_time);
        memcpy(out->leftover, list->leftover, list->n_leftover * sizeof *list->leftover);
    }
    out->n = list->n;
    out->n_leftover = list->n_leftover;
    return DCL_OK;
}

static bool options_fine(const dcl_cycle_options *o) {
    return o->mismatch_share >= 0 && o->mismatch_share <= 1 && o->mismatch_w >= 0 && o->max_hours > 0 &&
           o->bridge_s >= 0 && o->coarse_period_s > 0 && o->coarse_rise_w > 0;
}

dcl_status dcl_cycles_find(const dcl_context *context, const dcl_home *home, const dcl_cycle_options *options,
                           const dcl_edges *edges, dcl_arena *arena, dcl_cycles *out, dcl_error *error) {
    *out = (dcl_cycles){.recurring_minute = -1};
    dcl_cycle_list list = {0};
    dcl_edges found;
    dcl_signal signal;
    dcl_status status = dcl_signal_of(home, &signal, error);
    if (status != DCL_OK) return status;
    if (!options_fine(options)) return dcl_fail(error, DCL_E_ARG, "an option of cycles is outside its range");
    out->coarse = (double)signal.lead->period_us >= options->coarse_period_s * 1e6;
    if (out->coarse) {
        status = dcl_cycles_rises(&signal, options, &list);
    } else {
        if (!edges) {
            status = dcl_edges_find(context, home, &options->edge, arena, &found, error);
            if (status != DCL_OK) return status;
            edges = &found;
        }
        status = dcl_cycles_pair(&signal, options, edges, &list);
        if (status == DCL_OK) status = dcl_cycles_add_pulsing(&list, edges);
    }
    if (status == DCL_OK) status = hand_over(&list, arena, out);
    bool estimated = signal.estimate.power && !out->coarse;
    if (status == DCL_OK && estimated) dcl_cycles_estimate(edges, out);
    if (status == DCL_OK && !out->coarse)
        dcl_cycles_measure(estimated ? signal.estimate.power : signal.lead,
                           estimated ? dcl_estimate_away(&signal.estimate) : 0, out->cycle, out->n);
    if (status == DCL_OK) dcl_cycles_join_pulses(out);
    if (status == DCL_OK) status = dcl_cycles_group(context->zone, arena, out);
    if (status == DCL_OK) status = dcl_cycles_recurrence(context->zone, signal.lead, out);
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "cycles");
    free(list.cycle);
    free(list.leftover);
    return status;
}
