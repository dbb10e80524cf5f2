/* Hart's rule, two vectorised passes over a chunk that stays in the first cache: which samples move, then the sums of
 * the stretches between them. */
#include "kernel/kernel.h"

#include <assert.h>

#define CHUNK 4096 /* samples */

/* The rule under way. */
typedef struct hart {
    uint32_t state, noise;
    int32_t last;       /* the last present sample, */
    size_t next;        /* and the index behind it */
    bool moving;        /* it moved */
    int64_t sum;        /* of the stretch so far */
    uint32_t n;         /* present samples in it */
    dcl_hart_step step; /* the change before it, but for what is behind that; before_n = 0: there is none */
    dcl_hart_step *out;
    size_t count;
} hart;

/* A mean as its whole part, rounded down, and n-ths. */
typedef struct fraction {
    int64_t whole;
    uint64_t parts;
} fraction;

static fraction mean_of(int64_t sum, uint32_t n) {
    int64_t whole = sum / n, parts = sum % n;
    return parts < 0 ? (fraction){whole - 1, (uint64_t)(parts + n)} : (fraction){whole, (uint64_t)parts};
}

/* a - b > level, where a counts a_n-ths and b b_n-ths. The difference of the parts is less than 1 either way. */
static bool above(fraction a, uint32_t a_n, fraction b, uint32_t b_n, uint32_t level) {
    int64_t whole = a.whole - b.whole;
    return whole > level || (whole == level && a.parts * b_n > b.parts * a_n);
}

/* The stretch behind the last change is complete: now it shows whether the change was a transition. */
static void complete(hart *h) {
    dcl_hart_step *step = &h->step;
    if (step->before_n == 0) return;
    step->after_sum = h->sum;
    step->after_n = h->n;
    fraction before = mean_of(step->before_sum, step->before_n), after = mean_of(h->sum, h->n);
    if (above(after, h->n, before, step->before_n, h->noise) ||
        above(before, step->before_n, after, h->n, h->noise))
        h->out[h->count++] = *step;
}

/* The rule for one sample. */
static void take(hart *h, int32_t sample, size_t at) {
    if (sample == DCL_MISSING_I32) return;
    uint32_t size =
        sample > h->last ? (uint32_t)sample - (uint32_t)h->last : (uint32_t)h->last - (uint32_t)sample;
    bool moves = size > h->state;
    if (moves && !h->moving) {
        complete(h);
        h->step = (dcl_hart_step){.before_sum = h->sum, .before_n = h->n, .index = (uint32_t)at};
    }
    if (moves) {
        h->sum = 0;
        h->n = 0;
        h->step.settled = (uint32_t)at;
    }
    h->sum += sample;
    h->n++;
    h->last = sample;
    h->next = at + 1;
    h->moving = moves;
}

/* The rule for samples from … to - 1 that do not move from the ones right before them. Behind a hole they may move
 * from the one before the hole: those are taken one by one. */
static void take_still(hart *h, const dcl_kernels *kernels, const int32_t *x, size_t from, size_t to) {
    for (; from < to && h->next != from; from++) take(h, x[from], from);
    if (from == to) return;
    size_t present;
    int64_t sum = kernels->sum_i32(x + from, to - from, &present);
    if (present < to - from) {
        for (; from < to; from++) take(h, x[from], from);
        return;
    }
    h->sum += sum;
    h->n += (uint32_t)present;
    h->last = x[to - 1];
    h->next = to;
    h->moving = false;
}

size_t dcl_hart_i32(const dcl_kernels *kernels, const int32_t *x, size_t n, uint32_t state, uint32_t noise,
                    dcl_hart_step *out) {
    assert(n <= UINT32_MAX && state < UINT32_MAX);
    uint32_t index[CHUNK];
    hart h = {.state = state, .noise = noise, .next = SIZE_MAX, .out = out};
    for (size_t from = 0; from < n; from += CHUNK) {
        size_t samples = n - from < CHUNK ? n - from : CHUNK, at = from;
        int32_t previous = from ? x[from - 1] : DCL_MISSING_I32;
        size_t moves = kernels->edge_i32(x + from, samples, previous, state + 1, index);
        for (size_t m = 0; m < moves; m++) {
            size_t move = from + index[m];
            take_still(&h, kernels, x, at, move);
            take(&h, x[move], move);
            at = move + 1;
        }
        take_still(&h, kernels, x, at, from + samples);
    }
    complete(&h);
    return h.count;
}
