/* A bar with rate and time left: on a terminal alone, some ten times a second, for work that lasts. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

enum { BAR_WIDTH = 24 };

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Whether the terminal was told to take UTF-8: the first of the three that is set decides, as everywhere. */
static bool terminal_is_utf8(void) {
    const char *locale = getenv("LC_ALL");
    if (!locale || !*locale) locale = getenv("LC_CTYPE");
    if (!locale || !*locale) locale = getenv("LANG");
    return locale && (strstr(locale, "UTF-8") || strstr(locale, "utf8") || strstr(locale, "UTF8"));
}

static void put_amount(double amount, const char *unit) {
    static const char *const sizes[] = {"", "k", "M", "G", "T"};
    size_t i = 0;
    while (amount >= 1000 && i < 4) {
        amount /= 1000;
        i++;
    }
    fprintf(stderr, amount < 10 && i ? "%.1f %s%s" : "%.0f %s%s", amount, sizes[i], unit);
}

static void put_bar(double part) {
    bool utf8 = terminal_is_utf8();
    int full = (int)(part * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++) fputs(i < full ? utf8 ? "━" : "#" : utf8 ? "┄" : ".", stderr);
    fprintf(stderr, " %3.0f %%  ", 100 * part);
}

static void put_time_left(double seconds) {
    long left = (long)seconds + 1;
    if (left < 60)
        fprintf(stderr, "  %ld s left", left);
    else if (left < 3600)
        fprintf(stderr, "  %ld min %02ld s left", left / 60, left % 60);
    else
        fprintf(stderr, "  %ld h %02ld min left", left / 3600, left / 60 % 60);
}

void clear_bar(session *cli) {
    if (cli->bar.shown) fputs("\r\033[K", stderr);
    cli->bar.shown = false;
}

void show_progress(void *arg, const char *what, const char *unit, uint64_t done, uint64_t total) {
    session *cli = arg;
    double now = seconds_now();
    if (cli->bar.what != what) {
        cli->bar.what = what;
        cli->bar.started = now;
        cli->bar.next = now + 0.4;
    }
    if (now < cli->bar.next) return;
    cli->bar.next = now + 0.1;
    double rate = (double)done / (now - cli->bar.started);
    fprintf(stderr, "\r\033[K%s ", what);
    if (total) {
        if (done > total) done = total;
        put_bar((double)done / (double)total);
    } else {
        put_amount((double)done, unit);
        fputs("  ", stderr);
    }
    put_amount(rate, unit);
    fputs("/s", stderr);
    if (total && rate > 0) put_time_left((double)(total - done) / rate);
    fflush(stderr);
    cli->bar.shown = true;
}
