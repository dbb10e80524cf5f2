/* declic forecast by a model for gateways: its integers (--quantised) or the floats they were made of. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/forecast.h"

static dcl_blob_kind kind_of(dcl_horizon horizon) {
    return horizon == DCL_HORIZON_MINUTE ? DCL_BLOB_MINUTE : DCL_BLOB_TODAY;
}

static bool is_for_gateway(const char *path) {
    char head[32];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(head, 1, sizeof head, file) : 0;
    if (file) fclose(file);
    return dcl_gateway_model_is(head, n);
}

dcl_status open_gateway(session *cli, forecast_words *words, dcl_gateway_model **out) {
    *out = NULL;
    if (!is_for_gateway(cli->model))
        return cli->quantised
                   ? dcl_fail_file(&cli->error, DCL_E_ARG, cli->model,
                                   "no model for gateways: declic learn forecast --gateway makes one")
                   : DCL_OK;
    dcl_status status = dcl_gateway_model_read(cli->model, out, &cli->error);
    if (status) return status;
    bool has_minute = dcl_gateway_describe(*out).part[DCL_BLOB_MINUTE].blob != NULL;
    if (!cli->horizon) words->horizon = has_minute ? DCL_HORIZON_MINUTE : DCL_HORIZON_TODAY;
    if (words->horizon == DCL_HORIZON_MINUTE || words->horizon == DCL_HORIZON_TODAY) return DCL_OK;
    return dcl_fail_file(&cli->error, DCL_E_ARG, cli->model,
                         "a gateway forecasts the next minute and today, --horizon asks for %s",
                         dcl_horizon_title(words->horizon));
}

/* A gateway tells one number: all but the median stays unknown. W, of today the mean of the day. */
static dcl_forecast_point point_of(const dcl_gateway_said *said, dcl_horizon horizon, double value) {
    dcl_forecast_point point = {.start_us = said->start_us, .end_us = said->end_us, .mean = NAN};
    double hours = (double)(said->end_us - said->start_us) / (double)DCL_HOUR_US;
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) point.quantile[q] = NAN;
    point.quantile[DCL_FORECAST_QUANTILES / 2] =
        (float)(horizon == DCL_HORIZON_TODAY ? value / hours : value);
    return point;
}

/* ---------------------------------------------------------------- one forecast */

static dcl_status keep_last(void *arg, const dcl_gateway_said *said, dcl_error *error) {
    (void)error;
    *(dcl_gateway_said *)arg = *said;
    return DCL_OK;
}

dcl_status forecast_by_gateway(session *cli, const dcl_gateway_model *model, dcl_horizon horizon,
                               const dcl_forecast_home *home, int64_t at_us, dcl_forecast *out) {
    dcl_gateway_said last = {.issued_us = INT64_MIN};
    dcl_gateway_roll_options options = dcl_gateway_roll_defaults();
    options.kind = kind_of(horizon);
    options.quantised = cli->quantised;
    int64_t end = dcl_series_end_us(home->power);
    if (at_us > end) at_us = end;
    options.from_us = at_us - DCL_HOUR_US; /* what lies farther back says nothing of now */
    options.to_us = at_us + 1;
    dcl_status status =
        dcl_gateway_roll(&cli->context, model, home->power, &options, keep_last, &last, &cli->error);
    if (status) return status;
    if (last.issued_us == INT64_MIN)
        return dcl_fail(&cli->error, DCL_E_NO_DATA,
                        "nothing in the hour before this moment that a gateway could forecast by");
    *out =
        (dcl_forecast){.issued_us = last.issued_us, .n = 1, .point = {point_of(&last, horizon, last.value)}};
    return DCL_OK;
}

/* ---------------------------------------------------------------- backtest */

typedef struct sums {
    uint64_t n;
    double off, square;
} sums;

static void add(sums *s, double off) {
    s->n++;
    s->off += fabs(off);
    s->square += off * off;
}

static dcl_forecast_measure measure(const sums *s) {
    const double none = (double)NAN, n = (double)s->n;
    dcl_forecast_measure m = {s->n, none, none, none, none, none, none, none, none};
    if (s->n) m.mae = s->off / n, m.rmse = sqrt(s->square / n);
    return m;
}

typedef struct tester {
    dcl_horizon horizon;
    const char *id;
    dcl_backtest_fn take;
    void *arg;
    dcl_backtest *home;
    sums model, plain;
} tester;

/* kWh of a day, W of a minute: as dcl_backtest_run() has it. */
static dcl_status take_said(void *arg, const dcl_gateway_said *said, dcl_error *error) {
    tester *t = arg;
    double unit = t->horizon == DCL_HORIZON_TODAY ? 1e-3 : 1;
    if (!t->home->issues++) t->home->from_us = said->issued_us;
    t->home->to_us = said->issued_us;
    if (!isnan(said->actual)) {
        add(&t->model, (said->value - said->actual) * unit);
        add(&t->plain, (said->plain - said->actual) * unit);
    }
    if (!t->take) return DCL_OK;
    const float *actual = point_of(said, t->horizon, said->actual).quantile;
    dcl_backtest_row row = {.issued_us = said->issued_us,
                            .point = point_of(said, t->horizon, said->value),
                            .actual = actual[DCL_FORECAST_QUANTILES / 2]};
    return t->take(t->arg, t->id, &row, 1, error);
}

/* The plain rule of the minute is that the power stays, of today the mean of the days before. */
static void put_figures(dcl_backtest *out, dcl_horizon horizon, const sums *model, const sums *plain) {
    const sums none = {0};
    for (int f = 0; f < DCL_FORECASTER_COUNT; f++) out->by[f] = measure(&none);
    out->by[DCL_FORECASTER_MODEL] = measure(model);
    out->by[horizon == DCL_HORIZON_TODAY ? DCL_FORECASTER_MEAN_7 : DCL_FORECASTER_PERSISTENCE] =
        measure(plain);
    out->scale = (double)NAN;
}

static void add_home(dcl_backtest *all, const dcl_backtest *home) {
    if (!home->issues) return;
    if (!all->homes++) all->from_us = home->from_us, all->to_us = home->to_us;
    if (home->from_us < all->from_us) all->from_us = home->from_us;
    if (home->to_us > all->to_us) all->to_us = home->to_us;
    all->issues += home->issues;
}

static void add_sums(sums *to, const sums *from) {
    to->n += from->n;
    to->off += from->off;
    to->square += from->square;
}

dcl_status backtest_by_gateway(session *cli, const dcl_gateway_model *model, dcl_horizon horizon,
                               const forecast_homes *homes, dcl_backtest_fn take, void *arg,
                               dcl_backtest *all, dcl_backtest *each) {
    dcl_gateway_roll_options options = dcl_gateway_roll_defaults();
    sums total = {0}, plain = {0};
    options.kind = kind_of(horizon);
    options.quantised = cli->quantised;
    options.from_us = cli->read.from_us, options.to_us = cli->read.to_us;
    options.every_us = cli->every_us ? cli->every_us : horizon == DCL_HORIZON_TODAY ? DCL_DAY_US : 0;
    *all = (dcl_backtest){0};
    for (size_t h = 0; h < homes->n; h++) {
        each[h] = (dcl_backtest){.homes = 1};
        tester t = {horizon, homes->home[h].id, take, arg, &each[h], {0}, {0}};
        dcl_status status = dcl_gateway_roll(&cli->context, model, homes->home[h].power, &options, take_said,
                                             &t, &cli->error);
        if (status) return status;
        put_figures(&each[h], horizon, &t.model, &t.plain);
        add_home(all, &each[h]);
        add_sums(&total, &t.model);
        add_sums(&plain, &t.plain);
    }
    put_figures(all, horizon, &total, &plain);
    return all->issues ? DCL_OK
                       : dcl_fail(&cli->error, DCL_E_NO_DATA, "nothing that a gateway could forecast by");
}
