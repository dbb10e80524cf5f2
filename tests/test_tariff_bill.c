#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/civil.h"
#include "base/rng.h"
#include "base/zone.h"

#include <declic/tariff.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What every test of a bill needs. */
typedef struct bench {
    dcl_context context;
    dcl_zone *zone;
    dcl_tariff *tariff;
    dcl_arena arena;
} bench;

static int open_bench(void **state) {
    static bench b;
    b = (bench){.context = {.threads = 1}};
    if (dcl_zone_open("Europe/Paris", &b.zone, NULL) || dcl_tariff_open(NULL, &b.tariff, NULL)) return -1;
    b.context.zone = b.zone;
    *state = &b;
    return 0;
}

static int close_bench(void **state) {
    bench *b = *state;
    dcl_zone_close(&b->zone);
    dcl_tariff_close(&b->tariff);
    dcl_arena_free(&b->arena);
    return 0;
}

static int64_t moment(const char *text) {
    int64_t time_us = 0;
    bool has_offset;
    if (dcl_time_parse(text, strlen(text), &time_us, &has_offset)) fail_msg("not a time: %s", text);
    return time_us;
}

/* A moment that stands in civil time of Paris. */
static int64_t civil(const bench *b, const char *text) {
    int64_t as_utc = moment(text), out[2];
    dcl_civil fields = dcl_date_from_days(dcl_floor_div(as_utc, DCL_DAY_US));
    int64_t second = (as_utc % DCL_DAY_US) / DCL_SECOND_US;
    fields.hour = (int)(second / 3600);
    fields.minute = (int)(second / 60 % 60);
    assert_int_not_equal(dcl_zone_moment(b->zone, &fields, out), DCL_FOLD_NONE);
    return out[0];
}

/* A series of constant power between two moments of Paris. */
static dcl_series constant(bench *b, const char *from, const char *to, int64_t period_us, float power_w) {
    dcl_series out = {.channel = DCL_POWER_W, .start_us = civil(b, from), .period_us = period_us};
    out.n = (size_t)((civil(b, to) - out.start_us) / period_us);
    out.value = dcl_arena_alloc(&b->arena, out.n, sizeof *out.value);
    for (size_t i = 0; i < out.n; i++) out.value[i] = power_w;
    return out;
}

static dcl_bill bill_of(bench *b, const dcl_contract *contract, const dcl_series *power,
                        const dcl_bill_options *options) {
    dcl_bill out;
    dcl_error error = {0};
    if (dcl_bill_make(&b->context, b->tariff, contract, power, options, &b->arena, &out, &error))
        fail_msg("%s", error.msg);
    return out;
}

static dcl_contract contract_of(dcl_tariff_kind kind, int subscribed_kva) {
    return (dcl_contract){kind, subscribed_kva, dcl_hours_default()};
}

static void assert_near(double got, double want, double within, const char *what) {
    if (!(fabs(got - want) <= within)) fail_msg("%s: want %.9g got %.9g", what, want, got);
}

#define NEAR(got, want) assert_near(got, want, 1e-6, #got)

/* ---------------------------------------------------------------- the real home */

/* data/linky: mean W over the interval that ends at the stamp, 30 minutes or the 60 since the row before. */
static dcl_series read_linky(bench *b) {
    FILE *file = fopen(DCL_TEST_DATA "/linky/linky_halfhour_W_2024-01-25_2025-04-30.csv", "r");
    dcl_series out = {.channel = DCL_POWER_W, .period_us = 30 * DCL_MINUTE_US};
    if (!file) return out;
    out.start_us = moment("2024-01-24T23:00Z");
    out.n = 48 * 470;
    out.value = dcl_arena_alloc(&b->arena, out.n, sizeof *out.value);
    for (size_t i = 0; i < out.n; i++) out.value[i] = NAN;
    char line[128];
    assert_non_null(fgets(line, sizeof line, file));
    int64_t before = out.start_us;
    while (fgets(line, sizeof line, file)) {
        char *stamp = strchr(line, '"');
        assert_non_null(stamp);
        stamp[23] = '\0';
        int64_t end = moment(stamp + 1);
        size_t slot = (size_t)((end - out.start_us) / out.period_us);
        out.value[slot - 1] = strtof(line, NULL);
        if (end - before == DCL_HOUR_US) out.value[slot - 2] = out.value[slot - 1];
        before = end;
    }
    fclose(file);
    return out;
}

static void bills_of_the_linky_home_are_met_within_a_cent(void **state) {
    bench *b = *state;
    dcl_series power = read_linky(b);
    FILE *file = fopen(DCL_TEST_DATA "/linky/monthly_energy_cost_eur.csv", "r");
    if (!power.n || !file) {
        print_message("skipped: no ../shared/data\n");
        skip();
    }
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 6);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    char line[128];
    int checked = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        int year, month;
        double total, standing, energy;
        assert_int_equal(sscanf(line, "%d-%d,%lf,%lf,%lf", &year, &month, &total, &standing, &energy), 5);
        for (size_t i = 0; i < bill.n_months; i++) {
            const dcl_bill_part *part = &bill.months[i];
            if (part->year != year || part->month != month) continue;
            print_message("%d-%02d: %.3f kWh, energy %.4f € (bill %.2f), standing %.2f € (bill %.2f)\n", year,
                          month, part->energy_kwh, part->energy_cost_eur, energy, part->standing_cost_eur,
                          standing);
            assert_near(part->energy_cost_eur, energy, 0.01, "energy of the month");
            assert_near(part->standing_cost_eur, standing, 0.15, "standing charge of the month");
            assert_true(part->unpriced_kwh == 0);
            checked++;
        }
    }
    fclose(file);
    assert_int_equal(checked, 4);
    /* January 2024 had no Tempo at 6 kVA unpriced: the lists of 2023-08, 2024-02 and 2025-02 cover the span.
     */
    assert_int_equal(bill.n_lists, 3);
    assert_true(bill.total.unpriced_kwh == 0);
}

/* ---------------------------------------------------------------- days and windows */

static void days_of_23_and_25_hours_are_billed_by_the_clock(void **state) {
    bench *b = *state;
    static const struct {
        const char *from, *to;
        double hours, off_peak;
    } cases[] = {{"2025-03-29", "2025-03-30", 24, 8},
                 {"2025-03-30", "2025-03-31", 23, 7},
                 {"2025-10-25", "2025-10-26", 24, 8},
                 {"2025-10-26", "2025-10-27", 25, 9}};
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 9);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_series power = constant(b, cases[i].from, cases[i].to, DCL_HOUR_US, 1000);
        dcl_bill bill = bill_of(b, &contract, &power, NULL);
        NEAR(bill.total.energy_kwh, cases[i].hours);
        NEAR(bill.total.class_kwh[DCL_PRICE_HC], cases[i].off_peak);
        NEAR(bill.total.class_kwh[DCL_PRICE_HP], cases[i].hours - cases[i].off_peak);
        assert_true(bill.total.covered_us == (int64_t)cases[i].hours * DCL_HOUR_US);
        /* A day is a day of the standing charge, whatever its length. */
        NEAR(bill.total.standing_cost_eur, (i < 2 ? 216.12 : 237.72) / 12 / 31);
    }
}

static void a_window_inside_the_hour_shown_twice_counts_twice(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 9);
    assert_int_equal(dcl_hours_parse("02:15-02:45", &contract.hours, NULL), DCL_OK);
    dcl_series power = constant(b, "2025-10-26", "2025-10-27", DCL_HOUR_US, 1000);
    NEAR(bill_of(b, &contract, &power, NULL).total.class_kwh[DCL_PRICE_HC], 1.0);
    power = constant(b, "2025-03-30", "2025-03-31", DCL_HOUR_US, 1000);
    NEAR(bill_of(b, &contract, &power, NULL).total.class_kwh[DCL_PRICE_HC], 0.0);
}

static void hourly_slots_over_a_window_edge_are_split_by_time(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 6);
    assert_int_equal(dcl_hours_parse("22:20-06:00,12:30-14:10", &contract.hours, NULL), DCL_OK);
    dcl_series power = constant(b, "2025-05-01", "2025-05-03", DCL_HOUR_US, 600);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.class_kwh[DCL_PRICE_HC], 2 * 0.6 * (7 + 40 / 60.0 + 1 + 40 / 60.0));
    NEAR(bill.total.class_eur[DCL_PRICE_HC], bill.total.class_kwh[DCL_PRICE_HC] * 0.1696);
    NEAR(bill.total.class_eur[DCL_PRICE_HP], bill.total.class_kwh[DCL_PRICE_HP] * 0.2146);
}

static void one_slot_of_days_holds_all_its_windows(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 6);
    dcl_series power = constant(b, "2025-05-01", "2025-05-11", 10 * DCL_DAY_US, 600);
    assert_int_equal(power.n, 1);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.class_kwh[DCL_PRICE_HC], 0.6 * 80);
    NEAR(bill.total.energy_kwh, 0.6 * 240);
}

static void new_hours_begin_at_midnight_of_their_date(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 6);
    assert_int_equal(dcl_hours_parse("22:00-06:00;2025-11-15=23:00-05:00,12:00-14:00", &contract.hours, NULL),
                     DCL_OK);
    static const struct {
        const char *from, *to;
        bool off_peak;
    } cases[] = {
        {"2025-11-14T22:00", "2025-11-15T00:00", true},  {"2025-11-15T00:00", "2025-11-15T05:00", true},
        {"2025-11-15T05:00", "2025-11-15T12:00", false}, {"2025-11-15T12:00", "2025-11-15T14:00", true},
        {"2025-11-14T12:00", "2025-11-14T14:00", false}, {"2025-11-15T22:00", "2025-11-15T23:00", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_series power = constant(b, cases[i].from, cases[i].to, DCL_MINUTE_US, 500);
        dcl_bill bill = bill_of(b, &contract, &power, NULL);
        NEAR(bill.total.class_kwh[cases[i].off_peak ? DCL_PRICE_HC : DCL_PRICE_HP], bill.total.energy_kwh);
        assert_true(bill.total.energy_kwh > 0);
    }
    assert_int_equal(dcl_hours_parse("2025-11-15=23:00-07:00", &contract.hours, NULL), DCL_OK);
    dcl_series power = constant(b, "2025-11-14", "2025-11-16", DCL_HOUR_US, 1000);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.unpriced_by_kwh[DCL_UNPRICED_NO_HOURS], 24);
    NEAR(bill.total.unpriced_kwh, 24);
    NEAR(bill.total.class_kwh[DCL_PRICE_HC], 8);
}

/* ---------------------------------------------------------------- Tempo */

static void colour_days_run_from_six_to_six(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 9);
    /* 2026-03-27 is red, the 28th (a Saturday) blue: the night between belongs to the red day. */
    static const struct {
        const char *from, *to;
        dcl_price_class want;
    } cases[] = {{"2026-03-27T05:30", "2026-03-27T06:00", DCL_PRICE_RED_HC}, /* the 26th is red too */
                 {"2026-03-27T06:00", "2026-03-27T22:00", DCL_PRICE_RED_HP},
                 {"2026-03-27T22:00", "2026-03-28T06:00", DCL_PRICE_RED_HC},
                 {"2026-03-28T06:00", "2026-03-28T22:00", DCL_PRICE_BLUE_HP},
                 {"2026-03-28T22:00", "2026-03-29T06:00", DCL_PRICE_BLUE_HC},
                 {"2026-04-02T06:00", "2026-04-02T22:00", DCL_PRICE_WHITE_HP},
                 {"2026-04-02T22:00", "2026-04-03T06:00", DCL_PRICE_WHITE_HC}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_series power = constant(b, cases[i].from, cases[i].to, 30 * DCL_MINUTE_US, 1000);
        dcl_bill bill = bill_of(b, &contract, &power, NULL);
        NEAR(bill.total.class_kwh[cases[i].want], (double)power.n / 2);
        NEAR(bill.total.energy_kwh, (double)power.n / 2);
    }
}

static void a_moment_has_the_class_that_its_energy_is_billed_in(void **state) {
    bench *b = *state;
    static const struct {
        const char *from;
        int hours;
    } spans[] = {{"2025-01-12T22:00", 80}, {"2025-03-29T20:00", 40}, {"2025-10-25T20:00", 40}};
    for (int kind = 0; kind < DCL_TARIFF_KIND_COUNT; kind++) {
        dcl_contract contract = contract_of((dcl_tariff_kind)kind, 6);
        assert_int_equal(
            dcl_hours_parse("22:30-06:30;2025-01-14=23:30-05:30,12:00-14:00", &contract.hours, NULL), DCL_OK);
        for (size_t s = 0; s < COUNT(spans); s++)
            for (int i = 0; i < spans[s].hours * 2; i++) {
                float power_w = 1000;
                dcl_series half_hour = {.channel = DCL_POWER_W,
                                        .start_us = civil(b, spans[s].from) + i * 30 * DCL_MINUTE_US,
                                        .period_us = 30 * DCL_MINUTE_US,
                                        .n = 1,
                                        .value = &power_w};
                dcl_bill bill = bill_of(b, &contract, &half_hour, NULL);
                dcl_price_class at = dcl_price_class_at(b->zone, b->tariff, &contract, half_hour.start_us);
                assert_in_range(at, 0, DCL_PRICE_CLASS_COUNT - 1);
                NEAR(bill.total.class_kwh[at], 0.5);
            }
    }
    dcl_contract later = contract_of(DCL_TARIFF_HC, 6);
    assert_int_equal(dcl_hours_parse("2025-01-14=23:30-05:30", &later.hours, NULL), DCL_OK);
    assert_int_equal(dcl_price_class_at(b->zone, b->tariff, &later, civil(b, "2025-01-13T12:00")),
                     DCL_PRICE_CLASS_COUNT);
}

static void days_without_a_colour_are_unpriced_not_guessed(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 9);
    dcl_series power = constant(b, "2026-04-02", "2026-04-05", DCL_HOUR_US, 1000);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.unpriced_by_kwh[DCL_UNPRICED_NO_COLOUR], 18 + 24);
    NEAR(bill.total.energy_kwh, 72);
    NEAR(bill.total.standing_cost_eur, 232.56 / 12 / 30 * 3);
}

/* ---------------------------------------------------------------- months, lists, gaps */

static void months_are_civil_and_standing_charges_go_by_days(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_BASE, 6);
    dcl_series power = constant(b, "2025-01-16", "2025-03-01T12:00", 30 * DCL_MINUTE_US, 1000);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    assert_int_equal(bill.n_months, 3);
    static const double hours[] = {16 * 24, 28 * 24, 12}, price[] = {0.2516, 0.2016, 0.2016};
    static const double standing[] = {12.68 * 16 / 31, 13.72, 13.72 * 0.5 / 31};
    for (size_t i = 0; i < 3; i++) {
        const dcl_bill_part *part = &bill.months[i];
        assert_true(part->year == 2025 && part->month == (int)i + 1);
        NEAR(part->energy_kwh, hours[i]);
        NEAR(part->energy_cost_eur, hours[i] * price[i]);
        NEAR(part->standing_cost_eur, standing[i]);
        assert_true(part->covered_us == (int64_t)hours[i] * DCL_HOUR_US);
        assert_true(part->to_us - part->from_us == part->covered_us);
    }
    NEAR(bill.total.standing_cost_eur, standing[0] + standing[1] + standing[2]);
    assert_int_equal(bill.n_lists, 2);
    assert_int_equal(bill.lists[0].from_day, dcl_days_from_date(2024, 11, 1));
    assert_int_equal(bill.lists[1].from_day, dcl_days_from_date(2025, 2, 1));
}

static void missing_samples_are_not_covered_but_their_days_are_due(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_BASE, 6);
    dcl_series power = constant(b, "2025-02-01", "2025-03-01", DCL_HOUR_US, 1000);
    for (size_t i = 100; i < 300; i++) power.value[i] = NAN;
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.energy_kwh, 28 * 24 - 200);
    assert_true(bill.total.covered_us == (28 * 24 - 200) * DCL_HOUR_US);
    NEAR(bill.total.standing_cost_eur, 13.72);
}

static void energy_beyond_the_lists_is_unpriced(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_BASE, 9);
    dcl_series power = constant(b, "2024-01-30", "2024-02-02", DCL_HOUR_US, 1000);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.unpriced_by_kwh[DCL_UNPRICED_NO_PRICES], 48);
    NEAR(bill.total.class_kwh[DCL_PRICE_BASE], 24);
    NEAR(bill.total.standing_unknown_days, 2);
    NEAR(bill.months[0].standing_unknown_days, 2);
    power = constant(b, "2026-07-31", "2026-08-03", DCL_HOUR_US, 1000);
    NEAR(bill_of(b, &contract, &power, NULL).total.unpriced_kwh, 48);

    /* The same with the list of a day that the caller chose and answers for. */
    dcl_bill_options options = {true, dcl_days_from_date(2026, 2, 1)};
    bill = bill_of(b, &contract, &power, &options);
    NEAR(bill.total.unpriced_kwh, 0);
    NEAR(bill.total.energy_cost_eur, 72 * 0.1927);
    NEAR(bill.total.standing_unknown_days, 0);
    assert_int_equal(bill.n_lists, 1);
}

static void tempo_below_nine_kva_was_not_sold_before_2023(void **state) {
    bench *b = *state;
    dcl_series power = constant(b, "2022-03-01", "2022-03-02", DCL_HOUR_US, 1000);
    dcl_contract six = contract_of(DCL_TARIFF_TEMPO, 6), nine = contract_of(DCL_TARIFF_TEMPO, 9);
    NEAR(bill_of(b, &six, &power, NULL).total.unpriced_kwh, 24);
    NEAR(bill_of(b, &nine, &power, NULL).total.unpriced_kwh, 0);
}

static void exported_energy_stands_apart(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_BASE, 6);
    dcl_series power = constant(b, "2025-02-01", "2025-02-02", DCL_HOUR_US, 1000);
    for (size_t i = 10; i < 16; i++) power.value[i] = -500;
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    NEAR(bill.total.energy_kwh, 18);
    NEAR(bill.total.export_kwh, 3);
    NEAR(bill.total.energy_cost_eur, 18 * 0.2016);
    assert_true(bill.total.covered_us == DCL_DAY_US);
}

/* ---------------------------------------------------------------- exactness, speed, arguments */

/* A year of noise cut anywhere gives the sum of its pieces to the last integer: 1e-6 € a class, list and
 * month. */
static void parts_of_a_series_add_up_to_the_whole(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 9);
    dcl_series power = constant(b, "2024-12-01", "2025-03-01", 7 * DCL_MINUTE_US, 0);
    for (size_t i = 0; i < power.n; i++) power.value[i] = (float)(3000 * dcl_random_uniform(1, 2, i));
    dcl_bill whole = bill_of(b, &contract, &power, NULL);
    double kwh = 0;
    int64_t covered = 0;
    for (size_t i = 0; i < power.n;) {
        size_t n = 1 + dcl_random_below(1, 3, i, 900);
        if (n > power.n - i) n = power.n - i;
        dcl_series part = power;
        part.start_us += (int64_t)i * power.period_us;
        part.value += i;
        part.n = n;
        dcl_bill bill = bill_of(b, &contract, &part, NULL);
        kwh += bill.total.energy_kwh;
        covered += bill.total.covered_us;
        i += n;
    }
    assert_near(kwh, whole.total.energy_kwh, 1e-9, "kWh of the parts");
    assert_true(covered == whole.total.covered_us);
    double classes = 0, cost = 0;
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++)
        classes += whole.total.class_kwh[c], cost += whole.total.class_eur[c];
    NEAR(classes, whole.total.energy_kwh);
    NEAR(cost, whole.total.energy_cost_eur);
}

/* Each minute priced on its own from the rules, against the walk: the one independent check of all the edges.
 */
static void the_walk_agrees_with_pricing_minute_by_minute(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 9);
    dcl_series power = constant(b, "2025-01-20", "2025-11-05", DCL_MINUTE_US, 0);
    double class_wh[DCL_PRICE_CLASS_COUNT] = {0}, eur = 0;
    for (size_t i = 0; i < power.n; i++) {
        power.value[i] = (float)(dcl_random_below(4, 0, i, 3000));
        dcl_civil at = dcl_zone_civil(b->zone, power.start_us + (int64_t)i * DCL_MINUTE_US);
        int64_t day = dcl_days_from_date(at.year, at.month, at.day);
        int colour = (int)dcl_tariff_colour(b->tariff, at.hour < 6 ? day - 1 : day) - DCL_COLOUR_BLUE;
        bool off_peak = at.hour >= 22 || at.hour < 6;
        dcl_price_class c = (dcl_price_class)(DCL_PRICE_BLUE_HP + 2 * colour + off_peak);
        class_wh[c] += power.value[i] / 60.0;
        eur += power.value[i] / 60e3 *
               dcl_tariff_find(b->tariff, DCL_TARIFF_TEMPO, 9, day)->price_ueur_kwh[c] / 1e6;
    }
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) NEAR(bill.total.class_kwh[c], class_wh[c] / 1000);
    assert_near(bill.total.energy_cost_eur, eur, 1e-4, "€");
    assert_true(bill.total.class_kwh[DCL_PRICE_RED_HP] > 0);
}

static void a_year_of_seconds_is_billed_in_well_under_a_second(void **state) {
    bench *b = *state;
    dcl_contract contract = contract_of(DCL_TARIFF_TEMPO, 9);
    dcl_series power = constant(b, "2024-09-01", "2025-09-01", DCL_SECOND_US, 437.5f);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    dcl_bill bill = bill_of(b, &contract, &power, NULL);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    print_message("%zu samples in %.3f s\n", power.n, seconds);
    NEAR(bill.total.energy_kwh, 365 * 24 * 0.4375);
    assert_true(seconds < 5); /* a loaded machine under sanitizers; see the figure above */
}

static void arguments_out_of_range_are_refused(void **state) {
    bench *b = *state;
    float value[] = {1, 2, NAN, 4};
    dcl_series good = {.start_us = moment("2025-05-01"), .period_us = DCL_HOUR_US, .n = 4, .value = value};
    dcl_contract contract = contract_of(DCL_TARIFF_HC, 6), bad_power = contract, bad_kind = contract,
                 bad_hours = contract;
    bad_power.subscribed_kva = 7;
    bad_kind.kind = DCL_TARIFF_KIND_COUNT;
    bad_hours.hours.period[0].window[0].to_min = 2000;
    dcl_series no_period = good, far = good, early = good, slow = good, absurd = good;
    float beyond[] = {1, 1.1e6f};
    no_period.period_us = 0;
    far.n = SIZE_MAX;
    early.start_us = INT64_MIN;
    slow.period_us = 40 * DCL_DAY_US;
    absurd.value = beyond;
    absurd.n = 2;
    const struct {
        const dcl_contract *contract;
        const dcl_series *power;
    } cases[] = {{&bad_power, &good}, {&bad_kind, &good},  {&bad_hours, &good}, {&contract, &no_period},
                 {&contract, &far},   {&contract, &early}, {&contract, &slow},  {&contract, &absurd}};
    dcl_bill out;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_error error = {0};
        dcl_status status = dcl_bill_make(&b->context, b->tariff, cases[i].contract, cases[i].power, NULL,
                                          &b->arena, &out, &error);
        if (status != DCL_E_ARG || strlen(error.msg) < 10)
            fail_msg("case %zu: %d %s", i, (int)status, error.msg);
    }
    dcl_bill_options options = {true, dcl_days_from_date(1990, 1, 1)};
    assert_int_equal(dcl_bill_make(&b->context, b->tariff, &contract, &good, &options, &b->arena, &out, NULL),
                     DCL_E_ARG);
    dcl_arena tiny = {.limit = 64};
    assert_int_equal(dcl_bill_make(&b->context, b->tariff, &contract, &good, NULL, &tiny, &out, NULL),
                     DCL_E_MEMORY);
    dcl_arena_free(&tiny);
    int stop = 1;
    dcl_context stopped = b->context;
    stopped.cancel = &stop;
    assert_int_equal(dcl_bill_make(&stopped, b->tariff, &contract, &good, NULL, &b->arena, &out, NULL),
                     DCL_E_CANCELLED);
    good.n = 0;
    assert_int_equal(dcl_bill_make(&b->context, b->tariff, &contract, &good, NULL, &b->arena, &out, NULL),
                     DCL_OK);
    assert_int_equal(out.n_months, 0);
}

/* Clocks that go back over midnight show a day twice: no month may open twice. */
static void a_midnight_shown_twice_does_not_open_a_month_twice(void **state) {
    bench *b = *state;
    dcl_zone *zone = NULL;
    assert_int_equal(dcl_zone_open("America/Havana", &zone, NULL), DCL_OK); /* 2026-11-01 01:00 → 00:00 */
    dcl_context context = b->context;
    context.zone = zone;
    dcl_series power = {.start_us = moment("2026-10-31T04:00Z"), .period_us = DCL_HOUR_US, .n = 72};
    power.value = dcl_arena_alloc(&b->arena, power.n, sizeof *power.value);
    dcl_bill out;
    dcl_contract contract = contract_of(DCL_TARIFF_BASE, 6);
    assert_int_equal(dcl_bill_make(&context, b->tariff, &contract, &power, NULL, &b->arena, &out, NULL),
                     DCL_OK);
    assert_int_equal(out.n_months, 2);
    assert_true(out.months[0].to_us == out.months[1].from_us);
    assert_true(out.total.covered_us == 72 * DCL_HOUR_US);
    dcl_zone_close(&zone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bills_of_the_linky_home_are_met_within_a_cent),
        cmocka_unit_test(days_of_23_and_25_hours_are_billed_by_the_clock),
        cmocka_unit_test(a_window_inside_the_hour_shown_twice_counts_twice),
        cmocka_unit_test(hourly_slots_over_a_window_edge_are_split_by_time),
        cmocka_unit_test(one_slot_of_days_holds_all_its_windows),
        cmocka_unit_test(new_hours_begin_at_midnight_of_their_date),
        cmocka_unit_test(colour_days_run_from_six_to_six),
        cmocka_unit_test(a_moment_has_the_class_that_its_energy_is_billed_in),
        cmocka_unit_test(days_without_a_colour_are_unpriced_not_guessed),
        cmocka_unit_test(months_are_civil_and_standing_charges_go_by_days),
        cmocka_unit_test(missing_samples_are_not_covered_but_their_days_are_due),
        cmocka_unit_test(energy_beyond_the_lists_is_unpriced),
        cmocka_unit_test(tempo_below_nine_kva_was_not_sold_before_2023),
        cmocka_unit_test(exported_energy_stands_apart),
        cmocka_unit_test(parts_of_a_series_add_up_to_the_whole),
        cmocka_unit_test(the_walk_agrees_with_pricing_minute_by_minute),
        cmocka_unit_test(a_year_of_seconds_is_billed_in_well_under_a_second),
        cmocka_unit_test(arguments_out_of_range_are_refused),
        cmocka_unit_test(a_midnight_shown_twice_does_not_open_a_month_twice),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
