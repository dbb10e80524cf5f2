/* The home store: what goes in comes out bit for bit; what is damaged, cut, foreign or unwritable is an
 * error. */
#include <sys/mount.h>

#include "store_home.h"

static dcl_error error;

static void a_home_comes_back_bit_for_bit(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 1000, 65536, 65537, 200000};
    dcl_context context = case_context();
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "home.h5");
    for (size_t i = 0; i < 2 * COUNT(lengths); i++) {
        dcl_arena arena = {0};
        dcl_home home = make_home(&arena, "home1", lengths[i / 2]), back;
        dcl_store_options options = {.deflate = i % 2};
        assert_int_equal(dcl_store_write(&context, path, &home, 1, &options, &error), DCL_OK);
        assert_int_equal(dcl_store_read(path, NULL, &arena, &back, &error), DCL_OK);
        assert_same_home(&home, &back);
        dcl_read_options reading = dcl_read_defaults();
        assert_int_equal(dcl_home_read(&context, path, &reading, &arena, &back, &error), DCL_OK);
        assert_same_home(&home, &back);
        dcl_arena_free(&arena);
    }
    scratch_end(&s);
}

static void the_same_homes_are_the_same_bytes(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 5000);
    scratch s;
    scratch_begin(&s);
    const char *a = scratch_path(&s, "a.h5"), *b = scratch_path(&s, "b.h5");
    assert_int_equal(dcl_store_write(&context, a, &home, 1, NULL, &error), DCL_OK);
    sleep(1); /* a clock in the file would show */
    assert_int_equal(dcl_store_write(&context, b, &home, 1, NULL, &error), DCL_OK);
    size_t n = 0, m = 0;
    char *first = read_whole(a, &n), *second = read_whole(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(first, second, n);
    free(first);
    free(second);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void homes_are_listed_and_read_by_id(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home homes[] = {make_home(&arena, "b", 10), make_home(&arena, "a", 20)}, back;
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "homes.h5");
    assert_int_equal(dcl_store_write(&context, path, homes, 2, NULL, &error), DCL_OK);
    char **ids;
    size_t n;
    assert_int_equal(dcl_store_list(path, &arena, &ids, &n, &error), DCL_OK);
    assert_int_equal(n, 2);
    assert_string_equal(ids[0], "a");
    assert_string_equal(ids[1], "b");
    assert_int_equal(dcl_store_read(path, "b", &arena, &back, &error), DCL_OK);
    assert_same_home(&homes[0], &back);
    assert_int_equal(dcl_store_read(path, "c", &arena, &back, &error), DCL_E_NOT_FOUND);
    assert_string_equal(error.msg, "no home \"c\" in this store");
    assert_int_equal(dcl_store_read(path, "../home/a", &arena, &back, &error), DCL_E_NOT_FOUND);
    assert_int_equal(dcl_store_read(path, "", &arena, &back, &error), DCL_E_NOT_FOUND);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void names_that_would_lead_elsewhere_are_refused(void **state) {
    (void)state;
    static const char *const ids[] = {"", ".", "..", "a/b"};
    dcl_context context = case_context();
    dcl_arena arena = {0};
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "home.h5");
    for (size_t i = 0; i < COUNT(ids); i++) {
        dcl_home home = make_home(&arena, ids[i], 10);
        assert_int_equal(dcl_store_write(&context, path, &home, 1, NULL, &error), DCL_E_ARG);
    }
    dcl_home homes[] = {make_home(&arena, "a", 10), make_home(&arena, "a", 10)};
    assert_int_equal(dcl_store_write(&context, path, homes, 2, NULL, &error), DCL_E_ARG);
    strcpy(homes[0].truth_name[0], "fridge/freezer");
    assert_int_equal(dcl_store_write(&context, path, homes, 1, NULL, &error), DCL_E_ARG);
    assert_int_equal(access(path, F_OK), -1);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void a_store_without_room_for_it_is_out_of_memory(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 10000), back;
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "home.h5");
    assert_int_equal(dcl_store_write(&context, path, &home, 1, NULL, &error), DCL_OK);
    for (size_t limit = 64; limit < 100000; limit *= 2) {
        dcl_arena small = {.limit = limit};
        char **ids;
        size_t n;
        assert_int_equal(dcl_store_read(path, NULL, &small, &back, &error), DCL_E_MEMORY);
        dcl_arena_free(&small);
        if (limit > 64) continue;
        assert_int_equal(dcl_store_list(path, &small, &ids, &n, &error), DCL_E_MEMORY);
        dcl_arena_free(&small);
    }
    dcl_arena_free(&arena);
    scratch_end(&s);
}

/* The old file stays what it was, and nothing is left beside it. */
static void assert_untouched(const char *path, const char *content) {
    size_t n = 0;
    char *bytes = read_whole(path, &n);
    assert_non_null(bytes);
    assert_int_equal(n, strlen(content));
    assert_memory_equal(bytes, content, n);
    free(bytes);
}

static char mounted[256];

/* A test that fails half-way must not leave its disk behind. */
static int unmount(void **state) {
    (void)state;
    if (mounted[0] && umount2(mounted, MNT_DETACH) == 0) rmdir(mounted);
    mounted[0] = '\0';
    return 0;
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 600000);
    scratch s;
    scratch_begin(&s);
    const char *folder = scratch_folder(&s, "small");
    if (mount("tmpfs", folder, "tmpfs", 0, "size=1m")) {
        print_message("skipped: A SMALL TMPFS CANNOT BE MOUNTED HERE, the full disk is not tested\n");
    } else {
        strcpy(mounted, folder);
        const char *path = scratch_file(&s, "small/home.h5", "old", 3);
        dcl_status status = dcl_store_write(&context, path, &home, 1, NULL, &error);
        assert_int_equal(status, DCL_E_IO);
        assert_non_null(strstr(error.msg, "No space left"));
        assert_untouched(path, "old");
        assert_int_equal(remove(path), 0);
        assert_int_equal(umount(folder), 0);
        mounted[0] = '\0';
        assert_int_equal(rmdir(folder), 0); /* it would not be empty with a rest in it */
    }
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void a_folder_that_is_not_there_is_an_error_with_its_name(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home = make_home(&arena, "home1", 10);
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "none/home.h5");
    dcl_status status = dcl_store_write(&context, path, &home, 1, NULL, &error);
    assert_true(status == DCL_E_IO || status == DCL_E_NOT_FOUND);
    assert_string_equal(error.file, path);
    assert_int_equal(dcl_store_write(&context, s.folder, &home, 1, NULL, &error), DCL_E_IO);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_comes_back_bit_for_bit),
        cmocka_unit_test(the_same_homes_are_the_same_bytes),
        cmocka_unit_test(homes_are_listed_and_read_by_id),
        cmocka_unit_test(names_that_would_lead_elsewhere_are_refused),
        cmocka_unit_test(a_store_without_room_for_it_is_out_of_memory),
        cmocka_unit_test_teardown(a_full_disk_leaves_the_old_file_and_nothing_else, unmount),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error_with_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
