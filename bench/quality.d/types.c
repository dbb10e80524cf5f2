/*
 * Which appliance is it, by its own plug: tracebase split by device.
 * usage: bench/quality types [DATA [SEED]]
 *
 * Rows: each run (from standby to standby) and each device-day. Folds: 8, whole devices, dealt by kind with a seed. Each
 * fold's model is what dcl_devices_learn() makes of the other devices, which alone calibrate it (5 folds of them).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>

#include "base/file.h"
#include "base/rng.h"
#include "learn/svm.h"
#include "quality_forest.h"
#include "quality_tool.h"

enum {
    FOLDS = 8,
    KINDS = 32,
    DEVICES = 128,
    RUN_CAP = 40, /* as dcl_devices_learn() has it, for the baseline */
};

typedef struct set {
    char kind[KINDS][32], device[DEVICES][48];
    int kinds, devices, kind_of[DEVICES], per_kind[KINDS];
    dcl_device_day *days; /* [n] */
    size_t n, room, empty;
    dcl_arena arena;
} set;

/* ---------------------------------------------------------------- reading */

static int number_of(char *names, size_t width, int *n, int most, const char *name) {
    for (int i = 0; i < *n; i++) {
        if (strcmp(names + (size_t)i * width, name) == 0) return i;
    }
    if (*n == most) quality_die("too many kinds or devices", NULL);
    snprintf(names + (size_t)*n * width, width, "%s", name);
    return (*n)++;
}

/* "complete/Lamp/dev_72882E_2012.05.10.csv": the kind and the device; a drier is a dryer. */
static int device_of(void *arg, const char *name) {
    set *s = arg;
    char kind[32] = "", number[16] = "", device[48];
    const char *file = strrchr(name, '/'), *folder = file;
    while (folder && folder > name && folder[-1] != '/') folder--;
    if (!file || sscanf(folder, "%31[^/]", kind) != 1 || sscanf(file, "/dev_%15[^_.]", number) != 1)
        return -1;
    if (strcmp(kind, "LaundryDrier") == 0) strcpy(kind, "Dryer");
    snprintf(device, sizeof device, "%s_%s", kind, number);
    int before = s->devices, at = number_of(*s->device, sizeof *s->device, &s->devices, DEVICES, device);
    if (at == before) {
        s->kind_of[at] = number_of(*s->kind, sizeof *s->kind, &s->kinds, KINDS, kind);
        s->per_kind[s->kind_of[at]]++;
    }
    return at;
}

/* A day below 1 Wh names nothing and is left out. */
static void add_day(void *arg, const dcl_home *home, int device, const dcl_zone *zone) {
    set *s = arg;
    dcl_load load = {.power_w = dcl_home_series(home, DCL_POWER_W), .zone = zone};
    dcl_error error;
    if (dcl_grow(&s->days, &s->room, s->n + 1, sizeof *s->days)) quality_die("days", NULL);
    dcl_status status = dcl_device_day_describe(&load, &s->arena, &s->days[s->n], &error);
    if (status && status != DCL_E_NO_DATA) quality_die(s->device[device], &error);
    s->empty += status == DCL_E_NO_DATA;
    s->days[s->n].device = (size_t)device;
    s->n += status == DCL_OK;
}

/* ---------------------------------------------------------------- tables */

/* Rows for a machine: what they are in the set is kept beside. */
typedef struct table {
    float *x, *weight; /* weight of a run in its day's vote: its energy */
    uint32_t *label, *group;
    size_t *day;
    size_t n, room, features;
} table;

static void table_add(table *t, const float *x, uint32_t label, int device, size_t at, float weight) {
    if (t->n == t->room) {
        t->room = t->room ? 2 * t->room : 1024;
        t->x = realloc(t->x, t->room * t->features * sizeof *t->x);
        t->weight = realloc(t->weight, t->room * sizeof *t->weight);
        t->label = realloc(t->label, t->room * sizeof *t->label);
        t->group = realloc(t->group, t->room * sizeof *t->group);
        t->day = realloc(t->day, t->room * sizeof *t->day);
        if (!t->x || !t->weight || !t->label || !t->group || !t->day) quality_die("rows", NULL);
    }
    memcpy(t->x + t->n * t->features, x, t->features * sizeof *x);
    t->label[t->n] = label;
    t->group[t->n] = (uint32_t)device;
    t->day[t->n] = at;
    t->weight[t->n++] = weight;
}

static void table_free(table *t) {
    free(t->x);
    free(t->weight);
    free(t->label);
    free(t->group);
    free(t->day);
    *t = (table){0};
}

/* What is judged: kinds of two devices or more, renumbered; -1 = not judged. */
typedef struct judged {
    int label[KINDS], kind[KINDS];
    uint32_t kinds;
} judged;

static judged judge(const set *s) {
    judged j = {.kinds = 0};
    for (int k = 0; k < s->kinds; k++) {
        j.label[k] = s->per_kind[k] >= 2 ? (int)j.kinds : -1;
        if (j.label[k] >= 0) j.kind[j.kinds++] = k;
    }
    return j;
}

/* Days and runs; without those of a fold, runs of a device at most RUN_CAP drawn by lot: they teach the baseline. */
static void fill(const set *s, const judged *j, const uint32_t *fold, uint32_t left_out, table *days,
                 table *runs) {
    days->features = DCL_DAY_COUNT;
    runs->features = DCL_RUN_COUNT;
    size_t all[DEVICES] = {0};
    for (size_t d = 0; d < s->n; d++) all[s->days[d].device] += s->days[d].at[0].runs.n;
    for (size_t d = 0; d < s->n; d++) {
        const dcl_load_day *of = &s->days[d].at[0];
        int device = (int)s->days[d].device, label = j->label[s->kind_of[device]];
        if (label < 0 || (fold && fold[device] == left_out)) continue;
        table_add(days, of->day, (uint32_t)label, device, d, 1);
        for (size_t r = 0; r < of->runs.n; r++) {
            double lot = dcl_random_uniform(11, d * DCL_DEVICE_SCALES, r);
            if (fold && lot * (double)all[device] > RUN_CAP) continue;
            const float *x = of->run + r * DCL_RUN_COUNT;
            table_add(runs, x, (uint32_t)label, device, d, x[DCL_RUN_ENERGY_WH] + 1e-6f);
        }
    }
}

/* ---------------------------------------------------------------- scores */

static size_t most(const double *p, uint32_t kinds) {
    size_t best = 0;
    for (uint32_t k = 1; k < kinds; k++) best = p[k] > p[best] ? k : best;
    return best;
}

typedef struct score {
    double macro_f1, accuracy, sure, f1[KINDS];
} score;

typedef struct ranked {
    double confidence;
    size_t row;
} ranked;

static int by_confidence(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->confidence != y->confidence) return x->confidence < y->confidence ? 1 : -1;
    return x->row < y->row ? -1 : 1;
}

/* Rows from the surest on. rank [t->n] */
static void rank_rows(const table *t, const double *p, uint32_t kinds, ranked *rank) {
    for (size_t i = 0; i < t->n; i++) rank[i] = (ranked){p[i * kinds + most(p + i * kinds, kinds)], i};
    qsort(rank, t->n, sizeof *rank, by_confidence);
}

static size_t surest(const table *t) {
    return t->n * 6 / 10;
}

/* sure: precision on the 60 % of rows with the highest confidence. */
static score score_of(const table *t, const double *p, uint32_t kinds) {
    size_t hit[KINDS] = {0}, found[KINDS] = {0}, true_n[KINDS] = {0}, right = 0, sure = 0;
    ranked *rank = malloc((t->n + 1) * sizeof *rank);
    score s = {0};
    if (!rank) quality_die("scores", NULL);
    rank_rows(t, p, kinds, rank);
    for (size_t i = 0; i < t->n; i++) {
        size_t row = rank[i].row, best = most(p + row * kinds, kinds), ok = best == t->label[row];
        found[best]++;
        true_n[t->label[row]]++;
        hit[best] += ok;
        right += ok;
        sure += i < surest(t) ? ok : 0;
    }
    for (uint32_t k = 0; k < kinds; k++) {
        s.f1[k] = found[k] + true_n[k] ? 2.0 * (double)hit[k] / (double)(found[k] + true_n[k]) : 0;
        s.macro_f1 += s.f1[k] / kinds;
    }
    s.accuracy = (double)right / (double)t->n;
    s.sure = (double)sure / (double)surest(t);
    free(rank);
    return s;
}

/* The devices whose days are wrong among the surest: five days and more each, and the rest together. */
static void print_surely_wrong(const set *s, const table *days, const double *p, uint32_t kinds) {
    size_t wrong[DEVICES] = {0}, rest = 0;
    ranked *rank = malloc((days->n + 1) * sizeof *rank);
    if (!rank) quality_die("scores", NULL);
    rank_rows(days, p, kinds, rank);
    for (size_t i = 0; i < surest(days); i++) {
        size_t row = rank[i].row;
        wrong[days->group[row]] += most(p + row * kinds, kinds) != days->label[row];
    }
    printf("  wrong among the %zu surest days:", surest(days));
    for (int d = 0; d < s->devices; d++) {
        if (wrong[d] < 5)
            rest += wrong[d];
        else
            printf(" %s %zu,", s->device[d], wrong[d]);
    }
    printf(" others %zu\n", rest);
    free(rank);
}

static void print_score(const char *what, const score *s) {
    printf("  %-46s %8.3f %9.3f %9.3f\n", what, s->macro_f1, s->accuracy, s->sure);
    fflush(stdout);
}

/* ---------------------------------------------------------------- the folds */

/* Probabilities by models that did not know the device: of a day by its own signature, by that and its runs; of a run. */
typedef struct outcome {
    double *day, *both, *run;
    double *sure;  /* of a day: the answer's confidence */
    double *plain; /* of a run, by the baseline */
} outcome;

static void learn(const dcl_context *context, const set *s, const judged *j, const uint32_t *fold, uint32_t f,
                  dcl_arena *arena, dcl_identifier *out) {
    const char *labels[KINDS];
    static dcl_device device[DEVICES];
    dcl_error error;
    for (uint32_t k = 0; k < j->kinds; k++) labels[k] = s->kind[j->kind[k]];
    for (int d = 0; d < s->devices; d++) {
        int label = j->label[s->kind_of[d]];
        device[d] = (dcl_device){.label = (uint32_t)label, .left_out = label < 0 || fold[d] == f};
    }
    dcl_devices devices = {labels, j->kinds, device, (size_t)s->devices, s->days, s->n};
    dcl_devices_options options = dcl_devices_defaults();
    if (dcl_devices_learn(context, &devices, &options, arena, out, &error)) quality_die("a fold", &error);
    for (size_t v = 0; v < out->n_views; v++)
        fprintf(stderr, "  fold %u, %s: gamma %g / features, %zu vectors\n", f + 1,
                out->view[v].kind == DCL_SIGNATURE_DAY ? "days" : "runs",
                (double)out->view[v].svm.gamma * (double)out->view[v].svm.features, out->view[v].svm.n);
}

/* The baseline: a random forest on what a plain description of a run holds. */
static const uint32_t plain_numbers[] = {DCL_RUN_DURATION_S, DCL_RUN_ENERGY_WH, DCL_RUN_MEAN_W,
                                         DCL_RUN_MAX_W,      DCL_RUN_P50_W,     DCL_RUN_SPREAD};
enum { PLAIN = sizeof plain_numbers / sizeof *plain_numbers };

static void plain_row(const float *run, float *out) {
    for (size_t f = 0; f < PLAIN; f++) out[f] = run[plain_numbers[f]];
}

static void run_baseline(const set *s, const judged *j, const uint32_t *fold, uint32_t f, const table *runs,
                         double *out) {
    table days = {0}, train = {0};
    fill(s, j, fold, f, &days, &train);
    float *x = malloc(train.n * PLAIN * sizeof *x), one[PLAIN];
    if (!x) quality_die("a baseline", NULL);
    for (size_t i = 0; i < train.n; i++) plain_row(train.x + i * train.features, x + i * PLAIN);
    forest_rows rows = {x, train.label, train.n, PLAIN, j->kinds};
    forest grown;
    if (!forest_learn(&rows, f, &grown)) quality_die("a forest", NULL);
    for (size_t i = 0; i < runs->n; i++) {
        if (fold[runs->group[i]] != f) continue;
        plain_row(runs->x + i * runs->features, one);
        forest_probability(&grown, one, j->kinds, out + i * j->kinds);
    }
    forest_free(&grown);
    free(x);
    table_free(&days);
    table_free(&train);
}

static void run_fold(const dcl_context *context, const set *s, const judged *j, const uint32_t *fold,
                     uint32_t f, const table *days, const table *runs, outcome *out) {
    dcl_arena arena = {0};
    dcl_identifier model;
    dcl_answer answer;
    dcl_error error;
    learn(context, s, j, fold, f, &arena, &model);
    for (size_t i = 0; i < days->n; i++) {
        const dcl_load_day *of = &s->days[days->day[i]].at[0];
        if (fold[days->group[i]] != f) continue;
        if (dcl_identify(context->kernels, &model, DCL_SIGNATURE_DAY, of->day, out->day + i * j->kinds,
                         &answer, &error) ||
            dcl_identify_day(context->kernels, &model, of->day, of->run, of->runs.n, out->both + i * j->kinds,
                             &answer, &error))
            quality_die("a day", &error);
        out->sure[i] = answer.confidence;
    }
    for (size_t i = 0; i < runs->n; i++) {
        if (fold[runs->group[i]] != f) continue;
        if (dcl_identify(context->kernels, &model, DCL_SIGNATURE_RUN, runs->x + i * runs->features,
                         out->run + i * j->kinds, &answer, &error))
            quality_die("a run", &error);
    }
    dcl_arena_free(&arena);
}

static void normalise(double *p, uint32_t kinds) {
    double sum = 0;
    for (uint32_t k = 0; k < kinds; k++) sum += p[k];
    for (uint32_t k = 0; k < kinds; k++) p[k] = sum > 0 ? p[k] / sum : 1.0 / kinds;
}

/* Runs vote for their day by energy: vote [days × kinds]. */
static void vote(const table *days, const table *runs, const double *run, uint32_t kinds, double *out) {
    size_t d = 0;
    memset(out, 0, days->n * kinds * sizeof *out);
    for (size_t i = 0; i < runs->n; i++) {
        while (days->day[d] != runs->day[i]) d++;
        for (uint32_t k = 0; k < kinds; k++)
            out[d * kinds + k] += (double)runs->weight[i] * run[i * kinds + k];
    }
    for (size_t i = 0; i < days->n; i++) normalise(out + i * kinds, kinds);
}

/* Runs with their day: the day has heard the run's own vote already, so that counts by its root. */
static void with_day(const table *days, const table *runs, const outcome *out, uint32_t kinds, double *run) {
    size_t d = 0;
    for (size_t i = 0; i < runs->n; i++) {
        while (days->day[d] != runs->day[i]) d++;
        for (uint32_t k = 0; k < kinds; k++)
            run[i * kinds + k] = sqrt(out->run[i * kinds + k]) * out->both[d * kinds + k];
        normalise(run + i * kinds, kinds);
    }
}

/* How often a model that abstains below `least` answers, and how often it is right then. */
static void print_abstention(const table *days, const double *p, const double *sure, uint32_t kinds,
                             double least) {
    size_t said = 0, right = 0;
    for (size_t i = 0; i < days->n; i++) {
        size_t best = most(p + i * kinds, kinds);
        if (sure[i] < least) continue;
        said++;
        right += best == days->label[i];
    }
    printf("  days named at a confidence of %.1f and more: %zu of %zu, %.3f of them rightly\n", least, said,
           days->n, said ? (double)right / (double)said : 0);
}

static void print_kinds(const set *s, const judged *j, const table *days, const double *p, const score *day,
                        const score *run) {
    printf("\n  kind               devices  days   F1 day  F1 run   taken for\n");
    for (uint32_t k = 0; k < j->kinds; k++) {
        size_t n = 0, taken[KINDS] = {0};
        for (size_t i = 0; i < days->n; i++) {
            if (days->label[i] != k) continue;
            n++;
            taken[most(p + i * j->kinds, j->kinds)]++;
        }
        printf("  %-20s %5d %5zu %8.2f %7.2f  ", s->kind[j->kind[k]], s->per_kind[j->kind[k]], n, day->f1[k],
               run->f1[k]);
        for (uint32_t o = 0; o < j->kinds; o++) {
            if (taken[o] && o != k) printf(" %s %zu", s->kind[j->kind[o]], taken[o]);
        }
        printf("\n");
    }
}

/* Folds of whole devices, by the rule that the machines use inside. */
static void deal(const table *days, uint32_t kinds, uint64_t seed, uint32_t *fold) {
    uint32_t *row_fold = malloc(days->n * sizeof *row_fold);
    dcl_rows rows = {days->x, days->label, days->group, days->n, days->features, kinds};
    dcl_error error;
    if (!row_fold || dcl_folds_deal(seed, &rows, FOLDS, row_fold, &error)) quality_die("folds", NULL);
    for (size_t i = 0; i < days->n; i++) fold[days->group[i]] = row_fold[i];
    free(row_fold);
}

static void print_all(const set *s, const judged *j, const table *days, const table *runs,
                      const outcome *out) {
    size_t kinds = j->kinds;
    double *votes = malloc(days->n * kinds * sizeof *votes), *run = malloc(runs->n * kinds * sizeof *run);
    if (!votes || !run) quality_die("probabilities", NULL);
    vote(days, runs, out->run, j->kinds, votes);
    with_day(days, runs, out, j->kinds, run);
    printf("  %-46s %8s %9s %9s\n", "", "macro-F1", "accuracy", "surest 60%");
    double *plain = malloc(days->n * kinds * sizeof *plain);
    if (!plain) quality_die("probabilities", NULL);
    vote(days, runs, out->plain, j->kinds, plain);
    score p = score_of(runs, out->plain, j->kinds), q = score_of(days, plain, j->kinds);
    print_score("baseline: random forest, plain numbers, runs", &p);
    print_score("baseline: vote of its runs by energy, days", &q);
    free(plain);
    score a = score_of(runs, out->run, j->kinds), b = score_of(runs, run, j->kinds);
    print_score("runs, each alone", &a);
    print_score("runs, with their day", &b);
    score c = score_of(days, votes, j->kinds), d = score_of(days, out->day, j->kinds);
    score e = score_of(days, out->both, j->kinds);
    print_score("days, vote of their runs by energy", &c);
    print_score("days, their own signature", &d);
    print_score("days, both", &e);
    for (int least = 5; least <= 9; least += 2)
        print_abstention(days, out->both, out->sure, j->kinds, least / 10.0);
    print_surely_wrong(s, days, out->both, j->kinds);
    print_kinds(s, j, days, out->both, &e, &b);
    free(votes);
    free(run);
}

static void judge_all(const dcl_context *context, const set *s, uint64_t seed) {
    judged j = judge(s);
    table days = {0}, runs = {0};
    uint32_t fold[DEVICES] = {0};
    fill(s, &j, NULL, 0, &days, &runs);
    deal(&days, j.kinds, seed, fold);
    printf("tracebase: %zu days of %u kinds, %zu runs; %d folds of whole devices, seed %llu; %zu days below "
           "1 Wh left "
           "out\n",
           days.n, j.kinds, runs.n, FOLDS, (unsigned long long)seed, s->empty);
    size_t kinds = j.kinds;
    outcome out = {malloc(days.n * kinds * sizeof(double)), malloc(days.n * kinds * sizeof(double)),
                   malloc(runs.n * kinds * sizeof(double)), malloc(days.n * sizeof(double)),
                   malloc(runs.n * kinds * sizeof(double))};
    if (!out.day || !out.both || !out.run || !out.sure || !out.plain) quality_die("probabilities", NULL);
    for (uint32_t f = 0; f < FOLDS; f++) {
        run_baseline(s, &j, fold, f, &runs, out.plain);
        run_fold(context, s, &j, fold, f, &days, &runs, &out);
    }
    print_all(s, &j, &days, &runs, &out);
    free(out.day);
    free(out.both);
    free(out.run);
    free(out.sure);
    free(out.plain);
    table_free(&days);
    table_free(&runs);
}

int main(int argc, char **argv) {
    char path[1024];
    snprintf(path, sizeof path, "%s/tracebase/tracebase.tar.xz", argc > 2 ? argv[2] : DECLIC_DATA);
    dcl_kernels kernels;
    dcl_error error;
    if (dcl_kernels_select(NULL, &kernels, &error)) quality_die("kernels", &error);
    dcl_context context = {
        .kernels = &kernels, .threads = 2, .seed = 1, .now_us = INT64_C(1800000000) * DCL_SECOND_US};
    static set s;
    quality_tracebase(&context, path, &(quality_takers){&s, device_of, add_day});
    judge_all(&context, &s, argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
    dcl_arena_free(&s.arena);
    free(s.days);
    return 0;
}
