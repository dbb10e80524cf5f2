/* Pulsing states among the cycles: each is one, in place of what was paired of its own pulses. */
#include <math.h>

#include "base/status.h"
#include "event/event.h"

/* A step is one of the state's own where it differs from the swing by at most this share of it. */
static const double LIKE_SHARE = 0.25;
/* A state's own pulses may begin before what was counted of it, and end after, by so much, s. */
enum { SLACK_S = 30 };
/* No visible doubt but that its steps were not seen one by one. */
static const float CONFIDENCE = 0.7f;

static double swing_of(const dcl_pulsing *state) {
    return (double)state->high - (double)state->low;
}

static bool is_like(const dcl_pulsing *state, double size_w) {
    return fabs(fabs(size_w) - swing_of(state)) <= LIKE_SHARE * swing_of(state);
}

static bool is_within(const dcl_pulsing *state, int64_t from_us, int64_t to_us) {
    return from_us >= state->start_us - SLACK_S * DCL_SECOND_US &&
           to_us <= state->end_us + SLACK_S * DCL_SECOND_US && from_us <= state->end_us &&
           to_us >= state->start_us;
}

/* Takes the state's own pulses out of the list. False where a like cycle covers the state: its pulses are that one's pauses. */
static bool clear(dcl_cycle_list *list, const dcl_pulsing *state) {
    bool is_free = true;
    size_t kept = 0, kept_steps = 0;
    for (size_t i = 0; i < list->n; i++) {
        const dcl_cycle *cycle = &list->cycle[i];
        bool like = !(cycle->flags & DCL_CYCLE_PULSING) && is_like(state, (double)cycle->on_w);
        if (like && is_within(state, cycle->start_us, cycle->end_us)) continue;
        if (like && cycle->start_us <= state->start_us && cycle->end_us >= state->end_us) is_free = false;
        list->cycle[kept++] = *cycle;
    }
    list->n = kept;
    for (size_t i = 0; i < list->n_leftover; i++) {
        const dcl_edge *edge = &list->leftover[i];
        bool own = edge->time_us >= state->start_us && edge->time_us <= state->end_us &&
                   is_like(state, (double)dcl_edge_size(edge));
        if (!own) list->leftover[kept_steps++] = *edge;
    }
    list->n_leftover = kept_steps;
    return is_free;
}

static dcl_cycle cycle_of(const dcl_pulsing *state, bool apparent) {
    double mean = swing_of(state) * (double)state->duty;
    double hours = (double)(state->end_us - state->start_us) / (double)DCL_HOUR_US;
    return (dcl_cycle){.start_us = state->start_us,
                       .end_us = state->end_us,
                       .energy_wh = apparent ? NAN : mean * hours,
                       .mean_w = (float)mean,
                       .power_factor = NAN,
                       .confidence = CONFIDENCE,
                       .on_w = (float)swing_of(state),
                       .off_w = (float)swing_of(state),
                       .flags = DCL_CYCLE_PULSING | (apparent ? DCL_CYCLE_APPARENT : 0u),
                       .steps = 2 * state->pulses,
                       .duty = state->duty};
}

dcl_status dcl_cycles_add_pulsing(dcl_cycle_list *list, const dcl_edges *edges) {
    for (size_t i = 0; i < edges->n_pulsing; i++) {
        const dcl_pulsing *state = &edges->pulsing[i];
        if (!clear(list, state)) continue;
        dcl_status status = dcl_grow(&list->cycle, &list->cycle_room, list->n + 1, sizeof *list->cycle);
        if (status != DCL_OK) return status;
        list->cycle[list->n++] = cycle_of(state, edges->apparent);
    }
    return DCL_OK;
}
