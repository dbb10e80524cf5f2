#include "appliance/uses.h"
#include "base/names.h"

#include <math.h>

/* Puts the uses together: each part is taken out of the power before the next is looked for, so that nothing is counted
 * twice and the rest is what no rule took. */

DCL_DEFINE_TEXT(dcl_use_name(dcl_use_kind id), DCL_USE_COUNT, DCL_USE_TABLE, DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_use_why_name(dcl_use_why id), DCL_USE_WHY_COUNT, DCL_USE_WHY_TABLE, DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_use_from_name(dcl_use_from id), DCL_USE_FROM_COUNT, DCL_USE_FROM_TABLE, DCL_SECOND_OF_2)

dcl_use_options dcl_use_defaults(void) {
    return (dcl_use_options){.name_cycles = true, .priors = true};
}

dcl_use_kind dcl_use_of_appliance(dcl_appliance appliance) {
    switch (appliance) {
    case DCL_APPLIANCE_FRIDGE:
    case DCL_APPLIANCE_FREEZER:
    case DCL_APPLIANCE_COLD: return DCL_USE_COLD;
    case DCL_APPLIANCE_KETTLE:
    case DCL_APPLIANCE_MICROWAVE:
    case DCL_APPLIANCE_OVEN:
    case DCL_APPLIANCE_HOB:
    case DCL_APPLIANCE_COFFEE_MACHINE: return DCL_USE_COOKING;
    case DCL_APPLIANCE_WASHING_MACHINE:
    case DCL_APPLIANCE_DISHWASHER:
    case DCL_APPLIANCE_DRYER: return DCL_USE_WASH;
    case DCL_APPLIANCE_WATER_HEATER: return DCL_USE_WATER_HEATER;
    case DCL_APPLIANCE_SPACE_HEATER: return DCL_USE_HEATING;
    case DCL_APPLIANCE_HEAT_PUMP: return DCL_USE_HEAT;
    case DCL_APPLIANCE_AIR_CONDITIONER: return DCL_USE_COOLING;
    case DCL_APPLIANCE_VEHICLE: return DCL_USE_VEHICLE;
    case DCL_APPLIANCE_LIGHTS:
    case DCL_APPLIANCE_TELEVISION:
    case DCL_APPLIANCE_COMPUTER: return DCL_USE_LIGHT_SCREENS;
    case DCL_APPLIANCE_STANDBY: return DCL_USE_ALWAYS_ON;
    default: return DCL_USE_NOT_IDENTIFIED;
    }
}

void dcl_use_set(dcl_use_work *work, dcl_use_kind kind, dcl_use_from from, double kwh, double low,
                 double high, double confidence) {
    work->out->use[kind] = (dcl_use){.kind = kind,
                                     .why = DCL_USE_WHY_KNOWN,
                                     .from = from,
                                     .kwh = kwh,
                                     .kwh_low = fmax(low, 0),
                                     .kwh_high = high,
                                     .confidence = confidence,
                                     .days = work->out->days};
}

void dcl_use_unknown(dcl_use_work *work, dcl_use_kind kind, dcl_use_why why) {
    work->out->use[kind] = (dcl_use){.kind = kind,
                                     .why = why,
                                     .kwh = NAN,
                                     .kwh_low = NAN,
                                     .kwh_high = NAN,
                                     .share = NAN,
                                     .days = work->out->days};
}

static void measure_all(dcl_use_work *work) {
    const dcl_series *power = work->power;
    double sum = 0;
    size_t there = 0;
    for (size_t i = 0; i < power->n; i++) {
        if (isnan(power->value[i])) continue;
        sum += fmax((double)power->value[i], 0); /* what is fed in is no use */
        there++;
    }
    work->out->covered_us = (int64_t)there * power->period_us;
    work->hours = (double)work->out->covered_us / (double)DCL_HOUR_US;
    work->out->energy_kwh = sum * (double)power->period_us / (double)DCL_HOUR_US / 1000;
}

/* What is left is the rest. Errors of uses are their own, so the rest's range is theirs joined by squares, not by sums. */
static void balance(dcl_uses *out) {
    double total = fmax(out->energy_kwh, 0), sum = 0, below = 0, above = 0;
    for (int k = 0; k < DCL_USE_NOT_IDENTIFIED; k++) {
        if (out->use[k].why) continue;
        sum += out->use[k].kwh;
    }
    double fit =
        sum > total && sum > 0 ? total / sum : 1; /* slots too thin to be looked at: no use has them */
    for (int k = 0; k < DCL_USE_NOT_IDENTIFIED; k++) {
        dcl_use *use = &out->use[k];
        if (use->why) continue;
        use->kwh *= fit;
        use->kwh_low = fmin(use->kwh_low, use->kwh);
        use->kwh_high = fmax(fmin(use->kwh_high, total), use->kwh);
        use->share = total > 0 ? use->kwh / total : NAN;
        below += (use->kwh - use->kwh_low) * (use->kwh - use->kwh_low);
        above += (use->kwh_high - use->kwh) * (use->kwh_high - use->kwh);
    }
    double rest = fmax(total - sum * fit, 0);
    out->use[DCL_USE_NOT_IDENTIFIED] = (dcl_use){.kind = DCL_USE_NOT_IDENTIFIED,
                                                 .from = DCL_USE_FROM_REST,
                                                 .kwh = rest,
                                                 .kwh_low = fmax(rest - sqrt(above), 0),
                                                 .kwh_high = fmin(rest + sqrt(below), total),
                                                 .share = total > 0 ? rest / total : NAN,
                                                 .confidence = 1,
                                                 .days = out->days};
}

static dcl_status find_all(dcl_use_work *work, const dcl_use_options *options) {
    dcl_status status = dcl_use_make_grids(work);
    if (!status) status = dcl_use_make_days(work);
    if (!status) status = dcl_use_take_thermostats(work);
    if (!status) status = dcl_use_look_for_rooms(work);
    if (!status) status = dcl_use_find_floor(work, options->priors);
    if (!status) dcl_use_take_named(work);
    if (!status) status = dcl_use_find_heater(work);
    if (!status) status = dcl_use_find_vehicle(work);
    if (!status) status = dcl_use_find_seasons(work);
    if (!status) dcl_use_set_thermostats(work);
    if (!status) status = dcl_use_find_heat(work);
    if (!status) status = dcl_use_find_rises(work);
    return status;
}

dcl_status dcl_uses_find(const dcl_context *context, const dcl_home *home, dcl_cycles *cycles,
                         const dcl_use_options *options, dcl_arena *arena, dcl_uses *out, dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    *out = (dcl_uses){.heater_minute = -1, .heater_by_day_minute = -1, .heater_w = NAN};
    if (!power || !power->n)
        return dcl_fail(error, DCL_E_NO_DATA, "uses need active power, and there is none");
    if (power->period_us < 1 || power->period_us > DCL_HOUR_US)
        return dcl_fail(error, DCL_E_ARG, "uses are found in periods up to an hour");
    dcl_use_work work = {.context = context, .power = power, .arena = arena, .cycles = cycles, .out = out};
    out->step_us = dcl_series_step_us(power);
    measure_all(&work);
    if (!out->covered_us) return dcl_fail(error, DCL_E_NO_DATA, "every value of the power is missing");
    for (int k = 0; k < DCL_USE_COUNT; k++) dcl_use_unknown(&work, (dcl_use_kind)k, DCL_USE_WHY_FEW_DAYS);
    dcl_status status = find_all(&work, options);
    if (status == DCL_E_MEMORY) return dcl_fail_memory(error, "uses");
    if (status) return dcl_fail(error, status, "%s", dcl_status_text(status));
    balance(out);
    for (int k = 0; k < DCL_USE_COUNT; k++)
        if (out->use[k].why) out->use[k].days = out->days;
    if (options->name_cycles && cycles) dcl_use_name_cycles(&work);
    return DCL_OK;
}
