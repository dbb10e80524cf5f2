/* What the files of this room share. */
#ifndef DCL_EVENT_EVENT_H
#define DCL_EVENT_EVENT_H

#include <math.h>

#include <declic/event.h>

/** Missing: NaN, and what lies beyond ±50 MW as dcl_edge_quantise() says. A gap for steps is one for cycles. */
static inline bool dcl_is_missing(float value) {
    return !(fabsf(value) <= 5e7f);
}

/** Active power that is an estimate, with what it lies between; NULL where there is none. One grid. */
typedef struct dcl_estimate {
    const dcl_series *power, *low, *high;
} dcl_estimate;

/**
 * The series that steps are found in: active power, or apparent power where active power is not there or is an estimate
 * made from it. apparent and reactive are NULL where absent or on another grid.
 */
typedef struct dcl_signal {
    const dcl_series *lead, *apparent, *reactive;
    dcl_estimate estimate;
    bool apparent_leads;
} dcl_signal;

/** Fills delta_w and power_factor of steps of apparent power where the estimate is surer than the step is large. */
void dcl_edges_estimate(const dcl_estimate *estimate, dcl_edges *edges);
/** Turns cycles of apparent power into watts where one of their steps is known in watts. */
void dcl_cycles_estimate(const dcl_edges *edges, dcl_cycles *cycles);

/** Errors: DCL_E_NO_DATA neither power_w nor apparent_va; DCL_E_ARG its period or span is out of range. */
dcl_status dcl_signal_of(const dcl_home *home, dcl_signal *out, dcl_error *error) DCL_MUST_USE;

/** Turns W, VA and var into samples of the detector. */
#define DCL_EDGE_SCALE 10.0f

/**
 * Takes samples [n] for as long as the state stays a settled level with no step pending: what dcl_edge_push() of
 * each in turn would do, and report nothing, several times faster. Returns how many it took; the next one,
 * where there is one, needs dcl_edge_push().
 */
size_t dcl_edge_follow(dcl_edge_state *state, const int32_t *lead, const int32_t *apparent,
                       const int32_t *reactive, size_t n);

/** Cycles and leftovers while they grow; malloc'd, released by whoever started it. */
typedef struct dcl_cycle_list {
    dcl_cycle *cycle;
    dcl_edge *leftover;
    size_t n, cycle_room, n_leftover, leftover_room;
} dcl_cycle_list;

/** Pairs steps. Leftovers come in no order. Errors: DCL_E_MEMORY. */
dcl_status dcl_cycles_pair(const dcl_signal *signal, const dcl_cycle_options *options, const dcl_edges *edges,
                           dcl_cycle_list *out) DCL_MUST_USE;
/** Finds the sustained rises of a load curve. Errors: DCL_E_MEMORY. */
dcl_status dcl_cycles_rises(const dcl_signal *signal, const dcl_cycle_options *options,
                            dcl_cycle_list *out) DCL_MUST_USE;
/**
 * Replaces the energy and mean power that the steps of a cycle suggest by those of the signal, where no other cycle crosses
 * it. cycles [n] in order of start; W. away: samples before a step that are no level yet. Cost: O(samples in cycles), more where they nest.
 */
void dcl_cycles_measure(const dcl_series *lead, size_t away, dcl_cycle *cycles, size_t n);
/** Samples of an estimate before a step of apparent power in which it may be on its way already: a frame or two. */
size_t dcl_estimate_away(const dcl_estimate *estimate);
/**
 * Adds the pulsing states of `edges` and takes out what was paired or left over of their own pulses. Cycles in any order.
 * Errors: DCL_E_MEMORY.   Cost: O(states × cycles).
 */
dcl_status dcl_cycles_add_pulsing(dcl_cycle_list *list, const dcl_edges *edges) DCL_MUST_USE;
/** Joins like pulses that follow one another into one cycle with a duty; cycles are in order of start. No errors. */
void dcl_cycles_join_pulses(dcl_cycles *cycles);
/**
 * Groups cycles of like steps and length; gives the cycles their groups. cycles are in order of start.
 * Errors: DCL_E_MEMORY.   Cost: O(n × DCL_RECURRENCE_MAX).
 */
dcl_status dcl_cycles_group(const dcl_zone *zone, dcl_arena *arena, dcl_cycles *cycles) DCL_MUST_USE;
/** Looks for the time of day at which large cycles recur; fills those fields and flags. Errors: DCL_E_MEMORY.
 */
dcl_status dcl_cycles_recurrence(const dcl_zone *zone, const dcl_series *lead,
                                 dcl_cycles *cycles) DCL_MUST_USE;

#endif
