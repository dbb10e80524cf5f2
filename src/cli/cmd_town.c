#include <stdlib.h>

#include <declic/town.h>

#include "cli/cli.h"
#include "cli/summary.h"

static dcl_status simulate(session *cli, const dcl_town_options *options, dcl_home *homes, size_t n) {
    dcl_town_options one = *options;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        one.home = (uint32_t)i;
        status = dcl_town_home(&cli->context, &one, &cli->arena, &homes[i], NULL, &cli->error);
        snprintf(homes[i].id, sizeof homes[i].id, n > 1 ? "home%04zu" : "home%zu", i + 1);
        if (n == 1 && cli->id) snprintf(homes[i].id, sizeof homes[i].id, "%s", cli->id);
    }
    return status;
}

int run_town(session *cli) {
    enum { HOMES_MAX = 1000, DAYS_MAX = 36600 };
    dcl_town_options options = dcl_town_defaults();
    if (!cli->output) return session_usage(cli, "town needs -o TOWN.h5");
    if (!check_id(cli)) return CLI_USAGE;
    if (cli->homes > HOMES_MAX) return session_usage(cli, "--homes: at most %d in one store", HOMES_MAX);
    if (cli->days > DAYS_MAX) return session_usage(cli, "--days: at most %d", DAYS_MAX);
    size_t n = cli->homes ? (size_t)cli->homes : 1;
    if (n > 1 && cli->id) return session_usage(cli, "--id names one home, and there are %zu", n);
    options.days = cli->days ? (int)cli->days : 7;
    if (cli->step_us) options.period_us = cli->step_us;
    if (cli->from) options.start_us = cli->read.from_us;
    dcl_home *homes = dcl_arena_alloc(&cli->arena, n, sizeof *homes);
    dcl_status status = homes ? simulate(cli, &options, homes, n) : DCL_E_MEMORY;
    const dcl_store_options store = {.deflate = cli->deflate};
    if (!status) status = dcl_store_write(&cli->context, cli->output, homes, n, &store, &cli->error);
    if (status) return session_fail(cli, status);
    say(cli, "declic: %zu simulated home%s of %d day%s in %s\n", n, n == 1 ? "" : "s", options.days,
        options.days == 1 ? "" : "s", cli->output);
    if (!cli->json) return CLI_DONE;
    dcl_text text = {0};
    summary_json(&text, homes, n);
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}
