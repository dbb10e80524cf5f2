/* Every kernel once: how to fill its input, draw its options, call it and read its output. The property test
 * and the benchmark walk the same table, so a kernel that is measured is a kernel that is tested. */
#ifndef DCL_TESTS_KERNEL_REGISTRY_H
#define DCL_TESTS_KERNEL_REGISTRY_H

#include <declic/kernel.h>

/** Options of all kernels; each kernel reads its own. */
typedef struct kernel_options {
    int32_t previous;
    uint32_t threshold;
    uint32_t state, noise; /* of Hart's rule */
    float scale;
    size_t width, min_present;
    dcl_bins bins;
} kernel_options;

/** What an input is made of; the names stand in kernel_fill_name(). */
typedef enum kernel_fill {
    FILL_HOME,     /* a home's power: levels with a little noise, a step now and then */
    FILL_TIES,     /* on every boundary that the options draw, and one place (1, or 1 ulp) to each side */
    FILL_EXTREMES, /* NaN of several payloads, ±inf, ±0, denormals, the ends of each range */
    FILL_HOLES,    /* a home with a quarter of the samples missing, in runs */
    FILL_NOISE,    /* random bits */
    FILL_COUNT
} kernel_fill;

/** One kernel, or a function on kernels. Every input sample has 4 bytes; `out_item` is the size of an output item. */
typedef struct kernel_entry {
    const char *name;
    size_t out_item;
    /* Writes n samples. */
    void (*fill)(void *x, size_t n, kernel_fill fill, const kernel_options *options, uint64_t *random);
    /* Output items that a call may touch. */
    size_t (*bound)(size_t n, const kernel_options *options);
    /* Calls the kernel; returns the output items that hold a result. */
    size_t (*run)(const dcl_kernels *kernels, const void *x, size_t n, const kernel_options *options,
                  void *out);
    /* Writes the item as a person wants to read it. */
    void (*print)(const void *item, char *text, size_t room);
} kernel_entry;

extern const kernel_entry kernel_registry[];
extern const size_t kernel_registry_n;

/** The entry of a name, NULL where there is none. */
const kernel_entry *kernel_find(const char *name);
const char *kernel_fill_name(kernel_fill fill);

/** Goes to the next form that this machine has, from *form = 0 on; false past the last. */
bool kernel_next_form(size_t *form, dcl_kernels *out);

/** A loop over all of them, in `kernels`. */
#define EACH_FORM(kernels)                                                                                   \
    dcl_kernels kernels;                                                                                     \
    for (size_t form_ = 0; kernel_next_form(&form_, &kernels);)

/** Options at the edges of their ranges as well as inside. */
kernel_options kernel_draw_options(uint64_t *random);
/** The options of the benchmark: 0.1 W, steps of 30 W, minutes from seconds, bins of 10 W to 6 kW. */
kernel_options kernel_bench_options(void);

/** The next of a sequence of random 64-bit numbers. Source: Steele, Lea and Flood, "Fast Splittable
 * Pseudorandom Number Generators", OOPSLA 2014 (SplitMix64). */
uint64_t kernel_random(uint64_t *state);

#endif
