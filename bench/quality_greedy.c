/* The baseline: steps paired greedily. What is on is a short list; each off step takes what fits it best then and there. */
#include "quality_greedy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "event/pairing.h"

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
    return dcl_cycle_leave(p->out, &dropped.edge);
}

static dcl_status add_loose(pairing *p, const dcl_edge *edge) {
    dcl_status status = DCL_OK;
    if (p->n_loose == LOOSE_MAX) {
        dcl_edge oldest = take_loose(p, 0);
        status = dcl_cycle_leave(p->out, &oldest);
    }
    p->loose[p->n_loose++] = *edge;
    return status;
}

/* ---------------------------------------------------------------- how well steps fit */

/* The misfit of an on and an off step: 0 none … 1 as much as is allowed; above 1 they do not belong together.
   A motor draws less once it runs: what the level drifted in between may be the load's own, within bounds,
   and counts less than a difference that nothing explains. */
static double misfit(const pairing *p, const load *on, const dcl_edge *off) {
    double a = dcl_step_size(&on->edge), b = dcl_step_size(off),
           tolerance = dcl_pair_tolerance(p->options, fmax(a, b));
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
    return cost + AGE_COST * dcl_hours_between(on->time_us, off->time_us);
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
    double energy =
        (dcl_step_size(&on) + dcl_step_size(off)) / 2 * dcl_hours_between(on.time_us, off->time_us);
    double confidence =
        1 - 0.4 * fmin(fmax(cost, 0), 1) - 0.3 * (1 - lead) - dcl_edge_doubt(&on) - dcl_edge_doubt(off);
    return dcl_cycle_add(p->out, &on, off, energy, confidence, 0, 2);
}

/* One load that came on in two steps and went off in one. */
static dcl_status close_two_on(pairing *p, const dcl_edge *off, bool *taken) {
    size_t first = 0, second = 0;
    double best = SUM_TOLERANCE;
    for (size_t i = 0; i < p->n_open; i++)
        for (size_t k = i + 1; k < p->n_open; k++) {
            double sum = dcl_step_size(&p->open[i].edge) + dcl_step_size(&p->open[k].edge),
                   larger = fmax(sum, dcl_step_size(off));
            double cost = fabs(sum - dcl_step_size(off)) / dcl_pair_tolerance(p->options, larger);
            cost = aged(cost, &p->open[i].edge, off);
            if (cost <= best) best = cost, first = i, second = k;
        }
    *taken = second > 0;
    if (!*taken) return DCL_OK;
    dcl_edge b = take_open(p, second).edge, a = take_open(p, first).edge;
    double energy = dcl_step_size(&a) * dcl_hours_between(a.time_us, off->time_us) +
                    dcl_step_size(&b) * dcl_hours_between(b.time_us, off->time_us);
    double confidence = 0.7 - 0.4 * best - dcl_edge_doubt(&a) - dcl_edge_doubt(&b) - dcl_edge_doubt(off);
    return dcl_cycle_add(p->out, &a, off, energy, confidence, DCL_CYCLE_LEVELS, 3);
}

/* One load that came on in one step and went off in two: this one and an earlier one without partner. */
static dcl_status close_two_off(pairing *p, const dcl_edge *off, bool *taken) {
    size_t whole = p->n_open, part = 0;
    double best = SUM_TOLERANCE;
    for (size_t i = 0; i < p->n_open; i++)
        for (size_t k = 0; k < p->n_loose; k++) {
            if (p->loose[k].time_us <= p->open[i].edge.time_us) continue;
            double sum = dcl_step_size(&p->loose[k]) + dcl_step_size(off),
                   larger = fmax(sum, dcl_step_size(&p->open[i].edge));
            double cost =
                fabs(sum - dcl_step_size(&p->open[i].edge)) / dcl_pair_tolerance(p->options, larger);
            cost = aged(cost, &p->open[i].edge, off);
            if (cost <= best) best = cost, whole = i, part = k;
        }
    *taken = whole < p->n_open;
    if (!*taken) return DCL_OK;
    dcl_edge on = take_open(p, whole).edge, between = take_loose(p, part);
    double energy = dcl_step_size(&on) * dcl_hours_between(on.time_us, between.time_us) +
                    dcl_step_size(off) * dcl_hours_between(between.time_us, off->time_us);
    double confidence =
        0.7 - 0.4 * best - dcl_edge_doubt(&on) - dcl_edge_doubt(&between) - dcl_edge_doubt(off);
    return dcl_cycle_add(p->out, &on, off, energy, confidence, DCL_CYCLE_LEVELS, 3);
}

/* ---------------------------------------------------------------- what must be over */

/* What is surely still on of a load: its size less the largest off step since that may have been a part of
 * it. */
static double least_on(const pairing *p, const load *on) {
    double part = 0, size = dcl_step_size(&on->edge);
    for (size_t k = 0; k < p->n_loose; k++)
        if (p->loose[k].time_us > on->edge.time_us && dcl_step_size(&p->loose[k]) < size)
            part = fmax(part, dcl_step_size(&p->loose[k]));
    return size - part;
}

/* On steps older than max_hours, and those that the level has no room for, are leftovers: first the one that
   began furthest above the level as it is now, for it is the likeliest to be over. */
static dcl_status prune(pairing *p, int64_t time_us, double level) {
    dcl_status status = DCL_OK;
    while (status == DCL_OK && p->n_open &&
           dcl_hours_between(p->open[0].edge.time_us, time_us) > p->options->max_hours)
        status = drop_open(p, 0);
    while (status == DCL_OK && p->n_open) {
        double sum = 0;
        size_t highest = 0;
        for (size_t i = 0; i < p->n_open; i++) {
            sum += least_on(p, &p->open[i]);
            if (p->open[i].edge.before > p->open[highest].edge.before) highest = i;
        }
        if (sum - dcl_pair_tolerance(p->options, sum) <= level - p->floor) break;
        status = drop_open(p, highest);
    }
    return status;
}

static dcl_status take_edge(void *arg, const dcl_edge *edge) {
    pairing *p = arg;
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
static dcl_status cut(void *arg, int64_t time_us, double level) {
    pairing *p = arg;
    dcl_status status = prune(p, time_us, level);
    for (size_t i = 0; i < p->n_open && status == DCL_OK; i++) {
        const dcl_edge *on = &p->open[i].edge;
        dcl_edge end = *on;
        end.time_us = time_us;
        double energy = dcl_step_size(on) * dcl_hours_between(on->time_us, time_us);
        status = dcl_cycle_add(p->out, on, &end, energy, 0.4 - dcl_edge_doubt(on), DCL_CYCLE_CUT, 1);
    }
    for (size_t i = 0; i < p->n_loose && status == DCL_OK; i++)
        status = dcl_cycle_leave(p->out, &p->loose[i]);
    p->n_open = p->n_loose = 0;
    p->floor = p->after = NAN;
    return status;
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
    pairing p = {.options = options, .out = &list, .floor = NAN, .after = NAN};
    const dcl_pairer pairer = {take_edge, cut, &p};
    if (dcl_signal_of(home, &signal, NULL) != DCL_OK ||
        dcl_pair_signal(&pairer, options, &signal, edges) != DCL_OK)
        abort();
    if (list.n) qsort(list.cycle, list.n, sizeof *list.cycle, by_start);
    dcl_cycles_measure(signal.lead, 0, list.cycle, list.n);
    *out = (dcl_cycles){
        .cycle = list.cycle, .n = list.n, .leftover = list.leftover, .n_leftover = list.n_leftover};
}
