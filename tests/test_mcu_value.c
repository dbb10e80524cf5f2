#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <declic/mcu.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void a_number_is_digits_alone_within_32_bits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int decimal, hex;
        uint32_t decimal_value, hex_value;
    } cases[] = {
        {"00750", 1, 1, 750, 0x750},
        {"0", 1, 1, 0, 0},
        {"000000000000000042", 1, 1, 42, 0x42},
        {"4294967295", 1, 0, UINT32_MAX, 0},
        {"4294967296", 0, 0, 0, 0},
        {"4294967300", 0, 0, 0, 0},
        {"99999999999", 0, 0, 0, 0},
        {"FFFFFFFF", 0, 1, 0, UINT32_MAX},
        {"100000000", 1, 0, 100000000, 0},
        {"002a0301", 0, 1, 0, 0x002A0301},
        {"", 0, 0, 0, 0},
        {"-1", 0, 0, 0, 0},
        {"+1", 0, 0, 0, 0},
        {" 12", 0, 0, 0, 0},
        {"12 ", 0, 0, 0, 0},
        {"0p750", 0, 0, 0, 0},
        {"12/", 0, 0, 0, 0},
        {"12:", 0, 0, 0, 0},
        {"1G", 0, 0, 0, 0},
        {"1g", 0, 0, 0, 0},
        {"1@", 0, 0, 0, 0},
        {"1`", 0, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t value = 77;
        size_t n = strlen(cases[i].text);
        assert_int_equal(dcl_mcu_tic_number(cases[i].text, n, &value), cases[i].decimal);
        assert_int_equal(value, cases[i].decimal ? cases[i].decimal_value : 77);
        value = 77;
        assert_int_equal(dcl_mcu_tic_hex(cases[i].text, n, &value), cases[i].hex);
        assert_int_equal(value, cases[i].hex ? cases[i].hex_value : 77);
    }
}

static void a_horodate_gives_time_offset_and_trust(void **state) {
    (void)state;
    static const struct {
        const char *text;
        dcl_mcu_tic_time want;
    } cases[] = {
        {"H240210121355", {60, 0, 2, 10, 12, 13, 55, 2024}},
        {"E170915101601", {120, 0, 9, 15, 10, 16, 1, 2017}},
        {"h240210121355", {60, 1, 2, 10, 12, 13, 55, 2024}},
        {"e170915101601", {120, 1, 9, 15, 10, 16, 1, 2017}},
        {" 240210060000", {0, 0, 2, 10, 6, 0, 0, 2024}},
        {"H240229235959", {60, 0, 2, 29, 23, 59, 59, 2024}},
        {"H000101000000", {60, 0, 1, 1, 0, 0, 0, 2000}},
        {"H991231235959", {60, 0, 12, 31, 23, 59, 59, 2099}},
        {"E250430000000", {120, 0, 4, 30, 0, 0, 0, 2025}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_mcu_tic_time time;
        memset(&time, 0, sizeof time);
        assert_int_equal(dcl_mcu_tic_time_parse(cases[i].text, 13, &time), 1);
        assert_memory_equal(&time, &cases[i].want, sizeof time);
    }
}

static void a_moment_that_does_not_exist_is_no_time(void **state) {
    (void)state;
    static const char *const cases[] = {
        "H230229000000", "H240230000000", "H250431000000",  "H250631000000", "H250931000000",
        "H251131000000", "H250132000000", "H250100000000",  "H250001000000", "H251301000000",
        "H250101240000", "H250101006000", "H250101000060",  "X250101000000", "H2501010000 0",
        "             ", "H25010100000",  "H2501010000000", "H25010100000p", "",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_mcu_tic_time time = {.year = 1};
        if (dcl_mcu_tic_time_parse(cases[i], strlen(cases[i]), &time)) fail_msg("%s was taken", cases[i]);
        assert_int_equal(time.year, 1);
    }
}

static void a_label_is_found_by_its_whole_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        dcl_mcu_tic_label want;
    } cases[] = {
        {"PAPP", DCL_TIC_PAPP},         {"SMAXSN", DCL_TIC_SMAXSN},          {"SMAXSN1-1", DCL_TIC_SMAXSN1_1},
        {"PJOURF+1", DCL_TIC_PJOURF_1}, {"PAP", DCL_TIC_LABEL_COUNT},        {"PAPPP", DCL_TIC_LABEL_COUNT},
        {"papp", DCL_TIC_LABEL_COUNT},  {"SMAXSN1-10", DCL_TIC_LABEL_COUNT}, {"", DCL_TIC_LABEL_COUNT}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dcl_mcu_tic_label_find(cases[i].text), cases[i].want);
}

static void every_label_finds_itself_and_no_other_number_does(void **state) {
    (void)state;
    for (int i = 0; i < DCL_TIC_LABEL_COUNT; i++) {
        const dcl_mcu_tic_label_info *info = dcl_mcu_tic_label_at((dcl_mcu_tic_label)i);
        assert_int_equal(dcl_mcu_tic_label_find(info->label), i);
        assert_true(info->unit <= DCL_TIC_UNIT_NONE);
    }
    assert_null(dcl_mcu_tic_label_at(DCL_TIC_LABEL_COUNT));
    assert_null(dcl_mcu_tic_label_at((dcl_mcu_tic_label)-1));
}

static void addresses_alone_are_personal(void **state) {
    (void)state;
    for (int i = 0; i < DCL_TIC_LABEL_COUNT; i++) {
        int address = i == DCL_TIC_ADCO || i == DCL_TIC_ADSC || i == DCL_TIC_PRM;
        assert_int_equal((dcl_mcu_tic_label_at((dcl_mcu_tic_label)i)->flags & DCL_TIC_PERSONAL) != 0,
                         address);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_digits_alone_within_32_bits),
        cmocka_unit_test(a_horodate_gives_time_offset_and_trust),
        cmocka_unit_test(a_moment_that_does_not_exist_is_no_time),
        cmocka_unit_test(a_label_is_found_by_its_whole_text),
        cmocka_unit_test(every_label_finds_itself_and_no_other_number_does),
        cmocka_unit_test(addresses_alone_are_personal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
