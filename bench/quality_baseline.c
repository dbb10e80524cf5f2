#include "quality_baseline.h"

#include <math.h>

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
    double mean = 0, last = 0, previous = 0, count = 0;
    int64_t changed = 0;
    bool moving = false, started = false;
    for (size_t i = 0; i < n; i++) {
        double v = value[i];
        if (isnan(v)) continue;
        bool moves = fabs(v - previous) > state_w;
        if (moves && !moving) {
            if (started && fabs(mean - last) > noise_w) quality_steps_add(out, changed, mean - last, 0);
            started = true;
            last = mean;
            changed = (int64_t)i;
        }
        if (moves) count = 0;
        mean = (count * mean + v) / (count + 1);
        count++;
        moving = moves;
        previous = v;
    }
}
