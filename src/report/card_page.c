/* The page of a model's card. */
#include <declic/report_card.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "report/analyst.h"

enum { COLUMNS_MOST = 8, LINE_MOST = 512 };

typedef struct card_page {
    dcl_page page;
    const dcl_card_report *report;
} card_page;

static const char *word(const card_page *of, dcl_word id) {
    return dcl_word_text(of->page.say.lang, id);
}

static const char *say_count(card_page *of, uint64_t n) {
    return dcl_say_number(&of->page.say, (double)n, 0);
}

static const char *say_day(card_page *of, int64_t time_us) {
    return dcl_say_date(&of->page.say, dcl_zone_day(of->page.say.zone, time_us), DATE_PLAIN);
}

static const char *say_version(card_page *of, uint32_t number) {
    return SAY(&of->page.say, W_CARD_VERSION, say_count(of, number));
}

/* ---------------------------------------------------------------- the card */

static void put_fact(card_page *of, dcl_word name, const char *value) {
    dcl_text_format(of->page.out, "<dt>%s</dt><dd>", word(of, name));
    dcl_text_html(of->page.out, value);
    dcl_put(&of->page, "</dd>");
}

static void put_makers(card_page *of, const dcl_card *card) {
    dcl_text_format(of->page.out, "<dt>%s</dt><dd>", word(of, W_CARD_BY));
    for (size_t i = 0; i < card->n_versions; i++) {
        if (i) dcl_put(&of->page, ", ");
        dcl_text_html(of->page.out, card->version[i].name);
        dcl_put(&of->page, " ");
        dcl_text_html(of->page.out, card->version[i].version);
    }
    dcl_put(&of->page, "</dd>");
}

static void put_card(card_page *of) {
    const dcl_shelf_version *shown = of->report->shown;
    const dcl_card *card = &shown->card;
    dcl_speaker *say = &of->page.say;
    char text[32];
    dcl_analyst_section(&of->page, W_CARD_WHAT);
    dcl_put(&of->page, "<dl class=\"card\">");
    put_fact(of, W_CARD_KIND, card->kind ? card->kind : "");
    put_fact(of, W_CARD_MADE, say_day(of, card->made_us));
    put_fact(of, W_CARD_DATA,
             card->from_us == card->to_us
                 ? word(of, W_UNKNOWN)
                 : SAY(say, W_CARD_SPAN_OF_DATA, say_day(of, card->from_us), say_day(of, card->to_us)));
    put_fact(of, W_CARD_PARENT, card->parent ? say_version(of, card->parent) : word(of, W_CARD_NONE));
    if (card->why && *card->why) put_fact(of, W_CARD_WHY, card->why);
    if (card->n_versions) put_makers(of, card);
    snprintf(text, sizeof text, "%llu", (unsigned long long)card->seed);
    put_fact(of, W_CARD_SEED, text);
    put_fact(of, W_CARD_BYTES, dcl_say_unit(say, (double)shown->bytes / 1000, 0, "kB"));
    snprintf(text, sizeof text, "%08x", shown->crc);
    put_fact(of, W_CARD_CHECKSUM, text);
    dcl_put(&of->page, "</dl></section>\n");
}

static void put_head(card_page *of) {
    const dcl_card_report *r = of->report;
    dcl_speaker *say = &of->page.say;
    dcl_analyst_head(&of->page, SAY(say, W_CARD_TITLE, r->model));
    dcl_put(&of->page, "<p class=\"span\">");
    PUT_SAID(&of->page, W_CARD_SPAN, say_count(of, r->shown->number), say_count(of, r->n),
             word(of, r->shown->number == r->current ? W_CARD_CURRENT : W_CARD_NOT_CURRENT));
    dcl_put(&of->page, "</p>\n");
    dcl_analyst_main(&of->page);
}

/* ---------------------------------------------------------------- figures */

static double figure_of(const dcl_shelf_version *version, const char *name) {
    for (size_t i = 0; version->status == DCL_OK && i < version->card.n_metrics; i++)
        if (strcmp(version->card.metric[i].name, name) == 0) return version->card.metric[i].value;
    return (double)NAN;
}

/* Four digits that count; a whole number as it is. */
static const char *say_figure(card_page *of, double value) {
    double size = fabs(value);
    int decimals = size >= 1000 || (size >= 10 && size == floor(size)) ? 0
                   : size >= 100                                       ? 1
                   : size >= 10                                        ? 2
                   : size >= 1                                         ? 3
                                                                       : 4;
    return isfinite(value) ? dcl_say_number(&of->page.say, value, decimals) : "–";
}

/* The card's figures, and beside them those of the newest other versions. */
static void put_figures(card_page *of) {
    const dcl_card_report *r = of->report;
    const dcl_shelf_version *column[COLUMNS_MOST] = {r->shown};
    const char *heads[COLUMNS_MOST + 1] = {word(of, W_CARD_METRIC), say_version(of, r->shown->number)};
    size_t n = 1;
    for (size_t i = r->n; i-- > 0 && n < COLUMNS_MOST;) {
        if (r->version[i].number == r->shown->number || r->version[i].status != DCL_OK) continue;
        heads[n + 1] = say_version(of, r->version[i].number);
        column[n++] = &r->version[i];
    }
    if (!r->shown->card.n_metrics) return;
    dcl_analyst_section(&of->page, W_CARD_METRICS);
    dcl_put(&of->page, "<p>");
    dcl_put_word(&of->page, W_CARD_METRICS_TEXT);
    dcl_put(&of->page, "</p>");
    dcl_analyst_table(&of->page, word(of, W_CARD_METRICS), heads, n + 1);
    for (size_t m = 0; m < r->shown->card.n_metrics; m++) {
        const char *name = r->shown->card.metric[m].name;
        dcl_put(&of->page, "<tr><th scope=\"row\">");
        dcl_text_html(of->page.out, name);
        dcl_put(&of->page, "</th>");
        for (size_t c = 0; c < n; c++) {
            double value = figure_of(column[c], name);
            dcl_analyst_cell(&of->page, value, say_figure(of, value));
        }
        dcl_put(&of->page, "</tr>\n");
    }
    dcl_analyst_table_end(&of->page);
    dcl_put(&of->page, "</section>\n");
}

/* The line of the first figure that two versions and more have; the others are in its data. */
static void put_history(card_page *of) {
    const dcl_card_report *r = of->report;
    const dcl_card *card = &r->shown->card;
    float line[LINE_MOST];
    size_t n = r->n < LINE_MOST ? r->n : LINE_MOST, first = r->n - n, known = 0, m = 0;
    double top = 0;
    for (; m < card->n_metrics && known < 2; m++) {
        known = 0, top = 0;
        for (size_t i = 0; i < n; i++) {
            double value = figure_of(&r->version[first + i], card->metric[m].name);
            line[i] = value >= 0 ? (float)value : NAN;
            known += value >= 0;
            if (value > top) top = value;
        }
    }
    if (known < 2) return;
    const char *name = card->metric[m - 1].name;
    dcl_text csv = {0}, safe = {0};
    dcl_chart chart;
    dcl_text_html(&safe, name);
    dcl_text_put(&csv, "version");
    for (size_t k = 0; k < card->n_metrics; k++) {
        dcl_text_put(&csv, ",");
        dcl_csv_name(&csv, card->metric[k].name);
    }
    dcl_text_put(&csv, "\n");
    for (size_t i = 0; i < n; i++) {
        dcl_text_format(&csv, "%u", r->version[first + i].number);
        for (size_t k = 0; k < card->n_metrics; k++) {
            dcl_text_put(&csv, ",");
            dcl_text_double(&csv, figure_of(&r->version[first + i], card->metric[k].name));
        }
        dcl_text_put(&csv, "\n");
    }
    dcl_analyst_section(&of->page, W_CARD_HISTORY);
    dcl_put(&of->page, "<p>");
    PUT_SAID(&of->page, W_CARD_HISTORY_TEXT, safe.at ? safe.at : "", say_count(of, r->version[first].number),
             say_count(of, r->version[r->n - 1].number));
    dcl_put(&of->page, "</p><figure>");
    dcl_chart_open(&of->page, &chart, AXIS_NUMBER, top, "low", word(of, W_CARD_HISTORY), name);
    dcl_chart_line(&chart, "main", line, n);
    dcl_chart_shut(&chart);
    for (size_t i = 0; i < n; i += n / 6 + 1)
        dcl_chart_label(&chart, ((double)i + 0.5) / (double)n, say_count(of, r->version[first + i].number));
    dcl_chart_close(&chart);
    dcl_analyst_data(&of->page, "versions", &csv, true);
    dcl_put(&of->page, "</figure></section>\n");
    dcl_text_free(&safe);
}

/* ---------------------------------------------------------------- versions and features */

static void put_versions(card_page *of) {
    const dcl_card_report *r = of->report;
    const char *heads[] = {word(of, W_CARD_COLUMN), word(of, W_CARD_MADE), word(of, W_CARD_PARENT),
                           word(of, W_CARD_BYTES), word(of, W_CARD_STATE)};
    if (r->n < 2) return;
    dcl_analyst_section(&of->page, W_CARD_VERSIONS);
    dcl_analyst_table(&of->page, word(of, W_CARD_VERSIONS), heads, 5);
    for (size_t i = 0; i < r->n; i++) {
        const dcl_shelf_version *v = &r->version[i];
        bool whole = v->status == DCL_OK;
        dcl_text_format(of->page.out, "<tr%s><th scope=\"row\">%u</th>",
                        v->number == r->current ? " class=\"chosen\"" : "", v->number);
        dcl_analyst_cell(&of->page, whole ? (double)v->card.made_us : (double)NAN,
                         whole ? say_day(of, v->card.made_us) : "–");
        dcl_analyst_cell(&of->page, whole && v->card.parent ? (double)v->card.parent : (double)NAN,
                         whole && v->card.parent ? say_version(of, v->card.parent) : "–");
        dcl_analyst_cell(&of->page, (double)v->bytes,
                         dcl_say_unit(&of->page.say, (double)v->bytes / 1000, 0, "kB"));
        dcl_analyst_cell(&of->page, whole ? 1 : 0, word(of, whole ? W_CARD_WHOLE : W_CARD_DAMAGED));
        dcl_put(&of->page, "</tr>\n");
    }
    dcl_analyst_table_end(&of->page);
    dcl_put(&of->page, "</section>\n");
}

static void put_features(card_page *of) {
    const dcl_card *card = &of->report->shown->card;
    const char *heads[] = {word(of, W_CARD_FEATURE), word(of, W_CARD_UNIT), word(of, W_CARD_PLACE)};
    if (!card->n_features) return;
    dcl_analyst_section(&of->page, W_CARD_FEATURES);
    dcl_analyst_table(&of->page, word(of, W_CARD_FEATURES), heads, 3);
    for (size_t i = 0; i < card->n_features; i++) {
        dcl_put(&of->page, "<tr><th scope=\"row\">");
        dcl_text_html(of->page.out, card->feature[i].name);
        dcl_put(&of->page, "</th><td>");
        dcl_text_html(of->page.out, card->feature[i].unit);
        dcl_put(&of->page, "</td>");
        dcl_analyst_cell(&of->page, (double)i + 1, say_count(of, i + 1));
        dcl_put(&of->page, "</tr>\n");
    }
    dcl_analyst_table_end(&of->page);
    dcl_put(&of->page, "</section>\n");
}

dcl_status dcl_card_html(const dcl_context *context, const dcl_card_report *report, dcl_lang lang,
                         dcl_arena *arena, const char **html, size_t *n, dcl_error *error) {
    static void (*const sections[])(card_page *) = {put_head,    put_card,     put_figures,
                                                    put_history, put_versions, put_features};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_text text = {0};
    card_page of = {.page = dcl_analyst_page(context, lang, &text, &scratch), .report = report};
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the page is written in French or English");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](&of);
    return dcl_analyst_finish(&of.page, arena, html, n, error);
}
