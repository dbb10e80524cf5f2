/* Forecasts on the command line: what both learn forecast and forecast need. */
#ifndef DCL_CLI_FORECAST_H
#define DCL_CLI_FORECAST_H

#include <declic/forecast.h>
#include <declic/gateway.h>

#include "cli/cli.h"

/** The homes of the inputs, in the session's arena; power whole, whatever --from and --to. */
typedef struct forecast_homes {
    dcl_forecast_home *home;
    size_t n, room;
    int phase; /* 0 = all */
    const dcl_series *temperature;
    session *cli;
} forecast_homes;

/** Reads every home of the inputs from `first` on, panels among them, and the temperatures of --weather. Errors: those of reading. */
dcl_status read_forecast_homes(session *cli, size_t first, forecast_homes *out);

/** What --hc, --tariff-file and --horizon say. tariff and hours stay the caller's. False after saying what is wrong. */
typedef struct forecast_words {
    dcl_horizon horizon;
    dcl_tariff *tariff;
    dcl_hours hours;
    bool has_hours;
} forecast_words;
bool read_forecast_words(session *cli, forecast_words *out);

/**
 * Cost of the mean under --tariff and --subscribed at the latest prices known, €; NaN where either lacks or a price does. Of a day's
 * total what was measured is billed at its hours and the rest as the home's last four weeks spread it.
 */
double forecast_cost(session *cli, const forecast_words *words, const dcl_forecast_home *home,
                     const dcl_forecast *forecast);

/** The keys of a model, as `learn forecast` and `info` show it. */
void put_forecast_model(dcl_json_writer *json, const dcl_forecast_model *model);
void put_forecast_model_table(dcl_text *text, const dcl_forecast_model *model);

/** Opens --model where it is one for gateways; *out NULL and DCL_OK where it is of another kind. words: the horizon it is asked for. */
dcl_status open_gateway(session *cli, forecast_words *words, dcl_gateway_model **out);
/** The latest forecast at a moment or before it (INT64_MAX = the end) as a gateway makes it: one point with its p50 alone. */
dcl_status forecast_by_gateway(session *cli, const dcl_gateway_model *model, dcl_horizon horizon,
                               const dcl_forecast_home *home, int64_t at_us, dcl_forecast *out);
/** Rolls through the past of homes as dcl_backtest_run() does, with such forecasts. */
dcl_status backtest_by_gateway(session *cli, const dcl_gateway_model *model, dcl_horizon horizon,
                               const forecast_homes *homes, dcl_backtest_fn take, void *arg,
                               dcl_backtest *all, dcl_backtest *each);

int learn_forecast(session *cli);

#endif
