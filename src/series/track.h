/*
 * The readings of one channel of one device. While they come at one step, holes aside, only their values are
 * kept, 4 bytes a reading; the first that does not fit turns all of them into readings with their own times.
 */
#ifndef DCL_SERIES_TRACK_H
#define DCL_SERIES_TRACK_H

#include <declic/series.h>

#include <math.h>

#include "base/status.h"

/** Lengths of a reading that stand for a rule instead of a number of milliseconds. */
#define DCL_SPAN_SAMPLE 0U                /* a sample: holds until the next one */
#define DCL_SPAN_ENDS   UINT32_MAX        /* time_us is the end of an interval of unknown length */
#define DCL_SPAN_STARTS (UINT32_MAX - 1U) /* its start; the rows are samples where they are irregular */
/* The same of an energy, Wh until the length is known. dcl_collect_add_energy() makes these two. */
#define DCL_SPAN_ENERGY_ENDS   (UINT32_MAX - 2U)
#define DCL_SPAN_ENERGY_STARTS (UINT32_MAX - 3U)
#define DCL_SPAN_LONGEST       (UINT32_MAX - 4U) /* ms: 49 days */

/** The mean of an interval, or a sample. */
typedef struct dcl_reading {
    int64_t time_us;
    float value;
    uint32_t span_ms;
} dcl_reading;

/** Readings step_us apart, up to the next run: the index of the first one and its time. */
typedef struct dcl_run {
    size_t first;
    int64_t start_us;
} dcl_run;

/** device is "" for the meter itself, "01" for a plug. Start from its name and channel, else zeros. */
typedef struct dcl_track {
    char device[32];
    dcl_channel channel;
    bool is_estimate; /* from apparent power: on its grid, whatever the lengths of what is told */
    bool is_mains; /* a part of the meter's own reading although it has a name: such parts add up */
    size_t n;
    /* Steady: value [n], as dcl_track_value() makes them, and their runs; step_us 0 and next_us INT64_MIN while the step is not known. */
    float *value;
    dcl_run *runs;
    size_t room_values, n_runs, room_runs;
    int64_t step_us, next_us;
    uint32_t span_ms; /* of every reading */
    size_t missing;   /* NaN among the values */
    /* Loose: at [n], and none of the above. */
    bool is_loose;
    dcl_reading *at;
    size_t room;
} dcl_track;

/** The value of a reading as a series has it: one NaN, and no -0. */
static inline float dcl_track_value(float value) {
    return isnan(value) ? NAN : value + 0.0f;
}

/** Adds a reading. Errors: DCL_E_MEMORY. */
dcl_status dcl_track_add(dcl_track *track, dcl_reading reading, dcl_error *error) DCL_MUST_USE;
/** Makes room for so many more steady readings at once, where they are many and there is room. */
void dcl_track_expect(dcl_track *track, size_t more);
/** Gives each reading its own time. Errors: DCL_E_MEMORY. */
dcl_status dcl_track_loosen(dcl_track *track, dcl_error *error) DCL_MUST_USE;
/** The moment after the last reading of a steady track, which is not empty. */
int64_t dcl_track_steady_end(const dcl_track *track);
/** Readings that are not missing. */
size_t dcl_track_present(const dcl_track *track);
void dcl_track_free(dcl_track *track);

#endif
