/*
 * What a moment of a home looks like from a model: numbers of windows at several scales around it, of steps and cycles
 * near it, of the calendar. A model says which of them it wants, so a list of features is data.
 */
#ifndef DCL_APPLIANCE_WINDOWS_H
#define DCL_APPLIANCE_WINDOWS_H

#include <declic/event.h>

#include "base/status.h"

/** Channels that a feature can be of. The leading one is power_w, or apparent_va where a home has no power. */
typedef enum dcl_window_channel {
    DCL_WINDOW_LEAD,
    DCL_WINDOW_REACTIVE,
    DCL_WINDOW_APPARENT,
    DCL_WINDOW_CHANNELS
} dcl_window_channel;

/**
 * What a feature is. A window of span k > 0 is the k samples after the moment, of -k the k samples before it; neither
 * holds the moment itself. Missing samples are left out; a window without any is NaN. Times are in seconds, levels in W
 * (or VA, var).
 */
typedef enum dcl_feature_kind {
    DCL_FEATURE_VALUE, /* the sample `span` away */
    DCL_FEATURE_DIFF,  /* the moment's sample minus that one */
    DCL_FEATURE_MEAN,  /* of a window */
    DCL_FEATURE_MIN,
    DCL_FEATURE_MAX,
    DCL_FEATURE_OVER_MEAN, /* the moment's sample above the window's mean */
    DCL_FEATURE_OVER_MIN,
    DCL_FEATURE_UNDER_MAX, /* how far it is below the window's maximum */
    DCL_FEATURE_BASE,      /* the least within |span| on both sides */
    DCL_FEATURE_OVER_BASE,
    DCL_FEATURE_HOUR,    /* civil hour with its fraction */
    DCL_FEATURE_WEEKEND, /* 1 on Saturday and Sunday */
    DCL_FEATURE_STEP_AGE, /* distance to the index-th step with a size in low … high, before (span -1) or after (+1) */
    DCL_FEATURE_STEP_SIZE,
    DCL_FEATURE_CYCLE_W,   /* of the index-th largest cycle that is on then: mean power */
    DCL_FEATURE_CYCLE_AGE, /* … how long it has been on */
    DCL_FEATURE_CYCLE_LENGTH,
    DCL_FEATURE_CYCLE_PERIOD,  /* … period of its group */
    DCL_FEATURE_CYCLE_GROUP_W, /* … median power of its group */
    DCL_FEATURE_CYCLE_COLD, /* power of the cycle that is on and comes at a regular distance as a compressor's does */
    DCL_FEATURE_CYCLE_COUNT, /* cycles that are on */
    DCL_FEATURE_CYCLE_SUM,   /* their mean powers together */
    DCL_FEATURE_COMPRESSOR_W, /* of the index-th compressor that is followed through the steps: 0 while it is off */
    DCL_FEATURE_KINDS
} dcl_feature_kind;

typedef struct dcl_feature {
    uint8_t kind, channel;
    uint16_t index;
    int32_t span; /* samples */
    float low, high;
} dcl_feature;

enum { DCL_FEATURES_MAX = 512, DCL_SPAN_MAX = 1 << 16, DCL_WINDOW_RANKS = 4 };

/** True where a feature means something: a reader of models asks. */
bool dcl_feature_valid(const dcl_feature *feature);

/**
 * What features are made of; all of it is the caller's.
 * level [channel][n]  0.1 W, var or VA; DCL_MISSING_I32 = missing; NULL = the home lacks the channel: its features are NaN
 * step   [n_steps]    in order of time; size by dcl_edge_size()
 * cycle  [n_cycles]   in order of start, none longer than a day
 * period_s, group_w [n_cycles]   of its group, NaN = none
 */
typedef struct dcl_window_source {
    int64_t start_us, period_us;
    size_t n;
    const int32_t *level[DCL_WINDOW_CHANNELS];
    const dcl_edge *step;
    size_t n_steps;
    const dcl_cycle *cycle;
    const float *period_s, *group_w;
    size_t n_cycles;
    const int32_t *compressor[DCL_WINDOW_RANKS]; /* [n] 0.1 W; NULL = not followed */
    const dcl_zone *zone;                        /* NULL = UTC */
} dcl_window_source;

/**
 * The features of the moments from … from + n - 1.
 *
 * out [n][k]
 * Errors:  DCL_E_MEMORY.
 * Memory:  some 16 bytes a sample of the block and of the longest span on both sides, while it runs.
 * Threads: reentrant.   Cost: O(k × (n + longest span)).
 */
dcl_status dcl_windows_make(const dcl_window_source *source, const dcl_feature *feature, size_t k,
                            size_t from, size_t n, float *out, dcl_error *error) DCL_MUST_USE;

/** The usual list for a period: out [DCL_FEATURES_MAX]; wants_events is set where steps and cycles are among them. */
size_t dcl_features_usual(int64_t period_us, const bool has[DCL_WINDOW_CHANNELS], dcl_feature *out,
                          bool *wants_events);

#endif
