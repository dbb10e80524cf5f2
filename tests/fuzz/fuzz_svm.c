/* Any bytes are a machine or an error; a machine that was read answers for any vector, with numbers. */
#include <math.h>
#include <stdlib.h>

#include "learn/svm.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    dcl_pack_part part = {"svm", bytes, n};
    dcl_pack_reader from = dcl_pack_begin(&part);
    dcl_arena arena = {0};
    dcl_svm svm;
    dcl_kernels kernels;
    if (dcl_kernels_select(NULL, &kernels, NULL)) abort();
    if (dcl_svm_get(&from, &arena, &svm, NULL) == DCL_OK) {
        float *scratch = calloc(dcl_svm_scratch(&svm), sizeof *scratch), x[DCL_SVM_FEATURES];
        double p[DCL_SVM_CLASSES];
        for (uint32_t f = 0; f < svm.features; f++) x[f] = f % 3 ? (float)f - 5 : NAN;
        uint32_t label = dcl_svm_label(&kernels, &svm, x, scratch);
        if (label >= svm.classes || !svm.seen[label]) abort();
        dcl_svm_probability(&kernels, &svm, x, scratch, p);
        for (uint32_t k = 0; k < svm.classes; k++) {
            if (!(p[k] >= 0 && p[k] <= 1)) abort();
        }
        free(scratch);
    }
    dcl_arena_free(&arena);
    return 0;
}
