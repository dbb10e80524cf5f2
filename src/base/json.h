/* Reading JSON. The library behind it is seen in json.c alone. */
#ifndef DCL_BASE_JSON_H
#define DCL_BASE_JSON_H

#include "base/status.h"

/** A parsed value; opaque. Children live as long as the document they came from. */
typedef struct dcl_json dcl_json;

/** Parses n bytes. Errors: DCL_E_FORMAT with line and byte. Release with dcl_json_close(). */
dcl_status dcl_json_parse(const char *bytes, size_t n, dcl_json **out, dcl_error *error) DCL_MUST_USE;
/** Releases a document (never a child) and nulls. NULL is fine. */
void dcl_json_close(dcl_json **document);

/** The value of a key, NULL where `value` is NULL, no object, or has no such key. */
const dcl_json *dcl_json_get(const dcl_json *value, const char *key);
/** Number of items of a list, 0 for anything else. */
size_t dcl_json_length(const dcl_json *value);
const dcl_json *dcl_json_at(const dcl_json *value, size_t index);
/** The text of a string, NULL for anything else. */
const char *dcl_json_text(const dcl_json *value);
/** The number in *out. Strings that hold a plain number count: meters send both. False where there is none.
 */
bool dcl_json_real(const dcl_json *value, double *out);
bool dcl_json_is_object(const dcl_json *value);
bool dcl_json_is_list(const dcl_json *value);

#endif
