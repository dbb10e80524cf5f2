/**
 * Appliance: what a load looks like, and which appliance it is.
 *
 * A signature is a plain array of numbers with a table of names; a number that the input does not tell is NaN. There is one
 * for a step, one for a run (a load from on to off), and one for the day of a load.
 */
#ifndef DECLIC_APPLIANCE_TYPES_H
#define DECLIC_APPLIANCE_TYPES_H

#include <declic/event.h>
#include <declic/learn_svm.h>

/* ---------------------------------------------------------------- signatures */

/** What a number of a signature needs beside active power. */
enum {
    DCL_NEEDS_NOTHING = 0,
    DCL_NEEDS_VA = 1 << 0,   /* apparent power */
    DCL_NEEDS_VAR = 1 << 1,  /* reactive power: the power factor of a step */
    DCL_NEEDS_HOUR = 1 << 2, /* civil time: habits of a home rather than the nature of a load */
    DCL_NEEDS_FAST = 1 << 3, /* samples 10 s apart or closer */
    DCL_NEEDS_OWN = 1 << 4   /* the load's own meter (a plug): a cycle cut out of the mains has none of it */
};

/**
 * The numbers of a step: id, name, needs. Powers in W, VA and var, times in s.
 * size_w, size_va, size_var   absolute differences of the levels; size_var keeps the sign it has as the load switches on
 * power_factor                |ΔW| / sqrt(ΔW² + Δvar²), 0 … 1
 * va_per_w                    ΔVA / ΔW of the step, 0.2 … 5; depends on what else is on
 * overshoot                   how far it went past the new level, as a share of its size
 * settle_s                    from the change to the new level
 */
#define DCL_STEP_TABLE(X)                                                                                    \
    X(SIZE_W, "size_w", DCL_NEEDS_NOTHING)                                                                   \
    X(SIZE_VA, "size_va", DCL_NEEDS_VA)                                                                      \
    X(SIZE_VAR, "size_var", DCL_NEEDS_VAR)                                                                   \
    X(POWER_FACTOR, "power_factor", DCL_NEEDS_VAR)                                                           \
    X(VA_PER_W, "va_per_w", DCL_NEEDS_VA)                                                                    \
    X(OVERSHOOT, "overshoot", DCL_NEEDS_NOTHING)                                                             \
    X(SETTLE_S, "settle_s", DCL_NEEDS_NOTHING)

/**
 * The numbers of a run: id, name, needs. p is the power above the standby level, W; "on" is p > 6 W.
 * duration_s, energy_wh, mean_w, max_w, p05_w … p95_w (quantiles of p), on_w (its median while on)
 * spread       deviation of p / mean
 * duty         share of the run with p above a tenth of max_w (6 W at least)
 * top, half    share above 9/10 and 1/2 of max_w
 * inrush       the most of the first 5 s / median of the minute after them
 * peak_p95, peak_on   max_w / p95_w, / on_w: short peaks
 * flicker, change, change95   median, mean and 95 % quantile of |difference of neighbours| / on_w, mean_w, max_w
 * slope        mean of the last third / of the first
 * head         mean of the first tenth / of all
 * steps, steps_per_min   differences beyond 30 % of max_w (10 W at least)
 * plateaus     runs of 5 samples and more that stay within 5 % (4 W at least)
 * longest, steady   the longest plateau, all of them / duration
 * plateau_w, plateau_max_w, plateau_spread   mean and largest plateau, their deviation / mean
 * heat, heat_s, motor, low   share above 700 W, its seconds, share of 50 to 700 W, of 6 to 50 W
 * standby_w    the level below the run
 * since_s, until_s   from the end of the run before, to the start of the next; 86,400 = there is none
 * whole        1 where the load is on all day: the run is the day
 * size_va, size_var, power_factor   mean VA and var above their level before, and W / sqrt(W² + var²)
 * hour         civil hour of the start
 */
#define DCL_RUN_TABLE(X)                                                                                     \
    X(DURATION_S, "duration_s", DCL_NEEDS_NOTHING)                                                           \
    X(ENERGY_WH, "energy_wh", DCL_NEEDS_NOTHING)                                                             \
    X(MEAN_W, "mean_w", DCL_NEEDS_NOTHING)                                                                   \
    X(MAX_W, "max_w", DCL_NEEDS_NOTHING)                                                                     \
    X(P05_W, "p05_w", DCL_NEEDS_NOTHING)                                                                     \
    X(P25_W, "p25_w", DCL_NEEDS_NOTHING)                                                                     \
    X(P50_W, "p50_w", DCL_NEEDS_NOTHING)                                                                     \
    X(P75_W, "p75_w", DCL_NEEDS_NOTHING)                                                                     \
    X(P95_W, "p95_w", DCL_NEEDS_NOTHING)                                                                     \
    X(ON_W, "on_w", DCL_NEEDS_NOTHING)                                                                       \
    X(SPREAD, "spread", DCL_NEEDS_NOTHING)                                                                   \
    X(DUTY, "duty", DCL_NEEDS_NOTHING)                                                                       \
    X(TOP, "top", DCL_NEEDS_NOTHING)                                                                         \
    X(HALF, "half", DCL_NEEDS_NOTHING)                                                                       \
    X(INRUSH, "inrush", DCL_NEEDS_FAST)                                                                      \
    X(PEAK_P95, "peak_p95", DCL_NEEDS_NOTHING)                                                               \
    X(PEAK_ON, "peak_on", DCL_NEEDS_NOTHING)                                                                 \
    X(FLICKER, "flicker", DCL_NEEDS_FAST)                                                                    \
    X(CHANGE, "change", DCL_NEEDS_FAST)                                                                      \
    X(CHANGE95, "change95", DCL_NEEDS_FAST)                                                                  \
    X(SLOPE, "slope", DCL_NEEDS_NOTHING)                                                                     \
    X(HEAD, "head", DCL_NEEDS_NOTHING)                                                                       \
    X(STEPS, "steps", DCL_NEEDS_NOTHING)                                                                     \
    X(STEPS_PER_MIN, "steps_per_min", DCL_NEEDS_NOTHING)                                                     \
    X(PLATEAUS, "plateaus", DCL_NEEDS_FAST)                                                                  \
    X(LONGEST, "longest", DCL_NEEDS_FAST)                                                                    \
    X(STEADY, "steady", DCL_NEEDS_FAST)                                                                      \
    X(PLATEAU_W, "plateau_w", DCL_NEEDS_FAST)                                                                \
    X(PLATEAU_MAX_W, "plateau_max_w", DCL_NEEDS_FAST)                                                        \
    X(PLATEAU_SPREAD, "plateau_spread", DCL_NEEDS_FAST)                                                      \
    X(HEAT, "heat", DCL_NEEDS_NOTHING)                                                                       \
    X(HEAT_S, "heat_s", DCL_NEEDS_NOTHING)                                                                   \
    X(MOTOR, "motor", DCL_NEEDS_NOTHING)                                                                     \
    X(LOW, "low", DCL_NEEDS_NOTHING)                                                                         \
    X(STANDBY_W, "standby_w", DCL_NEEDS_OWN)                                                                 \
    X(SINCE_S, "since_s", DCL_NEEDS_OWN)                                                                     \
    X(UNTIL_S, "until_s", DCL_NEEDS_OWN)                                                                     \
    X(WHOLE, "whole", DCL_NEEDS_OWN)                                                                         \
    X(SIZE_VA, "size_va", DCL_NEEDS_VA)                                                                      \
    X(SIZE_VAR, "size_var", DCL_NEEDS_VAR)                                                                   \
    X(POWER_FACTOR, "power_factor", DCL_NEEDS_VAR)                                                           \
    X(HOUR, "hour", DCL_NEEDS_HOUR)

enum {
#define DCL_X(id, name, needs) DCL_STEP_##id,
    DCL_STEP_TABLE(DCL_X)
#undef DCL_X
        DCL_STEP_COUNT
};
enum {
#define DCL_X(id, name, needs) DCL_RUN_##id,
    DCL_RUN_TABLE(DCL_X)
#undef DCL_X
        DCL_RUN_COUNT
};

/** Bands of the day's signature: power, W; differences of neighbours, W. */
#define DCL_DAY_BANDS   15
#define DCL_DAY_CHANGES 7

/**
 * Where each part of a day's signature begins; dcl_signature_name() names every number. A day is the load's own series of
 * a civil day, or of less.
 * LEVELS   quantiles of the power, W: 1, 5, 25, 50, 75, 90, 95, 99, 99.9 %, and the largest
 * TIME     share of the time in each band: below 1, 3, 6, 12, 25, 50, 100, 200, 400, 800, 1200, 1600, 2000, 2500 W, above
 * ENERGY   share of the energy in each band
 * CHANGES  how often an hour neighbours differ by 4-10, 10-25, 25-60, 60-150, 150-400, 400-1000 W, and more (fast series)
 * SHAPE    standby_w, mean_w, runs a day, share of the time in runs, median while on, deviation while on / mean, largest /
 *          median while on, median distance of the runs' starts, its deviation / mean, deviation of the runs' lengths /
 *          mean, median length, commonest power above standby, its share of the time on, 1 where on all day
 * RUNS     of each of DCL_RUN_DURATION_S … DCL_RUN_LOW, the median over runs weighted by energy
 * HOURS    share of the time in runs that falls in each quarter of the civil day
 */
enum {
    DCL_DAY_LEVELS = 0,
    DCL_DAY_TIME = DCL_DAY_LEVELS + 10,
    DCL_DAY_ENERGY = DCL_DAY_TIME + DCL_DAY_BANDS,
    DCL_DAY_CHANGE = DCL_DAY_ENERGY + DCL_DAY_BANDS,
    DCL_DAY_SHAPE = DCL_DAY_CHANGE + DCL_DAY_CHANGES,
    DCL_DAY_RUNS = DCL_DAY_SHAPE + 14,
    DCL_DAY_HOURS = DCL_DAY_RUNS + DCL_RUN_STANDBY_W,
    DCL_DAY_COUNT = DCL_DAY_HOURS + 4
};

/** Which signature. */
typedef enum dcl_signature_kind {
    DCL_SIGNATURE_STEP,
    DCL_SIGNATURE_RUN,
    DCL_SIGNATURE_DAY
} dcl_signature_kind;

/** How many numbers a kind of signature has; 0 for a number that is no kind. */
size_t dcl_signature_count(dcl_signature_kind kind);
/** Writes the name of a number ("duration_s", "time_3"); false where there is none. text [32]. */
bool dcl_signature_name(dcl_signature_kind kind, size_t i, char text[32]);
/** What that number needs: DCL_NEEDS_* bits. */
uint32_t dcl_signature_needs(dcl_signature_kind kind, size_t i);

/** The signature of a step. out [DCL_STEP_COUNT].   Memory: none. */
void dcl_signature_step(const dcl_edge *edge, float *out);

/**
 * A run of one load: from above its standby level to back there.
 * first, last  samples: [first, last) of the series
 * whole        the load is on all along: nothing ever goes back, and standby is 0
 */
typedef struct dcl_run {
    size_t first, last;
    float standby_w;
    bool whole;
} dcl_run;

/** The runs of a load, in order. */
typedef struct dcl_runs {
    dcl_run *run; /* [n], in the arena */
    size_t n;
    float standby_w;
} dcl_runs;

/** How runs are told apart. Start from dcl_run_defaults(). */
typedef struct dcl_run_options {
    double above_w;  /* on is more than so much above standby, W. Default 6 */
    double bridge_s; /* pauses up to this are part of the run, s. Default 60 */
    double least_s;  /* shorter is none, s. Default 10 */
} dcl_run_options;

dcl_run_options dcl_run_defaults(void);

/**
 * The runs of one load's own power (a plug, a sub-meter) over a day or so. Standby is the 2 % quantile of the power; a load
 * that never leaves its standby, off or on, is one run of the whole.
 *
 * Errors:  DCL_E_ARG an option below 0; DCL_E_NO_DATA no sample present; DCL_E_MEMORY.
 * Memory:  the arena gets 24 bytes a run.   Cost: O(n).
 */
dcl_status dcl_runs_find(const dcl_series *power_w, const dcl_run_options *options, dcl_arena *arena,
                         dcl_runs *out, dcl_error *error) DCL_MUST_USE;

/** A load's own channels on one grid; all but power_w may be NULL. zone NULL = no hours. */
typedef struct dcl_load {
    const dcl_series *power_w, *apparent_va, *reactive_var;
    const dcl_zone *zone;
} dcl_load;

/** The signature of run i of `runs`. out [DCL_RUN_COUNT].   Memory: 40 KB of stack.   Cost: O(samples of the run). */
void dcl_signature_run(const dcl_load *load, const dcl_runs *runs, size_t i, float *out);

/**
 * The signature of a load's day from its series and its runs.
 * run [runs->n × DCL_RUN_COUNT]  the signatures of the runs
 * out [DCL_DAY_COUNT]
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_signature_day(const dcl_load *load, const dcl_runs *runs, const float *run, float *out,
                             dcl_error *error) DCL_MUST_USE;

/** A load's day as models take it. run [runs.n × DCL_RUN_COUNT] and day [DCL_DAY_COUNT] live in the arena. */
typedef struct dcl_load_day {
    dcl_runs runs;
    float *run, *day;
} dcl_load_day;

/** Finds the runs of a load's day and describes them and the day. Errors and memory as dcl_runs_find(), and the signatures. */
dcl_status dcl_load_describe(const dcl_load *load, const dcl_run_options *options, dcl_arena *arena,
                             dcl_load_day *out, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- identification */

/** The longest label with its NUL, and the most views of a model. */
enum { DCL_LABEL_ROOM = 32, DCL_IDENTIFIER_VIEWS = 24 };

/**
 * One machine of a model: which signature it reads, and which of its numbers. A model holds several, for inputs that tell
 * more or less: the one with most numbers that fits is used. Of several with as many numbers, taught by different
 * examples, the geometric mean is; where a random forest stands beside one of them, the mean of that and of the forest's answer.
 */
typedef struct dcl_view {
    dcl_signature_kind kind;
    uint32_t needs;          /* DCL_NEEDS_*: all that its numbers need */
    const uint32_t *feature; /* [svm.features] numbers of the signature */
    dcl_svm svm;
    const struct dcl_grove *grove; /* a random forest on the same numbers; NULL = none */
} dcl_view;

/** Trees of a view's forest; 0 = it has none. */
uint32_t dcl_view_trees(const dcl_view *view);

/**
 * A model that names appliances. Constant, and shared by threads.
 * label   [classes]  names, unique: those of dcl_appliance_name() where there is one, else anybody's own
 * devices [classes]  how many devices taught it the label; 1 = it knows a single one
 * least              answers less sure than this are none, 0 … 1
 */
typedef struct dcl_identifier {
    const char (*label)[DCL_LABEL_ROOM];
    const uint32_t *devices;
    uint32_t classes;
    double least;
    const dcl_view *view;
    size_t n_views;
} dcl_identifier;

/**
 * Signatures of one kind to learn from. x [n × dcl_signature_count(kind)], label and group [n] as in dcl_rows.
 * trees  how many a random forest has that is learned beside the machines of a load on a meter of its own; 0 = none
 */
typedef struct dcl_examples {
    dcl_signature_kind kind;
    const float *x;
    const uint32_t *label, *group;
    size_t n;
    uint32_t trees;
} dcl_examples;

/** How a model is learned. Start from dcl_identifier_defaults(). */
typedef struct dcl_identifier_options {
    dcl_svm_options svm;
    double least; /* as in dcl_identifier. Default 0.6 */
    uint32_t
        except; /* DCL_NEEDS_* that no view may use. Default DCL_NEEDS_HOUR: a home's habits are not the load's nature */
} dcl_identifier_options;

dcl_identifier_options dcl_identifier_defaults(void);

/**
 * Learns the views of a model: for each set of examples one that needs active power alone, and, where half of the
 * examples know them, one more with apparent and one with reactive power; and, of runs, the same without the numbers that
 * need the load's own meter (DCL_NEEDS_OWN), for cycles that were cut out of the mains. Two sets of one kind (loads as they
 * are, and with their power scaled) give two views, which answer together. A forest that examples ask for answers with the
 * views that may read the load's own meter.
 *
 * label [classes]  names of the classes of all examples
 *
 * Errors:  DCL_E_ARG a label that is empty, too long or there twice; otherwise as dcl_svm_learn().
 * Memory:  the arena gets the machines.
 */
dcl_status dcl_identifier_learn(const dcl_context *context, const char *const *label, uint32_t classes,
                                const dcl_examples *examples, size_t n_examples,
                                const dcl_identifier_options *options, dcl_arena *arena, dcl_identifier *out,
                                dcl_error *error) DCL_MUST_USE;

/** Writes a model to a file, the same bytes for the same model. Errors: DCL_E_IO, DCL_E_NOT_FOUND, DCL_E_MEMORY. */
dcl_status dcl_identifier_write(const char *path, const dcl_identifier *identifier,
                                dcl_error *error) DCL_MUST_USE;
/** Reads one back. Errors: DCL_E_FORMAT damaged or a model of another kind; DCL_E_UNSUPPORTED of a newer version, or it
 *  reads numbers that this version does not have; DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_identifier_read(const char *path, dcl_arena *arena, dcl_identifier *out,
                               dcl_error *error) DCL_MUST_USE;
/** The same from the bytes of such a file, which are not needed afterwards. bytes [n].  Errors: as dcl_identifier_read(), with the
 *  byte and without a file; none of the file system. */
dcl_status dcl_identifier_open(const void *bytes, size_t n, dcl_arena *arena, dcl_identifier *out,
                               dcl_error *error) DCL_MUST_USE;
/**
 * The model that ships: types of appliances by a plug's day, its runs, or a cycle of the mains, at 1 s and slower; its card is
 * models/appliances-types/card.md. Part of the library, so that no file is looked for.
 *
 * Errors: DCL_E_MEMORY.   Memory: the arena gets some MB.   Cost: some ms; keep it for all that is to be named.
 */
dcl_status dcl_identifier_shipped(dcl_arena *arena, dcl_identifier *out, dcl_error *error) DCL_MUST_USE;

/**
 * An answer.
 * label       the class; UINT32_MAX = not sure enough to say, or no view fits
 * confidence  of the likeliest class, 0 … 1, said or not: how often such an answer was right on devices that did not teach it
 * likeliest   that class; UINT32_MAX = no view fits
 * view        the view that answered, the last of several
 */
typedef struct dcl_answer {
    uint32_t label, likeliest;
    double confidence;
    const dcl_view *view;
} dcl_answer;

/**
 * Names what a signature is of, or abstains. A view fits where every number that it reads and that needs apparent or
 * reactive power or the load's own meter is there; of the views that fit the one with most numbers answers, or those together.
 *
 * signature   [dcl_signature_count(kind)]
 * probability [classes]  what the views say together, which ranks answers; NULL = not wanted; 0 where no view fits
 *
 * Errors: DCL_E_MEMORY.
 */
dcl_status dcl_identify(const dcl_kernels *kernels, const dcl_identifier *identifier, dcl_signature_kind kind,
                        const float *signature, double *probability, dcl_answer *out,
                        dcl_error *error) DCL_MUST_USE;

/**
 * Names a load's day from its own signature and those of its runs: the machines for days and for runs each give
 * probabilities, the runs' summed by energy; the answer is their geometric mean, where the day weighs a little more and neither
 * alone rules a class out. Where the model has one of the two, that.
 *
 * day [DCL_DAY_COUNT], run [n_runs × DCL_RUN_COUNT], probability as dcl_identify()
 */
dcl_status dcl_identify_day(const dcl_kernels *kernels, const dcl_identifier *identifier, const float *day,
                            const float *run, size_t n_runs, double *probability, dcl_answer *out,
                            dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- devices that teach */

/**
 * The label of a type as data sets and people call it: "LaundryDrier" is dryer, "Coffee machine" coffee_machine. A type
 * without a label of ours keeps its own letters and digits, small, its words joined by _. False, and an empty label, where
 * nothing is left or it does not fit.
 */
bool dcl_type_label(const char *name, char label[DCL_LABEL_ROOM]);
/** The kind of appliance that a label is of: laptop is a DCL_APPLIANCE_COMPUTER; UNKNOWN where there is none. */
dcl_appliance dcl_type_kind(const char *label);

/** A day of a device teaches at so many scales of its power: 1, 0.8, 1.25. */
enum { DCL_DEVICE_SCALES = 3 };

/**
 * A device on a meter of its own.
 * id        tells it from the others: one plug, one machine
 * label     its type, a place in dcl_devices.label
 * left_out  a model must not know it: the devices that a bench judges by
 */
typedef struct dcl_device {
    char id[64];
    uint32_t label;
    bool left_out;
} dcl_device;

/** A day of a device, described. device: a place in dcl_devices.device; at: the day at each scale. */
typedef struct dcl_device_day {
    size_t device;
    dcl_load_day at[DCL_DEVICE_SCALES];
} dcl_device_day;

/** Devices whose type is known, and their days in any order; the order of days and labels is part of what is learned. */
typedef struct dcl_devices {
    const char *const *label; /* [classes] */
    uint32_t classes;
    const dcl_device *device; /* [n] */
    size_t n;
    const dcl_device_day *day; /* [n_days] */
    size_t n_days;
} dcl_devices;

/**
 * Describes a device's day as it is and with its power scaled; out->device is left to the caller.
 *
 * load   the device's own channels over a civil day or less, as its meter gave them
 *
 * Errors:  DCL_E_NO_DATA a day below 1 Wh, which names nothing, or without a reading; DCL_E_MEMORY.
 * Memory:  as dcl_load_describe() for each scale; a copy of the series while it runs.
 */
dcl_status dcl_device_day_describe(const dcl_load *load, dcl_arena *arena, dcl_device_day *out,
                                   dcl_error *error) DCL_MUST_USE;

/** How devices teach. Start from dcl_devices_defaults(). */
typedef struct dcl_devices_options {
    dcl_identifier_options identifier; /* its svm: C = 16, gamma 0.4, one sigmoid, 5 folds */
    uint32_t runs; /* runs of a device at each scale, drawn by lot where there are more. Default 40 */
    uint32_t days; /* days of a device, likewise. Default 20 */
    uint32_t trees; /* of the forest beside the machines for runs; 0 = none. Default 100 */
} dcl_devices_options;

dcl_devices_options dcl_devices_defaults(void);

/**
 * Learns to name types from devices: a machine for days taught at all scales, so that it knows shapes rather than its
 * devices' watts, and two for runs, one at all scales with a random forest beside it and one of the runs as they are. Folds
 * hold whole devices.
 *
 * Errors:  DCL_E_ARG a day of no device, a device of no label; DCL_E_NO_DATA fewer than two types with two devices each, so
 *          that nothing could be tried on a device that did not teach it; otherwise as dcl_identifier_learn().
 * Memory:  the arena gets the machines; a copy of the signatures while it runs.
 */
dcl_status dcl_devices_learn(const dcl_context *context, const dcl_devices *devices,
                             const dcl_devices_options *options, dcl_arena *arena, dcl_identifier *out,
                             dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- programmes */

/** What a programme is made of, in order of time. */
typedef enum dcl_phase_kind { DCL_PHASE_HEAT, DCL_PHASE_MOTOR } dcl_phase_kind;

typedef struct dcl_phase {
    int64_t start_us, end_us;
    float mean_w;
    dcl_phase_kind kind;
} dcl_phase;

/**
 * A run of a machine that works in phases: water is heated, a drum turns, a pump empties.
 * heat_w     power of its heating element, W
 * heat_s     seconds of heating; blocks: how many times
 * phase      [n] its phases, heating and others
 */
typedef struct dcl_programme {
    int64_t start_us, end_us;
    double energy_wh;
    float heat_w, heat_s;
    uint32_t blocks;
    const dcl_phase *phase;
    size_t n;
} dcl_programme;

/** How programmes are put together. Start from dcl_programme_defaults(). */
typedef struct dcl_programme_options {
    double heat_w;       /* smallest heating element, W. Default 1000 */
    double heat_least_s; /* shortest block of heating, s. Default 60 */
    double heat_all_s;   /* all blocks together, s: a kettle boils for less, again and again. Default 480 */
    double like_share;   /* blocks of one element differ at most by this share. Default 0.06 */
    double gap_s;        /* longest pause between two blocks of one programme, s. Default 4200 */
    double
        lead_s; /* so long before the first block and after the last, phases belong to it, s. Default 1500 */
    double motor_w;     /* largest phase that is no heating, W. Default 700 */
    uint32_t pulses;    /* so many phases in a row are a drum, whatever heats. Default 12 */
    double pulse_gap_s; /* with at most so much between them, s. Default 300 */
    double drum_s;      /* over so long at least, s. Default 1200 */
} dcl_programme_options;

dcl_programme_options dcl_programme_defaults(void);

/**
 * Puts programmes together from a home's cycles: blocks of heating of one power with pauses of minutes, and the
 * smaller cycles around that no recurrence of a regular period (a fridge) claims. A single block is a programme where such
 * phases follow it within lead_s. A drum that turns back and forth is a train of many short phases: such a train is a
 * programme of its own, with the heating that overlaps it. member tells for each cycle the programme it went to.
 *
 * out [n]             those with a drum's train first, each part in order of time
 * member [cycles->n]  number of its programme from 1; 0 = none; NULL = not wanted
 *
 * Errors:  DCL_E_ARG an option out of range; DCL_E_MEMORY.
 * Memory:  the arena gets the programmes and 32 bytes a phase.   Cost: O(n²) in blocks of heating.
 */
dcl_status dcl_programmes_find(const dcl_cycles *cycles, const dcl_programme_options *options,
                               dcl_arena *arena, dcl_programme **out, size_t *n, uint32_t *member,
                               dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- unknowns */

/**
 * A recurring load without a name, as a person would recognise it: "unknown 3: 1.2 kW, 40 min, mornings".
 * number       from 1, by energy, the largest first
 * recurrence   its place in dcl_cycles.recurrence
 * part         of the day in which it starts: 0 mornings (5 to 11 h), 1 afternoons, 2 evenings, 3 nights; -1 = at any time
 * energy_wh    of all its cycles
 * text         the line above; "every 70 min" in place of a time of day where it comes at a regular distance
 */
typedef struct dcl_unknown {
    uint32_t number;
    size_t recurrence;
    int part;
    double energy_wh;
    char text[96];
} dcl_unknown;

/**
 * The recurrences of which fewer than half of the cycles have a name, as unknowns.
 *
 * own [cycles->n]  names that are no kind of appliance, NULL = none; NULL = there are no such names
 *
 * Errors: DCL_E_MEMORY.   Memory: the arena gets them.
 */
dcl_status dcl_unknowns_find(const dcl_cycles *cycles, const char *const *own, dcl_arena *arena,
                             dcl_unknown **out, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
