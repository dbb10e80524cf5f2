#include <stdlib.h>
#include <string.h>

#include "town/town.h"

/*
 * What one home draws, without its truth. Plans of a day go onto a window of that day and what they may reach into, which stays in
 * the cache; then the day's slots leave it, and the rest moves to its front.
 */

typedef struct window {
    int64_t period_us;
    size_t n;     /* slots: a day that its plans begin on, and one that they end on */
    int64_t *sum; /* [n + 1] differences */
} window;

/* The first `slots` leave the window, summed up; what is on at their end goes on in front of the next ones. */
static void take_slots(window *w, size_t slots, int64_t *out) {
    int64_t level = 0;
    for (size_t i = 0; i < slots; i++) out[i] = level += w->sum[i];
    memmove(w->sum, w->sum + slots, (w->n + 1 - slots) * sizeof *w->sum);
    memset(w->sum + w->n + 1 - slots, 0, slots * sizeof *w->sum);
    w->sum[0] += level;
}

static void add_day(const dcl_dwelling *home, const dcl_town_date *date, const dcl_appliance *kind,
                    size_t n_kinds, dcl_town_plan *plan, const window *w, uint64_t *touched) {
    dcl_town_day people;
    dcl_town_day_of(home, date, &people);
    for (size_t k = 0; k < n_kinds; k++) {
        dcl_town_plan_day(home, &people, kind[k], plan);
        if (touched)
            dcl_grid_add_and_mark(plan, date->start_us, w->period_us, w->n, w->sum, touched);
        else
            dcl_grid_add(plan, false, date->start_us, w->period_us, w->n, w->sum);
    }
}

/* ---------------------------------------------------------------- with panels on the roof */

/*
 * Panels feed in what the home does not draw at that second, so the window is of seconds. Power changes in few of them: those have
 * a bit in `touched`, and the others are passed over 64 at a time.
 */
typedef struct net_slots {
    int64_t slot_s, *out, left_s; /* left of the slot at `out` */
} net_slots;

/* Power that stays for some seconds. */
static void stay(net_slots *s, int64_t power, int64_t seconds) {
    int64_t drawn = power > 0 ? power : 0;
    while (seconds > 0) {
        int64_t part = seconds < s->left_s ? seconds : s->left_s;
        *s->out += drawn * part;
        seconds -= part;
        s->left_s -= part;
        if (s->left_s) continue;
        s->left_s = s->slot_s;
        s->out++;
    }
}

/* The first `seconds` leave the window; out [of their slots]. */
static void take_net(window *w, uint64_t *touched, size_t seconds, int64_t slot_s, int64_t *out) {
    net_slots slots = {slot_s, out, slot_s};
    int64_t level = 0;
    size_t at = 0;
    memset(out, 0, (seconds / (size_t)slot_s + 1) * sizeof *out);
    for (size_t i = 0; i <= w->n / 64; i++) {
        uint64_t word = touched[i];
        touched[i] = 0;
        while (word) {
            size_t t = i * 64 + (size_t)__builtin_ctzll(word);
            int64_t change = w->sum[t];
            word &= word - 1;
            w->sum[t] = 0;
            if (t < seconds) {
                stay(&slots, level, (int64_t)(t - at));
                level += change;
                at = t;
            } else { /* of the next day: to the front */
                w->sum[t - seconds] += change;
                touched[(t - seconds) / 64] |= UINT64_C(1) << (t - seconds) % 64;
            }
        }
    }
    stay(&slots, level, (int64_t)(seconds - at));
    w->sum[0] += level;
    touched[0] |= 1;
}

/* ---------------------------------------------------------------- a home's days */

dcl_status dcl_town_slots_of(const dcl_town *town, const dcl_dwelling *home, dcl_slots_fn take, void *arg) {
    bool net = home->solar_w > 0;
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds = dcl_town_appliances(home, kind);
    int64_t period_us = town->options.period_us;
    window w = {.period_us = net ? DCL_SECOND_US : period_us};
    w.n = (size_t)(2 * DCL_TOWN_DAY_HOURS * DCL_HOUR_US / w.period_us);
    w.sum = calloc(w.n + 1, sizeof *w.sum);
    uint64_t *touched = net ? calloc(w.n / 64 + 1, sizeof *touched) : NULL;
    dcl_town_plan *plan = malloc(sizeof *plan);
    int64_t *out = malloc((size_t)(2 * DCL_TOWN_DAY_HOURS * DCL_HOUR_US / period_us) * sizeof *out);
    dcl_status status = w.sum && plan && out && (touched || !net) ? DCL_OK : DCL_E_MEMORY;
    if (plan) plan->without_cycles = true;
    for (int64_t day = town->first_day - 1; !status && day < town->first_day + town->options.days; day++) {
        const dcl_town_date *date = dcl_town_date_of(town, day);
        int64_t length_us = date->end_us - date->start_us;
        add_day(home, date, kind, n_kinds, plan, &w, touched);
        if (net)
            take_net(&w, touched, (size_t)(length_us / DCL_SECOND_US), period_us / DCL_SECOND_US, out);
        else
            take_slots(&w, (size_t)(length_us / period_us), out);
        if (day >= town->first_day) take(arg, out, (size_t)(length_us / period_us));
    }
    free(w.sum);
    free(touched);
    free(out);
    free(plan);
    return status;
}

typedef struct watts {
    float *at;
    double scale;
} watts;

static void take_watts(void *arg, const int64_t *slot, size_t n) {
    watts *w = arg;
    for (size_t i = 0; i < n; i++) w->at[i] = (float)(dcl_slot_number(slot[i]) * w->scale);
    w->at += n;
}

dcl_status dcl_town_power(const dcl_town *town, uint32_t home, float *power_w, dcl_household *kind) {
    dcl_dwelling dwelling = dcl_town_dwelling(town, home);
    watts w = {power_w, 1 / (1000.0 * (double)town->options.period_us)};
    if (kind) *kind = dwelling.kind;
    return dcl_town_slots_of(town, &dwelling, take_watts, &w);
}
