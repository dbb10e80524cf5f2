/* Signals for the tests of steps and cycles, written as short lists of runs. */
#ifndef TESTS_EVENT_SIGNAL_H
#define TESTS_EVENT_SIGNAL_H

#include <math.h>
#include <stdlib.h>

#include <declic/event.h>

/** n samples from `from` in a straight line towards `to` (not reached); NaN = missing. n = 0 ends a list. */
typedef struct run {
    int n;
    double from, to;
} run;

#define FLAT(n, w)                                                                                           \
    { (n), (w), (w) }
#define GAP(n)                                                                                               \
    { (n), NAN, NAN }
#define MAX_RUNS 12

/** The samples of a list of runs; the caller frees. Plus a fixed pseudo-random noise of at most ±noise. */
static inline float *signal_of(const run *runs, double noise, size_t *n) {
    float *value = NULL;
    *n = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t at = 0;
        uint32_t random = 7;
        for (int r = 0; r < MAX_RUNS && runs[r].n; r++)
            for (int i = 0; i < runs[r].n; i++, at++) {
                random = random * 1664525u + 1013904223u;
                double shake = noise * ((double)(random >> 8) / 8388608.0 - 1);
                double w = runs[r].from + (runs[r].to - runs[r].from) * i / runs[r].n;
                if (pass) value[at] = (float)(w + shake);
            }
        *n = at;
        if (!pass) value = malloc((at + 1) * sizeof *value);
        if (!value) abort();
    }
    return value;
}

#endif
