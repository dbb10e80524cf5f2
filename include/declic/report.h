/**
 * Report: what a person reads about a home. First the numbers, then the same numbers as JSON and as one page.
 *
 * Nothing here is extrapolated but what could be saved, which is a range a year: energies and costs are those of the time that
 * has data, and each says how much that was. A yearly cost is given only where a year is covered. What is not known stays visible
 * as not known.
 */
#ifndef DECLIC_REPORT_H
#define DECLIC_REPORT_H

#include <declic/appliance.h>
#include <declic/appliance_types.h>
#include <declic/event.h>
#include <declic/forecast.h>
#include <declic/household_similar.h>
#include <declic/report_ahead.h>
#include <declic/report_recent.h>
#include <declic/report_savings.h>
#include <declic/tariff.h>

/** Languages of the page. */
typedef enum dcl_lang { DCL_LANG_FR, DCL_LANG_EN } dcl_lang;

/** What the caller knows besides the data. Start from dcl_report_defaults(). */
typedef struct dcl_report_options {
    dcl_tariff_kind tariff;   /* what the home is billed by; DCL_TARIFF_KIND_COUNT = not known */
    int subscribed_kva;       /* one of dcl_subscribed_kva(); 0 = as in the input, else assumed and said */
    dcl_hours hours;          /* off-peak hours of this meter; n = 0: 22:00-06:00 assumed and said */
    const dcl_tariff *tables; /* prices and colours, never NULL; must outlive the report */
    const dcl_cycles *cycles; /* of this home, to mark; NULL = not looked for */
    const dcl_uses
        *uses; /* of this home, found before, so that its cycles are named; NULL = not looked for */
    const char *const *own;     /* [cycles->n] names of cycles that are no kind of appliance; NULL = none */
    const dcl_unknown *unknown; /* [n_unknown] loads that come again and have no name */
    size_t n_unknown;
    const char *
        label; /* what the home is called, plain text; NULL = nothing. Never a meter's address. Outlives the report */
    const dcl_forecast_model *forecast; /* of the horizon day; NULL = a plain rule */
    const dcl_similar *similar;         /* real homes to compare with; NULL = none */
} dcl_report_options;

/** Nothing known: no tariff, power as in the input, hours assumed, no tables (set them), no cycles, no uses. */
dcl_report_options dcl_report_defaults(void);

/* ---------------------------------------------------------------- the numbers */

enum { DCL_REPORT_SLOTS = 48 };

/**
 * One civil day. Half hours are those of the clock on the wall: on a day of 25 hours the one shown twice is the mean of
 * both, on a day of 23 hours the one that never was is NaN.
 * quiet_w       lowest mean over a minute (or over one sample, where they are longer), W; NaN below 80 % coverage
 * quiet_hour_w  lowest mean over 60 minutes from a full hour since midnight, W; NaN as above
 */
typedef struct dcl_report_day {
    int64_t day, start_us, end_us; /* days since 1970-01-01; the day's first and last moment */
    int64_t covered_us;
    double energy_kwh;
    float quiet_w, quiet_hour_w;
    float half_hour_w[DCL_REPORT_SLOTS]; /* mean W; NaN below half coverage */
} dcl_report_day;

/** One civil month. Costs are NaN where more than 2 % of its energy has no price. */
typedef struct dcl_report_month {
    int year, month;
    double coverage; /* covered part of the whole month, 0-1 */
    double energy_kwh, energy_cost_eur, standing_cost_eur;
} dcl_report_month;

/** Working days (Monday-Friday) or weekends: what half an hour of such a day looks like. */
typedef struct dcl_report_typical {
    int days;       /* with at least 80 % coverage; below 1 all values are NaN */
    double day_kwh; /* mean energy of such a day */
    float mean_w[DCL_REPORT_SLOTS];
    float low_w[DCL_REPORT_SLOTS], high_w[DCL_REPORT_SLOTS]; /* quartiles over the days; NaN below 4 days */
} dcl_report_typical;

/** Why a stretch of the load curve is shown. */
typedef enum dcl_report_why {
    DCL_WHY_WEEK,    /* the last seven days */
    DCL_WHY_WHOLE,   /* the span is so short that all of it is shown */
    DCL_WHY_HIGHEST, /* the day of most energy */
    DCL_WHY_MIDDLE,  /* the day of median energy */
    DCL_WHY_LOWEST   /* the day of least energy */
} dcl_report_why;

/**
 * A stretch of the load curve, reduced for drawing: mean, lowest and highest sample of each bin, W, NaN = missing.
 * price_class [n]    what the first moment of each bin is billed as under cost_tariff, a dcl_price_class; the count = not known
 * cycles [n_cycles]  those that touch it, in order of start
 * own    [n_cycles]  their names that are no kind of appliance; NULL = none
 * label  [n_cycles]  1, 2, … in order of start for the few of most energy that start in it; 0 = not labelled; in a week
 *                    they begin half a day apart
 */
typedef struct dcl_report_curve {
    dcl_report_why why;
    int64_t day, start_us, end_us, bin_us;
    double energy_kwh;
    size_t n;
    float *mean_w, *low_w, *high_w;
    uint8_t *price_class;
    dcl_cycle *cycles;
    const char **own;
    int *label;
    size_t n_cycles;
} dcl_report_curve;

enum { DCL_REPORT_UNKNOWNS = 6, DCL_REPORT_CHANGES = 4 };

/**
 * A load that comes again and that somebody who lives there could name: by its power (300 W and more) or by the time of the day.
 * number, part  as in dcl_unknown; part -1 = at any time
 * mean_w, on_s  of its middle cycle; energy_kwh of all `count` of them
 */
typedef struct dcl_report_unknown {
    uint32_t number, count;
    int part;
    double mean_w, on_s, energy_kwh;
} dcl_report_unknown;

/**
 * A load whose share of the time on changed over the span: a compressor that works ever harder, or less.
 * appliance       UNKNOWN = a load at a regular distance without a name
 * first, last     share of the time on at the first and at the last of its days, by a line through the days, 0 … 1
 * low, high       what last - first lies between in some nineteen cases of twenty
 * days            days the line goes through, 14 at least
 */
typedef struct dcl_report_change {
    dcl_appliance appliance;
    double mean_w, first, last, low, high;
    int days;
} dcl_report_change;

/**
 * What is always on, as a range that contains cold appliances.
 * low_w, high_w  25 % quantiles over the days of quiet_w and quiet_hour_w: on a quarter of the days even an hour needed no more
 * calm_w         75 % quantile of quiet_hour_w: the quietest hour of most days, where heating may run
 * kwh_year_low/high = W × 8.76 h;   eur_year_low/high = that × price_eur_kwh
 * All but calm_w NaN, and days 0, where panels feed energy out by day: the meter does not show then what is on. All NaN when no day
 * is covered to 80 %.
 */
typedef struct dcl_report_always_on {
    double low_w, high_w, calm_w;
    int days;
    double kwh_year_low, kwh_year_high;
    double price_eur_kwh; /* mean of the tariff over the hours of a year; NaN = no list */
    int64_t list_day;     /* from_day of the list that price comes from */
    double eur_year_low, eur_year_high;
} dcl_report_always_on;

/** Where peaks come from. */
typedef enum dcl_peaks_source {
    DCL_PEAKS_NONE,     /* no apparent power */
    DCL_PEAKS_TOO_SLOW, /* apparent power, but as means of more than 10 s: peaks would be understated */
    DCL_PEAKS_METER,    /* maxima that the meter itself measured */
    DCL_PEAKS_READ      /* apparent power read at least every 10 s */
} dcl_peaks_source;

enum { DCL_REPORT_PEAKS = 5 };

/** top [n_top]  the highest daily maxima, highest first;  daily [n_daily]  one maximum a civil day, in order */
typedef struct dcl_report_peaks {
    dcl_peaks_source source;
    int64_t step_us; /* how far apart the readings of apparent power are; 0 = there are none */
    dcl_va_maximum top[DCL_REPORT_PEAKS];
    size_t n_top;
    dcl_va_maximum *daily;
    size_t n_daily;
    int days_over; /* days whose maximum is above the subscribed power; 0 where that is not known */
} dcl_report_peaks;

/**
 * The same consumption under one tariff, over compare_from_us … compare_to_us.
 * Amounts are NaN where more than 2 % of the energy has no price; `reason` then says why (else DCL_UNPRICED_COUNT).
 * eur_per_year is NaN unless the last 365 days (or all, if fewer) cover 330 days and 4/5 of a winter (Dec-Feb).
 */
typedef struct dcl_report_tariff {
    dcl_tariff_kind kind;
    double eur_span, energy_eur, standing_eur, eur_per_year;
    dcl_unpriced reason;
    bool has_lists;
    int64_t first_list_day, last_list_day; /* from_day of the first and last price list used */
    bool standing_confirmed;
} dcl_report_tariff;

/** A load that starts at about the same time of most days. Energies over all cycles seen. */
typedef struct dcl_report_night_load {
    bool found;
    int minute, days_seen, days; /* usual civil start; days on which one starts then, of how many */
    double kwh, mean_w;
    int64_t mean_us; /* length of a cycle */
} dcl_report_night_load;

/** What the page must say it cannot show or had to assume: id, name in JSON. */
#define DCL_LIMIT_TABLE(X)                                                                                   \
    X(SIMULATED, "simulated")                                                                                \
    X(SUM_OF_PLUGS, "sum_of_plugs")                                                                          \
    X(POWER_FROM_INDEX, "power_from_index")                                                                  \
    X(GAPS, "gaps")                     /* less than 98 % covered */                                         \
    X(COARSE, "coarse")                 /* readings 5 min apart or more */                                   \
    X(NO_APPLIANCES, "no_appliances")   /* uses were not looked for */                                       \
    X(USES_ESTIMATED, "uses_estimated") /* uses are read from the shape of the curve, not measured */        \
    X(FLOOR_HAS_COLD, "floor_has_cold") /* always-on contains cold appliances, not told apart */             \
    X(FEW_DAYS, "few_days")             /* fewer than 14 covered days */                                     \
    X(NO_YEAR, "no_year")               /* no yearly cost */                                                 \
    X(NO_PEAKS, "no_peaks")             /* no VA maxima */                                                   \
    X(TARIFF_ASSUMED, "tariff_assumed")                                                                      \
    X(POWER_ASSUMED, "power_assumed")                                                                        \
    X(HOURS_ASSUMED, "hours_assumed")                                                                        \
    X(OTHER_PRICES, "other_prices")   /* priced with a list of another time */                               \
    X(PART_COMPARED, "part_compared") /* price lists for part of the span only */                            \
    X(NO_COLOURS, "no_colours")       /* Tempo colours of these days not known */                            \
    X(STANDING_UNCONFIRMED, "standing_unconfirmed")                                                          \
    X(OWN_SOLAR_UNSEEN,                                                                                      \
      "own_solar_unseen") /* exports seen; what the home used of its own production is not */

typedef enum dcl_limit {
#define DCL_X(id, name) DCL_LIMIT_##id,
    DCL_LIMIT_TABLE(DCL_X)
#undef DCL_X
        DCL_LIMIT_COUNT
} dcl_limit;

/** The name of a limit ("no_year"); NULL for a number that is none. */
const char *dcl_limit_name(dcl_limit limit);

/**
 * All numbers of a report, in the arena it was made in.
 * coverage      covered_us / (to_us - from_us)
 * days [n_days] each civil day that the span touches, in order
 * months, curves, tariffs: likewise; tariffs in the order of dcl_tariff_kind
 */
typedef struct dcl_report {
    const char *label; /* what the home is called; NULL = nothing */
    int64_t from_us, to_us, covered_us, period_us, reading_us;
    double coverage, energy_kwh, export_kwh;   /* export NaN = the input has no export */
    double energy_cost_eur, standing_cost_eur; /* under cost_tariff; NaN where over 2 % has no price */
    dcl_report_day *days;
    size_t n_days, full_days; /* full: covered to at least 80 % */
    dcl_report_month *months;
    size_t n_months;
    dcl_report_typical typical[2]; /* working days, weekends */
    dcl_report_curve *curves;
    size_t n_curves;
    const dcl_report_curve *
        week; /* the seven days up to the last full one, as far as there are any; NULL = WHY_WHOLE shows all */
    dcl_report_always_on always_on;
    dcl_report_night_load night_load;
    dcl_report_unknown unknown[DCL_REPORT_UNKNOWNS]; /* by energy, the largest first */
    size_t n_unknown;
    dcl_report_change change[DCL_REPORT_CHANGES];
    size_t n_changes;
    bool has_uses; /* whether uses holds anything */
    dcl_uses uses;
    dcl_report_peaks peaks;
    dcl_report_tariff tariffs[DCL_TARIFF_KIND_COUNT];
    int64_t compare_from_us, compare_to_us;
    dcl_tariff_kind cost_tariff; /* of the months' costs: the one given, else Base */
    int subscribed_kva;
    double input_kva; /* what the meter said; NaN = nothing */
    dcl_hours hours;
    dcl_savings savings;
    dcl_report_recent recent;
    dcl_report_ahead ahead;
    dcl_similar_home similar;
    int64_t similar_from_us, similar_to_us; /* what was read of them */
    bool one_list; /* all priced with the latest lists: the data's own dates have none */
    int64_t priced_from_day,
        priced_to_day; /* days of the span, from the first to after the last that has prices (and a colour) */
    bool cycles_looked_for;
    uint32_t limits; /* bits 1 << dcl_limit */
    uint32_t notes;  /* of the home: bits 1 << dcl_note */
    uint64_t readings;
    dcl_excluded excluded[DCL_EXCLUSION_COUNT]; /* of the home */
} dcl_report;

/**
 * Computes the numbers of a report, in civil time of the context's zone.
 *
 * home  needs power_w; apparent_va, export_w, va_maxima, subscribed_kva, notes and excluded are used where there
 *
 * Errors:  DCL_E_NO_DATA no power_w, or nothing but missing values; DCL_E_ARG no tables, or a subscribed power that
 *          is not sold; DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  in the arena, some 300 bytes a day, 4 kB a curve and 13 kB for the week.   Threads: reentrant.
 * Cost:    O(n), some 10 ns a sample; same input, same bytes.
 */
dcl_status dcl_report_make(const dcl_context *context, const dcl_home *home,
                           const dcl_report_options *options, dcl_arena *arena, dcl_report *out,
                           dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- what is written */

/**
 * The numbers as one JSON object, UTF-8, with a final newline. Unknown numbers are null. Keys that never change:
 *   span {from, to, coverage}   UTC times; share of the span with data
 *   energy_kwh   also energy_cost_eur, standing_cost_eur: under assumptions.cost_tariff
 *   months [{month, energy_kwh, energy_cost_eur, standing_cost_eur}]   month as "2025-01"; also coverage
 *   always_on_w {low, high}
 *   tariffs [{name, eur_span, eur_per_year}]   also energy_eur, standing_eur, prices_from [dates], unpriced_reason
 *   uses [{name, kwh, kwh_low, kwh_high, share}]   names of dcl_use_kind: those known, not_identified always and last;
 *        also confidence, days, cycles, from (name of dcl_use_from)
 *   advice [{id, kwh_per_year, eur_low, eur_high, confidence}]   best first, names of dcl_advice_kind; the rest of dcl_advice likewise:
 *        kwh_low, kwh_high, costs_comfort, days, cycles, now, usual_low, usual_high, worked_before, worked_now, starts,
 *        could_start, tariff, kva, since
 * and added:
 *   recent {from, to, whole, days, energy_kwh, day_kwh, energy_cost_eur, standing_cost_eur, month_before, year_before}   the last month,
 *        or null; each of the two {from, to, days, day_kwh, clear, kwh_more, eur_more, eur_by_kwh, eur_by_price, reason, part, was, is,
 *        share} or null where it is not known: dcl_report_then
 *   ahead {from, why, start, issued, compared, inside, days, learned_later, day {kwh, kwh_low, kwh_high, came_kwh, over}, next {kwh, kwh_low, kwh_high},
 *        points [{time_utc, expected_w, low_w, high_w, came_w}]}   dcl_report_ahead; points empty where nobody forecasts
 *   similar {why, homes, cluster, traits [{name, unit, home, low, median, high}]}   names of dcl_similar_why and dcl_trait; quartiles of the
 *        homes of its cluster; traits empty and cluster null where there is no comparison
 *   advice_none [{id, why}]   what was judged without result, or not: names of dcl_advice_why
 *   advice_together {eur_low, eur_high, bill_eur, prices_from}   all of it at once; the year as it is
 *   uses_unknown [{name, why}]   uses without a number; names of dcl_use_kind and dcl_use_why
 *   export_kwh, reading_s, period_s, readings, days {touched, full}
 *   typical_day {workday, weekend} {days, day_kwh, half_hour_w [48]}
 *   always_on {days, kwh_year_low, kwh_year_high, price_eur_kwh, eur_year_low, eur_year_high}
 *   night_load {starts, days_seen, days, kwh, mean_w, mean_s} or null
 *   peaks {source, subscribed_kva, days_over, top [{time, va}]}   source "meter", "read", "none" or "too_slow"
 *   telling_days [{why, date, energy_kwh, cycles [{start_utc, end_utc, energy_wh, mean_w, power_factor, label,
 *                  appliance, confidence}]}]   confidence null while appliance is "unknown"; also start_utc, step_s, mean_w [n], low_w [n],
 *                  high_w [n] and price_classes [{from_utc, class}]: the curve as it is drawn; dcl_price_class_name()
 *   week         the same of the last seven days, date that of the first; or null
 *   unknowns [{unknown, mean_w, on_s, count, energy_kwh, part}]   part "mornings" … "nights" or null
 *   changes [{appliance, mean_w, share_first, share_last, change_low, change_high, days}]
 *   assumptions {cost_tariff, tariff_given, subscribed_kva, off_peak_hours, one_price_list, compared {from, to}, priced {from, to}}
 *   notes [names of dcl_note], limits [names of dcl_limit], excluded {name: count}
 *
 * *json [*n] lives in the arena, NUL-terminated.   Errors: DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_report_json(const dcl_report *report, dcl_arena *arena, const char **json, size_t *n,
                           dcl_error *error) DCL_MUST_USE;

/**
 * The page: one HTML document, UTF-8, with its pictures, its style and one script inside, which it allows by its hash and can do without; no
 * request to anywhere. Readable from 320 px, on paper (A4), light and dark. The meter's address is never in it.
 *
 * *html [*n] lives in the arena, NUL-terminated; below 500 kB whatever the span.
 * Errors:  DCL_E_ARG an unknown language; DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_report_html(const dcl_context *context, const dcl_report *report, dcl_lang lang,
                           dcl_arena *arena, const char **html, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
