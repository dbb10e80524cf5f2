/* A deep tree that says what a function of few small integers says. */
#ifndef DCL_GATEWAY_CART_H
#define DCL_GATEWAY_CART_H

#include <declic/mcu_gateway.h>

#include "base/status.h"

/** A place of the features, the answer there (label + 256 × how sure), and what it weighs, > 0. */
typedef struct dcl_gateway_cell {
    int16_t x[DCL_GATEWAY_STEP_COUNT];
    uint16_t answer;
    float weight;
} dcl_gateway_cell;

/**
 * Grows a tree that parts cells of different labels, by the largest fall of Gini's impurity, until each leaf has one label, or what
 * it parts weighs less than `least`. A leaf's label is the heaviest, how sure the heaviest cells of it are on average.
 *
 * cell [n]  is put into another order
 * *tree     [*tree_n] as docs/blob.md has it; malloc'd, the caller's
 * Errors:   DCL_E_NO_DATA no cell; DCL_E_UNSUPPORTED a tree beyond 65,535 halves; DCL_E_MEMORY.
 */
dcl_status dcl_gateway_cart(dcl_gateway_cell *cell, size_t n, double least, uint16_t **tree, size_t *tree_n,
                            dcl_error *error) DCL_MUST_USE;

#endif
