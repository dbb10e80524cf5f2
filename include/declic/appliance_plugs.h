/**
 * Appliance plugs: smart plugs worn for some days beside the meter, as the truth of a home of its own.
 *
 * A plug's clock is not the meter's, and a file may be of another home. Both are told from the plug's own steps: shifted by the
 * right time they are in the mains, shifted by any other they are there no more often than chance has it.
 */
#ifndef DECLIC_APPLIANCE_PLUGS_H
#define DECLIC_APPLIANCE_PLUGS_H

#include <declic/appliance_power.h>

/* ---------------------------------------------------------------- clocks */

/** What comes of a plug: id, name in files. Only what FITS, or is trusted, can be joined. */
#define DCL_PLUG_TABLE(X)                                                                                    \
    X(FITS, "fits")               /* its steps are in the mains */                                           \
    X(CLOCK_OFF, "clock_off")     /* they are, but only with its clock shifted by more than the reach */     \
    X(OTHER_HOME, "other_home")   /* they are not, at no shift more often than chance has it */              \
    X(FEW_STEPS, "few_steps")     /* so few that even all of them could be there by chance */                \
    X(TOO_REGULAR, "too_regular") /* it switches so regularly that many shifts explain it as well */         \
    X(NO_STEPS, "no_steps")       /* it never switches: nothing tells where it was */                        \
    X(NO_OVERLAP, "no_overlap")   /* it and the meter were never heard at the same time */                   \
    X(TOO_COARSE, "too_coarse")   /* a value every five minutes or more shows no steps to compare */         \
    X(NO_POWER, "no_power")       /* no active power, or one value alone */

typedef enum dcl_plug_verdict {
#define DCL_X(id, name) DCL_PLUG_##id,
    DCL_PLUG_TABLE(DCL_X)
#undef DCL_X
        DCL_PLUG_COUNT
} dcl_plug_verdict;

/** The name of a verdict ("clock_off"); NULL for a number that is none. */
const char *dcl_plug_verdict_name(dcl_plug_verdict verdict);

/** How clocks are compared. Start from dcl_plug_defaults(). */
typedef struct dcl_plug_options {
    double reach_s; /* a clock this far off is put right, s, 30 … 3600. Default 600 */
    double
        far_s; /* how far a wrong clock is looked for, s, 3600 … 7 × 86400. Default 26 h: any zone, and a day */
    double most_ppm; /* the most that a clock drifts, 0 … 1000. Default 100 */
    double
        least_p; /* a plug is believed where chance finds as many of its steps less often, 1e-9 … 0.1. Default 0.001 */
} dcl_plug_options;

dcl_plug_options dcl_plug_defaults(void);

/**
 * Where a plug's clock stands, and what says so. Figures that do not apply are NaN or 0.
 *
 * offset_s     what is added to the plug's time at middle_us to have the meter's: > 0 = the plug is behind
 * drift_ppm    by how much the offset grows, µs a second; 0 where it does not show
 * within_s     a step of the meter this near is the plug's, s: three seconds or one and a half readings
 * scale        the meter's size of a step over the plug's, a median: 1, or VA over W where the meter has VA alone
 * steps        of the plug, while the meter was heard; at most the 2,000 largest
 * found        of them, those that the meter shows in the same direction and size
 * copies       shifts of the plug beyond the reach, each looked at as the right one was: the best moment within it
 * chance, chance_most   steps found in such a copy: the mean, and in the best of them
 * p            how often chance finds as many as `found`, by Gumbel's law of the copies' greatest counts
 * rival_s, rival_found  another shift that explains the steps as well (a fridge, shifted by its own period); NaN = there is none
 * overlap_s    time in which both were heard
 */
typedef struct dcl_plug_fit {
    dcl_plug_verdict verdict;
    double offset_s, drift_ppm, within_s, scale;
    int64_t middle_us;
    size_t steps, found, copies;
    double chance, chance_most, p;
    double rival_s;
    size_t rival_found;
    double overlap_s;
} dcl_plug_fit;

/**
 * Compares the clock of a plug with a meter's.
 *
 * Steps of both are paired where direction and size agree (W: a fifth or 15 W; VA: 0.6 to 2.5 times), and their distances counted:
 * the right shift, with a drift, is where most of the plug's steps have a partner. The same is done at all shifts within far_s,
 * in windows as wide as the reach: what is found there is found by chance, and its greatest counts follow Gumbel's law. Of two
 * shifts that are equally good the one within the reach is taken, and the other named as its rival; copies at shifts at which the
 * plug resembles itself tell nothing of chance and are left out. At last the offset is moved by parts of a reading to where the
 * plug's differences explain the meter's best.
 *
 * meter  power_w or apparent_va;   plug  power_w, on any grid
 * out    filled whatever the verdict, which is no error
 *
 * Errors:  DCL_E_ARG an option out of its range; DCL_E_NO_DATA the meter has no power; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  while running, 48 bytes a step of the meter, 16 a pair of steps, and 16 a value of the plug.
 * Threads: reentrant.   Cost: O(n) + pairs × drifts; some seconds for weeks at 1 s.
 * Source:  Gumbel, "Statistics of Extremes", 1958 (its law by the mean and deviation of the maxima).
 */
dcl_status dcl_plug_align(const dcl_context *context, const dcl_home *meter, const dcl_home *plug,
                          const dcl_plug_options *options, dcl_plug_fit *out, dcl_error *error) DCL_MUST_USE;

/**
 * The power of a plug on the grid of the meter's leading channel, its clock put right: the mean of what covers a slot where at
 * least half of it is covered, else NaN.
 *
 * fit  of this plug; offset_s and drift_ppm 0 where its clock is trusted
 * out  power_w, in the arena
 *
 * Errors:  DCL_E_NO_DATA no power on either side; DCL_E_MEMORY.   Memory: 4 bytes a slot; while running 16 a value of the plug.
 */
dcl_status dcl_plug_resample(const dcl_home *meter, const dcl_home *plug, const dcl_plug_fit *fit,
                             dcl_arena *arena, dcl_series *out, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- the gain */

/** The fewest days to learn from and to judge by. */
enum { DCL_PLUG_DAYS_LEAST = 3 };

/**
 * How well one appliance is told on the held days. NaN where a figure is not defined.
 * f1, nde_root   as dcl_score
 * energy_error   estimate / truth − 1
 */
typedef struct dcl_plug_score {
    double f1, nde_root, energy_error;
} dcl_plug_score;

/**
 * What the plugs brought for one appliance.
 * own     the model learned from them on the days before
 * rules   cycles that the program names without them, where one has the appliance's kind; is_named says whether
 * mean    its mean on the days before, at all times
 * learned_days, held_days   civil days on which it is known for half of the day
 */
typedef struct dcl_plug_gain {
    char name[DCL_POWER_NAME];
    dcl_plug_score own, rules, mean;
    bool is_named, is_told; /* is_told: enough days, and the model has it; without it all figures are NaN */
    int learned_days, held_days;
} dcl_plug_gain;

/** Of all plugs. told: at least one has figures. gain [n], in order of the home's truth. */
typedef struct dcl_plug_gains {
    bool told;
    int64_t from_us, split_us, to_us; /* learned before the split, judged from it on */
    int learned_days, held_days;      /* on which any plug is known for half of the day */
    dcl_plug_gain *gain;
    size_t n;
} dcl_plug_gains;

/**
 * Judges what the plugs of a home bring: learns from its first days, and compares on the last third of them, at least three,
 * with what the program says without plugs and with the mean. With fewer than three days on either side nothing is told.
 *
 * home     mains and the plugs as truth, on one grid; sliced to the days around the plugs, it is faster
 * context  its zone says what a day is
 *
 * Errors:  those of dcl_power_learn(), dcl_power_estimate_home(), dcl_cycles_find() but DCL_E_NO_DATA of the learning, after which
 *          nothing is told.
 * Memory:  those of the learning, and of an estimate, in the arena.
 */
dcl_status dcl_plug_judge(const dcl_context *context, const dcl_home *home, const dcl_power_options *options,
                          dcl_arena *arena, dcl_plug_gains *out, dcl_error *error) DCL_MUST_USE;

#endif
