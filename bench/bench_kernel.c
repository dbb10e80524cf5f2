/*
 * Speed of every kernel in every form that this machine has: the table of tests/kernel_registry.c, timed.
 * usage: bench_kernel [--quick] [--json FILE]
 */
#include <declic/kernel.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "bench_time.h"
#include "kernel_registry.h"

#define ISAS    4
#define REPEATS 9
#define PATTERN (UINT32_C(1) << 20) /* samples made; longer inputs repeat them */
#define L2_N    (UINT32_C(1) << 16) /* 256 KiB of input */
#define RAM_N   (UINT32_C(1) << 27) /* 512 MiB of input: beyond the largest last-level caches */
#define QUICK_N (UINT32_C(1) << 22)

/* One line of the table. */
typedef struct row {
    const char *kernel, *isa, *where;
    size_t n;
    double ns_sample, gb_s, times_scalar;
} row;

/* Seconds of one call, as the mean over `calls` of them. */
static double time_once(const kernel_entry *entry, const dcl_kernels *kernels, const void *x, size_t n,
                        void *out, size_t calls, size_t *items) {
    kernel_options options = kernel_bench_options();
    double start = bench_now_s();
    for (size_t c = 0; c < calls; c++) *items = entry->run(kernels, x, n, &options, out);
    return (bench_now_s() - start) / (double)calls;
}

/* All forms in turn, REPEATS times over, so that a slow moment of the machine strikes them alike. */
static void measure(const kernel_entry *entry, const dcl_kernels *forms, size_t n_forms, const char *where,
                    const void *x, size_t n, void *out, row *rows) {
    double seconds[ISAS][REPEATS];
    size_t items = 0, calls = n > L2_N ? 1 : 64;
    for (size_t f = 0; f < n_forms; f++)
        time_once(entry, &forms[f], x, n, out, 1, &items); /* pages, caches */
    for (size_t r = 0; r < REPEATS; r++) {
        for (size_t f = 0; f < n_forms; f++)
            seconds[f][r] = time_once(entry, &forms[f], x, n, out, calls, &items);
    }
    double bytes = 4.0 * (double)n + (double)(items * entry->out_item), scalar = 0;
    for (size_t f = 0; f < n_forms; f++) {
        double s = bench_median(seconds[f], REPEATS);
        if (f == 0) scalar = s;
        rows[f] =
            (row){entry->name, forms[f].isa, where, n, 1e9 * s / (double)n, 1e-9 * bytes / s, scalar / s};
    }
}

static void print_rows(const row *rows, size_t n) {
    printf("%-18s %-7s %-4s %10s %9s %9s\n", "kernel", "form", "data", "ns/sample", "GB/s", "x scalar");
    for (size_t i = 0; i < n; i++) {
        printf("%-18s %-7s %-4s %10.3f %9.2f %9.1f\n", rows[i].kernel, rows[i].isa, rows[i].where,
               rows[i].ns_sample, rows[i].gb_s, rows[i].times_scalar);
    }
}

static dcl_status write_rows(const char *path, const row *rows, size_t n, dcl_error *error) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < n; i++) {
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "kernel", rows[i].kernel);
        dcl_json_key_string(&json, "isa", rows[i].isa);
        dcl_json_key_string(&json, "data", rows[i].where);
        dcl_json_key_integer(&json, "samples", (int64_t)rows[i].n);
        dcl_json_key_fixed(&json, "ns_per_sample", rows[i].ns_sample, 4);
        dcl_json_key_fixed(&json, "gb_per_s", rows[i].gb_s, 2);
        dcl_json_key_fixed(&json, "times_scalar", rows[i].times_scalar, 2);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_text_put(&text, "\n");
    dcl_status status =
        text.failed ? dcl_fail_memory(error, "the results") : dcl_file_write(path, text.at, text.n, error);
    dcl_text_free(&text);
    return status;
}

/* Every kernel at both sizes; returns the rows made, 0 when memory is short. */
static size_t measure_all(const dcl_kernels *forms, size_t n_forms, size_t far, row *rows) {
    uint32_t *x = malloc(far * sizeof *x);
    /* No output is larger than its input but windows of a sample, which are not measured. */
    void *out = malloc(far * sizeof *x);
    size_t made = 0;
    for (size_t k = 0; x && out && k < kernel_registry_n; k++) {
        const kernel_entry *entry = &kernel_registry[k];
        kernel_options options = kernel_bench_options();
        uint64_t random = 1;
        entry->fill(x, PATTERN, FILL_HOME, &options, &random);
        for (size_t i = PATTERN; i < far; i += PATTERN) memcpy(x + i, x, PATTERN * sizeof *x);
        measure(entry, forms, n_forms, "L2", x, L2_N, out, rows + made);
        made += n_forms;
        /* What takes a part of a large input alone works from the caches. */
        size_t most = entry->bound(L2_N, &options);
        if (most > entry->bound(L2_N / 2, &options) && entry->bound(far, &options) <= most) continue;
        measure(entry, forms, n_forms, far == RAM_N ? "RAM" : "16M", x, far, out, rows + made);
        made += n_forms;
    }
    free(x);
    free(out);
    return made;
}

int main(int argc, char **argv) {
    const char *path = NULL;
    size_t far = RAM_N, n_forms = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            far = QUICK_N;
        } else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            path = argv[++i];
        } else {
            fprintf(stderr, "usage: bench_kernel [--quick] [--json FILE]\n");
            return 2;
        }
    }
    dcl_kernels forms[ISAS];
    for (size_t i = 0; dcl_kernels_isa_at(i) && n_forms < ISAS; i++) {
        if (dcl_kernels_select(dcl_kernels_isa_at(i), &forms[n_forms], NULL) == DCL_OK) n_forms++;
    }
    row *rows = calloc(2 * ISAS * kernel_registry_n, sizeof *rows);
    size_t n = rows ? measure_all(forms, n_forms, far, rows) : 0;
    if (n > 0) print_rows(rows, n);
    dcl_error error = {0};
    dcl_status status = DCL_OK;
    if (n == 0) {
        status = dcl_fail_memory(&error, "the samples");
    } else if (path) {
        status = write_rows(path, rows, n, &error);
    }
    if (status != DCL_OK) fprintf(stderr, "bench_kernel: %s\n", error.msg);
    free(rows);
    return status == DCL_OK ? 0 : 1;
}
