#include "base/order.h"
#include "report/page.h"
#include "report/report.h"

#include <math.h>

/* How much, and when: months, days, the typical day, the map of all hours. */

/* ---------------------------------------------------------------- months and days */

/* For which part of the span prices are known. */
static void put_known_prices(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    const char *name = dcl_say_tariff(page, r->cost_tariff);
    dcl_put_word(page, W_COST_UNKNOWN_MONTH);
    if (r->priced_to_day > r->priced_from_day)
        PUT_SAID(page, W_COST_KNOWN, name, dcl_say_date(say, r->priced_from_day, DATE_PLAIN),
                 dcl_say_date(say, r->priced_to_day - 1, DATE_PLAIN));
    else
        PUT_SAID(page, W_COST_KNOWN_NEVER, name);
}

static void put_cost_note(dcl_page *page) {
    const dcl_report *r = page->report;
    const char *kva = dcl_say_number(&page->say, r->subscribed_kva, 0);
    const char *name = dcl_say_tariff(page, r->cost_tariff);
    dcl_word word = r->one_list                                 ? W_COST_TODAY
                    : r->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1 ? W_COST_ASSUMED
                                                                : W_COST_GIVEN;
    PUT_SAID(page, word, name, kva, dcl_say_list_date(page, r->cost_tariff));
    for (size_t i = 0; i < r->n_months; i++) {
        if (isfinite(r->months[i].energy_cost_eur) && isfinite(r->months[i].standing_cost_eur)) continue;
        put_known_prices(page);
        break;
    }
}

/* Cents where they would stand on the bill: the contract is known and the prices are of the time. */
static int cents(const dcl_report *r) {
    uint32_t guessed =
        1u << DCL_LIMIT_TARIFF_ASSUMED | 1u << DCL_LIMIT_POWER_ASSUMED | 1u << DCL_LIMIT_OTHER_PRICES;
    if (r->cost_tariff == DCL_TARIFF_HC) guessed |= 1u << DCL_LIMIT_HOURS_ASSUMED;
    return (r->limits & guessed) && r->energy_cost_eur >= 10 ? 0 : 2;
}

static void put_amounts(dcl_page *page, double kwh, double energy_eur, double standing_eur) {
    int decimals = cents(page->report);
    dcl_put_cell(page, dcl_say_number(&page->say, kwh, 1));
    dcl_put_cell(page, dcl_say_number(&page->say, energy_eur, decimals));
    dcl_put_cell(page, dcl_say_number(&page->say, standing_eur, decimals));
}

static void put_month_row(dcl_page *page, const dcl_report_month *m) {
    dcl_speaker *say = &page->say;
    const char *name = dcl_say_date(say, dcl_days_from_date(m->year, m->month, 1), DATE_MONTH);
    dcl_text_format(page->out, "<tr><th scope=\"row\">%s", name);
    if (m->coverage < 0.98)
        dcl_text_format(
            page->out, " <small>%s</small>",
            SAY(say, W_PART_COVERED, dcl_say_percent(say, m->coverage, m->coverage < 0.01 ? 1 : 0)));
    dcl_put(page, "</th>");
    put_amounts(page, m->energy_kwh, m->energy_cost_eur, m->standing_cost_eur);
    dcl_put(page, "</tr>\n");
}

static void put_month_table(dcl_page *page) {
    static const dcl_word columns[] = {W_COL_MONTH, W_COL_KWH, W_COL_ENERGY_EUR, W_COL_STANDING_EUR};
    const dcl_report *r = page->report;
    dcl_put_table(page, "", columns, 4);
    for (size_t i = 0; i < r->n_months; i++) put_month_row(page, &r->months[i]);
    dcl_put(page, "</tbody>");
    if (r->n_months > 1) {
        dcl_text_format(page->out, "<tfoot><tr><th scope=\"row\">%s</th>",
                        dcl_word_text(page->say.lang, W_TOTAL));
        put_amounts(page, r->energy_kwh, r->energy_cost_eur, r->standing_cost_eur);
        dcl_put(page, "</tr></tfoot>");
    }
    dcl_put(page, "</table></div>\n");
}

static void put_month_chart(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < r->n_months; i++) {
        low = fmin(low, r->months[i].energy_kwh);
        high = fmax(high, r->months[i].energy_kwh);
    }
    dcl_chart chart;
    dcl_put(page, "<figure>");
    dcl_chart_open(page, &chart, AXIS_ENERGY, high, r->n_months < 8 ? "few" : "",
                   dcl_word_text(say->lang, W_MONTHS),
                   SAY(say, W_MONTHS_DESC, dcl_say_kwh(say, low), dcl_say_kwh(say, high)));
    double n = (double)r->n_months;
    for (size_t i = 0; i < r->n_months; i++) {
        const char *color = r->months[i].coverage < 0.98 ? "part" : "bar";
        dcl_chart_bar(&chart, color, ((double)i + 0.14) / n, ((double)i + 0.86) / n, r->months[i].energy_kwh);
    }
    dcl_chart_shut(&chart);
    size_t stride = (r->n_months + 4) / 5;
    for (size_t i = 0; i < r->n_months; i += stride) {
        int64_t day = dcl_days_from_date(r->months[i].year, r->months[i].month, 1);
        dcl_chart_label(&chart, ((double)i + 0.5) / n, dcl_say_date(say, day, DATE_MONTH_SHORT));
    }
    dcl_chart_close(&chart);
    dcl_put(page, "</figure>\n");
}

static void put_day_chart(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    double low = INFINITY, high = 0, n = (double)r->n_days;
    for (size_t i = 0; i < r->n_days; i++) {
        low = fmin(low, r->days[i].energy_kwh);
        high = fmax(high, r->days[i].energy_kwh);
    }
    dcl_put(page, "<h3>");
    dcl_put_word(page, W_DAY_BY_DAY);
    dcl_put(page, "</h3><p>");
    dcl_put_word(page, W_DAY_BY_DAY_TEXT);
    dcl_put(page, "</p><figure>");
    dcl_chart chart;
    dcl_chart_open(page, &chart, AXIS_ENERGY, high, r->n_days < 8 ? "low few" : "low",
                   dcl_word_text(say->lang, W_DAY_BY_DAY),
                   SAY(say, W_DAYS_DESC, dcl_say_kwh(say, low), dcl_say_kwh(say, high)));
    for (size_t i = 0; i < r->n_days; i++) {
        const dcl_report_day *day = &r->days[i];
        bool part = (double)day->covered_us < 0.95 * (double)(day->end_us - day->start_us);
        bool weekend = dcl_report_weekend(day->day);
        dcl_chart_bar(&chart, part ? (weekend ? "part2" : "part") : (weekend ? "bar2" : "bar"),
                      ((double)i + 0.14) / n, ((double)i + 0.86) / n, day->energy_kwh);
    }
    dcl_chart_shut(&chart);
    dcl_chart_day_axis(&chart, r->days[0].day, r->n_days);
    dcl_chart_close(&chart);
    dcl_put(page, "</figure>\n");
}

void dcl_page_months(dcl_page *page) {
    const dcl_report *r = page->report;
    if (dcl_too_brief(r)) return;
    bool partial = false;
    for (size_t i = 0; i < r->n_months; i++) partial = partial || r->months[i].coverage < 0.98;
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_MONTHS);
    dcl_put(page, "</h2><p>");
    dcl_put_word(page, W_MONTHS_TEXT);
    if (r->n_months >= 3 && partial) dcl_put_word(page, W_MONTHS_PARTIAL);
    put_cost_note(page);
    dcl_put(page, "</p>");
    if (r->n_months >= 3) put_month_chart(page);
    if (r->n_months > 18)
        dcl_text_format(page->out, "<details><summary>%s</summary>",
                        dcl_word_text(page->say.lang, W_AS_TABLE));
    put_month_table(page);
    if (r->n_months > 18) dcl_put(page, "</details>");
    if (r->n_days >= 3 && r->n_days <= 62) put_day_chart(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- typical day */

static void put_typical_text(dcl_page *page) {
    const dcl_report_typical *work = &page->report->typical[0], *weekend = &page->report->typical[1];
    dcl_speaker *say = &page->say;
    dcl_put(page, "<p>");
    if (work->days && weekend->days)
        PUT_SAID(page, W_TYPICAL_BOTH, dcl_say_kwh(say, work->day_kwh), dcl_say_days(page, work->days),
                 dcl_say_kwh(say, weekend->day_kwh), dcl_say_days(page, weekend->days));
    else if (work->days)
        PUT_SAID(page, W_TYPICAL_WORK, dcl_say_kwh(say, work->day_kwh), dcl_say_days(page, work->days));
    else
        PUT_SAID(page, W_TYPICAL_WEEKEND, dcl_say_kwh(say, weekend->day_kwh),
                 dcl_say_days(page, weekend->days));
    if (work->days >= 4) dcl_put_word(page, W_TYPICAL_BAND);
    int top = -1;
    for (int i = 0; i < DCL_REPORT_SLOTS; i++)
        if (work->mean_w[i] > (top < 0 ? -1 : work->mean_w[top])) top = i;
    if (top >= 0)
        PUT_SAID(page, W_TYPICAL_PEAK, dcl_say_clock(say, top * 30),
                 dcl_say_watt(say, (double)work->mean_w[top]));
    dcl_put(page, "</p>");
}

static void put_typical_table(dcl_page *page) {
    static const dcl_word columns[] = {W_COL_HOURS, W_WORKDAYS, W_WEEKENDS};
    dcl_text_format(page->out, "<details><summary>%s</summary>", dcl_word_text(page->say.lang, W_AS_TABLE));
    dcl_put_table(page, "", columns, 3);
    for (int hour = 0; hour < 24; hour++) {
        dcl_put_row_head(page, dcl_say_clock(&page->say, hour * 60));
        for (int kind = 0; kind < 2; kind++) {
            const float *mean = &page->report->typical[kind].mean_w[2 * hour];
            dcl_put_cell(page, dcl_say_watt(&page->say, ((double)mean[0] + (double)mean[1]) / 2));
        }
        dcl_put(page, "</tr>\n");
    }
    dcl_put(page, "</tbody></table></div></details>");
}

static void put_typical_chart(dcl_page *page) {
    const dcl_report_typical *t = page->report->typical;
    dcl_speaker *say = &page->say;
    float low = INFINITY, high = 0, top = 0;
    for (int kind = 0; kind < 2; kind++) {
        for (int i = 0; i < DCL_REPORT_SLOTS; i++) {
            low = fminf(low, t[kind].mean_w[i]);
            high = fmaxf(high, t[kind].mean_w[i]);
            top = fmaxf(top, fmaxf(high, kind ? 0 : t[kind].high_w[i]));
        }
    }
    dcl_chart chart;
    dcl_put(page, "<figure>");
    const dcl_moments moments = {
        .step_us = DCL_HOUR_US / 2, .n = DCL_REPORT_SLOTS, .clock = true, .below = low < 0};
    dcl_chart_open_moments(
        page, &chart, AXIS_POWER, (double)top, &moments, "", dcl_word_text(say->lang, W_TYPICAL),
        SAY(say, W_TYPICAL_DESC, dcl_say_watt(say, (double)low), dcl_say_watt(say, (double)high)));
    dcl_chart_band(&chart, "band", t[0].low_w, t[0].high_w, DCL_REPORT_SLOTS);
    if (t[0].days) dcl_chart_tell(&chart, W_WORKDAYS);
    dcl_chart_line(&chart, "main", t[0].mean_w, DCL_REPORT_SLOTS);
    if (t[1].days) dcl_chart_tell(&chart, W_WEEKENDS);
    dcl_chart_line(&chart, "second", t[1].mean_w, DCL_REPORT_SLOTS);
    dcl_chart_shut(&chart);
    for (int i = 0; i <= 4; i++) dcl_chart_label(&chart, i / 4.0, dcl_say_clock(say, i * 360));
    dcl_chart_close(&chart);
    if (t[0].days) dcl_legend(page, "main", dcl_word_text(say->lang, W_WORKDAYS));
    if (t[1].days) dcl_legend(page, "second", dcl_word_text(say->lang, W_WEEKENDS));
    dcl_put(page, "</figure>");
}

void dcl_page_typical(dcl_page *page) {
    const dcl_report_typical *t = page->report->typical;
    if (t[0].days + t[1].days < 2) return;
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_TYPICAL);
    dcl_put(page, "</h2>");
    put_typical_text(page);
    put_typical_chart(page);
    put_typical_table(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- map of days and hours */

enum { LEVELS = 9 };

/* The hour's mean of a day; NaN where neither half is there. */
static float hour_w(const dcl_report_day *day, int hour) {
    float a = day->half_hour_w[2 * hour], b = day->half_hour_w[2 * hour + 1];
    if (isnan(a)) return b;
    return isnan(b) ? a : (a + b) / 2;
}

/* Nearly all hours lie between the two, W. */
typedef struct heat_scale {
    double bottom, top;
} heat_scale;

/* Levels grow with the square, so that the small differences of quiet hours are seen too; the last begins at the top. */
static int level_of(float value, heat_scale scale) {
    if (isnan(value)) return -1;
    int level = LEVELS - 1;
    double range = scale.top - scale.bottom, last = (LEVELS - 1) * (LEVELS - 1);
    while (level > 0 && (double)value < scale.bottom + range * level * level / last) level--;
    return level;
}

/* The hour's mean over the days of a column. */
static float column_w(const dcl_report *r, size_t column, int hour) {
    size_t stride = dcl_days_per_column(r->n_days), n = 0;
    double sum = 0;
    for (size_t i = column * stride; i < (column + 1) * stride && i < r->n_days; i++) {
        float value = hour_w(&r->days[i], hour);
        if (isnan(value)) continue;
        sum += (double)value;
        n++;
    }
    return n ? (float)(sum / (double)n) : NAN;
}

static size_t n_columns(const dcl_report *r) {
    size_t stride = dcl_days_per_column(r->n_days);
    return (r->n_days + stride - 1) / stride;
}

/* Cells of one level as vertical runs, one path a level; moves go from where the last run ended, which makes a map a good fifth
 * smaller than places would. cell [columns × 24]: levels, -1 = missing; ground: all that are not missing, painted over later */
static void put_level(dcl_page *page, int level, bool ground, const int8_t *cell) {
    size_t n = n_columns(page->report), x = 0, y = 0;
    dcl_text_format(page->out, "<path class=\"h%d\" d=\"M0 0", level);
    for (size_t i = 0; i < n; i++) {
        for (size_t hour = 0; hour < 24; hour++) {
            size_t first = hour;
            while (hour < 24 && (ground ? cell[i * 24 + hour] >= 0 : cell[i * 24 + hour] == level)) hour++;
            if (hour == first) continue;
            dcl_text_bytes(page->out, "m", 1);
            dcl_text_integer(page->out, (int64_t)(i - x));
            if (first >= y) dcl_text_bytes(page->out, " ", 1);
            dcl_text_integer(page->out, (int64_t)first - (int64_t)y);
            dcl_text_bytes(page->out, "v", 1);
            dcl_text_integer(page->out, (int64_t)(hour - first));
            x = i;
            y = hour;
        }
    }
    dcl_put(page, "\"/>");
}

/* The level of most cells. Under all others, in whole columns, it makes a page of a year 4 kB smaller. */
static int commonest(const int8_t *cell, size_t n) {
    size_t count[LEVELS] = {0};
    int best = 0;
    for (size_t i = 0; i < n; i++)
        if (cell[i] >= 0) count[cell[i]]++;
    for (int level = 1; level < LEVELS; level++)
        if (count[level] > count[best]) best = level;
    return best;
}

static void put_levels(dcl_page *page, heat_scale scale) {
    size_t n = n_columns(page->report);
    int8_t *cell = dcl_arena_alloc(page->say.arena, n * 24, sizeof *cell);
    if (!cell) {
        page->say.failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (int hour = 0; hour < 24; hour++)
            cell[i * 24 + (size_t)hour] = (int8_t)level_of(column_w(page->report, i, hour), scale);
    int ground = commonest(cell, n * 24);
    put_level(page, ground, true, cell);
    for (int level = 0; level < LEVELS; level++)
        if (level != ground) put_level(page, level, false, cell);
}

/* The 2 % and 98 % quantiles of all hours, rounded outwards to two digits. */
static heat_scale find_scale(dcl_page *page) {
    const dcl_report *r = page->report;
    float *values = dcl_arena_alloc(page->say.arena, r->n_days * 24, sizeof *values);
    if (!values) {
        page->say.failed = true;
        return (heat_scale){0, 1};
    }
    size_t n = 0;
    for (size_t i = 0; i < r->n_days; i++)
        for (int hour = 0; hour < 24; hour++)
            if (!isnan(hour_w(&r->days[i], hour))) values[n++] = hour_w(&r->days[i], hour);
    dcl_sort_f32(values, n);
    if (!n) return (heat_scale){0, 1};
    double top = dcl_quantile_f32(values, n, 0.98), bottom = dcl_quantile_f32(values, n, 0.02);
    double step = top >= 1000 ? 100 : 10;
    heat_scale scale = {floor(bottom / step) * step, ceil(top / step) * step};
    if (scale.top <= scale.bottom) scale.top = scale.bottom + step;
    return scale;
}

/* The hour of the clock with the highest (sign 1) or lowest (-1) mean over all days. */
static int extreme_hour(const dcl_report *r, int sign, double *mean) {
    int best = -1;
    for (int hour = 0; hour < 24; hour++) {
        double sum = 0, n = 0;
        for (size_t i = 0; i < r->n_days; i++) {
            float value = hour_w(&r->days[i], hour);
            if (isnan(value)) continue;
            sum += (double)value;
            n++;
        }
        if (n <= 0 || (best >= 0 && sign * (sum / n) <= sign * *mean)) continue;
        best = hour;
        *mean = sum / n;
    }
    return best;
}

static const char *heat_description(dcl_page *page) {
    dcl_speaker *say = &page->say;
    double most = NAN, least = NAN;
    int high = extreme_hour(page->report, 1, &most), low = extreme_hour(page->report, -1, &least);
    return SAY(say, W_HEAT_DESC, dcl_say_number(say, (double)page->report->n_days, 0),
               dcl_say_clock(say, (high < 0 ? 0 : high) * 60), dcl_say_watt(say, most),
               dcl_say_clock(say, (low < 0 ? 0 : low) * 60), dcl_say_watt(say, least));
}

static void put_heat_map(dcl_page *page, heat_scale scale) {
    const dcl_report *r = page->report;
    int id = ++page->figures;
    dcl_text_format(
        page->out,
        "<figure><div class=\"chart map%s\" data-map=\"%d %d %d\" data-day=\"%lld\"><svg viewBox=\"0 0 %d "
        "24\" preserveAspectRatio=\"none\" "
        "role=\"img\" aria-labelledby=\"t%d d%d\"><title id=\"t%d\">%s</title><desc id=\"d%d\">%s</desc>"
        "<g transform=\"translate(.5 0)\" stroke-width=\"%s\">",
        r->n_days < 8 ? " few" : "", (int)scale.bottom, (int)scale.top, (int)dcl_days_per_column(r->n_days),
        (long long)r->days[0].day * 86400, (int)n_columns(r), id, id, id,
        dcl_word_text(page->say.lang, W_HEAT), id, heat_description(page),
        r->n_days > 40 ? "1.08" : "1.01"); /* thin columns overlap a little, or seams would show */
    put_levels(page, scale);
    dcl_put(page, "</g></svg>");
    for (int hour = 0; hour <= 24; hour += 6)
        dcl_text_format(page->out, "<span class=\"ly\" style=\"top:%d%%\" aria-hidden=\"true\">%s</span>",
                        hour * 100 / 24, dcl_say_clock(&page->say, hour * 60));
    dcl_chart chart = {.page = page};
    dcl_chart_day_axis(&chart, r->days[0].day, r->n_days);
    dcl_put(page, "</div><div class=\"scale\"><span>");
    if (scale.bottom > 0)
        PUT_SAID(page, W_AND_LESS, dcl_say_watt(&page->say, scale.bottom));
    else
        dcl_put(page, dcl_say_watt(&page->say, 0));
    dcl_put(page, "</span><span class=\"ramp\">");
    for (int level = 0; level < LEVELS; level++)
        dcl_text_format(page->out, "<i style=\"--c:var(--h%d)\"></i>", level);
    dcl_put(page, "</span><span>");
    PUT_SAID(page, W_AND_MORE, dcl_say_watt(&page->say, scale.top));
    dcl_put(page, "</span></div></figure>");
}

void dcl_page_heat(dcl_page *page) {
    const dcl_report *r = page->report;
    if (r->n_days < 2 || r->full_days < 1) return;
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_HEAT);
    dcl_put(page, "</h2><p>");
    size_t stride = dcl_days_per_column(r->n_days);
    if (stride == 1)
        dcl_put_word(page, W_HEAT_TEXT);
    else
        PUT_SAID(page, W_HEAT_TEXT_MANY, dcl_say_days(page, (int64_t)stride));
    if (r->coverage < 0.999) dcl_put_word(page, W_HEAT_MISSING);
    dcl_put(page, "</p>");
    put_heat_map(page, find_scale(page));
    dcl_put(page, "</section>\n");
}
