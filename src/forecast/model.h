/* A model in memory: trainings ("members") of one list of features, and what they were put right by. */
#ifndef DCL_FORECAST_MODEL_H
#define DCL_FORECAST_MODEL_H

#include "forecast/task.h"
#include "learn/forest.h"

/** Answers of a member for a target: the nine quantiles, then the mean. */
enum { DCL_FC_MEAN = DCL_FORECAST_QUANTILES, DCL_FC_ANSWERS = DCL_FORECAST_QUANTILES + 1 };

#define DCL_FC_KIND "forecast"

/*
 * Quantiles are learned of logarithms, log(power / level + offset): what a home draws has a long tail above, and a quantile of
 * the logarithm is the logarithm of the quantile. The offset, in levels, keeps small powers from mattering too much.
 */
#define DCL_FC_OFFSET 0.2F

/**
 * forest  of each answer
 * shift   what split conformal prediction adds to an answer, in widths p90 - p10 of the forecast
 * lead    share of the member where a home has no record yet
 * offset  of its logarithms, in levels; 0 = it learned the powers themselves, as files of version 1 did
 */
typedef struct dcl_fc_member {
    dcl_forest forest[DCL_FC_ANSWERS];
    float shift[DCL_FC_ANSWERS];
    float lead, offset;
} dcl_fc_member;

struct dcl_forecast_model {
    dcl_arena arena;
    dcl_horizon horizon;
    int64_t period_us;
    const dcl_fc_feature *feature;
    size_t k, n;
    dcl_fc_member member[DCL_FORECAST_MEMBERS];
    dcl_forecast_member about[DCL_FORECAST_MEMBERS];
    bool has_off_peak, has_colours, has_temperature;
};

/** The level of a quantile: 0.1 … 0.9. */
static inline double dcl_fc_level_of(size_t quantile) {
    return (double)(quantile + 1) / 10;
}

/** The size of what is not sure of a forecast: shifts are in it. Above 0 where level is. */
static inline float dcl_fc_width(const float answer[DCL_FC_ANSWERS], float level) {
    float width = answer[DCL_FORECAST_QUANTILES - 1] - answer[0];
    return width > 0.05F * level ? width : 0.05F * level;
}

/** Puts the quantiles in order (rearrangement: never worse, and never crossing) and none of the answers below 0. */
void dcl_fc_arrange(float answer[DCL_FC_ANSWERS]);

/**
 * What a member says of targets, W, in order, from rows that were filled: row [n × k], anchor [n], out [n].
 * shift  whether what the member was off by on what was held back is added
 */
void dcl_fc_answer(const dcl_forecast_model *model, size_t member, const float *row, const float *anchor,
                   size_t n, float level, bool shift, float out[][DCL_FC_ANSWERS]);

#endif
