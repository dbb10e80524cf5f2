#include "report/page.h"

#include <math.h>

/* This home beside the middle half of the real homes of its cluster: no marks, no faces, only where it stands. */

typedef struct line {
    dcl_trait trait;
    dcl_word word;
    const char *(*say)(dcl_speaker *say, double value);
} line;

static const char *say_day(dcl_speaker *say, double mean_w) {
    return dcl_say_unit(say, mean_w * 0.024, 1, "kWh");
}

static const char *say_floor(dcl_speaker *say, double watt) {
    return dcl_say_watt(say, watt);
}

static const char *say_share(dcl_speaker *say, double share) {
    return dcl_say_percent(say, share, 0);
}

static const char *say_ratio(dcl_speaker *say, double ratio) {
    return SAY(say, W_SIMILAR_TIMES, dcl_say_number(say, ratio, 1));
}

static const line lines[] = {{DCL_TRAIT_MEAN_W, W_SIMILAR_DAY, say_day},
                             {DCL_TRAIT_FLOOR_W, W_SIMILAR_FLOOR, say_floor},
                             {DCL_TRAIT_NIGHT_SHARE, W_SIMILAR_NIGHT, say_share},
                             {DCL_TRAIT_WEEKEND_RATIO, W_SIMILAR_WEEKEND, say_ratio},
                             {DCL_TRAIT_WINTER_RATIO, W_SIMILAR_WINTER, say_ratio}};

/* The middle half as a bar, the home as a mark, on a track from 0 to what holds both. */
static void put_track(dcl_page *page, double low, double high, double home) {
    double top = 1.25 * fmax(high, home);
    if (!(top > 0) || low < 0 || home < 0) return;
    int from = (int)(1000 * low / top), width = (int)(1000 * (high - low) / top),
        at = (int)(1000 * home / top);
    dcl_text_format(page->out,
                    "<span class=\"track\" aria-hidden=\"true\"><i style=\"left:%d.%d%%;width:%d.%d%%\"></i>"
                    "<b style=\"left:%d.%d%%\"></b></span>",
                    from / 10, from % 10, width / 10, width % 10, at / 10, at % 10);
}

static void put_line(dcl_page *page, const line *l) {
    const dcl_similar_home *s = &page->report->similar;
    dcl_speaker *say = &page->say;
    double home = (double)s->home[l->trait], low = (double)s->low[l->trait], high = (double)s->high[l->trait];
    if (isnan(home) || isnan(low)) return;
    dcl_text_format(page->out, "<tr><th scope=\"row\" class=\"use\">%s", dcl_word_text(say->lang, l->word));
    put_track(page, low, high, home);
    dcl_put(page, "</th>");
    dcl_put_cell(page, l->say(say, home));
    dcl_put_cell(page, SAY(say, W_RANGE, l->say(say, low), l->say(say, high)));
    dcl_put(page, "</tr>\n");
}

void dcl_page_similar(dcl_page *page) {
    static const dcl_word columns[] = {W_SIMILAR_WHAT, W_SIMILAR_HERE, W_SIMILAR_HALF};
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    if (r->similar.why != DCL_SIMILAR_WHY_NONE) return;
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_word_text(say->lang, W_SIMILAR));
    PUT_SAID(page, W_SIMILAR_TEXT, dcl_say_number(say, (double)r->similar.homes, 0),
             dcl_say_date(say, dcl_zone_day(say->zone, r->similar_from_us), DATE_PLAIN),
             dcl_say_date(say, dcl_zone_day(say->zone, r->similar_to_us - 1), DATE_PLAIN));
    dcl_put(page, "</p>");
    dcl_put_table(page, "", columns, 3);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) put_line(page, &lines[i]);
    dcl_text_format(page->out, "</tbody></table></div><p class=\"note\">%s</p></section>\n",
                    dcl_word_text(say->lang, W_SIMILAR_NOTE));
}
