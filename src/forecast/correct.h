/*
 * What a home's last forecasts teach the next one: which member leads, and how far each quantile was off. Only forecasts whose
 * truth was known at the moment of the new one count.
 */
#ifndef DCL_FORECAST_CORRECT_H
#define DCL_FORECAST_CORRECT_H

#include "forecast/model.h"

/** Days after which a record counts half: a home's ways move with the season, and what was off a month ago is not off now. */
#define DCL_FC_FADING_DAYS 7.0

/** Shares of members that are tried: all whole tenths of two, quarters of three, thirds of four. */
enum { DCL_FC_BLENDS = 20, DCL_FC_LOOK_BACK = 2048, DCL_FC_RECORDS = 1024 };

/**
 * One forecast and its truth, kept.
 * answer [members][n]  of the members; actual [n], NaN = not known
 * plain                what the last value says of the only target; NaN = there is no such rule
 * loss [blends]        pinball loss of each way to blend, in levels, summed over the n_known targets that were known
 */
typedef struct dcl_fc_record {
    size_t known_at; /* the slot from which on all of it is known */
    int64_t issued_us;
    size_t n, n_known;
    float level, plain;
    float (*answer)[DCL_FC_ANSWERS];
    float *actual;
    float loss[DCL_FC_BLENDS];
    float weight; /* for the forecast at hand */
    bool judged;
} dcl_fc_record;

/** A ring of the last records, oldest first from `first` on; in an arena. */
typedef struct dcl_fc_memory {
    dcl_fc_record *record;
    size_t room, first, n;
    size_t members, targets;
    float *off, *weight; /* scratch: [answers][look back], [look back] */
    int64_t *order;      /* [look back] */
} dcl_fc_memory;

/** Room for `records` forecasts of `targets` each by `members`. Errors: DCL_E_MEMORY. */
dcl_status dcl_fc_memory_make(size_t records, size_t targets, size_t members, dcl_arena *arena,
                              dcl_fc_memory *out, dcl_error *error);

/**
 * Blends the members' answers and puts them right by the records since a moment that are known at `slot`.
 * enough so many records are half believed; older ones count less
 * answer [members][n]  as predicted; out [n]
 * plain                what the last value says, NaN = no such rule: it is the median where it was nearer to the records' truths
 * lead   [members]     shares that members have without records, and with them afterwards
 */
void dcl_fc_correct(dcl_fc_memory *memory, size_t slot, int64_t since_us, double enough,
                    const float (*answer)[DCL_FC_ANSWERS], size_t n, float level, float plain, float *lead,
                    float out[][DCL_FC_ANSWERS]);

/** Keeps a forecast; the oldest one goes where there is no room. */
void dcl_fc_remember(dcl_fc_memory *memory, const dcl_fc_grid *grid, const dcl_fc_target *target, size_t n,
                     float level, float plain, const float (*answer)[DCL_FC_ANSWERS]);

#endif
