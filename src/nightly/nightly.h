/* What the files of a run share: its folder, the log of what was served, and the misses in it. */
#ifndef DCL_NIGHTLY_NIGHTLY_H
#define DCL_NIGHTLY_NIGHTLY_H

#include <declic/nightly.h>

#include "base/status.h"
#include "base/text.h"

#define NIGHTLY_FOLDER     ".nightly"
#define NIGHTLY_CHALLENGER "challenger" /* bytes on their way to the shelf */
enum { NIGHTLY_ROWS = 20000, NIGHTLY_MISSES = 2000, NIGHTLY_PATH = 4096 };

struct dcl_nightly {
    dcl_shelf *shelf;
    dcl_nightly_options options;
    int lock; /* -1 = none */
    char folder[NIGHTLY_PATH];
};

/** A forecast and what came true, W. seasonal NaN = not known; actual never is. */
typedef struct night_row {
    const char *home;
    int64_t issued_us, start_us, end_us;
    uint32_t version;
    float p50, p10, p90, seasonal, actual;
} night_row;

/** Rows in order of nights. malloc'd; names of homes are the arena's. */
typedef struct night_log {
    night_row *row;
    size_t n, room;
} night_log;

/** Reads what was served to a model; none where nothing was. Errors: DCL_E_FORMAT, DCL_E_IO, DCL_E_MEMORY. */
dcl_status nightly_log_read(const dcl_nightly *run, const char *name, dcl_arena *arena, night_log *out,
                            dcl_error *error) DCL_MUST_USE;
/** Writes the latest NIGHTLY_ROWS of them. */
dcl_status nightly_log_write(const dcl_nightly *run, const char *name, const night_log *log,
                             dcl_error *error) DCL_MUST_USE;
dcl_status nightly_log_add(night_log *log, const night_row *row, dcl_error *error) DCL_MUST_USE;

/** Large misses as what a challenger learns more from; in the arena. None where none was kept. */
dcl_status nightly_stress_read(const dcl_nightly *run, const char *name, dcl_arena *arena,
                               dcl_forecast_stress **out, size_t *n, dcl_error *error) DCL_MUST_USE;
/** Adds the rows [first, log->n) whose error is above large_w to the misses, with the features that the model had. */
dcl_status nightly_misses_add(const dcl_context *context, const dcl_nightly *run, const char *name,
                              const dcl_forecast_model *model, const dcl_forecast_home *homes, size_t n_homes,
                              const night_log *log, size_t first, double large_w, size_t *added,
                              dcl_error *error) DCL_MUST_USE;

/** True where the last line of a model's nights is of this night. */
bool nightly_was_done(const dcl_nightly *run, const char *name, int64_t night_us);
/** Adds a line of what was decided. */
dcl_status nightly_note(const dcl_nightly *run, const char *name, const dcl_night *night,
                        dcl_error *error) DCL_MUST_USE;

/** The errors of a version in the log beside its card's: own_w and naive (its error over that of seasonal-naive); NaN = not known. */
dcl_status nightly_drift(const dcl_context *context, const night_log *log, uint32_t version, double own_w,
                         double naive, dcl_night_drift *out, dcl_error *error) DCL_MUST_USE;

/** SHELF/.nightly/<model>.<what> */
void nightly_path(const dcl_nightly *run, const char *name, const char *what, char path[NIGHTLY_PATH]);

#endif
