/* Any bytes are a model of forecasts, which then forecasts, or an error. The container's checksum is made to fit, so that what is
 * behind it is reached: the input is cut into the parts `about`, `features` and `trees.0`. */
#include <stdlib.h>

#include "learn/pack.h"
#include <declic/forecast.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void ask(const dcl_forecast_model *model) {
    enum { N = 24 * 12 };
    float value[N];
    dcl_error error;
    dcl_zone *zone = NULL;
    dcl_forecast forecast;
    dcl_forecast_about about = dcl_forecast_describe(model);
    dcl_series power = {.channel = DCL_POWER_W, .period_us = about.period_us, .n = N, .value = value};
    dcl_forecast_home home = {"home1", &power, NULL};
    dcl_forecast_options options = dcl_forecast_options_defaults();
    for (int i = 0; i < N; i++) value[i] = (float)(100 + 50 * (i % 24 > 17));
    if (dcl_zone_open("UTC", &zone, &error)) abort();
    dcl_context context = {.threads = 1, .zone = zone};
    options.correct_days = 1;
    if (dcl_forecast_make(&context, model, &home, INT64_MAX, &options, &forecast, &error) == DCL_OK)
        for (size_t i = 0; i < forecast.n; i++)
            for (size_t q = 1; q < DCL_FORECAST_QUANTILES; q++)
                if (forecast.point[i].quantile[q] < forecast.point[i].quantile[q - 1]) abort();
    dcl_zone_close(&zone);
}

static void open_bytes(const void *bytes, size_t n) {
    dcl_forecast_model *model;
    dcl_error error;
    if (dcl_forecast_open(bytes, n, &model, &error) != DCL_OK) return;
    ask(model);
    dcl_forecast_close(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    unsigned char *file;
    size_t length;
    dcl_error error;
    open_bytes(bytes, n);
    if (n < 4) return 0;
    size_t about = (size_t)bytes[0] | (size_t)bytes[1] << 8,
           features = (size_t)bytes[2] | (size_t)bytes[3] << 8;
    bytes += 4, n -= 4;
    if (about > n) about = n;
    if (features > n - about) features = n - about;
    dcl_pack_part part[] = {{"about", bytes, about},
                            {"features", bytes + about, features},
                            {"trees.0", bytes + about + features, n - about - features}};
    if (dcl_pack_make("forecast", part, 3, &file, &length, &error)) return 0;
    open_bytes(file, length);
    free(file);
    return 0;
}
