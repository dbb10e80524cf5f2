/*
 * What a reader of a format has to do: put readings in, name what it left out. All else (order, duplicates,
 * lengths of intervals, grids, plugs that add up) is done for every format alike when the file has been read.
 */
#ifndef DCL_SERIES_COLLECT_H
#define DCL_SERIES_COLLECT_H

#include <declic/series.h>

#include "base/status.h"
#include "series/input.h"
#include "series/track.h"

/**
 * Takes the readings of a stream as they are met, in place of the tracks. Where one is set, context->now_us is kept at the
 * present by the caller, and an input gives its bytes as they come: nothing waits for more of them than it needs.
 */
typedef dcl_status (*dcl_sink_fn)(void *arg, const dcl_track *track, dcl_reading reading, dcl_error *error);

struct dcl_collect;
/** Takes the home whose rows have ended, collect->turn: the tracks, the exclusions and the notes are its. */
typedef dcl_status (*dcl_turn_fn)(void *arg, struct dcl_collect *collect, dcl_error *error);

/** Bytes that tell a stream's format: some seconds of the slowest line. */
enum { DCL_STREAM_HEAD_BYTES = 512 };

typedef struct dcl_collect {
    const dcl_context *context;
    const dcl_read_options *options;
    const dcl_zone *zone; /* of local times */
    dcl_zone *own_zone;   /* the same where the format brings it */
    const char *alone; /* of a format whose devices make no home together: what to say of several of them */
    dcl_track *tracks;
    size_t n_tracks, room_tracks;
    dcl_va_maximum *maxima;
    size_t n_maxima, room_maxima;
    double subscribed_kva;
    uint32_t notes;
    int64_t hold_us; /* a format's own longest hold of a sample; 0 = by the rhythm */
    bool used_zone;  /* local times were met */
    char format[32];
    char delivery_point[32]; /* the first address met: told apart from others, never given out */
    dcl_excluded excluded[DCL_EXCLUSION_COUNT];
    const dcl_input *input; /* where the reader is, for positions */
    uint64_t files_passed;  /* of no format we read, in a folder or archive */
    bool is_many;           /* name the member in positions */
    dcl_sink_fn sink;       /* NULL = tracks keep readings */
    void *sink_arg;
    dcl_turn_fn
        each; /* of inputs of many homes, which are taken one after the other; NULL = one home alone */
    void *each_arg;
    char turn[64];   /* the home being read then; empty where the input names none */
    bool chose_home; /* the format heeds options->home */
} dcl_collect;

void dcl_collect_begin(dcl_collect *collect, const dcl_context *context, const dcl_read_options *options);
void dcl_collect_end(dcl_collect *collect);

/** The track of a device's channel, made when new. Errors: DCL_E_MEMORY. */
dcl_status dcl_collect_track(dcl_collect *collect, const char *device, dcl_channel channel, size_t *track,
                             dcl_error *error) DCL_MUST_USE;
/**
 * Adds a reading. Out of [from, to): passed over. Negative or absurd power: left out and counted.
 * NaN ends the hold of the sample before and is counted as missing.
 */
dcl_status dcl_collect_add(dcl_collect *collect, size_t track, int64_t time_us, uint32_t span_ms,
                           double value, dcl_error *error) DCL_MUST_USE;
/** Readings that dcl_collect_add() keeps as they are, whichever end of an interval they are stamped at. */
typedef struct dcl_plain {
    int64_t first_us, last_us; /* both kept */
    double least, most;        /* both kept */
} dcl_plain;
dcl_plain dcl_collect_plain(const dcl_collect *collect, size_t track);
/** The same for the energy of an interval; span_ms is its length, DCL_SPAN_ENDS or DCL_SPAN_STARTS. */
dcl_status dcl_collect_add_energy(dcl_collect *collect, size_t track, int64_t time_us, uint32_t span_ms,
                                  double energy_wh, dcl_error *error) DCL_MUST_USE;
/** Counts a reading left out. BAD_ROW under `strict` is the error `why`, at the place where the input is. */
dcl_status dcl_collect_exclude(dcl_collect *collect, dcl_exclusion reason, const char *why,
                               dcl_error *error) DCL_MUST_USE;
/** A maximum of apparent power that the meter measured. */
dcl_status dcl_collect_maximum(dcl_collect *collect, int64_t time_us, double apparent_va,
                               dcl_error *error) DCL_MUST_USE;
/** True when `address` is that of the first delivery point met (or the first is met now). Addresses stay in
 * here. */
bool dcl_collect_same_home(dcl_collect *collect, const char *address);

/** With `each`: the rows that follow are of this home. What came before is taken where it was another. */
dcl_status dcl_collect_turn(dcl_collect *collect, const char *id, dcl_error *error) DCL_MUST_USE;
/** Gives the last home, or the one that has no name, to `each`. */
dcl_status dcl_collect_last_turn(dcl_collect *collect, dcl_error *error) DCL_MUST_USE;

/** Local times are of the zone called `name`, unless the caller chose one. Errors: as dcl_zone_open(). */
dcl_status dcl_collect_zone(dcl_collect *collect, const char *name, dcl_error *error) DCL_MUST_USE;
/** False for a part that --only does not name or --without does. */
bool dcl_collect_wants(const dcl_collect *collect, const char *name);

/**
 * Puts a track in order: sorts, works out lengths that were left to a rule, turns energies into mean powers,
 * drops what is repeated or contradicted. Afterwards readings ascend and intervals do not overlap.
 * *typical_us is the step its readings came at, 0 for a single sample.
 */
dcl_status dcl_track_settle(dcl_collect *collect, dcl_track *track, int64_t *typical_us,
                            dcl_error *error) DCL_MUST_USE;

/** Turns the readings into regular series of a home, in the arena. */
dcl_status dcl_collect_finish(dcl_collect *collect, dcl_arena *arena, dcl_home *home,
                              dcl_error *error) DCL_MUST_USE;

/** The grid for readings that come `typical_us` apart: a length that divides the hour, not above the typical one. */
int64_t dcl_grid_period_us(int64_t typical_us);
/** How long a sample is believed: what the user or the format says, else five of its usual distances, 1 min to 1 h. */
int64_t dcl_sample_hold_us(const dcl_collect *collect, int64_t typical_us);

/* ---------------------------------------------------------------- clocks */

/** Resolves local times in the order of a file, so that the hour that comes twice is read twice. */
typedef struct dcl_clock {
    const dcl_zone *zone;
    int64_t last_us;
    int direction; /* of the file: 1 forward, -1 backward, 0 not known yet */
    bool started;
} dcl_clock;

/**
 * The moment of a local time; false where no such time exists on that day. The first minute of the hour that
 * the clock skips is the moment of the change: an interval that ends there may be stamped so.
 */
bool dcl_clock_moment(dcl_clock *clock, const dcl_civil *civil, int64_t *time_us);
/**
 * Reads a stamp: with its own offset, or local through the clock.
 * Errors: DCL_E_FORMAT not a time; DCL_E_NOT_FOUND a local time that does not exist.
 */
dcl_status dcl_clock_stamp(dcl_clock *clock, dcl_collect *collect, const char *text, size_t n,
                           int64_t *time_us) DCL_MUST_USE;

#endif
