#include <string.h>

#include "cli/cli.h"
#include "cli/panel.h"
#include "cli/summary.h"

/* A home's id is a folder of the store and a word of scripts. */
static bool is_name(const char *id) {
    size_t digits;
    return !dcl_address_in(id, &digits) && *id && *id != '.' && strlen(id) < sizeof((dcl_home *)0)->id &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(id);
}

bool check_id(session *cli) {
    if (!cli->id || is_name(cli->id)) return true;
    return session_usage(cli,
                         "--id \"%s\": expected up to 63 letters, digits, - _ and ., and no meter's address",
                         cli->id),
           false;
}

int run_import(session *cli) {
    dcl_home home;
    if (!cli->output) return session_usage(cli, "import needs -o HOME.h5");
    if (cli->label && cli->id) return session_usage(cli, "--label and --id say two names");
    if (cli->label) cli->id = cli->label;
    if (!check_id(cli)) return CLI_USAGE;
    dcl_inputs hold = dcl_inputs_hold(&cli->context, cli->inputs, cli->n_inputs, &cli->read);
    bool panel = hold == DCL_INPUTS_HOMES || cli->append;
    if (hold != DCL_INPUTS_ONE && cli->id)
        return session_usage(cli, "--id names one home, and the input has many");
    if (hold == DCL_INPUTS_DEVICES && cli->append)
        return session_usage(cli, "--append adds homes to a panel, and these are devices");
    if (panel && cli->deflate) return session_usage(cli, "--deflate: a panel is packed by blosc alone");
    if (panel) return import_panel(cli);
    if (hold == DCL_INPUTS_DEVICES) { /* called by what they are, not where */
        cli->read.name_home = NULL;
        return import_devices(cli);
    }
    dcl_status status = session_read(cli, &home);
    if (status) return session_fail(cli, status);
    if (cli->id) snprintf(home.id, sizeof home.id, "%s", cli->id);
    const dcl_store_options options = {.deflate = cli->deflate};
    status = dcl_store_write(&cli->context, cli->output, &home, 1, &options, &cli->error);
    if (status) return session_fail(cli, status);
    if (cli->quiet && !cli->json) return CLI_DONE;
    dcl_text text = {0};
    if (cli->json)
        summary_json(&text, &home, 1);
    else
        summary_text(&text, &home);
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE; /* the store is there all the same */
}
