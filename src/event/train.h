/* Pulses too fast to be steps, as the detector sees them. */
#ifndef DCL_EVENT_TRAIN_H
#define DCL_EVENT_TRAIN_H

#include <declic/event.h>

/** The fewest excursions that are a pulsing state. */
#define DCL_PULSES_LEAST 3

/** The sample `lead`, the last one taken, left `rest`: where it went far enough, a train of excursions begins. */
void dcl_train_begin(dcl_edge_state *state, int32_t rest, int32_t lead);
/** Takes the last sample into the train, where there is one. False where none goes on: it ended, or there was none. */
bool dcl_train_take(dcl_edge_state *state, int32_t lead);
/** Whether the signal goes back and forth so fast that most visits to a level are too brief for one. */
bool dcl_train_is_restless(const dcl_edge_state *state);
/** Whether there is a train, or just was, and so far between two levels rather than all over as noise is. */
bool dcl_train_has_levels(const dcl_edge_state *state);
/** Ends the train, where there is one, and keeps its state for dcl_edge_pulsed(). */
void dcl_train_end(dcl_edge_state *state);

#endif
