#include "quality_cycles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A cycle of a plug by a plain threshold: above ON_W for at least ON_S, pauses below PAUSE_S bridged. */
enum { ON_S = 30, PAUSE_S = 5 };
static const double ON_W = 30, OVERLAP = 0.5, ENERGY_SHARE = 0.2;

typedef struct span {
    int64_t start_s, end_s;
    double energy_wh;
    bool hit;
} span;

static size_t plug_cycles(const float *value, size_t n, span *out) {
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        if (!(value[i] >= ON_W)) {
            i++;
            continue;
        }
        size_t end = i, last = i;
        double energy = 0;
        for (; end < n && end - last <= PAUSE_S && !isnan(value[end]); end++)
            if (value[end] >= ON_W) last = end;
        for (size_t k = i; k <= last; k++) energy += value[k] / 3600.0;
        if (last + 1 - i >= ON_S) out[count++] = (span){(int64_t)i, (int64_t)last + 1, energy, false};
        i = end;
    }
    return count;
}

/* Overlap of two spans as a share of both together. */
static double overlap(int64_t a, int64_t b, int64_t c, int64_t d) {
    int64_t both = (b < d ? b : d) - (a > c ? a : c), all = (b > d ? b : d) - (a < c ? a : c);
    return both > 0 && all > 0 ? (double)both / (double)all : 0;
}

/* Marks the plug cycles that a cycle of the mains covers; one to one, in order of time. */
static size_t match(span *plug, size_t n, const dcl_cycles *found, int64_t start_us, bool *used) {
    size_t hits = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = found->n;
        double best_overlap = OVERLAP;
        for (size_t k = 0; k < found->n; k++) {
            const dcl_cycle *cycle = &found->cycle[k];
            int64_t from = (cycle->start_us - start_us) / DCL_SECOND_US;
            int64_t to = (cycle->end_us - start_us) / DCL_SECOND_US;
            if (from > plug[i].end_s) break;
            if (used[k] || fabs(cycle->energy_wh - plug[i].energy_wh) > ENERGY_SHARE * plug[i].energy_wh)
                continue;
            double o = overlap(from, to, plug[i].start_s, plug[i].end_s);
            if (o >= best_overlap) best_overlap = o, best = k;
        }
        if (best == found->n) continue;
        used[best] = plug[i].hit = true;
        hits++;
    }
    return hits;
}

static void print_plug(const dcl_context *context, const dcl_home *home, const quality_home *truth, size_t p,
                       const dcl_cycles *mains, bool *used) {
    dcl_arena arena = {0};
    dcl_cycles alone;
    dcl_series power = home->truth[p];
    dcl_home plug = {.series = &power, .n_series = 1};
    dcl_cycle_options options = dcl_cycle_defaults();
    span *spans = malloc((truth->n / ON_S + 1) * sizeof *spans);
    bool *used_alone = NULL;
    if (!spans || dcl_cycles_find(context, &plug, &options, NULL, &arena, &alone, NULL) != DCL_OK) abort();
    used_alone = calloc(alone.n + 1, sizeof *used_alone);
    if (!used_alone) abort();
    size_t n = plug_cycles(truth->plug[p], truth->n, spans);
    size_t on_plug = match(spans, n, &alone, power.start_us, used_alone);
    size_t on_mains = match(spans, n, mains, power.start_us, used);
    printf("%-10s %9zu   %9zu %7zu %9zu   %9zu\n", home->truth_name[p], n, alone.n, alone.n_leftover, on_plug,
           on_mains);
    free(spans);
    free(used_alone);
    dcl_arena_free(&arena);
}

void quality_cycles_print(const dcl_context *context, const dcl_home *home, const quality_home *truth) {
    dcl_arena arena = {0};
    dcl_cycles mains;
    dcl_cycle_options options = dcl_cycle_defaults();
    if (dcl_cycles_find(context, home, &options, NULL, &arena, &mains, NULL) != DCL_OK) abort();
    bool *used = calloc(mains.n + 1, sizeof *used);
    if (!used) abort();
    printf("cycles of each plug (above %.0f W for %d s and more), found by overlap >= %.1f and energy +- "
           "%.0f %%\n",
           ON_W, ON_S, OVERLAP, 100 * ENERGY_SHARE);
    printf("%-10s %9s   %9s %7s %9s   %9s\n", "", "", "plug", "", "", "in the");
    printf("%-10s %9s   %9s %7s %9s   %9s\n", "plug", "threshold", "cycles", "left", "matched", "mains");
    for (size_t p = 0; p < truth->plugs; p++) print_plug(context, home, truth, p, &mains, used);
    size_t hits = 0, cut = 0;
    double energy = 0;
    for (size_t i = 0; i < mains.n; i++) {
        hits += used[i];
        cut += (mains.cycle[i].flags & DCL_CYCLE_CUT) != 0;
        energy += mains.cycle[i].energy_wh;
    }
    printf("mains: %zu cycles (%zu cut, %zu matched), %zu steps left over, %.1f kWh in cycles\n", mains.n,
           cut, hits, mains.n_leftover, energy / 1000);
    free(used);
    dcl_arena_free(&arena);
}
