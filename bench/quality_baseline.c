#include "quality_baseline.h"

#include <declic/kernel.h>
#include <math.h>
#include <stdlib.h>

void quality_threshold_steps(const float *value, size_t n, double step_w, quality_steps *out) {
    for (size_t i = 1; i < n; i++) {
        double first = (double)value[i] - (double)value[i - 1];
        if (!(fabs(first) > step_w)) continue;
        size_t end = i;
        for (; end + 1 < n; end++) {
            double next = (double)value[end + 1] - (double)value[end];
            if (!(fabs(next) > step_w) || (next > 0) != (first > 0)) break;
        }
        quality_steps_add(out, (int64_t)i, (double)value[end] - (double)value[i - 1], 0);
        i = end;
    }
}

void quality_hart_steps(const float *value, size_t n, double noise_w, double state_w, quality_steps *out) {
    dcl_kernels kernels;
    int32_t *power = malloc((n + 1) * sizeof *power);
    dcl_hart_step *step = malloc((dcl_hart_bound(n) + 1) * sizeof *step);
    if (!power || !step || dcl_kernels_select("auto", &kernels, NULL) != DCL_OK) abort();
    kernels.quantize_i32_f32(value, n, 10, power);
    size_t found =
        dcl_hart_i32(&kernels, power, n, (uint32_t)lrint(10 * state_w), (uint32_t)lrint(10 * noise_w), step);
    for (size_t i = 0; i < found; i++)
        quality_steps_add(out, step[i].index, (dcl_hart_after(&step[i]) - dcl_hart_before(&step[i])) / 10, 0);
    free(power);
    free(step);
}
