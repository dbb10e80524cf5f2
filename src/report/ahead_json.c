#include "report/report.h"

#include <math.h>
#include <stdio.h>

/* What was expected and what comes next, for other programs. */

static void put_energy(dcl_json_writer *json, const dcl_ahead_energy *energy) {
    dcl_json_key_fixed(json, "kwh", energy->kwh, 3);
    dcl_json_key_fixed(json, "kwh_low", energy->low_kwh, 3);
    dcl_json_key_fixed(json, "kwh_high", energy->high_kwh, 3);
}

static void put_points(dcl_json_writer *json, const dcl_report_ahead *ahead) {
    dcl_json_key(json, "points");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < ahead->n; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_time(json, "time_utc", ahead->start_us + (int64_t)i * DCL_HOUR_US / 2);
        dcl_json_key_fixed(json, "expected_w", (double)ahead->mean_w[i], 1);
        dcl_json_key_fixed(json, "low_w", (double)ahead->low_w[i], 1);
        dcl_json_key_fixed(json, "high_w", (double)ahead->high_w[i], 1);
        dcl_json_key_fixed(json, "came_w", (double)ahead->came_w[i], 1);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

void dcl_ahead_json(dcl_json_writer *json, const dcl_report_ahead *ahead) {
    dcl_json_key(json, "ahead");
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "from", dcl_ahead_from_name(ahead->from));
    dcl_json_key_string(json, "why", dcl_ahead_why_name(ahead->why));
    dcl_json_key_time(json, "start", ahead->start_us);
    dcl_json_key_time(json, "issued", ahead->issued_us);
    dcl_json_key_integer(json, "compared", ahead->compared);
    dcl_json_key_integer(json, "inside", ahead->inside);
    dcl_json_key_integer(json, "days", ahead->days);
    dcl_json_key(json, "learned_later");
    dcl_json_bool(json, ahead->learned_later);
    dcl_json_key(json, "day");
    dcl_json_begin(json, '{');
    put_energy(json, &ahead->day);
    dcl_json_key_fixed(json, "came_kwh", ahead->from ? ahead->came_kwh : NAN, 3);
    dcl_json_key(json, "over");
    dcl_json_bool(json, ahead->day_over);
    dcl_json_end(json, '}');
    dcl_json_key(json, "next");
    dcl_json_begin(json, '{');
    put_energy(json, &ahead->next);
    dcl_json_end(json, '}');
    put_points(json, ahead);
    dcl_json_end(json, '}');
}
