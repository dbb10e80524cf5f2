/* Forecasts on the command line: what both learn forecast and forecast need. */
#ifndef DCL_CLI_FORECAST_H
#define DCL_CLI_FORECAST_H

#include <declic/forecast.h>

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

/** The keys of a model, as `learn forecast` and `info` show it. */
void put_forecast_model(dcl_json_writer *json, const dcl_forecast_model *model);
void put_forecast_model_table(dcl_text *text, const dcl_forecast_model *model);

int learn_forecast(session *cli);

#endif
