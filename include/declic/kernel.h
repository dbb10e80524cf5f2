/**
 * Kernels: the innermost loops over raw arrays, one form for each instruction set, the same bytes from all of
 * them.
 *
 * Every kernel is single-threaded, allocates nothing, takes arrays of any alignment their type allows, and
 * never touches memory outside [array, array + n) and what its text names. Inputs and outputs must not overlap. The scalar form in
 * src/kernel/kernel_scalar.c is the specification; where the text here and that file differ, the file is
 * right. Assumed: the default floating-point environment (round to nearest even, denormals kept). Threads:
 * reentrant.
 */
#ifndef DECLIC_KERNEL_H
#define DECLIC_KERNEL_H

#include <declic/base.h>
#include <declic/mcu.h>
#include <math.h>

/**
 * What a window holds. No padding: two of them are equal when their bytes are.
 * sum       of the present samples; never -0
 * min, max  of the present samples, -0 as +0; NaN where none is present
 * present   samples that are not NaN
 * samples   samples of the window, present or not: fewer than the width in a last, partial window only
 */
typedef struct dcl_window_stats {
    double sum;
    float min, max;
    uint32_t present, samples;
} dcl_window_stats;

/** Mean of the present samples; NaN where none is present. */
static inline double dcl_window_mean(const dcl_window_stats *window) {
    return window->present ? window->sum / window->present : (double)NAN;
}

/** Windows of `width` >= 1 samples that n samples make, the last one perhaps partial. */
static inline size_t dcl_window_bound(size_t n, size_t width) {
    return n / width + (n % width != 0);
}

/**
 * Equal bins: bin b holds lo + b width <= x < lo + (b + 1) width, but for the rounding of the bin's number in
 * float32.
 * lo     finite
 * width  FLT_MIN … FLT_MAX
 * count  1 … 2^24
 */
typedef struct dcl_bins {
    float lo, width;
    uint32_t count;
} dcl_bins;

/** Counters of a histogram: one a bin, then samples below the first bin, above the last, and missing (NaN).
 */
enum { DCL_HISTOGRAM_BELOW, DCL_HISTOGRAM_ABOVE, DCL_HISTOGRAM_MISSING, DCL_HISTOGRAM_EXTRA };

/** Counters that dcl_kernels.histogram_f32 writes: counts[bins.count + DCL_HISTOGRAM_BELOW] and so on are the
 * last. */
static inline size_t dcl_histogram_bound(const dcl_bins *bins) {
    return (size_t)bins->count + DCL_HISTOGRAM_EXTRA;
}

/** True when every field is in its range. */
bool dcl_bins_valid(const dcl_bins *bins);

/**
 * A quantile of the present samples, from their histogram.
 *
 * counts [dcl_histogram_bound(bins)]  as dcl_kernels.histogram_f32 leaves it
 * q                                   0 … 1
 *
 * Let k be the rank ceil(q N) of N present samples, at least 1. The result lies in the bin of the k-th
 * smallest sample, linear in q within the bin, so it is at most one bin width from that sample (and float32
 * rounding at the bin's edge). It never falls as q grows. Where that sample is below the first bin the result
 * is bins->lo, where it is above the last one the result is the last bin's end: the truth is beyond, and the
 * counters say how often. Returns NaN where no sample is present or q is not within 0 … 1.
 * Memory: none.   Cost: O(bins).
 */
double dcl_histogram_quantile(const uint32_t *counts, const dcl_bins *bins, double q);

/**
 * A transition by Hart's rule, from one steady stretch to another. No padding: two of them are equal when their
 * bytes are.
 * before_sum, after_sum  of the present samples of the stretches on both sides, in the samples' unit
 * before_n, after_n      how many those are, >= 1
 * index                  sample with which the change began
 * settled                sample with which it ended, the first of the stretch behind it; >= index
 */
typedef struct dcl_hart_step {
    int64_t before_sum, after_sum;
    uint32_t before_n, after_n;
    uint32_t index, settled;
} dcl_hart_step;

/** Means of the stretches on both sides, in the samples' unit. */
static inline double dcl_hart_before(const dcl_hart_step *step) {
    return (double)step->before_sum / step->before_n;
}
static inline double dcl_hart_after(const dcl_hart_step *step) {
    return (double)step->after_sum / step->after_n;
}

/** The most transitions in n samples: between two changes lies a sample that does not move. */
static inline size_t dcl_hart_bound(size_t n) {
    return n / 2;
}

/** What is in a run of 16-bit values. Start from {INT16_MAX, INT16_MIN, 0}. */
typedef struct dcl_tally {
    int16_t least, most; /* of those that are present */
    uint64_t present;
} dcl_tally;

/** Thresholds that dcl_kernels.below_i16 takes at a time. */
enum { DCL_BELOW = 4 };

/** Blocks that dcl_kernels.philox_u32 makes at a time. */
enum { DCL_PHILOX_BLOCKS = 8 };

/** The largest row that dcl_kernels.rows_i32 knows, its most fields and their digits; bytes it may read behind rows. */
enum { DCL_ROW_BYTES = 256, DCL_ROW_FIELDS = 24, DCL_ROW_DIGITS = 8, DCL_ROW_BEHIND = 64 };
enum { DCL_ROW_NO_PLACE = 0xff };

/**
 * How rows of a text are written, all of them alike: the same bytes, but for digits at the same places.
 *
 * length     bytes of a row, its line end included: 1 … DCL_ROW_BYTES - 1
 * n_fields   1 … DCL_ROW_FIELDS
 * text,most  byte b of a row fits where (byte ^ text[b]) <= most[b]: 0 for the byte itself; text '0' with 9 for a digit
 *            or with 5 for one up to 5. From `length` on, text is 0 and most 255
 * place      of a field's digits in the row, the most significant first; DCL_ROW_NO_PLACE = none, a zero. All within
 *            16 bytes; the bytes there are digits by `most`
 * pair,four  what digits are worth: with pairs p0 … p3 of two digits each, 0 … 99, a field's value is
 *            (p0 pair[0] + p1 pair[1]) four[0] + (p2 pair[2] + p3 pair[3]) four[1]; each bracket 0 … 9999, the value
 *            within int32. {100, 1, 100, 1} and {10000, 1} make the number of eight digits
 */
typedef struct dcl_row_form {
    size_t length, n_fields;
    uint8_t text[DCL_ROW_BYTES], most[DCL_ROW_BYTES];
    uint8_t place[DCL_ROW_FIELDS][DCL_ROW_DIGITS];
    int16_t pair[DCL_ROW_FIELDS][DCL_ROW_DIGITS / 2], four[DCL_ROW_FIELDS][2];
} dcl_row_form;

/**
 * Centroids as the kernel reads them.
 * at   [dim × room]  the j-th coordinate of centroid c is at[j room + c]
 * half [room]        what a centroid's score starts from: -|c|² / 2 for the nearest one; -inf behind the last centroid
 * room               centroids, rounded up to a multiple of 16; < 2^27
 */
typedef struct dcl_centroids {
    const float *at, *half;
    size_t dim, room;
} dcl_centroids;

/**
 * The centroid of highest score.
 * index   the lowest of those with that score; 0 where none is above -inf
 * score   never -0;   second  the highest of the other centroids' scores, never -0
 */
typedef struct dcl_nearest {
    uint32_t index;
    float score, second;
} dcl_nearest;

/** What dcl_kernels.trees_f32 knows: the deepest tree, the most planes, values in a scale's heap, the fewest leaves. */
enum { DCL_TREES_DEPTH = 8, DCL_TREES_PLANES = 1024, DCL_TREES_HEAP = 256, DCL_TREES_LEAVES = 16 };
#define DCL_TREES_NO_PLANE UINT32_MAX

/**
 * Up to 255 cuts of a feature. The code of a value is how many of them are not above it, 0 … 255.
 * feature  its index in a row
 * levels   of the heap, 1 … 8: 2^levels - 1 cuts
 * plane    where codes go whose missing value is 0, left of every cut [0], and 255, right of every cut [1], in bytes: a
 *          multiple of 128 below 128 DCL_TREES_PLANES; DCL_TREES_NO_PLANE = nowhere
 */
typedef struct dcl_trees_scale {
    uint32_t feature, levels, plane[2];
} dcl_trees_scale;

/** A fork: right where the code in its plane and a byte of `mirror` sum up to 255 or more. The bytes are alike: 255 - cut. */
typedef struct dcl_trees_fork {
    uint32_t mirror, plane;
} dcl_trees_fork;

/** A full tree. depth 1 … 8; fork: the first of 2^depth - 1, level by level; leaf: the first of its leaves, from left to right:
 *  2^depth, repeated up to DCL_TREES_LEAVES where that is more. */
typedef struct dcl_trees_shape {
    uint32_t depth, fork, leaf;
} dcl_trees_shape;

/**
 * Boosted trees as the kernel reads them.
 * scale [n_scales], heap [n_scales DCL_TREES_HEAP]  a scale's cuts as a binary heap, the first one at [1], the children of [k] at
 *                                                   [2k] and [2k + 1]; NaN = none, behind all others
 * tree [n_trees], fork, leaf                        leaves are finite
 */
typedef struct dcl_trees {
    size_t n_trees, n_scales;
    const dcl_trees_shape *tree;
    const dcl_trees_scale *scale;
    const dcl_trees_fork *fork;
    const float *heap, *leaf;
    float base;
} dcl_trees;

/** Trees side by side in a group, the deepest of them, and the most features. */
enum { DCL_TREES_SIDE = 16, DCL_TREES_SIDE_DEPTH = 6, DCL_TREES_SIDE_FEATURES = 1024 };

/** 16 trees as one: full trees of a common depth, 1 … 6. n: of them, 1 … 16, those that count; fork, leaf: its first ones. */
typedef struct dcl_trees_group {
    uint32_t depth, n, fork, leaf;
} dcl_trees_group;

/**
 * Boosted trees as one row is asked of them.
 * cut, value [fork]  of fork i of a group, level by level, that of its l-th tree is at [16 i + l]; cut is above -inf; value is
 *                    the feature or, where a missing value goes right, the feature + span
 * leaf               likewise, from left to right
 * features           1 … DCL_TREES_SIDE_FEATURES
 * span               32 where that holds the features, else their number
 */
typedef struct dcl_trees_side {
    size_t n_groups;
    uint32_t features, span;
    const dcl_trees_group *group;
    const float *cut, *leaf;
    const uint32_t *value;
    float base;
} dcl_trees_side;

/** The table of kernels. Filled by dcl_kernels_select(); constant from then on, and shared by all threads. */
typedef struct dcl_kernels {
    const char *isa; /* "scalar", "avx2", "avx512" */

    /**
     * Finds the steps of a power series: i is an edge where x[i] and the sample before it are both present
     * and differ by at least `threshold`. The same events as dcl_mcu_edge_push() of every sample in turn.
     *
     * x        [n]  0.1 W or 0.1 VA; DCL_MISSING_I32 = missing; n <= UINT32_MAX
     * previous      the sample before x[0]; DCL_MISSING_I32 = none, and x[0] is no edge
     * threshold     in the samples' unit; differences are exact for every pair; 0 is taken as 1
     * index    [n]  the edges' indices, ascending; entries from the count on may be overwritten
     * Returns the count.
     */
    size_t (*edge_i32)(const int32_t *x, size_t n, int32_t previous, uint32_t threshold, uint32_t *index);

    /**
     * Turns floats into integers: x[i] scale, one float32 product, rounded half to even.
     *
     * x   [n]  NaN = missing
     * scale    10 turns W into 0.1 W
     * out [n]  a NaN product gives DCL_MISSING_I32; beyond ±(2^31 - 1) it stays there and is never the
     * missing code
     */
    void (*quantize_i32_f32)(const float *x, size_t n, float scale, int32_t *out);

    /**
     * The sum of the present samples, exact.
     *
     * x       [n]  DCL_MISSING_I32 = missing; n <= UINT32_MAX
     * present      how many samples are not missing
     */
    int64_t (*sum_i32)(const int32_t *x, size_t n, size_t *present);

    /**
     * Sum, extremes and count of each window of `width` samples from x[0] on. NaN is skipped, ±inf is a
     * value.
     *
     * x   [n]                          any unit
     * width                            1 … UINT32_MAX
     * out [dcl_window_bound(n, width)] the last one may be partial
     *
     * The sum has 16 float64 lanes: lane i mod 16 adds its present samples in order of i; then lanes l and l
     * + 8 are added, then l and l + 4, l + 2, l + 1. This tree gives the same bytes wherever the counting of
     * i starts, so lanes keyed to an absolute index and lanes keyed to the window's start are one rule.
     */
    void (*window_f32)(const float *x, size_t n, size_t width, dcl_window_stats *out);

    /**
     * Counts samples into equal bins. Counts are added to what is there, so a long series can come in parts.
     *
     * x      [n]                         any unit, the bins' own; n and every sum of counts <= UINT32_MAX
     * bins                               valid: dcl_bins_valid()
     * counts [dcl_histogram_bound(bins)] zeroed by the caller before the first part
     *
     * With t = (x[i] - lo) (1 / width) in float32, each operation rounded: t < 0 counts as below, t >= count
     * as above (±inf included), NaN as missing, all else in bin floor(t).
     */
    void (*histogram_f32)(const float *x, size_t n, const dcl_bins *bins, uint32_t *counts);

    /**
     * Takes a regular series to a coarser regular one: each out[j] is the mean of the present among `factor`
     * samples.
     *
     * x   [n]                           NaN = missing
     * factor                            1 … UINT32_MAX
     * min_present                       fewer present samples give NaN; 0 is taken as 1
     * out [dcl_window_bound(n, factor)] never -0; the last one may stand on fewer samples, under the same
     * min_present
     *
     * The mean is the sum of window_f32 divided by the count in float64, rounded to float32 once.
     */
    void (*resample_mean_f32)(const float *x, size_t n, size_t factor, size_t min_present, float *out);

    /**
     * Reads rows of a text as long as they are all written alike.
     *
     * form                                    valid as dcl_row_form says
     * text [n form->length + DCL_ROW_BEHIND]  rows one behind the other; what is behind them is read, and does
     *                                         not count
     * stride                                  >= n
     * out  [form->n_fields stride]            field f of row i is out[f stride + i]; entries of rows from the count
     *                                         on, up to n, may be overwritten
     * Returns how many rows are written so, up to the first that is not.
     */
    size_t (*rows_i32)(const dcl_row_form *form, const char *text, size_t n, size_t stride, int32_t *out);

    /**
     * Finds the nearest centroid of each row: the highest half[c] + x · c, which is (|x|² - |x - c|²) / 2.
     *
     * x   [n × dim]  rows; a NaN gives scores that are never taken
     * out [n]
     *
     * A score is fmaf(x[j], c[j], score) in order of j, from half[c] on. Cost: O(n dim room).
     */
    void (*nearest_f32)(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out);

    /**
     * Adds a row to sums whose order does not matter: sum[j] += x[j] scale, the product in float64, rounded half to even.
     *
     * x     [n]  finite; |x[j] scale| < 2^51
     * scale      a power of two makes products exact; its negative takes the same row out again
     * sum   [n]  the caller sees to it that it stays within int64
     */
    void (*add_i64_f32)(const float *x, size_t n, float scale, int64_t *sum);

    /**
     * Compares one vector with n others: out[i] = exp(-gamma Σ_f (x[f] - at[f stride + i])²), in float32, the sum by
     * fmaf in order of f.
     *
     * at    [features × stride]  the others, a row a feature
     * n                          <= stride
     * x     [features]
     * gamma                      >= 0, finite
     * out   [n]                  0 … 1; within 5e-7 (1 + features / 8) of the exact value; 0 where the exponent is below
     *                            -87; NaN where a feature is NaN
     */
    void (*rbf_f32)(const float *at, size_t n, size_t stride, size_t features, const float *x, float gamma,
                    float *out);

    /**
     * Products of several rows with one vector: out[r] = Σ_i a[r stride + i] b[i] in float32; lane i mod 16 takes its products
     * by fmaf in order of i, then the lanes are joined as in window_f32.
     *
     * a    [rows × stride]
     * n                     <= stride
     * b    [n]
     * out  [rows]           never -0; NaN where a product is, or where infinities meet
     */
    void (*dots_f32)(const float *a, size_t rows, size_t stride, const float *b, size_t n, float *out);

    /**
     * Margins of rows: base + the leaf of the first tree + that of the second …, in float32 in this order.
     *
     * x   [n][stride]  ±inf is a value; NaN = missing
     * stride           above every feature, < 2^24
     * out [n]
     *
     * Memory: up to 128 KiB of stack.   Cost: O(n forks): every fork is asked.
     */
    void (*trees_f32)(const dcl_trees *trees, const float *x, size_t n, size_t stride, float *out);

    /**
     * The margin of one row, as trees_f32.
     *
     * x [trees->features]  NaN = missing
     *
     * Memory: 8 KiB of stack.
     */
    float (*trees_row_f32)(const dcl_trees_side *trees, const float *x);

    /**
     * Sums of 16-bit words, little-endian: of all, and of all their prefix sums (Fletcher's two sums, not reduced).
     *
     * words [2 n bytes]  anywhere; n <= 2^23
     */
    void (*sums_u16)(const void *words, size_t n, uint64_t *sum, uint64_t *prefix);

    /**
     * Counts the values that are not `missing`, and takes their extremes, into what `tally` holds already.
     *
     * x [n]
     */
    void (*tally_i16)(const int16_t *x, size_t n, int16_t missing, dcl_tally *tally);

    /**
     * Adds rows of `width` values that lie one behind the other, column by column, to what sum and count hold; `missing` adds nothing.
     *
     * x      [n]      the last row may be cut
     * sum    [width]  must not run over: at most 65,536 rows from 0
     * count  [width]
     */
    void (*fold_i16)(const int16_t *x, size_t n, size_t width, int16_t missing, int32_t *sum,
                     uint32_t *count);

    /**
     * Counts the values below each of DCL_BELOW thresholds.
     *
     * x [n]  n <= 2^32
     */
    void (*below_i16)(const int16_t *x, size_t n, const int16_t *threshold, uint64_t *below);

    /**
     * Random words: DCL_PHILOX_BLOCKS blocks of four of the generator Philox4x32-10, as it stands in src/base/rng.h, from number
     * `first` on. Numbers wrap.
     *
     * seed    the generator's key
     * stream  the upper half of its counters
     * out     [4 DCL_PHILOX_BLOCKS]
     */
    void (*philox_u32)(uint64_t seed, uint64_t stream, uint32_t first, uint32_t *out);

    /**
     * Sums up changes and takes them away: out[i] = (float)((double)(level + x[0] + … + x[i]) scale), each step rounded as the
     * language rounds it, and x[i] becomes 0.
     *
     * x     [n]  sums that run over wrap
     * level      before the first
     * out   [n]
     * Returns the last sum, `level` where n is 0.
     */
    int64_t (*levels_f32_i64)(int64_t *x, size_t n, int64_t level, double scale, float *out);
} dcl_kernels;

/**
 * Finds steady states and the transitions between them by Hart's rule with a running mean.
 *
 * A sample moves where it differs by more than `state` from the present sample before it; samples that move in a row
 * are one change. A steady stretch is the last sample of a change and all behind it up to the next change, its level
 * their mean. A change is a transition where the levels of the stretches on both sides differ by more than `noise`.
 * The sample before the first counts as 0, so a home that starts with power starts in a change; but no transition
 * leads from nothing. The last stretch ends with the series. Means are compared exactly, as fractions.
 *
 * x   [n]                  0.1 W; missing samples (DCL_MISSING_I32) are as if they were not there; n <= UINT32_MAX
 * state                    in the samples' unit, < UINT32_MAX; 150 (15 W) by custom
 * noise                    in the samples' unit; 700 (70 W) by custom
 * out [dcl_hart_bound(n)]  in order of time; the caller's
 *
 * Returns the count.   Memory: 16 KiB of stack.   Threads: reentrant.   Cost: O(n).
 * Source: Hart, "Nonintrusive appliance load monitoring", Proc. IEEE 80(12), 1992, in the form that NILMTK gave it.
 */
size_t dcl_hart_i32(const dcl_kernels *kernels, const int32_t *x, size_t n, uint32_t state, uint32_t noise,
                    dcl_hart_step *out);

/**
 * Fills the table: scalar first, then what the instruction set asked for has of its own.
 *
 * isa  NULL or "auto" = the widest that processor and system have; else a name of dcl_kernels_isa_at()
 * out  the caller's; unchanged on failure
 *
 * Errors:  DCL_E_ARG         no such name
 *          DCL_E_UNSUPPORTED known, but not on this machine or not in this build; the message says what
 *                            there is
 * Memory:  none.
 */
dcl_status dcl_kernels_select(const char *isa, dcl_kernels *out, dcl_error *error) DCL_MUST_USE;

/** The instruction set that a filled table is for. */
const char *dcl_kernels_isa_name(const dcl_kernels *kernels);
/** The i-th name that dcl_kernels_select() knows, narrowest first, whether or not this machine has it; NULL
 * past the last. */
const char *dcl_kernels_isa_at(size_t i);

#endif
