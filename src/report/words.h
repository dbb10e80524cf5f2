/* Every word a reader of the page sees, in both languages, and numbers as each language writes them. */
#ifndef DCL_REPORT_WORDS_H
#define DCL_REPORT_WORDS_H

#include "base/text.h"
#include <declic/report.h>

/* The table stands in words.inc: X(id, english, french). {0} … {5} stand for what the sentence is about. */
typedef enum dcl_word {
#define X(id, en, fr) W_##id,
#include "report/words.inc"
#undef X
    WORD_COUNT
} dcl_word;

/** Builds short texts in one language. The strings live in its arena; a failed allocation gives "" and sets failed. */
typedef struct dcl_speaker {
    dcl_lang lang;
    const dcl_zone *zone;
    dcl_arena *arena;
    bool failed;
} dcl_speaker;

/** The words themselves. */
const char *dcl_word_text(dcl_lang lang, dcl_word word);
/** The words with {0}, {1} … replaced by args[0], args[1] …; as many as the words name. */
const char *dcl_say(dcl_speaker *to, dcl_word word, const char *const *args);
#define SAY(to, word, ...) dcl_say(to, word, (const char *const[]){__VA_ARGS__})

/** 1,234.5 or 1 234,5. NaN is the language's word for unknown, here and below. */
const char *dcl_say_number(dcl_speaker *to, double value, int decimals);
/** A number and its unit, kept on one line. */
const char *dcl_say_unit(dcl_speaker *to, double value, int decimals, const char *unit);
/** An energy with the digits that its size deserves; below 1 kWh in Wh. */
const char *dcl_say_kwh(dcl_speaker *to, double kwh);
/** A power, W: three digits that count. */
const char *dcl_say_watt(dcl_speaker *to, double power_w);
const char *dcl_say_eur(dcl_speaker *to, double eur, int decimals);
/** Cents below ten euros only: beyond, they would claim more than is known. */
const char *dcl_say_eur_about(dcl_speaker *to, double eur);
const char *dcl_say_percent(dcl_speaker *to, double share, int decimals);
/** 90 s, 30 min, 2 h 50, 15 days. */
const char *dcl_say_duration(dcl_speaker *to, int64_t duration_us);
/** A civil minute of the day as a clock time: 22:30, 22 h 30. */
const char *dcl_say_clock(dcl_speaker *to, int minute);
/** The clock time of a moment in the zone, to the minute or to the second. */
const char *dcl_say_time(dcl_speaker *to, int64_t time_us, bool seconds);

typedef enum dcl_date_form {
    DATE_LONG,       /* Thursday 16 January 2025 */
    DATE_PLAIN,      /* 16 January 2025 */
    DATE_SHORT,      /* 16 Jan */
    DATE_MONTH,      /* January 2025 */
    DATE_MONTH_SHORT /* Jan 25 */
} dcl_date_form;

/** A civil day (days since 1970-01-01). */
const char *dcl_say_date(dcl_speaker *to, int64_t day, dcl_date_form form);

#endif
