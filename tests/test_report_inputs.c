#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_home.h"

/* Inputs that carry little, or something odd: the page says what it can and what it cannot, and never what it cannot know. */

enum { DAY = 48, MOST_SAID = 8 };

/* 2023-11-01, midnight in Paris: three months before the first list of Base. */
#define NOV_2023_US (INT64_C(1698793200) * DCL_SECOND_US)
/* 2026-02-01: Tempo's colours end with 2026-04-02. */
#define FEB_2026_US (INT64_C(1769900400) * DCL_SECOND_US)

static float daily(size_t i) {
    size_t slot = i % DAY;
    float base = slot >= 14 && slot < 18 ? 700 : slot >= 38 && slot < 44 ? 1200 : 250;
    return base + (float)((i * 2654435761u >> 9) % 300);
}

/* Months 3 to 7 of a year are missing. */
static float gaps_of_months(size_t i) {
    size_t day = i / DAY;
    return day >= 60 && day < 210 ? NAN : daily(i);
}

/* Nothing is drawn from 10 to 16 h: panels give more than that. */
static float by_panels(size_t i) {
    size_t slot = i % DAY;
    return slot >= 20 && slot < 32 ? 0 : daily(i);
}

static float sent_out(size_t i) {
    size_t slot = i % DAY;
    return slot >= 20 && slot < 32 ? 4000 : 0;
}

typedef struct input_case {
    const char *name;
    int64_t start_us, step_s;
    size_t n;
    float (*rule)(size_t), (*out)(size_t);
    dcl_tariff_kind tariff; /* COUNT = not given */
    const char *said[MOST_SAID], *unsaid[MOST_SAID];
} input_case;

static const input_case cases[] = {
    {"a week",
     MONDAY_US,
     1800,
     7 * DAY,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"What matters first", "There is no earlier month to compare with", "Advice takes 14 whole days",
      "that takes 21 whole days", "No yearly figure is given", "of readings say little about other weeks"},
     {"Bar: always on unknown", "by the month before"}},
    {"a day",
     MONDAY_US,
     1800,
     DAY,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"Advice takes at least 14 whole days of readings; here there are 1.", "that takes 21 whole days",
      "No yearly figure is given"},
     {"What matters first", "Month by month</h2><p>unknown"}},
    {"an hour",
     MONDAY_US,
     1800,
     2,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"too few for a cost to mean anything"},
     {"What matters first", "What was expected", "€"}},
    {"gaps of months",
     MARCH_2024_US,
     1800,
     365 * DAY,
     gaps_of_months,
     NULL,
     DCL_TARIFF_BASE,
     {"Readings cover 59% of that time; nothing is added for the rest", "No yearly figure is given",
      "A pale bar is a month", "Gaps are left out, not filled"},
     {"The yearly figure is that of the last 365 days"}},
    {"half hours alone",
     MARCH_2024_US,
     1800,
     365 * DAY,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"cannot show which machine ran", "Readings 30\xc2\xa0min apart cannot show this",
      "these readings have no apparent power (VA)", "The yearly figure is that of the last 365 days"},
     {"days over"}},
    {"panels that feed more than the home draws",
     MARCH_2024_US,
     1800,
     365 * DAY,
     by_panels,
     sent_out,
     DCL_TARIFF_BASE,
     {"Fed into the grid", "8,760\xc2\xa0kWh</b> went out", "nothing of it is taken off",
      "a bill that is negative cannot be told here", "What the home used of its own production"},
     {"\xe2\x88\x92€", "€-"}},
    {"no tariff given",
     MARCH_2024_US,
     1800,
     365 * DAY,
     daily,
     NULL,
     DCL_TARIFF_KIND_COUNT,
     {"Your tariff is not known", "What you really paid: your tariff was not given",
      "Needs your tariff option, which was not given"},
     {"class=\"mine\"", "instead of Base"}},
    {"prices known from a date on",
     NOV_2023_US,
     1800,
     240 * DAY,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"A cost is unknown where no price is known",
      "prices of the Base option are known from 1\xc2\xa0"
      "February 2024 to 28\xc2\xa0June 2024",
      "Price lists of all options are known from 1\xc2\xa0"
      "February 2024"},
     {"No price list of that time is known"}},
    {"colours known up to a date",
     FEB_2026_US,
     1800,
     80 * DAY,
     daily,
     NULL,
     DCL_TARIFF_TEMPO,
     {"prices of the Tempo option are known from 1\xc2\xa0"
      "February 2026 to 2\xc2\xa0"
      "April 2026",
      "colours of these days not known"},
     {"instead of Tempo"}},
    {"prices of another time",
     DEC_2006_US,
     3600,
     400 * 24,
     daily,
     NULL,
     DCL_TARIFF_BASE,
     {"No price list of that time is known", "No prices of that time are known: these are of",
      "What it cost at the time"},
     {"prices of the Base option are known from"}},
};

static const char *page_of(const input_case *c, dcl_lang lang, dcl_arena *arena) {
    dcl_context context = context_of(1);
    dcl_error error = {0};
    dcl_report report;
    dcl_cycles cycles;
    dcl_uses uses;
    const dcl_cycle_options how = dcl_cycle_defaults();
    const dcl_use_options use_how = dcl_use_defaults();
    const char *html = NULL;
    size_t n;
    dcl_home home = home_of(arena, c->start_us, c->step_s * DCL_SECOND_US, c->n, c->rule);
    if (c->out) {
        dcl_home out = home_of(arena, c->start_us, c->step_s * DCL_SECOND_US, c->n, c->out);
        home.series[1] = out.series[0];
        home.series[1].channel = DCL_EXPORT_W;
        home.n_series = 2;
    }
    dcl_report_options options = options_of();
    options.tariff = c->tariff;
    assert_int_equal(dcl_cycles_find(&context, &home, &how, NULL, arena, &cycles, &error), DCL_OK);
    assert_int_equal(dcl_uses_find(&context, &home, &cycles, &use_how, arena, &uses, &error), DCL_OK);
    options.cycles = &cycles;
    options.uses = &uses;
    assert_int_equal(dcl_report_make(&context, &home, &options, arena, &report, &error), DCL_OK);
    assert_int_equal(dcl_report_html(&context, &report, lang, arena, &html, &n, &error), DCL_OK);
    return strstr(html, "<body>");
}

static void the_page_says_what_it_can_and_what_it_cannot(void **state) {
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const input_case *c = &cases[i];
        dcl_arena arena = {0};
        const char *page = page_of(c, DCL_LANG_EN, &arena);
        for (size_t k = 0; k < MOST_SAID; k++) {
            bool missing = c->said[k] && !strstr(page, c->said[k]);
            bool wrong = c->unsaid[k] && strstr(page, c->unsaid[k]);
            if (missing) print_error("%s: the page does not say \"%s\"\n", c->name, c->said[k]);
            if (wrong) print_error("%s: the page says \"%s\"\n", c->name, c->unsaid[k]);
            failed += missing + wrong;
        }
        dcl_arena_free(&arena);
    }
    assert_int_equal(failed, 0);
}

/* In French the same sections stand, and nothing is left in English. */
static void french_pages_of_odd_inputs_are_whole(void **state) {
    (void)state;
    static const char *const english[] = {"unknown", " the ", "readings", "prices"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcl_arena arena = {0};
        const char *page = page_of(&cases[i], DCL_LANG_FR, &arena);
        for (size_t k = 0; k < sizeof english / sizeof *english; k++)
            if (strstr(page, english[k]))
                fail_msg("%s: the French page says \"%s\"", cases[i].name, english[k]);
        assert_null(strstr(page, "nan"));
        dcl_arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_what_it_can_and_what_it_cannot),
        cmocka_unit_test(french_pages_of_odd_inputs_are_whole),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
