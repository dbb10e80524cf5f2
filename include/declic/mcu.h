/**
 * Gateway code: what also runs on the meter's microcontroller.
 *
 * Freestanding C99: <stdint.h> and <stddef.h> alone, no heap, no float, no 64-bit division. The host compiles
 * the same files, so an event found in the cloud is the event the gateway found.
 */
#ifndef DECLIC_MCU_H
#define DECLIC_MCU_H

#include <stddef.h>
#include <stdint.h>

/* ---------------------------------------------------------------- step detector */

/** A missing sample: no edge can touch it. */
#define DCL_MISSING_I32 INT32_MIN

/**
 * The step detector's state: the sample before. Samples are in 0.1 W or 0.1 VA.
 * threshold  smallest step that is an edge, in the samples' unit, >= 1
 */
typedef struct dcl_mcu_edge {
    int32_t previous;
    uint32_t threshold;
} dcl_mcu_edge;

/** Starts with no sample seen. threshold 0 is taken as 1. */
void dcl_mcu_edge_init(dcl_mcu_edge *state, uint32_t threshold);

/**
 * Takes the next sample.
 * Returns 1 for a rise, -1 for a fall of at least the threshold between two present samples in a row, else 0;
 * the size of the difference goes to *size (exact for every pair of samples), 0 where one of the two is
 * missing. Memory: none.   Threads: one state, one thread.   Cost: O(1), some ten instructions.
 */
int dcl_mcu_edge_push(dcl_mcu_edge *state, int32_t sample, uint32_t *size);

/* ---------------------------------------------------------------- TIC frames, a byte at a time */

/** The longest group taken, separators and checksum included; the longest specified, PJOURF+1, has 109. */
#define DCL_TIC_GROUP_MAX 128
/** The longest label taken. The specification says 8, meters send 9 (`SMAXSN1-1`). */
#define DCL_TIC_LABEL_MAX 12
/** Characters of a horodate, where there is one. */
#define DCL_TIC_HORODATE_LENGTH 13

/** What a byte brought. A frame whose ETX was lost ends, without a word, at the next FRAME_START. */
typedef enum dcl_mcu_tic_event {
    DCL_TIC_EVENT_NONE,
    DCL_TIC_EVENT_FRAME_START,  /* STX */
    DCL_TIC_EVENT_GROUP,        /* a group with a right checksum: dcl_mcu_tic_last() */
    DCL_TIC_EVENT_BAD_CHECKSUM, /* a well-formed group with a wrong one */
    DCL_TIC_EVENT_MALFORMED,    /* a line that is no group: too long, or not of its form */
    DCL_TIC_EVENT_FRAME_END,    /* ETX, after an STX or at least one group */
    DCL_TIC_EVENT_INTERRUPTED   /* EOT inside a frame: what it said so far is all there is */
} dcl_mcu_tic_event;

typedef enum dcl_mcu_tic_mode { DCL_TIC_MODE_HISTORIQUE, DCL_TIC_MODE_STANDARD } dcl_mcu_tic_mode;

/**
 * The reader's state: plain bytes, the caller's, may be copied or kept. All zero is the start.
 * Read the counters freely; the rest is the reader's own. Counters wrap at 2^32.
 */
typedef struct dcl_mcu_tic {
    uint32_t groups;        /* with a right checksum */
    uint32_t bad_checksums; /* well-formed, wrong checksum */
    uint32_t malformed;     /* no group, or cut by STX, ETX or EOT */
    uint32_t frames;        /* STX … ETX */
    uint32_t interrupted;   /* EOT inside a frame */
    uint8_t place, frame;   /* what is known of the line and of the frame */
    uint8_t length;         /* bytes of the line being read */
    /* of the last good group */
    uint8_t mode, label_length, horodate_length, data_length, checksum;
    char text[DCL_TIC_GROUP_MAX + 1];
} dcl_mcu_tic;

/**
 * The last good group. Strings end in NUL and point into the state they were asked from.
 * horodate  "" where the group has none; its form is checked (13 characters), its value is not
 * data      printable ASCII, spaces as sent; "" for DATE
 */
typedef struct dcl_mcu_tic_group {
    const char *label, *horodate, *data;
    uint8_t label_length, horodate_length, data_length;
    dcl_mcu_tic_mode mode;
    char checksum;
} dcl_mcu_tic_group;

/** Starts with no byte seen and every counter zero. */
void dcl_mcu_tic_init(dcl_mcu_tic *state);

/**
 * Takes the next byte of a meter's télé-information, from any byte on; finds its way again after noise.
 *
 * byte  7 bits; the eighth (parity, as seen by a port set to 8 bits) is ignored
 *
 * Lines: a group is a line LF … CR. It need not stand in a frame, so a capture that begins in the middle
 * gives its whole lines. An LF ends a line too: serial ports that turn CR into LF are common. A line cut by
 * STX, ETX or EOT shows in `malformed` alone: the event is that of the byte.
 *
 * Mode: each group's own, told by its last separator, HT (standard) or SP (historique).
 *
 * Errors on the line: a change of bit 6 (0x40) does not change a checksum. Labels, separators and horodates
 * are therefore checked for their characters, and so should data be: dcl_mcu_tic_number() refuses all but
 * digits.
 *
 * Memory: none.   Threads: one state, one thread.   Cost: O(1), at the end of a line O(its length).
 * Source: Enedis-NOI-CPT_54E v3 (2018).
 */
dcl_mcu_tic_event dcl_mcu_tic_push(dcl_mcu_tic *state, uint8_t byte);

/** The group of a DCL_TIC_EVENT_GROUP, to be asked for before the next push. */
dcl_mcu_tic_group dcl_mcu_tic_last(const dcl_mcu_tic *state);

/**
 * The checksum of n characters, 0x20 … 0x5F: the six low bits of their sum, plus 0x20.
 * text [n]  historique: label SP data, without the last SP; standard: label HT [horodate HT] data HT, with it
 */
char dcl_mcu_tic_checksum(const char *text, size_t n);

/* ---------------------------------------------------------------- what TIC groups say */

/** Units of data. TEXT is free text or codes; NUMBER a plain decimal; HEX hexadecimal digits. */
typedef enum dcl_mcu_tic_unit {
    DCL_TIC_UNIT_TEXT,
    DCL_TIC_UNIT_NUMBER,
    DCL_TIC_UNIT_HEX,
    DCL_TIC_UNIT_MINUTES,
    DCL_TIC_UNIT_A,
    DCL_TIC_UNIT_V,
    DCL_TIC_UNIT_W,
    DCL_TIC_UNIT_VA,
    DCL_TIC_UNIT_KVA,
    DCL_TIC_UNIT_WH,
    DCL_TIC_UNIT_VARH,
    DCL_TIC_UNIT_NONE /* no data: DATE is all horodate */
} dcl_mcu_tic_unit;

/** Names a person through the meter's address: never in logs, reports or exports. */
#define DCL_TIC_PERSONAL 1
/** Carries a horodate. */
#define DCL_TIC_DATED 2

/**
 * The labels: id, label, unit, flags, meaning. The meanings stand here for people and are not compiled in.
 * Source: Enedis-NOI-CPT_54E v3 (2018).
 */
#define DCL_TIC_LABEL_TABLE(X)                                                                               \
    /* historique */                                                                                         \
    X(ADCO, "ADCO", TEXT, DCL_TIC_PERSONAL, "address of the meter")                                          \
    X(OPTARIF, "OPTARIF", TEXT, 0, "tariff: BASE, HC.., EJP., BBRx")                                         \
    X(ISOUSC, "ISOUSC", A, 0, "subscribed current; 200 V make it kVA")                                       \
    X(BASE, "BASE", WH, 0, "index, Base")                                                                    \
    X(HCHC, "HCHC", WH, 0, "index, off-peak hours")                                                          \
    X(HCHP, "HCHP", WH, 0, "index, peak hours")                                                              \
    X(EJPHN, "EJPHN", WH, 0, "index EJP, normal hours")                                                      \
    X(EJPHPM, "EJPHPM", WH, 0, "index EJP, mobile peak hours")                                               \
    X(BBRHCJB, "BBRHCJB", WH, 0, "index Tempo, off-peak, blue day")                                          \
    X(BBRHPJB, "BBRHPJB", WH, 0, "index Tempo, peak, blue day")                                              \
    X(BBRHCJW, "BBRHCJW", WH, 0, "index Tempo, off-peak, white day")                                         \
    X(BBRHPJW, "BBRHPJW", WH, 0, "index Tempo, peak, white day")                                             \
    X(BBRHCJR, "BBRHCJR", WH, 0, "index Tempo, off-peak, red day")                                           \
    X(BBRHPJR, "BBRHPJR", WH, 0, "index Tempo, peak, red day")                                               \
    X(PEJP, "PEJP", MINUTES, 0, "notice before mobile peak hours begin")                                     \
    X(PTEC, "PTEC", TEXT, 0, "period now: TH.., HC.., HP.., HN.., PM.., HCJB … HPJR")                        \
    X(DEMAIN, "DEMAIN", TEXT, 0, "colour of tomorrow: ----, BLEU, BLAN, ROUG")                               \
    X(IINST, "IINST", A, 0, "current now")                                                                   \
    X(IINST1, "IINST1", A, 0, "current now, phase 1")                                                        \
    X(IINST2, "IINST2", A, 0, "current now, phase 2")                                                        \
    X(IINST3, "IINST3", A, 0, "current now, phase 3")                                                        \
    X(ADPS, "ADPS", A, 0, "the subscribed power is exceeded: current now")                                   \
    X(ADIR1, "ADIR1", A, 0, "the same, phase 1, in short frames")                                            \
    X(ADIR2, "ADIR2", A, 0, "the same, phase 2")                                                             \
    X(ADIR3, "ADIR3", A, 0, "the same, phase 3")                                                             \
    X(IMAX, "IMAX", A, 0, "largest current so far")                                                          \
    X(IMAX1, "IMAX1", A, 0, "largest current so far, phase 1")                                               \
    X(IMAX2, "IMAX2", A, 0, "largest current so far, phase 2")                                               \
    X(IMAX3, "IMAX3", A, 0, "largest current so far, phase 3")                                               \
    X(PMAX, "PMAX", W, 0, "largest power of the three phases")                                               \
    X(PAPP, "PAPP", VA, 0, "apparent power now, rounded to 10 VA")                                           \
    X(HHPHC, "HHPHC", TEXT, 0, "group of off-peak hours, a letter")                                          \
    X(MOTDETAT, "MOTDETAT", HEX, 0, "status word")                                                           \
    X(PPOT, "PPOT", HEX, 0, "phases present")                                                                \
    /* standard */                                                                                           \
    X(ADSC, "ADSC", TEXT, DCL_TIC_PERSONAL, "secondary address of the meter")                                \
    X(PRM, "PRM", TEXT, DCL_TIC_PERSONAL, "delivery point")                                                  \
    X(VTIC, "VTIC", NUMBER, 0, "version of the télé-information")                                            \
    X(DATE, "DATE", NONE, DCL_TIC_DATED, "the meter's clock")                                                \
    X(NGTF, "NGTF", TEXT, 0, "name of the supplier's calendar")                                              \
    X(LTARF, "LTARF", TEXT, 0, "name of the period now")                                                     \
    X(NTARF, "NTARF", NUMBER, 0, "index counting now, 1 to 10")                                              \
    X(EAST, "EAST", WH, 0, "energy drawn, total")                                                            \
    X(EASF01, "EASF01", WH, 0, "energy drawn, supplier's index 1")                                           \
    X(EASF02, "EASF02", WH, 0, "energy drawn, supplier's index 2")                                           \
    X(EASF03, "EASF03", WH, 0, "energy drawn, supplier's index 3")                                           \
    X(EASF04, "EASF04", WH, 0, "energy drawn, supplier's index 4")                                           \
    X(EASF05, "EASF05", WH, 0, "energy drawn, supplier's index 5")                                           \
    X(EASF06, "EASF06", WH, 0, "energy drawn, supplier's index 6")                                           \
    X(EASF07, "EASF07", WH, 0, "energy drawn, supplier's index 7")                                           \
    X(EASF08, "EASF08", WH, 0, "energy drawn, supplier's index 8")                                           \
    X(EASF09, "EASF09", WH, 0, "energy drawn, supplier's index 9")                                           \
    X(EASF10, "EASF10", WH, 0, "energy drawn, supplier's index 10")                                          \
    X(EASD01, "EASD01", WH, 0, "energy drawn, distributor's index 1")                                        \
    X(EASD02, "EASD02", WH, 0, "energy drawn, distributor's index 2")                                        \
    X(EASD03, "EASD03", WH, 0, "energy drawn, distributor's index 3")                                        \
    X(EASD04, "EASD04", WH, 0, "energy drawn, distributor's index 4")                                        \
    X(EAIT, "EAIT", WH, 0, "energy injected, total")                                                         \
    X(ERQ1, "ERQ1", VARH, 0, "reactive energy, quadrant 1")                                                  \
    X(ERQ2, "ERQ2", VARH, 0, "reactive energy, quadrant 2")                                                  \
    X(ERQ3, "ERQ3", VARH, 0, "reactive energy, quadrant 3")                                                  \
    X(ERQ4, "ERQ4", VARH, 0, "reactive energy, quadrant 4")                                                  \
    X(IRMS1, "IRMS1", A, 0, "current now, phase 1")                                                          \
    X(IRMS2, "IRMS2", A, 0, "current now, phase 2")                                                          \
    X(IRMS3, "IRMS3", A, 0, "current now, phase 3")                                                          \
    X(URMS1, "URMS1", V, 0, "voltage now, phase 1")                                                          \
    X(URMS2, "URMS2", V, 0, "voltage now, phase 2")                                                          \
    X(URMS3, "URMS3", V, 0, "voltage now, phase 3")                                                          \
    X(UMOY1, "UMOY1", V, DCL_TIC_DATED, "mean voltage, phase 1")                                             \
    X(UMOY2, "UMOY2", V, DCL_TIC_DATED, "mean voltage, phase 2")                                             \
    X(UMOY3, "UMOY3", V, DCL_TIC_DATED, "mean voltage, phase 3")                                             \
    X(PREF, "PREF", KVA, 0, "subscribed power")                                                              \
    X(PCOUP, "PCOUP", KVA, 0, "power at which the breaker opens")                                            \
    X(SINSTS, "SINSTS", VA, 0, "apparent power drawn now")                                                   \
    X(SINSTS1, "SINSTS1", VA, 0, "apparent power drawn now, phase 1")                                        \
    X(SINSTS2, "SINSTS2", VA, 0, "apparent power drawn now, phase 2")                                        \
    X(SINSTS3, "SINSTS3", VA, 0, "apparent power drawn now, phase 3")                                        \
    X(SINSTI, "SINSTI", VA, 0, "apparent power injected now")                                                \
    X(SMAXSN, "SMAXSN", VA, DCL_TIC_DATED, "largest apparent power drawn today")                             \
    X(SMAXSN1, "SMAXSN1", VA, DCL_TIC_DATED, "the same, phase 1")                                            \
    X(SMAXSN2, "SMAXSN2", VA, DCL_TIC_DATED, "the same, phase 2")                                            \
    X(SMAXSN3, "SMAXSN3", VA, DCL_TIC_DATED, "the same, phase 3")                                            \
    X(SMAXSN_1, "SMAXSN-1", VA, DCL_TIC_DATED, "largest apparent power drawn yesterday")                     \
    X(SMAXSN1_1, "SMAXSN1-1", VA, DCL_TIC_DATED, "the same, phase 1")                                        \
    X(SMAXSN2_1, "SMAXSN2-1", VA, DCL_TIC_DATED, "the same, phase 2")                                        \
    X(SMAXSN3_1, "SMAXSN3-1", VA, DCL_TIC_DATED, "the same, phase 3")                                        \
    X(SMAXIN, "SMAXIN", VA, DCL_TIC_DATED, "largest apparent power injected today")                          \
    X(SMAXIN_1, "SMAXIN-1", VA, DCL_TIC_DATED, "largest apparent power injected yesterday")                  \
    X(CCASN, "CCASN", W, DCL_TIC_DATED, "mean power drawn over the last closed half hour or hour")           \
    X(CCASN_1, "CCASN-1", W, DCL_TIC_DATED, "the one before")                                                \
    X(CCAIN, "CCAIN", W, DCL_TIC_DATED, "mean power injected over the last closed half hour or hour")        \
    X(CCAIN_1, "CCAIN-1", W, DCL_TIC_DATED, "the one before")                                                \
    X(STGE, "STGE", HEX, 0, "status register, 32 bits")                                                      \
    X(DPM1, "DPM1", NUMBER, DCL_TIC_DATED, "start of mobile peak 1")                                         \
    X(FPM1, "FPM1", NUMBER, DCL_TIC_DATED, "end of mobile peak 1")                                           \
    X(DPM2, "DPM2", NUMBER, DCL_TIC_DATED, "start of mobile peak 2")                                         \
    X(FPM2, "FPM2", NUMBER, DCL_TIC_DATED, "end of mobile peak 2")                                           \
    X(DPM3, "DPM3", NUMBER, DCL_TIC_DATED, "start of mobile peak 3")                                         \
    X(FPM3, "FPM3", NUMBER, DCL_TIC_DATED, "end of mobile peak 3")                                           \
    X(MSG1, "MSG1", TEXT, 0, "short message")                                                                \
    X(MSG2, "MSG2", TEXT, 0, "very short message")                                                           \
    X(RELAIS, "RELAIS", NUMBER, 0, "state of the eight relays, a bit each")                                  \
    X(NJOURF, "NJOURF", NUMBER, 0, "kind of day today")                                                      \
    X(NJOURF_1, "NJOURF+1", NUMBER, 0, "kind of day tomorrow")                                               \
    X(PJOURF_1, "PJOURF+1", TEXT, 0, "profile of tomorrow: 11 times HHMMSSSS or NONUTILE")                   \
    X(PPOINTE, "PPOINTE", TEXT, 0, "profile of the next peak day")

typedef enum dcl_mcu_tic_label {
#define DCL_X(id, label, unit, flags, meaning) DCL_TIC_##id,
    DCL_TIC_LABEL_TABLE(DCL_X)
#undef DCL_X
        DCL_TIC_LABEL_COUNT
} dcl_mcu_tic_label;

/** What is known of a label. */
typedef struct dcl_mcu_tic_label_info {
    char label[10];
    uint8_t unit;  /* dcl_mcu_tic_unit */
    uint8_t flags; /* DCL_TIC_PERSONAL, DCL_TIC_DATED */
} dcl_mcu_tic_label_info;

/** The id of a label ("PAPP"); DCL_TIC_LABEL_COUNT where it is not in the table. */
dcl_mcu_tic_label dcl_mcu_tic_label_find(const char *label);
/** What is known of an id; NULL for a number that is none. */
const dcl_mcu_tic_label_info *dcl_mcu_tic_label_at(dcl_mcu_tic_label label);

/**
 * Reads data as an unsigned decimal / as hexadecimal of either case.
 * text [n]  digits alone: no sign, no space
 * Returns 1 with the value in *out; 0, and *out unchanged, where n is 0, a character is no digit or the value
 * is beyond 32 bits.
 */
int dcl_mcu_tic_number(const char *text, size_t n, uint32_t *out);
int dcl_mcu_tic_hex(const char *text, size_t n, uint32_t *out);

/** A horodate: local time of the meter with what it says of its clock. */
typedef struct dcl_mcu_tic_time {
    int16_t offset_minutes; /* to take off for UTC: 60 winter, 120 summer, 0 = not said */
    uint8_t degraded;       /* 1: the meter does not trust its clock */
    uint8_t month, day;     /* 1 … 12, 1 … 31 */
    uint8_t hour, minute, second;
    uint16_t year; /* 2000 … 2099 */
} dcl_mcu_tic_time;

/**
 * Reads a horodate `SAAMMJJhhmmss`: S is H (winter) or E (summer), in lower case where the clock is degraded,
 * a space where DPM and FPM announce a date.
 *
 * Returns 1 for a moment that exists in the calendar (whether the season fits it is not asked); 0, and *out
 * unchanged, for anything else.
 */
int dcl_mcu_tic_time_parse(const char *text, size_t n, dcl_mcu_tic_time *out);

/* ---------------------------------------------------------------- active power from an index and apparent power */

/** Ratios that are followed at a time, and loads that are remembered. */
#define DCL_FUSION_RUNGS 25
#define DCL_FUSION_KNOWN   16
#define DCL_FUSION_GUESSES 4

/** What a frame says; what it does not say is left out by a flag. */
enum {
    DCL_FUSION_NO_INDEX = 1 << 0,    /* index_wh was not said */
    DCL_FUSION_NO_APPARENT = 1 << 1, /* apparent was not said */
    DCL_FUSION_EXPORTS = 1 << 2      /* energy flows out: nothing is drawn, whatever apparent says */
};

/**
 * A frame of a meter.
 * time_ms   when it was read, by any clock that counts ms; wraps at 2^32
 * index_wh  energy drawn, whole Wh, all registers of the tariff together; wraps at 2^32
 * apparent  apparent power drawn, 0.1 VA, as rounded by the meter; three phases: their sum
 */
typedef struct dcl_mcu_fusion_frame {
    uint32_t time_ms, index_wh;
    int32_t apparent;
    uint32_t flags;
} dcl_mcu_fusion_frame;

/**
 * What is known of the active power at a frame.
 * power, low, high     0.1 W; the truth lies in [low, high] where one load switches at a time. Before the first
 *                      apparent power: 0, 0 and 40 kW
 * reactive             0.1 var; its sign is told from one load to the next, never against the world: the
 *                      first load that draws any is taken as positive
 * factor … factor_high power / apparent and its bounds, 1/10000, 0 … 10000
 */
typedef struct dcl_mcu_fusion_power {
    int32_t power, low, high, reactive;
    uint16_t factor, factor_low, factor_high;
    uint8_t settled; /* the apparent power has held for some frames */
    uint8_t begins;  /* a level begins with this frame */
    uint8_t anew;    /* the frame does not follow the one before: see dcl_mcu_fusion_push() */
    uint8_t known;   /* the last step is one that was met before */
} dcl_mcu_fusion_power;

/**
 * The last step of apparent power, as known by now: it gets surer while its new level lasts.
 * delta_va            0.1 VA, level after less level before. Apparent power does not add
 * delta_w, low, high  0.1 W
 * delta_var           0.1 var, sign as above
 * factor …            |delta_w| / sqrt(delta_w² + delta_var²) and its bounds, 1/10000
 */
typedef struct dcl_mcu_fusion_step {
    uint32_t time_ms; /* of the first frame after it */
    int32_t delta_va, delta_w, delta_w_low, delta_w_high, delta_var;
    uint16_t factor, factor_low, factor_high;
    uint8_t known;
} dcl_mcu_fusion_step;

/** A settled level: 0.1 VA, W and var; reactive power's magnitude lies in [var_low, var_high]. */
typedef struct dcl_mcu_fusion_level {
    int32_t va, w, w_low, w_high, var, var_low, var_high;
} dcl_mcu_fusion_level;

/** A load as its steps show it when it comes on: 0.1 W and var; seen 0 = an empty place. */
typedef struct dcl_mcu_fusion_load {
    int32_t w, var;
    uint16_t seen, idle; /* times met; steps since the last time */
} dcl_mcu_fusion_load;

/**
 * What may explain the last step: the ratio of active to apparent power that it leads to, 2^-16, and its spread; reactive
 * power, 0.1 var; how likely; the load, from 1, 0 = none that was met before.
 */
typedef struct dcl_mcu_fusion_guess {
    int32_t ratio_q16, spread_q16, reactive;
    uint32_t weight;
    uint8_t known;
} dcl_mcu_fusion_guess;

/**
 * Pairs of ratio (active to apparent power, 2^-16) and energy (since the index was read, 2^-20 Wh) that are
 * possible: at the ratio first + k × apart the energies low[k] … high[k]; low > high = none.
 */
typedef struct dcl_mcu_fusion_rungs {
    int32_t first_q16, apart_q16;
    int32_t low[DCL_FUSION_RUNGS], high[DCL_FUSION_RUNGS];
} dcl_mcu_fusion_rungs;

/**
 * The state of the fusion: plain bytes, the caller's, may be copied or kept. Start by dcl_mcu_fusion_init();
 * the fields are the fusion's own.
 */
typedef struct dcl_mcu_fusion {
    int32_t va_step, jitter_ms;
    uint32_t time_ms, index_wh, unheard_ms, moving_ms;
    uint8_t started, has_before, known, leak;
    uint16_t frames; /* of the state */
    int32_t level_q4, reference_q4, noise_q4;
    uint32_t step_ms;
    int32_t ratio_q16, reactive;
    uint32_t past_wh, past_vah, past_ms; /* of the last hour or half of it, 102.4 W ms and VA ms */
    int32_t past_q16, wander_q16;        /* its ratio, and how far levels mostly are from it */
    uint8_t guesses;                     /* of guess */
    dcl_mcu_fusion_guess guess[DCL_FUSION_GUESSES];
    dcl_mcu_fusion_rungs rungs;
    dcl_mcu_fusion_level before;
    dcl_mcu_fusion_load load[DCL_FUSION_KNOWN];
} dcl_mcu_fusion;

/**
 * Starts with nothing known.
 * va_step    how the meter rounds apparent power, 0.1 VA: 100 in historique mode, 10 in standard mode
 * jitter_ms  how far time_ms may be from the moment that the index was read at, 0 … 2000
 */
void dcl_mcu_fusion_init(dcl_mcu_fusion *state, int32_t va_step, int32_t jitter_ms);

/**
 * Takes the next frame and says what is known by now. Frames may be 1 s to 2 min apart; after a longer
 * silence, a clock that goes back, an index that falls or jumps, what is known of the energy begins anew
 * (the loads stay known). Frames of the same time as the one before change nothing.
 *
 * Between two ticks of the index the energy is known to 1 Wh, and while apparent power holds its level, so
 * does its ratio to active power: each frame leaves fewer of the pairs (energy, ratio) possible. A step
 * widens them again: a load that comes on draws active power. Loads met before are told by the level
 * that they would lead to.
 *
 * Memory: none.   Threads: one state, one thread.
 * Source: bounded-error estimation after Schweppe, "Recursive state estimation: unknown but bounded errors",
 *         IEEE TAC 13(1), 1968; the loads as vectors of W and var after Hart, Proc. IEEE 80(12), 1992.
 */
void dcl_mcu_fusion_push(dcl_mcu_fusion *state, const dcl_mcu_fusion_frame *frame, dcl_mcu_fusion_power *out);

/** The last step; 0, and *out zero, where there was none since the start or a silence. */
int dcl_mcu_fusion_last_step(const dcl_mcu_fusion *state, dcl_mcu_fusion_step *out);

#endif
