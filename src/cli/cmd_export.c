#include <math.h>
#include <string.h>

#include "cli/cli.h"

/* The finest grid among the channels, over all of their spans. */
static dcl_series common_grid(const dcl_home *home) {
    dcl_series grid = {.start_us = INT64_MAX, .period_us = INT64_MAX};
    int64_t end = INT64_MIN;
    for (size_t i = 0; i < home->n_series; i++) {
        const dcl_series *series = &home->series[i];
        if (series->period_us < grid.period_us) grid.period_us = series->period_us;
        if (series->start_us < grid.start_us) grid.start_us = series->start_us;
        if (dcl_series_end_us(series) > end) end = dcl_series_end_us(series);
    }
    grid.n = end > grid.start_us ? (size_t)((end - grid.start_us) / grid.period_us) : 0;
    return grid;
}

static float value_at(const dcl_series *series, int64_t time_us) {
    if (time_us < series->start_us || time_us >= dcl_series_end_us(series)) return NAN;
    return series->value[(time_us - series->start_us) / series->period_us];
}

static dcl_status put_rows(const session *cli, const dcl_home *home, const dcl_series *grid, dcl_text *text) {
    dcl_text_put(text, "time_utc");
    for (size_t i = 0; i < home->n_series; i++)
        dcl_text_format(text, ",%s", dcl_channel_name(home->series[i].channel));
    dcl_text_put(text, "\n");
    for (size_t row = 0; row < grid->n; row++) {
        if ((row & 0xffff) == 0 && dcl_cancelled(&cli->context)) return DCL_E_CANCELLED;
        char stamp[32];
        int64_t time_us = grid->start_us + (int64_t)row * grid->period_us;
        dcl_text_bytes(text, stamp, dcl_time_format(time_us, stamp));
        for (size_t i = 0; i < home->n_series; i++) {
            dcl_text_put(text, ",");
            dcl_text_float(text, value_at(&home->series[i], time_us));
        }
        dcl_text_put(text, "\n");
    }
    return DCL_OK;
}

/* What was written, for a program that goes on with it. */
static int put_told(session *cli, const dcl_home *home, bool nilmtk, const dcl_nilmtk_written *written) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key_string(&json, "home", home->id);
    dcl_json_key_string(&json, "as", nilmtk ? "nilmtk" : "csv");
    dcl_json_key_integer(&json, "meters", (int64_t)written->meters);
    dcl_json_key_time(&json, "from", written->from_us);
    dcl_json_key_time(&json, "to", written->to_us);
    dcl_json_key_fixed(&json, "period_s", (double)written->period_us * 1e-6, 3);
    dcl_json_key_integer(&json, "rows", (int64_t)written->rows);
    dcl_json_key(&json, "columns");
    dcl_json_begin(&json, '[');
    dcl_json_string(&json, nilmtk ? "index" : "time_utc");
    for (size_t i = 0; i < home->n_series; i++)
        if (!nilmtk || dcl_nilmtk_takes(home->series[i].channel))
            dcl_json_string(&json, dcl_channel_name(home->series[i].channel));
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

static int export_csv(session *cli, const dcl_home *home) {
    dcl_series grid = common_grid(home);
    dcl_text text = {0};
    dcl_status status = put_rows(cli, home, &grid, &text);
    if (status) {
        dcl_text_free(&text);
        return session_fail(cli, status);
    }
    int code = session_write(cli, &text);
    if (code || !cli->json) return code;
    dcl_nilmtk_written written = {1, grid.n, grid.start_us, dcl_series_end_us(&grid), grid.period_us};
    return put_told(cli, home, false, &written);
}

static int export_nilmtk(session *cli, const dcl_home *home) {
    dcl_nilmtk_written written;
    dcl_status status = dcl_nilmtk_write(&cli->context, cli->output, home, &written, &cli->error);
    if (status) return session_fail(cli, status);
    cli->wrote = true;
    return cli->json ? put_told(cli, home, true, &written) : CLI_DONE;
}

/* The form asked for, else the one that the name of the output tells. False after saying why it cannot be. */
static bool choose_form(session *cli, bool *nilmtk) {
    const char *name = cli->output ? cli->output : "-";
    size_t n = strlen(name);
    *nilmtk = cli->as ? strcmp(cli->as, "nilmtk") == 0 : n > 3 && strcmp(name + n - 3, ".h5") == 0;
    if (cli->as && !*nilmtk && strcmp(cli->as, "csv") != 0)
        return session_usage(cli, "--as %s: expected csv or nilmtk", cli->as), false;
    if (*nilmtk && (strcmp(name, "-") == 0 || cli->to_device))
        return session_usage(cli, "a NILMTK file cannot go to a pipe or device: give -o a file"), false;
    if (cli->json && strcmp(name, "-") == 0)
        return session_usage(cli, "--json tells what was written: give -o FILE for the CSV itself"), false;
    return true;
}

int run_export(session *cli) {
    bool nilmtk;
    if (!choose_form(cli, &nilmtk)) return CLI_USAGE;
    dcl_home home;
    dcl_status status = session_read(cli, &home);
    if (status) return session_fail(cli, status);
    return nilmtk ? export_nilmtk(cli, &home) : export_csv(cli, &home);
}
