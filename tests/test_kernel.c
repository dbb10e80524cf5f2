/*
 * Every form of every kernel against the scalar one, by memcmp, with guard pages on both sides of every
 * array. usage: test_kernel [KERNEL ISA SEED]     one seed of one form again, as a failure's rerun line says
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_registry.h"

#define SEEDS   60
#define SMALL   67     /* every n up to here, at every offset */
#define LARGE   100003 /* odd; less the seed, so that the seeds end in every part of a vector */
#define OFFSETS 16
#define POISON  0x5a /* 1.5e16 as a float: whoever reads it by mistake shows it */

/* ---------------------------------------------------------------- guarded memory */

typedef struct guarded {
    unsigned char *at; /* first byte after the page in front */
    size_t room;       /* bytes up to the page behind */
} guarded;

static guarded guarded_open(size_t need) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (need + page - 1) / page * page;
    unsigned char *all = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all + page, room, PROT_READ | PROT_WRITE), 0);
    return (guarded){all + page, room};
}

static void guarded_close(guarded *memory) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(memory->at - page, memory->room + 2 * page);
    *memory = (guarded){0};
}

/* The array's place: `offset` items before the page behind, or at OFFSETS right after the page in front. */
static unsigned char *place(const guarded *memory, size_t items, size_t item, size_t offset) {
    return offset == OFFSETS ? memory->at : memory->at + memory->room - (items + offset) * item;
}

/* Poisons up to 256 bytes on each side of the array (and the array itself). */
static void poison(const guarded *memory, unsigned char *array, size_t bytes) {
    size_t before = (size_t)(array - memory->at) < 256 ? (size_t)(array - memory->at) : 256;
    size_t behind = (size_t)(memory->at + memory->room - array) - bytes;
    memset(array - before, POISON, before + bytes + (behind < 256 ? behind : 256));
}

static bool poison_is_whole(const guarded *memory, const unsigned char *array, size_t bytes) {
    size_t before = (size_t)(array - memory->at) < 256 ? (size_t)(array - memory->at) : 256;
    size_t behind = (size_t)(memory->at + memory->room - array) - bytes;
    for (size_t i = 1; i <= before; i++) {
        if (*(array - i) != POISON) return false;
    }
    for (size_t i = 0; i < behind && i < 256; i++) {
        if (array[bytes + i] != POISON) return false;
    }
    return true;
}

/* ---------------------------------------------------------------- one comparison */

typedef struct bench {
    guarded in, want, got;
} bench;

/* What stands in a failure's first line. */
typedef struct situation {
    const kernel_entry *entry;
    const dcl_kernels *tested;
    size_t n, offset;
    kernel_fill fill;
    uint64_t seed;
} situation;

static char failure[1024];

static bool fail_with(const situation *at, const char *what) {
    char offset[32] = "front";
    if (at->offset != OFFSETS) snprintf(offset, sizeof offset, "%zu", at->offset);
    snprintf(failure, sizeof failure,
             "%s[%s] n=%zu off=%s fill=%s seed=%llu: %s\n  rerun: test_kernel %s %s %llu\n", at->entry->name,
             at->tested->isa, at->n, offset, kernel_fill_name(at->fill), (unsigned long long)at->seed, what,
             at->entry->name, at->tested->isa, (unsigned long long)at->seed);
    return false;
}

/* Item by item, so that the failure names the first that differs. */
static bool same(const situation *at, const unsigned char *want, size_t n_want, const unsigned char *got,
                 size_t n_got) {
    char a[200], b[200], what[512];
    size_t item = at->entry->out_item, n = n_want < n_got ? n_want : n_got;
    if (n_want == n_got && memcmp(want, got, n * item) == 0) return true;
    for (size_t i = 0; i < n; i++) {
        if (memcmp(want + i * item, got + i * item, item) == 0) continue;
        at->entry->print(want + i * item, a, sizeof a);
        at->entry->print(got + i * item, b, sizeof b);
        snprintf(what, sizeof what, "out[%zu] want %s got %s", i, a, b);
        return fail_with(at, what);
    }
    snprintf(what, sizeof what, "count want %zu got %zu", n_want, n_got);
    return fail_with(at, what);
}

/* The input stands in at->offset of guarded memory and so does the output; the reference's output at the
 * same. */
static bool compare(const bench *on, const situation *at, const dcl_kernels *scalar,
                    const kernel_options *options, const void *x) {
    const kernel_entry *entry = at->entry;
    size_t bound = entry->bound(at->n, options), bytes = bound * entry->out_item;
    unsigned char *in = place(&on->in, at->n, 4, at->offset);
    unsigned char *want = place(&on->want, bound, entry->out_item, at->offset);
    unsigned char *got = place(&on->got, bound, entry->out_item, at->offset);
    poison(&on->in, in, at->n * 4);
    if (at->n > 0) memcpy(in, x, at->n * 4);
    poison(&on->want, want, bytes);
    poison(&on->got, got, bytes);
    size_t n_want = entry->run(scalar, in, at->n, options, want);
    size_t n_got = entry->run(at->tested, in, at->n, options, got);
    if (!poison_is_whole(&on->got, got, bytes)) return fail_with(at, "wrote outside its output");
    if (at->n > 0 && memcmp(in, x, at->n * 4) != 0) return fail_with(at, "wrote into its input");
    return same(at, want, n_want, got, n_got);
}

/* All sizes and places of one seed. The seed sets the fill, and with n the options and the samples. */
static bool check_seed(const bench *on, const kernel_entry *entry, const dcl_kernels *scalar,
                       const dcl_kernels *tested, uint64_t seed) {
    static uint32_t samples[LARGE];
    for (size_t i = 0; i <= SMALL + 2; i++) {
        /* Then one of 68 … 127, where loops of 64 begin to turn, and one that fills no cache. */
        size_t n = i <= SMALL ? i : i == SMALL + 1 ? SMALL + 1 + seed % 60 : LARGE - seed % 64;
        situation at = {entry, tested, n, 0, (kernel_fill)(seed % FILL_COUNT), seed};
        uint64_t random = seed * 1000 + i;
        kernel_options options = kernel_draw_options(&random);
        entry->fill(samples, n, at.fill, &options, &random);
        size_t step = i <= SMALL + 1 ? 1 : 8; /* the large one at three places */
        for (at.offset = 0; at.offset <= OFFSETS; at.offset += step) {
            if (!compare(on, &at, scalar, &options, samples)) return false;
        }
    }
    return true;
}

static bench bench_open(void) {
    size_t most = (LARGE + OFFSETS) * sizeof(dcl_window_stats);
    return (bench){guarded_open(most), guarded_open(most), guarded_open(most)};
}

static void bench_close(bench *on) {
    guarded_close(&on->in);
    guarded_close(&on->want);
    guarded_close(&on->got);
}

/* ---------------------------------------------------------------- tests */

static void every_form_gives_the_bytes_of_the_scalar_one(void **state) {
    (void)state;
    bench on = bench_open();
    dcl_kernels scalar, tested;
    dcl_error error = {0};
    assert_int_equal(dcl_kernels_select("scalar", &scalar, &error), DCL_OK);
    for (size_t v = 0; dcl_kernels_isa_at(v); v++) {
        if (dcl_kernels_select(dcl_kernels_isa_at(v), &tested, &error) != DCL_OK) {
            print_message("skipped: %s\n", error.msg);
            continue;
        }
        for (size_t k = 0; k < kernel_registry_n; k++) {
            for (uint64_t seed = 0; seed < SEEDS; seed++) {
                if (!check_seed(&on, &kernel_registry[k], &scalar, &tested, seed)) fail_msg("%s", failure);
            }
        }
    }
    bench_close(&on);
}

/* An edge detector that takes ">=" for ">": what this test is for. */
static const dcl_kernels *truth;
static size_t edge_that_misses_ties(const int32_t *x, size_t n, int32_t previous, uint32_t threshold,
                                    uint32_t *index) {
    return truth->edge_i32(x, n, previous, threshold < UINT32_MAX ? threshold + 1 : threshold, index);
}

static void quantize_that_writes_one_too_many(const float *x, size_t n, float scale, int32_t *out) {
    truth->quantize_i32_f32(x, n, scale, out);
    if (n % 16 == 5) *(volatile int32_t *)(out + n) = 0;
}

static void a_wrong_form_is_caught_and_the_failure_says_how_to_run_it_again(void **state) {
    (void)state;
    bench on = bench_open();
    dcl_kernels scalar;
    assert_int_equal(dcl_kernels_select("scalar", &scalar, NULL), DCL_OK);
    truth = &scalar;
    dcl_kernels wrong = scalar;
    wrong.edge_i32 = edge_that_misses_ties;
    assert_false(check_seed(&on, kernel_find("edge_i32"), &scalar, &wrong, FILL_TIES));
    assert_non_null(strstr(failure, "edge_i32[scalar] n="));
    assert_non_null(strstr(failure, "fill=ties seed=1: "));
    assert_non_null(strstr(failure, "\n  rerun: test_kernel edge_i32 scalar 1\n"));

    situation at = {kernel_find("quantize_i32_f32"), &wrong, 5, 3, FILL_HOME, 0};
    kernel_options options = kernel_bench_options();
    float samples[5] = {0};
    wrong.quantize_i32_f32 = quantize_that_writes_one_too_many;
    assert_false(compare(&on, &at, &scalar, &options, samples));
    assert_non_null(strstr(failure, "wrote outside its output"));
    bench_close(&on);
}

static int rerun(char **argv) {
    dcl_kernels scalar, tested;
    dcl_error error = {0};
    const kernel_entry *entry = kernel_find(argv[1]);
    if (!entry) {
        fprintf(stderr, "test_kernel: no kernel is called '%s'\n", argv[1]);
        return 2;
    }
    if (dcl_kernels_select("scalar", &scalar, &error) != DCL_OK ||
        dcl_kernels_select(argv[2], &tested, &error) != DCL_OK) {
        fprintf(stderr, "test_kernel: %s\n", error.msg);
        return 2;
    }
    bench on = bench_open();
    bool good = check_seed(&on, entry, &scalar, &tested, strtoull(argv[3], NULL, 10));
    if (good) {
        printf("%s[%s] seed %s: the bytes of the scalar form\n", entry->name, tested.isa, argv[3]);
    } else {
        fputs(failure, stderr);
    }
    bench_close(&on);
    return good ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 4) return rerun(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_bytes_of_the_scalar_one),
        cmocka_unit_test(a_wrong_form_is_caught_and_the_failure_says_how_to_run_it_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
