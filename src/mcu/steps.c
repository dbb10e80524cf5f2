/*
 * Steps frame by frame: an edge begins one, frames without an edge settle it, and it leaves when its level ends or after a while,
 * for until then the index tells ever better what of it is active power.
 */
#include <declic/mcu_gateway.h>

enum {
    SETTLED = 3,          /* frames without an edge */
    SETTLE_MOST = 60,     /* frames; what moves longer is no step */
    LISTEN_MS = 20000,    /* for the power factor */
    SPARSE_MS = 10000,    /* between frames */
    FORGET_MS = 130000000 /* of what came on so long ago (36 h) the feature says no more */
};

void dcl_mcu_steps_init(dcl_mcu_steps *s) {
    *s = (dcl_mcu_steps){0};
    dcl_mcu_edge_init(&s->edge, DCL_STEP_LEAST);
}

static int32_t size_of(int32_t a) {
    return a < 0 ? -a : a;
}

static int16_t within(int32_t value) {
    if (value < DCL_FEATURE_LEAST) return DCL_FEATURE_LEAST;
    return (int16_t)(value > DCL_FEATURE_MOST ? DCL_FEATURE_MOST : value);
}

/* Tenths to whole ones, rounded towards 0. */
static int16_t whole(int32_t tenths) {
    return within(tenths / 10);
}

/* ---------------------------------------------------------------- loads by their size */

static dcl_mcu_switch *load_of(dcl_mcu_steps *s, int16_t va, uint8_t on) {
    dcl_mcu_switch *best = NULL;
    int32_t near = va / 8 + 20;
    for (int i = 0; i < DCL_STEP_LOADS; i++) {
        dcl_mcu_switch *load = &s->load[i];
        int32_t away = size_of(load->va - va);
        if (!load->used || load->on != on || away > near) continue;
        near = away;
        best = load;
    }
    return best;
}

static dcl_mcu_switch *free_load(dcl_mcu_steps *s, uint32_t now_ms) {
    dcl_mcu_switch *oldest = &s->load[0];
    for (int i = 0; i < DCL_STEP_LOADS; i++) {
        dcl_mcu_switch *load = &s->load[i];
        if (!load->used) return load;
        if (now_ms - load->at_ms > now_ms - oldest->at_ms) oldest = load;
    }
    return oldest;
}

/* How long ago a load of that size did the opposite, s; -1 = not known. It is in its new state from now on. */
static int32_t switch_load(dcl_mcu_steps *s, int16_t va, uint8_t on, uint32_t now_ms) {
    dcl_mcu_switch *load = load_of(s, va, !on);
    uint32_t since = load ? now_ms - load->at_ms : 0;
    int32_t known = load && since < FORGET_MS ? (int32_t)(since / 1000) : -1;
    if (!load) load = free_load(s, now_ms);
    *load = (dcl_mcu_switch){now_ms, va, on, 1};
    return known;
}

/* ---------------------------------------------------------------- a step */

/* The step that began at start_ms, as it is known; 0 where the level came back to what it was. */
static int leave(dcl_mcu_steps *s, dcl_mcu_step *out) {
    int32_t delta = s->last - s->before;
    s->moving = 0;
    if (size_of(delta) < DCL_STEP_LEAST) return 0;
    int rises = delta > 0, agrees = s->known && (s->fused.delta_va > 0) == rises;
    int32_t past = rises ? s->peak - s->last : s->last - s->peak;
    *out = (dcl_mcu_step){.at_ms = s->start_ms, .sparse = s->sparse, .va = whole(delta)};
    out->w = agrees ? whole(s->fused.delta_w) : out->va;
    out->var = agrees ? whole(s->fused.delta_var) : 0;
    out->factor = agrees ? (int16_t)(s->fused.factor / 10) : 1000;
    out->factor_low = agrees ? (int16_t)(s->fused.factor_low / 10) : 0;
    out->factor_high = agrees ? (int16_t)(s->fused.factor_high / 10) : 1000;
    out->overshoot = s->sparse || past < 0 ? 0 : whole(past);
    out->settle = (uint8_t)(s->frames - SETTLED);
    out->since = switch_load(s, whole(size_of(delta)), (uint8_t)rises, s->start_ms);
    return 1;
}

int16_t dcl_mcu_level(uint32_t value, uint32_t bits) {
    uint32_t octave = 0;
    while (value >> bits >> (octave + 1)) octave++;
    if (!(value >> bits)) return (int16_t)value;
    return (int16_t)(((octave + 1) << bits) + (value >> octave & ((1u << bits) - 1)));
}

void dcl_mcu_step_features(const dcl_mcu_step *step, int16_t *x) {
    x[DCL_GATEWAY_STEP_SIGN] = step->va < 0 ? -1 : 1;
    x[DCL_GATEWAY_STEP_SIZE] = dcl_mcu_level((uint32_t)size_of(step->va), 3);
    x[DCL_GATEWAY_STEP_FACTOR] = (int16_t)(step->factor / 50);
    x[DCL_GATEWAY_STEP_SINCE] = step->since < 0 ? -1 : dcl_mcu_level((uint32_t)step->since / 4, 1);
}

static void begin(dcl_mcu_steps *s, uint32_t time_ms, int32_t apparent) {
    s->before = s->last;
    s->peak = apparent;
    s->start_ms = time_ms;
    s->sparse = s->known = s->frames = s->quiet = 0;
    s->moving = 1;
}

static void follow(dcl_mcu_steps *s, int32_t apparent, int edge, uint32_t dt) {
    int rises = s->peak > s->before;
    if (s->frames < UINT8_MAX) s->frames++;
    if (dt > SPARSE_MS) s->sparse = 1;
    if (edge) s->quiet = 0;
    if (!edge && s->quiet < SETTLED) s->quiet++;
    if (s->quiet < SETTLED && (rises ? apparent > s->peak : apparent < s->peak)) s->peak = apparent;
}

int dcl_mcu_steps_push(dcl_mcu_steps *s, uint32_t time_ms, int32_t apparent, const dcl_mcu_fusion *fusion,
                       dcl_mcu_step *out) {
    uint32_t size, dt = time_ms - s->last_ms;
    int left = 0, edge = dcl_mcu_edge_push(&s->edge, apparent, &size);
    s->last_ms = time_ms;
    if (apparent == DCL_MISSING_I32) { /* a hole: nothing is known of how the level moves on */
        left = s->moving && s->quiet >= SETTLED && leave(s, out);
        s->moving = 0;
        return left;
    }
    if (edge && s->moving && s->quiet >= SETTLED) left = leave(s, out);
    if (edge && !s->moving) begin(s, time_ms, apparent);
    if (s->moving) {
        follow(s, apparent, edge, dt);
        s->last = apparent;
        if (s->quiet >= SETTLED) s->known = (uint8_t)dcl_mcu_fusion_last_step(fusion, &s->fused);
        if (s->quiet < SETTLED && s->frames > SETTLE_MOST) s->moving = 0;
        if (!left && s->quiet >= SETTLED && time_ms - s->start_ms >= LISTEN_MS) left = leave(s, out);
    }
    s->last = apparent;
    return left;
}
