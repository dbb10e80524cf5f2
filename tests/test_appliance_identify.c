#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>

#include "base/rng.h"
#include "scratch.h"

enum { KINDS = 3, DEVICES = 6, EACH = 10, N = KINDS * DEVICES * EACH };

/* Steps of kettles, fridges and lamps: kettles stand out by W, fridges and lamps by reactive power alone. */
typedef struct examples {
    float x[N * DCL_STEP_COUNT];
    uint32_t label[N], group[N];
    dcl_examples of;
} examples;

static const char *const labels[KINDS] = {"kettle", "fridge", "my lamp"};

static void one_step(uint64_t seed, uint32_t i, uint32_t kind, float *out) {
    static const double watts[KINDS] = {2000, 90, 90}, vars[KINDS] = {0, 70, 2};
    double w = watts[kind] * (1 + 0.1 * dcl_random_normal(seed, i, 1));
    double var = vars[kind] + 3 * dcl_random_normal(seed, i, 2);
    dcl_edge edge = {.delta_w = (float)w, .delta_va = NAN, .delta_var = (float)var, .peak = (float)(0.1 * w)};
    edge.power_factor = (float)(w / sqrt(w * w + var * var));
    dcl_signature_step(&edge, out);
}

static void make(examples *e) {
    for (uint32_t i = 0; i < N; i++) {
        e->group[i] = i / EACH;
        e->label[i] = e->group[i] / DEVICES;
        one_step(1, i, e->label[i], e->x + i * DCL_STEP_COUNT);
    }
    e->of = (dcl_examples){DCL_SIGNATURE_STEP, e->x, e->label, e->group, N, 0};
}

static dcl_kernels kernels;
static dcl_context context;

static int begin(void **state) {
    (void)state;
    context = (dcl_context){.kernels = &kernels, .threads = 2, .seed = 3};
    return dcl_kernels_select(NULL, &kernels, NULL) == DCL_OK ? 0 : -1;
}

static void learn(const examples *e, dcl_arena *arena, dcl_identifier *out) {
    dcl_identifier_options options = dcl_identifier_defaults();
    dcl_error error;
    if (dcl_identifier_learn(&context, labels, KINDS, &e->of, 1, &options, arena, out, &error))
        fail_msg("%s", error.msg);
}

static double share_right(const dcl_identifier *model, bool with_var, size_t *silent) {
    size_t right = 0;
    *silent = 0;
    for (uint32_t i = 0; i < 300; i++) {
        float x[DCL_STEP_COUNT];
        dcl_answer answer;
        one_step(2, i, i % KINDS, x);
        if (!with_var) x[DCL_STEP_SIZE_VAR] = x[DCL_STEP_POWER_FACTOR] = NAN;
        assert_int_equal(dcl_identify(&kernels, model, DCL_SIGNATURE_STEP, x, NULL, &answer, NULL), DCL_OK);
        assert_true((answer.label == UINT32_MAX) == (answer.confidence < model->least));
        right += answer.label == i % KINDS;
        *silent += answer.label == UINT32_MAX;
    }
    return (double)right / 300;
}

static void the_view_with_most_channels_that_fits_answers(void **state) {
    (void)state;
    static examples e;
    make(&e);
    dcl_arena arena = {0};
    dcl_identifier model;
    size_t silent;
    learn(&e, &arena, &model);
    assert_int_equal(model.n_views, 2); /* no apparent power: W, and W with var */
    assert_int_equal(model.view[0].needs & DCL_NEEDS_VAR, 0);
    assert_true(model.view[1].needs & DCL_NEEDS_VAR);
    double seen = share_right(&model, true, &silent);
    assert_true(seen > 0.9 && seen + (double)silent / 300 > 0.98);
    /* By watts alone a fridge is a lamp: those are not named. */
    double blind = share_right(&model, false, &silent);
    assert_true(blind < 0.7 && silent > 100);
    dcl_arena_free(&arena);
}

static void a_model_comes_back_from_its_file(void **state) {
    (void)state;
    static examples e;
    make(&e);
    dcl_arena arena = {0};
    dcl_identifier model, again;
    dcl_error error;
    learn(&e, &arena, &model);
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "a.model");
    assert_int_equal(dcl_identifier_write(path, &model, &error), DCL_OK);
    if (dcl_identifier_read(path, &arena, &again, &error)) fail_msg("%s", error.msg);
    assert_int_equal(again.classes, KINDS);
    for (uint32_t k = 0; k < KINDS; k++) {
        assert_string_equal(again.label[k], labels[k]);
        assert_int_equal(again.devices[k], DEVICES);
    }
    for (uint32_t i = 0; i < 50; i++) {
        float x[DCL_STEP_COUNT];
        double a[KINDS], b[KINDS];
        dcl_answer answer;
        one_step(4, i, i % KINDS, x);
        assert_int_equal(dcl_identify(&kernels, &model, DCL_SIGNATURE_STEP, x, a, &answer, NULL), DCL_OK);
        assert_int_equal(dcl_identify(&kernels, &again, DCL_SIGNATURE_STEP, x, b, &answer, NULL), DCL_OK);
        assert_memory_equal(a, b, sizeof a);
    }
    const char *foreign =
        scratch_file(&s, "b.model", "not a model at all, but long enough to hold a head", 50);
    assert_int_equal(dcl_identifier_read(foreign, &arena, &again, &error), DCL_E_FORMAT);
    scratch_end(&s);
    dcl_arena_free(&arena);
}

static void a_signature_that_no_view_reads_gets_no_name(void **state) {
    (void)state;
    static examples e;
    make(&e);
    dcl_arena arena = {0};
    dcl_identifier model;
    learn(&e, &arena, &model);
    static const float day[DCL_DAY_COUNT];
    double p[KINDS] = {1, 1, 1};
    dcl_answer answer;
    assert_int_equal(dcl_identify(&kernels, &model, DCL_SIGNATURE_DAY, day, p, &answer, NULL), DCL_OK);
    assert_true(answer.label == UINT32_MAX && answer.likeliest == UINT32_MAX && !answer.view && p[0] == 0);
    assert_int_equal(dcl_identify_day(&kernels, &model, day, NULL, 0, p, &answer, NULL), DCL_OK);
    assert_true(answer.label == UINT32_MAX && !answer.view);
    dcl_arena_free(&arena);
}

static void labels_are_checked(void **state) {
    (void)state;
    static examples e;
    make(&e);
    static const char *const wrong[][KINDS] = {{"kettle", "kettle", "lamp"},
                                               {"", "a", "b"},
                                               {"a label of far more than thirty-one bytes", "a", "b"}};
    for (size_t i = 0; i < 3; i++) {
        dcl_arena arena = {0};
        dcl_identifier model;
        dcl_identifier_options options = dcl_identifier_defaults();
        dcl_error error;
        assert_int_equal(
            dcl_identifier_learn(&context, wrong[i], KINDS, &e.of, 1, &options, &arena, &model, &error),
            DCL_E_ARG);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_view_with_most_channels_that_fits_answers),
        cmocka_unit_test(a_model_comes_back_from_its_file),
        cmocka_unit_test(a_signature_that_no_view_reads_gets_no_name),
        cmocka_unit_test(labels_are_checked),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
