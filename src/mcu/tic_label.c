/* What the labels of TIC groups mean. */
#include <declic/mcu.h>

static const dcl_mcu_tic_label_info labels[DCL_TIC_LABEL_COUNT] = {
#define DCL_X(id, label, unit, flags, meaning) {label, DCL_TIC_UNIT_##unit, flags},
    DCL_TIC_LABEL_TABLE(DCL_X)
#undef DCL_X
};

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

dcl_mcu_tic_label dcl_mcu_tic_label_find(const char *label) {
    for (int i = 0; i < DCL_TIC_LABEL_COUNT; i++)
        if (same(labels[i].label, label)) return (dcl_mcu_tic_label)i;
    return DCL_TIC_LABEL_COUNT;
}

const dcl_mcu_tic_label_info *dcl_mcu_tic_label_at(dcl_mcu_tic_label label) {
    /* Unsigned, so that a negative number is none either. */
    return (unsigned)label < DCL_TIC_LABEL_COUNT ? &labels[label] : NULL;
}
