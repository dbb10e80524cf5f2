/*
 * The reader of one format (DCL_FUZZ_FORMAT; "detect" leaves the choice to the bytes) on any bytes: an error with
 * words, or a home that keeps its promises; and the same home however the bytes are cut into blocks. Inputs of csv
 * that begin like a year go on from a file of plain rows longer than the bytes that detection has at hand, where rows are taken many at a
 * time by the widest kernel; cut into small blocks and without kernels they are read one by one.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/kernel.h>

#include "series/format.h"

/* abort(), not assert(): a release build must find the same faults. */
static void must(int holds) {
    if (!holds) abort();
}

typedef struct cut {
    const char *at;
    size_t n, block;
} cut;

static dcl_status next_block(void *arg, const char **block, size_t *n, dcl_error *error) {
    cut *from = arg;
    (void)error;
    *n = from->n < from->block ? from->n : from->block;
    *block = from->at;
    from->at += *n;
    from->n -= *n;
    return DCL_OK;
}

static const char *file_name(void) {
    if (strcmp(DCL_FUZZ_FORMAT, "eco") == 0) return "01/2012-10-28.csv";
    if (strcmp(DCL_FUZZ_FORMAT, "tracebase") == 0) return "Refrigerator/dev_98A08C_2011.12.05.csv";
    return strcmp(DCL_FUZZ_FORMAT, "ukdale") == 0 ? "house_1/channel_12.dat" : "input";
}

static dcl_status read_cut(const dcl_context *context, cut from, bool start, dcl_arena *arena,
                           dcl_home *home) {
    dcl_read_options options = dcl_read_defaults();
    options.format = strcmp(DCL_FUZZ_FORMAT, "detect") == 0 ? NULL : DCL_FUZZ_FORMAT;
    options.has_start = start;
    options.start_us = INT64_C(1735689600) * DCL_SECOND_US;
    dcl_error error = {.pos = {0, -1}};
    dcl_collect collect;
    dcl_input input;
    dcl_collect_begin(&collect, context, &options);
    dcl_input_begin(&input, file_name(), next_block, &from);
    dcl_status status = dcl_collect_read(&collect, &input, &error);
    if (!status) status = dcl_collect_finish(&collect, arena, home, &error);
    dcl_input_end(&input);
    dcl_collect_end(&collect);
    must(status == DCL_OK || (error.code == status && error.msg[0]));
    return status;
}

static bool is_power(dcl_channel channel) {
    return channel <= DCL_APPARENT_VA_L3 || channel == DCL_EXPORT_W;
}

static void check_series(const dcl_series *series) {
    must(series->n > 0 && series->period_us > 0 && series->start_us % series->period_us == 0);
    must((unsigned)series->channel < DCL_CHANNEL_COUNT);
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->value[i])) continue;
        must(isfinite(series->value[i]));
        must(!is_power(series->channel) || (series->value[i] >= 0 && series->value[i] <= 60000.5f));
    }
}

static void check_home(const dcl_home *home) {
    must(home->n_series + home->n_va_maxima > 0 && home->n_series <= DCL_CHANNEL_COUNT);
    for (size_t i = 0; i < home->n_series; i++) {
        check_series(&home->series[i]);
        must(i == 0 || home->series[i].channel > home->series[i - 1].channel);
    }
    for (size_t i = 0; i < home->n_truth; i++) check_series(&home->truth[i]);
    for (size_t i = 1; i < home->n_va_maxima; i++)
        must(home->va_maxima[i].time_us > home->va_maxima[i - 1].time_us);
}

static void check_same(const dcl_home *a, const dcl_home *b) {
    must(a->n_series == b->n_series && a->n_truth == b->n_truth && a->readings == b->readings);
    must(a->notes == b->notes);
    must(memcmp(a->excluded, b->excluded, sizeof a->excluded) == 0);
    for (size_t i = 0; i < a->n_series; i++) {
        must(a->series[i].n == b->series[i].n && a->series[i].start_us == b->series[i].start_us);
        must(memcmp(a->series[i].value, b->series[i].value, a->series[i].n * sizeof(float)) == 0);
    }
}

/* Rows of a second, from midnight to HEAD_ROWS seconds after it, and the input behind them; the caller's to free. */
static char *behind_rows(const uint8_t *bytes, size_t *n) {
    enum { HEAD_ROWS = 180, ROW_BYTES = 32 };
    char *out = malloc((HEAD_ROWS + 1) * ROW_BYTES + *n);
    must(out != NULL);
    size_t used = (size_t)sprintf(out, "time_utc,power_w,reactive_var\n");
    for (int i = 0; i < HEAD_ROWS; i++)
        used += (size_t)sprintf(out + used, "2025-01-01T00:%02d:%02dZ,100.5,-20\n", i / 60, i % 60);
    if (*n) memcpy(out + used, bytes, *n);
    *n += used;
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static dcl_zone *zone;
    static dcl_kernels kernels;
    if (!zone && (dcl_zone_open("Europe/Paris", &zone, NULL) || dcl_kernels_select(NULL, &kernels, NULL)))
        abort();
    dcl_context plain = {.threads = 1, .zone = zone, .now_us = INT64_C(1767225600) * DCL_SECOND_US};
    dcl_context fast = plain;
    dcl_arena first = {.limit = 1 << 22}, second = {.limit = 1 << 22};
    dcl_home a, b;
    bool start = n % 2, goes_on = strcmp(DCL_FUZZ_FORMAT, "csv") == 0 && n && bytes[0] == '2';
    char *text = goes_on ? behind_rows(bytes, &n) : NULL;
    const char *at = text ? text : (const char *)bytes;
    cut whole = {at, n, n ? n : 1}, parts = {at, n, 37};
    fast.kernels = &kernels;
    dcl_status status = read_cut(&fast, whole, start, &first, &a);
    must(status == read_cut(&plain, parts, start, &second, &b));
    if (!status) {
        check_home(&a);
        check_same(&a, &b);
    }
    dcl_arena_free(&first);
    dcl_arena_free(&second);
    free(text);
    return 0;
}
