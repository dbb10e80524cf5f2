/*
 * Steps and cycles in watts where active power is an estimate: they are found in apparent power, which the meter says, and
 * told in active power where the estimate is sure enough.
 */
#include <math.h>

#include "event/event.h"

/* The level of a side is taken over so much of it, s, and this much or a reading away from the step. */
enum { BEFORE_S = 30, AFTER_S = 60, AWAY_S = 2 };

/* Means of a stretch of the estimate; NaN where it has none. */
typedef struct level {
    double w, open_w;
} level;

static double mean_of(const dcl_series *series, int64_t from_us, int64_t to_us) {
    double sum = 0;
    size_t n = 0;
    if (from_us < series->start_us || to_us > dcl_series_end_us(series)) return NAN;
    size_t first = (size_t)((from_us - series->start_us) / series->period_us);
    size_t last = (size_t)((to_us - series->start_us + series->period_us - 1) / series->period_us);
    for (size_t i = first; i < last; i++) {
        if (dcl_is_missing(series->value[i])) continue;
        sum += (double)series->value[i];
        n++;
    }
    return n ? sum / (double)n : NAN;
}

static level level_of(const dcl_estimate *estimate, int64_t from_us, int64_t to_us) {
    if (from_us >= to_us) return (level){NAN, NAN};
    return (level){mean_of(estimate->power, from_us, to_us),
                   mean_of(estimate->high, from_us, to_us) - mean_of(estimate->low, from_us, to_us)};
}

/* Between two readings the estimate may be on its way: the step is dated by the later one. */
static int64_t away(const dcl_estimate *estimate) {
    const int64_t least_us = AWAY_S * DCL_SECOND_US, reading_us = estimate->power->reading_us;
    return reading_us > least_us && reading_us < DCL_HOUR_US ? reading_us : least_us;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Reactive power of a level, its sign taken to stay. */
static double reactive(double va, double w) {
    return va > w ? sqrt(va * va - w * w) : 0;
}

static void estimate_edge(const dcl_estimate *estimate, dcl_edge *edge, int64_t after_us, int64_t before_us) {
    const int64_t away_us = away(estimate);
    int64_t start_us = edge->time_us + (int64_t)((double)edge->settle_s * 1e6);
    level before =
        level_of(estimate, later(after_us + away_us, edge->time_us - away_us - BEFORE_S * DCL_SECOND_US),
                 edge->time_us - away_us);
    int64_t end_us = start_us + away_us + AFTER_S * DCL_SECOND_US;
    level after =
        level_of(estimate, start_us + away_us, end_us < before_us - away_us ? end_us : before_us - away_us);
    double delta = after.w - before.w, open = (after.open_w + before.open_w) / 2;
    /* Less sure than it is large, or the other way round than apparent power: not told. */
    if (!(open < fabs(delta)) || (delta > 0) != (edge->delta_va > 0)) return;
    double var = reactive((double)edge->after, after.w) - reactive((double)edge->before, before.w);
    edge->delta_w = (float)delta;
    edge->power_factor = (float)(fabs(delta) / sqrt(delta * delta + var * var));
}

void dcl_edges_estimate(const dcl_estimate *estimate, dcl_edges *edges) {
    if (!estimate->power) return;
    int64_t first_us = estimate->power->start_us, last_us = dcl_series_end_us(estimate->power);
    for (size_t i = 0; i < edges->n; i++) {
        int64_t after_us = i ? edges->edge[i - 1].time_us : first_us;
        if (i) after_us += (int64_t)((double)edges->edge[i - 1].settle_s * 1e6);
        int64_t before_us = i + 1 < edges->n ? edges->edge[i + 1].time_us : last_us;
        estimate_edge(estimate, &edges->edge[i], later(after_us, first_us),
                      before_us < last_us ? before_us : last_us);
    }
}

size_t dcl_estimate_away(const dcl_estimate *estimate) {
    const int64_t period_us = estimate->power->period_us;
    return (size_t)((away(estimate) + period_us - 1) / period_us);
}

/* The step at a moment; NULL = none. */
static const dcl_edge *edge_at(const dcl_edges *edges, int64_t time_us) {
    size_t low = 0, high = edges->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edges->edge[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low < edges->n && edges->edge[low].time_us == time_us ? &edges->edge[low] : NULL;
}

/* W a VA of a step; NaN where the step is not known in watts. */
static double ratio_of(const dcl_edge *edge) {
    return edge ? (double)edge->delta_w / (double)edge->delta_va : NAN;
}

void dcl_cycles_estimate(const dcl_edges *edges, dcl_cycles *cycles) {
    for (size_t i = 0; i < cycles->n; i++) {
        dcl_cycle *cycle = &cycles->cycle[i];
        if (!(cycle->flags & DCL_CYCLE_APPARENT)) continue;
        double on = ratio_of(edge_at(edges, cycle->start_us)), off = ratio_of(edge_at(edges, cycle->end_us));
        if (isnan(on)) on = off;
        if (isnan(off)) off = on;
        if (isnan(on)) continue;
        cycle->mean_w *= (float)((on + off) / 2);
        cycle->on_w *= (float)on;
        cycle->off_w *= (float)off;
        cycle->energy_wh =
            (double)cycle->mean_w * (double)(cycle->end_us - cycle->start_us) / (double)DCL_HOUR_US;
        cycle->flags &= ~(uint32_t)DCL_CYCLE_APPARENT;
    }
}
