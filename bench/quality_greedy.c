/* The baseline: steps paired greedily. What is on is a short list; each off step takes what fits it best then and there. */
#include "quality_greedy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "event/event.h"

/* The most that may be on at once, and the off steps without partner that are remembered. */
enum { OPEN_MAX = 64, LOOSE_MAX = 32 };
/* Three steps that add up must do so better than two that match: this share of the tolerance. */
static const double SUM_TOLERANCE = 0.5;
/* A load's own drift: at most this share of it; it costs this share of an unexplained difference. */
static const double DRIFT_SHARE = 0.4, DRIFT_COST = 0.3;
/* The signal coming back to where it was before the on step is worth this much misfit. */
static const double RETURN_GAIN = 0.5;
/* A difference in reactive power costs this share of one in active power. */
static const double REACTIVE_COST = 0.5;
/* An hour of age costs an on step as much as this share of the tolerance. */
static const double AGE_COST = 0.02;
/* Samples on each side of a gap whose mean is the level there. */
enum { GAP_SAMPLES = 5 };

/* An on step, and the drift of the level up to it. */
typedef struct load {
    dcl_edge edge;
    double drift;
} load;

typedef struct pairing {
    const dcl_cycle_options *options;
    dcl_cycle_list *out;
    load open[OPEN_MAX];       /* what came on and was not seen to stop, in order of time */
    dcl_edge loose[LOOSE_MAX]; /* off steps without partner, in order of time */
    size_t n_open, n_loose;
    double floor; /* lowest level seen since the last long gap, W or VA; NaN = none yet */
    double drift; /* sum of what the level moved between steps, W or VA */
    double after; /* level after the last step; NaN = none yet */
} pairing;

/* ---------------------------------------------------------------- leftovers */

static dcl_status leave(pairing *p, const dcl_edge *edge) {
    dcl_cycle_list *out = p->out;
    dcl_status status = dcl_grow(&out->leftover, &out->leftover_room, out->n_leftover + 1, sizeof *edge);
    if (status == DCL_OK) out->leftover[out->n_leftover++] = *edge;
    return status;
}

static load take_open(pairing *p, size_t i) {
    load taken = p->open[i];
    memmove(p->open + i, p->open + i + 1, (--p->n_open - i) * sizeof *p->open);
    return taken;
}

static dcl_edge take_loose(pairing *p, size_t i) {
    dcl_edge taken = p->loose[i];
    memmove(p->loose + i, p->loose + i + 1, (--p->n_loose - i) * sizeof *p->loose);
    return taken;
}

static dcl_status drop_open(pairing *p, size_t i) {
    load dropped = take_open(p, i);
    return leave(p, &dropped.edge);
}

static dcl_status add_loose(pairing *p, const dcl_edge *edge) {
    dcl_status status = DCL_OK;
    if (p->n_loose == LOOSE_MAX) {
        dcl_edge oldest = take_loose(p, 0);
        status = leave(p, &oldest);
    }
    p->loose[p->n_loose++] = *edge;
    return status;
}

/* ---------------------------------------------------------------- how well steps fit */

static double size_of(const dcl_edge *edge) {
    return fabs((double)dcl_edge_size(edge));
}

/* Never below the 0.1 W that samples are rounded to. */
static double tolerance_of(const pairing *p, double larger) {
    return fmax(fmax(p->options->mismatch_w, 0.1), p->options->mismatch_share * larger);
}

static double hours_between(int64_t from_us, int64_t to_us) {
    return (double)(to_us - from_us) / (double)DCL_HOUR_US;
}

/* The misfit of an on and an off step: 0 none … 1 as much as is allowed; above 1 they do not belong together.
   A motor draws less once it runs: what the level drifted in between may be the load's own, within bounds,
   and counts less than a difference that nothing explains. */
static double misfit(const pairing *p, const load *on, const dcl_edge *off) {
    double a = size_of(&on->edge), b = size_of(off), tolerance = tolerance_of(p, fmax(a, b));
    double difference = b - a, drift = p->drift - on->drift;
    double most = difference > 0 ? fmin(drift, difference) : fmax(drift, difference);
    bool explains = (drift > 0) == (difference > 0);
    double explained = explains ? fmin(fabs(most), DRIFT_SHARE * a) : 0;
    double cost = (fabs(difference) - explained + DRIFT_COST * explained) / tolerance;
    /* Back to the level before it came on: nothing else needs to have happened in between. */
    if (fabs((double)off->after - (double)on->edge.before) <= p->options->mismatch_w) cost -= RETURN_GAIN;
    double reactive = fabs((double)on->edge.delta_var + (double)off->delta_var);
    if (reactive > 0) cost += REACTIVE_COST * reactive / tolerance; /* NaN compares false: not known */
    return cost;
}

static double aged(double cost, const dcl_edge *on, const dcl_edge *off) {
    return cost + AGE_COST * hours_between(on->time_us, off->time_us);
}

/* ---------------------------------------------------------------- making a cycle */

static float factor_of(const dcl_edge *on, const dcl_edge *off) {
    double p = ((double)on->delta_w - (double)off->delta_w) / 2;
    double q = ((double)on->delta_var - (double)off->delta_var) / 2;
    if (isnan(p) || isnan(q)) return on->power_factor;
    return p != 0 ? (float)(fabs(p) / sqrt(p * p + q * q)) : NAN;
}

static dcl_status add_cycle(pairing *p, const dcl_edge *on, const dcl_edge *off, double energy_wh,
                            double confidence, uint32_t flags, uint32_t steps) {
    dcl_cycle_list *out = p->out;
    dcl_status status = dcl_grow(&out->cycle, &out->cycle_room, out->n + 1, sizeof *out->cycle);
    if (status != DCL_OK) return status;
    dcl_cycle *cycle = &out->cycle[out->n++];
    *cycle = (dcl_cycle){.start_us = on->time_us, .end_us = off->time_us, .energy_wh = energy_wh};
    double hours = hours_between(on->time_us, off->time_us);
    cycle->mean_w = (float)(hours > 0 ? energy_wh / hours : size_of(on));
    cycle->power_factor = factor_of(on, off);
    cycle->on_w = (float)size_of(on);
    cycle->off_w = flags & DCL_CYCLE_CUT ? NAN : (float)size_of(off);
    cycle->confidence = (float)fmin(fmax(confidence, 0), 1);
    cycle->flags = flags;
    cycle->steps = steps;
    if (on->flags & DCL_EDGE_APPARENT) {
        cycle->flags |= DCL_CYCLE_APPARENT;
        cycle->energy_wh = NAN;
    }
    return DCL_OK;
}

/* Doubt about the steps themselves. */
static double doubt(const dcl_edge *edge) {
    double sum = 0;
    if (edge->flags & DCL_EDGE_SHORT) sum += 0.1;
    if (edge->flags & DCL_EDGE_BRIDGED) sum += 0.2;
    return sum;
}

/* ---------------------------------------------------------------- an off step */

/* The on step that fits best, and how much better it does than the next one (0 equal … 1 alone). */
static size_t best_open(const pairing *p, const dcl_edge *off, double *cost, double *lead) {
    size_t best = p->n_open;
    double first = INFINITY, second = INFINITY;
    for (size_t i = 0; i < p->n_open; i++) {
        double fit = misfit(p, &p->open[i], off);
        if (fit > 1) continue;
        fit = aged(fit, &p->open[i].edge, off);
        if (fit <= first)
            second = first, first = fit, best = i;
        else if (fit < second)
            second = fit;
    }
    *cost = first;
    *lead = fmin(second - first, 1);
    return best;
}

static dcl_status close_single(pairing *p, const dcl_edge *off, bool *taken) {
    double cost, lead;
    size_t i = best_open(p, off, &cost, &lead);
    *taken = i < p->n_open;
    if (!*taken) return DCL_OK;
    dcl_edge on = take_open(p, i).edge;
    double energy = (size_of(&on) + size_of(off)) / 2 * hours_between(on.time_us, off->time_us);
    double confidence = 1 - 0.4 * fmin(fmax(cost, 0), 1) - 0.3 * (1 - lead) - doubt(&on) - doubt(off);
    return add_cycle(p, &on, off, energy, confidence, 0, 2);
}

/* One load that came on in two steps and went off in one. */
static dcl_status close_two_on(pairing *p, const dcl_edge *off, bool *taken) {
    size_t first = 0, second = 0;
    double best = SUM_TOLERANCE;
    for (size_t i = 0; i < p->n_open; i++)
        for (size_t k = i + 1; k < p->n_open; k++) {
            double sum = size_of(&p->open[i].edge) + size_of(&p->open[k].edge),
                   larger = fmax(sum, size_of(off));
            double cost = fabs(sum - size_of(off)) / tolerance_of(p, larger);
            cost = aged(cost, &p->open[i].edge, off);
            if (cost <= best) best = cost, first = i, second = k;
        }
    *taken = second > 0;
    if (!*taken) return DCL_OK;
    dcl_edge b = take_open(p, second).edge, a = take_open(p, first).edge;
    double energy = size_of(&a) * hours_between(a.time_us, off->time_us) +
                    size_of(&b) * hours_between(b.time_us, off->time_us);
    double confidence = 0.7 - 0.4 * best - doubt(&a) - doubt(&b) - doubt(off);
    return add_cycle(p, &a, off, energy, confidence, DCL_CYCLE_LEVELS, 3);
}

/* One load that came on in one step and went off in two: this one and an earlier one without partner. */
static dcl_status close_two_off(pairing *p, const dcl_edge *off, bool *taken) {
    size_t whole = p->n_open, part = 0;
    double best = SUM_TOLERANCE;
    for (size_t i = 0; i < p->n_open; i++)
        for (size_t k = 0; k < p->n_loose; k++) {
            if (p->loose[k].time_us <= p->open[i].edge.time_us) continue;
            double sum = size_of(&p->loose[k]) + size_of(off), larger = fmax(sum, size_of(&p->open[i].edge));
            double cost = fabs(sum - size_of(&p->open[i].edge)) / tolerance_of(p, larger);
            cost = aged(cost, &p->open[i].edge, off);
            if (cost <= best) best = cost, whole = i, part = k;
        }
    *taken = whole < p->n_open;
    if (!*taken) return DCL_OK;
    dcl_edge on = take_open(p, whole).edge, between = take_loose(p, part);
    double energy = size_of(&on) * hours_between(on.time_us, between.time_us) +
                    size_of(off) * hours_between(between.time_us, off->time_us);
    double confidence = 0.7 - 0.4 * best - doubt(&on) - doubt(&between) - doubt(off);
    return add_cycle(p, &on, off, energy, confidence, DCL_CYCLE_LEVELS, 3);
}

/* ---------------------------------------------------------------- what must be over */

/* What is surely still on of a load: its size less the largest off step since that may have been a part of
 * it. */
static double least_on(const pairing *p, const load *on) {
    double part = 0, size = size_of(&on->edge);
    for (size_t k = 0; k < p->n_loose; k++)
        if (p->loose[k].time_us > on->edge.time_us && size_of(&p->loose[k]) < size)
            part = fmax(part, size_of(&p->loose[k]));
    return size - part;
}

/* On steps older than max_hours, and those that the level has no room for, are leftovers: first the one that
   began furthest above the level as it is now, for it is the likeliest to be over. */
static dcl_status prune(pairing *p, int64_t time_us, double level) {
    dcl_status status = DCL_OK;
    while (status == DCL_OK && p->n_open &&
           hours_between(p->open[0].edge.time_us, time_us) > p->options->max_hours)
        status = drop_open(p, 0);
    while (status == DCL_OK && p->n_open) {
        double sum = 0;
        size_t highest = 0;
        for (size_t i = 0; i < p->n_open; i++) {
            sum += least_on(p, &p->open[i]);
            if (p->open[i].edge.before > p->open[highest].edge.before) highest = i;
        }
        if (sum - tolerance_of(p, sum) <= level - p->floor) break;
        status = drop_open(p, highest);
    }
    return status;
}

static dcl_status take_edge(pairing *p, const dcl_edge *edge) {
    double low = fmin((double)edge->before, (double)edge->after);
    p->floor = fmin(p->floor, low); /* fmin ignores the NaN of the start */
    if (!isnan(p->after)) p->drift += (double)edge->before - p->after;
    p->after = (double)edge->after;
    dcl_status status = DCL_OK;
    if (dcl_edge_size(edge) > 0) {
        if (p->n_open == OPEN_MAX) status = drop_open(p, 0);
        p->open[p->n_open++] = (load){*edge, p->drift};
        return status;
    }
    bool taken = false;
    status = close_single(p, edge, &taken);
    if (status == DCL_OK && !taken) status = close_two_off(p, edge, &taken);
    if (status == DCL_OK && !taken) status = close_two_on(p, edge, &taken);
    if (status == DCL_OK && !taken) status = add_loose(p, edge);
    return status == DCL_OK ? prune(p, edge->time_us, (double)edge->after) : status;
}

/* The data stops here: what is still on is cut, the rest is left over. */
static dcl_status cut(pairing *p, int64_t time_us, double level) {
    dcl_status status = prune(p, time_us, level);
    for (size_t i = 0; i < p->n_open && status == DCL_OK; i++) {
        const dcl_edge *on = &p->open[i].edge;
        dcl_edge end = *on;
        end.time_us = time_us;
        double energy = size_of(on) * hours_between(on->time_us, time_us);
        status = add_cycle(p, on, &end, energy, 0.4 - doubt(on), DCL_CYCLE_CUT, 1);
    }
    for (size_t i = 0; i < p->n_loose && status == DCL_OK; i++) status = leave(p, &p->loose[i]);
    p->n_open = p->n_loose = 0;
    p->floor = p->after = NAN;
    return status;
}

/* ---------------------------------------------------------------- gaps */

/* The mean of up to GAP_SAMPLES samples from i on, backwards or forwards, while they are present. */
static double level_at(const dcl_series *series, size_t i, bool backwards) {
    double sum = 0;
    int n = 0;
    for (; n < GAP_SAMPLES && i < series->n && !dcl_is_missing(series->value[i]); n++) {
        sum += series->value[i];
        if (backwards && i == 0) return sum / (n + 1);
        i = backwards ? i - 1 : i + 1;
    }
    return n ? sum / n : NAN;
}

/* A gap [from, to): bridged where it is short, with the step it hides, else everything is cut there. */
static dcl_status take_gap(pairing *p, const dcl_signal *signal, size_t from, size_t to) {
    const dcl_series *lead = signal->lead;
    int64_t start_us = lead->start_us + (int64_t)from * lead->period_us;
    double before = from ? level_at(lead, from - 1, true) : NAN, after = level_at(lead, to, false);
    double length_s = (double)((int64_t)(to - from) * lead->period_us) / 1e6;
    if (length_s > p->options->bridge_s || isnan(before) || isnan(after))
        return isnan(before) ? DCL_OK : cut(p, start_us, before);
    double step = after - before;
    if (fabs(step) < p->options->edge.min_step_w) return DCL_OK;
    dcl_edge edge = {.time_us = start_us,
                     .delta_w = (float)step,
                     .delta_va = NAN,
                     .delta_var = NAN,
                     .power_factor = NAN,
                     .before = (float)before,
                     .after = (float)after,
                     .settle_s = (float)length_s,
                     .flags = DCL_EDGE_BRIDGED};
    if (signal->apparent_leads) {
        edge.delta_va = edge.delta_w;
        edge.delta_w = NAN;
        edge.flags |= DCL_EDGE_APPARENT;
    }
    return take_edge(p, &edge);
}

static size_t next_gap(const dcl_series *series, size_t i) {
    while (i < series->n && !dcl_is_missing(series->value[i])) i++;
    return i;
}

static dcl_status pair_all(const dcl_signal *signal, const dcl_cycle_options *options, const dcl_edges *edges,
                           dcl_cycle_list *out) {
    pairing p = {.options = options, .out = out, .floor = NAN, .after = NAN};
    const dcl_series *lead = signal->lead;
    dcl_status status = DCL_OK;
    size_t k = 0, gap = next_gap(lead, 0);
    for (;;) {
        int64_t gap_us = lead->start_us + (int64_t)gap * lead->period_us;
        for (; k < edges->n && edges->edge[k].time_us < gap_us && status == DCL_OK; k++)
            status = take_edge(&p, &edges->edge[k]);
        if (status != DCL_OK || gap >= lead->n) break;
        size_t end = gap;
        while (end < lead->n && dcl_is_missing(lead->value[end])) end++;
        status = take_gap(&p, signal, gap, end);
        gap = next_gap(lead, end);
    }
    if (status != DCL_OK) return status;
    double last = lead->n ? level_at(lead, lead->n - 1, true) : NAN;
    return cut(&p, dcl_series_end_us(lead), isnan(last) ? 0 : last);
}

static int by_start(const void *a, const void *b) {
    const dcl_cycle *x = a, *y = b;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    if (x->end_us != y->end_us) return x->end_us < y->end_us ? -1 : 1;
    return (x->on_w > y->on_w) - (x->on_w < y->on_w);
}

void quality_greedy_cycles(const dcl_home *home, const dcl_cycle_options *options, const dcl_edges *edges,
                           dcl_cycles *out) {
    dcl_signal signal;
    dcl_cycle_list list = {0};
    if (dcl_signal_of(home, &signal, NULL) != DCL_OK || pair_all(&signal, options, edges, &list) != DCL_OK)
        abort();
    if (list.n) qsort(list.cycle, list.n, sizeof *list.cycle, by_start);
    dcl_cycles_measure(signal.lead, 0, list.cycle, list.n);
    *out = (dcl_cycles){
        .cycle = list.cycle, .n = list.n, .leftover = list.leftover, .n_leftover = list.n_leftover};
}
