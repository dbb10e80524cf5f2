/* What people type, turned into what we read: names nearly right, hours and powers as bills and meters print them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* How many letters to change, add, drop or swap with a neighbour; a large number for long words. */
static size_t distance(const char *a, const char *b) {
    enum { LONGEST = 32 };
    size_t n = strlen(b), before[LONGEST], last[LONGEST], row[LONGEST];
    if (n >= LONGEST) return 99;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    memcpy(last, row, sizeof last);
    for (size_t i = 1; a[i - 1]; i++) {
        memcpy(before, last, sizeof before);
        memcpy(last, row, sizeof last);
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]), least = last[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            if (change < least) least = change;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < least) least = before[j - 2] + 1;
            row[j] = least;
        }
    }
    return row[n];
}

const char *nearest(const char *word, const char *const *names, size_t n) {
    const char *best = NULL;
    size_t length = strlen(word), least = length / 3 + 1;
    for (size_t i = 0; length >= 2 && i < n; i++)
        if (strncmp(word, names[i], length) == 0) return names[i];
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, names[i]);
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

/* True where the text begins with a word given in small letters. */
static bool begins_with(const char *text, const char *small) {
    for (; *small; text++, small++)
        if (tolower((unsigned char)*text) != *small) return false;
    return true;
}

const char *tariff_word(const char *word) {
    static const char *const same[][2] = {
        {"base", "base"},         {"tempo", "tempo"},      {"hc", "hc"},   {"hphc", "hc"},
        {"hp/hc", "hc"},          {"hp-hc", "hc"},         {"hchp", "hc"}, {"hc/hp", "hc"},
        {"heures-creuses", "hc"}, {"heures creuses", "hc"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (strlen(word) == strlen(same[i][0]) && begins_with(word, same[i][0])) return same[i][1];
    return word;
}

/* One time of day: `22:30`, `22h30`, `22H`, `6` become HH:MM. Returns what follows it, NULL where it is none. */
static const char *put_clock(dcl_text *text, const char *at) {
    size_t n = strspn(at, "0123456789");
    if (n < 1 || n > 2) return NULL;
    const char *minutes = at + n;
    dcl_text_format(text, n == 1 ? "0%.*s:" : "%.*s:", (int)n, at);
    if (*minutes != 'h' && *minutes != 'H' && *minutes != ':') {
        dcl_text_put(text, "00");
        return minutes;
    }
    minutes++;
    size_t m = strspn(minutes, "0123456789");
    if (m != 0 && m != 2) return NULL;
    dcl_text_format(text, "%.*s", m ? 2 : 0, minutes);
    if (!m) dcl_text_put(text, "00");
    return minutes + m;
}

bool hours_words(const char *words, dcl_text *text) {
    const char *at = words;
    if (strchr(words, '=')) return false; /* with dates: the exact form */
    if (begins_with(at, "hc")) at += 2;
    at += strspn(at, " (");
    for (bool first = true; *at; first = false) {
        if (!first) {
            size_t n = strspn(at, ";, ");
            if (!n) return false;
            at += n;
            dcl_text_put(text, ",");
        }
        at = put_clock(text, at);
        if (at) at += strspn(at, " ");
        if (!at || *at != '-') return false;
        dcl_text_put(text, "-");
        at = put_clock(text, at + 1 + strspn(at + 1, " "));
        if (!at) return false;
        if (strspn(at, " )") == strlen(at)) break;
    }
    return !text->failed && text->n > 0;
}

bool power_word(const char *word, int64_t *kva) {
    char *end;
    if (!isdigit((unsigned char)*word)) return false;
    long value = strtol(word, &end, 10);
    while (*end == ' ') end++;
    if (*end && !(strlen(end) == 3 && begins_with(end, "kva"))) return false;
    *kva = value;
    return true;
}
