/* What bench/peers calls of ours: plain functions for ctypes, in the widest form that this machine has. */
#include <stdlib.h>

#include <declic/kernel.h>
#include <declic/series.h>

static dcl_kernels widest(void) {
    dcl_kernels kernels = {0};
    dcl_error error;
    /* Never refused: there is always the scalar form. */
    return dcl_kernels_select("auto", &kernels, &error) == DCL_OK ? kernels : (dcl_kernels){0};
}

/** The name of that form. */
const char *bench_isa(void);
const char *bench_isa(void) {
    return widest().isa;
}

/** dcl_kernels.edge_i32 with no sample before. */
size_t bench_edge_i32(const int32_t *x, size_t n, uint32_t threshold, uint32_t *index);
size_t bench_edge_i32(const int32_t *x, size_t n, uint32_t threshold, uint32_t *index) {
    return widest().edge_i32(x, n, DCL_MISSING_I32, threshold, index);
}

/* A home read from a file, with the arena it lives in. */
typedef struct bench_home {
    dcl_arena arena;
    dcl_home home;
} bench_home;

/** dcl_home_read() of a file in UTC with the options that a program has where none is given; NULL where it fails. */
bench_home *bench_home_open(const char *path);
bench_home *bench_home_open(const char *path) {
    dcl_context context = {.threads = 1};
    dcl_read_options options = dcl_read_defaults();
    bench_home *out = calloc(1, sizeof *out);
    if (out && dcl_home_read(&context, path, &options, &out->arena, &out->home, NULL)) {
        dcl_arena_free(&out->arena);
        free(out);
        out = NULL;
    }
    return out;
}

void bench_home_close(bench_home *home);
void bench_home_close(bench_home *home) {
    dcl_arena_free(&home->arena);
    free(home);
}

/** The i-th series; NULL past the last. */
const dcl_series *bench_home_series(const bench_home *home, size_t i);
const dcl_series *bench_home_series(const bench_home *home, size_t i) {
    return i < home->home.n_series ? &home->home.series[i] : NULL;
}
