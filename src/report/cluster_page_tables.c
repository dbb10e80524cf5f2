/* The numbers behind the clusters: traits, shapes of days, quality, attributes, homes set apart. */
#include "report/cluster_page.h"

#include <math.h>

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

/* A table with these column heads, behind which a column a cluster may come. */
static void open_table(dcl_cluster_page *of, dcl_word title, const dcl_word *columns, size_t n,
                       bool clusters) {
    uint32_t k = clusters ? of->report->clusters->k : 0;
    const char **heads = dcl_arena_alloc(of->page.say.arena, n + k, sizeof *heads);
    size_t all = 0;
    if (!heads) {
        of->page.say.failed = true;
        return;
    }
    for (; all < n; all++) heads[all] = dcl_word_text(of->page.say.lang, columns[all]);
    for (uint32_t i = 0; i < k; i++) heads[all++] = dcl_say_cluster(of, i + 1);
    dcl_analyst_table(&of->page, dcl_word_text(of->page.say.lang, title), heads, all);
}

static void number_cell(dcl_page *page, double value, int decimals) {
    dcl_analyst_cell(page, value, dcl_say_number(&page->say, value, decimals));
}

static void share_cell(dcl_page *page, double share, int decimals) {
    dcl_analyst_cell(page, share, dcl_say_percent(&page->say, share, decimals));
}

void dcl_cluster_page_numbers(dcl_cluster_page *of) {
    static const dcl_word columns[] = {
        W_CLUSTERS_COLUMN,       W_CLUSTERS_COLUMN_HOMES,   W_CLUSTERS_COLUMN_MEAN,
        W_CLUSTERS_COLUMN_FLOOR, W_CLUSTERS_COLUMN_PEAK,    W_CLUSTERS_COLUMN_NIGHT,
        W_CLUSTERS_COLUMN_QUIET, W_CLUSTERS_COLUMN_WEEKEND, W_CLUSTERS_COLUMN_WINTER};
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    dcl_analyst_section(page, W_CLUSTERS_NUMBERS);
    open_table(of, W_CLUSTERS_NUMBERS, columns, COUNT_OF(columns), false);
    for (uint32_t i = 0; i < c->k; i++) {
        const float *t = c->trait + i * (size_t)DCL_TRAIT_COUNT;
        double peak = (double)t[DCL_TRAIT_PEAK_HOUR];
        dcl_put_row_head(page, dcl_say_cluster(of, i + 1));
        number_cell(page, (double)c->size[i], 0);
        dcl_analyst_cell(page, (double)t[DCL_TRAIT_MEAN_W],
                         dcl_say_unit(say, (double)t[DCL_TRAIT_MEAN_W], 0, "W"));
        share_cell(page, (double)t[DCL_TRAIT_FLOOR_SHARE], 0);
        dcl_analyst_cell(page, peak,
                         isfinite(peak) ? dcl_say_clock(say, (int)(peak * 2) * 30)
                                        : dcl_word_text(say->lang, W_UNKNOWN));
        share_cell(page, (double)t[DCL_TRAIT_NIGHT_SHARE], 0);
        share_cell(page, (double)t[DCL_TRAIT_QUIET_DAYS], 0);
        number_cell(page, (double)t[DCL_TRAIT_WEEKEND_RATIO], 2);
        number_cell(page, (double)t[DCL_TRAIT_WINTER_RATIO], 2);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- shapes of days */

static int peak_minute(const float *shape) {
    size_t best = 0;
    for (size_t b = 1; b < DCL_PROFILE_SLOTS; b++)
        if (shape[b] > shape[best]) best = b;
    return (int)best * 30;
}

void dcl_cluster_page_days(dcl_cluster_page *of) {
    static const dcl_word columns[] = {W_CLUSTERS_SHAPE_COLUMN};
    const dcl_clusters *c = of->report->clusters;
    const dcl_homes *homes = of->report->homes;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    uint32_t words = homes->day_shapes;
    if (!words) return;
    dcl_analyst_section(page, W_CLUSTERS_DAYS);
    dcl_put(page, "<p>");
    PUT_SAID(page, W_CLUSTERS_DAYS_TEXT, dcl_say_number(say, (double)homes->days_told, 0),
             dcl_say_number(say, words, 0), dcl_say_number(say, (double)homes->days_learned, 0));
    dcl_put(page, "</p>");
    open_table(of, W_CLUSTERS_DAYS, columns, COUNT_OF(columns), true);
    for (uint32_t w = 0; w < words; w++) {
        const char *at = dcl_say_clock(say, peak_minute(homes->day_shape + w * (size_t)DCL_PROFILE_SLOTS));
        dcl_put_row_head(page, SAY(say, W_CLUSTERS_SHAPE, dcl_say_number(say, w + 1, 0), at));
        for (uint32_t i = 0; i < c->k; i++) share_cell(page, (double)c->shape_share[i * words + w], 0);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- quality */

void dcl_cluster_page_quality(dcl_cluster_page *of) {
    static const dcl_word columns[] = {W_CLUSTERS_Q_K,        W_CLUSTERS_Q_SILHOUETTE, W_CLUSTERS_Q_DB,
                                       W_CLUSTERS_Q_CH,       W_CLUSTERS_Q_STABILITY,  W_CLUSTERS_Q_WHOLE,
                                       W_CLUSTERS_Q_SMALLEST, W_CLUSTERS_Q_SHAPES,     W_CLUSTERS_Q_ICL};
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    if (!c->n_tried) return;
    dcl_analyst_section(page, W_CLUSTERS_QUALITY);
    dcl_put(page, "<p>");
    PUT_SAID(page, W_CLUSTERS_QUALITY_TEXT,
             dcl_say_number(say, (double)dcl_clusters_defaults().bootstraps, 0),
             dcl_say_number(say, (double)c->silhouette_homes, 0));
    bool spread = c->model.metric != NULL;
    if (spread) dcl_put_word(page, W_CLUSTERS_QUALITY_ICL);
    dcl_put(page, "</p>");
    open_table(of, W_CLUSTERS_QUALITY, columns, COUNT_OF(columns) - !spread, false);
    for (size_t i = 0; i < c->n_tried; i++) {
        const dcl_cluster_quality *q = &c->tried[i];
        dcl_text_format(page->out, "<tr%s><th scope=\"row\">%u</th>", q->k == c->k ? " class=\"chosen\"" : "",
                        q->k);
        number_cell(page, q->silhouette, 2);
        number_cell(page, q->davies_bouldin, 2);
        number_cell(page, q->calinski_harabasz, 0);
        number_cell(page, q->stability, 2);
        number_cell(page, q->stability_whole, 2);
        share_cell(page, q->smallest, 1);
        dcl_text_put(page->out, "<td data-v=\"");
        dcl_text_fixed(page->out, q->shape_variance, 6);
        dcl_text_format(page->out, "\">%s <small>/ %s</small></td>",
                        dcl_say_percent(say, q->shape_variance, 0), dcl_say_percent(say, q->shape_best, 0));
        if (spread) number_cell(page, q->icl, 3);
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- what else is known */

_Static_assert(W_CLUSTERS_KIND_SECOND_ELECTRIC - W_CLUSTERS_KIND_UNKNOWN + 1 == DCL_HOUSEHOLD_COUNT,
               "a name for every kind of household");

/* How the homes in clusters of one kind are spread over them; a kind without any has no row. */
static void put_kind(dcl_cluster_page *of, unsigned kind) {
    const dcl_clusters *c = of->report->clusters;
    size_t n = 0;
    for (size_t h = 0; h < c->n; h++) n += c->label[h] && of->report->homes->kind[h] == kind;
    if (!n) return;
    dcl_put_row_head(&of->page,
                     dcl_word_text(of->page.say.lang, (dcl_word)(W_CLUSTERS_KIND_UNKNOWN + (int)kind)));
    number_cell(&of->page, (double)n, 0);
    for (uint32_t cluster = 1; cluster <= c->k; cluster++) {
        size_t here = 0;
        for (size_t h = 0; h < c->n; h++)
            here += c->label[h] == cluster && of->report->homes->kind[h] == kind;
        share_cell(&of->page, (double)here / (double)n, 0);
    }
    dcl_put(&of->page, "</tr>\n");
}

/* The kinds of household that the panel says its homes are, and the clusters that these are in. */
static void put_kinds(dcl_cluster_page *of) {
    static const dcl_word columns[] = {W_CLUSTERS_KIND, W_CLUSTERS_COLUMN_HOMES};
    dcl_page *page = &of->page;
    dcl_put(page, "<p>");
    PUT_SAID(page, W_CLUSTERS_A_KINDS, dcl_say_number(&page->say, of->report->kind_ari, 2));
    dcl_put(page, " ");
    dcl_put_word(page, W_CLUSTERS_KINDS_TEXT);
    dcl_put(page, "</p>");
    open_table(of, W_CLUSTERS_KIND, columns, COUNT_OF(columns), true);
    for (unsigned kind = 0; kind < DCL_HOUSEHOLD_COUNT; kind++) put_kind(of, kind);
    dcl_analyst_table_end(page);
}

void dcl_cluster_page_attributes(dcl_cluster_page *of) {
    static const dcl_word columns[] = {W_CLUSTERS_A_NAME, W_CLUSTERS_COLUMN_HOMES, W_CLUSTERS_A_V,
                                       W_CLUSTERS_A_MUTUAL};
    const dcl_clusters_report *report = of->report;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    if (!report->n_attributes) return;
    dcl_analyst_section(page, W_CLUSTERS_ATTRIBUTES);
    dcl_put(page, "<p>");
    dcl_put_word(page, W_CLUSTERS_ATTRIBUTES_TEXT);
    dcl_put(page, "</p>");
    open_table(of, W_CLUSTERS_ATTRIBUTES, columns, COUNT_OF(columns), false);
    for (size_t i = 0; i < report->n_attributes; i++) {
        const dcl_association *a = &report->attributes[i].value;
        bool is_kind = isfinite(report->kind_ari) && i + 1 == report->n_attributes;
        dcl_put(page, "<tr><th scope=\"row\">");
        if (is_kind)
            dcl_put_word(page, W_CLUSTERS_KIND);
        else
            dcl_text_html(page->out, report->attributes[i].name);
        dcl_put(page, "</th>");
        number_cell(page, (double)a->n, 0);
        number_cell(page, a->cramers_v, 2);
        dcl_analyst_cell(page, a->mutual_bits, dcl_say_unit(say, a->mutual_bits, 3, "bit"));
        dcl_put(page, "</tr>\n");
    }
    dcl_analyst_table_end(page);
    if (isfinite(report->kind_ari)) put_kinds(of);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- homes set apart */

_Static_assert(W_CLUSTERS_APART_OUTLIER - W_CLUSTERS_APART_LITTLE_DATA + 2 == DCL_APART_COUNT,
               "a sentence for every reason");

/* The first homes of a reason, by name. */
static void put_names(dcl_cluster_page *of, dcl_apart why) {
    enum { NAMES = 24 };
    const dcl_clusters *c = of->report->clusters;
    size_t named = 0;
    for (size_t h = 0; h < c->n && named < NAMES; h++) {
        if (c->apart[h] != why) continue;
        dcl_put(&of->page, named++ ? ", " : "<small>");
        dcl_text_html(of->page.out, of->report->homes->id[h]);
    }
    dcl_put(&of->page, named == NAMES && c->apart_count[why] > NAMES ? " …</small>" : "</small>");
}

void dcl_cluster_page_apart(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    if (c->n == c->in_clusters) return;
    dcl_analyst_section(page, W_CLUSTERS_SET_APART);
    for (int why = 1; why < DCL_APART_COUNT; why++) {
        if (!c->apart_count[why]) continue;
        dcl_put(page, "<p>");
        PUT_SAID(page, (dcl_word)(W_CLUSTERS_APART_LITTLE_DATA + why - 1),
                 dcl_say_number(&page->say, (double)c->apart_count[why], 0));
        dcl_put(page, "<br>");
        put_names(of, (dcl_apart)why);
        dcl_put(page, "</p>");
    }
    dcl_put(page, "<p class=\"note\">");
    dcl_put_word(page, W_CLUSTERS_APART_RULE);
    dcl_put(page, "</p></section>\n");
}

void dcl_cluster_page_basis(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_analyst_section(page, W_CLUSTERS_BASIS);
    dcl_put(page, "<p class=\"note\">");
    PUT_SAID(page, c->by == DCL_BY_HABITS ? W_CLUSTERS_BASIS_HABITS : W_CLUSTERS_BASIS_TEXT,
             dcl_say_number(&page->say, c->model.components, 0),
             dcl_say_percent(&page->say, c->variance_kept, 0));
    dcl_put(page, "</p></section>\n");
}
