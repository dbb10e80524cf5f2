#include "report/cluster_page.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

/* The document of clusters: its head, the map of the homes, and what stands behind it. */

enum { DOTS_MOST = 3000, COLOURS = 10 };

/* Ten colours that stay apart in most colour visions (after Tol, "Colour schemes", SRON 2021) and in the dark. */
static const char style[] =
    ":root{--c0:#0a6b78;--c1:#b4530f;--c2:#5b7fb5;--c3:#a3195b;--c4:#8a9a2b;--c5:#c9a227;--c6:#6b4fa0;--c7:#"
    "3f8f5f;--c8:#7a5a44;--c9:#"
    "62707a}\n"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--c0:#5fc9cf;--c1:#f2a65e;--c2:#8fb0e0;--c3:#ff8fbe;--c4:#c3d46a;--c5:"
    "#e3c65b;"
    "--c6:#b9a3ea;--c7:#84d3a4;--c8:#cfa98d;--c9:#a9b6bf}}\n"
    ".four{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr));gap:0 1.2rem}\n"
    ".four figure{margin:.4rem 0}.four .chart{height:9rem}\n.who{white-space:nowrap;margin-right:.9rem}th "
    ".who{margin-right:0}\n"
    ".chart "
    "path.dots{stroke-width:6;stroke-linecap:round;stroke-opacity:.75}.chart.wide-map{height:24rem;margin:"
    "1rem .4rem}\n"
    ".g0{--g:var(--c0)}.g1{--g:var(--c1)}.g2{--g:var(--c2)}.g3{--g:var(--c3)}.g4{--g:var(--c4)}.g5{--g:var(--"
    "c5)}.g6{--g:var(--c6)}"
    ".g7{--g:var(--c7)}.g8{--g:var(--c8)}.g9{--g:var(--c9)}path.dots{stroke:var(--g)}.dot.g{background:var(--"
    "g)}\n"
    "tr.chosen th,tr.chosen td{font-weight:650;color:var(--main)}\n";

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
    dcl_text_format(page->out, "<li><b>%s</b><span>%s</span></li>", value,
                    dcl_word_text(page->say.lang, label));
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
    dcl_put(page, "<!DOCTYPE html>\n<html lang=\"");
    dcl_put_word(page, W_LANG);
    dcl_put(page, "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
                  "content=\"default-src 'none'; style-src "
                  "'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                  "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" "
                  "content=\"no-referrer\"><title>");
    dcl_put_word(page, W_CLUSTERS_TITLE);
    dcl_put(page, "</title><style>\n");
    dcl_put(page, dcl_page_style);
    dcl_put(page, style);
    dcl_put(page, "</style></head>\n<body><header><h1>");
    dcl_put_word(page, W_CLUSTERS_TITLE);
    dcl_put(page, "</h1><p class=\"span\">");
    PUT_SAID(page, W_CLUSTERS_SPAN, dcl_say_number(say, (double)homes->n, 0),
             dcl_say_date(say, dcl_zone_day(say->zone, homes->start_us), DATE_PLAIN),
             dcl_say_date(say, dcl_zone_day(say->zone, homes->end_us - 1), DATE_PLAIN));
    dcl_put(page, "</p>\n");
    put_lead(of);
    put_tiles(of);
    dcl_put(page, "</header>\n<main>\n");
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
    for (uint32_t cluster = 1; cluster <= c->k; cluster++) put_dots(of, &f, cluster, step ? step : 1);
    dcl_put(page, "</svg></div><figcaption>");
    for (uint32_t cluster = 1; cluster <= c->k; cluster++)
        dcl_text_format(page->out, "%s ", dcl_say_cluster(of, cluster));
    if (step > 1)
        PUT_SAID(page, W_CLUSTERS_MAP_PART,
                 dcl_say_number(say, (double)((c->in_clusters + step - 1) / step), 0),
                 dcl_say_number(say, (double)c->in_clusters, 0));
    dcl_put(page, "</figcaption></figure></section>\n");
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
    dcl_cluster_page of = {.page = {.out = &text,
                                    .say = {.lang = lang, .zone = context->zone, .arena = &scratch},
                                    .zone_name = dcl_zone_name(context->zone)},
                           .report = report};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](&of);
    dcl_put(&of.page, "</main></body></html>\n");
    char *kept = text.failed || of.page.say.failed ? NULL : dcl_arena_alloc(arena, text.n + 1, 1);
    if (kept) {
        memcpy(kept, text.at, text.n + 1);
        *html = kept;
        *n = text.n;
    }
    dcl_arena_free(&scratch);
    dcl_text_free(&text);
    return kept ? DCL_OK : dcl_fail_memory(error, "the page");
}
