#include "report/page.h"

#include <math.h>

/* Charts as inline SVG. A picture has 10,000 × 10,000 units whatever its size on the screen. */

enum { UNITS = 10000 };

int dcl_place(double x) {
    if (!(x > 0)) return 0;
    return x < 1 ? (int)(x * UNITS + 0.5) : UNITS;
}

/* 1, 2 or 5 times a power of ten, so that at most four steps reach `highest`. */
static double nice_step(double highest) {
    static const double factors[] = {1, 2, 5};
    for (double unit = 1e-3; unit < 1e9; unit *= 10)
        for (size_t i = 0; i < 3; i++)
            if (highest <= 4 * unit * factors[i]) return unit * factors[i];
    return 1e9;
}

static int y_place(const dcl_chart *chart, double y) {
    return UNITS - dcl_place(y / chart->top);
}

void dcl_chart_open(dcl_page *page, dcl_chart *chart, dcl_axis axis, double highest, const char *size,
                    const char *title, const char *description) {
    double step = nice_step(highest);
    double rows = ceil(highest / step);
    *chart = (dcl_chart){.page = page, .axis = axis, .step = step, .top = step * (rows > 0 ? rows : 1)};
    int id = ++page->figures;
    dcl_text_format(page->out,
                    "<div class=\"chart %s\"><svg viewBox=\"0 0 10000 10000\" preserveAspectRatio=\"none\" "
                    "role=\"img\" aria-labelledby=\"t%d d%d\"><title id=\"t%d\">",
                    size, id, id, id);
    dcl_text_html(page->out, title);
    dcl_text_format(page->out, "</title><desc id=\"d%d\">", id);
    dcl_text_html(page->out, description);
    dcl_put(page, "</desc><path class=\"grid\" d=\"");
    for (int row = 0; row <= (int)rows; row++)
        dcl_text_format(page->out, "M0 %dH10000", y_place(chart, row * step));
    dcl_put(page, "\"/>");
}

/* The points of a line through bins first … last - 1. */
static void put_points(const dcl_chart *chart, const float *y, size_t n, size_t first, size_t last,
                       bool backward) {
    for (size_t k = first; k < last; k++) {
        size_t i = backward ? last - 1 - (k - first) : k;
        double at = y ? (double)y[i] : 0;
        dcl_text_format(chart->page->out, " %d %d", dcl_place(((double)i + 0.5) / (double)n),
                        y_place(chart, at));
    }
}

/* The end of the run of present values that begins at i. */
static size_t run_end(const float *y, size_t n, size_t i) {
    while (i < n && !isnan(y[i])) i++;
    return i;
}

void dcl_chart_line(dcl_chart *chart, const char *class_name, const float *y, size_t n) {
    dcl_text_format(chart->page->out, "<path class=\"%s\" d=\"", class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(y, n, i);
        if (end == i) continue;
        dcl_put(chart->page, "M");
        put_points(chart, y, n, i, end, false);
        if (end == i + 1) dcl_put(chart->page, "h1");
        i = end;
    }
    dcl_put(chart->page, "\"/>");
}

void dcl_chart_band(dcl_chart *chart, const char *class_name, const float *low, const float *high, size_t n) {
    dcl_text_format(chart->page->out, "<path class=\"%s\" d=\"", class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(high, n, i);
        if (end == i) continue;
        dcl_put(chart->page, "M");
        put_points(chart, high, n, i, end, false);
        put_points(chart, low, n, i, end, true);
        dcl_put(chart->page, "z");
        i = end;
    }
    dcl_put(chart->page, "\"/>");
}

void dcl_chart_steps(dcl_chart *chart, const char *class_name, const float *y, size_t n) {
    dcl_text_format(chart->page->out, "<path class=\"%s\" d=\"", class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(y, n, i);
        if (end == i) continue;
        dcl_text_format(chart->page->out, "M%d 10000", dcl_place((double)i / (double)n));
        for (; i < end; i++)
            dcl_text_format(chart->page->out, "V%dH%d", y_place(chart, (double)y[i]),
                            dcl_place((double)(i + 1) / (double)n));
        dcl_put(chart->page, "V10000z");
    }
    dcl_put(chart->page, "\"/>");
}

void dcl_chart_bar(dcl_chart *chart, const char *class_name, double from, double to, double y) {
    int x = dcl_place(from), top = y_place(chart, y);
    dcl_text_format(chart->page->out, "<path class=\"%s\" d=\"M%d 10000V%dH%dV10000z\"/>", class_name, x, top,
                    dcl_place(to));
}

void dcl_chart_level(dcl_chart *chart, const char *class_name, double y) {
    dcl_text_format(chart->page->out, "<path class=\"%s\" d=\"M0 %dH10000\"/>", class_name,
                    y_place(chart, y));
}

/* From 1,500 on, W, VA and kWh are written as kW, kVA and MWh. */
static bool in_thousands(const dcl_chart *chart) {
    return chart->top > 1500 && chart->axis < AXIS_RELATIVE;
}

static const char *unit_text(const dcl_chart *chart) {
    static const char *const units[] = {[AXIS_POWER] = "W",
                                        [AXIS_ENERGY] = "kWh",
                                        [AXIS_APPARENT] = "VA",
                                        [AXIS_RELATIVE] = "%",
                                        [AXIS_NUMBER] = ""};
    static const char *const thousands[] = {
        [AXIS_POWER] = "kW", [AXIS_ENERGY] = "MWh", [AXIS_APPARENT] = "kVA"};
    return (in_thousands(chart) ? thousands : units)[chart->axis];
}

static const char *tick_text(const dcl_chart *chart, double y) {
    double scale = in_thousands(chart) ? 1000 : 1, step = chart->step / scale;
    int decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
    return dcl_say_number(&chart->page->say, y / scale, decimals);
}

void dcl_chart_shut(dcl_chart *chart) {
    dcl_put(chart->page, "</svg>");
    int rows = (int)(chart->top / chart->step + 0.5);
    for (int row = 0; row <= rows; row++) {
        int per_mille = 1000 - (1000 * row + rows / 2) / rows;
        dcl_text_format(chart->page->out, "<span class=\"ly\" style=\"top:%d.%d%%\" aria-hidden=\"true\">",
                        per_mille / 10, per_mille % 10);
        dcl_put(chart->page, tick_text(chart, row * chart->step));
        dcl_put(chart->page, "</span>");
    }
    dcl_text_format(chart->page->out, "<span class=\"ly unit\" aria-hidden=\"true\">%s</span>",
                    unit_text(chart));
}

void dcl_chart_label(dcl_chart *chart, double x, const char *text) {
    int per_mille = (int)(x * 1000 + 0.5);
    const char *end = x > 0.985 ? " z" : "";
    dcl_text_format(chart->page->out,
                    "<span class=\"lx%s\" style=\"left:%d.%d%%\" aria-hidden=\"true\">%s</span>", end,
                    per_mille / 10, per_mille % 10, text);
}

void dcl_chart_close(dcl_chart *chart) {
    dcl_put(chart->page, "</div>");
}

void dcl_legend(dcl_page *page, const char *class_name, const char *text) {
    dcl_text_format(page->out, "<span class=\"key\"><i class=\"%s\"></i>%s</span>", class_name, text);
}

size_t dcl_days_per_column(size_t n_days) {
    return (n_days + 729) / 730;
}

/* ---------------------------------------------------------------- axes of time */

/* Clock times at round civil minutes; the step is the first that needs at most five labels. */
static void clock_axis(dcl_chart *chart, int64_t from_us, int64_t to_us) {
    static const int steps_s[] = {10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200};
    const dcl_zone *zone = chart->page->say.zone;
    int64_t span = to_us - from_us, step = 0;
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++) {
        step = steps_s[i] * DCL_SECOND_US;
        if (span <= 4 * step + step / 2) break;
    }
    int64_t day = dcl_zone_day_start(zone, dcl_zone_day(zone, from_us));
    for (int64_t at = day; at <= to_us; at += step) {
        /* The clock may have been changed since midnight: move to the civil time that the label shows. */
        int64_t shift = (int64_t)(dcl_zone_offset_s(zone, day) - dcl_zone_offset_s(zone, at)) * DCL_SECOND_US;
        int64_t moment = step >= DCL_HOUR_US ? at + shift : at;
        if (moment < from_us || moment > to_us) continue;
        chart->page->say.zone = zone;
        bool last = moment == to_us && (to_us - from_us) >= 23 * DCL_HOUR_US;
        const char *text = last ? dcl_say_clock(&chart->page->say, 24 * 60)
                                : dcl_say_time(&chart->page->say, moment, step < DCL_MINUTE_US);
        dcl_chart_label(chart, (double)(moment - from_us) / (double)span, text);
    }
}

void dcl_chart_time_axis(dcl_chart *chart, int64_t from_us, int64_t to_us) {
    const dcl_zone *zone = chart->page->say.zone;
    if (to_us - from_us <= 50 * DCL_HOUR_US) {
        clock_axis(chart, from_us, to_us);
        return;
    }
    int64_t first = dcl_zone_day(zone, from_us), last = dcl_zone_day(zone, to_us - 1);
    int64_t stride = (last - first) / 4 + 1;
    for (int64_t day = first; day <= last; day += stride) {
        int64_t at = dcl_zone_day_start(zone, day);
        if (at < from_us) continue;
        dcl_chart_label(chart, (double)(at - from_us) / (double)(to_us - from_us),
                        dcl_say_date(&chart->page->say, day, DATE_SHORT));
    }
}

static void month_axis(dcl_chart *chart, int64_t first, size_t n) {
    static const int strides[] = {1, 2, 3, 6, 12, 24, 60, 120};
    int months = (int)(n / 30) + 1, stride = 1;
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        stride = strides[i];
        if (months <= 6 * stride) break;
    }
    for (size_t i = 0; i < n; i++) {
        dcl_civil date = dcl_date_from_days(first + (int64_t)i);
        double x = (double)i / (double)n;
        if (date.day != 1 || (date.year * 12 + date.month - 1) % stride || x < 0.03 || x > 0.95) continue;
        dcl_chart_label(chart, x, dcl_say_date(&chart->page->say, first + (int64_t)i, DATE_MONTH_SHORT));
    }
}

void dcl_chart_day_axis(dcl_chart *chart, int64_t first, size_t n) {
    if (n > 75) {
        month_axis(chart, first, n);
        return;
    }
    size_t stride = (n + 4) / 5;
    for (size_t i = 0; i < n; i += stride)
        dcl_chart_label(chart, ((double)i + 0.5) / (double)n,
                        dcl_say_date(&chart->page->say, first + (int64_t)i, DATE_SHORT));
}
