/* Heaters that pulse: coffee machines and cookers hold a temperature by switching every few seconds. Like pulses that follow
 * one another are one cycle, on for a share of its time. */
#include <math.h>
#include <string.h>

#include "event/event.h"

/* The longest pulse and the longest pause between two, s; the fewest pulses of a train. */
enum { PULSE_S = 30, PAUSE_S = 20, PULSES = 3 };
/* Pulses of one train differ in power by at most this share, or by so many W. */
static const double LIKE_SHARE = 0.1, LIKE_W = 15;
/* The most trains that run at a time. */
enum { TRAINS = 16 };

/* A train so far. Its pulses are linked by next[] from first to last, as places in the list of cycles. */
typedef struct train {
    size_t first, last, n;
    double on_w; /* mean of its pulses */
} train;

static bool is_pulse(const dcl_cycle *cycle) {
    const uint32_t never =
        DCL_CYCLE_CUT | DCL_CYCLE_COARSE | DCL_CYCLE_LEVELS | DCL_CYCLE_APPARENT | DCL_CYCLE_PULSING;
    return !(cycle->flags & never) && cycle->end_us - cycle->start_us <= PULSE_S * DCL_SECOND_US;
}

/* Makes the first pulse the whole train. Places of the others are marked by steps = 0: no cycle of pulses has none. */
static void join(dcl_cycle *cycles, const train *t) {
    dcl_cycle *whole = &cycles[t->first];
    int64_t on_us = 0, end_us = whole->start_us;
    double energy = 0, confidence = 1;
    uint32_t steps = 0;
    for (size_t i = t->first, k = 0; k < t->n; i = cycles[i].group, k++) {
        on_us += cycles[i].end_us - cycles[i].start_us;
        energy += cycles[i].energy_wh;
        confidence = fmin(confidence, (double)cycles[i].confidence);
        steps += cycles[i].steps;
        end_us = cycles[i].end_us;
        if (i != t->first) cycles[i].steps = 0;
    }
    double hours = (double)(end_us - whole->start_us) / (double)DCL_HOUR_US;
    whole->end_us = end_us;
    whole->energy_wh = energy;
    whole->mean_w = (float)(energy / hours);
    whole->off_w = cycles[t->last].off_w;
    whole->confidence = (float)confidence;
    whole->duty = (float)((double)on_us / (double)DCL_HOUR_US / hours);
    whole->steps = steps;
    whole->flags |= DCL_CYCLE_PULSING;
}

static bool follows(const train *t, const dcl_cycle *cycles, const dcl_cycle *next) {
    int64_t pause_us = next->start_us - cycles[t->last].end_us;
    double difference = fabs((double)next->on_w - t->on_w);
    return pause_us >= 0 && pause_us <= PAUSE_S * DCL_SECOND_US &&
           difference <= fmax(LIKE_W, LIKE_SHARE * t->on_w);
}

static void end_train(dcl_cycle *cycles, train *trains, size_t *n, size_t i) {
    if (trains[i].n >= PULSES) join(cycles, &trains[i]);
    memmove(trains + i, trains + i + 1, (--*n - i) * sizeof *trains);
}

/* Adds pulse `at` to the train it follows, or begins one. group links the pulses of a train until groups are known. */
static void take_pulse(dcl_cycle *cycles, train *trains, size_t *n, size_t at) {
    for (size_t i = 0; i < *n; i++) {
        train *t = &trains[i];
        if (!follows(t, cycles, &cycles[at])) continue;
        cycles[t->last].group = (uint32_t)at;
        t->last = at;
        t->n++;
        t->on_w += ((double)cycles[at].on_w - t->on_w) / (double)t->n;
        return;
    }
    if (*n == TRAINS) end_train(cycles, trains, n, 0);
    trains[(*n)++] = (train){at, at, 1, (double)cycles[at].on_w};
}

void dcl_cycles_join_pulses(dcl_cycles *cycles) {
    train trains[TRAINS];
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        dcl_cycle *cycle = &cycles->cycle[i];
        if (!(cycle->flags & DCL_CYCLE_PULSING))
            cycle->duty = cycle->flags & (DCL_CYCLE_CUT | DCL_CYCLE_COARSE) ? NAN : 1;
        for (size_t k = n; k-- > 0;)
            if (cycle->start_us - cycles->cycle[trains[k].last].end_us > PAUSE_S * DCL_SECOND_US)
                end_train(cycles->cycle, trains, &n, k);
        if (is_pulse(cycle)) take_pulse(cycles->cycle, trains, &n, i);
    }
    while (n) end_train(cycles->cycle, trains, &n, n - 1);
    for (size_t i = 0; i < cycles->n; i++)
        if (cycles->cycle[i].steps || cycles->cycle[i].flags & DCL_CYCLE_COARSE)
            cycles->cycle[kept++] = cycles->cycle[i];
    cycles->n = kept;
}
