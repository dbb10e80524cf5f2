/*
 * Rows of a CSV that come many at a time and rows that come alone say the same: each file here is read whole,
 * and in blocks so small that no two of its rows are ever at hand together.
 */
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

static dcl_status seven_bytes(void *arg, const char **block, size_t *n, dcl_error *error) {
    dcl_bytes *bytes = arg;
    (void)error;
    *block = bytes->at;
    *n = bytes->n < 7 ? bytes->n : 7;
    bytes->at += *n;
    bytes->n -= *n;
    return DCL_OK;
}

/* All that reading it says. */
static void read_file(const dcl_text *file, bool whole, const dcl_read_options *options, dcl_text *said) {
    dcl_context context = case_context();
    dcl_arena arena = {0};
    dcl_home home;
    dcl_error error = {.pos = {0, -1}};
    dcl_collect collect;
    dcl_bytes bytes = {file->at, file->n};
    dcl_input input;
    context.now_us += 180 * DCL_DAY_US; /* after the clock went back */
    dcl_collect_begin(&collect, &context, options);
    if (whole)
        dcl_input_begin_bytes(&input, "input", &bytes);
    else
        dcl_input_begin(&input, "input", seven_bytes, &bytes);
    dcl_status status = dcl_collect_read(&collect, &input, &error);
    if (!status) status = dcl_collect_finish(&collect, &arena, &home, &error);
    if (status)
        describe_error(said, &error);
    else
        describe_home(said, &home);
    dcl_input_end(&input);
    dcl_collect_end(&collect);
    dcl_arena_free(&arena);
}

static void compare(const dialect *d, const char *odd, const dcl_read_options *options) {
    dcl_text file = {0}, alone = {0}, together = {0};
    put_file(&file, d, odd);
    read_file(&file, false, options, &alone);
    read_file(&file, true, options, &together);
    if (strcmp(alone.at, together.at) != 0)
        fail_msg("%s, odd row \"%s\":\nalone    %s\ntogether %s", d->name, odd, alone.at, together.at);
    dcl_text_free(&file);
    dcl_text_free(&alone);
    dcl_text_free(&together);
}

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
