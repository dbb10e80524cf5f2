/* Which forms of the kernels a machine gets. */
#include "base/status.h"
#include "kernel/kernel.h"

#include <string.h>

/* Narrowest first. Each needs all its bits and takes the forms of those before it that need no other bits. */
static const struct {
    const char *name;
    unsigned needs;
    void (*overlay)(dcl_kernels *table);
} isas[] = {
    {"scalar", 0, dcl_kernels_fill_scalar},
    {"avx2", DCL_CPU_AVX2, dcl_kernels_overlay_avx2},
    {"avx512", DCL_CPU_AVX2 | DCL_CPU_AVX512, dcl_kernels_overlay_avx512},
};
#define ISAS (sizeof isas / sizeof *isas)

/* The compiler's run time asks both the processor and, for the wide registers, the system (XGETBV). */
static unsigned this_cpu(void) {
    unsigned cpu = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("fma")) cpu |= DCL_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        cpu |= DCL_CPU_AVX512;
#endif
    return cpu;
}

static bool runs_on(size_t i, unsigned cpu) {
    return (isas[i].needs & ~cpu) == 0;
}

/* "scalar, avx2": the names that `cpu` can run, or all of them. */
static void list_names(unsigned cpu, char *text, size_t room) {
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ISAS; i++) {
        if (!runs_on(i, cpu)) continue;
        size_t length = strlen(isas[i].name);
        if (n + length + 3 > room) return;
        if (n > 0) n += strlen(strcpy(text + n, ", "));
        memcpy(text + n, isas[i].name, length + 1);
        n += length;
    }
}

dcl_status dcl_kernels_choose(const char *isa, unsigned cpu, dcl_kernels *out, dcl_error *error) {
    char names[64];
    size_t chosen = 0;
    if (!isa || strcmp(isa, "auto") == 0) {
        for (size_t i = 0; i < ISAS; i++) {
            if (runs_on(i, cpu)) chosen = i;
        }
    } else {
        while (chosen < ISAS && strcmp(isa, isas[chosen].name) != 0) chosen++;
        if (chosen == ISAS) {
            list_names(~0u, names, sizeof names);
            return dcl_fail(error, DCL_E_ARG, "no instruction set is called '%.32s': say auto, %s", isa,
                            names);
        }
        if (!runs_on(chosen, cpu)) {
            list_names(cpu, names, sizeof names);
            return dcl_fail(error, DCL_E_UNSUPPORTED, "no %s here: this machine has %s", isa, names);
        }
    }
    dcl_kernels table = {.isa = isas[chosen].name};
    for (size_t i = 0; i <= chosen; i++) {
        if ((isas[i].needs & ~isas[chosen].needs) == 0) isas[i].overlay(&table);
    }
    *out = table;
    return DCL_OK;
}

dcl_status dcl_kernels_select(const char *isa, dcl_kernels *out, dcl_error *error) {
    return dcl_kernels_choose(isa, this_cpu(), out, error);
}

const char *dcl_kernels_isa_name(const dcl_kernels *kernels) {
    return kernels->isa;
}

const char *dcl_kernels_isa_at(size_t i) {
    return i < ISAS ? isas[i].name : NULL;
}
