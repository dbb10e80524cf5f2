#include "report/page.h"
#include "report/report.h"

#include <math.h>

/* Loads that come again: what somebody who lives there could name, and what works more than before. */

static void put_unknowns(dcl_page *page) {
    static const dcl_word columns[] = {W_COL_NUMBER, W_COL_LOAD, W_COL_TIMES, W_COL_KWH};
    static const dcl_word parts[] = {W_IN_MORNINGS, W_IN_AFTERNOONS, W_IN_EVENINGS, W_IN_NIGHTS};
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    dcl_put(page, "<p>");
    dcl_put_word(page, W_UNKNOWNS_TEXT);
    dcl_put(page, "</p>");
    dcl_put_table(page, dcl_word_text(say->lang, W_UNKNOWNS_CAPTION), columns, 4);
    for (size_t k = 0; k < r->n_unknown; k++) {
        const dcl_report_unknown *u = &r->unknown[k];
        const char *what = SAY(say, W_UNKNOWN_LOAD, dcl_say_watt(say, u->mean_w),
                               dcl_say_duration(say, (int64_t)(u->on_s * 1e6)));
        if (u->part >= 0) what = SAY(say, W_LISTED, what, dcl_word_text(say->lang, parts[u->part]));
        dcl_put_row_head(page, dcl_say_number(say, u->number, 0));
        dcl_put_cell(page, what);
        dcl_put_cell(page, dcl_say_number(say, u->count, 0));
        dcl_put_cell(page, dcl_say_number(say, u->energy_kwh, 1));
        dcl_put(page, "</tr>\n");
    }
    dcl_put(page, "</tbody></table></div>");
}

static const char *say_points(dcl_speaker *say, double low, double high) {
    return SAY(say, W_RANGE, dcl_say_number(say, 100 * fmin(fabs(low), fabs(high)), 0),
               dcl_say_number(say, 100 * fmax(fabs(low), fabs(high)), 0));
}

static void put_change(dcl_page *page, const dcl_report_change *c) {
    dcl_speaker *say = &page->say;
    const char *name =
        c->appliance ? dcl_say_appliance(page, c->appliance) : dcl_word_text(say->lang, W_CHANGE_UNNAMED);
    dcl_put(page, "<p>");
    PUT_SAID(page, c->last > c->first ? W_CHANGE_MORE : W_CHANGE_LESS, name, dcl_say_watt(say, c->mean_w),
             dcl_say_percent(say, c->first, 0), dcl_say_percent(say, c->last, 0),
             say_points(say, c->low, c->high), dcl_say_number(say, c->days, 0));
    dcl_put(page, "</p>");
}

void dcl_page_loads(dcl_page *page) {
    const dcl_report *r = page->report;
    if (!r->n_unknown && !r->n_changes) return;
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_LOADS);
    dcl_put(page, "</h2>");
    for (size_t k = 0; k < r->n_changes; k++) put_change(page, &r->change[k]);
    if (r->n_changes) {
        dcl_put(page, "<p class=\"note\">");
        dcl_put_word(page, W_CHANGE_NOTE);
        dcl_put(page, "</p>");
    }
    if (r->n_unknown) put_unknowns(page);
    dcl_put(page, "</section>\n");
}
