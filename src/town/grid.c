#include "town/town.h"

/*
 * Stretches on a grid of slots, in integers. A change of power by d at time t adds to the slot it falls in what is left of that
 * slot, and from the next slot on a whole slot's worth: two additions a change however long the stretch is, exact, and in any
 * order the same.
 */
typedef struct grid {
    int64_t start_us, period_us, length_us;
    int64_t *sum;
    uint64_t *touched; /* a bit a slot, NULL = not wanted */
    double slots_a_us; /* a little less than that: see change() */
} grid;

static inline void touch(const grid *g, int64_t slot) {
    if (g->touched) g->touched[slot / 64] |= UINT64_C(1) << slot % 64;
}

/*
 * What changes before the grid has changed where it begins; behind it there is nothing to change.
 *
 * A product stands in place of a division. It errs to the low side by less than 2^-12 of a µs (times are below 2^40 µs), so the slot
 * is the right one but for moments on its very edge, which may come out as the whole of the slot before: that adds up to the same.
 */
static inline void change(const grid *g, int64_t since_us, int64_t by_mw) {
    if ((uint64_t)since_us >= (uint64_t)g->length_us) {
        if (since_us >= 0) return;
        since_us = 0;
    }
    int64_t slot = (int64_t)((double)since_us * g->slots_a_us), past_us = since_us - slot * g->period_us;
    g->sum[slot] += by_mw * (g->period_us - past_us);
    g->sum[slot + 1] += by_mw * past_us;
    touch(g, slot);
    touch(g, slot + 1);
}

/* µs that a train of pulses has been on, `since` µs after it began. */
static inline int64_t on_until(const dcl_town_segment *s, int64_t whole, int64_t rest) {
    if (whole >= s->count) return s->count * s->on_us;
    return whole * s->on_us + (rest < s->on_us ? rest : s->on_us);
}

/* Trains have functions of their own, so that single changes, most of all, keep the registers. */

/* A train that is faster than the slots: what it is on in each of them. Moments are a pulse and µs since that one's begin. */
static __attribute__((noinline)) void add_train(const grid *g, const dcl_town_segment *s, int64_t level) {
    int64_t since = s->start_us - g->start_us, end = dcl_segment_end_us(s) - g->start_us;
    int64_t slot = since > 0 ? since / g->period_us : 0, into = slot * g->period_us - since;
    int64_t before = 0, drawn = 0; /* µs on until the slot begins; what the slot before has of them */
    if (end > g->length_us) end = g->length_us;
    if (into > 0) before = on_until(s, into / s->every_us, into % s->every_us);
    into += g->period_us; /* at the end of the slot it is on its way, in the first one too */
    int64_t pulse = into / s->every_us, past_us = into % s->every_us;
    int64_t pulses_a_slot = g->period_us / s->every_us, over_us = g->period_us % s->every_us;
    for (; slot * g->period_us < end; slot++) {
        int64_t until = on_until(s, pulse, past_us), now = (until - before) * level;
        g->sum[slot] += now - drawn;
        touch(g, slot);
        drawn = now;
        before = until;
        /* Without a branch: how many pulses fall into a slot is not to be guessed. */
        int64_t over = past_us + over_us >= s->every_us;
        pulse += pulses_a_slot + over;
        past_us += over_us - (-over & s->every_us);
    }
    if (!drawn) return;
    g->sum[slot] -= drawn;
    touch(g, slot);
}

/* A train that is slower than the slots. */
static __attribute__((noinline)) void add_pulses(const grid *g, const dcl_town_segment *s, int64_t level) {
    int64_t since = s->start_us - g->start_us;
    for (int64_t k = 0; k < s->count; k++, since += s->every_us) {
        change(g, since, level);
        change(g, since + s->on_us, -level);
    }
}

/* Stretches that follow each other without a gap share the change between them. */
static inline void add(const grid *g, const dcl_town_plan *plan, bool reactive) {
    int64_t open_us = INT64_MIN, old = 0; /* since the grid's start */
    for (size_t i = 0; i < plan->n_segments; i++) {
        const dcl_town_segment *s = &plan->segment[i];
        int64_t level = dcl_town_milli(reactive ? s->reactive_var : s->power_w);
        if (s->count > 1) {
            if (s->every_us < 2 * g->period_us)
                add_train(g, s, level);
            else
                add_pulses(g, s, level);
            continue;
        }
        int64_t since_us = s->start_us - g->start_us;
        if (since_us == open_us) {
            change(g, since_us, level - old);
        } else {
            if (old) change(g, open_us, -old);
            change(g, since_us, level);
        }
        open_us = since_us + s->on_us;
        old = level;
    }
    if (old) change(g, open_us, -old);
}

static inline grid grid_of(int64_t start_us, int64_t period_us, size_t n, int64_t *sum, uint64_t *touched) {
    return (grid){start_us, period_us, (int64_t)n * period_us,
                  sum,      touched,   (1 - 0x1p-50) / (double)period_us};
}

void dcl_grid_add(const dcl_town_plan *plan, bool reactive, int64_t start_us, int64_t period_us, size_t n,
                  int64_t *sum) {
    const grid g = grid_of(start_us, period_us, n, sum, NULL);
    add(&g, plan, reactive);
}

void dcl_grid_add_and_mark(const dcl_town_plan *plan, int64_t start_us, int64_t period_us, size_t n,
                           int64_t *sum, uint64_t *touched) {
    const grid g = grid_of(start_us, period_us, n, sum, touched);
    add(&g, plan, false);
}
