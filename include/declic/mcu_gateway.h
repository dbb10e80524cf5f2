/**
 * Gateway code: télé-information in, records out. Freestanding, as declic/mcu.h.
 *
 * One struct of fixed size, one call a byte: frames, active power, steps with the appliance that they are of, means of
 * minutes, a forecast of the next minute and of today, records of some bytes each. Compiled on the host from the same
 * files; integers alone, so that both say the same.
 */
#ifndef DECLIC_MCU_GATEWAY_H
#define DECLIC_MCU_GATEWAY_H

#include <declic/mcu.h>
#include <declic/mcu_trees.h>

/* ---------------------------------------------------------------- running features */

/**
 * What a forecast of the next minute knows: id, name, unit, integers a unit (num, den). Times are of the home's clock.
 * now          power at the end of the last minute
 * mean_1 …     mean of the last minute, of the one before, of the third last; of the last 5, 15, 60
 * least, most  of the means of the last 60 minutes
 * held         minutes since a mean differed from the last one by more than 100 W, at most 600
 * minute, weekday  of the minute that is forecast; 0 = midnight, Monday
 * before, week     mean of its half hour yesterday, and over the days of the last seven that are known; -1 = none is
 */
#define DCL_MINUTE_FEATURES(X)                                                                               \
    X(NOW, "now", "W", 1, 1)                                                                                 \
    X(MEAN_1, "mean_1", "W", 1, 1)                                                                           \
    X(MEAN_2, "mean_2", "W", 1, 1)                                                                           \
    X(MEAN_3, "mean_3", "W", 1, 1)                                                                           \
    X(MEAN_5, "mean_5", "W", 1, 1)                                                                           \
    X(MEAN_15, "mean_15", "W", 1, 1)                                                                         \
    X(MEAN_60, "mean_60", "W", 1, 1)                                                                         \
    X(LEAST_60, "least_60", "W", 1, 1)                                                                       \
    X(MOST_60, "most_60", "W", 1, 1)                                                                         \
    X(HELD, "held", "min", 1, 1)                                                                             \
    X(MINUTE, "minute", "min", 1, 1)                                                                         \
    X(WEEKDAY, "weekday", "d", 1, 1)                                                                         \
    X(BEFORE, "before", "W", 1, 1)                                                                           \
    X(WEEK, "week", "W", 1, 1)

/**
 * What a forecast of today's energy knows: how today compares with the plain guess of what is left of it, so that homes of any size
 * are alike. Thousandths; the plain guess is dcl_mcu_today.plain.
 * ahead           today so far less the same on average of the known days of the last seven, by that; -2 = none is known
 * before, weekday what followed this time of the day yesterday and seven days ago, by the plain guess; -1 = not known
 * load_15, load_60, load_least  what would come if the power stayed at the mean of the last 15, 60 minutes, or at the least
 *                 mean of the last 60, by the plain guess
 */
#define DCL_TODAY_FEATURES(X)                                                                                \
    X(AHEAD, "ahead", "1", 1000, 1)                                                                          \
    X(BEFORE, "before", "1", 1000, 1)                                                                        \
    X(WEEKDAY, "weekday", "1", 1000, 1)                                                                      \
    X(LOAD_15, "load_15", "1", 1000, 1)                                                                      \
    X(LOAD_60, "load_60", "1", 1000, 1)                                                                      \
    X(LOAD_LEAST, "load_least", "1", 1000, 1)

/**
 * What the name of a step is told by: few levels of few numbers, so that a model knows nearly all of them.
 * sign    1 = a rise, -1 = a fall; the other numbers are of the load as it comes on
 * size    VA by eighths of an octave: dcl_mcu_level(VA, 3)
 * factor  |W| / sqrt(W² + var²), twentieths
 * since   of a fall, since a step of that size came on; of a rise, since one went off; by halves of an octave:
 *         dcl_mcu_level(s / 4, 1); -1 = unknown
 */
#define DCL_STEP_FEATURES(X)                                                                                 \
    X(SIGN, "sign", "1", 1, 1)                                                                               \
    X(SIZE, "size", "level", 1, 1)                                                                           \
    X(FACTOR, "factor", "1", 20, 1)                                                                          \
    X(SINCE, "since", "level", 1, 1)

enum {
#define DCL_X(id, name, unit, num, den) DCL_MINUTE_##id,
    DCL_MINUTE_FEATURES(DCL_X)
#undef DCL_X
        DCL_MINUTE_COUNT
};
enum {
#define DCL_X(id, name, unit, num, den) DCL_TODAY_##id,
    DCL_TODAY_FEATURES(DCL_X)
#undef DCL_X
        DCL_TODAY_COUNT
};
enum {
#define DCL_X(id, name, unit, num, den) DCL_GATEWAY_STEP_##id,
    DCL_STEP_FEATURES(DCL_X)
#undef DCL_X
        DCL_GATEWAY_STEP_COUNT
};

/** The features of a purpose and how many; NULL and 0 for DCL_BLOB_ANY. */
const dcl_mcu_feature *dcl_mcu_features(dcl_blob_kind kind, uint32_t *n);
/** Their schema, as a blob for that purpose must have it. */
uint32_t dcl_mcu_features_schema(dcl_blob_kind kind);

/** A number by steps that grow with it, 2^bits of them an octave; numbers below 2^bits are themselves. */
int16_t dcl_mcu_level(uint32_t value, uint32_t bits);

/** Half hours of a day, and days that are kept: today and the seven before. */
enum { DCL_HALF_HOURS = 48, DCL_DAYS_KEPT = 8 };

/**
 * Means of minutes while they come. All zero is the start.
 * minute  the one that comes next, since 2000-01-01, UTC; offset: minutes of the home's clock before UTC
 */
typedef struct dcl_mcu_running {
    uint32_t minute, local;
    int32_t today_wmin, part_wmin;                  /* W × min: of today, of this half hour */
    uint16_t half_w[DCL_DAYS_KEPT][DCL_HALF_HOURS]; /* means, by local day and half hour */
    uint16_t minutes, base_w, held; /* heard of today; of this half hour before; as the feature */
    int16_t last_w[60];
    uint8_t known, at, n, started; /* days, a bit each; ring of last_w */
} dcl_mcu_running;

/**
 * Takes the mean of the minute `minute`. A minute behind the one that is due, or more than a day after it, begins anew; minutes that
 * are passed over count as not heard.
 * mean_w  0 … 32,766
 */
void dcl_mcu_running_minute(dcl_mcu_running *running, uint32_t minute, int32_t offset_minutes,
                            int32_t mean_w);
/** The features of the minute that comes next. x [DCL_MINUTE_COUNT]; needs a minute heard. */
void dcl_mcu_running_next(const dcl_mcu_running *running, int32_t now_w, int16_t *x);
/**
 * Today, in 10 Wh: its energy until the minute that comes next, and the plain guess of what is still to come, at least 1: what
 * came on average of the known days of the last seven, or as if the mean of the last hour went on.
 */
typedef struct dcl_mcu_today {
    int32_t so_far, plain;
} dcl_mcu_today;
/** Today, and the features of what is left of it. x [DCL_TODAY_COUNT]. */
dcl_mcu_today dcl_mcu_running_today(const dcl_mcu_running *running, int16_t *x);
/** Whether there is anything to guess today by: a whole day before, or an hour of it. */
int dcl_mcu_running_knows_today(const dcl_mcu_running *running);

/** What stands for a forecast that there is none of. */
enum { DCL_GATEWAY_NONE = 65535 };

/**
 * Forecasts by a forest for that purpose (all zero: none), DCL_GATEWAY_NONE where it cannot be told:
 * the mean of the minute that comes next, W, from the power now; needs a minute heard;
 * the energy of the whole of today, 10 Wh; needs what dcl_mcu_running_knows_today() asks for.
 */
uint32_t dcl_mcu_forecast_next(const dcl_mcu_forest *forest, const dcl_mcu_running *running, int32_t now_w);
uint32_t dcl_mcu_forecast_today(const dcl_mcu_forest *forest, const dcl_mcu_running *running);

/* ---------------------------------------------------------------- steps */

/** Steps smaller than this are none: 30 VA, in 0.1 VA. And loads whose size is remembered. */
enum { DCL_STEP_LEAST = 300, DCL_STEP_LOADS = 16 };

/** A size of step, and when it was last seen to come on or go off. */
typedef struct dcl_mcu_switch {
    uint32_t at_ms;
    int16_t va;
    uint8_t on, used;
} dcl_mcu_switch;

/**
 * A step as it left: rises are above 0, in VA, W and var; factor and its bounds in thousandths; overshoot past the new level, VA; settle,
 * frames until it held; since, s, -1 = unknown; sparse: frames were so far apart that its moment and shape are not known.
 */
typedef struct dcl_mcu_step {
    uint32_t at_ms;
    int32_t since;
    int16_t va, w, var, factor, factor_low, factor_high, overshoot;
    uint8_t settle, sparse;
} dcl_mcu_step;

/** What a model is asked with. x [DCL_GATEWAY_STEP_COUNT]. */
void dcl_mcu_step_features(const dcl_mcu_step *step, int16_t *x);

typedef struct dcl_mcu_steps {
    dcl_mcu_edge edge;
    int32_t before, last, peak; /* 0.1 VA */
    uint32_t start_ms, last_ms;
    uint8_t moving, quiet, frames, sparse, known;
    dcl_mcu_fusion_step fused; /* the step as the fusion saw it, by the last frame of its level */
    dcl_mcu_switch load[DCL_STEP_LOADS];
} dcl_mcu_steps;

void dcl_mcu_steps_init(dcl_mcu_steps *steps);
/**
 * Takes a frame: when, apparent power in 0.1 VA, and the fusion after it. A step leaves when its level ends, at the latest 20 s
 * after it began: until then its power factor gets surer. Returns 1 with the step in *out.
 */
int dcl_mcu_steps_push(dcl_mcu_steps *steps, uint32_t time_ms, int32_t apparent, const dcl_mcu_fusion *fusion,
                       dcl_mcu_step *out);

/* ---------------------------------------------------------------- records */

/**
 * Records are little-endian, their length by their first byte.
 *
 *     event   16  u8 1, u8 flags, u32 second, i16 ΔVA, i16 ΔW, u8 factor (1/200), u8 label (255 = none), u8 how sure (1/127),
 *                 u8 frames to settle, u16 since (4 s; 65,535 = unknown)
 *     minute  14  u8 2, u8 flags, u32 minute, u16 mean W, u16 most VA, u16 mean W of the next (65,535 = none),
 *                 u16 today in 10 Wh (65,535 = none)
 *     state   34  u8 3, u8 flags, u32 second, then u32 each: frames, groups with a wrong checksum, lines that are no groups, then
 *                 u16 each: interrupted frames, frames of another meter, clock jumps, changes of mode, silences above 10 s,
 *                 records lost, models refused, changes of meter
 * second and minute count from 2000-01-01 UTC; without a clock (flag) from the start.
 */
enum { DCL_RECORD_EVENT = 1, DCL_RECORD_MINUTE, DCL_RECORD_STATE };
enum { DCL_RECORD_EVENT_BYTES = 16, DCL_RECORD_MINUTE_BYTES = 14, DCL_RECORD_STATE_BYTES = 34 };

/** Flags of records. */
enum {
    DCL_GATEWAY_NO_CLOCK = 1 << 0, /* times count from the start; no forecast of today */
    DCL_GATEWAY_SPARSE =
        1 << 1, /* frames came more than 10 s apart: no appliance, and powers by the index alone */
    DCL_GATEWAY_NO_INDEX = 1 << 2, /* the index was not heard: the mean is that of the last level */
    DCL_GATEWAY_DEGRADED = 1 << 3, /* the meter does not trust its clock */
    DCL_GATEWAY_EXPORTS = 1 << 4,  /* energy flowed out */
    DCL_GATEWAY_FILLED = 1 << 5,   /* a minute without a frame: the mean of the whole silence */
    DCL_GATEWAY_STANDARD = 1 << 6  /* the meter speaks in standard mode */
};

/* ---------------------------------------------------------------- the gateway */

/** What was met. Counters of frames wrap; the others stay at their largest. */
typedef struct dcl_mcu_gateway_counts {
    uint16_t other_meter, clock_jumps, modes, silences, lost, refused, meters;
} dcl_mcu_gateway_counts;

/** A frame while it is read. */
typedef struct dcl_mcu_gateway_frame {
    uint32_t began_ms, address, date_s;
    uint32_t index_wh, apparent_va, injected_va;
    uint16_t seen, registers;
    int16_t offset_minutes;
    uint8_t standard, degraded;
} dcl_mcu_gateway_frame;

/** The whole state: plain bytes, the caller's. Read the counters freely; the rest is the gateway's own. */
typedef struct dcl_mcu_gateway {
    dcl_mcu_tic tic;
    dcl_mcu_gateway_frame frame;
    dcl_mcu_fusion fusion;
    dcl_mcu_running running;
    dcl_mcu_steps steps;
    dcl_mcu_forest next, today, step;
    dcl_mcu_gateway_counts counts;
    uint32_t address, stranger; /* the meter's, as a CRC-32: never in a record */
    uint32_t clock_s, clock_ms; /* since 2000, UTC, and when that was */
    uint32_t last_ms, minute;
    uint32_t sum, sum_ms; /* power × time of this minute: 0.1 W × 16 ms */
    uint32_t index_wh;
    int32_t power, most_va; /* 0.1 W, VA */
    uint16_t registers, other_registers;
    int16_t offset_minutes;
    uint8_t stranger_frames, register_frames, started, standard, has_clock, has_models, has_index, flags;
    uint16_t queued;
    uint8_t queue[8 * DCL_RECORD_STATE_BYTES];
} dcl_mcu_gateway;

/** Starts with nothing known and no model. */
void dcl_mcu_gateway_init(dcl_mcu_gateway *gateway);

/**
 * Gives it a model, in place of the one for the same purpose. blob must stay where it is. Not DCL_BLOB_FINE: refused and
 * counted, and the model before stays in use.
 */
dcl_blob_fault dcl_mcu_gateway_model(dcl_mcu_gateway *gateway, const uint16_t *blob, size_t n);

/**
 * Tells it the time where the meter does not (historique mode): seconds since 2000-01-01 UTC at time_ms, and the home's clock
 * before UTC in minutes. The meter's own clock is taken before this one.
 */
void dcl_mcu_gateway_clock(dcl_mcu_gateway *gateway, uint32_t time_ms, uint32_t utc_s,
                           int32_t offset_minutes);

/**
 * Takes the next byte of the line, which came at time_ms (any clock that counts ms; wraps at 2^32).
 * Returns 1 where a record waits to be taken, else 0.
 *
 * Noise, cut and missing frames: as dcl_mcu_tic_push(); what a frame lacks is left out. Another meter's frames are counted; after
 * five in a row they are the meter. A change of mode starts the power anew. A clock that leaps by more than a minute is counted,
 * and minutes begin anew. Where frames come more than 10 s apart (a gateway that sleeps), steps lose their appliance, overshoot and
 * exact moment, and a minute's mean is that of the index, in whole Wh.
 *
 * Memory: none.   Threads: one state, one thread.
 */
int dcl_mcu_gateway_push(dcl_mcu_gateway *gateway, uint8_t byte, uint32_t time_ms);

/** Takes the oldest record out of the queue: its length; 0 where there is none or it is longer than `room`. */
size_t dcl_mcu_gateway_take(dcl_mcu_gateway *gateway, uint8_t *record, size_t room);

#endif
