/* Aliases: one key gives one name a home, and a key that others may read is none. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <declic/report_alias.h>

#include "base/text.h"

/* Writes n bytes first, first + 1 … under a mode. */
static void write_key(const char *path, size_t n, unsigned first, unsigned step, mode_t mode) {
    (void)unlink(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < n; i++) assert_int_not_equal(fputc((int)((first + step * i) & 255), file), EOF);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_key_is_32_bytes_that_its_owner_alone_may_read(void **state) {
    static const struct {
        size_t n;
        unsigned step;
        mode_t mode;
        dcl_status status;
    } cases[] = {{32, 1, 0600, DCL_OK},       {32, 1, 0400, DCL_OK},      {31, 1, 0600, DCL_E_FORMAT},
                 {33, 1, 0600, DCL_E_FORMAT}, {0, 1, 0600, DCL_E_FORMAT}, {32, 0, 0600, DCL_E_FORMAT},
                 {32, 1, 0604, DCL_E_ARG},    {32, 1, 0640, DCL_E_ARG},   {32, 1, 0644, DCL_E_ARG},
                 {32, 1, 0602, DCL_E_ARG}};
    const char *path = "test_report_alias.key";
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_alias_key key;
        dcl_error error = {0};
        write_key(path, cases[i].n, 7, cases[i].step, cases[i].mode);
        dcl_status status = dcl_alias_key_read(path, &key, &error);
        if (status != cases[i].status)
            fail_msg("%zu bytes, mode %o: %d (%s)", cases[i].n, (unsigned)cases[i].mode, (int)status,
                     error.msg);
    }
    (void)unlink(path);
    dcl_alias_key key;
    assert_int_equal(dcl_alias_key_read(path, &key, &(dcl_error){0}), DCL_E_NOT_FOUND);
    assert_int_equal(dcl_alias_key_read(".", &key, &(dcl_error){0}), DCL_E_ARG);
}

static void an_alias_depends_on_address_and_key_and_tells_neither(void **state) {
    dcl_alias_key key = {{1, 2, 3}}, other = {{1, 2, 4}};
    char a[DCL_ALIAS_BYTES], again[DCL_ALIAS_BYTES], b[DCL_ALIAS_BYTES], c[DCL_ALIAS_BYTES];
    size_t n;
    (void)state;
    dcl_alias_make(&key, "19876543210987", a);
    dcl_alias_make(&key, "19876543210987", again);
    dcl_alias_make(&key, "19876543210988", b);
    dcl_alias_make(&other, "19876543210987", c);
    assert_string_equal(a, again);
    assert_string_not_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(strlen(a), DCL_ALIAS_BYTES - 1);
    assert_int_equal(strncmp(a, "home-", 5), 0);
    assert_int_equal(strspn(a + 5, "bcdfghjkmnpqrstv"), 16);
    assert_null(dcl_address_in(a, &n));
}

static void the_alias_of_a_known_key_never_changes(void **state) {
    dcl_alias_key key;
    char alias[DCL_ALIAS_BYTES];
    (void)state;
    for (unsigned i = 0; i < sizeof key.byte; i++) key.byte[i] = (unsigned char)i;
    dcl_alias_make(&key, "19876543210987", alias);
    /* Python: hashlib.blake2b(b"declic home\0" + b"19876543210987", key=bytes(range(32)), digest_size=32) */
    assert_string_equal(alias, "home-tvhrscfjkdtrmvmk");
}

static void a_run_of_twelve_digits_may_be_an_address(void **state) {
    static const struct {
        const char *text;
        size_t at, n;
    } cases[] = {{"12345678901", 0, 0},       {"123456789012", 0, 12}, {"a19876543210987.csv", 1, 14},
                 {"20250101-20250102", 0, 0}, {"1234567890 12", 0, 0}, {"", 0, 0},
                 {"11 123456789012x", 3, 12}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = 0;
        const char *at = dcl_address_in(cases[i].text, &n);
        assert_int_equal(at != NULL, cases[i].n > 0);
        if (at) assert_int_equal((size_t)(at - cases[i].text), cases[i].at);
        if (at) assert_int_equal(n, cases[i].n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_32_bytes_that_its_owner_alone_may_read),
        cmocka_unit_test(an_alias_depends_on_address_and_key_and_tells_neither),
        cmocka_unit_test(the_alias_of_a_known_key_never_changes),
        cmocka_unit_test(a_run_of_twelve_digits_may_be_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
