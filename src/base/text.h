/* A growing text, numbers whose form no locale changes, and JSON written on top of it. */
#ifndef DCL_BASE_TEXT_H
#define DCL_BASE_TEXT_H

#include "base/status.h"

/**
 * A growing NUL-terminated text. Start from {0}; release with dcl_text_free().
 * Writing never fails in the middle: running out of memory sets `failed`, checked once at the end.
 */
typedef struct dcl_text {
    char *at;
    size_t n, room;
    bool failed;
} dcl_text;

void dcl_text_free(dcl_text *text);
/** Appends n bytes / a string / a printf form (integers and strings only: numbers go through the two below).
 */
void dcl_text_bytes(dcl_text *text, const char *bytes, size_t n);
void dcl_text_put(dcl_text *text, const char *string);
void dcl_text_format(dcl_text *text, const char *format, ...) DCL_PRINTF(2, 3);
/** A whole number. Drawings have thousands: printf would take longer than everything else on a page. */
void dcl_text_integer(dcl_text *text, int64_t value);
/** A number with a fixed count of decimals (0-9), half away from zero, `.` as the mark; never "-0". NaN
 * writes nothing. */
void dcl_text_fixed(dcl_text *text, double value, int decimals);
/** The shortest decimal that reads back as the same float32 / float64; `.` as the mark. NaN writes nothing.
 */
void dcl_text_float(dcl_text *text, float value);
void dcl_text_double(dcl_text *text, double value);
/** `text` with & < > " escaped for HTML and SVG. */
void dcl_text_html(dcl_text *text, const char *string);

/**
 * A JSON writer over a text: keys in the order written, two-space indent for objects and lists of objects.
 * A non-finite number is written as null.
 */
typedef struct dcl_json_writer {
    dcl_text *text;
    int depth;
    bool after_value, after_key;
} dcl_json_writer;

void dcl_json_begin(dcl_json_writer *json, char bracket); /* '{' or '[' */
void dcl_json_end(dcl_json_writer *json, char bracket);   /* '}' or ']' */
void dcl_json_key(dcl_json_writer *json, const char *key);
void dcl_json_string(dcl_json_writer *json, const char *value); /* NULL is null */
void dcl_json_number(dcl_json_writer *json, double value);
void dcl_json_fixed(dcl_json_writer *json, double value, int decimals);
void dcl_json_integer(dcl_json_writer *json, int64_t value);
void dcl_json_bool(dcl_json_writer *json, bool value);
/** Key and value in one. */
void dcl_json_key_string(dcl_json_writer *json, const char *key, const char *value);
void dcl_json_key_fixed(dcl_json_writer *json, const char *key, double value, int decimals);
void dcl_json_key_integer(dcl_json_writer *json, const char *key, int64_t value);
void dcl_json_key_time(dcl_json_writer *json, const char *key, int64_t time_us); /* as dcl_time_format() */
/** A civil day as 2026-01-31; with its key, null where it is not known. */
void dcl_json_date(dcl_json_writer *json, int64_t day);
void dcl_json_key_date(dcl_json_writer *json, const char *key, bool known, int64_t day);

/** So many digits in a row may be the address of a meter (12) or delivery point (14), which identifies a person. */
enum { DCL_ADDRESS_DIGITS = 12 };
/** The first run of so many digits and more in a text, *n their number; NULL where there is none. */
const char *dcl_address_in(const char *text, size_t *n);

#endif
