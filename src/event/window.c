/*
 * Steps paired into cycles: of all ways to pair the on and off steps of a window the one of least total cost. What a pair
 * costs is said in pair_cost.c; what is left then may still be loads of two levels.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "event/pairing.h"

/* Steps that are paired at a time. When the window is full, the pairs of its older half are final. */
enum { WINDOW = 384 };
/* Three steps that add up must do so better than two that match: this share of the tolerance. */
static const double SUM_TOLERANCE = 0.5;
/* An hour of age costs three steps that add up as much as this share of the tolerance. */
static const double AGE_COST = 0.02;
/* What it costs to leave a step alone, and the unit in which costs become integers. */
static const double ALONE_COST = 0.75, COST_UNIT = 1e6;

/* Sentinels of pairing.partner. */
enum { ALONE = -1, TAKEN = -2 };

struct dcl_pairing {
    const dcl_cycle_options *options;
    const dcl_known *known; /* of an earlier look at the same signal; NULL = nothing yet */
    dcl_known learnt;
    dcl_cycle_list *out;
    size_t n; /* steps that wait */
    double drift,
        after; /* sum of what the level moved between steps; the level after the last one, NaN = none */
    dcl_step step[WINDOW];   /* in order of time */
    int32_t partner[WINDOW]; /* of each step: its place in the window, ALONE, or TAKEN by three that add up */
    size_t on[WINDOW], off[WINDOW];
    int32_t column[WINDOW];
    int32_t cost[WINDOW / 2 * (WINDOW / 2 + 1)];
    int64_t scratch[11 * WINDOW];
};

dcl_status dcl_cycle_leave(dcl_cycle_list *out, const dcl_edge *edge) {
    dcl_status status = dcl_grow(&out->leftover, &out->leftover_room, out->n_leftover + 1, sizeof *edge);
    if (status == DCL_OK) out->leftover[out->n_leftover++] = *edge;
    return status;
}

/* ---------------------------------------------------------------- making a cycle */

static float factor_of(const dcl_edge *on, const dcl_edge *off) {
    double p = ((double)on->delta_w - (double)off->delta_w) / 2;
    double q = ((double)on->delta_var - (double)off->delta_var) / 2;
    if (isnan(p) || isnan(q)) return on->power_factor;
    return p != 0 ? (float)(fabs(p) / sqrt(p * p + q * q)) : NAN;
}

dcl_status dcl_cycle_add(dcl_cycle_list *out, const dcl_edge *on, const dcl_edge *off, double energy_wh,
                         double confidence, uint32_t flags, uint32_t steps) {
    dcl_status status = dcl_grow(&out->cycle, &out->cycle_room, out->n + 1, sizeof *out->cycle);
    if (status != DCL_OK) return status;
    dcl_cycle *cycle = &out->cycle[out->n++];
    *cycle = (dcl_cycle){.start_us = on->time_us, .end_us = off->time_us, .energy_wh = energy_wh};
    double hours = dcl_hours_between(on->time_us, off->time_us);
    cycle->mean_w = (float)(hours > 0 ? energy_wh / hours : dcl_step_size(on));
    cycle->power_factor = factor_of(on, off);
    cycle->on_w = (float)dcl_step_size(on);
    cycle->off_w = flags & DCL_CYCLE_CUT ? NAN : (float)dcl_step_size(off);
    cycle->confidence = (float)fmin(fmax(confidence, 0), 1);
    cycle->flags = flags;
    cycle->steps = steps;
    if (on->flags & DCL_EDGE_APPARENT) {
        cycle->flags |= DCL_CYCLE_APPARENT;
        cycle->energy_wh = NAN;
    }
    return DCL_OK;
}

double dcl_edge_doubt(const dcl_edge *edge) {
    double sum = 0;
    if (edge->flags & DCL_EDGE_SHORT) sum += 0.1;
    if (edge->flags & DCL_EDGE_BRIDGED) sum += 0.2;
    return sum;
}

/* ---------------------------------------------------------------- two steps */

/* The lowest level among the steps that wait: what is on can add up to no more than the level above it. */
static double floor_of(const dcl_pairing *p) {
    double low = INFINITY;
    for (size_t i = 0; i < p->n; i++) low = fmin(low, fmin((double)p->step[i].edge.before, p->step[i].low));
    return low;
}

static double price(const dcl_pairing *p, size_t on, size_t off, double low, double floor) {
    double size = dcl_step_size(&p->step[on].edge), least = fmin(size, dcl_step_size(&p->step[off].edge));
    if (low - floor < least - dcl_pair_tolerance(p->options, size)) return INFINITY;
    return dcl_pair_cost(p->options, p->known, &p->step[on], &p->step[off]);
}

/* Fills cost[] (rows off, columns on) against leaving both steps alone. */
static void fill_costs(dcl_pairing *p, size_t n_off, size_t n_on) {
    double floor = floor_of(p);
    for (size_t i = 0; i < n_on; i++) {
        double low = INFINITY;
        size_t at = p->on[i];
        for (size_t k = 0; k < n_off; k++) {
            int32_t *cell = &p->cost[k * n_on + i];
            *cell = DCL_ASSIGN_NEVER;
            if (p->off[k] < p->on[i]) continue;
            for (; at < p->off[k]; at++) low = fmin(low, p->step[at].low);
            double cost = price(p, p->on[i], p->off[k], low, floor);
            if (cost <= DCL_PAIR_MOST) *cell = (int32_t)rint((cost - 2 * ALONE_COST) * COST_UNIT);
        }
    }
}

static void pair_window(dcl_pairing *p) {
    size_t n_on = 0, n_off = 0;
    for (size_t i = 0; i < p->n; i++) {
        p->partner[i] = ALONE;
        if (dcl_edge_size(&p->step[i].edge) > 0)
            p->on[n_on++] = i;
        else
            p->off[n_off++] = i;
    }
    fill_costs(p, n_off, n_on);
    dcl_assign(p->cost, n_off, n_on, p->column, p->scratch);
    for (size_t k = 0; k < n_off; k++) {
        if (p->column[k] < 0) continue;
        size_t on = p->on[p->column[k]];
        p->partner[p->off[k]] = (int32_t)on;
        p->partner[on] = (int32_t)p->off[k];
    }
}

/* How much dearer the cheapest other partner of either step is: 0 as good … 1 there is none. */
static double lead_of(const dcl_pairing *p, size_t on, size_t off, double cost) {
    double other = INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        bool rises = dcl_edge_size(&p->step[i].edge) > 0;
        if (i == on || i == off || (rises ? i > off : i < on)) continue;
        double c = rises ? dcl_pair_cost(p->options, p->known, &p->step[i], &p->step[off])
                         : dcl_pair_cost(p->options, p->known, &p->step[on], &p->step[i]);
        other = fmin(other, c);
    }
    return fmin(fmax(other - cost, 0), 1);
}

static dcl_status add_pair(dcl_pairing *p, size_t i, size_t k) {
    const dcl_edge *on = &p->step[i].edge, *off = &p->step[k].edge;
    double cost = dcl_pair_cost(p->options, p->known, &p->step[i], &p->step[k]);
    double energy =
        (dcl_step_size(on) + dcl_step_size(off)) / 2 * dcl_hours_between(on->time_us, off->time_us);
    double confidence = 1 - 0.4 * fmin(fmax(cost, 0), 1) - 0.3 * (1 - lead_of(p, i, k, cost)) -
                        dcl_edge_doubt(on) - dcl_edge_doubt(off);
    dcl_known_learn(&p->learnt, on, off);
    return dcl_cycle_add(p->out, on, off, energy, confidence, 0, 2);
}

/* ---------------------------------------------------------------- three steps */

/* Three steps in order of time of which one equals the other two; and how far from it they are. */
typedef struct triple {
    size_t first, middle, last;
    double cost;
} triple;

/* Whether the level has room for so much above the floor from step `from` to step `to`. */
static bool has_room(const dcl_pairing *p, size_t from, size_t to, double size, double floor) {
    double least = floor + size - dcl_pair_tolerance(p->options, size);
    for (size_t i = from; i < to; i++)
        if (p->step[i].low < least) return false;
    return true;
}

static double sum_cost(const dcl_pairing *p, size_t first, size_t middle, size_t last, double floor) {
    const dcl_edge *a = &p->step[first].edge, *b = &p->step[middle].edge, *c = &p->step[last].edge;
    double rest = (double)dcl_edge_size(a) + (double)dcl_edge_size(b) + (double)dcl_edge_size(c);
    double hours = dcl_hours_between(a->time_us, c->time_us);
    if (hours > p->options->max_hours) return INFINITY;
    double cost = fabs(rest) / dcl_pair_tolerance(p->options, fmax(dcl_step_size(a), dcl_step_size(c))) +
                  AGE_COST * hours;
    if (cost > SUM_TOLERANCE) return INFINITY;
    bool room = has_room(p, first, middle, dcl_step_size(a), floor) &&
                has_room(p, middle, last, dcl_step_size(c), floor);
    return room ? cost : INFINITY;
}

/* One load that came on in two steps and went off in one, or the other way round. Lonely steps [n]; the last is `last`. */
static triple best_triple(const dcl_pairing *p, const size_t *lonely, size_t n, size_t last) {
    triple best = {.cost = INFINITY};
    double floor = floor_of(p);
    for (size_t i = 0; i < n; i++) {
        if (!(dcl_edge_size(&p->step[lonely[i]].edge) > 0)) continue;
        for (size_t k = i + 1; k < n; k++) {
            double cost = sum_cost(p, lonely[i], lonely[k], last, floor);
            if (cost <= SUM_TOLERANCE && cost < best.cost) best = (triple){lonely[i], lonely[k], last, cost};
        }
    }
    return best;
}

static dcl_status add_triple(dcl_pairing *p, const triple *t) {
    const dcl_edge *a = &p->step[t->first].edge, *b = &p->step[t->middle].edge, *c = &p->step[t->last].edge;
    double energy = dcl_step_size(a) * dcl_hours_between(a->time_us, b->time_us) +
                    dcl_step_size(c) * dcl_hours_between(b->time_us, c->time_us);
    double confidence = 0.7 - 0.4 * t->cost - dcl_edge_doubt(a) - dcl_edge_doubt(b) - dcl_edge_doubt(c);
    p->partner[t->first] = p->partner[t->middle] = p->partner[t->last] = TAKEN;
    return dcl_cycle_add(p->out, a, c, energy, confidence, DCL_CYCLE_LEVELS, 3);
}

static dcl_status add_triples(dcl_pairing *p, size_t end) {
    size_t lonely[WINDOW], n = 0;
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < end && status == DCL_OK; i++) {
        if (p->partner[i] != ALONE) continue;
        if (dcl_edge_size(&p->step[i].edge) < 0) {
            triple best = best_triple(p, lonely, n, i);
            if (best.cost <= SUM_TOLERANCE) {
                status = add_triple(p, &best);
                size_t kept = 0;
                for (size_t k = 0; k < n; k++)
                    if (p->partner[lonely[k]] == ALONE) lonely[kept++] = lonely[k];
                n = kept;
                continue;
            }
        }
        lonely[n++] = i;
    }
    return status;
}

/* ---------------------------------------------------------------- the window */

/* Takes step i out of the window; what the level did until the next one stays with the one before. */
static void forget_marked(dcl_pairing *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->partner[i] != TAKEN)
            p->step[kept++] = p->step[i];
        else if (kept)
            p->step[kept - 1].low = fmin(p->step[kept - 1].low, p->step[i].low);
    }
    p->n = kept;
}

/* Pairs the window and makes final what ends before step `end`. */
static dcl_status settle_window(dcl_pairing *p, size_t end) {
    dcl_status status = DCL_OK;
    pair_window(p);
    for (size_t i = 0; i < end && status == DCL_OK; i++) {
        if (dcl_edge_size(&p->step[i].edge) > 0 || p->partner[i] < 0) continue;
        size_t on = (size_t)p->partner[i];
        status = add_pair(p, on, i);
    }
    if (status == DCL_OK) status = add_triples(p, end);
    return status;
}

/* Whether step i may still find its partner: its load is on, or the level has always had room for it. */
static bool waits(const dcl_pairing *p, size_t i, double floor) {
    const dcl_edge *edge = &p->step[i].edge;
    if (p->partner[i] >= 0) return true;
    double hours = dcl_hours_between(edge->time_us, p->step[p->n - 1].edge.time_us);
    return p->partner[i] == ALONE && dcl_edge_size(edge) > 0 && hours <= p->options->max_hours &&
           has_room(p, i, p->n, dcl_step_size(edge), floor);
}

/* The window is full: its older half is done with, but for loads that are still on. */
static dcl_status advance(dcl_pairing *p) {
    size_t half = p->n / 2, kept = 0;
    double floor = floor_of(p);
    dcl_status status = settle_window(p, half);
    for (size_t i = 0; i < half && status == DCL_OK; i++) {
        bool done = p->partner[i] >= 0 && (size_t)p->partner[i] < half;
        if (!done && waits(p, i, floor) && kept < WINDOW / 4) {
            kept++;
            continue;
        }
        if (p->partner[i] != TAKEN && !done) status = dcl_cycle_leave(p->out, &p->step[i].edge);
        p->partner[i] = TAKEN;
    }
    forget_marked(p);
    return status;
}

dcl_status dcl_pairing_take(dcl_pairing *p, const dcl_edge *edge) {
    if (!isnan(p->after)) p->drift += (double)edge->before - p->after;
    p->after = (double)edge->after;
    if (p->n) p->step[p->n - 1].low = fmin(p->step[p->n - 1].low, (double)edge->before);
    dcl_status status = p->n == WINDOW ? advance(p) : DCL_OK;
    p->step[p->n++] = (dcl_step){*edge, p->drift, (double)edge->after};
    return status;
}

/* What is surely still on of a load: its size less the largest off step since that may have been a part of it. */
static double least_on(const dcl_pairing *p, size_t on) {
    double part = 0, size = dcl_step_size(&p->step[on].edge);
    for (size_t k = on + 1; k < p->n; k++)
        if (p->partner[k] == ALONE && dcl_edge_size(&p->step[k].edge) < 0 &&
            dcl_step_size(&p->step[k].edge) < size)
            part = fmax(part, dcl_step_size(&p->step[k].edge));
    return size - part;
}

/* The loads that may still be on at a level: on steps that the level never fell too low for since. The one that began
 * furthest above it goes first while they add up to more than there is. Others are leftovers. */
static dcl_status prune(dcl_pairing *p, double level) {
    double floor = fmin(floor_of(p), level);
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < p->n && status == DCL_OK; i++) {
        if (p->partner[i] != ALONE || !(dcl_edge_size(&p->step[i].edge) > 0)) continue;
        if (has_room(p, i, p->n, dcl_step_size(&p->step[i].edge), floor)) continue;
        status = dcl_cycle_leave(p->out, &p->step[i].edge);
        p->partner[i] = TAKEN;
    }
    while (status == DCL_OK) {
        double sum = 0;
        size_t highest = p->n;
        for (size_t i = 0; i < p->n; i++) {
            if (p->partner[i] != ALONE || !(dcl_edge_size(&p->step[i].edge) > 0)) continue;
            sum += least_on(p, i);
            if (highest == p->n || p->step[i].edge.before > p->step[highest].edge.before) highest = i;
        }
        if (highest == p->n || sum - dcl_pair_tolerance(p->options, sum) <= level - floor) return status;
        status = dcl_cycle_leave(p->out, &p->step[highest].edge);
        p->partner[highest] = TAKEN;
    }
    return status;
}

/* The data stops here: what is still on is cut, the rest is left over. */
dcl_status dcl_pairing_cut(dcl_pairing *p, int64_t time_us, double level) {
    dcl_status status = settle_window(p, p->n);
    for (size_t i = 0; i < p->n; i++)
        if (p->partner[i] >= 0) p->partner[i] = TAKEN;
    if (status == DCL_OK) status = prune(p, level);
    for (size_t i = 0; i < p->n && status == DCL_OK; i++) {
        const dcl_edge *edge = &p->step[i].edge;
        double hours = dcl_hours_between(edge->time_us, time_us);
        if (p->partner[i] == TAKEN) continue;
        if (dcl_edge_size(edge) < 0 || hours > p->options->max_hours) {
            status = dcl_cycle_leave(p->out, edge);
            continue;
        }
        dcl_edge end = *edge;
        end.time_us = time_us;
        status = dcl_cycle_add(p->out, edge, &end, dcl_step_size(edge) * hours, 0.4 - dcl_edge_doubt(edge),
                               DCL_CYCLE_CUT, 1);
    }
    p->n = 0;
    p->drift = 0;
    p->after = NAN;
    return status;
}

dcl_pairing *dcl_pairing_open(const dcl_cycle_options *options, const dcl_known *known, dcl_cycle_list *out) {
    dcl_pairing *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->options = options;
    p->known = known;
    p->out = out;
    p->after = NAN;
    return p;
}

dcl_known dcl_pairing_close(dcl_pairing *p) {
    dcl_known learnt = p->learnt;
    free(p);
    return learnt;
}
