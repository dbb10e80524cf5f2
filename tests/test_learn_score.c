#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include <declic/learn.h>

#define assert_near(got, want) assert_true(fabs((got) - (want)) < 1e-9)
#define COUNT(a)               (sizeof(a) / sizeof *(a))

static dcl_score score_of(const float *truth, const float *estimate, size_t n, double on_w,
                          double tolerance_s) {
    dcl_score score;
    dcl_score_options options = {.on_w = on_w, .tolerance_s = tolerance_s};
    assert_int_equal(dcl_score_power(truth, estimate, n, 60 * DCL_SECOND_US, &options, &score, NULL), DCL_OK);
    return score;
}

static void figures_are_those_computed_by_hand(void **state) {
    (void)state;
    const float truth[] = {0, 0, 100, 100, 100, 0, NAN, 0}, estimate[] = {0, 50, 90, 110, 0, 0, 5, NAN};
    dcl_score s = score_of(truth, estimate, COUNT(truth), 30, 60);
    assert_int_equal(s.n, 6);
    assert_int_equal(s.truth_missing, 1);
    assert_int_equal(s.estimate_missing, 1);
    assert_near(s.mae_w, 170. / 6);
    assert_near(s.rmse_w, sqrt(12700. / 6));
    assert_near(s.nde, 12700. / 30000);
    assert_near(s.nde_root, sqrt(12700. / 30000));
    assert_near(s.sae, 50. / 300);
    assert_near(s.eae_wh, 50. / 60);
    assert_near(s.precision, 2. / 3);
    assert_near(s.recall, 2. / 3);
    assert_near(s.f1, 2. / 3);
    assert_near(s.mcc, (2. * 2 - 1) / 9);
    assert_near(s.energy_truth_wh, 5);
    assert_near(s.energy_estimate_wh, 250. / 60);
}

static void a_perfect_estimate_scores_full(void **state) {
    (void)state;
    const float truth[] = {0, 100, 100, 0, 0, 80, 0};
    dcl_score s = score_of(truth, truth, COUNT(truth), 30, 0);
    assert_true(s.mae_w == 0 && s.nde == 0 && s.sae == 0 && s.f1 == 1 && s.mcc == 1);
    assert_true(s.event_precision == 1 && s.event_recall == 1);
    assert_int_equal(s.events_truth, 4);
}

static void undefined_figures_are_nan_not_zero(void **state) {
    (void)state;
    const float truth[] = {0, 0, 0}, estimate[] = {0, 0, 0};
    dcl_score s = score_of(truth, estimate, COUNT(truth), 30, 60);
    assert_true(isnan(s.nde) && isnan(s.sae) && isnan(s.f1) && isnan(s.mcc) && isnan(s.event_recall));
    assert_true(s.mae_w == 0);
}

static void events_match_one_to_one_within_the_tolerance(void **state) {
    (void)state;
    static const struct {
        float estimate[10];
        double tolerance_s, precision, recall;
    } cases[] = {
        {{0, 0, 100, 100, 0, 0, 100, 100, 0, 0}, 0, 1, 1},
        {{0, 0, 0, 100, 0, 0, 100, 100, 100, 0}, 0, .5, .5}, /* two of four are a sample late */
        {{0, 0, 0, 100, 0, 0, 100, 100, 100, 0}, 60, 1, 1},
        {{0, 0, 100, 100, 100, 100, 100, 100, 0, 0}, 600, 1, .5}, /* one pair for two */
        {{0, 100, 0, 100, 0, 0, 0, 0, 0, 0}, 60, .5, .5},         /* two for one: the second stays alone */
    };
    const float truth[] = {0, 0, 100, 100, 0, 0, 100, 100, 0, 0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_score s = score_of(truth, cases[i].estimate, 10, 30, cases[i].tolerance_s);
        if (fabs(s.event_precision - cases[i].precision) > 1e-9 ||
            fabs(s.event_recall - cases[i].recall) > 1e-9)
            fail_msg("case %zu: precision %g recall %g", i, s.event_precision, s.event_recall);
    }
}

static void an_event_does_not_reach_across_a_gap(void **state) {
    (void)state;
    const float truth[] = {0, NAN, 100, 100};
    dcl_score s = score_of(truth, truth, COUNT(truth), 30, 60);
    assert_int_equal(s.events_truth, 0);
}

static void the_threshold_comes_from_the_truth(void **state) {
    (void)state;
    const float truth[] = {0, 5, 14, 100, 120, 140, NAN}, idle[] = {1, 2, 3};
    assert_near(dcl_score_on_w(truth, COUNT(truth)), 60);
    assert_near(dcl_score_on_w(idle, COUNT(idle)), 15);
    assert_near(score_of(truth, truth, COUNT(truth), NAN, NAN).on_w, 60);
    assert_near(score_of(truth, truth, COUNT(truth), NAN, NAN).tolerance_s, 120);
}

static void teca_counts_what_is_assigned_to_the_right_one(void **state) {
    (void)state;
    const float a[] = {100, 0, NAN}, b[] = {0, 50, 10}, half[] = {50, 0, 3}, zero[] = {0, 0, 0},
                mains[] = {100, 100, 10};
    const float *truth[] = {a, b}, *same[] = {a, b}, *other[] = {half, b}, *none[] = {zero, zero},
                *swapped[] = {b, a};
    uint64_t n;
    assert_near(dcl_score_teca(truth, same, 2, NULL, 3, &n), 1);
    assert_int_equal(n, 2);
    assert_near(dcl_score_teca(truth, other, 2, NULL, 3, NULL), 1 - 50. / 300);
    assert_near(dcl_score_teca(truth, none, 2, NULL, 3, NULL), .5);
    assert_near(dcl_score_teca(truth, swapped, 2, NULL, 3, NULL), 0);
    assert_near(dcl_score_teca(truth, other, 2, mains, 3, NULL), 1 - 50. / 400);
    assert_true(isnan(dcl_score_teca(truth, same, 2, zero, 2, NULL)));
}

static void what_cannot_be_compared_is_refused(void **state) {
    (void)state;
    const float truth[] = {1, NAN}, estimate[] = {NAN, 1};
    dcl_score s;
    dcl_score_options options = dcl_score_defaults();
    assert_int_equal(dcl_score_power(truth, estimate, 2, DCL_SECOND_US, &options, &s, NULL), DCL_E_NO_DATA);
    assert_int_equal(dcl_score_power(truth, estimate, 0, DCL_SECOND_US, &options, &s, NULL), DCL_E_NO_DATA);
    assert_int_equal(dcl_score_power(truth, truth, 2, 0, &options, &s, NULL), DCL_E_ARG);
    options.on_w = -1;
    assert_int_equal(dcl_score_power(truth, truth, 2, DCL_SECOND_US, &options, &s, NULL), DCL_E_ARG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_computed_by_hand),
        cmocka_unit_test(a_perfect_estimate_scores_full),
        cmocka_unit_test(undefined_figures_are_nan_not_zero),
        cmocka_unit_test(events_match_one_to_one_within_the_tolerance),
        cmocka_unit_test(an_event_does_not_reach_across_a_gap),
        cmocka_unit_test(the_threshold_comes_from_the_truth),
        cmocka_unit_test(teca_counts_what_is_assigned_to_the_right_one),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
