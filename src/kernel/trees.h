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

void dcl_trees_f32_scalar(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);
void dcl_trees_f32_avx2(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);
void dcl_trees_f32_avx512(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);

float dcl_trees_row_f32_scalar(const dcl_trees_side *trees, const float *x);
float dcl_trees_row_f32_avx512(const dcl_trees_side *trees, const float *x);

#endif
