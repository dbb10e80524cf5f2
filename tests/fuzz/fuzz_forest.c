/* Any bytes are a forest whose walks end, or an error: as our own part of a model, and as XGBoost's JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn/forest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* By the walk, by the kernel of many rows and by that of one: the same bytes. */
static void walk(const dcl_forest *forest) {
    enum { ROWS = 17 };
    float *row = malloc(ROWS * forest->n_features * sizeof *row), want[ROWS], got[ROWS];
    dcl_kernels kernels;
    if (!row || dcl_kernels_select(NULL, &kernels, NULL)) abort();
    for (size_t i = 0; i < ROWS * forest->n_features; i++) row[i] = i % 5 == 0 ? NAN : (float)i - 20;
    dcl_forest_margins(forest, row, ROWS, forest->n_features, want);
    dcl_forest_predict(&kernels, forest, row, ROWS, forest->n_features, got);
    if (memcmp(want, got, sizeof want) != 0) abort();
    for (size_t i = 0; i < ROWS; i++)
        dcl_forest_predict(&kernels, forest, row + i * forest->n_features, 1, forest->n_features, &got[i]);
    if (memcmp(want, got, sizeof want) != 0) abort();
    free(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    dcl_arena arena = {0};
    dcl_error error;
    dcl_forest forest;
    dcl_pack_reader from = {.bytes = bytes, .n = n};
    if (dcl_forest_get(&from, &arena, &forest, &error) == DCL_OK) walk(&forest);
    if (dcl_forest_from_json((const char *)bytes, n, &arena, &forest, &error) == DCL_OK) walk(&forest);
    dcl_arena_free(&arena);
    return 0;
}
