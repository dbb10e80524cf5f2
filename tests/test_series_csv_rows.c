/*
 * Rows of a CSV that come many at a time and rows that come alone say the same: each file here is read whole or in large
 * blocks by every form of the kernels, and in blocks so small that no two of its rows are ever at hand together.
 */
#include <declic/kernel.h>

#include "base/rng.h"
#include "series_case.h"

/* The odd row stands behind the first 4 KB, which are always at hand together. */
enum { ROWS = 300, ODD_AT = 180 };

/* What stands before and behind the clock of a row, and how far apart rows are. */
typedef struct dialect {
    const char *name, *header, *date, *behind;
    int first_s, step_s;
    int alike; /* rows of one value instead */
} dialect;

static const dialect dialects[] = {
    {"utc", "time_utc,power_w,reactive_var", "2025-01-01T", "Z,", 0, 1, 0},
    {"utc_alike", "time_utc,power_w,reactive_var", "2025-01-01T", "Z,", 0, 1, 2000},
    {"utc_alike_past_midnight", "time_utc,power_w,reactive_var", "2025-01-01T", "Z,", 85000, 1, 2000},
    {"utc_minutes", "time_utc,power_w,reactive_var", "2025-01-01T", "Z,", 0, 60, 0},
    {"utc_without_z", "time_utc;power_w;reactive_var", "2025-01-01 ", ";", 0, 1, 0},
    {"french", "time_utc;power_w;reactive_var", "01/01/2025 ", ";", 0, 1, 0},
    {"french_clock_goes_forward", "time_utc;power_w;reactive_var", "30/03/2025 ", ";", 6900, 30, 0},
    {"french_clock_goes_back", "time_utc;power_w;reactive_var", "26/10/2025 ", ";", 6900, 30, 0},
    {"backwards", "time_utc,power_w,reactive_var", "2025-01-01T", "Z,", 7200, -1, 0},
    {"french_backwards", "time_utc;power_w;reactive_var", "01/01/2025 ", ";", 7200, -1, 0},
    {"a_column_that_is_not_read", "time_utc\tpower_w\tremark\treactive_var", "2025-01-01T", "Z\t", 0, 1, 0},
};

/* Where it stands among ordinary rows: as a whole row (%D date, %B what is behind the clock), or "" for none.
 */
static const char *const odd_rows[] = {
    "",
    "\n",
    "\r\n",
    "%D00:10:00%B1,2\n",
    "%D00:03:00%B;\n",
    "%D00:03:00%B\n",
    "x\n",
    "%D00:03:00%B1.5,-2.25,\n",
    "%D00:03:00%B12345678.25,1\n",
    "%D00:03:00%B12345678901234567890,1\n",
    "%D00:03:00%B59999.99999999999999999,1\n",
    "%D00:03:00%B.5,5.\n",
    "%D00:03:00%B.,1\n",
    "%D00:03:00%B-,1\n",
    "%D00:03:00%B-1,1\n",
    "%D00:03:00%B-0,-0\n",
    "%D00:03:00%B1e3,1\n",
    "%D00:03:00%B+3,1\n",
    "%D00:03:00%B 3 ,1\n",
    "%D00:03:00%B\"3\",\"4\"\n",
    "%D00:03:00%Bnan,?\n",
    "%D00:03:00%B70000,1\n",
    "%D00:03:00%B1,99999999999999999\n",
    "%D00:03:60%B1,1\n",
    "%D24:00:00%B1,1\n",
    "%D00:03:0%B1,1\n",
    "%D00:03:00.5%B1,1\n",
    "%D00:03:00%B1.2.3,1\n",
    "%D00:03:00%B0001,1\r\n",
    "%D00:03:00%B1,1\r\r\n",
    "%D00:03:00%B1 2,3\n",
    "%D00:03:00+01:00,1,2\n",
    "1985-01-01T00:03:00Z,1,2\n",
    "2055-01-01T00:03:00Z,1,2\n",
    "%D00:02:5:%B50.5,-7\n",
    "%D00:03:00%B50.5,x7\n",
    "01/01/2025 00:03:00;1;2\n",
    "1735689780,1,2\n",
    "%D00:03:00%B1234567,1234567\n",
    "%D00:03:00%B12345.67,123456.7\n",
    "%D00:03:00%B00:03:00,%D\n",
};

/* Puts an odd row in: its commas are the dialect's delimiters. */
static void put_odd(dcl_text *out, const dialect *d, const char *row) {
    char delimiter[2] = {d->behind[strlen(d->behind) - 1], '\0'};
    for (const char *c = row; *c; c++) {
        if (c[0] == '%' && c[1])
            dcl_text_put(out, *++c == 'D' ? d->date : d->behind);
        else
            dcl_text_put(out, *c == ',' ? delimiter : (char[]){*c, '\0'});
    }
}

static void put_file(dcl_text *out, const dialect *d, const char *odd) {
    char delimiter = d->behind[strlen(d->behind) - 1];
    bool has_remark = strstr(d->header, "remark");
    dcl_text_format(out, "%s\n", d->header);
    for (int i = 0; i < (d->alike ? d->alike : ROWS); i++) {
        int s = d->first_s + i * d->step_s;
        if (i == ODD_AT) put_odd(out, d, odd);
        dcl_text_format(out, "%s%02d:%02d:%02d%s%d.%d%c", d->date, s / 3600, s / 60 % 60, s % 60, d->behind,
                        d->alike ? 50 : i * i % 3000, d->alike ? 5 : i % 10, delimiter);
        if (has_remark) dcl_text_format(out, "%s%c", i % 7 ? "as usual" : "", delimiter);
        dcl_text_format(out, "%d%s", d->alike ? -7 : i % 50 - 25, d->alike || i % 3 ? "\n" : "\r\n");
    }
}

/* Bytes in memory, cut into blocks. */
typedef struct cut {
    const char *at;
    size_t n, block;
} cut;

static dcl_status next_block(void *arg, const char **block, size_t *n, dcl_error *error) {
    cut *bytes = arg;
    (void)error;
    *block = bytes->at;
    *n = bytes->n < bytes->block ? bytes->n : bytes->block;
    bytes->at += *n;
    bytes->n -= *n;
    return DCL_OK;
}

/* What reading gives: the series, and in words what else is said. */
typedef struct answer {
    dcl_arena arena;
    dcl_home home;
    dcl_text said;
} answer;

/* Reads the file by the kernels given; in blocks of seven bytes no row meets another. */
static answer read_file(const dcl_text *file, size_t block, const dcl_kernels *kernels,
                        const dcl_read_options *options) {
    answer out = {.arena = {0}};
    dcl_context context = case_context();
    dcl_error error = {.pos = {0, -1}};
    dcl_collect collect;
    cut bytes = {file->at, file->n, block};
    dcl_input input;
    context.kernels = kernels;
    context.now_us += 180 * DCL_DAY_US; /* after the clock went back */
    dcl_collect_begin(&collect, &context, options);
    dcl_input_begin(&input, "input", next_block, &bytes);
    input.expected = block > file->n ? 100 * file->n : 0; /* a hint that is wrong costs nothing */
    dcl_status status = dcl_collect_read(&collect, &input, &error);
    if (!status) status = dcl_collect_finish(&collect, &out.arena, &out.home, &error);
    dcl_text_put(&out.said, "");
    if (status) {
        out.home = (dcl_home){0};
        describe_error(&out.said, &error);
    } else {
        dcl_home rest = out.home;
        rest.n_series = 0;
        describe_home(&out.said, &rest);
    }
    dcl_input_end(&input);
    dcl_collect_end(&collect);
    return out;
}

static void answer_free(answer *a) {
    dcl_arena_free(&a->arena);
    dcl_text_free(&a->said);
}

/* The same bytes: fails with the first value that differs. */
static void same_series(const char *what, const dcl_series *want, const dcl_series *got) {
    if (want->channel != got->channel || want->start_us != got->start_us ||
        want->period_us != got->period_us || want->n != got->n)
        fail_msg("%s: %s has %zu slots of %lld us, want %zu of %lld", what, dcl_channel_name(want->channel),
                 got->n, (long long)got->period_us, want->n, (long long)want->period_us);
    for (size_t i = 0; i < want->n; i++)
        if (memcmp(&want->value[i], &got->value[i], sizeof *want->value) != 0)
            fail_msg("%s: %s[%zu] is %a, want %a", what, dcl_channel_name(want->channel), i,
                     (double)got->value[i], (double)want->value[i]);
}

/* The file read in blocks of that size by every form says what its rows say alone. */
static void compare_file(const char *what, const dcl_text *file, size_t block,
                         const dcl_read_options *options) {
    answer alone = read_file(file, 7, NULL, options);
    dcl_kernels kernels = {.rows_i32 = NULL}, before;
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        before = kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &kernels, NULL) != DCL_OK) continue;
        if (kernels.rows_i32 == before.rows_i32) continue; /* a wider one that has no form of its own */
        answer together = read_file(file, block, &kernels, options);
        if (strcmp(alone.said.at, together.said.at) != 0 || alone.home.n_series != together.home.n_series ||
            alone.home.readings != together.home.readings)
            fail_msg("%s, %s:\nalone    %s\ntogether %s", what, kernels.isa, alone.said.at, together.said.at);
        for (size_t i = 0; i < alone.home.n_series; i++)
            same_series(what, &alone.home.series[i], &together.home.series[i]);
        answer_free(&together);
    }
    answer_free(&alone);
}

static void compare(const dialect *d, const char *odd, const dcl_read_options *options) {
    dcl_text file = {0}, what = {0};
    put_file(&file, d, odd);
    dcl_text_format(&what, "%s, odd row \"%s\"", d->name, odd);
    compare_file(what.at, &file, file.n + 1, options);
    dcl_text_free(&what);
    dcl_text_free(&file);
}

/* ---------------------------------------------------------------- random files */

enum { RANDOM_FILES = 400, RANDOM_COLUMNS = 3 };

static uint32_t draw(dcl_rng *rng, uint32_t n) {
    return dcl_rng_below(rng, n);
}

/* How a file writes: where it begins and how it goes on, and its columns. */
typedef struct random_file {
    int64_t start_us, step_s;
    char delimiter;
    const char *end, *behind; /* of a row, of a stamp */
    bool french;
    size_t columns;
    int decimals[RANDOM_COLUMNS];
    int level[RANDOM_COLUMNS]; /* in units of the last decimal */
} random_file;

/* One that begins a little before an hour, a day, a month, a leap day, a year, a change of the clock. */
static random_file draw_file(dcl_rng *rng) {
    static const char *const starts[] = {
        "2024-02-28T23:57:30Z", "2024-02-29T23:58:00Z", "2023-02-28T22:30:00Z",
        "2024-12-31T23:59:00Z", "2025-03-30T00:50:00Z", "2024-10-27T00:10:00Z",
        "2025-01-01T00:00:00Z", "2024-06-30T09:59:50Z", "2024-06-30T19:55:55Z"};
    static const int64_t steps[] = {1, 1, 1, 2, 7, 10, 60, 61, 600, 1800, 3600, 86400};
    static const char *const ends[] = {"\n", "\n", "\r\n"}, *const behinds[] = {"Z", "Z", "", "+00:00"};
    random_file file = {.step_s = steps[draw(rng, COUNT(steps))], .columns = 1 + draw(rng, RANDOM_COLUMNS)};
    bool has_offset;
    const char *start = starts[draw(rng, COUNT(starts))];
    assert_int_equal(dcl_time_parse(start, strlen(start), &file.start_us, &has_offset), DCL_OK);
    file.delimiter = ",;\t"[draw(rng, 3)];
    file.end = ends[draw(rng, COUNT(ends))];
    file.behind = behinds[draw(rng, COUNT(behinds))];
    file.french = draw(rng, 4) == 0;
    for (size_t c = 0; c < RANDOM_COLUMNS; c++) {
        file.decimals[c] = (int)draw(rng, 5);
        file.level[c] = c && draw(rng, 3) == 0 ? 10000000 + (int)draw(rng, 89000000) : (int)draw(rng, 20000);
    }
    return file;
}

static void put_random_header(dcl_text *out, const random_file *file) {
    static const char *const names[RANDOM_COLUMNS] = {"power_w", "reactive_var", "voltage_v"};
    dcl_text_put(out, "time_utc");
    for (size_t c = 0; c < file->columns; c++) dcl_text_format(out, "%c%s", file->delimiter, names[c]);
    dcl_text_put(out, "\n");
}

static void put_random_stamp(dcl_text *out, const random_file *file, int64_t time_us) {
    char stamp[32];
    dcl_time_format(time_us, stamp);
    stamp[19] = '\0';
    if (file->french)
        dcl_text_format(out, "%.2s/%.2s/%.4s %s", stamp + 8, stamp + 5, stamp, stamp + 11);
    else
        dcl_text_format(out, "%s%s", stamp, file->behind);
}

/* A level with a little noise, seldom a new one; below zero at times where a channel may be. */
static void put_random_number(dcl_text *out, random_file *file, size_t c, dcl_rng *rng) {
    static const int powers[] = {1, 10, 100, 1000, 10000};
    if (draw(rng, 150) == 0) file->level[c] = (int)draw(rng, 300000) - (c ? 100000 : 0);
    int value = file->level[c] + (int)draw(rng, 3), one = powers[file->decimals[c]];
    unsigned size = value < 0 ? -(unsigned)value : (unsigned)value;
    dcl_text_format(out, "%s%u", value < 0 ? "-" : "", size / (unsigned)one);
    if (file->decimals[c]) dcl_text_format(out, ".%0*u", file->decimals[c], size % (unsigned)one);
}

/* Changes the row that begins at `from`: a byte for another, a byte less, a byte more. */
static void spoil_row(dcl_text *out, size_t from, dcl_rng *rng) {
    static const char bytes[] = "0123456789:.,;-+eE\"TZ \t\r\n/x";
    size_t at = from + draw(rng, (uint32_t)(out->n - from));
    switch (draw(rng, 3)) {
    case 0: out->at[at] = bytes[draw(rng, sizeof bytes - 1)]; break;
    case 1:
        memmove(out->at + at, out->at + at + 1, out->n - at); /* the NUL too */
        out->n--;
        break;
    default:
        dcl_text_put(out, "?");
        memmove(out->at + at + 1, out->at + at, out->n - 1 - at);
        out->at[at] = bytes[draw(rng, sizeof bytes - 1)];
    }
}

static void put_random_rows(dcl_text *out, random_file *file, size_t n, dcl_rng *rng) {
    uint32_t spoiled = draw(rng, 3) ? 20 + draw(rng, 400) : 1000000, gaps = draw(rng, 2) ? 60 : 1000000;
    int64_t time_us = file->start_us;
    for (size_t i = 0; i < n; i++, time_us += file->step_s * DCL_SECOND_US) {
        size_t from = out->n;
        put_random_stamp(out, file, time_us);
        for (size_t c = 0; c < file->columns; c++) {
            dcl_text_format(out, "%c", file->delimiter);
            put_random_number(out, file, c, rng);
        }
        if (i + 1 < n || draw(rng, 2)) dcl_text_put(out, file->end);
        if (draw(rng, spoiled) == 0) spoil_row(out, from, rng);
        if (draw(rng, gaps) == 0) time_us += (int64_t)draw(rng, 4) * file->step_s * DCL_SECOND_US;
    }
}

static void random_rows_together_say_what_they_say_alone(void **state) {
    (void)state;
    static const dcl_column scaled[] = {{.name = "power_w", .channel = DCL_POWER_W, .scale = 0.1}};
    for (uint32_t seed = 0; seed < RANDOM_FILES; seed++) {
        dcl_rng rng = {.seed = seed};
        random_file file = draw_file(&rng);
        dcl_text text = {0}, what = {0};
        dcl_read_options options = case_options((dcl_read_options){0});
        if (draw(&rng, 8) == 0) {
            options.columns = scaled;
            options.n_columns = 1;
            file.columns = 1;
        }
        options.stamps_are_ends = draw(&rng, 5) == 0;
        put_random_header(&text, &file);
        put_random_rows(&text, &file, 100 + draw(&rng, 900), &rng);
        size_t blocks[] = {text.n + 1, 100 + draw(&rng, 900), 4096, 1000 + draw(&rng, 20000)};
        dcl_text_format(&what, "seed %u", (unsigned)seed);
        compare_file(what.at, &text, blocks[draw(&rng, COUNT(blocks))], &options);
        dcl_text_free(&what);
        dcl_text_free(&text);
    }
}

/* ---------------------------------------------------------------- chosen files */

static void rows_together_say_what_they_say_alone(void **state) {
    (void)state;
    dcl_read_options options = case_options((dcl_read_options){0});
    for (size_t i = 0; i < COUNT(dialects); i++)
        for (size_t k = 0; k < COUNT(odd_rows); k++) compare(&dialects[i], odd_rows[k], &options);
}

static void options_hold_for_rows_together(void **state) {
    (void)state;
    static const dcl_column columns[] = {{.name = "power_w", .channel = DCL_POWER_W, .scale = 1000},
                                         {.name = "power_w", .channel = DCL_APPARENT_VA, .scale = 1}};
    static const dcl_column energy[] = {
        {.name = "power_w", .channel = DCL_POWER_W, .scale = 1, .is_energy = true}};
    static const dcl_column time_too[] = {{.name = "time_utc", .channel = DCL_VOLTAGE_V, .scale = 1},
                                          {.name = "power_w", .channel = DCL_POWER_W, .scale = 1}};
    const dcl_read_options given[] = {
        {.stamps_are_ends = true},
        {.strict = true},
        {.max_power = 500},
        {.period_us = 10 * DCL_SECOND_US},
        {.time_column = "time_utc", .columns = columns, .n_columns = 1},
        {.columns = columns, .n_columns = 2},
        {.columns = energy, .n_columns = 1},
        {.columns = time_too, .n_columns = 2},
        {.from_us = INT64_C(1735689650) * DCL_SECOND_US, .to_us = INT64_C(1735689750) * DCL_SECOND_US},
    };
    for (size_t i = 0; i < COUNT(given); i++) {
        dcl_read_options options = case_options(given[i]);
        for (size_t d = 0; d < COUNT(dialects); d++)
            for (size_t k = 0; k < COUNT(odd_rows); k += 4) compare(&dialects[d], odd_rows[k], &options);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_together_say_what_they_say_alone),
        cmocka_unit_test(options_hold_for_rows_together),
        cmocka_unit_test(random_rows_together_say_what_they_say_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
