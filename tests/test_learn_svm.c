#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libsvm/svm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/svm.h"

/* cmocka's own compares float32. */
static void assert_near(double got, double want, double within) {
    if (!(fabs(got - want) <= within)) fail_msg("%.9g, expected %.9g", got, want);
}

enum { FEATURES = 5, CLASSES = 4, GROUPS = 20, PER_GROUP = 12, ROWS = GROUPS * PER_GROUP };

/* Four clouds that overlap, five groups each, a group a little off its cloud's middle; some features missing. */
typedef struct cloud {
    float x[ROWS * FEATURES];
    uint32_t label[ROWS], group[ROWS];
    dcl_rows rows;
} cloud;

static void cloud_make(cloud *c, uint64_t seed) {
    for (uint32_t i = 0; i < ROWS; i++) {
        c->group[i] = i / PER_GROUP;
        c->label[i] = c->group[i] / (GROUPS / CLASSES);
        for (uint32_t f = 0; f < FEATURES; f++) {
            double off = 0.5 * dcl_random_normal(seed, 1000 + c->group[i], f);
            double middle = 2.5 * dcl_random_normal(seed, 2000 + c->label[i], f);
            c->x[i * FEATURES + f] = (float)(middle + off + dcl_random_normal(seed, i, f));
            if (dcl_random_below(seed, 5000 + i, f, 20) == 0) c->x[i * FEATURES + f] = NAN;
        }
    }
    c->rows = (dcl_rows){c->x, c->label, c->group, ROWS, FEATURES, CLASSES};
}

static dcl_context context_of(const dcl_kernels *kernels, int threads) {
    return (dcl_context){.kernels = kernels, .threads = threads, .seed = 7};
}

static void silent(const char *text) {
    (void)text;
}

/* libsvm's own machine on the mapped rows, all classes weighing the same. */
typedef struct foreign {
    struct svm_problem problem;
    struct svm_node node[ROWS][FEATURES + 1];
    double y[ROWS];
    struct svm_node *row[ROWS];
    struct svm_model *model;
} foreign;

static void to_nodes(const float *mapped, struct svm_node *node) {
    for (int f = 0; f < FEATURES; f++) node[f] = (struct svm_node){f + 1, (double)mapped[f]};
    node[FEATURES].index = -1;
}

static void foreign_train(foreign *out, const cloud *c, const float *knot, double cost, double gamma) {
    float mapped[FEATURES];
    for (int i = 0; i < ROWS; i++) {
        dcl_svm_map(knot, FEATURES, c->x + i * FEATURES, mapped);
        to_nodes(mapped, out->node[i]);
        out->row[i] = out->node[i];
        out->y[i] = c->label[i];
    }
    out->problem = (struct svm_problem){ROWS, out->y, out->row};
    struct svm_parameter with = {.svm_type = C_SVC,
                                 .kernel_type = RBF,
                                 .gamma = gamma,
                                 .C = cost,
                                 .eps = 1e-3,
                                 .cache_size = 16,
                                 .shrinking = 1};
    svm_set_print_string_function(silent);
    out->model = svm_train(&out->problem, &with);
}

static void labels_are_those_of_libsvm_on_every_instruction_set(void **state) {
    (void)state;
    static cloud c;
    static foreign peer;
    cloud_make(&c, 1);
    dcl_kernels scalar;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm svm;
    assert_int_equal(dcl_kernels_select("scalar", &scalar, &error), DCL_OK);
    dcl_context context = context_of(&scalar, 1);
    assert_int_equal(dcl_svm_train(&context, &c.rows, 2, 1, &arena, &svm, &error), DCL_OK);
    foreign_train(&peer, &c, svm.knot, 2, (double)svm.gamma);
    assert_int_equal(peer.model->l, (int)svm.n);
    float *scratch = malloc(dcl_svm_scratch(&svm) * sizeof *scratch);
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &kernels, &error)) continue;
        for (uint32_t i = 0; i < 4000; i++) {
            float x[FEATURES], mapped[FEATURES];
            struct svm_node node[FEATURES + 1];
            for (uint32_t f = 0; f < FEATURES; f++) x[f] = (float)(3 * dcl_random_normal(2, i, f));
            dcl_svm_map(svm.knot, FEATURES, x, mapped);
            to_nodes(mapped, node);
            uint32_t label = dcl_svm_label(&kernels, &svm, x, scratch);
            if (label != (uint32_t)svm_predict(peer.model, node)) fail_msg("%s vector %u", kernels.isa, i);
        }
    }
    free(scratch);
    svm_free_and_destroy_model(&peer.model);
    dcl_arena_free(&arena);
}

/* The rows of classes in any order: libsvm lists them as they come, we by number. */
static void classes_may_come_in_any_order_or_not_at_all(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 3);
    static const uint32_t renamed[CLASSES] = {4, 0, 3, 1};
    static uint32_t other[ROWS];
    for (int i = 0; i < ROWS; i++) other[i] = renamed[c.label[i]];
    dcl_rows rows = c.rows;
    rows.label = other;
    rows.classes = 6;
    dcl_kernels kernels;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm plain, turned;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    dcl_context context = context_of(&kernels, 1);
    assert_int_equal(dcl_svm_train(&context, &c.rows, 1, 1, &arena, &plain, &error), DCL_OK);
    assert_int_equal(dcl_svm_train(&context, &rows, 1, 1, &arena, &turned, &error), DCL_OK);
    assert_int_equal(turned.seen[2], 0);
    assert_int_equal(turned.seen[4], GROUPS / CLASSES);
    float scratch[2 * ROWS];
    int different = 0;
    for (int i = 0; i < ROWS; i++) {
        const float *x = c.x + i * FEATURES;
        double p[6], sum = 0;
        uint32_t a = dcl_svm_label(&kernels, &plain, x, scratch),
                 b = dcl_svm_label(&kernels, &turned, x, scratch);
        different += renamed[a] != b; /* equal votes go to the lower number, which renaming changes */
        dcl_svm_probability(&kernels, &turned, x, scratch, p);
        for (int k = 0; k < 6; k++) sum += p[k];
        assert_near(sum, 1, 1e-9);
        assert_true(p[2] == 0 && p[5] == 0);
    }
    assert_true(different <= ROWS / 100);
    dcl_arena_free(&arena);
}

static void probabilities_have_the_same_bytes_everywhere_and_the_truth_is_likely(void **state) {
    (void)state;
    static cloud c, test;
    cloud_make(&c, 4);
    memcpy(&test, &c, sizeof c);
    dcl_kernels scalar;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm svm;
    double score;
    assert_int_equal(dcl_kernels_select("scalar", &scalar, &error), DCL_OK);
    dcl_context context = context_of(&scalar, 2);
    dcl_svm_options options = dcl_svm_defaults();
    assert_int_equal(dcl_svm_learn(&context, &c.rows, &options, &arena, &svm, &score, &error), DCL_OK);
    assert_true(score > 0.8 && score <= 1);
    float scratch[2 * ROWS];
    double likely = 0;
    for (int i = 0; i < ROWS; i++) {
        double want[CLASSES], got[CLASSES];
        dcl_svm_probability(&scalar, &svm, c.x + i * FEATURES, scratch, want);
        likely += want[c.label[i]] / ROWS;
        for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
            dcl_kernels kernels;
            if (dcl_kernels_select(dcl_kernels_isa_at(v), &kernels, &error)) continue;
            dcl_svm_probability(&kernels, &svm, c.x + i * FEATURES, scratch, got);
            assert_memory_equal(want, got, sizeof want);
        }
    }
    assert_true(likely > 0.7);
    dcl_arena_free(&arena);
}

static void one_thread_and_four_learn_the_same_machine(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 5);
    dcl_kernels kernels;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_pack_writer bytes[2] = {{0}};
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    for (int i = 0; i < 2; i++) {
        dcl_context context = context_of(&kernels, i ? 4 : 1);
        dcl_svm_options options = dcl_svm_defaults();
        dcl_svm svm;
        assert_int_equal(dcl_svm_learn(&context, &c.rows, &options, &arena, &svm, NULL, &error), DCL_OK);
        dcl_svm_put(&svm, &bytes[i]);
    }
    assert_int_equal(bytes[0].n, bytes[1].n);
    assert_memory_equal(bytes[0].bytes, bytes[1].bytes, bytes[0].n);
    free(bytes[0].bytes);
    free(bytes[1].bytes);
    dcl_arena_free(&arena);
}

static void a_machine_comes_back_from_its_bytes(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 6);
    dcl_kernels kernels;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm svm, again;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    dcl_context context = context_of(&kernels, 1);
    assert_int_equal(dcl_svm_train(&context, &c.rows, 1, 1, &arena, &svm, &error), DCL_OK);
    dcl_pack_writer to = {0};
    dcl_svm_put(&svm, &to);
    dcl_pack_part part = {"svm", to.bytes, to.n};
    dcl_pack_reader from = dcl_pack_begin(&part);
    assert_int_equal(dcl_svm_get(&from, &arena, &again, &error), DCL_OK);
    assert_true(dcl_pack_done(&from));
    float scratch[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
        double a[CLASSES], b[CLASSES];
        dcl_svm_probability(&kernels, &svm, c.x + i * FEATURES, scratch, a);
        dcl_svm_probability(&kernels, &again, c.x + i * FEATURES, scratch, b);
        assert_memory_equal(a, b, sizeof a);
    }
    for (size_t n = 0; n < to.n; n += 13) { /* cut anywhere: an error, and nothing read beyond */
        part.n = n;
        from = dcl_pack_begin(&part);
        assert_int_equal(dcl_svm_get(&from, &arena, &again, &error), DCL_E_FORMAT);
    }
    free(to.bytes);
    dcl_arena_free(&arena);
}

static void folds_hold_whole_groups_and_all_classes(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 8);
    uint32_t fold[ROWS], other[ROWS];
    dcl_error error;
    assert_int_equal(dcl_folds_deal(1, &c.rows, 5, fold, &error), DCL_OK);
    assert_int_equal(dcl_folds_deal(2, &c.rows, 5, other, &error), DCL_OK);
    int in[CLASSES][5] = {{0}}, moved = 0;
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(fold[i], fold[i / PER_GROUP * PER_GROUP]);
        in[c.label[i]][fold[i]]++;
        moved += fold[i] != other[i];
    }
    for (int k = 0; k < CLASSES; k++) {
        for (int f = 0; f < 5; f++) assert_int_equal(in[k][f], PER_GROUP); /* five groups, five folds */
    }
    assert_true(moved > 0);
}

static void a_sigmoid_is_found_again(void **state) {
    (void)state;
    enum { N = 20000 };
    static float d[N];
    static bool first[N];
    for (uint32_t i = 0; i < N; i++) {
        d[i] = (float)dcl_random_normal(3, 1, i);
        first[i] = dcl_random_uniform(3, 2, i) < 1 / (1 + exp(-2.5 * (double)d[i] + 0.5));
    }
    double slope, offset;
    dcl_svm_platt(d, first, N, &slope, &offset);
    assert_near(slope, -2.5, 0.1);
    assert_near(offset, 0.5, 0.06);
    dcl_svm_platt(d, first, 0, &slope, &offset);
    assert_true(slope == -1 && offset == 0);
}

/* The last class has one group: left out, it was never seen, so that its pairs have no decision to be fitted to. */
static void one_sigmoid_for_all_serves_a_class_of_a_single_group(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 11);
    c.rows.n -= (GROUPS / CLASSES - 1) * PER_GROUP;
    dcl_kernels kernels;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm own, together;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    dcl_context context = context_of(&kernels, 1);
    dcl_svm_options options = {.c = {16}, .gamma = {0.4}, .n_c = 1, .n_gamma = 1, .folds = 5};
    assert_int_equal(dcl_svm_learn(&context, &c.rows, &options, &arena, &own, NULL, &error), DCL_OK);
    options.together = true;
    assert_int_equal(dcl_svm_learn(&context, &c.rows, &options, &arena, &together, NULL, &error), DCL_OK);
    for (uint32_t i = 0; i < CLASSES; i++) {
        for (uint32_t j = i + 1; j < CLASSES; j++) {
            size_t pair = dcl_svm_pair(CLASSES, i, j);
            assert_true((own.slope[pair] == -1 && own.offset[pair] == 0) == (j == CLASSES - 1));
            assert_true(together.slope[pair] == together.slope[0] && together.offset[pair] == 0);
        }
    }
    assert_true(together.slope[0] < -1);
    assert_true(own.n == together.n && memcmp(own.coef, together.coef, own.n * sizeof *own.coef) == 0);
    float scratch[2 * ROWS];
    double likely[2] = {0};
    for (size_t i = c.rows.n - PER_GROUP; i < c.rows.n; i++) {
        double p[CLASSES];
        for (int k = 0; k < 2; k++) {
            dcl_svm_probability(&kernels, k ? &together : &own, c.x + i * FEATURES, scratch, p);
            likely[k] += p[CLASSES - 1] / PER_GROUP;
        }
    }
    assert_true(likely[1] > likely[0]);
    dcl_arena_free(&arena);
}

static void pairs_that_agree_give_back_their_classes(void **state) {
    (void)state;
    static const double truth[4] = {0.5, 0.3, 0.15, 0.05};
    double p[16] = {0}, out[4];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) p[i * 4 + j] = i == j ? 0 : truth[i] / (truth[i] + truth[j]);
    }
    dcl_svm_couple(4, p, out);
    for (int i = 0; i < 4; i++) assert_near(out[i], truth[i], 0.01);
}

/* Answers that are right more often than their probability says: the machine may be as sure. */
static void an_answer_is_as_sure_as_it_was_right(void **state) {
    (void)state;
    enum { N = 6000, OF = 3 };
    static float decision[N * 3];
    static uint32_t label[N];
    static const double slope[3] = {-1, -1, -1}, offset[3] = {0};
    static const uint32_t all[OF] = {0, 1, 2};
    dcl_svm svm = {.classes = OF, .slope = slope, .offset = offset};
    for (uint32_t i = 0; i < N; i++) {
        double a[OF], p[OF];
        float *d = decision + i * 3;
        uint32_t best = 0;
        for (uint32_t k = 0; k < OF; k++) a[k] = 0.7 * dcl_random_normal(8, 2 + k, i);
        for (uint32_t j = 0; j < OF; j++)
            for (uint32_t k = j + 1; k < OF; k++) d[dcl_svm_pair(OF, j, k)] = (float)(a[j] - a[k]);
        dcl_svm_coupled(&svm, d, all, OF, p);
        for (uint32_t k = 1; k < OF; k++) best = p[k] > p[best] ? k : best;
        double z = 2 * log(p[best] / (1 - p[best])) + 1;
        label[i] = dcl_random_uniform(8, 1, i) < 1 / (1 + exp(-z)) ? best : (best + 1) % OF;
    }
    dcl_rows rows = {.label = label, .n = N, .classes = OF};
    assert_int_equal(dcl_svm_fit_sure(&rows, decision, &svm, NULL), DCL_OK);
    assert_near(svm.steep, 2, 0.3);
    assert_near(svm.shift, 1, 0.2);
    double before = 0;
    for (double p = 0.01; p < 1; p += 0.01) {
        assert_true(dcl_svm_sure(&svm, p) > before && dcl_svm_sure(&svm, p) >= p);
        before = dcl_svm_sure(&svm, p);
    }
    /* Rows of classes that no machine ever saw tell nothing. */
    memset(decision, 0, sizeof decision);
    assert_int_equal(dcl_svm_fit_sure(&rows, decision, &svm, NULL), DCL_OK);
    assert_true(svm.steep == 1 && svm.shift == 0);
}

static void what_cannot_be_learned_is_refused(void **state) {
    (void)state;
    static cloud c;
    cloud_make(&c, 9);
    static uint32_t same[ROWS], wrong[ROWS];
    for (int i = 0; i < ROWS; i++) wrong[i] = CLASSES;
    dcl_kernels kernels;
    dcl_error error;
    dcl_arena arena = {0};
    dcl_svm svm;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, &error), DCL_OK);
    dcl_context context = context_of(&kernels, 1);
    dcl_svm_options options = dcl_svm_defaults(), none = options;
    none.n_c = 0;
    const struct {
        dcl_rows rows;
        dcl_svm_options options;
        dcl_status status;
    } cases[] = {
        {{c.x, same, c.group, ROWS, FEATURES, CLASSES}, options, DCL_E_NO_DATA}, /* one class */
        {{c.x, c.label, same, ROWS, FEATURES, CLASSES}, options, DCL_E_NO_DATA}, /* one group */
        {{c.x, c.label, c.group, 0, FEATURES, CLASSES}, options, DCL_E_NO_DATA},
        {{c.x, wrong, c.group, ROWS, FEATURES, CLASSES}, options, DCL_E_ARG},
        {{c.x, c.label, c.group, ROWS, FEATURES, 1}, options, DCL_E_ARG},
        {{c.x, c.label, c.group, ROWS, 0, CLASSES}, options, DCL_E_ARG},
        {{c.x, c.label, c.group, ROWS, FEATURES, CLASSES}, none, DCL_E_ARG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_status got =
            dcl_svm_learn(&context, &cases[i].rows, &cases[i].options, &arena, &svm, NULL, &error);
        if (got != cases[i].status) fail_msg("case %zu: %s", i, dcl_status_text(got));
    }
    volatile int cancel = 1;
    context.cancel = &cancel;
    assert_int_equal(dcl_svm_learn(&context, &c.rows, &options, &arena, &svm, NULL, &error), DCL_E_CANCELLED);
    dcl_arena_free(&arena);
}

static void unknown_features_count_as_the_middle(void **state) {
    (void)state;
    float knot[DCL_SVM_KNOTS], x[5] = {NAN, -INFINITY, INFINITY, 16, 8.5f}, out[1];
    for (int k = 0; k < DCL_SVM_KNOTS; k++) knot[k] = (float)k;
    static const double want[5] = {0, -2.70, 2.70, 0, -0.594};
    for (int i = 0; i < 5; i++) {
        dcl_svm_map(knot, 1, &x[i], out);
        assert_near((double)out[0], want[i], 0.01);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_those_of_libsvm_on_every_instruction_set),
        cmocka_unit_test(classes_may_come_in_any_order_or_not_at_all),
        cmocka_unit_test(probabilities_have_the_same_bytes_everywhere_and_the_truth_is_likely),
        cmocka_unit_test(one_thread_and_four_learn_the_same_machine),
        cmocka_unit_test(a_machine_comes_back_from_its_bytes),
        cmocka_unit_test(folds_hold_whole_groups_and_all_classes),
        cmocka_unit_test(a_sigmoid_is_found_again),
        cmocka_unit_test(one_sigmoid_for_all_serves_a_class_of_a_single_group),
        cmocka_unit_test(pairs_that_agree_give_back_their_classes),
        cmocka_unit_test(an_answer_is_as_sure_as_it_was_right),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
        cmocka_unit_test(unknown_features_count_as_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
