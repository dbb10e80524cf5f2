/* The mains shared out among appliances, by a model. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_power.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/events.h"

/* ---------------------------------------------------------------- CSV, a day at a time */

static void put_level(dcl_text *text, int32_t level) {
    dcl_text_put(text, ",");
    if (level == DCL_MISSING_I32) return;
    int32_t size = level < 0 ? -level : level;
    dcl_text_format(text, "%s%d.%d", level < 0 ? "-" : "", (int)(size / 10), (int)(size % 10));
}

static void put_header(dcl_text *text, const dcl_power_estimate *got) {
    dcl_text_put(text, "time_utc,mains_w");
    for (size_t a = 0; a < got->n_channels; a++) dcl_text_format(text, ",%s_w", got->channel[a].name);
    dcl_text_put(text, ",other_w\n");
}

static void put_rows(dcl_text *text, const dcl_power_estimate *got, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        char stamp[32];
        dcl_text_bytes(text, stamp, dcl_time_format(got->start_us + (int64_t)i * got->period_us, stamp));
        put_level(text, got->mains[i]);
        for (size_t a = 0; a < got->n_channels; a++) put_level(text, got->channel[a].level[i]);
        put_level(text, got->other[i]);
        dcl_text_put(text, "\n");
    }
}

static dcl_status write_rows(session *cli, const dcl_power_estimate *got, FILE *to, const char *name) {
    enum { ROWS = 8640 };
    for (size_t i = 0; i < got->n; i += ROWS) {
        dcl_text text = {0};
        if (!i) put_header(&text, got);
        put_rows(&text, got, i, got->n - i < ROWS ? got->n : i + ROWS);
        bool written = !text.failed && fwrite(text.at, 1, text.n, to) == text.n;
        int reason = errno;
        bool failed = text.failed;
        dcl_text_free(&text);
        if (dcl_cancelled(&cli->context)) return DCL_E_CANCELLED;
        if (failed) return DCL_E_MEMORY;
        if (!written)
            return dcl_fail_file(&cli->error, DCL_E_IO, name, "cannot be written: %s", strerror(reason));
    }
    return fflush(to) == 0
               ? DCL_OK
               : dcl_fail_file(&cli->error, DCL_E_IO, name, "cannot be written: %s", strerror(errno));
}

static dcl_status write_csv(session *cli, const dcl_power_estimate *got) {
    if (!cli->output || strcmp(cli->output, "-") == 0) return write_rows(cli, got, stdout, "standard output");
    dcl_output out = {0};
    const char *path = cli->output;
    dcl_status status = cli->to_device ? DCL_OK : dcl_output_begin(&out, cli->output, &cli->error);
    if (status) return status;
    FILE *file = fopen(cli->to_device ? path : out.temporary, "wb");
    if (!file) status = dcl_fail_file(&cli->error, DCL_E_IO, path, "cannot be written: %s", strerror(errno));
    if (!status) status = write_rows(cli, got, file, path);
    if (file && fclose(file) != 0 && !status)
        status = dcl_fail_file(&cli->error, DCL_E_IO, path, "cannot be written: %s", strerror(errno));
    if (!status && !cli->to_device) status = dcl_output_commit(&out, &cli->error);
    dcl_output_abort(&out);
    return status;
}

/* ---------------------------------------------------------------- a store */

static bool put_part(session *cli, const dcl_power_estimate *got, const char *name, const int32_t *level,
                     dcl_home *home) {
    float *value = dcl_arena_alloc(&cli->arena, got->n, sizeof *value);
    for (size_t i = 0; value && i < got->n; i++)
        value[i] = level[i] == DCL_MISSING_I32 ? NAN : (float)level[i] / 10;
    snprintf(home->truth_name[home->n_truth], sizeof *home->truth_name, "%s", name);
    home->truth[home->n_truth++] = (dcl_series){DCL_POWER_W, got->start_us, got->period_us, 0, got->n, value};
    return value != NULL;
}

/* The home as it was read, its parts replaced by the estimates and marked as such. */
static dcl_status write_store(session *cli, const dcl_home *read, const dcl_power_estimate *got) {
    dcl_home home = *read;
    home.n_truth = 0;
    home.notes |= 1U << DCL_NOTE_ESTIMATED;
    home.truth = dcl_arena_alloc(&cli->arena, got->n_channels + 1, sizeof *home.truth);
    home.truth_name = dcl_arena_alloc(&cli->arena, got->n_channels + 1, sizeof *home.truth_name);
    if (!home.truth || !home.truth_name) return DCL_E_MEMORY;
    for (size_t a = 0; a < got->n_channels; a++)
        if (!put_part(cli, got, got->channel[a].name, got->channel[a].level, &home)) return DCL_E_MEMORY;
    const dcl_store_options options = {.deflate = cli->deflate};
    return dcl_store_write(&cli->context, cli->output, &home, 1, &options, &cli->error);
}

/* ---------------------------------------------------------------- what is said of it */

static double energy_of(const dcl_power_estimate *got, const int32_t *level) {
    int64_t sum = 0;
    for (size_t i = 0; i < got->n; i++) sum += level[i] == DCL_MISSING_I32 ? 0 : level[i];
    return (double)sum / 10 * (double)got->period_us / (double)DCL_HOUR_US;
}

static void put_json(dcl_text *text, const dcl_power_estimate *got) {
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    dcl_json_key_time(&json, "from", got->start_us);
    dcl_json_key_time(&json, "to", got->start_us + (int64_t)got->n * got->period_us);
    dcl_json_key_fixed(&json, "period_s", (double)got->period_us / 1e6, 3);
    dcl_json_key_integer(&json, "samples", (int64_t)got->n);
    dcl_json_key_integer(&json, "exporting", (int64_t)got->exporting);
    dcl_json_key_fixed(&json, "mains_kwh", energy_of(got, got->mains) / 1e3, 6);
    dcl_json_key_fixed(&json, "other_kwh", energy_of(got, got->other) / 1e3, 6);
    dcl_json_key(&json, "appliances");
    dcl_json_begin(&json, '[');
    for (size_t a = 0; a < got->n_channels; a++) {
        const dcl_power_channel *channel = &got->channel[a];
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "name", channel->name);
        dcl_json_key_fixed(&json, "kwh", channel->energy_wh / 1e3, 6);
        dcl_json_key_fixed(&json, "confidence", channel->confidence, 4);
        dcl_json_key_fixed(&json, "coverage", channel->coverage, 6);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
}

static void put_table(dcl_text *text, const dcl_power_estimate *got) {
    dcl_text_format(text, "%-24s %11s %11s %9s\n", "appliance", "kWh", "confidence", "coverage");
    for (size_t a = 0; a < got->n_channels; a++) {
        const dcl_power_channel *channel = &got->channel[a];
        dcl_text_format(text, "%-24.24s ", channel->name);
        put_number(text, channel->energy_wh / 1e3, 3, 11);
        put_number(text, channel->confidence, 2, 12);
        put_number(text, channel->coverage, 3, 10);
        dcl_text_put(text, "\n");
    }
    dcl_text_format(text, "%-24s ", "other");
    put_number(text, energy_of(got, got->other) / 1e3, 3, 11);
    dcl_text_put(text, "\n");
    if (got->exporting)
        dcl_text_format(text, "%zu moments at which the home exports: what it draws then is not seen\n",
                        got->exporting);
}

static bool is_store(const char *path) {
    size_t n = path ? strlen(path) : 0;
    return n > 3 && strcmp(path + n - 3, ".h5") == 0;
}

static dcl_status run(session *cli, const dcl_power_model *model, dcl_power_estimate *got) {
    dcl_home home;
    if (!cli->read.period_us && !session_has_grid(cli))
        cli->read.period_us = dcl_power_describe(model).period_us;
    cli->read.without_truth = true;
    dcl_status status = session_read(cli, &home);
    if (!status)
        status = dcl_power_estimate_home(&cli->context, model, &home, cli->other_home, &cli->arena, got,
                                         &cli->error);
    if (status) return status;
    bool store = is_store(cli->output);
    status = store ? write_store(cli, &home, got) : write_csv(cli, got);
    cli->wrote = !status && cli->output && strcmp(cli->output, "-") != 0;
    return status;
}

int run_disaggregate(session *cli) {
    dcl_power_model *model = NULL;
    dcl_power_estimate got;
    if (!cli->model)
        return session_usage(cli, "disaggregate needs --model MODEL, made by declic learn appliances");
    if (is_store(cli->output) && cli->to_device)
        return session_usage(cli, "a store can only be written to a file");
    dcl_status status = dcl_power_read(cli->model, &model, &cli->error);
    if (!status) status = run(cli, model, &got);
    int code = status ? session_fail(cli, status) : CLI_DONE;
    if (!code && cli->wrote && (cli->json || !cli->quiet)) {
        dcl_text text = {0};
        if (cli->json)
            put_json(&text, &got);
        else
            put_table(&text, &got);
        cli->output = NULL;
        code = session_write(cli, &text) ? CLI_PART : CLI_DONE;
    }
    dcl_power_close(&model);
    return code;
}
