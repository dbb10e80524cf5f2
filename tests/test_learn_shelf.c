#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "learn/shelf.h"

/* A folder for each test, removed with all that is in it. */
static int make_folder(void **state) {
    static char folder[64];
    strcpy(folder, "/tmp/declic-test-XXXXXX");
    *state = mkdtemp(folder);
    return *state ? 0 : -1;
}

static int remove_folder(void **state) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    return system(command);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const dcl_card_feature features[] = {{"lag_1", "W"}, {"hour", "h"}};
static const dcl_card_metric metrics[] = {{"mae_w", 138.25}, {"coverage", 0.1 + 0.2}, {"mase", NAN}};
static const dcl_card_version versions[] = {{"declic", "0.1.0"}, {"xgboost", "1.7.4"}};

static dcl_card a_card(uint32_t parent) {
    return (dcl_card){.kind = "forecast",
                      .why = "better by 3 % on \"seven\" days\n",
                      .made_us = 1700000000000001,
                      .from_us = 1600000000000000,
                      .to_us = 1700000000000000,
                      .seed = UINT64_C(18446744073709551615),
                      .parent = parent,
                      .feature = features,
                      .metric = metrics,
                      .version = versions,
                      .n_features = COUNT(features),
                      .n_metrics = COUNT(metrics),
                      .n_versions = COUNT(versions)};
}

static dcl_shelf *open_shelf(const char *folder) {
    char path[512];
    dcl_shelf *shelf;
    dcl_error error = {0};
    snprintf(path, sizeof path, "%s/shelf", folder);
    if (dcl_shelf_open(path, true, &shelf, &error)) fail_msg("%s", error.msg);
    return shelf;
}

static uint32_t add(dcl_shelf *shelf, const char *name, const char *bytes, uint32_t parent) {
    dcl_card card = a_card(parent);
    uint32_t number;
    dcl_error error = {0};
    if (dcl_shelf_add(shelf, name, bytes, strlen(bytes), &card, true, &number, &error))
        fail_msg("%s", error.msg);
    return number;
}

static void put_file(dcl_shelf *shelf, const char *name, const char *more, const char *bytes, size_t n) {
    char path[DCL_SHELF_PATH];
    assert_int_equal(dcl_shelf_path(shelf, name, more, path, NULL), DCL_OK);
    assert_int_equal(dcl_file_write(path, bytes, n, NULL), DCL_OK);
}

/* What serves: its bytes and number. */
static void expect(dcl_shelf *shelf, const char *name, const char *bytes, uint32_t number,
                   uint32_t instead_of) {
    dcl_arena arena = {0};
    dcl_shelf_model model;
    dcl_error error = {0};
    if (dcl_shelf_read(shelf, name, 0, &arena, &model, &error)) fail_msg("%s", error.msg);
    assert_string_equal(model.bytes, bytes);
    assert_int_equal(model.n, strlen(bytes));
    assert_int_equal(model.version.number, number);
    assert_int_equal(model.instead_of, instead_of);
    dcl_arena_free(&arena);
}

static void what_was_added_is_read_back_with_its_card(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    dcl_arena arena = {0};
    dcl_shelf_model model;
    assert_int_equal(add(shelf, "forecast-a", "one", 0), 1);
    assert_int_equal(add(shelf, "forecast-a", "second", 1), 2);
    assert_int_equal(add(shelf, "appliances-a", "other", 0), 1);
    expect(shelf, "forecast-a", "second", 2, 0);
    expect(shelf, "appliances-a", "other", 1, 0);
    assert_int_equal(dcl_shelf_read(shelf, "forecast-a", 1, &arena, &model, NULL), DCL_OK);
    assert_string_equal(model.bytes, "one");
    const dcl_card *card = &model.version.card, want = a_card(0);
    assert_string_equal(card->kind, want.kind);
    assert_string_equal(card->why, want.why);
    assert_true(card->made_us == want.made_us && card->from_us == want.from_us && card->to_us == want.to_us);
    assert_true(card->seed == want.seed && card->parent == 0);
    assert_int_equal(card->n_features, 2);
    assert_string_equal(card->feature[1].name, "hour");
    assert_string_equal(card->feature[0].unit, "W");
    assert_int_equal(card->n_metrics, 3);
    assert_true(card->metric[1].value == 0.1 + 0.2 && isnan(card->metric[2].value));
    assert_string_equal(card->version[1].version, "1.7.4");
    char **names;
    size_t n;
    assert_int_equal(dcl_shelf_names(shelf, &arena, &names, &n, NULL), DCL_OK);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "appliances-a");
    dcl_arena_free(&arena);
    dcl_shelf_close(&shelf);
}

static void a_challenger_does_not_serve_until_it_is_chosen(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    dcl_card card = a_card(0);
    dcl_arena arena = {0};
    dcl_shelf_model model;
    uint32_t number;
    assert_int_equal(dcl_shelf_add(shelf, "m", "x", 1, &card, false, &number, NULL), DCL_OK);
    assert_int_equal(dcl_shelf_read(shelf, "m", 0, &arena, &model, NULL), DCL_E_NOT_FOUND);
    assert_int_equal(dcl_shelf_choose(shelf, "m", number, NULL), DCL_OK);
    assert_int_equal(dcl_shelf_add(shelf, "m", "y", 1, &card, false, &number, NULL), DCL_OK);
    expect(shelf, "m", "x", 1, 0);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 2, NULL), DCL_OK);
    expect(shelf, "m", "y", 2, 0);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 1, NULL), DCL_OK);
    expect(shelf, "m", "x", 1, 0);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 3, NULL), DCL_E_NOT_FOUND);
    assert_int_equal(dcl_shelf_choose(shelf, "absent", 1, NULL), DCL_E_NOT_FOUND);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 0, NULL), DCL_E_ARG);
    dcl_arena_free(&arena);
    dcl_shelf_close(&shelf);
}

static void where_the_current_version_is_damaged_another_whole_one_serves(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    dcl_arena arena = {0};
    dcl_shelf_model model;
    for (uint32_t i = 0; i < 4; i++) add(shelf, "m", i == 1 ? "second" : i == 2 ? "third" : "any", i);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 3, NULL), DCL_OK);
    put_file(shelf, "m", "000003/model", "thirD", 5);
    expect(shelf, "m", "second", 2, 3); /* not 4, which may never have been promoted */
    assert_int_equal(dcl_shelf_read(shelf, "m", 3, &arena, &model, NULL), DCL_E_FORMAT);
    assert_int_equal(dcl_shelf_choose(shelf, "m", 3, NULL), DCL_E_FORMAT);
    put_file(shelf, "m", "000002/card.json", "", 0);
    put_file(shelf, "m", "000001/model", "", 0);
    expect(shelf, "m", "any", 4, 3);
    put_file(shelf, "m", "000004/model", "anyx", 4);
    assert_int_equal(dcl_shelf_read(shelf, "m", 0, &arena, &model, NULL), DCL_E_FORMAT);
    assert_int_equal(add(shelf, "m", "new", 3), 5);
    expect(shelf, "m", "new", 5, 0);
    static const char *const currents[] = {
        "",
        "x",
        "000005",
        "5\n",
        "000000\n",
        "000005\n\n",
        "0000000000000000000000000000000000000000000000000000000000000000000005\n"};
    for (size_t i = 0; i < COUNT(currents); i++) {
        put_file(shelf, "m", "current", currents[i], strlen(currents[i]));
        expect(shelf, "m", "new", 5, DCL_SHELF_NUMBERS + 1);
    }
    put_file(shelf, "m", "current", "000009\n", 7); /* a version that is gone */
    expect(shelf, "m", "new", 5, 9);
    dcl_arena_free(&arena);
    dcl_shelf_close(&shelf);
}

static void every_changed_byte_is_noticed(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    static const char *const parts[] = {"000001/card.json", "000001/model"};
    add(shelf, "m", "the bytes of a model", 0);
    for (size_t p = 0; p < COUNT(parts); p++) {
        char path[DCL_SHELF_PATH], *bytes;
        size_t n;
        assert_int_equal(dcl_shelf_path(shelf, "m", parts[p], path, NULL), DCL_OK);
        assert_int_equal(dcl_file_read(path, 1 << 20, &bytes, &n, NULL), DCL_OK);
        for (size_t i = 0; i <= n; i++) {
            dcl_arena arena = {0};
            dcl_shelf_version version;
            FILE *file = fopen(path, "wb"); /* a changed byte; at last, one that is cut off */
            assert_non_null(file);
            if (i < n) bytes[i] ^= 1;
            assert_int_equal(fwrite(bytes, 1, i < n ? n : n - 1, file), i < n ? n : n - 1);
            assert_int_equal(fclose(file), 0);
            if (dcl_shelf_verify(shelf, "m", 1, &arena, &version, NULL, NULL) != DCL_E_FORMAT)
                fail_msg("%s: byte %zu changed and nobody saw it", parts[p], i);
            if (i < n) bytes[i] ^= 1;
            dcl_arena_free(&arena);
        }
        assert_int_equal(dcl_file_write(path, bytes, n, NULL), DCL_OK);
        free(bytes);
    }
    expect(shelf, "m", "the bytes of a model", 1, 0);
    dcl_shelf_close(&shelf);
}

static void prune_never_takes_the_current_version_or_its_parent(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    dcl_arena arena = {0};
    uint32_t *removed, current;
    size_t n;
    dcl_shelf_version *all;
    for (uint32_t i = 0; i < 8; i++) add(shelf, "m", "any", i == 4 ? 2 : i); /* 5 was to replace 2 */
    assert_int_equal(dcl_shelf_choose(shelf, "m", 5, NULL), DCL_OK);
    assert_int_equal(dcl_shelf_prune(shelf, "m", 2, true, &arena, &removed, &n, NULL), DCL_OK);
    assert_int_equal(n, 4);
    assert_int_equal(dcl_shelf_prune(shelf, "m", 2, false, &arena, &removed, &n, NULL), DCL_OK);
    static const uint32_t want[] = {1, 3, 4, 6}, left[] = {2, 5, 7, 8};
    assert_int_equal(n, 4);
    assert_memory_equal(removed, want, sizeof want);
    assert_int_equal(dcl_shelf_list(shelf, "m", &arena, &all, &n, &current, NULL), DCL_OK);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < 4; i++) assert_int_equal(all[i].number, left[i]);
    assert_int_equal(current, 5);
    put_file(shelf, "m", "000005/model", "", 0); /* whose parent is which is not known any more */
    assert_int_equal(dcl_shelf_prune(shelf, "m", 1, false, &arena, &removed, &n, NULL), DCL_OK);
    assert_int_equal(n, 0);
    dcl_arena_free(&arena);
    dcl_shelf_close(&shelf);
}

static void what_a_killed_run_left_is_removed_by_the_next(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    char path[DCL_SHELF_PATH];
    static const char *const folders[] = {".staged", ".gone"};
    static const char *const files[] = {".staged/model", ".staged/model.1-0.part", ".gone/card.json",
                                        "current.77-0.part"};
    add(shelf, "m", "one", 0);
    for (size_t i = 0; i < COUNT(folders); i++) {
        assert_int_equal(dcl_shelf_path(shelf, "m", folders[i], path, NULL), DCL_OK);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    for (size_t i = 0; i < COUNT(files); i++) put_file(shelf, "m", files[i], "half", 4);
    expect(shelf, "m", "one", 1, 0);
    assert_int_equal(add(shelf, "m", "two", 1), 2);
    for (size_t i = 0; i < COUNT(files); i++) {
        assert_int_equal(dcl_shelf_path(shelf, "m", files[i], path, NULL), DCL_OK);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    expect(shelf, "m", "two", 2, 0);
    dcl_shelf_close(&shelf);
}

static void names_that_could_leave_the_shelf_are_refused(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    static const char *const bad[] = {
        "",   ".",  "..",  "../x", "a/b",
        ".a", "-a", "a b", "é",    "a23456789012345678901234567890123456789012345678901234567890123456"};
    dcl_card card = a_card(0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        dcl_arena arena = {0};
        dcl_shelf_model model;
        assert_int_equal(dcl_shelf_add(shelf, bad[i], "x", 1, &card, true, NULL, NULL), DCL_E_ARG);
        assert_int_equal(dcl_shelf_read(shelf, bad[i], 0, &arena, &model, NULL), DCL_E_ARG);
        dcl_arena_free(&arena);
    }
    assert_int_equal(dcl_shelf_add(shelf, "m", "x", 0, &card, true, NULL, NULL), DCL_E_ARG);
    dcl_shelf_close(&shelf);
}

static void a_file_beside_the_model_is_part_of_the_version(void **state) {
    static const dcl_card_file files[] = {{"minute.blob", "blob", 4, 0}, {"empty", "", 0, 0}};
    static const dcl_card_file bad[] = {{"model", "x", 1, 0},
                                        {"card.json", "x", 1, 0},
                                        {"../x", "x", 1, 0},
                                        {".x", "x", 1, 0},
                                        {"y", NULL, 1, 0}};
    dcl_shelf *shelf = open_shelf(*state);
    dcl_arena arena = {0};
    dcl_shelf_model model;
    dcl_card card = a_card(1);
    uint32_t number;
    add(shelf, "m", "first", 0);
    card.file = files, card.n_files = COUNT(files);
    assert_int_equal(dcl_shelf_add(shelf, "m", "second", 6, &card, true, &number, NULL), DCL_OK);
    assert_int_equal(dcl_shelf_read(shelf, "m", 0, &arena, &model, NULL), DCL_OK);
    assert_int_equal(model.version.card.n_files, 2);
    assert_string_equal(model.version.card.file[0].name, "minute.blob");
    assert_true(model.version.card.file[0].bytes == 4 && !model.version.card.file[0].content);
    put_file(shelf, "m", "000002/minute.blob", "blot", 4);
    expect(shelf, "m", "first", 1, 2);
    put_file(shelf, "m", "000002/minute.blob", "blob", 4);
    expect(shelf, "m", "second", 2, 0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        card.file = &bad[i], card.n_files = 1;
        assert_int_equal(dcl_shelf_add(shelf, "m", "third", 5, &card, true, &number, NULL), DCL_E_ARG);
    }
    expect(shelf, "m", "second", 2, 0);
    dcl_arena_free(&arena);
    dcl_shelf_close(&shelf);
}

static void short_memory_is_said(void **state) {
    dcl_shelf *shelf = open_shelf(*state);
    dcl_shelf_version *all;
    uint32_t current;
    size_t n, failed = 0;
    add(shelf, "m", "some bytes", 0);
    for (size_t limit = 1; limit < 1 << 14; limit += 100) {
        dcl_arena arena = {.limit = limit};
        dcl_status status = dcl_shelf_list(shelf, "m", &arena, &all, &n, &current, NULL);
        assert_true(status == DCL_E_MEMORY || (status == DCL_OK && n == 1 && all[0].status == DCL_OK));
        failed += status != DCL_OK;
        dcl_arena_free(&arena);
    }
    assert_true(failed > 3);
    dcl_shelf_close(&shelf);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_was_added_is_read_back_with_its_card),
        IN_SCRATCH(a_challenger_does_not_serve_until_it_is_chosen),
        IN_SCRATCH(where_the_current_version_is_damaged_another_whole_one_serves),
        IN_SCRATCH(every_changed_byte_is_noticed),
        IN_SCRATCH(prune_never_takes_the_current_version_or_its_parent),
        IN_SCRATCH(what_a_killed_run_left_is_removed_by_the_next),
        IN_SCRATCH(names_that_could_leave_the_shelf_are_refused),
        IN_SCRATCH(a_file_beside_the_model_is_part_of_the_version),
        IN_SCRATCH(short_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
