/* Any bytes are a blob whose walks stay within it, or a fault. The checksum is made right, so that the tables are reached. */
#include <stdlib.h>
#include <string.h>

#include <declic/mcu_trees.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void walk(const dcl_mcu_forest *forest) {
    int16_t *x = malloc(forest->features * sizeof *x);
    int32_t *sum = malloc(forest->outputs * sizeof *sum);
    for (int turn = 0; x && sum && turn < 3; turn++) {
        for (int i = 0; i < forest->features; i++) x[i] = (int16_t)(turn * 20000 - 20000 + i * 1000);
        dcl_mcu_forest_sums(forest, x, sum);
        volatile int32_t value = dcl_mcu_forest_value(forest, sum[0]);
        (void)value;
    }
    for (uint32_t k = 0; k <= forest->outputs; k++) {
        volatile size_t length = strlen(dcl_mcu_forest_label(forest, k));
        (void)length;
    }
    free(x);
    free(sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    uint16_t *blob = malloc(n + 1);
    dcl_mcu_forest forest;
    if (!blob) return 0;
    if (n) memcpy(blob, bytes, n);
    if (dcl_mcu_forest_open(blob, n, DCL_BLOB_ANY, 0, &forest) == DCL_BLOB_FINE) walk(&forest);
    if (n >= DCL_BLOB_HEADER) {
        uint32_t said = blob[4] | (uint32_t)blob[5] << 16;
        if (said > n || said < DCL_BLOB_HEADER || said & 1) said = (uint32_t)(n & ~(size_t)1);
        memcpy(blob + 4, &said, 4);
        uint32_t crc = dcl_mcu_crc32(dcl_mcu_crc32(0, blob, 12), blob + 8, said - 16);
        memcpy(blob + 6, &crc, 4);
        if (dcl_mcu_forest_open(blob, n, DCL_BLOB_ANY, 0, &forest) == DCL_BLOB_FINE) walk(&forest);
    }
    free(blob);
    return 0;
}
