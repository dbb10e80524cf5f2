/* The step detector: runs of samples near a level that follows them, and the ways from one level to the next.
   All decisions are made on integers; floating point appears where a step is written out. */
#include <declic/event.h>

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "event/event.h"
#include "event/train.h"

enum { PHASE_EMPTY, PHASE_STEADY, PHASE_MOVING };

/* A level's noise is a mean over about so many samples. */
enum { NOISE_N = 16 };
/* Steps smaller than the smallest reported one still tell levels apart, down to this size, 0.1 W. */
enum { SHIFT = 150 };
/* After so many times the longest way, what does not settle is taken as a noisy level of its own. */
enum { GIVE_UP = 8 };
/* Pulses are looked for where the longest has so many samples. */
enum { PULSE_SAMPLES = 8 };

dcl_edge_options dcl_edge_defaults(void) {
    return (dcl_edge_options){.min_step_w = 25,
                              .move_w = 5,
                              .band_w = 14,
                              .band_share = 0.02,
                              .noise_factor = 5,
                              .steady_s = 3,
                              .hold_s = 5,
                              .settle_max_s = 5,
                              .pulse_min_w = 60,
                              .pulse_max_s = 20};
}

/* ---------------------------------------------------------------- integers */

static int32_t size_of(int32_t a) {
    return a < 0 ? -a : a;
}
static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}
static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Differences of two samples in this range, and the sums of a run, cannot overflow. */
static bool is_present(int32_t sample) {
    return sample >= -DCL_EDGE_LARGEST && sample <= DCL_EDGE_LARGEST;
}

/* sum / n to nearest, halves away from zero. */
static int32_t mean_of(int64_t sum, int64_t n) {
    return (int32_t)(sum >= 0 ? (sum + n / 2) / n : -((n / 2 - sum) / n));
}

/* ---------------------------------------------------------------- runs */

static int64_t kept_of(const dcl_edge_run *run) {
    return run->n < DCL_EDGE_KEPT ? run->n : DCL_EDGE_KEPT;
}

static int32_t level_of(const dcl_edge_run *run) {
    return mean_of(run->lead_sum, kept_of(run));
}

/* Adds a sample to the sums of a run (sign 1) or takes it out (-1). */
static void run_count(dcl_edge_run *run, const dcl_edge_sample *sample, int32_t sign) {
    run->lead_sum += sign * (int64_t)sample->lead;
    if (is_present(sample->apparent)) {
        run->apparent_sum += sign * (int64_t)sample->apparent;
        run->apparent_n += sign;
    }
    if (is_present(sample->reactive)) {
        run->reactive_sum += sign * (int64_t)sample->reactive;
        run->reactive_n += sign;
    }
}

static void run_add(dcl_edge_run *run, const dcl_edge_sample *sample) {
    if (run->n >= DCL_EDGE_KEPT) run_count(run, &run->kept[run->at], -1);
    run->kept[run->at] = *sample;
    run->at = (run->at + 1) % DCL_EDGE_KEPT;
    run_count(run, sample, 1);
    run->n++;
}

/* How far a sample of a run of that noise may lie from its level. */
static int32_t band_at(const dcl_edge_state *state, int64_t run_noise_q8) {
    int64_t noise = state->noise_q8 * run_noise_q8 / 65536;
    return noise > INT32_MAX / 2 ? INT32_MAX / 2 : larger(state->band, (int32_t)noise);
}

static int32_t band_of(const dcl_edge_state *state, const dcl_edge_run *run) {
    return band_at(state, run->noise_q8);
}

/* A run's noise after one more sample within its band. */
static int64_t noise_after(int64_t noise_q8, int32_t distance) {
    return (noise_q8 * (NOISE_N - 1) + (int64_t)distance * 256) / NOISE_N;
}

/* ---------------------------------------------------------------- ways */

static void way_begin(dcl_edge_state *state) {
    state->way_n = 0;
    state->departed = state->index - 1;
    state->high = INT32_MIN;
    state->low = INT32_MAX;
}

static void way_add(dcl_edge_state *state, const dcl_edge_sample *sample) {
    state->way[state->way_n++ % DCL_EDGE_WAY] = *sample;
    state->high = larger(state->high, sample->lead);
    state->low = smaller(state->low, sample->lead);
}

/* A run made of the last n samples of the way. */
static dcl_edge_run way_run(const dcl_edge_state *state, int32_t n) {
    dcl_edge_run run = {.first = state->index - n};
    for (int64_t i = state->way_n - n; i < state->way_n; i++) run_add(&run, &state->way[i % DCL_EDGE_WAY]);
    int64_t distance = 0;
    for (int32_t i = 0; i < n; i++) distance += size_of(run.kept[i].lead - level_of(&run));
    run.noise_q8 = distance * 256 / n;
    return run;
}

/* Whether the last steady_n samples of the way agree. */
static bool way_is_steady(const dcl_edge_state *state) {
    if (state->way_n < state->steady_n) return false;
    int32_t low = INT32_MAX, high = INT32_MIN;
    int64_t sum = 0;
    for (int64_t i = state->way_n - state->steady_n; i < state->way_n; i++) {
        int32_t lead = state->way[i % DCL_EDGE_WAY].lead;
        low = smaller(low, lead);
        high = larger(high, lead);
        sum += lead;
    }
    int32_t band = state->band;
    if (state->phase == PHASE_MOVING) {
        int64_t step = size_of(mean_of(sum, state->steady_n) - level_of(&state->now));
        band = larger(band_of(state, &state->now), (int32_t)(step * state->share_q16 / 65536));
    }
    return high - low <= band;
}

/* ---------------------------------------------------------------- steps */

static float tenths(int32_t value) {
    return (float)(value / 10.0);
}

static void write_channels(const dcl_edge_state *state, dcl_edge *out) {
    const dcl_edge_run *a = &state->before, *b = &state->now;
    out->delta_w = out->delta_va = out->delta_var = out->power_factor = NAN;
    if (state->apparent_leads) {
        out->delta_va = tenths(level_of(b) - level_of(a));
        out->flags |= DCL_EDGE_APPARENT;
        return;
    }
    out->delta_w = tenths(level_of(b) - level_of(a));
    if (a->apparent_n && b->apparent_n)
        out->delta_va =
            tenths(mean_of(b->apparent_sum, b->apparent_n) - mean_of(a->apparent_sum, a->apparent_n));
    if (a->reactive_n && b->reactive_n) {
        out->delta_var =
            tenths(mean_of(b->reactive_sum, b->reactive_n) - mean_of(a->reactive_sum, a->reactive_n));
        double p = out->delta_w, q = out->delta_var;
        out->power_factor = (float)(fabs(p) / sqrt(p * p + q * q));
    }
}

/* Ends the wait of the pending step and writes it out where it is large enough. Returns how many were
 * written. */
static size_t report(dcl_edge_state *state, dcl_edge *out) {
    state->pending = false;
    int32_t from = level_of(&state->before), to = level_of(&state->now);
    if (size_of(to - from) < state->min_step) return 0;
    *out = (dcl_edge){.time_us = state->start_us + state->step_departed * state->period_us};
    write_channels(state, out);
    out->settle_s = (float)((double)(state->step_way_n * state->period_us) / 1e6);
    out->before = tenths(from);
    out->after = tenths(to);
    int32_t past = larger(0, to > from ? state->step_high - to : to - state->step_low);
    out->peak = tenths(past);
    if (past > band_of(state, &state->now)) out->flags |= DCL_EDGE_OVERSHOOT;
    if (state->step_way_n > 1) out->flags |= DCL_EDGE_SLOW;
    if (state->before.n < state->hold_n || state->now.n < state->hold_n) out->flags |= DCL_EDGE_SHORT;
    return 1;
}

/* Samples for which the level counts as held. While the signal goes back and forth each visit to a level counts alone. */
static int64_t held_of(const dcl_edge_state *state) {
    return dcl_train_is_restless(state) ? state->held : state->now.n;
}

/* The pending step's new level did not hold and the signal went on to `next`. Two steps up, or two down, are
   a stair that one appliance climbed. Up and down are a pulse or an inrush, unless one of the two is small
   beside what remains: then they are two appliances. */
static bool is_one_step(const dcl_edge_state *state, int32_t next) {
    if (held_of(state) >= state->hold_n) return false;
    int32_t from = level_of(&state->before), between = level_of(&state->now);
    if ((between > from) == (next > between)) return true;
    return smaller(size_of(between - from), size_of(next - between)) > size_of(next - from) / 4;
}

/* The signal has settled on another level, or come back. */
static size_t settle(dcl_edge_state *state, dcl_edge_run next, dcl_edge *out) {
    size_t n = 0;
    state->phase = PHASE_STEADY;
    if (state->pending && is_one_step(state, level_of(&next))) {
        state->departed = state->step_departed;
        state->high = larger(state->high, state->step_high);
        state->low = smaller(state->low, state->step_low);
        state->now = state->before;
        state->pending = false;
    }
    int32_t step = level_of(&next) - level_of(&state->now);
    int64_t way_n = next.first - state->departed;
    /* A level that the signal only passed, on a ramp or between two pulses, is no place for a step to start from. */
    bool from_level = held_of(state) >= state->hold_n || (state->pending && !dcl_train_is_restless(state));
    state->held = next.n;
    if (size_of(step) <= band_of(state, &state->now)) {
        for (int32_t i = 0; i < next.n; i++) run_add(&state->now, &next.kept[i]);
        return 0;
    }
    if (state->pending) n = report(state, out);
    if (step > 0) { /* a load that comes on brings its own noise; until it is known, a share of its size */
        int64_t noise_q8 = (int64_t)step * state->share_q16 / state->noise_q8;
        if (noise_q8 > next.noise_q8) next.noise_q8 = noise_q8;
    }
    if (from_level && size_of(step) >= state->shift && way_n <= state->settle_n) {
        state->before = state->now;
        state->pending = true;
        state->step_departed = state->departed;
        state->step_way_n = way_n;
        state->step_high = state->high;
        state->step_low = state->low;
    }
    state->now = next;
    return n;
}

/* The pending step is sure once its level has held. */
static size_t report_held(dcl_edge_state *state, dcl_edge *out) {
    return state->pending && held_of(state) >= state->hold_n ? report(state, out) : 0;
}

/* The level ends here: the pending step is reported if its level has held. */
static size_t close_run(dcl_edge_state *state, dcl_edge *out) {
    size_t n = report_held(state, out);
    state->pending = false;
    return n;
}

/* ---------------------------------------------------------------- the stream */

dcl_status dcl_edge_begin(dcl_edge_state *state, const dcl_edge_options *options, int64_t start_us,
                          int64_t period_us, bool apparent_leads) {
    memset(state, 0, sizeof *state);
    const int64_t latest_us = INT64_C(1) << 61;
    double period_s = (double)period_us / 1e6;
    bool fine = options->min_step_w >= 1 && options->min_step_w <= 1e6 && options->move_w >= 0.1 &&
                options->move_w <= 1e6 && options->band_w >= 0.1 && options->band_w <= 1e6 &&
                options->band_share >= 0 && options->band_share <= 1 && options->noise_factor >= 1 &&
                options->noise_factor <= 100 && options->steady_s >= 0 && options->hold_s >= 0 &&
                options->settle_max_s >= 0 && options->settle_max_s <= 86400 && options->pulse_min_w >= 1 &&
                options->pulse_min_w <= 1e6 && options->pulse_max_s >= 0 && options->pulse_max_s <= 86400 &&
                period_us >= 1 && start_us >= -latest_us && start_us <= latest_us;
    if (!fine) return DCL_E_ARG;
    state->start_us = start_us;
    state->period_us = period_us;
    state->min_step = (int32_t)(options->min_step_w * 10 + 0.5);
    state->shift = smaller(state->min_step, SHIFT);
    state->band = (int32_t)(options->band_w * 10 + 0.5);
    state->share_q16 = (int32_t)(options->band_share * 65536);
    state->noise_q8 = (int32_t)(options->noise_factor * 256);
    state->steady_n = (int32_t)fmin(fmax(ceil(options->steady_s / period_s), 2), DCL_EDGE_WAY);
    state->hold_n = (int32_t)fmin(fmax(ceil(options->hold_s / period_s), 2), DCL_EDGE_KEPT);
    state->settle_n = (int32_t)fmin(fmax(ceil(options->settle_max_s / period_s), 2), 1e6);
    state->pulse_min = (int32_t)(options->pulse_min_w * 10 + 0.5);
    state->pulse_n = (int32_t)fmin(floor(options->pulse_max_s / period_s), 1e6);
    if (state->pulse_n < PULSE_SAMPLES) state->pulse_n = 0;
    state->apparent_leads = apparent_leads;
    dcl_mcu_edge_init(&state->move, (uint32_t)(options->move_w * 10 + 0.5));
    way_begin(state);
    return DCL_OK;
}

/* A sample while a level holds. False where the signal leaves the level. */
static bool stays(dcl_edge_state *state, const dcl_edge_sample *sample, int moved) {
    int32_t distance = size_of(sample->lead - level_of(&state->now));
    bool inside = distance <= band_of(state, &state->now);
    if (!inside && moved) return false;
    if (inside) state->now.noise_q8 = noise_after(state->now.noise_q8, distance);
    run_add(&state->now, sample);
    state->held++;
    return true;
}

/* A train of pulses takes the sample, or one begins with it: from the level, or where none is known from sample to sample. */
static void take_pulse(dcl_edge_state *state, int32_t lead, int32_t previous, bool leaves) {
    if (dcl_train_take(state, lead) || state->phase == PHASE_STEADY) return;
    dcl_train_begin(state, leaves ? level_of(&state->now) : is_present(previous) ? previous : lead, lead);
}

size_t dcl_edge_push(dcl_edge_state *state, dcl_edge_sample sample, dcl_edge *out) {
    uint32_t size;
    int32_t previous = state->move.previous;
    int moved = dcl_mcu_edge_push(&state->move, sample.lead, &size);
    state->index++;
    if (!is_present(sample.lead)) return dcl_edge_end(state, out);
    if (state->phase == PHASE_STEADY) {
        if (stays(state, &sample, moved)) {
            take_pulse(state, sample.lead, previous, false);
            return report_held(state, out);
        }
        state->phase = PHASE_MOVING;
        way_begin(state);
    }
    way_add(state, &sample);
    take_pulse(state, sample.lead, previous, state->phase == PHASE_MOVING && state->way_n <= state->steady_n);
    if (way_is_steady(state)) {
        dcl_edge_run next = way_run(state, state->steady_n);
        if (state->phase == PHASE_MOVING) return settle(state, next, out);
        state->now = next;
        state->held = next.n;
        state->phase = PHASE_STEADY;
    } else if (state->way_n >= larger(GIVE_UP * state->settle_n, DCL_EDGE_WAY) &&
               !dcl_train_has_levels(state)) {
        size_t n = close_run(state, out);
        state->now = way_run(state, DCL_EDGE_WAY);
        state->held = state->now.n;
        state->phase = PHASE_STEADY;
        return n;
    }
    return 0;
}

/* The sums of a full run's other channels, from the samples it keeps. */
static void run_recount(dcl_edge_run *run) {
    run->apparent_sum = run->reactive_sum = 0;
    run->apparent_n = run->reactive_n = 0;
    for (int i = 0; i < DCL_EDGE_KEPT; i++) {
        const dcl_edge_sample *sample = &run->kept[i];
        if (is_present(sample->apparent)) run->apparent_sum += sample->apparent, run->apparent_n++;
        if (is_present(sample->reactive)) run->reactive_sum += sample->reactive, run->reactive_n++;
    }
}

size_t dcl_edge_follow(dcl_edge_state *state, const int32_t *lead, const int32_t *apparent,
                       const int32_t *reactive, size_t n) {
    dcl_edge_run *run = &state->now;
    if (state->phase != PHASE_STEADY || state->pending || state->train.alive || run->n < DCL_EDGE_KEPT)
        return 0;
    int64_t sum = run->lead_sum, noise_q8 = run->noise_q8;
    int32_t previous = state->move.previous, threshold = (int32_t)state->move.threshold;
    uint32_t at = (uint32_t)run->at;
    size_t i = 0;
    for (; i < n && is_present(lead[i]); previous = lead[i++]) {
        int32_t distance = size_of(lead[i] - mean_of(sum, DCL_EDGE_KEPT));
        if (distance <= band_at(state, noise_q8))
            noise_q8 = noise_after(noise_q8, distance);
        else if (size_of(lead[i] - previous) >= threshold)
            break;
        sum += lead[i] - run->kept[at].lead;
        run->kept[at] = (dcl_edge_sample){lead[i], apparent[i], reactive[i]};
        at = (at + 1) % DCL_EDGE_KEPT;
    }
    if (i == 0) return 0;
    run->lead_sum = sum;
    run->noise_q8 = noise_q8;
    run->at = (int32_t)at;
    run->n += (int64_t)i;
    state->held += (int64_t)i;
    run_recount(run);
    state->index += (int64_t)i;
    state->move.previous = previous;
    return i;
}

size_t dcl_edge_end(dcl_edge_state *state, dcl_edge *out) {
    size_t n = close_run(state, out);
    dcl_train_end(state);
    state->phase = PHASE_EMPTY;
    way_begin(state);
    return n;
}

int32_t dcl_edge_quantise(float value) {
    float scaled = value * DCL_EDGE_SCALE;
    return fabsf(scaled) <= (float)DCL_EDGE_LARGEST ? (int32_t)rintf(scaled) : DCL_MISSING_I32;
}
