#include "report/page.h"

#include <math.h>

/* The tariffs side by side, what went out, what cannot be known, and what the report was made from. */

/* ---------------------------------------------------------------- tariffs */

static void put_tariff_text(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    int64_t first = dcl_zone_day(say->zone, r->compare_from_us),
            last = dcl_zone_day(say->zone, r->compare_to_us - 1);
    int least = -1, most = -1, known = 0;
    dcl_put(page, "<p>");
    PUT_SAID(page, W_TARIFFS_TEXT, dcl_say_span(page, r->compare_to_us - r->compare_from_us));
    if (r->limits >> DCL_LIMIT_PART_COMPARED & 1)
        PUT_SAID(page, W_TARIFFS_PART, dcl_say_date(say, first, DATE_PLAIN),
                 dcl_say_date(say, last, DATE_PLAIN));
    if (r->one_list) dcl_put_word(page, W_TARIFFS_TODAY);
    for (int i = 0; i < DCL_TARIFF_KIND_COUNT; i++) {
        if (!isfinite(r->tariffs[i].eur_span)) continue;
        known++;
        if (least < 0 || r->tariffs[i].eur_span < r->tariffs[least].eur_span) least = i;
        if (most < 0 || r->tariffs[i].eur_span > r->tariffs[most].eur_span) most = i;
    }
    if (known > 1) {
        double gap = r->tariffs[most].eur_span - r->tariffs[least].eur_span;
        /* Standing charges are only known to about 1 %: a smaller difference tells nothing. */
        if (gap < 0.01 * r->tariffs[most].eur_span)
            PUT_SAID(page, W_TARIFFS_CLOSE, dcl_say_eur_about(say, gap));
        else
            PUT_SAID(page, W_TARIFFS_LEAST, dcl_say_tariff(page, (dcl_tariff_kind)least),
                     dcl_say_eur_about(say, gap), dcl_say_tariff(page, (dcl_tariff_kind)most));
    }
    dcl_put_word(page, r->limits >> DCL_LIMIT_NO_YEAR & 1 ? W_TARIFFS_NO_YEAR : W_TARIFFS_YEAR);
    dcl_put(page, "</p>");
}

static void put_tariff_row(dcl_page *page, const dcl_report_tariff *t, double most, bool year) {
    static const dcl_word reasons[] = {[DCL_UNPRICED_NO_PRICES] = W_WHY_NO_PRICES,
                                       [DCL_UNPRICED_NO_COLOUR] = W_WHY_NO_COLOUR,
                                       [DCL_UNPRICED_NO_HOURS] = W_WHY_NO_HOURS};
    dcl_speaker *say = &page->say;
    bool mine =
        !(page->report->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1) && t->kind == page->report->cost_tariff;
    dcl_text_format(page->out, "<tr%s><th scope=\"row\">%s", mine ? " class=\"mine\"" : "",
                    dcl_say_tariff(page, t->kind));
    if (mine) dcl_text_format(page->out, " <small>(%s)</small>", dcl_word_text(say->lang, W_YOURS));
    if (t->reason < DCL_UNPRICED_COUNT) {
        dcl_text_format(page->out, "</th><td colspan=\"%d\"><small>%s</small></td></tr>\n", year ? 4 : 3,
                        SAY(say, W_LABELLED, dcl_word_text(say->lang, W_UNKNOWN),
                            dcl_word_text(say->lang, reasons[t->reason])));
        return;
    }
    dcl_text_format(page->out, "<span class=\"meter\" style=\"width:%d%%\"></span></th>",
                    most > 0 && isfinite(t->eur_span) ? (int)(100 * t->eur_span / most) : 0);
    int decimals = most < 100 ? 2 : 0; /* what another tariff would have cost is no bill */
    dcl_put_cell(page, dcl_say_number(say, t->energy_eur, decimals));
    dcl_put_cell(page, dcl_say_number(say, t->standing_eur, decimals));
    dcl_put_cell(page, dcl_say_number(say, t->eur_span, decimals));
    if (year) dcl_put_cell(page, dcl_say_number(say, t->eur_per_year, 0));
    dcl_put(page, "</tr>\n");
}

/* "Base (1 February 2024 to 1 February 2025); Tempo (…)" */
static void put_price_dates(dcl_page *page) {
    dcl_speaker *say = &page->say;
    const char *all = "";
    for (int i = 0; i < DCL_TARIFF_KIND_COUNT; i++) {
        const dcl_report_tariff *t = &page->report->tariffs[i];
        if (!t->has_lists) continue;
        const char *first = dcl_say_date(say, t->first_list_day, DATE_PLAIN);
        const char *last = dcl_say_date(say, t->last_list_day, DATE_PLAIN);
        const char *dates =
            t->first_list_day == t->last_list_day ? last : SAY(say, W_DATE_RANGE, first, last);
        const char *named = SAY(say, W_NAMED, dcl_say_tariff(page, t->kind), dates);
        all = *all ? SAY(say, W_JOINED, all, named) : named;
    }
    if (*all) PUT_SAID(page, W_PRICES_FROM, all);
}

static void put_assumptions(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    char hours[256];
    dcl_hours_format(&r->hours, hours, sizeof hours);
    dcl_put(page, "<p class=\"note\">");
    dcl_put_word(page, W_ASSUMPTIONS);
    PUT_SAID(page, r->limits >> DCL_LIMIT_POWER_ASSUMED & 1 ? W_ASSUME_KVA_ASSUMED : W_ASSUME_KVA,
             dcl_say_number(say, r->subscribed_kva, 0));
    dcl_put_word(page, W_SEPARATOR);
    PUT_SAID(page, r->limits >> DCL_LIMIT_HOURS_ASSUMED & 1 ? W_ASSUME_HOURS_ASSUMED : W_ASSUME_HOURS, hours);
    dcl_put_word(page, W_SEPARATOR);
    dcl_put_word(page, W_ASSUME_TAX);
    dcl_put(page, ". ");
    put_price_dates(page);
    dcl_put(page, "</p>");
}

void dcl_page_tariffs(dcl_page *page) {
    static const dcl_word columns[] = {W_COL_OPTION, W_COL_ENERGY_EUR, W_COL_STANDING_EUR, W_COL_TOTAL_EUR,
                                       W_COL_YEAR_EUR};
    const dcl_report *r = page->report;
    bool year = !(r->limits >> DCL_LIMIT_NO_YEAR & 1);
    double most = 0;
    for (int i = 0; i < DCL_TARIFF_KIND_COUNT; i++) most = fmax(most, r->tariffs[i].eur_span);
    dcl_text_format(page->out, "<section><h2>%s</h2>", dcl_word_text(page->say.lang, W_TARIFFS));
    if (dcl_too_brief(r)) {
        dcl_put(page, "<p>");
        PUT_SAID(page, W_TARIFFS_BRIEF, dcl_say_span(page, r->covered_us));
        dcl_put(page, "</p></section>\n");
        return;
    }
    put_tariff_text(page);
    dcl_put_table(page, "", columns, year ? 5 : 4);
    for (int i = 0; i < DCL_TARIFF_KIND_COUNT; i++) put_tariff_row(page, &r->tariffs[i], most, year);
    dcl_put(page, "</tbody></table></div>");
    put_assumptions(page);
    dcl_put(page, "</section>\n");
}

void dcl_page_export(dcl_page *page) {
    if (!isfinite(page->report->export_kwh)) return;
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_word_text(page->say.lang, W_EXPORT));
    PUT_SAID(page, W_EXPORT_TEXT, dcl_say_kwh(&page->say, page->report->export_kwh));
    dcl_put(page, "</p></section>\n");
}

/* ---------------------------------------------------------------- limits and basis */

_Static_assert(W_LIMIT_OWN_SOLAR_UNSEEN - W_LIMIT_SIMULATED + 1 == DCL_LIMIT_COUNT, "a text for every limit");
_Static_assert(W_NOTE_ESTIMATED - W_NOTE_STAMPS_ARE_ENDS + 1 == DCL_NOTE_COUNT, "a text for every note");
_Static_assert(W_EXCLUDED_NOT_READ - W_EXCLUDED_BAD_ROW + 1 == DCL_EXCLUSION_COUNT,
               "a text for every reason");

/* The one thing that a limit's sentence is filled with. */
static const char *limit_detail(dcl_page *page, dcl_limit limit) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    char hours[256];
    switch (limit) {
    case DCL_LIMIT_GAPS: return dcl_say_percent(say, r->coverage, 0);
    case DCL_LIMIT_COARSE:
        return dcl_say_duration(say, r->reading_us > r->period_us ? r->reading_us : r->period_us);
    case DCL_LIMIT_FEW_DAYS: return dcl_say_span(page, r->covered_us);
    case DCL_LIMIT_POWER_ASSUMED: return dcl_say_number(say, r->subscribed_kva, 0);
    case DCL_LIMIT_HOURS_ASSUMED: {
        dcl_hours_format(&r->hours, hours, sizeof hours);
        const char *kept = dcl_arena_strdup(say->arena, hours);
        if (!kept) say->failed = true;
        return kept ? kept : "";
    }
    default: return "";
    }
}

void dcl_page_limits(dcl_page *page) {
    dcl_text_format(page->out, "<section><h2>%s</h2><ul class=\"plain\">",
                    dcl_word_text(page->say.lang, W_LIMITS));
    for (int i = 0; i < DCL_LIMIT_COUNT; i++) {
        if (!(page->report->limits >> i & 1)) continue;
        dcl_put(page, "<li>");
        PUT_SAID(page, (dcl_word)(W_LIMIT_SIMULATED + i), limit_detail(page, (dcl_limit)i));
        dcl_put(page, "</li>");
    }
    dcl_put(page, "</ul></section>\n");
}

static void put_excluded(dcl_page *page) {
    bool any = false;
    for (int i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        const dcl_excluded *excluded = &page->report->excluded[i];
        if (!excluded->count) continue;
        if (!any)
            dcl_text_format(page->out, "<p>%s</p><ul class=\"plain\">",
                            dcl_word_text(page->say.lang, W_BASIS_EXCLUDED));
        any = true;
        dcl_put(page, "<li>");
        PUT_SAID(page, W_COUNTED, dcl_say_number(&page->say, (double)excluded->count, 0),
                 dcl_word_text(page->say.lang, (dcl_word)(W_EXCLUDED_BAD_ROW + i)));
        dcl_put(page, "</li>");
    }
    if (any)
        dcl_put(page, "</ul>");
    else
        dcl_text_format(page->out, "<p>%s</p>", dcl_word_text(page->say.lang, W_BASIS_ALL_KEPT));
}

void dcl_page_basis(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_word_text(say->lang, W_BASIS));
    PUT_SAID(page, W_BASIS_TEXT, dcl_say_number(say, (double)r->readings, 0),
             dcl_say_duration(say, r->period_us), page->zone_name);
    for (int i = 0; i < DCL_NOTE_COUNT; i++) {
        if (!(r->notes >> i & 1) || i == DCL_NOTE_SIMULATED) continue;
        dcl_put_word(page, (dcl_word)(W_NOTE_STAMPS_ARE_ENDS + i));
        dcl_put(page, " ");
    }
    dcl_put(page, "</p>");
    put_excluded(page);
    dcl_put(page, "</section>\n");
    dcl_put_foot(page, dcl_page_script);
}
