#include <stdlib.h>
#include <string.h>

#include "town/town.h"

/*
 * What one home draws, without its truth. Plans of a day go onto a window of that day and what they may reach into; then the day's
 * slots leave it. The window moves along a stretch of some days, which stays in the cache, and from its end back to its front.
 */

enum { WINDOWS = 6 }; /* that a stretch has room for */

typedef struct window {
    int64_t period_us, level; /* level: of the slot before */
    size_t n;                 /* slots: a day that its plans begin on, and one that they end on */
    int64_t *sum;             /* [n + 1] differences */
    int64_t *stretch, *end;   /* behind the window, and before it, all are 0 */
} window;

static bool open_window(window *w, int64_t period_us, size_t windows) {
    size_t n = (size_t)(2 * DCL_TOWN_DAY_HOURS * DCL_HOUR_US / period_us),
           room = (windows * n + 8) / 8 * 8; /* whole cache lines */
    int64_t *stretch = aligned_alloc(64, room * sizeof *stretch);
    *w = (window){period_us, 0, n, stretch, stretch, stretch + room};
    if (stretch) memset(stretch, 0, room * sizeof *stretch);
    return stretch;
}

/* The first `slots` have left the window. */
static void move_window(window *w, size_t slots) {
    w->sum += slots;
    size_t left = (size_t)(w->end - w->sum);
    if (left > w->n) return;
    memcpy(w->stretch, w->sum, left * sizeof *w->sum);
    memset(w->sum, 0, left * sizeof *w->sum);
    w->sum = w->stretch;
}

static void add_day(const dcl_dwelling *home, const dcl_town_date *date, const dcl_appliance *kind,
                    size_t n_kinds, dcl_town_plan *plan, const window *w, uint64_t *touched) {
    plan->n_segments = plan->n_cycles = 0;
    dcl_town_day people;
    dcl_dice dice[TOWN_APPLIANCES];
    dcl_town_throw(home, date->day, kind, n_kinds, dice);
    dcl_town_day_of(home, date, &people);
    for (size_t k = 0; k < n_kinds; k++) dcl_town_plan_day(home, &people, kind[k], &dice[k], plan);
    if (touched)
        dcl_grid_add_and_mark(plan, date->start_us, w->period_us, w->n, w->sum, touched);
    else
        dcl_grid_add(plan, false, date->start_us, w->period_us, w->n, w->sum);
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
        s->out[0] += drawn * part;
        s->out[1] -= drawn * part;
        seconds -= part;
        s->left_s -= part;
        if (s->left_s) continue;
        s->left_s = s->slot_s;
        s->out++;
    }
}

/* The first `seconds` leave the window; out [of their slots + 1] are differences, and were 0. */
static void take_net(window *w, uint64_t *touched, size_t seconds, int64_t slot_s, int64_t *out) {
    net_slots slots = {slot_s, out, slot_s};
    int64_t level = 0;
    size_t at = 0;
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
    *slots.out = 0; /* what follows the last slot is none of this day's */
    w->sum[0] += level;
    touched[0] |= 1;
}

/* ---------------------------------------------------------------- a home's days */

/* Of the day before the span only what it leaves on counts. */
static int64_t take_none(void *arg, int64_t *change, size_t n, int64_t level) {
    (void)arg;
    for (size_t i = 0; i < n; i++) level += change[i];
    memset(change, 0, n * sizeof *change);
    return level;
}

dcl_status dcl_town_slots_of(const dcl_town *town, const dcl_dwelling *home, dcl_slots_fn take, void *arg) {
    bool net = home->solar_w > 0;
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds = dcl_town_appliances(home, kind);
    int64_t period_us = town->options.period_us, slot_s = period_us / DCL_SECOND_US;
    window w;
    bool opened = open_window(&w, net ? DCL_SECOND_US : period_us, net ? 1 : WINDOWS);
    uint64_t *touched = net ? calloc(w.n / 64 + 1, sizeof *touched) : NULL;
    int64_t *net_slot = net ? calloc(w.n / (size_t)slot_s + 1, sizeof *net_slot) : NULL;
    dcl_town_plan *plan = malloc(sizeof *plan);
    dcl_status status = opened && plan && (!net || (touched && net_slot)) ? DCL_OK : DCL_E_MEMORY;
    if (plan) plan->without_cycles = true;
    for (int64_t day = town->first_day - 1; !status && day < town->first_day + town->options.days; day++) {
        const dcl_town_date *date = dcl_town_date_of(town, day);
        size_t seconds = (size_t)((date->end_us - date->start_us) / DCL_SECOND_US),
               n = seconds / (size_t)slot_s;
        dcl_slots_fn taken = day < town->first_day ? take_none : take;
        add_day(home, date, kind, n_kinds, plan, &w, touched);
        if (net) {
            take_net(&w, touched, seconds, slot_s, net_slot);
            taken(arg, net_slot, n, 0);
        } else {
            w.level = taken(arg, w.sum, n, w.level);
            move_window(&w, n);
        }
    }
    free(w.stretch);
    free(touched);
    free(net_slot);
    free(plan);
    return status;
}

typedef struct watts {
    const dcl_kernels *kernels;
    float *at;
    double scale;
} watts;

static int64_t take_watts(void *arg, int64_t *change, size_t n, int64_t level) {
    watts *w = arg;
    w->at += n;
    return w->kernels->levels_f32_i64(change, n, level, w->scale, w->at - n);
}

dcl_status dcl_town_power(const dcl_town *town, uint32_t home, float *power_w, dcl_household *kind) {
    dcl_dwelling dwelling = dcl_town_dwelling(town, home);
    watts w = {&town->kernels, power_w, 1 / (1000.0 * (double)town->options.period_us)};
    if (kind) *kind = dwelling.kind;
    return dcl_town_slots_of(town, &dwelling, take_watts, &w);
}
