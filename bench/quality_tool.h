/* What the programs of quality.d share: how they end, civil days as they are written, and the day files of tracebase. */
#ifndef BENCH_QUALITY_TOOL_H
#define BENCH_QUALITY_TOOL_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <declic/series.h>

#include "series/source.h"

static inline void quality_die(const char *what, const dcl_error *error) {
    fprintf(stderr, "quality: %s: %s\n", what, error ? error->msg : "no memory");
    exit(1);
}

/* 77 where the data is not there: a machine without it skips what needs it. */
static inline void quality_check(dcl_status status, const dcl_error *error) {
    if (!status) return;
    if (status != DCL_E_NOT_FOUND) quality_die(error->file, error);
    fprintf(stderr, "skipped: no ../shared/data\n");
    exit(77);
}

/* Another zone in place of the one that is open. */
static inline void quality_open_zone(const char *name, dcl_zone **zone, dcl_context *context) {
    dcl_error error = {0};
    dcl_zone_close(zone);
    quality_check(dcl_zone_open(name, zone, &error), &error);
    context->zone = *zone;
}

/* Seconds of a clock. */
static inline double quality_seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* 20130117 */
static inline int64_t quality_day_start(const dcl_zone *zone, int date) {
    return dcl_zone_day_start(zone, dcl_days_from_date(date / 10000, date / 100 % 100, date % 100));
}

/* Who takes the files: device_of tells the number of a file's device by its name, -1 = of none that is asked for. */
typedef struct quality_takers {
    void *arg;
    int (*device_of)(void *arg, const char *name);
    void (*take)(void *arg, const dcl_home *day, int device, const dcl_zone *berlin);
} quality_takers;

/* Gives the day files of tracebase's archive, a second a value. Unpacks one at a time: the reader of files wants a file. */
static inline void quality_tracebase(const dcl_context *context, const char *path,
                                     const quality_takers *takers) {
    char part[] = "/tmp/declic-quality-XXXXXX";
    int file = mkstemp(part);
    dcl_source *source = NULL;
    dcl_error error = {0};
    dcl_zone *berlin = NULL;
    dcl_status status;
    const char *name;
    if (file < 0 || dcl_zone_open("Europe/Berlin", &berlin, &error) || dcl_source_open(path, &source, &error))
        quality_die(path, &error);
    close(file);
    while (!(status = dcl_source_next(source, &name, &error)) && name) {
        int device = takers->device_of(takers->arg, name);
        const char *block;
        size_t n;
        FILE *out = device < 0 ? NULL : fopen(part, "wb");
        if (!out) continue;
        while (!dcl_source_more(source, &block, &n, &error) && n) fwrite(block, 1, n, out);
        fclose(out);
        dcl_arena arena = {0};
        dcl_home home;
        dcl_read_options options = dcl_read_defaults();
        options.period_us = DCL_SECOND_US;
        if (dcl_home_read(context, part, &options, &arena, &home, &error)) quality_die(name, &error);
        takers->take(takers->arg, &home, device, berlin);
        dcl_arena_free(&arena);
    }
    if (status) quality_die(path, &error);
    dcl_source_close(&source);
    dcl_zone_close(&berlin);
    unlink(part);
}

#endif
