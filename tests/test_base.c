#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/order.h"
#include "base/rng.h"
#include "base/text.h"

static void every_status_has_a_text(void **state) {
    (void)state;
    for (int i = 0; i < DCL_STATUS_COUNT; i++) assert_true(strlen(dcl_status_text((dcl_status)i)) > 3);
    assert_string_equal(dcl_status_text((dcl_status)DCL_STATUS_COUNT), "unknown status");
}

static void a_quantile_of_values_in_any_order_is_that_of_them_sorted(void **state) {
    (void)state;
    float any[200], sorted[200];
    dcl_rng rng = {.seed = 7};
    for (size_t n = 1; n <= 200; n++) {
        uint32_t kinds = n % 3 ? 5 : 100000; /* many alike, or hardly any */
        for (size_t i = 0; i < n; i++) any[i] = sorted[i] = (float)(dcl_rng_below(&rng, kinds)) - 2;
        dcl_sort_f32(sorted, n);
        for (int q = 0; q <= 10; q++)
            assert_true(dcl_quantile_of_f32(any, n, q / 10.0) == dcl_quantile_f32(sorted, n, q / 10.0));
        dcl_sort_f32(any, n);
        assert_memory_equal(any, sorted, n * sizeof *any); /* nothing is lost */
    }
    assert_true(isnan(dcl_quantile_of_f32(any, 0, 0.5)));
}

static void an_arena_at_its_limit_gives_null_and_stays_usable(void **state) {
    (void)state;
    dcl_arena arena = {.limit = 4096};
    assert_non_null(dcl_arena_alloc(&arena, 1000, 1));
    assert_null(dcl_arena_alloc(&arena, 1 << 20, 1));
    assert_non_null(dcl_arena_alloc(&arena, 100, 1));
    assert_null(dcl_arena_alloc(&arena, SIZE_MAX / 2, 16));
    dcl_arena_free(&arena);
}

static void an_arena_frees_what_it_adopts_and_counts_it(void **state) {
    (void)state;
    dcl_arena arena = {.limit = 1 << 20};
    char *first = malloc(100000), *second = malloc(100), *large = malloc(1 << 20);
    assert_true(first && second && large);
    assert_true(dcl_arena_adopt(&arena, first, 100000)); /* an empty arena */
    assert_int_equal(arena.held, 100000);
    char *own = dcl_arena_alloc(&arena, 100, 1);
    assert_non_null(own);
    assert_true(dcl_arena_adopt(&arena, second, 100));
    assert_ptr_equal(dcl_arena_alloc(&arena, 100, 1), own + 128); /* its block goes on being used */
    size_t held = arena.held;
    assert_false(dcl_arena_adopt(&arena, large, 1 << 20));
    assert_int_equal(arena.held, held);
    dcl_arena_free(&arena);
    free(large);
}

static void arena_memory_is_aligned_and_zero(void **state) {
    (void)state;
    dcl_arena arena = {0};
    for (size_t n = 0; n < 200; n++) {
        unsigned char *bytes = dcl_arena_alloc(&arena, n, 1);
        assert_int_equal((uintptr_t)bytes % 64, 0);
        for (size_t i = 0; i < n; i++) assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, n);
    }
    dcl_arena_free(&arena);
}

static void numbers_are_written_the_same_everywhere(void **state) {
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *want;
    } cases[] = {{0, 0, "0"},     {-0.0, 2, "0.00"},   {-0.004, 2, "0.00"},           {0.005, 2, "0.01"},
                 {-1.5, 0, "-2"}, {12.345, 1, "12.3"}, {1e15, 0, "1000000000000000"}, {999.999, 2, "1000.00"},
                 {NAN, 2, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_text text = {0};
        dcl_text_put(&text, "");
        dcl_text_fixed(&text, cases[i].value, cases[i].decimals);
        assert_string_equal(text.at, cases[i].want);
        dcl_text_free(&text);
    }
}

static void whole_numbers_are_written_to_their_ends(void **state) {
    (void)state;
    static const int64_t values[] = {0, 7, -7, 10, -1000000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        dcl_text text = {0};
        char want[32];
        snprintf(want, sizeof want, "%lld", (long long)values[i]);
        dcl_text_integer(&text, values[i]);
        assert_string_equal(text.at, want);
        dcl_text_free(&text);
    }
}

static void a_float_reads_back_as_itself(void **state) {
    (void)state;
    static const float values[] = {0.1f, 1.0f / 3, 16777216.0f, 1e-38f, 3.4e38f, 230.7f};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        dcl_text text = {0};
        dcl_text_float(&text, values[i]);
        float back = strtof(text.at, NULL);
        assert_memory_equal(&back, &values[i], sizeof back);
        dcl_text_free(&text);
    }
}

static void whole_numbers_are_written_without_an_exponent(void **state) {
    (void)state;
    static const struct {
        float value;
        const char *want;
    } cases[] = {{100, "100"}, {-4500, "-4500"}, {1e8f, "100000000"}, {3e10f, "3e+10"}, {1e-7f, "1e-07"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_text text = {0};
        dcl_text_float(&text, cases[i].value);
        assert_string_equal(text.at, cases[i].want);
        dcl_text_free(&text);
    }
}

static void json_written_is_json_read(void **state) {
    (void)state;
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key_string(&json, "name", "a \"quoted\"\n\\ name");
    dcl_json_key(&json, "list");
    dcl_json_begin(&json, '[');
    dcl_json_number(&json, 0.1);
    dcl_json_number(&json, NAN);
    dcl_json_bool(&json, true);
    dcl_json_end(&json, ']');
    dcl_json_key_integer(&json, "count", -7);
    dcl_json_end(&json, '}');
    assert_false(text.failed);

    dcl_json *document = NULL;
    dcl_error error;
    assert_int_equal(dcl_json_parse(text.at, text.n, &document, &error), DCL_OK);
    assert_string_equal(dcl_json_text(dcl_json_get(document, "name")), "a \"quoted\"\n\\ name");
    assert_int_equal(dcl_json_length(dcl_json_get(document, "list")), 3);
    double value = 0;
    assert_true(dcl_json_real(dcl_json_at(dcl_json_get(document, "list"), 0), &value));
    assert_true(value == 0.1);
    assert_false(dcl_json_real(dcl_json_at(dcl_json_get(document, "list"), 1), &value));
    dcl_json_close(&document);
    dcl_text_free(&text);
}

/* Meters send both; what is not plainly a number is none. */
static void numbers_in_json_strings_are_read_strictly(void **state) {
    (void)state;
    static const struct {
        const char *json;
        bool good;
        double want;
    } cases[] = {{"930", true, 930},      {"\"930\"", true, 930},     {"\"00930\"", true, 930},
                 {"\"-0.5\"", true, -.5}, {"\"+1.25e2\"", true, 125}, {"\"0\"", true, 0},
                 {"\"\"", false, 0},      {"\"-\"", false, 0},        {"\"0x10\"", false, 0},
                 {"\" 5\"", false, 0},    {"\"5,5\"", false, 0},      {"\"1e999\"", false, 0},
                 {"\"inf\"", false, 0},   {"\"5 W\"", false, 0},      {"true", false, 0},
                 {"null", false, 0},      {"\"--5\"", false, 0},      {"\"[5]\"", false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[64];
        int n = snprintf(bytes, sizeof bytes, "[%s]", cases[i].json);
        dcl_json *document = NULL;
        double value = 77;
        assert_int_equal(dcl_json_parse(bytes, (size_t)n, &document, NULL), DCL_OK);
        bool good = dcl_json_real(dcl_json_at(document, 0), &value);
        if (good != cases[i].good || (good && value != cases[i].want))
            fail_msg("%s: %d, %g", cases[i].json, good, value);
        dcl_json_close(&document);
    }
    double value;
    assert_false(dcl_json_real(NULL, &value));
}

static void bad_json_is_an_error_with_its_line(void **state) {
    (void)state;
    static const char bytes[] = "{\n \"a\": 1,\n oops\n}";
    dcl_json *document = NULL;
    dcl_error error = {0};
    assert_int_equal(dcl_json_parse(bytes, sizeof bytes - 1, &document, &error), DCL_E_FORMAT);
    assert_null(document);
    assert_int_equal(error.pos.line, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(a_quantile_of_values_in_any_order_is_that_of_them_sorted),
        cmocka_unit_test(an_arena_at_its_limit_gives_null_and_stays_usable),
        cmocka_unit_test(an_arena_frees_what_it_adopts_and_counts_it),
        cmocka_unit_test(arena_memory_is_aligned_and_zero),
        cmocka_unit_test(numbers_are_written_the_same_everywhere),
        cmocka_unit_test(whole_numbers_are_written_to_their_ends),
        cmocka_unit_test(a_float_reads_back_as_itself),
        cmocka_unit_test(whole_numbers_are_written_without_an_exponent),
        cmocka_unit_test(json_written_is_json_read),
        cmocka_unit_test(numbers_in_json_strings_are_read_strictly),
        cmocka_unit_test(bad_json_is_an_error_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
