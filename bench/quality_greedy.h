/* The pairing that was before: one off step at a time takes the on step that fits it best. A baseline. */
#ifndef BENCH_QUALITY_GREEDY_H
#define BENCH_QUALITY_GREEDY_H

#include <declic/event.h>

/** The cycles of a home from its steps; the two lists of `out` are malloc'd, the caller's. */
void quality_greedy_cycles(const dcl_home *home, const dcl_cycle_options *options, const dcl_edges *edges,
                           dcl_cycles *out);

#endif
