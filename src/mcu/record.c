/* What the gateway tells: steps with their names, minutes with forecasts, and how it fares; a queue of records. */
#include "mcu/gateway.h"

enum { GAP_MOST = 1440, STATE_EVERY = 60 /* minutes */, NONE8 = 0xFF, NONE16 = DCL_GATEWAY_NONE };

/* ---------------------------------------------------------------- the queue */

static uint8_t length_of(uint8_t type) {
    return type == DCL_RECORD_EVENT    ? DCL_RECORD_EVENT_BYTES
           : type == DCL_RECORD_MINUTE ? DCL_RECORD_MINUTE_BYTES
                                       : DCL_RECORD_STATE_BYTES;
}

/* The place of a new record; the queue's end moves. NULL, and counted, where it is full. */
static uint8_t *add(dcl_mcu_gateway *g, uint8_t type, uint8_t flags) {
    uint8_t n = length_of(type);
    if (g->queued + n > (int)sizeof g->queue) {
        if (g->counts.lost < UINT16_MAX) g->counts.lost++;
        return NULL;
    }
    uint8_t *at = g->queue + g->queued;
    g->queued = (uint16_t)(g->queued + n);
    at[0] = type;
    at[1] = flags;
    return at + 2;
}

static uint8_t *put16(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value & 0xFF);
    to[1] = (uint8_t)(value >> 8 & 0xFF);
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value) {
    return put16(put16(to, value & 0xFFFF), value >> 16);
}

size_t dcl_mcu_gateway_take(dcl_mcu_gateway *g, uint8_t *record, size_t room) {
    uint8_t n = g->queued ? length_of(g->queue[0]) : 0;
    if (!n || n > room) return 0;
    for (uint8_t i = 0; i < n; i++) record[i] = g->queue[i];
    g->queued = (uint16_t)(g->queued - n);
    for (uint16_t i = 0; i < g->queued; i++) g->queue[i] = g->queue[i + n];
    return n;
}

/* ---------------------------------------------------------------- models */

dcl_blob_fault dcl_mcu_gateway_model(dcl_mcu_gateway *g, const uint16_t *blob, size_t n) {
    dcl_mcu_forest forest;
    dcl_blob_fault fault = dcl_mcu_forest_open(blob, n, DCL_BLOB_ANY, 0, &forest);
    dcl_blob_kind kind = fault ? DCL_BLOB_ANY : (dcl_blob_kind)forest.kind;
    uint32_t n_features = 0;
    if (!fault) dcl_mcu_features(kind, &n_features);
    int fits = n_features && forest.schema == dcl_mcu_features_schema(kind) && forest.features == n_features;
    if (!fault && (!fits || (kind == DCL_BLOB_STEP ? !forest.deep : forest.outputs != 1)))
        fault = DCL_BLOB_OTHER;
    if (fault) {
        if (g->counts.refused < UINT16_MAX) g->counts.refused++;
        return fault;
    }
    *(kind == DCL_BLOB_MINUTE ? &g->next : kind == DCL_BLOB_TODAY ? &g->today : &g->step) = forest;
    g->has_models = (uint8_t)(g->has_models | 1u << kind);
    return DCL_BLOB_FINE;
}

static int has(const dcl_mcu_gateway *g, dcl_blob_kind kind) {
    return g->has_models >> kind & 1;
}

static uint32_t between(int32_t value, int32_t most) {
    return (uint32_t)(value < 0 ? 0 : value > most ? most : value);
}

static uint32_t next_minute(const dcl_mcu_gateway *g) {
    return dcl_mcu_forecast_next(&g->next, &g->running, (g->power + 5) / 10);
}

static uint32_t today_total(const dcl_mcu_gateway *g) {
    return g->has_clock ? dcl_mcu_forecast_today(&g->today, &g->running) : NONE16;
}

/* ---------------------------------------------------------------- minutes */

static void tell_minute(dcl_mcu_gateway *g, uint32_t minute, int32_t mean_w, int last, uint8_t flags) {
    uint8_t *at = add(g, DCL_RECORD_MINUTE, flags);
    if (!at) return;
    at = put32(at, minute);
    at = put16(at, between(mean_w, NONE16));
    at = put16(at, between(g->most_va, NONE16));
    at = put16(at, last ? next_minute(g) : NONE16);
    put16(at, last ? today_total(g) : NONE16);
}

static void tell_state(dcl_mcu_gateway *g, uint32_t second) {
    const dcl_mcu_gateway_counts *c = &g->counts;
    uint8_t *at = add(g, DCL_RECORD_STATE, g->flags);
    if (!at) return;
    at = put32(at, second);
    at = put32(at, g->tic.frames);
    at = put32(at, g->tic.bad_checksums);
    at = put32(at, g->tic.malformed);
    at = put16(at, g->tic.interrupted < NONE16 ? g->tic.interrupted : NONE16);
    at = put16(at, c->other_meter);
    at = put16(at, c->clock_jumps);
    at = put16(at, c->modes);
    at = put16(at, c->silences);
    at = put16(at, c->lost);
    at = put16(at, c->refused);
    put16(at, c->meters);
}

void dcl_mcu_gateway_new_minutes(dcl_mcu_gateway *g) {
    g->running = (dcl_mcu_running){0};
    g->minute = 0;
    g->sum = g->sum_ms = 0;
    g->most_va = 0;
}

void dcl_mcu_gateway_restart(dcl_mcu_gateway *g) {
    dcl_mcu_gateway_new_minutes(g);
    dcl_mcu_steps_init(&g->steps);
    g->started = g->has_index = g->stranger_frames = g->register_frames = 0;
    g->registers = 0;
    g->power = 0;
}

/* The minute that was is over; the clock is in a later one. Minutes without a frame have the mean of the silence. */
static void close_minutes(dcl_mcu_gateway *g, int32_t silence, uint32_t minute) {
    uint32_t gap = minute - g->minute;
    uint32_t mean = g->sum_ms ? g->sum / g->sum_ms : 0; /* 0.1 W */
    if (gap > GAP_MOST) {
        dcl_mcu_gateway_new_minutes(g);
        return;
    }
    for (uint32_t i = 0; i < gap; i++) {
        int32_t mean_w = ((i ? silence : (int32_t)mean) + 5) / 10;
        uint32_t closed = g->minute + i;
        int last = i + 1 == gap;
        dcl_mcu_running_minute(&g->running, closed, g->offset_minutes, mean_w);
        /* Of a long silence the server knows the mean from its first and last minute. */
        if (i > 1 && !last) continue;
        tell_minute(g, closed, mean_w, last, (uint8_t)(g->flags | (i ? DCL_GATEWAY_FILLED : 0)));
        g->most_va = 0;
    }
    if (minute / STATE_EVERY != g->minute / STATE_EVERY) tell_state(g, minute * 60);
}

void dcl_mcu_gateway_pass(dcl_mcu_gateway *g, uint32_t dt, int32_t power, uint32_t minute) {
    uint32_t counted = (dt < 60000 ? dt : 60000) >> 4;
    if (g->sum_ms < 8000) { /* 128 s: with 60 s more the sum fits 32 bits */
        g->sum += (uint32_t)power * counted;
        g->sum_ms += counted;
    }
    if (!g->minute) g->minute = minute;
    if (minute == g->minute) return;
    if (minute < g->minute && g->minute - minute == 1)
        return; /* a clock put right by seconds, over the turn of a minute */
    if (minute > g->minute)
        close_minutes(g, power, minute);
    else
        dcl_mcu_gateway_new_minutes(g);
    g->minute = minute;
    g->sum = g->sum_ms = 0;
    g->flags &= DCL_GATEWAY_NO_CLOCK | DCL_GATEWAY_STANDARD;
}

/* ---------------------------------------------------------------- steps */

void dcl_mcu_gateway_event(dcl_mcu_gateway *g, const dcl_mcu_step *step, uint32_t second) {
    uint32_t label = NONE8, sure = 0;
    if (has(g, DCL_BLOB_STEP) && !step->sparse) {
        int16_t x[DCL_GATEWAY_STEP_COUNT];
        dcl_mcu_step_features(step, x);
        uint32_t leaf = dcl_mcu_forest_leaf(&g->step, x);
        label = leaf & NONE8;
        sure = leaf >> 8;
    }
    uint8_t *at = add(g, DCL_RECORD_EVENT,
                      (uint8_t)((g->flags & ~DCL_GATEWAY_SPARSE) | (step->sparse ? DCL_GATEWAY_SPARSE : 0)));
    if (!at) return;
    at = put32(at, second);
    at = put16(at, (uint32_t)step->va & NONE16);
    at = put16(at, (uint32_t)step->w & NONE16);
    *at++ = (uint8_t)between(step->factor / 5, 200);
    *at++ = (uint8_t)label;
    *at++ = (uint8_t)sure;
    *at++ = step->settle;
    put16(at, step->since < 0 ? NONE16 : between(step->since / 4, NONE16 - 1));
}
