/* Messages of gateways and smart plugs: what becomes which channel, when it was, and whose it is. */
#include "series_case.h"

#define METER "{\"Time\":\"2025-02-01T12:00:00\",\"METER\":{\"PH\":1,\"PSUB\":9000,\"U1\":233,\"I1\":4.00,"

static const series_case cases[] = {
    {.fact = "meter_says_VA_as_P_and_active_power_as_W",
     .input = METER "\"P1\":930,\"W1\":900,\"U\":233,\"I\":4.00,\"P\":930,\"W\":900,\"C\":0.97}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 900\napparent_va 2025-02-01T11:00:00Z/1: 930\n"
             "voltage_v 2025-02-01T11:00:00Z/1: 233\ncurrent_a 2025-02-01T11:00:00Z/1: 4\nsubscribed 9\n"
             "notes: local_time\n"},
    {.fact = "meter_of_one_phase_may_say_volts_of_that_phase_alone",
     .input = METER "\"P\":930}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 930\nvoltage_v 2025-02-01T11:00:00Z/1: 233\n"
             "current_a 2025-02-01T11:00:00Z/1: 4\nsubscribed 9\nnotes: local_time\n"},
    {.fact = "meter_of_three_phases_keeps_them_apart",
     .input = "1738407600 {\"METER\":{\"PH\":3,\"P1\":1,\"P2\":2,\"P3\":3,\"W1\":4,\"W2\":5,\"W3\":6,"
              "\"P\":6,\"W\":15}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 15\npower_w_l1 2025-02-01T11:00:00Z/1: 4\n"
             "power_w_l2 2025-02-01T11:00:00Z/1: 5\npower_w_l3 2025-02-01T11:00:00Z/1: 6\n"
             "apparent_va 2025-02-01T11:00:00Z/1: 6\napparent_va_l1 2025-02-01T11:00:00Z/1: 1\n"
             "apparent_va_l2 2025-02-01T11:00:00Z/1: 2\napparent_va_l3 2025-02-01T11:00:00Z/1: 3\n"},
    {.fact = "production_is_exported",
     .input = "{\"Time\":\"2025-02-01T12:00:00\",\"PROD\":{\"VA\":1500,\"W\":1470,\"COS\":0.98}}\n",
     .want = "export_w 2025-02-01T11:00:00Z/1: 1470\nnotes: local_time\n"},
    {.fact = "messages_sent_on_change_hold_for_310_seconds",
     .input = "2025-02-01T12:00:00+0100 tele/linky/LIVE {\"METER\":{\"W\":100}}\n"
              "2025-02-01T12:05:00+0100 tele/linky/SENSOR {\"METER\":{\"W\":200}}\n"
              "2025-02-01T12:20:00+0100 tele/linky/SENSOR {\"METER\":{\"W\":300}}\n",
     .options = {.period_us = 5 * DCL_MINUTE_US},
     .want = "power_w 2025-02-01T11:00:00Z/300: 100 200 - - 300\nnotes: irregular\n"},
    {.fact = "arrival_is_better_than_the_time_inside",
     .input = "1738407600.5 tele/linky/SENSOR {\"Time\":\"1970-01-01T00:00:05\",\"METER\":{\"W\":100}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 100 100\n"},
    {.fact = "topic_without_an_arrival_needs_the_time_inside",
     .input = "tele/linky/SENSOR {\"Time\":\"2025-02-01T12:00:00+01:00\",\"METER\":{\"W\":100}}\n"
              "tele/linky/LWT Online\ntele/linky/LIVE {\"METER\":{\"W\":100}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 100\nleft out: bad_time 1 line 3 byte 95\n"
             "left out: not_read 1 line 2 byte 73\n"},
    {.fact = "raw_labels_are_the_tic_of_one_phase",
     .input = "{\"Time\":\"2021-03-13T09:20:30\",\"TIC\":{\"ADCO\":\"061964xxxxxx\",\"ISOUSC\":\"30\","
              "\"BASE\":\"007970903\",\"IINST\":\"003\",\"PAPP\":\"00780\",\"IINST1\":\"3\","
              "\"SINSTS1\":\"780\"}}\n",
     .want = "apparent_va 2021-03-13T08:20:30Z/1: 780\ncurrent_a 2021-03-13T08:20:30Z/1: 3\nsubscribed 6\n"
             "notes: local_time\n"},
    {.fact = "raw_labels_of_three_phases_keep_them_apart",
     .input = "1738407600 {\"TIC\":{\"SINSTS\":\"6\",\"SINSTS1\":\"1\",\"SINSTS2\":\"2\",\"SINSTS3\":\"3\","
              "\"URMS1\":\"230\",\"URMS2\":\"231\",\"IRMS1\":\"1\",\"PREF\":\"12\"}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 6\napparent_va_l1 2025-02-01T11:00:00Z/1: 1\n"
             "apparent_va_l2 2025-02-01T11:00:00Z/1: 2\napparent_va_l3 2025-02-01T11:00:00Z/1: 3\n"
             "voltage_v_l1 2025-02-01T11:00:00Z/1: 230\nvoltage_v_l2 2025-02-01T11:00:00Z/1: 231\n"
             "current_a_l1 2025-02-01T11:00:00Z/1: 1\nsubscribed 12\n"},
    {.fact = "teleinfo2mqtt_says_each_label_raw_and_as_a_value",
     .input = "1738407600 teleinfo/linky {\"PAPP\":{\"raw\":\"00720\",\"value\":720},"
              "\"IINST\":{\"raw\":\"003\",\"value\":3}}\n1738407601 {\"PAPP\":{\"value\":730}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 720\ncurrent_a 2025-02-01T11:00:00Z/1: 3\n"
             "left out: other_home 1 line 2 byte 95\n"},
    {.fact = "second_meter_is_another_home",
     .input =
         "1738407600 a/x {\"TIC\":{\"ADCO\":\"1\",\"PAPP\":\"1\"}}\n"
         "1738407601 a/x {\"TIC\":{\"ADCO\":\"2\",\"PAPP\":\"2\"}}\n1738407602 b/x {\"METER\":{\"P\":3}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 1\nleft out: other_home 2 line 2 byte 47\n"},
    {.fact = "one_plug_is_the_home_with_all_its_channels",
     .input = "{\"Time\":\"2025-02-01T12:00:00\",\"ENERGY\":{\"Power\":100,\"ApparentPower\":120,"
              "\"ReactivePower\":66,\"Factor\":0.83,\"Voltage\":231,\"Current\":0.52}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 100\napparent_va 2025-02-01T11:00:00Z/1: 120\n"
             "reactive_var 2025-02-01T11:00:00Z/1: 66\nvoltage_v 2025-02-01T11:00:00Z/1: 231\n"
             "current_a 2025-02-01T11:00:00Z/1: 0.52\nnotes: local_time\n"},
    {.fact = "plugs_beside_a_meter_are_its_parts_by_topic",
     .input = "1738407600 tele/linky/SENSOR {\"METER\":{\"P\":500,\"W\":450}}\n"
              "1738407600 tele/kitchen/fridge/SENSOR {\"ENERGY\":{\"Power\":100,\"Voltage\":231}}\n"
              "1738407600 tele/strip/SENSOR {\"ENERGY\":{\"Power\":[10,20],\"Current\":[0.1,0.2]}}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 450\napparent_va 2025-02-01T11:00:00Z/1: 500\n"
             "kitchen_fridge power_w 2025-02-01T11:00:00Z/1: 100\nstrip power_w 2025-02-01T11:00:00Z/1: 30\n"
             "left out: not_read 1 line 3 byte 134\n"},
    {.fact = "plug_beside_a_meter_of_VA_alone_is_not_the_homes_power",
     .input = "1738407600 {\"PAPP\":\"00500\"}\n1738407600 {\"ENERGY\":{\"Power\":100}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 500\nplug power_w 2025-02-01T11:00:00Z/1: 100\n"},
    {.fact = "plug_whose_topic_names_nothing_is_still_no_meter",
     .input = "1738407600 {\"PAPP\":\"00500\"}\n1738407600 tele//SENSOR {\"ENERGY\":{\"Power\":100}}\n",
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 500\nplug power_w 2025-02-01T11:00:00Z/1: 100\n"},
    {.fact = "object_laid_out_over_lines_is_read",
     .input = "{\n  \"Time\": \"2025-02-01T12:00:00\",\n  \"METER\": {\"W\": 5}\n}\n",
     .want = "power_w 2025-02-01T11:00:00Z/1: 5\nnotes: local_time\n"},
    {.fact = "object_without_a_time_says_what_helps",
     .input = "{\"ADCO\":\"012345678910\",\"PAPP\":\"00000\"}\n",
     .want =
         "E_NO_DATA: no object (of 1) has a time: neither \"Time\" nor an arrival before it; --start TIME "
         "gives the moment of the first"},
    {.fact = "start_is_the_moment_of_the_first_object_and_of_no_other",
     .input = "{\"PAPP\":\"00010\"}\n{\"PAPP\":\"00020\"}\n",
     .options = {.has_start = true, .start_us = INT64_C(1738407600) * DCL_SECOND_US},
     .want = "apparent_va 2025-02-01T11:00:00Z/1: 10\nleft out: bad_time 1 line 2 byte 17\n"},
    {.fact = "lines_that_are_no_objects_and_absurd_values_are_counted",
     .input = "1738407600 {\"METER\":{\"W\":100}}\n{\"METER\":{\"W\":1\nhello\n"
              "1738407601 {\"METER\":{\"W\":\"much\"}}\n1738407602 {\"METER\":{\"W\":99999}}\n"
              "1738407603 {\"METER\":{\"W\":-1}}\n1738407604 [1]\n1738407605 {\"Wifi\":{\"RSSI\":60}}\n",
     .want =
         "power_w 2025-02-01T11:00:00Z/1: 100 100 - -\nnotes: irregular\nleft out: bad_row 4 line 2 byte 31\n"
         "left out: negative 1 line 6 byte 120\nleft out: absurd 1 line 5 byte 87\n"},
    {.fact = "strict_refuses_the_first_line_that_is_no_object",
     .input = "1738407600 {\"METER\":{\"W\":100}}\n{\"METER\":{\"W\":1\n",
     .options = {.strict = true},
     .want = "E_FORMAT line 2 byte 31: expected a JSON object"},
    {.fact = "hour_that_clocks_skip_is_no_time",
     .input =
         "{\"Time\":\"2025-03-30T02:30:00\",\"METER\":{\"W\":1}}\n"
         "{\"Time\":\"2025-03-30T03:30:00\",\"METER\":{\"W\":2}}\n{\"Time\":\"noon\",\"METER\":{\"W\":1}}\n",
     .want = "power_w 2025-03-30T01:30:00Z/1: 2\nnotes: local_time\nleft out: bad_row 1 line 3 byte 94\n"
             "left out: bad_time 1 line 1 byte 0\n"},
};

/* The index rises by 1 Wh every 2 s: 1,800 W, where nothing else says active power. */
static void power_is_estimated_from_the_index_unless_it_is_said(void **state) {
    (void)state;
    for (int said = 0; said < 2; said++) {
        dcl_text lines = {0};
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error;
        if (said) dcl_text_put(&lines, "1738407600 a/b {\"METER\":{\"W\":1700}}\n");
        for (int i = 0; i < 300; i++)
            dcl_text_format(&lines,
                            "%d a/b {\"TIC\":{\"HCHC\":\"%09d\",\"HCHP\":\"000000005\",\"PAPP\":\"1900\"}}\n",
                            1738407600 + i, 1000 + i / 2);
        dcl_read_options options = dcl_read_defaults();
        assert_int_equal(read_bytes("input", lines.at, lines.n, &options, &arena, &home, &error), DCL_OK);
        assert_int_equal(home.notes >> DCL_NOTE_POWER_FROM_INDEX & 1, !said);
        const dcl_series *power = dcl_home_series(&home, DCL_POWER_W);
        assert_non_null(power);
        assert_true(fabsf(power->value[power->n / 2] - (said ? 1700.0f : 1800.0f)) < (said ? 1.0f : 20.0f));
        dcl_text_free(&lines);
        dcl_arena_free(&arena);
    }
}

static void the_samples_of_gateways_are_read(void **state) {
    (void)state;
    static const struct {
        const char *file;
        dcl_channel channel;
        float value;
    } samples[] = {{"mqtt4teleinfo_hist.json", DCL_APPARENT_VA, 0},
                   {"tasmota_sensor_meter.json", DCL_POWER_W, 1470},
                   {"tasmota_sensor_prod.json", DCL_EXPORT_W, 1470},
                   {"tasmota_sensor_tic_hist.json", DCL_APPARENT_VA, 780},
                   {"teleinfo2mqtt_hist_shape.json", DCL_APPARENT_VA, 720}};
    for (size_t i = 0; i < COUNT(samples); i++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error;
        char path[512];
        dcl_context context = case_context();
        dcl_read_options options = dcl_read_defaults();
        options.has_start = true;
        options.start_us = INT64_C(1738407600) * DCL_SECOND_US;
        snprintf(path, sizeof path, "%s/mqtt/%s", DCL_TEST_DATA, samples[i].file);
        dcl_status status = dcl_home_read(&context, path, &options, &arena, &home, &error);
        if (status == DCL_E_NOT_FOUND) {
            print_message("skipped: no ../shared/data\n");
            skip();
        }
        assert_int_equal(status, DCL_OK);
        assert_string_equal(home.format, "jsonlines");
        const dcl_series *series = dcl_home_series(&home, samples[i].channel);
        assert_non_null(series);
        assert_true(series->value[0] == samples[i].value);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(power_is_estimated_from_the_index_unless_it_is_said),
        cmocka_unit_test(the_samples_of_gateways_are_read),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
