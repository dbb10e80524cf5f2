/*
 * How good forecasts are, as bench/forecasts.md says: quality forecasts [DATA [ROW [KEY=VALUE…]]].
 * ROW is one of eco_10s, uci_minute, uci_hour, uci_day, lcl_day, lcl_total, linky_day, linky_today. Keys: rows, rounds, depth, folds, refit,
 * correct, seed, half_life, threads; refit is in days, of Linky 7 by default; own_rows bounds what is learned anew; valid=1 moves every
 * split into the part that is trained on, to choose by.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/forecast.h>
#include <declic/kernel.h>

#include "quality_tool.h"

enum { HOMES_MAX = 256 };

typedef struct bench {
    dcl_context context;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_arena arena;
    const char *data, *only;
    dcl_tariff *tariff;
    dcl_forecast_learn_options learn;
    size_t own_rows;
    int folds, refit, correct;
    bool valid;
} bench;

static int64_t day_us(const bench *b, int date) {
    return quality_day_start(b->zone, date);
}

/* ---------------------------------------------------------------- homes */

typedef struct homes {
    dcl_forecast_home home[HOMES_MAX];
    size_t n;
    bench *b;
} homes;

static dcl_status keep_home(void *arg, const dcl_home *home, dcl_error *error) {
    homes *all = arg;
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    if (!power || all->n == HOMES_MAX) return DCL_OK;
    dcl_series *copy = dcl_arena_alloc(&all->b->arena, 1, sizeof *copy);
    float *value = dcl_arena_alloc(&all->b->arena, power->n, sizeof *value);
    char *id = dcl_arena_strdup(&all->b->arena, home->id);
    if (!copy || !value || !id) quality_die("memory", NULL);
    memcpy(value, power->value, power->n * sizeof *value);
    *copy = *power;
    copy->value = value;
    all->home[all->n++] = (dcl_forecast_home){.id = id, .power = copy};
    (void)error;
    return DCL_OK;
}

static void read_homes(bench *b, const char *file, const dcl_read_options *options, homes *out) {
    char path[1024];
    const char *paths[] = {path};
    dcl_error error = {0};
    out->n = 0, out->b = b;
    snprintf(path, sizeof path, "%s/%s", b->data, file);
    quality_check(dcl_homes_each(&b->context, paths, 1, options, keep_home, out, &error), &error);
}

/* The hourly file of Sceaux: kW summed over the minutes of an hour of winter clock, 0 where nothing was measured. */
static void read_uci(bench *b, homes *out) {
    dcl_read_options options = dcl_read_defaults();
    dcl_column column = {.name = "Global_active_power", .channel = DCL_POWER_W, .scale = 1000.0 / 60};
    dcl_zone *winter = NULL;
    dcl_error error = {0};
    quality_check(dcl_zone_open("+01:00", &winter, &error), &error);
    options.time_column = "datetime";
    options.columns = &column, options.n_columns = 1;
    options.zone = winter;
    options.max_power = 90000;
    read_homes(b, "uci/household_power_consumption_hourly_first85pct.csv", &options, out);
    dcl_zone_close(&winter);
    const dcl_series *power = out->home[0].power;
    for (size_t i = 0; i < power->n; i++)
        if (!(power->value[i] > 0)) power->value[i] = NAN;
}

static void read_plain(bench *b, const char *file, homes *out) {
    dcl_read_options options = dcl_read_defaults();
    read_homes(b, file, &options, out);
}

/* ---------------------------------------------------------------- a table */

static void print_head(const char *title) {
    printf("\n%s\n%-16s %8s %8s %8s %8s %6s %7s %6s %6s %7s\n", title, "", "n", "MAE p50", "MAE mean", "RMSE",
           "MASE", "pinball", "WQL", "cover", "width");
}

static void print_row(const char *name, const dcl_forecast_measure *m) {
    printf("%-16s %8llu %8.4g %8.4g %8.4g %6.3f %7.4g %6.3f %6.3f %7.4g\n", name, (unsigned long long)m->n,
           m->mae, m->mae_mean, m->rmse, m->mase, m->pinball, m->wql, m->coverage, m->width);
}

static void print_all(const char *title, const dcl_backtest *test) {
    print_head(title);
    for (int f = DCL_FORECASTER_COUNT - 1; f >= 0; f--)
        print_row(f ? dcl_forecaster_name((dcl_forecaster)f) : "declic", &test->by[f]);
    printf("scale of MASE %.4g; %zu homes, %zu issues, %zu by a baseline\n", test->scale, test->homes,
           test->issues, test->fallbacks);
    fflush(stdout);
}

static dcl_forecast_model *learn(bench *b, const homes *all, const dcl_forecast_model *with,
                                 const dcl_forecast_learn_options *options) {
    dcl_forecast_model *model;
    dcl_error error = {0};
    double begun = quality_seconds(CLOCK_MONOTONIC);
    if (dcl_forecast_learn(&b->context, all->home, all->n, with, options, &model, &error))
        quality_die("learn", &error);
    dcl_forecast_about about = dcl_forecast_describe(model);
    const dcl_forecast_member *last = &about.member[about.members - 1];
    printf("learned from %zu homes, %zu rows, %zu features, %zu trees in %.1f s; held back: pinball %.4f "
           "levels, 80 %% "
           "interval covers %.3f\n",
           last->homes, last->rows, about.features, last->trees, quality_seconds(CLOCK_MONOTONIC) - begun,
           last->pinball, last->coverage);
    fflush(stdout);
    return model;
}

static dcl_backtest run(bench *b, const dcl_forecast_model *model, const dcl_forecast_home *home, size_t n,
                        const dcl_backtest_options *options, dcl_backtest *each) {
    dcl_backtest out;
    dcl_error error = {0};
    double begun = quality_seconds(CLOCK_MONOTONIC);
    if (dcl_backtest_run(&b->context, model, home, n, options, NULL, NULL, &out, each, &error))
        quality_die("backtest", &error);
    printf("backtest in %.1f s\n", quality_seconds(CLOCK_MONOTONIC) - begun);
    return out;
}

static dcl_backtest_options test_options(const bench *b, dcl_horizon horizon) {
    dcl_backtest_options o = dcl_backtest_defaults();
    o.forecast.horizon = horizon;
    o.forecast.correct_days = b->correct;
    o.forecast.colours = b->tariff;
    o.learn = b->learn;
    o.learn.horizon = horizon;
    o.learn.colours = b->tariff;
    return o;
}

/* ---------------------------------------------------------------- Sceaux */

/* The minutes of four weeks: learned on the first 70 %, told on the rest. */
static void do_minutes(bench *b, const char *title) {
    homes all;
    quality_open_zone("Europe/Paris", &b->zone, &b->context);
    read_plain(b, "uci/household_power_consumption_minutes.txt", &all);
    const dcl_series *power = all.home[0].power;
    int64_t minutes = (int64_t)power->n * power->period_us / DCL_MINUTE_US;
    int64_t end = power->start_us + (b->valid ? minutes * 7 / 10 : minutes) * DCL_MINUTE_US;
    int64_t train_end = power->start_us + (b->valid ? minutes / 2 : minutes * 7 / 10) * DCL_MINUTE_US;
    dcl_backtest_options o = test_options(b, DCL_HORIZON_MINUTE);
    o.learn.to_us = train_end;
    dcl_forecast_model *model = learn(b, &all, NULL, &o.learn);
    o.from_us = train_end, o.to_us = end;
    dcl_backtest test = run(b, model, all.home, 1, &o, NULL);
    print_all(title, &test);
    dcl_forecast_close(&model);
}

/* Seconds of a Swiss home, the sum of its plugs but the sixth, which hardly ever measured: two weeks are learned, three days told. */
static void do_seconds(bench *b, const char *title) {
    homes all;
    quality_open_zone("Europe/Zurich", &b->zone, &b->context);
    dcl_read_options options = dcl_read_defaults();
    options.period_us = 10 * DCL_SECOND_US;
    options.without = "06";
    options.zone = b->zone;
    options.from_us = day_us(b, 20120628);
    options.to_us = day_us(b, b->valid ? 20120712 : 20120715);
    read_homes(b, "eco/house4.tar.xz", &options, &all);
    dcl_backtest_options o = test_options(b, DCL_HORIZON_10S);
    o.from_us = o.learn.to_us = day_us(b, b->valid ? 20120709 : 20120712);
    dcl_forecast_model *model = learn(b, &all, NULL, &o.learn);
    dcl_backtest test = run(b, model, all.home, 1, &o, NULL);
    print_all(title, &test);
    dcl_forecast_close(&model);
}

/* The published split is 70/15/15 % of 34,589 hours; the file has the first two parts: learned on the first, told on the second. */
static void do_uci(bench *b, dcl_horizon horizon, const char *title) {
    homes all;
    quality_open_zone("Europe/Paris", &b->zone, &b->context);
    read_uci(b, &all);
    const dcl_series *power = all.home[0].power;
    int64_t train_end = power->start_us + (b->valid ? 19024 : 24212) * DCL_HOUR_US;
    int64_t end = power->start_us + (b->valid ? 24212 : 29400) * DCL_HOUR_US;
    dcl_backtest_options o = test_options(b, horizon);
    o.learn.to_us = train_end;
    dcl_forecast_model *model = learn(b, &all, NULL, &o.learn);
    o.from_us = train_end, o.to_us = end;
    o.refit_days = b->refit;
    o.learn.to_us = INT64_MAX;
    dcl_backtest test = run(b, model, all.home, 1, &o, NULL);
    print_all(title, &test);
    dcl_forecast_close(&model);
}

/* ---------------------------------------------------------------- Low Carbon London */

/* Homes in folds: each is told by a model of the other folds' homes, learned to the end of September. */
static void do_lcl(bench *b, dcl_horizon horizon, const char *title) {
    static homes all, train, test;
    static dcl_backtest each[HOMES_MAX];
    quality_open_zone("Europe/London", &b->zone, &b->context);
    read_plain(b, "lcl/lcl.tar.xz", &all);
    dcl_backtest_options o = test_options(b, horizon);
    o.from_us = day_us(b, b->valid ? 20130701 : 20131001),
    o.to_us = day_us(b, b->valid ? 20131001 : 20140101);
    o.learn.to_us = o.from_us;
    o.forecast.colours = o.learn.colours = NULL;
    dcl_forecast_measure sum[DCL_FORECASTER_COUNT] = {{0}};
    double weight[DCL_FORECASTER_COUNT] = {0}, mase[DCL_FORECASTER_COUNT] = {0}, homes_done = 0,
           truth[DCL_FORECASTER_COUNT] = {0};
    for (int fold = 0; fold < b->folds; fold++) {
        train.n = test.n = 0;
        for (size_t h = 0; h < all.n; h++) {
            homes *to = h % 5 == (size_t)fold ? &test : &train;
            to->home[to->n++] = all.home[h];
        }
        dcl_forecast_model *model = learn(b, &train, NULL, &o.learn);
        dcl_backtest part = run(b, model, test.home, test.n, &o, each);
        print_all("of one fold", &part);
        dcl_forecast_close(&model);
        homes_done += (double)part.homes;
        for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
            const dcl_forecast_measure *m = &part.by[f];
            double n = (double)m->n;
            sum[f].n += m->n, weight[f] += n, mase[f] += m->mase * (double)part.homes;
            sum[f].mae += n * m->mae, sum[f].mae_mean += n * m->mae_mean,
                sum[f].rmse += n * m->rmse * m->rmse;
            sum[f].pinball += n * m->pinball, sum[f].coverage += n * m->coverage,
                sum[f].width += n * m->width;
            truth[f] += 2 * n * m->pinball / m->wql;
        }
    }
    dcl_backtest whole = {.homes = (size_t)homes_done};
    for (size_t f = 0; f < DCL_FORECASTER_COUNT; f++) {
        double n = weight[f];
        whole.by[f] = (dcl_forecast_measure){sum[f].n,
                                             sum[f].mae / n,
                                             sum[f].mae_mean / n,
                                             sqrt(sum[f].rmse / n),
                                             mase[f] / homes_done,
                                             sum[f].pinball / n,
                                             2 * sum[f].pinball / truth[f],
                                             sum[f].coverage / n,
                                             sum[f].width / n};
    }
    print_all(title, &whole);
}

/* ---------------------------------------------------------------- the Linky home */

static void do_linky(bench *b, dcl_horizon horizon, const int *hours, const char *title) {
    static homes home, others;
    quality_open_zone("Europe/London", &b->zone, &b->context);
    read_plain(b, "lcl/lcl.tar.xz", &others);
    dcl_backtest_options o = test_options(b, horizon);
    dcl_forecast_learn_options global = o.learn;
    global.colours = NULL;
    dcl_forecast_model *model = learn(b, &others, NULL, &global);
    if (b->own_rows) o.learn.rows = b->own_rows;
    quality_open_zone("Europe/Paris", &b->zone, &b->context);
    read_plain(b, "linky/linky_halfhour_W_2024-01-25_2025-04-30.csv", &home);
    o.from_us = day_us(b, b->valid ? 20240701 : 20241001),
    o.to_us = day_us(b, b->valid ? 20241001 : 20250501);
    for (; *hours >= 0; hours++) {
        char text[200];
        o.issue_min = *hours * 60;
        dcl_backtest test;
        const struct {
            const char *name;
            bool global, own;
        } who[] = {{"other homes' model", true, false},
                   {"own, learned anew on the way", false, true},
                   {"both", true, true}};
        for (size_t w = 0; w < 3; w++) {
            o.refit_days = who[w].own ? (b->refit ? b->refit : 7) : 0;
            test = run(b, who[w].global ? model : NULL, home.home, 1, &o, NULL);
            snprintf(text, sizeof text, "%s, at %02d:00: %s", title, *hours, who[w].name);
            print_all(text, &test);
        }
    }
    dcl_forecast_close(&model);
}

/* ---------------------------------------------------------------- main */

static bool wants(const bench *b, const char *row) {
    return !b->only || strcmp(b->only, row) == 0;
}

static void set_key(bench *b, const char *key, double value) {
    if (strcmp(key, "rows") == 0) b->learn.rows = (size_t)value;
    if (strcmp(key, "own_rows") == 0) b->own_rows = (size_t)value;
    if (strcmp(key, "rounds") == 0) b->learn.rounds = (int)value;
    if (strcmp(key, "depth") == 0) b->learn.depth = (int)value;
    if (strcmp(key, "half_life") == 0) b->learn.half_life_days = value;
    if (strcmp(key, "folds") == 0) b->folds = (int)value;
    if (strcmp(key, "refit") == 0) b->refit = (int)value;
    if (strcmp(key, "correct") == 0) b->correct = (int)value;
    if (strcmp(key, "seed") == 0) b->context.seed = (uint64_t)value;
    if (strcmp(key, "threads") == 0) b->context.threads = (int)value;
    if (strcmp(key, "valid") == 0) b->valid = value > 0;
}

int main(int argc, char **argv) {
    bench b = {.data = argc > 2 && *argv[2] ? argv[2] : DECLIC_DATA,
               .context = {.threads = 2, .seed = 1},
               .learn = dcl_forecast_learn_defaults(),
               .folds = 5,
               .correct = 28};
    static const int midnight[] = {0, -1}, today[] = {6, 12, -1};
    dcl_error error = {0};
    quality_check(dcl_kernels_select(NULL, &b.kernels, &error), &error);
    b.context.kernels = &b.kernels;
    for (int i = 3; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals) {
            b.only = argv[i];
            continue;
        }
        *equals = '\0';
        set_key(&b, argv[i], atof(equals + 1));
    }
    if (dcl_tariff_open(NULL, &b.tariff, &error)) quality_die("tariff", &error);
    if (wants(&b, "eco_10s")) do_seconds(&b, "ECO house 4, the next 10 s, W");
    if (wants(&b, "uci_minute")) do_minutes(&b, "UCI minutes, a minute ahead, W");
    if (wants(&b, "uci_hour")) do_uci(&b, DCL_HORIZON_HOUR, "UCI hourly, 1 h ahead, W");
    if (wants(&b, "uci_day")) do_uci(&b, DCL_HORIZON_DAY, "UCI hourly, day ahead from midnight, W");
    if (wants(&b, "lcl_day")) do_lcl(&b, DCL_HORIZON_DAY, "LCL half hours, day ahead, unseen homes, W");
    if (wants(&b, "lcl_total"))
        do_lcl(&b, DCL_HORIZON_TODAY, "LCL, a day's total at midnight, unseen homes, kWh");
    if (wants(&b, "linky_day")) do_linky(&b, DCL_HORIZON_DAY, midnight, "Linky home, day ahead, W");
    if (wants(&b, "linky_today")) do_linky(&b, DCL_HORIZON_TODAY, today, "Linky home, today's total, kWh");
    dcl_tariff_close(&b.tariff);
    dcl_zone_close(&b.zone);
    dcl_arena_free(&b.arena);
    return 0;
}
