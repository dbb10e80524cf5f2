/* Any bytes are a forest whose walks end, or an error: as our own part of a model, and as XGBoost's JSON. */
#include <math.h>
#include <stdlib.h>

#include "learn/forest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void walk(const dcl_forest *forest) {
    enum { ROWS = 9 };
    float *row = malloc(ROWS * forest->n_features * sizeof *row), margin[ROWS];
    if (!row) return;
    for (size_t i = 0; i < ROWS * forest->n_features; i++) row[i] = i % 5 == 0 ? NAN : (float)i - 20;
    dcl_forest_margins(forest, row, ROWS, forest->n_features, margin);
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
