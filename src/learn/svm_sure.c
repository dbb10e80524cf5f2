/*
 * How sure a machine may be of its likeliest class. Coupling many pairs spreads what is sure in each of them over all classes, so
 * that a probability of 0.3 among twenty may be right nine times of ten. What it was worth on rows that the machine did not see
 * is fitted by Platt's method (Lin, Lin and Weng 2007) to the logarithm of its odds; the order of answers stays.
 */
#include "base/math.h"
#include "learn/svm.h"

#include <math.h>
#include <stdlib.h>

/* Classes that a machine saw: some decision of theirs is not 0. */
static uint32_t find_present(const float *decision, uint32_t classes, uint32_t *present) {
    bool seen[DCL_SVM_CLASSES] = {false};
    uint32_t n = 0;
    for (uint32_t a = 0; a < classes; a++) {
        for (uint32_t b = a + 1; b < classes; b++) {
            if (decision[dcl_svm_pair(classes, a, b)] != 0) seen[a] = seen[b] = true;
        }
    }
    for (uint32_t k = 0; k < classes; k++) {
        if (seen[k]) present[n++] = k;
    }
    return n;
}

static double log_odds(double p) {
    p = fmin(fmax(p, 1e-6), 1 - 1e-6);
    return dcl_log(p / (1 - p));
}

double dcl_svm_sure(const dcl_svm *svm, double p) {
    double z = svm->steep * log_odds(p) + svm->shift;
    double sure = z >= 0 ? 1 / (1 + dcl_exp(-z)) : dcl_exp(z) / (1 + dcl_exp(z));
    return sure > p ? sure : p;
}

dcl_status dcl_svm_fit_sure(const dcl_rows *rows, const float *decision, dcl_svm *svm, dcl_error *error) {
    uint32_t present[DCL_SVM_CLASSES];
    double p[DCL_SVM_CLASSES], slope, offset;
    size_t n = 0, pairs = dcl_svm_pairs(rows->classes);
    float *odds = malloc((rows->n + 1) * sizeof *odds);
    bool *right = malloc((rows->n + 1) * sizeof *right);
    svm->steep = 1;
    svm->shift = 0;
    for (size_t i = 0; odds && right && i < rows->n; i++) {
        uint32_t seen = find_present(decision + i * pairs, rows->classes, present), best = 0;
        if (seen < 2) continue;
        dcl_svm_coupled(svm, decision + i * pairs, present, seen, p);
        if (!(p[rows->label[i]] > 0)) continue; /* of a class that its machine never saw */
        for (uint32_t k = 1; k < rows->classes; k++) best = p[k] > p[best] ? k : best;
        odds[n] = (float)log_odds(p[best]);
        right[n++] = best == rows->label[i];
    }
    dcl_status status = odds && right ? DCL_OK : dcl_fail_memory(error, "a calibration");
    if (!status) dcl_svm_platt(odds, right, n, &slope, &offset);
    if (!status && slope < 0) {
        svm->steep = -slope;
        svm->shift = -offset;
    }
    free(odds);
    free(right);
    return status;
}
