/*
 * Homes' powers kept in a file without a name, until all have come: an import of many homes holds one of them in memory at a
 * time.
 */
#ifndef DCL_SERIES_SPILL_H
#define DCL_SERIES_SPILL_H

#include <stdio.h>

#include <declic/series.h>

#include "base/status.h"

/** A stretch of a home's power. */
typedef struct dcl_stretch {
    char id[64];
    size_t order; /* of coming; once all have come, that of the home's first stretch */
    size_t row;   /* the taker's own */
    int64_t start_us, at;
    size_t n;
} dcl_stretch;

typedef struct dcl_spill {
    const char *path; /* of the output that it lies beside */
    FILE *file;
    int64_t values;
    dcl_stretch *part; /* [n] */
    size_t n, room;
} dcl_spill;

/** Opens it in the folder of `path`; it goes with the program, however that ends. Errors: DCL_E_IO. */
dcl_status dcl_spill_open(dcl_spill *spill, const char *path, dcl_error *error) DCL_MUST_USE;
void dcl_spill_close(dcl_spill *spill);
/** Keeps a series of a home. Errors: DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_spill_add(dcl_spill *spill, const char *id, const dcl_series *series,
                         dcl_error *error) DCL_MUST_USE;
/** Ends the coming: stretches of a home stand together, homes in order of first coming. Errors: DCL_E_IO. */
dcl_status dcl_spill_sort(dcl_spill *spill, dcl_error *error) DCL_MUST_USE;
/**
 * Puts a stretch into `into`, whose first value is that of the stretch. What is there already counts once where it is the same
 * (same), and is missing where it is not (other). room has the stretch's length. Errors: DCL_E_IO.
 */
dcl_status dcl_spill_merge(dcl_spill *spill, const dcl_stretch *part, float *into, float *room,
                           uint64_t *same, uint64_t *other, dcl_error *error) DCL_MUST_USE;

#endif
