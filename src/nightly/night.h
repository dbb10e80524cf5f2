/* A night of a model while it is worked on: what its parts hand each other. */
#ifndef DCL_NIGHTLY_NIGHT_H
#define DCL_NIGHTLY_NIGHT_H

#include "nightly/nightly.h"

/** A version in memory, in its kind's own form. learned_us: the end of what it saw. */
typedef struct night_version {
    dcl_shelf_model found;
    void *model;
    int64_t learned_us;
} night_version;

typedef struct night_job night_job;

/**
 * What models of a kind can do. `learn` sees what is before the test, `score` what is from a moment on to the night.
 *
 * name       the kind in a model's head and in cards
 * open       from bytes that the job's arena holds; learned_us: the end of what it saw, where it knows
 * score      loss: what is compared. Errors: DCL_E_NO_DATA nothing on those days tells
 * put_score  the loss in words
 * write      to a file
 * describe   features, figures and files of a card; what it points to lives as long as the model and the job's arena
 * log        writes down what was served, and looks for drift; NULL = there is nothing of the kind
 */
typedef struct night_kind {
    const char *name;
    dcl_status (*open)(const void *bytes, size_t n, void **out, int64_t *learned_us, dcl_error *error);
    void (*close)(void **model);
    dcl_status (*learn)(night_job *j, void **out);
    dcl_status (*score)(night_job *j, const void *model, int64_t from_us, dcl_night_score *out);
    void (*put_score)(dcl_text *text, const dcl_night_score *score);
    dcl_status (*write)(const void *model, const char *path, dcl_error *error);
    dcl_status (*describe)(night_job *j, const void *model, const dcl_night_score *score, dcl_card *card);
    dcl_status (*log)(night_job *j);
    int64_t (*period)(const void *model); /* of the readings it is for; NULL = any */
} night_kind;

extern const night_kind night_forecasts, night_gateways, night_powers, night_loads;

struct night_job {
    const dcl_context *context;
    dcl_nightly *run;
    const char *name;
    const night_kind *kind;
    dcl_forecast_home *home; /* [n] of forecasts, cut at the night */
    size_t n;
    dcl_home *house; /* [n_houses] of the other kinds, cut at the night */
    size_t n_houses;
    const dcl_night_label *label; /* [n_labels] */
    size_t n_labels;
    dcl_arena arena;
    night_version champion;
    night_log log;
    dcl_night *out;
    dcl_error *error;
};

enum { NIGHT_CATCH_UP_DAYS = 28 }; /* the most that is written down, and looked at since a version serves */

/** Why it came to what it did, in the night; what a line of CSV cannot hold is replaced. */
void night_put_why(night_job *j, const char *text);
/** A figure of a card; NaN = it has none of that name. */
double night_metric(const dcl_card *card, const char *name);

/** The civil midnight before a time or at it, after it or at it, and so many days before a midnight; days between two. */
int64_t night_midnight(const night_job *j, int64_t time_us);
int64_t night_midnight_after(const night_job *j, int64_t time_us);
int64_t night_days_before(const night_job *j, int64_t midnight_us, int days);
int64_t night_days_between(const night_job *j, int64_t from_us, int64_t to_us);

/** How forecasts are rolled from a time to the night. */
dcl_backtest_options night_roll_options(const night_job *j, int64_t from_us);
/** A copy of a home, in the job's arena, with what lies in [from, to) alone. */
dcl_status night_part(night_job *j, const dcl_home *home, int64_t from_us, int64_t to_us,
                      dcl_home *out) DCL_MUST_USE;
/** Reads a version, 0 = the current one. What it holds is the arena's; close the model. Errors: those of the shelf and of the model. */
dcl_status night_read_version(night_job *j, uint32_t number, night_version *out) DCL_MUST_USE;
/** Puts a model on the shelf and lets it serve; nothing of a dry run. */
dcl_status night_promote(night_job *j, const void *model, const dcl_night_score *s) DCL_MUST_USE;

/** Writes down what the current version served since the last night, its large misses, and how that compares to its card. */
dcl_status night_log_served(night_job *j) DCL_MUST_USE;
/** True in *back where the parent did clearly better since the current version serves; it serves again then. */
dcl_status night_try_parent(night_job *j, bool *back) DCL_MUST_USE;
/** Learns a challenger, compares it, and lets it serve where it is better. */
dcl_status night_try_challenger(night_job *j) DCL_MUST_USE;

#endif
