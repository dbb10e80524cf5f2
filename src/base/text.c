#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dcl_text_free(dcl_text *text) {
    free(text->at);
    *text = (dcl_text){0};
}

static bool reserve(dcl_text *text, size_t more) {
    if (text->failed || more > SIZE_MAX - text->n - 1 ||
        dcl_grow(&text->at, &text->room, text->n + more + 1, 1) != DCL_OK)
        text->failed = true;
    return !text->failed;
}

void dcl_text_bytes(dcl_text *text, const char *bytes, size_t n) {
    if (!reserve(text, n)) return;
    memcpy(text->at + text->n, bytes, n);
    text->n += n;
    text->at[text->n] = '\0';
}

void dcl_text_put(dcl_text *text, const char *string) {
    dcl_text_bytes(text, string, strlen(string));
}

void dcl_text_format(dcl_text *text, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    /* Mostly there is room already: then once is enough. */
    size_t room = !text->failed && text->at ? text->room - text->n : 0;
    int n = vsnprintf(room ? text->at + text->n : NULL, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n >= room && reserve(text, (size_t)n))
        vsnprintf(text->at + text->n, (size_t)n + 1, format, again);
    if (n >= 0 && !text->failed) text->n += (size_t)n;
    va_end(again);
}

void dcl_text_integer(dcl_text *text, int64_t value) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do digits[--at] = (char)('0' + size % 10);
    while (size /= 10);
    if (value < 0) digits[--at] = '-';
    dcl_text_bytes(text, digits + at, sizeof digits - at);
}

void dcl_text_fixed(dcl_text *text, double value, int decimals) {
    static const double scale[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    assert(decimals >= 0 && decimals <= 9);
    if (isnan(value)) return;
    double scaled = round(fabs(value) * scale[decimals]);
    if (!(scaled <
          9e15)) { /* beyond exact integers: no home has such a number, but it must still be readable */
        dcl_text_double(text, value);
        return;
    }
    uint64_t digits = (uint64_t)scaled, unit = (uint64_t)scale[decimals];
    if (value < 0 && digits) dcl_text_put(text, "-");
    dcl_text_format(text, "%llu", (unsigned long long)(digits / unit));
    if (decimals) dcl_text_format(text, ".%0*llu", decimals, (unsigned long long)(digits % unit));
}

/* The number as printf's %g gave it, but whole numbers up to a billion written out: 100 and not 1e+02. */
static void write_out(char number[40], double value) {
    if (strstr(number, "e+") && fabs(value) < 1e9) snprintf(number, 40, "%.0f", value);
}

/* printf takes its mark from the host program's locale; we promise a point. */
static void put_with_point(dcl_text *text, char *number) {
    char *mark = strchr(number, ',');
    if (mark) *mark = '.';
    dcl_text_put(text, number);
}

void dcl_text_float(dcl_text *text, float value) {
    if (isnan(value)) return;
    char number[40];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if (strtof(number, NULL) == value) break;
    }
    write_out(number, (double)value);
    put_with_point(text, number);
}

void dcl_text_double(dcl_text *text, double value) {
    if (isnan(value)) return;
    char number[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (strtod(number, NULL) == value) break;
    }
    write_out(number, value);
    put_with_point(text, number);
}

void dcl_text_html(dcl_text *text, const char *string) {
    for (const char *c = string; *c; c++) {
        switch (*c) {
        case '&': dcl_text_put(text, "&amp;"); break;
        case '<': dcl_text_put(text, "&lt;"); break;
        case '>': dcl_text_put(text, "&gt;"); break;
        case '"': dcl_text_put(text, "&quot;"); break;
        default: dcl_text_bytes(text, c, 1);
        }
    }
}

static void new_line(dcl_json_writer *json) {
    dcl_text_format(json->text, "\n%*s", 2 * json->depth, "");
}

/* What goes before a value: a comma where one is due, and a line of its own unless a key stands before it. */
static void before_value(dcl_json_writer *json) {
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->after_value) dcl_text_put(json->text, ",");
    if (json->depth) new_line(json);
}

void dcl_json_begin(dcl_json_writer *json, char bracket) {
    before_value(json);
    dcl_text_bytes(json->text, &bracket, 1);
    json->depth++;
    json->after_value = false;
}

void dcl_json_end(dcl_json_writer *json, char bracket) {
    json->depth--;
    if (json->after_value) new_line(json);
    dcl_text_bytes(json->text, &bracket, 1);
    json->after_value = true;
    if (!json->depth) dcl_text_put(json->text, "\n");
}

static void put_string(dcl_text *text, const char *value) {
    dcl_text_put(text, "\"");
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c == '"' || *c == '\\')
            dcl_text_format(text, "\\%c", *c);
        else if (*c < 0x20)
            dcl_text_format(text, "\\u%04x", *c);
        else
            dcl_text_bytes(text, (const char *)c, 1);
    }
    dcl_text_put(text, "\"");
}

void dcl_json_key(dcl_json_writer *json, const char *key) {
    before_value(json);
    put_string(json->text, key);
    dcl_text_put(json->text, ": ");
    json->after_key = true;
}

void dcl_json_string(dcl_json_writer *json, const char *value) {
    before_value(json);
    if (value)
        put_string(json->text, value);
    else
        dcl_text_put(json->text, "null");
    json->after_value = true;
}

void dcl_json_number(dcl_json_writer *json, double value) {
    before_value(json);
    if (isfinite(value))
        dcl_text_double(json->text, value);
    else
        dcl_text_put(json->text, "null");
    json->after_value = true;
}

void dcl_json_fixed(dcl_json_writer *json, double value, int decimals) {
    before_value(json);
    if (isfinite(value))
        dcl_text_fixed(json->text, value, decimals);
    else
        dcl_text_put(json->text, "null");
    json->after_value = true;
}

void dcl_json_integer(dcl_json_writer *json, int64_t value) {
    before_value(json);
    dcl_text_integer(json->text, value);
    json->after_value = true;
}

void dcl_json_bool(dcl_json_writer *json, bool value) {
    before_value(json);
    dcl_text_put(json->text, value ? "true" : "false");
    json->after_value = true;
}

void dcl_json_key_string(dcl_json_writer *json, const char *key, const char *value) {
    dcl_json_key(json, key);
    dcl_json_string(json, value);
}

void dcl_json_key_fixed(dcl_json_writer *json, const char *key, double value, int decimals) {
    dcl_json_key(json, key);
    dcl_json_fixed(json, value, decimals);
}

void dcl_json_key_integer(dcl_json_writer *json, const char *key, int64_t value) {
    dcl_json_key(json, key);
    dcl_json_integer(json, value);
}

void dcl_json_key_time(dcl_json_writer *json, const char *key, int64_t time_us) {
    char text[32];
    dcl_time_format(time_us, text);
    dcl_json_key_string(json, key, text);
}

void dcl_json_date(dcl_json_writer *json, int64_t day) {
    char text[32];
    dcl_civil date = dcl_date_from_days(day);
    snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    dcl_json_string(json, text);
}

void dcl_json_key_date(dcl_json_writer *json, const char *key, bool known, int64_t day) {
    dcl_json_key(json, key);
    if (known)
        dcl_json_date(json, day);
    else
        dcl_json_string(json, NULL);
}

const char *dcl_address_in(const char *text, size_t *n) {
    while (*text) {
        text += strcspn(text, "0123456789");
        *n = strspn(text, "0123456789");
        if (*n >= DCL_ADDRESS_DIGITS) return text;
        text += *n;
    }
    return NULL;
}
