/* The tariff file, docs/tariff-file.md: JSON that adds to the tables compiled in and replaces parts of them.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/json.h"
#include "tariff/tables.h"

enum { MOST_LISTS = 1000, MOST_COLOUR_ENTRIES = 1000 };
static const double most_eur_kwh = 10, most_eur_year = 100000;

/* An entry of the file, for messages: "price_lists[2]: …". */
typedef struct entry {
    const char *section;
    size_t index;
    const dcl_json *value;
    dcl_error *error;
} entry;

static dcl_status fail_entry(const entry *e, const char *format, ...) DCL_PRINTF(2, 3);

static dcl_status fail_entry(const entry *e, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return dcl_fail(e->error, DCL_E_FORMAT, "%s[%zu]: %s", e->section, e->index, text);
}

/* A date of a key. `fallback` stands in for a key that is not there; INT64_MIN = the key is needed. */
static dcl_status read_day(const entry *e, const char *key, int64_t fallback, int64_t *day) {
    const dcl_json *value = dcl_json_get(e->value, key);
    const char *text = dcl_json_text(value);
    *day = fallback;
    if (!value && fallback != INT64_MIN) return DCL_OK;
    if (!text || !dcl_date_parse(text, strlen(text), day))
        return fail_entry(e, "\"%s\" must be a date like \"2026-08-01\"", key);
    /* Keeps the table of colours small whatever the file says. */
    if (*day < dcl_days_from_date(1946, 1, 1) || *day >= dcl_days_from_date(2200, 1, 1))
        return fail_entry(e, "\"%s\" is not between 1946 and 2199", key);
    return DCL_OK;
}

/* An amount in 1e-6 €. */
static bool amount(const dcl_json *value, double most, int64_t *out) {
    double eur;
    if (!dcl_json_real(value, &eur) || !(eur >= 0 && eur <= most)) return false;
    *out = (int64_t)rint(eur * 1e6);
    return true;
}

static dcl_status read_prices(const entry *e, dcl_price_list *list) {
    const dcl_json *prices = dcl_json_get(e->value, "eur_per_kwh");
    for (int c = 0; c < DCL_PRICE_CLASS_COUNT; c++) {
        if (dcl_price_class_kind((dcl_price_class)c) != list->kind) continue;
        const char *name = dcl_price_class_name((dcl_price_class)c);
        int64_t ueur;
        if (!amount(dcl_json_get(prices, name), most_eur_kwh, &ueur))
            return fail_entry(e, "\"eur_per_kwh\" needs \"%s\", from 0 to %g", name, most_eur_kwh);
        list->price_ueur_kwh[c] = (int32_t)ueur;
    }
    return DCL_OK;
}

/* One number for all powers, or one by power; a power that is not named is not sold. */
static dcl_status read_standing(const entry *e, dcl_price_list *list) {
    const dcl_json *standing = dcl_json_get(e->value, "standing_eur_per_year");
    int sold = 0;
    for (size_t p = 0; p < DCL_POWER_COUNT; p++) {
        char key[8];
        snprintf(key, sizeof key, "%d", dcl_subscribed_kva(p));
        const dcl_json *value = dcl_json_is_object(standing) ? dcl_json_get(standing, key) : standing;
        if (!value) continue;
        if (!amount(value, most_eur_year, &list->standing_ueur_year[p]))
            return fail_entry(e, "\"standing_eur_per_year\" at %s kVA must be a number from 0 to %g", key,
                              most_eur_year);
        sold++;
    }
    if (!sold)
        return fail_entry(e,
                          "\"standing_eur_per_year\" must be a number, or an object with powers like \"6\"");
    return DCL_OK;
}

/* Copies a text, cut to fit between two characters of UTF-8. */
static void copy_text(char *out, size_t room, const char *text) {
    size_t n = strlen(text);
    if (n >= room)
        for (n = room - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;) n--;
    memcpy(out, text, n);
    out[n] = '\0';
}

static dcl_status read_list(const entry *e, dcl_price_list *list) {
    const char *name = dcl_json_text(dcl_json_get(e->value, "tariff"));
    dcl_tariff_kind kind = name ? dcl_tariff_kind_find(name) : DCL_TARIFF_KIND_COUNT;
    if (kind == DCL_TARIFF_KIND_COUNT)
        return fail_entry(e, "\"tariff\" must be \"base\", \"hc\" or \"tempo\"");
    *list = dcl_price_list_blank(kind);
    list->standing_confirmed = true;
    const char *source = dcl_json_text(dcl_json_get(e->value, "source"));
    copy_text(list->source, sizeof list->source, source ? source : "file");
    dcl_status status = read_day(e, "from", INT64_MIN, &list->from_day);
    if (!status) status = read_day(e, "to", INT64_MAX, &list->to_day);
    if (!status && list->to_day <= list->from_day) status = fail_entry(e, "\"to\" must be after \"from\"");
    if (!status) status = read_prices(e, list);
    if (!status) status = read_standing(e, list);
    return status;
}

static bool sells_all_of(const dcl_price_list *list, const dcl_price_list *other) {
    for (int p = 0; p < DCL_POWER_COUNT; p++)
        if (other->standing_ueur_year[p] >= 0 && list->standing_ueur_year[p] < 0) return false;
    return true;
}

/* Ends each list without an end where one begins that replaces it at every power; where it is replaced at some
 * powers alone, dcl_tariff_find() prefers the later. Two lists for one contract and day are an error. */
static dcl_status settle(dcl_price_list *lists, size_t n, dcl_error *error) {
    for (size_t i = 0; i < n; i++) {
        int64_t next = INT64_MAX;
        for (size_t j = 0; j < n; j++) {
            if (i == j || !dcl_price_lists_compete(&lists[i], &lists[j])) continue;
            bool given = lists[i].to_day != INT64_MAX && lists[i].to_day > lists[j].from_day;
            if (lists[j].from_day == lists[i].from_day || (given && lists[j].from_day > lists[i].from_day)) {
                entry e = {"price_lists", i, NULL, error};
                return fail_entry(&e, "prices the same contract on the same days as price_lists[%zu]", j);
            }
            if (lists[j].from_day > lists[i].from_day && lists[j].from_day < next &&
                sells_all_of(&lists[j], &lists[i]))
                next = lists[j].from_day;
        }
        if (lists[i].to_day == INT64_MAX && next != INT64_MAX) lists[i].to_day = next;
    }
    return DCL_OK;
}

/* From the file's first date of a kind on, the file alone counts for that kind. */
static void make_way(dcl_tariff *tariff, const dcl_price_list *lists, size_t n) {
    int64_t first[DCL_TARIFF_KIND_COUNT];
    for (int kind = 0; kind < DCL_TARIFF_KIND_COUNT; kind++) first[kind] = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (lists[i].from_day < first[lists[i].kind]) first[lists[i].kind] = lists[i].from_day;
    size_t kept = 0;
    for (size_t i = 0; i < tariff->n_lists; i++) {
        dcl_price_list list = tariff->list[i];
        if (list.to_day > first[list.kind]) list.to_day = first[list.kind];
        if (list.to_day > list.from_day) tariff->list[kept++] = list;
    }
    tariff->n_lists = kept;
}

static dcl_status read_lists(dcl_tariff *tariff, const dcl_json *section, dcl_error *error) {
    size_t n = dcl_json_length(section);
    if (n == 0 || n > MOST_LISTS)
        return dcl_fail(error, DCL_E_FORMAT, "\"price_lists\" must be a list of 1 to %d entries", MOST_LISTS);
    dcl_price_list *lists = calloc(n, sizeof *lists);
    if (!lists) return dcl_fail_memory(error, "price lists");
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < n && !status; i++) {
        entry e = {"price_lists", i, dcl_json_at(section, i), error};
        status = read_list(&e, &lists[i]);
    }
    if (!status) status = settle(lists, n, error);
    if (!status) make_way(tariff, lists, n);
    for (size_t i = 0; i < n && !status; i++)
        if ((status = dcl_tariff_add(tariff, &lists[i])) != DCL_OK) dcl_fail_memory(error, "price lists");
    free(lists);
    return status;
}

static dcl_status read_colours(dcl_tariff *tariff, const dcl_json *section, dcl_error *error) {
    size_t n = dcl_json_length(section);
    if (n == 0 || n > MOST_COLOUR_ENTRIES)
        return dcl_fail(error, DCL_E_FORMAT, "\"tempo_days\" must be a list of 1 to %d entries",
                        MOST_COLOUR_ENTRIES);
    for (size_t i = 0; i < n; i++) {
        entry e = {"tempo_days", i, dcl_json_at(section, i), error};
        const char *colours = dcl_json_text(dcl_json_get(e.value, "colours"));
        int64_t day;
        dcl_status status = read_day(&e, "from", INT64_MIN, &day);
        if (status) return status;
        size_t length = colours ? strlen(colours) : 0;
        if (length == 0 || length > 366)
            return fail_entry(&e, "\"colours\" must be a text of 1 to 366 letters, one a day");
        size_t good = strspn(colours, "BWR-");
        if (good < length)
            return fail_entry(&e, "\"colours\": letter %zu is none of B, W, R and -", good + 1);
        if (dcl_tariff_set_colours(tariff, day, colours, length))
            return dcl_fail_memory(error, "day colours");
    }
    return DCL_OK;
}

dcl_status dcl_tariff_read(dcl_tariff *tariff, const char *bytes, size_t n, dcl_error *error) {
    dcl_json *document = NULL;
    dcl_status status = dcl_json_parse(bytes, n, &document, error);
    if (status) return status;
    const char *format = dcl_json_text(dcl_json_get(document, "format"));
    const dcl_json *lists = dcl_json_get(document, "price_lists"),
                   *days = dcl_json_get(document, "tempo_days");
    if (!format || strcmp(format, "declic-tariff-1") != 0)
        status = dcl_fail(error, DCL_E_FORMAT, "not a tariff file: \"format\" must be \"declic-tariff-1\"");
    else if (!lists && !days)
        status = dcl_fail(error, DCL_E_FORMAT, "neither \"price_lists\" nor \"tempo_days\" is there");
    if (!status && lists) status = read_lists(tariff, lists, error);
    if (!status && days) status = read_colours(tariff, days, error);
    dcl_json_close(&document);
    return status;
}
