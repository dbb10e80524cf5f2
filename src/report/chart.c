#include "report/page.h"

#include <math.h>
#include <string.h>

/* Charts as inline SVG. A picture has 10,000 x 10,000 units whatever its size on the screen; one that tells its moments has two
 * units a bin and ten a watt, so that its lines are the data: to 0.1 W, what JSON says. Lines go from point to point in steps,
 * which makes them half as long as places would. */

enum { UNITS = 10000, UNITS_A_BIN = 2, UNITS_A_WATT = 10, ZOOMS_FROM = 97 };

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

static int place_in(double x, int units) {
    return x > 0 ? (int)(fmin(x, 1) * units + 0.5) : 0;
}

static int y_place(const dcl_chart *chart, double y) {
    return chart->height - (int)fmin(fmax(round(y * chart->scale), 0), chart->height);
}

/* ---------------------------------------------------------------- what is told */

/* Bins at which the civil time jumps, and by how many seconds: "57 3600 ". */
static void put_turns(dcl_page *page, const dcl_moments *m) {
    const dcl_zone *zone = page->say.zone;
    int32_t offset = dcl_zone_offset_s(zone, m->start_us);
    for (size_t i = 1; i < m->n; i++) {
        int32_t now = dcl_zone_offset_s(zone, m->start_us + (int64_t)i * m->step_us);
        if (now != offset) dcl_text_format(page->out, "%d %d ", (int)i, (int)(now - offset));
        offset = now;
    }
}

/* Bins at which another price begins, and its name: "0 peak hours;32 off-peak hours;". */
static void put_prices(dcl_page *page, const dcl_moments *m) {
    dcl_put(page, "\" data-p=\"");
    for (size_t i = 0; i < m->n; i++) {
        if (i && m->price_class[i] == m->price_class[i - 1]) continue;
        dcl_text_format(page->out, "%d %s;", (int)i, dcl_say_price_class(page, m->price_class[i]));
    }
}

static void put_moments(dcl_page *page, const dcl_moments *m) {
    int64_t start_us = m->start_us;
    if (!m->clock) start_us += dcl_zone_offset_s(page->say.zone, start_us) * DCL_SECOND_US;
    dcl_put(page, "\" data-t=\"");
    dcl_text_fixed(page->out, (double)start_us / 1e6, 0);
    dcl_put(page, "\" data-s=\"");
    dcl_text_double(page->out, (double)m->step_us / 1e6);
    dcl_text_format(page->out, "\" data-n=\"%d\" data-turn=\"", (int)m->n);
    if (!m->clock) put_turns(page, m);
    if (m->price_class) put_prices(page, m);
    if (m->clock) dcl_put(page, "\" data-clock=\"");
    if (m->below) dcl_put(page, "\" data-below=\"");
    if (m->n >= ZOOMS_FROM) dcl_put(page, "\" data-zoom=\"");
}

void dcl_chart_tell(dcl_chart *chart, dcl_word name) {
    chart->name = dcl_word_text(chart->page->say.lang, name);
}

/* ---------------------------------------------------------------- paths */

static void end_path(dcl_chart *chart) {
    if (chart->drawing) dcl_put(chart->page, "\"/>");
    chart->drawing = NULL;
}

static void begin_path(dcl_chart *chart, const char *class_name) {
    end_path(chart);
    dcl_text_format(chart->page->out, "<path class=\"%s\"", class_name);
    if (chart->name) dcl_text_format(chart->page->out, " data-k=\"%s\"", chart->name);
    dcl_put(chart->page, " d=\"");
    chart->name = NULL;
    chart->drawing = class_name;
    chart->x = chart->y = 0;
}

/* From where the last point was; the first number after a letter and a minus need no space. */
static void put_delta(dcl_chart *chart, int from, int to, bool first) {
    if (!first && to >= from) dcl_text_bytes(chart->page->out, " ", 1);
    dcl_text_integer(chart->page->out, to - from);
}

static void put_point(dcl_chart *chart, int x, int y, bool first) {
    put_delta(chart, chart->x, x, first);
    put_delta(chart, chart->y, y, false);
    chart->x = x;
    chart->y = y;
}

/* The end of the run of present values that begins at i. */
static size_t run_end(const float *y, size_t n, size_t i) {
    while (i < n && !isnan(y[i])) i++;
    return i;
}

static int middle(const dcl_chart *chart, size_t i, size_t n) {
    return place_in(((double)i + 0.5) / (double)n, chart->width);
}

static void put_start(dcl_chart *chart, int x, int y) {
    dcl_put(chart->page, "m");
    put_point(chart, x, y, true);
}

void dcl_chart_open(dcl_page *page, dcl_chart *chart, dcl_axis axis, double highest, const char *size,
                    const char *title, const char *description) {
    dcl_chart_open_moments(page, chart, axis, highest, NULL, size, title, description);
}

void dcl_chart_open_moments(dcl_page *page, dcl_chart *chart, dcl_axis axis, double highest,
                            const dcl_moments *moments, const char *size, const char *title,
                            const char *description) {
    double step = nice_step(highest);
    double rows = ceil(highest / step);
    *chart = (dcl_chart){.page = page,
                         .axis = axis,
                         .step = step,
                         .top = step * (rows > 0 ? rows : 1),
                         .width = UNITS,
                         .height = UNITS};
    chart->scale = UNITS / chart->top;
    if (moments) {
        chart->width = UNITS_A_BIN * (int)moments->n;
        chart->height = (int)ceil(UNITS_A_WATT * chart->top);
        chart->scale = UNITS_A_WATT;
    }
    int id = ++page->figures;
    dcl_text_format(page->out, "<div class=\"chart %s", size);
    if (moments) put_moments(page, moments);
    dcl_text_format(page->out,
                    "\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                    "aria-labelledby=\"t%d d%d\"><title id=\"t%d\">",
                    chart->width, chart->height, id, id, id);
    dcl_text_html(page->out, title);
    dcl_text_format(page->out, "</title><desc id=\"d%d\">", id);
    dcl_text_html(page->out, description);
    dcl_put(page, "</desc><path class=\"grid\" d=\"");
    for (int row = 0; row <= (int)rows; row++)
        dcl_text_format(page->out, "M0 %dH%d", y_place(chart, row * step), chart->width);
    dcl_put(page, "\"/>");
}

void dcl_chart_line(dcl_chart *chart, const char *class_name, const float *y, size_t n) {
    begin_path(chart, class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(y, n, i);
        if (end == i) continue;
        put_start(chart, middle(chart, i, n), y_place(chart, (double)y[i]));
        for (size_t k = i + 1; k < end; k++)
            put_point(chart, middle(chart, k, n), y_place(chart, (double)y[k]), false);
        if (end == i + 1) put_point(chart, chart->x + 1, chart->y, false);
        i = end;
    }
}

void dcl_chart_band(dcl_chart *chart, const char *class_name, const float *low, const float *high, size_t n) {
    begin_path(chart, class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(high, n, i);
        if (end == i) continue;
        int x = middle(chart, i, n), y = y_place(chart, (double)high[i]);
        put_start(chart, x, y);
        for (size_t k = i + 1; k < end; k++)
            put_point(chart, middle(chart, k, n), y_place(chart, (double)high[k]), false);
        for (size_t k = end; k-- > i;)
            put_point(chart, middle(chart, k, n), y_place(chart, low ? (double)low[k] : 0), false);
        dcl_put(chart->page, "z");
        chart->x = x; /* where a closed line leaves the pen */
        chart->y = y;
        i = end;
    }
}

void dcl_chart_steps(dcl_chart *chart, const char *class_name, const float *y, size_t n) {
    begin_path(chart, class_name);
    for (size_t i = 0; i < n; i++) {
        size_t end = run_end(y, n, i);
        if (end == i) continue;
        int x = place_in((double)i / (double)n, chart->width);
        put_start(chart, x, chart->height);
        for (; i < end; i++) {
            put_point(chart, chart->x, y_place(chart, (double)y[i]), false);
            put_point(chart, place_in((double)(i + 1) / (double)n, chart->width), chart->y, false);
        }
        put_point(chart, chart->x, chart->height, false);
        dcl_put(chart->page, "z");
        chart->x = x;
    }
}

void dcl_chart_bar(dcl_chart *chart, const char *class_name, double from, double to, double y) {
    int x = place_in(from, chart->width), top = y_place(chart, y);
    if (!chart->drawing || strcmp(chart->drawing, class_name) != 0) begin_path(chart, class_name);
    put_start(chart, x, chart->height);
    dcl_text_format(chart->page->out, "V%dH%dV%dz", top, place_in(to, chart->width), chart->height);
}

void dcl_chart_level(dcl_chart *chart, const char *class_name, double y) {
    begin_path(chart, class_name);
    dcl_text_format(chart->page->out, "M0 %dH%d", y_place(chart, y), chart->width);
}

void dcl_chart_upright(dcl_chart *chart, const char *class_name, double x) {
    begin_path(chart, class_name);
    dcl_text_format(chart->page->out, "M%d 0V%d", place_in(x, chart->width), chart->height);
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
    end_path(chart);
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
    int stride = 1;
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        stride = strides[i];
        if (n <= (size_t)(135 * stride)) break; /* labels 22 % apart do not touch on 320 px */
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
