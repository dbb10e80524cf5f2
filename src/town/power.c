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

/* The first `slots` leave the window: what they add up to goes on in front of the next one. */
static void move_on(window *w, size_t slots) {
    int64_t level = 0;
    for (size_t i = 0; i < slots; i++) level += w->sum[i];
    memmove(w->sum, w->sum + slots, (w->n + 1 - slots) * sizeof *w->sum);
    memset(w->sum + w->n + 1 - slots, 0, slots * sizeof *w->sum);
    w->sum[0] += level;
}

/* Slots of a day without panels on the roof: the sums themselves. */
static void take_slots(const window *w, size_t slots, int64_t *out) {
    int64_t level = 0;
    for (size_t i = 0; i < slots; i++) out[i] = level += w->sum[i];
}

/* Panels feed in what the home does not draw at that second. */
static size_t take_net(const window *w, const dcl_town *town, const dcl_town_date *date, size_t seconds,
                       int64_t *out) {
    const dcl_meter meter = {.period_us = town->options.period_us, .power_mwus = w->sum};
    (void)dcl_meter_read(&meter, date->start_us, (int64_t)seconds, &(dcl_meter_slots){.drawn = out});
    return (size_t)((int64_t)seconds * DCL_SECOND_US / town->options.period_us);
}

static void add_day(const dcl_dwelling *home, const dcl_town_date *date, const dcl_appliance *kind,
                    size_t n_kinds, dcl_town_plan *plan, window *w) {
    dcl_town_day people;
    dcl_town_day_of(home, date, &people);
    for (size_t k = 0; k < n_kinds; k++) {
        dcl_town_plan_day(home, &people, kind[k], plan);
        dcl_grid_add(plan, false, date->start_us, w->period_us, w->n, w->sum);
    }
}

dcl_status dcl_town_slots_of(const dcl_town *town, const dcl_dwelling *home, dcl_slots_fn take, void *arg) {
    bool net = home->solar_w > 0;
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds = dcl_town_appliances(home, kind);
    window w = {.period_us = net ? DCL_SECOND_US : town->options.period_us};
    w.n = (size_t)(2 * DCL_TOWN_DAY_HOURS * DCL_HOUR_US / w.period_us);
    w.sum = calloc(w.n + 1, sizeof *w.sum);
    dcl_town_plan *plan = malloc(sizeof *plan);
    int64_t *out = malloc(w.n * sizeof *out);
    dcl_status status = w.sum && plan && out ? DCL_OK : DCL_E_MEMORY;
    if (plan) plan->without_cycles = true;
    for (int64_t day = town->first_day - 1; !status && day < town->first_day + town->options.days; day++) {
        const dcl_town_date *date = dcl_town_date_of(town, day);
        size_t slots = (size_t)((date->end_us - date->start_us) / w.period_us);
        add_day(home, date, kind, n_kinds, plan, &w);
        size_t n = slots;
        if (net)
            n = take_net(&w, town, date, slots, out);
        else
            take_slots(&w, slots, out);
        if (day >= town->first_day) take(arg, out, n);
        move_on(&w, slots);
    }
    free(w.sum);
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
    for (size_t i = 0; i < n; i++) w->at[i] = (float)((double)slot[i] * w->scale);
    w->at += n;
}

dcl_status dcl_town_power(const dcl_town *town, uint32_t home, float *power_w, dcl_household *kind) {
    dcl_dwelling dwelling = dcl_town_dwelling(town, home);
    watts w = {power_w, 1 / (1000.0 * (double)town->options.period_us)};
    if (kind) *kind = dwelling.kind;
    return dcl_town_slots_of(town, &dwelling, take_watts, &w);
}
