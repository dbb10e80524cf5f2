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

/* A load may come larger or smaller by so much of itself, 1/256. */
enum { MISFIT_MOST = 220 };

static int32_t sign_of_step(const dcl_mcu_fusion *f, int32_t va) {
    return va >= f->before.va ? 1 : -1;
}

/* A load that comes or goes, made larger or smaller until it explains the step. */
typedef struct fit {
    int32_t w, var; /* where it leads to */
    int32_t misfit; /* by how much of itself it had to change, 1/256 */
    int32_t size;
} fit;

static int fit_load(const dcl_mcu_fusion *f, const dcl_mcu_fusion_load *load, int32_t va, fit *out) {
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t sign = sign_of_step(f, va);
    out->size = dcl_mcu_fusion_hypotenuse(load->w, load->var);
    out->w = before->w + sign * load->w;
    out->var = before->var + sign * load->var;
    int32_t leads_to = dcl_mcu_fusion_hypotenuse(out->w, out->var), miss = va - leads_to;
    /* Along the load's own direction; a load across the level's says little of its size. */
    int32_t gain = dcl_mcu_fusion_scale(load->w, share_of(out->w, leads_to)) +
                   dcl_mcu_fusion_scale(load->var, share_of(out->var, leads_to));
    if (size_of(gain) < out->size / 4) gain = gain < 0 ? -out->size / 4 : out->size / 4;
    if (!gain || size_of(miss) > out->size) return 0;
    int32_t more = sign * miss * 256 / gain;
    out->misfit = size_of(more);
    if (size_of(miss) <= f->va_step + out->size / 16) return 1;
    out->w += sign * (load->w * more / 256);
    out->var += sign * (load->var * more / 256);
    return out->misfit <= MISFIT_MOST;
}

/* As if nothing but active power changed; a fall may end anywhere, so it is taken to keep the ratio. */
static dcl_mcu_fusion_guess guess_unknown(const dcl_mcu_fusion *f, int32_t va, int32_t w_low,
                                          int32_t w_high) {
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t change = size_of(va - before->va), w = dcl_mcu_fusion_leg(va, before->var);
    int32_t spread = change / 4 < 120 + change / 128 ? change / 4 : 120 + change / 128;
    if (va < before->va) {
        w = dcl_mcu_fusion_scale(va, dcl_mcu_fusion_ratio(before->w, before->va));
        spread = va / 4;
    }
    if (w > w_high) w = w_high;
    if (w < w_low) w = w_low;
    int32_t var = dcl_mcu_fusion_leg(va, w);
    return (dcl_mcu_fusion_guess){w, before->var < 0 ? -var : var, spread, 0};
}

dcl_mcu_fusion_guess dcl_mcu_fusion_loads_guess(const dcl_mcu_fusion *f, int32_t va, int32_t w_low,
                                                int32_t w_high) {
    int32_t least = INT32_MAX;
    dcl_mcu_fusion_guess out = {0};
    for (int i = 0; i < DCL_FUSION_KNOWN; i++) {
        fit one;
        if (!f->load[i].seen || !fit_load(f, &f->load[i], va, &one)) continue;
        if (one.w < w_low || one.w > w_high) continue;
        int32_t seen = f->load[i].seen < 8 ? f->load[i].seen : 8;
        int32_t rare = f->load[i].idle < 8 ? f->load[i].idle : 8;
        int32_t cost = (one.misfit + 12) * (11 - seen) + 12 * rare;
        if (cost >= least) continue;
        least = cost;
        int32_t spread = one.size / 32 + (one.misfit * one.size >> 9) + f->va_step / 2;
        out = (dcl_mcu_fusion_guess){one.w, one.var, spread, one.misfit <= 32 ? i + 1 : 0};
    }
    return least < INT32_MAX ? out : guess_unknown(f, va, w_low, w_high);
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
    int32_t share = load->seen < 2 ? load->seen + 1 : 3;
    load->w += (w - load->w) / share;
    load->var += (var - load->var) / share;
    if (load->seen < UINT16_MAX) load->seen++;
    load->idle = 0;
}
