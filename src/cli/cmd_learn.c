/* Learning models from labelled data. */
#include <string.h>

#include <declic/appliance_power.h>

#include "cli/cli.h"
#include "cli/events.h"

static dcl_status read_homes(session *cli, dcl_home **out, size_t *n) {
    dcl_home *homes = NULL;
    *n = 0;
    size_t n_files = cli->n_inputs - 1, room = 0;
    for (size_t i = 0; i < n_files; i++) {
        char **ids = NULL;
        size_t n_ids = 1;
        bool is_store = !cli->home &&
                        dcl_store_list(cli->inputs[i + 1], &cli->arena, &ids, &n_ids, NULL) == DCL_OK &&
                        n_ids > 1;
        for (size_t k = 0; k < (is_store ? n_ids : 1); k++) {
            if (*n == room) {
                dcl_home *more = dcl_arena_alloc(&cli->arena, 2 * room + 8, sizeof *more);
                if (!more) return DCL_E_MEMORY;
                if (*n) memcpy(more, homes, *n * sizeof *more);
                homes = more;
                room = 2 * room + 8;
            }
            dcl_read_options options = cli->read;
            if (is_store) options.home = ids[k];
            dcl_status status = dcl_home_read(&cli->context, cli->inputs[i + 1], &options, &cli->arena,
                                              &homes[*n], &cli->error);
            clear_bar(cli);
            if (status) return status;
            say_read(cli, &homes[(*n)++]);
        }
    }
    *out = homes;
    return DCL_OK;
}

static void put_json(dcl_text *text, const dcl_power_about *about) {
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    dcl_json_key_fixed(&json, "period_s", (double)about->period_us / 1e6, 3);
    dcl_json_key_integer(&json, "features", (int64_t)about->features);
    dcl_json_key_integer(&json, "trees", (int64_t)about->trees);
    dcl_json_key(&json, "channels");
    dcl_json_begin(&json, '[');
    dcl_json_string(&json, about->apparent_leads ? "apparent_va" : "power_w");
    if (about->has_reactive) dcl_json_string(&json, "reactive_var");
    if (about->has_apparent && !about->apparent_leads) dcl_json_string(&json, "apparent_va");
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "appliances");
    dcl_json_begin(&json, '[');
    for (size_t a = 0; a < about->n; a++) {
        const dcl_power_known *known = &about->known[a];
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "name", known->name);
        dcl_json_key_fixed(&json, "mean_w", known->mean_w, 3);
        dcl_json_key_fixed(&json, "most_w", known->most_w, 1);
        dcl_json_key_fixed(&json, "on_w", known->on_w, 1);
        dcl_json_key_fixed(&json, "held_nde_root", known->held_nde_root, 6);
        dcl_json_key_fixed(&json, "held_f1", known->held_f1, 6);
        dcl_json_key_integer(&json, "samples", (int64_t)known->moments);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
}

static void put_table(dcl_text *text, const dcl_power_about *about) {
    dcl_text_format(text, "%-24s %9s %9s %9s   on days held back: %8s %6s\n", "appliance", "samples",
                    "mean W", "most W", "rootNDE", "F1");
    for (size_t a = 0; a < about->n; a++) {
        const dcl_power_known *known = &about->known[a];
        dcl_text_format(text, "%-24.24s %9llu ", known->name, (unsigned long long)known->moments);
        const double value[] = {known->mean_w, known->most_w, known->held_nde_root, known->held_f1};
        const int width[] = {9, 9, 30, 6}, decimals[] = {1, 0, 3, 3};
        for (size_t i = 0; i < 4; i++) put_number(text, value[i], decimals[i], width[i]);
        dcl_text_put(text, "\n");
    }
    dcl_text_format(text, "%zu features and %zu trees, for a value every ", about->features, about->trees);
    dcl_text_fixed(text, (double)about->period_us / 1e6, 0);
    dcl_text_put(text, " s\n");
}

static int learn_appliances(session *cli) {
    dcl_home *homes = NULL;
    size_t n = 0;
    dcl_power_model *model = NULL;
    dcl_power_options options = dcl_power_defaults();
    if (cli->copies >= 0) options.copies = (int)(cli->copies < 64 ? cli->copies : 64);
    if (cli->rows) options.rows = (int)(cli->rows < 4000000 ? cli->rows : 4000000);
    dcl_status status = read_homes(cli, &homes, &n);
    if (!status) status = dcl_power_learn(&cli->context, homes, n, &options, &model, &cli->error);
    clear_bar(cli);
    if (!status) status = dcl_power_write(model, cli->output, &cli->error);
    if (status) {
        dcl_power_close(&model);
        return session_fail(cli, status);
    }
    cli->wrote = true;
    dcl_power_about about = dcl_power_describe(model);
    dcl_text text = {0};
    if (cli->json)
        put_json(&text, &about);
    else if (!cli->quiet)
        put_table(&text, &about);
    dcl_power_close(&model);
    if (cli->quiet && !cli->json) return CLI_DONE;
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

int run_learn(session *cli) {
    if (strcmp(cli->inputs[0], "appliances") != 0)
        return session_usage(cli, "learn %s: expected declic learn appliances DATA… -o MODEL",
                             cli->inputs[0]);
    if (!cli->output) return session_usage(cli, "learn needs -o MODEL");
    return learn_appliances(cli);
}
