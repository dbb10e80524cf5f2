#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "tariff/tables.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int64_t day_of(const char *text) {
    int64_t day = 0;
    if (!dcl_date_parse(text, 10, &day)) fail_msg("not a date: %.10s", text);
    return day;
}

static dcl_tariff *built_in(void) {
    dcl_tariff *tariff = NULL;
    assert_int_equal(dcl_tariff_open(NULL, &tariff, NULL), DCL_OK);
    return tariff;
}

static double eur_kwh(const dcl_price_list *list, dcl_price_class c) {
    return list->price_ueur_kwh[c] / 1e6;
}

/* ---------------------------------------------------------------- what is compiled in */

static void every_number_has_a_name(void **state) {
    (void)state;
    for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++) {
        dcl_tariff_kind kind = (dcl_tariff_kind)k;
        assert_int_equal(dcl_tariff_kind_find(dcl_tariff_kind_name(kind)), kind);
        assert_non_null(dcl_tariff_kind_title(kind));
    }
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) assert_non_null(dcl_price_class_name((dcl_price_class)c));
    for (int r = 0; r < DCL_UNPRICED_COUNT; r++) assert_true(strlen(dcl_unpriced_text((dcl_unpriced)r)) > 10);
    assert_int_equal(dcl_tariff_kind_find("ejp"), DCL_TARIFF_KIND_COUNT);
    assert_null(dcl_tariff_kind_name(DCL_TARIFF_KIND_COUNT));
    assert_null(dcl_price_class_name(DCL_PRICE_CLASS_COUNT));
    assert_null(dcl_unpriced_name(DCL_UNPRICED_COUNT));
    assert_int_equal(dcl_price_class_kind(DCL_PRICE_RED_HC), DCL_TARIFF_TEMPO);
    assert_int_equal(dcl_subscribed_kva(8), 36);
    assert_int_equal(dcl_subscribed_kva(9), 0);
}

static void built_in_lists_are_whole_and_do_not_overlap(void **state) {
    (void)state;
    dcl_tariff *tariff = built_in();
    size_t n = 0;
    for (const dcl_price_list *a; (a = dcl_tariff_list(tariff, n)) != NULL; n++) {
        assert_true(a->from_day < a->to_day);
        for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) {
            bool own = dcl_price_class_kind((dcl_price_class)c) == a->kind;
            assert_true(own ? a->price_ueur_kwh[c] > 80000 && a->price_ueur_kwh[c] < 800000
                            : a->price_ueur_kwh[c] == -1);
        }
        for (size_t i = 0; i < n; i++) {
            const dcl_price_list *b = dcl_tariff_list(tariff, i);
            assert_true(b->kind < a->kind || (b->kind == a->kind && b->from_day <= a->from_day));
            if (dcl_price_lists_compete(a, b)) assert_true(b->to_day <= a->from_day);
        }
        int64_t dearer = 0;
        for (int p = 0; p < DCL_POWER_COUNT; p++) {
            if (a->standing_ueur_year[p] < 0) continue;
            assert_true(a->standing_ueur_year[p] > dearer);
            dearer = a->standing_ueur_year[p];
        }
    }
    assert_int_equal(n, 28);
    dcl_tariff_close(&tariff);
}

static void lists_are_found_by_date_and_power(void **state) {
    (void)state;
    static const struct {
        dcl_tariff_kind kind;
        int kva;
        const char *day;
        dcl_price_class price_class;
        double eur_kwh, eur_year; /* 0 = no list */
    } cases[] = {
        {DCL_TARIFF_TEMPO, 9, "2024-02-01", DCL_PRICE_RED_HP, 0.7562, 196.32},
        {DCL_TARIFF_TEMPO, 9, "2025-01-31", DCL_PRICE_BLUE_HC, 0.1296, 196.32},
        {DCL_TARIFF_TEMPO, 9, "2025-02-01", DCL_PRICE_BLUE_HC, 0.1287, 211.16},
        {DCL_TARIFF_TEMPO, 9, "2025-08-01", DCL_PRICE_WHITE_HP, 0.1730, 235.12},
        {DCL_TARIFF_TEMPO, 6, "2026-02-01", DCL_PRICE_RED_HP, 0.7060, 187.08},
        {DCL_TARIFF_TEMPO, 9, "2019-06-15", DCL_PRICE_BLUE_HP, 0.14436, 145.11},
        {DCL_TARIFF_TEMPO, 9, "2016-08-01", DCL_PRICE_RED_HC, 0.2161, 116.24},
        {DCL_TARIFF_TEMPO, 9, "2016-07-31", DCL_PRICE_RED_HC, 0, 0},
        {DCL_TARIFF_TEMPO, 24, "2025-02-01", DCL_PRICE_RED_HC, 0, 0},
        {DCL_TARIFF_TEMPO, 3, "2025-02-01", DCL_PRICE_RED_HC, 0, 0},
        {DCL_TARIFF_HC, 6, "2024-06-01", DCL_PRICE_HP, 0.27, 156.12},
        {DCL_TARIFF_HC, 6, "2026-07-31", DCL_PRICE_HC, 0.1579, 187.80},
        {DCL_TARIFF_HC, 6, "2026-08-01", DCL_PRICE_HC, 0, 0},
        {DCL_TARIFF_BASE, 3, "2024-10-31", DCL_PRICE_BASE, 0.2516, 115.56},
        {DCL_TARIFF_BASE, 6, "2026-02-01", DCL_PRICE_BASE, 0.1940, 187.80},
        {DCL_TARIFF_BASE, 9, "2026-02-01", DCL_PRICE_BASE, 0.1927, 234.72},
        {DCL_TARIFF_BASE, 9, "2025-08-01", DCL_PRICE_BASE, 0.1952, 232.68},
        {DCL_TARIFF_BASE, 7, "2025-08-01", DCL_PRICE_BASE, 0, 0},
    };
    dcl_tariff *tariff = built_in();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dcl_price_list *list =
            dcl_tariff_find(tariff, cases[i].kind, cases[i].kva, day_of(cases[i].day));
        if ((list != NULL) != (cases[i].eur_kwh > 0)) fail_msg("case %zu", i);
        if (!list) continue;
        assert_true(fabs(eur_kwh(list, cases[i].price_class) - cases[i].eur_kwh) < 1e-9);
        int64_t standing = list->standing_ueur_year[dcl_power_index(cases[i].kva)];
        assert_int_equal(standing, (int64_t)llround(cases[i].eur_year * 1e6));
    }
    assert_int_equal(dcl_tariff_latest(tariff, DCL_TARIFF_BASE, 9)->from_day, day_of("2026-02-01"));
    assert_int_equal(dcl_tariff_latest(tariff, DCL_TARIFF_BASE, 9)->price_ueur_kwh[DCL_PRICE_BASE], 192700);
    assert_null(dcl_tariff_latest(tariff, DCL_TARIFF_TEMPO, 3));
    dcl_tariff_close(&tariff);
}

static void day_colours_are_those_published(void **state) {
    (void)state;
    dcl_tariff *tariff = built_in();
    assert_int_equal(dcl_tariff_colour(tariff, day_of("2014-08-31")), DCL_COLOUR_UNKNOWN);
    assert_int_equal(dcl_tariff_colour(tariff, day_of("2014-09-01")), DCL_COLOUR_BLUE);
    assert_int_equal(dcl_tariff_colour(tariff, day_of("2026-04-02")), DCL_COLOUR_WHITE);
    assert_int_equal(dcl_tariff_colour(tariff, day_of("2026-04-03")), DCL_COLOUR_UNKNOWN);
    for (int64_t day = day_of("2014-09-01"); day <= day_of("2026-04-02"); day++) {
        int month = dcl_date_from_days(day).month;
        dcl_colour colour = dcl_tariff_colour(tariff, day);
        assert_int_not_equal(colour, DCL_COLOUR_UNKNOWN);
        if (colour == DCL_COLOUR_RED) assert_true(dcl_weekday(day) < 5 && (month >= 11 || month <= 3));
        if (colour == DCL_COLOUR_WHITE) assert_int_not_equal(dcl_weekday(day), 6);
    }
    FILE *file = fopen(DCL_TEST_DATA "/tempo/tempo_calendar_merged.csv", "r");
    if (!file) {
        dcl_tariff_close(&tariff);
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    char line[128];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); rows++) {
        dcl_colour want = strncmp(line + 11, "BLEU", 4) == 0    ? DCL_COLOUR_BLUE
                          : strncmp(line + 11, "BLANC", 5) == 0 ? DCL_COLOUR_WHITE
                                                                : DCL_COLOUR_RED;
        assert_int_equal(dcl_tariff_colour(tariff, day_of(line)), want);
    }
    fclose(file);
    assert_int_equal(rows, 4232);
    dcl_tariff_close(&tariff);
}

/* The comma of a French number becomes a point. */
static double french(const char *text) {
    char copy[32];
    snprintf(copy, sizeof copy, "%s", text);
    char *comma = strchr(copy, ',');
    if (comma) *comma = '.';
    return strtod(copy, NULL);
}

static void tempo_prices_are_those_of_the_official_file(void **state) {
    (void)state;
    FILE *file = fopen(DCL_TEST_DATA "/tarif/tempo_pricing.csv", "r");
    if (!file) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    static const dcl_price_class classes[] = {DCL_PRICE_BLUE_HC,  DCL_PRICE_BLUE_HP, DCL_PRICE_WHITE_HC,
                                              DCL_PRICE_WHITE_HP, DCL_PRICE_RED_HC,  DCL_PRICE_RED_HP};
    dcl_tariff *tariff = built_in();
    char line[512];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char field[17][32] = {{0}};
        const char *p = line;
        for (int i = 0; i < 17 && *p; i++) {
            size_t n = strcspn(p, ";\r\n");
            snprintf(field[i], sizeof field[i], "%.*s", (int)n, p);
            p += n + (p[n] == ';');
        }
        if (!*field[0] || !*field[4]) continue;
        char date[16];
        snprintf(date, sizeof date, "%.4s-%.2s-%.2s", field[0] + 6, field[0] + 3, field[0]);
        int kva = atoi(field[2]);
        const dcl_price_list *list = dcl_tariff_find(tariff, DCL_TARIFF_TEMPO, kva, day_of(date));
        assert_non_null(list);
        assert_int_equal(list->from_day, day_of(date));
        assert_true(list->standing_confirmed);
        assert_int_equal(list->standing_ueur_year[dcl_power_index(kva)], llround(french(field[4]) * 1e6));
        for (int c = 0; c < 6; c++)
            assert_int_equal(list->price_ueur_kwh[classes[c]], llround(french(field[6 + 2 * c]) * 1e6));
        rows++;
    }
    fclose(file);
    assert_true(rows > 100);
    dcl_tariff_close(&tariff);
}

/* ---------------------------------------------------------------- a file */

static const char good_file[] =
    "{\"format\": \"declic-tariff-1\",\n"
    " \"price_lists\": [\n"
    "  {\"tariff\": \"base\", \"from\": \"2027-02-01\", \"to\": \"2027-08-01\", \"eur_per_kwh\": {\"base\": "
    "0.21},\n"
    "   \"standing_eur_per_year\": 120},\n"
    "  {\"tariff\": \"base\", \"from\": \"2026-05-01\", \"eur_per_kwh\": {\"base\": 0.2},\n"
    "   \"standing_eur_per_year\": {\"6\": 100.5, \"9\": 130}, \"source\": \"my supplier\"}],\n"
    " \"tempo_days\": [{\"from\": \"2026-04-02\", \"colours\": \"RB-W\"}]}";

static void a_file_counts_from_its_first_date_on(void **state) {
    (void)state;
    dcl_tariff *tariff = NULL;
    dcl_error error = {0};
    if (dcl_tariff_parse(good_file, sizeof good_file - 1, &tariff, &error)) fail_msg("%s", error.msg);
    static const struct {
        int kva;
        const char *day;
        int price; /* 1e-6 €/kWh, 0 = none */
    } cases[] = {{6, "2026-04-30", 194000}, {6, "2026-05-01", 200000},  {6, "2027-01-31", 200000},
                 {6, "2027-02-01", 210000}, {6, "2027-07-31", 210000},  {6, "2027-08-01", 0},
                 {12, "2026-05-01", 0},     {12, "2027-03-01", 210000}, {12, "2026-04-30", 192700}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dcl_price_list *list =
            dcl_tariff_find(tariff, DCL_TARIFF_BASE, cases[i].kva, day_of(cases[i].day));
        assert_int_equal(list ? list->price_ueur_kwh[DCL_PRICE_BASE] : 0, cases[i].price);
    }
    const dcl_price_list *list = dcl_tariff_find(tariff, DCL_TARIFF_BASE, 6, day_of("2026-06-01"));
    assert_string_equal(list->source, "my supplier");
    assert_int_equal(list->standing_ueur_year[1], 100500000);
    /* Kinds that the file does not name stay as they are. */
    assert_non_null(dcl_tariff_find(tariff, DCL_TARIFF_HC, 6, day_of("2026-06-01")));
    static const dcl_colour colours[] = {DCL_COLOUR_WHITE,   DCL_COLOUR_RED,   DCL_COLOUR_BLUE,
                                         DCL_COLOUR_UNKNOWN, DCL_COLOUR_WHITE, DCL_COLOUR_UNKNOWN};
    for (int i = 0; i < 6; i++)
        assert_int_equal(dcl_tariff_colour(tariff, day_of("2026-04-01") + i), colours[i]);
    assert_int_equal(dcl_tariff_colour(tariff, day_of("2026-03-29")), DCL_COLOUR_BLUE);
    dcl_tariff_close(&tariff);
}

/* 2027-02: 6 kVA alone gets a new list, which ends; the other powers keep the old one. The source is cut between
 * two letters. */
static void a_list_replaces_another_at_its_own_powers_alone(void **state) {
    (void)state;
    static const char file[] =
        "{\"format\": \"declic-tariff-1\", \"price_lists\": ["
        "{\"tariff\": \"hc\", \"from\": \"2026-05-01\", \"eur_per_kwh\": {\"hp\": 0.3, \"hc\": 0.2}, "
        "\"standing_eur_per_year\": 100, "
        "\"source\": \"63 octets, puis une lettre de deux octets : abcdefghijklmnopqr\u00e9t\u00e9\"}, "
        "{\"tariff\": \"hc\", \"from\": \"2027-02-01\", \"to\": \"2027-08-01\", \"eur_per_kwh\": {\"hp\": "
        "0.4, "
        "\"hc\": 0.3}, \"standing_eur_per_year\": {\"6\": 90}}]}";
    static const struct {
        int kva;
        const char *day;
        int price; /* 1e-6 €/kWh, 0 = none */
    } cases[] = {{6, "2027-01-31", 300000}, {9, "2027-01-31", 300000}, {6, "2027-02-01", 400000},
                 {9, "2027-02-01", 300000}, {6, "2027-08-01", 0},      {9, "2027-08-01", 300000}};
    dcl_tariff *tariff = NULL;
    dcl_error error = {0};
    if (dcl_tariff_parse(file, sizeof file - 1, &tariff, &error)) fail_msg("%s", error.msg);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dcl_price_list *list =
            dcl_tariff_find(tariff, DCL_TARIFF_HC, cases[i].kva, day_of(cases[i].day));
        if ((list ? list->price_ueur_kwh[DCL_PRICE_HP] : 0) != cases[i].price) fail_msg("case %zu", i);
    }
    const dcl_price_list *list = dcl_tariff_find(tariff, DCL_TARIFF_HC, 6, day_of("2026-06-01"));
    assert_string_equal(list->source, "63 octets, puis une lettre de deux octets : abcdefghijklmnopqr");
    dcl_tariff_close(&tariff);
}

#define HEAD "{\"format\": \"declic-tariff-1\", "
#define BASE "\"tariff\": \"base\", \"from\": \"2026-05-01\", "
#define REST "\"eur_per_kwh\": {\"base\": 0.2}, \"standing_eur_per_year\": 100"

static void a_bad_file_is_an_error_that_names_the_entry(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"{", "not JSON"},
        {"[]", "\"format\""},
        {"{\"format\": \"declic-tariff-9\"}", "\"format\""},
        {HEAD "\"prices\": []}", "neither"},
        {HEAD "\"price_lists\": {}}", "\"price_lists\" must be a list"},
        {HEAD "\"price_lists\": []}", "\"price_lists\" must be a list"},
        {HEAD "\"price_lists\": [7]}", "price_lists[0]: \"tariff\""},
        {HEAD "\"price_lists\": [{" BASE REST "}, {\"tariff\": \"ejp\"}]}", "price_lists[1]: \"tariff\""},
        {HEAD "\"price_lists\": [{\"tariff\": \"base\", \"from\": \"2026-13-01\", " REST "}]}",
         "price_lists[0]: \"from\""},
        {HEAD "\"price_lists\": [{\"tariff\": \"base\", " REST "}]}", "price_lists[0]: \"from\""},
        {HEAD "\"price_lists\": [{\"tariff\": \"base\", \"from\": \"0001-01-01\", " REST "}]}",
         "not between"},
        {HEAD "\"price_lists\": [{" BASE "\"to\": \"2026-05-01\", " REST "}]}",
         "price_lists[0]: \"to\" must be after"},
        {HEAD "\"price_lists\": [{" BASE "\"to\": 7, " REST "}]}", "price_lists[0]: \"to\""},
        {HEAD "\"price_lists\": [{" BASE "\"standing_eur_per_year\": 100}]}", "needs \"base\""},
        {HEAD "\"price_lists\": [{" BASE "\"eur_per_kwh\": {\"base\": \"0,2\"}}]}", "needs \"base\""},
        {HEAD "\"price_lists\": [{" BASE "\"eur_per_kwh\": {\"base\": -0.2}}]}", "needs \"base\""},
        {HEAD "\"price_lists\": [{" BASE "\"eur_per_kwh\": {\"base\": 20.16}}]}", "from 0 to 10"},
        {HEAD "\"price_lists\": [{" BASE "\"eur_per_kwh\": {\"base\": 0.2}}]}", "\"standing_eur_per_year\""},
        {HEAD "\"price_lists\": [{" BASE
              "\"eur_per_kwh\": {\"base\": 0.2}, \"standing_eur_per_year\": {\"7\": 1}}]}",
         "\"standing_eur_per_year\""},
        {HEAD "\"price_lists\": [{" BASE
              "\"eur_per_kwh\": {\"base\": 0.2}, \"standing_eur_per_year\": {\"6\": -1}}]}",
         "at 6 kVA"},
        {HEAD
         "\"price_lists\": [{\"tariff\": \"hc\", \"from\": \"2026-05-01\", \"eur_per_kwh\": {\"hp\": 0.2}, "
         "\"standing_eur_per_year\": 1}]}",
         "needs \"hc\""},
        {HEAD "\"price_lists\": [{" BASE REST "}, {" BASE REST "}]}",
         "price_lists[0]: prices the same contract"},
        {HEAD "\"price_lists\": [{\"tariff\": \"base\", \"from\": \"2026-06-01\", " REST "}, {" BASE
              "\"to\": \"2026-07-01\", " REST "}]}",
         "price_lists[1]: prices the same contract"},
        {HEAD "\"tempo_days\": [{\"from\": \"2026-09-01\"}]}", "tempo_days[0]: \"colours\""},
        {HEAD "\"tempo_days\": [{\"from\": \"2026-09-01\", \"colours\": \"BWX\"}]}",
         "tempo_days[0]: \"colours\": letter 3"},
        {HEAD "\"tempo_days\": [{\"colours\": \"BW\"}]}", "tempo_days[0]: \"from\""},
        {HEAD "\"tempo_days\": []}", "\"tempo_days\" must be a list"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_tariff *tariff = NULL;
        dcl_error error = {0};
        dcl_status status = dcl_tariff_parse(cases[i].text, strlen(cases[i].text), &tariff, &error);
        if (status != DCL_E_FORMAT || !strstr(error.msg, cases[i].want))
            fail_msg("case %zu: want '%s' got '%s'", i, cases[i].want, error.msg);
        assert_null(tariff);
    }
    dcl_tariff *tariff = NULL;
    assert_int_equal(dcl_tariff_open("/nowhere/tariff.json", &tariff, NULL), DCL_E_NOT_FOUND);
}

/* ---------------------------------------------------------------- hours */

static void hours_read_and_write_the_same_form(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"22:00-06:00", "22:00-06:00"},
        {" 22:00-06:00 , 12:30-14:30 ", "22:00-06:00,12:30-14:30"},
        {"00:00-24:00", "00:00-24:00"},
        {"22:30-06:30;2025-11-15=23:30-05:30,12:00-14:00", "22:30-06:30;2025-11-15=23:30-05:30,12:00-14:00"},
        {"2025-11-15=23:00-07:00; 2026-04-01=01:00-07:00,14:00-16:00",
         "2025-11-15=23:00-07:00;2026-04-01=01:00-07:00,14:00-16:00"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_hours hours = {0};
        dcl_error error = {0};
        if (dcl_hours_parse(cases[i].text, &hours, &error)) fail_msg("%s", error.msg);
        char text[256], cut[8];
        assert_int_equal(dcl_hours_format(&hours, text, sizeof text), strlen(cases[i].want));
        assert_string_equal(text, cases[i].want);
        assert_int_equal(dcl_hours_format(&hours, cut, sizeof cut), strlen(cases[i].want));
        assert_memory_equal(cut, cases[i].want, 7);
        assert_int_equal(dcl_hours_format(&hours, NULL, 0), strlen(cases[i].want));
    }
    dcl_hours standard = dcl_hours_default();
    char text[32];
    dcl_hours_format(&standard, text, sizeof text);
    assert_string_equal(text, "22:00-06:00");
}

static void other_hours_are_an_error_with_the_byte(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int byte;
    } cases[] = {
        {"", 0},
        {"22h-6h", 0},
        {"22:00", 5},
        {"22:00-6:00", 6},
        {"22:00-25:00", 6},
        {"24:00-06:00", 0},
        {"22:00-06:60", 6},
        {"22:00-22:00", 0},
        {"22:00-06:00,", 12},
        {"22:00-06:00,05:30-07:00", 12},
        {"22:00-06:00 12:30-14:30", 12},
        {"22:00-06:00;12:30-14:30", 12},
        {"22:00-06:00;2025-13-01=12:30-14:30", 12},
        {"2025-11-15=22:00-06:00;2025-11-15=12:30-14:30", 34},
        {"22:00-06:00x", 11},
        {"00:00-01:00,02:00-03:00,04:00-05:00,06:00-07:00,08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00,"
         "16:00-17:00",
         96}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_hours hours = dcl_hours_default();
        dcl_error error = {0};
        assert_int_equal(dcl_hours_parse(cases[i].text, &hours, &error), DCL_E_FORMAT);
        if (error.pos.byte != cases[i].byte)
            fail_msg("'%s': byte %d, want %d", cases[i].text, (int)error.pos.byte, cases[i].byte);
        assert_non_null(strstr(error.msg, "like 22:00-06:00"));
        assert_int_equal(hours.n, 1); /* unchanged */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_has_a_name),
        cmocka_unit_test(built_in_lists_are_whole_and_do_not_overlap),
        cmocka_unit_test(lists_are_found_by_date_and_power),
        cmocka_unit_test(day_colours_are_those_published),
        cmocka_unit_test(tempo_prices_are_those_of_the_official_file),
        cmocka_unit_test(a_file_counts_from_its_first_date_on),
        cmocka_unit_test(a_list_replaces_another_at_its_own_powers_alone),
        cmocka_unit_test(a_bad_file_is_an_error_that_names_the_entry),
        cmocka_unit_test(hours_read_and_write_the_same_form),
        cmocka_unit_test(other_hours_are_an_error_with_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
