#include <stdlib.h>
#include <string.h>

#include <declic/report.h>

#include "base/status.h"
#include "cli/report.h"

/* The hours in the exact form or as a bill prints them. */
static bool read_hours(session *cli, dcl_report_options *options) {
    dcl_text words = {0};
    const char *hours = hours_words(cli->hours, &words) ? words.at : cli->hours;
    dcl_status status = dcl_hours_parse(hours, &options->hours, &cli->error);
    dcl_text_free(&words);
    if (status) session_usage(cli, "--hc: %s", cli->error.msg);
    return status == DCL_OK;
}

static bool fill_options(session *cli, dcl_report_options *options) {
    *options = dcl_report_defaults();
    options->subscribed_kva = (int)cli->subscribed_kva;
    if (cli->tariff) {
        options->tariff = dcl_tariff_kind_find(tariff_word(cli->tariff));
        if (options->tariff == DCL_TARIFF_KIND_COUNT)
            return session_usage(cli, "--tariff %s: expected base, hc (HP/HC) or tempo", cli->tariff), false;
    }
    return !cli->hours || read_hours(cli, options);
}

bool choose_lang(const session *cli, dcl_lang *lang) {
    const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *name = cli->lang;
    for (size_t i = 0; !name && i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]) && *getenv(names[i])) name = getenv(names[i]);
    *lang = name && strncmp(name, "en", 2) == 0 ? DCL_LANG_EN : DCL_LANG_FR;
    if (cli->lang && strcmp(cli->lang, "fr") != 0 && strcmp(cli->lang, "en") != 0)
        return session_usage(cli, "--lang %s: expected fr or en", cli->lang), false;
    return true;
}

dcl_status explain_home(session *cli, const name_model *model, const dcl_home *home,
                        dcl_report_options options, dcl_report *report) {
    dcl_cycles cycles;
    named_cycles named;
    const dcl_cycle_options how = dcl_cycle_defaults();
    dcl_status status = dcl_cycles_find(&cli->context, home, &how, NULL, &cli->arena, &cycles, &cli->error);
    if (!status) status = name_cycles(cli, model, home, &cycles, &named);
    if (status) return status;
    options.cycles = &cycles;
    options.own = named.own;
    options.unknown = named.unknown;
    options.n_unknown = named.n_unknown;
    options.uses = named.has_uses ? &named.uses : NULL;
    return dcl_report_make(&cli->context, home, &options, &cli->arena, report, &cli->error);
}

static dcl_status make_report(session *cli, const name_model *model, dcl_report_options options,
                              dcl_report *report) {
    dcl_home home;
    dcl_status status = session_read(cli, &home);
    options.label = cli->label;
    if (!status && !cli->label && cli->alias_key && strcmp(home.id, "home1") != 0)
        options.label = dcl_arena_strdup(&cli->arena, home.id);
    if (!status && !dcl_home_series(&home, DCL_POWER_W))
        status = dcl_fail_file(
            &cli->error, DCL_E_NO_DATA, cli->inputs[0],
            "a report needs active power (W), and this has none; declic edges and declic cycles "
            "work on apparent power");
    return status ? status : explain_home(cli, model, &home, options, report);
}

/* The page to -o, the numbers to standard output where --json asks for them. */
static int write_report(session *cli, const dcl_report *report, dcl_lang lang) {
    const char *bytes;
    size_t n;
    int code = CLI_DONE;
    bool page_written = cli->output != NULL;
    if (cli->output) {
        dcl_text page = {0};
        dcl_status status =
            dcl_report_html(&cli->context, report, lang, &cli->arena, &bytes, &n, &cli->error);
        if (status) return session_fail(cli, status);
        dcl_text_bytes(&page, bytes, n);
        code = session_write(cli, &page);
        if (code == CLI_DONE && strcmp(cli->output, "-") != 0)
            say(cli, "declic: the report is in %s\n", cli->output);
    }
    if (code == CLI_DONE && cli->json) {
        dcl_text numbers = {0};
        dcl_status status = dcl_report_json(report, &cli->arena, &bytes, &n, &cli->error);
        if (status) return session_fail(cli, status);
        dcl_text_bytes(&numbers, bytes, n);
        cli->output = NULL;
        code = session_write(cli, &numbers);
        if (code == CLI_FAILED && page_written) code = CLI_PART;
    }
    return code;
}

/* The page goes to -o and the numbers to standard output: not both to one place. */
static bool check_outputs(const session *cli) {
    const char *name = cli->output, *dot = name ? strrchr(name, '.') : NULL;
    if (cli->panel && cli->n_inputs != 1)
        return session_usage(cli, "--panel takes one panel and writes a page for each of its homes"), false;
    if (cli->panel && cli->label)
        return session_usage(cli, "--label is one home's; --alias-key names all homes of a panel"), false;
    if (cli->panel && !name) return session_usage(cli, "--panel needs -o DIR for the pages"), false;
    if (cli->panel) return true;
    if (!name && !cli->json)
        return session_usage(cli, "report needs -o report.html, or --json for the numbers alone"), false;
    if (name && cli->json && strcmp(name, "-") == 0)
        return session_usage(cli,
                             "--json goes to standard output: give -o a file for the page, or leave it out"),
               false;
    if (dot && strcmp(dot, ".json") == 0)
        return session_usage(cli, "-o is the page; the numbers go to standard output: --json > %s", name),
               false;
    return true;
}

static dcl_status open_forecast(session *cli, dcl_forecast_model **model) {
    if (!cli->forecast) return DCL_OK;
    dcl_status status = dcl_forecast_read(cli->forecast, model, &cli->error);
    if (status) return status;
    dcl_horizon horizon = dcl_forecast_describe(*model).horizon;
    if (horizon == DCL_HORIZON_DAY) return DCL_OK;
    return dcl_fail_file(&cli->error, DCL_E_ARG, cli->forecast,
                         "a model of the horizon %s; a report takes one of day", dcl_horizon_name(horizon));
}

int run_report(session *cli) {
    dcl_report_options options;
    dcl_report report;
    dcl_lang lang;
    if (!check_outputs(cli)) return CLI_USAGE;
    if (!fill_options(cli, &options) || !choose_lang(cli, &lang)) return CLI_USAGE;
    dcl_tariff *tables = NULL;
    name_model model = {0};
    dcl_forecast_model *forecast = NULL;
    dcl_similar similar;
    int code = CLI_FAILED;
    dcl_status status = dcl_tariff_open(cli->tariff_file, &tables, &cli->error);
    if (!status) status = name_model_open(cli, &model);
    if (!status) status = open_forecast(cli, &forecast);
    if (!status && cli->similar) status = dcl_similar_read(cli->similar, &cli->arena, &similar, &cli->error);
    options.tables = tables;
    options.forecast = forecast;
    options.similar = cli->similar ? &similar : NULL;
    if (!status && cli->panel) {
        code = report_panel(cli, &model, &options, lang);
    } else {
        if (!status) status = make_report(cli, &model, options, &report);
        code = status ? session_fail(cli, status) : write_report(cli, &report, lang);
    }
    dcl_forecast_close(&forecast);
    name_model_close(&model);
    dcl_tariff_close(&tables);
    return code;
}
