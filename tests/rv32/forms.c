/*
 * A model as blobs, walked by mcu/, beside the same model as generated C: rows that reach every corner, and the number of rows that
 * differ, which must be 0. Built for the host and for RV32IMAC by check_gateway.py.
 */
#include <declic/mcu_gateway.h>
#include <declic_model.h>
#include <stdio.h>

#include "declic_models.h"

int main(void) {
    uint32_t seed = 7, hash = 0, differ = 0;
    for (unsigned m = 0; m < declic_models; m++) {
        dcl_mcu_forest forest;
        int16_t x[DCL_BLOB_FEATURES];
        int32_t sum[DCL_BLOB_OUTPUTS];
        if (dcl_mcu_forest_open(declic_model[m].blob, declic_model[m].bytes, DCL_BLOB_ANY, 0, &forest))
            return 1;
        for (int row = 0; row < 2000; row++) {
            for (int f = 0; f < forest.features; f++) {
                seed = seed * 1664525u + 1013904223u;
                x[f] = (int16_t)((int16_t)(seed >> 8 & 0xFFFF) >> (seed >> 28) % 13);
                if (x[f] < DCL_FEATURE_LEAST) x[f] = DCL_FEATURE_LEAST;
                if (x[f] > DCL_FEATURE_MOST) x[f] = DCL_FEATURE_MOST;
            }
            dcl_mcu_forest_sums(&forest, x, sum);
            int32_t value = dcl_mcu_forest_value(&forest, sum[0]), other = 0;
            switch (forest.kind) {
            case DCL_BLOB_MINUTE: other = declic_minute(x); break;
            case DCL_BLOB_TODAY: other = declic_today(x); break;
            default: value = (int32_t)dcl_mcu_forest_leaf(&forest, x); other = (int32_t)declic_step(x);
            }
            differ += value != other;
            hash = hash * 31 + (uint32_t)value;
        }
    }
    printf("differ %lu rows %08lx\n", (unsigned long)differ, (unsigned long)hash);
    return differ != 0;
}
