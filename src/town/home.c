#include "base/status.h"
#include "town/town.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One home with its truth: planned civil day by civil day, laid on the slots asked for. What was begun the day before may still
 * run, the night's water heater or a late wash: plans of two days are at hand. */

typedef struct day_room {
    dcl_town_plan plan[2][TOWN_APPLIANCES]; /* of the day before and of the day, in turn */
    int64_t slot[DCL_TOWN_DAY_SECONDS + 1], power[DCL_TOWN_DAY_SECONDS + 1],
        reactive[DCL_TOWN_DAY_SECONDS + 1];
    int64_t drawn[DCL_TOWN_DAY_SECONDS], fed[DCL_TOWN_DAY_SECONDS], var[DCL_TOWN_DAY_SECONDS];
    double apparent[DCL_TOWN_DAY_SECONDS];
} day_room;

typedef struct renderer {
    const dcl_context *context;
    const dcl_town *town;
    dcl_dwelling home;
    dcl_appliance kind[TOWN_APPLIANCES];
    size_t n_kinds;
    dcl_home *out;
    day_room *room;
    dcl_true_cycle *cycle;
    size_t n_cycles, room_cycles;
    size_t at; /* the day's first slot */
} renderer;

/* Plans a day into room->plan[day & 1] and keeps its cycles where they are of the span. */
static dcl_status plan_day(renderer *r, int64_t day, bool keep) {
    dcl_town_day people;
    dcl_dice dice[TOWN_APPLIANCES];
    dcl_town_throw(&r->home, day, r->kind, r->n_kinds, dice);
    dcl_town_day_of(&r->home, dcl_town_date_of(r->town, day), &people);
    for (size_t k = 0; k < r->n_kinds; k++) {
        dcl_town_plan *plan = &r->room->plan[day & 1][k];
        plan->without_cycles = false;
        plan->n_segments = plan->n_cycles = 0;
        dcl_town_plan_day(&r->home, &people, r->kind[k], &dice[k], plan);
        if (!keep || !plan->n_cycles) continue;
        if (dcl_grow(&r->cycle, &r->room_cycles, r->n_cycles + plan->n_cycles, sizeof *r->cycle))
            return DCL_E_MEMORY;
        memcpy(r->cycle + r->n_cycles, plan->cycle, plan->n_cycles * sizeof *plan->cycle);
        r->n_cycles += plan->n_cycles;
    }
    return DCL_OK;
}

/* The small noise of electronics belongs to the floor. What a second has too much, the one half a minute on has too little, so that
 * whole minutes are as planned. */
static void add_noise(renderer *r, int64_t day, int64_t seconds, float *floor_w) {
    int64_t period_s = r->town->options.period_us / DCL_SECOND_US, old = 0;
    dcl_dice dice = dcl_town_dice(r->home.seed, r->home.home, DCL_TOWN_NOISE, day);
    int64_t draw[60];
    for (int64_t t = 0; t < seconds; t++) {
        if (t % 60 == 0)
            for (int i = 0; i < 60; i++) draw[i] = (int64_t)((dcl_dice_unit(&dice) - 0.5) * 850);
        int64_t now = seconds - t / 60 * 60 < 60 ? 0 : draw[t % 60] - draw[(t + 30) % 60];
        r->room->power[t] += (now - old) * DCL_SECOND_US;
        floor_w[t / period_s] += (float)((double)now / 1000 / (double)period_s);
        old = now;
    }
}

static void render_appliance(renderer *r, size_t k, const dcl_town_date *date, size_t n, int64_t seconds) {
    day_room *room = r->room;
    const dcl_town *town = r->town;
    memset(room->slot, 0, (n + 1) * sizeof *room->slot);
    for (int i = 0; i < 2; i++) {
        const dcl_town_plan *plan = &room->plan[i][k];
        dcl_grid_add(plan, false, date->start_us, town->options.period_us, n, room->slot);
        dcl_grid_add(plan, false, date->start_us, DCL_SECOND_US, (size_t)seconds, room->power);
        dcl_grid_add(plan, true, date->start_us, DCL_SECOND_US, (size_t)seconds, room->reactive);
    }
    int64_t level = 0;
    double scale = 1 / (1000.0 * (double)town->options.period_us);
    for (size_t i = 0; i < n; i++) {
        level += room->slot[i];
        r->out->truth[k].value[r->at + i] = (float)((double)level * scale);
    }
    if (r->kind[k] == DCL_APPLIANCE_STANDBY && town->options.period_us < DCL_MINUTE_US)
        add_noise(r, date->day, seconds, r->out->truth[k].value + r->at);
}

static void render_day(renderer *r, const dcl_town_date *date, dcl_va_maximum *most) {
    day_room *room = r->room;
    dcl_home *home = r->out;
    int64_t seconds = (date->end_us - date->start_us) / DCL_SECOND_US, period_us = r->town->options.period_us;
    size_t n = (size_t)(seconds * DCL_SECOND_US / period_us);
    memset(room->power, 0, ((size_t)seconds + 1) * sizeof *room->power);
    memset(room->reactive, 0, ((size_t)seconds + 1) * sizeof *room->reactive);
    for (size_t k = 0; k < r->n_kinds; k++) render_appliance(r, k, date, n, seconds);
    const dcl_meter meter = {
        .period_us = period_us, .power_mwus = room->power, .reactive_mwus = room->reactive};
    *most = dcl_meter_read(&meter, date->start_us, seconds,
                           &(dcl_meter_slots){room->drawn, room->fed, room->var, room->apparent});
    double scale = 1 / (1000.0 * (double)period_us), a_second = (double)DCL_SECOND_US / (double)period_us;
    for (size_t i = 0; i < n; i++) {
        size_t at = r->at + i;
        home->series[0].value[at] = (float)((double)room->drawn[i] * scale);
        home->series[1].value[at] = (float)(room->apparent[i] * a_second);
        home->series[2].value[at] = (float)((double)room->var[i] * scale);
        if (home->n_series > 3) home->series[3].value[at] = (float)((double)room->fed[i] * scale);
    }
    r->at += n;
}

static dcl_status render(renderer *r) {
    const dcl_town *town = r->town;
    dcl_status status = plan_day(r, town->first_day - 1, false);
    for (int i = 0; !status && i < town->options.days; i++) {
        if (dcl_cancelled(r->context)) return DCL_E_CANCELLED;
        int64_t day = town->first_day + i;
        status = plan_day(r, day, true);
        if (!status) render_day(r, dcl_town_date_of(town, day), &r->out->va_maxima[i]);
        if (r->context->progress)
            r->context->progress(r->context->progress_arg, "town", "days", (uint64_t)i + 1,
                                 (uint64_t)town->options.days);
    }
    return status;
}

static void copy_name(char out[64], const char *name) {
    size_t n = strlen(name);
    memcpy(out, name, n < 64 ? n + 1 : 64);
}

/* A home of the right size with nothing in it yet. */
static dcl_status shape_home(const renderer *r, dcl_arena *arena, dcl_home *home) {
    static const dcl_channel channels[] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR, DCL_EXPORT_W};
    const dcl_town *town = r->town;
    size_t n = town->n_slots, days = (size_t)town->options.days, n_series = r->home.solar_w > 0 ? 4 : 3;
    *home = (dcl_home){.n_series = n_series,
                       .n_truth = r->n_kinds,
                       .n_va_maxima = days,
                       .household = r->home.kind,
                       .subscribed_kva = r->home.subscribed_kva,
                       .reading_us = town->options.period_us,
                       .format = "town",
                       .readings = n,
                       .notes = 1u << DCL_NOTE_SIMULATED};
    home->series = dcl_arena_alloc(arena, n_series, sizeof *home->series);
    home->truth = dcl_arena_alloc(arena, r->n_kinds, sizeof *home->truth);
    home->truth_name = dcl_arena_alloc(arena, r->n_kinds, sizeof *home->truth_name);
    home->va_maxima = dcl_arena_alloc(arena, days, sizeof *home->va_maxima);
    if (!home->series || !home->truth || !home->truth_name || !home->va_maxima) return DCL_E_MEMORY;
    for (size_t i = 0; i < n_series + r->n_kinds; i++) {
        dcl_series *series = i < n_series ? &home->series[i] : &home->truth[i - n_series];
        *series = (dcl_series){.channel = i < n_series ? channels[i] : DCL_POWER_W,
                               .start_us = town->start_us,
                               .period_us = town->options.period_us,
                               .n = n,
                               .value = dcl_arena_alloc(arena, n, sizeof(float))};
        if (!series->value) return DCL_E_MEMORY;
        if (i >= n_series)
            copy_name(home->truth_name[i - n_series], dcl_appliance_name(r->kind[i - n_series]));
    }
    return DCL_OK;
}

static int by_kind_and_start(const void *a, const void *b) {
    const dcl_true_cycle *x = a, *y = b;
    if (x->kind != y->kind) return x->kind > y->kind ? 1 : -1;
    if (x->start_us != y->start_us) return x->start_us > y->start_us ? 1 : -1;
    if (x->end_us != y->end_us) return x->end_us > y->end_us ? 1 : -1;
    return (x->energy_wh > y->energy_wh) - (x->energy_wh < y->energy_wh);
}

static dcl_status keep_cycles(renderer *r, dcl_arena *arena) {
    if (!r->n_cycles) return DCL_OK;
    qsort(r->cycle, r->n_cycles, sizeof *r->cycle, by_kind_and_start);
    r->out->cycle = dcl_arena_alloc(arena, r->n_cycles, sizeof *r->cycle);
    if (!r->out->cycle) return DCL_E_MEMORY;
    memcpy(r->out->cycle, r->cycle, r->n_cycles * sizeof *r->cycle);
    r->out->n_cycles = r->n_cycles;
    return DCL_OK;
}

static dcl_town_truth truth_of(const renderer *r) {
    static const char *const tariffs[] = {"base", "hc", "tempo"};
    const dcl_dwelling *h = &r->home;
    return (dcl_town_truth){.cycle = r->out->cycle,
                            .n = r->out->n_cycles,
                            .kind = h->kind,
                            .persons = h->persons,
                            .tariff = tariffs[h->tariff],
                            .off_peak_minute = h->tariff ? (int)h->night_start : -1,
                            .noon_minute = h->tariff ? (int)h->noon_start : -1,
                            .area_m2 = h->area_m2};
}

dcl_status dcl_town_home(const dcl_context *context, const dcl_town_options *options, dcl_arena *arena,
                         dcl_home *out, dcl_town_truth *truth, dcl_error *error) {
    dcl_town *town;
    dcl_status status = dcl_town_open(context, options, &town, error);
    if (status) return status;
    renderer r = {
        .context = context, .town = town, .out = out, .home = dcl_town_dwelling(town, options->home)};
    r.n_kinds = dcl_town_appliances(&r.home, r.kind);
    r.room = malloc(sizeof *r.room);
    status = r.room ? shape_home(&r, arena, out) : DCL_E_MEMORY;
    if (!status) status = render(&r);
    if (!status) status = keep_cycles(&r, arena);
    if (!status && truth) *truth = truth_of(&r);
    free(r.room);
    free(r.cycle);
    dcl_town_close(&town);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "a simulated home");
    if (status) return dcl_fail(error, status, "%s", dcl_status_text(status));
    snprintf(out->id, sizeof out->id, "home%u", options->home + 1);
    return DCL_OK;
}
