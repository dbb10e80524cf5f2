/* declic learn forecast: a model of one horizon from one home or many. */
#include <math.h>

#include "cli/events.h"
#include "cli/forecast.h"
#include "cli/learn.h"

void put_forecast_model(dcl_json_writer *json, const dcl_forecast_model *model) {
    dcl_forecast_about about = dcl_forecast_describe(model);
    dcl_json_key(json, "forecast");
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "horizon", dcl_horizon_name(about.horizon));
    dcl_json_key_integer(json, "period_s", about.period_us / DCL_SECOND_US);
    dcl_json_key(json, "trainings");
    dcl_json_begin(json, '[');
    for (size_t m = 0; m < about.members; m++) {
        const dcl_forecast_member *member = &about.member[m];
        dcl_json_begin(json, '{');
        dcl_json_key_integer(json, "homes", (int64_t)member->homes);
        dcl_json_key_integer(json, "rows", (int64_t)member->rows);
        dcl_json_key_integer(json, "trees", (int64_t)member->trees);
        dcl_json_key_time(json, "from", member->from_us);
        dcl_json_key_time(json, "to", member->to_us);
        dcl_json_key_fixed(json, "held_pinball", member->pinball, 6);
        dcl_json_key_fixed(json, "held_coverage", member->coverage, 4);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    const char *name, *unit;
    dcl_json_key(json, "inputs");
    dcl_json_begin(json, '[');
    for (size_t i = 0; (name = dcl_forecast_feature(model, i, &unit)) != NULL; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", name);
        dcl_json_key_string(json, "unit", unit);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

void put_forecast_model_table(dcl_text *text, const dcl_forecast_model *model) {
    dcl_forecast_about about = dcl_forecast_describe(model);
    dcl_text_format(text, "forecasts of %s from a value every %lld s, %zu features\n",
                    dcl_horizon_title(about.horizon), (long long)(about.period_us / DCL_SECOND_US),
                    about.features);
    for (size_t m = 0; m < about.members; m++) {
        const dcl_forecast_member *member = &about.member[m];
        char from[32], to[32];
        dcl_time_format(member->from_us, from);
        dcl_time_format(member->to_us, to);
        dcl_text_format(text,
                        "learned from %zu home%s, %zu rows from %s to %s, %zu trees; held back: pinball ",
                        member->homes, member->homes == 1 ? "" : "s", member->rows, from, to, member->trees);
        put_number(text, member->pinball, 4, 0);
        dcl_text_put(text, " of the home's mean, p10 to p90 covers ");
        put_number(text, member->coverage, 3, 0);
        dcl_text_put(text, "\n");
    }
}

static int show(session *cli, const dcl_forecast_model *model) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->quiet && !cli->json) return CLI_DONE;
    if (cli->json) {
        dcl_json_begin(&json, '{');
        put_forecast_model(&json, model);
        dcl_json_end(&json, '}');
    } else {
        put_forecast_model_table(&text, model);
    }
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

int learn_forecast(session *cli) {
    forecast_words words;
    forecast_homes homes;
    dcl_forecast_model *model = NULL, *with = NULL;
    if (!cli->output) return session_usage(cli, "learn needs -o MODEL");
    if (!read_forecast_words(cli, &words)) return CLI_USAGE;
    dcl_forecast_learn_options options = dcl_forecast_learn_defaults();
    options.horizon = words.horizon;
    options.from_us = cli->read.from_us, options.to_us = cli->read.to_us;
    options.colours = words.tariff;
    options.off_peak = words.has_hours ? &words.hours : NULL;
    if (cli->rows) options.rows = (size_t)(cli->rows < 20000000 ? cli->rows : 20000000);
    if (cli->rounds) options.rounds = (int)(cli->rounds < 10000 ? cli->rounds : 10000);
    dcl_status status = cli->with ? dcl_forecast_read(cli->with, &with, &cli->error) : DCL_OK;
    if (!status) status = read_forecast_homes(cli, 1, &homes);
    if (!status)
        status = dcl_forecast_learn(&cli->context, homes.home, homes.n, with, &options, &model, &cli->error);
    clear_bar(cli);
    if (!status) status = dcl_forecast_write(model, cli->output, &cli->error);
    cli->wrote = !status;
    int code = status ? session_fail(cli, status) : show(cli, model);
    dcl_forecast_close(&model);
    dcl_forecast_close(&with);
    dcl_tariff_close(&words.tariff);
    return code;
}
