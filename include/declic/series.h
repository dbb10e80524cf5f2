/**
 * Series: from meter bytes to regular series, and the store that keeps them.
 *
 * A home is a set of channels; each channel is a series on a regular grid. Readers turn what a file says (end
 * stamps, local times, mixed steps, irregular samples) into that, and note what they did and what they left
 * out.
 */
#ifndef DECLIC_SERIES_H
#define DECLIC_SERIES_H

#include <declic/base.h>

/* ---------------------------------------------------------------- series */

/**
 * A channel on a regular grid. value[i] is the mean over [start_us + i period_us, start_us + (i + 1)
 * period_us). value [n]  in the channel's unit; NaN = missing, never 0
 */
typedef struct dcl_series {
    dcl_channel channel;
    int64_t start_us, period_us;
    int64_t reading_us; /* the commonest distance of the readings behind it; 0 = that of the grid */
    size_t n;
    float *value;
} dcl_series;

/** How far apart what a series knows is: its readings or its grid, whichever is coarser, µs. */
static inline int64_t dcl_series_step_us(const dcl_series *series) {
    return series->reading_us > series->period_us ? series->reading_us : series->period_us;
}

/** The moment after the last sample. */
static inline int64_t dcl_series_end_us(const dcl_series *series) {
    return series->start_us + (int64_t)series->n * series->period_us;
}

/** The part of a series inside [from_us, to_us); shares the values. */
dcl_series dcl_series_slice(const dcl_series *series, int64_t from_us, int64_t to_us);

/** Samples that are not missing. */
size_t dcl_series_present(const dcl_series *series);

/* ---------------------------------------------------------------- readings left out */

/** Why a reading was left out of the series: id, name in files, text after a count ("3 readings …"). */
#define DCL_EXCLUSION_TABLE(X)                                                                               \
    X(BAD_ROW, "bad_row", "in rows that cannot be read")                                                     \
    X(MISSING, "missing", "marked as missing by the file")                                                   \
    X(DUPLICATE, "duplicate", "repeated with the same value")                                                \
    X(CONTRADICTION, "contradiction", "at moments for which the file says two things")                       \
    X(NEGATIVE, "negative", "with a negative power")                                                         \
    X(ABSURD, "absurd", "beyond what a home can draw")                                                       \
    X(BAD_CHECKSUM, "bad_checksum", "in groups whose checksum is wrong")                                     \
    X(BAD_TIME, "bad_time", "without a time, at one that no clock shows, before 1990 or in the future")      \
    X(COARSER, "coarser", "of longer intervals where there are shorter ones")                                \
    X(OTHER_HOME, "other_home", "of another delivery point")                                                 \
    X(NOT_READ, "not_read", "of a quantity that is not read")

typedef enum dcl_exclusion {
#define DCL_X(id, name, text) DCL_EXCLUDED_##id,
    DCL_EXCLUSION_TABLE(DCL_X)
#undef DCL_X
        DCL_EXCLUSION_COUNT
} dcl_exclusion;

const char *dcl_exclusion_name(dcl_exclusion reason);
const char *dcl_exclusion_text(dcl_exclusion reason);

/** How many, and where the first one stood. */
typedef struct dcl_excluded {
    uint64_t count;
    dcl_pos first;
    int64_t time_us; /* its moment where that is known instead of a place in the file; 0 = not known */
    char file[96];   /* the member of a folder or archive, its last characters; empty for a single file */
} dcl_excluded;

/* ---------------------------------------------------------------- home */

/** A maximum of apparent power that the meter itself measured (TIC SMAXSN, the utility's daily maxima). */
typedef struct dcl_va_maximum {
    int64_t time_us;
    float apparent_va;
} dcl_va_maximum;

/** What a reader did that a careful user wants to know: id, name in files, English text. */
#define DCL_NOTE_TABLE(X)                                                                                    \
    X(STAMPS_ARE_ENDS, "stamps_are_ends",                                                                    \
      "stamps are the end of their interval; intervals are kept by start")                                   \
    X(LOCAL_TIME, "local_time", "local times without offset, read in the zone named")                        \
    X(WINTER_CLOCK, "winter_clock", "the clock of the file keeps winter time all year")                      \
    X(MIXED_STEPS, "mixed_steps", "the file mixes steps; longer ones fill several slots with their mean")    \
    X(IRREGULAR, "irregular", "irregular samples, held until the next one and averaged over each slot")      \
    X(UNSORTED, "unsorted", "rows were not in order of time; they were sorted")                              \
    X(SUM_OF_PLUGS, "sum_of_plugs", "power is the sum of the plugs, not a meter's reading")                  \
    X(POWER_FROM_INDEX, "power_from_index", "active power is estimated from the energy index")               \
    X(CLOCK_DEGRADED, "clock_degraded", "the meter says its clock is degraded")                              \
    X(TIME_FROM_LINE_RATE, "time_from_line_rate",                                                            \
      "times are counted from the start given, at the line's speed")                                         \
    X(ENERGY_TO_POWER, "energy_to_power", "energies were turned into mean powers")                           \
    X(TIME_OF_ARRIVAL, "time_of_arrival", "times are those at which the frames arrived")                     \
    X(SIMULATED, "simulated", "a simulated home, not a measurement")                                         \
    X(POWER_BOUNDED, "power_bounded",                                                                        \
      "active power is estimated from the energy index and apparent power, with bounds")                     \
    X(ESTIMATED, "estimated", "the parts are a model's estimates, not measurements")

typedef enum dcl_note {
#define DCL_X(id, name, text) DCL_NOTE_##id,
    DCL_NOTE_TABLE(DCL_X)
#undef DCL_X
        DCL_NOTE_COUNT
} dcl_note;

const char *dcl_note_name(dcl_note note);
const char *dcl_note_text(dcl_note note);

/** One use of an appliance as it really was, of simulated data. */
typedef struct dcl_true_cycle {
    dcl_appliance kind;
    int64_t start_us, end_us;
    double energy_wh;
} dcl_true_cycle;

/**
 * A home. Everything lives in the arena it was read into.
 * series [n_series]         one a channel, in order of channel; grids may differ
 * truth  [n_truth]          labelled parts (plugs, simulated appliances) with their names
 * va_maxima [n_va_maxima]   in order of time
 * household, cycle [n_cycles]  of simulated homes: what lives there, what was used when. A store
 *                    has them under truth for other programs; they are not read back
 */
typedef struct dcl_home {
    char id[64]; /* a name of ours ("home1"), never the meter's address */
    dcl_series *series;
    size_t n_series;
    dcl_series *truth;
    char (*truth_name)[64];
    size_t n_truth;
    dcl_va_maximum *va_maxima;
    size_t n_va_maxima;
    dcl_household household; /* DCL_HOUSEHOLD_UNKNOWN where it is not known */
    dcl_true_cycle *cycle;
    size_t n_cycles;
    double subscribed_kva; /* NaN = not in the input */
    int64_t reading_us;    /* that of power_w, or of the first channel where there is none */
    char format[32];       /* the reader that made it ("enedis", "store", …) */
    char zone[64];         /* the zone local times were read in; empty when the input was in UTC */
    uint64_t readings;     /* read and kept */
    uint64_t files_passed; /* files of a folder or archive that are of no format we read; not in a store */
    uint32_t notes;        /* bits 1 << dcl_note */
    dcl_excluded excluded[DCL_EXCLUSION_COUNT];
} dcl_home;

/** The series of a channel; NULL when the home has none. */
const dcl_series *dcl_home_series(const dcl_home *home, dcl_channel channel);
/** Keeps only [from_us, to_us) of every series, truth and maximum. */
void dcl_home_slice(dcl_home *home, int64_t from_us, int64_t to_us);

/* ---------------------------------------------------------------- reading */

/** A column of a generic CSV: its name in the file, the channel it is, and the factor to the channel's unit.
 */
typedef struct dcl_column {
    char name[64];
    dcl_channel channel;
    double scale;   /* 1000 for kW → W */
    bool is_energy; /* values are energies of the interval: Wh after `scale` */
} dcl_column;

/**
 * Says what a home is called by its identity: the address of the delivery point or meter that the input is of, or of an input of
 * many homes what that calls each. The name, at most 63 bytes, is what all else sees; the identity is not kept.
 */
typedef void (*dcl_name_fn)(void *arg, const char *identity, char name[64]);

/** How to read. Start from dcl_read_defaults(). */
typedef struct dcl_read_options {
    const char *format; /* NULL = detect from content */
    const char *home;   /* of an input that holds several homes; NULL = there must be one alone */
    bool strict;        /* a bad row refuses the file */
    int64_t period_us;  /* grid; 0 = the file's own: its smallest step that is not rare, at most 1 h */
    int64_t max_gap_us; /* an irregular sample holds at most so long; 0 = by the file's rhythm */
    bool has_start;     /* start_us is given: arrival of the first byte of a capture without times */
    int64_t start_us;
    int64_t from_us, to_us;    /* only [from, to); INT64_MIN / INT64_MAX = all */
    double max_power;          /* W or VA; above is absurd. Default 60,000 */
    const char *time_column;   /* generic CSV; NULL = `time_utc` */
    const dcl_column *columns; /* generic CSV [n_columns] */
    size_t n_columns;
    bool stamps_are_ends; /* generic CSV: the stamp is the interval's end */
    const char *only,
        *without;         /* names of plugs to read or to leave out, comma-separated ("01,05"); NULL = all */
    const dcl_zone *zone; /* of local times; NULL = the format's own, else the context's */
    bool without_truth;   /* a store's truth is not read: it may be larger than the home */
    dcl_name_fn
        name_home; /* what homes of other inputs than stores and panels are called; NULL = home1, or as the input says */
    void *name_arg;
} dcl_read_options;

dcl_read_options dcl_read_defaults(void);

/**
 * Reads a home from a store, file, folder, archive or compressed file; `-` is standard input.
 *
 * Irregular samples: each holds until the next, at most max_gap_us; a slot's value is the mean of what covers
 * it, weighted by time, where at least half of the slot is covered, else NaN. Intervals (load curves) are
 * spread over their slots the same way. Energy over covered time is preserved. Rows that say only when they
 * start are intervals where the steps are steady, holes aside; where intervals overlap, the shorter one stays.
 *
 * Errors:  DCL_E_NOT_FOUND no such path; DCL_E_FORMAT not a format we read, damaged, or a bad row under
 *          `strict`, with file, line and byte; DCL_E_NO_DATA nothing usable, with what was left out most;
 *          DCL_E_ARG an option out of range, or several homes in an input of one; DCL_E_MEMORY; DCL_E_IO.
 * Memory:  the arena gets 4 bytes a slot; while reading, 16 bytes a reading besides.
 * Threads: reentrant, but for stores.
 */
dcl_status dcl_home_read(const dcl_context *context, const char *path, const dcl_read_options *options,
                         dcl_arena *arena, dcl_home *out, dcl_error *error) DCL_MUST_USE;

/** The same over several inputs of one home (monthly exports, say). A store can only stand alone. */
dcl_status dcl_home_read_all(const dcl_context *context, const char *const *paths, size_t n_paths,
                             const dcl_read_options *options, dcl_arena *arena, dcl_home *out,
                             dcl_error *error) DCL_MUST_USE;

/**
 * Reads `NAME=CHANNEL:UNIT` ("Puissance=power_w:kW"). Units: W kW MW, VA kVA, var kvar, V, A mA, and Wh kWh kWmin
 * (sums of kW a minute) for the energy of each interval.   Errors: DCL_E_ARG with what was expected.
 */
dcl_status dcl_column_parse(const char *text, dcl_column *out, dcl_error *error) DCL_MUST_USE;

/** Name and one-line title of the i-th format; NULL past the last. For help texts. */
const char *dcl_format_name(size_t i);
const char *dcl_format_title(size_t i);

/* ---------------------------------------------------------------- a stream as it comes */

/** What a stream brought. */
typedef enum dcl_live_what {
    DCL_LIVE_BEGIN,      /* the grid begins at time_us */
    DCL_LIVE_SILENCE,    /* … anew after a gap of more than an hour */
    DCL_LIVE_CLOCK_BACK, /* … anew because the stream's clock went back: what follows may repeat moments */
    DCL_LIVE_SLOT        /* the next sample of the grid */
} dcl_live_what;

/**
 * One event. Slots follow each other without a hole from where the grid began.
 * time_us       start of the slot, or of the first one to come, UTC
 * before_us     SILENCE, CLOCK_BACK: the last moment heard of before
 * power_w, apparent_va, reactive_var
 *               of a slot, as dcl_series.value; NaN = missing
 * apparent_leads  the stream has no active power
 */
typedef struct dcl_live_event {
    dcl_live_what what;
    int64_t time_us, period_us, before_us;
    float power_w, apparent_va, reactive_var;
    bool apparent_leads;
} dcl_live_event;

/** Gives the next bytes as soon as there are any, valid until the next call; n = 0 ends the stream. */
typedef dcl_status (*dcl_live_more_fn)(void *arg, const char **bytes, size_t *n, dcl_error *error);
/** Takes an event; anything but DCL_OK ends the reading with that status. */
typedef dcl_status (*dcl_live_fn)(void *arg, const dcl_live_event *event, dcl_error *error);

/**
 * Follows a stream of a meter as it comes: CSV rows, JSON lines or télé-information. Total active, apparent and reactive power alone; each
 * slot is given as soon as the reading after it has come, the first ones once 16 readings have told the rhythm (step of the grid,
 * intervals or samples; options->period_us and max_gap_us say otherwise). In a rhythm that stays, slots are those that
 * dcl_home_read() makes of the same bytes, but for active power that an energy index gives, which comes minutes late.
 *
 * Historique frames, which carry no time, have that of their arrival: context->now_us, which `more` keeps at the present, or are
 * counted on from options->start_us. Readings before the last one are left out; five in a row are a clock that went back.
 *
 * told  what was noted and left out, without series; filled also where reading fails
 *
 * Errors:  DCL_E_UNSUPPORTED a format that is not followed (nothing was given to `take`; at most some kB were read);
 *          DCL_E_ARG energies instead of powers; DCL_E_NO_DATA no usable reading; those of `more`, `take` and
 *          dcl_home_read().
 * Memory:  some kB, whatever the length.   Threads: reentrant.   Cost: O(bytes + slots).
 */
dcl_status dcl_live_read(const dcl_context *context, const dcl_read_options *options, dcl_live_more_fn more,
                         void *more_arg, dcl_live_fn take, void *take_arg, dcl_home *told,
                         dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- store and export */

/*
 * HDF5 is behind these, which is not reentrant: one call at a time in a process. It does not tidy up at exit any
 * more where the first of these calls was the first use of HDF5 (a damaged file makes it print then): a host
 * program closes its own HDF5 files.
 */

typedef struct dcl_store_options {
    bool deflate; /* deflate, readable by every HDF5, instead of blosc */
} dcl_store_options;

/**
 * Writes homes to a new store (HDF5; layout in docs/architecture.md), whole or not at all. Same input, same
 * bytes. Errors: DCL_E_IO with what the file system said.
 */
dcl_status dcl_store_write(const dcl_context *context, const char *path, const dcl_home *homes,
                           size_t n_homes, const dcl_store_options *options, dcl_error *error) DCL_MUST_USE;

/** The ids of the homes in a store, in the arena. Errors: as dcl_home_read(). */
dcl_status dcl_store_list(const char *path, dcl_arena *arena, char ***ids, size_t *n,
                          dcl_error *error) DCL_MUST_USE;

/** Reads one home of a store; id NULL is the first. Errors: as dcl_home_read(). */
dcl_status dcl_store_read(const char *path, const char *id, dcl_arena *arena, dcl_home *out,
                          dcl_error *error) DCL_MUST_USE;

/** The same without its truth. */
dcl_status dcl_store_read_channels(const char *path, const char *id, dcl_arena *arena, dcl_home *out,
                                   dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- panel */

/*
 * A panel is the active power of many homes on one grid: an index, PANEL.h5, and shards beside it that never change,
 * PANEL.<content>.shard.h5 (layout in docs/architecture.md). h5py reads both; in the index, /panel/power_w is a virtual data set
 * over the shards. HDF5 is behind these as behind the store: one call at a time in a process.
 */

/** The 16-bit value that stands for a missing one. */
#define DCL_PANEL_MISSING INT16_MIN

/**
 * Homes to be written, all on one grid.
 * id       [n_homes]            names without /, distinct
 * kind     [n_homes]            kinds of household; NULL = not known
 * power_w  [n_homes × n_slots]  W, NaN = missing, rows of homes; NULL where raw is given
 * raw      [n_homes × n_slots]  the same in steps of scale_w, DCL_PANEL_MISSING = missing
 * scale_w  W a step; 0 (with power_w alone) = 1 W, or the first of 2, 5, 10, 20 … at which the largest power fits
 */
typedef struct dcl_panel_rows {
    size_t n_homes, n_slots;
    int64_t start_us, period_us;
    const char (*id)[64];
    const uint8_t *kind;
    const float *power_w;
    const int16_t *raw;
    double scale_w;
} dcl_panel_rows;

/**
 * A shard as the index knows it: a rectangle of homes and slots. Plain numbers, for another process to pass on.
 * content  a hash of all that is in the shard; its file's name has it
 */
typedef struct dcl_panel_shard {
    char file[128]; /* beside the index */
    int64_t content, first_home, n_homes, start_us, n_slots;
    double scale_w;
    int64_t present; /* values not missing */
} dcl_panel_shard;

/**
 * Writes the rows as a shard of the panel at `path`, beside where its index is or will be. The panel has it only once an index
 * names it. first_home of the shard is 0; the caller sets it. Same rows, same bytes, for any number of threads.
 *
 * Errors:  DCL_E_ARG no homes or slots, an id that is no name or is there twice, a value that is infinite or beyond ±32,767
 *          steps of a scale given; DCL_E_IO; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  some 50 MB, whatever the rows.   Cost: O(values), shared among the threads.
 */
dcl_status dcl_panel_shard_write(const dcl_context *context, const char *path, const dcl_panel_rows *rows,
                                 dcl_panel_shard *out, dcl_error *error) DCL_MUST_USE;

/**
 * Writes the index over shards [n_shards] that are there, in place of one that may be there: a reader has the old panel or the
 * new one. Shards that only the old index named are removed afterwards.
 *
 * Errors:  DCL_E_ARG shards that overlap, of different steps, that do not agree on the id of a home, leave a home out, or give
 *          two homes one id; DCL_E_NOT_FOUND, DCL_E_FORMAT for a shard that is missing or damaged, with its path; DCL_E_IO;
 *          DCL_E_MEMORY.
 * Memory:  65 bytes a home, besides the index file.
 */
dcl_status dcl_panel_index_write(const dcl_context *context, const char *path, int64_t period_us,
                                 const dcl_panel_shard *shards, size_t n_shards,
                                 dcl_error *error) DCL_MUST_USE;

/** A panel open for reading. One thread at a time. */
typedef struct dcl_panel dcl_panel;

/**
 * What a panel holds. Lives as long as the panel is open.
 * scale_w  W a step of all shards; 0 where they differ
 * kind     [n_homes], NULL where not known
 */
typedef struct dcl_panel_about {
    size_t n_homes, n_slots, n_shards;
    int64_t start_us, period_us;
    double scale_w;
    uint64_t present;
    const char (*id)[64];
    const uint8_t *kind;
    const dcl_panel_shard *shard;
} dcl_panel_about;

/** True for the index of a panel: an HDF5 file that says so of itself. */
bool dcl_panel_is(const char *path);

/**
 * Opens a panel, and looks at every shard: that it is there, is the one meant and says what the index says.
 *
 * Errors:  DCL_E_NOT_FOUND no such panel, or a shard is missing; DCL_E_FORMAT no panel, damaged, or a shard that is another;
 *          DCL_E_UNSUPPORTED of a newer version; DCL_E_MEMORY. The error names the file.
 * Memory:  80 bytes a home and 12 a chunk.   Close with dcl_panel_close().
 */
dcl_status dcl_panel_open(const char *path, dcl_panel **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_panel_close(dcl_panel **panel);
const dcl_panel_about *dcl_panel_tell(const dcl_panel *panel);
/** The place of a home; false where there is none of that id. */
bool dcl_panel_find(const dcl_panel *panel, const char *id, size_t *home);

/**
 * Reads homes [first, first + n) × slots [from, to), rows of homes, on all threads of the context.
 * out [n × (to - from)]  W, NaN = missing, also where no shard is; the raw form in steps of the panel's one scale
 *
 * Errors:  DCL_E_ARG outside the panel, or raw of a panel of several scales; DCL_E_FORMAT a damaged shard, with its path and
 *          byte; DCL_E_NOT_FOUND a shard gone since; DCL_E_MEMORY; DCL_E_CANCELLED. After an error `out` holds anything.
 * Memory:  at most 2 MB a thread where rows have at most 65,536 slots.
 */
dcl_status dcl_panel_read(const dcl_context *context, const dcl_panel *panel, size_t first, size_t n,
                          size_t from, size_t to, float *out, dcl_error *error) DCL_MUST_USE;
dcl_status dcl_panel_read_raw(const dcl_context *context, const dcl_panel *panel, size_t first, size_t n,
                              size_t from, size_t to, int16_t *out, dcl_error *error) DCL_MUST_USE;

/**
 * A home of a panel, from its first reading to its last.
 * power_w [n_slots]  its row, W, NaN = missing; not referred to afterwards
 *
 * Errors:  DCL_E_NO_DATA a row without a reading; DCL_E_MEMORY. The home's id is in neither message.   Memory: a copy of the row.
 */
dcl_status dcl_panel_take_home(const dcl_panel_about *about, size_t home, const float *power_w,
                               dcl_arena *arena, dcl_home *out, dcl_error *error) DCL_MUST_USE;

/** Takes n homes from `first` on: power_w [n × n_slots], valid during the call. Not DCL_OK ends the pass with it. */
typedef dcl_status (*dcl_panel_fn)(void *arg, size_t first, size_t n, const float *power_w, dcl_error *error);

/**
 * Passes all homes in order, in blocks of as many as fit `memory` bytes (at least one home).
 * Errors: as dcl_panel_read(), and those of `take`.   Memory: `memory`, and that of dcl_panel_read().
 */
dcl_status dcl_panel_each(const dcl_context *context, const dcl_panel *panel, size_t memory,
                          dcl_panel_fn take, void *arg, dcl_error *error) DCL_MUST_USE;
/** The same of homes [from, to) alone; none is nothing to do. Errors: DCL_E_ARG beyond the panel. */
dcl_status dcl_panel_each_of(const dcl_context *context, const dcl_panel *panel, size_t from, size_t to,
                             size_t memory, dcl_panel_fn take, void *arg, dcl_error *error) DCL_MUST_USE;

/** How many quantiles dcl_panel_summarise() tells, and the share of a home's values below each: 0.1, 0.5, 0.9, 0.99. */
enum { DCL_SUMMARY_QUANTILES = 4 };
extern const double dcl_summary_share[DCL_SUMMARY_QUANTILES];

/**
 * Homes in numbers, W; the caller's. NaN where nothing is known.
 * present [n]  values that are not missing;  mean_w, max_w [n]
 * quantile_w [n × DCL_SUMMARY_QUANTILES]  the value that stands at ⌊share × (present − 1)⌋ of those in order, from 0
 * profile_w  [n × width]                  the mean of every width-th slot, from the first on: with a day's slots a mean day
 */
typedef struct dcl_panel_summary {
    uint64_t *present;
    float *mean_w, *max_w, *quantile_w, *profile_w;
} dcl_panel_summary;

/**
 * Tells homes of their raw values [n_homes × n_slots], as dcl_panel_read_raw() gives them.
 *
 * Errors:  DCL_E_ARG nothing there, more than 65,535 rows of `width` in n_slots, or a scale that is not above 0; DCL_E_MEMORY;
 *          DCL_E_CANCELLED.
 * Memory:  8 bytes a column of the profile and thread.   Threads: context->threads; the same bytes for any number.
 * Cost:    some twelve passes over a row that stays in the cache.
 */
dcl_status dcl_panel_summarise(const dcl_context *context, const int16_t *raw, size_t n_homes, size_t n_slots,
                               size_t width, double scale_w, const dcl_panel_summary *out,
                               dcl_error *error) DCL_MUST_USE;

/** Why a home, or a part of it, did not come into a panel: id, name in files, text after a count ("3 homes …"). */
#define DCL_PANEL_LEFT_TABLE(X)                                                                              \
    X(OTHER_PERIOD, "other_period", "of another step than the panel's")                                      \
    X(EMPTY, "empty", "without a usable reading")                                                            \
    X(NO_POWER, "no_power", "without active power")                                                          \
    X(BAD_NAME, "bad_name", "whose id is no name or an address")                                             \
    X(ALREADY_THERE, "already_there", "that the panel has up to its end already")

typedef enum dcl_panel_left {
#define DCL_X(id, name, text) DCL_PANEL_LEFT_##id,
    DCL_PANEL_LEFT_TABLE(DCL_X)
#undef DCL_X
        DCL_PANEL_LEFT_COUNT
} dcl_panel_left;

const char *dcl_panel_left_name(dcl_panel_left reason);
const char *dcl_panel_left_text(dcl_panel_left reason);

/** What an import brought. */
typedef struct dcl_panel_told {
    size_t homes, new_homes;                   /* with readings in this import; of them, new in the panel */
    size_t left[DCL_PANEL_LEFT_COUNT];         /* homes left out */
    char first_left[DCL_PANEL_LEFT_COUNT][64]; /* the id of the first of each */
    uint64_t readings, files_passed;
    dcl_excluded excluded[DCL_EXCLUSION_COUNT]; /* readings, over all homes */
    size_t homes_excluded[DCL_EXCLUSION_COUNT]; /* how many homes have such readings */
    uint32_t notes;
    char zone[64]; /* of local times, of the first home that has them */
} dcl_panel_told;

/** What inputs hold. */
typedef enum dcl_inputs {
    DCL_INPUTS_ONE,    /* one home, or nothing that can be told apart */
    DCL_INPUTS_HOMES,  /* many homes: Low Carbon London, a store of several homes, a panel */
    DCL_INPUTS_DEVICES /* many devices that are no home together: tracebase */
} dcl_inputs;

/**
 * What inputs hold, without reading more than it takes to know. With options->home, inputs that cannot be read twice (pipes) and
 * those that fail are told as one home: reading them says what is wrong.
 */
dcl_inputs dcl_inputs_hold(const dcl_context *context, const char *const *paths, size_t n_paths,
                           const dcl_read_options *options);

/** Whether an input is devices on meters of their own, each named by its type: tracebase, or a store made of it. */
bool dcl_inputs_devices(const char *path, const dcl_read_options *options);

/** Takes a home, valid during the call; without series where nothing of it could be used. */
typedef dcl_status (*dcl_home_fn)(void *arg, const dcl_home *home, dcl_error *error);

/**
 * Gives every home of the inputs in the order of its rows; one whose rows go on later is given again. Inputs that are one home
 * make one. Errors: as dcl_home_read(), and those of `take`. Memory: one home's readings.
 */
dcl_status dcl_homes_each(const dcl_context *context, const char *const *paths, size_t n_paths,
                          const dcl_read_options *options, dcl_home_fn take, void *arg,
                          dcl_error *error) DCL_MUST_USE;

/**
 * Reads every home of the inputs and writes their active power as a panel at `path`; with `append`, adds to the panel that is
 * there: days behind its end to homes that it has, and homes that it has not. A home is read at a time and kept in a file
 * without a name beside the panel, so that a home may go on in another input; rows that are there twice count once, those that
 * contradict each other are missing. The step is that of the panel, else options->period_us, else of the first home. The
 * scale is one for all, and the panel's where the values fit it.
 *
 * name  of the home where the inputs are one; NULL else
 *
 * Errors:  DCL_E_NO_DATA no home, or with `append` nothing new; those of dcl_home_read(), dcl_panel_open() and
 *          dcl_panel_shard_write(); DCL_E_IO.
 * Memory:  one home's readings, 100 bytes a home, and 256 MB.
 */
dcl_status dcl_panel_import(const dcl_context *context, const char *path, const char *const *inputs,
                            size_t n_inputs, const dcl_read_options *options, bool append, const char *name,
                            dcl_panel_told *told, dcl_error *error) DCL_MUST_USE;

/**
 * Reads every device of the inputs and writes a store in which each is a home of its own. A device whose rows come in several
 * places is one. Errors: as dcl_panel_import().  Memory: one device's readings, and the store.
 */
dcl_status dcl_store_import(const dcl_context *context, const char *path, const char *const *inputs,
                            size_t n_inputs, const dcl_read_options *options, const dcl_store_options *store,
                            dcl_panel_told *told, dcl_error *error) DCL_MUST_USE;

/** True for the channels that have a column in a NILMTK file. */
bool dcl_nilmtk_takes(dcl_channel channel);

/** What a NILMTK file got: its meters, and of the first one rows, span and step. */
typedef struct dcl_nilmtk_written {
    size_t meters, rows;
    int64_t from_us, to_us, period_us;
} dcl_nilmtk_written;

/**
 * Writes a home as a NILMTK data set (HDF5 tables of pandas), whole or not at all. Same input, same bytes.
 *
 * Meter 1 is the mains with the columns (power, active), (power, apparent), (power, reactive), voltage and current that the home has,
 * on the finest grid among them; a coarser channel repeats its mean. Meters 2 and on are the parts under `truth`, each on
 * its own grid; without any of those channels the parts begin at meter 1. Rows in which nothing is known are left out, as
 * NILMTK's own files do; what is missing in other rows is NaN. Phases, exported power and VA maxima have no place there.
 * The index is UTC in the file and shown in the context's zone (UTC where that is a fixed offset).
 *
 * written  may be NULL
 *
 * Errors: DCL_E_NO_DATA no channel with a column there; DCL_E_ARG moments outside the years 1678 to 2262; DCL_E_MEMORY;
 *         DCL_E_CANCELLED; DCL_E_IO with what the file system said.
 * Memory: the file, in memory.
 * Source: attributes of files by pandas 1.5.3 and PyTables 3.7.0; NILM Metadata 0.2 (Kelly and Knottenbelt 2014).
 */
dcl_status dcl_nilmtk_write(const dcl_context *context, const char *path, const dcl_home *home,
                            dcl_nilmtk_written *written, dcl_error *error) DCL_MUST_USE;

#endif
