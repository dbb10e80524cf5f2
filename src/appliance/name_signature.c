/* The signature of a cycle as the mains show it: what lies above the level before, where nothing else moves meanwhile. */
#include "appliance/name.h"
#include "base/order.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The levels before and after are medians over so long, so far from the cycle's own ends, s; three samples at least. */
static const double LEVEL_S = 30, APART_S = 3;
/* Another load's step of less than this share of the cycle's power (W at least) does not change what it looks like … */
static const double STEP_SHARE = 0.15, STEP_W = 25;
/* … and afterwards the level is back to within this share, or W. */
static const double BACK_SHARE = 0.15, BACK_W = 25;
/* So much of the samples must be there. */
static const double PRESENT = 0.9;
/* Steps this near to a cycle's ends count as during it. */
enum { MARGIN_US = 5 * DCL_SECOND_US };

static int by_time(const void *a, const void *b) {
    const dcl_name_step *x = a, *y = b;
    if (x->time_us != y->time_us) return x->time_us < y->time_us ? -1 : 1;
    return (x->owner > y->owner) - (x->owner < y->owner);
}

static size_t longest_cycle(const dcl_cycles *cycles, int64_t period_us) {
    int64_t longest = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        int64_t length = cycles->cycle[i].end_us - cycles->cycle[i].start_us;
        longest = length > longest ? length : longest;
    }
    return (size_t)(longest / period_us) + 2;
}

dcl_status dcl_name_look(const dcl_home *home, const dcl_cycles *cycles, dcl_arena *arena, dcl_name_view *out,
                         dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    *out = (dcl_name_view){.power = power,
                           .apparent = dcl_home_series(home, DCL_APPARENT_VA),
                           .reactive = dcl_home_series(home, DCL_REACTIVE_VAR),
                           .cycles = cycles};
    size_t lead = (size_t)(DCL_MINUTE_US / power->period_us) + 2;
    out->room = longest_cycle(cycles, power->period_us) + lead;
    out->own = dcl_arena_alloc(arena, out->room, sizeof *out->own);
    out->step = dcl_arena_alloc(arena, 2 * cycles->n + cycles->n_leftover + 1, sizeof *out->step);
    if (!out->own || !out->step) return dcl_fail_memory(error, "the steps of a home");
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        float off = isnan(c->off_w) ? c->on_w : c->off_w;
        out->step[out->n_steps++] = (dcl_name_step){c->start_us, c->on_w, i};
        out->step[out->n_steps++] = (dcl_name_step){c->end_us, off, i};
    }
    for (size_t i = 0; i < cycles->n_leftover; i++) {
        const dcl_edge *e = &cycles->leftover[i];
        out->step[out->n_steps++] = (dcl_name_step){e->time_us, fabsf(dcl_edge_size(e)), SIZE_MAX};
    }
    qsort(out->step, out->n_steps, sizeof *out->step, by_time);
    return DCL_OK;
}

static size_t first_step_from(const dcl_name_view *view, int64_t time_us) {
    size_t low = 0, high = view->n_steps;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (view->step[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether another load moves from a little before the cycle to a little after it. */
static bool disturbed(const dcl_name_view *view, size_t i, int64_t margin_us) {
    const dcl_cycle *c = &view->cycles->cycle[i];
    float least = (float)fmax(STEP_W, STEP_SHARE * (double)c->mean_w);
    for (size_t s = first_step_from(view, c->start_us - margin_us);
         s < view->n_steps && view->step[s].time_us <= c->end_us + margin_us; s++) {
        const dcl_name_step *step = &view->step[s];
        if (step->owner != i && !(step->size_w < least)) return true;
    }
    return false;
}

/* Median of the present samples of [from, to); NaN where fewer than half are. */
static float level_of(const dcl_series *power, size_t from, size_t to) {
    float value[64];
    size_t n = 0;
    for (size_t i = from; i < to && i < power->n && n < 64; i++)
        if (!isnan(power->value[i])) value[n++] = power->value[i];
    if (!n || 2 * n < to - from) return NAN;
    dcl_sort_f32(value, n);
    return value[n / 2];
}

/* The cycle's samples and the levels on both sides. */
typedef struct stretch {
    size_t first, last;
    float before, after;
} stretch;

static bool stretch_of(const dcl_name_view *view, const dcl_cycle *c, stretch *out) {
    const dcl_series *power = view->power;
    double period_s = 1e-6 * (double)power->period_us;
    size_t wide = (size_t)fmax(fmin(LEVEL_S / period_s, 60), 3),
           apart = (size_t)ceil(fmax(APART_S / period_s, 1));
    if (c->start_us < power->start_us) return false;
    out->first = (size_t)((c->start_us - power->start_us) / power->period_us);
    out->last = (size_t)((c->end_us - power->start_us) / power->period_us);
    if (out->first < wide + apart || out->last + apart + wide > power->n || out->last <= out->first)
        return false;
    out->before = level_of(power, out->first - apart - wide, out->first - apart);
    out->after = level_of(power, out->last + apart, out->last + apart + wide);
    return fabs((double)out->after - (double)out->before) <= fmax(BACK_W, BACK_SHARE * (double)c->mean_w);
}

/* A channel over the same samples as `own`. */
static const dcl_series *part_of(const dcl_series *whole, const dcl_series *power, size_t from, size_t n,
                                 dcl_series *part) {
    if (!whole || whole->start_us != power->start_us || whole->period_us != power->period_us ||
        whole->n < from + n)
        return NULL;
    *part = *whole;
    part->start_us += (int64_t)from * power->period_us;
    part->value += from;
    part->n = n;
    return part;
}

/* Puts the mains above the level of both sides into view->own, `lead` samples before the cycle first. False where the cycle
 * does not stand alone. */
static bool cut_out(const dcl_name_view *view, size_t i, stretch *s, size_t *lead) {
    const dcl_cycle *c = &view->cycles->cycle[i];
    const dcl_series *power = view->power;
    int64_t margin = power->period_us > MARGIN_US ? power->period_us : MARGIN_US;
    if (c->flags & (DCL_CYCLE_CUT | DCL_CYCLE_COARSE | DCL_CYCLE_APPARENT) || disturbed(view, i, margin) ||
        !stretch_of(view, c, s))
        return false;
    size_t minute = (size_t)(DCL_MINUTE_US / power->period_us) + 1, n = s->last - s->first, present = 0;
    *lead = minute < s->first ? minute : s->first;
    if (*lead + n > view->room) return false;
    for (size_t k = 0; k < *lead + n; k++) {
        double along = k < *lead ? 0 : (double)(k - *lead) / (double)n;
        float level = (float)((1 - along) * (double)s->before + along * (double)s->after);
        view->own[k] = power->value[s->first - *lead + k] - level;
        present += k >= *lead && !isnan(view->own[k]);
    }
    return (double)present >= PRESENT * (double)n;
}

bool dcl_name_alone(const dcl_name_view *view, size_t i) {
    stretch s;
    size_t lead;
    return cut_out(view, i, &s, &lead);
}

bool dcl_name_signature(const dcl_name_view *view, size_t i, float *out) {
    const dcl_series *power = view->power;
    stretch s;
    size_t lead;
    if (!cut_out(view, i, &s, &lead)) return false;
    size_t from = s.first - lead, n = s.last - from;
    dcl_series own = *power, va, var;
    own.start_us += (int64_t)from * power->period_us;
    own.value = view->own;
    own.n = n;
    dcl_run run = {lead, n, 0, false};
    dcl_runs runs = {&run, 1, 0};
    dcl_load load = {.power_w = &own,
                     .apparent_va = part_of(view->apparent, power, from, n, &va),
                     .reactive_var = part_of(view->reactive, power, from, n, &var)};
    dcl_signature_run(&load, &runs, 0, out);
    out[DCL_RUN_STANDBY_W] = out[DCL_RUN_SINCE_S] = out[DCL_RUN_UNTIL_S] = out[DCL_RUN_WHOLE] = NAN;
    return true;
}
