#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "report/words.h"
#include "report_home.h"
#include <declic/town.h>

#define NBSP  "\xc2\xa0"
#define NNBSP "\xe2\x80\xaf"

/* ---------------------------------------------------------------- words */

/* The places {0} … {9} that a text names, as bits. */
static unsigned places(const char *text) {
    unsigned bits = 0;
    for (; *text; text++)
        if (text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}')
            bits |= 1u << (text[1] - '0');
    return bits;
}

static void both_languages_say_the_same_things(void **state) {
    (void)state;
    for (int w = 0; w < WORD_COUNT; w++) {
        const char *fr = dcl_word_text(DCL_LANG_FR, (dcl_word)w),
                   *en = dcl_word_text(DCL_LANG_EN, (dcl_word)w);
        assert_true(strlen(fr) > 0 && strlen(en) > 0);
        /* The assumed tariff's sentence names it by itself in one place only. */
        if (places(fr) != places(en)) fail_msg("\"%s\" and \"%s\" name different parts", en, fr);
    }
}

static void french_marks_keep_their_no_break_spaces(void **state) {
    (void)state;
    static const char *const wrong[] = {" ;", " :", " !", " ?", " %", " kWh", " kVA"};
    for (int w = 0; w < WORD_COUNT; w++) {
        const char *fr = dcl_word_text(DCL_LANG_FR, (dcl_word)w);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
            if (strstr(fr, wrong[i]) && i < 5) fail_msg("\"%s\" can break before \"%s\"", fr, wrong[i] + 1);
    }
}

static void numbers_are_written_as_the_language_writes_them(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_speaker fr = {DCL_LANG_FR, paris, &arena, false}, en = {DCL_LANG_EN, paris, &arena, false};
    static const struct {
        double value;
        int decimals;
        const char *fr, *en;
    } cases[] = {{1234567.25, 2, "1" NNBSP "234" NNBSP "567,25", "1,234,567.25"},
                 {0.5, 1, "0,5", "0.5"},
                 {999, 0, "999", "999"},
                 {-1000, 0,
                  "\xe2\x88\x92"
                  "1" NNBSP "000",
                  "\xe2\x88\x92"
                  "1,000"},
                 {NAN, 1, "inconnu", "unknown"},
                 {INFINITY, 1, "inconnu", "unknown"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(dcl_say_number(&fr, cases[i].value, cases[i].decimals), cases[i].fr);
        assert_string_equal(dcl_say_number(&en, cases[i].value, cases[i].decimals), cases[i].en);
    }
    assert_string_equal(dcl_say_eur(&fr, 1234.5, 2), "1" NNBSP "234,50" NBSP "€");
    assert_string_equal(dcl_say_eur(&en, 1234.5, 2), "€1,234.50");
    assert_string_equal(dcl_say_percent(&fr, 0.405, 1), "40,5" NNBSP "%");
    assert_string_equal(dcl_say_kwh(&en, 0.0124), "12" NBSP "Wh");
    assert_string_equal(dcl_say_kwh(&fr, 9.81), "9,81" NBSP "kWh");
    assert_string_equal(dcl_say_watt(&en, 2184), "2,180" NBSP "W");
    dcl_arena_free(&arena);
}

static void times_are_written_as_the_language_writes_them(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_speaker fr = {DCL_LANG_FR, paris, &arena, false}, en = {DCL_LANG_EN, paris, &arena, false};
    int64_t day = dcl_days_from_date(2025, 1, 1);
    assert_string_equal(dcl_say_date(&fr, day, DATE_LONG), "mercredi 1er" NBSP "janvier 2025");
    assert_string_equal(dcl_say_date(&en, day, DATE_LONG), "Wednesday 1" NBSP "January 2025");
    assert_string_equal(dcl_say_date(&fr, day + 31, DATE_SHORT), "1er" NBSP "févr.");
    assert_string_equal(dcl_say_clock(&fr, 1350), "22" NBSP "h" NBSP "30");
    assert_string_equal(dcl_say_clock(&fr, 360), "6" NBSP "h");
    assert_string_equal(dcl_say_clock(&en, 360), "06:00");
    assert_string_equal(dcl_say_time(&en, MONDAY_US + 3661 * DCL_SECOND_US, true), "01:01:01");
    static const struct {
        int64_t s;
        const char *want;
    } spans[] = {{1, "1" NBSP "s"},
                 {60, "1" NBSP "min"},
                 {90, "90" NBSP "s"},
                 {1800, "30" NBSP "min"},
                 {3600, "1" NBSP "h"},
                 {3599, "1" NBSP "h"},
                 {10200, "2" NBSP "h" NBSP "50"},
                 {864000, "10" NBSP "jours"}};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        assert_string_equal(dcl_say_duration(&fr, spans[i].s * DCL_SECOND_US), spans[i].want);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- pages of many homes */

static float busy(size_t i) {
    return (float)(60 + (i * 2654435761u >> 7) % 3000);
}

static float sparse(size_t i) {
    return i % 97 < 40 ? NAN : busy(i);
}

typedef struct page_case {
    const char *name;
    int64_t start_us, period_s;
    size_t n;
    float (*rule)(size_t);
} page_case;

static const page_case page_cases[] = {
    {"15 months of half hours", MARCH_2024_US, 1800, 456 * 48, busy},
    {"four years of hours", DEC_2006_US, 3600, 1460 * 24, busy},
    {"twelve years of hours", DEC_2006_US, 3600, 4380 * 24, busy},
    {"a month of minutes with gaps", MONDAY_US, 60, 30 * 1440, sparse},
    {"a week of seconds", MONDAY_US, 1, 7 * 86400, busy},
    {"two days of half hours", DAY_OF_23_HOURS_US, 1800, 94, busy},
    {"one day of seconds", DAY_OF_25_HOURS_US, 1, 90000, busy},
    {"ten minutes", MONDAY_US, 1, 600, busy},
    {"one second", MONDAY_US, 1, 1, busy},
    {"a span of gaps", MONDAY_US, 86400, 120, sparse},
};

static const char *page_of(const page_case *c, dcl_lang lang, int threads, dcl_arena *arena, size_t *n) {
    dcl_context context = context_of(threads);
    dcl_error error;
    dcl_report report;
    dcl_cycles cycles;
    dcl_uses uses;
    const dcl_cycle_options how = dcl_cycle_defaults();
    const dcl_use_options use_how = dcl_use_defaults();
    const char *html = NULL;
    dcl_home home = home_of(arena, c->start_us, c->period_s * DCL_SECOND_US, c->n, c->rule);
    home.notes = (1u << DCL_NOTE_COUNT) - 1;
    for (int i = 0; i < DCL_EXCLUSION_COUNT; i++) home.excluded[i].count = 12345;
    add_channel(&home, DCL_APPARENT_VA);
    dcl_report_options options = options_of();
    assert_int_equal(dcl_cycles_find(&context, &home, &how, NULL, arena, &cycles, &error), DCL_OK);
    options.cycles = &cycles;
    if (c->period_s <= 3600) {
        assert_int_equal(dcl_uses_find(&context, &home, &cycles, &use_how, arena, &uses, &error), DCL_OK);
        options.uses = &uses;
    }
    assert_int_equal(dcl_report_make(&context, &home, &options, arena, &report, &error), DCL_OK);
    assert_int_equal(dcl_report_html(&context, &report, lang, arena, &html, n, &error), DCL_OK);
    return html;
}

static void pages_are_whole_small_and_ask_for_nothing(void **state) {
    (void)state;
    static const char *const forbidden[] = {
        "<script ", "http:", "https:", "url(", "src=", "@import",       "{0}",
        "{1}",      "{2}",   "nan",    "inf%", "-nan", "09876543210987"};
    for (size_t i = 0; i < sizeof page_cases / sizeof *page_cases; i++) {
        for (int lang = 0; lang < 2; lang++) {
            dcl_arena arena = {0};
            size_t n;
            const char *html = page_of(&page_cases[i], (dcl_lang)lang, 1, &arena, &n);
            const char *script =
                strstr(html, "<script>"); /* one, at the end; its hash is tests/check_pages.py's */
            assert_non_null(script);
            assert_null(strstr(script + 1, "<script"));
            assert_non_null(strstr(html, "script-src 'sha256-"));
            if (n >= 500 * 1000) fail_msg("%s: %zu bytes", page_cases[i].name, n);
            assert_int_equal(strlen(html), n);
            assert_non_null(strstr(html, lang == DCL_LANG_EN ? "<html lang=\"en\">" : "<html lang=\"fr\">"));
            assert_string_equal(html + n - 8, "</html>\n");
            for (size_t k = 0; k < sizeof forbidden / sizeof *forbidden; k++)
                if (strstr(html, forbidden[k]))
                    fail_msg("%s: the page holds %s", page_cases[i].name, forbidden[k]);
            dcl_arena_free(&arena);
        }
    }
}

/* Counts non-overlapping occurrences. */
static size_t count(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) n++;
    return n;
}

static void elements_are_closed_and_pictures_have_words(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"<section", "</section>"}, {"<div", "</div>"}, {"<table", "</table>"},
        {"<tr", "</tr>"},           {"<svg", "</svg>"}, {"<figure", "</figure>"},
        {"<details", "</details>"}, {"<p>", NULL},      {"<span", "</span>"}};
    for (size_t i = 0; i < sizeof page_cases / sizeof *page_cases; i++) {
        dcl_arena arena = {0};
        size_t n;
        const char *html = strstr(page_of(&page_cases[i], DCL_LANG_FR, 1, &arena, &n), "<body>");
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
            if (pairs[k][1] && count(html, pairs[k][0]) != count(html, pairs[k][1]))
                fail_msg("%s: %zu %s", page_cases[i].name, count(html, pairs[k][0]), pairs[k][0]);
        assert_int_equal(count(html, "<svg"), count(html, "role=\"img\" aria-labelledby") +
                                                  count(html, "preserveAspectRatio=\"none\" aria-hidden"));
        assert_int_equal(count(html, "<h1"), 1);
        dcl_arena_free(&arena);
    }
}

static void the_same_input_gives_the_same_page(void **state) {
    (void)state;
    dcl_arena arena = {0};
    size_t n, m;
    const char *one = page_of(&page_cases[3], DCL_LANG_FR, 1, &arena, &n);
    const char *two = page_of(&page_cases[3], DCL_LANG_FR, 4, &arena, &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- uses */

/* Half hours of 100 W with 2 kW from 22:30 to 00:30. */
static float nightly(size_t i) {
    size_t slot = i % 48;
    return slot >= 45 || slot == 0 ? 2100 : 100;
}

static void the_page_shows_each_use_its_range_and_the_rest(void **state) {
    (void)state;
    static const page_case heater = {"half hours with a water heater", MONDAY_US, 1800, 20 * 48, nightly};
    static const char *const said[] = {"What it went to",
                                       "water heater",
                                       "from about 22:30",
                                       "not identified",
                                       "cannot show which machine ran",
                                       "water heater (" /* the cycle's name on the load curve */,
                                       "not visible here: what homes take on average"};
    dcl_arena arena = {0};
    size_t n;
    const char *html = page_of(&heater, DCL_LANG_EN, 1, &arena, &n);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strstr(html, said[i])) fail_msg("the page does not say \"%s\"", said[i]);
    assert_null(strstr(html, "Something of")); /* the night load is the water heater and is said once */
    dcl_arena_free(&arena);
}

static void json_has_what_is_known_of_each_use(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_context context = context_of(1);
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US / 2, 20 * 48, nightly);
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_uses uses;
    const dcl_use_options how = dcl_use_defaults();
    const char *json;
    size_t n;
    dcl_error error;
    dcl_json *document = NULL;
    assert_int_equal(dcl_uses_find(&context, &home, NULL, &how, &arena, &uses, &error), DCL_OK);
    options.uses = &uses;
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    assert_int_equal(dcl_report_json(&report, &arena, &json, &n, &error), DCL_OK);
    assert_int_equal(dcl_json_parse(json, n, &document, &error), DCL_OK);
    const dcl_json *list = dcl_json_get(document, "uses"), *unknown = dcl_json_get(document, "uses_unknown");
    assert_int_equal(dcl_json_length(list) + dcl_json_length(unknown), DCL_USE_COUNT);
    double sum = 0;
    for (size_t i = 0; i < dcl_json_length(list); i++) {
        double low, kwh, high;
        const dcl_json *use = dcl_json_at(list, i);
        assert_true(dcl_json_real(dcl_json_get(use, "kwh"), &kwh));
        assert_true(dcl_json_real(dcl_json_get(use, "kwh_low"), &low));
        assert_true(dcl_json_real(dcl_json_get(use, "kwh_high"), &high));
        assert_true(low <= kwh && kwh <= high);
        sum += kwh;
    }
    assert_true(fabs(sum - report.energy_kwh) < 0.01);
    const dcl_json *last = dcl_json_at(list, dcl_json_length(list) - 1);
    assert_string_equal(dcl_json_text(dcl_json_get(last, "name")), "not_identified");
    assert_string_equal(dcl_json_text(dcl_json_get(dcl_json_at(unknown, 0), "name")), "heating");
    assert_string_equal(dcl_json_text(dcl_json_get(dcl_json_at(unknown, 0), "why")), "no_seasons");
    dcl_json_close(&document);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- the numbers as JSON */

static void json_has_the_keys_that_programs_rely_on(void **state) {
    (void)state;
    static const char *const keys[] = {"span",    "energy_kwh",   "months",      "always_on_w",
                                       "tariffs", "uses",         "advice",      "typical_day",
                                       "peaks",   "telling_days", "assumptions", "notes",
                                       "limits",  "excluded",     "night_load"};
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US, 48, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    const char *json;
    size_t n;
    dcl_error error;
    dcl_json *document = NULL;
    assert_int_equal(dcl_report_json(&report, &arena, &json, &n, &error), DCL_OK);
    assert_int_equal(dcl_json_parse(json, n, &document, &error), DCL_OK);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!dcl_json_get(document, keys[i])) fail_msg("no key %s", keys[i]);
    double value;
    assert_true(dcl_json_real(dcl_json_get(document, "energy_kwh"), &value));
    assert_true(value == 48);
    const dcl_json *base = dcl_json_at(dcl_json_get(document, "tariffs"), 0);
    assert_string_equal(dcl_json_text(dcl_json_get(base, "name")), "base");
    assert_false(dcl_json_real(dcl_json_get(base, "eur_per_year"), &value));
    const dcl_json *month = dcl_json_at(dcl_json_get(document, "months"), 0);
    assert_string_equal(dcl_json_text(dcl_json_get(month, "month")), "2025-01");
    assert_string_equal(dcl_json_text(dcl_json_get(dcl_json_get(document, "span"), "from")),
                        "2025-01-12T23:00:00Z");
    double sum = 0, share;
    const dcl_json *uses = dcl_json_get(document, "uses");
    for (size_t i = 0; i < dcl_json_length(uses); i++) {
        assert_true(dcl_json_real(dcl_json_get(dcl_json_at(uses, i), "share"), &share));
        sum += share;
    }
    assert_true(fabs(sum - 1) < 0.001);
    dcl_json_close(&document);
    dcl_arena_free(&arena);
}

static void writing_into_a_full_arena_is_an_error(void **state) {
    (void)state;
    dcl_arena arena = {0}, small = {.limit = 4096};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_context context = context_of(1);
    dcl_home home = home_of(&arena, MONDAY_US, DCL_HOUR_US, 240, constant);
    assert_int_equal(make(&home, &options, &arena, &report), DCL_OK);
    const char *text = NULL;
    size_t n;
    dcl_error error;
    assert_int_equal(dcl_report_html(&context, &report, DCL_LANG_FR, &small, &text, &n, &error),
                     DCL_E_MEMORY);
    assert_int_equal(dcl_report_json(&report, &small, &text, &n, &error), DCL_E_MEMORY);
    assert_int_equal(dcl_report_html(&context, &report, (dcl_lang)7, &arena, &text, &n, &error), DCL_E_ARG);
    assert_null(text);
    dcl_arena_free(&arena);
    dcl_arena_free(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_say_the_same_things),
        cmocka_unit_test(french_marks_keep_their_no_break_spaces),
        cmocka_unit_test(numbers_are_written_as_the_language_writes_them),
        cmocka_unit_test(times_are_written_as_the_language_writes_them),
        cmocka_unit_test(pages_are_whole_small_and_ask_for_nothing),
        cmocka_unit_test(elements_are_closed_and_pictures_have_words),
        cmocka_unit_test(the_same_input_gives_the_same_page),
        cmocka_unit_test(the_page_shows_each_use_its_range_and_the_rest),
        cmocka_unit_test(json_has_what_is_known_of_each_use),
        cmocka_unit_test(json_has_the_keys_that_programs_rely_on),
        cmocka_unit_test(writing_into_a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
