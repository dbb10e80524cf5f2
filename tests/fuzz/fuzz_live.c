/*
 * A stream of any bytes: an error with words, or slots that follow each other on their grid; and the same events however
 * the bytes are cut.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/series.h>

/* abort(), not assert(): a release build must find the same faults. */
static void must(int holds) {
    if (!holds) abort();
}

typedef struct cut {
    const char *at;
    size_t n, block;
} cut;

static dcl_status next_bytes(void *arg, const char **bytes, size_t *n, dcl_error *error) {
    cut *from = arg;
    (void)error;
    *n = from->n < from->block ? from->n : from->block;
    *bytes = from->at;
    from->at += *n;
    from->n -= *n;
    return DCL_OK;
}

/* What was heard so far: the slot that must come next, and a checksum of all. */
typedef struct heard {
    int64_t next_us, period_us;
    uint64_t sum, events;
} heard;

static void add(heard *h, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        h->sum = (h->sum ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
}

static dcl_status take(void *arg, const dcl_live_event *event, dcl_error *error) {
    heard *h = arg;
    const float value[] = {event->power_w, event->apparent_va, event->reactive_var};
    (void)error;
    if (event->what == DCL_LIVE_SLOT) {
        must(h->events && event->time_us == h->next_us && event->period_us == h->period_us);
        h->next_us += h->period_us;
        must(isnan(value[0]) || (value[0] >= 0 && value[0] <= 60000.5f));
        must(isnan(value[1]) || (value[1] >= 0 && value[1] <= 60000.5f));
    } else {
        must(event->period_us > 0 && event->time_us % event->period_us == 0);
        must(h->events || event->what == DCL_LIVE_BEGIN);
        h->next_us = event->time_us;
        h->period_us = event->period_us;
    }
    h->events++;
    add(h, &event->what, sizeof event->what);
    add(h, &event->time_us, sizeof event->time_us);
    add(h, value, sizeof value);
    return DCL_OK;
}

static dcl_status follow(const dcl_context *context, cut from, heard *h) {
    dcl_read_options options = dcl_read_defaults();
    dcl_home told;
    dcl_error error = {.pos = {0, -1}};
    dcl_status status = dcl_live_read(context, &options, next_bytes, &from, take, h, &told, &error);
    must(status == DCL_OK || (error.code == status && error.msg[0]));
    must(status != DCL_E_UNSUPPORTED || !h->events);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static dcl_zone *zone;
    if (!zone && dcl_zone_open("Europe/Paris", &zone, NULL)) abort();
    dcl_context context = {.threads = 1, .zone = zone, .now_us = INT64_C(1767225600) * DCL_SECOND_US};
    heard a = {0}, b = {0};
    cut whole = {(const char *)bytes, n, n ? n : 1}, parts = {(const char *)bytes, n, 37};
    must(follow(&context, whole, &a) == follow(&context, parts, &b));
    must(a.events == b.events && a.sum == b.sum);
    return 0;
}
