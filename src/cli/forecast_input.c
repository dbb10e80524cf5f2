/* Homes to forecast, from any input: power, or apparent power where there is none, and temperatures beside it. */
#include <stdio.h>
#include <string.h>

#include <declic/base_weather.h>

#include "base/status.h"
#include "cli/forecast.h"

/* ---------------------------------------------------------------- temperatures */

static dcl_status read_temperature(session *cli, const dcl_series **out) {
    dcl_weather weather;
    dcl_status status = dcl_weather_read(&cli->context, cli->weather, &cli->arena, &weather, &cli->error);
    if (status) return status;
    dcl_series *series = dcl_arena_alloc(&cli->arena, 1, sizeof *series);
    if (!series) return dcl_fail_memory(&cli->error, "temperatures");
    *series = (dcl_series){.start_us = weather.start_us,
                           .period_us = DCL_HOUR_US,
                           .n = weather.n,
                           .value = weather.temperature_c};
    *out = series;
    return DCL_OK;
}

/* ---------------------------------------------------------------- homes */

static dcl_status add_home(forecast_homes *all, const char *id, const dcl_series *power, float *value) {
    dcl_arena *arena = &all->cli->arena;
    if (all->n == all->room) {
        dcl_forecast_home *more = dcl_arena_alloc(arena, 2 * all->room + 16, sizeof *more);
        if (!more) return dcl_fail_memory(&all->cli->error, "the homes");
        if (all->n) memcpy(more, all->home, all->n * sizeof *more);
        all->home = more;
        all->room = 2 * all->room + 16;
    }
    dcl_series *copy = dcl_arena_alloc(arena, 1, sizeof *copy);
    char *name = dcl_arena_strdup(arena, id);
    if (!copy || !name) return dcl_fail_memory(&all->cli->error, "the homes");
    *copy = *power;
    copy->value = value;
    all->home[all->n++] = (dcl_forecast_home){name, copy, all->temperature};
    return DCL_OK;
}

/* The sum of three phases where there is no total. */
static const dcl_series *total_of(const dcl_home *home, const dcl_series *phase[3], float *value) {
    for (int p = 0; p < 3; p++) {
        phase[p] = dcl_home_series(home, (dcl_channel)(DCL_POWER_W_L1 + p));
        if (!phase[p] || phase[p]->n != phase[0]->n || phase[p]->start_us != phase[0]->start_us ||
            phase[p]->period_us != phase[0]->period_us)
            return NULL;
    }
    for (size_t i = 0; value && i < phase[0]->n; i++)
        value[i] = phase[0]->value[i] + phase[1]->value[i] + phase[2]->value[i];
    return phase[0];
}

static dcl_status take_home(void *arg, const dcl_home *home, dcl_error *error) {
    forecast_homes *all = arg;
    const dcl_series *phase[3], *power = dcl_home_series(home, DCL_POWER_W);
    if (all->phase) power = dcl_home_series(home, (dcl_channel)(DCL_POWER_W_L1 + all->phase - 1));
    bool sum = !power && !all->phase && total_of(home, phase, NULL);
    if (sum) power = phase[0];
    if (!power && all->phase)
        power = dcl_home_series(home, (dcl_channel)(DCL_APPARENT_VA_L1 + all->phase - 1));
    if (!power && !all->phase) power = dcl_home_series(home, DCL_APPARENT_VA);
    if (!power || !power->n) return DCL_OK;
    float *value = dcl_arena_alloc(&all->cli->arena, power->n, sizeof *value);
    if (!value) return dcl_fail_memory(error, "the homes");
    memcpy(value, power->value, power->n * sizeof *value);
    if (sum) (void)total_of(home, phase, value);
    if (power->channel == DCL_APPARENT_VA && all->n == 0)
        say(all->cli, "declic: note: no active power: what is forecast is apparent power, VA\n");
    return add_home(all, home->id, power, value);
}

static dcl_status take_panel(forecast_homes *all, const char *path) {
    session *cli = all->cli;
    dcl_panel *panel;
    dcl_status status = dcl_panel_open(path, &panel, &cli->error);
    if (status) return status;
    const dcl_panel_about *about = dcl_panel_tell(panel);
    float *value = dcl_arena_alloc(&cli->arena, about->n_homes * about->n_slots, sizeof *value);
    if (!value) status = dcl_fail_memory(&cli->error, "the homes of a panel");
    if (!status)
        status =
            dcl_panel_read(&cli->context, panel, 0, about->n_homes, 0, about->n_slots, value, &cli->error);
    for (size_t h = 0; !status && h < about->n_homes; h++) {
        dcl_series power = {.channel = DCL_POWER_W,
                            .start_us = about->start_us,
                            .period_us = about->period_us,
                            .n = about->n_slots};
        if (!cli->home || strcmp(cli->home, about->id[h]) == 0)
            status = add_home(all, about->id[h], &power, value + h * about->n_slots);
    }
    dcl_panel_close(&panel);
    return status;
}

dcl_status read_forecast_homes(session *cli, size_t first, forecast_homes *out) {
    *out = (forecast_homes){.cli = cli, .phase = (int)cli->phase};
    dcl_read_options read = cli->read;
    read.from_us = INT64_MIN,
    read.to_us = INT64_MAX; /* what is before --from is what a forecast looks back on */
    read.without_truth = true;
    dcl_status status = cli->weather ? read_temperature(cli, &out->temperature) : DCL_OK;
    if (!status && cli->n_inputs == first + 1 && dcl_panel_is(cli->inputs[first]))
        status = take_panel(out, cli->inputs[first]);
    else if (!status)
        status = dcl_homes_each(&cli->context, cli->inputs + first, cli->n_inputs - first, &read, take_home,
                                out, &cli->error);
    clear_bar(cli);
    if (!status && cli->label && out->n > 1)
        status = dcl_fail(&cli->error, DCL_E_ARG, "--label names one home, and the input has many");
    if (!status && cli->label && out->n) out->home[0].id = cli->label;
    char of_phase[24] = "";
    if (out->phase) snprintf(of_phase, sizeof of_phase, " of phase %d", out->phase);
    if (!status && !out->n)
        status = dcl_fail_file(&cli->error, DCL_E_NO_DATA, cli->inputs[first],
                               "no home with power%s to forecast", of_phase);
    return status;
}

/* ---------------------------------------------------------------- words */

/* As dcl_forecast_learn() takes them. */
enum { FORECAST_ROWS = 200, FORECAST_ROUNDS = 10000 };

bool read_forecast_words(session *cli, forecast_words *out) {
    *out = (forecast_words){.horizon = DCL_HORIZON_DAY};
    if (cli->horizon) out->horizon = dcl_horizon_find(cli->horizon);
    if (out->horizon == DCL_HORIZON_COUNT)
        return session_usage(cli, "--horizon %s: expected 10s, minute, hour, day or today", cli->horizon),
               false;
    if (cli->rows && cli->rows < FORECAST_ROWS)
        return session_usage(cli, "--rows %lld: forecasts are learned from %d moments at least",
                             (long long)cli->rows, FORECAST_ROWS),
               false;
    if (cli->rounds > FORECAST_ROUNDS)
        return session_usage(cli, "--rounds %lld: %d at most", (long long)cli->rounds, FORECAST_ROUNDS),
               false;
    if (cli->phase > 3)
        return session_usage(cli, "--phase %lld: expected 1, 2 or 3", (long long)cli->phase), false;
    if (cli->hours) {
        dcl_text words = {0};
        const char *hours = hours_words(cli->hours, &words) ? words.at : cli->hours;
        dcl_status status = dcl_hours_parse(hours, &out->hours, &cli->error);
        dcl_text_free(&words);
        if (status) return session_usage(cli, "--hc: %s", cli->error.msg), false;
        out->has_hours = true;
    }
    if (dcl_tariff_open(cli->tariff_file, &out->tariff, &cli->error))
        return session_usage(cli, "--tariff-file: %s", cli->error.msg), false;
    return true;
}
