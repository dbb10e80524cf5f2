/* The runs of one load: when it is on above its own standby level. */
#include "appliance/signature.h"
#include "base/status.h"

#include <math.h>

dcl_run_options dcl_run_defaults(void) {
    return (dcl_run_options){.above_w = 6, .bridge_s = 60, .least_s = 10};
}

/* Runs while they are found. */
typedef struct finder {
    dcl_run *run;
    size_t n, bridge, least; /* samples */
    float standby_w;
} finder;

static void close_run(finder *f) {
    if (f->n && f->run[f->n - 1].last - f->run[f->n - 1].first < f->least) f->n--;
}

/* A stretch of on-samples: joins the run before where the pause is short. */
static void add_stretch(finder *f, size_t first, size_t last) {
    if (f->n && first - f->run[f->n - 1].last <= f->bridge) {
        f->run[f->n - 1].last = last;
        return;
    }
    close_run(f);
    f->run[f->n++] = (dcl_run){first, last, f->standby_w, false};
}

static void find(finder *f, const dcl_series *power, float above) {
    size_t first = 0;
    bool on = false;
    for (size_t i = 0; i < power->n; i++) {
        bool now = power->value[i] > above; /* false for NaN */
        if (now && !on) first = i;
        if (!now && on) add_stretch(f, first, i);
        on = now;
    }
    if (on) add_stretch(f, first, power->n);
    close_run(f);
}

static void whole_day(dcl_runs *out, const dcl_series *power) {
    size_t first = 0, last = power->n;
    while (isnan(power->value[first])) first++;
    while (isnan(power->value[last - 1])) last--;
    out->run[0] = (dcl_run){first, last, 0, true};
    out->n = 1;
}

/* How many stretches at most: places where the power comes up over the threshold. */
static size_t stretches(const dcl_series *power, float above) {
    size_t n = 1;
    for (size_t i = 1; i < power->n; i++) n += power->value[i] > above && !(power->value[i - 1] > above);
    return n + 1;
}

dcl_status dcl_runs_find(const dcl_series *power, const dcl_run_options *options, dcl_arena *arena,
                         dcl_runs *out, dcl_error *error) {
    if (!(options->above_w >= 0 && options->bridge_s >= 0 && options->least_s >= 0))
        return dcl_fail(error, DCL_E_ARG, "the bounds of a run are 0 or more");
    dcl_spread spread = {{0}, 0};
    for (size_t i = 0; i < power->n; i++) {
        if (!isnan(power->value[i])) dcl_spread_add(&spread, power->value[i]);
    }
    if (!spread.n) return dcl_fail(error, DCL_E_NO_DATA, "a load without a single reading");
    double samples_s = 1e6 / (double)power->period_us;
    finder f = {.standby_w = dcl_spread_quantile(&spread, 0.02)};
    f.bridge = (size_t)fmin(options->bridge_s * samples_s, 1e9);
    f.least = (size_t)ceil(fmin(options->least_s * samples_s, 1e9));
    float above = f.standby_w + (float)options->above_w;
    f.run = dcl_arena_alloc(arena, stretches(power, above), sizeof *f.run);
    if (!f.run) return dcl_fail_memory(error, "the runs of a load");
    find(&f, power, above);
    *out = (dcl_runs){f.run, f.n, f.standby_w};
    if (f.n == 0) whole_day(out, power);
    return DCL_OK;
}
