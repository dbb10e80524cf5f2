/* The tables behind dcl_tariff: what is compiled in, what a file adds, and the steps shared by both. */
#ifndef DCL_TARIFF_TABLES_H
#define DCL_TARIFF_TABLES_H

#include "base/status.h"

#include <declic/tariff.h>

/** A price list as prices.c writes it. price: 1e-5 €/kWh; standing: 0.01 €/year, -1 = not sold. */
typedef struct dcl_price_row {
    dcl_tariff_kind kind;
    int32_t from; /* YYYYMMDD */
    int32_t price[6];
    int32_t standing[DCL_POWER_COUNT];
    bool confirmed;
} dcl_price_row;

extern const dcl_price_row dcl_price_table[];
extern const size_t dcl_price_rows;
extern const int32_t dcl_prices_end; /* YYYYMMDD: the first day that no list covers */

/** Colours of days in a row from a date on: 'B', 'W', 'R', or '-' for unknown. */
typedef struct dcl_colour_row {
    int32_t from; /* YYYYMMDD */
    const char *colours;
} dcl_colour_row;

extern const dcl_colour_row dcl_colour_table[];
extern const size_t dcl_colour_rows;

/**
 * list   [n_lists]   ordered by kind, then from_day
 * colour [n_colours] of first_day and the days after it: 'B', 'W', 'R', '-'
 */
struct dcl_tariff {
    dcl_price_list *list;
    size_t n_lists, room;
    char *colour;
    size_t n_colours;
    int64_t first_day;
};

/** A list of a kind with no class priced and no power sold yet. */
dcl_price_list dcl_price_list_blank(dcl_tariff_kind kind);
/** True where some power is sold under both lists and their kind is the same. */
bool dcl_price_lists_compete(const dcl_price_list *a, const dcl_price_list *b);
/** Position of a subscribed power; DCL_POWER_COUNT where it is not sold. */
size_t dcl_power_index(int subscribed_kva);

/** Appends a list; order is restored by dcl_tariff_sort(). */
dcl_status dcl_tariff_add(dcl_tariff *tariff, const dcl_price_list *list) DCL_MUST_USE;
/** Orders the lists by kind, date, and least power sold. */
void dcl_tariff_sort(dcl_tariff *tariff);
/** Sets the colours of the days from `day` on, making room. Characters outside "BWR" are unknown days. */
dcl_status dcl_tariff_set_colours(dcl_tariff *tariff, int64_t day, const char *colours,
                                  size_t n) DCL_MUST_USE;

/** Reads the n bytes of a tariff file into tables that hold what is compiled in. Errors: dcl_tariff_open(). */
dcl_status dcl_tariff_read(dcl_tariff *tariff, const char *bytes, size_t n, dcl_error *error) DCL_MUST_USE;
/** The tables compiled in with what those bytes replace: dcl_tariff_open() without the file system. */
dcl_status dcl_tariff_parse(const char *bytes, size_t n, dcl_tariff **out, dcl_error *error) DCL_MUST_USE;

#endif
