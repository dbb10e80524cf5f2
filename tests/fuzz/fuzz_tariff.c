/* Any bytes are a tariff file or an error; a table that was read bills a day. The first line, if any, is
 * tried as hours. */
#include <stdlib.h>
#include <string.h>

#include "tariff/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void try_hours(const uint8_t *bytes, size_t n) {
    char text[128], again[1024];
    size_t length = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, bytes, length);
    text[length] = '\0';
    dcl_hours hours, same;
    if (dcl_hours_parse(text, &hours, NULL)) return;
    if (dcl_hours_format(&hours, again, sizeof again) >= sizeof again || dcl_hours_parse(again, &same, NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    try_hours(bytes, n);
    dcl_tariff *tariff = NULL;
    dcl_error error;
    if (dcl_tariff_parse((const char *)bytes, n, &tariff, &error)) return 0;
    dcl_zone *zone = NULL;
    if (dcl_zone_open("+01:00", &zone, NULL)) abort();
    float value[48];
    for (int i = 0; i < 48; i++) value[i] = (float)(i * 10);
    dcl_context context = {.threads = 1, .zone = zone};
    dcl_series power = {
        .start_us = 1785535200 * DCL_SECOND_US, .period_us = DCL_HOUR_US, .n = 48, .value = value};
    for (int kind = 0; kind < DCL_TARIFF_KIND_COUNT; kind++) {
        dcl_contract contract = {(dcl_tariff_kind)kind, 6, dcl_hours_default()};
        dcl_arena arena = {0};
        dcl_bill bill;
        if (dcl_bill_make(&context, tariff, &contract, &power, NULL, &arena, &bill, &error)) abort();
        dcl_arena_free(&arena);
    }
    dcl_zone_close(&zone);
    dcl_tariff_close(&tariff);
    return 0;
}
