/* Forests of floats as forests of integers: the blob that a gateway reads. */
#ifndef DCL_GATEWAY_QUANTISE_H
#define DCL_GATEWAY_QUANTISE_H

#include <declic/mcu_trees.h>

#include "learn/forest.h"

/**
 * What becomes a blob.
 * feature [features]  each forest has as many
 * forest  [outputs]
 * label   [outputs]   NULL = none; of at most 31 bytes
 * deep    [deep_n]    a deep tree as docs/blob.md has it, checked by the caller's making it; NULL = none. With it forest may be NULL
 * serial  of two blobs for one purpose the larger is the newer
 */
typedef struct dcl_gateway_source {
    dcl_blob_kind kind;
    const dcl_mcu_feature *feature;
    uint32_t features;
    const dcl_forest *forest;
    uint32_t outputs;
    const char *const *label;
    const uint16_t *deep;
    size_t deep_n;
    uint32_t serial;
} dcl_gateway_source;

/** A blob in memory: malloc'd, aligned, the caller's to free. forest points into it. */
typedef struct dcl_gateway_blob {
    uint16_t *word;
    size_t bytes;
    dcl_mcu_forest forest;
    uint32_t trees, nodes, leaves; /* of the forests as they were learned: without what fills them up */
} dcl_gateway_blob;

/**
 * Makes the blob of some forests. A threshold becomes the least integer of the feature that is not below it, so that each
 * integer goes the way that the float it stands for goes. A leaf becomes round(leaf × 2^shift), with the largest shift, up to
 * 15, for which all fit 16 bits.
 *
 * Missing values: integers have none; what the forest learned for them is dropped.
 *
 * Errors:  DCL_E_UNSUPPORTED  more features, outputs, levels, trees or bytes than a blob holds, or a leaf beyond ±32,767;
 *          DCL_E_ARG forests whose features differ in number, a scale of 0, a label that is too long; DCL_E_MEMORY.
 */
dcl_status dcl_gateway_quantise(const dcl_gateway_source *source, dcl_gateway_blob *out,
                                dcl_error *error) DCL_MUST_USE;
void dcl_gateway_blob_free(dcl_gateway_blob *blob);

/** The integer of a feature's value, and the value that an integer stands for. */
int16_t dcl_gateway_integer(const dcl_mcu_feature *feature, double value);
float dcl_gateway_value(const dcl_mcu_feature *feature, int32_t integer);
/** A threshold among the integers of a feature: value(i) < cut as i < threshold, for all of them. */
int16_t dcl_gateway_threshold(const dcl_mcu_feature *feature, float cut);

#endif
