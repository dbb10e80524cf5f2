/* What the current version would have served since the last night, written down beside what came true. */
#include <math.h>

#include "nightly/night.h"

typedef struct taker {
    night_job *j;
    int64_t after_us;
} taker;

static dcl_status take_served(void *arg, const char *id, const dcl_backtest_row *row, size_t n,
                              dcl_error *error) {
    taker *t = arg;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        const float *q = row[i].point.quantile;
        const night_row served = {.home = id,
                                  .issued_us = row[i].issued_us,
                                  .start_us = row[i].point.start_us,
                                  .end_us = row[i].point.end_us,
                                  .version = t->j->out->was,
                                  .p50 = q[DCL_FORECAST_QUANTILES / 2],
                                  .p10 = q[0],
                                  .p90 = q[DCL_FORECAST_QUANTILES - 1],
                                  .seasonal = row[i].baseline[DCL_FORECASTER_SEASONAL],
                                  .actual = row[i].actual};
        if (isnan(served.actual) || served.issued_us <= t->after_us) continue;
        status = nightly_log_add(&t->j->log, &served, error);
    }
    return status;
}

static double mean_error(const night_log *log) {
    double sum = 0;
    for (size_t i = 0; i < log->n; i++) sum += fabs((double)log->row[i].actual - (double)log->row[i].p50);
    return log->n ? sum / (double)log->n : 0;
}

/* Writes down what the current version served since the last night, its large misses, and how that compares to its card. */
dcl_status night_log_served(night_job *j) {
    const dcl_card *card = &j->champion.found.version.card;
    dcl_status status = nightly_log_read(j->run, j->name, &j->arena, &j->log, j->error);
    if (status) return status;
    taker t = {j, INT64_MIN};
    for (size_t i = 0; i < j->log.n; i++)
        if (j->log.row[i].issued_us > t.after_us) t.after_us = j->log.row[i].issued_us;
    size_t before = j->log.n;
    int64_t from = night_days_before(j, j->out->night_us, NIGHT_CATCH_UP_DAYS);
    if (from < j->champion.learned_us) from = night_midnight_after(j, j->champion.learned_us);
    if (from <= t.after_us) from = t.after_us + 1;
    dcl_backtest all;
    dcl_backtest_options options = night_roll_options(j, from);
    if (from < j->out->night_us)
        status = dcl_backtest_run(j->context, j->champion.model, j->home, j->n, &options, take_served, &t,
                                  &all, NULL, j->error);
    if (status == DCL_E_NO_DATA) status = DCL_OK; /* nothing new to write down */
    j->out->served = j->log.n - before;
    double own = night_metric(card, "mae_w"), seasonal = night_metric(card, "seasonal_naive_mae_w");
    double large = j->run->options.large_miss * (own > 0 ? own : mean_error(&j->log));
    if (!status)
        status = nightly_misses_add(j->context, j->run, j->name, j->champion.model, j->home, j->n, &j->log,
                                    before, large, &j->out->misses, j->error);
    if (!status && j->out->served && !j->run->options.dry_run)
        status = nightly_log_write(j->run, j->name, &j->log, j->error);
    if (!status)
        status = nightly_drift(j->context, &j->log, j->out->was, own,
                               seasonal > 0 ? own / seasonal : (double)NAN, &j->out->drift, j->error);
    return status;
}
