/* Boosted trees by codes: the forms of dcl_kernels.trees_f32, a file each. */
#ifndef DCL_KERNEL_TREES_H
#define DCL_KERNEL_TREES_H

#include "kernel/kernel.h"

/*
 * All forms turn a block of rows into codes, plane by plane, then ask every fork of a tree for all rows of the block. A row's
 * place in its plane is the form's own: vectors put rows 16 apart next to each other, so that a path of one byte becomes an
 * index of 32 bits by a shift.
 */
enum { DCL_TREES_ROWS = 128 };

/** A row twice, missing values as -inf, left of every cut, and from [span] on as +inf, right of every cut. */
static inline void dcl_trees_row_twice(const dcl_trees_side *trees, const float *x, float *twice) {
    for (size_t f = 0; f < trees->features; f++) twice[f] = isnan(x[f]) ? -INFINITY : x[f];
    for (size_t f = 0; f < trees->features; f++) twice[trees->span + f] = isnan(x[f]) ? INFINITY : x[f];
}

/*
 * n forks of a level: the answer of the one to which the way leads, from its first choice among them on. A form has fork1 and
 * choose for a type of answers of its own; this makes fork2 to fork128 of them.
 */
#define DCL_TREES_FORK(answer, n, half)                                                                      \
    static inline answer fork##n(const dcl_trees_fork *fork, const uint8_t *code, const answer *way) {       \
        answer left = fork##half(fork, code, way + 1), right = fork##half(fork + (half), code, way + 1);     \
        return choose(*way, left, right);                                                                    \
    }
#define DCL_TREES_FORKS(answer)                                                                              \
    DCL_TREES_FORK(answer, 2, 1)                                                                             \
    DCL_TREES_FORK(answer, 4, 2)                                                                             \
    DCL_TREES_FORK(answer, 8, 4)                                                                             \
    DCL_TREES_FORK(answer, 16, 8)                                                                            \
    DCL_TREES_FORK(answer, 32, 16)                                                                           \
    DCL_TREES_FORK(answer, 64, 32)                                                                           \
    DCL_TREES_FORK(answer, 128, 64)

void dcl_trees_f32_scalar(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);
void dcl_trees_f32_avx2(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);
void dcl_trees_f32_avx512(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);

float dcl_trees_row_f32_scalar(const dcl_trees_side *trees, const float *x);
float dcl_trees_row_f32_avx512(const dcl_trees_side *trees, const float *x);

#endif
