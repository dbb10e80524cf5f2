/* Energy of a power series between two moments, in integers: sums do not depend on their order. */
#ifndef DCL_TARIFF_ENERGY_H
#define DCL_TARIFF_ENERGY_H

#include <declic/series.h>

/** covered_us: time with a sample. Negative samples are energy exported; both sums are positive. */
typedef struct dcl_energy {
    int64_t covered_us, drawn_uj, export_uj;
} dcl_energy;

/** The first sample that is neither missing nor within +-1 MW; n where there is none. */
size_t dcl_energy_check(const dcl_series *power);

/**
 * The energy in [from_us, to_us), which lies inside the span of a series that dcl_energy_check() passed. A
 * sample over a border is split by time, and its parts add up to the whole. Cost: some 1 ns a sample.
 */
dcl_energy dcl_energy_of(const dcl_series *power, int64_t from_us, int64_t to_us);

#endif
