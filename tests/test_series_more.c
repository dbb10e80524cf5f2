/* Research data sets beyond the first two: AMPds, REFIT, UK-DALE and REDD, tracebase, LCL. */
#include "scratch.h"
#include "series_case.h"

#define AMPDS_HEAD "unix_ts,V,I,f,DPF,APF,P,Pt,Q,Qt,S,St\n"
#define MAINS_HEAD "local_time_America_Vancouver,main_P_W,main_Q_var,FGE_fridge_W\n"
#define LCL_HEAD   "LCLid,tstp,energy(kWh/hh)\n"
#define REFIT_HEAD                                                                                           \
    "Time,Unix,Aggregate,Appliance1,Appliance2,Appliance3,Appliance4,Appliance5,Appliance6,Appliance7,"      \
    "Appliance8,Appliance9\n"

static const series_case cases[] = {
    {.fact = "ampds_circuit_by_itself_is_the_home_with_all_its_channels",
     .input = AMPDS_HEAD "1393263000,118.9,0.5,60.0,1.0,0.05,40,20016,7,2078,60,187872\n"
                         "1393263060,119.1,0.6,59.9,0.7,0.05,50,20016,8,2078,61,187873\n",
     .file = "Electricity_B1E-11.csv",
     .want = "power_w 2014-02-24T17:30:00Z/60: 40 50\napparent_va 2014-02-24T17:30:00Z/60: 60 61\n"
             "reactive_var 2014-02-24T17:30:00Z/60: 7 8\nvoltage_v 2014-02-24T17:30:00Z/60: 118.9 119.1\n"
             "current_a 2014-02-24T17:30:00Z/60: 0.5 0.6\n"},
    {.fact = "ampds_first_edition_calls_its_time_TS",
     .input = "TS,V,I,f,DPF,APF,P,Pt,Q,Qt,S,St\n1333263600,118,0,60,1,1,40,1,7,1,60,1\n",
     .want = "power_w 2012-04-01T07:00:00Z/60: 40\napparent_va 2012-04-01T07:00:00Z/60: 60\n"
             "reactive_var 2012-04-01T07:00:00Z/60: 7\nvoltage_v 2012-04-01T07:00:00Z/60: 118\n"
             "current_a 2012-04-01T07:00:00Z/60: 0\n"},
    {.fact = "ampds_rows_that_cannot_be_read_and_powers_that_cannot_be_are_counted",
     .input = AMPDS_HEAD "1393263000,118,0,60,1,1,40,1,7,1,60,1\nnever,118,0,60,1,1,40,1,7,1,60,1\n"
                         "1393263060,118\n1393263120,118,0,60,1,1,99999,1,7,1,60,1\n"
                         "1393263180,118,0,60,1,1,-3,1,7,1,60,1\n",
     .options = {.period_us = DCL_MINUTE_US},
     .want =
         "power_w 2014-02-24T17:30:00Z/60: 40\napparent_va 2014-02-24T17:30:00Z/60: 60 - 60 60\n"
         "reactive_var 2014-02-24T17:30:00Z/60: 7 - 7 7\nvoltage_v 2014-02-24T17:30:00Z/60: 118 - 118 118\n"
         "current_a 2014-02-24T17:30:00Z/60: 0 - 0 0\nleft out: bad_row 2 line 3 byte 75\n"
         "left out: negative 1 line 6 byte 164\nleft out: absurd 1 line 5 byte 123\n"},
    {.fact = "ampds_strict_refuses_the_first_bad_row",
     .input = AMPDS_HEAD "1393263000,118\n",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 37: expected as many fields as in the header"},
    {.fact = "ampds_mains_are_read_in_the_zone_of_their_header",
     .input = MAINS_HEAD "2013-11-03 01:59:00,434.0,115.0,10\n2013-11-03 01:00:00,438.0,118.0,20\n"
                         "2013-11-03 01:01:00,439.0,,30\n",
     .want = "power_w 2013-11-03T08:59:00Z/60: 434 438 439\nreactive_var 2013-11-03T08:59:00Z/60: 115 118\n"
             "FGE_fridge power_w 2013-11-03T08:59:00Z/60: 10 20 30\nnotes: local_time\n"
             "left out: missing 1 line 4 byte 132\n"},
    {.fact = "ampds_zone_that_is_not_one_is_an_error_of_the_header",
     .input = "local_time_.._etc,main_P_W\n2013-11-03 01:59:00,434.0\n",
     .want = "E_FORMAT line 1 byte 0: the header's zone \"../etc\" is not known here: name it with --zone"},
    {.fact = "ampds_hour_that_clocks_skip_is_no_time",
     .input = MAINS_HEAD "2013-03-10 02:30:00,434.0,115.0,10\n2013-03-10 03:30:00,400,115.0,10\n",
     .want = "power_w 2013-03-10T10:30:00Z/60: 400\nreactive_var 2013-03-10T10:30:00Z/60: 115\n"
             "FGE_fridge power_w 2013-03-10T10:30:00Z/60: 10\nnotes: local_time\n"
             "left out: bad_time 1 line 2 byte 62\n"},
    {.fact = "refit_samples_hold_until_the_next_and_appliances_are_truth",
     .input = "Time,Unix,Aggregate,Appliance1,Appliance2,Issues\n"
              "2013-10-09 13:06:00,1381323960,100,10,0,0\n2013-10-09 13:06:10,1381323970,200,20,1,0\n"
              "2013-10-09 13:06:20,1381323980,300,30,2,1\n",
     .want = "power_w 2013-10-09T13:06:00Z/10: 100 200 300\n"
             "Appliance1 power_w 2013-10-09T13:06:00Z/10: 10 20 30\n"
             "Appliance2 power_w 2013-10-09T13:06:00Z/10: 0 1 2\n"},
    {.fact = "refit_irregular_samples_are_averaged_over_the_grid",
     .input = REFIT_HEAD "x,1381323960,100,1,2,3,4,5,6,7,8,9\nx,1381323967,200,1,2,3,4,5,6,7,8,9\n"
                         "x,1381323975,300,1,2,3,4,5,6,7,8,9\n",
     .options = {.period_us = 10 * DCL_SECOND_US, .only = "Appliance9"},
     .want = "power_w 2013-10-09T13:06:00Z/10: 130 250 -\n"
             "Appliance9 power_w 2013-10-09T13:06:00Z/10: 9 9 -\nnotes: irregular\n"},
    {.fact = "refit_rows_that_cannot_be_read_are_counted",
     .input = REFIT_HEAD "x,1381323960,100,1,2,3,4,5,6,7,8,9\nx,soon,100,1,2,3,4,5,6,7,8,9\n"
                         "x,1381323970,100\nx,1381323980,99999,1,2,3,4,5,6,7,8,9\n"
                         "x,1381323990,watts,1,2,3,4,5,6,7,8,9\n",
     .options = {.without = "Appliance1,Appliance2,Appliance3,Appliance4,Appliance5,Appliance6,Appliance7,"
                            "Appliance8,Appliance9"},
     .want = "power_w 2013-10-09T13:06:00Z/20: 100 -\nleft out: bad_row 3 line 3 byte 154\n"
             "left out: absurd 1 line 5 byte 200\n"},
    {.fact = "refit_strict_refuses_the_first_bad_row",
     .input = REFIT_HEAD "x,1381323960,watts,1,2,3,4,5,6,7,8,9\n",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 119: expected watts"},
    {.fact = "ukdale_channel_by_itself_is_the_home",
     .input = "1352500098 599\n1352500104 582\nsoon 1\n1352500110 600 7\n1352500110 -3\n1352500116 6.5\n",
     .file = "house_2/channel_12.dat",
     .options = {.period_us = 6 * DCL_SECOND_US},
     .want = "power_w 2012-11-09T22:28:18Z/6: 599 582 - 6.5\nleft out: bad_row 2 line 3 byte 30\n"
             "left out: negative 1 line 5 byte 54\n"},
    {.fact = "ukdale_strict_refuses_the_first_bad_row",
     .input = "1352500098 599\n1352500104\n",
     .file = "channel_1.dat",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 15: expected Unix seconds and watts"},
    {.fact = "ukdale_forced_on_another_name_says_what_was_expected",
     .input = "1352500098 599\n",
     .options = {.format = "ukdale"},
     .want = "E_FORMAT: expected a file named channel_N.dat or labels.dat"},
    {.fact = "tracebase_reads_the_mean_over_a_second_at_german_time",
     .input = "05/12/2011 00:00:01;80;79\n05/12/2011 00:00:02;81;80\n05/12/2011 00:00:04;82;81\n",
     .file = "complete/Refrigerator/dev_98A08C_2011.12.05.csv",
     .want = "power_w 2011-12-04T23:00:01Z/1: 80 81 81 82\nnotes: local_time irregular\n"},
    {.fact = "tracebase_rows_that_share_a_second_are_worth_their_mean",
     .input = "28/10/2012 02:00:01;80;79\n28/10/2012 02:00:01;90;80\n28/10/2012 02:00:01;-1;80\n"
              "28/10/2012 02:00:02;82;81\n",
     .want = "power_w 2012-10-28T00:00:01Z/1: 85 82\nnotes: local_time\n"
             "left out: negative 1 line 3 byte 52\n"},
    {.fact = "tracebase_rows_that_cannot_be_read_are_counted",
     .input = "05/12/2011 00:00:01;80;79\n05/12/2011 00:00:02;81\n05/12/2011 00:00;82;81\n"
              "25/03/2012 02:30:00;1;1\n05/12/2011 00:00:02;watts;1\n05/12/2011 00:00:02;-1;1\n"
              "05/12/2011 00:00:03;99999;1\n",
     .want = "power_w 2011-12-04T23:00:01Z/1: 80 - -\nnotes: local_time\nleft out: bad_row 3 line 2 byte 26\n"
             "left out: negative 1 line 6 byte 124\n"
             "left out: absurd 1 line 7 byte 149\nleft out: bad_time 1 line 4 byte 72\n"},
    {.fact = "tracebase_strict_refuses_the_first_bad_row",
     .input = "05/12/2011 00:00:01;80;79\n05/12/2011 00:00:02;81\n",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 26: expected two powers in W after the time"},
    {.fact = "lcl_energies_of_half_hours_are_mean_powers_in_utc",
     .input = LCL_HEAD "MAC000010,2013-07-01 00:00:00, 0.509 \nMAC000010,2013-07-01 00:30:00, 0.453 \n",
     .want = "power_w 2013-07-01T00:00:00Z/1800: 1018 906\nnotes: energy_to_power\n"},
    {.fact = "lcl_first_published_form_has_the_tariff_and_seven_decimals",
     .input = "LCLid,stdorToU,DateTime,KWH/hh (per half hour) \n"
              "MAC000002,Std,2012-10-12 00:30:00.0000000, 0.1 \n",
     .want = "power_w 2012-10-12T00:30:00Z/1800: 200\nnotes: energy_to_power\n"},
    {.fact = "lcl_null_is_missing_and_a_row_said_twice_counts_once",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00, 0.5 \nMAC000010,2013-01-01 00:00:00, 0.5 \n"
                       "MAC000010,2013-01-01 00:30:00, Null \nMAC000010,2013-01-01 01:00:00, 1 \n",
     .want = "power_w 2013-01-01T00:00:00Z/1800: 1000 - 2000\nnotes: energy_to_power\n"
             "left out: missing 1 line 4 byte 98\nleft out: duplicate 1 at 2013-01-01T00:00:00Z\n"},
    {.fact = "lcl_rows_that_cannot_be_read_are_counted",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00, 0.5 \nMAC000010,2013-01-01,00:00:00, 0.5 \n"
                       "MAC000010,yesterday,1\nMAC000010,2013-01-01 01:00:00,much\n"
                       "MAC000010,2013-01-01 01:30:00,-1\nMAC000010,2013-01-01 02:00:00,31\n",
     .want = "power_w 2013-01-01T00:00:00Z/1800: 1000\nnotes: energy_to_power\nleft out: bad_row 3 line 3 "
             "byte 62\n"
             "left out: negative 1 line 6 byte 155\nleft out: absurd 1 line 7 byte 188\n"},
    {.fact = "lcl_strict_refuses_the_first_bad_row",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00\n",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 26: expected as many fields as in the header"},
    {.fact = "lcl_homes_in_one_file_are_counted_and_refused",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00,1\nMAC000011,2013-01-01 00:00:00,2\n"
                       "MAC000010,2013-01-01 00:30:00,1\nMAC000012,2013-01-01 00:00:00,2\n",
     .want = "E_ARG: it holds 3 homes: choose one with --home, or import them all as a panel"},
    {.fact = "lcl_home_is_chosen_from_several",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00,1\nMAC000011,2013-01-01 00:00:00,2\n",
     .options = {.only = "MAC000011"},
     .want = "power_w 2013-01-01T00:00:00Z/1800: 4000\nnotes: energy_to_power\n"},
    {.fact = "lcl_home_is_chosen_by_its_name",
     .input = LCL_HEAD "MAC000010,2013-01-01 00:00:00,1\nMAC000011,2013-01-01 00:00:00,2\n",
     .options = {.home = "MAC000011"},
     .want = "power_w 2013-01-01T00:00:00Z/1800: 4000\nnotes: energy_to_power\n"},
};

static dcl_home home;
static dcl_arena arena;
static dcl_error error;

static dcl_status read_path(const char *path, const dcl_read_options *options) {
    dcl_context context = case_context();
    return dcl_home_read(&context, path, options, &arena, &home, &error);
}

static void put(scratch *s, const char *name, const char *text) {
    scratch_file(s, name, text, strlen(text));
}

/* What the home says is `want`; then it is let go. */
static void expect_home(const char *want) {
    dcl_text said = {0};
    describe_home(&said, &home);
    assert_string_equal(said.at, want);
    dcl_text_free(&said);
    dcl_arena_free(&arena);
}

static void expect_folder(const scratch *s, const dcl_read_options *options, const char *want) {
    dcl_status status = read_path(s->folder, options);
    if (status) print_message("%s: %s\n", error.file, error.msg);
    assert_int_equal(status, DCL_OK);
    expect_home(want);
}

static void ampds_circuits_beside_the_whole_house_are_its_parts(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    scratch s;
    scratch_begin(&s);
    put(&s, "Electricity_B1E.csv",
        AMPDS_HEAD "1393263000,118,1,60,1,1,40,1,7,1,60,1\n1393263060,118,1,60,1,1,41,1,7,1,60,1\n");
    put(&s, "Electricity_FGE.csv",
        AMPDS_HEAD "1393263000,118,2,60,1,1,100,1,7,1,60,1\n1393263060,118,2,60,1,1,101,1,7,1,60,1\n");
    expect_folder(&s, &options,
                  "power_w 2014-02-24T17:30:00Z/60: 140 142\nB1E power_w 2014-02-24T17:30:00Z/60: 40 41\n"
                  "FGE power_w 2014-02-24T17:30:00Z/60: 100 101\nnotes: sum_of_plugs\n");
    put(&s, "Electricity_WHE.csv",
        AMPDS_HEAD "1393263000,118,2,60,1,1,300,1,7,1,60,1\n1393263060,118,2,60,1,1,400,1,7,1,60,1\n");
    options.without = "FGE";
    expect_folder(&s, &options,
                  "power_w 2014-02-24T17:30:00Z/60: 300 400\napparent_va 2014-02-24T17:30:00Z/60: 60 60\n"
                  "reactive_var 2014-02-24T17:30:00Z/60: 7 7\nvoltage_v 2014-02-24T17:30:00Z/60: 118 118\n"
                  "current_a 2014-02-24T17:30:00Z/60: 2 2\nB1E power_w 2014-02-24T17:30:00Z/60: 40 41\n");
    scratch_end(&s);
}

static void ukdale_labels_tell_the_mains_from_the_parts(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    scratch s;
    scratch_begin(&s);
    put(&s, "channel_1.dat", "1352500100 300\n1352500105 310\n");
    put(&s, "channel_12.dat", "1352500100 80\n1352500105 81\n");
    put(&s, "channel_2.dat", "1352500100 20\n1352500105 21\n");
    put(&s, "channel_2_button_press.dat", "1352500100 1\n");
    expect_folder(
        &s, &options,
        "power_w 2012-11-09T22:28:20Z/5: 300 310\nchannel_12 power_w 2012-11-09T22:28:20Z/5: 80 81\n"
        "channel_2 power_w 2012-11-09T22:28:20Z/5: 20 21\n");
    put(&s, "labels.dat", "1 aggregate\n2 light\n12 fridge/freezer\n13 tv\n");
    expect_folder(&s, &options,
                  "power_w 2012-11-09T22:28:20Z/5: 300 310\n"
                  "fridge_freezer_12 power_w 2012-11-09T22:28:20Z/5: 80 81\n"
                  "light_2 power_w 2012-11-09T22:28:20Z/5: 20 21\n");
    options.without = "channel_2";
    expect_folder(&s, &options,
                  "power_w 2012-11-09T22:28:20Z/5: 300 310\n"
                  "fridge_freezer_12 power_w 2012-11-09T22:28:20Z/5: 80 81\n");
    scratch_end(&s);
}

static void redd_legs_add_up_wherever_the_labels_come(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    for (int i = 0; i < 2; i++) {
        scratch s;
        scratch_begin(&s);
        dcl_context context = case_context();
        /* Inputs are read in the order given: the labels first, or last. */
        const char *labels = scratch_file(&s, "labels.dat", "1 mains\n2 mains\n3 oven\n", 23);
        const char *one = scratch_file(&s, "channel_1.dat", "1303132929 200\n1303132930 210\n", 30);
        const char *two = scratch_file(&s, "channel_2.dat", "1303132929 30.5\n1303132930 31.5\n", 32);
        const char *three = scratch_file(&s, "channel_3.dat", "1303132929 5\n1303132930 6\n", 26);
        const char *first[] = {labels, one, two, three}, *last[] = {one, two, three, labels};
        assert_int_equal(dcl_home_read_all(&context, i ? last : first, 4, &options, &arena, &home, &error),
                         DCL_OK);
        expect_home("power_w 2011-04-18T13:22:09Z/1: 230.5 241.5\n"
                    "oven_3 power_w 2011-04-18T13:22:09Z/1: 5 6\n");
        scratch_end(&s);
    }
}

static void ukdale_two_homes_in_one_folder_are_refused(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    scratch s;
    scratch_begin(&s);
    scratch_folder(&s, "house_1");
    scratch_folder(&s, "house_2");
    put(&s, "house_1/channel_1.dat", "1352500100 300\n1352500105 310\n");
    put(&s, "house_2/channel_1.dat", "1352500100 300\n1352500105 310\n");
    assert_int_equal(read_path(s.folder, &options), DCL_E_ARG);
    assert_string_equal(error.msg, "a second home (house_2 beside house_1): one folder at a time is read");
    dcl_arena_free(&arena);
    scratch_end(&s);
}

static void tracebase_devices_are_one_home_only_alone(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    scratch s;
    scratch_begin(&s);
    scratch_folder(&s, "Refrigerator");
    scratch_folder(&s, "TV-LCD");
    put(&s, "Refrigerator/dev_98A08C_2011.12.05.csv", "05/12/2011 23:59:59;80;79\n");
    put(&s, "Refrigerator/dev_98A08C_2011.12.06.csv", "06/12/2011 00:00:00;81;79\n");
    put(&s, "TV-LCD/dev_D338C9_2011.12.05.csv", "05/12/2011 00:00:01;80;79\n");
    assert_int_equal(read_path(s.folder, &options), DCL_E_ARG);
    assert_string_equal(error.msg, "it holds 2 devices, which make no home together: choose one with --home "
                                   "(like Refrigerator_98A08C), or import them all");
    dcl_arena_free(&arena);
    options.only = "Refrigerator_98A08C";
    expect_folder(&s, &options, "power_w 2011-12-05T22:59:59Z/1: 80 81\nnotes: local_time\n");
    options.only = NULL;
    options.without = "TV-LCD_D338C9";
    dcl_zone *utc;
    assert_int_equal(dcl_zone_open("UTC", &utc, NULL), DCL_OK);
    options.zone = utc; /* the caller's word goes before the format's */
    expect_folder(&s, &options, "power_w 2011-12-05T23:59:59Z/1: 80 81\nnotes: local_time\n");
    dcl_zone_close(&utc);
    scratch_end(&s);
}

/* Reads a file of the real measurements, or skips the test where there are none. */
static void read_real(const char *path, const dcl_read_options *options) {
    dcl_status status = read_path(path, options);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    if (status) print_message("%s: %s\n", error.file, error.msg);
    assert_int_equal(status, DCL_OK);
}

static void the_ampds_bedroom_is_all_there(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    read_real(DCL_TEST_DATA "/ampds2/Electricity_B1E-11.csv.xz", &options);
    assert_string_equal(home.format, "ampds");
    assert_int_equal(home.n_series, 5);
    assert_int_equal(home.readings, 5 * 51210);
    assert_int_equal(dcl_series_present(dcl_home_series(&home, DCL_APPARENT_VA)), 51210);
    assert_int_equal(home.series->start_us, INT64_C(1393263000) * DCL_SECOND_US);
    dcl_arena_free(&arena);
}

static void the_ampds_mains_week_starts_at_midnight_in_vancouver(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    read_real(DCL_TEST_DATA "/ampds2/ampds2_2013-11-21_27_1min.csv", &options);
    char start[32];
    dcl_time_format(home.series->start_us, start);
    assert_string_equal(start, "2013-11-21T08:00:00Z");
    assert_string_equal(home.zone, "America/Vancouver");
    assert_int_equal(dcl_series_present(home.series), 10080);
    assert_true(home.series->value[0] == 434 && home.n_truth == 4);
    dcl_arena_free(&arena);
}

static void a_tracebase_fridge_comes_out_of_its_archive(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    options.only = "Refrigerator_76C07F";
    read_real(DCL_TEST_DATA "/tracebase/tracebase.tar.xz", &options);
    assert_string_equal(home.format, "tracebase");
    assert_string_equal(home.zone, "Europe/Berlin");
    assert_int_equal(home.n_series, 1);
    assert_int_equal(home.n_truth, 0);
    assert_true(home.readings > 100000 && home.excluded[DCL_EXCLUDED_BAD_ROW].count == 0);
    dcl_arena_free(&arena);
}

static void an_lcl_home_comes_out_of_its_archive(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    options.only = "MAC000010";
    read_real(DCL_TEST_DATA "/lcl/lcl.tar.xz", &options);
    assert_string_equal(home.format, "lcl");
    assert_int_equal(home.readings, 17520);
    assert_true(home.series->n == 17520 && home.series->value[0] == 1018);
    dcl_arena_free(&arena);
}

static void the_lcl_homes_are_counted(void **state) {
    (void)state;
    dcl_read_options options = dcl_read_defaults();
    dcl_status status = read_path(DCL_TEST_DATA "/lcl/lcl.tar.xz", &options);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    assert_int_equal(status, DCL_E_ARG);
    assert_non_null(strstr(error.msg, "it holds 125 homes"));
    assert_null(strstr(error.msg, "MAC0"));
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(ampds_circuits_beside_the_whole_house_are_its_parts),
        cmocka_unit_test(ukdale_labels_tell_the_mains_from_the_parts),
        cmocka_unit_test(redd_legs_add_up_wherever_the_labels_come),
        cmocka_unit_test(ukdale_two_homes_in_one_folder_are_refused),
        cmocka_unit_test(tracebase_devices_are_one_home_only_alone),
        cmocka_unit_test(a_tracebase_fridge_comes_out_of_its_archive),
        cmocka_unit_test(an_lcl_home_comes_out_of_its_archive),
        cmocka_unit_test(the_lcl_homes_are_counted),
        cmocka_unit_test(the_ampds_bedroom_is_all_there),
        cmocka_unit_test(the_ampds_mains_week_starts_at_midnight_in_vancouver),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
