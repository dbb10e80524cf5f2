/*
 * How well the power of appliances is told from the mains, as bench/homes.md says: quality homes [DATA [PART [KEY=VALUE…]]].
 * Keys: copies, rows, rounds, seed; the word `alone` leaves the references out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_power.h>
#include <declic/kernel.h>
#include <declic/learn.h>

#include "homes_reference.h"
#include "quality_tool.h"

enum { PARTS_MAX = REF_PARTS };

typedef struct bench {
    dcl_context context;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_arena arena;
    const char *data;
    dcl_power_options options;
    bool alone; /* without the references */
} bench;

/* ---------------------------------------------------------------- what is compared */

typedef struct estimate {
    const char *name;
    float *part[PARTS_MAX];
} estimate;

typedef struct split {
    const dcl_home *train, *test;
    size_t n, parts;
    const float *truth[PARTS_MAX];
} split;

static split make_split(const dcl_home *train, const dcl_home *test) {
    split s = {.train = train, .test = test, .parts = test->n_truth};
    const dcl_series *mains = dcl_home_series(test, DCL_POWER_W);
    s.n = mains->n;
    for (size_t a = 0; a < s.parts; a++) {
        float *value = malloc(s.n * sizeof *value);
        if (!value) abort();
        int64_t shift = (mains->start_us - test->truth[a].start_us) / mains->period_us;
        for (size_t i = 0; i < s.n; i++) {
            int64_t at = (int64_t)i + shift;
            bool inside = at >= 0 && at < (int64_t)test->truth[a].n && !isnan(mains->value[i]);
            value[i] = inside ? test->truth[a].value[at] : NAN;
        }
        s.truth[a] = value;
    }
    return s;
}

static void print_head(const split *s) {
    printf("%-26s %6s", "", "TECA");
    for (size_t a = 0; a < s->parts; a++) printf("  %15.15s", s->test->truth_name[a]);
    printf("\n%-26s %6s", "", "");
    for (size_t a = 0; a < s->parts; a++) printf("  %7s %7s", "rootNDE", "F1");
    printf("\n");
}

static void print_row(const split *s, const estimate *e, int64_t period_us) {
    dcl_score_options options = dcl_score_defaults();
    const float *part[PARTS_MAX];
    for (size_t a = 0; a < s->parts; a++) part[a] = e->part[a];
    printf(
        "%-19s %6.3f %6.3f", e->name, dcl_score_teca(s->truth, part, s->parts, NULL, s->n, NULL),
        dcl_score_teca(s->truth, part, s->parts, dcl_home_series(s->test, DCL_POWER_W)->value, s->n, NULL));
    for (size_t a = 0; a < s->parts; a++) {
        dcl_score score;
        dcl_error error = {0};
        quality_check(dcl_score_power(s->truth[a], part[a], s->n, period_us, &options, &score, &error),
                      &error);
        printf("  %7.3f %7.3f", score.nde_root, score.f1);
    }
    printf("\n");
    fflush(stdout);
}

/*
 * Where the error of one appliance lies, as shares of its Σ y², which add up to NDE; and what an oracle would have that knew when
 * it is on and gave it one power.
 */
static void print_shares(const float *truth, const float *got, size_t n) {
    double on_w = dcl_score_on_w(truth, n), all = 0, level = 0, share[2][2] = {{0}}, oracle = 0;
    size_t on = 0;
    for (size_t i = 0; i < n; i++)
        if ((double)truth[i] > on_w) level += (double)truth[i], on++;
    for (size_t i = 0; i < n; i++) {
        double y = (double)truth[i], x = (double)got[i];
        if (isnan(y) || isnan(x)) continue;
        double best = y > on_w ? level / (double)on : 0;
        all += y * y;
        share[y > on_w][x > on_w] += (x - y) * (x - y);
        oracle += (best - y) * (best - y);
    }
    printf("  NDE without the root %.3f: level %.3f, missed %.3f, said to be on %.3f, off %.3f; with the "
           "true on and off, one level: rootNDE %.3f\n",
           (share[0][0] + share[0][1] + share[1][0] + share[1][1]) / all, share[1][1] / all,
           share[1][0] / all, share[0][1] / all, share[0][0] / all, sqrt(oracle / all));
}

static void ours(bench *b, const split *s, bool other_home) {
    dcl_error error = {0};
    dcl_power_model *model = NULL;
    dcl_power_estimate got;
    double t0 = quality_seconds(CLOCK_PROCESS_CPUTIME_ID);
    quality_check(dcl_power_learn(&b->context, s->train, 1, &b->options, &model, &error), &error);
    double t1 = quality_seconds(CLOCK_PROCESS_CPUTIME_ID);
    quality_check(dcl_power_estimate_home(&b->context, model, s->test, other_home, &b->arena, &got, &error),
                  &error);
    double t2 = quality_seconds(CLOCK_PROCESS_CPUTIME_ID);
    estimate e = {.name = "declic"};
    for (size_t a = 0; a < s->parts; a++) {
        e.part[a] = malloc(s->n * sizeof(float));
        size_t c = 0;
        while (c < got.n_channels && strcmp(got.channel[c].name, s->test->truth_name[a]) != 0) c++;
        for (size_t i = 0; i < s->n; i++) {
            int32_t level = c < got.n_channels ? got.channel[c].level[i] : 0;
            e.part[a][i] = level == DCL_MISSING_I32 ? NAN : (float)level / 10;
        }
    }
    print_row(s, &e, got.period_us);
    if (other_home) print_shares(s->truth[0], e.part[0], s->n);
    dcl_power_about about = dcl_power_describe(model);
    printf("  %zu features, %zu trees; training %.1f s, inference %.3f s a day of %.0f samples\n",
           about.features, about.trees, t1 - t0,
           (t2 - t1) / ((double)s->n * (double)got.period_us / (double)DCL_DAY_US),
           (double)DCL_DAY_US / (double)got.period_us);
    for (size_t a = 0; a < about.n; a++)
        printf("  held %s %.3f/%.3f (quiet %.0f W)", about.known[a].name, about.known[a].held_nde_root,
               about.known[a].held_f1, about.known[a].quiet_w);
    printf("\n");
    dcl_power_close(&model);
}

/* The truth of a home on the grid of its mains, for the references. */
static ref_data data_of(const dcl_home *home) {
    split s = make_split(home, home);
    const dcl_series *mains = dcl_home_series(home, DCL_POWER_W);
    ref_data d = {.n = s.n, .parts = s.parts, .period_us = mains->period_us, .start_us = mains->start_us};
    d.mains = mains->value;
    for (size_t a = 0; a < s.parts; a++) d.truth[a] = s.truth[a];
    return d;
}

static void references(bench *b, const split *s) {
    ref_data train = data_of(s->train), test = data_of(s->test);
    size_t day = (size_t)(DCL_DAY_US / test.period_us);
    estimate e = {0};
    for (size_t a = 0; a < s->parts; a++) e.part[a] = ref_alloc(s->n, sizeof(float));
    for (int r = 0; r < 5; r++) {
        static const char *const names[] = {"always the mean", "combinatorial opt.", "Hart", "factorial HMM",
                                            "plain booster"};
        if (r == 0) ref_mean(&train, s->n, e.part);
        if (r == 1) ref_co(&train, test.mains, s->n, e.part);
        if (r == 2) ref_hart(&train, test.mains, s->n, e.part);
        if (r == 3) ref_fhmm(&train, test.mains, s->n, day, e.part);
        if (r == 4) ref_booster(&b->context, &train, &test, e.part);
        e.name = names[r];
        print_row(s, &e, test.period_us);
    }
    for (size_t a = 0; a < s->parts; a++) free(e.part[a]);
}

static void compare(bench *b, const dcl_home *train, const dcl_home *test) {
    split s = make_split(train, test);
    print_head(&s);
    if (!b->alone) references(b, &s);
    ours(b, &s, false);
}

/* ---------------------------------------------------------------- the homes */

static dcl_home read_house(bench *b, const char *file, int64_t period_s, const char *only,
                           const char *without, int from, int to) {
    char path[1024];
    dcl_home home;
    dcl_error error = {0};
    snprintf(path, sizeof path, "%s/%s", b->data, file);
    dcl_read_options options = dcl_read_defaults();
    options.period_us = period_s * DCL_SECOND_US;
    options.only = only;
    options.without = without;
    options.zone = b->zone;
    if (from) options.from_us = quality_day_start(b->zone, from);
    if (to) options.to_us = quality_day_start(b->zone, to);
    quality_check(dcl_home_read(&b->context, path, &options, &b->arena, &home, &error), &error);
    return home;
}

static dcl_home read_home(bench *b, const char *file, int64_t period_s, const char *without, int from,
                          int to) {
    return read_house(b, file, period_s, NULL, without, from, to);
}

static void uci(bench *b, int64_t period_s) {
    quality_open_zone("Europe/Paris", &b->zone, &b->context);
    dcl_home train = read_home(b, "uci/household_power_consumption_minutes.txt", period_s, NULL, 0, 20070103);
    dcl_home test = read_home(b, "uci/household_power_consumption_minutes.txt", period_s, NULL, 20070103, 0);
    printf("\nUCI, %d s: 2006-12-16 … 2007-01-02 → 2007-01-03 … 11\n", (int)period_s);
    compare(b, &train, &test);
}

/* The plugs of house 1 upon the mains of house 4: what no model knows. */
static void add_stranger(bench *b, dcl_home *home, int from, int to) {
    dcl_home other = read_house(b, "eco/house1.tar.xz", 10, "01,02,03", NULL, from, to);
    const dcl_series *mains = dcl_home_series(home, DCL_POWER_W);
    for (size_t p = 0; p < other.n_truth; p++) {
        const dcl_series *part = &other.truth[p];
        int64_t shift = (mains->start_us - part->start_us) / part->period_us;
        for (size_t i = 0; i < mains->n; i++) {
            int64_t at = (int64_t)i + shift;
            if (at >= 0 && at < (int64_t)part->n && !isnan(part->value[at]))
                mains->value[i] += part->value[at];
        }
    }
}

static void eco(bench *b, int span, bool stranger) {
    static const int spans[][4] = {{20120628, 20120726, 20120726, 20120823},
                                   {20120911, 20121002, 20121002, 20121016}};
    quality_open_zone("Europe/Zurich", &b->zone, &b->context);
    const int *at = spans[span];
    dcl_home train = read_home(b, "eco/house4.tar.xz", 10, "06", at[0], at[1]);
    dcl_home test = read_home(b, "eco/house4.tar.xz", 10, "06", at[2], at[3]);
    if (stranger) add_stranger(b, &train, at[0], at[1]), add_stranger(b, &test, at[2], at[3]);
    printf("\nECO house 4%s, 10 s: %d … → %d … %d\n",
           stranger ? " and the plugs of house 1 as unknown load" : "", at[0], at[2], at[3]);
    compare(b, &train, &test);
}

/* The week of AMPds2: its own CSV, local time of Vancouver in winter. */
static dcl_home ampds(bench *b, bool reactive, size_t from, size_t n) {
    enum { ROWS = 10080, PARTS = 4 };
    static const char *const names[PARTS] = {"dishwasher", "fridge", "basement", "heat_pump"};
    char path[1024], line[512];
    snprintf(path, sizeof path, "%s/ampds2/ampds2_2013-11-21_27_1min.csv", b->data);
    FILE *file = fopen(path, "r");
    dcl_error error = {0};
    if (!file || !fgets(line, sizeof line, file)) quality_check(DCL_E_NOT_FOUND, &error);
    float *value[2 + PARTS];
    for (size_t c = 0; c < 2 + PARTS; c++) value[c] = dcl_arena_alloc(&b->arena, ROWS, sizeof **value);
    for (size_t i = 0; i < ROWS && fgets(line, sizeof line, file); i++) {
        char *at = strchr(line, ',');
        for (size_t c = 0; at && c < 2 + PARTS; c++, at = strchr(at + 1, ','))
            value[c][i] = strtof(at + 1, NULL);
    }
    fclose(file);
    int64_t start_us = quality_day_start(b->zone, 20131121) + (int64_t)from * DCL_MINUTE_US;
    dcl_home home = {.id = "ampds2", .n_series = reactive ? 2 : 1, .n_truth = PARTS, .subscribed_kva = NAN};
    home.series = dcl_arena_alloc(&b->arena, 2, sizeof *home.series);
    home.truth = dcl_arena_alloc(&b->arena, PARTS, sizeof *home.truth);
    home.truth_name = dcl_arena_alloc(&b->arena, PARTS, sizeof *home.truth_name);
    for (size_t c = 0; c < 2 + PARTS; c++) {
        dcl_series series = {
            c == 1 ? DCL_REACTIVE_VAR : DCL_POWER_W, start_us, DCL_MINUTE_US, 0, n, value[c] + from};
        if (c < 2) {
            if (c < home.n_series) home.series[c] = series;
        } else {
            home.truth[c - 2] = series, strcpy(home.truth_name[c - 2], names[c - 2]);
        }
    }
    return home;
}

static void ampds_week(bench *b, bool reactive) {
    quality_open_zone("America/Vancouver", &b->zone, &b->context);
    dcl_home train = ampds(b, reactive, 0, 5 * 1440), test = ampds(b, reactive, 5 * 1440, 2 * 1440);
    printf("\nAMPds2, 60 s, %s: 2013-11-21 … 25 → 26, 27\n", reactive ? "P and Q" : "P");
    compare(b, &train, &test);
}

/* The fridge of a home that the model has not seen, learned in the other one. */
static void fridge(bench *b, int learned, int judged, int from, int to) {
    static const struct {
        const char *file, *only, *without;
    } house[] = {{"eco/house1.tar.xz", "01,02,03", NULL}, {"eco/house4.tar.xz", NULL, "06"}};
    quality_open_zone("Europe/Zurich", &b->zone, &b->context);
    dcl_home train = read_house(b, house[learned].file, 10, house[learned].only, house[learned].without,
                                20120911, 20121002);
    dcl_home test =
        read_house(b, house[judged].file, 10, house[judged].only, house[judged].without, from, to);
    dcl_home one = test;
    size_t plug = 0;
    while (plug < train.n_truth && strcmp(train.truth_name[plug], "plug_01") != 0) plug++;
    train.truth += plug, train.truth_name += plug, train.n_truth = 1;
    for (plug = 0; strcmp(test.truth_name[plug], "plug_01") != 0;) plug++;
    one.truth += plug, one.truth_name += plug, one.n_truth = 1;
    split s = make_split(&train, &one);
    printf("\nFridge, 10 s: house %d, 20120911 … 1001 → house %d, %d … %d\n", learned ? 4 : 1, judged ? 4 : 1,
           from, to);
    print_head(&s);
    if (!b->alone) references(b, &s);
    ours(b, &s, true);
}

int main(int argc, char **argv) {
    const char *part = argc > 3 ? argv[3] : "all";
    static const char *const parts[] = {"all", "eco", "eco1", "stranger", "fridge", "ampds", "uci30", "uci1"};
    bool known = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) known = known || strcmp(part, parts[i]) == 0;
    if (!known) {
        fprintf(stderr, "usage: bench/quality homes [DATA [all|eco|eco1|stranger|fridge|ampds|uci30|uci1 "
                        "[KEY=VALUE…]]]\n");
        return 2;
    }
    bench b = {.data = argc > 2 ? argv[2] : DECLIC_DATA, .options = dcl_power_defaults()};
    dcl_error error = {0};
    quality_check(dcl_kernels_select(NULL, &b.kernels, &error), &error);
    b.context = (dcl_context){.kernels = &b.kernels, .threads = 1, .seed = 1};
    for (int i = 4; i < argc; i++) {
        if (strncmp(argv[i], "copies=", 7) == 0) b.options.copies = atoi(argv[i] + 7);
        if (strncmp(argv[i], "rows=", 5) == 0) b.options.rows = atoi(argv[i] + 5);
        if (strncmp(argv[i], "rounds=", 7) == 0) b.options.rounds = atoi(argv[i] + 7);
        if (strcmp(argv[i], "alone") == 0) b.alone = true;
        if (strncmp(argv[i], "seed=", 5) == 0) b.context.seed = (uint64_t)atoi(argv[i] + 5);
    }
    bool all = strcmp(part, "all") == 0;
    if (all || strcmp(part, "uci30") == 0) uci(&b, 1800);
    if (all || strcmp(part, "uci1") == 0) uci(&b, 60);
    if (all || strcmp(part, "ampds") == 0) ampds_week(&b, false), ampds_week(&b, true);
    if (all || strcmp(part, "eco") == 0) eco(&b, 0, false);
    if (all || strcmp(part, "stranger") == 0) eco(&b, 0, true);
    if (strcmp(part, "eco1") == 0) eco(&b, 1, false);
    if (all || strcmp(part, "fridge") == 0) {
        static const int days[][2] = {{20120726, 20120823}, {20121002, 20121016}};
        for (int d = 0; d < 2; d++)
            fridge(&b, 1, 0, days[d][0], days[d][1]), fridge(&b, 0, 1, days[d][0], days[d][1]);
    }
    dcl_arena_free(&b.arena);
    dcl_zone_close(&b.zone);
    return 0;
}
