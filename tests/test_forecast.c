/* Forecasts: nothing of the future is looked at, quantiles are in order and honest, and what cannot be done is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first. */
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "forecast/backtest.h"
#include "forecast/past.h"
#include "learn/booster.h"

enum { DAYS = 70, HOURS = 24 * DAYS };

static dcl_context context = {.threads = 1, .seed = 1};
static float hourly[HOURS];
static dcl_series series = {.channel = DCL_POWER_W, .period_us = DCL_HOUR_US, .n = HOURS, .value = hourly};
static dcl_forecast_home home = {.id = "home1", .power = &series};
static dcl_forecast_model *model;

/* Evenings and weekends draw more, with noise; 70 days over the change of the clock in March 2025. */
static void make_home(void) {
    series.start_us = dcl_days_from_date(2025, 2, 1) * DCL_DAY_US;
    for (size_t i = 0; i < HOURS; i++) {
        int hour = (int)(i % 24), day = (int)(i / 24);
        double noise = dcl_random_uniform(7, 0, i);
        double evening = hour >= 17 && hour < 22 ? 500 : 0,
               weekend = (day + 5) % 7 >= 5 && hour > 8 ? 200 : 0;
        hourly[i] = (float)(150 + evening + weekend + 120 * noise);
    }
}

static dcl_forecast_learn_options quick(dcl_horizon horizon) {
    dcl_forecast_learn_options o = dcl_forecast_learn_defaults();
    o.horizon = horizon;
    o.rounds = 60;
    o.rows = 4000;
    o.to_us = series.start_us + 50 * DCL_DAY_US;
    return o;
}

static dcl_forecast_model *learned(dcl_horizon horizon) {
    dcl_error error = {0};
    dcl_forecast_model *out = NULL;
    dcl_forecast_learn_options o = quick(horizon);
    if (dcl_forecast_learn(&context, &home, 1, NULL, &o, &out, &error)) fail_msg("%s", error.msg);
    return out;
}

static int set_up(void **state) {
    dcl_error error;
    dcl_zone *zone;
    (void)state;
    if (dcl_zone_open("Europe/Paris", &zone, &error)) return -1;
    context.zone = zone;
    make_home();
    model = learned(DCL_HORIZON_DAY);
    return 0;
}

static int tear_down(void **state) {
    dcl_zone *zone = (dcl_zone *)(uintptr_t)context.zone;
    (void)state;
    dcl_forecast_close(&model);
    dcl_zone_close(&zone);
    return 0;
}

static dcl_fc_grid grid_of(const dcl_forecast_home *of, int64_t period_us, dcl_arena *arena) {
    dcl_fc_grid grid;
    dcl_error error = {0};
    if (dcl_fc_grid_make(&context, of, period_us, NULL, NULL, arena, &grid, &error))
        fail_msg("%s", error.msg);
    return grid;
}

/* ---------------------------------------------------------------- rows, and what is put right */

static void times_of_the_year_are_hidden_where_less_than_a_year_is_learned(void **state) {
    dcl_forecast_learn_options o = quick(DCL_HORIZON_DAY);
    dcl_fc_rows rows;
    dcl_error error = {0};
    size_t k, seasons = 0;
    const dcl_fc_feature *list = dcl_fc_features(DCL_HORIZON_DAY, &k);
    (void)state;
    if (dcl_fc_gather(&context, &home, 1, DCL_HOUR_US, &o, &rows, &error)) fail_msg("%s", error.msg);
    for (size_t f = 0; f < k; f++) {
        bool is_season = strncmp(list[f].name, "season", 6) == 0, is_hour = strcmp(list[f].name, "hour") == 0;
        seasons += is_season;
        for (size_t i = 0; (is_season || is_hour) && i < rows.n; i++)
            assert_int_equal(isnan(rows.x[i * k + f]), is_season);
    }
    assert_int_equal(seasons, 2);
    dcl_fc_rows_free(&rows);
}

/* A home's hours and room for what it was told. */
typedef struct told {
    dcl_arena arena;
    dcl_fc_grid grid;
    dcl_fc_memory memory;
} told;

static told told_of(float *value, size_t n, size_t records, size_t members) {
    told out = {0};
    dcl_series power = series;
    dcl_forecast_home of = {"x", &power, NULL};
    dcl_error error = {0};
    power.n = n, power.value = value;
    out.grid = grid_of(&of, DCL_HOUR_US, &out.arena);
    if (dcl_fc_memory_make(records, 1, members, &out.arena, &out.memory, &error)) fail_msg("%s", error.msg);
    return out;
}

/* Three weeks as forecast, then one of twice as much: a quarter of the records, but more than half of what counts. */
static void what_was_off_last_week_counts_more_than_what_was_off_before(void **state) {
    enum { RECORDS = 28 };
    static float value[24 * (RECORDS + 1)];
    float answer[1][DCL_FC_ANSWERS], out[1][DCL_FC_ANSWERS], lead[DCL_FORECAST_MEMBERS] = {1};
    (void)state;
    for (size_t i = 0; i < 24 * (RECORDS + 1); i++) value[i] = i < 24 * (RECORDS - 7) ? 100 : 200;
    told past = told_of(value, 24 * (RECORDS + 1), RECORDS, 1);
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++)
        answer[0][a] = a == DCL_FC_MEAN ? 100 : 80 + 5 * (float)a; /* the median is 100 */
    for (size_t day = 0; day < RECORDS; day++) {
        dcl_fc_target target = {24 * day, 24 * day, 24 * day + 1};
        dcl_fc_remember(&past.memory, &past.grid, &target, 1, 100, NAN,
                        (const float(*)[DCL_FC_ANSWERS])answer);
    }
    dcl_fc_correct(&past.memory, 24 * RECORDS, INT64_MIN, 7, (const float(*)[DCL_FC_ANSWERS])answer, 1, 100,
                   NAN, lead, out);
    assert_true(out[0][4] > 140 && out[0][4] < 200);
    assert_true(out[0][DCL_FC_MEAN] > 125 && out[0][DCL_FC_MEAN] < 150);
    dcl_arena_free(&past.arena);
}

/* The median of an hour of 150 W whose records were now 100, now 200 W, where the last value was `off` beside each truth. */
static float median_by(float off, float plain, float neighbour[2]) {
    enum { RECORDS = 48 };
    static float value[RECORDS + 1];
    float answer[1][DCL_FC_ANSWERS], out[1][DCL_FC_ANSWERS], lead[DCL_FORECAST_MEMBERS] = {1};
    for (size_t i = 0; i < RECORDS + 1; i++) value[i] = i % 2 ? 200 : 100;
    told past = told_of(value, RECORDS + 1, RECORDS, 1);
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) answer[0][a] = a == DCL_FC_MEAN ? 150 : 70 + 20 * (float)a;
    for (size_t i = 0; i < RECORDS; i++) {
        dcl_fc_target target = {i, i, i + 1};
        dcl_fc_remember(&past.memory, &past.grid, &target, 1, 100, value[i] + off,
                        (const float(*)[DCL_FC_ANSWERS])answer);
    }
    dcl_fc_correct(&past.memory, RECORDS, INT64_MIN, 7, (const float(*)[DCL_FC_ANSWERS])answer, 1, 100, plain,
                   lead, out);
    neighbour[0] = out[0][3], neighbour[1] = out[0][5];
    dcl_arena_free(&past.arena);
    return out[0][4];
}

static void where_the_last_value_was_nearer_it_is_the_median_and_nothing_crosses_it(void **state) {
    float side[2], none = median_by(0, NAN, side);
    (void)state;
    assert_true(side[0] < side[1]);
    float inside = side[0] + (side[1] - side[0]) / 4;
    assert_true(fabsf(none - inside) > 0.1F);
    assert_true(median_by(10, inside, side) == inside);
    assert_true(median_by(10, 1000, side) == 1000 && side[0] < 1000 && side[1] == 1000);
    assert_true(median_by(10, 0, side) == 0 && side[0] == 0 && side[1] > 0);
    assert_true(median_by(200, inside, side) == none); /* the last value was worse */
}

/* Two members, one off by so much more than the other on so many days: the share of the second. */
static float lead_of_second(float first_off, float second_off, size_t days) {
    enum { RECORDS = 28 };
    static float value[24 * RECORDS];
    float answer[2][DCL_FC_ANSWERS], out[1][DCL_FC_ANSWERS], lead[DCL_FORECAST_MEMBERS] = {0.5F, 0.5F};
    for (size_t i = 0; i < 24 * RECORDS; i++) value[i] = 100;
    told past = told_of(value, 24 * RECORDS, RECORDS, 2);
    for (size_t day = 0; day < days; day++) {
        float sign = day % 2 ? 1 : -1;
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) { /* the two are wrong at other times */
            float spread = a == DCL_FC_MEAN ? 0 : 5 * ((float)a - 4);
            answer[0][a] = 100 + sign * first_off + spread;
            answer[1][a] = 100 + (day % 4 < 2 ? sign : -sign) * second_off + spread;
        }
        dcl_fc_target target = {24 * day, 24 * day, 24 * day + 1};
        dcl_fc_remember(&past.memory, &past.grid, &target, 1, 100, NAN,
                        (const float(*)[DCL_FC_ANSWERS])answer);
    }
    dcl_fc_correct(&past.memory, 24 * days, INT64_MIN, 7, (const float(*)[DCL_FC_ANSWERS])answer, 1, 100, NAN,
                   lead, out);
    dcl_arena_free(&past.arena);
    assert_float_equal(lead[0] + lead[1], 1, 1e-5);
    return lead[1];
}

static void shares_follow_the_errors_of_past_days_and_few_days_or_like_members_share(void **state) {
    (void)state;
    assert_float_equal(lead_of_second(40, 40, 0), 0.5F, 1e-6);
    assert_float_equal(lead_of_second(40, 40, 28), 0.5F, 0.05);
    float few = lead_of_second(90, 20, 2), many = lead_of_second(90, 20, 28);
    assert_true(few > 0.5F && many > few && many > 0.75F);
    assert_float_equal(lead_of_second(20, 90, 28), 1 - many, 0.05);
}

/* ---------------------------------------------------------------- the grid and civil time */

static void a_slot_is_the_mean_of_what_is_there_if_half_is(void **state) {
    float value[] = {100, 200, NAN, 400, NAN, NAN, NAN, 800};
    dcl_series fine = {.period_us = 15 * DCL_MINUTE_US, .n = 8, .value = value};
    dcl_forecast_home of = {"x", &fine, NULL};
    dcl_arena arena = {0};
    dcl_fc_grid grid = grid_of(&of, DCL_HOUR_US, &arena);
    (void)state;
    assert_int_equal(grid.n, 2);
    assert_float_equal(grid.value[0], 700.0 / 3, 1e-3);
    assert_true(isnan(grid.value[1]));
    dcl_arena_free(&arena);
}

static void a_step_that_does_not_fit_is_refused_with_both_steps(void **state) {
    float value[] = {1, 2, 3};
    dcl_series coarse = {.period_us = 25 * DCL_MINUTE_US, .n = 3, .value = value};
    dcl_forecast_home of = {"x", &coarse, NULL};
    dcl_arena arena = {0};
    dcl_fc_grid grid;
    dcl_error error = {0};
    (void)state;
    assert_int_equal(dcl_fc_grid_make(&context, &of, 30 * DCL_MINUTE_US, NULL, NULL, &arena, &grid, &error),
                     DCL_E_ARG);
    assert_non_null(strstr(error.msg, "1500 s"));
    assert_non_null(strstr(error.msg, "1800 s"));
    dcl_arena_free(&arena);
}

static void the_same_civil_hour_of_the_day_before_is_one_hour_less_back_in_march(void **state) {
    dcl_arena arena = {0};
    dcl_fc_grid grid = grid_of(&home, DCL_HOUR_US, &arena);
    size_t noon = dcl_fc_slot_at(&grid, dcl_days_from_date(2025, 3, 30) * DCL_DAY_US + 10 * DCL_HOUR_US);
    (void)state;
    assert_int_equal(dcl_fc_minute_of(&grid, noon), 720);
    assert_int_equal(dcl_fc_days_back(&grid, noon, 1), 23);
    assert_int_equal(dcl_fc_days_back(&grid, noon + 24, 1), 24);
    size_t midnight = dcl_fc_midnight(&grid, noon);
    assert_int_equal(dcl_fc_next_midnight(&grid, midnight) - midnight, 23);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- no looking ahead */

typedef void (*filler)(const dcl_fc_grid *grid, dcl_horizon horizon, size_t at, float *row, float *anchor);

static void honest(const dcl_fc_grid *grid, dcl_horizon horizon, size_t at, float *row, float *anchor) {
    dcl_fc_target target[DCL_FORECAST_STEPS];
    dcl_fc_issue issue;
    dcl_fc_open open;
    dcl_fc_open_begin(&open);
    for (size_t i = 0; i < at; i++) dcl_fc_open_next(&open, i, grid->value[i]);
    size_t n = dcl_fc_targets(grid, horizon, at, target);
    assert_true(n > 0);
    dcl_fc_issue_at(grid, horizon, 28, at, &open, &issue);
    dcl_fc_fill(&issue, horizon, &target[n - 1], row, anchor);
}

/* A leak as one would make it: what is known is taken up to the end of the target instead of its issue. */
static void leaking(const dcl_fc_grid *grid, dcl_horizon horizon, size_t at, float *row, float *anchor) {
    dcl_fc_target target[DCL_FORECAST_STEPS];
    dcl_fc_issue issue;
    size_t n = dcl_fc_targets(grid, horizon, at, target);
    dcl_fc_issue_at(grid, horizon, 28, target[n - 1].to, NULL, &issue);
    target[n - 1].issue = target[n - 1].from;
    dcl_fc_fill(&issue, horizon, &target[n - 1], row, anchor);
}

/* Whether what a filler says at a moment changes with what comes after it. */
static bool looks_ahead(filler fill, dcl_horizon horizon, int64_t period_us, size_t at) {
    static float value[HOURS], row[2][DCL_FC_FEATURES_MAX], anchor[2];
    dcl_series changed = series;
    dcl_forecast_home of = {"x", &changed, NULL};
    size_t k;
    changed.period_us = period_us;
    changed.value = value;
    dcl_fc_features(horizon, &k);
    for (int pass = 0; pass < 2; pass++) {
        dcl_arena arena = {0};
        for (size_t i = 0; i < HOURS; i++)
            value[i] = pass && i >= at ? hourly[(i * 31) % HOURS] + 5000 : hourly[i];
        dcl_fc_grid grid = grid_of(&of, period_us, &arena);
        fill(&grid, horizon, at, row[pass], &anchor[pass]);
        dcl_arena_free(&arena);
    }
    return memcmp(row[0], row[1], k * sizeof(float)) != 0 ||
           memcmp(&anchor[0], &anchor[1], sizeof(float)) != 0;
}

static void features_do_not_look_ahead_and_a_planted_leak_is_seen(void **state) {
    static const struct {
        dcl_horizon horizon;
        int64_t period_us;
    } cases[] = {{DCL_HORIZON_10S, 10 * DCL_SECOND_US},
                 {DCL_HORIZON_MINUTE, DCL_MINUTE_US},
                 {DCL_HORIZON_HOUR, DCL_HOUR_US},
                 {DCL_HORIZON_DAY, DCL_HOUR_US},
                 {DCL_HORIZON_TODAY, DCL_HOUR_US}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t at = 900; at < 924; at += 5) {
            if (looks_ahead(honest, cases[c].horizon, cases[c].period_us, at))
                fail_msg("%s looks ahead at slot %zu", dcl_horizon_name(cases[c].horizon), at);
            if (!looks_ahead(leaking, cases[c].horizon, cases[c].period_us, at))
                fail_msg("%s: the planted leak was not seen at slot %zu", dcl_horizon_name(cases[c].horizon),
                         at);
        }
}

typedef struct kept {
    dcl_backtest_row row[4000];
    size_t n;
} kept;

static dcl_status keep(void *arg, const char *id, const dcl_backtest_row *row, size_t n, dcl_error *error) {
    kept *all = arg;
    (void)id, (void)error;
    memcpy(all->row + all->n, row, n * sizeof *row);
    all->n += n;
    return DCL_OK;
}

/* Forecasts, corrections and what is learned anew: the same bytes up to a moment, whatever comes after it. */
static void a_backtest_knows_nothing_of_what_comes_after_each_forecast(void **state) {
    static kept all[2];
    static float before[HOURS];
    dcl_backtest_options o = dcl_backtest_defaults();
    dcl_backtest result;
    dcl_error error = {0};
    int64_t moment = series.start_us + 58 * DCL_DAY_US;
    (void)state;
    memcpy(before, hourly, sizeof before);
    o.from_us = series.start_us + 52 * DCL_DAY_US, o.to_us = moment;
    o.refit_days = 3;
    o.learn = quick(DCL_HORIZON_DAY);
    o.learn.rounds = 3, o.learn.to_us = INT64_MAX;
    for (int pass = 0; pass < 2; pass++) {
        all[pass].n = 0;
        for (size_t i = 58 * 24; pass && i < HOURS; i++) hourly[i] = 9000;
        if (dcl_backtest_run(&context, model, &home, 1, &o, keep, &all[pass], &result, NULL, &error))
            fail_msg("%s", error.msg);
    }
    memcpy(hourly, before, sizeof before);
    assert_true(all[0].n >= 6 * 23);
    assert_int_equal(all[0].n, all[1].n);
    for (size_t i = 0; i < all[0].n; i++)
        assert_memory_equal(&all[0].row[i].point, &all[1].row[i].point, sizeof all[0].row[i].point);
}

/* ---------------------------------------------------------------- quantiles */

static void a_pinball_training_finds_the_quantile_of_its_level(void **state) {
    enum { N = 4000 };
    static float x[N], y[N];
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)(i % 2);
        y[i] = (float)((x[i] > 0 ? 10 : 1) * dcl_random_uniform(3, 0, i));
    }
    dcl_booster_data data = {.x = x, .y = y, .n = N, .k = 1};
    const double levels[] = {0.1, 0.5, 0.9};
    dcl_booster_options o[3];
    dcl_booster_model trained[3];
    dcl_error error = {0};
    for (size_t q = 0; q < 3; q++) {
        o[q] = dcl_booster_defaults();
        o[q].loss = DCL_BOOSTER_PINBALL, o[q].quantile = levels[q];
        o[q].depth = 2, o[q].rounds = 150, o[q].feature_share = 1;
    }
    if (dcl_booster_train_all(&context, &data, o, 3, trained, &error)) fail_msg("%s", error.msg);
    for (size_t q = 0; q < 3; q++) {
        dcl_arena arena = {0};
        dcl_forest forest;
        float row[2] = {0, 1}, margin[2];
        if (dcl_forest_from_json(trained[q].json, trained[q].length, &arena, &forest, &error))
            fail_msg("%s", error.msg);
        dcl_forest_margins(&forest, row, 2, 1, margin);
        assert_float_equal(margin[0], (float)levels[q], 0.15);
        assert_float_equal(margin[1], (float)(10 * levels[q]), 0.8);
        dcl_arena_free(&arena);
        free(trained[q].json);
    }
}

/* Two threads train two models at a time where one trains one after the other; quantiles have targets of their own. */
static void trainings_side_by_side_give_the_bytes_of_one_thread(void **state) {
    enum { N = 600, ALL = 4 };
    static float x[2 * N], y[N], twice[N];
    dcl_booster_data data = {.x = x, .y = y, .n = N, .k = 2, .y_pinball = twice};
    dcl_booster_options o[ALL];
    dcl_booster_model trained[2][ALL];
    dcl_error error = {0};
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[2 * i] = (float)dcl_random_uniform(5, 0, i), x[2 * i + 1] = (float)dcl_random_uniform(5, 1, i);
        y[i] = x[2 * i] + 0.3F * (float)dcl_random_uniform(5, 2, i);
        twice[i] = 2 * y[i];
    }
    for (size_t i = 0; i < ALL; i++) {
        o[i] = dcl_booster_defaults();
        o[i].rounds = 20;
        if (i) o[i].loss = DCL_BOOSTER_PINBALL, o[i].quantile = 0.2 + 0.2 * (double)i;
    }
    for (int threads = 1; threads <= 2; threads++) {
        dcl_context c = context;
        c.threads = threads;
        if (dcl_booster_train_all(&c, &data, o, ALL, trained[threads - 1], &error)) fail_msg("%s", error.msg);
    }
    for (size_t i = 0; i < ALL; i++) {
        assert_int_equal(trained[0][i].length, trained[1][i].length);
        assert_memory_equal(trained[0][i].json, trained[1][i].json, trained[0][i].length);
        free(trained[0][i].json);
        free(trained[1][i].json);
    }
}

static void a_pinball_level_out_of_its_range_is_refused(void **state) {
    float x[] = {0, 1, 2}, y[] = {0, 1, 2};
    dcl_booster_data data = {.x = x, .y = y, .n = 3, .k = 1};
    dcl_booster_options o = dcl_booster_defaults();
    dcl_booster_model trained;
    dcl_error error = {0};
    (void)state;
    o.loss = DCL_BOOSTER_PINBALL, o.quantile = 1;
    assert_int_equal(dcl_booster_train(&context, &data, &o, &trained, &error), DCL_E_ARG);
}

static void quantiles_never_cross_and_nothing_is_negative(void **state) {
    dcl_forecast_options o = dcl_forecast_options_defaults();
    (void)state;
    for (int day = 2; day < DAYS; day += 3) {
        dcl_forecast forecast;
        dcl_error error = {0};
        if (dcl_forecast_make(&context, model, &home, series.start_us + day * DCL_DAY_US, &o, &forecast,
                              &error))
            fail_msg("%s", error.msg);
        assert_int_equal(forecast.n, 24);
        for (size_t i = 0; i < forecast.n; i++) {
            assert_true(forecast.point[i].quantile[0] >= 0 && forecast.point[i].mean >= 0);
            for (size_t q = 1; q < DCL_FORECAST_QUANTILES; q++)
                assert_true(forecast.point[i].quantile[q] >= forecast.point[i].quantile[q - 1]);
        }
    }
}

static void a_model_beats_the_day_before_and_its_intervals_cover(void **state) {
    dcl_backtest_options o = dcl_backtest_defaults();
    dcl_backtest result;
    dcl_error error = {0};
    (void)state;
    if (dcl_backtest_run(&context, model, &home, 1, &o, NULL, NULL, &result, NULL, &error))
        fail_msg("%s", error.msg);
    const dcl_forecast_measure *own = &result.by[DCL_FORECASTER_MODEL],
                               *naive = &result.by[DCL_FORECASTER_SEASONAL];
    assert_true(own->n > 20 * 20);
    assert_true(result.from_us >=
                series.start_us + 50 * DCL_DAY_US - DCL_DAY_US); /* not on what it was learned from */
    assert_true(own->mae < 0.85 * naive->mae);
    assert_true(own->coverage > 0.65 && own->coverage < 0.95);
    assert_true(own->wql < naive->wql);
}

static void any_number_of_threads_gives_the_same_backtest(void **state) {
    static kept all[2];
    dcl_forecast_home homes[3] = {home, home, home};
    dcl_backtest_options o = dcl_backtest_defaults();
    dcl_backtest result;
    dcl_error error = {0};
    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        dcl_context some = context;
        some.threads = 1 + 2 * pass;
        all[pass].n = 0;
        if (dcl_backtest_run(&some, model, homes, 3, &o, keep, &all[pass], &result, NULL, &error))
            fail_msg("%s", error.msg);
    }
    assert_int_equal(all[0].n, all[1].n);
    for (size_t i = 0; i < all[0].n; i++)
        assert_memory_equal(&all[0].row[i].point, &all[1].row[i].point, sizeof all[0].row[i].point);
}

/* ---------------------------------------------------------------- measures */

static void measures_are_their_formulas(void **state) {
    const float quantile[2][DCL_FORECAST_QUANTILES] = {{1, 2, 3, 4, 5, 6, 7, 8, 9},
                                                       {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    const float truth[2] = {7, 12};
    dcl_fc_sums sums = {0};
    double pinball = 0;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        dcl_fc_add(&sums, truth[i], quantile[i], 6);
        for (int q = 1; q <= 9; q++) {
            double d = (double)truth[i] - q;
            pinball += d >= 0 ? 0.1 * q * d : (0.1 * q - 1) * d;
        }
    }
    dcl_forecast_measure m = dcl_fc_measure(&sums, 2, false);
    assert_float_equal(m.mae, (2 + 7) / 2.0, 1e-9);
    assert_float_equal(m.mae_mean, (1 + 6) / 2.0, 1e-9);
    assert_float_equal(m.rmse, sqrt((1 + 36) / 2.0), 1e-9);
    assert_float_equal(m.mase, 2.25, 1e-9);
    assert_float_equal(m.pinball, pinball / 18, 1e-6);
    assert_float_equal(m.wql, (float)(2 * pinball / 9 / 19), 1e-6);
    assert_float_equal(m.coverage, 0.5, 1e-9);
    assert_float_equal(m.width, 8, 1e-9);
}

static void of_a_point_forecast_wql_is_the_error_over_the_truth(void **state) {
    float same[DCL_FORECAST_QUANTILES];
    dcl_fc_sums sums = {0};
    (void)state;
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) same[q] = 4;
    dcl_fc_add(&sums, 10, same, 4);
    dcl_forecast_measure m = dcl_fc_measure(&sums, 0, true);
    assert_float_equal(m.wql, 0.6, 1e-9);
    assert_true(isnan(m.coverage) && isnan(m.mase));
}

/* ---------------------------------------------------------------- what cannot be done */

static void too_short_a_history_is_refused_with_what_is_needed(void **state) {
    dcl_series shorter = series;
    dcl_forecast_home of = {"x", &shorter, NULL};
    dcl_forecast_learn_options o = quick(DCL_HORIZON_DAY);
    dcl_forecast_model *out;
    dcl_error error = {0};
    (void)state;
    shorter.n = 12 * 24;
    assert_int_equal(dcl_forecast_learn(&context, &of, 1, NULL, &o, &out, &error), DCL_E_NO_DATA);
    assert_null(out);
    assert_non_null(strstr(error.msg, "12.0 days"));
    assert_non_null(strstr(error.msg, "21 days are needed, and 7 more"));
}

static void nothing_but_missing_values_is_refused(void **state) {
    static float none[HOURS];
    dcl_series empty = series;
    dcl_forecast_home of = {"x", &empty, NULL};
    dcl_forecast_learn_options o = quick(DCL_HORIZON_DAY);
    dcl_forecast_model *out;
    dcl_error error = {0};
    (void)state;
    for (size_t i = 0; i < HOURS; i++) none[i] = NAN;
    empty.value = none;
    assert_int_equal(dcl_forecast_learn(&context, &of, 1, NULL, &o, &out, &error), DCL_E_NO_DATA);
    assert_non_null(strstr(error.msg, "missing"));
}

static dcl_forecast made(const dcl_forecast_model *by, const dcl_forecast_home *of, int64_t at_us) {
    dcl_forecast forecast;
    dcl_error error = {0};
    dcl_forecast_options o = dcl_forecast_options_defaults();
    if (dcl_forecast_make(&context, by, of, at_us, &o, &forecast, &error)) fail_msg("%s", error.msg);
    return forecast;
}

static void a_baseline_is_served_and_marked_where_no_model_can_be(void **state) {
    static float gap[HOURS];
    dcl_series holed = series;
    dcl_forecast_home of = {"x", &holed, NULL};
    (void)state;
    memcpy(gap, hourly, sizeof gap);
    for (size_t i = 50 * 24; i < 64 * 24; i++) gap[i] = NAN;
    holed.value = gap;
    assert_int_equal(made(model, &home, series.start_us + 3 * DCL_DAY_US).fallback,
                     DCL_FALLBACK_SHORT_HISTORY);
    assert_int_equal(made(NULL, &home, series.start_us + 30 * DCL_DAY_US).fallback, DCL_FALLBACK_NO_MODEL);
    assert_int_equal(made(model, &of, series.start_us + 63 * DCL_DAY_US).fallback, DCL_FALLBACK_NO_RECENT);
    assert_int_equal(made(model, &of, series.start_us + 66 * DCL_DAY_US).fallback, DCL_FALLBACK_NONE);
    dcl_forecast plain = made(model, &home, series.start_us + 3 * DCL_DAY_US);
    for (size_t i = 0; i < plain.n; i++)
        assert_true(plain.point[i].quantile[8] >= plain.point[i].quantile[0] && plain.point[i].mean > 0);
}

static void another_level_is_told(void **state) {
    static float doubled[HOURS];
    dcl_series louder = series;
    dcl_forecast_home of = {"x", &louder, NULL};
    (void)state;
    for (size_t i = 0; i < HOURS; i++) doubled[i] = i < 60 * 24 ? hourly[i] : 2.5F * hourly[i];
    louder.value = doubled;
    assert_false(made(model, &home, series.start_us + 64 * DCL_DAY_US).level_changed);
    assert_true(made(model, &of, series.start_us + 64 * DCL_DAY_US).level_changed);
}

static void a_forecast_long_after_the_last_value_is_refused(void **state) {
    dcl_forecast forecast;
    dcl_error error = {0};
    dcl_forecast_options o = dcl_forecast_options_defaults();
    (void)state;
    assert_int_equal(
        dcl_forecast_make(&context, model, &home, series.start_us + 90 * DCL_DAY_US, &o, &forecast, &error),
        DCL_E_NO_DATA);
    assert_int_equal(
        dcl_forecast_make(&context, model, &home, series.start_us - DCL_DAY_US, &o, &forecast, &error),
        DCL_E_NO_DATA);
}

static void a_days_total_contains_what_was_measured_of_it(void **state) {
    dcl_forecast_model *total = learned(DCL_HORIZON_TODAY);
    int64_t day = dcl_zone_day_start(context.zone, dcl_days_from_date(2025, 3, 30));
    dcl_forecast late = made(total, &home, day + 22 * DCL_HOUR_US);
    double sum = 0;
    (void)state;
    assert_int_equal(late.n, 1);
    assert_int_equal(late.point[0].start_us, day);
    assert_int_equal(late.point[0].end_us - day, 23 * DCL_HOUR_US); /* the clock went forward */
    for (int h = 0; h < 22; h++) sum += (double)hourly[(day - series.start_us) / DCL_HOUR_US + h];
    assert_true((double)late.point[0].quantile[0] * 23 >= sum - 1);
    assert_true((double)late.point[0].quantile[8] * 23 < sum + 2000);
    dcl_forecast_close(&total);
}

/* ---------------------------------------------------------------- the file */

static void a_model_that_was_written_forecasts_the_same(void **state) {
    char path[] = "/tmp/declic-forecast-XXXXXX";
    int file = mkstemp(path);
    dcl_forecast_model *again;
    dcl_error error = {0};
    (void)state;
    assert_true(file >= 0);
    close(file);
    if (dcl_forecast_write(model, path, &error) || dcl_forecast_read(path, &again, &error))
        fail_msg("%s", error.msg);
    dcl_forecast a = made(model, &home, series.start_us + 60 * DCL_DAY_US);
    dcl_forecast b = made(again, &home, series.start_us + 60 * DCL_DAY_US);
    for (size_t i = 0; i < a.n; i++) assert_memory_equal(&a.point[i], &b.point[i], sizeof a.point[i]);
    assert_string_equal(dcl_forecast_feature(again, 0, NULL), dcl_forecast_feature(model, 0, NULL));
    dcl_forecast_close(&again);
    unlink(path);
}

/* Written before quantiles were learned of logarithms: says what it said then. */
static void a_model_of_version_1_forecasts_as_it_did(void **state) {
    dcl_forecast_model *old;
    dcl_error error = {0};
    (void)state;
    if (dcl_forecast_read(DCL_TEST_DIR "/fuzz/seeds/forecast/day.model", &old, &error))
        fail_msg("%s", error.msg);
    dcl_forecast_options o = dcl_forecast_options_defaults();
    dcl_forecast forecast;
    o.correct_days = 0;
    if (dcl_forecast_make(&context, old, &home, series.start_us + 60 * DCL_DAY_US, &o, &forecast, &error))
        fail_msg("%s", error.msg);
    assert_int_equal(forecast.fallback, DCL_FALLBACK_NONE);
    const dcl_forecast_point *point = &forecast.point[18];
    assert_float_equal(point->quantile[0], 471.765869F, 1e-3F);
    assert_float_equal(point->quantile[4], 560.937988F, 1e-3F);
    assert_float_equal(point->mean, 571.313354F, 1e-3F);
    dcl_forecast_close(&old);
}

/* Opens the model's file with one part replaced by `change` of it. */
static dcl_status open_changed(const char *name, void (*change)(unsigned char *bytes), dcl_error *error) {
    char path[] = "/tmp/declic-forecast-XXXXXX";
    int file = mkstemp(path);
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_pack_part part[DCL_PACK_PARTS];
    unsigned char *bytes = NULL;
    size_t length;
    dcl_forecast_model *out = NULL;
    close(file);
    if (dcl_forecast_write(model, path, error) || dcl_pack_read(path, NULL, &arena, &pack, error))
        fail_msg("%s", error->msg);
    for (size_t i = 0; i < pack.n; i++) {
        part[i] = pack.part[i];
        if (strcmp(part[i].name, name) == 0) change((unsigned char *)(uintptr_t)part[i].bytes);
    }
    if (dcl_pack_make("forecast", part, pack.n, &bytes, &length, error)) fail_msg("%s", error->msg);
    dcl_status status = dcl_forecast_open(bytes, length, &out, error);
    dcl_forecast_close(&out);
    free(bytes);
    dcl_arena_free(&arena);
    unlink(path);
    return status;
}

static void raise_version(unsigned char *bytes) {
    bytes[0] = 9;
}
static void rename_feature(unsigned char *bytes) {
    bytes[8] = 'X'; /* behind the count and the length of the first name */
}
static void no_period(unsigned char *bytes) {
    memset(bytes + 8, 0, 8);
}

static void other_features_a_newer_format_and_damage_are_refused_in_words(void **state) {
    static const struct {
        const char *part;
        void (*change)(unsigned char *);
        dcl_status status;
        const char *says;
    } cases[] = {{"about", raise_version, DCL_E_UNSUPPORTED, "version 9"},
                 {"features", rename_feature, DCL_E_FORMAT, "learn it anew"},
                 {"about", no_period, DCL_E_FORMAT, "does not say what it is"}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dcl_error error = {0};
        assert_int_equal(open_changed(cases[c].part, cases[c].change, &error), cases[c].status);
        if (!strstr(error.msg, cases[c].says)) fail_msg("wanted \"%s\" in \"%s\"", cases[c].says, error.msg);
    }
}

static void a_model_of_another_horizon_is_no_company(void **state) {
    dcl_forecast_learn_options o = quick(DCL_HORIZON_TODAY);
    dcl_forecast_model *out;
    dcl_error error = {0};
    (void)state;
    assert_int_equal(dcl_forecast_learn(&context, &home, 1, model, &o, &out, &error), DCL_E_ARG);
    assert_non_null(strstr(error.msg, "the model to go with"));
}

/* The first member is of another home, one of constant power; the second knows this home: it must lead. */
static void of_two_trainings_the_better_one_leads(void **state) {
    static float flat[HOURS];
    dcl_series other = series;
    dcl_forecast_home of = {"flat", &other, NULL};
    dcl_forecast_home two[2] = {of, of};
    dcl_forecast_learn_options o = quick(DCL_HORIZON_DAY);
    dcl_forecast_model *global, *both;
    dcl_error error = {0};
    (void)state;
    for (size_t i = 0; i < HOURS; i++) flat[i] = (float)(300 + (double)(i % 5));
    other.value = flat;
    if (dcl_forecast_learn(&context, two, 2, NULL, &o, &global, &error)) fail_msg("%s", error.msg);
    if (dcl_forecast_learn(&context, &home, 1, global, &o, &both, &error)) fail_msg("%s", error.msg);
    assert_int_equal(dcl_forecast_describe(both).members, 2);
    dcl_forecast late = made(both, &home, series.start_us + 69 * DCL_DAY_US);
    assert_true(late.lead[1] > 0.6F);
    assert_float_equal(late.lead[0] + late.lead[1], 1, 1e-5);
    dcl_forecast_close(&global);
    dcl_forecast_close(&both);
}

/* ---------------------------------------------------------------- loads that are on */

static void a_rise_stays_open_until_a_fall_of_its_size(void **state) {
    dcl_fc_open open;
    const float power[] = {100, 100, 2100, 2100, 2160, 2160, 160, 160, 100};
    (void)state;
    dcl_fc_open_begin(&open);
    for (size_t i = 0; i < 6; i++) dcl_fc_open_next(&open, i, power[i]);
    assert_int_equal(open.n, 2);
    assert_int_equal(open.since[0], 2);
    assert_float_equal(open.rise_w[0], 2000, 1e-3);
    dcl_fc_open_next(&open, 6, power[6]);
    assert_int_equal(open.n, 1);
    assert_float_equal(open.rise_w[0], 60, 1e-3);
    dcl_fc_open_next(&open, 7, power[7]);
    dcl_fc_open_next(&open, 8, power[8]);
    assert_int_equal(open.n, 0);
    dcl_fc_open_next(&open, 9, NAN);
    assert_int_equal(open.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_the_year_are_hidden_where_less_than_a_year_is_learned),
        cmocka_unit_test(what_was_off_last_week_counts_more_than_what_was_off_before),
        cmocka_unit_test(shares_follow_the_errors_of_past_days_and_few_days_or_like_members_share),
        cmocka_unit_test(where_the_last_value_was_nearer_it_is_the_median_and_nothing_crosses_it),
        cmocka_unit_test(a_slot_is_the_mean_of_what_is_there_if_half_is),
        cmocka_unit_test(a_step_that_does_not_fit_is_refused_with_both_steps),
        cmocka_unit_test(the_same_civil_hour_of_the_day_before_is_one_hour_less_back_in_march),
        cmocka_unit_test(features_do_not_look_ahead_and_a_planted_leak_is_seen),
        cmocka_unit_test(a_backtest_knows_nothing_of_what_comes_after_each_forecast),
        cmocka_unit_test(a_pinball_training_finds_the_quantile_of_its_level),
        cmocka_unit_test(trainings_side_by_side_give_the_bytes_of_one_thread),
        cmocka_unit_test(a_pinball_level_out_of_its_range_is_refused),
        cmocka_unit_test(quantiles_never_cross_and_nothing_is_negative),
        cmocka_unit_test(a_model_beats_the_day_before_and_its_intervals_cover),
        cmocka_unit_test(any_number_of_threads_gives_the_same_backtest),
        cmocka_unit_test(measures_are_their_formulas),
        cmocka_unit_test(of_a_point_forecast_wql_is_the_error_over_the_truth),
        cmocka_unit_test(too_short_a_history_is_refused_with_what_is_needed),
        cmocka_unit_test(nothing_but_missing_values_is_refused),
        cmocka_unit_test(a_baseline_is_served_and_marked_where_no_model_can_be),
        cmocka_unit_test(another_level_is_told),
        cmocka_unit_test(a_forecast_long_after_the_last_value_is_refused),
        cmocka_unit_test(a_days_total_contains_what_was_measured_of_it),
        cmocka_unit_test(a_model_that_was_written_forecasts_the_same),
        cmocka_unit_test(a_model_of_version_1_forecasts_as_it_did),
        cmocka_unit_test(other_features_a_newer_format_and_damage_are_refused_in_words),
        cmocka_unit_test(a_model_of_another_horizon_is_no_company),
        cmocka_unit_test(of_two_trainings_the_better_one_leads),
        cmocka_unit_test(a_rise_stays_open_until_a_fall_of_its_size),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
