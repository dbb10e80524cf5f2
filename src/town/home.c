#include "base/status.h"
#include "town/town.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A home is rendered civil day by civil day on a grid of seconds, then averaged into the slots asked for: a
 * minute's value is the mean of the sixty values that a second's grid would have. */

/* The longest civil day that is simulated: clocks have gone back by three hours (Antarctica/Casey, 2010). */
enum { DAY_HOURS = 27, DAY_SECONDS = DAY_HOURS * 3600 };

/* One civil day, second by second. */
typedef struct day_buffer {
    dcl_town_plan plan;
    float power_w[TOWN_APPLIANCES][DAY_SECONDS];
    float reactive_var[DAY_SECONDS];
} day_buffer;

/* Sums of the slot being filled. */
typedef struct slot_sums {
    double power_w[TOWN_APPLIANCES], reactive_var, apparent_va;
    int64_t filled;
    size_t index;
} slot_sums;

typedef struct renderer {
    const dcl_context *context;
    const dcl_town_options *options;
    int64_t first_day, start_us, end_us;
    dcl_home *home;
    day_buffer *buffer;
    slot_sums sums;
} renderer;

dcl_town_options dcl_town_defaults(void) {
    return (dcl_town_options){
        .start_us = INT64_C(1736766000) * DCL_SECOND_US, .days = 1, .period_us = DCL_SECOND_US, .home = 0};
}

/* Adds the part of a segment that falls on the day; a second in which it starts or ends gets its share. */
static void add_to_seconds(const dcl_town_segment *segment, int64_t day_us, int64_t seconds, float *power_w,
                           float *reactive_var) {
    int64_t from = segment->start_us - day_us, to = segment->end_us - day_us;
    if (from < 0) from = 0;
    if (to > seconds * DCL_SECOND_US) to = seconds * DCL_SECOND_US;
    for (int64_t s = from / DCL_SECOND_US; s * DCL_SECOND_US < to; s++) {
        int64_t begin = s * DCL_SECOND_US, end = begin + DCL_SECOND_US;
        int64_t covered = (to < end ? to : end) - (from > begin ? from : begin);
        float share = (float)covered / 1e6f;
        power_w[s] += segment->power_w * share;
        reactive_var[s] += segment->reactive_var * share;
    }
}

/* What was begun the day before may still run: the night's water heater, a late wash. */
static void render_day(renderer *r, int64_t day, int64_t day_us, int64_t seconds) {
    memset(r->buffer->power_w, 0, sizeof r->buffer->power_w);
    memset(r->buffer->reactive_var, 0, sizeof r->buffer->reactive_var);
    for (size_t k = 0; k < TOWN_APPLIANCES; k++) {
        for (int64_t planned = day - 1; planned <= day; planned++) {
            dcl_town_plan *plan = &r->buffer->plan;
            dcl_town_plan_day(r->context, r->options->home, k, planned, plan);
            for (size_t i = 0; i < plan->n_segments; i++)
                add_to_seconds(&plan->segment[i], day_us, seconds, r->buffer->power_w[k],
                               r->buffer->reactive_var);
        }
    }
}

/* The small noise of electronics, ±0.6 W a second, belongs to the floor. */
static void add_noise(renderer *r, int64_t day, int64_t seconds) {
    dcl_rng dice = dcl_town_dice(r->context->seed, r->options->home, DCL_TOWN_NOISE, day);
    float *floor_w = r->buffer->power_w[TOWN_APPLIANCES - 1];
    for (int64_t s = 0; s < seconds; s++) floor_w[s] += (float)dcl_town_draw(&dice, -0.6, 0.6);
}

static void flush_slot(renderer *r) {
    slot_sums *sums = &r->sums;
    double n = (double)sums->filled, total = 0;
    dcl_home *home = r->home;
    for (size_t k = 0; k < TOWN_APPLIANCES; k++) {
        home->truth[k].value[sums->index] = (float)(sums->power_w[k] / n);
        total += sums->power_w[k];
    }
    home->series[0].value[sums->index] = (float)(total / n);
    home->series[1].value[sums->index] = (float)(sums->apparent_va / n);
    home->series[2].value[sums->index] = (float)(sums->reactive_var / n);
    *sums = (slot_sums){.index = sums->index + 1};
}

/* Moves the day's seconds into slots; returns the day's maximum of apparent power. */
static dcl_va_maximum fill_slots(renderer *r, int64_t day_us, int64_t seconds) {
    int64_t period_s = r->options->period_us / DCL_SECOND_US;
    dcl_va_maximum maximum = {.time_us = day_us, .apparent_va = -1};
    for (int64_t s = 0; s < seconds; s++) {
        double total = 0, var = (double)r->buffer->reactive_var[s];
        for (size_t k = 0; k < TOWN_APPLIANCES; k++) {
            r->sums.power_w[k] += (double)r->buffer->power_w[k][s];
            total += (double)r->buffer->power_w[k][s];
        }
        double apparent = sqrt(total * total + var * var);
        r->sums.reactive_var += var;
        r->sums.apparent_va += apparent;
        if ((float)apparent > maximum.apparent_va)
            maximum = (dcl_va_maximum){day_us + s * DCL_SECOND_US, (float)apparent};
        if (++r->sums.filled == period_s) flush_slot(r);
    }
    return maximum;
}

static dcl_status render(renderer *r) {
    for (int i = 0; i < r->options->days; i++) {
        if (dcl_cancelled(r->context)) return DCL_E_CANCELLED;
        int64_t day = r->first_day + i, day_us = dcl_zone_day_start(r->context->zone, day);
        int64_t seconds = (dcl_zone_day_start(r->context->zone, day + 1) - day_us) / DCL_SECOND_US;
        render_day(r, day, day_us, seconds);
        add_noise(r, day, seconds);
        r->home->va_maxima[i] = fill_slots(r, day_us, seconds);
        if (r->context->progress)
            r->context->progress(r->context->progress_arg, "town", "days", (uint64_t)i + 1,
                                 (uint64_t)r->options->days);
    }
    return DCL_OK;
}

static void copy_name(char out[64], const char *name) {
    size_t n = strlen(name);
    memcpy(out, name, n < 64 ? n + 1 : 64);
}

/* A home of the right size with nothing in it yet. */
static dcl_status shape_home(const renderer *r, dcl_arena *arena, dcl_home *home) {
    static const dcl_channel channels[] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR};
    size_t n = (size_t)((r->end_us - r->start_us) / r->options->period_us), days = (size_t)r->options->days;
    *home = (dcl_home){.n_series = 3,
                       .n_truth = TOWN_APPLIANCES,
                       .n_va_maxima = days,
                       .subscribed_kva = 6,
                       .reading_us = r->options->period_us,
                       .format = "town",
                       .readings = n,
                       .notes = 1u << DCL_NOTE_SIMULATED};
    home->series = dcl_arena_alloc(arena, 3, sizeof *home->series);
    home->truth = dcl_arena_alloc(arena, TOWN_APPLIANCES, sizeof *home->truth);
    home->truth_name = dcl_arena_alloc(arena, TOWN_APPLIANCES, sizeof *home->truth_name);
    home->va_maxima = dcl_arena_alloc(arena, days, sizeof *home->va_maxima);
    if (!home->series || !home->truth || !home->truth_name || !home->va_maxima) return DCL_E_MEMORY;
    for (size_t i = 0; i < 3 + TOWN_APPLIANCES; i++) {
        dcl_series *series = i < 3 ? &home->series[i] : &home->truth[i - 3];
        *series = (dcl_series){.channel = i < 3 ? channels[i] : DCL_POWER_W,
                               .start_us = r->start_us,
                               .period_us = r->options->period_us,
                               .n = n,
                               .value = dcl_arena_alloc(arena, n, sizeof(float))};
        if (!series->value) return DCL_E_MEMORY;
        if (i >= 3) copy_name(home->truth_name[i - 3], dcl_appliance_name(dcl_town_kinds[i - 3]));
    }
    return DCL_OK;
}

/* Plans again, twice: once to count, once to keep. */
static dcl_status list_cycles(const renderer *r, dcl_arena *arena, dcl_town_truth *truth) {
    *truth = (dcl_town_truth){0};
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;
        for (size_t k = 0; k < TOWN_APPLIANCES; k++) {
            for (int i = 0; i < r->options->days; i++) {
                dcl_town_plan *plan = &r->buffer->plan;
                dcl_town_plan_day(r->context, r->options->home, k, r->first_day + i, plan);
                if (pass && plan->n_cycles)
                    memcpy(truth->cycle + n, plan->cycle, plan->n_cycles * sizeof *plan->cycle);
                n += plan->n_cycles;
            }
        }
        if (pass) break;
        truth->n = n;
        truth->cycle = dcl_arena_alloc(arena, n, sizeof *truth->cycle);
        if (!truth->cycle) return DCL_E_MEMORY;
    }
    return DCL_OK;
}

static dcl_status check_options(const dcl_context *context, const dcl_town_options *o, dcl_error *error) {
    const int64_t least_us = dcl_days_from_date(1, 1, 1) * DCL_DAY_US;
    const int64_t most_us = dcl_days_from_date(10000, 1, 1) * DCL_DAY_US;
    if (!context->zone) return dcl_fail(error, DCL_E_ARG, "a simulated home needs the zone of civil time");
    if (o->days < 1 || o->days > 36600)
        return dcl_fail(error, DCL_E_ARG, "a simulated home has 1 to 36,600 days, not %d", o->days);
    if (o->period_us < DCL_SECOND_US || o->period_us % DCL_SECOND_US || DCL_HOUR_US % o->period_us)
        return dcl_fail(error, DCL_E_ARG, "the period must be whole seconds that divide an hour");
    if (o->start_us < least_us || o->start_us >= most_us)
        return dcl_fail(error, DCL_E_ARG, "a simulated home starts in the years 1 to 9999");
    return DCL_OK;
}

/* The span's civil days: each whole slots, none skipped and none beyond the buffer. */
static dcl_status check_days(const renderer *r, dcl_error *error) {
    const dcl_zone *zone = r->context->zone;
    int64_t start_us = r->start_us;
    for (int64_t day = r->first_day; day < r->first_day + r->options->days; day++) {
        int64_t end_us = dcl_zone_day_start(zone, day + 1), length_us = end_us - start_us;
        if (start_us % r->options->period_us || end_us % r->options->period_us)
            return dcl_fail(error, DCL_E_ARG, "the period must divide the hours of zone %s",
                            dcl_zone_name(zone));
        if (length_us < DCL_HOUR_US || length_us > DAY_HOURS * DCL_HOUR_US) {
            dcl_civil date = dcl_date_from_days(day);
            return dcl_fail(error, DCL_E_ARG,
                            "%04d-%02d-%02d in zone %s has %.1f h: days of 1 to %d h can be simulated",
                            date.year, date.month, date.day, dcl_zone_name(zone),
                            (double)length_us / (double)DCL_HOUR_US, DAY_HOURS);
        }
        start_us = end_us;
    }
    return DCL_OK;
}

dcl_status dcl_town_home(const dcl_context *context, const dcl_town_options *options, dcl_arena *arena,
                         dcl_home *out, dcl_town_truth *truth, dcl_error *error) {
    renderer r = {.context = context, .options = options, .home = out};
    dcl_status status = check_options(context, options, error);
    if (status) return status;
    r.first_day = dcl_zone_day(context->zone, options->start_us);
    r.start_us = dcl_zone_day_start(context->zone, r.first_day);
    r.end_us = dcl_zone_day_start(context->zone, r.first_day + options->days);
    status = check_days(&r, error);
    if (status) return status;

    r.buffer = malloc(sizeof *r.buffer);
    status = r.buffer ? shape_home(&r, arena, out) : DCL_E_MEMORY;
    if (!status && truth) status = list_cycles(&r, arena, truth);
    if (!status) status = render(&r);
    free(r.buffer);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "a simulated home");
    if (status) return dcl_fail(error, status, "%s", dcl_status_text(status));
    snprintf(out->id, sizeof out->id, "home%u", options->home + 1);
    return DCL_OK;
}
