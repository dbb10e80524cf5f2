#include "appliance/thermostat.h"
#include "base/civil.h"
#include "base/order.h"

#include <math.h>
#include <stdlib.h>

/* Heaters held by thermostat: pulses of one power that follow one another for hours, day after day. */

/* Powers of one heater lie within this of the lowest; heaters draw so much, W. */
static const double WIDE = 0.06, LEAST_W = 350, MOST_W = 9000;
/* Starts this near follow one another, s. */
static const double FOLLOW_S = 3600;
/* A day is a heater's from so many pulses on; so many such days, and this share of all; on them it runs for so many hours,
 * and over all of them pulses start in so many hours of the day: cooks and ovens pulse as well, for an hour or two. */
enum { DAY_PULSES = 6, DAYS_LEAST = 3, HOURS_SEEN = 10 };
static const double DAYS_SHARE = 0.4, DAY_HOURS = 4;
/* A heater's day takes so much, kWh: coffee machines keep warm all day long by less. A compressor's run lasts so long, s. */
static const double DAY_KWH = 0.7, COOLER_S = 120;
/* A heater's cold months take so many times its summer's, a day; a cooler has so much of its energy from June to September. */
static const double COLD_OVER_HOT = 2, COOLER_SHARE = 0.8;
enum { SEASON_DAYS = 20 };
static const double LONGER = 3;
/* One home has at most so many heaters that are told apart, of so many pulses at least. */
enum { HEATERS = 12, PULSES_LEAST = 24 };

typedef struct pulse {
    float level_w;
    uint32_t cycle;
} pulse;

typedef struct work {
    const dcl_context *context;
    const dcl_cycles *cycles;
    pulse *by_power; /* [n] those that no heater has yet */
    size_t n;
    uint32_t *member; /* [members] cycles of the power at hand, in order of time */
    size_t members;
    float *length; /* [members] scratch */
    unsigned char *kind;
} work;

static double level_of(const dcl_cycle *c) {
    return ((double)c->on_w + (double)c->off_w) / 2;
}

static bool may_be_pulse(const dcl_cycle *c) {
    const uint32_t never = DCL_CYCLE_CUT | DCL_CYCLE_COARSE | DCL_CYCLE_APPARENT | DCL_CYCLE_LEVELS;
    bool free = c->appliance == DCL_APPLIANCE_UNKNOWN || c->appliance == DCL_APPLIANCE_SPACE_HEATER ||
                c->appliance == DCL_APPLIANCE_AIR_CONDITIONER;
    return free && !(c->flags & never) && level_of(c) >= LEAST_W && level_of(c) <= MOST_W;
}

static int by_power(const void *a, const void *b) {
    const pulse *x = a, *y = b;
    if (x->level_w != y->level_w) return x->level_w < y->level_w ? -1 : 1;
    return (x->cycle > y->cycle) - (x->cycle < y->cycle);
}

static int by_time(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void civil_of(const work *w, uint32_t cycle, int64_t *day, int *hour) {
    int64_t at = w->cycles->cycle[cycle].start_us;
    if (w->context->zone) at += (int64_t)dcl_zone_offset_s(w->context->zone, at) * DCL_SECOND_US;
    *day = dcl_floor_div(at, DCL_DAY_US);
    *hour = (int)((at - *day * DCL_DAY_US) / DCL_HOUR_US);
}

static double length_s(const work *w, size_t i) {
    const dcl_cycle *c = &w->cycles->cycle[w->member[i]];
    return 1e-6 * (double)(c->end_us - c->start_us);
}

/* Seconds from one member's start to the next one's, where that follows; else 0. */
static double follows_s(const work *w, size_t i) {
    if (i + 1 >= w->members) return 0;
    const dcl_cycle *cycle = w->cycles->cycle;
    double s = 1e-6 * (double)(cycle[w->member[i + 1]].start_us - cycle[w->member[i]].start_us);
    return s <= FOLLOW_S ? s : 0;
}

/* ---------------------------------------------------------------- a power */

/* What the members do: days with pulses enough, hours of running on them, hours of the day in which one starts. */
typedef struct habit {
    int days, hours_seen;
    double hours, hot_wh, cold_wh, all_wh, all_s;
    int hot_days, cold_days;
} habit;

static bool is_hot(int month) {
    return month >= 6 && month <= 9;
}

static bool is_cold(int month) {
    return month == 12 || month <= 2;
}

static void end_day(habit *h, int pulses, double hours, int64_t day) {
    int month = dcl_date_from_days(day).month;
    if (pulses < DAY_PULSES) return;
    h->days++;
    h->hours += hours;
    h->hot_days += is_hot(month);
    h->cold_days += is_cold(month);
}

static habit habit_of(const work *w) {
    habit out = {0};
    bool seen[24] = {false};
    int64_t last = INT64_MIN;
    int pulses = 0;
    double hours = 0;
    for (size_t i = 0; i < w->members; i++) {
        int64_t day;
        int hour;
        civil_of(w, w->member[i], &day, &hour);
        if (day != last && i) end_day(&out, pulses, hours, last), pulses = 0, hours = 0;
        last = day;
        seen[hour] = true;
        pulses++;
        hours += follows_s(w, i) / 3600;
        double wh = w->cycles->cycle[w->member[i]].energy_wh;
        int month = dcl_date_from_days(day).month;
        out.all_wh += wh;
        out.all_s += length_s(w, i);
        out.hot_wh += is_hot(month) ? wh : 0;
        out.cold_wh += is_cold(month) ? wh : 0;
    }
    if (w->members) end_day(&out, pulses, hours, last);
    for (int hour = 0; hour < 24; hour++) out.hours_seen += seen[hour];
    return out;
}

/* What the members are; 0 = no heater. */
static dcl_appliance kind_of(const work *w, const habit *h) {
    double least = fmax(DAYS_LEAST, DAYS_SHARE * fmin(w->cycles->days, 60));
    if (h->days < least || h->hours < DAY_HOURS * h->days || h->hours_seen < HOURS_SEEN)
        return DCL_APPLIANCE_UNKNOWN;
    if (h->all_wh < 1000 * DAY_KWH * h->days) return DCL_APPLIANCE_UNKNOWN;
    if (h->hot_wh >= COOLER_SHARE * h->all_wh)
        return h->all_s >= COOLER_S * (double)w->members ? DCL_APPLIANCE_AIR_CONDITIONER
                                                         : DCL_APPLIANCE_UNKNOWN;
    bool both = h->hot_days >= SEASON_DAYS && h->cold_days >= SEASON_DAYS;
    if (both && h->cold_wh / h->cold_days < COLD_OVER_HOT * h->hot_wh / h->hot_days)
        return DCL_APPLIANCE_UNKNOWN;
    return DCL_APPLIANCE_SPACE_HEATER;
}

/* A pulse this much longer than most is another load's of that power: a tank's, a machine's. length [members] is scratch. */
static double longest_s(const work *w) {
    for (size_t i = 0; i < w->members; i++) w->length[i] = (float)length_s(w, i);
    dcl_sort_f32(w->length, w->members);
    return LONGER * (double)w->length[w->members * 9 / 10];
}

/* Those that follow another, or are followed, get the kind: a lone one of that power is something else. */
static void give(const work *w, dcl_appliance kind) {
    double longest = longest_s(w);
    for (size_t i = 0; i < w->members; i++) {
        bool before = i > 0 && follows_s(w, i - 1) > 0, after = follows_s(w, i) > 0;
        if ((before || after) && length_s(w, i) <= longest) w->kind[w->member[i]] = (unsigned char)kind;
    }
}

/* The power that most pulses have: places [*first, *last) of by_power. */
static void most_common(const work *w, size_t *first, size_t *last) {
    *first = *last = 0;
    for (size_t from = 0, to = 0; from < w->n; from++) {
        while (to < w->n && (double)w->by_power[to].level_w <= (1 + WIDE) * (double)w->by_power[from].level_w)
            to++;
        if (to - from > *last - *first) *first = from, *last = to;
    }
}

static void take_power(work *w, size_t first, size_t last) {
    w->members = 0;
    for (size_t i = first; i < last; i++) w->member[w->members++] = w->by_power[i].cycle;
    qsort(w->member, w->members, sizeof *w->member, by_time);
    habit h = habit_of(w);
    dcl_appliance kind = kind_of(w, &h);
    if (kind) give(w, kind);
    for (size_t i = last; i < w->n; i++) w->by_power[first + i - last] = w->by_power[i];
    w->n -= last - first;
}

dcl_status dcl_thermostats_find(const dcl_context *context, const dcl_cycles *cycles, dcl_arena *arena,
                                unsigned char *kind) {
    work w = {.context = context, .cycles = cycles, .kind = kind};
    w.by_power = dcl_arena_alloc(arena, cycles->n, sizeof *w.by_power);
    w.member = dcl_arena_alloc(arena, cycles->n, sizeof *w.member);
    w.length = dcl_arena_alloc(arena, cycles->n, sizeof *w.length);
    if (!w.by_power || !w.member || !w.length) return DCL_E_MEMORY;
    for (size_t i = 0; i < cycles->n; i++) {
        kind[i] = DCL_APPLIANCE_UNKNOWN;
        if (may_be_pulse(&cycles->cycle[i]))
            w.by_power[w.n++] = (pulse){(float)level_of(&cycles->cycle[i]), (uint32_t)i};
    }
    if (w.n) qsort(w.by_power, w.n, sizeof *w.by_power, by_power);
    for (int heater = 0; heater < HEATERS; heater++) {
        size_t first, last;
        most_common(&w, &first, &last);
        if (last - first < PULSES_LEAST) break;
        take_power(&w, first, last);
    }
    return DCL_OK;
}
