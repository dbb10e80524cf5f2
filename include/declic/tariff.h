/**
 * Tariff: what the energy of a curve costs. Price lists and day colours as dated data, and the bill of a
 * series.
 *
 * The regulated French tariff for homes (Tarif Bleu, all taxes included) in its options Base, peak / off-peak
 * hours and Tempo is compiled in and can be replaced by a file (docs/tariff-file.md). Days are days since
 * 1970-01-01. What cannot be priced is counted and named, never guessed.
 */
#ifndef DECLIC_TARIFF_H
#define DECLIC_TARIFF_H

#include <declic/base.h>
#include <declic/series.h>

/* ---------------------------------------------------------------- kinds and classes */

/** Tariff options: id, name in files and options, title. */
#define DCL_TARIFF_KIND_TABLE(X)                                                                             \
    X(BASE, "base", "Base")                                                                                  \
    X(HC, "hc", "Heures pleines / heures creuses")                                                           \
    X(TEMPO, "tempo", "Tempo")

typedef enum dcl_tariff_kind {
#define DCL_X(id, name, title) DCL_TARIFF_##id,
    DCL_TARIFF_KIND_TABLE(DCL_X)
#undef DCL_X
        DCL_TARIFF_KIND_COUNT
} dcl_tariff_kind;

/** Price classes: id, name in files, the kind each belongs to. HP = peak hours, HC = off-peak hours. */
#define DCL_PRICE_CLASS_TABLE(X)                                                                             \
    X(BASE, "base", BASE)                                                                                    \
    X(HP, "hp", HC)                                                                                          \
    X(HC, "hc", HC)                                                                                          \
    X(BLUE_HP, "blue_hp", TEMPO)                                                                             \
    X(BLUE_HC, "blue_hc", TEMPO)                                                                             \
    X(WHITE_HP, "white_hp", TEMPO)                                                                           \
    X(WHITE_HC, "white_hc", TEMPO)                                                                           \
    X(RED_HP, "red_hp", TEMPO)                                                                               \
    X(RED_HC, "red_hc", TEMPO)

typedef enum dcl_price_class {
#define DCL_X(id, name, kind) DCL_PRICE_##id,
    DCL_PRICE_CLASS_TABLE(DCL_X)
#undef DCL_X
        DCL_PRICE_CLASS_COUNT
} dcl_price_class;

/** Colours of Tempo days. A colour day runs 06:00-06:00 civil time and is named by the day it begins. */
typedef enum dcl_colour { DCL_COLOUR_UNKNOWN, DCL_COLOUR_BLUE, DCL_COLOUR_WHITE, DCL_COLOUR_RED } dcl_colour;

/** Why energy has no price: id, name in files, text. */
#define DCL_UNPRICED_TABLE(X)                                                                                \
    X(NO_PRICES, "no_prices", "no price list is known for that date and subscribed power")                   \
    X(NO_COLOUR, "no_colour", "the colour of the day is not known")                                          \
    X(NO_HOURS, "no_hours", "the off-peak hours of that date are not known")

typedef enum dcl_unpriced {
#define DCL_X(id, name, text) DCL_UNPRICED_##id,
    DCL_UNPRICED_TABLE(DCL_X)
#undef DCL_X
        DCL_UNPRICED_COUNT
} dcl_unpriced;

/** Name ("tempo"), title ("Tempo"), class name ("blue_hc"), reason; NULL for a number that is none. */
const char *dcl_tariff_kind_name(dcl_tariff_kind kind);
const char *dcl_tariff_kind_title(dcl_tariff_kind kind);
const char *dcl_price_class_name(dcl_price_class price_class);
const char *dcl_unpriced_name(dcl_unpriced reason);
const char *dcl_unpriced_text(dcl_unpriced reason);
/** The kind of a name; DCL_TARIFF_KIND_COUNT when there is none. */
dcl_tariff_kind dcl_tariff_kind_find(const char *name);
/** The kind a class belongs to; DCL_TARIFF_KIND_COUNT for a number that is none. */
dcl_tariff_kind dcl_price_class_kind(dcl_price_class price_class);

/* ---------------------------------------------------------------- price lists and colours */

enum { DCL_POWER_COUNT = 9 };

/** The subscribed powers that are sold: 3, 6, 9, 12, 15, 18, 24, 30, 36 kVA. 0 past the last. */
int dcl_subscribed_kva(size_t i);

/**
 * A price list: all of one kind, valid on the days [from_day, to_day), VAT and taxes included.
 * price_ueur_kwh      1e-6 € a kWh; -1 = a class of another kind
 * standing_ueur_year  1e-6 € a year, in the order of dcl_subscribed_kva(); -1 = not sold at that power: the
 *                     list does not apply to a contract of that power
 * standing_confirmed  false where the source of the standing charges is not the official file
 */
typedef struct dcl_price_list {
    dcl_tariff_kind kind;
    int64_t from_day, to_day; /* to_day INT64_MAX = until another list replaces it at the same power */
    int32_t price_ueur_kwh[DCL_PRICE_CLASS_COUNT];
    int64_t standing_ueur_year[DCL_POWER_COUNT];
    bool standing_confirmed;
    char source[64];
} dcl_price_list;

/** Price lists and day colours; opaque. */
typedef struct dcl_tariff dcl_tariff;

/**
 * Opens the tables compiled in, or those with what a JSON file adds and replaces (docs/tariff-file.md).
 * path  NULL = compiled in
 *
 * Errors:  DCL_E_NOT_FOUND, DCL_E_IO the file
 *          DCL_E_FORMAT not JSON (with line and byte), or a wrong entry, named: "price_lists[2]: …"
 *          DCL_E_MEMORY
 * Memory:  some 10 kB, released by dcl_tariff_close().   Threads: an open table may be shared.
 * Source:  prices.c and tempo_days.c name theirs.
 */
dcl_status dcl_tariff_open(const char *path, dcl_tariff **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_tariff_close(dcl_tariff **tariff);

/** Price list i in order of kind, then date; NULL past the last. Lives as long as the tables. */
const dcl_price_list *dcl_tariff_list(const dcl_tariff *tariff, size_t i);
/** The list that a contract of that kind and power has on a day; NULL where none is known. */
const dcl_price_list *dcl_tariff_find(const dcl_tariff *tariff, dcl_tariff_kind kind, int subscribed_kva,
                                      int64_t day);
/**
 * The last list known for that kind and power; NULL where there is none. The lists compiled in end with the
 * last date their source covers: later energy is unpriced, unless the caller chooses
 * dcl_bill_options.list_day = this list's from_day and says so.
 */
const dcl_price_list *dcl_tariff_latest(const dcl_tariff *tariff, dcl_tariff_kind kind, int subscribed_kva);
/** The colour of the Tempo day that begins on `day` at 06:00. */
dcl_colour dcl_tariff_colour(const dcl_tariff *tariff, int64_t day);

/* ---------------------------------------------------------------- contract */

/** A daily window of off-peak hours, civil minutes [from_min, to_min) since 00:00; over midnight if from > to. */
typedef struct dcl_window {
    int16_t from_min, to_min;
} dcl_window;

enum { DCL_HOURS_WINDOWS = 8, DCL_HOURS_PERIODS = 16 };

/** The windows from a day on, until the next period. */
typedef struct dcl_hours_period {
    int64_t from_day; /* INT64_MIN = always before the next period */
    int n;
    dcl_window window[DCL_HOURS_WINDOWS];
} dcl_hours_period;

/**
 * Off-peak hours of a meter, with the dates they change. n = 0 = not known. From Nov 2025 to Oct 2027 11 M
 * meters move. A moment is off-peak when the clock on the wall shows a time inside a window of the period of
 * that day; so in the night of 25 hours a time shown twice counts twice. At 00:00 of a period's first day its
 * windows replace the old.
 */
typedef struct dcl_hours {
    int n;
    dcl_hours_period period[DCL_HOURS_PERIODS];
} dcl_hours;

/** 22:00-06:00. */
dcl_hours dcl_hours_default(void);
/**
 * Reads windows `HH:MM-HH:MM`, several joined by `,` (24:00 may end one), and periods joined by `;`, each
 * later one with the date it begins: "22:00-06:00,12:30-14:30" or
 * "22:30-06:30;2025-11-15=23:30-05:30,12:00-14:00". A first period with a date leaves the hours before it
 * unknown. Spaces around a part are fine.
 *
 * Errors:  DCL_E_FORMAT with the byte: not that form, an empty window, windows that overlap, dates out of
 *          order, more than DCL_HOURS_WINDOWS or DCL_HOURS_PERIODS (out unchanged)
 */
dcl_status dcl_hours_parse(const char *text, dcl_hours *out, dcl_error *error) DCL_MUST_USE;
/** Writes the form that dcl_hours_parse() reads. out [room]; cut to fit. Returns the full length. */
size_t dcl_hours_format(const dcl_hours *hours, char *out, size_t room);

/** A contract: what turns a curve into a bill. */
typedef struct dcl_contract {
    dcl_tariff_kind kind;
    int subscribed_kva; /* one of dcl_subscribed_kva() */
    dcl_hours hours;    /* of DCL_TARIFF_HC alone; Base has none, Tempo is off-peak 22:00-06:00 by law */
} dcl_contract;

/**
 * The price class of a moment under a contract, whether or not a list has its price; DCL_PRICE_CLASS_COUNT where the off-peak hours
 * or the colour of that day are not known.   Threads: reentrant.
 */
dcl_price_class dcl_price_class_at(const dcl_zone *zone, const dcl_tariff *tariff,
                                   const dcl_contract *contract, int64_t time_us);

/* ---------------------------------------------------------------- bill */

/** Start from {0}. */
typedef struct dcl_bill_options {
    bool one_list;    /* price everything with the list valid on list_day, as for old data: say so */
    int64_t list_day; /* colours stay those of the days themselves */
} dcl_bill_options;

/**
 * One month, or all. Amounts are sums of integers (energy in µJ, money in 1e-6 €), turned into kWh and € at
 * the end.
 * from_us, to_us         the part of the series' span in this month
 * covered_us             time that has a sample
 * energy_kwh             drawn over the covered time, priced or not: Σ class_kwh + unpriced_kwh
 * export_kwh             energy of negative samples, turned positive: shown apart, not netted
 * energy_cost_eur        of the priced energy
 * standing_cost_eur      annual / 12 a month, by the days of the span in partial months, covered or not
 * standing_unknown_days  days of the span without a price list, so without a standing charge
 * class_kwh, class_eur   by price class
 * unpriced_kwh           what could not be priced; unpriced_by_kwh by reason
 */
typedef struct dcl_bill_part {
    int year, month; /* 0, 0 in the total */
    int64_t from_us, to_us, covered_us;
    double energy_kwh, export_kwh;
    double energy_cost_eur, standing_cost_eur, standing_unknown_days;
    double class_kwh[DCL_PRICE_CLASS_COUNT], class_eur[DCL_PRICE_CLASS_COUNT];
    double unpriced_kwh, unpriced_by_kwh[DCL_UNPRICED_COUNT];
} dcl_bill_part;

/**
 * A bill, in the arena.
 * months [n_months]  each civil month that the series touches, in order
 * lists  [n_lists]   the price lists used, in order of date: copies, for the text of the assumptions
 */
typedef struct dcl_bill {
    dcl_contract contract;
    dcl_bill_part total;
    dcl_bill_part *months;
    size_t n_months;
    dcl_price_list *lists;
    size_t n_lists;
} dcl_bill;

/**
 * Prices a power series under a contract, in civil time of the context's zone.
 *
 * power    [n]  W, NaN = missing, any period up to 31 days and any alignment; |power| <= 1 MW. A slot over a
 *               change of price is split by time.
 * options       NULL = {0}
 * out           months and lists live in the arena
 *
 * Errors:  DCL_E_ARG       a power that is not sold, an unknown kind, hours out of range, no zone, a sample
 *                          beyond 1 MW, a period or span out of range, one_list without a list on that day
 *          DCL_E_MEMORY    the arena is full
 *          DCL_E_CANCELLED the caller asked to stop
 * Memory:  some 100 bytes a month and a list, in the arena.   Threads: reentrant.
 * Cost:    O(n), some 2 ns a sample. Same input, same bytes: every sum is of integers.
 * Source:  docs/tariff-file.md.
 */
dcl_status dcl_bill_make(const dcl_context *context, const dcl_tariff *tariff, const dcl_contract *contract,
                         const dcl_series *power, const dcl_bill_options *options, dcl_arena *arena,
                         dcl_bill *out, dcl_error *error) DCL_MUST_USE;

#endif
