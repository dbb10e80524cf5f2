/* Naming: which view of a model fits an input, what its machine says, and when it is better to say nothing. */
#include "base/math.h"
#include "base/status.h"
#include "learn/grove.h"
#include <declic/appliance_types.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that need a channel or a meter are there or not by the input; the others may lack by chance. */
static const uint32_t BY_INPUT = DCL_NEEDS_VA | DCL_NEEDS_VAR | DCL_NEEDS_OWN;

uint32_t dcl_view_trees(const dcl_view *view) {
    return view->grove ? view->grove->trees : 0;
}

static bool fits(const dcl_view *view, const float *signature) {
    for (uint32_t f = 0; f < view->svm.features; f++) {
        size_t number = view->feature[f];
        if (dcl_signature_needs(view->kind, number) & BY_INPUT && isnan(signature[number])) return false;
    }
    return true;
}

/* The most numbers that a view of the kind reads of those that fit; 0 = none fits. */
static uint32_t most_numbers(const dcl_identifier *identifier, dcl_signature_kind kind,
                             const float *signature) {
    uint32_t most = 0;
    for (size_t v = 0; v < identifier->n_views; v++) {
        const dcl_view *view = &identifier->view[v];
        if (view->kind == kind && view->svm.features > most && fits(view, signature))
            most = view->svm.features;
    }
    return most;
}

/* Machines are heard together as they are; the last of them tells what such a probability was worth. */
static void answer_from(const dcl_identifier *identifier, const double *p, const dcl_view *view,
                        dcl_answer *out) {
    uint32_t best = 0;
    for (uint32_t k = 1; k < identifier->classes; k++) best = p[k] > p[best] ? k : best;
    double sure = dcl_svm_sure(&view->svm, p[best]);
    *out = (dcl_answer){.likeliest = best, .confidence = sure, .view = view};
    out->label = sure >= identifier->least ? best : UINT32_MAX;
}

static void scale_to_one(double *p, uint32_t n) {
    double sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += p[k];
    for (uint32_t k = 0; k < n && sum > 0; k++) p[k] /= sum;
}

/* What one view says, times what is in p. */
static dcl_status multiply(const dcl_kernels *kernels, const dcl_view *view, const float *signature,
                           double *p, dcl_error *error) {
    const dcl_svm *svm = &view->svm;
    double one[DCL_SVM_CLASSES];
    float x[DCL_SVM_FEATURES], *scratch = malloc(dcl_svm_scratch(svm) * sizeof *scratch);
    if (!scratch) return dcl_fail_memory(error, "an identification");
    for (uint32_t f = 0; f < svm->features; f++) x[f] = signature[view->feature[f]];
    dcl_svm_probability(kernels, svm, x, scratch, one);
    for (uint32_t k = 0; k < svm->classes; k++) p[k] *= one[k];
    free(scratch);
    return DCL_OK;
}

/* The mean of p and of what a view's forest says. */
static void hear_grove(const dcl_view *view, const float *signature, double *p) {
    double one[DCL_SVM_CLASSES];
    float x[DCL_SVM_FEATURES];
    for (uint32_t f = 0; f < view->svm.features; f++) x[f] = signature[view->feature[f]];
    dcl_grove_probability(view->grove, x, one);
    for (uint32_t k = 0; k < view->svm.classes; k++) p[k] = 0.5 * (p[k] + one[k]);
}

/* The probabilities of one signature: the geometric mean of the views that fit and read most numbers, then the mean of that and
 * of the forest of one of them. All 0 and *view NULL where none fits. */
static dcl_status probabilities(const dcl_kernels *kernels, const dcl_identifier *identifier,
                                dcl_signature_kind kind, const float *signature, double *p,
                                const dcl_view **view, dcl_error *error) {
    uint32_t most = most_numbers(identifier, kind, signature), views = 0;
    const dcl_view *wooded = NULL;
    *view = NULL;
    for (uint32_t k = 0; k < identifier->classes; k++) p[k] = most ? 1 : 0;
    for (size_t v = 0; v < identifier->n_views && most; v++) {
        const dcl_view *of = &identifier->view[v];
        if (of->kind != kind || of->svm.features != most || !fits(of, signature)) continue;
        dcl_status status = multiply(kernels, of, signature, p, error);
        if (status) return status;
        *view = of;
        if (of->grove) wooded = of;
        views++;
    }
    if (views == 2) {
        for (uint32_t k = 0; k < identifier->classes; k++) p[k] = sqrt(p[k]);
    } else if (views > 2) {
        for (uint32_t k = 0; k < identifier->classes; k++)
            p[k] = p[k] > 0 ? dcl_exp(dcl_log(p[k]) / views) : 0;
    }
    if (views > 1) scale_to_one(p, identifier->classes);
    if (wooded) hear_grove(wooded, signature, p);
    return DCL_OK;
}

static const dcl_answer no_answer = {.label = UINT32_MAX, .likeliest = UINT32_MAX};

dcl_status dcl_identify(const dcl_kernels *kernels, const dcl_identifier *identifier, dcl_signature_kind kind,
                        const float *signature, double *probability, dcl_answer *out, dcl_error *error) {
    double p[DCL_SVM_CLASSES];
    const dcl_view *view;
    dcl_status status = probabilities(kernels, identifier, kind, signature, p, &view, error);
    if (status) return status;
    *out = no_answer;
    if (view) answer_from(identifier, p, view, out);
    if (probability) memcpy(probability, p, identifier->classes * sizeof *p);
    return DCL_OK;
}

/* The runs' probabilities summed by energy. *view stays NULL where no view fits any of them. */
static dcl_status vote(const dcl_kernels *kernels, const dcl_identifier *identifier, const float *run,
                       size_t n_runs, double *p, const dcl_view **view, dcl_error *error) {
    double one[DCL_SVM_CLASSES];
    memset(p, 0, identifier->classes * sizeof *p);
    *view = NULL;
    for (size_t i = 0; i < n_runs; i++) {
        const float *of = run + i * DCL_RUN_COUNT;
        const dcl_view *used;
        dcl_status status = probabilities(kernels, identifier, DCL_SIGNATURE_RUN, of, one, &used, error);
        if (status) return status;
        if (used) *view = used;
        for (uint32_t k = 0; k < identifier->classes; k++)
            p[k] += ((double)of[DCL_RUN_ENERGY_WH] + 1e-6) * one[k];
    }
    scale_to_one(p, identifier->classes);
    return DCL_OK;
}

/* What the day says and what its runs say: their geometric mean, where the day weighs a little more and neither alone can rule
 * a class out. Both were chosen by devices left out (bench/types.md). Less than 1 in sum where they do not agree. */
static double both(double day, double runs) {
    static const double DAY = 0.55, DOUBT = 0.1;
    double mean = dcl_exp(DAY * dcl_log(day + DOUBT) + (1 - DAY) * dcl_log(runs + DOUBT)) - DOUBT;
    return mean > 0 ? mean : 0;
}

dcl_status dcl_identify_day(const dcl_kernels *kernels, const dcl_identifier *identifier, const float *day,
                            const float *run, size_t n_runs, double *probability, dcl_answer *out,
                            dcl_error *error) {
    double p[DCL_SVM_CLASSES], votes[DCL_SVM_CLASSES];
    const dcl_view *of_day, *of_runs;
    dcl_status status = probabilities(kernels, identifier, DCL_SIGNATURE_DAY, day, p, &of_day, error);
    if (!status) status = vote(kernels, identifier, run, n_runs, votes, &of_runs, error);
    if (status) return status;
    for (uint32_t k = 0; k < identifier->classes; k++) {
        if (of_day && of_runs) p[k] = both(p[k], votes[k]);
        if (!of_day) p[k] = votes[k];
    }
    const dcl_view *view = of_day ? of_day : of_runs;
    *out = no_answer;
    if (view) answer_from(identifier, p, view, out);
    if (probability) memcpy(probability, p, identifier->classes * sizeof *p);
    return DCL_OK;
}
