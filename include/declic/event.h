/**
 * Event: what happens in a series of power. Steps between settled levels, and the cycles they belong to.
 *
 * Levels are followed, not assumed: a state is a run of samples that stay within a band around a level that
 * moves with them. A step is reported a few samples after it happened, once the signal has settled on another
 * level.
 */
#ifndef DECLIC_EVENT_H
#define DECLIC_EVENT_H

#include <declic/mcu.h>
#include <declic/series.h>

/* ---------------------------------------------------------------- steps */

/** What a step's flags say. */
enum {
    DCL_EDGE_OVERSHOOT = 1 << 0, /* on its way it went past the new level by more than the band: an inrush */
    DCL_EDGE_SLOW = 1 << 1,      /* it took more than one sample from level to level */
    DCL_EDGE_APPARENT = 1 << 2,  /* found in apparent power: before, after and peak are VA, delta_w NaN or estimated */
    DCL_EDGE_SHORT = 1 << 3,     /* one of its two levels did not hold for hold_s: its size is less sure */
    DCL_EDGE_BRIDGED = 1 << 4    /* not seen: the levels on both sides of a short gap differ (cycles only) */
};

/**
 * A step. Differences are the level after minus the level before.
 * time_us       start of the first sample at or after the change, UTC
 * delta_w       W; NaN where there is no active power
 * delta_va      VA; NaN where there is no apparent power. Apparent power does not add: never divide by it
 * delta_var     var; NaN where there is no reactive power
 * power_factor  |delta_w| / sqrt(delta_w² + delta_var²), 0 … 1; NaN where one of the two is missing
 * settle_s      from time_us until the new level was reached; 0 for a clean step
 * before, after levels of the leading channel on both sides, W (VA under DCL_EDGE_APPARENT)
 * peak          how far the signal went past the new level on its way, in the step's direction, W or VA, >= 0
 * flags         DCL_EDGE_*
 */
typedef struct dcl_edge {
    int64_t time_us;
    float delta_w, delta_va, delta_var, power_factor, settle_s;
    float before, after, peak;
    uint32_t flags;
} dcl_edge;

/** The size that leads: delta_w, or delta_va where a home has no active power. */
static inline float dcl_edge_size(const dcl_edge *edge) {
    return edge->flags & DCL_EDGE_APPARENT ? edge->delta_va : edge->delta_w;
}

/**
 * How steps are told from the rest. Start from dcl_edge_defaults(): the values need no tuning by home.
 * W stands for VA where apparent power leads.
 */
typedef struct dcl_edge_options {
    double min_step_w; /* smallest step that is reported, W, >= 1. Default 25 */
    double move_w;     /* less than this from sample to sample is drift and followed, W, >= 0.1. Default 5 */
    double band_w;     /* a state's samples lie within this of its level, W. Default 14 */
    /* … or, after a step, within this share of the step, 0 … 1, where that is more. Default 0.02 */
    double band_share;
    /* … or within so many times the mean distance from the level seen so far, 1 … 100. Default 5 */
    double noise_factor;
    /* samples that agree for so long are a level, s; taken as 2 to 8 samples. Default 3 */
    double steady_s;
    /* a level shorter than this may be a pulse or a stair, s; taken as 2 to 16 samples. Default 5 */
    double hold_s;
    /* longest way from level to level, s, <= 86400; longer is a ramp; at least 2 samples. Default 5 */
    double settle_max_s;
    /* smallest swing of a pulsing state, W, >= 1. Default 60 */
    double pulse_min_w;
    /* longest pulse and longest pause of one, s; none is looked for where that is less than 8 samples. Default 20 */
    double pulse_max_s;
} dcl_edge_options;

dcl_edge_options dcl_edge_defaults(void);

/** The largest sample, either sign: 50 MW in 0.1 W. What lies beyond is missing, as DCL_MISSING_I32 is. */
#define DCL_EDGE_LARGEST 500000000

/** One moment of the signal as the detector takes it: in 0.1 W, VA and var. */
typedef struct dcl_edge_sample {
    int32_t lead, apparent, reactive;
} dcl_edge_sample;

/** Samples whose mean is a run's level, and the most that a level must hold to be one. */
#define DCL_EDGE_KEPT 16
#define DCL_EDGE_WAY  8
/** The most steps one push can report. */
#define DCL_EDGE_BURST 2

/**
 * A steady run. Its level is the mean of the last samples kept; sums are of integers, so exact in any order.
 * n         samples of the run so far
 * first     index of its first sample
 * noise_q8  mean distance from the level, 0.1 W × 256
 * kept, at  the last samples, a ring; the next one goes to `at`
 */
typedef struct dcl_edge_run {
    int64_t n, first;
    int64_t lead_sum, apparent_sum, reactive_sum;
    int32_t apparent_n, reactive_n;
    int64_t noise_q8;
    int32_t at;
    dcl_edge_sample kept[DCL_EDGE_KEPT];
} dcl_edge_run;

/**
 * A pulsing state: the signal went back and forth between two levels, too fast for a step each time. A heater that is held
 * at a temperature by switching every few seconds: a coffee machine, a cooker.
 * start_us, end_us  from the first departure to the last return, UTC
 * low, high         the two levels, W; VA where apparent power leads
 * duty              share of the time at the high level, 0 … 1: of the energy above the low level, so that a sample in which
 *                   the load switched counts in part
 * pulses            how often it went and came back, >= 3
 */
typedef struct dcl_pulsing {
    int64_t start_us, end_us;
    float low, high, duty;
    uint32_t pulses;
} dcl_pulsing;

/** Samples of a pulsing state: how many and their sum, in 0.1 W; of these, those at the low and at the high level. */
typedef struct dcl_edge_tally {
    int64_t n, sum, rest_n, rest_sum, away_n, away_sum;
} dcl_edge_tally;

/**
 * Excursions from a level and back, counted while they follow one another.
 * trips     completed so far
 * brief     of them, those that were short or came after a short rest
 * rest, away  the level that is left and the level that is reached, 0.1 W
 * extreme   the furthest sample of this excursion
 * first, turned, back  index of the first departure, of the last change, of the last return; once a state ended, back
 *           alone is kept: where that was
 * all, tail  samples up to the last return, and since
 */
typedef struct dcl_edge_train {
    bool alive, is_away, was_brief;
    int32_t trips, brief;
    int32_t rest, away, extreme;
    int64_t first, turned, back;
    dcl_edge_tally all, tail;
} dcl_edge_train;

/**
 * The detector: a plain struct without pointers. A copy of it continues exactly where it stood, and what is
 * found does not depend on how the stream was cut into pushes. The fields are the detector's own.
 */
typedef struct dcl_edge_state {
    int64_t start_us, period_us;        /* of sample 0 */
    int64_t index;                      /* samples taken so far */
    int32_t min_step, shift, band;      /* 0.1 W */
    int32_t share_q16, noise_q8;        /* the options' share × 65536 and factor × 256 */
    int32_t steady_n, hold_n, settle_n; /* samples */
    int32_t phase;
    bool apparent_leads;
    dcl_mcu_edge move;
    dcl_edge_run now, before;          /* before: the run before the pending step */
    int64_t held;                      /* samples of `now` since the signal last came to it */
    int64_t way_n, departed;           /* samples since the level was left, and where that was */
    int32_t high, low;                 /* of those samples */
    dcl_edge_sample way[DCL_EDGE_WAY]; /* the last of them, a ring */
    bool pending;                      /* a step from `before` to `now` waits until `now` has held */
    int64_t step_departed, step_way_n; /* of that step */
    int32_t step_high, step_low;
    int32_t pulse_min, pulse_n; /* 0.1 W; longest pulse or pause in samples, 0 = none is looked for */
    dcl_edge_train train;
    bool has_pulsed;
    dcl_pulsing pulsed; /* the state that ended last, until it is taken */
} dcl_edge_state;

/**
 * Starts a detector.
 *
 * start_us, period_us  the grid: sample i covers [start_us + i period_us, …); start within ±2^61 µs, and the
 *                      caller sees to it that no sample of the stream ends beyond 2^62 µs
 * apparent_leads       the leading samples are VA (no active power)
 *
 * Errors: DCL_E_ARG an option outside its range, period_us < 1, start_us out of range.   Memory: none.
 */
dcl_status dcl_edge_begin(dcl_edge_state *state, const dcl_edge_options *options, int64_t start_us,
                          int64_t period_us, bool apparent_leads) DCL_MUST_USE;

/**
 * Takes the next sample. A missing leading sample closes the state: no step reaches across a gap.
 * out [DCL_EDGE_BURST]  steps that are now sure, in order of time
 * Returns how many.   Memory: none.   Threads: one state, one thread.   Cost: O(1).
 */
size_t dcl_edge_push(dcl_edge_state *state, dcl_edge_sample sample, dcl_edge *out);

/** Ends the stream: reports what the last samples still show. out and result as dcl_edge_push(). */
size_t dcl_edge_end(dcl_edge_state *state, dcl_edge *out);

/**
 * Takes the pulsing state that ended with the last push (or with dcl_edge_end()). False where none did. One that is not
 * taken before the next ends is lost. While a state pulses, its pulses are no steps.
 */
bool dcl_edge_pulsed(dcl_edge_state *state, dcl_pulsing *out);

/**
 * Quantises a value in W, VA or var to 0.1 as dcl_kernels.quantize_i32_f32 does with a scale of 10: one float32
 * product, rounded half to even. NaN and what lies beyond ±50 MW are missing.
 */
int32_t dcl_edge_quantise(float value);

/** The most steps in n samples. */
size_t dcl_edges_bound(size_t n);

/** Steps in order of time. */
typedef struct dcl_edges {
    dcl_edge *edge; /* [n], in the arena */
    size_t n;
    bool apparent;            /* found in apparent power: the home has no active power */
    int64_t period_us;        /* of the signal they were found in */
    int64_t samples, present; /* of that signal: all, and those not missing */
    dcl_pulsing *pulsing;     /* [n_pulsing] in order of time, in the arena */
    size_t n_pulsing;
} dcl_edges;

/**
 * Finds the steps of a home: in power_w, or in apparent_va where there is no power_w or it is an estimate (with power_low_w
 * and power_high_w), which then gives delta_w and power_factor to the steps that are larger than it is unsure. Reactive and
 * apparent power take part where their grid is the same.
 *
 * Errors:  DCL_E_NO_DATA  neither power_w nor apparent_va;
 *          DCL_E_ARG      an option out of range, a period below 1 µs, a span outside ±2^62 µs;
 *          DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  the arena gets 48 bytes a step and 32 a pulsing state; while running, at most the same again twice.
 * Threads: reentrant.   Cost: O(n), some 5 ns a sample of a home with AVX-512, 7 with scalar kernels.
 */
dcl_status dcl_edges_find(const dcl_context *context, const dcl_home *home, const dcl_edge_options *options,
                          dcl_arena *arena, dcl_edges *out, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- cycles */

/** What a cycle's flags say. */
enum {
    DCL_CYCLE_CUT = 1 << 0,    /* the data stops or has a gap before its end: end_us is where the data ends */
    DCL_CYCLE_COARSE = 1 << 1, /* seen in a load curve (minutes to half hours): a rise, not a switch */
    DCL_CYCLE_RECURRING = 1 << 2, /* such a cycle starts at about the same civil time on many days */
    DCL_CYCLE_NIGHT =
        1 << 3, /* recurring, and its usual start lies between 20:00 and 08:00: a night-tariff load */
    DCL_CYCLE_APPARENT = 1 << 4, /* mean_w holds VA; energy_wh is NaN */
    DCL_CYCLE_LEVELS = 1 << 5,   /* more than two steps: the load works at several levels */
    DCL_CYCLE_PULSING =
        1 << 6 /* a train of like pulses, each up to 30 s with up to 20 s between, or a pulsing state
                                    (dcl_pulsing): a heater that is held at a temperature; on_w is that of a pulse */
};

/**
 * A cycle: something was on from start to end.
 * energy_wh     energy of the cycle alone, above what was there before, Wh
 * mean_w        its mean power, W
 * power_factor  of its steps, 0 … 1; NaN = not known
 * confidence    0 … 1: how well its steps fit each other; 1 is no certainty, only no visible doubt
 * on_w, off_w   sizes of its first and last step, W (both > 0); off_w NaN when cut
 * steps         how many steps it is made of; 0 when coarse
 */
typedef struct dcl_cycle {
    int64_t start_us, end_us;
    double energy_wh;
    float mean_w, power_factor, confidence, on_w, off_w;
    dcl_appliance appliance; /* DCL_APPLIANCE_UNKNOWN until the room appliance/ names it */
    uint32_t flags, steps;
    uint32_t group; /* number of its dcl_recurrence, from 1; 0 = none */
    float duty; /* share of the time from start to end that it was on, 0 … 1; NaN = unknown (coarse, cut) */
} dcl_cycle;

/** The fewest cycles that are a recurrence, and the most recurrences of a home. */
#define DCL_RECURRENCE_LEAST 6
#define DCL_RECURRENCE_MAX   64

/**
 * Cycles of like steps and like length that come again: a fridge's compressor, a lamp.
 * mean_w      median of their mean power, W (VA for DCL_CYCLE_APPARENT)
 * on_s        median of their length, s
 * period_s    median from start to start, s; NaN = they come at no regular distance (fewer than half of the
 *             distances lie within 30 % of the median), or more than eight days apart
 * duty        on_s / period_s, 0 … 1; NaN with period_s
 * duty_per_day  drift of length / distance to the next start, by least squares over the regular distances, 1/day: a
 *             compressor that works ever harder is > 0; NaN with period_s, or below two days
 * first_us, last_us  start of the first and of the last
 * start_hour  how many started in each civil hour of the day (the context's zone, UTC where that is NULL)
 */
typedef struct dcl_recurrence {
    int64_t first_us, last_us;
    uint32_t count;
    float mean_w, on_s, period_s, duty, duty_per_day;
    uint32_t start_hour[24];
} dcl_recurrence;

/** How steps become cycles. Start from dcl_cycle_defaults(). */
typedef struct dcl_cycle_options {
    dcl_edge_options edge;
    /* on and off of one cycle differ at most by this share of the larger. Default 0.25 */
    double mismatch_share;
    double mismatch_w; /* … or by so many W, where that is more. Default 15 */
    double max_hours;  /* longest cycle, h. Default 24 */
    double bridge_s;   /* gaps up to this are bridged by comparing levels; longer ones cut, s. Default 60 */
    double coarse_period_s; /* series with periods from here on are read as load curves, s. Default 300 */
    double coarse_rise_w;   /* smallest sustained rise over the running floor, W. Default 250 */
} dcl_cycle_options;

dcl_cycle_options dcl_cycle_defaults(void);

/**
 * The cycles of a home and what did not become one.
 * cycle    [n]           in order of start, then end
 * leftover [n_leftover]  steps in no cycle, in order of time: on steps never seen to end, off steps never seen
 *                        to begin
 * recurring_minute       civil minute of the day (0 … 1439) around which large cycles start again and again;
 *                        -1 = there is none
 * recurring_days         days on which one starts then, of `days` civil days with at least 20 h of data
 */
typedef struct dcl_cycles {
    dcl_cycle *cycle;
    size_t n;
    dcl_edge *leftover;
    size_t n_leftover;
    bool coarse; /* read as a load curve */
    int recurring_minute, recurring_days, days;
    dcl_recurrence *recurrence; /* [n_recurrence], those of most cycles first; in the arena */
    size_t n_recurrence;
} dcl_cycles;

/**
 * Finds the cycles of a home: by pairing steps, or in a load curve (from coarse_period_s on) by its sustained
 * rises.
 *
 * Pairing: of all ways to pair the on and off steps of a window (384 steps; from its older half what ended is final)
 * the one of least total cost, by size, power factor, the way back to the level before, and by the kinds of cycles that this
 * home has shown, for which the whole is paired four times. Among the steps left, two on steps that add up to an off step, or
 * an on step and two off steps, are one load (DCL_CYCLE_LEVELS). What is on can never
 * add up to more than the level above the floor: an on step that would is a leftover. Load curves: a cycle
 * starts where the power rises by coarse_rise_w over the floor of the two hours before, stays so for at least
 * two intervals, and ends where less than half of its rise is left; what lasts longer than 12 h is no cycle.
 * Recurrence is looked for among cycles of 0.3 kWh and more, in the context's zone (UTC where that is NULL).
 *
 * Pulsing states become cycles, in place of what was paired of their own pulses.
 *
 * edges  as dcl_edges_find() gave them, with the same options; NULL = found here. Not used for load curves.
 *
 * Errors:  as dcl_edges_find().
 * Memory:  the arena gets 64 bytes a cycle, 48 a leftover and 144 a recurrence, and 48 a step where `edges` is NULL; while
 *          running, at most twice that and 0.4 MB for the window.
 * Threads: reentrant.   Cost: O(n + steps × 384) mostly, 0.1 to 0.2 ms a step.
 */
dcl_status dcl_cycles_find(const dcl_context *context, const dcl_home *home, const dcl_cycle_options *options,
                           const dcl_edges *edges, dcl_arena *arena, dcl_cycles *out,
                           dcl_error *error) DCL_MUST_USE;

#endif
