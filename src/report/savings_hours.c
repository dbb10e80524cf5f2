#include "base/order.h"
#include "report/savings.h"
#include "tariff/hours.h"

#include <math.h>
#include <string.h>

/* Loads that could run when energy is cheaper: the water heater, found by its own habit at any hour, and the cycles of machines and vehicles
 * that came with a name. Moving them is simulated on the curve and billed. */

/* A heater's rise, W, its length, h, and what a day's heating takes at least, kWh. */
static const double RISE_W = 900, LEAST_H = 0.4, LONGEST_H = 8, LEAST_KWH = 0.6;
/* A tank's losses and one person's hot water come to more than this, kWh a year. */
static const double TANK_LEAST_KWH = 600;
/* On so many of the days at nearly one minute, with nearly one power, at least so many blocks. */
static const double DAYS_SHARE = 0.4, LEVEL_ALIKE = 0.15, ALIKE_SHARE = 0.6;
/* A block of more than its usual power has another load on top of it. */
static const double JOINED = 1.15, HIDDEN_RISE = 0.6;
/* How unsure the part of the curve that is moved is: where a year is seen, and where part of one stands for it. More of it is missed
 * than taken from others: the high end is twice as far. */
static const double UNSURE_YEAR = 0.12, UNSURE_PART = 0.25, MISSED_MOST = 1.7;
/* Names at least so sure; not all of a machine's runs can be put off, from so much of them on to all. */
static const float SURE = 0.5f;
static const double MOVED_LEAST = 0.5;
enum { BINS_MOST = 144, BEFORE_MOST = 8 };

static int minute_of(const dcl_saver *s, int64_t time_us) {
    dcl_civil civil = dcl_zone_civil(s->draft->context->zone, time_us);
    return civil.hour * 60 + civil.minute;
}

static int64_t slot_us(const dcl_saver *s, size_t i) {
    return s->load.start_us + (int64_t)i * s->load.period_us;
}

/* ---------------------------------------------------------------- blocks */

/* What was on before a block: the least but one of the half hour before, so that a kettle then does not hide it. */
static double base_before(const dcl_saver *s, size_t i) {
    float near[BEFORE_MOST];
    size_t n = 0, reach = (size_t)(DCL_HOUR_US / 2 / s->load.period_us);
    if (reach < 1) reach = 1;
    for (size_t k = i > reach ? i - reach : 0; k < i && n < BEFORE_MOST; k++)
        if (!isnan(s->load.value[k])) near[n++] = s->load.value[k];
    dcl_sort_f32(near, n);
    return n ? (double)near[n > 2 ? 1 : 0] : NAN;
}

/* The level that holds through the middle of a block, above its base. */
static double held_level(const dcl_saver *s, const dcl_lump *lump, float *scratch) {
    size_t n = 0;
    for (size_t k = lump->first + 1; k + 1 < lump->last; k++) scratch[n++] = s->load.value[k];
    if (!n) return lump->level_w;
    dcl_sort_f32(scratch, n);
    return dcl_quantile_f32(scratch, n, 0.4) - lump->base_w;
}

/* The block that begins in slot i >= 1; last = first where none does. */
static dcl_lump lump_at(const dcl_saver *s, size_t i, float *scratch) {
    const float *w = s->load.value;
    double slot_h = (double)s->load.period_us / (double)DCL_HOUR_US, kwh = 0;
    dcl_lump none = {i, i, 0, 0}, out = {.first = i, .base_w = base_before(s, i)};
    double top = fmax((double)w[i], (double)w[i + 1]);
    size_t longest = (size_t)(LONGEST_H / slot_h) + 1;
    out.level_w = top - out.base_w;
    if (!(out.level_w >= RISE_W) || !((double)w[i] - out.base_w >= 0.1 * out.level_w)) return none;
    if (!(top - (double)w[i - 1] >= RISE_W / 2)) return none;
    for (out.last = i; out.last < s->load.n && out.last - i <= longest; out.last++)
        if (out.last > i && !((double)w[out.last] - out.base_w > 0.5 * out.level_w)) break;
    if (out.last < s->load.n && (double)w[out.last] > out.base_w)
        out.last++; /* the slot in which it ends holds a part of it */
    out.level_w = held_level(s, &out, scratch);
    for (size_t k = i; k < out.last; k++)
        kwh += fmin(fmax((double)w[k] - out.base_w, 0), out.level_w) * slot_h / 1000;
    double hours = (double)(out.last - i) * slot_h;
    return kwh < LEAST_KWH || out.level_w < RISE_W || hours < LEAST_H || hours > LONGEST_H + 1 ? none : out;
}

typedef struct finder {
    dcl_lump *lump;
    int *bin, *day; /* of each lump: where it begins, and on which day of the load */
    size_t n;
    float *scratch;
    double usual_w;
    int bins;
} finder;

static void list_lumps(const dcl_saver *s, finder *f) {
    for (size_t i = 1; i + 1 < s->load.n; i++) {
        dcl_lump lump = lump_at(s, i, f->scratch);
        if (lump.last == lump.first) continue;
        f->bin[f->n] = minute_of(s, slot_us(s, i)) * f->bins / 1440;
        f->day[f->n] = (int)(dcl_zone_day(s->draft->context->zone, slot_us(s, i)) -
                             dcl_zone_day(s->draft->context->zone, s->load.start_us));
        f->lump[f->n++] = lump;
        i = lump.last > i + 1 ? lump.last - 1 : i;
    }
}

static bool near_bin(const finder *f, size_t k, int bin) {
    int apart = (f->bin[k] - bin + f->bins) % f->bins;
    return apart <= 1 || apart == f->bins - 1;
}

static int days_near(const finder *f, int bin) {
    int days = 0, last = -1;
    for (size_t k = 0; k < f->n; k++) {
        if (!near_bin(f, k, bin) || f->day[k] == last) continue;
        last = f->day[k];
        days++;
    }
    return days;
}

/* Keeps the lumps near a bin whose power is the usual one, or that have it with another load on top. True where they are one load's. */
static bool keep_alike(finder *f, int bin) {
    size_t near = 0, alike = 0, n = 0;
    for (size_t k = 0; k < f->n; k++)
        if (near_bin(f, k, bin)) f->scratch[near++] = (float)f->lump[k].level_w;
    dcl_sort_f32(f->scratch, near);
    double usual = dcl_quantile_f32(f->scratch, near, 0.4);
    for (size_t k = 0; k < f->n; k++) {
        if (!near_bin(f, k, bin)) continue;
        double level = f->lump[k].level_w;
        bool same = fabs(level - usual) <= LEVEL_ALIKE * usual;
        alike += same;
        if (level < (1 - LEVEL_ALIKE) * usual) continue;
        f->day[n] = f->day[k];
        f->lump[n] = f->lump[k];
        f->lump[n++].level_w = fmin(level, JOINED * usual);
    }
    f->n = n;
    f->usual_w = usual;
    return (double)alike >= ALIKE_SHARE * (double)near;
}

/* A day on which another load began before it, as heating does, has no block of its own: where the rise is there at its minute, it is taken to
 * last as long as it usually does. */
static void add_hidden(const dcl_saver *s, finder *f, int bin) {
    size_t blocks = f->n, next = 0;
    int64_t first_day = dcl_zone_day(s->draft->context->zone, s->load.start_us);
    for (size_t k = 0; k < blocks; k++) f->scratch[k] = (float)(f->lump[k].last - f->lump[k].first);
    dcl_sort_f32(f->scratch, blocks);
    size_t length = (size_t)dcl_quantile_f32(f->scratch, blocks, 0.5);
    for (size_t i = 1; i + length < s->load.n && f->n < s->load.n; i++) {
        int at = minute_of(s, slot_us(s, i)) * f->bins / 1440, apart = (at - bin + f->bins) % f->bins;
        if (apart > 1 && apart < f->bins - 1) continue;
        int day = (int)(dcl_zone_day(s->draft->context->zone, slot_us(s, i)) - first_day);
        double top = fmax((double)s->load.value[i], (double)s->load.value[i + 1]);
        while (next < blocks && f->day[next] < day) next++;
        if (next < blocks && f->day[next] == day) continue;
        if (!(top - (double)s->load.value[i - 1] >= HIDDEN_RISE * f->usual_w)) continue;
        f->lump[f->n++] = (dcl_lump){i, i + length, (double)s->load.value[i - 1], f->usual_w};
        i += length;
    }
}

static dcl_status find_heater(dcl_saver *s) {
    finder f = {.lump = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *f.lump),
                .bin = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *f.bin),
                .day = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *f.day),
                .scratch = dcl_arena_alloc(s->draft->arena, s->load.n, sizeof *f.scratch),
                .bins = (int)(DCL_DAY_US / s->load.period_us)};
    if (!f.lump || !f.bin || !f.day || !f.scratch) return DCL_E_MEMORY;
    if (f.bins > BINS_MOST || f.bins < 24) return DCL_OK;
    list_lumps(s, &f);
    int best = -1, most = 0;
    for (int bin = 0; bin < f.bins; bin++) {
        int days = days_near(&f, bin);
        if (days > most) best = bin, most = days;
    }
    if (most < DCL_SAVER_DAYS / 2 || most < DAYS_SHARE * s->hours / 24 || !keep_alike(&f, best))
        return DCL_OK;
    add_hidden(s, &f, best);
    s->lump = f.lump;
    s->n_lumps = f.n;
    s->lump_minute = best * 1440 / f.bins;
    return DCL_OK;
}

/* ---------------------------------------------------------------- moving */

static const dcl_hours_period tempo_hours = {.from_day = INT64_MIN, .n = 1, .window = {{22 * 60, 6 * 60}}};

static const dcl_hours_period *last_hours(const dcl_saver *s, dcl_tariff_kind kind) {
    const dcl_hours *hours = &s->draft->report->hours;
    return kind == DCL_TARIFF_TEMPO ? &tempo_hours : &hours->period[hours->n - 1];
}

int dcl_saver_off_peak_minute(const dcl_saver *s, dcl_tariff_kind kind) {
    const dcl_hours_period *period = last_hours(s, kind);
    int best = -1, longest = 0;
    if (kind == DCL_TARIFF_BASE) return -1;
    for (int i = 0; i < period->n; i++) {
        int length = (period->window[i].to_min - period->window[i].from_min + 1440) % 1440;
        if (length > longest) longest = length, best = period->window[i].from_min;
    }
    return best;
}

/* Each lump goes to the next beginning of off-peak hours, in the last night to the one before. What would meet missing values stays. */
void dcl_saver_move(const dcl_saver *s, const dcl_lump *lump, size_t n, dcl_tariff_kind kind, float *watt) {
    int to_minute = dcl_saver_off_peak_minute(s, kind);
    int64_t slot_min = s->load.period_us / DCL_MINUTE_US;
    if (to_minute < 0) return;
    for (size_t k = 0; k < n; k++) {
        int minute = minute_of(s, slot_us(s, lump[k].first));
        if (dcl_hours_off_peak(last_hours(s, kind), minute) &&
            dcl_hours_off_peak(last_hours(s, kind), minute_of(s, slot_us(s, lump[k].last - 1))))
            continue;
        int64_t by = ((to_minute - minute + 1440) % 1440 + slot_min - 1) / slot_min;
        if (lump[k].last + (size_t)by > s->load.n) by -= 1440 / slot_min;
        bool whole = (int64_t)lump[k].first + by >= 0;
        for (size_t i = lump[k].first; whole && i < lump[k].last; i++)
            whole = !isnan(watt[(int64_t)i + by]) && !isnan(watt[i]);
        for (size_t i = lump[k].first; whole && i < lump[k].last; i++) {
            float part = (float)fmin(fmax((double)s->load.value[i] - lump[k].base_w, 0), lump[k].level_w);
            if (part > watt[i]) part = watt[i] > 0 ? watt[i] : 0;
            watt[i] -= part;
            watt[(int64_t)i + by] += part;
        }
    }
}

/* ---------------------------------------------------------------- cycles with a name */

static bool may_wait(dcl_appliance kind) {
    return kind == DCL_APPLIANCE_VEHICLE || kind == DCL_APPLIANCE_WASHING_MACHINE ||
           kind == DCL_APPLIANCE_DISHWASHER || kind == DCL_APPLIANCE_DRYER;
}

static dcl_status find_cycles(dcl_saver *s) {
    const dcl_cycles *cycles = s->draft->options->cycles;
    if (!cycles) return DCL_OK;
    s->moved = dcl_arena_alloc(s->draft->arena, cycles->n, sizeof *s->moved);
    if (!s->moved) return DCL_E_MEMORY;
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        int64_t first = (c->start_us - s->load.start_us) / s->load.period_us,
                last = (c->end_us - s->load.start_us) / s->load.period_us + 1;
        if (!may_wait(c->appliance) || c->confidence < SURE || (c->flags & DCL_CYCLE_APPARENT)) continue;
        if (c->start_us < s->load.start_us || last > (int64_t)s->load.n || last <= first ||
            isnan(c->energy_wh))
            continue;
        /* Its energy over the slots it touches, from what the curve has above its least there. */
        double hours = (double)(last - first) * (double)s->load.period_us / (double)DCL_HOUR_US;
        double least = INFINITY;
        for (int64_t k = first; k < last; k++) least = fmin(least, (double)s->load.value[k]);
        s->moved[s->n_moved++] =
            (dcl_lump){(size_t)first, (size_t)last, fmin(least, 0), c->energy_wh / hours};
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- the judges */

static double energy_of(const dcl_saver *s, const dcl_lump *lump, size_t n) {
    double wh = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t i = lump[k].first; i < lump[k].last; i++) {
            double above = fmin(fmax((double)s->load.value[i] - lump[k].base_w, 0), lump[k].level_w);
            wh += isnan(above) ? 0 : above * (double)s->load.period_us / (double)DCL_HOUR_US;
        }
    return wh / 1000 * s->to_year;
}

/* € a year less when the lumps move under the home's tariff. */
static dcl_status gain_of(dcl_saver *s, const dcl_lump *lump, size_t n, double *gain) {
    dcl_tariff_kind kind = s->draft->report->cost_tariff;
    double before, after;
    float *watt = dcl_saver_copy(s);
    if (!watt) return DCL_E_MEMORY;
    dcl_saver_move(s, lump, n, kind, watt);
    dcl_status status =
        dcl_saver_bill(s, s->load.value, kind, s->draft->report->subscribed_kva, NULL, &before);
    if (!status) status = dcl_saver_bill(s, watt, kind, s->draft->report->subscribed_kva, NULL, &after);
    if (!status) *gain = before - after;
    return status;
}

/* Why hours of a day cannot be judged at all; GIVEN where they can. */
static dcl_advice_why hours_why(const dcl_saver *s) {
    if (!s->tariff_known) return DCL_ADVICE_WHY_NO_TARIFF;
    if (s->draft->report->cost_tariff == DCL_TARIFF_BASE) return DCL_ADVICE_WHY_OTHER_TARIFF;
    if (s->draft->report->cost_tariff == DCL_TARIFF_HC && !s->hours_known) return DCL_ADVICE_WHY_NO_HOURS;
    if (s->draft->report->cost_tariff == DCL_TARIFF_TEMPO && !s->year) return DCL_ADVICE_WHY_NO_YEAR;
    return DCL_ADVICE_WHY_GIVEN;
}

static dcl_status judge(dcl_saver *s, dcl_advice_kind kind, const dcl_lump *lump, size_t n, double least) {
    double gain, unsure = kind == DCL_ADVICE_CYCLES ? 0 : s->year ? UNSURE_YEAR : UNSURE_PART;
    dcl_advice_why why = hours_why(s);
    if (why) {
        dcl_saver_without(s, kind, why);
        return DCL_OK;
    }
    double kwh = energy_of(s, lump, n);
    if (!n || (kind == DCL_ADVICE_WATER_HEATER && kwh < TANK_LEAST_KWH)) {
        dcl_saver_without(s, kind, DCL_ADVICE_WHY_NOT_SEEN);
        return DCL_OK;
    }
    dcl_status status = gain_of(s, lump, n, &gain);
    if (status) return status;
    /* A heater's days on which other loads hide it are not moved, though they would be. */
    double missed = kind == DCL_ADVICE_WATER_HEATER ? fmax(s->hours / 24 / (double)n, 1) : 1;
    dcl_advice *a = dcl_saver_advice(s, kind);
    a->now = kwh;
    a->kwh_low = a->kwh_high = 0;
    a->cycles = (uint32_t)n;
    a->confidence = s->year ? 0.9 : 0.7;
    a->from_minute = kind == DCL_ADVICE_WATER_HEATER ? s->lump_minute : -1;
    a->to_minute = dcl_saver_off_peak_minute(s, s->draft->report->cost_tariff);
    a->eur_low = gain * least * (1 - unsure);
    a->eur_high = fmin(gain * (1 + 2 * unsure) * missed, MISSED_MOST * gain);
    dcl_saver_give(s, a);
    return DCL_OK;
}

dcl_status dcl_save_hours(dcl_saver *s) {
    dcl_status status = find_heater(s);
    if (!status) status = find_cycles(s);
    if (!status) status = judge(s, DCL_ADVICE_WATER_HEATER, s->lump, s->n_lumps, 1);
    if (status) return status;
    if (!s->draft->options->cycles) {
        dcl_saver_without(s, DCL_ADVICE_CYCLES, DCL_ADVICE_WHY_NOT_LOOKED_FOR);
        return DCL_OK;
    }
    if (s->step_us >
        2 * DCL_MINUTE_US) { /* rises of half hours that look like a vehicle are as often a tank */
        dcl_saver_without(s, DCL_ADVICE_CYCLES, DCL_ADVICE_WHY_TOO_COARSE);
        return DCL_OK;
    }
    return judge(s, DCL_ADVICE_CYCLES, s->moved, s->n_moved, MOVED_LEAST);
}
