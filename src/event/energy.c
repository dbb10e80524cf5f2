/*
 * The energy of a cycle, measured where the signal lets it be: what lies above the level before the cycle, less the cycles
 * that ran inside it. Steps alone know only how a load began and how it ended; a compressor, which falls from its start, has
 * less between them than the mean of both.
 */
#include <math.h>

#include "event/event.h"

/* Samples before the on step whose mean is the level there. */
enum { BASE_SAMPLES = 5 };
/* At least this share of the cycle must have samples. */
static const double COVERED = 0.9;
/* Further from the steps than this share, something that is no cycle moved the level: the steps are believed. */
static const double AGREEMENT = 0.3;

static double level_before(const dcl_series *series, size_t first, size_t away) {
    double sum = 0;
    int n = 0;
    first = first > away ? first - away : 0;
    for (; n < BASE_SAMPLES && first > (size_t)n; n++) {
        float value = series->value[first - 1 - (size_t)n];
        if (dcl_is_missing(value)) break;
        sum += (double)value;
    }
    return n ? sum / n : NAN;
}

/* Energy above `base` over the samples [first, last), scaled to all of them; NaN where too few are present. */
static double energy_above(const dcl_series *series, size_t first, size_t last, double base) {
    double sum = 0;
    size_t present = 0;
    for (size_t i = first; i < last; i++) {
        if (dcl_is_missing(series->value[i])) continue;
        sum += (double)series->value[i] - base;
        present++;
    }
    if (!present || (double)present < COVERED * (double)(last - first)) return NAN;
    double hours = (double)(last - first) * (double)series->period_us / (double)DCL_HOUR_US;
    return sum / (double)present * hours;
}

/* The energy of the cycles inside cycle i; NaN where one crosses its end, so that the two cannot be told apart. */
static double energy_inside(const dcl_cycle *cycles, size_t n, size_t i) {
    double inside = 0;
    for (size_t k = i + 1; k < n && cycles[k].start_us < cycles[i].end_us; k++) {
        if (cycles[k].end_us > cycles[i].end_us) return NAN;
        inside += cycles[k].energy_wh;
    }
    return inside;
}

/* Whether an earlier cycle ends inside cycle i. longest_us is the longest cycle there is. */
static bool is_crossed(const dcl_cycle *cycles, size_t i, int64_t longest_us) {
    for (size_t k = i; k-- > 0 && cycles[i].start_us - cycles[k].start_us <= longest_us;)
        if (cycles[k].end_us > cycles[i].start_us && cycles[k].end_us < cycles[i].end_us) return true;
    return false;
}

void dcl_cycles_measure(const dcl_series *lead, size_t away, dcl_cycle *cycles, size_t n) {
    int64_t longest_us = 0;
    for (size_t i = 0; i < n; i++)
        if (cycles[i].end_us - cycles[i].start_us > longest_us)
            longest_us = cycles[i].end_us - cycles[i].start_us;
    /* Backwards: what runs inside a cycle starts after it, so its energy is known by then. */
    for (size_t i = n; i-- > 0;) {
        dcl_cycle *cycle = &cycles[i];
        if (cycle->flags & (DCL_CYCLE_CUT | DCL_CYCLE_APPARENT) || is_crossed(cycles, i, longest_us))
            continue;
        /* An estimate may begin later and end earlier than the signal that the cycle was found in. */
        if (cycle->start_us < lead->start_us || cycle->end_us > dcl_series_end_us(lead)) continue;
        size_t first = (size_t)((cycle->start_us - lead->start_us) / lead->period_us);
        size_t last = (size_t)((cycle->end_us - lead->start_us) / lead->period_us);
        double base = level_before(lead, first, away);
        double energy = energy_above(lead, first, last, base) - energy_inside(cycles, n, i);
        if (!(fabs(energy - cycle->energy_wh) <= AGREEMENT * cycle->energy_wh)) continue;
        cycle->energy_wh = energy;
        cycle->mean_w = (float)(energy * (double)DCL_HOUR_US / (double)(cycle->end_us - cycle->start_us));
    }
}
