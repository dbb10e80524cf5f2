/*
 * Rows written alike: every form of the kernel against the scalar one over random layouts, with a byte wrong here and there,
 * and facts with known answers. Text stands against a page that cannot be read.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "kernel_registry.h"

enum { SEEDS = 4000, ROWS_MOST = 70, ROOM = 8 * 4096, POISON = -77 };

static size_t below(uint64_t *random, size_t n) {
    return (size_t)(kernel_random(random) % n);
}

/* A field of 1 to 8 digits from `at` on, a mark somewhere among them; where it ends. */
static size_t put_field(dcl_row_form *form, size_t field, size_t at, uint64_t *random) {
    size_t digits = 1 + below(random, DCL_ROW_DIGITS), mark = below(random, 12);
    for (size_t i = 0; i < DCL_ROW_DIGITS; i++) form->place[field][i] = DCL_ROW_NO_PLACE;
    for (size_t i = 0; i < digits; i++) {
        if (i == mark) form->text[at++] = '.';
        form->place[field][DCL_ROW_DIGITS - digits + i] = (uint8_t)at;
        form->text[at] = '0';
        form->most[at++] = below(random, 4) ? 9 : (uint8_t)(1 + 4 * below(random, 2));
    }
    bool clock = digits == 6 && below(random, 2);
    static const int16_t pairs[2][4] = {{100, 1, 100, 1}, {0, 1, 60, 1}},
                         fours[2][2] = {{10000, 1}, {3600, 1}};
    memcpy(form->pair[field], pairs[clock], sizeof pairs[clock]);
    memcpy(form->four[field], fours[clock], sizeof fours[clock]);
    return at;
}

static dcl_row_form draw_form(uint64_t *random) {
    dcl_row_form form = {.n_fields = 0};
    size_t fields = 1 + below(random, below(random, 2) ? 4 : DCL_ROW_FIELDS), at = 0;
    for (; form.n_fields < fields && at + 40 < DCL_ROW_BYTES; form.n_fields++) {
        for (size_t n = below(random, 20); n; n--) form.text[at++] = (uint8_t)kernel_random(random);
        at = put_field(&form, form.n_fields, at, random);
    }
    form.text[at++] = '\n';
    form.length = at;
    memset(form.most + at, 0xff, sizeof form.most - at);
    return form;
}

static void put_rows(const dcl_row_form *form, size_t n, unsigned char *text, uint64_t *random) {
    for (size_t i = 0; i < n; i++, text += form->length) {
        for (size_t b = 0; b < form->length; b++) {
            text[b] = form->text[b];
            if (form->most[b]) text[b] = (unsigned char)(text[b] + below(random, form->most[b] + 1U));
        }
    }
}

/* Text that ends DCL_ROW_BEHIND bytes before a page that cannot be read. */
typedef struct page {
    unsigned char *at;
} page;

static page page_open(void) {
    unsigned char *all = mmap(NULL, ROOM + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all, ROOM, PROT_READ | PROT_WRITE), 0);
    return (page){all};
}

static void compare(const dcl_kernels *scalar, const dcl_kernels *tested, page memory, uint64_t seed) {
    enum { STRIDE = ROWS_MOST + 1, ITEMS = DCL_ROW_FIELDS * STRIDE };
    static int32_t want[ITEMS], got[ITEMS];
    uint64_t random = seed;
    dcl_row_form form = draw_form(&random);
    size_t n = below(&random, ROWS_MOST + 1), bytes = n * form.length;
    unsigned char *text = memory.at + ROOM - DCL_ROW_BEHIND - bytes;
    put_rows(&form, n, text, &random);
    for (size_t b = 0; b < DCL_ROW_BEHIND; b++) text[bytes + b] = (unsigned char)kernel_random(&random);
    if (bytes && below(&random, 3)) text[below(&random, bytes)] ^= (unsigned char)(1U << below(&random, 8));
    for (size_t i = 0; i < ITEMS; i++) want[i] = got[i] = POISON;
    size_t n_want = scalar->rows_i32(&form, (const char *)text, n, STRIDE, want);
    size_t n_got = tested->rows_i32(&form, (const char *)text, n, STRIDE, got);
    if (n_want != n_got)
        fail_msg("rows_i32[%s] seed %llu: %zu rows, want %zu of %zu", tested->isa, (unsigned long long)seed,
                 n_got, n_want, n);
    for (size_t f = 0; f < DCL_ROW_FIELDS; f++) {
        bool good =
            f >= form.n_fields || memcmp(want + f * STRIDE, got + f * STRIDE, n_want * sizeof *want) == 0;
        for (size_t i = f < form.n_fields ? n : 0; i < STRIDE; i++)
            good = good && got[f * STRIDE + i] == POISON;
        if (!good)
            fail_msg("rows_i32[%s] seed %llu: field %zu differs", tested->isa, (unsigned long long)seed, f);
    }
}

static void every_form_reads_rows_as_the_scalar_one(void **state) {
    (void)state;
    dcl_kernels scalar, tested;
    page memory = page_open();
    assert_int_equal(dcl_kernels_select("scalar", &scalar, NULL), DCL_OK);
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &tested, NULL) != DCL_OK) continue;
        for (uint64_t seed = 0; seed < SEEDS; seed++) compare(&scalar, &tested, memory, seed);
    }
    munmap(memory.at, ROOM + 4096);
}

/* `hh:mm:ss,dd.d\n`: seconds of the day and tenths. */
static dcl_row_form clock_form(void) {
    dcl_row_form form = {.length = 14,
                         .n_fields = 2,
                         .text = "00:00:00,00.0\n",
                         .place = {{0xff, 0xff, 0, 1, 3, 4, 6, 7}, {0xff, 0xff, 0xff, 0xff, 0xff, 9, 10, 12}},
                         .pair = {{0, 1, 60, 1}, {100, 1, 100, 1}},
                         .four = {{3600, 1}, {10000, 1}}};
    static const uint8_t most[] = {2, 9, 0, 5, 9, 0, 5, 9, 0, 9, 9, 0, 9, 0};
    memset(form.most, 0xff, sizeof form.most);
    memcpy(form.most, most, sizeof most);
    return form;
}

static void rows_are_taken_up_to_the_first_that_differs(void **state) {
    (void)state;
    static const struct {
        const char *row;
        size_t want;
    } cases[] = {
        {"23:59:59,12.3\n", 12}, {"00:00:60,12.3\n", 9}, {"00:60:00,12.3\n", 9}, {"30:00:00,12.3\n", 9},
        {"00:00:00,12,3\n", 9},  {"00:00:00,1a.3\n", 9}, {"00:00:00,-2.3\n", 9}, {"00:00:00,12.3\r", 9},
        {"00:00:00 12.3\n", 9},  {"00:00:00,12./\n", 9}, {"00:00:00,12.:\n", 9}, {"29:00:00,12.3\n", 12},
    };
    dcl_row_form form = clock_form();
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        dcl_kernels kernels;
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &kernels, NULL) != DCL_OK) continue;
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            char text[12 * 14 + DCL_ROW_BEHIND] = {0};
            int32_t out[2 * 12];
            for (size_t i = 0; i < 12; i++) memcpy(text + 14 * i, "12:34:56,98.7\n", 14);
            memcpy(text + 14 * 9, cases[c].row, 14);
            assert_int_equal(kernels.rows_i32(&form, text, 12, 12, out), cases[c].want);
            for (size_t i = 0; i < 9; i++) {
                assert_int_equal(out[i], 45296);
                assert_int_equal(out[12 + i], 987);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_reads_rows_as_the_scalar_one),
        cmocka_unit_test(rows_are_taken_up_to_the_first_that_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
