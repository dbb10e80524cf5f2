#include "tariff/energy.h"

#include <math.h>

static const float most_power_w = 1e6f;

size_t dcl_energy_check(const dcl_series *power) {
    for (size_t i = 0; i < power->n; i++)
        if (fabsf(power->value[i]) > most_power_w) return i;
    return power->n;
}

/* Energy of the first `part_us` of a sample, µJ: the differences of such parts add up to the whole. */
static int64_t part_uj(float power_w, int64_t part_us) {
    return (int64_t)((double)power_w * (double)part_us + 0.5);
}

/* Adds sample i between two moments counted from its start. */
static void add_part(const dcl_series *power, size_t i, int64_t from_us, int64_t to_us, dcl_energy *out) {
    float value = power->value[i];
    if (isnan(value)) return;
    out->covered_us += to_us - from_us;
    if (value < 0)
        out->export_uj += part_uj(-value, to_us) - part_uj(-value, from_us);
    else
        out->drawn_uj += part_uj(value, to_us) - part_uj(value, from_us);
}

/* Adds the whole samples [first, last). */
static void add_whole(const dcl_series *power, size_t first, size_t last, dcl_energy *out) {
    const double period_us = (double)power->period_us;
    int64_t drawn = 0, exported = 0, present = 0;
    for (size_t i = first; i < last; i++) {
        double uj = (double)power->value[i] * period_us;
        if (uj >= 0) {
            drawn += (int64_t)(uj + 0.5);
            present++;
        } else if (uj < 0) {
            exported += (int64_t)(0.5 - uj);
            present++;
        }
    }
    out->drawn_uj += drawn;
    out->export_uj += exported;
    out->covered_us += present * power->period_us;
}

dcl_energy dcl_energy_of(const dcl_series *power, int64_t from_us, int64_t to_us) {
    dcl_energy out = {0};
    int64_t period = power->period_us, from = from_us - power->start_us, to = to_us - power->start_us;
    size_t first = (size_t)(from / period), last = (size_t)(to / period);
    if (first == last) {
        add_part(power, first, from % period, to % period, &out);
        return out;
    }
    if (from % period) add_part(power, first++, from % period, period, &out);
    add_whole(power, first, last, &out);
    if (to % period) add_part(power, last, 0, to % period, &out);
    return out;
}
