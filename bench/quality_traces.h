/* Traces of single devices (tracebase): read, taught to an identifier fold by fold, and placed into a home as guests. */
#ifndef BENCH_QUALITY_TRACES_H
#define BENCH_QUALITY_TRACES_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>

#include "quality_tool.h"

enum {
    QUALITY_FOLDS = 4,
    QUALITY_DEVICES = 128,
    QUALITY_LABELS = 32,
    QUALITY_GUEST_DAYS = 6,
    QUALITY_DAY_S = 86400
};

/* A device: what it is, its fold, and some of its days second by second from midnight, W, NaN = missing. log_w, log_s: of
 * the middle run. */
typedef struct quality_trace {
    char id[64];
    int label, fold;
    dcl_appliance kind;
    float *day[QUALITY_GUEST_DAYS];
    int days;
    double log_w, log_s;
} quality_trace;

typedef struct quality_traces {
    quality_trace device[QUALITY_DEVICES];
    char label[QUALITY_LABELS][DCL_LABEL_ROOM];
    size_t n, labels, n_days, room;
    dcl_device_day *day;
    dcl_arena arena;
} quality_traces;

/* "complete/Lamp/dev_72882E_2012.05.10.csv" */
static inline int quality_traces_device(void *arg, const char *name) {
    quality_traces *t = arg;
    char type[32] = "", number[16] = "", id[64], label[DCL_LABEL_ROOM];
    const char *file = strrchr(name, '/'), *folder = file;
    while (folder && folder > name && folder[-1] != '/') folder--;
    if (!file || sscanf(folder, "%31[^/]", type) != 1 || sscanf(file, "/dev_%15[^_.]", number) != 1 ||
        !dcl_type_label(type, label))
        return -1;
    snprintf(id, sizeof id, "%s %s", label, number);
    for (size_t d = 0; d < t->n; d++)
        if (strcmp(t->device[d].id, id) == 0) return (int)d;
    size_t l = 0, same = 0;
    while (l < t->labels && strcmp(t->label[l], label) != 0) l++;
    if (t->n == QUALITY_DEVICES || l == QUALITY_LABELS) quality_die("too many devices", NULL);
    if (l == t->labels) snprintf(t->label[t->labels++], DCL_LABEL_ROOM, "%s", label);
    for (size_t d = 0; d < t->n; d++) same += t->device[d].label == (int)l;
    t->device[t->n] = (quality_trace){
        .label = (int)l, .fold = (int)(l + same) % QUALITY_FOLDS, .kind = dcl_type_kind(label)};
    snprintf(t->device[t->n].id, sizeof id, "%s", id);
    return (int)t->n++;
}

static inline void quality_traces_keep(quality_trace *d, const dcl_series *power, const dcl_zone *zone) {
    if (d->days == QUALITY_GUEST_DAYS) return;
    float *day = malloc(QUALITY_DAY_S * sizeof *day);
    if (!day) quality_die("a day", NULL);
    int64_t midnight = dcl_zone_day_start(zone, dcl_zone_day(zone, power->start_us));
    int64_t first = (power->start_us - midnight) / DCL_SECOND_US;
    for (int64_t s = 0; s < QUALITY_DAY_S; s++)
        day[s] = s >= first && s < first + (int64_t)power->n ? power->value[s - first] : NAN;
    d->day[d->days++] = day;
}

static inline int quality_traces_by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle run of each device. */
static inline void quality_traces_middle(quality_traces *t) {
    for (size_t d = 0; d < t->n; d++) {
        double w[4096], s[4096];
        size_t n = 0;
        for (size_t k = 0; k < t->n_days; k++) {
            const dcl_load_day *day = &t->day[k].at[0];
            for (size_t r = 0; t->day[k].device == d && r < day->runs.n && n < 4096; r++, n++) {
                w[n] = log((double)day->run[r * DCL_RUN_COUNT + DCL_RUN_MEAN_W] + 1);
                s[n] = log((double)day->run[r * DCL_RUN_COUNT + DCL_RUN_DURATION_S] + 1);
            }
        }
        qsort(w, n, sizeof *w, quality_traces_by_value);
        qsort(s, n, sizeof *s, quality_traces_by_value);
        t->device[d].log_w = n ? w[n / 2] : NAN;
        t->device[d].log_s = n ? s[n / 2] : NAN;
    }
}

static inline void quality_traces_day(void *arg, const dcl_home *home, int device, const dcl_zone *zone) {
    quality_traces *t = arg;
    dcl_error error = {0};
    dcl_load load = {.power_w = dcl_home_series(home, DCL_POWER_W), .zone = zone};
    if (t->n_days == t->room) {
        t->room = 2 * t->room + 64;
        t->day = realloc(t->day, t->room * sizeof *t->day);
        if (!t->day) quality_die("days", NULL);
    }
    dcl_device_day *day = &t->day[t->n_days];
    if (dcl_device_day_describe(&load, &t->arena, day, &error) != DCL_OK) return;
    day->device = (size_t)device;
    t->n_days++;
    quality_traces_keep(&t->device[device], load.power_w, zone);
}

/* False where there is no data. */
static inline bool quality_traces_read(const dcl_context *context, const char *data, quality_traces *t) {
    char path[1024];
    snprintf(path, sizeof path, "%s/tracebase/tracebase.tar.xz", data);
    if (access(path, R_OK) != 0) return false;
    quality_tracebase(context, path, &(quality_takers){t, quality_traces_device, quality_traces_day});
    quality_traces_middle(t);
    return true;
}

/* The runs of all devices outside a fold, at the first so many scales; of a device those nearest to evenly chosen. */
static inline size_t quality_traces_rows(const quality_traces *t, int fold, size_t scales, float *x,
                                         uint32_t *label, uint32_t *group) {
    enum { RUNS = 24 };
    size_t n = 0, all[QUALITY_DEVICES] = {0}, at[QUALITY_DEVICES] = {0};
    for (size_t k = 0; k < t->n_days; k++) all[t->day[k].device] += t->day[k].at[0].runs.n;
    for (size_t k = 0; k < t->n_days; k++) {
        size_t d = t->day[k].device;
        if (t->device[d].fold == fold) continue;
        for (size_t r = 0; r < t->day[k].at[0].runs.n; r++, at[d]++) {
            if (at[d] * RUNS / all[d] == (at[d] + 1) * RUNS / all[d] && all[d] > RUNS) continue;
            for (size_t s = 0; s < scales; s++) {
                const dcl_load_day *day = &t->day[k].at[s];
                if (r >= day->runs.n) continue;
                float *row = x ? x + n * DCL_RUN_COUNT : NULL;
                for (size_t f = 0; row && f < DCL_RUN_COUNT; f++)
                    row[f] = dcl_signature_needs(DCL_SIGNATURE_RUN, f) & DCL_NEEDS_OWN
                                 ? NAN
                                 : day->run[r * DCL_RUN_COUNT + f];
                if (row) label[n] = (uint32_t)t->device[d].label, group[n] = (uint32_t)d;
                n++;
            }
        }
    }
    return n;
}

/* What all devices outside a fold teach of runs, by numbers that the mains tell; fold -1 = all. */
static inline void quality_traces_learn(const dcl_context *context, const quality_traces *t, int fold,
                                        dcl_arena *arena, dcl_identifier *out) {
    const char *label[QUALITY_LABELS];
    dcl_examples examples[2];
    dcl_error error = {0};
    for (size_t l = 0; l < t->labels; l++) label[l] = t->label[l];
    for (size_t e = 0; e < 2; e++) {
        size_t n = quality_traces_rows(t, fold, e ? DCL_DEVICE_SCALES : 1, NULL, NULL, NULL);
        float *x = malloc((n + 1) * DCL_RUN_COUNT * sizeof *x);
        uint32_t *of = malloc((n + 1) * sizeof *of), *group = malloc((n + 1) * sizeof *group);
        if (!x || !of || !group) quality_die("examples", NULL);
        quality_traces_rows(t, fold, e ? DCL_DEVICE_SCALES : 1, x, of, group);
        examples[e] = (dcl_examples){DCL_SIGNATURE_RUN, x, of, group, n, 0};
    }
    dcl_identifier_options options = dcl_identifier_defaults();
    options.svm = (dcl_svm_options){.c = {1}, .gamma = {0.6}, .n_c = 1, .n_gamma = 1, .folds = 5};
    options.except |= DCL_NEEDS_OWN;
    if (dcl_identifier_learn(context, label, (uint32_t)t->labels, examples, 2, &options, arena, out, &error))
        quality_die("a model", &error);
    for (size_t e = 0; e < 2; e++)
        free((void *)(uintptr_t)examples[e].x), free((void *)(uintptr_t)examples[e].label),
            free((void *)(uintptr_t)examples[e].group);
}

/* Puts a device's days behind each other onto the grid of `guest`, at their own time of the day; 0 where there is none. */
static inline bool quality_traces_place(const quality_traces *t, size_t d, const dcl_zone *zone,
                                        dcl_series *guest) {
    const quality_trace *of = &t->device[d];
    int64_t midnight = dcl_zone_day_start(zone, dcl_zone_day(zone, guest->start_us));
    for (size_t i = 0; i < guest->n; i++) {
        int64_t s = (guest->start_us - midnight) / DCL_SECOND_US + (int64_t)i;
        int64_t day = s / QUALITY_DAY_S;
        float w = day < of->days ? of->day[day][s % QUALITY_DAY_S] : 0;
        guest->value[i] = w > 0 ? w : 0;
    }
    return of->days > 0;
}

/* The plain rule: the kind of the device whose middle run is nearest by power and length. */
static inline dcl_appliance quality_traces_nearest(const quality_traces *t, int fold, const dcl_cycle *c) {
    double w = log(fmax((double)c->mean_w, 0) + 1), s = log(1e-6 * (double)(c->end_us - c->start_us) + 1),
           best = INFINITY;
    dcl_appliance kind = DCL_APPLIANCE_UNKNOWN;
    for (size_t d = 0; d < t->n; d++) {
        const quality_trace *of = &t->device[d];
        double away = (of->log_w - w) * (of->log_w - w) + (of->log_s - s) * (of->log_s - s);
        if (of->fold == fold || !(away < best)) continue;
        best = away;
        kind = of->kind;
    }
    return kind;
}

static inline void quality_traces_free(quality_traces *t) {
    for (size_t d = 0; d < t->n; d++)
        for (int k = 0; k < t->device[d].days; k++) free(t->device[d].day[k]);
    free(t->day);
    dcl_arena_free(&t->arena);
}

#endif
