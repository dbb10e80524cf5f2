#include "report/words.h"

#include <math.h>
#include <string.h>

/* Numbers, dates and sentences as the two languages write them. French puts a narrow no-break space between
 * thousands and before %, a no-break space before units, and a decimal comma. Source: Imprimerie nationale,
 * Lexique des règles typographiques; the SI brochure for units in both languages. */

#define NBSP  "\xc2\xa0"
#define NNBSP "\xe2\x80\xaf"

static const char *keep(dcl_speaker *to, dcl_text *text) {
    char *kept = text->failed ? NULL : dcl_arena_strdup(to->arena, text->at ? text->at : "");
    dcl_text_free(text);
    if (!kept) to->failed = true;
    return kept ? kept : "";
}

const char *dcl_say(dcl_speaker *to, dcl_word word, const char *const *args) {
    dcl_text text = {0};
    for (const char *c = dcl_word_text(to->lang, word); *c; c++) {
        if (c[0] == '{' && c[1] >= '0' && c[1] <= '9' && c[2] == '}') {
            dcl_text_put(&text, args[c[1] - '0']);
            c += 2;
        } else {
            dcl_text_bytes(&text, c, 1);
        }
    }
    return keep(to, &text);
}

/* Digits grouped by three; English keeps four digits together no less than five: 1,234. */
static void put_number(const dcl_speaker *to, dcl_text *out, double value, int decimals) {
    dcl_text plain = {0};
    dcl_text_fixed(&plain, value, decimals);
    if (!plain.at) {
        out->failed = true;
        return;
    }
    const char *c = plain.at;
    if (*c == '-') {
        dcl_text_put(out, "\xe2\x88\x92"); /* a minus sign, not a hyphen */
        c++;
    }
    size_t whole = strcspn(c, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0) dcl_text_put(out, to->lang == DCL_LANG_FR ? NNBSP : ",");
        dcl_text_bytes(out, c + i, 1);
    }
    if (c[whole]) {
        dcl_text_put(out, to->lang == DCL_LANG_FR ? "," : ".");
        dcl_text_put(out, c + whole + 1);
    }
    dcl_text_free(&plain);
}

const char *dcl_say_number(dcl_speaker *to, double value, int decimals) {
    if (!isfinite(value)) return dcl_word_text(to->lang, W_UNKNOWN);
    dcl_text text = {0};
    put_number(to, &text, value, decimals);
    return keep(to, &text);
}

const char *dcl_say_unit(dcl_speaker *to, double value, int decimals, const char *unit) {
    if (!isfinite(value)) return dcl_word_text(to->lang, W_UNKNOWN);
    dcl_text text = {0};
    put_number(to, &text, value, decimals);
    dcl_text_format(&text, NBSP "%s", unit);
    return keep(to, &text);
}

const char *dcl_say_kwh(dcl_speaker *to, double kwh) {
    double size = fabs(kwh);
    if (size < 0.9995) return dcl_say_unit(to, kwh * 1000, 0, "Wh");
    return dcl_say_unit(to, kwh, size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2, "kWh");
}

const char *dcl_say_watt(dcl_speaker *to, double power_w) {
    double step = fabs(power_w) >= 995 ? 10 : 1;
    return dcl_say_unit(to, round(power_w / step) * step, 0, "W");
}

const char *dcl_say_eur(dcl_speaker *to, double eur, int decimals) {
    if (!isfinite(eur)) return dcl_word_text(to->lang, W_UNKNOWN);
    if (to->lang == DCL_LANG_FR) return dcl_say_unit(to, eur, decimals, "€");
    dcl_text text = {0};
    if (eur < 0) dcl_text_put(&text, "\xe2\x88\x92");
    dcl_text_put(&text, "€");
    put_number(to, &text, fabs(eur), decimals);
    return keep(to, &text);
}

const char *dcl_say_eur_about(dcl_speaker *to, double eur) {
    return dcl_say_eur(to, eur, fabs(eur) < 9.995 ? 2 : 0);
}

const char *dcl_say_percent(dcl_speaker *to, double share, int decimals) {
    if (!isfinite(share)) return dcl_word_text(to->lang, W_UNKNOWN);
    dcl_text text = {0};
    put_number(to, &text, share * 100, decimals);
    dcl_text_put(&text, to->lang == DCL_LANG_FR ? NNBSP "%" : "%");
    return keep(to, &text);
}

const char *dcl_say_duration(dcl_speaker *to, int64_t duration_us) {
    int64_t s = (duration_us + DCL_SECOND_US / 2) / DCL_SECOND_US;
    dcl_text text = {0};
    if (s < 120 && s != 60) {
        dcl_text_format(&text, "%d" NBSP "s", (int)s);
    } else if (s < 3570) {
        dcl_text_format(&text, "%d" NBSP "min", (int)((s + 30) / 60));
    } else if (s < 2 * 86400) {
        int minutes = (int)((s + 30) / 60);
        dcl_text_format(&text, "%d" NBSP "h", minutes / 60);
        if (minutes % 60) dcl_text_format(&text, NBSP "%02d", minutes % 60);
    } else {
        put_number(to, &text, round((double)s / 86400), 0);
        dcl_text_format(&text, NBSP "%s", dcl_word_text(to->lang, W_DAYS));
    }
    return keep(to, &text);
}

static void put_clock(const dcl_speaker *to, dcl_text *text, int hour, int minute) {
    if (to->lang == DCL_LANG_FR && minute == 0)
        dcl_text_format(text, "%d" NBSP "h", hour);
    else if (to->lang == DCL_LANG_FR)
        dcl_text_format(text, "%d" NBSP "h" NBSP "%02d", hour, minute);
    else
        dcl_text_format(text, "%02d:%02d", hour, minute);
}

const char *dcl_say_clock(dcl_speaker *to, int minute) {
    dcl_text text = {0};
    put_clock(to, &text, minute / 60, minute % 60);
    return keep(to, &text);
}

const char *dcl_say_time(dcl_speaker *to, int64_t time_us, bool seconds) {
    dcl_civil civil = dcl_zone_civil(to->zone, time_us);
    dcl_text text = {0};
    if (seconds)
        dcl_text_format(&text, "%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
    else
        put_clock(to, &text, civil.hour, civil.minute);
    return keep(to, &text);
}

const char *dcl_say_date(dcl_speaker *to, int64_t day, dcl_date_form form) {
    dcl_civil date = dcl_date_from_days(day);
    const char *month = dcl_word_text(to->lang, (dcl_word)(W_JANUARY + date.month - 1));
    const char *brief = dcl_word_text(to->lang, (dcl_word)(W_JAN_SHORT + date.month - 1));
    const char *weekday = dcl_word_text(to->lang, (dcl_word)(W_MONDAY + dcl_weekday(day)));
    bool first_in_french = to->lang == DCL_LANG_FR && date.day == 1;
    char number[16] = "1er";
    dcl_text text = {0}, digits = {0};
    dcl_text_format(&digits, "%d", date.day);
    if (!first_in_french && digits.at && digits.n < sizeof number) memcpy(number, digits.at, digits.n + 1);
    if (digits.failed) text.failed = true;
    dcl_text_free(&digits);
    switch (form) {
    case DATE_LONG: dcl_text_format(&text, "%s %s" NBSP "%s %d", weekday, number, month, date.year); break;
    case DATE_PLAIN: dcl_text_format(&text, "%s" NBSP "%s %d", number, month, date.year); break;
    case DATE_SHORT: dcl_text_format(&text, "%s" NBSP "%s", number, brief); break;
    case DATE_MONTH: dcl_text_format(&text, "%s %d", month, date.year); break;
    case DATE_MONTH_SHORT: dcl_text_format(&text, "%s" NBSP "%d", brief, date.year % 100); break;
    }
    return keep(to, &text);
}
