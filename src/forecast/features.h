/* What a model looks at: lists of features as data, and the one way to fill a row of them, for training and serving alike. */
#ifndef DCL_FORECAST_FEATURES_H
#define DCL_FORECAST_FEATURES_H

#include "forecast/grid.h"
#include "forecast/open.h"

enum { DCL_FC_PAST_DAYS = 28, DCL_FC_FEATURES_MAX = 96 };

/** A feature: what is taken, and its two numbers. The name and the list's order are what a model's card holds. */
typedef struct dcl_fc_feature {
    const char *name, *unit;
    uint8_t kind;
    float a, b;
} dcl_fc_feature;

/** The list for a horizon. */
const dcl_fc_feature *dcl_fc_features(dcl_horizon horizon, size_t *n);

/** Whether a feature tells the time of the year. */
bool dcl_fc_is_season(const dcl_fc_feature *feature);

/** A forecast to be made: at `issue` (slots before it are known) of the mean over [from, to). */
typedef struct dcl_fc_target {
    size_t issue, from, to;
} dcl_fc_target;

/** What is the same for all targets of an issue. */
typedef struct dcl_fc_issue {
    dcl_fc_view view;
    double level; /* W, what the home is measured by; NaN = too little is known */
    double last;  /* W, the last known value within an hour or two slots; else the level */
    dcl_fc_open open;
    float value[DCL_FC_FEATURES_MAX]; /* of features that do not look at the target */
} dcl_fc_issue;

/** Looks at all before slot `at`. open of a coarse horizon is not used and may be NULL. level_days as for dcl_fc_level(). */
void dcl_fc_issue_at(const dcl_fc_grid *grid, dcl_horizon horizon, int level_days, size_t at,
                     const dcl_fc_open *open, dcl_fc_issue *out);

/**
 * The home's level, the mean of its last `days`: what its row of features and its target are divided by. NaN = too little is known.
 * A model of many homes needs it recent, to know a home that it has not seen; one of a home does better with a year of it, since
 * what divides and moves with the seasons is noise to it.
 */
double dcl_fc_level(const dcl_fc_view *view, dcl_horizon horizon, int days);
enum { DCL_FC_LEVEL_FINE = 7, DCL_FC_LEVEL_MANY = 28, DCL_FC_LEVEL_ONE = 365 };

/**
 * Fills a row. Powers are divided by the level; missing ones are NaN.
 * row    [number of features]
 * anchor what the trees' answer is added to, in levels
 */
void dcl_fc_fill(const dcl_fc_issue *issue, dcl_horizon horizon, const dcl_fc_target *target, float *row,
                 float *anchor);

#endif
