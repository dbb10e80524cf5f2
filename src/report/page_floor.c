#include "report/page.h"
#include "report/report.h"

#include <math.h>

/* What never stops, and the highest moments. */

/* ---------------------------------------------------------------- always on */

static double mean_w(const dcl_report *r) {
    return r->energy_kwh * 3.6e12 / (double)r->covered_us;
}

static void put_range_bar(dcl_page *page) {
    const dcl_report_always_on *f = &page->report->always_on;
    dcl_speaker *say = &page->say;
    double scale = fmax(mean_w(page->report), f->high_w);
    int low = (int)(1000 * f->low_w / scale), high = (int)(1000 * f->high_w / scale);
    const char *range = SAY(say, W_RANGE, dcl_say_number(say, f->low_w, 0), dcl_say_watt(say, f->high_w));
    dcl_put(page, "<figure><div class=\"range\" role=\"img\" aria-label=\"");
    PUT_SAID(page, W_FLOOR_DESC, range, dcl_say_watt(say, mean_w(page->report)));
    dcl_text_format(
        page->out,
        "\"><i class=\"high\" style=\"width:%d.%d%%\"></i><i class=\"low\" style=\"width:%d.%d%%\"></i></div>"
        "<figcaption>",
        high / 10, high % 10, low / 10, low % 10);
    static const char *const colors[] = {"--main", "--pale", "--grid"};
    static const dcl_word names[] = {W_FLOOR_LOW, W_FLOOR_HIGH, W_FLOOR_MEAN};
    const double watts[] = {f->low_w, f->high_w, mean_w(page->report)};
    for (int i = 0; i < 3; i++)
        dcl_text_format(
            page->out,
            "<span class=\"key\"><span class=\"swatch\" style=\"background:var(%s)\"></span>%s</span>",
            colors[i], SAY(say, W_LABELLED, dcl_word_text(say->lang, names[i]), dcl_say_watt(say, watts[i])));
    dcl_put(page, "</figcaption></figure>");
}

static void put_floor_formula(dcl_page *page) {
    const dcl_report *r = page->report;
    const dcl_report_always_on *f = &r->always_on;
    dcl_speaker *say = &page->say;
    const char *price = SAY(say, W_PER_KWH, dcl_say_eur(say, f->price_eur_kwh, 4));
    const double watts[] = {f->low_w, f->high_w}, kwh[] = {f->kwh_year_low, f->kwh_year_high},
                 eur[] = {f->eur_year_low, f->eur_year_high};
    dcl_text_format(page->out, "<h3>%s</h3><div class=\"formula\">", dcl_word_text(say->lang, W_FLOOR_YEAR));
    for (int i = 0; i < 2; i++) {
        dcl_put(page, "<p>");
        PUT_SAID(page, W_FLOOR_FORMULA, dcl_say_watt(say, watts[i]), dcl_say_unit(say, kwh[i], 0, "kWh"));
        if (isfinite(eur[i])) {
            dcl_put(page, "<br>");
            PUT_SAID(page, W_FLOOR_FORMULA_COST, dcl_say_unit(say, kwh[i], 0, "kWh"), price,
                     SAY(say, W_PER_YEAR, dcl_say_eur(say, eur[i], 0)));
        }
        dcl_put(page, "</p>");
    }
    dcl_put(page, "</div><p class=\"note\">");
    if (isfinite(f->price_eur_kwh))
        PUT_SAID(page, W_FLOOR_PRICE, price, dcl_say_tariff(page, r->cost_tariff),
                 dcl_say_date(say, f->list_day, DATE_PLAIN));
    dcl_put(page, "</p>");
}

static const char *quiet_name(dcl_page *page, int64_t width_us, dcl_word when_standard) {
    if (page->report->period_us <= width_us) return dcl_word_text(page->say.lang, when_standard);
    return SAY(&page->say, W_FLOOR_READING, dcl_say_duration(&page->say, page->report->period_us));
}

void dcl_page_floor(dcl_page *page) {
    const dcl_report *r = page->report;
    const dcl_report_always_on *f = &r->always_on;
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_word_text(say->lang, W_FLOOR));
    if (!f->days) {
        dcl_put_word(page, r->export_kwh > 0 ? W_FLOOR_PANELS : W_FLOOR_UNKNOWN);
        dcl_put(page, "</p></section>\n");
        return;
    }
    PUT_SAID(page, W_FLOOR_TEXT,
             SAY(say, W_FLOOR_RANGE, dcl_say_number(say, f->low_w, 0), dcl_say_watt(say, f->high_w)));
    const dcl_use *cold = &r->uses.use[DCL_USE_COLD];
    if (dcl_page_has_uses(r) && !cold->why && r->covered_us) {
        double watt = 3.6e12 / (double)r->covered_us; /* W a kWh of the covered time */
        PUT_SAID(page, W_FLOOR_COLD,
                 SAY(say, W_FLOOR_RANGE, dcl_say_number(say, cold->kwh_low * watt, 0),
                     dcl_say_watt(say, cold->kwh_high * watt)));
    }
    if (r->limits >> DCL_LIMIT_COARSE & 1)
        PUT_SAID(page, W_FLOOR_COARSE,
                 dcl_say_duration(say, r->reading_us > r->period_us ? r->reading_us : r->period_us));
    dcl_put(page, "</p>");
    put_range_bar(page);
    put_floor_formula(page);
    dcl_put(page, "<p class=\"note\">");
    PUT_SAID(page, W_FLOOR_RULE, quiet_name(page, DCL_MINUTE_US, W_FLOOR_MINUTE),
             quiet_name(page, DCL_HOUR_US, W_FLOOR_HOUR), dcl_say_days(page, f->days));
    dcl_put(page, "</p></section>\n");
}

/* ---------------------------------------------------------------- peaks */

static const char *say_va(dcl_page *page, double va) {
    double step = va >= 995 ? 10 : 1;
    return dcl_say_unit(&page->say, round(va / step) * step, 0, "VA");
}

static const char *say_kva(dcl_page *page) {
    return dcl_say_unit(&page->say, page->report->subscribed_kva, 0, "kVA");
}

static void put_peak_chart(dcl_page *page, bool known) {
    const dcl_report *r = page->report;
    const dcl_report_peaks *peaks = &r->peaks;
    dcl_speaker *say = &page->say;
    double high = (double)peaks->top[0].apparent_va, low = high, limit = r->subscribed_kva * 1000.0;
    int64_t stride = (int64_t)dcl_days_per_column(r->n_days);
    double n = (double)r->n_days / (double)stride;
    for (size_t i = 0; i < peaks->n_daily; i++) low = fmin(low, (double)peaks->daily[i].apparent_va);
    dcl_chart chart;
    dcl_put(page, "<figure>");
    dcl_chart_open(page, &chart, AXIS_APPARENT, known ? fmax(high, limit) : high,
                   r->n_days < 8 ? "low few" : "low", dcl_word_text(say->lang, W_PEAKS),
                   SAY(say, W_PEAKS_DESC, say_va(page, low), say_va(page, high)));
    for (size_t i = 0; i < peaks->n_daily; i++) {
        int64_t column = (dcl_zone_day(say->zone, peaks->daily[i].time_us) - r->days[0].day) / stride;
        double va = (double)peaks->daily[i].apparent_va, x = (double)column;
        for (; i + 1 < peaks->n_daily; i++) { /* the highest of the column's days */
            int64_t day = dcl_zone_day(say->zone, peaks->daily[i + 1].time_us);
            if ((day - r->days[0].day) / stride != column) break;
            va = fmax(va, (double)peaks->daily[i + 1].apparent_va);
        }
        if (x < 0 || x >= n) continue; /* a maximum outside the days that have power */
        dcl_chart_bar(&chart, known && va > limit ? "over" : "bar", (x + 0.14) / n, (x + 0.86) / n, va);
    }
    if (known) dcl_chart_level(&chart, "limit", limit);
    dcl_chart_shut(&chart);
    dcl_chart_day_axis(&chart, r->days[0].day, r->n_days);
    dcl_chart_close(&chart);
    if (known) dcl_legend(page, "limit", SAY(say, W_PEAKS_SUBSCRIBED, say_kva(page)));
    dcl_put(page, "</figure>");
}

static void put_peak_table(dcl_page *page, bool known) {
    static const dcl_word columns[] = {W_COL_DAY, W_COL_TIME, W_COL_MAXIMUM, W_COL_OF_SUBSCRIBED};
    const dcl_report_peaks *peaks = &page->report->peaks;
    dcl_speaker *say = &page->say;
    dcl_put_table(page, dcl_word_text(say->lang, W_TOP_PEAKS), columns, known ? 4 : 3);
    for (size_t i = 0; i < peaks->n_top; i++) {
        int64_t day = dcl_zone_day(say->zone, peaks->top[i].time_us);
        double va = (double)peaks->top[i].apparent_va;
        dcl_put_row_head(page, dcl_say_date(say, day, DATE_PLAIN));
        dcl_put_cell(page, dcl_say_time(say, peaks->top[i].time_us, false));
        dcl_put_cell(page, say_va(page, va));
        if (known) dcl_put_cell(page, dcl_say_percent(say, va / (page->report->subscribed_kva * 1000.0), 0));
        dcl_put(page, "</tr>\n");
    }
    dcl_put(page, "</tbody></table></div>");
}

static void put_peaks(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    bool known = !(r->limits >> DCL_LIMIT_POWER_ASSUMED & 1);
    dcl_put(page, "<p>");
    if (r->peaks.source == DCL_PEAKS_METER)
        dcl_put_word(page, W_PEAKS_METER);
    else
        PUT_SAID(page, W_PEAKS_READ, dcl_say_duration(say, r->peaks.step_us));
    if (!known)
        dcl_put_word(page, W_PEAKS_NO_KVA);
    else if (r->peaks.days_over)
        PUT_SAID(page, W_PEAKS_OVER, dcl_say_days(page, r->peaks.days_over),
                 dcl_say_days(page, (int64_t)r->peaks.n_daily), say_kva(page));
    else
        PUT_SAID(page, W_PEAKS_UNDER,
                 dcl_say_percent(say, (double)r->peaks.top[0].apparent_va / (r->subscribed_kva * 1000.0), 0),
                 say_kva(page));
    if (known && r->peaks.days_over) dcl_put_word(page, W_PEAKS_CARE);
    dcl_put(page, "</p>");
    if (r->n_days > 1) put_peak_chart(page, known);
    put_peak_table(page, known);
}

void dcl_page_peaks(dcl_page *page) {
    const dcl_report *r = page->report;
    int64_t step_us = r->peaks.step_us;
    if (!step_us) step_us = r->reading_us > r->period_us ? r->reading_us : r->period_us;
    const char *step = dcl_say_duration(&page->say, step_us);
    dcl_text_format(page->out, "<section><h2>%s</h2>", dcl_word_text(page->say.lang, W_PEAKS));
    if (r->peaks.source >= DCL_PEAKS_METER) {
        put_peaks(page);
    } else {
        dcl_put(page, "<p>");
        if (r->peaks.source == DCL_PEAKS_TOO_SLOW)
            PUT_SAID(page, W_PEAKS_TOO_SLOW, step);
        else
            dcl_put_word(page, W_PEAKS_NONE);
        if (r->peaks.source == DCL_PEAKS_NONE && step_us >= DCL_MINUTE_US)
            PUT_SAID(page, W_PEAKS_HIDDEN, step);
        dcl_put(page, "</p>");
    }
    dcl_put(page, "</section>\n");
}
