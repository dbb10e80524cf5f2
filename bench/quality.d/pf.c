/*
 * What power factor adds: the same machine names steps of the mains by W; by W and VA; by W, VA and var (power factor).
 * usage: bench/quality pf [DATA]
 *
 * A step is labelled by the one sub-meter that moved by the same power at the same time (± 20 %, 10 W at least); other steps
 * are left out and counted. Each group (a day, a block of time, a home) is named by a machine that learned from the others,
 * which chose C and gamma among themselves.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>
#include <declic/town.h>

#include "base/file.h"
#include "quality_tool.h"

enum { KINDS = 32, GROUPS = 8 };

/* Labelled steps of a place. */
typedef struct steps {
    char kind[KINDS][64];
    uint32_t kinds, label[100000], group[100000];
    float x[100000][DCL_STEP_COUNT];
    size_t n, unlabelled;
} steps;

/* ---------------------------------------------------------------- labels */

/* Mean of up to three present samples from `at` on in a direction; NaN where one of them lacks. */
static double level(const dcl_series *s, ptrdiff_t at, int step) {
    double sum = 0;
    for (int k = 0; k < 3; k++, at += step) {
        if (at < 0 || (size_t)at >= s->n || isnan(s->value[at])) return NAN;
        sum += (double)s->value[at];
    }
    return sum / 3;
}

static bool moved_alike(const dcl_series *part, const dcl_edge *edge) {
    if (part->period_us < 1) return false;
    ptrdiff_t before = (ptrdiff_t)((edge->time_us - part->start_us) / part->period_us) - 1;
    ptrdiff_t after = before + 1 + (ptrdiff_t)ceil((double)edge->settle_s * 1e6 / (double)part->period_us);
    /* The part's own samples may change one earlier or later than the mains'. */
    double moved = level(part, after + 1, 1) - level(part, before - 1, -1), size = (double)edge->delta_w;
    return fabs(moved - size) <= fmax(10, 0.2 * fabs(size));
}

static uint32_t kind_of(steps *s, const char *name) {
    for (uint32_t k = 0; k < s->kinds; k++) {
        if (strcmp(s->kind[k], name) == 0) return k;
    }
    if (s->kinds == KINDS) quality_die("too many kinds", NULL);
    snprintf(s->kind[s->kinds], sizeof *s->kind, "%s", name);
    return s->kinds++;
}

/* The steps of a home, group by the share of its span, or `group` where that is not negative. */
static void add_home(const dcl_context *context, const dcl_home *home, int group, steps *s) {
    dcl_arena arena = {0};
    dcl_edges edges;
    dcl_error error;
    dcl_edge_options options = dcl_edge_defaults();
    if (dcl_edges_find(context, home, &options, &arena, &edges, &error)) quality_die("steps", &error);
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    for (size_t i = 0; i < edges.n && s->n < 100000; i++) {
        const dcl_edge *edge = &edges.edge[i];
        size_t movers = 0, which = 0;
        for (size_t t = 0; t < home->n_truth; t++) {
            if (moved_alike(&home->truth[t], edge)) movers++, which = t;
        }
        if (movers != 1) {
            s->unlabelled++;
            continue;
        }
        int64_t span = (int64_t)power->n * power->period_us;
        int64_t block = (edge->time_us - power->start_us) * GROUPS / (span + 1);
        s->label[s->n] = kind_of(s, home->truth_name[which]);
        s->group[s->n] = group < 0 ? (uint32_t)block : (uint32_t)group;
        dcl_signature_step(edge, s->x[s->n++]);
    }
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- homes */

static dcl_series new_series(dcl_arena *arena, dcl_channel channel, size_t n, int64_t period_us) {
    dcl_series out = {.channel = channel, .period_us = period_us, .n = n};
    out.value = dcl_arena_alloc(arena, n, sizeof *out.value);
    if (!out.value) quality_die("a series", NULL);
    return out;
}

/* Numbers of two or three columns of a CSV, row by row, as many rows as there are. */
static size_t read_columns(const char *path, const int *column, size_t n, double (*out)[3], size_t room) {
    char *bytes;
    size_t length, rows = 0;
    dcl_error error;
    if (dcl_file_read(path, 100u << 20, &bytes, &length, &error)) quality_die(path, &error);
    char *line = strchr(bytes, '\n');
    while (line && line[1] && rows < room) {
        line++;
        char *field = line;
        for (int at = 0; field && *field != '\n'; at++) {
            for (size_t c = 0; c < n; c++) {
                if (column[c] == at) out[rows][c] = strtod(field, NULL);
            }
            field += strcspn(field, ",\n");
            field = *field == ',' ? field + 1 : NULL;
        }
        rows++;
        line = strchr(line, '\n');
    }
    free(bytes);
    return rows;
}

/* Mains with W, VA and var from their file, and devices with W: one row a second. */
typedef struct recipe {
    const char *mains, *name[5], *file[5];
    int column[3]; /* of the mains: W and var, or V, A and W */
    bool volts;    /* the latter */
    int device_w;  /* column of a device's W */
} recipe;

static void cook(const char *data, const recipe *of, dcl_arena *arena, dcl_home *home) {
    enum { ROOM = 20000 };
    static double rows[ROOM][3];
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", data, of->mains);
    size_t n = read_columns(path, of->column, of->volts ? 3 : 2, rows, ROOM);
    *home = (dcl_home){.n_series = 3};
    home->series = dcl_arena_alloc(arena, 3, sizeof *home->series);
    home->truth = dcl_arena_alloc(arena, 5, sizeof *home->truth);
    home->truth_name = dcl_arena_alloc(arena, 5, sizeof *home->truth_name);
    if (!home->series || !home->truth || !home->truth_name) quality_die("a home", NULL);
    static const dcl_channel channels[] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR};
    for (size_t c = 0; c < 3; c++) home->series[c] = new_series(arena, channels[c], n, DCL_SECOND_US);
    for (size_t i = 0; i < n; i++) {
        double w = of->volts ? rows[i][2] : rows[i][0];
        double va = of->volts ? rows[i][0] * rows[i][1] : sqrt(w * w + rows[i][1] * rows[i][1]);
        if (va < w) va = w; /* of rounded volts and amperes */
        home->series[0].value[i] = (float)w;
        home->series[1].value[i] = (float)va;
        home->series[2].value[i] = (float)(of->volts ? sqrt(va * va - w * w) : rows[i][1]);
    }
    for (size_t d = 0; d < 5 && of->file[d]; d++) {
        snprintf(path, sizeof path, "%s/%s", data, of->file[d]);
        size_t m = read_columns(path, &of->device_w, 1, rows, ROOM);
        dcl_series part = new_series(arena, DCL_POWER_W, m, DCL_SECOND_US);
        for (size_t i = 0; i < m; i++) part.value[i] = (float)rows[i][0];
        home->truth[home->n_truth] = part;
        snprintf(home->truth_name[home->n_truth++], sizeof *home->truth_name, "%s", of->name[d]);
    }
}

/* AMPds2 has P and Q of the mains; VA follows. */
static void read_ampds(const dcl_context *context, const char *data, dcl_arena *arena, dcl_home *home) {
    char path[1024];
    dcl_error error;
    dcl_read_options options = dcl_read_defaults();
    snprintf(path, sizeof path, "%s/ampds2/ampds2_2013-11-21_27_1min.csv", data);
    if (dcl_home_read(context, path, &options, arena, home, &error)) quality_die(path, &error);
    const dcl_series *w = dcl_home_series(home, DCL_POWER_W), *var = dcl_home_series(home, DCL_REACTIVE_VAR);
    dcl_series *all = dcl_arena_alloc(arena, 3, sizeof *all);
    if (!all) quality_die("a home", NULL);
    all[0] = *w;
    all[1] = new_series(arena, DCL_APPARENT_VA, w->n, w->period_us);
    all[1].start_us = w->start_us;
    all[2] = *var;
    for (size_t i = 0; i < w->n; i++) all[1].value[i] = hypotf(w->value[i], var->value[i]);
    home->series = all;
    home->n_series = 3;
}

/* ---------------------------------------------------------------- judging */

typedef struct result {
    double f1[KINDS], macro, accuracy;
} result;

static const uint32_t sets[3][DCL_STEP_COUNT] = {
    {DCL_STEP_SIZE_W, DCL_STEP_OVERSHOOT, DCL_STEP_SETTLE_S},
    {DCL_STEP_SIZE_W, DCL_STEP_OVERSHOOT, DCL_STEP_SETTLE_S, DCL_STEP_SIZE_VA, DCL_STEP_VA_PER_W},
    {DCL_STEP_SIZE_W, DCL_STEP_OVERSHOOT, DCL_STEP_SETTLE_S, DCL_STEP_SIZE_VA, DCL_STEP_VA_PER_W,
     DCL_STEP_SIZE_VAR, DCL_STEP_POWER_FACTOR},
};
static const size_t set_sizes[3] = {3, 5, 7};

/* Names the steps of one group by a machine of the others. Where those hold a single kind, it is that one. */
static void name_group(const dcl_context *context, const steps *s, uint32_t group, size_t set,
                       uint32_t *named) {
    size_t features = set_sizes[set], n = 0;
    float *x = malloc(s->n * features * sizeof *x), one[DCL_STEP_COUNT];
    uint32_t *of = malloc(2 * s->n * sizeof *of);
    if (!x || !of) quality_die("rows", NULL);
    for (size_t i = 0; i < s->n; i++) {
        if (s->group[i] == group) continue;
        for (size_t f = 0; f < features; f++) x[n * features + f] = s->x[i][sets[set][f]];
        of[n] = s->label[i];
        of[s->n + n++] = s->group[i];
    }
    dcl_rows rows = {x, of, of + s->n, n, features, s->kinds};
    dcl_svm_options options = {.c = {1, 8}, .gamma = {0.5, 2}, .n_c = 2, .n_gamma = 2, .folds = 4};
    dcl_arena arena = {0};
    dcl_svm svm;
    dcl_status status = dcl_svm_learn(context, &rows, &options, &arena, &svm, NULL, NULL);
    float *scratch = status ? NULL : malloc(dcl_svm_scratch(&svm) * sizeof *scratch);
    for (size_t i = 0; i < s->n; i++) {
        if (s->group[i] != group) continue;
        for (size_t f = 0; f < features; f++) one[f] = s->x[i][sets[set][f]];
        named[i] = scratch ? dcl_svm_label(context->kernels, &svm, one, scratch) : n ? of[0] : UINT32_MAX;
    }
    free(scratch);
    dcl_arena_free(&arena);
    free(x);
    free(of);
}

static result judge(const dcl_context *context, const steps *s, size_t set) {
    result r = {.macro = 0};
    uint32_t *named = malloc((s->n + 1) * sizeof *named);
    if (!named) quality_die("names", NULL);
    for (uint32_t g = 0; g < GROUPS; g++) name_group(context, s, g, set, named);
    size_t right = 0, judged = 0;
    for (uint32_t k = 0; k < s->kinds; k++) {
        size_t hit = 0, found = 0, there = 0;
        for (size_t i = 0; i < s->n; i++) {
            hit += named[i] == k && s->label[i] == k;
            found += named[i] == k;
            there += s->label[i] == k;
        }
        right += hit;
        judged += there > 0;
        r.f1[k] = found + there ? 2.0 * (double)hit / (double)(found + there) : 0;
        r.macro += r.f1[k];
    }
    r.macro /= (double)judged;
    r.accuracy = (double)right / (double)s->n;
    free(named);
    return r;
}

static void print_place(const dcl_context *context, const char *place, const steps *s) {
    static const char *const names[] = {"W", "W, VA", "W, VA, var"};
    printf("\n%s: %zu steps labelled, %zu not\n  %-24s", place, s->n, s->unlabelled, "");
    if (s->n < 2 || s->kinds < 2) {
        printf("too few to judge\n");
        return;
    }
    result r[3];
    for (size_t set = 0; set < 3; set++) {
        r[set] = judge(context, s, set);
        printf("%12s", names[set]);
    }
    for (uint32_t k = 0; k < s->kinds; k++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) n += s->label[i] == k;
        printf("\n  F1 %-16s %4zu", s->kind[k], n);
        for (size_t set = 0; set < 3; set++) printf("%12.3f", r[set].f1[k]);
    }
    printf("\n  %-24s%12.3f%12.3f%12.3f\n", "macro-F1", r[0].macro, r[1].macro, r[2].macro);
    printf("  %-24s%12.3f%12.3f%12.3f\n", "accuracy", r[0].accuracy, r[1].accuracy, r[2].accuracy);
    fflush(stdout);
}

static void town(const dcl_context *context, steps *s) {
    for (uint32_t home = 0; home < GROUPS; home++) {
        dcl_arena arena = {0};
        dcl_home of;
        dcl_error error;
        dcl_town_options options = dcl_town_defaults();
        options.days = 1;
        options.home = home;
        if (dcl_town_home(context, &options, &arena, &of, NULL, &error)) quality_die("town", &error);
        add_home(context, &of, (int)home, s);
        dcl_arena_free(&arena);
    }
}

int main(int argc, char **argv) {
    static const recipe lab = {"lab/train/main.csv",
                               {"kettle", "vacuum"},
                               {"lab/train/kettle.csv", "lab/train/vacuum.csv"},
                               {5, 6, 0},
                               false,
                               5};
    static const recipe ompm = {"ompm/1_mains.csv",
                                {"fan", "laptop", "incandescent lamp", "LED lamp", "monitor"},
                                {"ompm/2_fan.csv", "ompm/3_laptop_computer.csv",
                                 "ompm/4_incandescent_lamp.csv", "ompm/5_LED_lamp.csv",
                                 "ompm/6_fryer_label_suspect.csv"},
                                {2, 3, 4},
                                true,
                                4};
    const char *data = argc > 2 ? argv[2] : DECLIC_DATA;
    static steps s;
    dcl_kernels kernels;
    dcl_zone *zone = NULL;
    dcl_error error;
    if (dcl_kernels_select(NULL, &kernels, &error) || dcl_zone_open("Europe/Paris", &zone, &error))
        quality_die("start", &error);
    dcl_context context = {.kernels = &kernels, .threads = 2, .seed = 1, .zone = zone};
    context.now_us = INT64_C(1800000000) * DCL_SECOND_US;
    dcl_arena arena = {0};
    dcl_home home;

    read_ampds(&context, data, &arena, &home);
    add_home(&context, &home, -1, &s);
    print_place(&context, "AMPds2, minutes, 8 blocks of time", &s);

    memset(&s, 0, sizeof s);
    cook(data, &ompm, &arena, &home);
    add_home(&context, &home, -1, &s);
    print_place(&context, "ompm, seconds, var without sign, 8 blocks of time", &s);

    memset(&s, 0, sizeof s);
    cook(data, &lab, &arena, &home);
    add_home(&context, &home, -1, &s);
    print_place(&context, "lab, seconds, 8 blocks of time", &s);

    memset(&s, 0, sizeof s);
    town(&context, &s);
    print_place(&context, "simulated homes, seconds, 8 homes, a day each", &s);
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
    return 0;
}
