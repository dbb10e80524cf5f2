#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "report_home.h"

/* A compressor of 90 W every hour, on for `first` of it on the first day and `last` on the last; `wobble` minutes of chance. */
static dcl_cycles compressor(dcl_arena *arena, int days, double first, double last, double wobble) {
    size_t n = (size_t)days * 24;
    dcl_cycle *cycle = dcl_arena_alloc(arena, n, sizeof *cycle);
    dcl_recurrence *of = dcl_arena_alloc(arena, 1, sizeof *of);
    uint32_t dice = 3;
    for (size_t i = 0; i < n; i++) {
        dice = dice * 1664525u + 1013904223u;
        double share = first + (last - first) * (double)i / (double)n;
        double chance = wobble / 60 * ((double)(dice >> 8) / (1 << 24) - 0.5);
        int64_t start = MONDAY_US + (int64_t)i * DCL_HOUR_US;
        cycle[i] = (dcl_cycle){.start_us = start,
                               .end_us = start + (int64_t)((share + chance) * (double)DCL_HOUR_US),
                               .energy_wh = 30,
                               .mean_w = 90,
                               .confidence = 0.8f,
                               .appliance = DCL_APPLIANCE_COLD,
                               .group = 1};
    }
    of[0] =
        (dcl_recurrence){.count = (uint32_t)n, .mean_w = 90, .on_s = 1200, .period_s = 3600, .duty = 0.33f};
    return (dcl_cycles){.cycle = cycle, .n = n, .recurrence = of, .n_recurrence = 1, .recurring_minute = -1};
}

static float steady(size_t i) {
    return i % 3 ? 100 : 190;
}

static void make_report(dcl_arena *arena, int days, const dcl_report_options *options, dcl_report *out) {
    dcl_home home = home_of(arena, MONDAY_US, 20 * DCL_MINUTE_US, (size_t)days * 72, steady);
    assert_int_equal(make(&home, options, arena, out), DCL_OK);
}

static void a_compressor_that_works_ever_harder_is_told_with_its_range(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int days;
        double first, last, wobble;
        bool told;
    } cases[] = {{"harder", 60, 0.3, 0.42, 6, true},
                 {"less", 60, 0.42, 0.3, 6, true},
                 {"as ever", 60, 0.3, 0.3, 6, false},
                 {"by chance alone", 20, 0.3, 0.31, 30, false},
                 {"in too few days", 10, 0.3, 0.5, 2, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dcl_arena arena = {0};
        dcl_report report;
        dcl_report_options options = options_of();
        dcl_cycles cycles = compressor(&arena, cases[k].days, cases[k].first, cases[k].last, cases[k].wobble);
        cycles.recurrence[0].duty_per_day = (float)((cases[k].last - cases[k].first) / cases[k].days);
        options.cycles = &cycles;
        make_report(&arena, cases[k].days, &options, &report);
        if (report.n_changes != cases[k].told) print_message("%s\n", cases[k].what);
        assert_int_equal(report.n_changes, cases[k].told);
        if (cases[k].told) {
            const dcl_report_change *c = &report.change[0];
            double change = cases[k].last - cases[k].first;
            assert_int_equal(c->appliance, DCL_APPLIANCE_COLD);
            assert_true(c->low <= change && change <= c->high && c->high - c->low < 0.05);
            assert_true(c->first > 0.25 && c->first < 0.45 && c->days == cases[k].days);
        }
        dcl_arena_free(&arena);
    }
}

static void only_unknowns_that_a_person_could_name_are_shown(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_cycles cycles = compressor(&arena, 20, 0.3, 0.3, 0);
    dcl_recurrence of[5] = {{.count = 9, .mean_w = 90, .on_s = 900, .period_s = 3600},
                            {.count = 8, .mean_w = 60, .on_s = 3600, .period_s = NAN},
                            {.count = 30, .mean_w = 60, .on_s = 3600, .period_s = NAN},
                            {.count = 7, .mean_w = 1200, .on_s = 2400, .period_s = 7200},
                            {.count = 7, .mean_w = 1200, .on_s = 4, .period_s = NAN}};
    cycles.recurrence = of;
    cycles.n_recurrence = 5;
    const dcl_unknown unknown[5] = {{1, 0, -1, 5000, "a regular hum"},
                                    {2, 1, -1, 4000, "at any time"},
                                    {3, 2, 2, 3000, "evenings"},
                                    {4, 3, -1, 2000, "strong"},
                                    {5, 4, -1, 50, "too little"}};
    options.cycles = &cycles;
    options.unknown = unknown;
    options.n_unknown = 5;
    make_report(&arena, 20, &options, &report);
    assert_int_equal(report.n_unknown, 2);
    assert_int_equal(report.unknown[0].number, 3);
    assert_int_equal(report.unknown[1].number, 4);
    const char *html;
    size_t n;
    dcl_context context = context_of(1);
    static const char *const want[2][2] = {{"surtout le soir", "Des appareils qui reviennent"},
                                           {"mostly in the evening", "Loads that come again"}};
    for (int lang = 0; lang < 2; lang++) {
        assert_int_equal(
            dcl_report_html(&context, &report, lang ? DCL_LANG_EN : DCL_LANG_FR, &arena, &html, &n, NULL),
            DCL_OK);
        for (int k = 0; k < 2; k++) assert_non_null(strstr(html, want[lang][k]));
    }
    dcl_arena_free(&arena);
}

static void a_name_of_ones_own_stands_on_the_page_as_text(void **state) {
    (void)state;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = options_of();
    dcl_cycles cycles = compressor(&arena, 1, 0.3, 0.3, 0);
    const char *own[24] = {NULL};
    own[3] = "<pompe> d'été";
    cycles.cycle[3].energy_wh = 900;
    options.cycles = &cycles;
    options.own = own;
    make_report(&arena, 1, &options, &report);
    const char *html, *json;
    size_t n;
    dcl_context context = context_of(1);
    assert_int_equal(dcl_report_html(&context, &report, DCL_LANG_FR, &arena, &html, &n, NULL), DCL_OK);
    assert_non_null(strstr(html, "&lt;pompe&gt; d'été"));
    assert_null(strstr(html, "<pompe>"));
    assert_int_equal(dcl_report_json(&report, &arena, &json, &n, NULL), DCL_OK);
    assert_non_null(strstr(json, "\"appliance\": \"<pompe> d'été\""));
    dcl_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compressor_that_works_ever_harder_is_told_with_its_range),
        cmocka_unit_test(only_unknowns_that_a_person_could_name_are_shown),
        cmocka_unit_test(a_name_of_ones_own_stands_on_the_page_as_text),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
