#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/declic-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails, and the test with it, where anything was left behind */
}

static const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static size_t files_in_folder(void) {
    size_t n = 0;
    DIR *open = opendir(folder);
    for (struct dirent *entry; (entry = readdir(open));) n += entry->d_name[0] != '.';
    closedir(open);
    return n;
}

static void what_is_written_is_read(void **state) {
    (void)state;
    dcl_error error;
    char *bytes;
    size_t n;
    assert_int_equal(dcl_file_write(path_of("a"), "one\0two", 7, &error), DCL_OK);
    assert_int_equal(dcl_file_write(path_of("a"), "three", 5, &error), DCL_OK);
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(dcl_file_read(path_of("a"), 100, &bytes, &n, &error), DCL_OK);
    assert_int_equal(n, 5);
    assert_string_equal(bytes, "three");
    free(bytes);
    assert_int_equal(dcl_file_read(path_of("a"), 4, &bytes, &n, &error), DCL_E_FORMAT);
    assert_null(bytes);
    unlink(path_of("a"));
}

static void an_aborted_output_leaves_the_old_file(void **state) {
    (void)state;
    dcl_error error;
    dcl_output out;
    assert_int_equal(dcl_file_write(path_of("a"), "old", 3, &error), DCL_OK);
    assert_int_equal(dcl_output_begin(&out, path_of("a"), &error), DCL_OK);
    assert_int_equal(files_in_folder(), 2);
    dcl_output_abort(&out);
    dcl_output_abort(&out);
    assert_int_equal(files_in_folder(), 1);
    char *bytes;
    size_t n;
    assert_int_equal(dcl_file_read(path_of("a"), 100, &bytes, &n, &error), DCL_OK);
    assert_string_equal(bytes, "old");
    free(bytes);
    unlink(path_of("a"));
}

static void a_path_that_cannot_be_written_is_named(void **state) {
    (void)state;
    dcl_error error = {0};
    assert_int_equal(dcl_file_write(path_of("none/a"), "x", 1, &error), DCL_E_NOT_FOUND);
    assert_string_equal(error.file, path_of("none/a"));
    assert_int_equal(dcl_file_write(folder, "x", 1, &error), DCL_E_IO);
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    assert_int_equal(dcl_file_write(path_of("pipe"), "x", 1, &error), DCL_E_IO);
    struct stat info;
    assert_true(lstat(path_of("pipe"), &info) == 0 && S_ISFIFO(info.st_mode));
    unlink(path_of("pipe"));
    char *bytes;
    size_t n;
    assert_int_equal(dcl_file_read(path_of("none"), 10, &bytes, &n, &error), DCL_E_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(an_aborted_output_leaves_the_old_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_path_that_cannot_be_written_is_named, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
