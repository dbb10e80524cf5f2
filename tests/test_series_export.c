/* What utilities and suppliers export: Data Connect JSON, the supplier's powers, value and created_at. */
#include "series_case.h"

#define JSON(unit, items)                                                                                    \
    "{\"meter_reading\":{\"usage_point_id\":\"00000000000000\",\"reading_type\":{\"unit\":\"" unit           \
    "\"},\"interval_reading\":[" items "]}}"
#define ITEM(value, date)  "{\"value\":\"" value "\",\"date\":\"" date "\",\"interval_length\":\"PT30M\"}"
#define PLAIN(value, date) "{\"value\":\"" value "\",\"date\":\"" date "\"}"
#define EDF_HEAD                                                                                             \
    "\nRécapitulatif de mes puissances atteintes en W\n"                                                    \
    "Date et heure de relève par le distributeur;Puissance atteinte (W);Nature de la donnée\n"
#define LINKY_HEAD "\"value\",\"created_at\"\n"

static const series_case cases[] = {
    {.fact = "json_load_curve_begins_a_length_before_its_local_stamp",
     .input = JSON("W", ITEM("540", "2020-09-14 03:00:00") "," ITEM("300", "2020-09-14 03:30:00")),
     .want = "power_w 2020-09-14T00:30:00Z/1800: 540 300\nnotes: stamps_are_ends local_time\n"},
    {.fact = "json_load_curve_without_its_wrapping_is_read",
     .input = "{\"interval_reading\":[" ITEM("540", "2020-09-14 03:00:00") "]}",
     .want = "power_w 2020-09-14T00:30:00Z/1800: 540\nnotes: stamps_are_ends local_time\n"},
    {.fact = "json_list_of_readings_is_one_home",
     .input =
         "[" JSON("W", ITEM("1", "2020-09-14 03:00:00")) "," JSON("W", ITEM("2", "2020-09-14 03:30:00")) "]",
     .want = "power_w 2020-09-14T00:30:00Z/1800: 1 2\nnotes: stamps_are_ends local_time\n"},
    {.fact = "json_numbers_may_be_numbers_and_lengths_may_be_absent",
     .input =
         "{\"interval_reading\":[{\"value\":1,\"date\":\"2020-09-14 03:00:00\"},"
         "{\"value\":2.5,\"date\":\"2020-09-14 03:30:00\"},{\"value\":3,\"date\":\"2020-09-14 04:00:00\"}]}",
     .want = "power_w 2020-09-14T00:30:00Z/1800: 1 2.5 3\nnotes: stamps_are_ends local_time\n"},
    {.fact = "json_energy_of_a_day_is_the_mean_of_its_civil_day",
     .input = JSON(
         "Wh", PLAIN("24000", "2020-09-14") "," PLAIN("25000", "2020-10-25") "," PLAIN("1", "2020-10-26")),
     .options = {.from_us = INT64_C(1600034400) * DCL_SECOND_US,
                 .to_us = INT64_C(1600045200) * DCL_SECOND_US},
     .want = "power_w 2020-09-13T22:00:00Z/3600: 1000 1000 1000\n"
             "notes: local_time mixed_steps energy_to_power\n"},
    {.fact = "json_energy_of_a_25_hour_day_has_25_hours",
     .input = JSON("Wh", PLAIN("25000", "2020-10-25")),
     .want = "power_w 2020-10-24T22:00:00Z/3600: 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000 "
             "1000 "
             "1000 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000\n"
             "notes: local_time mixed_steps energy_to_power\n"},
    {.fact = "json_energies_of_half_hours_become_powers",
     .input = JSON("Wh", ITEM("540", "2020-09-14 03:00:00")),
     .want = "power_w 2020-09-14T00:30:00Z/1800: 1080\nnotes: stamps_are_ends local_time energy_to_power\n"},
    {.fact = "json_maxima_keep_their_moment",
     .input = JSON("VA", PLAIN("5210", "2020-09-14 19:12:00") "," PLAIN("4100", "2020-09-13 07:00:00")),
     .want = "maximum 2020-09-13T05:00:00Z 4100\nmaximum 2020-09-14T17:12:00Z 5210\nnotes: local_time\n"},
    {.fact = "json_load_curve_and_daily_energy_in_one_list_do_not_mix_units",
     .input =
         "[" JSON("W", ITEM("1", "2020-09-14 00:30:00")) "," JSON("Wh", PLAIN("24000", "2020-09-14")) "]",
     .want = "power_w 2020-09-13T22:00:00Z/1800: 1\nnotes: stamps_are_ends local_time energy_to_power\n"
             "left out: coarser 1 at 2020-09-13T22:00:00Z\n"},
    {.fact = "json_hour_that_comes_twice_is_read_twice",
     .input = JSON("W", ITEM("1", "2023-10-29 02:00:00") "," ITEM("2", "2023-10-29 02:30:00") "," ITEM(
                            "3", "2023-10-29 02:00:00") "," ITEM("4", "2023-10-29 02:30:00")),
     .want = "power_w 2023-10-28T23:30:00Z/1800: 1 2 3 4\nnotes: stamps_are_ends local_time\n"},
    {.fact = "json_of_another_delivery_point_is_counted",
     .input =
         "[" JSON("W", ITEM("1", "2020-09-14 03:00:00")) ",{\"usage_point_id\":\"9\",\"interval_reading\":"
                                                         "[" ITEM("2", "2020-09-14 03:30:00") "]}]",
     .want =
         "power_w 2020-09-14T00:30:00Z/1800: 1\nnotes: stamps_are_ends local_time\nleft out: other_home 1\n"},
    {.fact = "json_readings_that_cannot_be_read_are_counted",
     .input = JSON("W", ITEM("1", "2020-09-14 03:00:00") "," ITEM("x", "2020-09-14 03:30:00") "," ITEM(
                            "2", "14/09/2020") ",{\"value\":3},7"),
     .want =
         "power_w 2020-09-14T00:30:00Z/1800: 1\nnotes: stamps_are_ends local_time\nleft out: bad_row 4\n"},
    {.fact = "json_reading_that_cannot_be_read_is_named_by_number_when_strict",
     .input = JSON("W", ITEM("1", "2020-09-14 03:00:00") "," ITEM("x", "2020-09-14 03:30:00")),
     .options = {.strict = true},
     .want = "E_FORMAT: reading 2 of \"interval_reading\": expected a number as \"value\""},
    {.fact = "json_cut_short_is_an_error_with_its_place",
     .input = "{\"meter_reading\":{\"interval_reading\":[\n{\"value\":1,",
     .want = "E_FORMAT line 2 byte 50: not JSON: string or '}' expected near end of file"},
    {.fact = "json_without_a_list_of_readings_says_what_was_expected",
     .input = "{\"meter_reading\":{\"usage_point_id\":\"1\"}}",
     .want = "E_FORMAT: expected a list \"interval_reading\" in \"meter_reading\""},
    {.fact = "a_file_all_in_the_future_says_so",
     .input = EDF_HEAD "30/01/2026;;\n00:00:00;3916;Réelle\n23:30:00;4522;Réelle\n",
     .want = "E_NO_DATA line 5 byte 151: no usable reading; left out: 2 without a time, at one that no clock "
             "shows, "
             "before 1990 or in the future"},
    {.fact = "supplier_midnight_above_a_day_is_the_midnight_that_ends_it",
     .input = EDF_HEAD "30/01/2025;;\n00:00:00;3916;Réelle\n23:30:00;4522;Réelle\n23:00:00;7446;Réelle\n"
                       "29/01/2025;;\n00:00:00;2000;Réelle\n23:30:00;1000;Réelle\n",
     .want = "power_w 2025-01-29T22:00:00Z/1800: 1000 2000 - - - - - - - - - - - - - - - - - - - - - - - - - "
             "- - - - - - "
             "- - - - - - - - - - - - - - 7446 4522 3916\nnotes: stamps_are_ends local_time unsorted\n"},
    {.fact = "supplier_hour_that_comes_twice_is_read_twice_even_at_the_top_of_the_file",
     .input = EDF_HEAD "29/10/2023;;\n02:30:00;4;R\n02:00:00;3;R\n02:30:00;2;R\n02:00:00;1;R\n01:30:00;0;R\n",
     .want = "power_w 2023-10-28T23:00:00Z/1800: 0 1 2 3 4\nnotes: stamps_are_ends local_time unsorted\n"},
    {.fact = "supplier_rows_that_are_neither_day_nor_time_are_counted",
     .input =
         EDF_HEAD "30/01/2025;;\n23:30:00;4522;R\n23:00:00;oops;R\n22:30:00;;R\nTotal;12;\n31/02/2025;;\n",
     .want = "power_w 2025-01-30T22:00:00Z/1800: 4522\nnotes: stamps_are_ends local_time\n"
             "left out: bad_row 3 line 6 byte 167\nleft out: missing 1 line 7 byte 183\n"},
    {.fact = "a_created_at_stamp_ends_its_row",
     .input = LINKY_HEAD "27,\"2024-01-25 00:00:00+00\"\n28,\"2024-01-25 00:30:00+00\"\n"
                         "29,\"2024-01-25 01:00:00+00\"\n",
     .want = "power_w 2024-01-24T23:30:00Z/1800: 27 28 29\nnotes: stamps_are_ends\n"},
    {.fact = "hours_turn_into_half_hours_without_a_word_in_the_file",
     .input = LINKY_HEAD "1,\"2024-01-25 01:00:00+00\"\n2,\"2024-01-25 02:00:00+00\"\n"
                         "3,\"2024-01-25 03:00:00+00\"\n4,\"2024-01-25 03:30:00+00\"\n"
                         "5,\"2024-01-25 04:00:00+00\"\n",
     .want = "power_w 2024-01-25T00:00:00Z/1800: 1 1 2 2 3 3 4 5\nnotes: stamps_are_ends mixed_steps\n"},
    {.fact = "half_hours_turn_into_hours",
     .input = LINKY_HEAD "1,\"2024-01-25 01:00:00+00\"\n2,\"2024-01-25 01:30:00+00\"\n"
                         "3,\"2024-01-25 02:30:00+00\"\n4,\"2024-01-25 03:30:00+00\"\n",
     .want = "power_w 2024-01-25T00:30:00Z/1800: 1 2 3 3 4 4\nnotes: stamps_are_ends mixed_steps\n"},
    {.fact = "a_hole_among_half_hours_is_no_long_row",
     .input = LINKY_HEAD "1,\"2024-10-26 23:00:00+00\"\n2,\"2024-10-26 23:30:00+00\"\n"
                         "3,\"2024-10-27 01:00:00+00\"\n4,\"2024-10-27 01:30:00+00\"\n",
     .want = "power_w 2024-10-26T22:30:00Z/1800: 1 2 - - 3 4\nnotes: stamps_are_ends\n"},
};

static dcl_home home;
static dcl_arena arena;

static void read_real(const char *path) {
    dcl_context context = case_context();
    dcl_read_options options = dcl_read_defaults();
    dcl_error error;
    context.now_us = 0;
    dcl_status status = dcl_home_read(&context, path, &options, &arena, &home, &error);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    if (status) print_message("%s: %s\n", error.file, error.msg);
    assert_int_equal(status, DCL_OK);
}

/* Row by row, an hour each up to the last hourly stamp, 2024-01-30 13:00, then half an hour. */
static double plain_sum_wh(const char *path) {
    FILE *file = fopen(path, "rb");
    char line[128], stamp[32];
    double sum = 0, watts;
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%lf,\"%31[^\"]", &watts, stamp) == 2)
            sum += watts * (strcmp(stamp, "2024-01-30 13:00:00+00") <= 0 ? 1 : 0.5);
    fclose(file);
    return sum;
}

static void the_excerpts_of_json_and_supplier_are_read(void **state) {
    (void)state;
    read_real(DCL_TEST_DATA "/enedis_csv/dataconnect_meter_reading_v4.json");
    assert_string_equal(home.format, "dataconnect");
    assert_true(home.series->n == 1 && home.series->value[0] == 540);
    dcl_arena_free(&arena);
    read_real(DCL_TEST_DATA "/enedis_csv/edf_mes_puissances_30min_excerpt.csv");
    assert_string_equal(home.format, "edf");
    assert_int_equal(home.readings, 4);
    char end[32];
    dcl_time_format(dcl_series_end_us(home.series), end);
    assert_string_equal(end, "2026-01-30T23:00:00Z");
    assert_int_equal(dcl_series_present(home.series), 4); /* a row alone is no longer than the others */
    dcl_arena_free(&arena);
}

static void the_linky_home_keeps_its_energy_and_its_hole(void **state) {
    (void)state;
    static const char path[] = DCL_TEST_DATA "/linky/linky_halfhour_W_2024-01-25_2025-04-30.csv";
    read_real(path);
    const dcl_series *power = home.series;
    assert_string_equal(home.format, "linky");
    assert_int_equal(home.readings, 22041);
    assert_int_equal(power->period_us, 30 * DCL_MINUTE_US);
    double energy_wh = 0;
    for (size_t i = 0; i < power->n; i++)
        if (!isnan(power->value[i])) energy_wh += (double)power->value[i] / 2;
    assert_float_equal(energy_wh, plain_sum_wh(path), 1e-6);
    assert_int_equal(dcl_series_present(power), 22041 + 133); /* 133 rows of an hour */
    int64_t hole = (dcl_days_from_date(2024, 10, 26) * DCL_DAY_US + 23 * DCL_HOUR_US + DCL_HOUR_US / 2);
    dcl_series part = dcl_series_slice(power, hole - DCL_HOUR_US, hole + 2 * DCL_HOUR_US);
    static const float want[] = {58, 100, NAN, NAN, 98, 56};
    for (size_t i = 0; i < 6; i++) {
        if (isnan(want[i]))
            assert_true(isnan(part.value[i]));
        else
            assert_true(part.value[i] == want[i]);
    }
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(the_linky_home_keeps_its_energy_and_its_hole),
        cmocka_unit_test(the_excerpts_of_json_and_supplier_are_read),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
