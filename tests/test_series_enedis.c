/* The utility's CSV: both forms, mixed steps, order, directions, units, and the days of 23 and 25 hours. */
#include "series_case.h"

#define NEW_HEADER                                                                                           \
    "Identifiant PRM;Date de début;Date de fin;Grandeur physique;Grandeur métier;Etape métier;Unité;"    \
    "Horodate;Valeur;Nature;Pas;Indice de vraisemblance;Etat complémentaire\n"
#define HEAD                     "00000000000000;2023-03-13;2023-03-14;"
#define CONS(stamp, value, step) HEAD "PA;CONS;BEST;W;" stamp ";" value ";R;" step ";;\n"
#define PROD(stamp, value, step) HEAD "PA;PROD;BEST;W;" stamp ";" value ";R;" step ";;\n"
#define OLD_HEADER                                                                                           \
    "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;"           \
    "Etape metier;Unite;Pas en minutes\n"
#define OLD_CURVE "1;Courbe de charge;29/06/2022;29/07/2023;Energie active;Consommation;Comptage Brut;W;\n"

static const series_case cases[] = {
    {.fact = "a_row_begins_a_step_before_its_local_stamp",
     .input =
         NEW_HEADER CONS("2023-03-13 00:30:00", "100", "PT30M") CONS("2023-03-13 01:00:00", "200", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 100 200\nnotes: stamps_are_ends local_time\n"},
    {.fact = "a_stamp_with_offset_needs_no_zone",
     .input = NEW_HEADER CONS("2023-07-13T00:30:00+02:00", "100", "PT30M"),
     .want = "power_w 2023-07-12T22:00:00Z/1800: 100\nnotes: stamps_are_ends\n"},
    {.fact = "hours_half_hours_and_quarters_share_the_finest_grid_with_their_means",
     .input =
         NEW_HEADER CONS("2023-03-13 01:00:00", "100", "PT60M") CONS("2023-03-13 01:30:00", "200", "PT30M")
             CONS("2023-03-13 01:45:00", "300", "PT15M") CONS("2023-03-13 02:00:00", "400", "PT15M"),
     .want = "power_w 2023-03-12T23:00:00Z/900: 100 100 100 100 200 200 300 400\n"
             "notes: stamps_are_ends local_time mixed_steps\n"},
    {.fact = "rows_out_of_order_are_sorted",
     .input = NEW_HEADER CONS("2023-03-13 01:00:00", "2", "PT30M") CONS("2023-03-13 01:30:00", "3", "PT30M")
         CONS("2023-03-13 00:30:00", "1", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1 2 3\nnotes: stamps_are_ends local_time unsorted\n"},
    {.fact = "a_row_that_is_not_there_is_missing_and_not_zero",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") CONS("2023-03-13 01:30:00", "3", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1 - 3\nnotes: stamps_are_ends local_time\n"},
    {.fact = "an_empty_value_is_missing_and_counted",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") CONS("2023-03-13 01:00:00", "", "PT30M")
         CONS("2023-03-13 01:30:00", "3", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1 - 3\nnotes: stamps_are_ends local_time\n"
             "left out: missing 1 line 3 byte 255\n"},
    {.fact = "production_goes_to_the_export_channel",
     .input = NEW_HEADER CONS("2023-07-13 12:30:00", "1", "PT30M") PROD("2023-07-13 12:30:00", "900", "PT30M")
         CONS("2023-07-13 13:00:00", "2", "PT30M") PROD("2023-07-13 13:00:00", "800", "PT30M"),
     .want = "power_w 2023-07-13T10:00:00Z/1800: 1 2\nexport_w 2023-07-13T10:00:00Z/1800: 900 800\n"
             "notes: stamps_are_ends local_time\n"},
    {.fact = "kilowatts_and_energies_become_watts",
     .input = NEW_HEADER HEAD "PA;CONS;BEST;kW;2023-03-13 00:30:00;1.5;R;PT30M;;\n" HEAD
                              "EA;CONS;BEST;Wh;2023-03-13 01:00:00;100;R;PT30M;;\n" HEAD
                              "EA;CONS;BEST;kWh;2023-03-13 01:30:00;0,25;R;PT30M;;\n",
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1500 200 500\n"
             "notes: stamps_are_ends local_time energy_to_power\n"},
    {.fact = "maxima_in_va_stand_apart_from_the_curve",
     .input = NEW_HEADER HEAD "PMA;CONS;BRUT;VA;2023-03-13 19:12:00;5210;R;P1D;;\n" HEAD
                              "PMA;CONS;BRUT;VA;2023-03-12 07:03:11;4800;R;P1D;;\n",
     .want = "maximum 2023-03-12T06:03:11Z 4800\nmaximum 2023-03-13T18:12:00Z 5210\nnotes: local_time\n"},
    {.fact = "reactive_power_is_counted_and_not_taken_for_active",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") HEAD
     "PRI;CONS;BEST;VAr;2023-03-13 01:00:00;7;R;PT30M;;\n",
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1\nnotes: stamps_are_ends local_time\n"
             "left out: not_read 1 line 3 byte 255\n"},
    {.fact = "a_mark_carriage_returns_and_latin_1_accents_change_nothing",
     .input = "\xef\xbb\xbfIdentifiant PRM;Date de d\xe9"
              "but;Date de fin;Grandeur physique;Grandeur m\xe9tier;Etape m\xe9tier;Unit\xe9;Horodate;Valeur;"
              "Nature;Pas;Indice de vraisemblance;Etat compl\xe9mentaire\r\n" HEAD
              "PA;PROD;BEST;kW;2023-03-13 00:30:00;1,5;R;PT30M;;\r\n",
     .want = "export_w 2023-03-12T23:00:00Z/1800: 1500\nnotes: stamps_are_ends local_time\n"},
    {.fact = "rows_of_another_delivery_point_are_counted_and_left_out",
     .input = NEW_HEADER CONS(
         "2023-03-13 00:30:00", "1",
         "PT30M") "99999999999999;2023-03-13;2023-03-14;PA;CONS;BEST;W;2023-03-13 01:00:00;7;R;PT30M;;\n",
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1\nnotes: stamps_are_ends local_time\n"
             "left out: other_home 1 line 3 byte 255\n"},
    {.fact = "a_row_said_twice_is_read_once",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") CONS("2023-03-13 00:30:00", "1", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1\nnotes: stamps_are_ends local_time\n"
             "left out: duplicate 1 at 2023-03-12T23:00:00Z\n"},
    {.fact = "a_stamp_with_two_values_has_none",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") CONS("2023-03-13 01:00:00", "2", "PT30M")
         CONS("2023-03-13 01:00:00", "9", "PT30M") CONS("2023-03-13 01:30:00", "3", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1 - 3\nnotes: stamps_are_ends local_time\n"
             "left out: contradiction 2 at 2023-03-12T23:30:00Z\n"},
    {.fact = "a_days_energy_gives_way_to_the_load_curve",
     .input = NEW_HEADER HEAD "EA;CONS;BEST;Wh;2023-03-14 00:00:00;24000;R;P1D;;\n" CONS(
         "2023-03-13 00:30:00", "1", "PT30M") CONS("2023-03-13 01:00:00", "2", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1 2\n"
             "notes: stamps_are_ends local_time energy_to_power\n"
             "left out: coarser 1 at 2023-03-12T23:00:00Z\n"},
    {.fact = "a_day_of_energy_fills_its_hours_with_its_mean",
     .input = NEW_HEADER HEAD "EA;CONS;BEST;kWh;2023-03-14 00:00:00;24;R;P1D;;\n",
     .options = {.period_us = 6 * DCL_HOUR_US},
     .want = "power_w 2023-03-12T18:00:00Z/21600: - 1000 1000 1000 1000\n"
             "notes: stamps_are_ends local_time mixed_steps energy_to_power\n"},
    {.fact = "powers_below_zero_and_of_78928_va_are_counted_and_left_out",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "-1", "PT30M") CONS("2023-03-13 01:00:00", "2", "PT30M")
         CONS("2023-03-13 01:30:00", "78928", "PT30M") HEAD
     "PMA;CONS;BRUT;VA;2023-03-13 19:12:00;78928;R;P1D;;\n",
     .want = "power_w 2023-03-12T23:30:00Z/1800: 2\nnotes: stamps_are_ends local_time\n"
             "left out: negative 1 line 2 byte 171\nleft out: absurd 2 line 4 byte 340\n"},
    {.fact = "an_hour_that_the_clock_skips_is_no_time",
     .input = NEW_HEADER CONS("2023-03-26 01:30:00", "1", "PT30M") CONS("2023-03-26 02:30:00", "2", "PT30M"),
     .want = "power_w 2023-03-26T00:00:00Z/1800: 1\nnotes: stamps_are_ends local_time\n"
             "left out: bad_time 1 line 3 byte 255\n"},
    {.fact = "an_interval_that_ends_as_the_clock_jumps_may_be_stamped_on_either_side",
     .input = NEW_HEADER CONS("2023-03-26 02:00:00", "1", "PT30M") CONS("2023-03-26 03:30:00", "2", "PT30M")
         CONS("2024-03-31 03:00:00", "3", "PT30M") CONS("2024-03-31 03:30:00", "4", "PT30M"),
     .options = {.to_us = INT64_C(1680000000) * DCL_SECOND_US},
     .want = "power_w 2023-03-26T00:30:00Z/1800: 1 2\nnotes: stamps_are_ends local_time\n"},
    {.fact = "the_hour_that_comes_twice_is_read_twice_forwards",
     .input = NEW_HEADER CONS("2023-10-29 02:00:00", "1", "PT30M") CONS("2023-10-29 02:30:00", "2", "PT30M")
         CONS("2023-10-29 02:00:00", "3", "PT30M") CONS("2023-10-29 02:30:00", "4", "PT30M")
             CONS("2023-10-29 03:00:00", "5", "PT30M"),
     .want = "power_w 2023-10-28T23:30:00Z/1800: 1 2 3 4 5\nnotes: stamps_are_ends local_time\n"},
    {.fact = "the_hour_that_comes_twice_is_read_twice_backwards",
     .input = NEW_HEADER CONS("2023-10-29 03:00:00", "5", "PT30M") CONS("2023-10-29 02:30:00", "4", "PT30M")
         CONS("2023-10-29 02:00:00", "3", "PT30M") CONS("2023-10-29 02:30:00", "2", "PT30M")
             CONS("2023-10-29 02:00:00", "1", "PT30M"),
     .want = "power_w 2023-10-28T23:30:00Z/1800: 1 2 3 4 5\nnotes: stamps_are_ends local_time unsorted\n"},
    {.fact = "each_direction_has_its_own_second_pass_of_the_hour",
     .input = NEW_HEADER CONS("2023-10-29 02:00:00", "1", "PT60M") PROD("2023-10-29 02:00:00", "9", "PT60M")
         CONS("2023-10-29 02:00:00", "2", "PT60M") PROD("2023-10-29 02:00:00", "8", "PT60M"),
     .want = "power_w 2023-10-28T23:00:00Z/3600: 1 2\nexport_w 2023-10-28T23:00:00Z/3600: 9 8\n"
             "notes: stamps_are_ends local_time\n"},
    {.fact = "the_old_form_says_its_curve_once_and_its_steps_never",
     .input = OLD_HEADER OLD_CURVE "Horodate;Valeur\n2022-10-29T01:00:00+02:00;100\n"
                                   "2022-10-29T02:00:00+02:00;200\n2022-10-29T03:00:00+02:00;250\n"
                                   "2022-10-29T03:30:00+02:00;300\n2022-10-29T04:00:00+02:00;400\n",
     .want = "power_w 2022-10-28T22:00:00Z/1800: 100 100 200 200 250 250 300 400\n"
             "notes: stamps_are_ends mixed_steps\n"},
    {.fact = "old_blocks_follow_each_other_with_their_own_curves",
     .input = OLD_HEADER OLD_CURVE
     "Horodate;Valeur\n2022-10-29T00:30:00+02:00;1\n2022-10-29T01:00:00+02:00;2\n" OLD_HEADER
     "1;Courbe;;;Energie active;Production;Brut;W;30\nHorodate;Valeur\n"
     "2022-10-29T00:30:00+02:00;7\n2022-10-29T01:00:00+02:00;8\n" OLD_HEADER "1;Courbe;;;Energie r\xc3\xa9"
     "active;Consommation;Brut;W;30\nHorodate;Valeur\n"
     "2022-10-29T00:30:00+02:00;5\n" OLD_HEADER
     "2;Courbe;;;Energie active;Consommation;Brut;W;30\nHorodate;Valeur\n"
     "2022-10-29T00:30:00+02:00;6\n",
     .want = "power_w 2022-10-28T22:00:00Z/1800: 1 2\nexport_w 2022-10-28T22:00:00Z/1800: 7 8\n"
             "notes: stamps_are_ends\nleft out: other_home 1 line 18 byte 942\n"
             "left out: not_read 1 line 14 byte 723\n"},
    {.fact = "a_row_that_cannot_be_read_is_counted_with_its_place",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") "oops\n" CONS("13/03/2023", "2", "PT30M")
         CONS("2023-03-13 01:30:00", "?", "PT30M"),
     .want = "power_w 2023-03-12T23:00:00Z/1800: 1\nnotes: stamps_are_ends local_time\n"
             "left out: bad_row 3 line 3 byte 255\n"},
    {.fact = "a_row_that_cannot_be_read_refuses_the_file_when_strict",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "1", "PT30M") CONS("13/03/2023", "2", "PT30M"),
     .options = {.strict = true},
     .want = "E_FORMAT line 3 byte 255: expected a stamp like 2024-01-31 12:30:00"},
    {.fact = "a_file_of_a_header_alone_holds_no_reading",
     .input = NEW_HEADER,
     .want = "E_NO_DATA: no reading in it, or none in the span asked for"},
    {.fact = "a_file_whose_rows_are_all_bad_says_why",
     .input = NEW_HEADER CONS("2023-03-13 00:30:00", "-1", "PT30M"),
     .want = "E_NO_DATA line 2 byte 171: no usable reading; left out: 1 with a negative power"},
    {.fact = "commas_for_semicolons_are_named_with_what_was_found",
     .input = "Identifiant PRM,Date de debut,Horodate,Valeur\n1,2,2023-03-13 00:30:00,4\n",
     .want = "E_FORMAT line 1 byte 0: no format we read begins with \"Identifiant PRM,Date de "
             "debut,Horodate,Valeur\"; `--format` forces one, `--time` and `--column` describe a CSV"},
    {.fact = "times_before_1990_and_in_the_future_are_counted",
     .input = NEW_HEADER CONS("1970-01-01 01:00:00", "1", "PT30M") CONS("2025-08-13 00:30:00", "2", "PT30M")
         CONS("2023-03-13 01:30:00", "3", "PT30M"),
     .want = "power_w 2023-03-13T00:00:00Z/1800: 3\nnotes: stamps_are_ends local_time\n"
             "left out: bad_time 2 line 2 byte 171\n"},
};

/* A civil day of half hours with local end stamps and no offset, as the utility writes them. */
static void write_local_day(dcl_text *out, int64_t day, int64_t step_us, bool backwards) {
    int64_t start = dcl_zone_day_start(paris(), day), end = dcl_zone_day_start(paris(), day + 1);
    int64_t n = (end - start) / step_us;
    dcl_text_put(out, NEW_HEADER);
    for (int64_t k = 0; k < n; k++) {
        int64_t i = backwards ? n - 1 - k : k;
        dcl_civil at = dcl_zone_civil(paris(), start + (i + 1) * step_us);
        dcl_text_format(out, HEAD "PA;CONS;BEST;W;%04d-%02d-%02d %02d:%02d:00;%d;R;PT%dM;;\n", at.year,
                        at.month, at.day, at.hour, at.minute, (int)(100 + i), (int)(step_us / DCL_MINUTE_US));
    }
}

static void days_of_23_and_25_hours_keep_their_energy(void **state) {
    (void)state;
    static const struct {
        int year, month, day, hours;
    } days[] = {{2023, 3, 26, 23}, {2023, 10, 29, 25}, {2023, 6, 1, 24}};
    static const int64_t steps[] = {DCL_HOUR_US, 30 * DCL_MINUTE_US, 15 * DCL_MINUTE_US};
    for (size_t i = 0; i < 2 * COUNT(days) * COUNT(steps); i++) {
        int64_t step = steps[i / 2 % COUNT(steps)], day;
        size_t d = i / 2 / COUNT(steps);
        day = dcl_days_from_date(days[d].year, days[d].month, days[d].day);
        dcl_text file = {0};
        write_local_day(&file, day, step, i % 2);
        dcl_read_options options = dcl_read_defaults();
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error;
        assert_int_equal(read_bytes("day.csv", file.at, file.n, &options, &arena, &home, &error), DCL_OK);
        assert_int_equal(home.n_series, 1);
        const dcl_series *power = home.series;
        assert_int_equal(power->start_us, dcl_zone_day_start(paris(), day));
        assert_int_equal(dcl_series_end_us(power), dcl_zone_day_start(paris(), day + 1));
        assert_int_equal(power->period_us, step);
        assert_int_equal(power->n, days[d].hours * (DCL_HOUR_US / step));
        for (size_t k = 0; k < power->n; k++) assert_true(power->value[k] == (float)(100 + k));
        dcl_arena_free(&arena);
        dcl_text_free(&file);
    }
}

static void the_excerpt_across_october_2022_has_48_and_50_half_hours(void **state) {
    (void)state;
    dcl_context context = case_context();
    dcl_read_options options = dcl_read_defaults();
    dcl_arena arena = {0};
    dcl_home home;
    dcl_error error;
    dcl_status status = dcl_home_read(&context, DCL_TEST_DATA "/enedis_csv/enedis_conso_heure_excerpt.csv",
                                      &options, &arena, &home, &error);
    if (status == DCL_E_NOT_FOUND) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    assert_int_equal(status, DCL_OK);
    assert_string_equal(home.format, "enedis");
    int64_t day = dcl_days_from_date(2022, 10, 29);
    size_t want[] = {48, 50, 48};
    for (int i = 0; i < 3; i++) {
        dcl_series part = dcl_series_slice(home.series, dcl_zone_day_start(paris(), day + i),
                                           dcl_zone_day_start(paris(), day + i + 1));
        assert_int_equal(part.period_us, 30 * DCL_MINUTE_US);
        assert_int_equal(part.n, want[i]);
        assert_int_equal(dcl_series_present(&part), want[i]);
    }
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(days_of_23_and_25_hours_keep_their_energy),
        cmocka_unit_test(the_excerpt_across_october_2022_has_48_and_50_half_hours),
    };
    return run_cases(cases, COUNT(cases), others, COUNT(others));
}
