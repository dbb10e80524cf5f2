#include "base/text.h"
#include "report/savings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The report's numbers for other programs. Keys are documented in declic/report.h and never renamed. */

static void open(dcl_json_writer *json, const char *key, char bracket) {
    dcl_json_key(json, key);
    dcl_json_begin(json, bracket);
}

static void put_span(dcl_json_writer *json, const dcl_report *r) {
    open(json, "span", '{');
    dcl_json_key_time(json, "from", r->from_us);
    dcl_json_key_time(json, "to", r->to_us);
    dcl_json_key_fixed(json, "coverage", r->coverage, 4);
    dcl_json_end(json, '}');
    dcl_json_key_fixed(json, "energy_kwh", r->energy_kwh, 3);
    dcl_json_key_fixed(json, "energy_cost_eur", r->energy_cost_eur, 2);
    dcl_json_key_fixed(json, "standing_cost_eur", r->standing_cost_eur, 2);
    dcl_json_key_fixed(json, "export_kwh", r->export_kwh, 3);
    dcl_json_key_fixed(json, "reading_s", (double)r->reading_us / 1e6, 3);
    dcl_json_key_fixed(json, "period_s", (double)r->period_us / 1e6, 3);
    dcl_json_key_integer(json, "readings", (int64_t)r->readings);
    open(json, "days", '{');
    dcl_json_key_integer(json, "touched", (int64_t)r->n_days);
    dcl_json_key_integer(json, "full", (int64_t)r->full_days);
    dcl_json_end(json, '}');
}

static void put_months(dcl_json_writer *json, const dcl_report *r) {
    open(json, "months", '[');
    for (size_t i = 0; i < r->n_months; i++) {
        const dcl_report_month *m = &r->months[i];
        char name[32];
        snprintf(name, sizeof name, "%04d-%02d", m->year, m->month);
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "month", name);
        dcl_json_key_fixed(json, "energy_kwh", m->energy_kwh, 3);
        dcl_json_key_fixed(json, "energy_cost_eur", m->energy_cost_eur, 2);
        dcl_json_key_fixed(json, "standing_cost_eur", m->standing_cost_eur, 2);
        dcl_json_key_fixed(json, "coverage", m->coverage, 4);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_typical(dcl_json_writer *json, const dcl_report *r) {
    static const char *const names[] = {"workday", "weekend"};
    open(json, "typical_day", '{');
    for (int kind = 0; kind < 2; kind++) {
        open(json, names[kind], '{');
        dcl_json_key_integer(json, "days", r->typical[kind].days);
        dcl_json_key_fixed(json, "day_kwh", r->typical[kind].day_kwh, 3);
        open(json, "half_hour_w", '[');
        for (int i = 0; i < DCL_REPORT_SLOTS; i++)
            dcl_json_fixed(json, (double)r->typical[kind].mean_w[i], 1);
        dcl_json_end(json, ']');
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, '}');
}

static void put_always_on(dcl_json_writer *json, const dcl_report_always_on *f) {
    open(json, "always_on_w", '{');
    dcl_json_key_fixed(json, "low", f->low_w, 1);
    dcl_json_key_fixed(json, "high", f->high_w, 1);
    dcl_json_end(json, '}');
    open(json, "always_on", '{');
    dcl_json_key_integer(json, "days", f->days);
    dcl_json_key_fixed(json, "kwh_year_low", f->kwh_year_low, 1);
    dcl_json_key_fixed(json, "kwh_year_high", f->kwh_year_high, 1);
    dcl_json_key_fixed(json, "price_eur_kwh", f->price_eur_kwh, 6);
    dcl_json_key_fixed(json, "eur_year_low", f->eur_year_low, 2);
    dcl_json_key_fixed(json, "eur_year_high", f->eur_year_high, 2);
    dcl_json_end(json, '}');
}

static void put_tariffs(dcl_json_writer *json, const dcl_report *r) {
    open(json, "tariffs", '[');
    for (int i = 0; i < DCL_TARIFF_KIND_COUNT; i++) {
        const dcl_report_tariff *t = &r->tariffs[i];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", dcl_tariff_kind_name(t->kind));
        dcl_json_key_fixed(json, "eur_span", t->eur_span, 2);
        dcl_json_key_fixed(json, "eur_per_year", t->eur_per_year, 2);
        dcl_json_key_fixed(json, "energy_eur", t->energy_eur, 2);
        dcl_json_key_fixed(json, "standing_eur", t->standing_eur, 2);
        open(json, "prices_from", '[');
        if (t->has_lists) dcl_json_date(json, t->first_list_day);
        if (t->has_lists && t->last_list_day != t->first_list_day) dcl_json_date(json, t->last_list_day);
        dcl_json_end(json, ']');
        dcl_json_key_string(json, "unpriced_reason", dcl_unpriced_name(t->reason));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_use(dcl_json_writer *json, const dcl_use *use) {
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "name", dcl_use_name(use->kind));
    dcl_json_key_fixed(json, "kwh", use->kwh, 3);
    dcl_json_key_fixed(json, "kwh_low", use->kwh_low, 3);
    dcl_json_key_fixed(json, "kwh_high", use->kwh_high, 3);
    dcl_json_key_fixed(json, "share", use->share, 4);
    dcl_json_key_fixed(json, "confidence", use->confidence, 2);
    dcl_json_key_integer(json, "days", use->days);
    dcl_json_key_integer(json, "cycles", use->cycles);
    dcl_json_key_string(json, "from", dcl_use_from_name(use->from));
    dcl_json_end(json, '}');
}

/* Those that are known, then what is left: all of it where uses were not looked for. */
static void put_uses(dcl_json_writer *json, const dcl_report *r) {
    const dcl_use all = {.kind = DCL_USE_NOT_IDENTIFIED,
                         .from = DCL_USE_FROM_REST,
                         .kwh = r->energy_kwh,
                         .kwh_low = r->energy_kwh,
                         .kwh_high = r->energy_kwh,
                         .share = 1,
                         .confidence = 1,
                         .days = (int)r->full_days};
    open(json, "uses", '[');
    for (int k = 0; r->has_uses && k < DCL_USE_COUNT; k++)
        if (!r->uses.use[k].why) put_use(json, &r->uses.use[k]);
    if (!r->has_uses) put_use(json, &all);
    dcl_json_end(json, ']');
    open(json, "uses_unknown", '[');
    for (int k = 0; r->has_uses && k < DCL_USE_COUNT; k++) {
        if (!r->uses.use[k].why) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", dcl_use_name((dcl_use_kind)k));
        dcl_json_key_string(json, "why", dcl_use_why_name(r->uses.use[k].why));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_night_load(dcl_json_writer *json, const dcl_report_night_load *night) {
    dcl_json_key(json, "night_load");
    if (!night->found) {
        dcl_json_string(json, NULL);
        return;
    }
    char starts[32];
    snprintf(starts, sizeof starts, "%02d:%02d", night->minute / 60, night->minute % 60);
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "starts", starts);
    dcl_json_key_integer(json, "days_seen", night->days_seen);
    dcl_json_key_integer(json, "days", night->days);
    dcl_json_key_fixed(json, "kwh", night->kwh, 3);
    dcl_json_key_fixed(json, "mean_w", night->mean_w, 1);
    dcl_json_key_integer(json, "mean_s", night->mean_us / DCL_SECOND_US);
    dcl_json_end(json, '}');
}

static void put_peaks(dcl_json_writer *json, const dcl_report *r) {
    static const char *const sources[] = {[DCL_PEAKS_NONE] = "none",
                                          [DCL_PEAKS_TOO_SLOW] = "too_slow",
                                          [DCL_PEAKS_METER] = "meter",
                                          [DCL_PEAKS_READ] = "read"};
    open(json, "peaks", '{');
    dcl_json_key_string(json, "source", sources[r->peaks.source]);
    dcl_json_key(json, "subscribed_kva");
    dcl_json_fixed(json, r->limits >> DCL_LIMIT_POWER_ASSUMED & 1 ? NAN : (double)r->subscribed_kva, 0);
    dcl_json_key_integer(json, "days_over", r->peaks.days_over);
    open(json, "top", '[');
    for (size_t i = 0; i < r->peaks.n_top; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_time(json, "time", r->peaks.top[i].time_us);
        dcl_json_key_fixed(json, "va", (double)r->peaks.top[i].apparent_va, 0);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_watts(dcl_json_writer *json, const char *key, const float *power_w, size_t n) {
    open(json, key, '[');
    for (size_t i = 0; i < n; i++) dcl_json_fixed(json, (double)power_w[i], 1);
    dcl_json_end(json, ']');
}

/* When another price class begins; none where there is one price. */
static void put_classes(dcl_json_writer *json, const dcl_report_curve *curve) {
    open(json, "price_classes", '[');
    for (size_t i = 0; i < curve->n; i++) {
        if (i && curve->price_class[i] == curve->price_class[i - 1]) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_time(json, "from_utc", curve->start_us + (int64_t)i * curve->bin_us);
        dcl_json_key_string(json, "class", dcl_price_class_name((dcl_price_class)curve->price_class[i]));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_curve(dcl_json_writer *json, const dcl_report_curve *curve) {
    static const char *const names[] = {[DCL_WHY_WEEK] = "week",
                                        [DCL_WHY_WHOLE] = "whole",
                                        [DCL_WHY_HIGHEST] = "highest",
                                        [DCL_WHY_MIDDLE] = "middle",
                                        [DCL_WHY_LOWEST] = "lowest"};
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "why", names[curve->why]);
    dcl_json_key_date(json, "date", true, curve->day);
    dcl_json_key_fixed(json, "energy_kwh", curve->energy_kwh, 3);
    dcl_json_key_time(json, "start_utc", curve->start_us);
    dcl_json_key_fixed(json, "step_s", (double)curve->bin_us / 1e6, 3);
    put_watts(json, "mean_w", curve->mean_w, curve->n);
    put_watts(json, "low_w", curve->low_w, curve->n);
    put_watts(json, "high_w", curve->high_w, curve->n);
    put_classes(json, curve);
    open(json, "cycles", '[');
    for (size_t i = 0; i < curve->n_cycles; i++) {
        const dcl_cycle *cycle = &curve->cycles[i];
        if (!curve->label[i]) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_integer(json, "label", curve->label[i]);
        dcl_json_key_time(json, "start_utc", cycle->start_us);
        dcl_json_key_time(json, "end_utc", cycle->end_us);
        dcl_json_key_fixed(json, "energy_wh", cycle->energy_wh, 1);
        dcl_json_key_fixed(json, "mean_w", (double)cycle->mean_w, 1);
        dcl_json_key_fixed(json, "power_factor", (double)cycle->power_factor, 3);
        const char *own = curve->own[i];
        dcl_json_key_string(json, "appliance", own ? own : dcl_appliance_name(cycle->appliance));
        bool named = own || cycle->appliance != DCL_APPLIANCE_UNKNOWN;
        dcl_json_key_fixed(json, "confidence", named ? (double)cycle->confidence : (double)NAN, 2);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_assumptions(dcl_json_writer *json, const dcl_report *r) {
    char hours[512];
    dcl_hours_format(&r->hours, hours, sizeof hours);
    open(json, "assumptions", '{');
    dcl_json_key_string(json, "cost_tariff", dcl_tariff_kind_name(r->cost_tariff));
    dcl_json_key(json, "tariff_given");
    dcl_json_bool(json, !(r->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1));
    dcl_json_key_integer(json, "subscribed_kva", r->subscribed_kva);
    dcl_json_key_string(json, "off_peak_hours", hours);
    dcl_json_key(json, "one_price_list");
    dcl_json_bool(json, r->one_list);
    open(json, "compared", '{');
    dcl_json_key_time(json, "from", r->compare_from_us);
    dcl_json_key_time(json, "to", r->compare_to_us);
    dcl_json_end(json, '}');
    open(json, "priced", '{');
    bool any = r->priced_to_day > r->priced_from_day;
    dcl_json_key_date(json, "from", any, r->priced_from_day);
    dcl_json_key_date(json, "to", any, r->priced_to_day);
    dcl_json_end(json, '}');
    dcl_json_end(json, '}');
}

static void put_notes(dcl_json_writer *json, const dcl_report *r) {
    open(json, "notes", '[');
    for (int i = 0; i < DCL_NOTE_COUNT; i++)
        if (r->notes >> i & 1) dcl_json_string(json, dcl_note_name((dcl_note)i));
    dcl_json_end(json, ']');
    open(json, "limits", '[');
    for (int i = 0; i < DCL_LIMIT_COUNT; i++)
        if (r->limits >> i & 1) dcl_json_string(json, dcl_limit_name((dcl_limit)i));
    dcl_json_end(json, ']');
    open(json, "excluded", '{');
    for (int i = 0; i < DCL_EXCLUSION_COUNT; i++)
        if (r->excluded[i].count)
            dcl_json_key_integer(json, dcl_exclusion_name((dcl_exclusion)i), (int64_t)r->excluded[i].count);
    dcl_json_end(json, '}');
}

/* What has no name and comes again, and what works more or less than before. */
static void put_loads(dcl_json_writer *json, const dcl_report *r) {
    static const char *const parts[] = {"mornings", "afternoons", "evenings", "nights"};
    open(json, "unknowns", '[');
    for (size_t k = 0; k < r->n_unknown; k++) {
        const dcl_report_unknown *u = &r->unknown[k];
        dcl_json_begin(json, '{');
        dcl_json_key_integer(json, "unknown", u->number);
        dcl_json_key_fixed(json, "mean_w", u->mean_w, 1);
        dcl_json_key_fixed(json, "on_s", u->on_s, 0);
        dcl_json_key_integer(json, "count", u->count);
        dcl_json_key_fixed(json, "energy_kwh", u->energy_kwh, 3);
        dcl_json_key_string(json, "part", u->part >= 0 ? parts[u->part] : NULL);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    open(json, "changes", '[');
    for (size_t k = 0; k < r->n_changes; k++) {
        const dcl_report_change *c = &r->change[k];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "appliance", dcl_appliance_name(c->appliance));
        dcl_json_key_fixed(json, "mean_w", c->mean_w, 1);
        dcl_json_key_fixed(json, "share_first", c->first, 3);
        dcl_json_key_fixed(json, "share_last", c->last, 3);
        dcl_json_key_fixed(json, "change_low", c->low, 3);
        dcl_json_key_fixed(json, "change_high", c->high, 3);
        dcl_json_key_integer(json, "days", c->days);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

dcl_status dcl_report_json(const dcl_report *report, dcl_arena *arena, const char **json, size_t *n,
                           dcl_error *error) {
    dcl_text text = {0};
    dcl_json_writer writer = {.text = &text};
    dcl_json_begin(&writer, '{');
    dcl_json_key_string(&writer, "home", report->label);
    put_span(&writer, report);
    put_months(&writer, report);
    put_always_on(&writer, &report->always_on);
    put_tariffs(&writer, report);
    put_uses(&writer, report);
    dcl_savings_json(&writer, &report->savings);
    dcl_recent_json(&writer, &report->recent);
    dcl_ahead_json(&writer, &report->ahead);
    dcl_similar_json(&writer, report);
    put_typical(&writer, report);
    put_night_load(&writer, &report->night_load);
    put_peaks(&writer, report);
    dcl_json_key(&writer, "telling_days");
    dcl_json_begin(&writer, '[');
    for (size_t i = 0; i < report->n_curves; i++) put_curve(&writer, &report->curves[i]);
    dcl_json_end(&writer, ']');
    dcl_json_key(&writer, "week");
    if (report->week)
        put_curve(&writer, report->week);
    else
        dcl_json_string(&writer, NULL);
    put_loads(&writer, report);
    put_assumptions(&writer, report);
    put_notes(&writer, report);
    dcl_json_end(&writer, '}');
    dcl_text_put(&text, "\n");
    char *kept = text.failed ? NULL : dcl_arena_alloc(arena, text.n + 1, 1);
    if (kept) {
        memcpy(kept, text.at, text.n + 1);
        *json = kept;
        *n = text.n;
    }
    dcl_text_free(&text);
    return kept ? DCL_OK : dcl_fail_memory(error, "the report's numbers");
}
