/**
 * Base: what every room stands on. Status and errors, the context, the arena, channels and kinds, civil time.
 */
#ifndef DECLIC_BASE_H
#define DECLIC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---------------------------------------------------------------- status and errors */

/** Every status of the library: name, text. The one place where both are written. */
#define DCL_STATUS_TABLE(X)                                                                                  \
    X(OK, "done")                                                                                            \
    X(E_ARG, "an argument is outside its range")                                                             \
    X(E_SPACE, "the output has too little room")                                                             \
    X(E_MEMORY, "out of memory")                                                                             \
    X(E_IO, "the file system failed")                                                                        \
    X(E_NOT_FOUND, "no such file or item")                                                                   \
    X(E_FORMAT, "the input is not in the form expected")                                                     \
    X(E_NO_DATA, "the input holds no usable data")                                                           \
    X(E_UNSUPPORTED, "this machine or build cannot do that")                                                 \
    X(E_CANCELLED, "interrupted")

typedef enum dcl_status {
#define DCL_X(name, text) DCL_##name,
    DCL_STATUS_TABLE(DCL_X)
#undef DCL_X
        DCL_STATUS_COUNT
} dcl_status;

#if defined(__GNUC__)
#define DCL_MUST_USE __attribute__((warn_unused_result))
#else
#define DCL_MUST_USE
#endif

/** A constant English text for a status; "unknown status" for a number that is none. */
const char *dcl_status_text(dcl_status status);

/** Where an error was found. Zero line and negative byte mean "not known". */
typedef struct dcl_pos {
    int64_t line; /* 1-based */
    int64_t byte; /* 0-based offset in the uncompressed bytes */
} dcl_pos;

/** What went wrong, filled by parsers and I/O. `file` and `msg` are cut to fit, never overrun. */
typedef struct dcl_error {
    dcl_status code;
    dcl_pos pos;
    char file[256];
    char msg[384];
} dcl_error;

/* ---------------------------------------------------------------- arena */

/**
 * Memory of a stage's results: grows by blocks, freed as a whole.
 * limit [bytes]  the most it may hold; 0 = no limit. A small limit makes every out-of-memory path reachable.
 * Threads: one thread at a time.
 */
typedef struct dcl_arena {
    struct dcl_arena_block *head;
    size_t held, limit;
} dcl_arena;

/** Zeroed memory aligned to 64 bytes, or NULL when the limit or the machine's memory is reached. n = 0 is 1.
 */
void *dcl_arena_alloc(dcl_arena *arena, size_t count, size_t size);
/**
 * Makes memory of malloc() the arena's, to be freed with it: a large result is not copied into it.
 * bytes  what it counts for of `limit`, > 0
 * False, and the memory stays the caller's, when the limit or the machine's memory is reached.
 */
bool dcl_arena_adopt(dcl_arena *arena, void *memory, size_t bytes) DCL_MUST_USE;
/** A copy of `text` in the arena, or NULL. */
char *dcl_arena_strdup(dcl_arena *arena, const char *text);
/** Frees all that was taken; the arena can be used again. */
void dcl_arena_free(dcl_arena *arena);

/* ---------------------------------------------------------------- many processes */

/**
 * Processes that do one stage together, each a part of it: all call it with the same arguments and a `rank` of their own, 0 … n - 1.
 * What comes out is what one process gives, byte for byte, and is whole at rank 0. The functions are called in the same order by all.
 *
 * agree   every process comes here, in whatever state. DCL_OK when all are well; else status and error of the lowest that is not, for
 *         all of them, and for every later call
 * gather  rank 0 gets the bytes of all others in order of rank into bytes [n], which they fill; another rank gives its n bytes
 * share   the bytes [n] of rank 0, for all
 */
typedef struct dcl_ranks {
    size_t rank, n;
    dcl_status (*agree)(void *arg, dcl_status status, dcl_error *error);
    dcl_status (*gather)(void *arg, void *bytes, size_t n, dcl_error *error);
    dcl_status (*share)(void *arg, void *bytes, size_t n, dcl_error *error);
    void *arg;
} dcl_ranks;

/* ---------------------------------------------------------------- context */

/**
 * Progress of long work. done and total are in `unit` ("B", "rows", "days"…); total 0 = not known.
 * Called from the thread that called the stage, at most some tens of times a second's work.
 */
typedef void (*dcl_progress_fn)(void *arg, const char *what, const char *unit, uint64_t done, uint64_t total);

struct dcl_kernels;
typedef struct dcl_zone dcl_zone;

/** What a stage may know of its surroundings; passed to every stage, nothing of it is global. */
typedef struct dcl_context {
    const struct dcl_kernels *kernels; /* never NULL in a stage: dcl_kernels_select() */
    int threads;                       /* >= 1 */
    uint64_t seed;                     /* of counter-based random numbers */
    const dcl_zone *zone;              /* civil time of tariffs, calendars and reports */
    int64_t now_us;                    /* UTC microseconds; the library never reads the wall clock */
    dcl_progress_fn progress;          /* NULL = silent */
    void *progress_arg;
    const volatile int *cancel; /* nonzero asks a stage to stop with DCL_E_CANCELLED; NULL = never */
    const dcl_ranks *ranks; /* other processes that a stage may share its work with; NULL = this one alone */
} dcl_context;

/** True when the caller asked to stop. */
static inline bool dcl_cancelled(const dcl_context *context) {
    return context->cancel && *context->cancel;
}

/* ---------------------------------------------------------------- channels and kinds */

/** Channels: id, name in files, unit. Per-phase channels follow their total. */
#define DCL_CHANNEL_TABLE(X)                                                                                 \
    X(POWER_W, "power_w", "W")                                                                               \
    X(POWER_W_L1, "power_w_l1", "W")                                                                         \
    X(POWER_W_L2, "power_w_l2", "W")                                                                         \
    X(POWER_W_L3, "power_w_l3", "W")                                                                         \
    X(APPARENT_VA, "apparent_va", "VA")                                                                      \
    X(APPARENT_VA_L1, "apparent_va_l1", "VA")                                                                \
    X(APPARENT_VA_L2, "apparent_va_l2", "VA")                                                                \
    X(APPARENT_VA_L3, "apparent_va_l3", "VA")                                                                \
    X(REACTIVE_VAR, "reactive_var", "var")                                                                   \
    X(REACTIVE_VAR_L1, "reactive_var_l1", "var")                                                             \
    X(REACTIVE_VAR_L2, "reactive_var_l2", "var")                                                             \
    X(REACTIVE_VAR_L3, "reactive_var_l3", "var")                                                             \
    X(VOLTAGE_V, "voltage_v", "V")                                                                           \
    X(VOLTAGE_V_L1, "voltage_v_l1", "V")                                                                     \
    X(VOLTAGE_V_L2, "voltage_v_l2", "V")                                                                     \
    X(VOLTAGE_V_L3, "voltage_v_l3", "V")                                                                     \
    X(CURRENT_A, "current_a", "A")                                                                           \
    X(CURRENT_A_L1, "current_a_l1", "A")                                                                     \
    X(CURRENT_A_L2, "current_a_l2", "A")                                                                     \
    X(CURRENT_A_L3, "current_a_l3", "A")                                                                     \
    X(EXPORT_W, "export_w", "W")                                                                             \
    /* Where active power is an estimate: what it lies between, and its share of apparent power. */          \
    X(POWER_LOW_W, "power_low_w", "W")                                                                       \
    X(POWER_HIGH_W, "power_high_w", "W")                                                                     \
    X(POWER_FACTOR, "power_factor", "1")

typedef enum dcl_channel {
#define DCL_X(id, name, unit) DCL_##id,
    DCL_CHANNEL_TABLE(DCL_X)
#undef DCL_X
        DCL_CHANNEL_COUNT
} dcl_channel;

/** The channel's name in files ("power_w"); NULL for a number that is none. */
const char *dcl_channel_name(dcl_channel channel);
/** The channel's unit ("W"); NULL for a number that is none. */
const char *dcl_channel_unit(dcl_channel channel);
/** The channel of a name; DCL_CHANNEL_COUNT when there is none. */
dcl_channel dcl_channel_find(const char *name);

/** Kinds of appliance. Programs rely on the numbers: add at the end, never renumber. */
#define DCL_APPLIANCE_TABLE(X)                                                                               \
    X(UNKNOWN, "unknown")                                                                                    \
    X(FRIDGE, "fridge")                                                                                      \
    X(FREEZER, "freezer")                                                                                    \
    X(KETTLE, "kettle")                                                                                      \
    X(WASHING_MACHINE, "washing_machine")                                                                    \
    X(DISHWASHER, "dishwasher")                                                                              \
    X(DRYER, "dryer")                                                                                        \
    X(WATER_HEATER, "water_heater")                                                                          \
    X(SPACE_HEATER, "space_heater")                                                                          \
    X(LIGHTS, "lights")                                                                                      \
    X(MICROWAVE, "microwave")                                                                                \
    X(OVEN, "oven")                                                                                          \
    X(HOB, "hob")                                                                                            \
    X(COFFEE_MACHINE, "coffee_machine")                                                                      \
    X(TELEVISION, "television")                                                                              \
    X(COMPUTER, "computer")                                                                                  \
    X(VACUUM, "vacuum")                                                                                      \
    X(HEAT_PUMP, "heat_pump")                                                                                \
    X(AIR_CONDITIONER, "air_conditioner")                                                                    \
    X(VEHICLE, "vehicle")                                                                                    \
    X(STANDBY, "standby")                                                                                    \
    X(COLD, "cold_appliance")   /* a fridge or a freezer: a compressor's rhythm does not tell which */       \
    X(CIRCULATOR, "circulator") /* the pump and the fan of a boiler that burns something */                  \
    X(SOLAR, "solar")           /* panels of the home; their power is negative */

typedef enum dcl_appliance {
#define DCL_X(id, name) DCL_APPLIANCE_##id,
    DCL_APPLIANCE_TABLE(DCL_X)
#undef DCL_X
        DCL_APPLIANCE_COUNT
} dcl_appliance;

/** The name of a kind of appliance ("fridge"); NULL for a number that is none. */
const char *dcl_appliance_name(dcl_appliance kind);

/**
 * Kinds of household: who lives there, and whether electricity heats the rooms. Programs rely on the numbers: add at the end,
 * never renumber.
 */
#define DCL_HOUSEHOLD_TABLE(X)                                                                               \
    X(UNKNOWN, "unknown")                                                                                    \
    X(RETIRED_GAS, "retired_gas") /* a couple past work */                                                   \
    X(RETIRED_ELECTRIC, "retired_electric")                                                                  \
    X(FAMILY_GAS, "family_gas") /* parents with children */                                                  \
    X(FAMILY_ELECTRIC, "family_electric")                                                                    \
    X(WORKER_GAS, "worker_gas") /* one who goes to work by day */                                            \
    X(WORKER_ELECTRIC, "worker_electric")                                                                    \
    X(NIGHT_GAS, "night_gas") /* one who works at night */                                                   \
    X(NIGHT_ELECTRIC, "night_electric")                                                                      \
    X(SECOND_GAS, "second_gas") /* a home that is not lived in all year */                                   \
    X(SECOND_ELECTRIC, "second_electric")

typedef enum dcl_household {
#define DCL_X(id, name) DCL_HOUSEHOLD_##id,
    DCL_HOUSEHOLD_TABLE(DCL_X)
#undef DCL_X
        DCL_HOUSEHOLD_COUNT
} dcl_household;

/** The name of a kind of household ("family_gas"); NULL for a number that is none. */
const char *dcl_household_name(dcl_household kind);
/** The kind of a name; DCL_HOUSEHOLD_COUNT when there is none. */
dcl_household dcl_household_find(const char *name);

/* ---------------------------------------------------------------- civil time */

#define DCL_SECOND_US INT64_C(1000000)
#define DCL_MINUTE_US (60 * DCL_SECOND_US)
#define DCL_HOUR_US   (3600 * DCL_SECOND_US)
#define DCL_DAY_US    (86400 * DCL_SECOND_US)

/*
 * Moments are UTC microseconds within ±2^62 (146,000 years from 1970), days within the same span. Where civil
 * time must be made of a moment further away than that, the caller refuses it.
 */

/** A moment as a clock on a wall shows it (proleptic Gregorian). */
typedef struct dcl_civil {
    int year, month, day;     /* month 1-12, day 1-31 */
    int hour, minute, second; /* hour 0-23 */
    int microsecond;          /* 0-999999 */
} dcl_civil;

/** Days since 1970-01-01 of a date. Any year within +-1,000,000. Source: Hinnant, "chrono-Compatible
 *  Low-Level Date Algorithms", 2013. */
int64_t dcl_days_from_date(int year, int month, int day);
/** The date of a number of days since 1970-01-01; the clock fields are 0. */
dcl_civil dcl_date_from_days(int64_t days);
/** Day of the week of a number of days since 1970-01-01: 0 = Monday … 6 = Sunday. */
int dcl_weekday(int64_t days);
/** True when the fields are a real date and time of day. */
bool dcl_civil_valid(const dcl_civil *civil);

/**
 * Opens a zone of the system's TZif database ("Europe/Paris") or a fixed offset ("UTC", "+01:00").
 *
 * Errors:  DCL_E_NOT_FOUND no such zone (package tzdata); DCL_E_FORMAT a damaged file, with the byte.
 * Memory:  some kB, released by dcl_zone_close().   Threads: an open zone may be shared.
 */
dcl_status dcl_zone_open(const char *name, dcl_zone **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_zone_close(dcl_zone **zone);
/** The name it was opened with. */
const char *dcl_zone_name(const dcl_zone *zone);
/** Seconds to add to UTC for the civil time at `time_us`. */
int32_t dcl_zone_offset_s(const dcl_zone *zone, int64_t time_us);
/** The civil time of a moment. */
dcl_civil dcl_zone_civil(const dcl_zone *zone, int64_t time_us);

/** How a civil time maps to moments: one, two (clocks went back), none (clocks went forward). */
typedef enum dcl_fold { DCL_FOLD_ONE, DCL_FOLD_TWO, DCL_FOLD_NONE } dcl_fold;

/**
 * The moment of a civil time. Where there are two, the earlier in out[0] and the later in out[1]; else both
 * are the same. Where there is none, the moment that the offset before the change gives (02:30 → 03:30 summer
 * time).
 */
dcl_fold dcl_zone_moment(const dcl_zone *zone, const dcl_civil *civil, int64_t out[2]);
/** The first moment of the civil day that is `days` after 1970-01-01: days of 23 and 25 hours are normal. */
int64_t dcl_zone_day_start(const dcl_zone *zone, int64_t days);
/** The civil day (days since 1970-01-01) of a moment. */
int64_t dcl_zone_day(const dcl_zone *zone, int64_t time_us);

/**
 * Reads an ISO 8601 moment: date, then optional `T` or space, time with optional seconds and fraction, and
 * optional `Z` or offset. has_offset tells whether one was there; without it *time_us is that civil time
 * taken as UTC. n bytes at `text`, all must be used.   Errors: DCL_E_FORMAT.
 */
dcl_status dcl_time_parse(const char *text, size_t n, int64_t *time_us, bool *has_offset) DCL_MUST_USE;
/** Writes `2026-01-31T12:00:00Z` (with a fraction only where there is one). out [32]. Returns the length. */
size_t dcl_time_format(int64_t time_us, char out[32]);

#endif
