#include "town/town.h"

/*
 * Stretches on a grid of slots, in integers. A change of power by d at time t adds to the slot it falls in what is left of that
 * slot, and from the next slot on a whole slot's worth: two additions a change however long the stretch is, exact, and in any
 * order the same.
 */
typedef struct grid {
    int64_t start_us, period_us;
    int64_t n;
    int64_t *sum;
    uint64_t *touched; /* a bit a slot, NULL = not wanted */
    double slots_a_us; /* a little less than that: see place_of() */
} grid;

/* A moment on the grid, that may move on by the same step again and again. */
typedef struct place {
    int64_t slot, past_us;
} place;

/*
 * A product in place of a division. It errs to the low side by less than 2^-12 of a µs (times are below 2^40 µs), so the slot is the
 * right one but for moments on its very edge, which may come out as the whole of the slot before: that adds up to the same.
 */
static inline place place_of(const grid *g, int64_t since_us) {
    int64_t slot = (int64_t)((double)since_us * g->slots_a_us);
    return (place){slot, since_us - slot * g->period_us};
}

static inline void step(place *at, place by, int64_t period_us) {
    at->slot += by.slot;
    at->past_us += by.past_us;
    if (at->past_us < period_us) return;
    at->slot++;
    at->past_us -= period_us;
}

static inline void touch(const grid *g, int64_t slot) {
    if (g->touched) g->touched[slot / 64] |= UINT64_C(1) << slot % 64;
}

static inline void change_at(const grid *g, place at, int64_t by_mw) {
    if (at.slot >= g->n) return;
    g->sum[at.slot] += by_mw * (g->period_us - at.past_us);
    g->sum[at.slot + 1] += by_mw * at.past_us;
    touch(g, at.slot);
    touch(g, at.slot + 1);
}

static inline void change(const grid *g, int64_t time_us, int64_t by_mw) {
    int64_t since = time_us - g->start_us;
    change_at(g, since > 0 ? place_of(g, since) : (place){0, 0}, by_mw);
}

/* µs that a train of pulses has been on, `since` µs after it began. */
static inline int64_t on_until(const dcl_town_segment *s, int64_t whole, int64_t rest) {
    if (whole >= s->count) return s->count * s->on_us;
    return whole * s->on_us + (rest < s->on_us ? rest : s->on_us);
}

/* A train that is faster than the slots: what it is on in each of them. A place in it is a pulse and µs since that one's begin. */
static void add_train(const grid *g, const dcl_town_segment *s, int64_t level) {
    int64_t since = s->start_us - g->start_us, end = dcl_segment_end_us(s) - g->start_us;
    int64_t slot = since > 0 ? since / g->period_us : 0, into = slot * g->period_us - since, before = 0;
    place by = {g->period_us / s->every_us, g->period_us % s->every_us}, at;
    if (into > 0) before = on_until(s, into / s->every_us, into % s->every_us);
    into += g->period_us; /* at the end of the slot it is on its way, in the first one too */
    at = (place){into / s->every_us, into % s->every_us};
    for (; slot < g->n && slot * g->period_us < end; slot++) {
        int64_t until = on_until(s, at.slot, at.past_us), drawn = (until - before) * level;
        g->sum[slot] += drawn;
        g->sum[slot + 1] -= drawn;
        touch(g, slot);
        touch(g, slot + 1);
        before = until;
        step(&at, by, s->every_us);
    }
}

/* A train that is slower than the slots. */
static inline void add_pulses(const grid *g, const dcl_town_segment *s, int64_t level) {
    int64_t since = s->start_us - g->start_us;
    int32_t k = 0;
    for (; k < s->count && since <= 0; k++, since += s->every_us) { /* those that begin before the grid */
        change_at(g, (place){0, 0}, level);
        change(g, g->start_us + since + s->on_us, -level);
    }
    place on = place_of(g, since), off = place_of(g, since + s->on_us), by = place_of(g, s->every_us);
    for (; k < s->count; k++) {
        change_at(g, on, level);
        change_at(g, off, -level);
        step(&on, by, g->period_us);
        step(&off, by, g->period_us);
    }
}

/* Stretches that follow each other without a gap share the change between them. */
static inline void add(const dcl_town_plan *plan, bool reactive, grid g) {
    int64_t open_us = INT64_MIN, old = 0;
    g.slots_a_us = (1 - 0x1p-50) / (double)g.period_us;
    for (size_t i = 0; i < plan->n_segments; i++) {
        const dcl_town_segment *s = &plan->segment[i];
        int64_t level = reactive ? s->reactive_mvar : s->power_mw;
        if (s->count > 1) {
            if (s->every_us < 2 * g.period_us)
                add_train(&g, s, level);
            else
                add_pulses(&g, s, level);
            continue;
        }
        if (s->start_us == open_us) {
            change(&g, open_us, level - old);
        } else {
            if (old) change(&g, open_us, -old);
            change(&g, s->start_us, level);
        }
        open_us = s->start_us + s->on_us;
        old = level;
    }
    if (old) change(&g, open_us, -old);
}

void dcl_grid_add(const dcl_town_plan *plan, bool reactive, int64_t start_us, int64_t period_us, size_t n,
                  int64_t *sum) {
    add(plan, reactive, (grid){start_us, period_us, (int64_t)n, sum, NULL, 0});
}

void dcl_grid_add_and_mark(const dcl_town_plan *plan, int64_t start_us, int64_t period_us, size_t n,
                           int64_t *sum, uint64_t *touched) {
    add(plan, false, (grid){start_us, period_us, (int64_t)n, sum, touched, 0});
}
