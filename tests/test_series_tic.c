/* Captures of télé-information: clocks, modes, noise, and active power worked out from the energy index. */
#include "series_case.h"
#include "tic_wire.h"

#define H DCL_TIC_MODE_HISTORIQUE
#define S DCL_TIC_MODE_STANDARD
/* 2025-01-01T00:00:00Z */
#define START_US (INT64_C(1735689600) * DCL_SECOND_US)

static const series_case cases[] = {
    {.fact = "timed_lines_take_their_arrival",
     .input = "2025-01-01T00:00:00Z PAPP 00750 -\n2025-01-01T00:00:01Z PAPP 00760 .\n"
              "2025-01-01T00:00:02Z PAPP 00750 -\n2025-01-01T00:00:03Z PAPP 00760 .\n",
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750 760 750 760\n"},
    {.fact = "times_of_lines_may_be_unix_seconds_or_have_an_offset",
     .input = "1735689600 PAPP 00750 -\n1735689601 PAPP 00760 .\n2025-01-01T01:00:02+01:00 PAPP 00750 -\n"
              "1735689603.0 PAPP 00760 .\n",
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750 760 750 760\n"},
    {.fact = "a_frame_of_timed_lines_has_the_time_of_its_first_group",
     .input = "1735689600 PAPP 00750 -\n1735689600.9 IINST 003 Z\n1735689601 PAPP 00760 .\n"
              "1735689601.9 IINST 004 [\n",
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750 760\ncurrent_a 2025-01-01T00:00:00Z/1: 3 4\n"},
    {.fact = "a_local_arrival_would_be_a_guess_and_is_not_taken",
     .input = "2025-01-01T00:00:00Z PAPP 00750 -\n2025-01-01T00:00:01 PAPP 00760 .\n",
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750\nleft out: bad_row 1 line 2 byte 34\n"},
    {.fact = "historique_without_any_time_says_that_start_is_needed",
     .input = "\002\nADCO 000000000000 W\r\nPTEC HP..  \r\nIINST 003 Z\r\nPAPP 00750 -\r\003",
     .want = "E_NO_DATA: no frame (of 1) has a time: historique mode carries none; --start TIME gives the "
             "moment of "
             "the first byte"},
    {.fact = "historique_with_a_start_is_timed_by_the_line",
     .input = "\002\nIINST 003 Z\r\nPAPP 00750 -\r\003\002\nIINST 003 Z\r\nPAPP 00750 -\r\003"
              "\002\nIINST 003 Z\r\nPAPP 00750 -\r\003",
     .options = {.has_start = true, .start_us = START_US},
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750\ncurrent_a 2025-01-01T00:00:00Z/1: 3\n"
             "notes: irregular time_from_line_rate\n"},
    {.fact = "subscribed_current_is_power_at_200_volts",
     .input = "1735689600 ISOUSC 30 9\n1735689600 PAPP 00750 -\n",
     .want = "apparent_va 2025-01-01T00:00:00Z/1: 750\nsubscribed 6\n"},
    {.fact = "standard_frames_have_their_own_clock_and_maxima",
     .input = "\002\nDATE\tH240210121355\t\t;\r\nURMS1\t242\tB\r\nSINSTS\t00263\tQ\r\nPREF\t06\tE\r"
              "\nSMAXSN\tH240210110331\t00986\t6\r\nSMAXSN-1\tH240209211759\t01422\t^\r\003",
     .want = "apparent_va 2024-02-10T11:13:55Z/1: 263\nvoltage_v 2024-02-10T11:13:55Z/1: 242\n"
             "maximum 2024-02-09T20:17:59Z 1422\nmaximum 2024-02-10T10:03:31Z 986\nsubscribed 6\n"},
    {.fact = "a_bad_checksum_is_counted_at_its_byte",
     .input = "\002\nDATE\tH240210121355\t\t;\r\nURMS1\t242\tC\r\nSINSTS\t00263\tQ\r\nURMS1\t242\tB\r\003",
     .want = "apparent_va 2024-02-10T11:13:55Z/1: 263\nvoltage_v 2024-02-10T11:13:55Z/1: 242\n"
             "left out: bad_checksum 1 byte 36\n"},
    {.fact = "noise_between_groups_is_counted_and_passed_over",
     .input = "\002\nDATE\tH240210121355\t\t;\r\377\376noise\nat large\r\nSINSTS\t00263\tQ\r\003",
     .want = "apparent_va 2024-02-10T11:13:55Z/1: 263\nleft out: bad_row 1 byte 40\n"},
    {.fact = "frames_of_another_meter_are_counted",
     .input = "\002\nADSC\t012345678910\t;\r\nDATE\tH240210121355\t\t;\r\nSINSTS\t00263\tQ\r\003"
              "\002\nADSC\t123456789012\t=\r\nDATE\tH240210121355\t\t;\r\nSINSTS\t00263\tQ\r\003",
     .want = "apparent_va 2024-02-10T11:13:55Z/1: 263\nleft out: other_home 1 byte 123\n"},
    {.fact = "prose_with_a_chance_checksum_is_no_capture",
     .input = "A B C\nSOME NOTES Q\n",
     .want = "E_FORMAT line 1 byte 0: no format we read begins with \"A B C\"; `--format` forces one, "
             "`--time` and "
             "`--column` describe a CSV"},
    {.fact = "a_file_without_groups_forced_to_be_a_capture_holds_no_reading",
     .input = "hello\nworld\n",
     .options = {.format = "tic"},
     .want = "E_NO_DATA byte 11: no usable reading; left out: 1 in rows that cannot be read"},
};

static dcl_home home;
static dcl_arena arena;
static dcl_error error;

/* Frames every `step` seconds for an hour: a constant apparent power and an index that counts whole Wh. */
static void write_hour(dcl_text *out, bool standard, double step_s, double watts, double start_wh) {
    for (int i = 0; i * step_s <= 3600; i++) {
        wire w = {.n = 0};
        char index[16], va[16], stamp[16];
        double at = i * step_s;
        snprintf(index, sizeof index, "%09d", (int)(start_wh + watts * at / 3600));
        snprintf(va, sizeof va, "%05d", (int)(watts * 1.2));
        dcl_civil civil = dcl_zone_civil(paris(), START_US + (int64_t)(at * 1e6));
        snprintf(stamp, sizeof stamp, "H%02d%02d%02d%02d%02d%02d", civil.year % 100, civil.month, civil.day,
                 civil.hour, civil.minute, civil.second);
        const wire_group historique[] = {{H, "BASE", NULL, index}, {H, "PAPP", NULL, va}};
        const wire_group frame[] = {
            {S, "DATE", stamp, ""}, {S, "EAST", NULL, index}, {S, "SINSTS", NULL, va}};
        if (standard) {
            wire_frame(&w, frame, 3);
            dcl_text_bytes(out, (char *)w.byte, w.n);
            continue;
        }
        for (size_t k = 0; k < 2; k++) {
            w.n = 0;
            wire_content(&w, &historique[k]);
            dcl_text_format(out, "%lld.%06d ", (long long)(START_US / 1000000 + (int64_t)at),
                            (int)((at - floor(at)) * 1e6 + 0.5));
            dcl_text_bytes(out, (char *)w.byte, w.n);
            dcl_text_put(out, "\n");
        }
    }
}

static void power_from_the_index_is_that_of_the_load(void **state) {
    (void)state;
    static const struct {
        bool standard;
        double step_s, watts, within; /* of the watts */
    } loads[] = {{false, 1.5, 2000, 0.05},
                 {true, 2, 1000, 0.05},
                 {true, 1, 4321, 0.05},
                 {false, 1.5, 60, 0.05},
                 {false, 10, 500, 0.06}};
    for (size_t i = 0; i < COUNT(loads); i++) {
        dcl_text bytes = {0};
        write_hour(&bytes, loads[i].standard, loads[i].step_s, loads[i].watts, 123456.5);
        dcl_read_options options = dcl_read_defaults();
        assert_int_equal(read_bytes("hour.tic", bytes.at, bytes.n, &options, &arena, &home, &error), DCL_OK);
        assert_string_equal(home.format, "tic");
        assert_true(home.notes >> DCL_NOTE_POWER_FROM_INDEX & 1);
        const dcl_series *power = dcl_home_series(&home, DCL_POWER_W);
        assert_non_null(power);
        const dcl_series *low = dcl_home_series(&home, DCL_POWER_LOW_W);
        const dcl_series *high = dcl_home_series(&home, DCL_POWER_HIGH_W);
        assert_true(low && high && low->n == power->n && high->n == power->n);
        double energy = 0, covered = 0;
        for (size_t k = 0; k < power->n; k++) {
            if (isnan(power->value[k])) continue;
            assert_true(fabs((double)power->value[k] - loads[i].watts) <= loads[i].within * loads[i].watts);
            /* The meter counts energy that the load draws; its stamps may be whole seconds. */
            double w = loads[i].watts;
            assert_true((double)low->value[k] <= w * 1.01 && (double)high->value[k] >= w * 0.99);
            energy += (double)power->value[k];
            covered++;
        }
        /* To the Wh, and what runs between two frames: a tick comes in between. */
        double hours = covered * (double)power->period_us / 3600e6;
        double open_wh = 1 + loads[i].watts * loads[i].step_s / 3600;
        if (fabs(energy / covered - loads[i].watts) * hours > open_wh)
            fail_msg("load %zu: %g W for %g", i, energy / covered, loads[i].watts);
        assert_true(covered * (double)power->period_us > 0.9 * 3600e6);
        dcl_arena_free(&arena);
        dcl_text_free(&bytes);
    }
}

/* Frames of ten minutes at the line's speed without any clock: the last is ten minutes after the first. */
static void a_capture_with_a_start_keeps_the_lines_speed(void **state) {
    (void)state;
    wire w = {.n = 0};
    const wire_group frame[] = {{H, "BASE", NULL, "000123456"}, {H, "PAPP", NULL, "00750"}};
    wire_frame(&w, frame, 2);
    dcl_text bytes = {0};
    size_t frames = 600 * 120 / w.n + 1;
    for (size_t i = 0; i < frames; i++) dcl_text_bytes(&bytes, (char *)w.byte, w.n);
    dcl_read_options options = dcl_read_defaults();
    options.has_start = true;
    options.start_us = START_US;
    assert_int_equal(read_bytes("x", bytes.at, bytes.n, &options, &arena, &home, &error), DCL_OK);
    const dcl_series *va = dcl_home_series(&home, DCL_APPARENT_VA);
    assert_int_equal(va->start_us, START_US);
    int64_t length_s = (dcl_series_end_us(va) - START_US) / DCL_SECOND_US;
    assert_true(length_s >= 599 && length_s <= 602);
    dcl_arena_free(&arena);
    dcl_text_free(&bytes);
}

static void the_captures_of_meters_are_read(void **state) {
    (void)state;
    static const struct {
        const char *file;
        dcl_status status; /* without a start */
        double first_va;
        uint64_t bad_checksums;
    } captures[] = {
        {"hist_base_enedis.tic", DCL_E_NO_DATA, 0, 0}, {"hist_base_partial.tic", DCL_E_NO_DATA, 2390, 0},
        {"hist_hc.tic", DCL_E_NO_DATA, 1890, 0},       {"hist_tempo_10frames.tic", DCL_E_NO_DATA, 2840, 0},
        {"std_mono_base.tic", DCL_OK, 263, 0},         {"std_mono_enedis.tic", DCL_OK, 0, 0},
        {"std_mono_enedis_badsum.tic", DCL_OK, 0, 1},  {"std_mono_prod.tic", DCL_OK, 0, 0},
        {"std_partial_2020.tic", DCL_OK, 1163, 0},
    };
    for (size_t i = 0; i < COUNT(captures); i++) {
        char path[512];
        dcl_context context = case_context();
        dcl_read_options options = dcl_read_defaults();
        snprintf(path, sizeof path, "%s/tic/%s", DCL_TEST_DATA, captures[i].file);
        dcl_status status = dcl_home_read(&context, path, &options, &arena, &home, &error);
        if (status == DCL_E_NOT_FOUND) {
            print_message("skipped: no ../shared/data\n");
            skip();
        }
        if (status != captures[i].status) fail_msg("%s: %s", path, status ? error.msg : "read");
        if (status) assert_non_null(strstr(error.msg, "--start"));
        dcl_arena_free(&arena);
        options.has_start = true;
        options.start_us = START_US;
        assert_int_equal(dcl_home_read(&context, path, &options, &arena, &home, &error), DCL_OK);
        const dcl_series *va = dcl_home_series(&home, DCL_APPARENT_VA);
        assert_non_null(va);
        assert_true(va->value[0] == (float)captures[i].first_va);
        assert_int_equal(home.excluded[DCL_EXCLUDED_BAD_CHECKSUM].count, captures[i].bad_checksums);
        assert_int_equal(home.excluded[DCL_EXCLUDED_BAD_ROW].count, 0);
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(power_from_the_index_is_that_of_the_load),
        cmocka_unit_test(a_capture_with_a_start_keeps_the_lines_speed),
        cmocka_unit_test(the_captures_of_meters_are_read),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
