#include "report/page.h"

#include <math.h>

/* What matters first: the last month, what changed, the best advices. Details follow in sections of their own. */

_Static_assert(W_REASON_SEASON - W_REASON_NONE + 2 == DCL_REASON_COUNT, "a sentence for every reason");

enum { BEST = 3 };

/* ---------------------------------------------------------------- the month */

static const char *month_name(dcl_page *page, int64_t day) {
    return dcl_say_date(&page->say, day, DATE_MONTH);
}

static void put_month_cost(dcl_page *page, const dcl_report_stretch *now) {
    const dcl_report *r = page->report;
    dcl_speaker *say = &page->say;
    if (!isfinite(now->energy_eur)) {
        dcl_text_format(page->out, "<p class=\"big\"><b>%s</b></p><p class=\"note\">%s</p>",
                        dcl_say_kwh(say, now->kwh), dcl_word_text(say->lang, W_FIRST_NO_PRICE));
        return;
    }
    bool standing = isfinite(now->standing_eur);
    double total = now->energy_eur + (standing ? now->standing_eur : 0);
    dcl_text_format(page->out, "<p class=\"big\"><b>%s</b></p><p>", dcl_say_eur(say, total, 0));
    PUT_SAID(page, W_FIRST_ENERGY, dcl_say_kwh(say, now->kwh), dcl_say_kwh(say, now->day_kwh));
    dcl_put(page, "</p><p class=\"note\">");
    PUT_SAID(page, W_FIRST_OF_WHICH, dcl_say_eur(say, now->energy_eur, 0),
             dcl_say_eur(say, now->standing_eur, 0), dcl_say_tariff(page, r->cost_tariff));
    dcl_put(page, ". ");
    if (r->limits >> DCL_LIMIT_TARIFF_ASSUMED & 1) dcl_put_word(page, W_FIRST_ASSUMED);
    if (r->one_list) {
        dcl_put(page, " ");
        PUT_SAID(page, W_FIRST_LAST_PRICE, dcl_say_list_date(page, r->cost_tariff));
    }
    dcl_put(page, "</p>");
}

static void put_month(dcl_page *page) {
    const dcl_report_recent *recent = &page->report->recent;
    const dcl_report_stretch *now = &recent->now;
    dcl_speaker *say = &page->say;
    int64_t length = now->to_day - now->from_day;
    dcl_put(page, "<div><h3>");
    if (recent->whole)
        dcl_put(page, month_name(page, now->from_day));
    else
        PUT_SAID(page, W_FIRST_TODATE, month_name(page, now->from_day),
                 dcl_say_date(say, now->to_day - 1, DATE_SHORT));
    dcl_put(page, "</h3>");
    put_month_cost(page, now);
    if (now->days < length) {
        dcl_put(page, "<p class=\"note\">");
        PUT_SAID(page, W_FIRST_GAPS, dcl_say_number(say, now->days, 0),
                 dcl_say_number(say, (double)length, 0));
        dcl_put(page, "</p>");
    }
    dcl_put(page, "</div>");
}

/* ---------------------------------------------------------------- what changed */

static const char *more_or_less(dcl_page *page, double amount, const char *size) {
    return SAY(&page->say, amount < 0 ? W_FIRST_LESS : W_FIRST_MORE, size);
}

static const char *say_eur_more(dcl_page *page, double eur) {
    return more_or_less(page, eur, dcl_say_eur(&page->say, fabs(eur), 0));
}

/* Whole kWh from ten on: more digits would claim more than is known. */
static const char *say_kwh_about(dcl_speaker *say, double kwh) {
    return dcl_say_unit(say, kwh, kwh < 9.5, "kWh");
}

/* The change of the price is told where it makes a euro and 3 %. */
static void put_price(dcl_page *page, const dcl_report_then *then) {
    const dcl_report_stretch *now = &page->report->recent.now;
    dcl_speaker *say = &page->say;
    double was = then->then.energy_eur / then->then.kwh, is = now->energy_eur / now->kwh;
    if (!isfinite(then->eur_by_price) || fabs(then->eur_by_price) < 1 || fabs(is / was - 1) < 0.03) return;
    dcl_put(page, " ");
    PUT_SAID(page, then->eur_by_price > 0 ? W_FIRST_PRICE_UP : W_FIRST_PRICE_DOWN, dcl_say_eur(say, is, 3),
             dcl_say_eur(say, was, 3), say_eur_more(page, then->eur_by_price));
}

static void put_reason(dcl_page *page, const dcl_report_then *then) {
    dcl_speaker *say = &page->say;
    bool days = then->reason == DCL_REASON_EMPTY_DAYS;
    const char *was = days ? dcl_say_number(say, then->was, 0) : dcl_say_watt(say, then->was);
    const char *is = days ? dcl_say_number(say, then->is, 0) : dcl_say_watt(say, then->is);
    dcl_word word = then->reason == DCL_REASON_PART_OF_DAY ? (dcl_word)(W_REASON_NIGHT + then->part)
                                                           : (dcl_word)(W_REASON_NONE + (int)then->reason);
    dcl_put(page, " ");
    PUT_SAID(page, word, was, is);
}

static void put_then(dcl_page *page, const dcl_report_then *then) {
    const dcl_report_recent *recent = &page->report->recent;
    dcl_speaker *say = &page->say;
    const char *against =
        SAY(say, recent->whole ? W_FIRST_BEFORE : W_FIRST_BEFORE_SAME, month_name(page, then->then.from_day));
    if (!then->known) return;
    dcl_put(page, "<p>");
    if (then->clear) {
        PUT_SAID(page, W_FIRST_CHANGE,
                 more_or_less(page, then->kwh_more, say_kwh_about(say, fabs(then->kwh_more))), against,
                 dcl_say_kwh(say, recent->now.day_kwh), dcl_say_kwh(say, then->then.day_kwh));
        if (fabs(then->eur_by_kwh) >= 1) {
            dcl_put(page, " ");
            PUT_SAID(page, W_FIRST_EUR, say_eur_more(page, then->eur_by_kwh));
        }
        put_reason(page, then);
    } else {
        PUT_SAID(page, W_FIRST_ALIKE, against);
    }
    put_price(page, then);
    dcl_put(page, "</p>");
}

static void put_changes(dcl_page *page) {
    const dcl_report_recent *recent = &page->report->recent;
    dcl_text_format(page->out, "<div><h3>%s</h3>", dcl_word_text(page->say.lang, W_FIRST_CHANGED));
    put_then(page, &recent->before);
    put_then(page, &recent->year_ago);
    if (!recent->before.known && !recent->year_ago.known)
        dcl_text_format(page->out, "<p class=\"note\">%s</p>",
                        dcl_word_text(page->say.lang, W_FIRST_NOTHING_BEFORE));
    dcl_put(page, "</div>");
}

/* ---------------------------------------------------------------- advice */

static void put_best(dcl_page *page) {
    const dcl_savings *all = &page->report->savings;
    dcl_speaker *say = &page->say;
    size_t n = all->n < BEST ? all->n : BEST;
    dcl_put(page, "<div><h3>");
    if (n > 1)
        PUT_SAID(page, W_FIRST_ADVICE_N, dcl_say_number(say, (double)n, 0));
    else
        dcl_put_word(page, n ? W_FIRST_ADVICE_ONE : W_FIRST_ADVICE);
    dcl_put(page, "</h3>");
    if (n) dcl_put(page, "<ol class=\"best\">");
    for (size_t i = 0; i < n; i++) {
        const dcl_advice *a = &all->advice[all->order[i]];
        dcl_text_format(page->out, "<li><a href=\"#save\">%s</a> <span>%s %s</span></li>",
                        dcl_say_advice(page, a), dcl_say_eur_range(say, a->eur_low, a->eur_high),
                        dcl_word_text(say->lang, W_SAVE_A_YEAR));
    }
    if (n) dcl_put(page, "</ol>");
    bool few = all->advice[DCL_ADVICE_ALWAYS_ON].why == DCL_ADVICE_WHY_FEW_DAYS;
    if (!n)
        dcl_text_format(page->out, "<p class=\"note\">%s</p>",
                        dcl_word_text(say->lang, few ? W_FIRST_FEW_DAYS : W_FIRST_NO_ADVICE));
    dcl_put(page, "</div>");
}

void dcl_page_first(dcl_page *page) {
    const dcl_report *r = page->report;
    if (dcl_too_brief(r) || (!r->recent.known && !r->savings.n)) return;
    dcl_text_format(page->out, "<section class=\"first\"><h2>%s</h2><div class=\"cols\">",
                    dcl_word_text(page->say.lang, W_FIRST));
    if (r->recent.known) {
        put_month(page);
        put_changes(page);
    }
    put_best(page);
    dcl_put(page, "</div></section>\n");
}
