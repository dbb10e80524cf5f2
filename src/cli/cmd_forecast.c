/* declic forecast: what a home will draw, and how good such forecasts were. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events.h"
#include "cli/forecast.h"

#include <declic/report_backtest.h>

static const char *const quantile_names[DCL_FORECAST_QUANTILES] = {"p10", "p20", "p30", "p40", "p50",
                                                                   "p60", "p70", "p80", "p90"};

typedef struct job {
    session *cli;
    forecast_words words;
    forecast_homes homes;
    size_t failed; /* homes without a forecast */
    dcl_forecast_model *model;
    dcl_gateway_model *gateway; /* in place of it */
    const char *from_where;     /* of the model: given, learned or none */
    dcl_text text;
    dcl_backtest_tally *tally; /* for the page of --report */
    dcl_lang lang;
    const char *page;
    size_t page_n;
} job;

/* ---------------------------------------------------------------- numbers */

/* W; of a day's total kWh. */
static double shown(const job *j, const dcl_forecast_point *point, float power_w) {
    double hours = (double)(point->end_us - point->start_us) / (double)DCL_HOUR_US;
    return j->words.horizon == DCL_HORIZON_TODAY ? (double)power_w * hours / 1000 : (double)power_w;
}

static int decimals_of(const job *j) {
    return j->words.horizon == DCL_HORIZON_TODAY ? 3 : 1;
}

static void put_stamp(dcl_text *text, int64_t time_us) {
    char stamp[32];
    dcl_text_bytes(text, stamp, dcl_time_format(time_us, stamp));
}

static void put_values(const job *j, dcl_text *text, const dcl_forecast_point *point) {
    put_stamp(text, point->start_us);
    dcl_text_put(text, ",");
    dcl_text_fixed(text, shown(j, point, point->mean), decimals_of(j));
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) {
        dcl_text_put(text, ",");
        dcl_text_fixed(text, shown(j, point, point->quantile[q]), decimals_of(j));
    }
}

static void put_header(dcl_text *text, const char *more) {
    dcl_text_put(text, "time_utc,mean");
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) dcl_text_format(text, ",%s", quantile_names[q]);
    dcl_text_format(text, "%s\n", more);
}

static double energy_kwh(const dcl_forecast *forecast) {
    double sum = 0;
    for (size_t i = 0; i < forecast->n; i++)
        sum += (double)forecast->point[i].mean *
               (double)(forecast->point[i].end_us - forecast->point[i].start_us) / 3.6e12;
    return sum;
}

/* ---------------------------------------------------------------- forecasts */

static void put_point_json(const job *j, dcl_json_writer *json, const dcl_forecast_point *point) {
    dcl_json_begin(json, '{');
    dcl_json_key_time(json, "time_utc", point->start_us);
    dcl_json_key_time(json, "end_utc", point->end_us);
    dcl_json_key_fixed(json, "mean", shown(j, point, point->mean), decimals_of(j));
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
        dcl_json_key_fixed(json, quantile_names[q], shown(j, point, point->quantile[q]), decimals_of(j));
    dcl_json_end(json, '}');
}

static void put_forecast_json(job *j, dcl_json_writer *json, const dcl_forecast_home *home,
                              const dcl_forecast *forecast) {
    bool served = forecast->fallback == DCL_FALLBACK_NONE;
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "home", home->id);
    dcl_json_key_time(json, "issued", forecast->issued_us);
    dcl_json_key_string(json, "served", served ? "model" : "baseline");
    dcl_json_key_string(json, "why", dcl_fallback_name(forecast->fallback));
    dcl_json_key(json, "level_changed");
    dcl_json_bool(json, forecast->level_changed);
    dcl_json_key_fixed(json, "energy_kwh", energy_kwh(forecast), 3);
    dcl_json_key_fixed(json, "cost_eur", forecast_cost(j->cli, &j->words, home, forecast), 2);
    dcl_json_key(json, "points");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < forecast->n; i++) put_point_json(j, json, &forecast->point[i]);
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_forecast_text(job *j, const dcl_forecast_home *home, const dcl_forecast *forecast) {
    dcl_text *text = &j->text;
    dcl_text_format(text, "%s, issued at ", home->id);
    put_moment(j->cli, text, forecast->issued_us);
    dcl_text_format(text, ", %s\n%-20s %10s %10s %10s %10s\n",
                    j->words.horizon == DCL_HORIZON_TODAY ? "kWh" : "W", "from", "p10", "p50", "p90", "mean");
    for (size_t i = 0; i < forecast->n; i++) {
        const dcl_forecast_point *point = &forecast->point[i];
        const float value[] = {point->quantile[0], point->quantile[4], point->quantile[8], point->mean};
        put_moment(j->cli, text, point->start_us);
        dcl_text_put(text, " ");
        for (size_t k = 0; k < 4; k++) {
            dcl_text_put(text, " ");
            put_number(text, shown(j, point, value[k]), decimals_of(j), 10);
        }
        dcl_text_put(text, "\n");
    }
    double cost = forecast_cost(j->cli, &j->words, home, forecast), energy = energy_kwh(forecast);
    if (isnan(energy)) return; /* a gateway's forecast has no mean */
    dcl_text_put(text, "expected: ");
    dcl_text_fixed(text, energy < 0.1 ? 1000 * energy : energy, 2);
    dcl_text_put(text, energy < 0.1 ? " Wh" : " kWh");
    if (!isnan(cost)) {
        dcl_text_put(text, ", ");
        dcl_text_fixed(text, cost, 2);
        dcl_text_put(text, " €");
    }
    dcl_text_put(text, "\n");
}

static void say_served(const session *cli, const char *id, const dcl_forecast *forecast) {
    if (forecast->fallback != DCL_FALLBACK_NONE)
        say(cli, "declic: %s: a plain baseline is served, not a model: %s\n", id,
            dcl_fallback_text(forecast->fallback));
    if (forecast->level_changed)
        say(cli, "declic: note: %s draws another level since some days than in the weeks before\n", id);
}

/* Without --model each home's own past teaches one; with too little of it a baseline is served. */
static dcl_status own_model(job *j, const dcl_forecast_home *homes, size_t n, int64_t before_us) {
    dcl_forecast_learn_options options = dcl_forecast_learn_defaults();
    options.horizon = j->words.horizon;
    options.to_us = before_us;
    options.colours = j->words.tariff;
    options.off_peak = j->words.has_hours ? &j->words.hours : NULL;
    options.rows = (size_t)(j->cli->rows ? j->cli->rows : 60000);
    options.rounds = (int)(j->cli->rounds < 10000 ? j->cli->rounds : 10000);
    dcl_forecast_close(&j->model);
    dcl_status status =
        dcl_forecast_learn(&j->cli->context, homes, n, NULL, &options, &j->model, &j->cli->error);
    clear_bar(j->cli);
    j->from_where = j->model ? "learned" : "none";
    if (status != DCL_E_NO_DATA) return status;
    say(j->cli, "declic: no model could be learned: %s\n", j->cli->error.msg);
    return DCL_OK;
}

static dcl_status forecast_home(job *j, size_t h, dcl_json_writer *json) {
    session *cli = j->cli;
    const dcl_forecast_home *home = &j->homes.home[h];
    dcl_forecast forecast;
    dcl_forecast_options options = dcl_forecast_options_defaults();
    options.horizon = j->words.horizon;
    options.colours = j->words.tariff;
    options.off_peak = j->words.has_hours ? &j->words.hours : NULL;
    int64_t at = cli->from ? cli->read.from_us : INT64_MAX;
    dcl_status status = cli->model ? DCL_OK : own_model(j, home, 1, at);
    if (!status && j->gateway)
        status = forecast_by_gateway(cli, j->gateway, j->words.horizon, home, at, &forecast);
    else if (!status)
        status = dcl_forecast_make(&cli->context, j->model, home, at, &options, &forecast, &cli->error);
    if (status) return status;
    say_served(cli, home->id, &forecast);
    if (cli->json) {
        put_forecast_json(j, json, home, &forecast);
    } else if (cli->csv) {
        for (size_t i = 0; i < forecast.n; i++) {
            put_values(j, &j->text, &forecast.point[i]);
            if (j->homes.n > 1) dcl_text_format(&j->text, ",%s", home->id);
            dcl_text_put(&j->text, "\n");
        }
    } else {
        put_forecast_text(j, home, &forecast);
    }
    return DCL_OK;
}

static dcl_status forecast_all(job *j, dcl_json_writer *json) {
    if (j->cli->csv) put_header(&j->text, j->homes.n > 1 ? ",home" : "");
    for (size_t h = 0; h < j->homes.n; h++) {
        dcl_status status = forecast_home(j, h, json);
        if (status && (j->homes.n == 1 || status != DCL_E_NO_DATA)) return status;
        if (status) {
            j->failed++;
            say(j->cli, "declic: %s: %s\n", j->homes.home[h].id, j->cli->error.msg);
        }
    }
    return j->failed == j->homes.n ? DCL_E_NO_DATA : DCL_OK;
}

/* ---------------------------------------------------------------- backtest */

static dcl_status take_rows(void *arg, const char *id, const dcl_backtest_row *row, size_t n,
                            dcl_error *error) {
    job *j = arg;
    (void)error;
    if (j->tally) dcl_backtest_tally_add(j->tally, id, row, n);
    for (size_t i = 0; j->cli->csv && i < n; i++) {
        put_values(j, &j->text, &row[i].point);
        dcl_text_put(&j->text, ",");
        put_stamp(&j->text, row[i].issued_us);
        dcl_text_format(&j->text, ",%s,", id);
        if (!isnan(row[i].actual))
            dcl_text_fixed(&j->text, shown(j, &row[i].point, row[i].actual), decimals_of(j));
        dcl_text_put(&j->text, "\n");
    }
    return DCL_OK;
}

static void put_measure_json(dcl_json_writer *json, const dcl_forecast_measure *m) {
    const struct {
        const char *key;
        double value;
        int decimals;
    } list[] = {{"mae", m->mae, 4},           {"mae_mean", m->mae_mean, 4}, {"rmse", m->rmse, 4},
                {"mase", m->mase, 4},         {"pinball", m->pinball, 4},   {"wql", m->wql, 4},
                {"coverage", m->coverage, 4}, {"width", m->width, 4}};
    dcl_json_key_integer(json, "n", (int64_t)m->n);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_json_key_fixed(json, list[i].key, list[i].value, list[i].decimals);
}

static void put_backtest_json(const job *j, dcl_json_writer *json, const dcl_backtest *all,
                              const dcl_backtest *each) {
    dcl_json_begin(json, '{');
    dcl_json_key_time(json, "from", all->from_us);
    dcl_json_key_time(json, "to", all->to_us);
    dcl_json_key_integer(json, "homes", (int64_t)all->homes);
    dcl_json_key_integer(json, "issues", (int64_t)all->issues);
    dcl_json_key_integer(json, "baselines_served", (int64_t)all->fallbacks);
    dcl_json_key_fixed(json, "scale", all->scale, 4);
    dcl_json_key(json, "by");
    dcl_json_begin(json, '[');
    for (int f = 0; f < DCL_FORECASTER_COUNT; f++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "forecaster", dcl_forecaster_name((dcl_forecaster)f));
        put_measure_json(json, &all->by[f]);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "each");
    dcl_json_begin(json, '[');
    for (size_t h = 0; h < j->homes.n; h++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "home", j->homes.home[h].id);
        dcl_json_key_integer(json, "issues", (int64_t)each[h].issues);
        put_measure_json(json, &each[h].by[DCL_FORECASTER_MODEL]);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_backtest_text(job *j, const dcl_backtest *all) {
    dcl_text *text = &j->text;
    dcl_text_format(text, "%zu homes, %zu forecasts of %s from ", all->homes, all->issues,
                    dcl_horizon_title(j->words.horizon));
    put_moment(j->cli, text, all->from_us);
    dcl_text_put(text, " to ");
    put_moment(j->cli, text, all->to_us);
    dcl_text_format(text, ", %zu by a baseline\n%-16s %9s %9s %9s %9s %7s %9s %7s %9s %9s\n", all->fallbacks,
                    j->words.horizon == DCL_HORIZON_TODAY ? "kWh" : "W", "n", "MAE", "MAE mean", "RMSE",
                    "MASE", "pinball", "WQL", "coverage", "width");
    for (int f = 0; f < DCL_FORECASTER_COUNT; f++) {
        const dcl_forecast_measure *m = &all->by[f];
        const double value[] = {m->mae,     m->mae_mean, m->rmse,     m->mase,
                                m->pinball, m->wql,      m->coverage, m->width};
        static const int decimals[] = {3, 3, 3, 3, 3, 3, 3, 2}, width[] = {9, 9, 9, 7, 9, 7, 9, 9};
        dcl_text_format(text, "%-16s %9llu", dcl_forecaster_name((dcl_forecaster)f),
                        (unsigned long long)m->n);
        for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
            dcl_text_put(text, " ");
            put_number(text, value[i], decimals[i], width[i]);
        }
        dcl_text_put(text, "\n");
    }
    if (isnan(all->scale)) return;
    dcl_text_put(text, "MASE is over ");
    put_number(text, all->scale, 3, 0);
    dcl_text_put(text, ", the mean change from the same hour a day earlier before the first forecast\n");
}

/* Where no model is given, one is learned from the first three fifths of the span, or what is before --from. */
static int64_t split_of(const job *j) {
    const dcl_series *power = j->homes.home[0].power;
    if (j->cli->from) return j->cli->read.from_us;
    return power->start_us + (dcl_series_end_us(power) - power->start_us) / DCL_DAY_US * 3 / 5 * DCL_DAY_US;
}

static dcl_status begin_tally(job *j) {
    j->tally = dcl_arena_alloc(&j->cli->arena, 1, sizeof *j->tally);
    if (!j->tally) return dcl_fail_memory(&j->cli->error, "the page");
    *j->tally = dcl_backtest_tally_begin(j->cli->zone, j->homes.home[0].id, j->words.horizon);
    return DCL_OK;
}

static dcl_status make_page(job *j, const dcl_backtest *all, const dcl_backtest *each) {
    session *cli = j->cli;
    const dcl_backtest_report report = {j->words.horizon, all, each, j->homes.home, j->homes.n, j->tally};
    return dcl_backtest_html(&cli->context, &report, j->lang, &cli->arena, &j->page, &j->page_n, &cli->error);
}

/* A model that was given may have learned from the very days it is tested on. */
static void say_learned_from(const job *j, int64_t tested_from_us) {
    char day[32];
    int64_t learned_to_us = dcl_forecast_describe(j->model).learned_to_us;
    if (learned_to_us <= tested_from_us) return;
    dcl_time_format(learned_to_us, day);
    say(j->cli,
        "declic: note: the model learned from days up to %s: of homes that taught it, errors before that "
        "are too low\n",
        day);
}

/* Nothing was tested: what there is to test on. */
static dcl_status fail_untested(const job *j) {
    const dcl_series *power = j->homes.home[0].power;
    char from[32], to[32], learned[32] = "";
    dcl_time_format(power->start_us, from);
    dcl_time_format(dcl_series_end_us(power), to);
    if (j->cli->model && !j->gateway) dcl_time_format(dcl_forecast_describe(j->model).learned_to_us, learned);
    return dcl_fail(
        &j->cli->error, DCL_E_NO_DATA,
        "no forecast could be tested in that span: readings go from %s to %s%s%s, and each forecast "
        "looks a week back",
        from, to, *learned ? ", the model learned up to " : "", learned);
}

static dcl_status backtest(job *j, dcl_json_writer *json) {
    session *cli = j->cli;
    dcl_backtest_options options = dcl_backtest_defaults();
    options.forecast.horizon = j->words.horizon;
    options.forecast.colours = j->words.tariff;
    options.forecast.off_peak = j->words.has_hours ? &j->words.hours : NULL;
    options.from_us = cli->read.from_us, options.to_us = cli->read.to_us;
    options.every_us = cli->every_us;
    dcl_backtest all = {0}, *each = dcl_arena_alloc(&cli->arena, j->homes.n, sizeof *each);
    if (!each) return dcl_fail_memory(&cli->error, "the homes");
    dcl_status status = DCL_OK;
    if (!cli->model) {
        options.from_us = split_of(j);
        status = own_model(j, j->homes.home, j->homes.n, options.from_us);
    }
    if (cli->csv) put_header(&j->text, ",issued_utc,home,actual");
    if (!status && cli->page) status = begin_tally(j);
    if (!status && j->gateway)
        status = backtest_by_gateway(cli, j->gateway, j->words.horizon, &j->homes,
                                     cli->csv ? take_rows : NULL, j, &all, each);
    else if (!status)
        status = dcl_backtest_run(&cli->context, j->model, j->homes.home, j->homes.n, &options,
                                  cli->csv || cli->page ? take_rows : NULL, j, &all, each, &cli->error);
    clear_bar(cli);
    if (status == DCL_E_NO_DATA && !all.issues && j->homes.n == 1 && (j->model || j->gateway))
        return fail_untested(j);
    if (status) return status;
    if (cli->model && !j->gateway) say_learned_from(j, all.from_us);
    if (all.fallbacks)
        say(cli, "declic: %zu of %zu forecasts are a plain baseline's, not a model's\n", all.fallbacks,
            all.issues);
    if (cli->json)
        put_backtest_json(j, json, &all, each);
    else if (!cli->csv)
        put_backtest_text(j, &all);
    return cli->page ? make_page(j, &all, each) : DCL_OK;
}

/* ---------------------------------------------------------------- the command */

static dcl_status open_model(job *j) {
    session *cli = j->cli;
    j->from_where = "none";
    if (!cli->model) return DCL_OK;
    dcl_status status = open_gateway(cli, &j->words, &j->gateway);
    if (j->gateway) j->from_where = "given";
    if (status || j->gateway) return status;
    status = dcl_forecast_read(cli->model, &j->model, &cli->error);
    if (status) return status;
    dcl_forecast_about about = dcl_forecast_describe(j->model);
    if (cli->horizon && about.horizon != j->words.horizon)
        return dcl_fail_file(&cli->error, DCL_E_ARG, cli->model, "the model is for %s, --horizon asks for %s",
                             dcl_horizon_title(about.horizon), dcl_horizon_title(j->words.horizon));
    j->words.horizon = about.horizon;
    j->from_where = "given";
    if (about.has_temperature && !cli->weather)
        say(cli, "declic: note: the model knows temperatures: --weather would make it surer\n");
    return DCL_OK;
}

static dcl_status run(job *j) {
    session *cli = j->cli;
    dcl_json_writer json = {.text = &j->text};
    dcl_status status = open_model(j);
    if (!status && j->gateway && cli->page)
        status = dcl_fail(&cli->error, DCL_E_ARG,
                          "a gateway's forecasts have no band to show: no --report of them");
    if (!status) status = read_forecast_homes(cli, 0, &j->homes);
    if (status) return status;
    if (!cli->json) return cli->backtest ? backtest(j, &json) : forecast_all(j, &json);
    dcl_json_begin(&json, '{');
    dcl_json_key_string(&json, "horizon", dcl_horizon_name(j->words.horizon));
    dcl_json_key_string(&json, "unit", j->words.horizon == DCL_HORIZON_TODAY ? "kWh" : "W");
    dcl_json_key(&json, "forecasts");
    dcl_json_begin(&json, '[');
    if (!cli->backtest) status = forecast_all(j, &json);
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "backtest");
    if (cli->backtest)
        status = backtest(j, &json);
    else
        dcl_json_string(&json, NULL);
    dcl_json_key_string(&json, "model", j->from_where);
    dcl_json_key(&json, "quantised");
    dcl_json_bool(&json, cli->quantised);
    dcl_json_end(&json, '}');
    return status;
}

int run_forecast(session *cli) {
    job j = {.cli = cli};
    if (cli->tariff && dcl_tariff_kind_find(tariff_word(cli->tariff)) == DCL_TARIFF_KIND_COUNT)
        return session_usage(cli, "--tariff %s: expected base, hc (HP/HC) or tempo", cli->tariff);
    if (cli->quantised && !cli->model)
        return session_usage(
            cli, "--quantised needs --model: what declic learn forecast --gateway made, or a blob");
    if (cli->page && !cli->backtest) return session_usage(cli, "--report is a page of --backtest");
    if (!choose_lang(cli, &j.lang) || !check_page(cli) || !read_forecast_words(cli, &j.words))
        return CLI_USAGE;
    dcl_status status = run(&j);
    int code = CLI_DONE;
    if (status) {
        dcl_text_free(&j.text);
        code = session_fail(cli, status);
    } else {
        code = j.page ? session_write_page(cli, j.page, j.page_n) : CLI_DONE;
        if (!code && !(j.page && strcmp(cli->page, "-") == 0))
            code = session_write(cli, &j.text);
        else
            dcl_text_free(&j.text);
        if (!code && j.failed) code = CLI_PART;
    }
    dcl_forecast_close(&j.model);
    dcl_gateway_model_close(&j.gateway);
    dcl_tariff_close(&j.words.tariff);
    return code;
}
