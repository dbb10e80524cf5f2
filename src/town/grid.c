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
    double slots_a_us;
} grid;

static inline void change(const grid *g, int64_t time_us, int64_t by_mw) {
    int64_t since = time_us - g->start_us;
    if (since <= 0) {
        g->sum[0] += by_mw * g->period_us;
        return;
    }
    int64_t slot = (int64_t)((double)since * g->slots_a_us), past = since - slot * g->period_us;
    if (past < 0) { /* a product in place of a division may be one off */
        slot--;
        past += g->period_us;
    } else if (past >= g->period_us) {
        slot++;
        past -= g->period_us;
    }
    if (slot >= g->n) return;
    g->sum[slot] += by_mw * (g->period_us - past);
    g->sum[slot + 1] += by_mw * past;
}

/* µs that a train of pulses has been on, `since` µs after it began. */
static inline int64_t on_until(const dcl_town_segment *s, int64_t since) {
    if (since <= 0) return 0;
    int64_t whole = since / s->every_us, rest = since - whole * s->every_us;
    if (whole >= s->count) return s->count * s->on_us;
    return whole * s->on_us + (rest < s->on_us ? rest : s->on_us);
}

/* A train that is faster than the slots: what it is on in each of them. */
static void add_train(const grid *g, const dcl_town_segment *s, int64_t level) {
    int64_t since = s->start_us - g->start_us, end = dcl_segment_end_us(s) - g->start_us;
    int64_t slot = since > 0 ? since / g->period_us : 0, before = on_until(s, slot * g->period_us - since);
    for (; slot < g->n && slot * g->period_us < end; slot++) {
        int64_t until = on_until(s, (slot + 1) * g->period_us - since), drawn = (until - before) * level;
        g->sum[slot] += drawn;
        g->sum[slot + 1] -= drawn;
        before = until;
    }
}

/* Stretches that follow each other without a gap share the change between them. */
void dcl_grid_add(const dcl_town_plan *plan, bool reactive, int64_t start_us, int64_t period_us, size_t n,
                  int64_t *sum) {
    const grid g = {start_us, period_us, (int64_t)n, sum, 1 / (double)period_us};
    int64_t open_us = INT64_MIN, old = 0;
    for (size_t i = 0; i < plan->n_segments; i++) {
        const dcl_town_segment *s = &plan->segment[i];
        int64_t level = reactive ? s->reactive_mvar : s->power_mw;
        if (s->count > 1 && s->every_us < 2 * period_us) {
            add_train(&g, s, level);
            continue;
        }
        for (int32_t k = 0; k < s->count; k++) {
            int64_t from = s->start_us + k * s->every_us;
            if (from == open_us) {
                change(&g, from, level - old);
            } else {
                if (old) change(&g, open_us, -old);
                change(&g, from, level);
            }
            open_us = from + s->on_us;
            old = level;
        }
    }
    if (old) change(&g, open_us, -old);
}
