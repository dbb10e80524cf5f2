/* Loads that come again and have no name: numbered, and described so that whoever lives there knows them. */
#include "base/status.h"
#include <declic/appliance_types.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parts of the day, by the hour they begin; six hours each from 5 on. */
static const char *const parts[] = {"mornings", "afternoons", "evenings", "nights"};
/* A part of the day is said where so many of the starts fall into it. */
static const double PART_SHARE = 0.6;

/* The part of the day in which most cycles start; -1 where they start at any time. */
static int part_of(const dcl_recurrence *of) {
    uint32_t count[4] = {0}, all = 0, best = 0;
    for (uint32_t hour = 0; hour < 24; hour++) {
        count[(hour + 19) % 24 / 6] += of->start_hour[hour];
        all += of->start_hour[hour];
    }
    for (uint32_t p = 1; p < 4; p++) best = count[p] > count[best] ? p : best;
    return all && (double)count[best] >= PART_SHARE * (double)all ? (int)best : -1;
}

/* "45 s", "40 min", "2.5 h": two digits are what a person remembers. */
static void put_time(double seconds, char text[24]) {
    if (seconds < 90)
        snprintf(text, 24, "%.0f s", seconds);
    else if (seconds < 5400)
        snprintf(text, 24, "%.0f min", seconds / 60);
    else
        snprintf(text, 24, "%.1f h", seconds / 3600);
}

static void describe(const dcl_recurrence *of, dcl_unknown *out) {
    char power[24], length[24], period[24], when[40] = "";
    if (of->mean_w >= 1000)
        snprintf(power, sizeof power, "%.1f kW", (double)of->mean_w / 1000);
    else
        snprintf(power, sizeof power, "%.0f W", (double)of->mean_w);
    put_time((double)of->on_s, length);
    out->part = part_of(of);
    if (!isnan(of->period_s)) {
        put_time((double)of->period_s, period);
        snprintf(when, sizeof when, ", every %s", period);
    } else if (out->part >= 0) {
        snprintf(when, sizeof when, ", %s", parts[out->part]);
    }
    snprintf(out->text, sizeof out->text, "unknown %u: %s, %s%s", (unsigned)out->number, power, length, when);
}

static int by_energy(const void *a, const void *b) {
    const dcl_unknown *x = a, *y = b;
    if (x->energy_wh != y->energy_wh) return x->energy_wh < y->energy_wh ? 1 : -1;
    return (x->recurrence > y->recurrence) - (x->recurrence < y->recurrence);
}

dcl_status dcl_unknowns_find(const dcl_cycles *cycles, const char *const *own, dcl_arena *arena,
                             dcl_unknown **out, size_t *n, dcl_error *error) {
    dcl_unknown *unknown = dcl_arena_alloc(arena, cycles->n_recurrence, sizeof *unknown);
    if (!unknown) return dcl_fail_memory(error, "unknown loads");
    size_t count = 0;
    for (size_t r = 0; r < cycles->n_recurrence; r++) {
        size_t named = 0, all = 0;
        double energy = 0;
        for (size_t i = 0; i < cycles->n; i++) {
            const dcl_cycle *c = &cycles->cycle[i];
            if (c->group != r + 1) continue;
            named += c->appliance != DCL_APPLIANCE_UNKNOWN || (own && own[i]);
            all++;
            energy += isnan(c->energy_wh) ? 0 : c->energy_wh;
        }
        if (2 * named < all) unknown[count++] = (dcl_unknown){.recurrence = r, .energy_wh = energy};
    }
    if (count) qsort(unknown, count, sizeof *unknown, by_energy);
    for (size_t k = 0; k < count; k++) {
        unknown[k].number = (uint32_t)k + 1;
        describe(&cycles->recurrence[unknown[k].recurrence], &unknown[k]);
    }
    *out = unknown;
    *n = count;
    return DCL_OK;
}
