#include "report/page.h"

#include <math.h>

/* What the energy went to: each use with its range, what it was read from, and the rest in plain sight. */

_Static_assert(W_USE_NOT_IDENTIFIED - W_USE_ALWAYS_ON + 1 == DCL_USE_COUNT, "a name for every use");
_Static_assert(W_USE_WHY_NOT_TOLD_APART - W_USE_WHY_NOT_SEEN + 2 == DCL_USE_WHY_COUNT,
               "a text for every reason");
_Static_assert(W_USE_FROM_REST - W_USE_FROM_NOTHING + 1 == DCL_USE_FROM_COUNT, "a text for every source");

static const char *use_name(dcl_page *page, dcl_use_kind kind) {
    return dcl_word_text(page->say.lang, (dcl_word)(W_USE_ALWAYS_ON + (int)kind));
}

/* Fills order with the known uses, most energy first, the rest last. Returns how many. */
static size_t order_uses(const dcl_uses *uses, const dcl_use *order[DCL_USE_COUNT]) {
    size_t n = 0;
    for (int k = 0; k < DCL_USE_NOT_IDENTIFIED; k++) {
        const dcl_use *use = &uses->use[k];
        if (use->why) continue;
        size_t at = n++;
        for (; at > 0 && order[at - 1]->kwh < use->kwh; at--) order[at] = order[at - 1];
        order[at] = use;
    }
    order[n++] = &uses->use[DCL_USE_NOT_IDENTIFIED];
    return n;
}

bool dcl_page_has_uses(const dcl_report *report) {
    return report->has_uses && !report->uses.use[DCL_USE_ALWAYS_ON].why && !dcl_too_brief(report) &&
           report->uses.energy_kwh > 0;
}

/* ---------------------------------------------------------------- numbers */

/* Whether there is such a use at all is more likely than not. */
static bool is_sure(const dcl_use *use) {
    return use->confidence >= 0.5;
}

/* No more digits than a range carries. */
static int decimals_of(double kwh) {
    return kwh >= 9.95 ? 0 : kwh >= 0.995 ? 1 : 2;
}

/* "80 to 150", or one number where both ends read alike. */
static const char *say_range(dcl_speaker *say, double low, double high, int decimals) {
    double unit = decimals == 2 ? 100 : decimals ? 10 : 1;
    const char *to = dcl_say_number(say, high, decimals);
    if (round(low * unit) == round(high * unit)) return to;
    return SAY(say, W_RANGE, dcl_say_number(say, low, decimals), to);
}

/* The best guess with its range below it; where a use is unsure the range comes first and the guess is only a perhaps. */
static void put_number_and_range(dcl_page *page, const dcl_use *use, double factor, int decimals) {
    dcl_speaker *say = &page->say;
    const char *value = dcl_say_number(say, use->kwh * factor, decimals);
    const char *range = say_range(say, use->kwh_low * factor, use->kwh_high * factor, decimals);
    bool sure = is_sure(use);
    dcl_text_format(page->out, "<td>%s<small class=\"span2\">%s</small></td>", sure ? value : range,
                    sure ? range : SAY(say, W_USE_PERHAPS, value));
}

/* What a kWh of this time cost on average; NaN = not known. */
static double mean_price(const dcl_report *r) {
    return r->energy_kwh > 0 ? r->energy_cost_eur / r->energy_kwh : NAN;
}

/* ---------------------------------------------------------------- pictures */

static void put_percent(dcl_page *page, const char *property, double share) {
    int per_mille = (int)(fmin(fmax(share, 0), 1) * 1000 + 0.5);
    dcl_text_format(page->out, "%s:%d.%d%%", property, per_mille / 10, per_mille % 10);
}

/* One bar of all uses, each as long as its share. */
static void put_parts(dcl_page *page, const dcl_use *const order[], size_t n) {
    dcl_speaker *say = &page->say;
    dcl_put(page, "<figure><div class=\"parts\" role=\"img\" aria-label=\"");
    PUT_SAID(page, W_USES_DESC, use_name(page, order[0]->kind), dcl_say_percent(say, order[0]->share, 0),
             dcl_say_percent(say, order[n - 1]->share, 0));
    dcl_put(page, "\">");
    for (size_t i = 0; i < n; i++) {
        dcl_text_format(page->out, "<i class=\"u%d%s\" style=\"", (int)order[i]->kind,
                        is_sure(order[i]) ? "" : " unsure");
        put_percent(page, "width", order[i]->share);
        dcl_put(page, "\"></i>");
    }
    dcl_put(page, "</div></figure>");
}

/* The range as a band, the best guess as a mark on it, on one scale for all uses. */
static void put_track(dcl_page *page, const dcl_use *use, double most) {
    dcl_put(page, "<span class=\"track\" aria-hidden=\"true\"><i style=\"");
    put_percent(page, "left", use->kwh_low / most);
    dcl_put(page, ";");
    put_percent(page, "width", (use->kwh_high - use->kwh_low) / most);
    dcl_put(page, "\"></i><b style=\"");
    put_percent(page, "left", use->kwh / most * 0.99);
    dcl_put(page, "\"></b></span>");
}

/* ---------------------------------------------------------------- the table */

static const char *say_source(dcl_page *page, const dcl_use *use) {
    dcl_speaker *say = &page->say;
    const dcl_uses *uses = &page->report->uses;
    const char *cycles = dcl_say_number(say, use->cycles, 0);
    if (use->kind == DCL_USE_WATER_HEATER)
        return SAY(say, W_USE_FROM_HEATER, dcl_say_watt(say, uses->heater_w),
                   dcl_say_clock(say, uses->heater_minute), dcl_say_number(say, use->days, 0),
                   dcl_say_number(say, uses->days, 0));
    if (use->kind == DCL_USE_LIGHT_SCREENS && use->from == DCL_USE_FROM_HOURS)
        return dcl_word_text(say->lang, W_USE_FROM_EVENING);
    if (use->kind == DCL_USE_HEATING && use->from == DCL_USE_FROM_LEVELS)
        return dcl_word_text(say->lang, W_USE_FROM_NIGHTS);
    return SAY(say, (dcl_word)(W_USE_FROM_NOTHING + (int)use->from), cycles);
}

static void put_row(dcl_page *page, const dcl_use *use, double most, double price) {
    dcl_speaker *say = &page->say;
    dcl_text_format(
        page->out,
        "<tr><th scope=\"row\" class=\"use\"><span class=\"dot u%d\"></span>%s<span class=\"why\">%s</span>",
        (int)use->kind, use_name(page, use->kind), say_source(page, use));
    put_track(page, use, most);
    dcl_put(page, "</th>");
    put_number_and_range(page, use, 1, decimals_of(use->kwh));
    if (isfinite(price)) put_number_and_range(page, use, price, decimals_of(use->kwh * price) ? 2 : 0);
    dcl_put_cell(page, dcl_say_percent(say, use->share, 0));
    dcl_put(page, "</tr>\n");
}

static void put_table(dcl_page *page, const dcl_use *const order[], size_t n) {
    static const dcl_word with[] = {W_COL_USE, W_COL_KWH, W_COL_EUR, W_COL_SHARE},
                          without[] = {W_COL_USE, W_COL_KWH, W_COL_SHARE};
    double price = mean_price(page->report), most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, order[i]->kwh_high);
    dcl_put_table(page, dcl_word_text(page->say.lang, W_USES_CAPTION), isfinite(price) ? with : without,
                  isfinite(price) ? 4 : 3);
    for (size_t i = 0; i < n; i++) put_row(page, order[i], most, price);
    dcl_put(page, "</tbody></table></div>");
}

/* ---------------------------------------------------------------- what is not known */

/* "heating, cooling": the uses that have this reason; "" = none. */
static const char *list_unknown(dcl_page *page, dcl_use_why why) {
    const char *all = "";
    for (int k = 0; k < DCL_USE_NOT_IDENTIFIED; k++) {
        bool both = k == DCL_USE_HEAT; /* "water or space heating" adds nothing to its two parts */
        if (page->report->uses.use[k].why != why || both) continue;
        const char *name = use_name(page, (dcl_use_kind)k);
        all = *all ? SAY(&page->say, W_LISTED, all, name) : name;
    }
    return all;
}

static void put_unknown(dcl_page *page) {
    dcl_put(page, "<ul class=\"plain note\">");
    for (int why = DCL_USE_WHY_KNOWN + 1; why < DCL_USE_WHY_COUNT; why++) {
        const char *names = list_unknown(page, (dcl_use_why)why);
        if (!*names) continue;
        dcl_put(page, "<li>");
        PUT_SAID(page, (dcl_word)(W_USE_WHY_NOT_SEEN + why - 1), names);
        dcl_put(page, "</li>");
    }
    dcl_put(page, "</ul>");
}

void dcl_page_breakdown(dcl_page *page) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    if (!dcl_page_has_uses(r)) return;
    const dcl_use *order[DCL_USE_COUNT];
    size_t n = order_uses(&r->uses, order);
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_word_text(say->lang, W_USES));
    dcl_put_word(page, W_USES_TEXT);
    if (r->uses.step_us >= 10 * DCL_MINUTE_US)
        PUT_SAID(page, W_USES_COARSE, dcl_say_duration(say, r->uses.step_us));
    if (isfinite(mean_price(r)))
        PUT_SAID(page, W_USES_MONEY, SAY(say, W_PER_KWH, dcl_say_eur(say, mean_price(r), 3)));
    dcl_put(page, "</p>");
    put_parts(page, order, n);
    put_table(page, order, n);
    put_unknown(page);
    dcl_put(page, "</section>\n");
}

/* ---------------------------------------------------------------- the summary's sentence */

void dcl_put_uses_sentence(dcl_page *page) {
    const dcl_use *order[DCL_USE_COUNT];
    dcl_speaker *say = &page->say;
    size_t n = order_uses(&page->report->uses, order), said = 0;
    const char *all = "";
    for (size_t i = 0; i + 1 < n && said < 3; i++) {
        const dcl_use *use = order[i];
        if (!is_sure(use)) continue;
        said++;
        int digits = decimals_of(use->kwh);
        const char *one = SAY(say, W_USE_AND_RANGE, use_name(page, use->kind),
                              say_range(say, use->kwh_low, use->kwh_high, digits));
        all = *all ? SAY(say, W_LISTED, all, one) : one;
    }
    PUT_SAID(page, W_SUM_USES, all, dcl_say_percent(say, order[n - 1]->share, 0));
}
