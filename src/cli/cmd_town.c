#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <declic/town.h>

#include "base/ranks.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/ranks.h"
#include "cli/summary.h"

/* One home with its truth, several in a store, or a panel of many. */

enum { HOMES_MAX = 1000, PANEL_MAX = 100000000, DAYS_MAX = 36600 };

/* ---------------------------------------------------------------- what to simulate */

/* `family_gas=0.3`. */
static bool read_share(session *cli, const char *word, dcl_town_options *options) {
    char name[64], *rest;
    const char *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : 0;
    if (!n || n >= sizeof name) return session_usage(cli, "--share %s: expected KIND=SHARE", word), false;
    memcpy(name, word, n);
    name[n] = 0;
    dcl_household kind = dcl_household_find(name);
    double share = strtod(equals + 1, &rest);
    if (kind == DCL_HOUSEHOLD_COUNT || kind == DCL_HOUSEHOLD_UNKNOWN) {
        const char *names[DCL_HOUSEHOLD_COUNT];
        for (unsigned k = 1; k < DCL_HOUSEHOLD_COUNT; k++)
            names[k - 1] = dcl_household_name((dcl_household)k);
        const char *near = nearest(name, names, DCL_HOUSEHOLD_COUNT - 1);
        return session_usage(cli, "--share: no kind of household is called %s%s%s", name,
                             near ? "; did you mean " : "", near ? near : ""),
               false;
    }
    if (rest == equals + 1 || *rest || !(share >= 0 && share <= 1e9))
        return session_usage(cli, "--share %s: expected a share of 0 or more", word), false;
    options->share[kind] = share;
    return true;
}

static int64_t year_start(const session *cli, int64_t year) {
    return dcl_zone_day_start(cli->zone, dcl_days_from_date((int)year, 1, 1));
}

/* Panels are of whole years where nothing else is said. False after saying what is wrong. */
static bool read_span(session *cli, bool panel, dcl_town_options *options) {
    if (cli->year && (cli->from || cli->days))
        return session_usage(cli, "--year is the whole of it: not with --from or --days"), false;
    if (cli->days > DAYS_MAX) return session_usage(cli, "--days: at most %d", DAYS_MAX), false;
    if (cli->year > 9999) return session_usage(cli, "--year: at most 9999"), false;
    options->days = cli->days ? (int)cli->days : panel ? 365 : 7;
    if (cli->from) options->start_us = cli->read.from_us;
    if (panel && !cli->from) options->start_us = year_start(cli, 2025);
    if (cli->year) {
        options->start_us = year_start(cli, cli->year);
        options->days =
            (int)(dcl_days_from_date((int)cli->year + 1, 1, 1) - dcl_days_from_date((int)cli->year, 1, 1));
    }
    return true;
}

/* Shares and weather. DCL_E_ARG after saying what is wrong with the command line. */
static dcl_status read_setting(session *cli, dcl_weather *weather, dcl_town_options *options) {
    dcl_status status = DCL_OK;
    if (cli->mix && cli->n_columns) return session_usage(cli, "--mix and --share: one of the two"), DCL_E_ARG;
    if (cli->mix) status = dcl_mix_read(cli->mix, options->share, &cli->error);
    for (size_t i = 0; i < cli->n_columns; i++)
        if (!read_share(cli, cli->columns[i], options)) return DCL_E_ARG;
    double sum = 0;
    for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) sum += options->share[k];
    if (cli->n_columns && sum <= 0)
        return session_usage(cli, "--share: no kind has a share above 0"), DCL_E_ARG;
    if (!status && cli->weather) {
        status = dcl_weather_read(&cli->context, cli->weather, &cli->arena, weather, &cli->error);
        options->weather = weather;
    }
    return status;
}

/* ---------------------------------------------------------------- homes with their truth */

static dcl_status simulate(session *cli, const dcl_town_options *options, dcl_home *homes, size_t n) {
    dcl_town_options one = *options;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        one.home = (uint32_t)i;
        status = dcl_town_home(&cli->context, &one, &cli->arena, &homes[i], NULL, &cli->error);
        snprintf(homes[i].id, sizeof homes[i].id, n > 1 ? "home%04zu" : "home%zu", i + 1);
        if (n == 1 && cli->id) snprintf(homes[i].id, sizeof homes[i].id, "%s", cli->id);
    }
    return status;
}

static int make_store(session *cli, const dcl_town_options *options, size_t n) {
    dcl_home *homes = dcl_arena_alloc(&cli->arena, n, sizeof *homes);
    dcl_status status = homes ? simulate(cli, options, homes, n) : DCL_E_MEMORY;
    const dcl_store_options store = {.deflate = cli->deflate};
    if (!status) status = dcl_store_write(&cli->context, cli->output, homes, n, &store, &cli->error);
    if (status) return session_fail(cli, status);
    say(cli, "declic: %zu simulated home%s of %d day%s in %s\n", n, n == 1 ? "" : "s", options->days,
        options->days == 1 ? "" : "s", cli->output);
    if (!cli->json) return CLI_DONE;
    dcl_text text = {0};
    summary_json(&text, homes, n);
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

/* ---------------------------------------------------------------- a panel */

static void told_json(dcl_text *text, const dcl_town_told *told, const ranks_link *ranks) {
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    dcl_json_key(&json, "town");
    dcl_json_begin(&json, '{');
    dcl_json_key_integer(&json, "homes", (int64_t)told->homes);
    dcl_json_key_integer(&json, "shards", (int64_t)told->shards);
    dcl_json_key_fixed(&json, "mean_kwh", told->mean_kwh, 1);
    dcl_json_key(&json, "kinds");
    dcl_json_begin(&json, '[');
    for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++) {
        if (!told->of_kind[k]) continue;
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "kind", dcl_household_name((dcl_household)k));
        dcl_json_key_integer(&json, "homes", (int64_t)told->of_kind[k]);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    ranks_json(&json, ranks);
    dcl_json_end(&json, '}');
    dcl_json_end(&json, '}');
}

static int make_panel(session *cli, const dcl_town_options *options, size_t n) {
    dcl_town_told told;
    dcl_status status = dcl_town_panel(&cli->context, options, n, cli->output, &told, &cli->error);
    if (status) return session_fail(cli, status);
    say(cli,
        "declic: a panel of %zu simulated homes of %d days, %.0f kWh each on average, in %s and %zu shard%s "
        "beside it\n",
        n, options->days, told.mean_kwh, cli->output, told.shards, told.shards == 1 ? "" : "s");
    if (!cli->json) return CLI_DONE;
    dcl_text text = {0};
    told_json(&text, &told, cli->ranks);
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

/* ---------------------------------------------------------------- as a meter says it */

typedef struct talk {
    session *cli;
    dcl_text text;
    double began; /* s of a monotonic clock */
    int64_t first_us;
} talk;

static double clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Sleeps until a group is due; a signal ends the sleep, and the stage asks then whether to stop. */
static void wait_for(talk *t, int64_t time_us) {
    if (!t->first_us) {
        t->first_us = time_us;
        t->began = clock_s();
    }
    double left = t->began + (double)(time_us - t->first_us) / 1e6 / t->cli->replay - clock_s();
    if (left <= 0) return;
    struct timespec pause = {.tv_sec = (time_t)left, .tv_nsec = (long)((left - floor(left)) * 1e9)};
    (void)nanosleep(&pause, NULL);
}

static dcl_status take_group(void *arg, int64_t time_us, const char *group, size_t n, dcl_error *error) {
    talk *t = arg;
    char stamp[32];
    dcl_time_format(time_us, stamp);
    dcl_text_format(&t->text, "%s %.*s\n", stamp, (int)n, group);
    if (t->text.failed) return dcl_fail_memory(error, "the frames");
    if (t->cli->replay <= 0 || strncmp(group, "MOTDETAT", 8) != 0) return DCL_OK;
    wait_for(t, time_us);
    return put_live(t->cli, &t->text);
}

static int make_talk(session *cli, const dcl_town_options *options) {
    enum { FILE_DAYS = 31 };
    dcl_town_options one = *options;
    if (!cli->days && !cli->year) one.days = 1;
    if (cli->replay > 0 && cli->output)
        return session_usage(cli, "--replay goes to standard output: not with -o");
    if (cli->replay <= 0 && one.days > FILE_DAYS)
        return session_usage(cli, "--tic: at most %d days in one file", FILE_DAYS);
    talk t = {.cli = cli};
    dcl_status status = dcl_town_tic(&cli->context, &one, take_group, &t, &cli->error);
    if (!status && cli->replay <= 0) return session_write(cli, &t.text);
    dcl_text_free(&t.text);
    return status ? session_fail(cli, status) : CLI_DONE;
}

int run_town(session *cli) {
    dcl_town_options options = dcl_town_defaults();
    dcl_weather weather;
    bool talks = cli->tic || cli->replay > 0;
    if (!cli->output && !talks) return session_usage(cli, "town needs -o TOWN.h5");
    if (talks && (cli->homes > 1 || cli->json))
        return session_usage(cli, "--tic and --replay give one home, and no --json");
    if (!check_id(cli)) return CLI_USAGE;
    if (cli->step_us && cli->period_us && cli->step_us != cli->period_us)
        return session_usage(cli, "--step and --period say two things");
    if (cli->step_us || cli->period_us) options.period_us = cli->step_us ? cli->step_us : cli->period_us;
    size_t n = cli->homes ? (size_t)cli->homes : 1;
    bool panel = n > (options.period_us >= 10 * DCL_MINUTE_US ? 1u
                      : options.period_us >= DCL_MINUTE_US    ? 100u
                                                              : HOMES_MAX);
    if (cli->homes > (panel ? PANEL_MAX : HOMES_MAX) || (panel && options.period_us < DCL_MINUTE_US))
        return session_usage(cli, "--homes: at most %d in one store; more from a step of a minute on",
                             HOMES_MAX);
    if (n > 1 && cli->id) return session_usage(cli, "--id names one home, and there are %zu", n);
    if (!read_span(cli, panel, &options)) return CLI_USAGE;
    dcl_status status = read_setting(cli, &weather, &options);
    if (status == DCL_E_ARG) return CLI_USAGE;
    if (status) return session_fail(cli, status);
    if (!panel && dcl_rank_of(&cli->context)) return CLI_DONE; /* one home is work for one process */
    if (talks) return make_talk(cli, &options);
    return panel ? make_panel(cli, &options, n) : make_store(cli, &options, n);
}
