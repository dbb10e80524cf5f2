/* The page while it is being written, and the charts on it. */
#ifndef DCL_REPORT_PAGE_H
#define DCL_REPORT_PAGE_H

#include "report/words.h"

/** Everything a section needs. `figures` numbers the pictures, so that each title has its own id. */
typedef struct dcl_page {
    dcl_text *out;
    dcl_speaker say;
    const dcl_report *report;
    const char *zone_name;
    int figures;
} dcl_page;

/** Markup as it stands; a word as it stands; a sentence with its parts. Parts come from dcl_say_*(): plain text. */
void dcl_put(dcl_page *page, const char *markup);
void dcl_put_word(dcl_page *page, dcl_word word);
#define PUT_SAID(page, word, ...) dcl_put(page, SAY(&(page)->say, word, __VA_ARGS__))
/** A cell of a table's body; `first` cells head their row. */
void dcl_put_cell(dcl_page *page, const char *text);
void dcl_put_row_head(dcl_page *page, const char *text);
/** Opens a table with these column heads; the first column is text, the others are numbers. */
void dcl_put_table(dcl_page *page, const char *caption, const dcl_word *columns, size_t n);
/** "1 day", "12 days". */
const char *dcl_say_days(dcl_page *page, int64_t days);
/** A span in days, to the nearest; below a day in hours and minutes. */
const char *dcl_say_span(dcl_page *page, int64_t span_us);
/** The name of a tariff in the page's language. */
const char *dcl_say_tariff(dcl_page *page, dcl_tariff_kind kind);
/** The price list that "today's prices" means: the last one known for a tariff, as a date. */
const char *dcl_say_list_date(dcl_page *page, dcl_tariff_kind kind);
/** True for a span of minutes or hours, below half a day: months and costs would say nothing. */
bool dcl_too_brief(const dcl_report *report);
/** True where there is a breakdown by use to show. */
bool dcl_page_has_uses(const dcl_report *report);
/** The summary's sentence on the largest uses. */
void dcl_put_uses_sentence(dcl_page *page);
/** The title of an advice; a range in whole euros. */
const char *dcl_say_advice(dcl_page *page, const dcl_advice *advice);
const char *dcl_say_eur_range(dcl_speaker *say, double low, double high);
/** A period of a tariff: "peak hours", "red day, off-peak hours"; nothing where there is one price, or where it is not known. */
const char *dcl_say_price_class(dcl_page *page, int price_class);
/** The name of an appliance. */
const char *dcl_say_appliance(dcl_page *page, dcl_appliance appliance);

/* The sections, in the order of the page. */
void dcl_page_head(dcl_page *page);
void dcl_page_first(dcl_page *page);
void dcl_page_savings(dcl_page *page);
void dcl_page_months(dcl_page *page);
void dcl_page_breakdown(dcl_page *page);
void dcl_page_floor(dcl_page *page);
void dcl_page_week(dcl_page *page);
void dcl_page_typical(dcl_page *page);
void dcl_page_heat(dcl_page *page);
void dcl_page_ahead(dcl_page *page);
void dcl_page_similar(dcl_page *page);
void dcl_page_curves(dcl_page *page);
void dcl_page_loads(dcl_page *page);
void dcl_page_peaks(dcl_page *page);
void dcl_page_tariffs(dcl_page *page);
void dcl_page_export(dcl_page *page);
void dcl_page_limits(dcl_page *page);
void dcl_page_basis(dcl_page *page);

/**
 * The document of any page up to its h1, and its end. title: plain text. more_style: beyond the page's style sheet. The page allows the
 * script of that hash and no other.
 */
void dcl_put_head(dcl_page *page, const char *title, const char *more_style, const char *script_hash);
void dcl_put_foot(dcl_page *page, const char *script);

extern const char dcl_page_style[], dcl_page_script[], dcl_page_script_hash[];

/* ---------------------------------------------------------------- charts */

/** What the vertical axis counts. */
typedef enum dcl_axis { AXIS_POWER, AXIS_ENERGY, AXIS_APPARENT, AXIS_RELATIVE, AXIS_NUMBER } dcl_axis;

/**
 * A chart: a picture without words that stretches to its place, and words around it that do not stretch, so that type
 * is the same size on a phone and on paper. x runs from 0 to 1, y from 0 to `top` in the axis's unit (W, kWh, VA, %).
 */
typedef struct dcl_chart {
    dcl_page *page;
    dcl_axis axis;
    double top, step, scale; /* scale: units a W, kWh, … */
    int width, height;       /* of the picture, in its own units */
    const char *drawing;     /* the class of the path that is open */
    const char *name;        /* of the path that comes next */
    int x, y;                /* the pen */
} dcl_chart;

/**
 * What a chart of power tells where the pointer is or the arrow keys are (page_script.c): n bins of step_us from start_us on. The
 * script reads the values off the lines that have a name; many bins can be zoomed into.
 */
typedef struct dcl_moments {
    int64_t start_us, step_us;
    size_t n;
    const uint8_t *price_class; /* [n] a dcl_price_class each; NULL = not told */
    bool clock;                 /* of any day: start_us counts from its midnight */
    bool below; /* some values are negative: the drawing ends at 0, and 0 is told as "0 or less" */
} dcl_moments;

/** Opens the chart with room for `highest`; `size` is a class of the style sheet. title and description: plain text. */
void dcl_chart_open(dcl_page *page, dcl_chart *chart, dcl_axis axis, double highest, const char *size,
                    const char *title, const char *description);
/** The same of a chart that tells its moments; NULL = it does not. */
void dcl_chart_open_moments(dcl_page *page, dcl_chart *chart, dcl_axis axis, double highest,
                            const dcl_moments *moments, const char *size, const char *title,
                            const char *description);
/** Names the line, band or steps that come next, to be told. */
void dcl_chart_tell(dcl_chart *chart, dcl_word name);
/** A line through the middles of n equal bins; missing values break it. */
void dcl_chart_line(dcl_chart *chart, const char *class_name, const float *y, size_t n);
/** A band between two such lines; low NULL = from the axis. */
void dcl_chart_band(dcl_chart *chart, const char *class_name, const float *low, const float *high, size_t n);
/** A level for each bin; filled from the axis. */
void dcl_chart_steps(dcl_chart *chart, const char *class_name, const float *y, size_t n);
void dcl_chart_bar(dcl_chart *chart, const char *class_name, double from, double to, double y);
void dcl_chart_level(dcl_chart *chart, const char *class_name, double y);
void dcl_chart_upright(dcl_chart *chart, const char *class_name, double x);
/** Ends the picture; the labels of the vertical axis follow by themselves. */
void dcl_chart_shut(dcl_chart *chart);
/** A word under the chart, centred at x; at the right end it is kept inside. */
void dcl_chart_label(dcl_chart *chart, double x, const char *text);
void dcl_chart_close(dcl_chart *chart);

/** Labels of a time axis from_us … to_us: clock times for spans up to two days, else dates. At most 5. */
void dcl_chart_time_axis(dcl_chart *chart, int64_t from_us, int64_t to_us);
/** Labels of an axis of n days from day `first`, each a column. At most 5. */
void dcl_chart_day_axis(dcl_chart *chart, int64_t first, size_t n);

/** How many days share a column where there are too many for one each: at most 730 columns. */
size_t dcl_days_per_column(size_t n_days);

/** A pair of a colour class and its name under a chart. */
void dcl_legend(dcl_page *page, const char *class_name, const char *text);

/** A number 0 … 10,000 for a place 0 … 1, cut to the picture. */
int dcl_place(double x);

#endif
