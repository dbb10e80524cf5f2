#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crc.h"
#include "learn/pack.h"
#include "scratch.h"

/* Parts of lengths around the filling, one of them empty. */
static const dcl_pack_part three[] = {
    {"labels", "fridge\nkettle\n", 14},
    {"empty", "", 0},
    {"numbers.0", "0123456789012345678901234567890123456789012345678901234567890123", 64}};

typedef struct file_bytes {
    unsigned char *bytes;
    size_t n;
} file_bytes;

static file_bytes make(void) {
    file_bytes file;
    dcl_error error;
    assert_int_equal(dcl_pack_make("signatures", three, 3, &file.bytes, &file.n, &error), DCL_OK);
    return file;
}

static void the_checksum_is_that_of_gzip(void **state) {
    (void)state;
    assert_int_equal(dcl_crc32_of("123456789", 9), 0xcbf43926); /* the check value of the catalogue of CRCs */
    assert_int_equal(dcl_crc32_of("", 0), 0);
}

static void what_is_written_is_found_by_name(void **state) {
    (void)state;
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_path(&s, "m.model");
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error;
    assert_int_equal(dcl_pack_write(path, "signatures", three, 3, &error), DCL_OK);
    assert_int_equal(dcl_pack_read(path, "signatures", &arena, &pack, &error), DCL_OK);
    assert_int_equal(pack.n, 3);
    assert_string_equal(pack.kind, "signatures");
    for (size_t i = 0; i < 3; i++) {
        const dcl_pack_part *part = dcl_pack_find(&pack, three[i].name);
        assert_non_null(part);
        assert_int_equal(part->n, three[i].n);
        assert_memory_equal(part->bytes, three[i].bytes, three[i].n);
        assert_int_equal((uintptr_t)part->bytes % 64, 0);
    }
    assert_null(dcl_pack_find(&pack, "label"));
    dcl_pack_part part;
    assert_int_equal(dcl_pack_need(&pack, "trees", &part, &error), DCL_E_FORMAT);
    assert_non_null(strstr(error.msg, "trees"));
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void every_changed_byte_is_refused(void **state) {
    (void)state;
    file_bytes file = make();
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error;
    for (size_t i = 0; i < file.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            file.bytes[i] ^= (unsigned char)(1 << bit);
            if (!dcl_pack_open(file.bytes, file.n, NULL, &arena, &pack, &error))
                fail_msg("byte %zu bit %d", i, bit);
            assert_true(error.pos.byte >= 0);
            file.bytes[i] ^= (unsigned char)(1 << bit);
        }
        dcl_arena_free(&arena);
    }
    assert_int_equal(dcl_pack_open(file.bytes, file.n, NULL, &arena, &pack, &error), DCL_OK);
    dcl_arena_free(&arena);
    free(file.bytes);
}

static void every_cut_and_every_tail_is_refused(void **state) {
    (void)state;
    file_bytes file = make();
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error;
    for (size_t n = 0; n < file.n; n++) {
        unsigned char *cut = malloc(n + 1); /* of exactly that length: what reads beyond is caught */
        memcpy(cut, file.bytes, n);
        assert_int_equal(dcl_pack_open(cut, n, NULL, &arena, &pack, &error), DCL_E_FORMAT);
        free(cut);
    }
    unsigned char *longer = calloc(1, file.n + 64);
    memcpy(longer, file.bytes, file.n);
    assert_int_equal(dcl_pack_open(longer, file.n + 64, NULL, &arena, &pack, &error), DCL_E_FORMAT);
    assert_int_equal(error.pos.byte, (int64_t)file.n);
    free(longer);
    dcl_arena_free(&arena);
    free(file.bytes);
}

static void errors_name_the_byte_and_what_was_expected(void **state) {
    (void)state;
    static const struct {
        size_t byte;
        unsigned char value;
        dcl_status status;
        const char *says;
    } cases[] = {
        {0, 'X', DCL_E_FORMAT, "does not begin with 'DCLMODEL'"},
        {8, 2, DCL_E_UNSUPPORTED, "version 2, made by a newer program"},
        {8, 0, DCL_E_FORMAT, "version 0"},
        {12, 0, DCL_E_FORMAT, "0 parts"},
        {13, 1, DCL_E_FORMAT, "259 parts"},
        {40, 'X', DCL_E_FORMAT, "the checksum of the table at byte 128"},
        {140, 1, DCL_E_FORMAT, "byte 140 is 0x01"},
        {200, 'X', DCL_E_FORMAT, "part labels at byte 192"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file_bytes file = make();
        dcl_arena arena = {0};
        dcl_pack pack;
        dcl_error error;
        file.bytes[cases[i].byte] = cases[i].value;
        assert_int_equal(dcl_pack_open(file.bytes, file.n, NULL, &arena, &pack, &error), cases[i].status);
        if (!strstr(error.msg, cases[i].says)) fail_msg("'%s' lacks '%s'", error.msg, cases[i].says);
        dcl_arena_free(&arena);
        free(file.bytes);
    }
}

static void a_model_of_another_kind_is_refused(void **state) {
    (void)state;
    file_bytes file = make();
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error;
    assert_int_equal(dcl_pack_open(file.bytes, file.n, "forest", &arena, &pack, &error), DCL_E_FORMAT);
    assert_string_equal(error.msg, "a model of kind 'signatures', expected 'forest'");
    dcl_arena_free(&arena);
    free(file.bytes);
}

static void a_file_that_fails_is_named(void **state) {
    (void)state;
    scratch s;
    scratch_begin(&s);
    const char *path = scratch_file(&s, "note.txt", "hello", 5);
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error error = {0};
    assert_int_equal(dcl_pack_read(path, NULL, &arena, &pack, &error), DCL_E_FORMAT);
    assert_string_equal(error.file, path);
    assert_int_equal(error.pos.byte, 0);
    assert_int_equal(dcl_pack_read("/nowhere/m", NULL, &arena, &pack, &error), DCL_E_NOT_FOUND);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void bad_parts_are_not_written(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        dcl_pack_part part[2];
        size_t n;
    } cases[] = {
        {"", {{"a", "", 0}}, 1},
        {"Kind", {{"a", "", 0}}, 1},
        {"seventeen-letters", {{"a", "", 0}}, 1},
        {"k", {{"a", "", 0}, {"a", "", 0}}, 2},
        {"k", {{"", "", 0}}, 1},
        {"k", {{"a", "", 0}}, 0},
        {"k", {{"a b", "", 0}}, 1},
        {"k", {{"a", "", DCL_PACK_LARGEST}}, 1},
        {"k", {{"a", "", SIZE_MAX}}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char *bytes;
        size_t n;
        dcl_error error;
        if (dcl_pack_make(cases[i].kind, cases[i].part, cases[i].n, &bytes, &n, &error) != DCL_E_ARG)
            fail_msg("case %zu was taken", i);
        assert_null(bytes);
    }
}

static void memory_that_runs_out_is_an_error(void **state) {
    (void)state;
    file_bytes file = make();
    dcl_arena arena = {.limit = 64};
    dcl_pack pack;
    dcl_error error;
    assert_int_equal(dcl_pack_open(file.bytes, file.n, NULL, &arena, &pack, &error), DCL_E_MEMORY);
    dcl_arena_free(&arena);
    free(file.bytes);
}

static void numbers_come_back_and_the_end_is_seen(void **state) {
    (void)state;
    dcl_pack_writer to = {0};
    dcl_pack_put_u32(&to, 0x01020304);
    dcl_pack_put_u64(&to, UINT64_C(0x0102030405060708));
    dcl_pack_put_f32(&to, -1.5f);
    dcl_pack_put_f64(&to, 0.1);
    dcl_pack_put_text(&to, "kettle");
    assert_false(to.failed);
    assert_int_equal(to.bytes[0], 4); /* little-endian on any machine */
    dcl_pack_part part = {"x", to.bytes, to.n};
    dcl_pack_reader from = dcl_pack_begin(&part);
    char text[7], small[6] = "?";
    assert_int_equal(dcl_pack_get_u32(&from), 0x01020304);
    assert_int_equal(dcl_pack_get_u64(&from), UINT64_C(0x0102030405060708));
    assert_true(dcl_pack_get_f32(&from) == -1.5f);
    assert_true(dcl_pack_get_f64(&from) == 0.1);
    dcl_pack_reader again = from;
    dcl_pack_get_text(&from, text, sizeof text);
    assert_string_equal(text, "kettle");
    assert_true(dcl_pack_done(&from));
    dcl_pack_get_text(&again, small, sizeof small); /* one byte too small */
    assert_string_equal(small, "");
    assert_true(again.failed);
    assert_int_equal(dcl_pack_get_u32(&from), 0);
    assert_false(dcl_pack_done(&from));
    assert_int_equal(dcl_pack_left(&from), 0);
    free(to.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_that_of_gzip),
        cmocka_unit_test(what_is_written_is_found_by_name),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(every_cut_and_every_tail_is_refused),
        cmocka_unit_test(errors_name_the_byte_and_what_was_expected),
        cmocka_unit_test(a_model_of_another_kind_is_refused),
        cmocka_unit_test(a_file_that_fails_is_named),
        cmocka_unit_test(bad_parts_are_not_written),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
        cmocka_unit_test(numbers_come_back_and_the_end_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
