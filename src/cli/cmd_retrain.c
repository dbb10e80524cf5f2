/* declic retrain: a night of every model on a shelf. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/nightly.h>

#include "cli/events.h"
#include "cli/retrain.h"

/* A night, and the model it was of. */
typedef struct done_night {
    const char *model;
    dcl_night night;
} done_night;

typedef struct job {
    session *cli;
    forecast_words words;
    dcl_forecast_model *with;
    dcl_nightly *run;
    retrain_places places;
    done_night *done;
    size_t n, room;
} job;

/* ---------------------------------------------------------------- one model */

static dcl_status note(job *j, const char *model, const dcl_night *night) {
    session *cli = j->cli;
    if (dcl_grow(&j->done, &j->room, j->n + 1, sizeof *j->done))
        return dcl_fail_memory(&cli->error, "the nights");
    j->done[j->n++] = (done_night){model, *night};
    clear_bar(cli);
    if (night->did == DCL_NIGHT_SKIPPED) say(cli, "declic: %s: skipped: %s\n", model, night->why);
    if (night->did == DCL_NIGHT_FAILED) { /* whatever --quiet says */
        fprintf(stderr, "declic: %s: failed: ", model);
        put_clean(stderr, night->why);
        fprintf(stderr, "\n");
    }
    return DCL_OK;
}

static dcl_status fail_model(job *j, const char *model, dcl_status code, const char *why) {
    dcl_night night = {.did = DCL_NIGHT_FAILED, .status = code};
    (void)snprintf(night.why, sizeof night.why, "%s", why);
    return note(j, model, &night);
}

/* A model of a home, and what it is. */
typedef struct task {
    const char *model;
    const retrain_place *place;
    dcl_nightly_kind kind;
    int64_t period_us;
    bool is_new;
} task;

/* Reads what the model learns from and does its night; *read says whether the first was possible. */
static dcl_status read_and_do(job *j, const task *t, bool *read, dcl_night *night) {
    session *cli = j->cli;
    dcl_context *context = &cli->context;
    *read = false;
    if (t->kind == DCL_NIGHT_FORECASTS) {
        forecast_homes homes;
        dcl_status status = read_forecast_homes(cli, 0, &homes);
        *read = !status;
        return status ? status
                      : dcl_nightly_model(context, j->run, t->model, homes.home, homes.n, night, &cli->error);
    }
    dcl_home home;
    dcl_night_label *labels;
    size_t n_labels;
    dcl_status status = read_house(cli, t->place, t->kind, t->period_us, &home, &labels, &n_labels);
    *read = !status;
    return status ? status
                  : dcl_nightly_homes(context, j->run, t->model, t->kind, &home, 1, labels, n_labels, night,
                                      &cli->error);
}

/* The homes of a place live in an arena of their own. */
static dcl_status do_place(job *j, const task *t) {
    session *cli = j->cli;
    dcl_arena kept = cli->arena;
    const char *input = t->place->path, **words = cli->inputs; /* main's to free */
    dcl_night night;
    bool read;
    cli->arena = (dcl_arena){0};
    cli->inputs = &input, cli->n_inputs = 1;
    cli->home = cli->read.home = t->place->id;
    cli->error = (dcl_error){.pos = {0, -1}};
    dcl_status status = read_and_do(j, t, &read, &night);
    cli->inputs = words, cli->n_inputs = 0;
    dcl_arena_free(&cli->arena);
    cli->arena = kept;
    if (read) return status ? status : note(j, t->model, &night);
    if (status == DCL_E_CANCELLED || status == DCL_E_MEMORY) return status;
    clear_bar(cli);
    if (!t->is_new) return fail_model(j, t->model, status, cli->error.msg);
    say(cli, "declic: %s passed over: %s\n", input, cli->error.msg);
    return DCL_OK;
}

static dcl_status do_model(job *j, const char *model) {
    dcl_night night;
    task t = {.model = model};
    t.kind = dcl_nightly_kind_of(j->run, model, &t.period_us, &night);
    /* Nothing serves: --new makes first versions of forecasts, and a run that was killed may have begun this one. */
    if (night.status == DCL_E_NOT_FOUND && j->cli->first && !strncmp(model, "forecast-", 9))
        t.kind = DCL_NIGHT_FORECASTS;
    if (t.kind == DCL_NIGHT_OTHER) return note(j, model, &night);
    t.place = place_of(&j->places, model);
    if (!t.place)
        return fail_model(j, model, DCL_E_NOT_FOUND, "no file, store or folder of --data is called like it");
    return do_place(j, &t);
}

/* A first model of each home that no model is called like. */
static dcl_status do_new(job *j, char **names, size_t n) {
    session *cli = j->cli;
    dcl_status status = DCL_OK;
    const char *horizon = dcl_horizon_name(j->words.horizon);
    for (size_t p = 0; !status && p < j->places.n; p++) {
        const retrain_place *place = &j->places.at[p];
        char model[128];
        bool has = place->alias;
        for (size_t i = 0; i < n; i++) has = has || is_called(names[i], place->key, horizon);
        for (size_t i = p + 1; i < j->places.n; i++) /* one that stands on the shelf under its other name */
            for (size_t k = 0; j->places.at[i].path == place->path && j->places.at[i].alias && k < n; k++)
                has = has || is_called(names[k], j->places.at[i].key, horizon);
        if (has) continue;
        (void)snprintf(model, sizeof model, "forecast-%s%s%s", place->key,
                       j->words.horizon == DCL_HORIZON_DAY ? "" : "-",
                       j->words.horizon == DCL_HORIZON_DAY ? "" : horizon);
        char *name = dcl_arena_strdup(&cli->arena, model);
        const task t = {name, place, DCL_NIGHT_FORECASTS, 0, true};
        status = name ? do_place(j, &t) : dcl_fail_memory(&cli->error, "a name");
    }
    return status;
}

/* ---------------------------------------------------------------- what came of it */

static void put_time(dcl_json_writer *json, const char *key, int64_t time_us) {
    if (time_us)
        dcl_json_key_time(json, key, time_us);
    else
        dcl_json_key_string(json, key, NULL);
}

static void put_score(dcl_json_writer *json, const char *key, const dcl_night_score *score) {
    dcl_json_key(json, key);
    if (!score->n) {
        dcl_json_string(json, NULL);
        return;
    }
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "n", (int64_t)score->n);
    dcl_json_key_fixed(json, "loss", score->loss, 4);
    dcl_json_key_fixed(json, "mae_w", score->mae_w, 3);
    dcl_json_key_fixed(json, "pinball_w", score->pinball_w, 3);
    dcl_json_key_fixed(json, "coverage", score->coverage, 4);
    dcl_json_key_fixed(json, "seasonal_w", score->seasonal_w, 3);
    dcl_json_end(json, '}');
}

static void put_version(dcl_json_writer *json, const char *key, uint32_t number) {
    dcl_json_key(json, key);
    if (number)
        dcl_json_integer(json, number);
    else
        dcl_json_string(json, NULL);
}

static void put_night(dcl_json_writer *json, const done_night *done) {
    const dcl_night *night = &done->night;
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "model", done->model);
    dcl_json_key_string(json, "did", dcl_night_did_name(night->did));
    put_version(json, "was", night->was);
    put_version(json, "is", night->is);
    put_time(json, "night", night->night_us);
    put_time(json, "test_from", night->test_from_us);
    put_score(json, "champion", &night->champion);
    put_score(json, "challenger", &night->challenger);
    put_score(json, "parent", &night->parent);
    dcl_json_key(json, "drift");
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "days", (int64_t)night->drift.days);
    dcl_json_key_fixed(json, "own", night->drift.own, 3);
    dcl_json_key_fixed(json, "naive", night->drift.naive, 3);
    dcl_json_key_fixed(json, "own_ph", night->drift.own_ph, 3);
    dcl_json_key_fixed(json, "naive_ph", night->drift.naive_ph, 3);
    dcl_json_key(json, "seen");
    dcl_json_bool(json, night->drift.seen);
    dcl_json_end(json, '}');
    dcl_json_key_integer(json, "served", (int64_t)night->served);
    dcl_json_key_integer(json, "misses", (int64_t)night->misses);
    dcl_json_key_string(json, "why", night->why);
    dcl_json_end(json, '}');
}

static int write_json(const job *j) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key(&json, "dry_run");
    dcl_json_bool(&json, j->cli->dry_run);
    dcl_json_key(&json, "nights");
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < j->n; i++) put_night(&json, &j->done[i]);
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
    return session_write(j->cli, &text);
}

static int write_table(const job *j) {
    dcl_text text = {0};
    if (!j->n)
        say(j->cli, "declic: no model is on this shelf; --new makes a first one of forecasts of each home\n");
    for (size_t i = 0; i < j->n; i++) {
        const dcl_night *night = &j->done[i].night;
        dcl_text_format(&text, "%-28s %-11s", j->done[i].model, dcl_night_did_name(night->did));
        if (night->was != night->is) dcl_text_format(&text, " %u -> %u", night->was, night->is);
        dcl_text_format(&text, "  %s%s\n", night->why, night->drift.seen ? " (drift)" : "");
    }
    return session_write(j->cli, &text);
}

/* 3 where a model failed and another did not; 1 where all did. */
static int code_of(const job *j) {
    size_t failed = 0;
    for (size_t i = 0; i < j->n; i++) failed += j->done[i].night.did == DCL_NIGHT_FAILED;
    if (!failed && j->places.passed) return j->n ? CLI_PART : CLI_FAILED;
    return !failed ? CLI_DONE : failed == j->n ? CLI_FAILED : CLI_PART;
}

/* ---------------------------------------------------------------- the command */

static dcl_nightly_options options_of(const job *j) {
    const session *cli = j->cli;
    dcl_nightly_options options = dcl_nightly_defaults();
    options.dry_run = cli->dry_run;
    options.first = cli->first;
    options.version = DCL_VERSION;
    options.with = j->with;
    options.learn.horizon = j->words.horizon;
    options.learn.colours = j->words.tariff;
    options.learn.off_peak = j->words.has_hours ? &j->words.hours : NULL;
    if (cli->rows) options.learn.rows = (size_t)(cli->rows < 20000000 ? cli->rows : 20000000);
    if (cli->rounds) options.learn.rounds = (int)(cli->rounds < 10000 ? cli->rounds : 10000);
    return options;
}

static dcl_status run(job *j, dcl_shelf *shelf) {
    session *cli = j->cli;
    char **names;
    size_t n;
    dcl_status status = cli->with ? dcl_forecast_read(cli->with, &j->with, &cli->error) : DCL_OK;
    const dcl_nightly_options options = options_of(j);
    if (!status) status = dcl_nightly_open(shelf, cli->shelf, &options, &j->run, &cli->error);
    if (!status) status = find_places(cli, &j->places);
    if (!status) status = dcl_shelf_names(shelf, &cli->arena, &names, &n, &cli->error);
    for (size_t i = 0; !status && i < n; i++) status = do_model(j, names[i]);
    if (!status && cli->first) status = do_new(j, names, n);
    return status;
}

int run_retrain(session *cli) {
    job j = {.cli = cli};
    dcl_shelf *shelf = NULL;
    if (!cli->shelf || !cli->data) return session_usage(cli, "retrain needs --shelf DIR and --data DIR");
    if (!read_forecast_words(cli, &j.words)) return CLI_USAGE;
    dcl_status status = dcl_shelf_open(cli->shelf, cli->first && !cli->dry_run, &shelf, &cli->error);
    if (status == DCL_E_NOT_FOUND && !cli->first)
        status = dcl_fail_file(&cli->error, DCL_E_NOT_FOUND, cli->shelf,
                               "no such shelf: --new makes one, with a first model of each home");
    if (!status) status = run(&j, shelf);
    int code = status ? session_fail(cli, status) : cli->json ? write_json(&j) : write_table(&j);
    if (code == CLI_DONE) code = code_of(&j);
    dcl_nightly_close(&j.run);
    dcl_forecast_close(&j.with);
    dcl_shelf_close(&shelf);
    free(j.places.at);
    free(j.done);
    dcl_tariff_close(&j.words.tariff);
    return code;
}
