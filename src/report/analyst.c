#include "report/analyst.h"

#include <math.h>
#include <string.h>

/* The frame of an analyst's page and its parts. */

void dcl_analyst_head(dcl_page *page, const char *title) {
    dcl_put_head(page, title, dcl_analyst_style, dcl_analyst_script_hash);
}

void dcl_analyst_main(dcl_page *page) {
    dcl_put(page, "</header>\n<main>\n");
}

dcl_page dcl_analyst_page(const dcl_context *context, dcl_lang lang, dcl_text *text, dcl_arena *scratch) {
    return (dcl_page){.out = text,
                      .say = {.lang = lang, .zone = context->zone, .arena = scratch},
                      .zone_name = dcl_zone_name(context->zone)};
}

dcl_status dcl_analyst_finish(dcl_page *page, dcl_arena *arena, const char **html, size_t *n,
                              dcl_error *error) {
    dcl_text *text = page->out;
    dcl_put_foot(page, dcl_analyst_script);
    char *kept = text->failed || page->say.failed ? NULL : dcl_arena_alloc(arena, text->n + 1, 1);
    if (kept) {
        memcpy(kept, text->at, text->n + 1);
        *html = kept;
        *n = text->n;
    }
    dcl_arena_free(page->say.arena);
    dcl_text_free(text);
    return kept ? DCL_OK : dcl_fail_memory(error, "the page");
}

void dcl_analyst_tile(dcl_page *page, const char *value, const char *label) {
    dcl_text_format(page->out, "<li><b>%s</b><span>%s</span></li>", value, label);
}

void dcl_analyst_section(dcl_page *page, dcl_word title) {
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, title);
    dcl_put(page, "</h2>");
}

/* ---------------------------------------------------------------- tables */

void dcl_analyst_table(dcl_page *page, const char *label, const char *const *heads, size_t n) {
    dcl_text_format(
        page->out,
        "<div class=\"wide scrolls\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table class=\"sorts\">"
        "<thead><tr>",
        label);
    for (size_t i = 0; i < n; i++) dcl_text_format(page->out, "<th scope=\"col\">%s</th>", heads[i]);
    dcl_put(page, "</tr></thead><tbody>\n");
}

void dcl_analyst_table_end(dcl_page *page) {
    dcl_put(page, "</tbody></table></div>");
}

void dcl_analyst_cell(dcl_page *page, double value, const char *text) {
    dcl_put(page, "<td data-v=\"");
    if (isfinite(value)) dcl_text_double(page->out, value);
    dcl_text_format(page->out, "\">%s</td>", text);
}

/* ---------------------------------------------------------------- data */

void dcl_csv_name(dcl_text *csv, const char *name) {
    if (!strpbrk(name, ",\"\n\r")) {
        dcl_text_put(csv, name);
        return;
    }
    dcl_text_put(csv, "\"");
    for (const char *at = name; *at; at++) dcl_text_bytes(csv, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    dcl_text_put(csv, "\"");
}

/* The bytes that a link may hold as they are (RFC 3986, unreserved, and the comma); others as %XX. */
static void put_link(dcl_text *out, const char *bytes, size_t n) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,:";
    static const char digit[] = "0123456789ABCDEF";
    for (size_t i = 0; i < n; i++) {
        unsigned byte = (unsigned char)bytes[i];
        if (byte && strchr(plain, (int)byte))
            dcl_text_bytes(out, bytes + i, 1);
        else
            dcl_text_format(out, "%%%c%c", digit[byte >> 4], digit[byte & 15]);
    }
}

void dcl_analyst_data(dcl_page *page, const char *name, dcl_text *csv, bool along) {
    if (csv->failed) page->out->failed = true;
    dcl_text_format(page->out,
                    "<p class=\"data\"><a%s download=\"%s.csv\" href=\"data:text/csv;charset=utf-8,",
                    along ? " data-along" : "", name);
    if (csv->at) put_link(page->out, csv->at, csv->n);
    dcl_text_format(page->out, "\">%s <span>%s.csv</span></a></p>", dcl_word_text(page->say.lang, W_DATA),
                    name);
    dcl_text_free(csv);
}
