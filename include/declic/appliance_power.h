/**
 * Appliance power: how much of the mains each appliance draws, at each moment.
 *
 * A model is learned from homes whose appliances were measured (plugs, sub-meters, simulated truth) and estimates the same
 * appliances from the mains alone. Levels are integers of 0.1 W: the appliances and the rest add up to the mains exactly.
 */
#ifndef DECLIC_APPLIANCE_POWER_H
#define DECLIC_APPLIANCE_POWER_H

#include <declic/event.h>

/** The most appliances of a model, and the longest name with its NUL. */
enum { DCL_POWER_APPLIANCES = 64, DCL_POWER_NAME = 64 };

/** A model; opaque. dcl_power_close() releases it. */
typedef struct dcl_power_model dcl_power_model;

/** How to learn. Start from dcl_power_defaults(). */
typedef struct dcl_power_options {
    int copies; /* mixed copies of the homes to learn from besides the homes themselves, 0 … 64; -1 = by their length */
    int rows;   /* the most moments to learn from, 1,000 … 4,000,000. Default 90,000 */
    int rounds; /* trees an appliance, 1 … 2,000; 0 = by the step. Default 0 */
} dcl_power_options;

dcl_power_options dcl_power_defaults(void);

/** What a model knows of an appliance, and how well it did on days that it was not trained on. */
typedef struct dcl_power_known {
    char name[DCL_POWER_NAME];
    double mean_w, most_w; /* of the truth */
    double on_w;           /* threshold of dcl_score_on_w() */
    double quiet_w;        /* below it an estimate is 0: what lowered the error of held days most */
    double held_nde_root;  /* on held days; NaN where there were too few */
    double held_f1;
    uint64_t moments; /* at which it was known */
} dcl_power_known;

/** What a model is. Pointers live as long as it does. */
typedef struct dcl_power_about {
    int64_t period_us;
    bool apparent_leads; /* learned from VA: the homes had no active power */
    bool has_reactive, has_apparent;
    size_t n, features, trees;
    const dcl_power_known *known; /* [n] */
    /* [n_left] appliances that never drew more than 15 W, or are known at fewer than 100 moments: not learned. Told after
     * learning alone, a file does not hold them */
    const char (*left)[DCL_POWER_NAME];
    size_t n_left;
} dcl_power_about;

dcl_power_about dcl_power_describe(const dcl_power_model *model);

/**
 * Learns from homes with truth. All homes are on one period; an appliance is what has one name in their truth.
 * Besides the homes themselves it learns from mixed copies, in which each appliance ran on another day.
 *
 * Errors:  DCL_E_NO_DATA a home without truth or mains, or no appliance that ran and is known at 100 moments;
 *          DCL_E_ARG periods that differ, or too many appliances; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  4 bytes × rows × (features + appliances), twice; the copies one at a time.
 * The same data, seed, threads, XGBoost and processor type give the same model.
 */
dcl_status dcl_power_learn(const dcl_context *context, const dcl_home *homes, size_t n_homes,
                           const dcl_power_options *options, dcl_power_model **out,
                           dcl_error *error) DCL_MUST_USE;

/** Writes a model, whole or not at all. Errors: as dcl_file_write() of base/. */
dcl_status dcl_power_write(const dcl_power_model *model, const char *path, dcl_error *error) DCL_MUST_USE;
/** Reads a model; every number of it is checked. Errors: DCL_E_FORMAT with what is wrong; DCL_E_UNSUPPORTED a newer one;
 *  DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_power_read(const char *path, dcl_power_model **out, dcl_error *error) DCL_MUST_USE;
/** The same of bytes in memory. */
dcl_status dcl_power_open(const void *bytes, size_t n, dcl_power_model **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_power_close(dcl_power_model **model);

/**
 * The power of an appliance. level [n] 0.1 W, >= 0; DCL_MISSING_I32 where the mains are missing.
 * confidence  0 … 1: F1 on days that the model was not trained on; NaN = it had too few to tell, or too little of the home is
 *             known to speak of days: less than 12 hours of its mains
 * coverage    share of the moments with an estimate, 0 … 1
 */
typedef struct dcl_power_channel {
    const char *name;
    const int32_t *level;
    double energy_wh, confidence, coverage;
} dcl_power_channel;

/**
 * An estimate, on the grid of the mains. mains [n], other [n] in 0.1 W, DCL_MISSING_I32 = missing. At each moment the
 * appliances and `other` add up to the mains exactly; `other` is negative only where the home exports: what its appliances
 * draw cannot be seen then, and they are 0.
 */
typedef struct dcl_power_estimate {
    int64_t start_us, period_us;
    size_t n, n_channels, exporting; /* moments at which the home exports */
    const int32_t *mains, *other;
    const dcl_power_channel *channel; /* [n_channels] */
} dcl_power_estimate;

/**
 * Estimates what a model knows, in a home on the model's period.
 *
 * other_home  the home is none that the model was learned from. Where an appliance of the model is a compressor, the home's
 *             own steps say its level, length and distance: of the compressors that come again round the clock, the one
 *             nearest by duty is followed. Its confidence is NaN: nothing of this home was held back
 *
 * Errors:  DCL_E_ARG the home is on another period, has readings too far apart for it, or lacks a channel that the model
 *          needs: which;
 *          DCL_E_NO_DATA no mains at all; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  the arena gets 4 bytes × n × (appliances + 4) and the steps and cycles; features a day at a time.
 * Threads: reentrant.   The same bytes for any number of threads and any instruction set.
 */
dcl_status dcl_power_estimate_home(const dcl_context *context, const dcl_power_model *model,
                                   const dcl_home *home, bool other_home, dcl_arena *arena,
                                   dcl_power_estimate *out, dcl_error *error) DCL_MUST_USE;

#endif
