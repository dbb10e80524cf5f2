/* Research data sets: UCI (winter clock, minutes) and ECO (a folder a plug, a file a day, seconds). */
#include "scratch.h"
#include "series_case.h"

#define UCI_HEAD                                                                                             \
    "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;Sub_metering_1;"           \
    "Sub_metering_2;Sub_metering_3\n"

static const series_case cases[] = {
    {.fact = "uci_kilowatts_are_watts_and_sub_meters_are_truth",
     .input = UCI_HEAD "16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000 \r\n",
     .want = "power_w 2006-12-16T16:24:00Z/60: 4216\nreactive_var 2006-12-16T16:24:00Z/60: 418\n"
             "voltage_v 2006-12-16T16:24:00Z/60: 234.84\ncurrent_a 2006-12-16T16:24:00Z/60: 18.4\n"
             "kitchen power_w 2006-12-16T16:24:00Z/60: 0\nlaundry power_w 2006-12-16T16:24:00Z/60: 60\n"
             "heater_and_cooling power_w 2006-12-16T16:24:00Z/60: 1020\nnotes: winter_clock\n"},
    {.fact = "uci_question_marks_are_missing",
     .input = UCI_HEAD "16/12/2006;17:24:00;1;0;230;5;;;\n16/12/2006;17:25:00;?;?;?;?;?;?;\n"
                       "16/12/2006;17:26:00;3;0;230;5;;;\n",
     .want = "power_w 2006-12-16T16:24:00Z/60: 1000 - 3000\nreactive_var 2006-12-16T16:24:00Z/60: 0 - 0\n"
             "voltage_v 2006-12-16T16:24:00Z/60: 230 - 230\ncurrent_a 2006-12-16T16:24:00Z/60: 5 - 5\n"
             "notes: winter_clock\nleft out: missing 1 line 3 byte 155\n"},
    {.fact = "uci_clock_keeps_winter_time_in_the_hour_that_others_skip",
     .input = UCI_HEAD "25/3/2007;02:59:00;1;;;;;;\n25/3/2007;03:00:00;2;;;;;;\n",
     .want = "power_w 2007-03-25T01:59:00Z/60: 1000 2000\nnotes: winter_clock\n"},
    {.fact = "uci_rows_of_another_form_are_counted",
     .input = UCI_HEAD "16/12/2006;17:24:00;1;;;;;;\n16/12/2006;17:25;2;;;;;;\n16/12/2006\n"
                       "32/12/2006;17:25:00;2;;;;;;\n16/12/2006;17:25:00;oops;;;;;;\n",
     .want =
         "power_w 2006-12-16T16:24:00Z/60: 1000\nnotes: winter_clock\nleft out: bad_row 4 line 3 byte 150\n"},
    {.fact = "eco_file_by_itself_is_the_homes_power",
     .input = "10\n-1\n12.5\n",
     .file = "2012-10-01.csv",
     .want =
         "power_w 2012-09-30T22:00:00Z/1: 10 - 12.5\nnotes: local_time\nleft out: missing 1 line 2 byte 3\n"},
    {.fact = "eco_plug_is_named_by_its_folder_and_stands_alone_when_it_is_the_only_one",
     .input = "10\n11\n",
     .file = "04_plugs_csv/04/05/2012-10-01.csv",
     .want = "power_w 2012-09-30T22:00:00Z/1: 10 11\nnotes: local_time\n"},
    {.fact = "eco_lines_that_are_no_watts_are_counted",
     .input = "10\noops\n12\n-3\n99999\n",
     .file = "2012-10-01.csv",
     .want = "power_w 2012-09-30T22:00:00Z/1: 10 - 12\nnotes: local_time\nleft out: bad_row 1 line 2 byte 3\n"
             "left out: negative 1 line 4 byte 11\nleft out: absurd 1 line 5 byte 14\n"},
    {.fact = "eco_file_not_named_by_a_day_is_not_taken_for_one",
     .input = "10\n11\n",
     .file = "2012-06-25 15.50.57.csv",
     .want =
         "E_FORMAT line 1 byte 0: no format we read begins with \"10\"; `--format` forces one, `--time` and "
         "`--column` describe a CSV"},
    {.fact = "eco_forced_on_a_file_without_a_day_says_what_was_expected",
     .input = "10\n11\n",
     .file = "plug.csv",
     .options = {.format = "eco"},
     .want = "E_FORMAT: expected a file named by its day, as 2012-10-01.csv"},
};

static dcl_home home;
static dcl_arena arena;
static dcl_error error;

static dcl_status read_path(const char *path, const dcl_read_options *options) {
    dcl_context context = case_context();
    return dcl_home_read(&context, path, options, &arena, &home, &error);
}

static void eco_day_of_25_hours_lacks_the_second_pass_of_its_hour(void **state) {
    (void)state;
    static const struct {
        const char *file;
        size_t hours, from, missing;
        uint64_t skipped;
    } days[] = {{"2012-10-28.csv", 25, 3 * 3600, 3600, 0}, {"2012-03-25.csv", 23, 0, 0, 3600}};
    dcl_text lines = {0};
    for (int i = 0; i < 86400; i++) dcl_text_format(&lines, "%d\n", i / 3600);
    for (size_t d = 0; d < COUNT(days); d++) {
        dcl_read_options options = dcl_read_defaults();
        assert_int_equal(read_bytes(days[d].file, lines.at, lines.n, &options, &arena, &home, &error),
                         DCL_OK);
        assert_int_equal(home.series->n, days[d].hours * 3600);
        assert_int_equal(home.excluded[DCL_EXCLUDED_BAD_TIME].count, days[d].skipped);
        for (size_t i = 0; i < home.series->n; i++) {
            bool missing = i >= days[d].from && i < days[d].from + days[d].missing;
            int hour = dcl_zone_civil(paris(), home.series->start_us + (int64_t)i * DCL_SECOND_US).hour;
            assert_int_equal(isnan(home.series->value[i]), missing);
            if (!missing) assert_true(home.series->value[i] == (float)hour);
        }
        dcl_arena_free(&arena);
    }
    dcl_text_free(&lines);
}

/* n seconds of a plug: `watts` but for [from, to), which is `other`. */
static void write_plug(scratch *s, const char *name, int n, double watts, int from, int to, double other) {
    dcl_text lines = {0};
    for (int i = 0; i < n; i++) {
        dcl_text_double(&lines, i >= from && i < to ? other : watts);
        dcl_text_put(&lines, "\n");
    }
    scratch_file(s, name, lines.at, lines.n);
    dcl_text_free(&lines);
}

static void eco_home_is_the_sum_of_its_plugs_where_all_are_heard(void **state) {
    (void)state;
    scratch s;
    scratch_begin(&s);
    scratch_folder(&s, "01");
    scratch_folder(&s, "02");
    scratch_folder(&s, "03");
    scratch_file(&s, "readme.txt", "not a plug\n", 11);
    write_plug(&s, "01/2012-10-01.csv", 600, 100, 0, 0, 0);
    write_plug(&s, "02/2012-10-01.csv", 600, 2, 100, 160, -1);  /* idle around a minute: filled */
    write_plug(&s, "03/2012-10-01.csv", 600, 50, 300, 310, -1); /* at work: not known */
    dcl_read_options options = dcl_read_defaults();
    assert_int_equal(read_path(s.folder, &options), DCL_OK);
    assert_true(home.notes >> DCL_NOTE_SUM_OF_PLUGS & 1);
    assert_int_equal(home.n_truth, 3);
    assert_string_equal(home.truth_name[2], "plug_03");
    assert_int_equal(home.series->n, 600);
    for (size_t i = 0; i < 600; i++)
        assert_true(i >= 300 && i < 310 ? isnan(home.series->value[i]) : home.series->value[i] == 152);
    dcl_arena_free(&arena);

    options.only = "01,02";
    assert_int_equal(read_path(s.folder, &options), DCL_OK);
    assert_true(home.n_truth == 2 && home.series->value[305] == 102);
    dcl_arena_free(&arena);
    options.only = NULL;
    options.without = "01,02";
    assert_int_equal(read_path(s.folder, &options), DCL_OK);
    assert_true(home.n_truth == 0 && home.series->value[0] == 50 && isnan(home.series->value[300]));
    dcl_arena_free(&arena);
    options.without = "01,02,03";
    assert_int_equal(read_path(s.folder, &options), DCL_E_NO_DATA);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void eco_gap_of_more_than_a_minute_or_beside_a_working_plug_stays(void **state) {
    (void)state;
    scratch s;
    scratch_begin(&s);
    scratch_folder(&s, "01");
    scratch_folder(&s, "02");
    write_plug(&s, "01/2012-10-01.csv", 600, 1, 100, 161, -1);
    write_plug(&s, "02/2012-10-01.csv", 600, 5, 300, 301, -1); /* 5 W is not idle */
    dcl_read_options options = dcl_read_defaults();
    assert_int_equal(read_path(s.folder, &options), DCL_OK);
    assert_int_equal(dcl_series_present(home.series), 600 - 61 - 1);
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void skip_without_data(dcl_status status) {
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    if (status) print_message("%s: %s\n", error.file, error.msg);
    assert_int_equal(status, DCL_OK);
}

static void the_uci_minutes_are_all_there(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    skip_without_data(read_path(DCL_TEST_DATA "/uci/household_power_consumption_minutes.txt", &options));
    assert_string_equal(home.format, "uci");
    const dcl_series *power = dcl_home_series(&home, DCL_POWER_W);
    char start[32];
    dcl_time_format(power->start_us, start);
    assert_string_equal(start, "2006-12-16T16:24:00Z");
    assert_int_equal(power->period_us, DCL_MINUTE_US);
    assert_int_equal(dcl_series_present(power) + home.excluded[DCL_EXCLUDED_MISSING].count, 37283);
    assert_true(power->value[0] == 4216 && power->value[1] == 5360);
    assert_int_equal(home.n_truth, 3);
    assert_int_equal(home.excluded[DCL_EXCLUDED_BAD_ROW].count, 0);
    dcl_arena_free(&arena);
}

static void a_day_of_eco_house_4_comes_out_of_its_archive(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    options.from_us = dcl_zone_day_start(paris(), dcl_days_from_date(2012, 10, 1));
    options.to_us = options.from_us + 6 * DCL_HOUR_US;
    options.without = "06";
    skip_without_data(read_path(DCL_TEST_DATA "/eco/house4.tar.xz", &options));
    assert_string_equal(home.format, "eco");
    assert_int_equal(home.n_truth, 7);
    const dcl_series *power = dcl_home_series(&home, DCL_POWER_W);
    assert_int_equal(power->start_us, options.from_us);
    assert_int_equal(power->n, 6 * 3600);
    for (size_t i = 0; i < power->n; i++) {
        float sum = 0;
        for (size_t k = 0; k < home.n_truth; k++) sum += home.truth[k].value[i];
        if (isnan(sum))
            assert_true(isnan(power->value[i]));
        else
            assert_float_equal(power->value[i], sum, 1e-2);
    }
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(eco_day_of_25_hours_lacks_the_second_pass_of_its_hour),
        cmocka_unit_test(eco_home_is_the_sum_of_its_plugs_where_all_are_heard),
        cmocka_unit_test(eco_gap_of_more_than_a_minute_or_beside_a_working_plug_stays),
        cmocka_unit_test(the_uci_minutes_are_all_there),
        cmocka_unit_test(a_day_of_eco_house_4_comes_out_of_its_archive),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
