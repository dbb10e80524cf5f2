/* Learning the loads of one home from the names that a person gives to what comes again. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/events.h"
#include "cli/names.h"

/* A name as asked for. */
typedef struct asked {
    uint32_t number;
    char name[DCL_LABEL_ROOM];
} asked;

/* Reads all --name before any work. False after saying what is wrong. */
static bool read_names(session *cli, asked *out) {
    for (size_t k = 0; k < cli->n_names; k++) {
        if (dcl_load_name_parse(cli->names[k], &out[k].number, out[k].name, &cli->error))
            return session_usage(cli, "--name %s", cli->error.msg), false;
        for (size_t j = 0; j < k; j++) {
            if (out[j].number == out[k].number)
                return session_usage(cli, "--name: unknown %u is named twice", (unsigned)out[k].number),
                       false;
            if (strcmp(out[j].name, out[k].name) == 0)
                return session_usage(cli, "--name: two loads are called %s", out[k].name), false;
        }
    }
    return true;
}

static const dcl_unknown *find_unknown(const named_cycles *named, uint32_t number) {
    for (size_t k = 0; k < named->n_unknown; k++)
        if (named->unknown[k].number == number) return &named->unknown[k];
    return NULL;
}

static dcl_status learn_all(session *cli, const asked *names, const dcl_cycles *cycles,
                            const named_cycles *named, dcl_loads *loads) {
    for (size_t k = 0; k < cli->n_names; k++) {
        const dcl_unknown *unknown = find_unknown(named, names[k].number);
        if (!unknown)
            return dcl_fail_file(&cli->error, DCL_E_ARG, cli->inputs[1],
                                 "unknown %u of %zu: declic cycles lists them", (unsigned)names[k].number,
                                 named->n_unknown);
        dcl_status status =
            dcl_loads_learn(&cli->context, cycles, unknown, names[k].name, loads, &cli->error);
        if (status) return status;
    }
    return DCL_OK;
}

static dcl_status learn_home(session *cli, const asked *names, dcl_loads *loads) {
    const dcl_cycle_options options = dcl_cycle_defaults();
    dcl_home home;
    dcl_cycles cycles;
    named_cycles named;
    name_model model = {0};
    cli->read.without_truth = true;
    dcl_status status = name_model_open(cli, &model);
    const char **inputs = cli->inputs;
    cli->inputs++; /* the first word is what is learned */
    cli->n_inputs--;
    if (!status) status = session_read(cli, &home);
    cli->inputs = inputs;
    cli->n_inputs++;
    if (!status)
        status = dcl_cycles_find(&cli->context, &home, &options, NULL, &cli->arena, &cycles, &cli->error);
    if (!status) status = name_cycles(cli, &model, &home, &cycles, &named);
    if (!status) {
        const dcl_series *power = dcl_home_series(&home, DCL_POWER_W),
                         *lead = power ? power : dcl_home_series(&home, DCL_APPARENT_VA);
        *loads = (dcl_loads){.period_us = lead->period_us,
                             .apparent = cycles.n && cycles.cycle[0].flags & DCL_CYCLE_APPARENT};
        status = learn_all(cli, names, &cycles, &named, loads);
    }
    name_model_close(&model);
    return status;
}

void put_loads_json(dcl_json_writer *json, const dcl_loads *loads) {
    dcl_json_begin(json, '{');
    dcl_json_key_fixed(json, "period_s", (double)loads->period_us / 1e6, 3);
    dcl_json_key(json, "loads");
    dcl_json_begin(json, '[');
    for (size_t k = 0; k < loads->n; k++) {
        const dcl_known_load *load = &loads->load[k];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", load->name);
        dcl_json_key_integer(json, "cycles", load->count);
        dcl_json_key_fixed(json, "on_low_w", (double)load->on_w[0], 1);
        dcl_json_key_fixed(json, "on_high_w", (double)load->on_w[1], 1);
        dcl_json_key_fixed(json, "shortest_s", (double)load->on_s[0], 0);
        dcl_json_key_fixed(json, "longest_s", (double)load->on_s[1], 0);
        dcl_json_key_fixed(json, "confidence", (double)load->sure, 2);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

void put_loads_table(dcl_text *text, const dcl_loads *loads) {
    dcl_text_format(text, "%-24s %7s %19s %19s %10s\n", "load", "cycles", loads->apparent ? "VA" : "W", "s",
                    "confidence");
    for (size_t k = 0; k < loads->n; k++) {
        const dcl_known_load *load = &loads->load[k];
        dcl_text_format(text, "%-24s %7u ", load->name, (unsigned)load->count);
        put_number(text, (double)load->on_w[0], 0, 9);
        put_number(text, (double)load->on_w[1], 0, 10);
        put_number(text, (double)load->on_s[0], 0, 10);
        put_number(text, (double)load->on_s[1], 0, 10);
        put_number(text, (double)load->sure, 2, 11);
        dcl_text_put(text, "\n");
    }
    dcl_text_put(text, "for readings every ");
    dcl_text_fixed(text, (double)loads->period_us / 1e6, 0);
    dcl_text_put(text, " s; a load below 0.5 is too like others to be named\n");
}

int learn_names(session *cli) {
    asked *names = dcl_arena_alloc(&cli->arena, cli->n_names, sizeof *names);
    dcl_loads *loads = dcl_arena_alloc(&cli->arena, 1, sizeof *loads);
    if (!names || !loads) return session_fail(cli, dcl_fail_memory(&cli->error, "names"));
    if (!read_names(cli, names)) return CLI_USAGE;
    dcl_status status = learn_home(cli, names, loads);
    if (!status) status = dcl_loads_write(cli->output, loads, &cli->error);
    if (status) return session_fail(cli, status);
    cli->wrote = true;
    if (cli->quiet && !cli->json) return CLI_DONE;
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json)
        put_loads_json(&json, loads);
    else
        put_loads_table(&text, loads);
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}
