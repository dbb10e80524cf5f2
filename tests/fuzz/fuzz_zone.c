/* Any bytes are a zone or an error; a zone that was read answers for any moment. */
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const int64_t moments_us[] = {
        -4 * INT64_C(1000000000000000), -1, 0, INT64_C(1774746000000000), INT64_C(32503680000000000),
        INT64_C(8000000000000000000)};
    dcl_zone *zone = NULL;
    dcl_error error;
    if (dcl_zone_parse(bytes, n, "fuzz", &zone, &error)) return 0;
    for (size_t i = 0; i < sizeof moments_us / sizeof *moments_us; i++) {
        int64_t t = moments_us[i], out[2];
        dcl_civil civil = dcl_zone_civil(zone, t);
        if (!dcl_civil_valid(&civil)) abort();
        if (dcl_zone_next_change(zone, t) <= t) abort();
        /* A moment maps back to itself or to its twin. */
        dcl_fold fold = dcl_zone_moment(zone, &civil, out);
        if (fold == DCL_FOLD_NONE || out[0] > t || out[1] < t) abort();
        dcl_zone_day_start(zone, dcl_zone_day(zone, t));
    }
    dcl_zone_close(&zone);
    return 0;
}
