#include "report/report.h"

#include <math.h>

/* The home beside real homes of its cluster. */

/* Half hours of UTC, as clusters look at homes; the power itself where its step fits already. */
static const dcl_series *half_hours(const dcl_series *power, dcl_arena *arena, dcl_series *out) {
    const int64_t step = DCL_HOUR_US / 2;
    if (power->period_us == DCL_HOUR_US || power->period_us == step) return power;
    int64_t from = power->start_us / step * step, to = dcl_series_end_us(power);
    *out = (dcl_series){.channel = DCL_POWER_W,
                        .start_us = from,
                        .period_us = step,
                        .n = (size_t)((to - from + step - 1) / step)};
    out->value = dcl_arena_alloc(arena, out->n, sizeof *out->value);
    for (size_t i = 0; out->value && i < out->n; i++) {
        int64_t at = from + (int64_t)i * step;
        dcl_cover cover = dcl_cover_of(power, at, at + step);
        out->value[i] = (float)dcl_cover_mean(&cover, at, at + step, 0.5);
    }
    return out->value ? out : NULL;
}

dcl_status dcl_report_look_beside(const dcl_draft *d) {
    const dcl_similar *similar = d->options->similar;
    dcl_report *report = d->report;
    dcl_series coarse;
    report->similar = (dcl_similar_home){.why = DCL_SIMILAR_WHY_NOT_GIVEN};
    if (!similar) return DCL_OK;
    report->similar.why = DCL_SIMILAR_WHY_NOT_COMPARABLE;
    report->similar_from_us = similar->start_us;
    report->similar_to_us = similar->end_us;
    if (d->power->period_us > DCL_HOUR_US) return DCL_OK;
    const dcl_series *half = half_hours(d->power, d->arena, &coarse);
    if (!half) return dcl_fail_memory(d->error, "similar homes");
    return dcl_similar_place(d->context, similar, half, &report->similar, d->error);
}

void dcl_similar_json(dcl_json_writer *json, const dcl_report *r) {
    const dcl_similar_home *s = &r->similar;
    bool shown = s->why == DCL_SIMILAR_WHY_NONE;
    dcl_json_key(json, "similar");
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "why", dcl_similar_why_name(s->why));
    dcl_json_key_integer(json, "homes", (int64_t)s->homes);
    dcl_json_key(json, "cluster");
    dcl_json_fixed(json, s->cluster ? (double)s->cluster : (double)NAN, 0);
    dcl_json_key(json, "traits");
    dcl_json_begin(json, '[');
    for (int t = 0; shown && t < DCL_TRAIT_COUNT; t++) {
        if (isnan(s->home[t]) || isnan(s->median[t])) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", dcl_trait_name((dcl_trait)t));
        dcl_json_key_string(json, "unit", dcl_trait_unit((dcl_trait)t));
        dcl_json_key_fixed(json, "home", (double)s->home[t], 4);
        dcl_json_key_fixed(json, "low", (double)s->low[t], 4);
        dcl_json_key_fixed(json, "median", (double)s->median[t], 4);
        dcl_json_key_fixed(json, "high", (double)s->high[t], 4);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}
