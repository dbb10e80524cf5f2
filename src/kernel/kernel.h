/* What the forms of the kernels share: how tables are overlaid, how lanes are joined, what is canonical. */
#ifndef DCL_KERNEL_KERNEL_H
#define DCL_KERNEL_KERNEL_H

#include <declic/kernel.h>

/** Lanes of every vector sum, whatever the width of the machine's vectors. */
#define DCL_LANES 16

/** What a processor and its system can run. */
enum {
    DCL_CPU_AVX2 = 1,   /* AVX2, POPCNT, FMA */
    DCL_CPU_AVX512 = 2, /* the above and AVX-512 F, BW, DQ, VL */
};

/** dcl_kernels_select() for a given machine (DCL_CPU_* bits), so that refusals can be tested on any. */
dcl_status dcl_kernels_choose(const char *isa, unsigned cpu, dcl_kernels *out, dcl_error *error) DCL_MUST_USE;

/** Each sets the kernels it has a form of; the table keeps the others. Without x86 the last two set nothing.
 */
void dcl_kernels_fill_scalar(dcl_kernels *table);
void dcl_kernels_overlay_avx2(dcl_kernels *table);
void dcl_kernels_overlay_avx512(dcl_kernels *table);

/** The forms of dcl_kernels.rows_i32 have files of their own. */
size_t dcl_rows_i32_scalar(const dcl_row_form *form, const char *text, size_t n, size_t stride, int32_t *out);
size_t dcl_rows_i32_avx2(const dcl_row_form *form, const char *text, size_t n, size_t stride, int32_t *out);

/** Writes the counter's index of each of n samples (n <= DCL_SLOTS): bin, or bins->count + DCL_HISTOGRAM_*.
 */
typedef void (*dcl_slots_fn)(const float *x, size_t n, const dcl_bins *bins, uint32_t *slot);
#define DCL_SLOTS 256

/** The histogram for forms that can vectorise finding the slots but not the counting. */
void dcl_histogram_by_slots(dcl_slots_fn slots, const float *x, size_t n, const dcl_bins *bins,
                            uint32_t *counts);

/**
 * Asks for the cache line some way ahead of `at`; past the array's end it asks for nothing that matters, and
 * never faults. Windows and edges break the processor's own look-ahead: from RAM, one thread then reads 1.3
 * to 1.8 x faster.
 */
static inline void dcl_fetch_ahead(const void *at) {
#if defined(__GNUC__)
    __builtin_prefetch((const void *)((uintptr_t)at + 4096));
#else
    (void)at;
#endif
}

/** The samples low … high, no two of which differ by the threshold. Empty (1 … 0) holds none. */
typedef struct dcl_band {
    int32_t low, high;
} dcl_band;

/** The band with min … max in its middle; empty where they are too far apart or min is missing. threshold >= 1 */
static inline dcl_band dcl_band_of(int32_t min, int32_t max, uint32_t threshold) {
    uint32_t width = threshold - 1, range = (uint32_t)max - (uint32_t)min;
    if (min == DCL_MISSING_I32 || range > width) return (dcl_band){1, 0};
    int64_t low = (int64_t)min - (width - range) / 2, high = low + width;
    /* The missing code is below every band. */
    return (dcl_band){low > -INT32_MAX ? (int32_t)low : -INT32_MAX,
                      high < INT32_MAX ? (int32_t)high : INT32_MAX};
}

/** After more blocks in a row than that which left their band, so many are not asked: the signal is noisy. */
#define DCL_BLOCKS_LEFT  2
#define DCL_BLOCKS_NOISY 15

/** A NaN of any sign and payload as the one that we write; other values as they are. */
static inline double dcl_canonical(double value) {
    return isnan(value) ? (double)NAN : value;
}

/** The mean over `present` samples, NaN where they are too few. Adding +0 turns a -0 that underflow left into
 * +0. */
static inline float dcl_mean_of(double sum, size_t present, size_t min_present) {
    if (present == 0 || present < min_present) return NAN;
    double mean = sum / (double)present;
    return isnan(mean) ? NAN : (float)mean + 0.0f;
}

/** A window from its parts; min and max are taken where something is present. */
static inline dcl_window_stats dcl_window_of(double sum, float min, float max, size_t present,
                                             size_t samples) {
    dcl_window_stats window = {.sum = dcl_canonical(sum),
                               .min = present ? min + 0.0f : NAN,
                               .max = present ? max + 0.0f : NAN,
                               .present = (uint32_t)present,
                               .samples = (uint32_t)samples};
    return window;
}

#endif
