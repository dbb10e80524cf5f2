#include "kernel_registry.h"
#include "kernel_trees.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t kernel_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *random, size_t n) {
    return (size_t)(kernel_random(random) % n);
}

#define PICK(random, list) ((list)[below(random, sizeof(list) / sizeof *(list))])

const char *kernel_fill_name(kernel_fill fill) {
    static const char *const names[FILL_COUNT] = {"home", "ties", "extremes", "holes", "noise"};
    return names[fill];
}

/* ---------------------------------------------------------------- options */

kernel_options kernel_draw_options(uint64_t *random) {
    static const uint32_t thresholds[] = {0, 1, 2, 300, INT32_MAX, UINT32_C(1) << 31, UINT32_MAX};
    static const int32_t previous[] = {DCL_MISSING_I32, DCL_MISSING_I32 + 1, -1, 0, 3000, INT32_MAX};
    static const uint32_t noises[] = {0, 1, 299, 700, INT32_MAX, UINT32_MAX};
    static const float scales[] = {10, 1, -10, 0.1f, 1e30f, 0x1p-140f};
    static const size_t widths[] = {1, 2, 6, 7, 8, 9, 15, 16, 17, 30, 31, 32, 33, 60, 61, 1000, UINT32_MAX};
    static const float los[] = {0, -100, 0.1f, -1e30f, FLT_MAX};
    static const float bin_widths[] = {1, 10, 0.1f, FLT_MIN, 1e30f, FLT_MAX};
    static const uint32_t counts[] = {1, 2, 7, 300, 1021, 1022, 5000};
    kernel_options options = {.previous = PICK(random, previous),
                              .threshold = PICK(random, thresholds),
                              .scale = PICK(random, scales),
                              .width = PICK(random, widths),
                              .bins = {PICK(random, los), PICK(random, bin_widths), PICK(random, counts)}};
    size_t enough[] = {0, 1, options.width / 2, options.width, options.width + 1};
    options.min_present = PICK(random, enough);
    options.state = options.threshold ? options.threshold - 1 : 0; /* so that ties are ties of both */
    options.noise = PICK(random, noises);
    return options;
}

kernel_options kernel_bench_options(void) {
    kernel_options options = {.previous = DCL_MISSING_I32,
                              .threshold = 300,
                              .state = 150,
                              .noise = 700,
                              .scale = 10,
                              .width = 60,
                              .min_present = 30,
                              .bins = {.lo = 0, .width = 10, .count = 600}};
    return options;
}

/* ---------------------------------------------------------------- inputs */

/* The next power of a home in 0.1 W: held to ±0.3 W, a new level every 600 samples or so. */
static int32_t home_next(int32_t *level, uint64_t *random) {
    uint64_t draw = kernel_random(random);
    if (draw % 600 == 0) *level = 500 + (int32_t)(draw / 600 % 30000);
    return *level + (int32_t)(draw >> 40) % 7 - 3;
}

/* True inside a hole: a quarter of all samples, in runs of 8 or so. */
static bool hole_next(bool *hole, uint64_t *random) {
    if (below(random, *hole ? 8 : 24) == 0) *hole = !*hole;
    return *hole;
}

static void fill_i32(void *out, size_t n, kernel_fill fill, const kernel_options *options, uint64_t *random) {
    const int32_t extremes[] = {INT32_MIN, INT32_MIN + 1,
                                INT32_MAX, INT32_MAX - 1,
                                0,         -1,
                                1,         (int32_t)(options->threshold & INT32_MAX)};
    int32_t *x = out, level = 1500, last = options->previous;
    bool hole = false;
    for (size_t i = 0; i < n; i++) {
        uint32_t step = options->threshold + (uint32_t)below(random, 3) - 1;
        switch (fill) {
        case FILL_TIES: /* wraps where the step does not fit: any sample is a fair one */
            x[i] = (int32_t)(kernel_random(random) & 1 ? (uint32_t)last + step : (uint32_t)last - step);
            break;
        case FILL_EXTREMES: x[i] = PICK(random, extremes); break;
        case FILL_HOLES: x[i] = hole_next(&hole, random) ? DCL_MISSING_I32 : home_next(&level, random); break;
        case FILL_NOISE: x[i] = (int32_t)(uint32_t)kernel_random(random); break;
        default: x[i] = home_next(&level, random);
        }
        last = x[i];
    }
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A boundary that the options draw: halves of a quantum, the ends of int32, the edges of bins. */
static float boundary(const kernel_options *options, uint64_t *random) {
    size_t number = below(random, (size_t)options->bins.count + 1);
    switch (below(random, 3)) {
    case 0: return ((float)below(random, 100) - 50 + 0.5f) / options->scale;
    case 1: return (kernel_random(random) & 1 ? 0x1p31f : -0x1p31f) / options->scale;
    default: return options->bins.lo + (float)number * options->bins.width;
    }
}

static float extreme(uint64_t *random) {
    const float values[] = {NAN,
                            -NAN,
                            float_of_bits(0x7fc12345),
                            float_of_bits(0xffabcdef),
                            INFINITY,
                            -INFINITY,
                            0.0f,
                            -0.0f,
                            FLT_TRUE_MIN,
                            -FLT_TRUE_MIN,
                            FLT_MIN,
                            -FLT_MIN / 2,
                            FLT_MAX,
                            -FLT_MAX,
                            0x1p31f,
                            -0x1p31f,
                            1.0f};
    return PICK(random, values);
}

static void fill_f32(void *out, size_t n, kernel_fill fill, const kernel_options *options, uint64_t *random) {
    float *x = out;
    int32_t level = 1500;
    bool hole = false;
    /* Half of the extreme inputs are without NaN and inf of both signs: else every sum of more than a few is
     * NaN. */
    bool mild = kernel_random(random) & 1;
    for (size_t i = 0; i < n; i++) {
        static const float to[] = {-INFINITY, 0, INFINITY};
        float edge = boundary(options, random), side = to[below(random, 3)];
        switch (fill) {
        case FILL_TIES: x[i] = side != 0 ? nextafterf(edge, side) : edge; break;
        case FILL_EXTREMES:
            x[i] = extreme(random);
            if (mild && !isfinite(x[i])) x[i] = -0.0f;
            break;
        case FILL_HOLES:
            x[i] = hole_next(&hole, random) ? NAN : 0.1f * (float)home_next(&level, random);
            break;
        case FILL_NOISE: x[i] = float_of_bits((uint32_t)kernel_random(random)); break;
        default: x[i] = 0.1f * (float)home_next(&level, random);
        }
    }
}

/* ---------------------------------------------------------------- calls */

static size_t bound_n(size_t n, const kernel_options *options) {
    (void)options;
    return n;
}

static size_t bound_one(size_t n, const kernel_options *options) {
    (void)n;
    (void)options;
    return 1;
}

static size_t bound_hart(size_t n, const kernel_options *options) {
    (void)options;
    return dcl_hart_bound(n);
}

static size_t bound_windows(size_t n, const kernel_options *options) {
    return dcl_window_bound(n, options->width);
}

static size_t bound_bins(size_t n, const kernel_options *options) {
    (void)n;
    return dcl_histogram_bound(&options->bins);
}

static size_t run_edge(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                       void *out) {
    return kernels->edge_i32(x, n, options->previous, options->threshold, out);
}

static size_t run_quantize(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                           void *out) {
    kernels->quantize_i32_f32(x, n, options->scale, out);
    return n;
}

/* What sum_i32 gives. */
typedef struct sum_item {
    int64_t sum, present;
} sum_item;

static size_t run_sum(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                      void *out) {
    (void)options;
    size_t present;
    sum_item item = {.sum = kernels->sum_i32(x, n, &present)};
    item.present = (int64_t)present;
    *(sum_item *)out = item;
    return 1;
}

/* The two sums of u16; the samples are two words each, the last one of an odd number is one. */
static size_t run_sums(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                       void *out) {
    (void)options;
    uint64_t *item = out;
    kernels->sums_u16(x, 2 * n - n % 2, &item[0], &item[1]);
    return 1;
}

typedef struct tally_item {
    int64_t least, most, present;
} tally_item;

/* Half of all fills are missing codes of 32 bits, of which the upper word is one of 16. */
static size_t run_tally(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                        void *out) {
    (void)options;
    dcl_tally tally = {INT16_MAX, INT16_MIN, 0};
    kernels->tally_i16(x, 2 * n - n % 2, INT16_MIN, &tally);
    *(tally_item *)out = (tally_item){tally.least, tally.most, (int64_t)tally.present};
    return 1;
}

enum { FOLD_WIDTH = 48 };

typedef struct fold_item {
    int64_t sum, count;
} fold_item;

static size_t bound_fold(size_t n, const kernel_options *options) {
    (void)n, (void)options;
    return FOLD_WIDTH;
}

/* Rows of 48, of 16 or of an odd width; the columns that a narrow one has not stay 0. */
static size_t run_fold(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                       void *out) {
    static const size_t widths[] = {FOLD_WIDTH, 16, 37, 5};
    int32_t sum[FOLD_WIDTH] = {0};
    uint32_t count[FOLD_WIDTH] = {0};
    size_t words = 2 * n - n % 2, width = widths[options->width % 4];
    size_t most = 65536 * width; /* so that no sum runs over */
    kernels->fold_i16(x, words < most ? words : most, width, INT16_MIN, sum, count);
    for (size_t i = 0; i < FOLD_WIDTH; i++) ((fold_item *)out)[i] = (fold_item){sum[i], count[i]};
    return FOLD_WIDTH;
}

static size_t bound_below(size_t n, const kernel_options *options) {
    (void)n, (void)options;
    return DCL_BELOW;
}

static size_t run_below(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                        void *out) {
    const int16_t threshold[DCL_BELOW] = {INT16_MIN, INT16_MAX, (int16_t)(options->threshold & 0x7fff),
                                          (int16_t) - (int)(options->width & 0xff)};
    kernels->below_i16(x, 2 * n - n % 2, threshold, out);
    return DCL_BELOW;
}

enum { LEVELS_MOST = 1 << 15 };

static size_t bound_levels(size_t n, const kernel_options *options) {
    (void)options;
    return (n / 2 < LEVELS_MOST ? n / 2 : LEVELS_MOST) + 1;
}

/* Two samples are a change; behind the levels comes the last sum, and what was not taken away. */
static size_t run_levels(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                         void *out) {
    static int64_t room[LEVELS_MOST];
    size_t most = bound_levels(n, options) - 1;
    int64_t *change = room + (LEVELS_MOST - most), left = 0; /* up to the end of the room */
    float *level = out;
    if (most) memcpy(change, x, most * sizeof *change);
    int64_t last =
        kernels->levels_f32_i64(change, most, (int64_t)n - 7, (double)options->noise * 1e-9, level);
    for (size_t i = 0; i < most; i++) left |= change[i];
    level[most] = left ? NAN : (float)last;
    return most + 1;
}

enum { BLOCK_WORDS = 4 * DCL_PHILOX_BLOCKS };

static size_t bound_philox(size_t n, const kernel_options *options) {
    (void)options;
    return n / BLOCK_WORDS * BLOCK_WORDS;
}

/* Each of as many samples as the blocks have words says seed, stream and number. */
static size_t run_philox(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                         void *out) {
    const uint32_t *word = x;
    size_t most = bound_philox(n, options);
    for (size_t i = 0; i < most; i += BLOCK_WORDS)
        kernels->philox_u32((uint64_t)word[i] << 32 | word[i + 1], (uint64_t)word[i + 2] << 32 | word[i + 3],
                            word[i + 4], (uint32_t *)out + i);
    return most;
}

static size_t run_hart(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                       void *out) {
    return dcl_hart_i32(kernels, x, n, options->state, options->noise, out);
}

static size_t run_window(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                         void *out) {
    kernels->window_f32(x, n, options->width, out);
    return dcl_window_bound(n, options->width);
}

/* Counts are added to what is there: start from something. */
static size_t run_histogram(const dcl_kernels *kernels, const void *x, size_t n,
                            const kernel_options *options, void *out) {
    size_t counters = dcl_histogram_bound(&options->bins);
    uint32_t *counts = out;
    for (size_t c = 0; c < counters; c++) counts[c] = (uint32_t)c;
    kernels->histogram_f32(x, n, &options->bins, counts);
    return counters;
}

static size_t run_resample(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                           void *out) {
    kernels->resample_mean_f32(x, n, options->width, options->min_present, out);
    return dcl_window_bound(n, options->width);
}

/* Rows of as many coordinates as the options say; the centroids are the first values, taken in turn. */
static size_t nearest_dim(const kernel_options *options) {
    return options->width < 64 ? options->width : 48;
}

/* Each sample is weighed with up to 80 centroids: of a large input some rows are enough. */
static size_t bound_rows(size_t n, const kernel_options *options) {
    return (n <= 1 << 16 ? n : 6007) / nearest_dim(options);
}

static size_t run_nearest(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                          void *out) {
    enum { ROOM = 80 };
    static float at[64 * ROOM], half[ROOM];
    const float *values = x;
    size_t dim = nearest_dim(options), k = options->bins.count < ROOM ? options->bins.count : 64;
    for (size_t c = 0; c < ROOM; c++) half[c] = c < k ? (float)c * -0.25f : -INFINITY;
    for (size_t i = 0; i < dim * ROOM; i++) at[i] = n > 0 ? values[i * 7 % n % 1021] : 0;
    dcl_centroids centroids = {at, half, dim, (k + 15) / 16 * 16};
    if (centroids.room < ROOM) /* its own rows of a narrower matrix */
        for (size_t j = 0; j < dim; j++)
            memmove(at + j * centroids.room, at + j * ROOM, centroids.room * sizeof *at);
    kernels->nearest_f32(values, bound_rows(n, options), &centroids, out);
    return bound_rows(n, options);
}

/* Values that the kernel does not take (its range is the caller's affair) are 0 here. */
static size_t run_add(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                      void *out) {
    static float row[1 << 16];
    const float *values = x;
    int64_t *sum = out;
    size_t most = n < sizeof row / sizeof *row ? n : sizeof row / sizeof *row;
    for (size_t i = 0; i < most; i++) {
        row[i] = fabsf(values[i] * options->scale) < 0x1p50f ? values[i] : 0;
        sum[i] = (int64_t)i - 7;
    }
    kernels->add_i64_f32(row, most, options->scale, sum);
    return most;
}

static size_t bound_add(size_t n, const kernel_options *options) {
    (void)options;
    return n < 1 << 16 ? n : 1 << 16;
}

/* The samples are rows of features of n / features others and then, from the same samples, one more vector. */
static size_t rbf_features(size_t n, const kernel_options *options) {
    size_t features = options->width % 13 + 1;
    return features <= n ? features : n;
}

static size_t bound_rbf(size_t n, const kernel_options *options) {
    size_t features = rbf_features(n, options);
    return features ? n / features : 0;
}

static size_t run_rbf(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                      void *out) {
    size_t features = rbf_features(n, options), others = bound_rbf(n, options);
    const float *sample = x;
    kernels->rbf_f32(sample, others, others, features, sample + n - features, fabsf(options->scale) * 1e-6f,
                     out);
    return others;
}

/* Rows of a matrix and, from the same samples, the vector behind them. */
static size_t dot_rows(size_t n, const kernel_options *options) {
    size_t rows = options->width % 17;
    return rows < n ? rows : n;
}

static size_t bound_dots(size_t n, const kernel_options *options) {
    return dot_rows(n, options);
}

static size_t run_dots(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                       void *out) {
    size_t rows = dot_rows(n, options), stride = n / (rows + 1);
    const float *sample = x;
    kernels->dots_f32(sample, rows, stride, sample + rows * stride, stride, out);
    return rows;
}

/* ---------------------------------------------------------------- outputs */

static void print_u32(const void *item, char *text, size_t room) {
    snprintf(text, room, "%" PRIu32, *(const uint32_t *)item);
}

static void print_i32(const void *item, char *text, size_t room) {
    snprintf(text, room, "%" PRId32, *(const int32_t *)item);
}

static void print_f32(const void *item, char *text, size_t room) {
    snprintf(text, room, "%a", (double)*(const float *)item);
}

static void print_sum(const void *item, char *text, size_t room) {
    const sum_item *sum = item;
    snprintf(text, room, "{sum %" PRId64 " present %" PRId64 "}", sum->sum, sum->present);
}

static void print_hart(const void *item, char *text, size_t room) {
    const dcl_hart_step *step = item;
    snprintf(text, room,
             "{before %" PRId64 "/%" PRIu32 " after %" PRId64 "/%" PRIu32 " %" PRIu32 "-%" PRIu32 "}",
             step->before_sum, step->before_n, step->after_sum, step->after_n, step->index, step->settled);
}

static void print_window(const void *item, char *text, size_t room) {
    const dcl_window_stats *window = item;
    snprintf(text, room, "{sum %a min %a max %a present %" PRIu32 " of %" PRIu32 "}", window->sum,
             (double)window->min, (double)window->max, window->present, window->samples);
}

static void print_i64(const void *item, char *text, size_t room) {
    snprintf(text, room, "%" PRId64, *(const int64_t *)item);
}

static void print_tally(const void *item, char *text, size_t room) {
    const tally_item *tally = item;
    snprintf(text, room, "{least %" PRId64 " most %" PRId64 " present %" PRId64 "}", tally->least,
             tally->most, tally->present);
}

static void print_fold(const void *item, char *text, size_t room) {
    const fold_item *fold = item;
    snprintf(text, room, "{sum %" PRId64 " count %" PRId64 "}", fold->sum, fold->count);
}

static void print_nearest(const void *item, char *text, size_t room) {
    const dcl_nearest *nearest = item;
    snprintf(text, room, "{%" PRIu32 " score %a second %a}", nearest->index, (double)nearest->score,
             (double)nearest->second);
}

const kernel_entry kernel_registry[] = {
    {"edge_i32", sizeof(uint32_t), fill_i32, bound_n, run_edge, print_u32},
    {"quantize_i32_f32", sizeof(int32_t), fill_f32, bound_n, run_quantize, print_i32},
    {"sum_i32", sizeof(sum_item), fill_i32, bound_one, run_sum, print_sum},
    {"sums_u16", 2 * sizeof(uint64_t), fill_i32, bound_one, run_sums, print_sum},
    {"tally_i16", sizeof(tally_item), fill_i32, bound_one, run_tally, print_tally},
    {"fold_i16", sizeof(fold_item), fill_i32, bound_fold, run_fold, print_fold},
    {"below_i16", sizeof(uint64_t), fill_i32, bound_below, run_below, print_i64},
    {"philox_u32", sizeof(uint32_t), fill_i32, bound_philox, run_philox, print_u32},
    {"levels_f32_i64", sizeof(float), fill_i32, bound_levels, run_levels, print_f32},
    {"hart_i32", sizeof(dcl_hart_step), fill_i32, bound_hart, run_hart, print_hart},
    {"window_f32", sizeof(dcl_window_stats), fill_f32, bound_windows, run_window, print_window},
    {"histogram_f32", sizeof(uint32_t), fill_f32, bound_bins, run_histogram, print_u32},
    {"resample_mean_f32", sizeof(float), fill_f32, bound_windows, run_resample, print_f32},
    {"nearest_f32", sizeof(dcl_nearest), fill_f32, bound_rows, run_nearest, print_nearest},
    {"add_i64_f32", sizeof(int64_t), fill_f32, bound_add, run_add, print_i64},
    {"rbf_f32", sizeof(float), fill_f32, bound_rbf, run_rbf, print_f32},
    {"dots_f32", sizeof(float), fill_f32, bound_dots, run_dots, print_f32},
    {"trees_f32", sizeof(float), fill_f32, bound_trees, run_trees, print_f32},
    {"trees_row_f32", sizeof(float), fill_f32, bound_trees, run_trees_row, print_f32},
};
const size_t kernel_registry_n = sizeof kernel_registry / sizeof *kernel_registry;

const kernel_entry *kernel_find(const char *name) {
    for (size_t k = 0; k < kernel_registry_n; k++) {
        if (strcmp(kernel_registry[k].name, name) == 0) return &kernel_registry[k];
    }
    return NULL;
}

bool kernel_next_form(size_t *form, dcl_kernels *out) {
    while (dcl_kernels_isa_at(*form)) {
        if (dcl_kernels_select(dcl_kernels_isa_at((*form)++), out, NULL) == DCL_OK) return true;
    }
    return false;
}
