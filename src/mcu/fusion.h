/* What the files of the fusion share. Freestanding, as all of mcu/. */
#ifndef DCL_MCU_FUSION_H
#define DCL_MCU_FUSION_H

#include <declic/mcu.h>

/* Energy in 2^-20 Wh, ratios of active to apparent power in 2^-16, powers in 0.1 W, VA and var. */
enum { DCL_WH = 1 << 20, DCL_ONE_Q16 = 1 << 16, DCL_FUSION_MOST = 400000, DCL_FUSION_HOLE_MS = 130000 };

/* ---------------------------------------------------------------- geometry of power */

/** sqrt(a² + b²) and sqrt(c² - a²), 0 where |a| >= c; arguments to 2^21, relative error below 2^-13. */
int32_t dcl_mcu_fusion_hypotenuse(int32_t a, int32_t b);
int32_t dcl_mcu_fusion_leg(int32_t c, int32_t a);
/** a × b / 2^16, rounded down, for a and b of any sign; a × 2^16 / b for 0 <= a, 0 < b, limited to 2^17. */
int32_t dcl_mcu_fusion_scale(int32_t a, int32_t b);
int32_t dcl_mcu_fusion_ratio(int32_t a, int32_t b);
/** The energy that `power` (0 … MOST) brings in `ms` (0 … HOLE_MS). */
int32_t dcl_mcu_fusion_energy(int32_t power, uint32_t ms);

/* ---------------------------------------------------------------- rungs */

/** Every ratio in [low, high] is possible, with any energy in [e_low, e_high]. */
void dcl_mcu_fusion_rungs_set(dcl_mcu_fusion_rungs *r, int32_t e_low, int32_t e_high, int32_t low,
                              int32_t high);
/**
 * A step: apparent power went from `from` to `to` within the last `ms`, active power by d_low … d_high to
 * something in [w_low, w_high], which is not empty. What is known of the energy goes with it.
 */
typedef struct dcl_mcu_fusion_move {
    int32_t from, to, d_low, d_high, w_low, w_high;
    uint32_t ms;
} dcl_mcu_fusion_move;
void dcl_mcu_fusion_rungs_move(dcl_mcu_fusion_rungs *r, const dcl_mcu_fusion_move *move);
/** Time passes in which apparent power alone would bring `full`; what is not known of it is `slack`. */
void dcl_mcu_fusion_rungs_pass(dcl_mcu_fusion_rungs *r, int32_t full, int32_t slack);
/** The index moved by `ticks`: keeps what agrees with it within `slack`. 0 = nothing does. */
int dcl_mcu_fusion_rungs_keep(dcl_mcu_fusion_rungs *r, uint32_t ticks, int32_t slack);
/** The ratio may have drifted by a rung. */
void dcl_mcu_fusion_rungs_leak(dcl_mcu_fusion_rungs *r);
/** Puts the rungs closer where few are left. */
void dcl_mcu_fusion_rungs_refine(dcl_mcu_fusion_rungs *r);
/** The ratios that are possible. */
void dcl_mcu_fusion_rungs_range(const dcl_mcu_fusion_rungs *r, int32_t *low, int32_t *high);
/** The mean of the possible ratios, of which `low` is the least, as a guess favours them; *agrees: how open its neighbourhood is. */
int32_t dcl_mcu_fusion_rungs_mean(const dcl_mcu_fusion_rungs *r, const dcl_mcu_fusion_guess *guess,
                                  int32_t low, uint32_t *agrees);

/* ---------------------------------------------------------------- loads */

/**
 * What may explain the step from `before` to `va`, of which the active power must be in [w_low, w_high]: the loads whose
 * coming or going leads there best, and one that was never met. Fills f->guess.
 */
void dcl_mcu_fusion_loads_guess(dcl_mcu_fusion *f, int32_t va, int32_t w_low, int32_t w_high);
/** Remembers a step of which both levels are well known. */
void dcl_mcu_fusion_loads_learn(dcl_mcu_fusion *f, const dcl_mcu_fusion_level *after);

#endif
