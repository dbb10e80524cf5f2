/* Cycles that come again: groups of like steps and like length, and how regularly each comes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/order.h"
#include "base/status.h"
#include "event/pairing.h"

_Static_assert(DCL_KNOWN_MAX == DCL_RECURRENCE_MAX, "a kind is a group");

/* A distance is regular within this share of the median; so many of them must be for a period. */
static const double REGULAR = 0.3, REGULAR_SHARE = 0.5;
/* Distances above a week are no rhythm of an appliance: of six cycles in a year some gaps are always alike. In days. */
static const double LONGEST_DAYS = 8;
/* No drift is read from less, in days. */
static const double DRIFT_DAYS = 2;

/* One group while it is described: its cycles in order of start. */
typedef struct members {
    const dcl_cycle **cycle;
    size_t n;
    double *value; /* room for n numbers */
} members;

static void steps_of(const dcl_cycle *cycle, dcl_edge *on, dcl_edge *off) {
    *on = (dcl_edge){.time_us = cycle->start_us, .delta_w = cycle->on_w};
    *off = (dcl_edge){.time_us = cycle->end_us, .delta_w = -cycle->off_w};
}

static bool may_recur(const dcl_cycle *cycle) {
    return !(cycle->flags & DCL_CYCLE_CUT) && cycle->on_w > 0 && cycle->off_w > 0;
}

static double seconds(int64_t from_us, int64_t to_us) {
    return (double)(to_us - from_us) / 1e6;
}

static double distance_of(const members *m, size_t i) {
    return seconds(m->cycle[i]->start_us, m->cycle[i + 1]->start_us);
}

static bool is_regular(double distance, double period) {
    return fabs(distance - period) <= REGULAR * period;
}

/* The slope of length / distance over the days since the first start. */
static double drift_of(const members *m, double period) {
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (size_t i = 0; i + 1 < m->n; i++) {
        double distance = distance_of(m, i);
        if (!is_regular(distance, period)) continue;
        double x = seconds(m->cycle[0]->start_us, m->cycle[i]->start_us) / 86400;
        double y = seconds(m->cycle[i]->start_us, m->cycle[i]->end_us) / distance;
        n += 1, sum_x += x, sum_y += y, sum_xx += x * x, sum_xy += x * y;
    }
    double spread = n * sum_xx - sum_x * sum_x;
    return spread > 0 ? (n * sum_xy - sum_x * sum_y) / spread : NAN;
}

static void describe_rhythm(const members *m, dcl_recurrence *out) {
    out->period_s = out->duty = out->duty_per_day = NAN;
    for (size_t i = 0; i + 1 < m->n; i++) m->value[i] = distance_of(m, i);
    double period = dcl_median_f64(m->value, m->n - 1);
    size_t regular = 0;
    for (size_t i = 0; i + 1 < m->n; i++) regular += is_regular(m->value[i], period);
    if (!(period > 0) || period > LONGEST_DAYS * 86400 ||
        (double)regular < REGULAR_SHARE * (double)(m->n - 1))
        return;
    out->period_s = (float)period;
    out->duty = (float)fmin((double)out->on_s / period, 1);
    if (seconds(out->first_us, out->last_us) >= DRIFT_DAYS * 86400)
        out->duty_per_day = (float)drift_of(m, period);
}

static dcl_recurrence describe(const dcl_zone *zone, const members *m) {
    dcl_recurrence out = {
        .first_us = m->cycle[0]->start_us, .last_us = m->cycle[m->n - 1]->start_us, .count = (uint32_t)m->n};
    for (size_t i = 0; i < m->n; i++) {
        int64_t local = m->cycle[i]->start_us;
        if (zone) local += dcl_zone_offset_s(zone, local) * DCL_SECOND_US;
        out.start_hour[(local - dcl_floor_div(local, DCL_DAY_US) * DCL_DAY_US) / DCL_HOUR_US]++;
        m->value[i] = (double)m->cycle[i]->mean_w;
    }
    out.mean_w = (float)dcl_median_f64(m->value, m->n);
    for (size_t i = 0; i < m->n; i++) m->value[i] = seconds(m->cycle[i]->start_us, m->cycle[i]->end_us);
    out.on_s = (float)dcl_median_f64(m->value, m->n);
    describe_rhythm(m, &out);
    return out;
}

/* Learns the kinds, then gives each cycle its own: group = kind + 1. */
static void find_kinds(dcl_cycles *cycles, dcl_known *known, size_t *count) {
    dcl_edge on, off;
    for (size_t i = 0; i < cycles->n; i++) {
        if (!may_recur(&cycles->cycle[i])) continue;
        steps_of(&cycles->cycle[i], &on, &off);
        dcl_known_learn(known, &on, &off);
    }
    for (size_t i = 0; i < cycles->n; i++) {
        cycles->cycle[i].group = 0;
        if (!may_recur(&cycles->cycle[i])) continue;
        steps_of(&cycles->cycle[i], &on, &off);
        size_t kind = dcl_known_kind_of(known, &on, &off);
        if (kind == DCL_KNOWN_MAX) continue;
        cycles->cycle[i].group = (uint32_t)kind + 1;
        count[kind]++;
    }
}

/* Numbers the kinds that are groups by how many cycles they have, first of equals first. */
static size_t number_groups(const size_t *count, uint32_t *number) {
    uint32_t groups = 0;
    memset(number, 0, DCL_KNOWN_MAX * sizeof *number);
    for (;;) {
        size_t best = DCL_KNOWN_MAX, most = DCL_RECURRENCE_LEAST - 1;
        for (size_t i = 0; i < DCL_KNOWN_MAX; i++)
            if (!number[i] && count[i] > most) most = count[i], best = i;
        if (best == DCL_KNOWN_MAX) return groups;
        number[best] = ++groups;
    }
}

dcl_status dcl_cycles_group(const dcl_zone *zone, dcl_arena *arena, dcl_cycles *cycles) {
    dcl_known known = {0};
    size_t count[DCL_KNOWN_MAX] = {0};
    uint32_t number[DCL_KNOWN_MAX];
    dcl_status status = DCL_E_MEMORY;
    members m = {.cycle = malloc((cycles->n + 1) * sizeof *m.cycle),
                 .value = malloc((cycles->n + 1) * sizeof *m.value)};
    if (!m.cycle || !m.value) goto done;
    find_kinds(cycles, &known, count);
    size_t groups = number_groups(count, number);
    cycles->recurrence = dcl_arena_alloc(arena, groups, sizeof *cycles->recurrence);
    if (!cycles->recurrence) goto done;
    for (size_t i = 0; i < cycles->n; i++)
        if (cycles->cycle[i].group) cycles->cycle[i].group = number[cycles->cycle[i].group - 1];
    for (uint32_t g = 1; g <= groups; g++) {
        m.n = 0;
        for (size_t i = 0; i < cycles->n; i++)
            if (cycles->cycle[i].group == g) m.cycle[m.n++] = &cycles->cycle[i];
        cycles->recurrence[g - 1] = describe(zone, &m);
    }
    cycles->n_recurrence = groups;
    status = DCL_OK;
done:
    free(m.cycle);
    free(m.value);
    return status;
}
