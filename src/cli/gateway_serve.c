/* declic gateway MODEL CAPTURE: what a gateway would have sent, as CSV. */
#include <stdlib.h>

#include "base/file.h"
#include "cli/gateway.h"

typedef struct serving {
    session *cli;
    dcl_text text;
    size_t minutes;
    const dcl_mcu_forest *step;
} serving;

static uint32_t half(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8;
}

static void put_time(dcl_text *text, const uint8_t *at, int64_t unit_us) {
    char stamp[32];
    int64_t since = half(at) | (int64_t)half(at + 2) << 16;
    dcl_time_format(INT64_C(946684800) * DCL_SECOND_US + since * unit_us, stamp);
    dcl_text_put(text, stamp);
}

static void put_event(dcl_text *text, const uint8_t *r, const dcl_mcu_forest *step) {
    uint32_t since = half(r + 14);
    put_time(text, r + 2, DCL_SECOND_US);
    dcl_text_format(text, ",event,%d,%d,", (int)(int16_t)half(r + 6), (int)(int16_t)half(r + 8));
    dcl_text_fixed(text, r[10] / 200.0, 3);
    dcl_text_format(text, ",%s,", r[11] == 255 || !step->bytes ? "" : dcl_mcu_forest_label(step, r[11]));
    if (r[11] != 255) dcl_text_fixed(text, r[12] / 127.0, 3);
    if (since != 65535)
        dcl_text_format(text, ",%u", (unsigned)(4 * since));
    else
        dcl_text_put(text, ",");
    dcl_text_format(text, ",,,,,%u\n", (unsigned)r[1]);
}

static void put_optional(dcl_text *text, uint32_t value, double scale, int decimals) {
    dcl_text_put(text, ",");
    if (value != 65535) dcl_text_fixed(text, value * scale, decimals);
}

static void put_minute(dcl_text *text, const uint8_t *r) {
    put_time(text, r + 2, DCL_MINUTE_US);
    dcl_text_format(text, ",minute,,,,,,,%u,%u", (unsigned)half(r + 6), (unsigned)half(r + 8));
    put_optional(text, half(r + 10), 1, 0);
    put_optional(text, half(r + 12), 0.01, 2);
    dcl_text_format(text, ",%u\n", (unsigned)r[1]);
}

static dcl_status take(void *arg, const uint8_t *record, size_t n, dcl_error *error) {
    serving *s = arg;
    (void)n;
    (void)error;
    if (dcl_cancelled(&s->cli->context)) return DCL_E_CANCELLED;
    if (record[0] == DCL_RECORD_EVENT) put_event(&s->text, record, s->step);
    if (record[0] != DCL_RECORD_MINUTE) return DCL_OK;
    put_minute(&s->text, record);
    s->minutes++;
    return DCL_OK;
}

int serve_gateway(session *cli, const dcl_gateway_model *model, const char *capture) {
    char *bytes;
    size_t n;
    dcl_gateway_about about = dcl_gateway_describe(model);
    serving s = {.cli = cli, .step = &about.part[DCL_BLOB_STEP].forest};
    dcl_status status = dcl_file_read(capture, (size_t)1 << 30, &bytes, &n, &cli->error);
    if (status) return session_fail(cli, status);
    dcl_text_put(&s.text,
                 "time_utc,record,delta_va,delta_w,power_factor,appliance,confidence,since_s,mean_w,most_va,"
                 "next_w,today_kwh,flags\n");
    status = dcl_gateway_serve(model, bytes, n, cli->read.has_start ? cli->read.start_us : INT64_MIN,
                               cli->zone, take, &s, &cli->error);
    free(bytes);
    if (!status && !s.minutes)
        say(cli, "declic: note: %s holds no whole minute: a gateway would have sent none\n", capture);
    if (!status) return session_write(cli, &s.text);
    dcl_text_free(&s.text);
    return session_fail(cli, status);
}
