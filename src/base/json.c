#include "base/json.h"

#include <jansson.h>
#include <math.h>

/* A dcl_json is jansson's value under our name. */
static const json_t *inner(const dcl_json *value) {
    return (const json_t *)value;
}

dcl_status dcl_json_parse(const char *bytes, size_t n, dcl_json **out, dcl_error *error) {
    json_error_t where;
    json_t *document = json_loadb(bytes, n, 0, &where);
    *out = (dcl_json *)document;
    if (document) return DCL_OK;
    return dcl_fail_at(error, DCL_E_FORMAT, where.line > 0 ? where.line : 0, where.position, "not JSON: %s",
                       where.text);
}

void dcl_json_close(dcl_json **document) {
    if (*document) json_decref((json_t *)*document);
    *document = NULL;
}

const dcl_json *dcl_json_get(const dcl_json *value, const char *key) {
    return (const dcl_json *)json_object_get(inner(value), key);
}

size_t dcl_json_length(const dcl_json *value) {
    return json_array_size(inner(value));
}

const dcl_json *dcl_json_at(const dcl_json *value, size_t index) {
    return (const dcl_json *)json_array_get(inner(value), index);
}

const char *dcl_json_text(const dcl_json *value) {
    return json_string_value(inner(value));
}

static bool real_of(const json_t *number, double *out) {
    if (!json_is_number(number)) return false;
    *out = json_number_value(number);
    return isfinite(*out);
}

/* A plain number of a text: JSON's form, which no locale changes, but a `+` and leading zeros are fine. */
static bool real_of_text(const char *text, double *out) {
    bool minus = *text == '-';
    if (minus || *text == '+') text++;
    while (*text == '0' && text[1] >= '0' && text[1] <= '9') text++;
    if (*text < '0' || *text > '9') return false;
    json_t *number = json_loads(text, JSON_DECODE_ANY, NULL);
    bool read = real_of(number, out);
    json_decref(number);
    if (read && minus) *out = -*out;
    return read;
}

bool dcl_json_real(const dcl_json *value, double *out) {
    const char *text = dcl_json_text(value);
    return text ? real_of_text(text, out) : real_of(inner(value), out);
}

bool dcl_json_is_object(const dcl_json *value) {
    return json_is_object(inner(value));
}

bool dcl_json_is_list(const dcl_json *value) {
    return json_is_array(inner(value));
}
