/**
 * Learn: how good an estimate is. Names and formulas are those of the literature, each written once.
 *
 * y is the truth, x the estimate, over the moments at which both are known; sums are in order of time, in double.
 */
#ifndef DECLIC_LEARN_H
#define DECLIC_LEARN_H

#include <declic/base.h>

/** What is on, and when two events are the same. Start from dcl_score_defaults(). */
typedef struct dcl_score_options {
    double on_w; /* above it an appliance is on, W, >= 0; NaN = dcl_score_on_w() of the truth. Default NaN */
    double
        tolerance_s; /* events of the same direction so near to each other match, s, >= 0; NaN = 60 s or two
                           periods, whichever is more. Default NaN */
} dcl_score_options;

dcl_score_options dcl_score_defaults(void);

/**
 * How well an appliance was estimated. NaN where a figure is not defined (a truth that is 0 has no NDE; without any
 * on or off there is no MCC).
 *
 * n               moments compared; the rest of the span lacks the truth or the estimate
 * truth_missing, estimate_missing   moments without one of them; without both counts as truth_missing
 * mae_w           Σ|x − y| / n, W
 * rmse_w          √(Σ(x − y)² / n), W
 * nde             Σ(x − y)² / Σy²: normalised disaggregation error (Kolter, Batra and Ng 2010)
 * nde_root        √nde: what others call NDE (Zhong, Goddard and Sutton 2014)
 * sae             |Σx − Σy| / Σy: signal aggregate error (Zhong, Goddard and Sutton 2015)
 * eae_wh          |Σx − Σy| as an energy, Wh: error in assigned energy (Batra et al., NILMTK, 2014)
 * on_w            the threshold of what follows, W: on is > on_w
 * precision, recall, f1   of the moments at which it is on (Makonin and Popowich 2015)
 * mcc             (TP TN − FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)) (Matthews 1975)
 * events_truth, events_estimate   changes between on and off, between two moments that follow each other
 * event_precision, event_recall   of events, one to one, within tolerance_s
 * energy_truth_wh, energy_estimate_wh   over the moments compared
 */
typedef struct dcl_score {
    uint64_t n, truth_missing, estimate_missing;
    double mae_w, rmse_w, nde, nde_root, sae, eae_wh;
    double on_w, precision, recall, f1, mcc;
    uint64_t events_truth, events_estimate;
    double tolerance_s, event_precision, event_recall;
    double energy_truth_wh, energy_estimate_wh;
} dcl_score;

/**
 * The threshold that a truth suggests: half of the mean of its values above 15 W, at least 15 W. A standby that an
 * appliance always draws is not "on" by it.
 *
 * truth [n]  W; NaN = missing
 */
double dcl_score_on_w(const float *truth, size_t n);

/**
 * Compares an estimate with the truth on one grid.
 *
 * truth, estimate [n]  W; NaN = missing
 * period_us            > 0
 *
 * Errors:  DCL_E_ARG an option out of its range; DCL_E_NO_DATA no moment has both; DCL_E_MEMORY.
 * Memory:  8 bytes an event while it runs.   Threads: reentrant.   Cost: O(n).
 */
dcl_status dcl_score_power(const float *truth, const float *estimate, size_t n, int64_t period_us,
                           const dcl_score_options *options, dcl_score *out, dcl_error *error) DCL_MUST_USE;

/**
 * Total energy correctly assigned: 1 − Σ_t Σ_i |x_i − y_i| / (2 Σ_t m_t), over the moments at which all of truth, estimate
 * and mains are known. 1 is perfect; what is assigned to nobody but missing counts half of what is assigned wrongly.
 *
 * truth, estimate [k][n]  W, NaN = missing
 * mains [n]               W; NULL = the sum of the truths
 * moments                 how many were compared; may be NULL
 *
 * Returns NaN where no moment has all, or the mains sum up to 0 or less.
 * Source: Kolter and Johnson, "REDD: a public data set for energy disaggregation research", SustKDD 2011.
 */
double dcl_score_teca(const float *const *truth, const float *const *estimate, size_t k, const float *mains,
                      size_t n, uint64_t *moments);

#endif
