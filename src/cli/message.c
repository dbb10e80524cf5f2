/* What is said on stderr: one way out for every word, so that no message can carry a person's address or a terminal's
 * control codes out of a file. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { MESSAGE_BYTES = 2048 };

bool terminal_is_plain(void) {
    const char *term = getenv("TERM");
    return !isatty(STDERR_FILENO) || (term && strcmp(term, "dumb") == 0);
}

static bool coloured(void) {
    const char *no = getenv("NO_COLOR");
    return !terminal_is_plain() && !(no && *no);
}

/* Bytes of the UTF-8 letter at `at`, 0 where it is none that may be shown. */
static size_t letter_bytes(const unsigned char *at) {
    if (at[0] < 0x80) return at[0] >= 0x20 && at[0] != 0x7f;
    size_t n = at[0] >= 0xc2 && at[0] < 0xe0   ? 2
               : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
               : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
                                               : 0;
    if (at[0] == 0xc2 && at[1] < 0xa0) return 0; /* the other set of control codes */
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return n;
}

/* Delivery points and meters have addresses of 12 or 14 digits, and the utility puts them into the names of its files:
 * a run of so many digits is never shown. Line ends stay. */
void put_clean(FILE *to, const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t digits = strspn((const char *)at, "0123456789"), n = letter_bytes(at);
        if (digits >= DCL_ADDRESS_DIGITS) {
            fputs("***", to);
            at += digits;
        } else if (digits) {
            fwrite(at, 1, digits, to);
            at += digits;
        } else if (n || *at == '\n') {
            fwrite(at, 1, n ? n : 1, to);
            at += n ? n : 1;
        } else {
            fputc('?', to);
            at++;
        }
    }
}

static void put_message(const char *format, va_list args) DCL_PRINTF(1, 0);

static void put_message(const char *format, va_list args) {
    char text[MESSAGE_BYTES];
    vsnprintf(text, sizeof text, format, args);
    put_clean(stderr, text);
}

static void put_name(void) {
    fputs(coloured() ? "\033[1;31mdeclic:\033[0m " : "declic: ", stderr);
}

int session_usage(const session *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_name();
    put_message(format, args);
    va_end(args);
    if (cli && cli->command)
        fprintf(stderr, "\nTry: declic %s -h\n", cli->command->name);
    else
        fputs("\nTry: declic -h\n", stderr);
    return CLI_USAGE;
}

void say(const session *cli, const char *format, ...) {
    if (cli->quiet) return;
    va_list args;
    va_start(args, format);
    put_message(format, args);
    va_end(args);
}

int session_fail(session *cli, dcl_status status) {
    const dcl_error *error = &cli->error;
    clear_bar(cli);
    if (status == DCL_E_CANCELLED) {
        fprintf(stderr, "declic: interrupted%s\n", cli->wrote ? "" : "; nothing was written");
        return CLI_INTERRUPTED;
    }
    put_name();
    if (error->file[0]) {
        put_clean(stderr, error->file);
        fputs(": ", stderr);
    }
    if (error->pos.line > 0) fprintf(stderr, "line %lld: ", (long long)error->pos.line);
    if (error->pos.line <= 0 && error->pos.byte >= 0)
        fprintf(stderr, "byte %lld: ", (long long)error->pos.byte);
    put_clean(stderr, error->msg[0] ? error->msg : dcl_status_text(status));
    fputc('\n', stderr);
    return status == DCL_E_ARG ? CLI_USAGE : CLI_FAILED;
}
