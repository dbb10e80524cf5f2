/* From readings to a grid: lengths that a file does not say, holds, half-covered slots, overlaps, energy. */
#include "series_case.h"

enum { READINGS = 12 };
#define S DCL_SPAN_SAMPLE
#define E DCL_SPAN_ENDS
#define B DCL_SPAN_STARTS
#define M 60000U /* ms */

/* Times in seconds after 2025-01-01, UTC; want as describe_home() says it. */
typedef struct grid_case {
    const char *fact;
    struct {
        double at_s;
        uint32_t span_ms;
        double value;
    } reading[READINGS];
    size_t n;
    int period_s, max_gap_s;
    const char *want;
} grid_case;

static const grid_case grids[] = {
    {"a_sample_holds_until_the_next_and_a_slot_is_their_mean_by_time",
     {{0, S, 100}, {30, S, 200}, {60, S, 300}, {90, S, 300}},
     4,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 150 300\nnotes: irregular\n"},
    {"a_sample_holds_no_longer_than_the_gap_allows",
     {{0, S, 100}, {60, S, 200}, {300, S, 300}},
     3,
     60,
     90,
     "power_w 2025-01-01T00:00:00Z/60: 100 200 200 - - 300\nnotes: irregular\n"},
    {"a_slot_covered_by_half_has_a_value_and_by_less_has_none",
     {{0, S, 100}, {120, S, 200}, {300, S, 300}},
     3,
     60,
     29,
     "power_w 2025-01-01T00:00:00Z/60: - - - - - -\nnotes: irregular\n"},
    {"a_slot_covered_by_exactly_half_has_a_value",
     {{0, S, 100}, {120, S, 200}, {300, S, 300}},
     3,
     60,
     30,
     "power_w 2025-01-01T00:00:00Z/60: 100 - 200 - - 300\nnotes: irregular\n"},
    {"a_missing_mark_ends_the_hold",
     {{0, S, 100}, {60, S, NAN}, {180, S, 300}, {240, S, 400}},
     4,
     60,
     600,
     "power_w 2025-01-01T00:00:00Z/60: 100 - - 300 400\nleft out: missing 1\n"},
    {"a_sample_left_out_ends_the_hold_too",
     {{0, S, 100}, {60, S, -1}, {180, S, 300}, {240, S, 400}},
     4,
     60,
     600,
     "power_w 2025-01-01T00:00:00Z/60: 100 - - 300 400\nleft out: negative 1\n"},
    {"the_last_sample_stands_for_one_usual_distance",
     {{0, S, 100}, {60, S, 200}, {120, S, 300}},
     3,
     30,
     0,
     "power_w 2025-01-01T00:00:00Z/30: 100 100 200 200 300 300\nnotes: irregular\n"},
    {"the_usual_hold_is_five_distances_and_a_minute_at_least",
     {{0, S, 1}, {1, S, 2}, {2, S, 3}, {100, S, 4}},
     4,
     20,
     0,
     "power_w 2025-01-01T00:00:00Z/20: 2.85 3 3 - - -\nnotes: irregular\n"},
    {"samples_of_one_moment_that_differ_are_none",
     {{0, S, 1}, {60, S, 2}, {60, S, 3}, {120, S, 4}},
     4,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 - 4\nleft out: contradiction 2 at 2025-01-01T00:01:00Z\n"},
    {"an_interval_across_slots_keeps_its_energy",
     {{30, 2 * M, 100}, {150, M, 400}},
     2,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 100 100 250 400\nnotes: mixed_steps\n"},
    {"shorter_intervals_win_over_a_longer_one_that_begins_before",
     {{0, 10 * M, 100}, {60, M, 1}, {120, M, 2}},
     3,
     60,
     0,
     "power_w 2025-01-01T00:01:00Z/60: 1 2\nleft out: coarser 1 at 2025-01-01T00:00:00Z\n"},
    {"a_longer_interval_inside_shorter_ones_is_left_out",
     {{0, M, 1}, {30, 2 * M, 100}, {60, M, 2}},
     3,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2\nleft out: coarser 1 at 2025-01-01T00:00:30Z\n"},
    {"equal_intervals_that_overlap_contradict_each_other",
     {{0, M, 1}, {30, M, 9}, {60, M, 2}},
     3,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2\nleft out: contradiction 1 at 2025-01-01T00:00:30Z\n"},
    {"one_row_without_a_length_leaves_the_others_where_they_are",
     {{0, M, 1}, {60, M, 2}, {180, E, 3}, {180, M, 4}},
     4,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2 3 4\n"},
    {"ends_after_a_hole_are_as_long_as_those_around",
     {{60, E, 1}, {120, E, 2}, {360, E, 3}, {420, E, 4}},
     4,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2 - - - 3 4\n"},
    {"repeated_ends_are_no_steps_of_length_zero",
     {{60, E, 1}, {60, E, 1}, {120, E, 2}, {180, E, 3}},
     4,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2 3\nleft out: duplicate 1 at 2025-01-01T00:01:00Z\n"},
    {"a_single_end_is_half_an_hour", {{3600, E, 5}}, 1, 0, 0, "power_w 2025-01-01T00:30:00Z/1800: 5\n"},
    {"steady_starts_are_intervals_and_a_hole_stays_a_hole",
     {{0, B, 1},
      {60, B, 2},
      {120, B, 3},
      {180, B, 4},
      {240, B, 5},
      {300, B, 6},
      {360, B, 7},
      {420, B, 8},
      {480, B, 9},
      {540, B, 10},
      {600, B, 11},
      {660, B, 12}},
     12,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: 1 2 3 4 5 6 7 8 9 10 11 12\n"},
    {"a_slot_that_begins_before_the_hour_is_floored_to_the_grid",
     {{45, 30000, 8}, {75, M, 4}},
     2,
     60,
     0,
     "power_w 2025-01-01T00:00:00Z/60: - 5 -\n"},
};

#undef S
#undef E
#undef B

static dcl_home home;
static dcl_arena arena;
static dcl_error error;

static dcl_status collect_case(const grid_case *c) {
    dcl_context context = case_context();
    dcl_read_options options = dcl_read_defaults();
    options.period_us = c->period_s * DCL_SECOND_US;
    options.max_gap_us = c->max_gap_s * DCL_SECOND_US;
    dcl_collect collect;
    size_t track;
    dcl_collect_begin(&collect, &context, &options);
    dcl_status status = dcl_collect_track(&collect, "", DCL_POWER_W, &track, &error);
    for (size_t i = 0; !status && i < c->n; i++)
        status = dcl_collect_add(&collect, track,
                                 (INT64_C(1735689600) * 1000000) + (int64_t)(c->reading[i].at_s * 1e6),
                                 c->reading[i].span_ms, c->reading[i].value, &error);
    if (!status) status = dcl_collect_finish(&collect, &arena, &home, &error);
    dcl_collect_end(&collect);
    return status;
}

static void check_grid(void **state) {
    const grid_case *c = *state;
    dcl_text said = {0};
    assert_int_equal(collect_case(c), DCL_OK);
    describe_home(&said, &home);
    assert_string_equal(said.at, c->want);
    dcl_text_free(&said);
    dcl_arena_free(&arena);
}

/* A counter of 64 bits: the same readings everywhere (Marsaglia's xorshift, 2003). */
static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Whatever the samples, hold x value is the energy of the slots, but for slots that are less than half
 * covered. */
static void energy_of_the_holds_is_the_energy_of_the_slots(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
        dcl_context context = case_context();
        dcl_read_options options = dcl_read_defaults();
        options.max_gap_us = 30 * DCL_SECOND_US;
        options.period_us = 10 * DCL_SECOND_US;
        dcl_collect collect;
        size_t track;
        dcl_collect_begin(&collect, &context, &options);
        assert_int_equal(dcl_collect_track(&collect, "", DCL_POWER_W, &track, &error), DCL_OK);
        int64_t at_us = INT64_C(1735689600) * 1000000;
        double energy = 0, before = 0;
        for (int i = 0; i < 500; i++) {
            int64_t step_us = (int64_t)(1 + draw(&random) % 30000) * 1000; /* never beyond the gap */
            double value = (double)(float)(draw(&random) % 30000) / 10;
            if (i) energy += before * (double)step_us;
            if (i) at_us += step_us;
            before = (double)(float)value;
            assert_int_equal(dcl_collect_add(&collect, track, at_us, DCL_SPAN_SAMPLE, value, &error), DCL_OK);
        }
        assert_int_equal(dcl_collect_finish(&collect, &arena, &home, &error), DCL_OK);
        double sum = 0;
        for (size_t i = 0; i < home.series->n; i++)
            if (!isnan(home.series->value[i])) sum += (double)home.series->value[i] * 1e7;
        /* The last sample's usual distance and the two ends of the grid are all that may differ. */
        assert_true(fabs(sum - energy) <= 3 * 3000.0 * 1e7);
        assert_true(dcl_series_present(home.series) + 2 >= home.series->n);
        dcl_collect_end(&collect);
        dcl_arena_free(&arena);
    }
}

static void a_part_of_a_series_is_what_lies_whole_inside(void **state) {
    (void)state;
    float value[] = {1, 2, NAN, 4};
    dcl_series whole = {.start_us = 100, .period_us = 10, .n = 4, .value = value};
    static const struct {
        int64_t from, to;
        size_t first, n;
    } parts[] = {
        {0, 1000, 0, 4}, {100, 140, 0, 4}, {101, 140, 1, 3}, {110, 139, 1, 2}, {140, 150, 0, 0},
        {0, 100, 0, 0},  {120, 120, 0, 0}, {130, 110, 0, 0}, {105, 109, 0, 0}, {INT64_MIN, INT64_MAX, 0, 4}};
    for (size_t i = 0; i < COUNT(parts); i++) {
        dcl_series part = dcl_series_slice(&whole, parts[i].from, parts[i].to);
        assert_int_equal(part.n, parts[i].n);
        if (part.n) assert_ptr_equal(part.value, value + parts[i].first);
        if (part.n) assert_int_equal(part.start_us, 100 + 10 * (int64_t)parts[i].first);
    }
    assert_int_equal(dcl_series_present(&whole), 3);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    dcl_context context = case_context();
    for (int i = 0; i < 7; i++) {
        dcl_read_options options = dcl_read_defaults();
        if (i == 0) options.period_us = -1;
        if (i == 1) options.period_us = 7 * DCL_SECOND_US;
        if (i == 2) options.max_gap_us = -1;
        if (i == 3) options.from_us = options.to_us = 5;
        if (i == 4) options.max_power = 0;
        if (i == 5) options.max_power = NAN;
        if (i == 6) options.format = "excel";
        assert_int_equal(dcl_home_read(&context, "/dev/null", &options, &arena, &home, &error), DCL_E_ARG);
        assert_true(strlen(error.msg) > 10);
    }
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(energy_of_the_holds_is_the_energy_of_the_slots),
        cmocka_unit_test(a_part_of_a_series_is_what_lies_whole_inside),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    struct CMUnitTest tests[CASES_MAX];
    size_t n = 0;
    for (; n < COUNT(grids); n++)
        tests[n] = (struct CMUnitTest){grids[n].fact, check_grid, NULL, NULL, (void *)(uintptr_t)&grids[n]};
    for (size_t i = 0; i < COUNT(others); i++) tests[n++] = others[i];
    return _cmocka_run_group_tests("grid", tests, n, NULL, NULL);
}
