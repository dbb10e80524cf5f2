#include "report/page.h"

#include <math.h>

/* What could be saved: three advices as cards, the rest as lines, all of it at once, and what was not judged and why. */

_Static_assert(W_ADVICE_RED_DAYS - W_ADVICE_LEFT_ON + 1 == DCL_ADVICE_COUNT, "a title for every advice");
_Static_assert(W_SEEN_RED_DAYS - W_SEEN_LEFT_ON + 1 == DCL_ADVICE_COUNT, "what was seen for every advice");
_Static_assert(W_DO_RED_DAYS - W_DO_LEFT_ON + 1 == DCL_ADVICE_COUNT, "what to do for every advice");
_Static_assert(W_HOW_RED_DAYS - W_HOW_LEFT_ON + 1 == DCL_ADVICE_COUNT, "a formula for every advice");
_Static_assert(W_JUDGED_RED_DAYS - W_JUDGED_LEFT_ON + 1 == DCL_ADVICE_COUNT, "a name for every advice");
_Static_assert(W_HOW_LEFT_ON - W_ADVICE_LEFT_ON == (W_HARDER_HOW - W_HARDER_ADVICE) * DCL_ADVICE_COUNT,
               "the same four of one that works harder");
_Static_assert(W_JUDGED_NOT_LOOKED_FOR - W_JUDGED_NOTHING + 2 == DCL_ADVICE_WHY_COUNT,
               "a sentence for every reason");

enum { CARDS = 3, PARTS = 4 };

/* ---------------------------------------------------------------- numbers */

/* In French the unit stands once: "240 à 450 €". */
const char *dcl_say_eur_range(dcl_speaker *say, double low, double high) {
    if (low == high) return dcl_say_eur(say, high, 0);
    const char *first = say->lang == DCL_LANG_FR ? dcl_say_number(say, low, 0) : dcl_say_eur(say, low, 0);
    return SAY(say, W_SAVE_EUR, first, dcl_say_eur(say, high, 0));
}

/* Tens, below a hundred fives: no more than a range carries. */
static const char *say_round_kwh(dcl_speaker *say, double kwh) {
    double step = kwh >= 100 ? 10 : 5;
    return dcl_say_number(say, round(kwh / step) * step, 0);
}

static const char *say_kwh_about(dcl_speaker *say, double kwh) {
    double step = kwh >= 1000 ? 50 : 10;
    return dcl_say_unit(say, round(kwh / step) * step, 0, "kWh");
}

static const char *say_watt_about(dcl_speaker *say, double watt) {
    return dcl_say_unit(say, round(watt / 5) * 5, 0, "W");
}

static const char *say_kva_of(dcl_speaker *say, double kva, int decimals) {
    return dcl_say_unit(say, kva, decimals, "kVA");
}

/* ---------------------------------------------------------------- sentences */

/* A compressor compared with its own year before has words of its own. */
static bool is_harder(const dcl_advice *a) {
    return isfinite(a->worked_before);
}

/* What the sentences of a kind are filled with. */
static void fill_parts(dcl_page *page, const dcl_advice *a, const char *parts[PARTS]) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    const char *price = SAY(say, W_PER_KWH, dcl_say_eur(say, r->always_on.price_eur_kwh, 4));
    for (int i = 0; i < PARTS; i++) parts[i] = "";
    switch (a->kind) {
    case DCL_ADVICE_LEFT_ON:
        parts[0] = dcl_say_date(say, a->since_day, DATE_PLAIN);
        parts[1] = say_watt_about(say, a->now);
        parts[2] = price;
        break;
    case DCL_ADVICE_ALWAYS_ON:
        parts[0] = say_watt_about(say, a->now);
        parts[1] = say_watt_about(say, a->usual_low);
        parts[2] = say_watt_about(say, a->usual_high);
        parts[3] = price;
        break;
    case DCL_ADVICE_COLD:
        parts[0] = say_kwh_about(say, a->now);
        parts[1] =
            is_harder(a) ? dcl_say_percent(say, a->worked_before, 0) : dcl_say_number(say, a->usual_low, 0);
        parts[2] = is_harder(a) ? dcl_say_percent(say, a->worked_now, 0)
                                : dcl_say_unit(say, a->usual_high, 0, "kWh");
        parts[3] = price;
        break;
    case DCL_ADVICE_WATER_HEATER:
    case DCL_ADVICE_CYCLES:
        if (a->from_minute >= 0) parts[0] = dcl_say_clock(say, a->from_minute);
        parts[1] = dcl_say_clock(say, a->to_minute);
        parts[2] = say_kwh_about(say, a->now);
        break;
    case DCL_ADVICE_TARIFF:
        parts[0] = dcl_say_eur(say, a->now, 0);
        parts[1] = dcl_say_eur(say, a->usual_low, 0);
        parts[2] = dcl_say_tariff(page, a->tariff);
        parts[3] = dcl_say_tariff(page, r->cost_tariff);
        break;
    case DCL_ADVICE_POWER:
    case DCL_ADVICE_OVERLAP:
        parts[0] = say_kva_of(say, a->kva, 0);
        parts[1] = say_kva_of(say, r->subscribed_kva, 0);
        parts[2] = say_kva_of(say, a->now, 1);
        parts[3] = dcl_say_days(page, a->days);
        break;
    case DCL_ADVICE_HEATING: parts[0] = say_kwh_about(say, a->now); break;
    default:
        parts[0] = say_kwh_about(say, a->now);
        parts[1] = dcl_say_days(page, a->days);
        break;
    }
}

static const char *say_of(dcl_page *page, const dcl_advice *a, dcl_word first) {
    const char *parts[PARTS];
    int word = (int)first + (int)a->kind;
    if (is_harder(a)) word = W_HARDER_ADVICE + ((int)first - W_ADVICE_LEFT_ON) / DCL_ADVICE_COUNT;
    fill_parts(page, a, parts);
    return dcl_say(&page->say, (dcl_word)word, parts);
}

const char *dcl_say_advice(dcl_page *page, const dcl_advice *advice) {
    return say_of(page, advice, W_ADVICE_LEFT_ON);
}

static dcl_word confidence_of(const dcl_advice *a) {
    return a->confidence >= 0.8 ? W_SAVE_SURE : a->confidence >= 0.6 ? W_SAVE_FAIR : W_SAVE_LOW;
}

static void put_basis(dcl_page *page, const dcl_advice *a) {
    dcl_speaker *say = &page->say;
    const dcl_savings *all = &page->report->savings;
    const char *days = dcl_say_days(page, a->days);
    if (a->cycles) days = SAY(say, W_SAVE_DAYS_AND_CYCLES, days, dcl_say_number(say, a->cycles, 0));
    PUT_SAID(page, W_SAVE_BASIS, days, dcl_say_tariff(page, page->report->cost_tariff),
             dcl_say_date(say, all->list_day, DATE_PLAIN), dcl_word_text(say->lang, confidence_of(a)));
}

/* ---------------------------------------------------------------- cards and lines */

static void put_amount(dcl_page *page, const dcl_advice *a) {
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<p class=\"amount\"><b>%s</b> %s<span>",
                    dcl_say_eur_range(say, a->eur_low, a->eur_high), dcl_word_text(say->lang, W_SAVE_A_YEAR));
    if (a->kwh_high > 0)
        PUT_SAID(page, W_SAVE_KWH, say_round_kwh(say, a->kwh_low), say_round_kwh(say, a->kwh_high));
    else
        dcl_put_word(page, W_SAVE_ONLY_PRICE);
    dcl_put(page, "</span></p>");
}

static void put_advice(dcl_page *page, const dcl_advice *a) {
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<li><h3>%s", say_of(page, a, W_ADVICE_LEFT_ON));
    if (a->comfort)
        dcl_text_format(page->out, " <small>(%s)</small>", dcl_word_text(say->lang, W_SAVE_COMFORT));
    dcl_put(page, "</h3>");
    put_amount(page, a);
    const char *red =
        isfinite(a->dearest_eur) ? SAY(say, W_SAVE_RED, dcl_say_eur(say, a->dearest_eur, 2)) : "";
    dcl_text_format(page->out, "<p>%s%s</p><p><b>%s</b> %s</p><p class=\"note\">%s %s ",
                    say_of(page, a, W_SEEN_LEFT_ON), red, dcl_word_text(say->lang, W_SAVE_DO),
                    say_of(page, a, W_DO_LEFT_ON), dcl_word_text(say->lang, W_SAVE_HOW),
                    say_of(page, a, W_HOW_LEFT_ON));
    put_basis(page, a);
    dcl_put(page, "</p></li>\n");
}

static void put_list(dcl_page *page, size_t from, size_t to, const char *class_name) {
    const dcl_savings *all = &page->report->savings;
    if (from >= to) return;
    dcl_text_format(page->out, "<ol class=\"advice %s\" start=\"%d\">", class_name, (int)from + 1);
    for (size_t i = from; i < to; i++) put_advice(page, &all->advice[all->order[i]]);
    dcl_put(page, "</ol>");
}

/* ---------------------------------------------------------------- the rest of it */

static void put_together(dcl_page *page) {
    const dcl_savings *all = &page->report->savings;
    dcl_speaker *say = &page->say;
    bool joint = isfinite(all->joint_eur_low);
    bool cheapest = all->advice[DCL_ADVICE_TARIFF].why == DCL_ADVICE_WHY_NOTHING;
    if (!isfinite(all->bill_eur)) return;
    dcl_text_format(page->out, "<p%s>", joint ? " class=\"together\"" : "");
    if (joint)
        PUT_SAID(page, W_SAVE_TOGETHER, dcl_say_eur_range(say, all->joint_eur_low, all->joint_eur_high));
    PUT_SAID(page, W_SAVE_BILL, dcl_say_eur(say, all->bill_eur, 0));
    if (cheapest) PUT_SAID(page, W_SAVE_CHEAPEST, dcl_say_tariff(page, page->report->cost_tariff));
    dcl_put(page, "</p>");
}

static const char *say_step(dcl_page *page) {
    const dcl_report *r = page->report;
    return dcl_say_duration(&page->say, r->reading_us > r->period_us ? r->reading_us : r->period_us);
}

/* One line a reason, with all that it holds for. */
static void put_not_judged(dcl_page *page) {
    const dcl_savings *all = &page->report->savings;
    dcl_speaker *say = &page->say;
    dcl_text_format(page->out, "<h3>%s</h3><ul class=\"plain\">", dcl_word_text(say->lang, W_SAVE_NONE));
    for (int why = DCL_ADVICE_WHY_COUNT - 1; why > 0; why--) {
        const char *names = "";
        for (int k = 0; k < DCL_ADVICE_COUNT; k++) {
            if ((int)all->advice[k].why != why) continue;
            const char *name = dcl_word_text(say->lang, (dcl_word)(W_JUDGED_LEFT_ON + k));
            names = *names ? SAY(say, W_LISTED, names, name) : name;
        }
        if (!*names) continue;
        dcl_text_format(page->out, "<li>%s</li>",
                        SAY(say, (dcl_word)(W_JUDGED_NOTHING + why - 1), names, say_step(page)));
    }
    dcl_put(page, "</ul>");
}

void dcl_page_savings(dcl_page *page) {
    const dcl_report *r = page->report;
    const dcl_savings *all = &r->savings;
    if (dcl_too_brief(r)) return;
    dcl_text_format(page->out, "<section id=\"save\"><h2>%s</h2><p>", dcl_word_text(page->say.lang, W_SAVE));
    bool few = all->advice[DCL_ADVICE_ALWAYS_ON].why == DCL_ADVICE_WHY_FEW_DAYS;
    if (few)
        PUT_SAID(page, W_SAVE_FEW, dcl_say_number(&page->say, (double)r->full_days, 0));
    else
        dcl_put_word(page, all->n ? W_SAVE_LEAD : W_SAVE_NOTHING);
    dcl_put(page, "</p>");
    put_list(page, 0, all->n < CARDS ? all->n : CARDS, "cards");
    put_list(page, CARDS, all->n, "more");
    put_together(page);
    if (!few) put_not_judged(page);
    dcl_put(page, "</section>\n");
}
