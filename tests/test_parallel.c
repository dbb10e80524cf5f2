#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/parallel.h"

enum { SHARDS = 1000 };

static dcl_status square(void *arg, size_t shard) {
    uint64_t *out = arg;
    out[shard] += shard * shard;
    return DCL_OK;
}

static void every_shard_runs_once_for_any_number_of_threads(void **state) {
    (void)state;
    static const int threads[] = {1, 2, 3, 8, 0};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        dcl_context context = {.threads = threads[t]};
        uint64_t out[SHARDS] = {0};
        assert_int_equal(dcl_parallel_for(&context, SHARDS, square, out), DCL_OK);
        for (size_t i = 0; i < SHARDS; i++) assert_int_equal(out[i], i * i);
    }
}

static dcl_status fail_some(void *arg, size_t shard) {
    (void)arg;
    if (shard == 7) return DCL_E_FORMAT;
    return shard > 900 ? DCL_E_IO : DCL_OK;
}

static void the_lowest_failing_shard_gives_the_status(void **state) {
    (void)state;
    dcl_context context = {.threads = 1};
    assert_int_equal(dcl_parallel_for(&context, SHARDS, fail_some, NULL), DCL_E_FORMAT);
    context.threads = 4;
    for (int i = 0; i < 200; i++) assert_int_equal(dcl_parallel_for(&context, SHARDS, fail_some, NULL), DCL_E_FORMAT);
}

typedef struct counted {
    uint64_t out[SHARDS];
    volatile int cancel;
} counted;

static dcl_status cancel_at_ten(void *arg, size_t shard) {
    counted *work = arg;
    work->out[shard] = 1;
    if (shard == 10) work->cancel = 1;
    return DCL_OK;
}

static void a_cancelled_context_stops_before_the_next_shard(void **state) {
    (void)state;
    counted work = {.cancel = 0};
    dcl_context context = {.threads = 1, .cancel = &work.cancel};
    assert_int_equal(dcl_parallel_for(&context, SHARDS, cancel_at_ten, &work), DCL_E_CANCELLED);
    size_t done = 0;
    for (size_t i = 0; i < SHARDS; i++) done += work.out[i];
    assert_int_equal(done, 11);
}

static void no_shards_is_no_work(void **state) {
    (void)state;
    dcl_context context = {.threads = 2};
    assert_int_equal(dcl_parallel_for(&context, 0, square, NULL), DCL_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shard_runs_once_for_any_number_of_threads),
        cmocka_unit_test(the_lowest_failing_shard_gives_the_status),
        cmocka_unit_test(a_cancelled_context_stops_before_the_next_shard),
        cmocka_unit_test(no_shards_is_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
