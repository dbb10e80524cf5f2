/* Bytes of a meter's line in, records out: what a frame says, whose it is and when, power by minutes, steps and forecasts. */
#include "mcu/gateway.h"

enum {
    HEARD_PAPP = 1 << 0,
    HEARD_ADDRESS = 1 << 1,
    HEARD_DATE = 1 << 2,
    HEARD_INJECTED = 1 << 3,
    SPARSE_MS = 10000,
    JUMP_S = 60,   /* a clock that is further off was set, or is another one */
    DRIFT_S = 2,   /* what a clock may be off before it is put right */
    STRANGERS = 5, /* frames of another meter, or of other registers, that make it ours */
    DAY_S = 86400,
    JITTER_MS = 50
};

/* ---------------------------------------------------------------- frames */

static uint16_t most16(uint16_t count) {
    return (uint16_t)(count < UINT16_MAX ? count + 1 : count);
}

/* The meter's address: frames of another one are not ours, until there are no others. */
static int is_ours(dcl_mcu_gateway *g) {
    const dcl_mcu_gateway_frame *f = &g->frame;
    if (!(f->seen & HEARD_ADDRESS) || f->address == g->address) {
        if (f->seen & HEARD_ADDRESS) g->stranger_frames = 0;
        return 1;
    }
    if (!g->address) {
        g->address = f->address;
        return 1;
    }
    g->counts.other_meter = most16(g->counts.other_meter);
    if (f->address != g->stranger) g->stranger_frames = 0;
    g->stranger = f->address;
    if (++g->stranger_frames < STRANGERS) return 0;
    g->counts.meters = most16(g->counts.meters);
    dcl_mcu_gateway_restart(g);
    g->address = f->address;
    return 1;
}

/* Registers add up to one index; where some of them lack, their sum says nothing. Others in five frames in a row are a new tariff. */
static int has_index(dcl_mcu_gateway *g) {
    uint16_t registers = g->frame.registers;
    if (!registers) return 0;
    if (registers == g->registers) {
        g->register_frames = 0;
        return 1;
    }
    if (registers != g->other_registers) g->register_frames = 0;
    g->other_registers = registers;
    int more = (registers & g->registers) == g->registers; /* what lacked until now is there */
    if (++g->register_frames < STRANGERS && !more) return 0;
    g->registers = registers;
    g->register_frames = 0;
    g->has_index = 0;
    return 1;
}

/* ---------------------------------------------------------------- time */

/* The time of a moment some weeks before or after the anchor. */
static uint32_t clock_at(const dcl_mcu_gateway *g, uint32_t time_ms) {
    uint32_t after = time_ms - g->clock_ms;
    if (after < UINT32_MAX / 2) return g->clock_s + after / 1000;
    return g->clock_s - (g->clock_ms - time_ms + 999) / 1000;
}

static void set_clock(dcl_mcu_gateway *g, uint32_t time_ms, uint32_t utc_s, int32_t offset_minutes) {
    uint32_t now = clock_at(g, time_ms), off = utc_s > now ? utc_s - now : now - utc_s;
    if (g->has_clock && off > JUMP_S) g->counts.clock_jumps = most16(g->counts.clock_jumps);
    g->offset_minutes = (int16_t)offset_minutes;
    if (g->has_clock && off <= DRIFT_S) return;
    if (!g->has_clock || off > JUMP_S) dcl_mcu_gateway_new_minutes(g);
    g->has_clock = 1;
    g->clock_s = utc_s;
    g->clock_ms = time_ms;
}

void dcl_mcu_gateway_clock(dcl_mcu_gateway *g, uint32_t time_ms, uint32_t utc_s, int32_t offset_minutes) {
    if (offset_minutes < -900 || offset_minutes > 900) return;
    if (g->has_clock && g->standard) return;
    set_clock(g, time_ms, utc_s, offset_minutes);
}

/* Keeps the anchor within 2^31 ms of now, so that the difference means something. */
static void carry_clock(dcl_mcu_gateway *g, uint32_t time_ms) {
    uint32_t since = time_ms - g->clock_ms, whole = since / 1000;
    if (since < 3600000) return;
    g->clock_s += whole;
    g->clock_ms += whole * 1000;
}

/* ---------------------------------------------------------------- a frame */

/* What power was on average since the last frame, 0.1 W: the level's, or over a silence the index's. */
static int32_t power_since(const dcl_mcu_gateway *g, uint32_t dt, int indexed) {
    if (dt <= SPARSE_MS || !indexed) return g->power;
    uint32_t wh = g->frame.index_wh - g->index_wh, seconds = dt / 1000;
    if (wh > 40u * (seconds / 3600 + 1) * 1000) return g->power; /* more than 40 kW: another count */
    uint32_t power = wh < 119 ? wh * 36000000u / dt : wh < 119000 ? wh * 36000u / seconds : DCL_GATEWAY_MOST;
    return (int32_t)(power < DCL_GATEWAY_MOST ? power : DCL_GATEWAY_MOST);
}

static void fuse(dcl_mcu_gateway *g, int indexed) {
    const dcl_mcu_gateway_frame *f = &g->frame;
    dcl_mcu_fusion_power power;
    dcl_mcu_fusion_frame frame = {.time_ms = f->began_ms, .index_wh = f->index_wh};
    int heard = f->seen & HEARD_PAPP && f->apparent_va <= DCL_GATEWAY_MOST / 10;
    int exports = f->seen & HEARD_INJECTED && f->injected_va && !(heard && f->apparent_va);
    frame.apparent = heard ? (int32_t)f->apparent_va * 10 : 0;
    frame.flags = (indexed ? 0u : DCL_FUSION_NO_INDEX) | (heard ? 0u : DCL_FUSION_NO_APPARENT) |
                  (exports ? DCL_FUSION_EXPORTS : 0u);
    dcl_mcu_fusion_push(&g->fusion, &frame, &power);
    if (exports) g->flags |= DCL_GATEWAY_EXPORTS;
    if (heard || exports) g->power = power.power;
    dcl_mcu_step step;
    int32_t sample = heard ? frame.apparent : exports ? 0 : DCL_MISSING_I32;
    if (heard && (int32_t)f->apparent_va > g->most_va) g->most_va = (int32_t)f->apparent_va;
    if (!heard && !exports) return; /* one group that was lost is no hole */
    if (dcl_mcu_steps_push(&g->steps, f->began_ms, sample, &g->fusion, &step))
        dcl_mcu_gateway_event(g, &step, clock_at(g, step.at_ms));
}

static void change_mode(dcl_mcu_gateway *g) {
    if (g->started) g->counts.modes = most16(g->counts.modes);
    g->standard = g->frame.standard;
    dcl_mcu_fusion_init(&g->fusion, g->standard ? 10 : 100, JITTER_MS);
    dcl_mcu_steps_init(&g->steps);
    g->registers = 0;
    g->has_index = 0;
}

/* Flags: what is so now, and what happened within this minute. */
static void note(dcl_mcu_gateway *g, uint32_t dt, int indexed) {
    uint8_t now =
        (uint8_t)((g->has_clock ? 0 : DCL_GATEWAY_NO_CLOCK) | (g->standard ? DCL_GATEWAY_STANDARD : 0));
    uint8_t met = (uint8_t)((dt > SPARSE_MS ? DCL_GATEWAY_SPARSE : 0) | (indexed ? 0 : DCL_GATEWAY_NO_INDEX) |
                            (g->frame.degraded ? DCL_GATEWAY_DEGRADED : 0));
    g->flags = (uint8_t)((g->flags & ~(DCL_GATEWAY_NO_CLOCK | DCL_GATEWAY_STANDARD)) | now | met);
}

static void end_frame(dcl_mcu_gateway *g) {
    dcl_mcu_gateway_frame *f = &g->frame;
    if (!(f->seen & (HEARD_PAPP | HEARD_INJECTED)) || !is_ours(g)) {
        *f = (dcl_mcu_gateway_frame){0};
        return;
    }
    if (!g->started || f->standard != g->standard) change_mode(g);
    carry_clock(g, f->began_ms);
    if (f->seen & HEARD_DATE) set_clock(g, f->began_ms, f->date_s, f->offset_minutes);
    int indexed = has_index(g);
    uint32_t dt = g->started ? f->began_ms - g->last_ms : 0;
    if (dt > SPARSE_MS) g->counts.silences = most16(g->counts.silences);
    note(g, dt, indexed);
    if (g->started)
        dcl_mcu_gateway_pass(g, dt, power_since(g, dt, indexed && g->has_index),
                             clock_at(g, f->began_ms) / 60);
    g->started = 1;
    g->last_ms = f->began_ms;
    fuse(g, indexed);
    if (indexed) g->index_wh = f->index_wh;
    if (indexed) g->has_index = 1;
    *f = (dcl_mcu_gateway_frame){0};
}

/* ---------------------------------------------------------------- groups */

enum { LABEL_APPARENT, LABEL_INJECTED, LABEL_ADDRESS, LABEL_DATE, LABEL_REGISTER };

/* The labels that are listened to; registers that add up to the index. */
static const struct {
    char label[8];
    uint8_t what;
} labels[] = {{"PAPP", LABEL_APPARENT},    {"SINSTS", LABEL_APPARENT},  {"SINSTI", LABEL_INJECTED},
              {"ADCO", LABEL_ADDRESS},     {"ADSC", LABEL_ADDRESS},     {"DATE", LABEL_DATE},
              {"EAST", LABEL_REGISTER},    {"BASE", LABEL_REGISTER},    {"HCHC", LABEL_REGISTER},
              {"HCHP", LABEL_REGISTER},    {"EJPHN", LABEL_REGISTER},   {"EJPHPM", LABEL_REGISTER},
              {"BBRHCJB", LABEL_REGISTER}, {"BBRHPJB", LABEL_REGISTER}, {"BBRHCJW", LABEL_REGISTER},
              {"BBRHPJW", LABEL_REGISTER}, {"BBRHCJR", LABEL_REGISTER}, {"BBRHPJR", LABEL_REGISTER}};
enum { LABELS = sizeof labels / sizeof *labels, FIRST_REGISTER = 6 };

static int find(const char *label) {
    for (int i = 0; i < LABELS; i++) {
        int c = 0;
        while (label[c] && label[c] == labels[i].label[c]) c++;
        if (label[c] == labels[i].label[c]) return i;
    }
    return LABELS;
}

/* Days from 2000-01-01 to a date of 2000 … 2099. */
static uint32_t days_to(const dcl_mcu_tic_time *t) {
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint32_t year = t->year - 2000u;
    uint32_t leap = year % 4 == 0 && t->month > 2;
    return year * 365 + (year + 3) / 4 + before[t->month - 1] + t->day - 1 + leap;
}

static void take_date(dcl_mcu_gateway_frame *f, const dcl_mcu_tic_group *group) {
    dcl_mcu_tic_time t;
    if (!dcl_mcu_tic_time_parse(group->horodate, group->horodate_length, &t) || !t.offset_minutes) return;
    uint32_t local = days_to(&t) * DAY_S + t.hour * 3600u + t.minute * 60u + t.second;
    uint32_t ahead = (uint32_t)t.offset_minutes * 60;
    if (local < ahead) return;
    f->date_s = local - ahead;
    f->offset_minutes = t.offset_minutes;
    f->degraded = t.degraded;
    f->seen |= HEARD_DATE;
}

static void take_number(dcl_mcu_gateway *g, int label, uint32_t value) {
    dcl_mcu_gateway_frame *f = &g->frame;
    if (labels[label].what == LABEL_REGISTER) {
        f->index_wh += value;
        f->registers = (uint16_t)(f->registers | 1u << (label - FIRST_REGISTER));
        return;
    }
    int drawn = labels[label].what == LABEL_APPARENT;
    *(drawn ? &f->apparent_va : &f->injected_va) = value;
    f->seen = (uint16_t)(f->seen | (drawn ? HEARD_PAPP : HEARD_INJECTED));
}

static int again(const dcl_mcu_gateway_frame *f, int label) {
    switch (labels[label].what) {
    case LABEL_REGISTER: return f->registers >> (label - FIRST_REGISTER) & 1;
    case LABEL_APPARENT: return f->seen & HEARD_PAPP;
    case LABEL_INJECTED: return f->seen & HEARD_INJECTED;
    case LABEL_ADDRESS: return f->seen & HEARD_ADDRESS;
    default: return f->seen & HEARD_DATE;
    }
}

static void take_group(dcl_mcu_gateway *g, uint32_t time_ms) {
    dcl_mcu_gateway_frame *f = &g->frame;
    dcl_mcu_tic_group group = dcl_mcu_tic_last(&g->tic);
    int label = find(group.label);
    uint32_t value;
    if (label == LABELS) return;
    if (again(f, label)) end_frame(g); /* a frame whose end was lost */
    if (!f->seen && !f->registers) f->began_ms = time_ms;
    f->standard = group.mode == DCL_TIC_MODE_STANDARD;
    switch (labels[label].what) {
    case LABEL_ADDRESS:
        f->address = dcl_mcu_crc32(0, group.data, group.data_length) | 1u;
        f->seen |= HEARD_ADDRESS;
        break;
    case LABEL_DATE: take_date(f, &group); break;
    default:
        if (dcl_mcu_tic_number(group.data, group.data_length, &value)) take_number(g, label, value);
    }
}

/* ---------------------------------------------------------------- bytes */

void dcl_mcu_gateway_init(dcl_mcu_gateway *g) {
    *g = (dcl_mcu_gateway){0};
    dcl_mcu_tic_init(&g->tic);
    dcl_mcu_steps_init(&g->steps);
}

int dcl_mcu_gateway_push(dcl_mcu_gateway *g, uint8_t byte, uint32_t time_ms) {
    switch (dcl_mcu_tic_push(&g->tic, byte)) {
    case DCL_TIC_EVENT_GROUP: take_group(g, time_ms); break;
    case DCL_TIC_EVENT_FRAME_START:
    case DCL_TIC_EVENT_FRAME_END:
    case DCL_TIC_EVENT_INTERRUPTED: end_frame(g); break;
    default: break;
    }
    return g->queued > 0;
}
