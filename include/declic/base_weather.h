/**
 * Base: outdoor temperatures that a person gives.
 */
#ifndef DECLIC_BASE_WEATHER_H
#define DECLIC_BASE_WEATHER_H

#include <declic/base.h>

/**
 * Hourly outdoor temperature.
 * temperature_c [n]  means over the hours from start_us on, °C; NaN = not known
 */
typedef struct dcl_weather {
    int64_t start_us; /* on the hour, UTC */
    size_t n;
    float *temperature_c;
} dcl_weather;

/**
 * Reads a CSV: a column of times (ISO 8601; without an offset in the context's zone, where there is one), which is that called time_utc
 * (then UTC) or time, else the first one; and temperatures, °C, that called temperature_c, else the second one. A first row that begins
 * with a time is no header. Rows may come in any order and at any step; those of one hour are averaged, an empty cell and an hour without
 * a row are not known. Empty lines, and those that begin with #, are passed over.
 *
 * Errors:  DCL_E_FORMAT with the line: no time, a temperature that is no number or outside ±70 °C, a row with more cells than the first;
 *          a span of more than 200 years; DCL_E_NO_DATA no row; DCL_E_NOT_FOUND, DCL_E_IO the file; DCL_E_MEMORY.
 * Memory:  in the arena, 4 bytes an hour.
 */
dcl_status dcl_weather_read(const dcl_context *context, const char *path, dcl_arena *arena, dcl_weather *out,
                            dcl_error *error) DCL_MUST_USE;
/** The same of the n bytes of a file. */
dcl_status dcl_weather_parse(const dcl_context *context, const char *bytes, size_t n, dcl_arena *arena,
                             dcl_weather *out, dcl_error *error) DCL_MUST_USE;

#endif
