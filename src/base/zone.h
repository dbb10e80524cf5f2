/* Zones behind dcl_zone: the reader of TZif bytes, and what stages need beyond the public calls. */
#ifndef DCL_BASE_ZONE_H
#define DCL_BASE_ZONE_H

#include "base/status.h"

/**
 * Reads a zone from the n bytes of a TZif file of version 2 or later (RFC 8536): the 64-bit block, and the
 * rule of its last line for the moments past it.
 * Errors: DCL_E_FORMAT with the byte; DCL_E_UNSUPPORTED a file of version 1 or one that counts leap seconds.
 */
dcl_status dcl_zone_parse(const void *bytes, size_t n, const char *name, dcl_zone **out,
                          dcl_error *error) DCL_MUST_USE;

/**
 * The first moment after `time_us` at which the offset from UTC may change; INT64_MAX when it never does
 * again. Between two such moments civil time is UTC plus a constant: stages walk these instead of converting
 * each sample.
 */
int64_t dcl_zone_next_change(const dcl_zone *zone, int64_t time_us);

/* ---- what zone_file.c and zone_rule.c fill */

/** No offset from UTC is larger: RFC 8536, 3.2. */
enum { DCL_LARGEST_OFFSET_S = 26 * 3600 };

/** One change of offset: from `at_s` (UTC seconds) on, civil time is UTC + offset_s. */
typedef struct dcl_zone_change {
    int64_t at_s;
    int32_t offset_s;
} dcl_zone_change;

/**
 * change [n]  ascending, the first at INT64_MIN.
 * cycle_s     0, or 400 Gregorian years: the changes of the last 400 years before `end_s` repeat for ever
 *             after it.
 */
struct dcl_zone {
    char name[64];
    dcl_zone_change *change;
    size_t n, room;
    int64_t cycle_s, end_s;
};

/** Appends a change; one that changes nothing is left out. Errors: DCL_E_MEMORY. */
dcl_status dcl_zone_add(dcl_zone *zone, int64_t at_s, int32_t offset_s) DCL_MUST_USE;

/**
 * Appends what a POSIX TZ rule ("CET-1CEST,M3.5.0,M10.5.0/3") says from the last change on, for over 400
 * years, and sets the cycle.
 * Errors: DCL_E_FORMAT (no position: the caller knows it); DCL_E_MEMORY.
 */
dcl_status dcl_zone_add_rule(dcl_zone *zone, const char *rule, size_t n, dcl_error *error) DCL_MUST_USE;

#endif
