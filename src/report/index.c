#include "report/analyst.h"
#include <declic/report_index.h>

#include <math.h>
#include <string.h>

/* The list of many homes' pages: a table of the analyst's family. */

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
    dcl_analyst_cell(page, value, isfinite(value) ? text : dcl_word_text(page->say.lang, W_NONE));
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
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const char *heads[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) heads[i] = dcl_word_text(page->say.lang, columns[i]);
    dcl_put(page, "<section>");
    dcl_analyst_table(page, heads[0], heads, COLUMNS);
    for (size_t i = 0; i < n; i++)
        if (!rows[i].why) put_row(page, &rows[i], i);
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
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
    dcl_analyst_head(page, dcl_word_text(say->lang, title));
    dcl_put(page, "<p class=\"lead\">");
    PUT_SAID(page, W_INDEX_LEAD, dcl_say_number(say, (double)pages, 0), dcl_say_kwh(say, kwh));
    dcl_put(page, "</p>");
    dcl_analyst_main(page);
}

dcl_status dcl_report_index_html(const dcl_context *context, const dcl_report_row *rows, size_t n,
                                 bool simulated, dcl_lang lang, dcl_arena *arena, const char **html,
                                 size_t *n_bytes, dcl_error *error) {
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the list is written in French or English");
    dcl_text text = {0};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_page page = dcl_analyst_page(context, lang, &text, &scratch);
    size_t failed = 0;
    for (size_t i = 0; i < n; i++) failed += rows[i].why != NULL;
    put_head(&page, rows, n, simulated);
    if (failed < n) put_pages(&page, rows, n);
    if (failed) put_failed(&page, rows, n);
    return dcl_analyst_finish(&page, arena, html, n_bytes, error);
}
