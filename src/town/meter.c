#include <math.h>

#include "town/town.h"

/* What a meter sees of the appliances' plans, second by second: the difference between drawing and feeding in, and apparent power,
 * are no sums of parts, so they are taken where nothing is averaged yet. */

typedef struct slot {
    int64_t drawn, fed, reactive, filled;
    double apparent;
} slot;

static void flush(const dcl_meter *meter, slot *s, size_t at, const dcl_meter_slots *out) {
    out->drawn[at] = s->drawn;
    if (out->fed) out->fed[at] = s->fed;
    if (meter->reactive_mwus) {
        out->reactive[at] = s->reactive;
        out->apparent[at] = s->apparent;
    }
    *s = (slot){0};
}

/* VA of a second's mean active and reactive power. */
static double apparent_of(int64_t power, int64_t reactive) {
    double p = (double)power * 1e-9, q = (double)reactive * 1e-9;
    return sqrt(p * p + q * q);
}

dcl_va_maximum dcl_meter_read(const dcl_meter *meter, int64_t start_us, int64_t seconds,
                              const dcl_meter_slots *out) {
    int64_t period_s = meter->period_us / DCL_SECOND_US, power = 0, reactive = 0;
    double apparent = 0;
    dcl_va_maximum most = {.time_us = start_us, .apparent_va = -1};
    slot s = {0};
    size_t at = 0;
    for (int64_t t = 0; t < seconds; t++) {
        power += meter->power_mwus[t];
        if (meter->reactive_mwus) {
            bool changed = meter->power_mwus[t] || meter->reactive_mwus[t] || !t;
            reactive += meter->reactive_mwus[t];
            if (changed) apparent = apparent_of(power, reactive);
            if (changed && (float)apparent > most.apparent_va)
                most = (dcl_va_maximum){start_us + t * DCL_SECOND_US, (float)apparent};
            s.apparent += apparent;
            s.reactive += reactive;
        }
        s.drawn += power > 0 ? power : 0;
        s.fed -= power < 0 ? power : 0;
        if (++s.filled == period_s) flush(meter, &s, at++, out);
    }
    return most;
}
