/* The page of a backtest: how good forecasts were, when, how honest their intervals, and for which homes. */
#include <declic/report_backtest.h>

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "report/analyst.h"

enum { HOMES_MOST = 500, QUANTILES = DCL_FORECAST_QUANTILES, RECENT = DCL_BACKTEST_RECENT };

typedef struct backtest_page {
    dcl_page page;
    const dcl_backtest_report *report;
} backtest_page;

static const char *word(const backtest_page *of, dcl_word id) {
    return dcl_word_text(of->page.say.lang, id);
}

static bool is_total(const backtest_page *of) {
    return of->report->horizon == DCL_HORIZON_TODAY;
}

static const char *unit(const backtest_page *of) {
    return is_total(of) ? "kWh" : "W";
}

/* A figure in the backtest's unit. */
static const char *say_error(backtest_page *of, double value) {
    return dcl_say_unit(&of->page.say, value, is_total(of) ? 2 : fabs(value) < 10 ? 1 : 0, unit(of));
}

/* ---------------------------------------------------------------- head */

_Static_assert(W_BACKTEST_TODAY - W_BACKTEST_10S + 1 == DCL_HORIZON_COUNT, "a name for every horizon");

static void put_lead(backtest_page *of) {
    const dcl_backtest *all = of->report->all;
    const dcl_forecast_measure *own = &all->by[DCL_FORECASTER_MODEL];
    const dcl_forecast_measure *plain = &all->by[DCL_FORECASTER_SEASONAL];
    dcl_speaker *say = &of->page.say;
    dcl_put(&of->page, "<p class=\"lead\">");
    PUT_SAID(&of->page, W_BACKTEST_LEAD, say_error(of, own->mae), say_error(of, plain->mae),
             dcl_say_percent(say, own->coverage, 0), say_error(of, own->width));
    if (all->fallbacks)
        PUT_SAID(&of->page, W_BACKTEST_FALLBACKS, dcl_say_number(say, (double)all->fallbacks, 0),
                 dcl_say_number(say, (double)all->issues, 0));
    dcl_put(&of->page, "</p>\n<ul class=\"tiles\">");
    dcl_analyst_tile(&of->page, say_error(of, own->mae), word(of, W_BACKTEST_TILE_MAE));
    dcl_analyst_tile(&of->page, dcl_say_number(say, own->mase, 2), word(of, W_BACKTEST_TILE_MASE));
    dcl_analyst_tile(&of->page, dcl_say_percent(say, own->coverage, 1), word(of, W_BACKTEST_TILE_COVERAGE));
    dcl_analyst_tile(&of->page, dcl_say_percent(say, 1 - own->mae / plain->mae, 0),
                     word(of, W_BACKTEST_TILE_GAIN));
    dcl_put(&of->page, "</ul>\n");
}

static void put_head(backtest_page *of) {
    const dcl_backtest *all = of->report->all;
    dcl_speaker *say = &of->page.say;
    dcl_analyst_head(&of->page, word(of, W_BACKTEST_TITLE));
    dcl_put(&of->page, "<p class=\"span\">");
    PUT_SAID(&of->page, W_BACKTEST_SPAN, word(of, (dcl_word)(W_BACKTEST_10S + (int)of->report->horizon)),
             dcl_say_number(say, (double)all->homes, 0), dcl_say_number(say, (double)all->issues, 0),
             dcl_say_date(say, dcl_zone_day(say->zone, all->from_us), DATE_PLAIN),
             dcl_say_date(say, dcl_zone_day(say->zone, all->to_us), DATE_PLAIN));
    dcl_put(&of->page, "</p>\n");
    put_lead(of);
    dcl_analyst_main(&of->page);
}

/* ---------------------------------------------------------------- measures */

static void error_cell(backtest_page *of, double value) {
    dcl_analyst_cell(&of->page, value, dcl_say_number(&of->page.say, value, is_total(of) ? 3 : 1));
}

static void ratio_cell(backtest_page *of, double value) {
    dcl_analyst_cell(&of->page, value, isfinite(value) ? dcl_say_number(&of->page.say, value, 3) : "–");
}

static void share_cell(backtest_page *of, double value) {
    dcl_analyst_cell(&of->page, value, isfinite(value) ? dcl_say_percent(&of->page.say, value, 1) : "–");
}

static void width_cell(backtest_page *of, double value) {
    if (isfinite(value))
        error_cell(of, value);
    else
        dcl_analyst_cell(&of->page, value, "–");
}

_Static_assert(W_BACKTEST_BY_MEAN_7 - W_BACKTEST_BY_MODEL + 1 == DCL_FORECASTER_COUNT,
               "a name for every forecaster");

static void put_measures(backtest_page *of) {
    const char *heads[] = {word(of, W_BACKTEST_BY),
                           "MAE",
                           word(of, W_BACKTEST_MAE_MEAN),
                           "RMSE",
                           "MASE",
                           word(of, W_BACKTEST_PINBALL),
                           "WQL",
                           word(of, W_BACKTEST_COVERAGE),
                           word(of, W_BACKTEST_WIDTH)};
    dcl_page *page = &of->page;
    dcl_analyst_section(page, W_BACKTEST_MEASURES);
    dcl_put(page, "<p>");
    PUT_SAID(page, W_BACKTEST_MEASURES_TEXT, unit(of), say_error(of, of->report->all->scale));
    dcl_put(page, "</p>");
    dcl_analyst_table(page, word(of, W_BACKTEST_MEASURES), heads, sizeof heads / sizeof *heads);
    for (int f = 0; f < DCL_FORECASTER_COUNT; f++) {
        const dcl_forecast_measure *m = &of->report->all->by[f];
        dcl_text_format(page->out, "<tr%s><th scope=\"row\">%s</th>", f ? "" : " class=\"chosen\"",
                        word(of, (dcl_word)(W_BACKTEST_BY_MODEL + f)));
        error_cell(of, m->mae);
        error_cell(of, m->mae_mean);
        error_cell(of, m->rmse);
        ratio_cell(of, m->mase);
        error_cell(of, m->pinball);
        ratio_cell(of, m->wql);
        share_cell(of, m->coverage);
        width_cell(of, m->width);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- the last forecasts of a home */

/* The recent rows on a grid from the first one's interval on: how many slots, 0 where they are too few to draw. */
static size_t lay_recent(const dcl_backtest_tally *tally, float *const line[4], int64_t *from_us,
                         int64_t *step_us) {
    size_t n = tally->taken < RECENT ? tally->taken : RECENT, slots = 0;
    const dcl_backtest_row *first = &tally->recent[tally->taken < RECENT ? 0 : tally->taken % RECENT];
    if (n < 4) return 0;
    *from_us = first->point.start_us;
    *step_us = first->point.end_us - first->point.start_us;
    for (size_t i = 0; i < RECENT; i++)
        for (size_t k = 0; k < 4; k++) line[k][i] = NAN;
    for (size_t i = 0; i < n; i++) {
        const dcl_backtest_row *row = &tally->recent[(tally->taken - n + i) % RECENT];
        int64_t at = (row->point.start_us - *from_us) / *step_us;
        if (at < 0 || at >= RECENT) continue;
        double scale = tally->is_total ? (double)*step_us / (double)DCL_HOUR_US / 1000 : 1;
        const float values[] = {row->actual, row->point.quantile[4], row->point.quantile[0],
                                row->point.quantile[QUANTILES - 1]};
        for (size_t k = 0; k < 4; k++) line[k][at] = (float)((double)values[k] * scale);
        if ((size_t)at + 1 > slots) slots = (size_t)at + 1;
    }
    return slots;
}

static void put_recent_data(backtest_page *of, float *const line[4], size_t n, int64_t from_us,
                            int64_t step_us) {
    dcl_text csv = {0};
    char stamp[32];
    dcl_text_format(&csv, "time_utc,actual_%s,p50,p10,p90\n", is_total(of) ? "kwh" : "w");
    for (size_t i = 0; i < n; i++) {
        dcl_text_bytes(&csv, stamp, dcl_time_format(from_us + (int64_t)i * step_us, stamp));
        for (size_t k = 0; k < 4; k++) {
            dcl_text_put(&csv, ",");
            dcl_text_fixed(&csv, (double)line[k][i], is_total(of) ? 3 : 1);
        }
        dcl_text_put(&csv, "\n");
    }
    dcl_analyst_data(&of->page, "backtest-example", &csv, true);
}

static void put_recent(backtest_page *of) {
    float actual[RECENT], middle[RECENT], low[RECENT], high[RECENT];
    float *const line[4] = {actual, middle, low, high};
    int64_t from_us, step_us;
    double top = 0;
    dcl_chart chart;
    dcl_page *page = &of->page;
    size_t n = lay_recent(of->report->tally, line, &from_us, &step_us);
    if (!n) return;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 4; k++)
            if (isfinite(line[k][i]) && (double)line[k][i] > top) top = (double)line[k][i];
    dcl_analyst_section(page, W_BACKTEST_EXAMPLE);
    dcl_put(page, "<p>");
    dcl_put_word(page, W_BACKTEST_EXAMPLE_TEXT);
    dcl_put(page, "</p><figure>");
    dcl_chart_open(page, &chart, is_total(of) ? AXIS_ENERGY : AXIS_POWER, top, "",
                   word(of, W_BACKTEST_EXAMPLE), word(of, W_BACKTEST_BAND));
    dcl_chart_band(&chart, "band", low, high, n);
    dcl_chart_line(&chart, "second", middle, n);
    dcl_chart_line(&chart, "main", actual, n);
    dcl_chart_shut(&chart);
    dcl_chart_time_axis(&chart, from_us, from_us + (int64_t)n * step_us);
    dcl_chart_close(&chart);
    dcl_put(page, "<p>");
    dcl_legend(page, "main", word(of, W_BACKTEST_ACTUAL));
    dcl_legend(page, "second", word(of, W_BACKTEST_P50));
    dcl_put(page, "</p>");
    put_recent_data(of, line, n, from_us, step_us);
    dcl_put(page, "</figure></section>\n");
}

/* ---------------------------------------------------------------- by time of day */

static void put_hours(backtest_page *of) {
    enum { SLOTS = DCL_BACKTEST_SLOTS };
    const dcl_backtest_tally *t = of->report->tally;
    float own[SLOTS], plain[SLOTS];
    double top = 0, scale = is_total(of) ? 1e-6 : 1e-3;
    size_t known = 0;
    dcl_text csv = {0};
    dcl_chart chart;
    dcl_page *page = &of->page;
    dcl_text_format(&csv, "%s,model_mae,day_before_mae,forecasts\n", is_total(of) ? "issued" : "half_hour");
    for (int s = 0; s < SLOTS; s++) {
        own[s] = t->n[s] ? (float)((double)t->error_mw[s] * scale / (double)t->n[s]) : NAN;
        plain[s] = t->n[s] ? (float)((double)t->seasonal_mw[s] * scale / (double)t->n[s]) : NAN;
        if (t->n[s]) top = fmax(top, fmax((double)own[s], (double)plain[s]));
        known += t->n[s] > 0;
        dcl_text_format(&csv, "%02d:%02d,", s / 2, s % 2 * 30);
        dcl_text_fixed(&csv, (double)own[s], is_total(of) ? 4 : 2);
        dcl_text_put(&csv, ",");
        dcl_text_fixed(&csv, (double)plain[s], is_total(of) ? 4 : 2);
        dcl_text_format(&csv, ",%llu\n", (unsigned long long)t->n[s]);
    }
    if (known < 2) { /* issued at one time of day alone: nothing to draw */
        dcl_text_free(&csv);
        return;
    }
    for (size_t s = 1; known <= SLOTS / 2 && s < SLOTS; s += 2) /* hours: a level each, not dots */
        if (!t->n[s]) own[s] = own[s - 1], plain[s] = plain[s - 1];
    dcl_analyst_section(page, W_BACKTEST_HOURS);
    dcl_put(page, "<p>");
    dcl_put_word(page, W_BACKTEST_HOURS_TEXT);
    dcl_put(page, "</p><figure>");
    dcl_chart_open(page, &chart, is_total(of) ? AXIS_ENERGY : AXIS_POWER, top, "low",
                   word(of, W_BACKTEST_HOURS), word(of, W_BACKTEST_HOURS_TEXT));
    dcl_chart_line(&chart, "main", own, SLOTS);
    dcl_chart_line(&chart, "second", plain, SLOTS);
    dcl_chart_shut(&chart);
    for (int hour = 0; hour < 24; hour += 6)
        dcl_chart_label(&chart, hour / 24.0, dcl_say_clock(&page->say, hour * 60));
    dcl_chart_close(&chart);
    dcl_put(page, "<p>");
    dcl_legend(page, "main", word(of, W_BACKTEST_BY_MODEL));
    dcl_legend(page, "second", word(of, W_BACKTEST_BY_SEASONAL));
    dcl_put(page, "</p>");
    dcl_analyst_data(page, "backtest-hours", &csv, true);
    dcl_put(page, "</figure></section>\n");
}

/* ---------------------------------------------------------------- honesty of the quantiles */

static void put_quantiles(backtest_page *of) {
    const dcl_backtest_tally *t = of->report->tally;
    const char *heads[] = {word(of, W_BACKTEST_QUANTILE), word(of, W_BACKTEST_WANTED),
                           word(of, W_BACKTEST_SEEN)};
    float seen[QUANTILES], wanted[QUANTILES];
    dcl_text csv = {0};
    dcl_chart chart;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    if (!t->known) return;
    dcl_text_put(&csv, "quantile,wanted_pct,seen_pct\n");
    for (int q = 0; q < QUANTILES; q++) {
        wanted[q] = (float)(10 * (q + 1));
        seen[q] = (float)(100 * (double)t->below[q] / (double)t->known);
        dcl_text_format(&csv, "p%d,%d,", 10 * (q + 1), 10 * (q + 1));
        dcl_text_fixed(&csv, (double)seen[q], 2);
        dcl_text_put(&csv, "\n");
    }
    dcl_analyst_section(page, W_BACKTEST_QUANTILES);
    dcl_put(page, "<p>");
    dcl_put_word(page, W_BACKTEST_QUANTILES_TEXT);
    dcl_put(page, "</p><figure>");
    dcl_chart_open(page, &chart, AXIS_RELATIVE, 100, "low few", word(of, W_BACKTEST_QUANTILES),
                   word(of, W_BACKTEST_QUANTILES_TEXT));
    dcl_chart_line(&chart, "second", wanted, QUANTILES);
    dcl_chart_line(&chart, "main", seen, QUANTILES);
    dcl_chart_shut(&chart);
    for (int q = 0; q < QUANTILES; q += 2)
        dcl_chart_label(&chart, (q + 0.5) / QUANTILES,
                        SAY(say, W_BACKTEST_P, dcl_say_number(say, 10 * (q + 1), 0)));
    dcl_chart_close(&chart);
    dcl_put(page, "<p>");
    dcl_legend(page, "main", word(of, W_BACKTEST_SEEN));
    dcl_legend(page, "second", word(of, W_BACKTEST_WANTED));
    dcl_put(page, "</p>");
    dcl_analyst_data(page, "backtest-quantiles", &csv, true);
    dcl_put(page, "</figure>");
    dcl_analyst_table(page, word(of, W_BACKTEST_QUANTILES), heads, 3);
    for (int q = 0; q < QUANTILES; q++) {
        dcl_put_row_head(page, SAY(say, W_BACKTEST_P, dcl_say_number(say, 10 * (q + 1), 0)));
        share_cell(of, (q + 1) / 10.0);
        share_cell(of, (double)t->below[q] / (double)t->known);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- home by home */

static void put_homes(backtest_page *of) {
    const dcl_backtest_report *r = of->report;
    const char *heads[] = {word(of, W_BACKTEST_HOME),
                           word(of, W_BACKTEST_ISSUES),
                           "MAE",
                           "MASE",
                           word(of, W_BACKTEST_PINBALL),
                           word(of, W_BACKTEST_COVERAGE),
                           word(of, W_BACKTEST_WIDTH)};
    dcl_page *page = &of->page;
    size_t n = r->n_homes < HOMES_MOST ? r->n_homes : HOMES_MOST;
    if (r->n_homes < 2) return;
    dcl_analyst_section(page, W_BACKTEST_HOMES);
    if (n < r->n_homes) {
        dcl_put(page, "<p>");
        PUT_SAID(page, W_BACKTEST_HOMES_PART, dcl_say_number(&page->say, (double)n, 0),
                 dcl_say_number(&page->say, (double)r->n_homes, 0));
        dcl_put(page, "</p>");
    }
    dcl_analyst_table(page, word(of, W_BACKTEST_HOMES), heads, sizeof heads / sizeof *heads);
    for (size_t h = 0; h < n; h++) {
        const dcl_forecast_measure *m = &r->each[h].by[DCL_FORECASTER_MODEL];
        dcl_put(page, "<tr><th scope=\"row\">");
        dcl_text_html(page->out, r->home[h].id);
        dcl_put(page, "</th>");
        dcl_analyst_cell(page, (double)r->each[h].issues,
                         dcl_say_number(&page->say, (double)r->each[h].issues, 0));
        width_cell(of, m->mae);
        ratio_cell(of, m->mase);
        width_cell(of, m->pinball);
        share_cell(of, m->coverage);
        width_cell(of, m->width);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

static void put_basis(backtest_page *of) {
    dcl_analyst_section(&of->page, W_CLUSTERS_BASIS);
    dcl_put(&of->page, "<p class=\"note\">");
    dcl_put_word(&of->page, W_BACKTEST_BASIS);
    dcl_put(&of->page, "</p></section>\n");
}

/* ---------------------------------------------------------------- the page */

dcl_status dcl_backtest_html(const dcl_context *context, const dcl_backtest_report *report, dcl_lang lang,
                             dcl_arena *arena, const char **html, size_t *n, dcl_error *error) {
    static void (*const sections[])(backtest_page *) = {put_head,      put_measures, put_recent, put_hours,
                                                        put_quantiles, put_homes,    put_basis};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_text text = {0};
    backtest_page of = {.page = dcl_analyst_page(context, lang, &text, &scratch), .report = report};
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the page is written in French or English");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](&of);
    return dcl_analyst_finish(&of.page, arena, html, n, error);
}
