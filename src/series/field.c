/* Fields of rows and numbers in them. */
#include "series/format.h"

#include <string.h>

static void trim(char **start, char **end) {
    while (*start < *end && (**start == ' ' || **start == '\t')) ++*start;
    while (*end > *start && ((*end)[-1] == ' ' || (*end)[-1] == '\t')) --*end;
}

static dcl_field trimmed(char *start, char *end) {
    trim(&start, &end);
    if (end - start >= 2 && *start == '"' && end[-1] == '"') {
        start++;
        end--;
        trim(&start, &end);
    }
    *end = '\0';
    return (dcl_field){start, (size_t)(end - start)};
}

size_t dcl_fields(char *line, char delimiter, dcl_field *fields, size_t room) {
    size_t n = 0;
    for (char *start = line;;) {
        char *end = start;
        bool quoted = *start == '"';
        if (quoted) end++;
        while (*end && (quoted || *end != delimiter)) {
            if (*end == '"') quoted = false;
            end++;
        }
        bool last = !*end;
        if (n < room) fields[n] = trimmed(start, end);
        n++;
        if (last) return n;
        start = end + 1;
    }
}

bool dcl_field_number(dcl_field field, double *out) {
    static const double powers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9, 1e10,
                                    1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20};
    const char *c = field.at;
    bool negative = *c == '-';
    if (*c == '-' || *c == '+') c++;
    uint64_t digits = 0;
    int n = 0, decimals = 0, exponent = 0;
    bool marked = false;
    for (;; c++) {
        if (*c >= '0' && *c <= '9') {
            n++;
            if (digits > (UINT64_MAX - 9) / 10) { /* more digits than a double can tell apart */
                if (!marked) exponent++;
                continue;
            }
            digits = digits * 10 + (uint64_t)(*c - '0');
            decimals += marked;
        } else if ((*c == '.' || *c == ',') && !marked) {
            marked = true;
        } else {
            break;
        }
    }
    if (!n) return false;
    if (*c == 'e' || *c == 'E') {
        c++;
        bool down = *c == '-';
        if (*c == '-' || *c == '+') c++;
        if (*c < '0' || *c > '9') return false;
        int shown = 0;
        while (*c >= '0' && *c <= '9') shown = shown < 1000 ? shown * 10 + (*c++ - '0') : (c++, shown);
        exponent += down ? -shown : shown;
    }
    if ((size_t)(c - field.at) != field.n) return false;
    exponent -= decimals;
    double value = (double)digits;
    for (; exponent > 0; exponent -= exponent < 20 ? exponent : 20)
        value *= powers[exponent < 20 ? exponent : 20];
    for (; exponent < 0 && value > 0; exponent += exponent > -20 ? -exponent : 20)
        value /= powers[exponent > -20 ? -exponent : 20];
    *out = negative ? -value : value;
    return true;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `text` begins with `word`, whatever the encoding of the accents between its letters. */
static bool begins(const char *text, const char *word) {
    for (; *word; word++) {
        while ((unsigned char)*text >= 0x80) text++;
        if (lower(*text) != lower(*word)) return false;
        text++;
    }
    return true;
}

bool dcl_field_is(dcl_field field, const char *word) {
    return begins(field.at, word);
}

int dcl_digits(const char **at, int n) {
    int value = 0, seen = 0;
    for (; seen < n && **at >= '0' && **at <= '9'; seen++) value = value * 10 + (*(*at)++ - '0');
    return seen ? value : -1;
}

bool dcl_contains(const char *text, const char *word) {
    for (; *text; text++)
        if (begins(text, word)) return true;
    return false;
}

bool dcl_read_day(const char **at, dcl_civil *civil) {
    civil->day = dcl_digits(at, 2);
    if (**at != '/') return false;
    ++*at;
    civil->month = dcl_digits(at, 2);
    if (**at != '/') return false;
    ++*at;
    civil->year = dcl_digits(at, 4);
    return civil->year >= 1000 && dcl_civil_valid(civil);
}

bool dcl_read_clock(const char **at, dcl_civil *civil) {
    civil->hour = dcl_digits(at, 2);
    if (**at != ':') return false;
    ++*at;
    civil->minute = dcl_digits(at, 2);
    civil->second = 0;
    if (**at == ':') {
        ++*at;
        civil->second = dcl_digits(at, 2);
    }
    return dcl_civil_valid(civil);
}
