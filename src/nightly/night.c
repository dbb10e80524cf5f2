/* A night of a model: write down what was served, look for drift, roll back or let a challenger try. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nightly/night.h"

void night_put_why(night_job *j, const char *text) {
    size_t n = strlen(text);
    if (n >= sizeof j->out->why) n = sizeof j->out->why - 1;
    for (size_t i = 0; i < n; i++) j->out->why[i] = text[i] == '"' || text[i] == '\n' ? '\'' : text[i];
    j->out->why[n] = 0;
}

/* ---------------------------------------------------------------- time */

int64_t night_midnight(const night_job *j, int64_t time_us) {
    return dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, time_us));
}
int64_t night_midnight_after(const night_job *j, int64_t time_us) { /* or at it */
    int64_t day = night_midnight(j, time_us);
    return day == time_us ? day
                          : dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, time_us) + 1);
}
int64_t night_days_before(const night_job *j, int64_t midnight_us, int days) {
    return dcl_zone_day_start(j->context->zone, dcl_zone_day(j->context->zone, midnight_us) - days);
}
int64_t night_days_between(const night_job *j, int64_t from_us, int64_t to_us) {
    return dcl_zone_day(j->context->zone, to_us) - dcl_zone_day(j->context->zone, from_us);
}

/* Where what is known of a series ends; INT64_MIN = nothing is. */
static int64_t known_to(const dcl_series *power) {
    size_t n = power ? power->n : 0;
    while (n && isnan(power->value[n - 1])) n--;
    return n ? power->start_us + (int64_t)n * power->period_us : INT64_MIN;
}

/* The night is the last midnight that any home was measured up to, and none that is yet to come. */
static dcl_status find_night(night_job *j, const dcl_forecast_home *homes, const dcl_home *houses) {
    int64_t end = INT64_MIN;
    for (size_t h = 0; h < j->n + j->n_houses; h++) {
        const dcl_series *power = homes ? homes[h].power : dcl_home_series(&houses[h], DCL_POWER_W);
        if (!power && houses) power = dcl_home_series(&houses[h], DCL_APPARENT_VA);
        int64_t here = known_to(power);
        if (here > end) end = here;
    }
    if (end == INT64_MIN) return dcl_fail(j->error, DCL_E_NO_DATA, "the home has no value at all");
    j->out->night_us = night_midnight(j, end < j->context->now_us ? end : j->context->now_us);
    return DCL_OK;
}

static dcl_status cut_homes(night_job *j, const dcl_forecast_home *homes) {
    j->home = dcl_arena_alloc(&j->arena, j->n, sizeof *j->home);
    dcl_series *power = dcl_arena_alloc(&j->arena, j->n, sizeof *power);
    if (!j->home || !power) return dcl_fail_memory(j->error, "the homes");
    for (size_t h = 0; h < j->n; h++) {
        j->home[h] = homes[h];
        power[h] = *homes[h].power;
        int64_t known = j->out->night_us - power[h].start_us;
        if (known <= 0) return dcl_fail(j->error, DCL_E_NO_DATA, "nothing was measured before this night");
        if (dcl_series_end_us(&power[h]) > j->out->night_us)
            power[h].n = (size_t)(known / power[h].period_us);
        j->home[h].power = &power[h];
    }
    return DCL_OK;
}

dcl_status night_part(night_job *j, const dcl_home *home, int64_t from_us, int64_t to_us, dcl_home *out) {
    *out = *home;
    out->series = dcl_arena_alloc(&j->arena, home->n_series, sizeof *out->series);
    out->truth = dcl_arena_alloc(&j->arena, home->n_truth, sizeof *out->truth);
    out->va_maxima = dcl_arena_alloc(&j->arena, home->n_va_maxima, sizeof *out->va_maxima);
    if (!out->series || !out->truth || !out->va_maxima) return dcl_fail_memory(j->error, "the homes");
    if (home->n_series) memcpy(out->series, home->series, home->n_series * sizeof *out->series);
    if (home->n_truth) memcpy(out->truth, home->truth, home->n_truth * sizeof *out->truth);
    if (home->n_va_maxima)
        memcpy(out->va_maxima, home->va_maxima, home->n_va_maxima * sizeof *out->va_maxima);
    dcl_home_slice(out, from_us, to_us);
    return DCL_OK;
}

static dcl_status cut_houses(night_job *j, const dcl_home *houses) {
    j->house = dcl_arena_alloc(&j->arena, j->n_houses, sizeof *j->house);
    if (!j->house) return dcl_fail_memory(j->error, "the homes");
    dcl_status status = DCL_OK;
    for (size_t h = 0; !status && h < j->n_houses; h++)
        status = night_part(j, &houses[h], INT64_MIN, j->out->night_us, &j->house[h]);
    return status;
}

/* ---------------------------------------------------------------- the night */

/* The current version learned up to this very night's test: a run promoted it and was killed before it could say so. */
static bool was_promoted(night_job *j) {
    const dcl_card *card = &j->champion.found.version.card;
    if (card->to_us != j->out->test_from_us || !card->kind || strcmp(card->kind, j->kind->name) != 0)
        return false;
    j->out->did = card->parent ? DCL_NIGHT_PROMOTED : DCL_NIGHT_FIRST;
    j->out->was = card->parent;
    night_put_why(j, card->why ? card->why : "");
    return true;
}

static dcl_status keep_current(night_job *j) {
    bool back = false;
    const dcl_nightly_options *options = &j->run->options;
    j->out->was = j->out->is = j->champion.found.version.number;
    if (was_promoted(j)) return DCL_OK;
    dcl_status status = j->kind->log ? j->kind->log(j) : DCL_OK;
    if (!status) status = night_try_parent(j, &back);
    if (status || back) return status;
    if (j->champion.learned_us > j->out->test_from_us)
        j->out->test_from_us = night_midnight_after(j, j->champion.learned_us);
    int64_t days = night_days_between(j, j->out->test_from_us, j->out->night_us);
    if (days >= options->least_days) {
        status = night_try_challenger(j);
        /* Parts and names of a home come when people wear plugs and say names: a night without them is none to fail. */
        if (status != DCL_E_NO_DATA || j->kind == &night_forecasts) return status;
        j->out->did = DCL_NIGHT_WAITED;
        night_put_why(j, j->error->msg);
        return DCL_OK;
    }
    dcl_text text = {0};
    j->out->did = DCL_NIGHT_WAITED;
    dcl_text_format(&text, "%lld days since the current version learned; %d are needed to compare",
                    (long long)(days > 0 ? days : 0), options->least_days);
    night_put_why(j, text.failed ? "" : text.at);
    dcl_text_free(&text);
    return DCL_OK;
}

static dcl_status run_night(night_job *j, const dcl_forecast_home *homes, const dcl_home *houses) {
    const dcl_nightly_options *options = &j->run->options;
    dcl_status status = find_night(j, homes, houses);
    if (!status) status = homes ? cut_homes(j, homes) : cut_houses(j, houses);
    if (status) return status;
    if (nightly_was_done(j->run, j->name, j->out->night_us)) {
        j->out->did = DCL_NIGHT_ALREADY;
        night_put_why(j, "this night was done before");
        return DCL_OK;
    }
    j->out->test_from_us = night_days_before(j, j->out->night_us, options->test_days);
    status = night_read_version(j, 0, &j->champion);
    if (status == DCL_E_NOT_FOUND && options->first && homes)
        status = night_try_challenger(j);
    else if (!status)
        status = keep_current(j);
    if (!status && !options->dry_run) status = nightly_note(j->run, j->name, j->out, j->error);
    return status;
}

/* Whatever fails for this model alone is told in the night. */
static dcl_status finish(night_job *j, dcl_status status, dcl_error *error) {
    if (status) {
        j->out->did = DCL_NIGHT_FAILED;
        j->out->status = status;
        night_put_why(j, j->error->msg);
    }
    j->kind->close(&j->champion.model);
    free(j->log.row);
    dcl_arena_free(&j->arena);
    if (status != DCL_E_CANCELLED && status != DCL_E_MEMORY) return DCL_OK;
    if (error) *error = *j->error;
    return status;
}

static const dcl_night nothing_yet = {.did = DCL_NIGHT_FAILED,
                                      .drift = {.own = (double)NAN, .naive = (double)NAN}};

dcl_status dcl_nightly_model(const dcl_context *context, dcl_nightly *run, const char *name,
                             const dcl_forecast_home *homes, size_t n, dcl_night *out, dcl_error *error) {
    dcl_error own = {0};
    night_job j = {.context = context,
                   .run = run,
                   .name = name,
                   .kind = &night_forecasts,
                   .n = n,
                   .out = out,
                   .error = &own};
    *out = nothing_yet;
    dcl_status status = n ? run_night(&j, homes, NULL) : dcl_fail(&own, DCL_E_NO_DATA, "there is no home");
    return finish(&j, status, error);
}

static const night_kind *const kinds[DCL_NIGHT_KINDS] = {[DCL_NIGHT_FORECASTS] = &night_forecasts,
                                                         [DCL_NIGHT_GATEWAY] = &night_gateways,
                                                         [DCL_NIGHT_POWER] = &night_powers,
                                                         [DCL_NIGHT_LOADS] = &night_loads};

dcl_status dcl_nightly_homes(const dcl_context *context, dcl_nightly *run, const char *name,
                             dcl_nightly_kind kind, const dcl_home *homes, size_t n,
                             const dcl_night_label *labels, size_t n_labels, dcl_night *out,
                             dcl_error *error) {
    dcl_error own = {0};
    *out = nothing_yet;
    if (kind <= DCL_NIGHT_FORECASTS || kind >= DCL_NIGHT_KINDS)
        return dcl_fail(error, DCL_E_ARG, "no kind of model that learns from whole homes");
    night_job j = {.context = context,
                   .run = run,
                   .name = name,
                   .kind = kinds[kind],
                   .n_houses = n,
                   .label = labels,
                   .n_labels = n_labels,
                   .out = out,
                   .error = &own};
    dcl_status status = n ? run_night(&j, NULL, homes) : dcl_fail(&own, DCL_E_NO_DATA, "there is no home");
    return finish(&j, status, error);
}

/* The kind that a model's head names; DCL_NIGHT_OTHER = none that learns anew. */
static dcl_nightly_kind kind_of(const char *bytes, size_t n) {
    for (int kind = DCL_NIGHT_FORECASTS; n >= 32 && kind < DCL_NIGHT_KINDS; kind++)
        if (memcmp(bytes, "DCLMODEL", 8) == 0 && strncmp(bytes + 16, kinds[kind]->name, 16) == 0)
            return (dcl_nightly_kind)kind;
    return DCL_NIGHT_OTHER;
}

dcl_nightly_kind dcl_nightly_kind_of(dcl_nightly *run, const char *name, int64_t *period_us, dcl_night *out) {
    dcl_night night = {.did = DCL_NIGHT_SKIPPED};
    dcl_error error = {0};
    night_job j = {.run = run, .name = name, .out = &night, .error = &error};
    dcl_shelf_model found;
    dcl_status status = dcl_shelf_read(run->shelf, name, 0, &j.arena, &found, &error);
    dcl_nightly_kind kind = status ? DCL_NIGHT_OTHER : kind_of(found.bytes, found.n);
    j.kind = kinds[kind];
    *period_us = 0;
    if (!status && j.kind) {
        status = night_read_version(&j, 0, &j.champion);
        if (!status && j.kind->period) *period_us = j.kind->period(j.champion.model);
        j.kind->close(&j.champion.model);
    } else if (!status) {
        night_put_why(
            &j, "no model that is learned anew of a home: it is of types of appliances, or of nothing known");
    }
    if (status) {
        night.did = DCL_NIGHT_FAILED, night.status = status, kind = DCL_NIGHT_OTHER;
        night_put_why(&j, error.msg);
    }
    *out = night;
    dcl_arena_free(&j.arena);
    return kind;
}
