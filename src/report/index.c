#include "report/page.h"
#include <declic/report_index.h>

#include <math.h>
#include <string.h>

/* The list of many homes' pages. Sorting is the one thing that a script does: without it the table stands as it is. */

/* A click sorts by a column's data-v, a second one the other way round; what has no number stays last. */
static const char script[] =
    "<script>document.querySelectorAll('th button').forEach(function(b){b.onclick=function(){"
    "var h=b.parentNode,i=h.cellIndex,t=h.closest('table'),d=h.getAttribute('aria-sort')=='descending'?1:-1,"
    "y=t.tBodies[0],r=Array.from(y.rows);"
    "t.querySelectorAll('th').forEach(function(o){o.removeAttribute('aria-sort')});"
    "h.setAttribute('aria-sort',d<0?'descending':'ascending');"
    "r.sort(function(p,q){var u=p.cells[i].dataset.v,v=q.cells[i].dataset.v;"
    "if(u===''||v==='')return (u==='')-(v==='');return d*(u-v)});"
    "r.forEach(function(o){y.appendChild(o)})}})</script>";

/* The one script of the page is its own. */
static const char policy[] =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'\">";

static const char style[] =
    ".index a{color:var(--main)}.index td,.index th{white-space:nowrap}th button{all:unset;cursor:pointer}"
    "th button:focus-visible{outline:2px solid var(--main);outline-offset:2px}"
    "th[aria-sort=descending] button::after{content:\" ↓\"}"
    "th[aria-sort=ascending] button::after{content:\" ↑\"}\n";

void dcl_report_row_fill(const dcl_report *report, dcl_report_row *row) {
    const dcl_savings *all = &report->savings;
    row->days = report->full_days;
    row->coverage = report->coverage;
    row->energy_kwh = report->energy_kwh;
    row->low_w = report->always_on.low_w;
    row->high_w = report->always_on.high_w;
    row->eur = report->energy_cost_eur + report->standing_cost_eur;
    row->save_low = all->n == 1 ? all->advice[all->order[0]].eur_low : all->joint_eur_low;
    row->save_high = all->n == 1 ? all->advice[all->order[0]].eur_high : all->joint_eur_high;
    if (!all->n) row->save_low = row->save_high = NAN;
}

/* ---------------------------------------------------------------- the table */

static void put_value(dcl_page *page, double value, const char *text) {
    dcl_put(page, "<td data-v=\"");
    if (isfinite(value)) dcl_text_fixed(page->out, value, 3);
    dcl_text_format(page->out, "\">%s</td>", isfinite(value) ? text : dcl_word_text(page->say.lang, W_NONE));
}

static void put_row(dcl_page *page, const dcl_report_row *row, size_t place) {
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<tr><th scope=\"row\" data-v=\"%zu\"><a href=\"", place);
    dcl_text_html(page->out, row->file);
    dcl_put(page, "\">");
    dcl_text_html(page->out, row->label);
    dcl_put(page, "</a></th>");
    put_value(page, row->energy_kwh, dcl_say_number(say, row->energy_kwh, 0));
    put_value(page, row->eur, dcl_say_number(say, row->eur, 0));
    put_value(page, row->high_w,
              SAY(say, W_RANGE, dcl_say_number(say, row->low_w, 0), dcl_say_number(say, row->high_w, 0)));
    put_value(page, row->save_high, dcl_say_eur_range(say, row->save_low, row->save_high));
    put_value(page, row->coverage, dcl_say_percent(say, row->coverage, row->coverage < 0.995 ? 1 : 0));
    put_value(page, (double)row->days, dcl_say_number(say, (double)row->days, 0));
    dcl_put(page, "</tr>\n");
}

static void put_pages(dcl_page *page, const dcl_report_row *rows, size_t n) {
    static const dcl_word columns[] = {W_INDEX_HOME, W_COL_KWH,       W_INDEX_EUR, W_INDEX_FLOOR,
                                       W_INDEX_SAVE, W_INDEX_COVERED, W_INDEX_DAYS};
    dcl_put(page, "<section><div class=\"wide index\"><table><thead><tr>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        dcl_text_format(page->out, "<th scope=\"col\"><button type=\"button\">%s</button></th>",
                        dcl_word_text(page->say.lang, columns[i]));
    dcl_put(page, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++)
        if (!rows[i].why) put_row(page, &rows[i], i);
    dcl_put(page, "</tbody></table></div></section>\n");
}

static void put_failed(dcl_page *page, const dcl_report_row *rows, size_t n) {
    dcl_text_format(page->out, "<section><h2>%s</h2><ul class=\"plain\">",
                    dcl_word_text(page->say.lang, W_INDEX_FAILED));
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].why) continue;
        dcl_put(page, "<li>");
        dcl_text_html(page->out, SAY(&page->say, W_LABELLED, rows[i].label, rows[i].why));
        dcl_put(page, "</li>\n");
    }
    dcl_put(page, "</ul></section>\n");
}

static void put_head(dcl_page *page, const dcl_report_row *rows, size_t n, bool simulated) {
    dcl_word title = simulated ? W_INDEX_TITLE_SIMULATED : W_INDEX_TITLE;
    dcl_speaker *say = &page->say;
    size_t pages = 0;
    double kwh = 0;
    for (size_t i = 0; i < n; i++) {
        pages += !rows[i].why;
        kwh += rows[i].why ? 0 : rows[i].energy_kwh;
    }
    dcl_put(page, "<!DOCTYPE html>\n<html lang=\"");
    dcl_put_word(page, W_LANG);
    dcl_text_format(page->out, "\"><head><meta charset=\"utf-8\">%s", policy);
    dcl_put(page, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                  "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" "
                  "content=\"no-referrer\"><title>");
    dcl_put_word(page, title);
    dcl_text_format(page->out,
                    "</title><style>\n%s%s</style></head>\n<body><header><h1>%s</h1><p class=\"lead\">",
                    dcl_page_style, style, dcl_word_text(say->lang, title));
    PUT_SAID(page, W_INDEX_LEAD, dcl_say_number(say, (double)pages, 0), dcl_say_kwh(say, kwh));
    dcl_put(page, "</p></header>\n<main>\n");
}

dcl_status dcl_report_index_html(const dcl_context *context, const dcl_report_row *rows, size_t n,
                                 bool simulated, dcl_lang lang, dcl_arena *arena, const char **html,
                                 size_t *n_bytes, dcl_error *error) {
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the list is written in French or English");
    dcl_text text = {0};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_page page = {.out = &text, .say = {.lang = lang, .zone = context->zone, .arena = &scratch}};
    size_t failed = 0;
    for (size_t i = 0; i < n; i++) failed += rows[i].why != NULL;
    put_head(&page, rows, n, simulated);
    if (failed < n) put_pages(&page, rows, n);
    if (failed) put_failed(&page, rows, n);
    dcl_text_format(&text, "</main>\n<footer><p>%s</p></footer>%s</body></html>\n",
                    dcl_word_text(lang, W_FOOTER), script);
    bool broken = text.failed || page.say.failed;
    char *kept = broken ? NULL : dcl_arena_alloc(arena, text.n + 1, 1);
    if (kept) {
        memcpy(kept, text.at, text.n + 1);
        *html = kept;
        *n_bytes = text.n;
    }
    dcl_arena_free(&scratch);
    dcl_text_free(&text);
    return kept ? DCL_OK : dcl_fail_memory(error, "the list of pages");
}
