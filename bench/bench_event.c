/*
 * Speed of the detector and of the pairing on a simulated home of seconds, in every form this machine has.
 * usage: bench_event [--quick] [--json FILE]
 */
#include <declic/event.h>
#include <declic/kernel.h>
#include <declic/town.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "bench_time.h"

#define ISAS    4
#define REPEATS 9
#define DAYS    30

/* One line of the table. */
typedef struct row {
    const char *work, *isa;
    size_t samples, found;
    double ns_sample;
} row;

typedef struct signal {
    dcl_context context;
    dcl_home home;  /* power_w, apparent_va, reactive_var */
    dcl_home alone; /* power_w */
} signal;

/* ---------------------------------------------------------------- what is measured: each returns what it found */

static size_t push_all(const signal *s) {
    dcl_edge_options options = dcl_edge_defaults();
    const dcl_series *power = &s->alone.series[0];
    dcl_edge_state state;
    dcl_edge edge[DCL_EDGE_BURST];
    size_t found = 0;
    if (dcl_edge_begin(&state, &options, power->start_us, power->period_us, false) != DCL_OK) abort();
    for (size_t i = 0; i < power->n; i++) {
        dcl_edge_sample sample = {dcl_edge_quantise(power->value[i]), DCL_MISSING_I32, DCL_MISSING_I32};
        found += dcl_edge_push(&state, sample, edge);
    }
    return found + dcl_edge_end(&state, edge);
}

static size_t edges_of(const dcl_context *context, const dcl_home *home) {
    dcl_edge_options options = dcl_edge_defaults();
    dcl_arena arena = {0};
    dcl_edges edges;
    if (dcl_edges_find(context, home, &options, &arena, &edges, NULL) != DCL_OK) abort();
    dcl_arena_free(&arena);
    return edges.n;
}

static size_t edges_alone(const signal *s) {
    return edges_of(&s->context, &s->alone);
}

static size_t edges_all(const signal *s) {
    return edges_of(&s->context, &s->home);
}

static size_t cycles_all(const signal *s) {
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_arena arena = {0};
    dcl_cycles cycles;
    if (dcl_cycles_find(&s->context, &s->home, &options, NULL, &arena, &cycles, NULL) != DCL_OK) abort();
    dcl_arena_free(&arena);
    return cycles.n;
}

static const struct {
    const char *name;
    size_t (*run)(const signal *s);
} works[] = {
    {"steps, pushed one by one", push_all},
    {"steps of P", edges_alone},
    {"steps of P, S, Q", edges_all},
    {"cycles of P, S, Q", cycles_all},
};
#define WORKS (sizeof works / sizeof *works)

/* All forms in turn, REPEATS times over; the median of each. */
static void measure(size_t work, signal *s, const dcl_kernels *forms, size_t n_forms, row *rows) {
    double seconds[ISAS][REPEATS];
    size_t n = s->home.series[0].n;
    for (size_t r = 0; r < REPEATS; r++) {
        for (size_t f = 0; f < n_forms; f++) {
            s->context.kernels = &forms[f];
            double start = bench_now_s();
            rows[f] = (row){works[work].name, forms[f].isa, n, works[work].run(s), 0};
            seconds[f][r] = bench_now_s() - start;
        }
    }
    for (size_t f = 0; f < n_forms; f++) {
        rows[f].ns_sample = 1e9 * bench_median(seconds[f], REPEATS) / (double)n;
    }
}

static void print_rows(const row *rows, size_t n) {
    printf("%-26s %-7s %8s %10s %12s\n", "work", "form", "found", "ns/sample", "Msample/s");
    for (size_t i = 0; i < n; i++)
        printf("%-26s %-7s %8zu %10.2f %12.1f\n", rows[i].work, rows[i].isa, rows[i].found, rows[i].ns_sample,
               1e3 / rows[i].ns_sample);
}

static dcl_status write_rows(const char *path, const row *rows, size_t n, dcl_error *error) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < n; i++) {
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "work", rows[i].work);
        dcl_json_key_string(&json, "isa", rows[i].isa);
        dcl_json_key_integer(&json, "samples", (int64_t)rows[i].samples);
        dcl_json_key_integer(&json, "found", (int64_t)rows[i].found);
        dcl_json_key_fixed(&json, "ns_per_sample", rows[i].ns_sample, 3);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_text_put(&text, "\n");
    dcl_status status =
        text.failed ? dcl_fail_memory(error, "the results") : dcl_file_write(path, text.at, text.n, error);
    dcl_text_free(&text);
    return status;
}

static dcl_status make_signal(int days, dcl_arena *arena, signal *out, dcl_error *error) {
    static dcl_kernels kernels;
    dcl_town_options options = dcl_town_defaults();
    options.days = days;
    out->context = (dcl_context){.kernels = &kernels, .threads = 1, .seed = 1};
    dcl_zone *zone;
    dcl_status status = dcl_zone_open("Europe/Paris", &zone, error);
    if (status) return status;
    out->context.zone = zone;
    status = dcl_town_home(&out->context, &options, arena, &out->home, NULL, error);
    out->alone = out->home;
    out->alone.n_series = 1;
    return status;
}

int main(int argc, char **argv) {
    const char *path = NULL;
    int days = DAYS;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            days = 2;
        } else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            path = argv[++i];
        } else {
            fprintf(stderr, "usage: bench_event [--quick] [--json FILE]\n");
            return 2;
        }
    }
    dcl_kernels forms[ISAS];
    size_t n_forms = 0, n = 0;
    for (size_t i = 0; dcl_kernels_isa_at(i) && n_forms < ISAS; i++)
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &forms[n_forms], NULL) == DCL_OK) n_forms++;
    row rows[ISAS * WORKS];
    dcl_arena arena = {0};
    dcl_error error = {0};
    signal s;
    dcl_status status = make_signal(days, &arena, &s, &error);
    for (size_t w = 0; w < WORKS && !status; w++, n += n_forms) measure(w, &s, forms, n_forms, rows + n);
    if (!status) print_rows(rows, n);
    if (!status && path) status = write_rows(path, rows, n, &error);
    if (status) fprintf(stderr, "bench_event: %s\n", error.msg);
    dcl_arena_free(&arena);
    return status ? 1 : 0;
}
