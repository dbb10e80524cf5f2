/* What a load curve of minutes to half hours still shows of the cycles of single plugs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "quality_cycles.h"

/* Energies of cycles, Wh. */
enum { CLASSES = 6, PERIODS = 2 };
static const double FROM_WH[CLASSES] = {0, 50, 100, 200, 500, 1000};
static const char *const CLASS_NAME[CLASSES] = {"< 50 Wh",    "50-100 Wh",   "100-200 Wh",
                                                "200-500 Wh", "500-1000 Wh", "> 1000 Wh"};
static const int PERIOD_S[PERIODS] = {600, 1800};
static const double COVER = 0.5, ENERGY_SHARE = 0.2;

/* Of one period: cycles found, how many of them hold one of a plug, and by energy of the true cycles how many lie in one
 * that is found ("in") and in one of the same energy, too ("energy"). */
typedef struct tally {
    size_t found, holding, in[CLASSES], energy[CLASSES];
} tally;

/* Means of `period` samples; NaN where less than half are there. */
static dcl_series averaged(const quality_home *truth, int64_t start_us, int period) {
    dcl_series out = {.channel = DCL_POWER_W,
                      .start_us = start_us,
                      .period_us = period * DCL_SECOND_US,
                      .n = truth->n / (size_t)period};
    out.value = malloc((out.n + 1) * sizeof *out.value);
    if (!out.value) abort();
    for (size_t i = 0; i < out.n; i++) {
        double sum = 0;
        int present = 0;
        for (int k = 0; k < period; k++) {
            float value = truth->mains[i * (size_t)period + (size_t)k];
            if (!isnan(value)) sum += (double)value, present++;
        }
        out.value[i] = 2 * present >= period ? (float)(sum / present) : NAN;
    }
    return out;
}

/* The found cycle that covers at least half of a true one and begins at most an interval from it; n = none. */
static size_t holder_of(const quality_span *want, const dcl_cycles *found, int64_t start_us, int period) {
    size_t best = found->n;
    double most = COVER * (double)(want->end_s - want->start_s);
    for (size_t k = 0; k < found->n; k++) {
        int64_t from = (found->cycle[k].start_us - start_us) / DCL_SECOND_US;
        int64_t to = (found->cycle[k].end_us - start_us) / DCL_SECOND_US;
        int64_t both = (to < want->end_s ? to : want->end_s) - (from > want->start_s ? from : want->start_s);
        if (llabs(from - want->start_s) > period || (double)both < most) continue;
        best = k, most = (double)both;
    }
    return best;
}

static size_t class_of(double energy_wh) {
    size_t c = 0;
    while (c + 1 < CLASSES && energy_wh >= FROM_WH[c + 1]) c++;
    return c;
}

static tally tally_of(const dcl_context *context, int64_t start_us, const quality_home *truth, int period,
                      const quality_span *spans, size_t n) {
    tally out = {0};
    dcl_arena arena = {0};
    dcl_cycles found;
    dcl_series series = averaged(truth, start_us, period);
    dcl_home home = {.series = &series, .n_series = 1};
    dcl_cycle_options options = dcl_cycle_defaults();
    if (dcl_cycles_find(context, &home, &options, NULL, &arena, &found, NULL) != DCL_OK) abort();
    bool *holds = calloc(found.n + 1, sizeof *holds);
    if (!holds) abort();
    for (size_t i = 0; i < n; i++) {
        size_t k = holder_of(&spans[i], &found, start_us, period), c = class_of(spans[i].energy_wh);
        if (k == found.n) continue;
        out.in[c]++;
        out.energy[c] +=
            fabs(found.cycle[k].energy_wh - spans[i].energy_wh) <= ENERGY_SHARE * spans[i].energy_wh;
        holds[k] = true;
    }
    out.found = found.n;
    for (size_t k = 0; k < found.n; k++) out.holding += holds[k];
    free(holds);
    free(series.value);
    dcl_arena_free(&arena);
    return out;
}

static void print_table(const dcl_context *context, int64_t start_us, const quality_home *truth,
                        const quality_span *spans, size_t n, const char *which) {
    size_t count[CLASSES] = {0};
    tally t[PERIODS];
    for (size_t i = 0; i < n; i++) count[class_of(spans[i].energy_wh)]++;
    for (int k = 0; k < PERIODS; k++) t[k] = tally_of(context, start_us, truth, PERIOD_S[k], spans, n);
    printf("%-12s %6s   %6s %6s   %6s %6s\n", which, "", "10 min", "", "30 min", "");
    printf("%-12s %6s   %6s %6s   %6s %6s\n", "energy", "n", "in", "energy", "in", "energy");
    for (size_t c = 0; c < CLASSES; c++) {
        double all = count[c] ? (double)count[c] : NAN;
        printf("%-12s %6zu", CLASS_NAME[c], count[c]);
        for (int k = 0; k < PERIODS; k++)
            printf("   %6.2f %6.2f", (double)t[k].in[c] / all, (double)t[k].energy[c] / all);
        printf("\n");
    }
    for (int k = 0; k < PERIODS; k++)
        printf("%d min: %zu cycles found, %zu of them hold one of these\n", PERIOD_S[k] / 60, t[k].found,
               t[k].holding);
}

void quality_coarse_print(const dcl_context *context, int64_t start_us, const quality_home *truth) {
    size_t n = 0, large = 0;
    double rise_w = dcl_cycle_defaults().coarse_rise_w;
    quality_span *spans = malloc(truth->plugs * (truth->n / QUALITY_ON_S + 1) * sizeof *spans);
    if (!spans) abort();
    for (size_t p = 0; p < truth->plugs; p++) n += quality_plug_cycles(truth->plug[p], truth->n, spans + n);
    printf("cycles of the plugs (above %.0f W for %d s and more) in the mains averaged: covered by half or "
           "more, "
           "from at most one interval off (in); and of the same energy +- %.0f %% (energy)\n",
           QUALITY_ON_W, QUALITY_ON_S, 100 * ENERGY_SHARE);
    print_table(context, start_us, truth, spans, n, "all");
    for (size_t i = 0; i < n; i++)
        if (spans[i].energy_wh * 3600 >= rise_w * (double)(spans[i].end_s - spans[i].start_s))
            spans[large++] = spans[i];
    char which[32];
    snprintf(which, sizeof which, "mean >= %.0f W", rise_w);
    print_table(context, start_us, truth, spans, large, which);
    free(spans);
}
