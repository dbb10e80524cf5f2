/* Any bytes are shares and temperatures within their ranges, or an error with a line. */
#include <math.h>
#include <stdlib.h>

#include <declic/town.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    dcl_arena arena = {0};
    dcl_error error = {0};
    dcl_context context = {.threads = 1};
    dcl_weather weather;
    double share[DCL_HOUSEHOLD_COUNT];
    if (dcl_weather_parse(&context, (const char *)bytes, n, &arena, &weather, &error) == DCL_OK)
        for (size_t i = 0; i < weather.n; i++)
            if (fabsf(weather.temperature_c[i]) > 70) abort();
    if (dcl_mix_parse((const char *)bytes, n, share, &error) == DCL_OK)
        for (unsigned k = 0; k < DCL_HOUSEHOLD_COUNT; k++)
            if (!(share[k] >= 0)) abort();
    dcl_arena_free(&arena);
    return 0;
}
