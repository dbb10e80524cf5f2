/*
 * A store of any bytes: an error with words, or a home whose values can all be touched. HDF5 checks sums over nearly all
 * of a file, so most inputs end early; what is reached is mainly HDF5 itself.
 */
#include <declic/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void must(int holds) {
    if (!holds) abort();
}

/* HDF5 1.10 itself loses memory on damaged files. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static void touch(const dcl_series *series, size_t n) {
    for (size_t i = 0; i < n; i++) {
        must(series[i].n > 0 && series[i].period_us > 0);
        double sum = 0;
        for (size_t k = 0; k < series[i].n; k++) sum += (double)series[i].value[k];
        must(isnan(sum) || sum <= INFINITY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static char path[64];
    if (!path[0]) snprintf(path, sizeof path, "/tmp/declic-fuzz-store-%ld.h5", (long)getpid());
    FILE *file = fopen(path, "wb");
    must(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
    dcl_arena arena = {.limit = 1 << 26};
    dcl_home home;
    dcl_error error = {.pos = {0, -1}};
    char **ids;
    size_t count;
    if (dcl_store_list(path, &arena, &ids, &count, &error)) must(error.msg[0] != '\0');
    dcl_status status = dcl_store_read(path, NULL, &arena, &home, &error);
    must(status == DCL_OK || (error.code == status && error.msg[0]));
    if (!status) touch(home.series, home.n_series);
    if (!status) touch(home.truth, home.n_truth);
    dcl_arena_free(&arena);
    remove(path);
    return 0;
}
