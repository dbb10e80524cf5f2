/* What a histogram needs besides its kernel: counting by slots, and quantiles. */
#include "kernel/kernel.h"

#include <assert.h>
#include <float.h>
#include <string.h>

bool dcl_bins_valid(const dcl_bins *bins) {
    return isfinite(bins->lo) && bins->width >= FLT_MIN && bins->width <= FLT_MAX && bins->count >= 1 &&
           bins->count <= UINT32_C(1) << 24;
}

/*
 * A home stays in one bin for long, and an increment waits for the one before it on the same counter: four
 * tables in turn take that wait away. They stand on the stack, so histograms with more counters than this
 * count in one.
 */
#define SPREAD 1024

void dcl_histogram_by_slots(dcl_slots_fn slots, const float *x, size_t n, const dcl_bins *bins,
                            uint32_t *counts) {
    assert(dcl_bins_valid(bins));
    uint32_t slot[DCL_SLOTS], spare[3][SPREAD];
    size_t counters = dcl_histogram_bound(bins);
    bool spread = counters <= SPREAD && n / 4 >= counters;
    uint32_t *table[4] = {counts, counts, counts, counts};
    for (size_t t = 0; spread && t < 3; t++) {
        table[t + 1] = memset(spare[t], 0, counters * sizeof *spare[t]);
    }
    for (size_t from = 0; from < n; from += DCL_SLOTS) {
        size_t i = 0, m = n - from < DCL_SLOTS ? n - from : DCL_SLOTS;
        slots(x + from, m, bins, slot);
        for (; i + 4 <= m; i += 4) {
            table[0][slot[i]]++;
            table[1][slot[i + 1]]++;
            table[2][slot[i + 2]]++;
            table[3][slot[i + 3]]++;
        }
        for (; i < m; i++) counts[slot[i]]++;
    }
    for (size_t c = 0; spread && c < counters; c++) counts[c] += spare[0][c] + spare[1][c] + spare[2][c];
}

double dcl_histogram_quantile(const uint32_t *counts, const dcl_bins *bins, double q) {
    double below = counts[bins->count + DCL_HISTOGRAM_BELOW], total = below;
    total += counts[bins->count + DCL_HISTOGRAM_ABOVE];
    for (uint32_t b = 0; b < bins->count; b++) total += counts[b];
    if (!(total > 0 && q >= 0 && q <= 1)) return (double)NAN;

    double lo = (double)bins->lo, width = (double)bins->width, rank = q * total, before = below;
    if (below > 0 && rank <= below) return lo;
    for (uint32_t b = 0; b < bins->count; b++) {
        double count = counts[b];
        if (count > 0 && rank <= before + count) return lo + width * (b + (rank - before) / count);
        before += count;
    }
    return lo + width * bins->count;
}
