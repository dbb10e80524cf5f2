/*
 * What the panel's files share. A panel is an index, PANEL.h5, and shards beside it, PANEL.<content>.shard.h5:
 *
 *   shard  /                 attributes declic_shard = 1, content (a hash of all below)
 *          /panel/power_w    int16 [homes × slots]; attributes scale_w, range_low_w, range_high_w, missing, present, start_us,
 *                            period_us, unit, channel
 *          /panel/home       text of 64 bytes [homes]
 *          /panel/kind       uint8 [homes], where kinds are known
 *   index  /                 attributes declic_panel = 1, period_us
 *          /panel/power_w    the same as a virtual data set over the shards; scale_w where all have one
 *          /panel/home, /panel/kind
 *          /panel/shards     {file, content, first_home, n_homes, start_us, n_slots, scale_w, present} [shards]
 *
 * Shards never change: a file of that name holds what its name says. The index alone is replaced.
 */
#ifndef DCL_SERIES_PANEL_H
#define DCL_SERIES_PANEL_H

#include <declic/kernel.h>
#include <declic/series.h>

#include "base/status.h"

enum { DCL_PANEL_VERSION = 1 };
#define DCL_PANEL_SLOTS_MAX (UINT64_C(1) << 31)
#define DCL_PANEL_HOMES_MAX (UINT64_C(1) << 31)

/** How a set is cut: chunks of `homes` × `slots`, `down` of them over the homes and `across` over the slots. */
typedef struct dcl_chunks {
    size_t homes, slots, down, across;
} dcl_chunks;

/** Chunks of about 512 KiB that hold whole rows where a row has at most 65,536 slots. */
dcl_chunks dcl_chunks_of(size_t n_homes, size_t n_slots);

/** The context's kernels; where it has none the plain ones, in `room`. */
const dcl_kernels *dcl_panel_kernels(const dcl_context *context, dcl_kernels *room);
/** HDF5's checksum of a chunk. Source: H5checksum.c of HDF5 1.10, H5_checksum_fletcher32(). */
uint32_t dcl_fletcher32(const dcl_kernels *kernels, const void *bytes, size_t n);
/** A hash of bytes on top of another hash; not against malice. */
uint64_t dcl_panel_hash(uint64_t before, const void *bytes, size_t n);

/** Steps of scale_w, rounded half away from zero; NaN becomes DCL_PANEL_MISSING. Values must fit. */
void dcl_panel_to_raw(const float *power_w, size_t n, double scale_w, int16_t *raw);
void dcl_panel_to_power(const int16_t *raw, size_t n, double scale_w, float *power_w);

/** The first of 1, 2, 5, 10, 20 … W a step at which a power fits 16 bits. */
double dcl_panel_scale(double most_w);
/** Ids are names, and distinct. Errors: DCL_E_ARG, DCL_E_MEMORY. */
dcl_status dcl_panel_check_ids(const char (*id)[64], size_t n, dcl_error *error) DCL_MUST_USE;

/** The path of a file in the folder of the index; malloc'd, NULL without memory. */
char *dcl_panel_beside(const char *path, const char *file);

/** An open shard: where its chunks lie. */
typedef struct dcl_shard_file {
    dcl_chunks chunks;
    uint64_t *address; /* [chunks.down × chunks.across] */
    uint32_t *length;
} dcl_shard_file;

/**
 * Opens the shard that `want` tells of, holds it against that, and reads where its chunks lie. ids and kinds [want->n_homes] may
 * be NULL; *has_kind tells whether kinds were there. period_us is the panel's.
 * Errors: DCL_E_NOT_FOUND, DCL_E_FORMAT, DCL_E_MEMORY, with the shard's path.
 */
dcl_status dcl_shard_open(const char *path, const dcl_panel_shard *want, int64_t period_us,
                          dcl_shard_file *out, char (*id)[64], uint8_t *kind, bool *has_kind,
                          dcl_error *error) DCL_MUST_USE;
void dcl_shard_close(dcl_shard_file *shard);

/** A shard's slots as indices of a grid that begins at start_us. */
size_t dcl_panel_first_slot(const dcl_panel_shard *shard, int64_t start_us, int64_t period_us);

#endif
