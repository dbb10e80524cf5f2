/* Where a result goes. What cannot work is said before the work, not after it. */
#define _XOPEN_SOURCE 700 /* realpath() */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

static bool is_store_output(const session *cli) {
    return cli->command->takes & TAKES_STORE;
}

static bool fail_output(session *cli, const char *path, const char *why) {
    dcl_status status = dcl_fail_file(&cli->error, DCL_E_IO, path, "%s", why);
    cli->code = session_fail(cli, status);
    return false;
}

/* An output that is also an input would be read, then lost. */
static bool check_not_input(session *cli, const struct stat *output) {
    struct stat input;
    for (size_t i = 0; i < cli->n_inputs; i++) {
        if (strcmp(cli->inputs[i], "-") == 0 || stat(cli->inputs[i], &input) != 0) continue;
        if (input.st_dev != output->st_dev || input.st_ino != output->st_ino) continue;
        session_usage(cli, "-o %s is the input as well: writing would lose it", cli->output);
        return false;
    }
    return true;
}

static bool check_folder(session *cli) {
    char *folder = strdup(cli->output);
    if (!folder) return fail_output(cli, cli->output, "no memory left");
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder ? 1 : 0] = '\0';
    struct stat info;
    const char *path = slash ? folder : ".", *why = NULL;
    if (stat(path, &info) != 0)
        why = errno == ENOENT ? "the folder it should go to does not exist" : strerror(errno);
    else if (!S_ISDIR(info.st_mode))
        why = "what should be its folder is a file";
    else if (access(path, W_OK | X_OK) != 0)
        why = errno == EACCES ? "its folder may not be written to: Permission denied" : strerror(errno);
    free(folder);
    return why ? fail_output(cli, cli->output, why) : true;
}

/* What is there under the name already. A link is followed, so that its target is replaced and not the link. */
static bool check_present(session *cli, const struct stat *info) {
    if (S_ISDIR(info->st_mode)) return fail_output(cli, cli->output, "it is a folder; -o takes a file");
    if (!check_not_input(cli, info)) return false;
    if (!S_ISREG(info->st_mode)) {
        cli->to_device = true;
        return is_store_output(cli) ? fail_output(cli, cli->output, "a store can only be written to a file")
                                    : true;
    }
    cli->resolved = realpath(cli->output, NULL);
    if (cli->resolved) cli->output = cli->resolved;
    return true;
}

/* -o of many pages is a folder, there or to be made; `pages/` is `pages`. */
static bool trim_folder(session *cli) {
    cli->resolved = strdup(cli->output);
    if (!cli->resolved) return fail_output(cli, cli->output, "no memory left");
    for (size_t n = strlen(cli->resolved); n > 1 && cli->resolved[n - 1] == '/';) cli->resolved[--n] = '\0';
    cli->output = cli->resolved;
    return true;
}

bool check_output(session *cli) {
    if (!cli->output) return true;
    if (!*cli->output) return session_usage(cli, "-o needs the name of a file"), false;
    if (strcmp(cli->output, "-") == 0) {
        if (!is_store_output(cli)) return true;
        return session_usage(cli, "a store cannot go to standard output: give -o a file"), false;
    }
    struct stat info;
    if (cli->panel) return trim_folder(cli) && check_folder(cli);
    if (stat(cli->output, &info) == 0 && !check_present(cli, &info)) return false;
    return cli->to_device || check_folder(cli);
}

static dcl_status write_stream(session *cli, FILE *to, const char *name, const dcl_text *text) {
    bool written = to && fwrite(text->at, 1, text->n, to) == text->n && fflush(to) == 0;
    int reason = errno;
    if (written) return DCL_OK;
    if (dcl_cancelled(&cli->context)) return DCL_E_CANCELLED;
    return dcl_fail_file(&cli->error, DCL_E_IO, name, "cannot be written: %s", strerror(reason));
}

int session_write(session *cli, dcl_text *text) {
    dcl_status status = text->failed ? dcl_fail_memory(&cli->error, "the output") : DCL_OK;
    if (!status && (!cli->output || strcmp(cli->output, "-") == 0)) {
        status = write_stream(cli, stdout, "standard output", text);
    } else if (!status && cli->to_device) {
        FILE *device =
            fopen(cli->output, "wb"); /* a pipe or a device keeps its place; only files are replaced */
        status = write_stream(cli, device, cli->output, text);
        if (device) fclose(device);
    } else if (!status) {
        status = dcl_file_write(cli->output, text->at, text->n, &cli->error);
        cli->wrote = !status;
    }
    dcl_text_free(text);
    return status ? session_fail(cli, status) : CLI_DONE;
}
