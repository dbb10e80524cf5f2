/* The analyst's page of --report, beside what goes to -o and to standard output. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

bool check_page(session *cli) {
    if (!cli->page) return true;
    if (cli->output && strcmp(cli->output, cli->page) == 0)
        return session_usage(cli, "-o and --report name one file"), false;
    if (strcmp(cli->page, "-") == 0 && (cli->json || cli->csv))
        return session_usage(cli, "--json and --csv go to standard output: give --report a file"), false;
    const char *output = cli->output;
    char *resolved = cli->resolved;
    bool device = cli->to_device;
    cli->output = cli->page;
    cli->resolved = NULL;
    bool fine = check_output(cli);
    free(cli->resolved);
    cli->output = output;
    cli->resolved = resolved;
    cli->to_device = device;
    return fine;
}

int session_write_page(session *cli, const char *html, size_t n) {
    dcl_text page = {0};
    const char *output = cli->output;
    dcl_text_bytes(&page, html, n);
    cli->output = cli->page;
    int code = session_write(cli, &page);
    cli->output = output;
    if (code == CLI_DONE && strcmp(cli->page, "-") != 0) say(cli, "declic: the page is in %s\n", cli->page);
    return code;
}
