/* Any bytes are loads that a person named, all in their ranges, or an error. The container's checksum is made to fit, so that
 * what is behind it is reached. */
#include <stdlib.h>

#include "learn/pack.h"
#include <declic/appliance_names.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void name_some(const dcl_loads *loads) {
    dcl_cycle cycle[4];
    const char *own[4] = {NULL, NULL, NULL, NULL};
    dcl_context context = {.threads = 1};
    for (int i = 0; i < 4; i++) {
        const dcl_known_load *load = &loads->load[(size_t)i % loads->n];
        cycle[i] = (dcl_cycle){.start_us = i * DCL_HOUR_US, .end_us = (i + 1) * DCL_HOUR_US, .confidence = 1};
        cycle[i].on_w = load->on_w[0], cycle[i].off_w = load->off_w[1];
        cycle[i].flags = loads->apparent ? DCL_CYCLE_APPARENT : 0;
    }
    dcl_cycles cycles = {.cycle = cycle, .n = 4};
    if (dcl_loads_name(&context, loads, loads->period_us, &cycles, own, NULL)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static dcl_loads loads;
    dcl_pack_part part = {"loads", bytes, n};
    unsigned char *file;
    size_t length;
    dcl_error error;
    if (dcl_loads_open(bytes, n, &loads, &error) == DCL_OK) name_some(&loads);
    if (dcl_pack_make("loads", &part, 1, &file, &length, &error)) return 0;
    if (dcl_loads_open(file, length, &loads, &error) == DCL_OK) name_some(&loads);
    free(file);
    return 0;
}
