#include "cli/cli.h"
#include "cli/gateway.h"
#include "cli/model.h"
#include "cli/panel.h"
#include "cli/summary.h"

static int show(session *cli, const dcl_home *homes, size_t n) {
    dcl_text text = {0};
    if (cli->json) summary_json(&text, homes, n);
    for (size_t i = 0; !cli->json && i < n; i++) summary_text(&text, &homes[i]);
    return session_write(cli, &text);
}

int run_info(session *cli) {
    char **ids;
    size_t n;
    if (cli->n_inputs == 1 && is_blob(cli->inputs[0])) return show_blob(cli, cli->inputs[0]);
    if (cli->n_inputs == 1 && is_model(cli->inputs[0])) return show_model(cli, cli->inputs[0]);
    for (size_t i = 0; cli->n_inputs > 1 && i < cli->n_inputs; i++)
        if (is_blob(cli->inputs[i]) || is_model(cli->inputs[i]))
            return session_usage(cli, "%s: one model or blob at a time", cli->inputs[i]);
    if (!cli->home && cli->n_inputs == 1 && dcl_panel_is(cli->inputs[0]))
        return show_panel(cli, cli->inputs[0], NULL);
    if (!cli->home && session_homes(cli, &ids, &n) && n > 1) {
        dcl_home *homes = dcl_arena_alloc(&cli->arena, n, sizeof *homes);
        dcl_status status = homes ? DCL_OK : DCL_E_MEMORY;
        for (size_t i = 0; !status && i < n; i++)
            status = dcl_store_read(cli->inputs[0], ids[i], &cli->arena, &homes[i], &cli->error);
        return status ? session_fail(cli, status) : show(cli, homes, n);
    }
    dcl_home home;
    dcl_status status = session_read(cli, &home);
    return status ? session_fail(cli, status) : show(cli, &home, 1);
}
