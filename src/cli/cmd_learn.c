/* Learning models from labelled data. */
#include <math.h>
#include <string.h>

#include <declic/appliance_power.h>

#include "cli/cli.h"
#include "cli/forecast.h"
#include "cli/gateway.h"
#include "cli/learn.h"
#include "cli/learn_plugs.h"
#include "cli/model.h"

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

static bool on_one_grid(const dcl_series *a, const dcl_series *b) {
    return a->period_us == b->period_us && a->start_us == b->start_us && a->n == b->n;
}

static bool feeds_in(const dcl_home *home) {
    const dcl_series *fed = dcl_home_series(home, DCL_EXPORT_W);
    for (size_t i = 0; fed && i < fed->n; i++)
        if (fed->value[i] > 0) return true;
    return false;
}

/* Parts that were given twice, sit behind one another or are of another home draw more than the meter lets through. */
void say_too_much(const session *cli, const dcl_home *home) {
    const dcl_series *lead = dcl_home_series(home, DCL_POWER_W);
    size_t there = 0, over = 0;
    if (feeds_in(home)) return; /* what its own panels give, the meter does not see */
    for (size_t i = 0; lead && i < lead->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < home->n_truth; k++)
            if (on_one_grid(&home->truth[k], lead) && !isnan(home->truth[k].value[i]))
                sum += (double)home->truth[k].value[i];
        if (isnan(lead->value[i])) continue;
        there++;
        over += sum > 1.1 * (double)lead->value[i] + 50;
    }
    if (there && 50 * over > there)
        say(cli,
            "declic: note: at %zu %% of the moments the appliances of %s draw more than its mains: is one "
            "given twice, or behind another?\n",
            100 * over / there, home->id);
}

/* What the data said too little of for anyone to believe the model blindly. */
static void say_doubts(const session *cli, const dcl_power_about *about) {
    size_t judged = 0;
    for (size_t a = 0; a < about->n; a++) {
        const dcl_power_known *known = &about->known[a];
        judged += known->held_nde_root >= 0;
        if (known->mean_w > 0.98 * known->most_w)
            say(cli, "declic: note: %s draws the same at all times: nothing shows the home without it\n",
                known->name);
    }
    if (!judged)
        say(cli,
            "declic: note: too few days to hold any back: how good the model is is not known; four are the "
            "least\n");
}

static int learn_appliances(session *cli) {
    dcl_home *homes = NULL;
    size_t n = 0;
    dcl_power_model *model = NULL;
    dcl_power_options options = power_options(cli);
    dcl_status status = read_homes(cli, &homes, &n);
    for (size_t h = 0; !status && h < n; h++) say_too_much(cli, &homes[h]);
    if (!status) status = dcl_power_learn(&cli->context, homes, n, &options, &model, &cli->error);
    clear_bar(cli);
    if (!status) status = dcl_power_write(model, cli->output, &cli->error);
    if (status) {
        dcl_power_close(&model);
        return session_fail(cli, status);
    }
    cli->wrote = true;
    dcl_power_about about = dcl_power_describe(model);
    for (size_t i = 0; i < about.n_left; i++)
        say(cli,
            "declic: note: %s is left out: it never drew more than 15 W, or is known for too short a time\n",
            about.left[i]);
    say_doubts(cli, &about);
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json)
        put_power_json(&json, &about);
    else if (!cli->quiet)
        put_power_table(&text, &about);
    dcl_power_close(&model);
    if (cli->quiet && !cli->json) return CLI_DONE;
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

int run_learn(session *cli) {
    if (strcmp(cli->inputs[0], "forecast") == 0)
        return cli->gateway ? learn_gateway(cli) : learn_forecast(cli);
    if (strcmp(cli->inputs[0], "gateway") == 0)
        return session_usage(cli, "a model for gateways is made by declic learn forecast --gateway");
    if (strcmp(cli->inputs[0], "appliances") != 0)
        return session_usage(cli, "learn %s: expected declic learn appliances|forecast DATA… -o MODEL",
                             cli->inputs[0]);
    if (cli->gateway) return session_usage(cli, "--gateway is of learn forecast");
    if (cli->trust_plugs && !cli->n_plugs)
        return session_usage(cli, "--trust-plugs speaks of plugs, and there is no --plug");
    if (!cli->output) return session_usage(cli, "learn needs -o MODEL");
    if (cli->n_plugs && cli->n_names)
        return session_usage(cli, "--plug and --name make two models: one of them at a time");
    if (cli->n_plugs) return learn_plugs(cli);
    if (cli->n_names) return learn_names(cli);
    return holds_devices(cli) ? learn_types(cli) : learn_appliances(cli);
}
