#include "report/page.h"

#include <math.h>

/* What was expected of the last day, what came, and what is expected next. */

static const char *say_band(dcl_page *page, const dcl_ahead_energy *energy) {
    dcl_speaker *say = &page->say;
    int decimals = energy->high_kwh < 9.95 ? 1 : 0;
    return SAY(say, W_AHEAD_BAND, dcl_say_number(say, energy->low_kwh, decimals),
               dcl_say_unit(say, energy->high_kwh, decimals, "kWh"));
}

static const char *say_energy(dcl_page *page, const dcl_ahead_energy *energy) {
    const char *kwh = dcl_say_kwh(&page->say, energy->kwh);
    return isfinite(energy->low_kwh) ? SAY(&page->say, W_AHEAD_ENERGY, kwh, say_band(page, energy)) : kwh;
}

static const char *say_moment(dcl_page *page, int64_t time_us) {
    dcl_speaker *say = &page->say;
    return SAY(say, W_AHEAD_MOMENT, dcl_say_date(say, dcl_zone_day(say->zone, time_us), DATE_LONG),
               dcl_say_time(say, time_us, false));
}

static void put_text(dcl_page *page) {
    const dcl_report_ahead *a = &page->report->ahead;
    dcl_speaker *say = &page->say;
    const char *day = dcl_say_date(say, dcl_zone_day(say->zone, a->start_us), DATE_LONG);
    dcl_put(page, "<p>");
    PUT_SAID(page, a->day_over ? W_AHEAD_DAY : W_AHEAD_DAY_SO_FAR, day, say_energy(page, &a->day),
             dcl_say_kwh(say, a->came_kwh));
    if (a->compared)
        PUT_SAID(page, W_AHEAD_INSIDE, dcl_say_number(say, a->inside, 0),
                 dcl_say_number(say, a->compared, 0));
    dcl_put(page, "</p><p>");
    PUT_SAID(page, W_AHEAD_NEXT, say_moment(page, a->issued_us), say_energy(page, &a->next));
    dcl_put(page, "</p><p class=\"note\">");
    if (a->why == DCL_AHEAD_WHY_MODEL_SHORT) dcl_put_word(page, W_AHEAD_MODEL_SHORT);
    if (a->from == DCL_AHEAD_FROM_RULE)
        PUT_SAID(page, W_AHEAD_RULE, dcl_say_number(say, a->days, 0));
    else
        dcl_put_word(page, W_AHEAD_MODEL);
    if (a->learned_later) dcl_put_word(page, W_AHEAD_LEARNED_LATER);
    dcl_put(page, "</p>");
}

static double highest(const dcl_report_ahead *a) {
    double top = 1;
    for (size_t i = 0; i < a->n; i++) {
        if ((double)a->high_w[i] > top) top = (double)a->high_w[i];
        if ((double)a->came_w[i] > top) top = (double)a->came_w[i];
    }
    return top;
}

static void put_chart(dcl_page *page) {
    const dcl_report_ahead *a = &page->report->ahead;
    dcl_speaker *say = &page->say;
    dcl_chart chart;
    dcl_put(page, "<figure>");
    const dcl_moments moments = {.start_us = a->start_us, .step_us = DCL_HOUR_US / 2, .n = a->n};
    dcl_chart_open_moments(
        page, &chart, AXIS_POWER, highest(a), &moments, "", dcl_word_text(say->lang, W_AHEAD),
        SAY(say, W_AHEAD_DESC, dcl_say_number(say, a->inside, 0), dcl_say_number(say, a->compared, 0)));
    dcl_chart_tell(&chart, W_AHEAD_EIGHT);
    dcl_chart_band(&chart, "secondband", a->low_w, a->high_w, a->n);
    dcl_chart_upright(&chart, "cut", (double)a->n_first / (double)a->n);
    dcl_chart_tell(&chart, W_AHEAD_EXPECTED);
    dcl_chart_line(&chart, "second", a->mean_w, a->n);
    dcl_chart_tell(&chart, W_AHEAD_CAME);
    dcl_chart_line(&chart, "main", a->came_w, a->n);
    dcl_chart_shut(&chart);
    dcl_chart_time_axis(&chart, a->start_us, a->end_us);
    dcl_chart_close(&chart);
    dcl_legend(page, "main", dcl_word_text(say->lang, W_AHEAD_CAME));
    dcl_legend(page, "second", dcl_word_text(say->lang, W_AHEAD_EXPECTED));
    dcl_legend(page, "secondband", dcl_word_text(say->lang, W_AHEAD_EIGHT));
    dcl_put(page, "</figure>");
}

static const char *say_pair(dcl_page *page, const float *watt) {
    double mean = ((double)watt[0] + (double)watt[1]) / 2;
    return isfinite(mean) ? dcl_say_watt(&page->say, mean) : dcl_word_text(page->say.lang, W_NONE);
}

static void put_table(dcl_page *page) {
    static const dcl_word columns[] = {W_COL_HOURS, W_AHEAD_EXPECTED, W_AHEAD_LOW, W_AHEAD_HIGH,
                                       W_AHEAD_CAME};
    const dcl_report_ahead *a = &page->report->ahead;
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<details><summary>%s</summary>", dcl_word_text(say->lang, W_AS_TABLE));
    dcl_put_table(page, "", columns, 5);
    for (size_t i = 0; i + 1 < a->n; i += 2) {
        int64_t at = a->start_us + (int64_t)i * DCL_HOUR_US / 2;
        dcl_put_row_head(page,
                         SAY(say, W_AHEAD_HOUR, dcl_say_date(say, dcl_zone_day(say->zone, at), DATE_SHORT),
                             dcl_say_time(say, at, false)));
        dcl_put_cell(page, say_pair(page, a->mean_w + i));
        dcl_put_cell(page, say_pair(page, a->low_w + i));
        dcl_put_cell(page, say_pair(page, a->high_w + i));
        dcl_put_cell(page, say_pair(page, a->came_w + i));
        dcl_put(page, "</tr>\n");
    }
    dcl_put(page, "</tbody></table></div></details>");
}

void dcl_page_ahead(dcl_page *page) {
    const dcl_report_ahead *a = &page->report->ahead;
    static const dcl_word reasons[] = {[DCL_AHEAD_WHY_TOO_SHORT] = W_AHEAD_TOO_SHORT,
                                       [DCL_AHEAD_WHY_TOO_COARSE] = W_AHEAD_TOO_COARSE,
                                       [DCL_AHEAD_WHY_GAPS] = W_AHEAD_GAPS};
    if (dcl_too_brief(page->report)) return;
    dcl_text_format(page->out, "<section><h2>%s</h2>", dcl_word_text(page->say.lang, W_AHEAD));
    if (a->from == DCL_AHEAD_FROM_NOBODY) {
        dcl_text_format(page->out, "<p>%s</p></section>\n", dcl_word_text(page->say.lang, reasons[a->why]));
        return;
    }
    put_text(page);
    put_chart(page);
    put_table(page);
    dcl_put(page, "</section>\n");
}
