#include "base/text.h"
#include "report/report.h"

#include <math.h>
#include <stdio.h>

/* The last month and what changed, for other programs. Keys are documented in declic/report.h and never renamed. */

static void put_flag(dcl_json_writer *json, const char *key, bool value) {
    dcl_json_key(json, key);
    dcl_json_bool(json, value);
}

static void put_days(dcl_json_writer *json, const dcl_report_stretch *s) {
    dcl_json_key_date(json, "from", true, s->from_day);
    dcl_json_key_date(json, "to", true, s->to_day);
    dcl_json_key_integer(json, "days", s->days);
    dcl_json_key_fixed(json, "day_kwh", s->day_kwh, 3);
}

static void put_then(dcl_json_writer *json, const char *key, const dcl_report_then *then) {
    static const char *const parts[] = {"night", "morning", "afternoon", "evening"};
    dcl_json_key(json, key);
    if (!then->known) {
        dcl_json_string(json, NULL);
        return;
    }
    dcl_json_begin(json, '{');
    put_days(json, &then->then);
    put_flag(json, "clear", then->clear);
    dcl_json_key_fixed(json, "kwh_more", then->kwh_more, 2);
    dcl_json_key_fixed(json, "eur_more", then->eur_more, 2);
    dcl_json_key_fixed(json, "eur_by_kwh", then->eur_by_kwh, 2);
    dcl_json_key_fixed(json, "eur_by_price", then->eur_by_price, 2);
    dcl_json_key_string(json, "reason", dcl_reason_name(then->reason));
    dcl_json_key_string(json, "part",
                        then->reason == DCL_REASON_PART_OF_DAY && then->part >= 0 ? parts[then->part] : NULL);
    dcl_json_key_fixed(json, "was", then->was, 1);
    dcl_json_key_fixed(json, "is", then->is, 1);
    dcl_json_key_fixed(json, "share", then->share, 2);
    dcl_json_end(json, '}');
}

void dcl_recent_json(dcl_json_writer *json, const dcl_report_recent *recent) {
    dcl_json_key(json, "recent");
    if (!recent->known) {
        dcl_json_string(json, NULL);
        return;
    }
    dcl_json_begin(json, '{');
    put_days(json, &recent->now);
    put_flag(json, "whole", recent->whole);
    dcl_json_key_fixed(json, "energy_kwh", recent->now.kwh, 3);
    dcl_json_key_fixed(json, "energy_cost_eur", recent->now.energy_eur, 2);
    dcl_json_key_fixed(json, "standing_cost_eur", recent->now.standing_eur, 2);
    put_then(json, "month_before", &recent->before);
    put_then(json, "year_before", &recent->year_ago);
    dcl_json_end(json, '}');
}
