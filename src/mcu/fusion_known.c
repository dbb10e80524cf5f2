/* Loads as vectors of active and reactive power: what a step must have been, and what is remembered of it. */
#include "mcu/fusion.h"

/* ---------------------------------------------------------------- geometry */

static int32_t size_of(int32_t a) {
    return a < 0 ? -a : a;
}

static int32_t root(uint32_t square) {
    uint32_t out = 0;
    for (uint32_t bit = UINT32_C(1) << 30; bit; bit >>= 2) {
        if (square >= out + bit) {
            square -= out + bit;
            out = (out >> 1) + bit;
        } else {
            out >>= 1;
        }
    }
    return (int32_t)out;
}

int32_t dcl_mcu_fusion_hypotenuse(int32_t a, int32_t b) {
    uint32_t x = (uint32_t)size_of(a), y = (uint32_t)size_of(b);
    int shift = 0;
    while ((x | y) >> 15) x >>= 1, y >>= 1, shift++;
    return root(x * x + y * y) << shift;
}

int32_t dcl_mcu_fusion_leg(int32_t c, int32_t a) {
    uint32_t x = (uint32_t)size_of(c), y = (uint32_t)size_of(a);
    int shift = 0;
    if (y >= x) return 0;
    while (x >> 16) x >>= 1, y >>= 1, shift++;
    return root((x - y) * (x + y)) << shift;
}

int32_t dcl_mcu_fusion_scale(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b) >> 16);
}

int32_t dcl_mcu_fusion_ratio(int32_t a, int32_t b) {
    uint32_t x = (uint32_t)a, y = (uint32_t)b;
    if (x >= 2 * y) return 2 * DCL_ONE_Q16;
    while (x >> 16) x >>= 1, y >>= 1;
    return y ? (int32_t)((x << 16) / y) : 2 * DCL_ONE_Q16;
}

int32_t dcl_mcu_fusion_energy(int32_t power, uint32_t ms) {
    /* 2^52 / 36,000,000: 0.1 W × 1 ms in 2^-20 Wh × 2^32. The product stays below 2^63. */
    return (int32_t)(((uint64_t)(uint32_t)power * ms * UINT32_C(125099990)) >> 32);
}

/* a / b for |a| <= b, 2^-16. */
static int32_t share_of(int32_t a, int32_t b) {
    return a < 0 ? -dcl_mcu_fusion_ratio(-a, b) : dcl_mcu_fusion_ratio(a, b);
}

/* ---------------------------------------------------------------- loads */

/*
 * From one time to the next a load comes larger or smaller by WANDER of itself, 1/256; beyond MISFIT_MOST it is another one,
 * and beyond KNOWN_MOST only like it. UNKNOWN is how likely one is that was never met, in times that a load was seen.
 */
enum { WANDER = 36, KNOWN_MOST = 64, MISFIT_MOST = 220, SEEN_MOST = 8, UNKNOWN = 4 };

static int32_t sign_of_step(const dcl_mcu_fusion *f, int32_t va) {
    return va >= f->before.va ? 1 : -1;
}

/* A load that comes or goes, made larger or smaller as far as its wandering explains the step. */
typedef struct fit {
    int32_t w, var; /* where it leads to */
    int32_t spread; /* of w */
    int32_t misfit; /* by how much of itself it had to change, 1/256 */
    uint32_t weight;
} fit;

/* How likely a miss of so many sixteenths of its spread is: falls off as Student's t does, 2^-8. */
static uint32_t likely(uint32_t miss) {
    uint32_t share = (UINT32_C(1) << 18) / (1024 + miss * miss);
    return share * share / 256 + 1;
}

static int fit_load(const dcl_mcu_fusion *f, const dcl_mcu_fusion_load *load, int32_t va, fit *out) {
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t sign = sign_of_step(f, va), size = dcl_mcu_fusion_hypotenuse(load->w, load->var);
    out->w = before->w + sign * load->w;
    out->var = before->var + sign * load->var;
    int32_t leads_to = dcl_mcu_fusion_hypotenuse(out->w, out->var), miss = va - leads_to;
    /* What all of the load does to the level; one across the level's direction does little. */
    int32_t gain = dcl_mcu_fusion_scale(load->w, share_of(out->w, leads_to)) +
                   dcl_mcu_fusion_scale(load->var, share_of(out->var, leads_to));
    int32_t wander = gain * WANDER / 256, unsure = f->va_step / 3 + 10 + size / 64;
    int32_t spread = dcl_mcu_fusion_hypotenuse(wander, unsure), share = share_of(wander, spread);
    if (size_of(miss) > 8 * spread) return 0;
    int32_t explained = dcl_mcu_fusion_scale(dcl_mcu_fusion_scale(share, share), miss);
    int32_t more = gain ? sign * explained * 256 / gain : 0;
    out->misfit = size_of(more);
    if (out->misfit > MISFIT_MOST) return 0;
    out->w += sign * (load->w * more / 256);
    out->var += sign * (load->var * more / 256);
    out->spread = size / 32 + dcl_mcu_fusion_scale(size * WANDER / 256, dcl_mcu_fusion_ratio(unsure, spread));
    uint32_t seen = load->seen < SEEN_MOST ? load->seen : SEEN_MOST;
    out->weight = likely((uint32_t)(size_of(miss) * 16 / spread)) * seen * 64 / (uint32_t)(spread / 10 + 1);
    return 1;
}

/* As if nothing but active power changed; a fall may end anywhere, so it is taken to keep the ratio. */
static fit fit_unknown(const dcl_mcu_fusion *f, int32_t va) {
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t change = size_of(va - before->va);
    fit out = {.w = dcl_mcu_fusion_leg(va, before->var), .var = before->var};
    out.spread = change / 4 < 120 + change / 128 ? change / 4 : 120 + change / 128;
    if (va < before->va) {
        out.w = dcl_mcu_fusion_scale(va, dcl_mcu_fusion_ratio(before->w, before->va));
        out.spread = va / 4;
    }
    out.weight = 256u * 64 * UNKNOWN / (uint32_t)(change / 10 + 1);
    return out;
}

/* Keeps the likeliest, in order. */
static void take(dcl_mcu_fusion *f, int32_t va, const fit *one, int known) {
    int32_t w = one->w < 0 ? 0 : one->w, spread = dcl_mcu_fusion_ratio(one->spread, va);
    int32_t var = dcl_mcu_fusion_leg(va, w);
    dcl_mcu_fusion_guess guess = {dcl_mcu_fusion_ratio(w, va),
                                  spread > DCL_ONE_Q16 / 128 ? spread : DCL_ONE_Q16 / 128,
                                  one->var < 0 ? -var : var, one->weight, (uint8_t)known};
    int at = f->guesses;
    if (at == DCL_FUSION_GUESSES && f->guess[--at].weight >= guess.weight) return;
    for (; at > 0 && f->guess[at - 1].weight < guess.weight; at--) f->guess[at] = f->guess[at - 1];
    f->guess[at] = guess;
    if (f->guesses < DCL_FUSION_GUESSES) f->guesses++;
}

void dcl_mcu_fusion_loads_guess(dcl_mcu_fusion *f, int32_t va, int32_t w_low, int32_t w_high) {
    fit one = fit_unknown(f, va);
    if (one.w > w_high) one.w = w_high;
    if (one.w < w_low) one.w = w_low;
    f->guesses = 0;
    take(f, va, &one, 0);
    for (int i = 0; i < DCL_FUSION_KNOWN; i++) {
        if (!f->load[i].seen || !fit_load(f, &f->load[i], va, &one)) continue;
        if (one.w < w_low || one.w > w_high) continue;
        take(f, va, &one, one.misfit <= KNOWN_MOST ? i + 1 : 0);
    }
}

/* The place of a like load; else an empty one, else the one that is least missed. */
static dcl_mcu_fusion_load *place_of(dcl_mcu_fusion *f, int32_t w, int32_t var, int *like) {
    dcl_mcu_fusion_load *nearest = 0, *spare = f->load;
    int32_t within = (dcl_mcu_fusion_hypotenuse(w, var) >> 3) + f->va_step * 3 / 2, least = within;
    for (int i = 0; i < DCL_FUSION_KNOWN; i++) {
        dcl_mcu_fusion_load *load = &f->load[i];
        if (load->idle < UINT16_MAX) load->idle++;
        int32_t distance = dcl_mcu_fusion_hypotenuse(load->w - w, load->var - var);
        if (load->seen && distance < least) least = distance, nearest = load;
        if (!spare->seen) continue;
        /* What was met often may stay away for longer. */
        if (!load->seen ||
            (uint32_t)load->idle * (spare->seen + 1u) > (uint32_t)spare->idle * (load->seen + 1u))
            spare = load;
    }
    *like = nearest != 0;
    return nearest ? nearest : spare;
}

void dcl_mcu_fusion_loads_learn(dcl_mcu_fusion *f, const dcl_mcu_fusion_level *after) {
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t sign = sign_of_step(f, after->va), w = sign * (after->w - before->w);
    int32_t var = sign * (after->var - before->var), size = dcl_mcu_fusion_hypotenuse(w, var);
    int32_t open = after->w_high - after->w_low + before->w_high - before->w_low;
    if (size < f->va_step || open > size / 2) return;
    int like;
    dcl_mcu_fusion_load *load = place_of(f, w, var, &like);
    if (!like) *load = (dcl_mcu_fusion_load){w, var, 0, 0};
    int32_t share = load->seen < SEEN_MOST ? load->seen + 1 : SEEN_MOST;
    load->w += (w - load->w) / share;
    load->var += (var - load->var) / share;
    if (load->seen < UINT16_MAX) load->seen++;
    load->idle = 0;
}
