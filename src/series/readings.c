/* From readings as a file gives them to readings in order: sorted, of known length, each moment said once. */
#include "series/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/order.h"

enum { SAMPLED = 1 << 16 };

static int by_time(const void *a, const void *b) {
    const dcl_reading *x = a, *y = b;
    if (x->time_us != y->time_us) return x->time_us < y->time_us ? -1 : 1;
    if (x->span_ms != y->span_ms) return x->span_ms < y->span_ms ? -1 : 1;
    if (isnan(x->value) || isnan(y->value)) return isnan(x->value) - isnan(y->value);
    return (x->value > y->value) - (x->value < y->value);
}

/* True when the times were out of order. */
static bool sort_track(dcl_track *track) {
    bool in_order = true, backwards = false;
    for (size_t i = 1; i < track->n && !backwards; i++) {
        in_order = in_order && by_time(&track->at[i - 1], &track->at[i]) <= 0;
        backwards = track->at[i].time_us < track->at[i - 1].time_us;
    }
    if (backwards || !in_order) qsort(track->at, track->n, sizeof *track->at, by_time);
    return backwards;
}

static bool is_interval(const dcl_reading *reading) {
    return reading->span_ms != DCL_SPAN_SAMPLE && reading->span_ms <= DCL_SPAN_LONGEST;
}

static bool is_start(const dcl_reading *reading) {
    return reading->span_ms == DCL_SPAN_STARTS || reading->span_ms == DCL_SPAN_ENERGY_STARTS;
}

static bool is_end(const dcl_reading *reading) {
    return reading->span_ms == DCL_SPAN_ENDS || reading->span_ms == DCL_SPAN_ENERGY_ENDS;
}

static bool is_energy(const dcl_reading *reading) {
    return reading->span_ms == DCL_SPAN_ENERGY_ENDS || reading->span_ms == DCL_SPAN_ENERGY_STARTS;
}

static int64_t end_us(const dcl_reading *reading) {
    return reading->time_us + (is_interval(reading) ? (int64_t)reading->span_ms * 1000 : 0);
}

static bool any(const dcl_track *track, bool (*is)(const dcl_reading *)) {
    for (size_t i = 0; i < track->n; i++)
        if (is(&track->at[i])) return true;
    return false;
}

/* Lengths of intervals, or distances to the next reading, of at most SAMPLED readings spread evenly; sorted.
 */
static size_t sample_steps(const dcl_track *track, int64_t *steps) {
    size_t n = 0, stride = track->n / SAMPLED + 1;
    for (size_t i = 0; i < track->n; i += stride) {
        const dcl_reading *reading = &track->at[i];
        int64_t step = 0;
        if (is_interval(reading))
            step = (int64_t)reading->span_ms * 1000;
        else if (i + 1 < track->n)
            step = reading[1].time_us - reading->time_us;
        if (step > 0) steps[n++] = step;
    }
    if (n) dcl_sort_i64(steps, n);
    return n;
}

/* The smallest step that at least one reading in twenty has; the median where steps are all different. */
static int64_t typical_step(const int64_t *steps, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && steps[j] == steps[i]) j++;
        if ((j - i) * 20 >= n) return steps[i];
        i = j;
    }
    return n ? steps[n / 2] : 0;
}

/*
 * Whether rows that say when they start are intervals of `step`: 19 steps in 20 are. From a minute up three
 * in four do, where the others are whole multiples: a curve with holes, not samples sent on change.
 */
static bool is_steady(const int64_t *steps, size_t n, int64_t step) {
    size_t equal = 0, multiple = 0;
    for (size_t i = 0; i < n; i++) {
        equal += steps[i] == step;
        multiple += steps[i] % step == 0;
    }
    bool holes = step >= DCL_MINUTE_US && equal * 4 >= n * 3 && multiple * 20 >= n * 19;
    return n && (holes || equal * 20 >= n * 19);
}

static uint32_t to_ms(int64_t us) {
    return us < 1000 ? 1 : (uint32_t)(us / 1000);
}

/* The mean power, W, of an energy, Wh, over `us`. */
static float to_power(float energy_wh, int64_t us) {
    return (float)((double)energy_wh * 3.6e9 / (double)us);
}

/* Distances between the rows around one that says only when it ends (or, mirrored, when it starts). */
typedef struct around {
    int64_t own;    /* to the row before it */
    int64_t before; /* that row's own */
    int64_t after;  /* from it to the next row */
    int64_t beyond; /* from that one to the next but one */
} around;

/*
 * The length of such a row: its own distance when that comes twice running, else (it leads a curve, or stands behind a hole)
 * what comes twice running around it, else the smallest distance there is. A single long distance inside a curve of short
 * steps is thus a row that is missing, not an hour of the row after it.
 */
static int64_t length_of(around d, int64_t typical_us) {
    int64_t length = 0;
    if (d.own > 0 && (d.own == d.before || d.own == d.after)) {
        length = d.own;
    } else if (d.after > 0 &&
               (d.after == d.before || (d.after == d.beyond && (d.own <= 0 || d.own > d.after)))) {
        length = d.after;
    } else {
        const int64_t some[] = {d.own, d.before, d.after, typical_us};
        for (size_t k = 0; k < sizeof some / sizeof *some; k++)
            if (some[k] > 0 && (!length || some[k] < length)) length = some[k];
    }
    if (length <= 0 || length > DCL_DAY_US) length = typical_us;
    return length > 0 && length <= DCL_DAY_US ? length : 30 * DCL_MINUTE_US;
}

static int by_end(const void *a, const void *b) {
    int64_t x = end_us(a), y = end_us(b);
    return x != y ? (x > y) - (x < y) : by_time(a, b);
}

static void lengths_of_ends(dcl_track *track, int64_t typical_us) {
    dcl_reading *at = track->at;
    if (any(track, is_interval)) qsort(at, track->n, sizeof *at, by_end);
    for (size_t i = 0; i < track->n; i++) {
        if (!is_end(&at[i])) continue;
        around d = {.own = i ? end_us(&at[i]) - end_us(&at[i - 1]) : 0,
                    .before = i > 1 ? end_us(&at[i - 1]) - end_us(&at[i - 2]) : 0,
                    .after = i + 1 < track->n ? end_us(&at[i + 1]) - end_us(&at[i]) : 0,
                    .beyond = i + 2 < track->n ? end_us(&at[i + 2]) - end_us(&at[i + 1]) : 0};
        int64_t length = length_of(d, typical_us);
        if (is_energy(&at[i])) at[i].value = to_power(at[i].value, length);
        at[i].time_us -= length;
        at[i].span_ms = to_ms(length);
    }
}

/* Rows that say only when they start: intervals where the steps are steady, samples where they are not. An
 * energy is always of an interval. */
static void lengths_of_starts(dcl_track *track, bool steady, int64_t typical_us) {
    dcl_reading *at = track->at;
    for (size_t i = track->n; i-- > 0;) {
        if (!is_start(&at[i])) continue;
        around d = {.own = i + 1 < track->n ? at[i + 1].time_us - at[i].time_us : 0,
                    .before = i + 2 < track->n ? at[i + 2].time_us - at[i + 1].time_us : 0,
                    .after = i ? at[i].time_us - at[i - 1].time_us : 0,
                    .beyond = i > 1 ? at[i - 1].time_us - at[i - 2].time_us : 0};
        int64_t length = steady ? typical_us : length_of(d, typical_us);
        bool energy = is_energy(&at[i]);
        if (energy) at[i].value = to_power(at[i].value, length);
        at[i].span_ms = steady || energy ? to_ms(length) : DCL_SPAN_SAMPLE;
    }
}

static void leave_out(dcl_collect *collect, dcl_exclusion reason, uint64_t count, int64_t time_us) {
    dcl_excluded *excluded = &collect->excluded[reason];
    if (!excluded->count) *excluded = (dcl_excluded){.first = {0, -1}, .time_us = time_us};
    excluded->count += count;
}

/* One of the readings of a moment where all agree (missing marks aside), none where they do not. */
static size_t settle_moment(dcl_collect *collect, const dcl_reading *same, size_t n, dcl_reading *out) {
    const dcl_reading *kept = NULL;
    size_t told = 0;
    bool agree = true;
    for (size_t i = 0; i < n; i++) {
        if (isnan(same[i].value)) continue;
        told++;
        if (!kept) kept = &same[i];
        agree = agree && same[i].value == kept->value && same[i].span_ms == kept->span_ms;
    }
    *out = kept ? *kept : same[0];
    if (told > 1)
        leave_out(collect, agree ? DCL_EXCLUDED_DUPLICATE : DCL_EXCLUDED_CONTRADICTION,
                  agree ? told - 1 : told, same[0].time_us);
    if (agree) return 1;
    if (is_interval(&same[0])) return 0;
    out->value = NAN; /* a sample that is not known ends the hold of the one before */
    return 1;
}

/* Each stamp with each length once. */
static void drop_repeated(dcl_collect *collect, dcl_track *track) {
    size_t kept = 0;
    for (size_t i = 0; i < track->n;) {
        const dcl_reading *same = &track->at[i];
        size_t n = 1;
        while (i + n < track->n && same[n].time_us == same->time_us && same[n].span_ms == same->span_ms) n++;
        dcl_reading reading;
        if (settle_moment(collect, same, n, &reading)) track->at[kept++] = reading;
        i += n;
    }
    track->n = kept;
}

static void leave_out_overlap(dcl_collect *collect, const dcl_reading *kept, const dcl_reading *left) {
    dcl_exclusion reason = DCL_EXCLUDED_CONTRADICTION;
    if (is_interval(left) && left->span_ms != kept->span_ms)
        reason = DCL_EXCLUDED_COARSER;
    else if (left->value == kept->value)
        reason = DCL_EXCLUDED_DUPLICATE;
    leave_out(collect, reason, 1, left->time_us);
}

/* Where intervals overlap the shorter one stays: the load curve, not the day's energy beside it. A sample
 * never reaches into the reading after it. */
static void drop_overlaps(dcl_collect *collect, dcl_track *track) {
    size_t kept = 0;
    for (size_t i = 0; i < track->n; i++) {
        dcl_reading reading = track->at[i], *last = kept ? &track->at[kept - 1] : NULL;
        if (!last || reading.time_us >= end_us(last)) {
            track->at[kept++] = reading;
        } else if (is_interval(&reading) && reading.span_ms < last->span_ms) {
            leave_out_overlap(collect, &reading, last);
            *last = reading;
        } else {
            leave_out_overlap(collect, last, &reading);
        }
    }
    track->n = kept;
}

/* What turns out absurd only now that an energy has a length is left out now. */
static void drop_absurd(dcl_collect *collect, dcl_track *track) {
    size_t kept = 0;
    for (size_t i = 0; i < track->n; i++) {
        if (track->at[i].value > collect->options->max_power)
            leave_out(collect, DCL_EXCLUDED_ABSURD, 1, track->at[i].time_us);
        else
            track->at[kept++] = track->at[i];
    }
    track->n = kept;
}

/*
 * A steady track is in order already. Its readings are intervals of its step where one distance in twenty at
 * most of those that would be sampled can be a hole.
 */
static bool settle_steady(dcl_track *track, int64_t *typical_us) {
    if (track->is_loose || track->n < 2) return false;
    if ((track->n_runs - 1) * 20 > (track->n - 1) / (track->n / SAMPLED + 1)) return false;
    *typical_us = track->step_us;
    track->span_ms = to_ms(track->step_us);
    return true;
}

dcl_status dcl_track_settle(dcl_collect *collect, dcl_track *track, int64_t *typical_us, dcl_error *error) {
    if (settle_steady(track, typical_us)) return DCL_OK;
    dcl_status status = dcl_track_loosen(track, error);
    if (status) return status;
    int64_t *steps = malloc(SAMPLED * sizeof *steps);
    if (!steps) return dcl_fail_memory(error, "the steps of readings");
    if (sort_track(track)) collect->notes |= 1U << DCL_NOTE_UNSORTED;
    drop_repeated(collect, track);
    size_t n = sample_steps(track, steps);
    *typical_us = typical_step(steps, n);
    bool steady = is_steady(steps, n, *typical_us), energies = any(track, is_energy);
    free(steps);
    bool starts = any(track, is_start), ends = any(track, is_end);
    if (starts) lengths_of_starts(track, steady, *typical_us);
    if (ends) lengths_of_ends(track, *typical_us);
    if (starts || ends) {
        (void)sort_track(track);
        drop_repeated(collect, track);
    }
    if (energies) drop_absurd(collect, track);
    drop_overlaps(collect, track);
    if (!*typical_us && track->n) *typical_us = end_us(track->at) - track->at->time_us; /* a single row */
    return DCL_OK;
}
