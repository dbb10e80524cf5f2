#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <declic/mcu.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void a_step_of_the_threshold_is_an_edge_and_one_less_is_not(void **state) {
    (void)state;
    static const struct {
        int32_t before, after;
        uint32_t threshold;
        int edge;
        uint32_t size;
    } cases[] = {
        {0, 300, 300, 1, 300},
        {0, 299, 300, 0, 299},
        {300, 0, 300, -1, 300},
        {299, 0, 300, 0, 299},
        {-150, 150, 300, 1, 300},
        {5, 5, 1, 0, 0},
        {5, 6, 0, 1, 1}, /* a threshold of 0 is 1 */
        {5, 5, 0, 0, 0},
        {INT32_MIN + 1, INT32_MAX, UINT32_MAX - 1, 1, UINT32_MAX - 1}, /* the largest difference there is */
        {INT32_MAX, INT32_MIN + 1, UINT32_MAX, 0, UINT32_MAX - 1},
        {DCL_MISSING_I32, 5000, 1, 0, 0},
        {5000, DCL_MISSING_I32, 1, 0, 0},
        {DCL_MISSING_I32, DCL_MISSING_I32, 1, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_mcu_edge edge;
        uint32_t size = 77;
        dcl_mcu_edge_init(&edge, cases[i].threshold);
        assert_int_equal(dcl_mcu_edge_push(&edge, cases[i].before, &size),
                         0); /* the first sample has no step */
        assert_int_equal(size, 0);
        assert_int_equal(dcl_mcu_edge_push(&edge, cases[i].after, &size), cases[i].edge);
        assert_int_equal(size, cases[i].size);
    }
}

static void no_edge_reaches_across_a_gap(void **state) {
    (void)state;
    static const int32_t samples[] = {100, DCL_MISSING_I32, 9000, 100};
    static const int want[] = {0, 0, 0, -1};
    dcl_mcu_edge edge;
    dcl_mcu_edge_init(&edge, 300);
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint32_t size;
        assert_int_equal(dcl_mcu_edge_push(&edge, samples[i], &size), want[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_the_threshold_is_an_edge_and_one_less_is_not),
        cmocka_unit_test(no_edge_reaches_across_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
