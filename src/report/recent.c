#include "base/names.h"
#include "base/order.h"
#include "report/report.h"

#include <math.h>

/* The last month against others: whole days, their means, and what the difference is made of. */

DCL_DEFINE_TEXT(dcl_reason_name(dcl_reason id), DCL_REASON_COUNT, DCL_REASON_TABLE, DCL_SECOND_OF_2)

enum { LEAST_DAYS = 7, PARTS = 4, SLOTS_A_PART = DCL_REPORT_SLOTS / PARTS };

/* A reason explains at least so much of the difference. */
static const double EXPLAINS = 0.4;
/* A day below this share of the usual one was an empty one; so many more of them a month are told. */
static const double EMPTY_SHARE = 0.45, EMPTY_RATE = 0.1;

/* ---------------------------------------------------------------- a stretch of days */

static const dcl_report_day *day_at(const dcl_report *r, int64_t day) {
    int64_t i = day - r->days[0].day;
    return i >= 0 && i < (int64_t)r->n_days && dcl_report_full(&r->days[i]) ? &r->days[i] : NULL;
}

/* A day with a gap counts as if the gap had been like the rest of it. */
static double whole_kwh(const dcl_report_day *day) {
    return day->energy_kwh * (double)(day->end_us - day->start_us) / (double)day->covered_us;
}

static dcl_report_stretch count_days(const dcl_report *r, int64_t from_day, int64_t to_day) {
    dcl_report_stretch out = {.from_day = from_day, .to_day = to_day, .energy_eur = NAN, .standing_eur = NAN};
    double sum = 0, square = 0;
    for (int64_t at = from_day; at < to_day; at++) {
        int64_t i = at - r->days[0].day;
        if (i >= 0 && i < (int64_t)r->n_days) out.kwh += r->days[i].energy_kwh;
        const dcl_report_day *day = day_at(r, at);
        if (!day) continue;
        double kwh = whole_kwh(day);
        sum += kwh;
        square += kwh * kwh;
        out.days++;
    }
    double n = out.days;
    out.day_kwh = n > 0 ? sum / n : NAN;
    out.day_sd_kwh = n > 1 ? sqrt(fmax(0, (square - sum * sum / n) / (n - 1))) : NAN;
    return out;
}

static dcl_status price(const dcl_draft *d, dcl_report_stretch *stretch) {
    int64_t from_us = dcl_zone_day_start(d->context->zone, stretch->from_day);
    int64_t to_us = dcl_zone_day_start(d->context->zone, stretch->to_day);
    return dcl_report_price_part(d, from_us, to_us, &stretch->energy_eur, &stretch->standing_eur);
}

/* ---------------------------------------------------------------- reasons */

static int empty_days(const dcl_report *r, const dcl_report_stretch *s, double below_kwh) {
    int n = 0;
    for (int64_t at = s->from_day; at < s->to_day; at++) {
        const dcl_report_day *day = day_at(r, at);
        n += day && whole_kwh(day) < below_kwh;
    }
    return n;
}

/* The median day of both stretches, kWh, or the median of the lowest hour of each day, W. */
static double median_of(const dcl_report *r, const dcl_report_stretch *s, size_t n_stretches, bool quiet) {
    float values[124];
    size_t n = 0;
    for (size_t k = 0; k < n_stretches; k++)
        for (int64_t at = s[k].from_day; at < s[k].to_day && n < 124; at++) {
            const dcl_report_day *day = day_at(r, at);
            if (!day || (quiet && isnan(day->quiet_hour_w))) continue;
            values[n++] = quiet ? day->quiet_hour_w : (float)whole_kwh(day);
        }
    dcl_sort_f32(values, n);
    return dcl_quantile_f32(values, n, 0.5);
}

/* Mean power of a quarter of the day, W. */
static double part_w(const dcl_report *r, const dcl_report_stretch *s, int part) {
    double sum = 0, n = 0;
    for (int64_t at = s->from_day; at < s->to_day; at++) {
        const dcl_report_day *day = day_at(r, at);
        for (int i = part * SLOTS_A_PART; day && i < (part + 1) * SLOTS_A_PART; i++) {
            if (isnan(day->half_hour_w[i])) continue;
            sum += (double)day->half_hour_w[i];
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

/* Heating rises from September to January and falls from February to July; cooling the other way round. */
static bool season_turns(const dcl_report *r, const dcl_report_stretch *now, bool more) {
    int month = dcl_date_from_days(now->from_day).month;
    bool colder = month >= 9 || month == 1, milder = month >= 2 && month <= 7;
    const dcl_use *heating = &r->uses.use[DCL_USE_HEATING], *cooling = &r->uses.use[DCL_USE_COOLING];
    bool warmer = month >= 5 && month <= 7, cooler = month >= 9 && month <= 11;
    if (!r->has_uses) return false;
    if (!heating->why && heating->kwh > 0 && (more ? colder : milder)) return true;
    return !cooling->why && cooling->kwh > 0 && (more ? warmer : cooler);
}

/* Heaters that run through the night lift the quietest hour too: then it tells nothing of what never stops. */
static bool heats(const dcl_report *r, const dcl_report_stretch *now) {
    int month = dcl_date_from_days(now->from_day).month;
    return r->has_uses && !r->uses.use[DCL_USE_HEATING].why && (month >= 10 || month <= 4);
}

static bool by_empty_days(const dcl_report *r, const dcl_report_stretch s[2], dcl_report_then *out) {
    double below = EMPTY_SHARE * median_of(r, s, 2, false);
    int was = empty_days(r, &s[1], below), is = empty_days(r, &s[0], below);
    double rate = (double)is / s[0].days - (double)was / s[1].days;
    if (fabs(rate) < EMPTY_RATE || (rate > 0) == (out->kwh_more > 0)) return false;
    out->was = was;
    out->is = is;
    /* The other days of both stretches as they are: what is left is theirs. */
    double usual = median_of(r, s, 2, false), empty = below / 2;
    out->share = -rate * s[0].days * (usual - empty) / out->kwh_more;
    out->share = fmin(out->share, 1);
    return out->share >= EXPLAINS;
}

static bool by_floor(const dcl_report *r, const dcl_report_stretch s[2], dcl_report_then *out) {
    out->was = median_of(r, &s[1], 1, true);
    out->is = median_of(r, &s[0], 1, true);
    out->share = (out->is - out->was) * 0.024 / (s[0].day_kwh - s[1].day_kwh);
    return out->share >= EXPLAINS && out->share <= 1.3;
}

static bool by_part(const dcl_report *r, const dcl_report_stretch s[2], dcl_report_then *out) {
    double day = 0, best = 0;
    for (int part = 0; part < PARTS; part++) {
        double was = part_w(r, &s[1], part), is = part_w(r, &s[0], part), more = is - was;
        day += more;
        if (isnan(more) || more * out->kwh_more <= 0 || fabs(more) <= best) continue;
        best = fabs(more);
        out->part = part;
        out->was = was;
        out->is = is;
    }
    out->share = best / fabs(day);
    return out->share >= EXPLAINS;
}

static void find_reason(const dcl_draft *d, bool month_before, dcl_report_then *out) {
    const dcl_report *r = d->report;
    const dcl_report_stretch s[2] = {r->recent.now, out->then};
    if (!out->clear) return;
    if (by_empty_days(r, s, out))
        out->reason = DCL_REASON_EMPTY_DAYS;
    else if (month_before && season_turns(r, &s[0], out->kwh_more > 0))
        out->reason = DCL_REASON_SEASON;
    else if (!heats(r, &s[0]) && by_floor(r, s, out))
        out->reason = DCL_REASON_ALWAYS_ON;
    else if (by_part(r, s, out))
        out->reason = DCL_REASON_PART_OF_DAY;
    if (out->reason == DCL_REASON_NONE || out->reason == DCL_REASON_SEASON)
        out->was = out->is = out->share = NAN;
    if (out->share > 1) out->share = 1;
}

/* ---------------------------------------------------------------- comparing */

static dcl_status compare(const dcl_draft *d, int64_t from_day, int64_t to_day, bool month_before,
                          dcl_report_then *out) {
    const dcl_report_stretch *now = &d->report->recent.now;
    *out = (dcl_report_then){
        .then = count_days(d->report, from_day, to_day), .part = -1, .was = NAN, .is = NAN, .share = NAN};
    const dcl_report_stretch *then = &out->then;
    double length = (double)(now->to_day - now->from_day);
    out->known = then->days >= LEAST_DAYS && then->days >= 0.8 * (double)(to_day - from_day);
    if (!out->known) return DCL_OK;
    dcl_status status = price(d, &out->then);
    if (status) return status;
    double more = now->day_kwh - then->day_kwh;
    double chance = 2 * sqrt(now->day_sd_kwh * now->day_sd_kwh / now->days +
                             then->day_sd_kwh * then->day_sd_kwh / then->days);
    out->clear = fabs(more) > chance && fabs(more) > 0.05 * then->day_kwh;
    out->kwh_more = more * length;
    double was = then->energy_eur / then->kwh, is = now->energy_eur / now->kwh;
    out->eur_by_kwh = more * length * was;
    out->eur_by_price = now->day_kwh * length * (is - was);
    out->eur_more = out->eur_by_kwh + out->eur_by_price;
    find_reason(d, month_before, out);
    return DCL_OK;
}

/* month 0 = December of the year before, 13 = January of the next. */
static int64_t month_start(int year, int month) {
    int months = year * 12 + month - 1;
    return dcl_days_from_date(months / 12, months % 12 + 1, 1);
}

/* The last month with enough whole days, as far as readings go. */
static bool find_month(dcl_report *r) {
    dcl_report_recent *recent = &r->recent;
    size_t last = r->n_days;
    while (last > 0 && !dcl_report_full(&r->days[last - 1])) last--;
    if (!last) return false;
    int64_t end = r->days[last - 1].day + 1;
    dcl_civil date = dcl_date_from_days(end - 1);
    for (int back = 0; back < 12; back++) {
        int64_t from = month_start(date.year, date.month), next = month_start(date.year, date.month + 1);
        recent->now = count_days(r, from, next < end ? next : end);
        recent->whole = next <= end;
        recent->known = recent->now.days >= LEAST_DAYS;
        if (recent->known || from <= r->days[0].day) return recent->known;
        date = dcl_date_from_days(from - 1);
    }
    return false;
}

dcl_status dcl_report_look_back(const dcl_draft *d) {
    dcl_report *report = d->report;
    dcl_report_recent *recent = &report->recent;
    *recent = (dcl_report_recent){0};
    if (!find_month(report)) return DCL_OK;
    dcl_status status = price(d, &recent->now);
    if (status) return status;
    dcl_civil date = dcl_date_from_days(recent->now.from_day);
    int64_t length = recent->now.to_day - recent->now.from_day;
    int64_t before = month_start(date.year, date.month - 1), before_end = before + length;
    if (recent->whole || before_end > recent->now.from_day) before_end = recent->now.from_day;
    int64_t ago = month_start(date.year - 1, date.month), ago_end = ago + length;
    int64_t ago_next = month_start(date.year - 1, date.month + 1);
    if (recent->whole || ago_end > ago_next) ago_end = ago_next;
    status = compare(d, before, before_end, true, &recent->before);
    return status ? status : compare(d, ago, ago_end, false, &recent->year_ago);
}
