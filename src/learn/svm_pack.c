/* A machine as bytes of a model's part, and back, every number within its range. */
#include "learn/svm.h"

#include <math.h>

/* The largest coefficient of each class, which is its bound where one of its vectors is at it. bound [classes]. */
static void find_bounds(const dcl_svm *svm, double *bound) {
    for (uint32_t k = 0; k < svm->classes; k++) {
        bound[k] = 0;
        for (uint32_t m = 0; m + 1 < svm->classes; m++) {
            for (size_t i = svm->first[k]; i < svm->first[k + 1]; i++)
                bound[k] = fmax(bound[k], fabs(svm->coef[m * svm->n + i]));
        }
    }
}

enum { CODE_ZERO, CODE_BOUND, CODE_MINUS, CODE_OWN };

static unsigned code_of(double coef, double bound) {
    return coef == 0 ? CODE_ZERO : coef == bound ? CODE_BOUND : coef == -bound ? CODE_MINUS : CODE_OWN;
}

static uint32_t class_of(const dcl_svm *svm, uint32_t from, size_t vector) {
    while (svm->first[from + 1] <= vector) from++;
    return from;
}

static void put_coefs(const dcl_svm *svm, dcl_pack_writer *to) {
    double bound[DCL_SVM_CLASSES];
    unsigned char byte = 0;
    size_t coefs = (svm->classes - 1) * svm->n;
    uint32_t k = 0;
    find_bounds(svm, bound);
    for (uint32_t c = 0; c < svm->classes; c++) dcl_pack_put_f64(to, bound[c]);
    for (size_t i = 0; i < coefs; i++) {
        k = class_of(svm, i % svm->n ? k : 0, i % svm->n);
        byte = (unsigned char)(byte | code_of(svm->coef[i], bound[k]) << 2 * (i % 4));
        if (i % 4 < 3 && i + 1 < coefs) continue;
        dcl_pack_put(to, &byte, 1);
        byte = 0;
    }
    for (size_t i = 0; i < coefs; i++) {
        k = class_of(svm, i % svm->n ? k : 0, i % svm->n);
        if (code_of(svm->coef[i], bound[k]) == CODE_OWN) dcl_pack_put_f64(to, svm->coef[i]);
    }
}

static void put_step(float value, dcl_pack_writer *to) {
    uint16_t step = (uint16_t)(int16_t)lrintf(value * DCL_SVM_STEPS);
    unsigned char bytes[2] = {(unsigned char)step, (unsigned char)(step >> 8)};
    dcl_pack_put(to, bytes, 2);
}

void dcl_svm_put(const dcl_svm *svm, dcl_pack_writer *to) {
    size_t pairs = dcl_svm_pairs(svm->classes);
    dcl_pack_put_u32(to, DCL_SVM_LAYOUT);
    dcl_pack_put_u32(to, svm->features);
    dcl_pack_put_u32(to, svm->classes);
    dcl_pack_put_u32(to, (uint32_t)svm->n);
    dcl_pack_put_f32(to, svm->gamma);
    dcl_pack_put_f64(to, svm->c);
    dcl_pack_put_f64(to, svm->steep);
    dcl_pack_put_f64(to, svm->shift);
    for (uint32_t k = 0; k <= svm->classes; k++) dcl_pack_put_u32(to, svm->first[k]);
    for (uint32_t k = 0; k < svm->classes; k++) dcl_pack_put_u32(to, svm->seen[k]);
    for (size_t i = 0; i < (size_t)svm->features * DCL_SVM_KNOTS; i++) dcl_pack_put_f32(to, svm->knot[i]);
    for (size_t i = 0; i < svm->features * svm->n; i++) put_step(svm->at[i], to);
    put_coefs(svm, to);
    for (size_t p = 0; p < pairs; p++) {
        dcl_pack_put_f64(to, svm->rho[p]);
        dcl_pack_put_f64(to, svm->slope[p]);
        dcl_pack_put_f64(to, svm->offset[p]);
    }
}

static dcl_status bad(dcl_error *error, const char *what) {
    return dcl_fail(error, DCL_E_FORMAT, "a support vector machine with %s", what);
}

/* A finite number, or 0 and `failed`. */
static double finite(dcl_pack_reader *from, double value) {
    if (isfinite(value)) return value;
    from->failed = true;
    return 0;
}

/* Sizes, and that so many bytes are there before memory is taken for them. */
static dcl_status get_sizes(dcl_pack_reader *from, dcl_svm *svm, dcl_error *error) {
    uint32_t layout = dcl_pack_get_u32(from);
    if (layout > DCL_SVM_LAYOUT && layout < 16)
        return dcl_fail(error, DCL_E_UNSUPPORTED, "a machine of a newer layout, %u", (unsigned)layout);
    if (layout != DCL_SVM_LAYOUT) return bad(error, "a layout that is none");
    svm->features = dcl_pack_get_u32(from);
    svm->classes = dcl_pack_get_u32(from);
    svm->n = dcl_pack_get_u32(from);
    svm->gamma = dcl_pack_get_f32(from);
    svm->c = finite(from, dcl_pack_get_f64(from));
    svm->steep = finite(from, dcl_pack_get_f64(from));
    svm->shift = finite(from, dcl_pack_get_f64(from));
    if (svm->features < 1 || svm->features > DCL_SVM_FEATURES || svm->classes < 2 ||
        svm->classes > DCL_SVM_CLASSES || svm->n < 1 || svm->n > DCL_SVM_ROWS)
        return bad(error, "a size out of its range");
    if (!(svm->steep > 0 && svm->steep < 1e6 && fabs(svm->shift) < 1e6))
        return bad(error, "a sureness that is none");
    if (!(svm->gamma > 0 && isfinite(svm->gamma))) return bad(error, "a width that is none");
    uint64_t need = 4 * (2 * (uint64_t)svm->classes + 1) + 4 * (uint64_t)svm->features * DCL_SVM_KNOTS +
                    2 * (uint64_t)svm->features * svm->n + 8 * (uint64_t)svm->classes +
                    (uint64_t)(svm->classes - 1) * svm->n / 4 + 24 * (uint64_t)dcl_svm_pairs(svm->classes);
    return dcl_pack_left(from) < need ? bad(error, "fewer numbers than it says") : DCL_OK;
}

static dcl_status get_classes(dcl_pack_reader *from, dcl_svm *svm, uint32_t *of, dcl_error *error) {
    uint32_t present = 0;
    svm->first = of;
    svm->seen = of + svm->classes + 1;
    for (uint32_t k = 0; k < 2 * svm->classes + 1; k++) of[k] = dcl_pack_get_u32(from);
    for (uint32_t k = 0; k < svm->classes; k++) {
        if (svm->first[k] > svm->first[k + 1]) return bad(error, "classes out of order");
        present += svm->seen[k] > 0;
    }
    if (svm->first[0] != 0 || svm->first[svm->classes] != svm->n) return bad(error, "vectors of no class");
    return present < 2 ? bad(error, "fewer than two classes") : DCL_OK;
}

static float get_step(dcl_pack_reader *from) {
    uint16_t step = dcl_pack_get_u16(from);
    return (float)(int16_t)step / DCL_SVM_STEPS;
}

static void get_coefs(dcl_pack_reader *from, const dcl_svm *svm, double *coef) {
    double bound[DCL_SVM_CLASSES];
    size_t coefs = (svm->classes - 1) * svm->n;
    uint32_t k = 0;
    for (uint32_t c = 0; c < svm->classes; c++) bound[c] = finite(from, dcl_pack_get_f64(from));
    const unsigned char *codes = dcl_pack_get(from, (coefs + 3) / 4);
    for (size_t i = 0; i < coefs && codes; i++) {
        unsigned code = (unsigned)codes[i / 4] >> 2 * (i % 4) & 3u;
        k = class_of(svm, i % svm->n ? k : 0, i % svm->n);
        coef[i] = code == CODE_ZERO    ? 0
                  : code == CODE_BOUND ? bound[k]
                  : code == CODE_MINUS ? -bound[k]
                                       : finite(from, dcl_pack_get_f64(from));
    }
}

static dcl_status get_numbers(dcl_pack_reader *from, dcl_svm *svm, float *knot, float *at, double *of,
                              dcl_error *error) {
    size_t pairs = dcl_svm_pairs(svm->classes), coefs = (svm->classes - 1) * svm->n;
    for (size_t i = 0; i < (size_t)svm->features * DCL_SVM_KNOTS; i++) {
        knot[i] = (float)finite(from, (double)dcl_pack_get_f32(from));
        if (i % DCL_SVM_KNOTS && knot[i] < knot[i - 1]) return bad(error, "quantiles that fall");
    }
    for (size_t i = 0; i < svm->features * svm->n; i++) at[i] = get_step(from);
    get_coefs(from, svm, of);
    for (size_t p = 0; p < pairs; p++) {
        for (size_t k = 0; k < 3; k++) of[coefs + k * pairs + p] = finite(from, dcl_pack_get_f64(from));
    }
    svm->knot = knot;
    svm->at = at;
    svm->coef = of;
    svm->rho = of + coefs;
    svm->slope = of + coefs + pairs;
    svm->offset = of + coefs + 2 * pairs;
    return from->failed ? bad(error, "a number that is none") : DCL_OK;
}

dcl_status dcl_svm_get(dcl_pack_reader *from, dcl_arena *arena, dcl_svm *out, dcl_error *error) {
    dcl_svm svm = {0};
    dcl_status status = get_sizes(from, &svm, error);
    if (status) return status;
    size_t pairs = dcl_svm_pairs(svm.classes), coefs = (svm.classes - 1) * svm.n;
    uint32_t *classes = dcl_arena_alloc(arena, 2 * (size_t)svm.classes + 1, sizeof *classes);
    float *knot = dcl_arena_alloc(arena, (size_t)svm.features * DCL_SVM_KNOTS, sizeof *knot);
    float *at = dcl_arena_alloc(arena, svm.features * svm.n, sizeof *at);
    double *numbers = dcl_arena_alloc(arena, coefs + 3 * pairs, sizeof *numbers);
    float *coef32 = dcl_arena_alloc(arena, coefs, sizeof *coef32);
    float *doubt = dcl_arena_alloc(arena, pairs, sizeof *doubt);
    if (!classes || !knot || !at || !numbers || !coef32 || !doubt)
        return dcl_fail_memory(error, "a support vector machine");
    status = get_classes(from, &svm, classes, error);
    if (!status) status = get_numbers(from, &svm, knot, at, numbers, error);
    if (status) return status;
    dcl_svm_finish(&svm, coef32, doubt);
    *out = svm;
    return DCL_OK;
}
