/* Numbers in order: sorting them in place, and what stands in the middle. None of them may be NaN. */
#ifndef DCL_BASE_ORDER_H
#define DCL_BASE_ORDER_H

#include <stddef.h>
#include <stdint.h>

void dcl_sort_f32(float *values, size_t n);
void dcl_sort_f64(double *values, size_t n);
void dcl_sort_i64(int64_t *values, size_t n);

/** Sorts, and gives the middle value; of an even number the mean of the two, of none NaN. */
double dcl_median_f64(double *values, size_t n);

/** The quantile q, 0 … 1, of sorted values, between two neighbours along the line; of none NaN. */
double dcl_quantile_f32(const float *sorted, size_t n, double q);

/** Moves values so that the one of place k in their order stands there, none greater before it, none smaller behind. k < n. */
void dcl_select_f32(float *values, size_t n, size_t k);

/** The quantile q of values in any order, which it moves about; the same number as of them sorted, in a time that grows with n. */
double dcl_quantile_of_f32(float *values, size_t n, double q);

#endif
