/* Rules that others use to find steps, for comparison on the same data. */
#ifndef BENCH_QUALITY_BASELINE_H
#define BENCH_QUALITY_BASELINE_H

#include "quality_truth.h"

/** |difference| > step_w between neighbours; neighbours that move the same way are one step. */
void quality_threshold_steps(const float *value, size_t n, double step_w, quality_steps *out);
/** Hart's rule, dcl_hart_i32() in 0.1 W: a state while neighbours differ by at most state_w, steps above noise_w. */
void quality_hart_steps(const float *value, size_t n, double noise_w, double state_w, quality_steps *out);

#endif
