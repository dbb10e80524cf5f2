#include "tariff/hours.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/status.h"

dcl_hours dcl_hours_default(void) {
    return (dcl_hours){.n = 1, .period = {{.from_day = INT64_MIN, .n = 1, .window = {{22 * 60, 6 * 60}}}}};
}

const dcl_hours_period *dcl_hours_on(const dcl_hours *hours, int64_t day) {
    for (int i = hours->n; i-- > 0;)
        if (hours->period[i].from_day <= day) return &hours->period[i];
    return NULL;
}

static bool inside(dcl_window window, int minute) {
    if (window.from_min < window.to_min) return minute >= window.from_min && minute < window.to_min;
    return minute >= window.from_min || minute < window.to_min;
}

bool dcl_hours_off_peak(const dcl_hours_period *period, int minute) {
    for (int i = 0; i < period->n; i++)
        if (inside(period->window[i], minute)) return true;
    return false;
}

int dcl_hours_next_edge(const dcl_hours_period *period, int minute) {
    int next = DCL_MINUTES_A_DAY;
    for (int i = 0; i < period->n; i++) {
        const int edges[] = {period->window[i].from_min, period->window[i].to_min};
        for (int e = 0; e < 2; e++)
            if (edges[e] > minute && edges[e] < next) next = edges[e];
    }
    return next;
}

/* ---------------------------------------------------------------- text */

typedef struct reader {
    const char *start, *at;
    dcl_error *error;
} reader;

static dcl_status fail_here(const reader *r, const char *what) {
    return dcl_fail_at(r->error, DCL_E_FORMAT, 0, r->at - r->start,
                       "off-peak hours '%.100s': %s (like 22:00-06:00,12:30-14:30)", r->start, what);
}

static void skip_spaces(reader *r) {
    while (*r->at == ' ') r->at++;
}

/* `HH:MM`, up to 24:00; -1 where it is none. */
static int read_minute(reader *r) {
    const char *p = r->at;
    for (int i = 0; i < 5; i++)
        if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9') return -1;
    int hour = (p[0] - '0') * 10 + p[1] - '0', minute = (p[3] - '0') * 10 + p[4] - '0';
    if (minute > 59 || hour * 60 + minute > DCL_MINUTES_A_DAY) return -1;
    r->at += 5;
    return hour * 60 + minute;
}

static dcl_status read_window(reader *r, dcl_hours_period *period) {
    skip_spaces(r);
    const char *first = r->at;
    int from = read_minute(r);
    if (from < 0 || from == DCL_MINUTES_A_DAY) {
        r->at = first;
        return fail_here(r, "a time from 00:00 to 23:59 was expected");
    }
    if (*r->at != '-') return fail_here(r, "'-' was expected");
    r->at++;
    int to = read_minute(r);
    if (to < 0) return fail_here(r, "a time from 00:00 to 24:00 was expected");
    dcl_window window = {(int16_t)from, (int16_t)to};
    r->at = first;
    if (from == to) return fail_here(r, "the window is empty");
    for (int m = 0; m < DCL_MINUTES_A_DAY; m++)
        if (inside(window, m) && dcl_hours_off_peak(period, m)) return fail_here(r, "two windows overlap");
    if (period->n == DCL_HOURS_WINDOWS) return fail_here(r, "too many windows");
    period->window[period->n++] = window;
    r->at = first + strlen("00:00-00:00");
    skip_spaces(r);
    return DCL_OK;
}

/* `[DATE=]window{,window}`. */
static dcl_status read_period(reader *r, dcl_hours *hours) {
    if (hours->n == DCL_HOURS_PERIODS) return fail_here(r, "too many periods");
    dcl_hours_period *period = &hours->period[hours->n];
    *period = (dcl_hours_period){.from_day = INT64_MIN};
    skip_spaces(r);
    if (strnlen(r->at, 11) == 11 && r->at[10] == '=') {
        if (!dcl_date_parse(r->at, 10, &period->from_day))
            return fail_here(r, "a date YYYY-MM-DD was expected");
        r->at += 11;
    } else if (hours->n) {
        return fail_here(r, "a later period needs its date, like 2025-11-15=");
    }
    if (hours->n && period->from_day <= hours->period[hours->n - 1].from_day)
        return fail_here(r, "dates must ascend");
    dcl_status status = read_window(r, period);
    while (!status && *r->at == ',') {
        r->at++;
        status = read_window(r, period);
    }
    if (!status) hours->n++;
    return status;
}

dcl_status dcl_hours_parse(const char *text, dcl_hours *out, dcl_error *error) {
    reader r = {text, text, error};
    dcl_hours hours = {0};
    dcl_status status = read_period(&r, &hours);
    while (!status && *r.at == ';') {
        r.at++;
        status = read_period(&r, &hours);
    }
    if (!status && *r.at) status = fail_here(&r, "',' or ';' or the end was expected");
    if (!status) *out = hours;
    return status;
}

/* Appends to out [room] at *n, cut to fit; *n grows by the full length. */
static void append(char *out, size_t room, size_t *n, const char *format, ...) DCL_PRINTF(4, 5);

static void append(char *out, size_t room, size_t *n, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(*n < room ? out + *n : NULL, *n < room ? room - *n : 0, format, args);
    va_end(args);
    if (length > 0) *n += (size_t)length;
}

size_t dcl_hours_format(const dcl_hours *hours, char *out, size_t room) {
    size_t n = 0;
    if (room) *out = '\0';
    for (int p = 0; p < hours->n; p++) {
        const dcl_hours_period *period = &hours->period[p];
        if (p) append(out, room, &n, ";");
        if (period->from_day != INT64_MIN) {
            dcl_civil date = dcl_date_from_days(period->from_day);
            append(out, room, &n, "%04d-%02d-%02d=", date.year, date.month, date.day);
        }
        for (int w = 0; w < period->n; w++) {
            dcl_window window = period->window[w];
            append(out, room, &n, "%s%02d:%02d-%02d:%02d", w ? "," : "", window.from_min / 60,
                   window.from_min % 60, window.to_min / 60, window.to_min % 60);
        }
    }
    return n;
}
