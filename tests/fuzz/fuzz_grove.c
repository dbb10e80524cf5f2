/* Any bytes are a random forest that can be asked, or an error. */
#include <math.h>
#include <stdlib.h>

#include "learn/grove.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static float x[DCL_SVM_FEATURES];
    dcl_pack_reader from = {.bytes = bytes, .n = n};
    dcl_arena arena = {.limit = (size_t)64 << 20};
    dcl_grove grove;
    if (dcl_grove_get(&from, &arena, &grove, NULL) == DCL_OK) {
        double p[DCL_SVM_CLASSES], sum = 0;
        for (size_t f = 0; f < DCL_SVM_FEATURES; f++) x[f] = f % 5 ? (float)f * 3 - 20 : NAN;
        dcl_grove_probability(&grove, x, p);
        for (uint32_t k = 0; k < grove.classes; k++) sum += p[k];
        if (!(fabs(sum - 1) < 1e-9)) abort();
    }
    dcl_arena_free(&arena);
    return 0;
}
