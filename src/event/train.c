/*
 * Pulses too fast to be steps: excursions from a level and back that follow one another. A load that is held at a
 * temperature by switching every second or few never settles, or settles where it started; what repeats is not the level but
 * the going back and forth between two.
 */
#include <string.h>

#include "base/status.h"
#include "event/train.h"

/* Within this part of the swing a sample is at the level that was left or at the one that is reached; beyond half of the way
   it is away. A second in which the load switched lies between. */
enum { NEAR_PART = 4, AWAY_PART = 2 };
/* An excursion this many times the swing is another load. */
enum { OTHER_LOAD = 2 };
/* At most one sample in so many may lie between the two levels: noise has half of them there. */
enum { BETWEEN_PART = 3 };
/* The levels follow their samples by this part of the difference. */
enum { FOLLOW_PART = 4 };
/* After so many excursions, mostly brief ones, the next are no steps either. */
enum { RESTLESS_TRIPS = 2 };

static int32_t size_of(int32_t a) {
    return a < 0 ? -a : a;
}

static void tally_add(dcl_edge_tally *to, const dcl_edge_tally *more) {
    to->n += more->n, to->sum += more->sum;
    to->rest_n += more->rest_n, to->rest_sum += more->rest_sum;
    to->away_n += more->away_n, to->away_sum += more->away_sum;
}

/* How far a sample is on the way from rest to away, 0.1 W; < 0 on the other side. */
static int32_t way_of(const dcl_edge_train *train, int32_t lead) {
    return train->away > train->rest ? lead - train->rest : train->rest - lead;
}

static void count(dcl_edge_train *train, int32_t lead) {
    int32_t swing = size_of(train->away - train->rest), way = way_of(train, lead);
    dcl_edge_tally one = {.n = 1, .sum = lead};
    if (size_of(way) <= swing / NEAR_PART) one.rest_n = 1, one.rest_sum = lead;
    if (way >= swing - swing / NEAR_PART) one.away_n = 1, one.away_sum = lead;
    tally_add(&train->tail, &one);
}

void dcl_train_begin(dcl_edge_state *state, int32_t rest, int32_t lead) {
    dcl_edge_train *train = &state->train;
    int64_t at = state->index - 1;
    if (!state->pulse_n || size_of(lead - rest) < state->pulse_min) return;
    *train = (dcl_edge_train){.alive = true, .is_away = true, .rest = rest, .away = lead, .extreme = lead};
    train->first = train->turned = train->back = at;
    count(train, lead);
}

/* ---------------------------------------------------------------- excursions */

/* The level reached, after an excursion: the first ones say it, later ones move it. */
static void follow_away(dcl_edge_train *train) {
    int32_t part = (train->extreme - train->away) / FOLLOW_PART;
    bool further = size_of(train->extreme - train->rest) > size_of(train->away - train->rest);
    train->away = train->trips < DCL_PULSES_LEAST && further ? train->extreme : train->away + part;
}

/* Back at rest: one more excursion is complete. */
static void come_back(dcl_edge_state *state) {
    dcl_edge_train *train = &state->train;
    int64_t at = state->index - 1;
    train->was_brief = train->was_brief || at - train->turned < state->hold_n;
    train->trips++;
    train->brief += train->was_brief;
    train->is_away = false;
    train->turned = train->back = at;
    tally_add(&train->all, &train->tail);
    train->tail = (dcl_edge_tally){0};
    follow_away(train);
}

static void go_away(dcl_edge_state *state, int32_t lead) {
    dcl_edge_train *train = &state->train;
    int64_t at = state->index - 1;
    train->was_brief = at - train->turned < state->hold_n;
    train->is_away = true;
    train->turned = at;
    train->extreme = lead;
}

/* One more sample of a train. False where it does not belong to it. */
static bool take(dcl_edge_state *state, int32_t lead) {
    dcl_edge_train *train = &state->train;
    int32_t swing = size_of(train->away - train->rest), way = way_of(train, lead);
    if (way < -swing / AWAY_PART) return false;
    if (train->is_away) {
        if (way > way_of(train, train->extreme)) train->extreme = lead;
        if (!train->trips) train->away = train->extreme;
        if (way <= swing / NEAR_PART) come_back(state);
    } else if (way >= swing / AWAY_PART) {
        go_away(state, lead);
    } else if (way <= swing / NEAR_PART) {
        train->rest += (lead - train->rest) / FOLLOW_PART;
    }
    if (train->trips >= DCL_PULSES_LEAST && way > OTHER_LOAD * swing) return false;
    count(train, lead);
    return state->index - 1 - train->turned <= state->pulse_n;
}

bool dcl_train_take(dcl_edge_state *state, int32_t lead) {
    if (!state->train.alive) return false;
    if (take(state, lead)) return true;
    dcl_train_end(state);
    return false;
}

/* ---------------------------------------------------------------- the state */

bool dcl_train_is_restless(const dcl_edge_state *state) {
    const dcl_edge_train *train = &state->train;
    return train->alive && train->trips >= RESTLESS_TRIPS && 2 * train->brief >= train->trips;
}

/* Whether little lies between the two levels. */
static bool is_apart(const dcl_edge_tally *tally) {
    return (tally->n - tally->rest_n - tally->away_n) * BETWEEN_PART <= tally->n;
}

bool dcl_train_has_levels(const dcl_edge_state *state) {
    const dcl_edge_train *train = &state->train;
    if (train->alive) return is_apart(&train->all);
    return train->back && state->index - train->back < DCL_EDGE_WAY; /* time for another to begin */
}

/* Writes the state out where it is one: two levels far enough apart, and little between them. */
static bool write_state(const dcl_edge_state *state, dcl_pulsing *out) {
    const dcl_edge_train *train = &state->train;
    const dcl_edge_tally *all = &train->all;
    if (!dcl_train_is_restless(state) || train->trips < DCL_PULSES_LEAST) return false;
    if (!is_apart(all) || !all->rest_n || !all->away_n) return false;
    double rest = (double)all->rest_sum / (double)all->rest_n,
           away = (double)all->away_sum / (double)all->away_n;
    double low = rest < away ? rest : away, high = rest < away ? away : rest;
    if (high - low < (double)state->pulse_min) return false;
    double duty = ((double)all->sum / (double)all->n - low) / (high - low);
    *out = (dcl_pulsing){.start_us = state->start_us + train->first * state->period_us,
                         .end_us = state->start_us + train->back * state->period_us,
                         .low = (float)(low / 10),
                         .high = (float)(high / 10),
                         .duty = (float)(duty < 0   ? 0
                                         : duty > 1 ? 1
                                                    : duty),
                         .pulses = (uint32_t)train->trips};
    return true;
}

void dcl_train_end(dcl_edge_state *state) {
    dcl_pulsing found;
    bool is_state = write_state(state, &found);
    memset(&state->train, 0, sizeof state->train);
    if (!is_state) return;
    state->pulsed = found;
    state->has_pulsed = true;
    state->train.back = state->index;
}

bool dcl_edge_pulsed(dcl_edge_state *state, dcl_pulsing *out) {
    if (!state->has_pulsed) return false;
    state->has_pulsed = false;
    *out = state->pulsed;
    return true;
}
