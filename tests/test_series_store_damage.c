/* Damaged and cut stores: an error or the same home, never a crash, never other values. */
#include "store_home.h"

/* HDF5 1.10 itself loses memory on damaged files; that our own calls are paired, test_series_store shows. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static dcl_error error;

/* Each byte in turn: an error or the same home. Never a crash, never other values. */
static void a_flipped_byte_is_an_error_or_changes_nothing(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 300);
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "home.h5");
    assert_int_equal(dcl_store_write(&context, path, &home, 1, NULL, &error), DCL_OK);
    size_t n = 0, errors = 0;
    char *bytes = read_whole(path, &n);
    for (size_t i = 0; i < n; i++) {
        dcl_arena other = {.limit = 1 << 26};
        dcl_home back;
        bytes[i] = (char)(bytes[i] ^ 0x10);
        FILE *file = fopen(path, "wb");
        assert_true(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        dcl_status status = dcl_store_read(path, NULL, &other, &back, &error);
        errors += status != DCL_OK;
        if (status && status != DCL_E_FORMAT) fail_msg("byte %zu: %d %s", i, status, error.msg);
        if (!status) assert_same_home(&home, &back);
        dcl_arena_free(&other);
    }
    print_message("%zu of %zu flipped bytes are errors\n", errors, n);
    assert_true(errors * 4 > n * 3);
    free(bytes);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void a_cut_store_is_an_error(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 300), back;
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "home.h5");
    assert_int_equal(dcl_store_write(&context, path, &home, 1, NULL, &error), DCL_OK);
    size_t n = 0;
    char *bytes = read_whole(path, &n);
    for (size_t length = 0; length < n; length += 1 + length / 20) {
        assert_int_equal(truncate(path, (off_t)length), 0);
        assert_int_equal(dcl_store_read(path, NULL, &arena, &back, &error), DCL_E_FORMAT);
        assert_string_equal(error.file, path);
        FILE *file = fopen(path, "wb");
        assert_true(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
    }
    free(bytes);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_byte_is_an_error_or_changes_nothing),
        cmocka_unit_test(a_cut_store_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
