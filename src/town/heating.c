#include "town/town.h"

/* What the weather asks for: rooms warm in winter, cool in summer. */

/* W that the rooms lack in an hour of the day. People ask for less at night and when they are out, and on red days of Tempo. */
static double lacking_w(const dcl_planner *p, int hour) {
    const dcl_dwelling *h = p->home;
    const dcl_town_date *date = p->day->date;
    double base = h->base_c, middle = hour * 60 + 30;
    bool night = p->day->n_awake && (middle < p->day->wake || middle > p->day->bed);
    if (p->day->away)
        base = h->away_frost ? h->base_c - h->away_k : -50;
    else if (night)
        base -= h->night_k;
    else if (!dcl_town_is_awake(p->day, middle))
        base -= h->out_k;
    double lack = base - ((double)date->felt_c[hour] + h->warmer_c);
    if (lack <= 0 || date->month == 7 || date->month == 8) return 0;
    double watt = h->loss_w_k * lack;
    bool red = h->tariff == 2 && (hour >= 6 && hour < 22) && date->colour == 2;
    return red ? watt * (1 - DCL_TOWN_RED_HEATING) : watt;
}

/* Shares of the rooms' need: day rooms, bedrooms, and the bathroom in the hour after waking. */
static double zone_part(const dcl_planner *p, int zone, int hour) {
    if (zone == 0) return 0.6;
    if (zone == 1) return 0.4;
    double since = hour * 60 + 30 - p->day->wake;
    return since > -40 && since < 60 ? p->home->bath : 0;
}

enum { MILD_K = 5 }; /* less than this is lacking at noon: some do without for a day */

/* Convectors: their thermostats switch every quarter of an hour or so, as long as the room lacks warmth. */
void dcl_plan_space_heater(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    double every_s[3];
    for (int z = 0; z < 3; z++) every_s[z] = 600 * (1 + z) * dcl_plan_draw(p, 0.9, 1.2);
    double aired = dcl_plan_draw(p, 0.6, 1.4), idle = dcl_plan_draw(p, 0, 1);
    double mild_k = h->base_c - ((double)p->day->date->felt_c[12] + h->warmer_c);
    if (mild_k < MILD_K && idle < h->off) return;
    for (int hour = 0; hour < 24; hour++) {
        double need_w = lacking_w(p, hour) * (1 - h->wood) * aired;
        if (need_w < 20) continue;
        size_t first = p->plan->n_segments;
        int64_t at = dcl_plan_moment(p, hour * 60);
        if (p->day->date->gap_minutes > 0 && hour * 60 >= p->day->date->gap_minute &&
            hour * 60 < p->day->date->gap_minute + p->day->date->gap_minutes)
            continue;
        for (int z = 0; z < 3; z++) {
            double duty = need_w * zone_part(p, z, hour) / h->zone_w[z],
                   shift_s = dcl_plan_draw(p, 0, 0.2) * every_s[z];
            if (duty > 1) duty = 1;
            if (duty * every_s[z] < 5) continue;
            dcl_plan_pulses(p, at + (int64_t)(shift_s * 1e6), 3600 - shift_s, duty * every_s[z], every_s[z],
                            h->zone_w[z], 0);
        }
        dcl_plan_cycle(p, first);
    }
}

/* A compressor that runs at the power asked for, or in turns where that is less than it can. Its yield falls with the cold. */
void dcl_plan_heat_pump(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    for (int hour = 0; hour < 24; hour++) {
        double outside = (double)p->day->date->outside_c[hour] + h->warmer_c;
        double yield = 3.1 + 0.07 * (outside - 7);
        if (yield < 1.6) yield = 1.6;
        double watt = lacking_w(p, hour) * (1 - h->wood) / yield, least = h->pump_w * 0.35;
        double every_s = dcl_plan_draw(p, 1500, 2100), wander = dcl_plan_draw(p, 0.96, 1.04);
        if (watt < 15) continue;
        if (watt > h->pump_w) watt = h->pump_w;
        size_t first = p->plan->n_segments;
        int64_t at = dcl_plan_moment(p, hour * 60);
        if (watt < least)
            dcl_plan_pulses(p, at, 3600, every_s * watt / least, every_s, least * wander, least * 0.3);
        else
            dcl_plan_add(p, at, 3600, watt * wander, watt * 0.3);
        dcl_plan_cycle(p, first);
    }
}

/* The pump and the fan of a boiler, while it burns. */
void dcl_plan_circulator(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    for (int hour = 0; hour < 24; hour += 2) {
        double duty = lacking_w(p, hour) / (h->loss_w_k * 14),
               on_s = 7200 * (duty < 1 ? 0.25 + 0.75 * duty : 1);
        if (duty <= 0) continue;
        size_t first = p->plan->n_segments;
        dcl_plan_add(p, dcl_plan_moment(p, hour * 60 + dcl_plan_draw(p, 0, 10)), on_s, h->circulator_w,
                     h->circulator_w * 0.5);
        dcl_plan_cycle(p, first);
    }
}

/* A mobile cooler: from May to September, where it is warm, while somebody is in and for some hours of a hot night. */
void dcl_plan_air_conditioner(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    if (p->day->away) return;
    for (int hour = 0; hour < 24; hour++) {
        double minute = hour * 60 + 30,
               hot = (double)p->day->date->outside_c[hour] + 3.5 + h->warmer_c - h->cooler_from_c;
        bool asleep = p->day->n_awake && (minute > p->day->bed || minute < p->day->wake);
        double duty = 0.55 + 0.08 * hot, every_s = dcl_plan_draw(p, 700, 1100);
        if (hot < 0 || !(asleep || dcl_town_is_awake(p->day, minute))) continue;
        size_t first = p->plan->n_segments;
        dcl_plan_pulses(p, dcl_plan_moment(p, hour * 60), 3600, every_s * (duty < 1 ? duty : 1), every_s,
                        h->cooler_w, h->cooler_w * 0.5);
        dcl_plan_cycle(p, first);
    }
}
