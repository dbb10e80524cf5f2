#include "report/cluster_page.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

/* The document of clusters: its head, the map of the homes, and what stands behind it. */

enum { DOTS_MOST = 3000, COLOURS = 10 };

const char *dcl_say_cluster(dcl_cluster_page *of, uint32_t cluster) {
    dcl_speaker *say = &of->page.say;
    dcl_text text = {0};
    dcl_text_format(&text, "<span class=\"who\"><i class=\"dot g g%u\"></i>%s</span>",
                    (cluster - 1) % COLOURS, SAY(say, W_CLUSTERS_ONE, dcl_say_number(say, cluster, 0)));
    char *kept = text.failed ? NULL : dcl_arena_strdup(say->arena, text.at);
    if (!kept) say->failed = true;
    dcl_text_free(&text);
    return kept ? kept : "";
}

/* ---------------------------------------------------------------- head */

static void put_tile(dcl_page *page, const char *value, dcl_word label) {
    dcl_analyst_tile(page, value, dcl_word_text(page->say.lang, label));
}

static void put_tiles(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    dcl_speaker *say = &of->page.say;
    dcl_put(&of->page, "<ul class=\"tiles\">");
    put_tile(&of->page, dcl_say_number(say, (double)c->in_clusters, 0), W_CLUSTERS_TILE_HOMES);
    put_tile(&of->page, dcl_say_number(say, c->k, 0), W_CLUSTERS_TILE_K);
    if (isfinite(c->quality.stability))
        put_tile(&of->page, dcl_say_number(say, c->quality.stability, 2), W_CLUSTERS_TILE_STABILITY);
    if (isfinite(c->quality.shape_variance))
        put_tile(&of->page, dcl_say_percent(say, c->quality.shape_variance, 0), W_CLUSTERS_TILE_VARIANCE);
    dcl_put(&of->page, "</ul>\n");
}

static void put_lead(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    dcl_speaker *say = &of->page.say;
    const char *k = dcl_say_number(say, c->k, 0);
    dcl_put(&of->page, "<p class=\"lead\">");
    PUT_SAID(&of->page, c->by == DCL_BY_HABITS ? W_CLUSTERS_LEAD_HABITS : W_CLUSTERS_LEAD,
             dcl_say_number(say, (double)c->in_clusters, 0), k,
             dcl_say_number(say, (double)(c->n - c->in_clusters), 0));
    if (of->report->assigned)
        dcl_put_word(&of->page, W_CLUSTERS_ASSIGNED);
    else
        PUT_SAID(&of->page, (dcl_word)(W_CLUSTERS_CHOICE_GIVEN + (int)c->choice), k);
    dcl_put(&of->page, "</p>\n");
}

_Static_assert(W_CLUSTERS_CHOICE_ONE_HOME - W_CLUSTERS_CHOICE_GIVEN + 1 == DCL_CHOICE_COUNT,
               "a sentence for every choice");

void dcl_cluster_page_head(dcl_cluster_page *of) {
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    const dcl_homes *homes = of->report->homes;
    dcl_analyst_head(page, dcl_word_text(say->lang, W_CLUSTERS_TITLE));
    dcl_put(page, "<p class=\"span\">");
    PUT_SAID(page, W_CLUSTERS_SPAN, dcl_say_number(say, (double)homes->n, 0),
             dcl_say_date(say, dcl_zone_day(say->zone, homes->start_us), DATE_PLAIN),
             dcl_say_date(say, dcl_zone_day(say->zone, homes->end_us - 1), DATE_PLAIN));
    dcl_put(page, "</p>\n");
    put_lead(of);
    put_tiles(of);
    dcl_analyst_main(page);
}

/* ---------------------------------------------------------------- map */

/** The extents of the scores of homes in clusters. */
typedef struct frame {
    double low[2], high[2];
} frame;

static frame frame_of(const dcl_clusters *c) {
    frame f = {{0, 0}, {0, 0}};
    size_t dim = c->model.components < 2 ? c->model.components : 2;
    bool first = true;
    for (size_t h = 0; h < c->n; h++) {
        if (!c->label[h]) continue;
        for (size_t d = 0; d < dim; d++) {
            double at = (double)c->score[h * c->model.components + d];
            f.low[d] = first || at < f.low[d] ? at : f.low[d];
            f.high[d] = first || at > f.high[d] ? at : f.high[d];
        }
        first = false;
    }
    return f;
}

static int place_of(const dcl_clusters *c, const frame *f, size_t home, size_t d) {
    double width = f->high[d] - f->low[d];
    if (d >= c->model.components || !(width > 0)) return dcl_place(0.5);
    return dcl_place(0.02 + 0.96 * ((double)c->score[home * c->model.components + d] - f->low[d]) / width);
}

static void put_dots(dcl_cluster_page *of, const frame *f, uint32_t cluster, size_t step) {
    const dcl_clusters *c = of->report->clusters;
    size_t seen = 0;
    dcl_text_format(of->page.out, "<path class=\"dots g%u\" d=\"", (cluster - 1) % COLOURS);
    for (size_t h = 0; h < c->n; h++) {
        if (!c->label[h] || seen++ % step || c->label[h] != cluster) continue;
        dcl_text_format(of->page.out, "M%d %dh0", place_of(c, f, h, 0), 10000 - place_of(c, f, h, 1));
    }
    dcl_put(&of->page, "\"/>");
}

/* The homes that are drawn, by place and cluster and without names. */
static void put_map_data(dcl_cluster_page *of, size_t step) {
    const dcl_clusters *c = of->report->clusters;
    dcl_text csv = {0};
    size_t seen = 0;
    dcl_text_put(&csv, "cluster,component_1,component_2\n");
    for (size_t h = 0; h < c->n; h++) {
        if (!c->label[h] || seen++ % step) continue;
        dcl_text_format(&csv, "%u", c->label[h]);
        for (size_t d = 0; d < 2; d++) {
            dcl_text_put(&csv, ",");
            if (d < c->model.components)
                dcl_text_fixed(&csv, (double)c->score[h * c->model.components + d], 3);
        }
        dcl_text_put(&csv, "\n");
    }
    dcl_analyst_data(&of->page, "clusters-map", &csv, false);
}

void dcl_cluster_page_map(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    size_t step = (c->in_clusters + DOTS_MOST - 1) / DOTS_MOST;
    frame f = frame_of(c);
    if (!c->in_clusters) return;
    dcl_put(page, "<section><h2>");
    dcl_put_word(page, W_CLUSTERS_MAP);
    dcl_put(page, "</h2><p>");
    PUT_SAID(page, W_CLUSTERS_MAP_TEXT, dcl_say_percent(say, c->kept[0], 0),
             dcl_say_percent(say, c->kept[1], 0));
    dcl_put(page, "</p><figure>");
    int id = ++page->figures;
    dcl_text_format(page->out,
                    "<div class=\"chart wide-map\"><svg viewBox=\"0 0 10000 10000\" "
                    "preserveAspectRatio=\"none\" role=\"img\" "
                    "aria-labelledby=\"t%d\"><title id=\"t%d\">%s</title>",
                    id, id, dcl_word_text(say->lang, W_CLUSTERS_MAP_TITLE));
    for (uint32_t cluster = 1; cluster <= c->k; cluster++) put_dots(of, &f, cluster, step);
    dcl_put(page, "</svg></div><figcaption>");
    for (uint32_t cluster = 1; cluster <= c->k; cluster++)
        dcl_text_format(page->out, "%s ", dcl_say_cluster(of, cluster));
    if (step > 1)
        PUT_SAID(page, W_CLUSTERS_MAP_PART,
                 dcl_say_number(say, (double)((c->in_clusters + step - 1) / step), 0),
                 dcl_say_number(say, (double)c->in_clusters, 0));
    dcl_put(page, "</figcaption>");
    put_map_data(of, step);
    dcl_put(page, "</figure></section>\n");
}

/* ---------------------------------------------------------------- the page */

dcl_status dcl_clusters_html(const dcl_context *context, const dcl_clusters_report *report, dcl_lang lang,
                             dcl_arena *arena, const char **html, size_t *n, dcl_error *error) {
    static void (*const sections[])(dcl_cluster_page *) = {
        dcl_cluster_page_head,       dcl_cluster_page_map,   dcl_cluster_page_profiles,
        dcl_cluster_page_numbers,    dcl_cluster_page_days,  dcl_cluster_page_quality,
        dcl_cluster_page_attributes, dcl_cluster_page_apart, dcl_cluster_page_basis,
    };
    if (lang != DCL_LANG_FR && lang != DCL_LANG_EN)
        return dcl_fail(error, DCL_E_ARG, "the page is written in French or English");
    dcl_text text = {0};
    dcl_arena scratch = {.limit = arena->limit};
    dcl_cluster_page of = {.page = dcl_analyst_page(context, lang, &text, &scratch), .report = report};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](&of);
    return dcl_analyst_finish(&of.page, arena, html, n, error);
}
