/* The generic CSV: delimiters, marks, columns by option, times, and what the inputs' rhythm makes of its
 * rows. */
#include "series_case.h"

#define ROWS(...) "time_utc,power_w\n" __VA_ARGS__

static const dcl_column kilowatts[] = {{.name = "Puissance", .channel = DCL_POWER_W, .scale = 1000}};
static const dcl_column watt_hours[] = {{.name = "E", .channel = DCL_POWER_W, .scale = 1, .is_energy = true}};
static const dcl_column two[] = {{.name = "P", .channel = DCL_POWER_W, .scale = 1},
                                 {.name = "S", .channel = DCL_APPARENT_VA, .scale = 1000}};
static const dcl_column same[] = {{.name = "P", .channel = DCL_POWER_W, .scale = 1},
                                  {.name = "S", .channel = DCL_POWER_W, .scale = 1}};

static const series_case cases[] = {
    {.fact = "columns_called_like_channels_need_no_option",
     .input = "time_utc,power_w,reactive_var,comment,voltage_v_l1\n2025-01-01T00:00:00Z,100,-20,x,230\n"
              "2025-01-01T00:10:00Z,110,-21,y,231\n",
     .want = "power_w 2025-01-01T00:00:00Z/600: 100 110\nreactive_var 2025-01-01T00:00:00Z/600: -20 -21\n"
             "voltage_v_l1 2025-01-01T00:00:00Z/600: 230 231\n"},
    {.fact = "semicolons_and_decimal_commas_are_understood",
     .input = "time_utc;power_w\n2025-01-01T00:00:00Z;100,5\n2025-01-01T00:10:00Z;110,25\n",
     .want = "power_w 2025-01-01T00:00:00Z/600: 100.5 110.25\n"},
    {.fact = "tabs_and_quotes_are_understood",
     .input =
         "\"time_utc\"\t\"power_w\"\n\"2025-01-01T00:00:00Z\"\t\"1\"\n\"2025-01-01T00:10:00Z\"\t\" 2\"\n",
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2\n"},
    {.fact = "times_may_be_unix_seconds_milliseconds_and_microseconds",
     .input = ROWS("1735689600,1\n1735690200000,2\n1735690800000000,3\n1735691400.0,4\n"),
     .options = {.period_us = 10 * DCL_MINUTE_US},
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2 3 4\n"},
    {.fact = "seconds_are_counted_from_the_start_given",
     .input = ROWS("0,1\n600,2\n1200.0,3\n"),
     .options = {.has_start = true, .start_us = INT64_C(1735689600) * DCL_SECOND_US},
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2 3\n"},
    {.fact = "seconds_without_a_start_are_no_times",
     .input = ROWS("0,1\n600,2\n"),
     .want = "E_NO_DATA line 2 byte 17: no usable reading; left out: 2 in rows that cannot be read"},
    {.fact = "a_stamp_without_offset_in_time_utc_is_utc",
     .input = ROWS("2025-01-01 00:00,1\n2025-01-01 00:10,2\n"),
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2\n"},
    {.fact = "a_named_column_of_local_times_is_read_in_the_zone",
     .input = "Heure;Puissance\n2025-07-01 00:00;1\n2025-07-01 00:10;2\n",
     .options = {.time_column = "Heure", .columns = kilowatts, .n_columns = 1},
     .want = "power_w 2025-06-30T22:00:00Z/600: 1000 2000\nnotes: local_time\n"},
    {.fact = "several_columns_are_named_by_option",
     .input = "t,S,P\n2025-01-01T00:00Z,1.2,1000\n2025-01-01T00:10Z,1.3,1100\n",
     .options = {.time_column = "t", .columns = two, .n_columns = 2},
     .want =
         "power_w 2025-01-01T00:00:00Z/600: 1000 1100\napparent_va 2025-01-01T00:00:00Z/600: 1200 1300\n"},
    {.fact = "two_columns_of_one_channel_are_refused",
     .input = "t,S,P\n2025-01-01T00:00Z,1.2,1000\n",
     .options = {.time_column = "t", .columns = same, .n_columns = 2},
     .want = "E_FORMAT line 1 byte 0: two columns are given the channel power_w"},
    {.fact = "a_column_that_is_not_there_is_named_with_those_that_are",
     .input = "t,S,P\n2025-01-01T00:00Z,1.2,1000\n",
     .options = {.time_column = "t", .columns = kilowatts, .n_columns = 1},
     .want = "E_FORMAT line 1 byte 0: no column is called \"Puissance\"; the file has: t, S, P"},
    {.fact = "a_time_column_that_is_not_there_is_named_with_those_that_are",
     .input = "t,S,P\n2025-01-01T00:00Z,1.2,1000\n",
     .options = {.time_column = "time", .columns = two, .n_columns = 2},
     .want = "E_FORMAT line 1 byte 0: no column is called \"time\"; the file has: t, S, P"},
    {.fact = "energies_become_the_mean_of_their_steady_step",
     .input =
         "t,E\n2025-01-01T00:00Z,500\n2025-01-01T00:30Z,250\n2025-01-01T01:30Z,100\n2025-01-01T02:00Z,150\n",
     .options = {.time_column = "t", .columns = watt_hours, .n_columns = 1},
     .want = "power_w 2025-01-01T00:00:00Z/1800: 1000 500 - 200 300\nnotes: energy_to_power\n"},
    {.fact = "energies_may_be_stamped_at_their_end",
     .input = "t,E\n2025-01-01T00:30Z,500\n2025-01-01T01:00Z,250\n2025-01-01T01:30Z,100\n",
     .options = {.time_column = "t", .columns = watt_hours, .n_columns = 1, .stamps_are_ends = true},
     .want = "power_w 2025-01-01T00:00:00Z/1800: 1000 500 200\nnotes: stamps_are_ends energy_to_power\n"},
    {.fact = "absurd_energies_are_left_out_once_their_length_is_known",
     .input = "t,E\n2025-01-01T00:00Z,500\n2025-01-01T00:30Z,50000\n2025-01-01T01:00Z,-5\n"
              "2025-01-01T01:30Z,100\n2025-01-01T02:00Z,1\n",
     .options = {.time_column = "t", .columns = watt_hours, .n_columns = 1},
     .want = "power_w 2025-01-01T00:00:00Z/1800: 1000 - - 200 2\nnotes: energy_to_power\n"
             "left out: negative 1 line 4 byte 50\nleft out: absurd 1 at 2025-01-01T00:30:00Z\n"},
    {.fact = "powers_may_be_stamped_at_their_end",
     .input = ROWS("2025-01-01T00:30Z,1\n2025-01-01T01:00Z,2\n"),
     .options = {.stamps_are_ends = true},
     .want = "power_w 2025-01-01T00:00:00Z/1800: 1 2\nnotes: stamps_are_ends\n"},
    {.fact = "irregular_rows_are_samples_that_hold_until_the_next",
     .input = ROWS("2025-01-01T00:00:00Z,100\n2025-01-01T00:00:40Z,200\n2025-01-01T00:01:30Z,400\n"
                   "2025-01-01T00:02:00Z,0\n"),
     .options = {.period_us = DCL_MINUTE_US},
     .want = "power_w 2025-01-01T00:00:00Z/60: 133.33333 300 0\nnotes: irregular\n"},
    {.fact = "empty_fields_nan_and_question_marks_are_missing",
     .input = ROWS("2025-01-01T00:00Z,1\n2025-01-01T00:10Z,\n2025-01-01T00:20Z,NaN\n2025-01-01T00:30Z,?\n"
                   "2025-01-01T00:40Z,5\n"),
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 - - - 5\nleft out: missing 3 line 3 byte 37\n"},
    {.fact = "rows_of_another_width_are_counted",
     .input = ROWS("2025-01-01T00:00Z,1\n2025-01-01T00:10Z\n2025-01-01T00:20Z,3,4\n,5\n2025-01-01T00:10Z,2\n"
                   "2025-01-01T00:20Z,3\n"),
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2 3\nleft out: bad_row 3 line 3 byte 37\n"},
    {.fact = "rows_that_run_backwards_are_sorted",
     .input = ROWS("2025-01-01T00:20Z,3\n2025-01-01T00:10Z,2\n2025-01-01T00:00Z,1\n"),
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2 3\nnotes: unsorted\n"},
    {.fact = "a_missing_mark_beside_a_value_gives_way_to_it",
     .input = ROWS("2025-01-01T00:00Z,1\n2025-01-01T00:10Z,\n2025-01-01T00:10Z,2\n2025-01-01T00:20Z,3\n"),
     .want = "power_w 2025-01-01T00:00:00Z/600: 1 2 3\nleft out: missing 1 line 3 byte 37\n"},
    {.fact = "only_the_span_asked_for_is_read",
     .input = ROWS("2025-01-01T00:00Z,1\n2025-01-01T00:10Z,2\n2025-01-01T00:20Z,3\n2025-01-01T00:30Z,oops\n"),
     .options = {.from_us = INT64_C(1735690200) * DCL_SECOND_US,
                 .to_us = INT64_C(1735691400) * DCL_SECOND_US},
     .want = "power_w 2025-01-01T00:10:00Z/600: 2 3\nleft out: bad_row 1 line 5 byte 77\n"},
    {.fact = "a_span_without_readings_says_so",
     .input = ROWS("2025-01-01T00:00Z,1\n"),
     .options = {.from_us = INT64_C(1735776000) * DCL_SECOND_US},
     .want = "E_NO_DATA: no reading in it, or none in the span asked for"},
    {.fact = "a_number_beyond_a_float_is_absurd_in_any_channel",
     .input = "time_utc,voltage_v\n2025-01-01T00:00Z,230\n2025-01-01T00:10Z,1e300\n2025-01-01T00:20Z,231\n",
     .want = "voltage_v 2025-01-01T00:00:00Z/600: 230 - 231\nleft out: absurd 1 line 3 byte 41\n"},
    {.fact = "a_single_row_is_one_slot",
     .input = ROWS("2025-01-01T00:00Z,7\n"),
     .want = "power_w 2025-01-01T00:00:00Z/1: 7\n"},
    {.fact = "a_header_of_one_field_names_the_delimiters",
     .input = "time_utc|power_w\n2025-01-01T00:00Z|7\n",
     .options = {.format = "csv"},
     .want = "E_FORMAT line 1 byte 0: expected a header with 2 to 256 fields separated by , ; or tab"},
    {.fact = "a_header_without_a_channel_says_how_to_name_one",
     .input = "time_utc,watts\n2025-01-01T00:00Z,7\n",
     .options = {.format = "csv"},
     .want =
         "E_FORMAT line 1 byte 0: no column is called like a channel (power_w, apparent_va …): name one with "
         "--column NAME=CHANNEL:UNIT"},
    {.fact = "a_header_without_a_time_column_says_which_are_there",
     .input = "time,power_w\n2025-01-01T00:00Z,7\n",
     .want = "E_FORMAT line 1 byte 0: no format we read begins with \"time,power_w\"; `--format` forces one, "
             "`--time` and `--column` describe a CSV"},
    {.fact = "a_stray_time_among_seconds_is_refused_and_not_filled",
     .input = ROWS(
         "1995-01-01T00:00:00Z,1\n2025-01-01T00:00:00Z,1\n2025-01-01T00:00:01Z,2\n2025-01-01T00:00:02Z,3\n"
         "2025-01-01T00:00:03Z,4\n"),
     .want = "E_NO_DATA: the readings span 10958 days at a step of 1 s: a stray time? --from and --to choose "
             "a part"},
};

static void numbers_are_read_whole_or_not_at_all(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        double value;
    } numbers[] = {
        {"0", true, 0},
        {"-12.5", true, -12.5},
        {"+3", true, 3},
        {"1,5", true, 1.5},
        {".5", true, .5},
        {"5.", true, 5},
        {"1e3", true, 1000},
        {"2.5E-1", true, .25},
        {"1e+2", true, 100},
        {"", false, 0},
        {"-", false, 0},
        {".", false, 0},
        {"1.2.3", false, 0},
        {"1,2.3", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"0x10", false, 0},
        {"12 W", false, 0},
        {"1 000", false, 0},
        {"inf", false, 0},
        {"nan", false, 0},
        {"--1", false, 0},
        {"1e5000", true, INFINITY},
        {"1e-5000", true, 0},
        {"123456789012345678901234567890", true, 123456789012345678901234567890.0},
        {"0.1", true, 0.1},
        {"4503599627370497", true, 4503599627370497.0},
    };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char copy[64];
        double value = NAN;
        strcpy(copy, numbers[i].text);
        bool good = dcl_field_number((dcl_field){copy, strlen(copy)}, &value);
        if (good != numbers[i].good) fail_msg("\"%s\" is %s number", numbers[i].text, good ? "a" : "no");
        if (!good) continue;
        double off = value == numbers[i].value ? 0 : fabs(value - numbers[i].value) / fabs(numbers[i].value);
        if (!(off < 1e-15)) fail_msg("\"%s\" gave %.17g", numbers[i].text, value);
    }
}

static void columns_are_described_by_name_channel_and_unit(void **state) {
    (void)state;
    static const struct {
        const char *text, *name; /* name NULL = refused */
        dcl_channel channel;
        double scale;
        bool is_energy;
    } columns[] = {
        {"P=power_w:W", "P", DCL_POWER_W, 1, false},
        {"Puissance (kW)=power_w:kW", "Puissance (kW)", DCL_POWER_W, 1000, false},
        {"a=b=power_w:Wh", "a=b", DCL_POWER_W, 1, true},
        {"sum=power_w:kWmin", "sum", DCL_POWER_W, 1000.0 / 60, true},
        {"t:1=export_w:kWh", "t:1", DCL_EXPORT_W, 1000, true},
        {"I=current_a_l2:mA", "I", DCL_CURRENT_A_L2, 1e-3, false},
        {"S=apparent_va:kVA", "S", DCL_APPARENT_VA, 1000, false},
        {"P=power_w", NULL, 0, 0, false},
        {"power_w:W", NULL, 0, 0, false},
        {"=power_w:W", NULL, 0, 0, false},
        {"P=watts:W", NULL, 0, 0, false},
        {"P=power_w:VA", NULL, 0, 0, false},
        {"P=voltage_v:Wh", NULL, 0, 0, false},
        {"P=power_w:", NULL, 0, 0, false},
        {"", NULL, 0, 0, false},
    };
    for (size_t i = 0; i < COUNT(columns); i++) {
        dcl_column column;
        dcl_error error = {0};
        dcl_status status = dcl_column_parse(columns[i].text, &column, &error);
        if (!columns[i].name) {
            if (status != DCL_E_ARG || !error.msg[0]) fail_msg("\"%s\" was not refused", columns[i].text);
            continue;
        }
        assert_int_equal(status, DCL_OK);
        assert_string_equal(column.name, columns[i].name);
        assert_int_equal(column.channel, columns[i].channel);
        assert_true(column.scale == columns[i].scale && column.is_energy == columns[i].is_energy);
    }
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(columns_are_described_by_name_channel_and_unit),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
