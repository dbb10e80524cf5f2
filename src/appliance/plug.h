/* A plug beside a meter: its energy as a running sum, its steps beside the meter's, and the shifts that bring them together. */
#ifndef DCL_APPLIANCE_PLUG_H
#define DCL_APPLIANCE_PLUG_H

#include <declic/appliance_plugs.h>

/** Running sums of a plug's power, so that a mean over any span costs the same. Lives on the heap. */
typedef struct dcl_plug_track {
    int64_t start_us, period_us;
    size_t n;
    double *sum, *there; /* [n + 1] of the values before slot i, and of the slots that have one */
} dcl_plug_track;

/** Errors: DCL_E_MEMORY. Release with dcl_plug_track_free(). */
dcl_status dcl_plug_track_of(const dcl_series *series, dcl_plug_track *out, dcl_error *error) DCL_MUST_USE;
void dcl_plug_track_free(dcl_plug_track *track);
/** The mean over [from, to), µs of the plug's own clock after the track's start; NaN where less than half of it is covered. */
double dcl_plug_track_mean(const dcl_plug_track *track, double from_us, double to_us);
/** The mean over [time_us, time_us + length_us) of the meter's clock. */
double dcl_plug_mean_at(const dcl_plug_track *track, const dcl_plug_fit *fit, int64_t time_us,
                        int64_t length_us);

/** The meter's leading channel: active power, or apparent where it has that alone. NULL where it has neither. */
const dcl_series *dcl_plug_lead(const dcl_home *meter);

/** A step: s since a common moment, W or VA. */
typedef struct dcl_plug_step {
    double time_s, size;
} dcl_plug_step;

/** Steps of a plug [n] and of the meter [n_meter], in order of time, on the heap. */
typedef struct dcl_plug_steps {
    int64_t zero_us; /* the common moment */
    double span_s;   /* of the meter around the plug: shifted steps come in again at its other end */
    double within_s, step_s;
    bool apparent; /* the meter's are VA */
    dcl_plug_step *plug, *meter;
    size_t n, n_meter;
} dcl_plug_steps;

/**
 * Finds the steps of both. meter is cut to the days around the plug by the caller.
 * Errors: those of dcl_edges_find().
 */
dcl_status dcl_plug_steps_find(const dcl_context *context, const dcl_home *meter, const dcl_series *plug,
                               dcl_plug_steps *out, dcl_error *error) DCL_MUST_USE;
void dcl_plug_steps_free(dcl_plug_steps *steps);

/** A plug's step that has a partner: the meter's time less the plug's, s. */
typedef struct dcl_plug_pair {
    uint32_t step;
    double lag_s;
} dcl_plug_pair;

/** Whether a step of `size` could be `of` of a plug. */
bool dcl_plug_like(double size, double of, bool apparent);

/** The best shift of a window: how many of the plug's steps have a partner there. */
typedef struct dcl_plug_best {
    size_t found;
    double lag_s, drift; /* drift: s a second, around the middle */
} dcl_plug_best;

/** Windows of shifts: window k, -side … side, holds the lags within reach_s of 2 k reach_s. */
typedef struct dcl_plug_search {
    double reach_s, within_s, middle_s, most_drift, drift_step;
    int side;
} dcl_plug_search;

/**
 * Counts, for every shift and drift, the steps that have a partner. best [2 side + 1].
 * partner [n_partner] may be the plug's own steps, moved by moved_s.
 * Errors: DCL_E_MEMORY, DCL_E_CANCELLED.
 */
dcl_status dcl_plug_search_run(const dcl_context *context, const dcl_plug_search *search,
                               const dcl_plug_steps *steps, const dcl_plug_step *partner, size_t n_partner,
                               double moved_s, dcl_plug_best *best, dcl_error *error) DCL_MUST_USE;

/**
 * Moves the offset by parts of a reading, and fits the drift, to where the plug's steps explain the meter's best.
 * fit  with the shift that was found; offset_s, drift_ppm, steps, found and scale are set
 */
dcl_status dcl_plug_refine(const dcl_series *lead, const dcl_series *plug, const dcl_plug_steps *steps,
                           dcl_plug_fit *fit, dcl_error *error) DCL_MUST_USE;

/**
 * Cycles of a home with the names that the program has for them; without names where the home has no active power or is read too
 * seldom.   Errors: those of dcl_cycles_find().
 */
dcl_status dcl_plug_name_cycles(const dcl_context *context, const dcl_home *home, dcl_arena *arena,
                                dcl_cycles *out, dcl_error *error) DCL_MUST_USE;

/**
 * What the program says of an appliance without plugs: the power of cycles whose kind is that with which `name` begins; a fridge
 * and a freezer have those of cold appliances.
 *
 * cycles    of the home, named
 * power_w [n]  on the grid of `lead`, W
 * Returns false where none has that kind.
 */
bool dcl_plug_rules(const dcl_cycles *cycles, const dcl_series *lead, const char *name, float *power_w);

/** Errors: those of dcl_score_power() but DCL_E_NO_DATA, which leaves all NaN. */
dcl_status dcl_plug_score_of(const float *truth, const float *estimate, size_t n, int64_t period_us,
                             dcl_plug_score *out, dcl_error *error) DCL_MUST_USE;

#endif
