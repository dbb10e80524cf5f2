/* What bench/peers calls of ours: plain functions for ctypes, in the widest form that this machine has. */
#include <declic/kernel.h>

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
