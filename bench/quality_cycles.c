#include "quality_cycles.h"

#include "quality_greedy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pauses below PAUSE_S are bridged. */
enum { ON_S = QUALITY_ON_S, PAUSE_S = 5 };
static const double ON_W = QUALITY_ON_W, OVERLAP = 0.5, ENERGY_SHARE = 0.2;

typedef quality_span span;

size_t quality_plug_cycles(const float *value, size_t n, quality_span *out) {
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

/* Sizes of loads by their mean power, W. */
enum { SIZES = 5 };
static const double SIZE_FROM[SIZES] = {0, 30, 100, 300, 1000};
static const char *const SIZE_NAME[SIZES] = {"< 30 W", "30-100 W", "100-300 W", "300-1000 W", "> 1000 W"};

static size_t size_class(double mean_w) {
    size_t size = 0;
    while (size + 1 < SIZES && mean_w >= SIZE_FROM[size + 1]) size++;
    return size;
}

static double span_mean_w(const span *s) {
    return s->energy_wh * 3600 / (double)(s->end_s - s->start_s);
}

/* Cycles as spans, in order of start, of which each takes at most one true cycle. */
typedef struct spans {
    span *span;
    size_t n;
} spans;

static spans spans_of(const dcl_cycles *cycles, int64_t start_us) {
    spans out = {.span = calloc(cycles->n + 1, sizeof *out.span)};
    if (!out.span) abort();
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *cycle = &cycles->cycle[i];
        out.span[out.n++] = (span){(cycle->start_us - start_us) / DCL_SECOND_US,
                                   (cycle->end_us - start_us) / DCL_SECOND_US, cycle->energy_wh, false};
    }
    return out;
}

/* Marks the true cycles that a found one covers, and that one; one to one, in order of time. */
static size_t match(spans truth, spans found) {
    size_t hits = 0;
    for (size_t i = 0; i < truth.n; i++) {
        span *want = &truth.span[i], *best = NULL;
        double best_overlap = OVERLAP;
        for (size_t k = 0; k < found.n && found.span[k].start_s <= want->end_s; k++) {
            span *got = &found.span[k];
            if (got->hit || want->hit ||
                fabs(got->energy_wh - want->energy_wh) > ENERGY_SHARE * want->energy_wh)
                continue;
            double o = overlap(got->start_s, got->end_s, want->start_s, want->end_s);
            if (o >= best_overlap) best_overlap = o, best = got;
        }
        if (!best) continue;
        best->hit = want->hit = true;
        hits++;
    }
    return hits;
}

static void unmark(spans s) {
    for (size_t i = 0; i < s.n; i++) s.span[i].hit = false;
}

static spans copy_of(spans s) {
    spans out = {malloc((s.n + 1) * sizeof *s.span), s.n};
    if (!out.span) abort();
    memcpy(out.span, s.span, s.n * sizeof *s.span);
    return out;
}

/* One way to pair: what it found in the mains, and how it did by size of load. */
typedef struct way {
    const char *name;
    dcl_cycles cycles;
    spans found, seen; /* seen: a second copy, matched with the cycles of single plugs too */
    size_t recalled[SIZES], exact[SIZES], plausible[SIZES], all[SIZES];
} way;

/* Whether both ends of a true cycle are steps of the mains: no pairing can find it else. */
static bool is_attainable(const span *s, const dcl_edges *edges, int64_t start_us) {
    bool on = false, off = false;
    for (size_t i = 0; i < edges->n; i++) {
        int64_t t = (edges->edge[i].time_us - start_us) / DCL_SECOND_US;
        on |= llabs(t - s->start_s) <= 5 && edges->edge[i].delta_w > 0;
        off |= llabs(t - s->end_s) <= 5 && edges->edge[i].delta_w < 0;
    }
    return on && off;
}

typedef struct bench {
    const dcl_context *context;
    const dcl_home *home;
    const quality_home *truth;
    dcl_edges edges;
    way way[2];
    size_t truth_n[SIZES], attainable[SIZES];
} bench;

static void score_plug(bench *b, size_t p) {
    dcl_arena arena = {0};
    dcl_cycles alone;
    dcl_series power = b->home->truth[p];
    dcl_home plug = {.series = &power, .n_series = 1};
    dcl_cycle_options options = dcl_cycle_defaults();
    spans truth = {malloc((b->truth->n / ON_S + 1) * sizeof *truth.span), 0};
    if (!truth.span || dcl_cycles_find(b->context, &plug, &options, NULL, &arena, &alone, NULL) != DCL_OK)
        abort();
    truth.n = quality_plug_cycles(b->truth->plug[p], b->truth->n, truth.span);
    spans single = spans_of(&alone, power.start_us);
    size_t on_plug = match(truth, single), reach = 0, hits[2];
    for (size_t i = 0; i < truth.n; i++) {
        size_t size = size_class(span_mean_w(&truth.span[i]));
        bool can = is_attainable(&truth.span[i], &b->edges, power.start_us);
        b->truth_n[size]++, b->attainable[size] += can, reach += can;
    }
    for (int w = 0; w < 2; w++) {
        unmark(truth);
        hits[w] = match(truth, b->way[w].found);
        for (size_t i = 0; i < truth.n; i++)
            b->way[w].recalled[size_class(span_mean_w(&truth.span[i]))] += truth.span[i].hit;
        unmark(single);
        match(single, b->way[w].seen);
    }
    printf("%-10s %9zu   %9zu %7zu %9zu   %10zu %7zu %7zu\n", b->home->truth_name[p], truth.n, alone.n,
           alone.n_leftover, on_plug, reach, hits[0], hits[1]);
    free(truth.span);
    free(single.span);
    dcl_arena_free(&arena);
}

static void print_sizes(bench *b) {
    printf("\n%-12s %20s   %19s   %s\n", "", "true cycles", "found, greedy", "found, declic");
    printf("%-12s %6s %6s %6s %6s   %5s %6s %6s   %5s %6s %6s\n", "load", "n", "reach", "greedy", "declic",
           "n", "prec", "plaus", "n", "prec", "plaus");
    for (size_t s = 0; s < SIZES; s++) {
        double n = b->truth_n[s] ? (double)b->truth_n[s] : NAN;
        printf("%-12s %6zu %6.2f %6.2f %6.2f", SIZE_NAME[s], b->truth_n[s], (double)b->attainable[s] / n,
               (double)b->way[0].recalled[s] / n, (double)b->way[1].recalled[s] / n);
        for (int w = 0; w < 2; w++) {
            double all = b->way[w].all[s] ? (double)b->way[w].all[s] : NAN;
            printf("   %5zu %6.2f %6.2f", b->way[w].all[s], (double)b->way[w].exact[s] / all,
                   (double)b->way[w].plausible[s] / all);
        }
        printf("\n");
    }
}

/* The energy above the lowest of each day of the mains that are there, kWh. */
static double energy_above_floor(const quality_home *truth) {
    double energy = 0;
    for (size_t from = 0; from < truth->n; from += 86400) {
        double low = INFINITY;
        size_t end = from + 86400 < truth->n ? from + 86400 : truth->n;
        for (size_t i = from; i < end; i++) low = fmin(low, (double)truth->mains[i]);
        for (size_t i = from; i < end; i++)
            if (!isnan(truth->mains[i])) energy += (double)truth->mains[i] - low;
    }
    return energy / 3.6e6;
}

static void print_way(const way *w) {
    size_t hits = 0, cut = 0;
    double energy = 0;
    for (size_t i = 0; i < w->cycles.n; i++) {
        hits += w->found.span[i].hit;
        cut += (w->cycles.cycle[i].flags & DCL_CYCLE_CUT) != 0;
        energy += w->cycles.cycle[i].energy_wh;
    }
    printf("%s: %zu cycles (%zu cut, %zu matched), %zu steps left over, %.1f kWh in cycles\n", w->name,
           w->cycles.n, cut, hits, w->cycles.n_leftover, energy / 1000);
}

static void begin_way(way *w, int64_t start_us) {
    w->found = spans_of(&w->cycles, start_us);
    w->seen = copy_of(w->found);
}

static void end_way(way *w) {
    for (size_t i = 0; i < w->found.n; i++) {
        const span *s = &w->found.span[i];
        size_t size = size_class(span_mean_w(s));
        w->all[size]++;
        w->exact[size] += s->hit;
        w->plausible[size] += s->hit || w->seen.span[i].hit;
    }
}

/* What comes again most often, in one signal. */
static void print_recurrences(const char *name, const dcl_cycles *cycles, size_t most) {
    for (size_t g = 0; g < cycles->n_recurrence && g < most; g++) {
        const dcl_recurrence *r = &cycles->recurrence[g];
        int hour = 0;
        for (int h = 1; h < 24; h++)
            if (r->start_hour[h] > r->start_hour[hour]) hour = h;
        printf("%-10s %6u %8.1f %8.0f %8.0f %6.3f %9.4f   %02d h (%u)\n", name, r->count, (double)r->mean_w,
               (double)r->on_s, (double)r->period_s, (double)r->duty, (double)r->duty_per_day, hour,
               r->start_hour[hour]);
    }
}

static void print_recurring(const bench *b) {
    printf("\n%-10s %6s %8s %8s %8s %6s %9s   %s\n", "recurring", "n", "W", "on s", "period s", "duty",
           "per day", "most starts at");
    print_recurrences("mains", &b->way[1].cycles, 6);
    for (size_t p = 0; p < b->truth->plugs; p++) {
        dcl_arena arena = {0};
        dcl_cycles alone;
        dcl_series power = b->home->truth[p];
        dcl_home plug = {.series = &power, .n_series = 1};
        dcl_cycle_options options = dcl_cycle_defaults();
        if (dcl_cycles_find(b->context, &plug, &options, NULL, &arena, &alone, NULL) != DCL_OK) abort();
        print_recurrences(b->home->truth_name[p], &alone, 2);
        dcl_arena_free(&arena);
    }
}

void quality_cycles_print(const dcl_context *context, const dcl_home *home, const quality_home *truth) {
    dcl_arena arena = {0};
    dcl_cycle_options options = dcl_cycle_defaults();
    bench b = {
        .context = context, .home = home, .truth = truth, .way = {{.name = "greedy"}, {.name = "declic"}}};
    if (dcl_edges_find(context, home, &options.edge, &arena, &b.edges, NULL) != DCL_OK) abort();
    quality_greedy_cycles(home, &options, &b.edges, &b.way[0].cycles);
    if (dcl_cycles_find(context, home, &options, &b.edges, &arena, &b.way[1].cycles, NULL) != DCL_OK) abort();
    int64_t start_us = home->truth[0].start_us;
    for (int w = 0; w < 2; w++) begin_way(&b.way[w], start_us);
    printf("cycles of each plug (above %.0f W for %d s and more), found by overlap >= %.1f and energy +- "
           "%.0f %%\n",
           ON_W, ON_S, OVERLAP, 100 * ENERGY_SHARE);
    printf("%-10s %9s   %27s   %s\n", "", "", "on the plug", "in the mains");
    printf("%-10s %9s   %9s %7s %9s   %10s %7s %7s\n", "plug", "threshold", "cycles", "left", "matched",
           "both steps", "greedy", "declic");
    for (size_t p = 0; p < truth->plugs; p++) score_plug(&b, p);
    for (int w = 0; w < 2; w++) end_way(&b.way[w]);
    print_sizes(&b);
    for (int w = 0; w < 2; w++) print_way(&b.way[w]);
    printf("mains: %.1f kWh above the lowest of each day\n", energy_above_floor(truth));
    print_recurring(&b);
    for (int w = 0; w < 2; w++) free(b.way[w].found.span), free(b.way[w].seen.span);
    free(b.way[0].cycles.cycle), free(b.way[0].cycles.leftover);
    dcl_arena_free(&arena);
}
