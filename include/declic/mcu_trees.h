/**
 * Gateway code: forests of integers, read where they lie in flash. Freestanding, as declic/mcu.h.
 *
 * A blob is one forest: features are int16, a value below a node's threshold goes left, leaves are int16 and are summed. Its
 * bytes are described in docs/blob.md.
 */
#ifndef DECLIC_MCU_TREES_H
#define DECLIC_MCU_TREES_H

#include <stddef.h>
#include <stdint.h>

/** The version of the layout that is written and read here. */
#define DCL_BLOB_VERSION 1
/** What begins a blob, and the bytes before its tables. */
#define DCL_BLOB_MAGIC  0x424C4344u /* "DCLB" */
#define DCL_BLOB_HEADER 32
/** The most features, outputs, levels of a tree, groups, trees and bytes. */
#define DCL_BLOB_FEATURES 127
#define DCL_BLOB_OUTPUTS  64
#define DCL_BLOB_DEPTH    8
#define DCL_BLOB_GROUPS   512
#define DCL_BLOB_TREES    16384
#define DCL_BLOB_BYTES    (1u << 20)
/** What marks a leaf of a deep tree. */
#define DCL_BLOB_LEAF 0x8000u
/** The largest base, either sign: with it no sum leaves 32 bits. */
#define DCL_BLOB_BASE (1 << 30)

/** What a forest is for. */
typedef enum dcl_blob_kind {
    DCL_BLOB_ANY,    /* any forest of one output or more */
    DCL_BLOB_MINUTE, /* the mean power of the next minute, less the power at its start, W */
    DCL_BLOB_TODAY, /* the energy that is still to come today by the plain guess of it, less 1; thousandths */
    DCL_BLOB_STEP,  /* which appliance a step is of: a deep tree; an output a label */
    DCL_BLOB_KINDS
} dcl_blob_kind;

/** Why a blob is not used. */
typedef enum dcl_blob_fault {
    DCL_BLOB_FINE,
    DCL_BLOB_SHORT,     /* fewer bytes than it says it has, or than a header */
    DCL_BLOB_FOREIGN,   /* no blob */
    DCL_BLOB_NEWER,     /* of a version that is not known here */
    DCL_BLOB_DAMAGED,   /* its checksum is wrong */
    DCL_BLOB_MALFORMED, /* its checksum is right, its tables contradict each other */
    DCL_BLOB_OTHER,     /* made for another purpose, or for other features */
    DCL_BLOB_FAULTS
} dcl_blob_fault;

/**
 * A blob that was found whole. Points into its bytes; nothing is copied.
 * group  u8 depth, u8 output, u16 pairs of trees each; depth 0: a deep tree of so many u16
 * deep   the first deep tree, [deep_n]; NULL where there is none
 * text   labels, one behind the other, each ended by NUL; NULL where there are none
 */
typedef struct dcl_mcu_forest {
    const uint16_t *base, *group, *body, *deep;
    const char *text;
    uint32_t bytes, schema, serial;
    uint16_t groups, text_bytes, deep_n;
    uint8_t kind, features, outputs, shift;
} dcl_mcu_forest;

/** The CRC-32 of gzip and PNG, of n bytes behind those of which it was `before`; 0 = none. Table of 16: some ten instructions a byte. */
uint32_t dcl_mcu_crc32(uint32_t before, const void *bytes, size_t n);

/**
 * Checks all of a blob and says where its parts lie. Afterwards no walk through it can leave it.
 *
 * blob   [n bytes]  aligned to 2; must stay while the forest is used
 * kind   what it must be for; DCL_BLOB_ANY = anything
 * schema the features that it must be for: dcl_mcu_schema() of the writer's table; 0 = any
 * out    untouched unless DCL_BLOB_FINE is returned
 *
 * Memory: none.   Cost: some twenty instructions a byte.
 */
dcl_blob_fault dcl_mcu_forest_open(const uint16_t *blob, size_t n, dcl_blob_kind kind, uint32_t schema,
                                   dcl_mcu_forest *out);

/**
 * Two places for a blob: the newer one that is whole is used, and the other may be written over. A new blob counts only once
 * it is whole, so that a transfer that fails leaves the old one in use.
 *
 * blob  [2], room [2] bytes  the places
 * fault [2]                  what is wrong with each; may be NULL
 * Returns the place in use, its forest in *out; -1 = none is whole, *out untouched.
 */
int dcl_mcu_forest_choose(const uint16_t *const blob[2], const size_t room[2], dcl_blob_kind kind,
                          uint32_t schema, dcl_mcu_forest *out, dcl_blob_fault fault[2]);

/**
 * The sums of a forest's leaves, in the model's unit times 2^shift.
 *
 * x   [features]
 * sum [outputs]
 * Memory: none.   Cost: on RV32IMAC some 31 instructions a tree of depth 4.
 */
void dcl_mcu_forest_sums(const dcl_mcu_forest *forest, const int16_t *x, int32_t *sum);

/**
 * The leaf that a row leads to in the first deep tree, 15 bits: of a step, label + 256 × how sure it is, 1/127. 0 where there is none.
 *
 * Cost: some ten instructions a level.
 */
uint32_t dcl_mcu_forest_leaf(const dcl_mcu_forest *forest, const int16_t *x);

/** A sum in the model's unit, rounded to the nearest, halves up. */
int32_t dcl_mcu_forest_value(const dcl_mcu_forest *forest, int32_t sum);

/** The label of an output; "" where there is none. */
const char *dcl_mcu_forest_label(const dcl_mcu_forest *forest, uint32_t output);

/* ---------------------------------------------------------------- features */

#define DCL_FEATURE_LEAST (-32767)
#define DCL_FEATURE_MOST  32766

/**
 * A feature: name, unit, and how many of its integers make a unit, as num / den. The integer is the value times that, rounded
 * to the nearest and kept within DCL_FEATURE_LEAST and _MOST, so that a threshold may lie on either side of all values. There is no missing
 * value: a feature that is not known has the number that its table says.
 */
typedef struct dcl_mcu_feature {
    char name[18], unit[6];
    uint16_t num, den;
} dcl_mcu_feature;

/** What stands for a table of features in a blob: the CRC-32 of `name unit num/den` of each, in order, each ended by LF. */
uint32_t dcl_mcu_schema(const dcl_mcu_feature *feature, uint32_t n);

#endif
