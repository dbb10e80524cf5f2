/* How good the steps and cycles are, measured on ECO house 4 as bench/quality.md says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/kernel.h>

#include "quality_baseline.h"
#include "quality_cycles.h"

/* Results are reported on the first span; parameters were chosen on the others. */
typedef struct period {
    const char *name, *file, *only, *without;
    struct {
        int year, month, day;
    } from;
    int n;
} period;
static const period SPANS[] = {
    {"house 4 without plug 06, 2012-10-01 … 14", "house4.tar.xz", NULL, "06", {2012, 10, 1}, 14},
    {"house 4 without plug 06, 2012-09-11 … 30", "house4.tar.xz", NULL, "06", {2012, 9, 11}, 20},
    {"house 4 without plug 06, 2012-11-07 … 20", "house4.tar.xz", NULL, "06", {2012, 11, 7}, 14},
    {"house 1, plugs 01-03, 2012-10-01 … 14", "house1.tar.xz", "01,02,03", NULL, {2012, 10, 1}, 14}};

static void print_row(const char *name, const quality_home *home, const quality_steps *found) {
    quality_score strict = quality_match(home, found, false), settled = quality_match(home, found, true);
    printf("%-44s %6zu   %.3f %.3f %.3f   %.3f %.3f %.3f\n", name, found->n, strict.precision, strict.recall,
           strict.f1, settled.precision, settled.recall, settled.f1);
}

static void run_detector(const float *value, size_t n, double min_step_w, bool apparent, quality_steps *out) {
    dcl_edge_options options = dcl_edge_defaults();
    options.min_step_w = min_step_w;
    dcl_edge_state state;
    dcl_edge edge[DCL_EDGE_BURST];
    if (dcl_edge_begin(&state, &options, 0, DCL_SECOND_US, apparent) != DCL_OK) abort();
    for (size_t i = 0; i <= n; i++) {
        size_t found = 0;
        if (i == n)
            found = dcl_edge_end(&state, edge);
        else {
            dcl_edge_sample sample = {dcl_edge_quantise(value[i]), DCL_MISSING_I32, DCL_MISSING_I32};
            found = dcl_edge_push(&state, sample, edge);
        }
        for (size_t k = 0; k < found; k++)
            quality_steps_add(out, edge[k].time_us / DCL_SECOND_US, (double)dcl_edge_size(&edge[k]), 0);
    }
}

/* The mains as a meter's historique TIC would give them: rounded to 10 VA, a frame every 1 or 2 s, held
 * between. */
static float *tic_signal(const float *value, size_t n) {
    float *out = malloc((n + 1) * sizeof *out);
    if (!out) abort();
    uint32_t state = 1;
    for (size_t i = 0, next = 0; i < n; i++) {
        bool frame = i >= next || isnan(value[i]) || (i && isnan(out[i - 1]));
        out[i] = frame ? 10 * rintf(value[i] / 10) : out[i - 1];
        if (!frame) continue;
        state = state * 1664525u + 1013904223u; /* which of the two: a fixed pseudo-random order */
        next = i + 1 + (state >> 31);
    }
    return out;
}

static void print_home(const period *days, const quality_home *home) {
    size_t must = 0, restless = 0;
    for (size_t i = 0; i < home->truth.n; i++) must += fabs(home->truth.step[i].size_w) >= 30;
    for (size_t i = 0; i < home->n; i++) restless += home->restless[i];
    printf("%s: %.2f days, %zu steps >= 30 W, %zu of 15-30 W, restless %.1f %% of the time\n", days->name,
           (double)home->present / 86400, must, home->truth.n - must,
           100 * (double)restless / (double)home->n);
}

static void edges(const quality_home *home) {
    quality_steps found = {0};
    float *tic = tic_signal(home->mains, home->n);
    dcl_edge_options defaults = dcl_edge_defaults();
    printf("%-44s %6s   %-17s   %s\n", "", "", "strict", "settled");
    printf("%-44s %6s   %-5s %-5s %-5s   %-5s %-5s %-5s\n", "rule", "found", "prec", "rec", "F1", "prec",
           "rec", "F1");
    quality_threshold_steps(home->mains, home->n, 30, &found);
    print_row("|difference| > 30 W", home, &found);
    found.n = 0;
    quality_hart_steps(home->mains, home->n, 70, 15, &found);
    print_row("Hart, 70 / 15 W", home, &found);
    found.n = 0;
    quality_truth_steps(home->mains, home->n, 0, &found, NULL);
    print_row("the truth's own rule on the mains", home, &found);
    found.n = 0;
    run_detector(home->mains, home->n, defaults.min_step_w, false, &found);
    print_row("declic", home, &found);
    found.n = 0;
    run_detector(home->mains, home->n, 15, false, &found);
    print_row("declic, steps from 15 W", home, &found);
    found.n = 0;
    run_detector(tic, home->n, defaults.min_step_w, true, &found);
    print_row("declic, as TIC (10 VA, a frame every 1-2 s)", home, &found);
    free(tic);
    free(found.step);
}

/* Reads the span; mains and truth share one grid. */
static dcl_status read_home(const char *data, const period *days, dcl_context *context, dcl_arena *arena,
                            dcl_home *home, dcl_error *error) {
    char path[1024];
    snprintf(path, sizeof path, "%s/eco/%s", data, days->file);
    dcl_read_options options = dcl_read_defaults();
    options.period_us = DCL_SECOND_US;
    options.only = days->only;
    options.without = days->without;
    int64_t day = dcl_days_from_date(days->from.year, days->from.month, days->from.day);
    options.from_us = dcl_zone_day_start(context->zone, day);
    options.to_us = dcl_zone_day_start(context->zone, day + days->n);
    return dcl_home_read(context, path, &options, arena, home, error);
}

static quality_home plugs_of(const dcl_home *home) {
    quality_home out = {.plugs = home->n_truth, .n = home->n_truth ? home->truth[0].n : 0};
    out.plug = calloc(out.plugs + 1, sizeof *out.plug);
    if (!out.plug) abort();
    for (size_t p = 0; p < out.plugs; p++) {
        if (home->truth[p].n != out.n || home->truth[p].start_us != home->truth[0].start_us) {
            fprintf(stderr, "quality: the plugs are not on one grid\n");
            exit(1);
        }
        out.plug[p] = home->truth[p].value;
    }
    quality_home_make(&out);
    return out;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "", *data = argc > 2 ? argv[2] : DECLIC_DATA;
    bool is_edges = strcmp(what, "edges") == 0, is_cycles = strcmp(what, "cycles") == 0;
    bool is_coarse = strcmp(what, "coarse") == 0;
    size_t which = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    if ((!is_edges && !is_cycles && !is_coarse) || which >= sizeof SPANS / sizeof *SPANS) {
        fprintf(stderr, "usage: bench/quality edges|cycles|coarse [DATA [SPAN]]\n"
                        "SPAN: 0 the one reported on, 1-3 those that parameters were chosen on\n");
        return 2;
    }
    dcl_error error = {0};
    dcl_arena arena = {0};
    dcl_zone *zone = NULL;
    dcl_kernels kernels;
    dcl_context context = {.kernels = &kernels, .threads = 1};
    dcl_home home;
    if (dcl_kernels_select(NULL, &kernels, &error) != DCL_OK) goto fail;
    if (dcl_zone_open("Europe/Zurich", &zone, &error) != DCL_OK) goto fail;
    context.zone = zone;
    if (read_home(data, &SPANS[which], &context, &arena, &home, &error) != DCL_OK) goto fail;
    quality_home truth = plugs_of(&home);
    print_home(&SPANS[which], &truth);
    if (is_edges)
        edges(&truth);
    else if (is_coarse)
        quality_coarse_print(&context, home.truth[0].start_us, &truth);
    else
        quality_cycles_print(&context, &home, &truth);
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
    return 0;
fail:
    if (error.code == DCL_E_NOT_FOUND)
        fprintf(stderr, "skipped: no ../shared/data\n");
    else
        fprintf(stderr, "quality: %s: %s\n", error.file, error.msg);
    return error.code == DCL_E_NOT_FOUND ? 77 : 1;
}
