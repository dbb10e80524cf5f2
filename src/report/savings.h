/* What the judges of savings share: the last year of the home on a plain grid, what it costs, and how numbers become a range. */
#ifndef DCL_REPORT_SAVINGS_H
#define DCL_REPORT_SAVINGS_H

#include "base/text.h"
#include "report/report.h"

/** A rise that lasts, slots [first, last) of the load: the level before it and its own above that, W. */
typedef struct dcl_lump {
    size_t first, last;
    double base_w, level_w;
} dcl_lump;

/**
 * load        power of the last 365 days, means over 10 min or over the series' longer step
 * to_year     from what the load's covered time holds to a year
 * year        it covers 330 days and most of a winter
 * step_us     how far apart what the series knows is
 * list        price lists in force at the end of the data, by kind; NULL = none
 * lump        [n_lumps] of the water heater, where it was found; level_w the usual one
 * moved       [n_moved] of machines and vehicles
 */
typedef struct dcl_saver {
    const dcl_draft *draft;
    dcl_series load;
    double to_year, hours; /* covered hours of the load */
    bool year, tariff_known, hours_known, power_known;
    int64_t step_us;
    const dcl_price_list *list[DCL_TARIFF_KIND_COUNT];
    dcl_lump *lump, *moved;
    size_t n_lumps, n_moved;
    int lump_minute;
} dcl_saver;

/** Whole days below which nothing is judged. */
enum { DCL_SAVER_DAYS = 14 };

/** The advice of a kind, ready to be filled: no number yet. */
dcl_advice *dcl_saver_advice(dcl_saver *s, dcl_advice_kind kind);
/** Ends an advice without numbers. */
void dcl_saver_without(dcl_saver *s, dcl_advice_kind kind, dcl_advice_why why);
/** Ends one with them: rounds, and drops it where it is a few euros or too wide to be told. */
void dcl_saver_give(dcl_saver *s, dcl_advice *advice);
/** W all year round as kWh, and what a kWh of it costs, €; NaN without a list. */
static inline double dcl_saver_flat_kwh(double watt) {
    return watt * 8.76;
}
double dcl_saver_flat_price(const dcl_saver *s);

/** What a year of the load costs under a contract, standing charge included; NaN where it cannot be priced. watt [load.n]; hours NULL =
 *  the home's. */
dcl_status dcl_saver_bill(const dcl_saver *s, float *watt, dcl_tariff_kind kind, int kva,
                          const dcl_hours *hours, double *eur) DCL_MUST_USE;
/** A copy of the load to change. NULL without memory. */
float *dcl_saver_copy(const dcl_saver *s);

/* The judges, in this order. Each fills its advices; DCL_E_MEMORY, DCL_E_CANCELLED or DCL_OK. */
dcl_status dcl_save_floor(dcl_saver *s) DCL_MUST_USE;
dcl_status dcl_save_cold(dcl_saver *s) DCL_MUST_USE;
dcl_status dcl_save_hours(dcl_saver *s) DCL_MUST_USE;
dcl_status dcl_save_tariff(dcl_saver *s) DCL_MUST_USE;
dcl_status dcl_save_power(dcl_saver *s) DCL_MUST_USE;
dcl_status dcl_save_comfort(dcl_saver *s) DCL_MUST_USE;

/** Moves lumps to where off-peak hours of `kind` begin. */
void dcl_saver_move(const dcl_saver *s, const dcl_lump *lump, size_t n, dcl_tariff_kind kind, float *watt);
/** Civil minute at which the longest off-peak window begins: the home's, or Tempo's. */
int dcl_saver_off_peak_minute(const dcl_saver *s, dcl_tariff_kind kind);
/** Takes so many kWh a year out of the months in which rooms are heated, of what lies above the floor. */
void dcl_saver_cool(const dcl_saver *s, double kwh_a_year, float *watt);

/** What stands under "advice" and the keys that go with it. */
void dcl_savings_json(dcl_json_writer *json, const dcl_savings *savings);

#endif
