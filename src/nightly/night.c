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

/* The night is the last midnight that any home was measured up to, and none that is yet to come. */
static dcl_status cut_homes(night_job *j, const dcl_forecast_home *homes) {
    int64_t end = INT64_MIN;
    for (size_t h = 0; h < j->n; h++) {
        const dcl_series *power = homes[h].power;
        size_t n = power->n;
        while (n && isnan(power->value[n - 1])) n--;
        int64_t here = power->start_us + (int64_t)n * power->period_us;
        if (n && here > end) end = here;
    }
    if (end == INT64_MIN) return dcl_fail(j->error, DCL_E_NO_DATA, "the home has no value at all");
    j->out->night_us = night_midnight(j, end < j->context->now_us ? end : j->context->now_us);
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

/* ---------------------------------------------------------------- the night */

/* The current version learned up to this very night's test: a run promoted it and was killed before it could say so. */
static bool was_promoted(night_job *j) {
    const dcl_card *card = &j->champion.found.version.card;
    if (card->to_us != j->out->test_from_us || !card->kind || strcmp(card->kind, "forecast") != 0)
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
    dcl_status status = night_log_served(j);
    if (!status) status = night_try_parent(j, &back);
    if (status || back) return status;
    if (j->champion.learned_us > j->out->test_from_us)
        j->out->test_from_us = night_midnight_after(j, j->champion.learned_us);
    int64_t days = night_days_between(j, j->out->test_from_us, j->out->night_us);
    if (days >= options->least_days) return night_try_challenger(j);
    dcl_text text = {0};
    j->out->did = DCL_NIGHT_WAITED;
    dcl_text_format(&text, "%lld days since the current version learned; %d are needed to compare",
                    (long long)(days > 0 ? days : 0), options->least_days);
    night_put_why(j, text.failed ? "" : text.at);
    dcl_text_free(&text);
    return DCL_OK;
}

static dcl_status run_night(night_job *j, const dcl_forecast_home *homes) {
    const dcl_nightly_options *options = &j->run->options;
    dcl_status status = cut_homes(j, homes);
    if (status) return status;
    if (nightly_was_done(j->run, j->name, j->out->night_us)) {
        j->out->did = DCL_NIGHT_ALREADY;
        night_put_why(j, "this night was done before");
        return DCL_OK;
    }
    j->out->test_from_us = night_days_before(j, j->out->night_us, options->test_days);
    status = night_read_version(j, 0, &j->champion);
    if (status == DCL_E_NOT_FOUND && options->first)
        status = night_try_challenger(j);
    else if (!status)
        status = keep_current(j);
    if (!status && !options->dry_run) status = nightly_note(j->run, j->name, j->out, j->error);
    return status;
}

dcl_status dcl_nightly_model(const dcl_context *context, dcl_nightly *run, const char *name,
                             const dcl_forecast_home *homes, size_t n, dcl_night *out, dcl_error *error) {
    dcl_error own = {0};
    *out = (dcl_night){.did = DCL_NIGHT_FAILED, .drift = {.own = (double)NAN, .naive = (double)NAN}};
    night_job j = {.context = context, .run = run, .name = name, .n = n, .out = out, .error = &own};
    dcl_status status = n ? run_night(&j, homes) : dcl_fail(&own, DCL_E_NO_DATA, "there is no home");
    if (status) {
        out->did = DCL_NIGHT_FAILED;
        out->status = status;
        night_put_why(&j, own.msg);
    }
    dcl_forecast_close(&j.champion.model);
    free(j.log.row);
    dcl_arena_free(&j.arena);
    if (status != DCL_E_CANCELLED && status != DCL_E_MEMORY) return DCL_OK;
    if (error) *error = own;
    return status;
}

bool dcl_nightly_is_forecast(dcl_nightly *run, const char *name, dcl_night *out) {
    dcl_night night = {.did = DCL_NIGHT_SKIPPED};
    dcl_error error = {0};
    night_job j = {.run = run, .name = name, .out = &night, .error = &error};
    dcl_status status = night_read_version(&j, 0, &j.champion);
    const char *kind = j.champion.found.version.card.kind;
    bool other = status == DCL_E_FORMAT && kind && strcmp(kind, "forecast") != 0;
    if (other) {
        night_put_why(&j,
                      "no model of forecasts; those of appliances are learned by declic learn appliances");
    } else if (status) {
        night.did = DCL_NIGHT_FAILED, night.status = status;
        night_put_why(&j, error.msg);
    }
    if (out && status) *out = night;
    dcl_forecast_close(&j.champion.model);
    dcl_arena_free(&j.arena);
    return status == DCL_OK;
}
