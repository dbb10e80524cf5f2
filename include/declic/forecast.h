/**
 * Forecast: what a home will draw, with honest intervals, and how good that was in the past.
 *
 * A forecast is made at a moment for one interval or several after it; nothing at or after that moment is looked at, but
 * what a calendar knows and temperatures that were given. A mean and nine quantiles come from boosted trees, whose rows are
 * measured by the home's own recent level, so that one model serves homes that it has not seen; they are then put right by
 * how the same forecasts would have done on the home's last days. Where the history is too short for a model, a plain
 * baseline is served and marked so.
 */
#ifndef DECLIC_FORECAST_H
#define DECLIC_FORECAST_H

#include <declic/base.h>
#include <declic/series.h>
#include <declic/tariff.h>

/* ---------------------------------------------------------------- horizons */

/** What is forecast: id, name in options and files, title. */
#define DCL_HORIZON_TABLE(X)                                                                                 \
    X(10S, "10s", "the next 10 seconds")                                                                     \
    X(MINUTE, "minute", "the next minute")                                                                   \
    X(HOUR, "hour", "the next hour")                                                                         \
    X(DAY, "day", "the next 24 hours, in half hours or hours")                                               \
    X(TODAY, "today", "the total of the civil day, at any moment of it")

typedef enum dcl_horizon {
#define DCL_X(id, name, title) DCL_HORIZON_##id,
    DCL_HORIZON_TABLE(DCL_X)
#undef DCL_X
        DCL_HORIZON_COUNT
} dcl_horizon;

const char *dcl_horizon_name(dcl_horizon horizon);
const char *dcl_horizon_title(dcl_horizon horizon);
/** The horizon of a name; DCL_HORIZON_COUNT when there is none. */
dcl_horizon dcl_horizon_find(const char *name);

enum { DCL_FORECAST_QUANTILES = 9, DCL_FORECAST_STEPS = 48, DCL_FORECAST_MEMBERS = 4 };

/** Why a baseline was served in place of a model: id, name in files, text. */
#define DCL_FALLBACK_TABLE(X)                                                                                \
    X(NONE, "none", "a model was served")                                                                    \
    X(NO_MODEL, "no_model", "no model was given and the history is too short to learn one")                  \
    X(SHORT_HISTORY, "short_history", "the history before this moment is too short for the model")           \
    X(NO_RECENT, "no_recent", "nothing was measured in the day before this moment")

typedef enum dcl_fallback {
#define DCL_X(id, name, text) DCL_FALLBACK_##id,
    DCL_FALLBACK_TABLE(DCL_X)
#undef DCL_X
        DCL_FALLBACK_COUNT
} dcl_fallback;

const char *dcl_fallback_name(dcl_fallback reason);
const char *dcl_fallback_text(dcl_fallback reason);

/* ---------------------------------------------------------------- a home, a point */

/**
 * A home as forecasts see it.
 * id           in results; "" where there is none
 * power        W (or VA), NaN = missing; its step at most that of the forecast, which it must divide
 * temperature  °C on any regular grid, beyond the end of `power` where it is known ahead; NULL = not known. Never required
 */
typedef struct dcl_forecast_home {
    const char *id;
    const dcl_series *power;
    const dcl_series *temperature;
} dcl_forecast_home;

/** What is expected over [start_us, end_us), W: of `today` the mean of the whole civil day, what was measured of it included. */
typedef struct dcl_forecast_point {
    int64_t start_us, end_us;
    float mean, quantile[DCL_FORECAST_QUANTILES]; /* p10, p20 … p90, never crossing */
} dcl_forecast_point;

/* ---------------------------------------------------------------- learning */

/** Misses that count more: targets in [from_us, to_us) weigh `weight` instead of 1; of homes called `id`, or of all (NULL). */
typedef struct dcl_forecast_stress {
    const char *id;
    int64_t from_us, to_us;
    float weight;
} dcl_forecast_stress;

/** How to learn. Start from dcl_forecast_learn_defaults(). */
typedef struct dcl_forecast_learn_options {
    dcl_horizon horizon;       /* default day */
    int64_t period_us;         /* grid of what is seen; 0 = by the horizon and the first home. Default 0 */
    int64_t from_us, to_us;    /* targets learned lie within; all before is history. Default all */
    size_t rows;               /* at most so many, drawn by the context's seed. Default 300,000 */
    int rounds;                /* trees of each quantile and of the mean; 0 = by the rows. Default 0 */
    int depth;                 /* 0 = by the rows. Default 0 */
    double half_life_days;     /* a target so much older counts half; 0 = all alike. Default 0 */
    const dcl_hours *off_peak; /* the meter's off-peak hours; NULL = not known */
    const dcl_tariff *colours; /* of Tempo days; NULL = not known */
    const dcl_forecast_stress *stress;
    size_t n_stress;
} dcl_forecast_learn_options;

dcl_forecast_learn_options dcl_forecast_learn_defaults(void);

/** A model, read only: several threads may share one. */
typedef struct dcl_forecast_model dcl_forecast_model;

/**
 * Learns from the past of homes.
 *
 * homes [n]  one, for a local model, or many
 * with       a model of the same horizon and grid that the new one contains as well, so that the better one of them leads on each
 *            home; NULL = none
 * out        close with dcl_forecast_close()
 *
 * Errors:  DCL_E_NO_DATA   too short a history (what there is and what is needed), or nothing but missing values;
 *          DCL_E_ARG       an option out of its range, a step that does not fit, `with` of another horizon or full;
 *          DCL_E_CANCELLED, DCL_E_MEMORY, DCL_E_UNSUPPORTED (XGBoost's own).
 * Memory:  some 400 bytes a row while it runs.   Threads: the context's.
 * The same homes, options, seed, threads, library and processor type give the same model.
 */
dcl_status dcl_forecast_learn(const dcl_context *context, const dcl_forecast_home *homes, size_t n,
                              const dcl_forecast_model *with, const dcl_forecast_learn_options *options,
                              dcl_forecast_model **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_forecast_close(dcl_forecast_model **model);

/** What was learned by a training inside a model. */
typedef struct dcl_forecast_member {
    size_t homes, rows, trees;
    int64_t from_us, to_us; /* of the targets */
    double pinball,
        coverage; /* on the targets held back, of the levels and without what is put right online; NaN = none held */
    uint64_t seed;
} dcl_forecast_member;

/** What a model is. Lives as long as it. learned_to_us: the latest to_us of its members. */
typedef struct dcl_forecast_about {
    dcl_horizon horizon;
    int64_t period_us, learned_to_us;
    size_t features, members;
    const dcl_forecast_member *member;
    bool has_off_peak, has_colours, has_temperature;
} dcl_forecast_about;

dcl_forecast_about dcl_forecast_describe(const dcl_forecast_model *model);
/** Name and unit of the i-th feature of a model, in order; NULL past the last. */
const char *dcl_forecast_feature(const dcl_forecast_model *model, size_t i, const char **unit);

/** Writes and reads a model (src/learn/pack.h). Errors of read: DCL_E_FORMAT damaged or no such model, or features other than
 *  the card says; DCL_E_UNSUPPORTED a newer format; DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_forecast_write(const dcl_forecast_model *model, const char *path,
                              dcl_error *error) DCL_MUST_USE;
dcl_status dcl_forecast_read(const char *path, dcl_forecast_model **out, dcl_error *error) DCL_MUST_USE;
/** The same from bytes in memory. */
dcl_status dcl_forecast_open(const void *bytes, size_t n, dcl_forecast_model **out,
                             dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- forecasting */

/** How to forecast. Start from dcl_forecast_options_defaults(). */
typedef struct dcl_forecast_options {
    dcl_horizon horizon;       /* without a model. Default day */
    int64_t period_us;         /* the same; 0 = by the horizon and the home */
    int correct_days;          /* past days by which it is put right; 0 = not at all. Default 28 */
    const dcl_hours *off_peak; /* as for learning */
    const dcl_tariff *colours;
} dcl_forecast_options;

dcl_forecast_options dcl_forecast_options_defaults(void);

/**
 * A forecast, plain.
 * issued_us      the moment it was made at: what is known is before it
 * point [n]      in order of time
 * fallback       not NONE: a baseline was served, and why
 * level_changed  the home draws another level since some days than in the weeks before: told, and followed by what is put right
 * lead           [members] share of each member of the model in it
 */
typedef struct dcl_forecast {
    int64_t issued_us;
    size_t n;
    dcl_forecast_point point[DCL_FORECAST_STEPS];
    dcl_fallback fallback;
    bool level_changed;
    float lead[DCL_FORECAST_MEMBERS];
} dcl_forecast;

/**
 * Forecasts from a moment on.
 *
 * model   NULL = a baseline
 * at_us   the moment; taken down to the grid. INT64_MAX = the end of what is known
 *
 * Errors:  DCL_E_NO_DATA   nothing measured before the moment; DCL_E_ARG a step that does not fit the model's; DCL_E_MEMORY.
 */
dcl_status dcl_forecast_make(const dcl_context *context, const dcl_forecast_model *model,
                             const dcl_forecast_home *home, int64_t at_us,
                             const dcl_forecast_options *options, dcl_forecast *out,
                             dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- backtest */

/** Who forecasts in a backtest: id, name in files, text. */
#define DCL_FORECASTER_TABLE(X)                                                                              \
    X(MODEL, "model", "the model")                                                                           \
    X(PERSISTENCE, "persistence", "the last value; for a day and its total the day before")                  \
    X(SEASONAL, "seasonal_naive", "the same hours of the day before")                                        \
    X(WEEKLY, "weekly_naive", "the same hours a week before")                                                \
    X(MEAN_7, "mean_7_days", "the mean of the same hours of seven days")

typedef enum dcl_forecaster {
#define DCL_X(id, name, text) DCL_FORECASTER_##id,
    DCL_FORECASTER_TABLE(DCL_X)
#undef DCL_X
        DCL_FORECASTER_COUNT
} dcl_forecaster;

const char *dcl_forecaster_name(dcl_forecaster forecaster);

/** How to roll through the past. Start from dcl_backtest_defaults(). */
typedef struct dcl_backtest_options {
    dcl_forecast_options forecast;
    int64_t from_us, to_us; /* forecasts are made within. Default all that the history allows */
    int64_t every_us;       /* distance of issues, from civil midnight on; 0 = by the horizon. Default 0 */
    int32_t issue_min;      /* minute of the civil day of the first issue of a day. Default 0 */
    int32_t
        refit_days; /* learn anew after so many days from what is known then, beside the model; 0 = never. Default 0 */
    dcl_forecast_learn_options learn; /* of what is learned anew */
} dcl_backtest_options;

dcl_backtest_options dcl_backtest_defaults(void);

/**
 * How good forecasts were; W, kWh for `today`. NaN where it is not defined.
 * n          forecasts with a truth
 * mae        of the median (p50); mae_mean of the mean
 * rmse       of the mean
 * mase       mae over `scale`: the mean absolute difference between what is known before the first issue and the same hour a
 *            day earlier, of each home; then the mean over homes
 * pinball    mean over the nine quantiles
 * wql        2 Σ pinball / Σ |truth|, mean over the nine quantiles
 * coverage   share of truths within [p10, p90]; wanted 0.8.   width  mean of p90 − p10
 * Of baselines all quantiles are the forecast itself: their coverage and width tell nothing and are NaN.
 */
typedef struct dcl_forecast_measure {
    uint64_t n;
    double mae, mae_mean, rmse, mase, pinball, wql, coverage, width;
} dcl_forecast_measure;

/** One forecast and what came true; NaN = not known. */
typedef struct dcl_backtest_row {
    int64_t issued_us;
    dcl_forecast_point point;
    float actual;
    float baseline[DCL_FORECASTER_COUNT]; /* of DCL_FORECASTER_MODEL: its p50 */
    bool served_baseline;
} dcl_backtest_row;

/** Takes the rows of a home, in order; valid during the call. Called from any thread, one call at a time. */
typedef dcl_status (*dcl_backtest_fn)(void *arg, const char *id, const dcl_backtest_row *row, size_t n,
                                      dcl_error *error);

/** What a backtest found; a home's own figures or those of all. */
typedef struct dcl_backtest {
    size_t homes, issues, fallbacks;
    int64_t from_us, to_us;
    double scale; /* the denominator of MASE, mean over homes, W or kWh */
    dcl_forecast_measure by[DCL_FORECASTER_COUNT];
} dcl_backtest;

/**
 * Rolls through the past of homes, all of them in parallel: at each issue what would have been served, beside baselines.
 *
 * take     may be NULL
 * out      of all homes together
 * each [n] of each home; may be NULL. A home without an issue has issues 0
 *
 * Errors: DCL_E_NO_DATA no issue in any home; those of dcl_forecast_learn() and of `take`; DCL_E_CANCELLED, DCL_E_MEMORY.
 */
dcl_status dcl_backtest_run(const dcl_context *context, const dcl_forecast_model *model,
                            const dcl_forecast_home *homes, size_t n, const dcl_backtest_options *options,
                            dcl_backtest_fn take, void *arg, dcl_backtest *out, dcl_backtest *each,
                            dcl_error *error) DCL_MUST_USE;

#endif
