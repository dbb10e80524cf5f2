/* Cycles found in the mains against the cycles of each plug. */
#ifndef BENCH_QUALITY_CYCLES_H
#define BENCH_QUALITY_CYCLES_H

#include <declic/event.h>

#include "quality_truth.h"

void quality_cycles_print(const dcl_context *context, const dcl_home *home, const quality_home *truth);

#endif
