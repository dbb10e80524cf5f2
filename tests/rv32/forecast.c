/*
 * Forecasts of the gateway's code along minutes of a home, for the host and for RV32IMAC: check_gateway_forecast.py compares them with
 * what declic forecast --quantised says.
 *
 * minutes.bin: each u32 minute since 2000 UTC, i32 minutes of the home's clock before UTC, i32 mean W, i32 W at its end, little-endian;
 * minute.blob, today.blob: where they are there. Printed after each minute: the next one, W, and today, 10 Wh; 65535 = none.
 */
#include <declic/mcu_gateway.h>
#include <stdio.h>

static uint16_t blob[2][20480];
static uint8_t line[16];

static uint32_t number(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static int read_model(int i, const char *name, dcl_blob_kind kind, dcl_mcu_forest *out) {
    FILE *file = fopen(name, "rb");
    if (!file) return 0;
    size_t n = fread(blob[i], 1, sizeof blob[i], file);
    fclose(file);
    return (int)dcl_mcu_forest_open(blob[i], n, kind, dcl_mcu_features_schema(kind), out);
}

int main(void) {
    static dcl_mcu_forest next, today;
    static dcl_mcu_running running;
    FILE *minutes = fopen("minutes.bin", "rb");
    if (!minutes) return 1;
    printf("faults %d %d\n", read_model(0, "minute.blob", DCL_BLOB_MINUTE, &next),
           read_model(1, "today.blob", DCL_BLOB_TODAY, &today));
    while (fread(line, 1, sizeof line, minutes) == sizeof line) {
        dcl_mcu_running_minute(&running, number(line), (int32_t)number(line + 4), (int32_t)number(line + 8));
        printf("%lu %lu %lu\n", (unsigned long)number(line),
               (unsigned long)dcl_mcu_forecast_next(&next, &running, (int32_t)number(line + 12)),
               (unsigned long)dcl_mcu_forecast_today(&today, &running));
    }
    fclose(minutes);
    return 0;
}
