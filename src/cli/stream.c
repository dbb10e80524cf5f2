/* Standard input as it comes, for rows that leave as they happen. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/cli.h"

enum { BLOCK_BYTES = 1 << 14, KEPT_BYTES = 1 << 17 };

typedef struct stream {
    session *cli;
    dcl_live_fn take;
    void *take_arg;
    off_t start;      /* of a file behind standard input; -1 for a pipe */
    int64_t ahead_us; /* --now before the clock */
    bool followed;    /* the format is known: what was read is not needed again */
    dcl_text kept;
    char block[BLOCK_BYTES];
} stream;

bool is_stream(const session *cli) {
    return cli->csv && cli->n_inputs == 1 && strcmp(cli->inputs[0], "-") == 0 && !cli->home &&
           (!cli->output || strcmp(cli->output, "-") == 0);
}

static int64_t clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * DCL_SECOND_US + now.tv_nsec / 1000;
}

static dcl_status read_more(void *arg, const char **bytes, size_t *n, dcl_error *error) {
    stream *s = arg;
    ssize_t got = -1;
    while (!dcl_cancelled(&s->cli->context) && (got = read(STDIN_FILENO, s->block, sizeof s->block)) < 0)
        if (errno != EINTR) return dcl_fail(error, DCL_E_IO, "cannot be read: %s", strerror(errno));
    if (got < 0 || (got == 0 && dcl_cancelled(&s->cli->context)))
        return dcl_fail(error, DCL_E_CANCELLED, "interrupted");
    s->cli->context.now_us = clock_us() + s->ahead_us;
    if (!s->followed && s->kept.n < KEPT_BYTES) dcl_text_bytes(&s->kept, s->block, (size_t)got);
    *bytes = s->block;
    *n = (size_t)got;
    return DCL_OK;
}

static dcl_status take_event(void *arg, const dcl_live_event *event, dcl_error *error) {
    stream *s = arg;
    s->followed = true;
    if (event->what == DCL_LIVE_SILENCE || event->what == DCL_LIVE_CLOCK_BACK) {
        char before[32], at[32];
        dcl_time_format(event->before_us, before);
        dcl_time_format(event->time_us, at);
        if (event->what == DCL_LIVE_SILENCE)
            say(s->cli, "declic: nothing was heard from %s to %s\n", before, at);
        else
            say(s->cli, "declic: the clock went back from %s to %s; begun anew there\n", before, at);
    }
    return s->take(s->take_arg, event, error);
}

/* A pipe gives its bytes once: what was read and what is to come go to a file that stands in its place. */
static dcl_status put_back(stream *s, dcl_error *error) {
    if (s->start >= 0 && lseek(STDIN_FILENO, s->start, SEEK_SET) == s->start) return DCL_OK;
    FILE *file = tmpfile();
    bool fine = file && !s->kept.failed && fwrite(s->kept.at, 1, s->kept.n, file) == s->kept.n;
    s->followed = true;
    for (size_t n = 1; fine && n;) {
        const char *bytes;
        dcl_status status = read_more(s, &bytes, &n, error);
        if (status) {
            fclose(file);
            return status;
        }
        fine = fwrite(bytes, 1, n, file) == n;
    }
    fine = fine && fflush(file) == 0 && dup2(fileno(file), STDIN_FILENO) >= 0 &&
           lseek(STDIN_FILENO, 0, SEEK_SET) == 0;
    int reason = errno;
    if (file) fclose(file);
    return fine ? DCL_OK
                : dcl_fail(error, DCL_E_IO, "cannot be kept for a second look: %s", strerror(reason));
}

dcl_status session_follow(session *cli, dcl_live_fn take, void *arg) {
    stream *s = calloc(1, sizeof *s);
    dcl_home told;
    if (!s) return dcl_fail_memory(&cli->error, "a stream");
    *s = (stream){.cli = cli, .take = take, .take_arg = arg, .start = lseek(STDIN_FILENO, 0, SEEK_CUR)};
    if (cli->now) s->ahead_us = cli->context.now_us - clock_us();
    if (isatty(STDIN_FILENO)) say(cli, "declic: reading standard input; Ctrl-D ends it\n");
    dcl_status status =
        dcl_live_read(&cli->context, &cli->read, read_more, s, take_event, s, &told, &cli->error);
    if (status == DCL_E_UNSUPPORTED && !s->followed) {
        dcl_status kept = put_back(s, &cli->error);
        if (kept) status = kept;
    } else {
        say_read(cli, &told);
    }
    if (status && status != DCL_E_UNSUPPORTED && !cli->error.file[0])
        snprintf(cli->error.file, sizeof cli->error.file, "-");
    dcl_text_free(&s->kept);
    free(s);
    return status;
}

dcl_status put_live(session *cli, dcl_text *text) {
    if (text->failed) return dcl_fail_memory(&cli->error, "the output");
    if (!text->n) return DCL_OK;
    cli->wrote = true;
    bool done = fwrite(text->at, 1, text->n, stdout) == text->n && fflush(stdout) == 0;
    text->n = 0;
    if (done) return DCL_OK;
    return dcl_fail_file(&cli->error, DCL_E_IO, "standard output", "cannot be written: %s", strerror(errno));
}
