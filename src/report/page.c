#include "report/page.h"

#include <math.h>
#include <string.h>

/* The document: its head, its summary, and the sections one after another. */

void dcl_put(dcl_page *page, const char *markup) {
    dcl_text_put(page->out, markup);
}

void dcl_put_word(dcl_page *page, dcl_word word) {
    dcl_put(page, dcl_word_text(page->say.lang, word));
}

void dcl_put_cell(dcl_page *page, const char *text) {
    dcl_text_format(page->out, "<td>%s</td>", text);
}

void dcl_put_row_head(dcl_page *page, const char *text) {
    dcl_text_format(page->out, "<tr><th scope=\"row\">%s</th>", text);
}

void dcl_put_table(dcl_page *page, const char *caption, const dcl_word *columns, size_t n) {
    dcl_text_format(page->out, "<div class=\"wide\"><table><caption>%s</caption><thead><tr>", caption);
    for (size_t i = 0; i < n; i++)
        dcl_text_format(page->out, "<th scope=\"col\">%s</th>", dcl_word_text(page->say.lang, columns[i]));
    dcl_put(page, "</tr></thead><tbody>\n");
}

const char *dcl_say_days(dcl_page *page, int64_t days) {
    if (days == 1) return dcl_word_text(page->say.lang, W_ONE_DAY);
    return SAY(&page->say, W_N_DAYS, dcl_say_number(&page->say, (double)days, 0));
}

const char *dcl_say_span(dcl_page *page, int64_t span_us) {
    if (span_us < 23 * DCL_HOUR_US) return dcl_say_duration(&page->say, span_us);
    return dcl_say_days(page, (span_us + DCL_DAY_US / 2) / DCL_DAY_US);
}

const char *dcl_say_tariff(dcl_page *page, dcl_tariff_kind kind) {
    static const dcl_word names[] = {[DCL_TARIFF_BASE] = W_TARIFF_BASE,
                                     [DCL_TARIFF_HC] = W_TARIFF_HC,
                                     [DCL_TARIFF_TEMPO] = W_TARIFF_TEMPO};
    return dcl_word_text(page->say.lang, names[kind]);
}

const char *dcl_say_list_date(dcl_page *page, dcl_tariff_kind kind) {
    return dcl_say_date(&page->say, page->report->tariffs[kind].last_list_day, DATE_PLAIN);
}

_Static_assert(W_APPLIANCE_SOLAR - W_APPLIANCE_UNKNOWN + 1 == DCL_APPLIANCE_COUNT,
               "a name for every appliance");

const char *dcl_say_appliance(dcl_page *page, dcl_appliance appliance) {
    return dcl_word_text(page->say.lang, (dcl_word)(W_APPLIANCE_UNKNOWN + (int)appliance));
}

_Static_assert(W_CLASS_RED_HC - W_CLASS_HP == DCL_PRICE_RED_HC - DCL_PRICE_HP, "a name for every period");

const char *dcl_say_price_class(dcl_page *page, int price_class) {
    if (price_class < DCL_PRICE_HP || price_class >= DCL_PRICE_CLASS_COUNT) return "";
    return dcl_word_text(page->say.lang, (dcl_word)(W_CLASS_HP + price_class - DCL_PRICE_HP));
}

bool dcl_too_brief(const dcl_report *report) {
    return report->covered_us < 12 * DCL_HOUR_US;
}

/* ---------------------------------------------------------------- head and summary */

static void put_span(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    int64_t first = dcl_zone_day(say->zone, r->from_us), last = dcl_zone_day(say->zone, r->to_us - 1);
    const char *step = dcl_say_duration(say, r->reading_us > 0 ? r->reading_us : r->period_us);
    dcl_put(page, "<p class=\"span\">");
    if (r->label) {
        dcl_put(page, "<b>");
        dcl_text_html(page->out, r->label);
        dcl_put(page, "</b> · ");
    }
    if (first == last)
        PUT_SAID(page, W_SPAN_DAY, dcl_say_date(say, first, DATE_LONG), dcl_say_time(say, r->from_us, false),
                 dcl_say_time(say, r->to_us, false), step);
    else
        PUT_SAID(page, W_SPAN, dcl_say_date(say, first, DATE_PLAIN), dcl_say_date(say, last, DATE_PLAIN),
                 dcl_say_span(page, r->to_us - r->from_us), step);
    dcl_put(page, "</p>\n");
}

static double covered_days(const dcl_report *r) {
    return (double)r->covered_us / (double)DCL_DAY_US;
}

/* What the figures do not say. */
static void put_summary(dcl_page *page) {
    const dcl_report *r = page->report;
    const dcl_report_night_load *night = &r->night_load;
    dcl_speaker *say = &page->say;
    bool gaps = r->limits >> DCL_LIMIT_GAPS & 1, uses = dcl_page_has_uses(r);
    bool nights = night->found && (!uses || r->uses.use[DCL_USE_WATER_HEATER].why);
    if (!gaps && !uses && !nights) return;
    dcl_put(page, "<p class=\"lead\">");
    if (gaps) PUT_SAID(page, W_SUM_COVERAGE, dcl_say_percent(say, r->coverage, 0));
    if (uses) dcl_put_uses_sentence(page);
    if (nights)
        PUT_SAID(page, W_SUM_NIGHT, dcl_say_watt(say, night->mean_w), dcl_say_clock(say, night->minute),
                 dcl_say_number(say, night->days_seen, 0), dcl_say_number(say, night->days, 0),
                 dcl_say_percent(say, night->kwh / r->energy_kwh, 0));
    dcl_put(page, "</p>\n");
}

static void put_tile(dcl_page *page, const char *value, const char *label) {
    dcl_text_format(page->out, "<li><b>%s</b><span>%s</span></li>", value, label);
}

static const char *cost_label(dcl_page *page) {
    const dcl_report *r = page->report;
    const char *tariff = dcl_say_tariff(page, r->cost_tariff);
    if (r->one_list)
        return SAY(&page->say, W_TILE_COST_TODAY, tariff, dcl_say_list_date(page, r->cost_tariff));
    return SAY(&page->say, r->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1 ? W_TILE_COST_ASSUMED : W_TILE_COST,
               tariff);
}

/* True where the last month is all there is: what matters first has said how much it was. */
static bool told_first(const dcl_report *r) {
    const dcl_report_recent *recent = &r->recent;
    return recent->known && !dcl_too_brief(r) && recent->now.kwh > 0.995 * r->energy_kwh;
}

static void put_amount_tiles(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    put_tile(page, dcl_say_kwh(say, r->energy_kwh),
             SAY(say, W_TILE_ENERGY, dcl_say_span(page, r->to_us - r->from_us)));
    if (covered_days(r) >= 1.5)
        put_tile(page, dcl_say_kwh(say, r->energy_kwh / covered_days(r)),
                 dcl_word_text(say->lang, W_TILE_DAY));
    else
        put_tile(page, dcl_say_watt(say, r->energy_kwh * 3.6e12 / (double)r->covered_us),
                 dcl_word_text(say->lang, W_TILE_POWER));
    if (isfinite(r->energy_cost_eur) && !dcl_too_brief(r))
        put_tile(page, dcl_say_eur_about(say, r->energy_cost_eur), cost_label(page));
}

static void put_tiles(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    const dcl_report_always_on *f = &r->always_on;
    if (told_first(r) && !f->days && !isfinite(r->export_kwh)) return;
    dcl_put(page, "<ul class=\"tiles\">");
    if (!told_first(r)) put_amount_tiles(page);
    if (f->days)
        put_tile(page, SAY(say, W_RANGE, dcl_say_number(say, f->low_w, 0), dcl_say_watt(say, f->high_w)),
                 dcl_word_text(say->lang, W_TILE_FLOOR));
    if (isfinite(r->export_kwh))
        put_tile(page, dcl_say_kwh(say, r->export_kwh), dcl_word_text(say->lang, W_EXPORT_SHORT));
    dcl_put(page, "</ul>\n");
}

void dcl_put_head(dcl_page *page, const char *title, const char *more_style, const char *script_hash) {
    dcl_put(page, "<!DOCTYPE html>\n<html lang=\"");
    dcl_put_word(page, W_LANG);
    dcl_put(page, "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
                  "content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src "
                  "'unsafe-inline'; script-src 'sha256-");
    dcl_put(page, script_hash);
    dcl_put(page, "'\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                  "<meta name=\"color-scheme\" content=\"light dark\">"
                  "<meta name=\"referrer\" content=\"no-referrer\"><title>");
    dcl_text_html(page->out, title);
    dcl_put(page, "</title><style>\n");
    dcl_put(page, dcl_page_style);
    dcl_put(page, more_style);
    dcl_put(page, "</style></head>\n<body><header><h1>");
    dcl_text_html(page->out, title);
    dcl_put(page, "</h1>");
}

void dcl_put_foot(dcl_page *page, const char *script) {
    dcl_put(page, "</main>\n<footer><p>");
    dcl_put_word(page, W_FOOTER);
    dcl_put(page, "</p></footer><script>");
    dcl_put(page, script);
    dcl_put(page, "</script></body></html>\n");
}

void dcl_page_head(dcl_page *page) {
    bool simulated = page->report->limits >> DCL_LIMIT_SIMULATED & 1;
    dcl_word title = simulated ? W_TITLE_SIMULATED : W_TITLE;
    dcl_put_head(page, dcl_word_text(page->say.lang, title), "", dcl_page_script_hash);
    put_span(page);
    dcl_page_first(page);
    put_tiles(page);
    put_summary(page);
    dcl_put(page, "</header>\n<main data-words=\"");
    dcl_put_word(page, W_SCRIPT_WORDS);
    dcl_put(page, "\">\n");
}

/* ---------------------------------------------------------------- the page */

dcl_status dcl_report_html(const dcl_context *context, const dcl_report *report, dcl_lang lang,
                           dcl_arena *arena, const char **html, size_t *n, dcl_error *error) {
    static void (*const sections[])(dcl_page *) = {
        dcl_page_head,    dcl_page_savings, dcl_page_months,  dcl_page_breakdown, dcl_page_floor,
        dcl_page_similar, dcl_page_week,    dcl_page_typical, dcl_page_ahead,     dcl_page_heat,
        dcl_page_curves,  dcl_page_loads,   dcl_page_peaks,   dcl_page_tariffs,   dcl_page_export,
        dcl_page_limits,  dcl_page_basis,
    };
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the page is written in French or English");
    dcl_text text = {0};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_page page = {.out = &text,
                     .say = {.lang = lang, .zone = context->zone, .arena = &scratch},
                     .report = report,
                     .zone_name = dcl_zone_name(context->zone)};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](&page);
    bool failed = text.failed || page.say.failed;
    char *kept = failed ? NULL : dcl_arena_alloc(arena, text.n + 1, 1);
    if (kept) {
        memcpy(kept, text.at, text.n + 1);
        *html = kept;
        *n = text.n;
    }
    dcl_arena_free(&scratch);
    dcl_text_free(&text);
    return kept ? DCL_OK : dcl_fail_memory(error, "the page");
}
