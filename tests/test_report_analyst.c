/* The analyst's pages: what is tallied of a backtest, and pages that say what they were given. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <declic/report_backtest.h>
#include <declic/report_card.h>

#include "report/analyst.h"

#define NOON_US (INT64_C(1736938800) * DCL_SECOND_US) /* 2025-01-15T12:00 in Paris */

static dcl_backtest_row row_at(int64_t start_us, float actual, float middle, float before) {
    dcl_backtest_row row = {.issued_us = start_us, .actual = actual};
    row.point.start_us = start_us;
    row.point.end_us = start_us + 30 * DCL_MINUTE_US;
    for (int q = 0; q < DCL_FORECAST_QUANTILES; q++) row.point.quantile[q] = middle + (float)(10 * (q - 4));
    row.baseline[DCL_FORECASTER_SEASONAL] = before;
    return row;
}

static dcl_zone *paris(void) {
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("Europe/Paris", &zone, NULL), DCL_OK);
    return zone;
}

static void a_tally_counts_errors_by_civil_half_hour(void **state) {
    dcl_zone *zone = paris();
    dcl_backtest_tally tally = dcl_backtest_tally_begin(zone, "a", DCL_HORIZON_DAY);
    const dcl_backtest_row rows[] = {row_at(NOON_US, 100, 120, 150),
                                     row_at(NOON_US + 30 * DCL_MINUTE_US, 100, 80, 100),
                                     row_at(NOON_US, NAN, 80, 100), row_at(NOON_US, 100, 100, NAN)};
    (void)state;
    dcl_backtest_tally_add(&tally, "a", rows, 2);
    dcl_backtest_tally_add(&tally, "b", rows + 2, 2);
    assert_int_equal(tally.known, 3); /* a truth that is not known tells nothing */
    assert_int_equal(tally.n[24], 1); /* no day before: not beside it */
    assert_int_equal(tally.error_mw[24], 20000);
    assert_int_equal(tally.seasonal_mw[24], 50000);
    assert_int_equal(tally.error_mw[25], 20000);
    assert_int_equal(tally.taken, 2); /* of the home that is drawn */
    /* 100 is at or below 120 + 10 (q - 4) from q = 2 on, below 80 + … from q = 6 on, 100 + … from q = 4 on. */
    const uint64_t below[DCL_FORECAST_QUANTILES] = {0, 0, 1, 1, 2, 2, 3, 3, 3};
    for (int q = 0; q < DCL_FORECAST_QUANTILES; q++) assert_int_equal(tally.below[q], below[q]);
    dcl_zone_close(&zone);
}

static void the_last_rows_of_the_example_are_kept(void **state) {
    dcl_zone *zone = paris();
    dcl_backtest_tally *tally = malloc(sizeof *tally);
    (void)state;
    assert_non_null(tally);
    *tally = dcl_backtest_tally_begin(zone, "a", DCL_HORIZON_DAY);
    for (int i = 0; i < DCL_BACKTEST_RECENT + 5; i++) {
        dcl_backtest_row row = row_at(NOON_US + i * 30 * DCL_MINUTE_US, (float)i, 0, 0);
        dcl_backtest_tally_add(tally, "a", &row, 1);
    }
    assert_int_equal(tally->taken, DCL_BACKTEST_RECENT + 5);
    assert_true(tally->recent[4].actual == (float)(DCL_BACKTEST_RECENT + 4));
    assert_true(tally->recent[5].actual == 5);
    free(tally);
    dcl_zone_close(&zone);
}

static void a_name_in_a_csv_is_quoted_where_it_must_be(void **state) {
    static const char *const cases[][2] = {
        {"plain", "plain"}, {"a,b", "\"a,b\""}, {"a \"b\"", "\"a \"\"b\"\"\""}, {"", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_text text = {0};
        dcl_csv_name(&text, cases[i][0]);
        assert_string_equal(text.at ? text.at : "", cases[i][1]);
        dcl_text_free(&text);
    }
}

static const char *card_page(const dcl_card_report *report, dcl_lang lang, dcl_arena *arena) {
    dcl_zone *zone = paris();
    const dcl_context context = {.zone = zone};
    const char *html = NULL;
    size_t n;
    dcl_status status = dcl_card_html(&context, report, lang, arena, &html, &n, &(dcl_error){0});
    dcl_zone_close(&zone);
    assert_int_equal(status, DCL_OK);
    assert_int_equal(strlen(html), n);
    return html;
}

static void a_card_is_told_beside_other_versions_and_its_words_stay_text(void **state) {
    const dcl_card_metric first[] = {{"mae_w", 200}}, second[] = {{"mae_w", 150}, {"coverage", 0.8}};
    const dcl_card_feature feature = {"lag<1>", "level"};
    dcl_shelf_version version[3] = {
        {.number = 1, .card = {.kind = "forecast", .metric = first, .n_metrics = 1}},
        {.number = 2, .status = DCL_E_FORMAT, .said = "cut"},
        {.number = 3,
         .card = {.kind = "forecast",
                  .why = "a <b> & c",
                  .metric = second,
                  .n_metrics = 2,
                  .feature = &feature,
                  .n_features = 1,
                  .parent = 1}}};
    const dcl_card_report report = {"forecast-cabin", version, 3, &version[2], 3};
    dcl_arena arena = {0};
    (void)state;
    const char *html = card_page(&report, DCL_LANG_EN, &arena);
    static const char *const said[] = {"a &lt;b&gt; &amp; c",
                                       "lag&lt;1&gt;",
                                       ">150<",
                                       ">200<",
                                       "damaged",
                                       "version 3 of 3",
                                       "it serves now",
                                       "download=\"versions.csv\""};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strstr(html, said[i])) fail_msg("not on the page: %s", said[i]);
    assert_null(strstr(html, "<b> & c"));
    dcl_arena_free(&arena);
}

static void a_page_into_a_full_arena_is_an_error(void **state) {
    dcl_zone *zone = paris();
    const dcl_context context = {.zone = zone};
    dcl_shelf_version version = {.number = 1, .card = {.kind = "forecast"}};
    const dcl_card_report report = {"m", &version, 1, &version, 1};
    dcl_arena arena = {.limit = 256};
    const char *html;
    size_t n;
    (void)state;
    assert_int_equal(dcl_card_html(&context, &report, DCL_LANG_FR, &arena, &html, &n, &(dcl_error){0}),
                     DCL_E_MEMORY);
    assert_int_equal(dcl_card_html(&context, &report, (dcl_lang)9, &arena, &html, &n, &(dcl_error){0}),
                     DCL_E_ARG);
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tally_counts_errors_by_civil_half_hour),
        cmocka_unit_test(the_last_rows_of_the_example_are_kept),
        cmocka_unit_test(a_name_in_a_csv_is_quoted_where_it_must_be),
        cmocka_unit_test(a_card_is_told_beside_other_versions_and_its_words_stay_text),
        cmocka_unit_test(a_page_into_a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
