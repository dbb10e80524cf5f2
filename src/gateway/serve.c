/* The gateway on the host: a capture in, the records that would have been sent out. */
#include <stdlib.h>
#include <string.h>

#include "gateway/minutes.h"
#include "gateway/model.h"

enum { FIRST_MS = 1000 };

typedef struct server {
    dcl_mcu_gateway *gateway;
    const dcl_zone *zone;
    dcl_gateway_record_fn take;
    void *arg;
    int64_t first_us; /* INT64_MIN = not known */
    int32_t offset;
    bool has_clock;
} server;

/* The gateway is told the time once, and where the home's clock is put on. */
static void tell_time(server *s, int64_t now_us, uint32_t time_ms) {
    if (now_us < DCL_GATEWAY_EPOCH_US) return;
    int32_t offset = dcl_zone_offset_s(s->zone, now_us) / 60;
    if (s->has_clock && offset == s->offset) return;
    s->has_clock = true;
    s->offset = offset;
    dcl_mcu_gateway_clock(s->gateway, time_ms, (uint32_t)((now_us - DCL_GATEWAY_EPOCH_US) / DCL_SECOND_US),
                          offset);
}

static dcl_status push(server *s, char byte, uint32_t time_ms, dcl_error *error) {
    uint8_t record[DCL_RECORD_STATE_BYTES];
    size_t n;
    dcl_status status = DCL_OK;
    if (!dcl_mcu_gateway_push(s->gateway, (uint8_t)byte, time_ms)) return DCL_OK;
    while (!status && (n = dcl_mcu_gateway_take(s->gateway, record, sizeof record)) > 0)
        status = s->take(s->arg, record, n, error);
    return status;
}

/* `2025-01-12T23:00:00.183326Z GROUP`: where the group begins, NULL where the line is no such one. */
static const char *group_of(const char *line, const char *end, int64_t *time_us) {
    bool has_offset;
    const char *blank = memchr(line, ' ', (size_t)(end - line));
    if (!blank || blank - line > 39 || dcl_time_parse(line, (size_t)(blank - line), time_us, &has_offset) ||
        !has_offset)
        return NULL;
    return blank + 1;
}

static dcl_status serve_lines(server *s, const char *bytes, size_t n, dcl_error *error) {
    const char *stop = bytes + n;
    dcl_status status = DCL_OK;
    for (const char *line = bytes; !status && line < stop;) {
        int64_t time_us;
        const char *end = memchr(line, '\n', (size_t)(stop - line));
        if (!end) end = stop;
        const char *group = group_of(line, end, &time_us);
        if (group && s->first_us == INT64_MIN) s->first_us = time_us;
        uint32_t time_ms = group ? (uint32_t)((time_us - s->first_us) / 1000 + FIRST_MS) : 0;
        if (group) tell_time(s, time_us, time_ms);
        if (group) status = push(s, '\n', time_ms, error);
        for (; group && !status && group < end; group++) status = push(s, *group, time_ms, error);
        if (group && !status) status = push(s, '\r', time_ms, error);
        line = end + 1;
    }
    return status;
}

/* The line's own clock: ten bits a character; standard mode once a group of it was heard. */
static dcl_status serve_bytes(server *s, const char *bytes, size_t n, dcl_error *error) {
    dcl_mcu_tic heard;
    uint32_t baud = 1200;
    dcl_status status = DCL_OK;
    dcl_mcu_tic_init(&heard);
    for (size_t i = 0; i < n && i < 65536; i++)
        if (dcl_mcu_tic_push(&heard, (uint8_t)bytes[i]) == DCL_TIC_EVENT_GROUP &&
            dcl_mcu_tic_last(&heard).mode == DCL_TIC_MODE_STANDARD)
            baud = 9600;
    for (size_t i = 0; !status && i < n; i++) {
        uint64_t since_ms = (uint64_t)i * 10000 / baud;
        uint32_t time_ms = (uint32_t)(since_ms + FIRST_MS);
        if (s->first_us != INT64_MIN) tell_time(s, s->first_us + (int64_t)since_ms * 1000, time_ms);
        status = push(s, bytes[i], time_ms, error);
    }
    return status;
}

dcl_status dcl_gateway_serve(const dcl_gateway_model *model, const char *bytes, size_t n, int64_t start_us,
                             const dcl_zone *zone, dcl_gateway_record_fn take, void *arg, dcl_error *error) {
    int64_t time_us;
    const char *end = n ? memchr(bytes, '\n', n) : NULL;
    bool timed = n && group_of(bytes, end ? end : bytes + n, &time_us);
    server s = {.zone = zone, .take = take, .arg = arg, .first_us = timed ? INT64_MIN : start_us};
    s.gateway = malloc(sizeof *s.gateway);
    if (!s.gateway) return dcl_fail_memory(error, "a gateway");
    dcl_mcu_gateway_init(s.gateway);
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++)
        if (model->blob[kind].word)
            (void)dcl_mcu_gateway_model(s.gateway, model->blob[kind].word, model->blob[kind].bytes);
    dcl_status status = timed ? serve_lines(&s, bytes, n, error) : serve_bytes(&s, bytes, n, error);
    if (!status && !s.gateway->tic.groups)
        status = dcl_fail(error, DCL_E_NO_DATA, "no group of a télé-information in it");
    free(s.gateway);
    return status;
}
