/* Training boosted trees. The library behind it is seen in booster.c alone; what it learned is read by forest.h. */
#ifndef DCL_LEARN_BOOSTER_H
#define DCL_LEARN_BOOSTER_H

#include "base/status.h"

typedef enum dcl_booster_loss {
    DCL_BOOSTER_SQUARED,  /* the mean; base is the weighted mean of the targets */
    DCL_BOOSTER_HUBER,    /* pseudo-Huber of a slope: nearer to the median */
    DCL_BOOSTER_LOGISTIC, /* targets 0 … 1; margins are log odds */
    DCL_BOOSTER_PINBALL,  /* a quantile, by slopes of our own: the library has none before its version 2.0 */
    DCL_BOOSTER_LOSSES
} dcl_booster_loss;

/** How to train. Start from dcl_booster_defaults(). */
typedef struct dcl_booster_options {
    dcl_booster_loss loss; /* default squared */
    double huber_slope;    /* > 0, in the unit of the targets. Default 1 */
    double quantile;       /* of the pinball loss, above 0 and below 1. Default 0.5 */
    int rounds;            /* trees, at most 65,536. Default 200 */
    int depth;             /* 1 … 15. Default 6 */
    double rate;           /* 0 … 1. Default 0.1 */
    double leaf_weight;    /* least sum of weights in a leaf. Default 5 */
    double row_share;      /* of the rows, drawn for each tree, 0 … 1. Default 0.7 */
    double feature_share;  /* of the features, drawn for each tree, 0 … 1. Default 0.5 */
    int bins; /* of a feature, 2 … 254: 255 of them and a missing one do not fit in a byte. Default 254 */
    int patience; /* rounds without gain on the held rows that end the training; 0 = all rounds. Default 0 */
} dcl_booster_options;

dcl_booster_options dcl_booster_defaults(void);

/** What to learn from. Rows are of one length; NaN = missing, ±inf is refused. */
typedef struct dcl_booster_data {
    const float *x;      /* [n][k] */
    const float *y;      /* [n] */
    const float *weight; /* [n] >= 0; NULL = 1 each */
    const uint8_t *held; /* [n] 1 = not trained on, but to stop by; NULL = none */
    size_t n, k;
    const float *y_pinball; /* [n] targets of pinball trainings where they are others; NULL = y */
} dcl_booster_data;

/** A trained model: XGBoost's JSON, malloc'd and the caller's; trees kept; loss on the held rows (NaN without any). */
typedef struct dcl_booster_model {
    char *json;
    size_t length;
    int trees;
    double held_loss;
} dcl_booster_model;

/**
 * Trains. The context's threads and seed count; the same data, seed, threads, library and processor type give the same
 * bytes.
 *
 * Errors:  DCL_E_ARG an option out of its range, an infinite value, a target that is not finite; DCL_E_NO_DATA fewer than
 *          two rows to train on, or none held where patience asks for some; DCL_E_CANCELLED; DCL_E_MEMORY.
 * Memory:  some 5 bytes a value and 16 a row while it runs.
 */
dcl_status dcl_booster_train(const dcl_context *context, const dcl_booster_data *data,
                             const dcl_booster_options *options, dcl_booster_model *out,
                             dcl_error *error) DCL_MUST_USE;

/**
 * The same for several trainings on the same rows, n of them: the library sorts the features into bins once, as options[0].bins
 * says. Where there are several they run side by side on the context's threads, each on one.
 * out [n]  all malloc'd, or none after an error
 */
dcl_status dcl_booster_train_all(const dcl_context *context, const dcl_booster_data *data,
                                 const dcl_booster_options *options, size_t n, dcl_booster_model *out,
                                 dcl_error *error) DCL_MUST_USE;

#endif
