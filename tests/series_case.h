/* A reader's facts as a table: the bytes of a file, how to read them, and the home they make, all as text. */
#ifndef SERIES_CASE_H
#define SERIES_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "series/format.h"

/* A summer's day of 2025, UTC: no reading of the tests is in its future. */
#define CASE_NOW_US (INT64_C(1751364000) * DCL_SECOND_US)
enum { CASES_MAX = 128 };

/*
 * fact     the test's name
 * input    the file [n]; n = 0 takes it for a string
 * options  zeros stand for the defaults
 * want     what describe_home() says, or "E_FORMAT line 3 byte 45: the message"
 */
typedef struct series_case {
    const char *fact, *input;
    size_t n;
    const char *file;
    dcl_read_options options;
    const char *want;
} series_case;

static const dcl_zone *paris(void) {
    static dcl_zone *zone;
    if (!zone && dcl_zone_open("Europe/Paris", &zone, NULL)) abort();
    return zone;
}

static inline dcl_context case_context(void) {
    return (dcl_context){.threads = 1, .zone = paris(), .now_us = CASE_NOW_US};
}

static inline dcl_read_options case_options(dcl_read_options given) {
    dcl_read_options defaults = dcl_read_defaults();
    if (!given.from_us) given.from_us = defaults.from_us;
    if (!given.to_us) given.to_us = defaults.to_us;
    if (!(given.max_power > 0)) given.max_power = defaults.max_power;
    return given;
}

/* Reads bytes as a home. The error's file stays as the reader left it. */
static inline dcl_status read_bytes(const char *file, const char *input, size_t n,
                                    const dcl_read_options *options, dcl_arena *arena, dcl_home *home,
                                    dcl_error *error) {
    dcl_context context = case_context();
    dcl_collect collect;
    dcl_bytes bytes = {input, n};
    dcl_input from;
    *error = (dcl_error){.pos = {0, -1}};
    dcl_collect_begin(&collect, &context, options);
    dcl_input_begin_bytes(&from, file, &bytes);
    dcl_status status = dcl_collect_read(&collect, &from, error);
    if (!status) status = dcl_collect_finish(&collect, arena, home, error);
    if (!status) dcl_home_slice(home, options->from_us, options->to_us);
    dcl_input_end(&from);
    dcl_collect_end(&collect);
    return status;
}

static inline void describe_series(dcl_text *out, const dcl_series *series) {
    char start[32];
    dcl_time_format(series->start_us, start);
    dcl_text_format(out, "%s %s/%lld:", dcl_channel_name(series->channel), start,
                    (long long)(series->period_us / DCL_SECOND_US));
    for (size_t i = 0; i < series->n; i++) {
        dcl_text_put(out, " ");
        if (isnan(series->value[i])) dcl_text_put(out, "-");
        dcl_text_float(out, series->value[i]);
    }
    dcl_text_put(out, "\n");
}

static inline void describe_excluded(dcl_text *out, const dcl_home *home) {
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        const dcl_excluded *left = &home->excluded[i];
        if (!left->count) continue;
        dcl_text_format(out, "left out: %s %llu", dcl_exclusion_name((dcl_exclusion)i),
                        (unsigned long long)left->count);
        if (left->first.line > 0) dcl_text_format(out, " line %lld", (long long)left->first.line);
        if (left->first.byte >= 0) dcl_text_format(out, " byte %lld", (long long)left->first.byte);
        char time[32];
        dcl_time_format(left->time_us, time);
        if (left->time_us) dcl_text_format(out, " at %s", time);
        dcl_text_put(out, "\n");
    }
}

/* All that a home says, a line each: series, truth, maxima, subscribed power, notes, readings left out. */
static inline void describe_home(dcl_text *out, const dcl_home *home) {
    for (size_t i = 0; i < home->n_series; i++) describe_series(out, &home->series[i]);
    for (size_t i = 0; i < home->n_truth; i++) {
        dcl_text_format(out, "%s ", home->truth_name[i]);
        describe_series(out, &home->truth[i]);
    }
    for (size_t i = 0; i < home->n_va_maxima; i++) {
        char time[32];
        dcl_time_format(home->va_maxima[i].time_us, time);
        dcl_text_format(out, "maximum %s ", time);
        dcl_text_float(out, home->va_maxima[i].apparent_va);
        dcl_text_put(out, "\n");
    }
    if (!isnan(home->subscribed_kva)) {
        dcl_text_put(out, "subscribed ");
        dcl_text_double(out, home->subscribed_kva);
        dcl_text_put(out, "\n");
    }
    if (home->notes) dcl_text_put(out, "notes:");
    for (unsigned i = 0; i < DCL_NOTE_COUNT; i++)
        if (home->notes >> i & 1) dcl_text_format(out, " %s", dcl_note_name((dcl_note)i));
    if (home->notes) dcl_text_put(out, "\n");
    describe_excluded(out, home);
}

static inline void describe_error(dcl_text *out, const dcl_error *error) {
    static const char *const names[] = {
#define DCL_X(name, text) #name,
        DCL_STATUS_TABLE(DCL_X)
#undef DCL_X
    };
    dcl_text_put(out, names[error->code]);
    if (error->pos.line > 0) dcl_text_format(out, " line %lld", (long long)error->pos.line);
    if (error->pos.byte >= 0) dcl_text_format(out, " byte %lld", (long long)error->pos.byte);
    dcl_text_format(out, ": %s", error->msg);
}

/* The fact holds; and a home that can be read is out of memory, no worse, where there is no room for it. */
static inline void check_case(void **state) {
    const series_case *c = *state;
    dcl_read_options options = case_options(c->options);
    dcl_arena arena = {0};
    dcl_home home;
    dcl_error error;
    dcl_text said = {0};
    size_t n = c->n ? c->n : strlen(c->input);
    const char *file = c->file ? c->file : "input";
    dcl_status status = read_bytes(file, c->input, n, &options, &arena, &home, &error);
    dcl_text_put(&said, "");
    if (status) {
        assert_int_equal(status, error.code);
        describe_error(&said, &error);
    } else {
        describe_home(&said, &home);
    }
    assert_string_equal(said.at, c->want);
    dcl_text_free(&said);
    dcl_arena_free(&arena);
    for (size_t limit = 64; !status && limit < 4096; limit *= 4) {
        arena.limit = limit;
        assert_int_equal(read_bytes(file, c->input, n, &options, &arena, &home, &error), DCL_E_MEMORY);
        dcl_arena_free(&arena);
    }
}

/* Runs a table of cases and then the other tests, each under its own name. */
static inline int run_cases(const series_case *cases, size_t n, const struct CMUnitTest *others,
                            size_t n_others) {
    struct CMUnitTest tests[CASES_MAX];
    if (n + n_others > CASES_MAX) abort();
    for (size_t i = 0; i < n; i++)
        tests[i] = (struct CMUnitTest){cases[i].fact, check_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (size_t i = 0; i < n_others; i++) tests[n + i] = others[i];
    return _cmocka_run_group_tests("cases", tests, n + n_others, NULL, NULL);
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

#endif
