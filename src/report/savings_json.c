#include "report/savings.h"

#include <math.h>
#include <stdio.h>

/* Savings for other programs. Keys are documented in declic/report.h. */

static void put_clock(dcl_json_writer *json, const char *key, int minute) {
    char text[32];
    snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    dcl_json_key_string(json, key, minute >= 0 ? text : NULL);
}

static void put_advice(dcl_json_writer *json, const dcl_advice *a) {
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "id", dcl_advice_name(a->kind));
    dcl_json_key_fixed(json, "kwh_per_year", (a->kwh_low + a->kwh_high) / 2, 0);
    dcl_json_key_fixed(json, "kwh_low", a->kwh_low, 0);
    dcl_json_key_fixed(json, "kwh_high", a->kwh_high, 0);
    dcl_json_key_fixed(json, "eur_low", a->eur_low, 0);
    dcl_json_key_fixed(json, "eur_high", a->eur_high, 0);
    dcl_json_key_fixed(json, "confidence", a->confidence, 2);
    dcl_json_key(json, "costs_comfort");
    dcl_json_bool(json, a->comfort);
    dcl_json_key_integer(json, "days", a->days);
    dcl_json_key_integer(json, "cycles", a->cycles);
    dcl_json_key_fixed(json, "now", a->now, 2);
    dcl_json_key_fixed(json, "usual_low", a->usual_low, 2);
    dcl_json_key_fixed(json, "usual_high", a->usual_high, 2);
    dcl_json_key_fixed(json, "worked_before", a->worked_before, 3);
    dcl_json_key_fixed(json, "worked_now", a->worked_now, 3);
    put_clock(json, "starts", a->from_minute);
    put_clock(json, "could_start", a->to_minute);
    dcl_json_key_string(json, "tariff", dcl_tariff_kind_name(a->tariff));
    dcl_json_key(json, "kva");
    dcl_json_fixed(json, a->kva > 0 ? (double)a->kva : (double)NAN, 0);
    dcl_json_key_date(json, "since", a->kind == DCL_ADVICE_LEFT_ON, a->since_day);
    dcl_json_end(json, '}');
}

void dcl_savings_json(dcl_json_writer *json, const dcl_savings *all) {
    dcl_json_key(json, "advice");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < all->n; i++) put_advice(json, &all->advice[all->order[i]]);
    dcl_json_end(json, ']');
    dcl_json_key(json, "advice_none");
    dcl_json_begin(json, '[');
    for (int k = 0; k < DCL_ADVICE_COUNT; k++) {
        if (!all->advice[k].why) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "id", dcl_advice_name((dcl_advice_kind)k));
        dcl_json_key_string(json, "why", dcl_advice_why_name(all->advice[k].why));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "advice_together");
    dcl_json_begin(json, '{');
    dcl_json_key_fixed(json, "eur_low", all->joint_eur_low, 0);
    dcl_json_key_fixed(json, "eur_high", all->joint_eur_high, 0);
    dcl_json_key_fixed(json, "bill_eur", all->bill_eur, 2);
    dcl_json_key_date(json, "prices_from", all->has_list, all->list_day);
    dcl_json_end(json, '}');
}
