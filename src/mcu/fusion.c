/*
 * Active power out of whole Wh and apparent power. Apparent power says when something switches; while it holds,
 * active power is a constant share of it, and the ticks of the index tell which (fusion_rungs.c); what switched
 * is remembered as a vector (fusion_known.c), so that it is known at once when it comes again.
 */
#include "mcu/fusion.h"

enum {
    BAND = 125,                /* 12.5 VA: samples this close are one level, rounded to 10 VA or not */
    TICKS_MOST = 1600,         /* between two frames */
    MINOR = 400,               /* the largest unrest of a load that is no step, 40 VA */
    SETTLED = 3,               /* frames that agree are a level */
    MOVING_MS = 20000,         /* longer without a level, and the level before says nothing of the next */
    SPARSE_MS = 4000,          /* between frames further apart something may have run unseen */
    LEAK_FRAMES = 32,          /* the ratio may drift by a rung in so many */
    DRIFT_SHIFT = 8,           /* the ratio wanders by so much, 2^-8 of the energy */
    LEAN = 48,                 /* see lean() */
    LEAN_LEAST = 1 << 8,       /* a ratio known to half a per cent stands */
    PAST_MS = 3600000,         /* what is older than that counts half */
    PAST_WH = 35156,           /* a Wh in 16 × 0.1 W × 64 ms */
    PAST_LEAST = 20 * PAST_WH, /* VAh that tell a ratio */
    GATE_SLACK = DCL_WH / 128, /* of when the meter counts a Wh */
};

void dcl_mcu_fusion_init(dcl_mcu_fusion *f, int32_t va_step, int32_t jitter_ms) {
    *f = (dcl_mcu_fusion){0};
    f->va_step = va_step < 1 ? 1 : va_step > 1000 ? 1000 : va_step;
    f->wander_q16 = DCL_ONE_Q16 / 8;
    f->past_q16 = DCL_ONE_Q16 * 15 / 16;
    f->jitter_ms = jitter_ms < 0 ? 0 : jitter_ms > 2000 ? 2000 : jitter_ms;
}

/* ---------------------------------------------------------------- levels */

static int32_t size_of(int32_t a) {
    return a < 0 ? -a : a;
}

static int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* The level, 0.1 VA; never 0, since ratios are to it. */
static int32_t level_of(const dcl_mcu_fusion *f) {
    return most(f->level_q4 >> 4, most(f->va_step / 2, 1));
}

/* What a sample may be away from the level and still belong to it: 1.6 % of it, four times its noise. */
static int32_t band_of(const dcl_mcu_fusion *f) {
    return most(BAND, most(f->level_q4 >> 10, f->noise_q4 >> 2));
}

/* The ratio that active power cannot pass, for apparent power may have been rounded down. */
static int32_t ceiling_of(const dcl_mcu_fusion *f) {
    int32_t level = level_of(f);
    return dcl_mcu_fusion_ratio(level + f->va_step / 2 + 10, level);
}

static dcl_mcu_fusion_level measure(const dcl_mcu_fusion *f) {
    int32_t va = level_of(f), low, high, half = f->va_step / 2;
    dcl_mcu_fusion_rungs_range(&f->rungs, &low, &high);
    high = least(high, ceiling_of(f));
    dcl_mcu_fusion_level out = {.va = va};
    out.w = dcl_mcu_fusion_scale(f->ratio_q16, va);
    out.w_low = least(dcl_mcu_fusion_scale(low, va), out.w);
    out.w_high = most(dcl_mcu_fusion_scale(high, va) + 1, out.w);
    out.var = f->reactive;
    out.var_low = dcl_mcu_fusion_leg(va - half, out.w_high);
    out.var_high = dcl_mcu_fusion_leg(va + half, out.w_low);
    return out;
}

/* ---------------------------------------------------------------- states */

/* One guess alone: the ratio that was there, or any. */
static void guess_ratio(dcl_mcu_fusion *f, int32_t ratio, int32_t spread) {
    f->guess[0] = (dcl_mcu_fusion_guess){ratio, spread, f->reactive, 1, f->known};
    f->guesses = 1;
}

static void start_level(dcl_mcu_fusion *f, int32_t va, uint32_t time_ms) {
    f->level_q4 = f->reference_q4 = va * 16;
    f->frames = 1;
    f->leak = 0;
    f->step_ms = time_ms;
}

/* Nothing is known of the energy; `ratio` is the best guess. */
static void start_energy(dcl_mcu_fusion *f, int32_t ratio, int32_t spread) {
    dcl_mcu_fusion_rungs_set(&f->rungs, 0, DCL_WH, 0, ceiling_of(f));
    guess_ratio(f, ratio, spread);
}

static void start(dcl_mcu_fusion *f, const dcl_mcu_fusion_frame *frame) {
    int32_t ratio = f->started ? f->ratio_q16 : DCL_ONE_Q16 * 15 / 16;
    f->started = 1;
    f->has_before = f->known = 0;
    f->moving_ms = f->unheard_ms = 0;
    f->noise_q4 = 0;
    f->time_ms = frame->time_ms;
    f->index_wh = frame->index_wh;
    start_level(f, frame->apparent, frame->time_ms);
    start_energy(f, least(ratio, DCL_ONE_Q16), DCL_ONE_Q16 / 8);
    f->reactive = 0;
}

/*
 * By how much active power moves when apparent power goes from `from` to `to`: a load that comes draws some, and one
 * that goes leaves less. It is at most some times the step, unless reactive powers happen to cancel.
 */
static void change_of(const dcl_mcu_fusion *f, int32_t from, int32_t to, int32_t *low, int32_t *high) {
    int32_t change = size_of(to - from), little = f->va_step + change / 8, much = 2 * f->va_step + 3 * change;
    *low = to >= from ? -little : -much;
    *high = to >= from ? much : little;
}

/* The active power of `va`, by itself and seen from the level before. */
static void bounds_of(const dcl_mcu_fusion *f, int32_t va, int32_t *low, int32_t *high) {
    int32_t d_low, d_high, ceiling = va + f->va_step / 2 + 10;
    *low = 0;
    *high = ceiling;
    if (!f->has_before) return;
    change_of(f, f->before.va, va, &d_low, &d_high);
    *low = least(most(f->before.w_low + d_low, 0), va);
    *high = most(least(f->before.w_high + d_high, ceiling), *low);
}

/* A load's own unrest after it came or went: no step by itself. */
static int is_minor(const dcl_mcu_fusion *f, int32_t va) {
    int32_t level = level_of(f);
    return f->has_before && size_of(va - level) <= least(MINOR, size_of(level - f->before.va) / 4);
}

/* The last hour's ratio, and how far the level that is left was from it. */
static void look_back(dcl_mcu_fusion *f) {
    int32_t away = size_of(f->ratio_q16 - f->past_q16);
    f->wander_q16 += (away - f->wander_q16) / 16;
    f->past_q16 = f->past_vah < PAST_LEAST
                      ? f->ratio_q16
                      : least(dcl_mcu_fusion_ratio((int32_t)f->past_wh, (int32_t)f->past_vah), DCL_ONE_Q16);
}

/* The last hour's energy and apparent energy: what the home's ratio mostly is. */
static void remember(dcl_mcu_fusion *f, uint32_t ticks, uint32_t dt) {
    f->past_vah += (uint32_t)(f->level_q4 >> 4) * ((dt + 32) >> 6) >> 4;
    f->past_wh += ticks * PAST_WH;
    f->past_ms += dt;
    if (f->past_ms < PAST_MS) return;
    f->past_vah >>= 1, f->past_wh >>= 1, f->past_ms >>= 1;
}

/* The level was left for `va`, which may be on the way to another one. */
static void step(dcl_mcu_fusion *f, int32_t va, uint32_t dt, uint32_t time_ms) {
    dcl_mcu_fusion_level left = measure(f);
    int minor = is_minor(f, va);
    if (minor) {
        time_ms = f->step_ms;
    } else if (f->frames >= SETTLED) {
        if (f->has_before) dcl_mcu_fusion_loads_learn(f, &left);
        look_back(f);
        f->before = left;
        f->has_before = 1;
        f->moving_ms = 0;
    } else {
        f->moving_ms += dt;
        if (f->moving_ms > MOVING_MS) f->has_before = 0;
    }
    dcl_mcu_fusion_move move = {.from = left.va, .ms = dt};
    int32_t ratio = f->ratio_q16;
    start_level(f, va, time_ms);
    move.to = level_of(f);
    change_of(f, move.from, move.to, &move.d_low, &move.d_high);
    bounds_of(f, move.to, &move.w_low, &move.w_high);
    dcl_mcu_fusion_rungs_move(&f->rungs, &move);
    if (minor) {
        guess_ratio(f, ratio, most(f->guess[0].spread_q16, DCL_ONE_Q16 / 32));
    } else if (f->has_before) {
        dcl_mcu_fusion_loads_guess(f, move.to, move.w_low, move.w_high);
    } else {
        f->known = 0;
        guess_ratio(f, least(ratio, DCL_ONE_Q16), DCL_ONE_Q16 / 8);
    }
}

/* The level holds: it moves with its samples, and the energy with it. */
static void follow(dcl_mcu_fusion *f, int32_t va, uint32_t dt) {
    int32_t difference = va * 16 - f->level_q4;
    if (f->frames < UINT16_MAX) f->frames++;
    f->level_q4 += difference / least(f->frames, 8);
    f->noise_q4 += (size_of(difference) - f->noise_q4) / 16;
    int32_t full = dcl_mcu_fusion_energy(level_of(f), dt);
    dcl_mcu_fusion_rungs_pass(&f->rungs, full, full >> (dt > SPARSE_MS ? 5 : DRIFT_SHIFT));
    if (++f->leak >= LEAK_FRAMES || size_of(f->level_q4 - f->reference_q4) > BAND * 8) {
        dcl_mcu_fusion_rungs_leak(&f->rungs);
        f->leak = 0;
        f->reference_q4 = f->level_q4;
    }
}

/* The index has its say. Where nothing agrees with it any more, something switched unseen. */
static void take_index(dcl_mcu_fusion *f, uint32_t ticks) {
    int32_t slack = GATE_SLACK + dcl_mcu_fusion_energy(level_of(f), (uint32_t)f->jitter_ms);
    if (!dcl_mcu_fusion_rungs_keep(&f->rungs, ticks, slack)) {
        start_energy(f, f->ratio_q16, DCL_ONE_Q16 / 16);
        return;
    }
    dcl_mcu_fusion_rungs_refine(&f->rungs);
}

/*
 * A ratio that the index leaves open, of no load met before, leans on the last hour's, the more the less that wanders from level to
 * level: by the square of open / (open + LEAN wander²). In a home of heaters it is nearly right at any moment; in one of
 * electronics it says nothing.
 */
static void lean(dcl_mcu_fusion *f, int32_t low, int32_t high) {
    int32_t open = (high - low) / 2;
    if (open < LEAN_LEAST) return;
    int32_t wander = dcl_mcu_fusion_scale(f->wander_q16, f->wander_q16) * LEAN;
    int32_t part = dcl_mcu_fusion_ratio(open, open + wander + 1);
    f->ratio_q16 += dcl_mcu_fusion_scale(f->past_q16 - f->ratio_q16, dcl_mcu_fusion_scale(part, part));
    f->ratio_q16 = least(most(f->ratio_q16, low), high);
}

/* Of what may explain the step, what agrees best with the index. */
static void estimate(dcl_mcu_fusion *f) {
    uint64_t best = 0;
    int32_t low, high;
    dcl_mcu_fusion_rungs_range(&f->rungs, &low, &high);
    for (int i = 0; i < f->guesses; i++) {
        const dcl_mcu_fusion_guess *guess = &f->guess[i];
        uint32_t agrees;
        int32_t ratio = dcl_mcu_fusion_rungs_mean(&f->rungs, guess, low, &agrees);
        uint64_t weight = (uint64_t)guess->weight * (agrees + 1) + 1;
        if (weight <= best) continue;
        best = weight;
        f->ratio_q16 = ratio;
        f->reactive = guess->reactive;
        f->known = guess->known;
    }
    if (!f->known) lean(f, low, high);
    f->ratio_q16 = least(f->ratio_q16, ceiling_of(f));
    int32_t va = level_of(f), var = dcl_mcu_fusion_leg(va, dcl_mcu_fusion_scale(f->ratio_q16, va));
    f->reactive = f->reactive < 0 ? -var : var;
}

/* ---------------------------------------------------------------- frames */

/* False where the frame does not follow the one before. */
static int follows(const dcl_mcu_fusion *f, const dcl_mcu_fusion_frame *frame, uint32_t dt) {
    if (!f->started || dt > DCL_FUSION_HOLE_MS || f->unheard_ms + dt > DCL_FUSION_HOLE_MS) return 0;
    if (frame->flags & DCL_FUSION_NO_INDEX) return 1;
    /* Twice what the larger of the two levels could bring, and the Wh that was about to tick; 2,047 Wh are
     * the most that the rungs can hold. */
    int32_t full = dcl_mcu_fusion_energy(most(level_of(f), frame->apparent), f->unheard_ms + dt);
    return frame->index_wh - f->index_wh <= (uint32_t)least((full >> 19) + 2, TICKS_MOST);
}

static uint16_t factor_of(int32_t a, int32_t b) {
    int32_t ratio = b > 0 ? dcl_mcu_fusion_ratio(most(a, 0), b) : DCL_ONE_Q16;
    return (uint16_t)dcl_mcu_fusion_scale(least(ratio, DCL_ONE_Q16), 10000);
}

static void tell(const dcl_mcu_fusion *f, dcl_mcu_fusion_power *out) {
    dcl_mcu_fusion_level level = measure(f);
    int32_t noise = most((f->noise_q4 >> 4) * 3, f->va_step / 4 + 5 + (level.va >> 8));
    out->power = level.w;
    out->low = most(level.w_low - noise, 0);
    out->high = level.w_high + noise;
    out->reactive = f->reactive;
    out->factor = factor_of(level.w, level.va);
    out->factor_low = factor_of(out->low, level.va);
    out->factor_high = factor_of(out->high, level.va);
    out->settled = f->frames >= SETTLED;
    out->begins = f->frames == 1;
    out->known = f->known != 0;
}

void dcl_mcu_fusion_push(dcl_mcu_fusion *f, const dcl_mcu_fusion_frame *given, dcl_mcu_fusion_power *out) {
    dcl_mcu_fusion_frame frame = *given;
    uint32_t dt = frame.time_ms - f->time_ms;
    *out = (dcl_mcu_fusion_power){0};
    if (frame.flags & DCL_FUSION_EXPORTS) {
        f->started = 0;
        return;
    }
    if (frame.apparent < 0 || frame.apparent > DCL_FUSION_MOST || frame.flags & DCL_FUSION_NO_APPARENT) {
        if (f->started)
            tell(f, out);
        else
            out->high = DCL_FUSION_MOST, out->factor_high = 10000;
        return;
    }
    int anew = !follows(f, &frame, dt);
    if (anew) {
        start(f, &frame);
    } else if (dt) {
        if (size_of(frame.apparent - (f->level_q4 >> 4)) > band_of(f))
            step(f, frame.apparent, dt, frame.time_ms);
        else
            follow(f, frame.apparent, dt);
        if (frame.flags & DCL_FUSION_NO_INDEX) {
            f->unheard_ms += dt;
        } else {
            remember(f, frame.index_wh - f->index_wh, f->unheard_ms + dt);
            take_index(f, frame.index_wh - f->index_wh);
            f->index_wh = frame.index_wh;
            f->unheard_ms = 0;
        }
        f->time_ms = frame.time_ms;
    }
    estimate(f);
    tell(f, out);
    out->anew = (uint8_t)anew;
}

/* What a load showed before counts as often as it was seen, as long as this time agrees with it. */
static void recall(const dcl_mcu_fusion *f, dcl_mcu_fusion_step *step) {
    if (!f->known) return;
    const dcl_mcu_fusion_load *load = &f->load[f->known - 1];
    int32_t sign = step->delta_va < 0 ? -1 : 1, seen = least(load->seen, 8);
    int32_t size = dcl_mcu_fusion_hypotenuse(load->w, load->var);
    if (size_of(step->delta_w - sign * load->w) > size / 8 + f->va_step / 4) return;
    step->delta_w += (sign * load->w - step->delta_w) * seen / (seen + 1);
    step->delta_var += (sign * load->var - step->delta_var) * seen / (seen + 1);
}

int dcl_mcu_fusion_last_step(const dcl_mcu_fusion *f, dcl_mcu_fusion_step *out) {
    *out = (dcl_mcu_fusion_step){0};
    if (!f->started || !f->has_before) return 0;
    dcl_mcu_fusion_level after = measure(f);
    const dcl_mcu_fusion_level *before = &f->before;
    int32_t least_w = most(after.w_low - before->w_high, before->w_low - after.w_high);
    int32_t most_w = most(after.w_high - before->w_low, before->w_high - after.w_low);
    int32_t least_var = most(after.var_low - before->var_high, before->var_low - after.var_high);
    int32_t most_var = after.var_high + before->var_high; /* of opposite signs */
    least_w = most(least_w, 0);
    least_var = most(least_var, 0);
    out->time_ms = f->step_ms;
    out->delta_va = after.va - before->va;
    out->delta_w = after.w - before->w;
    out->delta_w_low = after.w_low - before->w_high;
    out->delta_w_high = after.w_high - before->w_low;
    out->delta_var = after.var - before->var;
    recall(f, out);
    out->factor = factor_of(size_of(out->delta_w), dcl_mcu_fusion_hypotenuse(out->delta_w, out->delta_var));
    out->factor_low = factor_of(least_w, dcl_mcu_fusion_hypotenuse(least_w, most_var));
    out->factor_high = factor_of(most_w, dcl_mcu_fusion_hypotenuse(most_w, least_var));
    out->known = f->known != 0;
    return 1;
}
