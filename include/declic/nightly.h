/**
 * Nightly: keeps the models of a shelf good by themselves. Each night, for each model: what was forecast is written down
 * beside what came true, drift is looked for, a challenger learns from the days up to a test, and takes over where it is
 * better on days that neither saw. A version that does worse than its parent since it serves gives way to it again.
 *
 *     SHELF/.nightly/<model>.served.csv   forecasts and what came true, the latest 20,000
 *                    <model>.misses.csv   large misses, with the features that the model had
 *                    <model>.nights.csv   what was decided each night, and why
 *                    .lock                one run at a time
 *
 * Each file is replaced whole, and a night is written to the last of them when all else of it is done: a run that was killed
 * is finished by the next one. "Served" is what the version that was current would have said at each moment; it is
 * computed the night after from what was known at that moment.
 */
#ifndef DECLIC_NIGHTLY_H
#define DECLIC_NIGHTLY_H

#include <declic/base.h>
#include <declic/forecast.h>
#include <declic/learn_shelf.h>

/** What a night came to for a model: id, name in files, text. */
#define DCL_NIGHT_TABLE(X)                                                                                   \
    X(FIRST, "first", "a first version serves")                                                              \
    X(PROMOTED, "promoted", "the challenger serves")                                                         \
    X(REFUSED, "refused", "the current version stays")                                                       \
    X(ROLLED_BACK, "rolled_back", "the parent serves again")                                                 \
    X(WAITED, "waited", "too few days to tell")                                                              \
    X(ALREADY, "already", "this night was done before")                                                      \
    X(SKIPPED, "skipped", "no forecast model")                                                               \
    X(FAILED, "failed", "what was needed could not be had")

typedef enum dcl_night_did {
#define DCL_X(id, name, text) DCL_NIGHT_##id,
    DCL_NIGHT_TABLE(DCL_X)
#undef DCL_X
        DCL_NIGHT_COUNT
} dcl_night_did;

const char *dcl_night_did_name(dcl_night_did did);
const char *dcl_night_did_text(dcl_night_did did);

/** How to decide. Start from dcl_nightly_defaults(). */
typedef struct dcl_nightly_options {
    int test_days;          /* the latest whole days, on which both are tested. Default 7 */
    int least_days;         /* fewer decide nothing. Default 5 */
    double margin;          /* the pinball loss of who takes over is so much lower, a share. Default 0.02 */
    double calibration;     /* and p10 to p90 covers 0.8 give or take this. Default 0.12 */
    double large_miss;      /* |actual - median| above so many times the model's own error. Default 4 */
    float miss_weight;      /* of large misses when learning. Default 2 */
    double drift_half_life; /* days; what a challenger forgets by when drift is seen. Default 21 */
    bool dry_run;           /* decide, and write nothing */
    bool first;             /* make a first version where there is none */
    const char *version;    /* of the program, for cards; NULL = none */
    const dcl_forecast_model *
        with; /* of many homes: challengers of its horizon and step contain it, where it saw none of the test; NULL = none */
    dcl_forecast_learn_options
        learn; /* horizon and period of a first version; rows (default 60,000), rounds */
} dcl_nightly_options;

dcl_nightly_options dcl_nightly_defaults(void);

/**
 * How good a model was over some days. NaN = none.
 * n, loss     values it was measured by, and what is compared: of forecasts the pinball loss, W; of a model for gateways the error over
 *             the energy, the mean of that of minutes and of days; of the power of appliances the energy told at a wrong moment or
 *             appliance over their energy; of named loads the share of the named cycles told otherwise
 * mae_w       mean error of a value, W; pinball_w, coverage, seasonal_w (the same hours of the day before) of forecasts alone
 */
typedef struct dcl_night_score {
    size_t n;
    double loss, mae_w, pinball_w, coverage, seasonal_w;
} dcl_night_score;

/**
 * How the errors of the days since a version serves compare to its card's.
 * own, naive        mean over the last 7 days of the error of a day over that of the card; over that of the seasonal-naive
 * own_ph, naive_ph  Page-Hinkley statistics of the same ratios, day by day; above DCL_DRIFT_ALARM is drift
 */
typedef struct dcl_night_drift {
    size_t days;
    double own, naive, own_ph, naive_ph;
    bool seen;
} dcl_night_drift;

#define DCL_DRIFT_ALARM 3.0

/**
 * The one-sided Page-Hinkley test for a rise of the mean: the largest over the end of Σ (x_i − mean_i − allowed) above its lowest,
 * where mean_i is the mean so far.
 *
 * x [n]          in order of time; NaN are passed over
 * mean, weight   the mean that is known before, and how many values stand behind it; weight 0 = none
 * allowed        a rise that is none
 *
 * Returns the statistic at the last value, 0 and above; above a threshold of the caller's is a change.
 * Source: Page, "Continuous inspection schemes", Biometrika 41, 1954; Hinkley, Biometrika 58, 1971.
 */
double dcl_page_hinkley(const double *x, size_t n, double mean, double weight, double allowed);

/**
 * A night of a model.
 * night_us           the end of the days that were looked at: a civil midnight
 * was, is            the version that served and the one that serves now; 0 = none. Of a dry run, `is` = `was`
 * champion, challenger, parent   on the same days, [test_from_us, night_us); n = 0 where not tested. The parent is tested since
 *                    the champion serves
 * served, misses     forecasts written down, and the large misses among them
 * why                in words
 */
typedef struct dcl_night {
    dcl_night_did did;
    dcl_status status; /* of FAILED */
    int64_t night_us, test_from_us;
    uint32_t was, is;
    dcl_night_score champion, challenger, parent;
    dcl_night_drift drift;
    size_t served, misses;
    char why[384];
} dcl_night;

/** A run; opaque. */
typedef struct dcl_nightly dcl_nightly;

/**
 * Opens a shelf for a run. The shelf and what options points to stay the caller's and live longer.
 *
 * path  of the shelf
 *
 * Errors:  DCL_E_IO another run works on this shelf, or its folder cannot be written (a dry run writes nothing); DCL_E_MEMORY.
 * Threads: one at a time.
 */
dcl_status dcl_nightly_open(dcl_shelf *shelf, const char *path, const dcl_nightly_options *options,
                            dcl_nightly **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_nightly_close(dcl_nightly **run);

/**
 * One night of one model.
 *
 * name       on the shelf
 * homes [n]  that the model is of: one, or those of a panel; the data may go on beyond the context's now: it is not looked at
 *
 * What fails for this model alone is told in `out` (FAILED, with status and why); the caller goes on with the next.
 * Errors:  DCL_E_CANCELLED; DCL_E_MEMORY.
 */
dcl_status dcl_nightly_model(const dcl_context *context, dcl_nightly *run, const char *name,
                             const dcl_forecast_home *homes, size_t n, dcl_night *out,
                             dcl_error *error) DCL_MUST_USE;

/** Kinds of models: what they learn from. */
typedef enum dcl_nightly_kind {
    DCL_NIGHT_OTHER,     /* none that is learned anew of a home */
    DCL_NIGHT_FORECASTS, /* the past of homes: dcl_nightly_model() */
    DCL_NIGHT_GATEWAY, /* the same for a meter's microcontroller, and steps with their parts where these are known */
    DCL_NIGHT_POWER, /* homes with parts: plugs, sub-meters */
    DCL_NIGHT_LOADS, /* a home, and names that people gave to cycles of it */
    DCL_NIGHT_KINDS
} dcl_nightly_kind;

/** The kind of a model on the shelf, and the step of the readings that it is for (0 = any). Of OTHER out says why. Reads it whole. */
dcl_nightly_kind dcl_nightly_kind_of(dcl_nightly *run, const char *name, int64_t *period_us, dcl_night *out);

/** A name that somebody gave: the cycle that started at start_us, or is nearest to it within a minute, is `name`. */
typedef struct dcl_night_label {
    int64_t start_us;
    const char *name;
} dcl_night_label;

/**
 * One night of a model of another kind than forecasts. A challenger learns from what is before the test; where nothing on the test's
 * days tells which one is better (no parts, no names), the night waits. A model for gateways has its blobs beside it on the shelf; its
 * challenger serves only where the integers are within their budget.
 *
 * kind           as dcl_nightly_kind_of() told it
 * homes [n]      with truth where there is any, on the step that the model is for
 * labels         of DCL_NIGHT_LOADS; n_labels 0 elsewhere
 *
 * Errors:  DCL_E_ARG no such kind; DCL_E_CANCELLED; DCL_E_MEMORY. The rest as dcl_nightly_model().
 */
dcl_status dcl_nightly_homes(const dcl_context *context, dcl_nightly *run, const char *name,
                             dcl_nightly_kind kind, const dcl_home *homes, size_t n,
                             const dcl_night_label *labels, size_t n_labels, dcl_night *out,
                             dcl_error *error) DCL_MUST_USE;

#endif
