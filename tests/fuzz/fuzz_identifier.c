/*
 * Any bytes are a model that names appliances, or an error; a model that was opened names any signature, or abstains. A fuzzer
 * cannot guess checksums: the bytes are also taken for a model's labels and its one view. The first two bytes say where the
 * view begins.
 */
#include <math.h>
#include <stdlib.h>

#include <declic/appliance_types.h>

#include "learn/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void name_something(const dcl_identifier *model) {
    dcl_kernels kernels;
    float x[DCL_DAY_COUNT];
    double p[DCL_SVM_CLASSES];
    dcl_answer answer;
    if (dcl_kernels_select(NULL, &kernels, NULL)) abort();
    for (size_t f = 0; f < DCL_DAY_COUNT; f++) x[f] = f % 5 ? (float)f * 3 - 20 : NAN;
    for (int kind = 0; kind < 3; kind++) {
        if (dcl_identify(&kernels, model, (dcl_signature_kind)kind, x, p, &answer, NULL)) abort();
        if (answer.label != UINT32_MAX && (answer.label >= model->classes || !answer.view)) abort();
        if (!(answer.confidence >= 0 && answer.confidence <= 1)) abort();
    }
}

static void try_open(const uint8_t *bytes, size_t n) {
    dcl_arena arena = {0};
    dcl_identifier model;
    if (dcl_identifier_open(bytes, n, &arena, &model, NULL) == DCL_OK) name_something(&model);
    dcl_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    try_open(bytes, n);
    if (n < 2) return 0;
    size_t rest = n - 2, labels = (size_t)(bytes[0] | bytes[1] << 8) % (rest + 1), length;
    dcl_pack_part part[2] = {{"labels", bytes + 2, labels}, {"view.1", bytes + 2 + labels, rest - labels}};
    unsigned char *whole;
    if (dcl_pack_make("appliances", part, 2, &whole, &length, NULL)) return 0;
    try_open(whole, length);
    free(whole);
    return 0;
}
