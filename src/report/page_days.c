#include "report/page.h"
#include "report/report.h"

#include <math.h>

/* The load curve of the days that tell most, with the cycles found in it. */

static double curve_high(const dcl_report_curve *curve, bool band) {
    double high = 0;
    for (size_t i = 0; i < curve->n; i++) {
        double value = (double)(band ? curve->high_w[i] : curve->mean_w[i]);
        if (value > high) high = value;
    }
    return high;
}

static double curve_low(const dcl_report_curve *curve) {
    double low = INFINITY;
    for (size_t i = 0; i < curve->n; i++) low = fmin(low, (double)curve->low_w[i]);
    return isinf(low) ? NAN : low;
}

/* Numbers stand under the start of their mark and keep a distance that holds on a phone: they are pushed right, then
 * back from the edge. */
#define NUMBER_WIDTH 0.05

static size_t place_numbers(const dcl_report_curve *curve, double starts[], double places[], size_t room) {
    double span = (double)(curve->end_us - curve->start_us);
    size_t n = 0;
    for (size_t i = 0; i < curve->n_cycles && n < room; i++) {
        if (!curve->label[i]) continue;
        double start = (double)(curve->cycles[i].start_us - curve->start_us) / span;
        double half = (double)(curve->cycles[i].end_us - curve->cycles[i].start_us) / span / 2;
        double x = fmin(fmax(start + fmin(half, 0.02), 0.02), 0.98);
        starts[n] = x;
        places[n] = n ? fmax(x, places[n - 1] + NUMBER_WIDTH) : x;
        n++;
    }
    for (size_t i = n; i-- > 0;) {
        double most = i + 1 < n ? places[i + 1] - NUMBER_WIDTH : 0.98;
        places[i] = fmin(places[i], most);
    }
    return n;
}

/* In a week the small ones would lie upon each other. */
static bool marked(const dcl_report_curve *curve, size_t i) {
    return curve->label[i] || curve->why != DCL_WHY_WEEK;
}

static size_t count_marked(const dcl_report_curve *curve) {
    size_t n = 0;
    for (size_t i = 0; i < curve->n_cycles; i++) n += marked(curve, i);
    return n;
}

static void put_strip(dcl_page *page, const dcl_report_curve *curve) {
    double span = (double)(curve->end_us - curve->start_us), starts[16], places[16];
    dcl_put(page, "<div class=\"chart strip\"><svg viewBox=\"0 0 10000 10000\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\">");
    for (int labelled = 0; labelled < 2; labelled++) {
        dcl_text_format(page->out, "<path class=\"mark%s\" d=\"", labelled ? " on" : "");
        for (size_t i = 0; i < curve->n_cycles; i++) {
            if ((curve->label[i] != 0) != labelled || !marked(curve, i)) continue;
            int from = dcl_place((double)(curve->cycles[i].start_us - curve->start_us) / span);
            int to = dcl_place((double)(curve->cycles[i].end_us - curve->start_us) / span);
            dcl_text_format(page->out, "M%d 0H%dV10000H%dz", from, to < from + 25 ? from + 25 : to, from);
        }
        dcl_put(page, "\"/>");
    }
    dcl_put(page, "</svg>");
    size_t n = place_numbers(curve, starts, places, sizeof places / sizeof *places);
    for (size_t i = 0; i < n; i++) {
        int per_mille = (int)(places[i] * 1000 + 0.5);
        dcl_text_format(page->out,
                        "<span class=\"num\" data-x=\"%d\" style=\"left:%d.%d%%\" "
                        "aria-hidden=\"true\">%d</span>",
                        dcl_place(starts[i]), per_mille / 10, per_mille % 10, (int)i + 1);
    }
    dcl_put(page, "</div>");
}

/* When it began, and under it what it was, where that has a name. */
static void put_start(dcl_page *page, const dcl_report_curve *curve, size_t i) {
    dcl_speaker *say = &page->say;
    const dcl_cycle *cycle = &curve->cycles[i];
    const char *own = curve->own[i], *start = dcl_say_time(say, cycle->start_us, false);
    if (curve->why == DCL_WHY_WEEK) {
        int64_t day = dcl_zone_day(say->zone, cycle->start_us);
        start = SAY(say, W_AHEAD_HOUR, dcl_say_date(say, day, DATE_SHORT), start);
    }
    if (cycle->appliance == DCL_APPLIANCE_UNKNOWN && !own) {
        dcl_put_cell(page, start);
        return;
    }
    dcl_text_format(page->out, "<td>%s<span class=\"why\">", start);
    dcl_text_html(page->out, SAY(say, W_NAMED, own ? own : dcl_say_appliance(page, cycle->appliance),
                                 dcl_say_percent(say, (double)cycle->confidence, 0)));
    dcl_put(page, "</span></td>");
}

static void put_cycle_table(dcl_page *page, const dcl_report_curve *curve) {
    static const dcl_word columns[] = {W_COL_NUMBER, W_COL_START, W_COL_LENGTH,
                                       W_COL_MEAN_W, W_COL_KWH,   W_COL_PF};
    dcl_speaker *say = &page->say;
    bool power_factor = false;
    bool labelled = false, named = false;
    for (size_t i = 0; i < curve->n_cycles; i++) {
        labelled = labelled || curve->label[i];
        named = named || (curve->label[i] && (curve->cycles[i].appliance || curve->own[i]));
    }
    if (!labelled) return;
    for (size_t i = 0; i < curve->n_cycles; i++)
        power_factor = power_factor || (curve->label[i] && isfinite(curve->cycles[i].power_factor));
    dcl_put_table(page, dcl_word_text(say->lang, named ? W_COL_CURVE_NAMED : W_COL_CURVE_CYCLES), columns,
                  power_factor ? 6 : 5);
    for (size_t i = 0; i < curve->n_cycles; i++) {
        const dcl_cycle *cycle = &curve->cycles[i];
        if (!curve->label[i]) continue;
        dcl_put_row_head(page, dcl_say_number(say, curve->label[i], 0));
        put_start(page, curve, i);
        dcl_put_cell(page, dcl_say_duration(say, cycle->end_us - cycle->start_us));
        dcl_put_cell(page, cycle->flags & DCL_CYCLE_APPARENT
                               ? dcl_say_unit(say, (double)cycle->mean_w, 0, "VA")
                               : dcl_say_number(say, (double)cycle->mean_w, 0));
        dcl_put_cell(page, dcl_say_number(say, cycle->energy_wh / 1000, 2));
        if (power_factor)
            dcl_put_cell(page, isfinite(cycle->power_factor)
                                   ? dcl_say_number(say, (double)cycle->power_factor, 2)
                                   : dcl_word_text(say->lang, W_NONE));
        dcl_put(page, "</tr>\n");
    }
    dcl_put(page, "</tbody></table></div>");
}

/* The names of the periods, where there are several prices and it is known when. */
static const uint8_t *told_classes(const dcl_report *r, const dcl_report_curve *curve) {
    bool hours_known = r->cost_tariff == DCL_TARIFF_TEMPO || !(r->limits >> DCL_LIMIT_HOURS_ASSUMED & 1);
    return r->cost_tariff != DCL_TARIFF_BASE && hours_known ? curve->price_class : NULL;
}

static void put_drawing(dcl_page *page, const dcl_report_curve *curve, double top, bool band,
                        const char *size, const char *title) {
    dcl_speaker *say = &page->say;
    const dcl_moments moments = {.start_us = curve->start_us,
                                 .step_us = curve->bin_us,
                                 .n = curve->n,
                                 .price_class = told_classes(page->report, curve),
                                 .below = curve_low(curve) < 0};
    dcl_chart chart;
    dcl_put(page, "<figure>");
    dcl_chart_open_moments(page, &chart, AXIS_POWER, top, &moments, size, title,
                           SAY(say, W_CURVE_DESC, dcl_say_watt(say, curve_low(curve)),
                               dcl_say_watt(say, curve_high(curve, true)),
                               dcl_say_number(say, (double)count_marked(curve), 0)));
    if (band) {
        dcl_chart_tell(&chart, W_TELL_RANGE);
        dcl_chart_band(&chart, "band", curve->low_w, curve->high_w, curve->n);
    }
    dcl_chart_tell(&chart, W_TELL_MEAN);
    if (band)
        dcl_chart_line(&chart, "main", curve->mean_w, curve->n);
    else
        dcl_chart_steps(&chart, "fill", curve->mean_w, curve->n);
    dcl_chart_shut(&chart);
    dcl_chart_time_axis(&chart, curve->start_us, curve->end_us);
    dcl_chart_close(&chart);
    if (count_marked(curve)) put_strip(page, curve);
    dcl_put(page, "</figure>\n");
}

static void put_curve(dcl_page *page, const dcl_report_curve *curve, double top, bool band) {
    static const dcl_word names[] = {[DCL_WHY_WHOLE] = W_CURVE_WHOLE,
                                     [DCL_WHY_HIGHEST] = W_CURVE_HIGHEST,
                                     [DCL_WHY_MIDDLE] = W_CURVE_MIDDLE,
                                     [DCL_WHY_LOWEST] = W_CURVE_LOWEST};
    dcl_speaker *say = &page->say;
    const char *name = dcl_word_text(say->lang, names[curve->why]), *title = name;
    if (curve->why != DCL_WHY_WHOLE) {
        const char *date = dcl_say_date(say, curve->day, DATE_LONG);
        title = SAY(say, W_CURVE_HEAD, name, date);
        dcl_text_format(page->out, "<h3>%s</h3>", name);
        dcl_text_format(page->out, "<p class=\"note\">%s · %s</p>", date,
                        dcl_say_kwh(say, curve->energy_kwh));
    }
    put_drawing(page, curve, top, band, "low", title);
    if (curve->n_cycles)
        put_cycle_table(page, curve);
    else if (page->report->cycles_looked_for)
        dcl_text_format(page->out, "<p class=\"note\">%s</p>", dcl_word_text(say->lang, W_CURVES_NO_MARKS));
}

static void put_how_drawn(dcl_page *page, const dcl_report_curve *curve, bool band) {
    PUT_SAID(page, band ? W_CURVES_BAND : W_CURVES_STEPS, dcl_say_duration(&page->say, curve->bin_us));
}

/* Bins of several samples have a lowest and a highest. */
static bool has_band(const dcl_report *r, const dcl_report_curve *curve) {
    return curve->bin_us > r->period_us;
}

void dcl_page_week(dcl_page *page) {
    const dcl_report *r = page->report;
    const dcl_report_curve *week = r->week;
    dcl_speaker *say = &page->say;
    if (!week) return;
    bool band = has_band(r, week), coarse = r->limits >> DCL_LIMIT_COARSE & 1;
    int64_t last = dcl_zone_day(say->zone, week->end_us - 1);
    const char *title = SAY(say, W_WEEK, dcl_say_number(say, (double)(last - week->day + 1), 0));
    dcl_text_format(page->out, "<section><h2>%s</h2><p class=\"note\">", title);
    PUT_SAID(page, W_WEEK_SPAN, dcl_say_date(say, week->day, DATE_LONG), dcl_say_date(say, last, DATE_LONG),
             dcl_say_kwh(say, week->energy_kwh));
    dcl_put(page, "</p><p>");
    put_how_drawn(page, week, band);
    if (count_marked(week)) dcl_put_word(page, coarse ? W_WEEK_MARKS_COARSE : W_WEEK_MARKS);
    dcl_put(page, "</p>");
    put_drawing(page, week, fmax(curve_high(week, band), 1), band, "", title);
    if (count_marked(week)) put_cycle_table(page, week);
    dcl_put(page, "</section>\n");
}

void dcl_page_curves(dcl_page *page) {
    const dcl_report *r = page->report;
    bool band = r->n_curves && has_band(r, &r->curves[0]);
    double top = 1;
    size_t cycles = 0;
    for (size_t i = 0; i < r->n_curves; i++) {
        top = fmax(top, curve_high(&r->curves[i], band));
        cycles += r->curves[i].n_cycles;
    }
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_CURVES);
    dcl_put(page, "</h2><p>");
    put_how_drawn(page, &r->curves[0], band);
    if (r->n_curves > 1) dcl_put_word(page, W_CURVES_SCALE);
    if (cycles)
        dcl_put_word(page, r->limits >> DCL_LIMIT_COARSE & 1 ? W_CURVES_MARKS_COARSE : W_CURVES_MARKS);
    dcl_put(page, "</p>");
    for (size_t i = 0; i < r->n_curves; i++) put_curve(page, &r->curves[i], top, band);
    dcl_put(page, "</section>\n");
}
