/* Steps to be paired: what a pair costs, what is known of the home's loads, and the cheapest matching. */
#ifndef DCL_EVENT_PAIRING_H
#define DCL_EVENT_PAIRING_H

#include "event/event.h"

/** A step that waits for its partner. */
typedef struct dcl_step {
    dcl_edge edge;
    double drift; /* what the level moved between steps up to here since the last gap, W or VA */
    double low;   /* lowest level from here to the next step that waits, W or VA */
} dcl_step;

/** A kind of cycle seen before: means and mean deviations of its on and off step, W, and of the
 * logarithm of its length in s. */
typedef struct dcl_known_kind {
    double on, off, log_s;
    double on_off, off_off, log_s_off; /* mean deviations */
    double n;                          /* how often it was seen, less what others took from it */
} dcl_known_kind;

/** The most kinds that are remembered; a new one takes the place of the one seen least. */
#define DCL_KNOWN_MAX 64
typedef struct dcl_known {
    dcl_known_kind kind[DCL_KNOWN_MAX];
    size_t n;
} dcl_known;

/** Adds a cycle to what is known. */
void dcl_known_learn(dcl_known *known, const dcl_edge *on, const dcl_edge *off);
/** How well a pair is one of the known kinds: 0 not at all … 1 one seen many times and never much otherwise. */
double dcl_known_likeness(const dcl_known *known, const dcl_edge *on, const dcl_edge *off);
/** The kind that such a pair is of; DCL_KNOWN_MAX = none. */
size_t dcl_known_kind_of(const dcl_known *known, const dcl_edge *on, const dcl_edge *off);

/** The size of a step, W or VA, > 0. */
static inline double dcl_step_size(const dcl_edge *edge) {
    return fabs((double)dcl_edge_size(edge));
}
static inline double dcl_hours_between(int64_t from_us, int64_t to_us) {
    return (double)(to_us - from_us) / (double)DCL_HOUR_US;
}

/** The difference that steps of one cycle may have, W: never below the 0.1 W that samples are rounded to. */
double dcl_pair_tolerance(const dcl_cycle_options *options, double larger);
/** What a pair costs, -4 … 2, +INFINITY where it cannot be; above DCL_PAIR_MOST they do not belong together. known may be NULL. */
double dcl_pair_cost(const dcl_cycle_options *options, const dcl_known *known, const dcl_step *on,
                     const dcl_step *off);
#define DCL_PAIR_MOST 1.3

/** A window of steps that are paired at least total cost; some 0.4 MB. */
typedef struct dcl_pairing dcl_pairing;

/** NULL: no memory. known may be NULL; it, options and out outlast the pairing. */
dcl_pairing *dcl_pairing_open(const dcl_cycle_options *options, const dcl_known *known, dcl_cycle_list *out);
/** Takes the next step; cycles and leftovers that are final by then go to `out`. Errors: DCL_E_MEMORY. */
dcl_status dcl_pairing_take(dcl_pairing *p, const dcl_edge *edge) DCL_MUST_USE;
/** The data stops at time_us at this level: what is still on is cut there, the rest left over. Errors: DCL_E_MEMORY. */
dcl_status dcl_pairing_cut(dcl_pairing *p, int64_t time_us, double level) DCL_MUST_USE;
/** Returns what was learnt from all pairs. */
dcl_known dcl_pairing_close(dcl_pairing *p);

/** Adds a cycle of `steps` steps, from on to off; flags of dcl_cycle, DCL_CYCLE_APPARENT by itself. Errors: DCL_E_MEMORY. */
dcl_status dcl_cycle_add(dcl_cycle_list *out, const dcl_edge *on, const dcl_edge *off, double energy_wh,
                         double confidence, uint32_t flags, uint32_t steps) DCL_MUST_USE;
/** Adds a step without partner. Errors: DCL_E_MEMORY. */
dcl_status dcl_cycle_leave(dcl_cycle_list *out, const dcl_edge *edge) DCL_MUST_USE;
/** Doubt about a step itself, 0 … 0.3: what it takes from a cycle's confidence. */
double dcl_edge_doubt(const dcl_edge *edge);

/** A way of pairing: takes steps in order of time, and is told where the data stops and at what level. */
typedef struct dcl_pairer {
    dcl_status (*take)(void *arg, const dcl_edge *edge);
    dcl_status (*cut)(void *arg, int64_t time_us, double level);
    void *arg;
} dcl_pairer;

/** Gives it all steps of a signal: short gaps are bridged with the step they hide, others cut. Errors: its own. */
dcl_status dcl_pair_signal(const dcl_pairer *pairer, const dcl_cycle_options *options,
                           const dcl_signal *signal, const dcl_edges *edges) DCL_MUST_USE;

/** A pair that is not possible, and the largest cost either way. */
#define DCL_ASSIGN_NEVER INT32_MAX
#define DCL_ASSIGN_MOST  (1 << 24)

/**
 * The matching of least total cost: each row takes at most one column and each column at most one row.
 * cost    [rows × columns]  row by row; of a pair against leaving both alone, so only pairs < 0 are worth it;
 *                           within ±DCL_ASSIGN_MOST, or DCL_ASSIGN_NEVER
 * column  [rows]            the column of each row; -1 = none
 * scratch [dcl_assign_scratch(rows, columns)]
 * Memory: none.   Cost: O(rows² columns) at worst, near O(rows columns) where few want the same.
 * Source: Kuhn 1955; shortest augmenting paths with potentials as in Jonker and Volgenant, Computing 38, 1987.
 */
void dcl_assign(const int32_t *cost, size_t rows, size_t columns, int32_t *column, int64_t *scratch);
size_t dcl_assign_scratch(size_t rows, size_t columns);

#endif
