/* What surrounds a command: context, clock, signals, and reading the inputs. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/cli.h"
#include "cli/ranks.h"
#include "series/source.h"

static volatile int interrupted;
static volatile sig_atomic_t
    waiting; /* on a pipe or terminal that may never give a byte; no file is being written */

static void on_signal(int number) {
    static const char last[] = "declic: interrupted; nothing was written\n";
    (void)number;
    interrupted = 1;
    if (!waiting) return;
    (void)!write(STDERR_FILENO, last, sizeof last - 1);
    _exit(CLI_INTERRUPTED);
}

/* Inputs whose bytes come when they come: a read of them is not ended by a signal. */
static bool may_block(const session *cli) {
    struct stat info;
    for (size_t i = 0; i < cli->n_inputs; i++) {
        bool is_stdin = strcmp(cli->inputs[i], "-") == 0;
        if (is_stdin && isatty(STDIN_FILENO)) say(cli, "declic: reading standard input; Ctrl-D ends it\n");
        int failed = is_stdin ? fstat(STDIN_FILENO, &info) : stat(cli->inputs[i], &info);
        if (failed == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return true;
    }
    return false;
}

/* ---------------------------------------------------------------- opening */

/* A moment of an option; without an offset it is civil time in the zone. */
static bool read_moment(session *cli, const char *name, const char *text, int64_t *out) {
    bool has_offset;
    if (dcl_time_parse(text, strlen(text), out, &has_offset) != DCL_OK) {
        session_usage(cli, "--%s %s: expected a date or time like 2024-01-31 or 2024-01-31T12:00", name,
                      text);
        return false;
    }
    if (has_offset) return true;
    int64_t days = *out / DCL_DAY_US - (*out % DCL_DAY_US < 0), rest = *out - days * DCL_DAY_US, moments[2];
    dcl_civil civil = dcl_date_from_days(days);
    civil.hour = (int)(rest / DCL_HOUR_US);
    civil.minute = (int)(rest / DCL_MINUTE_US % 60);
    civil.second = (int)(rest / DCL_SECOND_US % 60);
    dcl_zone_moment(cli->zone, &civil, moments);
    *out = moments[0];
    return true;
}

static bool fill_read_options(session *cli) {
    dcl_read_options *read = &cli->read;
    *read = dcl_read_defaults();
    if (cli->zone_name) read->zone = cli->zone; /* else a format may know its own */
    read->format = cli->format;
    read->home = cli->home;
    read->strict = cli->strict;
    read->period_us = cli->period_us;
    read->max_gap_us = cli->max_gap_us;
    read->time_column = cli->time_column;
    read->only = cli->only;
    read->without = cli->without;
    if (cli->max_power > 0) read->max_power = cli->max_power;
    if (cli->stamps && strcmp(cli->stamps, "end") != 0 && strcmp(cli->stamps, "start") != 0)
        return session_usage(cli, "--stamps %s: expected start or end", cli->stamps), false;
    read->stamps_are_ends = cli->stamps && strcmp(cli->stamps, "end") == 0;
    if (cli->from && !read_moment(cli, "from", cli->from, &read->from_us)) return false;
    if (cli->to && !read_moment(cli, "to", cli->to, &read->to_us)) return false;
    if (cli->start && !read_moment(cli, "start", cli->start, &read->start_us)) return false;
    read->has_start = cli->start != NULL;
    if (read->from_us >= read->to_us)
        return session_usage(cli, "--from %s is not before --to %s", cli->from, cli->to), false;
    for (size_t i = 0; cli->command->takes & TAKES_INPUT && i < cli->n_columns; i++)
        if (dcl_column_parse(cli->columns[i], &cli->column[i], &cli->error))
            return session_usage(cli, "--column: %s", cli->error.msg), false;
    read->columns = cli->column;
    read->n_columns = cli->n_columns;
    return true;
}

/* What --alias-key calls a home. */
static void name_home(void *arg, const char *identity, char name[64]) {
    char alias[DCL_ALIAS_BYTES];
    dcl_alias_make(arg, identity, alias);
    memcpy(name, alias, sizeof alias);
}

static bool open_key(session *cli) {
    if (!cli->alias_key) return true;
    dcl_status status = dcl_alias_key_read(cli->alias_key, &cli->key, &cli->error);
    if (status) {
        cli->code = session_fail(cli, status);
        return false;
    }
    cli->read.name_home = name_home;
    cli->read.name_arg = &cli->key;
    return true;
}

bool check_label(const session *cli) {
    size_t n = cli->label ? strlen(cli->label) : 0, digits;
    bool plain = !cli->label || (n && n < sizeof((dcl_home *)0)->id && !dcl_address_in(cli->label, &digits));
    for (size_t i = 0; plain && i < n; i++) plain = (unsigned char)cli->label[i] >= 0x20;
    if (!plain)
        session_usage(cli, "--label: expected up to 63 bytes of text, and no address of a meter in it");
    return plain;
}

bool session_open(session *cli) {
    dcl_context *context = &cli->context;
    const char *zone = cli->zone_name ? cli->zone_name : "Europe/Paris";
    cli->error = (dcl_error){.pos = {0, -1}};
    if (dcl_zone_open(zone, &cli->zone, &cli->error))
        return session_usage(cli, "--zone: %s", cli->error.msg), false;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (cli->ranks && cli->ranks->here > 1) processors /= (long)cli->ranks->here;
    *context = (dcl_context){.threads = cli->threads ? (int)(cli->threads < 1024 ? cli->threads : 1024)
                                                     : (int)(processors > 0 ? processors : 1),
                             .seed = (uint64_t)(cli->seed >= 0 ? cli->seed : 1),
                             .zone = cli->zone,
                             .cancel = &interrupted};
    if (cli->ranks) context->ranks = &cli->ranks->ranks;
    context->now_us = (int64_t)time(NULL) * DCL_SECOND_US;
    if (cli->now && !read_moment(cli, "now", cli->now, &context->now_us)) return false;
    if (dcl_kernels_select(cli->isa, &cli->kernels, &cli->error))
        return session_usage(cli, "--isa: %s", cli->error.msg), false;
    context->kernels = &cli->kernels;
    if (!cli->quiet && !terminal_is_plain()) {
        context->progress = show_progress;
        context->progress_arg = cli;
    }
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return fill_read_options(cli) && check_label(cli) && open_key(cli) && check_output(cli);
}

void session_close(session *cli) {
    clear_bar(cli);
    dcl_arena_free(&cli->arena);
    dcl_alias_key_wipe(&cli->key);
    dcl_zone_close(&cli->zone);
    free(cli->resolved);
}

/* ---------------------------------------------------------------- inputs and outputs */

static void say_excluded(const session *cli, const dcl_home *home) {
    if (home->files_passed)
        say(cli, "declic: %llu file%s of no format we read passed over\n",
            (unsigned long long)home->files_passed, home->files_passed == 1 ? "" : "s");
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        const dcl_excluded *left = &home->excluded[i];
        if (!left->count) continue;
        say(cli, "declic: %llu reading%s %s left out", (unsigned long long)left->count,
            left->count == 1 ? "" : "s", dcl_exclusion_text((dcl_exclusion)i));
        char moment[32] = "";
        if (left->time_us) dcl_time_format(left->time_us, moment);
        if (left->file[0]) say(cli, ", first in %s", left->file);
        if (left->first.line > 0)
            say(cli, "%s line %lld", left->file[0] ? "" : ", first in", (long long)left->first.line);
        else if (left->first.byte >= 0)
            say(cli, "%s byte %lld", left->file[0] ? "" : ", first at", (long long)left->first.byte);
        else if (moment[0])
            say(cli, ", first at %s", moment);
        say(cli, "\n");
    }
}

bool session_homes(session *cli, char ***ids, size_t *n) {
    struct stat info;
    if (cli->n_inputs != 1 || stat(cli->inputs[0], &info) != 0 || !S_ISREG(info.st_mode)) return false;
    return dcl_store_list(cli->inputs[0], &cli->arena, ids, n, NULL) == DCL_OK;
}

bool session_has_grid(const session *cli) {
    for (size_t i = 0; i < cli->n_inputs; i++)
        if (dcl_is_hdf5(cli->inputs[i])) return true;
    return false;
}

void say_read(const session *cli, const dcl_home *home) {
    for (unsigned i = 0; i < DCL_NOTE_COUNT; i++)
        if (home->notes >> i & 1)
            say(cli, "declic: note: %s%s%s%s\n", dcl_note_text((dcl_note)i),
                i == DCL_NOTE_LOCAL_TIME && home->zone[0] ? " (" : "",
                i == DCL_NOTE_LOCAL_TIME ? home->zone : "",
                i == DCL_NOTE_LOCAL_TIME && home->zone[0] ? ")" : "");
    say_excluded(cli, home);
}

dcl_status session_read(session *cli, dcl_home *home) {
    waiting = may_block(cli);
    dcl_status status = dcl_home_read_all(&cli->context, cli->inputs, cli->n_inputs, &cli->read, &cli->arena,
                                          home, &cli->error);
    waiting = 0;
    clear_bar(cli);
    if (!status) say_read(cli, home);
    return status;
}
