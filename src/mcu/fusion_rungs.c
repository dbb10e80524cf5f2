/*
 * What the index leaves possible: pairs of (energy since the index was read, ratio of active to apparent power). They
 * make a convex set; it is kept as the energies that are possible at each of some ratios, a rung each. Where nothing is,
 * low is above high, and by how much tells where between two rungs the set ends.
 */
#include "mcu/fusion.h"

/* Rungs are put closer by CUT when a third of them is left, down to this distance (0.05 %). */
enum { CUT = 3, FINEST_Q16 = 32, RUNGS = DCL_FUSION_RUNGS, FAR = 8 * DCL_WH };

static int alive(const dcl_mcu_fusion_rungs *r, int k) {
    return r->low[k] <= r->high[k];
}

static void ends(const dcl_mcu_fusion_rungs *r, int *first, int *last) {
    *first = 0;
    *last = RUNGS - 1;
    while (*first < *last && !alive(r, *first)) ++*first;
    while (*last > *first && !alive(r, *last)) --*last;
}

void dcl_mcu_fusion_rungs_set(dcl_mcu_fusion_rungs *r, int32_t e_low, int32_t e_high, int32_t low,
                              int32_t high) {
    r->apart_q16 = (high - low) / (RUNGS - 1) + 1;
    if (r->apart_q16 < FINEST_Q16) r->apart_q16 = FINEST_Q16;
    r->first_q16 = low - (r->apart_q16 * (RUNGS - 1) - (high - low)) / 2;
    if (r->first_q16 < 0) r->first_q16 = 0;
    for (int k = 0; k < RUNGS; k++) r->low[k] = e_low, r->high[k] = e_high;
}

/* ---------------------------------------------------------------- steps */

/* Rungs in watts, and the energy that they bring on the way. */
typedef struct powers {
    int32_t w[RUNGS], energy[RUNGS];
} powers;

static void powers_of(const dcl_mcu_fusion_rungs *r, int32_t va, uint32_t ms, powers *out) {
    for (int k = 0; k < RUNGS; k++) {
        out->w[k] = dcl_mcu_fusion_scale(r->first_q16 + k * r->apart_q16, va);
        out->energy[k] = dcl_mcu_fusion_energy(out->w[k], ms);
    }
}

/* Takes energies as possible too. */
static void join(dcl_mcu_fusion_rungs *r, int k, int32_t low, int32_t high) {
    int dead = !alive(r, k);
    if (dead || low < r->low[k]) r->low[k] = low;
    if (dead || high > r->high[k]) r->high[k] = high;
}

void dcl_mcu_fusion_rungs_move(dcl_mcu_fusion_rungs *r, const dcl_mcu_fusion_move *move) {
    dcl_mcu_fusion_rungs old = *r;
    powers before, after;
    int first, last;
    ends(r, &first, &last);
    powers_of(r, move->from, move->ms, &before);
    int32_t half = dcl_mcu_fusion_scale(r->apart_q16, move->from) / 2 + 1;
    int32_t low = before.w[first] - half + move->d_low, high = before.w[last] + half + move->d_high;
    if (low < move->w_low || low > move->w_high) low = move->w_low;
    if (high > move->w_high || high < low) high = move->w_high;
    dcl_mcu_fusion_rungs_set(r, 1, 0, dcl_mcu_fusion_ratio(low, move->to),
                             dcl_mcu_fusion_ratio(high, move->to) + 1);
    powers_of(r, move->to, move->ms, &after);
    half += dcl_mcu_fusion_scale(r->apart_q16, move->to) / 2;
    for (int k = 0; k < RUNGS; k++) {
        for (int i = first; i <= last; i++) {
            int32_t change = after.w[k] - before.w[i];
            if (!alive(&old, i) || change < move->d_low - half || change > move->d_high + half) continue;
            int32_t one = before.energy[i], other = after.energy[k];
            join(r, k, old.low[i] + (one < other ? one : other),
                 old.high[i] + (one < other ? other : one) + 1);
        }
    }
}

/* ---------------------------------------------------------------- time and the index */

void dcl_mcu_fusion_rungs_pass(dcl_mcu_fusion_rungs *r, int32_t full, int32_t slack) {
    int32_t ratio = r->first_q16;
    for (int k = 0; k < RUNGS; k++, ratio += r->apart_q16) {
        int32_t energy = dcl_mcu_fusion_scale(ratio, full);
        r->low[k] += energy - slack;
        r->high[k] += energy + slack;
    }
}

int dcl_mcu_fusion_rungs_keep(dcl_mcu_fusion_rungs *r, uint32_t ticks, int32_t slack) {
    int32_t gone = (int32_t)ticks * DCL_WH;
    int left = 0;
    for (int k = 0; k < RUNGS; k++) {
        int32_t low = r->low[k] - gone, high = r->high[k] - gone;
        if (low < -slack) low = -slack;
        if (high > DCL_WH + slack) high = DCL_WH + slack;
        left += low <= high;
        /* How far a dead rung is off matters next to a living one only. */
        r->low[k] = low > FAR ? FAR : low;
        r->high[k] = high < -FAR ? -FAR : high;
    }
    return left;
}

void dcl_mcu_fusion_rungs_leak(dcl_mcu_fusion_rungs *r) {
    dcl_mcu_fusion_rungs old = *r;
    for (int k = 0; k < RUNGS; k++) {
        if (k && alive(&old, k - 1)) join(r, k, old.low[k - 1], old.high[k - 1]);
        if (k + 1 < RUNGS && alive(&old, k + 1)) join(r, k, old.low[k + 1], old.high[k + 1]);
    }
}

void dcl_mcu_fusion_rungs_refine(dcl_mcu_fusion_rungs *r) {
    int first, last, kept = RUNGS / CUT;
    ends(r, &first, &last);
    /* One more on both sides: the set ends between two rungs. */
    first--, last++;
    if (last - first + 1 > kept || r->apart_q16 < CUT * FINEST_Q16) return;
    first -= (kept - (last - first)) / 2;
    if (first < 0) first = 0;
    if (first > RUNGS - 1 - kept) first = RUNGS - 1 - kept;
    dcl_mcu_fusion_rungs old = *r;
    r->first_q16 += first * r->apart_q16;
    r->apart_q16 /= CUT;
    for (int k = 0; k < RUNGS; k++) {
        int at = first + k / CUT, part = k % CUT, next = part ? at + 1 : at;
        r->low[k] = old.low[at] + (old.low[next] - old.low[at]) / CUT * part;
        r->high[k] = old.high[at] + (old.high[next] - old.high[at]) / CUT * part;
    }
}

/* ---------------------------------------------------------------- what is left */

/* How far the set reaches from a living rung towards a dead one. */
static int32_t reach(const dcl_mcu_fusion_rungs *r, int living, int dead) {
    int32_t open = r->high[living] - r->low[living], shut = r->low[dead] - r->high[dead];
    return dcl_mcu_fusion_scale(r->apart_q16, dcl_mcu_fusion_ratio(open, open + shut)) + 1;
}

void dcl_mcu_fusion_rungs_range(const dcl_mcu_fusion_rungs *r, int32_t *low, int32_t *high) {
    int first, last;
    ends(r, &first, &last);
    *low = r->first_q16 + first * r->apart_q16;
    *high = r->first_q16 + last * r->apart_q16;
    if (first > 0) *low -= reach(r, first, first - 1);
    if (last < RUNGS - 1) *high += reach(r, last, last + 1);
    if (*low < 0) *low = 0;
}

/* How much a ratio is favoured by its distance from the guess: falls off, and never to nothing. */
static uint32_t favour(const dcl_mcu_fusion_guess *guess, int32_t ratio) {
    uint32_t distance =
        (uint32_t)(ratio > guess->ratio_q16 ? ratio - guess->ratio_q16 : guess->ratio_q16 - ratio);
    uint32_t spread = (uint32_t)guess->spread_q16;
    return distance <= spread / 2   ? 256
           : distance <= spread     ? 64
           : distance <= 2 * spread ? 16
           : distance <= 4 * spread ? 4
                                    : 1;
}

int32_t dcl_mcu_fusion_rungs_mean(const dcl_mcu_fusion_rungs *r, const dcl_mcu_fusion_guess *guess,
                                  int32_t low, uint32_t *agrees) {
    uint64_t sum = 0;
    uint32_t weights = 0, all = 1;
    int32_t ratio = r->first_q16, apart = r->apart_q16, half = apart / 2, guessed = guess->ratio_q16;
    for (int k = 0; k < RUNGS; k++, ratio += apart) {
        int32_t at = guessed < ratio - half || guessed > ratio + half ? ratio : guessed;
        uint32_t favoured = favour(guess, at);
        all += favoured;
        if (!alive(r, k)) continue;
        if (at < low) favoured = favour(guess, at = low);
        uint32_t open = (uint32_t)(r->high[k] - r->low[k]), most = 2 * DCL_WH;
        uint32_t weight = ((open < most ? open : most) / 1024 + 1) * favoured;
        sum += (uint64_t)weight * (uint32_t)(at - low);
        weights += weight;
    }
    *agrees = weights / all;
    while (sum >> 32) sum >>= 1, weights >>= 1;
    return low + (weights ? (int32_t)((uint32_t)sum / weights) : 0);
}
