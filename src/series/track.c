#define _DEFAULT_SOURCE /* madvise */
#include "series/track.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Runs shorter than this on average are no steady readings: loose ones take less. */
enum { RUN_MEAN = 8, RUNS_FREE = 16, MANY = 1 << 16 };

int64_t dcl_track_steady_end(const dcl_track *track) {
    const dcl_run *last = &track->runs[track->n_runs - 1];
    return last->start_us + (int64_t)(track->n - last->first) * track->step_us;
}

static bool is_step(int64_t us) {
    return us > 0 && us <= DCL_DAY_US && us % 1000 == 0;
}

/* Whether the reading keeps the track steady; *begins_run where it is not the one expected. */
static bool fits(dcl_track *track, dcl_reading reading, bool *begins_run) {
    bool is_interval = reading.span_ms != DCL_SPAN_SAMPLE && reading.span_ms <= DCL_SPAN_LONGEST;
    *begins_run = track->n == 0;
    if (track->n == 0) {
        track->step_us = is_interval ? (int64_t)reading.span_ms * 1000 : 0;
        track->span_ms = reading.span_ms;
        return reading.span_ms == DCL_SPAN_STARTS || (is_interval && is_step(track->step_us));
    }
    if (reading.span_ms != track->span_ms) return false;
    if (!track->step_us) { /* rows that say when they start: two of them say how far apart */
        if (reading.time_us <= track->runs->start_us) return false;
        track->step_us = reading.time_us - track->runs->start_us;
        return is_step(track->step_us);
    }
    int64_t end_us = dcl_track_steady_end(track);
    *begins_run = reading.time_us != end_us;
    return reading.time_us >= end_us && (reading.time_us - end_us) % track->step_us == 0 &&
           track->n_runs <= RUNS_FREE + track->n / RUN_MEAN;
}

static dcl_status add_steady(dcl_track *track, dcl_reading reading, bool begins_run, dcl_error *error) {
    /* A large step where there are many: growing may copy all of them, and pages not yet used cost nothing. */
    size_t need = track->n < MANY ? track->n + 1 : 4 * track->n;
    if ((track->n == track->room_values &&
         dcl_grow(&track->value, &track->room_values, need, sizeof *track->value)) ||
        (begins_run && dcl_grow(&track->runs, &track->room_runs, track->n_runs + 1, sizeof *track->runs)))
        return dcl_fail_memory(error, "readings");
    if (begins_run) track->runs[track->n_runs++] = (dcl_run){track->n, reading.time_us};
    track->value[track->n++] = dcl_track_value(reading.value);
    track->missing += isnan(reading.value) ? 1 : 0;
    track->next_us = track->step_us ? dcl_track_steady_end(track) : INT64_MIN;
    return DCL_OK;
}

/* Growing step by step would copy them, and small pages cost as much to be had as a reading to be read. */
void dcl_track_expect(dcl_track *track, size_t more) {
    enum { HUGE_BYTES = 1 << 21, PER_PAGE = HUGE_BYTES / sizeof(float) };
    size_t room = track->n + more;
    if (track->is_loose || more > SIZE_MAX / 16 || room <= track->room_values || room < PER_PAGE) return;
    room = (room + PER_PAGE - 1) / PER_PAGE * PER_PAGE;
    float *value = aligned_alloc(HUGE_BYTES, room * sizeof *value);
    if (!value) return;
#ifdef MADV_HUGEPAGE
    (void)madvise(value, room * sizeof *value, MADV_HUGEPAGE);
#endif
    if (track->n) memcpy(value, track->value, track->n * sizeof *value);
    free(track->value);
    track->value = value;
    track->room_values = room;
}

dcl_status dcl_track_loosen(dcl_track *track, dcl_error *error) {
    if (track->is_loose) return DCL_OK;
    if (track->n && dcl_grow(&track->at, &track->room, track->n + 1, sizeof *track->at))
        return dcl_fail_memory(error, "readings");
    for (size_t r = 0; r < track->n_runs; r++) {
        size_t end = r + 1 < track->n_runs ? track->runs[r + 1].first : track->n;
        int64_t time_us = track->runs[r].start_us;
        for (size_t i = track->runs[r].first; i < end; i++, time_us += track->step_us)
            track->at[i] = (dcl_reading){time_us, track->value[i], track->span_ms};
    }
    free(track->value);
    free(track->runs);
    track->value = NULL;
    track->runs = NULL;
    track->room_values = track->n_runs = track->room_runs = 0;
    track->next_us = INT64_MIN;
    track->is_loose = true;
    return DCL_OK;
}

dcl_status dcl_track_add(dcl_track *track, dcl_reading reading, dcl_error *error) {
    if (!track->is_loose) {
        bool begins_run;
        int64_t step_us = track->step_us;
        if (fits(track, reading, &begins_run)) return add_steady(track, reading, begins_run, error);
        track->step_us = step_us;
        dcl_status status = dcl_track_loosen(track, error);
        if (status) return status;
    }
    if (dcl_grow(&track->at, &track->room, track->n + 1, sizeof *track->at))
        return dcl_fail_memory(error, "readings");
    track->at[track->n++] = reading;
    return DCL_OK;
}

size_t dcl_track_present(const dcl_track *track) {
    size_t present = 0;
    if (!track->is_loose) return track->n - track->missing;
    for (size_t i = 0; i < track->n; i++) present += isnan(track->at[i].value) ? 0 : 1;
    return present;
}

void dcl_track_free(dcl_track *track) {
    free(track->at);
    free(track->value);
    free(track->runs);
}
