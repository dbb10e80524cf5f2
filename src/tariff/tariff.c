/* The tables: names, opening, look-ups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/names.h"
#include "tariff/tables.h"

enum { LARGEST_FILE = 4 << 20 };

/* ---------------------------------------------------------------- names */

DCL_DEFINE_TEXT(dcl_tariff_kind_name(dcl_tariff_kind id), DCL_TARIFF_KIND_COUNT, DCL_TARIFF_KIND_TABLE,
                DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_tariff_kind_title(dcl_tariff_kind id), DCL_TARIFF_KIND_COUNT, DCL_TARIFF_KIND_TABLE,
                DCL_THIRD_OF_3)

dcl_tariff_kind dcl_tariff_kind_find(const char *name) {
    unsigned kind = 0;
    while (kind < DCL_TARIFF_KIND_COUNT && strcmp(name, dcl_tariff_kind_name((dcl_tariff_kind)kind)) != 0)
        kind++;
    return (dcl_tariff_kind)kind;
}

DCL_DEFINE_TEXT(dcl_price_class_name(dcl_price_class id), DCL_PRICE_CLASS_COUNT, DCL_PRICE_CLASS_TABLE,
                DCL_SECOND_OF_3)

dcl_tariff_kind dcl_price_class_kind(dcl_price_class price_class) {
    static const dcl_tariff_kind kinds[] = {
#define DCL_X(id, name, kind) DCL_TARIFF_##kind,
        DCL_PRICE_CLASS_TABLE(DCL_X)
#undef DCL_X
    };
    return (unsigned)price_class < DCL_PRICE_CLASS_COUNT ? kinds[price_class] : DCL_TARIFF_KIND_COUNT;
}

DCL_DEFINE_TEXT(dcl_unpriced_name(dcl_unpriced id), DCL_UNPRICED_COUNT, DCL_UNPRICED_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_unpriced_text(dcl_unpriced id), DCL_UNPRICED_COUNT, DCL_UNPRICED_TABLE, DCL_THIRD_OF_3)

int dcl_subscribed_kva(size_t i) {
    static const int powers[DCL_POWER_COUNT] = {3, 6, 9, 12, 15, 18, 24, 30, 36};
    return i < DCL_POWER_COUNT ? powers[i] : 0;
}

size_t dcl_power_index(int subscribed_kva) {
    size_t i = 0;
    while (i < DCL_POWER_COUNT && dcl_subscribed_kva(i) != subscribed_kva) i++;
    return i;
}

/* ---------------------------------------------------------------- filling */

dcl_price_list dcl_price_list_blank(dcl_tariff_kind kind) {
    dcl_price_list list = {.kind = kind, .to_day = INT64_MAX};
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) list.price_ueur_kwh[c] = -1;
    for (int p = 0; p < DCL_POWER_COUNT; p++) list.standing_ueur_year[p] = -1;
    return list;
}

bool dcl_price_lists_compete(const dcl_price_list *a, const dcl_price_list *b) {
    if (a->kind != b->kind) return false;
    for (int p = 0; p < DCL_POWER_COUNT; p++)
        if (a->standing_ueur_year[p] >= 0 && b->standing_ueur_year[p] >= 0) return true;
    return false;
}

dcl_status dcl_tariff_add(dcl_tariff *tariff, const dcl_price_list *list) {
    dcl_status status = dcl_grow(&tariff->list, &tariff->room, tariff->n_lists + 1, sizeof *tariff->list);
    if (!status) tariff->list[tariff->n_lists++] = *list;
    return status;
}

static size_t least_power(const dcl_price_list *list) {
    size_t p = 0;
    while (p < DCL_POWER_COUNT && list->standing_ueur_year[p] < 0) p++;
    return p;
}

static int by_kind_and_date(const void *left, const void *right) {
    const dcl_price_list *a = left, *b = right;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->from_day != b->from_day) return a->from_day < b->from_day ? -1 : 1;
    size_t p = least_power(a), q = least_power(b);
    return (p > q) - (p < q);
}

void dcl_tariff_sort(dcl_tariff *tariff) {
    if (tariff->n_lists) qsort(tariff->list, tariff->n_lists, sizeof *tariff->list, by_kind_and_date);
}

dcl_status dcl_tariff_set_colours(dcl_tariff *tariff, int64_t day, const char *colours, size_t n) {
    if (n == 0) return DCL_OK;
    int64_t end = day + (int64_t)n, old_end = tariff->first_day + (int64_t)tariff->n_colours;
    int64_t first = tariff->n_colours && tariff->first_day < day ? tariff->first_day : day;
    int64_t last = tariff->n_colours && old_end > end ? old_end : end;
    char *grown = malloc((size_t)(last - first));
    if (!grown) return DCL_E_MEMORY;
    memset(grown, '-', (size_t)(last - first));
    if (tariff->n_colours) memcpy(grown + (tariff->first_day - first), tariff->colour, tariff->n_colours);
    memcpy(grown + (day - first), colours, n);
    free(tariff->colour);
    tariff->colour = grown;
    tariff->n_colours = (size_t)(last - first);
    tariff->first_day = first;
    return DCL_OK;
}

static dcl_price_list from_row(const dcl_price_row *row) {
    dcl_price_list list = dcl_price_list_blank(row->kind);
    list.from_day = dcl_day_of_number(row->from);
    list.to_day = dcl_day_of_number(dcl_prices_end);
    list.standing_confirmed = row->confirmed;
    for (int c = 0, i = 0; c < DCL_PRICE_CLASS_COUNT; c++)
        if (dcl_price_class_kind((dcl_price_class)c) == row->kind)
            list.price_ueur_kwh[c] = row->price[i++] * 10;
    for (int p = 0; p < DCL_POWER_COUNT; p++)
        if (row->standing[p] >= 0) list.standing_ueur_year[p] = (int64_t)row->standing[p] * 10000;
    snprintf(list.source, sizeof list.source, "Tarif Bleu");
    return list;
}

static dcl_status add_built_in(dcl_tariff *tariff) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < dcl_price_rows && !status; i++) {
        dcl_price_list list = from_row(&dcl_price_table[i]);
        for (size_t j = 0; j < tariff->n_lists; j++)
            if (dcl_price_lists_compete(&tariff->list[j], &list) && tariff->list[j].to_day > list.from_day)
                tariff->list[j].to_day = list.from_day;
        status = dcl_tariff_add(tariff, &list);
    }
    for (size_t i = 0; i < dcl_colour_rows && !status; i++) {
        const dcl_colour_row *row = &dcl_colour_table[i];
        status =
            dcl_tariff_set_colours(tariff, dcl_day_of_number(row->from), row->colours, strlen(row->colours));
    }
    return status;
}

/* ---------------------------------------------------------------- opening */

dcl_status dcl_tariff_parse(const char *bytes, size_t n, dcl_tariff **out, dcl_error *error) {
    *out = NULL;
    dcl_tariff *tariff = calloc(1, sizeof *tariff);
    dcl_status status = tariff ? add_built_in(tariff) : DCL_E_MEMORY;
    if (status)
        dcl_fail_memory(error, "price lists");
    else if (bytes)
        status = dcl_tariff_read(tariff, bytes, n, error);
    if (status) {
        dcl_tariff_close(&tariff);
        return status;
    }
    dcl_tariff_sort(tariff);
    *out = tariff;
    return DCL_OK;
}

dcl_status dcl_tariff_open(const char *path, dcl_tariff **out, dcl_error *error) {
    *out = NULL;
    char *bytes = NULL;
    size_t n = 0;
    if (path) {
        dcl_status status = dcl_file_read(path, LARGEST_FILE, &bytes, &n, error);
        if (status) return status;
    }
    dcl_status status = dcl_tariff_parse(bytes, n, out, error);
    if (status && path && error) snprintf(error->file, sizeof error->file, "%s", path);
    free(bytes);
    return status;
}

void dcl_tariff_close(dcl_tariff **tariff) {
    if (!*tariff) return;
    free((*tariff)->list);
    free((*tariff)->colour);
    free(*tariff);
    *tariff = NULL;
}

/* ---------------------------------------------------------------- look-ups */

const dcl_price_list *dcl_tariff_list(const dcl_tariff *tariff, size_t i) {
    return i < tariff->n_lists ? &tariff->list[i] : NULL;
}

const dcl_price_list *dcl_tariff_find(const dcl_tariff *tariff, dcl_tariff_kind kind, int subscribed_kva,
                                      int64_t day) {
    size_t power = dcl_power_index(subscribed_kva);
    if (power == DCL_POWER_COUNT) return NULL;
    /* The latest that has begun: it may have replaced an earlier one at this power alone. */
    for (size_t i = tariff->n_lists; i-- > 0;) {
        const dcl_price_list *list = &tariff->list[i];
        if (list->kind == kind && list->from_day <= day && list->standing_ueur_year[power] >= 0)
            return day < list->to_day ? list : NULL;
    }
    return NULL;
}

const dcl_price_list *dcl_tariff_latest(const dcl_tariff *tariff, dcl_tariff_kind kind, int subscribed_kva) {
    size_t power = dcl_power_index(subscribed_kva);
    if (power == DCL_POWER_COUNT) return NULL;
    for (size_t i = tariff->n_lists; i-- > 0;)
        if (tariff->list[i].kind == kind && tariff->list[i].standing_ueur_year[power] >= 0)
            return &tariff->list[i];
    return NULL;
}

dcl_colour dcl_tariff_colour(const dcl_tariff *tariff, int64_t day) {
    if (day < tariff->first_day || day - tariff->first_day >= (int64_t)tariff->n_colours)
        return DCL_COLOUR_UNKNOWN;
    switch (tariff->colour[day - tariff->first_day]) {
    case 'B': return DCL_COLOUR_BLUE;
    case 'W': return DCL_COLOUR_WHITE;
    case 'R': return DCL_COLOUR_RED;
    default: return DCL_COLOUR_UNKNOWN;
    }
}
