/* Cycles found in the mains against the cycles of each plug. */
#ifndef BENCH_QUALITY_CYCLES_H
#define BENCH_QUALITY_CYCLES_H

#include <declic/event.h>

#include "quality_truth.h"

/** A cycle of a plug by a plain threshold: above QUALITY_ON_W for at least QUALITY_ON_S. Seconds from the span's start. */
#define QUALITY_ON_W 30.0
#define QUALITY_ON_S 30
typedef struct quality_span {
    int64_t start_s, end_s;
    double energy_wh;
    bool hit;
} quality_span;

/** Those of a plug [n]; out [n / QUALITY_ON_S + 1]. Returns how many. */
size_t quality_plug_cycles(const float *value, size_t n, quality_span *out);

void quality_cycles_print(const dcl_context *context, const dcl_home *home, const quality_home *truth);

/** Which cycles of the plugs still show in the mains averaged to 10 and to 30 min, by their energy. */
void quality_coarse_print(const dcl_context *context, int64_t start_us, const quality_home *truth);

#endif
